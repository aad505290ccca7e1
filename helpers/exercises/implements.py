"""Exercises in which a function is written that does what a known one does.

What it should do is a reference, what it is tried on are cases, and a slip is another
function with a sentence of its own: what would come out if one erred in this way.

>>> class Double(Implements):
...     function = "double"
...     reference = staticmethod(lambda x: 2 * x)
...     slips = ((lambda x: x**2, "you square. Add the number to itself."),)
...     right = "every number came back twice as large."
...
...     def cases(self):
...         return [(np.array([2.0]),), (np.array([1.0, -3.0]),)]
...
...     @staticmethod
...     def named(x):
...         return f"the numbers {x}"
>>> q1 = Double("q1")
>>> q1.check(lambda x: x + x)
Correct: every number came back twice as large.
>>> q1.check(lambda x: x * x)
Not yet: for the numbers [ 1. -3.], you square. Add the number to itself.
>>> q1.check(lambda x: x + 2)
Not yet: for the numbers [ 1. -3.], 2 of 2 numbers are wrong. The first stands at [0]: \
it is 3, and 2 is wanted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from types import MappingProxyType
from typing import Any

import numpy as np

from helpers.exercises.base import (
    Exercise,
    NotTried,
    NotYet,
    as_array,
    call,
    require,
)

__all__ = ["Implements", "Slip", "Trial", "size", "told"]


@dataclass(frozen=True)
class Trial:
    """What came out for one case.

    Attributes
    ----------
    given : tuple
        What the function was called with.
    result, wanted : ndarray of float64
        What came back, and what the reference gives.
    within : float
        How far two numbers that are the same may be apart, besides 1e-5 of their size.
    """

    given: tuple[Any, ...]
    result: np.ndarray
    wanted: np.ndarray
    within: float = 1e-8

    @property
    def right(self) -> bool:
        """Whether it came out as it should."""
        same_shape = self.result.shape == self.wanted.shape
        return same_shape and bool(self._close(self.wanted).all())

    @property
    def is_boxed(self) -> bool:
        """Whether one number is right, and stands in an array where none is wanted."""
        boxed = self.result.size == 1 and self.result.shape != self.wanted.shape == ()
        return boxed and bool(self._close(self.wanted).all())

    @property
    def is_rounded(self) -> bool:
        """Whether it is right but for rounding, to some decimals or to float16."""
        whole = not (self.result % 1).any()  # all is cut off: that may be chance
        if whole or self.right or self.result.shape != self.wanted.shape:
            return False
        rounded = [self.wanted.round(decimals) for decimals in range(1, 8)]
        return any(
            bool(self._close(other).all())
            for other in (*rounded, self.wanted.astype(np.float16))
        )

    @property
    def wrong(self) -> tuple[int, ...]:
        """The first place where it did not, in reading order; shapes must agree."""
        places = np.argwhere(~self._close(self.wanted))
        return tuple(int(n) for n in places[0])

    @property
    def count(self) -> int:
        """How many numbers are wrong; shapes must agree."""
        return int(np.count_nonzero(~self._close(self.wanted)))

    def shows(self, slip: Callable[..., Any]) -> bool:
        """Whether it came out as from this other function; one number has any shape."""
        try:
            other = np.asarray(slip(*self.given))
        except Exception:  # it can't take such a case, so it is not what was written
            return False
        numbers = self.result.size == other.size == 1
        same_shape = self.result.shape == other.shape
        return (numbers or same_shape) and bool(self._close(other).all())

    def _close(self, other: np.ndarray) -> np.ndarray:
        """Compare number by number; infinite ones are never close: much leads there."""
        near = np.isclose(self.result, other, atol=self.within, equal_nan=True)
        return near & ~np.isinf(self.result)


#: A function that errs in a known way, and what is said to it.
Slip = tuple[Callable[..., Any], str | Callable[[Trial], str]]


class Implements(Exercise):
    """The learner's function should do what the reference does, on every case.

    A sentence about a wrong answer begins with the first case that fails. A slip is
    named where it explains that one and more than half of all that fail; of several the
    one that explains most.

    Attributes
    ----------
    function : str
        What the learner's function is called.
    reference : callable
        What it should do.
    slips : sequence of (callable, str)
        Functions of the same arguments that err, and what is said to each: a sentence,
        or a function that makes one from a `Trial`.
    raised : mapping of str to str
        Words of an error that is known to come up, and what is said instead of it.
    spoiled : str
        What is said to a function that changes what it is given; ``{name}`` stands for
        the argument, as the reference names it.
    right : str
        What is said when all is right.
    within : float
        How far a right number may be from the reference's, besides 1e-5 of its size.
    """

    within: float = 1e-8
    function: str = "your function"
    reference: Callable[..., Any]
    named: Callable[..., str]
    slips: Sequence[Slip] = ()
    raised: Mapping[str, str] = MappingProxyType({})
    spoiled: str = "what is given is changed. Leave it as it is, and make a new array."
    right: str = ""

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return the arguments of every call; `named` names each in a sentence."""
        raise NotImplementedError

    def lead(self, *given: Any) -> str:
        """Name a case at the beginning of a sentence."""
        return f"for {self.named(*given)}"

    def examine(self, answer: Any) -> str:
        """Try the function on every case."""
        failing: list[Trial] = []
        for number, given in enumerate(self.cases()):
            try:
                trial = self._tried(answer, given, first=number == 0)
            except NotYet:
                if failing:  # the first that fails is what is talked about
                    break
                raise
            if not trial.right:
                failing.append(trial)
        if failing:
            raise NotYet(f"{self.lead(*failing[0].given)}, {self.reason(failing)}")
        return self.right

    def reason(self, failing: Sequence[Trial]) -> str:
        """Say why the first of the trials that fail does."""
        first = failing[0]
        if all(trial.is_boxed for trial in failing):
            return (
                f"the number is right, but it comes in an array of shape "
                f"{first.result.shape}. Return the number alone, without brackets."
            )
        explained = [
            (sum(trial.shows(slip) for trial in failing), sentence)
            for slip, sentence in self.slips
            if first.shows(slip)
        ]
        count, sentence = max(explained, key=lambda found: found[0], default=(0, ""))
        if 2 * count <= len(failing):  # chance, where an answer is a number or two
            if first.result.shape == first.wanted.shape:  # a wrong one is told first
                as_array(first.result, f"{self.lead(*first.given)}, {self._returned}")
            return self.difference(first)
        return sentence if isinstance(sentence, str) else sentence(first)

    def difference(self, trial: Trial) -> str:
        """Say where a result that shows no known slip differs."""
        result, wanted = trial.result, trial.wanted
        if result.shape != wanted.shape:
            need = f"shape {wanted.shape}" if wanted.ndim else "one number"
            return f"shape {result.shape} came; {need} is wanted."
        came, need = told(result[trial.wrong], wanted[trial.wrong])
        if trial.is_rounded:
            return (
                f"what comes back is rounded: {came} came where {need} is wanted. "
                "Return every number as it is."
            )
        if wanted.ndim == 0:
            return f"{came} came; {need} is wanted."
        are = "is" if trial.count == 1 else "are"
        return (
            f"{trial.count} of {wanted.size} numbers {are} wrong. The first stands at "
            f"{list(trial.wrong)}: it is {came}, and {need} is wanted."
        )

    @property
    def _returned(self) -> str:
        return f"what {self.function} returned"

    def _tried(self, answer: Any, given: tuple[Any, ...], *, first: bool) -> Trial:
        lead = self.lead(*given)
        copies = _copied(given)
        try:
            result = call(answer, *copies, name=f"{lead}, {self.function}")
        except NotTried:
            if first:
                raise
            raise NotYet(
                f"{lead}, nothing comes back. Does every way through "
                f"{self.function} end with `return`?"
            ) from None
        except NotYet as error:
            for words, sentence in self.raised.items():
                require(words not in str(error), f"{lead}, {sentence}")
            raise
        wanted = np.asarray(self.reference(*given), np.float64)
        result = as_array(result, f"{lead}, {self._returned}", finite=False)
        names = signature(self.reference).parameters
        for name, came, was in zip(names, copies, given, strict=False):
            require(_same(came, was), f"{lead}, {self.spoiled.format(name=name)}")
        return Trial(given, result, wanted, self.within)


def _copied(value: Any) -> Any:
    """Return something that may be changed: new arrays, also in lists of them."""
    if isinstance(value, list | tuple):
        return type(value)(_copied(part) for part in value)
    return np.copy(value) if isinstance(value, np.ndarray) else value


def _same(came: Any, given: Any) -> bool:
    """Say whether a copy is still what was given."""
    if isinstance(given, list | tuple):
        is_list = isinstance(came, list | tuple) and len(came) == len(given)
        return is_list and all(map(_same, came, given))
    return np.array_equal(came, given)


def told(came: float, wanted: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart.

    Examples
    --------
    >>> told(-0.5, 0.25), told(1.00001, 1)
    (('−0.5', '0.25'), ('1.00001', '1'))
    """
    for digits in range(4, 18):
        texts = f"{came:.{digits}g}", f"{wanted:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts[0].replace("-", "−"), texts[1].replace("-", "−")


def size(array: np.ndarray) -> str:
    """Say how large a picture is.

    Examples
    --------
    >>> size(np.zeros((3, 5)))
    '3 × 5'
    """
    return f"{array.shape[0]} × {array.shape[1]}"
