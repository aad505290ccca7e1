"""The exercises of lesson 02: sliding, sizes, parameters, channels, and stacks."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from helpers.exercises.base import (
    Exercise,
    NotYet,
    as_array,
    as_whole,
    require,
    untouched,
)
from helpers.exercises.implements import Implements, Slip, Trial, size
from helpers.exercises.predictions import Entries, Predictions, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question, plain_text
from helpers.ops import conv2d, output_size, path_counts, receptive_field, relu

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
]

_ABSOLUTE = "every negative answer has lost its sign. Sums may be negative: keep them."
_BENT = "every negative answer has become 0. Sums may be negative: keep them."
_INSIDE = (
    "The kernel should stay inside the image, without padding, so there are fewer "
    "answers than pixels. As many as pixels is what “same” gives."
)


class Slides(Implements):
    """A function that slides a kernel over an image: what its answers may show."""

    within = 2e-5  # a sum of products in float32 is right, too

    def difference(self, trial: Trial) -> str:
        """Know wrong shapes, fractions that were cut off, and bytes."""
        result, wanted = trial.result, trial.wanted
        if result.shape != wanted.shape:
            if result.ndim == 0:
                return (
                    f"one number came; answers of shape {wanted.shape} are wanted. "
                    "Does `return` stand inside the loops? It belongs below them."
                )
            return (
                f"out came shape {result.shape}; {wanted.shape} is wanted. "
                + self._about_shape(trial)
            )
        whole = not (result % 1).any() and (wanted % 1).any()
        if whole and np.abs(result - wanted).max() < 1:
            return (
                "every answer is a whole number: the fractions are gone. Make the "
                "array of answers with np.zeros(...), of floating-point numbers."
            )
        if whole and np.abs(result - wanted % 256).max() <= 1:
            return (
                "every answer is a whole number from 0 to 255: these are bytes, which "
                "know no fractions and no minus. Make the array of answers with "
                "np.zeros(...), of floating-point numbers."
            )
        return super().difference(trial)

    def _about_shape(self, trial: Trial) -> str:
        image, kernel = trial.given[:2]
        places, shape = image.shape[:2], trial.result.shape
        rows, columns = trial.wanted.shape
        if shape[:2] == places:
            unfilled = np.zeros_like(trial.result.T)  # .T: for every channel, if any
            unfilled[..., :columns, :rows] = trial.wanted.T
            if np.allclose(trial.result.T, unfilled, atol=self.within):
                return (
                    "The answers are right, but their array is as large as the image. "
                    "Make it smaller: there is one answer for each place."
                )
        if shape == tuple(np.subtract(places, kernel.shape[:2])):
            return (
                "One row and one column are missing: a kernel of 3 fits 5 pixels at 3 "
                "places, not at 5 − 3 = 2. Look at where your loops end."
            )
        if shape == places:
            return _INSIDE
        if shape == trial.wanted.shape[::-1]:
            return "Rows and columns are swapped."
        if len(shape) > 2 and 1 in shape:
            return "A map has rows and columns: the axes of length 1 are too many."
        if len(shape) > 2:
            return "A map has rows and columns, and no third axis."
        return "Rows: H − kh + 1. Columns: W − kw + 1."


def _unwritten(right: Callable[..., np.ndarray]) -> tuple[Slip, ...]:
    """Return what loops that end too early leave: zeros in the last answers."""

    def kept(places: Any) -> Callable[..., np.ndarray]:
        def slip(*given: Any) -> np.ndarray:
            answers = np.zeros_like(right(*given))
            answers[places] = right(*given)[places]
            return answers

        return slip

    return tuple(
        (
            kept(places),
            f"the last {lines} never written. Look at where your loops end: range(n) "
            "stops before n by itself.",
        )
        for places, lines in (
            (np.s_[:-1, :-1], "row and column of the answers were"),
            (np.s_[:-1], "row of the answers was"),
            (np.s_[:, :-1], "column of the answers was"),
        )
    )


def _matrix_products(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Take the matrix product of window and kernel at every place, and its sum."""
    products = np.lib.stride_tricks.sliding_window_view(x, k.shape) @ k
    places = conv2d(x, k).shape
    return products.reshape(*places, -1).sum(axis=-1)


_MATRICES = (
    "@ and np.dot make the product of two matrices, rows times columns. Multiply each "
    "pixel by the weight that lies on it, with *."
)


