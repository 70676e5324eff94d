"""A model of the fly's nose: from receptors to Kenyon cells to odour classes.

The network of Wang et al. (2021), rewritten for a laptop: nothing in it says that receptors of
one type belong together, or how many inputs a Kenyon cell should have. Three functions impose
one or the other, for controls.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from brainlike.datasets.simulated.odours import check_odours


class OlfactoryNetwork(nn.Module):
    """Receptor neurons, projection neurons (PN), Kenyon cells (KC), classes.

    Receptor neurons excite PNs (batch normalisation, ReLU), PNs excite KCs (bias, ReLU), and
    KCs vote for a class. Both excitatory stages use the absolute value of their weights.

    Parameters
    ----------
    n_types : int
        Receptor types, which is the width of an odour.
    n_classes : int
    copies : int
        Receptor neurons of each type. They all respond alike; each has its own weights.
    n_pns : int, optional
        As many as receptor types by default.
    n_kenyon : int
    signed : bool
        Let receptor neurons inhibit as well: a control.
    dropout : float
        Share of the KCs that are silent in a training step.
    seed : int
        Decides the initial weights.

    Attributes
    ----------
    types : int array, (n_receptors,)
        Type of each receptor neuron.

    References
    ----------
    Wang, Sun, Axel, Abbott and Yang (2021) Neuron 109:3879.

    Examples
    --------
    >>> network = OlfactoryNetwork(seed=0)
    >>> network(torch.rand(3, 50)).shape
    torch.Size([3, 100])
    >>> network.receptor_weights().shape, network.kenyon_weights().shape
    ((50, 500), (2500, 50))
    """

    def __init__(
        self,
        n_types: int = 50,
        n_classes: int = 100,
        *,
        copies: int = 10,
        n_pns: int | None = None,
        n_kenyon: int = 2500,
        signed: bool = False,
        dropout: float = 0.5,
        seed: int,
    ):
        super().__init__()
        n_pns = n_types if n_pns is None else n_pns
        sizes = dict(
            n_types=n_types, n_classes=n_classes, copies=copies, n_pns=n_pns, n_kenyon=n_kenyon
        )
        for name, size in sizes.items():
            if size < 1:
                raise ValueError(f"{name} must be at least 1; got {size}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must be from 0 to below 1; got {dropout}")
        self.n_types, self.copies, self.signed, self.dropout = n_types, copies, signed, dropout
        self.types = np.tile(np.arange(n_types), copies)
        n_receptors = n_types * copies
        draw = torch.Generator().manual_seed(seed)

        def uniform(low, high, *shape):
            return nn.Parameter(torch.empty(*shape).uniform_(low, high, generator=draw))

        # The expected sum of a row is 2 in both stages, whatever the sizes.
        low = -4 / n_receptors if signed else 0.0
        self.to_pn = uniform(low, 4 / n_receptors, n_pns, n_receptors)
        self.normalization = nn.BatchNorm1d(n_pns)
        self.to_kenyon = uniform(0.0, 4 / n_pns, n_kenyon, n_pns)
        self.kenyon_bias = nn.Parameter(torch.full((n_kenyon,), -1.0))
        bound = n_kenyon**-0.5
        # (n_kenyon, n_classes): the rows of a step's KCs lie together in memory
        self.to_class = uniform(-bound, bound, n_kenyon, n_classes)
        self.class_bias = nn.Parameter(torch.zeros(n_classes))

    def pn_responses(self, odours: torch.Tensor) -> torch.Tensor:
        """Return the PNs' responses ``(n_odours, n_pns)`` to odours ``(n_odours, n_types)``."""
        weights = self.to_pn if self.signed else self.to_pn.abs()
        # Copies of a type respond alike, so their weights add up: ten times fewer products.
        by_type = weights.view(len(weights), self.copies, self.n_types).sum(dim=1)
        with torch.autocast("cpu", enabled=False):  # small, and normalization wants precision
            return F.relu(self.normalization(F.linear(odours, by_type)))

    def forward(self, odours: torch.Tensor) -> torch.Tensor:
        """Return the evidence for each class, ``(n_odours, n_classes)``.

        In training mode each call silences another random share of the KCs, the same ones for
        all odours of the call. Nothing is computed for the silent ones: that, and no mask to
        draw, is what makes a step cheap.
        """
        pns = self.pn_responses(odours)
        weights, bias, votes, scale = self.to_kenyon, self.kenyon_bias, self.to_class, 1.0
        if self.training and self.dropout:
            n_awake = max(1, round(len(weights) * (1 - self.dropout)))
            awake = torch.randperm(len(weights))[:n_awake]
            weights, bias, votes = (part.index_select(0, awake) for part in (weights, bias, votes))
            scale = len(self.to_kenyon) / n_awake
        kenyon = F.relu(F.linear(pns, weights.abs(), bias))
        return scale * (kenyon @ votes) + self.class_bias

    def receptor_weights(self) -> np.ndarray:
        """Return the weights from receptor neurons to PNs, ``(n_pns, n_receptors)``."""
        weights = self.to_pn if self.signed else self.to_pn.abs()
        return weights.detach().numpy().copy()

    def kenyon_weights(self) -> np.ndarray:
        """Return the weights from PNs to KCs, ``(n_kenyon, n_pns)``, none negative."""
        return self.to_kenyon.detach().abs().numpy()

    @torch.no_grad()
    def classify(self, odours: np.ndarray) -> np.ndarray:
        """Return the class of each odour, all KCs awake.

        Raises
        ------
        ValueError
            If the odours have another number of types, or are negative, NaN or infinite.
        """
        odours = torch.from_numpy(check_odours("odours", odours, self.n_types))
        was_training = self.training
        self.eval()
        classes = self(odours).argmax(dim=1).numpy()
        self.train(was_training)
        return classes


