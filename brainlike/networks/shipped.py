"""The trained networks that travel with the book: ``weights/NAME-SEED.npz`` and ``weights.toml``.

Matrices are half precision and vectors single precision, in files that hold nothing but arrays.
``weights.toml`` says for each file how it was made, by which code and where, how its network
behaves, and its sha256. ``make networks`` writes both.
"""

import hashlib
import io
import json
import tomllib
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from brainlike._files import write_whole

FOLDER = Path(__file__).with_name("weights")
INDEX = "weights.toml"
_HEAD = (
    "# The networks that travel with the book. Written by `make networks WRITE=1`, never by hand."
)


class WeightsDamaged(ValueError):
    """A file of weights is missing, or is not the one that ``weights.toml`` lists."""


@dataclass(frozen=True)
class Entry:
    """What ``weights.toml`` says of one network.

    Attributes
    ----------
    recipe : str
        Hash of its recipe and seed.
    code : dict of str to str
        Fingerprint of each part of the code that decides its weights.
    sha256 : str
        Of the file.
    bytes : int
        Size of the file.
    torch : str
        Version of torch that trained it.
    processor : str
        Vector instructions that torch used.
    bf16 : bool
        Whether it was trained in mixed precision.
    cpu_seconds : float
        Spent on its training.
    behaviour : dict of str to float or list of float
        What the network in the file does on items that it was not trained on.
    """

    recipe: str
    code: dict[str, str]
    sha256: str
    bytes: int
    torch: str
    processor: str
    bf16: bool
    cpu_seconds: float
    behaviour: dict[str, float | list[float]]


def file_name(name: str, seed: int) -> str:
    """Return the name of a network's file."""
    return f"{name}-{seed}.npz"


def entries() -> dict[str, Entry]:
    """Return what ``weights.toml`` says, by the name of the file without its ending.

    Raises
    ------
    WeightsDamaged
        If ``weights.toml`` cannot be read.
    """
    path = FOLDER / INDEX
    return _read_index(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=2)
def _read_index(path: Path, _changed: int) -> dict[str, Entry]:
    try:
        listed = tomllib.loads(path.read_text("utf-8"))
        return {stem: Entry(**fields) for stem, fields in listed.items()}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise WeightsDamaged(f"{path} cannot be read ({error}). {_what_now(path)}") from None


def is_shipped(name: str, seed: int = 0) -> bool:
    """Tell whether a network travels with the book."""
    return f"{name}-{seed}" in entries()


def read(name: str, seed: int) -> dict[str, dict]:
    """Return the weights and the history of a network that travels with the book.

    Parameters
    ----------
    name : str
    seed : int

    Returns
    -------
    dict
        ``"weights"``: a state dictionary of tensors, single precision. ``"history"``: arrays.

    Raises
    ------
    WeightsDamaged
        If the file is missing or its sha256 is not the listed one.
    """
    entry, path = entries()[f"{name}-{seed}"], FOLDER / file_name(name, seed)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsDamaged(
            f"{path} cannot be read ({error.strerror}). {_what_now(path)}"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != entry.sha256:
        raise WeightsDamaged(
            f"{path} is damaged: its sha256 is {found}, and {INDEX} lists {entry.sha256}. "
            f"{_what_now(path)}"
        )
    return unpack(content)


def _what_now(path: Path) -> str:
    return (
        f"Restore it (in a checkout: `git checkout -- {path.parent.name}/{path.name}` in "
        f"{path.parent.parent}; else install brainlike again), or set BRAINLIKE_NETWORKS=fresh to "
        "train networks on this machine."
    )


def pack(weights: dict[str, torch.Tensor], history: dict[str, object]) -> bytes:
    """Return the content of a network's file.

    Parameters
    ----------
    weights : dict of str to torch.Tensor
    history : dict of str to array-like

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If a number is not finite, or too large for half precision.
    """
    arrays = {f"weights/{key}": tensor.numpy() for key, tensor in weights.items()}
    arrays |= {f"history/{key}": np.asarray(value) for key, value in history.items()}
    stored = {key: _smaller(key, array) for key, array in arrays.items()}
    stream = io.BytesIO()
    np.savez_compressed(stream, **stored)
    return stream.getvalue()


def _smaller(key: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind != "f":
        return array
    kind = np.float16 if array.ndim > 1 else np.float32
    with np.errstate(over="ignore"):
        smaller = array.astype(kind)
    if key.startswith("weights/") and not np.isfinite(smaller).all():
        raise ValueError(f"{key} has numbers that are not finite in {np.dtype(kind)}")
    return smaller


def unpack(content: bytes) -> dict[str, dict]:
    """Return what `pack` was given, in single precision."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    found: dict[str, dict] = {"weights": {}, "history": {}}
    for key, array in arrays.items():
        kind, _, inner = key.partition("/")
        array = array.astype(np.float32) if array.dtype == np.float16 else array
        found[kind][inner] = torch.from_numpy(array) if kind == "weights" else array
    return found


def write(name: str, seed: int, content: bytes, entry: Entry) -> None:
    """Put a network's file and its entry in place of what the package had.

    The file is replaced first. Whoever is interrupted between the two is told at the next
    loading, and writes it again.
    """
    write_whole(FOLDER / file_name(name, seed), content)
    listed = entries() | {f"{name}-{seed}": entry}
    lines = [_HEAD]
    for stem in sorted(listed):
        lines += ["", f'["{stem}"]']
        for field, value in asdict(listed[stem]).items():
            lines.append(f"{field} = {_toml(value)}")
    write_whole(FOLDER / INDEX, "\n".join(lines) + "\n")


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)  # what JSON and TOML write alike


def sha256(content: bytes) -> str:
    """Return the sha256 of a file's content."""
    return hashlib.sha256(content).hexdigest()
