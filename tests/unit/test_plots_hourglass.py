import numpy as np
import pytest
from matplotlib.patches import ConnectionPatch

from helpers import plots

RNG = np.random.default_rng(4)
SIDES = (16, 8, 4, 8, 16)
MAPS = [RNG.integers(0, 256, (n, n), dtype=np.uint8) for n in SIDES]
BOTH = [(0, 4), (1, 3)]


def boxes(picture):
    return [ax.get_window_extent() for ax in picture.axes]


def arrows(picture):
    return [a for a in picture.artists if isinstance(a, ConnectionPatch)]


def test_it_is_drawn_to_scale():
    for maps in (MAPS, [np.zeros((40 * n, 20 * n)) for n in SIDES]):  # both fit a page
        sizes = [(box.width, box.height) for box in boxes(plots.hourglass(maps))]
        pixels = np.divide(sizes, [array.shape[::-1] for array in maps])
        np.testing.assert_allclose(pixels, pixels[0, 0], rtol=0.01)


def test_every_map_is_named():
    picture = plots.hourglass(MAPS, BOTH)
    captions = [ax.texts[0].get_text() for ax in picture.axes]
    assert captions == [f"{n} × {n}" for n in SIDES]
    assert picture.alt == (
        "An hourglass, drawn to scale: 16 × 16 → 8 × 8 → 4 × 4 → 8 × 8 → 16 × 16. "
        "Skip connections: 16 × 16 to 16 × 16, 8 × 8 to 8 × 8."
    )
    named = plots.hourglass({"a": MAPS[0], "b": MAPS[1]})
    assert named.alt == "An hourglass, drawn to scale: a → b."


def test_a_skip_runs_level_from_its_map_to_the_other_past_those_between():
    picture = plots.hourglass(MAPS, BOTH)
    picture.canvas.draw()
    places = boxes(picture)
    assert len(arrows(picture)) == len(BOTH)
    for arrow, (start, end) in zip(arrows(picture), BOTH, strict=True):
        (x1, y1), (x2, y2) = (
            transform.transform(place)
            for transform, place in (
                (arrow.coords1, arrow.xy1),
                (arrow.coords2, arrow.xy2),
            )
        )
        assert (x1, x2) == pytest.approx((places[start].x1, places[end].x0))
        assert y1 == pytest.approx(y2)
        assert y1 < places[start].y1
        assert all(y1 > box.y1 for box in places[start + 1 : end])


@pytest.mark.parametrize(
    ("skips", "said"),
    [
        ([(0, 5)], "last map has the number 4"),
        ([(4, 0)], r"like \[\(0, 4\)\]"),
        ([(0, 0)], "pairs"),
        ([(0, 1, 2)], "pairs"),
        ([(0.5, 4)], "pairs"),
        (3, "pairs"),
        ([(0, 3)], "maps of one size"),
        ([(-1, 4)], "pairs"),
    ],
)
def test_a_skip_that_cannot_be_is_refused(skips, said):
    with pytest.raises(ValueError, match=said):
        plots.hourglass(MAPS, skips)


def test_what_lies_between_must_be_smaller():
    for maps in (MAPS[:1] * 2, MAPS[:1] * 3):
        with pytest.raises(ValueError, match="be there, and smaller"):
            plots.hourglass(maps, [(0, len(maps) - 1)])


def test_no_picture_is_refused():
    for maps in ({}, "photo", np.zeros(3), [np.zeros((2, 2)), 4]):
        with pytest.raises(ValueError, match=r"nothing to draw|[Nn]umber|shape"):
            plots.hourglass(maps)
