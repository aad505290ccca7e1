"""ArchitectureTable: what each layer of an AlexNet gives and costs (lesson 07)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

import traitlets

from helpers import _arguments, plots
from helpers.widgets.parts.architecture import (
    ALEXNET,
    BYTES,
    Layers,
    Network,
    Row,
    Trouble,
    totals,
    walk,
)
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.given import presets_by_name
from helpers.widgets.parts.traits import Checked, OneOf, Whole, Word

#: The least and the most that can be chosen.
LIMITS = {
    "input_size": (32, 320),
    "width": (0.125, 1),
    "classes": (2, 22_000),
    "batch_size": (1, 1024),
    "filters": (1, 1024),
    "kernel": (1, 15),
    "stride": (1, 8),
    "padding": (1, 7),
    "units": (1, 8192),
}
#: What is drawn as bars, and what the rows of the table call it.
QUANTITIES = ("parameters", "multiply_adds", "activation_bytes")


class _Fixed(dict[str, Any]):
    """A dictionary that nobody can change: the explorer would not see it."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            "layers: a number that is changed in place is not seen. Assign what is to "
            'be other than in AlexNet: layers = {"filters1": {"stride": 2}}.'
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


_ALEXNET = _Fixed({name: _Fixed(settings) for name, settings in ALEXNET.items()})


class Preset(NamedTuple):
    """A network to start from."""

    title: str
    input_size: int = 227
    width: float = 1
    groups: int = 1
    classes: int = 1000
    layers: Layers = _ALEXNET


#: What the menu of examples offers.
PRESETS = {
    "one_tower": Preset("AlexNet, one tower"),
    "two_halves": Preset("AlexNet, as in 2012: two halves", groups=2),
    "quarter": Preset(
        "a quarter as wide, 128 × 128, five classes", 128, width=0.25, classes=5
    ),
    "at_224": Preset("AlexNet at 224 × 224: pixels are left over", 224),
}


def _checked_layers(value: Any) -> _Fixed:
    if not isinstance(value, Mapping):
        need = 'Give numbers of layers by name, {"filters1": {"stride": 2}}, say'
        raise _arguments.refusal("layers", _arguments.shown(value), need)
    for name in value:
        _arguments.word(name, "layers", ALEXNET)
    return _Fixed(
        {
            name: _checked_settings(name, settings, value.get(name, {}))
            for name, settings in ALEXNET.items()
        }
    )


def _checked_settings(name: str, settings: Mapping[str, Any], value: Any) -> _Fixed:
    """Return all numbers of a layer, those that are not given as in AlexNet."""
    where = f"layers, {name}"
    if not isinstance(value, Mapping):
        first, number = next(iter(settings.items()))
        need = f'Give numbers by name, {{"{first}": {number}}}, say'
        raise _arguments.refusal(where, _arguments.shown(value), need)
    for key in value:
        _arguments.word(key, where, settings)
    return _Fixed(
        {
            key: _checked_number(f"{where}, {key}", key, value.get(key, number))
            for key, number in settings.items()
        }
    )


def _checked_number(where: str, key: str, value: Any) -> int | str:
    least, most = LIMITS[key]
    if key != "padding":
        return _arguments.whole(value, where, int(least), int(most))
    if isinstance(value, str) and value in ("valid", "same"):
        return str(value)
    if _arguments.is_whole(value) and 0 <= value <= most:
        return int(value) or "valid"
    need = f'Give "valid", "same" or a whole number of pixels up to {most}'
    raise _arguments.refusal(where, _arguments.shown(value), need)


def _checked_width(value: Any) -> float:
    return _arguments.real(value, "width", *LIMITS["width"])


def _sentence(trouble: Trouble, padding: Any) -> str:
    name, reason, (number, *others) = trouble
    if reason == "kernel":
        (side,) = others
        included = "" if padding == "valid" else ", padding included"
        what = (
            f"nothing is left, a kernel of {number} does not fit on {side} × {side} "
            f"units{included}. Give a larger input_size, or smaller kernels and "
            "strides up to there"
        )
    elif reason == "padding":
        what = f"a padding of {number} is no less than the window, {others[0]}"
    else:
        come = " that come in" if reason == "maps" else ""
        what = (
            f"{number} {reason}{come} cannot be halved. Give an even number of "
            "filters, or 1 for groups"
        )
    return f"layers, {name}: {what}."


