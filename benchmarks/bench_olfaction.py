"""The olfactory network against its plain formulation: CPU seconds a step, and to GloScore .9.

The peer is the same network as one writes it down first: a product with all 500 receptor
neurons, ``nn.Dropout``, single precision. Both have ten PNs to spare, with which most networks
reach .9. They draw dropout differently and so take different ways from the same start: where one
of them does not reach .9, no ratio is given.

Takes about ten minutes: ``python -m benchmarks olfaction``.
"""

import numpy as np
import torch

from brainlike.datasets.simulated.odours import make_odour_task
from brainlike.networks.nose.network import OlfactoryNetwork, PlainOlfactoryNetwork
from brainlike.networks.nose.training import OlfactoryHistory, train_olfactory
from brainlike.probes.wiring import glo_scores

SEEDS, N_PNS, N_STEPS, GOAL = (0, 1), 60, 12_000, 0.9
WAYS = {
    "ours": (OlfactoryNetwork, None),
    "ours, single precision": (OlfactoryNetwork, False),
    "plain": (PlainOlfactoryNetwork, False),
}


def seconds_to_goal(history: OlfactoryHistory) -> float:
    """Return the CPU seconds at the first record whose mean GloScore is .9; infinite if none."""
    for seconds, weights in zip(history.cpu_seconds, history.type_weights, strict=True):
        if glo_scores(weights, np.arange(weights.shape[1])).mean() >= GOAL:
            return seconds
    return float("inf")


def main() -> list[dict[str, float]]:
    """Print and return the CPU seconds of each formulation for each seed."""
    torch.set_num_threads(1)
    rows = []
    print(f"{'':30}{'ms a step':>12}{'x ours':>8}{'s to .9':>10}{'x ours':>8}{'GloScore':>10}")
    for seed in SEEDS:
        task = make_odour_task(seed=10_000 + seed)
        for name, (network_class, bf16) in WAYS.items():
            network = network_class(n_pns=N_PNS, seed=seed)
            history = train_olfactory(
                network, task, N_STEPS, seed=1000 + seed, bf16=bf16, progress=False
            )
            row = {
                "seed": seed,
                "milliseconds": 1e3 * history.seconds / N_STEPS,
                "seconds_to_goal": seconds_to_goal(history),
            }
            if name == "ours":
                ours = row
            score = glo_scores(network.receptor_weights(), network.types).mean()
            reached = np.isfinite([row["seconds_to_goal"], ours["seconds_to_goal"]]).all()
            ratio = row["seconds_to_goal"] / ours["seconds_to_goal"] if reached else np.nan
            print(
                f"{f'seed {seed}, {name}':30}{row['milliseconds']:12.2f}"
                f"{row['milliseconds'] / ours['milliseconds']:8.2f}"
                f"{row['seconds_to_goal']:10.1f}{ratio:8.2f}{score:10.3f}",
                flush=True,
            )
            rows.append({"program": name, **row})
    return rows
