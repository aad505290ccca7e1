"""FilterBrowser with Keras models: every epoch as it was, other layers, refusals."""

import keras
import numpy as np
import pytest
from traitlets import TraitError

from helpers.networks import export, models, probe
from helpers.networks.training import Keep, Record, fit
from helpers.widgets import FilterBrowser

pytestmark = pytest.mark.once  # it asks `probe`, whose own tests are run again

RNG = np.random.default_rng(4)


def small():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, padding="same", name="first"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.ReLU(name="bend"),
            keras.layers.MaxPooling2D(name="pool"),
            keras.layers.Conv2D(6, 2, activation="relu", name="second"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax", name="class"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="module")
def trained():
    model = small()
    x, y = RNG.integers(0, 256, (60, 8, 8, 1)), RNG.integers(0, 3, 60)
    record = fit(model, x, y, epochs=3, batch_size=20, keep=Keep(), progress=False)
    return model, x[:5].astype(np.uint8), record


def test_every_epoch_is_as_it_was(trained):
    model, x, record = trained
    before = model.get_weights()
    browser = FilterBrowser(model, x, record)
    assert all(map(np.array_equal, before, model.get_weights()))
    assert browser.epoch == 3
    assert len(browser.networks) == 4
    then = small()
    for epoch in range(4):
        record.restore(then, epoch)
        browser.epoch = epoch
        kernel = record.weights("first")[0][epoch]
        written = browser.network.weights("first")["kernel"].reshape(kernel.shape)
        np.testing.assert_allclose(written, kernel, rtol=1e-3, atol=1e-6)
        for example in range(5):
            browser.example = example
            for name, made in probe.feature_maps(
                then, x[example : example + 1]
            ).items():
                if name in browser.maps:
                    np.testing.assert_allclose(
                        browser.maps[name], made[0], rtol=0.02, atol=0.02
                    )


def test_dead_units(trained):
    model, x, _ = trained
    kernel, bias = model.get_layer("second").get_weights()
    dying = keras.models.clone_model(model)
    dying.set_weights(model.get_weights())
    dying.get_layer("second").set_weights([kernel, bias - [0, 99, 0, 0, 99, 0]])
    browser = FilterBrowser(dying, x)
    browser.layer = browser.network.names.index("second")
    made = probe.feature_maps(dying, x)["second"]
    assert browser.dead.tolist() == (made == 0).all(axis=(0, 1, 2)).tolist()
    assert browser.dead[[1, 4]].all()


@pytest.mark.parametrize("epochs", [10])
def test_ten_epochs_of_a_large_network_are_at_most_3_mb(epochs):
    keras.utils.set_random_seed(2)
    for width, kind in ((8, "float16"), (440, "8 bits")):
        layers = [keras.Input((316,)), keras.layers.Dense(width)]
        model = keras.Sequential(layers)
        record = Record()
        record._weights, record.epochs = [model.get_weights()] * (epochs + 1), epochs
        made = export.moments(model, record)
        assert made[0].description["weights"] == kind
        assert sum(len(one.data) for one in made) <= 3_000_000
    assert model.count_params() > 139_000


def test_the_course_models_and_one_without_convolutions():
    x = RNG.integers(0, 256, (2, 28, 28), np.uint8)
    for model in (models.mnist_better(), models.mnist_dense()):
        browser = FilterBrowser(model, x)
        assert browser.picture().axes
        for layer in range(len(browser.network.names)):
            browser.layer = layer
            assert browser.picture().axes
            assert browser.dead.shape == (browser._shape(layer)[-1],)


def test_refusals(trained):
    model, x, record = trained
    FilterBrowser(model, x).close()
    unkept = Record()
    unkept.epochs = 2
    for given, said in [
        ((model, x, unkept), "record: got a record that has kept no weights"),
        ((model, x, [1]), "record: .*Give what training.fit returned"),
        ((export.network(model), x, record), "record: .*Give a list of Networks"),
        (("mnist", x), "model: .*Give a keras.Model"),
        ((model, x[:0]), "images: "),
        ((model, x[:, :7]), r"images: .*Give 1 to 100 of \(8, 8, 1\)"),
        ((model, np.zeros((101, 8, 8))), "images: .*Give 1 to 100"),
    ]:
        with pytest.raises(TraitError, match=said):
            FilterBrowser(*given)
