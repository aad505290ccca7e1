import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_02 as ex

ALL = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5]
SHAPES = {key: ex.q2.shape(key) for key in ex.q2.keys}
COUNTS = dict(ex.q3.truth)
SETTINGS = {"keep": (1, 3), "halve": (2, 1), "dilated": (1, 2)}


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


# ---- right, and right in another way ----


@pytest.mark.parametrize("exercise", ALL[:4])
def test_the_solution_is_correct(exercise):
    verdict = exercise.judge(solved(exercise))
    assert verdict.state == "correct"
    assert str(verdict).startswith("Correct: ")


def loops(image, kernel):
    kh, kw = kernel.shape
    rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    return [
        [(image[i : i + kh, j : j + kw] * kernel).sum() for j in range(columns)]
        for i in range(rows)
    ]


def windows(image, kernel):
    view = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijab,ab->ij", view, kernel)


OTHER_RIGHT = [
    (ex.q1, loops),
    (ex.q1, windows),
    (ex.q1, ops.conv2d),
    (ex.q1, lambda image, kernel: ops.conv2d(image, kernel).astype(np.float32)),
    (ex.q2, {key: list(shape) for key, shape in SHAPES.items()}),
    (ex.q2, {key: np.array(shape) for key, shape in SHAPES.items()}),
    (ex.q3, {key: float(count) for key, count in COUNTS.items()}),
    (ex.q3, {key: np.int64(count) for key, count in COUNTS.items()}),
    (ex.q4, {key: list(pair) for key, pair in SETTINGS.items()}),
    (ex.q4, {key: np.array(pair).tolist() for key, pair in SETTINGS.items()}),
]


@pytest.mark.parametrize(("exercise", "answer"), OTHER_RIGHT)
def test_another_right_way_is_right(exercise, answer):
    assert exercise.judge(answer).state == "correct"


# ---- not tried ----

