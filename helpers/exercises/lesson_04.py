"""The exercises of lesson 04: pictures made larger, by repeating and by painting."""

from typing import Any, ClassVar, Literal

import numpy as np

from helpers import images
from helpers.exercises.base import Exercise, NotYet, as_array, as_whole, require
from helpers.exercises.implements import Implements, Trial
from helpers.exercises.predictions import Predictions, written
from helpers.exercises.progress import Progress
from helpers.ops import (
    conv2d,
    conv_transpose2d,
    output_size,
    pool2d,
    unpool2d,
    upsample2d,
)

__all__ = ["progress", "q1", "q2", "q3", "q4", "q5", "q6"]

_MOST = 15  # pixels a side of a kernel that is tried out


class Nearest(Implements):
    """A function that enlarges by repeating pixels."""

    function = "nearest"
    reference = staticmethod(upsample2d)
    slips = (
        (
            lambda x, factor: x.repeat(factor, axis=0),
            "the rows are repeated, but not the columns. Both axes grow.",
        ),
        (
            lambda x, factor: x.repeat(factor, axis=1),
            "the columns are repeated, but not the rows. Both axes grow.",
        ),
        (
            lambda x, factor: upsample2d(x, 2),
            "the picture comes back twice as large. Use the factor.",
        ),
        (
            lambda x, factor: np.kron(x, np.ones((factor,) * x.ndim)),
            "the channels are repeated too. Leave the last axis alone.",
        ),
        (
            lambda x, factor: np.kron(x, np.ones((factor, factor))),
            "columns and channels grew. np.kron lines up the last axes: give it ones "
            "of shape (factor, factor, 1) here.",
        ),
        (
            lambda x, factor: np.zeros_like(upsample2d(x, factor)),
            "all numbers are 0. Each pixel should appear, repeated.",
        ),
        (
            lambda x, factor: np.tile(x, (factor, factor, 1)[: x.ndim]),
            "whole copies of the picture lie side by side, like tiles. Each pixel's "
            "copies should lie next to each other.",
        ),
        (
            lambda x, factor: upsample2d(x, factor) * _corners(x, factor),
            "every pixel is there once, in the corner of its block. Fill the rest of "
            "the block with copies of it.",
        ),
    )
    spoiled = "nearest changes the picture it is given. Make a new one."
    right = (
        "every pixel becomes a block of factor × factor copies, in gray and in "
        "colour, and no new value appears."
    )
    hints = (
        "np.repeat(x, factor, axis=0) repeats every row, each copy right after its "
        "original. What is left to do?",
        "The columns are axis 1: repeat what the first step gave once more, along "
        "axis=1.",
        "A colour picture has a third axis, its channels. Leave it alone, and the same "
        "two lines do for both.",
    )
    answer = (
        "def nearest(x, factor):\n"
        "    taller = np.repeat(x, factor, axis=0)\n"
        "    return np.repeat(taller, factor, axis=1)"
    )
    why = (
        "Every pixel becomes a block of factor × factor copies: first each row is "
        "repeated, then each column. No new value appears. np.tile would lay whole "
        "copies of the picture side by side instead."
    )
    stub = "Write the body of nearest in place of the three dots, then run it again."

    def cases(self) -> list[tuple[np.ndarray, int]]:
        """Return gray pictures and a colour one, with several factors."""
        rng = np.random.default_rng(3)
        trials = [((2, 3), 2), ((2, 3), 3), ((4, 1), 5), ((3, 3), 1), ((2, 4, 3), 2)]
        return [(rng.integers(1, 100, shape), factor) for shape, factor in trials]

    @staticmethod
    def named(x: np.ndarray, factor: int) -> str:
        """Say the shape, which tells gray from colour."""
        return f"a picture of shape {x.shape} and factor {factor}"

    def difference(self, trial: Trial) -> str:
        """Name the first pixel that is wrong."""
        if trial.result.shape != trial.wanted.shape:
            return super().difference(trial)
        row, column = trial.wrong[:2]
        return (
            f"the pixel in row {row}, column {column} is "
            f"{written(trial.result[row, column])}; the nearest old pixel is "
            f"{written(trial.wanted[row, column])}."
        )


