"""Mosaics: every tile is where it belongs, in its own colours."""

import numpy as np
import pytest

from helpers import colours, plots

RNG = np.random.default_rng(0)


def sheet(picture, which=0):
    [drawn] = picture.axes[which].get_images()
    return np.asarray(drawn.get_array())


@pytest.mark.parametrize("shape", [(6, 5, 4), (6, 5, 4, 1), (6, 5, 4, 3)])
def test_tiles_run_row_by_row_with_gaps_between(shape):
    pictures = RNG.integers(0, 256, shape)
    made = sheet(plots.mosaic(pictures, columns=4))
    assert made.shape == (2 * 6 + 1, 4 * 5 + 1, 3)
    for index, one in enumerate(pictures):
        line, column = divmod(index, 4)
        y, x = 1 + 6 * line, 1 + 5 * column
        wanted = np.broadcast_to(one.reshape(5, 4, -1), (5, 4, 3))
        np.testing.assert_array_equal(made[y : y + 5, x : x + 4], wanted)
    gap = [int(colours.GAP[k : k + 2], 16) for k in (1, 3, 5)]
    assert made[0, 0].tolist() == made[6, 3].tolist() == made[9, 17].tolist() == gap


def test_weights_have_their_zero_in_the_middle_and_a_scale_of_their_own():
    weights = np.zeros((2, 3, 3, 3))
    weights[0, 0, 0] = [1, -1, 0.5]
    weights[1, 1, 1] = [-0.01, 0, 0.01]
    made = sheet(plots.mosaic(weights, signed=True, columns=2))
    assert made[1, 1].tolist() == [255, 0, 191]
    assert made[2, 6].tolist() == [0, 128, 255]
    assert made[3, 3].tolist() == [128, 128, 128]


def test_several_mosaics_have_their_titles_and_one_scale():
    dark, bright = np.full((2, 4, 4), 0.25), np.full((3, 4, 4), 0.5)
    picture = plots.mosaic({"dark": dark, "bright": bright})
    assert sheet(picture, 0)[1, 1, 0] == 64
    assert sheet(picture, 1)[1, 1, 0] == 128
    assert "1, dark: 2 pictures of 4 × 4 pixels in 1 row of 2: gray" in picture.alt


def test_limits_cut_off():
    made = sheet(plots.mosaic([np.array([[-5.0, 0, 5]])], limits=(-1, 1)))
    assert made[1, 1:4, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        ({}, "at least one picture"),
        ([], "came: none"),
        ([np.zeros((2, 2)), np.zeros((2, 3))], r"\(2, 2\), \(2, 3\)"),
        (np.zeros((0, 4, 4)), r"shape \(0, 4, 4\)"),
        (np.zeros((3, 3, 3, 64)), "moveaxis"),
        (np.zeros((4, 4)), r"shape \(4, 4\)"),
        ("photo", "mosaic"),
    ],
)
def test_what_is_no_mosaic_is_refused(pictures, said):
    with pytest.raises(ValueError, match=said):
        plots.mosaic(pictures)


def test_nothing_but_zero_and_what_is_no_number_can_be_drawn():
    plots.mosaic(np.zeros((2, 3, 3, 3)), signed=True)
    weights = np.full((1, 2, 2, 3), np.nan)
    weights[0, 0, 0] = 1
    made = sheet(plots.mosaic(weights, signed=True))
    assert made[2, 2].tolist() == [240, 228, 66]
