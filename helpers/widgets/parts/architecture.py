"""The layers of an AlexNet: shapes, parameters, multiply-adds, bytes of activations.

Layers have the names, and widths the rounding, of `helpers.networks.models.alexnet`.
``architecture.js`` does the same arithmetic in the page.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Settings = Mapping[str, Any]  # of a layer, by name: kernel, stride, padding …
Layers = Mapping[str, Settings]  # by the layer's name, from the picture up

CHANNELS = 3
BYTES = 4  # of a number, float32

#: The layers as they were in 2012; the last one has as many units as there are classes.
ALEXNET: Layers = {
    "filters1": {"filters": 96, "kernel": 11, "stride": 4, "padding": "valid"},
    "pool1": {"kernel": 3, "stride": 2, "padding": "valid"},
    "filters2": {"filters": 256, "kernel": 5, "stride": 1, "padding": "same"},
    "pool2": {"kernel": 3, "stride": 2, "padding": "valid"},
    "filters3": {"filters": 384, "kernel": 3, "stride": 1, "padding": "same"},
    "filters4": {"filters": 384, "kernel": 3, "stride": 1, "padding": "same"},
    "filters5": {"filters": 256, "kernel": 3, "stride": 1, "padding": "same"},
    "pool5": {"kernel": 3, "stride": 2, "padding": "valid"},
    "hidden6": {"units": 4096},
    "hidden7": {"units": 4096},
}
#: The convolutions that lie in two halves where there are two groups.
HALVED = ("filters2", "filters4", "filters5")


class Network(NamedTuple):
    """A network as it is wanted.

    Attributes
    ----------
    input_size
        Side of the pictures.
    width
        Which share of the filters and units there is.
    groups
        1, or 2 for the layers of `HALVED` in two halves.
    classes
        Units of the last layer, whatever the width.
    layers
        The numbers of the layers, at width 1: those that `ALEXNET` has.
    """

    input_size: int = 227
    width: float = 1.0
    groups: int = 1
    classes: int = 1000
    layers: Layers = ALEXNET


class Row(NamedTuple):
    """What a layer gives and what it costs, for one picture on its way forward.

    Attributes
    ----------
    name
        Of the layer.
    output
        (rows, columns, maps), or (units,).
    parameters
        Weights and biases.
    multiply_adds
        One for each weight in each place; biases are not counted.
    activation_bytes
        Of the output. A list takes none: it is the maps, read one after the other.
    left_out
        How many rows at the bottom, and columns on the right, no window sees.
    """

    name: str
    output: tuple[int, ...]
    parameters: int = 0
    multiply_adds: int = 0
    activation_bytes: int = 0
    left_out: int = 0


class Trouble(NamedTuple):
    """Why there can be no such layer.

    Attributes
    ----------
    name
        Of the layer.
    reason
        ``"kernel"`` larger than what comes in, ``"padding"`` as wide as the window of a
        pooling, ``"filters"`` or ``"maps"`` (which come in) that cannot be halved.
    numbers
        Those that do not fit: the kernel and the side with its padding; the padding
        and the window; the number of filters or maps.
    """

    name: str
    reason: str
    numbers: tuple[int, ...]


class Totals(NamedTuple):
    """What all layers cost together, for one picture.

    Attributes
    ----------
    parameters, multiply_adds, activation_bytes
        The sums; the picture's own bytes are among them.
    pair_bytes
        The most that a layer's input and its output take together: what is needed on
        the way forward alone.
    """

    parameters: int
    multiply_adds: int
    activation_bytes: int
    pair_bytes: int


def scaled(count: int, width: float, groups: int = 1) -> int:
    """Return how many filters or units there are, a multiple of the groups.

    A half is rounded to the even number.

    Examples
    --------
    >>> scaled(96, 0.25), scaled(50, 0.25), scaled(50, 0.25, groups=2)
    (24, 12, 12)
    """
    return max(1, round(count * width / groups)) * groups


def walk(network: Network) -> tuple[list[Row], Trouble | None]:
    """Return the rows of all layers, those of the picture and of the list among them.

    Where a layer cannot be, they end before it, and what is the matter comes along.

    Examples
    --------
    >>> rows, trouble = walk(Network(groups=2))
    >>> sum(row.parameters for row in rows)
    60965224
    >>> [row.output for row in rows if row.name.startswith("pool")]
    [(27, 27, 96), (13, 13, 256), (6, 6, 256)]
    >>> walk(Network(input_size=66))[1]
    Trouble(name='pool5', reason='kernel', numbers=(3, 2))
    """
    rows = [_photo(network.input_size)]
    given = CHANNELS  # maps that come in, at width 1
    for name, settings in network.layers.items():
        if "units" in settings:
            break
        row, trouble = _sliding(name, network, rows[-1].output, given)
        if row is None:
            return rows, trouble
        rows.append(row)
        given = settings.get("filters", given)
    rows.append(Row("list", (math.prod(rows[-1].output),)))
    for name, settings in network.layers.items():
        if "units" in settings:
            units = scaled(settings["units"], network.width)
            rows.append(_dense(name, rows[-1].output[0], units))
    return [*rows, _dense("logits", rows[-1].output[0], network.classes)], None


def totals(rows: Sequence[Row]) -> Totals:
    """Return what all layers cost together.

    Examples
    --------
    >>> totals(walk(Network())[0])
    Totals(parameters=62378344, multiply_adds=1135256096, \
activation_bytes=3745292, pair_bytes=1779948)
    """
    sizes = [row.activation_bytes for row in rows if row.name != "list"]
    return Totals(
        sum(row.parameters for row in rows),
        sum(row.multiply_adds for row in rows),
        sum(sizes),
        max(map(operator.add, sizes, sizes[1:])),
    )


def edges(side: int, settings: Settings) -> tuple[int, int, int]:
    """Return a side with its padding, how many windows fit on it, what is left out.

    Examples
    --------
    >>> edges(224, ALEXNET["filters1"]), edges(27, ALEXNET["filters2"])
    ((224, 54, 1), (31, 27, 0))
    """
    kernel, stride, padding = (settings[n] for n in ("kernel", "stride", "padding"))
    if padding == "same":
        count = -(-side // stride)
        padded = side + max((count - 1) * stride + kernel - side, 0)
        before = (padded - side) // 2
    else:
        before = 0 if padding == "valid" else padding
        padded = side + 2 * before
        count = (padded - kernel) // stride + 1
    seen = (count - 1) * stride + kernel  # of the padded side
    return padded, count, max(before + side - seen, 0)


def _photo(side: int) -> Row:
    return Row("photo", (side, side, CHANNELS), 0, 0, BYTES * side * side * CHANNELS)


def _sliding(
    name: str, network: Network, below: tuple[int, ...], given: int
) -> tuple[Row | None, Trouble | None]:
    """Return the row of a convolution or a pooling, or why there is none."""
    settings = network.layers[name]
    kernel, padding = settings["kernel"], settings["padding"]
    side, _, maps = below
    padded, count, left_out = edges(side, settings)
    if kernel > padded:
        return None, Trouble(name, "kernel", (kernel, padded))
    if "filters" not in settings:
        if padding not in ("valid", "same") and padding >= kernel:
            return None, Trouble(name, "padding", (padding, kernel))
        shape = (count, count, maps)
        return Row(name, shape, 0, 0, BYTES * math.prod(shape), left_out), None
    groups = network.groups if name in HALVED else 1
    for reason, number in (("maps", given), ("filters", settings["filters"])):
        if number % groups:
            return None, Trouble(name, reason, (number,))
    shape = (count, count, scaled(settings["filters"], network.width, network.groups))
    weights = kernel * kernel * (maps // groups) * shape[2]
    adds, size = count * count * weights, BYTES * math.prod(shape)
    return Row(name, shape, weights + shape[2], adds, size, left_out), None


def _dense(name: str, incoming: int, units: int) -> Row:
    weights = incoming * units
    return Row(name, (units,), weights + units, weights, BYTES * units)
