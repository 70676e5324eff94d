"""Speed and memory as ratios against peers. Everything runs on one thread.

The number of threads is set here because it counts only before numpy is imported, and Python
imports this file before any module of the folder.
"""

import os

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
