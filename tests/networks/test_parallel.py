"""Two devices against one: the real thing, and every way to fail.

Each training is in processes of its own, on the backend of its way. On JAX, where this
folder is run again, one of them shows that they do not depend on the backend here.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import importlib.util
import platform
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from helpers import images
from helpers.networks import parallel, training
from helpers.networks.layers import MaxPooling2D

BACKEND = keras.backend.backend()
SIDE, BATCH, STEPS = 32, 16, 3
PATIENCE = 1500  # seconds: a busy machine takes its time


def photos():
    """Real ones, with a class that depends on what is on them: how bright it is."""
    rng = np.random.default_rng(0)
    whole = [images.photo(name, colour=True) for name in ("astronaut", "coffee")]
    x = []
    for number in range(BATCH * STEPS + 5):  # the last batch is not full
        top, left = rng.integers(0, 300 - SIDE, 2)
        x.append(whole[number % 2][top : top + SIDE, left : left + SIDE])
    bright = np.mean(x, axis=(1, 2, 3))
    return np.array(x), np.digitize(bright, np.quantile(bright, [1 / 3, 2 / 3]))


def network(*normal):
    """Return a small network; what it is given stands behind its filters."""
    training.seed(0)
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(8, 5, strides=2, activation="relu"),
            *normal,
            MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss)
    return model


# -- for real --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "way", list(parallel.WAYS) if BACKEND == "tensorflow" else ["mirrored"]
)
def test_two_devices_make_what_one_makes(way, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (x, y), model = photos(), network()
    before = model.get_weights()
    found = parallel.run(way, model, x, y, batch_size=BATCH, limit=PATIENCE)
    assert found.losses.shape == found.losses_of_one.shape == (STEPS,)
    np.testing.assert_allclose(found.losses, found.losses_of_one, rtol=1e-4)
    # Training did something, and both did the same.
    assert found.moved > 1e-3
    assert found.difference < found.moved / 100
    # What they call one device is what a training here makes.
    means = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: means.append(float(logs["loss"]))
    )
    for one, array in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(one, array), "the model that was given has changed"
    whole = BATCH * STEPS
    settings = {"batch_size": BATCH, "shuffle": False, "callbacks": [note]}
    model.fit(x[:whole], y[:whole], verbose=0, **settings)
    wanted = np.cumsum(found.losses) / np.arange(1, STEPS + 1)
    np.testing.assert_allclose(wanted, means, rtol=1e-3)
    # It is said, and nothing is left.
    said = str(found).splitlines()
    assert said[0].startswith(f"{parallel.WAYS[way].title}, two devices in ")
    assert f"keras {keras.__version__}" in said[0]
    assert said[1].split()[-1] == f"{found.losses[-1]:.5f}"
    assert list(tmp_path.iterdir()) == []


if BACKEND == "tensorflow":

    @pytest.mark.parametrize("way", ["mirrored", "data_parallel"])
    def test_batch_normalisation_is_each_devices_own_on_tensorflow(way):
        """So the comparison finds a difference where there is one."""
        x, y = photos()
        model = network(layers.BatchNormalization())
        found = parallel.run(way, model, x, y, batch_size=BATCH, limit=PATIENCE)
        if way == "mirrored":
            assert abs(found.losses - found.losses_of_one).max() > 1e-2
            assert found.difference > found.moved / 100
        else:
            np.testing.assert_allclose(found.losses, found.losses_of_one, rtol=1e-3)


# -- what is refused -------------------------------------------------------------------


def tiny():
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


X = np.zeros((8, 1))
UNBUILT = keras.Sequential([layers.Dense(1)])
UNBUILT.compile("sgd", "mse")
FRESH = keras.Sequential([keras.Input((1,)), layers.Dense(1)])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"way": "mirorred"}, 'way: got .* Did you mean "mirrored"?'),
        ({"batch_size": 3}, "batch_size: got 3. Give an even number"),
        ({"batch_size": 0}, "batch_size: got 0. Give a whole number of at least 2"),
        ({"limit": 0}, "limit: got 0. Give a number above 0"),
        ({"model": "alexnet"}, "model: got 'alexnet'. Give a keras.Model"),
        ({"model": UNBUILT}, "model: got .*begins with keras.Input"),
        ({"model": FRESH}, "model: got .*and is compiled"),
        ({"x": "photos"}, "x: got 'photos'"),
        ({"y": X[:5]}, "y: got 5 targets for 8 samples. Give one for each"),
        ({"batch_size": 16}, "x: got 8 samples. Give at least a batch of 16"),
    ],
)
def test_what_cannot_be_is_refused(given, sentence, monkeypatch):
    monkeypatch.setattr(parallel, "_train", None)
    settings = {"way": "mirrored", "model": tiny(), "x": X, "y": X, "batch_size": 4}
    with pytest.raises(ValueError, match=rf"^{sentence}"):
        parallel.run(**(settings | given))


def test_a_backend_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    wanted = "data_parallel needs JAX, which is not installed here: `pip install jax`."
    assert parallel.lacking("data_parallel") == wanted
    with pytest.raises(ValueError, match=r"^data_parallel needs JAX"):
        parallel.run("data_parallel", tiny(), X, X, batch_size=4)


def test_two_processes_need_more_than_windows(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    assert "It runs in WSL2 and on Colab." in parallel.lacking("two_processes")
    assert parallel.lacking("data_parallel") == parallel.lacking("mirrored") == ""


def test_a_model_that_cannot_be_loaded_there_is_said(monkeypatch):
    class Mine(layers.Dense):
        """A layer that nobody else knows."""

    model = keras.Sequential([keras.Input((1,)), Mine(1)])
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match=r"^mirrored: a process ended with code 1\."):
        parallel.run("mirrored", model, X, X, batch_size=4)


# -- processes that fail, and what is left of them -------------------------------------


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Give a function that runs other code in their place; it notes who they are."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(parallel, "_PROGRAM", "in_its_place")
    monkeypatch.setattr(parallel, "lacking", lambda way: "")
    noted = tmp_path / "noted"
    noted.mkdir()

    def run(code, limit=PATIENCE):
        (tmp_path / "in_its_place.py").write_text(
            "import os, sys, time, pathlib\n"
            "way, folder, rank, address = sys.argv[1:]\n"
            f"noted = pathlib.Path({str(noted)!r})\n"
            "(noted / str(os.getpid())).write_text(address)\n"
            "def both():\n"
            "    while len(list(noted.iterdir())) < 2: time.sleep(0.01)\n"
            f"{code}\n"
        )
        return parallel.run("two_processes", tiny(), X, X, batch_size=4, limit=limit)

    run.noted = noted
    return run


def ended(noted):
    """Say whether all processes that were started are no more; give their addresses."""
    assert len(list(noted.iterdir())) == 2
    for path in noted.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)
    return {path.read_text() for path in noted.iterdir()}


def test_one_that_fails_ends_the_other(program):
    code = "both()\nif rank == '1': sys.exit('No such thing.')\ntime.sleep(600)"
    with pytest.raises(RuntimeError) as raised:
        program(code)
    wanted = "two_processes: a process ended with code 1. It said last: No such thing."
    assert str(raised.value) == wanted
    [address] = ended(program.noted)
    assert address.startswith("127.0.0.1:")


def test_what_hangs_is_ended(program, monkeypatch):
    """The limit is over when both are there, however long that takes."""
    noted, clock = program.noted, time.perf_counter
    late = 1e6

    def counter():
        return clock() + (late if len(list(noted.iterdir())) == 2 else 0)

    monkeypatch.setattr(time, "perf_counter", counter)
    with pytest.raises(TimeoutError, match=r"^two_processes: it has not ended in time"):
        program("time.sleep(600)")
    ended(noted)


def test_an_interruption_leaves_nothing_running(program, monkeypatch):
    sleep = time.sleep

    def interrupted(seconds):
        sleep(seconds)
        if len(list(program.noted.iterdir())) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        program("time.sleep(600)")
    ended(program.noted)


def test_their_surroundings(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("http_proxy", "http://elsewhere")
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere")
    monkeypatch.setenv("PYTHONPATH", "mine")
    found = parallel._surroundings("jax")
    assert found["KERAS_BACKEND"] == "jax"
    assert found["CUDA_VISIBLE_DEVICES"] == "-1"
    assert not {"http_proxy", "HTTPS_PROXY"} & found.keys()
    first, last = found["PYTHONPATH"].split(os.pathsep)
    assert (Path(first) / "helpers/networks/two_devices.py").is_file()
    assert last == "mine"
