"""Train networks of the book again, and compare what they do with what travels with the book.

Training repeats bit for bit on one machine and never across processors. What is compared is
therefore behaviour: accuracy within the spread over seeds, and decisions that agree with the
shipped network's more often than two seeds agree. `make networks` runs this.
"""

import datetime
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import torch
from scipy import stats

from brainlike._cache import recipe_hash
from brainlike.datasets.rendered.backgrounds import Compositor, load_backgrounds
from brainlike.networks import keeping, shipped
from brainlike.networks.activations import predict
from brainlike.networks.nose.zoo import (
    OLFACTORY_RECIPES,
    SHIPPED_NOSES,
    TrainedNose,
    load_nose,
    nose_code,
    nose_key,
)
from brainlike.networks.zoo import (
    RECIPES,
    SHIPPED,
    TrainedNetwork,
    diet_surfaces,
    load_diet,
    load_network,
    network_code,
    network_key,
)
from brainlike.probes.wiring import glo_scores

# One of each zoo, trained again in every proof.
_CHEAP = ("categories-six:0", "fixed-7:0")
# How rarely two trainings of one recipe may differ as much as a retrained network does.
_RARELY = 0.001


def shipped_networks() -> list[str]:
    """List the networks that travel with the book, each as ``"NAME:SEED"``."""
    lists = (SHIPPED | SHIPPED_NOSES).items()
    return [f"{name}:{seed}" for name, seeds in lists for seed in seeds]


def todays_networks(today: datetime.date) -> list[str]:
    """Return the networks that are trained again on one day: two cheap ones and one in turn."""
    others = [network for network in shipped_networks() if network not in _CHEAP]
    return [*_CHEAP, others[today.toordinal() % len(others)]]


def parse(network: str) -> tuple[str, int]:
    """Return name and seed of ``"NAME"`` or ``"NAME:SEED"``.

    Raises
    ------
    ValueError
        If there is no such recipe, or the seed is not a number; the message lists the names.
    """
    name, _, seed = network.partition(":")
    known = (*RECIPES, *OLFACTORY_RECIPES)
    if name not in known or not (seed or "0").isdecimal():
        raise ValueError(f"give NAME or NAME:SEED with NAME one of: {', '.join(known)}")
    return name, int(seed or 0)


