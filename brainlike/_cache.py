"""Expensive things are made once: a cache keyed by recipe, locked, and written whole or not at all.

A *recipe* is everything that decides the content (sizes, seeds, versions). Its hash is part of
the file name, so that a changed recipe never meets an old file.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import filelock
import platformdirs

DATA_VERSION = 1  # raise it when the code that makes cached things changes what they contain

T = TypeVar("T")


def cache_dir() -> Path:
    """Return the folder for rendered sets, trained networks and downloads; it need not exist.

    It is the user's cache folder, or the one that the environment variable ``BRAINLIKE_CACHE``
    names. What it holds can be used where it is read-only, as a shared one may be.
    """
    named = os.environ.get("BRAINLIKE_CACHE")
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_path("brainlike"))


def make_writable(folder: Path) -> None:
    """Make a folder of the cache if it is missing, and see whether it can be written.

    Parameters
    ----------
    folder : pathlib.Path

    Raises
    ------
    PermissionError
        If it cannot be made or written; the message says how to choose another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PermissionError(
            f"something is missing in the cache, and {folder} cannot be written "
            f"({error.strerror}). Choose another cache: set the environment variable "
            "BRAINLIKE_CACHE to a folder that you may write to."
        ) from None


def recipe_hash(recipe: dict[str, Any]) -> str:
    """Return a short hash of a recipe (any JSON-able dictionary) and the data version."""
    text = json.dumps({"data_version": DATA_VERSION, **recipe}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def made_once(
    name: str,
    recipe: dict[str, Any],
    suffix: str,
    make: Callable[[], T],
    save: Callable[[T, Path], None],
    load: Callable[[Path], T],
) -> T:
    """Load a thing from the cache, or make it, keep it, and return what was kept.

    The file is written under a temporary name and renamed, under a lock: two processes that ask
    at once make it once, and a process that is killed leaves nothing half-made behind. A file
    that cannot be loaded is made again.

    Parameters
    ----------
    name : str
        Folder and stem in the cache, such as ``"rendered/objects"``.
    recipe : dict
        What decides the content; JSON-able.
    suffix : str
        File ending with its dot.
    make, save, load : callable
        ``make()`` returns the thing, ``save(thing, path)`` writes it, ``load(path)`` reads it
        and raises an exception if the file is damaged.

    Returns
    -------
    object
        What ``load`` returns.

    Raises
    ------
    PermissionError
        If it is missing and the cache cannot be written.
    """
    path = _path(name, recipe, suffix)
    found = _load(path, load)
    if found is not None:
        return found
    make_writable(path.parent)
    with filelock.FileLock(path.with_name(path.name + ".lock")):
        found = _load(path, load)  # another process may have made it meanwhile
        if found is not None:
            return found
        for leftover in path.parent.glob(f"{path.name}.*.part{suffix}"):
            leftover.unlink()  # from a process that was killed: the lock is ours, so it is dead
        part = path.with_name(f"{path.name}.{os.getpid()}.part{suffix}")
        try:
            save(make(), part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        return load(path)


def find_made(
    name: str, recipe: dict[str, Any], suffix: str, load: Callable[[Path], T]
) -> T | None:
    """Load a thing if the cache has it whole; the parameters are those of `made_once`."""
    return _load(_path(name, recipe, suffix), load)


def _path(name: str, recipe: dict[str, Any], suffix: str) -> Path:
    return cache_dir() / f"{name}-{recipe_hash(recipe)}{suffix}"


def _load(path: Path, load: Callable[[Path], T]) -> T | None:
    if not path.exists():
        return None
    try:
        return load(path)
    except Exception:  # whatever a damaged file makes the reader raise, the cure is the same
        return None
