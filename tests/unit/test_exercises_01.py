import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import images, kernels
from helpers.exercises import base
from helpers.exercises import lesson_01 as ex
from helpers.ops import conv2d

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6]
EXERCISES = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5]
ALL = [*QUESTIONS, *EXERCISES]


def one(row, column, weight=1.0):
    kernel = np.zeros((3, 3))
    kernel[row, column] = weight
    return kernel


VERTICAL = kernels.named("vertical_edges")
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


def refuses(condition):
    """A right function, but for what it refuses."""

    def make(matrix):
        if condition(matrix):
            raise ValueError("no blur")
        return matrix / matrix.sum()

    return make


def whole_numbers(matrix):
    """The array that the results go into holds whole numbers only."""
    blur = np.zeros(matrix.shape, dtype=int)
    blur[:] = matrix / matrix.sum()
    return blur


def of_its_kind(matrix):
    """The same slip where the matrix itself holds whole numbers, and only there."""
    blur = np.empty_like(matrix)
    blur[...] = make_blur(matrix)
    return blur


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np, "kernels": kernels}
    exec(exercise.answer, names)
    return list(names.values())[-1]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


@pytest.mark.parametrize("exercise", EXERCISES[:4])
def test_the_solution_is_correct(exercise):
    verdict = exercise.judge(solved(exercise))
    assert verdict.state == "correct"
    assert str(verdict).startswith("Correct: ")


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
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
    # how many numbers
    (ex.p1, 230_400, "how many pixels"),
    (ex.p1, 1440, "single row"),
    (ex.p1, 921_600, "four numbers"),
    (ex.p1, 960, "one side plus the other"),
    (ex.p1, 480 * 480 * 256, "how many values"),
    (ex.p1, 691_200 * 256, "how many values"),
    (ex.p1, 480, "one side"),
    (ex.p1, "691,200", "commas or blanks"),
    (ex.p1, "691 200", "commas or blanks"),
    (ex.p1, "480*480*3", "as a number, without quotation marks"),
    (ex.p1, "many", "Guess one"),
    (ex.p1, (480, 480, 3), "3 numbers came; one is wanted"),
    (ex.p1, 691_201, "Rows times columns times channels"),
    # a kernel on one spot
    (ex.p2, 600, "is that a plus"),
    (ex.p2, -450, "middle row counts twice"),
    (ex.p2, -150, "one row"),
    (ex.p2, 1000, "negative weights"),
    (ex.p2, -400, "middle column has weight 0"),
    (ex.p2, 0, "flat areas"),
    (ex.p2, -599.5, "nine products"),
    # how often it fits
    (ex.p3, (155, 155), "first place"),
    (ex.p3, (158, 158), "3 × 3"),
    (ex.p3, (160, 160), "hang over"),
    (ex.p3, (32, 32), "side by side"),
    (ex.p3, 156, "both sides"),
    (ex.p3, (156, 157), "first and last"),
    # the rounded blur
    (ex.p4, 100, "exact weights"),
    (ex.p4, 1.01, "sum of the weights"),
    (ex.p4, 909, "no need to count"),
    (ex.p4, 25, "product in the centre"),
    (ex.p4, 99, "get darker"),
    # the stripes
    (ex.p5, "a", "This one hangs"),
    (ex.p5, "c", "every direction"),
    (ex.p5, "horizontal_edges", "This one hangs"),
    (ex.p5, "outline", "every direction"),
    (ex.p5, "horizontal edges", "This one hangs"),
    (ex.p5, "horizontal-edges", "This one hangs"),
    (ex.p5, "Horizontal", "This one hangs"),
    (ex.p5, "d", r'choose one of "a", "b" and "c"\.'),
    (ex.p5, "edges", "choose one"),
    (ex.p5, "vert", "choose one"),
    (ex.p5, max, "as text in quotation marks"),
    # the corner kernel on a diagonal
    (ex.p6, 0, "first row cancels, the others do not"),
    (ex.p6, 510, "what the second row brings"),
    (ex.p6, 3, "White is 255"),
    (ex.p6, 255, "corner of the square"),
    (ex.p6, -765, "lies on white"),
    (ex.p6, 1530, "multiplied by its weight"),
    # what a flat gray becomes
    (ex.q1, {**RIGHT, "ones": 50}, "divided by 9"),
    (ex.q1, {**RIGHT, "ones": 255}, "no such limit"),
    (ex.q1, {**RIGHT, "ones": 9}, "sum of the weights"),
    (ex.q1, {**RIGHT, "outline": 400}, "more than its centre"),
    (ex.q1, {**RIGHT, "blur": 12.5}, "what the centre brings"),
    (ex.q1, {**RIGHT, "blur": 50.5}, "rounded weights"),
    (ex.q1, {**RIGHT, "brighten": 51.5}, "not added"),
    (ex.q1, {**RIGHT, "brighten": 50}, "if its weight were 1"),
    (ex.q1, {**RIGHT, "outline": -400}, "besides the eight"),
    (ex.q1, {**RIGHT, "outline": 50}, "What changes on a flat wall"),
    (ex.q1, {**RIGHT, "brighten": 75.5}, '"brighten" does not give 75.5'),
    (ex.q1, {**RIGHT, "ones": ...}, "still waits"),
    (ex.q1, {"blur": 50}, 'no entry "brighten"'),
    (ex.q1, {**RIGHT, "blur": "50"}, "without quotation marks"),
    (ex.q1, {**RIGHT, "outline": "black"}, '"outline" is text; a number is wanted'),
    (ex.q1, [str(n) for n in RIGHT.values()], "text came.*without quotation marks"),
    (ex.q1, dict.fromkeys(RIGHT, 0), '"blur" does not give 0'),
    (ex.q1, [50, 75, 0], r"shape \(3,\)"),
    # one pixel to the left
    (ex.q2, one(1, 0), "moves right, not left"),
    (ex.q2, one(1, 1), "identity"),
    (ex.q2, one(0, 1), "moves down"),
    (ex.q2, one(2, 1), "moves up"),
    (ex.q2, one(0, 0), "moves down and right"),
    (ex.q2, one(1, 2, 2), "multiplied by 2"),
    (ex.q2, one(1, 2, 0.5), "multiplied by 0.5"),
    (ex.q2, one(1, 2, -1), "multiplied by −1"),
    (ex.q2, one(1, 0, -1), "multiplied by −1.*moves right"),
    (ex.q2, one(1, 1, 2), r"multiplied by 2, and: .*stays where it is\.$"),
    (ex.q2, one(1, 1, -1), r"multiplied by −1, and: .*stays where it is\.$"),
    (ex.q2, [["0", "0", "0"]] * 3, "text came. Give numbers, without quotation marks"),
    (ex.q2, [[0, 0, 0], [0, 0, None], [0, 0, 0]], "has None in it"),
    (ex.q2, one(1, 2) + one(1, 1), "2 weights are not 0"),
    (ex.q2, kernels.named("blur"), "9 weights are not 0"),
    (ex.q2, np.zeros((3, 3)), "all weights are 0"),
    (ex.q2, np.eye(5), r"shape \(3, 3\) is wanted"),
    (ex.q2, [[0, 0, 0], [0, 0, ...], [0, 0, 0]], "three dots"),
    # diagonal edges
    (ex.q3, kernels.named("vertical_edges"), "vertical edges are answered as"),
    (ex.q3, kernels.named("horizontal_edges"), "horizontal edges are answered as"),
    (
        ex.q3,
        VERTICAL + 0.5 * kernels.named("horizontal_edges"),
        "vertical edges are answered nearly as strongly .* 8 against 8.49 .*1.2 times",
    ),
    (ex.q3, [[1, 2, 0], [1, 0, -1], [0, -2, -1]], "nearly as strongly.*6 against 7.07"),
    (ex.q3, [[1, 1, 0], [0, 0, 0], [0, -1, -1]], "nearly as strongly.*4 against 4.24"),
    (ex.q3, kernels.named("outline"), "every direction are answered alike"),
    (ex.q3, [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], "both diagonals"),
    (ex.q3, [[1, 0, -1], [0, 0, 0], [-1, 0, 1]], "both diagonals"),
    (ex.q3, [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]], "flat area is answered with -3"),
    (ex.q3, np.eye(3), "flat area is answered with 3"),
    (ex.q3, np.zeros((3, 3)), "all weights are 0"),
    (ex.q3, np.eye(4), "odd"),
    (ex.q3, np.abs(DIAGONAL), "flat area is answered with 8"),
    (ex.q3, DIAGONAL + 0.25, "flat area is answered with 2.25"),
    (ex.q3, np.eye(11) - 1 / 11, "at most 9"),
    # any matrix becomes a blur
    (ex.q4, lambda m: m / m.size, r"number of weights \(9\)"),
    (ex.q4, lambda m: m / m.max(), "largest weight"),
    (ex.q4, lambda m: kernels.box(3), "same blur comes back"),
    (ex.q4, lambda m: m, "as it is"),
    (ex.q4, lambda m: m * 0, "whole numbers came back"),
    (ex.q4, lambda m: np.abs(m) / np.abs(m).sum(), "the signs are gone"),
    (ex.q4, lambda m: m / np.abs(m).sum(), "without the signs"),
    (ex.q4, lambda m: m / m.mean(), "mean of the weights"),
    (ex.q4, lambda m: m / np.linalg.norm(m), "sum 1 is wanted"),
    (ex.q4, whole_numbers, "whole numbers came back"),
    (ex.q4, of_its_kind, "whole numbers came back"),
    (ex.q4, lambda m: (m / m.sum()).round(), "whole numbers came back"),
    (ex.q4, lambda m: m // m.sum(), "whole numbers came back"),
    (ex.q4, refuses(lambda m: m.sum() <= 0), "refuses a sum of −9"),
    (ex.q4, refuses(lambda m: m.sum() < 1), "refuses a sum of −9"),
    (ex.q4, refuses(lambda m: (m < 0).any()), "refuses its negative weights"),
    (ex.q4, refuses(lambda m: True), "raised ValueError"),
    (ex.q4, refuses(lambda m: abs(m.sum()) < 1), "1 × 3 .* refuses a sum of 0.4"),
    (ex.q4, refuses(lambda m: int(m.sum()) == 0), "refuses a sum of 0.4"),
    (ex.q4, refuses(lambda m: round(m.sum()) == 0), "refuses a sum of 0.4"),
    (ex.q4, refuses(lambda m: not m.all()), "2 0 2.*refuses it. Only a sum of 0"),
    (ex.q4, refuses(lambda m: 0 in m), "2 0 2.*refuses it. Only a sum of 0"),
    (ex.q4, refuses(lambda m: m.shape != (3, 3)), "5 × 5 .* raised ValueError"),
    (ex.q4, lambda m: make_blur(m) * np.ones((3, 3)), "raised ValueError"),
    (
        ex.q4,
        lambda m: make_blur(m).round(4),
        r"weights are rounded; their sum is (0\.9999|1\.000)\d*, not 1",
    ),
    (ex.q4, lambda m: make_blur(m).astype(np.float16), "the weights are rounded"),
    (ex.q4, lambda m: make_blur(m) * 1.001, "sum 1.001 came; sum 1 is wanted"),
    (ex.q4, lambda m: -make_blur(m), "sum −1 came; sum 1 is wanted"),
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
    (ex.q5, np.ones((33, 33)), "at most 31"),
    (ex.q5, [1, 2, 1], "rows and columns"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_five_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 5


OTHER_RIGHT = [
    (ex.q1, list(RIGHT.values())),
    (ex.q1, {k: np.float32(v) for k, v in RIGHT.items()}),
    (ex.q2, one(1, 2).tolist()),
    (ex.q2, one(1, 2).astype(np.int8)),
    (ex.q3, DIAGONAL[:, ::-1]),
    (ex.q3, -DIAGONAL),
    (ex.q3, DIAGONAL * 0.001),
    (ex.q3, [[0, -2, -1], [-2, 8, -2], [1, -2, 0]]),  # 1.25 times the other diagonal
    (ex.q3, [[-1, 1, 1], [2, -8, 2], [-1, 2, 2]]),  # 1.22 times
    (ex.p5, "vertical_edges"),
    (ex.p5, "vertical edges"),
    (ex.p5, "Vertical-edges"),
    (ex.p5, "vertical"),
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


def test_a_diagonal_kernel_need_not_win_over_directions_in_between():
    """As the task says: the solution itself answers those at 22.5° nearly as much."""
    rows, columns = np.indices((61, 61)) - 30
    strengths = []
    for degrees in (45, 22.5):
        angle = np.deg2rad(degrees)
        edge = np.clip(columns * np.sin(angle) - rows * np.cos(angle) + 0.5, 0, 1)
        disc = (np.hypot(rows, columns) <= 20)[1:-1, 1:-1]
        strengths.append(np.abs(conv2d(edge, DIAGONAL))[disc].sum())
    assert 1 < strengths[0] / strengths[1] < 1.2


def exercise_says(exercise, answer):
    return exercise.judge(answer).message


def test_an_open_exercise_describes():
    for kernel, said in [
        (np.eye(7) / 7, ("keep their brightness", "those along /", "calms")),
        (kernels.named("sharpen"), ('"sharpen", or a multiple', "amplifies")),
        (kernels.named("vertical_edges"), ("Sum 0", "vertical ones", "slope")),
        (
            -kernels.named("identity"),
            ("Sum −1", "become negative", "they stay where they are.", "identity"),
        ),
        (kernels.named("identity"), ("they stay where and as they are.",)),
        (one(1, 1, 3), ("get brighter", "they stay where they are.")),
        ([[0.3333] * 3], ("Sum about 1: flat areas keep their brightness",)),
        (np.full((7, 7), 0.0204), ("Sum about 1: flat areas keep",)),
        (one(1, 1, 1.001), ("Sum about 1: flat areas keep", "where and as they are")),
        (one(1, 1, 1.01), ("Sum 1.01: flat areas get brighter",)),
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


def test_the_folded_answers_about_the_lab_are_true():
    camera = images.photo("camera", size=256).astype(float)
    sky = np.median(camera[:60])
    assert sky * 1.2 < 255 < sky * 1.3
    assert (camera[:40] * 1.3 > 255).mean() > 0.6  # most of the sky
    assert 0.24 < (camera * 1.3 > 255).mean() < 0.28  # about a quarter
    vertical = kernels.named("vertical_edges")
    once = np.rot90(vertical)  # as the button turns
    assert (once == -kernels.named("horizontal_edges")).all()
    assert (np.rot90(once) == -vertical).all()


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
