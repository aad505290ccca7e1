import numpy as np
import pytest

from helpers import ops, plots

IMAGE = np.arange(9).reshape(3, 3)
KERNEL = np.arange(4).reshape(2, 2)
MAP = ops.conv2d(IMAGE, KERNEL)
CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def texts(picture):
    written = [text.get_text() for text in picture.texts]
    return written + [t.get_text() for ax in picture.axes for t in ax.texts]


def frames(ax):
    """The marked windows of an axis, as (row, column, rows, columns)."""
    boxes = [patch for patch in ax.patches if not patch.get_fill()]
    return {
        (p.get_y() + 0.5, p.get_x() + 0.5, p.get_height(), p.get_width()) for p in boxes
    }


def inside(picture):
    """Whether all that is drawn and written lies on the page."""
    picture.canvas.draw()
    box = picture.get_tightbbox()
    wide, tall = picture.get_size_inches()
    return min(box.x0, box.y0) > -0.02 and box.x1 < wide + 0.02 and box.y1 < tall + 0.02


# ---- steps ----


def test_a_step_marks_the_window_and_its_answer():
    picture = plots.steps(IMAGE, KERNEL, MAP, CORNERS)
    assert len(picture.axes) == 12
    for index, (row, column) in enumerate(CORNERS):
        image, kernel, answers = picture.axes[3 * index : 3 * index + 3]
        assert frames(image) == {(row, column, 2, 2)}
        assert frames(kernel) == set()
        assert frames(answers) == {(row, column, 1, 1)}
    assert {"19", "25", "37", "43", "⋆", "="} <= set(texts(picture))
    assert inside(picture)


def test_steps_follow_the_stride():
    image = np.arange(49).reshape(7, 7)
    answers = ops.conv2d(image, np.eye(3), stride=2)
    picture = plots.steps(image, np.eye(3), answers, [(2, 1)], stride=2)
    assert frames(picture.axes[0]) == {(4, 2, 3, 3)}


def test_each_step_may_have_its_kernel_and_map():
    kernels = {"sum": np.ones((2, 2)), "corner": np.array([[1, 0], [0, 0]])}
    maps = [ops.conv2d(IMAGE, kernel) for kernel in kernels.values()]
    picture = plots.steps(IMAGE, kernels, maps, [(0, 0), (1, 1)])
    assert {"sum", "corner"} <= set(texts(picture))
    assert "Sum: image, rows 0 1 2" in picture.alt
    assert "corner: image" in picture.alt
    assert inside(picture)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 12])
def test_any_number_of_steps_stays_on_the_page(count):
    image = np.ones((8, 8))
    answers = ops.conv2d(image, np.ones((3, 3)))
    titles = [f"step {i}, with a long title" for i in range(count)]
    picture = plots.steps(
        image, np.ones((3, 3)), answers, [(0, 0)] * count, titles, title="steps"
    )
    assert inside(picture)
    assert picture.width <= plots.WIDTH


def test_steps_refuse():
    with pytest.raises(ValueError, match="inside 2 × 2"):
        plots.steps(IMAGE, KERNEL, MAP, [(2, 0)])
    with pytest.raises(ValueError, match="does not lie inside 3 × 3"):
        plots.steps(IMAGE, KERNEL, MAP, [(1, 1)], stride=2)
    with pytest.raises(ValueError, match="0 positions came"):
        plots.steps(IMAGE, KERNEL, MAP, [])
    with pytest.raises(ValueError, match="one entry for each"):
        plots.steps(IMAGE, [KERNEL, KERNEL], MAP, [(0, 0)])
    with pytest.raises(ValueError, match="at most 16 × 16"):
        plots.steps(IMAGE, np.ones((17, 17)), MAP, [(0, 0)])


# ---- placements ----


@pytest.mark.parametrize(
    ("settings", "count", "hatched"),
    [
        ({"n": 6, "kernel": 3}, 4, 0),
        ({"n": 6, "kernel": 3, "stride": 2, "padding": "same"}, 3, 1),
        ({"n": 6, "kernel": 3, "padding": 1}, 6, 2),
        ({"n": 6, "kernel": 3, "padding": (2, 0)}, 6, 2),
        ({"n": 9, "kernel": 3, "dilation": 2}, 5, 0),
        ({"n": 1, "kernel": 1}, 1, 0),
        ({"n": 32, "kernel": 1}, 32, 0),
    ],
)
def test_a_row_for_each_place(settings, count, hatched):
    picture = plots.placements(**settings)
    (ax,) = picture.axes
    taps = [p for p in ax.patches if p.get_facecolor()[3] == 1]
    assert len(taps) == count * settings["kernel"]
    assert sum(bool(p.get_hatch()) for p in ax.patches) == hatched
    assert f"output {count - 1}" in texts(picture)
    assert f"output {count}" not in texts(picture)
    assert f"+ 1 = {count}" in picture.alt
    assert inside(picture)


def test_pixels_that_are_not_reached_are_named():
    assert "Not reached: pixel 9." in plots.placements(10, 3, stride=3).alt
    assert "Not reached: pixels 2, 5." in plots.placements(8, 2, stride=3).alt
    alt = plots.placements(6, 3, padding="same", stride=2).alt
    assert "padding 0 before and 1 after: 3 places" in alt
    assert "Every pixel is reached." in alt


def test_placements_refuse():
    with pytest.raises(ValueError, match="at most 32"):
        plots.placements(40, 3)
    with pytest.raises(ValueError, match="kernel"):
        plots.placements(2, 3)
    with pytest.raises(ValueError, match="stride"):
        plots.placements(6, 3, stride=0)
