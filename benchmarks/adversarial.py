"""Claim: networks that seldom err are fooled by changes that we hardly see.

The figures of lesson 08: digits and flowers, attacked by one step of fast gradient
sign and by ten steps, beside a random change of the same size; whether what fools one
network fools another; the smallest change; what a blur, a crop or a JPEG file leaves of
an attack, and what rounding to whole gray levels alone does, which comes before each of
them; and a network of digits that was trained against attacks. Digits and flowers are
those that no network learned from. A line a run goes to
data/experiments/adversarial.jsonl.

Run ``python benchmarks/adversarial.py [EXPERIMENT ...]``; without names it runs all, in
about a quarter of an hour on two cores. ``--print`` only prints what was measured,
``--quick`` tries the script in a folder of its own (``--folder``).
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, command
from _table import header, machine, row

from helpers import datasets, images
from helpers.experiments import Experiments
from helpers.networks import (
    export,
    exported,
    hardening,
    models,
    pretrained,
    probe,
    training,
)

STEPS = 10
#: How pictures are changed, to a function (model, x, labels, strength).
CHANGES: dict[str, Callable[..., np.ndarray]] = {
    "sign": lambda model, x, y, s: probe.attack(
        model, x, y, strength=s, steps=1, progress=False
    ),
    "steps": lambda model, x, y, s: probe.attack(
        model, x, y, strength=s, steps=STEPS, progress=False
    ),
    "chance": lambda model, x, y, s: probe.random_change(x, s),
}


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how.

    Attributes
    ----------
    what
        One of `MEASURED`.
    pictures
        How many; each seed has others.
    strengths
        Gray levels of each attack; 0 is always measured.
    at
        Of those the one whose pictures go on: to the other network, through a blur …
    searched
        Of how many pictures the smallest change is searched.
    most
        Gray levels that this search goes to.
    learned, epochs
        How many digits a network that is trained here learns from, and how often.
    """

    what: str
    pictures: int
    strengths: tuple[float, ...]
    at: float
    searched: int
    most: float
    learned: int = 0
    epochs: int = 0


GRAYS = (8, 16, 32, 64)
EXPERIMENTS = {
    "digits": Experiment(
        Settings(
            "digits", 256, GRAYS, at=32, searched=32, most=128, learned=30_000, epochs=2
        ),
        3,
    ),
    "flowers": Experiment(
        Settings("flowers", 64, (0.5, 1, 2, 4, 8), at=2, searched=32, most=16), 3
    ),
    "hardened": Experiment(
        Settings(
            "hardened",
            256,
            GRAYS,
            at=32,
            searched=32,
            most=128,
            learned=30_000,
            epochs=2,
        ),
        3,
    ),
}


# -- networks --------------------------------------------------------------------------


def better() -> keras.Model:
    """Return the course's network of digits, trained."""
    model = models.mnist_better()
    export.load_weights(models.with_softmax(model), exported.shipped("mnist"))
    return model


def trained(seed: int, x: np.ndarray, y: np.ndarray, epochs: int) -> keras.Model:
    """Return `models.mnist_cnn`, trained."""
    training.seed(seed)
    model = _compiled(models.mnist_cnn())
    training.fit(model, x, y, epochs=epochs, batch_size=128, progress=False)
    return model


def hardened(seed: int, x: np.ndarray, y: np.ndarray, settings: Settings) -> Any:
    """Return the same network, half of every batch attacked while it learns."""
    training.seed(seed)
    model = _compiled(models.mnist_cnn())
    hardening.train(
        model,
        x,
        y,
        strength=settings.at,
        epochs=settings.epochs,
        seed=seed,
        progress=False,
    )
    return model


def _compiled(model: keras.Model) -> keras.Model:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.002), loss, metrics=["accuracy"])
    return model


