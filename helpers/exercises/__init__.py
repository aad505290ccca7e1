"""Checks, hints and solutions: one module a lesson, on the common base of `base`.

In a lesson:

    from helpers.exercises import lesson_01 as ex

    ex.q1.check(my_answer)   # not tried yet / not yet, and why / correct, and why
    ex.q1.hint()             # one hint more with every call
    ex.q1.solution()
    ex.progress()            # what is right, what is not yet, what is open

A new lesson adds one file with a class for each exercise: an `implements.Implements`
where a function is written, `predictions.Predictions` where several numbers are
predicted, a `base.Exercise` for all else. A question on the way, `p1`, is a
`questions.Question`: data, and no code.

For teachers, ``exercises.report(folder)`` reads the notebooks of a class and says who
solved what (`reports`, on `stored`, `handed_in` and `tables`).
"""

from typing import TYPE_CHECKING

from helpers import _lazy

if TYPE_CHECKING:
    from helpers.exercises.reports import report

__all__ = ["report"]

__getattr__, __dir__ = _lazy.names(__name__, {"report": "reports"})