class PaintedByHand(Exercise):
    """The output of a small transposed convolution, worked out on paper."""

    picture = np.array([[1, 2], [3, 4]])
    kernel = np.array([[1, 2], [0, 3]])
    hints = (
        "The pixel 1 stamps 1 · kernel into the upper left corner of a 3 × 3 canvas. "
        "The pixel 2 stamps 2 · kernel one column further right.",
        "The pixels 3 and 4 stamp one row further down. Where stamps overlap, add.",
        "The middle is reached by all four stamps: 1·3 + 2·0 + 3·2 + 4·1.",
    )
    answer = "painted_by_hand = [[1, 4, 4], [3, 13, 14], [0, 9, 12]]"
    why = (
        "Four stamps, each one pixel further: [1 2; 0 3], [2 4; 0 6], [3 6; 0 9] and "
        "[4 8; 0 12]. The corners get one stamp, the sides two, the middle all four: "
        "3 + 0 + 6 + 4 = 13."
    )

    def examine(self, answer: Any) -> str:
        """Compare with the painted canvas, and know the usual slips by their result."""
        wanted = conv_transpose2d(self.picture, self.kernel)
        result = as_array(answer, "your canvas")
        if result.shape == (4, 4):
            raise NotYet(
                "your canvas is 4 × 4. That would be stride 2; at stride 1 the stamps "
                "lie one pixel apart, on a canvas of 3 × 3."
            )
        require(
            result.shape == wanted.shape,
            f"your canvas has shape {result.shape}. Two stamps of 2 pixels, one pixel "
            "apart, reach over 3: shape (3, 3) is wanted.",
        )
        if np.allclose(result, wanted):
            return (
                "one stamp in each corner, two on each side, and all four in the "
                "middle: 3 + 0 + 6 + 4 = 13."
            )
        require(
            result.any(), "all numbers are 0: the canvas is as it was before painting."
        )
        for said, slip in self._slips().items():
            if np.allclose(result, slip):
                raise NotYet(said)
        row, column = np.argwhere(~np.isclose(result, wanted))[0]
        right = int(np.isclose(result, wanted).sum())
        raise NotYet(
            f"{right} of 9 numbers are right. Look at row {row}, column {column}: "
            "which stamps reach it, and what does each leave there?"
        )

    def _slips(self) -> dict[str, np.ndarray]:
        stamps = []
        for i, j in np.ndindex(2, 2):
            stamp = np.zeros((3, 3))
            stamp[i : i + 2, j : j + 2] = self.picture[i, j] * self.kernel
            stamps.append(stamp)
        covered = np.zeros((3, 3))
        for (i, j), stamp in zip(np.ndindex(2, 2), stamps, strict=True):
            covered[i : i + 2, j : j + 2] = stamp[i : i + 2, j : j + 2]
        return {
            "each stamp covers what was there before. Where stamps overlap they add "
            "up.": covered,
            "where stamps overlap you keep the larger one. They add up.": np.max(
                stamps, axis=0
            ),
            "the kernel slides over the padded picture here. That turns it by half a "
            "turn; a stamp leaves it as it is.": conv2d(
                self.picture, self.kernel, padding=1
            ),
            "these are the overlap counts: how many stamps reach each pixel. Now weigh "
            "each stamp.": conv_transpose2d(np.ones((2, 2)), np.ones((2, 2))),
        }


