"""Results of long experiments, as lessons show them: several seeds, the full budget.

A lesson trains once, in a minute. What needs seeds, or an hour, was done before by a
script in benchmarks/, which wrote a line a run into ``data/experiments/``, with its
settings, versions and date; the same command makes it again.

>>> found = read("mnist")
>>> found.script
'benchmarks/mnist.py'
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, _files

Run = dict[str, Any]


@dataclass(frozen=True)
class Experiments:
    """What was measured, a dictionary a run.

    Attributes
    ----------
    name
        ``"mnist"``.
    script
        What makes the results, seen from the top of the course.
    runs
        All runs, in the order of the script. Each holds "experiment", "seed",
        "settings", "made" (the day), "with" (versions), and what was measured.
    """

    name: str
    script: str
    runs: tuple[Run, ...]

    def __repr__(self) -> str:
        count = len(self.names)
        return (
            f"<Experiments {self.name}: {count} experiment{'s' * (count != 1)}, "
            f"{len(self.runs)} runs, by {self.script}>"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The experiments, in the order of the script."""
        return tuple(dict.fromkeys(run["experiment"] for run in self.runs))

    def of(self, experiment: str) -> tuple[Run, ...]:
        """Return the runs of an experiment, one for each seed.

        Raises
        ------
        ValueError
            There is no such experiment.
        """
        name = _arguments.word(experiment, "experiment", self.names)
        return tuple(run for run in self.runs if run["experiment"] == name)

    def values(self, experiment: str, *path: str) -> NDArray[np.float64]:
        """Return one figure of each run of an experiment.

        Parameters
        ----------
        experiment
            Its name.
        *path
            Where the figure stands in a run: ``"seconds"``, or ``"accuracy", "test"``.

        Returns
        -------
        (seeds, …) of float64
            A list in a run, such as a curve, gives a row.

        Raises
        ------
        ValueError
            There is no such experiment, or no such figure.

        Examples
        --------
        >>> found = Experiments("two", "none", (
        ...     {"experiment": "a", "seed": 0, "accuracy": {"test": 0.5}},
        ...     {"experiment": "a", "seed": 1, "accuracy": {"test": 0.75}},
        ... ))
        >>> found.values("a", "accuracy", "test")
        array([0.5 , 0.75])
        """
        figures = []
        for run in self.of(experiment):
            value: Any = run
            for step in path:
                value = value[_arguments.word(step, "path", tuple(value))]
            figures.append(value)
        return np.array(figures, np.float64)


def read(name: str) -> Experiments:
    """Return the results of a script of benchmarks/ that come with the course.

    Parameters
    ----------
    name
        ``"mnist"`` for benchmarks/mnist.py.

    Raises
    ------
    ValueError
        There are no such results.
    """
    file = _files.in_data(f"experiments/{name}.jsonl")
    if not file.is_file():
        need = f"Make them with `python benchmarks/{name}.py`"
        raise _arguments.refusal("name", f'"{name}", of which there are none', need)
    return Experiments(name, f"benchmarks/{name}.py", parsed(file.read_text("utf-8")))


def parsed(text: str) -> tuple[Run, ...]:
    """Return the runs that a file of results holds, a line each."""
    return tuple(json.loads(line) for line in text.splitlines() if line.strip())


def spread(values: Sequence[float] | NDArray[np.floating]) -> str:
    """Return shares as percent: their mean, and the least and the largest in brackets.

    Examples
    --------
    >>> spread([0.991, 0.993]), spread([0.5])
    ('99.20 % (99.10 to 99.30)', '50.00 %')
    """
    shares = 100 * np.asarray(values, np.float64)
    if shares.size == 1:
        return f"{shares.item():.2f} %"
    return f"{shares.mean():.2f} % ({shares.min():.2f} to {shares.max():.2f})"


class Stop(NamedTuple):
    """Where early stopping ends a training; epochs count from 1.

    Attributes
    ----------
    after
        The last epoch that is trained.
    kept
        The epoch with the least validation loss until then, whose weights are kept.
    """

    after: int
    kept: int


def early_stop(losses: ArrayLike, patience: int) -> Stop:
    """Return where early stopping ends a training with these validation losses.

    As Keras's ``EarlyStopping(patience=patience, restore_best_weights=True)``: it stops
    as soon as so many epochs in a row were no better than the best before them.

    Parameters
    ----------
    losses
        (E,), one an epoch.
    patience
        How many epochs, from 1 on.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> early_stop([0.9, 0.6, 0.7, 0.8, 0.5], 2)
    Stop(after=4, kept=2)
    >>> early_stop([0.9, 0.6, 0.7, 0.8, 0.5], 3)
    Stop(after=5, kept=5)
    """
    patience = _arguments.whole(patience, "patience")
    all_losses = _arguments.array(losses, "losses").astype(float)
    if all_losses.ndim != 1:
        came = f"shape {all_losses.shape}"
        raise _arguments.refusal("losses", came, "Give a list, one an epoch")
    best, kept = all_losses[0], 1
    for epoch, loss in enumerate(all_losses, 1):
        if loss < best:
            best, kept = loss, epoch
        elif epoch - kept >= patience:
            return Stop(epoch, kept)
    return Stop(len(all_losses), kept)
