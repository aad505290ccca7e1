"""WhyMap's maps are those of `probe`, and a Keras model may stay in the kernel."""

import keras
import numpy as np
import pytest
from traitlets import TraitError

from helpers.networks import export, exported, models, pretrained, probe, training
from helpers.widgets import WhyMap

PHOTO = np.random.default_rng(4).integers(0, 256, (64, 64, 3), np.uint8)


def alike(found, wanted):
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=1e-3 * np.abs(wanted).max())


def test_the_maps_of_the_course_s_network():
    """The page's arithmetic, which `WhyMap.map` is, against the methods in Keras."""
    network = exported.shipped("flowers")
    options = {"width": 0.25, "batch_normalization": True}
    model = models.with_softmax(models.alexnet(128, 5, **options))
    export.load_weights(model, network)
    why = WhyMap("flowers", "sunflower")
    x, label = why.view, int(why.probabilities.argmax())
    likely = probe.probabilities(model, x[np.newaxis])[0]
    np.testing.assert_allclose(why.probabilities, likely, atol=1e-4)
    alike(why.map, probe.grad_cam(model, x))  # its usual layer is probe's
    why.method, why.label = "saliency", 1
    alike(why.map, probe.saliency(model, x, 1))
    why.method, why.label, why.patch = "occlusion", label, 40
    step = why._source.step
    wanted = probe.occlusion(model, x, label, size=40, step=step, progress=False)
    alike(why.map, wanted)
    why.method = "smooth_grad"  # other random numbers: alike on the average
    wanted = probe.smooth_grad(model, x, label, progress=False)
    assert np.corrcoef(why.map.ravel(), wanted.ravel())[0, 1] > 0.8


@pytest.fixture(scope="module")
def branched():
    """A model that no page goes through backward."""
    training.seed(2)
    x = keras.Input((32, 32, 3))
    y = keras.layers.Rescaling(1 / 127.5, -1)(x)
    y = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="one")(y)
    z = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="two")(y)
    y = keras.layers.Add(name="both")([y, z])
    y = keras.layers.MaxPooling2D(4, name="pool")(y)
    y = keras.layers.Flatten()(y)
    return keras.Model(x, keras.layers.Dense(4, name="logits")(y))


def test_a_keras_model_stays_in_the_kernel(branched):
    why = WhyMap(branched, PHOTO, class_names=["a", "b", "c", "d"])
    assert why.in_kernel
    assert why.network is branched
    assert [layer[0] for layer in why._about["layers"]] == [
        "one",
        "two",
        "both",
        "pool",
    ]
    assert why.layer == "both"
    x, label = why.view, 2
    why.label = label
    alike(why.map, probe.grad_cam(branched, x, label, layer="both"))
    drawn = probe.randomised(branched)
    alike(why.random_map, probe.grad_cam(drawn, x, label, layer="both"))
    for method in ("saliency", "smooth_grad"):
        why.method = method
        progress = {} if method == "saliency" else {"progress": False}
        alike(why.map, getattr(probe, method)(branched, x, label, **progress))
    why.method, why.patch = "occlusion", 9
    wanted = probe.occlusion(branched, x, label, size=9, step=4, progress=False)
    alike(why.map, wanted)
    why.covered = (10, 12)
    covered = x.copy()
    covered[6:15, 8:17] = 127.5
    before, after = probe.probabilities(branched, np.stack([x, covered]))[:, label]
    assert why.change == pytest.approx(after - before, abs=1e-5)
    said = repr(why)
    assert said.startswith('WhyMap: a photo of your own, "c", occlusion by 9 × 9, 9 ×')


def test_its_picture_computes_no_map(branched):
    """One of VGG16 takes a minute, in which there would be no page yet."""
    why = WhyMap(branched, PHOTO, random_weights=True)
    assert len(why.picture().axes) == 1
    assert why.map.shape == (32, 32)
    assert len(why.picture().axes) == 2
    assert why.random_map.shape == (32, 32)
    assert len(why.picture().axes) == 3


def test_a_pretrained_network_has_its_classes(branched):
    names = ("crane", "kite", "crane", "maillot")
    network = pretrained.Pretrained(branched, "VGG16", "ImageNet", names, (), "", "")
    why = WhyMap(network, PHOTO)
    assert why.in_kernel
    assert why.network is branched
    assert why.class_names == ("crane (0)", "kite", "crane (2)", "maillot")
    flowers = pretrained.alexnet()
    of_flowers = WhyMap(flowers, PHOTO)
    assert of_flowers.class_names == flowers.class_names
    assert not of_flowers.in_kernel
    trunk = keras.Model(branched.inputs, branched.get_layer("pool").output)
    network = pretrained.Pretrained(trunk, "VGG16", "ImageNet", (), (), "", "")
    with pytest.raises(TraitError, match="network: got one that gives"):
        WhyMap(network, PHOTO)


def test_the_page_s_questions_are_answered_by_probe(branched):
    why = WhyMap(branched, PHOTO)
    picture = why.view.astype(np.uint8)
    said = why.said(picture, [10, 12], 9)
    likely = probe.probabilities(branched, why.view[np.newaxis])[0]
    np.testing.assert_allclose(said["before"], likely, atol=1e-5)
    assert np.abs(said["after"] - said["before"]).max() > 0
    found = why.explained(picture, 1, "grad_cam", "one", 0, 4, False)
    alike(found["map"], probe.grad_cam(branched, why.view, 1, layer="one"))


def test_a_plain_small_model_goes_to_the_page(monkeypatch):
    training.seed(1)
    model = models.alexnet(67, 3, width=0.0625)
    written, network = [], export.network
    monkeypatch.setattr(
        export, "network", lambda given: written.append(given) or network(given)
    )
    why = WhyMap(model, PHOTO)
    assert written == [model]  # once
    assert not why.in_kernel
    label = int(why.probabilities.argmax())
    rounded = export.rounded(model)  # to 16 bits, as what the page gets
    alike(why.map, probe.grad_cam(rounded, why.view, label, layer=why.layer))


def test_models_that_are_refused():
    gray = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    maps = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(4, 3)])
    x = keras.Input((32, 32, 3))
    flat = keras.layers.Flatten()(x)
    sums = [keras.layers.Dense(3)(flat) for _ in range(2)]
    dense = keras.Model(x, keras.layers.Add()(sums))
    two = keras.Model(x, sums)
    for model, said in (
        (gray, r"one that takes \(28, 28, 1\)"),
        (maps, r"one that gives \(30, 30, 4\)"),
        (dense, "one without a layer of maps"),
        (two, "1 inputs and 2 outputs"),
    ):
        with pytest.raises(TraitError, match=said):
            WhyMap(model)


def test_a_model_that_is_not_built_is_refused():
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    with pytest.raises(TraitError, match="network: got a Sequential that is not"):
        WhyMap(model)


def test_a_model_that_diverged_is_refused(branched):
    model = keras.models.clone_model(branched)
    kernel, bias = model.get_layer("two").get_weights()
    model.get_layer("two").set_weights([np.full_like(kernel, np.inf), bias])
    with pytest.raises(TraitError, match='weights in "two" are not all finite'):
        WhyMap(model, PHOTO)
