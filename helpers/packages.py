"""Bring what the course needs where it is missing; never change what is installed."""

import importlib
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

DISTRIBUTION = "hands-on-convnets"
# Where a lesson calls this, a front end is running already (on Colab, another one).
NOT_NEEDED = {"jupyterlab"}


def _installed() -> dict[str, str]:
    """Give the version of everything installed; the first on the path wins."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(canonicalize_name(name), distribution.version)
    return found


def _required() -> list[Requirement]:
    """Give the course's requirements that apply to this Python and system."""
    requirements = map(Requirement, metadata.requires(DISTRIBUTION) or [])
    return [
        requirement
        for requirement in requirements
        if canonicalize_name(requirement.name) not in NOT_NEEDED
        and (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
    ]


def _constraints(installed: dict[str, str]) -> str:
    """Write a line ``name==version`` for everything installed: pip keeps to it."""
    lines = []
    for name, version in installed.items():
        try:
            lines.append(f"{name}=={Version(version)}")
        except InvalidVersion:  # a home-made version that pip would choke on
            continue
    return "\n".join(lines)


def _pip_install(requirements: list[Requirement], installed: dict[str, str]) -> str:
    """Install with pip; return what went wrong in its words, or an empty string."""
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "installed.txt")
        constraints.write_text(_constraints(installed), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input"]
        command += ["--disable-pip-version-check", "--constraint", str(constraints)]
        done = subprocess.run(
            [*command, *map(str, requirements)], capture_output=True, text=True
        )
    importlib.invalidate_caches()
    said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    errors = [line for line in said if line.startswith("ERROR")] or said
    return "" if done.returncode == 0 else (errors or ["pip gave no reason"])[-1]


def install_missing() -> None:
    """Install the packages of the course that are missing, and nothing else.

    What is installed stays at its version, also where it is older than the course was
    written for: that is said in a line. Where nothing is missing or too old, nothing is
    printed. Without a network it says what could not be installed and what to do.

    Examples
    --------
    >>> install_missing()
    """
    try:
        required = _required()
    except metadata.PackageNotFoundError:
        print(
            "The course is not installed here, only its folder was found. "
            "Install it: `make lab`, or `pip install -e .` in the course's folder."
        )
        return
    installed = _installed()
    missing = [r for r in required if canonicalize_name(r.name) not in installed]
    for requirement in required:
        version = installed.get(canonicalize_name(requirement.name))
        if version and not requirement.specifier.contains(version, prereleases=True):
            print(
                f"{requirement.name} {version} is installed; the course was written "
                f"for {requirement.specifier}. It was left as it is."
            )
    if not missing:
        return
    names = ", ".join(requirement.name for requirement in missing)
    reason = _pip_install(missing, installed)
    if reason:
        print(
            f"Could not install {names}. Check the network and run this cell again; "
            f"without a network, ask whoever looks after this machine. pip: {reason}"
        )
    else:
        print(f"Installed {names}. Nothing that was here before was changed.")
