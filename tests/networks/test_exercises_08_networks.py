"""What lesson 08's exercises ask for is what `probe` does, on the same backend."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers.exercises import lesson_08 as ex
from helpers.networks import models, probe
from helpers.networks.gradients import value_and_gradients
from helpers.networks.probe.style import gram

LABEL = 3


def solved(exercise):
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(8)
    return models.mnist_cnn()


@pytest.fixture
def digit():
    return np.random.default_rng(8).integers(0, 256, (28, 28, 1)).astype(np.uint8)


def test_gram():
    maps = np.random.default_rng(0).normal(size=(5, 7, 4))
    assert np.allclose(solved(ex.q1)(maps), gram(maps))


def test_fast_gradient_sign(model, digit):
    def loss(values):
        answer = model(values[0], training=False)
        label = keras.ops.convert_to_tensor([LABEL])
        losses = keras.losses.sparse_categorical_crossentropy(
            label, answer, from_logits=True
        )
        return keras.ops.mean(losses)

    _, [slopes] = value_and_gradients(loss)([digit[None]])
    slopes = keras.ops.convert_to_numpy(slopes)[0]
    mine = solved(ex.q3)(digit, slopes, 8)
    theirs = probe.fast_gradient_sign(model, digit[None], [LABEL], 8)[0]
    # The network sees nothing of the last rows: slopes of exactly 0.
    sure = (slopes == 0) | (np.abs(slopes) > 1e-6 * np.abs(slopes).max())
    assert sure.mean() > 0.9
    assert np.allclose(mine[sure], theirs[sure])


@pytest.mark.parametrize(("size", "step", "cover"), [(7, 6, 0), (4, 9, 127.5)])
def test_occlusion(model, digit, size, step, cover):
    def score(picture):
        return float(probe.probabilities(model, np.float32(picture)[None])[0, LABEL])

    mine = solved(ex.q4)(digit, score, size, step, cover)
    theirs = probe.occlusion(
        model, digit, LABEL, size=size, step=step, cover=cover, progress=False
    )
    assert mine.shape == theirs.shape
    assert np.allclose(mine, theirs, atol=1e-6)


def test_grad_cam():
    """Behind a mean over all places a class's slopes are its weights, shared out."""
    keras.utils.set_random_seed(9)
    end = layers.Dense(4, name="logits")
    model = keras.Sequential(
        [
            keras.Input((12, 10, 3)),
            layers.Conv2D(6, 3, activation="relu", name="maps"),
            layers.GlobalAveragePooling2D(),
            end,
        ]
    )
    picture = np.random.default_rng(9).uniform(0, 255, (12, 10, 3))
    maps = probe.feature_maps(model, picture[None])["maps"][0]
    slopes = np.broadcast_to(end.get_weights()[0][:, 1], maps.shape) / maps[..., 0].size
    theirs = probe.grad_cam(model, picture, 1, layer="maps")
    assert theirs.any()
    assert np.allclose(solved(ex.q5)(maps, slopes), theirs, rtol=1e-4, atol=1e-5)


def test_a_step_uphill_makes_a_class_likelier(model, digit):
    climb = value_and_gradients(
        lambda values: model(values[0], training=False)[0, LABEL]
    )
    picture, scores = digit, []
    for _ in range(4):
        score, [slopes] = climb([picture[None]])
        scores.append(float(score))
        picture = solved(ex.q2)(picture, keras.ops.convert_to_numpy(slopes)[0], 2)
    assert all(np.diff(scores) > 0)
