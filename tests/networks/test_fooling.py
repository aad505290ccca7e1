"""Pictures that fool a network: the paper's formulas once more, and what is refused."""

import gc
import io
import weakref

import keras
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from helpers import images
from helpers.networks import export, exported, gradients, models, probe
from helpers.networks.probe import _fitting, _within, disturbing, fooling
from helpers.widgets import FoolIt


def drawn(seed, *shape, low=0, high=255):
    """Random pictures, the same whichever tests ran before."""
    made = np.random.default_rng(seed).uniform(low, high, shape)
    return made.astype(np.float32)


@pytest.fixture(scope="module")
def digits():
    """The network of digits that comes with the course."""
    model = models.mnist_better()
    export.load_weights(models.with_softmax(model), exported.shipped("mnist"))
    return model


@pytest.fixture(scope="module")
def colours():
    keras.utils.set_random_seed(4)
    return keras.Sequential(
        [
            keras.Input((9, 7, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(5, 3, activation="tanh"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(4, activation="softmax"),
        ]
    )


@pytest.fixture
def pictures():
    return drawn(8, 5, 28, 28, 1)


@pytest.fixture
def photos():
    return drawn(9, 3, 9, 7, 3, low=40, high=200)


def cross_entropy(model, x, classes):
    """In float64, of probabilities."""
    shares = probe.probabilities(model, x).astype(float)
    return -np.log(shares[np.arange(len(x)), classes])


def margin(model, x, classes):
    """In float64, of logits."""
    logits = probe.outputs(_within.up_to_logits(model), x).astype(float)
    own = np.eye(logits.shape[1], dtype=bool)[classes]
    rest = logits[~own].reshape(len(x), -1)
    return np.log(np.exp(rest).sum(axis=1)) - logits[own]


# -- slopes ----------------------------------------------------------------------------


@pytest.mark.parametrize(("which", "close"), [("digits", 0.1), ("colours", 0.02)])
def test_slopes_are_those_of_finite_differences(which, close, request):
    """But for kinks of ReLU, which a difference of two places may step over."""
    model = request.getfixturevalue(which)
    x = drawn(10, 3, *model.input_shape[1:], low=40, high=200)
    classes, rng = np.array([1, 3, 0]), np.random.default_rng(11)
    slopes = fooling._slopes(model, x, classes)
    assert slopes.shape == x.shape
    found, wanted = [], []
    for _ in range(12):
        way = rng.normal(size=x.shape).astype(np.float32) / 4
        found.append((slopes * way).sum(axis=(1, 2, 3)))
        ahead, behind = (margin(model, one, classes) for one in (x + way, x - way))
        wanted.append((ahead - behind) / 2)
    off = np.linalg.norm(np.subtract(found, wanted))
    assert off < close * np.linalg.norm(wanted)


def test_the_signs_are_those_of_cross_entropy(colours, photos):
    """The margin's slope is cross-entropy's by 1 − p: written with Keras's own loss."""
    classes = np.array([0, 2, 3])

    @gradients.value_and_gradients
    def entropy(x):
        made = colours(x[0], training=False)
        loss = keras.losses.sparse_categorical_crossentropy(classes, made)
        return keras.ops.sum(loss)

    _, [wanted] = entropy([photos])
    wanted = np.asarray(keras.ops.convert_to_numpy(wanted))
    found = fooling._slopes(colours, photos, classes)
    own = probe.probabilities(colours, photos)[np.arange(3), classes]
    np.testing.assert_allclose(
        found * (1 - own)[:, None, None, None], wanted, rtol=1e-3, atol=1e-7
    )


def test_a_network_that_is_sure_still_has_slopes(colours, photos):
    """Where cross-entropy's slope is 0 in float32."""
    sure = keras.models.clone_model(colours)
    sure.set_weights(colours.get_weights())
    kernel, bias = sure.layers[-1].get_weights()
    sure.layers[-1].set_weights([300 * kernel, bias])
    named = probe.outputs(sure, photos).argmax(axis=1)
    assert (cross_entropy(sure, photos, named) < 1e-7).any()
    slopes = fooling._slopes(sure, photos, named)
    assert np.isfinite(slopes).all()
    assert (np.abs(slopes).max(axis=(1, 2, 3)) > 1e-3).all()


def test_batches_do_not_matter(colours, monkeypatch):
    monkeypatch.setattr(_fitting, "at_once", lambda *_, **__: 8)
    x, classes = drawn(12, 19, 9, 7, 3), np.random.default_rng(12).integers(0, 4, 19)
    sizes = []
    found = fooling._slopes(colours, x, classes, sizes.append)
    assert sizes == [8, 8, 3]
    for k in (0, 7, 8, 18):
        alone = fooling._slopes(colours, x[k : k + 1], classes[k : k + 1])[0]
        np.testing.assert_allclose(found[k], alone, rtol=1e-3, atol=1e-6)


def test_what_a_model_learns_counts_at_once(colours, photos):
    before = fooling._slopes(colours, photos, np.zeros(3, int))
    kept = colours.get_weights()
    colours.set_weights([2 * one for one in kept])
    after = fooling._slopes(colours, photos, np.zeros(3, int))
    colours.set_weights(kept)
    assert np.abs(after).max() > 1.5 * np.abs(before).max() > 0
    again = fooling._slopes(colours, photos, np.zeros(3, int))
    np.testing.assert_array_equal(before, again)


def test_other_layers_at_the_end_count_at_once():
    model = keras.Sequential([keras.Input((1, 2, 1)), keras.layers.Flatten()])
    for kernel in (np.eye(2), 3 * np.eye(2)[::-1]):
        model.add(keras.layers.Dense(2))
        model.layers[-1].set_weights([kernel, np.zeros(2)])
        slope = fooling._slopes(
            model, np.zeros((1, 1, 2, 1), np.float32), np.array([0])
        )
        np.testing.assert_allclose(slope.ravel(), kernel[:, 1] - kernel[:, 0])
        model.pop()


def test_a_model_is_let_go():
    model = models.mnist_dense((4,))
    probe.fast_gradient_sign(model, np.zeros((1, 28, 28, 1)), [3])
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# -- fast gradient sign, and steps -----------------------------------------------------


@pytest.mark.parametrize("target", [None, 2])
def test_one_step_is_the_papers(digits, pictures, target):
    labels = np.array([0, 1, 7, 3, 9])
    classes = labels if target is None else np.full(5, target)
    way = 1 if target is None else -1
    slopes = fooling._slopes(digits, pictures, classes)
    wanted = np.clip(pictures + way * 8 * np.sign(slopes), 0, 255)
    found = probe.fast_gradient_sign(digits, pictures, labels, 8, target=target)
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert found.dtype == np.float32
    before, after = (margin(digits, one, classes) for one in (pictures, found))
    assert (way * (after - before) > 0).all()


@pytest.mark.parametrize("target", [None, 2])
def test_the_explorer_does_the_same_without_keras(digits, target):
    """FoolIt in Python; its page is compared with that in tests/browser."""
    fool = FoolIt("digit 3", target=target, strength=9)
    differing = 0
    for number in range(12):
        if number < 10:
            fool.subject = f"digit {number}"
        else:
            fool.image = drawn(number, 28, 28)
        x = fool.image[None, ..., None]
        found = probe.fast_gradient_sign(digits, x, strength=9, target=target)
        same = np.abs(found[0, ..., 0] - fool.attacked) < 1e-4
        # Where a slope is nearly 0, float32 may take its sign for the other.
        led = fool.before.argmax() if target is None else target
        slope = np.abs(fooling._slopes(digits, x.astype(np.float32), np.array([led])))
        assert same[slope[0, ..., 0] > 1e-4 * slope.max()].all()
        differing += (~same).sum()
        shares = probe.probabilities(digits, found)[0]
        np.testing.assert_allclose(fool.probabilities, shares, atol=1e-3)
    assert differing < 12 * 28


def test_steps_are_the_papers(digits, pictures):
    labels = np.array([0, 1, 7, 3, 9])
    x = pictures
    for _ in range(4):
        x = x + 3 * np.sign(fooling._slopes(digits, x.astype(np.float32), labels))
        x = np.clip(np.clip(x, pictures - 8, pictures + 8), 0, 255)
    found = probe.attack(digits, pictures, labels, strength=8, steps=4, rate=3)
    agree = np.abs(found - x) < 1e-3  # but where a slope is nearly 0
    assert agree.mean() > 0.99
    assert np.abs(found - pictures).max() <= 8 + 1e-4


def test_more_steps_mislead_more(digits, pictures):
    labels = probe.outputs(digits, pictures).argmax(axis=1)
    once = probe.fast_gradient_sign(digits, pictures, None, 6)
    often = probe.attack(digits, pictures, strength=6, steps=12)
    reached = [margin(digits, one, labels).mean() for one in (pictures, once, often)]
    assert reached[0] < reached[1] < reached[2]


def test_a_random_start_is_within_reach(colours, photos):
    one, other, same = (
        probe.attack(colours, photos, strength=20, steps=1, rate=1, seed=seed)
        for seed in (0, 1, 0)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 5
    assert np.abs(one - photos).max() <= 20 + 1e-4


def test_no_strength_is_no_change(colours, photos):
    np.testing.assert_array_equal(
        probe.fast_gradient_sign(colours, photos, [0, 1, 2], 0), photos
    )


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float64])
def test_any_kind_of_numbers_and_none_is_changed(colours, photos, kind):
    given = photos.astype(kind)
    before = given.copy()
    found = probe.fast_gradient_sign(colours, given, [0, 1, 2], 4)
    wanted = probe.fast_gradient_sign(colours, before.astype(np.float32), [0, 1, 2], 4)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(given, before)
    assert found.dtype == np.float32


def test_black_and_white_pictures_stay_in_range(digits):
    for shade in (0, 255):
        x = np.full((1, 28, 28, 1), shade)
        found = probe.attack(digits, x, [3], strength=30, steps=3)
        assert found.min() >= 0
        assert found.max() <= 255
        assert np.abs(found - shade).max() <= 30 + 1e-4


def test_no_labels_are_what_the_model_names(colours, photos):
    named = probe.outputs(colours, photos).argmax(axis=1)
    np.testing.assert_array_equal(
        probe.fast_gradient_sign(colours, photos, None, 4),
        probe.fast_gradient_sign(colours, photos, named, 4),
    )


def test_chance_changes_as_much(photos):
    found = probe.random_change(photos, 6, seed=2)
    np.testing.assert_allclose(np.abs(found - photos), 6, atol=1e-4)
    assert 0.4 < (found > photos).mean() < 0.6
    assert (probe.random_change(photos, 255) <= 255).all()
    assert np.abs(found - probe.random_change(photos, 6, seed=3)).max() > 10


# -- the smallest change ---------------------------------------------------------------


@pytest.fixture(scope="module")
def straight():
    """A network of which everything is known: a plane parts two classes."""
    model = keras.Sequential(
        [keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    weights = np.array([[1.0, 0], [0, 1], [0.5, -0.5], [0, 0]])
    model.set_weights([weights, np.zeros(2)])
    return model


def test_the_smallest_change_of_a_plane(straight):
    """Class 0 leads by 40; a step of s takes s · (1 + 1 + 1) from that."""
    x = np.array([[[110], [100]], [[30], [7]]])
    np.testing.assert_array_equal(probe.outputs(straight, x[None]), [[125, 85]])
    for steps in (1, 10):
        found = probe.smallest_change(straight, x, 0, steps=steps, most=64)
        assert found.strength == pytest.approx(40 / 3, rel=0.03)
        assert found.strength > 40 / 3
        assert (found.label, found.taken_for) == (0, 1)
        assert np.abs(found.picture - x).max() == pytest.approx(found.strength)
        assert found.picture[1, 1, 0] == 7  # nothing depends on it
    assert probe.smallest_change(straight, x, 0, most=13) is None
    targeted = probe.smallest_change(straight, x, target=1)
    assert targeted.strength == pytest.approx(40 / 3, rel=0.03)
    nothing = probe.smallest_change(straight, x, 1)
    assert (nothing.strength, nothing.taken_for) == (0, 0)
    np.testing.assert_array_equal(nothing.picture, x)


def test_the_smallest_that_is_found_is_an_upper_bound():
    """The other class leads by 19 to 29 gray levels, then from 51 on again."""
    model = keras.Sequential(
        [
            keras.Input((1, 1, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="relu"),
            keras.layers.Dense(2),
        ]
    )
    bends = [np.ones((1, 3)), np.array([-99.0, -124, -140])]
    sums = [np.array([[0.0, 1], [0, -2], [0, 2]]), np.array([19.5, 0])]
    model.set_weights([*bends, *sums])
    x = np.full((1, 1, 1), 100)
    found = probe.smallest_change(model, x, steps=1, progress=False)
    assert found.strength == pytest.approx(50.5, abs=1)
    assert probe.outputs(model, found.picture[None]).argmax() == found.taken_for == 1
    less = probe.fast_gradient_sign(model, x[None], strength=24)
    assert probe.outputs(model, less).argmax() == 1


def test_many_pictures_are_searched_as_one(digits):
    labels = np.array([0, 3, 7])
    pictures = np.stack([images.digit(k, index=11)[..., None] for k in labels])
    found = probe.smallest_strengths(digits, pictures, labels, steps=2)
    assert np.isfinite(found).all()
    for k, picture in enumerate(pictures):
        one = probe.smallest_change(digits, picture, steps=2)
        assert found[k] == pytest.approx(one.strength, rel=0.1)
        assert probe.outputs(digits, one.picture[None]).argmax() == one.taken_for
        assert one.taken_for != labels[k] == one.label


# -- noise -----------------------------------------------------------------------------


def test_noise_becomes_sure(digits):
    found = probe.fooling_noise(digits, 4, progress=False)
    assert found.probability >= 0.99
    shares = probe.probabilities(digits, found.picture[None])[0]
    assert shares[4] == pytest.approx(found.probability)
    assert found.picture.shape == (28, 28, 1)
    assert found.picture.min() >= 0
    assert found.picture.max() <= 255
    less = probe.fooling_noise(digits, 4, steps=found.steps - 1, progress=False)
    assert less.probability < 0.99
    assert less.steps == found.steps - 1


def test_an_interruption_keeps_the_noise(digits, monkeypatch, capsys):
    slopes, calls = fooling._slopes, []

    def interrupted(*given):
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return slopes(*given)

    monkeypatch.setattr(fooling, "_slopes", interrupted)
    found = probe.fooling_noise(digits, 4, rate=0.1)
    assert found.steps == 2
    assert "Interrupted: 2 of 200 steps are done" in capsys.readouterr().out
    monkeypatch.undo()
    wanted = probe.fooling_noise(digits, 4, rate=0.1, steps=2)
    np.testing.assert_array_equal(found.picture, wanted.picture)


def test_noise_that_is_sure_already_stays():
    sure = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    sure.set_weights([np.zeros((16, 2)), np.array([9.0, 0.0])])
    assert probe.fooling_noise(sure, 0).steps == 0
    assert probe.fooling_noise(sure, 1, steps=0).steps == 0


# -- disturbances ----------------------------------------------------------------------


@pytest.mark.parametrize("how", probe.DISTURBANCES)
def test_disturbances_hardly_change_a_smooth_picture(how):
    rows, columns = np.mgrid[:32, :40]
    smooth = np.dstack([80 + 2 * rows, 60 + 3 * columns, 100 + rows + columns])
    found = probe.disturbed(np.stack([smooth, smooth[::-1]]), how)
    assert found.shape == (2, 32, 40, 3)
    assert found.dtype == np.float32
    inside = np.abs(found[0] - smooth)[4:-4, 4:-4]
    assert inside.mean() < 6
    gray = probe.disturbed(smooth[None, ..., :1], how)
    assert gray.shape == (1, 32, 40, 1)


ROUGH = drawn(13, 2, 32, 48, 3)


def test_rounding_is_to_the_nearest_gray_level():
    found = probe.disturbed(ROUGH, "rounding")
    np.testing.assert_array_equal(found, np.rint(ROUGH))
    half = np.full((1, 8, 8, 1), 0.4)
    half[0, 0, 0] = 254.6
    found = probe.disturbed(half, "rounding")
    assert (found[0, 0, 0, 0], found.sum()) == (255, 255)


def test_a_change_that_a_file_takes_back(colours):
    """Of less than half a gray level nothing is left in it."""
    whole = np.rint(drawn(14, 3, 9, 9, 3, low=40, high=200))
    model = keras.Sequential([keras.Input((9, 9, 3)), *colours.layers])
    changed = probe.fast_gradient_sign(model, whole, None, 0.4)
    assert (np.abs(changed - whole) > 0.3).mean() > 0.9
    np.testing.assert_array_equal(probe.disturbed(changed, "rounding"), whole)


def test_a_blur_is_a_gaussian_of_one_pixel():
    """Pillow's is made of boxes, so near that one, and nearer than to others."""
    [found, _] = probe.disturbed(ROUGH, "blur")
    apart = {}
    for deviation in (0.8, 1.0, 1.2):
        sigmas = deviation, deviation, 0
        wanted = ndimage.gaussian_filter(np.rint(ROUGH[0]), sigmas, mode="nearest")
        apart[deviation] = np.abs(found - wanted)[4:-4, 4:-4].mean()
    assert apart[1.0] < 2
    assert 2 * apart[1.0] < min(apart[0.8], apart[1.2])


def test_a_crop_takes_a_sixteenth_of_each_side():
    [found, _] = probe.disturbed(ROUGH, "crop")
    part = Image.fromarray(np.rint(ROUGH[0]).astype(np.uint8)[2:-2, 3:-3])
    wanted = np.asarray(part.resize((48, 32), Image.Resampling.BICUBIC), np.float32)
    # At the rim Pillow looks beyond the part, where there are pixels still.
    np.testing.assert_allclose(found[3:-3, 3:-3], wanted[3:-3, 3:-3], atol=1)


def test_a_file_is_a_jpeg_of_quality_75():
    [found, _] = probe.disturbed(ROUGH, "JPEG")
    again = {}
    for quality in (70, 75, 80):
        file = io.BytesIO()
        image = Image.fromarray(np.rint(ROUGH[0]).astype(np.uint8))
        image.save(file, "JPEG", quality=quality)
        again[quality] = np.asarray(Image.open(file), np.float32)
    np.testing.assert_array_equal(found, again[75])
    assert min(np.abs(again[q] - found).mean() for q in (70, 80)) > 1


def test_all_disturbances_are_told():
    assert all(f'"{how}"' in disturbing.disturbed.__doc__ for how in probe.DISTURBANCES)


def test_disturbances_that_cannot_be():
    x = np.zeros((1, 9, 9, 1))
    with pytest.raises(ValueError, match='Did you mean "JPEG"'):
        probe.disturbed(x, "jpeg")
    for wrong in (x[0], np.zeros((1, 9, 9, 2)), x[:, :7], x - 1, x + np.nan):
        with pytest.raises(ValueError, match=r"^x: got "):
            probe.disturbed(wrong, "blur")


# -- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": np.zeros((3, 28, 28))}, r"x: got shape \(3, 28, 28\)\. Give \(N, 9"),
        ({"x": np.zeros((3, 8, 7, 3))}, r"Give \(N, 9, 7, 3\), as "),
        ({"x": np.full((3, 9, 7, 3), 256)}, "values from 256 to 256"),
        ({"x": np.full((3, 9, 7, 3), np.nan)}, "not finite"),
        ({"labels": [0, 1]}, "Give a whole number for each picture, 3"),
        ({"labels": [0.0, 1, 2]}, "float64 of shape"),
        ({"labels": [0, 1, 4]}, "Give them from 0 to 3"),
        ({"strength": -1}, "strength: got -1. Give a number from 0 to 255"),
        ({"target": 4}, "target: got 4. Give a whole number from 0 to 3"),
        ({"progress": "no"}, "progress: got 'no'. Give True or False"),
    ],
    ids=str,
)
def test_what_is_refused(colours, given, said):
    usual = {"x": np.zeros((3, 9, 7, 3)), "labels": [0, 1, 2], "strength": 8}
    with pytest.raises(ValueError, match=said):
        probe.fast_gradient_sign(colours, **(usual | given))


def test_models_that_are_refused(pictures):
    words = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])
    for wrong in (None, words):
        with pytest.raises(ValueError, match=r"^model: got "):
            probe.attack(wrong, pictures)
    any_size = keras.Sequential(
        [keras.Input((None, None, 1)), keras.layers.GlobalAveragePooling2D()]
    )
    with pytest.raises(ValueError, match="takes a single size"):
        probe.fooling_noise(any_size, 0)


def test_one_picture_at_a_time(straight):
    with pytest.raises(ValueError, match=r"Give one picture, \(rows, columns, C\)"):
        probe.smallest_change(straight, np.zeros((1, 2, 2, 1)))
    for wrong in (2, -1, 1.0, [0]):
        with pytest.raises(ValueError, match=r"^label: got .* from 0 to 1"):
            probe.smallest_change(straight, np.zeros((2, 2, 1)), wrong)
    with pytest.raises(ValueError, match=r"^labels: got numbers from 2 to 2"):
        probe.smallest_strengths(straight, np.zeros((1, 2, 2, 1)), [2])
    with pytest.raises(ValueError, match="most: got 0"):
        probe.smallest_change(straight, np.zeros((2, 2, 1)), most=0)
