"""Questions on the way: judged in Python, and from what is exported, alike."""

import dataclasses
import json
import math
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from odd_answers import GARBAGE, Nasty

from helpers import kernels, ops
from helpers.exercises import lesson_01
from helpers.exercises.questions import Question, plain_text, verdict

NUMBER = Question(
    "p1",
    kind="number",
    prompt="What is a quarter of −3?",
    answer=-0.75,
    tolerance=0.01,
    slips=[(0.75, "mind the sign."), (-12, "four times is not a quarter.")],
    hints=["Halve it twice.", "Half of −3 is −1.5."],
    why="−3 / 4 = −0.75.",
)
CHOICE = Question(
    "p2",
    kind="choice",
    prompt="What does a kernel of sum 0 make of a flat area?",
    choices={"a": "it stays as it is", "b": "0", "c": "−100"},
    answer="b",
    slips=[("a", "that needs sum 1."), ("c", "plus and minus cancel.")],
    why="plus and minus cancel.",
)
SHAPE = Question(
    "p3",
    kind="shape",
    prompt="A kernel of 3 × 5 on 28 × 28 pixels: what shape have the answers?",
    answer=(26, 24),
    slips=[((24, 26), "rows come first."), ((28, 28), "it must fit inside.")],
    why="28 − 3 + 1 and 28 − 5 + 1.",
)
ARRAY = Question(
    "p4",
    kind="array",
    prompt="[1 2; 3 4], every pixel divided by 3?",
    answer=np.array([[1, 2], [3, 4]]) / 3,
    tolerance=0.01,
    slips=[([[1, 2], [3, 4]], "that is the picture itself.")],
    nudge="divide each by 3.",
    why="one third, two thirds, one, four thirds.",
)
ALL = [NUMBER, CHOICE, SHAPE, ARRAY]
YES = Question(
    "p5",
    kind="choice",
    prompt="Does a kernel of sum 0 keep the sky?",
    choices={
        "a": "yes, it stays as it is",
        "b": "no, not one pixel of it",
        "c": "no: 1 in 9",
        "d": "15 of 16",
    },
    answer="b",
    slips=[("a", "sum 0."), ("c", "none."), ("d", "none at all.")],
    why="it becomes 0.",
)
EVERY = [*ALL, lesson_01.p4, lesson_01.p5, YES]

RIGHT = [
    (NUMBER, -0.75),
    (NUMBER, Fraction(-3, 4)),
    (NUMBER, Decimal("-0.75")),
    (NUMBER, np.float32(-0.75)),
    (NUMBER, np.array([[-0.75]])),
    (NUMBER, [-0.75]),
    (NUMBER, {-0.75}),
    (NUMBER, np.array([Fraction(-3, 4)])),
    (NUMBER, -0.7401),
    (CHOICE, "b"),
    (CHOICE, "B"),
    (CHOICE, "ｂ"),
    (CHOICE, "（Ｂ）"),
    (CHOICE, " b) "),
    (CHOICE, "'b'."),
    (CHOICE, "「ｂ」。"),
    (CHOICE, "b: 0"),
    (CHOICE, "**b**: 0"),
    (CHOICE, "- **b**: 0"),
    (CHOICE, " - (b)"),
    (CHOICE, "0"),
    (CHOICE, 0),
    (CHOICE, 0.0),
    (CHOICE, np.int64(0)),
    (CHOICE, ("b",)),
    (CHOICE, ["B"]),
    (CHOICE, {"b"}),
    (CHOICE, np.array("b")),
    (CHOICE, np.str_("b")),
    (SHAPE, (26, 24)),
    (SHAPE, [26, 24]),
    (SHAPE, np.array([26, 24])),
    (SHAPE, (26.0, np.int8(24))),
    (SHAPE, np.zeros((26, 24)).shape),
    (SHAPE, (Fraction(52, 2), 24)),
    (ARRAY, np.array([[1, 2], [3, 4]]) / 3),
    (ARRAY, [[0.333, 0.667], [1, 1.333]]),
    (ARRAY, [[Fraction(1, 3), Fraction(2, 3)], [1, Fraction(4, 3)]]),
    (ARRAY, ((0.33, 0.66), np.array([1, 1.33]))),
]

