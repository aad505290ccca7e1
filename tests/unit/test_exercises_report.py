"""A class of thirty: who solved what is read from notebooks, and nothing is run."""

import builtins
import contextlib
import csv
import functools
import importlib
import io
import json
import os
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path, PurePath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import exercises, kernels
from helpers.exercises import handed_in, reports, stored
from helpers.exercises.questions import Question

CHECK = re.compile(r"^ex\.([pq]\d+)\.check\((.*)\)$", re.MULTILINE)
NOTEBOOKS = {
    path.stem[:2]: path
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
}
SMALL = ["01", "02", "03", "04", "05"]  # no solution of theirs trains a network
NAMES_05 = list(stored.tasks("05"))


# -- notebooks, with outputs that checks have really printed ---------------------------


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text.splitlines(True)}


def error(name="NameError", value="name 'ex' is not defined"):
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": []}


def code(source, *outputs):
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
    }


def printing(source, text):
    return code(source, stream(text))


IMPORT = code("from helpers.exercises import lesson_05 as ex")


def notebook(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def task_of(lesson, name):
    return getattr(importlib.import_module(f"helpers.exercises.lesson_{lesson}"), name)


@functools.cache
def said(lesson, name, handed, kind):
    """What a check prints on a right answer, a wrong one, or none."""
    task = task_of(lesson, name)
    if kind == "open":
        answer = ...
    elif isinstance(task, Question):
        answer = task.answer if kind == "right" else task.slips[0][0]
    elif kind == "wrong":
        answer = "what is that?"
    else:
        names = {"np": np, "kernels": kernels}
        exec(task.answer, names)
        answer = eval(handed, names)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        task.check(answer)
    task.memory.verdict = None  # other tests ask how far one is
    return out.getvalue()


@functools.cache
def lesson_text(lesson):
    return NOTEBOOKS[lesson].read_text(encoding="utf-8")


def answered(lesson, **kinds):
    """A lesson as it is stored, with some of its checks answered."""
    found = json.loads(lesson_text(lesson))
    for cell in found["cells"]:
        check = CHECK.search("".join(cell["source"]))
        if cell["cell_type"] != "code" or not check or check[1] not in kinds:
            continue
        name, handed = check.groups()
        kind = kinds[name]
        cell["source"] = f"# mine\n{handed} = 1\nex.{name}.check({handed})"
        if kind == "cleared":
            cell["outputs"] = []
        elif kind == "error":
            cell["outputs"] = [error("ValueError", "too many values to unpack")]
        else:
            cell["outputs"] = [stream(said(lesson, name, handed, kind))]
    return found


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False).encode()
    path.write_bytes(content)


def states(*cells, lesson="05"):
    """What is read from a few cells, without what is not run."""
    found = stored.answers(stored.cells(json.dumps(notebook(*cells)).encode()))
    return {n: a.state for n, a in found[lesson].items() if a.state != "not run"}


# -- what checks print, in the lessons themselves --------------------------------------


@pytest.mark.parametrize("lesson", NOTEBOOKS)
def test_a_lesson_as_it_is_stored_is_open(lesson):
    found = stored.answers(stored.cells(NOTEBOOKS[lesson].read_bytes()))
    assert list(found) == [lesson]
    assert list(found[lesson]) == list(stored.tasks(lesson))
    assert {answer.state for answer in found[lesson].values()} == {"open"}


@pytest.mark.parametrize("lesson", NOTEBOOKS)
@pytest.mark.parametrize(("kind", "state"), [("right", "right"), ("wrong", "not yet")])
def test_every_answer_is_read_as_its_check_judged_it(lesson, kind, state):
    tasks = stored.tasks(lesson)
    tried = [n for n, t in tasks.items() if lesson in SMALL or isinstance(t, Question)]
    data = json.dumps(answered(lesson, **dict.fromkeys(tried, kind))).encode()
    found = stored.answers(stored.cells(data))[lesson]
    for name, task in tasks.items():
        if name not in tried:
            assert found[name].state == "open"
        elif task.open_ended and kind == "right":
            assert found[name] == stored.Answer("described")
        else:
            assert found[name].state == state
            assert bool(found[name].said) == (kind == "wrong")


def test_the_lessons_are_those_that_there_are():
    folder = Path(exercises.__file__).parent
    files = sorted(path.stem for path in folder.glob("lesson_??.py"))
    assert [f"lesson_{lesson}" for lesson in stored.lessons()] == files
    assert set(NOTEBOOKS) <= set(stored.lessons())
    for lesson in stored.lessons():
        module = importlib.import_module(f"helpers.exercises.lesson_{lesson}")
        assert {*stored.tasks(lesson), "progress"} == set(module.__all__)


def test_the_titles_are_those_of_the_lessons():
    titles = [path.stem.split("_")[1] for path in NOTEBOOKS.values()]
    assert titles == list(handed_in.TITLES)[: len(titles)]


# -- what learners do to their notebooks -----------------------------------------------

RIGHT = "Correct: so it is.\n"
WRONG = "Not yet: not seven.\n"
STUB = "Not tried yet. Put your answer in place of the three dots.\n"


