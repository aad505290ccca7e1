"""Claim: AlexNet with all cures: 80 % of the flowers, in less time than the tutorial.

And the other long experiments of lesson 07, which shows their results: what each cure
for overfitting gives alone, activations, and what ten years brought. The network is
AlexNet at a quarter of its width, on views of 128 × 128 pixels of photos of
144 × 144; with each setting three are trained, a line a run goes to
data/experiments/flowers.jsonl, so that an interrupted script goes on where it was. The
peer is the convolutional network of TensorFlow's tutorial on image classification,
trained as it is there: photos of 180 × 180, batches of 32, 15 epochs of Adam. Seconds
are those of training alone.

Run ``python benchmarks/flowers.py [EXPERIMENT ...]``; without names it runs all.
``--print`` only prints what was measured, ``--quick`` tries the script in a folder of
its own (``--folder``). Nothing is asserted about time.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, command
from _table import header, machine, row

from helpers import datasets, images
from helpers.datasets import PhotoSet
from helpers.experiments import Experiments
from helpers.networks import models, training
from helpers.networks.augmentation import ColourJitter, RandomCrop


@dataclass(frozen=True)
class Settings:
    """How a network learns; these stand beside every result.

    Attributes
    ----------
    network
        One of `NETWORKS`.
    options
        What else that function takes, as pairs.
    side, size
        Pixels a side of the photos, and of the views that are cut out of them.
    views
        One of `VIEWS`.
    colours
        True to shift the colours of each photo.
    pictures
        How many to learn from; None for all.
    epochs, batch_size, learning_rate
        As everywhere.
    schedule
        "cosine", which warms up and then goes down to 0, or "constant".
    decay
        The share of each weight that AdamW takes off at a step, times the learning
        rate; 0 for Adam.
    momentum
        Of plain gradient descent in Adam's place; 0 for Adam.
    smoothing
        How much of each label goes to all classes alike.
    precision
        Of Keras's layers: "float32", "mixed_bfloat16".
    tested
        Whether the test photos are looked at, once, at the end.
    """

    network: str = "alexnet"
    options: tuple[tuple[str, Any], ...] = (("width", 0.25), ("dropout", 0.0))
    side: int = 144
    size: int = 128
    views: str = "whole"
    colours: bool = False
    pictures: int | None = None
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 0.001
    schedule: str = "cosine"
    decay: float = 0.0
    momentum: float = 0.0
    smoothing: float = 0.0
    precision: str = "float32"
    tested: bool = False


def tutorial(size: int, classes: int) -> keras.Model:
    """Return the network of TensorFlow's tutorial on image classification."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.2),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(classes),
        ],
        name="tutorial",
    )


#: Size of the views, number of classes and options, to a new network.
NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "alexnet": models.alexnet,
    "small resnet": models.small_resnet,
    "tutorial": tutorial,
}

#: Size of the views, to layers that make them.
VIEWS: dict[str, Callable[[int], list[keras.layers.Layer]]] = {
    # What a network sees in use behind the others, too.
    "whole": lambda size: [keras.layers.Resizing(size, size)],
    "crop and mirror": lambda size: [RandomCrop(size)],
    "crop from half and mirror": lambda size: [RandomCrop(size, zoom=(0.5, 1))],
    "tutorial": lambda size: [
        keras.layers.RandomFlip("horizontal"),
        keras.layers.RandomRotation(0.1),
        keras.layers.RandomZoom(0.1),
    ],
}


def _quarter(**changed: Any) -> Settings:
    """Return AlexNet at a quarter of its width, some settings changed."""
    names = set(Settings.__dataclass_fields__)
    options = {"width": 0.25, "dropout": 0.0}
    options |= {name: value for name, value in changed.items() if name not in names}
    rest = {name: value for name, value in changed.items() if name in names}
    return Settings(options=tuple(options.items()), **rest)


_VIEWS = "crop from half and mirror"  # of the side, to all of it

