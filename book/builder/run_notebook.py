"""Execute one notebook in a fresh kernel; the build runs this module as a process of its own.

Usage: ``python -m builder.run_notebook SOURCE.ipynb EXECUTED.ipynb``. The executed copy and its
record (same stem, ``.json``) appear whole or not at all, and only if every cell ran.
"""

import ast
import atexit
import json
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from traitlets.config import Config

from brainlike._files import write_whole
from builder.keys import evaluated_in, prose_of

SECONDS_A_CELL = 900
CLAIM = "application/vnd.brainlike.claim+json"
# Where each network that the notebook loaded came from; none where it loads none.
NETWORKS_USED = (
    "(lambda kept: kept.used() if kept else {})"
    "(__import__('sys').modules.get('brainlike.networks.keeping'))"
)
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
WARNING = re.compile(r"^.*\b[A-Z]\w*Warning: .*$", re.MULTILINE)


class NotebookFailed(Exception):
    """A cell raised, warned, took too long or lost its kernel; the message says which."""


class Runner(NotebookClient):
    """Runs code cells as nbclient does, and the numbers that the prose asks for in their place.

    ``{eval}`expression` `` in a Markdown cell stands for ``str(expression)``, with the variables
    as they are when the cells above have run; in a figure's alt text, when its cell has run. The
    metadata of the notebook and of each code cell say how many CPU seconds the kernel took.
    """

    async def async_start_new_kernel_client(self):
        """Start a kernel anew if the first does not answer, which happens once in many builds."""
        try:
            return await super().async_start_new_kernel_client()
        except RuntimeError:
            self.create_kernel_manager()
        try:
            await self.async_start_new_kernel()
            return await super().async_start_new_kernel_client()
        except RuntimeError as error:
            atexit.unregister(self._cleanup_kernel)  # nbclient would look for a kernel
            raise NotebookFailed(f"the kernel could not be started, twice: {error}") from None

    async def async_execute_cell(self, cell, cell_index, *args, **kwargs):
        before = self._cpu_seconds()
        done = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        self.nb.metadata["cpu_seconds"] = after = self._cpu_seconds()
        if cell.cell_type == "code":
            cell.metadata.setdefault("execution", {})["cpu_seconds"] = round(after - before, 2)
        wanted = evaluated_in(prose_of(cell))
        if wanted:
            results = await self._ask({expression: f"str({expression})" for expression in wanted})
            cell.metadata["evaluated"] = {}
            for expression, result in results.items():
                if result["status"] != "ok":
                    what = f"{result['ename']}: {result['evalue']}"
                    raise NotebookFailed(f"{{eval}}`{expression}` in the prose fails with {what}")
                text = ast.literal_eval(result["data"]["text/plain"])
                cell.metadata["evaluated"][expression] = text
        if cell_index == len(self.nb.cells) - 1:
            result = (await self._ask({"networks": NETWORKS_USED}))["networks"]
            self.nb.metadata["networks"] = ast.literal_eval(result["data"]["text/plain"])
        return done

    async def _ask(self, expressions: dict[str, str]) -> dict[str, dict]:
        """Let the kernel evaluate expressions; nothing of it is shown or kept there."""
        request = self.kc.execute("", store_history=False, user_expressions=expressions)
        reply = await self.async_wait_for_reply(await ensure_async(request))
        return reply["content"]["user_expressions"]

    def _cpu_seconds(self) -> float:
        """Return what the kernel and its ended children have taken, in user and system mode."""
        return sum(psutil.Process(self.km.provisioner.pid).cpu_times()[:4])


def execute(source: Path) -> nbformat.NotebookNode:
    """Run all cells from a clean kernel, in the notebook's own folder.

    Raises
    ------
    NotebookFailed
        If a cell raises, or prints a Python warning without the tag ``allow-warning``.
    """
    notebook = nbformat.read(source, as_version=4)
    current = {"index": 0}
    folder = tempfile.TemporaryDirectory(prefix="kernel-")
    # Sockets in a folder of its own: two kernels that start at once may be given the same TCP
    # port, and then neither answers (jupyter_client issue 487).
    sockets = {"transport": "ipc", "connection_file": f"{folder.name}/kernel.json"}
    client = Runner(
        notebook,
        config=Config({"KernelManager": sockets}),
        timeout=SECONDS_A_CELL,
        coalesce_streams=True,  # what a loop prints is one output
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", "python3"),
        extra_arguments=["--IPKernelApp.log_level=40"],  # its warnings are not about the notebook
        resources={"metadata": {"path": str(source.parent)}},
        on_cell_start=lambda cell, cell_index: current.update(index=cell_index),
    )
    try:
        with folder:
            client.execute()
    except CellExecutionError as error:
        reason = "\n".join(ANSI.sub("", error.traceback).strip().splitlines()[-12:])
    except CellTimeoutError:
        reason = f"the cell took longer than {SECONDS_A_CELL} s"
    except (DeadKernelError, psutil.NoSuchProcess):
        reason = "the kernel died; was there enough memory?"
    else:
        reason = _first_warning(notebook, current)
    if reason:
        index = current["index"]
        code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        which = f"code cell {code.index(index) + 1}" if index in code else f"cell {index + 1}"
        excerpt = "\n".join(notebook.cells[index].source.splitlines()[:8])
        raise NotebookFailed(f"{which}:\n{_indent(excerpt)}\n  fails with\n{_indent(reason)}")
    return notebook


def _first_warning(notebook: nbformat.NotebookNode, current: dict[str, int]) -> str | None:
    """Return the first Python warning that a reader would see, and note its cell."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or "allow-warning" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            found = output.get("name") == "stderr" and WARNING.search(output.text)
            if found:
                current["index"] = index
                return f"{found.group().strip()}\n(warnings are errors: fix the cause)"
    return None


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def claims_in(notebook: dict, chapter: str) -> list[dict]:
    """Collect the claim records that the cells' outputs carry."""
    found = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            records = output.get("data", {}).get(CLAIM, [])
            for record in records if isinstance(records, list) else [records]:
                found.append({"id": record["id"], "chapter": chapter, **record})
    return found


def cpu_seconds_of_cells(notebook: dict) -> list[float]:
    """List the CPU seconds that each code cell took, in order."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [cell["metadata"].get("execution", {}).get("cpu_seconds", 0.0) for cell in code]


def main(source: Path, executed: Path) -> int:
    """Execute, then write the copy and the record; return the exit status."""
    started = time.monotonic()
    try:
        notebook = execute(source)
    except NotebookFailed as failure:
        print(failure)
        return 1
    seconds = time.monotonic() - started
    kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if sys.platform == "darwin":
        kilobytes //= 1024  # macOS counts bytes
    record = {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(notebook.metadata.get("cpu_seconds", 0.0), 1),
        "cells": cpu_seconds_of_cells(notebook),
        "peak_memory_mb": round(kilobytes / 1024),
        "networks": notebook.metadata.get("networks", {}),
        "claims": claims_in(notebook, source.stem),
    }
    write_whole(executed, nbformat.writes(notebook))
    write_whole(executed.with_suffix(".json"), json.dumps(record, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