@pytest.mark.parametrize(
    "cells",
    [
        [printing("ex.q1.check(a)", RIGHT)],
        [printing(["a = 1\n", "ex.q1.check(a)"], RIGHT)],
        [printing("ex.q1.check(a)", WRONG), printing("ex.q1.check(b)", RIGHT)],
        [printing("ex.q1.check(a)", RIGHT), printing("ex.q1.check(b)", WRONG)],
        [printing("ex.q1.check(...)", STUB), printing("ex.q1.check(b)", RIGHT)],
        [code("ex.q1.check(a)", error()), printing("ex.q1.check(b)", RIGHT)],
        [printing("for a in (1, 2):\n    ex.q1.check(a)", WRONG + RIGHT)],
        [printing("%%time\nex.q1.check(a)", RIGHT + "Wall time: 1 s\n")],
        [printing("def f(:\n  ex.q1.check(a)", RIGHT)],
        [printing("ex.q1.check(a); ex.q1.hint()", RIGHT + "Hint 1 of 3: …\n")],
        [
            printing(
                "print('#'); ex.q1.check('#')\nex.q1.check(a)", f"#\n{WRONG}{RIGHT}"
            )
        ],
        [printing("ex . q1.check(a)\nex.q1.check (a)", RIGHT)],
        [printing("ex.q1.check(a)", "trying 1\ntrying 2\n" + RIGHT)],
        [printing("ex.q1.check(a)", "......" + RIGHT)],
        [printing("ex.q1.check(a)", "10 %\r50 %\r100 %\r" + RIGHT)],
        [
            code(
                "ex.q1.check(a)",
                stream("Some"),
                stream("thing\nCorr"),
                stream("ect: y."),
            )
        ],
        [code("ex.q1.check(a)", stream("no\n", "stderr"), stream(RIGHT))],
        [code("ex.q1.check(a)\n1 / 0", stream(RIGHT), error("ZeroDivisionError", ""))],
        [
            code(
                "ex.q1.check(a)",
                {"output_type": "display_data", "data": {"text/plain": [RIGHT]}},
            )
        ],
        [
            code(
                "str(ex.q1.check(a))",
                {"output_type": "execute_result", "data": {"text/plain": f"'{RIGHT}'"}},
            )
        ],
    ],
)
def test_right(cells):
    assert states(IMPORT, *cells) == {"q1": "right"}


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [code("ex.q1.check(a)")],
        [printing("print('Correct: yes.')", RIGHT)],
        [printing("# ex.q1.check(a)\nprint('Correct: yes.')", RIGHT)],
        [code("ex.q1.check(a)", stream(RIGHT, "stderr"))],
        [
            {
                "cell_type": "markdown",
                "metadata": {},
                "source": f"ex.q1.check(a)\n{RIGHT}",
            }
        ],
        [{"cell_type": "raw", "source": "ex.q1.check(a)", "outputs": [stream(RIGHT)]}],
        [printing("ey.q1.check(a)", RIGHT)],
        [printing("ex.q99.check(a)", RIGHT)],
        [printing("ex.q1.hint()", "Hint 1 of 3: Correct: …")],
        [printing("ex.q1.check(a)", "my own words\n")],
    ],
)
def test_nothing_is_there_to_be_read(cells):
    assert states(IMPORT, *cells) == {}


def test_what_is_not_right_has_its_reason():
    cells = [IMPORT, printing("ex.q1.check(a)", "abc\n" + WRONG)]
    cells += [code("ex.q2.check(b)", error("ValueError", "a\n  b"))]
    cells += [printing("ex.q3.check(c)", STUB), code("ex.q4.check(d)")]
    found = stored.answers(stored.cells(json.dumps(notebook(*cells)).encode()))["05"]
    assert found["q1"] == stored.Answer("not yet", "not seven.")
    assert found["q2"] == stored.Answer("error", "ValueError: a b")
    assert found["q3"] == stored.Answer("open")
    assert found["q4"] == stored.Answer("not run")


def test_a_long_reason_is_cut_off():
    cells = [IMPORT, printing("ex.q1.check(a)", f"Not yet: {'no ' * 9999}\n")]
    found = stored.answers(stored.cells(json.dumps(notebook(*cells)).encode()))["05"]
    assert len(found["q1"].said) == 300


def test_the_latest_reason_stands():
    cells = [printing("ex.q1.check(a)", WRONG)]
    cells += [printing("ex.q1.check(a)", "Not yet: not eight.\n")]
    found = stored.answers(stored.cells(json.dumps(notebook(IMPORT, *cells)).encode()))
    assert found["05"]["q1"].said == "not eight."


BOTH = "ex.p1.check(a)\nex.p2.check(b)"
WITH_OPEN = "ex.p1.check(a)\nex.q6.check(b)"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (printing(BOTH, RIGHT + WRONG), {"p1": "right", "p2": "not yet"}),
        (printing(BOTH, STUB + RIGHT), {"p1": "open", "p2": "right"}),
        (code(BOTH, stream(RIGHT), error()), {"p1": "right", "p2": "error"}),
        (code(BOTH, error()), {"p1": "error", "p2": "error"}),
        (printing(BOTH, RIGHT), {"p1": "unclear", "p2": "unclear"}),
        (printing(BOTH, RIGHT * 3), {"p1": "unclear", "p2": "unclear"}),
        (code(BOTH), {}),
        (printing(WITH_OPEN, RIGHT + "9 steps."), {"p1": "right", "q6": "described"}),
        (printing(WITH_OPEN, RIGHT + STUB), {"p1": "right", "q6": "open"}),
        (code(WITH_OPEN, stream(RIGHT), error()), {"p1": "right", "q6": "error"}),
        (printing("ex.q6.check(a)", "9 steps."), {"q6": "described"}),
        (printing("ex.q6.check(a)", "tried\n" + WRONG), {"q6": "not yet"}),
        (code("ex.q6.check(a)", stream("tried"), error()), {"q6": "error"}),
        (code("ex.q6.check(a)", stream("oh", "stderr")), {}),
    ],
)
def test_several_checks_in_a_cell_and_open_ends(cell, expected):
    assert states(IMPORT, cell) == expected


