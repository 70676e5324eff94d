"""One throw-away sandbox for one submission: what it may see, how much it may use, and its end.

bubblewrap gives the worker its own user, process, network and mount namespaces: no network, no
process but its own, no file but Python, the course's package and a small folder in memory. A
thread outside adds up memory and processes and ends the sandbox that takes too much.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import psutil

ISOLATIONS = ("bubblewrap", "none")
_HOME = "/home/student"
_CACHE = "/opt/cache"
_DATA = "/opt/data"
_CODE = "/opt/grader"
_CLASSROOM = Path(__file__).parent
# all that is ours in there
_INSIDE = ("__init__.py", "otter_stub.py", "values.py", "witness.py", "worker.py")
_MEGABYTE = 2**20

NO_BUBBLEWRAP = """\
bubblewrap does not work on this machine, so submissions cannot be run safely:
  {reason}
Do one of these:
  * Linux: install the package `bubblewrap` (Debian, Ubuntu: apt-get install bubblewrap; Fedora:
    dnf install bubblewrap). Ubuntu 24.04 and later also forbid user namespaces to programs without
    an AppArmor profile: install `apparmor-profiles` and load bwrap-userns-restrict, or allow them
    (sysctl kernel.apparmor_restrict_unprivileged_userns=0). In a container, allow user namespaces.
  * With Docker: otter grade -n NAME -a AUTOGRADER.zip --no-network SUBMISSIONS (the archive is in
    the assignment's folder autograder/; `make assignments` writes it).
  * Only for notebooks that you wrote or read yourself: --isolation none."""


class SandboxUnavailable(RuntimeError):
    """This machine cannot run a sandbox: no bubblewrap, or no right to use it."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Seconds are wall-clock seconds: of a cell, of a call of a student's function by a test, and of
    the submission as a whole. ``grace_seconds`` pass between an interrupt and the end by force.
    """

    start_seconds: float = 60
    cell_seconds: float = 240
    call_seconds: float = 60
    total_seconds: float = 600
    grace_seconds: float = 3
    memory_mb: int = 2048
    disk_mb: int = 256
    processes: int = 64
    output_bytes: int = 10_000

    def inside(self) -> dict[str, int]:
        """Return the kernel's limits that the worker sets on itself before a cell runs.

        ``RLIMIT_NPROC`` counts all tasks of a user and does not bind root: it is a second fence
        far behind the watching thread.
        """
        return {
            "RLIMIT_DATA": self.memory_mb * _MEGABYTE,
            "RLIMIT_FSIZE": self.disk_mb * _MEGABYTE,
            "RLIMIT_NOFILE": 1024,
            "RLIMIT_NPROC": 4096,
            "RLIMIT_CORE": 0,
        }


def check_installed(isolation: str) -> None:
    """Refuse at once if the program that isolates is not there.

    Raises
    ------
    SandboxUnavailable
        With what to install, or to do instead.
    """
    if isolation == "bubblewrap" and shutil.which("bwrap") is None:
        raise SandboxUnavailable(NO_BUBBLEWRAP.format(reason="the program bwrap was not found"))


def visible_folders() -> dict[Path, str]:
    """Return the folders of this machine that a sandbox shows (read-only), and where.

    The system's programs and libraries, this Python and its packages, the course's package, its
    cache, and the folder of real data that BRAINLIKE_DATA names.
    """
    package = Path(importlib.util.find_spec("brainlike").origin).parent
    found = {Path("/usr"): "/usr", package: f"{_CODE}/brainlike"}
    for prefix in (sys.base_prefix, sys.prefix):
        if not prefix.startswith("/usr"):
            found[Path(prefix).resolve()] = str(Path(prefix).resolve())
            found[Path(prefix)] = prefix
    cache = os.environ.get("BRAINLIKE_CACHE") or platformdirs.user_cache_path("brainlike")
    for folder, place in ((cache, _CACHE), (os.environ.get("BRAINLIKE_DATA"), _DATA)):
        if folder and Path(folder).is_dir():
            found[Path(folder).resolve()] = place
    return found


def check_hidden(*paths: Path) -> None:
    """Refuse to go on if a sandbox would show one of these paths.

    Raises
    ------
    SandboxUnavailable
        If, for example, the assignments lie in the folder of Python itself.
    """
    for path in paths:
        for folder in visible_folders():
            if path.resolve().is_relative_to(folder.resolve()):
                raise SandboxUnavailable(
                    f"{path} lies in {folder}, which submissions can read. Move it elsewhere"
                )


def _environment(home: str, code: str, cache: bool, data: bool) -> dict[str, str]:
    """Return all environment variables that a submission gets."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    variables = {
        "HOME": home,
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "PYTHONPATH": code,
        "LANG": "C.UTF-8",
        "USER": "student",
        "MPLBACKEND": "Agg",
        "IPYTHONDIR": f"{home}/.ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONBREAKPOINT": "0",
        "BRAINLIKE_OFFLINE": "1",
        **dict.fromkeys(one, "1"),
    }
    if cache:
        variables["BRAINLIKE_CACHE"] = f"{home}/.cache/brainlike"
    if data:
        variables["BRAINLIKE_DATA"] = _DATA
    return variables


