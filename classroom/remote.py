"""The trusted side of the channel: run cells, fetch values, call a student's functions.

What tests see are copies of plain data and `RemoteFunction` objects. Everything that arrives is
checked by `classroom.values`; a worker that breaks the protocol is ended.
"""

import builtins
import contextlib
import os
import secrets
import select
import time
from dataclasses import dataclass
from typing import Any

from classroom.sandbox import Sandbox
from classroom.values import BadMessage, Unreadable, pack, unpack

_CHUNK = 2**18
_MIRRORED = frozenset(
    "ArithmeticError AssertionError AttributeError IndexError KeyError LookupError MemoryError "
    "NameError NotImplementedError OverflowError RecursionError RuntimeError TypeError ValueError "
    "ZeroDivisionError".split()
)


class WorkerGone(Exception):
    """The submission's process has ended, by itself or by force."""


class TookTooLong(Exception):
    """A student's function was interrupted at its time limit."""


class StudentError(Exception):
    """An exception in a student's function, as type name and text."""


def _student_error(kind: str, text: str) -> StudentError:
    """Return an exception that tests can catch by the built-in type that was raised."""
    if kind in _MIRRORED:
        base = getattr(builtins, kind)
        return type(kind, (StudentError, base), {"__str__": Exception.__str__})(text)
    return StudentError(f"{kind}: {text}")


@dataclass(frozen=True)
class Failure:
    """How a cell failed."""

    kind: str
    text: str
    lines: str
    timed_out: bool = False


@dataclass(frozen=True)
class CellResult:
    """What came of one cell: how it failed if it did, the first of its output, all its bytes."""

    failure: Failure | None
    output: str
    printed: int


class RemoteFunction:
    """A student's function: calling it runs it in the sandbox, on copies of the arguments."""

    def __init__(self, session: "Session", number: int, name: str):
        self._session, self._number, self.__name__ = session, number, name

    def __call__(self, *args, **kwargs):
        return self._session.call(self._number, args, kwargs)

    def __repr__(self) -> str:
        return f"<the submission's function {self.__name__}>"


