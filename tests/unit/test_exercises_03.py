import judged
import numpy as np
import pytest
from odd_answers import GARBAGE, Nasty

from helpers.exercises import lesson_03 as ex
from helpers.ops import pool2d, unpool2d, upsample2d

ALL = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6]
RIGHT = dict(ex.Predict.truth)
POOLINGS = {
    "27 to 13": (3, 2, "valid"),
    "28 to 10": (3, 3, "same"),
    "7 to 1": (7, 7, "valid"),
}


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    if exercise is ex.q4:  # two names are handed over
        return names["picture"], names["shift"]
    return list(names.values())[-1]


def maximum(x, size, stride):
    return pool2d(x, size, stride=stride)


def without_stride(x, size, stride):
    """As many windows as there should be, each a pixel further."""
    result = maximum(x, size, stride)
    for i, j in np.ndindex(result.shape):
        result[i, j] = x[i : i + size, j : j + size].max()
    return result


def windows(x, size, stride):
    views = np.lib.stride_tricks.sliding_window_view(x, (size, size))
    return views[::stride, ::stride]


def in_place(x, size, stride):
    result = maximum(x, size, stride)
    x[:] = 0
    return result


def with_rim(x, size, stride):
    return np.array(
        [
            [x[i : i + size, j : j + size].max() for j in range(0, x.shape[1], stride)]
            for i in range(0, x.shape[0], stride)
        ]
    )


def stops_early(x, size, stride):
    rows, columns = (n - size for n in x.shape)
    result = np.zeros((len(range(0, rows, stride)), len(range(0, columns, stride))))
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            top, left = i * stride, j * stride
            result[i, j] = x[top : top + size, left : left + size].max()
    return result


def one_wrong_cell(x, size, stride):
    result = maximum(x, size, stride)
    result[-1, 0] -= 1
    return result


def dot(row, column, side=8):
    picture = np.zeros((side, side))
    picture[row, column] = 1
    return picture


def max_gradient(x, upstream):
    return unpool2d(upstream, pool2d(x, return_indices=True)[1], x.shape)


def winners(x):
    return x == upsample2d(pool2d(x))


def spoils_upstream(x, upstream):
    result = max_gradient(x, upstream)
    upstream[:] = 0
    return result


def one_wrong_pixel(x, upstream):
    result = max_gradient(x, upstream)
    result[0, 0] += 0.5
    return result


@pytest.mark.parametrize("exercise", ALL[:5])
def test_the_solution_is_correct(exercise):
    verdict = exercise.judge(solved(exercise))
    assert verdict.state == "correct"
    assert str(verdict).startswith("Correct: ")


