"""The exercises of lesson 04: pictures made larger, by repeating and by painting."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from helpers import images
from helpers.exercises.base import (
    Exercise,
    NotYet,
    as_array,
    as_whole,
    in_a_row,
    require,
)
from helpers.exercises.implements import Implements, Trial
from helpers.exercises.predictions import Predictions, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question
from helpers.ops import (
    conv2d,
    conv_transpose2d,
    output_size,
    pool2d,
    unpool2d,
    upsample2d,
)

__all__ = [
    "p1",
    "p2",
    "p3",
    "p4",
    "p5",
    "p6",
    "progress",
    "q1",
    "q2",
    "q3",
    "q4",
    "q5",
    "q6",
    "q7",
    "q8",
]

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
            lambda x, factor: np.trunc(upsample2d(x, factor)),
            "what follows the point is lost: your result holds whole numbers only. "
            "np.repeat keeps the type of x; np.zeros makes room for fractions, unless "
            "it is told int.",
        ),
        (
            lambda x, factor: np.abs(upsample2d(x, factor)),
            "the minus signs are lost. A feature map has negative numbers, too: repeat "
            "them as they are.",
        ),
        (
            lambda x, factor: np.clip(upsample2d(x, factor), 0, 255),
            "numbers below 0 are cut off. A feature map has some: repeat them as they "
            "are.",
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
        """Return gray maps and a colour one, with fractions and signs, and factors."""
        rng = np.random.default_rng(3)
        trials = [((2, 3), 2), ((2, 3), 3), ((4, 1), 5), ((3, 3), 1), ((2, 4, 3), 2)]
        return [(rng.normal(0, 50, shape), factor) for shape, factor in trials]

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
            result.shape != (2, 2),
            'your canvas is 2 × 2. padding="same" would cut it to that; here nothing '
            "is cut off.",
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
            f"you have {right} of 9 numbers right. Look at row {row}, column {column}: "
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
        if padding == "valid" and value == n * stride != self.truth[key]:
            return (
                f'"{key}": {written(value)} is n · stride, right for "same". With '
                '"valid" nothing is cut off: how far does the last stamp reach?'
            )
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
                "it to stride times the input."
            )
        if padding == "same" and value == n * stride + kernel:
            return (
                f'"{key}": {written(value)} is n · stride + kernel. `same` does not '
                "depend on the kernel."
            )
        if padding == "same":
            return (
                f'"{key}" is not {written(value)}. `same` cuts: the kernel no longer '
                "matters. What is left?"
            )
        if value - stride == self.truth[key]:
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
        "same for every pixel: 2 by 2 stamps with kernel 4 and stride 2. That is even "
        "overlap, and no promise: with weights that differ, a checkerboard can still "
        "appear."
    )

    def examine(self, answer: Any) -> str:
        """Count the stamps on every pixel of the inside."""
        if isinstance(answer, dict):
            answer = self._by_name(answer)
        require(
            in_a_row(answer) and len(answer) == 2,
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
            f"{least} stamp{'s' * (least > 1)}, others {most}: the overlap is uneven.",
        )
        if kernel == stride:
            return (
                "the stamps lie edge to edge, so every pixel gets one. Nothing "
                "overlaps: each input pixel paints a block of its own. Whether flat "
                "areas stay flat is up to the weights."
            )
        return (
            f"every pixel of the inside gets {most} stamps, "
            f"{kernel // stride} × {kernel // stride} of them. So equal weights paint "
            "flat areas flat; whether others do is up to them."
        )

    @staticmethod
    def _by_name(answer: dict[Any, Any]) -> list[Any]:
        """Return kernel and stride, whose names may be shortened, in this order."""
        given = [(str(key).strip().lower().replace(" ", "_"), key) for key in answer]
        pair = [
            [answer[key] for short, key in given if short and name.startswith(short)]
            for name in ("kernel_size", "strides")
        ]
        require(
            all(len(found) == 1 for found in pair),
            'write a pair, (kernel, stride), or a dictionary with "kernel" and '
            '"stride".',
        )
        return [found[0] for found in pair]


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
        # 5.999… came out of a sum: the numbers that are meant are told apart by more.
        twin = np.where(np.isclose(twin, self.picture), self.picture, twin)
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
            most = f"{kept[window]:.6g}"
            is_tie = twin.flat[places[window]] == kept[window]
            require(
                twin_places[window] == places[window],
                f"in the {name} window {most} stands more than once; the first, in "
                "reading order, counts, and that is not where it stood."
                if is_tie
                else f"in the {name} window {most} stands elsewhere, so unpooling "
                "would put it in another place.",
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


def _centres(old: int, new: int) -> np.ndarray:
    """Return where the centres of new pixels lie, counted in old pixels."""
    return (np.arange(new) + 0.5) * old / new - 0.5


def _shares(old: int, centres: np.ndarray) -> np.ndarray:
    """Return the weights of old pixels for new ones with these centres, (new, old)."""
    return np.maximum(1 - np.abs(centres[:, None] - np.arange(old)), 0)


def _mixing(old: int, new: int, centres: np.ndarray) -> np.ndarray:
    """Return the weights for centres that are clipped to those of the old pixels."""
    return _shares(old, centres.clip(0, old - 1))


def _resize_weights(old: int, new: int) -> np.ndarray:
    return _mixing(old, new, _centres(old, new))


def _unclipped(old: int, new: int) -> np.ndarray:
    return _shares(old, _centres(old, new))


def _whole_factor(cut: Callable[[float], float]) -> tuple[Callable[..., Any], str]:
    return (
        lambda old, new: _mixing(
            old, new, (np.arange(new) + 0.5) / cut(new / old) - 0.5
        ),
        "the factor is rounded to a whole number. It is new / old, fractions and all.",
    )


def _clipped_badly(lowest: float, beyond: float) -> tuple[Callable[..., Any], str]:
    return (
        lambda old, new: _shares(old, _centres(old, new).clip(lowest, old + beyond)),
        "at a rim the weights do not add up to 1, so the picture gets darker there. "
        "The old centres lie from 0 to old − 1: clip there, on both sides.",
    )


def _signed_weights(old: int, new: int) -> np.ndarray:
    centres = _centres(old, new).clip(0, old - 1)
    return 1 - np.abs(centres[:, None] - np.arange(old))


def _nearest_weights(old: int, new: int) -> np.ndarray:
    nearest = (np.arange(new) + 0.5) * old // new
    return np.equal(nearest[:, None], np.arange(old)) * 1.0


class ResizeWeights(Implements):
    """Bilinear weights from any size to any larger one."""

    function = "resize_weights"
    reference = staticmethod(_resize_weights)
    slips = (
        (
            lambda old, new: _mixing(old, new, np.linspace(0, old - 1, new)),
            "the first and the last new centre lie on those of the old pixels. Pixels "
            "are squares here, and the two pictures have their outer edges in common.",
        ),
        (
            lambda old, new: _mixing(old, new, np.arange(new) * old / new),
            "you take where each new pixel begins for its centre. Half a new pixel has "
            "to be added, and half an old one taken off.",
        ),
        (
            lambda old, new: _mixing(old, new, (np.arange(new) + 0.5) * old / new),
            "the old centres lie at 0, 1, 2 …, half a pixel from where the old picture "
            "begins. Take ½ off.",
        ),
        (
            lambda old, new: _mixing(old, new, np.arange(new) * old / new - 0.5),
            "the new centre lies half a new pixel further: (i + ½) · old / new − ½.",
        ),
        _whole_factor(np.floor),
        _whole_factor(round),
        (
            _unclipped,
            "beyond the last old centres the weights do not add up to 1, so the "
            "picture gets darker there. Clip the centres to what lies between.",
        ),
        _clipped_badly(0, 0),
        _clipped_badly(-1, -1),
        (
            _signed_weights,
            "there are weights below 0: only the nearest two pixels count. Put 0 where "
            "the distance is more than 1.",
        ),
        (
            _nearest_weights,
            "each new pixel takes all of the nearest old one. That is nearest "
            "neighbour; bilinear mixes two.",
        ),
        (
            lambda old, new: np.rint(_resize_weights(old, new)),
            "your weights are whole numbers, rounded. Make the array with room for "
            "fractions: np.zeros without int.",
        ),
        (
            lambda old, new: np.trunc(_resize_weights(old, new)),
            "your weights are whole numbers, cut off. Make the array with room for "
            "fractions: np.zeros without int.",
        ),
        (
            lambda old, new: _resize_weights(old, new).T,
            "rows and columns are swapped. There is a row for each new pixel.",
        ),
        (
            lambda old, new: _resize_weights(new, old).T,
            "old and new are swapped: that is the way down, laid on its side.",
        ),
        (
            lambda old, new: np.zeros((new, old)),
            "all weights are 0. Each row should add up to 1.",
        ),
    )
    right = (
        "each row adds up to 1, and the nearer of two old pixels counts more, for any "
        "two sizes."
    )
    hints = (
        "In the lesson the new pixels were 1 / factor wide. Now they are old / new "
        "wide.",
        "The centres are (np.arange(new) + 0.5) * old / new - 0.5, clipped to "
        "0 … old − 1.",
        "The weight of an old pixel is 1 less its distance from the new centre, and 0 "
        "where it is further away than 1. The lines of bilinear_weights do that.",
    )
    answer = (
        "def resize_weights(old, new):\n"
        "    centres = (np.arange(new) + 0.5) * old / new - 0.5\n"
        "    distance = np.abs(centres.clip(0, old - 1)[:, None] - np.arange(old))\n"
        "    return np.maximum(1 - distance, 0)"
    )
    why = (
        "A new pixel is old / new old ones wide, and its centre lies in its middle. "
        "The rest is as in the lesson: the nearer of two old pixels counts more. Your "
        "screen does this when it shows 300 pixels on 1,000."
    )
    stub = (
        "Write the body of resize_weights in place of the three dots, then run it "
        "again."
    )

    def cases(self) -> Sequence[tuple[int, int]]:
        """Return whole factors and others."""
        return [(2, 4), (2, 3), (3, 5), (5, 5), (1, 3), (4, 14), (7, 9)]

    @staticmethod
    def named(old: int, new: int) -> str:
        """Say both sizes."""
        return f"{old} old and {new} new pixels"


def _stamped(
    x: np.ndarray,
    kernels: np.ndarray,
    stride: int,
    lay: Callable[..., Any],
    step: int | None = None,
) -> np.ndarray:
    """Lay the stamps of a layer on a canvas, one after the other, in some way."""
    step = step or stride
    (h, w, _), (kh, kw, filters, _) = x.shape, kernels.shape
    canvas = np.zeros(((h - 1) * stride + kh, (w - 1) * stride + kw, filters))
    for i, j in np.ndindex(h, w):
        there = canvas[i * step : i * step + kh, j * step : j * step + kw]
        there[...] = lay(there, kernels @ x[i, j])
    return canvas


def _paint_layer(x: np.ndarray, kernels: np.ndarray, stride: int) -> np.ndarray:
    return conv_transpose2d(x, kernels, stride=stride)


class PaintLayer(Implements):
    """A transposed convolution with channels."""

    function = "paint_layer"
    reference = staticmethod(_paint_layer)
    slips = (
        (
            lambda x, kernels, stride: _stamped(
                x, kernels, stride, lambda _, stamp: stamp
            ),
            "each stamp covers what was there before. Where stamps overlap they add "
            "up: +=, not =.",
        ),
        (
            lambda x, kernels, stride: _stamped(x, kernels, stride, np.maximum),
            "where stamps overlap you keep the larger one. They add up.",
        ),
        (
            lambda x, kernels, stride: _paint_layer(x, kernels[::-1, ::-1], stride),
            "the kernel is turned by half a turn. A stamp leaves it as it is.",
        ),
        (
            lambda x, kernels, stride: _paint_layer(x, kernels, 1),
            "that is stride 1. Use the stride that is given.",
        ),
        (
            lambda x, kernels, stride: conv_transpose2d(
                x, kernels, stride=stride, padding="same"
            ),
            'the canvas is cut as by padding="same". Here it stays whole, "valid": '
            "(n − 1) · stride + kernel pixels a side.",
        ),
        (
            lambda x, kernels, stride: _paint_layer(x, kernels.swapaxes(2, 3), stride),
            "filters and channels are swapped. In a transposed layer the kernels' last "
            "axis is that of the channels that come in.",
        ),
        (
            lambda x, kernels, stride: _paint_layer(x, kernels, stride).sum(axis=-1),
            "the maps of all filters are added up. Each filter has a map of its own.",
        ),
        (
            lambda x, kernels, stride: _paint_layer(
                x[..., :1], kernels[..., :1], stride
            ),
            "only the first channel is painted. Add up the stamps of all of them.",
        ),
        (
            lambda x, kernels, stride: _paint_layer(
                x[..., -1:], kernels[..., -1:], stride
            ),
            "only the last channel is left: += over the channels.",
        ),
        (
            lambda x, kernels, stride: _stamped(x, kernels, stride, np.add, step=1),
            "the canvas is right, but stamps lie one pixel apart: begin at i · stride.",
        ),
        (
            lambda x, kernels, stride: np.trunc(_paint_layer(x, kernels, stride)),
            "what follows the point is lost: your canvas holds whole numbers only. "
            "np.zeros makes room for fractions, unless it is told int.",
        ),
        (
            lambda x, kernels, stride: np.abs(_paint_layer(x, kernels, stride)),
            "the minus signs are lost. A canvas may hold negative numbers.",
        ),
        (
            lambda x, kernels, stride: np.maximum(_paint_layer(x, kernels, stride), 0),
            "numbers below 0 are cut off. No activation was asked for.",
        ),
        (
            lambda x, kernels, stride: np.zeros_like(_paint_layer(x, kernels, stride)),
            "the canvas is as it was before painting: all numbers are 0.",
        ),
    )
    spoiled = "paint_layer changes what it is given. Paint on a canvas of its own."
    right = (
        "every pixel stamps each filter's kernels, as strong as its channels are, and "
        "all of it adds up. Conv2DTranspose does the same."
    )
    hints = (
        "The loops of paint stay as they are. The canvas gets a third axis, as long as "
        "there are filters.",
        "At one pixel: the stamp of a filter is the sum over the channels of "
        "kernels[:, :, f, c] * x[i, j, c].",
        "kernels @ x[i, j] is that sum for all filters at once, of shape (kh, kw, F).",
    )
    answer = (
        "def paint_layer(x, kernels, stride):\n"
        "    (h, w, _), (kh, kw, filters, _) = x.shape, kernels.shape\n"
        "    rows, columns = (h - 1) * stride + kh, (w - 1) * stride + kw\n"
        "    canvas = np.zeros((rows, columns, filters))\n"
        "    for i in range(h):\n"
        "        for j in range(w):\n"
        "            top, left = i * stride, j * stride\n"
        "            stamp = kernels @ x[i, j]\n"
        "            canvas[top : top + kh, left : left + kw] += stamp\n"
        "    return canvas"
    )
    why = (
        "The product with the matrix of (filters, channels) at each of the kernel's "
        "places adds the channels up. All else is paint: a stamp for each pixel, and "
        "overlaps add up."
    )
    stub = (
        "Write the body of paint_layer in place of the three dots, then run it again."
    )

    def cases(self) -> Sequence[tuple[np.ndarray, np.ndarray, int]]:
        """Return small maps with fractions and signs; kernels at least a stride."""
        rng = np.random.default_rng(9)
        sizes = [
            ((2, 2), (3, 3), 2, 2, 2),
            ((2, 3), (3, 2), 2, 3, 2),
            ((3, 2), (3, 3), 1, 1, 2),
            ((3, 2), (4, 4), 2, 2, 2),
            ((2, 2), (2, 2), 3, 1, 1),
            ((1, 4), (3, 5), 2, 4, 3),
        ]
        return [
            (
                rng.normal(0, 9, (*shape, channels)),
                rng.normal(0, 2, (*size, filters, channels)),
                stride,
            )
            for shape, size, channels, filters, stride in sizes
        ]

    @staticmethod
    def named(x: np.ndarray, kernels: np.ndarray, stride: int) -> str:
        """Say the shapes, which tell channels and filters."""
        return f"x of shape {x.shape}, kernels of {kernels.shape} and stride {stride}"


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
        "the rim. Its four phases sum to 1, so flat areas stay flat, and its size is "
        "even, so the picture stays in its place. A network would choose its own "
        "numbers, from examples."
    )

    def examine(self, answer: Any) -> str:
        """Describe a kernel: overlap, phases, brightness, place, error on a photo."""
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
        moved = _moved(kernel)
        lines = [f"Here is what your {rows}×{columns} kernel paints at stride 2."]
        lines.append(self._overlap(kernel))
        lines.append(self._phases(kernel))
        lines.append(self._place(moved))
        lines.append(self._error(kernel, moved))
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
        sums = _phase_sums(kernel)
        said = "Phases: sums " + ", ".join(written(total, 3) for total in sums)
        size = np.abs(sums).max()
        if not _phases_agree(kernel):
            return f"{said}; a flat area gets a pattern, as they differ."
        if size <= 1e-6 * np.abs(kernel).max():
            return f"{said}; flat areas vanish, only changes are painted."
        if np.allclose(sums, 1):
            return f"{said}; flat areas stay flat and keep their brightness."
        if sums[0] < 0:
            return f"{said}; flat areas stay flat, and turn negative."
        return f"{said}; flat areas stay flat, {sums[0]:.3g} times as bright."

    @staticmethod
    def _place(moved: np.ndarray | None) -> str:
        if moved is None:
            return "Place: positive and negative weights cancel, so there is no centre."
        ways = (("down", "up"), ("to the right", "to the left"))
        said = [
            f"{abs(way):.2g} pixels {names[int(way < 0)]}"
            for way, names in zip(moved, ways, strict=True)
            if way
        ]
        if not said:
            return "Place: the picture stays where it belongs."
        return f"Place: the picture moves {' and '.join(said)}."

    @staticmethod
    def _error(kernel: np.ndarray, moved: np.ndarray | None) -> str:
        photo = images.photo("astronaut", size=128).astype(np.float64)
        small = pool2d(photo, reduce="mean")
        inside = (slice(16, -16), slice(16, -16))  # beyond the rim's missing stamps

        def off(enlarged: np.ndarray) -> float:
            return float(np.abs(enlarged - photo)[inside].mean())

        bilinear = off(upsample2d(small, 2, method="bilinear"))

        def verdict(yours: float) -> str:
            if np.isclose(yours, bilinear, rtol=0.01):
                return "about the same"
            return "better" if yours < bilinear else "worse"

        painted = conv_transpose2d(small, kernel, stride=2, padding="same")
        yours = off(painted)
        said = (
            f"Error: a photo halved and painted back is off by {yours:.3g} grays; "
            f"bilinear by {bilinear:.3g}. Yours is {verdict(yours)} here."
        )
        if moved is None or not moved.any():
            return said
        if not _phases_agree(kernel):
            return (
                f"{said} Its pattern would have to go before its place can be judged."
            )
        there = off(_back(painted, moved))
        return (
            f"{said} Moved back to its place, between the pixels by mixing, it is off "
            f"by {there:.3g}: {verdict(there)}."
        )


class OneRow(Question):
    """A question for a row of numbers, which may come as an array of one row."""

    def _read(self, answer: Any) -> Any:
        value = super()._read(answer)
        return value[0] if np.ndim(value) == 2 and len(value) == 1 else value


class OtherNumber(Question):
    """A question for a number beside the one that is given: both may come."""

    given = 7

    def _read(self, answer: Any) -> Any:
        is_pair = isinstance(answer, list | tuple) and len(answer) == 2
        require(
            not is_pair or self.given not in answer,
            f"{self.given} is given already: give the other alone.",
        )
        return super()._read(answer)


def _moved(kernel: np.ndarray) -> np.ndarray | None:
    """Return how far down and to the right a kernel moves a picture at stride 2.

    Without a pattern, a pixel's two by two new ones have their centre half a pixel
    beyond the first. None where the weights cancel so far that there is no centre.
    """
    total = kernel.sum()
    if abs(total) < 0.1 * np.abs(kernel).sum():
        return None
    begins = [max(n - 2, 0) // 2 for n in kernel.shape]  # what "same" cuts off
    centres = [
        np.arange(n) @ kernel.sum(axis=1 - axis) / total
        for axis, n in enumerate(kernel.shape)
    ]
    moved = np.subtract(centres, begins) - 0.5
    moved[np.abs(moved) < 1e-6] = 0
    return moved if np.abs(moved).max() < 8 else None


def _phase_sums(kernel: np.ndarray) -> np.ndarray:
    """Return what a flat area of 1 becomes on each of two by two pixels."""
    return np.array([kernel[a::2, b::2].sum() for a, b in np.ndindex(2, 2)])


def _phases_agree(kernel: np.ndarray) -> bool:
    """Say whether a flat area stays flat, painted at stride 2."""
    return bool(np.ptp(_phase_sums(kernel)) <= 1e-6 * np.abs(kernel).max())


def _back(picture: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Move a picture back; what lies between two pixels is mixed of both."""
    for axis, way in enumerate(moved):
        whole = int(np.floor(way))
        part = way - whole
        near, far = (np.roll(picture, -step, axis) for step in (whole, whole + 1))
        picture = (1 - part) * near + part * far
    return picture


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


