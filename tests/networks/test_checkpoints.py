"""A training that is broken off goes on, and ends where it would have ended."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import contextlib
import errno
import json
import math
import signal
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import _checkpoints, training
from helpers.networks.augmentation import ColourJitter, RandomCrop
from helpers.networks.training import Keep, fit

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
SAMPLES, BATCH, EPOCHS = 28, 8, 3
STEPS = math.ceil(SAMPLES / BATCH)


def data(count=SAMPLES, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 3
    x = rng.integers(0, 100, (count, 10, 10, 3)) + 60 * y[:, None, None, None]
    return x.astype("uint8"), y


def network(seed=None, optimizer=None, dropout=0.3, filters=4, **settings):
    """Random in four ways, one of them two models deep."""
    if seed is not None:
        training.seed(seed)
    augmentation = keras.Sequential(
        [
            keras.Input((10, 10, 3)),
            keras.Sequential([keras.Input((10, 10, 3)), RandomCrop(8)]),
            ColourJitter(np.eye(3) * 20),
            layers.RandomRotation(0.1),
        ]
    )
    model = keras.Sequential(
        [
            keras.Input((10, 10, 3)),
            augmentation,
            layers.Rescaling(1 / 127.5, -1),
            layers.Conv2D(filters, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(dropout),
            layers.Dense(3),
        ]
    )
    rate = training.cosine(0.02, epochs=EPOCHS, samples=SAMPLES, batch_size=BATCH)
    optimizer = optimizer or keras.optimizers.Adam(rate)
    model.compile(optimizer, CROSS_ENTROPY, metrics=["accuracy"], **settings)
    return model


def small(optimizer=None, **settings):
    training.seed(2)
    model = keras.Sequential(
        [keras.Input((10, 10, 3)), layers.Rescaling(1 / 255), layers.Flatten()]
    )
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(3))
    model.compile(optimizer or "adam", CROSS_ENTROPY, jit_compile=False, **settings)
    return model


def trained(model, path, **settings):
    x, y = data()
    settings = {
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "progress": False,
        "checkpoint": path,
        "validation": data(12, seed=1),
    } | settings
    return fit(model, settings.pop("x", x), settings.pop("y", y), **settings)


def everything(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.asarray(keras.ops.convert_to_numpy(one.value)) for one in variables]


def assert_the_same(model, other):
    for one, another in zip(everything(model), everything(other), strict=True):
        np.testing.assert_allclose(
            one.astype("float64"), another.astype("float64"), rtol=0, atol=1e-6
        )


class Stop(keras.callbacks.Callback):
    """Ends it before a batch of an epoch."""

    def __init__(self, epoch, batch, error):
        super().__init__()
        self.when, self.error = (epoch, batch), error

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.when:
            if self.error is None:
                signal.raise_signal(signal.SIGINT)
            else:
                raise self.error


@pytest.fixture(autouse=True)
def listening():
    """As in a kernel or a terminal; a shell's background processes ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training at one go, and its file."""
    path = tmp_path_factory.mktemp("whole") / "run.npz"
    model = network(seed=5)
    record = trained(model, path)
    return model, record, path


# -- going on --------------------------------------------------------------------------

ENDS = {
    "Ctrl-C in the first epoch": (0, 2, None),
    "Ctrl-C in the middle": (2, 2, None),
    "Ctrl-C in the last batch of an epoch": (1, STEPS - 1, None),
    "an error in the middle": (2, 1, RuntimeError("of a callback")),
    "an error after an epoch": (1, 0, RuntimeError("of a callback")),
}