def test_what_progress_said_counts_where_checks_are_out_of_sight():
    loop = code("for name, answer in mine.items(): getattr(ex, name).check(answer)")
    said = """\
Questions on the way: 2 of 5 tried, 1 right, 3 open.
    right: p2
    not right yet: p1
    open: p3, p4, p5
Exercises: 3 of 6 tried, 2 right, 3 open.
    right: q1, q2, q99
    described: q6
    open: q3, q4, q5
"""
    found = states(IMPORT, loop, printing("ex.progress()", said))
    right = dict.fromkeys(["p2", "q1", "q2"], "right")
    assert found == right | {"p1": "not yet", "q6": "described"}
    later = printing("ex.q5.check(a)", RIGHT)
    assert states(IMPORT, printing("ex.progress()", said), later)["q5"] == "right"
    assert states(IMPORT, printing("print(said)", said)) == {}


@pytest.mark.parametrize(
    "source",
    [
        "from helpers.exercises import lesson_05 as ex",
        "from helpers import images\nfrom helpers.exercises  import  lesson_05  as ex",
        "from helpers.exercises import (  # the checks\n    lesson_05 as ex,\n)",
        "import helpers.exercises.lesson_05 as ex",
        "%pip install x\n!ls\nfrom helpers.exercises import lesson_05 as ex; a = ",
        ["import numpy\n", "from helpers.exercises import lesson_05 as ex"],
    ],
)
def test_a_lesson_is_known_by_its_import(source):
    assert states(code(source), printing("ex.q1.check(a)", RIGHT)) == {"q1": "right"}


def test_under_another_name():
    other = code("from helpers.exercises import lesson_05 as e5, lesson_04")
    cells = [other, printing("e5.q1.check(a)\nlesson_04.q1.check(a)", RIGHT + WRONG)]
    assert states(*cells) == {"q1": "right"}
    assert states(*cells, lesson="04") == {"q1": "not yet"}


def test_two_lessons_in_one_notebook():
    cells = [
        printing("ex.q2.check(a)", STUB),
        IMPORT,
        printing("ex.q1.check(a)", RIGHT),
    ]
    cells += [code("from helpers.exercises import lesson_04 as ex")]
    cells += [printing("ex.q1.check(a)", WRONG)]
    assert states(*cells) == {"q1": "right", "q2": "open"}
    assert states(*cells, lesson="04") == {"q1": "not yet"}


def test_other_formats_of_notebooks():
    old = {
        "cell_type": "code",
        "input": ["ex.q1.check(a)"],
        "outputs": [{"output_type": "stream", "stream": "stdout", "text": [RIGHT]}],
    }
    lines = {
        "cell_type": "code",
        "input": "from helpers.exercises import lesson_05 as ex",
    }
    result = {
        "cell_type": "code",
        "input": "ex.q2.check(a)",
        "outputs": [{"output_type": "pyout", "text": [WRONG]}],
    }
    stopped = {
        "cell_type": "code",
        "input": "ex.q3.check(a)",
        "outputs": [{"output_type": "pyerr", "ename": "E", "evalue": "v"}],
    }
    sheets = [{"cells": [lines, old]}, {"cells": [result, stopped]}, {}, 3]
    data = json.dumps({"nbformat": 3, "worksheets": sheets}).encode()
    found = stored.answers(stored.cells(data))["05"]
    assert [found[f"q{n}"].state for n in (1, 2, 3)] == ["right", "not yet", "error"]
    for encoding in ("utf-8-sig", "utf-16"):
        assert stored.cells(data.decode().encode(encoding)) == stored.cells(data)


# -- files that are none ---------------------------------------------------------------

