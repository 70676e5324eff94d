"""Training of the model of the fly's nose, on odours that are new in every step.

Adam at a constant rate, then a linear decay to zero (Wang et al. 2021 do without the decay).
"""

import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from brainlike.datasets.simulated.odours import OdourTask
from brainlike.networks.nose.network import OlfactoryNetwork
from brainlike.networks.training import bf16_is_fast


@dataclass
class OlfactoryHistory:
    """What happened in training, one entry a record; the first is from before it.

    Attributes
    ----------
    steps : list of int
    loss : list of float
        Cross-entropy of the last training step (NaN before the first).
    accuracy : list of float
        On 4,096 odours that training does not see.
    type_weights : list of array, (n_pns, n_types)
        Summed absolute weight of the receptor neurons of each type on each PN.
    k_eff : list of float
        Effective number of inputs of a KC, ``(sum w)^2 / sum w^2``, mean over the KCs.
    cpu_seconds : list of float
        Spent on training steps so far, without the records.
    """

    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    type_weights: list[np.ndarray] = field(default_factory=list, repr=False)
    k_eff: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """CPU seconds of the whole training."""
        return self.cpu_seconds[-1]


def train_olfactory(
    network: OlfactoryNetwork,
    task: OdourTask,
    n_steps: int,
    *,
    seed: int,
    record_every: int = 250,
    batch_size: int = 256,
    learning_rate: float = 1e-3,
    decay_share: float = 0.3,
    bf16: bool | None = None,
    progress: bool = True,
) -> OlfactoryHistory:
    """Train a network in place and return its history.

    Parameters
    ----------
    network : OlfactoryNetwork
        Trained in place and left in evaluation mode.
    task : OdourTask
    n_steps : int
    seed : int
        Decides the odours and the dropout. The initial weights are the network's own affair.
    record_every : int
        Steps between two records; the last step is always recorded.
    batch_size : int
        Below 256, or with a larger learning rate, many KCs lose all their inputs.
    learning_rate : float
    decay_share : float
        Share of the steps, at the end, over which the learning rate falls to zero.
    bf16 : bool, optional
        Mixed precision for the products on the KCs; by default where the processor does it
        natively.
    progress : bool
        Show a progress bar.

    Returns
    -------
    OlfactoryHistory

    Raises
    ------
    ValueError
        If network and task do not fit, or a setting is out of its range.

    Notes
    -----
    The same seed gives the same weights, bit for bit, on one machine with the same number of
    threads. The global random state is left as it was.
    """
    _check_fit(network, task)
    for name, count in dict(
        n_steps=n_steps, record_every=record_every, batch_size=batch_size
    ).items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1; got {count}")
    if not 0 <= decay_share <= 1:
        raise ValueError(f"decay_share must be from 0 to 1; got {decay_share}")
    bf16 = bf16_is_fast() if bf16 is None else bf16
    rng = np.random.default_rng(seed)
    held_out = task.sample(4096, rng)
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, learning_rate, fused=True)
    n_decay = max(1, round(decay_share * n_steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (n_steps - step) / n_decay)
    )
    history = OlfactoryHistory()
    _record(history, network, held_out, step=0, loss=float("nan"), cpu_seconds=0.0)
    cpu_seconds = 0.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # dropout draws from the global state
        bar = tqdm(range(1, n_steps + 1), "training", disable=None if progress else True)
        for step in bar:
            start = time.process_time()
            network.train()
            odours, labels = map(torch.from_numpy, task.sample(batch_size, rng))
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                evidence = network(odours)
            loss = F.cross_entropy(evidence.float(), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            cpu_seconds += time.process_time() - start
            if step % record_every == 0 or step == n_steps:
                _record(
                    history, network, held_out, step=step, loss=loss.item(), cpu_seconds=cpu_seconds
                )
                bar.set_postfix(accuracy=f"{history.accuracy[-1]:.2f}")
    network.eval()
    return history


def _check_fit(network: OlfactoryNetwork, task: OdourTask) -> None:
    n_classes = len(network.class_bias)
    if network.n_types != task.n_types:
        raise ValueError(
            f"the network has {network.n_types} receptor types, the task {task.n_types}"
        )
    if n_classes < task.n_classes:
        raise ValueError(f"the network has {n_classes} outputs, the task {task.n_classes} classes")


def _record(history, network, held_out, *, step, loss, cpu_seconds) -> None:
    odours, labels = held_out
    by_type = np.abs(network.receptor_weights()).reshape(-1, network.copies, network.n_types)
    history.steps.append(step)
    history.loss.append(loss)
    history.accuracy.append(float((network.classify(odours) == labels).mean()))
    history.type_weights.append(by_type.sum(axis=1))
    weights = network.kenyon_weights().astype(float)
    # A KC that has lost every input has none; 0/0 would be NaN.
    squares = np.maximum((weights**2).sum(axis=1), np.finfo(float).tiny)
    history.k_eff.append(float((weights.sum(axis=1) ** 2 / squares).mean()))
    history.cpu_seconds.append(cpu_seconds)
