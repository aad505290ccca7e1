import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_04 as ex

ALL = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6]
SIZES = {"a": 7, "b": 11, "c": 14, "d": 18}
PAINTED = np.array([[1, 4, 4], [3, 13, 14], [0, 9, 12]])
PICTURE = ex.Twin.picture
TWIN = np.array([[0, 0, 0, 0], [0, 9, 0, 6], [0, 0, 0, 0], [9, 0, 9, 0]])


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


def changed(array, *entries):
    array = array.copy()
    for row, column, value in entries:
        array[row, column] = value
    return array


def in_place(x, factor):
    result = ops.upsample2d(x, factor)
    x[...] = 0
    return result


def tiled(x, factor):
    return np.tile(x, (factor, factor, 1)[: x.ndim])


def rounded(x, factor):
    """Nearest to the corner of each pixel, not to its middle."""
    rows, columns = (
        np.minimum(np.round(np.arange(n * factor) / factor).astype(int), n - 1)
        for n in x.shape[:2]
    )
    return x[rows][:, columns]


def corners_only(x, factor):
    result = np.zeros((x.shape[0] * factor, x.shape[1] * factor, *x.shape[2:]))
    result[::factor, ::factor] = x
    return result


def nearest_kron(x, factor):
    if x.ndim == 3:
        return np.kron(x, np.ones((factor, factor, 1)))
    return np.kron(x, np.ones((factor, factor)))


@pytest.mark.parametrize("exercise", ALL[:5])
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