def _bubblewrap(limits: Limits) -> list[str]:
    """Return the command that runs the worker in its own namespaces."""
    size = ["--size", str(limits.disk_mb * _MEGABYTE)]
    command = [shutil.which("bwrap"), "--unshare-all", "--unshare-user", "--die-with-parent"]
    command += ["--new-session", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000"]
    command += ["--hostname", "grader", "--clearenv"]
    if b"--disable-userns" in subprocess.run(["bwrap", "--help"], capture_output=True).stdout:
        command.append("--disable-userns")  # bubblewrap 0.8: no namespaces within
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            command += ["--ro-bind", str(path), str(path)]
    for path in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime"):
        command += ["--ro-bind-try", path, path]
    # the folders in memory come first: a Python or a checkout that lies in /tmp is shown in there
    command += ["--proc", "/proc", "--dev", "/dev", *size, "--tmpfs", "/dev/shm"]
    command += ["--remount-ro", "/dev", *size, "--tmpfs", "/tmp", *size, "--tmpfs", _HOME]
    places = visible_folders()
    for folder, place in places.items():
        command += ["--ro-bind", str(folder), place]
    registry = next(iter(p for p in places if p.name == "brainlike")).parent / "datasets"
    if (registry / "registry.toml").exists():
        command += ["--ro-bind", f"{registry}/registry.toml", f"{_CODE}/datasets/registry.toml"]
    for name in _INSIDE:
        command += ["--ro-bind", str(_CLASSROOM / name), f"{_CODE}/classroom/{name}"]
    variables = _environment(_HOME, _CODE, _CACHE in places.values(), _DATA in places.values())
    for name, value in variables.items():
        command += ["--setenv", name, value]
    # the root itself is a folder in memory without a limit: nothing may be written there
    command += ["--chdir", _HOME, "--remount-ro", "/"]
    return [*command, "--", sys.executable, "-P", "-m", "classroom.worker"]


class Sandbox:
    """A running worker. Use it as a context manager: at the end nothing of it is left.

    Attributes
    ----------
    channel : socket.socket
        To the worker; non-blocking.
    output : int
        File descriptor with everything that the worker and its children print; non-blocking.
    peak_mb : float
        Largest sum of resident memory seen.
    ended_because : str or None
        Why the sandbox was ended by force.
    """

    def __init__(self, isolation: str, limits: Limits):
        if isolation not in ISOLATIONS:
            raise ValueError(f"isolation must be one of {ISOLATIONS}; got {isolation!r}")
        check_installed(isolation)
        self.isolation, self.limits = isolation, limits
        self.peak_mb = 0.0
        self.ended_because: str | None = None
        self.worker: psutil.Process | None = None
        self._at_start = 0
        self._over = threading.Event()
        self._folder = None

    def __enter__(self) -> "Sandbox":
        self.channel, theirs = socket.socketpair()
        self.output, written = os.pipe()
        os.set_blocking(self.output, False)
        self.channel.setblocking(False)
        try:
            self._process = self._start(theirs, written)
        except OSError as error:
            self._close()
            raise SandboxUnavailable(NO_BUBBLEWRAP.format(reason=error)) from None
        finally:
            theirs.close()
            os.close(written)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def _start(self, channel: socket.socket, output: int) -> subprocess.Popen:
        if self.isolation == "bubblewrap":
            # bwrap's own environment could be read in /proc/1/environ: it gets none
            command, environment, folder = _bubblewrap(self.limits), {}, "/"
        else:
            self._folder = tempfile.TemporaryDirectory(prefix="submission-")
            folder = self._folder.name
            command = [sys.executable, "-P", "-m", "classroom.worker"]
            environment = _environment(folder, str(_CLASSROOM.parent), False, False)
        return subprocess.Popen(
            command, stdin=channel, stdout=output, stderr=output, env=environment, cwd=folder,
            start_new_session=True, close_fds=True,
        )  # fmt: skip

    def cache_inside(self) -> str | None:
        """Return where the worker finds the instructor's cache, if it does."""
        found = self.isolation == "bubblewrap" and _CACHE in visible_folders().values()
        return _CACHE if found else None

    def find_worker(self) -> None:
        """Remember the worker's process, to interrupt it; before any cell has run."""
        tree = self._tree()
        self.worker = tree[-1] if tree else None
        self._at_start = len(tree)

    def interrupt(self) -> None:
        """Ask the running cell to stop, as a keyboard interrupt does."""
        with contextlib.suppress(psutil.Error):
            if self.worker is not None:
                self.worker.send_signal(signal.SIGINT)

    def end(self, reason: str | None = None) -> None:
        """End every process of the sandbox now. The first reason given is kept."""
        if self.ended_because is None:
            self.ended_because = reason
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._process.kill()

    def left_running(self) -> bool:
        """Say whether there are more processes than at the start."""
        return len(self._tree()) > self._at_start

    def exit_status(self) -> int | None:
        """Return the worker's exit status if it ended by itself within a moment."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=1)
        return None

    def __exit__(self, *_) -> None:
        self._over.set()
        self._watcher.join()
        for _ in range(5):  # without namespaces a process may be born while the others end
            self.end(self.ended_because)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            if not self._tree():
                break
        self._close()

    def _close(self) -> None:
        self.channel.close()
        os.close(self.output)
        if self._folder is not None:
            self._folder.cleanup()

    def _tree(self) -> list[psutil.Process]:
        """Return the worker and all that descends from it, oldest first."""
        try:
            top = psutil.Process(self._process.pid)
            below = top.children(recursive=True)
        except psutil.Error:
            return []
        return below if self.isolation == "bubblewrap" else [top, *below]

    def _watch(self) -> None:
        allowed = self.limits.processes + 1  # bubblewrap's own process one is among them
        parent = os.getppid()
        while not self._over.wait(0.1):
            tree = self._tree()
            if len(tree) > allowed:  # first of all: every look at a fork bomb costs more
                self.end(f"it ran more than {self.limits.processes} processes at once")
                continue
            memory = _resident(tree, shared_once=len(tree) > 2)
            self.peak_mb = max(self.peak_mb, memory / _MEGABYTE)
            if memory > self.limits.memory_mb * _MEGABYTE:
                self.end(f"it took more than {self.limits.memory_mb} MB of memory")
            if os.getppid() != parent:  # the run that wanted this grade is gone
                self.end("the grading run ended")


def _resident(tree: list[psutil.Process], shared_once: bool) -> int:
    """Return the bytes of memory in use. Forked processes share pages: count these once."""
    total = 0
    for process in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            try:
                total += process.memory_full_info().pss if shared_once else 0
            except (psutil.AccessDenied, AttributeError):  # only Linux tells, and not of all
                shared_once = False
            if not shared_once:
                total += process.memory_info().rss
    return total
