"""What a loader does where its real files cannot be had: it says so and simulates, or refuses.

Every loader of this folder ends in `read_or_simulate`, and `explain_strict` completes its
docstring, so that neither is written a dozen times.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import TypeVar

from brainlike.datasets.recorded.registry import DataUnavailable, fetch_files

T = TypeVar("T")

_STRICT = """\
strict : bool, optional
    Raise `DataUnavailable` where the real set cannot be had. By default the loader says so,
    once, and returns a simulated stand-in of the same shapes, with `source` ``"simulated"``:
    see `{simulate}`. A damaged file is a `ChecksumError` either way.
"""

_announced: set[str] = set()


def read_or_simulate(
    dataset: str,
    names: Sequence[str],
    read: Callable[..., T],
    simulate: Callable[[], T],
    *,
    strict: bool,
) -> T:
    """Return a real set or, where its files cannot be had, a stand-in, saying so once.

    Parameters
    ----------
    dataset : str
        Name in the registry.
    names : sequence of str
        Paths of the files in the set's folder.
    read : callable
        Takes the places of these files, one argument each, and returns the set. It may fetch
        files of other sets as well.
    simulate : callable
        Returns the stand-in.
    strict : bool
        Raise instead of simulating.

    Returns
    -------
    What `read` or `simulate` returns

    Raises
    ------
    ChecksumError
        If a file is damaged, strict or not.
    DataUnavailable
        If `strict` and a file cannot be had.
    """
    try:
        return read(*fetch_files(dataset, names))
    except DataUnavailable as missing:
        if strict:
            raise
        announce_stand_in(missing)
    return simulate()


def explain_strict(load: Callable[..., T]) -> Callable[..., T]:
    """Add the parameter `strict` to the docstring of a loader, above what it returns.

    ``load_x`` must have a ``simulate_x`` beside it.
    """
    before, returns, after = (inspect.getdoc(load) or "").partition("Returns\n")
    heading = "" if "Parameters\n" in before else "\nParameters\n----------\n"
    strict = _STRICT.format(simulate=load.__name__.replace("load_", "simulate_", 1))
    load.__doc__ = f"{before.rstrip()}\n{heading}{strict}\n{returns}{after}"
    return load


def announce_stand_in(missing: DataUnavailable) -> None:
    """Say once a process and data set, in plain words, that what follows is simulated.

    Parameters
    ----------
    missing : DataUnavailable
        Why the real set cannot be had.
    """
    if missing.dataset not in _announced:
        _announced.add(missing.dataset)
        print(
            f"The real data set {missing.dataset} is not available ({missing.reason}). "
            f"What follows uses a SIMULATED stand-in: its numbers are invented.\n"
            f"To fetch the real one: {missing.command}"
        )
