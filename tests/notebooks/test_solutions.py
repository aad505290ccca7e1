"""Exercises and questions in their lessons: what is handed over, and what stands there.

A solution that is pasted into its lesson, in place of the stub, is right there. A
question stands there with its prompt before it and its answer folded up after it.
"""

import importlib
import re

import nbformat
import numpy as np
import pytest
import stamp

from helpers import kernels
from helpers.exercises.base import Task
from helpers.exercises.questions import Question

CHECK = re.compile(r"^ex\.([pq]\d+)\.check\((.*)\)$", re.MULTILINE)
LESSONS = {
    path.stem[:2]: nbformat.read(path, as_version=4).cells
    for path in sorted((stamp.ROOT / "notebooks").glob("*.ipynb"))
}


def module(lesson):
    return importlib.import_module(f"helpers.exercises.lesson_{lesson}")


def tasks(lesson):
    """Every exercise and question of a lesson's module, by name."""
    return {n: v for n, v in vars(module(lesson)).items() if isinstance(v, Task)}


def checks():
    """Every cell that checks an answer: lesson, number, name, what it hands over."""
    for lesson, cells in LESSONS.items():
        for number, cell in enumerate(cells):
            if cell.cell_type == "code" and (found := CHECK.search(cell.source)):
                name = f"{lesson} {found[1]}"
                yield pytest.param(lesson, number, *found.groups(), id=name)


CHECKS = list(checks())
QUESTIONS = [
    entry
    for entry in CHECKS
    if isinstance(tasks(entry.values[0])[entry.values[2]], Question)
]


@pytest.mark.parametrize(("lesson", "number", "name", "handed"), CHECKS)
def test_the_solution_is_right_in_its_lesson(lesson, number, name, handed):
    task = tasks(lesson)[name]
    names = {"np": np, "kernels": kernels}
    if isinstance(task, Question):
        names[handed] = task.answer
    else:
        exec(task.answer, names)
    verdict = task.judge(eval(handed, names))
    assert verdict.state == ("described" if task.open_ended else "correct")


def test_every_exercise_stands_in_its_lesson():
    found = {}
    for lesson, _, name, _ in (entry.values for entry in CHECKS):
        found.setdefault(lesson, []).append(name)
    assert len(found) >= 4
    for lesson, names in found.items():
        assert names == list(tasks(lesson)), "as often, and in the order of the lesson"
        assert {*names, "progress"} == set(module(lesson).__all__)
        assert all(tasks(lesson)[name].name == name for name in names)


def test_there_are_questions():
    assert len(QUESTIONS) >= 1


@pytest.mark.parametrize(("lesson", "number", "name", "handed"), QUESTIONS)
def test_a_question_stands_between_its_prompt_and_its_answer(
    lesson, number, name, handed
):
    """One line to fill in and one check; the words are those of the module."""
    before, cell, after = LESSONS[lesson][number - 1 : number + 2]
    question = tasks(lesson)[name]
    assert cell.source == f"{handed} = ...\nex.{name}.check({handed})"
    assert one_line(question.prompt) in one_line(before.source)
    folded = re.search(
        r"<details><summary>.+?</summary>\n\n.+</details>", after.source, re.S
    )
    assert folded
    assert question.solved() in folded[0]
    numbered = re.search(r"(?m)^\d+[.)] ", folded[0])
    assert not numbered, "Markdown takes a number at a line's start for a list"


def one_line(text):
    return " ".join(text.split())
