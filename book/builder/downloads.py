"""What a reader of the site can take away: the notebook behind the download button."""

import json
from pathlib import Path

from brainlike._files import write_whole


def without_outputs(notebook: dict) -> dict:
    """Return a copy that is ready to run: no outputs, counts or traces of the run before.

    The numbers that the build put into the prose stay, because plain Jupyter cannot.
    """
    bare = json.loads(json.dumps(notebook))
    for cell in bare["cells"]:
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return bare


def offer_notebooks(html: Path) -> None:
    """Put notebooks that run, and are small, where the theme's download button points.

    Sphinx has put the staged ones there, with all their outputs.
    """
    for path in sorted((html / "_sources" / "notebooks").glob("*.ipynb")):
        notebook = without_outputs(json.loads(path.read_text("utf-8")))
        write_whole(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
