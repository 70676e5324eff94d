"""Make what the stale notebooks need, then run them side by side."""

import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from brainlike._files import write_whole
from builder.keys import data_key, notebook_key, reads_real_data
from builder.processes import ONE_THREAD, Job, environment, run_shown, run_side_by_side

HELPER = [sys.executable, "-m", "brainlike"]
SECONDS = Path("book", "seconds.json")


class BuildFailed(Exception):
    """The build cannot go on; the message says why and what to do."""


@dataclass
class Chapter:
    """A notebook of the book and what is known about its last execution."""

    source: Path
    executed: Path
    notebook: dict = field(repr=False)
    key: str
    reads_data: bool
    record: dict = field(repr=False)

    @property
    def name(self) -> str:
        """The notebook's stem, such as ``"01_perceptrons"``."""
        return self.source.stem

    @property
    def settings(self) -> dict:
        """The notebook's own ``brainlike`` metadata."""
        return self.notebook["metadata"].get("brainlike", {})

    def fresh(self, data: str) -> bool:
        """Whether the executed copy is what a new run would make."""
        return (
            self.executed.exists()
            and self.record.get("key") == self.key
            and (not self.reads_data or self.record.get("data_key") == data)
        )


def find_chapters(root: Path, build: Path, names: list[str]) -> list[Chapter]:
    """Read the notebooks of the table of contents, and the records of their last runs.

    Raises
    ------
    BuildFailed
        If a notebook is missing or is not valid, or its code does not parse.
    """
    chapters = []
    for name in names:
        source = root / "notebooks" / f"{name}.ipynb"
        executed = build / "executed" / f"{name}.ipynb"
        try:
            notebook = json.loads(source.read_text("utf-8"))
            key, reads_data = notebook_key(notebook, root), reads_real_data(notebook, root)
        except FileNotFoundError:
            raise BuildFailed(f"_toc.yml names notebooks/{name}, but {source} is missing") from None
        except (json.JSONDecodeError, KeyError) as error:
            raise BuildFailed(f"{source} is not a valid notebook: {error}") from None
        except SyntaxError as error:
            raise BuildFailed(f"{source}: a code cell is not Python: {error}") from None
        record = _read_record(executed)
        chapters.append(Chapter(source, executed, notebook, key, reads_data, record))
    return chapters


def _read_record(executed: Path) -> dict:
    return _read_json(executed.with_suffix(".json"))


def _read_json(path: Path) -> dict:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}


def write_seconds(root: Path, chapters: list[Chapter]) -> None:
    """Keep what each chapter took in ``book/seconds.json``, for builds that have no records yet."""
    seconds = {chapter.name: round(chapter.record["cpu_seconds"]) for chapter in chapters}
    write_whole(root / SECONDS, json.dumps(seconds, indent=1) + "\n")


def longest_first(root: Path, chapters: list[Chapter]) -> list[Chapter]:
    """Sort chapters by what they took here, else where ``book/seconds.json`` was written.

    What nobody has run yet comes first.
    """
    known = _read_json(root / SECONDS)
    return sorted(
        chapters,
        key=lambda c: c.record.get("cpu_seconds", known.get(c.name, float("inf"))),
        reverse=True,
    )


def prepare(root: Path, build: Path, stale: list[Chapter], workers: int) -> dict[str, float]:
    """Render the image sets and train the networks that the stale notebooks name.

    What the cache already holds costs only a look, and what travels with the book nothing.

    Returns
    -------
    dict of str to float
        Seconds spent on ``"rendering"`` and ``"networks"``.

    Raises
    ------
    BuildFailed
        If rendering or training fails, or the list of the networks that travel with the book
        cannot be read.
    """
    seconds = {"rendering": 0.0, "networks": 0.0}
    rendered = sorted({s for c in stale for s in c.settings.get("rendered", [])})
    if rendered:
        print(f"rendered sets: {len(rendered)} needed, made if they are missing")
        started = time.monotonic()
        # in a log file a progress bar may move less often than on a terminal
        pace = {} if sys.stderr.isatty() else {"TQDM_MININTERVAL": "15"}
        status = run_shown([*HELPER, "render", *rendered], root, environment(root, **pace))
        seconds["rendering"] = time.monotonic() - started
        if status:
            raise BuildFailed(f"rendering failed (exit status {status})")
    wanted = not_shipped(dict.fromkeys(n for c in stale for n in c.settings.get("networks", [])))
    failed = []

    def done(job: Job) -> None:
        print(f"  network {job.name}: {job.seconds:.0f} s")
        if job.returncode:
            failed.append(job.name)
            print(_tail(job.output))

    if wanted:
        print(f"networks: {len(wanted)} to train, unless the cache has them")
        jobs = [Job(name, [*HELPER, "train", name], root) for name in wanted]
        started = time.monotonic()
        run_side_by_side(jobs, workers, environment(root, **ONE_THREAD), build / "logs", done)
        seconds["networks"] = time.monotonic() - started
    if failed:
        raise BuildFailed(f"training failed: {', '.join(failed)}")
    return seconds


