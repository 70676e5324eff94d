"""Build the site from the staged sources, strictly, and put it in place when it is whole."""

import hashlib
import json
import re
import shutil
import sysconfig
from pathlib import Path

from brainlike._files import write_whole
from builder.downloads import offer_notebooks
from builder.execute import BuildFailed, Chapter
from builder.processes import environment, run_shown

FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc\s*=\s*[\"'](?P<src>(?:https?:)?//[^\"']+)"
    r"|<link\b(?=[^>]*\brel\s*=\s*[\"'][^\"']*(?:stylesheet|icon|preload|preconnect|prefetch))"
    r"[^>]*?\bhref\s*=\s*[\"'](?P<href>(?:https?:)?//[^\"']+)",
    re.IGNORECASE,
)


def fingerprint(stage: Path, root: Path) -> str:
    """Return a hash of all that decides the site: staged files, pinned versions, this code."""
    digest = hashlib.sha256()
    builder = Path(__file__).parent
    files = [*stage.rglob("*"), *builder.glob("*.py"), root / "constraints.txt"]
    for path in sorted(p for p in files if p.is_file() and "__pycache__" not in p.parts):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        if path.is_relative_to(stage):
            digest.update(str(path.relative_to(stage)).encode())
    return digest.hexdigest()


def is_current(build: Path, wanted: str) -> bool:
    """Whether the site in place was built from exactly this."""
    mark = build / "site.json"
    if not (mark.exists() and (build / "html" / "index.html").exists()):
        return False
    return json.loads(mark.read_text("utf-8")).get("fingerprint") == wanted


def jupyter_book(root: Path, stage: Path, work: Path, *options: str) -> Path:
    """Run Jupyter Book, warnings being errors, from scratch; return the folder it wrote.

    Always from scratch: an incremental run would pass over the warnings of unchanged pages and
    leave stale side bars, and the whole site takes seconds.

    Raises
    ------
    BuildFailed
        If Jupyter Book reports an error or a warning.
    """
    shutil.rmtree(work, ignore_errors=True)
    program = Path(sysconfig.get_path("scripts")) / "jupyter-book"
    command = [str(program), "build", str(stage), "--path-output", str(work)]
    command += ["-W", "-n", "--keep-going", "--quiet", *options]
    if run_shown(command, root, environment(root), only_errors=not options):
        raise BuildFailed("the site has errors or warnings (above); warnings are errors here")
    return work / "_build" / "html"


def check_requests(html: Path) -> None:
    """Refuse a site that would load anything from another host.

    Raises
    ------
    BuildFailed
        With the first few offending addresses.
    """
    found = []
    for page in sorted(html.rglob("*.html")):
        if "_static" not in page.relative_to(html).parts:
            for match in FETCHED.finditer(page.read_text("utf-8", errors="replace")):
                address = match["src"] or match["href"]
                found.append(f"  {page.relative_to(html)}: {address}")
    if found:
        raise BuildFailed("pages load things from other hosts:\n" + "\n".join(found[:10]))


def build_site(root: Path, build: Path, staged: Path, chapters: list[Chapter]) -> bool:
    """Build the site unless it is current; return whether it was built.

    The previous site stays in place, whole, until the new one is.
    """
    wanted = fingerprint(staged, root)
    if is_current(build, wanted):
        return False
    html = jupyter_book(root, staged, build / "work")
    check_requests(html)
    offer_notebooks(html)
    claims = [claim for chapter in chapters for claim in chapter.record["claims"]]
    write_whole(html / "claims.json", json.dumps(claims, indent=1, ensure_ascii=False) + "\n")
    (build / "site.json").unlink(missing_ok=True)
    old, final = build / "html.old", build / "html"
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    html.rename(final)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(build / "work", ignore_errors=True)
    write_whole(build / "site.json", json.dumps({"fingerprint": wanted}))
    return True
