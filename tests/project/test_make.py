"""What `make` says on a machine that lacks something."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterlab.commands import get_app_dir
from jupyterlab_server.settings_utils import get_settings


def make(root, tmp_path, python, *arguments):
    """Run make in an empty folder that holds the Makefile and a made-up Python."""
    shutil.copy(root / "Makefile", tmp_path)
    shutil.copytree(root / "tools", tmp_path / "tools", dirs_exist_ok=True)
    names = ["requirements.txt", "requirements-dev.txt", "requirements-colab.txt"]
    for name in [*names, "requirements.lock", "pyproject.toml"]:
        if not (tmp_path / name).exists():  # else all would be installed once more
            (tmp_path / name).touch()
    fake = tmp_path / "fake-python"
    fake.write_text(f"#!/bin/sh\n{python}\n")
    fake.chmod(0o755)
    variables = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        ["make", f"PYTHON={fake}", *arguments],
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
    targets = ["lab", "test", "check", "test-colab", "lint", "format", "bench"]
    targets += ["data", "notebooks", "pictures", "stamp", "lock", "clean"]
    for target in targets:
        assert f"make {target} " in done.stdout


def test_ci_script_is_sound(root):
    subprocess.run(["bash", "-n", root / ".ci/run"], check=True)
    assert os.access(root / ".ci/run", os.X_OK)


@pytest.fixture
def installed(tmp_path):
    """An environment that looks as if all were installed; its programs do nothing."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("uv", "python", "jupyter", "pytest"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return tmp_path


def test_jupyterlab_does_not_ask_about_news(root, installed):
    """The setting is written at the installation, and JupyterLab reads it there."""
    lab = Path(sys.prefix) / "share/jupyter/lab"
    plugin = "@jupyterlab/apputils-extension:notification"

    def asks(settings):
        said, _ = get_settings(
            str(settings), str(lab / "schemas"), str(installed), plugin
        )
        return said["schema"]["properties"]["fetchNews"]["default"]

    settings = installed / ".venv/share/jupyter/lab/settings"
    assert asks(settings) == "none"  # JupyterLab's own: ask
    assert make(root, installed, "exit 0", ".venv/.lab").returncode == 0
    assert asks(settings) == "false"
    # JupyterLab looks there: beside the environment that it runs in.
    assert Path(get_app_dir()).relative_to(sys.prefix) == Path("share/jupyter/lab")


def dry(root, folder, *arguments):
    """Give what make would run."""
    done = make(root, folder, "exit 0", "--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_check_hands_the_lesson_on(root, installed):
    said = dry(root, installed, "check", "LESSON=3", "PYTEST_ARGS=-x")
    assert 'tools/check.py "3" --nbval ' in said
    assert "--dist loadfile" in said
    assert said.endswith(" -x\n")
    assert "ruff check" in said


def test_lab_opens_the_lesson_named(root, installed):
    (installed / ".venv/bin/python").unlink()
    (installed / ".venv/bin/python").symlink_to(sys.executable)
    (installed / ".venv/bin/jupyter").write_text('#!/bin/sh\necho "$@"\n')
    (installed / "notebooks").mkdir()
    (installed / "notebooks/03_pooling.ipynb").touch()
    for name in ("3", "03", "03_pooling", "notebooks/03_pooling.ipynb"):
        done = make(root, installed, "exit 0", "lab", f"LESSON={name}")
        assert "/lab/tree/notebooks/03_pooling.ipynb" in done.stdout
    done = make(root, installed, "exit 0", "lab", "LESSON=4")
    assert done.returncode != 0
    assert "There are: 03_pooling." in done.stderr
    assert "/lab/tree" not in done.stdout.replace('/lab/tree/$lesson"', "")


# -- GPU=1 -----------------------------------------------------------------------------

DRIVER = 'case "$1" in -L) echo "GPU 0: NVIDIA T4";; esac'


def lab_with(root, folder, monkeypatch, driver, *arguments):
    """Run make lab beside a made-up driver; give the programs that it called."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "nvidia-smi").write_text(f"#!/bin/sh\n{driver}\n")
    (programs / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    asked = folder / "asked.txt"
    asked.write_text("")
    for name in ("uv", "python", "jupyter"):
        said = f'#!/bin/sh\necho "{name} $@" >> "{asked}"\n'
        (folder / ".venv/bin" / name).write_text(said)
    done = make(root, folder, "exit 0", "lab", *arguments)
    assert done.returncode == 0, done.stderr
    return asked.read_text().splitlines()


CUDA = "tensorflow[and-cuda] -c requirements.lock"
FOUND = "python -m helpers.networks.devices"


def test_cudas_libraries_come_once_where_they_are_wanted(root, installed, monkeypatch):
    asked = lab_with(root, installed, monkeypatch, DRIVER, "GPU=1")
    [wanted] = [line for line in asked if CUDA in line]
    # What the lock names is verified; it has no hashes of NVIDIA's, which come with it.
    assert wanted.startswith("uv pip install --verify-hashes ")
    order = [asked.index(wanted), asked.index(FOUND)]
    order += [k for k, line in enumerate(asked) if line.startswith("jupyter lab")]
    assert len(order) == 3
    assert order == sorted(order)
    again = lab_with(root, installed, monkeypatch, DRIVER, "GPU=1")
    assert [line for line in again if CUDA in line] == []
    assert FOUND in again


def test_nothing_large_is_fetched_where_no_driver_answers(root, installed, monkeypatch):
    asked = lab_with(root, installed, monkeypatch, "exit 9", "GPU=1")
    assert [line for line in asked if CUDA in line] == []
    assert FOUND in asked
    assert asked[-1].startswith("jupyter lab")


@pytest.mark.parametrize("arguments", [[], ["GPU=0"], ["GPU="]])
def test_a_lab_without_a_gpu_asks_for_none(root, installed, monkeypatch, arguments):
    asked = lab_with(root, installed, monkeypatch, DRIVER, *arguments)
    assert asked[-1].startswith("jupyter lab")
    assert [line for line in asked if CUDA in line or line == FOUND] == []


def test_each_python_has_colabs_versions_to_itself(root, installed):
    said = {
        name: dry(root, installed, "test-colab", f"PYTHON=/opt/{name}")
        for name in ("python3.11", "python3.13")
    }
    for name, text in said.items():
        assert f"/opt/{name} -m venv .venv-colab-{name}" in text
        assert f".venv-colab-{name}/bin/pytest --nbval-lax " in text
    for name in said:
        (installed / f".venv-colab-{name}").mkdir()
    make(root, installed, "exit 0", "clean")
    assert sorted(path.name for path in installed.glob(".venv*")) == []