class TransposedSizes(Predictions):
    """The output sizes of four transposed convolutions."""

    #: pixels a side, kernel, stride, padding
    layers: ClassVar[dict[str, tuple[int, int, int, Literal["valid", "same"]]]] = {
        "a": (5, 3, 1, "valid"),
        "b": (5, 3, 2, "valid"),
        "c": (7, 4, 2, "same"),
        "d": (6, 2, 3, "valid"),
    }
    truth = {  # noqa: RUF012
        name: output_size(n, kernel, stride=stride, padding=padding, transpose=True)
        for name, (n, kernel, stride, padding) in layers.items()
    }
    right = '"valid" gives (n − 1)·stride + max(kernel, stride), "same" gives n·stride.'
    hints = (
        '"valid": the last of n stamps begins at (n − 1) · stride and is as wide as '
        'the kernel. "same": n · stride.',
        "a is (5 − 1)·1 + 3. In d the kernel is smaller than the stride: what does "
        "Keras add then?",
        "In d, 17 pixels lie between the first and the last that is painted. Keras "
        "gives every stamp at least `stride` pixels, so one more.",
    )
    answer = 'sizes = {"a": 7, "b": 11, "c": 14, "d": 18}'
    why = (
        '"valid" gives (n − 1)·stride + max(kernel, stride): 4·1 + 3 = 7, '
        '4·2 + 3 = 11 and 5·3 + 3 = 18. "same" gives n·stride: 7·2 = 14, whatever the '
        "kernel."
    )

    def nudge(self, key: str, value: float) -> str:
        """Know the other sizes that may come to mind."""
        n, kernel, stride, padding = self.layers[key]
        if value == n:
            return f'"{key}": {n} is the size that goes in. What comes out is larger.'
        if value == output_size(n, kernel, stride=stride, padding=padding):
            return (
                f'"{key}": {written(value)} is what a convolution leaves of {n}. A '
                "transposed one goes the other way: what comes out is larger."
            )
        if padding == "same" and value == (n - 1) * stride + kernel:
            return (
                f'"{key}": {written(value)} is the whole canvas. padding="same" cuts '
                "it to a whole multiple of the input."
            )
        if padding == "valid" and value == n * stride != (n - 1) * stride + kernel:
            return (
                f'"{key}": {written(value)} is n · stride, right for "same". With '
                '"valid" nothing is cut off: how far does the last stamp reach?'
            )
        if value == n * stride + kernel:
            return (
                f'"{key}": {written(value)} is one stride too many. The first stamp '
                f"begins at 0, so the last of {n} begins at {n - 1} · stride."
            )
        if kernel < stride and value == (n - 1) * stride + kernel:
            return (
                f'"{key}": {written(value)} is as far as paint gets. Where the kernel '
                "is smaller than the stride, Keras still gives the last stamp a whole "
                "stride of room."
            )
        return (
            f'"{key}" is not {written(value)}. Where does the last of {n} stamps '
            "begin, and where does it end?"
        )


class EvenOverlap(Exercise):
    """A kernel size and a stride whose stamps cover the inside evenly."""

    hints = (
        "Along one axis: with stride 2, which kernel sizes reach every pixel equally "
        "often?",
        "A pixel is reached by kernel / stride stamps along an axis. When is that the "
        "same whole number everywhere?",
        "The stride must divide the kernel's size, and be more than 1, or nothing "
        "grows.",
    )
    answer = "even = (4, 2)  # (kernel, stride)"
    why = (
        "Along an axis, stamps lie `stride` pixels apart and are `kernel` wide, so "
        "kernel / stride of them reach each pixel. If that is a whole number it is the "
        "same for every pixel: 2 by 2 stamps with kernel 4 and stride 2."
    )

    def examine(self, answer: Any) -> str:
        """Count the stamps on every pixel of the inside."""
        if isinstance(answer, dict):
            named = {"kernel", "stride"} <= answer.keys()
            names = ("kernel", "stride") if named else tuple(answer)
            answer = [answer[name] for name in names]
        require(
            isinstance(answer, list | tuple | np.ndarray),
            "two numbers are wanted: (kernel, stride).",
        )
        pair = as_array(answer, "your pair", shape=(2,))
        kernel = as_whole(pair[0], "the kernel", least=1, most=_MOST)
        stride = as_whole(pair[1], "the stride", least=1, most=_MOST)
        require(
            stride > 1,
            "stride 1 covers the inside evenly, but the picture does not get larger. "
            "Take a stride of 2 or more.",
        )
        counts = _inside_counts(kernel, stride)
        least, most = int(counts.min()), int(counts.max())
        require(
            least > 0,
            f"kernel {kernel} is smaller than stride {stride}: the stamps do not meet, "
            "and some pixels get none. The order is (kernel, stride).",
        )
        require(
            least == most,
            f"with kernel {kernel} and stride {stride} some pixels of the inside get "
            f"{least} stamp{'s' * (least > 1)}, others {most}. That is the "
            "checkerboard.",
        )
        if kernel == stride:
            return (
                "the stamps lie edge to edge, so every pixel gets one. Nothing "
                "overlaps: each input pixel paints a block of its own."
            )
        return (
            f"every pixel of the inside gets {most} stamps, "
            f"{kernel // stride} × {kernel // stride} of them."
        )


