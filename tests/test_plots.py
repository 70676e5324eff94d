import matplotlib.pyplot as plt
import numpy as np
import pytest

from brainlike import plots


@pytest.fixture(autouse=True)
def fresh_figure():
    plt.switch_backend("Agg")
    with plt.rc_context():
        plots.use_style()
        yield
        plt.close("all")


def test_image_grid_puts_every_image_in_its_place():
    images = np.arange(6)[:, None, None] / 10 * np.ones((6, 4, 5))
    ax = plots.image_grid(images, 3, gap=1)
    sheet = ax.images[0].get_array()
    assert sheet.shape == (9, 17)
    for i in range(6):
        row, column = divmod(i, 3)
        assert np.allclose(sheet[row * 5 : row * 5 + 4, column * 6 : column * 6 + 5], i / 10)


def test_symmetric_grids_show_zero_as_mid_grey_and_the_peak_as_black_or_white():
    sheet = plots.image_grid(np.array([[[0.0, 5.0, -2.5]]]), symmetric=True).images[0].get_array()
    assert np.allclose(sheet, [[0.5, 1.0, 0.25]])


def test_curves_and_groups_draw_their_means():
    curves = np.array([[1.0, 2.0], [3.0, 6.0]])
    ax = plots.curve_with_spread([0, 1], curves, label="a")
    assert np.allclose(ax.lines[0].get_ydata(), [2, 4])
    ax = plots.points_by_group([np.array([1.0, 3.0])], ["a"], ax=plt.figure().gca())
    assert np.allclose(ax.lines[1].get_ydata(), 2)


def test_confusion_matrix_shows_row_shares_and_counts():
    ax = plots.confusion_matrix([[8, 2], [0, 4]], ["a", "b"])
    assert np.allclose(ax.images[0].get_array(), [[0.8, 0.2], [0, 1]])
    assert [text.get_text() for text in ax.texts] == ["8", "2", "4"]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: plots.image_grid(np.zeros(3)), "images must be"),
        (lambda: plots.curve_with_spread([0, 1], np.zeros((2, 3)), label="a"), "curves must be"),
        (lambda: plots.curve_with_spread([0], [[np.nan]], label="a"), "NaN"),
        (lambda: plots.points_by_group([[1.0]], []), "one name a group"),
        (lambda: plots.confusion_matrix(np.zeros((2, 3)), ["a", "b"]), "counts must be"),
        (lambda: plots.label_source("rendered"), "source must be"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_palette_survives_colour_blindness():
    """Simulated deuteranopia and protanopia (Vienot et al. 1999) keep the main colours apart."""
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714],
                       [0.0299566, 0.184309, 1.46709]])  # fmt: skip
    deutan = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    protan = np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]])
    names = (plots.NETWORK, plots.BRAIN, plots.CONTROL)
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in names])
    for loss in (np.eye(3), deutan, protan):
        seen = np.linalg.inv(to_lms) @ loss @ to_lms @ (rgb**2.2).T
        seen = np.clip(seen, 0, 1).T ** (1 / 2.2)
        gaps = [np.linalg.norm(seen[i] - seen[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
        assert min(gaps) > 0.15