#: Of AlexNet with everything on.
_ALL: dict[str, Any] = {
    "dropout": 0.5,
    "batch_normalization": True,
    "views": _VIEWS,
    "colours": True,
    "epochs": 60,
    "learning_rate": 0.002,
    "decay": 0.5,
    "smoothing": 0.1,
}

#: Of the network that one would build ten years later.
_LATER = Settings(
    "small resnet",
    options=(),
    views=_VIEWS,
    colours=True,
    epochs=26,
    batch_size=32,
    learning_rate=0.003,
    decay=0.1,
    smoothing=0.1,
)


def _later(**changed: Any) -> Settings:
    """Return the later network without one of its novelties."""
    return replace(_LATER, options=tuple(changed.items()))


_RUNS = {
    "no cure": _quarter(tested=True),
    "dropout": _quarter(dropout=0.5),
    "views": _quarter(views=_VIEWS),
    "views and colours": _quarter(views=_VIEWS, colours=True),
    "batch normalisation": _quarter(batch_normalization=True),
    "weight decay": _quarter(decay=0.5),
    "L2": _quarter(l2=0.002),
    "L1": _quarter(l1=0.0001),
    "smaller": _quarter(width=0.125),
    "half of the photos": _quarter(pictures=1286),
    "a quarter of the photos": _quarter(pictures=643),
    "dropout and views": _quarter(dropout=0.5, views=_VIEWS),
    "dropout, views, normalisation": _quarter(
        dropout=0.5, views=_VIEWS, batch_normalization=True
    ),
    "all together": _quarter(**_ALL, tested=True),
    "no cure, as long": _quarter(epochs=60),
    "no cure, momentum": _quarter(momentum=0.9, learning_rate=0.01),
    "too small": _quarter(**_ALL | {"width": 0.0625, "epochs": 30}),
    "tanh": _quarter(activation="tanh"),
    "sigmoid": _quarter(activation="sigmoid"),
    "sigmoid, normalised": _quarter(activation="sigmoid", batch_normalization=True),
    "tutorial": Settings(
        "tutorial",
        options=(),
        side=180,
        size=180,
        views="tutorial",
        epochs=15,
        batch_size=32,
        schedule="constant",
    ),
    "small resnet": replace(_LATER, tested=True),
    "small resnet, no normalisation": _later(batch_normalization=False),
    "small resnet, no normalisation, slower": replace(
        _later(batch_normalization=False), learning_rate=0.001
    ),
    "small resnet, no shortcut": _later(shortcut=False),
    "small resnet, dense layers": _later(hidden=(1024, 1024)),
    "full width": _quarter(
        dropout=0.5,
        batch_normalization=True,
        views="crop and mirror",
        colours=True,
        width=1.0,
        side=256,
        size=227,
        epochs=60,
        learning_rate=0.0003,
        precision="mixed_bfloat16",
        tested=True,
    ),
}

EXPERIMENTS = {name: Experiment(settings, 3) for name, settings in _RUNS.items()}


@cache
def flowers(side: int) -> PhotoSet:
    """Return the photos, read once for a size."""
    return datasets.load_flowers(side=side)


