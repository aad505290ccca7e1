"""What every exercise and question does, whatever it asks."""

import copy
import re
from typing import Any

BEGINNINGS = ("Not yet: ", "Not tried yet. ", "Here is what")


def is_not_tried(exercise, stubs, capsys) -> None:
    """As the lesson hands it out, an exercise says that it is not tried yet."""
    for stub in stubs:
        exercise.check(stub)
        assert capsys.readouterr().out.startswith("Not tried yet. ")
    exercise.check()
    assert capsys.readouterr().out.startswith("Not tried yet. ")


def hears_why(exercise, answer: Any, said: str, capsys) -> None:
    """A wrong answer is wrong, and a sentence that matches ``said`` tells why."""
    assert exercise.judge(answer).state == "not yet"
    exercise.check(answer)
    printed = capsys.readouterr().out
    assert re.search("^Not yet: ", printed, re.M)  # an answer may print, too
    assert re.search(said, printed)


def hears_something(exercise, answers, capsys, most=600) -> None:
    """Whatever comes, at most so many letters are said, and nothing is raised."""
    for answer in answers:
        exercise.check(answer)
        printed = capsys.readouterr().out
        assert printed.startswith(BEGINNINGS)
        assert len(printed) < most


def leads_on(exercise, capsys) -> None:
    """Two or three hints, one by one, then the way to the solution, and why."""
    fresh = copy.copy(exercise)
    count = len(fresh.hints)
    assert 2 <= count <= 3
    for number, hint in enumerate(fresh.hints, 1):
        fresh.hint()
        assert capsys.readouterr().out == f"Hint {number} of {count}: {hint}\n"
    fresh.hint()
    assert f"ex.{fresh.name}.solution()" in capsys.readouterr().out
    fresh.solution()
    printed = capsys.readouterr().out
    solution = fresh.answer if isinstance(fresh.answer, str) else fresh.solved()
    assert solution in printed
    assert fresh.why in printed
    assert fresh.name in repr(fresh)
