"""TrainingCurves: how loss and accuracy go while a network is trained (lesson 06)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from helpers import _arguments, plots
from helpers.widgets.parts.base import Explorer

_VALIDATION = "val_"  # how Keras begins the names of figures of the validation
_FIRST = "loss"  # the chart that comes first


class TrainingCurves(Explorer):
    """Curves that grow while a cell trains a network: loss, accuracy, whatever comes.

    Show it, then hand its `add` to `helpers.networks.training.fit` as ``live``. What is
    drawn goes with the page; where no page is, nothing waits for it.

    Attributes
    ----------
    curves : dict
        The points of each curve by its name: epochs and values, two arrays.

    Examples
    --------
    >>> live = TrainingCurves()
    >>> live.add(0.5, {"loss": 0.9})
    >>> live.add(1, {"loss": 0.7, "val_loss": 0.8})
    >>> live
    TrainingCurves: loss, val_loss
    >>> live.curves["loss"][0].tolist()
    [0.5, 1.0]
    """

    module = "explorers/training_curves.js"

    _curves = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()

    def add(self, epoch: float, values: Mapping[str, float]) -> None:
        """Draw the figures of an epoch: 2.5 is the middle of the third.

        One before the last that came starts new curves: another training has begun.

        Parameters
        ----------
        epoch
            From 0 on.
        values
            Figures by their names; ``val_loss`` goes with ``loss``. What is not finite
            leaves a gap.

        Raises
        ------
        ValueError
            Something that is no number, with its name.
        """
        now = _arguments.real(epoch, "epoch", 0)
        figures = {str(name): _figure(value, name) for name, value in values.items()}
        last = max((xs[-1] for xs, _ in self._curves.values()), default=0)
        curves = {} if now < last else {**self._curves}
        for name, value in figures.items():
            xs, ys = curves.get(name, ([], []))
            curves[name] = [[*xs, now], [*ys, value]]  # anew, so that it is seen
        self._curves = curves

    def clear(self) -> None:
        """Take all curves away."""
        self._curves = {}

    @property
    def curves(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """The points of each curve by its name: epochs and values."""
        return {
            name: (np.array(xs, float), np.array(ys, float))
            for name, (xs, ys) in self._curves.items()
        }

    def describe(self) -> str:
        """Return one line with the names of the curves: the same in every run."""
        return f"TrainingCurves: {', '.join(sorted(self._curves)) or 'nothing yet'}"

    def picture(self) -> plots.Picture | None:
        """Return the loss, or else the first figure, with that of the validation."""
        curves = self.curves
        names = [name for name in curves if not name.startswith(_VALIDATION)]
        if not names:
            return None
        base = _FIRST if _FIRST in names else names[0]
        lines = {n: curves[n] for n in (base, _VALIDATION + base) if n in curves}
        # Where all have a value: at the end of each epoch.
        xs = sorted(set.intersection(*(set(xs) for xs, _ in lines.values())))
        values = {n: dict(zip(xs, ys, strict=True)) for n, (xs, ys) in lines.items()}
        drawn = {n: [found[x] for x in xs] for n, found in values.items()}
        marks = len(xs) < 40
        return plots.curves(xs, drawn, x_label="epoch", y_label=base, marks=marks)


def _figure(value: Any, name: object) -> float | None:
    """Return a figure as the page takes it: None where it is not finite."""
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return None
    return _arguments.real(value, str(name))
