"""The exercises of lesson 09: boards, sounds and sentences in place of pictures."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers import go, sounds, texts
from helpers.exercises.base import (
    Exercise,
    as_array,
    as_whole,
    call,
    listed,
    require,
)
from helpers.exercises.implements import Implements, Trial, size
from helpers.exercises.predictions import Choices, Entries
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question

__all__ = [
    "p1",
    "p2",
    "p3",
    "p4",
    "p5",
    "p6",
    "p7",
    "progress",
    "q1",
    "q2",
    "q3",
    "q4",
    "q5",
    "q6",
    "q7",
]


# -- exercise 1: the shape of a filter -------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    """One axis of a signal.

    Attributes
    ----------
    name
        What stands along it.
    size
        How many numbers.
    slides
        Whether a filter slides along it.
    why
        What is said to who has it the other way.
    """

    name: str
    size: int
    slides: bool
    why: str

    @property
    def wanted(self) -> int:
        """How wide a filter is along it."""
        return 3 if self.slides else self.size


_SIGNALS = MappingProxyType(
    {
        "heart": (
            _Axis(
                "moments",
                5000,
                True,
                "moments that follow each other belong together, and a heartbeat looks "
                "the same whenever it comes. Slide in time.",
            ),
            _Axis(
                "electrodes",
                12,
                False,
                "an electrode has its place on the body, and the same wave at another "
                "one means something else. Cover all 12.",
            ),
        ),
        "sentence": (
            _Axis(
                "words",
                20,
                True,
                "words that stand together belong together, and what they say they say "
                "at the end of a sentence, too. Slide along it.",
            ),
            _Axis(
                "numbers of a word",
                64,
                False,
                "number 7 of a word is no neighbour of number 8, and means something "
                "else. Cover all 64.",
            ),
        ),
        "board": (
            *(
                _Axis(
                    name,
                    19,
                    True,
                    "what stones next to each other mean, they mean nearly everywhere "
                    "on the board. Slide over rows and columns.",
                )
                for name in ("rows", "columns")
            ),
            _Axis(
                "planes",
                14,
                False,
                "planes are like colours of a photo: own stones, other's stones, …, in "
                "no order. Cover all 14.",
            ),
        ),
        "tune": (
            _Axis(
                "keys",
                88,
                True,
                "a tune is to be known in every pitch: some keys higher it is still "
                "the same tune. Slide along the keyboard.",
            ),
            _Axis(
                "moments",
                300,
                True,
                "notes that follow each other belong together, and a tune may begin at "
                "any moment. Slide in time.",
            ),
        ),
        "motor": (
            _Axis(
                "frequencies",
                40,
                False,
                "here the same hum means another thing at another frequency, so a "
                "filter must know where it is. Cover all 40.",
            ),
            _Axis(
                "moments",
                300,
                True,
                "a hum may set in at any moment, and goes on for some. Slide in time.",
            ),
        ),
        "film": (
            _Axis(
                "frames",
                100,
                True,
                "the hand may wave at any time, and what moves is seen in frames that "
                "follow each other. Slide in time.",
            ),
            *(
                _Axis(
                    name,
                    64,
                    True,
                    "the hand may be anywhere in the picture, and is the same hand "
                    "there. Slide over rows and columns.",
                )
                for name in ("rows", "columns")
            ),
            _Axis(
                "colours",
                3,
                False,
                "cover all three colours.",
            ),
        ),
        "patient": (
            _Axis(
                "findings",
                9,
                False,
                "age, blood pressure, height: in the table neighbours have nothing in "
                "common, and 80 means another thing in each. Nothing slides; a dense "
                "layer is right.",
            ),
        ),
        "weather": (
            _Axis(
                "stations",
                200,
                False,
                "in the list neighbours come by the alphabet, on the map they may be "
                "at its two ends. Nothing slides, unless the list becomes a map.",
            ),
        ),
    }
)


class FilterShapes(Entries):
    """Along which axes a filter slides, told by its shape."""

    keys = tuple(_SIGNALS)
    right = (
        "3 where what is near belongs together and means the same elsewhere, all "
        "where not. That there is a picture is not asked."
    )
    hints = (
        "Ask twice of each axis. Do things that are next to each other on it belong "
        "together? And does the same pattern mean the same further along?",
        "Colours of a photo, electrodes, numbers of a word: they have an order in "
        "memory, and none in the world. A filter covers them all.",
        "tune and motor look alike, and are not: a tune some keys higher is the same "
        "tune. For patient and weather no axis is left along which to slide.",
    )
    answer = (
        "shapes = {\n"
        + "".join(
            f'    "{key}": ({", ".join(str(axis.wanted) for axis in axes)}'
            f"{',' * (len(axes) == 1)}),\n"
            for key, axes in _SIGNALS.items()
        )
        + "}"
    )
    why = (
        "A filter that covers an axis has a weight for each place on it, so it may be "
        "in any order: shuffled in the same way always, it is as good. Along an axis "
        "on which it slides it has three weights for all places: they must mean the "
        "same everywhere."
    )

    def look(self, key: str, given: Any) -> None:
        """Compare a shape with the one wanted, axis by axis."""
        axes = _SIGNALS[key]
        name = f'"{key}"'
        array = np.atleast_1d(
            as_array(given, name, wanted="a shape, whole numbers in brackets")
        )
        require(array.ndim == 1, f"{name}: a few numbers in brackets are wanted.")
        names = ", ".join(axis.name for axis in axes)
        axes_named = f"{len(axes)} axes: {names}" if len(axes) > 1 else f"one: {names}"
        require(
            array.size == len(axes),
            f"{name}: {array.size} number{'s' * (array.size != 1)} came, and a filter "
            f"has as many axes as the signal, {axes_named}.",
        )
        for axis, came in zip(axes, array, strict=True):
            width = as_whole(came, f"{name}, {axis.name}", least=1)
            require(
                width in (3, axis.size) or axis.size == 3,
                f"{name}, {axis.name}: {width:,} came. Give 3 where the filter slides, "
                f"{axis.size:,} where it covers all.",
            )
            require(width == axis.wanted, f"{name}, {axis.name}: {axis.why}")


# -- exercise 2: convolution in one dimension ------------------------------------------


def _conv1d(
    x: NDArray,
    kernel: NDArray,
    *,
    step: int = 1,
    fewer: int = 0,
) -> NDArray:
    width = len(kernel)
    windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=0)
    windows = windows[: len(windows) - fewer : step]
    return np.einsum("ncw,wcf->nf", windows, kernel)


def _padded(x: NDArray, kernel: NDArray, *, before: int, after: int) -> NDArray:
    return _conv1d(np.pad(x, ((before, after), (0, 0))), kernel)


def _kept(x: NDArray, kernel: NDArray) -> NDArray:
    """Return as many as x has, as padding="same" does it."""
    missing = len(kernel) - 1
    return _padded(x, kernel, before=missing // 2, after=missing - missing // 2)


def _channels_apart(x: NDArray, kernel: NDArray) -> NDArray:
    windows = np.lib.stride_tricks.sliding_window_view(x, len(kernel), axis=0)
    return np.einsum("ncw,wcf->nc", windows, kernel)


_ONE_MORE_AXIS = (
    "ops.conv2d wants a picture (H, W, C) and kernels (kh, kw, C, F). Give x and the "
    "kernel one more axis, of length 1, at the same place: x[:, np.newaxis] has shape "
    "(length, 1, channels)."
)


class Conv1D(Implements):
    """Filters that slide along one axis, by a convolution that slides along two."""

    function = "conv1d"
    within = 1e-4  # as far off as sums in float32 are
    reference = staticmethod(_conv1d)
    slips = (
        (
            lambda x, kernel: _conv1d(x, kernel)[:, np.newaxis],
            "the numbers are right, and the axis that you added is still there. Take "
            "it away: [:, 0].",
        ),
        (
            lambda x, kernel: _conv1d(x, kernel)[np.newaxis],
            "the numbers are right, and the axis that you added is still there. Take "
            "it away: [0].",
        ),
        (
            lambda x, kernel: np.squeeze(_conv1d(x, kernel)),
            "np.squeeze takes all axes of length 1 away, also that of one filter "
            "alone. Take away the one that you added: [0], or [:, 0].",
        ),
        (
            lambda x, kernel: _conv1d(x, kernel).T,
            "places and filters are swapped: (length − width + 1, filters) is wanted.",
        ),
        (
            lambda x, kernel: _conv1d(x, kernel[::-1]),
            "the kernel is turned round. In deep learning it stays as it is, and so it "
            "does in ops.conv2d.",
        ),
        (
            lambda x, kernel: _conv1d(x[::-1], kernel),
            "x is turned round. It stays as it is.",
        ),
        (
            _kept,
            "zeros are put at both ends. Leave them out: length − width + 1 places are "
            "left.",
        ),
        (
            lambda x, kernel: _padded(x, kernel, before=0, after=len(kernel) - 1),
            "zeros are put at the end. Leave them out: length − width + 1 places are "
            "left.",
        ),
        (
            lambda x, kernel: _padded(x, kernel, before=len(kernel) - 1, after=0),
            "zeros are put at the beginning. Leave them out: length − width + 1 places "
            "are left.",
        ),
        (
            partial(_conv1d, fewer=1),
            "the last place is missing: there are length − width + 1.",
        ),
        (
            lambda x, kernel: _conv1d(x, kernel, step=len(kernel)),
            "the windows lie side by side. They move on by one place.",
        ),
        (
            _channels_apart,
            "the sum goes over filters. Every filter gives a number of its own; the "
            "sum goes over its places and the channels.",
        ),
        (
            lambda x, kernel: _conv1d(x[:, :1], kernel[:, :1]),
            "only the first channel is seen. A filter covers all channels.",
        ),
        *(
            (
                lambda x, kernel, cut=cut: _conv1d(x, kernel)[:, cut],
                "only the first filter is there. All are wanted: (length − width + 1, "
                "filters).",
            )
            for cut in (0, slice(1))
        ),
        (
            lambda x, kernel: _conv1d(x, kernel).sum(-1),
            "the filters are added up. Each has a number of its own at every place.",
        ),
        (
            lambda x, kernel: _conv1d(x, kernel) / len(kernel),
            "you divide by the width. A convolution adds up.",
        ),
        (
            lambda x, kernel: np.maximum(_conv1d(x, kernel), 0),
            "negative numbers became 0. ReLU is another layer.",
        ),
    )
    raised = MappingProxyType(
        {
            "kernel: got shape": _ONE_MORE_AXIS,
            "for a padded picture": "the axis of length 1 does not stand at the same "
            "place in x and in the kernel: x[:, np.newaxis] goes with "
            "kernel[:, np.newaxis].",
        }
    )
    right = (
        "a sentence, or a sound, is a picture that is one pixel wide. A filter as "
        "wide as that has no room to slide but along it."
    )
    hints = (
        "x is a picture that is `length` pixels high and one pixel wide, with "
        "`channels` colours: x[:, np.newaxis] has shape (length, 1, channels).",
        "Do the same with the kernel, and ops.conv2d takes both. What comes back is "
        "one pixel wide, too.",
        "[:, 0] takes that axis away again.",
    )
    answer = (
        "def conv1d(x, kernel):\n"
        "    from helpers import ops\n"
        "\n"
        "    found = ops.conv2d(x[:, np.newaxis], kernel[:, np.newaxis])\n"
        "    return found[:, 0]"
    )
    why = (
        "There is another way: x is a gray picture, (length, channels, 1), and the "
        "kernel, (width, channels, 1, filters), is just as wide. So are the filters "
        "that cover all frequencies of a spectrogram."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return signals and kernels of several sizes, two axes now and then alike."""
        rng = np.random.default_rng(92)

        def case(length: int, channels: int, width: int, filters: int) -> tuple:
            x = rng.normal(0.2, 1, (length, channels))
            return x, rng.normal(0.1, 1, (width, channels, filters))

        return [
            (
                np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0], [-1.0, 2.0]]),
                np.array([[[1.0], [0.5]], [[-1.0], [2.0]]]),
            ),
            case(20, 8, 3, 5),
            case(9, 1, 4, 2),
            case(12, 3, 1, 4),
            case(6, 4, 2, 1),
            case(5, 2, 5, 3),
            case(7, 3, 3, 3),
            tuple(part.astype(np.float32) for part in case(30, 6, 5, 2)),
        ]

    @staticmethod
    def named(x: NDArray, kernel: NDArray) -> str:
        """Name a case."""
        if x.size <= 8:
            return f"x {x.tolist()} and the kernel {kernel.tolist()}"
        return f"x of shape {x.shape} and a kernel of shape {kernel.shape}"


