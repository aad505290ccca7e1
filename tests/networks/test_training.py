"""`fit` and what it records; seeds, the split, the schedule."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import itertools
import math
import signal
import subprocess
import sys
import threading
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import probe, training
from helpers.networks.gradients import gradients
from helpers.networks.training import Keep, fit

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
SAMPLES, BATCH = 60, 8
STEPS = math.ceil(SAMPLES / BATCH)


def data(count=SAMPLES, seed=0):
    """Blots of three sizes."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 3
    x = rng.normal(size=(count, 6, 6, 1)) + 2 * y[:, None, None, None]
    return x.astype("float32"), y


def network(*, compiled=True, metrics=("accuracy",)):
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu", name="filters"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="list"),
            layers.Dropout(0.2, name="dropout"),
            layers.Dense(3, name="logits"),
        ]
    )
    if compiled:
        model.compile(keras.optimizers.Adam(0.01), CROSS_ENTROPY, metrics=[*metrics])
    return model


def small_fit(model, epochs=2, **settings):
    settings = {"batch_size": BATCH, "progress": False} | settings
    return fit(model, *data(), epochs=epochs, **settings)


def same(one, other):
    assert len(one) == len(other)
    for array, another in zip(one, other, strict=True):
        np.testing.assert_array_equal(array, another)


class At(keras.callbacks.Callback):
    """Does something once, before a batch of an epoch (-1: when it begins)."""

    def __init__(self, act, epoch=0, batch=0):
        super().__init__()
        self.act, self.when, self.epoch = act, (epoch, batch), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self._maybe(-1)

    def on_train_batch_begin(self, batch, logs=None):
        self._maybe(batch)

    def _maybe(self, batch):
        if self.when == (self.epoch, batch):
            self.act()


@pytest.fixture(autouse=True)
def listening():
    """As in a kernel or a terminal; a shell's background processes ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt():
    signal.raise_signal(signal.SIGINT)


# -- seeds -----------------------------------------------------------------------------

IN_A_PROCESS = """
import hashlib, sys
import keras, numpy as np
from keras import layers
from helpers.networks import training

rng = np.random.default_rng(0)
x = rng.integers(0, 256, (256, 28, 28, 1), np.uint8)
y = rng.integers(0, 10, 256)
for number in map(int, sys.argv[1:]):
    training.seed(number)
    model = keras.Sequential([
        keras.Input((28, 28, 1)), layers.RandomTranslation(0.1, 0.1),
        layers.Conv2D(16, 5, strides=2, activation="relu"), layers.BatchNormalization(),
        layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(0.3), layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    training.fit(model, x, y, epochs=2, batch_size=64, progress=False)
    found = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights()))
    print(keras.backend.backend(), number, found.hexdigest())
