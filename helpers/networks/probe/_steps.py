"""Many small steps: progress, an interruption that loses nothing, pictures kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from helpers import _bars

Floats = NDArray[np.float32]

_BAR = "{desc} |{bar:20}| {percentage:3.0f} %, {elapsed}, {remaining} left{postfix}"


class Steps:
    """The numbers 0, 1, … of the steps, with a bar that shows how far it is."""

    def __init__(self, count: int, doing: str, progress: bool) -> None:
        self.count, self.done = count, 0
        # What is over within a second shows none.
        self.bar = _bars.bar(
            total=count, desc=doing, bar_format=_BAR, delay=1, disable=not progress
        )

    def __iter__(self) -> Iterator[int]:
        for number in range(self.count):
            yield number
            self.done = number + 1
            self.bar.update()


@contextlib.contextmanager
def counted(count: int, doing: str, progress: bool) -> Iterator[Steps]:
    """Count steps; an interruption ends them, and what there is so far stays.

    Examples
    --------
    >>> with counted(3, "Stars", progress=False) as steps:
    ...     for step in steps:
    ...         if step == 2:
    ...             raise KeyboardInterrupt
    Interrupted: 2 of 3 steps are done. This is the picture so far.
    """
    steps = Steps(count, doing, progress)
    try:
        yield steps
    except KeyboardInterrupt:
        steps.bar.close()
        print(
            f"Interrupted: {steps.done} of {count} steps are done. This is the "
            "picture so far."
        )
    finally:
        steps.bar.close()


class Kept:
    """Pictures on the way, evenly spaced, the first and the last among them.

    Examples
    --------
    >>> kept = Kept(3, steps=10)
    >>> for step in range(11):
    ...     kept.look(step, np.zeros((1, 1, 1)))
    >>> kept.steps
    [0, 5, 10]
    """

    def __init__(self, count: int, steps: int) -> None:
        places = [steps] if count == 1 else np.linspace(0, steps, count).round()
        self.wanted = {int(place) for place in places}
        self.steps: list[int] = []
        self.pictures: list[Floats] = []

    def look(self, step: int, picture: NDArray, *, last: bool = False) -> None:
        """Keep a copy of the picture after so many steps, if that is one to be kept."""
        wanted = step in self.wanted or (last and self.wanted)
        if wanted and step not in self.steps:
            self.steps.append(step)
            self.pictures.append(np.array(picture, np.float32))
