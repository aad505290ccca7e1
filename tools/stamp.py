"""Write badges and setup cells from the version and the address in pyproject.toml.

``python tools/stamp.py`` stamps every notebook and the README; ``--check`` changes
nothing and fails where something is out of date. Two things belong to this script: what
stands between ``<!-- badges -->`` (or, for one lesson, ``<!-- badges 01_kernels -->``)
and ``<!-- /badges -->``, and the code cell tagged ``setup``.

Where pyproject.toml has no public address, that of the clone's ``origin`` is written
into it first, if it lies on GitHub. ``--check`` does not look at ``origin``: where a
clone came from does not make its files wrong.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BADGES = re.compile(
    r"<!-- badges(?: (?P<lesson>\w+))? -->.*?<!-- /badges -->", re.DOTALL
)
FIRST_LESSON = "01_kernels"
REPOSITORY = re.compile(r'(?m)^Repository = "[^"\n]*"$')
# Who logs in, and with what, stands before the @ and is never taken along.
ON_GITHUB = re.compile(
    r"(?:(?:https|ssh)://(?:[^@/\s]*@)?github\.com(?::\d+)?/|[\w-]+@github\.com:/?)"
    r"(?P<owner>[A-Za-z0-9-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?",
    re.ASCII,
)
NO_ADDRESS = (
    "No public address: pyproject.toml has none, and neither has the clone's origin. "
    "The lessons say what to do by hand."
)

# Without "from None", Colab's IPython 7 prints a hundred lines instead of the sentence.
SETUP = """\
# Brings the course's helpers where they are missing (on Colab, say); upgrades nothing.
import sys

try:
    from helpers import packages
except ImportError:
    sys.modules.pop("helpers", None)  # another project's, if any
    %pip install -qq --no-deps {archive}
    try:
        from helpers import packages
    except ImportError as error:
        raise SystemExit(
            f"No helpers: {{error}}. Check the network and run this cell again."
        ) from None
packages.install_missing()"""

# As long as the course has no public address.
SETUP_BY_HAND = """\
# Finds the course's helpers and brings the packages that are missing; upgrades nothing.
try:
    from helpers import packages
except ImportError as error:
    raise SystemExit(
        f"No helpers: {error}. Upload the course as a zip file, run\\n"
        "    %pip install --no-deps NAME-OF-THE-FILE.zip\\n"
        "in a cell of its own, then run this cell again."
    ) from None