# -- exercise 3: liberties -------------------------------------------------------------

_CROSS = ((-1, 0), (0, -1), (0, 1), (1, 0))
_ROUND = (*_CROSS, (-1, -1), (-1, 1), (1, -1), (1, 1))
_AS_IS: Mapping[str, Any] = MappingProxyType({})
_WRAPPED = MappingProxyType({"wraps": "negative"})
_BOTH_ENDS = MappingProxyType({"wraps": "all"})
_EIGHT = MappingProxyType({"steps": _ROUND})
_SQUARE = MappingProxyType({"square": True})
_NO_FIRST = MappingProxyType({"rim": (1, 0)})
_NO_LAST = MappingProxyType({"rim": (0, 1)})


def _beside(
    stones: NDArray,
    point: tuple[int, int],
    steps: Iterable[tuple[int, int]] = _CROSS,
    wraps: str = "",
    rim: tuple[int, int] = (0, 0),
    square: bool = False,
) -> list[tuple[int, int]]:
    """Return the points beside one; `wraps` for a board whose ends meet.

    `rim` says how many rows and columns are left out at the beginning and the end.
    """
    height, width = stones.shape
    right = height if square else width
    first, last = rim
    found = []
    for down, across in steps:
        row, column = point[0] + down, point[1] + across
        if wraps == "all":
            row, column = row % height, column % width
        if wraps == "negative":  # as NumPy takes −1 for the last
            row, column = row % height if row < 0 else row, column
            column = column % width if column < 0 else column
        if first <= row < height - last and first <= column < right - last:
            found.append((row, column))
    return found


def _group(
    stones: NDArray,
    point: tuple[int, int],
    *,
    joins: Callable[[int, int], bool] = lambda stone, own: stone == own,
    far: int = 1000,
    **how: Any,
) -> set[tuple[int, int]]:
    """Return the stones that are connected with one, at most so many steps away."""
    own = stones[point]
    found, edge = {point}, {point}
    for _ in range(far):
        edge = {
            other
            for place in edge
            for other in _beside(stones, place, **how)
            if joins(stones[other], own)
        } - found
        if not edge:
            break
        found |= edge
    return found


def _free(stones: NDArray, group: Iterable[tuple[int, int]], **how: Any) -> list:
    """Return the empty points beside stones, as often as they are beside one."""
    return [
        other
        for place in group
        for other in _beside(stones, place, **how)
        if not stones[other]
    ]


def _liberties(
    stones: NDArray,
    point: tuple[int, int],
    *,
    grouped: Mapping[str, Any] = _AS_IS,
    freed: Mapping[str, Any] = _AS_IS,
    counted: Callable[[list], Any] = lambda free: len(set(free)),
) -> Any:
    return counted(_free(stones, _group(stones, point, **grouped), **freed))


def _of_all(stones: NDArray, point: tuple[int, int]) -> int:
    same = [(int(r), int(c)) for r, c in np.argwhere(stones == stones[point])]
    return len(set(_free(stones, same)))


def _one_pass(stones: NDArray, point: tuple[int, int]) -> int:
    """Count for a group that is looked for once, row by row."""
    found = {point}
    for place in np.ndindex(stones.shape):
        if stones[place] == stones[point] and found & {*_beside(stones, place)}:
            found.add(place)
    return len(set(_free(stones, found)))


def _mask(stones: NDArray, places: Iterable[tuple[int, int]]) -> NDArray:
    mask = np.zeros(stones.shape)
    for place in places:
        mask[place] = 1
    return mask


