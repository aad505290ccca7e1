"""The exercises of lesson 02: sliding, sizes, parameters, and a stack of your own."""

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
from helpers.exercises.implements import Implements, Trial, size
from helpers.exercises.predictions import Entries, Predictions, written
from helpers.exercises.progress import Progress
from helpers.ops import conv2d, output_size, receptive_field

__all__ = ["progress", "q1", "q2", "q3", "q4", "q5"]


class Corr2d(Implements):
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
        (
            lambda x, k: _last_unwritten(conv2d(x, k)),
            "the last row and column of the answers were never written. Look at where "
            "your loops end: range(n) stops before n by itself.",
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

    def difference(self, trial: Trial) -> str:
        """Know wrong shapes, and fractions that were cut off."""
        result, wanted = trial.result, trial.wanted
        if result.shape != wanted.shape:
            return (
                f"out came shape {result.shape}; {wanted.shape} is wanted. "
                + self._about_shape(trial)
            )
        if np.abs(result - wanted).max() < 1 and not (result % 1).any():
            return (
                "every answer is a whole number: the fractions are gone. Make the "
                "array of answers with np.zeros(...), of floating-point numbers."
            )
        return (
            f"{np.count_nonzero(~np.isclose(result, wanted))} of {wanted.size} answers "
            f"are wrong. The first is answers{list(trial.wrong)}: it is "
            f"{result[trial.wrong]:.4g}, and the sum of the products there is "
            f"{wanted[trial.wrong]:.4g}."
        )

    @staticmethod
    def _about_shape(trial: Trial) -> str:
        (image, kernel), shape = trial.given, trial.result.shape
        if shape == tuple(np.subtract(image.shape, kernel.shape)):
            return (
                "One row and one column are missing: a kernel of 3 fits 5 pixels at 3 "
                "places, not at 5 − 3 = 2. Look at where your loops end."
            )
        if shape == image.shape:
            return (
                "The kernel should stay inside the image, so there are fewer answers "
                "than pixels."
            )
        if shape == trial.wanted.shape[::-1]:
            return "Rows and columns are swapped."
        return "Rows: H − kh + 1. Columns: W − kw + 1."


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
        require(
            not isinstance(given, list | tuple) or len(given) != 4,
            f'"{key}": leave out the first of the four numbers, which counts '
            "pictures. Rows, columns and channels are wanted.",
        )
        shape = as_array(given, f'"{key}"')
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
        if settings.get("padding") == "same":
            if stride == 1:
                return "What does the padding “same” keep?"
            return "With “same” the sides are divided by the stride and rounded up."
        if given == (rows, columns):
            return "Without padding the kernel has to fit inside, so the sides shrink."
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

    def nudge(self, key: str, value: float) -> str:
        """Know a count without biases, of one channel, of one filter."""
        said = f'"{key}" is not {written(value)}. '
        without_bias = {
            "dense": 10_000_000,
            "first": 225,
            "second": 11_250,
            "colour": 4_800,
            "larger": 4_800,
        }
        if value == without_bias[key]:
            return said + "Those are the weights. Each neuron or filter has a bias too."
        if value == without_bias[key] + 1:
            return said + "Not one bias for all: one for each neuron or filter."
        one_channel = {"second": (10 * 50, 9 * 50), "colour": (26 * 64, 25 * 64)}
        one_channel["larger"] = one_channel["colour"]
        if value in one_channel.get(key, ()):
            return said + (
                "A filter is as deep as its input: it has a kernel for every channel."
            )
        one = {"dense": 10_001, "first": 10, "second": 226, "colour": 76, "larger": 76}
        if value == one[key]:
            return said + "That is one of them. How many are there?"
        if key == "larger":
            return said + (
                "Compare it with the layer before: has anything changed in the filters?"
            )
        if key == "dense":
            return said + (
                "Each of the 1,000 neurons has a weight for each pixel, and one bias."
            )
        return said + (
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
        require(
            not isinstance(padding, str),
            f'"{key}": the word "{padding}" leaves the counting to Keras. How many '
            "pixels are needed on each side? Give the number.",
        )
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
            if stride != divisor:
                why += (
                    "The stride divides the size, whatever the padding: which stride "
                    "does it take?"
                )
            elif got < n // divisor:
                why += "More padding is needed."
            else:
                why += "That is too much padding."
            raise NotYet(said + why)


class YourStack(Exercise):
    """An open exercise: the check describes a stack of layers and marks nothing."""

    open_ended = True
    side, channels, most = 64, 3, 12
    stub = "Put your layers in place of the three dots, then run the cell again."
    hints = (
        "A layer is three numbers: (filters, kernel, stride). Start with two: "
        "[(16, 3, 1), (16, 3, 1)].",
        "A stride of 2 early in the stack doubles what every later layer sees, and "
        "quarters the number of answers.",
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


def _last_unwritten(answers: np.ndarray) -> np.ndarray:
    answers[-1], answers[:, -1] = 0, 0
    return answers


progress = Progress(globals())
q1 = Corr2d("q1")
q2 = Shapes("q2")
q3 = Parameters("q3")
q4 = KeepAndHalve("q4")
q5 = YourStack("q5")
