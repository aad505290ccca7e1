from itertools import combinations

import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_05 as ex

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5]
EXERCISES = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6]
ALL = [*QUESTIONS, *EXERCISES]
STEP = {"output": 5, "loss": 4, "d_w": -12, "d_b": -4, "new w": 3.2, "new b": -0.6}
LOSSES = {
    "a": "cross-entropy",
    "b": "squared error",
    "c": "cross-entropy",
    "d": "squared error",
    "e": "cross-entropy",
}


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


def as_given(x, y, w, rate, steps):
    """The loop as the lesson hands it out."""
    total = np.zeros_like(w)
    for _ in range(steps):
        sums = x @ w
        error = ops.relu(sums) - y
        arrives = 2 * error / error.size
        total = total + x.T @ arrives
        w = w + rate * total
    return w


def mended(x, y, w, rate, steps, *, left=()):
    """The loop with some of its bugs left in, written another way."""
    sign = 1 if "uphill" in left else -1
    gradient = 0
    for _ in range(steps):
        if "piling" not in left:
            gradient = 0
        out = np.maximum(x @ w, 0)
        slopes = 1 if "passing" in left else out > 0
        gradient = gradient + np.einsum("nd,nk->dk", x, (out - y) * slopes) * 2 / y.size
        w = w + sign * rate * gradient
    return w


def with_bugs(*left):
    return lambda *given: mended(*given, left=left)


def scaled(factor):
    """A right loop but for a factor of the gradient, told from the outputs."""
    return lambda x, y, w, rate, steps: mended(x, y, w, rate * factor(y), steps)


def in_place(x, y, w, rate, steps):
    for _ in range(steps):
        sums = x @ w
        w -= rate * x.T @ (2 * (ops.relu(sums) - y) / y.size * (sums > 0))
    return w


