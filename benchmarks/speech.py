"""Claim: filters that slide over a spectrogram know a stranger's digits, dense do not.

Networks of three layers name spoken digits from log-mel spectrograms, and differ in
where their filters have room to slide: in time, in frequency, in both, nowhere. What
the last layer gets is compared apart: all numbers, an average in time, or an average of
everything, which is the trap, since it forgets which frequency was loud. Some learn
from spectrograms whose columns, or rows, stand in another order, the same for all.

What is quiet counts as silence, and while they learn a noise rustles behind each sound,
lest they listen to how a microphone rustles. One network learns without the noise, and
one hears also how quiet it is ("all heard").

Each is judged twice. The official split asks for further recordings of voices that are
known. The honest figure is that of strangers: each of the six speakers is left out in
turn, also of the mean and the deviation by which spectrograms are scaled; there the
seed is the speaker's number, too.

Run ``python benchmarks/speech.py [EXPERIMENT ...]``; without names it runs all, in an
hour on two cores. ``--print`` only prints what was measured, ``--quick`` tries the
script in a folder of its own (``--folder``). Nothing is asserted about time.
"""

import os
import sys
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, as_seconds, clocks, command
from _table import header, machine, row

from helpers import datasets
from helpers.datasets import SoundSet
from helpers.datasets.sound_set import LogMels
from helpers.experiments import Experiments
from helpers.networks import augmentation, beyond, probe, training

#: What the best reaches, at least, on the average over the runs.
GOAL = {"official": 0.98, "strangers": 0.78}

SPLITS = ("official", "strangers")
SHUFFLES = ("nothing", "columns", "rows")


@dataclass(frozen=True)
class Settings:
    """How a network learns; these stand beside every result.

    Attributes
    ----------
    slides, head
        As `beyond.spoken` takes them.
    split
        One of `SPLITS`.
    shuffled
        One of `SHUFFLES`: what of each spectrogram comes in another order.
    noise
        Whether noises are added while it learns, `augmentation.RoomNoise`.
    filters, dropout, quietest
        As `beyond.spoken` takes them.
    epochs, batch_size, learning_rate
        As everywhere; the rate warms up and goes down like a cosine.
    """

    slides: str
    head: str
    split: str = "official"
    shuffled: str = "nothing"
    noise: bool = True
    filters: tuple[int, ...] = (16, 32, 64)
    dropout: float = 0.3
    quietest: float | None = 0.9
    epochs: int = 15
    batch_size: int = 64
    learning_rate: float = 0.003


def _both(name: str, *given: Any, **settings: Any) -> dict[str, Experiment]:
    """Return an experiment for each split: three seeds, or six speakers."""
    official = Settings(*given, **settings)
    return {
        name: Experiment(official, 3),
        f"{name}, strangers": Experiment(replace(official, split="strangers"), 6),
    }


_HEADS = {
    "time and frequency": ("list", "average in time", "average"),
    "time": ("list", "average in time"),
    "frequency": ("list", "average"),
    "nothing": ("list",),
}


def _named(slides: str, head: str, more: str = "") -> str:
    slides = "both" if slides == "time and frequency" else slides
    return f"{slides}, {head}{more}"


EXPERIMENTS: dict[str, Experiment] = {}
for _slides, _heads in _HEADS.items():
    for _head in _heads:
        EXPERIMENTS |= _both(_named(_slides, _head), _slides, _head)
for _what in SHUFFLES[1:]:
    for _slides in _HEADS:
        _name = _named(_slides, "list", f", {_what} shuffled")
        EXPERIMENTS |= _both(_name, _slides, "list", shuffled=_what)
EXPERIMENTS |= _both(
    "time, average in time, no noise", "time", "average in time", noise=False
)
EXPERIMENTS |= _both(
    "time, average in time, all heard",
    "time",
    "average in time",
    noise=False,
    quietest=None,
)


@cache
def digits() -> SoundSet:
    """Return the recordings."""
    return datasets.load_spoken_digits()


@cache
def features(split: str, speaker: int, few: bool = False) -> tuple[SoundSet, LogMels]:
    """Return recordings in two parts, and what a network sees of them.

    Parameters
    ----------
    split
        One of `SPLITS`.
    speaker
        The number of the one who is left out, where strangers are asked for.
    few
        Only some recordings of each, to try the script.
    """
    sounds = some(digits()) if few else digits()
    if split == "strangers":
        sounds = sounds.without(sounds.speaker_names[speaker])
    return sounds, sounds.log_mels()


