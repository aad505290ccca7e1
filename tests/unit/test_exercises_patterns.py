"""What exercises of one kind share: predicted numbers, and functions to be written."""

import copy
import math

import numpy as np
import pytest
import test_exercises_01
import test_exercises_02
import test_exercises_03
import test_exercises_04
import test_exercises_05
import test_exercises_06
import test_exercises_08
import test_exercises_09

from helpers import kernels
from helpers.exercises.base import Task
from helpers.exercises.implements import Implements, Trial
from helpers.exercises.predictions import Entries, Predictions

LESSONS = [
    test_exercises_01,
    test_exercises_02,
    test_exercises_03,
    test_exercises_04,
    test_exercises_05,
    test_exercises_06,
    test_exercises_08,
    test_exercises_09,
]
WRONG = [entry for lesson in LESSONS for entry in lesson.WRONG]
TASKS = [
    task
    for lesson in LESSONS
    for task in vars(lesson.ex).values()
    if isinstance(task, Task)
]
FUNCTIONS = [task for task in TASKS if isinstance(task, Implements)]
DICTIONARIES = [task for task in TASKS if isinstance(task, Entries)]


def label(value):
    return type(value).__name__ if isinstance(value, Task) else ""


# ---- functions to be written ----


def equal(one, other):
    """Say whether two inputs are the same; a list of arrays is one, too."""
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return np.array_equal(one, other)


def fails(exercise, function, given):
    """Say whether a function is wrong on one case, however that may be."""
    copies = copy.deepcopy(given)
    try:
        came = np.asarray(function(*copies), float)
    except BaseException:
        return True
    wanted = np.asarray(exercise.reference(*given))
    spoiled = not equal(copies, given)
    return spoiled or came.shape != wanted.shape or not np.allclose(came, wanted)


WRONG_FUNCTIONS = [
    (exercise, answer)
    for exercise, answer, _ in WRONG
    if isinstance(exercise, Implements) and callable(answer)
]


@pytest.mark.parametrize(("exercise", "answer"), WRONG_FUNCTIONS, ids=label)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_first_input_that_fails_is_named(exercise, answer):
    failing = [given for given in exercise.cases() if fails(exercise, answer, given)]
    first = failing[0] if failing else (kernels.named("outline"),)  # it has sum 0
    said = exercise.judge(answer).message
    assert f"for {exercise.named(*first)}, " in said
    assert said.count("for " + exercise.named(*first)) == 1


def test_every_such_exercise_was_asked():
    assert [task.function for task in FUNCTIONS] == [
        "make_blur",
        "corr2d",
        "corr2d_channels",
        "receptive_field",
        "pool2d",
        "mean_pool",
        "max_gradient",
        "nearest",
        "resize_weights",
        "paint_layer",
        "relu_slope",
        "cross_entropy",
        "fit",
        "forward",
        "gram",
        "step",
        "fast_gradient_sign",
        "occlusion",
        "grad_cam",
        "conv1d",
        "liberties",
        "log_mel",
        "ask_eight",
    ]
    for exercise in FUNCTIONS:
        assert sum(entry[0] is exercise for entry in WRONG_FUNCTIONS) >= 10


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_the_cases_are_the_same_at_every_check(exercise):
    for one, other in zip(exercise.cases(), exercise.cases(), strict=True):
        assert equal(one, other)
        assert exercise.named(*one) == exercise.named(*other)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_a_slip_is_wrong_somewhere_and_knows_itself(exercise):
    """Who slips in this way alone hears this sentence, not another one."""
    for number, (slip, sentence) in enumerate(exercise.slips):
        said = exercise.judge(slip)
        assert said.state == "not yet", number
        if isinstance(sentence, str):
            assert sentence in said.message, number


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_nothing_comes_back_for_some(exercise):
    """A function that works for the first case is tried, whatever follows."""
    first = exercise.cases()[0]

    def only_the_first(*given):
        return exercise.reference(*given) if equal(given, first) else None

    verdict = exercise.judge(only_the_first)
    assert verdict.state == "not yet"
    assert f"for {exercise.named(*exercise.cases()[1])}, nothing comes back" in (
        verdict.message
    )


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=label)
def test_an_error_after_a_wrong_answer_does_not_hide_it(exercise):
    calls = []

    def wrong_then_broken(*given):
        calls.append(given)
        if len(calls) > 1:
            raise KeyError
        return exercise.reference(*given) + 0.125

    said = exercise.judge(wrong_then_broken).message
    assert f"for {exercise.named(*exercise.cases()[0])}, " in said
    assert "KeyError" not in said


class Squares(Implements):
    function = "square"
    reference = staticmethod(np.square)
    slips = (
        (lambda x: 2 * x, "you double."),
        (lambda x: x**3, lambda trial: f"cubes: {trial.result.sum():g}."),
    )
    right = "squares."

    def cases(self):
        return [(np.array([2.0, 2.0]),), (np.array([3.0]),), (np.array([0.5, 1.0]),)]

    @staticmethod
    def named(x):
        return f"{x.tolist()}"


SQUARES = [
    (lambda x: x * x, "squares."),
    (lambda x: x + x, "for [3.0], you double."),  # 2 + 2 is 2 · 2
    (lambda x: x**3, "for [2.0, 2.0], cubes: 16."),
    (lambda x: x * x if x.size > 1 else [[9]], "shape (1, 1) came; shape (1,) is"),
    (lambda x: x * x + (x == 2), "2 of 2 numbers are wrong. The first stands at [0]"),
    (lambda x: x * x if x[0] > 1 else x, "for [0.5, 1.0], 1 of 2 numbers is wrong."),
    (lambda x: "text", "for [2.0, 2.0], what square returned should be an array"),
    (lambda x: x * np.nan, "for [2.0, 2.0], what square returned has an entry"),
    (lambda x: x.fill(1) or x, "for [2.0, 2.0], what is given is changed."),
    (lambda x: [1][int(x[0] > 2.5)], "for [2.0, 2.0], shape () came"),
    (lambda x: x * x + 1e-3, "it is 4.001, and 4 is wanted"),
    (lambda x: -x * x, "it is −4, and 4 is wanted"),
    (lambda x: np.round(x * x, 1), "for [0.5, 1.0], what comes back is rounded: 0.2 "),
    (lambda x: np.round(x * x), "for [0.5, 1.0], 1 of 2 numbers is wrong."),
]


