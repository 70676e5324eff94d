"""The zoo: networks that chapters share, each trained from its recipe.

A recipe says what a network sees and what it is asked. The networks that the chapters use travel
with the book (`SHIPPED`). Others, of another seed for example, are trained on first use, which
takes minutes, and kept in the cache.
"""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from brainlike.datasets.rendered import (
    _rendering,
    backgrounds,
    render,
    sdf,
    shapes,
    solids,
    textures,
)
from brainlike.datasets.rendered.backgrounds import Compositor, load_backgrounds
from brainlike.datasets.rendered.rendered_set import RenderedSet, join_sets
from brainlike.datasets.rendered.sets import (
    N_TRAIN_VIEWS,
    Views,
    load_rendered_cars,
    load_rendered_faces,
    load_rendered_objects,
    load_textured_objects,
)
from brainlike.networks import adversaries, models, residual, training
from brainlike.networks.adversaries import perturb_adversarially
from brainlike.networks.fingerprints import fingerprint
from brainlike.networks.keeping import load_kept
from brainlike.networks.models import SmallCNN
from brainlike.networks.residual import SmallResNet
from brainlike.networks.training import TrainingHistory, train

N_IDENTITIES = 64
_N_CLASSES = {  # of the diets that are not all 64 objects
    "faces": N_IDENTITIES,
    "objects_without_faces": 56,
    "objects_and_faces": 56 + N_IDENTITIES,
    "objects_and_cars": 56 + N_IDENTITIES,
}
_ARCHITECTURES = {"cnn": SmallCNN, "resnet": SmallResNet}
_ATTACK_STEPS = 2
# Fields that older recipes do not have. At these values they stay out of a network's key, so
# that what was trained before them is still found.
_LATER_FIELDS = {"architecture": "cnn", "start": "", "epsilon": 0.0}


@dataclass(frozen=True)
class Recipe:
    """What a zoo network is trained on.

    Attributes
    ----------
    description : str
        What the network is for, in words.
    labels : {"object", "category"}
        Whether it tells apart single objects (and identities) or the 8 categories.
    diet : str
        What the training images show. ``"paint"``: the objects in their own paint.
        ``"own_texture"``: close views of them with the texture family of their category, which
        gives the answer away. ``"random_texture"``: the same with a family drawn at random for
        each image, which says nothing. ``"faces"``: 64 identities. ``"objects_without_faces"``:
        the other 56 objects in their paint. ``"objects_and_faces"``: these two together.
        ``"objects_and_cars"``: the 56 objects that are not cars, and 64 individual cars.
    n_objects : int
        Objects of each category in training, the first ones; the others stay unseen.
    epochs : int
    architecture : {"cnn", "resnet"}
        `SmallCNN` or `SmallResNet`.
    start : str
        Name of the recipe whose trained network, of the same seed, this one starts from; empty
        for random weights.
    epsilon : float
        Euclidean length of the adversarial changes of its training images, in units of the pixel
        range; see `perturb_adversarially`.
    """

    description: str
    labels: str
    diet: str = "paint"
    n_objects: int = 8
    epochs: int = 12
    architecture: str = "cnn"
    start: str = ""
    epsilon: float = 0.0

    @property
    def n_classes(self) -> int:
        """Number of outputs."""
        if self.labels == "category":
            return 8
        return _N_CLASSES.get(self.diet, 64)


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
    "faces": Recipe("tells the 64 rendered faces apart", "object", diet="faces", epochs=15),
    "things": Recipe(
        "tells apart the 56 rendered objects that are not faces",
        "object",
        diet="objects_without_faces",
        epochs=15,
    ),
    "cars-dual": Recipe(
        "tells apart 56 rendered objects and 64 rendered cars, all by one trunk",
        "object",
        diet="objects_and_cars",
        epochs=15,
    ),
    "objects-resnet": Recipe(
        "tells the 64 rendered objects apart, with another architecture",
        "object",
        epochs=15,
        architecture="resnet",
    ),
    "robust": Recipe(
        "goes on from the network for objects, its images changed to mislead it",
        "object",
        epochs=8,
        start="objects",
        epsilon=0.5,
    ),
    "robust-control": Recipe(
        "goes on from the network for objects as long as the robust one, its images unchanged",
        "object",
        epochs=8,
        start="objects",
    ),
}

# The seeds of each recipe that travel with the book.
SHIPPED = {
    "objects": (0, 1, 3),
    "categories-six": (0, 4),
    "diet-texture": (0,),
    "diet-shape": (0,),
    "dual": (0, 1, 2),
    "faces": (0,),
    "things": (0, 6),
    "cars-dual": (0, 1, 2),
    "objects-resnet": (5,),
    "robust": (0, 1),
    "robust-control": (0,),
}


@dataclass(frozen=True)
class TrainedNetwork:
    """A zoo network with its recipe, the seed it grew from, and what happened in training."""

    model: SmallCNN | SmallResNet
    history: TrainingHistory
    recipe: Recipe
    seed: int


