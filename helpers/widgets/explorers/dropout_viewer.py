"""DropoutViewer: what dropout does to a layer's units, draw after draw (lesson 07)."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, drawings, plots
from helpers.networks import running
from helpers.widgets.parts import given, networks
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.random import uniforms
from helpers.widgets.parts.traits import Array, Checked, Whole, Word

SCALINGS = ("training", "inference", "none")
SHOWN = ("outputs", "products")
MOST_UNITS = 100
MOST_DRAWS = 500
HIGHEST_RATE = 0.9
LARGEST = 1000  # of an activation or a weight
LARGEST_SEED = 9999
_DIGIT = 3  # what is drawn for the network of the first example
_COUNTED = 64  # units of that network that are shown
_WIDEST = 32  # numbers in a row of the picture

Numbers = NDArray[np.float64]


class Preset(NamedTuple):
    """Units and settings to start from."""

    title: str
    activations: Numbers
    weights: Numbers
    rate: float = 0.5
    scaling: str = "training"


@functools.cache
def presets() -> dict[str, Preset]:
    """Return what the menu of examples offers.

    Examples
    --------
    >>> list(presets())
    ['digit', 'alexnet', 'unscaled', 'four_units', 'one_strong']
    """
    digit = _units_of_a_digit()
    one_strong = np.array([12.0] + 15 * [1.0])
    return {
        "digit": Preset("64 units of the course’s network, a drawn 3", *digit),
        "alexnet": Preset(
            "the same as in AlexNet, 2012: scaled at inference",
            *digit,
            scaling="inference",
        ),
        "unscaled": Preset("the same, scaled nowhere", *digit, scaling="none"),
        "four_units": Preset(
            "4 units, 16 networks", np.array([1.0, 2, 4, 8]), np.ones(4)
        ),
        "one_strong": Preset("16 units, one of them strong", one_strong, np.ones(16)),
    }


def _units_of_a_digit() -> tuple[Numbers, Numbers]:
    """Return units of a trained network, and their weights to the right class.

    Of the list before its last layer, where it was trained with dropout, they are those
    that count most for the class, by the size of weight × activation.
    """
    drawn = next(one for one in drawings.drawn_digits() if one.digit == _DIGIT)
    picture = drawings.as_mnist(drawings.raster(drawn.strokes, width=drawn.width))
    network = networks.shipped("mnist")
    units = running.maps(network, picture[..., np.newaxis])["list"]
    weights = network.weights("logits")["kernel"][:, _DIGIT].astype(np.float64)
    most = np.argsort(-np.abs(units * weights), kind="stable")[:_COUNTED]
    most.sort()
    return units[most].astype(np.float64).round(3), weights[most].round(3)


def _checked_numbers(value: Any, name: str) -> Numbers:
    numbers = _arguments.array(value, name, finite=True).astype(np.float64)
    if numbers.ndim != 1 or numbers.size > MOST_UNITS:
        need = f"Give a list of 1 to {MOST_UNITS} numbers"
        raise _arguments.refusal(name, f"shape {numbers.shape}", need)
    if np.abs(numbers).max() > LARGEST:
        came = f"a number of size {np.abs(numbers).max():.6g}"
        raise _arguments.refusal(name, came, f"Give them up to {LARGEST:,}")
    return numbers


def _checked_rate(value: Any) -> float:
    return _arguments.real(value, "rate", 0, HIGHEST_RATE)


class DropoutViewer(Explorer):
    """Drop units of a layer by chance, and see what the next unit makes of the rest.

    In training each unit is dropped with the probability `rate`: its output is 0. At
    inference all units are there. So that the next unit gets as much in both, on
    average, either the kept ones are divided by 1 − rate in training, or all are
    multiplied by 1 − rate at inference.

    Parameters
    ----------
    activations
        What the units give before dropout, 1 to 100 numbers from −1,000 to 1,000; or
        the name of an example: ``"digit"`` (64 units of the course's network of
        digits), ``"alexnet"``, ``"unscaled"``, ``"four_units"``, ``"one_strong"``.
    weights
        Of one unit of the next layer, a number for each activation. Left out, those of
        the example, else 1 for each.
    rate
        Which share is dropped, 0 to 0.9. Left out, that of the example, else 0.5.
    scaling
        ``"training"``, as in Keras; ``"inference"``, as in AlexNet; ``"none"``, which
        goes wrong. Left out, that of the example, else ``"training"``.
    seed
        Of all masks, 0 to 9,999.
    draw
        Which mask is shown, 1 to 500; those before it were drawn, too.

    Attributes
    ----------
    activations, weights : ndarray, (units,)
        As above. Where another number of activations is set, all weights become 1.
    rate, scaling, seed, draw
        As above. Setting one moves the screen.
    unit : int
        The unit that is written out, from 0.
    shown : str
        What stands in the cells: ``"outputs"``, or ``"products"`` with the weights.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout: a simple way to
    prevent neural networks from overfitting. JMLR 15, 2014.

    Examples
    --------
    >>> viewer = DropoutViewer([1, 2, 4, 8], rate=0.5)
    >>> viewer.mask
    array([ True, False,  True,  True])
    >>> viewer.output, viewer.output_at_inference
    (array([ 2.,  0.,  8., 16.]), array([1., 2., 4., 8.]))
    >>> viewer.draw = 500
    >>> float(viewer.sums.mean().round(1)), viewer.sum_at_inference
    (14.8, 15.0)
    """

    module = "explorers/dropout_viewer.js"

    activations = Array(lambda value: _checked_numbers(value, "activations"), [1.0])
    weights = Array(lambda value: _checked_numbers(value, "weights"), [1.0])
    rate = Checked(_checked_rate, 0.5)
    scaling = Word(SCALINGS, "training")
    seed = Whole(1, 0, LARGEST_SEED)
    draw = Whole(1, 1, MOST_DRAWS)
    unit = Whole(0)
    shown = Word(SHOWN, "outputs")

    _presets = given.presets_by_name()
    _limits = traitlets.Dict(
        {"rate": HIGHEST_RATE, "seed": LARGEST_SEED, "draws": MOST_DRAWS}
    ).tag(sync=True)

    def __init__(
        self,
        activations: ArrayLike | str = "digit",
        weights: ArrayLike | None = None,
        *,
        rate: float | None = None,
        scaling: str | None = None,
        seed: int = 1,
        draw: int = 1,
    ) -> None:
        if isinstance(activations, str):
            example = given.preset(activations, presets(), "activations")
        else:
            numbers = _checked_activations(activations)
            example = Preset("", numbers, np.ones(numbers.size))
        super().__init__(
            activations=example.activations,
            weights=example.weights if weights is None else weights,
            rate=example.rate if rate is None else rate,
            scaling=example.scaling if scaling is None else scaling,
            seed=seed,
            draw=draw,
            _presets=presets(),
        )

    # ---- what happens ----

    @property
    def masks(self) -> NDArray[np.bool_]:
        """The masks of all draws so far, (draw, units): True where a unit is kept."""
        count = self.activations.size
        drawn = uniforms(self.seed, self.draw * count)
        return drawn.reshape(self.draw, count) >= self.rate

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The mask that is shown, (units,): True where a unit is kept."""
        return self.masks[-1]

    @property
    def output(self) -> Numbers:
        """What the units give in training, under the mask that is shown, (units,)."""
        return np.where(self.mask, self.activations * self._factor, 0)

    @property
    def output_at_inference(self) -> Numbers:
        """What the units give at inference, (units,)."""
        factor = 1 - self.rate if self.scaling == "inference" else 1
        return self.activations * factor

    @property
    def sums(self) -> Numbers:
        """The next unit's sum in each draw so far, (draw,)."""
        return self.masks @ (self.weights * self.activations) * self._factor

    @property
    def sum_at_inference(self) -> float:
        """The next unit's sum at inference."""
        return float(self.weights @ self.output_at_inference)

    @property
    def expected(self) -> float:
        """The mean of the next unit's sum over all masks."""
        kept = self._factor * (1 - self.rate)
        return float(kept * (self.weights @ self.activations))

    @property
    def spread(self) -> float:
        """The standard deviation of the next unit's sum over all masks."""
        squares = float(((self.weights * self.activations) ** 2).sum())
        return self._factor * math.sqrt(self.rate * (1 - self.rate) * squares)

    @property
    def _factor(self) -> float:
        return 1 / (1 - self.rate) if self.scaling == "training" else 1.0

    # ---- what fits together ----

    @traitlets.validate("weights")
    def _one_for_each(self, proposal: dict[str, Any]) -> Numbers:
        weights, units = proposal["value"], self.activations.size
        if weights.size != units:
            raise traitlets.TraitError(
                f"weights: {weights.size} came for {units} activations; give one for "
                "each."
            )
        return weights

    @traitlets.validate("unit")
    def _possible(self, proposal: dict[str, Any]) -> int:
        last = self.activations.size - 1
        if not 0 <= proposal["value"] <= last:
            raise traitlets.TraitError(
                f"unit: {proposal['value']} came; this layer has units from 0 to "
                f"{last}."
            )
        return proposal["value"]

    @traitlets.observe("activations")
    def _fit_the_rest(self, _: Any) -> None:
        units = self.activations.size
        if "weights" not in self._told and self.weights.size != units:
            self.weights = np.ones(units)
        if "unit" not in self._told:
            self.unit = min(self.unit, units - 1)

    # ---- what is said and drawn ----

    def describe(self) -> str:
        """Return one line: the settings, this draw, and the mean of all so far."""
        units, sums = self.activations.size, self.sums
        scaled = "nowhere" if self.scaling == "none" else _where(self.scaling)
        return (
            f"DropoutViewer: {units} unit{'s' * (units != 1)}, rate {self.rate:g}, "
            f"scaled {scaled}; draw {self.draw} (seed {self.seed}) drops "
            f"{units - int(self.mask.sum())}, the next unit's sum is {sums[-1]:.4g}; "
            f"mean of {self.draw} draw{'s' * (self.draw != 1)} {sums.mean():.4g}, "
            f"at inference {self.sum_at_inference:.4g}"
        )

    def picture(self) -> plots.Picture:
        """Return what the units give in training, 0 where dropped, and at inference."""
        grids = [_in_rows(self.output), _in_rows(self.output_at_inference)]
        dropped = self.activations.size - int(self.mask.sum())
        largest = max(float(np.nanmax(np.abs(grid))) for grid in grids) or 1.0
        return plots.equation(
            [grids[0], " ", grids[1]],
            [f"training, draw {self.draw}", "inference"],
            title=f"dropout at rate {self.rate:g}: {dropped} of "
            f"{self.activations.size} units dropped in draw {self.draw}",
            roles=["output", "output"],
            fill="signed",
            limits=(-largest, largest),
            decimals=2,
        )


def _checked_activations(value: Any) -> Numbers:
    """Return the numbers, or raise the error that their trait would."""
    try:
        return _checked_numbers(value, "activations")
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None


def _where(scaling: str) -> str:
    return "in training" if scaling == "training" else "at inference"


def _columns_of(units: int) -> int:
    """Return how many units stand in a row: all rows full, where that can be."""
    least = math.ceil(math.sqrt(units))
    full = [n for n in range(least, _WIDEST + 1) if units % n == 0]
    return full[0] if full else least


def _in_rows(numbers: Numbers) -> Numbers:
    """Return a list as a grid, NaN where the last row is not full."""
    columns = _columns_of(numbers.size)
    missing = -numbers.size % columns
    return np.append(numbers, np.full(missing, np.nan)).reshape(-1, columns)
