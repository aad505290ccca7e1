r"""What every exercise and every question has: a check, hints, a solution.

An exercise is a class with texts and one method.

>>> class Double(Exercise):
...     hints = ("Two times x can be written x + x.",)
...     answer = "def double(x):\n    return 2 * x"
...
...     def examine(self, answer):
...         for x in (0, 1, -2.5):
...             value = as_number(call(answer, x), f"double({x})")
...             require(np.isclose(value, 2 * x), f"double({x}) gave {value:g}.")
...         return "every number came back twice as large."
>>> q1 = Double("q1")
>>> q1.check(lambda x: x + x)
Correct: every number came back twice as large.
>>> q1.check(lambda x: x**2)
Not yet: double(1) gave 1.
>>> q1.check(...)
Not tried yet. Put your answer in place of the three dots, then run the cell again.

`examine` gets what the learner gave. It returns why the answer works, or raises
`NotYet` with the reason why it does not (`require` and the readers below do that). It
tests what an answer *does*, on several inputs, so that another right way is right and
zeros are wrong. Whatever else goes wrong in there becomes a sentence: `check` never
raises.

Two kinds of exercise need less than that: several answers in a dictionary
(`predictions`) and a function that does what a known one does (`implements`). A
question on the way is data alone (`questions`).
"""

import inspect
import math
import numbers
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np

__all__ = [
    "STARTS",
    "Exercise",
    "Memory",
    "NotTried",
    "NotYet",
    "Task",
    "Verdict",
    "as_array",
    "as_number",
    "as_whole",
    "call",
    "in_a_row",
    "listed",
    "require",
    "untouched",
]

State = Literal["not tried", "not yet", "correct", "described"]

#: How what is said begins, by state.
STARTS: dict[State, str] = {
    "not tried": "Not tried yet. ",
    "not yet": "Not yet: ",
    "correct": "Correct: ",
    "described": "",
}


class NotYet(Exception):  # noqa: N818  (it is no error: the learner is on the way)
    """Raised by a check to say why an answer is not right yet."""


