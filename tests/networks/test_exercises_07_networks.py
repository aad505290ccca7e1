"""Lesson 07's exercise in which a network is built."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from functools import partial

import keras
import pytest
from keras import layers

from helpers.exercises import lesson_07 as ex
from helpers.networks import models


def head(*middle, shape=(2, 2, 64)):
    return lambda: keras.Sequential([keras.Input(shape), layers.Flatten(), *middle])


def dense(units=1024, activation="relu"):
    return layers.Dense(units, activation=activation)


def drop(rate=0.5):
    return layers.Dropout(rate)


def logits():
    return layers.Dense(5)


def whole(first=dense, second=dense, last=logits):
    """Dropout where it belongs, between layers that can be others."""
    return first(), drop(), second(), drop(), last()


def bare(*made):
    """A network that does not say what goes in."""
    return lambda: keras.Sequential(list(made))


def maps_first(*made):
    return lambda: keras.Sequential([keras.Input((2, 2, 64)), *made])


def two_inputs():
    ends = keras.Input((2, 2, 64)), keras.Input((2, 2, 64))
    numbers = layers.Flatten()(layers.Add()(ends))
    for layer in whole():
        numbers = layer(numbers)
    return keras.Model(ends, numbers)


class MyDense(layers.Dense):
    """Not `Dense` by name."""


class Own(keras.Model):
    """A network whose layers nobody can follow."""

    def call(self, x):
        return x


HALF = "mixed_bfloat16"
RIGHT = {
    "plain": head(dense(), drop(), dense(), drop(), layers.Dense(5)),
    "activation of its own": head(
        *(dense(activation=None), layers.ReLU(), drop()),
        *(dense(), drop(), layers.Dense(5)),
    ),
    "no Input": bare(layers.Flatten(), *whole()),
    "a layer as activation": head(*whole(partial(dense, 1024, layers.ReLU()))),
    "a partial as activation": head(
        *whole(partial(dense, 1024, partial(keras.activations.relu)))
    ),
    "networks in it": head(bare(dense(), drop())(), bare(*whole()[2:])()),
    "a dense layer of one's own": head(
        *whole(partial(MyDense, 1024, activation="relu"))
    ),
    "half precision": head(*whole(partial(layers.Dense, 1024, "relu", dtype=HALF))),
    "bent behind dropout": head(
        *(dense(activation=None), drop(), layers.ReLU()),
        *(dense(), drop(), layers.Dense(5)),
    ),
}
WRONG = {
    "none": (head(dense(), dense(), layers.Dense(5)), "there is no Dropout in it"),
    "one": (
        head(dense(), drop(), dense(), layers.Dense(5)),
        "nothing is dropped behind the second large layer",
    ),
    "the other": (
        head(dense(), dense(), drop(), layers.Dense(5)),
        "nothing is dropped behind the first large layer",
    ),
    "behind the answer": (
        head(dense(), drop(), dense(), drop(), layers.Dense(5), drop()),
        "behind the last layer",
    ),
    "before": (
        head(drop(), dense(), drop(), dense(), drop(), layers.Dense(5)),
        "before the first dense layer",
    ),
    "twice": (
        head(dense(), drop(), drop(), dense(), drop(), layers.Dense(5)),
        "dropped twice",
    ),
    "another rate": (
        head(dense(), drop(0.2), dense(), drop(), layers.Dense(5)),
        "the rates are 0.2, 0.5; AlexNet drops half",
    ),
    "another kind": (
        head(dense(), layers.GaussianDropout(0.5), dense(), drop(), layers.Dense(5)),
        "GaussianDropout drops in another way",
    ),
    "no ReLU": (
        head(dense(activation=None), drop(), dense(), drop(), layers.Dense(5)),
        "the first large layer has lost its ReLU",
    ),
    "no ReLU twice": (
        head(*whole(partial(dense, 1024, "linear"), partial(dense, 1024, None))),
        "both large layers have lost their ReLU",
    ),
    "tanh": (
        head(*whole(partial(dense, 1024, "tanh"))),
        "such as another activation than ReLU",
    ),
    "softmax": (
        head(*whole(last=partial(dense, 5, "softmax"))),
        "logits are wanted; softmax stands at the end",
    ),
    "a softmax layer": (
        head(*whole(), layers.Softmax()),
        "logits are wanted; softmax stands at the end",
    ),
    "ReLU at the end": (
        head(*whole(last=partial(dense, 5))),
        "logits are wanted; ReLU stands at the end",
    ),
    "sigmoid at the end": (
        head(*whole(), layers.Activation("sigmoid")),
        "or one behind the last layer",
    ),
    "no Flatten": (
        maps_first(layers.GlobalAveragePooling2D(), *whole()),
        "the first dense layer gets 64 numbers; the list has 2 · 2 · 64 = 256",
    ),
    "Flatten late": (
        maps_first(*whole()[:-1], layers.Flatten(), layers.Dense(5)),
        "the first dense layer gets 64 numbers",
    ),
    "a convolution before": (
        maps_first(layers.Conv2D(64, 1), layers.Flatten(), *whole()),
        "something stands in it that the end of AlexNet does not have",
    ),
    "no biases": (
        head(*whole(partial(layers.Dense, 1024, "relu", use_bias=False))),
        "a dense layer has no biases",
    ),
    "two inputs": (two_inputs, "Begin with keras.Input((2, 2, 64))"),
    "no layers": (bare(), "Begin with keras.Input((2, 2, 64))"),
    "a class of one's own": (Own, "Begin with keras.Input((2, 2, 64))"),
    "other units": (
        head(dense(512), drop(), dense(), drop(), layers.Dense(5)),
        "dense layers of 1024, 1024 and 5 units are wanted; [512, 1024, 5] came",
    ),
    "other shape": (
        head(dense(), drop(), dense(), drop(), layers.Dense(5), shape=(6, 6, 64)),
        "goes from (6, 6, 64)",
    ),
    "no model": (lambda: [dense()], "should return a Keras model"),
    "raises": (lambda: 1 / 0, "build_head raised ZeroDivisionError"),
}


def test_the_solution_is_correct():
    names = {}
    exec(ex.q3.answer, names)
    assert ex.q3.judge(names["build_head"]).state == "correct"


@pytest.mark.parametrize("build", RIGHT.values(), ids=RIGHT)
def test_other_right_ones_are_right(build):
    assert ex.q3.judge(build).state == "correct"


@pytest.mark.parametrize(("build", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_one_is_told_why(build, said):
    verdict = ex.q3.judge(build)
    assert verdict.state == "not yet"
    assert said in verdict.message


def test_a_network_in_place_of_the_function():
    assert "Give build_head, without brackets" in ex.q3.judge(RIGHT["plain"]()).message


def test_the_numbers_are_those_of_the_networks():
    with keras.StatelessScope(initialize_variables=False):
        quarter = models.alexnet(128, 5, width=0.25)
    layer = quarter.get_layer
    assert ex.q1.truth == {
        "side after filters1": layer("filters1").output.shape[1],
        "parameters of filters1": layer("filters1").count_params(),
        "side after pool1": layer("pool1").output.shape[1],
        "parameters of filters2": layer("filters2").count_params(),
        "side after pool2": layer("pool2").output.shape[1],
        "length of the list": layer("list").output.shape[1],
        "parameters of hidden6": layer("hidden6").count_params(),
    }
    with keras.StatelessScope(initialize_variables=False):
        halves = models.alexnet(groups=2).get_layer("filters4")
    size, biases = tuple(halves.kernel.shape), halves.bias.shape[0]
    weights = size[0] * size[1] * size[2] * size[3]
    places = halves.output.shape[1] * halves.output.shape[2]
    assert ex.q2.truth["maps that one filter sees"] == size[2]
    assert ex.q2.truth["weights"] == weights
    assert ex.q2.truth["biases"] == biases
    assert ex.q2.truth["maps that come out"] == halves.output.shape[3]
    assert ex.q2.truth["multiply-adds"] == weights * places
