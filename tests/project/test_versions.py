"""The lists of versions agree with each other."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LISTS = ("requirements.txt", "requirements-dev.txt")


def read(path) -> list[Requirement]:
    """Read a list of requirements, without comments and hashes."""
    lines = (re.split(r"\s+#|\s+\\", line)[0] for line in path.read_text().splitlines())
    return [Requirement(line) for line in lines if re.match(r"[A-Za-z0-9]", line)]


def pinned(path) -> dict[str, list[str]]:
    """Give the exact versions in a list, by name; the lock may hold several."""
    found: dict[str, list[str]] = {}
    for requirement in read(path):
        for specifier in requirement.specifier:
            if specifier.operator == "==":
                versions = found.setdefault(canonicalize_name(requirement.name), [])
                versions.append(specifier.version)
    return found


@pytest.mark.parametrize("name", LISTS)
def test_lock_satisfies(root, name):
    locked = pinned(root / "requirements.lock")
    wanted = read(root / name)
    assert wanted
    for requirement in wanted:
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, (
            f"{requirement.name} is not in requirements.lock: run `make lock`"
        )
        for version in versions:
            assert requirement.specifier.contains(version), f"{requirement}: {version}"


def test_every_locked_version_has_hashes(root):
    text = (root / "requirements.lock").read_text()
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert len(blocks) > 50
    assert [b.split()[0] for b in blocks if "--hash=sha256:" not in b] == []


def test_lock_names_no_index(root):
    assert "://" not in (root / "requirements.lock").read_text()


def test_lock_brings_what_make_needs(root):
    """`make lab` takes uv from the lock, and builds the helpers with its setuptools."""
    locked = pinned(root / "requirements.lock")
    assert len(locked["uv"]) == 1
    build = tomllib.loads((root / "pyproject.toml").read_text())["build-system"]
    for requirement in map(Requirement, build["requires"]):
        for version in locked[canonicalize_name(requirement.name)]:
            assert requirement.specifier.contains(version)


def test_learners_need_admits_colab(root):
    colab = pinned(root / "requirements-colab.txt")
    compared = 0
    for requirement in read(root / "requirements.txt"):
        for version in colab.get(canonicalize_name(requirement.name), []):
            assert requirement.specifier.contains(version), f"{requirement}: {version}"
            compared += 1
    assert compared >= 8


def test_no_caps(root):
    for requirement in read(root / "requirements.txt"):
        assert {s.operator for s in requirement.specifier} == {">="}, requirement


def test_every_package_folder_is_installed(root):
    tools = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {path.parent for path in (root / "helpers").rglob("*.py")}
    names = {".".join(folder.relative_to(root).parts) for folder in folders}
    assert names | {"helpers.data"} == set(tools["packages"])


def test_pre_commit_uses_the_locked_ruff(root):
    text = (root / ".pre-commit-config.yaml").read_text()
    (version,) = pinned(root / "requirements.lock")["ruff"]
    assert f"rev: v{version} " in text