def some(sounds: SoundSet) -> SoundSet:
    """Return every 31st recording of each part."""
    parts: dict[str, Any] = {}
    for part, what in product(
        ("train", "test"), ("waves", "labels", "speakers", "takes")
    ):
        parts[f"{part}_{what}"] = getattr(sounds, f"{part}_{what}")[::31]
    return replace(sounds, **parts)


def seen(spectrograms: np.ndarray, shuffled: str = "nothing") -> np.ndarray:
    """Return spectrograms (N, mels, frames) as a network takes them.

    Parameters
    ----------
    spectrograms
        As they are.
    shuffled
        One of `SHUFFLES`. The order is the same for all, and each time.

    Returns
    -------
    ndarray, (N, mels, frames, 1)
    """
    if shuffled != "nothing":
        axis = 1 if shuffled == "rows" else 2
        order = np.random.RandomState(0).permutation(spectrograms.shape[axis])
        spectrograms = spectrograms.take(order, axis)
    return spectrograms[..., None]


def trained(
    settings: Settings, seed: int, x: np.ndarray, labels: np.ndarray
) -> keras.Model:
    """Return a network that has learned from spectrograms.

    Parameters
    ----------
    settings
        How.
    seed
        Of the weights, the order of the recordings, and the noises.
    x, labels
        (N, mels, frames, 1) and (N,): what it learns from.
    """
    training.seed(seed)
    mels, frames = x.shape[1:3]
    model = beyond.spoken(
        settings.slides,
        settings.head,
        mels=mels,
        frames=frames,
        filters=settings.filters,
        dropout=settings.dropout,
        quietest=settings.quietest,
    )
    learner = model
    if settings.noise:
        learner = keras.Sequential(
            [keras.Input(x.shape[1:]), augmentation.RoomNoise(), model]
        )
    rate = training.cosine(
        settings.learning_rate,
        epochs=settings.epochs,
        samples=len(x),
        batch_size=settings.batch_size,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    learner.compile(keras.optimizers.Adam(rate), loss)
    training.fit(
        learner,
        x,
        labels,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        progress=False,
    )
    return model


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Train one network, and count the digits that it names rightly.

    Parameters
    ----------
    settings
        How.
    seed
        As in `trained`; also the number of the speaker who is left out.
    few
        With a few recordings and epochs only, to try the script.
    """
    if digits().is_fallback and not few:
        sys.exit(f"{digits().name} is not on this machine: run `make data` first.")
    sounds, found = features(settings.split, seed, few)
    x, tests = (seen(part, settings.shuffled) for part in (found.train, found.test))
    y, tests_y = sounds.train_labels, sounds.test_labels
    if few:
        settings = replace(settings, epochs=1)
    start = clocks()
    model = trained(settings, seed, x, y)
    took = clocks() - start
    stranger = settings.split == "strangers"
    return {
        "speaker": sounds.speaker_names[seed] if stranger else None,
        "recordings": len(x),
        "parameters": model.count_params(),
        **as_seconds(took),
        "accuracy": {
            "training": round(right(model, x, y), 5),
            "test": round(right(model, tests, tests_y), 5),
        },
    }


def right(model: keras.Model, x: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of recordings that are named rightly."""
    return float((probe.outputs(model, x).argmax(axis=1) == labels).mean())


# -- what is printed -------------------------------------------------------------------


def printed(found: Experiments) -> None:
    """Print the means over the seeds, and of strangers each speaker."""
    print(machine("keras", "numpy"))
    for split in SPLITS:
        names = [one for one in found.names if _split(found, one) == split]
        if not names:
            continue
        first = max((found.of(one) for one in names), key=len)
        heads = [run["speaker"] or f"seed {run['seed']}" for run in first]
        header(f"Right, %: {split}", ["weights", "training", "CPU s", "mean", *heads])
        for name in names:
            weights, learned, used = (
                found.values(name, *path).mean()
                for path in (
                    ["parameters"],
                    ["accuracy", "training"],
                    ["cpu seconds"],
                )
            )
            tests = 100 * found.values(name, "accuracy", "test")
            figures = [f"{one:.1f}" for one in (tests.mean(), *tests)]
            about = [f"{weights:,.0f}", f"{100 * learned:.1f}", f"{used:.0f}"]
            row(name.removesuffix(", strangers"), [*about, *figures])
    goals = ", ".join(f"{split} {100 * goal:.0f}" for split, goal in GOAL.items())
    print(f"\nThe best one's goal: {goals}.")


def _split(found: Experiments, name: str) -> str:
    return found.of(name)[0]["settings"]["split"]


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the tables."""
    return command("speech", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
