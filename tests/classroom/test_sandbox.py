"""The sandbox itself, and the control: without it the same cells reach what they must not."""

import os
import shutil
import socket
import time
from pathlib import Path

import psutil
import pytest

import classroom.sandbox
from classroom.remote import Session, StudentError, TookTooLong, WorkerGone
from classroom.sandbox import Limits, Sandbox, SandboxUnavailable, check_hidden, visible_folders
from classroom.values import Unreadable

needs_bubblewrap = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
SHORT = Limits(cell_seconds=5, call_seconds=2, total_seconds=60, grace_seconds=1, disk_mb=16)


@pytest.fixture(scope="module")
def session():
    with Sandbox("bubblewrap", SHORT) as sandbox:
        session = Session(sandbox)
        session.start("toy.ipynb")
        session.run_cell(
            "import numpy as np\nx = np.arange(3)\nterm = 'spring'\n"
            "def double(x): return 2 * x\ndef adder(n): return lambda x: x + n\n"
            "def apply(f, x): return f(x)\ndef fails(x): raise ValueError('no: ' + str(x))\n"
            "def hangs():\n    while True: pass\nclass Thing: pass\nthing = Thing()"
        )
        yield session


@needs_bubblewrap
def test_values_and_functions(session):
    import numpy as np

    assert session.get("x").tolist() == [0, 1, 2] and session.get("term") == "spring"
    assert session.get("nothing") is None and isinstance(session.get("thing"), Unreadable)
    double = session.get("double")
    assert double(21) == 42 and double(x=np.ones(2)).tolist() == [2, 2]
    assert session.get("adder")(5)(1) == 6
    assert session.get("apply")(double, 4) == 8
    with pytest.raises(ValueError, match="no: 7") as caught:
        session.get("fails")(7)
    assert isinstance(caught.value, StudentError)
    with pytest.raises(TypeError, match="a test can pass"):
        double(lambda: 1)
    with pytest.raises(TookTooLong):
        session.get("hangs")()
    assert double(1) == 2, "an interrupt must not end the process"


@needs_bubblewrap
@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("1 + 1", "Out"),
        ("%timeit -n1 -r1 1", "loop"),
        ("!echo from the shell", "from the shell"),
        ("%%bash\necho from bash", "from bash"),
        ("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "awaited"),
        ("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()", ""),
        ("from brainlike.datasets.recorded.registry import registry\nprint(len(registry()))", ""),
        ("import brainlike, getpass; print(getpass.getuser())", "student"),
        ("print('ü', chr(0xd800))", "ü"),
    ],
)
def test_ordinary_cells_work(session, source, printed):
    result = session.run_cell(source)
    assert result.failure is None, result
    assert printed in result.output


PROBE = """
import os, socket
found = [name for name in ({paths!r}) if os.path.exists(name)]
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=2).close()
    found.append("network")
except OSError:
    pass
if os.path.exists("/proc/{pid}") and "pytest" in open("/proc/{pid}/cmdline").read():
    found.append("processes")
"""


@pytest.mark.parametrize(
    ("isolation", "reachable"),
    [pytest.param("bubblewrap", False, marks=needs_bubblewrap), ("none", True)],
)
def test_isolation_and_its_control(isolation, reachable, tmp_path):
    """The probe finds files, network and processes without isolation, and nothing with it."""
    secret = tmp_path / "questions.json"
    secret.write_text("{}")
    paths = [str(secret), __file__, classroom.sandbox.__file__, "/etc/passwd"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with Sandbox(isolation, SHORT) as sandbox:
            session = Session(sandbox)
            session.start("toy.ipynb")
            probe = PROBE.format(paths=paths, port=port, pid=os.getpid())
            assert session.run_cell(probe).failure is None
            found = session.get("found")
    everything = [*paths, "network"]
    assert (set(everything) <= set(found)) if reachable else found == []


@needs_bubblewrap
def test_breaking_the_sandbox_is_noticed(monkeypatch, tmp_path):
    """One more bind or a shared network, and the probe above would find it."""
    secret = tmp_path / "questions.json"
    secret.write_text("{}")
    whole = classroom.sandbox._bubblewrap

    def broken(limits):
        command = whole(limits)
        at = command.index("--chdir")
        return [
            *command[:at],
            "--share-net",
            "--ro-bind",
            str(tmp_path),
            str(tmp_path),
            *command[at:],
        ]

    monkeypatch.setattr(classroom.sandbox, "_bubblewrap", broken)
    with socket.create_server(("127.0.0.1", 0)) as server, Sandbox("bubblewrap", SHORT) as sandbox:
        session = Session(sandbox)
        session.start("toy.ipynb")
        port = server.getsockname()[1]
        session.run_cell(PROBE.format(paths=[str(secret)], port=port, pid=0))
        assert session.get("found") == [str(secret), "network"]


@needs_bubblewrap
def test_end_leaves_no_process():
    with Sandbox("bubblewrap", SHORT) as sandbox:
        session = Session(sandbox)
        session.start("toy.ipynb")
        session.run_cell("import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(100)")
        processes = sandbox._tree()
        assert len(processes) >= 3 and sandbox.left_running()
    deadline = time.monotonic() + 10
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@needs_bubblewrap
def test_total_time_ends_the_session():
    with Sandbox("bubblewrap", Limits(total_seconds=4, grace_seconds=1)) as sandbox:
        session = Session(sandbox)
        session.start("toy.ipynb")
        with pytest.raises(WorkerGone, match="longer than 4 s in all"):
            session.run_cell("import time\ntime.sleep(60)")
        assert isinstance(session.get("x"), Unreadable)


def test_missing_bubblewrap_is_explained(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap") as caught:
        Sandbox("bubblewrap", SHORT)
    assert "otter grade" in str(caught.value) and "--isolation none" in str(caught.value)


def test_visible_folders_hold_no_tests(monkeypatch, tmp_path):
    root = Path(classroom.sandbox.__file__).parents[1]
    assert not [f for f in visible_folders() if (root / "tests").is_relative_to(f.resolve())]
    check_hidden(tmp_path)
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="submissions can read"):
        check_hidden(tmp_path / "grading")


@needs_bubblewrap
def test_folders_in_memory_cover_nothing(monkeypatch, tmp_path):
    """A checkout below /tmp must be seen: what is mounted later hides what lies beneath."""
    shown = {**visible_folders(), tmp_path: str(tmp_path)}
    monkeypatch.setattr(classroom.sandbox, "visible_folders", lambda: shown)
    (tmp_path / "here").write_text("seen")
    with Sandbox("bubblewrap", SHORT) as sandbox:
        session = Session(sandbox)
        session.start("toy.ipynb")
        session.run_cell(f"text = open({str(tmp_path / 'here')!r}).read()")
        assert session.get("text") == "seen"
