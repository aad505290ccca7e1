"""What takes long is not computed twice: the arrays asked for last are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Remembered:
    """Arrays by what they were asked for; of more than ``most`` the oldest goes.

    Examples
    --------
    >>> squares = Remembered(2)
    >>> for n in (2, 3, 2, 4):
    ...     square = squares.get(n, lambda: n**2)
    >>> square, 2 in squares, 3 in squares
    (array(16.), True, False)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[Hashable, NDArray[np.float64]] = {}  # the oldest first

    def __contains__(self, key: Hashable) -> bool:
        return key in self._found

    def get(self, key: Hashable, make: Callable[[], ArrayLike]) -> NDArray[np.float64]:
        """Return what was made for the same before, or make it."""
        if key in self._found:
            found = self._found.pop(key)
        else:
            found = np.asarray(make(), np.float64)
        self._found[key] = found
        while len(self._found) > self._most:
            del self._found[next(iter(self._found))]
        return found
