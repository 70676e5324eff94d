"""The fly's noses of the zoo: each trained from its recipe.

Those that the chapters use travel with the book (`SHIPPED_NOSES`). Others are trained on first
use and kept in the cache.
"""

from dataclasses import asdict, dataclass, fields, replace

import numpy as np
import torch

from brainlike.datasets.simulated import odours
from brainlike.datasets.simulated.odours import OdourTask, make_odour_task
from brainlike.networks.fingerprints import fingerprint
from brainlike.networks.keeping import load_kept
from brainlike.networks.nose import network, training
from brainlike.networks.nose.network import (
    OlfactoryNetwork,
    impose_glomeruli,
    impose_inputs,
    start_sparse,
)
from brainlike.networks.nose.training import OlfactoryHistory, train_olfactory


@dataclass(frozen=True)
class OlfactoryRecipe:
    """How an olfactory network of the zoo is made.

    Attributes
    ----------
    description : str
        What the network is for, in words.
    n_steps : int
        Training steps of 256 odours.
    decay_share : float
        Share of the steps, at the end, over which the learning rate falls to zero.
    n_types, n_kenyon : int
        Receptor types and Kenyon cells.
    n_pns : int, optional
        As many as receptor types by default.
    n_prototypes : int
        Prototypes, shared out among 100 classes.
    glomeruli : bool
        Give each receptor type a PN of its own, for good.
    start_k : int, optional
        Strong inputs from which each Kenyon cell starts; all of them by default.
    fixed_k : int, optional
        Random inputs that each Kenyon cell is given, for good; its inputs are learned by default.
    signed : bool
        Let receptor neurons inhibit as well.
    dropout : float
        Share of the Kenyon cells that are silent in a training step.
    learning_rate : float
    record_every : int
        Steps between two records of the history.
    task_seed : int, optional
        Of the prototypes; by default each seed has its own.
    """

    description: str
    n_steps: int
    decay_share: float
    n_types: int = 50
    n_pns: int | None = None
    n_kenyon: int = 2500
    n_prototypes: int = 100
    glomeruli: bool = False
    start_k: int | None = None
    fixed_k: int | None = None
    signed: bool = False
    dropout: float = 0.5
    learning_rate: float = 1e-3
    record_every: int = 1000
    task_seed: int | None = None


def _with_glomeruli(what: str, **settings) -> OlfactoryRecipe:
    description = f"1,000 Kenyon cells on glomeruli that are given; {what}"
    return OlfactoryRecipe(description, 7000, 0.3, n_kenyon=1000, glomeruli=True, **settings)


# Fields that older recipes do not have. At these values they stay out of a network's key, so
# that what was trained before them is still found.
_LATER_FIELDS = {
    "fixed_k": None,
    "signed": False,
    "dropout": 0.5,
    "learning_rate": 1e-3,
    "record_every": 1000,
    "task_seed": None,
}

_ALL_LEARNED = OlfactoryRecipe(
    "50 receptor types, 50 PNs, 2,500 Kenyon cells, all wiring learned", 24000, 0.15
)
_YOUNG = replace(_ALL_LEARNED, n_steps=2000, decay_share=0.0, record_every=250)
OLFACTORY_RECIPES = {
    "nose": _ALL_LEARNED,
    "nose-60": replace(_ALL_LEARNED, description="the same with ten PNs to spare", n_pns=60),
    **{f"types-{n}": _with_glomeruli(f"{n} receptor types", n_types=n) for n in (25, 50, 100)},
    **{
        f"start-{k}": _with_glomeruli(f"each starts from {k} strong inputs", start_k=k)
        for k in (2, 7, 20)
    },
    "same-task": _with_glomeruli("every seed learns the prototypes of types-50:0", task_seed=0),
    **{
        f"fixed-{k}": OlfactoryRecipe(
            f"1,000 Kenyon cells with {k} fixed random inputs each, on glomeruli that are given",
            1500,
            0.3,
            n_kenyon=1000,
            glomeruli=True,
            fixed_k=k,
            dropout=0.0,
            learning_rate=0.005,
        )
        for k in (1, 3, 7, 15, 30, 50)
    },
    "signed": replace(_YOUNG, description="receptor neurons may inhibit, 2,000 steps", signed=True),
    "no-dropout": replace(_YOUNG, description="all Kenyon cells awake, 2,000 steps", dropout=0.0),
    "prototypes-500": replace(
        _YOUNG, description="500 prototypes in 100 classes, 2,000 steps", n_prototypes=500
    ),
    "nose-100": replace(_YOUNG, description="100 PNs for 50 types, 2,000 steps", n_pns=100),
}