class Corr2d(Slides):
    """A function that slides a kernel of any shape over an image of any shape."""

    function = "corr2d"
    reference = staticmethod(conv2d)
    slips = (
        (
            lambda x, k: np.zeros_like(conv2d(x, k)),
            "all answers are 0. Is the sum ever written into them?",
        ),
        (
            lambda x, k: conv2d(x, k[::-1, ::-1]),
            "your kernel is flipped: upside down and left to right. That is the "
            "textbook's convolution; here kernel[0, 0] meets the window's first pixel.",
        ),
        (lambda x, k: conv2d(x, k[:, ::-1]), "your kernel is mirrored left to right."),
        (lambda x, k: conv2d(x, k[::-1]), "your kernel is upside down."),
        (
            lambda x, k: conv2d(x, k.T),
            "your kernel is laid on its side: its rows and columns are swapped.",
        ),
        (
            lambda x, k: conv2d(x, k).T,
            "the answers are right, but rows and columns are swapped.",
        ),
        (
            lambda x, k: conv2d(x, k) / k.size,
            lambda trial: (
                f"every answer is a {trial.given[1].size}th of what it should be. Take "
                "the sum of the products, not their mean."
            ),
        ),
        *_unwritten(conv2d),
        (_matrix_products, _MATRICES),
        (lambda x, k: np.abs(conv2d(x, k)), _ABSOLUTE),
        (lambda x, k: relu(conv2d(x, k)), _BENT),
        (
            lambda x, k: conv2d(x, np.abs(k)),
            "the negative weights have lost their sign. Multiply by them as they are.",
        ),
        (
            lambda x, k: conv2d(np.abs(x), k),
            "the negative pixels have lost their sign. Take them as they are.",
        ),
        (
            lambda x, k: conv2d(x, np.ones_like(k)),
            "you add up the pixels of the window. Each is multiplied by its weight "
            "first.",
        ),
    )
    spoiled = (
        "corr2d changes the image or the kernel that it is given. Collect the answers "
        "in a new array."
    )
    right = (
        "it was tried on 9 pairs of image and kernel, square ones and others, and "
        "every number is right."
    )
    hints = (
        "The shape of the answers first: how many places are there for kh rows in a "
        "column of H pixels, and for kw columns in a row of W?",
        "There are H − kh + 1 rows of answers and W − kw + 1 columns. `kh, kw = "
        "kernel.shape` takes the two sides apart.",
        "For each i and j: `answers[i, j] = (image[i : i + kh, j : j + kw] * "
        "kernel).sum()`.",
    )
    answer = (
        "def corr2d(image, kernel):\n"
        "    kh, kw = kernel.shape\n"
        "    rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1\n"
        "    answers = np.zeros((rows, columns))\n"
        "    for a in range(kh):\n"
        "        for b in range(kw):\n"
        "            copy = image[a : a + rows, b : b + columns]\n"
        "            answers += kernel[a, b] * copy\n"
        "    return answers"
    )
    why = (
        "Each weight meets a shifted copy of the image: kernel[a, b] lies on image[i + "
        "a, j + b]. Adding up the copies gives all answers at once. Two loops over i "
        "and j, with a window and a sum inside, give the same numbers and take longer."
    )
    stub = "Write the body of corr2d in place of the three dots, then run it again."

    def cases(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return images and kernels: the lesson's, square ones, then others."""
        rng = np.random.default_rng(1)
        shapes = [
            ((7, 7), (3, 3)),
            ((5, 9), (3, 3)),
            ((9, 6), (1, 1)),
            ((6, 8), (5, 5)),
            ((6, 7), (2, 3)),
            ((8, 5), (4, 1)),
            ((4, 9), (1, 5)),
            ((3, 5), (3, 5)),
        ]
        pairs = [(rng.normal(0, 3, x), rng.normal(0, 2, k)) for x, k in shapes]
        return [(np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2)), *pairs]

    @staticmethod
    def named(image: np.ndarray, kernel: np.ndarray) -> str:
        """Say how large both are."""
        return f"an image {size(image)} and a kernel {size(kernel)}"

    def lead(self, image: np.ndarray, kernel: np.ndarray) -> str:
        """Say, too, that square kernels work, before the first other one."""
        square = kernel.shape[0] == kernel.shape[1]
        before = "" if square else "square kernels work, but not all others: "
        return before + super().lead(image, kernel)


class Shapes(Entries):
    """The shapes that come out of five convolution layers."""

    #: input shape, filters, kernel, and what else the layer was told
    layers: ClassVar[
        dict[str, tuple[tuple[int, int, int], int, int, dict[str, Any]]]
    ] = {
        "plain": ((28, 28, 1), 8, 3, {}),
        "same": ((32, 32, 3), 16, 5, {"padding": "same"}),
        "stride": ((28, 28, 1), 4, 3, {"stride": 2}),
        "same_stride": ((15, 20, 3), 6, 3, {"stride": 2, "padding": "same"}),
        "dilated": ((28, 28, 3), 2, 3, {"dilation": 2}),
    }
    keys = tuple(layers)
    right = (
        "rows and columns come from the formula, and there are as many channels as "
        "filters."
    )
    hints = (
        "Three numbers come out: rows, columns, and as many channels as there are "
        "filters. Each filter looks at all channels of its input at once.",
        "Valid: ⌊(n − k) / s⌋ + 1. Same: n divided by the stride, rounded up. A "
        "dilated kernel of 3 reaches over (3 − 1)·2 + 1 = 5 pixels.",
        "For a stride of 2 on 28 pixels with a kernel of 3: (28 − 3) / 2 = 12.5, "
        "rounded down 12, plus 1.",
    )
    answer = (
        "shapes_out = {\n"
        '    "plain": (26, 26, 8),\n'
        '    "same": (32, 32, 16),\n'
        '    "stride": (13, 13, 4),\n'
        '    "same_stride": (8, 10, 6),\n'
        '    "dilated": (24, 24, 2),\n'
        "}"
    )
    why = (
        "Rows and columns follow the formula, each on its own. The number of channels "
        "that come out is the number of filters, whatever came in."
    )

    def look(self, key: str, given: Any) -> None:
        """Compare a shape with what the formula gives."""
        if isinstance(given, np.ndarray):
            given = given.tolist()
        require(
            not isinstance(given, list | tuple) or len(given) != 4,
            f'"{key}": leave out the first of the four numbers, which counts '
            "pictures. Rows, columns and channels are wanted.",
        )
        shape = as_array(
            given, f'"{key}"', wanted="three numbers: rows, columns and channels"
        )
        truth = self.shape(key)
        require(
            shape.shape == (3,),
            f'"{key}" needs three numbers: rows, columns, and channels (how many maps '
            "come out).",
        )
        if not np.array_equal(shape, truth):
            raise NotYet(self._reason(key, tuple(shape), truth))

    @classmethod
    def shape(cls, key: str) -> tuple[int, int, int]:
        """Return the shape that comes out of one of the layers."""
        (rows, columns, _), filters, kernel, settings = cls.layers[key]
        return (*output_size((rows, columns), kernel, **settings), filters)

    @classmethod
    def _reason(
        cls, key: str, given: tuple[float, ...], truth: tuple[int, int, int]
    ) -> str:
        (_, _, channels), filters, _, _ = cls.layers[key]
        said = f'"{key}" does not give ({", ".join(f"{n:g}" for n in given)}). '
        if given == (truth[2], *truth[:2]):
            return said + "Rows and columns come first, channels last."
        if given[:2] != truth[:2]:
            return said + cls._about_sides(given[:2], key)
        if given[2] == filters * channels:
            return said + (
                f"A filter adds up over all {channels} channels, so each of the "
                f"{filters} filters gives one map, not {channels}."
            )
        if given[2] == channels:
            return said + (
                f"The {channels} channel{'s' * (channels > 1)} of the input "
                f"{'are' if channels > 1 else 'is'} used up in the sums. How many "
                "filters are there?"
            )
        return said + "Each filter gives one channel."

    @classmethod
    def _about_sides(cls, given: tuple[float, ...], key: str) -> str:
        (rows, columns, _), _, kernel, settings = cls.layers[key]
        truth = cls.shape(key)[:2]
        stride = settings.get("stride", 1)
        if given == truth[::-1]:
            return "Rows come first, then columns."
        stays, other = settings.get("padding") == "same", dict(settings)
        other["padding"] = "valid" if stays else "same"
        mistaken = given == output_size((rows, columns), kernel, **other)
        if any(side % 1 for side in given):
            way = "up" if stays else "down"
            return f"There is no part of a place: round {way} to a whole number."
        if stride > 1 and given in [
            output_size((rows, columns), kernel, **{**how, "stride": 1})
            for how in (settings, other)
        ]:
            return f"Those are the sides with stride 1. The kernel moves by {stride}."
        if stays:
            said = "Those are the sides with “valid”, without padding. " * mistaken
            if stride == 1:
                return said + "What does the padding “same” keep?"
            return (
                said + "With “same” the sides are divided by the stride and rounded up."
            )
        if mistaken:
            shrink = "and what does not fit is left out: round down."
            return (
                "Those are the sides with “same”. Where nothing is said, Keras takes "
                "“valid”: without padding the kernel has to fit inside, "
                + (shrink if stride > 1 else "so the sides shrink.")
            )
        if given == tuple(n - 1 for n in truth):
            return "One row and one column are missing: do not forget the + 1."
        if stride > 1 and given == tuple(n + 1 for n in truth):
            return "A place that does not fit as a whole is left out: round down."
        if settings.get("dilation", 1) > 1:
            return (
                "How many pixels does a kernel of 3 reach over, from its first to its "
                "last, when every second pixel is left out?"
            )
        return f"How many places are there for {kernel} pixels among {rows}?"


