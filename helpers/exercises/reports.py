"""What a class has solved, as its notebooks say: a table for teachers."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from helpers._arguments import is_whole, refusal, shown
from helpers.exercises import handed_in, stored, tables
from helpers.exercises.stored import STATES, Answer
from helpers.exercises.tables import Field

__all__ = ["Report", "Row", "Skipped", "Summary", "Tally", "report"]

_DONE = ("right", "described")
_TRUST = (
    "This is what is stored in the notebooks. Nothing was run, and whoever hands a "
    "notebook in can change what is stored."
)
_NEED = "Give the one with the notebooks of your class"
_PACKED = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")
_OFTEN = 3  # sentences for each exercise, in a summary


@dataclass(frozen=True)
class Row:
    """One person's answers in one lesson.

    Attributes
    ----------
    who
        Of the folder's or the file's name.
    lesson
        Its number, ``"05"``.
    states : mapping of str to str
        For each question and exercise, in the order of the lesson: ``"right"``,
        ``"described"`` (no answer is right or wrong there), ``"not yet"``,
        ``"unclear"`` (several checks in one cell, which can't be told apart),
        ``"error"`` (the cell stopped before its check), ``"open"`` (the check found no
        answer) or ``"not run"`` (no output is stored).
    said : mapping of str to str
        What was said to those that are not yet right, or which error came.
    file
        Where it stands, seen from the folder.
    remark
        What else there is to know; mostly empty.
    """

    who: str
    lesson: str
    states: Mapping[str, str]
    said: Mapping[str, str]
    file: str
    remark: str = ""

    @property
    def done(self) -> int:
        """How many are right, or described where nothing is right or wrong."""
        return sum(state in _DONE for state in self.states.values())

    def __str__(self) -> str:
        parts = [f"{self.done} of {len(self.states)} done"]
        for state in STATES:
            names = [name for name, found in self.states.items() if found == state]
            if names and state not in _DONE:
                every = len(names) == len(self.states)
                parts.append(f"{state}: {'all' if every else ', '.join(names)}")
        return f"{self.who}: " + "; ".join(filter(None, [*parts, self.remark]))


@dataclass(frozen=True)
class Skipped:
    """A file that is left out.

    Attributes
    ----------
    file
        Where it lies, seen from the folder.
    why
        A sentence.
    """

    file: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}: {self.why}"


@dataclass(frozen=True)
class Tally:
    """How a class has fared with one question or exercise.

    Attributes
    ----------
    lesson, name
        Which one: ``"05"``, ``"q3"``.
    states : mapping of str to int
        How many people there are in each state, of those in which there are some.
    often : tuple of (str, int)
        What those were told most often who are not there yet, and how many were.
    """

    lesson: str
    name: str
    states: Mapping[str, int]
    often: tuple[tuple[str, int], ...]

    @property
    def done(self) -> int:
        """How many have it right, or described where nothing is right or wrong."""
        return sum(self.states.get(state, 0) for state in _DONE)

    @property
    def people(self) -> int:
        """How many handed the lesson in."""
        return sum(self.states.values())


@dataclass(frozen=True, repr=False)
class Summary:
    """How a class has fared, exercise by exercise.

    Attributes
    ----------
    rows : tuple of Tally
        In the order of the lessons.
    """

    rows: tuple[Tally, ...]

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the table as comma-separated values; write it to a file, too.

        Parameters
        ----------
        path
            Of the file; it is replaced where there is one.
        """
        headings = ["lesson", "name", "people", "done", *STATES[2:], "said most often"]
        rows: list[list[Field]] = [
            [
                *(tally.lesson, tally.name, tally.people, tally.done),
                *(tally.states.get(state, 0) for state in STATES[2:]),
                _told(tally),
            ]
            for tally in self.rows
        ]
        return _written(tables.as_csv(headings, rows), path)

    def __repr__(self) -> str:
        lines = []
        for lesson, tallies in _by_lesson(self.rows):
            lines.append(f"Lesson {lesson}, {_people(tallies[0].people)}")
            for tally in tallies:
                lines.append(f"    {tally.name}: {tally.done} of {tally.people} done")
                lines += [f"        {_times(*told)}" for told in tally.often]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = []
        for lesson, tallies in _by_lesson(self.rows):
            there = [s for s in STATES[2:] if any(s in t.states for t in tallies)]
            rows = [
                [t.name, t.done, *(t.states.get(s, 0) for s in there), _told(t)]
                for t in tallies
            ]
            caption = f"Lesson {lesson}, {_people(tallies[0].people)}"
            headings = ["", "done", *there, "said most often"]
            parts.append(tables.as_html(caption, headings, rows))
        return "".join(parts)


@dataclass(frozen=True, repr=False)
class Report:
    """Who solved what; a notebook shows it as a table.

    Attributes
    ----------
    rows : tuple of Row
        By lesson, then by name.
    skipped : tuple of Skipped
        What was called a notebook and could not be counted.
    """

    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...] = ()

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the table as comma-separated values; write it to a file, too.

        The file is in UTF-8 and begins with a mark (BOM), so that Excel shows Chinese
        names as they are. A cell that a spreadsheet would compute, such as ``=1+1``,
        gets a quotation mark before it.

        Parameters
        ----------
        path
            Of the file; it is replaced where there is one.

        Raises
        ------
        ValueError
            Where it cannot be written.
        """
        names = sorted({name for row in self.rows for name in row.states}, key=_turn)
        headings = ["who", "lesson", "done", "of", *names, "remark", "file"]
        rows: list[list[Field]] = [
            [
                *(row.who, row.lesson, row.done, len(row.states)),
                *(row.states.get(name, "") for name in names),
                *(row.remark, row.file),
            ]
            for row in self.rows
        ]
        return _written(tables.as_csv(headings, rows), path)

    def summary(self) -> Summary:
        """Return, for each exercise, how many solved it, and what went wrong."""
        tallies = []
        for lesson, rows in _by_lesson(self.rows):
            for name in rows[0].states:
                came = Counter(row.states[name] for row in rows)
                told = Counter(row.said[name] for row in rows if row.said.get(name))
                often = sorted(told.items(), key=lambda one: (-one[1], one[0]))
                states = {state: came[state] for state in STATES if state in came}
                tallies.append(Tally(lesson, name, states, tuple(often[:_OFTEN])))
        return Summary(tuple(tallies))

    def __repr__(self) -> str:
        lines = []
        for lesson, rows in _by_lesson(self.rows):
            lines.append(f"Lesson {lesson}, {_people(len(rows))}")
            lines += [f"    {row}" for row in rows]
        if self.skipped:
            lines.append("Left out")
            lines += [f"    {one}" for one in self.skipped]
        return "\n".join([*lines, _TRUST])

    def _repr_html_(self) -> str:
        parts = []
        for lesson, rows in _by_lesson(self.rows):
            remarks = any(row.remark for row in rows)
            headings = ["who", "done", *rows[0].states, *["remark"] * remarks]
            table = [
                [row.who, f"{row.done} of {len(row.states)}", *row.states.values()]
                + [row.remark] * remarks
                for row in rows
            ]
            caption = f"Lesson {lesson}, {_people(len(rows))}"
            parts.append(tables.as_html(caption, headings, table))
        if self.skipped:
            parts.append(tables.as_list("Left out:", map(str, self.skipped)))
        return "".join([*parts, f"<p>{_TRUST}</p>"])


def report(folder: str | os.PathLike[str], lesson: int | str | None = None) -> Report:
    """Say who solved what, from the notebooks that a class handed in.

    Nothing that stands in them is run, imported or unpickled. What is believed is what
    the checks have printed and the notebook has kept. So **outputs can be forged**, and
    a cell that was changed after it was run looks as it did before: the report saves
    you counting, and is no proof.

    **Who.** The nearest folder that is named after somebody, not after a lesson or a
    place: ``alice/05_learning.ipynb``, ``submitted/alice/05_learning/….ipynb``. Where
    there is none, what the file's name has besides the lesson's:
    ``05_learning-alice.ipynb``. Where it has nothing, a folder that is a number, or
    the file's name itself. So files of many people that lie in one folder,
    ``class 5a/05_learning-alice.ipynb``, are read by ``report("class 5a")``.

    **Which lesson.** The one whose exercises the notebook imports, whatever it is
    called.

    **What counts.** A check in several cells: the best that was said, for what was
    right once is right. Several notebooks of one person for one lesson: the one in
    which most is done, of equals the first by name; the remark names the others.

    What can't be read is left out, and named with the reason.

    Parameters
    ----------
    folder
        Where the notebooks lie, in folders inside it, too. Hidden folders, such as
        ``.ipynb_checkpoints``, are left out.
    lesson
        The number of one lesson, 5 or ``"05"``; None for all.

    Returns
    -------
    Report
        With ``.rows``, ``.skipped``, ``.to_csv("class.csv")`` and ``.summary()``.

    Raises
    ------
    ValueError
        For a folder that is none, or has nothing of the course; for a lesson that does
        not exist.

    Examples
    --------
    >>> import json, tempfile
    >>> printed = {"output_type": "stream", "name": "stdout", "text": "Correct: yes."}
    >>> source = "from helpers.exercises import lesson_05 as ex; ex.q1.check(slope)"
    >>> cell = {"cell_type": "code", "source": source, "outputs": [printed]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notebook = Path(folder) / "05_learning-alice.ipynb"
    ...     _ = notebook.write_text(json.dumps({"nbformat": 4, "cells": [cell]}))
    ...     found = report(folder)
    >>> found
    Lesson 05, 1 person
        alice: 1 of 11 done; not run: p1, p2, p3, p4, p5, q2, q3, q4, q5, q6
    This is what is stored in the notebooks. Nothing was run, and whoever hands a \
notebook in can change what is stored.
    >>> found.rows[0].states["q1"]
    'right'
    >>> report("no/such/folder")
    Traceback (most recent call last):
    ValueError: folder: got 'no/such/folder', which is no folder. Give the one with \
the notebooks of your class.
    """
    top = _folder(folder)
    wanted = None if lesson is None else _lesson(lesson)
    files, left_out = handed_in.find(top)
    if not files and not left_out:
        came = f"{str(folder)!r}, in which there is no notebook"
        raise refusal("folder", came, _NEED)
    skipped = [Skipped(handed_in.shown(file), why) for file, why in left_out]
    rows = []
    for file in files:
        try:
            found = stored.answers(stored.cells(handed_in.read(top / file)))
            _refuse_others(found)
        except ValueError as reason:
            skipped.append(Skipped(handed_in.shown(file), str(reason)))
            continue
        rows += [
            (_row(file, number, answers), handed_in.whose(file))
            for number, answers in found.items()
            if answers and wanted in (None, number)
        ]
    if not rows:
        raise _nothing(str(folder), len(files), skipped, wanted)
    return Report(
        tuple(sorted(_one_each(rows), key=_place)),
        tuple(sorted(skipped, key=lambda one: one.file)),
    )


def _folder(folder: Any) -> Path:
    if not isinstance(folder, str | os.PathLike):
        raise refusal("folder", shown(folder), _NEED)
    top = Path(folder).expanduser()
    if top.is_file() and top.suffix.lower() in _PACKED:
        raise refusal("folder", f"{str(folder)!r}, which is packed", "Unpack it first")
    if not top.is_dir():
        raise refusal("folder", f"{str(folder)!r}, which is no folder", _NEED)
    return top


def _lesson(lesson: Any) -> str:
    """Read which lesson is meant: 5, "5", "05", "lesson_05", "05_learning"."""
    digits = re.search(r"\d+", lesson) if isinstance(lesson, str) else None
    number = (
        f"{lesson:02d}" if is_whole(lesson) else digits[0].zfill(2) if digits else ""
    )
    if number not in stored.lessons():
        numbers = ", ".join(str(int(one)) for one in stored.lessons())
        raise refusal("lesson", shown(lesson), f"Give the number of one: {numbers}")
    return number


def _refuse_others(found: Mapping[str, Mapping[str, Answer]]) -> None:
    """Raise `ValueError` for a notebook with no lesson that is known here."""
    if not found:
        raise ValueError(
            "it is of no lesson: no cell imports the exercises of one, such as "
            "helpers.exercises.lesson_05."
        )
    if not any(found.values()):
        raise ValueError(
            f"it is of lesson {' and '.join(found)}, and this copy of the course has "
            f"lessons up to {stored.lessons()[-1]}."
        )


def _nothing(
    folder: str, count: int, skipped: Sequence[Skipped], wanted: str | None
) -> ValueError:
    """Return the error for a folder from which nothing can be told."""
    what = f"lesson {wanted}" if wanted else "this course"
    came = f"{folder!r}, with {count} notebook{'s' * (count != 1)}, none of {what}"
    if skipped:
        first = " ".join(str(one) for one in skipped[:3])
        came += f": {first.rstrip('.')}{' …' * (len(skipped) > 3)}"
    return refusal("folder", came, _NEED)


def _row(file: PurePath, lesson: str, answers: Mapping[str, Answer]) -> Row:
    states = {name: answer.state for name, answer in answers.items()}
    is_empty = set(states.values()) == {"not run"}
    return Row(
        who="",
        lesson=lesson,
        states=states,
        said={name: answer.said for name, answer in answers.items() if answer.said},
        file=handed_in.shown(file),
        remark="no check has an output: not run, or cleared" if is_empty else "",
    )


def _one_each(rows: Sequence[tuple[Row, handed_in.Person]]) -> Iterator[Row]:
    """Give one row for each person and lesson, the one with most done."""
    named: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row, person in rows:
        numbers = named.setdefault((row.lesson, person.name), {})
        numbers.setdefault(person.number, []).append(row)
    for (_, name), numbers in named.items():
        for number, theirs in numbers.items():
            best = max(theirs, key=_worth)  # the first of equals
            others = [row.file for row in theirs if row is not best]
            remark = best.remark
            if others:
                more = f" and {len(others) - 3} more" if len(others) > 3 else ""
                also = f"also handed in: {', '.join(others[:3])}{more}"
                remark = f"{remark}; {also}" if remark else also
            who = f"{name} ({number})" if number and len(numbers) > 1 else name
            yield replace(best, who=who, remark=remark)


def _worth(row: Row) -> tuple[int, int]:
    """Order rows by what is done, then by what is tried."""
    untried = ("open", "not run")
    return row.done, sum(state not in untried for state in row.states.values())


def _place(row: Row) -> tuple[str, str, str, str]:
    return row.lesson, row.who.casefold(), row.who, row.file


def _turn(name: str) -> tuple[str, int, str]:
    """Order names as a lesson does: p1, p2, … p10, q1."""
    digits = re.search(r"\d+", name)
    return name.rstrip("0123456789"), int(digits[0]) if digits else 0, name


def _by_lesson(rows: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    for lesson in sorted({row.lesson for row in rows}):
        yield lesson, [row for row in rows if row.lesson == lesson]


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}"


def _told(tally: Tally) -> str:
    return " · ".join(_times(*told) for told in tally.often)


def _times(sentence: str, count: int) -> str:
    return f"{count} × {sentence}"


def _written(text: str, path: str | os.PathLike[str] | None) -> str:
    """Return a text; write it to a file, too, where one is named."""
    if path is not None:
        try:
            # The ends of lines are in the text already.
            Path(path).write_text(text, encoding="utf-8-sig", newline="")
        except (OSError, TypeError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            came = f"{shown(path)}, which cannot be written: {why}"
            raise refusal(
                "path", came, 'Give the name of a file, "class.csv"'
            ) from None
    return text
