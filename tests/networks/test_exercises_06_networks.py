"""What of lesson 06's exercises stands on Keras: truths, networks that are tried."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from helpers.exercises import lesson_06 as ex
from helpers.networks import models, probe, training, tryout
from helpers.networks.tryout import Tryout

pytestmark = pytest.mark.once  # they stand on `tryout`, whose own tests are run again

INPUT = (28, 28, 1)


def solved(exercise):
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


def network(*middle, last=None):
    return keras.Sequential(
        [
            keras.Input(INPUT),
            layers.Rescaling(1 / 255),
            *(middle or [layers.MaxPooling2D(4), layers.Flatten()]),
            last or layers.Dense(10),
        ]
    )


# -- what is predicted and computed ----------------------------------------------------


def test_layer_by_layer_is_what_keras_makes():
    model = keras.Sequential(
        [
            keras.Input(INPUT),
            layers.Conv2D(16, 5, padding="same", name="conv1"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Conv2D(32, 3, strides=2, name="conv2"),
            layers.Flatten(name="list"),
            layers.Dense(10, name="dense"),
        ]
    )
    for key, value in ex.q1.truth.items():
        what, name = key.split()[0], key.split()[-1]
        layer = model.get_layer(name)
        if what == "parameters":
            assert layer.count_params() == value
        else:
            assert layer.output.shape[1] == value
    assert f"{model.count_params():,} parameters in all" in ex.q1.right


def test_the_questions_are_answered_as_keras_does():
    dense = keras.Sequential([keras.Input((784,)), layers.Dense(128)])
    assert ex.p1.answer == dense.count_params()
    model = models.mnist_cnn()
    assert model.get_layer("filters1").output.shape[1:] == tuple(ex.p2.answer)
    kernel = model.get_layer("filters2").get_weights()[0]
    assert ex.p3.answer == kernel[..., 0].size
    flat = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(64, 3, padding="same"),
            layers.Flatten(),
        ]
    )
    assert ex.p4.answer == flat.output_shape[-1]


@pytest.mark.parametrize("forward", [ex.q2.reference, solved(ex.q2)])
def test_the_way_forward_is_that_of_the_network(forward):
    training.seed(6)
    model = models.mnist_cnn()
    rng = np.random.default_rng(6)
    model.set_weights(
        [part + rng.normal(scale=0.1, size=part.shape) for part in model.get_weights()]
    )
    pictures = rng.integers(0, 256, (3, *INPUT)).astype(float)
    wanted = probe.outputs(model, pictures)
    came = [forward(picture, model.get_weights()) for picture in pictures]
    np.testing.assert_allclose(came, wanted, rtol=1e-4, atol=1e-3)


# -- networks that are tried -----------------------------------------------------------


@pytest.fixture
def result(monkeypatch):
    """No training: this is what comes of one."""

    def set_to(accuracy=0.99, ending="complete", tells=True, is_fallback=False):
        def train(model, data):
            return Tryout(model.count_params(), accuracy, ending, tells)

        monkeypatch.setattr(tryout, "train", train)
        digits = type("Digits", (), {"is_fallback": is_fallback})
        monkeypatch.setattr(ex, "_digits", digits)

    set_to()
    return set_to


class OfItsOwn(keras.Model):
    """A network that cannot be looked into."""

    def __init__(self):
        super().__init__()
        self.flat, self.dense = layers.Flatten(), layers.Dense(10)

    def call(self, x):
        return self.dense(self.flat(x))


def called():
    model = OfItsOwn()
    model(np.zeros((1, *INPUT)))
    return model


def with_a_dictionary():
    pictures = keras.Input(INPUT)
    digit = layers.Dense(10)(layers.Flatten()(pictures))
    return keras.Model(pictures, {"digit": digit})


def trained():
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy")
    training.fit(model, np.zeros((4, *INPUT)), np.zeros(4), progress=False)
    return model


FAULTY = [
    (lambda: 7, "a Keras model is wanted; something of type int came"),
    (lambda: keras.Sequential([layers.Dense(10)]), r"begin with keras.Input\(\(28"),
    (
        lambda: keras.Sequential([keras.Input((784,)), layers.Dense(10)]),
        r"takes \(784,\)",
    ),
    (lambda: network(last=layers.Dense(9)), r"\(9,\) comes out"),
    (lambda: network(layers.MaxPooling2D(4)), r"\(7, 7, 10\) comes out"),
    (trained, "learned already"),
    (OfItsOwn, r"class of its own.* keras.Sequential\(\[…\]\)"),
    (called, "class of its own"),
    (with_a_dictionary, "one output is wanted"),
    (
        lambda: keras.Sequential([keras.Input((28, 28)), layers.Dense(10)]),
        r"\(28, 28\)",
    ),
    (lambda: network(last=layers.Dense(10, trainable=False)), "trainable=False"),
    (lambda: 1 / 0, "raised ZeroDivisionError"),
    (lambda size: network(), "raised TypeError"),
    (7, "a function is wanted"),
    (keras.Sequential([keras.Input(INPUT), layers.Flatten()]), "without brackets: bui"),
    ("build", "text came"),
]


@pytest.mark.parametrize("exercise", [ex.q3, ex.q7], ids=["q3", "q7"])
@pytest.mark.parametrize(("answer", "said"), FAULTY)
@pytest.mark.usefixtures("result")
def test_what_is_no_network_for_digits_hears_why(exercise, answer, said):
    verdict = exercise.judge(answer)
    assert verdict.state == "not yet"
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(verdict.message)


@pytest.mark.parametrize("exercise", [ex.q3, ex.q7], ids=["q3", "q7"])
def test_the_untouched_stub_is_not_tried(exercise):
    for stub in (..., None, lambda: ..., lambda: None):
        assert exercise.judge(stub).state == "not tried"


@pytest.mark.usefixtures("result")
def test_a_network_that_takes_any_size_is_tried():
    def build():
        return keras.Sequential(
            [
                keras.Input((None, None, 1)),
                layers.GlobalAveragePooling2D(),
                layers.Dense(10),
            ]
        )

    assert ex.q3.judge(build).state == "correct"


def test_layers_made_outside_do_not_go_on_from_where_they_were(monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")
    last = layers.Dense(10)
    assert ex.q3.judge(lambda: network(last=last)).state == "correct"
    verdict = ex.q3.judge(lambda: network(last=last))
    assert verdict.state == "not yet"
    assert "Make them anew inside the function" in verdict.message
    assert ex.q3.judge(network).state == "correct"


def with_units(units):
    return lambda: network(
        layers.Flatten(), layers.Dense(units, activation="relu", name="wide")
    )


def test_the_budget_is_kept(result):
    verdict = ex.q3.judge(with_units(13))
    assert verdict.state == "not yet"
    assert "has 10,345 parameters; at most 10,000 are allowed" in verdict.message
    assert 'Most stand in "wide": 10,205.' in verdict.message
    assert ex.q3.judge(with_units(12)).state == "correct"


ENDINGS = [
    ({"accuracy": 0.9}, "not yet", "90.0 % of the pictures set aside are read rightly"),
    ({"accuracy": 0.9}, "not yet", "Dense networks of that size come to about"),
    ({"accuracy": 0, "ending": "diverged"}, "not yet", "it diverged"),
    ({"ending": "interrupted"}, "not yet", "Run the cell again"),
    ({"accuracy": 0.5, "ending": "out of time"}, "not yet", "after 60 seconds"),
    ({"accuracy": 0.99, "ending": "out of time"}, "correct", "99.0 %"),
    ({}, "correct", "with 500 parameters. The line is"),
    ({"tells": False}, "correct", "cannot be judged: trainings are cut short"),
    (
        {"tells": False, "is_fallback": True, "accuracy": 0},
        "correct",
        "cannot be judged: other digits stand in for MNIST",
    ),
]


@pytest.mark.parametrize(("settings", "state", "said"), ENDINGS)
def test_what_comes_of_a_training_is_judged(result, settings, state, said):
    result(**settings)
    verdict = ex.q3.judge(network)
    assert verdict.state == state
    assert said in verdict.message


def test_the_line_itself_is_enough(result):
    result(accuracy=ex._LINE)
    assert ex.q3.judge(network).state == "correct"
    result(accuracy=ex._LINE - 0.0002)
    assert ex.q3.judge(network).state == "not yet"


DESCRIBED = [
    ({"accuracy": 0.912}, "500 parameters read 91.2 % of the pictures set aside"),
    ({"accuracy": 0.912}, f"line of exercise 3 is {ex._percent(ex._LINE)}"),
    ({"ending": "out of time"}, "stopped after 60 seconds"),
    ({"tells": False}, "500 parameters. How well they read cannot be told"),
]


@pytest.mark.parametrize(("settings", "said"), DESCRIBED)
def test_an_open_exercise_describes(result, settings, said):
    result(**settings)
    verdict = ex.q7.judge(network)
    assert verdict.state == "described"
    assert said in verdict.message


def test_a_described_training_may_fail_too(result):
    result(ending="diverged")
    assert "diverged" in ex.q7.judge(network).message
    assert ex.q7.judge(network).state == "not yet"


@pytest.mark.parametrize("exercise", [ex.q3, ex.q7], ids=["q3", "q7"])
def test_solutions_are_small_and_pass_in_a_hurry(exercise, monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")
    build = solved(exercise)
    assert build().count_params() <= ex._BUDGET
    verdict = exercise.judge(build)
    assert verdict.state == ("described" if exercise.open_ended else "correct")
    assert "trainings are cut short" in verdict.message or ex._digits().is_fallback


def test_the_solution_is_correct():
    """Trained in full, where MNIST is here."""
    verdict = ex.q3.judge(solved(ex.q3))
    assert verdict.state == "correct"


def test_a_network_that_does_not_learn_is_not_enough(monkeypatch):
    """Trained, with few pictures: what the recipe says is what is judged."""
    digits = ex._digits()
    monkeypatch.setattr(tryout, "PICTURES", 500)
    monkeypatch.setattr(tryout, "EPOCHS", 1)
    verdict = ex.q3.judge(with_units(12))
    if digits.is_fallback:
        assert "other digits stand in" in verdict.message
    else:
        assert verdict.state == "not yet"
        assert "are wanted. Dense networks" in verdict.message


GARBAGE = [0, 1.5, "text", object(), [], {}, (1, 2), np.zeros(3), float, len, type]
GARBAGE += [lambda *a: a, lambda: np.zeros(3), lambda: keras.Sequential, ValueError]


@pytest.mark.parametrize("exercise", [ex.q3, ex.q7], ids=["q3", "q7"])
def test_nothing_makes_a_check_raise(exercise, capsys):
    for answer in GARBAGE:
        exercise.check(answer)
        printed = capsys.readouterr().out
        assert printed.startswith(("Not yet: ", "Not tried yet. "))
        assert len(printed) < 600
