import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import kernels
from helpers.exercises import base
from helpers.exercises import lesson_01 as ex

ALL = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5]


def one(row, column, weight=1.0):
    kernel = np.zeros((3, 3))
    kernel[row, column] = weight
    return kernel


DIAGONAL = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
RIGHT = {"blur": 50, "brighten": 75, "outline": 0, "ones": 450}


def make_blur(matrix):
    if matrix.sum() == 0:
        raise ValueError("sum 0")
    return matrix / matrix.sum()


def without_refusal(matrix):
    return matrix / matrix.sum()


def in_place(matrix):
    matrix /= matrix.sum()
    return matrix


def refuses_by_print(matrix):
    if matrix.sum() == 0:
        return print("the sum is 0")
    return matrix / matrix.sum()


def wrong_error(matrix):
    if matrix.sum() == 0:
        raise KeyError
    return matrix / matrix.sum()


def leaves(matrix):
    raise SystemExit


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np, "kernels": kernels}
    exec(exercise.answer, names)
    return list(names.values())[-1]


@pytest.mark.parametrize("exercise", ALL[:4])
def test_the_solution_is_correct(exercise):
    verdict = exercise.judge(solved(exercise))
    assert verdict.state == "correct"
    assert str(verdict).startswith("Correct: ")


STUBS = {
    "q1": [dict.fromkeys(RIGHT, ...), ..., None, [...] * 4],
    "q2": [..., None, [[..., ..., ...]] * 3],
    "q3": [..., None, [[..., ..., ...]] * 3],
    "q4": [..., None, lambda matrix: ..., lambda matrix: None],
    "q5": [..., None, [[..., ..., ...]] * 3],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    # what a flat gray becomes
    (ex.q1, {**RIGHT, "ones": 50}, "divided by 9"),
    (ex.q1, {**RIGHT, "ones": 255}, "no such limit"),
    (ex.q1, {**RIGHT, "ones": 9}, "sum of the weights"),
    (ex.q1, {**RIGHT, "outline": 400}, "more than its centre"),
    (ex.q1, {**RIGHT, "brighten": 51.5}, '"brighten" does not give 51.5'),
    (ex.q1, {**RIGHT, "ones": ...}, "still waits"),
    (ex.q1, {"blur": 50}, 'no entry "brighten"'),
    (ex.q1, {**RIGHT, "blur": "50"}, "without quotation marks"),
    (ex.q1, dict.fromkeys(RIGHT, 0), '"blur" does not give 0'),
    (ex.q1, [50, 75, 0], r"shape \(3,\)"),
    # one pixel to the left
    (ex.q2, one(1, 0), "moves right, not left"),
    (ex.q2, one(1, 1), "identity"),
    (ex.q2, one(0, 1), "moves down"),
    (ex.q2, one(2, 1), "moves up"),
    (ex.q2, one(0, 0), "moves down and right"),
    (ex.q2, one(1, 2, 2), "multiplied by 2"),
    (ex.q2, one(1, 0, -1), "multiplied by -1.*moves right"),
    (ex.q2, one(1, 2) + one(1, 1), "2 weights are not 0"),
    (ex.q2, kernels.named("blur"), "9 weights are not 0"),
    (ex.q2, np.zeros((3, 3)), "all weights are 0"),
    (ex.q2, np.eye(5), r"shape \(3, 3\) is wanted"),
    (ex.q2, [[0, 0, 0], [0, 0, ...], [0, 0, 0]], "three dots"),
    # diagonal edges
    (ex.q3, kernels.named("vertical_edges"), "vertical edges are answered as"),
    (ex.q3, kernels.named("horizontal_edges"), "horizontal edges are answered as"),
    (ex.q3, kernels.named("outline"), "every direction are answered alike"),
    (ex.q3, [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], "both diagonals"),
    (ex.q3, [[1, 0, -1], [0, 0, 0], [-1, 0, 1]], "both diagonals"),
    (ex.q3, [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]], "flat area is answered with -3"),
    (ex.q3, np.eye(3), "flat area is answered with 3"),
    (ex.q3, np.zeros((3, 3)), "all weights are 0"),
    (ex.q3, np.eye(4), "odd"),
    # any matrix becomes a blur
    (ex.q4, lambda m: m / m.size, r"number of weights \(9\)"),
    (ex.q4, lambda m: m / m.max(), "largest weight"),
    (ex.q4, lambda m: kernels.box(3), "same blur comes back"),
    (ex.q4, lambda m: m, "as it is"),
    (ex.q4, lambda m: m * 0, "same blur|sum 0"),
    (ex.q4, lambda m: np.abs(m) / np.abs(m).sum(), "Negative weights stay"),
    (ex.q4, lambda m: m + (1 - m.sum()) / m.size, "proportions"),
    (ex.q4, in_place, "changes the matrix it is given"),
    (ex.q4, without_refusal, "NaN and infinities"),
    (ex.q4, refuses_by_print, "no error is raised"),
    (ex.q4, wrong_error, "raised KeyError"),
    (ex.q4, leaves, "raised SystemExit"),
    (ex.q4, lambda: 1, "TypeError"),
    (ex.q4, lambda m: 1 / 0, "ZeroDivisionError: division by zero"),
    (ex.q4, kernels.box(3), "a function is wanted"),
    # a kernel of one's own
    (ex.q5, np.zeros((3, 3)), "all weights are 0"),
    (ex.q5, np.ones((2, 2)), "odd"),
    (ex.q5, [[np.nan]], "NaN"),
    (ex.q5, [[1e9]], "larger than a million"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_three_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 3


OTHER_RIGHT = [
    (ex.q1, list(RIGHT.values())),
    (ex.q1, {k: np.float32(v) for k, v in RIGHT.items()}),
    (ex.q2, one(1, 2).tolist()),
    (ex.q2, one(1, 2).astype(np.int8)),
    (ex.q3, DIAGONAL[:, ::-1]),
    (ex.q3, -DIAGONAL),
    (ex.q3, DIAGONAL * 0.001),
    (ex.q3, [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]]),
    (ex.q3, [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]),
    (ex.q3, [[1, 0, 0], [0, 0, 0], [0, 0, -1]]),
    (ex.q3, np.triu(np.ones((5, 5)), 1) - np.tril(np.ones((5, 5)), -1)),
    (ex.q4, kernels.normalise),
    (ex.q4, lambda m: make_blur(m).tolist()),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


def test_the_diagonal_is_named():
    assert "edges along \\" in exercise_says(ex.q3, DIAGONAL)
    assert "edges along /" in exercise_says(ex.q3, DIAGONAL[:, ::-1])


def exercise_says(exercise, answer):
    return exercise.judge(answer).message


def test_an_open_exercise_describes():
    for kernel, said in [
        (np.eye(7) / 7, ("keep their brightness", "those along /", "calms")),
        (kernels.named("sharpen"), ('"sharpen", or a multiple', "excites")),
        (kernels.named("vertical_edges"), ("Sum 0", "vertical ones", "slope")),
        (-kernels.named("identity"), ("become negative", "as they are", "identity")),
        (kernels.box(5), ("keep their", '"blur" is closest', "every direction")),
        (kernels.named("darken"), ("get darker",)),
        (kernels.named("brighten"), ("get brighter",)),
        ([[1, 0, 0]], ("moves the picture",)),
        ([[2]], ("one weight",)),
        (solved(ex.q5), ("Here is what your 7×7 kernel does",)),
    ]:
        verdict = ex.q5.judge(kernel)
        assert verdict.state == "described"
        for words in said:
            assert words in verdict.message
        assert str(verdict).startswith("Here is what")


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    judged.hears_something(exercise, GARBAGE, capsys)


@pytest.mark.parametrize("exercise", ALL)
def test_random_kernels_never_raise(exercise):
    rng = np.random.default_rng(4)
    for _ in range(20):
        kernel = rng.integers(-3, 4, (3, 3)) * rng.choice([1e-9, 1, 1e5])
        assert exercise.judge(kernel).message


def test_answers_are_not_changed():
    for exercise, answer in ((ex.q2, one(1, 2)), (ex.q3, DIAGONAL.copy())):
        kept = answer.copy()
        exercise.judge(answer)
        np.testing.assert_array_equal(answer, kept)
    answer = dict(RIGHT)
    ex.q1.judge(answer)
    assert answer == RIGHT


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)


# ---- the base ----


def test_untouched():
    dots = [None, ..., [...], [[...], [..., None]], (...,), {"a": ..., "b": [...]}]
    assert all(base.untouched(value) for value in dots)
    touched = [0, [], {}, (), "", [0, ...], np.zeros(3), False, [[]]]
    assert not any(base.untouched(value) for value in touched)


def test_readers_accept_what_numpy_reads():
    assert base.as_number(np.float32(2)) == 2
    assert base.as_number([[3]]) == 3
    assert base.as_array([True, 2]).tolist() == [1, 2]
    with pytest.raises(base.NotYet, match="one number"):
        base.as_number([1, 2])
    with pytest.raises(base.NotYet, match="complex"):
        base.as_array(1j)


def test_a_check_with_a_bug_in_it_still_speaks():
    class Broken(base.Exercise):
        def examine(self, answer):
            raise KeyError

    verdict = Broken("q9").judge(3)
    assert verdict.state == "not yet"
    assert "KeyError" in verdict.message
    assert base.Exercise("q8").judge(3).state == "not yet"
