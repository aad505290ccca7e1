"""Landscapes from above: what is drawn of them, what is said, what is refused."""

import numpy as np
import pytest

from helpers import plots

X, Y = np.linspace(-2, 2, 21), np.linspace(-1, 1, 11)
HEIGHTS = np.add.outer(Y**2, X**2)
PATHS = {"one": [(-2, 1), (0, 0)], "other": [(1, 1), (1, 0.5), (5, 5)]}


def test_paths_and_crosses_are_drawn_where_they_are():
    picture = plots.contours(HEIGHTS, X, Y, PATHS, crosses=[(0, 0), (1, -1)])
    (ax,) = picture.axes
    assert ax.get_xlim() == (-2, 2)
    assert ax.get_ylim() == (-1, 1)
    drawn = {line.get_label(): line.get_xydata().tolist() for line in ax.get_lines()}
    for name, points in PATHS.items():
        assert drawn[name] == [list(point) for point in points]
    marked = [line for line in ax.get_lines() if line.get_marker() == "x"]
    assert marked[0].get_xydata().tolist() == [[0, 0], [1, -1]]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == list(PATHS)


def test_what_it_says():
    picture = plots.contours(HEIGHTS, X, Y, PATHS, "A bowl")
    assert picture.alt == (
        "A bowl. Heights from 0 to 5. Path one from (−2, 1) to (0, 0). "
        "Path other from (1, 1) to (5, 5)."
    )
    assert plots.contours(HEIGHTS, X, Y).axes[0].get_legend() is None


def test_flat_land_and_narrow_land_are_drawn():
    assert plots.contours(np.ones((3, 4)), range(4), range(3)).to_png()
    assert plots.contours(np.eye(2), [0, 1], [0, 100]).to_png()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"heights": HEIGHTS.T}, "heights: got 21 × 11 numbers for 11 y and 21 x"),
        ({"heights": [[1]], "x": [0], "y": [0]}, "and two of each or more"),
        ({"paths": [(0, 0)]}, "paths: got .* Give a dictionary"),
        ({"paths": {"a": [1, 2, 3]}}, "The path 'a': got an array of shape"),
        ({"paths": {"a": []}}, "The path 'a': got an empty array"),
        ({"paths": {str(k): [(0, 0)] for k in range(5)}}, "5 paths came; up to 4"),
        ({"crosses": [1, 2]}, "crosses: got an array of shape"),
        ({"x_label": 3}, "x_label"),
    ],
)
def test_refusals(changes, said):
    given = {"heights": HEIGHTS, "x": X, "y": Y, **changes}
    with pytest.raises(ValueError, match=said):
        plots.contours(**given)
