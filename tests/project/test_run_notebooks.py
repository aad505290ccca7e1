"""Re-running stores outputs, and nothing that varies."""

import json

import nbformat
import pytest
import run_notebooks


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of the given cells, with metadata that varies."""

    def write(*sources):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        cells[0].metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
        made = nbformat.v4.new_notebook(cells=cells)
        made.metadata["widgets"] = {"state": {}}
        path = tmp_path / "01_small.ipynb"
        nbformat.write(made, path)
        return path

    return write


def test_outputs_are_stored_and_nothing_that_varies(notebook):
    path = notebook(
        "import ipywidgets\nipywidgets.IntSlider()", "for i in range(3):\n    print(i)"
    )
    ids = [cell["id"] for cell in json.loads(path.read_text())["cells"]]
    assert run_notebooks.main([str(path)]) == 0
    stored = json.loads(path.read_text())
    assert set(stored["metadata"]) == {"kernelspec", "language_info"}
    assert "version" not in stored["metadata"]["language_info"]
    assert [cell["id"] for cell in stored["cells"]] == ids
    assert [cell["execution_count"] for cell in stored["cells"]] == [1, 2]
    assert [cell["metadata"] for cell in stored["cells"]] == [{}, {}]
    (output,) = stored["cells"][1]["outputs"]
    assert "".join(output["text"]) == "0\n1\n2\n"


def test_failing_notebook_is_left_alone(notebook, capsys):
    path = notebook("1 / 0")
    before = path.read_text()
    assert run_notebooks.main([str(path)]) == 1
    assert path.read_text() == before
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_what_interact_draws_is_stored(notebook):
    path = notebook(
        "from ipywidgets import interact\n\n"
        "@interact(n=(0, 5))\ndef show(n=3):\n    print('n is', n)\n    return n / 2"
    )
    assert run_notebooks.main([str(path)]) == 0
    (cell,) = json.loads(path.read_text())["cells"]
    printed = ["".join(output.get("text", "")) for output in cell["outputs"]]
    shown = ["".join(o.get("data", {}).get("text/plain", "")) for o in cell["outputs"]]
    broken = (
        "nbclient: tools/run_notebooks.py empties NotebookClient.widget_registry, so "
        "that what a callback of interact shows is stored with the cell. This nbclient "
        "does something else with it: another way is wanted."
    )
    assert "n is 3\n" in printed, broken
    assert "1.5" in shown, broken


def test_a_bar_that_is_gone_is_not_stored_and_a_warning_is(notebook):
    path = notebook(
        "import sys\n"
        "sys.stderr.write('\\rhalf |##  | \\rdone |####| \\r              \\r')\n"
        "print('trained')",
        "import sys\nsys.stderr.write('\\rhalf |##  | \\rWarning\\n\\r')\n1",
        "from helpers import _bars\nfor _ in _bars.bar(iterable=range(3)): pass",
        "for _ in _bars.bar(iterable=range(3)): pass\nprint('trained')",
    )
    assert run_notebooks.main([str(path)]) == 0
    gone, left, alone, replaced = json.loads(path.read_text())["cells"]
    assert [output["name"] for output in gone["outputs"]] == ["stdout"]
    assert "Warning" in "".join(left["outputs"][0]["text"])
    assert alone["outputs"] == []
    [output] = replaced["outputs"]
    assert (output["name"], "".join(output["text"])) == ("stdout", "trained\n")
