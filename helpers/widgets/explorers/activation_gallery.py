"""ActivationGallery: activations, their derivatives, and softmax (lesson 05)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from helpers import _arguments, learning, ops, plots
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Checked, Whole, Word

FARTHEST = 6  # the curves go from −6 to 6
FEWEST, MOST = 2, 5  # classes
LARGEST = 1000  # of a logit
COLDEST, HOTTEST = 0.1, 10.0  # temperatures

#: The curves, by name, as a text writes them; PReLU is leaky ReLU with a learned slope.
CURVES = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "step": "step",
    "softplus": "softplus",
    "relu": "ReLU",
    "softsign": "softsign",
    "elu": "ELU",
    "log_sigmoid": "log-sigmoid",
    "swish": "swish",
    "sinc": "sinc",
    "leaky_relu": "leaky ReLU",
    "prelu": "PReLU",
    "mish": "mish",
}

# The trait that a curve takes its slope on the left from, and the limits of that.
_SLOPES = {"elu": "alpha", "leaky_relu": "negative_slope", "prelu": "prelu_slope"}
_LIMITS = {"alpha": (0, 2), "negative_slope": (0, 1), "prelu_slope": (-1, 1)}

#: Examples: what each of them sets.
PRESETS: dict[str, dict[str, Any]] = {
    "one_curve": {"activation": "sigmoid", "compare": "none", "x": 2},
    "sigmoid_and_tanh": {"activation": "sigmoid", "compare": "tanh", "x": 3},
    "ReLU_and_leaky_ReLU": {
        "activation": "relu",
        "compare": "leaky_relu",
        "x": -2,
        "negative_slope": 0.2,
    },
    "ReLU_and_its_smooth_relatives": {
        "activation": "swish",
        "compare": "mish",
        "x": -1.3,
    },
    "nothing_learns": {"activation": "step", "compare": "sigmoid", "x": 0},
    "hills_and_valleys": {"activation": "sinc", "compare": "none", "x": 1.4},
    "a_sure_network": {
        "activation": "softmax",
        "logits": [9, 2, 1],
        "temperature": 1,
        "marked": 0,
    },
    "a_torn_network": {
        "activation": "softmax",
        "logits": [3, 2.9, -2, -1],
        "temperature": 1,
        "marked": 0,
    },
    "hot_and_cold": {
        "activation": "softmax",
        "logits": [4, 3, 2, 1, 0],
        "temperature": 10,
        "marked": 0,
    },
}


def _within(name: str, least: float, most: float) -> Any:
    return lambda value: _arguments.real(value, name, least, most)


def _checked_logits(value: Any) -> tuple[float, ...]:
    numbers = list(value) if _arguments.is_sequence(value) else []
    if not FEWEST <= len(numbers) <= MOST:
        need = f"Give a list of {FEWEST} to {MOST} numbers, one for each class"
        raise _arguments.refusal("logits", _arguments.shown(value), need)
    return tuple(
        _arguments.real(number, f"logits[{k}]", -LARGEST, LARGEST)
        for k, number in enumerate(numbers)
    )


class ActivationGallery(Explorer):
    """Look at an activation and its derivative, beside another one; or at softmax.

    Parameters
    ----------
    activation
        ``"sigmoid"``, ``"tanh"``, ``"step"``, ``"softplus"``, ``"relu"``,
        ``"softsign"``, ``"elu"``, ``"log_sigmoid"``, ``"swish"``, ``"sinc"``,
        ``"leaky_relu"``, ``"prelu"``, ``"mish"`` or ``"softmax"``.
    compare
        Another curve beside it, ``"none"`` for none. Softmax stands alone.
    x
        Where the curves are read, −6 to 6.
    alpha
        What ELU bends towards, −alpha: 0 to 2.
    negative_slope
        Of leaky ReLU on the left, 0 to 1.
    prelu_slope
        Of PReLU on the left, −1 to 1. A network learns it.
    logits
        What softmax is given: two to five scores, each up to 1,000.
    temperature
        The scores are divided by it first: 0.1 to 10. Cold makes sure, hot makes torn.
    marked
        The class whose probability is differentiated, counted from 0.

    Attributes
    ----------
    activation, compare, x, alpha, negative_slope, prelu_slope
        As above. Setting one moves the screen.
    logits : tuple of float
        The scores. Where there are fewer of them, ``marked`` is one that is left.
    temperature, marked
        As above.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> gallery = ActivationGallery("leaky_relu", x=-2, negative_slope=0.1)
    >>> gallery.value, gallery.derivative
    (-0.2, 0.1)
    >>> ActivationGallery("softmax", logits=[1000, 1000]).probabilities
    array([0.5, 0.5])
    """

    module = "explorers/activation_gallery.js"

    activation = Word((*CURVES, "softmax"), "sigmoid")
    compare = Word(("none", *CURVES), "none")
    x = Checked(_within("x", -FARTHEST, FARTHEST), 2.0)
    alpha = Checked(_within("alpha", *_LIMITS["alpha"]), 1.0)
    negative_slope = Checked(_within("negative_slope", *_LIMITS["negative_slope"]), 0.2)
    prelu_slope = Checked(_within("prelu_slope", *_LIMITS["prelu_slope"]), 0.25)
    logits = Checked(_checked_logits, (2.0, 1.0, 0.0))
    temperature = Checked(_within("temperature", COLDEST, HOTTEST), 1.0)
    marked = Whole(0, 0, MOST - 1)

    _presets = traitlets.Dict(PRESETS).tag(sync=True)
    _curves = traitlets.Dict(CURVES).tag(sync=True)
    _limits = traitlets.Dict(
        {
            **_LIMITS,
            "x": FARTHEST,
            "classes": (FEWEST, MOST),
            "logit": LARGEST,
            "temperature": (COLDEST, HOTTEST),
        }
    ).tag(sync=True)

    def __init__(
        self,
        activation: str = "sigmoid",
        compare: str = "none",
        *,
        x: float = 2,
        alpha: float = 1,
        negative_slope: float = 0.2,
        prelu_slope: float = 0.25,
        logits: Sequence[float] = (2, 1, 0),
        temperature: float = 1,
        marked: int = 0,
    ) -> None:
        super().__init__(
            activation=activation,
            compare=compare,
            x=x,
            alpha=alpha,
            negative_slope=negative_slope,
            prelu_slope=prelu_slope,
            logits=logits,
            temperature=temperature,
            marked=marked,
        )

    @traitlets.validate("marked")
    def _one_of_them(self, proposal: dict[str, Any]) -> int:
        marked, count = proposal["value"], len(self.logits)
        if marked >= count:
            need = f"Give a whole number from 0 to {count - 1}, one of {count} classes"
            raise traitlets.TraitError(str(_arguments.refusal("marked", marked, need)))
        return marked

    @traitlets.observe("logits")
    def _stay_inside(self, _: Any) -> None:
        self.marked = min(self.marked, len(self.logits) - 1)

    def _slope(self, name: str) -> float | None:
        """Return the slope that a curve has on the left, where that is a setting."""
        return getattr(self, _SLOPES[name]) if name in _SLOPES else None

    @property
    def value(self) -> float | None:
        """The activation at x; None for softmax."""
        if self.activation == "softmax":
            return None
        return float(at(self.activation, self.x, self._slope(self.activation)))

    @property
    def derivative(self) -> float | None:
        """How steeply the activation rises at x; None for softmax."""
        if self.activation == "softmax":
            return None
        return float(slope_at(self.activation, self.x, self._slope(self.activation)))

    @property
    def probabilities(self) -> np.ndarray:
        """Softmax of the logits, divided by the temperature, (classes,)."""
        return ops.softmax(np.divide(self.logits, self.temperature))

    @property
    def gradients(self) -> np.ndarray:
        """How the marked class's probability grows with each logit, (classes,)."""
        slopes = learning.derivative(
            "softmax", np.divide(self.logits, self.temperature)
        )
        return slopes[self.marked] / self.temperature

    def _drawn(self) -> list[str]:
        both = (self.activation, self.compare)
        return [name for name in both if name in CURVES]

    def describe(self) -> str:
        """Return one line with the values and derivatives that the screen shows."""
        if self.activation == "softmax":
            return (
                f"ActivationGallery: softmax of {_listed(self.logits)} at temperature "
                f"{self.temperature:g} is {_listed(self.probabilities)}; that of class "
                f"{self.marked + 1} grows with the logits by {_listed(self.gradients)}"
            )
        told = []
        for name in self._drawn():
            setting = self._slope(name)
            written = f", {_SLOPES[name]} {setting:g}," if name in _SLOPES else ""
            told.append(
                f"{CURVES[name]}{written} is {at(name, self.x, setting):.4g}, its "
                f"derivative {slope_at(name, self.x, setting):.4g}"
            )
        return f"ActivationGallery: at x = {self.x:g} {'; '.join(told)}"

    def picture(self) -> plots.Picture:
        """Return the curves with their derivatives, or what softmax makes of logits."""
        if self.activation == "softmax":
            columns = (self.logits, self.probabilities, self.gradients)
            logits, shares, slopes = (np.reshape(one, (-1, 1)) for one in columns)
            return plots.equation(
                [logits, "→", shares, " ", slopes],
                ["logits", "shares", f"∂ class {self.marked + 1}"],
                roles=["input", "output", None],
                title=f"softmax at temperature {self.temperature:g}",
            )
        # At 0 what comes before it, a gap, and what comes after: some jump there.
        left = np.linspace(-FARTHEST, 0, 61)
        x = np.concatenate([left, [0], -left[::-1]])
        beside = np.concatenate([left, [np.nan], -left[::-1]])
        beside[[60, 62]] = -1e-12, 1e-12
        lines = {}
        for name in self._drawn():
            told, setting = CURVES[name], self._slope(name)
            if f"{told}: f" in lines:
                continue  # the same curve twice
            lines[f"{told}: f"] = at(name, beside, setting)
            lines[f"{told}: f′"] = slope_at(name, beside, setting)
        names = list(dict.fromkeys(CURVES[name] for name in self._drawn()))
        what = "their derivatives" if len(names) > 1 else "its derivative"
        title = f"{', '.join(names)} and {what}"
        return plots.curves(x, lines, title, x_label="x", marks=False)


