"""How far a learner is in a lesson: what is right, what is not yet, what is open.

A lesson's module holds one line, ``progress = Progress(globals())``; whatever questions
and exercises stand in the module are counted, in the order in which they stand there.

>>> from helpers.exercises.predictions import Predictions
>>> class Sum(Predictions):
...     truth = {"two": 1 + 1}
...     right = "you can add."
>>> q1, q2 = Sum("q1"), Sum("q2")
>>> progress = Progress({"q1": q1, "q2": q2})
>>> q1.check({"two": 2})
Correct: you can add.
>>> progress()
Exercises: 1 of 2 tried, 1 right, 1 open.
    right: q1
    open: q2
"""

from collections.abc import Mapping
from typing import Any

from helpers.exercises.base import State, Task

__all__ = ["WORDS", "Progress"]

#: What the states are called, for a reader.
WORDS: dict[State, str] = {
    "correct": "right",
    "described": "described",
    "not yet": "not right yet",
    "not tried": "open",
}
_SORTS = {"question": "Questions on the way", "exercise": "Exercises"}


class Progress:
    """Says how far one is; call it.

    Parameters
    ----------
    names
        The names of a lesson's module, ``globals()``. It is looked into at every call,
        so it does not matter what is defined later.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names

    def __call__(self) -> None:
        """Print how many questions and exercises are tried, right, open, and which.

        What counts is the latest check of each since the kernel started. An exercise
        that has no right answer counts as tried once it was described.
        """
        tasks = self.tasks()
        lines: list[str] = []
        for sort, title in _SORTS.items():
            lines += _lines(title, [task for task in tasks if task.sort == sort])
        states = {_state(task) for task in tasks}
        if not tasks:
            lines.append("There is nothing to answer in this lesson.")
        elif states == {"not tried"}:
            lines.append(
                "Nothing is tried yet. Write an answer in place of three dots, run its "
                "cell, then this one."
            )
        elif states <= {"correct", "described"}:
            lines.append("That is all there is. Well done!")
        print("\n".join(lines))

    def tasks(self) -> list[Task]:
        """Return the questions and exercises of the lesson, in their order."""
        return [task for task in self._names.values() if isinstance(task, Task)]

    def __repr__(self) -> str:
        return "<ex.progress() says how far you are>"


def _state(task: Task) -> State:
    return task.memory.verdict.state if task.memory.verdict else "not tried"


def _lines(title: str, tasks: list[Task]) -> list[str]:
    if not tasks:
        return []
    names: dict[State, list[str]] = {state: [] for state in WORDS}
    for task in tasks:
        names[_state(task)].append(task.name)
    lines = [
        f"{title}: {len(tasks) - len(names['not tried'])} of {len(tasks)} tried, "
        f"{len(names['correct'])} right, {len(names['not tried'])} open."
    ]
    for state, word in WORDS.items():
        if names[state]:
            lines.append(f"    {word}: {', '.join(names[state])}")
    return lines
