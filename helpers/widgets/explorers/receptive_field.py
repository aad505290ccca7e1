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

Layer = tuple[int, int, int, int]  # kernel, stride, dilation, padding
Unit = tuple[int, int, int]  # layer, row, column

PARTS = ("kernel", "stride", "dilation", "padding")
USUAL = (1, 0)  # dilation and padding where a layer does not give them

#: The least and the most that can be chosen.
LIMITS = {
    "kernel": (1, 11),
    "stride": (1, 4),
    "dilation": (1, 4),
    "padding": (0, 20),
    "layers": (1, 20),
    "size": (4, 256),
}

_MOST_PLANES = 7  # in the still picture, about evenly through a deeper stack


def _stack(*layers: tuple[int, ...]) -> tuple[Layer, ...]:
    """Write dilation and padding into layers that do not have them."""
    return tuple((layer + USUAL[len(layer) - 2 :])[:4] for layer in layers)  # type: ignore[misc]


_SAME = (3, 1, 1, 1)  # 3 × 3 that keeps the size of its plane
_HALF = (2, 2)  # pooling

#: The menu of stacks: name, size of the input, layers. Whole networks end with their
#: last layer that slides: a pooling; in LeNet a third convolution, which sees all.
PRESETS: tuple[tuple[str, int, tuple[Layer, ...]], ...] = (
    ("two 3 × 3", 16, _stack(*[(3, 1)] * 2)),
    ("three 3 × 3 = one 7 × 7", 16, _stack(*[(3, 1)] * 3)),
    ("one 7 × 7", 16, _stack((7, 1))),
    ("conv – pool – conv", 16, _stack((3, 1), _HALF, (3, 1))),
    ("conv – pool – conv – pool", 16, _stack(*[(3, 1), _HALF] * 2)),
    ("padded: three 3 × 3, same size", 16, _stack(*[_SAME] * 3)),
    ("dilated 1, 2, 4", 20, _stack((3, 1), (3, 1, 2), (3, 1, 4))),
    ("gridding: dilated 2, 2, 2", 20, _stack(*[(3, 1, 2)] * 3)),
    ("gaps: stride 3, kernel 2", 16, _stack((2, 3), (2, 1))),
    ("the start of VGG", 32, _stack(*[(3, 1), (3, 1), _HALF] * 2)),
    ("the start of AlexNet", 64, _stack((11, 4), (3, 2), (5, 1))),
    ("LeNet (1998)", 32, _stack((5, 1), _HALF, (5, 1), _HALF, (5, 1))),
    (
        "AlexNet (2012)",
        227,
        _stack((11, 4), (3, 2), (5, 1, 1, 2), (3, 2), *[_SAME] * 3, (3, 2)),
    ),
    (
        "VGG16 (2014)",
        224,
        _stack(*[_SAME, _SAME, _HALF] * 2, *[_SAME, _SAME, _SAME, _HALF] * 3),
    ),
    ("20 layers of 3 × 3, same size", 64, _stack(*[_SAME] * 20)),
)


def _checked_layers(value: Any) -> tuple[Layer, ...]:
    listed = isinstance(value, Iterable) and not isinstance(value, str | dict)
    if not listed or getattr(value, "ndim", 1) == 0:
        raise ValueError(
            f"layers: {value!r} came; give a list of (kernel, stride), (kernel, "
            "stride, dilation) or (kernel, stride, dilation, padding), such as "
            "[(3, 1), (2, 2)]."
        )
    layers, (low, high) = [], LIMITS["layers"]
    for number, entry in enumerate(value):
        name = f"layers[{number}]"
        if not _arguments.is_sequence(entry) or len(entry) not in (2, 3, 4):
            raise ValueError(
                f"{name}: {entry!r} came; give (kernel, stride), (kernel, stride, "
                "dilation) or (kernel, stride, dilation, padding)."
            )
        kernel, stride, dilation, padding = (
            _arguments.whole(number, f"{name}, {part}", *LIMITS[part])
            for number, part in zip(
                (*entry, *USUAL[len(entry) - 2 :]), PARTS, strict=True
            )
        )
        if 2 * padding > _reach(kernel, dilation):
            raise ValueError(
                f"{name}, padding: {padding} came; give at most half of the window, "
                f"which reaches over {_reach(kernel, dilation)}."
            )
        layers.append((kernel, stride, dilation, padding))
    if not low <= len(layers) <= high:
        raise ValueError(
            f"layers: {len(layers)} layers came; ReceptiveField shows {low} to {high}. "
            "ops.receptive_field takes any number."
        )
    return tuple(layers)


