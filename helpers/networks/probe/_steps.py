"""Work in many parts: progress, an interruption that loses nothing, pictures kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments, _bars

Floats = NDArray[np.float32]

#: Seconds: what is over sooner shows no bar, and no forecast.
_PATIENCE = 1
_BAR = "{desc} |{bar:20}| {percentage:3.0f} %, {elapsed}, {remaining} left{postfix}"


def bar(count: int, doing: str, progress: Any) -> Any:
    """Return a bar for so many parts; `progress` is checked, and False shows none."""
    hidden = not _arguments.flag(progress, "progress")
    return _bars.bar(
        total=count, desc=doing, bar_format=_BAR, delay=_PATIENCE, disable=hidden
    )


class Steps:
    """So many parts of some work, with a bar that shows how far it is.

    Attributes
    ----------
    count, done
        How many there are, and how many are done.
    bar
        Shows it.
    """

    def __init__(self, count: int, doing: str, progress: bool) -> None:
        self.count, self.done = count, 0
        self.bar = bar(count, doing, progress)
        self._told: tuple[str, Sequence[float]] | None = None

    def __iter__(self) -> Iterator[int]:
        begun = 0.0
        for number in range(self.count):
            yield number
            self._advance(1)
            if number == 0:  # the first may be compiled, the others are quicker
                begun = time.perf_counter()
            if number == 1 and self._told is not None:
                self._tell(time.perf_counter() - begun)

    def portions(self, size: int) -> Iterator[slice]:
        """Give the places of `size` parts at a time, the last ones of what is left."""
        for start in range(0, self.count, size):
            stop = min(start + size, self.count)
            yield slice(start, stop)
            self._advance(stop - start)

    def will_tell(self, what: str, costs: Sequence[float]) -> None:
        """Say after two steps how long the others will take, if a bar shows.

        Parameters
        ----------
        what
            With a place for the time: "… {time} …".
        costs
            How much each step has to do, in any unit.
        """
        if not self.bar.disable:
            self._told = what, costs

    def _advance(self, count: int) -> None:
        self.done += count
        self.bar.update(count)

    def _tell(self, seconds: float) -> None:
        what, costs = self._told or ("", ())
        left = seconds * sum(costs[2:]) / costs[1]
        if left > _PATIENCE:
            self.bar.write(what.format(time=f"about {max(1, round(left))} seconds"))


@contextlib.contextmanager
def counted(
    count: int, doing: str, progress: bool, unit: str = "steps", *, least: int = 0
) -> Iterator[Steps]:
    """Count parts of some work; an interruption ends it, and what is done stays.

    Parameters
    ----------
    count
        How many parts there are.
    doing
        What is done, for the bar.
    progress
        False for no bar.
    unit
        What the parts are.
    least
        How many must be done for anything to be there: before that, an interruption
        goes on.

    Examples
    --------
    >>> with counted(3, "Stars", progress=False) as steps:
    ...     for step in steps:
    ...         if step == 2:
    ...             raise KeyboardInterrupt
    Interrupted: 2 of 3 steps are done. This is what there is so far.
    """
    steps = Steps(count, doing, progress)
    try:
        yield steps
    except KeyboardInterrupt:
        if steps.done < least:
            raise
        steps.bar.close()  # before the sentence, which would else stand beside it
        print(
            f"Interrupted: {steps.done:,} of {count:,} {unit} are done. This is what "
            "there is so far."
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
