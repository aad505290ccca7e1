r"""Reads what checks have said from the stored outputs of a notebook; nothing is run.

>>> printed = {"output_type": "stream", "name": "stdout", "text": ["Not yet: no.\n"]}
>>> imports = {"cell_type": "code", "outputs": [], "source": [
...     "from helpers.exercises import lesson_05 as ex"]}
>>> checks = {"cell_type": "code", "outputs": [printed], "source": "ex.p1.check(3)"}
>>> notebook = json.dumps({"nbformat": 4, "cells": [imports, checks]})
>>> answers(cells(notebook.encode()))["05"]["p1"]
Answer(state='not yet', said='no.')

What a notebook holds is taken for text. Code is searched for the names of checks, not
parsed and never executed, so it may also have mistakes in it, or magic commands.
"""

import importlib
import json
import pkgutil
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from helpers.exercises.base import STARTS, State, Task
from helpers.exercises.progress import WORDS

__all__ = ["STATES", "Answer", "Cell", "answers", "cells", "clean", "lessons", "tasks"]

#: What became of a question or an exercise, the best first.
STATES = ("right", "described", "not yet", "unclear", "error", "open", "not run")

_LONGEST = 300  # characters of a sentence that a learner was told
_SHORT: dict[State, str] = {
    "correct": "right",
    "not yet": "not yet",
    "not tried": "open",
}
_STARTS = {STARTS[state]: word for state, word in _SHORT.items()}
_BEGINS = "|".join(re.escape(start) for start in _STARTS)
_VERDICTS = (
    re.compile(rf"^['\"]?({_BEGINS})(.*)", re.M),
    re.compile(rf"({_BEGINS})(.*)"),  # after a print that does not end its line
)
_PROGRESS = {words: _SHORT.get(state, words) for state, words in WORDS.items()}
_LISTED = re.compile(rf"^ +({'|'.join(_PROGRESS)}): (.+)$", re.M)

# The brackets are those of an import that goes over several lines.
_IMPORT = re.compile(r"\bhelpers\.exercises\b[^\n()]*(?:\([^()]*\))?")
_LESSON = re.compile(r"\blesson_(\d\d)\b(?:\s+as\s+(\w+))?")
_CHECK = re.compile(r"\b(\w+)\.(\w+)\.check\s*\(")
_HOW_FAR = re.compile(r"\b(\w+)\.progress\s*\(")


@dataclass(frozen=True)
class Cell:
    """What is stored of a code cell.

    Attributes
    ----------
    source
        Its code, without comments.
    printed
        What it printed.
    shown
        That, and the text of all else that it showed.
    error
        What stopped it, such as ``"NameError: name 'ex' is not defined"``; else empty.
    """

    source: str
    printed: str = ""
    shown: str = ""
    error: str = ""


@dataclass(frozen=True)
class Answer:
    """What is stored about one question or exercise.

    Attributes
    ----------
    state
        One of `STATES`.
    said
        What the learner was told: why it is not right yet, or which error came.
    """

    state: str
    said: str = ""


# -- the lessons that there are --------------------------------------------------------


@cache
def lessons() -> tuple[str, ...]:
    """Return the numbers of the lessons that have exercises, such as ``"05"``."""
    package = importlib.import_module("helpers.exercises")
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(sorted(name[7:] for name in names if name.startswith("lesson_")))


@cache
def tasks(lesson: str) -> Mapping[str, Task]:
    """Return the questions and exercises of one of `lessons`, by name, in order."""
    module = importlib.import_module(f"helpers.exercises.lesson_{lesson}")
    return MappingProxyType({task.name: task for task in module.progress.tasks()})


# -- from bytes to cells ---------------------------------------------------------------


def cells(data: bytes) -> list[Cell]:
    """Read the code cells of a notebook.

    Parameters
    ----------
    data
        A notebook file of format 3 or 4.

    Raises
    ------
    ValueError
        For what is none, with a sentence that says why.

    Examples
    --------
    >>> cells(b"")
    Traceback (most recent call last):
    ValueError: it is empty.
    """
    notebook = _json(data)
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        found = [  # format 3
            cell
            for sheet in _dicts(notebook["worksheets"])
            for cell in _cells_of(sheet)
        ]
    if not isinstance(found, list):
        raise ValueError("it is JSON, but no notebook: it has no cells.")
    return [_cell(cell) for cell in _dicts(found) if cell.get("cell_type") == "code"]


