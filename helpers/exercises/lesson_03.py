"""Lesson 03: poolings of your own, sizes, shifts, gradients; questions on the way."""

from collections.abc import Callable
from typing import Any, Literal, cast

import numpy as np

from helpers.exercises.base import (
    Exercise,
    NotYet,
    as_array,
    as_number,
    as_whole,
    call,
    require,
    untouched,
)
from helpers.exercises.implements import Implements, Trial, size, told
from helpers.exercises.predictions import Entries, Predictions, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question
from helpers.ops import output_size, pool2d, unpool2d, upsample2d

__all__ = [
    *("p1", "p2", "p3", "p4", "p5", "p6", "progress"),
    *("q1", "q2", "q3", "q4", "q5", "q6", "q7"),
]

Padding = Literal["valid", "same"]

_FRAME = 64  # the largest side of a learner's picture


def _windows(x: np.ndarray, k: int, s: int) -> np.ndarray:
    """Return every window that fits, (rows, columns, k, k)."""
    views = np.lib.stride_tricks.sliding_window_view(x, (k, k))
    return views[::s, ::s]


def _with_rim(x: np.ndarray, k: int, s: int) -> np.ndarray:
    rows, columns = (range(0, n, s) for n in x.shape)
    return np.array([[x[i : i + k, j : j + k].max() for j in columns] for i in rows])


def _close_together(x: np.ndarray, k: int, s: int) -> np.ndarray:
    """Move by 1, but stop after as many windows as there should be."""
    rows, columns = pool2d(x, k, stride=s).shape
    return pool2d(x, k, stride=1)[:rows, :columns]


def _routed(x: np.ndarray, upstream: np.ndarray) -> np.ndarray:
    _, places = pool2d(x, return_indices=True)
    return unpool2d(upstream, places, x.shape)


def _furthest(x: np.ndarray, k: int, s: int) -> np.ndarray:
    """Return the number of each window that is furthest from 0, with its sign."""
    largest, smallest = pool2d(x, k, stride=s), -pool2d(-x, k, stride=s)
    return np.where(largest > -smallest, largest, smallest)


def _is_winner(x: np.ndarray) -> np.ndarray:
    return x == upsample2d(pool2d(x))


def _mixed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return numbers 0.75 apart, each once, in any order; two of three are negative.

    With fractions, so that whole numbers won't do; of both signs, so that these matter.
    """
    count = shape[0] * shape[1]
    return 0.75 * rng.permutation(count).reshape(shape) - 0.5 * count + 0.25


def _cut_off(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Put the results into an array of whole numbers."""
    return lambda *given: np.trunc(function(*given))


def _fractions_gone(trial: Trial) -> str:
    came, wanted = trial.result[trial.wrong], trial.wanted[trial.wrong]
    return (
        f"the fractions are gone: {written(came)} came back, {written(wanted)} is "
        "wanted. An array of whole numbers cuts them off. Make the result with "
        "np.zeros(shape), which holds fractions, without dtype=int."
    )


