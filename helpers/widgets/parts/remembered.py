"""What an explorer has computed, so that the same is not computed twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any


class Remembered:
    """Answers by what was asked; of more than ``most`` the least recently used go.

    Parameters
    ----------
    most
        How many are kept.

    Examples
    --------
    >>> squares = Remembered(2)
    >>> [squares(n, lambda: n * n) for n in (2, 3, 2, 4)]
    [4, 9, 4, 16]
    >>> squares(2, lambda: "anew"), squares(3, lambda: "anew")
    (4, 'anew')
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[Hashable, Any] = {}

    def __call__(self, asked: Hashable, find: Callable[[], Any]) -> Any:
        """Return what was found before, or find it."""
        found = self._found.pop(asked) if asked in self._found else find()
        self._found[asked] = found  # the last one now
        while len(self._found) > self._most:
            del self._found[next(iter(self._found))]
        return found

    def __len__(self) -> int:
        return len(self._found)
