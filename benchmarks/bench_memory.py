"""Memory and time of one large encoding fit: 10,000 stimuli, 5,000 features, 50,000 units.

Features and responses are float32; the responses lie in a memory-mapped file and are read in
blocks of units. Each size runs in a process of its own, so that the peak is that of the fit and
its inputs (resident set, with the pages of the file that the system keeps at hand).

Takes about 20 minutes on two cores and 2 GB of disk: ``python -m benchmarks memory``.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

N_STIMULI, N_FEATURES, N_UNITS = 10_000, 5_000, (5_000, 20_000, 50_000)
PENALTIES = np.logspace(1, 6, 10)


def _features() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((N_STIMULI, N_FEATURES), dtype=np.float32)


def write_responses(path: Path) -> None:
    """Write noisy linear responses of all units, 2,500 at a time."""
    features, rng = _features(), np.random.default_rng(1)
    shape = (N_STIMULI, N_UNITS[-1])
    responses = np.lib.format.open_memmap(path, "w+", np.float32, shape)
    for first in range(0, shape[1], 2_500):
        weights = rng.standard_normal((N_FEATURES, 2_500), dtype=np.float32)
        noise = rng.standard_normal((N_STIMULI, 2_500), dtype=np.float32)
        responses[:, first : first + 2_500] = features @ weights / np.sqrt(N_FEATURES) + noise
    responses.flush()


def fit(path: Path, n_units: int) -> dict[str, float]:
    """Fit the first `n_units` units and return seconds and peak memory."""
    import resource

    from brainlike.compare.ridge import RidgeEncoder

    features = _features()
    responses = np.load(path, mmap_mode="r")[:, :n_units]
    start = time.perf_counter()
    RidgeEncoder(PENALTIES).fit(features, responses)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes on Linux
    return {"units": n_units, "seconds": seconds, "gigabytes": peak / 1e6}


def main() -> list[dict[str, float]]:
    """Print time and peak memory for a growing number of units, and return them."""
    rows = []
    threads = str(os.cpu_count())
    environment = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "responses.npy")
        write_responses(path)
        for n_units in N_UNITS:
            command = [sys.executable, "-m", "benchmarks.bench_memory", str(path), str(n_units)]
            done = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            )
            rows.append(json.loads(done.stdout))
            print(
                f"{n_units:6,} units: {rows[-1]['seconds']:7.1f} s, "
                f"peak {rows[-1]['gigabytes']:.2f} GB",
                flush=True,
            )
    return rows


if __name__ == "__main__":
    print(json.dumps(fit(Path(sys.argv[1]), int(sys.argv[2]))))