class MaxPool(Implements):
    """A function `pool2d(x, size, stride)` that takes the largest of each window."""

    function = "pool2d"
    reference = staticmethod(lambda x, k, s: pool2d(x, k, stride=s))
    slips = (
        (
            lambda x, k, s: pool2d(x, k, stride=s, reduce="mean"),
            "this is mean pooling: every window gives its average. The largest number "
            "is wanted.",
        ),
        (
            lambda x, k, s: _windows(x, k, s).min(axis=(2, 3)),
            "every window gives its smallest number. The largest is wanted.",
        ),
        (
            lambda x, k, s: _windows(x, k, s).sum(axis=(2, 3)),
            "every window gives its sum. The largest number is wanted.",
        ),
        (_cut_off(lambda x, k, s: pool2d(x, k, stride=s)), _fractions_gone),
        (
            lambda x, k, s: np.abs(_windows(x, k, s)).max(axis=(2, 3)),
            "the signs are gone: −9 counts as larger than 2. Compare the numbers, not "
            "their sizes.",
        ),
        (
            lambda x, k, s: _windows(x, k, s)[..., 0, 0],
            "every window gives its first number, in its upper left corner. Look at "
            "all of them.",
        ),
        (
            lambda x, k, s: np.zeros_like(pool2d(x, k, stride=s)),
            "the shapes are right, but all results are 0. Fill them in.",
        ),
        (
            _furthest,
            "the number furthest from 0 is taken: −9 beats 2. −9 is smaller.",
        ),
        (
            lambda x, k, s: pool2d(x, k, stride=1),
            "the window always moves by 1. Let it move by `stride`.",
        ),
        (
            _close_together,
            "the number of windows is right, but they move by 1. Window [i, j] begins "
            "at row i * stride, column j * stride.",
        ),
        (
            lambda x, k, s: pool2d(x, k),
            "the window always moves by its own size. Size and stride are two choices: "
            "let it move by `stride`.",
        ),
        (
            lambda x, k, s: pool2d(x, 2, stride=2),
            "size and stride are always 2. Use the numbers that are given.",
        ),
        (
            lambda x, k, s: pool2d(x, s),
            "`stride` is used for the size of the window as well. `size` says how much "
            "it sees.",
        ),
        (
            _with_rim,
            "windows that reach over the rim are counted too. Only those that fit are "
            "wanted: (rows − size) // stride + 1 of them.",
        ),
        (
            lambda x, k, s: pool2d(x, k, stride=s, padding="same"),
            "the picture is padded, as with `same`. Here it is `valid`: only windows "
            "that fit are wanted, (rows − size) // stride + 1 of them.",
        ),
        (
            lambda x, k, s: pool2d(x, k, stride=s)[:-1, :-1],
            "the last row and column of windows are missing. Don't forget the + 1 in "
            "the count.",
        ),
        (
            lambda x, k, s: pool2d(x, k, stride=s).T,
            "rows and columns are exchanged.",
        ),
        (
            lambda x, k, s: x.max(),
            "one number came for the whole picture: its largest. One for each window "
            "is wanted.",
        ),
        (
            lambda x, k, s: x,
            "the picture comes back as it was.",
        ),
    )
    raised = {  # noqa: RUF012  (never changed)
        "zero-size array": "one of your windows is empty: it begins beyond the rim. "
        "(rows − size) // stride + 1 windows fit."
    }
    spoiled = (
        "pool2d changes the picture it is given. Put the results into a new array."
    )
    right = (
        "every window gave its largest number, also where all are negative; size and "
        "stride did their own jobs, and what does not fit at the rim was left out."
    )
    hints = (
        "How many windows fit? Down: (rows − size) // stride + 1, and the same across. "
        "Make an empty result of that shape, then fill it with two loops.",
        "The window of result [i, j] starts at row i * stride, column j * stride.",
        "`x[i * stride : i * stride + size, j * stride : j * stride + size].max()`",
    )
    answer = (
        "def pool2d(x, size, stride):\n"
        "    rows = (x.shape[0] - size) // stride + 1\n"
        "    columns = (x.shape[1] - size) // stride + 1\n"
        "    result = np.zeros((rows, columns))\n"
        "    for i in range(rows):\n"
        "        for j in range(columns):\n"
        "            top, left = i * stride, j * stride\n"
        "            result[i, j] = x[top : top + size, left : left + size].max()\n"
        "    return result"
    )
    why = (
        "Size says how much a window sees, stride how far it moves: two numbers, used "
        "in two places. A window that would reach over the rim is left out, which is "
        "what // does in the count."
    )
    stub = "Write the body of pool2d in place of the three dots, then run it again."

    def cases(self) -> list[tuple[np.ndarray, int, int]]:
        """Return pictures without ties, most of them with negative numbers."""
        rng = np.random.default_rng(3)
        # (rows, columns), size, stride
        cases = [
            ((4, 4), 2, 2),
            ((6, 8), 2, 2),
            ((5, 7), 3, 1),
            ((7, 9), 3, 2),
            ((8, 5), 2, 3),
            ((7, 5), 2, 2),
            ((6, 6), 6, 1),
        ]
        pictures = [(_mixed(rng, shape), k, s) for shape, k, s in cases]
        far_below = 1e9 * (_mixed(rng, (4, 6)) - 1000) - 0.5  # whatever one starts from
        return [*pictures, (far_below, 2, 2)]

    @staticmethod
    def named(x: np.ndarray, k: int, s: int) -> str:
        """Say how large the picture is, and how the window moves."""
        return f"the {size(x)} picture with windows of {k} × {k} and stride {s}"

    def difference(self, trial: Trial) -> str:
        """Count the windows, or show the first that is wrong."""
        (x, k, s), result, wanted = trial.given, trial.result, trial.wanted
        if result.shape != wanted.shape:
            return (
                f"{size(wanted)} windows fit, but a result of shape {result.shape} "
                "came."
            )
        came, largest = result[trial.wrong], wanted[trial.wrong]
        if np.allclose(result, np.maximum(wanted, came)):
            start = written(came)
            return (
                f"where all numbers of a window lie below {start}, {start} comes out, "
                f"which is not among them. Start from the window's own numbers, not "
                f"from {start}."
            )
        said = f"result {list(trial.wrong)} is {written(came, 4)}"
        if k > 3:
            return (
                f"{said}, but the largest number of its window is {written(largest)}."
            )
        numbers = ", ".join(map(written, _windows(x, k, s)[trial.wrong].ravel()))
        return f"{said}. Its window holds {numbers}."


def _mean_with_rim(x: np.ndarray, k: int) -> np.ndarray:
    rows, columns = (range(0, n, k) for n in x.shape)
    return np.array([[x[i : i + k, j : j + k].mean() for j in columns] for i in rows])


def _filled_up(x: np.ndarray, k: int) -> np.ndarray:
    """Fill with zeros what is missing at the rim."""
    return np.pad(x, [(0, -n % k) for n in x.shape])