"""


def test_a_seed_gives_the_same_weights_in_every_process():
    command = [sys.executable, "-c", IN_A_PROCESS]
    runs = [
        subprocess.run([*command, *numbers], capture_output=True, text=True)
        for numbers in (["7"], ["7", "8", "7"])
    ]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr + runs[1].stderr
    [alone], [first, other, again] = (run.stdout.splitlines() for run in runs)
    assert alone.startswith(f"{keras.backend.backend()} 7 ")
    assert alone == first == again
    assert other.split()[-1] != alone.split()[-1]


@pytest.mark.parametrize("number", [-1, 2**32, 0.5, None, "1", True])
def test_other_seeds_are_refused(number):
    with pytest.raises(
        ValueError, match=r"number: got .*whole number from 0 to 4294967"
    ):
        training.seed(number)


# -- split -----------------------------------------------------------------------------


def test_every_class_gives_its_share():
    rng = np.random.default_rng(0)
    for _ in range(200):
        counts = rng.integers(2, 40, rng.integers(1, 6))
        y = rng.permutation(np.repeat(np.arange(len(counts)) * 3, counts))
        x = np.arange(len(y)) * 10
        share = float(rng.uniform(0.01, 0.99))
        x_train, y_train, x_aside, y_aside = training.split(x, y, share=share)
        np.testing.assert_array_equal(np.sort([*x_train, *x_aside]), x)
        assert (np.diff(x_train) > 0).all()  # the order stays
        assert (np.diff(x_aside) > 0).all()
        np.testing.assert_array_equal(y_train, y[x_train // 10])
        np.testing.assert_array_equal(y_aside, y[x_aside // 10])
        for label, count in enumerate(counts):
            aside = (y_aside == 3 * label).sum()
            assert 1 <= aside <= count - 1
            assert abs(aside - share * count) <= 1


def test_the_split_is_drawn_and_the_same_again():
    x, y = np.arange(300), np.repeat([0, 1, 2], 100)
    first, again, other = (training.split(x, y, seed=n)[2] for n in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.max() < 290 or first.min() > 9 or np.diff(first).max() > 1


def test_the_split_hands_out_copies():
    x, y = np.zeros((20, 2)), np.arange(20) % 2
    for part in training.split(x, y, share=0.5):
        part[:] = 9
    assert not x.any()
    assert y.max() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1, 2], [0]), "y: got 1 classes for 2 samples. Give one for each"),
        (
            ([1, 2, 3], [0, 0, 1]),
            "y: got a single sample of class 1. Give at least two",
        ),
        (
            ([1, 2], [0.0, 1.0]),
            r"y: got float64 of shape \(2,\). Give one whole number",
        ),
        (([1, 2], [[0], [1]]), r"y: got int64 of shape \(2, 1\)"),
    ],
)
def test_what_cannot_be_split_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        training.split(*arguments)


@pytest.mark.parametrize("share", [0, 1, 1.5, -0.1, "half"])
def test_other_shares_are_refused(share):
    with pytest.raises(ValueError, match="share: got"):
        training.split([1, 2], [0, 0], share=share)


# -- cosine ----------------------------------------------------------------------------


@pytest.mark.parametrize("warm_up", [0, 0.1, 0.5, 1])
def test_the_rate_rises_and_goes_down_like_a_cosine(warm_up):
    rate = training.cosine(
        0.02, epochs=3, samples=1001, batch_size=100, warm_up=warm_up
    )
    steps = 3 * 11
    rising = min(round(warm_up * steps), steps - 1)
    for step in range(steps + 5):
        if step < rising:
            wanted = 0.02 * step / rising
        else:
            part = min(1, (step - rising) / (steps - rising))
            wanted = 0.01 * (1 + math.cos(math.pi * part))
        assert float(rate(step)) == pytest.approx(wanted, abs=1e-7)


def test_fit_takes_as_many_steps_as_the_rate_counts():
    rate = training.cosine(0.01, epochs=3, samples=SAMPLES, batch_size=BATCH)
    model = network(compiled=False)
    model.compile(keras.optimizers.Adam(rate), CROSS_ENTROPY)
    small_fit(model, epochs=3)
    steps = int(model.optimizer.iterations)
    assert steps == 3 * STEPS
    assert float(rate(steps)) == 0
    assert float(rate(steps - 1)) > 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"learning_rate": 0}, "learning_rate: got 0"),
        ({"epochs": 0}, "epochs: got 0"),
        ({"samples": 1.5}, "samples: got 1.5"),
        ({"warm_up": 1.1}, "warm_up: got 1.1"),
        ({"batch_size": 0}, "batch_size: got 0"),
    ],
)
def test_other_rates_are_refused(settings, said):
    settings = {"learning_rate": 0.01, "epochs": 1, "samples": 10, **settings}
    with pytest.raises(ValueError, match=said):
        training.cosine(**settings)


# -- fit and Keras's own ---------------------------------------------------------------


def test_it_learns_as_keras_s_own_does():
    """The very same weights and curves, though it looks on and keeps."""
    x, y = data()
    aside = data(30, seed=1)
    training.seed(3)
    theirs = network()
    history = theirs.fit(
        x, y, batch_size=BATCH, epochs=3, validation_data=aside, verbose=0
    ).history
    training.seed(3)
    ours = network()
    keep = Keep(maps_of=x[:2], gradients_of=(x, y))
    record = small_fit(ours, 3, validation=aside, keep=keep, live=lambda *_: None)
    same(ours.get_weights(), theirs.get_weights())
    assert record.curves.keys() == history.keys()
    for name, values in history.items():
        np.testing.assert_allclose(record.curves[name], values, rtol=1e-6)
    assert record.epochs == 3
    assert not record.interrupted
    assert record.last == {name: values[-1] for name, values in history.items()}


def test_where_it_must_be_quick_it_makes_two_steps(monkeypatch):
    model = network()
    monkeypatch.setenv("COURSE_QUICK", "1")
    record = small_fit(model, epochs=5, validation=data())
    assert int(model.optimizer.iterations) == 2
    assert {len(values) for values in record.curves.values()} == {2}


@pytest.mark.parametrize(
    ("value", "is_quick"), [("1", True), ("0", False), ("", False)]
)
def test_what_is_learned_from_stand_ins_or_in_a_hurry_means_little(
    monkeypatch, value, is_quick
):
    monkeypatch.setenv("COURSE_QUICK", value)
    assert training.quick() == is_quick
    real, other = (SimpleNamespace(is_fallback=flag) for flag in (False, True))
    assert training.in_full(real) == (not is_quick)
    assert not training.in_full(real, other)


def test_batches_from_elsewhere_and_other_settings():
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 5

        def __getitem__(self, k):
            x, y = data()
            return x[k * 8 : k * 8 + 8], y[k * 8 : k * 8 + 8]

    model = network()
    record = fit(model, Batches(), epochs=2, progress=False)
    assert int(model.optimizer.iterations) == 10
    assert record.epochs == 2
    still = network()
    before = still.get_layer("logits").get_weights()
    small_fit(still, class_weight={0: 0.0, 1: 0.0, 2: 0.0})
    same(still.get_layer("logits").get_weights(), before)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"validation_split": 0.1}, r"validation_split: got 0.1. .* Use split\(x, y\)"),
        ({"validation_data": ()}, r"validation_data: got \(\). Give it as validation="),
        ({"verbose": 1}, "verbose: got 1. Use progress=True"),
        ({"epochs": 0}, "epochs: got 0. Give a whole number of at least 1"),
        ({"batch_size": 2.0}, "batch_size: got 2.0"),
        ({"progress": "yes"}, "progress: got 'yes'. Give True or False"),
    ],
)
def test_other_settings_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        small_fit(network(), **settings)


def test_models_that_cannot_be_trained_are_refused():
    with pytest.raises(ValueError, match=r"model: got 'net'. Give a keras.Model"):
        small_fit("net")
    with pytest.raises(
        ValueError, match=r'"\w+", which is not compiled. Call model.co'
    ):
        small_fit(network(compiled=False))
    loose = keras.Sequential([layers.Dense(3)])
    loose.compile("adam", CROSS_ENTROPY)
    with pytest.raises(
        ValueError, match=r"which is not built. Let it begin with keras"
    ):
        small_fit(loose)


# -- the record ------------------------------------------------------------------------


def snapshots(model, epochs, keep):
    """What a look by hand finds before the first epoch and after each."""
    x, y = data()
    found = []

    def look(*_):
        maps = probe.feature_maps(model, x[:2])
        slopes = gradients(model, CROSS_ENTROPY, x, y)
        found.append((model.get_weights(), maps, slopes))

    look()
    by_hand = keras.callbacks.LambdaCallback(on_epoch_end=look)
    return small_fit(model, epochs, keep=keep, callbacks=[by_hand]), found


def test_everything_is_kept_epoch_by_epoch():
    x, y = data()
    model = network()
    keep = Keep(maps_of=x[:2], gradients_of=(x, y))
    record, found = snapshots(model, 2, keep)
    assert len(found) == 3
    kernel, bias = record.weights("filters")
    assert kernel.shape == (3, 3, 3, 1, 4)
    assert bias.shape == (3, 4)
    maps = record.maps("filters")
    assert maps.shape == (3, 2, 4, 4, 4)
    norms = record.gradient_norms("logits")
    for epoch, (weights, by_hand, slopes) in enumerate(found):
        same([kernel[epoch], bias[epoch]], weights[:2])
        np.testing.assert_allclose(maps[epoch], by_hand["filters"], rtol=1e-5)
        length = math.sqrt(
            sum((slope.astype(float) ** 2).sum() for slope in slopes[-2:])
        )
        assert norms[epoch] == pytest.approx(length, rel=1e-4)
    assert np.ptp(kernel, axis=0).max() > 0
    assert len(record.weights("norm")) == 4
    with pytest.raises(ValueError, match="layer: got 'list'"):
        record.gradient_norms("list")  # learns nothing
    with pytest.raises(
        ValueError, match=r"layer: got 'filter'. Did you mean .filters."
    ):
        record.maps("filter")


def test_an_epoch_can_be_come_back_to():
    model = network()
    record = small_fit(model, 3, keep=Keep())
    last = model.get_weights()
    other = network()
    for epoch in (0, 2, 3):
        record.restore(other, epoch)
        same(
            other.get_layer("filters").get_weights(),
            [part[epoch] for part in record.weights("filters")],
        )
    same(other.get_weights(), last)
    with pytest.raises(
        ValueError, match=r"epoch: got 4. Give a whole number from 0 to 3"
    ):
        record.restore(other, 4)


def test_the_memory_is_said_and_limited():
    model = network()
    x, _ = data()
    record = small_fit(model, 3, keep=Keep(maps_of=x[:5]))
    weights = 4 * model.count_params()
    maps = 4 * 5 * (64 + 64 + 64 + 64 + 3)
    assert record.memory == 4 * (weights + maps)
    assert f"; {record.memory / 1000:.3g} kB kept>" in repr(record)
    small_fit(network(), 3, keep=Keep(limit=4 * weights))
    before = model.get_weights()
    said = (
        rf"keep: got what takes {4 * weights / 1000:.3g} kB in 3 epochs.*weights=False"
    )
    with pytest.raises(ValueError, match=said):
        small_fit(model, 3, keep=Keep(limit=4 * weights - 1))
    same(model.get_weights(), before)


def test_what_was_not_kept_is_said():
    record = small_fit(network(), 1)
    assert record.memory == 0
    for ask, what in [
        (record.weights, "weights"),
        (record.maps, "maps"),
        (record.gradient_norms, "gradients"),
        (lambda _: record.restore(network(), 0), "weights"),
    ]:
        with pytest.raises(
            ValueError, match=rf"has kept no {what}. Train with fit\(…, k"
        ):
            ask("filters")


def test_a_record_says_what_it_is():
    record = small_fit(network(), 1, validation=data(9))
    assert repr(record).startswith(f"<Record of 1 epoch in {record.seconds:.0f} s: acc")
    assert f"val_loss {record.last['val_loss']:.4g}" in repr(record)
    assert record.seconds > 0
    assert repr(training.Record()) == "<Record of 0 epochs in 0 s: no figures>"


# -- interruption ----------------------------------------------------------------------


def usable(model):
    assert np.isfinite(probe.outputs(model, data()[0])).all()
    before = model.get_weights()
    record = small_fit(model, 1)
    assert record.epochs == 1
    assert not np.array_equal(before[0], model.get_weights()[0])


PLACES = {
    "first batch": (0, 0, 0, ", and 1 batch of the next"),
    "second epoch": (1, 2, 1, ", and 3 batches of the next"),
    "between epochs": (2, -1, 2, ", and 1 batch of the next"),
    "last batch": (1, STEPS - 1, 2, ""),
}


@pytest.mark.parametrize(
    ("epoch", "batch", "full", "part"), PLACES.values(), ids=PLACES
)
def test_an_interruption_ends_with_a_batch(epoch, batch, full, part, capsys):
    model = network()
    handler = signal.getsignal(signal.SIGINT)
    stop = At(interrupt, epoch, batch)
    record = small_fit(model, 5, validation=data(9), keep=Keep(), callbacks=[stop])
    assert signal.getsignal(signal.SIGINT) is handler
    steps = full * STEPS + (batch + 1 if full == epoch else 0) + (batch == -1)
    assert int(model.optimizer.iterations) == steps
    assert capsys.readouterr().out == (
        f"Interrupted: {full} of 5 epochs are complete{part}. The model can be used "
        "as it is, and another fit goes on.\n"
    )
    assert record.interrupted
    assert ", interrupted: " in repr(record)
    assert record.epochs == full
    assert all(len(values) == full for values in record.curves.values())
    assert len(record.weights("filters")[0]) == full + 1
    usable(model)


def test_the_validation_of_half_an_epoch_is_left_out():
    looked = []
    count = keras.callbacks.LambdaCallback()
    count.on_test_batch_end = lambda batch, logs=None: looked.append(batch)
    stop = At(interrupt, 0, 2)
    small_fit(network(), 2, validation=data(60), callbacks=[stop, count])
    assert len(looked) == 1


@pytest.mark.parametrize("times", [2, 3])
def test_only_the_third_breaks_off_at_once(times, capsys):
    seen = []

    def press():
        for _ in range(times):
            interrupt()
        seen.append("after")

    model = network()
    record = small_fit(model, 3, callbacks=[At(press, 1, 2)])
    assert seen == ([] if times == 3 else ["after"])
    assert record.interrupted
    assert record.epochs == 1
    assert int(model.optimizer.iterations) == STEPS + (3 if times == 2 else 2)
    assert "1 of 3 epochs are complete" in capsys.readouterr().out
    usable(model)


def test_an_interruption_raised_by_a_callback(capsys):
    def stop():
        raise KeyboardInterrupt

    model = network()
    record = small_fit(model, 3, callbacks=[At(stop, 1, 2)])
    assert record.interrupted
    assert record.epochs == 1
    assert capsys.readouterr().out.startswith(
        "Interrupted: 1 of 3 epochs are complete, "
    )
    usable(model)


def test_a_model_without_its_weights_is_not_called_usable(capsys):
    model = network()

    def lose():
        model.trainable_variables[0]._value = None
        raise KeyboardInterrupt

    lost = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: lose())
    with pytest.raises(KeyboardInterrupt) as caught:
        small_fit(model, 3, callbacks=[lost])
    assert caught.value.__notes__ == ["The model has lost its weights. Make it anew."]
    assert "can be used" not in capsys.readouterr().out


def test_where_interruptions_are_ignored_they_stay_so():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    record = small_fit(network(), 2, callbacks=[At(interrupt, 0, 2)])
    assert record.epochs == 2
    assert not record.interrupted
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_other_errors_come_through_and_leave_nothing(capsys):
    handler = signal.getsignal(signal.SIGINT)

    def fail():
        raise RuntimeError("of a callback")

    model = network()
    with pytest.raises(RuntimeError, match="of a callback"):
        small_fit(model, 3, callbacks=[At(fail, 1, 2)], progress=True)
    assert signal.getsignal(signal.SIGINT) is handler
    assert capsys.readouterr().err.endswith("\r")
    usable(model)


def test_it_trains_in_another_thread_too():
    """Where no handler may be set."""
    found = []
    work = threading.Thread(target=lambda: found.append(small_fit(network(), 2)))
    work.start()
    work.join()
    assert [record.epochs for record in found] == [2]


# -- the bar and live figures ----------------------------------------------------------


@pytest.fixture
def looked_at(monkeypatch):
    """Each batch is shown, with figures: settings that make it so."""
    monkeypatch.setattr(training, "SELDOM", 0)
    clock = itertools.count(0, 100)  # so much passes between two looks at it
    monkeypatch.setattr(training.time, "perf_counter", lambda: next(clock))
    waited_for = keras.callbacks.LambdaCallback()
    waited_for.on_train_batch_end = lambda batch, logs=None: None
    return {"validation": data(9), "callbacks": [waited_for]}


def test_one_bar_for_all_epochs(capsys, looked_at):
    small_fit(network(), 3, progress=True, **looked_at)
    out, err = capsys.readouterr()
    assert out == ""
    assert "\n" not in err
    shown = [line for line in err.split("\r") if line.strip()]
    assert shown[0].startswith("Epoch 1 of 3 |")
    assert "? left" in shown[0]
    assert "100 %" in shown[-1]
    assert "val_accuracy" in shown[-1]
    shares = [int(line.split("%")[0].split("|")[-1]) for line in shown]
    assert shares == sorted(shares)
    assert len({share for share in shares if 0 < share < 33}) > 3
    assert any("loss" in line for line in shown if "Epoch 1 of 3" in line)
    assert err.endswith("\r")
    assert not err.split("\r")[-2].strip()  # wiped away at the end


def test_it_is_not_shown_often(capsys, monkeypatch):
    """However many batches there are: each epoch, and twice a second at most."""
    model = network()
    clock = [0.0]
    monkeypatch.setattr(training.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(training, "SELDOM", 0.5)

    def tick(batch, logs):
        clock[0] += 0.2

    ticking = keras.callbacks.LambdaCallback(on_train_batch_begin=tick)
    x, y = data(600)
    fit(model, x, y, epochs=2, batch_size=1, callbacks=[ticking])
    shown = [line for line in capsys.readouterr().err.split("\r") if line.strip()]
    # 240 seconds: the pauses grow from half a second to a fiftieth of what has passed.
    assert 50 < len(shown) < 160


def test_no_bar(capsys):
    small_fit(network(), 2)
    assert capsys.readouterr() == ("", "")


def test_live_figures(looked_at):
    told = []
    record = small_fit(network(), 2, live=lambda *said: told.append(said), **looked_at)
    epochs = [epoch for epoch, _ in told]
    assert epochs == sorted(epochs)
    assert any(0 < epoch < 1 for epoch in epochs)
    assert any(1 < epoch < 2 for epoch in epochs)
    full = {epoch: values for epoch, values in told if epoch in (1, 2)}
    assert full.keys() == {1, 2}
    for epoch, values in full.items():
        assert values == {
            n: curve[int(epoch) - 1] for n, curve in record.curves.items()
        }
    # In the middle of an epoch validation has nothing to say.
    between = [values for epoch, values in told if epoch % 1]
    assert all(values.keys() == {"loss", "accuracy"} for values in between)


def test_live_figures_come_in_the_thread_that_trains():
    seen = set()
    small_fit(network(), 2, live=lambda *_: seen.add(threading.current_thread()))
    assert seen == {threading.current_thread()}
