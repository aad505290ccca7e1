"""Claim: filters find a Go player's move three times in ten, dense layers once.

A small network after AlphaGo's first one learns where GNU Go and its opponents moved
next, from 140 games; it is asked about 30 others. Its peers get as much time: a dense
network of as many weights, one of ten times as many, the same convolutions with max
pooling between them, and the same without the symmetries of the board. Legal moves
alone are counted; "eightfold" is the mean of what a network says of a position under
all eight symmetries.

Time is counted in epochs, so that the same machine gives the same network again. How
many make an equal time of the processor was measured once, on one core: an epoch took
86 CPU seconds with the CNN, 41 with pooling, 5.3 and 2.5 with the large and the small
dense network.

Run ``python benchmarks/go_moves.py [EXPERIMENT ...]``; without names it runs all, in
two hours on two cores. ``--print`` only prints what was measured, ``--quick`` tries the
script in a folder of its own (``--folder``). Nothing is asserted about time.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, as_seconds, clocks, command
from _table import header, machine, row

from helpers import datasets, go
from helpers.datasets import GoGames
from helpers.experiments import Experiments
from helpers.networks import beyond, playing, training

#: What the first one reaches, at least; `BEST` are the counts of moves that it names.
GOAL = {"top 1": 0.30, "top 5": 0.57}
BEST = {"top 1": 1, "top 5": 5}


@dataclass(frozen=True)
class Settings:
    """How a network learns; these stand beside every result.

    Attributes
    ----------
    network
        One of `NETWORKS`.
    epochs, batch_size, learning_rate
        As everywhere; the rate warms up and goes down like a cosine.
    symmetries
        Whether each batch is turned or mirrored at random.
    """

    network: str
    epochs: int
    batch_size: int = 64
    learning_rate: float = 0.003
    symmetries: bool = True


#: 19 units make as many weights as the CNN has, 186 make ten times as many.
NETWORKS: dict[str, Callable[[], keras.Model]] = {
    "CNN": beyond.go_policy,
    "dense": beyond.go_dense,
    "dense, large": lambda: beyond.go_dense((186,)),
    "pooled": lambda: beyond.go_policy(pooled=True),
}

EXPERIMENTS = {
    "CNN": Experiment(Settings("CNN", 5), 3),
    "CNN, no symmetries": Experiment(Settings("CNN", 5, symmetries=False), 3),
    "CNN with pooling": Experiment(Settings("pooled", 10), 3),
    "dense": Experiment(Settings("dense", 170), 3),
    "dense, ten times as large": Experiment(Settings("dense, large", 80), 3),
}

#: To learn from, to choose by, for the test.
Parts = tuple[go.Positions, go.Positions, go.Positions]


@cache
def games() -> GoGames:
    """Return the games, which take seconds to be read."""
    return datasets.load_go()


@cache
def parts(most: int | None = None) -> Parts:
    """Return the positions of the games, or of so many in each part."""
    found = games()
    train, validation, test = (
        go.positions(part[:most])
        for part in (found.train, found.validation, found.test)
    )
    return train, validation, test


def trained(settings: Settings, seed: int, positions: go.Positions) -> keras.Model:
    """Return a network that has learned from positions.

    Parameters
    ----------
    settings
        How.
    seed
        Of the weights, the order of the positions, and how they are turned.
    positions
        From which.
    """
    training.seed(seed)
    model = NETWORKS[settings.network]()
    batches = playing.Batches(
        positions,
        batch_size=settings.batch_size,
        symmetries=settings.symmetries,
        seed=seed,
    )
    rate = training.cosine(
        settings.learning_rate,
        epochs=settings.epochs,
        samples=len(positions),
        batch_size=settings.batch_size,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    training.fit(model, batches, epochs=settings.epochs, progress=False)
    return model


def measured(settings: Settings, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Train one network, and count the moves that it finds.

    Parameters
    ----------
    settings
        How.
    seed
        As in `trained`.
    few
        With a few positions and epochs only, to try the script.
    """
    if games().is_fallback and not few:
        sys.exit(f"{games().name} is not on this machine: run `make data` first.")
    learned, aside, tests = parts(1 if few else None)
    if few:
        settings = replace(settings, epochs=1)
    start = clocks()
    model = trained(settings, seed, learned)
    took = clocks() - start
    return {
        "positions": len(learned),
        "parameters": model.count_params(),
        **as_seconds(took),
        "accuracy": found(playing.shares(model, tests), tests),
        "eightfold": found(playing.shares(model, tests, eightfold=True), tests),
        "validation": found(playing.shares(model, aside), aside),
        "chance": by_chance(tests),
    }


def found(shares: np.ndarray, positions: go.Positions) -> dict[str, float]:
    """Return how often the move that was played is among the best."""
    return {
        name: round(playing.hits(shares, positions.moves, best), 5)
        for name, best in BEST.items()
    }


def by_chance(positions: go.Positions) -> dict[str, float]:
    """Return how often it is among as many legal moves drawn at random."""
    legal = positions.legal().reshape(len(positions), -1).sum(axis=1)
    return {
        name: round(float(np.minimum(best / legal, 1).mean()), 5)
        for name, best in BEST.items()
    }


# -- what is printed -------------------------------------------------------------------


def printed(found: Experiments) -> None:
    """Print the means over the seeds."""
    print(machine("keras", "numpy"))
    columns = [f"{name}{eight}" for eight in ("", ", 8×") for name in BEST]
    header("Moves found, %", ["weights", "seeds", *columns, "worst", "s", "CPU s"])
    for name in found.names:
        figures = [
            100 * found.values(name, part, best)
            for part in ("accuracy", "eightfold")
            for best in BEST
        ]
        weights, seconds, used = (
            f"{found.values(name, part).mean():,.0f}"
            for part in ("parameters", "seconds", "cpu seconds")
        )
        means = [f"{values.mean():.1f}" for values in figures]
        worst = f"{figures[0].min():.1f}"
        seeds = str(len(found.of(name)))
        row(name, [weights, seeds, *means, worst, seconds, used])
    chance = [f"{100 * found.runs[0]['chance'][best]:.1f}" for best in BEST]
    row("a legal move at random", ["", "", *chance])
    goals = ", ".join(f"{name} {100 * goal:.0f}" for name, goal in GOAL.items())
    print(f"\nThe CNN's goal: {goals}.")


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the table."""
    return command("go_moves", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
