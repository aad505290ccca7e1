"""ArchitectureTable's figures are those of the networks that Keras builds."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from helpers.networks import models
from helpers.widgets import ArchitectureTable
from helpers.widgets.explorers.architecture_table import PRESETS
from helpers.widgets.parts.architecture import Network, walk


def unmade(*arguments, **settings):
    """An AlexNet of which only shapes are wanted: no weight is drawn."""
    with keras.StatelessScope(initialize_variables=False):
        return models.alexnet(*arguments, **settings)


def agrees(table, model):
    """Each layer has the shape, the weights and the multiply-adds of Keras's."""
    rows = {row["name"]: row for row in table.table}
    assert rows["photo"]["output"] == model.input_shape[1:]
    layers = {layer.name: layer for layer in model.layers}
    for name, row in rows.items():
        if name == "photo":
            continue
        layer = layers.pop(name)
        assert row["output"] == layer.output.shape[1:], name
        assert row["parameters"] == layer.count_params(), name
        places = row["output"][:-1]
        kernel = layer.kernel.shape if hasattr(layer, "kernel") else (0,)
        assert row["multiply_adds"] == np.prod([*places, *kernel]), name
        if name != "list":
            assert row["activation_bytes"] == 4 * np.prod(row["output"]), name
    assert sum(layer.count_params() for layer in layers.values()) == 0
    assert table.parameters == model.count_params()


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name):
    _, size, width, groups, classes, _ = PRESETS[name]
    table = ArchitectureTable(size, classes, width=width, groups=groups)
    agrees(table, unmade(size, classes, width=width, groups=groups))
    table.close()


@pytest.mark.parametrize("size", [67, 68, 97, 128, 224, 227, 256, 320])
def test_sizes(size):
    table = ArchitectureTable(size, 10, width=0.125)
    agrees(table, unmade(size, 10, width=0.125))
    table.close()


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("width", [0.125, 0.2, 0.3, 0.55, 0.7, 1])
def test_widths_and_groups(width, groups):
    table = ArchitectureTable(67, 2, width=width, groups=groups)
    agrees(table, unmade(67, 2, width=width, groups=groups))
    table.close()


def test_the_smallest_picture_is_the_same():
    for size in (66, 67):
        fits = walk(Network(size))[1] is None
        if fits:
            models.alexnet(size, 2, width=0.01)
            continue
        with pytest.raises(ValueError, match="size: got 66"):
            models.alexnet(size, 2)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_any_convolution_and_pooling(padding):
    """Numbers that AlexNet has not: Keras says what comes out."""
    rng = np.random.default_rng(2)
    for _ in range(30):
        size = int(rng.integers(60, 90))
        kernel, stride, window, step = (int(n) for n in rng.integers(1, 8, 4))
        layers = {
            "filters1": {"kernel": kernel, "stride": stride, "padding": padding},
            "pool1": {"kernel": window, "stride": step, "padding": padding},
        }
        for name in ("filters2", "pool2", "pool5"):  # everything fits on one unit
            layers[name] = {"kernel": 1}
        table = ArchitectureTable(size, layers=layers)
        x = keras.KerasTensor((None, size, size, 3))
        for number, make in enumerate(
            (
                keras.layers.Conv2D(96, kernel, strides=stride, padding=padding),
                keras.layers.MaxPooling2D(window, strides=step, padding=padding),
            ),
            1,
        ):
            x = keras.KerasTensor(make.compute_output_shape(x.shape))
            assert table.table[number]["output"] == x.shape[1:], layers
        table.close()
