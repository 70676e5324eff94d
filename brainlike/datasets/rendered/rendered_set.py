"""What a rendered set is: images without background, with everything that is known about them."""

from dataclasses import dataclass, fields, replace

import numpy as np

from brainlike.datasets.rendered.render import POSE_NAMES

CITATION = "yamins2014; jakob2022mitsuba; lorensen1987"


@dataclass(frozen=True)
class RenderedSet:
    """Rendered images without background.

    Attributes
    ----------
    surfaces : dict of str to numpy.ndarray of uint8, shape (n_images, 64, 64)
        Grey values (gamma-encoded, multiplied by alpha) of the same views with different
        surfaces: ``"paint"`` and, in the textured set, ``"own_texture"`` and ``"other_texture"``.
    alpha : numpy.ndarray of uint8, shape (n_images, 64, 64)
        Coverage: 255 where the object hides the background.
    category : numpy.ndarray of int, shape (n_images,)
        Position in `category_names`; the texture family ``TEXTURES[category]`` is its own.
    object : numpy.ndarray of int, shape (n_images,)
        Position in `object_names`.
    view : numpy.ndarray of int, shape (n_images,)
        Number of the view of that object, from 0.
    other_texture : numpy.ndarray of int, shape (n_images,), or None
        Position in `TEXTURES` of the family shown in ``surfaces["other_texture"]``.
    pose : numpy.ndarray of float32, shape (n_images, 8)
        Columns `pose_names`; units and signs as in `View`.
    category_names, object_names, pose_names : tuple of str
    made_in_seconds : float
        How long the rendering took on this machine.
    source : str
        ``"simulated"``.
    citation : str
        Keys in the book's bibliography.
    """

    surfaces: dict[str, np.ndarray]
    alpha: np.ndarray
    category: np.ndarray
    object: np.ndarray
    view: np.ndarray
    other_texture: np.ndarray | None
    pose: np.ndarray
    category_names: tuple[str, ...]
    object_names: tuple[str, ...]
    made_in_seconds: float
    pose_names: tuple[str, ...] = POSE_NAMES
    source: str = "simulated"
    citation: str = CITATION

    def __len__(self) -> int:
        return len(self.alpha)

    def select(self, mask_or_indices: np.ndarray) -> "RenderedSet":
        """Return only some of the images, chosen by a boolean mask or by positions."""
        chosen = np.asarray(mask_or_indices)
        if chosen.dtype == bool and chosen.shape != (len(self),):
            raise ValueError(f"the mask must be ({len(self)},); got {chosen.shape}")
        per_image = {
            f.name: getattr(self, f.name)[chosen]
            for f in fields(self)
            if isinstance(getattr(self, f.name), np.ndarray)
        }
        surfaces = {name: images[chosen] for name, images in self.surfaces.items()}
        return replace(self, surfaces=surfaces, **per_image)


def join_sets(objects: RenderedSet, identities: RenderedSet) -> RenderedSet:
    """Return objects and faces (or cars) as one set: identities are counted on after the objects.

    Parameters
    ----------
    objects : RenderedSet
        From `load_rendered_objects`.
    identities : RenderedSet
        From `load_rendered_faces` or `load_rendered_cars`; its category becomes the objects'
        category of the same name.

    Returns
    -------
    RenderedSet
        With the surface ``"paint"`` only.

    Raises
    ------
    ValueError
        If `identities` has several categories, or one that the objects do not have.
    """
    names = identities.category_names
    if len(names) > 1 or names[0] not in objects.category_names:
        raise ValueError(
            "join objects with identities of one category, as from load_rendered_faces or "
            f"load_rendered_cars; got the categories {', '.join(names)}"
        )
    n_objects = len(objects.object_names)
    category = objects.category_names.index(names[0])
    pair = (objects, identities)
    together = lambda name: np.concatenate([getattr(one, name) for one in pair])  # noqa: E731
    return replace(
        objects,
        surfaces={"paint": np.concatenate([one.surfaces["paint"] for one in pair])},
        alpha=together("alpha"),
        category=np.concatenate([objects.category, np.full(len(identities), category)]),
        object=np.concatenate([objects.object, identities.object + n_objects]),
        view=together("view"),
        other_texture=None,
        pose=together("pose"),
        object_names=(*objects.object_names, *identities.object_names),
        made_in_seconds=objects.made_in_seconds + identities.made_in_seconds,
    )