@pytest.mark.parametrize(("epoch", "batch", "error"), ENDS.values(), ids=ENDS)
def test_it_ends_where_it_would_have_ended_at_one_go(
    whole, epoch, batch, error, tmp_path, capsys
):
    """Also where all random numbers and weights begin elsewhere."""
    model, record, _ = whole
    path = tmp_path / "new" / "run.npz"
    first = network(seed=5)
    broken = contextlib.nullcontext()
    if error is not None:
        broken = pytest.raises(RuntimeError, match=str(error))
    with broken:
        trained(first, path, callbacks=[Stop(epoch, batch, error)])
    full = epoch + (error is None and batch == STEPS - 1)
    said = capsys.readouterr().out
    if error is None:
        assert f"Interrupted: {full} of {EPOCHS} epochs are complete" in said
        assert said.endswith(f"and the same fit goes on after epoch {full}.\n")
    other = network(seed=99)
    again = trained(other, path)
    said = capsys.readouterr().out
    assert said == (f"Epoch {full} of {EPOCHS}, from {path}.\n" if full else "")
    assert_the_same(other, model)
    assert again.epochs == EPOCHS
    assert again.curves.keys() == record.curves.keys()
    for name, curve in record.curves.items():
        np.testing.assert_allclose(again.curves[name], curve, atol=1e-5)
    assert os.listdir(path.parent) == ["run.npz"]


def test_each_piece_of_it_matters(whole, tmp_path):
    """The same, but with the seeds that Keras does not keep begun anew: it differs."""
    model, _, _ = whole
    path = tmp_path / "run.npz"
    trained(network(seed=5), path, callbacks=[Stop(2, 0, None)])
    other = network(seed=5)

    def begin_anew():
        seeds = [one for one in other.variables if "seed" in one.path]
        assert len(seeds) == 4
        for one in seeds:
            one.assign(np.array([1, 0]))

    anew = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: begin_anew())
    trained(other, path, callbacks=[anew])
    away = [
        abs(a - b).max()
        for a, b in zip(other.get_weights(), model.get_weights(), strict=True)
    ]
    assert max(away) > 1e-3


def test_the_same_model_goes_on_too(whole, tmp_path):
    model, _, _ = whole
    path = tmp_path / "run.npz"
    mine = network(seed=5)
    for epoch in range(EPOCHS):  # each call makes an epoch, and breaks off in the next
        stopped = trained(mine, path, callbacks=[Stop(epoch, 2, None)])
        assert stopped.epochs == epoch
        assert stopped.interrupted
    last = trained(mine, path)
    assert not last.interrupted
    assert_the_same(mine, model)
    assert {len(curve) for curve in last.curves.values()} == {EPOCHS}


def test_what_is_complete_is_read(whole, capsys):
    model, record, path = whole
    other = network(seed=1)
    again = trained(other, path)
    assert capsys.readouterr().out == (
        f"All {EPOCHS} epochs are complete, in {path}. To train anew, delete that "
        "file.\n"
    )
    assert_the_same(other, model)
    assert again.epochs == EPOCHS
    assert again.last == record.last
    assert again.seconds > 0.5 * record.seconds  # of all calls
    assert not again.interrupted


IN_A_PROCESS = """
import os, sys
sys.path.insert(0, os.path.join("tests", "networks"))
import numpy as np
import test_checkpoints as here
kill = len(sys.argv) > 2
class Kill(here.keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
    def on_train_batch_begin(self, batch, logs=None):
        if kill and (self.epoch, batch) == (2, 2):
            os._exit(7)
model = here.network(seed=3 if kill else None)
here.trained(model, sys.argv[1], callbacks=[Kill()])
np.savez(sys.argv[1] + ".weights.npz", *here.everything(model))
"""


def test_it_goes_on_in_another_process(tmp_path, root):
    """The first one dies in the middle of an epoch."""
    path = str(tmp_path / "run.npz")
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    settings = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    for arguments, code in ((["kill"], 7), ([], 0)):
        done = subprocess.run(
            [sys.executable, "-c", IN_A_PROCESS, path, *arguments],
            cwd=root,
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
    assert f"Epoch 2 of {EPOCHS}, from {path}.\n" in done.stdout
    model = network(seed=3)
    trained(model, tmp_path / "at one go.npz")
    with np.load(f"{path}.weights.npz") as found:
        for wanted, name in zip(everything(model), found.files, strict=True):
            np.testing.assert_allclose(found[name], wanted, atol=1e-6)


def both(tmp_path, make, **settings):
    """A training at one go, and one in two pieces."""
    one = make()
    trained(one, tmp_path / "one.npz", **settings)
    trained(make(), tmp_path / "two.npz", callbacks=[Stop(2, 0, None)], **settings)
    second = make()
    trained(second, tmp_path / "two.npz", **settings)
    return one, second


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.optimizers.SGD(0.05, momentum=0.9),
        lambda: keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
        lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=4),
        lambda: keras.optimizers.LossScaleOptimizer(
            keras.optimizers.Adam(0.01), dynamic_growth_steps=3
        ),
    ],
    ids=["momentum", "averaged weights", "accumulation", "scaled loss"],
)
def test_other_optimisers_go_on_too(make, tmp_path):
    assert_the_same(*both(tmp_path, lambda: small(make())))


