"""Retrained networks are compared by what they do."""

import datetime
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from brainlike import upkeep
from brainlike.networks import shipped
from brainlike.upkeep import Behaviour, Verdict


def test_independent_errors_agree_by_the_sum_of_squares():
    labels = np.repeat([0, 1], [30, 10])
    decisions = np.concatenate([np.repeat([0, 1, 2], [18, 6, 6]), np.full(10, 1)])
    expected = (30 * (0.6**2 + 0.2**2 + 0.2**2) + 10 * 1) / 40
    assert Behaviour(decisions, labels).chance_agreement() == pytest.approx(expected)


def test_agreement_by_chance_is_what_a_simulation_finds():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 4000)
    shares = rng.dirichlet(np.ones(4), size=4)
    one, other = (
        np.concatenate([rng.choice(4, 4000, p=shares[k]) for k in range(4)]) for _ in range(2)
    )
    found = Behaviour(one, labels).chance_agreement()
    assert found == pytest.approx(np.mean(one == other), abs=0.02)


def test_behaviour_is_kept_by_class():
    kept = Behaviour(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1])).as_dict()
    assert kept == {"accuracy": 0.75, "accuracy_by_class": [0.5, 1.0]}
    nose = Behaviour(np.array([0]), np.array([0]), glo_score=0.91, k_eff=11.25).as_dict()
    assert nose["glo_score"] == 0.91 and nose["k_eff"] == 11.25


@pytest.mark.parametrize(
    ("fresh", "agreement", "passed"), [(0.81, 0.9, True), (0.84, 0.9, False), (0.8, 0.7, False)]
)
def test_a_verdict_asks_for_accuracy_and_agreement(fresh, agreement, passed):
    verdict = Verdict("faces:0", 0.8, fresh, 0.03, agreement, 0.75)
    assert verdict.passed is passed
    assert ("as shipped" in str(verdict)) is passed


def test_the_tolerance_is_that_of_two_draws_from_the_pooled_spread(monkeypatch):
    values = {"a": [0.8, 0.82], "b": [0.5, 0.53, 0.56], "c": [0.9]}
    entries = {
        f"{name}-{seed}": SimpleNamespace(behaviour={"accuracy": value})
        for name, listed in values.items()
        for seed, value in enumerate(listed)
    }
    monkeypatch.setattr(shipped, "entries", lambda: entries)
    monkeypatch.setattr(upkeep, "RECIPES", dict.fromkeys(values))
    monkeypatch.setattr(upkeep, "SHIPPED", {name: range(len(v)) for name, v in values.items()})
    pooled = (np.var([0.8, 0.82], ddof=1) + 2 * np.var([0.5, 0.53, 0.56], ddof=1)) / 3
    expected = stats.t(3).isf(0.0005) * np.sqrt(2 * pooled)
    assert upkeep.seed_tolerance("a") == pytest.approx(expected)


def test_every_network_has_its_day():
    start = datetime.date(2027, 1, 1)
    days = [
        upkeep.todays_networks(start + datetime.timedelta(days=k))
        for k in range(len(upkeep.shipped_networks()))
    ]
    assert all(len(set(networks)) == 3 for networks in days)
    assert {network for networks in days for network in networks} == set(upkeep.shipped_networks())
    assert upkeep.todays_networks(start) == days[0] != days[1]


@pytest.mark.parametrize("network", ["resnet", "faces:one", "", "nose:-1"])
def test_unknown_networks_are_refused_with_the_names(network):
    with pytest.raises(ValueError, match=r"NAME or NAME:SEED .*objects.*nose-60"):
        upkeep.parse(network)


def test_a_training_that_fails_is_an_error_with_its_last_words(monkeypatch, tmp_path):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path / "file" / "cache"))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RuntimeError, match=r"training fixed-1:0 failed:\n[\s\S]*cannot be written"):
        upkeep.retrain(["fixed-1:0"], workers=1, say=lambda line: None)


def test_a_nose_that_is_trained_again_does_what_the_shipped_one_does(monkeypatch, tmp_path):
    monkeypatch.setenv("BRAINLIKE_CACHE", str(tmp_path))
    said = []
    (verdict,) = upkeep.retrain(["fixed-1:0"], workers=1, say=said.append)
    assert verdict.passed and verdict.agreement > 0.9, said
    assert any("as shipped" in line for line in said)


def test_a_network_of_another_seed_does_not_pass_for_the_shipped_one():
    with upkeep._from("package"):
        other = upkeep.load("nose", 1)
    assert not upkeep.compare("nose:0", other).passed