# The seeds of each recipe that travel with the book.
SHIPPED_NOSES = {name: (0,) for name in OLFACTORY_RECIPES} | {
    "nose": (0, 1, 2),
    "nose-60": (0, 1, 2),
    "types-50": (0, 1),
    "same-task": (1,),
}


@dataclass(frozen=True)
class TrainedNose:
    """An olfactory network of the zoo, its task, its recipe, and what happened in training."""

    model: OlfactoryNetwork
    task: OdourTask
    history: OlfactoryHistory
    recipe: OlfactoryRecipe
    seed: int


def load_nose(name: str = "nose", seed: int = 0, *, progress: bool = True) -> TrainedNose:
    """Load an olfactory network of the zoo: from the package, the cache, or by training it now.

    Parameters
    ----------
    name : str
        A key of `OLFACTORY_RECIPES`.
    seed : int
        Of the prototypes, the initial weights, the odours and the dropout.
    progress : bool
        Show a progress bar while training.

    Returns
    -------
    TrainedNose
        The model is in evaluation mode.

    Raises
    ------
    ValueError
        If the zoo has no such network (the message lists the names).
    WeightsDamaged
        If the file in the package is missing or damaged.
    """
    if name not in OLFACTORY_RECIPES:
        names = ", ".join(OLFACTORY_RECIPES)
        raise ValueError(f"the zoo has no olfactory network {name!r}; it has: {names}")
    recipe = OLFACTORY_RECIPES[name]
    task_seed = seed if recipe.task_seed is None else recipe.task_seed
    task = make_odour_task(
        recipe.n_types, n_prototypes=recipe.n_prototypes, seed=10_000 + task_seed
    )

    def train_it():
        model = make_nose(recipe, seed=seed)
        history = train_olfactory(
            model,
            task,
            recipe.n_steps,
            seed=1000 + seed,
            record_every=recipe.record_every,
            learning_rate=recipe.learning_rate,
            decay_share=recipe.decay_share,
            progress=progress,
        )
        records = {key: torch.from_numpy(np.array(value)) for key, value in vars(history).items()}
        return model.state_dict(), records

    def rebuild(weights, history):
        model = make_nose(recipe, seed=seed)
        model.load_state_dict(weights)
        records = {
            field.name: np.asarray(history[field.name]) for field in fields(OlfactoryHistory)
        }
        records = {key: list(value) for key, value in records.items()}
        return TrainedNose(model.eval(), task, OlfactoryHistory(**records), recipe, seed)

    return load_kept(name, seed, nose_key(name, seed), nose_code(), train_it, rebuild)


def nose_code() -> dict[str, str]:
    """Return the fingerprints of the code that decides a network's weights."""
    return {
        "model": fingerprint(network, make_nose),
        "odours": fingerprint(odours),
        "training": fingerprint(training),
    }


def nose_key(name: str, seed: int) -> dict:
    """Return what decides a network's weights, but for the code."""
    key = {**asdict(OLFACTORY_RECIPES[name]), "seed": seed}
    del key["description"]  # words do not change weights
    for field, earlier in _LATER_FIELDS.items():
        if key[field] == earlier:
            del key[field]
    return key


def make_nose(recipe: OlfactoryRecipe, *, seed: int) -> OlfactoryNetwork:
    """Return the untrained network of a recipe."""
    model = OlfactoryNetwork(
        recipe.n_types,
        n_pns=recipe.n_pns,
        n_kenyon=recipe.n_kenyon,
        signed=recipe.signed,
        dropout=recipe.dropout,
        seed=seed,
    )
    if recipe.glomeruli:
        impose_glomeruli(model)
    if recipe.start_k is not None:
        start_sparse(model, recipe.start_k, seed=seed)
    if recipe.fixed_k is not None:
        impose_inputs(model, recipe.fixed_k, seed=seed)
    return model