class Parameters(Predictions):
    """How many numbers five layers have to learn."""

    truth = {  # noqa: RUF012  (never changed)
        "dense": 100 * 100 * 1000 + 1000,
        "first": (3 * 3 * 1 + 1) * 25,
        "second": (3 * 3 * 25 + 1) * 50,
        "colour": (5 * 5 * 3 + 1) * 64,
        "larger": (5 * 5 * 3 + 1) * 64,
    }
    right = (
        "weights of one filter, plus one bias, times the number of filters; and "
        "the size of the picture matters to the dense layer alone."
    )
    stub = Entries.stub
    hints = (
        "Count one neuron or one filter first: one weight for each number that it "
        "looks at, and one bias. Then multiply by how many there are.",
        "A filter of a second layer looks at 3 × 3 places in each of 25 maps: 225 "
        "weights and one bias.",
        "dense: (100·100 + 1)·1000. first: (9 + 1)·25. colour: (5·5·3 + 1)·64. For the "
        "last one: does a filter know how large the picture is?",
    )
    answer = (
        "parameters = {\n"
        '    "dense": (100 * 100 + 1) * 1000,\n'
        '    "first": (3 * 3 + 1) * 25,\n'
        '    "second": (3 * 3 * 25 + 1) * 50,\n'
        '    "colour": (5 * 5 * 3 + 1) * 64,\n'
        '    "larger": (5 * 5 * 3 + 1) * 64,\n'
        "}"
    )
    why = (
        "In a dense layer each neuron has a weight for each pixel. In a convolution "
        "layer each filter has a weight for each number under it, kh·kw·channels of "
        "them, and one bias, and the size of the picture plays no part."
    )

    #: side of the picture, kernel, channels in, filters
    layers: ClassVar[dict[str, tuple[int, int, int, int]]] = {
        "first": (28, 3, 1, 25),
        "second": (13, 3, 25, 50),
        "colour": (100, 5, 3, 64),
        "larger": (200, 5, 3, 64),
    }

    def nudge(self, key: str, value: float) -> str:
        """Say which of the usual slips a wrong count shows."""
        said = f'"{key}" is not {written(value)}. '
        if key == "dense":
            return said + self._about_neurons(value)
        return said + self._about_filters(key, value)

    @staticmethod
    def _about_neurons(value: float) -> str:
        pixels, neurons = 100 * 100, 1000
        known: dict[float, str] = {
            pixels * neurons: "Those are the weights. Each neuron has a bias too.",
            pixels * neurons + 1: "Not one bias for all: one for each neuron.",
            pixels + 1: "That is one of them. How many are there?",
            2 * pixels * neurons: "Not one bias for each weight: one for each neuron.",
            (neurons + 1) * pixels: "The biases belong to the neurons, not the pixels.",
        }
        return known.get(
            value,
            "Each of the 1,000 neurons has a weight for each pixel, and one bias.",
        )

    @classmethod
    def _about_filters(cls, key: str, value: float) -> str:
        side, kernel, channels, filters = cls.layers[key]
        entries = kernel * kernel * channels  # the weights of one filter
        weights, answers = entries * filters, (side - kernel + 1) ** 2
        shallow, flat = kernel * kernel * filters, kernel * channels * filters
        unshared = {
            side**2,
            side**2 * filters,
            side**2 * channels * filters,
            answers * filters,
            answers * weights,
            side**2 * weights,
            side**2 * channels * answers * filters,
        }
        unshared |= {n + filters for n in unshared}
        unshared |= {n * (weights + filters) for n in (answers, side**2)}
        slips: list[tuple[set[int], str]] = [
            ({weights}, "Those are the weights. Each filter has a bias too."),
            ({weights + 1}, "Not one bias for all: one for each filter."),
            ({entries, entries + 1}, "That is one of them. How many are there?"),
            (
                {shallow, shallow + filters} if channels > 1 else set(),
                "A filter is as deep as its input: it has a kernel for every channel.",
            ),
            (
                {2 * weights, weights + shallow, weights + kernel**2},
                "A bias does not belong to an entry of the kernel. It is added once, "
                "to the finished sum: one for each filter.",
            ),
            (
                {weights + channels * filters, weights + channels},
                "The channels share one bias: it is added once, after their sum.",
            ),
            (
                {weights + n * filters for n in (answers, side**2)},
                "All answers of a filter share one bias, as they share the weights.",
            ),
            (
                {flat, flat + filters},
                f"A kernel of {kernel} is {kernel} × {kernel} numbers large.",
            ),
            (
                unshared,
                "Here every place would have weights of its own. A filter takes its "
                f"{kernel} × {kernel} numbers a channel along to all of them, so the "
                "size of the picture does not count.",
            ),
        ]
        for wrong, sentence in slips:
            if value in wrong:
                return sentence
        if key == "larger":
            return (
                "Compare it with the layer before: has anything changed in the filters?"
            )
        return (
            "Count the numbers under one filter, in all channels, add its bias, and "
            "multiply by the number of filters."
        )


