"""Why did it say that: each map against its formula, computed in another way."""

import gc
import os
import random
import weakref

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers import images
from helpers.networks import models, probe
from helpers.networks.probe import _fitting, _within, reasons

QUIET = {"progress": False}


def smooth(side=9, channels=3, classes=4, seed=0):
    """Return a small network without corners, so that differences are slopes."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((side, side, channels)),
            layers.Rescaling(1 / 127.5, offset=-1, name="pixels"),
            layers.Conv2D(6, 3, activation="tanh", name="filters1"),
            layers.AveragePooling2D(2, name="pool1"),
            layers.Conv2D(5, 3, padding="same", activation="tanh", name="filters2"),
            layers.AveragePooling2D(2, name="pool2"),
            layers.Flatten(name="list"),
            layers.Dense(classes, name="logits"),
        ]
    )


def with_a_shortcut(side=12):
    """Return one in which something goes around its second convolution."""
    keras.utils.set_random_seed(1)
    photo = keras.Input((side, side, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1, name="pixels")(photo)
    around = layers.Conv2D(6, 3, activation="tanh", name="filters1")(x)
    x = layers.Conv2D(6, 3, padding="same", activation="tanh", name="filters2")(around)
    x = layers.Add(name="sum")([x, around])
    x = layers.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(photo, layers.Dense(3, name="logits")(x))


def around_a_trunk():
    """Return a trunk like VGG16's, of two blocks, as one layer among others."""
    keras.utils.set_random_seed(2)
    photo = x = keras.Input((None, None, 3))
    for number, filters in enumerate((4, 6), 1):
        name = f"block{number}_conv1"
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(name=f"block{number}_pool")(x)
    trunk = keras.Model(photo, x, name="trunk")
    head = [layers.GlobalAveragePooling2D(), layers.Dense(3)]
    return keras.Sequential([keras.Input((None, None, 3)), trunk, *head])


@pytest.fixture(scope="module")
def digits():
    """One for all, and none changes it: on JAX each is compiled anew."""
    keras.utils.set_random_seed(7)
    return models.mnist_cnn()


def picture(model, seed=0, side=40):
    shape = [n or side for n in model.input_shape[1:]]
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def logits_of(model, pictures):
    """The logits of pictures, as differences need them."""
    return probe.outputs(_within.up_to_logits(model), pictures).astype(np.float64)


def alike(map_, wanted, share=1e-3):
    """Equal, up to a share of the largest number."""
    assert map_.shape == wanted.shape
    assert map_.dtype == np.float32
    np.testing.assert_allclose(map_, wanted, atol=share * np.abs(wanted).max(), rtol=0)


# -- saliency --------------------------------------------------------------------------


def slopes_by_differences(model, x, label, step=2.0):
    """How a logit changes with each number of a picture."""
    x = np.asarray(x, np.float64)
    moves = step * np.eye(x.size).reshape(-1, *x.shape)
    after, before = (logits_of(model, x + sign * moves)[:, label] for sign in (1, -1))
    return ((after - before) / (2 * step)).reshape(x.shape)


@pytest.mark.parametrize("channels", [1, 3])
def test_saliency_is_what_differences_say(channels):
    model = smooth(channels=channels)
    for label in range(4):
        x = picture(model, seed=label)
        wanted = np.abs(slopes_by_differences(model, x, label)).max(axis=-1)
        alike(probe.saliency(model, x, label), wanted, 2e-3)


@pytest.mark.parametrize(
    "make",
    [
        models.mnist_cnn,
        models.mnist_dense,
        models.mnist_better,
        lambda: models.alexnet(67, 5, width=1 / 16, batch_normalization=True),
    ],
    ids=["mnist_cnn", "mnist_dense", "mnist_better", "alexnet"],
)
def test_slopes_of_the_courses_networks(make):
    """Along some directions: these networks have corners, so only most must agree."""
    model = probe.randomised(make(), seed=3)
    x = picture(model).astype(np.float32)
    [slope] = reasons._slopes(model, x[None], 2)
    near = []
    for seed in range(9):
        way = np.random.default_rng(seed).normal(size=x.shape)
        after, before = logits_of(model, np.stack([x + way / 20, x - way / 20]))[:, 2]
        near.append(10 * (after - before) / np.vdot(slope, way))
    assert abs(np.median(near) - 1) < 0.03, near


