"""The teachers' notes: their form, their minutes, and the keys of their quizzes.

A file ``teaching/NN_name.md`` belongs to the lesson ``notebooks/NN_name.ipynb``. Its
quiz has ten questions, each written like this:

    ### 1. How many numbers ...?

    - **a** 12
    - **b** 36

    <details><summary>Key</summary>

    **b**. Why, in a sentence or two.

    - a: what somebody did who chose a

    </details>

``keys_NN.py`` beside this file computes what can be computed: ``KEYS`` maps the number
of a question to a function that returns the text of the right choice, ``MISTAKES`` to
``{letter: function}`` for wrong ones.
"""

import functools
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOTES = sorted((ROOT / "teaching").glob("[0-9][0-9]_*.md"))
SECTIONS = [
    "To prepare",
    "Minutes",
    "What to show",
    "What goes wrong in heads",
    'Answers to "Try this"',
    "Quiz",
    "Homework",
]
QUESTIONS = 10
COMPUTED = 6  # at least so many of them
LETTERS = "abcd"

# A text may go on in lines that are indented by two blanks.
WRAPPED = r"\S.*\n(?:  \S.*\n)*"
QUESTION = re.compile(
    r"### (?P<number>\d+)\. (?P<text>\S(?:.|\n)*?)\n\n"
    rf"(?P<choices>(?:- \*\*[a-z]\*\* {WRAPPED})+)\n"
    r"<details><summary>Key</summary>\n\n"
    r"\*\*(?P<right>[a-z])\*\*\. (?P<why>\S(?:.|\n)*?)\n\n"
    rf"(?P<mistakes>(?:- [a-z]: {WRAPPED})*)\n"
    r"</details>\n*"
)
CHOICE = re.compile(rf"^- \*\*([a-z])\*\* ({WRAPPED})", re.MULTILINE)
MISTAKE = re.compile(rf"^- ([a-z]): ({WRAPPED})", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


# ------------------------------------------------------------------------ reading notes


@dataclass(frozen=True)
class Question:
    """A question of a quiz; choices and mistakes by their letters, in order."""

    number: int
    choices: dict[str, str]
    right: str
    mistakes: dict[str, str]


def one_line(text: str) -> str:
    return " ".join(text.split())


def sections_of(text: str) -> dict[str, str]:
    """Return what stands under each heading of the second level, in order."""
    _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    return dict(part.split("\n", 1) for part in parts)


def questions_of(text: str) -> list[Question]:
    """Read a quiz; a question of another form is a ``ValueError`` that shows it."""
    quiz = sections_of(text).get("Quiz", "")
    questions = []
    for block in re.split(r"^(?=### )", quiz, flags=re.MULTILINE)[1:]:
        found = QUESTION.fullmatch(block)
        if not found:
            raise ValueError(f"not of the form of a question: {block}")
        lists = {}
        for name, item in {"choices": CHOICE, "mistakes": MISTAKE}.items():
            pairs = item.findall(found[name])
            lists[name] = {letter: one_line(said) for letter, said in pairs}
            if len(lists[name]) < len(pairs):
                raise ValueError(f"a letter comes twice: {block}")
        number = int(found["number"])
        questions.append(Question(number, right=found["right"], **lists))
    return questions


def faults_of_form(text: str) -> list[str]:
    """Say what is wrong with the form of a file of notes; nothing, of a right one."""
    faults = []
    if not re.match(r"# \d\d · .+: for teachers\n\n\S", text):
        faults.append("begins with '# NN · Title: for teachers' and a sentence")
    if [*sections_of(text)] != SECTIONS:
        faults.append(f"has the sections {[*sections_of(text)]}, not {SECTIONS}")
    try:
        questions = questions_of(text)
    except ValueError as error:
        return [*faults, str(error)]
    numbers = [question.number for question in questions]
    if numbers != [*range(1, QUESTIONS + 1)]:
        faults.append(f"its questions are numbered {numbers}")
    if len({question.right for question in questions}) < 2:
        faults.append("the right letter is the same in all questions")
    for question in questions:
        faults += (f"{question.number}: {fault}" for fault in faults_of(question))
    return faults


def faults_of(question: Question) -> list[str]:
    """Say what is wrong with a question."""
    letters, faults = "".join(question.choices), []
    if letters not in (LETTERS, LETTERS[:3]):
        faults.append(f"the choices are {letters}, not abcd or abc")
    if question.right not in letters:
        faults.append(f"the key {question.right} is none of the choices")
    wrong = letters.replace(question.right, "")
    if "".join(question.mistakes) != wrong:
        faults.append(f"mistakes are told of {''.join(question.mistakes)}, not {wrong}")
    if len(set(question.choices.values())) < len(letters):
        faults.append("two choices are alike")
    return faults


# ----------------------------------------------------------------------- their lessons


def name_of(path: Path) -> str:
    return path.stem


def notebook_of(path: Path) -> Path:
    return ROOT / "notebooks" / f"{path.stem}.ipynb"


@functools.cache
def prose_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] != "code"]
    return "\n".join(texts)


