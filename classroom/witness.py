"""Inside the sandbox: note what a submission does that an answer does not need.

The notes become remarks beside a grade. They are no protection: code in the same process can
silence them. What protects is that nothing is there to be found and that only plain data leaves.
"""

import importlib
import os
import sys

MAX_NOTES = 40
_WATCHED = {
    "numpy": "abs all allclose any array array_equal asarray corrcoef dot exp isclose isfinite "
    "isnan linalg max mean min random sqrt std sum testing",
    "numpy.testing": "assert_allclose assert_array_almost_equal assert_array_equal assert_equal",
    "numpy.linalg": "eigh eigvalsh norm svd",
    "builtins": "AssertionError Exception __build_class__ __import__ abs all any callable compile "
    "eval exec float getattr hasattr int isinstance len list max min open print range round set "
    "sorted str sum tuple type zip",
    "brainlike.assignments": "expect_answered expect_array expect_choice expect_close "
    "expect_function expect_number term_generator",
}
_SECRETS = ("grades.csv", "report.html", "questions.json", "results.json", "otter_config.json")
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn")
_SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill")
_FORKS = ("os.fork", "os.forkpty")
_INSPECTION = ("gc.get_objects", "gc.get_referrers", "sys._current_frames", "sys.settrace")
_FILES = ("open", "os.listdir", "os.scandir", "os.symlink", "os.link", "shutil.rmtree")
_EVENTS = frozenset(
    (*_NETWORK, *_PROGRAMS, *_SIGNALS, *_FORKS, *_INSPECTION, *_FILES, "resource.setrlimit")
)


class Witness:
    """Collect notes while `watching` is true.

    Parameters
    ----------
    own_folders : sequence of str
        Where a submission may look and write without a note.
    """

    def __init__(self, own_folders: tuple[str, ...]):
        self.watching = False
        self._new: list[str] = []
        self._seen: set[str] = set()
        self._own = tuple(folder.rstrip("/") for folder in own_folders)
        self._library = tuple({sys.prefix, sys.base_prefix, "/usr", "/etc", "/sys", "/opt"})
        self._path = {os.path.abspath(entry) for entry in sys.path}  # importlib.metadata lists it
        self._originals = {}
        for module, names in _WATCHED.items():
            try:
                loaded = importlib.import_module(module)
            except ImportError:
                continue
            for name in names.split():
                if hasattr(loaded, name):
                    self._originals[module, name] = (loaded, getattr(loaded, name))
        sys.addaudithook(self._audit)

    def note(self, text: str) -> None:
        """Keep a note, once."""
        text = text[:200]
        if text not in self._seen and len(self._seen) < MAX_NOTES:
            self._seen.add(text)
            self._new.append(text)

    def take(self) -> list[str]:
        """Return the notes made since the last call, after a look at what was replaced."""
        watching, self.watching = self.watching, False
        for (module, name), (loaded, original) in self._originals.items():
            if getattr(loaded, name, None) is not original:
                self.note(f"replaced {module}.{name}")
            if sys.modules.get(module) is not loaded:
                self.note(f"replaced the module {module}")
        for finder in sys.meta_path:
            kind = finder if isinstance(finder, type) else type(finder)
            if getattr(kind, "__module__", "") == "__main__":
                self.note("added an import hook")
        new, self._new = self._new, []
        self.watching = watching
        return new

    def _audit(self, event: str, arguments: tuple) -> None:
        if event not in _EVENTS or not self.watching:
            return
        self.watching = False
        try:
            self._describe(event, arguments)
        except Exception as error:  # a note must never stop what a student does
            self.note(f"{event} ({type(error).__name__})")
        finally:
            self.watching = True

    def _describe(self, event: str, arguments: tuple) -> None:
        if event in _FILES:
            self._describe_file(event, arguments)
        elif event in _NETWORK:
            self.note("tried to reach the network")
        elif event in _FORKS:
            self.note("forked its process (as ! does for the shell)")
        elif event in _SIGNALS:
            self.note(f"sent signal {arguments[1]} to process {arguments[0]}")
        elif event in _PROGRAMS:
            command = arguments[1] if event == "subprocess.Popen" else arguments[0]
            parts = command if isinstance(command, list | tuple) else [command]
            if os.path.basename(str(parts[0])) != "fc-list":  # matplotlib looks for fonts
                self.note("started a program: " + " ".join(str(part) for part in parts))
        elif event == "resource.setrlimit":
            self.note("changed a resource limit")
        else:
            self.note(f"inspected the interpreter ({event})")

    def _describe_file(self, event: str, arguments: tuple) -> None:
        path = arguments[0]
        if path is None or isinstance(path, int):
            return
        path = os.path.abspath(os.fsdecode(path))
        inside = path.startswith(self._own)
        if event in ("os.symlink", "os.link"):
            self.note(f"made a link to {path}")
        elif event == "shutil.rmtree":
            self.note(f"deleted the folder {path}")
        elif event == "open":
            process = path.startswith("/proc/") and path.split("/")[2].isdigit()
            if process or path.endswith("/environ") or os.path.basename(path) in _SECRETS:
                self.note(f"opened {path}")
            elif not inside and _writes(arguments) and not path.startswith("/dev/"):
                self.note(f"tried to write {path}")
        elif not inside and not (path + "/").startswith(self._library):
            if path not in self._path and not _importing():
                self.note(f"listed the folder {path}")


def _writes(arguments: tuple) -> bool:
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _importing() -> bool:
    """Say whether the import system itself is at work: it lists the folders of the path."""
    frame = sys._getframe(3)
    for _ in range(12):
        if frame is None:
            return False
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
