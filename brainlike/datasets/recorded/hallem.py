"""Responses of 24 odorant receptors of the fly to 110 odours (Hallem and Carlson 2006).

The files are those of DoOR (Münch and Galizia 2016), the database of odorant responses. Wang et al.
(2021) keep another copy beside the code of their model, with three columns in the wrong order.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate
from brainlike.datasets.recorded.registry import fetch

_RECEPTORS = (
    *("Or2a", "Or7a", "Or9a", "Or10a", "Or19a", "Or22a", "Or23a", "Or33b", "Or35a", "Or43a"),
    *("Or43b", "Or47a", "Or47b", "Or49b", "Or59b", "Or65a", "Or67a", "Or67c", "Or82a", "Or85a"),
    *("Or85b", "Or85f", "Or88a", "Or98a"),
)
_STUDY, _SPONTANEOUS = "Hallem.2006.EN", "sfr"  # a column and a row of the files
_CLASSES = {  # DoOR's abbreviations, in the order of the files: name, number of odours
    "amine": ("amine", 3),
    "O ring": ("oxygen ring", 6),
    "acid": ("acid", 15),
    "sulfid": ("sulfide", 2),
    "terpene": ("terpene", 16),
    "aldehyde": ("aldehyde", 7),
    "ketone": ("ketone", 6),
    "arom": ("aromatic", 13),
    "alcohol": ("alcohol", 18),
    "ester": ("ester", 24),
}
_COPIES = ("door", "wang2021")


@dataclass(frozen=True, eq=False)
class Hallem:
    """What 24 receptors answer to 110 odours, each receptor alone in an otherwise empty neuron.

    Attributes
    ----------
    responses : (110, 24) float64 array
        Spikes/s above the spontaneous rate; negative where the odour inhibits.
    spontaneous : (24,) float64 array
        Spikes/s without an odour. ``responses + spontaneous`` are the rates themselves, of which
        3 % are negative in the published table.
    odours : (110,) str array
    odour_class : (110,) str array
        Chemical class, one of ten, such as ``"ester"`` or ``"alcohol"``.
    receptors : (24,) str array
        ``"Or2a"`` to ``"Or98a"``.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    responses: np.ndarray = field(repr=False)
    spontaneous: np.ndarray = field(repr=False)
    odours: np.ndarray = field(repr=False)
    odour_class: np.ndarray = field(repr=False)
    receptors: np.ndarray = field(repr=False)
    source: str = "real"
    citation: str = "hallem2006"

    def __len__(self) -> int:
        return len(self.responses)


@explain_strict
def load_hallem(copy: str = "door", *, strict: bool = False) -> Hallem:
    """Return the responses of 24 receptors to 110 odours.

    Parameters
    ----------
    copy : {"door", "wang2021"}, optional
        Which copy of the published table to read. In the copy that came with the code of Wang et
        al. (2021), the columns of Or10a, Or22a and Or47b are out of order: responses from 0 to
        9 spikes/s come first, then all others. Each column keeps its values but gives them to
        the wrong odours. Use that copy only to reproduce what was computed from it.

    Returns
    -------
    Hallem

    Raises
    ------
    ValueError
        If there is no such copy.

    References
    ----------
    Hallem and Carlson (2006), Coding of odors by a receptor repertoire, Cell 125. Münch and Galizia
    (2016), DoOR 2.0, Scientific Reports 6. Wang et al. (2021), Evolving the olfactory system with
    machine learning, Neuron 109.
    """
    if copy not in _COPIES:
        raise ValueError(f"unknown copy {copy!r}; choose one of {', '.join(_COPIES)}")
    names = [f"{name}.csv" for name in _RECEPTORS]
    return read_or_simulate("door", names, partial(_read, copy), simulate_hallem, strict=strict)


def simulate_hallem(seed: int = 0) -> Hallem:
    """Return a stand-in: the real receptors and chemical classes, invented responses.

    An odour has a strength, a receptor a gain; a response is their product with an independent
    exponential variable, minus some inhibition, in whole spikes/s. Odours have no similarity
    beyond their strength, and classes no meaning. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    Hallem
    """
    rng = np.random.default_rng(seed)
    names, counts = zip(*_CLASSES.values(), strict=True)
    odour_class = np.repeat(names, counts)
    odours = [
        f"simulated {name} {n}" for name, most in _CLASSES.values() for n in range(1, most + 1)
    ]
    strength = rng.lognormal(0, 0.6, size=(110, 1))
    gain = rng.lognormal(3.2, 0.5, size=24)
    spontaneous = rng.integers(1, 40, size=24).astype(float)
    excitation = strength * gain * rng.exponential(size=(110, 24))
    inhibition = rng.exponential(0.6, size=(110, 24)) * spontaneous
    responses = np.clip(np.round(excitation - inhibition), -spontaneous, 300)
    return Hallem(
        responses,
        spontaneous,
        np.array(odours),
        odour_class,
        np.array(_RECEPTORS),
        source="simulated",
    )


def _read(copy: str, *door: Path) -> Hallem:
    odours, classes, spontaneous, responses = _read_door(door)
    if copy == "wang2021":  # has no names of odours; they are in the same order
        responses, spontaneous = _read_wang(fetch("wang2021", "hallem"))
    return Hallem(responses, spontaneous, odours, classes, np.array(_RECEPTORS))


def _read_door(paths: Sequence[Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return odours, their classes, spontaneous rates and responses above them."""
    columns = [_read_receptor(path) for path in paths]
    rows = list(columns[0])
    if any(list(column) != rows for column in columns):
        raise ValueError("the files of the receptors do not list the same odours in the same order")
    classes = np.array([_CLASSES[kind][0] for name, kind in rows if name != _SPONTANEOUS])
    names = np.array([name for name, _ in rows])
    rates = check_array("rates", [list(column.values()) for column in columns]).T
    is_odour = names != _SPONTANEOUS
    spontaneous = rates[~is_odour][0]
    return names[is_odour], classes, spontaneous, rates[is_odour] - spontaneous


def _read_receptor(path: Path) -> dict[tuple[str, str], float]:
    """Return one receptor's rates by odour and class; the header lacks the row numbers' name."""
    with path.open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    kind, name, study = (1 + header.index(title) for title in ("Class", "Name", _STUDY))
    return {(row[name], row[kind]): float(row[study]) for row in rows if row[study] != "NA"}


def _read_wang(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return responses and spontaneous rates: 24 columns one below the other, rates last."""
    table = check_array("table", np.loadtxt(path), shape=(111 * len(_RECEPTORS),))
    table = np.ascontiguousarray(table.reshape(len(_RECEPTORS), 111).T)
    return table[:-1], table[-1]