def test_the_class_that_the_model_names_is_asked_about(digits):
    for seed in range(3):
        x = picture(digits, seed)
        named = int(probe.outputs(digits, x[None]).argmax())
        for ask in (
            probe.saliency,
            probe.grad_cam,
            lambda *given: probe.smooth_grad(*given, draws=2, **QUIET),
            lambda *given: probe.occlusion(*given, size=9, step=9, **QUIET),
        ):
            np.testing.assert_array_equal(ask(digits, x), ask(digits, x, named))
            assert not np.array_equal(ask(digits, x), ask(digits, x, (named + 1) % 10))


@pytest.mark.parametrize("end", ["softmax layer", "activation", "dense", "nested"])
def test_a_softmax_that_is_sure_still_says_why(end):
    model = smooth()
    model.get_layer("logits").set_weights(
        [1e4 * one for one in model.get_layer("logits").get_weights()]
    )
    x = picture(model)
    wanted = probe.saliency(model, x)
    if end == "softmax layer":
        sure = models.with_softmax(model)
    elif end == "activation":
        made = layers.Activation("softmax")(model.outputs[0])
        sure = keras.Model(model.inputs[0], made)
    elif end == "dense":
        last = layers.Dense(4, activation="softmax")
        sure = keras.Sequential([*model.layers[:-1], last])
        sure.build((None, 9, 9, 3))
        last.set_weights(model.layers[-1].get_weights())
    else:
        inner = models.with_softmax(model)
        sure = keras.Sequential([keras.Input((9, 9, 3)), inner])
    assert probe.probabilities(sure, x[None]).max() == 1
    alike(probe.saliency(sure, x), wanted)
    alike(
        probe.grad_cam(models.with_softmax(model), x),
        probe.grad_cam(model, x, layer="filters2"),
    )


def test_what_changed_in_the_model_changes_the_map():
    """A function is made once for each model, and takes its weights anew."""
    model = smooth()
    x = picture(model)
    first = probe.saliency(model, x, 0), probe.grad_cam(model, x, 0)
    model.set_weights([2 * one for one in model.get_weights()])
    second = probe.saliency(model, x, 0), probe.grad_cam(model, x, 0)
    for one, other in zip(first, second, strict=True):
        assert not np.allclose(one, other)
    model.pop()
    model.add(layers.Dense(2, name="other"))
    wanted = np.abs(slopes_by_differences(model, x, 1)).max(axis=-1)
    alike(probe.saliency(model, x, 1), wanted, 2e-3)


def test_a_model_that_nobody_uses_is_let_go():
    model = smooth()
    x = picture(model)
    probe.saliency(model, x)
    probe.grad_cam(model, x)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# -- SmoothGrad ------------------------------------------------------------------------


@pytest.mark.parametrize(("noise", "draws"), [(0.15, 1), (0.3, 4)])
def test_smooth_grad_is_the_mean_slope(noise, draws):
    model, label = smooth(side=7), 2
    x = picture(model, seed=5)
    rng = np.random.default_rng(8)
    spread = noise * (float(x.max()) - float(x.min()))
    slopes = [
        slopes_by_differences(model, rng.normal(x, spread), label) for _ in range(draws)
    ]
    wanted = np.abs(np.mean(slopes, axis=0)).max(axis=-1)
    made = probe.smooth_grad(model, x, label, noise=noise, draws=draws, seed=8, **QUIET)
    alike(made, wanted, 3e-3)


def test_how_many_are_computed_at_once_makes_no_difference(digits, monkeypatch):
    x = picture(digits)
    whole = probe.smooth_grad(digits, x, draws=5, **QUIET)
    covered = probe.occlusion(digits, x, size=8, step=4, **QUIET)
    monkeypatch.setattr(_fitting, "at_once", lambda *_, **__: 2)
    alike(probe.smooth_grad(digits, x, draws=5, **QUIET), whole, 1e-4)
    again = probe.occlusion(digits, x, size=8, step=4, **QUIET)
    np.testing.assert_allclose(again, covered, atol=1e-6)
    monkeypatch.setattr(_fitting, "at_once", lambda *_, **__: 1)
    alike(probe.smooth_grad(digits, x, draws=5, **QUIET), whole, 1e-4)


