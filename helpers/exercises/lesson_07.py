"""The exercises of lesson 07: AlexNet counted, views and dropout written, curves."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, redirect_stdout, suppress
from io import StringIO
from itertools import count
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers import experiments
from helpers.exercises.base import (
    Exercise,
    NotTried,
    NotYet,
    as_array,
    call,
    require,
    untouched,
)
from helpers.exercises.predictions import Entries, Predictions
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question, plain_text
from helpers.ops import relu, softmax

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


# -- exercise 1: a layer's output and parameters ---------------------------------------


class QuarterAlexNet(Predictions):
    """Sizes and parameters of AlexNet at a quarter of its width, 128 × 128 photos."""

    truth = {  # noqa: RUF012  (never changed)
        "side after filters1": 30,
        "parameters of filters1": 8736,
        "side after pool1": 14,
        "parameters of filters2": 38464,
        "side after pool2": 6,
        "length of the list": 256,
        "parameters of hidden6": 263168,
    }
    slips = {  # noqa: RUF012
        (
            "side after filters1",
            29,
        ): '"side after filters1": 29 leaves out the first position: add 1.',
        (
            "side after filters1",
            30.25,
        ): '"side after filters1": there is no quarter of a position. Round down.',
        (
            "side after filters1",
            32,
        ): '"side after filters1": 32 is with padding. Without it 11 pixels must fit '
        "inside: ⌊(128 − 11) / 4⌋ + 1.",
        (
            "side after filters1",
            118,
        ): '"side after filters1": 118 is with stride 1. The filters move by 4.',
        (
            "side after filters1",
            55,
        ): '"side after filters1": 55 is for photos of 227 × 227. These are 128 × 128.',
        (
            "side after filters1",
            31,
        ): '"side after filters1": 31 is rounded up. The last position must fit in '
        "whole: round 29.25 down, add 1.",
        (
            "parameters of filters1",
            8712,
        ): '"parameters of filters1": 8,712 are the weights. Each filter has a bias.',
        (
            "parameters of filters1",
            8713,
        ): '"parameters of filters1": each of the 24 filters has a bias of its own.',
        (
            "parameters of filters1",
            2928,
        ): '"parameters of filters1": 2,928 is for gray photos. These have 3 colours, '
        "and a filter has 11 · 11 weights for each.",
        (
            "parameters of filters1",
            364,
        ): '"parameters of filters1": 364 are those of one filter. There are 24.',
        (
            "parameters of filters1",
            34944,
        ): '"parameters of filters1": 34,944 has the full AlexNet, with 96 filters.',
        (
            "side after pool1",
            15,
        ): '"side after pool1": 15 is rounded up, or with windows of 2. These are of '
        "3, and the last begins at 26: ⌊(30 − 3) / 2⌋ + 1.",
        (
            "side after pool1",
            13,
        ): '"side after pool1": 13 leaves out the first position: add 1.',
        (
            "side after pool1",
            14.5,
        ): '"side after pool1": there is no half position. Round 13.5 down, add 1.',
        (
            "side after pool1",
            10,
        ): '"side after pool1": 10 is with stride 3. Here windows of 3 move by 2: '
        "they overlap.",
        (
            "side after pool1",
            28,
        ): '"side after pool1": 28 is with stride 1. The windows move by 2.',
        (
            "parameters of filters2",
            38400,
        ): '"parameters of filters2": 38,400 are the weights. Each filter has a bias.',
        (
            "parameters of filters2",
            1664,
        ): '"parameters of filters2": 1,664 is for one map. 24 maps come in, and a '
        "filter has 5 · 5 weights for each.",
        (
            "parameters of filters2",
            601,
        ): '"parameters of filters2": 601 are those of one filter. There are 64.',
        (
            "parameters of filters2",
            4864,
        ): '"parameters of filters2": 4,864 is for 3 colours. 24 maps come in.',
        (
            "parameters of filters2",
            614656,
        ): '"parameters of filters2": 614,656 has the full AlexNet.',
        (
            "side after pool2",
            7,
        ): '"side after pool2": 7 is rounded up, or with windows of 2. These are of 3: '
        "⌊(14 − 3) / 2⌋ + 1.",
        (
            "side after pool2",
            6.5,
        ): '"side after pool2": there is no half position. Round 5.5 down, add 1.',
        (
            "side after pool2",
            5,
        ): '"side after pool2": 5 leaves out the first position: add 1.',
        (
            "side after pool2",
            4,
        ): '"side after pool2": 4 is with stride 3, or without padding in filters2. '
        "The windows move by 2, and with padding the side of 14 stays.",
        (
            "length of the list",
            64,
        ): '"length of the list": 64 is the number of maps. Each has 2 · 2 numbers.',
        (
            "length of the list",
            4,
        ): '"length of the list": 4 is one map. There are 64.',
        (
            "length of the list",
            2304,
        ): '"length of the list": 2,304 is 6 · 6 · 64. filters5 is pooled once more: '
        "⌊(6 − 3) / 2⌋ + 1.",
        (
            "length of the list",
            576,
        ): '"length of the list": 576 is rounded up, or with windows of 2. These are '
        "of 3: ⌊(6 − 3) / 2⌋ + 1 = 2.",
        (
            "length of the list",
            9216,
        ): '"length of the list": 9,216 is in the full AlexNet, at 227 × 227.',
        (
            "parameters of hidden6",
            262144,
        ): '"parameters of hidden6": 262,144 are the weights. Each of the 1,024 units '
        "has a bias.",
        (
            "parameters of hidden6",
            262145,
        ): '"parameters of hidden6": each of the 1,024 units has a bias of its own.',
        (
            "parameters of hidden6",
            262400,
        ): '"parameters of hidden6": biases belong to the 1,024 units, not to the 256 '
        "numbers of the list.",
        (
            "parameters of hidden6",
            1280,
        ): '"parameters of hidden6": 256 and 1,024 are multiplied: each unit has a '
        "weight for each number of the list.",
        (
            "parameters of hidden6",
            1052672,
        ): '"parameters of hidden6": 1,052,672 is with 4,096 units. A quarter of them '
        "are here.",
        (
            "parameters of hidden6",
            37752832,
        ): '"parameters of hidden6": 37,752,832 has the full AlexNet.',
    }
    right = (
        "128 → 30 → 14 → 6 → 2. The list is 36 times as short as the full network's, "
        "so that its first dense layer has a 143rd of the parameters."
    )
    hints = (
        "Without padding a side comes to ⌊(side − window) / stride⌋ + 1, for filters "
        "and for pooling alike. With padding and stride 1 it stays.",
        "A filter has size · size · maps coming in weights, and one bias.",
        "Three poolings with windows of 3 and stride 2: 30 → 14, 14 → 6, 6 → 2. The "
        "list has 2 · 2 · 64 numbers.",
    )
    answer = (
        'quarter = {"side after filters1": 30, "parameters of filters1": 8736,\n'
        '    "side after pool1": 14, "parameters of filters2": 38464,\n'
        '    "side after pool2": 6, "length of the list": 256,\n'
        '    "parameters of hidden6": 263168}'
    )
    why = (
        "filters1: ⌊(128 − 11) / 4⌋ + 1 = 30, and 24 · (11 · 11 · 3 + 1) = 8,736. "
        "filters2: 64 · (5 · 5 · 24 + 1) = 38,464. hidden6: 1,024 · (256 + 1) = "
        "263,168."
    )


# -- exercise 2: what two groups halve -------------------------------------------------


class TwoHalves(Predictions):
    """Layer 4 of the full AlexNet, 3×3, 384 maps to 384, in two groups."""

    truth = {  # noqa: RUF012
        "maps that one filter sees": 192,
        "weights": 663552,
        "biases": 384,
        "maps that come out": 384,
        "multiply-adds": 112140288,
        "parameters saved in all": 1413120,
    }
    slips = {  # noqa: RUF012
        (
            "maps that one filter sees",
            384,
        ): '"maps that one filter sees": 384 come in, but a filter sees those of its '
        "own half alone.",
        (
            "weights",
            1327104,
        ): '"weights": 1,327,104 is as one tower. In two halves each of the 384 '
        "filters has 3 · 3 · 192 weights.",
        (
            "weights",
            331776,
        ): '"weights": 331,776 is one half. Both together are asked for.',
        (
            "weights",
            663936,
        ): '"weights": 663,936 is with the biases. They are asked for by themselves.',
        (
            "weights",
            1728,
        ): '"weights": 1,728 has one filter. There are 384.',
        (
            "biases",
            192,
        ): '"biases": 192 has one half. Every filter has one, and there are 384.',
        (
            "biases",
            768,
        ): '"biases": every filter has one, and there are 384.',
        (
            "maps that come out",
            192,
        ): '"maps that come out": 192 come out of one half. There are two.',
        (
            "maps that come out",
            768,
        ): '"maps that come out": each filter makes one map, and there are 384.',
        (
            "multiply-adds",
            224280576,
        ): '"multiply-adds": 224,280,576 is as one tower. Halve the weights.',
        (
            "multiply-adds",
            663552,
        ): '"multiply-adds": 663,552 are made at one place. There are 13 · 13 places.',
        (
            "multiply-adds",
            56070144,
        ): '"multiply-adds": 56,070,144 is one half. Both together are asked for.',
        (
            "multiply-adds",
            112205184,
        ): '"multiply-adds": 112,205,184 is with the biases. They are added, not '
        "multiplied.",
        (
            "parameters saved in all",
            663552,
        ): '"parameters saved in all": 663,552 are saved in layer 4 alone. Layers 2 '
        "and 5 are halved, too.",
        (
            "parameters saved in all",
            1327104,
        ): '"parameters saved in all": three layers are halved, of different sizes. '
        "Or take the difference of the two totals.",
        (
            "parameters saved in all",
            30482612,
        ): '"parameters saved in all": only three layers are in halves. The dense ones '
        "hold most parameters, and see everything.",
        (
            "parameters saved in all",
            1413568,
        ): '"parameters saved in all": the biases stay: every filter has one.',
    }
    right = (
        "weights and multiply-adds are halved, for each filter sees half of the maps. "
        "Biases and maps are not: there are as many filters as before."
    )
    hints = (
        "In two groups the first 192 filters see the first 192 maps, the others the "
        "others. How many weights has one filter?",
        "A filter has 3 · 3 · 192 weights, and is laid on 13 · 13 places.",
        "As one tower AlexNet has 62,378,344 parameters, in halves 60,965,224.",
    )
    answer = (
        'halves = {"maps that one filter sees": 192, "weights": 663552,\n'
        '    "biases": 384, "maps that come out": 384,\n'
        '    "multiply-adds": 112140288, "parameters saved in all": 1413120}'
    )
    why = (
        "384 · 3 · 3 · 192 = 663,552 weights at 13 · 13 places: 112,140,288. Layers 2, "
        "4 and 5 save 307,200 + 663,552 + 442,368 = 1,413,120 weights."
    )


# -- exercise 3: where dropout belongs -------------------------------------------------


class PlaceDropout(Exercise):
    """The end of AlexNet, with dropout where the paper has it."""

    stub = "Write the function, then run the cell again."
    hints = (
        "The paper drops half of the outputs of its two large layers. An output comes "
        "after the activation.",
        "layers.Dropout(0.5) is a layer like others: it stands behind the one whose "
        "numbers it drops.",
        "Not behind the last layer: its numbers are the answer.",
    )
    answer = (
        "def build_head():\n"
        "    import keras\n"
        "    from keras import layers\n"
        "\n"
        "    return keras.Sequential([\n"
        "        keras.Input((2, 2, 64)),\n"
        "        layers.Flatten(),\n"
        '        layers.Dense(1024, activation="relu"),\n'
        "        layers.Dropout(0.5),\n"
        '        layers.Dense(1024, activation="relu"),\n'
        "        layers.Dropout(0.5),\n"
        "        layers.Dense(5),\n"
        "    ])"
    )
    why = (
        "The two large layers hold most of the weights, and so most of what can be "
        "learned by heart. Behind the last layer dropout would strike out answers."
    )

    def examine(self, answer: Any) -> str:
        """Look where dropout stands; what comes out tells the rest."""
        from helpers.networks import tryout

        require(
            not tryout.is_network(answer),
            "a function is wanted; a network came. Give build_head, without brackets.",
        )
        model = call(answer, name="build_head")
        require(tryout.is_network(model), "build_head should return a Keras model.")
        came, left = self._ends(model)
        require(
            (came, left) == ((2, 2, 64), (5,)),
            f"the network goes from {came} to {left}; from (2, 2, 64) to (5,) is "
            "wanted.",
        )
        layers = list(_layers(model))
        kinds = [_kind(layer) for layer in layers]
        dense = [k for k, kind in enumerate(kinds) if kind == "Dense"]
        units = [layers[k].units for k in dense]
        require(
            units == [1024, 1024, 5],
            f"dense layers of 1024, 1024 and 5 units are wanted; {units} came.",
        )
        dropped = [k for k, kind in enumerate(kinds) if "Dropout" in kind]
        require(dropped, "there is no Dropout in it.")
        self._places(kinds, dense, dropped)
        rates = [layers[k].rate for k in dropped]
        require(
            all(abs(rate - 0.5) < 1e-9 for rate in rates),
            f"the rates are {', '.join(f'{rate:g}' for rate in rates)}; AlexNet drops "
            "half.",
        )
        self._answers(model, [layers[k] for k in dense])
        return (
            "half of each large layer is dropped, while it learns. What it answers is "
            "left alone."
        )

    @staticmethod
    def _ends(model: Any) -> list[tuple[int, ...]]:
        """Return the shapes that go in and come out; it may have to be built first."""
        try:
            if not model.built:
                model.build((None, 2, 2, 64))
            ends = [*model.inputs, *model.outputs]
        except Exception:  # no layers in it, or such that maps can't go through
            ends = []
        require(
            len(ends) == 2,
            "a keras.Sequential is wanted, through which maps of (2, 2, 64) can go. "
            "Begin with keras.Input((2, 2, 64)).",
        )
        return [tuple(end.shape[1:]) for end in ends]

    @staticmethod
    def _places(
        kinds: Sequence[str], dense: Sequence[int], dropped: Sequence[int]
    ) -> None:
        first, second, last = dense
        for k in dropped:
            require(
                k < last,
                "a Dropout stands behind the last layer: it would strike out answers.",
            )
            require(
                k > first,
                "a Dropout stands before the first dense layer: it drops numbers of "
                "the maps. AlexNet drops outputs of its two large layers.",
            )
            require(
                kinds[k] == "Dropout",
                f"{kinds[k]} drops in another way. Take Dropout.",
            )
        for which, begin, end in (("first", first, second), ("second", second, last)):
            between = [k for k in dropped if begin < k < end]
            require(
                between,
                f"nothing is dropped behind the {which} large layer. AlexNet has "
                "dropout behind both.",
            )
            require(
                len(between) == 1,
                f"behind the {which} large layer numbers are dropped twice.",
            )

    @staticmethod
    def _answers(model: Any, dense: Sequence[Any]) -> None:
        """Compare what comes out in inference with what the three layers make of it."""
        came = dense[0].kernel.shape[0]
        require(
            came == 256,
            f"the first dense layer gets {came} numbers; the list has 2 · 2 · 64 = "
            "256. Begin with layers.Flatten().",
        )
        require(
            all(layer.use_bias for layer in dense),
            "a dense layer has no biases. In AlexNet all have.",
        )
        maps = np.random.default_rng(0).normal(size=(4, 2, 2, 64)).astype("float32")
        parts = [layer.get_weights() for layer in dense]

        def logits(*bends: Callable) -> NDArray:
            numbers = maps.reshape(4, -1)
            for (kernel, bias), bend in zip(parts, (*bends, _straight), strict=True):
                numbers = bend(numbers @ kernel + bias)
            return numbers

        out = call(lambda: model(maps, training=False), name="the network")
        out = np.asarray(out).astype("float32")
        wanted = logits(relu, relu)

        def equals(other: NDArray) -> bool:
            # As near as half precision comes
            return np.allclose(out, other, atol=0.02 * np.abs(other).max())

        if equals(wanted):
            return
        slips = (
            (logits(_straight, relu), "the first large layer has lost its ReLU."),
            (logits(relu, _straight), "the second large layer has lost its ReLU."),
            (logits(_straight, _straight), "both large layers have lost their ReLU."),
            (softmax(wanted), "logits are wanted; softmax stands at the end."),
            (relu(wanted), "logits are wanted; ReLU stands at the end."),
        )
        other = (
            "something stands in it that the end of AlexNet does not have, such as "
            "another activation than ReLU, or one behind the last layer."
        )
        raise NotYet(next((said for slip, said in slips if equals(slip)), other))


def _layers(model: Any) -> Iterator[Any]:
    """Walk through the layers in their order; through those of a network in it, too."""
    for layer in model.layers:
        yield from _layers(layer) if hasattr(layer, "layers") else (layer,)


def _kind(layer: Any) -> str:
    """Return the name of its class, or "Dense" where it is derived from that."""
    names = [kind.__name__ for kind in type(layer).__mro__]
    return "Dense" if "Dense" in names else names[0]


def _straight(x: NDArray) -> NDArray:
    return x


# -- functions that draw ---------------------------------------------------------------


def _printing_once(function: Any) -> Any:
    """Return a function whose first call alone may print: thousands follow."""
    if not callable(function):
        return function
    calls = count()

    def quiet(*given: Any) -> Any:
        first = next(calls) == 0
        with nullcontext() if first else redirect_stdout(StringIO()):
            return function(*given)

    return quiet


def _drawn(function: Any, *given: Any, lead: str, name: str) -> Any:
    """Call a function that gave something back before: so it should, always."""
    try:
        return call(function, *given, name=f"{lead}, {name}")
    except NotTried:
        raise NotYet(
            f"{lead}, nothing came back from a call of {name}. Does every way through "
            "it end with `return`?"
        ) from None


def _written(function: Any, calls: Iterable[tuple], name: str) -> None:
    """Raise `NotTried` where nothing comes back from any of these calls."""
    for given in calls:
        with suppress(NotTried):
            call(function, *given, name=name)
            return
    raise NotTried("If it is written: does it end with `return`?")


def _drawn_from_rng(draw: Callable[[np.random.Generator], NDArray], name: str) -> None:
    """Require that equal generators lead to equal draws."""
    # 11 has no factor in common with what a counter might go through
    first, second = (
        [draw(rng) for _ in range(11)] for rng in map(np.random.default_rng, (3, 3))
    )
    require(
        np.array_equal(first, second),
        f"the draws of {name} do not come from `rng`: take every random number from "
        "it.",
    )


def _unlikely(times: Any, chance: float, of: int) -> Any:
    """Say of each count whether it is six standard deviations from what is expected."""
    return np.abs(times - chance * of) > 6 * np.sqrt(of * chance * (1 - chance))


# -- exercise 4: a view of a photo -----------------------------------------------------

_CALLS_A_VIEW = 170


class RandomView(Exercise):
    """A square from somewhere in a photo, mirrored with a chance of one half."""

    hints = (
        "A square of `size` fits into `side` pixels at side − size + 1 places. "
        "rng.integers(0, n) gives one of 0 … n − 1.",
        "photo[top : top + size, left : left + size] is the square; [:, ::-1] mirrors "
        "it.",
        "rng.random() < 0.5 is true with a chance of one half.",
    )
    answer = (
        "def random_view(photo, size, rng):\n"
        "    rows, columns = photo.shape[:2]\n"
        "    top = rng.integers(0, rows - size + 1)\n"
        "    left = rng.integers(0, columns - size + 1)\n"
        "    view = photo[top : top + size, left : left + size]\n"
        "    return view[:, ::-1] if rng.random() < 0.5 else view"
    )
    why = (
        "Of 256 pixels a side 224 are left: 33 · 33 squares, and each mirrored, too. "
        "The network hardly ever sees a photo in the same way two epochs running."
    )

    def examine(self, answer: Any) -> str:
        """Ask for many views, and look which of all that there are came."""
        view = _printing_once(answer)
        photo, size = _numbered(7, 7), 5
        rng = np.random.default_rng(0)
        _written(view, ((photo.copy(), size, rng) for _ in range(8)), "random_view")
        _drawn_from_rng(lambda rng: self._view(view, photo, size, rng), "random_view")
        for rows, columns, size in ((7, 7, 5), (6, 8, 6), (5, 5, 5)):
            self._look(view, _numbered(rows, columns), size)
        return "every square comes, with every place as often, and half are mirrored."

    @staticmethod
    def _view(view: Callable, photo: NDArray, size: int, rng: Any) -> NDArray:
        """Ask for one view; its shape is right, and the photo as it was."""
        lead = _lead(photo, size)
        given = photo.copy()
        came = _drawn(view, given, size, rng, lead=lead, name="random_view")
        came = as_array(came, f"{lead}, what random_view returned")
        require(np.array_equal(given, photo), f"{lead}, random_view changes the photo.")
        require(
            came.shape == (size, size, 3),
            f"{lead}, a view has shape {came.shape}; {(size, size, 3)} is wanted.",
        )
        return came

    def _look(self, view: Callable, photo: NDArray, size: int) -> None:
        """Find the place of every view, and count."""
        lead = _lead(photo, size)
        rng = np.random.default_rng(photo.size)
        tops, lefts = (side - size + 1 for side in photo.shape[:2])
        squares = [
            photo[top : top + size, left : left + size]
            for top in range(tops)
            for left in range(lefts)
        ]
        views = [v for square in squares for v in (square, square[:, ::-1])]
        known = {v.tobytes(): number for number, v in enumerate(views)}
        times = np.zeros(len(views), int)
        for _ in range(_CALLS_A_VIEW * len(views)):
            came = self._view(view, photo, size, rng)
            number = known.get(came.tobytes())
            if number is None:
                raise NotYet(f"{lead}, {self._strange(came, squares)}")
            times[number] += 1
        self._count(lead, times.reshape(tops, lefts, 2))

    @staticmethod
    def _strange(view: NDArray, squares: Sequence[NDArray]) -> str:
        """Say what a view is that is no square of the photo."""
        if not np.isin(view, squares).all():
            return (
                "a view has numbers that the photo has not: its numbers are changed. "
                "Cut and mirror alone."
            )
        quarter = "it is turned by a quarter. [:, ::-1] mirrors left and right."
        for back, said in (
            (
                lambda x: x[::-1],
                "it stands on its head. [:, ::-1] mirrors left and right.",
            ),
            (lambda x: x[::-1, ::-1], "it is turned by 180°: mirror one way alone."),
            (lambda x: x[:, :, ::-1], "its colours are swapped: mirror the columns."),
            (
                lambda x: x[::-1, ::-1, ::-1],
                "np.flip without an axis turns rows and colours, too: np.flip(view, "
                "axis=1).",
            ),
            (lambda x: x.swapaxes(0, 1), "rows and columns are swapped."),
            (np.rot90, quarter),
            (lambda x: np.rot90(x, -1), quarter),
        ):
            if any(np.array_equal(back(view), square) for square in squares):
                return f"a view is a square of the photo, but {said}"
        return (
            "a view is no square of the photo, and no mirrored one. Cut with "
            "photo[top : top + size, left : left + size]."
        )

    @staticmethod
    def _count(lead: str, times: NDArray) -> None:
        """Compare how often each row, column and view came with what chance brings."""
        calls = times.sum()
        plain, mirrored = times.sum(axis=(0, 1))
        require(mirrored, f"{lead}, no view is mirrored.")
        require(plain, f"{lead}, every view is mirrored.")
        require(
            not _unlikely(mirrored, 0.5, calls),
            f"{lead}, {mirrored / calls:.0%} of the views are mirrored; half are "
            "wanted.",
        )
        for name, came in (("row", times.sum((1, 2))), ("column", times.sum((0, 2)))):
            begun, last = np.flatnonzero(came), len(came) - 1
            require(
                len(begun) > 1 or last == 0,
                f"{lead}, each view begins in {name} {begun[0]}.",
            )
            require(
                came[last],
                f"{lead}, no view begins in {name} {last}, the last that fits. "
                "rng.integers(0, n) ends at n − 1.",
            )
            require(
                came[0],
                f"{lead}, no view begins in {name} 0. rng.integers(0, n) begins there.",
            )
            require(
                not _unlikely(came, 1 / len(came), calls).any(),
                f"{lead}, {came.max()} of {calls} views begin in {name} "
                f"{came.argmax()}, {came.min()} in {name} {came.argmin()}. Every "
                f"{name} should come as often.",
            )
        squares = times.sum(axis=2)
        require(
            min(squares.shape) == 1 or np.trace(squares) < calls,
            f"{lead}, a view begins as far down as to the right, always. Draw one "
            "number for each.",
        )
        require(
            not _unlikely(times, 1 / times.size, calls).any(),
            f"{lead}, some views come {times.max()} times of {calls}, others "
            f"{times.min()} times. Every one should come about {_CALLS_A_VIEW} times.",
        )


def _numbered(rows: int, columns: int) -> NDArray:
    """Return a photo in which no two numbers are the same, and none is whole."""
    rng = np.random.default_rng(rows * columns)
    return rng.permutation(rows * columns * 3).reshape(rows, columns, 3) + 0.5


def _lead(photo: NDArray, size: int) -> str:
    rows, columns = photo.shape[:2]
    return f"for a photo of {rows} × {columns} and size {size}"


# -- exercise 5: inverted dropout ------------------------------------------------------

_DRAWS = 300


class InvertedDropout(Exercise):
    """Dropout as Keras has it, and the mean of many draws."""

    stub = "Write both functions, then run the cell again."
    hints = (
        "rng.random(x.shape) gives a number from 0 to 1 for each unit. It is below "
        "`rate` in that share of the cases.",
        "A unit that is kept is divided by 1 − rate. In inference nothing is done.",
        "average adds up what dropout(x, rate, rng, True) gives, draws times, and "
        "divides by draws.",
    )
    answer = (
        "def dropout(x, rate, rng, training):\n"
        "    import numpy as np\n"
        "\n"
        "    if not training:\n"
        "        return x\n"
        "    kept = rng.random(np.shape(x)) >= rate\n"
        "    return np.where(kept, x / (1 - rate), 0)\n"
        "\n"
        "\n"
        "def average(x, rate, rng, draws):\n"
        "    total = 0\n"
        "    for _ in range(draws):\n"
        "        total = total + dropout(x, rate, rng, True)\n"
        "    return total / draws"
    )
    why = (
        "A unit is kept in a share 1 − rate of the cases, and is 1 / (1 − rate) times "
        "as large then: on average it is what it was. So the next layer need not know "
        "whether anything was dropped."
    )

    def examine(self, answer: Any) -> str:
        """Draw many times; every unit by itself, and the mean."""
        require(
            isinstance(answer, list | tuple) and len(answer) == 2,
            "two functions are wanted: check(dropout, average).",
        )
        require(
            getattr(answer[0], "__name__", "") != "average",
            "dropout comes first: check(dropout, average).",
        )
        if untouched(answer[0]):
            raise NotYet("dropout is not written yet.")
        dropout, average = map(_printing_once, answer)
        rng = np.random.default_rng(0)
        x = rng.normal(0, 10, (10, 8))
        ways = ((x.copy(), 0.5, rng, training) for training in (True, False))
        _written(dropout, ways, "dropout")
        _drawn_from_rng(lambda rng: self._value(dropout, x, 0.5, rng), "dropout")
        for rate in (0.2, 0.5, 0.8, 0.0):
            self._dropped(dropout, x, rate)
        whole = rng.permutation(x.size).reshape(x.shape) + 1
        once = self._value(dropout, whole, 0.2, rng)
        self._scaled("for an x of whole numbers, rate 0.2", once, whole, 0.2)
        self._in_inference(dropout, x)
        self._averaged(average, x)
        return (
            "each unit is dropped by itself, and on average each is what it would be "
            "without."
        )

    @staticmethod
    def _value(
        dropout: Callable, x: NDArray, rate: float, rng: Any, training: bool = True
    ) -> NDArray:
        given = x.copy()
        lead = f"for rate {rate:g} and training={training}"
        if x.dtype.kind == "i":
            lead = f"for an x of whole numbers, rate {rate:g}"
        value = _drawn(dropout, given, rate, rng, training, lead=lead, name="dropout")
        require(np.array_equal(given, x), f"{lead}, dropout changes what it is given.")
        return as_array(value, f"{lead}, what dropout returned", shape=x.shape)

    def _in_inference(self, dropout: Callable, x: NDArray) -> None:
        same = self._value(dropout, x, 0.2, np.random.default_rng(0), training=False)
        lead = "with training=False"
        require(
            not np.allclose(same, 0.8 * x),
            f"{lead}, everything is multiplied by 1 − rate. That belongs to dropout as "
            "it was in 2012; the inverted one scales while it learns.",
        )
        require(
            not np.allclose(same, x / 0.8),
            f"{lead}, everything is divided by 1 − rate. Nothing is to be done there.",
        )
        require(np.allclose(same, x), f"{lead}, what comes out is not what came in.")

    def _dropped(self, dropout: Callable, x: NDArray, rate: float) -> None:
        """Look which units are dropped, and what becomes of those that are kept."""
        rng = np.random.default_rng(round(100 * rate))
        lead = f"for rate {rate:g}"
        draws = np.stack([self._value(dropout, x, rate, rng) for _ in range(_DRAWS)])
        dropped = draws == 0
        require(
            dropped.any() or not rate, f"{lead}, nothing is dropped while it learns."
        )
        self._scaled(lead, draws, np.broadcast_to(x, draws.shape), rate)
        if rate:
            self._alone(lead, dropped)
        self._shares(lead, dropped, rate)

    @staticmethod
    def _scaled(lead: str, drawn: NDArray, x: NDArray, rate: float) -> None:
        """Require that what is kept is divided by 1 − rate."""
        kept = drawn != 0
        times = drawn[kept] / x[kept]
        if rate and kept.any():
            require(
                (drawn % 1).any(),
                f"{lead}, only whole numbers come out. x / (1 − rate) has digits "
                "behind the point.",
            )
            require(
                not np.allclose(times, 1),
                f"{lead}, what is kept stays as it is, and so the sum gets smaller. "
                "Divide it by 1 − rate.",
            )
            require(
                not np.allclose(times, 1 - rate),
                f"{lead}, what is kept is multiplied by 1 − rate. Divide by it.",
            )
        require(
            np.allclose(times, 1 / (1 - rate)),
            f"{lead}, what is kept is not divided by 1 − rate.",
        )

    @staticmethod
    def _alone(lead: str, dropped: NDArray) -> None:
        """Require that what becomes of a unit tells nothing of the others."""
        alike = np.corrcoef(dropped.reshape(len(dropped), -1).T)
        alike = np.nan_to_num(alike)  # no number where a unit is never dropped
        require(
            alike.min() < 0.6,
            f"{lead}, all units are dropped together. Draw a number for each.",
        )
        np.fill_diagonal(alike, 0)
        # In 300 draws chance alone brings two of 80 units to 0.4 at most
        for pair in np.argwhere(np.abs(alike) > 0.6):
            one, other = np.transpose(np.unravel_index(pair, dropped.shape[1:]))
            raise NotYet(
                f"{lead}, the units at {one.tolist()} and {other.tolist()} are not "
                "dropped each by itself. Draw a number for each unit: "
                "rng.random(x.shape)."
            )

    @staticmethod
    def _shares(lead: str, dropped: NDArray, rate: float) -> None:
        """Require the share of all units, then that of each; chance decides."""
        if _unlikely(dropped.sum(), rate, dropped.size):
            raise NotYet(
                f"{lead}, a share of {dropped.mean():.3f} is dropped; {rate:g} is "
                "wanted."
                if _unlikely(dropped.sum(), 1 - rate, dropped.size)
                else f"{lead}, a share of {dropped.mean():.2f} is dropped: that is 1 − "
                "rate. A unit is dropped where the random number is below the rate."
            )
        each = dropped.mean(axis=0)
        for place in np.argwhere(_unlikely(dropped.sum(axis=0), rate, len(dropped))):
            raise NotYet(
                f"{lead}, the unit at {place.tolist()} is dropped in a share of "
                f"{each[tuple(place)]:.2f} of the draws; {rate:g} is wanted for each."
            )
        require(
            not rate or np.ptp(dropped.sum(axis=(1, 2))),
            f"{lead}, as many units are dropped at every draw. Let chance decide for "
            "each by itself.",
        )

    def _averaged(self, average: Any, x: NDArray) -> None:
        """Look at the mean of many draws, and how often each unit was kept in a few."""

        def mean(rate: float, draws: int, rng: np.random.Generator) -> NDArray:
            given = x.copy()
            try:
                value = call(average, given, rate, rng, draws, name="average")
            except NotTried:
                raise NotYet(
                    "dropout is right. average is not written yet, or does not end "
                    "with `return`."
                ) from None
            require(np.array_equal(given, x), "average changes what it is given.")
            return as_array(value, "what average returned", shape=x.shape)

        if untouched(average):
            raise NotYet("dropout is right. average is not written yet.")
        rng = np.random.default_rng(7)
        few = mean(0.2, 3, rng)  # first, for it may print what every draw prints
        many = mean(0.5, 400, rng)
        require(
            not np.allclose(many, x),
            "average returns x itself. Draw with training=True, and take the mean of "
            "what came.",
        )
        # The spread of a unit's mean is |x| · √(rate / (1 − rate) / draws).
        require(
            (np.abs(many - x) < 6 * np.abs(x) / np.sqrt(400)).all(),
            "the average of many draws is not near x. Is it divided by the number of "
            "draws, and is training=True?",
        )
        kept = few * 3 * 0.8 / x  # how often each unit was
        require(
            np.allclose(kept, kept.round(), atol=1e-3)
            and set(kept.round().flat) <= {0, 1, 2, 3}
            and not _unlikely(kept.sum(), 0.8, 3 * x.size),
            "for rate 0.2 and 3 draws, what average gives is not the mean of 3 draws "
            "with that rate. Does it use `rate` and `draws`, and does the sum begin "
            "with 0?",
        )
        _drawn_from_rng(lambda rng: mean(0.2, 3, rng), "average")


# -- exercise 6: curves ----------------------------------------------------------------


class _Words(Entries):
    """Entries that are words; a wrong one has a sentence.

    Attributes
    ----------
    words : sequence of str
        Those that can be chosen.
    also : mapping of str to str
        Other ways to write them.
    truth : mapping of str to str
        The right word of each key.
    said : mapping of (str, str) to str
        A key and a wrong word, and what is said to it.
    """

    words: Sequence[str] = ()
    also: Mapping[str, str] = MappingProxyType({})
    truth: Mapping[str, str] = MappingProxyType({})
    said: Mapping[tuple[str, str], str] = MappingProxyType({})

    def look(self, key: str, given: Any) -> None:
        """Compare a word with the truth."""
        word = plain_text(given) if isinstance(given, str) else ""
        word = self.also.get(word, word)
        choices = ", ".join(f'"{word}"' for word in self.words)
        require(word in self.words, f'"{key}": choose one of {choices}.')
        if word != self.truth[key]:
            raise NotYet(f'"{key}": {self.said[key, word]}')


class ExplainCurves(_Words):
    """Four trainings of the stored ones, and what is the matter with each."""

    names = {  # noqa: RUF012
        "A": "no cure",
        "B": "sigmoid",
        "C": "small resnet",
        "D": "too small",
    }
    keys = tuple(names)
    words = ("overfitting", "too small", "not learning", "cured")
    truth = {  # noqa: RUF012
        "A": "overfitting",
        "B": "not learning",
        "C": "cured",
        "D": "too small",
    }
    said = {  # noqa: RUF012
        ("A", "cured"): "training goes up to nearly 1, validation stays far below.",
        ("A", "too small"): "its own photos it knows nearly all, in the end.",
        ("A", "not learning"): "the training curve rises to nearly 1.",
        ("B", "overfitting"): "it does not even know the photos that it learns from.",
        (
            "B",
            "cured",
        ): "they stay together, but where? One of five is right by chance.",
        (
            "B",
            "too small",
        ): "for more than half of the time both curves stay at chance; then it begins "
        "to learn.",
        ("C", "overfitting"): "how large is the gap between the two curves at the end?",
        ("C", "too small"): "compare its validation curve with that of D.",
        ("C", "not learning"): "both curves rise to the end.",
        ("D", "overfitting"): "how large is the gap between the two curves at the end?",
        ("D", "cured"): "they stay together, but both end far below those of C: it "
        "knows too little even of its own photos.",
        ("D", "not learning"): "both curves rise from the first epoch on.",
    }
    right = (
        "the gap tells whether it learns by heart, the height whether it learns. "
        "Cures close the gap; where there is none, a larger network helps."
    )
    hints = (
        "Look at the gap between training and validation first, at the end.",
        "Then at the training curve: how high does it end, and for how long does it "
        "stay near chance (about 0.2)?",
        "One has a large gap. One stays at chance for half of the time. Of the other "
        "two, which ends higher?",
    )
    answer = (
        'curves = {"A": "overfitting", "B": "not learning",\n'
        '    "C": "cured", "D": "too small"}'
    )
    why = (
        "A is AlexNet without any cure. B bends with sigmoid, whose slopes fade away "
        "through eight layers. C is the small network of *What ten years brought*. D "
        "is AlexNet with all cures and a sixteenth of the width."
    )

    def curves(self) -> dict[str, dict[str, list[float]]]:
        """Return what there is to judge: for each letter, the accuracy of every epoch.

        Examples
        --------
        >>> {name: len(values) for name, values in q6.curves()["A"].items()}
        {'training': 30, 'validation': 30}
        """
        found = experiments.read("flowers")
        first = {
            letter: found.of(name)[0]["curves"] for letter, name in self.names.items()
        }
        return {
            letter: {"training": run["accuracy"], "validation": run["val_accuracy"]}
            for letter, run in first.items()
        }


# -- exercise 7: what breaks a label ---------------------------------------------------


class BreaksTheLabel(_Words):
    """Which augmentation makes another thing of what the photo shows."""

    keys = (
        "digits: 6 or 9",
        "letters: b or d",
        "tomatoes: ripe or unripe",
        "birds: how many are in the photo",
        "flowers: daisy or tulip",
    )
    words = ("mirror", "turn", "colours", "crop", "none")
    also = dict.fromkeys(("colour", "color", "colors"), "colours")
    truth = {  # noqa: RUF012
        keys[0]: "turn",
        keys[1]: "mirror",
        keys[2]: "colours",
        keys[3]: "crop",
        keys[4]: "none",
    }
    said = {  # noqa: RUF012
        (keys[0], "mirror"): "a mirrored 6 is no digit at all, but it is no 9 either.",
        (keys[0], "colours"): "digits are read without colours.",
        (keys[0], "crop"): "a 6 that is cut may be hard to read, but one of the four "
        "makes a proper 9 of it.",
        (keys[0], "none"): "turn a 6 by 180°.",
        (keys[1], "turn"): "a b turned by 180° is a q, and no d. One of the four makes "
        "a d of it.",
        (keys[1], "colours"): "letters are read without colours.",
        (keys[1], "crop"): "a piece of a b is no d.",
        (keys[1], "none"): "hold a b before a mirror.",
        (keys[2], "mirror"): "a mirrored tomato is as ripe as before.",
        (keys[2], "turn"): "a turned tomato is as ripe as before.",
        (keys[2], "crop"): "a piece of a red tomato is red.",
        (keys[2], "none"): "how do you see that a tomato is ripe?",
        (keys[3], "mirror"): "mirrored birds are as many.",
        (keys[3], "turn"): "turned birds are as many.",
        (keys[3], "colours"): "birds of another colour are as many.",
        (
            keys[3],
            "none",
        ): "cut a square out of the photo: are all of them still there?",
        (keys[4], "mirror"): "a mirrored daisy is a daisy.",
        (keys[4], "turn"): "a daisy that lies on its side is a daisy.",
        (keys[4], "colours"): "there are white daisies and yellow ones, and tulips of "
        "all colours.",
        (keys[4], "crop"): "a square that has most of a tulip still shows a tulip.",
    }
    right = (
        "an augmentation says: this does not matter. Whether that is true, the labels "
        "decide, and no curve tells you: look at what comes out."
    )
    hints = (
        "Ask of each: would a person who sees the changed photo give another label?",
        "6 and 9 are the same stroke, turned. b and d are mirror images.",
        "One is told by its colour alone, one by what stands at the edge, and for one "
        "all four are harmless.",
    )
    answer = (
        'breaks = {"digits: 6 or 9": "turn", "letters: b or d": "mirror",\n'
        '    "tomatoes: ripe or unripe": "colours",\n'
        '    "birds: how many are in the photo": "crop",\n'
        '    "flowers: daisy or tulip": "none"}'
    )
    why = (
        "A 6 turned by 180° is a 9, a mirrored b is a d, ripeness is a colour, and a "
        "crop leaves out birds. A flower stays what it is under all four."
    )

    def entries(self, answer: Any) -> dict[str, Any]:
        """Return the entries; where None came, "none" may be meant."""
        if isinstance(answer, dict):
            for key in self.keys:
                require(
                    answer.get(key, ...) is not None,
                    f'"{key}": write "none" in quotation marks.',
                )
        return super().entries(answer)


# -- questions on the way --------------------------------------------------------------

p1 = Question(
    "p1",
    kind="choice",
    prompt="AlexNet has 62,378,344 parameters. Which layer holds most of them?",
    choices={
        "a": "the first convolution: its filters are the largest",
        "b": "the second convolution: its maps are many and large",
        "c": "the first dense layer: each unit has a weight for every number",
    },
    answer="c",
    why=(
        "4,096 units with a weight for each of 9,216 numbers make 37,752,832 "
        "parameters: more than half of all. The five convolutions together hold fewer "
        "than 4 million."
    ),
    slips=(
        (
            "a",
            "its filters are the largest, 11 · 11 · 3, but there are only 96 of them: "
            "34,944 parameters with the biases.",
        ),
        (
            "b",
            "how large the maps are costs multiply-adds, not parameters: a filter is "
            "shared by all places. 614,656 parameters it has.",
        ),
    ),
    hints=(
        "A filter's weights are shared by all places. Which layers share nothing?",
        "Count: units · numbers that come in.",
    ),
)
p2 = Question(
    "p2",
    kind="choice",
    prompt="And which layers need most of the 1,135,256,096 multiply-adds of a photo?",
    choices={
        "a": "the dense layers: they hold most of the weights",
        "b": "the convolutions: each weight is used at every place",
        "c": "both alike",
    },
    answer="b",
    why=(
        "in a dense layer a weight is used once a photo, in a convolution at every "
        "place. The five convolutions hold a sixteenth of the weights, and need 95 % "
        "of the multiply-adds."
    ),
    slips=(
        ("a", "how often is a weight of a dense layer used for one photo?"),
        (
            "c",
            "a weight of the second convolution is used at 27 · 27 places. One of a "
            "dense layer?",
        ),
    ),
    hints=("A weight of a convolution is used once at each place of its map.",),
)
p3 = Question(
    "p3",
    kind="number",
    prompt=(
        "A unit adds up three numbers, 2 + 4 + 6. Dropout with rate 0.5 drops some of "
        "them and divides the others by 1 − 0.5. What is the sum on average?"
    ),
    answer=12,
    why=(
        "each number is there half of the time, and twice as large then. On average "
        "the sum is what it is without dropout: 12."
    ),
    slips=(
        (6, "6 it is without the division. Those that are kept are twice as large."),
        (24, "24 it is when all three are kept. How often is that?"),
        (3, "those that are kept are divided by 0.5, not multiplied."),
        (
            4,
            "that is the mean of the three numbers. The sum is asked for.",
        ),
    ),
    nudge="that is not it. On average, what comes of the 2 alone?",
    hints=(
        "The 2 becomes 0 or 4, each half of the time.",
        "On average the 2 is 2. And the others?",
    ),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "A photo of 256 × 256 pixels: how many different squares of 224 × 224 can be "
        "cut out of it, if each may be mirrored, too?"
    ),
    answer=2178,
    why=(
        "256 − 224 + 1 = 33 places down and 33 across, times 2. The paper says 2,048 = "
        "32 · 32 · 2: it leaves out the last place."
    ),
    slips=(
        (2048, "so says the paper, too. But 224 pixels fit into 256 at 33 places."),
        (
            1024,
            "224 pixels fit into 256 at 33 places, and each square can be mirrored.",
        ),
        (1089, "those are the squares. Each can be mirrored, too."),
        (4356, "up and down nothing is mirrored, only left and right."),
        (2112, "33 places down, and as many across: nothing is left out."),
        (66, "a square has a row and a column to begin in: multiply."),
        (33, "33 places down, and for each of them 33 across. And mirrored."),
        (64, "224 pixels fit into 256 at 33 places; down and across are multiplied."),
        (32, "224 pixels fit into 256 at 33 places; down and across are multiplied."),
    ),
    nudge="that is not it. At how many places do 224 pixels fit into a row of 256?",
    hints=(
        "A window of 3 fits into 5 pixels at 3 places: 5 − 3 + 1.",
        "33 places down, 33 across, and each square as it is or mirrored.",
    ),
)
p5 = Question(
    "p5",
    kind="choice",
    prompt=(
        "In the last epoch of *all together* the training curve stands at 92 %. The "
        "finished network, asked about the same photos, gets 95 % of them right. Why?"
    ),
    choices={
        "a": "it went on learning after the last epoch",
        "b": "the curve is measured under harder conditions: units dropped, photos "
        "changed",
        "c": "one of the two figures is wrong",
    },
    answer="b",
    why=(
        "while it learns, half of the units of its large layers are missing, and every "
        "photo is a random view. Afterwards the whole network looks at photos as they "
        "are. So with dropout and views the training curve may even run below that of "
        "validation, and nothing is wrong."
    ),
    slips=(
        (
            "a",
            "after the last epoch nothing is changed any more. What is different when "
            "it is asked?",
        ),
        ("c", "both are right. Under which conditions is each measured?"),
    ),
    hints=(
        "Which layers do something in training alone?",
        "The curve shows what the network answers while units are dropped.",
    ),
)
p6 = Question(
    "p6",
    kind="choice",
    prompt=(
        "Eight graphics cards train one network together, each with its own part of "
        "every batch. What must they tell each other at every step?"
    ),
    choices={
        "a": "their photos",
        "b": "their gradients, so that all take the same step",
        "c": "nothing: at the end the eight networks are averaged",
    },
    answer="b",
    why=(
        "each card's gradient is the mean over its own photos. The mean of these is "
        "the gradient of the whole batch: all take the same step, and stay the same "
        "network. For AlexNet that is a quarter of a gigabyte a step."
    ),
    slips=(
        ("a", "every card has photos of its own. What does it learn from the others?"),
        (
            "c",
            "eight networks that go their own ways do not average to a good one. They "
            "should stay the same at every step.",
        ),
    ),
    hints=("What does a card know after the way back that the others need?",),
)
progress = Progress(globals())
q1 = QuarterAlexNet("q1")
q2 = TwoHalves("q2")
q3 = PlaceDropout("q3")
q4 = RandomView("q4")
q5 = InvertedDropout("q5")
q6 = ExplainCurves("q6")
q7 = BreaksTheLabel("q7")
