"""What a training needs is known beforehand, and said where it is not there."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import layers

from helpers import experiments
from helpers.networks import augmentation, memory, models, training

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network(*middle, size=8, **settings):
    model = keras.Sequential([keras.Input((size, size, 3)), *middle], **settings)
    model.compile("adam", CROSS_ENTROPY)
    return model


@pytest.fixture
def policy():
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def free(monkeypatch):
    """So many bytes are free on a graphics card."""

    def give(count, where="on the graphics card"):
        monkeypatch.setattr(memory, "_device", lambda: (count, where))

    return give


# -- counted by hand -------------------------------------------------------------------


def test_a_small_network_counted_by_hand():
    model = network(
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, use_bias=False),  # 6 × 6 × 4
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),  # 3 × 3 × 4
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10),
    )
    learned = 3 * 3 * 3 * 4 + 2 * 4 + 36 * 10 + 10
    held = learned + 2 * 4  # moving averages
    seeds = 2 * np.dtype(keras.random.SeedGenerator(1).state.dtype).itemsize
    found = memory.estimate(model, 5)
    # The picture, what batch normalisation and pooling get, what the dense layer gets
    # from dropout, and the logits.
    kept = 8 * 8 * 3 + 2 * 6 * 6 * 4 + 36 + 10
    widest = 2 * 6 * 6 * 4
    assert found.parts == {
        "weights": 4 * held + seeds,
        "gradients": 4 * learned,
        "optimizer": 2 * 4 * learned,
        "activations": 5 * 4 * kept,
        "working": 5 * 4 * 2 * (8 * 8 * 3 + widest),
    }
    assert found.total == sum(found.parts.values())


@pytest.mark.parametrize(
    ("activation", "times"), [("relu", 1), ("tanh", 1), ("gelu", 2), ("silu", 2)]
)
def test_some_activations_need_what_came_in(activation, times):
    """1,000 numbers a sample, kept once or twice, besides the input and the logits."""
    one = network(layers.Flatten(), layers.Dense(1000, activation), layers.Dense(2))
    two = network(
        layers.Flatten(),
        layers.Dense(1000),
        layers.Activation(activation),
        layers.Dense(2),
    )
    for model in (one, two):
        found = memory.estimate(model, 1)
        assert found.activations == 4 * (8 * 8 * 3 + 1000 * times + 2)


def test_models_within_are_looked_into_and_photos_before_them_are_not_kept():
    inner = network(layers.Conv2D(4, 3), layers.ReLU(), layers.Conv2D(2, 3))
    alone = memory.estimate(inner, 7)
    around = keras.Sequential(
        [
            keras.Input((9, 9, 3), dtype="uint8"),
            keras.Sequential(
                [
                    keras.Input((9, 9, 3), dtype="uint8"),
                    augmentation.RandomCrop(8),
                    augmentation.ColourJitter(np.eye(3)),
                ]
            ),
            inner,
        ]
    )
    found = memory.estimate(around, 7)
    assert found.activations == alone.activations
    assert found.gradients == alone.gradients
    assert found.optimizer == alone.optimizer  # Adam is assumed
    photos = 2 * 7 * (9 * 9 * 3 - 4 * 8 * 8 * 3)  # bytes, where floats came
    assert found.working == alone.working + photos


def test_branches():
    """A shortcut is kept once, though two need it; adding needs nothing."""
    inputs = keras.Input((8, 8, 3))
    first = layers.Conv2D(3, 1)(inputs)
    second = layers.Conv2D(3, 1)(first)
    model = keras.Model(inputs, layers.Conv2D(3, 1)(layers.Add()([first, second])))
    assert memory.estimate(model, 1).activations == 4 * 4 * 8 * 8 * 3


def test_what_does_not_learn_is_not_kept():
    model = network(layers.Conv2D(50, 3), layers.ReLU(), layers.Conv2D(2, 3))
    model.layers[0].trainable = False
    found = memory.estimate(model, 1)
    assert found.gradients == 4 * (3 * 3 * 50 * 2 + 2)
    assert found.activations == 4 * (6 * 6 * 50 + 4 * 4 * 2)


def test_mixed_precision_halves_activations_alone(policy):
    def make():
        return network(layers.Conv2D(16, 3), layers.Flatten(), layers.Dense(10))

    whole = memory.estimate(make(), 100)
    policy("mixed_bfloat16")
    half = memory.estimate(make(), 100)
    assert half.activations == whole.activations / 2
    assert half.weights == whole.weights
    assert half.gradients == whole.gradients
    assert half.optimizer == whole.optimizer
    policy("bfloat16")
    small = memory.estimate(make(), 100)
    assert small.weights == whole.weights / 2
    assert small.activations == half.activations


OPTIMIZERS = {
    "SGD": (lambda: keras.optimizers.SGD(0.1), 0),
    "momentum": (lambda: keras.optimizers.SGD(0.1, momentum=0.9), 1),
    "Adam": (
        lambda: keras.optimizers.Adam(training.cosine(0.1, epochs=1, samples=9)),
        2,
    ),
    "AMSGrad": (lambda: keras.optimizers.Adam(amsgrad=True), 3),
    "averaged": (lambda: keras.optimizers.Adam(use_ema=True), 3),
    "scaled": (lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), 2),
}


@pytest.mark.parametrize(("make", "slots"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_what_optimisers_remember(make, slots):
    """Known before they have it, and the same afterwards but for a few counters."""
    model = keras.Sequential([keras.Input((50,)), layers.Dense(40)])
    model.compile(make(), "mse")
    before = memory.estimate(model, 1)
    assert before.optimizer == slots * before.gradients
    assert not model.optimizer.built
    model.optimizer.build(model.trainable_variables)
    after = memory.estimate(model, 1)
    assert 0 <= after.optimizer - before.optimizer < 64


def test_an_estimate_says_what_it_is():
    model = network(layers.Flatten(), layers.Dense(1000), name="net")
    assert repr(memory.estimate(model, 2000)) == (
        '<"net" in batches of 2,000: about 31.7 MB: weights 772 kB, gradients 772 kB, '
        "optimizer 1.54 MB, activations 9.54 MB, working 19.1 MB>"
    )


def test_models_that_cannot_be_looked_into_are_refused():
    class Own(keras.Model):
        pass

    with pytest.raises(ValueError, match=r"model: got 'net'. Give a Sequential"):
        memory.estimate("net", 1)
    with pytest.raises(ValueError, match=r"model: got <Own .*Give a Sequential or"):
        memory.estimate(Own(), 1)
    loose = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match=r"of which not all shapes are known. Let it"):
        memory.estimate(loose, 1)
    with pytest.raises(ValueError, match="batch_size: got 0"):
        memory.estimate(network(layers.Flatten()), 0)
    memory.refuse(loose, 10**9)  # what is not known is let through


# -- measured --------------------------------------------------------------------------


def alexnet():
    """As benchmarks/alexnet.py measures it."""
    cut = keras.Sequential(
        [
            keras.Input((256, 256, 3), dtype="uint8"),
            augmentation.RandomCrop(227),
            augmentation.ColourJitter(np.eye(3)),
        ]
    )
    return keras.Sequential([cut, models.alexnet(227, 1000)])


def test_as_much_as_was_measured_on_a_graphics_card(policy):
    """Of the stored rows the first is exact, later ones hold what came before, too."""
    stored = experiments.read("alexnet")
    names = [name for name in stored.names if name.startswith("Keras")]
    rows = [run for name in names for run in stored.of(name)]
    assert len(rows) == 4
    found = {}
    for row in rows:
        mixed = row["precision"] == "mixed"
        policy("mixed_bfloat16" if mixed else "float32")
        estimate = memory.estimate(alexnet(), row["batch"])
        found[row["precision"], row["batch"]] = estimate.total / row["peak bytes"]
    assert 0.9 < found["mixed", 128] < 1.1, found
    assert all(0.8 < share < 1.1 for share in found.values()), found


ON_JAX = """
import json, sys
import jax, keras, numpy as np
from keras import layers
from helpers.networks import memory, models