def _reach(kernel: int, dilation: int) -> int:
    return (kernel - 1) * dilation + 1


def _least_size(layers: tuple[Layer, ...]) -> int:
    """Return the least side of an input on which all layers fit."""
    least = 1
    for kernel, stride, dilation, padding in reversed(layers):
        needed = (least - 1) * stride + _reach(kernel, dilation) - 2 * padding
        least = max(needed, 1)
    return least


def _grids(layers: tuple[Layer, ...], size: int) -> list[ops.Grid]:
    """Return the grids of all planes; a layer that does not fit is a ``TraitError``."""
    units, least = size, _least_size(layers)
    for number, (kernel, stride, dilation, padding) in enumerate(layers):
        reach, below = _reach(kernel, dilation), units
        if reach > below + 2 * padding:
            there = f"{below + 2 * padding} × {below + 2 * padding}"
            there += ", with its padding" if padding else ""
            raise traitlets.TraitError(
                f"layers[{number}] does not fit: a kernel of {kernel} with dilation "
                f"{dilation} reaches over {reach} units, and the plane below it has "
                f"{there}. Give a smaller kernel, dilation or stride, or a size of at "
                f"least {least} instead of {size}."
            )
        units = (below + 2 * padding - reach) // stride + 1
    return ops.unit_grids(layers, size)


def _paths(layers: tuple[Layer, ...], size: int, unit: Unit) -> list[np.ndarray]:
    """Count the paths between a unit and every unit of every plane, the input first."""
    chosen, *place = unit
    rows, columns = (_paths_along(layers, size, chosen, index) for index in place)
    return [np.outer(*both) for both in zip(rows, columns, strict=True)]


def _paths_along(
    layers: tuple[Layer, ...], size: int, chosen: int, index: int
) -> list[np.ndarray]:
    """Count them along one axis; kernels are square, so they multiply in the plane."""
    counts = list(ops.path_counts(layers[:chosen], size, index))
    for kernel, stride, dilation, padding in layers[chosen:]:  # up: each adds up
        window = np.zeros(_reach(kernel, dilation))
        window[::dilation] = 1
        sums = np.correlate(np.pad(counts[-1], padding), window)
        counts.append(sums[::stride])
    return counts


def _shade(paths: np.ndarray, above: int) -> np.ndarray:
    """Paint a plane (H, W, 3): blue below the unit, green above it, as on the page."""
    role = (
        colours.KERNEL if above == 0 else colours.OUTPUT if above > 0 else colours.INPUT
    )
    full = 255 * np.array(to_rgb(role))
    strength = (paths > 0) * (0.3 + 0.7 * paths / max(paths.max(), 1))
    return 245 + strength[:, :, np.newaxis] * (full - 245)  # pale where there is none


def _in_words(layer: Layer) -> str:
    kernel, stride, dilation, padding = layer
    return (
        f"{kernel} × {kernel}"
        + (f" stride {stride}" if stride > 1 else "")
        + (f" dilation {dilation}" if dilation > 1 else "")
        + (f" padding {padding}" if padding else "")
    )


def _up_to(most: float) -> str:
    if most >= 1e6:
        return f"up to {most:.1e} paths"
    return "1 path" if most == 1 else f"up to {most:.0f} paths"