def minutes_of(notebook: Path) -> dict[str, int]:
    """Return the minutes of every section of a lesson that says some."""
    minutes, heading = {}, ""
    for line in prose_of(notebook).splitlines():
        if found := re.match(r"##+ (.+)", line):
            heading = found[1].strip()
        elif found := re.match(r"\*About (\d+) minutes", line):
            minutes[heading] = int(found[1])
    return minutes


def rows_of(table: str) -> dict[str, str]:
    """Return the second cell of every row, by the first one without its link."""
    rows = [line.strip("| ").split("|") for line in table.splitlines() if "|" in line]
    plain = [(re.sub(r"\[(.+?)\]\(.*?\)", r"\1", row[0]), row[1]) for row in rows]
    return {first.strip(): second.strip() for first, second in plain}


def anchors_of(path: Path) -> set[str]:
    """Return the anchors of the headings of a notebook, as Jupyter makes them."""
    headings = re.findall(r"^#+ (.+)$", prose_of(path), flags=re.MULTILINE)
    return {heading.strip().replace(" ", "-") for heading in headings}


# -------------------------------------------------------------------------------- keys


@functools.cache
def keys_of(lesson: str) -> ModuleType:
    path = HERE / f"keys_{lesson[:2]}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def computed() -> list:
    """Return a case for every question that is computed."""
    return [
        pytest.param(path, number, id=f"{path.stem}-{number}")
        for path in NOTES
        if (HERE / f"keys_{path.stem[:2]}.py").exists()
        for number in keys_of(path.stem).KEYS
    ]


# ------------------------------------------------------------------------------- tests


@pytest.mark.parametrize("path", NOTES, ids=name_of)
def test_form(path):
    faults = faults_of_form(path.read_text(encoding="utf-8"))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", NOTES, ids=name_of)
def test_minutes_are_those_of_the_lesson(path):
    rows = rows_of(sections_of(path.read_text(encoding="utf-8"))["Minutes"])
    minutes = minutes_of(notebook_of(path))
    told = {heading: rows.get(heading) for heading in minutes}
    assert told == {heading: str(n) for heading, n in minutes.items()}


@pytest.mark.parametrize("path", NOTES, ids=name_of)
def test_links_lead_somewhere(path):
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve()
        assert target.is_file(), link
        if anchor:
            assert unquote(anchor) in anchors_of(target), link


@pytest.mark.parametrize("path", NOTES, ids=name_of)
def test_most_keys_are_computed(path):
    assert len(keys_of(path.stem).KEYS) >= COMPUTED


@pytest.mark.parametrize(("path", "number"), computed())
def test_computed(path, number):
    text, keys = path.read_text(encoding="utf-8"), keys_of(path.stem)
    question = {q.number: q for q in questions_of(text)}[number]
    came = keys.KEYS[number]()
    same = [letter for letter, said in question.choices.items() if said == came]
    assert same == [question.right], f"{came!r} of {question.choices}"
    for letter, mistake in getattr(keys, "MISTAKES", {}).get(number, {}).items():
        assert letter != question.right
        assert question.choices[letter] == mistake(), letter


# ------------------------------------------------------------- that a fault is noticed


def quiz_like(n: int, right: str) -> str:
    others = [letter for letter in LETTERS if letter != right]
    return "\n".join(
        [
            f"### {n}. How many,\nof these?\n",
            *(f"- **{letter}** {letter} of\n  them" for letter in LETTERS),
            f"\n<details><summary>Key</summary>\n\n**{right}**. So many.\n",
            *(f"- {letter}: counted badly" for letter in others),
            "\n</details>\n\n",
        ]
    )


RIGHT = "# 01 · One: for teachers\n\nWhat they can do.\n\n" + "".join(
    f"## {name}\n\n"
    + "".join(quiz_like(n, LETTERS[n % 4]) for n in range(1, 11)) * (name == "Quiz")
    for name in SECTIONS
)


def test_a_right_form_has_no_faults():
    assert not faults_of_form(RIGHT)
    assert questions_of(RIGHT)[0].choices["b"] == "b of them"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (": for teachers", ""),
        ("## Minutes\n\n", ""),
        ("## Homework\n\n", "## Homework\n\n## More\n\n"),
        ("### 3. ", "### 4. "),
        ("### 10. ", "### Ten. "),
        ("- **d** d of\n  them\n", ""),
        ("- **a** a of", "- **a** b of"),
        ("- **b** b of", "- **a** b of"),
        ("- **d** d of", "- **e** d of"),
        ("**b**. So many.", "**e**. So many."),
        ("**b**. So many.", "**c**. So many."),
        ("**b**. So many.", "**b** So many."),
        ("- a: counted badly\n", ""),
        ("- a: counted badly", "- b: counted badly"),
        ("<summary>Key", "<summary>The key"),
    ],
)
def test_a_fault_is_noticed(old, new):
    assert old in RIGHT
    assert faults_of_form(RIGHT.replace(old, new, 1))


def test_letters_that_are_all_the_same_are_noticed():
    quiz = "".join(quiz_like(n, "b") for n in range(1, 11))
    text = "".join(f"## {name}\n{quiz * (name == 'Quiz')}" for name in SECTIONS)
    (fault,) = faults_of_form("# 01 · One: for teachers\n\nA sentence.\n\n" + text)
    assert "the same in all" in fault
