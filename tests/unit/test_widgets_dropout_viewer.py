"""The Python side of DropoutViewer: masks, sums, refusals, what it says and draws."""

import itertools

import numpy as np
import pytest
from traitlets import TraitError

from helpers.widgets import DropoutViewer
from helpers.widgets.explorers.dropout_viewer import (
    HIGHEST_RATE,
    MOST_DRAWS,
    SCALINGS,
    presets,
)

UNITS = np.array([1.5, -2, 0.25, 3, 0.5, -1])
WEIGHTS = np.array([0.5, 1, -2, 0.75, 0, 3])
RATES = [0, 0.2, 0.4, 0.5, 0.75, HIGHEST_RATE]


def every_mask(units):
    return np.array(list(itertools.product([False, True], repeat=units)))


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("rate", RATES)
def test_mean_and_spread_are_those_of_all_masks(rate, scaling):
    """Each of the 64 masks by its probability."""
    viewer = DropoutViewer(UNITS, WEIGHTS, rate=rate, scaling=scaling)
    masks = every_mask(UNITS.size)
    kept = masks.sum(axis=1)
    chance = (1 - rate) ** kept * rate ** (UNITS.size - kept)
    factor = 1 / (1 - rate) if scaling == "training" else 1
    sums = (masks * UNITS * factor) @ WEIGHTS
    mean = chance @ sums
    assert viewer.expected == pytest.approx(mean)
    assert viewer.spread == pytest.approx(np.sqrt(chance @ (sums - mean) ** 2))
    goal = viewer.sum_at_inference
    if scaling == "none":
        assert viewer.expected == pytest.approx((1 - rate) * goal)
    else:
        assert viewer.expected == pytest.approx(goal)
    viewer.close()


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("rate", RATES)
def test_the_draws_approach_theory(rate, scaling):
    for seed in (0, 1, 2, 9999):
        viewer = DropoutViewer(
            "digit", rate=rate, scaling=scaling, seed=seed, draw=MOST_DRAWS
        )
        assert viewer.sums.shape == (MOST_DRAWS,)
        error = viewer.spread / np.sqrt(MOST_DRAWS)
        assert abs(viewer.sums.mean() - viewer.expected) <= 4 * error + 1e-9
        assert viewer.sums.std() == pytest.approx(viewer.spread, rel=0.15, abs=1e-9)
        dropped = 1 - viewer.masks.mean()
        assert dropped == pytest.approx(rate, abs=0.015)
        assert (dropped == 0) == (rate == 0)
        viewer.close()


def test_output_is_what_the_mask_leaves():
    for rate, scaling in itertools.product(RATES, SCALINGS):
        viewer = DropoutViewer(UNITS, WEIGHTS, rate=rate, scaling=scaling, draw=7)
        factor = 1 / (1 - rate) if scaling == "training" else 1
        np.testing.assert_array_equal(viewer.output[~viewer.mask], 0)
        np.testing.assert_allclose(
            viewer.output[viewer.mask], UNITS[viewer.mask] * factor
        )
        later = UNITS * (1 - rate) if scaling == "inference" else UNITS
        np.testing.assert_allclose(viewer.output_at_inference, later)
        assert viewer.sums[-1] == pytest.approx(WEIGHTS @ viewer.output)
        viewer.close()


def test_a_draw_stays_what_it_was():
    viewer = DropoutViewer("digit", draw=50)
    sums, masks = viewer.sums, viewer.masks
    viewer.draw = 20
    np.testing.assert_allclose(viewer.sums, sums[:20])
    np.testing.assert_array_equal(viewer.mask, masks[19])
    assert len({mask.tobytes() for mask in masks}) == 50
    viewer.rate = 0.6  # a higher rate drops the same and more
    assert not (viewer.masks & ~masks[:20]).any()
    viewer.seed = 2
    assert (viewer.masks != masks[:20]).any()


def test_the_first_example_is_of_the_trained_network():
    units, weights = presets()["digit"][1:3]
    assert units.shape == weights.shape == (64,)
    assert (units > 0).all()
    assert np.abs(units * weights).min() > 0.05
    # Most of what the network knows of the 3 comes from these.
    assert 8 < units @ weights < 12
    assert (weights < 0).sum() == 6


@pytest.mark.parametrize("name", list(presets()))
def test_examples_by_name(name):
    viewer, preset = DropoutViewer(name), presets()[name]
    np.testing.assert_array_equal(viewer.activations, preset.activations)
    np.testing.assert_array_equal(viewer.weights, preset.weights)
    assert (viewer.rate, viewer.scaling) == (preset.rate, preset.scaling)
    other = DropoutViewer(name, rate=0.2, scaling="none", weights=-preset.weights)
    assert (other.rate, other.scaling) == (0.2, "none")
    np.testing.assert_array_equal(other.weights, -preset.weights)


def test_four_units_are_sixteen_networks():
    viewer = DropoutViewer("four_units", scaling="none", draw=MOST_DRAWS)
    assert set(viewer.sums) == set(range(16))


