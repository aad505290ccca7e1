import re

import judged
import numpy as np
import pytest
from odd_answers import GARBAGE, Nasty

from helpers.exercises import lesson_03 as ex
from helpers.ops import pool2d, pool2d_gradient, unpool2d, upsample2d

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6]
EXERCISES = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6, ex.q7]
ALL = [*QUESTIONS, *EXERCISES]
RIGHT = dict(ex.Predict.truth)
POOLINGS = {
    "26 to 12": (4, 2, "valid"),
    "28 to 10": (3, 3, "same"),
    "7 to 1": (7, 7, "valid"),
}


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    if exercise is ex.q5:  # two names are handed over
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


def starts_from(number):
    """The largest of each window and of a number that should lie below them all."""
    return lambda x, k, s: np.maximum(maximum(x, k, s), number)


def furthest_from_zero(x, size, stride):
    views = windows(x, size, stride)
    result = np.zeros(views.shape[:2])
    for at in np.ndindex(result.shape):
        result[at] = views[at].flat[np.abs(views[at]).argmax()]
    return result


def more_windows_than_fit(x, size, stride):
    rows, columns = (n // stride + 1 for n in x.shape)
    return np.array(
        [
            [
                x[i * stride : i * stride + size, j * stride : j * stride + size].max()
                for j in range(columns)
            ]
            for i in range(rows)
        ]
    )


def one_wrong_cell(x, size, stride):
    result = maximum(x, size, stride)
    result[-1, 0] -= 1
    return result


def cut_at_the_rim(x, size, reduce=np.mean):
    """Windows that touch; those at the rim hold what there is."""
    return np.array(
        [
            [reduce(x[i : i + size, j : j + size]) for j in range(0, x.shape[1], size)]
            for i in range(0, x.shape[0], size)
        ]
    )


def one_window_more(x, size):
    """As many windows as fit, and one: where the size fits, that one is empty."""
    rows, columns = (range(0, n + 1, size) for n in x.shape)
    return np.array(
        [[x[i : i + size, j : j + size].mean() for j in columns] for i in rows]
    )


def filled_with_zeros(x, size):
    return pool2d(np.pad(x, [(0, -n % size) for n in x.shape]), size, reduce="mean")


def spoils_its_picture(x, size):
    result = cut_at_the_rim(x, size)
    x[:] = 0
    return result


def whole_numbers(function):
    """Write what a function returns into an array of whole numbers."""

    def cut(*given):
        right = np.asarray(function(*given))
        result = np.zeros(right.shape, dtype=int)
        result[:] = right
        return result

    return cut


def draws_lots(window):
    """Stochastic pooling: the larger a number, the more often it is drawn."""
    return np.random.default_rng().choice(window, p=window / window.sum())


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


@pytest.mark.parametrize("exercise", EXERCISES[:6])
def test_the_solution_is_correct(exercise):
    verdict = exercise.judge(solved(exercise))
    assert verdict.state == "correct"
    assert str(verdict).startswith("Correct: ")


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., None, lambda x, size, stride: ..., lambda x, size, stride: None],
    "q2": [..., None, lambda x, size: ..., lambda x, size: None],
    "q3": [..., None, dict.fromkeys(RIGHT, ...), [...] * 6],
    "q4": [..., None, dict.fromkeys(POOLINGS, ...)],
    "q5": [..., None, (..., ...), [None, ...]],
    "q6": [..., None, lambda x, upstream: ..., lambda x, upstream: None],
    "q7": [..., None, lambda window: ..., lambda window: None],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    # max pooling by hand
    (ex.p1, [[1, 3], [2, 0]], "the smallest"),
    (ex.p1, [[3.5, 5.5], [4.5, 2.5]], "the means"),
    (ex.p1, [[6, 7], [8, 5]], "exchanged"),
    (ex.p1, [[6, 7, 8], [7, 7, 8], [7, 6, 5]], "move by 1"),
    (ex.p1, [[1, 3], [7, 5]], "upper left"),
    (ex.p1, [6, 8, 7, 5], "in two rows"),
    (ex.p1, [[6, 8], [7, 4]], "you have 3 of 4 numbers right"),
    # a shape
    (ex.p2, (6, 5), "that is `same`"),
    (ex.p2, (4, 3), r"\+ 1"),
    (ex.p2, (3, 3), "that touch"),
    (ex.p2, (9, 7), "stride 1"),
    (ex.p2, (4, 5), "rows come first"),
    (ex.p2, (5, 4, 1), "no channels here"),
    (ex.p2, (1, 5, 4, 1), "no channels here"),
    (ex.p2, [[4, 5]], "rows come first"),
    (ex.p2, [[[5, 4]]], r"an array of shape \(1, 1, 2\) came"),
    (ex.p2, (6, 6), "Where does the first window"),
    (ex.p2, "5, 4", "without quotation marks"),
    # padding is empty
    (ex.p3, 2, "as if the added cells were zeros"),
    (ex.p3, 4, "How many real numbers"),
    (ex.p3, 0, "empty, not zeros"),
    (ex.p3, 32, "added up"),
    (ex.p3, -8, "a sum divided by a count"),
    # a dot on the move
    (ex.p4, "b", "the pooled dot jumps"),
    (ex.p4, "c", "crosses"),
    (ex.p4, "d", "is not noticed"),
    (ex.p4, "to the left", "choose one of"),
    (ex.p4, 4, "choose one of"),
    # a black line
    (ex.p5, "a", "the smallest"),
    (ex.p5, "gray", "choose one of"),
    (ex.p5, "a gray line", "mixes nothing"),
    (ex.p5, "A grey line", "mixes nothing"),
    (ex.p5, "b", "the mean of black and white"),
    (ex.p5, 0, "choose one of"),
    # a gradient that comes twice
    (ex.p6, 1, "in how many"),
    (ex.p6, 4, "in the first row"),
    (ex.p6, 9, "its own windows"),
    (ex.p6, 0.5, "mean pooling"),
    (ex.p6, 256, "its value"),
    (ex.p6, -2, "count the windows"),
    # pooling by one's own code
    (ex.q1, lambda x, k, s: pool2d(x, k, stride=s, reduce="mean"), "mean pooling"),
    (ex.q1, lambda x, k, s: windows(x, k, s).min(axis=(2, 3)), "smallest"),
    (ex.q1, lambda x, k, s: windows(x, k, s).sum(axis=(2, 3)), "its sum"),
    (ex.q1, lambda x, k, s: np.abs(windows(x, k, s)).max(axis=(2, 3)), "signs are"),
    (ex.q1, lambda x, k, s: windows(x, k, s)[..., 0, 0], "upper left corner"),
    (ex.q1, lambda x, k, s: np.zeros_like(maximum(x, k, s)), "all results are 0"),
    (ex.q1, starts_from(0), "lie below 0, 0 comes out.*not from 0"),
    (ex.q1, starts_from(-1), "lie below −1, −1 comes out"),
    (ex.q1, starts_from(-20), "lie below −20, −20 comes out"),
    (ex.q1, starts_from(-255), "lie below −255, −255 comes out"),
    (ex.q1, starts_from(-1e9), "not from −1,000,000,000"),
    (ex.q1, furthest_from_zero, "furthest from 0 is taken: −9 beats 2"),
    (ex.q1, more_windows_than_fit, "one of your windows is empty.*windows fit"),
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
    (ex.q1, lambda x, k, s: pool2d(x, k, stride=s, padding="same"), "as with `same`"),
    (ex.q1, whole_numbers(maximum), "fractions are gone: −?\\d+ came back.*dtype=int"),
    (ex.q1, lambda x, k, s: np.rint(maximum(x, k, s)), "Its window holds"),
    (ex.q1, one_wrong_cell, r"result \[1, 0\] is −?[\d.]+\. Its window holds"),
    (ex.q1, in_place, "changes the picture"),
    (ex.q1, lambda x, k, s: maximum(x, min(3, *x.shape), s), r"2 × 2 windows fit, but"),
    (ex.q1, lambda x: x, "TypeError"),
    (ex.q1, np.zeros((2, 2)), "a function is wanted"),
    # mean pooling by one's own code
    (ex.q2, whole_numbers(cut_at_the_rim), "fractions are gone.*dtype=int"),
    (ex.q2, filled_with_zeros, r"size · size, as if zeros"),
    (ex.q2, lambda x, k: k * k * filled_with_zeros(x, k), "gives its sum"),
    (ex.q2, lambda x, k: pool2d(x, k, reduce="mean"), "dropped, as with `valid`"),
    (ex.q2, lambda x, k: cut_at_the_rim(x, k, np.max), "this is max pooling"),
    (ex.q2, lambda x, k: np.abs(cut_at_the_rim(x, k)), "The mean of negative"),
    (ex.q2, lambda x, k: cut_at_the_rim(np.abs(x), k), "have mean 0"),
    (ex.q2, lambda x, k: np.maximum(cut_at_the_rim(x, k), 0), "may be negative"),
    (ex.q2, one_window_more, "2 × 2 windows, but 3 × 3 came.*one too many"),
    (ex.q2, lambda x, k: np.nan_to_num(one_window_more(x, k)), "one too many"),
    (ex.q2, lambda x, k: cut_at_the_rim(x, k) * np.nan, "NaN"),
    (ex.q2, lambda x, k: cut_at_the_rim(x, 2), "always 2 × 2"),
    (ex.q2, lambda x, k: pool2d(x, k, stride=1, reduce="mean"), "move by 1"),
    (ex.q2, lambda x, k: pool2d(x, k, padding="same", reduce="mean"), "as Keras does"),
    (ex.q2, lambda x, k: cut_at_the_rim(x, k).T, "exchanged"),
    (ex.q2, lambda x, k: 0 * cut_at_the_rim(x, k), "all results are 0"),
    (ex.q2, lambda x, k: x.mean(), "one number came"),
    (ex.q2, lambda x, k: x, "as it was"),
    (ex.q2, lambda x, k: cut_at_the_rim(x, k, np.median), r"holds .*, with mean"),
    (ex.q2, lambda x, k: cut_at_the_rim(x, k)[:-1], r"2 × 2 windows, the cut-off ones"),
    (ex.q2, spoils_its_picture, "changes the picture"),
    (ex.q2, lambda x: x, "TypeError"),
    (ex.q2, 5.5, "a function is wanted"),
    # predictions
    (ex.q3, {**RIGHT, "max": 0}, "negative too"),
    (ex.q3, {**RIGHT, "max": -8}, "number line"),
    (ex.q3, {**RIGHT, "max": -4}, "−4 is the mean"),
    (ex.q3, {**RIGHT, "max": 7}, "is not 7"),
    (ex.q3, {**RIGHT, "mean": -16}, "sum"),
    (ex.q3, {**RIGHT, "mean": -1}, "is the largest"),
    (ex.q3, {**RIGHT, "mean": -3}, "is not −3. Add all four"),
    (ex.q3, {**RIGHT, "three times": 4}, "`same` makes.*the 7 is dropped"),
    (ex.q3, {**RIGHT, "three times": 3.5}, "does `valid` do with what is left"),
    (ex.q3, {**RIGHT, "three times": 14}, "after one pooling"),
    (ex.q3, {**RIGHT, "three times": 5}, "5 is not the size"),
    (ex.q3, {**RIGHT, "three times, same": 3}, "half empty"),
    (ex.q3, {**RIGHT, "three times, same": 28}, "stride 1 only"),
    (ex.q3, {**RIGHT, "three times, same": 7}, "after two poolings"),
    (ex.q3, {**RIGHT, "three times, same": 14}, "after one pooling"),
    *(
        (ex.q3, {**RIGHT, "three times, same": n}, "keeps every pixel.*round up")
        for n in (8, 6, 5, 2)
    ),
    (ex.q3, {**RIGHT, "window 3, stride 2": 14}, "`same` makes. Where does the last"),
    (ex.q3, {**RIGHT, "window 3, stride 2": 12}, r"\+ 1"),
    (ex.q3, {**RIGHT, "window 3, stride 2": 9}, "overlap"),
    (ex.q3, {**RIGHT, "global": 1}, "How many channels"),
    (ex.q3, {**RIGHT, "global": 5}, "not how many"),
    (ex.q3, {**RIGHT, "global": ...}, "still waits"),
    (ex.q3, {"max": -1}, 'no entry "mean"'),
    (ex.q3, {**RIGHT, "max": "-1"}, "without quotation marks"),
    (ex.q3, dict.fromkeys(RIGHT, 0), "negative too"),
    (ex.q3, [-1, -4, 3], r"shape \(3,\)"),
    # poolings of a wanted size
    (ex.q4, {**POOLINGS, "26 to 12": (2, 2, "same")}, "makes 13 of 26, not 12"),
    (ex.q4, {**POOLINGS, "26 to 12": (2, 2, "valid")}, "makes 13 of 26, not 12"),
    (ex.q4, {**POOLINGS, "28 to 10": (1, 3, "valid")}, "only skips pixels"),
    (ex.q4, {**POOLINGS, "28 to 10": (2, 3, "same")}, "1 of every 3"),
    (ex.q4, {**POOLINGS, "28 to 10": (3, 3, "valid")}, "makes 9 of 28"),
    (ex.q4, {**POOLINGS, "7 to 1": (8, 1, "valid")}, "does not fit"),
    (ex.q4, {**POOLINGS, "7 to 1": (0, 1, "valid")}, "is 0; it must be at least 1"),
    (ex.q4, {**POOLINGS, "7 to 1": (7, 2.5, "valid")}, "2.5; a whole number"),
    (ex.q4, {**POOLINGS, "7 to 1": (7, 7, "full")}, '"valid" or "same"'),
    (ex.q4, {**POOLINGS, "7 to 1": np.array((8, 1, "valid"))}, "does not fit"),
    (ex.q4, {**POOLINGS, "7 to 1": np.array(("a", 7, "valid"))}, "is text"),
    (ex.q4, {**POOLINGS, "7 to 1": ("7", 7, "valid")}, "without quotation marks"),
    (ex.q4, {**POOLINGS, "7 to 1": (7, 7)}, "three things"),
    (ex.q4, {**POOLINGS, "7 to 1": ...}, "still waits"),
    (ex.q4, {**POOLINGS, "7 to 1": (7, ..., "valid")}, "three dots"),
    (ex.q4, dict.fromkeys(POOLINGS, (0, 0, "valid")), "at least 1"),
    (ex.q4, {"26 to 12": (2, 2, "valid")}, 'no entry "28 to 10"'),
    (ex.q4, (2, 2, "valid"), "a dictionary"),
    # a counter-example
    (ex.q5, (dot(4, 4), (0, 1)), "every window keeps its largest number"),
    (ex.q5, (np.pad(np.ones((3, 3)), (2, 3)), (0, 1)), "every window keeps"),
    (ex.q5, (np.zeros((8, 8)), (0, 1)), "zeros looks the same"),
    (ex.q5, (np.ones((8, 8)), (0, 1)), "same everywhere"),
    (ex.q5, (-dot(4, 4), (1, 0)), "never wins"),
    (ex.q5, (np.eye(8), (0, 1)), "leaves the frame"),
    (ex.q5, (dot(4, 5), (0, 0)), "moves nothing"),
    (ex.q5, (dot(4, 5), 0), "moves nothing"),
    (ex.q5, (dot(4, 4), (0, 2)), "shifts of one pixel"),
    (ex.q5, (dot(4, 4), (0, 0.5)), "two whole numbers"),
    (ex.q5, (dot(4, 4), (1, 1, 1)), "two whole numbers"),
    (ex.q5, (dot(1, 1, side=3), (0, 1)), "4 to 64"),
    (ex.q5, (dot(4, 7, side=9), (0, 1)), r"shape \(9, 9\).*Take even numbers"),
    (ex.q5, (np.pad(np.ones((3, 4)), 2), (0, 1)), r"shape \(7, 8\).*even numbers"),
    (ex.q5, (np.ones((9, 9, 3)), (0, 1)), "rows and columns"),
    (ex.q5, (dot(4, 4), ...), "three dots"),
    (ex.q5, dot(4, 4), "two things"),
    # a gradient on its way back
    (ex.q6, whole_numbers(max_gradient), "fractions are gone.*dtype=int"),
    (ex.q6, lambda x, g: np.abs(max_gradient(x, g)), "the signs are gone"),
    (ex.q6, lambda x, g: max_gradient(np.abs(x), g), "furthest from 0"),
    (ex.q6, lambda x, g: upsample2d(g) / 4, "mean pooling, which shares"),
    (ex.q6, lambda x, g: upsample2d(g), "the whole gradient"),
    (ex.q6, lambda x, g: np.zeros(x.shape), "nothing would ever be learned"),
    (ex.q6, lambda x, g: max_gradient(x, g) * (x > 0), "winners below 0 get nothing"),
    (ex.q6, lambda x, g: winners(x), "each gets 1"),
    (ex.q6, lambda x, g: winners(x) * x, "their own values"),
    (ex.q6, lambda x, g: winners(x) * upsample2d(g) / 4, "a quarter only"),
    (ex.q6, lambda x, g: max_gradient(-x, g), "smallest number"),
    (ex.q6, lambda x, g: winners(x) * upsample2d(g) * x, "multiply by their values"),
    (ex.q6, one_wrong_pixel, r"should get −?[\d.]+; it got"),
    (ex.q6, spoils_upstream, "changes what it is given"),
    (ex.q6, lambda x, g: g, r"shape \(4, 4\) is wanted"),
    (ex.q6, lambda x: x, "TypeError"),
    # a pooling of one's own
    (ex.q7, lambda w: w, "one number"),
    (ex.q7, lambda w: 0, "0 for every window"),
    (ex.q7, lambda w: np.nan, r"of the window \d+, .* my_pooling makes NaN"),
    (ex.q7, lambda w: (w**2).sum() / w.sum(), "the window 0, 0, 0, 0 my.* makes NaN"),
    (ex.q7, lambda w: w.std() / w.mean(), "of the window 0, 0, 0, 0 .* makes NaN"),
    (ex.q7, lambda w: np.log(w.mean()), "0, 0, 0, 0 .* infinite.* the logarithm of 0"),
    (
        ex.q7,
        lambda w: (w - w.min()) / (w.max() - w.min()) @ w,
        "of the window 100, 100, 100, 100 my_pooling makes NaN: do you divide by 0",
    ),
    (ex.q7, lambda w: "text", "text"),
    (ex.q7, lambda a, b: a, "TypeError"),
    (ex.q7, 3, "a function is wanted"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_five_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 5


OTHER_RIGHT = [
    (ex.q1, maximum),
    (ex.q1, lambda x, k, s: windows(x, k, s).max(axis=(2, 3)).tolist()),
    (ex.q2, cut_at_the_rim),
    (ex.q2, lambda x, k: cut_at_the_rim(x, k).tolist()),
    (ex.p1, np.array([[6, 8], [7, 5]])),
    (ex.p2, [5, 4]),
    (ex.p2, [[5, 4]]),
    (ex.p2, np.array([[5, 4]])),
    (ex.p3, 8.0),
    (ex.p4, "when it moves to the left"),
    (ex.p5, "**c**: nothing: all is white"),
    (ex.q3, list(RIGHT.values())),
    (ex.q3, {name: np.float32(value) for name, value in RIGHT.items()}),
    (ex.q4, {**POOLINGS, "26 to 12": (3, 2, "valid"), "28 to 10": [10, 2, "valid"]}),
    (ex.q4, {**POOLINGS, "26 to 12": (15, 1, "valid"), "7 to 1": (7, 1, "valid")}),
    (ex.q4, {**POOLINGS, "28 to 10": np.array([9, 2, "valid"], object)}),
    (ex.q4, {**POOLINGS, "28 to 10": (19, 1, "valid"), "7 to 1": (7, 7, "same")}),
    (ex.q4, {**POOLINGS, "7 to 1": (5, 3, "valid")}),
    (ex.q4, {**POOLINGS, "7 to 1": (7, 7, "VALID"), "28 to 10": (3, 3, " Same ")}),
    (ex.q4, {**POOLINGS, "7 to 1": np.array((7, 7, "valid"))}),
    (ex.q5, (dot(4, 5), 1)),
    (ex.q5, [dot(4, 4).tolist(), [0, -1]]),
    (ex.q5, (dot(4, 4) - dot(2, 5), np.array([-1, 0]))),
    (ex.q5, (-np.pad(np.ones((2, 2)), ((3, 3), (2, 4))), (1, 0))),
    (ex.q5, (np.pad(np.ones((4, 4)), 2), (0, 1))),
    (ex.q5, (np.pad(np.ones((4, 3)), ((2, 2), (2, 3))), (0, -1))),
    (ex.q5, (dot(5, 5), (1, 1))),
    (ex.q6, max_gradient),
    (ex.q6, lambda x, g: winners(x) * upsample2d(g)),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


def test_a_counter_example_hears_what_else_holds():
    said = ex.q5.judge((dot(4, 5), (0, 1))).message
    assert "shifted 1 right" in said
    assert "changes in 2 of 16 numbers" in said
    assert "shifted 1 left or 1 down changes nothing" in said
    assert "Global max pooling would not have noticed" in said
    square = np.pad(np.ones((4, 4)), 2)
    assert "changes nothing" not in ex.q5.judge((square, (0, 1))).message


def test_a_pooling_hears_what_it_leaves_out():
    said = ex.q4.judge({**POOLINGS, "26 to 12": (3, 2, "valid")}).message
    assert "26 to 12 with (3, 2, valid), 1 left out at the rim; 28 to 10" in said
    assert "left out" not in ex.q4.judge(POOLINGS).message


def test_what_stands_there_as_an_example_is_no_answer():
    for text in (ex.q4.stub, ex.q4.judge({**POOLINGS, "7 to 1": (7, 7)}).message):
        example = (4, 1, "valid")
        assert '(4, 1, "valid")' in text
        for name in POOLINGS:
            verdict = ex.q4.judge({**POOLINGS, name: example})
            assert f'"{name}": window 4' in verdict.message


def test_questions_follow_the_arithmetic():
    rows = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [7, 6, 5, 4], [3, 2, 1, 0]])
    assert ex.p1.answer == pool2d(rows).tolist()
    assert list(pool2d(np.zeros((11, 9)), 3, stride=2).shape) == ex.p2.answer
    corner = pool2d(np.pad([[8]], (4, 0)), padding="same", reduce="mean")[-1, -1]
    assert corner == ex.p3.answer
    stays = [(pool2d(dot(0, 5)) == pool2d(dot(0, to))).all() for to in (4, 6)]
    assert (ex.p4.answer, stays) == ("a", [True, False])
    assert (ex.p5.answer, np.ptp(pool2d(1 - np.eye(8)))) == ("c", 0)
    first = [[110, 256, 153, 67], [12, 89, 88, 43], [10, 15, 50, 55], [23, 9, 49, 23]]
    received = pool2d_gradient(first, np.ones((3, 3)), 2, stride=1)
    assert received[0, 1] == ex.p6.answer


