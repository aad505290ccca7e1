"""What the explorers that walk through places share: a step and a position."""

from __future__ import annotations

from typing import Any

import traitlets

from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Place, Whole


class Stepper(Explorer):
    """Base of the explorers that go through a grid of places, one after the other.

    A subclass says in ``places`` how many rows and columns of places there are now.

    Attributes
    ----------
    position : tuple of int
        Row and column of the place that is written out, unless the pointer or a click
        asks for another.
    step : int
        How many places have been done, in reading order; from 1 to all of them. Where
        a change makes other places, all of them are done.
    """

    position = Place((0, 0))
    step = Whole(1)

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the places to go through."""
        raise NotImplementedError

    _walked: tuple[int, int] | None = None

    def _start_anew(self) -> None:
        """Where there are other places now: all steps done, a position that exists."""
        if self._walked == self.places:
            return
        self._walked = rows, columns = self.places
        if "step" not in self._told:
            self.step = rows * columns
        if self.position[0] >= rows or self.position[1] >= columns:
            self.position = (0, 0)

    def _go_to(self, **place: Any) -> None:
        """Set the traits that say where to begin; None leaves one as it is.

        They are set last, once all other traits say which places there are.
        """
        for name, value in place.items():
            if value is not None:
                setattr(self, name, value)

    @traitlets.validate("position")
    def _inside(self, proposal: dict[str, Any]) -> tuple[int, int]:
        (rows, columns), (row, column) = self._possible_places(), proposal["value"]
        if not (0 <= row < rows and 0 <= column < columns):
            raise traitlets.TraitError(
                f"position: ({row}, {column}) is no place of {rows} × {columns}; give "
                f"a row from 0 to {rows - 1} and a column from 0 to {columns - 1}."
            )
        return row, column

    @traitlets.validate("step")
    def _possible(self, proposal: dict[str, Any]) -> int:
        rows, columns = self._possible_places()
        if not 1 <= proposal["value"] <= rows * columns:
            raise traitlets.TraitError(
                f"step: {proposal['value']} came; {rows} × {columns} places have steps "
                f"from 1 to {rows * columns}."
            )
        return proposal["value"]

    def _possible_places(self) -> tuple[int, int]:
        """Return `places`, or refuse settings that do not fit together."""
        try:
            return self.places
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