class NotTried(Exception):  # noqa: N818
    """Raised by a check where the answer is still the stub, ``...`` or None."""


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    state
        ``"not tried"``, ``"not yet"``, ``"correct"``, or, for an open exercise that has
        no right answer, ``"described"``.
    message
        Why, in a sentence or two.
    """

    state: State
    message: str

    def __str__(self) -> str:
        return STARTS[self.state] + self.message


@dataclass
class Memory:
    """What the kernel remembers of a task.

    Attributes
    ----------
    verdict
        What the latest check found; None before the first.
    hints_given
        How many hints were shown.
    """

    verdict: Verdict | None = None
    hints_given: int = 0


class Task:
    """What a learner is asked to do: what exercises and questions share.

    Attributes
    ----------
    sort : str
        ``"exercise"`` or ``"question"``.
    name : str
        What the lesson calls it, ``"q1"``: the messages use it.
    hints : sequence of str
        From a nudge to nearly everything.
    why : str
        Why the solution works.
    stub : str
        What to do about an untouched answer.
    open_ended : bool
        True where there is no right answer: `examine` then describes.
    memory : Memory
        What became of it in this kernel.
    """

    sort: str = "exercise"
    name: str
    hints: Sequence[str] = ()
    why: str = ""
    stub: str = "Put your answer in place of the three dots, then run the cell again."
    open_ended: bool = False
    memory: Memory

    def examine(self, answer: Any) -> str:
        """Return why an answer works, or raise `NotYet` with the reason it does not."""
        raise NotImplementedError

    def solved(self) -> str:
        """Return a solution, as a learner would write it."""
        raise NotImplementedError

    def judge(self, answer: Any) -> Verdict:
        """Return what the check thinks of an answer, whatever it is.

        Parameters
        ----------
        answer
            Anything at all.

        Returns
        -------
        Verdict
        """
        if untouched(answer):
            return Verdict("not tried", self.stub)
        try:
            with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
                message = self.examine(answer)
        except NotTried as nothing:
            return Verdict("not tried", f"{self.stub} {nothing}".strip())
        except NotYet as reason:
            return Verdict("not yet", str(reason))
        except Exception as error:
            return Verdict(
                "not yet",
                f"your answer could not be tried out. {type(error).__name__}: "
                f"{_short(error)}",
            )
        return Verdict("described" if self.open_ended else "correct", message)

    def check(self, answer: Any = None, *more: Any) -> None:
        """Print whether an answer is right, and why; never raises.

        Parameters
        ----------
        answer
            Your answer: a number, an array, a function, as the exercise asks.
        *more
            Where the brackets of a tuple were left out, the rest of it:
            ``check(28, 28)`` is taken for ``check((28, 28))``.
        """
        self.memory.verdict = self.judge((answer, *more) if more else answer)
        print(self.memory.verdict)

    def hint(self) -> None:
        """Print the next hint; after the last one, where to find the solution."""
        given = self.memory.hints_given
        if given < len(self.hints):
            self.memory.hints_given += 1
            print(f"Hint {given + 1} of {len(self.hints)}: {self.hints[given]}")
        else:
            print(
                f"Those were all the hints. ex.{self.name}.solution() shows one way to "
                "do it."
            )

    def solution(self) -> None:
        """Print a solution and why it works."""
        print(self.solved() + ("\n\n" + self.why if self.why else ""))

    def __repr__(self) -> str:
        return (
            f"<{self.sort.capitalize()} {self.name}: ex.{self.name}.check(your_answer),"
            " .hint(), .solution()>"
        )


class Exercise(Task):
    """One exercise of a lesson: derive from it, write the texts and `examine`.

    Parameters
    ----------
    name
        What the lesson calls it, ``"q1"``: the messages use it.

    Attributes
    ----------
    answer : str
        The solution, as code.
    """

    answer: str = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.memory = Memory()

    def solved(self) -> str:
        """Return the solution, as code."""
        return self.answer


def untouched(value: Any) -> bool:
    """Say whether a value is still the stub: ``...``, None, or dots all the way down.

    Examples
    --------
    >>> untouched(...), untouched([..., ...]), untouched([..., 1]), untouched(0)
    (True, True, False, False)
    """
    if value is None or value is Ellipsis:
        return True
    if type(value) is dict:
        value = list(value.values())
    if type(value) in (list, tuple):
        return bool(value) and all(_is_dots(item) for item in value)
    return False


def require(condition: Any, otherwise: str) -> None:
    """Raise `NotYet` with this sentence unless the condition holds."""
    if not condition:
        raise NotYet(otherwise)


def call(function: Any, *arguments: Any, name: str = "your function") -> Any:
    """Call the learner's function; what goes wrong in it becomes a sentence.

    Parameters
    ----------
    function
        What the learner gave.
    *arguments
        What to call it with: pass copies, it may change them.
    name
        What the function is called in the sentence.

    Returns
    -------
    Any
        What it returned.

    Raises
    ------
    NotTried
        Where it returned ``...`` or None, like a stub.
    NotYet
        Where it is no function, raised, or is written with ``async def``.
    """
    require(
        callable(function),
        f"a function is wanted; {_kind(function)} came. Give it without brackets: its "
        "name alone.",
    )
    try:
        result = function(*arguments)
    except (Exception, SystemExit) as error:
        raise NotYet(f"{name} raised {type(error).__name__}: {_short(error)}") from None
    if inspect.iscoroutine(result):
        result.close()  # or Python warns that nobody waited for it
        raise NotYet(f"{name} is written with async def. Write def alone.")
    if untouched(result):
        raise NotTried("If it is written: does it end with `return`?")
    return result


def as_array(
    value: Any,
    what: str = "your answer",
    *,
    shape: tuple[int, ...] | None = None,
    wanted: str = "an array of numbers",
    finite: bool = True,
) -> np.ndarray:
    """Read an answer as an array of real numbers, all of them finite.

    Parameters
    ----------
    value
        What the learner gave.
    what
        What it is called in a sentence.
    shape
        The shape it must have.
    wanted
        What is wanted, for where no numbers came.
    finite
        False where NaN and infinite numbers are let through.

    Returns
    -------
    ndarray of float64
        A copy.

    Raises
    ------
    NotYet
        For anything else, with the reason.

    Examples
    --------
    >>> from fractions import Fraction
    >>> as_array([[1, 2], [3, Fraction(1, 4)]], shape=(2, 2))
    array([[1.  , 2.  ],
           [3.  , 0.25]])
    """
    array = _numbers(value, what, wanted)
    require(
        not finite or np.isfinite(array).all(),
        f"{what} has an entry that is not a number (NaN) or infinite.",
    )
    require(
        shape is None or array.shape == shape,
        f"{what} has shape {array.shape}; shape {shape} is wanted.",
    )
    return array


def as_number(value: Any, what: str = "your answer", *, finite: bool = True) -> float:
    """Read an answer as one real, finite number; NaN is let through if told so.

    Raises
    ------
    NotYet
        For anything else, with the reason.

    Examples
    --------
    >>> from fractions import Fraction
    >>> as_number(np.array(3)), as_number(Fraction(1, 4))
    (3.0, 0.25)
    """
    if isinstance(value, str | bytes):
        has_digits = any(letter.isdigit() for letter in str(value))
        unquoted = "give it as a number, without quotation marks"
        raise NotYet(
            f"{what} is text; {unquoted if has_digits else 'a number is wanted'}."
        )
    require(not callable(value), f"{what} should be a number; {_kind(value)} came.")
    array = as_array(value, what, wanted="a number", finite=finite)
    require(
        array.size == 1,
        f"{what} should be one number; an array of shape {array.shape} came.",
    )
    return float(array.reshape(()))


def as_whole(
    value: Any, what: str = "your answer", *, least: int = 0, most: int = 10_000
) -> int:
    """Read an answer as a whole number inside its limits; 2.0 is one.

    Raises
    ------
    NotYet
        For anything else, with the reason.

    Examples
    --------
    >>> as_whole(2.0, "the stride", least=1)
    2
    >>> as_whole(0, "the stride", least=1)
    Traceback (most recent call last):
    helpers.exercises.base.NotYet: the stride is 0; it must be at least 1.
    """
    number = as_number(value, what)
    require(
        number == math.floor(number), f"{what} is {number:g}; a whole number is wanted."
    )
    require(number >= least, f"{what} is {number:g}; it must be at least {least}.")
    require(number <= most, f"{what} is {number:,.12g}; at most {most:,} here.")
    return int(number)


def in_a_row(value: Any) -> bool:
    """Say whether several things came in one: a list, or an array of any library.

    Examples
    --------
    >>> in_a_row((4, 2)), in_a_row(np.array([4, 2])), in_a_row(4), in_a_row("42")
    (True, True, False, False)
    """
    axes = getattr(value, "ndim", 0)
    return isinstance(value, list | tuple) or (isinstance(axes, int) and axes > 0)


def listed(names: Iterable[str]) -> str:
    """Join names in quotation marks.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    '"a", "b" and "c"'
    """
    *others, last = [f'"{name}"' for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def _numbers(value: Any, what: str, wanted: str) -> np.ndarray:
    """Read an answer as float64 numbers, in whatever shape they came."""
    try:
        array = np.asarray(value)
    except Exception:
        array = np.empty((), dtype=object)
    if array.dtype == object:
        for stub, name in ((..., "still has three dots"), (None, "has None")):
            require(
                not _has(value, stub), f"{what} {name} in it. Give each place a number."
            )
    require(
        array.dtype.kind != "c",
        f"{what} has complex numbers in it; real ones are wanted.",
    )
    real = array.dtype.kind in "biuf" or (
        # Fractions, decimals, whole numbers of more than 64 bits
        array.size and all(isinstance(n, numbers.Real | Decimal) for n in array.flat)
    )
    if array.dtype.kind in "US":
        raise NotYet(
            f"{what} should be {wanted}; text came. Give numbers, without quotation "
            "marks."
        )
    if not real:
        rows = isinstance(value, list | tuple)
        came = "something else, or rows of unequal length," if rows else _kind(value)
        raise NotYet(f"{what} should be {wanted}; {came} came.")
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise NotYet(f"{what} has a number with hundreds of digits.") from None


def _is_dots(value: Any) -> bool:
    """Say whether a value is dots, or rows of nothing but dots."""
    if type(value) in (list, tuple):
        return bool(value) and all(_is_dots(item) for item in value)
    return value is None or value is Ellipsis


def _has(value: Any, stub: Any, depth: int = 0) -> bool:
    """Say whether a stub, dots or None, stands anywhere in rows of rows."""
    if type(value) in (list, tuple) and depth < 8:
        return any(_has(item, stub, depth + 1) for item in value)
    return value is stub


def _kind(value: Any) -> str:
    if callable(value):
        return "a function"
    return {"str": "text", "int": "a number", "float": "a number"}.get(
        type(value).__name__, f"something of type {type(value).__name__}"
    )


def _short(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    text = text or "it gave no reason"
    text = text if len(text) <= 200 else text[:200] + " …"
    return text if text.endswith((".", "!", "?", "…")) else text + "."