packages.install_missing()"""

BY_HAND = (
    "**On Colab**, upload the notebook and the course as one zip file (*Files*, on "
    "the left), then run `%pip install --no-deps NAME-OF-THE-FILE.zip` in a cell of "
    "its own. On your own machine, `make lab` installs everything."
)


@dataclass(frozen=True)
class Project:
    """What pyproject.toml says of the course: its version and its public address."""

    version: str
    repository: str

    @property
    def is_public(self) -> bool:
        """Whether the address is a real one (``.invalid`` never is)."""
        return not (urlsplit(self.repository).hostname or "").endswith(".invalid")

    @property
    def archive(self) -> str:
        """Where the course of this version can be fetched as a zip file."""
        return f"{self.repository}/archive/refs/tags/v{self.version}.zip"


def read_project(root: Path = ROOT) -> Project:
    """Read version and address from ``pyproject.toml``.

    Parameters
    ----------
    root : Path
        Folder of the repository.
    """
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    return Project(project["version"], project["urls"]["Repository"].rstrip("/"))


def public_address(remote: str) -> str | None:
    """Give the public address of a repository on GitHub, without who logs in there.

    Parameters
    ----------
    remote : str
        An address as git knows it, over https or ssh.

    Returns
    -------
    str or None
        ``None`` for what does not lie on GitHub.

    Examples
    --------
    >>> public_address("git@github.com:owner/name.git")
    'https://github.com/owner/name'
    """
    match = ON_GITHUB.fullmatch(remote)
    return match and f"https://github.com/{match['owner']}/{match['name']}"


def origin(root: Path = ROOT) -> str | None:
    """Give the public address that a clone came from, where it has one.

    Parameters
    ----------
    root : Path
        Folder of the repository.
    """
    # Not the repository of a folder further up, in which this one may lie.
    ask = ["git", "-C", str(root), "--git-dir=.git", "remote", "get-url", "origin"]
    try:
        done = subprocess.run(ask, capture_output=True, text=True)
    except OSError:  # no git here
        return None
    return None if done.returncode else public_address(done.stdout.strip())


def set_address(address: str, root: Path = ROOT) -> None:
    """Write the course's public address into ``pyproject.toml``.

    Parameters
    ----------
    address : str
        Where the repository lies.
    root : Path
        Folder of the repository.

    Raises
    ------
    ValueError
        Where the file has not one line ``Repository = "..."``.
    """
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    if len(REPOSITORY.findall(text)) != 1:
        raise ValueError('pyproject.toml should have one line `Repository = "..."`.')
    new = REPOSITORY.sub(f'Repository = "{address}"', text)
    path.write_text(new, encoding="utf-8")


def setup_cell(project: Project) -> str:
    """Give the source of the setup cell, the same in every lesson."""
    if project.is_public:
        return SETUP.format(archive=project.archive)
    return SETUP_BY_HAND


def badges(project: Project, lesson: str = FIRST_LESSON) -> str:
    """Give the badges that open one lesson, or what to do while there is no address.

    Parameters
    ----------
    project : Project
        The course's version and address.
    lesson : str
        Name of a notebook without ``.ipynb``.
    """
    if not project.is_public:
        return BY_HAND
    where = urlsplit(project.repository).path.strip("/")
    notebook = f"notebooks/{lesson}.ipynb"
    tag = f"v{project.version}"
    colab = f"https://colab.research.google.com/github/{where}/blob/{tag}/{notebook}"
    binder = (
        f"https://mybinder.org/v2/gh/{where}/{tag}?labpath={quote(notebook, safe='')}"
    )
    return (
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"({colab})\n[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


def stamp_text(text: str, project: Project, lesson: str | None = None) -> str:
    """Fill every pair of badge markers in a Markdown text.

    Parameters
    ----------
    text : str
        Markdown, with or without markers.
    project : Project
        The course's version and address.
    lesson : str, optional
        The lesson that unnamed markers stand for.
    """

    def filled(match: re.Match) -> str:
        opening = match.group().split("-->")[0] + "-->"
        which = match["lesson"] or lesson or FIRST_LESSON
        return f"{opening}\n{badges(project, which)}\n<!-- /badges -->"

    return BADGES.sub(filled, text)


def source(cell: dict) -> str:
    """Give a cell's source as one string (the file may hold a list of lines)."""
    return "".join(cell["source"])


def stamp_notebook(notebook: dict, lesson: str, project: Project) -> dict:
    """Return the notebook with badges in its first cell and a fresh setup cell.

    Parameters
    ----------
    notebook : dict
        The notebook as read from JSON; it is not changed.
    lesson : str
        Its name without ``.ipynb``.
    project : Project
        The course's version and address.
    """
    stamped = json.loads(json.dumps(notebook))
    for cell in stamped["cells"]:
        if cell["cell_type"] == "markdown":
            new = stamp_text(source(cell), project, lesson)
        elif "setup" in cell["metadata"].get("tags", []):
            new = setup_cell(project)
        else:
            continue
        if new != source(cell):
            as_lines = isinstance(cell["source"], list)
            cell["source"] = new.splitlines(keepends=True) if as_lines else new
    return stamped


def stamped_files(root: Path = ROOT) -> dict[Path, str]:
    """Give what README and notebooks should hold, by path."""
    project = read_project(root)
    readme = root / "README.md"
    wanted = {readme: stamp_text(readme.read_text(encoding="utf-8"), project)}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        notebook = json.loads(text)
        stamped = stamp_notebook(notebook, path.stem, project)
        if stamped != notebook:
            text = json.dumps(stamped, indent=1, ensure_ascii=False) + "\n"
        wanted[path] = text
    return wanted


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Stamp, or with ``--check`` only say what would change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    if not check and not read_project(root).is_public:
        if address := origin(root):
            set_address(address, root)
            print(f"stamped: pyproject.toml, with {address}")
        else:
            print(NO_ADDRESS)
    changed = False
    for path, text in stamped_files(root).items():
        if text != path.read_text(encoding="utf-8"):
            changed = True
            print("out of date:" if check else "stamped:", path.relative_to(root))
            if not check:
                path.write_text(text, encoding="utf-8")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
