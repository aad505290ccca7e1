"""The rules in the top conftest.py do what they say, in a pytest run of their own."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings

import nbformat
import pytest

NOTEBOOKS = ("-p", "nbval.plugin", "--nbval", "--nbval-current-env")
PROCESSES = "-n 2 --dist loadfile"  # as `make test` runs them
IN_TWO = ("-p", "xdist.plugin", *PROCESSES.split())
SKIPS = """
import pytest

def test_skipped():
    pytest.skip("no browser")
"""
SKIPS_WHOLE_FILE = """
import pytest
pytest.skip("no browser", allow_module_level=True)
"""


@pytest.fixture
def run(root, tmp_path):
    """Run pytest in an empty folder under the rules; return its status and text."""
    shutil.copy(root / "conftest.py", tmp_path)
    # No plugin but those that are named: it starts in a tenth of the time.
    variables = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def start(*options, ci=""):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
        command += ["-c", os.devnull, "--rootdir", tmp_path, *options]
        done = subprocess.run(
            [*command, tmp_path],
            cwd=tmp_path,
            env=variables | {"CI": ci},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    return start


@pytest.mark.parametrize(("stream", "status"), [("stderr", 0), ("stdout", 1)])
def test_only_stderr_may_differ(run, tmp_path, stream, status):
    cell = nbformat.v4.new_code_cell(
        f"import sys\nprint('now', file=sys.{stream})",
        execution_count=1,
        outputs=[nbformat.v4.new_output("stream", name=stream, text="before\n")],
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "01_a.ipynb")
    assert run(*NOTEBOOKS)[0] == status, (
        "nbval: the top conftest.py adds stderr to IPyNbFile.skip_compare, and this "
        "nbval compares by something else. Another way is wanted."
    )


@pytest.mark.parametrize("category", [UserWarning, DeprecationWarning, ResourceWarning])
def test_a_warning_is_a_failure(category):
    with pytest.raises(category):
        warnings.warn("Take care.", category, stacklevel=1)


def test_exceptions_to_that_are_narrow(root):
    """Each names what is said, of what kind, and by which library; never ours."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    options = tomllib.loads(text)["tool"]["pytest"]["ini_options"]
    first, *exceptions = options["filterwarnings"]
    assert first == "error"
    for exception in exceptions:
        action, message, category, library = exception.split(":")
        assert action == "ignore"
        assert len(message) > 20
        assert category.endswith("Warning")
        assert re.match(r"(?!helpers)[a-z]+", library)


# Cells of one lesson, and whether each passes.
WARNINGS = [
    ("import logging, warnings\nlogging.basicConfig()", True),
    ("warnings.warn('Take care.')", False),
    ("warnings.warn('Take care.', FutureWarning)", False),
    ("logging.getLogger('tensorflow').warning('Take care.')", False),
    ("logging.getLogger('tensorflow').info('All is well.')", True),
    ("with warnings.catch_warnings(action='ignore'):\n    warnings.warn('Oh.')", True),
]


def test_a_lesson_that_prints_a_warning_fails(run, tmp_path):
    cells = [
        nbformat.v4.new_code_cell(source, execution_count=count)
        for count, (source, _) in enumerate(WARNINGS, 1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01_a.ipynb")
    _, text = run(*NOTEBOOKS, "-rA")
    passed = [f"PASSED 01_a.ipynb::Cell {k}\n" in text for k in range(len(cells))]
    assert passed == [fine for _, fine in WARNINGS], (
        "nbval: the top conftest.py looks for warnings in IPyNbCell.test_outputs, and "
        "this nbval keeps the outputs of a cell elsewhere. Another way is wanted."
    )
    assert text.count("A lesson prints no warnings.") >= 3
    assert "UserWarning: Take care." in text


# Lessons of one cell; each has the output "2" stored.
LESSONS = {
    "01_uses_none": "print(1)",
    "06_differs": "from helpers import datasets\nprint(1)",
    "07_breaks": "from helpers import datasets\nprint(2)\n1 / 0",
}


@pytest.mark.parametrize("missing", [["MNIST"], []])
def test_without_real_data_their_lessons_are_not_compared(run, tmp_path, missing):
    """They have to run all the same; those that use none are compared as ever."""
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").touch()
    text = f"def missing():\n    return {missing!r}\n"
    (tmp_path / "helpers" / "datasets.py").write_text(text)
    wrong = [nbformat.v4.new_output("stream", name="stdout", text="2\n")]
    for name, source in LESSONS.items():
        cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=wrong)
        notebook = nbformat.v4.new_notebook(cells=[cell])
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    _, text = run(*NOTEBOOKS, *IN_TWO, "-rA")
    passed = {name for name in LESSONS if f"PASSED {name}.ipynb" in text}
    assert passed == ({"06_differs"} if missing else set()), (
        "nbval: the top conftest.py sets IPyNbFile.compare_outputs, and this nbval "
        "goes by something else. Another way is wanted."
    )
    said = "Real data are not all here (MNIST): lessons that use them run on stand-ins"
    assert (said in text) == bool(missing)


@pytest.mark.parametrize("source", [SKIPS, SKIPS_WHOLE_FILE])
def test_under_ci_a_skip_is_a_failure(run, tmp_path, source):
    (tmp_path / "test_a.py").write_text(source)
    status, _ = run()
    assert status in {0, 5}  # 5: no test was left to run
    for processes in ((), IN_TWO):
        status, text = run(*processes, ci="true")
        assert status not in {0, 5}
        assert "no browser" in text


def test_the_processes_of_a_run_share_the_files(root, run, tmp_path):
    """A notebook's cells stay together and in order; the last line counts all."""
    assert PROCESSES in (root / "Makefile").read_text()
    for name in ("01_a", "02_b"):
        cells = ["import os\nfound = [os.getpid()]"]
        cells += [f"assert len(found) == {n}\nfound += [os.getpid()]" for n in (1, 2)]
        cells += ["assert len(set(found)) == 1"]
        cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb"
        )
        (tmp_path / f"test_{name}.py").write_text("def test_a(): pass\n")
    status, text = run(*NOTEBOOKS, *IN_TWO, "-v")
    assert status == 0, text
    assert re.fullmatch(r"=+ 10 passed in .*s =+", text.splitlines()[-1])
    assert len(set(re.findall(r"\[gw\d\]", text))) == 2


def test_long_files_start_first(run, tmp_path):
    for name in ("unit/test_a", "browser/test_b", "browser/test_lessons"):
        path = tmp_path / "tests" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("def test_1(): pass\ndef test_0(): pass\n")
    status, text = run("-v")
    assert status == 0
    names = re.findall(r"(\w+)\.py::(\w+) PASSED", text)
    files = ["test_lessons", "test_b", "test_a"]
    assert names == [(file, test) for file in files for test in ("test_1", "test_0")]
