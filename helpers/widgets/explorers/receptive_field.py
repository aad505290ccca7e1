"""ReceptiveField: follow a unit of a stack of layers down to its pixels (lesson 02)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets
from matplotlib.colors import to_rgb

from helpers import _arguments, colours, ops, plots
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Checked, Place, Whole

Layer = tuple[int, int, int]  # kernel, stride, dilation
Unit = tuple[int, int, int]  # layer, row, column

PARTS = ("kernel", "stride", "dilation")

#: The least and the most that can be chosen.
LIMITS = {
    "kernel": (1, 11),
    "stride": (1, 4),
    "dilation": (1, 4),
    "layers": (1, 6),
    "size": (4, 64),
}

#: The menu of stacks: name, size of the input, layers.
PRESETS: tuple[tuple[str, int, tuple[Layer, ...]], ...] = (
    ("two 3 × 3", 16, ((3, 1, 1),) * 2),
    ("three 3 × 3 = one 7 × 7", 16, ((3, 1, 1),) * 3),
    ("one 7 × 7", 16, ((7, 1, 1),)),
    ("conv – pool – conv", 16, ((3, 1, 1), (2, 2, 1), (3, 1, 1))),
    ("conv – pool – conv – pool", 16, ((3, 1, 1), (2, 2, 1)) * 2),
    ("dilated 1, 2, 4", 20, ((3, 1, 1), (3, 1, 2), (3, 1, 4))),
    ("gridding: dilated 2, 2, 2", 20, ((3, 1, 2),) * 3),
    ("gaps: stride 3, kernel 2", 16, ((2, 3, 1), (2, 1, 1))),
    ("the start of VGG", 32, ((3, 1, 1), (3, 1, 1), (2, 2, 1)) * 2),
    ("the start of AlexNet", 64, ((11, 4, 1), (3, 2, 1), (5, 1, 1))),
)


def _checked_layers(value: Any) -> tuple[Layer, ...]:
    listed = isinstance(value, Iterable) and not isinstance(value, str | dict)
    if not listed or getattr(value, "ndim", 1) == 0:
        raise ValueError(
            f"layers: {value!r} came; give a list of (kernel, stride) or "
            "(kernel, stride, dilation), such as [(3, 1), (2, 2)]."
        )
    layers, (low, high) = [], LIMITS["layers"]
    for number, entry in enumerate(value):
        name = f"layers[{number}]"
        if not _arguments.is_sequence(entry) or len(entry) not in (2, 3):
            raise ValueError(
                f"{name}: {entry!r} came; give (kernel, stride) or "
                "(kernel, stride, dilation)."
            )
        kernel, stride, dilation = (
            _arguments.whole(number, f"{name}, {part}", *LIMITS[part])
            for number, part in zip((*entry, 1), PARTS, strict=False)
        )
        layers.append((kernel, stride, dilation))
    if not low <= len(layers) <= high:
        raise ValueError(
            f"layers: {len(layers)} layers came; ReceptiveField shows {low} to {high}. "
            "ops.receptive_field takes any number."
        )
    return tuple(layers)


def _sizes(layers: tuple[Layer, ...], size: int) -> tuple[int, ...]:
    """Return the sides of all planes; a layer that does not fit is a ``TraitError``."""
    sizes = [size]
    for number, (kernel, stride, dilation) in enumerate(layers):
        reach, below = (kernel - 1) * dilation + 1, sizes[-1]
        if reach > below:
            raise traitlets.TraitError(
                f"layers[{number}] does not fit: a kernel of {kernel} with dilation "
                f"{dilation} reaches over {reach} units, and the plane below it has "
                f"{below} × {below}. Give a smaller kernel, dilation or stride, or a "
                f"size of at least {ops.receptive_field(layers)} instead of {size}."
            )
        sizes.append(ops.output_size(below, kernel, stride=stride, dilation=dilation))
    return tuple(sizes)


def _paths(layers: tuple[Layer, ...], size: int, unit: Unit) -> list[np.ndarray]:
    """Count the paths between a unit and every unit of every plane, the input first."""
    sizes, (chosen, row, column) = _sizes(layers, size), unit
    counts: list[np.ndarray] = [np.zeros((n, n)) for n in sizes]
    counts[chosen][row, column] = 1
    for number in range(chosen, 0, -1):  # down: each unit paints the window it reads
        kernel, stride, dilation = layers[number - 1]
        window = np.zeros(((kernel - 1) * dilation + 1,) * 2)
        window[::dilation, ::dilation] = 1
        painted = ops.conv_transpose2d(counts[number], window, stride=stride)
        seen = min(painted.shape[0], sizes[number - 1])
        counts[number - 1][:seen, :seen] = painted[:seen, :seen]
    for number in range(chosen, len(layers)):  # up: each unit adds up what it reads
        kernel, stride, dilation = layers[number]
        ones = np.ones((kernel, kernel))
        counts[number + 1] = ops.conv2d(
            counts[number], ones, stride=stride, dilation=dilation
        )
    return [count.astype(np.int64) for count in counts]


def _shade(paths: np.ndarray, above: int) -> np.ndarray:
    """Paint a plane (H, W, 3): blue below the unit, green above it, as on the page."""
    role = (
        colours.KERNEL if above == 0 else colours.OUTPUT if above > 0 else colours.INPUT
    )
    full = 255 * np.array(to_rgb(role))
    strength = (paths > 0) * (0.3 + 0.7 * paths / max(paths.max(), 1))
    return 245 + strength[:, :, np.newaxis] * (full - 245)  # pale where there is none


def _in_words(layer: Layer) -> str:
    kernel, stride, dilation = layer
    return (
        f"{kernel} × {kernel}"
        + (f" stride {stride}" if stride > 1 else "")
        + (f" dilation {dilation}" if dilation > 1 else "")
    )


def _up_to(most: int) -> str:
    return "1 path" if most == 1 else f"up to {most} paths"


class ReceptiveField(Explorer):
    """Point at a unit of any layer; what it depends on lights up in all planes below.

    Every layer is a square kernel that slides without padding, be it a convolution or
    a pooling. What is painted is the number of paths: how many ways lead from an input
    pixel through the kernels to the unit. Pixels that a stride or dilation skips stay
    dark inside the frame of the field. Above the unit, what depends on it lights up.

    Parameters
    ----------
    layers
        1 to 6 of (kernel, stride) or (kernel, stride, dilation), from the input up;
        kernels up to 11, strides and dilations up to 4.
    size
        Side of the square input in pixels, 4 to 64, at least the receptive field.

    Attributes
    ----------
    layers : tuple of (int, int, int)
        (kernel, stride, dilation) of each layer. Setting it moves the screen. To set
        ``layers`` and ``size`` where either alone would not fit, do it inside
        ``with explorer.hold_trait_notifications():``.
    size : int
        Side of the input in pixels.
    unit : tuple of int
        (layer, row, column) of the unit that is followed; layer 0 is the input. Where
        a change of layers or size leaves it outside, the middle of the top is taken.
    sizes : tuple of int
        Side of each plane, the input's first.
    field : int
        Side of the window of the input that a unit of the top layer depends on,
        skipped pixels included: ``ops.receptive_field(layers)``.
    pixels : ndarray of int64, (size, size)
        Number of paths from each input pixel to the unit, 0 where there is none.

    Raises
    ------
    TraitError
        For layers, a size or a unit that cannot be taken, with a sentence; what was
        there before stays.

    Examples
    --------
    >>> stack = ReceptiveField([(3, 1), (2, 2), (3, 1)], size=16)
    >>> stack.sizes, stack.field
    ((16, 14, 7, 5), 8)
    >>> stack.unit
    (3, 2, 2)
    >>> int(stack.pixels.max())
    9
    """

    module = "explorers/receptive_field.js"

    layers = Checked(_checked_layers, ((3, 1, 1),))
    size = Whole(16, *LIMITS["size"])
    unit = Place((0, 0, 0), ("layer", "row", "column"))

    _limits = traitlets.Dict(LIMITS).tag(sync=True)
    _presets = traitlets.Dict(
        {name: {"size": size, "layers": layers} for name, size, layers in PRESETS}
    ).tag(sync=True)

    def __init__(
        self,
        layers: Iterable[tuple[int, ...]] = ((3, 1), (2, 2), (3, 1)),
        size: int = 16,
    ) -> None:
        super().__init__(layers=layers, size=size)

    @traitlets.default("unit")
    def _middle_of_the_top(self) -> Unit:
        middle = self.sizes[-1] // 2
        return len(self.layers), middle, middle

    @traitlets.validate("layers")
    def _fitting(self, proposal: dict) -> tuple[Layer, ...]:
        # Which of the two is checked first is left to chance: both say the same.
        _sizes(proposal["value"], self.size)
        return proposal["value"]

    @traitlets.validate("size")
    def _large_enough(self, proposal: dict) -> int:
        _sizes(self.layers, proposal["value"])
        return proposal["value"]

    @traitlets.validate("unit")
    def _inside(self, proposal: dict) -> Unit:
        if not self._has(proposal["value"]):
            planes = ", ".join(
                f"{number}: {n} × {n}" for number, n in enumerate(self.sizes)
            )
            raise traitlets.TraitError(
                f"unit: there is no {proposal['value']}; give (layer, row, column), "
                f"counted from 0, inside one of the planes ({planes})."
            )
        return proposal["value"]

    @traitlets.observe("layers", "size")
    def _keep_the_unit_inside(self, change: dict) -> None:
        if not self._has(self.unit):
            self.unit = self._middle_of_the_top()

    def _has(self, unit: Unit) -> bool:
        layer, *place = unit
        sizes = self.sizes
        return 0 <= layer < len(sizes) and all(0 <= n < sizes[layer] for n in place)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Side of each plane, the input's first."""
        return _sizes(self.layers, self.size)

    @property
    def field(self) -> int:
        """Side of the window of the input that a unit of the top layer depends on."""
        return ops.receptive_field(self.layers)

    @property
    def pixels(self) -> np.ndarray:
        """Number of paths from each input pixel to the unit, (size, size), int64."""
        return _paths(self.layers, self.size, self.unit)[0]

    def describe(self) -> str:
        """Return one line with the layers, their sizes, the field and the unit."""
        stack = "".join(
            f", {_in_words(layer)} → {n} × {n}"
            for layer, n in zip(self.layers, self.sizes[1:], strict=True)
        )
        side = ops.receptive_field(self.layers[: self.unit[0]])
        pixels, most = np.count_nonzero(self.pixels), self.pixels.max()
        return (
            f"ReceptiveField: input {self.size} × {self.size}{stack}; the top sees "
            f"{self.field} × {self.field} pixels; unit {self.unit} depends on {pixels} "
            f"of {side} × {side} pixels, on each by {_up_to(most)}"
        )

    def picture(self) -> plots.Picture:
        """Return all planes: the stronger, the more paths lead to or from the unit."""
        counts = _paths(self.layers, self.size, self.unit)
        shades = [
            _shade(count, number - self.unit[0]) for number, count in enumerate(counts)
        ]
        names = ["input", *(f"layer {n + 1}" for n in range(len(self.layers)))]
        titles = [
            f"{name} ({len(count)} × {len(count)})"
            for name, count in zip(names, counts, strict=True)
        ]
        return plots.images(shades, titles, title=f"Paths to and from unit {self.unit}")