WHOLE = json.dumps(notebook(IMPORT, printing("ex.q1.check(a)", RIGHT))).encode()
BROKEN = {
    "empty": (b"", "it is empty."),
    "blank": (b" \n\n", "it is empty."),
    "page": (b"\n<!DOCTYPE html><html>", "it is a web page. Save the notebook itself"),
    "cut": (WHOLE[:-40], "it is cut off: its end is missing."),
    "half": (WHOLE[: len(WHOLE) // 2], "it is cut off: its end is missing."),
    "gbk": ('{"cells": ["卷积"]}'.encode("gbk"), "its text is not in UTF-8"),
    "photo": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "its text is not in UTF-8"),
    "python": (b"import os\n" * 9, "it is no JSON: see its line 1."),
    "conflict": (b'{"cells":\n<<<<<<< HEAD\n[]' + b" " * 9 + b"}", "see its line 2."),
    "list": (b"[1, 2]", "it is JSON, but no notebook"),
    "text": (b'"cells"', "it is JSON, but no notebook"),
    "no cells": (b'{"cells": 3}', "it is JSON, but no notebook"),
    "no sheets": (b'{"worksheets": 3}', "it is JSON, but no notebook"),
    "deep": (b"[" * 200_000, "it is too deep"),
    "long number": (b'{"a": %s, "cells": []}' % (b"9" * 9999), "it is too deep"),
    "other": (json.dumps(notebook(code("1 + 1"))).encode(), "it is of no lesson"),
    "no code": (b'{"cells": []}', "it is of no lesson"),
    "newer": (
        json.dumps(
            notebook(code("from helpers.exercises import lesson_77 as ex"))
        ).encode(),
        "it is of lesson 77, and this copy of the course has lessons up to 09.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_and_the_others_are_read(name, tmp_path):
    data, why = BROKEN[name]
    write(tmp_path / "bob" / "05_learning.ipynb", data)
    write(tmp_path / "alice" / "05_learning.ipynb", WHOLE)
    found = exercises.report(tmp_path)
    assert [row.who for row in found.rows] == ["alice"]
    (skipped,) = found.skipped
    assert skipped.file == "bob/05_learning.ipynb"
    assert why in skipped.why
    assert str(skipped) in repr(found)
    assert "bob/05_learning.ipynb" in found._repr_html_()


def test_folders_links_pipes_and_large_files(tmp_path):
    top = tmp_path / "class"
    write(top / "alice" / "05_learning.ipynb", WHOLE)
    write(tmp_path / "elsewhere" / "05_learning.ipynb", WHOLE)
    (top / "folder.ipynb").mkdir()
    (top / "inside").symlink_to(tmp_path / "elsewhere")
    (top / "link.ipynb").symlink_to(tmp_path / "elsewhere" / "05_learning.ipynb")
    (top / "loop.ipynb").symlink_to(top / "loop.ipynb")
    with (top / "large.ipynb").open("wb") as file:
        file.truncate(handed_in.MOST + 1)
    os.mkfifo(top / "pipe.ipynb")
    found = exercises.report(top)
    assert [row.file for row in found.rows] == ["alice/05_learning.ipynb"]
    assert {one.file: one.why for one in found.skipped} == {
        "folder.ipynb": "it is a folder.",
        "inside": "it is a link to a folder.",
        "large.ipynb": "it has 25 MB; at most 25 MB are read.",
        "link.ipynb": "it is a link, and may lead anywhere.",
        "loop.ipynb": "it is a link, and may lead anywhere.",
        "pipe.ipynb": "it is no file.",
    }


def test_what_may_not_be_read_is_named(tmp_path, monkeypatch):
    for name in ("alice", "bob", "carol"):
        write(tmp_path / name / "05_learning.ipynb", WHOLE)
    scan, read_bytes = os.scandir, Path.read_bytes

    def no_scan(path):  # root may read everything: the error is made
        if str(path).endswith("bob"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    def no_read(path):
        if path.parent.name == "carol":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(os, "scandir", no_scan)
    monkeypatch.setattr(Path, "read_bytes", no_read)
    found = exercises.report(tmp_path)
    assert [row.who for row in found.rows] == ["alice"]
    assert [str(one) for one in found.skipped] == [
        "bob: it cannot be opened: Permission denied.",
        "carol/05_learning.ipynb: it cannot be read: Permission denied.",
    ]


def test_every_beginning_of_a_notebook_is_refused_with_a_sentence():
    for end in range(len(WHOLE)):
        with pytest.raises(ValueError, match=r"^it (is empty|is cut off)"):
            stored.cells(WHOLE[:end])


KEYS = """\
cells worksheets cell_type code markdown source input outputs output_type stream name
stdout text data text/plain error ename evalue display_data execute_result metadata"""
WORDS = st.sampled_from(KEYS.split())
TEXTS = st.sampled_from(
    [IMPORT["source"], "ex.q1.check(a)", "ex.progress()", RIGHT, WRONG, "", "\ud800"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
)


@given(ANYTHING)
@settings(max_examples=300)  # a tree takes long to draw
def test_whatever_stands_in_json_is_read_or_refused(anything):
    for tree in (anything, {"cells": [anything]}, {"cells": [IMPORT, anything]}):
        try:
            cells = stored.cells(json.dumps(tree).encode())
        except ValueError:
            assert tree is anything, "only what has no cells is refused"
        else:
            assert set(stored.answers(cells)) <= {"05"}


# -- whose they are --------------------------------------------------------------------

WHOSE = {
    "alice/05_learning.ipynb": "alice",
    "alice/notebooks/05_learning.ipynb": "alice",
    "alice/hands-on-convnets-main/notebooks/05_learning.ipynb": "alice",
    "class a/alice/05_learning.ipynb": "alice",
    "submitted/alice/05_learning/05_learning.ipynb": "alice",
    "alice/Homework 2/Copy of 05_learning.ipynb": "alice",
    "alice/05_learning (1).ipynb": "alice",
    "05_learning-alice.ipynb": "alice",
    "05_learning_Alice Wong.ipynb": "Alice Wong",
    "alice_05_learning-Copy1.ipynb": "alice",
    "Copy of 05_learning - alice.ipynb": "alice",
    "05-learning-alice/05_learning.ipynb": "alice",
    "05_learning_20231234.ipynb": "20231234",
    "20231234/05_learning.ipynb": "20231234",
    "05_alice/05_learning.ipynb": "05_alice",
    "07/05_learning.ipynb": "07",
    "alice/05/05_learning.ipynb": "alice",
    "05/05_learning-alice.ipynb": "alice",
    "05_learning/王小明.ipynb": "王小明",
    "作业_王小明/05_learning.ipynb": "作业_王小明",
    "Alice Wong_12345_assignsubmission_file_/05_learning.ipynb": "Alice Wong",
    "Alice Wong_12345_assignsubmission_file_05_learning.ipynb": "Alice Wong",
    "05_learning.ipynb": "05_learning",
    "Copy of 05_learning.ipynb": "Copy of 05_learning",
    "05_learning (1).ipynb": "05_learning (1)",
    "“05_learning.ipynb”的副本.ipynb": "“05_learning.ipynb”的副本",
    "week 1/05_learning.ipynb": "week 1/05_learning",
    "a\u202eb\n/05_learning.ipynb": "ab",
}


@pytest.mark.parametrize("file", WHOSE)
def test_whose(file):
    assert handed_in.whose(PurePath(file)).name == WHOSE[file]


def test_hidden_folders_and_those_of_archives_are_left_out(tmp_path):
    write(tmp_path / "alice" / "05_learning.ipynb", WHOLE)
    write(tmp_path / "alice" / "README.md", b"hello")
    write(tmp_path / "alice" / ".ipynb_checkpoints" / "05-checkpoint.ipynb", WHOLE)
    write(tmp_path / "alice" / "._05_learning.ipynb", b"\x00\x05\x16\x07")
    write(tmp_path / "__MACOSX" / "05_learning.ipynb", b"\x00\x05\x16\x07")
    found = exercises.report(tmp_path)
    assert [row.file for row in found.rows] == ["alice/05_learning.ipynb"]
    assert not found.skipped


def test_of_several_notebooks_of_one_person_the_best_counts(tmp_path):
    half = answered("05", p1="right", p2="wrong")
    full = answered("05", p1="right", p2="right", p3="wrong")
    write(tmp_path / "alice" / "05_learning.ipynb", half)
    write(tmp_path / "alice" / "05_learning (1).ipynb", full)
    write(tmp_path / "alice" / "05_learning (2).ipynb", answered("05", p1="right"))
    write(tmp_path / "alice" / "04_upsampling.ipynb", answered("04"))
    found = exercises.report(tmp_path)
    assert [(row.lesson, row.done) for row in found.rows] == [("04", 0), ("05", 2)]
    row = found.rows[1]
    assert row.file == "alice/05_learning (1).ipynb"
    assert row.remark == (
        "also handed in: alice/05_learning (2).ipynb, alice/05_learning.ipynb"
    )
    # What was tried counts next, then the name.
    write(tmp_path / "bob" / "a.ipynb", answered("05", p1="right"))
    write(tmp_path / "bob" / "b.ipynb", half)
    write(tmp_path / "bob" / "c.ipynb", half)
    row = exercises.report(tmp_path, 5).rows[1]
    assert row.file == "bob/b.ipynb"


def test_many_notebooks_in_the_folder_of_one(tmp_path):
    for number in range(6):
        write(tmp_path / "5a" / f"05_learning-{'abcdef'[number]}.ipynb", WHOLE)
    (row,) = exercises.report(tmp_path).rows
    assert row.who == "5a"
    assert row.remark.endswith("5a/05_learning-d.ipynb and 2 more")
    assert [row.who for row in exercises.report(tmp_path / "5a").rows] == list("abcdef")


def test_moodle_tells_two_of_one_name_apart(tmp_path):
    for name in ("王伟_11", "王伟_12", "李娜_13"):
        folder = tmp_path / f"{name}_assignsubmission_file_"
        write(folder / "05_learning.ipynb", answered("05"))
    names = {row.who for row in exercises.report(tmp_path).rows}
    assert names == {"王伟 (11)", "王伟 (12)", "李娜"}


# -- a class ---------------------------------------------------------------------------

FOLDERS = [
    "Zoë",
    "王小明",
    "李 娜",
    "submitted/bob/05_learning",
    "Alice Wong_4711_assignsubmission_file_",
    "=cmd|' /C calc'!A0",
    "+1",
    "@sum",
    "-x",
    "<script>alert(name)<",
]


def pupils():
    """Thirty: where each puts the lesson, and what became of its eleven answers."""
    rng = np.random.default_rng(36)
    kinds = ("right", "wrong", "open", "cleared", "error")
    for number in range(30):
        place = FOLDERS[number] if number < len(FOLDERS) else f"pupil {number:02d}"
        yield place, dict(zip(NAMES_05, rng.choice(kinds, 11).tolist(), strict=True))


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """A class of thirty, of whom five handed in something else."""
    top = tmp_path_factory.mktemp("school") / "class"
    for number, (place, kinds) in enumerate(pupils()):
        file = top / place / "05_learning.ipynb"
        if number in (10, 11, 12, 13, 14):
            write(file, list(BROKEN.values())[number - 8][0])
        else:
            write(file, answered("05", **kinds))
    return top


@pytest.fixture(scope="module")
def found(school):
    return exercises.report(school)


def expected(name, kind):
    words = {"wrong": "not yet", "cleared": "not run"}
    if kind == "right" and stored.tasks("05")[name].open_ended:
        return "described"
    return words.get(kind, kind)


def test_a_class(found):
    right = {
        handed_in.whose(PurePath(place, "05_learning.ipynb")).name: {
            name: expected(name, kind) for name, kind in kinds.items()
        }
        for place, kinds in pupils()
        if place not in [f"pupil {number}" for number in range(10, 15)]
    }
    assert len(right) == len(found.rows) == 25
    for row in found.rows:
        assert row.states == right[row.who]
        assert list(row.states) == NAMES_05
        assert row.lesson == "05"
        assert row.done == sum(s in ("right", "described") for s in row.states.values())
        assert set(row.said) == {n for n, s in row.states.items() if s in TOLD}
    assert [one.file for one in found.skipped] == [
        f"pupil {number}/05_learning.ipynb" for number in range(10, 15)
    ]


TOLD = ("not yet", "error")


def test_the_order_is_stable(school, found, tmp_path):
    names = [row.who for row in found.rows]
    assert names == sorted(names, key=lambda name: (name.casefold(), name))
    for file in sorted(school.rglob("*.ipynb"), reverse=True):
        write(tmp_path / file.relative_to(school), file.read_bytes())
    again = exercises.report(tmp_path)
    assert again == found
    assert repr(again) == repr(found)


def test_one_lesson_of_several(school, tmp_path):
    write(tmp_path / "alice" / "05_learning.ipynb", WHOLE)
    write(tmp_path / "alice" / "04_upsampling.ipynb", answered("04", p1="right"))
    everything = exercises.report(tmp_path)
    assert [row.lesson for row in everything.rows] == ["04", "05"]
    for lesson in (4, "4", "04", "lesson_04", "04_upsampling", np.int64(4)):
        (row,) = exercises.report(tmp_path, lesson).rows
        assert row == everything.rows[0]
        assert row.states["p1"] == "right"


def test_nothing_is_left_of_cleared_outputs(tmp_path):
    write(tmp_path / "a.ipynb", answered("05", **dict.fromkeys(NAMES_05, "cleared")))
    (row,) = exercises.report(tmp_path).rows
    assert row.done == 0
    assert row.remark == "no check has an output: not run, or cleared"
    assert str(row) == f"a: 0 of 11 done; not run: all; {row.remark}"


# -- as CSV ----------------------------------------------------------------------------


def test_the_csv_is_read_back(found, tmp_path):
    text = found.to_csv(tmp_path / "class.csv")
    data = (tmp_path / "class.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig") == text == found.to_csv()
    with (tmp_path / "class.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 25
    assert list(rows[0]) == ["who", "lesson", "done", "of", *NAMES_05, "remark", "file"]
    for read, row in zip(rows, found.rows, strict=True):
        assert read["who"].removeprefix("'") == row.who
        assert (read["done"], read["of"]) == (str(row.done), "11")
        assert {name: read[name] for name in NAMES_05} == row.states
    assert {"王小明", "李 娜", "Zoë", "Alice Wong", "bob"} <= {r["who"] for r in rows}


@pytest.mark.parametrize(
    "who", ["=1+1", "+1", "-1", "@a", "＝1", "\t=1", "\r=1", "a;=1"]
)
def test_no_cell_is_computed(who):
    row = reports.Row(who, "05", {"q1": "right"}, {}, f"{who}/05.ipynb", "=remark")
    text = reports.Report((row,)).to_csv()
    (read,) = csv.DictReader(io.StringIO(text, newline=""))
    for cell in read.values():
        assert not re.match(r"[=+\-@＝\t\r]", cell)
        assert ";=" not in cell
    assert read["who"].replace("'", "") == who


def test_lessons_of_unequal_length_share_a_table(tmp_path):
    for lesson in ("04", "05"):
        write(tmp_path / "alice" / f"{lesson}.ipynb", answered(lesson))
    four, five = csv.DictReader(io.StringIO(exercises.report(tmp_path).to_csv()))
    assert (four["q8"], five["q8"], five["p6"]) == ("open", "", "")
    names = [name for name in four if re.fullmatch(r"[pq]\d+", name)]
    assert names == list(stored.tasks("04"))


def test_names_are_in_the_order_of_a_lesson():
    row = reports.Row("a", "05", dict.fromkeys(["q10", "p2", "q9"], "open"), {}, "a")
    head = reports.Report((row,)).to_csv().splitlines()[0]
    assert head.replace('"', "").split(",")[4:-2] == ["p2", "q9", "q10"]


@pytest.mark.parametrize("path", ["no/such/folder/class.csv", ".", 3.5, "a\0b"])
def test_a_file_that_cannot_be_written(found, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"^path: got .+, which cannot be written: .+"):
        found.to_csv(path)
    assert not list(tmp_path.iterdir())


# -- as HTML, and as text --------------------------------------------------------------


class Reader(HTMLParser):
    """Reads tables: their headings, rows, and every element's name."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.scopes, self.rows, self.open = [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.scopes.append((tag, dict(attrs).get("scope")))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"th", "td"} & set(self.open):
            self.rows[-1][-1] += data


def test_the_table_of_a_notebook(found):
    read = Reader(found._repr_html_())
    head, *rows = read.rows
    assert head == ["who", "done", *NAMES_05]
    assert len(rows) == len(found.rows)
    for cells, row in zip(rows, found.rows, strict=True):
        assert cells == [row.who, f"{row.done} of 11", *row.states.values()]
    assert read.scopes.count(("th", "col")) == 13
    assert read.scopes.count(("th", "row")) == 25
    assert ("th", None) not in read.scopes
    assert read.tags.count("caption") == read.tags.count("table") == 1
    assert read.tags.count("li") == 5


def test_what_comes_from_learners_is_escaped(found, tmp_path):
    assert "<script" not in found._repr_html_()
    assert "&lt;script&gt;alert(name)&lt;" in found._repr_html_()
    bad = "<img src=x onerror=alert(1)>"
    told = printing("ex.q1.check(a)", f"Not yet: {bad}\n")
    html = {"output_type": "display_data", "data": {"text/html": f"<b>{bad}</b>"}}
    write(
        tmp_path / bad / "a.ipynb", notebook(IMPORT, told, code("ex.q2.check(a)", html))
    )
    write(tmp_path / f"{bad}.ipynb", b"")
    found = exercises.report(tmp_path)
    for shown in (found, found.summary()):
        read = Reader(shown._repr_html_())
        assert not {"img", "script"} & set(read.tags)
    assert found.summary().rows[5].often == ((bad, 1),)


def test_it_says_what_is_believed(found):
    for text in (repr(found), found._repr_html_()):
        assert "Nothing was run, and whoever hands a notebook in can change" in text
    assert "forged" in exercises.report.__doc__


def test_remarks_have_a_column_where_there_are_some():
    row = reports.Row("a", "05", {"q1": "right"}, {}, "a.ipynb", "see me")
    assert Reader(reports.Report((row,))._repr_html_()).rows == [
        ["who", "done", "q1", "remark"],
        ["a", "1 of 1", "right", "see me"],
    ]


def test_as_text(tmp_path):
    for who in ("李娜", "bob"):
        write(
            tmp_path / f"05_learning-{who}.ipynb",
            answered("05", p1="right", q1="wrong"),
        )
    write(tmp_path / "carol.ipynb", b"{")
    found = exercises.report(tmp_path)
    assert repr(found).splitlines() == [
        "Lesson 05, 2 people",
        f"    {found.rows[0]}",
        f"    {found.rows[1]}",
        "Left out",
        "    carol.ipynb: it is cut off: its end is missing.",
        reports._TRUST,
    ]
    said = "1 of 11 done; not yet: q1; open: p2, p3, p4, p5, q2, q3, q4, q5, q6"
    assert [str(row) for row in found.rows] == [f"bob: {said}", f"李娜: {said}"]


# -- a summary -------------------------------------------------------------------------


def test_a_summary(found):
    tallies = found.summary().rows
    assert [tally.name for tally in tallies] == NAMES_05
    for tally in tallies:
        came = [row.states[tally.name] for row in found.rows]
        assert tally.people == 25
        assert tally.states == {
            state: came.count(state) for state in dict.fromkeys(came)
        }
        assert tally.done == came.count("right") + came.count("described")
        assert sum(n for _, n in tally.often) == came.count("not yet") + came.count(
            "error"
        )


def test_what_is_said_most_often_comes_first(tmp_path):
    for number, words in enumerate(["b", "a", "c", "b", "d", "a", "b"]):
        told = printing("ex.q1.check(a)", f"Not yet: {words}.\n")
        write(tmp_path / f"{number} x.ipynb", notebook(IMPORT, told))
    summary = exercises.report(tmp_path).summary()
    tally = summary.rows[5]
    assert (tally.lesson, tally.name, tally.done, tally.people) == ("05", "q1", 0, 7)
    assert tally.often == (("b.", 3), ("a.", 2), ("c.", 1))
    assert repr(summary).splitlines()[6:10] == [
        "    q1: 0 of 7 done",
        "        3 × b.",
        "        2 × a.",
        "        1 × c.",
    ]
    read = Reader(summary._repr_html_())
    assert read.rows[0] == ["", "done", "not yet", "not run", "said most often"]
    assert read.rows[6] == ["q1", "0", "7", "0", "3 × b. · 2 × a. · 1 × c."]
    summary.to_csv(tmp_path / "summary.csv")
    with (tmp_path / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.DictReader(file))[5]
    assert (row["name"], row["not yet"], row["error"]) == ("q1", "7", "0")
    assert row["said most often"] == "3 × b. · 2 × a. · 1 × c."


# -- nothing is run --------------------------------------------------------------------


def test_no_code_of_a_learner_is_run(tmp_path, monkeypatch):
    target = tmp_path / "was here"
    evil = f"open({str(target)!r}, 'w').write('!')"
    reduce = f"class A:\n    def __reduce__(self):\n        return (exec, ({evil!r},))"
    pickled = pickle.dumps({"cells": []}).decode("latin-1")
    top = tmp_path / "class"
    cells = [
        IMPORT,
        code(f"import os\n{evil}"),
        code(reduce),
        code(f"!touch '{target}'\n%run evil.py"),
        code("import evil, helpers.exercises.evil\nfrom helpers.exercises import evil"),
        printing(f"ex.q1.check({evil})", RIGHT),
        code("ex.q2.check(a)", {"output_type": evil, "data": {"text/plain": pickled}}),
        code("ex.q3.check(a)", error("__import__('evil')", f"{{{evil}}}{reduce}")),
    ]
    write(top / "alice" / "05_learning.ipynb", notebook(*cells))
    write(top / "alice" / "evil.py", evil.encode())
    write(top / "alice" / "helpers" / "exercises" / "lesson_05.py", evil.encode())
    write(top / "alice" / "conftest.py", evil.encode())
    write(
        top / f"$(touch evil); {{x}} %s {evil.replace('/', ':')}"[:90] / "a.ipynb",
        WHOLE,
    )
    stored.tasks("05")
    before = set(sys.modules)

    def refuse(*_, **__):
        raise AssertionError("something was run")

    with monkeypatch.context() as patch:
        for name in ("exec", "eval", "compile"):
            patch.setattr(builtins, name, refuse)
        for name in ("load", "loads"):
            patch.setattr(pickle, name, refuse)
        patch.setattr(os, "system", refuse)
        patch.setattr(subprocess, "Popen", refuse)
        found = exercises.report(top)
        texts = [found.to_csv(), repr(found), found._repr_html_(), found.summary()]
    assert len(texts) == 4
    assert len(found.rows) == 2
    (alice,) = (row for row in found.rows if row.who == "alice")
    assert alice.states["q1"] == "right"
    assert alice.states["q3"] == "error"
    assert set(sys.modules) == before
    assert not target.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["class"], "nothing is written"


def test_names_that_cannot_be_written(tmp_path):
    odd = os.fsdecode(b"al\xffice")
    try:
        write(tmp_path / odd / "05_learning.ipynb", WHOLE)
    except OSError:
        pytest.skip("this file system takes no such name")
    write(tmp_path / "a\nb" / "05_learning.ipynb", b"")
    found = exercises.report(tmp_path)
    assert [row.who for row in found.rows] == ["al�ice"]
    assert found.skipped[0].file == "a b/05_learning.ipynb"
    found.to_csv(tmp_path / "class.csv")
    assert "al�ice" in (tmp_path / "class.csv").read_text(encoding="utf-8-sig")


def test_texts_that_cannot_be_written(tmp_path):
    told = printing("ex.q1.check(a)", "Not yet: \ud800\x1b[31m\u202e.\n")
    write(tmp_path / "a.ipynb", json.dumps(notebook(IMPORT, told)).encode())
    summary = exercises.report(tmp_path).summary()
    assert summary.rows[5].often == (("��[31m.", 1),)
    summary.to_csv(tmp_path / "summary.csv")


def test_keras_is_not_needed(root, school):
    code = (
        "import json, sys\nfrom helpers import exercises\n"
        "assert 'helpers.exercises.lesson_05' not in sys.modules\n"
        f"assert len(exercises.report({str(school)!r}).rows) == 25\n"
        "from helpers.exercises import stored\n"
        "for lesson in stored.lessons(): stored.tasks(lesson)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"keras", "tensorflow", "jax", "torch", "matplotlib", "nbformat"}
    assert not set(json.loads(done.stdout)) & heavy


def test_its_name(root):
    assert exercises.report is reports.report
    assert exercises.__all__ == ["report"]
    assert "report" in dir(exercises)
    with pytest.raises(AttributeError, match="has no attribute 'reprot'"):
        exercises.reprot  # noqa: B018


# -- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["no/such/folder", "", "a\0b", 3, None, ["a"], b"a"])
def test_a_folder_that_is_none(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"^folder: got .+Give the one with the noteb"):
        exercises.report(folder)


def test_a_folder_without_anything(tmp_path):
    with pytest.raises(ValueError, match=r"in which there is no notebook\. Give"):
        exercises.report(tmp_path)


def test_an_archive_is_to_be_unpacked(tmp_path):
    write(tmp_path / "class.zip", b"PK")
    with pytest.raises(ValueError, match=r"class\.zip', which is packed\. Unpack it"):
        exercises.report(tmp_path / "class.zip")


def test_nothing_of_this_course(tmp_path):
    for number in range(5):
        write(tmp_path / f"{number}.ipynb", b"")
    with pytest.raises(
        ValueError, match=r"with 5 notebooks, none of this course: "
    ) as e:
        exercises.report(tmp_path)
    assert "0.ipynb: it is empty. 1.ipynb: it is empty. 2.ipynb: it is empty …." in str(
        e.value
    )


def test_nothing_of_this_lesson(tmp_path):
    write(tmp_path / "a.ipynb", WHOLE)
    with pytest.raises(ValueError, match=r"with 1 notebook, none of lesson 04\. Give"):
        exercises.report(tmp_path, 4)


@pytest.mark.parametrize("lesson", [0, -5, 10, 5.0, True, "five", "", "77", [5], b"05"])
def test_a_lesson_that_is_none(lesson, tmp_path):
    with pytest.raises(
        ValueError, match=r"^lesson: got .+Give the number of one: 1, 2"
    ):
        exercises.report(tmp_path, lesson)