def test_other_activations_have_weights_of_their_own():
    viewer = DropoutViewer("digit")
    viewer.unit = 40
    viewer.activations = [1, 2, 3]
    np.testing.assert_array_equal(viewer.weights, [1, 1, 1])
    assert viewer.unit == 2
    viewer.weights = [3, 2, 1]
    viewer.activations = [4, 5, 6]
    np.testing.assert_array_equal(viewer.weights, [3, 2, 1])
    viewer.unit = 1
    viewer.activations = [1]
    assert (viewer.unit, viewer.weights.tolist()) == (0, [1])
    assert DropoutViewer([7]).weights.tolist() == [1]


REFUSED = [
    ("activations", [[1, 2]], r"activations: got shape \(1, 2\)\. Give a list of 1"),
    ("activations", 5, r"activations: got shape \(\)\. Give a list of 1 to 100"),
    ("activations", np.ones(101), r"got shape \(101,\)\. Give a list of 1 to 100 num"),
    ("activations", [1, -1001], "number of size 1001. Give them up to 1,000"),
    ("activations", [1, np.nan], "not finite"),
    ("activations", [], "empty"),
    ("weights", [1, 2], "weights: 2 came for 64 activations; give one for each"),
    ("weights", np.full(64, 1e4), "number of size 10000"),
    ("rate", 0.95, "rate: got 0.95. Give a number from 0 to 0.9"),
    ("rate", 1, "rate: got 1. Give a number from 0 to 0.9"),
    ("rate", -0.1, "rate: got -0.1"),
    ("rate", "half", "rate: got 'half'"),
    ("scaling", "inverted", 'Give "training", "inference" or "none"'),
    ("draw", 0, "Give a whole number from 1 to 500"),
    ("draw", 501, "Give a whole number from 1 to 500"),
    ("seed", 10_000, "Give a whole number from 0 to 9999"),
]


@pytest.mark.parametrize(("name", "value", "said"), REFUSED)
def test_refusals(name, value, said):
    viewer = DropoutViewer()
    before = viewer.describe()
    with pytest.raises(TraitError, match=said):
        setattr(viewer, name, value)
    assert viewer.describe() == before
    with pytest.raises(TraitError, match=said):
        DropoutViewer(**{name: value})


def test_refusals_of_what_the_constructor_does_not_take():
    viewer = DropoutViewer("four_units")
    for unit in (-1, 4):
        with pytest.raises(TraitError, match=f"unit: {unit} came; this layer has un"):
            viewer.unit = unit
    with pytest.raises(TraitError, match="no preset 'five_units'; choose one of digit"):
        DropoutViewer("five_units")
    with pytest.raises(TraitError, match="2 came for 3 activations"):
        DropoutViewer([1, 2, 3], [1, 2])


def test_the_page_sets_what_fits_together():
    viewer = DropoutViewer("digit")
    four = DropoutViewer([1, 2, 4, 8], [1, 2, 3, 4]).get_state()
    viewer.set_state({name: four[name] for name in ("activations", "weights", "unit")})
    assert viewer.weights.tolist() == [1, 2, 3, 4]
    assert viewer.activations.tolist() == [1, 2, 4, 8]


def test_description():
    viewer = DropoutViewer([1, 2, 4, 8], rate=0.5, draw=500)
    assert viewer.describe() == (
        "DropoutViewer: 4 units, rate 0.5, scaled in training; draw 500 (seed 1) drops "
        f"{4 - viewer.mask.sum()}, the next unit's sum is {viewer.sums[-1]:.4g}; mean "
        f"of 500 draws {viewer.sums.mean():.4g}, at inference 15"
    )
    viewer.scaling = "inference"
    assert "scaled at inference" in viewer.describe()
    assert viewer.describe().endswith("at inference 7.5")
    viewer.scaling, viewer.draw = "none", 1
    assert "scaled nowhere" in viewer.describe()
    assert "mean of 1 draw " in viewer.describe()
    assert "1 unit, rate" in DropoutViewer([2]).describe()


@pytest.mark.parametrize("units", [1, 2, 7, 10, 11, 37, 64, 97, 100])
def test_picture(units):
    training, inference = DropoutViewer(np.arange(units)).picture().axes
    shapes = [ax.get_images()[0].get_array().shape for ax in (training, inference)]
    assert shapes[0] == shapes[1]
    rows, columns = shapes[0]
    assert units <= rows * columns < units + columns


def test_picture_says_what_is_dropped():
    viewer = DropoutViewer("four_units", draw=3)
    left, right = viewer.picture().axes
    written = [float(text.get_text()) for text in left.texts]
    assert written == viewer.output.tolist()
    assert [float(text.get_text()) for text in right.texts] == [1, 2, 4, 8]
    scales = {ax.get_images()[0].get_clim() for ax in (left, right)}
    assert len(scales) == 1  # one scale, so that both can be compared
