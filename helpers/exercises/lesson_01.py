"""The exercises of lesson 01: what kernels do, and kernels of your own."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from helpers import kernels
from helpers.exercises.base import Exercise, NotYet, as_array, require
from helpers.exercises.implements import Implements, Trial, size, told
from helpers.exercises.predictions import Predictions, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question
from helpers.ops import conv2d

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
]

_SIDE = 31  # of the test pictures that hold one straight edge


class FlatGray(Predictions):
    """What becomes of an even gray? It is multiplied by the kernel's sum."""

    kernels = {  # noqa: RUF012  (never changed)
        "blur": kernels.named("blur"),
        "brighten": kernels.named("brighten"),
        "outline": kernels.named("outline"),
        "ones": np.ones((3, 3)),
    }
    truth = {  # noqa: RUF012
        name: conv2d(np.full((5, 5), 50.0), kernel)[1, 1]
        for name, kernel in kernels.items()
    }
    slips = {  # noqa: RUF012
        ("blur", 12.5): '"blur": 12.5 is what the centre brings, 50 · .25. The eight '
        "around it bring the rest.",
        ("blur", 50.5): '"blur": 50.5 is what the rounded weights .06, .13 and .25 '
        "give. The blur of the bank has the exact ones, sixteenths.",
        ("brighten", 51.5): '"brighten": a weight multiplies, it is not added: 50 · '
        "1.5.",
        ("brighten", 50): '"brighten" would keep 50 if its weight were 1. It is 1.5.',
        ("outline", -400): '"outline" has its 8 besides the eight weights of −1. What '
        "do they bring together?",
        ("outline", 50): '"outline" keeps changes alone. What changes on a flat wall?',
        ("ones", 50): '"ones" would keep 50 if it were divided by 9. It is not: nine '
        "pixels of 50 are added up.",
        ("ones", 255): '"ones" looks white on the screen, which can show no more than '
        "255. The number itself has no such limit: what is the sum?",
        ("outline", 400): '"outline" has more than its centre: the eight weights of −1 '
        "take away what the 8 brings.",
    }
    right = (
        "on flat gray every kernel multiplies by the sum of its weights: "
        "50·1, 50·1.5, 50·0 and 50·9."
    )
    hints = (
        "All nine pixels under the kernel are 50. Write the nine products down and "
        "look for what they share.",
        "Nine products of the form 50 · weight add up to 50 · (sum of the weights).",
        "The sums are 1 for blur, 1.5 for brighten, 0 for outline and 9 for ones.",
    )
    answer = 'prediction = {"blur": 50, "brighten": 75, "outline": 0, "ones": 450}'
    why = (
        "On a flat area every pixel has the same value, so a kernel multiplies it by "
        "the sum of its weights: 1 keeps the brightness, more brightens, less darkens, "
        "0 leaves nothing. That is why a blur has sum 1, and an edge finder sum 0."
    )

    def nudge(self, key: str, value: float) -> str:
        """Know the sum of the weights by itself."""
        if np.isclose(value, self.kernels[key].sum()):
            return (
                f'"{key}": {written(value)} is the sum of the weights. The pixels are '
                "not 1, they are 50."
            )
        return (
            f'"{key}" does not give {written(value)}. All nine pixels are 50: multiply '
            "each weight by 50 and add up."
        )


