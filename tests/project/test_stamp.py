"""Badges and setup cells come from the one address in pyproject.toml."""

import json
import shutil

import pytest
import stamp

PUBLIC = "https://github.com/some-owner/some-name"


@pytest.fixture
def copy(root, tmp_path):
    """Copy what stamp reads and writes."""
    shutil.copy(root / "pyproject.toml", tmp_path)
    shutil.copy(root / "README.md", tmp_path)
    shutil.copytree(root / "notebooks", tmp_path / "notebooks")
    return tmp_path


def set_address(folder, address):
    """Write an address into a copy's pyproject.toml."""
    path = folder / "pyproject.toml"
    old = f'Repository = "{stamp.read_project(folder).repository}"'
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, f'Repository = "{address}"'))


def everything(folder):
    """Give the text of the README and of all lessons."""
    paths = [folder / "README.md", *sorted((folder / "notebooks").glob("*.ipynb"))]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_all_is_stamped(root):
    late = [
        path.name
        for path, text in stamp.stamped_files(root).items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert late == [], "run `make stamp`"


def test_readme_has_the_markers(root):
    assert stamp.BADGES.search((root / "README.md").read_text(encoding="utf-8"))


def test_new_address_reaches_every_place_and_back(copy):
    before = everything(copy)
    old = stamp.read_project(copy)
    set_address(copy, PUBLIC)
    assert stamp.main(["--check"], root=copy) == 1
    assert stamp.main([], root=copy) == 0
    tag = f"v{old.version}"
    for name, text in everything(copy).items():
        assert stamp.BY_HAND not in text
        if name == "README.md":
            assert f"github/some-owner/some-name/blob/{tag}/notebooks/01_" in text
        else:
            assert f"github/some-owner/some-name/blob/{tag}/notebooks/{name}" in text
            assert f"{PUBLIC}/archive/refs/tags/{tag}.zip" in text
    assert stamp.main(["--check"], root=copy) == 0
    set_address(copy, old.repository)
    assert stamp.main([], root=copy) == 0
    assert everything(copy) == before


def test_closing_slash_does_not_matter(copy):
    set_address(copy, PUBLIC + "/")
    assert stamp.read_project(copy).repository == PUBLIC


def test_only_badges_and_setup_cell_change(copy):
    before = everything(copy)
    set_address(copy, PUBLIC)
    stamp.main([], root=copy)
    for name, text in everything(copy).items():
        if name.endswith(".ipynb"):
            cells = zip(
                json.loads(before[name])["cells"],
                json.loads(text)["cells"],
                strict=True,
            )
            changed = [new["cell_type"] for old, new in cells if old != new]
            assert changed == ["markdown", "code"]


def test_placeholder_makes_no_dead_link():
    project = stamp.Project("1.2.3", "https://example.invalid/name")
    for text in (stamp.badges(project), stamp.setup_cell(project)):
        assert "://" not in text


def test_badges_of_one_lesson_anywhere():
    project = stamp.Project("1.2.3", PUBLIC)
    one = "a <!-- badges 03_pooling -->old<!-- /badges -->"
    text = f"{one} b <!-- badges --><!-- /badges -->"
    stamped = stamp.stamp_text(text, project)
    assert "blob/v1.2.3/notebooks/03_pooling.ipynb" in stamped
    assert "labpath=notebooks%2F03_pooling.ipynb" in stamped
    assert "notebooks/01_kernels.ipynb" in stamped
    assert stamp.stamp_text(stamped, project) == stamped
    assert "old" not in stamped
    assert stamped.startswith("a <!-- badges 03_pooling -->\n[![")


@pytest.mark.parametrize("address", [PUBLIC, "https://example.invalid/name"])
def test_setup_cell_is_short(address):
    lines = stamp.setup_cell(stamp.Project("1.2.3", address)).splitlines()
    assert len(lines) <= 16
    assert all(len(line) <= 88 for line in lines if "://" not in line)
