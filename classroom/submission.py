"""Find what students handed in and read it, without following links or believing anything."""

import io
import json
import os
import re
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

MAX_NOTEBOOK = 50 * 2**20  # bytes of an .ipynb file, outputs included
MAX_ARCHIVE = 100 * 2**20
MAX_CELLS = 2000
_LEFTOVER = re.compile(r"\._|(\.DS_Store|\.ipynb_checkpoints|\.gitignore|__MACOSX|Thumbs\.db)$")
_PLACEHOLDER = "_Type your answer here"
_ASSIGNMENT = re.compile(rb'"assignment(?:_name)?"\s*:\s*"([\w.-]{1,60})"')
_TERM = re.compile(rb'"term"\s*:\s*"([\w.-]{1,40})"')


class BadSubmission(ValueError):
    """A submission that cannot be run; the text says why, in words for the student."""


@dataclass(frozen=True)
class Submission:
    """One entry of the folder of submissions: a name for the table, and where it lies."""

    name: str
    path: Path


@dataclass
class Notebook:
    """What grading needs of a notebook.

    Attributes
    ----------
    code : list of str
        Sources of the code cells, in order.
    written : list of str
        Texts of the answers to written questions, in order.
    assignment, term : str or None
        What its metadata say that it answers.
    remarks : list of str
        What was odd about the file.
    """

    code: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    assignment: str | None = None
    term: str | None = None
    remarks: list[str] = field(default_factory=list)


def find_submissions(folder: Path) -> list[Submission]:
    """Return the entries of a folder, sorted by name; what file managers leave is not among them.

    Two entries that would share a name (``ada.ipynb`` and ``ada.zip``) keep their endings.
    """
    entries = sorted(entry for entry in folder.iterdir() if not _LEFTOVER.match(entry.name))
    stems = [entry.stem if entry.suffix in (".ipynb", ".zip") else entry.name for entry in entries]
    return [
        Submission(entry.name if stems.count(stem) > 1 else stem, entry)
        for stem, entry in zip(stems, entries, strict=True)
    ]


def named_by(submission: Submission) -> tuple[str | None, str | None]:
    """Return assignment and term that a submission's metadata name; it is not parsed."""
    try:
        content, _ = _content(submission.path)
    except BadSubmission:
        return None, None
    return _first(_ASSIGNMENT, content), _first(_TERM, content)


def _first(pattern: re.Pattern[bytes], content: bytes) -> str | None:
    found = pattern.search(content)
    return found[1].decode() if found else None


def read_notebook(submission: Submission) -> Notebook:
    """Read a submitted notebook.

    Raises
    ------
    BadSubmission
        If it is a symbolic link, no notebook, no Python, too large, or damaged.
    """
    content, remarks = _content(submission.path)
    notebook = Notebook(remarks=remarks)
    data = _parse(content, notebook)
    _check_language(data)
    cells = _cells(data)
    notebook.code = [_source(cell) for cell in cells if cell.get("cell_type") == "code"]
    notebook.written = _written(cells)
    if not any(source.strip() for source in notebook.code):
        raise BadSubmission("it has no code cell")
    if len(notebook.code) > MAX_CELLS:
        raise BadSubmission(f"it has {len(notebook.code):,} code cells; at most {MAX_CELLS:,} run")
    metadata = json.dumps(data.get("metadata")).encode()
    notebook.assignment, notebook.term = _first(_ASSIGNMENT, metadata), _first(_TERM, metadata)
    if notebook.assignment is None:
        notebook.remarks.append("its metadata name no assignment")
    return notebook


def _content(path: Path) -> tuple[bytes, list[str]]:
    """Return the bytes of the one notebook in a submission, and what was odd."""
    if path.is_symlink():
        raise BadSubmission("it is a symbolic link, which is not followed")
    if path.is_dir():
        path = _only_file(path)
    if path.suffix == ".ipynb":
        return _read_file(path, MAX_NOTEBOOK), []
    if path.suffix == ".zip":
        return _read_archive(path)
    raise BadSubmission("it is neither a notebook (.ipynb), nor a folder, nor a .zip with one")


def _only_file(folder: Path) -> Path:
    """Return the one notebook of a folder, or its one zip file, as learning platforms pack them."""
    entries = sorted(folder.iterdir())
    notebooks = [path for path in entries if path.suffix == ".ipynb"]
    found = notebooks or [path for path in entries if path.suffix == ".zip"]
    if len(found) != 1:
        raise BadSubmission(f"its folder holds {len(notebooks)} notebooks instead of one")
    if found[0].is_symlink():
        raise BadSubmission("its notebook is a symbolic link, which is not followed")
    return found[0]