def compiled(
    settings: Settings, photos: PhotoSet, count: int
) -> tuple[keras.Model, keras.Model]:
    """Return a new network, and what trains it: its weights in a model of photos.

    Parameters
    ----------
    settings
        How it learns.
    photos
        What from, `settings.side` pixels a side.
    count
        How many of them.

    Returns
    -------
    network, learner
        Views to logits, and photos to logits by way of views, compiled for labels that
        are lists with a single 1.
    """
    keras.config.set_dtype_policy(settings.precision)
    network = NETWORKS[settings.network](
        settings.size, len(photos.class_names), **dict(settings.options)
    )
    views = VIEWS[settings.views](settings.size)
    if settings.colours:
        views.append(ColourJitter(images.principal_colours(photos.train_images)))
    side = settings.side
    learner = keras.Sequential([keras.Input((side, side, 3)), *views, network])
    keras.config.set_dtype_policy("float32")
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        rate = training.cosine(
            rate,
            epochs=settings.epochs,
            samples=count,
            batch_size=settings.batch_size,
        )
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=settings.smoothing
    )
    optimizer: keras.Optimizer
    if settings.momentum:
        optimizer = keras.optimizers.SGD(rate, momentum=settings.momentum)
    elif settings.decay:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.decay)
    else:
        optimizer = keras.optimizers.Adam(rate)
    learner.compile(optimizer, loss, metrics=["accuracy"])
    return network, learner


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Train one network, and return what it came to.

    Parameters
    ----------
    settings
        How.
    seed
        Of the weights, the order of the photos and all else that is random; the three
        parts of the photos are always the same.
    few
        Learn from a few photos only, to try the script.
    """
    data = flowers(settings.side)
    if data.is_fallback and not few:
        sys.exit(f"{data.name} is not on this machine: run `make data` first.")
    parts = {
        "training": (data.train_images, data.train_labels),
        "validation": (data.validation_images, data.validation_labels),
        "test": (data.test_images, data.test_labels),
    }
    count = 16 if few else settings.pictures
    if count is not None:
        x, y = parts["training"]
        _, _, *some = training.split(x, y, share=count / len(x), seed=seed)
        parts["training"] = tuple(some)
    if few:
        parts |= {name: (x[:8], y[:8]) for name, (x, y) in parts.items()}
    if not settings.tested:
        del parts["test"]

    training.seed(seed)
    network, learner = compiled(settings, data, len(parts["training"][0]))
    parts = {
        name: (x, keras.utils.to_categorical(y, len(data.class_names)))
        for name, (x, y) in parts.items()
    }
    x, y = parts["training"]
    epochs = 1 if few else settings.epochs

    def judged(part: str) -> list[float]:
        """Return loss and accuracy, each photo as it is in use."""
        return learner.evaluate(*parts[part], batch_size=64, verbose=0)

    curves: dict[str, list[float]] = {}
    seconds, used = [0.0], 0.0
    for _ in range(epochs):
        start, cpu = time.perf_counter(), time.process_time()
        fitted = training.fit(
            learner, x, y, batch_size=settings.batch_size, progress=False
        )
        seconds.append(seconds[-1] + time.perf_counter() - start)
        used += time.process_time() - cpu
        figures = dict(fitted.last)
        figures["val_loss"], figures["val_accuracy"] = judged("validation")
        for name, value in figures.items():
            curves.setdefault(name, []).append(round(value, 5))
    return {
        "pictures": len(x),
        "parameters": network.count_params(),
        "seconds": round(seconds[-1], 1),
        "cpu seconds": round(used, 1),
        "accuracy": {part: round(judged(part)[1], 5) for part in parts},
        "curves": {"seconds": [round(one, 1) for one in seconds[1:]], **curves},
    }


def printed(found: Experiments) -> None:
    """Print the figures of all experiments that have run."""
    print(machine("keras", "numpy"))
    columns = ["seeds", "valid.", "worst", "training", "gap", "test", "s", "CPU s"]
    header("Accuracy", columns)
    for name in found.names:
        aside = found.values(name, "accuracy", "validation")
        learned = found.values(name, "accuracy", "training")
        tests = [run["accuracy"].get("test") for run in found.of(name)]
        times = [found.values(name, part).mean() for part in ("seconds", "cpu seconds")]
        shares = [aside.mean(), aside.min(), learned.mean(), (learned - aside).mean()]
        row(
            name,
            [
                str(len(aside)),
                *(f"{100 * one:.1f}" for one in shares),
                "" if None in tests else f"{100 * np.mean(tests):.1f}",
                *(f"{one:.0f}" for one in times),
            ],
        )


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the table."""
    return command("flowers", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