@pytest.mark.parametrize(("function", "said"), SQUARES)
def test_what_a_plain_one_says(function, said):
    assert said in Squares("q1").judge(function).message


def test_a_slip_that_explains_more_is_preferred():
    class Ambiguous(Squares):
        slips = (
            (lambda x: np.full(x.shape, 8.0), "always 8."),
            (lambda x: x**3, "cubes."),
        )

    assert "cubes." in Ambiguous("q1").judge(lambda x: x**3).message
    assert "always 8." in Ambiguous("q1").judge(lambda x: 0 * x + 8).message


def test_a_slip_that_explains_too_little_is_chance():
    class Chance(Squares):
        slips = ((lambda x: x - 1, "one less."),)

        def cases(self):
            return [(np.array([n]),) for n in (2.0, 3.0, 4.0)]

    assert "one less." in Chance("q1").judge(lambda x: x - 1).message
    said = Chance("q1").judge(lambda x: 1 / (x - 1)).message
    assert said.startswith("for [2.0], 1 of 1 numbers is wrong.")
    assert "one less." not in said


def test_a_slip_is_known_by_what_is_not_a_number_but_not_by_infinities():
    class Roots(Squares):
        reference = staticmethod(lambda x: np.sqrt(np.abs(x)))
        slips = ((np.sqrt, "a root."), (lambda x: 1 / (0 * x), "infinite."))

        def cases(self):
            return [(np.array([4.0, 1.0]),), (np.array([-1.0, 4.0]),)]

    assert Roots("q1").judge(np.sqrt).message == "for [-1.0, 4.0], a root."
    said = Roots("q1").judge(lambda x: 1 / (0 * x)).message
    assert "what square returned has an entry that is not a number" in said


def test_the_argument_that_is_changed_can_be_named():
    class Sum(Squares):
        reference = staticmethod(lambda one, other: one + other)
        spoiled = "{name} is changed."

        def cases(self):
            return [(np.array([1.0]), np.array([2.0]))]

        @staticmethod
        def named(one, other):
            return "two numbers"

    said = Sum("q1").judge(lambda a, b: b.__iadd__(a)).message
    assert said == "for two numbers, other is changed."


def test_a_slip_that_breaks_on_a_case_is_no_match():
    trial = Trial((np.zeros(2),), np.zeros(2), np.ones(2))
    assert not trial.shows(lambda x: 1 / 0)
    assert not trial.shows(lambda x, y: x)
    assert trial.shows(lambda x: x)


def test_a_number_that_comes_in_company_hears_so():
    class Total(Squares):
        reference = staticmethod(lambda x: np.square(x).sum())

    said = Total("q1").judge(np.square).message
    assert said == "for [2.0, 2.0], shape (2,) came; one number is wanted."


@pytest.mark.parametrize("kind", [np.float16, lambda x: np.round(x, 3)])
def test_rounding_is_seen(kind):
    wanted = np.array([0.12345, -6.54321])
    assert Trial((), np.float64(kind(wanted)), wanted).is_rounded
    for other in (wanted, wanted + 1e-3, kind(wanted)[:1], np.zeros(2)):
        assert not Trial((), np.float64(other), wanted).is_rounded


# ---- answers in a dictionary ----

NUMBERS = [task for task in DICTIONARIES if isinstance(task, Predictions)]


def right(exercise):
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


def test_all_of_that_kind_stand_on_it():
    assert len(DICTIONARIES) == 15
    assert len(NUMBERS) == 7


@pytest.mark.parametrize("exercise", DICTIONARIES, ids=label)
def test_entries_that_wait_are_all_named(exercise):
    keys = list(exercise.keys)
    some = dict(right(exercise))
    some[keys[0]] = some[keys[-1]] = ...
    said = exercise.judge(some).message
    assert f'"{keys[-1]}" still wait for your answer' in said
    assert f'"{keys[0]}"' in said
    del some[keys[0]]
    assert f'no entry "{keys[0]}"' in exercise.judge(some).message
    assert "a dictionary is wanted" in exercise.judge(7).message


@pytest.mark.parametrize("exercise", NUMBERS, ids=label)
def test_numbers_come_as_a_dictionary_or_in_order(exercise):
    truth = right(exercise)
    assert exercise.truth == pytest.approx(truth)
    assert exercise.judge(list(truth.values())).state == "correct"
    assert exercise.judge(np.array(list(truth.values()))).state == "correct"
    assert exercise.judge({**truth, "more": "of it"}).state == "correct"
    for key, value in truth.items():
        for other in (value + 0.01, value - 1, value * 3 + 1, -1e9, 1e-3):
            verdict = exercise.judge({**truth, key: other})
            assert verdict.state == "not yet"
            assert f'"{key}"' in verdict.message
        assert exercise.judge({**truth, key: math.nextafter(value, 9e9)}).state == (
            "correct"
        )


@pytest.mark.parametrize("exercise", NUMBERS, ids=label)
def test_every_slip_has_its_sentence(exercise):
    for (key, wrong), sentence in exercise.slips.items():
        answer = {**right(exercise), key: wrong}
        assert exercise.judge(answer).message == sentence