class KeepAndHalve(Entries):
    """The stride and padding that keep a size, or halve it."""

    #: kernel, dilation, what becomes of n pixels
    tasks = {  # noqa: RUF012  (never changed)
        "keep": (7, 1, 1),
        "halve": (4, 1, 2),
        "dilated": (3, 2, 1),
    }
    sizes = (8, 12, 20, 32, 50)  # even, so that they can be halved
    keys = tuple(tasks)
    right = (
        f"tried on pictures of {', '.join(map(str, sizes[:-1]))} and {sizes[-1]} "
        "pixels a side, each comes out as asked."
    )
    hints = (
        "To keep a size the kernel must stop at every pixel. How far does a kernel of "
        "7 hang over the border when its centre lies on the first pixel?",
        "⌊(n + 2·padding − K) / s⌋ + 1, with K the pixels that the kernel reaches "
        "over. To keep n at stride 1, 2·padding = K − 1.",
        "To halve n at stride 2, (n + 2·padding − 4) / 2 + 1 must be n / 2. Solve it "
        "for the padding.",
    )
    answer = 'settings = {"keep": (1, 3), "halve": (2, 1), "dilated": (1, 2)}'
    why = (
        "At stride 1 the padding must make up for what the kernel takes: K − 1 pixels, "
        "half of them on each side. A kernel of 4 at stride 2 halves every even size "
        "with one pixel on each side: (n + 2 − 4) / 2 + 1 = n / 2."
    )

    def look(self, key: str, given: Any) -> None:
        """Try a pair of stride and padding on pictures of several sizes."""
        require(
            isinstance(given, list | tuple | np.ndarray) and len(given) == 2,
            f'"{key}" needs two numbers in brackets: (stride, padding).',
        )
        stride, padding = given
        kernel, dilation, divisor = self.tasks[key]
        require(
            not untouched(stride) and not untouched(padding),
            f'"{key}" has one of its two numbers. The other still waits.',
        )
        if isinstance(padding, str):
            raise NotYet(f'"{key}": ' + self._about_text(padding))
        stride = as_whole(stride, f'the stride of "{key}"', least=1)
        padding = as_whole(padding, f'the padding of "{key}"')
        said = f'"{key}": with stride {stride} and padding {padding}, '
        for n in self.sizes:
            try:
                got = output_size(
                    n, kernel, stride=stride, padding=padding, dilation=dilation
                )
            except ValueError:
                raise NotYet(
                    f"{said}the kernel does not fit into {n} pixels at all."
                ) from None
            if got == n // divisor:
                continue
            why = f"{n} pixels become {got}; {n // divisor} are wanted. "
            raise NotYet(said + why + self._about_padding(key, stride, padding))

    @staticmethod
    def _about_text(padding: str) -> str:
        word = plain_text(padding)
        try:
            number = written(float(word))
        except (ValueError, OverflowError):  # no number, or an infinite one
            pass
        else:
            return f"write the padding as a number, {number}, without quotation marks."
        if word == "valid":
            return (
                "“valid” means no padding at all, and the kernel takes its toll. Give "
                "the number of pixels that each side needs."
            )
        if word == "same":
            return (
                "“same” leaves the counting to Keras. How many pixels are needed on "
                "each side? Give the number."
            )
        return (
            "the padding is text. How many pixels are needed on each side? Give the "
            "number, without quotation marks."
        )

    @classmethod
    def _about_padding(cls, key: str, stride: int, padding: int) -> str:
        kernel, dilation, divisor = cls.tasks[key]
        both = (kernel - 1) * dilation + 1 - divisor  # what makes up for the kernel
        if (padding, 2 * stride) == (divisor, both):
            return "Stride first, then padding: are the two swapped?"
        if stride != divisor:
            return (
                "The stride divides the size, whatever the padding: which stride does "
                "it take?"
            )
        if padding == both:
            return (
                f"That is too much padding: {both} is what both sides have together. "
                "Give what each side has."
            )
        if 2 * padding > both:
            return "That is too much padding."
        if padding == 0:
            return (
                "0 is “valid”, and “valid” keeps the kernel inside the picture. More "
                "padding is needed: “same” is what makes up for the kernel."
            )
        if dilation > 1 and 2 * padding == kernel - 1:
            return (
                f"That would do without dilation. With it the kernel of {kernel} "
                f"reaches over {(kernel - 1) * dilation + 1} pixels. More padding is "
                "needed."
            )
        return "More padding is needed."


def _plane(x: np.ndarray, k: np.ndarray, channel: int) -> np.ndarray:
    return conv2d(x[..., channel], k[..., channel])


def _planes(x: np.ndarray, k: np.ndarray) -> np.ndarray:
    return np.stack([_plane(x, k, c) for c in range(x.shape[2])], axis=-1)