WRONG = [
    (NUMBER, 0.75, "^mind the sign"),
    (NUMBER, 0.7501, "^mind the sign"),
    (NUMBER, -12, "^four times"),
    (NUMBER, -0.77, "^that is not it"),
    (NUMBER, 10**300, "^that is not it"),
    (NUMBER, "-0.75", "is text; give it as a number, without quotation marks"),
    (NUMBER, b"-0.75", "is text"),
    (NUMBER, (0, 75), "without a comma: a decimal number with a point, 0.5"),
    (NUMBER, [1, 2], "^2 numbers came; one is wanted.$"),
    (NUMBER, (480, 480, 3), "^3 numbers came; one is wanted.$"),
    (NUMBER, (7, 7), "^2 numbers came; one is wanted. Give the number once"),
    (NUMBER, [7, 7], "^2 numbers came; one is wanted. Give the number once"),
    (NUMBER, np.array([7, 7]), "^2 numbers came; one is wanted. Give the number once"),
    (NUMBER, np.ones((2, 2)), r"should be one number; an array of shape \(2, 2\)"),
    (NUMBER, True, "True says only yes or no"),
    (NUMBER, np.bool_(False), "False says only yes or no"),
    (NUMBER, 1j, "complex"),
    (NUMBER, math.nan, "NaN"),
    (NUMBER, math.inf, "infinite"),
    (NUMBER, 10**400, "hundreds of digits"),
    (NUMBER, abs, "should be a number; a function came"),
    (NUMBER, "1,000", "^your answer is text. Give it as a number, without quotation"),
    (NUMBER, "−0,75", "commas or blanks"),
    (NUMBER, "-3/4", "is text; give it as a number, without quotation marks"),
    (NUMBER, "minus three quarters", "^a number is wanted; text came. Guess one"),
    (NUMBER, ["-0.75"], "is text; give it as a number"),
    (NUMBER, {1, 2}, "should be a number; something of type set came"),
    (NUMBER, {"p1": -0.75}, "should be a number; something of type dict came"),
    (NUMBER, [1, ...], "three dots"),
    (CHOICE, "a", "^that needs sum 1"),
    (CHOICE, "It stays as it is!", "^that needs sum 1"),
    (CHOICE, "c", "^plus and minus"),
    (CHOICE, "a: it stays as it is", "^that needs sum 1"),
    (CHOICE, "- **c**: −100", "^plus and minus"),
    (CHOICE, "c: 0", "^choose one of"),
    (CHOICE, "*", "^choose one of"),
    (CHOICE, "-100", "^plus and minus"),
    (CHOICE, -100, "^plus and minus"),
    (CHOICE, "it  stays\nas it is", "^that needs sum 1"),
    (CHOICE, "100", '^choose one of "a", "b" and "c".$'),
    (CHOICE, "it stays", "^that needs sum 1"),
    (CHOICE, "it-stays as_it is", "^that needs sum 1"),
    (CHOICE, "it sta", "^choose one of"),
    (CHOICE, "-", "^choose one of"),
    (CHOICE, "−100", "^plus and minus"),
    (CHOICE, "d", "^choose one of"),
    (CHOICE, "ab", "^choose one of"),
    (CHOICE, 7, "^choose one of"),
    (CHOICE, True, "^choose one of"),
    (CHOICE, abs, '^choose one of "a", "b" and "c", as text in quotation marks'),
    (CHOICE, np.ones(3), "^choose one of"),
    (CHOICE, ["a", "b"], "^choose one of"),
    (CHOICE, [[1, 2], [3]], "^choose one of"),
    (CHOICE, [Nasty()], "^choose one of"),
    (CHOICE, 10**400, "hundreds of digits"),
    (SHAPE, (24, 26), "^rows come first"),
    (SHAPE, [24, 26], "^rows come first"),
    (SHAPE, (28, 28), "^it must fit"),
    (SHAPE, (26, 24, 1), "^that is not it"),
    (SHAPE, 26, "^that is not it"),
    (SHAPE, (), "^that is not it"),
    (SHAPE, "(26, 24)", "is text; give the numbers in brackets"),
    (SHAPE, (None, 26, 24), "None stands for the number of pictures"),
    (SHAPE, (26, ...), "three dots"),
    (SHAPE, (26.5, 24), "is 26.5; a whole number is wanted"),
    (SHAPE, (-26, 24), "must be at least 0"),
    (SHAPE, (10**12, 24), "at most .* here"),
    (SHAPE, np.zeros((26, 24)), r"an array of shape \(26, 24\) came. Give its shape"),
    (SHAPE, np.zeros(26), r"shape \(26,\) came. Give its shape"),
    (SHAPE, ("26", "24"), "text came. Give numbers, without quotation marks"),
    (SHAPE, {26, 24}, "should be a shape, a few whole numbers in brackets"),
    (SHAPE, np.shape, "a function came"),
    (ARRAY, [[1, 2], [3, 4]], "^that is the picture itself"),
    (
        ARRAY,
        [[0, 2 / 3], [1, 4 / 3]],
        r"^you have 3 of 4 numbers right; .* stands at \(0, 0\). divide each",
    ),
    (
        ARRAY,
        [[1 / 3, 2 / 3], [2, 2]],
        r"^you have 2 of 4 numbers right; .* at \(1, 0\)",
    ),
    (ARRAY, [1 / 3, 2 / 3, 1, 4 / 3], r"^yours has shape \(4,\); shape \(2, 2\) is"),
    (ARRAY, 5, r"^yours has shape \(\); shape \(2, 2\) is"),
    (ARRAY, [], r"^yours has shape \(0,\)"),
    (ARRAY, [[1, 2], [3]], "rows of unequal length"),
    (ARRAY, [[1, 2], [3, ...]], "three dots"),
    (ARRAY, [["1", "2"], ["3", "4"]], "text came. Give numbers, without quotation"),
    (ARRAY, [[1, 2], [3, None]], "has None in it"),
    (ARRAY, "1 2; 3 4", "text came"),
    (ARRAY, np.full((2, 2), np.nan), "NaN"),
    (ARRAY, np.zeros((999, 999)), "998,001 numbers came"),
    (ARRAY, {"a": 1}, "should be an array of numbers; something of type dict"),
]