def test_the_first_picture_has_windows_of_either_sign():
    """So that what errs with signs is seen to, before anything else."""
    for exercise in (ex.q1, ex.q2, ex.q6):
        wanted = exercise.reference(*exercise.cases()[0])
        assert (wanted < 0).any()
        assert (wanted > 0).any()


def test_every_number_that_is_tried_has_fractions_and_signs():
    for exercise in (ex.q1, ex.q2, ex.q6):
        for x, *_ in exercise.cases():
            assert (x < 0).any()
            assert (x % 1 != 0).any()
            wanted = exercise.reference(x, *_)
            assert (wanted % 1 != 0).any()


def test_a_rule_that_knows_no_signs_is_told_from_the_maximum():
    by_size = ex.q7.judge(lambda w: np.abs(w).max()).message
    assert "the maximum. But only where no number is negative: of −" in by_size
    kept = ex.q7.judge(lambda w: w[np.abs(w).argmax()]).message
    assert re.search(r"is negative: of .*−\d+.* it makes −\d+", kept)
    assert "negative" not in ex.q7.judge(np.max).message
    rooted = ex.q7.judge(lambda w: w.mean() if (w >= 0).all() else np.nan).message
    assert "is negative: of negative ones it makes no number" in rooted


def test_a_rule_that_draws_lots_is_no_matter_of_places():
    said = ex.q7.judge(draws_lots)
    assert said.state == "described"
    assert "It draws lots: the window" in said.message
    assert "each a number of the window" in said.message
    assert "matters where" not in said.message
    noisy = ex.q7.judge(lambda w: w.mean() + np.random.default_rng().normal())
    assert "draws lots" in noisy.message
    assert "each a number" not in noisy.message
    slightly = ex.q7.judge(lambda w: w[0] + 1e-2 * np.random.default_rng().random())
    told = re.search(r"gave (\S+) one time and ([^\s,]+) another", slightly.message)
    low, high = told.groups()
    assert float(low) < float(high)


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
        (
            np.max,
            ("the maximum", "keep their", "100% of its", "with 0%", "average 1 of"),
        ),
        (
            np.mean,
            (
                "the mean",
                "It is linear",
                "becomes 4.78 and moves the average by +0.",
            ),
        ),
        (np.min, ("the minimum", "with 0% of its", "not linear")),
        (np.median, ("the median", "keep their brightness", "on average 2 of the 4")),
        (np.sum, ("the sum", "100 becomes 400", "linear")),
        (np.ptp, ("spread", "100 becomes 0", "none can show")),
        (
            solved(ex.q7),
            ("between mean and maximum, on average 50%", "on average 4 of"),
        ),
        (lambda w: w[0], ("is the upper left number: a stride", "It is linear")),
        (lambda w: w[1], ("is the upper right number", "It matters where")),
        (lambda w: w[2], ("is the lower left number", "on average 1 of the 4")),
        (lambda w: w[3], ("is the lower right number", "with 25%")),
        (lambda w: abs(w[0]), ("is the upper left number", "no number is negative")),
        (lambda w: w @ [0.7, 0.1, 0.1, 0.1], ("most like the upper left number.",)),
        (lambda w: 7, ("7 for every window", "and a bias could do the same")),
        (lambda w: w.mean() + 5, ("moves the average by +0.", "and a bias")),
        (lambda w: 255 - w.max(), ("runs against the maximum: where that is large",)),
        (
            lambda w: -w.max(),
            ("against the maximum", "100 becomes −100.", "average by −"),
        ),
        (
            lambda w: -w.mean(),
            ("against the mean", "average by +0.", "with 25% of its"),
        ),
        (np.argmax, ("like none of the well-known ones",)),
        (lambda w: w[0] + w[2] - w[1] - w[3], ("like none of", "none can show")),
        (lambda w: np.exp(w / 20).max(), ("most like",)),
        (lambda w: w.max() - 1e-4 * w.mean(), ("comes through with 100%", "with 0%")),
    ]:
        verdict = ex.q7.judge(function)
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
    answers = [*GARBAGE, *odd]
    if exercise is ex.p4:  # there "a" is right
        answers = [one for one in answers if not is_letter(one)]
    judged.hears_something(
        exercise, answers, capsys, 1000 if exercise is ex.q7 else 600
    )


def is_letter(answer):
    """An array that holds one letter, which in a choice may be the right one."""
    return isinstance(answer, np.ndarray) and answer.dtype.kind == "U"


def test_random_answers_never_raise():
    rng = np.random.default_rng(4)
    for _ in range(20):
        for exercise, answer in (
            (ex.q3, rng.integers(-9, 30, 6)),
            (ex.q4, {name: (*rng.integers(0, 9, 2), "same") for name in POOLINGS}),
            (ex.q5, (rng.integers(-1, 2, (6, 6)), rng.integers(-2, 3, 2))),
        ):
            assert exercise.judge(answer).message


def test_answers_are_not_changed():
    picture, shift = dot(4, 5), np.array([0, 1])
    ex.q5.judge((picture, shift))
    np.testing.assert_array_equal(picture, dot(4, 5))
    assert shift.tolist() == [0, 1]
    for exercise, answer in ((ex.q3, dict(RIGHT)), (ex.q4, dict(POOLINGS))):
        kept = dict(answer)
        exercise.judge(answer)
        assert answer == kept


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
