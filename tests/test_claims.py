import json
from dataclasses import asdict

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from brainlike.claims import MIME_TYPE, ClaimFailed, Control, claim, holds, together


def test_a_claim_that_holds_returns_its_record(capsys):
    record = claim(
        "demo/accuracy",
        0.91,
        title="Accuracy",
        at_least=0.9,
        published=0.95,
        citation="someone2000",
        control="untrained .12",
        data="simulated",
    )
    assert record.passed is True
    assert record.bound == "at least 0.9"
    line = capsys.readouterr().out
    for part in ("Accuracy", "0.91", "at least 0.9", "0.95", "untrained .12", "simulated"):
        assert part in line
    assert json.loads(json.dumps(asdict(record)))["id"] == "demo/accuracy"


@pytest.mark.parametrize(
    "bounds, value, holds",
    [
        ({"at_least": 1.0}, 1.0, True),
        ({"at_least": 1.0}, 0.999, False),
        ({"at_most": 1e-6}, 2e-6, False),
        ({"at_least": 0.0, "at_most": 1.0}, 1.1, False),
        ({"near": (95.9, 0.1)}, 95.8, True),
        ({"near": (95.9, 0.1)}, 96.0, True),
        ({"near": (95.9, 0.1)}, 95.79, False),
    ],
)
def test_bounds_are_inclusive_and_a_miss_raises(bounds, value, holds, capsys):
    if holds:
        assert claim("demo/x", value, title="x", **bounds).passed
    else:
        with pytest.raises(ClaimFailed, match="demo/x"):
            claim("demo/x", value, title="x", **bounds)
        assert "FAILED" in capsys.readouterr().out  # shown before it stops the notebook


def test_numbers_from_numpy_make_a_plain_record(capsys):
    record = claim("demo/x", np.float32(1), title="x", at_most=np.float64(2))
    assert type(record.passed) is bool and type(record.value) is float


def test_a_claim_about_real_data_is_not_tested_on_a_stand_in():
    kept = claim("demo/x", 0.0, title="x", at_least=1, data="simulated", about_real_data=True)
    assert kept.passed is None
    with pytest.raises(ClaimFailed):
        claim("demo/x", 0.0, title="x", at_least=1, data="real", about_real_data=True)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"id": "no-topic", "at_least": 0}, "topic/what-is-measured"),
        ({"value": float("nan"), "at_least": 0}, "finite"),
        ({}, "no bound"),
        ({"at_least": 0, "near": (0, 1)}, "not both"),
        ({"at_least": 0, "data": "rendered"}, "must be one of"),
    ],
)
def test_malformed_claims_are_refused(arguments, message):
    arguments = {"id": "demo/x", "value": 1.0, "title": "x", **arguments}
    with pytest.raises(ValueError, match=message):
        claim(arguments.pop("id"), arguments.pop("value"), **arguments)


def test_in_a_notebook_the_record_travels_in_the_output():
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            claim("demo/<x>", 1.0, title="a < b", at_least=0)
    finally:
        shell.clear_instance()
    (output,) = captured.outputs
    assert output.data[MIME_TYPE]["id"] == "demo/<x>"
    assert "a &lt; b" in output.data["text/html"]


def finding(value, *controls, **bound):
    controls = [Control("the rival", one) for one in controls]
    return claim("demo/x", value, title="x", control=controls, **bound)


@pytest.mark.parametrize(
    ("bound", "control", "misses"),
    [
        ({"at_least": 0.5}, 0.49, True),
        ({"at_least": 0.5}, 0.5, False),
        ({"at_least": 0.5, "margin": 0.02}, 0.49, False),
        ({"at_least": 0.5, "margin": 0.02}, 0.47, True),
        ({"at_most": 1}, 1.1, True),
        ({"at_most": 1}, -5, False),
        ({"at_least": 0, "at_most": 1}, 1.5, True),
        ({"at_least": 0, "at_most": 1}, -0.5, True),
        ({"at_least": 0, "at_most": 1}, 0.2, False),
        ({"near": (0.7, 0.1)}, 0.8, False),
        ({"near": (0.7, 0.1)}, 0.81, True),
    ],
)
def test_a_control_that_meets_the_bound_fails_the_finding(bound, control, misses, capsys):
    if misses:
        kept = finding(0.7, control, **bound)
        assert kept.passed and kept.kind == "finding" and kept.control_value == control
    else:
        with pytest.raises(ClaimFailed, match="its control, the rival .* must miss the bound"):
            finding(0.7, control, **bound)
        assert "FAILED" in capsys.readouterr().out


