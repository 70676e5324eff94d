"""Real data: find a file, or download it, and never use one whose checksum is wrong.

A file is looked for in the folder that ``BRAINLIKE_DATA`` names, then in the cache, and is then
downloaded. ``datasets/registry.toml`` lists every file with its address and sha256.
"""

import hashlib
import os
import tomllib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import filelock
from tqdm import TqdmWarning, tqdm

from brainlike._cache import cache_dir, make_writable
from brainlike.datasets.recorded import _hosts


class ChecksumError(ValueError):
    """A file is not the one that the registry lists."""


class DataUnavailable(RuntimeError):
    """A real data set cannot be had here and now; the message says what to do.

    Attributes
    ----------
    dataset : str
    reason : str
        A clause such as ``"no answer from example.org"``.
    command : str
        What to type to fetch the set.
    """

    def __init__(self, dataset: str, reason: str):
        self.dataset, self.reason = dataset, reason
        self.command = f"python -m brainlike fetch {dataset}"
        super().__init__(
            f"the data set {dataset} is not available: {reason}. To get it, run `{self.command}` "
            f"with a connection to the internet, or set BRAINLIKE_DATA to a folder that holds "
            f"{dataset}/"
        )


@dataclass(frozen=True)
class RealFile:
    """One file of a data set: its path in the set's folder, address, size and fingerprint."""

    path: str
    url: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class RealDataset:
    """One entry of the registry.

    Attributes
    ----------
    name, title : str
    licence, licence_url : str
    citation : str
        Key in the book's bibliography; `reference` is the same in words.
    reference : str
    thumbnails : bool
        Whether a built page may show a few small pictures of the stimuli.
    files : tuple of RealFile
    """

    name: str
    title: str
    licence: str
    licence_url: str
    citation: str
    reference: str
    thumbnails: bool
    files: tuple[RealFile, ...]

    def file(self, path: str) -> RealFile:
        """Return the entry of one file, by its path in the set's folder."""
        for entry in self.files:
            if entry.path == path:
                return entry
        listed = "\n  ".join(entry.path for entry in self.files)
        raise ValueError(f"{self.name} has no file {path!r}; it has\n  {listed}")


def registry() -> dict[str, RealDataset]:
    """Return the registry of real data sets, by name."""
    return _read_registry(_registry_path())


def dataset_entry(name: str) -> RealDataset:
    """Return the registry's entry for one data set, or say which names are valid."""
    known = registry()
    if name not in known:
        raise ValueError(f"unknown data set {name!r}; the registry has {', '.join(known)}")
    return known[name]


def fetch(dataset: str, path: str) -> Path:
    """Return the place of one verified file, downloading it when it is nowhere on this machine.

    Parameters
    ----------
    dataset : str
        Name in the registry, such as ``"cueconflict"``.
    path : str
        Path of the file in the set's folder.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ChecksumError
        If the file is not the one that the registry lists.
    DataUnavailable
        If it is not here and cannot be downloaded.
    """
    return fetch_files(dataset, [path])[0]


def fetch_files(dataset: str, paths: Sequence[str], *, progress: bool = True) -> list[Path]:
    """Return the places of several verified files of one set; see `fetch`.

    Parameters
    ----------
    dataset : str
    paths : sequence of str
    progress : bool, optional
        Show a progress bar while files are downloaded.

    Returns
    -------
    list of pathlib.Path
        In the order of `paths`.
    """
    entry = dataset_entry(dataset)
    files = [entry.file(path) for path in paths]
    found = {file.path: _find(dataset, file) for file in files}
    if None in found.values():
        folder = _cache_folder(dataset)
        make_writable(folder)
        with filelock.FileLock(folder.with_name(f"{dataset}.lock")):
            # Another process may have downloaded them while this one waited for the lock.
            found = {file.path: _find(dataset, file) for file in files}
            missing = [file for file in files if found[file.path] is None]
            for leftover in folder.rglob("*.part"):
                leftover.unlink()  # from a process that was killed: the lock is ours
            found |= _download(dataset, missing, progress)
    return [found[file.path] for file in files]