STUBS = {
    "q1": [..., None, lambda image, kernel: ..., lambda image, kernel: None],
    "q2": [..., None, dict.fromkeys(SHAPES, ...), dict.fromkeys(SHAPES, (..., ...))],
    "q3": [..., None, dict.fromkeys(COUNTS, ...)],
    "q4": [..., None, dict.fromkeys(SETTINGS, (..., ...))],
    "q5": [..., None, [(..., ..., ...)]],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


# ---- wrong, and told why ----


def only_square(image, kernel):
    n = len(kernel)
    rows, columns = image.shape[0] - n + 1, image.shape[1] - n + 1
    answers = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            answers[i, j] = (image[i : i + n, j : j + n] * kernel).sum()
    return answers


def only_square_quietly(image, kernel):
    if kernel.shape[0] == kernel.shape[1]:
        return ops.conv2d(image, kernel)
    return None


def short_loops(image, kernel):
    return ops.conv2d(image, kernel)[:-1, :-1] if image.shape != kernel.shape else 0


def bound_without_one(image, kernel):
    answers = np.zeros(np.subtract(image.shape, kernel.shape) + 1)
    answers[:-1, :-1] = ops.conv2d(image, kernel)[:-1, :-1]
    return answers


def changes_the_image(image, kernel):
    answers = ops.conv2d(image, kernel)
    image[: answers.shape[0], : answers.shape[1]] = answers
    return answers


def same(image, kernel):
    return ops.conv2d(image, kernel, padding="same")


def other(right, **changes):
    return {**right, **changes}


WRONG = [
    # corr2d
    (ex.q1, lambda x, k: np.zeros(np.subtract(x.shape, k.shape) + 1), "answers are 0"),
    (ex.q1, lambda x, k: ops.conv2d(x, k[::-1, ::-1]), "kernel is flipped"),
    (ex.q1, short_loops, r"came shape \(1, 1\).*One row and one column are missing"),
    (ex.q1, bound_without_one, "last row and column of the answers were never"),
    (ex.q1, only_square, "square kernels work.*raised"),
    (ex.q1, only_square_quietly, "square kernels work.*nothing comes back"),
    (ex.q1, same, "stay inside the image"),
    (
        ex.q1,
        lambda x, k: ops.conv2d(x, k.T) if k.size > 1 else 1,
        "is laid on its side",
    ),
    (ex.q1, lambda x, k: ops.conv2d(x, k[:, ::-1]), "mirrored left to right"),
    (ex.q1, lambda x, k: ops.conv2d(x, k[::-1]), "kernel is upside down"),
    (ex.q1, lambda x, k: ops.conv2d(x, k) / k.size, "4th of what.*not their mean"),
    (ex.q1, lambda x, k: ops.conv2d(x, k).astype(int), "fractions are gone"),
    (ex.q1, lambda x, k: ops.conv2d(x, k, padding=1), "H − kh"),
    (ex.q1, lambda x, k: ops.conv2d(x, k).T, "answers are right, but rows and columns"),
    (ex.q1, lambda x, k: np.array([[19.0, 25], [37, 43]]), r"shape \(2, 2\)"),
    (ex.q1, lambda x, k: ops.conv2d(x, k)[0, 0], r"shape \(\)"),
    (ex.q1, lambda x, k: ops.conv2d(x, k) + 1, "4 of 4 answers are wrong. The first"),
    (ex.q1, changes_the_image, "changes the image"),
    (ex.q1, lambda x: x, "TypeError"),
    (ex.q1, np.ones((2, 2)), "a function is wanted"),
    # shapes
    (ex.q2, other(SHAPES, plain=(26, 26)), "three numbers"),
    (ex.q2, other(SHAPES, plain=(28, 28, 8)), "fit inside"),
    (ex.q2, other(SHAPES, plain=(25, 25, 8)), r"forget the \+ 1"),
    (ex.q2, other(SHAPES, plain=(26, 26, 1)), "How many filters"),
    (ex.q2, other(SHAPES, plain=(26, 26, 3)), "Each filter gives one channel"),
    (ex.q2, other(SHAPES, same=(28, 28, 16)), "“same” keep"),
    (ex.q2, other(SHAPES, same=(32, 32, 48)), "not 3"),
    (ex.q2, other(SHAPES, same=(32, 32, 3)), "channels of the input are used up"),
    (ex.q2, other(SHAPES, stride=(14, 14, 4)), "round down"),
    (ex.q2, other(SHAPES, stride=(20, 20, 4)), "How many places"),
    (ex.q2, other(SHAPES, same_stride=(7, 10, 6)), "rounded up"),
    (ex.q2, other(SHAPES, same_stride=(10, 8, 6)), "Rows come first"),
    (ex.q2, other(SHAPES, dilated=(26, 26, 2)), "reach over"),
    (ex.q2, other(SHAPES, plain=(None, 26, 26, 8)), "first of the four numbers"),
    (ex.q2, other(SHAPES, plain=(8, 26, 26)), "channels last"),
    (ex.q2, other(SHAPES, dilated=...), '"dilated" still waits'),
    (ex.q2, {"plain": (26, 26, 8)}, 'no entry "same"'),
    (ex.q2, dict.fromkeys(SHAPES, (0, 0, 0)), "does not give"),
    (ex.q2, list(SHAPES.values()), "a dictionary is wanted"),
    # parameters
    (ex.q3, other(COUNTS, dense=10_000_000), "a bias too"),
    (ex.q3, other(COUNTS, dense=10_000_001), "Not one bias for all"),
    (ex.q3, other(COUNTS, dense=10_001), "How many are there"),
    (ex.q3, other(COUNTS, dense=11_000), "a weight for each pixel"),
    (ex.q3, other(COUNTS, first=225), "a bias too"),
    (ex.q3, other(COUNTS, second=500), "kernel for every channel"),
    (ex.q3, other(COUNTS, colour=26 * 64), "kernel for every channel"),
    (ex.q3, other(COUNTS, colour=1), "Count the numbers under one filter"),
    (ex.q3, other(COUNTS, larger=4 * 4864), "has anything changed"),
    (ex.q3, other(COUNTS, larger=...), "still waits"),
    (ex.q3, dict.fromkeys(COUNTS, 0), '"dense" is not 0'),
    (ex.q3, other(COUNTS, first="250"), "without quotation marks"),
    (ex.q3, other(COUNTS, first=max), '"first" should be a number; a function came'),
    # stride and padding
    (ex.q4, other(SETTINGS, keep=(1, 0)), "padding 0, 8 pixels become 2; 8 are wanted"),
    (ex.q4, other(SETTINGS, keep=(1, 4)), "too much padding"),
    (ex.q4, other(SETTINGS, keep=(2, 3)), "which stride"),
    (ex.q4, other(SETTINGS, keep=(1, "same")), "leaves the counting to Keras"),
    (ex.q4, other(SETTINGS, keep=3), "two numbers in brackets"),
    (ex.q4, other(SETTINGS, keep=(1, ...)), "The other still waits"),
    (ex.q4, other(SETTINGS, halve=(2, 0)), "More padding"),
    (ex.q4, other(SETTINGS, halve=(1, 1)), "which stride"),
    (ex.q4, other(SETTINGS, halve=(0.5, 1)), "whole number"),
    (ex.q4, other(SETTINGS, dilated=(1, 1)), "More padding"),
    (ex.q4, other(SETTINGS, keep=(1, -3)), "at least 0"),
    (ex.q4, other(SETTINGS, keep=(1, 10**9)), "makes sense"),
    (ex.q4, dict.fromkeys(SETTINGS, (0, 0)), "at least 1"),
    # a stack of one's own
    (ex.q5, [], "a list of layers"),
    (ex.q5, [(16, 3)], "layer 1 needs three numbers"),
    (ex.q5, [(16, 3, 1), (0, 0, 0)], "number of filters of layer 2 is 0"),
    (ex.q5, [(0, 0, 0)], "at least 1"),
    (ex.q5, [(16, 3.5, 1)], "whole number"),
    (ex.q5, [(16, 99, 1)], "too large"),
    (ex.q5, [(16, 3, 1)] * 13, "13 layers are many"),
    (ex.q5, [(16, 3, ...)], "three dots"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_three_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 3


def test_the_praise_counts_the_pairs():
    assert f"tried on {len(ex.q1.cases())} pairs" in ex.q1.right


def test_the_truths_are_those_of_keras():
    """Shapes and parameters, counted by Keras."""
    keras = pytest.importorskip("keras")
    for key, (shape, filters, kernel, settings) in ex.q2.layers.items():
        layer = keras.layers.Conv2D(
            filters,
            kernel,
            strides=settings.get("stride", 1),
            padding=settings.get("padding", "valid"),
            dilation_rate=settings.get("dilation", 1),
        )
        assert layer.compute_output_shape((1, *shape))[1:] == SHAPES[key]
    layers = {
        "first": (keras.layers.Conv2D(25, 3), (1, 28, 28, 1)),
        "second": (keras.layers.Conv2D(50, 3), (1, 13, 13, 25)),
        "colour": (keras.layers.Conv2D(64, 5), (1, 100, 100, 3)),
        "larger": (keras.layers.Conv2D(64, 5), (1, 200, 200, 3)),
        "dense": (keras.layers.Dense(1000), (1, 100 * 100)),
    }
    for key, (layer, shape) in layers.items():
        layer.build(shape)
        assert layer.count_params() == COUNTS[key]


@pytest.mark.parametrize("key", SETTINGS)
def test_no_other_number_keeps_or_halves(key):
    """Of all small strides and padding one pair is right."""
    right = [
        (stride, padding)
        for stride in range(1, 5)
        for padding in range(8)
        if ex.q4.judge(other(SETTINGS, **{key: (stride, padding)})).state == "correct"
    ]
    assert right == [SETTINGS[key]]


# ---- an open exercise ----


def test_an_open_exercise_describes():
    for stack, said in [
        ([(16, 3, 1)], ("3×3, stride 1: 64×64×16, 448 parameters", "sees 3×3 pixels")),
        (solved(ex.q5), ("4×4×16", "sees 65×65 pixels", "as wide", "more maps")),
        (
            [(8, 3, 2), (16, 3, 2)],
            ("16×16×16", "fewer places, more maps", "fewer than one"),
        ),
        ([(2, 3, 2), (2, 3, 2)], ("512 come out.",)),  # fewer maps than channels
        ([(8, 3, 8), (8, 3, 1)], ("reaches over 19×19 pixels",)),
        ([(1, 3, 1)] * 3, ("7×7 pixels", "48 parameters in all, fewer")),
        ([(64, 3, 1), (64, 3, 1)], ("38,720 parameters in all, more than",)),
        ([(8, 5, 4), (8, 5, 4), (8, 5, 1)], ("as wide as the picture, or wider",)),
        ([(8, 64, 4), (8, 64, 4)], ("much of it is padding",)),
    ]:
        verdict = ex.q5.judge(stack)
        assert verdict.state == "described"
        for words in said:
            assert words in verdict.message
        assert str(verdict).startswith("Here is what")


# ---- whatever comes ----


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.filterwarnings("error")
def test_nothing_makes_a_check_raise(exercise, capsys):
    more = [
        dict.fromkeys((*SHAPES, *COUNTS, *SETTINGS), thing) for thing in GARBAGE
    ] + [[thing] for thing in GARBAGE]
    more += [[(thing, thing, thing)] for thing in GARBAGE]
    judged.hears_something(exercise, [*GARBAGE, *more], capsys)


def test_answers_are_not_changed():
    answer = dict(SETTINGS)
    ex.q4.judge(answer)
    assert answer == SETTINGS
    stack = [(16, 3, 1), (8, 3, 2)]
    ex.q5.judge(stack)
    assert stack == [(16, 3, 1), (8, 3, 2)]


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