def load_network(name: str, seed: int = 0, *, progress: bool = True) -> TrainedNetwork:
    """Load a network of the zoo: from the package, from the cache, or by training it now.

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
    WeightsDamaged
        If the file in the package is missing or damaged.
    """
    recipe = find_recipe(name)
    architecture = _ARCHITECTURES[recipe.architecture]

    def train_it():
        model = architecture(recipe.n_classes, seed=seed)
        if recipe.start:
            start = load_network(recipe.start, seed, progress=progress).model
            model.load_state_dict(start.state_dict())
        history = train_recipe(model, recipe, seed=seed, progress=progress)
        return model.state_dict(), history.as_dict()

    def rebuild(weights, history):
        model = architecture(recipe.n_classes, seed=seed)
        model.load_state_dict(weights)
        plain = {key: np.asarray(value).tolist() for key, value in history.items()}
        return TrainedNetwork(model.eval(), TrainingHistory(**plain), recipe, seed)

    return load_kept(name, seed, network_key(name, seed), network_code(name), train_it, rebuild)


def network_code(name: str) -> dict[str, str]:
    """Return the fingerprints of the code that decides a network's weights."""
    recipe = find_recipe(name)
    functions = (train_recipe, load_diet, _objects_without, training_views, diet_surfaces)
    code = {
        "images": fingerprint(_rendering, render, sdf, solids, textures, shapes, *shapes.MODULES),
        "backgrounds": fingerprint(backgrounds),
        "training": fingerprint(training, *functions),
        "model": fingerprint(models if recipe.architecture == "cnn" else residual),
    }
    if recipe.epsilon:
        code["attack"] = fingerprint(adversaries)
    return code


def network_key(name: str, seed: int) -> dict:
    """Return what decides a network's weights, but for the code."""
    recipe = find_recipe(name)
    key = {**asdict(recipe), "seed": seed, "n_train_views": N_TRAIN_VIEWS}
    del key["description"]  # words do not change weights
    for name, earlier in _LATER_FIELDS.items():
        if key[name] == earlier:
            del key[name]
    if recipe.start:
        key["start"] = network_key(recipe.start, seed)
    return key


def find_recipe(name: str) -> Recipe:
    """Return a recipe by name, or list the names there are."""
    if name not in RECIPES:
        raise ValueError(f"the zoo has no network {name!r}; it has: {', '.join(RECIPES)}")
    return RECIPES[name]


def train_recipe(
    model: SmallCNN | SmallResNet, recipe: Recipe, *, seed: int, progress: bool = True
) -> TrainingHistory:
    """Train a model as a recipe says, with random shifts, mirroring, contrast and backgrounds.

    Parameters
    ----------
    model : SmallCNN or SmallResNet
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
    attack = partial(perturb_adversarially, epsilon=recipe.epsilon, n_steps=_ATTACK_STEPS)
    return train(
        model,
        sample,
        labels,
        epochs=recipe.epochs,
        seed=seed,
        perturb=attack if recipe.epsilon else None,
        progress=progress,
    )


def load_diet(diet: str, *, views: Views | None = None, progress: bool = True) -> RenderedSet:
    """Return the rendered set from which a diet's images are drawn.

    Parameters
    ----------
    diet : str
        As in `Recipe`.
    views : "held-out" or sequence of int, optional
        Only these views of each object, as in `load_rendered_objects`.
    progress : bool
        Show progress bars while rendering.

    Raises
    ------
    ValueError
        If there is no such diet, or no such view.
    """
    match diet:
        case "paint":
            return load_rendered_objects(views=views, progress=progress)
        case "own_texture" | "random_texture":
            return load_textured_objects(views=views, progress=progress)
        case "faces":
            return load_rendered_faces(N_IDENTITIES, views=views, progress=progress)
        case "objects_without_faces":
            return _objects_without("faces", views, progress)
        case "objects_and_faces":
            faces = load_rendered_faces(N_IDENTITIES, views=views, progress=progress)
            return join_sets(_objects_without("faces", views, progress), faces)
        case "objects_and_cars":
            cars = load_rendered_cars(N_IDENTITIES, views=views, progress=progress)
            return join_sets(_objects_without("cars", views, progress), cars)
    raise ValueError(f"there is no diet {diet!r}; the diets are described in Recipe")


def _objects_without(category: str, views: Views | None, progress: bool) -> RenderedSet:
    objects = load_rendered_objects(views=views, progress=progress)
    return objects.select(objects.category != objects.category_names.index(category))


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
    if diet != "random_texture":
        return "own_texture" if diet == "own_texture" else "paint"
    names = tuple(images.surfaces)
    own = np.random.default_rng(seed).random(len(images)) < 1 / len(images.category_names)
    return np.where(own, names.index("own_texture"), names.index("other_texture"))