def _biases(count: Callable[[np.ndarray], int], part: str) -> Slip:
    """Return the slip of a bias that is added with every part of the sum."""
    return (
        lambda x, k, bias: conv2d(x, k) + count(k) * bias,
        lambda trial: (
            f"the bias is added {count(trial.given[1])} times, with every {part}. It "
            "is added once, after the sum."
        ),
    )


def _maps(axis: int, share: int) -> Slip:
    """Return the slip of maps that are not added up, with the bias or without."""
    also = "" if share else ", and add the bias"
    return (
        lambda x, k, bias: np.moveaxis(_planes(x, k), -1, axis) + share * bias,
        f"each channel has a map of its own. Add the maps up{also}: one filter gives "
        "one map.",
    )


class ManyChannels(Slides):
    """A function that slides a kernel with a slice for each channel of an image."""

    function = "corr2d_channels"
    reference = staticmethod(lambda x, k, bias: conv2d(x, k) + bias)
    slips = (
        (
            lambda x, k, bias: np.zeros_like(_plane(x, k, 0)),
            "all answers are 0. Is the sum ever written into them?",
        ),
        (
            lambda x, k, bias: conv2d(x, k),
            "the bias is missing. It is added to every answer.",
        ),
        _biases(lambda k: k.shape[2], "channel"),
        _biases(lambda k: k.size, "product"),
        _biases(lambda k: k[..., 0].size, "place of the kernel"),
        (
            lambda x, k, bias: conv2d(x, k) - bias,
            "the bias is taken away. Add it.",
        ),
        (
            lambda x, k, bias: conv2d(x, k) * bias,
            "the bias is no factor. Add it.",
        ),
        *(_maps(axis, share) for axis in (-1, 0) for share in (1, 0)),
        (
            lambda x, k, bias: _planes(x, k).mean(axis=-1) + bias,
            "you take the mean over the channels. Add them up.",
        ),
        (
            lambda x, k, bias: _planes(x, k).max(axis=-1) + bias,
            "you keep the largest of the channels. Add them up.",
        ),
        (
            lambda x, k, bias: _plane(x, k, 0) + bias,
            "only the first channel counts. Add up all of them.",
        ),
        (
            lambda x, k, bias: _plane(x, k, -1) + bias,
            "only the last channel counts. Is the answer written anew for each "
            "channel? Add with +=.",
        ),
        (
            lambda x, k, bias: conv2d(x, np.repeat(k[..., :1], k.shape[2], -1)) + bias,
            "every channel meets the first slice of the kernel. Each has its own.",
        ),
        (
            lambda x, k, bias: conv2d(x, k[..., ::-1]) + bias,
            "the channels are in the wrong order: red meets the kernel for blue.",
        ),
        (
            lambda x, k, bias: conv2d(x, k[::-1, ::-1]) + bias,
            "your kernel is flipped: upside down and left to right. Here kernel[0, 0] "
            "meets the window's first pixel.",
        ),
        *_unwritten(lambda x, k, bias: conv2d(x, k) + bias),
        (lambda x, k, bias: _matrix_products(x, k) + bias, _MATRICES),
        (
            lambda x, k, bias: conv2d(x, k, padding="same") + bias,
            f"you pad the image. {_INSIDE}",
        ),
        (lambda x, k, bias: np.abs(conv2d(x, k) + bias), _ABSOLUTE),
        (lambda x, k, bias: relu(conv2d(x, k) + bias), _BENT),
    )
    spoiled = (
        "corr2d_channels changes the image or the kernel that it is given. Collect the "
        "answers in a new array."
    )
    right = (
        "it was tried on 7 images of 1 to 8 channels, and every number is right. One "
        "filter, one map, however deep the image is."
    )
    hints = (
        "The shape first: as in Exercise 1, without channels. One filter gives one "
        "map.",
        "For each channel c you have Exercise 1: the plane image[:, :, c] and the "
        "slice kernel[:, :, c]. Add up their answers.",
        "A window may be cut out of all channels at once: `(image[i : i + kh, j : j + "
        "kw] * kernel).sum() + bias`.",
    )
    answer = (
        "def corr2d_channels(image, kernel, bias):\n"
        "    kh, kw, channels = kernel.shape\n"
        "    rows, columns = image.shape[0] - kh + 1, image.shape[1] - kw + 1\n"
        "    answers = np.full((rows, columns), float(bias))\n"
        "    for a in range(kh):\n"
        "        for b in range(kw):\n"
        "            copy = image[a : a + rows, b : b + columns]\n"
        "            answers += copy @ kernel[a, b]\n"
        "    return answers"
    )
    why = (
        "copy has shape (rows, columns, channels), kernel[a, b] one weight for each "
        "channel. @ multiplies and adds up over the channels: at every place of the "
        "kernel, a 1 × 1 convolution. The answers begin at the bias, so it is added "
        "once."
    )
    stub = (
        "Write the body of corr2d_channels in place of the three dots, then run it "
        "again."
    )

    def cases(self) -> list[tuple[np.ndarray, np.ndarray, float]]:
        """Return images, kernels and biases, with fractions and negative numbers."""
        rng = np.random.default_rng(2)
        shapes = [
            ((5, 6, 3), (3, 3, 3)),
            ((7, 7, 3), (2, 2, 3)),
            ((6, 5, 3), (3, 2, 3)),
            ((4, 8, 3), (1, 1, 3)),
            ((5, 5, 2), (3, 3, 2)),
            ((6, 4, 1), (2, 3, 1)),
            ((4, 5, 8), (3, 3, 8)),
        ]
        biases = (1.5, -2.25, 0.75, -0.5, 3.5, -1.25, 2.5)
        return [
            (rng.normal(0, 3, x), rng.normal(0, 2, k), bias)
            for (x, k), bias in zip(shapes, biases, strict=True)
        ]

    @staticmethod
    def named(image: np.ndarray, kernel: np.ndarray, bias: float) -> str:
        """Say how large image and kernel are, and how many channels there are."""
        channels = image.shape[2]
        return (
            f"an image {size(image)} with {channels} channel{'s' * (channels > 1)}, a "
            f"kernel {size(kernel)} and bias {written(bias)}"
        )