class Twin(Exercise):
    """Another picture with the same pooled map and the same positions."""

    picture = np.array([[3, 1, 4, 1], [5, 9, 2, 6], [5, 3, 5, 8], [9, 7, 9, 3]])
    hints = (
        "Max pooling keeps the largest number of each 2 × 2 window. What may happen to "
        "the other three?",
        "They may be anything, as long as none of them is as large as the winner.",
        "Unpooling itself makes a twin: the four winners, and zeros everywhere else.",
    )
    answer = (
        "twin = [[0, 0, 0, 0],\n"
        "        [0, 9, 0, 6],\n"
        "        [0, 0, 0, 0],\n"
        "        [9, 0, 9, 0]]"
    )
    why = (
        "Only the four winners are remembered, with their places. The other twelve "
        "numbers may be anything smaller: endlessly many pictures share this map, so "
        "no unpooling can know which one it was."
    )

    def examine(self, answer: Any) -> str:
        """Pool the twin and compare the maxima and where they stood."""
        twin = as_array(answer, "your twin", shape=self.picture.shape)
        require(
            not np.array_equal(twin, self.picture),
            "this is the picture itself. Change the numbers that pooling drops.",
        )
        kept, places = pool2d(self.picture, return_indices=True)
        twin_kept, twin_places = pool2d(twin, return_indices=True)
        for window in np.ndindex(2, 2):
            name = f"{('upper', 'lower')[window[0]]} {('left', 'right')[window[1]]}"
            require(
                twin_kept[window] == kept[window],
                f"the {name} window's largest number is {twin_kept[window]:.6g} in "
                f"your twin; in the picture it is {kept[window]:.6g}.",
            )
            require(
                twin_places[window] == places[window],
                f"in the {name} window the largest number stands elsewhere, or first "
                "elsewhere, so unpooling would put it in another place.",
            )
        restored = unpool2d(kept, places, self.picture.shape)
        same = np.argwhere((twin == self.picture) & (restored == 0))
        if same.size:
            row, column = same[0]
            raise NotYet(
                "it pools to the same map and positions, but not all of the other "
                f"twelve are changed: row {row}, column {column} still has "
                f"{twin[row, column]:.6g}."
            )
        found = np.array_equal(twin, restored)
        return (
            "twelve numbers differ, and the pooled map and the positions are the same: "
            "unpooling can't tell the two apart."
            + (" You found the one that unpooling gives back." if found else "")
        )


