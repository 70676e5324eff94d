"""Where trained networks come from: the package, then the cache, then training.

The environment variable ``BRAINLIKE_NETWORKS=fresh`` leaves the package out, for those who want
to see for themselves.
"""

import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch

from brainlike._cache import made_once, recipe_hash
from brainlike.networks import shipped
from brainlike.networks.training import bf16_is_fast

T = TypeVar("T")
Rebuild = Callable[[dict[str, torch.Tensor], dict[str, Any]], T]

SHIPPED, TRAINED = "shipped with the book", "trained on this machine"
_used: dict[str, str] = {}
_made: dict[str, dict[str, Any]] = {}
_remarked: set[str] = set()


def used() -> dict[str, str]:
    """Return the networks that this process has loaded, each with where it came from."""
    return dict(_used)


def made_here(name: str, seed: int) -> dict[str, Any]:
    """Return how a network that was loaded from this machine's cache was made (see `how_made`)."""
    return _made[f"{name}-{seed}"]


def load_kept(
    name: str,
    seed: int,
    recipe: dict[str, Any],
    code: dict[str, str],
    train: Callable[[], tuple[dict[str, torch.Tensor], dict[str, Any]]],
    rebuild: Rebuild,
) -> T:
    """Load a network from the package or the cache; the first time, train it and keep it.

    Parameters
    ----------
    name : str
    seed : int
    recipe : dict
        What decides the weights; JSON-able.
    code : dict of str to str
        Fingerprints of the code that decides the weights, by the name of the part.
    train : callable
        Returns weights (a state dictionary) and history (JSON-able, or tensors).
    rebuild : callable
        ``rebuild(weights, history)`` returns the network.

    Returns
    -------
    object
        What `rebuild` returns.

    Raises
    ------
    WeightsDamaged
        If the package's file is missing or damaged.
    ValueError
        If ``BRAINLIKE_NETWORKS`` is set to something unknown.

    Warns
    -----
    UserWarning
        If the package's network has another recipe (it is then not used), or if code that
        decides its weights has changed since it was trained.
    """
    choice = os.environ.get("BRAINLIKE_NETWORKS", "")
    if choice not in ("", "fresh"):
        raise ValueError(f"BRAINLIKE_NETWORKS may be 'fresh' or not set; it is {choice!r}")
    if choice != "fresh" and _fits(name, seed, recipe, code):
        found = rebuild(**shipped.read(name, seed))
        _used[f"{name}-{seed}"] = SHIPPED
        return found

    def make():
        start = time.process_time()
        weights, history = train()
        return {"weights": weights, "history": history, "made": how_made(start, code)}

    def load(path: Path):
        kept = torch.load(path, weights_only=True)
        made = {"code": code} | kept.get("made", {})  # older caches do not say
        if made["code"] != code:
            raise ValueError("trained by other code")  # it is trained again
        _made[f"{name}-{seed}"] = made
        return rebuild(kept["weights"], kept["history"])

    found = made_once(f"zoo/{name}-{seed}", recipe, ".pt", make, torch.save, load)
    _used[f"{name}-{seed}"] = TRAINED
    return found


def how_made(start: float, code: dict[str, str]) -> dict[str, Any]:
    """Return what is written down of a training that began at this `time.process_time`."""
    return {
        "code": code,
        "torch": str(torch.__version__).partition("+")[0],
        "processor": torch.backends.cpu.get_cpu_capability(),
        "bf16": bf16_is_fast(),
        "cpu_seconds": round(time.process_time() - start, 1),
    }


def _fits(name: str, seed: int, recipe: dict[str, Any], code: dict[str, str]) -> bool:
    """Whether the package has the network; says so once if it has another one, or an older one."""
    entry = shipped.entries().get(f"{name}-{seed}")
    if entry is None:
        return False
    changed = [part for part in entry.code | code if entry.code.get(part) != code.get(part)]
    if entry.recipe != recipe_hash(recipe):
        what = "has another recipe; it is trained on this machine instead."
    elif changed:
        what = f"was trained by other code ({', '.join(changed)}); it is used all the same."
    else:
        return True
    if f"{name}-{seed}" not in _remarked:
        _remarked.add(f"{name}-{seed}")
        warnings.warn(
            f"the network {name}:{seed} that travels with the book {what} "
            f'`make networks NETWORKS="{name}:{seed}" WRITE=1` makes it anew.',
            stacklevel=4,
        )
    return entry.recipe == recipe_hash(recipe)
