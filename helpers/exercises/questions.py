r"""Questions on the way: predict, then run.

A question is data. In a lesson it stands as a line to fill in and a check.

>>> p1 = Question(
...     "p1",
...     kind="number",
...     prompt="At how many places does a kernel of 3 fit into a row of 5 pixels?",
...     answer=3,
...     slips=[(2, "5 − 3 leaves out the first place."), (5, "it must fit inside.")],
...     hints=["Draw the row, and lay the kernel on its first place."],
...     why="it begins at the first, the second and the third pixel.",
... )
>>> p1.check(...)
Not tried yet. Put your answer in place of the three dots, then run the cell again.
>>> p1.check(2)
Not yet: 5 − 3 leaves out the first place.
>>> p1.check(3)
Correct: it begins at the first, the second and the third pixel.

The rule
--------
A web page can ask the same question and judge by the same rule: it needs what
`Question.as_json` returns, and the five steps that `verdict` takes.

1. **Read.** The answer becomes a plain value. In kind ``number`` that is a number, in
   kind ``shape`` a list of whole numbers, in kind ``array`` a list of numbers, or of
   equally long lists of such lists. In kind ``choice`` it is a text, made comparable
   (`plain_text`): Unicode's NFKC form, small letters, the minus sign as a hyphen, runs
   of white space as one space, spaces and the signs in `ENDS` taken off both ends. A
   lesson's line ``- **c**: it gets darker`` is read, too: stars are left out, and "- "
   at the beginning, and a hyphen or underscore between two letters or digits counts as
   a space. Where what is left equals a key of ``choices``, the text under one, or key
   and text with ": " between them, all made comparable too, the value is that key. So
   it is where what is left has a letter in it, and one text alone begins with it and
   goes on with a space, or with one of ",;:." and a space. Nothing at all, or a text
   of which nothing is left, is "not tried", and the message is ``stub``.
2. **Compare.** What can't be read: "not yet", with the message ``unread``.
3. The value is the same as ``answer``: "correct", ``why``. Two numbers are the same if
   they differ by no more than ``tolerance``, two texts if they are equal, two lists if
   they are equally long and their entries are the same, one by one.
4. It is the same as the value of one of the ``slips``: "not yet", the sentence of the
   first of these.
5. Else: "not yet", ``nudge``. In kind ``array`` a sentence goes before it. Of another
   shape than the answer's: ``other_shape``, with both shapes in place of ``{came}`` and
   ``{wanted}``. Of its shape: ``cells``, with how many numbers are the same, how many
   there are, and where, in reading order, the first stands that is not, in place of
   ``{right}``, ``{all}`` and ``{place}``. Shapes and places are written (2,) or (2, 3).
"""

import numbers
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from helpers._arguments import real, refusal, word
from helpers.exercises.base import (
    Memory,
    NotTried,
    NotYet,
    Task,
    Verdict,
    as_array,
    as_number,
    as_whole,
    listed,
    require,
)

__all__ = ["ENDS", "Question", "plain_text", "verdict"]

#: What is taken off both ends of a text, besides white space.
ENDS = ".,:;!?'\"`()[]{}‘’“”。、「」『』"

