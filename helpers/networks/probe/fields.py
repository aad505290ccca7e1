"""Which pixels the units of a layer look at, read from the model itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np

from helpers import _arguments
from helpers.networks import _graph
from helpers.networks.probe import _within

Sides = tuple[int, int]


@dataclass(frozen=True)
class Field:
    """Where the units of a layer look, pairs of (rows, columns).

    Attributes
    ----------
    size
        Pixels, from first to last, that a unit depends on: its receptive field.
    jump
        Pixels from one unit to the next.
    start
        The first pixel of the first unit's field, negative where padding is before it.
    places
        How many there are of units. A layer without places, a dense one say, has
        (1, 1).
    """

    size: Sides
    jump: Sides
    start: Sides
    places: Sides

    def box(self, place: Sides | None = None) -> tuple[int, int, int, int]:
        """Return (top, left, rows, columns) of what the unit at a place looks at.

        Parameters
        ----------
        place
            (row, column) of the unit; None for the only one.

        Returns
        -------
        tuple of int
            In pixels; what lies before 0, or behind the picture's end, is padding.

        Raises
        ------
        ValueError
            A place that the layer has not.
        """
        row, column = (0, 0) if place is None else _arguments.pair(place, "place", 0)
        if row >= self.places[0] or column >= self.places[1]:
            rows, columns = self.places
            need = f"Give a row below {rows}, a column below {columns}"
            raise _arguments.refusal("place", (row, column), need)
        top, left = (
            first + jump * at
            for first, jump, at in zip(
                self.start, self.jump, (row, column), strict=True
            )
        )
        return top, left, *self.size


def field(model: keras.Model, layer: str, size: Sides | None = None) -> Field:
    """Return where the units of a layer look, from the model's own kernels and strides.

    Layers that look beyond their place are convolutions, poolings and paddings. All
    others are tried out, on one change at one place: where it stays at its place, the
    layer looks no further. Branches that come together must have the same step; the
    field reaches from the first to the last pixel of all of them.

    Parameters
    ----------
    model
        With one picture as its input.
    layer
        A name of a layer.
    size
        (rows, columns) of the picture, where the model takes any.

    Returns
    -------
    Field

    Raises
    ------
    ValueError
        No such layer; or a layer before it of which nothing can be said, since it makes
        maps larger, say.

    References
    ----------
    Araujo, Norris & Sim, Computing receptive fields of convolutional neural networks,
    Distill, 2019, doi:10.23915/distill.00021.

    Examples
    --------
    >>> model = keras.Sequential([
    ...     keras.Input((28, 28, 1)),
    ...     keras.layers.Conv2D(8, 3, padding="same"),
    ...     keras.layers.MaxPooling2D(2),
    ...     keras.layers.Conv2D(8, 3, name="second"),
    ... ])
    >>> where = field(model, "second")
    >>> where
    Field(size=(8, 8), jump=(2, 2), start=(-1, -1), places=(12, 12))
    >>> where.box((3, 5))
    (5, 9, 8, 8)
    """
    part = _within.up_to(model, layer)
    sides = _sides(part, size)
    start = tuple(_Line(n, 1, 0, 0) for n in sides)
    [lines] = _through(part, [start])
    return Field(
        *zip(
            *(
                (one.last - one.first + 1, one.jump, one.first, one.units)
                for one in lines
            ),
            strict=True,
        )
    )


def _sides(model: keras.Model, size: Any) -> Sides:
    shape = model.inputs[0].shape
    if len(model.inputs) != 1 or len(shape) != 4:
        came = f"one of {len(model.inputs)} inputs, the first of shape {shape[1:]}"
        raise _arguments.refusal("model", came, "Give one that takes one picture")
    known = tuple(shape[1:3])
    if size is None and None in known:
        need = "This model takes pictures of any size: give (rows, columns) of yours"
        raise _arguments.refusal("size", None, need)
    if size is None:
        return known
    rows, columns = _arguments.pair(size, "size")
    if any(k not in (None, n) for k, n in zip(known, (rows, columns), strict=True)):
        raise _arguments.refusal("size", (rows, columns), f"The model takes {known}")
    return rows, columns


class _Line(NamedTuple):
    """Units along an axis: how many, their step, and what the first one looks at."""

    units: int
    jump: int
    first: int
    last: int

    def slid(self, kernel: int, stride: int, dilation: int, same: bool) -> _Line:
        """Return the line of a layer whose kernel goes over this one."""
        reach = (kernel - 1) * dilation + 1
        before, units = 0, (self.units - reach) // stride + 1
        if same:
            units = -(-self.units // stride)
            before = max((units - 1) * stride + reach - self.units, 0) // 2
        moved = self.padded(before, 0)
        last = moved.last + (reach - 1) * self.jump
        return _Line(units, self.jump * stride, moved.first, last)

    def padded(self, before: int, after: int) -> _Line:
        """Return the line with places more, or fewer, at its ends."""
        back = before * self.jump
        units = self.units + before + after
        return _Line(units, self.jump, self.first - back, self.last - back)

    def whole(self) -> _Line:
        """Return the line of one unit that depends on all of them."""
        return _Line(1, 0, self.first, self.last + (self.units - 1) * self.jump)


Lines = tuple[_Line, ...]  # of rows and of columns


def _through(model: keras.Model, given: list[Lines]) -> list[Lines]:
    """Return the lines of a model's outputs, from those of its inputs."""
    inputs = (id(tensor) for tensor in model.inputs)
    known = dict(zip(inputs, given, strict=True))
    for node in _graph.calls(model):
        arrived = [known[id(tensor)] for tensor in node.input_tensors]
        if isinstance(node.operation, keras.Model):
            made = _through(node.operation, arrived)
        else:
            made = [_step(node, arrived)] * len(node.outputs)
        known |= zip(map(id, node.outputs), made, strict=True)
    return [known[id(tensor)] for tensor in model.outputs]