def test_without_noise_it_is_saliency(digits):
    for x in (picture(digits), np.full((28, 28, 1), 128)):
        made = probe.smooth_grad(digits, x, 3, noise=0, draws=2, **QUIET)
        alike(made, probe.saliency(digits, x, 3), 1e-5)
    # A picture of one value has no range, and so gets no noise.
    made = probe.smooth_grad(digits, x, 3, draws=2, **QUIET)
    alike(made, probe.saliency(digits, x, 3), 1e-5)


def test_seeds_of_the_noise(digits):
    one, same, other = (
        probe.smooth_grad(digits, picture(digits), 1, draws=2, seed=seed, **QUIET)
        for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_an_interruption_keeps_the_mean_so_far(monkeypatch, capsys):
    model = smooth(side=7)
    x = picture(model)
    wanted = probe.smooth_grad(model, x, 1, draws=2, **QUIET)
    monkeypatch.setattr(_fitting, "at_once", lambda *_, **__: 1)
    slopes, calls = reasons._slopes, []

    def interrupted(*given):
        calls.append(given)
        if len(calls) == limit:
            raise KeyboardInterrupt
        return slopes(*given)

    monkeypatch.setattr(reasons, "_slopes", interrupted)
    limit = 3
    alike(probe.smooth_grad(model, x, 1, draws=9, **QUIET), wanted, 1e-5)
    assert "Interrupted: 2 of 9 copies are done" in capsys.readouterr().out
    assert len(calls) == 3
    calls.clear()
    limit = 1
    with pytest.raises(KeyboardInterrupt):
        probe.smooth_grad(model, x, 1, draws=9, **QUIET)


# -- Grad-CAM --------------------------------------------------------------------------


def behind(model, layer, values):
    """What a chain of layers makes of the maps of one of them."""
    names = [one.name for one in model.layers]
    for one in model.layers[names.index(layer) + 1 :]:
        values = one(values, training=False)
    return np.asarray(keras.ops.convert_to_numpy(values), np.float64)


def grad_cam_by_differences(model, x, label, layer, step=1e-2):
    """From the paper's formula: a map's weight is the mean slope over its places.

    That is the slope along a change of all places by the same amount, over their
    number.
    """
    here = probe.feature_maps(model, x[None])[layer][0].astype(np.float64)
    rows, columns, count = here.shape
    moves = step * np.eye(count)[:, None, None, :]
    after, before = (
        behind(model, layer, (here + sign * moves).astype(np.float32))[:, label]
        for sign in (1, -1)
    )
    weights = (after - before) / (2 * step) / (rows * columns)
    return np.maximum((here * weights).sum(axis=-1), 0)


@pytest.mark.parametrize("layer", ["pixels", "filters1", "pool1", "filters2", "pool2"])
def test_grad_cam_is_what_differences_say(layer):
    model, most = smooth(), 0.0
    for label in range(4):
        x = picture(model, seed=label)
        wanted = grad_cam_by_differences(model, x, label, layer)
        alike(probe.grad_cam(model, x, label, layer=layer), wanted, 5e-3)
        most = max(most, wanted.max())
    assert most > 0


def test_grad_cam_where_something_goes_around_the_layer():
    model, label = with_a_shortcut(), 1
    x = picture(model)
    tensor = {one.name: one.output for one in model.layers}
    nudge = keras.Input((10, 10, 6))
    nudged = layers.Add()([tensor["filters2"], nudge])
    made = model.get_layer("sum")([nudged, tensor["filters1"]])
    made = model.get_layer("logits")(model.get_layer("average")(made))
    inputs = [model.inputs[0], nudge]
    whole = keras.Model(inputs, [tensor["filters2"], made])
    step, weights = 1e-2, []
    for k in range(6):
        change = np.zeros((1, 10, 10, 6), np.float32)
        change[..., k] = step
        (here, after), (_, before) = (
            [keras.ops.convert_to_numpy(one) for one in whole([x[None], sign * change])]
            for sign in (1, -1)
        )
        weights.append((after - before)[0, label] / (2 * step) / 100)
    wanted = np.maximum((here[0] * np.array(weights)).sum(axis=-1), 0)
    assert wanted.max() > 0
    alike(probe.grad_cam(model, x, label, layer="filters2"), wanted, 1e-2)


@pytest.mark.parametrize(
    ("make", "layer"),
    [
        (models.mnist_cnn, "filters2"),
        (models.mnist_better, "bend3"),
        (models.quickdraw, "bend3"),
        (lambda: models.alexnet(67, 5, width=1 / 16), "filters5"),
        (
            lambda: models.alexnet(67, 5, width=1 / 16, batch_normalization=True),
            "bend5",
        ),
        (lambda: models.with_softmax(models.mnist_cnn()), "filters2"),
    ],
    ids=["cnn", "better", "quickdraw", "alexnet", "normalised", "softmax"],
)
def test_without_a_name_it_is_the_last_convolution_as_it_goes_on(make, layer):
    keras.utils.set_random_seed(4)
    model = make()
    x = picture(model)
    made = probe.grad_cam(model, x, 1)
    assert made.shape == model.get_layer(layer).output.shape[1:3]
    np.testing.assert_array_equal(made, probe.grad_cam(model, x, 1, layer=layer))


def test_a_trunk_that_takes_any_size():
    model = around_a_trunk()
    most = 0.0
    for side in (12, 17):
        x = picture(model, side=side)
        assert probe.saliency(model, x).shape == (side, side)
        for label in range(3):
            # Behind the mean of a map, its slope is the same at every place.
            maps = model.layers[0](x[None].astype(np.float32))
            weights = model.layers[-1].get_weights()[0][:, label] / (side // 4) ** 2
            wanted = np.maximum(keras.ops.convert_to_numpy(maps)[0] @ weights, 0)
            alike(probe.grad_cam(model, x, label), wanted, 1e-3)
            most = max(most, wanted.max())
    assert most > 0


def test_what_keras_ops_do_is_a_layer_like_others():
    keras.utils.set_random_seed(3)
    photo = keras.Input((12, 12, 3))
    x = layers.Conv2D(4, 3, activation="tanh", name="filters")(photo)
    x = layers.GlobalAveragePooling2D()(keras.ops.multiply(x, 2.0))
    model = keras.Model(photo, layers.Dense(3)(x))
    x = picture(model)
    asked = [
        probe.grad_cam(model, x, k, layer=n) for k in range(3) for n in ("filters",)
    ]
    made = [probe.grad_cam(model, x, k) for k in range(3)]
    assert max(one.max() for one in made) > 0
    for one, other in zip(made, asked, strict=True):
        alike(one, other)  # twice the maps, half the slopes


# -- occlusion -------------------------------------------------------------------------


def occlusion_by_hand(model, x, label, size, step, cover):
    """As parts/covering.js does it, a picture after the other."""
    height, width = x.shape[:2]
    before = probe.probabilities(model, x[None])[0, label]
    found = np.zeros((-(-height // step), -(-width // step)))
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            middle = row * step + step // 2, column * step + step // 2
            top, left = (n - size // 2 for n in middle)
            covered = x.astype(np.float32)
            covered[max(0, top) : top + size, max(0, left) : left + size] = cover
            after = probe.probabilities(model, covered[None])[0, label]
            found[row, column] = before - after
    return found


@pytest.mark.parametrize(
    ("size", "step", "cover"),
    [(1, 5, 127.5), (3, 2, 0), (4, 3, 255), (5, 12, 10), (30, 4, 127.5), (2, 30, 0)],
)
def test_occlusion_is_the_direct_loop(size, step, cover):
    model = smooth(side=11, channels=3)
    model.set_weights([3 * one for one in model.get_weights()])
    for seed in range(3):
        x = picture(model, seed)
        wanted = occlusion_by_hand(model, x, seed, size, step, cover)
        made = probe.occlusion(
            model, x, seed, size=size, step=step, cover=cover, **QUIET
        )
        assert made.shape == wanted.shape
        assert made.dtype == np.float32
        np.testing.assert_allclose(made, wanted, atol=1e-5)
        # A middle below the rim has no patch.
        assert np.abs(wanted).max() > 1e-3 or step > 22


def test_where_all_is_covered_already_nothing_changes(digits):
    x = np.zeros((28, 28, 1))
    assert not probe.occlusion(digits, x, size=5, step=2, cover=0, **QUIET).any()
    x[10:14, 10:14] = 200
    found = probe.occlusion(digits, x, size=4, step=4, cover=0, **QUIET)
    assert np.argwhere(found).tolist() == [[2, 2], [2, 3], [3, 2], [3, 3]]


def test_an_interrupted_occlusion_says_where_it_was(monkeypatch, capsys):
    model = smooth(side=11)
    x = picture(model)
    wanted = probe.occlusion(model, x, size=3, step=3, **QUIET)
    monkeypatch.setattr(_fitting, "at_once", lambda *_, **__: 3)
    likely, calls = reasons._likely, []

    def interrupted(*given):
        calls.append(given)
        if len(calls) == 4:  # the picture itself, then three at a time
            raise KeyboardInterrupt
        return likely(*given)

    monkeypatch.setattr(reasons, "_likely", interrupted)
    made = probe.occlusion(model, x, size=3, step=3, **QUIET).ravel()
    assert len(made) == 16
    np.testing.assert_allclose(made[:6], wanted.ravel()[:6], atol=1e-5)
    assert np.isnan(made[6:]).all()
    assert "Interrupted: 6 of 16 patches are done" in capsys.readouterr().out


# -- weights drawn anew ----------------------------------------------------------------


@pytest.mark.parametrize("down_to", [None, "logits", "filters2", "norm2", "pixels"])
def test_from_which_layer_on_weights_are_new(down_to):
    keras.utils.set_random_seed(5)
    model = models.mnist_better()
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.5, 1, one.shape) for one in model.get_weights()])
    before = model.get_weights()
    copy = probe.randomised(model, down_to=down_to, seed=3)
    rng, names = np.random.default_rng(3), [one.name for one in model.layers]
    first = names.index(down_to or "pixels")
    for number, (mine, other) in enumerate(zip(model.layers, copy.layers, strict=True)):
        assert other.name == mine.name
        assert other is not mine
        weights = mine.get_weights()
        for variable, new, old in zip(
            mine.weights, other.get_weights(), weights, strict=True
        ):
            wanted = old
            if number >= first:
                wanted = np.full(
                    old.shape, variable.name in ("gamma", "moving_variance")
                )
                if old.ndim > 1:
                    reach = np.sqrt(6 / (old[..., 0].size + old[..., 0, :].size))
                    assert reach * 0.8 < np.abs(new).max() <= reach
                    wanted = rng.uniform(-reach, reach, old.shape)
            np.testing.assert_allclose(new, wanted, rtol=1e-6)
    for one, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, kept)


def test_only_kernels_and_embeddings_are_drawn():
    """All else begins as in a new layer, also what has as many axes as a kernel."""
    made = [
        keras.Input((8, 8)),
        layers.Embedding(50, 4, name="table"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="alone"),
        layers.PReLU(shared_axes=[1, 2], name="bend"),
        layers.SeparableConv2D(5, 3, name="apart"),
        layers.LayerNormalization(axis=[1, 2, 3], name="normal"),
    ]
    model = keras.Sequential(made)
    model.set_weights([np.full(one.shape, 7.0) for one in model.get_weights()])
    found, again = (probe.randomised(model, seed=4) for _ in range(2))
    parts = {
        f"{layer.name} {one.name}": np.asarray(keras.ops.convert_to_numpy(one))
        for layer in found.layers
        for one in layer.weights
    }
    for one, same in zip(found.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)
    limits = {
        "table embeddings": 0.05,
        "alone kernel": (6 / (9 * (4 + 2))) ** 0.5,
        "apart depthwise_kernel": (6 / (9 * (8 + 1))) ** 0.5,
        "apart pointwise_kernel": (6 / (8 + 5)) ** 0.5,
    }
    for name, limit in limits.items():
        assert 0.8 * limit < np.abs(parts[name]).max() <= limit, name
    for name in parts.keys() - limits.keys():
        wanted = 1.0 if name == "normal gamma" else 0.0
        np.testing.assert_array_equal(parts[name], wanted, name)
    assert {"bend alpha", "alone bias", "normal gamma"} < parts.keys()


def test_other_random_numbers_go_on_as_they_were():
    model = models.mnist_cnn()
    keras.utils.set_random_seed(6)
    wanted = random.random(), np.random.random(), models.mnist_cnn().get_weights()[0]
    keras.utils.set_random_seed(6)
    probe.randomised(model)
    made = random.random(), np.random.random(), models.mnist_cnn().get_weights()[0]
    assert made[:2] == wanted[:2]
    np.testing.assert_array_equal(made[2], wanted[2])


def test_a_random_network_of_any_kind():
    for model in (around_a_trunk(), with_a_shortcut()):
        copy = probe.randomised(model, seed=1)
        x = picture(model)
        assert not np.allclose(probe.saliency(copy, x, 0), probe.saliency(model, x, 0))
        same = probe.randomised(model, seed=1)
        for one, other in zip(copy.get_weights(), same.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


# -- a share of a map ------------------------------------------------------------------


def test_the_share_inside_a_window():
    found = np.zeros((4, 4))
    found[0, 0], found[3, 3] = 1, -5
    large = np.maximum(images.enlarged(found, (28, 28)), 0)
    share = probe.share_inside(found, (0, 0, 7, 5), (28, 28, 1))
    assert share == pytest.approx(large[:7, :5].sum() / large.sum(), rel=1e-5)
    assert probe.share_inside(found, (0, 0, 28, 28), (28, 28)) == 1
    assert probe.share_inside(found, (20, 20, 8, 8), (28, 28)) == 0
    assert np.isnan(probe.share_inside(-np.ones((2, 2)), (0, 0, 1, 1), (4, 4)))


def test_what_is_negative_takes_nothing_from_its_neighbours():
    found = np.array([[1.0, -9.0, 1.0, 0.0]])
    share = probe.share_inside(found, (0, 0, 1, 8), (1, 16))
    [line] = images.enlarged([[1.0, 0.0, 1.0, 0.0]], (1, 16))
    assert share == pytest.approx(line[:8].sum() / line.sum(), rel=1e-5)


def test_places_of_occlusion_lie_a_step_apart():
    """Ten of 3 pixels on 28: the window has the first two, and two thirds of one."""
    found = np.zeros((10, 10))
    found[9, 9] = found[1, 1] = 1
    assert probe.share_inside(found, (0, 0, 8, 8), (28, 28), cell=3) > 0.5
    found[9, 9] = 0
    [middle] = np.argwhere(images.enlarged(found, (28, 28), 3) > 1 - 1e-5)
    assert middle.tolist() == [4, 4]  # occlusion's second middle is at 3 + 3 // 2
    with pytest.raises(ValueError, match="cell: got 2 for 10 × 10"):
        probe.share_inside(found, (0, 0, 8, 8), (28, 28), cell=2)


# -- what is given, and what is refused ------------------------------------------------

ASK = {
    "saliency": probe.saliency,
    "smooth_grad": lambda *given: probe.smooth_grad(*given, draws=2, **QUIET),
    "grad_cam": probe.grad_cam,
    "occlusion": lambda *given: probe.occlusion(*given, size=4, step=4, **QUIET),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_pictures_of_any_numbers_and_none_is_changed(ask):
    model = smooth()
    x = picture(model)
    wanted = ask(model, x, 1)
    for given in (x.astype(np.float64), x.astype(np.int64), x.tolist()):
        kept = np.array(given)
        np.testing.assert_array_equal(ask(model, given, np.int64(1)), wanted)
        np.testing.assert_array_equal(given, kept)
    x.flags.writeable = False
    np.testing.assert_array_equal(ask(model, x, 1), wanted)


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
def test_constant_pictures(digits, ask):
    for model in (digits, smooth()):
        for value in (0, 127.5, 255):
            assert np.isfinite(ask(model, np.full(model.input_shape[1:], value))).all()


DIGITS, DENSE = models.mnist_cnn(), models.mnist_dense((4,))
UNBUILT = keras.Sequential([layers.Dense(2)])
LIST = keras.Sequential([keras.Input((4,), name="four"), layers.Dense(2)], name="list")
ZEROS = np.zeros((28, 28, 1))


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((None, ZEROS), "model: got None. Give a keras.Sequential"),
        ((UNBUILT, ZEROS), "model: got .* Build it as keras.Sequential"),
        ((LIST, np.zeros(4)), r'model: got "list", from \(4,\) to \(2,\)'),
        (
            (DIGITS, ZEROS[None]),
            r"x: got shape \(1, 28, 28, 1\). Give \(28, 28, 1\), as \"mnist_cnn\"",
        ),
        ((DIGITS, ZEROS[..., 0]), r"x: got shape \(28, 28\)"),
        ((DIGITS, ZEROS[:9]), 'x: got 9 × 28 pixels. "mnist_cnn" takes 28 × 28 there'),
        ((DIGITS, ZEROS + 256), "x: got values from 256 to 256. Give values from 0"),
        ((DIGITS, np.full((28, 28, 1), np.nan)), "x: got values that are not finite"),
        ((DIGITS, "photo.jpg"), "x: got 'photo.jpg'"),
        ((DIGITS, ZEROS, 10), "label: got 10. Give a whole number from 0 to 9"),
        ((DIGITS, ZEROS, -1), "label: got -1"),
        ((DIGITS, ZEROS, "7"), "label: got '7'"),
    ],
)
def test_what_cannot_be_asked(ask, given, said):
    with pytest.raises(ValueError, match=rf"^{said}"):
        ask(*given)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: probe.grad_cam(DIGITS, ZEROS, layer="filter2"), '"filters2"'),
        (
            lambda: probe.grad_cam(DIGITS, ZEROS, layer="hidden"),
            r"layer: got 'hidden', which makes numbers \(100,\). Give a layer with",
        ),
        (
            lambda: probe.grad_cam(DIGITS, ZEROS, layer="logits"),
            r"layer: got 'logits', which makes numbers \(10,\)",
        ),
        (lambda: probe.grad_cam(DENSE, ZEROS), 'model: got "mnist_dense", which makes'),
        (lambda: probe.smooth_grad(DIGITS, ZEROS, noise=-1), "noise: got -1"),
        (lambda: probe.smooth_grad(DIGITS, ZEROS, draws=0), "draws: got 0"),
        (lambda: probe.smooth_grad(DIGITS, ZEROS, seed=-1), "seed: got -1"),
        (lambda: probe.smooth_grad(DIGITS, ZEROS, progress=1), "progress: got 1"),
        (lambda: probe.occlusion(DIGITS, ZEROS, size=0, step=1), "size: got 0"),
        (lambda: probe.occlusion(DIGITS, ZEROS, size=1, step=0.5), "step: got 0.5"),
        (
            lambda: probe.occlusion(DIGITS, ZEROS, size=1, step=1, cover=256),
            "cover: got 256. Give a number from 0 to 255",
        ),
        (lambda: probe.randomised(DIGITS, down_to="filter1"), 'mean "filters1"'),
        (lambda: probe.randomised("alexnet"), "model: got 'alexnet'"),
        (lambda: probe.randomised(DIGITS, seed=0.5), "seed: got 0.5"),
        (
            lambda: probe.share_inside(np.ones((2, 2)), (0, 0, 5, 1), (4, 4)),
            r"window: got \(0, 0, 5, 1\) in a picture of 4 × 4",
        ),
        (lambda: probe.share_inside(np.ones((2, 2)), 3, (4, 4)), "window: got 3"),
    ],
)
def test_what_is_refused(ask, said):
    with pytest.raises(ValueError, match=said):
        ask()