STUBS = [..., None, [...], (..., ...), [[..., ...], [..., ...]], "", "  ", "...", "?"]


@pytest.mark.parametrize(("question", "answer"), RIGHT)
def test_right(question, answer, capsys):
    question.check(answer)
    assert capsys.readouterr().out == f"Correct: {question.why}\n"


@pytest.mark.parametrize(("question", "answer", "said"), WRONG)
def test_wrong_hears_why(question, answer, said, capsys):
    question.check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Not yet: ")
    assert re.search(said, printed.removeprefix("Not yet: "))


@pytest.mark.parametrize("question", EVERY)
def test_untouched_is_not_tried(question, capsys):
    for stub in STUBS:
        question.check(stub)
        assert capsys.readouterr().out == f"Not tried yet. {question.stub}\n"
    question.check()
    assert capsys.readouterr().out.startswith("Not tried yet. ")


def test_brackets_may_be_left_out(capsys):
    SHAPE.check(26, 24)
    NUMBER.check(0, 75)
    assert re.match("Correct.*\nNot yet.*comma", capsys.readouterr().out)


@pytest.mark.parametrize("question", EVERY)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(question, capsys):
    for answer in [*GARBAGE, *([thing] for thing in GARBAGE), (Nasty(), None)]:
        question.check(answer)
        printed = capsys.readouterr().out
        assert printed.startswith(("Not yet: ", "Not tried yet. ", "Correct: "))
        assert len(printed) < 400
        if not isinstance(answer, Nasty):
            assert "could not be tried out" not in printed


