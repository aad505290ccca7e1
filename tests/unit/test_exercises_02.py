import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_02 as ex
from helpers.widgets import ConvolutionStepper, ReceptiveField

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6]
EXERCISES = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6, ex.q7]
ALL = [*QUESTIONS, *EXERCISES]
SHAPES = {key: ex.q2.shape(key) for key in ex.q2.keys}
COUNTS = dict(ex.q3.truth)
SETTINGS = {"keep": (1, 3), "halve": (2, 1), "dilated": (1, 2)}


def solved(exercise):
    """Run the code of a solution and return the last thing it names."""
    names = {"np": np}
    exec(exercise.answer, names)
    return list(names.values())[-1]


# ---- right, and right in another way ----


@pytest.mark.parametrize("exercise", EXERCISES[:6])
def test_the_solution_is_correct(exercise):
    verdict = exercise.judge(solved(exercise))
    assert verdict.state == "correct"
    assert str(verdict).startswith("Correct: ")


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


def loops(image, kernel):
    kh, kw = kernel.shape[:2]
    rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    return [
        [(image[i : i + kh, j : j + kw] * kernel).sum() for j in range(columns)]
        for i in range(rows)
    ]


def windows(image, kernel):
    view = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijab,ab->ij", view, kernel)


def loops_over_channels(image, kernel, bias):
    return sum(loops_of(image, kernel, c) for c in range(kernel.shape[2])) + bias


def loops_of(image, kernel, channel):
    return np.array(loops(image[:, :, channel], kernel[:, :, channel]))


def whole_windows(image, kernel, bias):
    answers = loops(image, kernel)  # a window has all channels, and so has the kernel
    return [[answer + bias for answer in row] for row in answers]


def from_the_top(layers):
    seen = 1
    for kernel, stride in reversed(layers):
        seen = (seen - 1) * stride + kernel
    return seen


def rows_asked_for(layers):
    first = last = 0
    for kernel, stride in layers[::-1]:
        first, last = first * stride, last * stride + kernel - 1
    return last - first + 1


def in_float32(image, kernel, bias=0):
    """Single precision, as in TensorFlow and Keras, added up from the last weight."""
    kh, kw = kernel.shape[:2]
    image, kernel = np.float32(image), np.float32(kernel)
    rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    answers = np.zeros((rows, columns), np.float32)
    for a, b in [*np.ndindex(kh, kw)][::-1]:
        products = image[a : a + rows, b : b + columns] * kernel[a, b]
        for channel in np.moveaxis(products.reshape(rows, columns, -1), -1, 0):
            answers += channel
    return answers + np.float32(bias)


OTHER_RIGHT = [
    (ex.q1, in_float32),
    (ex.q5, in_float32),
    (ex.p1, [2, 4]),
    (ex.p1, np.zeros((2, 4)).shape),
    (ex.p3, 112.0),
    (ex.q5, loops_over_channels),
    (ex.q5, whole_windows),
    (ex.q5, lambda image, kernel, bias: ops.conv2d(image, kernel, bias=bias)),
    (ex.q6, from_the_top),
    (ex.q6, rows_asked_for),
    (ex.q6, lambda layers: float(ops.receptive_field(layers))),
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
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., None, lambda image, kernel: ..., lambda image, kernel: None],
    "q2": [..., None, dict.fromkeys(SHAPES, ...), dict.fromkeys(SHAPES, (..., ...))],
    "q3": [..., None, dict.fromkeys(COUNTS, ...)],
    "q4": [..., None, dict.fromkeys(SETTINGS, (..., ...))],
    "q5": [
        ...,
        None,
        lambda image, kernel, bias: ...,
        lambda image, kernel, bias: None,
    ],
    "q6": [..., None, lambda layers: ..., lambda layers: None],
    "q7": [..., None, [(..., ..., ...)]],
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


def into_whole_numbers(image, kernel):
    answers = np.zeros(np.subtract(image.shape, kernel.shape) + 1, int)
    answers[:] = ops.conv2d(image, kernel)
    return answers


def into_bytes(image, kernel, bias=0):
    return (ops.conv2d(image, kernel) + bias).astype(int).astype(np.uint8)


def by_channel(change):
    """A right answer but for what becomes of the channels' maps and the bias."""

    def corr2d_channels(image, kernel, bias):
        maps = [loops_of(image, kernel, c) for c in range(kernel.shape[2])]
        return change(np.array(maps), bias)

    return corr2d_channels


