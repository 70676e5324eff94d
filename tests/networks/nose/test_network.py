import numpy as np
import pytest
import torch

from brainlike.datasets.simulated.odours import make_odour_task
from brainlike.networks.nose.network import (
    OlfactoryNetwork,
    PlainOlfactoryNetwork,
    impose_glomeruli,
    impose_inputs,
    start_sparse,
)
from brainlike.networks.nose.training import train_olfactory
from brainlike.probes.wiring import effective_inputs, glo_scores, type_weights

SMALL = dict(n_types=8, n_classes=6, copies=3, n_kenyon=120)


@pytest.fixture(scope="module")
def small_task():
    return make_odour_task(n_types=8, n_classes=6, seed=0)


def test_it_computes_what_the_plain_formulation_computes():
    fast, plain = OlfactoryNetwork(seed=1), PlainOlfactoryNetwork(seed=2)
    plain.load_state_dict(fast.state_dict())
    fast, plain = fast.double(), plain.double()  # rounding is not the question
    odours = torch.rand(64, 50, dtype=torch.double)
    assert torch.allclose(
        fast.train().pn_responses(odours), plain.train().pn_responses(odours), atol=1e-9
    )
    assert torch.allclose(fast.eval()(odours), plain.eval()(odours), atol=1e-9)
    fast.dropout = plain.dropout = 0.0
    gradients = []
    for network in (fast.train(), plain.train()):
        torch.nn.functional.cross_entropy(network(odours), torch.arange(64)).backward()
        gradients.append([p.grad for p in network.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-9)


def test_the_response_is_that_of_the_equations():
    network = OlfactoryNetwork(**SMALL, seed=0).eval()
    rng = np.random.default_rng(0)
    with torch.no_grad():  # moments that are not the initial 0 and 1
        network.normalization.running_mean.uniform_(0.5, 1.5)
        network.normalization.running_var.uniform_(0.5, 1.5)
        network.class_bias.uniform_(-1, 1)
        network.normalization.bias.uniform_(-1, 1)
        network.normalization.weight.fill_(0.7)
    odours = rng.random((5, 8)).astype(np.float32)
    receptors = odours[:, network.types]
    norm = network.normalization
    mean, variance = norm.running_mean.numpy(), norm.running_var.numpy()
    pns = (receptors @ network.receptor_weights().T - mean) / np.sqrt(variance + norm.eps)
    pns = 0.7 * pns + norm.bias.detach().numpy()
    kenyon = np.maximum(pns, 0) @ network.kenyon_weights().T - 1
    evidence = np.maximum(kenyon, 0) @ network.to_class.detach().numpy()
    evidence += network.class_bias.detach().numpy()
    got = network(torch.from_numpy(odours)).detach().numpy()
    assert np.allclose(got, evidence, atol=1e-4)
    assert np.array_equal(network.classify(odours), evidence.argmax(axis=1))


def test_dropout_silences_its_share_and_keeps_the_mean():
    network = OlfactoryNetwork(**SMALL, dropout=0.25, seed=0)
    odours = torch.rand(40, 8)
    with torch.no_grad():
        whole = network.eval()(odours)
        network.train().normalization.eval()
        drawn = torch.stack([network(odours) for _ in range(2000)])
    error = drawn.std(dim=0) / 2000**0.5
    assert ((drawn.mean(dim=0) - whole).abs() <= 5 * error + 1e-5).all()
    assert drawn.std(dim=0).max() > 0
    network(odours).sum().backward()
    assert torch.count_nonzero(network.kenyon_bias.grad) <= 90  # 30 of 120 are silent
    assert torch.count_nonzero(network.to_class.grad.abs().sum(dim=1)) <= 90


def test_training_learns_and_the_same_seed_gives_the_same_network(small_task):
    def trained(seed):
        network = OlfactoryNetwork(**SMALL, seed=0)
        history = train_olfactory(
            network, small_task, 300, seed=seed, record_every=120, progress=False
        )
        return network, history

    state = torch.get_rng_state()
    network, history = trained(0)
    assert torch.equal(torch.get_rng_state(), state)
    assert history.steps == [0, 120, 240, 300]
    assert history.accuracy[-1] > 0.4 > 0.3 > history.accuracy[0]  # chance is .17
    assert history.loss[-1] < history.loss[1] < np.log(6)
    assert history.type_weights[-1] == pytest.approx(
        3 * type_weights(network.receptor_weights(), network.types), abs=1e-6
    )
    before = OlfactoryNetwork(**SMALL, seed=0).kenyon_weights()
    assert not np.array_equal(before, network.kenyon_weights())
    assert history.k_eff[0] == pytest.approx(effective_inputs(before).mean())
    assert history.k_eff[-1] == pytest.approx(effective_inputs(network.kenyon_weights()).mean())
    assert not network.training and history.cpu_seconds[-1] > 0
    again, _ = trained(0)
    other, _ = trained(1)
    assert np.array_equal(again.kenyon_weights(), network.kenyon_weights())
    assert not np.array_equal(other.kenyon_weights(), network.kenyon_weights())


def test_only_signed_networks_inhibit():
    assert (OlfactoryNetwork(**SMALL, seed=0).receptor_weights() >= 0).all()
    signed = OlfactoryNetwork(**SMALL, signed=True, seed=0).receptor_weights()
    assert (signed < 0).mean() == pytest.approx(0.5, abs=0.1)


def test_imposed_wiring_is_what_it_says_and_stays(small_task):
    network = impose_inputs(impose_glomeruli(OlfactoryNetwork(**SMALL, seed=0)), 3, seed=1)
    before = network.kenyon_weights().copy()
    assert np.allclose(glo_scores(network.receptor_weights(), network.types), 1)
    assert np.allclose(effective_inputs(before), 3) and ((before > 0).sum(axis=1) == 3).all()
    train_olfactory(network, small_task, 20, seed=0, progress=False)
    assert np.array_equal(network.kenyon_weights(), before)
    assert np.allclose(glo_scores(network.receptor_weights(), network.types), 1)


def test_a_sparse_start_has_its_number_of_inputs_and_can_learn(small_task):
    network = start_sparse(OlfactoryNetwork(**SMALL, seed=0), 2, seed=1)
    before = network.kenyon_weights().copy()
    assert ((before > 0.01).sum(axis=1) <= 2).all() and effective_inputs(before).max() < 2.1
    train_olfactory(network, small_task, 5, seed=0, progress=False)
    assert not np.array_equal(network.kenyon_weights(), before)


@pytest.mark.parametrize(
    ("odours", "message"),
    [
        (np.full((2, 8), -1.0), "below 0"),
        (np.full((2, 8), np.nan), "NaN"),
        (np.zeros((8, 2)), r"\(n_odours, 8\)"),
    ],
)
def test_impossible_odours_are_refused(odours, message):
    with pytest.raises(ValueError, match=message):
        OlfactoryNetwork(**SMALL, seed=0).classify(odours)


def test_settings_that_do_not_fit_are_refused(small_task):
    with pytest.raises(ValueError, match="dropout"):
        OlfactoryNetwork(dropout=1.0, seed=0)
    with pytest.raises(ValueError, match="n_kenyon"):
        OlfactoryNetwork(n_kenyon=0, seed=0)
    network = OlfactoryNetwork(**SMALL, n_pns=9, seed=0)
    with pytest.raises(ValueError, match="as many PNs"):
        impose_glomeruli(network)
    with pytest.raises(ValueError, match="k must be from 1"):
        impose_inputs(network, 10, seed=0)
    with pytest.raises(ValueError, match="8 receptor types, the task 50"):
        train_olfactory(network, make_odour_task(seed=0), 10, seed=0)
    with pytest.raises(ValueError, match="6 outputs"):
        train_olfactory(network, make_odour_task(8, 7, seed=0), 10, seed=0)
    with pytest.raises(ValueError, match="n_steps"):
        train_olfactory(network, small_task, 0, seed=0)
    with pytest.raises(ValueError, match="decay_share"):
        train_olfactory(network, small_task, 10, seed=0, decay_share=2)