def test_several_steps_in_one_go_on_too(tmp_path):
    def make():
        return small(steps_per_execution=3)

    assert_the_same(*both(tmp_path, make))


@pytest.mark.parametrize("policy", ["bfloat16", "mixed_bfloat16", "mixed_float16"])
def test_other_precisions_go_on_too(policy, tmp_path):
    keras.config.set_dtype_policy(policy)
    try:
        assert_the_same(*both(tmp_path, small))
    finally:
        keras.config.set_dtype_policy("float32")


def test_weights_of_samples_and_a_rare_validation(tmp_path):
    settings = {
        "sample_weight": np.linspace(0, 2, SAMPLES),
        "steps_per_epoch": 3,
        "validation_freq": 2,
    }
    assert_the_same(*both(tmp_path, small, **settings))
    assert_the_same(*both(tmp_path / "more", small, class_weight={0: 2.0, 1: 0.5}))


def test_several_inputs(tmp_path):
    def make():
        training.seed(0)
        inputs = [keras.Input((2,)), keras.Input((3,))]
        merged = layers.Dropout(0.2)(layers.Concatenate()(inputs))
        model = keras.Model(inputs, layers.Dense(1)(merged))
        model.compile("adam", "mse")
        return model

    rng = np.random.default_rng(0)
    x = [rng.normal(size=(SAMPLES, n)) for n in (2, 3)]
    settings = {"x": x, "y": x[0][:, :1], "validation": None}
    assert_the_same(*both(tmp_path, make, **settings))


def test_a_rate_that_a_callback_changed_is_kept(tmp_path):
    """And the same model is not taken for another one because of it."""
    path = tmp_path / "run.npz"
    model = small(keras.optimizers.SGD(0.08))

    def halve(epoch, logs):
        model.optimizer.learning_rate = float(model.optimizer.learning_rate) / 2

    slower = keras.callbacks.LambdaCallback(on_epoch_end=halve)
    trained(model, path, callbacks=[slower, Stop(2, 1, None)])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    trained(model, path)  # after the second epoch
    assert float(model.optimizer.learning_rate) == pytest.approx(0.02)


# -- the order -------------------------------------------------------------------------


def test_each_epoch_has_an_order_of_its_own_and_always_the_same():
    training.seed(4)
    batches = _checkpoints.Batches((np.arange(50), None, None), 8, None, True)
    training.seed(4)
    others = _checkpoints.Batches((np.arange(50), None, None), 8, None, True)

    def order(batches, epoch):
        batches.begin(epoch)
        return np.concatenate([batches[k][0] for k in range(len(batches))]).tolist()

    orders = [order(batches, epoch) for epoch in range(5)]
    assert all(sorted(one) == [*range(50)] for one in orders)
    assert len({tuple(one) for one in orders}) == 5
    assert [order(others, epoch) for epoch in (4, 1)] == [orders[4], orders[1]]
    plain = _checkpoints.Batches((np.arange(50), None, None), 8, 2, False)
    assert order(plain, 3) == [*range(16)]