class PlainOlfactoryNetwork(OlfactoryNetwork):
    """The same network as one writes it down first: every receptor neuron, ``nn.Dropout``.

    It is the yardstick for the speed of `OlfactoryNetwork`. Outside training the two compute the
    same function of the same weights.
    """

    def pn_responses(self, odours: torch.Tensor) -> torch.Tensor:
        """Return the PNs' responses, from the responses of all receptor neurons."""
        weights = self.to_pn if self.signed else self.to_pn.abs()
        receptors = odours.repeat(1, self.copies)
        return F.relu(self.normalization(F.linear(receptors, weights)))

    def forward(self, odours: torch.Tensor) -> torch.Tensor:
        """Return the evidence for each class; each odour silences other KCs."""
        pns = self.pn_responses(odours)
        kenyon = F.relu(F.linear(pns, self.to_kenyon.abs(), self.kenyon_bias))
        kenyon = F.dropout(kenyon, self.dropout, self.training)
        return kenyon @ self.to_class + self.class_bias


@torch.no_grad()
def impose_glomeruli(network: OlfactoryNetwork) -> OlfactoryNetwork:
    """Give each receptor type a PN of its own, for good, and return the network.

    Raises
    ------
    ValueError
        If the network has not as many PNs as receptor types.
    """
    n_pns = len(network.to_pn)
    if n_pns != network.n_types:
        raise ValueError(
            f"glomeruli need as many PNs as receptor types; got {n_pns} and {network.n_types}"
        )
    network.to_pn.copy_(torch.eye(n_pns).repeat(1, network.copies) / network.copies)
    network.to_pn.requires_grad_(False)
    return network


@torch.no_grad()
def impose_inputs(network: OlfactoryNetwork, k: int, *, seed: int) -> OlfactoryNetwork:
    """Give each KC `k` random PNs with equal weights, for good, and return the network.

    Weights are ``1 / sqrt(k)``, and the bias starts at ``-0.4 sqrt(k)``: about half of the KCs
    respond to an odour, whatever `k`.
    """
    chosen = _random_inputs(network, k, seed)
    network.to_kenyon.copy_(chosen / k**0.5)
    network.to_kenyon.requires_grad_(False)
    network.kenyon_bias.fill_(-0.4 * k**0.5)
    return network


@torch.no_grad()
def start_sparse(network: OlfactoryNetwork, k: int, *, seed: int) -> OlfactoryNetwork:
    """Let each KC start from `k` strong inputs, free to learn, and return the network.

    A KC's weights sum to what they would in a dense start; the other inputs are a thousandth.
    """
    chosen = _random_inputs(network, k, seed)
    n_pns = chosen.shape[1]
    strong = network.to_kenyon * chosen * n_pns / k
    network.to_kenyon.copy_(strong + network.to_kenyon * (1 - chosen) * 1e-3 * n_pns / 4)
    return network


def _random_inputs(network: OlfactoryNetwork, k: int, seed: int) -> torch.Tensor:
    """Return a 0/1 matrix ``(n_kenyon, n_pns)`` with `k` ones in each row."""
    n_kenyon, n_pns = network.to_kenyon.shape
    if not 1 <= k <= n_pns:
        raise ValueError(f"k must be from 1 to the number of PNs, {n_pns}; got {k}")
    lots = torch.rand(n_kenyon, n_pns, generator=torch.Generator().manual_seed(seed))
    return torch.zeros(n_kenyon, n_pns).scatter_(1, lots.topk(k).indices, 1.0)