def load(name: str, seed: int) -> TrainedNetwork | TrainedNose:
    """Load a network of either zoo."""
    return (load_network if name in RECIPES else load_nose)(name, seed, progress=False)


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What a network does on items that it was not trained on.

    Attributes
    ----------
    decisions, labels : int array, (n_items,)
    glo_score, k_eff : float or None
        Of olfactory networks: mean GloScore of the PNs, mean K_eff of the KCs.
    """

    decisions: np.ndarray
    labels: np.ndarray
    glo_score: float | None = None
    k_eff: float | None = None

    @property
    def accuracy(self) -> float:
        """Share of right decisions."""
        return float((self.decisions == self.labels).mean())

    def chance_agreement(self) -> float:
        """Return how often a network that errs independently would decide the same.

        It is taken to have the same probabilities of each decision for each class.
        """
        agreement = np.zeros(len(self.labels))
        for label in np.unique(self.labels):
            mine = self.labels == label
            shares = np.bincount(self.decisions[mine]) / mine.sum()
            agreement[mine] = (shares**2).sum()
        return float(agreement.mean())

    def as_dict(self) -> dict[str, float | list[float]]:
        """Return what ``weights.toml`` keeps of it."""
        right = self.decisions == self.labels
        classes = np.unique(self.labels)
        kept = {"accuracy": round(self.accuracy, 4)}
        if self.glo_score is not None:
            kept |= {"glo_score": round(self.glo_score, 4), "k_eff": round(self.k_eff, 3)}
        by_class = [round(float(right[self.labels == one].mean()), 3) for one in classes]
        return kept | {"accuracy_by_class": by_class}


def behaviour_of(trained: TrainedNetwork | TrainedNose, name: str) -> Behaviour:
    """Return what a network does: on held-out views, or on odours that training does not draw."""
    if isinstance(trained, TrainedNose):
        odours, labels = trained.task.sample(4096, seed=77)
        return Behaviour(
            trained.model.classify(odours),
            labels,
            float(glo_scores(trained.model.receptor_weights(), trained.model.types).mean()),
            trained.history.k_eff[-1],
        )
    images, labels = _test_images(trained.recipe.diet, trained.recipe.labels)
    return Behaviour(predict(trained.model, images), labels)


@lru_cache(maxsize=1)
def _test_images(diet: str, labels: str) -> tuple[torch.Tensor, np.ndarray]:
    views = load_diet(diet, views="held-out", progress=False)
    draw = Compositor(views, load_backgrounds("test"), surface=diet_surfaces(views, diet, 0))
    images = draw(np.arange(len(views)), torch.Generator().manual_seed(0))
    wanted = views.object if labels == "object" else views.category
    return images, np.unique(wanted, return_inverse=True)[1]


@dataclass(frozen=True)
class Verdict:
    """A retrained network beside the shipped one.

    Attributes
    ----------
    network : str
    shipped, fresh : float
        Accuracies.
    tolerance : float
        Largest difference of the two that the spread over seeds allows.
    agreement : float
        Share of items on which the two decide the same.
    least_agreement : float
        How often two seeds of the recipe agree, or, where one seed is shipped or every seed has
        a task of its own, two networks that err independently.
    """

    network: str
    shipped: float
    fresh: float
    tolerance: float
    agreement: float
    least_agreement: float

    @property
    def passed(self) -> bool:
        """Whether the retrained network does what the shipped one does."""
        close = abs(self.shipped - self.fresh) <= self.tolerance
        return close and self.agreement > self.least_agreement

    def __str__(self) -> str:
        return (
            f"{self.network:18} accuracy {self.shipped:.4f} shipped, {self.fresh:.4f} fresh "
            f"(may differ by {self.tolerance:.4f}); decisions agree {self.agreement:.3f} "
            f"(more than {self.least_agreement:.3f}): {'as shipped' if self.passed else 'DIFFERS'}"
        )


def compare(network: str, fresh: TrainedNetwork | TrainedNose) -> Verdict:
    """Compare a network that was just trained with the shipped one of the same recipe and seed."""
    name, seed = parse(network)
    with _from("package"):
        old = behaviour_of(load(name, seed), name)
        least = _agreement_of_seeds(name) or old.chance_agreement()
    new = behaviour_of(fresh, name)
    return Verdict(
        network,
        old.accuracy,
        new.accuracy,
        seed_tolerance(name),
        float((old.decisions == new.decisions).mean()),
        least,
    )


def _agreement_of_seeds(name: str) -> float | None:
    """Return how often shipped networks of a recipe agree at most, two seeds at a time."""
    listed = SHIPPED.get(name, ())  # every olfactory network has its own task
    seeds = [seed for seed in listed if shipped.is_shipped(name, seed)]
    found = [behaviour_of(load(name, seed), name).decisions for seed in seeds]
    pairs = [float((a == b).mean()) for a, b in combinations(found, 2)]
    return max(pairs, default=None)


def seed_tolerance(name: str) -> float:
    """Return how far the accuracies of two trainings of one recipe may lie apart.

    The variance over seeds is pooled over all recipes of the zoo of which several seeds are
    shipped; a difference of this size has a probability of 0.001 (Student's t, two-sided).
    """
    recipes = SHIPPED if name in RECIPES else SHIPPED_NOSES
    listed = shipped.entries()
    squares, freedom = 0.0, 0
    for recipe, seeds in recipes.items():
        stems = [f"{recipe}-{seed}" for seed in seeds if f"{recipe}-{seed}" in listed]
        values = [listed[stem].behaviour["accuracy"] for stem in stems]
        if len(values) > 1:
            squares += np.var(values) * len(values)
            freedom += len(values) - 1
    if not freedom:  # while the first weights are written
        return np.inf
    deviation = np.sqrt(2 * squares / freedom)
    return float(stats.t.ppf(1 - _RARELY / 2, freedom) * deviation)


class _from:
    """Within this block networks come from the ``"package"`` or are ``"fresh"``."""

    def __init__(self, source: str):
        self.wanted = {"package": None, "fresh": "fresh"}[source]

    def __enter__(self):
        self.before = os.environ.pop("BRAINLIKE_NETWORKS", None)
        if self.wanted:
            os.environ["BRAINLIKE_NETWORKS"] = self.wanted

    def __exit__(self, *_):
        os.environ.pop("BRAINLIKE_NETWORKS", None)
        if self.before is not None:
            os.environ["BRAINLIKE_NETWORKS"] = self.before


def retrain(
    networks: Sequence[str], *, write: bool = False, workers: int, say: Callable = print
) -> list[Verdict]:
    """Train networks on this machine, several at a time, and compare or replace what is shipped.

    A network that the cache already has, by the same recipe and code, is not trained again: an
    interrupted run goes on where it was.

    Parameters
    ----------
    networks : sequence of str
        ``"NAME:SEED"`` each.
    write : bool
        Put them in place of the shipped ones.
    workers : int
        Networks trained at a time, each in a process with one thread.
    say : callable
        Called with each line of the report.

    Returns
    -------
    list of Verdict
        Of the networks that were shipped before.

    Raises
    ------
    ValueError
        If there is no such network.
    RuntimeError
        If a training fails; the message holds its last lines.
    """
    for network in networks:
        parse(network)
    _train_side_by_side(list(networks), workers, say)
    verdicts = []
    for network in networks:
        name, seed = parse(network)
        with _from("fresh"):
            fresh = load(name, seed)
        if shipped.is_shipped(name, seed):
            verdicts.append(compare(network, fresh))
            say(str(verdicts[-1]))
        if write:
            say(f"{network:18} {_write(name, seed, fresh) / 1e6:.2f} MB written")
    return verdicts


def _train_side_by_side(waiting: list[str], workers: int, say: Callable) -> None:
    """Train what the cache lacks, each network in a process of its own."""
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    env = os.environ | dict.fromkeys(threads, "1")
    env |= {"BRAINLIKE_NETWORKS": "fresh", "TQDM_DISABLE": "1"}
    running: dict[subprocess.Popen, tuple[str, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                command = [sys.executable, "-m", "brainlike", "train", waiting[0]]
                process = subprocess.Popen(
                    command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
                )
                running[process] = waiting.pop(0), time.monotonic()
            time.sleep(0.1)
            for process in [one for one in running if one.poll() is not None]:
                network, started = running.pop(process)
                output, _ = process.communicate()
                if process.returncode:
                    raise RuntimeError(f"training {network} failed:\n{output[-2000:]}")
                say(f"{network:18} there after {time.monotonic() - started:.0f} s")
    finally:
        for process in running:
            process.terminate()
            process.communicate()


def _write(name: str, seed: int, fresh: TrainedNetwork | TrainedNose) -> int:
    """Write a network into the package; return the size of its file in bytes."""
    made = keeping.made_here(name, seed)
    if "torch" not in made:
        raise ValueError(
            f"the cache holds {name}:{seed} from an older version, which does not say how it was "
            "made; name an empty cache: BRAINLIKE_CACHE=FOLDER"
        )
    content = shipped.pack(fresh.model.state_dict(), vars(fresh.history))
    recipe, code = (
        (network_key(name, seed), network_code(name))
        if name in RECIPES
        else (nose_key(name, seed), nose_code())
    )
    fresh.model.load_state_dict(shipped.unpack(content)["weights"])  # as it will be loaded
    entry = shipped.Entry(
        recipe=recipe_hash(recipe),
        sha256=shipped.sha256(content),
        bytes=len(content),
        behaviour=behaviour_of(fresh, name).as_dict(),
        **made | {"code": code},
    )
    shipped.write(name, seed, content, entry)
    return len(content)
