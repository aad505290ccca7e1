"""Exercises that ask for several answers in a dictionary, one for each name.

What the names stand for is data; a slip is a wrong number with a sentence of its own.

>>> class Sums(Predictions):
...     truth = {"two": 1 + 1, "three": 1 + 2}
...     slips = {("two", 1): '"two": 1 is what you start from.'}
...     right = "you can add."
>>> q1 = Sums("q1")
>>> q1.check({"two": 2, "three": 3})
Correct: you can add.
>>> q1.check({"two": 1, "three": 3})
Not yet: "two": 1 is what you start from.
>>> q1.check({"two": 2, "three": 4})
Not yet: "three" is not 4.
>>> q1.check({"two": 2, "three": ...})
Not yet: "three" still waits for your answer. The others are looked at when all are \
there.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from helpers.exercises.base import (
    Exercise,
    NotYet,
    as_array,
    as_number,
    in_a_row,
    listed,
    require,
    untouched,
)
from helpers.exercises.questions import plain_text

__all__ = ["Choices", "Entries", "Predictions", "written"]

_CLOSE = 1e-6  # numbers this near are the same


class Entries(Exercise):
    """A dictionary of answers of any kind; `look` judges them one by one.

    Attributes
    ----------
    keys : sequence of str
        The names, in the order in which they are looked at.
    right : str
        What a learner hears when all are right.
    """

    keys: Sequence[str] = ()
    right: str = ""
    stub = "Put your answers in place of the dots, then run the cell again."

    def examine(self, answer: Any) -> str:
        """Look at every entry, once all are there."""
        for key, given in self.entries(answer).items():
            self.look(key, given)
        return self.right

    def look(self, key: str, given: Any) -> None:
        """Raise `NotYet` unless this entry is right."""
        raise NotImplementedError

    def entries(self, answer: Any) -> dict[str, Any]:
        """Return the entries in their order; none is missing or untouched."""
        require(
            isinstance(answer, dict),
            f"a dictionary is wanted, with an answer for each of {listed(self.keys)}.",
        )
        for key in self.keys:
            require(key in answer, f'there is no entry "{key}" in your answer.')
        missing = [key for key in self.keys if untouched(answer[key])]
        if missing:
            raise NotYet(
                f"{listed(missing)} still wait{'s' * (len(missing) == 1)} for your "
                "answer. The others are looked at when all are there."
            )
        return {key: answer[key] for key in self.keys}


class Choices(Entries):
    """Entries that are words or numbers; a wrong one has a sentence.

    Attributes
    ----------
    words : mapping of str to sequence of str
        What can be chosen for a key; a key that is not in it wants a number.
    truth : mapping of str to str or number
        What is right.
    said : mapping of (str, str or number) to str
        A key and a wrong answer, and what is said to it.

    Examples
    --------
    >>> class Pond(Choices):
    ...     truth = {"a frog": "jumps", "its legs": 4}
    ...     keys = tuple(truth)
    ...     words = {"a frog": ("swims", "jumps")}
    ...     said = {("a frog", "swims"): "on land, too?", ("its legs", 2): "in front."}
    ...     right = "so it does."
    >>> q1 = Pond("q1")
    >>> q1.check({"a frog": "Jumps!", "its legs": 4.0})
    Correct: so it does.
    >>> q1.check({"a frog": "jumps", "its legs": 2})
    Not yet: "its legs": in front.
    >>> q1.check({"a frog": "flies", "its legs": 2})
    Not yet: "a frog": choose one of "swims", "jumps".
    """

    words: Mapping[str, Sequence[str]] = MappingProxyType({})
    truth: Mapping[str, str | float] = MappingProxyType({})
    said: Mapping[tuple[str, str | float], str] = MappingProxyType({})

    def look(self, key: str, given: Any) -> None:
        """Compare a word, or a number, with the truth."""
        value: str | float
        if key in self.words:
            value = other = self._word(key, given)
        else:
            value = round(as_number(given, f'"{key}"'), 6)  # reckoned: a hair off
            other = written(value, 12)
        if value != self.truth[key]:
            said = self.said.get((key, value), f"it is not {other}.")
            raise NotYet(f'"{key}": {said}')

    def _word(self, key: str, given: Any) -> str:
        words = {self._plain(word): word for word in self.words[key]}
        word = self._plain(given) if isinstance(given, str) else ""
        choices = ", ".join(f'"{word}"' for word in self.words[key])
        require(word in words, f'"{key}": choose one of {choices}.')
        return words[word]

    @staticmethod
    def _plain(text: str) -> str:
        """Return a text as letters and digits."""
        return "".join(filter(str.isalnum, plain_text(text)))


class Predictions(Entries):
    """A dictionary of predicted numbers, or a list of them in the same order.

    Attributes
    ----------
    truth : mapping of str to float
        What each name stands for.
    slips : mapping of (str, float) to str
        A name and a wrong number, and what is said to it.
    """

    truth: Mapping[str, float] = MappingProxyType({})
    slips: Mapping[tuple[str, float], str] = MappingProxyType({})
    stub = "Put a number in place of each pair of three dots, then run the cell again."

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.keys = tuple(self.truth)

    def entries(self, answer: Any) -> dict[str, Any]:
        """Return the entries in their order; a plain list has them in it already."""
        if in_a_row(answer):
            values = as_array(answer, "your list", shape=(len(self.keys),))
            return dict(zip(self.keys, values, strict=True))
        return super().entries(answer)

    def look(self, key: str, given: Any) -> None:
        """Compare a number with the truth, and know the slips."""
        value = as_number(given, f'"{key}"')
        if abs(value - self.truth[key]) <= _CLOSE:
            return
        for (entry, wrong), sentence in self.slips.items():
            if entry == key and abs(value - wrong) <= _CLOSE:
                raise NotYet(sentence)
        raise NotYet(self.nudge(key, value))

    def nudge(self, key: str, value: float) -> str:
        """Say why a number that is no known slip is wrong."""
        return f'"{key}" is not {written(value)}.'


def written(value: float, digits: int | None = None) -> str:
    """Write a number for a sentence, with a proper minus and no needless digits.

    Without ``digits`` whole numbers have all that they need, others at most six.

    Examples
    --------
    >>> written(-2.50), written(1 / 3), written(1e7), written(-0.0), written(-1.234, 2)
    ('−2.5', '0.333333', '10,000,000', '0', '−1.2')
    """
    digits = digits or (12 if value == round(value) else 6)
    return f"{value + 0.0:,.{digits}g}".replace("-", "−")
