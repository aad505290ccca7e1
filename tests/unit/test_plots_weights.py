import numpy as np
import pytest

from helpers import plots


def texts(picture):
    written = [text.get_text() for text in picture.texts]
    return written + [t.get_text() for ax in picture.axes for t in ax.texts]


def inside(picture):
    """Whether all that is drawn and written lies on the page."""
    picture.canvas.draw()
    box = picture.get_tightbbox()
    wide, tall = picture.get_size_inches()
    return min(box.x0, box.y0) > -0.02 and box.x1 < wide + 0.02 and box.y1 < tall + 0.02


# ---- tied ----


def test_equal_weights_have_one_colour():
    matrix = np.array([[1, 2, 0], [0, 1, 2]])
    picture = plots.tied([[1, 2]], matrix, groups=(1, 3))
    small, large = (ax.images[0].get_array() for ax in picture.axes)
    for weight, column in ((1, 0), (2, 1)):
        colours = large[matrix == weight]
        assert (colours == small[0, column]).all()
    assert (large[matrix == 0] == 1).all()
    assert len({tuple(rgb) for rgb in large.reshape(-1, 4)}) == 3
    assert "2 zeros and 2 different weights" in picture.alt
    assert inside(picture)


def test_nine_weights_have_nine_colours():
    kernel = np.arange(1, 10).reshape(3, 3)
    picture = plots.tied(kernel, kernel.reshape(1, 9))
    colours = picture.axes[0].images[0].get_array().reshape(-1, 4)
    assert len({tuple(rgb) for rgb in colours}) == 9


def test_tied_refuses():
    with pytest.raises(ValueError, match="no weight of the kernel"):
        plots.tied([[1, 2]], [[1, 3]])
    with pytest.raises(ValueError, match="10 different weights"):
        plots.tied([range(1, 11)], [[1]])
    with pytest.raises(ValueError, match="at most 32"):
        plots.tied([[1]], np.ones((33, 2)))


# ---- wiring ----


def lines(ax):
    return [line for line in ax.lines if len(line.get_xdata()) == 2]


def test_a_line_for_each_weight():
    full, sparse = np.arange(1, 13).reshape(3, 4), np.array([[1, 2, 0], [0, 1, 2]])
    picture = plots.wiring({"full": full, "sparse": sparse})
    assert [len(lines(ax)) for ax in picture.axes] == [12, 4]
    assert len({line.get_color() for line in lines(picture.axes[0])}) == 1
    assert len({line.get_color() for line in lines(picture.axes[1])}) == 2
    assert "12 connections, 12 different weights" in picture.alt
    assert "4 connections, 2 different weights" in picture.alt
    assert inside(picture)


def test_one_neuron_shows_its_weights():
    picture = plots.wiring(
        [[1, -2, 3]], inputs=[4, 5, 6], outputs=[11], bias=-1, signed=True
    )
    written = texts(picture)
    assert {"× 1", "× −2", "× 3", "× −1", "4", "5", "6", "11"} <= set(written)
    assert len(lines(picture.axes[0])) == 4
    assert "weights 1 −2 3. bias −1." in picture.alt
    assert inside(picture)


def test_wiring_refuses():
    with pytest.raises(ValueError, match="2 numbers came for the inputs"):
        plots.wiring([[1, 2, 3]], inputs=[1, 2])
    with pytest.raises(ValueError, match="2 numbers came for the outputs"):
        plots.wiring([[1, 2, 3]], outputs=[1, 2])
    with pytest.raises(ValueError, match="At most 3 layers of 16"):
        plots.wiring(np.ones((2, 17)))
    with pytest.raises(ValueError, match="At most 3 layers"):
        plots.wiring([np.ones((2, 2))] * 4)


def test_tied_refuses_what_is_no_number():
    with pytest.raises(ValueError, match="kernel: got values that are not finite"):
        plots.tied([[np.nan, 2]], [[2]])
    with pytest.raises(ValueError, match="matrix: got values that are not finite"):
        plots.tied([[1, 2]], [[np.nan]])