class YourOwn(Exercise):
    """An open exercise: the check describes a kernel that enlarges, at stride 2."""

    open_ended = True
    hints = (
        "np.ones((2, 2)) paints blocks: that is nearest neighbour. Start there, or "
        "from np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16.",
        "Look at the sums of the four phases, kernel[0::2, 0::2] and so on. All four "
        "at 1, and a flat area stays flat and as bright as it was.",
        "Negative weights around a strong middle sharpen: np.outer of "
        "[-1, 3, 10, 10, 3, -1] / 12 with itself, for one. Compare its error.",
    )
    answer = "row = np.array([1, 3, 3, 1]) / 4\nmy_kernel = np.outer(row, row)"
    why = (
        "One of many: painted at stride 2, this kernel does what bilinear does, up to "
        "the rim. Its four phases sum to 1, so flat areas stay flat. A network would "
        "choose its own numbers, from examples."
    )

    def examine(self, answer: Any) -> str:
        """Describe a kernel: overlap, phases, brightness, error on a photo."""
        kernel = as_array(answer, "your kernel")
        require(
            kernel.ndim == 2 and kernel.size and max(kernel.shape) <= _MOST,
            f"your kernel has shape {kernel.shape}. Give it rows and columns, at most "
            f"{_MOST} of each.",
        )
        largest = np.abs(kernel).max()
        require(largest > 0, "all weights are 0, so nothing is painted.")
        require(largest <= 1e6, "a weight is larger than a million. Take smaller ones.")
        rows, columns = kernel.shape
        lines = [f"Here is what your {rows}×{columns} kernel paints at stride 2."]
        lines.append(self._overlap(kernel))
        lines.append(self._phases(kernel))
        lines.append(self._error(kernel))
        return "\n- ".join(lines)

    @staticmethod
    def _overlap(kernel: np.ndarray) -> str:
        counts = np.outer(*(_counts_along(n, 2) for n in kernel.shape))
        least, most = int(counts.min()), int(counts.max())
        if least == most:
            return f"Overlap: {most} on every pixel of the inside, even."
        return f"Overlap: {least} to {most} stamps a pixel, uneven."

    @staticmethod
    def _phases(kernel: np.ndarray) -> str:
        sums = np.array([kernel[a::2, b::2].sum() for a, b in np.ndindex(2, 2)])
        said = "Phases: sums " + ", ".join(f"{total:.3g}" for total in sums + 0.0)
        size = np.abs(sums).max()
        if np.ptp(sums) > 1e-6 * np.abs(kernel).max():
            return f"{said}; a flat area gets a pattern, as they differ."
        if size <= 1e-6 * np.abs(kernel).max():
            return f"{said}; flat areas vanish, only changes are painted."
        if np.allclose(sums, 1):
            return f"{said}; flat areas stay flat and keep their brightness."
        return f"{said}; flat areas stay flat, {sums[0]:.3g} times as bright."

    @staticmethod
    def _error(kernel: np.ndarray) -> str:
        photo = images.photo("astronaut", size=128).astype(np.float64)
        small = pool2d(photo, reduce="mean")
        inside = (slice(16, -16), slice(16, -16))  # beyond the rim's missing stamps

        def off(enlarged: np.ndarray) -> float:
            return float(np.abs(enlarged - photo)[inside].mean())

        yours = off(conv_transpose2d(small, kernel, stride=2, padding="same"))
        bilinear = off(upsample2d(small, 2, method="bilinear"))
        if np.isclose(yours, bilinear, rtol=0.01):
            verdict = "about the same"
        else:
            verdict = "better" if yours < bilinear else "worse"
        return (
            f"Error: a photo halved and painted back is off by {yours:.3g} grays; "
            f"bilinear by {bilinear:.3g}. Yours is {verdict} here."
        )


def _corners(x: np.ndarray, factor: int) -> np.ndarray:
    """Return 1 in the upper left corner of every block, 0 elsewhere."""
    corner = np.zeros((factor, factor) + (1,) * (x.ndim - 2))
    corner[0, 0] = 1
    return np.tile(corner, x.shape)


def _counts_along(kernel: int, stride: int) -> np.ndarray:
    """Return how many stamps reach each of `stride` neighbouring pixels, inside."""
    return np.array([len(range(phase, kernel, stride)) for phase in range(stride)])


def _inside_counts(kernel: int, stride: int) -> np.ndarray:
    """Count the stamps on every pixel that lies beyond the reach of the rim."""
    n = 2 * -(-kernel // stride) + 2
    counts = conv_transpose2d(np.ones((n, n)), np.ones((kernel, kernel)), stride=stride)
    return counts[kernel:-kernel, kernel:-kernel]


progress = Progress(globals())
q1 = Nearest("q1")
q2 = PaintedByHand("q2")
q3 = TransposedSizes("q3")
q4 = EvenOverlap("q4")
q5 = Twin("q5")
q6 = YourOwn("q6")