def test_every_sample_is_seen_once_an_epoch(tmp_path):
    """With a rate of 1 and w·x as the loss, the weights sum what was seen."""
    model = keras.Sequential([keras.Input((SAMPLES,)), layers.Dense(1, use_bias=False)])
    model.compile(
        keras.optimizers.SGD(1.0), loss=lambda y, made: made * BATCH, jit_compile=False
    )
    model.set_weights([np.zeros((SAMPLES, 1))])
    x, y = np.eye(SAMPLES), np.zeros((SAMPLES, 1))
    fit(
        model,
        x[: 3 * BATCH],
        y[: 3 * BATCH],
        epochs=3,
        batch_size=BATCH,
        checkpoint=tmp_path / "run.npz",
        progress=False,
    )
    [seen] = model.get_weights()
    np.testing.assert_allclose(-seen[: 3 * BATCH], 3, atol=1e-5)
    assert not seen[3 * BATCH :].any()


def test_live_figures_begin_with_those_of_the_file(whole, tmp_path):
    told = []
    _, record, path = whole
    trained(network(), path, live=lambda *said: told.append(said))
    assert [epoch for epoch, _ in told] == [1, 2, 3]
    assert told[1][1] == {name: curve[1] for name, curve in record.curves.items()}


def test_the_bar_goes_on(tmp_path, capsys):
    path = tmp_path / "run.npz"
    trained(small(), path, callbacks=[Stop(2, 1, None)])
    capsys.readouterr()
    trained(small(), path, progress=True)
    shown = [one for one in capsys.readouterr().err.split("\r") if one.strip()]
    assert shown[0].startswith("Epoch 3 of 3 |")
    assert " 67 %" in shown[0]
    assert "100 %" in shown[-1]


def test_where_it_must_be_quick_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")
    path = tmp_path / "run.npz"
    model = small()
    trained(model, path)
    assert int(model.optimizer.iterations) == 2
    assert not path.exists()


# -- what does not fit -----------------------------------------------------------------


def refused(path, said, model=None, **settings):
    """It is refused; model and file stay as they are."""
    model = model or network(seed=0)
    before, held = model.get_weights(), path.read_bytes()
    with pytest.raises(ValueError, match=said) as caught:
        trained(model, path, **settings)
    text = str(caught.value)
    assert text.startswith(f"checkpoint: got {path}, ")
    assert text.endswith(". Give another name, or delete that file to begin anew.")
    assert path.read_bytes() == held
    for one, another in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, another)
    return text


OTHERS = {
    "epochs": ({"epochs": 9}, "other epochs: 3, where this one has 9"),
    "batch size": ({"batch_size": 9}, "other batch_size: 8, where this one has 9"),
    "steps": ({"steps_per_epoch": 2}, "other steps_per_epoch: None, where"),
    "order": ({"shuffle": False}, "other shuffle: True, where this one has False"),
    "class weights": (
        {"class_weight": {0: 2.0}},
        r"other class_weight: {}, where this one has {'0': 2.0}",
    ),
    "fewer samples": (
        {"x": data()[0][:-1], "y": data()[1][:-1]},
        r"other shapes of x: \[\[28, 10, 10, 3\]\], where this one has \[\[27, ",
    ),
    "other types": (
        {"x": data()[0].astype("float32")},
        r"other types of x: \['uint8'\], where this one has \['float32'\]",
    ),
    "other samples": ({"x": 255 - data()[0]}, r"other values of x\. Give"),
    "other classes": ({"y": data()[1][::-1]}, r"other values of y\. Give"),
    "weighed": ({"sample_weight": np.ones(SAMPLES)}, r"shapes of sample_weight: \[\],"),
    "validation": ({"validation": data(12, seed=2)}, "values of validation"),
}


@pytest.mark.parametrize(("settings", "said"), OTHERS.values(), ids=OTHERS)
def test_another_training_is_refused(settings, said, whole):
    refused(whole[2], said, **settings)


def without_norm():
    model = keras.Sequential([keras.Input((10, 10, 3)), layers.Flatten()])
    model.add(layers.Dense(3))
    model.compile("adam", CROSS_ENTROPY)
    return model