p1 = Question(
    "p1",
    kind="number",
    prompt=(
        "In a row lie two pixels, 16 and 48. What is the value of the new pixel whose "
        "centre is at ¾?"
    ),
    answer=40,
    why="¾ lies three times as near to 1 as to 0: ¼ · 16 + ¾ · 48 = 4 + 36 = 40.",
    slips=(
        (
            24,
            "the weights are swapped: that is the new pixel at ¼. The nearer counts "
            "more.",
        ),
        (32, "that is half of both. The centre at ¾ is nearer to the second."),
        (48, "that is nearest neighbour. Bilinear mixes both."),
        (36, "that is ¾ of 48. A quarter of 16 comes to it."),
        (64, "that is the sum. The weights are ¼ and ¾."),
        (52, "the weights are ¼ and ¾, of 16 and of 48."),
    ),
    nudge=(
        "that is not it. Which of the two is nearer, and how much more does it count?"
    ),
    hints=(
        "The new centre lies ¾ from the first pixel and ¼ from the second.",
        "The nearer one counts ¾, the other one ¼.",
    ),
)
p2 = Question(
    "p2",
    kind="number",
    prompt=(
        "A picture of 12 × 12 pixels, no two alike and none of them 0, is max pooled "
        "with windows of 4 × 4, and unpooled. How many of its 144 pixels are back?"
    ),
    answer=9,
    why="there are 3 × 3 windows, and one winner in each: 1 of 16 is back.",
    slips=(
        (4, "that was the picture before: here three windows lie side by side."),
        (3, "that is how many windows lie side by side. How many are there in all?"),
        (
            16,
            "16 pixels are in each window. How many windows are there, and how many "
            "pixels does each keep?",
        ),
        (135, "135 are lost. How many are back?"),
        (144, "the shape is back. Of the values each window keeps one."),
        (36, "windows of 2 × 2 would bring back 36. These are of 4 × 4."),
        (1, "that is of one window. How many windows are there?"),
    ),
    nudge="that is not it. How many windows are there, and what does each remember?",
    hints=(
        "Three windows of 4 fit side by side into 12 pixels.",
        "Each window remembers one number and its place.",
    ),
)
p3 = OneRow(
    "p3",
    kind="array",
    prompt=(
        "The pixels 55 and 10 lie side by side, and are painted with the row [1 2 1] "
        "at stride 2. What stands on the canvas?"
    ),
    answer=[55, 110, 65, 20, 10],
    why=(
        "the first stamp is 55 110 55, the second 10 20 10, two pixels further. They "
        "meet in one pixel: 55 + 10."
    ),
    slips=(
        (
            [55, 120, 75, 10],
            "that is stride 1. At stride 2 the second stamp begins two pixels further.",
        ),
        ([55, 110, 55, 10, 20, 10], "the stamps lie edge to edge: that is stride 3."),
        (
            [55, 110, 10, 20, 10],
            "the second stamp covers the first where they meet. They add up there.",
        ),
        (
            [55, 110, 55, 20, 10],
            "where they meet the larger is kept. They add up there.",
        ),
        (
            [110, 65, 20, 10],
            'that is cut, as by padding="same". Here the canvas stays whole.',
        ),
        (
            [55, 0, 10],
            "those are the pixels with a gap between them. Now each stamps the kernel.",
        ),
    ),
    nudge="Write both stamps down, the second two pixels further, and add up.",
    hints=(
        "The stamps are 55 110 55 and 10 20 10.",
        "The second begins where the first ends: they share one pixel.",
    ),
)
p4 = OtherNumber(
    "p4",
    kind="number",
    prompt=(
        "A convolution with a kernel of 3 × 3 at stride 2, without padding, makes 3 "
        "pixels a side out of 7. It makes 3 out of one other size, too. Which?"
    ),
    answer=8,
    why=(
        "windows begin at 0, 2 and 4. The last ends at pixel 6; an eighth pixel, "
        "number 7, is left over, since the next window would need one more."
    ),
    slips=(
        (6, "of 6 pixels come 2: a window that begins at 4 would need a seventh."),
        (9, "of 9 pixels come 4: a window that begins at 6 still fits."),
        (5, "of 5 pixels come 2: windows begin at 0 and at 2."),
        (7, "7 is the one that is given. There is another."),
    ),
    nudge="that is not it. ⌊(n − 3) / 2⌋ + 1 is to be 3.",
    hints=(
        "Windows begin at 0, 2 and 4. The last one ends at pixel 6.",
        "How many pixels may be left over before a fourth window fits?",
    ),
)
p5 = Question(
    "p5",
    kind="shape",
    prompt=(
        "A kernel of 3 × 3 slides over a picture of 28 × 28, without padding. What is "
        "the shape of Mᵀ?"
    ),
    answer=(784, 676),
    why=(
        "there are 28 · 28 = 784 pixels and 26 · 26 = 676 answers. M has a row for "
        "each answer; on its side it has a row for each pixel."
    ),
    slips=(
        ((676, 784), "that is M. On its side, rows become columns."),
        ((784, 784), "without padding fewer answers come out than pixels go in."),
        ((676, 676), "there are more pixels than answers: 28 · 28."),
        ((28, 26), "M takes all pixels as one column. How many are there?"),
        ((26, 28), "M takes all pixels as one column. How many are there?"),
        ((28, 28), "that is the picture. M takes all its pixels as one column."),
        ((9, 784), "M has a row for each answer, not for each weight."),
        ((784, 9), "M has a row for each answer, not for each weight."),
    ),
    nudge="that is not it. M has a row for each answer and a column for each pixel.",
    hints=(
        "28 − 3 + 1 = 26: that many answers a side.",
        "M is answers × pixels, 676 × 784. Now lay it on its side.",
    ),
)
p6 = Question(
    "p6",
    kind="choice",
    prompt=(
        "Keras starts with weights around 0, as many below it as above. Kernel 4 at "
        "stride 2 has even overlap, kernel 3 has not. Which of the two paints a flat "
        "map more evenly then, on average?"
    ),
    choices={
        "a": "kernel 4, by far",
        "b": "kernel 3, by far",
        "c": "neither: they are about equally uneven",
    },
    answer="c",
    why=(
        "each phase adds up weights around 0, so its sum is as often below 0 as above, "
        "however many weights it has. Four such sums differ nearly as much as they are "
        "large, with either kernel."
    ),
    slips=(
        (
            "a",
            "so it was with weights above 0. There a phase with more of them has the "
            "larger sum. What becomes of that where half of them are below 0?",
        ),
        (
            "b",
            "it has the same trouble. What is the sum of a phase, where half of the "
            "weights are below 0?",
        ),
    ),
    hints=(
        "What a flat map becomes is the sum of a phase's weights.",
        "If half of the weights are below 0, can you tell from how many there are "
        "whether their sum is positive?",
    ),
)
progress = Progress(globals())
q1 = Nearest("q1")
q2 = PaintedByHand("q2")
q3 = TransposedSizes("q3")
q4 = EvenOverlap("q4")
q5 = Twin("q5")
q6 = ResizeWeights("q6")
q7 = PaintLayer("q7")
q8 = YourOwn("q8")
