"""The sandboxed side: run a notebook's cells, then serve plain data about what they left.

Runs as ``python -m classroom.worker`` inside the sandbox, where no test, solution or grade
exists. Requests come over the socket that is standard input at the start; standard output and
error lead to the trusted side, which keeps the first bytes of each cell's output.
"""

import os
import resource
import signal
import socket
import sys
import traceback
import types
from contextlib import contextmanager
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from classroom import otter_stub
from classroom.values import TooLarge, pack, unpack
from classroom.witness import Witness

_MEGABYTE = 2**20
_KEPT = 2000  # characters of an error's text


class _Shell(InteractiveShell):
    """IPython without a terminal, a history, or a graphical backend."""

    @contextmanager
    def _tee(self, channel):
        """Keep no second copy of all that is printed, as IPython 9 does for its history."""
        yield

    def enable_gui(self, gui=None):
        pass

    def enable_matplotlib(self, gui=None):
        return None, "agg"

    def enable_pylab(self, gui=None, import_all=True, welcome_message=False):
        return None, "agg", []


class Worker:
    """Answer requests until the channel closes.

    Parameters
    ----------
    channel : socket.socket
        Where requests come from; replies go back in the same order.
    """

    def __init__(self, channel: socket.socket):
        self.channel = channel
        self.pid = os.getpid()
        self.busy = False  # student code runs: an interrupt may stop it
        self.functions: list = []
        self.output = os.dup(1)
        self.witness: Witness | None = None
        self.had_grader = False

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._interrupt)
        while True:
            request = unpack(self._read, self._resolve)
            reply = {"seq": request["seq"]}  # random: the reply to this request, no other
            try:
                reply["value"] = getattr(self, "do_" + request["do"])(request)
            except BaseException as error:  # SystemExit and KeyboardInterrupt of student code too
                reply["error"] = _describe(error)
            self.busy = False
            if os.getpid() != self.pid:  # a child that student code forked and let run on
                os._exit(0)
            if self.witness is not None:
                self.witness.watching = False
                reply["notes"] = self.witness.take()
            self._send(reply)

    def do_start(self, request: dict) -> dict:
        """Limit this process for good, prepare the shell; return the versions in use."""
        for name, limit in request["limits"].items():
            kind = getattr(resource, name, None)
            if kind is not None:
                _, hard = resource.getrlimit(kind)
                limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
                resource.setrlimit(kind, (limit, limit))
        _mirror(request["cache"], os.environ.get("BRAINLIKE_CACHE"))
        Path(request["notebook"]).touch()  # brainlike.assignments looks for it by its name
        otter_stub.install()
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.xmode = "Plain"  # others take seconds for a deep recursion
        self.shell = _Shell.instance(config=config, user_module=main)
        self.witness = Witness((os.getcwd(), "/tmp", "/dev/shm", os.environ["HOME"]))
        return {"python": sys.version.split()[0]}

    def do_cell(self, request: dict) -> dict | None:
        """Run one cell; return how it failed, or None."""
        self._restore_output()
        self._begin()
        result = self.shell.run_cell(request["source"], store_history=True)
        self.busy = False
        self.shell.user_ns.get("Out", {}).clear()
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        sys.stdout.flush()
        sys.stderr.flush()
        grader = self.shell.user_ns.get("grader")
        self.had_grader = self.had_grader or type(grader) is otter_stub.Notebook
        if self.had_grader and type(grader) is not otter_stub.Notebook and os.getpid() == self.pid:
            self.witness.note("replaced or deleted the variable grader")
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else _describe(error)

    def do_get(self, request: dict) -> dict:
        """Return ``{"found": bool, "value": ...}`` for a variable of the notebook."""
        name = request["name"]
        if name not in self.shell.user_ns:
            return {"found": False, "value": None}
        return {"found": True, "value": self.shell.user_ns[name]}

    def do_call(self, request: dict):
        """Call a function that an earlier reply referred to."""
        self._restore_output()
        function = self.functions[request["function"]]
        self._begin()
        try:
            return function(*request["arguments"], **request["keywords"])
        finally:
            self.busy = False

    def do_finish(self, request: dict) -> None:
        """Nothing is left to do."""

    def _begin(self) -> None:
        signal.signal(signal.SIGINT, self._interrupt)
        self.witness.watching = True
        self.busy = True

    def _interrupt(self, *_) -> None:
        if self.busy:
            raise KeyboardInterrupt("took too long")

    def _restore_output(self) -> None:
        """Give the next cell streams that work, whatever the last one did to them."""
        for name in ("stdout", "stderr"):
            if getattr(getattr(sys, name, None), "closed", True):
                stream = open(os.dup(self.output), "w", encoding="utf-8", errors="replace")
                setattr(sys, name, stream)

    def _send(self, reply: dict) -> None:
        self.busy = True  # encoding runs code of the values: an interrupt may stop it
        try:
            frame = pack(reply, self._refer)
        except TooLarge as error:
            reply.pop("value", None)
            frame = pack({**reply, "value": None, "unreadable": str(error)}, self._refer)
        except BaseException as error:
            frame = pack({"seq": reply["seq"], "error": _describe(error)}, self._refer)
        self.busy = False
        self.channel.sendall(frame)

    def _refer(self, value) -> dict:
        """Return what crosses in place of a value that is not plain data."""
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            value = value.detach().cpu().resolve_conj().resolve_neg()
            return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
        kind = f"{type(value).__module__}.{type(value).__qualname__}"[:200]
        if not callable(value):
            return {"unreadable": f"a value of type {kind.removeprefix('builtins.')}"}
        number = next((n for n, f in enumerate(self.functions) if f is value), None)
        if number is None:
            number = len(self.functions)
            self.functions.append(value)
        return {"callable": [number, str(getattr(value, "__name__", kind))[:200]]}

    def _resolve(self, kind: str, content):
        if kind != "callable":
            raise ValueError(f"nothing of kind {kind} can be sent here")
        return self.functions[content[0]]

    def _read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = self.channel.recv(min(size - len(parts), _MEGABYTE))
            if not part:
                os._exit(0)  # the trusted side is done
            parts += part
        return bytes(parts)


def _describe(error: BaseException) -> dict:
    """Return type, text and last lines of an error, also if its own code misbehaves."""
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be read)"
    try:
        lines = "".join(traceback.format_exception(error, limit=-4))
    except Exception:
        lines = ""
    return {"type": type(error).__name__[:100], "text": text[:_KEPT], "lines": lines[-_KEPT:]}


def _mirror(source: str | None, target: str | None) -> None:
    """Fill the writable cache with links to what the instructor's cache holds."""
    if source is None or target is None:
        return
    for folder, _, files in os.walk(source):
        here = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(here, exist_ok=True)
        for name in files:
            if not name.endswith(".lock"):
                os.symlink(os.path.join(folder, name), os.path.join(here, name))


def main() -> None:
    channel = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for name in ("stdout", "stderr"):
        getattr(sys, name).reconfigure(errors="replace")
    Worker(channel).serve()


if __name__ == "__main__":
    main()
