import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from brainlike import _cache


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def make_number(value=7, made=None, name="things/number"):
    def make():
        if made is not None:
            made.append(value)
        return value

    def save(number, path):
        path.write_text(json.dumps(number))

    def load(path):
        return json.loads(path.read_text())

    return _cache.made_once(name, {"value": value}, ".json", make, save, load)


def test_a_thing_is_made_once_and_a_changed_recipe_makes_another():
    made = []
    assert [make_number(7, made), make_number(7, made), make_number(8, made)] == [7, 7, 8]
    assert made == [7, 8]


def test_a_new_data_version_makes_everything_again(monkeypatch):
    made = []
    make_number(7, made)
    monkeypatch.setattr(_cache, "DATA_VERSION", _cache.DATA_VERSION + 1)
    make_number(7, made)
    assert made == [7, 7]


def test_a_damaged_file_is_noticed_and_made_again(own_cache):
    made = []
    make_number(7, made)
    (kept,) = own_cache.glob("things/*.json")
    kept.write_text("{")
    assert make_number(7, made) == 7
    assert made == [7, 7]


def test_a_failure_leaves_nothing_behind(own_cache):
    def fail(*_):
        raise RuntimeError("out of paper")

    for make, save in (
        (fail, None),
        (lambda: 1, lambda thing, path: path.write_text("x") and fail()),
    ):
        with pytest.raises(RuntimeError, match="out of paper"):
            _cache.made_once("things/bad", {}, ".json", make, save, fail)
    assert not [path for path in own_cache.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_a_folder_that_cannot_be_written_is_an_error_that_names_the_cure(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(PermissionError, match="BRAINLIKE_CACHE"):
        make_number(7)


def test_what_a_read_only_cache_holds_can_be_used(monkeypatch):
    """A shared cache on a hub, say. (Root, who may run the tests, can write anywhere.)"""

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    make_number(7)
    monkeypatch.setattr(_cache.tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(_cache.filelock, "FileLock", refuse)
    monkeypatch.setattr(_cache.os, "replace", refuse)
    assert make_number(7, made := []) == 7 and made == []
    with pytest.raises(PermissionError, match="Permission denied.*BRAINLIKE_CACHE"):
        make_number(8)


SLOW = """
    import json, pathlib, sys, time
    from brainlike._cache import made_once
    log = pathlib.Path(sys.argv[1])

    def make():
        with log.open("a") as stream:
            stream.write("made\\n")
        time.sleep(float(sys.argv[2]))
        return 7

    def save(number, path):
        path.write_text(str(number))
        time.sleep(float(sys.argv[3]))

    print(made_once("things/slow", {}, ".txt", make, save, lambda p: int(p.read_text())))
"""


def start(tmp_path, make_seconds, save_seconds=0.0):
    script = tmp_path / "slow.py"
    script.write_text(textwrap.dedent(SLOW))
    arguments = [str(tmp_path / "log"), str(make_seconds), str(save_seconds)]
    return subprocess.Popen(
        [sys.executable, script, *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
    )


def test_two_processes_make_it_once(tmp_path):
    both = [start(tmp_path, 0.5) for _ in range(2)]
    assert [process.communicate(timeout=60)[0].strip() for process in both] == ["7", "7"]
    assert (tmp_path / "log").read_text() == "made\n"


def test_a_killed_process_leaves_nothing_that_the_next_would_use(tmp_path, own_cache):
    process = start(tmp_path, 0, save_seconds=60)
    deadline = time.monotonic() + 30
    while not list(own_cache.glob("things/*.part.txt")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert list(own_cache.glob("things/*.part.txt"))  # killed in the middle of writing
    assert start(tmp_path, 0).communicate(timeout=60)[0].strip() == "7"
    assert (tmp_path / "log").read_text() == "made\nmade\n"
    assert not list(own_cache.glob("things/*.part.txt"))