class Session:
    """Talk to the worker of a running sandbox.

    Parameters
    ----------
    sandbox : Sandbox
        Entered, and not used by anyone else.
    """

    def __init__(self, sandbox: Sandbox):
        self.sandbox, self.limits = sandbox, sandbox.limits
        self.notes: list[str] = []
        self.printed = 0
        self.gone: str | None = None
        self.silent = False
        self._seq = 0
        self._deadline = time.monotonic() + self.limits.total_seconds
        self._output = bytearray()  # of the cell or call that runs
        self._new = 0

    def start(self, notebook: str) -> str:
        """Prepare the worker; return its Python version.

        Raises
        ------
        WorkerGone
            If it does not come up; the text ends with what it printed.
        """
        request = {
            "do": "start",
            "limits": self.limits.inside(),
            "cache": self.sandbox.cache_inside(),
            "notebook": notebook,
        }
        try:
            reply, _ = self._exchange(request, self.limits.start_seconds)
        except WorkerGone as gone:
            self._drain()
            said = self._output.decode(errors="replace").strip()
            raise WorkerGone(f"{gone}\n{said}".strip()) from None
        if "error" in reply:
            raise WorkerGone(f"the worker does not start: {_failure(reply).text}")
        self.sandbox.find_worker()
        return str(reply["value"]["python"])

    def run_cell(self, source: str) -> CellResult:
        """Run one cell. An error or an interrupt is part of the result.

        Raises
        ------
        WorkerGone
            If the process ended; what it knew is lost.
        """
        reply, timed_out = self._exchange(
            {"do": "cell", "source": source}, self.limits.cell_seconds
        )
        content = reply.get("value") if "value" in reply else reply.get("error")
        failure = None
        if content is not None:
            failure = _failure({"error": content}, timed_out)
        elif timed_out:
            failure = Failure("KeyboardInterrupt", "took too long", "", True)
        return CellResult(failure, self._output.decode(errors="replace"), self._new)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a copy of a variable, or `default` if the notebook has none of that name."""
        try:
            reply, timed_out = self._exchange({"do": "get", "name": name}, self.limits.call_seconds)
        except WorkerGone as gone:
            return Unreadable(f"{name} is lost: {gone}")
        if timed_out or "error" in reply:
            return Unreadable(f"{name} cannot be read")
        if "unreadable" in reply:
            return Unreadable(f"{name} is too large: {reply['unreadable']}")
        value = reply["value"]
        if type(value) is not dict or not {"found", "value"} <= value.keys():
            raise self._broken("a reply of the wrong form")
        return value["value"] if value["found"] is True else default

    def call(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Call the student's function and return a copy of its result."""
        request = {"do": "call", "function": number, "arguments": args, "keywords": kwargs}
        reply, timed_out = self._exchange(request, self.limits.call_seconds)
        if timed_out:
            raise TookTooLong(f"it ran longer than {self.limits.call_seconds:g} s")
        if "error" in reply:
            failure = _failure(reply)
            raise _student_error(failure.kind, failure.text)
        if "unreadable" in reply:
            return Unreadable(f"the result is too large: {reply['unreadable']}")
        return reply["value"]

    def finish(self) -> None:
        """Exchange a last message: a reply too many, sent before, is found out."""
        self._exchange({"do": "finish"}, self.limits.call_seconds)

    def _exchange(self, request: dict, seconds: float) -> tuple[dict, bool]:
        """Send a request, wait for its reply; return it, and whether it took an interrupt."""
        if self.gone is not None:
            raise WorkerGone(self.gone)
        self._seq = secrets.randbits(60)  # unknown before, so that no reply can be sent ahead
        self._output.clear()
        self._new = 0
        pending = memoryview(pack({**request, "seq": self._seq}, self._refer))
        deadline = min(time.monotonic() + seconds, self._deadline)
        waiting = _Waiting(self, deadline, pending)
        try:
            reply = unpack(waiting.read, self._resolve)
        except BadMessage as error:
            raise self._broken(str(error)) from None
        except (ConnectionError, EOFError):
            raise self._ended() from None
        if type(reply) is not dict or reply.get("seq") != self._seq:
            raise self._broken("a reply that was not asked for")
        notes = reply.get("notes")
        if type(notes) is list:
            self.notes += [note for note in notes if type(note) is str][: 60 - len(self.notes)]
        self._drain()
        if "value" not in reply and "error" not in reply:
            raise self._broken("a reply of the wrong form")
        return reply, waiting.interrupted

    def _refer(self, value: Any) -> dict:
        if isinstance(value, RemoteFunction) and value._session is self:
            return {"callable": [value._number, value.__name__]}
        raise TypeError(
            f"a test can pass numbers, text, lists, arrays and the student's own functions; "
            f"not {type(value).__name__}"
        )

    def _resolve(self, kind: str, content: Any) -> Any:
        if kind == "callable":
            number, name = content
            if type(number) is int and type(name) is str:
                return RemoteFunction(self, number, name)
        if kind == "unreadable" and type(content) is str:
            return Unreadable(content[:300])
        raise BadMessage(f"an unknown kind of value: {kind[:50]!r}")

    def _drain(self) -> None:
        """Take what was printed; keep the first bytes, count the rest."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(64):  # a child that prints without end must not hold us here
                part = os.read(self.sandbox.output, _CHUNK)
                if not part:  # the submission closed its end: waiting on it would never wait
                    self.silent = True
                    return
                self._new += len(part)
                self.printed += len(part)
                room = self.limits.output_bytes - len(self._output)
                self._output += part[: max(room, 0)]

    def _broken(self, how: str) -> WorkerGone:
        self.sandbox.end(f"it sent something other than plain data ({how})")
        return self._ended()

    def _ended(self) -> WorkerGone:
        """Say once and for all why there is no worker any more."""
        if self.sandbox.ended_because is None:
            status = self.sandbox.exit_status()
            if status is None:
                self.sandbox.end("it closed its connection")
            elif status in (137, -9):
                self.sandbox.ended_because = "its process was killed"
            else:
                self.sandbox.ended_because = f"its process ended itself (exit status {status})"
        self.gone = self.sandbox.ended_because
        return WorkerGone(self.gone)


class _Waiting:
    """Send one request and read its reply within a time limit, while taking what is printed."""

    def __init__(self, session: Session, deadline: float, pending: memoryview):
        self.session, self.deadline, self.pending = session, deadline, pending
        self.buffer, self.interrupted = bytearray(), False

    def read(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self._step(size - len(self.buffer))
        found = bytes(self.buffer[:size])
        del self.buffer[:size]
        return found

    def _step(self, missing: int) -> None:
        session, channel = self.session, self.session.sandbox.channel
        left = self.deadline - time.monotonic()
        if left <= 0:
            self._out_of_time()
            return
        writers = [channel] if self.pending else []
        readers = [channel] if session.silent else [channel, session.sandbox.output]
        readable, writable, _ = select.select(readers, writers, [], min(left, 0.5))
        if session.sandbox.output in readable:
            session._drain()
        if writable:
            with contextlib.suppress(BlockingIOError):
                self.pending = self.pending[channel.send(self.pending[:_CHUNK]) :]
        if channel in readable:
            part = channel.recv(min(missing, _CHUNK))
            if not part:
                raise EOFError
            self.buffer += part

    def _out_of_time(self) -> None:
        session = self.session
        if self.interrupted or time.monotonic() >= session._deadline:
            limits = session.limits
            whole = time.monotonic() >= session._deadline
            session.sandbox.end(
                f"it took longer than {limits.total_seconds:g} s in all"
                if whole
                else f"it did not stop within {limits.grace_seconds:g} s of being interrupted"
            )
            raise EOFError
        self.interrupted = True
        self.deadline = time.monotonic() + session.limits.grace_seconds
        session.sandbox.interrupt()


def _failure(reply: dict, timed_out: bool = False) -> Failure:
    """Read the description of an error, whatever it holds."""
    content = reply["error"]
    parts = content if type(content) is dict else {}
    kind, text, lines = (
        parts.get(key) if type(parts.get(key)) is str else "" for key in ("type", "text", "lines")
    )
    return Failure(kind[:100] or "an error", text[:2000], lines[-2000:], timed_out)
