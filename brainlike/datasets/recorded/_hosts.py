"""Ask a host once whether it answers, give it up within five seconds, and remember that it failed.

The memory is a small file in the cache, so that the notebooks of one build, each in a process of
its own, do not wait for the same silent host one after the other.
"""

import contextlib
import json
import os
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from brainlike._cache import cache_dir
from brainlike._files import write_whole

PATIENCE = 5.0  # seconds that a host has to answer
REMEMBERED = 60.0  # seconds for which a host that failed is not asked again, outside a build

_answered: set[str] = set()


class HostUnreachable(Exception):
    """A host cannot be used now; the message is a clause that says why."""


def host_of(url: str) -> str:
    """Return host and port of an address."""
    return urlsplit(url).netloc


def require_host(url: str) -> None:
    """Raise `HostUnreachable` unless the host of an address answers, or has answered before.

    A host that failed is not asked again during the build that ``BRAINLIKE_BUILD_ID`` names, or
    for `REMEMBERED` seconds without that. ``BRAINLIKE_OFFLINE=1`` refuses every host unasked.

    Parameters
    ----------
    url : str
    """
    if os.environ.get("BRAINLIKE_OFFLINE") == "1":
        raise HostUnreachable("BRAINLIKE_OFFLINE=1 forbids downloads")
    if reason := _recall(host_of(url)):
        raise HostUnreachable(reason)
    if host_of(url) in _answered:
        return
    if not _answers(url):
        reason = f"no answer from {host_of(url)} within {PATIENCE:g} seconds"
        remember(url, reason)
        raise HostUnreachable(reason)
    _answered.add(host_of(url))


def remember(url: str, reason: str) -> None:
    """Note that the host of an address fails, and why.

    Parameters
    ----------
    url : str
    reason : str
        A clause for the reader, such as ``"no answer from example.org"``.
    """
    note = {"reason": reason, "time": time.time(), "build": os.environ.get("BRAINLIKE_BUILD_ID")}
    with contextlib.suppress(OSError):  # a cache that cannot be written: ask again next time
        write_whole(_memory(url), json.dumps(note))


def forget(url: str) -> None:
    """Ask the host of an address again next time, whatever it did before."""
    _memory(url).unlink(missing_ok=True)


def _recall(host: str) -> str | None:
    """Return why a host is not asked again: it failed in this build, or a moment ago."""
    try:
        note = json.loads(_memory(f"//{host}").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    build = os.environ.get("BRAINLIKE_BUILD_ID")
    fresh = note["build"] == build if build else time.time() - note["time"] < REMEMBERED
    return note["reason"] if fresh else None


def _memory(url: str) -> Path:
    return cache_dir() / "real" / f"unreachable-{host_of(url).replace(':', '-')}.json"


def _answers(url: str) -> bool:
    """Return whether anything answers at an address within PATIENCE, name look-up included.

    A request rather than a bare socket, so that the user's proxy settings hold. It runs in a
    thread because no timeout of requests covers the name look-up.
    """
    import requests  # here, so that reading local files does not wait for it

    answers = []

    def ask() -> None:
        try:
            requests.head(url, timeout=PATIENCE)
            answers.append(True)
        except requests.RequestException:
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return bool(answers)
