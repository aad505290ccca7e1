"""A solution that is pasted into its lesson, in place of the stub, is right there."""

import importlib
import re

import nbformat
import numpy as np
import pytest
import stamp

from helpers import kernels

CHECK = re.compile(r"^ex\.(q\d+)\.check\((.*)\)$", re.MULTILINE)


def exercises():
    """Every cell that checks an answer: lesson, exercise, and what it hands over."""
    for path in sorted((stamp.ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and (found := CHECK.search(cell.source)):
                name = f"{path.stem} {found[1]}"
                yield pytest.param(path.stem[:2], *found.groups(), id=name)


@pytest.mark.parametrize(("lesson", "name", "handed"), list(exercises()))
def test_the_solution_is_right_in_its_lesson(lesson, name, handed):
    module = importlib.import_module(f"helpers.exercises.lesson_{lesson}")
    exercise = getattr(module, name)
    names = {"np": np, "kernels": kernels}
    exec(exercise.answer, names)
    verdict = exercise.judge(eval(handed, names))
    assert verdict.state == ("described" if exercise.open_ended else "correct")


def test_every_exercise_stands_in_its_lesson():
    found = {}
    for lesson, name, _ in (entry.values for entry in exercises()):
        found.setdefault(lesson, set()).add(name)
    assert len(found) >= 4
    for lesson, names in found.items():
        module = importlib.import_module(f"helpers.exercises.lesson_{lesson}")
        assert names == set(module.__all__)
