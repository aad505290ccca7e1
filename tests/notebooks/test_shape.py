"""Every lesson has the shape of a lesson, and the check of it can fail."""

import copy
import json
from dataclasses import replace

import lint_notebooks
import pytest
import stamp
from lint_notebooks import RULES, Lesson, problems, strangers

FOLDER = stamp.ROOT / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture
def made_up(good_notebook, tmp_path):
    """Turn a changed copy of the good notebook into a lesson on disk."""

    def make(change=lambda notebook: None, name="01_small.ipynb"):
        notebook = copy.deepcopy(good_notebook)
        change(notebook)
        path = tmp_path / name
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return Lesson.read(path)

    return make


def sources(cell, old, new):
    """Make a change that replaces text in one cell."""

    def change(notebook):
        source = notebook["cells"][cell]["source"]
        assert old in source
        notebook["cells"][cell]["source"] = source.replace(old, new)

    return change


def output(**entry):
    """Make a change that adds an output to the third cell."""
    return lambda notebook: notebook["cells"][2]["outputs"].append(entry)


def tagged(cell, *tags):
    """Make a change that sets a cell's tags."""
    return lambda notebook: notebook["cells"][cell]["metadata"].update(tags=list(tags))


def metadata(**entries):
    """Make a change to the notebook's metadata."""
    return lambda notebook: notebook["metadata"].update(entries)


def html(text):
    """Make a change that adds an HTML output."""
    return output(output_type="display_data", data={"text/html": text}, metadata={})


def first_code(notebook):
    """Put a cell of code before the title."""
    notebook["cells"].insert(0, notebook["cells"].pop(2))


def no_picture(notebook):
    """Take away both pictures near the top."""
    sources(0, "![A cat](cat.png)", "")(notebook)
    notebook["cells"][3]["outputs"].clear()


VIOLATIONS = [
    ("small_file", output(output_type="stream", name="stdout", text="x" * 1_500_000)),
    ("one_title", sources(0, "# Small", "## Small")),
    ("one_title", sources(6, "## Recap", "# Recap")),
    ("one_title", first_code),
    ("badge_is_path", sources(0, "<!-- badges -->", "")),
    ("badge_is_path", sources(0, "Colab", "Cobal")),
    ("objectives", sources(0, "- and a third.", "")),
    ("objectives", sources(0, "- one thing,", "- 1\n- 2\n- 3\n- 4")),
    ("objectives", sources(0, "You will learn", "In this lesson")),
    ("minutes", sources(0, "20 minutes", "not long")),
    ("needed_before", sources(0, "Needed before", "Also")),
    ("hook_picture", no_picture),
    ("setup_is_template", sources(1, "import packages", "import probe")),
    ("setup_is_template", tagged(1)),
    ("setup_is_template", tagged(3, "setup")),
    ("run_in_order", lambda n: n["cells"][4].update(execution_count=9)),
    ("run_in_order", lambda n: n["cells"][4].update(execution_count=None)),
    ("no_errors", output(output_type="error", ename="E", evalue="", traceback=[])),
    ("no_stderr", output(output_type="stream", name="stderr", text=["Warning"])),
    ("no_widget_state", metadata(widgets={})),
    ("short_lines", sources(3, "figure = ", "figure = " + "0 + " * 30)),
    ("alt_in_markdown", sources(0, "![A cat]", "![ ]")),
    ("alt_in_html", sources(5, "Move", '<img src="a.png" width=3> Move')),
    ("alt_in_html", sources(5, "Move", '<img alt="" src="a.png"> Move')),
    ("alt_in_html", html(["<p>", "<img src='a.png'></p>"])),
    ("alt_in_outputs", lambda n: n["cells"][3]["outputs"][0].update(metadata={})),
    (
        "alt_in_outputs",
        output(output_type="display_data", data={"image/svg+xml": ""}, metadata={}),
    ),
    ("no_show_ritual", sources(3, "figure = draw(3)", "plt.show()")),
    ("no_semicolons", sources(3, "draw(3)", "draw(3);")),
    ("plain_kernel", metadata(kernelspec={"name": "conda-env-mine"})),
    ("plain_kernel", metadata(language_info={})),
    ("sections", sources(5, "**Try this**", "Try this")),
    ("sections", sources(6, "Where this came from", "Sources")),
    ("sections", sources(6, "## Recap", "")),
    ("sections", sources(6, "## Exercises", "")),
    ("no_list_by_chance", sources(5, "1. Move it.", "See lesson\n03. Move it.")),
    ("no_list_by_chance", sources(5, "1. Move it.", "1. Move\n   by\n   1. Good.")),
    ("one_slider", sources(4, "interact(", "react(")),
    ("all_compared", tagged(3, "nbval-skip")),
    ("all_compared", tagged(3, "raises-exception")),
    ("all_compared", sources(3, "figure =", "# NBVAL_IGNORE_OUTPUT\nfigure =")),
    ("cell_ids", lambda n: n["cells"][3].pop("id")),
    ("cell_ids", lambda n: n["cells"][3].update(id="a")),
]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_has_the_shape_of_a_lesson(path):
    assert problems(Lesson.read(path)) == []


def test_there_are_lessons_and_nothing_else():
    assert LESSONS, "no lesson was found, so none was checked"
    assert strangers(FOLDER) == []


def test_good_notebook_breaks_no_rule(made_up):
    assert problems(made_up()) == []


@pytest.mark.parametrize(("rule", "change"), VIOLATIONS)
def test_rule_finds_its_violation(made_up, rule, change):
    found = {said.split(":")[0] for said in problems(made_up(change))}
    assert rule in found


@pytest.mark.parametrize(
    "name", ["kernels.ipynb", "1_kernels.ipynb", "01 Kernels.ipynb"]
)
def test_names(made_up, name):
    assert any(
        said.startswith("named_by_number") for said in problems(made_up(name=name))
    )


def test_every_rule_has_a_violation():
    tested = {rule for rule, _ in VIOLATIONS} | {"named_by_number"}
    assert tested == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    "change",
    [
        tagged(3, "nbval-ignore-output"),
        sources(3, "draw(3)", "draw(3)  # plain; and simple"),
        sources(4, "interact(draw", "@interact(draw"),
        sources(6, "## Recap", "```\n# a comment, not a title\n```\n## Recap"),
        sources(5, "Move", '<img width="3" alt="A cat" src="a.png"> Move'),
        lambda notebook: notebook["cells"][3].update(source=["a = 1\n", "a"]),
    ],
)
def test_allowed(made_up, change):
    assert problems(made_up(change)) == []


def test_badge_of_another_lesson_is_found(made_up):
    public = stamp.Project("0.1.0", "https://github.com/owner/name")
    lesson = made_up()
    notebook = stamp.stamp_notebook(lesson.notebook, "02_other", public)
    stamped = replace(lesson, text=json.dumps(notebook), project=public)
    assert [said.split(":")[0] for said in problems(stamped)] == ["badge_is_path"]


def test_stranger_is_found(tmp_path):
    for name in ("01_a.ipynb", "glossary.md", "notes.txt"):
        (tmp_path / name).touch()
    assert strangers(tmp_path) == ["notes.txt"]


def test_command_line(made_up, capsys):
    good = made_up(name="01_small.ipynb").path
    assert lint_notebooks.main([str(good)]) == 0
    with_state = made_up(metadata(widgets={}), "02_small.ipynb").path
    assert lint_notebooks.main(["--widgets-only", str(good), str(with_state)]) == 1
    assert "02_small.ipynb: widget state" in capsys.readouterr().out