def _known(name: str, setting: float | None) -> tuple[str, dict[str, float]]:
    """Return an activation of `learning` by its own name, and its setting."""
    own = "leaky_relu" if name == "prelu" else name
    argument = _SLOPES.get(own)
    return own, {argument: setting} if argument and setting is not None else {}


def at(name: str, x: Any, setting: float | None = None) -> np.ndarray:
    """Return a curve of the gallery at x.

    Examples
    --------
    >>> float(at("prelu", -2, 0.25))
    -0.5
    """
    own, settings = _known(name, setting)
    return np.asarray(learning.ACTIVATIONS[own](x, **settings))


def slope_at(name: str, x: Any, setting: float | None = None) -> np.ndarray:
    """Return the derivative of a curve of the gallery at x, as TensorFlow takes it.

    PReLU's is 0 at 0, where leaky ReLU's is its slope: Keras computes it as
    ``relu(x) − slope · relu(−x)``.

    Examples
    --------
    >>> slope_at("prelu", [-1, 0, 1], 0.25)
    array([0.25, 0.  , 1.  ])
    """
    own, settings = _known(name, setting)
    slopes = learning.derivative(own, x, **settings)
    return np.where(np.equal(x, 0), 0, slopes) if name == "prelu" else slopes


def _listed(numbers: Any) -> str:
    return ", ".join(f"{number:.4g}" for number in numbers)
