"""Badges and setup cells come from the one address in pyproject.toml."""

import json
import shutil
import subprocess

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


def clone(folder, remote):
    """Make a folder a repository that came from an address."""
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "remote", "add", "origin", remote], check=True)


UNSET = "https://example.invalid/name"
HIDDEN = "s3cret-t0ken"
ON_GITHUB = [
    PUBLIC,
    f"{PUBLIC}/",
    f"{PUBLIC}.git",
    "git@github.com:some-owner/some-name.git",
    "git@github.com:some-owner/some-name",
    "ssh://git@github.com/some-owner/some-name",
    "ssh://git@github.com:22/some-owner/some-name.git",
    f"https://{HIDDEN}@github.com/some-owner/some-name",
    f"https://someone:{HIDDEN}@github.com/some-owner/some-name.git",
]
ELSEWHERE = [
    "/somewhere/on/this/machine",
    "../some-owner/some-name",
    "file:///some-owner/some-name",
    "https://gitlab.com/some-owner/some-name.git",
    "https://github.com.example.org/some-owner/some-name",
    "https://github.com@example.org/some-owner/some-name",
    "https://example.org/github.com/some-owner/some-name",
    "git@example.org:github.com/some-name",
    "https://github.com/some-owner",
    "https://github.com/some-owner/some-name/tree/main",
]


@pytest.mark.parametrize("remote", ON_GITHUB)
def test_an_unset_address_is_taken_from_origin(copy, capsys, remote):
    set_address(copy, UNSET)
    clone(copy, remote)
    assert stamp.main([], root=copy) == 0
    assert f"pyproject.toml, with {PUBLIC}" in capsys.readouterr().out
    assert stamp.read_project(copy).repository == PUBLIC
    for text in everything(copy).values():
        assert stamp.BY_HAND not in text
        assert "github/some-owner/some-name/blob/" in text
    assert stamp.main(["--check"], root=copy) == 0
    written = [path for path in copy.rglob("*") if ".git" not in path.parts]
    assert all(HIDDEN not in p.read_text("utf-8") for p in written if p.is_file())


def test_only_the_address_changes_in_pyproject(copy):
    set_address(copy, UNSET)
    before = (copy / "pyproject.toml").read_text()
    clone(copy, PUBLIC)
    stamp.main([], root=copy)
    assert (copy / "pyproject.toml").read_text() == before.replace(UNSET, PUBLIC)


@pytest.mark.parametrize("remote", ELSEWHERE)
def test_other_origins_are_not_taken(copy, capsys, remote):
    set_address(copy, UNSET)
    clone(copy, remote)
    before = everything(copy)
    assert stamp.main([], root=copy) == 0
    assert "by hand" in capsys.readouterr().out
    assert stamp.read_project(copy).repository == UNSET
    assert everything(copy) == before


def test_without_git_or_an_origin_nothing_is_taken(copy, monkeypatch):
    assert stamp.origin(copy) is None  # no repository
    subprocess.run(["git", "-C", copy, "init", "--quiet"], check=True)
    assert stamp.origin(copy) is None  # no origin
    subprocess.run(["git", "-C", copy, "remote", "add", "origin", PUBLIC], check=True)
    assert stamp.origin(copy) == PUBLIC
    monkeypatch.setenv("PATH", "")
    assert stamp.origin(copy) is None  # no git


def test_a_repository_further_up_is_another_one(copy):
    """A course that was unpacked from a zip file into somebody's repository."""
    inside = copy / "unpacked"
    inside.mkdir()
    clone(copy, PUBLIC)
    assert stamp.origin(inside) is None


def test_an_address_that_is_set_stays(copy):
    set_address(copy, "https://github.com/upstream/course")
    clone(copy, PUBLIC)
    stamp.main([], root=copy)
    assert stamp.read_project(copy).repository == "https://github.com/upstream/course"


def test_check_does_not_look_at_origin(copy):
    """A fork that was not stamped is not out of date: its tests pass as they are."""
    set_address(copy, UNSET)
    stamp.main([], root=copy)
    clone(copy, PUBLIC)
    before = everything(copy)
    assert stamp.main(["--check"], root=copy) == 0
    assert everything(copy) == before
    assert stamp.read_project(copy).repository == UNSET