def residual():
    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(32, 3, padding="same")(inputs)
    for _ in range(3):
        y = layers.BatchNormalization()(x)
        y = layers.Conv2D(32, 3, padding="same")(layers.ReLU()(y))
        x = layers.Add()([x, y])
    return keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))

def made(model, batch):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    model.optimizer.build(model.trainable_variables)
    x = np.zeros((batch, *model.input_shape[1:]), model.inputs[0].dtype)
    y = np.zeros(batch, "int32")
    model._symbolic_build(data_batch=(x, y))
    state = tuple(
        [one.value for one in some]
        for some in (model.trainable_variables, model.non_trainable_variables,
                     model.optimizer.variables, model.metrics_variables))
    step = jax.jit(model.train_step, donate_argnums=0)
    return step.lower(state, (x, y)).compile().memory_analysis(), x.nbytes

MODELS = {
    "mnist_cnn": models.mnist_cnn, "mnist_better": models.mnist_better,
    "mnist_dense": models.mnist_dense, "residual": residual,
    "alexnet": lambda: models.alexnet(67, 10, width=0.25),
}
for name, make in MODELS.items():
    for batch in (64, 256):
        model = make()
        found, fed = made(model, batch)
        ours = memory.estimate(model, batch)
        theirs = found.argument_size_in_bytes + found.temp_size_in_bytes
        print(json.dumps({"name": name, "batch": batch,
            "state": ours.weights + ours.optimizer,
            "their state": found.argument_size_in_bytes - fed,
            "ours": ours.total - fed, "theirs": theirs}))