MODELS = {
    "layers": (without_norm, "other layers"),
    "width": (lambda: network(filters=5), r"layer \d, Conv2D: filters: 4, where .* 5"),
    "dropout": (lambda: network(dropout=0.5), r"Dropout: rate: 0.3, where .* 0.5"),
    "optimiser": (
        lambda: network(optimizer=keras.optimizers.SGD()),
        "other optimiser: 'Adam', where this one has 'SGD'",
    ),
    "schedule": (
        lambda: network(
            optimizer=keras.optimizers.Adam(
                training.cosine(0.02, epochs=9, samples=SAMPLES, batch_size=BATCH)
            )
        ),
        r"settings of the optimiser, learning_rate, config: \w+: ",
    ),
}


@pytest.mark.parametrize(("make", "said"), MODELS.values(), ids=MODELS)
def test_another_model_is_refused(make, said, whole):
    refused(whole[2], said, model=make())


def test_another_rate_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    trained(small(keras.optimizers.SGD(0.5)), path, epochs=1)
    said = "settings of the optimiser: learning_rate: 0.5, where this one has 0.25"
    model = small(keras.optimizers.SGD(0.25))
    refused(path, said, model=model, epochs=1)


def test_another_backend_is_refused(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "abacus")
    refused(whole[2], "other backend: '(jax|tensorflow)', where this one has 'abacus'")


def test_names_that_keras_gives_make_no_difference(whole):
    """In a kernel the second model's layers are conv2d_1, dense_1 …"""
    keras.utils.clear_session()
    trained(network(), whole[2])
    trained(network(), whole[2])


DAMAGE = "which is damaged or holds something else"


def test_a_cut_file_is_refused(whole, tmp_path):
    bytes_ = whole[2].read_bytes()
    path = tmp_path / "run.npz"
    model = network(seed=0)
    for share in (0, 0.01, 0.3, 0.7, 0.99, 0.9999):
        path.write_bytes(bytes_[: int(share * len(bytes_))])
        refused(path, DAMAGE, model)


def test_a_damaged_file_is_refused_or_means_the_same(whole, tmp_path):
    """A byte turned anywhere: nothing else comes through than the very same state."""
    model = network(seed=0)
    bytes_ = bytearray(whole[2].read_bytes())
    path = tmp_path / "run.npz"
    x, y = data()
    batches = _checkpoints.Batches((x, y, None), BATCH, None, True)
    kept = _checkpoints.Checkpoint(path, model, batches, {"epochs": EPOCHS})
    path.write_bytes(bytes_)
    with path.open("rb") as file:
        _, wanted = kept._read(file)
    rng = np.random.default_rng(0)
    said = []
    for place in rng.integers(0, len(bytes_), 300):
        turned = bytearray(bytes_)
        turned[place] ^= 1 << rng.integers(8)
        path.write_bytes(turned)
        with path.open("rb") as file:
            try:
                _, states = kept._read(file)
            except ValueError as error:
                said.append(str(error))
                continue
        for one, another in zip(states, wanted, strict=True):
            np.testing.assert_array_equal(one, another)
    assert len(said) > 150
    assert all(one.startswith(f"checkpoint: got {path}, which is d") for one in said)


def npz(path, **arrays):
    np.savez(path, **arrays)


WRONG = {
    "text": lambda path: path.write_text("my notes"),
    "pictures": lambda path: npz(path, images=np.zeros((2, 3))),
    "pickled": lambda path: npz(path, training=np.array([{}], object)),
    "no JSON": lambda path: npz(path, training=np.zeros(3, np.uint8)),
    "other JSON": lambda path: npz(
        path, training=np.frombuffer(json.dumps([1]).encode(), np.uint8)
    ),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_something_else_is_refused_and_stays(make, tmp_path):
    path = tmp_path / "run.npz"
    make(path)
    refused(path, DAMAGE, small())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (".", r"checkpoint: got ., which is a folder. Give the name of a file"),
        ("", "checkpoint: got ''. Give the name of a file"),
        (3, "checkpoint: got 3. Give the name of a file"),
    ],
)
def test_what_is_no_file_is_refused(path, said):
    with pytest.raises(ValueError, match=said):
        trained(small(), path)