# -- what is measured ------------------------------------------------------------------


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Measure what the settings say, with the seed's pictures.

    Parameters
    ----------
    settings
        One of those of `EXPERIMENTS`.
    seed
        Of the pictures that are drawn, and of all that is trained.
    few
        Take a few pictures only, to try the script.
    """
    return MEASURED[settings.what](settings, seed, few)


def digits(settings: Settings, seed: int, few: bool) -> dict[str, Any]:
    """Two networks that know digits, and whether they err alike."""
    (x, y), drawn = _digits(settings, seed, few)
    networks = {
        "better": better(),
        "convolutional": trained(seed, x, y, settings.epochs),
    }
    changed = {name: _changed(one, *drawn, settings) for name, one in networks.items()}
    crossing = {}
    for name, other in (("better", "convolutional"), ("convolutional", "better")):
        crossing[f"{name} to {other}"] = _transfer(
            networks[name], networks[other], *drawn, changed[name]
        )
    found = {
        name: _under_attack(one, *drawn, settings, changed[name])
        for name, one in networks.items()
    }
    return {"pictures": len(drawn[1]), "networks": found, "transfer": crossing}


def flowers(settings: Settings, seed: int, few: bool) -> dict[str, Any]:
    """The course's AlexNet; each seed has validation photos of its own.

    They come with 160 pixels a side; the network learned from photos with 144, which
    benchmarks/reasons.py takes.
    """
    photos = datasets.load_flowers()
    if photos.is_fallback and not few:
        sys.exit(f"{photos.name} is not on this machine: run `make data` first.")
    model = pretrained.alexnet().model
    side = model.input_shape[1]
    which = np.random.default_rng(0).permutation(len(photos.validation_labels))
    count = 8 if few else settings.pictures
    which = which[seed * settings.pictures :][:count]
    x = np.stack([images.square(photos.validation_images[k], side) for k in which])
    y = photos.validation_labels[which]
    x = x.astype(np.float32)
    found = _under_attack(model, x, y, settings, _changed(model, x, y, settings))
    return {"pictures": len(which), "networks": {"AlexNet": found}}


def against(settings: Settings, seed: int, few: bool) -> dict[str, Any]:
    """The same network, trained as usual and against attacks."""
    (x, y), drawn = _digits(settings, seed, few)
    start = time.perf_counter()
    usual = trained(seed, x, y, settings.epochs)
    between = time.perf_counter()
    hard = hardened(seed, x, y, settings)
    took = {"usual": between - start, "hardened": time.perf_counter() - between}
    networks = {"usual": usual, "hardened": hard}
    found = {}
    for name, one in networks.items():
        changed = _changed(one, *drawn, settings)
        found[name] = _under_attack(one, *drawn, settings, changed)
    return {
        "pictures": len(drawn[1]),
        "seconds": {name: round(one, 1) for name, one in took.items()},
        "networks": found,
    }


MEASURED = {"digits": digits, "flowers": flowers, "hardened": against}


def _digits(settings: Settings, seed: int, few: bool) -> Any:
    """Return pictures and labels to learn from, and those of the test to attack."""
    data = datasets.load_mnist()
    if data.is_fallback and not few:
        sys.exit(f"{data.name} is not on this machine: run `make data` first.")
    count = 16 if few else settings.pictures
    rng = np.random.default_rng(seed)
    which = rng.choice(len(data.test_labels), count, replace=False)
    share = (300 if few else settings.learned) / len(data.train_labels)
    _, _, x, y = training.split(
        data.train_images[..., None], data.train_labels, share=share, seed=seed
    )
    chosen = data.test_images[which, ..., None].astype(np.float32)
    return (x, y), (chosen, data.test_labels[which])


def _right(model: keras.Model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return probe.outputs(model, x).argmax(axis=1) == y


def _share(which: np.ndarray) -> float:
    return round(float(np.mean(which)), 5)


#: Of each change and each strength, all pictures.
Changed = dict[str, dict[float, np.ndarray]]


def _changed(
    model: keras.Model, x: np.ndarray, y: np.ndarray, settings: Settings
) -> Changed:
    return {
        name: {one: change(model, x, y, one) for one in settings.strengths}
        for name, change in CHANGES.items()
    }


def _under_attack(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    settings: Settings,
    changed: Changed,
) -> dict[str, Any]:
    """Return accuracies, the smallest changes, and what is right again."""
    clean = _right(model, x, y)
    accuracy: dict[str, list[float]] = {"strengths": [0, *settings.strengths]}
    for name, by_strength in changed.items():
        shares = [_share(_right(model, one, y)) for one in by_strength.values()]
        accuracy[name] = [_share(clean), *shares]
    few = slice(settings.searched)
    smallest = probe.smallest_strengths(
        model,
        x[few][clean[few]],
        y[few][clean[few]],
        most=settings.most,
        progress=False,
    )
    quarters = np.quantile(smallest, (0.25, 0.5, 0.75), method="lower")
    fooled = {}
    for name in ("sign", "steps"):
        attacked = changed[name][settings.at]
        fooling = clean & ~_right(model, attacked, y)
        fooled[name] = {"count": int(fooling.sum())}
        if fooling.any():
            fooled[name] |= _after(model, attacked[fooling], y[fooling])
    return {
        "accuracy": accuracy,
        "smallest": [None if np.isinf(n) else round(float(n), 3) for n in quarters],
        "clean after": _after(model, x, y),
        "right again": fooled,
    }


def _after(model: keras.Model, x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Return the accuracy after each disturbance."""
    return {
        how: _share(_right(model, probe.disturbed(x, how), y))
        for how in probe.DISTURBANCES
    }


