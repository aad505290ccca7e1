"""GradientFlow: activations and gradients in a deep stack of layers (lesson 05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import traitlets

from helpers import _arguments, plots
from helpers.widgets.parts import flows
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.flows import (
    ACTIVATIONS,
    INITIALISERS,
    SEEDS,
    Array,
    Stack,
    flow,
)
from helpers.widgets.parts.given import presets_by_name
from helpers.widgets.parts.traits import Checked, Flag, OneOf, Whole, Word

FEWEST, MOST = 2, 30  # layers
WIDTHS = (16, 32, 64)
LAST_SEED = 10_000


class Preset(NamedTuple):
    """A setting to start from, and what is to be seen in it."""

    title: str
    activation: str
    initialiser: str
    normalise: bool = False
    layers: int = 20
    width: int = 32


#: What the menu of examples offers.
PRESETS = {
    "sigmoid": Preset("sigmoid, 20 layers: vanishes", "sigmoid", "glorot_uniform"),
    "tanh": Preset("tanh, Glorot: holds", "tanh", "glorot_uniform"),
    "relu": Preset("ReLU, He: holds", "relu", "he_normal"),
    "too_small": Preset("ReLU, too small weights: vanishes", "relu", "small"),
    "too_large": Preset("ReLU, too large weights: explodes", "relu", "large"),
    "normalised": Preset(
        "sigmoid with batch normalisation: holds", "sigmoid", "glorot_uniform", True
    ),
}


def _checked_part(name: str, value: Any) -> Any:
    """Return a setting of a stack that is held, or raise ``ValueError``."""
    trait = GradientFlow.class_traits()[name]
    try:
        return trait.validate(traitlets.HasTraits(), value)
    except traitlets.TraitError as error:
        raise ValueError(f"held: {error}") from None


def _checked_held(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        need = 'Give settings by name, {"activation": "relu"}, say'
        raise _arguments.refusal("held", _arguments.shown(value), need)
    names = [_arguments.word(name, "held", Stack._fields) for name in value]
    return {name: _checked_part(name, value[name]) for name in names}


class GradientFlow(Explorer):
    """Look into a stack of dense layers at its start: activations, gradients.

    A batch of 64 standard normal inputs goes through; at the top comes in a gradient of
    norm 1 in a random direction, as if from a loss, and goes back. Nothing is trained.

    Parameters
    ----------
    activation
        Of every layer: ``"sigmoid"``, ``"tanh"``, ``"step"``, ``"softplus"``,
        ``"relu"``, ``"softsign"``, ``"elu"``, ``"log_sigmoid"``, ``"swish"``,
        ``"sinc"``, ``"leaky_relu"`` or ``"mish"``.
    initialiser
        Of the weights: Keras's ``"glorot_uniform"`` or ``"he_normal"``; ``"small"`` or
        ``"large"``, normal numbers with deviation 0.01 or 1. Biases are 0.
    layers
        How many, 2 to 30.
    width
        Units of each layer, and numbers of each input: 16, 32 or 64.
    normalise
        Whether each layer has batch normalisation before its activation.
    seed
        Of all random numbers, 1 to 10,000. The range of this seed and the four that
        follow is shown, too.
    held
        Settings to compare with, ``{"activation": "relu"}``, say; those that are left
        out are the present ones. None for no comparison.

    Attributes
    ----------
    activation, initialiser, layers, width, normalise, seed
        As above. Setting one moves the screen.
    held : dict
        All settings that are compared with, by name; empty for none.
    layer : int
        The layer that is written out, from 1.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Notes
    -----
    ``"sinc"`` with large weights is chaos: rounding grows from layer to layer, and the
    page and Python agree in what is to be seen, not in digits.

    Examples
    --------
    >>> GradientFlow("sigmoid").verdict, GradientFlow("relu", "he_normal").verdict
    ('vanishes', 'holds')
    >>> GradientFlow("relu", "he_normal", layers=5).arrived.round(2)
    array([1.07, 1.02, 1.03, 1.  , 1.  ])
    """

    module = "explorers/gradient_flow.js"

    activation = Word(ACTIVATIONS, "sigmoid")
    initialiser = Word(INITIALISERS, "glorot_uniform")
    layers = Whole(20, FEWEST, MOST)
    width = OneOf(WIDTHS, 32)
    normalise = Flag(False)
    seed = Whole(1, 1, LAST_SEED)
    held = Checked(_checked_held, {})
    layer = Whole(1)

    _presets = presets_by_name()
    _limits = traitlets.Dict(
        {
            "layers": [FEWEST, MOST],
            "widths": list(WIDTHS),
            "seed": LAST_SEED,
            "seeds": SEEDS,
            "activations": list(ACTIVATIONS),
            "initialisers": list(INITIALISERS),
        }
    ).tag(sync=True)

    def __init__(
        self,
        activation: str = "sigmoid",
        initialiser: str = "glorot_uniform",
        *,
        layers: int = 20,
        width: int = 32,
        normalise: bool = False,
        seed: int = 1,
        held: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            activation=activation,
            initialiser=initialiser,
            layers=layers,
            width=width,
            normalise=normalise,
            seed=seed,
            held={} if held is None else held,
            _presets=PRESETS,
        )

    @property
    def _stack(self) -> Stack:
        return Stack(**{name: getattr(self, name) for name in Stack._fields})

    @property
    def weights(self) -> Array:
        """The kernel of every layer, (layers, width, width)."""
        return flow(self._stack).weights

    @property
    def activations(self) -> Array:
        """What comes out of every layer, (layers, 64, width)."""
        return flow(self._stack).activations

    @property
    def arrived(self) -> Array:
        """The norm of the gradient that arrives at each layer's output, (layers,)."""
        return flow(self._stack).arrived

    @property
    def weight_gradients(self) -> Array:
        """The norm of the gradient of each layer's weights, (layers,)."""
        return flow(self._stack).moved

    @property
    def ratios(self) -> Array:
        """What arrives at the first layer of the 1 at the last, for five seeds, (5,).

        They are `seed` and the four that follow.
        """
        return np.array([flow(stack).ratio for stack in _with_seeds(self._stack)])

    @property
    def verdict(self) -> str:
        """What the gradient does, by the median of `ratios`.

        ``"vanishes"`` where less than a hundredth arrives, ``"explodes"`` where more
        than a hundredfold does, ``"stops"`` where nothing does, else ``"holds"``.
        """
        return flows.verdict(float(np.median(self.ratios)))

    @traitlets.validate("held")
    def _complete(self, proposal: dict[str, Any]) -> dict[str, Any]:
        held = proposal["value"]
        return {**self._stack._asdict(), **held} if held else {}

    @traitlets.validate("layer")
    def _possible(self, proposal: dict[str, Any]) -> int:
        if not 1 <= proposal["value"] <= self.layers:
            raise traitlets.TraitError(
                f"layer: {proposal['value']} came; this stack has layers from 1 to "
                f"{self.layers}."
            )
        return proposal["value"]

    @traitlets.observe("layers")
    def _keep_a_layer(self, _: Any) -> None:
        if "layer" not in self._told:
            self.layer = min(self.layer, self.layers)

    def describe(self) -> str:
        """Return one line: the stack, and how much of the gradient arrives below."""
        ratios = self.ratios
        normalised = "with" if self.normalise else "without"
        return (
            f"GradientFlow: {self.layers} layers of {self.width} units, "
            f"{_named(self.activation)}, {_named(self.initialiser)}, {normalised} "
            f"batch normalisation; of the gradient at layer {self.layers}, "
            f"{np.median(ratios):.2g} arrives at layer 1 ({ratios.min():.2g} to "
            f"{ratios.max():.2g} for seeds {self.seed} to {self.seed + SEEDS - 1}): "
            f"it {self.verdict}"
        )

    def picture(self) -> plots.Picture:
        """Return the sizes of activations and gradients at every layer, as bars."""
        size = np.sqrt((self.activations**2).mean(axis=(1, 2)))
        return plots.amounts(
            [f"layer {k}" for k in range(1, self.layers + 1)],
            {
                "activations, root mean square": size,
                "gradient that arrives": self.arrived,
                "gradient of its weights": self.weight_gradients,
            },
            title=f"{_named(self.activation)}, {_named(self.initialiser)}: "
            f"the gradient {self.verdict}",
        )


def _with_seeds(stack: Stack) -> list[Stack]:
    return [stack._replace(seed=stack.seed + k) for k in range(SEEDS)]


def _named(word: str) -> str:
    return word.replace("_", " ")
