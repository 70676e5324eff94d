"""How long each section of a chapter runs, from the times that its execution left behind."""

from datetime import datetime

from builder.figures import headings


def section_seconds(executed: dict) -> list[dict]:
    """Sum the seconds of the cells under each heading of the second level.

    Parameters
    ----------
    executed : dict
        A notebook whose code cells carry ``metadata.execution``, as nbclient records it.

    Returns
    -------
    list of dict
        ``title`` and ``seconds`` of each section, in order; what comes before the first heading
        is called ``"Set-up"``, and everything from the exercises on counts as ``"Exercises"``.
    """
    sections = [{"title": "Set-up", "seconds": 0.0}]
    for cell in executed["cells"]:
        if cell["cell_type"] == "markdown":
            titles = [words for level, words in headings("".join(cell["source"])) if level == 2]
            sections += [{"title": title, "seconds": 0.0} for title in titles]
        else:
            sections[-1]["seconds"] += _seconds(cell)
    return [
        {"title": one["title"], "seconds": round(one["seconds"], 1)}
        for one in sections
        if one["seconds"] > 0
    ]


def _seconds(cell: dict) -> float:
    times = cell["metadata"].get("execution", {})
    try:
        begin, end = (times[key] for key in ("iopub.execute_input", "shell.execute_reply"))
    except KeyError:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
