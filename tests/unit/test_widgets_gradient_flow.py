"""The Python side of GradientFlow: its arithmetic, refusals, what it says and draws."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from tensorflow_flows import gradients
from traitlets import TraitError

from helpers.widgets import GradientFlow
from helpers.widgets.explorers.gradient_flow import PRESETS
from helpers.widgets.parts import flows
from helpers.widgets.parts.flows import ACTIVATIONS, INITIALISERS, Stack, flow
from helpers.widgets.parts.random import normals


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_tensorflows(activation):
    """More, and the page's, in tests/browser/test_flows_js.py."""
    rng = np.random.default_rng(ACTIVATIONS.index(activation))
    for initialiser in INITIALISERS:
        for normalise in (False, True):
            seed, layers = int(rng.integers(1, 10_000)), int(rng.integers(2, 6))
            stack = Stack(layers, 16, activation, initialiser, normalise, seed)
            here = flow(stack)
            wanted = gradients(stack, here.weights)
            for name in ("arrived", "moved"):
                np.testing.assert_allclose(
                    getattr(here, name), wanted[name], rtol=1e-8, err_msg=str(stack)
                )
            most = np.abs(wanted["outputs"]).max(axis=(1, 2), keepdims=True)
            off = (here.activations - wanted["outputs"]) / most
            assert np.abs(off).max() < 1e-9


def test_normal_numbers_are_normal():
    drawn = normals(3, 100_000, 10)
    assert drawn.mean() == pytest.approx(0, abs=0.01)
    assert drawn.std() == pytest.approx(1, abs=0.01)
    share = (np.abs(drawn) < 1.96).mean()
    assert share == pytest.approx(0.95, abs=0.003)
    np.testing.assert_array_equal(normals(3, 6, 20), drawn[10:16])


def test_he_weights_are_cut_off():
    weights = flow(Stack(4, 64, initialiser="he_normal")).weights
    deviation = np.sqrt(2 / 64)
    assert weights.std() == pytest.approx(deviation, rel=0.01)
    assert np.abs(weights).max() <= 2 * deviation / 0.8796 < weights.size


def test_nobody_changes_what_is_remembered():
    explorer = GradientFlow(layers=3, width=16)
    for array in (explorer.weights, explorer.activations, explorer.arrived):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("name", PRESETS)
def test_presets_keep_what_their_titles_promise(name):
    """For many seeds, not only for the five that are shown."""
    title, activation, initialiser, normalise, layers, width = PRESETS[name]
    stack = Stack(layers, width, activation, initialiser, normalise)
    found = {
        flows.verdict(flow(stack._replace(seed=seed)).ratio) for seed in range(1, 31)
    }
    assert found == {title.split(": ")[1]}


def test_ratios_and_verdict():
    explorer = GradientFlow("relu", "he_normal", layers=6, width=16, seed=4)
    stack = Stack(6, 16, "relu", "he_normal", seed=4)
    wanted = [flow(stack._replace(seed=seed)).ratio for seed in range(4, 9)]
    assert explorer.ratios.tolist() == wanted
    assert explorer.verdict == flows.verdict(np.median(wanted)) == "holds"
    assert GradientFlow("step").verdict == "stops"
    assert explorer.arrived[-1] == pytest.approx(1)
    assert explorer.weight_gradients.shape == explorer.arrived.shape == (6,)
    assert explorer.activations.shape == (6, 64, 16)


def test_what_is_held_is_completed():
    explorer = GradientFlow("relu", layers=5, held={"activation": "tanh"})
    assert explorer.held == {
        **Stack(layers=5, activation="relu")._asdict(),
        "activation": "tanh",
    }
    explorer.layers = 9
    assert explorer.held["layers"] == 5
    explorer.held = {"width": np.int64(64), "normalise": np.True_}
    assert explorer.held["layers"] == 9
    assert type(explorer.held["width"]) is int
    assert explorer.held["normalise"] is True
    explorer.held = {}
    assert explorer.held == {}


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"width": 3}, "held: width: got 3. Give 16, 32 or 64"),
        ({"layers": 31}, "held: layers: got 31. Give a whole number from 2 to 30"),
        ({"activation": "rellu"}, 'held: activation: got .* Did you mean "relu"'),
        ({"normalise": 1}, "held: normalise: got 1. Give True or False"),
        ({"depth": 3}, 'held: got .depth.. .*Give "layers"'),
        ({1: 3}, "held: got 1"),
        ("relu", "held: got 'relu'. Give settings by name"),
        ([("width", 16)], "Give settings by name"),
    ],
)
def test_what_cannot_be_held_is_refused(held, said):
    explorer = GradientFlow(held={"layers": 3})
    before = explorer.held
    with pytest.raises(TraitError, match=said):
        explorer.held = held
    assert explorer.held == before
    with pytest.raises(TraitError, match=said):
        GradientFlow(held=held)


def test_a_layer_that_there_is():
    explorer = GradientFlow(layers=8)
    explorer.layer = 8
    with pytest.raises(TraitError, match="layers from 1 to 8"):
        explorer.layer = 9
    with pytest.raises(TraitError, match="layers from 1 to 8"):
        explorer.layer = 0
    explorer.layers = 3
    assert explorer.layer == 3
    explorer.layers = 30
    assert explorer.layer == 3


def test_what_it_says_and_draws():
    explorer = GradientFlow()
    assert explorer.describe() == (
        "GradientFlow: 20 layers of 32 units, sigmoid, glorot uniform, without batch "
        "normalisation; of the gradient at layer 20, 1e-12 arrives at layer 1 "
        "(8.1e-13 to 1.5e-12 for seeds 1 to 5): it vanishes"
    )
    explorer.layers = 4
    assert "20" not in explorer.describe()
    picture = explorer.picture()
    assert len(picture.axes) == 3
    assert picture.alt.startswith("Sigmoid, glorot uniform: the gradient ")
    assert f"layer 1 {explorer.arrived[0]:.2g}" in picture.alt
    assert GradientFlow("step").picture().axes


def test_the_bars_are_the_numbers():
    explorer = GradientFlow("relu", "he_normal", layers=5)
    bars = explorer.picture().axes[1].patches
    low = explorer.picture().axes[1].get_xlim()[0]
    lengths = [bar.get_width() + low for bar in bars]
    np.testing.assert_allclose(lengths, np.log10(explorer.arrived), atol=1e-12)


def test_what_lesson_05_says_of_its_stacks():
    """The answers below the explorer: with five seeds, as the explorer shows them."""

    def arriving(*stack, **settings):
        seeds = range(1, 6)
        return [GradientFlow(*stack, **settings, seed=s).arrived[0] for s in seeds]

    assert 5e-13 < min(arriving()) < max(arriving()) < 2e-12
    assert 1.5 < min(arriving(normalise=True)) < max(arriving(normalise=True)) < 2.5
    for layers in (2, 15, 30):
        held = arriving("relu", "he_normal", layers=layers)
        assert 0.3 < min(held) < max(held) < 2
    deep = arriving("relu", "he_normal", layers=30, normalise=True)
    assert 200 < min(deep) < max(deep) < 900
    assert GradientFlow("relu", "large").arrived.argmax() == 0
