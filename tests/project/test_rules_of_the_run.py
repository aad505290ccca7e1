"""The rules in the top conftest.py do what they say, in a pytest run of their own."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

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

    def start(ci=""):
        command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"]
        command += ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", tmp_path]
        done = subprocess.run(
            [*command, tmp_path],
            cwd=tmp_path,
            env=os.environ | {"CI": ci},
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
    assert run()[0] == status


@pytest.mark.parametrize("source", [SKIPS, SKIPS_WHOLE_FILE])
def test_under_ci_a_skip_is_a_failure(run, tmp_path, source):
    (tmp_path / "test_a.py").write_text(source)
    status, _ = run()
    assert status in {0, 5}  # 5: no test was left to run
    status, text = run(ci="true")
    assert status not in {0, 5}
    assert "no browser" in text
