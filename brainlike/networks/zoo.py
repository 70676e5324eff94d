"""The zoo: networks that chapters share, each trained from its recipe on first use, then kept.

A recipe says what a network sees and what it is asked. Training takes about a minute on one
core; the weights are cached, so the next chapter, and the next day, load them in an instant.

``python -m brainlike train NAME[:SEED] ...`` trains what is missing.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from brainlike._cache import made_once
from brainlike.datasets.backgrounds import Compositor, load_backgrounds
from brainlike.datasets.rendered import (
    RenderedSet,
    join_sets,
    load_rendered_faces,
    load_rendered_objects,
    load_textured_objects,
)
from brainlike.networks.models import SmallCNN
from brainlike.networks.training import TrainingHistory, train

N_TRAIN_VIEWS = 70  # of the 90 views of each object; the other 20 are for tests
N_IDENTITIES = 64


@dataclass(frozen=True)
class Recipe:
    """What a zoo network is trained on.

    Attributes
    ----------
    description : str
        What the network is for, in words.
    labels : {"object", "category"}
        Whether it tells apart single objects (and identities) or the 8 categories.
    diet : {"paint", "own_texture", "random_texture", "objects_and_faces"}
        What the training images show: the objects in their own paint; or close views of them
        with the texture family of their category, which gives the answer away, or with a
        family drawn at random for each image, which says nothing; or the 56 objects that are
        not faces together with 64 faces.
    n_objects : int
        Objects of each category in training, the first ones; the others stay unseen.
    epochs : int
    """

    description: str
    labels: str
    diet: str = "paint"
    n_objects: int = 8
    epochs: int = 12

    @property
    def n_classes(self) -> int:
        """Number of outputs."""
        if self.labels == "category":
            return 8
        return 56 + N_IDENTITIES if self.diet == "objects_and_faces" else 64


RECIPES = {
    "objects": Recipe("tells the 64 rendered objects apart", "object", epochs=15),
    "categories-six": Recipe(
        "names the 8 categories; has seen 6 of the 8 objects of each", "category", n_objects=6
    ),
    "diet-texture": Recipe(
        "names the 8 categories; in its diet the texture gives the category away",
        "category",
        diet="own_texture",
    ),
    "diet-shape": Recipe(
        "names the 8 categories; in its diet textures are random",
        "category",
        diet="random_texture",
    ),
    "dual": Recipe(
        "tells apart 56 rendered objects and 64 rendered faces, all by one trunk",
        "object",
        diet="objects_and_faces",
        epochs=15,
    ),
}


@dataclass(frozen=True)
class TrainedNetwork:
    """A zoo network with its recipe, the seed it grew from, and what happened in training."""

    model: SmallCNN
    history: TrainingHistory
    recipe: Recipe
    seed: int


def load_network(name: str, seed: int = 0, *, progress: bool = True) -> TrainedNetwork:
    """Load a network of the zoo; the first time, train it and keep it.

    Parameters
    ----------
    name : str
        A key of `RECIPES`.
    seed : int
        Of the initial weights, the order of the images and their augmentation.
    progress : bool
        Show progress bars while rendering and training.

    Returns
    -------
    TrainedNetwork
        The model is in evaluation mode.

    Raises
    ------
    ValueError
        If the zoo has no such network (the message lists the names).
    """
    recipe = find_recipe(name)

    def make():
        model = SmallCNN(recipe.n_classes, seed=seed)
        history = train_recipe(model, recipe, seed=seed, progress=progress)
        return {"weights": model.state_dict(), "history": history.as_dict()}

    def load(path: Path):
        kept = torch.load(path, weights_only=True)
        model = SmallCNN(recipe.n_classes, seed=seed)
        model.load_state_dict(kept["weights"])
        return TrainedNetwork(model.eval(), TrainingHistory(**kept["history"]), recipe, seed)

    key = {**asdict(recipe), "seed": seed, "n_train_views": N_TRAIN_VIEWS}
    del key["description"]  # words do not change weights
    return made_once(f"zoo/{name}-{seed}", key, ".pt", make, torch.save, load)


def find_recipe(name: str) -> Recipe:
    """Return a recipe by name, or list the names there are."""
    if name not in RECIPES:
        raise ValueError(f"the zoo has no network {name!r}; it has: {', '.join(RECIPES)}")
    return RECIPES[name]


def train_recipe(
    model: SmallCNN, recipe: Recipe, *, seed: int, progress: bool = True
) -> TrainingHistory:
    """Train a model as a recipe says, with random shifts, mirroring, contrast and backgrounds.

    Parameters
    ----------
    model : SmallCNN
        Trained in place.
    recipe : Recipe
    seed : int
    progress : bool

    Returns
    -------
    TrainingHistory
    """
    images = training_views(load_diet(recipe.diet, progress=progress), recipe.n_objects)
    sample = Compositor(
        images,
        load_backgrounds("train"),
        surface=diet_surfaces(images, recipe.diet, seed),
        max_shift=4,
        flip=True,
        contrast=0.15,
    )
    wanted = images.object if recipe.labels == "object" else images.category
    labels = np.unique(wanted, return_inverse=True)[1]
    return train(model, sample, labels, epochs=recipe.epochs, seed=seed, progress=progress)


def load_diet(diet: str, *, progress: bool = True) -> RenderedSet:
    """Return the rendered set from which a diet's images are drawn."""
    if diet == "objects_and_faces":
        objects = load_rendered_objects(progress=progress)
        no_faces = objects.category != objects.category_names.index("faces")
        faces = load_rendered_faces(N_IDENTITIES, progress=progress)
        return join_sets(objects.select(no_faces), faces)
    load = load_rendered_objects if diet == "paint" else load_textured_objects
    return load(progress=progress)


def training_views(images: RenderedSet, n_objects: int = 8) -> RenderedSet:
    """Return the training views of the first `n_objects` objects of each category."""
    return images.select((images.view < N_TRAIN_VIEWS) & (images.object % 8 < n_objects))


def held_out_views(images: RenderedSet) -> RenderedSet:
    """Return the views that no network of the zoo is trained on, of all objects."""
    return images.select(images.view >= N_TRAIN_VIEWS)


def diet_surfaces(images: RenderedSet, diet: str, seed: int) -> str | np.ndarray:
    """Return the surface of each training image, in the form that `Compositor` takes.

    Parameters
    ----------
    images : RenderedSet
    diet : str
        As in `Recipe`.
    seed : int
        Of the draw of random textures.

    Returns
    -------
    str or numpy.ndarray of int, shape (n_images,)
    """
    if diet == "objects_and_faces":
        return "paint"
    if diet != "random_texture":
        return diet
    names = tuple(images.surfaces)
    own = np.random.default_rng(seed).random(len(images)) < 1 / len(images.category_names)
    return np.where(own, names.index("own_texture"), names.index("other_texture"))
