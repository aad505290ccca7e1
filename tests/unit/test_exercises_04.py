import judged
import numpy as np
import pytest
from odd_answers import GARBAGE

from helpers import ops
from helpers.exercises import lesson_04 as ex

QUESTIONS = [ex.p1, ex.p2, ex.p3, ex.p4, ex.p5, ex.p6]
EXERCISES = [ex.q1, ex.q2, ex.q3, ex.q4, ex.q5, ex.q6, ex.q7, ex.q8]
ALL = [*QUESTIONS, *EXERCISES]
SIZES = {"a": 7, "b": 11, "c": 14, "d": 18}
PAINTED = np.array([[1, 4, 4], [3, 13, 14], [0, 9, 12]])
PICTURE = ex.Twin.picture
TWIN = np.array([[0, 0, 0, 0], [0, 9, 0, 6], [0, 0, 0, 0], [9, 0, 9, 0]])


class Foreign:
    """An array as JAX and TensorFlow have them: none of NumPy's, but read by it."""

    def __init__(self, values):
        self.values = np.array(values)
        self.ndim = self.values.ndim

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype)

    def __len__(self):
        return len(self.values)


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


def resized(old, new, *, factor=None, half=0.5, off=0.5, clip=None):
    """Bilinear weights written with loops, some steps of which can be left out."""
    factor, (lowest, highest) = factor or new / old, clip or (0, old - 1)
    weights = np.zeros((new, old))
    for i in range(new):
        centre = min(max((i + half) / factor - off, lowest), highest)
        for j in range(old):
            weights[i, j] = max(1 - abs(centre - j), 0)
    return weights


def corners_aligned(old, new):
    weights = np.zeros((new, old))
    for i in range(new):
        centre = i * (old - 1) / (new - 1) if new > 1 else 0
        for j in range(old):
            weights[i, j] = max(1 - abs(centre - j), 0)
    return weights


def interpolated(old, new):
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    return np.array([np.interp(centres, range(old), row) for row in np.eye(old)]).T


def below_zero(old, new):
    centres = ((np.arange(new) + 0.5) * old / new - 0.5).clip(0, old - 1)
    return 1 - np.abs(centres[:, None] - np.arange(old))


def all_to_nearest(old, new):
    return np.eye(old)[[int((i + 0.5) * old / new) for i in range(new)]]


def in_whole_numbers(function, dtype=int):
    """The same, written into an array made for whole numbers."""

    def wrong(*given):
        right = np.asarray(function(*given))
        result = np.zeros(right.shape, dtype)
        result[...] = right
        return result

    return wrong


def layer(x, kernels, stride, *, lay=None, turned=False, filters=None):
    """A painted layer by four loops, with what can go wrong in it."""
    (h, w, channels), (kh, kw, every, _) = x.shape, kernels.shape
    canvas = np.zeros(((h - 1) * stride + kh, (w - 1) * stride + kw, filters or every))
    lay = lay or np.add
    for i in range(h):
        for j in range(w):
            stamp = np.zeros((kh, kw, filters or every))
            for f in range(filters or every):
                for c in range(channels):
                    plane = kernels[:, :, f, c]
                    stamp[:, :, f] += (plane[::-1, ::-1] if turned else plane) * x[
                        i, j, c
                    ]
            there = canvas[i * stride : i * stride + kh, j * stride : j * stride + kw]
            there[...] = lay(there, stamp)
    return canvas


def cut_as_same(x, kernels, stride):
    canvas = layer(x, kernels, stride)
    wanted = [n * stride for n in x.shape[:2]]
    start = [
        max(have - n, 0) // 2 for have, n in zip(canvas.shape[:2], wanted, strict=True)
    ]
    return canvas[start[0] :, start[1] :][: wanted[0], : wanted[1]]


def filters_first(x, kernels, stride):
    """As Conv2D has them: the axis of the filters is taken to be the last."""
    return layer(x, kernels.swapaxes(2, 3), stride, filters=kernels.shape[2])


def last_channel_only(x, kernels, stride):
    """Each channel's stamp takes the place of the one before."""
    return layer(x * (np.arange(x.shape[2]) == x.shape[2] - 1), kernels, stride)


def without_stride(x, kernels, stride):
    result, painted = 0 * layer(x, kernels, stride), layer(x, kernels, 1)
    result[: painted.shape[0], : painted.shape[1]] = painted
    return result