def _read_file(path: Path, limit: int) -> bytes:
    try:  # without O_NONBLOCK a named pipe would wait for a writer
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadSubmission(f"it cannot be opened ({error.strerror})") from None
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadSubmission("it is not a regular file")
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise BadSubmission(f"it is larger than {limit >> 20} MB")
    return content


def _read_archive(path: Path) -> tuple[bytes, list[str]]:
    """Read the notebook inside a zip file. Nothing is ever unpacked to disk."""
    remarks = []
    try:
        with zipfile.ZipFile(io.BytesIO(_read_file(path, MAX_ARCHIVE))) as archive:
            members = [m for m in archive.infolist() if not m.filename.startswith("__MACOSX/")]
            if any(m.filename.startswith("/") or ".." in m.filename.split("/") for m in members):
                remarks.append("the zip file holds paths that lead out of it; nothing is unpacked")
            found = [m for m in members if m.filename.endswith(".ipynb")]
            if len(found) != 1:
                raise BadSubmission(f"the zip file holds {len(found)} notebooks instead of one")
            if stat.S_ISLNK(found[0].external_attr >> 16):
                raise BadSubmission("the notebook in the zip file is a symbolic link")
            with archive.open(found[0]) as stream:
                content = stream.read(MAX_NOTEBOOK + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise BadSubmission(f"the zip file cannot be read ({error})") from None
    except Exception as error:  # zlib.error and its kin have no common base
        if isinstance(error, BadSubmission | MemoryError):
            raise
        raise BadSubmission(f"the zip file is damaged ({error})") from None
    if len(content) > MAX_NOTEBOOK:
        raise BadSubmission(f"the notebook in the zip file is larger than {MAX_NOTEBOOK >> 20} MB")
    return content, remarks


def _parse(content: bytes, notebook: Notebook) -> dict:
    """Return the notebook as a dictionary; other encodings than UTF-8 are a remark."""
    try:
        text = content.decode(json.detect_encoding(content))
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:4]:
            notebook.remarks.append("the file is not UTF-8 but UTF-16 or UTF-32")
        elif content.startswith(b"\xef\xbb\xbf"):
            notebook.remarks.append("the file begins with a byte order mark")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
        notebook.remarks.append("the file is not UTF-8; it was read as Latin-1")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = "it is empty" if not text.strip() else f"it is not a notebook: {error}"
        raise BadSubmission(what[:200]) from None
    if not isinstance(data, dict):
        raise BadSubmission("it is not a notebook: no dictionary at its top")
    return data


def _check_language(data: dict) -> None:
    metadata = data.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for place, key in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(place)
        language = part.get(key) if isinstance(part, dict) else None
        if isinstance(language, str) and language.lower() not in ("python", "python3", "ipython"):
            raise BadSubmission(f"its kernel is {language[:30]}, not Python")


def _cells(data: dict) -> list[dict]:
    """Return the cells of a notebook of format 4, or of format 3 or older."""
    cells = data.get("cells")
    if cells is None:
        sheets = data.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        cells = [c for s in sheets if isinstance(s, dict) for c in s.get("cells") or []]
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise BadSubmission("it is not a notebook: its cells are no list of cells")
    return cells


def _written(cells: list[dict]) -> list[str]:
    """Return the answers between otter's marks of written questions, in order.

    An answer is the cells that otter tagged; if a student lost the tags, all that follows the
    question.
    """
    answers, inside = [], None
    for cell in cells:
        source = _source(cell)
        if "<!-- BEGIN QUESTION -->" in source:
            inside = []
        elif inside is not None and "<!-- END QUESTION -->" not in source:
            metadata = cell.get("metadata")
            tags = metadata.get("tags") if isinstance(metadata, dict) else None
            inside.append((isinstance(tags, list) and "otter_answer_cell" in tags, source))
        if "<!-- END QUESTION -->" in source and inside is not None:
            tagged = [text for is_answer, text in inside if is_answer]
            text = "\n\n".join(tagged or [text for _, text in inside]).strip()
            answers.append("" if text.startswith(_PLACEHOLDER) else text)
            inside = None
    return answers


def _source(cell: dict) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""
