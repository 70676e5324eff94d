import json
from dataclasses import asdict

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from brainlike.claims import MIME_TYPE, ClaimFailed, claim


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