def _step(node: Any, arrived: list[Lines]) -> Lines:
    """Return the lines of what a layer makes."""
    layer, lines = node.operation, arrived[0]
    if _slides(layer):
        kernel = layer.pool_size if hasattr(layer, "pool_size") else layer.kernel_size
        dilation = getattr(layer, "dilation_rate", (1, 1))
        windows = zip(lines, kernel, layer.strides, dilation, strict=True)
        same = layer.padding == "same"
        return tuple(line.slid(k, s, d, same) for line, k, s, d in windows)
    if isinstance(layer, keras.layers.ZeroPadding2D):
        ends = zip(lines, layer.padding, strict=True)
        return tuple(line.padded(*two) for line, two in ends)
    if isinstance(layer, keras.layers.Cropping2D):
        ends = zip(lines, layer.cropping, strict=True)
        return tuple(line.padded(-before, -after) for line, (before, after) in ends)
    joined = _joined(layer, arrived)
    if len(node.outputs[0].shape) != 4:
        return tuple(line.whole() for line in joined)
    if not _stays_at_its_place(node, joined):
        came = f'"{layer.name}", a {type(layer).__name__}, on the way there'
        need = "Choose a layer before it: where it looks is not known"
        raise _arguments.refusal("layer", came, need)
    return joined


def _slides(layer: Any) -> bool:
    return isinstance(
        layer,
        keras.layers.Conv2D
        | keras.layers.DepthwiseConv2D
        | keras.layers.SeparableConv2D
        | keras.layers.MaxPooling2D
        | keras.layers.AveragePooling2D,
    )


def _joined(layer: Any, arrived: list[Lines]) -> Lines:
    """Return what units look at that depend on several maps, at the same place."""

    def axis(lines: tuple[_Line, ...]) -> _Line:
        units, jump, *_ = lines[0]
        if any(line[:2] != (units, jump) for line in lines):
            came = f'"{layer.name}", where branches of other steps come together'
            raise _arguments.refusal("layer", came, "Choose a layer before it")
        first, last = (
            min(line.first for line in lines),
            max(line.last for line in lines),
        )
        return _Line(units, jump, first, last)

    return tuple(axis(lines) for lines in zip(*arrived, strict=True))


def _stays_at_its_place(node: Any, lines: Lines) -> bool:
    """Change one place of what a layer gets, and see whether other places change."""
    part = keras.Model(node.input_tensors, node.outputs[0])
    sides = [line.units for line in lines]
    rng = np.random.default_rng(0)
    shapes = [(1, *sides, one.shape[-1]) for one in part.inputs]
    usual = [rng.random(shape, np.float32) for shape in shapes]
    middle = tuple(n // 2 for n in sides)
    changed = [one.copy() for one in usual]
    for one in changed:
        one[(0, *middle)] += 3
    before, after = (
        np.asarray(keras.ops.convert_to_numpy(part(given, training=False)))
        for given in (usual, changed)
    )
    if before.shape[1:3] != tuple(sides):
        return False
    other = (before != after).any(axis=(0, 3))
    other[middle] = False
    return not other.any()