def _transfer(
    model: keras.Model,
    other: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    changed: Changed,
) -> dict[str, dict[str, list[int]]]:
    """Of the pictures that fool one network, how many fool the other.

    For each strength: how many of those that both get right without a change fool the
    one; of these, how many the other; and how many of the same digits the other gets
    wrong where chance changes them as much.
    """
    both = _right(model, x, y) & _right(other, x, y)
    by_chance = {one: ~_right(other, z, y) for one, z in changed["chance"].items()}
    found = {}
    for name in ("sign", "steps"):
        counts: dict[str, list[int]] = {"fooled": [], "other too": [], "by chance": []}
        for strength, attacked in changed[name].items():
            fooling = both & ~_right(model, attacked, y)
            too = fooling & ~_right(other, attacked, y)
            chance = fooling & by_chance[strength]
            for kept, which in zip(
                counts.values(), (fooling, too, chance), strict=True
            ):
                kept.append(int(which.sum()))
        found[name] = counts
    return found


# -- what is printed -------------------------------------------------------------------


def printed(found: Experiments) -> None:
    """Print the figures of all experiments that have run."""
    print(machine("keras", "numpy"))
    for name in found.names:
        [run, *_] = runs = found.of(name)
        for network, its in run["networks"].items():
            strengths = its["accuracy"]["strengths"]
            title = f"{name}, {network}: accuracy, {len(runs)} seeds"
            header(title, [f"{one:g}" for one in strengths])
            for change in CHANGES:
                shares = found.values(name, "networks", network, "accuracy", change)
                row(change, [f"{100 * one:.1f}" for one in shares.mean(axis=0)])
            halves = [one["networks"][network]["smallest"] for one in runs]
            print(f"  smallest change, quartiles: {halves}")
            again = [one["networks"][network]["right again"] for one in runs]
            print(f"  right again: {again}")
            print(f"  clean after: {its['clean after']}")
        for way, changes in run.get("transfer", {}).items():
            for change, counts in changes.items():
                sums = [
                    found.values(name, "transfer", way, change, part).sum(axis=0)
                    for part in counts
                ]
                said = ", ".join(
                    " ".join(f"{n:.0f}" for n in three)
                    for three in zip(*sums, strict=True)
                )
                print(f"  {way}, {change}: fooled, other too, by chance: {said}")


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the tables."""
    return command("adversarial", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
