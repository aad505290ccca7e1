"""parts/flows.js: TensorFlow's gradients for its weights, and what flows.py has."""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from hands import STATES
from lab_browser import closing
from stage import load
from tensorflow_flows import gradients

from helpers.widgets.parts import flows
from helpers.widgets.parts.flows import ACTIVATIONS, INITIALISERS, Stack

RUN = """(stack) => {
  const [weights, outputs] = [[], []];
  const steps = flows.flow(stack, ({ network, output }) => {
    weights.push(Array.from(network[0].weights.kernel.data));
    outputs.push(Array.from(output.data));
  });
  let [step, pauses] = [steps.next(), 0];
  for (; !step.done; pauses++) step = steps.next();
  return JSON.stringify({ weights, outputs, pauses, measured: step.value });
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/flows.js")
        yield page


def run(page, stack):
    return json.loads(page.evaluate(RUN, stack._asdict()))


def random_stack(rng, **settings):
    drawn = {
        "layers": int(rng.integers(2, 7)),
        "width": 16,
        "activation": str(rng.choice(ACTIVATIONS)),
        "initialiser": str(rng.choice(INITIALISERS)),
        "normalise": bool(rng.random() < 0.4),
        "seed": int(rng.integers(1, 10_000)),
    }
    return Stack(**{**drawn, **settings})


def close(got, wanted, said, tolerance=1e-8):
    """Compare each number within a part of itself, however small it is."""
    np.testing.assert_allclose(got, wanted, rtol=tolerance, err_msg=str(said))


def agrees(page, stack):
    """What TensorFlow makes of the page's weights, and all that Python has."""
    seen, here = run(page, stack), flows.flow(stack)
    shape = (stack.layers, stack.width, stack.width)
    weights = np.array(seen["weights"]).reshape(shape)
    outputs = np.array(seen["outputs"]).reshape(stack.layers, flows.BATCH, -1)
    measured = {
        name: np.array([layer[name] for layer in seen["measured"]])
        for name in seen["measured"][0]
    }
    assert seen["pauses"] == 2 * stack.layers  # places where the page can draw

    wanted = gradients(stack, weights)
    for name in ("arrived", "moved"):
        close(measured[name], wanted[name], (stack, name))
        close(measured[name], getattr(here, name), (stack, name))
    for others in (wanted["outputs"], here.activations):
        for got, other in zip(outputs, others, strict=True):
            atol = 1e-9 * np.abs(other).max()
            np.testing.assert_allclose(
                got, other, rtol=0, atol=atol, err_msg=str(stack)
            )
    close(weights, here.weights, stack, 1e-12)

    numbers = outputs.reshape(stack.layers, -1)
    close(measured["rms"], np.sqrt((numbers**2).mean(axis=1)), stack)
    for name, share in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        close(measured[name], np.quantile(numbers, share, axis=1), (stack, name))
    np.testing.assert_array_equal(measured["zeros"], (numbers == 0).mean(axis=1))
    dead = (outputs == 0).all(axis=1).sum(axis=1)
    np.testing.assert_array_equal(measured["dead"], dead)
    for layer, some in zip(seen["measured"], numbers, strict=True):
        some = some[some != 0]
        assert sum(layer["bins"]) == some.size
        if some.size:
            assert (layer["least"], layer["most"]) == (some.min(), some.max())
        if layer["least"] < layer["most"]:
            counted, edges = np.histogram(some, len(layer["bins"]))
            away = np.abs(some[:, None] - edges).min(axis=1) > 1e-9 * np.ptp(some)
            moved = np.abs(counted - layer["bins"]).sum()
            assert moved <= 2 * (~away).sum()  # only what lies on an edge


def test_random_stacks(page):
    rng = np.random.default_rng(0)
    for _ in range(STATES):
        agrees(page, random_stack(rng))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_as_deep_and_as_wide_as_can_be(page, activation):
    rng = np.random.default_rng(1)
    for initialiser in INITIALISERS:
        stack = random_stack(rng, layers=30, width=64, seed=10_004)
        stack = stack._replace(activation=activation, initialiser=initialiser)
        seen, here = run(page, stack), flows.flow(stack)
        for name in ("arrived", "moved"):
            got = np.array([layer[name] for layer in seen["measured"]], float)
            assert np.isfinite(got).all(), (stack, name, np.argwhere(~np.isfinite(got)))
            if activation == "sinc" and initialiser == "large":
                # Each layer makes a difference five times as large, 30 layers 1e20
                # times: so much becomes of the last digit, here and there another one.
                close(
                    np.log10(got[20:-1]),
                    np.log10(getattr(here, name)[20:-1]),
                    stack,
                    0.1,
                )
                assert np.abs(np.log10(got / getattr(here, name))).max() < 1
            else:
                close(got, getattr(here, name), (stack, name), 1e-4)


def test_weights_begin_as_they_are_said_to(page):
    """Deviations: Keras's for the first two, and what the names of the others say."""
    for name, wanted in {
        "glorot_uniform": np.sqrt(1 / 64),
        "he_normal": np.sqrt(2 / 64),
        "small": 0.01,
        "large": 1,
    }.items():
        weights = run(page, Stack(5, 64, initialiser=name))["weights"]
        assert np.std(weights) == pytest.approx(wanted, rel=0.02)
        assert np.mean(weights) == pytest.approx(0, abs=0.02 * wanted)


def test_verdicts(page):
    for ratio in (0, 1e-300, 0.00999, 0.01, 1, 100, 100.1, 1e300):
        assert page.evaluate("(n) => flows.verdict(n)", ratio) == flows.verdict(ratio)