"""


@pytest.mark.once  # it starts JAX itself
def test_as_much_as_xla_plans(root):
    """XLA tells what a compiled step takes; here on a processor, on JAX."""
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    settings = {
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    done = subprocess.run(
        [sys.executable, "-c", ON_JAX],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 10
    for row in rows:
        assert abs(row["state"] - row["their state"]) < 5_000, row
        # On a processor it lays out small convolutions anew, which takes most.
        assert 0.4 < row["ours"] / row["theirs"] < 1.3, done.stdout


# -- what is there ---------------------------------------------------------------------


def test_free_memory_here():
    found = memory.available()
    assert found is None or 2**20 < found < 2**45


def container(tmp_path, monkeypatch, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(memory, "_CONTROL", tmp_path)
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")


SYSTEM = {"meminfo": "MemTotal: 9000 kB\nMemAvailable: 5000 kB\nHugePages_Total: 0\n"}
NEW = {
    "memory.max": "4000000\n",
    "memory.current": "3000000\n",
    "memory.stat": "anon 7\ninactive_file 500000\n",
}
OLD = {
    "memory/memory.limit_in_bytes": "4000000\n",
    "memory/memory.usage_in_bytes": "1000000\n",
    "memory/memory.stat": "inactive_file 3\ntotal_inactive_file 500000\n",
}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (SYSTEM, 5_120_000),
        (SYSTEM | NEW, 1_500_000),
        (SYSTEM | OLD, 3_500_000),
        (SYSTEM | NEW | {"memory.max": "max\n"}, 5_120_000),
        (SYSTEM | OLD | {"memory/memory.limit_in_bytes": f"{2**63 - 4096}"}, 5_120_000),
        (SYSTEM | NEW | {"memory.current": "9000000"}, 0),
    ],
)
def test_main_memory_and_the_limits_of_containers(files, wanted, tmp_path, monkeypatch):
    container(tmp_path, monkeypatch, files)
    assert memory._of_main_memory() == wanted


def test_where_nothing_can_be_known(tmp_path, monkeypatch):
    container(tmp_path, monkeypatch, {})
    monkeypatch.delattr(os, "sysconf")
    monkeypatch.setattr(memory, "_of_jax", lambda: None)
    monkeypatch.setattr(memory, "_of_tensorflow", lambda: None)
    assert memory.available() is None
    model = network(layers.Flatten(), layers.Dense(10))
    assert memory.fitting(model, 10**9) == 10**9
    memory.refuse(model, 10**9)


def test_a_card_on_jax(monkeypatch):
    stats = {"bytes_limit": 1000, "bytes_in_use": 300, "peak_bytes_in_use": 700}
    card = SimpleNamespace(memory_stats=lambda: stats)
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(devices=lambda: [card]))
    assert memory._of_jax() == 700
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert memory._device() == (700, "on the graphics card")
    stats.clear()
    assert memory._of_jax() is None


@pytest.mark.parametrize(
    ("cards", "told", "wanted"),
    [
        (["GPU:0"], [("one", 1000), ("other", 500)], 950 - 300),
        (["GPU:0"], [], None),
        ([], [("one", 1000)], None),
    ],
)
def test_a_card_on_tensorflow(cards, told, wanted, monkeypatch):
    config = SimpleNamespace(
        list_logical_devices=lambda kind: cards,
        experimental=SimpleNamespace(get_memory_info=lambda name: {"current": 300}),
    )
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(config=config))
    monkeypatch.setattr(memory.devices, "cards_of_nvidia", lambda: told)
    memory._of_the_card.cache_clear()
    assert memory._of_tensorflow() == wanted
    memory._of_the_card.cache_clear()


# -- what fits -------------------------------------------------------------------------


def test_the_largest_batch_that_fits(free):
    model = network(layers.Flatten(), layers.Dense(1000))
    for batch in (1, 2, 64, 100, 128, 500):
        needed = memory.estimate(model, batch)
        free(needed.total - needed.weights)
        assert memory.fitting(model, batch) == batch
        below = max((1 << k for k in range(10) if 1 << k < batch), default=0)
        assert memory.fitting(model, batch + 1) in (batch, below)
        free(needed.total - needed.weights - 1)
        assert memory.fitting(model, batch) == below
    free(None)
    assert memory.fitting(model, 7) == 7


def test_what_is_there_already_is_not_needed_again(free):
    model = network(layers.Dense(1000), layers.Flatten())
    needed = memory.estimate(model, 4)
    model.optimizer.build(model.trainable_variables)
    free(needed.total - needed.weights - needed.optimizer)
    assert memory.fitting(model, 4) == 4


def test_too_large_batches_are_refused_before_training(free):
    model = network(layers.Flatten(), layers.Dense(1000), name="net")
    needed = memory.estimate(model, 512)
    x, y = np.zeros((600, 8, 8, 3), "float32"), np.zeros(600, int)
    free(5_000_000)
    with pytest.raises(ValueError, match="batch_size") as caught:
        training.fit(model, x, y, batch_size=512, progress=False)
    assert str(caught.value) == (
        'batch_size: got 512, for which "net" needs about '
        f"{memory.words(needed.total - needed.weights)} more; 5 MB are free on the "
        "graphics card. Batches of 128 fit."
    )
    assert int(model.optimizer.iterations) == 0
    training.fit(model, x, y, batch_size=128, progress=False)
    free(1000, "in main memory")
    said = "1 kB are free in main memory. Not even single samples fit: take a smaller"
    with pytest.raises(ValueError, match=said):
        training.fit(model, x, y, batch_size=512, progress=False)


def test_what_may_fit_is_tried(free):
    model = network(layers.Flatten(), layers.Dense(1000))
    needed = memory.estimate(model, 512)
    free(int(0.71 * (needed.total - needed.weights)))
    memory.refuse(model, 512)
    free(int(0.69 * (needed.total - needed.weights)))
    with pytest.raises(ValueError, match="batch_size: got 512"):
        memory.refuse(model, 512)


def test_a_real_lack_of_memory_is_said_in_a_sentence():
    """More than any machine has: asked of the backend itself."""
    model = network(layers.Flatten(), layers.Dense(10))
    said = "batch_size: got 512, for which memory did not suffice. Give 256 or less"
    with (
        pytest.raises(MemoryError, match=said) as caught,
        memory.said_where_short(model, 512),
    ):
        keras.ops.ones((2**24, 2**24))
    assert caught.value.__cause__ is not None


def test_a_lack_of_memory_while_training_is_said_too():
    model = network(layers.Flatten(), layers.Dense(10))

    def fail(batch, logs):
        raise MemoryError

    short = keras.callbacks.LambdaCallback(on_train_batch_begin=fail)
    x, y = np.zeros((6, 8, 8, 3), "float32"), np.zeros(6, int)
    with pytest.raises(MemoryError, match=r"got 1, for which .* suffice. Take a small"):
        training.fit(model, x, y, batch_size=1, progress=False, callbacks=[short])


def test_other_errors_stay_what_they_are():
    model = network(layers.Flatten(), layers.Dense(10))
    with (
        pytest.raises(RuntimeError, match="something else"),
        memory.said_where_short(model, 5),
    ):
        raise RuntimeError("something else")


def test_lost_weights_are_said():
    model = network(layers.Flatten(), layers.Dense(10))
    model.trainable_variables[0]._value = None
    with (
        pytest.raises(MemoryError, match="The model has lost its weights: make it a"),
        memory.said_where_short(model, 5),
    ):
        raise MemoryError
