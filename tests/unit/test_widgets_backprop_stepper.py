"""The Python side of BackpropStepper: numbers by name, refusals, descent."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers.widgets import BackpropStepper
from helpers.widgets.explorers.backprop_stepper import GRAPHS
from helpers.widgets.parts.graphs import at_first


def test_numbers_that_are_left_out_are_the_first_ones():
    stepper = BackpropStepper("neuron", {"w1": 2, "y": np.int64(4)})
    assert stepper.numbers == {**at_first(GRAPHS["neuron"]), "w1": 2.0, "y": 4.0}
    stepper.numbers = {"b": np.float32(0.5)}
    assert stepper.numbers == {**at_first(GRAPHS["neuron"]), "b": 0.5}
    assert {type(number) for number in stepper.numbers.values()} == {float}


def test_another_graph_has_its_own_numbers():
    stepper = BackpropStepper("neuron", {"w1": 2})
    stepper.step = 2
    stepper.graph = "convolution"
    assert stepper.numbers == at_first(GRAPHS["convolution"])
    assert stepper.step == 24
    stepper.graph = "neuron"
    assert stepper.numbers == at_first(GRAPHS["neuron"])


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"w3": 1}, "numbers: got 'w3'. Give \"x1\""),
        ({"W1": 1}, 'Did you mean "w1"'),
        ({"w1": "1"}, r"numbers\['w1'\]: got '1'. Give a number from -1000 to 1000"),
        ({"w1": np.nan}, r"numbers\['w1'\]"),
        ({"w1": 1001}, r"numbers\['w1'\]"),
        ({"loss": 1}, "numbers: got 'loss'"),
        ({1: 1}, "numbers: got '1'"),
        ([1, 2], "Give numbers by name"),
    ],
)
def test_numbers_that_are_refused(numbers, said):
    stepper = BackpropStepper("neuron", {"w1": 2})
    before = stepper.numbers
    with pytest.raises(TraitError, match=said):
        stepper.numbers = numbers
    assert stepper.numbers == before
    with pytest.raises(TraitError, match=said):
        BackpropStepper("neuron", numbers)


@pytest.mark.parametrize("rate", [-0.1, 0.6, np.nan, "0.1", None, True])
def test_learning_rates_that_are_refused(rate):
    stepper = BackpropStepper()
    with pytest.raises(
        TraitError, match=r"learning_rate: .* Give a (finite )?number from 0"
    ):
        stepper.learning_rate = rate
    with pytest.raises(TraitError, match="learning_rate"):
        BackpropStepper(learning_rate=rate)
    assert stepper.learning_rate == 0.005


@pytest.mark.parametrize("graph", ["neurone", 3, None])
def test_graphs_that_are_refused(graph):
    with pytest.raises(TraitError, match="graph"):
        BackpropStepper(graph)


def test_steps_are_those_of_the_graph():
    stepper = BackpropStepper("two_layers")
    assert stepper.step == 12
    for step in (0, 13):
        with pytest.raises(TraitError, match="steps from 1 to 12"):
            stepper.step = step
    assert stepper.step == 12


def test_by_hand():
    """z = 3·1 − 1·2 + 1 = 2, ReLU leaves it, (2 − 5)² = 9."""
    stepper = BackpropStepper("neuron", learning_rate=0.05)
    assert stepper.values["z"] == stepper.values["a"] == 2
    assert stepper.loss == 9
    gradients = {"a": -6, "z": -6, "w1": -6, "w2": -12, "b": -6, "x1": -18, "x2": 6}
    assert stepper.gradients == {"loss": 1, **gradients}
    assert stepper.descend() == pytest.approx(1.44)
    assert stepper.numbers["w2"] == pytest.approx(-1 + 0.05 * 12)


def test_shared_weights_add_up_what_they_receive():
    """Two windows hand something on: rows 2 0 / 1 3 and 1 3 / 0 1 of the picture."""
    stepper = BackpropStepper("convolution")
    (first, second) = (stepper.gradients[name] for name in ("z[0,1]", "z[1,1]"))
    picture = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]])
    wanted = first * picture[:2, 1:] + second * picture[1:, 1:]
    ours = [[stepper.gradients[f"k[{i},{j}]"] for j in range(2)] for i in range(2)]
    np.testing.assert_array_equal(ours, wanted)


def test_what_it_says():
    assert BackpropStepper("neuron").describe() == (
        "BackpropStepper: neuron, output 2 for 5, loss 9, learning rate 0.005; "
        "gradients w1 -6, w2 -12, b -6"
    )
    picture = BackpropStepper("convolution").picture()
    assert "k[0,1] 0, gradient −12" in picture.alt
