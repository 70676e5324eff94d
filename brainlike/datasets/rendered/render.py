"""From a mesh and a view to an image: one object, two lights, a camera (mitsuba, scalar mode).

The camera looks along -z with y up. Each image is the sum of two renders with one directional
light each: a *key* light with cast shadows, and a *fill* light from beside the camera. One light
at a time leaves no noise from choosing between lights, so four samples a pixel suffice. Mitsuba
treats the three colour channels as independent reflectances, so one render can hold three grey
surfaces of the same object under the same light (Jakob et al. 2022).
"""

from dataclasses import dataclass, replace

import numpy as np

from brainlike._validate import check_array
from brainlike.datasets.rendered.sdf import rotation
from brainlike.datasets.rendered.solids import Mesh

FIELD_OF_VIEW = 28.0  # degrees
FILL_DIRECTION = (0.15, 0.35, 1.0)  # from the object toward the fill light
GAMMA = 2.2
SAMPLES = 4  # rays a pixel and light
GREY_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
POSE_NAMES = ("yaw", "pitch", "roll", "size", "x", "y", "light_azimuth", "light_elevation")


@dataclass(frozen=True)
class View:
    """Pose of an object before the camera, and its light; the default is three-quarter view.

    Attributes
    ----------
    yaw, pitch, roll : float
        Degrees. Yaw turns the object about its upright axis, counter-clockwise seen from above;
        then pitch tilts its top toward the camera; then roll turns the image counter-clockwise.
    size : float
        Radius of the object in half images; 1 about fills the frame.
    x, y : float
        Shift in half images; x to the right, y up.
    light_azimuth, light_elevation : float
        Direction of the key light in degrees: azimuth to the right of the camera, elevation
        above it.
    key, fill : float
        Strengths of the two lights: a white surface that faces a light of strength 1 has
        luminance 1.
    """

    yaw: float = -35.0
    pitch: float = 15.0
    roll: float = 0.0
    size: float = 0.9
    x: float = 0.0
    y: float = 0.0
    light_azimuth: float = 25.0
    light_elevation: float = 40.0
    key: float = 1.0
    fill: float = 0.3

    def __post_init__(self):
        values = check_array("view", list(vars(self).values()))
        if self.size <= 0 or min(self.key, self.fill) < 0:
            raise ValueError(f"a view needs size > 0 and key, fill >= 0; got {values.tolist()}")

    @property
    def pose(self) -> tuple[float, ...]:
        """The eight numbers named by `POSE_NAMES`."""
        return tuple(getattr(self, name) for name in POSE_NAMES)

    def rotation(self) -> np.ndarray:
        """Return the matrix (3, 3) that turns the object."""
        turn = rotation("x", self.pitch) @ rotation("y", self.yaw)
        return (rotation("z", self.roll) @ turn).astype(float)

    def key_direction(self) -> np.ndarray:
        """Return the unit vector (3,) from the object toward the key light."""
        azimuth, elevation = np.deg2rad((self.light_azimuth, self.light_elevation))
        level = np.cos(elevation)
        return np.array([np.sin(azimuth) * level, np.sin(elevation), np.cos(azimuth) * level])


def sample_view(rng: np.random.Generator, category: str, spread: float = 1.0) -> View:
    """Draw a view for an object of a category.

    Most objects stand upright and turn freely; faces stay within 60 degrees of frontal, planes
    and fruits tumble more. The object stays about inside the frame.

    Parameters
    ----------
    rng : numpy.random.Generator
    category : str
        A name in `brainlike.datasets.rendered.shapes.CATEGORIES`.
    spread : float
        Factor on all ranges but those of the light's elevation and strengths.
    """
    if category == "faces":
        yaw = rng.uniform(-60, 60) * spread
        pitch, roll = rng.uniform(-20, 25) * spread, rng.uniform(-20, 20) * spread
    else:
        yaw = rng.uniform(0, 360)
        pitch, roll = 10 + rng.uniform(-18, 30) * spread, rng.uniform(-25, 25) * spread
    if category == "planes":
        pitch, roll = rng.uniform(-50, 60) * spread, rng.uniform(-35, 35) * spread
    if category == "fruits":
        pitch, roll = rng.uniform(-25, 45) * spread, rng.uniform(-40, 40) * spread
    size = 0.84 * 2 ** (rng.uniform(-0.6, 0.45) * spread)
    room = max(0.0, 1.05 - size)
    x, y = rng.uniform(-room, room, 2) * spread
    azimuth, elevation = rng.uniform(-75, 75) * spread, rng.uniform(5, 70)
    key, fill = rng.uniform(0.5, 1.15), rng.uniform(0.15, 0.4)
    return View(yaw, pitch, roll, size, x, y, azimuth, elevation, key, fill)


def sample_close_view(rng: np.random.Generator, category: str) -> View:
    """Draw a view from close by: as `sample_view`, but the object overflows the frame.

    Size is uniform from 1.5 to 2.5, and x and y from -0.3 to 0.3, so that a texture shows large.

    Parameters
    ----------
    rng : numpy.random.Generator
    category : str
        A name in `brainlike.datasets.rendered.shapes.CATEGORIES`.
    """
    view = sample_view(rng, category)
    size, (x, y) = rng.uniform(1.5, 2.5), rng.uniform(-0.3, 0.3, 2)
    return replace(view, size=size, x=x, y=y)


