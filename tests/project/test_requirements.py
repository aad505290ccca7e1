"""What a learner installs is what lessons and helpers import, no less and no more."""

import ast
import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "helpers"

# In requirements.txt, though nothing imports it.
NOT_IMPORTED = {
    "jupyterlab": "the place where the lessons open",
}

# Imported where a learner chose it, and required of contributors only, whose tests do.
CHOSEN = {
    "jax": "Keras's other backend, imported where Keras runs on it",
}


def imported_by(code: str) -> set[str]:
    """Give the top modules of others that code imports, wherever the line stands."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found - {OURS} - sys.stdlib_module_names


def code_of(notebook: Path) -> str:
    """Give a notebook's code cells as one program, magics turned into calls."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return "\n".join(map(TransformerManager().transform_cell, sources))


def required_by(text: str) -> set[str]:
    """Give the names in a list of requirements."""
    lines = (re.split(r"\s*#", line)[0].strip() for line in text.splitlines())
    return {canonicalize_name(Requirement(line).name) for line in lines if line}


def disagreements(
    modules: Iterable[str],
    required: Iterable[str],
    not_imported: Mapping[str, str],
    distributions: Mapping[str, Iterable[str]],
) -> list[str]:
    """Compare imports with requirements, a sentence for each that does not fit."""
    wrong, used = [], set()
    for module in sorted(modules):
        names = {canonicalize_name(name) for name in distributions.get(module, [])}
        used |= names
        if not names & set(required):
            whose = " or ".join(sorted(names)) or "which nobody installed brings"
            wrong.append(f"{module} is imported, but not required: {whose}")
    for name in sorted(required):
        if name not in used and name not in not_imported:
            wrong.append(f"{name} is required, but not imported; say why, or drop it")
    for name in sorted(not_imported):
        if name not in required or name in used:
            wrong.append(f"{name} needs no reason: it is imported, or not required")
    return wrong


def test_imports_and_requirements_agree(root):
    sources = [p.read_text(encoding="utf-8") for p in root.glob("helpers/**/*.py")]
    sources += map(code_of, sorted(root.glob("notebooks/*.ipynb")))
    assert len(sources) > 20
    modules = set().union(*map(imported_by, sources))
    assert {"numpy", "PIL", "scipy", "tensorflow"} <= modules
    required = required_by((root / "requirements.txt").read_text(encoding="utf-8"))
    brought = metadata.packages_distributions()
    assert disagreements(modules - CHOSEN.keys(), required, NOT_IMPORTED, brought) == []
    development = (root / "requirements-dev.txt").read_text(encoding="utf-8")
    assert modules >= CHOSEN.keys() <= required_by(development)
    assert required.isdisjoint(CHOSEN)


# -- the check itself ------------------------------------------------------------------

BROUGHT = {"numpy": ["numpy"], "PIL": ["Pillow"], "sklearn": ["scikit-learn"]}


@pytest.mark.parametrize(
    ("modules", "required", "reasons", "said"),
    [
        ({"numpy", "PIL"}, {"numpy", "pillow"}, {}, []),
        ({"numpy"}, {"numpy", "lab"}, {"lab": "its place"}, []),
        ({"numpy", "PIL"}, {"numpy"}, {}, ["PIL is imported, but not required"]),
        ({"numpy", "gone"}, {"numpy"}, {}, ["gone is imported, but not required"]),
        ({"numpy"}, {"numpy", "scipy"}, {}, ["scipy is required, but not imported"]),
        ({"numpy"}, {"numpy"}, {"numpy": "?"}, ["numpy needs no reason"]),
        ({"numpy"}, {"numpy"}, {"lab": "its place"}, ["lab needs no reason"]),
    ],
)
def test_either_side_that_lacks_one_is_found(modules, required, reasons, said):
    found = disagreements(modules, required, reasons, BROUGHT)
    assert len(found) == len(said)
    for sentence, start in zip(found, said, strict=True):
        assert sentence.startswith(start)


def test_imports_are_found_wherever_they_stand():
    code = """
import os, numpy as np
import helpers.ops
from . import beside
from scipy.signal import convolve2d
if TYPE_CHECKING:
    import keras.layers
def load():
    from sklearn import datasets
"""
    assert imported_by(code) == {"numpy", "scipy", "keras", "sklearn"}


def test_code_of_a_notebook(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["import nothing"]},
        {"cell_type": "code", "source": ["%pip install x\n", "import numpy\n"]},
        {
            "cell_type": "code",
            "source": ["!ls\n", "if True:\n", "    %time import PIL"],
        },
        {"cell_type": "code", "source": ["x = np.ones?\n", "from scipy import fft"]},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert {"numpy", "scipy"} <= imported_by(code_of(path))


def test_names_of_requirements():
    text = "# a list\nNumPy>=2 # arrays\nscikit-learn>=1.6; python_version > '3'\n\n"
    assert required_by(text) == {"numpy", "scikit-learn"}