def test_what_cannot_be_kept_is_refused(tmp_path):
    class Batches(keras.utils.PyDataset):
        pass

    path = tmp_path / "run.npz"
    with pytest.raises(ValueError, match="samples of type Batches, whose order is n"):
        trained(small(), path, x=Batches(), y=None)
    with pytest.raises(ValueError, match=r"x, y: got 28 and 27 samples. Give as many"):
        trained(small(), path, y=data()[1][1:])
    with pytest.raises(ValueError, match=r"keep: got Keep.* the curves alone are kept"):
        trained(small(), path, keep=Keep())
    with pytest.raises(ValueError, match=r"initial_epoch: got 2.*give a checkpoint"):
        trained(small(), path, initial_epoch=2)
    assert not path.exists()


# -- disks -----------------------------------------------------------------------------


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("progress", [True, False])
def test_a_full_disk_is_said_once_and_training_goes_on(
    whole, tmp_path, monkeypatch, capsys, progress
):
    model, _, _ = whole
    path = tmp_path / "run.npz"
    trained(network(seed=5), path, callbacks=[Stop(1, 0, None)])
    held = path.read_bytes()
    capsys.readouterr()
    monkeypatch.setattr(_checkpoints.os, "fsync", full)
    other = network(seed=5)
    record = trained(other, path, progress=progress)
    assert record.epochs == EPOCHS
    assert_the_same(other, model)
    assert capsys.readouterr().out == (
        f"Epoch 1 of {EPOCHS}, from {path}.\n"
        f"The training could not be kept in {path}: No space left on device. It goes "
        "on, and the next epoch tries again.\n"
    )
    assert os.listdir(tmp_path) == ["run.npz"]
    assert path.read_bytes() == held


def test_when_there_is_room_again_it_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    monkeypatch.setattr(_checkpoints.os, "fsync", full)

    def clear(epoch, logs):
        if epoch == 1:
            monkeypatch.undo()

    room = keras.callbacks.LambdaCallback(on_epoch_begin=clear)
    trained(small(), path, callbacks=[room, Stop(2, 1, None)])
    assert path.exists()


def test_a_read_only_folder_is_said(tmp_path, monkeypatch, capsys):
    def closed(self, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    path = tmp_path / "new" / "run.npz"
    monkeypatch.setattr(_checkpoints.Path, "mkdir", closed)
    record = trained(small(), path)
    assert record.epochs == EPOCHS
    said = f"could not be kept in {path}: Permission denied. It goes on"
    assert capsys.readouterr().out.count(said) == 1


def test_an_interruption_while_it_writes_leaves_the_file_before(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    trained(small(), path, callbacks=[Stop(1, 0, None)])
    held = path.read_bytes()

    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_checkpoints.os, "fsync", pressed)
    record = trained(small(), path)
    assert record.interrupted
    assert path.read_bytes() == held
    assert os.listdir(tmp_path) == ["run.npz"]


def test_two_that_write_at_once_leave_a_whole_file(tmp_path):
    path = tmp_path / "run.npz"
    arrays = [{"a": np.full(50_000, k), "b": np.full(50_000, k)} for k in (1, 2)]
    _checkpoints._write(path, arrays[0])

    def write(mine):
        for _ in range(25):
            _checkpoints._write(path, mine)

    threads = [threading.Thread(target=write, args=(one,)) for one in arrays]
    for thread in threads:
        thread.start()
    seen = set()
    while any(thread.is_alive() for thread in threads):
        with np.load(path) as found:
            assert (found["a"] == found["b"]).all()
            seen |= {*found["a"].tolist()[:1]}
    for thread in threads:
        thread.join()
    assert seen <= {1, 2}
    assert os.listdir(tmp_path) == ["run.npz"]


def test_what_a_killed_process_left_is_taken_away(tmp_path):
    path = tmp_path / "run.npz"
    old, new, other = (
        tmp_path / name
        for name in (".run.npz-1-ab.part", ".run.npz-2-cd.part", ".a.npz-3-ef.part")
    )
    for one in (old, new, other):
        one.write_bytes(b"half")
    for one in (old, other):
        os.utime(one, (time.time() - 7200,) * 2)
    trained(small(), path, epochs=1)
    assert {*os.listdir(tmp_path)} == {"run.npz", new.name, other.name}
