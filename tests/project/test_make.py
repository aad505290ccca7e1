"""What `make` says on a machine that lacks something."""

import os
import shutil
import subprocess

import pytest


def make(root, tmp_path, python, *arguments):
    """Run make in an empty folder that holds the Makefile and a made-up Python."""
    shutil.copy(root / "Makefile", tmp_path)
    for name in ("requirements.txt", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    fake = tmp_path / "fake-python"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    variables = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments, f"PYTHON={fake}"],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("exit 1", "needs Python 3.11 or newer"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "sudo apt install python3-venv"),
    ],
)
def test_lacking_python_is_said(root, tmp_path, python, sentence):
    done = make(root, tmp_path, python, "lab")
    assert done.returncode != 0
    assert sentence in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_help_names_every_target(root, tmp_path):
    done = make(root, tmp_path, "exit 0", "help")
    targets = ["lab", "test", "test-colab", "lint", "format", "bench", "pictures"]
    for target in [*targets, "notebooks", "stamp", "lock", "clean"]:
        assert f"make {target} " in done.stdout


def test_ci_script_is_sound(root):
    subprocess.run(["bash", "-n", root / ".ci/run"], check=True)
    assert os.access(root / ".ci/run", os.X_OK)
