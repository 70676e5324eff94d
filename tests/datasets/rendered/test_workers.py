"""Worker processes: results, errors and deaths."""

import math
import os
import subprocess
import sys

import pytest

from brainlike.datasets.rendered._workers import map_in_processes


def test_results_carry_their_positions():
    results = dict(map_in_processes(math.sqrt, [(4.0,), (9.0,), (16.0,)], 2))
    assert results == {0: 2.0, 1: 3.0, 2: 4.0}


def test_an_error_in_a_job_is_raised_here():
    with pytest.raises(ValueError):
        list(map_in_processes(math.sqrt, [(-1.0,)], 1))


def test_a_worker_that_dies_is_noticed():
    with pytest.raises(RuntimeError, match="exit status 3.*n_jobs"):
        list(map_in_processes(os._exit, [(3,)], 1))


@pytest.mark.parametrize("how", ["script", "stdin"])
def test_needs_no_main_guard_and_no_main_file(how, tmp_path):
    code = (
        "import math\n"
        "from brainlike.datasets.rendered._workers import map_in_processes\n"
        "print(sorted(map_in_processes(math.sqrt, [(4.0,), (9.0,)], 1)))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    command = [sys.executable, str(script) if how == "script" else "-"]
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(p or os.getcwd() for p in sys.path)}
    done = subprocess.run(command, input=code, text=True, capture_output=True, env=path)
    assert done.stdout == "[(0, 2.0), (1, 3.0)]\n", done.stderr