def not_shipped(networks: Iterable[str]) -> list[str]:
    """List the networks, ``"NAME"`` or ``"NAME:SEED"``, that must be trained on this machine."""
    if os.environ.get("BRAINLIKE_NETWORKS") == "fresh" or not networks:
        return list(networks)
    from brainlike.networks.shipped import WeightsDamaged, is_shipped  # torch takes seconds

    named = {network: network.partition(":") for network in networks}
    try:
        return [n for n, (name, _, seed) in named.items() if not is_shipped(name, int(seed or 0))]
    except WeightsDamaged as damaged:
        raise BuildFailed(damaged) from None


def execute(root: Path, build: Path, stale: list[Chapter], workers: int) -> None:
    """Run the stale notebooks, the longest first, each alone in a process with one thread.

    Raises
    ------
    BuildFailed
        After all have run, if any failed; the old executed copies of those are gone by then.
    """
    failed = []
    by_name = {chapter.name: chapter for chapter in stale}
    jobs = []
    for chapter in longest_first(root, stale):
        chapter.executed.unlink(missing_ok=True)
        command = [sys.executable, "-m", "builder.run_notebook"]
        files = [str(chapter.source), str(chapter.executed)]
        jobs.append(Job(chapter.name, [*command, *files], chapter.source.parent))

    def done(job: Job) -> None:
        chapter = by_name[job.name]
        if job.returncode or not chapter.executed.exists():
            failed.append(job.name)
            print(f"  {job.name}: FAILED after {job.seconds:.0f} s\n{_tail(job.output)}")
        else:
            _keep_record(chapter, _read_record(chapter.executed), data_key(root))
            memory = chapter.record["peak_memory_mb"] / 1024
            cpu = chapter.record["cpu_seconds"]
            print(f"  {job.name}: {job.seconds:.0f} s, {cpu:.0f} CPU s, {memory:.1f} GB")

    # one id a build: a data host that does not answer is given up once, not once a notebook
    env = environment(root, **ONE_THREAD, BRAINLIKE_BUILD_ID=f"{os.getpid()}-{time.time():.0f}")
    here = str(Path(__file__).resolve().parent.parent)
    env["PYTHONPATH"] = os.pathsep.join([env["PYTHONPATH"], here])
    env["JUPYTER_PREFER_ENV_PATH"] = "1"
    env.pop("MPLBACKEND", None)
    if jobs:
        print(f"notebooks: {len(jobs)} to run, {min(workers, len(jobs))} at a time")
    run_side_by_side(jobs, workers, env, build / "logs", done)
    # taken again when all have run: another notebook may have downloaded what this one reads too
    data = data_key(root)
    for chapter in stale:
        if chapter.name not in failed and chapter.record["data_key"] != data:
            _keep_record(chapter, chapter.record, data)
    if failed:
        raise BuildFailed(f"notebooks that failed: {', '.join(sorted(failed))}")


def _keep_record(chapter: Chapter, record: dict, data: str) -> None:
    chapter.record = record | {"key": chapter.key, "data_key": data}
    write_whole(chapter.executed.with_suffix(".json"), json.dumps(chapter.record, indent=1))


def _tail(output: str, lines: int = 40) -> str:
    return "\n".join(f"    {line}" for line in output.rstrip().splitlines()[-lines:])