@pytest.mark.parametrize("exercise", EXERCISES[:5])
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., None, lambda x: ..., lambda x: None],
    "q2": [..., None, dict.fromkeys(STEP, ...)],
    "q3": [..., None, lambda scores, label: ..., lambda scores, label: None],
    "q4": [..., None, dict.fromkeys(LOSSES, ...)],
    "q5": [..., None, as_given],
    "q6": [..., None, (..., ...)],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    # a neuron
    (ex.p1, -1, "ReLU comes after"),
    (ex.p1, 1, "without its sign"),
    (ex.p1, 9, "weight is −1"),
    # cross-entropy grows
    (ex.p2, 0.09, "the probability fell"),
    (ex.p2, 4.605, "the new loss"),
    (ex.p2, 1, "base 10"),
    (ex.p2, 7, "subtract"),
    # a step
    (ex.p3, 4.4, "uphill"),
    (ex.p3, 3.8, "two factors 2"),
    (ex.p3, 3.2, "rate 0.1"),
    # a shape
    (ex.p5, (5, 5), "8 kernels"),
    (ex.p5, (8,), "biases"),
    (ex.p5, (5, 5, 8, 3), "How many slopes"),
    # updates
    (ex.p4, 93.75, "no parts of batches"),
    (ex.p4, 93, "of 8 pictures"),
    (ex.p4, 32, "one epoch"),
    # the slope of ReLU
    (ex.q1, ops.relu, "ReLU itself"),
    (ex.q1, lambda x: (x >= 0) * 1, "at 0 itself you say 1"),
    (ex.q1, lambda x: np.heaviside(x, 0.5), "you say ½"),
    (ex.q1, np.sign, "left of 0 you say −1"),
    (ex.q1, lambda x: np.ones(x.shape), "1 everywhere"),
    (ex.q1, lambda x: np.zeros(x.shape), "0 everywhere"),
    (ex.q1, lambda x: (x < 0) * 1, "swapped"),
    (ex.q1, lambda x: (x > 0).ravel()[:2] * 1, "is wanted"),
    (ex.q1, lambda x: 1 if x > 0 else 0, "ValueError"),
    (ex.q1, lambda x: (x > 0).sum(), r"shape \(\) came"),
    (ex.q1, lambda x: x > 1, "numbers is wrong"),
    (ex.q1, 1, "a function is wanted"),
    # one step by hand
    (ex.q2, STEP | {"output": 6}, "bias"),
    (ex.q2, STEP | {"loss": -2}, "squared"),
    (ex.q2, STEP | {"d_w": -4}, "if w grows by 1"),
    (ex.q2, STEP | {"d_w": -8}, "times w itself"),
    (ex.q2, STEP | {"new w": 1.2}, "is the step"),
    (ex.q2, STEP | {"new b": 0.4}, "is the step"),
    (ex.q2, STEP | {"d_w": 12}, "look at the sign"),
    (ex.q2, STEP | {"d_b": -12}, "the slope by w"),
    (ex.q2, STEP | {"new w": 0.8}, "uphill"),
    (ex.q2, STEP | {"new b": 3}, "a tenth"),
    (ex.q2, STEP | {"new b": ...}, "still waits"),
    # cross-entropy that stays finite
    (ex.q3, lambda s, k: -np.log(ops.softmax(s)[k]), r"1000.* infinite"),
    (ex.q3, lambda s, k: -np.log(np.exp(s)[k] / np.exp(s).sum()), "infinite"),
    (ex.q3, lambda s, k: -np.log(max(ops.softmax(s)[k], 1e-9)), "stops growing"),
    (ex.q3, lambda s, k: -np.log(ops.softmax(s)[k] + 1e-12), "stops growing"),
    (ex.q3, lambda s, k: 1 - ops.softmax(s)[k], "Where is the logarithm"),
    (ex.q3, lambda s, k: -s[k], "other scores count"),
    (ex.q3, lambda s, k: s.max() - s[k], "is near"),
    (ex.q3, lambda s, k: 0.5, r"0\.5 came; 0\.3\d+ is wanted"),
    (ex.q3, lambda s, k: ops.softmax(s), "is wanted"),
    (ex.q3, lambda s, k: np.log(ops.softmax(s)[k]), "the other way round"),
    (ex.q3, lambda s, k: -np.log2(ops.softmax(s)[k]), "base 2"),
    (ex.q3, lambda s, k: [np.logaddexp.reduce(s) - s[k]], "without brackets"),
    (
        ex.q3,
        lambda s, k: round(np.logaddexp.reduce(s) - s[k], 3),
        r"0\.349 .* 0\.34901",
    ),
    # losses
    (ex.q4, LOSSES | {"a": "mse"}, "ten classes"),
    (ex.q4, LOSSES | {"b": "cross-entropy"}, "31 is nearly 32"),
    (ex.q4, LOSSES | {"e": "squared error"}, "each pixel belongs"),
    (ex.q4, LOSSES | {"c": "hinge"}, "none of the two"),
    (ex.q4, LOSSES | {"c": 1}, "one of two texts"),
    (ex.q4, {"a": "cross-entropy"}, 'no entry "b"'),
    # three bugs
    (ex.q5, with_bugs("uphill"), "1 step, one bug is left: the loss grows"),
    (ex.q5, with_bugs("passing"), "one bug is left: the gradient gets past"),
    (ex.q5, with_bugs("piling"), "2 steps, one bug is left: the second step"),
    (ex.q5, with_bugs("uphill", "passing"), "two bugs .* grows.* gets past"),
    (ex.q5, with_bugs("uphill", "piling"), "two bugs .* grows.* second step"),
    (ex.q5, with_bugs("passing", "piling"), "two bugs .* gets past.* second step"),
    (ex.q5, lambda x, y, w, rate, steps: w, "numbers are wrong"),
    (ex.q5, in_place, "changes the arrays"),
    (ex.q5, lambda x, y, w, rate, steps: mended(x, y, w, rate, 1), "2 steps, it ret"),
    (ex.q5, scaled(lambda y: y.shape[1]), "division by error.size was right"),
    (ex.q5, scaled(lambda y: 0.5), "the 2 was right"),
    (ex.q5, lambda x, y, w, rate, steps: mended(x, y, w, 1.0, steps), "numbers"),
    (ex.q5, lambda x, y, w, rate, steps: mended(x, y, w, rate, steps)[0], "shape"),
    (ex.q5, lambda x, y, w: w, "TypeError"),
    # down the valley
    (ex.q6, 0.1, r"shape \(2,\) is wanted"),
    (ex.q6, (0, 0.5), "learning rate is 0"),
    (ex.q6, (0.05, 1), "momentum is 1"),
    (ex.q6, ("a", "b"), "two numbers"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_three_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 3


OTHER_RIGHT = [
    (ex.p2, np.log(10)),
    (ex.p5, [5, 5, 3, 8]),
    (ex.q1, lambda x: np.where(x > 0, 1, 0)),
    (ex.q1, lambda x: np.heaviside(x, 0).tolist()),
    (ex.q2, list(STEP.values())),
    (ex.q3, lambda s, k: np.logaddexp.reduce(s) - s[k]),
    (ex.q4, {key: name.upper() for key, name in LOSSES.items()}),
    (ex.q4, LOSSES | {"b": "mean squared error", "a": "Cross entropy"}),
    (ex.q4, LOSSES | {"a": "categorical_crossentropy", "c": "cross\u2011entropy"}),
    (ex.q5, mended),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


def test_the_step_by_hand_is_that_of_the_loop():
    """The truth is computed: forwards, small steps for the slopes, a step."""

    def loss(w, b):
        return (w * 3 + b - 7) ** 2

    h = 1e-6
    truth = ex.q2.truth
    assert truth["loss"] == loss(2, -1)
    assert np.isclose(truth["d_w"], (loss(2 + h, -1) - loss(2 - h, -1)) / (2 * h))
    assert np.isclose(truth["d_b"], (loss(2, -1 + h) - loss(2, -1 - h)) / (2 * h))
    assert np.isclose(truth["new w"], 2 - 0.1 * truth["d_w"])
    assert np.isclose(truth["new b"], -1 - 0.1 * truth["d_b"])
    assert np.isclose(loss(truth["new w"], truth["new b"]), truth["loss"])


def test_the_loop_as_it_stands_has_three_bugs_and_does_not_learn():
    x, y, w, rate, _ = ex.q5.cases()[2]

    def loss(weights):
        return ((ops.relu(x @ weights) - y) ** 2).mean()

    bugs = ("uphill", "passing", "piling")
    assert np.allclose(as_given(x, y, w, rate, 4), mended(x, y, w, rate, 4, left=bugs))
    assert loss(mended(x, y, w, rate, 50)) < loss(w) < loss(as_given(x, y, w, rate, 4))
    for count in (1, 2, 3):  # and each of them is seen in each mixture
        for left in combinations(bugs, count):
            some = mended(x, y, w, rate, 3, left=left)
            assert not np.allclose(some, mended(x, y, w, rate, 3))


def test_an_open_exercise_describes():
    for choice, said in [
        ((0.06, 0.57), ("41 steps", "faster")),
        ((0.0525, 0.62), ("28 steps", "faster")),
        ((0.039, 0), ("no faster",)),
        ((0.05, 0), ("diverges", "0.04")),
        ({"rate": 0.08, "momentum": 0.9}, ("diverges", "0.076")),
        ((1e-5, 0), ("10,000 steps", "still")),
    ]:
        verdict = ex.q6.judge(choice)
        assert verdict.state == "described"
        for words in said:
            assert words in verdict.message


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    odd = [(2, np.nan), lambda *given: np.full(3, 1j), STEP | {"loss": 1j}]
    answers = [*GARBAGE]
    if exercise is ex.p1:  # of all that nobody expects, 0 is the answer here
        answers = [one for one in GARBAGE if type(one) is not int or one]
    judged.hears_something(exercise, [*answers, *odd], capsys)


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