def test_answers_are_not_changed():
    answer = np.array([[1.0, 2], [3, 4]])
    ARRAY.check(answer)
    assert answer.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("question", EVERY)
def test_hints_and_solution(question, capsys):
    fresh = dataclasses.replace(question)
    for number, text in enumerate(fresh.hints, 1):
        fresh.hint()
        assert (
            capsys.readouterr().out == f"Hint {number} of {len(fresh.hints)}: {text}\n"
        )
    fresh.hint()
    assert f"ex.{fresh.name}.solution()" in capsys.readouterr().out
    fresh.solution()
    assert capsys.readouterr().out == f"{fresh.solved()}\n\n{fresh.why}\n"
    assert repr(fresh).startswith(f"<Question {fresh.name}: ex.{fresh.name}.check(")


def test_solutions_are_written_as_a_learner_would():
    written = [question.solved() for question in EVERY]
    assert written == [
        "-0.75",
        "b: 0",
        "(26, 24)",
        "[[0.333333333333, 0.666666666667], [1, 1.33333333333]]",
        "101",
        "b: vertical_edges",
        "b: no, not one pixel of it",
    ]
    for question in (NUMBER, SHAPE, ARRAY):
        assert question.judge(eval(question.solved())).state == "correct"
    assert CHOICE.judge(CHOICE.solved()).state == "correct"
    assert dataclasses.replace(SHAPE, answer=[9], slips=()).solved() == "(9,)"


def test_a_question_is_data():
    with pytest.raises(dataclasses.FrozenInstanceError):
        NUMBER.answer = 1
    for question in EVERY:
        exported = question.as_json()
        assert json.loads(json.dumps(exported, allow_nan=False)) == exported
        exported["slips"].clear()
        exported["hints"].append("…")
        exported["choices"].clear()
        assert question.as_json() != exported or not question.slips


def test_shapes_and_choices_know_no_nearly():
    near = dataclasses.replace(SHAPE, tolerance=5, slips=())
    assert near.as_json()["tolerance"] == 0
    assert near.judge((26, 25)).state == "not yet"
    assert CHOICE.as_json()["tolerance"] == 0


# ---- the rule, from what is exported alone ----


def mirror(exported, value):
    """The rule as the module's docstring has it, with nothing but JSON."""
    question = json.loads(exported)

    def comparable(text):
        text = unicodedata.normalize("NFKC", text).lower().replace("−", "-")
        return re.sub(r"\s+", " ", text).strip(".,:;!?'\"`()[]{}‘’“”。、「」『』 ")

    def line(text):
        text = comparable(text.replace("*", ""))
        text = comparable(text[2:] if text.startswith("- ") else text)
        letters = list(text)
        for i in range(1, len(text) - 1):
            if text[i] in "-_" and text[i - 1].isalnum() and text[i + 1].isalnum():
                letters[i] = " "
        return "".join(letters)

    def begins(whole, text):
        after = whole.removeprefix(text) if whole.startswith(text) else ""
        return text.upper() != text.lower() and (
            after[:1] == " " or after[:2] in {", ", "; ", ": ", ". "}
        )

    def same(a, b):
        if type(a) is list and type(b) is list:
            return len(a) == len(b) and all(map(same, a, b))
        if list in (type(a), type(b)):
            return False
        return a == b if type(b) is str else abs(a - b) <= question["tolerance"]

    def shape(a):
        return [len(a), *shape(a[0])] if type(a) is list and a else [0] * (a == [])

    def leaves(a, at):
        if type(a) is not list:
            return [(at, a)]
        return [leaf for i, x in enumerate(a) for leaf in leaves(x, [*at, i])]

    def tuple_of(a):
        return str(tuple(a))

    if value is None or (type(value) is str and comparable(value) == ""):
        return "not tried", question["stub"]
    if question["kind"] == "choice":
        keys = [
            key
            for key, text in question["choices"].items()
            if line(value) in (line(key), line(text), line(key + ": " + text))
        ]
        if not keys:
            begun = question["choices"].items()
            keys = [key for key, text in begun if begins(line(text), line(value))]
            keys = keys if len(keys) == 1 else []
        if not keys:
            return "not yet", question["unread"]
        value = keys[0]
    answer = question["answer"]
    if same(value, answer):
        return "correct", question["why"]
    for wrong, sentence in question["slips"]:
        if same(value, wrong):
            return "not yet", sentence
    message = question["nudge"]
    if question["kind"] == "array" and shape(value) != shape(answer):
        before = question["other_shape"].replace("{came}", tuple_of(shape(value)))
        message = before.replace("{wanted}", tuple_of(shape(answer))) + message
    elif question["kind"] == "array":
        pairs = list(zip(leaves(value, []), leaves(answer, []), strict=True))
        wrong = [at for (at, a), (_, b) in pairs if not same(a, b)]
        before = question["cells"].replace("{right}", str(len(pairs) - len(wrong)))
        before = before.replace("{all}", str(len(pairs)))
        message = before.replace("{place}", tuple_of(wrong[0])) + message
    return "not yet", message