STUBS = {
    "q1": [..., None, lambda x, factor: ..., lambda x, factor: None],
    "q2": [..., None, [[..., ..., ...]] * 3],
    "q3": [..., None, dict.fromkeys(SIZES, ...), [...] * 4],
    "q4": [..., None, (..., ...)],
    "q5": [..., None, [[...] * 4] * 4],
    "q6": [..., None, [[..., ...]] * 2],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    # nearest neighbour
    (ex.q1, tiled, "side by side, like tiles"),
    (ex.q1, lambda x, f: ops.upsample2d(x, 2), "factor 3, .*twice as large"),
    (ex.q1, lambda x, f: np.zeros_like(ops.upsample2d(x, f)), "all numbers are 0"),
    (ex.q1, corners_only, "in the corner of its block"),
    (ex.q1, lambda x, f: x.repeat(f, axis=0), "rows are repeated, but not"),
    (ex.q1, lambda x, f: x.repeat(f, axis=1), "columns are repeated, but not"),
    (ex.q1, lambda x, f: ops.upsample2d(x, f, method="bilinear"), "nearest old pixel"),
    (ex.q1, lambda x, f: np.kron(x, np.ones((f, f))), r"shape \(factor, factor, 1\)"),
    (ex.q1, rounded, "row 0, column 3 is"),
    (ex.q1, lambda x, f: x, r"shape \(2, 3\) came; shape \(4, 6\) is wanted"),
    (ex.q1, lambda x, f: ops.upsample2d(x, f).T, "is wanted"),
    (
        ex.q1,
        lambda x, f: np.kron(x, np.ones((f,) * x.ndim)),
        "channels are repeated too",
    ),
    (ex.q1, lambda x, f: ops.upsample2d(x[..., :1], f), "is wanted"),
    (ex.q1, lambda x, f: ops.upsample2d(x, f)[::-1], "row 0, column 0"),
    (ex.q1, in_place, "changes the picture"),
    (ex.q1, lambda x: x, "TypeError"),
    (ex.q1, PICTURE, "a function is wanted"),
    # painted by hand
    (ex.q2, np.zeros((3, 3)), "all numbers are 0"),
    (ex.q2, [[1, 2, 4], [3, 6, 6], [0, 9, 12]], r"\d of 9 numbers are right"),
    (ex.q2, [[1, 2, 4], [3, 4, 8], [0, 0, 12]], "covers what was there"),
    (ex.q2, [[1, 2, 4], [3, 6, 8], [0, 9, 12]], "keep the larger one"),
    (ex.q2, [[3, 6, 0], [11, 17, 2], [6, 11, 4]], "half a turn"),
    (ex.q2, [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "overlap counts"),
    (ex.q2, np.kron([[1, 2], [3, 4]], [[1, 2], [0, 3]]), "stride 2"),
    (ex.q2, [[20]], r"shape \(1, 1\)"),
    (ex.q2, changed(PAINTED, (1, 1, 10)), "8 of 9.*row 1, column 1"),
    (ex.q2, [[1, 4, 4], [3, ..., 14], [0, 9, 12]], "three dots"),
    # sizes
    (ex.q3, dict.fromkeys(SIZES, 0), '"a" is not 0'),
    (ex.q3, SIZES | {"a": 3}, '"a": 3 is what a convolution leaves'),
    (ex.q3, SIZES | {"b": 10}, '"b": 10 is n · stride'),
    (ex.q3, SIZES | {"b": 13}, "one stride too many"),
    (ex.q3, SIZES | {"c": 16}, "the whole canvas"),
    (ex.q3, SIZES | {"c": 4}, "what a convolution leaves"),
    (ex.q3, SIZES | {"b": 5}, '"b": 5 is the size that goes in'),
    (ex.q3, 7, "a dictionary is wanted"),
    (ex.q3, SIZES | {"d": 17}, "as far as paint gets"),
    (ex.q3, SIZES | {"d": ...}, "still waits"),
    (ex.q3, SIZES | {"d": "18"}, "without quotation marks"),
    (ex.q3, {"a": 7}, 'no entry "b"'),
    (ex.q3, [7, 11, 14], r"shape \(3,\)"),
    # no checkerboard
    (ex.q4, (3, 2), "get 1 stamp, others 4"),
    (ex.q4, (5, 2), "get 4 stamps, others 9"),
    (ex.q4, (4, 3), "checkerboard"),
    (ex.q4, (3, 1), "does not get larger"),
    (ex.q4, (2, 4), "do not meet"),
    (ex.q4, (0, 0), "kernel is 0; it must be at least 1"),
    (ex.q4, (4.5, 2), "kernel is 4.5; a whole number"),
    (ex.q4, (400, 2), "kernel is 400; at most 15"),
    (ex.q4, 4, "two numbers are wanted"),
    (ex.q4, (4, 2, 1), r"shape \(2,\) is wanted"),
    # a twin
    (ex.q5, PICTURE, "the picture itself"),
    (ex.q5, np.zeros((4, 4)), "upper left window's largest number is 0"),
    (ex.q5, PICTURE + 1, "largest number is 10"),
    (ex.q5, changed(PICTURE, (0, 0, 9), (1, 1, 3)), "left .* stands elsewhere"),
    (ex.q5, changed(PICTURE, (0, 0, 9)), "first elsewhere"),
    (ex.q5, changed(PICTURE, (3, 2, 8)), "lower right .* is 8 .* it is 9"),
    (ex.q5, changed(PICTURE, (0, 0, 0)), "row 0, column 1 still has 1"),
    (ex.q5, changed(TWIN, (3, 3, 3)), "row 3, column 3 still has 3"),
    (ex.q5, ops.pool2d(PICTURE), r"shape \(2, 2\)"),
    # a kernel of one's own
    (ex.q6, np.zeros((2, 2)), "all weights are 0"),
    (ex.q6, np.ones((16, 2)), "at most 15"),
    (ex.q6, [1, 2, 1], r"shape \(3,\)"),
    (ex.q6, [[]], r"shape \(1, 0\)"),
    (ex.q6, [[1e9]], "larger than a million"),
    (ex.q6, [[np.inf]], "infinite"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_three_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 3


OTHER_RIGHT = [
    (ex.q1, nearest_kron),
    (ex.q1, ops.upsample2d),
    (ex.q1, lambda x, f: ops.upsample2d(x, f).tolist()),
    (ex.q2, PAINTED.tolist()),
    (ex.q2, PAINTED.astype(np.float32)),
    (ex.q3, list(SIZES.values())),
    (ex.q3, {name: np.int64(size) for name, size in SIZES.items()}),
    *((ex.q4, pair) for pair in [(2, 2), (6, 2), (3, 3), (6, 3), [9, 3], (15, 5)]),
    (ex.q4, {"stride": 2, "kernel": 4}),
    (ex.q4, np.array([8, 4])),
    (ex.q5, changed(TWIN, (0, 0, 8.5), (2, 3, -7))),
    (ex.q5, changed(TWIN, (3, 3, 9))),  # a tie: the first in reading order stays
    (ex.q5, TWIN.tolist()),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


def test_right_answers_hear_what_they_did():
    assert "edge to edge" in ex.q4.judge((3, 3)).message
    assert "9 stamps, 3 × 3" in ex.q4.judge((6, 2)).message
    assert "unpooling gives back" in ex.q5.judge(TWIN).message
    assert "gives back" not in ex.q5.judge(changed(TWIN, (0, 0, 2))).message


def outer(*row):
    return np.outer(row, row)


def test_an_open_exercise_describes():
    for kernel, said in [
        (solved(ex.q6), ("4×4 kernel", "4 on every pixel", "1, 1, 1, 1", "the same")),
        (np.ones((3, 3)), ("1 to 4 stamps", "4, 2, 2, 1", "gets a pattern", "worse")),
        (outer(1, 2, 1) / 4, ("uneven", "keep their brightness")),
        (outer(-1, 3, 10, 10, 3, -1) / 144, ("9 on every pixel", "better")),
        (np.full((2, 2), 2), ("2 times as bright",)),
        ([[1]], ("0 to 1 stamps",)),
        (outer(1, 1, -1, -1), ("flat areas vanish",)),
        (np.ones((2, 4)) / 2, ("2×4 kernel", "2 on every pixel")),
    ]:
        verdict = ex.q6.judge(kernel)
        assert verdict.state == "described"
        for words in said:
            assert words in verdict.message


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    odd = [[4, 2, 1], (2, np.nan), lambda x, f: np.full(x.shape, 1j), SIZES | {"a": 1j}]
    judged.hears_something(exercise, GARBAGE + odd, capsys)


def test_random_answers_never_raise():
    rng = np.random.default_rng(4)
    for _ in range(20):
        kernel = rng.integers(-3, 4, rng.integers(1, 9, 2)) * rng.choice([1e-9, 1, 1e5])
        for exercise, answer in (
            (ex.q2, rng.integers(0, 15, (3, 3))),
            (ex.q4, rng.integers(-1, 17, 2)),
            (ex.q5, rng.integers(0, 257, (4, 4))),
            (ex.q6, kernel),
        ):
            assert exercise.judge(answer).message


def test_answers_are_not_changed():
    for exercise in ALL[1:]:
        answer = solved(exercise)
        if isinstance(answer, np.ndarray):
            kept = answer.copy()
            exercise.judge(answer)
            np.testing.assert_array_equal(answer, kept)


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
