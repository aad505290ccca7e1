"""What explorers share that write out one unit of a network: its layer, its place."""

from __future__ import annotations

from typing import Any

import traitlets

from helpers import _arguments
from helpers.networks.exported import Network
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Place, Whole


class OneUnit(Explorer):
    """Base of the explorers in which ``unit`` of ``layer`` is written out.

    A subclass has the network in ``trained``. A unit is (row, column, map), in a list
    (0, 0, number).
    """

    layer = Whole(0, 0)
    unit = Place((0, 0, 0), ("row", "column", "map"), least=0, most=9999)

    @property
    def trained(self) -> Network:
        """The network that looks on."""
        raise NotImplementedError

    @traitlets.validate("layer")
    def _a_layer(self, proposal: dict[str, Any]) -> int:
        return self._below(proposal["value"], "layer", len(self._layers))

    def _below(self, value: int, name: str, count: int) -> int:
        if value >= count:
            came, need = str(value), f"Give a whole number from 0 to {count - 1}"
            raise traitlets.TraitError(str(_arguments.refusal(name, came, need)))
        return value

    @traitlets.validate("unit")
    def _a_unit(self, proposal: dict[str, Any]) -> tuple[int, ...]:
        shape = self._shape()
        if any(n >= side for n, side in zip(proposal["value"], shape, strict=True)):
            name = self.trained.names[self.layer]
            raise traitlets.TraitError(
                f"unit: there is no {proposal['value']}; give (row, column, map), "
                f"counted from 0, inside {name} ({' × '.join(map(str, shape))})."
            )
        return proposal["value"]

    @traitlets.observe("layer")
    def _keep_a_unit(self, _: Any) -> None:
        inside = all(n < m for n, m in zip(self.unit, self._shape(), strict=True))
        if "layer" not in self._told and not inside:
            self.unit = self._middle()

    def _begin_with_a_unit(self) -> None:
        """Begin at the first convolution, in its middle."""
        self.layer = self._first_layer()
        self.unit = self._middle()

    def _first_layer(self) -> int:
        kinds = [layer["kind"] for layer in self._layers]
        return kinds.index("conv2d") if "conv2d" in kinds else len(kinds) - 1

    @property
    def _layers(self) -> list[dict[str, Any]]:
        return self.trained.description["layers"]

    def _shape_of(self, layer: int) -> list[int]:
        return self._layers[layer]["shape"]

    def _shape(self) -> tuple[int, int, int]:
        """Return (rows, columns, maps) of the layer."""
        rows, cols, maps = (1, 1, *self._shape_of(self.layer))[-3:]
        return rows, cols, maps

    def _middle(self) -> tuple[int, int, int]:
        rows, cols, _ = self._shape()
        return rows // 2, cols // 2, 0