def plain_answers(question):
    """Many plain values of the question's kind: right, nearly right, and not."""
    rng = np.random.default_rng(7)
    if question.kind == "choice":
        texts = [
            "",
            "?",
            "d",
            "ab",
            "１",
            "Ａ ",
            "it stays  as it is",
            "IT STAYS AS IT IS",
        ]
        choices = list(question.choices.items())
        texts += [f"{key}: {text}" for key, text in choices]
        texts += [f"- **{key}**: {text}" for key, text in choices]
        for text in [t for pair in choices for t in pair]:
            texts += [text, text.upper(), f"({text})", f" “{text}”. ", text + "x"]
            texts += [text.replace(" ", "_"), text.replace("_", "-")]
            texts += [text[:n] for n in range(1, len(text))]
        return texts
    values = [question.answer, *(wrong for wrong, _ in question.slips)]
    if question.kind == "number":
        steps = [0, 1e-7, 1e-6, 2e-6, 0.0099, 0.0101, 1, 1000]
        near = [v + sign * s for v in values for s in steps for sign in (1, -1)]
        return near + rng.normal(0, 200, 100).round(2).tolist()
    near = []
    for value in map(np.array, values):
        near += [
            value.tolist(),
            value[::-1].tolist(),
            value.T.tolist(),
            value[:1].tolist(),
        ]
        near += [[*value.tolist(), value[0].tolist()], [value.tolist()], [], value.size]
        for _ in range(30):
            moved = value + rng.choice([0, 0, 0, 1], value.shape)
            if question.kind == "array":
                moved = moved + rng.choice([0, 0, 0.009, 0.011], value.shape)
            near.append(moved.tolist())
    if question.kind == "shape":
        near = [n for n in near if np.ndim(n) == 1]
    return near


@pytest.mark.parametrize("question", EVERY)
def test_what_is_exported_suffices(question):
    """Judged from the JSON alone, every answer gets the same state and message."""
    exported = json.dumps(question.as_json())
    answers = plain_answers(question)
    states = set()
    for value in answers:
        here = question.judge(value)
        assert (here.state, here.message) == mirror(exported, value), value
        assert verdict(json.loads(exported), value) == here
        states.add(here.state)
    assert len(answers) >= 20
    assert {"correct", "not yet"} <= states


def test_what_comes_from_a_page_may_be_nothing():
    for question in EVERY:
        exported = question.as_json()
        for nothing in (None, "", " ", "..."):
            found = verdict(exported, nothing)
            assert (found.state, found.message) == ("not tried", question.stub)
            assert mirror(json.dumps(exported), nothing) == ("not tried", question.stub)


