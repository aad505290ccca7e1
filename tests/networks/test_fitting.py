"""How much is computed at a time, what is made once, what an interruption leaves."""

import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import models, probe
from helpers.networks.probe import _fitting, _steps


def maps_of(sides, filters=8):
    """A photo's maps, of any size or of one, and half of them on each side."""
    return keras.Sequential(
        [
            keras.Input((*sides, 3)),
            layers.Conv2D(filters, 3, padding="same"),
            layers.MaxPooling2D(),
            layers.GlobalAveragePooling2D(),
        ]
    )


@pytest.mark.parametrize("sides", [(16, 24), (None, None)])
def test_numbers_are_those_of_all_layers(sides):
    wanted = 16 * 24 * 3 + 16 * 24 * 8 + 8 * 12 * 8 + 8
    assert _fitting._numbers(maps_of(sides), [(16, 24, 3)]) == wanted


def test_numbers_within_an_inner_model_count():
    inner = maps_of((None, None))
    outer = keras.Sequential([keras.Input((None, None, 3)), inner, layers.Dense(2)])
    alone = _fitting._numbers(inner, [(16, 24, 3)])
    assert _fitting._numbers(outer, [(16, 24, 3)]) == alone + 16 * 24 * 3 + 8 + 2


def test_numbers_of_several_inputs():
    one, other = keras.Input((4,)), keras.Input((None, 3))
    made = layers.Concatenate()([one, layers.GlobalAveragePooling1D()(other)])
    model = keras.Model([one, other], made)
    assert _fitting._numbers(model, [(4,), (5, 3)]) == 4 + 15 + 3 + 7


def test_fewer_of_large_pictures_and_on_the_way_back(monkeypatch):
    model = maps_of((None, None))
    monkeypatch.setattr(_fitting, "_NUMBERS", 2**20)
    counts = [_fitting.at_once(model, (side, side, 3)) for side in (8, 32, 128, 512)]
    assert counts == [256, 64, 4, 1]
    back = _fitting.at_once(model, (32, 32, 3), backward=True)
    assert back == 32


def test_what_is_not_known_from_outside_is_computed_as_well():
    class Own(keras.Model):
        def call(self, x):
            return 2 * x

    assert probe.outputs(Own(), np.ones((300, 2))).shape == (300, 2)


class Counting(layers.Layer):
    """Notes how many samples come at a time."""

    def __init__(self):
        super().__init__()
        self.counts = []

    def call(self, x):
        if x.shape[0] is not None:
            self.counts.append(x.shape[0])
        return x

    def compute_output_shape(self, shape):
        return shape


def test_all_go_through_a_few_at_a_time(monkeypatch):
    """Each with the maps of its own size in memory, not with those of all."""
    counting = Counting()
    photo = keras.Input((None, None, 3))
    maps = layers.Conv2D(8, 3, padding="same", name="maps")(counting(photo))
    model = keras.Model(photo, layers.GlobalAveragePooling2D(name="means")(maps))
    monkeypatch.setattr(_fitting, "_NUMBERS", 4 * 20 * 20 * 15)
    x = np.random.default_rng(0).uniform(0, 255, (9, 20, 20, 3)).astype(np.float32)
    for ask, most in (
        (lambda: probe.outputs(model, x), 4),
        (lambda: probe.feature_maps(model, x), 4),
        (lambda: probe.features(model, x, "maps"), 4),
        (lambda: probe.attack(model, x, strength=1, steps=1), 4),
        (lambda: probe.smooth_grad(model, x[0], 0, draws=9), 2),
        (lambda: probe.occlusion(model, x[0], 0, size=7, step=7), 4),
    ):
        counting.counts.clear()
        ask()
        assert 0 < max(counting.counts) <= most


def test_what_is_made_of_a_model_goes_with_it():
    model = models.mnist_cnn()
    _fitting.part_of(model, "filters2")
    _fitting.parts_of(model, layers=["filters1", "filters2"])
    part = _fitting.part_of(model, "logits")
    assert _fitting.part_of(model, "logits") is part
    del part
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def interrupted(count, size, at, least):
    """Work that is interrupted in the portion that begins there."""
    with _steps.counted(count, "Work", False, "parts", least=least) as parts:
        for some in parts.portions(size):
            if some.start == at:
                raise KeyboardInterrupt


@pytest.mark.parametrize(("at", "least"), [(0, 1), (2, 3)])
def test_an_interruption_before_anything_is_done_goes_on(at, least, capsys):
    with pytest.raises(KeyboardInterrupt):
        interrupted(9, 2, at, least)
    assert not capsys.readouterr().out


def test_an_interruption_says_how_much_is_done(capsys):
    interrupted(1500, 700, 1400, least=1)
    assert capsys.readouterr().out == (
        "Interrupted: 1,400 of 1,500 parts are done. This is what there is so far.\n"
    )


def test_portions_are_all_of_it():
    with _steps.counted(7, "Work", False) as parts:
        assert list(parts.portions(3)) == [slice(0, 3), slice(3, 6), slice(6, 7)]
        assert parts.done == 7
