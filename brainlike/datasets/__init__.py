"""Stimuli and recordings: rendered objects and faces made from code, and real data fetched once."""

from brainlike.datasets.backgrounds import Compositor, load_backgrounds
from brainlike.datasets.cueconflict import load_cueconflict, shape_bias, shape_bias_of
from brainlike.datasets.cueconflict_examples import load_cueconflict_examples
from brainlike.datasets.images92 import load_images92
from brainlike.datasets.photographs import (
    load_photographs,
    random_patches,
    scramble_phases,
    whiten,
)
from brainlike.datasets.registry import DataUnavailable
from brainlike.datasets.render import View
from brainlike.datasets.rendered import (
    RenderedSet,
    load_rendered_faces,
    load_rendered_objects,
    load_textured_objects,
    render_views,
)
from brainlike.datasets.shapes import CATEGORIES, OBJECT_NAMES
from brainlike.datasets.textures import TEXTURES

__all__ = [
    "CATEGORIES",
    "OBJECT_NAMES",
    "TEXTURES",
    "Compositor",
    "DataUnavailable",
    "RenderedSet",
    "View",
    "load_backgrounds",
    "load_cueconflict",
    "load_cueconflict_examples",
    "load_images92",
    "load_photographs",
    "load_rendered_faces",
    "load_rendered_objects",
    "load_textured_objects",
    "random_patches",
    "render_views",
    "scramble_phases",
    "shape_bias",
    "shape_bias_of",
    "whiten",
]