class MeanPool(Implements):
    """A function `mean_pool(x, size)` that keeps what stands at the rim."""

    function = "mean_pool"
    reference = staticmethod(_mean_with_rim)
    slips = (
        (_cut_off(_mean_with_rim), _fractions_gone),
        (
            lambda x, k: pool2d(_filled_up(x, k), k, reduce="mean"),
            "in windows at the rim you divide by size · size, as if zeros were there. "
            "Divide by how many numbers the window holds.",
        ),
        (
            lambda x, k: pool2d(_filled_up(x, k), k, reduce="mean") * k * k,
            "every window gives its sum. Divide it by how many numbers it holds.",
        ),
        (
            lambda x, k: pool2d(x, k, reduce="mean"),
            "what is left over at the rim is dropped, as with `valid`. Here the last "
            "windows count, too: rows / size of them, rounded up.",
        ),
        (
            lambda x, k: np.array(
                [
                    [x[i : i + k, j : j + k].max() for j in range(0, x.shape[1], k)]
                    for i in range(0, x.shape[0], k)
                ]
            ),
            "this is max pooling: every window gives its largest number. The mean is "
            "wanted.",
        ),
        (
            lambda x, k: np.abs(_mean_with_rim(x, k)),
            "the signs are gone. The mean of negative numbers is negative.",
        ),
        (
            lambda x, k: _mean_with_rim(np.abs(x), k),
            "the signs are gone: −9 and 9 have mean 0, not 9.",
        ),
        (
            lambda x, k: np.maximum(_mean_with_rim(x, k), 0),
            "where the mean is negative, 0 comes out. It may be negative.",
        ),
        (
            lambda x, k: _mean_with_rim(x, 2),
            "windows are always 2 × 2. Use the size that is given.",
        ),
        (
            lambda x, k: pool2d(x, k, stride=1, reduce="mean"),
            "the windows move by 1. They should touch: move them by their size.",
        ),
        (
            lambda x, k: pool2d(x, k, padding="same", reduce="mean"),
            "as Keras does with `same`, part of what is missing is added above and on "
            "the left. Here the first window begins at [0, 0].",
        ),
        (lambda x, k: _mean_with_rim(x, k).T, "rows and columns are exchanged."),
        (
            lambda x, k: np.zeros_like(_mean_with_rim(x, k)),
            "the shapes are right, but all results are 0. Fill them in.",
        ),
        (
            lambda x, k: x.mean(),
            "one number came for the whole picture: its mean. One for each window is "
            "wanted.",
        ),
        (lambda x, k: x, "the picture comes back as it was."),
    )
    spoiled = (
        "mean_pool changes the picture it is given. Put the results into a new array."
    )
    right = (
        "every window gave the mean of the numbers that it holds, those at the rim of "
        "fewer."
    )
    hints = (
        "How many windows? rows / size, rounded up, which is -(-rows // size) in "
        "Python; the same across.",
        "A slice that reaches over the rim holds what there is: "
        "`np.arange(5)[4:6]` is [4].",
        "`x[i * size : (i + 1) * size, j * size : (j + 1) * size].mean()`",
    )
    answer = (
        "def mean_pool(x, size):\n"
        "    rows, columns = -(-x.shape[0] // size), -(-x.shape[1] // size)\n"
        "    result = np.zeros((rows, columns))\n"
        "    for i in range(rows):\n"
        "        for j in range(columns):\n"
        "            top, left = i * size, j * size\n"
        "            result[i, j] = x[top : top + size, left : left + size].mean()\n"
        "    return result"
    )
    why = (
        "`mean` divides by as many numbers as the slice holds, so windows at the rim "
        "need no special case. PyTorch calls it ceil_mode; Keras's `same` does this "
        "where one row or column is missing; of two or more it puts some above and on "
        "the left."
    )
    stub = "Write the body of mean_pool in place of the three dots, then run it again."

    def cases(self) -> list[tuple[np.ndarray, int]]:
        """Return pictures that windows of the size fill, and such as they don't."""
        rng = np.random.default_rng(13)
        cases = [((4, 4), 2), ((6, 9), 3), ((5, 5), 2), ((7, 4), 3), ((4, 10), 4)]
        cases += [((5, 8), 3), ((3, 3), 3)]
        return [(_mixed(rng, shape), k) for shape, k in cases]

    @staticmethod
    def named(x: np.ndarray, k: int) -> str:
        """Say how large the picture and the windows are."""
        return f"the {size(x)} picture with windows of {k} × {k}"

    def difference(self, trial: Trial) -> str:
        """Count the windows, or show the first that is wrong."""
        (x, k), result, wanted = trial.given, trial.result, trial.wanted
        if result.shape == tuple(n // k + 1 for n in x.shape) != wanted.shape:
            return (
                f"there are {size(wanted)} windows, but {size(result)} came: those "
                "beyond the rim hold nothing. // size + 1 is one too many where the "
                "size fits."
            )
        if result.shape != wanted.shape:
            return (
                f"there are {size(wanted)} windows, the cut-off ones counted, but a "
                f"result of shape {result.shape} came."
            )
        i, j = (k * n for n in trial.wrong)
        numbers = x[i : i + k, j : j + k].ravel()
        came, mean = told(result[trial.wrong], numbers.mean())
        return (
            f"result {list(trial.wrong)} is {came}. Its window holds "
            f"{', '.join(map(written, numbers))}, with mean {mean}."
        )


class Predict(Predictions):
    """What comes out? Two numbers of one window, and four sizes."""

    window = np.array([[-5.0, -2.0], [-8.0, -1.0]])
    truth = {  # noqa: RUF012  (never changed)
        "max": pool2d(window).item(),
        "mean": pool2d(window, reduce="mean").item(),
        "three times": 3,
        "three times, same": 4,
        "window 3, stride 2": 13,
        "global": 16,
    }
    slips = {  # noqa: RUF012
        ("max", 0): '"max": no number in the window is 0. The largest of four '
        "negative numbers is negative too.",
        ("max", -8): '"max": −8 has the largest size, but it is the smallest '
        "number. Which is furthest to the right on a number line?",
        ("max", -4): '"max": −4 is the mean. Which single number wins?',
        ("mean", -1): '"mean": −1 is the largest. Add all four and divide by 4.',
        ("mean", -16): '"mean": −16 is the sum. Divide it by how many there are.',
        ("mean", 4): '"mean": mind the sign.',
        ("three times", 3.5): '"three times": half a number can\'t be kept. '
        "What does `valid` do with what is left over?",
        ("three times", 4): '"three times": 4 is what `same` makes. `valid` never '
        "reaches over the rim, so the last of the 7 is dropped.",
        ("three times", 7): '"three times": 7 is the size after two poolings.',
        ("three times", 14): '"three times": 14 is the size after one pooling.',
        ("three times, same", 3): '"three times, same": same keeps the last of '
        "the 7, in a window that is half empty.",
        ("three times, same", 3.5): '"three times, same": half a number can\'t be '
        "kept: same rounds up.",
        ("three times, same", 7): '"three times, same": 7 is the size after two '
        "poolings.",
        ("three times, same", 14): '"three times, same": 14 is the size after one '
        "pooling.",
        ("three times, same", 28): '"three times, same": same keeps the size at '
        "stride 1 only. Here each pooling moves by 2.",
        ("window 3, stride 2", 14): '"window 3, stride 2": 14 is what `same` makes. '
        "Where does the last window begin that still fits?",
        ("window 3, stride 2", 12): '"window 3, stride 2": don\'t forget the '
        "first window: + 1.",
        ("window 3, stride 2", 13.5): '"window 3, stride 2": round down before '
        "you add 1.",
        ("window 3, stride 2", 9): '"window 3, stride 2": 9 would be stride 3, '
        "windows that touch. With stride 2 they overlap.",
        ("window 3, stride 2", 26): '"window 3, stride 2": 26 would be stride 1.',
        ("global", 1): '"global": one number for each channel. How many channels '
        "are there?",
        ("global", 49): '"global": 49 is one channel\'s pixels. Each channel '
        "becomes a single number.",
        ("global", 784): '"global": 784 is how many went in. Each channel becomes '
        "a single number.",
    }
    hints = (
        "The largest of four negative numbers is the one nearest to 0. The mean adds "
        "all four and divides by 4.",
        "valid: ⌊(n − window) / stride⌋ + 1, where ⌊ ⌋ rounds down. same: n / stride, "
        "rounded up. Three poolings: put the size through three times.",
        "28 → 14 → 7 → ? Half of 7 is 3.5: valid drops the rest, same keeps it. "
        "Global pooling leaves one number a channel.",
    )
    answer = (
        'prediction = {\n    "max": -1,\n    "mean": -4,\n    "three times": 3,\n'
        '    "three times, same": 4,\n    "window 3, stride 2": 13,\n'
        '    "global": 16,\n}'
    )
    why = (
        "−1 is the largest of −5, −2, −8, −1, and −16 / 4 = −4 their mean. "
        "28 → 14 → 7 → 3 with valid, which leaves the last row and column out, and "
        "28 → 14 → 7 → 4 with same, which keeps them. ⌊(28 − 3) / 2⌋ + 1 = 13. Global "
        "pooling turns each of 16 channels into one number, whatever its size."
    )
    stub = "Put a number in place of each row of three dots, then run the cell again."
    right = (
        "the largest of four negative numbers is the one nearest to 0; valid rounds "
        "sizes down, same rounds them up; global pooling leaves one number a channel."
    )

    def nudge(self, key: str, value: float) -> str:
        """Say how each is found."""
        if key == "max":
            return (
                f'"max" of −5, −2, −8, −1 is not {written(value)}. Write the four down '
                "on a number line."
            )
        if key == "mean":
            return (
                f'"mean" of −5, −2, −8, −1 is not {written(value)}. Add all four, then '
                "divide by 4."
            )
        if key == "global":
            return f'"global": {written(value)} is not how many numbers are left.'
        if key == "three times, same":
            return (
                f'"{key}": {written(value)} is not the size. `same` keeps every pixel: '
                "halve, and round up, three times."
            )
        return (
            f'"{key}": {written(value)} is not the size. Count the windows on a row: '
            "the first, and one for each step that still fits."
        )


class FindPooling(Entries):
    """Poolings (window, stride, padding) that give three wanted sizes."""

    wanted = {  # noqa: RUF012  (never changed)
        "26 to 12": (26, 12),
        "28 to 10": (28, 10),
        "7 to 1": (7, 1),
    }
    keys = tuple(wanted)
    hints = (
        "valid gives ⌊(n − window) / stride⌋ + 1, same gives n / stride rounded up. "
        "Guess a stride first: about n divided by the wanted size.",
        "For 26 to 12 stride 2 will do; which windows leave 12? For 28 to 10 think of "
        "same and stride 3.",
        "One number left over is global pooling: how large must the window be?",
    )
    answer = (
        'poolings = {\n    "26 to 12": (4, 2, "valid"),\n'
        '    "28 to 10": (3, 3, "same"),\n    "7 to 1": (7, 7, "valid"),\n}'
    )
    why = (
        "⌊(26 − 4) / 2⌋ + 1 = 12: windows that overlap by two. Windows of 2 that touch "
        "would give 13. With same, 28 / 3 is rounded up to 10. And one window as large "
        "as the map is global pooling. There are others: (3, 2, 'valid') takes 26 to "
        "12 too, and leaves the last row and column out."
    )
    stub = (
        "Put (window, stride, padding) in place of each row of three dots, written "
        'like (4, 1, "valid"), then run the cell again.'
    )

    def examine(self, answer: Any) -> str:
        """Compare sizes, refuse windows of 1 and strides that skip pixels."""
        found = []
        for name, given in self.entries(answer).items():
            before, after = self.wanted[name]
            window, stride, padding = _pooling(given, name)
            try:
                size = output_size(before, window, stride=stride, padding=padding)
            except ValueError:
                raise NotYet(
                    f'"{name}": a window of {window} does not fit into {before} pixels.'
                ) from None
            require(
                size == after,
                f'"{name}": window {window}, stride {stride}, {padding} makes {size} '
                f"of {before}, not {after}.",
            )
            require(
                window > 1,
                f'"{name}": the size is right, but a window of 1 chooses nothing: it '
                "only skips pixels. Let it look at 2 at least.",
            )
            require(
                window >= stride,
                f'"{name}": the size is right, but a window of {window} that moves by '
                f"{stride} skips {stride - window} of every {stride} pixels. "
                "Make the window at least as wide as the stride.",
            )
            left = (before - window) % stride if padding == "valid" else 0
            rim = f", {left} left out at the rim" if left else ""
            found.append(f"{name} with ({window}, {stride}, {padding}){rim}")
        return "; ".join(found) + ". No pixel between two windows is skipped."


class CounterExample(Exercise):
    """A picture and a shift that a max pooling of 2×2 does notice."""

    hints = (
        "Make it small: a picture of zeros with a single 1 in it. Pooled, it has a "
        "single 1 too. Where does the pixel stand in its window?",
        "Windows start at rows and columns 0, 2, 4, … A pixel in column 4 may move to "
        "column 5 and stays in its window. Where may it not move?",
        "`picture = np.zeros((8, 8)); picture[4, 5] = 1`, and move it so that it "
        "crosses into the next window.",
    )
    answer = "picture = np.zeros((8, 8))\npicture[4, 5] = 1\nshift = (0, 1)"
    why = (
        "The 1 stands in the right half of its window, so one step to the right brings "
        "it into the next one: the pooled 1 moves by a whole cell. One step to the "
        "left, and nothing would have changed. Pooling forgives a shift only where "
        "every window keeps its largest number."
    )
    stub = (
        "Put a picture and a shift (rows down, columns right) in place of the dots, "
        "then run the cell again."
    )

    def examine(self, answer: Any) -> str:
        """Pool the picture before and after its shift, and compare."""
        picture, shift = self._read(answer)
        before, after = pool2d(picture), pool2d(_shifted(picture, shift))
        way = _way(shift)
        if np.array_equal(before, after):
            require(
                np.ptp(before),
                "the pooled map is the same everywhere, before and after: your picture "
                "does not survive the pooling at all. A number below its neighbours "
                "never wins.",
            )
            raise NotYet(
                f"after this shift ({way}) the pooled map is the same, number for "
                "number. Here the claim holds: every window keeps its largest number. "
                "Find a shift, or a place, where one does not."
            )
        changed = np.count_nonzero(before != after)
        said = (
            f"shifted {way}, the pooled map changes in {changed} of {before.size} "
            "numbers. So pooling is not invariant to shifts, and one example is enough "
            "to say so."
        )
        quiet = [
            _way(other)
            for other in ((0, 1), (0, -1), (1, 0), (-1, 0))
            if _fits(picture, other)
            and np.array_equal(before, pool2d(_shifted(picture, other)))
        ]
        if quiet:
            said += (
                f" Yet the same picture shifted {' or '.join(quiet)} changes nothing: "
                "the invariance is partial."
            )
        if pool2d(picture, picture.shape).item() == pool2d(
            _shifted(picture, shift), picture.shape
        ):
            said += " Global max pooling would not have noticed."
        return said

    @staticmethod
    def _read(answer: Any) -> tuple[np.ndarray, tuple[int, int]]:
        require(
            isinstance(answer, tuple | list) and len(answer) == 2,
            "two things are wanted: (picture, shift).",
        )
        require(
            not any(map(untouched, answer)),
            "the picture or the shift still has its three dots.",
        )
        picture = as_array(answer[0], "your picture")
        require(
            picture.ndim == 2,
            f"your picture has shape {picture.shape}; rows and columns are wanted.",
        )
        require(
            all(4 <= n <= _FRAME for n in picture.shape),
            f"your picture has shape {picture.shape}. Take 4 to {_FRAME} rows and "
            "columns.",
        )
        require(
            not any(n % 2 for n in picture.shape),
            f"your picture has shape {picture.shape}. Of an odd number of rows or "
            "columns `valid` drops the last, and what moves into it is lost; that is "
            "not the question here. Take even numbers.",
        )
        require(
            picture.any(),
            "a picture of zeros looks the same wherever it moves. Put something in.",
        )
        shift = as_array(answer[1], "your shift")
        if shift.shape == ():
            shift = np.array([0.0, shift.item()])
        require(
            shift.shape == (2,) and (shift == np.rint(shift)).all(),
            "the shift is two whole numbers: (rows down, columns right), such as "
            "(0, 1).",
        )
        rows, columns = (int(n) for n in shift)
        require(
            rows or columns,
            "a shift of (0, 0) moves nothing, so nothing can change.",
        )
        require(
            max(abs(rows), abs(columns)) == 1,
            "the claim is about shifts of one pixel: take 1, 0 or −1 for each.",
        )
        if np.ptp(picture) == 0:
            raise NotYet(
                "a picture that is the same everywhere shows no movement; only its rim "
                "would, by leaving the frame. Put something on a background of 0."
            )
        require(
            _fits(picture, (rows, columns)),
            "part of your picture leaves the frame, so of course something changes. "
            "Leave a margin of zeros that is as wide as the shift.",
        )
        return picture, (rows, columns)


class RouteGradient(Implements):
    """A function that sends a gradient back through 2×2 max pooling."""

    function = "max_gradient"
    reference = staticmethod(_routed)
    slips = (
        (_cut_off(_routed), _fractions_gone),
        (
            lambda x, g: np.abs(_routed(x, g)),
            "the winners are found, but the signs are gone. A gradient may be "
            "negative: then the winner should shrink.",
        ),
        (
            lambda x, g: _routed(np.abs(x), g),
            "the gradient goes to the number furthest from 0. The largest made the "
            "result: −1 is larger than −9.",
        ),
        (
            lambda x, g: upsample2d(g) / 4,
            "each pixel gets a quarter. That is mean pooling, which shares; max "
            "pooling gives all to the winner.",
        ),
        (
            lambda x, g: upsample2d(g),
            "every pixel of a window gets the whole gradient. Only the winner made the "
            "result.",
        ),
        (
            lambda x, g: np.zeros(x.shape),
            "all gradients are 0, so nothing would ever be learned. The winners get "
            "something.",
        ),
        (
            lambda x, g: _is_winner(x) * 1.0,
            "the winners are found, but each gets 1. It gets the number of `upstream` "
            "that belongs to its window.",
        ),
        (
            lambda x, g: np.where(_is_winner(x), x, 0),
            "the winners are found, but you put their own values there. A gradient is "
            "wanted: the number of `upstream` that belongs to the window.",
        ),
        (
            lambda x, g: np.where(_is_winner(x), upsample2d(g) / 4, 0),
            "the winners are found, but get a quarter only. Nobody shares with them.",
        ),
        (
            lambda x, g: np.where(x > 0, _routed(x, g), 0),
            "winners below 0 get nothing. −1 made the result, too, where it is the "
            "largest.",
        ),
        (
            lambda x, g: _routed(-x, g),
            "the gradient goes to the smallest number of each window. The largest made "
            "the result.",
        ),
        (
            lambda x, g: np.where(_is_winner(x), x * upsample2d(g), 0),
            "the winners are found, but you multiply by their values. The result of a "
            "window grows by 1 where its winner grows by 1, whatever its value.",
        ),
    )
    spoiled = (
        "max_gradient changes what it is given. Put the gradient into a new array."
    )
    right = (
        "each number of upstream went to the winner of its window, and all other "
        "pixels got 0."
    )
    hints = (
        "Only the winner of a window made the result. Nudge another pixel a little, "
        "and the result stays: its gradient is 0.",
        "Start from zeros of x's shape. For each window find the place of its largest "
        "number, and put the number of `upstream` there.",
        "`window = x[2*i : 2*i+2, 2*j : 2*j+2]`, then "
        "`row, column = np.unravel_index(window.argmax(), (2, 2))`.",
    )
    answer = (
        "def max_gradient(x, upstream):\n"
        "    gradient = np.zeros(x.shape)\n"
        "    for i in range(upstream.shape[0]):\n"
        "        for j in range(upstream.shape[1]):\n"
        "            window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]\n"
        "            row, column = np.unravel_index(window.argmax(), (2, 2))\n"
        "            gradient[2 * i + row, 2 * j + column] = upstream[i, j]\n"
        "    return gradient"
    )
    why = (
        "The winner passes its value on unchanged, so it gets the whole gradient of "
        "its result. The three others could change a little without anybody noticing: "
        "they get 0. Three quarters of the pixels learn nothing from this picture."
    )
    stub = "Write the body of max_gradient in place of the three dots, then run it."

    def cases(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return pictures without ties, and gradients of either sign."""
        rng = np.random.default_rng(5)
        cases = []
        for shape in ((4, 4), (2, 2), (6, 4), (4, 8)):
            x = _mixed(rng, shape)
            upstream = 0.5 * rng.integers(1, 20, (shape[0] // 2, shape[1] // 2)) + 0.25
            cases.append((x, upstream * rng.choice([-1.0, 1.0], upstream.shape)))
        return cases

    @staticmethod
    def named(x: np.ndarray, upstream: np.ndarray) -> str:
        """Say how large the picture is."""
        return f"the {size(x)} picture"

    def difference(self, trial: Trial) -> str:
        """Show the window of the first pixel that is wrong."""
        (x, upstream), result, wanted = trial.given, trial.result, trial.wanted
        if result.shape != wanted.shape:
            return super().difference(trial)
        window = trial.wrong[0] // 2, trial.wrong[1] // 2
        numbers = _windows(x, 2, 2)[window]
        return (
            f"the window {', '.join(f'{n:g}' for n in numbers.ravel())} has the result "
            f"{numbers.max():g} and the upstream gradient {upstream[window]:g}. Its "
            f"pixel {x[trial.wrong]:g} should get {wanted[trial.wrong]:g}; it got "
            f"{result[trial.wrong]:.4g}."
        )


class YourPooling(Exercise):
    """An open exercise: the check describes the pooling and marks nothing."""

    open_ended = True
    hints = (
        "Try the second largest number, or the median: `np.median(window)`.",
        "Something between mean and max: `(window.mean() + window.max()) / 2`.",
        "Weights that grow with the numbers: `w = np.exp(window / 50)`, then "
        "`(w * window).sum() / w.sum()`.",
    )
    answer = "def my_pooling(window):\n    return (window.mean() + window.max()) / 2"
    why = (
        "One of many: half of each. A bright pixel still comes through, noise is "
        "calmed a little, and every pixel gets some gradient, the winner the most. "
        "Yours may weigh these things differently."
    )
    stub = "Write the body of my_pooling in place of the three dots, then run it again."

    def examine(self, answer: Any) -> str:
        """Describe a pooling: flat areas, lone pixels, noise, linearity, gradient."""
        pool = _pooling_function(answer)
        rng = np.random.default_rng(6)
        windows = rng.uniform(0, 255, (60, 4))
        values = np.array([pool(w) for w in windows])
        require(
            values.any(), "it gives 0 for every window: nothing of the picture is left."
        )
        if chance := self._chance(pool, windows):
            return f"Here is what your pooling does.\n- {chance}"
        lines = [
            "Here is what your pooling does.",
            self._relative(windows, values) + self._below_zero(pool, windows, values),
            self._flat(pool),
            self._lone(pool),
            self._noise(pool),
            self._order(pool, windows, values),
            self._linear(pool, windows, values),
            self._gradient(pool, windows[:20], values[:20]),
        ]
        return "\n- ".join(lines)

    @staticmethod
    def _chance(pool: Callable[[np.ndarray], float], windows: np.ndarray) -> str:
        """Describe a rule that draws lots; what is said of others would be chance."""
        tries = np.array([[pool(w) for w in windows[:20]] for _ in range(20)])
        if np.allclose(tries, tries[0]):
            return ""
        one = int(np.ptp(tries, axis=0).argmax())
        low, high = told(tries[:, one].min(), tries[:, one].max())
        inside = bool(np.isclose(tries[..., np.newaxis], windows[:20]).any(-1).all())
        return (
            f"It draws lots: the window {_rounded(windows[one])} gave {low} one time "
            f"and {high} another"
            + (", each a number of the window" if inside else "")
            + ". Such rules are used in training (stochastic pooling, Zeiler and "
            "Fergus, 2013: large numbers are drawn more often); afterwards one takes "
            "what they give on average. Return that, and this check can say more."
        )

    @staticmethod
    def _below_zero(
        pool: Callable[[np.ndarray], float], windows: np.ndarray, values: np.ndarray
    ) -> str:
        """Say where a well-known rule becomes another for negative numbers."""
        name = _well_known(windows, values)
        if not name:
            return ""
        below = np.rint(windows - 160)
        only = " But only where no number is negative: of"
        try:
            others = np.array([pool(w) for w in below])
        except NotYet:
            return f"{only} negative ones it makes no number."
        if _well_known(below, others) == name:
            return ""
        worst = np.abs(others - _known(below)[name]).argmax()
        made = written(round(others[worst], 1))
        return f"{only} {_rounded(below[worst])} it makes {made}."

    @staticmethod
    def _relative(windows: np.ndarray, values: np.ndarray) -> str:
        name, known = _well_known(windows, values), _known(windows)
        if name:
            alone = ": a stride, and nothing else" if name in _CORNERS else ""
            return f"It is {name}{alone}."
        if np.ptp(values) < 1e-9:
            return (
                f"It gives {written(values[0], 3)} for every window, whatever is in it."
            )
        mean, top = known["the mean"], known["the maximum"]
        if (values >= mean - 1e-9).all() and (values <= top + 1e-9).all():
            share = float(((values - mean) / (top - mean)).mean())
            return (
                f"It lies between mean and maximum, on average {share:.0%} of the way."
            )
        likeness = {n: np.corrcoef(values, o)[0, 1] for n, o in known.items()}
        best = max(likeness, key=lambda name: abs(likeness[name]))
        if not abs(likeness[best]) > 0.7:  # NaN is no likeness either
            return "It is like none of the well-known ones."
        if likeness[best] < 0:
            return f"It runs against {best}: where that is large, it is small."
        return f"Of the well-known ones it is most like {best}."

    @staticmethod
    def _flat(pool: Callable[[np.ndarray], float]) -> str:
        value = pool(np.full(4, 100.0))
        if np.isclose(value, 100):
            return "Flat areas keep their brightness."
        return f"A flat area of 100 becomes {written(value, 3)}."

    @staticmethod
    def _lone(pool: Callable[[np.ndarray], float]) -> str:
        dark, bright = pool(np.zeros(4)), pool(np.full(4, 200.0))
        contrast = bright - dark
        if abs(contrast) < 1e-9:
            return "Lone pixels: black and white areas give the same, so none can show."
        spot = np.mean([pool(200.0 * np.eye(4)[i]) - dark for i in range(4)])
        hole = np.mean([bright - pool(200.0 * (1 - np.eye(4)[i])) for i in range(4)])
        shares = [written(round(100 * n / contrast)) for n in (spot, hole)]
        return (
            f"Lone pixels: a bright one on black comes through with {shares[0]}% of "
            f"its contrast, a dark one on white with {shares[1]}%. (Maximum: 100% and "
            "0%. Mean: 25% and 25%.)"
        )

    @staticmethod
    def _noise(pool: Callable[[np.ndarray], float]) -> str:
        flat = pool(np.full(4, 100.0))
        half = np.random.default_rng(2).standard_normal((250, 4))
        half /= np.sqrt((half**2).mean(axis=0))  # the strength of each is exactly 10
        mirrored = np.concatenate([half, -half])  # their mean is 0
        noise = [pool(100 + 10 * w) - flat for w in mirrored]
        moved = f"{round(np.mean(noise), 9) + 0.0:+.3g}".replace("-", "−")
        return (
            f"Noise of strength 10 becomes {np.std(noise):.3g} and moves the average "
            f"by {moved}. (Maximum: about 7 and +10. Mean: "
            "about 5 and 0.)"
        )

    @staticmethod
    def _order(
        pool: Callable[[np.ndarray], float], windows: np.ndarray, values: np.ndarray
    ) -> str:
        turned = [pool(w[[2, 0, 3, 1]]) for w in windows]
        if np.allclose(turned, values):
            return "Where in the window a number stands makes no difference."
        return "It matters where in the window a number stands."

    @staticmethod
    def _linear(
        pool: Callable[[np.ndarray], float], windows: np.ndarray, values: np.ndarray
    ) -> str:
        a, b, bias = slice(0, 30), slice(30, 60), pool(np.zeros(4))
        both = np.array([pool(w) for w in windows[a] + windows[b]])
        if np.allclose(both + bias, values[a] + values[b]):
            with_bias = "" if np.isclose(bias, 0) else " and a bias"
            return (
                f"It is linear: a convolution with a stride{with_bias} could do the "
                "same."
            )
        return "It is not linear: no convolution can do the same."

    @staticmethod
    def _gradient(
        pool: Callable[[np.ndarray], float], windows: np.ndarray, values: np.ndarray
    ) -> str:
        nudged = np.array([[pool(w + 1e-3 * e) for e in np.eye(4)] for w in windows])
        gets = np.abs(nudged - values[:, np.newaxis]) > 1e-7
        return (
            f"Gradient: on average {gets.sum(axis=1).mean():.2g} of the 4 numbers in a "
            "window get some. (Maximum: 1. Mean: 4.)"
        )


_CORNERS = tuple(
    f"the {name} number"
    for name in ("upper left", "upper right", "lower left", "lower right")
)


def _known(windows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what well-known rules make of windows, (N, 4)."""
    return {
        "the maximum": windows.max(axis=1),
        "the mean": windows.mean(axis=1),
        "the minimum": windows.min(axis=1),
        "the median": np.median(windows, axis=1),
        "the sum": windows.sum(axis=1),
        "the spread, largest minus smallest": np.ptp(windows, axis=1),
        **dict(zip(_CORNERS, windows.T, strict=True)),
    }


def _well_known(windows: np.ndarray, values: np.ndarray) -> str:
    """Name the rule that makes these values of these windows, "" for none."""
    known = _known(windows)
    return next((n for n in known if np.allclose(values, known[n])), "")


# -- reading answers -------------------------------------------------------------------


def _pooling(value: Any, name: str) -> tuple[int, int, Padding]:
    """Read an answer as (window, stride, padding)."""
    require(
        isinstance(value, tuple | list | np.ndarray) and len(value) == 3,
        f'"{name}" needs three things: (window, stride, padding), written like '
        '(4, 1, "valid").',
    )
    *numbers, word = value
    padding = word.strip().lower() if isinstance(word, str) else ""
    require(
        padding in ("valid", "same"),
        f'"{name}": the padding, third in the row, is "valid" or "same".',
    )
    # in an array, NumPy makes text of numbers that stand beside text
    numbers = [
        int(n) if isinstance(n, np.str_) and n.isdecimal() else n for n in numbers
    ]
    window = as_whole(numbers[0], f'the window of "{name}"', least=1)
    stride = as_whole(numbers[1], f'the stride of "{name}"', least=1)
    return window, stride, cast(Padding, padding)


def _pooling_function(answer: Any) -> Callable[[np.ndarray], float]:
    def pool(window: np.ndarray) -> float:
        value = call(answer, window.copy(), name="my_pooling")
        number = as_number(value, "what my_pooling returned", finite=False)
        require(
            np.isfinite(number),
            f"of the window {_rounded(window)} my_pooling makes "
            f"{'NaN' if np.isnan(number) else 'an infinite number'}: do you divide by "
            "0, or take the logarithm of 0?",
        )
        return number

    return pool


def _rounded(window: np.ndarray) -> str:
    return ", ".join(written(round(n)) for n in window)


def _shifted(picture: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    return np.roll(picture, shift, axis=(0, 1))


def _fits(picture: np.ndarray, shift: tuple[int, int]) -> bool:
    """Say whether nothing but zeros leaves the frame."""
    rows, columns = np.nonzero(picture)
    return bool(
        (rows + shift[0] >= 0).all()
        and (rows + shift[0] < picture.shape[0]).all()
        and (columns + shift[1] >= 0).all()
        and (columns + shift[1] < picture.shape[1]).all()
    )


def _way(shift: tuple[int, int]) -> str:
    rows, columns = shift
    words = []
    if rows:
        words.append(f"{abs(rows)} {'down' if rows > 0 else 'up'}")
    if columns:
        words.append(f"{abs(columns)} {'right' if columns > 0 else 'left'}")
    return " and ".join(words)


progress = Progress(globals())
p1 = Question(
    "p1",
    kind="array",
    prompt=(
        "What does max pooling make of the rows 1 2 3 4, 5 6 7 8, 7 6 5 4 and 3 2 1 0? "
        "Windows of 2 × 2 that touch."
    ),
    answer=[[6, 8], [7, 5]],
    why="6 of 1 2 5 6, 8 of 3 4 7 8, 7 of 7 6 3 2, and 5 of 5 4 1 0.",
    slips=(
        ([[1, 3], [2, 0]], "these are the smallest. The largest is kept."),
        ([[1, 3], [7, 5]], "these stand at the upper left of each window."),
        ([[3.5, 5.5], [4.5, 2.5]], "these are the means, which come next."),
        ([[6, 7], [8, 5]], "rows and columns are exchanged: 8 is of the upper right."),
        (
            [[6, 7, 8], [7, 7, 8], [7, 6, 5]],
            "your windows move by 1. They touch: each number is in one window only.",
        ),
        ([4, 8, 7, 3], "these are the largest of the rows. Cut them into windows."),
        ([6, 8, 7, 5], "the four are right. Write them in two rows, as they stand."),
    ),
    nudge="The first window holds 1 2 5 6.",
    hints=(
        "The upper two rows make two windows: 1 2 5 6 and 3 4 7 8.",
        "Write [[?, ?], [?, ?]]: upper left, upper right, lower left, lower right.",
    ),
)
p2 = Question(
    "p2",
    kind="shape",
    prompt=(
        "A map of 11 × 9 numbers is pooled with windows of 3 × 3 and stride 2, "
        "`valid`. Which shape comes out?"
    ),
    answer=(5, 4),
    why="⌊(11 − 3) / 2⌋ + 1 = 5 rows and ⌊(9 − 3) / 2⌋ + 1 = 4 columns.",
    slips=(
        ((6, 5), "that is `same`, half of each rounded up. `valid` adds nothing."),
        ((4, 3), "don't forget the first window: + 1."),
        ((3, 3), "those are windows that touch. With stride 2 they overlap by one."),
        ((9, 7), "that is stride 1. Here the window moves by 2."),
        ((5, 5), "rows and columns are counted by themselves: there are 11 and 9."),
        ((4, 5), "rows come first: there are 11 rows and 9 columns."),
        ((5, 4, 1), "rows and columns only: the map has no channels here."),
        ((1, 5, 4, 1), "rows and columns only: the map has no channels here."),
        ((20,), "that is how many numbers. Give rows and columns."),
    ),
    nudge="Where does the first window begin, the second, the last that fits?",
    hints=(
        "In a row of 9 they begin at 0, 2, 4 and 6: the one at 6 holds 6, 7 and 8.",
        "In general ⌊(n − window) / stride⌋ + 1, for rows and for columns.",
    ),
)
p3 = Question(
    "p3",
    kind="number",
    prompt=(
        "With `same`, the window in the lower right corner holds one real number, the "
        "8, and three added cells. What does mean pooling make of it?"
    ),
    answer=8,
    why=(
        "added cells are empty: they don't count, and the mean of one number is itself."
    ),
    slips=(
        (2, "2 is 8 / 4, as if the added cells were zeros. Here they are empty."),
        (4, "4 is 8 / 2. How many real numbers are there?"),
        (0, "added cells are empty, not zeros. They can't win, and they don't count."),
        (32, "32 is 8 · 4. Is anything added up but the 8?"),
    ),
    nudge="a mean is a sum divided by a count. What is there to be counted?",
    hints=(
        "Padding is no part of the picture. Should it darken the rim?",
        "If the added cells don't count, one number is left.",
    ),
)
p4 = Question(
    "p4",
    kind="choice",
    prompt=(
        "In a row of eight, a dot stands in column 5; columns count from 0, windows "
        "of 2 touch. It moves by one pixel. When does the pooled row stay the same?"
    ),
    choices={
        "a": "when it moves to the left",
        "b": "when it moves to the right",
        "c": "whichever way it moves",
        "d": "never",
    },
    answer="a",
    why=(
        "columns 4 and 5 are one window, 6 and 7 the next. To the left it stays inside."
    ),
    slips=(
        ("b", "column 6 belongs to the next window: the pooled dot jumps."),
        ("c", "one of the two steps crosses into another window. Which?"),
        ("d", "a step inside a window is not noticed. Which columns share one with 5?"),
    ),
    hints=(
        "The windows are columns 0 and 1, 2 and 3, and so on.",
        "Column 5 shares its window with column 4.",
    ),
)
p5 = Question(
    "p5",
    kind="choice",
    prompt=(
        "A black line, one pixel wide, on white paper, is max pooled with windows of 2 "
        "that touch. What is left of it?"
    ),
    choices={
        "a": "a black line",
        "b": "a gray line",
        "c": "nothing: all is white",
    },
    answer="c",
    why=(
        "each window that the line crosses holds white pixels too, and white is larger."
    ),
    slips=(
        ("a", "black is 0, the smallest there is. Does it ever win?"),
        ("b", "gray would be the mean of black and white. The maximum mixes nothing."),
    ),
    hints=(
        "Write a window down: the line is 0, the paper 200.",
        "max(0, 200, 0, 200) is 200.",
    ),
)
p6 = Question(
    "p6",
    kind="number",
    prompt=(
        "Windows of 2 × 2 that move by 1 give 3 × 3 results, and each sends back a "
        "gradient of 1. Under max pooling, how much does the 256 in the first row "
        "receive?"
    ),
    answer=2,
    why="256 is in two windows, [0, 0] and [0, 1]. It wins both, and gets 1 from each.",
    slips=(
        (1, "windows overlap: in how many of them is 256?"),
        (0, "256 is the largest number of all. It wins wherever it takes part."),
        (4, "only a number inside is in four windows. 256 stands in the first row."),
        (3, "256 stands in row 0, column 1: which windows hold it?"),
        (9, "9 is what all results send. 256 wins those of its own windows only."),
        (0.5, "¼ from each of two windows would be mean pooling. The winner gets all."),
        (256, "that is its value. A gradient says how much the results grow with it."),
    ),
    nudge="count the windows in which 256 takes part, and wins.",
    hints=(
        "256 stands in row 0, column 1. Windows begin in rows 0 to 2, columns 0 to 2.",
        "Windows that begin at [0, 0] and [0, 1] hold it. It is larger than all "
        "others.",
    ),
)
q1 = MaxPool("q1")
q2 = MeanPool("q2")
q3 = Predict("q3")
q4 = FindPooling("q4")
q5 = CounterExample("q5")
q6 = RouteGradient("q6")
q7 = YourPooling("q7")