def _json(data: bytes) -> Any:
    start = data[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data.strip():
        raise ValueError("it is empty.")
    if start.startswith(b"<!") or start.lower().startswith(b"<html"):
        raise ValueError("it is a web page. Save the notebook itself, not its page.")
    try:
        return json.loads(data)
    except UnicodeDecodeError:
        raise ValueError("its text is not in UTF-8, as a notebook's is.") from None
    except json.JSONDecodeError as error:
        near_the_end = error.pos >= len(error.doc.rstrip()) - len("false")
        if near_the_end or error.msg.startswith("Unterminated string"):
            raise ValueError("it is cut off: its end is missing.") from None
        raise ValueError(f"it is no JSON: see its line {error.lineno}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise ValueError("it is too deep, or has too long a number in it.") from None


def _cells_of(sheet: Mapping[str, Any]) -> list[Any]:
    found = sheet.get("cells")
    return found if isinstance(found, list) else []


def _cell(cell: Mapping[str, Any]) -> Cell:
    printed, shown, error = "", "", ""
    for output in _dicts(cell.get("outputs")):
        kind = output.get("output_type")
        if kind == "stream":
            stream = output.get("name", output.get("stream", "stdout"))
            if stream == "stdout":
                printed += _text(output.get("text"))
                shown += _text(output.get("text"))
        elif kind in ("error", "pyerr"):
            error = f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        else:
            data = output.get("data")
            plain = data.get("text/plain") if isinstance(data, dict) else None
            shown += f"\n{_text(output.get('text') if plain is None else plain)}\n"
    source = _text(cell.get("source", cell.get("input")))
    without_comments = re.sub(r"#.*", "", source)
    return Cell(without_comments, _lines(printed), _lines(shown), _one_line(error))


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _text(value: Any) -> str:
    """Read a text, or the list of its lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _lines(text: str) -> str:
    """Begin a line where a progress bar went back to the beginning of one."""
    return re.sub(r"[\r\b]+\n?", "\n", text)


def _one_line(text: str) -> str:
    text = clean(" ".join(text[: 4 * _LONGEST].split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"


def clean(text: str) -> str:
    r"""Return a text from somebody else, fit to be shown on one line and written down.

    Letters that are composed in several ways become the same; what turns the direction
    of writing or can't be seen is left out, what can't be written becomes "�".

    Examples
    --------
    >>> clean("Zoe\u0308\u202e\n\u3000王\ud800") == "Zoë  王�"
    True
    """
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        if letter.isspace():
            kept.append(" ")
        elif letter.isprintable():
            kept.append(letter)
        elif unicodedata.category(letter) != "Cf":
            kept.append("�")
    return "".join(kept)


# -- from cells to answers -------------------------------------------------------------


def answers(cells: Sequence[Cell]) -> dict[str, dict[str, Answer]]:
    """Return what the outputs of a notebook say, by lesson, then by name.

    A lesson is known by its import, ``from helpers.exercises import lesson_05 as ex``,
    and an answer by the cell that calls ``ex.q3.check``. Of several verdicts in the
    output of a cell with one check the last counts. Of several cells the best counts,
    and so does what ``ex.progress()`` said: what was right once is right.

    Parameters
    ----------
    cells
        The code cells of a notebook.

    Returns
    -------
    dict of dict of Answer
        For each lesson that is imported and is one of `lessons`, each of its `tasks`.
        A name that is not in `lessons` has no answers.
    """
    imports = [_imports(cell.source) for cell in cells]
    aliases: dict[str, str] = {}  # a check above the import counts, too
    for found in reversed(imports):
        aliases |= found
    named = sorted({lesson for found in imports for lesson in found.values()})
    known = {lesson: tasks(lesson) for lesson in named if lesson in lessons()}
    best = {
        lesson: {name: Answer("not run") for name in known.get(lesson, ())}
        for lesson in named
    }
    for cell, found in zip(cells, imports, strict=True):
        aliases |= found
        asked = [
            (aliases[alias], name)
            for alias, name in _CHECK.findall(cell.source)
            if alias in aliases and name in best[aliases[alias]]
        ]
        said = _verdicts(cell, [known[lesson][name] for lesson, name in asked])
        heard = list(zip(asked, said, strict=True))
        for alias in _HOW_FAR.findall(cell.source):
            if alias in aliases:
                told = _how_far(cell.shown)
                heard += [((aliases[alias], name), told[name]) for name in told]
        for (lesson, name), answer in heard:
            before = best[lesson].get(name)
            if before and _rank(answer) <= _rank(before):
                best[lesson][name] = answer
    return best


def _rank(answer: Answer) -> int:
    return STATES.index(answer.state)


def _imports(source: str) -> dict[str, str]:
    """Return which names stand for which lessons, as a cell imports them."""
    found = {}
    for line in _IMPORT.findall(source):
        for lesson, alias in _LESSON.findall(line):
            found[alias or f"lesson_{lesson}"] = lesson
    return found


def _verdicts(cell: Cell, asked: Sequence[Task]) -> list[Answer]:
    """Return what a cell's output says on each of its checks."""
    if not asked:
        return []
    found = next(filter(None, (p.findall(cell.shown) for p in _VERDICTS)), [])
    heard = [Answer(_STARTS[start], _said(start, words)) for start, words in found]
    missing = len(asked) - len(heard)
    if heard and all(task is asked[0] for task in asked):
        return [heard[-1]] * len(asked)
    if missing == 0:
        return heard
    if missing > 0 and cell.error:
        return heard + [Answer("error", cell.error)] * missing
    if missing == 1 and cell.printed.strip() and sum(t.open_ended for t in asked) == 1:
        # A description has no beginning of its own: it is what all others are not.
        at = next(n for n, task in enumerate(asked) if task.open_ended)
        return [*heard[:at], Answer("described"), *heard[at:]]
    if not heard:
        return [Answer("not run")] * len(asked)
    return [Answer("unclear", "several checks stand in one cell.")] * len(asked)


def _said(start: str, words: str) -> str:
    return _one_line(words) if _STARTS[start] == "not yet" else ""


def _how_far(text: str) -> dict[str, Answer]:
    """Read what a lesson's ``progress()`` printed of those that are not open.

    What is open there may never have been checked.
    """
    return {
        name: Answer(_PROGRESS[words])
        for words, names in _LISTED.findall(text)
        for name in names.split(", ")
        if _PROGRESS[words] != "open"
    }