STUBS = {
    "q1": [..., None, lambda x, size, stride: ..., lambda x, size, stride: None],
    "q2": [..., None, dict.fromkeys(RIGHT, ...), [...] * 6],
    "q3": [..., None, dict.fromkeys(POOLINGS, ...)],
    "q4": [..., None, (..., ...), [None, ...]],
    "q5": [..., None, lambda x, upstream: ..., lambda x, upstream: None],
    "q6": [..., None, lambda window: ..., lambda window: None],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    # pooling by one's own code
    (ex.q1, lambda x, k, s: pool2d(x, k, stride=s, reduce="mean"), "mean pooling"),
    (ex.q1, lambda x, k, s: windows(x, k, s).min(axis=(2, 3)), "smallest"),
    (ex.q1, lambda x, k, s: windows(x, k, s).sum(axis=(2, 3)), "its sum"),
    (ex.q1, lambda x, k, s: np.abs(windows(x, k, s)).max(axis=(2, 3)), "signs are"),
    (ex.q1, lambda x, k, s: windows(x, k, s)[..., 0, 0], "upper left corner"),
    (ex.q1, lambda x, k, s: np.zeros_like(maximum(x, k, s)), "all results are 0"),
    (ex.q1, lambda x, k, s: np.maximum(maximum(x, k, s), 0), "not from 0"),
    (ex.q1, lambda x, k, s: maximum(x, k, 1), "always moves by 1"),
    (ex.q1, without_stride, r"they move by 1.*i \* stride"),
    (ex.q1, lambda x, k, s: maximum(x, k, k), "by its own size"),
    (ex.q1, lambda x, k, s: maximum(x, 2, 2), "always 2"),
    (ex.q1, lambda x, k, s: maximum(x, s, s), "size of the window as well"),
    (ex.q1, with_rim, "reach over the rim"),
    (ex.q1, stops_early, r"\+ 1 in the count|of shape"),
    (ex.q1, lambda x, k, s: maximum(x, k, s)[:-1, :-1], r"\+ 1 in the count"),
    (ex.q1, lambda x, k, s: maximum(x, k, s).T, "exchanged"),
    (ex.q1, lambda x, k, s: x.max(), "one number came"),
    (ex.q1, lambda x, k, s: x, "as it was"),
    (ex.q1, lambda x, k, s: pool2d(x, k, stride=s, padding="same"), "of shape"),
    (ex.q1, one_wrong_cell, r"result \[1, 0\] is -?\d+\. Its window holds"),
    (ex.q1, in_place, "changes the picture"),
    (ex.q1, lambda x, k, s: maximum(x, min(3, *x.shape), s), r"2 × 2 windows fit, but"),
    (ex.q1, lambda x: x, "TypeError"),
    (ex.q1, np.zeros((2, 2)), "a function is wanted"),
    # predictions
    (ex.q2, {**RIGHT, "max": 0}, "negative too"),
    (ex.q2, {**RIGHT, "max": -8}, "number line"),
    (ex.q2, {**RIGHT, "max": -4}, "−4 is the mean"),
    (ex.q2, {**RIGHT, "max": 7}, "is not 7"),
    (ex.q2, {**RIGHT, "mean": -16}, "sum"),
    (ex.q2, {**RIGHT, "mean": -1}, "is the largest"),
    (ex.q2, {**RIGHT, "mean": -3}, "is not −3. Add all four"),
    (ex.q2, {**RIGHT, "three times": 4}, "last of the 7 is dropped"),
    (ex.q2, {**RIGHT, "three times": 3.5}, '"three times": half a number'),
    (ex.q2, {**RIGHT, "three times": 14}, "after one pooling"),
    (ex.q2, {**RIGHT, "three times": 5}, "5 is not the size"),
    (ex.q2, {**RIGHT, "three times, same": 3}, "half empty"),
    (ex.q2, {**RIGHT, "three times, same": 28}, "stride 1 only"),
    (ex.q2, {**RIGHT, "window 3, stride 2": 14}, "one place less"),
    (ex.q2, {**RIGHT, "window 3, stride 2": 12}, r"\+ 1"),
    (ex.q2, {**RIGHT, "window 3, stride 2": 9}, "overlap"),
    (ex.q2, {**RIGHT, "global": 1}, "How many channels"),
    (ex.q2, {**RIGHT, "global": 5}, "not how many"),
    (ex.q2, {**RIGHT, "global": ...}, "still waits"),
    (ex.q2, {"max": -1}, 'no entry "mean"'),
    (ex.q2, {**RIGHT, "max": "-1"}, "without quotation marks"),
    (ex.q2, dict.fromkeys(RIGHT, 0), "negative too"),
    (ex.q2, [-1, -4, 3], r"shape \(3,\)"),
    # poolings of a wanted size
    (ex.q3, {**POOLINGS, "27 to 13": (2, 2, "same")}, "makes 14 of 27, not 13"),
    (ex.q3, {**POOLINGS, "28 to 10": (1, 3, "valid")}, "only skips pixels"),
    (ex.q3, {**POOLINGS, "28 to 10": (2, 3, "same")}, "1 of every 3"),
    (ex.q3, {**POOLINGS, "28 to 10": (3, 3, "valid")}, "makes 9 of 28"),
    (ex.q3, {**POOLINGS, "7 to 1": (8, 1, "valid")}, "does not fit"),
    (ex.q3, {**POOLINGS, "7 to 1": (0, 1, "valid")}, "is 0; it must be at least 1"),
    (ex.q3, {**POOLINGS, "7 to 1": (7, 2.5, "valid")}, "2.5; a whole number"),
    (ex.q3, {**POOLINGS, "7 to 1": (7, 7, "full")}, '"valid" or "same"'),
    (ex.q3, {**POOLINGS, "7 to 1": (7, 7)}, "three things"),
    (ex.q3, {**POOLINGS, "7 to 1": ...}, "still waits"),
    (ex.q3, {**POOLINGS, "7 to 1": (7, ..., "valid")}, "three dots"),
    (ex.q3, dict.fromkeys(POOLINGS, (0, 0, "valid")), "at least 1"),
    (ex.q3, {"27 to 13": (2, 2, "valid")}, 'no entry "28 to 10"'),
    (ex.q3, (2, 2, "valid"), "a dictionary"),
    # a counter-example
    (ex.q4, (dot(4, 4), (0, 1)), "every window keeps its largest number"),
    (ex.q4, (np.pad(np.ones((3, 3)), (2, 3)), (0, 1)), "every window keeps"),
    (ex.q4, (np.zeros((8, 8)), (0, 1)), "zeros looks the same"),
    (ex.q4, (np.ones((8, 8)), (0, 1)), "same everywhere"),
    (ex.q4, (-dot(4, 4), (1, 0)), "never wins"),
    (ex.q4, (np.eye(8), (0, 1)), "leaves the frame"),
    (ex.q4, (dot(4, 5), (0, 0)), "moves nothing"),
    (ex.q4, (dot(4, 5), 0), "moves nothing"),
    (ex.q4, (dot(4, 4), (0, 2)), "shifts of one pixel"),
    (ex.q4, (dot(4, 4), (0, 0.5)), "two whole numbers"),
    (ex.q4, (dot(4, 4), (1, 1, 1)), "two whole numbers"),
    (ex.q4, (dot(1, 1, side=3), (0, 1)), "4 to 64"),
    (ex.q4, (np.ones((9, 9, 3)), (0, 1)), "rows and columns"),
    (ex.q4, (dot(4, 4), ...), "three dots"),
    (ex.q4, dot(4, 4), "two things"),
    # a gradient on its way back
    (ex.q5, lambda x, g: upsample2d(g) / 4, "mean pooling, which shares"),
    (ex.q5, lambda x, g: upsample2d(g), "the whole gradient"),
    (ex.q5, lambda x, g: np.zeros(x.shape), "nothing would ever be learned"),
    (ex.q5, lambda x, g: winners(x), "each gets 1"),
    (ex.q5, lambda x, g: winners(x) * x, "their own values"),
    (ex.q5, lambda x, g: winners(x) * upsample2d(g) / 4, "a quarter only"),
    (ex.q5, lambda x, g: max_gradient(-x, g), "smallest number"),
    (ex.q5, lambda x, g: winners(x) * upsample2d(g) * x, "multiply by their values"),
    (ex.q5, one_wrong_pixel, r"should get -?\d; it got"),
    (ex.q5, spoils_upstream, "changes what it is given"),
    (ex.q5, lambda x, g: g, r"shape \(4, 4\) is wanted"),
    (ex.q5, lambda x: x, "TypeError"),
    # a pooling of one's own
    (ex.q6, lambda w: w, "one number"),
    (ex.q6, lambda w: 0, "0 for every window"),
    (ex.q6, lambda w: np.nan, "NaN"),
    (ex.q6, lambda w: "text", "text"),
    (ex.q6, lambda a, b: a, "TypeError"),
    (ex.q6, 3, "a function is wanted"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_three_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 3


OTHER_RIGHT = [
    (ex.q1, maximum),
    (ex.q1, lambda x, k, s: windows(x, k, s).max(axis=(2, 3)).tolist()),
    (ex.q2, list(RIGHT.values())),
    (ex.q2, {name: np.float32(value) for name, value in RIGHT.items()}),
    (ex.q3, {**POOLINGS, "27 to 13": (2, 2, "valid"), "28 to 10": [10, 2, "valid"]}),
    (ex.q3, {**POOLINGS, "27 to 13": (15, 1, "valid"), "7 to 1": (7, 1, "valid")}),
    (ex.q3, {**POOLINGS, "28 to 10": np.array([9, 2, "valid"], object)}),
    (ex.q3, {**POOLINGS, "28 to 10": (19, 1, "valid"), "7 to 1": (7, 7, "same")}),
    (ex.q3, {**POOLINGS, "7 to 1": (5, 3, "valid")}),
    (ex.q4, (dot(4, 5), 1)),
    (ex.q4, [dot(4, 4).tolist(), [0, -1]]),
    (ex.q4, (dot(4, 4) - dot(2, 5), np.array([-1, 0]))),
    (ex.q4, (-np.pad(np.ones((2, 2)), ((3, 3), (2, 4))), (1, 0))),
    (ex.q4, (np.pad(np.ones((3, 4)), 2), (0, 1))),
    (ex.q4, (dot(5, 5), (1, 1))),
    (ex.q5, max_gradient),
    (ex.q5, lambda x, g: winners(x) * upsample2d(g)),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


def test_a_counter_example_hears_what_else_holds():
    said = ex.q4.judge((dot(4, 5), (0, 1))).message
    assert "shifted 1 right" in said
    assert "changes in 2 of 16 numbers" in said
    assert "shifted 1 left or 1 down changes nothing" in said
    assert "Global max pooling would not have noticed" in said
    square = np.pad(np.ones((4, 4)), 2)
    assert "changes nothing" not in ex.q4.judge((square, (0, 1))).message


def test_a_pooling_hears_what_it_leaves_out():
    said = ex.q3.judge({**POOLINGS, "27 to 13": (2, 2, "valid")}).message
    assert "27 to 13 with (2, 2, valid), 1 left out at the rim; 28 to 10" in said
    assert "left out" not in ex.q3.judge(POOLINGS).message


def test_the_named_sizes_are_those_of_the_arithmetic():
    x = np.zeros((28, 28, 16))
    three, same = x, x
    for _ in range(3):
        three, same = pool2d(three), pool2d(same, padding="same")
    assert three.shape == (3, 3, 16)
    assert same.shape == (4, 4, 16)
    assert pool2d(x, 3, stride=2).shape[0] == RIGHT["window 3, stride 2"]
    assert pool2d(x, 28).size == RIGHT["global"]
    assert list(RIGHT.values()) == [-1, -4, 3, 4, 13, 16]


def test_an_open_exercise_describes():
    for function, said in [
        (np.max, ("the maximum", "keep their", "100% of its", "with 0%", "some on av")),
        (
            np.mean,
            (
                "the mean",
                "It is linear",
                "becomes 4.78 and moves the average by +0.",
            ),
        ),
        (np.min, ("the minimum", "with 0% of its", "not linear")),
        (np.median, ("the median", "keep their brightness", "2 get some")),
        (np.sum, ("the sum", "100 becomes 400", "linear")),
        (np.ptp, ("spread", "100 becomes 0", "none can show")),
        (solved(ex.q6), ("between mean and maximum, on average 50%", "4 get some")),
        (lambda w: w[0], ("It matters where", "It is linear", "1 get some")),
        (lambda w: 7, ("7 for every window", "and a bias could do the same")),
        (lambda w: w.mean() + 5, ("moves the average by +0.", "and a bias")),
        (lambda w: 255 - w.max(), ("most like",)),
    ]:
        verdict = ex.q6.judge(function)
        assert verdict.state == "described"
        assert str(verdict).startswith("Here is what")
        for words in said:
            assert words in verdict.message


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    odd = [
        (Nasty(), (0, 1)), (dot(4, 4), Nasty()), (dot(4, 4), (0, np.nan)), ([[1]], 1),
        (np.full((8, 8), np.nan), 1), (dot(4, 5), (0, 10**30)), RIGHT | {"max": 1j},
        POOLINGS | {"7 to 1": (Nasty(), 1, "same")}, POOLINGS | {"7 to 1": Nasty()},
        POOLINGS | {"7 to 1": (10**9, 1, "same")}, POOLINGS | {"7 to 1": (7, 7, [])},
        lambda x, k, s: Nasty(), lambda x, g: np.full(x.shape, 1j), lambda w: Nasty(),
        lambda x, k, s: np.zeros((0, 2)), lambda w: 1e308, lambda w: -1e308 * w,
    ]  # fmt: skip
    judged.hears_something(
        exercise, GARBAGE + odd, capsys, 1000 if exercise is ex.q6 else 600
    )


def test_random_answers_never_raise():
    rng = np.random.default_rng(4)
    for _ in range(20):
        for exercise, answer in (
            (ex.q2, rng.integers(-9, 30, 6)),
            (ex.q3, {name: (*rng.integers(0, 9, 2), "same") for name in POOLINGS}),
            (ex.q4, (rng.integers(-1, 2, (6, 6)), rng.integers(-2, 3, 2))),
        ):
            assert exercise.judge(answer).message


def test_answers_are_not_changed():
    picture, shift = dot(4, 5), np.array([0, 1])
    ex.q4.judge((picture, shift))
    np.testing.assert_array_equal(picture, dot(4, 5))
    assert shift.tolist() == [0, 1]
    for exercise, answer in ((ex.q2, dict(RIGHT)), (ex.q3, dict(POOLINGS))):
        kept = dict(answer)
        exercise.judge(answer)
        assert answer == kept


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
