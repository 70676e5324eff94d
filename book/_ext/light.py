"""Keep pages light: frames in files of their own, pictures as WebP, no icon script.

`brainlike.interactive.show_frames` puts its frames into the output as data, so that a notebook is
whole by itself; on the site every reader would load all of them before the page shows. Notebooks
draw PNG, which lossless WebP halves. And the theme loads its icons twice, as fonts and as a script
of 1.5 MB; the fonts suffice.
"""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

FRAME = re.compile(r"data:image/webp;base64,([A-Za-z0-9+/]+=*)")
ICON_SCRIPT = re.compile(r"<script src=\"[^\"]*/fontawesome/[^\"]*\.js[^\"]*\">\s*</script>\s*")
PICTURE = re.compile(r"(_images/[^\"/]+)\.png(?=\")")


class ExtractFrames(SphinxPostTransform):
    """Write each frame beside the page's other images and link to it."""

    default_priority = 900  # after MyST-NB has chosen which form of an output to show
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        for node in self.document.findall(nodes.raw):
            if 'class="frames"' in node.astext():
                node.rawsource = FRAME.sub(self._as_file, node.astext())
                node.children = [nodes.Text(node.rawsource)]

    def _as_file(self, match: re.Match) -> str:
        content = base64.b64decode(match[1])
        name = f"frame-{hashlib.sha256(content).hexdigest()[:20]}.webp"
        folder = Path(self.app.outdir) / "_images"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        return "../" * self.env.docname.count("/") + f"_images/{name}"


def lighten_pages(app: Sphinx, exception: Exception | None) -> None:
    """Make the built pages refer to WebP pictures, and leave out the icon script."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pictures = sorted((out / "_images").glob("*.png"))
    with ThreadPoolExecutor() as pool:
        list(pool.map(_as_webp, pictures))
    for page in out.rglob("*.html"):
        text = page.read_text("utf-8")
        lighter = PICTURE.sub(r"\1.webp", ICON_SCRIPT.sub("", text))
        if lighter != text:
            page.write_text(lighter, "utf-8")
    for picture in pictures:
        picture.unlink()


def _as_webp(picture: Path) -> None:
    with Image.open(picture) as image:
        image.save(picture.with_suffix(".webp"), lossless=True, quality=50, method=1)


def setup(app: Sphinx) -> dict[str, object]:
    """Register the transform, and listen for the end of the build."""
    app.add_post_transform(ExtractFrames)
    app.connect("build-finished", lighten_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