class MoveLeft(Exercise):
    """A 3×3 kernel that moves the picture one pixel to the left."""

    hints = (
        "Each pixel of the new picture takes the value of one pixel of the old one. "
        "Which neighbour is it, where everything has moved left?",
        "What stood on the right comes to the middle: the new value at a place is the "
        "old value one place to the right of it.",
        "Only one of the nine weights is not 0. It stands where the pixel that is "
        "wanted lies under the kernel.",
    )
    answer = "move_left = np.array([[0, 0, 0],\n                      [0, 0, 1],\n" + (
        "                      [0, 0, 0]])"
    )
    why = (
        "The kernel's middle row reads left, centre, right. The 1 on the right fetches "
        "the right-hand neighbour for every pixel, so what was on the right is now "
        "here: the picture has moved left. (In textbook convolution the kernel is "
        "flipped first; there the 1 would stand on the left.)"
    )

    def examine(self, answer: Any) -> str:
        """Compare the kernel's answer to random pictures with shifted copies."""
        kernel = _kernel(answer, shape=(3, 3))
        rng = np.random.default_rng(1)
        pictures = [rng.normal(0, 100, s) for s in ((9, 9), (6, 11), (3, 4))]
        moves = {
            (row, column): [
                (conv2d(x, kernel, padding="same")[1:-1, 1:-1], _moved(x, row, column))
                for x in pictures
            ]
            for row in (-1, 0, 1)
            for column in (-1, 0, 1)
        }
        for (row, column), pairs in moves.items():
            if all(np.allclose(came, wanted) for came, wanted in pairs):
                require((row, column) == (0, -1), self._direction(row, column))
                return (
                    "each pixel fetches the value of its right-hand neighbour, so "
                    "everything moves one place to the left and nothing else changes."
                )
        used = np.flatnonzero(np.abs(kernel.ravel()) > 1e-9)
        if used.size == 1:
            weight = kernel.ravel()[used[0]]
            row, column = (1 - used[0] // 3, 1 - used[0] % 3)
            if (row, column) == (0, -1):
                raise NotYet(
                    "the picture moves left, but its brightness is multiplied by "
                    f"{written(weight)}. Which weight leaves it as it is?"
                )
            raise NotYet(
                f"brightness is multiplied by {written(weight)}, and: "
                + self._direction(row, column, weight)
            )
        raise NotYet(
            f"{used.size} weights are not 0, so each new pixel mixes that many old "
            "ones. A picture that moves takes one old pixel for each new one."
        )

    @staticmethod
    def _direction(row: int, column: int, weight: float = 1.0) -> str:
        if (row, column) == (0, 0):
            identity = ": this is the identity" if weight == 1 else ""
            return f"the picture stays where it is{identity}."
        if (row, column) == (0, 1):
            return (
                "the picture moves right, not left. The weight says where a pixel "
                "looks, not where it goes: to move left, fetch from the other side."
            )
        words = [
            {-1: "up", 1: "down", 0: ""}[row],
            {-1: "left", 1: "right"}.get(column),
        ]
        way = " and ".join(filter(None, words))
        return (
            f"the picture moves {way}. Only left is wanted: look for your weight in "
            "the middle row."
        )


class DiagonalEdges(Exercise):
    """A kernel that answers one diagonal most, and flat areas not at all."""

    favoured = 1.2  # times as much as any other direction
    hints = (
        "Sobel's vertical kernel has positive weights on one side of a vertical line "
        "and negative weights on the other. Turn that line by 45°.",
        "Put 0 on one diagonal, positive weights in the corner on one side of it, "
        "negative ones in the corner on the other.",
        "The weights must add up to 0: give the two sides the same numbers with "
        "opposite signs.",
    )
    answer = (
        "diagonal = np.array([[ 0,  1,  2],\n                     [-1,  0,  1],\n"
        + ("                     [-2, -1,  0]])")
    )
    why = (
        "This is Sobel's kernel, turned by 45°. It compares the upper right with the "
        "lower left, so it answers edges that run along the diagonal \\ most, vertical "
        "and horizontal ones less, the other diagonal not at all. The sum is 0: flat "
        "areas give 0. Mirrored, it finds the edges along /."
    )

    def examine(self, answer: Any) -> str:
        """Compare the answers to flat gray and to edges in four directions."""
        kernel = _kernel(answer)
        flat = kernel.sum()
        require(
            abs(flat) <= 1e-6 * np.abs(kernel).sum(),
            f"a flat area is answered with {flat:.3g} times its brightness, although "
            "there is no edge in it. Make the weights add up to 0.",
        )
        strength = _edge_strengths(kernel)
        names = {"|": "vertical", "-": "horizontal"}
        most = max(strength.values())
        require(
            most > 1e-9 * np.abs(kernel).sum(),
            "no edge is answered in any direction.",
        )
        if most < self.favoured * min(strength.values()):
            raise NotYet(
                "edges of every direction are answered alike, or nearly: this kernel "
                "outlines. Favour one diagonal over the other."
            )
        best, other = sorted("\\/", key=lambda way: -strength[way])
        for way, name in names.items():
            if strength[best] >= self.favoured * strength[way]:
                continue
            came, diagonal = f"{strength[way]:.3g}", f"{strength[best]:.3g}"
            figures = f"{came} against {diagonal} for each pixel of edge. "
            if strength[best] > strength[way] and came != diagonal:
                raise NotYet(
                    f"{name} edges are answered nearly as strongly as diagonal ones: "
                    f"{figures}Diagonal ones should get at least {self.favoured} times "
                    "as much."
                )
            raise NotYet(
                f"{name} edges are answered as strongly as diagonal ones, or more: "
                f"{figures}Place your weights on both sides of a diagonal."
            )
        require(
            strength[best] >= self.favoured * strength[other],
            "both diagonals are answered alike, or nearly. Choose one of them: the "
            "other should get little or nothing.",
        )
        return (
            f"edges along {best} are answered most, {_times(strength, best, '|')} a "
            f"vertical one and {_times(strength, best, other)} one along {other}; flat "
            "areas give 0."
        )


class MakeBlur(Implements):
    """A function that makes a blur of sum 1 from any matrix."""

    function = "make_blur"
    reference = staticmethod(lambda matrix: matrix / matrix.sum())
    slips = (
        (
            lambda matrix: matrix,
            lambda trial: (
                f"the matrix comes back as it is; its sum is {_sum(trial)}, not 1."
            ),
        ),
        (
            lambda matrix: matrix / matrix.size,
            lambda trial: (
                f"you divide by the number of weights ({trial.result.size}). That "
                "gives sum 1 only where all weights are 1; here it gives "
                f"{_sum(trial)}."
            ),
        ),
        (
            lambda matrix: matrix / np.abs(matrix).sum(),
            lambda trial: (
                "you divide by the sum of the sizes, without the signs. The weights "
                f"themselves then add up to {_sum(trial)}."
            ),
        ),
        (
            lambda matrix: np.abs(matrix) / np.abs(matrix).sum(),
            "the signs are gone. Negative weights stay negative where the sum is "
            "positive: divide the matrix as it is.",
        ),
        *(
            (
                whole,
                "whole numbers came back. Cut to those, next to nothing is left of a "
                "blur: return fractions, an array of floats.",
            )
            for whole in (
                lambda matrix: np.trunc(matrix / matrix.sum()),
                lambda matrix: np.rint(matrix / matrix.sum()),
                lambda matrix: matrix // matrix.sum(),
            )
        ),
        (
            lambda matrix: matrix / matrix.mean(),
            lambda trial: (
                "you divide by the mean of the weights. Their sum is then their "
                f"number, {_sum(trial)}."
            ),
        ),
        (
            lambda matrix: matrix / matrix.max(),
            lambda trial: (
                "you divide by the largest weight, so the largest becomes 1, but the "
                f"sum is {_sum(trial)}."
            ),
        ),
    )
    spoiled = (
        "make_blur changes the matrix it is given. Make a new one: "
        "matrix / …, not matrix /= …."
    )
    right = (
        "every weight is divided by the sum, so the proportions stay, the new sum "
        "is 1, and a sum of 0 is refused."
    )
    hints = (
        "A kernel of sum 1 keeps the brightness. What must every weight be divided by, "
        "so that the sum becomes 1?",
        "`matrix / matrix.sum()` makes a new array and leaves `matrix` alone; "
        "`matrix /= …` would change it.",
        'Before dividing: `if matrix.sum() == 0: raise ValueError("…")`.',
    )
    answer = (
        "def make_blur(matrix):\n"
        "    total = matrix.sum()\n"
        "    if total == 0:\n"
        '        raise ValueError("The sum is 0: no multiple of it has sum 1.")\n'
        "    return matrix / total"
    )
    why = (
        "Dividing every weight by the sum keeps their proportions and makes the sum 1, "
        "so flat areas keep their brightness. With a sum of 0 there is nothing to "
        "divide by: say so, rather than hand back infinities."
    )
    stub = "Write the body of make_blur in place of the three dots, then run it again."

    def cases(self) -> list[tuple[np.ndarray]]:
        """Return matrices of several shapes, of fractions, and of negative sums."""
        rng = np.random.default_rng(2)
        matrices = [
            np.array([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]),
            rng.integers(1, 10, (3, 3)),
            rng.random((5, 5)) + 0.1,
            rng.random((3, 7)) * 100 + 1,
            np.array([[1.0, 2, 1], [2, 0, 2], [1, 2, 1]]),
            kernels.named("sharpen") * 3,
            np.array([[0.5, -0.25, 0.5], [-0.75, 3.5, -0.75], [0.5, -0.25, 0.5]]),
            -np.ones((3, 3)),
            np.array([[1.5, -4.0, 1.5], [-4.0, 2.5, -4.0], [1.5, -4.0, 1.5]]),
            np.array([[0.1, 0.2, 0.1]]),
            np.array([[0.1, -0.5, 0.1]]),
        ]
        return [(matrix,) for matrix in matrices]

    @staticmethod
    def named(matrix: np.ndarray) -> str:
        """Show a matrix of whole numbers, say the size of others."""
        if (matrix % 1).any():
            minus = " with minus signs" if (matrix < 0).any() else ""
            return f"a {size(matrix)} matrix of fractions{minus}"
        rows = "; ".join(" ".join(f"{n:g}" for n in row) for row in matrix)
        return f"the matrix [{rows}]".replace("-", "−")

    def examine(self, answer: Any) -> str:
        """Try the function on matrices, and on ones of sum 0."""
        try:
            message = super().examine(answer)
        except NotYet:
            self._refuse_nothing_else(answer)
            raise
        for matrix in (kernels.named("outline"), np.zeros((3, 3))):
            self._refuse(answer, matrix)
        return message

    def reason(self, failing: Sequence[Trial]) -> str:
        """Know a blur that was made once and for all."""
        results = [trial.result for trial in failing]
        if len(results) > 1 and all(np.array_equal(r, results[0]) for r in results):
            return (
                "the same blur comes back as for every matrix. Make it from the matrix "
                "that is given."
            )
        return super().reason(failing)

    def difference(self, trial: Trial) -> str:
        """Compare shapes, then sums, then proportions."""
        (matrix,) = trial.given
        if trial.result.shape != matrix.shape:
            return (
                f"a blur of shape {trial.result.shape} came. The blur has the shape of "
                "the matrix."
            )
        sum_one = np.isclose(trial.result.sum(), 1)
        if trial.is_rounded:
            off = "" if sum_one else f"; their sum is {_sum(trial)}, not 1"
            return (
                f"the weights are rounded{off}. Leave them as the division gives them."
            )
        if not sum_one:
            return f"a kernel of sum {_sum(trial)} came; sum 1 is wanted."
        negative = " Negative weights stay negative." if (matrix < 0).any() else ""
        return (
            "the sum is 1, but the weights are not in the proportions of the matrix. "
            "Divide all of them by the same number." + negative
        )

    def _refuse_nothing_else(self, function: Any) -> None:
        """Tell those who raise ValueError for more than a sum of 0 that it is more."""
        if not callable(function):
            return
        for (matrix,) in self.cases():
            plain = np.full(matrix.shape, 10.0)  # what fails for it fails for its shape
            if _refuses(function, matrix) and not _refuses(function, plain):
                total = _short(matrix.sum())
                what = "it"
                if not _refuses(function, matrix * (10 / matrix.sum())):
                    what = f"a sum of {total}"
                elif not _refuses(function, np.abs(matrix)):
                    what = "its negative weights"
                raise NotYet(
                    f"{self.lead(matrix)}, make_blur refuses {what}. Only a sum of 0 "
                    f"can't be divided by: divided by {total}, these weights have sum "
                    "1, as wanted."
                )

    def _refuse(self, function: Any, matrix: np.ndarray) -> None:
        lead = self.lead(matrix)
        wanted = "A matrix of sum 0 can't become a blur: raise ValueError for it."
        try:
            result = function(matrix.copy())
        except ValueError:
            return
        except (Exception, SystemExit) as error:
            raise NotYet(
                f"{lead}, of sum 0, make_blur raised {type(error).__name__}. "
                "Raise ValueError for it."
            ) from None
        try:
            finite = result is None or bool(np.isfinite(result).all())
        except Exception:
            finite = True
        if not finite:
            raise NotYet(
                f"{lead}, a division by 0 gives NaN and infinities, and no error. "
                f"{wanted}"
            )
        raise NotYet(f"{lead}, of sum 0, no error is raised. {wanted}")


class YourOwn(Exercise):
    """An open exercise: the check describes the kernel and marks nothing."""

    open_ended = True
    hints = (
        'Start from a kernel of the bank, for example kernels.named("emboss"), change '
        "one number and look at the photo again.",
        "Equal weights along a line blur along that line: that is how a moving camera "
        "blurs.",
        "Two kernels added are a kernel too: identity + outline sharpens. So does "
        "2 · identity − blur.",
    )
    answer = "my_kernel = np.eye(7) / 7"
    why = (
        "One of many: seven equal weights along the diagonal blur the photo as if the "
        "camera had moved that way. The sum is 1, so the brightness stays. Yours may "
        "do something else altogether."
    )

    def examine(self, answer: Any) -> str:
        """Describe a kernel: sum, direction, symmetry, noise, its closest relative."""
        kernel = _kernel(answer, most=31)
        rows, columns = kernel.shape
        lines = [f"Here is what your {rows}×{columns} kernel does."]
        lines.append(self._flat(kernel))
        lines.append(self._edges(kernel))
        lines.append(self._symmetry(kernel))
        noise = np.sqrt((kernel**2).sum())
        lines.append(
            f"Noise: its strength is multiplied by {noise:.2g}, so your kernel "
            + ("calms" if noise < 0.95 else "amplifies" if noise > 1.05 else "keeps")
            + " it."
        )
        lines.append(self._relative(kernel))
        return "\n- ".join(lines)

    @staticmethod
    def _flat(kernel: np.ndarray) -> str:
        total = kernel.sum()
        if abs(total) <= 1e-6 * np.abs(kernel).sum():
            return "Sum 0: flat areas become 0, only changes are left."
        if _is_one(total):
            about = "" if np.isclose(total, 1) else "about "
            return f"Sum {about}1: flat areas keep their brightness."
        said = f"Sum {_short(total)}: flat areas "
        if total < 0:
            return said + "become negative, as in a photographic negative."
        return said + ("get brighter." if total > 1 else "get darker.")

    @staticmethod
    def _edges(kernel: np.ndarray) -> str:
        if kernel.size == 1:
            return "Edges: one weight looks at one pixel, so nothing is compared."
        strength = _edge_strengths(kernel - _centre(kernel) * kernel.sum())
        most = max(strength.values())
        if most <= 1e-9 * np.abs(kernel).sum():
            same = " and as" * _is_one(kernel.sum())
            return f"Edges: they stay where{same} they are."
        if min(strength.values()) > 0.8 * most:
            return "Edges: those of every direction are changed alike."
        words = {"|": "vertical ones", "-": "horizontal ones"}
        best = [
            words.get(name, f"those along {name}")
            for name, value in strength.items()
            if value > 0.95 * most
        ]
        return f"Edges: {' and '.join(best)} are changed most."

    @staticmethod
    def _symmetry(kernel: np.ndarray) -> str:
        if np.allclose(kernel, kernel[::-1, ::-1]):
            return "Symmetry: turned by half a turn it is the same; nothing is moved."
        if np.allclose(kernel, -kernel[::-1, ::-1]):
            return (
                "Symmetry: turned by half a turn it changes sign, as a slope does: it "
                "tells an edge from dark to bright from one from bright to dark."
            )
        return "Symmetry: none; it has a direction, or moves the picture a little."

    @staticmethod
    def _relative(kernel: np.ndarray) -> str:
        likeness = {}
        for name, other in kernels.BANK.items():
            if name in ("brighten", "darken"):  # multiples of the identity
                continue
            a, b = _same_size(kernel, other)
            lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
            likeness[name] = abs(float((a * b).sum())) / lengths
        best = max(likeness, key=lambda name: likeness[name])
        if likeness[best] > 0.999:
            return (
                f'In the bank: this is "{best}", or a multiple of it. Change a number '
                "and it is your own."
            )
        if likeness[best] < 0.5:
            return "In the bank: nothing is much like it. This one is new."
        return f'In the bank: "{best}" is closest ({likeness[best]:.0%} alike).'


def _kernel(
    answer: Any, *, shape: tuple[int, int] | None = None, most: int = 9
) -> np.ndarray:
    """Read an answer as a kernel: an odd matrix of numbers, not all 0."""
    kernel = as_array(answer, "your kernel", shape=shape)
    require(
        kernel.ndim == 2 and all(n % 2 and n <= most for n in kernel.shape),
        f"your kernel has shape {kernel.shape}. Give it rows and columns, an odd "
        f"number of each, at most {most}.",
    )
    require(
        np.abs(kernel).max() > 0,
        "all weights are 0, so every picture becomes black.",
    )
    require(
        np.abs(kernel).max() <= 1e6,
        "a weight is larger than a million. Smaller ones do the same.",
    )
    return kernel


def _sum(trial: Trial) -> str:
    """Write the sum of what came back, with the digits that tell it from 1."""
    came, _ = told(trial.result.sum(), 1)
    return came


def _short(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")


def _is_one(total: float) -> bool:
    """Say whether a sum is 1, or so near that no eye sees the difference."""
    return bool(abs(total - 1) < 0.005)


def _refuses(function: Callable[..., Any], matrix: np.ndarray) -> bool:
    """Tell whether a function raises ValueError for a matrix."""
    try:
        function(matrix.copy())
    except ValueError:
        return True
    except (Exception, SystemExit):
        return False
    return False


def _moved(picture: np.ndarray, row: int, column: int) -> np.ndarray:
    """Return the inside of a picture that moved by this many rows and columns."""
    return np.roll(picture, (row, column), axis=(0, 1))[1:-1, 1:-1]


def _edge_strengths(kernel: np.ndarray) -> dict[str, float]:
    r"""Return how strongly edges from 0 to 1 are answered, for each pixel of edge.

    The keys draw the edge: ``|``, ``-``, ``\`` and ``/``. A diagonal edge that crosses
    n rows is √2 · n pixels long.
    """
    rows, columns = np.indices((_SIDE, _SIDE))
    middle = _SIDE // 2
    edges = {
        "|": columns >= middle,
        "-": rows >= middle,
        "\\": columns >= rows,
        "/": columns + rows >= _SIDE - 1,
    }
    strengths = {}
    for name, edge in edges.items():
        answer = np.abs(conv2d(edge.astype(float), kernel, padding="same", mode="edge"))
        if name == "-":
            answer = answer.T
        middle_rows = answer[middle - 4 : middle + 5]
        length = 2**0.5 if name in "\\/" else 1.0
        strengths[name] = float(middle_rows.sum(axis=1).mean() / length)
    return strengths


def _times(strength: dict[str, float], best: str, other: str) -> str:
    if strength[other] < 0.01 * strength[best]:
        return "far more than"
    return f"{strength[best] / strength[other]:.2g} times as much as"


def _centre(kernel: np.ndarray) -> np.ndarray:
    """Return the identity kernel of the same shape."""
    centre = np.zeros_like(kernel)
    centre[kernel.shape[0] // 2, kernel.shape[1] // 2] = 1
    return centre


def _same_size(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pad two odd matrices with zeros to one shape, their centres aligned."""
    shape = np.maximum(a.shape, b.shape)

    def padded(matrix: np.ndarray) -> np.ndarray:
        return np.pad(matrix, [(n, n) for n in (shape - matrix.shape) // 2])

    return padded(a), padded(b)


p1 = Question(
    "p1",
    kind="number",
    prompt=(
        "A colour photo of 480 × 480 pixels is opened. How many numbers does its array "
        "hold?"
    ),
    answer=691_200,
    why=(
        "480 rows of 480 pixels are 230,400 pixels, and each has three numbers: red, "
        "green, blue."
    ),
    slips=(
        (230_400, "230,400 is how many pixels there are. Each has three numbers."),
        (480, "480 is one side. Rows times columns are the pixels."),
        (1440, "480 · 3 are the numbers of a single row. There are 480 rows."),
        (
            960,
            "960 is one side plus the other. The pixels fill the square: rows times "
            "columns.",
        ),
        (
            921_600,
            "that is four numbers for each pixel. Red, green and blue are three.",
        ),
        (
            176_947_200,
            "256 is how many values one number can take, not how many numbers there "
            "are.",
        ),
        (480 * 480 * 256, "256 is how many values a number can take. Count numbers."),
    ),
    nudge="that is not it. Rows times columns times channels: all three are known.",
    hints=(
        "How many pixels are there? And how many numbers has a pixel in colour?",
        "The shape is (480, 480, 3). Multiply the three.",
    ),
)
p2 = Question(
    "p2",
    kind="number",
    prompt=(
        "The same kernel lies where a darker area meets a brighter one: each of the "
        "three rows of pixels is 50, 50, 200. What is its answer there?"
    ),
    answer=-600,
    why=(
        "the left column brings (1 + 2 + 1) · 50 = 200, the right one −(1 + 2 + 1) · "
        "200 = −800. The minus says that it is brighter on the right."
    ),
    slips=(
        (600, "the size is right. The brighter side is the right one: is that a plus?"),
        (-450, "the middle row counts twice: its weights are 2 and −2."),
        (-150, "that is one row of weights 1 and −1. There are three, one of them 2."),
        (1000, "the right column has negative weights: subtract what it brings."),
        (-1000, "the left column has positive weights: only the right one is a minus."),
        (200, "200 is what the left column brings. The right one counts too."),
        (-800, "−800 is what the right column brings. The left one counts too."),
        (
            -400,
            "the middle column has weight 0: its 50s do not count. Left and right do.",
        ),
        (0, "0 comes out on flat areas, where both sides are equal. Here they differ."),
    ),
    nudge=(
        "that is not it. Write the nine products down, weight times pixel, and add "
        "them up; mind the signs."
    ),
    hints=(
        "The left column of weights is 1, 2, 1, and all pixels under it are 50.",
        "Left: 4 · 50. Middle: 0. Right: −4 · 200. Now add the three.",
    ),
)
p3 = Question(
    "p3",
    kind="shape",
    prompt=(
        "A kernel of 5 × 5 is laid on every spot of the photo, 160 × 160, where it "
        "fits inside. What shape has the array of its answers?"
    ),
    answer=(156, 156),
    why=(
        "the first window begins at row 0, the last at row 155: 160 − 5 + 1 = 156 "
        "places down, and as many across."
    ),
    slips=(
        ((155, 155), "160 − 5 leaves out the first place, the one at 0. Add 1."),
        ((158, 158), "158 is for 3 × 3. This kernel is wider, and fits less often."),
        (
            (160, 160),
            "at the rim a part of the kernel would hang over. It fits inside less "
            "often.",
        ),
        ((32, 32), "that is how many fit side by side. It moves by one pixel only."),
        ((154, 154), "160 − 6: 4 rows are lost, two above and two below."),
        ((157, 157), "two rows are lost above and two below: 4, not 3."),
        ((164, 164), "the answers are fewer than the pixels, not more."),
        ((156,), "156 is right. Give both sides: (rows, columns)."),
        ((5, 5), "5 × 5 is the kernel. How often does it fit?"),
    ),
    nudge=(
        "that is not it. In one row of 160 pixels: where can a kernel of 5 begin, "
        "first and last?"
    ),
    hints=(
        "A kernel of 3 × 3 gave (158, 158): one row is lost above, one below. How far "
        "does a kernel of 5 reach to each side of its centre?",
        "Two rows are lost above and two below, and so it is with the columns.",
    ),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "Picture a wall: every pixel is 100. What number does the *rounded* kernel, "
        "the one with .06, .13 and .25, give in the middle of it?"
    ),
    answer=101,
    why=(
        "all nine pixels are 100, so the nine products add up to 100 times the sum of "
        "the weights, 100 · 1.01. The wall comes out one gray too bright, and the next "
        "blur adds another."
    ),
    slips=(
        (100, "100 is what the exact weights give. The rounded ones add up to more."),
        (1.01, "1.01 is the sum of the weights. The pixels under them are 100, not 1."),
        (1, "1 is the sum of the exact weights. The pixels under them are 100."),
        (
            100.01,
            "the .01 too much is there for every one of the 100 grays, not once: "
            "multiply, then add.",
        ),
        (
            900,
            "nine pixels of 100 make 900, but each is multiplied by its weight before "
            "they are added, and the weights are small.",
        ),
        (
            909,
            "the sum 1.01 has all nine pixels in it already. There is no need to count "
            "them again.",
        ),
        (
            25,
            "25 is the product in the centre, 100 · .25. The eight around it are added "
            "to it.",
        ),
        (99, "the rounded weights add up to more than 1. Does the wall get darker?"),
        (0, "0 comes out where plus and minus cancel. These weights are all positive."),
    ),
    nudge=(
        "that is not it. Multiply each of the nine weights by the 100 under it, and "
        "add up the nine products."
    ),
    hints=(
        "The nine products are 100 · .06, 100 · .13, and so on. What do all of them "
        "share?",
        "100 · .06 + 100 · .13 + … = 100 · (.06 + .13 + …). The sum in the brackets "
        "was printed above.",
    ),
)
p5 = Question(
    "p5",
    kind="choice",
    prompt=(
        "Look at the flag on the left of the photo, and at its stripes. Which of the "
        "three kernels will answer their edges most strongly?"
    ),
    choices={
        "a": "horizontal_edges",
        "b": "vertical_edges",
        "c": "outline",
    },
    answer="b",
    why=(
        "the flag hangs down, so its stripes run down more than across, and from left "
        "to right the brightness changes faster than from top to bottom."
    ),
    slips=(
        (
            "a",
            "on a flag that flies in the wind the stripes run across. This one hangs: "
            "follow the edge of a stripe with your finger. Does it go down or across?",
        ),
        (
            "c",
            "it answers every direction, but a sharp step of 100 gets 300 from it "
            "where b gives 400, and a gradual change little or nothing.",
        ),
    ),
    hints=(
        "An edge kernel answers most where brightness changes across its zeros.",
        "Which way do the edges of the hanging stripes run, more down or more across?",
    ),
)
p6 = Question(
    "p6",
    kind="number",
    prompt=(
        "Lay the corner kernel on a diagonal edge. The nine pixels under it are "
        "255 255 255, below them 0 255 255, and below these 0 0 255. What does it "
        "answer?"
    ),
    answer=765,
    why=(
        "under the white pixels lie 1 − 2 + 1, then 4 − 2, then 1, together 3, and 3 · "
        "255 = 765: three times what it answers at a corner of the square."
    ),
    slips=(
        (
            0,
            "0 is right for vertical and horizontal edges. Here the first row cancels, "
            "the others do not: add up.",
        ),
        (3, "3 is the sum of the weights that lie on white. White is 255, not 1."),
        (255, "255 is its answer at a corner of the square. Add up the weights here."),
        (-765, "the size is right. The centre, weight 4, lies on white: a plus."),
        (
            510,
            "510 is what the second row brings, 4 − 2. The first row cancels, but the "
            "third has a white pixel, too.",
        ),
        (1020, "4 · 255 is what the centre brings. Five other pixels are white, too."),
        (1530, "six pixels are white, but each is multiplied by its weight first."),
    ),
    nudge=(
        "that is not it. Add up the weights that lie on white pixels, and multiply by "
        "255."
    ),
    hints=(
        "Black pixels bring 0. Which six weights lie on white ones?",
        "First row 1 − 2 + 1, second row 4 − 2, third row 1.",
    ),
)
progress = Progress(globals())
q1 = FlatGray("q1")
q2 = MoveLeft("q2")
q3 = DiagonalEdges("q3")
q4 = MakeBlur("q4")
q5 = YourOwn("q5")
