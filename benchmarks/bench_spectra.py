"""cvPCA against the published algorithm written plainly: CPU seconds, peak memory, eigenvalues.

The peer decomposes repeat 1 by a full SVD and projects both repeats (Stringer et al. 2019). Data
are float32, 2,800 stimuli; each program runs in a process of its own on one thread, so that the
peak is that of the program and its inputs (resident set). Of ours, one row gives the 500 components
that a power law is fitted to, and one all of them, as the peer's does.

Takes about two minutes: ``python -m benchmarks spectra``.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

N_STIMULI, N_UNITS, N_COMPARED = 2_800, (1_000, 10_000), 500
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PROGRAMS = ("ours, 500 components", "ours, all components", "full SVD, both projected")


def plain_cvpca(repeat1: np.ndarray, repeat2: np.ndarray) -> np.ndarray:
    """Return cross-validated eigenvalues as one writes them down first."""
    first, second = repeat1 - repeat1.mean(axis=0), repeat2 - repeat2.mean(axis=0)
    _, _, axes = np.linalg.svd(first, full_matrices=False)
    return np.sum((first @ axes.T) * (second @ axes.T), axis=0) / (len(first) - 1)


def run(program: str, path: Path) -> dict[str, object]:
    """Run one program on saved repeats; return CPU seconds, gigabytes and eigenvalues."""
    import resource

    from brainlike.probes.crossvalidated_spectra import cvpca

    repeats = np.load(path)
    start = time.process_time()
    if program == PROGRAMS[2]:
        eigenvalues = plain_cvpca(*repeats)
    else:
        eigenvalues = cvpca(*repeats, N_COMPARED if program == PROGRAMS[0] else None)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes on Linux
    return {
        "seconds": seconds,
        "gigabytes": peak / 1e6,
        "eigenvalues": eigenvalues[:N_COMPARED].tolist(),
    }


def main() -> list[dict[str, object]]:
    """Print and return what each program needs, and how far its eigenvalues are from the peer's."""
    from brainlike.datasets.simulated.populations import simulate_power_law_population

    rows = []
    print(f"{'':45}{'CPU s':>8} {'x ours':>7} {'peak GB':>8} {'max relative difference':>24}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "repeats.npy")
        for n_units in N_UNITS:
            population = simulate_power_law_population(N_STIMULI, n_units)
            np.save(path, population.repeats[0])
            del population
            found = {}
            for program in PROGRAMS:
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.bench_spectra", program, str(path)],
                    env=os.environ | THREADS,
                    check=True,
                    capture_output=True,
                    text=True,
                )
                found[program] = json.loads(done.stdout)
            expected = np.array(found[PROGRAMS[2]]["eigenvalues"])
            for program, row in found.items():
                difference = np.abs(np.array(row.pop("eigenvalues")) / expected - 1).max()
                ratio = row["seconds"] / found[PROGRAMS[0]]["seconds"]
                name = f"{N_STIMULI:,} x {n_units:,}, {program}"
                print(
                    f"{name:45}{row['seconds']:8.2f} {ratio:7.2f} {row['gigabytes']:8.2f} "
                    f"{difference:24.1e}",
                    flush=True,
                )
                rows.append({"program": name, "difference": float(difference), **row})
    return rows


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
