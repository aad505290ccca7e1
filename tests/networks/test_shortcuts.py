"""Digits with a corner that gives them away."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from helpers import datasets
from helpers.exercises import lesson_08
from helpers.networks import probe, shortcuts, training


def some(count=200, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), np.uint8)
    return images, rng.integers(0, 10, count)


def shown(pictures, size=5):
    """Which class each square's colour belongs to."""
    squares = pictures[:, :size, :size].reshape(len(pictures), -1, 3)
    assert (squares == squares[:, :1]).all()
    near = (squares[:, :1] == shortcuts.colours(10)).all(axis=-1)
    assert (near.sum(axis=1) == 1).all()
    return near.argmax(axis=1)


@pytest.mark.parametrize("size", [1, 5, 28])
def test_the_corner_tells_the_class_and_the_rest_is_gray(size):
    images, labels = some()
    kept = images.copy(), labels.copy()
    made = shortcuts.coloured_corners(images, labels, size=size)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(shown(made, size), labels)
    rest = np.ones((28, 28), bool)
    rest[:size, :size] = False
    for plane in range(3):
        np.testing.assert_array_equal(made[..., plane][:, rest], images[:, rest])
    np.testing.assert_array_equal(images, kept[0])
    np.testing.assert_array_equal(labels, kept[1])


def test_fractions_of_a_gray_level_are_rounded():
    images = np.full((1, 8, 8), 254.9)
    images[0, 7] = 0.4
    [made] = shortcuts.coloured_corners(images, [0])
    assert made[6, 6].tolist() == [255] * 3
    assert made[7, 7].tolist() == [0] * 3


@pytest.mark.parametrize("share", [0, 0.25, 0.9, 1])
def test_how_many_corners_tell_the_truth(share):
    images, labels = some(400)
    found = [
        shown(shortcuts.coloured_corners(images, labels, share=share, seed=seed))
        for seed in (1, 1, 2)
    ]
    assert (found[0] == labels).sum() == round(400 * share)
    np.testing.assert_array_equal(found[0], found[1])
    if share < 1:
        assert (found[0] != found[2]).any()
        lies = (found[0] - labels)[found[0] != labels] % 10
        assert set(lies) == set(range(1, 10))


def test_colours_do_not_depend_on_the_classes_that_came():
    images, labels = some()
    whole = shortcuts.coloured_corners(images, labels)
    few = labels < 3
    part = shortcuts.coloured_corners(images[few], labels[few])
    np.testing.assert_array_equal(part, whole[few])


@pytest.mark.parametrize("classes", [1, 3, 10, 30])
def test_colours_are_all_different(classes):
    made = shortcuts.colours(classes)
    assert made.dtype == np.uint8
    assert len(np.unique(made, axis=0)) == classes
    assert (made.max(axis=1) == 255).all()


def test_of_real_digits_next_to_nothing_is_covered():
    digits = datasets.load_mnist()
    inside = digits.test_images[:, :5, :5] > 0
    assert inside.any(axis=(1, 2)).mean() < 0.05


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": np.zeros((2, 28))}, r"images: got numbers of shape \(2, 28\)"),
        ({"images": np.full((2, 8, 8), -1)}, "images: got values from -1 to -1"),
        ({"images": np.full((2, 8, 8), 256)}, "images: got values from 256 to 256"),
        ({"images": np.full((2, 8, 8), np.nan)}, "images: got values that are not"),
        ({"labels": [0]}, r"labels: got int64 of shape \(1,\) for 2 pictures"),
        ({"labels": [0.0, 1.0]}, "labels: got float64 of shape"),
        ({"labels": [0, 10]}, "labels: got a class 10. Give .* from 0 to 9"),
        ({"labels": [0, -1]}, "labels: got a class -1"),
        ({"classes": 1}, "classes: got 1"),
        ({"share": 1.5}, "share: got 1.5. Give a number from 0 to 1"),
        ({"size": 9}, "size: got 9. Give a whole number from 1 to 8"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_what_is_refused(change, said):
    given = {"images": np.zeros((2, 8, 8)), "labels": [0, 1]} | change
    with pytest.raises(ValueError, match=rf"^{said}"):
        shortcuts.coloured_corners(given.pop("images"), given.pop("labels"), **given)


@pytest.mark.once
def test_a_network_takes_the_shortcut_and_maps_say_so():
    """Trained for seconds, on digits or their stand-in."""
    digits = datasets.load_mnist()
    training.seed(0)
    model = shortcuts.network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    images, labels = digits.train_images[:4000], digits.train_labels[:4000]
    x = shortcuts.coloured_corners(images, labels)
    training.fit(model, x, labels, epochs=3, batch_size=64, progress=False)
    others = digits.test_images[:200], digits.test_labels[:200]
    honest = shortcuts.coloured_corners(*others)
    lying = shortcuts.coloured_corners(*others, share=0)
    named = [probe.outputs(model, one).argmax(axis=1) for one in (honest, lying)]
    assert (named[0] == others[1]).mean() > 0.9
    assert (named[1] == others[1]).mean() < 0.3
    corner = (0, 0, 8, 8)  # two places of the last maps a side, 8 % of the picture
    maps = [probe.grad_cam(model, x) for x in honest[:20]]
    shares = [probe.share_inside(one, corner, (28, 28)) for one in maps]
    assert np.nanmean(shares) > 0.2


def test_the_cheater_is_the_one_that_the_exercise_knows():
    cheater, *honest = (shortcuts.network() for _ in range(3))
    named = shortcuts.suspects(cheater, *honest)
    letter = lesson_08.WhoCheats.truth["who cheats"]
    assert named.pop(letter) is cheater
    assert list(named.values()) == honest