def climbing(adds, steps=lambda step, stride: step * stride):
    """A walk up a stack that errs in what a layer adds, or in how steps grow."""

    def receptive_field(layers):
        seen, step = 1, 1
        for kernel, stride in layers:
            seen += adds(kernel, stride, step)
            step = steps(step, stride)
        return seen

    return receptive_field


def rows_read(layers):
    """The rows that one answer reads: those that a stride skips are missing."""
    rows = {0}
    for kernel, stride in layers[::-1]:
        rows = {row * stride + k for row in rows for k in range(kernel)}
    return rows


def changes_the_list(layers):
    seen = 1
    while layers:
        kernel, stride = layers.pop()
        seen = (seen - 1) * stride + kernel
    return seen


def one_off(image, kernel):
    answers = ops.conv2d(image, kernel)
    answers[0, 0] = -1
    return answers


def as_large_as_the_image(image, kernel, bias=0):
    answers = np.zeros_like(image)
    right = ops.conv2d(image, kernel) + bias
    for i, j in np.ndindex(right.shape):
        answers[i, j] = right[i, j]
    return answers


def at_every_place(product):
    """An answer that takes something else than the sum of the products."""

    def corr2d(image, kernel, bias=0):
        kh, kw = kernel.shape[:2]
        answers = np.zeros_like(ops.conv2d(image, kernel))
        for i, j in np.ndindex(answers.shape):
            window = image[i : i + kh, j : j + kw]
            answers[i, j] = product(window, kernel) + bias
        return answers

    return corr2d


def bias_with_every_product(image, kernel, bias):
    with_bias = at_every_place(lambda window, k: (window * k + bias).sum())
    return with_bias(image, kernel)


def bias_with_every_place(image, kernel, bias):
    kh, kw = kernel.shape[:2]
    return ops.conv2d(image, kernel) + kh * kw * bias


def unwritten(places):
    """A right answer but for the places that are left 0."""

    def corr2d(image, kernel, bias=0):
        answers = ops.conv2d(image, kernel) + bias
        answers[places] = 0
        return answers

    return corr2d


