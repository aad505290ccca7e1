"""The short training by which networks are compared."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
import signal

import keras
import numpy as np
import pytest
from keras import layers

from helpers.datasets.data_set import DataSet
from helpers.networks import models, training, tryout


def blots(count=250, *, is_fallback=False):
    """Pictures of ten classes, each with a bright spot at its own place."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 10
    images = rng.integers(0, 60, (count, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, col = divmod(label, 4)
        image[8 * row : 8 * row + 6, 7 * col : 7 * col + 6] = 250
    names = tuple("0123456789")
    about = {"source": "this test", "licence": "CC0", "citation": ""}
    return DataSet(
        "Blots", images, labels, images, labels, names, **about, is_fallback=is_fallback
    )


def network(*middle, last=None):
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *(middle or [layers.MaxPooling2D(4), layers.Flatten()]),
            last or layers.Dense(10),
        ]
    )


def tried(make=network, data=None):
    training.seed(tryout.SEED)
    return tryout.train(make(), data or blots(), progress=False)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """So that few pictures make enough steps."""
    monkeypatch.setattr(tryout, "BATCH", 16)


# -- pictures --------------------------------------------------------------------------


def test_the_test_set_stays_out_of_it_and_no_picture_is_on_both_sides(monkeypatch):
    data = blots(100)
    data.test_images[:] = 255
    data.train_images[:, 0, 0] = np.arange(100)
    x, y, x_aside, y_aside = tryout.parts(data)
    numbers = x[:, 0, 0, 0], x_aside[:, 0, 0, 0]
    assert np.array_equal(np.concatenate(numbers), np.arange(100))
    assert [len(one) for one in (x, y, x_aside, y_aside)] == [80, 80, 20, 20]
    assert x.shape[1:] == (28, 28, 1)
    assert x.dtype == np.float32
    monkeypatch.setattr(tryout, "PICTURES", 30)
    monkeypatch.setattr(tryout, "ASIDE", 7)
    x, y, x_aside, y_aside = tryout.parts(data)
    assert x[:, 0, 0, 0].tolist() == list(range(30))
    assert x_aside[:, 0, 0, 0].tolist() == list(range(30, 37))
    assert np.array_equal(y_aside, data.train_labels[30:37])


# -- faults ----------------------------------------------------------------------------


def trained():
    model = network()
    tryout.train(model, blots(50), progress=False)
    return model


def two_outputs():
    given = keras.Input((28, 28, 1))
    flat = layers.Flatten()(given)
    return keras.Model(given, [layers.Dense(10)(flat), layers.Dense(10)(flat)])


FAULTS = [
    (lambda: None, "of type NoneType came"),
    (lambda: keras.Sequential, "of type type came"),
    (lambda: keras.Sequential([layers.Dense(10)]), "begin with keras.Input"),
    (lambda: models.alexnet(67, width=0.1), r"takes \(67, 67, 3\)"),
    (lambda: models.mnist_cnn(classes=9), r"\(9,\) comes out"),
    (lambda: network(layers.MaxPooling2D(4)), r"\(7, 7, 10\) comes out"),
    (two_outputs, "one input and one output"),
    (trained, "has learned already"),
    (lambda: network(layers.MaxPooling2D(9), last=layers.Reshape((9,))), "comes out"),
]


@pytest.mark.parametrize(("make", "said"), FAULTS)
def test_what_cannot_be_tried_is_said(make, said):
    with pytest.raises(AssertionError, match=said):
        assert not tryout.fault(make()), tryout.fault(make())


def test_a_network_that_learns_nothing_is_none():
    model = network()
    model.trainable = False
    assert "nothing that it could learn" in tryout.fault(model)


@pytest.mark.parametrize("make", [models.mnist_cnn, models.mnist_better, network])
def test_others_can_be_tried(make):
    assert tryout.fault(make()) == ""
    model = make()
    model.compile("sgd", "mse")
    assert tryout.fault(model) == ""


def test_the_largest_layer_is_found_also_in_a_model_of_models():
    inner = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(5)], name="inner"
    )
    outer = keras.Sequential(
        [keras.Input((28, 28, 1)), inner, layers.Dense(10, name="last")]
    )
    assert tryout.largest(outer) == ("inner", 785 * 5)


# -- training --------------------------------------------------------------------------


def test_it_learns_and_counts_by_pictures_it_has_not_seen():
    result = tried()
    assert result.ending == "complete"
    assert result.accuracy > 0.9
    assert result.parameters == network().count_params()
    assert result.tells


def test_the_same_network_gives_the_same_result():
    assert tried() == tried()


@pytest.mark.parametrize(
    "make",
    [
        lambda: network(last=layers.Dense(10, activation="softmax")),
        lambda: network(
            layers.MaxPooling2D(4),
            layers.Flatten(),
            layers.Dense(10),
            last=layers.Softmax(),
        ),
        lambda: models.with_softmax(network()),
    ],
    ids=["activation", "layer", "functional"],
)
def test_a_softmax_at_the_end_is_taken_into_account(make):
    model = make()
    training.seed(tryout.SEED)
    result = tryout.train(model, blots(), progress=False)
    assert result.accuracy > 0.9
    assert model.loss.get_config()["from_logits"] is False


def test_logits_are_taken_for_logits():
    model = network()
    tryout.train(model, blots(50), progress=False)
    assert model.loss.get_config()["from_logits"] is True


def test_it_is_compiled_anew():
    def make():
        model = network()
        model.compile(keras.optimizers.SGD(1e9), "mse")
        return model

    assert tried(make) == tried()


def test_a_network_that_diverges_is_found_out():
    def exploding():
        return network(
            layers.Flatten(), layers.Rescaling(1e25), layers.Lambda(lambda x: x * x)
        )

    result = tried(exploding)
    assert result.ending == "diverged"
    assert result.accuracy == 0


def test_time_runs_out(monkeypatch):
    clock = itertools.count(0, 10)  # seconds from one look at the clock to the next
    monkeypatch.setattr(tryout.time, "perf_counter", lambda: next(clock))
    model = network()
    result = tryout.train(model, blots(), progress=False)
    assert result.ending == "out of time"
    assert 0 < int(model.optimizer.iterations) < 20
    assert 0 <= result.accuracy <= 1


def test_an_interruption_is_said(monkeypatch, capsys):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    began = tryout._Clock.on_train_begin

    def interrupted(self, logs=None):
        began(self, logs)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(tryout._Clock, "on_train_begin", interrupted)
    try:
        result = tried()
    finally:
        signal.signal(signal.SIGINT, before)
    assert result.ending == "interrupted"
    assert capsys.readouterr().out.startswith("Interrupted: 0 of ")


def test_in_a_hurry_and_with_a_stand_in_it_tells_nothing(monkeypatch):
    assert not tried(data=blots(is_fallback=True)).tells
    monkeypatch.setenv("COURSE_QUICK", "1")
    model = network()
    result = tryout.train(model, blots(), progress=False)
    assert not result.tells
    assert result.ending == "complete"
    assert int(model.optimizer.iterations) == 2


def test_there_is_a_bar_unless_none_is_wanted(capsys):
    tryout.train(network(), blots(50))
    assert "Epoch 1 of" in capsys.readouterr().err
    tried()
    assert capsys.readouterr() == ("", "")
