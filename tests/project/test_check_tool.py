"""What belongs to a lesson is read from its imports, and pytest picks just that."""

import os

import check
import lessons
import nbformat
import pytest

from helpers import widgets

LESSONS = sorted((lessons.ROOT / "notebooks").glob("*.ipynb"))


SHARED = """
import pytest

@pytest.mark.parametrize("name", ["KernelLab", "ChannelSum", "03_small", "02_other"])
def test_shared(name): pass
"""


@pytest.fixture
def course(tmp_path):
    """A course of one lesson, with tests of what it shows and of other things."""
    imports = {
        "unit/test_one": "from helpers.widgets import KernelLab",
        "unit/test_two": "from helpers.widgets.explorers.s import ShiftTest as x",
        "unit/test_three": "from helpers import widgets",
        "unit/test_four": "from helpers.exercises import lesson_03 as ex",
        "unit/test_five": "from helpers.exercises import lesson_02 as ex",
        "browser/test_eight": "from helpers.widgets import ChannelSum, KernelLab",
        "browser/test_nine": "from helpers.widgets import ChannelSum\n"
        "    from elsewhere import KernelLab",
        "browser/hands": "from helpers.widgets import KernelLab",
    }
    # In a function, so that collecting does not read the helpers.
    sources = {name: f"def test_it():\n    {line}" for name, line in imports.items()}
    sources["unit/test_six"] = f"# Of exercises.\n{SHARED}"
    sources["unit/test_seven"] = f"never_looked_into\n{SHARED}"
    sources["notebooks/test_ten"] = SHARED
    for name, source in sources.items():
        path = tmp_path / "tests" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    cells = [
        nbformat.v4.new_markdown_cell("from helpers.widgets import ChannelSum"),
        nbformat.v4.new_code_cell("%pip install -qq something\nimport numpy"),
        nbformat.v4.new_code_cell(
            "from helpers.widgets import KernelLab, ShiftTest\n"
            "from helpers.exercises import lesson_03 as ex"
        ),
    ]
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "03_small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return tmp_path


def test_pytest_runs_what_belongs_to_the_lesson_and_nothing_else(course, capfd):
    options = ["--nbval", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
    options += ["-c", os.devnull, "--rootdir", str(course)]
    assert check.main(["3", *options], course) == 0
    said, *picked = capfd.readouterr().out.splitlines()
    assert said.startswith("03_small and its KernelLab, ShiftTest, lesson_03: ")
    assert "unit/test_two.py, browser/test_eight.py, and" in said
    assert {line for line in picked if "::" in line} == {
        "notebooks/03_small.ipynb::Cell 0",
        "notebooks/03_small.ipynb::Cell 1",
        "tests/unit/test_four.py::test_it",
        "tests/unit/test_one.py::test_it",
        "tests/unit/test_two.py::test_it",
        "tests/unit/test_six.py::test_shared[KernelLab]",
        "tests/unit/test_six.py::test_shared[03_small]",
        "tests/browser/test_eight.py::test_it",
        "tests/notebooks/test_ten.py::test_shared[KernelLab]",
        "tests/notebooks/test_ten.py::test_shared[03_small]",
    }


@pytest.mark.parametrize("notebook", LESSONS, ids=lambda path: path.stem)
def test_each_lesson_has_tests_of_all_that_it_imports(notebook):
    lesson = check.Belongings.of(notebook)
    tested = {}
    for path in lesson.files:
        for name in check.imported(path.read_text(encoding="utf-8")):
            # What stands on Keras has its unit tests in networks/.
            folder = path.parent.name.replace("networks", "unit")
            tested.setdefault(name, set()).add(folder)
    for name in lesson.names:
        folders = {"unit", "browser"} if name in widgets.__all__ else {"unit"}
        assert tested.get(name) == folders, name


def test_every_explorer_belongs_to_a_lesson():
    shown = {name for path in LESSONS for name in check.Belongings.of(path).names}
    assert shown >= set(widgets.__all__)


def test_an_unknown_lesson_is_said(capsys):
    assert check.main(["99"]) == 1
    assert "There are: 01_kernels" in capsys.readouterr().err