WRONG = [
    # how many places
    (ex.p1, (1, 3), "leaves out the first place"),
    (ex.p1, (4, 6), "stay inside"),
    (ex.p1, (4, 2), "rows come first"),
    (ex.p1, 8, "In how many rows"),
    (ex.p1, (5, 7), "At how many places does a row of 3"),
    (ex.p1, "2 × 4", "without quotation marks"),
    # turned or not
    (ex.p2, 1, "top left weight"),
    (ex.p2, 5, "the middle of the answers"),
    (ex.p2, 0, "with a corner"),
    (ex.p2, 3, "not at its top"),
    (ex.p2, 4, "what lies on the 1"),
    # a size
    (ex.p3, 111, "both sides together"),
    (ex.p3, 113, "rounded down"),
    (ex.p3, 112.5, "no half of a place"),
    (ex.p3, 109, "padding is missing"),
    (ex.p3, 224, "stride 1"),
    (ex.p3, 56, "p counts both sides"),
    (ex.p3, (112, 112), "2 numbers came; one is wanted. Give the number once"),
    (ex.p5, (4, 4), "2 numbers came; one is wanted. Give the number once"),
    (ex.p6, [7, 7], "2 numbers came; one is wanted. Give the number once"),
    # one by one
    (ex.p4, 16, "each of the 64 maps"),
    (ex.p4, 64, "There are 16"),
    (ex.p4, 1040, "the biases too"),
    (ex.p4, 28 * 28 * 1024, "share the weights"),
    (ex.p4, 9 * 1024, "would be 3 × 3"),
    (ex.p4, 1, "Times 16"),
    # a matrix
    (ex.p5, 9, "was the image of 5 × 5"),
    (ex.p5, 36, "How many rows"),
    (ex.p5, 144, "all nine weights together"),
    (ex.p5, 1, "once in each row"),
    (ex.p5, 4, "below each other"),
    (ex.p5, 25, "a row for each answer"),
    # a field
    (ex.p6, 5, "without the stride"),
    (ex.p6, 6, "windows overlap"),
    (ex.p6, 8, "so the last ends at"),
    (ex.p6, 9, "without overlap"),
    (ex.p6, 11, "Only strides below"),
    (ex.p6, 2, "three lower answers"),
    # corr2d
    (ex.q1, into_whole_numbers, "fractions are gone"),
    (ex.q1, into_bytes, "these are bytes"),
    (ex.q1, lambda x, k: np.abs(ops.conv2d(x, k)), "lost its sign"),
    (ex.q1, lambda x, k: np.maximum(ops.conv2d(x, k), 0), "has become 0"),
    (ex.q1, lambda x, k: ops.conv2d(x, np.abs(k)), "negative weights have lost"),
    (ex.q1, lambda x, k: ops.conv2d(np.abs(x), k), "negative pixels have lost"),
    (ex.q1, lambda x, k: ops.conv2d(x, 0 * k + 1), "multiplied by its weight"),
    (ex.q1, lambda x, k: np.zeros(np.subtract(x.shape, k.shape) + 1), "answers are 0"),
    (ex.q1, lambda x, k: ops.conv2d(x, k[::-1, ::-1]), "kernel is flipped"),
    (ex.q1, short_loops, r"came shape \(1, 1\).*One row and one column are missing"),
    (ex.q1, bound_without_one, "last row and column of the answers were never"),
    (ex.q1, only_square, "square kernels work.*raised"),
    (ex.q1, only_square_quietly, "square kernels work.*nothing comes back"),
    (ex.q1, same, "stay inside the image.*what “same” gives"),
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
    (ex.q1, lambda x, k: ops.conv2d(x, k)[0, 0], "one number.*`return` stand inside"),
    (ex.q1, lambda x, k: ops.conv2d(x, k) + 1, "4 of 4 numbers are wrong. The first"),
    (ex.q1, one_off, "1 of 4 numbers is wrong.*it is −1, and 19 is wanted"),
    (ex.q1, lambda x, k: ops.conv2d(x, k).round(2), "is rounded.*as it is"),
    (ex.q1, lambda x, k: ops.conv2d(x, k).round(4), "is rounded.*as it is"),
    (ex.q1, lambda x, k: ops.conv2d(x, k).astype(np.float16), "is rounded"),
    (ex.q1, as_large_as_the_image, "are right, but their array is as large as"),
    (ex.q1, lambda x, k: ops.conv2d(x, k)[None], "axes of length 1 are too many"),
    (ex.q1, lambda x, k: ops.conv2d(x, k)[None, ..., None], "axes of length 1"),
    (ex.q1, at_every_place(lambda window, k: (window @ k).sum()), "product of two"),
    (ex.q1, at_every_place(lambda window, k: np.dot(window, k).sum()), "product of"),
    (ex.q1, unwritten(np.s_[-1]), "the last row of the answers was never written"),
    (ex.q1, unwritten(np.s_[:, -1]), "the last column of the answers was never"),
    (ex.q1, changes_the_image, "changes the image"),
    (ex.q1, lambda x: x, "TypeError"),
    (ex.q1, np.ones((2, 2)), "a function is wanted"),
    # shapes
    (ex.q2, other(SHAPES, plain=(26, 26)), "three numbers"),
    (
        ex.q2,
        other(SHAPES, plain=(28, 28, 8)),
        "“same”.*fit inside, so the sides shrink",
    ),
    (ex.q2, other(SHAPES, plain=(25, 25, 8)), r"forget the \+ 1"),
    (ex.q2, other(SHAPES, plain=(26, 26, 1)), "How many filters"),
    (ex.q2, other(SHAPES, plain=(26, 26, 3)), "Each filter gives one channel"),
    (ex.q2, other(SHAPES, same=(28, 28, 16)), "“valid”.*“same” keep"),
    (ex.q2, other(SHAPES, same=(30, 30, 16)), "not give .*16.*“same” keep"),
    (ex.q2, other(SHAPES, same=(32, 32, 48)), "not 3"),
    (ex.q2, other(SHAPES, same=(32, 32, 3)), "channels of the input are used up"),
    (ex.q2, other(SHAPES, stride=(14, 14, 4)), "“same”.*round down"),
    (ex.q2, other(SHAPES, stride=(20, 20, 4)), "How many places"),
    (ex.q2, other(SHAPES, same_stride=(7, 10, 6)), "rounded up"),
    (ex.q2, other(SHAPES, same_stride=(7, 9, 6)), "“valid”.*rounded up"),
    (ex.q2, other(SHAPES, dilated=(28, 28, 2)), "“same”.*the sides shrink"),
    (ex.q2, other(SHAPES, same_stride=(10, 8, 6)), "Rows come first"),
    (ex.q2, other(SHAPES, dilated=(26, 26, 2)), "reach over"),
    (ex.q2, other(SHAPES, stride=(26, 26, 4)), "sides with stride 1.*moves by 2"),
    (ex.q2, other(SHAPES, stride=(28, 28, 4)), "sides with stride 1.*moves by 2"),
    (ex.q2, other(SHAPES, same_stride=(15, 20, 6)), "sides with stride 1"),
    (ex.q2, other(SHAPES, stride=(13.5, 13.5, 4)), "no part of a place: round down"),
    (ex.q2, other(SHAPES, stride=(12.5, 12.5, 4)), "no part of a place: round down"),
    (ex.q2, other(SHAPES, same_stride=(7.5, 10, 6)), "no part of a place: round up"),
    (
        ex.q2,
        other(SHAPES, plain="(26, 26, 8)"),
        "should be three numbers.*text came.*without quotation marks",
    ),
    (ex.q2, other(SHAPES, plain=("26", "26", "8")), "text came"),
    (ex.q2, other(SHAPES, plain=(26, 26, None)), '"plain" has None in it'),
    (ex.q2, other(SHAPES, plain=(26, 26, ...)), "three dots"),
    (ex.q2, other(SHAPES, plain=np.array((1, 26, 26, 8))), "first of the four numbers"),
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
    (ex.q3, other(COUNTS, dense=2 * 10**7), "Not one bias for each weight"),
    (ex.q3, other(COUNTS, dense=10**7 + 10**4), "not the pixels"),
    (ex.q3, other(COUNTS, first=2 * 225), "belong to an entry"),
    (ex.q3, other(COUNTS, first=225 + 9), "belong to an entry"),
    (ex.q3, other(COUNTS, second=11_250 + 9 * 50), "belong to an entry"),
    (ex.q3, other(COUNTS, colour=2 * 4800), "belong to an entry"),
    (ex.q3, other(COUNTS, colour=(25 + 1) * 3 * 64), "channels share one bias"),
    (ex.q3, other(COUNTS, second=11_250 + 11 * 11 * 50), "share one bias, as they"),
    (ex.q3, other(COUNTS, first=28 * 28 * 25), "Here every place would have"),
    (ex.q3, other(COUNTS, first=28 * 28 * 25 + 25), "Here every place would have"),
    (ex.q3, other(COUNTS, first=26 * 26 * 25 * 10), "Here every place would have"),
    (ex.q3, other(COUNTS, first=28 * 28 * 25 * 10), "Here every place would have"),
    (ex.q3, other(COUNTS, first=28 * 28), "Here every place would have"),
    (ex.q3, other(COUNTS, second=225), "How many are there"),
    (ex.q3, other(COUNTS, second=11 * 11 * 11_250), "Here every place would have"),
    (ex.q3, other(COUNTS, larger=200 * 200 * 3 * 64), "Here every place would have"),
    (ex.q3, other(COUNTS, first=(3 + 1) * 25), "is 3 × 3 numbers large"),
    (ex.q3, other(COUNTS, larger=...), "still waits"),
    (ex.q3, dict.fromkeys(COUNTS, 0), '"dense" is not 0'),
    (ex.q3, other(COUNTS, first="250"), "without quotation marks"),
    (ex.q3, list(map(str, COUNTS.values())), "text came. Give numbers, without"),
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
    (ex.q4, other(SETTINGS, keep=(1, "3")), "a number, 3, without quotation marks"),
    (ex.q4, other(SETTINGS, keep=(1, "3.0")), "a number, 3, without quotation marks"),
    (ex.q4, other(SETTINGS, halve=("2", 1)), "without quotation marks"),
    (ex.q4, other(SETTINGS, keep=(1, "valid")), "“valid” means no padding"),
    (ex.q4, other(SETTINGS, keep=(1, "x" * 900)), "the padding is text"),
    (ex.q4, other(SETTINGS, keep=(1, "inf")), "the padding is text"),
    (ex.q4, other(SETTINGS, keep=(1, "(7-1)/2")), "is text.*without quotation marks"),
    (ex.q4, other(SETTINGS, keep=(3, 1)), "are the two swapped"),
    (ex.q4, other(SETTINGS, halve=(1, 2)), "are the two swapped"),
    (ex.q4, other(SETTINGS, dilated=(2, 1)), "are the two swapped"),
    (ex.q4, other(SETTINGS, keep=(1, 0)), "0 is “valid”.*“same” is what makes up"),
    (ex.q4, other(SETTINGS, keep=(1, 6)), "6 is what both sides have together"),
    (ex.q4, other(SETTINGS, halve=(2, 2)), "2 is what both sides have together"),
    (ex.q4, other(SETTINGS, dilated=(1, 4)), "4 is what both sides have together"),
    (ex.q4, other(SETTINGS, keep=(1, 2)), "wanted. More padding is needed"),
    (ex.q4, other(SETTINGS, dilated=(1, 1)), "without dilation.*over 5 pixels"),
    (ex.q4, other(SETTINGS, keep=(1, -3)), "at least 0"),
    (ex.q4, other(SETTINGS, keep=(1, 10**9)), "at most 10,000 here"),
    (ex.q4, dict.fromkeys(SETTINGS, (0, 0)), "at least 1"),
    # many channels
    (ex.q5, by_channel(lambda maps, bias: 0 * maps[0]), "answers are 0"),
    (ex.q5, by_channel(lambda maps, bias: maps.sum(0)), "bias is missing"),
    (
        ex.q5,
        by_channel(lambda maps, bias: (maps + bias).sum(0)),
        "bias is added 3 times, with every channel",
    ),
    (ex.q5, bias_with_every_product, "27 times, with every product. It is added once"),
    (ex.q5, bias_with_every_place, "9 times, with every place of the kernel"),
    (ex.q5, by_channel(lambda maps, bias: maps + bias), "Add the maps up: one filter"),
    (ex.q5, by_channel(lambda maps, bias: maps), "up, and add the bias: one filter"),
    (ex.q5, as_large_as_the_image, "are right, but their array is as large as"),
    (
        ex.q5,
        by_channel(lambda maps, bias: (maps.sum(0) + bias)[None, ..., None]),
        "axes of length 1 are too many",
    ),
    (ex.q5, by_channel(lambda maps, bias: (maps.sum(0) + bias).round(2)), "is rounded"),
    (ex.q5, at_every_place(lambda window, k: (window @ k).sum()), "product of two"),
    (ex.q5, unwritten(np.s_[-1]), "the last row of the answers was never written"),
    (ex.q5, by_channel(lambda maps, bias: maps.sum(0) - bias), "is taken away"),
    (ex.q5, by_channel(lambda maps, bias: maps.sum(0) * bias), "is no factor"),
    (
        ex.q5,
        by_channel(lambda maps, bias: np.moveaxis(maps, 0, 2) + bias),
        "one filter gives one map",
    ),
    (
        ex.q5,
        by_channel(lambda maps, bias: np.moveaxis(maps, 0, 2)),
        "and add the bias",
    ),
    (ex.q5, by_channel(lambda maps, bias: maps.mean(0) + bias), "take the mean"),
    (ex.q5, by_channel(lambda maps, bias: maps.max(0) + bias), "keep the largest"),
    (ex.q5, by_channel(lambda maps, bias: maps[0] + bias), "only the first channel"),
    (ex.q5, by_channel(lambda maps, bias: maps[-1] + bias), "only the last channel"),
    (
        ex.q5,
        by_channel(lambda maps, bias: np.abs(maps.sum(0) + bias)),
        "lost its sign",
    ),
    (
        ex.q5,
        by_channel(lambda maps, bias: np.maximum(maps.sum(0) + bias, 0)),
        "has become 0",
    ),
    (
        ex.q5,
        by_channel(lambda maps, bias: (maps.sum(0) + bias).astype(int)),
        "fractions are gone",
    ),
    (
        ex.q5,
        by_channel(lambda maps, bias: np.round(maps.sum(0) + bias)),
        "fractions are gone",
    ),
    (ex.q5, into_bytes, "these are bytes"),
    (
        ex.q5,
        lambda x, k, b: ops.conv2d(x, k, padding="same") + b,
        "you pad the image.*what “same” gives",
    ),
    (ex.q5, lambda x, k, b: ops.conv2d(x, k[::-1, ::-1]) + b, "is flipped"),
    (ex.q5, lambda x, k, b: ops.conv2d(x[..., ::-1], k) + b, "the wrong order"),
    (
        ex.q5,
        lambda x, k, b: ops.conv2d(x.sum(axis=2), k[:, :, 0]) + b,
        "first slice of the kernel",
    ),
    (
        ex.q5,
        lambda x, k, b: (ops.conv2d(x, k) + b)[:-1, :-1],
        "One row and one column are missing",
    ),
    (ex.q5, lambda x, k, b: ops.conv2d(x, k).sum() + b, r"one number.*shape \(3, 4\)"),
    (ex.q5, lambda x, k, b: (ops.conv2d(x, k) + b).T, "Rows and columns are swapped"),
    (ex.q5, lambda x, k, b: ops.conv2d(x, k)[..., None] + b, "axes of length 1"),
    (ex.q5, lambda x, k, b: np.ones((3, 4, 7)), "and no third axis"),
    (ex.q5, lambda x, k: ops.conv2d(x, k), "TypeError"),
    (ex.q5, lambda x, k, b: x.sort() or ops.conv2d(x, k) + b, "changes the image"),
    # the field of a stack
    (ex.q6, climbing(lambda k, s, step: k - 1), "strides are left out"),
    (ex.q6, climbing(lambda k, s, step: (k - 1) * step * s), "own stride widens its"),
    (
        ex.q6,
        climbing(lambda k, s, step: (k - 1) * step, lambda step, s: s),
        "only the stride right below",
    ),
    (
        ex.q6,
        climbing(lambda k, s, step: (k - 1) * step, lambda step, s: step + s),
        "strides are added up",
    ),
    (ex.q6, lambda layers: from_the_top(layers) - 1, "1 is missing"),
    (ex.q6, lambda layers: from_the_top(layers) + 1, "1 too many"),
    (ex.q6, lambda layers: from_the_top(layers[::-1]), "from the wrong end"),
    (ex.q6, climbing(lambda k, s, step: k * step), "adds its whole kernel"),
    (ex.q6, lambda layers: sum(k for k, _ in layers), "add up the kernels"),
    (ex.q6, lambda layers: np.prod([k for k, _ in layers]), "multiply the kernels"),
    (
        ex.q6,
        lambda layers: len(rows_read(layers)),
        "count the pixels that are",
    ),
    (ex.q6, lambda layers: np.prod([s for _, s in layers]), "how far two neighbour"),
    (ex.q6, lambda layers: from_the_top(layers) ** 2, "How many a side"),
    (ex.q6, lambda layers: [from_the_top(layers)], "without brackets"),
    (ex.q6, lambda layers: 8, r"stack \[\(3, 1\)\], 8 came; 3 is wanted"),
    (ex.q6, lambda layers: layers, r"shape \(1, 2\) came; one number is wanted"),
    (ex.q6, lambda layers: (8, 8), r"shape \(2,\) came; one number is wanted"),
    (ex.q6, lambda layers: layers[0][0], "first layer sees.*inside the loop"),
    (ex.q6, lambda layers: max(k for k, _ in layers), "the largest kernel"),
    (ex.q6, lambda layers: layers[-1][0], "what the last layer sees"),
    (ex.q6, changes_the_list, "changes the list"),
    (ex.q6, 8, "a function is wanted"),
    # a stack of one's own
    (ex.q7, [], "a list of layers"),
    (ex.q7, [(16, 3)], "layer 1 needs three numbers"),
    (ex.q7, [(16, 3, 1), (0, 0, 0)], "number of filters of layer 2 is 0"),
    (ex.q7, [(0, 0, 0)], "at least 1"),
    (ex.q7, [(16, 3.5, 1)], "whole number"),
    (ex.q7, [(16, 99, 1)], "too large"),
    (ex.q7, [(16, 3, 1)] * 13, "13 layers are many"),
    (ex.q7, [(16, 3, ...)], "three dots"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_five_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 5


@pytest.mark.parametrize("exercise", [ex.q1, ex.q5])
def test_pictures_hold_fractions_and_negative_numbers(exercise):
    cases = exercise.cases()[exercise is ex.q1 :]  # the lesson's own comes first
    for image, kernel, *_ in cases:
        for numbers in (image, kernel, exercise.reference(image, kernel, *_)):
            assert (numbers % 1).any()
        assert image.min() < 0 < image.max()
    assert all(exercise.reference(*given).min() < 0 for given in cases)


def test_the_praise_counts_the_cases():
    assert f"tried on {len(ex.q1.cases())} pairs" in ex.q1.right
    assert f"tried on {len(ex.q5.cases())} images of 1 to 8 channels" in ex.q5.right
    assert f"tried on {len(ex.q6.cases())} stacks" in ex.q6.right
    assert {image.shape[2] for image, *_ in ex.q5.cases()} == {1, 2, 3, 8}


def test_the_answers_on_the_way_are_computed():
    """Each answer to a question, as the lesson's own arithmetic gives it."""
    assert ex.p1.answer == list(ops.output_size((4, 6), 3))
    dot = np.zeros((5, 5))
    dot[2, 2] = 1
    assert ex.p2.answer == ops.conv2d(dot, np.arange(1, 10).reshape(3, 3))[0, 0]
    assert ex.p3.answer == ops.output_size(224, 7, stride=2, padding=3)
    assert ex.p4.answer == np.zeros((1, 1, 64, 16)).size
    assert ex.p5.answer == np.prod(ops.output_size((6, 6), 3))
    assert ex.p6.answer == ops.receptive_field([(3, 2), (3, 1)])


def test_the_truths_are_those_of_keras():
    """Shapes and parameters, counted by Keras."""
    import keras

    for key, (shape, filters, kernel, settings) in ex.q2.layers.items():
        layer = keras.layers.Conv2D(
            filters,
            kernel,
            strides=settings.get("stride", 1),
            padding=settings.get("padding", "valid"),
            dilation_rate=settings.get("dilation", 1),
        )
        assert layer.compute_output_shape((1, *shape))[1:] == SHAPES[key]
    for key, (side, kernel, channels, filters) in ex.q3.layers.items():
        layer = keras.layers.Conv2D(filters, kernel)
        layer.build((1, side, side, channels))
        assert layer.count_params() == COUNTS[key]
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


# ---- what the explorers should have shown ----


def field_of(title, **settings):
    preset = ReceptiveField()._presets[title]
    return ReceptiveField(preset["layers"], preset["size"], **settings)


def test_what_the_field_explorer_should_have_shown():
    three, one = field_of("three 3 × 3 = one 7 × 7"), field_of("one 7 × 7")
    paths = three.pixels[three.pixels > 0].reshape(7, 7)
    assert paths.max() == paths[3, 3] == 49
    assert paths[0, 0] == paths[-1, -1] == 1
    assert np.count_nonzero(one.pixels) == one.pixels.sum() == 49

    gridding = field_of("gridding: dilated 2, 2, 2")
    assert (gridding.field, np.count_nonzero(gridding.pixels)) == (13, 49)
    for changed in range(3):
        gridding.layers = [(3, 1, 2 - (layer == changed)) for layer in range(3)]
        assert (gridding.field, np.count_nonzero(gridding.pixels)) == (11, 121)

    corner = field_of("padded: three 3 × 3, same size", unit=(3, 0, 0))
    assert corner.outside == 1 - 4**2 / 7**2
    assert round(1 - corner.shares.sum(), 2) == 0.77

    deep = field_of("20 layers of 3 × 3, same size")
    (_, row, column), shares = deep.unit, deep.shares
    inside = [
        shares[row - n : row + n + 1, column - n : column + n + 1].sum() for n in (3, 4)
    ]
    assert deep.field == 41
    assert inside[0] < 0.5 <= inside[1]
    assert 9**2 / 41**2 < 1 / 20


@pytest.mark.parametrize(
    ("padding", "pixel", "changed"),
    [("causal", 9, [9]), ("causal", 0, [0, 1, 2]), ("same", 9, [8, 9])],
)
def test_what_the_stepper_should_have_shown_in_one_dimension(padding, pixel, changed):
    stepper = ConvolutionStepper("causal", padding=padding)
    before, image = stepper.result, stepper.image.copy()
    image[0, pixel] += 1
    stepper.image = image
    assert np.flatnonzero(stepper.result != before).tolist() == changed


# ---- an open exercise ----


def test_an_open_exercise_describes():
    for stack, said in [
        ([(16, 3, 1)], ("3×3, stride 1: 64×64×16, 448 parameters", "sees 3×3 pixels")),
        (solved(ex.q7), ("4×4×16", "sees 65×65 pixels", "as wide", "more maps")),
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
        verdict = ex.q7.judge(stack)
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
    ex.q7.judge(stack)
    assert stack == [(16, 3, 1), (8, 3, 2)]


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
