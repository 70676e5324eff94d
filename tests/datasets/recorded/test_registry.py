"""Real files: where they are looked for, what a wrong checksum does, and hosts that do not answer.

The host is an HTTP server of the test's own, on this machine.
"""

import hashlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading

import nbformat
import pytest
from nbclient import NotebookClient

from brainlike.datasets.recorded import _hosts, registry

CONTENT = {"a.csv": b"shape,texture\n", "deep/b.csv": b"1,2\n3,4\n"}


class Host(http.server.ThreadingHTTPServer):
    """Serves CONTENT; counts requests; `manners` makes it misbehave."""

    daemon_threads = False  # so that closing waits for the answers under way

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests, self.manners, self.content = [], "good", dict(CONTENT)
        self.stop = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(b"")

    def do_GET(self):
        self.answer(self.server.content.get(self.path[1:]))

    def answer(self, body):
        self.server.requests.append((self.command, self.path))
        if self.server.manners == "hangs up":
            return self.connection.shutdown(socket.SHUT_RDWR)
        if self.server.manners == "silent":
            return self.server.stop.wait(30)
        self.send_response(404 if body is None else 200)
        cut = self.server.manners == "breaks off" and self.command == "GET"
        self.send_header("Content-Length", str(len(body or b"") + 10 * cut))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def host():
    server = Host()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch, host):
    """Return an empty cache; the registry lists one set, `toy`, on the test's own host."""
    entries = "".join(
        f'[[toy.files]]\npath = "{path}"\nurl = "{host.url}/{path}"\nbytes = {len(body)}\n'
        f'sha256 = "{hashlib.sha256(body).hexdigest()}"\n'
        for path, body in CONTENT.items()
    )
    table = tmp_path / "registry.toml"
    table.write_text(
        '[toy]\ntitle = "Toy"\nlicence = "CC0"\nlicence_url = ""\ncitation = "toy2020"\n'
        f'reference = ""\nthumbnails = false\n{entries}'
    )
    monkeypatch.setattr(registry, "_registry_path", lambda: table)
    monkeypatch.setattr(_hosts, "_answered", set())
    monkeypatch.setattr(_hosts, "PATIENCE", 0.3)
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("BRAINLIKE_DATA", "BRAINLIKE_OFFLINE", "BRAINLIKE_BUILD_ID"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache/real/toy"


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    folder = tmp_path / "own"
    (folder / "toy").mkdir(parents=True)
    monkeypatch.setenv("BRAINLIKE_DATA", str(folder))
    return folder / "toy"


def files_in(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_downloads_once_then_uses_the_cache(cache, host):
    path = registry.fetch("toy", "deep/b.csv")
    assert path == cache / "deep/b.csv"
    assert path.read_bytes() == CONTENT["deep/b.csv"]
    assert files_in(cache) == {"deep/b.csv"}
    host.requests.clear()
    assert registry.fetch("toy", "deep/b.csv") == path
    assert host.requests == []


def test_one_question_to_the_host_for_many_files(cache, host):
    paths = registry.fetch_dataset("toy", progress=False)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert [command for command, _ in host.requests] == ["HEAD", "GET", "GET"]


def test_own_folder_comes_before_cache_and_network(cache, host, own_folder):
    (own_folder / "a.csv").write_bytes(CONTENT["a.csv"])
    assert registry.fetch("toy", "a.csv") == own_folder / "a.csv"
    assert host.requests == []
    assert registry.fetch("toy", "deep/b.csv") == cache / "deep/b.csv"  # not in the own folder


def test_own_folder_that_does_not_exist_is_an_error(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_DATA", str(tmp_path / "mistyped"))
    with pytest.raises(FileNotFoundError, match="BRAINLIKE_DATA names .*mistyped"):
        registry.fetch("toy", "a.csv")


def assert_names_both_hashes(error, body):
    message = str(error.value)
    assert "a.csv" in message
    assert hashlib.sha256(CONTENT["a.csv"]).hexdigest() in message
    assert hashlib.sha256(body).hexdigest() in message


def test_damaged_file_in_own_folder_is_refused_and_kept(cache, host, own_folder):
    (own_folder / "a.csv").write_bytes(b"damaged")
    with pytest.raises(registry.ChecksumError) as error:
        registry.fetch("toy", "a.csv")
    assert_names_both_hashes(error, b"damaged")
    assert (own_folder / "a.csv").read_bytes() == b"damaged"
    assert host.requests == []


def test_damaged_file_in_cache_is_removed_and_fetched_next_time(cache):
    cache.mkdir(parents=True)
    (cache / "a.csv").write_bytes(b"damaged")
    with pytest.raises(registry.ChecksumError, match="It was removed") as error:
        registry.fetch("toy", "a.csv")
    assert_names_both_hashes(error, b"damaged")
    assert files_in(cache) == set()
    assert registry.fetch("toy", "a.csv").read_bytes() == CONTENT["a.csv"]


def test_damaged_download_leaves_nothing_behind(cache, host):
    host.content["a.csv"] = b"another version"
    with pytest.raises(registry.ChecksumError) as error:
        registry.fetch("toy", "a.csv")
    assert_names_both_hashes(error, b"another version")
    assert files_in(cache) == set()


def test_checksum_error_is_a_value_error():
    assert issubclass(registry.ChecksumError, ValueError)


def test_interrupted_download_leaves_nothing_behind(cache, host):
    host.manners = "breaks off"
    with pytest.raises(registry.DataUnavailable, match="broke off"):
        registry.fetch("toy", "a.csv")
    assert files_in(cache) == set()


def test_leftover_of_a_killed_process_is_cleared(cache):
    cache.mkdir(parents=True)
    (cache / "a.csv.part").write_bytes(b"sha")
    assert registry.fetch("toy", "a.csv").read_bytes() == CONTENT["a.csv"]
    assert files_in(cache) == {"a.csv"}


def test_missing_on_the_server(cache, host):
    del host.content["a.csv"]
    with pytest.raises(registry.DataUnavailable, match="answers 404") as error:
        registry.fetch("toy", "a.csv")
    assert "python -m brainlike fetch toy" in str(error.value)
    assert "BRAINLIKE_DATA" in str(error.value)
    assert error.value.dataset == "toy"


@pytest.mark.parametrize("manners", ["hangs up", "silent"])
def test_host_that_fails_is_asked_once(cache, host, manners):
    host.manners = manners
    for path in CONTENT:
        with pytest.raises(registry.DataUnavailable, match="no answer from 127.0.0.1"):
            registry.fetch("toy", path)
    assert len(host.requests) == 1
    host.manners = "good"
    registry.fetch_dataset("toy", progress=False)  # an explicit wish asks again
    assert files_in(cache) == set(CONTENT)


def test_failure_is_remembered_across_processes_for_a_build(cache, host, monkeypatch):
    host.manners = "hangs up"
    monkeypatch.setenv("BRAINLIKE_BUILD_ID", "one")
    with pytest.raises(registry.DataUnavailable):
        registry.fetch("toy", "a.csv")
    code = (
        f"from brainlike.datasets.recorded import _hosts; _hosts.require_host('{host.url}/a.csv')"
    )

    def other_process(build):
        env = {**os.environ, "BRAINLIKE_BUILD_ID": build}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
        )
        return done.stderr

    assert "no answer from" in other_process("one")
    assert len(host.requests) == 1
    assert "no answer from" in other_process("two")
    assert len(host.requests) == 2


def test_failure_is_forgotten_after_a_minute(cache, host):
    host.manners = "hangs up"
    with pytest.raises(registry.DataUnavailable):
        registry.fetch("toy", "a.csv")
    (memory,) = cache.parent.glob("unreachable-*.json")
    note = json.loads(memory.read_text())
    memory.write_text(json.dumps({**note, "time": note["time"] - 61}))
    host.manners = "good"
    assert registry.fetch("toy", "a.csv").exists()


def test_name_lookup_that_hangs_is_given_up(cache, host, monkeypatch):
    def hang(*_, **__):
        host.stop.wait(30)
        raise socket.gaierror("no such name")

    monkeypatch.setattr("socket.getaddrinfo", hang)
    with pytest.raises(registry.DataUnavailable, match="no answer"):
        registry.fetch("toy", "a.csv")
    assert host.requests == []


def test_offline_never_asks(cache, host, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_OFFLINE", "1")
    with pytest.raises(registry.DataUnavailable, match="BRAINLIKE_OFFLINE=1"):
        registry.fetch_dataset("toy")
    assert host.requests == []


def test_two_processes_at_once_download_once(cache, host):
    threads = [threading.Thread(target=registry.fetch, args=("toy", "a.csv")) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [command for command, _ in host.requests].count("GET") == 1


def test_cache_that_cannot_be_written(cache, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "file/cache"))
    with pytest.raises(PermissionError, match="BRAINLIKE_CACHE"):
        registry.fetch("toy", "a.csv")


def test_unknown_names_list_the_valid_ones(cache):
    with pytest.raises(ValueError, match="unknown data set 'tyo'; the registry has toy"):
        registry.fetch("tyo", "a.csv")
    with pytest.raises(ValueError, match="toy has no file 'c.csv'(.|\n)*deep/b.csv"):
        registry.fetch("toy", "c.csv")


def test_the_real_registry_is_found():
    assert {"cueconflict", "92images"} <= set(registry.registry())


def test_a_stand_in_in_a_notebook_kernel_prints_no_warning(tmp_path):
    """The import of pooch asks for ipywidgets there, and a warning would fail the book."""
    code = "from brainlike.datasets import load_cueconflict; print(load_cueconflict().source)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    environment = {key: value for key, value in os.environ.items() if key != "BRAINLIKE_DATA"}
    environment |= {"BRAINLIKE_OFFLINE": "1", "BRAINLIKE_CACHE": str(tmp_path)}
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(env=environment)
    outputs = notebook.cells[0].outputs
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert "simulated" in "".join(output.text for output in outputs)
