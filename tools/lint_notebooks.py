"""Check the shape of the lessons: each rule is a small function in the list ``RULES``.

``python tools/lint_notebooks.py [NOTEBOOK ...]`` prints what is wrong, a line each.
``--widgets-only`` checks only that no widget state is stored (for pre-commit).
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import stamp

MAX_BYTES = 1_500_000
MAX_COLUMNS = 88
SECTIONS = ("Try this", "Exercise", "Recap", "Where this came from")
FORBIDDEN_TAGS = {"nbval-skip", "nbval-check-output", "raises-exception"}
MARKDOWN_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(")
LIST_ITEM = re.compile(r"\s*(?P<number>\d+)[.)](?: |$)")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
HTML_ALT = re.compile(r"""\balt\s*=\s*(["'])\s*[^"'\s]""", re.IGNORECASE)


@dataclass(frozen=True)
class Lesson:
    """A notebook as stored, with the views on it that the rules need."""

    path: Path
    text: str
    project: stamp.Project

    @classmethod
    def read(cls, path: Path) -> "Lesson":
        """Read a notebook and the course's version and address."""
        return cls(path, path.read_text(encoding="utf-8"), stamp.read_project())

    @cached_property
    def notebook(self) -> dict:
        """The notebook, from JSON."""
        return json.loads(self.text)

    @cached_property
    def cells(self) -> list[dict]:
        """All cells."""
        return self.notebook["cells"]

    @cached_property
    def code(self) -> list[dict]:
        """The code cells that are not empty."""
        return [c for c in self._of_type("code") if stamp.source(c).strip()]

    @cached_property
    def prose(self) -> str:
        """All Markdown in one text, without fenced code."""
        texts = map(stamp.source, self._of_type("markdown"))
        return re.sub(r"(?ms)^```.*?^```", "", "\n\n".join(texts))

    @cached_property
    def opening(self) -> str:
        """The Markdown before the first code cell."""
        texts = []
        for cell in self.cells:
            if cell["cell_type"] == "code":
                break
            texts.append(stamp.source(cell))
        return "\n\n".join(texts)

    @cached_property
    def outputs(self) -> list[dict]:
        """The stored outputs of all code cells."""
        return [o for cell in self._of_type("code") for o in cell["outputs"]]

    @cached_property
    def lines(self) -> list[str]:
        """The lines of code, without those of the setup cell."""
        cells = [c for c in self.code if not is_setup(c)]
        return [line for c in cells for line in stamp.source(c).splitlines()]

    def _of_type(self, cell_type: str) -> list[dict]:
        return [c for c in self.cells if c["cell_type"] == cell_type]


def is_setup(cell: dict) -> bool:
    """Whether a cell is the setup cell."""
    return "setup" in cell["metadata"].get("tags", [])


Problems = Iterator[str]


def named_by_number(lesson: Lesson) -> Problems:
    """NN_name.ipynb."""
    if not re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", lesson.path.name):
        yield "the file is not named NN_name.ipynb"


def small_file(lesson: Lesson) -> Problems:
    """At most 1.5 MB stored."""
    size = len(lesson.text.encode())
    if size > MAX_BYTES:
        yield f"{size / 1e6:.2f} MB stored, at most {MAX_BYTES / 1e6} are allowed"


def one_title(lesson: Lesson) -> Problems:
    """The first cell is Markdown and begins with the only title of the lesson."""
    first = lesson.cells[0] if lesson.cells else {"cell_type": "", "source": ""}
    if first["cell_type"] != "markdown" or not stamp.source(first).startswith("# "):
        yield "the first cell is not Markdown that begins with a # title"
    titles = re.findall(r"(?m)^# ", lesson.prose)
    if len(titles) > 1:
        yield f"{len(titles)} titles (#), one is enough: use ## for sections"


def badge_is_path(lesson: Lesson) -> Problems:
    """The first cell holds the badges that open this very notebook."""
    first = stamp.source(lesson.cells[0]) if lesson.cells else ""
    if len(stamp.BADGES.findall(first)) != 1:
        yield "the first cell has no <!-- badges --> ... <!-- /badges -->"
    elif stamp.badges(lesson.project, lesson.path.stem) not in first:
        yield "the badges are out of date: run `make stamp`"


def objectives(lesson: Lesson) -> Problems:
    """Three to five objectives under "You will learn"."""
    _, found, after = lesson.opening.partition("You will learn")
    items = re.match(r"[^\n]*\n+((?:(?:[-*] |\d\. |  )[^\n]*\n?)*)", after)
    count = len(re.findall(r"(?m)^(?:[-*]|\d\.) ", items[1])) if items else 0
    if not found or not 3 <= count <= 5:
        yield f'{count} objectives listed under "You will learn", 3 to 5 are wanted'


def minutes(lesson: Lesson) -> Problems:
    """How long it takes."""
    if not re.search(r"\b\d+\s+minutes\b", lesson.opening):
        yield 'the opening does not say how many "minutes" the lesson takes'


def needed_before(lesson: Lesson) -> Problems:
    """What is needed before."""
    if "needed before" not in lesson.opening.lower():
        yield 'the opening does not say what is "needed before"'


def hook_picture(lesson: Lesson) -> Problems:
    """A picture among the first four cells."""
    for cell in lesson.cells[:4]:
        text = stamp.source(cell) if cell["cell_type"] == "markdown" else ""
        without_badges = stamp.BADGES.sub("", text)
        if MARKDOWN_IMAGE.search(without_badges) or HTML_IMAGE.search(text):
            return
        if any("image/png" in o.get("data", {}) for o in cell.get("outputs", [])):
            return
    yield "no picture in the first four cells"


def setup_is_template(lesson: Lesson) -> Problems:
    """The first code cell is the setup cell, as the template has it."""
    tagged = [cell for cell in lesson.cells if is_setup(cell)]
    if len(tagged) != 1 or not lesson.code or lesson.code[0] is not tagged[0]:
        yield 'the first code cell, and only it, must be tagged "setup"'
    elif stamp.source(tagged[0]) != stamp.setup_cell(lesson.project):
        yield "the setup cell differs from its template: run `make stamp`"


def run_in_order(lesson: Lesson) -> Problems:
    """Every code cell was run, in order, from a fresh kernel."""
    counts = [cell["execution_count"] for cell in lesson.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells were run as {counts}, not 1, 2, 3 ...: run `make notebooks`"


def no_errors(lesson: Lesson) -> Problems:
    """No stored output is an error."""
    for output in lesson.outputs:
        if output["output_type"] == "error":
            yield f"a stored error: {output.get('ename')}"


def no_stderr(lesson: Lesson) -> Problems:
    """No warnings: nothing was written to stderr."""
    for output in lesson.outputs:
        if output.get("name") == "stderr":
            yield f"stored stderr: {''.join(output['text'])[:60]!r}"


def no_widget_state(lesson: Lesson) -> Problems:
    """GitHub shows "Invalid Notebook" where widget state is stored."""
    if "widgets" in lesson.notebook["metadata"]:
        yield "widget state is stored in metadata.widgets: run `make notebooks`"


def short_lines(lesson: Lesson) -> Problems:
    """Code fits on a screen without scrolling sideways."""
    for line in lesson.lines:
        if len(line) > MAX_COLUMNS:
            yield f"{len(line)} columns of code, {MAX_COLUMNS} fit: {line[:40]!r}"


def alt_in_markdown(lesson: Lesson) -> Problems:
    """Every Markdown image has an alt text."""
    for match in MARKDOWN_IMAGE.finditer(lesson.prose):
        if not match["alt"].strip():
            yield "a Markdown image without alt text"


def alt_in_html(lesson: Lesson) -> Problems:
    """Every HTML image, in prose or in an output, has an alt text."""
    shown = ["".join(o.get("data", {}).get("text/html", "")) for o in lesson.outputs]
    for tag in HTML_IMAGE.findall("\n".join([lesson.prose, *shown])):
        if not HTML_ALT.search(tag):
            yield f"an HTML image without alt text: {tag[:60]}"


def alt_in_outputs(lesson: Lesson) -> Problems:
    """Every stored picture has an alt text in its output's metadata."""
    for output in lesson.outputs:
        for kind in output.get("data", {}):
            if kind.startswith("image/"):
                described = output.get("metadata", {}).get(kind, {})
                if not str(described.get("alt", "")).strip():
                    yield f"a stored {kind} without alt text"


def no_show_ritual(lesson: Lesson) -> Problems:
    """Figures are returned, not shown."""
    if any("plt.show(" in line for line in lesson.lines):
        yield "plt.show() is not needed"


def no_semicolons(lesson: Lesson) -> Problems:
    """A closing semicolon hides an output in Jupyter, but not from nbval."""
    for line in lesson.lines:
        if line.rstrip().endswith(";") and not line.lstrip().startswith("#"):
            yield f"a line ends in a semicolon: {line[:40]!r}"


def plain_kernel(lesson: Lesson) -> Problems:
    """The kernel that every machine has."""
    metadata = lesson.notebook["metadata"]
    if metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernelspec is not python3"
    if metadata.get("language_info", {}).get("name") != "python":
        yield "the metadata do not name the language, python"


def sections(lesson: Lesson) -> Problems:
    """What every lesson has, in a heading or in bold."""
    for name in SECTIONS:
        if not re.search(rf"(?im)^\s*(?:#+ |\*\*).*{name}", lesson.prose):
            yield f'no "{name}", as a heading or in bold'


def no_list_by_chance(lesson: Lesson) -> Problems:
    """No line of a paragraph begins with "03." or so: Markdown makes a list of it."""
    before, last = "", None
    for line in lesson.prose.split("\n"):
        item = LIST_ITEM.match(line)
        number = int(item["number"]) if item else last
        if item and before.strip() and last != number - 1:
            yield f"a line that reads as an item of a list: {line[:40]!r}"
        before, last = line, number if line.strip() else None


def one_slider(lesson: Lesson) -> Problems:
    """Learners see how to make a slider of their own."""
    if not any(re.search(r"(?<!\w)interact\(", line) for line in lesson.lines):
        yield "no interact(...): every lesson has at least one"


def all_compared(lesson: Lesson) -> Problems:
    """No cell is kept from the comparison, but for single outputs that vary."""
    for cell in lesson.code:
        tags = FORBIDDEN_TAGS & set(cell["metadata"].get("tags", []))
        if tags or "NBVAL_" in stamp.source(cell):
            yield f"a cell is kept from nbval: {sorted(tags) or 'NBVAL_ comment'}"


def cell_ids(lesson: Lesson) -> Problems:
    """Every cell has an id of its own, so that changes stay readable."""
    ids = [cell.get("id") for cell in lesson.cells]
    if None in ids or len(set(ids)) < len(ids):
        yield "cell ids are missing or not unique"


RULES: list[Callable[[Lesson], Problems]] = [
    named_by_number,
    small_file,
    one_title,
    badge_is_path,
    objectives,
    minutes,
    needed_before,
    hook_picture,
    setup_is_template,
    run_in_order,
    no_errors,
    no_stderr,
    no_widget_state,
    short_lines,
    alt_in_markdown,
    alt_in_html,
    alt_in_outputs,
    no_show_ritual,
    no_semicolons,
    plain_kernel,
    sections,
    no_list_by_chance,
    one_slider,
    all_compared,
    cell_ids,
]


def problems(lesson: Lesson) -> list[str]:
    """List what is wrong with one lesson.

    Parameters
    ----------
    lesson : Lesson
        A notebook as stored.

    Returns
    -------
    list of str
        ``rule: sentence`` for each finding; empty where all is well.
    """
    return [f"{rule.__name__}: {said}" for rule in RULES for said in rule(lesson)]


def strangers(folder: Path) -> list[str]:
    """List what lies beside the lessons and is not the glossary."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix != ".ipynb"
        and path.name not in {"glossary.md", ".ipynb_checkpoints"}
    )


def main(arguments: list[str] | None = None) -> int:
    """Print every finding; the exit status says whether there was one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widgets-only", action="store_true")
    parser.add_argument("notebooks", nargs="*", type=Path)
    given = parser.parse_args(arguments)
    paths = given.notebooks or sorted((stamp.ROOT / "notebooks").glob("*.ipynb"))
    found = 0
    for path in paths:
        lesson = Lesson.read(path)
        said = no_widget_state(lesson) if given.widgets_only else problems(lesson)
        for sentence in said:
            found += 1
            print(f"{path.name}: {sentence}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