class Stage:
    """A mesh ready to be rendered from many views; only camera, light and colours move.

    Parameters
    ----------
    mesh : Mesh
        As `Solid.mesh` returns it.
    """

    def __init__(self, mesh: Mesh):
        self.mesh = mesh
        mi = _mitsuba()
        surface = mi.Properties()
        paint = {"type": "mesh_attribute", "name": "vertex_color"}
        diffuse = {"type": "diffuse", "reflectance": paint}
        surface["surface"] = mi.load_dict({"type": "twosided", "diffuse": diffuse})
        n_vertices, n_faces = len(mesh.vertices), len(mesh.faces)
        shape = mi.Mesh("object", n_vertices, n_faces, props=surface, has_vertex_normals=True)
        shape.add_attribute("vertex_color", 3, mesh.colours.ravel())
        parts = mi.traverse(shape)
        parts["vertex_positions"] = mesh.vertices.ravel()
        parts["vertex_normals"] = mesh.normals.ravel()
        parts["faces"] = mesh.faces.astype(np.uint32).ravel()
        parts.update()
        # An irradiance of pi makes a white surface that faces the light have radiance 1.
        power = {"type": "rgb", "value": float(np.pi)}
        light = {"type": "directional", "direction": [0, -1, -1], "irradiance": power}
        self._scene = mi.load_dict({"type": "scene", "object": shape, "light": light})
        self._controls = mi.traverse(self._scene)
        direct = {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0}
        self._integrator = mi.load_dict({**direct, "hide_emitters": True})

    def recolour(self, colours: np.ndarray) -> None:
        """Set the reflectances (n_vertices, 3), in [0, 1], of the three channels."""
        colours = check_array("colours", colours, shape=self.mesh.vertices.shape, dtype=np.float32)
        self._controls["object.vertex_color"] = colours.ravel()
        self._controls.update()

    def render(self, view: View, resolution: int = 64, seed: int = 0) -> np.ndarray:
        """Return the image as linear RGBA, premultiplied by alpha.

        Parameters
        ----------
        view : View
        resolution : int
            Height and width in pixels.
        seed : int
            Of the places of the rays within the pixels.

        Returns
        -------
        numpy.ndarray of float, shape (resolution, resolution, 4)
        """
        mi = _mitsuba()
        # The camera and the lights go around the object, which stays: nothing is rebuilt.
        back = view.rotation().T
        sensor = self._sensor(view, back, resolution)
        image = np.zeros((resolution, resolution, 4))
        lights = ((view.key_direction(), view.key), (np.array(FILL_DIRECTION), view.fill))
        for i, (toward, strength) in enumerate(lights):
            shining = back @ (-toward / np.linalg.norm(toward))
            up = back @ np.array([0.3, 0.9, -0.31])  # any direction that is not the light's
            frame = mi.ScalarTransform4f().look_at([0, 0, 0], list(shining), list(up))
            self._controls["light.to_world"] = frame
            self._controls.update()
            part = mi.render(
                self._scene, sensor=sensor, integrator=self._integrator, seed=2 * seed + i
            )
            # Interpolated reflectances overshoot at rare pixels; fmax also replaces NaN by 0.
            image += np.fmax(np.array(part), 0) * np.array([strength, strength, strength, 0.5])
        return image

    def _sensor(self, view, back, resolution):
        """Camera from which the object has the size and place that the view asks for."""
        mi = _mitsuba()
        distance = 1 / np.tan(np.deg2rad(FIELD_OF_VIEW / 2)) / view.size
        aim = np.array([-view.x, -view.y, 0]) / view.size
        origin = back @ (aim + np.array([0, 0, distance]))
        up = back @ np.array([0.0, 1.0, 0.0])
        frame = mi.ScalarTransform4f().look_at(list(origin), list(back @ aim), list(up))
        film = {
            "type": "hdrfilm",
            "width": resolution,
            "height": resolution,
            "rfilter": {"type": "box"},
            "pixel_format": "rgba",
            "component_format": "float32",
        }
        sampler = {"type": "stratified", "sample_count": SAMPLES}
        camera = {"type": "perspective", "fov": FIELD_OF_VIEW, "to_world": frame}
        return mi.load_dict({**camera, "film": film, "sampler": sampler})


def straight(image: np.ndarray) -> np.ndarray:
    """Return a render (..., 4) gamma-encoded in [0, 1], its colours not multiplied by alpha."""
    alpha = np.clip(image[..., 3:], 0, 1)
    colours = np.clip(image[..., :3], 0, None) / np.maximum(alpha, 1e-3)
    return np.concatenate([np.clip(colours, 0, 1) ** (1 / GAMMA), alpha], axis=-1)


def premultiplied_bytes(image: np.ndarray) -> np.ndarray:
    """Return a render (..., 4) gamma-encoded, multiplied by alpha, as uint8."""
    encoded = straight(image)
    encoded[..., :3] *= encoded[..., 3:]
    return (encoded * 255 + 0.5).astype(np.uint8)


def _mitsuba():
    """Import mitsuba when it is first needed (it takes a third of a second)."""
    import mitsuba

    if mitsuba.variant() != "scalar_rgb":
        mitsuba.set_variant("scalar_rgb")
    mitsuba.set_log_level(mitsuba.LogLevel.Error)  # `Stage.render` treats what it warns of
    return mitsuba
