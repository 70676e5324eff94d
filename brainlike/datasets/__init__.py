"""Stimuli and recordings: rendered sets made from code, and real data fetched once."""

from brainlike.datasets.recorded.brainscore2019 import load_brainscore2019
from brainlike.datasets.recorded.changtsao import load_changtsao
from brainlike.datasets.recorded.cowley_v4 import load_cowley_v4
from brainlike.datasets.recorded.cueconflict import load_cueconflict, shape_bias, shape_bias_of
from brainlike.datasets.recorded.cueconflict_examples import load_cueconflict_examples
from brainlike.datasets.recorded.elmoznino import load_elmoznino
from brainlike.datasets.recorded.hallem import load_hallem
from brainlike.datasets.recorded.haxby_mini import block_patterns, load_haxby_mini, standardize_runs
from brainlike.datasets.recorded.images92 import load_images92
from brainlike.datasets.recorded.metamer_experiments import load_metamers
from brainlike.datasets.recorded.pnkc import load_pnkc
from brainlike.datasets.recorded.registry import DataUnavailable
from brainlike.datasets.recorded.stringer import load_stringer
from brainlike.datasets.rendered.backgrounds import Compositor, load_backgrounds
from brainlike.datasets.rendered.photographs import (
    load_photographs,
    random_patches,
    scramble_phases,
    whiten,
)
from brainlike.datasets.rendered.render import View
from brainlike.datasets.rendered.rendered_set import RenderedSet
from brainlike.datasets.rendered.sets import (
    load_rendered_cars,
    load_rendered_faces,
    load_rendered_objects,
    load_textured_objects,
)
from brainlike.datasets.rendered.shapes import CATEGORIES, OBJECT_NAMES
from brainlike.datasets.rendered.textures import TEXTURES
from brainlike.datasets.rendered.views import render_views
from brainlike.datasets.simulated.brains import SimulatedBrains, simulate_brains
from brainlike.datasets.simulated.fmri import FMRI, estimate_betas, simulate_fmri
from brainlike.datasets.simulated.populations import (
    PowerLawPopulation,
    simulate_power_law_population,
)

__all__ = [
    "CATEGORIES",
    "FMRI",
    "OBJECT_NAMES",
    "TEXTURES",
    "Compositor",
    "DataUnavailable",
    "PowerLawPopulation",
    "RenderedSet",
    "SimulatedBrains",
    "View",
    "block_patterns",
    "estimate_betas",
    "load_backgrounds",
    "load_brainscore2019",
    "load_changtsao",
    "load_cowley_v4",
    "load_cueconflict",
    "load_cueconflict_examples",
    "load_elmoznino",
    "load_hallem",
    "load_haxby_mini",
    "load_images92",
    "load_metamers",
    "load_photographs",
    "load_pnkc",
    "load_rendered_cars",
    "load_rendered_faces",
    "load_rendered_objects",
    "load_stringer",
    "load_textured_objects",
    "random_patches",
    "render_views",
    "scramble_phases",
    "shape_bias",
    "shape_bias_of",
    "simulate_brains",
    "simulate_fmri",
    "simulate_power_law_population",
    "standardize_runs",
    "whiten",
]
