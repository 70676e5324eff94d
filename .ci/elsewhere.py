"""Run the chapters as Colab and Binder do, as far as a machine without either can.

A new environment outside the repository with no more than Colab brings, an empty home, no cache,
no `make`: each notebook's own first cell installs the package, from a clone of this checkout that
git puts in place of the public address. Then every chapter runs to its end.

    python3 .ci/elsewhere.py [CHAPTER ...]      e.g. 04_ventral_stream; all by default

Prints minutes and memory of the installation and of each chapter; exits 1 if one fails.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "https://github.com/brainlike-course/brainlike"
COLAB = ("numpy", "matplotlib", "torch==2.13.0", "scikit-learn", "scipy", "pandas", "jupyter")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
RUN = """
import json, resource, sys, time
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
if sys.argv[2:]:
    notebook.cells = notebook.cells[: int(sys.argv[2])]
start = time.monotonic()
NotebookClient(notebook, timeout=1200, kernel_name="python3").execute()
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
print(json.dumps({"seconds": time.monotonic() - start, "gigabytes": memory}))
"""


def main(chapters: list[str]) -> int:
    """Install, run, report."""
    chapters = chapters or sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as folder:
        work = Path(folder)
        env = {key: value for key, value in os.environ.items() if "BRAINLIKE" not in key}
        env = {key: value for key, value in env.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        env |= {"HOME": str(work / "home"), "XDG_CACHE_HOME": str(work / "home/.cache")}
        env |= dict.fromkeys(THREADS, "1") | {"TQDM_DISABLE": "1"}
        env |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{work / 'clone'}.insteadOf",
            "GIT_CONFIG_VALUE_0": ADDRESS,
            "PIP_CACHE_DIR": subprocess.check_output(
                [sys.executable, "-m", "pip", "cache", "dir"], text=True
            ).strip(),
        }
        (work / "home").mkdir()
        (work / "notebooks").mkdir()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(work / "clone")], check=True)
        subprocess.run([sys.executable, "-m", "venv", str(work / "venv")], check=True)
        python = str(work / "venv/bin/python")
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *COLAB], check=True, env=env)
        env["PATH"] = f"{work / 'venv/bin'}{os.pathsep}{env['PATH']}"
        source = work / "clone/notebooks"
        first = _run(python, source / f"{chapters[0]}.ipynb", work, env, cells_until_code(source))
        failed = _report("installation by the first cell", first)
        for chapter in chapters:
            failed |= _report(chapter, _run(python, source / f"{chapter}.ipynb", work, env))
    return int(failed)


def cells_until_code(source: Path) -> int:
    """Return how many cells it takes to reach the end of a notebook's first code cell."""
    notebook = json.loads(next(iter(sorted(source.glob("*.ipynb")))).read_text("utf-8"))
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    return kinds.index("code") + 1


def _run(python: str, notebook: Path, work: Path, env: dict, n_cells: int | None = None):
    """Run a notebook, or its first cells, in a folder where nothing else lies."""
    command = [python, "-c", RUN, str(notebook), *([str(n_cells)] if n_cells else [])]
    start = time.monotonic()
    done = subprocess.run(command, cwd=work / "notebooks", env=env, capture_output=True, text=True)
    return done, time.monotonic() - start


def _report(name: str, outcome: tuple[subprocess.CompletedProcess, float]) -> bool:
    """Print one line, and why it failed if it did; return whether it did."""
    done, seconds = outcome
    if done.returncode:
        print(f"{name:32} FAILED after {seconds / 60:.1f} min\n{done.stderr[-3000:]}", flush=True)
        return True
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"{name:32} {seconds / 60:.1f} min, {found['gigabytes']:.1f} GB at most", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
