"""DigitPad in Python: networks, drawings, what is seen and answered."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers
from traitlets import TraitError

from helpers import datasets, drawings, images
from helpers.datasets import present
from helpers.networks import export, exported, models
from helpers.widgets import DigitPad
from helpers.widgets.parts import networks, seen

SEVEN = [[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]]
CAT = [[(0.2, 0.3), (0.5, 0.3)], [(0.35, 0.2), (0.35, 0.6)]]


@pytest.fixture
def pad():
    pad = DigitPad(strokes=SEVEN)
    yield pad
    pad.close()


def small_model(*middle, classes=3, shape=(28, 28, 1)):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [keras.Input(shape), *middle, layers.Flatten(), layers.Dense(classes)]
    )


# ---- networks ----


def test_a_model_of_ones_own():
    model = models.mnist_cnn()
    own = DigitPad(model, strokes=SEVEN)
    assert own.network == "own"
    assert own.classes == tuple("0123456789")
    rounded = export.rounded(model)
    logits = keras.ops.convert_to_numpy(rounded(own.image[None, ..., None]))[0]
    wanted = np.exp(logits - logits.max())
    np.testing.assert_allclose(own.probabilities, wanted / wanted.sum(), atol=1e-4)
    assert own.guess == str(np.argmax(logits))
    assert list(own.maps) == own.trained.names
    own.close()


def test_names_of_its_classes():
    own = DigitPad(small_model(), ["cat", "dog", "fish"])
    assert own.classes == ("cat", "dog", "fish")
    assert own.guess in own.classes
    sent = own._networks["own"]["description"]
    assert sent["about"]["classes"] == ["cat", "dog", "fish"]
    own.network = small_model(classes=4)  # the names were those of the other
    assert own.classes == ("0", "1", "2", "3")
    own.close()


def test_a_model_that_learned_on_is_set_again(pad):
    model = small_model()
    pad.network = model
    before = pad.probabilities
    model.set_weights([-w for w in model.get_weights()])
    np.testing.assert_array_equal(pad.probabilities, before)
    pad.network = model
    np.testing.assert_array_equal(pad.probabilities.argsort(), before.argsort()[::-1])
    assert not np.array_equal(pad.probabilities, before)


def test_a_network_that_was_exported(pad):
    pad.network = export.network(small_model(layers.Conv2D(2, 3)), weights="8 bits")
    assert pad.network == "own"
    assert pad.trained.names[pad.layer] == "conv2d" or "conv2d" in pad.trained.names[1]
    pad.network = "mnist"
    assert pad.guess == "7"
    pad.network = "own"  # it is still there
    assert len(pad.classes) == 3


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            small_model(shape=(32, 32, 1)),
            r"one that takes \(32, 32, 1\). Give one that",
        ),
        (small_model(classes=1), r"one that gives \(1,\)"),
        (
            small_model(layers.LayerNormalization()),
            "layer_normalization.*no such layer",
        ),
        (keras.Sequential([layers.Dense(2)]), "not built"),
        (np.eye(3), 'Give "mnist" or "quickdraw"; a keras.Model'),
        (None, 'Give "mnist" or "quickdraw"'),
        ("own", "set your model itself"),
        ("quickdrawn", 'Did you mean "quickdraw"'),
    ],
)
def test_what_is_no_such_network_is_refused(pad, model, said):
    before = pad.get_state()
    with pytest.raises(TraitError, match=said) as refusal:
        pad.network = model
    assert str(refusal.value).endswith(".")
    assert {**pad.get_state(), "_networks": 0} == {**before, "_networks": 0}
    assert pad.guess == "7"
    with pytest.raises(TraitError, match=said):
        DigitPad(model)


@pytest.mark.parametrize(
    "classes", [["cat", "dog"], ["cat", "dog", "cat"], "cat", 3, ["a", "b", "c", "d"]]
)
def test_other_names_are_refused(classes):
    with pytest.raises(TraitError, match="Give 3 different names"):
        DigitPad(small_model(), classes)


def test_names_are_for_networks_of_ones_own():
    with pytest.raises(TraitError, match="for a network of your own"):
        DigitPad("mnist", list("abcdefghij"))


def test_another_network_begins_anew(pad):
    pad.layer, pad.unit, pad.label = 11, (6, 6, 60), 9
    pad.network = "quickdraw"
    assert (pad.prepare, pad.layer, pad.unit, pad.label) == (
        *("quickdraw", 2, (7, 7, 0)),
        0,
    )
    assert pad.classes[0] == "apple"


# ---- what is seen ----


def test_it_sees_what_drawings_prepares(pad):
    wanted = drawings.as_mnist(drawings.raster(SEVEN))
    np.testing.assert_allclose(pad.image, wanted, atol=1e-9)
    pad.shift = (2, -3)
    np.testing.assert_array_equal(pad.image[2:, :-3], wanted[:-2, 3:])
    pad.shift, pad.covered, pad.patch = (0, 0), (10, 12), 5
    hidden = wanted.copy()
    hidden[8:13, 10:15] = 0
    np.testing.assert_allclose(pad.image, hidden, atol=1e-9)
    pad.covered, pad.prepare = None, "as drawn"
    np.testing.assert_allclose(pad.image, 255 * drawings.raster(SEVEN, 28), atol=1e-9)


def test_a_picture_is_seen_as_it_is(pad):
    pad.turn, pad.scale, pad.shift, pad.covered = 20, 120, (1, 1), (3, 3)
    for mode in seen.PREPARE:
        pad.prepare = mode
        pad.image = images.digit(4)
        np.testing.assert_array_equal(pad.image, images.digit(4))
        assert pad.strokes == ()
    assert pad.guess == "4"


def test_the_same_picture_again_takes_strokes_away(pad):
    pad.image = images.digit(4)
    pad.strokes = SEVEN
    assert not np.array_equal(pad.image, images.digit(4))
    pad.image = images.digit(4)
    np.testing.assert_array_equal(pad.image, images.digit(4))


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros((27, 28)), "at least 28"),
        (np.zeros((28, 29)), "at most 28"),
        (np.full((28, 28), -1), "from 0 to 255"),
        (np.full((28, 28), 256.0), "from 0 to 255"),
        (np.full((28, 28), np.nan), "NaN"),
    ],
)
def test_no_other_picture(pad, image, said):
    before = pad.image
    with pytest.raises(TraitError, match=said) as refusal:
        pad.image = image
    assert str(refusal.value).startswith("image")
    np.testing.assert_array_equal(pad.image, before)
    assert pad.strokes == tuple(map(tuple, SEVEN))


def test_the_rubber_takes_ink_away(pad):
    pad.prepare = "as drawn"
    before = pad.image
    pad.strokes = [*SEVEN, {"erase": [(0.3, 0.25)]}]
    assert pad.image.sum() < before.sum()
    assert (pad.image <= before).all()
    pad.strokes = [*SEVEN, {"erase": [(0.3, 0.25), (0.7, 0.25)]}, SEVEN[0]]
    np.testing.assert_allclose(pad.image, before, atol=1e-9)  # drawn once more


@pytest.mark.parametrize(
    ("strokes", "said"),
    [
        (3, "Give a list of strokes"),
        ([3], r"strokes\[0\].*list of points"),
        ([[]], r"strokes\[0\].*no points"),
        ([[(0.1, 0.2, 0.3)]], "shape"),
        ([[(0.1, 1.2)]], "from 0.1 to 1.2"),
        ([[(0.1, np.nan)]], "NaN"),
        ([{"rub": [(0.1, 0.1)]}], '"erase": points'),
        ([[(0.5, 0.5)]] * 401, "Give at most 400"),
        ([[(0.5, 0.5)] * 20_001], "Give at most 20,000"),
    ],
)
def test_no_other_strokes(pad, strokes, said):
    with pytest.raises(TraitError, match=said) as refusal:
        pad.strokes = strokes
    assert str(refusal.value).startswith("strokes")
    assert pad.strokes == tuple(map(tuple, SEVEN))


def box(image):
    rows, cols = np.nonzero(image >= 1)
    return np.ptp(rows) + 1, np.ptp(cols) + 1


def test_quickdraw_pictures_fill_their_square_as_ours_do():
    """In the data the longer side of the ink takes 26 pixels, in the middle of 28."""
    real = datasets.load_quickdraw(count=20)
    sides = [max(box(image)) for image in real.train_images]
    rng, ours_sides = np.random.default_rng(0), []
    for _ in range(50):
        scale, corner = rng.uniform(0.1, 0.6), rng.uniform(0, 0.4, 2)
        strokes = corner + scale * rng.random((2, 6, 2))
        ours = seen.picture(
            seen.Seen(np.zeros((28, 28)), seen.checked_strokes(strokes), "quickdraw")
        )
        ours_sides.append(max(box(ours)))
        for axis in (0, 1):
            inked = np.flatnonzero((ours >= 1).any(axis=1 - axis))
            assert abs(inked[0] + inked[-1] - 27) <= 1
    assert set(ours_sides) <= {24, 25, 26}  # the tip of a corner may lie between pixels
    assert np.median(ours_sides) == 26
    if not real.is_fallback:
        assert set(sides) <= {25, 26}


def test_a_dot_for_quickdraw_stays_a_dot():
    for dot in ([(0.5, 0.5)], [(0.0, 1.0)], [(0.2, 0.9), (0.2, 0.9)]):
        rubbed = [dot, {"erase": [(1, 0)]}]
        pad = DigitPad("quickdraw", strokes=rubbed)
        assert 0 < (pad.image >= 1).sum() <= 16
        pad.close()


# ---- samples ----


def test_samples_of_ones_own():
    mine = np.stack([images.digit(k) for k in (3, 8)])
    for given in (mine, mine[..., None], mine.astype(float)):
        pad = DigitPad(samples=given)
        np.testing.assert_array_equal(pad.samples, mine)
        pad.close()


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros((28, 28)), "Give pictures"),
        (np.zeros((2, 27, 28)), "Give pictures"),
        (np.zeros((0, 28, 28)), "samples"),
        (np.zeros((101, 28, 28)), "Give 1 to 100"),
        (np.full((2, 28, 28), 300), "from 0 to 255"),
    ],
)
def test_no_other_samples(samples, said):
    with pytest.raises(TraitError, match=said):
        DigitPad(samples=samples)


def test_samples_where_no_data_set_is_here(monkeypatch):
    monkeypatch.setattr(present, "examples", lambda name, each: None)
    monkeypatch.setattr(networks, "samples_of", networks.samples_of.__wrapped__)
    pad = DigitPad()
    np.testing.assert_array_equal(pad.samples[13], images.digit(3, index=1))
    assert pad.picture().axes
    pad.network = "quickdraw"
    assert pad.samples.shape == (0, 28, 28)
    assert pad.picture().axes
    pad.close()


# ---- what is said and drawn ----


def test_each_change_is_said(pad):
    said = [repr(pad)]
    for name, value in {
        **{"turn": 30, "scale": 90, "shift": (0, 3), "covered": (4, 4), "patch": 9},
        **{"strokes": CAT, "prepare": "as drawn", "layer": 5, "network": "quickdraw"},
    }.items():
        setattr(pad, name, value)
        said.append(repr(pad))
    assert len(set(said)) == len(said)
    assert not any("%" in one and "at 90 %" not in one for one in said)


def test_the_still_picture_shows_what_is_drawn(pad):
    empty = DigitPad()
    shown, at_first = pad.picture(), empty.picture()
    assert len(shown.axes) == len(at_first.axes) == 6
    assert "the network sees" in shown.alt
    own = DigitPad(small_model(layers.Flatten()))
    assert len(own.picture().axes) == 1
    empty.close()
    own.close()


# ---- what the page tells ----


def test_the_page_changes_all_at_once(pad):
    """Its network comes with the layer and the unit that it shows there."""
    told = {"network": "quickdraw", "prepare": "quickdraw", "label": 5}
    pad.set_state({**told, "layer": 9, "unit": [6, 6, 95], "covered": [3, 4]})
    assert (pad.network, pad.layer, pad.unit) == ("quickdraw", 9, (6, 6, 95))
    assert (pad.label, pad.covered) == (5, (3, 4))
    pad.set_state({"covered": [], "strokes": [[[0.5, 0.5]], {"erase": [[0, 1]]}]})
    assert pad.covered is None
    assert pad.strokes == (((0.5, 0.5),), {"erase": ((0.0, 1.0),)})


def test_a_unit_has_to_be_there(pad):
    for unit in ((14, 0, 0), (0, 14, 0), (0, 0, 16), (-1, 0, 0)):
        with pytest.raises(TraitError, match=r"unit: .*\."):
            pad.unit = unit
    pad.unit = (13, 13, 15)
    pad.layer = 14
    assert pad.unit == (0, 0, 0)
    pad.unit = (0, 0, 9)
    with pytest.raises(TraitError, match=r"layer: got 15. Give a whole number from 0"):
        pad.layer = 15
    with pytest.raises(TraitError, match=r"label: got 10. Give a whole number from 0"):
        pad.label = 10


def test_the_networks_travel_as_bytes(pad):
    sent = pad.get_state()["_networks"]
    for name in networks.DRAWN:
        assert sent[name]["data"] == exported.shipped(name).data
        assert sent[name]["description"]["layers"][0]["shape"] == [28, 28, 1]