def test_texts_are_made_comparable():
    same = [
        "b",
        "B",
        "ｂ",
        " b ",
        "(b)",
        "b)",
        "b.",
        '"b"',
        "“b”",
        "`b`",
        "「Ｂ」",
        "b。",
    ]
    assert {plain_text(text) for text in same} == {"b"}
    assert plain_text("-1") == plain_text("−1") == plain_text("－1") == "-1"
    assert plain_text("a  b\t\nc") == "a b c"


def test_the_beginning_of_one_choice_is_that_choice():
    """Whole words of it, and of it alone."""
    for text, message in [
        ("yes", "sum 0."),
        ("Yes!", "sum 0."),
        ("yes, it stays", "sum 0."),
        ("no, not one", YES.why),
        ("no: 1", "none."),
        ("15 of", "none at all."),
        ("15", 'choose one of "a", "b", "c" and "d".'),
        (15, 'choose one of "a", "b", "c" and "d".'),
        ("no", 'choose one of "a", "b", "c" and "d".'),
        ("1", 'choose one of "a", "b", "c" and "d".'),
        ("ye", 'choose one of "a", "b", "c" and "d".'),
    ]:
        assert YES.judge(text).message == message, text


# ---- what does not fit together ----

MISTAKES = [
    ({"kind": "text"}, "kind: got 'text'"),
    ({"answer": "five"}, "answer: got 'five'. But a number is wanted"),
    ({"answer": None}, "answer"),
    ({"slips": [(5, "five.")]}, "slips: got 5"),
    ({"slips": [("x", "five.")]}, "slips: got 'x'"),
    ({"choices": {"a": "5"}}, "choices"),
    ({"tolerance": -1}, "tolerance"),
    ({"tolerance": "small"}, "tolerance"),
    ({"kind": "shape", "answer": (2.5, 1)}, "answer"),
    ({"kind": "array", "answer": [[1, 2], [3]]}, "answer"),
    ({"kind": "choice", "answer": "a"}, "choices"),
    ({"kind": "choice", "answer": "c", "choices": {"a": "x", "b": "y"}}, "answer"),
    ({"kind": "choice", "answer": "A", "choices": {"a": "x", "b": "y"}}, "answer"),
    (
        {"kind": "choice", "answer": "a", "choices": {"a": "x", "b": "y"}},
        'none for "b"',
    ),
    (
        {"kind": "choice", "answer": "a", "choices": {"a": "B", "b": "y"}},
        "read the same",
    ),
    (
        {"kind": "choice", "answer": "a", "choices": {"a": "x", "b": "?"}},
        "read the same",
    ),
    (
        {"kind": "choice", "answer": "a", "choices": {"a": "x_y", "b": "x-y"}},
        "read the same",
    ),
]


@pytest.mark.parametrize(("changes", "said"), MISTAKES)
def test_a_question_that_does_not_fit_together_is_refused(changes, said):
    sound = {"kind": "number", "prompt": "2 + 3?", "answer": 5, "why": "2 + 3 = 5."}
    assert Question("p1", **sound).judge(5).state == "correct"
    with pytest.raises(ValueError, match=re.escape(said)):
        Question("p1", **(sound | changes))


# ---- the one of lesson 01 ----


def test_a_wall_under_the_rounded_kernel():
    wall = np.full((5, 5), 100.0)
    for right in (
        ops.conv2d(wall, kernels.BLUR_ROUNDED)[1, 1],
        100 * kernels.BLUR_ROUNDED.sum(),
        101,
    ):
        assert lesson_01.p4.judge(right).state == "correct"


def test_slips_of_the_wall():
    for wrong, said in [
        (100, "exact weights"),
        (1.01, "sum of the weights"),
        (1, "sum of the exact"),
        (100.01, "every one of the 100"),
        (900, "nine pixels of 100"),
        (909, "all nine pixels in it already"),
        (25, "product in the centre"),
        (99, "get darker"),
        (0, "all positive"),
        (102, "add up the nine products"),
    ]:
        verdict = lesson_01.p4.judge(wrong)
        assert verdict.state == "not yet"
        assert said in verdict.message