class ReceptiveField(Explorer):
    """Point at a unit of any layer; what it depends on lights up in all planes below.

    Every layer is a square kernel that slides, be it a convolution or a pooling. What
    is painted is the number of paths: how many ways lead from an input pixel through
    the kernels to the unit. Pixels that a stride or dilation skips stay dark inside the
    frame of the field. Above the unit, what depends on it lights up. A map shows the
    share of all paths that begins at each pixel, the effective receptive field, and
    which part of the field lies outside the picture.

    Parameters
    ----------
    layers
        1 to 20 of (kernel, stride), (kernel, stride, dilation) or (kernel, stride,
        dilation, padding), from the input up; kernels up to 11, strides and dilations
        up to 4, padding on every side up to half of the window.
    size
        Side of the square input in pixels, 4 to 256, large enough for all layers.
    unit
        (layer, row, column) of the unit to begin with, layer 0 is the input. None takes
        the middle of the top.

    Attributes
    ----------
    layers : tuple of (int, int, int, int)
        (kernel, stride, dilation, padding) of each layer. Setting it moves the screen.
        To set ``layers`` and ``size`` where either alone would not fit, do it inside
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
    grids : list of ops.Grid
        Units, field, jump and start of each plane: ``ops.unit_grids(layers, size)``.
    pixels : ndarray of float64, (size, size)
        Number of paths from each input pixel to the unit, 0 where there is none.
    shares : ndarray of float64, (size, size)
        The same as shares of all paths, those from padding included: see
        ``ops.path_shares``.
    outside : float
        Which part of the unit's field lies outside the picture, 0 to 1.

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

    layers = Checked(_checked_layers, ((3, 1, 1, 0),))
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
        *,
        unit: Unit | None = None,
    ) -> None:
        super().__init__(layers=layers, size=size)
        if unit is not None:  # not before, for it must lie inside these planes
            self.unit = unit

    @traitlets.default("unit")
    def _middle_of_the_top(self) -> Unit:
        middle = self.sizes[-1] // 2
        return len(self.layers), middle, middle

    @traitlets.validate("layers")
    def _fitting(self, proposal: dict) -> tuple[Layer, ...]:
        # Which of the two is checked first is left to chance: both say the same.
        _grids(proposal["value"], self.size)
        return proposal["value"]

    @traitlets.validate("size")
    def _large_enough(self, proposal: dict) -> int:
        _grids(self.layers, proposal["value"])
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
        return tuple(grid.units for grid in self.grids)

    @property
    def grids(self) -> list[ops.Grid]:
        """Units, field, jump and start of each plane, the input's first."""
        return _grids(self.layers, self.size)

    @property
    def field(self) -> int:
        """Side of the window of the input that a unit of the top layer depends on."""
        return ops.receptive_field(self.layers)

    @property
    def pixels(self) -> np.ndarray:
        """Number of paths from each input pixel to the unit, (size, size)."""
        return _paths(self.layers, self.size, self.unit)[0]

    @property
    def shares(self) -> np.ndarray:
        """Share of the unit's paths that begins at each input pixel, (size, size)."""
        chosen, *place = self.unit
        return ops.path_shares(self.layers[:chosen], self.size, place)

    @property
    def outside(self) -> float:
        """Which part of the unit's field lies outside the picture."""
        chosen, *place = self.unit
        grid = self.grids[chosen]
        rows, columns = (len(grid.seen(index, self.size)) for index in place)
        return 1 - rows * columns / grid.field**2

    def describe(self) -> str:
        """Return one line with the layers, their sizes, the field and the unit."""
        sizes, depth = self.sizes, len(self.layers)
        stack = "".join(
            f", {_in_words(layer)} → {n} × {n}"
            for layer, n in zip(self.layers, sizes[1:], strict=True)
        )
        if depth >= _MOST_PLANES:
            stack = f", {depth} layers → {sizes[-1]} × {sizes[-1]}"
        side = ops.receptive_field(self.layers[: self.unit[0]])
        pixels, most = np.count_nonzero(self.pixels), self.pixels.max()
        by = f", on each by {_up_to(most)}" if pixels else ""
        outside = ""
        if self.outside:
            outside = f"; {self.outside:.0%} of its field lies outside the picture"
        return (
            f"ReceptiveField: input {self.size} × {self.size}{stack}; the top sees "
            f"{self.field} × {self.field} pixels; unit {self.unit} depends on {pixels} "
            f"of {side} × {side} pixels{by}{outside}"
        )

    def picture(self) -> plots.Picture:
        """Return the planes: the stronger, the more paths lead to or from the unit.

        Of a deep stack: the input, the unit's plane, the top, and some between them.
        """
        counts, (chosen, *_) = _paths(self.layers, self.size, self.unit), self.unit
        depth = len(self.layers)
        shown = {*range(depth + 1)}
        if depth >= _MOST_PLANES:
            evenly = np.linspace(0, depth, _MOST_PLANES).round().astype(int)
            shown = {chosen, *evenly.tolist()}
        shades, titles = [], []
        for number in sorted(shown):
            count = counts[number]
            shades.append(_shade(count, number - chosen))
            name = f"layer {number}" if number else "input"
            titles.append(f"{name} ({len(count)} × {len(count)})")
        return plots.images(shades, titles, title=f"Paths to and from unit {self.unit}")