_KINDS = ("number", "choice", "shape", "array")
_MOST = 10_000  # numbers in an array
_UNREAD = {
    "number": "one number is wanted.",
    "shape": "a shape is wanted: a few whole numbers in brackets.",
    "array": "an array of numbers is wanted: rows in brackets, all of the same length.",
}
_OTHER_SHAPE = "yours has shape {came}; shape {wanted} is wanted. "
_CELLS = (
    "you have {right} of {all} numbers right; the first that is not stands at {place}. "
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Question(Task):
    """A question on the way.

    Parameters
    ----------
    name
        What the lesson calls it, ``"p1"``.
    kind
        ``"number"``, ``"choice"``, ``"shape"`` or ``"array"``.
    prompt
        The question, as it stands in the lesson.
    answer
        The right one: a number, the key of a choice, a shape, an array.
    why
        Why it is right.
    choices
        What can be chosen, by key, such as ``{"a": "it gets darker", …}``; in kind
        ``"choice"`` only.
    tolerance
        How far a number, or each number of an array, may be from the right one.
    slips
        Pairs of a wrong answer and the sentence that is said to it. A choice has one
        for each that is not right.
    nudge
        What is said to any other wrong answer.
    hints
        From a nudge to nearly everything.
    stub
        What is said as long as nothing is filled in.

    Raises
    ------
    ValueError
        Where the data do not fit together: the answer or a slip is not of its kind, a
        slip is right, two choices read the same, a wrong one has no sentence.
    """

    name: str = field(kw_only=False)
    kind: Literal["number", "choice", "shape", "array"]
    prompt: str
    answer: Any
    why: str
    choices: Mapping[str, str] = field(default_factory=dict)
    tolerance: float = 1e-6
    slips: Sequence[tuple[Any, str]] = ()
    nudge: str = "that is not it. The hints lead there step by step."
    hints: Sequence[str] = ()
    stub: str = Task.stub
    memory: Memory = field(default_factory=Memory, init=False)
    sort = "question"

    def __post_init__(self) -> None:
        word(self.kind, "kind", _KINDS)
        if (self.kind == "choice") != bool(self.choices):
            raise refusal("choices", self.choices, "Only a choice has some")
        texts = [_line(text) for pair in self.choices.items() for text in pair]
        if len({"", *texts}) <= len(texts):
            raise refusal("choices", self.choices, "No two may read the same")
        real(self.tolerance, "tolerance", 0)
        if self.kind in ("choice", "shape"):
            object.__setattr__(self, "tolerance", 0.0)
        answer = self._own(self.answer, "answer")
        slips = tuple((self._own(wrong, "slips"), text) for wrong, text in self.slips)
        for wrong, _ in slips:
            if _same(wrong, answer, self.tolerance):
                raise refusal("slips", wrong, "Only wrong answers have sentences")
        if self.kind == "choice":
            silent = set(self.choices) - {answer} - {wrong for wrong, _ in slips}
            if silent:
                raise refusal("slips", "none for " + listed(sorted(silent)), "Add one")
        object.__setattr__(self, "answer", answer)
        object.__setattr__(self, "slips", slips)
        object.__setattr__(self, "hints", tuple(self.hints))

    def as_json(self) -> dict[str, Any]:
        """Return all that is needed to ask and to judge, in JSON's own types.

        Examples
        --------
        >>> question = Question(
        ...     "p2", kind="shape", prompt="…", answer=(26, 26), why="28 − 3 + 1 = 26."
        ... )
        >>> question.as_json()["answer"], question.as_json()["tolerance"]
        ([26, 26], 0.0)
        """
        data = {
            "name": self.name,
            "kind": self.kind,
            "prompt": self.prompt,
            "choices": dict(self.choices),
            "answer": self.answer,
            "tolerance": self.tolerance,
            "slips": [list(slip) for slip in self.slips],
            "nudge": self.nudge,
            "hints": list(self.hints),
            "why": self.why,
            "stub": self.stub,
            "unread": self._unread(),
        }
        if self.kind == "array":
            data |= {"other_shape": _OTHER_SHAPE, "cells": _CELLS}
        return data

    def examine(self, answer: Any) -> str:
        """Read what came, then judge it by the rule."""
        found = verdict(self.as_json(), self._read(answer))
        if found.state == "not tried":
            raise NotTried
        require(found.state == "correct", found.message)
        return found.message

    def solved(self) -> str:
        """Return the right answer, as a learner would write it."""
        if self.kind == "choice":
            return f"{self.answer}: {self.choices[self.answer]}"
        if self.kind == "shape":
            return _brackets(self.answer)
        return _rows(self.answer)

    def _unread(self) -> str:
        if self.kind == "choice":
            return f"choose one of {listed(self.choices)}."
        return _UNREAD[self.kind]

    def _read(self, answer: Any) -> Any:
        """Return an answer as a plain value; what can't be read raises `NotYet`."""
        if isinstance(answer, str) and not plain_text(answer):
            return ""
        value = _READERS[self.kind](answer)
        if value is None:  # only a choice, of something that is no text
            raise NotYet(
                f"choose one of {listed(self.choices)}, as text in quotation marks."
            )
        return value

    def _own(self, value: Any, name: str) -> Any:
        """Read one of the question's own answers."""
        try:
            plain = self._read(value)
        except NotYet as reason:
            raise refusal(name, repr(value), f"But {str(reason).rstrip('.')}") from None
        if self.kind == "choice":
            if value not in self.choices:
                raise refusal(name, repr(value), "Give the key of a choice")
            return value
        return plain


def verdict(question: Mapping[str, Any], value: Any) -> Verdict:
    """Judge a plain value by what `Question.as_json` returned; see the rule above.

    Parameters
    ----------
    question
        The question, from JSON.
    value
        A number, a text, or lists of numbers; None where nothing was filled in.

    Returns
    -------
    Verdict
    """
    if value is None or (isinstance(value, str) and not plain_text(value)):
        return Verdict("not tried", question["stub"])
    if question["kind"] == "choice":
        value = _chosen(value, question["choices"])
        if value is None:
            return Verdict("not yet", question["unread"])
    answer, tolerance = question["answer"], question["tolerance"]
    if _same(value, answer, tolerance):
        return Verdict("correct", question["why"])
    for wrong, sentence in question["slips"]:
        if _same(value, wrong, tolerance):
            return Verdict("not yet", sentence)
    before = ""
    if question["kind"] == "array":
        if _shape(value) != _shape(answer):
            before = question["other_shape"].format(
                came=_brackets(_shape(value)), wanted=_brackets(_shape(answer))
            )
        else:
            pairs = list(_pairs(value, answer))
            wrong = [at for at, a, b in pairs if not _same(a, b, tolerance)]
            before = question["cells"].format(
                right=len(pairs) - len(wrong),
                all=len(pairs),
                place=_brackets(wrong[0]),
            )
    return Verdict("not yet", before + question["nudge"])


def plain_text(text: str) -> str:
    """Make a text comparable: what is left does not depend on how it was typed.

    Examples
    --------
    >>> plain_text(" (Ｂ)."), plain_text('"It  gets darker!"'), plain_text("−1")
    ('b', 'it gets darker', '-1')
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("−", "-")
    return " ".join(text.split()).strip(ENDS + " ")


def _chosen(text: str, choices: Mapping[str, str]) -> str | None:
    text = _line(text)
    for key, words in choices.items():
        if text in map(_line, (key, words, f"{key}: {words}")):
            return key
    begins = re.compile(re.escape(text) + "[,;:.]? ")
    found = [key for key, words in choices.items() if begins.match(_line(words))]
    has_letter = any(map(str.isalpha, text))  # the 3 of "3 × 3" means something else
    return found[0] if has_letter and len(found) == 1 else None


def _line(text: str) -> str:
    """Make a choice comparable, also as it stands in a lesson: "- **c**: darker"."""
    text = plain_text(plain_text(text.replace("*", "")).removeprefix("- "))
    return re.sub(r"(?<=[^\W_])[-_](?=[^\W_])", " ", text)


def _same(a: Any, b: Any, tolerance: float) -> bool:
    """Say whether two plain values are the same."""
    if isinstance(a, list) or isinstance(b, list):
        if not isinstance(a, list) or not isinstance(b, list) or len(a) != len(b):
            return False
        return all(_same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, str) or isinstance(b, str):
        return bool(a == b)
    return bool(abs(a - b) <= tolerance)


def _shape(value: Any) -> list[int]:
    """Return how long lists in lists are."""
    if not isinstance(value, list):
        return []
    return [len(value), *(_shape(value[0]) if value else [])]


def _pairs(
    a: Any, b: Any, at: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """Walk two arrays of one shape in reading order: place, number, number."""
    if isinstance(a, list):
        for index, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _pairs(x, y, (*at, index))
    else:
        yield at, a, b


def _brackets(whole: Sequence[int]) -> str:
    return f"({', '.join(map(str, whole))}{',' * (len(whole) == 1)})"


def _rows(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_rows, value))}]"
    return f"{value:.12g}"


# -- reading what learners give --------------------------------------------------------


def _alone(answer: Any) -> Any:
    """Take a single thing out of the brackets that it came in."""
    if isinstance(answer, list | tuple | set) and len(answer) == 1:
        (answer,) = answer
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    return answer


def _number(answer: Any) -> float:
    answer = _alone(answer)
    if isinstance(answer, bool | np.bool_):
        raise NotYet(f"a number is wanted; {answer} says only yes or no.")
    several = answer.tolist() if isinstance(answer, np.ndarray) else answer
    if (
        isinstance(several, list | tuple)
        and len(several) > 1
        and all(isinstance(n, numbers.Real) for n in several)
    ):
        said = f"{len(several)} numbers came; one is wanted."
        if several.count(several[0]) == len(several):
            said += " Give the number once."
        elif isinstance(several, tuple) and len(several) == 2:
            said += (
                " If one is meant, write it without a comma: a decimal number with a "
                "point, 0.5, and ten thousand as 10000."
            )
        raise NotYet(said)
    if isinstance(answer, str):
        try:
            float(answer)
        except ValueError:
            require(
                not re.fullmatch(r"[-−+]?\d[\d.,_'’\s]*", answer.strip()),
                "your answer is text. Give it as a number, without quotation marks, "
                "commas or blanks: a decimal number with a point, 0.5, and ten "
                "thousand as 10000.",
            )
            require(
                any(letter.isdigit() for letter in answer),
                "a number is wanted; text came. Guess one: a wrong guess teaches, too.",
            )
    return as_number(answer)


def _text(answer: Any) -> str | None:
    answer = _alone(answer)
    if isinstance(answer, numbers.Real) and not isinstance(answer, bool):
        return f"{as_number(answer):.12g}"
    if not isinstance(answer, str):
        return None
    return re.sub("(?i)grey", "gray", answer)  # as the lessons spell it


def _whole_numbers(answer: Any) -> list[int]:
    require(
        not isinstance(answer, str | bytes),
        "your answer is text; give the numbers in brackets, without quotation marks.",
    )
    if isinstance(answer, list | tuple):
        require(
            all(n is not None for n in answer) or any(n is ... for n in answer),
            "None stands for the number of pictures, which Keras leaves open. Leave it "
            "out.",
        )
    array = as_array(answer, wanted="a shape, a few whole numbers in brackets")
    if array.ndim == 2 and len(array) == 1:  # one row, in brackets of its own
        array = array[0]
    require(
        array.ndim < 2 and array.size <= 9,
        f"a few numbers in brackets are wanted; an array of shape {array.shape} came. "
        "Give its shape.",
    )
    return [
        as_whole(n, "a number of your shape", most=10**9) for n in np.atleast_1d(array)
    ]


def _lists(answer: Any) -> Any:
    array = as_array(answer)
    require(array.size <= _MOST, f"{array.size:,} numbers came; far fewer are wanted.")
    return array.tolist()


_READERS = {
    "number": _number,
    "choice": _text,
    "shape": _whole_numbers,
    "array": _lists,
}
