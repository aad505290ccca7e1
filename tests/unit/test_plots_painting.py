import io
import itertools

import numpy as np
import pytest
from PIL import Image

from helpers import ops, plots


def texts(picture):
    return [text.get_text() for ax in picture.axes for text in ax.texts]


def test_centres_carry_the_weights_of_bilinear():
    picture = plots.centres((2, 2), 2, (1, 1))
    assert sorted(texts(picture)) == ["1/16", "3/16", "3/16", "9/16"]
    assert "9/16 of (0, 0)" in picture.alt
    assert texts(plots.centres((2, 2), 2, (0, 0))) == ["1"]
    assert texts(plots.centres((2, 2), 2)) == []
    assert texts(plots.centres((1, 3), 3, (1, 4))) == ["1"]  # on an old centre


def test_centres_lie_where_ops_has_them():
    (ax,) = plots.centres((2, 3), 4).axes
    x = np.unique(ax.lines[-1].get_xdata())
    ramp = ops.upsample2d([[0, 1, 2]], (1, 4), method="bilinear")[0]
    np.testing.assert_allclose(x.clip(0, 2), ramp)


def test_stamps_count_and_cut():
    picture = plots.stamps((2, 2), 3, 2, title="two")
    counts = ops.conv_transpose2d(np.ones((2, 2)), np.ones((3, 3)), stride=2)
    assert texts(picture) == [f"{count:g}" for count in counts.ravel()]
    assert picture.axes[0].get_title() == "two"
    same = plots.stamps((2, 2), 3, 2, padding="same")
    assert "4 × 4 pixels" in same.alt
    assert "9 pixels of the rim are cut off" in same.alt


def test_stamps_of_every_kernel_and_stride_the_lesson_offers():
    for n, kernel, stride in itertools.product([3], [1, 2, 3, 6], range(1, 5)):
        for padding in ("valid", "same"):
            options = {"stride": stride, "padding": padding}
            size = ops.output_size(n, kernel, transpose=True, **options)
            picture = plots.stamps((n, n), kernel, **options)
            assert f": {size} × {size} pixels" in picture.alt
            counts = ops.conv_transpose2d(
                np.ones((n, n)), np.ones((kernel, kernel)), **options
            )
            if counts.min() < counts.max():
                said = f"values from {counts.min():g} to {counts.max():g}"
                assert said in picture.alt


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: plots.centres((7, 2)),
            r"shape: got \(7, 2\)\. Give a whole number from 1 to 6",
        ),
        (lambda: plots.centres((2, 2), 0), "factor"),
        (lambda: plots.centres((2, 2), 2.0), "factor"),
        (lambda: plots.centres((2, 2), 2, (4, 0)), "inside 4 × 4"),
        (lambda: plots.centres((2, 2), 2, (1, 1, 1)), "inside 4 × 4"),
        (lambda: plots.stamps((2, 2), 0), "kernel"),
        (lambda: plots.stamps((2, 2), (3, 3, 3)), "kernel"),
        (lambda: plots.stamps((2, 2), 3, True), "stride"),
        (lambda: plots.stamps((9, 9), 9, 9), "81 × 81 pixels is too large"),
        (lambda: plots.stamps((2, 2), 3, padding="some"), "padding"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_picture_of_few_colours_keeps_its_white_page():
    for picture in (
        plots.equation([[[1, 2], [3, 4]], "→", np.ones((4, 4))]),
        plots.stamps((1, 1), 1),
        plots.kernels(np.ones((1, 1))),
    ):
        image = Image.open(io.BytesIO(picture.to_png())).convert("RGB")
        corner = image.getpixel((1, 1))
        assert corner == (255, 255, 255)
