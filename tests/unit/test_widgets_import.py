"""`helpers.widgets` names every explorer, and reads each when it is asked for."""

import json
import os
import subprocess
import sys

import pytest
from explorers_given import IMPORTS, made

from helpers import widgets

HEAVY = {"tensorflow", "keras", "jax", "torch", "sklearn"}


def modules_after(line, folder):
    """The names of the modules that a new Python has read after a line of code."""
    code = f"import json, sys\n{line}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


@pytest.fixture(params=["clone", "wheel"])
def folder(request, root):
    return root if request.param == "clone" else request.getfixturevalue("installed")


def explorers(modules):
    prefix = "helpers.widgets.explorers."
    return {name.removeprefix(prefix) for name in modules if name.startswith(prefix)}


def test_one_explorer_is_read_without_the_others(folder):
    modules = modules_after("from helpers.widgets import KernelLab", folder)
    assert explorers(modules) == {"kernel_lab"}
    assert not modules & HEAVY


def test_naming_the_room_reads_none(folder):
    assert explorers(modules_after("import helpers.widgets", folder)) == set()


def test_a_star_reads_all_and_each_can_be_made(folder):
    line = f"{IMPORTS}import helpers\n" + "\n".join(
        f"assert {made(name)}._modules" for name in widgets.__all__
    )
    line += f"\nassert helpers.__file__.startswith({str(folder)!r})"
    modules = modules_after(line, folder)
    assert len(explorers(modules)) == len(widgets.__all__)
    assert not modules & HEAVY


def test_names():
    assert set(widgets.__all__) <= set(dir(widgets))
    assert sorted(widgets._ROOMS) == widgets.__all__
    for name in widgets.__all__:
        assert getattr(widgets, name).__name__ == name
    with pytest.raises(AttributeError, match=r"helpers\.widgets.*'KernelLub'"):
        widgets.KernelLub  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'KernelLub'"):
        exec("from helpers.widgets import KernelLub")
    assert not hasattr(widgets, "explorer")