Stack = Sequence[tuple[int, int]]


def _walked(
    layers: Stack,
    adds: Callable[[int, int, int], int],
    steps: Callable[[int, int], int] = lambda step, stride: step * stride,
) -> int:
    """Walk up a stack; ``adds`` is told kernel, stride and the step below the layer."""
    seen, step = 1, 1
    for kernel, stride in layers:
        seen += adds(kernel, stride, step)
        step = steps(step, stride)
    return seen


def _asked_too_far(layers: Stack) -> int:
    """Ask down a stack, as if n windows reached over n strides, not n − 1."""
    seen = 1
    for kernel, stride in layers[::-1]:
        seen = seen * stride + kernel - 1
    return seen


def _read(layers: Stack) -> int:
    """Count the pixels along a side that are read, without those that are skipped."""
    (paths, *_) = path_counts(layers, receptive_field(layers), 0)
    return int(np.count_nonzero(paths))


class Field(Implements):
    """A function that tells how many pixels a side one answer of a stack sees."""

    function = "receptive_field"
    reference = staticmethod(receptive_field)
    slips = (
        (
            lambda layers: _walked(layers, lambda k, s, step: k - 1),
            "the strides are left out. After a stride of 2 every step of the layers "
            "above is two pixels wide.",
        ),
        (
            lambda layers: _walked(layers, lambda k, s, step: (k - 1) * step * s),
            "a layer's own stride widens its own field. It should only widen those of "
            "the layers above: multiply the step after you have added.",
        ),
        (
            lambda layers: _walked(
                layers,
                lambda k, s, step: (k - 1) * step,
                lambda step, stride: stride,
            ),
            "only the stride right below a layer counts. All strides below it count, "
            "multiplied.",
        ),
        (
            lambda layers: _walked(
                layers,
                lambda k, s, step: (k - 1) * step,
                lambda step, stride: step + stride,
            ),
            "the strides are added up. A step of 2 of a step of 2 is 4 pixels: "
            "multiply.",
        ),
        (
            lambda layers: receptive_field(layers) - 1,
            "1 is missing. Without any layer, one pixel sees itself.",
        ),
        (
            lambda layers: receptive_field(layers) + 1,
            "that is 1 too many. Where do you start, and where is 1 taken away?",
        ),
        (
            lambda layers: receptive_field(layers[::-1]),
            "you read the layers from the wrong end. The first of the list lies on the "
            "image.",
        ),
        (
            lambda layers: _walked(layers, lambda k, s, step: k * step) - 1,
            "each layer adds its whole kernel. The first place is there already, so "
            "add kernel − 1.",
        ),
        (
            lambda layers: _walked(layers, lambda k, s, step: k * step),
            "each layer adds its whole kernel. The first place is there already, so "
            "add kernel − 1.",
        ),
        (
            lambda layers: sum(k for k, _ in layers),
            "you add up the kernels. Their windows overlap: each adds kernel − 1 "
            "steps.",
        ),
        (
            _read,
            "you count the pixels that are read. Where a stride is larger than its "
            "kernel, some in between are skipped: count from the first to the last.",
        ),
        (
            lambda layers: int(np.prod([k for k, _ in layers])),
            "you multiply the kernels. Their windows overlap: each adds kernel − 1 "
            "steps.",
        ),
        (
            _asked_too_far,
            "from the top down: neighbouring windows begin a stride apart, so the "
            "first and the last of n begin (n − 1) · stride apart, not n · stride.",
        ),
        (
            lambda layers: int(np.prod([s for _, s in layers])),
            "that is how far two neighbouring answers are apart: the strides, "
            "multiplied. How far does one of them see?",
        ),
        (
            lambda layers: receptive_field(layers) ** 2,
            "that is how many pixels it sees in all. How many a side?",
        ),
        (
            lambda layers: layers[0][0],
            "that is what the first layer sees. Does `return` stand inside the loop? "
            "It belongs below it.",
        ),
        (
            lambda layers: max(k for k, _ in layers),
            "that is the largest kernel. The others widen the field too.",
        ),
        (
            lambda layers: layers[-1][0],
            "that is what the last layer sees of the map below it. How many pixels of "
            "the image are that?",
        ),
    )
    spoiled = "receptive_field changes the list of layers that it is given."
    right = (
        "it was tried on 10 stacks, with strides and without, and every one is right."
    )
    hints = (
        "Walk up the stack. At the start you see 1 pixel, and a step to the next one "
        "is 1 pixel wide.",
        "A layer adds kernel − 1 steps. After it the step is stride times as wide.",
        "`seen += (kernel - 1) * step`, then `step *= stride`.",
    )
    answer = (
        "def receptive_field(layers):\n"
        "    seen, step = 1, 1\n"
        "    for kernel, stride in layers:\n"
        "        seen += (kernel - 1) * step\n"
        "        step *= stride\n"
        "    return seen"
    )
    why = (
        "The first window sees kernel pixels. On top of it, each further answer that a "
        "layer looks at lies one step further, and a step is as many pixels as all "
        "strides below multiply to. From the top down it works as well: n answers in a "
        "row need (n − 1) · stride + kernel of the map below."
    )
    stub = (
        "Write the body of receptive_field in place of the three dots, then run it "
        "again."
    )

    def cases(self) -> list[tuple[list[tuple[int, int]]]]:
        """Return stacks without strides, then with several."""
        return [
            ([(3, 1)],),
            ([(3, 1), (3, 1)],),
            ([(5, 1), (2, 1), (3, 1)],),
            ([(3, 2), (3, 1)],),
            ([(3, 1), (2, 2), (3, 1)],),
            ([(7, 2), (3, 2), (3, 1)],),
            ([(5, 3), (4, 2), (3, 2), (2, 1)],),
            ([(1, 1), (3, 2), (1, 2), (5, 1)],),
            ([(2, 2), (2, 2), (2, 2), (2, 2)],),
            ([(11, 4), (3, 2), (5, 1), (3, 2), (3, 1)],),
        ]

    @staticmethod
    def named(layers: Stack) -> str:
        """Write a stack as it is given."""
        return f"the stack {layers}"


