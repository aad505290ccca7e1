"""Run what belongs to one lesson: its notebook, and the tests of what it shows.

``python tools/check.py 03 [PYTEST OPTION ...]``. What belongs to a lesson is read from
its imports: a test file that imports one of its explorers or its exercises by name
belongs to it, and so does every test whose name holds the lesson's or an explorer's
(``test_run_all[03_pooling]``, ``test_it_fits[ShiftTest]``).
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from lessons import ROOT, find

TESTS = (
    "tests/unit",
    "tests/networks",
    "tests/notebooks",
    "tests/teaching",
    "tests/browser",
)
SHOWN_AND_ASKED = ("helpers.widgets", "helpers.exercises")
# Reading every test takes longer than running those of a lesson: a unit test that has
# neither word in it is not looked into.
CONCERNED = re.compile(r"\b(widgets|exercises)\b")


def imported(code: str) -> Iterator[str]:
    """Give what is imported by name from the explorers and the exercises.

    Parameters
    ----------
    code : str
        Python.

    Examples
    --------
    >>> list(imported("from helpers.widgets import KernelLab as lab, ShiftTest"))
    ['KernelLab', 'ShiftTest']
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            SHOWN_AND_ASKED
        ):
            yield from (alias.name for alias in node.names)


@dataclass(frozen=True)
class Belongings:
    """What belongs to a lesson."""

    notebook: Path
    names: tuple[str, ...]  # explorers and exercises, as the lesson imports them
    files: tuple[Path, ...]  # tests that import one of them
    others: tuple[Path, ...]  # tests that may have something about one of them

    @classmethod
    def of(cls, notebook: Path, root: Path = ROOT) -> "Belongings":
        """Read what a lesson imports, and which tests import the same.

        Parameters
        ----------
        notebook : Path
            The lesson.
        root : Path
            Folder of the repository.
        """
        cells = nbformat.read(notebook, as_version=4).cells
        plain = TransformerManager().transform_cell  # takes %pip and the like
        code = [plain(cell.source) for cell in cells if cell.cell_type == "code"]
        names = dict.fromkeys(name for source in code for name in imported(source))
        files, others = [], []
        for folder in TESTS:
            for path in sorted((root / folder).glob("test_*.py")):
                text = path.read_text(encoding="utf-8")
                if not names.keys().isdisjoint(imported(text)):
                    files.append(path)
                elif folder != "tests/unit" or CONCERNED.search(text):
                    others.append(path)
        return cls(notebook, tuple(names), tuple(files), tuple(others))

    @property
    def keywords(self) -> str:
        """What pytest's ``-k`` picks them by."""
        files = [path.name for path in self.files]
        return " or ".join([self.notebook.stem, *self.names, *files])

    def __str__(self) -> str:
        files = [f"{path.parent.name}/{path.name}" for path in self.files]
        return (
            f"{self.notebook.stem} and its {', '.join(self.names)}: the lesson, "
            f"{', '.join(files)}, and what bears one of these names in other tests."
        )


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Say what belongs to the lesson and run it; the rest is handed on to pytest."""
    name, *options = arguments or [""]
    try:
        lesson = Belongings.of(find(name, root), root)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    print(lesson, flush=True)
    command = [sys.executable, "-m", "pytest", *options, "-k", lesson.keywords]
    command += map(str, [lesson.notebook, *lesson.files, *lesson.others])
    return subprocess.call(command, cwd=root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