def _where(stones: NDArray, point: tuple[int, int]) -> list:
    return sorted(set(_free(stones, _group(stones, point))))


class Liberties(Implements):
    """How many liberties the group of a stone has."""

    function = "liberties"
    reference = staticmethod(_liberties)
    slips = (
        (
            partial(_liberties, grouped=_SQUARE, freed=_SQUARE),
            "columns end where rows do, as on a square board: this one need not be "
            "one. stones.shape says how many there are of each.",
        ),
        (
            partial(_liberties, grouped=_NO_FIRST, freed=_NO_FIRST),
            "row 0 and column 0 are left out. They are on the board: 0 <= row.",
        ),
        (
            partial(_liberties, grouped=_NO_LAST, freed=_NO_LAST),
            "the last row and the last column are left out. They are on the board: "
            "row < stones.shape[0].",
        ),
        (
            partial(_liberties, counted=len),
            "a point that is beside two stones of the group counts twice. Each liberty "
            "counts once: collect them in a set.",
        ),
        (
            partial(_liberties, grouped={"far": 0}),
            "only the stone itself is asked for empty points. The whole group shares "
            "its liberties.",
        ),
        (
            partial(_liberties, grouped={"far": 0}, counted=len),
            "only the stone itself is asked for empty points. The whole group shares "
            "its liberties.",
        ),
        *(
            (
                partial(_liberties, grouped={"far": 1}, counted=counted),
                "the group ends after one step. Ask the neighbours of the neighbours, "
                "too, until no new stone is found.",
            )
            for counted in (len, lambda free: len(set(free)))
        ),
        (
            _one_pass,
            "the board is gone through once, row by row, so a group that goes back up "
            "is not found whole. Go on until no new stone is found.",
        ),
        (
            _of_all,
            "all stones of this colour are taken for one group. Only those count that "
            "touch along the lines.",
        ),
        (
            partial(_liberties, grouped={"joins": lambda stone, own: stone in (1, -1)}),
            "stones of both colours make one group. Only stones of one colour do.",
        ),
        (
            partial(
                _liberties, grouped={"joins": lambda stone, own: stone in (own, 0)}
            ),
            "the search goes on from empty points. Only stones belong to a group; an "
            "empty point beside it is a liberty, and there it ends.",
        ),
        (
            lambda stones, point: sum(
                not stones[place]
                for place in _group(
                    stones, point, joins=lambda stone, own: stone in (own, 0)
                )
            ),
            "the search goes on from empty points. Only stones belong to a group; an "
            "empty point beside it is a liberty, and there it ends.",
        ),
        (
            partial(
                _liberties,
                grouped={"joins": lambda stone, own: stone == 1},
            ),
            "the group grows over black stones, whatever the colour of the first. "
            "Compare with stones[point].",
        ),
        (
            partial(_liberties, grouped=_EIGHT),
            "stones that touch over a corner are taken for one group. Only the lines "
            "connect.",
        ),
        (
            partial(_liberties, freed=_EIGHT),
            "empty points over the corner are counted. Only the lines connect.",
        ),
        (
            partial(_liberties, grouped=_EIGHT, freed=_EIGHT),
            "you look over the corners, too. Only the lines connect: four neighbours, "
            "not eight.",
        ),
        *(
            (
                partial(_liberties, grouped=grouped, freed=_WRAPPED),
                "the board goes on at its other side: to NumPy, row −1 is the last "
                "one. Leave out what is off the board, in both directions.",
            )
            for grouped in (_WRAPPED, _AS_IS)
        ),
        (
            partial(_liberties, grouped={"far": 0}, freed=_WRAPPED),
            "only the stone itself is asked, not its group. And the board goes on at "
            "its other side: to NumPy, row −1 is the last one.",
        ),
        *(
            (
                partial(_liberties, grouped=grouped, freed=_BOTH_ENDS),
                "the board goes on at its other side. Leave out what is off the board.",
            )
            for grouped in (_BOTH_ENDS, _AS_IS)
        ),
        (
            lambda stones, point: len(_group(stones, point)),
            "those are the stones of the group. How many empty points are beside them?",
        ),
        (
            lambda stones, point: _mask(stones, _group(stones, point)),
            "those are the places of the group. How many empty points are beside them?",
        ),
        (
            lambda stones, point: _mask(stones, _where(stones, point)),
            "those are the places of the liberties. How many are there?",
        ),
        (
            _where,
            "those are the liberties, one by one. How many are there? len counts them.",
        ),
        (
            lambda stones, point: max(1, _liberties(stones, point)),
            "a group has no liberty left, and you say 1. It is about to be taken off.",
        ),
        (
            lambda stones, point: _liberties(stones, point) * stones[point],
            "the colour gets into the number. How many are there?",
        ),
    )
    raised = MappingProxyType(
        {
            "out of bounds": "a point off the board is asked. Look at what is inside "
            "alone: 0 <= row < stones.shape[0], and the columns likewise.",
            "recursion": "the search never ends: two stones send it to each other for "
            "ever. Remember where it was, and go there no more.",
            "Give a square": "go.Board wants a square. Do it without: this board need "
            "not be one.",
        }
    )
    spoiled = (
        "liberties changes {name}. Mark what you have seen in an array, or a set, of "
        "your own."
    )
    right = (
        "in corners, rings and snakes every liberty counts once. A network is given "
        "this number, for no filter of 5 × 5 can count along a snake."
    )
    hints = (
        "Begin with a list that holds the point alone. Take a point out of it, look at "
        "its four neighbours on the board, and go on until the list is empty.",
        "A neighbour of the same colour that is not in the group yet comes into the "
        "group, and into the list. An empty one is a liberty.",
        "Use sets for the group and for the liberties: what is in them counts once, "
        "however often it is added.",
    )
    answer = (
        "def liberties(stones, point):\n"
        "    height, width = stones.shape\n"
        "    group, free, waiting = {point}, set(), [point]\n"
        "    while waiting:\n"
        "        row, col = waiting.pop()\n"
        "        beside = [(row - 1, col), (row + 1, col), (row, col - 1), "
        "(row, col + 1)]\n"
        "        for r, c in beside:\n"
        "            if not (0 <= r < height and 0 <= c < width):\n"
        "                continue\n"
        "            if stones[r, c] == 0:\n"
        "                free.add((r, c))\n"
        "            elif stones[r, c] == stones[point] and (r, c) not in group:\n"
        "                group.add((r, c))\n"
        "                waiting.append((r, c))\n"
        "    return len(free)"
    )
    why = (
        "Every stone of the group waits once, so the search ends. It looks as far as "
        "the group goes, across the board if need be. A convolution looks as far as "
        "its kernel: that is why planes of liberties help the network."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return corners, snakes, rings and full boards, of several sizes."""
        rng = np.random.default_rng(93)
        drawn = [
            (". . . . / . X O . / . . . .", (1, 1)),
            ("X . . / . . . / . . .", (0, 0)),
            ("X X . . / X . . O / . . . .", (0, 1)),
            (". . X . / . . . . / X . . . / . . . O", (2, 0)),
            (". O . . / O X . . / . . X . / . . . .", (2, 2)),
            ("O . O . . / . . O . . / . O . . X", (1, 2)),
            ("X X X X / . . . X / X X X X / X . . . / X . O .", (4, 0)),
            (". O O O . / . O . O . / . O O O . / . . . . .", (0, 2)),
            ("O O X . / X X X . / . . . .", (0, 0)),
            (". . X / . . X / X . .", (1, 2)),
            (". X O X / O O X . / . . . X", (1, 0)),
            ("X O . / O . . / . . .", (0, 0)),
        ]
        signs = {"X": 1, "O": -1, ".": 0}
        made: list[tuple[Any, ...]] = [
            (
                np.array([[signs[s] for s in row.split()] for row in text.split("/")]),
                point,
            )
            for text, point in drawn
        ]
        for height, width, share in ((19, 19, 0.55), (9, 9, 0.7), (13, 6, 0.6)):
            few = [share * 0.6, 1 - share, share * 0.4]
            board = rng.choice([1, 0, -1], (height, width), p=few).astype(np.int8)
            places = [(int(r), int(c)) for r, c in np.argwhere(board)]
            groups = sorted(places, key=lambda place: -len(_group(board, place)))
            made += [(board, groups[0]), (board, groups[len(groups) // 2])]
        return made

    @staticmethod
    def named(stones: NDArray, point: tuple[int, int]) -> str:
        """Name a case."""
        if stones.size > 25:
            return f"a board of {size(stones)} and the point {point}"
        signs = {1: "X", -1: "O", 0: "."}
        rows = [" ".join(signs[int(stone)] for stone in row) for row in stones]
        return f"the rows {' / '.join(rows)} and the point {point}"


# -- exercise 4: the log-mel of a stretch of sound -------------------------------------


def _hann(samples: int) -> NDArray:
    return np.sin(np.pi * np.arange(samples) / samples) ** 2


def _heard(
    stretch: NDArray,
    filters: NDArray,
    *,
    fade: Callable[[int], Any] = _hann,
    power: Callable[[NDArray], NDArray] = lambda found: np.abs(found) ** 2,
    ends: Callable[[NDArray], NDArray] = lambda bands: np.log(bands + 1e-6),
) -> NDArray:
    found = np.fft.rfft(stretch * fade(len(stretch)))
    return ends(filters @ power(found))


def _plain(number: Any) -> Any:
    return number


def _faded_or_not(
    said: str, **other: Any
) -> tuple[tuple[Callable[..., Any], str], ...]:
    """Return a slip of exercise 4, with the fading and without it."""
    unfaded = partial(_heard, fade=lambda samples: 1, **other)
    return (
        (partial(_heard, **other), said),
        (unfaded, f"{said} And fade the stretch in and out first."),
    )


_NOTHING_ADDED = (
    "nothing is added before the logarithm, or too little, and that of 0 is minus "
    "infinity. Add 0.000001."
)


class LogMel(Implements):
    """How loud each band is in one stretch of a sound."""

    function = "log_mel"
    within = 1e-3  # as far off as float32 is
    reference = staticmethod(_heard)
    slips = (
        (
            partial(_heard, fade=lambda samples: 1),
            "the stretch is not faded in and out. It is cut off at both ends, and each "
            "cut sounds like a click, at all frequencies.",
        ),
        *(
            (
                partial(_heard, fade=window),
                f"np.{window.__name__} fades another way. sin²(π n / N) is wanted, n "
                "from 0 to N − 1: it comes down to 0 one step after the last sample.",
            )
            for window in (np.hanning, np.hamming, np.blackman)
        ),
        (
            partial(_heard, fade=lambda samples: np.sqrt(_hann(samples))),
            "the sine is not squared. Fade by sin²(π n / N).",
        ),
        (
            partial(_heard, fade=lambda samples: np.roll(_hann(samples), -1)),
            "n begins at 1. Count from 0: np.arange(N).",
        ),
        (
            partial(
                _heard,
                fade=lambda samples: (
                    np.sin(2 * np.pi * np.arange(samples) / samples) ** 2
                ),
            ),
            "the stretch is faded twice, with silence in its middle: sin²(π n / N), "
            "without a 2.",
        ),
        *_faded_or_not(
            "those are the sizes of the Fourier transform. Their squares are the "
            "powers.",
            power=np.abs,
        ),
        *_faded_or_not(
            "the imaginary part is lost. np.abs takes both: it is the size.",
            power=lambda found: found.real**2,
        ),
        *_faded_or_not(
            "a complex number was squared. Take its size first, np.abs, then square.",
            power=lambda found: np.real(found**2),
        ),
        *_faded_or_not(
            "that is the logarithm to base 10. np.log is wanted, to base e.",
            ends=lambda bands: np.log10(bands + 1e-6),
        ),
        *_faded_or_not(
            "that is the logarithm to base 2. np.log is wanted, to base e.",
            ends=lambda bands: np.log2(bands + 1e-6),
        ),
        *_faded_or_not(
            "those are decibels, 10 · log10. np.log alone is wanted, to base e.",
            ends=lambda bands: 10 * np.log10(bands + 1e-6),
        ),
        *_faded_or_not(
            "those are decibels, 20 · log10 of the sizes. np.log of the powers is "
            "wanted, to base e.",
            power=np.abs,
            ends=lambda bands: 20 * np.log10(bands + 1e-6),
        ),
        *_faded_or_not(
            "1 is added, and swallows what is quiet. Add 0.000001.", ends=np.log1p
        ),
        *_faded_or_not(
            "the root of the powers is taken. Take their logarithm as they are.",
            ends=lambda bands: np.log(np.sqrt(bands) + 1e-6),
        ),
        *_faded_or_not(
            "the sizes are added up in bands, and then squared. Square first.",
            power=np.abs,
            ends=lambda bands: np.log(bands**2 + 1e-6),
        ),
        (
            lambda stretch, filters: np.log(
                filters @ np.abs(np.fft.rfft(stretch) * _hann(filters.shape[1])) ** 2
                + 1e-6
            ),
            "the frequencies are faded. Fade the stretch, before the transform.",
        ),
        (
            lambda stretch, filters: _heard(stretch, filters / filters.shape[1]),
            "the mean over all frequencies is taken. Add up.",
        ),
        (
            lambda stretch, filters: _heard(stretch, filters)[::-1],
            "the bands stand upside down. Low ones come first.",
        ),
        (
            lambda stretch, filters: _heard(stretch, filters)[:, np.newaxis],
            "that is a spectrogram of one column. The column alone is wanted: [:, 0].",
        ),
        (
            partial(_heard, ends=np.log),
            _NOTHING_ADDED,
        ),
        (
            partial(_heard, ends=lambda bands: np.log(np.maximum(bands, 1e-6))),
            "the larger of power and 0.000001 is taken. Add it.",
        ),
        *_faded_or_not(
            "those are powers, from nearly 0 to thousands. Take the logarithm: an ear "
            "does so.",
            ends=_plain,
        ),
        (
            lambda stretch, filters: (
                filters
                @ np.log(np.abs(np.fft.rfft(stretch * _hann(len(stretch)))) ** 2 + 1e-6)
            ),
            "the logarithms are gathered into bands. First add up the powers, then "
            "take the logarithm.",
        ),
        (
            lambda stretch, filters: _heard(
                stretch,
                filters,
                power=lambda found: np.abs(found) ** 2 / len(stretch),
            ),
            "the powers are divided by the number of samples. Take them as they are.",
        ),
        (
            lambda stretch, filters: _heard(
                stretch, filters / filters.sum(1, keepdims=True)
            ),
            "the filters are divided by their sums. Take them as they are: broad bands "
            "gather more.",
        ),
        (
            lambda stretch, filters: _heard(stretch, filters > 0),
            "all frequencies of a band count alike. The filters are triangles: "
            "multiply by them.",
        ),
        (
            lambda stretch, filters: (lambda found: found - found.max(initial=-np.inf))(
                _heard(stretch, filters)
            ),
            "the loudest band is made 0. Return the logarithms as they are.",
        ),
        (
            lambda stretch, filters: _heard(stretch, np.eye(filters.shape[1])),
            "one number for each frequency comes back. Gather them into bands: "
            "filters @ power.",
        ),
        (
            lambda stretch, filters: _heard(stretch - stretch.mean(), filters),
            "the mean is taken away first. Take the stretch as it is.",
        ),
    )
    raised = MappingProxyType(
        dict.fromkeys(
            ("mismatch in its core dimension", "not aligned", "could not be broadcast"),
            "shapes do not fit. np.fft.rfft gives N / 2 + 1 numbers, np.fft.fft N, "
            "whose second half mirrors the first; and the matrix stands first: "
            "filters @ power.",
        )
    )
    spoiled = "log_mel changes {name}. Write stretch * fade, not stretch *= fade."
    right = (
        "a tone lights up in its band and its neighbours, a click in all, silence "
        "stays at −13.8. Many such columns, side by side, are the picture."
    )
    hints = (
        "fade = np.sin(np.pi * np.arange(N) / N) ** 2, for a stretch of N samples. "
        "np.fft.rfft(stretch * fade) is the Fourier transform, N / 2 + 1 numbers.",
        "np.abs(…) ** 2 are the powers, one for each frequency.",
        "filters @ power adds them up in bands; add 1e-6; np.log.",
    )
    answer = (
        "def log_mel(stretch, filters):\n"
        "    N = len(stretch)\n"
        "    fade = np.sin(np.pi * np.arange(N) / N) ** 2\n"
        "    power = np.abs(np.fft.rfft(stretch * fade)) ** 2\n"
        "    return np.log(filters @ power + 1e-6)"
    )
    why = (
        "Fading keeps the cut ends from sounding; the square makes a power of a size; "
        "the bands are narrow where an ear is keen; and to an ear ten times the power "
        "is always the same step louder, which is what a logarithm does."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return tones, chords, noise, a click and silence."""
        rng = np.random.default_rng(94)
        telephone = sounds.mel_filters(40, 256, 8000)
        coarse = sounds.mel_filters(8, 64, 8000, low=0)
        music = sounds.mel_filters(20, 512, 22_050)
        click = np.zeros(256)
        click[40] = 0.5

        def tone(frequency: float, samples: int, rate: int = 8000) -> NDArray:
            return 0.8 * np.sin(2 * np.pi * frequency / rate * np.arange(samples) + 0.4)

        return [
            (tone(1000, 256), telephone),
            (tone(333, 256) + 0.1 * tone(2500, 256), telephone),
            (tone(700, 64), coarse),
            (tone(4321, 512, 22_050), music),
            (rng.normal(0, 0.2, 256), telephone),
            (click, telephone),
            (1e-4 * tone(440, 256) + 0.1, telephone),
            (np.zeros(64), coarse),
            (tone(2000, 256).astype(np.float32), telephone.astype(np.float32)),
        ]

    def difference(self, trial: Trial) -> str:
        """Know the slip whose numbers, logarithms of next to nothing, are chance."""
        same_shape = trial.result.shape == trial.wanted.shape
        if same_shape and (trial.result < np.log(1e-6) - 0.1).any():
            return _NOTHING_ADDED
        return super().difference(trial)

    @staticmethod
    def named(stretch: NDArray, filters: NDArray) -> str:
        """Name a case."""
        silence = "" if stretch.any() else " of silence"
        return f"{len(stretch)} samples{silence} and {len(filters)} bands"


# -- exercise 5: which shuffle hurts which network -------------------------------------


class WhichShuffleHurts(Choices):
    """What a network loses when its input comes in another order."""

    truth = {  # noqa: RUF012  (never changed)
        "dense, pixels": "nothing",
        "3 x 3, pixels": "hurts",
        "1 x 1, pixels": "nothing",
        "slides in time, rows": "nothing",
        "slides in time, columns": "hurts",
        "slides in frequency, rows": "hurts",
        "slides in frequency, columns": "nothing",
        "bag of words, words": "nothing",
        "3 words, words": "hurts",
        "Go, turned": "nothing",
        "Go, rows": "hurts",
    }
    keys = tuple(truth)
    words = dict.fromkeys(keys, ("nothing", "hurts"))
    said = {  # noqa: RUF012
        (
            "dense, pixels",
            "hurts",
        ): "a dense layer has a weight for each pixel. Where the pixel stands is all "
        "the same to it: the weights stand in another order, too.",
        (
            "3 x 3, pixels",
            "nothing",
        ): "nine pixels that were neighbours are now anywhere, and a filter has only "
        "nine weights. What edge should it find?",
        (
            "1 x 1, pixels",
            "hurts",
        ): "this filter has no neighbours to lose, and the average goes over all "
        "places, in whatever order.",
        (
            "slides in time, rows",
            "hurts",
        ): "this filter covers all rows and has weights for each. They stand in "
        "another order, too, and it slides in time as before.",
        (
            "slides in time, columns",
            "nothing",
        ): "columns are moments, and along them it slides: of three that followed each "
        "other, it now sees three of anywhere.",
        (
            "slides in frequency, rows",
            "nothing",
        ): "rows are frequencies, and along them it slides: three neighbours are now "
        "torn apart.",
        (
            "slides in frequency, columns",
            "hurts",
        ): "this filter covers all columns and has weights for each. They stand in "
        "another order, too.",
        (
            "bag of words, words",
            "hurts",
        ): "a bag counts words. Shuffled, there are as many of each.",
        (
            "3 words, words",
            "nothing",
        ): '"not a good" is one window of three words. Shuffled, they are anywhere '
        "in the sentence.",
        (
            "Go, turned",
            "hurts",
        ): "turned all alike, neighbours stay neighbours: filters and the bias of each "
        "point turn with the board.",
        (
            "Go, rows",
            "nothing",
        ): "rows that lay beside each other are now far apart. What is a group, and "
        "where are its liberties?",
    }
    right = (
        "what hurts is to lose one's neighbours along an axis on which a filter "
        "slides. Along an axis that it covers, any order will do, if it stays the same."
    )
    hints = (
        "Of each network: along which axis do its filters slide? Only there can "
        "neighbours be lost.",
        "A layer with a weight of its own for each row can have its weights in another "
        "order. A layer with three weights for all rows can't.",
        "Turning a board moves every point, and leaves neighbours beside each other.",
    )
    answer = (
        "shuffles = {\n"
        + "".join(f'    "{key}": "{word}",\n' for key, word in truth.items())
        + "}"
    )
    why = (
        "It is the same question as in exercise 1, asked of networks. By how much it "
        "hurts is not for reasoning but for measuring: in a film review single words "
        "tell nearly all, in Go single stones tell next to nothing."
    )


# -- exercise 6: ask under eight symmetries --------------------------------------------


@dataclass(frozen=True)
class _Policy:
    """A network that never looks the same way at a board and at its mirror image.

    Attributes
    ----------
    seed
        The weights come from it.
    """

    seed: int

    def __call__(self, planes: NDArray) -> NDArray:
        planes = np.asarray(planes, np.float64)
        rng = np.random.default_rng(self.seed)
        score = (rng.normal(size=planes.shape) * planes).sum(-1)
        return score + np.abs(score + np.roll(score, (1, 2), (0, 1)))


_EACH = tuple(range(8))
_TURNS = (0, 3, 5, 6)
_NOT_BACK = (
    "the answers are not turned back. The upper left of a turned answer is not the "
    "upper left of the board."
)
_TURNED_ON = (
    "the answers are turned on, not back: after a quarter to the left comes a quarter "
    "to the right. go.back, or np.rot90(answer, -turns), undoes it."
)


def _asked(
    policy: Callable[[NDArray], NDArray],
    planes: NDArray,
    *,
    ways: Sequence[int] = _EACH,
    undo: Callable[..., NDArray] = go.back,
    joined: Callable[[NDArray], Any] = lambda answers: answers.mean(0),
) -> NDArray:
    return joined(np.stack([undo(policy(go.turned(planes, k)), k) for k in ways]))


def _as_it_came(answer: NDArray, k: int) -> NDArray:
    return answer


def _quarters(
    policy: Callable[[NDArray], NDArray],
    planes: NDArray,
    undo: Callable[[NDArray, int, bool], NDArray],
    *,
    mirror_first: bool = False,
) -> NDArray:
    """Ask under four turns and their mirror images; undo each in some way."""
    answers = []
    for turns in range(4):
        for mirrored in (False, True):
            if mirrored and mirror_first:
                seen = np.rot90(np.fliplr(planes), turns)
            elif mirrored:
                seen = np.fliplr(np.rot90(planes, turns))
            else:
                seen = np.rot90(planes, turns)
            answers.append(undo(policy(seen), turns, mirrored))
    return np.mean(answers, axis=0)


def _turned_first(answer: NDArray, turns: int, mirrored: bool) -> NDArray:
    answer = np.rot90(answer, -turns)
    return np.fliplr(answer) if mirrored else answer


def _turned_on(answer: NDArray, turns: int, mirrored: bool) -> NDArray:
    return np.rot90(np.fliplr(answer) if mirrored else answer, turns)


def _only_turned(answer: NDArray, turns: int, mirrored: bool) -> NDArray:
    return np.rot90(answer, -turns)


def _only_mirrored(answer: NDArray, turns: int, mirrored: bool) -> NDArray:
    return np.fliplr(answer) if mirrored else answer


class AskEight(Implements):
    """A network's answer, averaged over the eight symmetries of its board."""

    function = "ask_eight"
    reference = staticmethod(_asked)
    slips = (
        (
            partial(_asked, undo=_as_it_came),
            _NOT_BACK,
        ),
        (
            partial(_asked, undo=go.turned),
            _TURNED_ON,
        ),
        (
            partial(_quarters, undo=_turned_on),
            _TURNED_ON,
        ),
        (
            partial(_quarters, undo=_turned_first),
            "undone in the wrong order: what was done last is undone first. If you "
            "turn and then mirror, mirror the answer first, and then turn it back.",
        ),
        *(
            slip
            for mirror_first in (False, True)
            for slip in (
                (
                    partial(_quarters, undo=_only_turned, mirror_first=mirror_first),
                    "the mirrored answers are not mirrored back.",
                ),
                (
                    partial(_quarters, undo=_only_mirrored, mirror_first=mirror_first),
                    "the turned answers are not turned back.",
                ),
            )
        ),
        (
            partial(_quarters, undo=lambda answer, turns, mirrored: answer),
            _NOT_BACK,
        ),
        (
            partial(_asked, ways=_TURNS),
            "only the four turns are asked. Their mirror images are missing. (Mirrored "
            "both ways is no new one: it is a half turn.)",
        ),
        *(
            (
                partial(_asked, ways=_TURNS, undo=undo),
                f"{said} And the mirror images of the four turns are missing.",
            )
            for undo, said in ((_as_it_came, _NOT_BACK), (go.turned, _TURNED_ON))
        ),
        (
            partial(_asked, ways=(0, 1, 2, 3)),
            "only the mirror images are asked, and none that lies on its side: rows "
            "and columns may be swapped, too.",
        ),
        (
            partial(_asked, ways=(0, 3, 5)),
            "only three are asked. There are eight: four turns and their mirror "
            "images.",
        ),
        *(
            (
                partial(_asked, ways=ways),
                "the board as it is is left out. It is one of the eight.",
            )
            for ways in (range(1, 8), (3, 5, 6))
        ),
        (
            lambda policy, planes: policy(planes),
            "the network is asked once. Ask it eight times.",
        ),
        *(
            (
                partial(_asked, undo=undo, joined=lambda answers: answers.sum(0)),
                f"the answers are added up. Take their mean.{more}",
            )
            for undo, more in (
                (go.back, ""),
                (_as_it_came, " And turn each back first."),
            )
        ),
        (
            partial(_asked, joined=lambda answers: answers.max(0)),
            "the largest answer is taken. Take the mean.",
        ),
        (
            partial(_asked, joined=_plain),
            "the eight answers come back, one by one. Take their mean: mean(axis=0).",
        ),
        (
            lambda policy, planes: policy(go.symmetries(planes).mean(0)),
            "the boards are averaged, and the network is asked once, about a board "
            "that nobody has seen. Average its answers.",
        ),
        (
            lambda policy, planes: np.mean(
                [go.turned(policy(planes), k) for k in _EACH], axis=0
            ),
            "the network always sees the same board. Turn the planes before you ask.",
        ),
    )
    spoiled = "ask_eight changes the planes. Turn them into a new array."
    right = (
        "every answer is turned back before it counts. What comes out turns with the "
        "board, whatever the network has learned."
    )
    hints = (
        "np.rot90(planes, turns) turns the first two axes, np.fliplr mirrors; four "
        "turns, each with and without the mirror, make eight. Or go.turned(planes, k) "
        "for k from 0 to 7.",
        "An answer is for the board as the network saw it. Undo on it what was done to "
        "the planes, the last thing first.",
        "go.back(answer, k) undoes go.turned. Then the mean of all eight.",
    )
    answer = (
        "def ask_eight(policy, planes):\n"
        "    answers = []\n"
        "    for turns in range(4):\n"
        "        for mirrored in (False, True):\n"
        "            seen = np.rot90(planes, turns)\n"
        "            answer = policy(np.fliplr(seen) if mirrored else seen)\n"
        "            answer = np.fliplr(answer) if mirrored else answer\n"
        "            answers.append(np.rot90(answer, -turns))\n"
        "    return np.mean(answers, axis=0)"
    )
    why = (
        "Where errors of the eight answers differ, the mean has smaller ones. A "
        "network that has learned from turned boards, too, gains less by it: it has "
        "heard of the symmetry already."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return boards and policies that no symmetry leaves as they are."""
        rng = np.random.default_rng(96)
        shapes = [(2, 1), (5, 3), (4, 2), (9, 14), (3, 1), (19, 4)]
        return [
            (
                _Policy(int(rng.integers(1000))),
                rng.integers(0, 2, (side, side, count)).astype(np.uint8),
            )
            for side, count in shapes
        ]

    @staticmethod
    def named(policy: _Policy, planes: NDArray) -> str:
        """Name a case."""
        return f"planes of shape {planes.shape}"


# -- exercise 7: an experiment in which the order decides ------------------------------

_LEARNED, _ASKED = 1000, 500  # sentences
_LONGEST = 40  # words of a sentence
_FEWEST = 40  # new sentences of a class
_TOLD = 65  # percent: more than chance in so many sentences

_Sentence = Sequence[str]


def _single(words: _Sentence) -> list[str]:
    """Return the words of a sentence: a bag."""
    return list(words)


def _meetings(words: _Sentence) -> list[str]:
    """Return which words meet in a sentence, in any order: it is in the bag, too."""
    there = sorted(set(words))
    return [f"{a} {b}" for a, b in combinations(there, 2)]


def _neighbours(words: _Sentence) -> list[str]:
    """Return which word stands right before which."""
    return [f"{a} {b}" for a, b in pairwise(words)]


def _orders(words: _Sentence) -> list[str]:
    """Return which word stands before which, however far apart."""
    return [f"{a} {b}" for a, b in combinations(words, 2)]


@dataclass(frozen=True)
class _Made:
    """Sentences as a learner's function made them.

    Attributes
    ----------
    sentences
        Of each, its words.
    labels
        (n,): 0 or 1.
    """

    sentences: tuple[tuple[str, ...], ...]
    labels: NDArray[np.int64]

    def without(self, known: "_Made") -> "_Made":
        """Return those that are new, each once."""
        seen = set(known.sentences)
        first = {words: k for k, words in reversed([*enumerate(self.sentences)])}
        new = sorted(k for words, k in first.items() if words not in seen)
        return _Made(tuple(self.sentences[k] for k in new), self.labels[new])


def _told(
    learned: _Made, asked: _Made, look: Callable[[_Sentence], list[str]]
) -> tuple[float, str]:
    """Return how many percent a straight line tells, and what tells it most."""
    # Here: they take longer than all else, and no other exercise needs them.
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score

    seen = Counter(part for words in learned.sentences for part in {*look(words)})
    often = [part for part, count in seen.items() if count > 1]
    if not often:  # sentences of one word have no neighbours
        return 50.0, ""
    table = CountVectorizer(analyzer=look, vocabulary=often)
    line = LogisticRegression(solver="liblinear", random_state=0)
    line.fit(table.transform(learned.sentences), learned.labels)
    said = line.predict(table.transform(asked.sentences))
    strongest = often[int(np.abs(line.coef_[0]).argmax())]
    return 100 * balanced_accuracy_score(asked.labels, said), strongest


class OrderDecides(Exercise):
    """Sentences whose words do not tell, but their order; there is no right answer."""

    open_ended = True
    stub = "Write the function, then run the cell again."
    hints = (
        "Both classes need the same words, equally often. So make twins: two sentences "
        "of the same words in another order, one for each class.",
        '"the plot is not good but bad ." and "the plot is not bad but good .": choose '
        "subject and adjectives with rng.choice, rng = np.random.default_rng(seed).",
        "Many choices make many sentences. To go further, make twins that have the "
        "same neighbours, too: texts.negations shows how.",
    )
    answer = (
        "def sentences(n, seed):\n"
        "    rng = np.random.default_rng(seed)\n"
        '    openings = ["", "i think", "this time", "they say", "in short ,"]\n'
        '    subjects = ["plot", "cast", "film", "score", "story", "ending"]\n'
        '    good = ["good", "clever", "moving", "fresh", "witty", "sharp", "tender"]\n'
        '    bad = ["bad", "dull", "silly", "stale", "crude", "weak", "flat"]\n'
        "    made, labels = [], np.arange(n) % 2\n"
        "    for label in labels:\n"
        "        pair = [rng.choice(good), rng.choice(bad)]\n"
        "        denied, meant = pair if label == 0 else pair[::-1]\n"
        '        start = f"{rng.choice(openings)} the {rng.choice(subjects)} is"\n'
        '        made.append(f"{start} not {denied} but {meant} .")\n'
        "    return made, labels"
    )
    why = (
        "Each sentence could be written with its two adjectives swapped, and then "
        "belongs to the other class. A bag of words can't tell these two; a filter "
        'that sees "not" and the next word can. texts.negations goes further: there '
        "two neighbours tell nothing, either."
    )

    def examine(self, answer: Any) -> str:
        """Say what words tell, what neighbours tell, and what the order tells."""
        learned = self.made(answer, _LEARNED, 0)
        asked = self.made(answer, _ASKED, 1)
        again = self.made(answer, _LEARNED, 0)
        require(
            learned.sentences == again.sentences
            and np.array_equal(learned.labels, again.labels),
            "seed 0 gives other sentences each time. Draw from "
            "np.random.default_rng(seed) alone, and make it inside the function.",
        )
        labelled: dict[tuple[str, ...], int] = {}
        for part in (learned, asked):
            for words, label in zip(part.sentences, part.labels, strict=True):
                before = labelled.setdefault(words, int(label))
                require(
                    before == label,
                    f'"{" ".join(words)}" comes with both labels, so nobody can tell '
                    "which is right.",
                )
        different = len(set(learned.sentences))
        require(
            different >= _ASKED // 2,
            f"only {different} of {_LEARNED} sentences differ. Give them more to "
            "choose from, so that none can be known by heart.",
        )
        require(
            learned.sentences[:_ASKED] != asked.sentences,
            "seed 0 and seed 1 give the same sentences. Draw them with "
            "np.random.default_rng(seed).",
        )
        new = asked.without(learned)
        count = np.bincount(new.labels, minlength=2)
        require(
            count.min() >= _FEWEST,
            f"of {_ASKED} sentences for the test only {count.sum()} are new, "
            f"{count.min()} in one class: the others are for learning, too, and could "
            "be known by heart. Give your sentences more to choose from.",
        )
        return self.described(learned, new)

    @staticmethod
    def made(answer: Any, n: int, seed: int) -> _Made:
        """Return what the learner's function makes, read."""
        name = f"sentences({n}, {seed})"
        came = call(answer, n, seed, name=name)
        require(
            isinstance(came, tuple | list) and len(came) == 2,
            f"{name} should return two things: the sentences and their labels.",
        )
        found, labels = came
        require(
            isinstance(found, list | tuple | np.ndarray)
            and all(isinstance(one, str) for one in found),
            f"the first thing that {name} returns should be a list of sentences, each "
            "a text.",
        )
        require(
            len(found) == n, f"{name} returned {len(found)} sentences; {n} are wanted."
        )
        words = tuple(map(texts.words, found))
        lengths = [len(one) for one in words]
        require(min(lengths) > 0, f"a sentence of {name} has no words.")
        require(
            max(lengths) <= _LONGEST,
            f"a sentence of {name} has {max(lengths)} words; at most {_LONGEST} here.",
        )
        numbers = as_array(labels, f"the labels of {name}", shape=(n,))
        require(
            np.isin(numbers, (0, 1)).all(),
            f"the labels of {name} should be 0 or 1.",
        )
        ones = 100 * numbers.mean()
        require(
            40 <= ones <= 60,
            f"{ones:.0f} % of the labels of {name} are 1. Make half of them 1: else "
            "guessing is right too often.",
        )
        return _Made(words, numbers.astype(np.int64))

    @staticmethod
    def described(learned: _Made, new: _Made) -> str:
        """Say what can be told from what."""
        single, strongest = _told(learned, new, _single)
        meetings, _ = _told(learned, new, _meetings)
        neighbours, pair = _told(learned, new, _neighbours)
        orders, _ = _told(learned, new, _orders)
        lead = (
            f"Of {len(new.labels)} new sentences the words tell {single:.0f} %, which "
            f"words meet {meetings:.0f} %, which are neighbours {neighbours:.0f} %, "
            f"which stands before which, however far apart, {orders:.0f} %; guessing "
            "tells 50 %. "
        )
        if single > _TOLD:
            return (
                f"{lead}So words alone tell, {listed([strongest])} most of all: a "
                "network need not know the order to do well on these. Do both classes "
                "have the same words, equally often?"
            )
        if meetings > _TOLD:
            return (
                f"{lead}No single word tells, but which words are in the same sentence "
                "does, in any order: a bag of words with a hidden layer can learn that."
            )
        if neighbours > _TOLD:
            return (
                f"{lead}A bag can't tell, and neighbours can, {listed([pair])} most of "
                "all: the order decides. Train sentence_cnn and sentence_mean on them, "
                "then shuffle the words of the test. What falls, and how far?"
            )
        if orders > _TOLD:
            return (
                f"{lead}A bag can't tell, nor can neighbours, but the order decides. "
                "How wide must a filter be? Train sentence_cnn with several widths."
            )
        return (
            f"{lead}None of the four tells. Read ten of them: can you? If so, the "
            "order may decide in a way that these do not see, and a network with wide "
            "filters may learn it. If not, nothing can."
        )


# -- questions on the way --------------------------------------------------------------

p1 = Question(
    "p1",
    kind="shape",
    prompt=(
        "AlphaGo's network gets 48 planes of 19 × 19 points. The board is padded with "
        "zeros to 23 × 23, and 192 filters of 5 × 5 slide over it, one point at a "
        "time. What shape have the maps that come out, as (rows, columns, channels)?"
    ),
    answer=(19, 19, 192),
    why=(
        "23 − 5 + 1 = 19, so each point of the board has its place in every map; and "
        "there are as many maps as filters. It stays so up to the last layer: nothing "
        "is pooled, for the answer is a point."
    ),
    slips=(
        ((19, 19, 48), "48 planes come in. One map comes out for each filter."),
        ((23, 23, 192), "23 is the padded board. Filters of 5 × 5 must fit into it."),
        ((15, 15, 192), "15 would come out without padding. 23 − 5 + 1?"),
        (
            (18, 18, 192),
            "23 − 5 are its moves. The place where it begins counts.",
        ),
        ((21, 21, 192), "21 is the padded board of later layers, 3 × 3. Here 23 − 5?"),
        ((19, 19, 9216), "a filter covers all 48 planes, and makes one map of them."),
        ((192, 19, 19), "channels come last here."),
        ((19, 19), "how many maps are there? Add the channels."),
        ((1, 19, 19, 192), "one board is asked for: three numbers."),
    ),
    nudge="that is not it. At how many places do 5 fit into 23, and how many filters?",
    hints=(
        "A filter of 5 fits into a row of 23 at 23 − 5 + 1 places.",
        "There are as many maps as filters.",
    ),
)
p2 = Question(
    "p2",
    kind="number",
    prompt=(
        "AlphaGo's first layer has 192 filters of 5 × 5 over 48 planes of 19 × 19 "
        "points. How many parameters has it, biases included?"
    ),
    answer=230_592,
    why=(
        "a filter has 5 · 5 · 48 = 1,200 weights and a bias, and 192 · 1,201 = "
        "230,592. How large the board is does not matter. A later layer, 3 × 3 over "
        "192 maps, has 331,968; the last, 1 × 1 with a bias for each point, 553."
    ),
    slips=(
        (230_400, "230,400 are the weights. Each filter has a bias, too."),
        (1200, "1,200 weights has one filter, and there are 192."),
        (1201, "1,201 has one filter. There are 192."),
        (4992, "so many they would be over one plane. There are 48."),
        (4800, "so many weights they would have over one plane. There are 48."),
        (230_448, "biases belong to the 192 filters, not to the 48 planes."),
        (83_136, "so many has a layer of 3 × 3 over 48 planes. This one is of 5 × 5."),
        (331_968, "so many has each of the later layers, 3 × 3 over 192 maps."),
        (83_174_400, "weights are shared: a filter has the same at all 361 points."),
        (83_243_712, "weights are shared: a filter has the same at all 361 points."),
        (299_712, "a bias for each point has only the last layer."),
        (230_761, "a bias for each point has only the last layer."),
    ),
    nudge="that is not it. How many weights has one filter, and how many biases?",
    hints=(
        "A filter has a weight for each of 5 · 5 points in each of 48 planes, and one "
        "bias.",
        "192 · (5 · 5 · 48 + 1).",
    ),
)
p3 = Question(
    "p3",
    kind="number",
    prompt=(
        "Our Go network gets 14 planes of 19 × 19 points, and has filters of 5 × 5 in "
        "its first layer: 350 weights each. Take a dense layer in its place. How many "
        "weights has one unit of it? (The bias is not counted.)"
    ),
    answer=5054,
    why=(
        "19 · 19 · 14 = 5,054, for each number of the board one. And what it learns "
        "in one corner it knows there alone. A dense network with as many parameters "
        "as ours, about 100,000, has about 19 such units, 361 answers included."
    ),
    slips=(
        (350, "350 has a filter, which looks at 5 × 5 points. A unit looks at all."),
        (361, "361 are the points. Each comes with 14 numbers."),
        (5055, "5,055 is with the bias. The weights are asked for."),
        (14, "14 are the numbers of one point. There are 361 points."),
        (6859, "19 · 19 · 19 is not it: there are 14 planes."),
        (126_350, "350 · 361 would be a filter without sharing, at all points."),
        (7406, "the board is not padded for it: there is nothing to slide."),
        (1_824_494, "so many have 361 units. One is asked for."),
    ),
    nudge="that is not it. At how many numbers does it look?",
    hints=(
        "A unit of a dense layer has a weight for each number that comes in.",
        "19 · 19 points, and 14 numbers at each.",
    ),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "One second of speech, 8,000 samples. A stretch of 256 samples is "
        "Fourier-transformed, then the next, which begins 160 samples later, and so "
        "on; every stretch must fit in whole. How many columns has the spectrogram?"
    ),
    answer=49,
    why=(
        "(8,000 − 256) / 160 = 48.4: it moves on 48 times, and begins with one. It is "
        "the arithmetic of a filter of width 256 and stride 160. Along the other axis "
        "rows lie 8,000 / 256 = 31.25 hertz apart."
    ),
    slips=(
        (48, "so often it moves on. The first stretch counts, too."),
        (48.4, "that is how often it moves on, and a part of a stretch is none."),
        (49.4, "a part of a stretch is none. Round down."),
        (50, "50 is 8,000 / 160. The last of these would hang over the end."),
        (31, "31 would lie side by side. They overlap: one begins every 160 samples."),
        (
            31.25,
            "so many would lie side by side. One begins every 160 samples.",
        ),
        (129, "129 are the rows, the frequencies. Columns are asked for."),
        (7745, "so many there are if it moves on by one sample. It moves on by 160."),
        (83, "8,000 / 96 would be right if stretches began 96 samples apart."),
        (81, "they overlap by 96 samples; they begin 160 apart."),
    ),
    nudge="that is not it. Where does the last stretch begin?",
    hints=(
        "It is the size of what a convolution with stride returns: (length − width) / "
        "stride, rounded down, plus 1.",
        "(8,000 − 256) / 160 is 48.4.",
    ),
)
p5 = Question(
    "p5",
    kind="choice",
    prompt=(
        "Two pure tones of one second, 1,000 and 2,000 hertz, as spectrograms whose "
        "rows are evenly spaced in hertz. Filters of 3 × 3 slide in time and in "
        "frequency, and of each map only the average over all places goes on. What can "
        "the last layer tell?"
    ),
    choices={
        "a": "which of the two it is: the maps of a higher tone are larger",
        "b": "that it is a tone, but not which of the two",
        "c": "when it begins, but not how high it is",
    },
    answer="b",
    why=(
        "the higher tone makes the same pattern 32 rows further, in the spectrogram "
        "and in the maps. An average does not ask where. But vowels are told by where "
        "their bands lie: keep the rows, and average in time alone."
    ),
    slips=(
        (
            "a",
            "its line lies higher up, and is as strong. In the maps the same numbers "
            "stand in other rows.",
        ),
        (
            "c",
            "an average over all places forgets when, too: in whichever column a "
            "number stands, it counts alike.",
        ),
    ),
    hints=(
        "How does the second spectrogram differ from the first?",
        "Where the input moves, the map moves. What becomes of its average?",
    ),
)
p6 = Question(
    "p6",
    kind="shape",
    prompt=(
        "A sentence of 20 words, each a row of 64 numbers. 100 filters see 3 words at "
        "a time, in all their numbers, and nothing is padded. What shape comes out?"
    ),
    answer=(18, 100),
    why=(
        "3 words fit at 20 − 3 + 1 = 18 places, and each filter says one number there. "
        "The 64 numbers of a word are covered whole, like the three colours of a "
        "photo: a filter has 3 · 64 = 192 weights, and slides along the sentence alone."
    ),
    slips=(
        ((20, 100), "20 would stay with padding. 3 words fit at fewer places."),
        ((18, 62, 100), "a filter covers all 64 numbers: along them it can't slide."),
        ((18, 64, 100), "a filter adds up over all 64 numbers of its words."),
        ((18, 64), "64 numbers come in. One number comes out for each filter."),
        ((18,), "18 are the places. Each filter says a number there."),
        ((17, 100), "20 − 3 is how often it moves on. It begins at one more place."),
        ((19, 100), "19 places has a filter of 2 words. These see 3."),
        ((6, 100), "6 windows would lie side by side. They move on by one word."),
        ((100, 18), "places come first here, then filters."),
        (
            (100,),
            "so it is once the largest of each filter is taken. And before?",
        ),
        ((3, 64, 100), "that is the shape of the filters' weights. What comes out?"),
        (
            (18, 1, 100),
            "the axis of length 1 is for pictures. A sentence has none.",
        ),
        ((18, 192), "192 weights has a filter. It adds them up to one number."),
    ),
    nudge="that is not it. At how many places do 3 words fit into 20?",
    hints=(
        "A filter of 3 fits into 20 at 20 − 3 + 1 places.",
        "It gives one number at each place, and there are 100 filters.",
    ),
)
p7 = Question(
    "p7",
    kind="choice",
    prompt=(
        "A filter says at each of 18 places how well the words there fit, and only the "
        "largest of these numbers is kept. What does the network still know?"
    ),
    choices={
        "a": "at which place it fits best",
        "b": "at how many places it fits well",
        "c": "how well it fits at the place where it fits best",
    },
    answer="c",
    why=(
        'the largest number stays, and neither where it stood nor how often: "not a '
        'good" counts at the beginning as at the end, once or twice. So a sentence of '
        "any length makes as many numbers as there are filters."
    ),
    slips=(
        (
            "a",
            "18 numbers come in, and one goes on. Which it was, it does not say.",
        ),
        (
            "b",
            "that would be a sum. Two places that fit well have the same largest "
            "number as one.",
        ),
    ),
    hints=(
        "Swap two of the 18 numbers. What becomes of the largest?",
        "Write the largest number once more into another place. What changes?",
    ),
)
progress = Progress(globals())
q1 = FilterShapes("q1")
q2 = Conv1D("q2")
q3 = Liberties("q3")
q4 = LogMel("q4")
q5 = WhichShuffleHurts("q5")
q6 = AskEight("q6")
q7 = OrderDecides("q7")