class YourStack(Exercise):
    """An open exercise: the check describes a stack of layers and marks nothing."""

    open_ended = True
    side, channels, most = 64, 3, 12
    stub = "Put your layers in place of the three dots, then run the cell again."
    hints = (
        "A layer is three numbers: (filters, kernel, stride). Start with two: "
        "[(16, 3, 1), (16, 3, 1)].",
        "A stride of 2 early in the stack doubles what every later layer adds to the "
        "field, and quarters the number of answers.",
        "Compare one layer (16, 7, 1) with three layers (16, 3, 1): the same field. "
        "The three cost more here, since the second and third look at 16 maps and the "
        "single one only at 3 channels. From 16 maps to 16, the three are cheaper.",
    )
    answer = "my_stack = [(8, 5, 2), (16, 3, 2), (16, 3, 2), (16, 3, 2), (16, 3, 1)]"
    why = (
        "One of many: four layers halve the picture, 64 → 32 → 16 → 8 → 4, while the "
        "number of maps grows. With a first kernel of 5 the last answers see 65 × 65 "
        "pixels, more than there are."
    )

    def examine(self, answer: Any) -> str:
        """Describe the shapes, the parameters and the receptive field of a stack."""
        layers = self._layers(answer)
        sides, weights = [self.side], 0
        depth = [self.channels] + [filters for filters, _, _ in layers]
        lines = [
            "Here is what your stack makes of a colour picture of "
            f"{self.side}×{self.side} pixels."
        ]
        for (filters, kernel, stride), before in zip(layers, depth, strict=False):
            sides.append(output_size(sides[-1], kernel, stride=stride, padding="same"))
            count = (kernel**2 * before + 1) * filters
            weights += count
            lines.append(
                f"{kernel}×{kernel}, stride {stride}: {sides[-1]}×{sides[-1]}×"
                f"{filters}, {count:,} parameters"
            )
        lines.append(self._field(layers))
        lines.append(self._cost(layers, weights, depth))
        lines.append(self._numbers(sides, depth))
        return "\n- ".join(lines)

    def _layers(self, answer: Any) -> list[tuple[int, int, int]]:
        require(
            isinstance(answer, list | tuple) and len(answer) > 0,
            "a list of layers is wanted: [(16, 3, 1), (16, 3, 2)], each (filters, "
            "kernel, stride).",
        )
        require(
            len(answer) <= self.most,
            f"{len(answer)} layers are many. Give at most {self.most}.",
        )
        layers = []
        for number, layer in enumerate(answer, 1):
            require(
                isinstance(layer, list | tuple) and len(layer) == 3,
                f"layer {number} needs three numbers: (filters, kernel, stride).",
            )
            filters, kernel, stride = (
                as_whole(value, f"the {name} of layer {number}", least=1)
                for value, name in zip(
                    layer, ("number of filters", "kernel", "stride"), strict=True
                )
            )
            require(
                kernel <= self.side and stride <= self.side and filters <= 4096,
                f"layer {number} is too large for a picture of {self.side} pixels: "
                f"kernel and stride up to {self.side}, filters up to 4,096.",
            )
            layers.append((filters, kernel, stride))
        return layers

    def _field(self, layers: list[tuple[int, int, int]]) -> str:
        field = receptive_field([(kernel, stride) for _, kernel, stride in layers])
        skips = any(stride > kernel for _, kernel, stride in layers)
        sees = "reaches over" if skips else "sees"
        said = f"Each last answer {sees} {field}×{field} pixels"
        if field >= 2 * self.side:
            return f"{said}: far more than there are; much of it is padding."
        if field >= self.side:
            return f"{said}: as wide as the picture, or wider."
        share = 100 * field**2 / self.side**2
        return f"{said}, {share:.2g} % of the picture."

    def _cost(
        self, layers: list[tuple[int, int, int]], weights: int, depth: list[int]
    ) -> str:
        said = f"{weights:,} parameters in all"
        field = receptive_field([(kernel, stride) for _, kernel, stride in layers])
        single = (field**2 * depth[0] + 1) * depth[-1]
        if len(layers) == 1:
            return f"{said}."
        word = (
            "fewer" if weights < single else "more" if weights > single else "as many"
        )
        than = "as" if word == "as many" else "than"
        return (
            f"{said}, {word} {than} one layer that sees as much "
            f"({field}×{field} weights a channel: {single:,})."
        )

    @staticmethod
    def _numbers(sides: list[int], depth: list[int]) -> str:
        counts = [side**2 * maps for side, maps in zip(sides, depth, strict=True)]
        grows = depth[-1] > depth[0] and all(a <= b for a, b in pairwise(depth[1:]))
        said = f"{counts[0]:,} numbers go in, {counts[-1]:,} come out"
        if len(depth) > 2 and grows and sides[-1] < sides[0]:
            return f"{said}: fewer places, more maps, as most networks have it."
        return f"{said}."


