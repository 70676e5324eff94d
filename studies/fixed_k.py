"""Chapter 9: how accurate is the nose when each Kenyon cell has K fixed, random inputs?"""

from collections.abc import Iterator

from brainlike.networks.nose.zoo import load_nose

COLUMNS = ("k", "seed", "accuracy")
SEEDS = range(5)
K = (1, 3, 7, 15, 30, 50)


def rows() -> Iterator[dict]:
    """Yield the accuracy at the end of training, for each K and seed."""
    for seed in SEEDS:
        for k in K:
            history = load_nose(f"fixed-{k}", seed, progress=False).history
            yield {"k": k, "seed": seed, "accuracy": float(history.accuracy[-1])}
