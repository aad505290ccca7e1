"""How far one is: counted, named, and never in the way."""

import importlib
import pkgutil

import pytest

from helpers import exercises
from helpers.exercises.base import Exercise, NotTried, require
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question


class Seven(Exercise):
    answer = "7"

    def examine(self, answer):
        require(answer == 7, "not seven.")
        return "seven."


class Anything(Exercise):
    open_ended = True

    def examine(self, answer):
        if answer == "later":
            raise NotTried
        return "Here is what it does."


def question(name):
    return Question(name, kind="number", prompt="3 + 4?", answer=7, why="3 + 4 = 7.")


@pytest.fixture
def lesson():
    """What stands in the module of a lesson, other things among it."""
    names = {"Seven": Seven, "np": pytest, "p1": question("p1"), "p2": question("p2")}
    names |= {"q1": Seven("q1"), "q2": Seven("q2"), "q3": Anything("q3"), "x": None}
    return names | {"progress": Progress(names)}


@pytest.fixture
def said(lesson, capsys):
    """Answer, by name, then ask how far one is."""

    def answer(**answers):
        for name, value in answers.items():
            lesson[name].check(value)
        capsys.readouterr()
        assert lesson["progress"]() is None
        return capsys.readouterr().out

    return answer


FRESH = """\
Questions on the way: 0 of 2 tried, 0 right, 2 open.
    open: p1, p2
Exercises: 0 of 3 tried, 0 right, 3 open.
    open: q1, q2, q3
Nothing is tried yet. Write an answer in place of three dots, run its cell, then this \
one.
"""

HALF = """\
Questions on the way: 2 of 2 tried, 1 right, 0 open.
    right: p2
    not right yet: p1
Exercises: 2 of 3 tried, 1 right, 1 open.
    right: q1
    described: q3
    open: q2
"""

ALL = """\
Questions on the way: 2 of 2 tried, 2 right, 0 open.
    right: p1, p2
Exercises: 3 of 3 tried, 2 right, 0 open.
    right: q1, q2
    described: q3
That is all there is. Well done!
"""


def test_a_fresh_kernel(said):
    assert said() == FRESH


def test_run_all_changes_nothing(said):
    """A notebook that is run from top to bottom checks every stub."""
    assert said(p1=..., p2=..., q1=None, q2=[...], q3="later") == FRESH


def test_half_way(said):
    assert said(p1=8, p2=7, q1=7, q3="anything") == HALF
    assert said() == HALF


def test_all_done(said):
    assert said(p1=7, p2=7, q1=7, q2=7, q3=1) == ALL


def test_the_latest_check_counts(said):
    assert "not right yet: q1" in said(q1=1)
    assert "right: q1\n" in said(q1=7)
    assert "not right yet: q1" in said(q1=2)
    assert said(q1=...) == FRESH


def test_only_checks_are_remembered(lesson, said):
    lesson["q1"].judge(7)
    lesson["q1"].hint()
    lesson["q1"].solution()
    assert said() == FRESH


def test_a_lesson_without_questions(lesson, capsys):
    Progress({"q1": lesson["q1"]})()
    assert capsys.readouterr().out.startswith("Exercises: 0 of 1 tried")


def test_a_lesson_without_anything(capsys):
    Progress({})()
    assert capsys.readouterr().out == "There is nothing to answer in this lesson.\n"


def test_what_is_defined_later_counts(capsys):
    names = {}
    progress = Progress(names)
    names["q1"] = Seven("q1")
    progress()
    assert "0 of 1 tried" in capsys.readouterr().out


def test_without_brackets_it_says_what_it_is(lesson):
    assert "ex.progress()" in repr(lesson["progress"])


LESSONS = [
    module.name
    for module in pkgutil.iter_modules(exercises.__path__)
    if module.name.startswith("lesson_")
]


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_has_it(name, capsys):
    module = importlib.import_module(f"helpers.exercises.{name}")
    module.progress()
    said = capsys.readouterr().out
    for task in module.__all__:
        assert task == "progress" or task in said


def test_there_are_lessons():
    assert len(LESSONS) >= 4