class ArchitectureTable(Explorer):
    """A table of AlexNet's layers: what each gives, and what it costs.

    Kernels, strides, paddings, filters and units can be changed; for each layer stand
    the shape of its output, parameters, multiply-adds, and the memory that its output
    takes, in numbers and as bars.

    Parameters
    ----------
    input_size
        Side of the pictures, which have three channels; 32 to 320.
    classes
        Units of the last layer, 2 to 22,000.
    width
        How many filters and units, as a share of those in `layers`: 0.125 to 1.
    groups
        1 for one tower; 2 for the layers 2, 4 and 5 in two halves that do not see each
        other.
    layers
        What is other than in AlexNet, by the names that the layers have in
        `helpers.networks.models.alexnet`: ``{"filters1": {"kernel": 7, "stride": 2}}``.
        Convolutions have ``"filters"``, ``"kernel"``, ``"stride"`` and ``"padding"``
        (``"valid"``, ``"same"`` or pixels on every side), poolings the same without
        filters, ``"hidden6"`` and ``"hidden7"`` have ``"units"``. None for AlexNet's
        own.
    batch_size
        How many pictures `forward_bytes` and `kept_bytes` are for, 1 to 1024.
    shown
        What is drawn as bars: ``"parameters"``, ``"multiply_adds"`` or
        ``"activation_bytes"``.

    Attributes
    ----------
    input_size, classes, width, groups, batch_size, shown
        As above. Setting one moves the screen.
    layers : dict
        All numbers of all layers, at width 1. Assign a dictionary to change some; those
        that it leaves out are AlexNet's.
    table : list of dict
        A row for each layer, the picture's first: ``name``, ``output``, ``parameters``,
        ``multiply_adds``, ``activation_bytes``, and ``left_out``, the rows at the
        bottom and columns on the right that no window sees.
    parameters, multiply_adds, activation_bytes : int
        The sums, for one picture on its way forward; numbers are float32, 4 bytes each.
    forward_bytes : int
        What the activations of a batch take at most on the way forward alone, where
        only a layer's input and output are needed.
    kept_bytes : int
        What they take where all are kept for the way back.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> alexnet = ArchitectureTable()
    >>> alexnet.parameters, alexnet.table[1]["output"]
    (62378344, (55, 55, 96))
    >>> ArchitectureTable(groups=2).parameters
    60965224
    >>> other = ArchitectureTable(layers={"filters1": {"kernel": 7, "stride": 2}})
    >>> other.table[1]["output"]
    (111, 111, 96)
    """

    module = "explorers/architecture_table.js"

    input_size = Whole(227, *map(int, LIMITS["input_size"]))
    classes = Whole(1000, *map(int, LIMITS["classes"]))
    width = Checked(_checked_width, 1.0)
    groups = OneOf((1, 2), 1)
    layers = Checked(_checked_layers, _ALEXNET)
    batch_size = Whole(128, *map(int, LIMITS["batch_size"]))
    shown = Word(QUANTITIES, "parameters")

    _presets = presets_by_name()
    _limits = traitlets.Dict({**LIMITS, "quantities": QUANTITIES}).tag(sync=True)

    def __init__(
        self,
        input_size: int = 227,
        classes: int = 1000,
        *,
        width: float = 1,
        groups: int = 1,
        layers: Mapping[str, Mapping[str, Any]] | None = None,
        batch_size: int = 128,
        shown: str = "parameters",
    ) -> None:
        super().__init__(
            input_size=input_size,
            classes=classes,
            width=width,
            groups=groups,
            layers={} if layers is None else layers,
            batch_size=batch_size,
            shown=shown,
            _presets=PRESETS,
        )

    @property
    def _network(self) -> Network:
        return Network(**{name: getattr(self, name) for name in Network._fields})

    @traitlets.validate("input_size", "groups", "layers")
    def _possible(self, proposal: dict[str, Any]) -> Any:
        # Which of several is checked first is left to chance: all say the same.
        changed = {proposal["trait"].name: proposal["value"]}
        network = self._network._replace(**changed)
        _, trouble = walk(network)
        if trouble:
            padding = network.layers[trouble.name]["padding"]
            raise traitlets.TraitError(_sentence(trouble, padding))
        return proposal["value"]

    @property
    def _rows(self) -> list[Row]:
        return walk(self._network)[0]

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row for each layer, the picture's first."""
        return [row._asdict() for row in self._rows]

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return totals(self._rows).parameters

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of all layers, for one picture on its way forward."""
        return totals(self._rows).multiply_adds

    @property
    def activation_bytes(self) -> int:
        """Bytes of a picture and of what all layers make of it."""
        return totals(self._rows).activation_bytes

    @property
    def forward_bytes(self) -> int:
        """The most bytes that a layer's input and output take, for a batch."""
        return self.batch_size * totals(self._rows).pair_bytes

    @property
    def kept_bytes(self) -> int:
        """Bytes of all activations, for a batch."""
        return self.batch_size * self.activation_bytes

    def describe(self) -> str:
        """Return one line with the shapes and what all layers cost together."""
        rows = self._rows
        total = totals(rows)
        halves = "two halves" if self.groups == 2 else "one tower"
        shapes = " → ".join("×".join(map(str, row.output)) for row in rows)
        return (
            f"ArchitectureTable: {halves}, width {self.width:g}: {shapes}; "
            f"{total.parameters:,} parameters, {total.multiply_adds:,} multiply-adds "
            f"and {total.activation_bytes:,} bytes of activations for a picture; "
            f"{self.kept_bytes:,} for {self.batch_size} in training, "
            f"{self.forward_bytes:,} forward alone"
        )

    def picture(self) -> plots.Picture:
        """Return what each layer costs, as bars with their numbers."""
        rows = self._rows
        total = totals(rows)
        return plots.amounts(
            [f"{row.name} {'×'.join(map(str, row.output))}" for row in rows],
            {
                "multiply-adds": [row.multiply_adds for row in rows],
                "bytes of activations": [row.activation_bytes for row in rows],
                "parameters": [row.parameters for row in rows],
            },
            f"{total.parameters:,} parameters, {BYTES * total.parameters / 1e6:.3g} MB",
            log=False,
        )