def fetch_dataset(name: str, progress: bool = True) -> list[Path]:
    """Fetch all files of a set, asking its host again even if it did not answer before.

    Parameters
    ----------
    name : str
        Name in the registry.
    progress : bool, optional
        Show a progress bar while files are downloaded.

    Returns
    -------
    list of pathlib.Path
    """
    entry = dataset_entry(name)
    for file in entry.files:
        _hosts.forget(file.url)
    return fetch_files(name, [file.path for file in entry.files], progress=progress)


def _registry_path() -> Path:
    """Return registry.toml: inside the installed package, or at the root of a checkout."""
    installed = Path(__file__).with_name("registry.toml")
    return installed if installed.exists() else Path(__file__).parents[3] / "datasets/registry.toml"


@lru_cache
def _read_registry(path: Path) -> dict[str, RealDataset]:
    with path.open("rb") as stream:
        tables = tomllib.load(stream)
    return {
        name: RealDataset(
            name=name, **{**table, "files": tuple(RealFile(**file) for file in table["files"])}
        )
        for name, table in tables.items()
    }


def _cache_folder(dataset: str) -> Path:
    return cache_dir() / "real" / dataset


def _find(dataset: str, file: RealFile) -> Path | None:
    """Return the verified file in the user's folder or in the cache; None if in neither."""
    if named := os.environ.get("BRAINLIKE_DATA"):
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise FileNotFoundError(
                f"BRAINLIKE_DATA names {folder}, which is not a folder; correct it or unset it"
            )
        path = folder / dataset / file.path
        if path.exists():
            _verify(path, file, "It is in your own folder, so it stays as it is")
            return path
    path = _cache_folder(dataset) / file.path
    if not path.exists():
        return None
    _verify_or_remove(path, file)
    return path


def _verify(path: Path, file: RealFile, what_now: str) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise ChecksumError(
            f"{file.path} is damaged or another version: expected sha256 {file.sha256}, found "
            f"{found} in {path}. It is not used. {what_now}; fetch it again from {file.url}"
        )


def _verify_or_remove(path: Path, file: RealFile) -> None:
    try:
        _verify(path, file, "It was removed")
    except ChecksumError:
        path.unlink()
        raise


def _download(dataset: str, files: list[RealFile], progress: bool) -> dict[str, Path]:
    """Download files to the cache, each under a temporary name until its checksum is right."""
    with warnings.catch_warnings():
        # In a notebook pooch's import asks for ipywidgets, for a progress bar that we do not use.
        warnings.simplefilter("ignore", TqdmWarning)
        import pooch  # here, so that reading local files does not wait for these imports
    import requests

    places = {}
    try:
        for url in {_hosts.host_of(file.url): file.url for file in files}.values():
            _hosts.require_host(url)  # before the bar is drawn
        download = pooch.HTTPDownloader(timeout=_hosts.PATIENCE)
        for file in tqdm(files, desc=dataset, unit="file", disable=not progress):
            path = places[file.path] = _cache_folder(dataset) / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(path.name + ".part")
            try:
                download(file.url, str(part), None)
                _verify_or_remove(part, file)
                os.replace(part, path)
            finally:
                part.unlink(missing_ok=True)
    except _hosts.HostUnreachable as error:
        raise DataUnavailable(dataset, str(error)) from None
    except requests.HTTPError as error:
        error.response.close()  # pooch leaves it open
        raise DataUnavailable(
            dataset, f"the server answers {error.response.status_code} for {error.request.url}"
        ) from None
    except requests.RequestException:
        reason = f"the download from {_hosts.host_of(file.url)} broke off"
        _hosts.remember(file.url, reason)
        raise DataUnavailable(dataset, reason) from None
    return places