def test_of_several_controls_the_closest_is_kept_and_any_can_fail_it():
    assert finding(0.9, 0.1, 0.6, 0.3, at_least=0.7).control_value == 0.6
    assert finding(0.9, 0.1, 0.6, at_least=0.7).control == "the rival 0.1; the rival 0.6"
    with pytest.raises(ClaimFailed, match="the rival 0.75,"):
        finding(0.9, 0.1, 0.75, at_least=0.7)


def test_a_control_is_not_tested_on_a_stand_in():
    rival = Control("the rival", 2.0)
    stand_in = dict(title="x", at_least=1, control=rival, about_real_data=True)
    assert claim("demo/x", 3.0, data="simulated", **stand_in).passed is None
    with pytest.raises(ClaimFailed, match="its control"):
        claim("demo/x", 3.0, data="real", **stand_in)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"control": Control("null", 0.0)}, "finding"),
        ({"control": "null .0"}, "check"),
        ({}, "check"),
        ({"near": (1, 0.1), "data": "real", "about_real_data": True}, "reading"),
        (
            {"near": (1, 0.1), "data": "real", "about_real_data": True, "control": Control("n", 0)},
            "finding",
        ),
        ({"data": "real", "about_real_data": True}, "check"),
    ],
)
def test_the_three_kinds(arguments, kind):
    bound = {} if "near" in arguments else {"at_least": 0.5}
    assert claim("demo/x", 1.0, title="x", **bound, **arguments).kind == kind


def test_the_unit_of_replication_and_the_interval_are_shown(capsys):
    kept = claim(
        "demo/x", 0.5, title="x", at_least=0, interval=(0.4, 0.61), n=np.int64(5), unit="seeds"
    )
    assert kept.interval == (0.4, 0.61) and type(kept.n) is int
    assert "x: 0.5 [0.4, 0.61], 5 seeds (bound" in capsys.readouterr().out
    json.dumps(asdict(kept))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"control": [0.3]}, "must be a Control"),
        ({"control": []}, "must be a Control"),
        ({"control": Control("null", float("nan"))}, "'null' is nan"),
        ({"interval": (0.6, 0.9)}, "does not hold its value"),
        ({"n": 5}, "n and unit together"),
        ({"margin": -1}, "margin"),
    ],
)
def test_malformed_controls_and_intervals_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        claim("demo/x", 0.5, title="x", at_least=0, **arguments)


@pytest.mark.parametrize("true", [True, np.True_, 1.0 < np.float64(2)])
def test_a_true_sentence_is_silent(true, capsys):
    holds(true, "one is less than two")
    assert capsys.readouterr().out == ""


def test_a_false_sentence_stops_the_notebook():
    with pytest.raises(ClaimFailed, match="does not bear out: two is less than one"):
        holds(np.float64(2) < 1, "two is less than one")


@pytest.mark.parametrize("condition", [1, None, np.array([True, True]), float("nan"), "yes"])
def test_what_is_neither_true_nor_false_is_refused(condition):
    with pytest.raises(TypeError, match="True or False"):
        holds(condition, "x")


@pytest.fixture
def in_a_notebook():
    shell = InteractiveShell.instance()
    yield
    shell.clear_instance()


def test_related_claims_are_one_table(in_a_notebook):
    with capture_output() as captured, together("Two <halves>"):
        claim("demo/a", 0.25, title="First", at_least=0, control=Control("null", -1))
        claim("demo/b", 0.75, title="Second", at_least=0)
    (output,) = captured.outputs
    assert [record["id"] for record in output.data[MIME_TYPE]] == ["demo/a", "demo/b"]
    table = output.data["text/html"]
    assert table.count("<tr") == 3 and "Two &lt;halves&gt;" in table
    assert 'id="claim-demo-b"' in table and "null -1" in table and "published" not in table


def test_a_table_shows_the_claim_that_stops_it(in_a_notebook):
    with capture_output() as captured, pytest.raises(ClaimFailed):
        with together("Two"):
            claim("demo/a", 0.25, title="First", at_least=0)
            claim("demo/b", -1, title="Second", at_least=0)
    assert "FAILED" in captured.outputs[0].data["text/html"]
    with capture_output() as captured:  # what follows stands alone again
        claim("demo/c", 1, title="Third", at_least=0)
    assert captured.outputs[0].data[MIME_TYPE]["id"] == "demo/c"


def test_tables_do_not_nest():
    with together("outer"), pytest.raises(ValueError, match="another"):
        with together("inner"):
            pass