def layer_in_place(x, kernels, stride):
    result = layer(x, kernels, stride)
    x *= 2
    return result


@pytest.mark.parametrize("exercise", EXERCISES[:7])
def test_the_solution_is_correct(exercise):
    assert exercise.judge(solved(exercise)).state == "correct"


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_a_question_is_correct(question):
    assert question.judge(question.answer).state == "correct"


STUBS = {
    **{question.name: [..., None] for question in QUESTIONS},
    "q1": [..., None, lambda x, factor: ..., lambda x, factor: None],
    "q2": [..., None, [[..., ..., ...]] * 3],
    "q3": [..., None, dict.fromkeys(SIZES, ...), [...] * 4],
    "q4": [..., None, (..., ...)],
    "q5": [..., None, [[...] * 4] * 4],
    "q6": [..., None, lambda old, new: ..., lambda old, new: None],
    "q7": [..., None, lambda x, kernels, stride: ..., lambda x, kernels, stride: None],
    "q8": [..., None, [[..., ...]] * 2],
}


@pytest.mark.parametrize("exercise", ALL)
def test_the_untouched_stub_is_not_tried(exercise, capsys):
    judged.is_not_tried(exercise, STUBS[exercise.name], capsys)


WRONG = [
    # a new pixel between two
    (ex.p1, 24, "swapped"),
    (ex.p1, 32, "half of both"),
    (ex.p1, 48, "nearest neighbour"),
    (ex.p1, 36, "quarter of 16"),
    (ex.p1, 40.5, "Which of the two"),
    # what comes back from unpooling
    (ex.p2, 4, "three windows"),
    (ex.p2, 3, "in all"),
    (ex.p2, 16, "in each window"),
    (ex.p2, 135, "are lost"),
    (ex.p2, 144, "shape is back"),
    (ex.p2, 36, "2 × 2 would"),
    (ex.p2, 1, "of one window"),
    (ex.p2, -9, "How many windows"),
    # two stamps in a row
    (ex.p3, [55, 120, 75, 10], "stride 1"),
    (ex.p3, [55, 110, 55, 10, 20, 10], "stride 3"),
    (ex.p3, [55, 110, 10, 20, 10], "covers"),
    (ex.p3, [55, 110, 55, 20, 10], "larger is kept"),
    (ex.p3, [110, 65, 20, 10], 'padding="same"'),
    (ex.p3, [55, 110, 65, 20, 0], r"you have 4 of 5 numbers right.*\(4,\)"),
    (ex.p3, [[55, 120, 75, 10]], "stride 1"),
    (ex.p3, [[[55, 110, 65, 20, 10]]], r"yours has shape \(1, 1, 5\)"),
    (ex.p3, [[55], [110], [65], [20], [10]], r"shape \(5,\) is wanted"),
    # the other size
    (ex.p4, 6, "seventh"),
    (ex.p4, 9, "come 4"),
    (ex.p4, 7, "another"),
    (ex.p4, (7, 8), "7 is given already: give the other alone"),
    (ex.p4, [8, 7], "7 is given already"),
    (ex.p4, 5, "begin at 0 and at 2"),
    (ex.p4, 7.5, "is to be 3"),
    # the matrix on its side
    (ex.p5, (676, 784), "that is M"),
    (ex.p5, [[676, 784]], "that is M"),
    (ex.p5, (784, 784), "fewer answers"),
    (ex.p5, (28, 26), "one column"),
    (ex.p5, (784, 9), "not for each weight"),
    (ex.p5, (784,), "a row for each answer and"),
    # weights around 0
    (ex.p6, "a", "weights above 0"),
    (ex.p6, "b", "same trouble"),
    (ex.p6, "d", "choose one of"),
    (ex.p6, "kernel 4, by far", "weights above 0"),
    (ex.p6, 4, "choose one of"),
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
    (ex.q1, in_whole_numbers(ops.upsample2d), "whole numbers only"),
    (ex.q1, lambda x, f: abs(ops.upsample2d(x, f)), "minus signs"),
    (
        ex.q1,
        in_whole_numbers(lambda x, f: ops.upsample2d(x, f).clip(0, 255)),
        "nearest",
    ),
    (ex.q1, lambda x, f: ops.upsample2d(x, f).clip(0, 255), "below 0 are cut off"),
    (ex.q1, in_place, "changes the picture"),
    (ex.q1, lambda x: x, "TypeError"),
    (ex.q1, PICTURE, "a function is wanted"),
    # painted by hand
    (ex.q2, np.zeros((3, 3)), "all numbers are 0"),
    (ex.q2, [[1, 2, 4], [3, 6, 6], [0, 9, 12]], r"you have \d of 9 numbers right"),
    (ex.q2, [[1, 2, 4], [3, 4, 8], [0, 0, 12]], "covers what was there"),
    (ex.q2, [[1, 2, 4], [3, 6, 8], [0, 9, 12]], "keep the larger one"),
    (ex.q2, [[3, 6, 0], [11, 17, 2], [6, 11, 4]], "half a turn"),
    (ex.q2, [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "overlap counts"),
    (ex.q2, np.kron([[1, 2], [3, 4]], [[1, 2], [0, 3]]), "stride 2"),
    (ex.q2, [[1, 4], [3, 13]], 'padding="same"'),
    (ex.q2, [[20]], r"shape \(1, 1\)"),
    (ex.q2, changed(PAINTED, (1, 1, 10)), "8 of 9.*row 1, column 1"),
    (ex.q2, [[1, 4, 4], [3, ..., 14], [0, 9, 12]], "three dots"),
    # sizes
    (ex.q3, dict.fromkeys(SIZES, 0), '"a" is not 0'),
    (ex.q3, SIZES | {"a": 3}, '"a": 3 is what a convolution leaves'),
    (ex.q3, SIZES | {"a": 5}, '"a": 5 is n · stride, right for "same"'),
    (ex.q3, SIZES | {"b": 10}, '"b": 10 is n · stride, right for "same"'),
    (ex.q3, SIZES | {"c": 7}, '"c": 7 is the size that goes in'),
    (ex.q3, SIZES | {"a": -7}, '"a" is not −7'),
    (ex.q3, SIZES | {"b": 13}, "one stride too many"),
    (ex.q3, SIZES | {"c": 16}, "the whole canvas.*stride times the input"),
    (ex.q3, SIZES | {"c": 18}, "does not depend on the kernel"),
    *(
        (ex.q3, SIZES | {"c": n}, "cuts: the kernel no longer matters")
        for n in (28, 13, 12, 15, 6, 3)
    ),
    (ex.q3, SIZES | {"d": 20}, '"d" is not 20. Where does the last of 6 stamps'),
    (ex.q3, SIZES | {"d": 21}, "one stride too many"),
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
    (ex.q4, (4, 3), "overlap is uneven"),
    (ex.q4, (3, 1), "does not get larger"),
    (ex.q4, (2, 4), "do not meet"),
    (ex.q4, (0, 0), "kernel is 0; it must be at least 1"),
    (ex.q4, (4.5, 2), "kernel is 4.5; a whole number"),
    (ex.q4, (400, 2), "kernel is 400; at most 15"),
    (ex.q4, 4, "two numbers are wanted"),
    (ex.q4, (4, 2, 1), "two numbers are wanted"),
    (ex.q4, (4, 2, "same"), "two numbers are wanted"),
    (ex.q4, (4, ...), "three dots"),
    (ex.q4, (16, 2), "kernel is 16; at most 15 here"),
    (ex.q4, {"s": 6, "k": 3}, "kernel 3 is smaller than stride 6"),
    (ex.q4, {"strides": 4, "kernel_size": 2}, "kernel 2 is smaller than stride 4"),
    (ex.q4, {"rows": 4, "columns": 2}, r"write a pair, \(kernel, stride\), or"),
    (ex.q4, {"size": 4, "stride": 2}, "write a pair"),
    (ex.q4, {4: 2, "": 4}, "write a pair"),
    # a twin
    (ex.q5, PICTURE, "the picture itself"),
    (ex.q5, np.zeros((4, 4)), "upper left window's largest number is 0"),
    (ex.q5, PICTURE + 1, "largest number is 10"),
    (
        ex.q5,
        changed(PICTURE, (0, 0, 9), (1, 1, 3)),
        "left window 9 stands elsewhere, so",
    ),
    (ex.q5, changed(PICTURE, (0, 0, 9)), "9 stands more than once; the first"),
    (ex.q5, changed(PICTURE, (3, 2, 8)), "lower right .* is 8 .* it is 9"),
    (ex.q5, changed(PICTURE, (0, 0, 0)), "row 0, column 1 still has 1"),
    (ex.q5, changed(TWIN, (3, 3, 3)), "row 3, column 3 still has 3"),
    (ex.q5, ops.pool2d(PICTURE), r"shape \(2, 2\)"),
    (ex.q5, -PICTURE, "largest number is"),
    # bilinear weights for any two sizes
    (ex.q6, corners_aligned, "outer edges"),
    (ex.q6, lambda a, b: resized(a, b, half=0, off=0), "half an old one"),
    (ex.q6, lambda a, b: resized(a, b, off=0), "Take ½ off"),
    (ex.q6, lambda a, b: resized(a, b, factor=b // a), "3 new pixels, the factor is"),
    (ex.q6, lambda a, b: resized(a, b, factor=round(b / a)), "the factor is rounded"),
    (ex.q6, lambda a, b: resized(a, b, half=0), "half a new pixel further"),
    (ex.q6, lambda a, b: resized(a, b, clip=(0, a)), "on both sides"),
    (ex.q6, lambda a, b: resized(a, b, clip=(0, 99)), "on both sides"),
    (ex.q6, lambda a, b: resized(a, b, clip=(-9, a - 1)), "on both sides"),
    (ex.q6, lambda a, b: resized(a, b, clip=(-9, 99)), "beyond the last old centres"),
    (ex.q6, below_zero, "weights below 0"),
    (ex.q6, all_to_nearest, "nearest neighbour"),
    (ex.q6, in_whole_numbers(resized), "cut off"),
    (ex.q6, lambda a, b: np.round(resized(a, b)), "rounded"),
    (ex.q6, lambda a, b: resized(a, b).T, "rows and columns are swapped"),
    (ex.q6, lambda a, b: np.zeros((b, a)), "all weights are 0"),
    (ex.q6, lambda a, b: resized(a, b) * 2, "numbers are wrong"),
    (ex.q6, lambda a, b: resized(a, b)[:, 0], "is wanted"),
    (ex.q6, lambda a: np.eye(a), "TypeError"),
    # a painted layer
    (ex.q7, lambda *g: layer(*g, lay=lambda _, stamp: stamp), "covers what was"),
    (ex.q7, lambda *g: layer(*g, lay=np.maximum), "keep the larger"),
    (ex.q7, lambda *g: layer(*g, turned=True), "half a turn"),
    (ex.q7, lambda x, k, s: layer(x, k, 1), "that is stride 1"),
    (ex.q7, cut_as_same, 'cut as by padding="same"'),
    (ex.q7, in_whole_numbers(layer), "whole numbers only"),
    (ex.q7, lambda *g: abs(layer(*g)), "minus signs"),
    (ex.q7, lambda *g: ops.relu(layer(*g)), "No activation"),
    (ex.q7, lambda *g: 0 * layer(*g), "before painting"),
    (ex.q7, lambda *g: layer(*g).sum(axis=2), "added up"),
    (ex.q7, lambda x, k, s: layer(x[..., :1], k[..., :1], s), "only the first channel"),
    (ex.q7, last_channel_only, "only the last channel is left"),
    (ex.q7, without_stride, "lie one pixel apart: begin at i · stride"),
    (ex.q7, lambda *g: layer(*g) + 1, "numbers are wrong"),
    (ex.q7, filters_first, "filters and channels are swapped"),
    (ex.q7, lambda x, k, s: layer(x, k.swapaxes(2, 3), s), "swapped"),
    (ex.q7, layer_in_place, "changes what it is given"),
    # a kernel of one's own
    (ex.q8, np.zeros((2, 2)), "all weights are 0"),
    (ex.q8, np.ones((16, 2)), "at most 15"),
    (ex.q8, [1, 2, 1], r"shape \(3,\)"),
    (ex.q8, [[]], r"shape \(1, 0\)"),
    (ex.q8, [[1e9]], "larger than a million"),
    (ex.q8, [[np.inf]], "infinite"),
]


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG)
def test_a_wrong_answer_hears_why(exercise, answer, said, capsys):
    judged.hears_why(exercise, answer, said, capsys)


def test_there_are_five_wrong_answers_for_each():
    for exercise in ALL:
        assert sum(entry[0] is exercise for entry in WRONG) >= 5


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
    (ex.q4, {"strides": 2, "kernel_size": 4}),
    (ex.q4, {"Stride": 2, "Kernel": 4}),
    (ex.q4, {"K": 6, "s": 3, "padding": "same"}),
    (ex.q4, Foreign([4, 2])),
    (ex.q3, Foreign(list(SIZES.values()))),
    (ex.q4, np.array([8, 4])),
    (ex.q5, changed(TWIN, (0, 0, 8.5), (2, 3, -7))),
    (ex.q5, changed(TWIN, (3, 3, 9))),  # a tie: the first in reading order stays
    (ex.q5, TWIN.tolist()),
    (ex.q5, changed(TWIN.astype(float), (1, 3, 5.999999999999))),
    (ex.q5, TWIN + np.where(TWIN, 1e-9, 0)),
    (ex.q6, resized),
    (ex.q6, lambda old, new: resized(old, new).tolist()),
    (ex.q6, interpolated),
    (ex.q7, layer),
    (ex.q7, lambda x, kernels, s: ops.conv_transpose2d(x, kernels, stride=s)),
    (ex.p1, 40.0),
    (ex.p3, np.array([55.0, 110, 65, 20, 10])),
    (ex.p3, [[55, 110, 65, 20, 10]]),
    (ex.p3, np.array([[55, 110, 65, 20, 10]])),
    (ex.p6, "neither: they are about equally uneven"),
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


def test_a_kernel_moves_the_picture_as_far_as_it_is_told():
    """The centre of what one pixel paints, beside where a block would have it."""
    dot = np.zeros((21, 21))
    dot[10, 10] = 1
    rng = np.random.default_rng(5)
    for shape in ((1, 1), (2, 2), (3, 3), (4, 5), (6, 3), (15, 15)):
        kernel = rng.random(shape) + 0.2
        painted = ops.conv_transpose2d(dot, kernel, stride=2, padding="same")
        there = [np.arange(42) @ painted.sum(axis=1 - a) / kernel.sum() for a in (0, 1)]
        moved = [round(value - 20.5, 6) for value in there]
        assert moved == pytest.approx(ex._moved(kernel).round(6))
        back = ex._back(painted, ex._moved(kernel))
        there = [np.arange(42) @ back.sum(axis=1 - a) / kernel.sum() for a in (0, 1)]
        assert there == pytest.approx([20.5, 20.5])


def test_an_open_exercise_describes():
    for kernel, said in [
        (
            solved(ex.q8),
            ("4×4 kernel", "4 on every pixel", "1, 1, 1, 1", "the same", "stays where"),
        ),
        (np.ones((3, 3)), ("1 to 4 stamps", "4, 2, 2, 1", "gets a pattern", "worse")),
        (outer(1, 2, 1) / 4, ("uneven", "keep their brightness", "Yours is worse")),
        (outer(1, 2, 1) / 4, ("0.5 pixels down and 0.5 pixels to the right",)),
        (outer(1, 2, 1) / 4, ("Moved back to its place", "10.9: about the same")),
        (outer(-1, 3, 10, 10, 3, -1) / 144, ("9 on every pixel", "better")),
        (np.full((2, 2), 2), ("2 times as bright",)),
        (-np.ones((2, 2)), ("sums −1, −1, −1, −1; flat areas stay flat, and turn",)),
        ([[1]], ("0 to 1 stamps",)),
        ([[1]], ("0.5 pixels up and 0.5 pixels to the left",)),
        (np.ones((3, 4)), ("moves 0.5 pixels down.",)),
        (-outer(1, 2, 1), ("0.5 pixels down",)),
        (outer(1, 1, -1, -1), ("flat areas vanish", "no centre")),
        (outer(1, -0.95), ("no centre",)),
        ([[1, 2, 1]], ("2, 2, 0, 0", "gets a pattern", "Its pattern would have to go")),
        (np.ones((3, 3)), ("Its pattern would have to go",)),
        (np.ones((2, 4)) / 2, ("2×4 kernel", "2 on every pixel")),
    ]:
        verdict = ex.q8.judge(kernel)
        assert verdict.state == "described"
        for words in said:
            assert words in verdict.message
        if "gets a pattern" in verdict.message:
            assert "Moved back" not in verdict.message


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
            (ex.q8, kernel),
        ):
            assert exercise.judge(answer).message


def test_answers_are_not_changed():
    for exercise in EXERCISES[1:]:
        answer = solved(exercise)
        if isinstance(answer, np.ndarray):
            kept = answer.copy()
            exercise.judge(answer)
            np.testing.assert_array_equal(answer, kept)


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_on(exercise, capsys):
    judged.leads_on(exercise, capsys)