p1 = Question(
    "p1",
    kind="shape",
    prompt=(
        "An image of 4 rows and 6 columns, and a kernel of 3 × 3. What is the shape of "
        "the answers?"
    ),
    answer=(2, 4),
    why="there are 4 − 3 + 1 = 2 places from top to bottom, 6 − 3 + 1 = 4 across.",
    slips=(
        ((1, 3), "4 − 3 leaves out the first place. Count the places: add 1."),
        ((4, 6), "the kernel should stay inside, so it can't stop at every pixel."),
        ((4, 2), "rows come first, then columns."),
        ((3, 3), "that is the shape of the kernel. At how many places does it fit?"),
        ((8,), "there are eight places. In how many rows and columns do they lie?"),
        ((2, 2), "across there is more room: 6 columns."),
    ),
    nudge="that is not it. At how many places does a row of 3 fit into 4? Into 6?",
    hints=(
        "From top to bottom the kernel takes rows 0 to 2, then rows 1 to 3.",
        "Across it begins at columns 0, 1, 2 and 3.",
    ),
)
p2 = Question(
    "p2",
    kind="number",
    prompt=(
        "An image of 5 × 5 zeros has a single 1 in its middle. A kernel with the "
        "numbers 1 to 9, row by row, slides over it as in `slide`. Which number stands "
        "at the top left of the 3 × 3 answers?"
    ),
    answer=9,
    why=(
        "with the kernel at the top left of the image, the 1 lies under its bottom "
        "right corner."
    ),
    slips=(
        (1, "1 is the kernel's top left weight. Does it lie on the 1 at that place?"),
        (5, "5 is the kernel's middle. It meets the 1 in the middle of the answers."),
        (0, "the window of that place reaches the middle of the image, with a corner."),
        (45, "45 is the sum of all weights. Only one of them meets the 1."),
        (3, "the 1 lies at the bottom of that window, not at its top."),
        (7, "the 1 lies at the right of that window, not at its left."),
    ),
    nudge="that is not it. Lay the kernel on the top left corner: what lies on the 1?",
    hints=(
        "At the first place the window is rows 0 to 2 and columns 0 to 2.",
        "The 1 is at row 2, column 2: at the bottom right of that window.",
    ),
)
p3 = Question(
    "p3",
    kind="number",
    prompt=(
        "ResNet, a famous network, begins with a kernel of 7 at stride 2 on 224 "
        "pixels, with 3 pixels of padding on each side. How many answers come out "
        "along a side?"
    ),
    answer=112,
    why="⌊(224 + 6 − 7) / 2⌋ + 1 = ⌊111.5⌋ + 1 = 112: half of what went in.",
    slips=(
        (112.5, "there is no half of a place: round down before you add 1."),
        (113, "111.5 is rounded down, not up."),
        (
            111,
            "one is missing. Is the + 1 there? And is p both sides together, 6?",
        ),
        (111.5, "round down, and add 1 for the first place."),
        (109, "the padding is missing: 3 pixels on each side make p = 6."),
        (224, "that would be stride 1."),
        (223, "that is how many steps of 1 there are. Here a step is 2."),
    ),
    nudge="that is not it. ⌊(n + p − K) / s⌋ + 1, and p counts both sides.",
    hints=("n = 224, p = 3 + 3, K = 7, s = 2.", "⌊223 / 2⌋ + 1."),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "A 1 × 1 convolution makes 16 maps of 64, each of 28 × 28. How many weights "
        "does it have, not counting the biases?"
    ),
    answer=1024,
    why="16 filters of 1 · 1 · 64 weights each, the same at all 784 places.",
    slips=(
        (16, "that is one weight a filter. But it has one for each of the 64 maps."),
        (64, "that is one filter. There are 16."),
        (80, "each of the 16 filters has 64 weights: multiply."),
        (1040, "1,040 counts the biases too."),
        (9216, "that would be 3 × 3. Here a filter sees a single place."),
        (802_816, "all places share the weights: 28 · 28 plays no part."),
        (784, "784 is the number of places. They share the weights."),
        (12_544, "that is how many numbers come out. All places share the weights."),
    ),
    nudge="that is not it. How many numbers does one filter look at? Times 16.",
    hints=(
        "A filter is as deep as its input: 1 × 1 × 64.",
        "16 filters of 64 weights.",
    ),
)
p5 = Question(
    "p5",
    kind="number",
    prompt=(
        "A kernel of 3 × 3 and an image of 6 × 6: at how many entries of the matrix "
        "does each of the nine weights stand?"
    ),
    answer=16,
    why="there are 4 × 4 answers, so 16 rows, and each weight stands once in each.",
    slips=(
        (9, "that was the image of 5 × 5. It has 3 × 3 answers."),
        (36, "36 is the number of pixels, of columns. How many rows are there?"),
        (4, "4 answers stand side by side. There are as many below each other."),
        (1, "once in each row. How many rows are there?"),
        (144, "144 is all nine weights together. How many is that for each?"),
        (576, "576 is all entries, with the zeros."),
    ),
    nudge="that is not it. The matrix has a row for each answer.",
    hints=(
        "A kernel of 3 × 3 fits into 6 × 6 at 4 × 4 places.",
        "Each row of the matrix holds the whole kernel once.",
    ),
)
p6 = Question(
    "p6",
    kind="number",
    prompt=(
        "Two layers, both with a kernel of 3: the lower one has stride 2, the upper "
        "one stride 1. How many pixels a side does one answer of the upper one see?"
    ),
    answer=7,
    why=(
        "three answers of the lower one, whose windows begin at pixels 0, 2 and 4; the "
        "last ends at pixel 6."
    ),
    slips=(
        (5, "that is without the stride. The lower windows begin 2 pixels apart."),
        (6, "3 + 3 is no field: the windows overlap."),
        (9, "3 · 3 would be three windows without overlap, at stride 3."),
        (8, "three windows begin at 0, 2 and 4, so the last ends at 4 + 2."),
        (3, "three answers of the map below. How many pixels do they see together?"),
        (49, "49 is how many in all. How many a side?"),
        (11, "the upper stride is 1. Only strides below a layer widen its field."),
    ),
    nudge="that is not it. Which rows of the image do three lower answers need?",
    hints=(
        "The upper answer needs answers 0 to 2 of the lower layer.",
        "Answer 2 of the lower layer, at stride 2, sees pixels 4 to 6.",
    ),
)
progress = Progress(globals())
q1 = Corr2d("q1")
q2 = Shapes("q2")
q3 = Parameters("q3")
q4 = KeepAndHalve("q4")
q5 = ManyChannels("q5")
q6 = Field("q6")
q7 = YourStack("q7")
