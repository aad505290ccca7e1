"""The exercises of lesson 05: slopes, losses, steps, and a loop that does not learn."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from helpers import learning
from helpers.exercises.base import (
    Exercise,
    NotTried,
    NotYet,
    as_array,
    as_number,
    require,
)
from helpers.exercises.implements import Implements, Trial
from helpers.exercises.predictions import Entries, Predictions, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question, plain_text
from helpers.ops import relu, softmax

__all__ = ["p1", "p2", "p3", "p4", "p5", "progress", "q1", "q2", "q3", "q4", "q5", "q6"]

_PATIENCE = 10_000  # steps after which a descent is given up


class ReluSlope(Implements):
    """ReLU's derivative, for an array."""

    function = "relu_slope"
    reference = staticmethod(lambda x: learning.derivative("relu", x))
    slips = (
        (relu, "you return ReLU itself. Its slope is wanted: how fast it rises."),
        (
            lambda x: (x >= 0) * 1.0,
            "at 0 itself you say 1. Programs say 0 there: take >, not >=.",
        ),
        (
            lambda x: np.heaviside(x, 0.5),
            "at 0 itself you say ½, as two points close by do. Programs settle for 0.",
        ),
        (np.sign, "left of 0 you say −1. ReLU is flat there: its slope is 0."),
        (np.ones_like, "you say 1 everywhere. Left of 0 ReLU is flat."),
        (np.zeros_like, "you say 0 everywhere. Right of 0 ReLU rises."),
        (
            lambda x: (x < 0) * 1.0,
            "left and right are swapped. ReLU rises where x is positive.",
        ),
    )
    right = "1 where the sum is positive, 0 elsewhere, for arrays of any shape."
    hints = (
        "Draw ReLU. How steep is it left of 0? And right of 0?",
        "x > 0 is an array of True and False, and True counts as 1.",
        "Multiply by 1.0, or use .astype(float), to make numbers of it.",
    )
    answer = "def relu_slope(x):\n    return (x > 0).astype(float)"
    why = (
        "On the left ReLU stays 0, whatever x does: slope 0. On the right it is x "
        "itself: slope 1. So a gradient either passes whole, or not at all."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return arrays of several shapes, with 0 in them."""
        rng = np.random.default_rng(5)
        return [
            (np.array([-2.0, 0.0, 3.0]),),
            (np.array([0.5, -0.5]),),
            (rng.normal(size=(3, 4)),),
            (np.zeros((2, 2)),),
            (rng.normal(size=(2, 3, 2)) * 100,),
        ]

    @staticmethod
    def named(x: np.ndarray) -> str:
        """Name a case."""
        if x.ndim == 1:
            return f"the sums {x.tolist()}"
        return f"sums of shape {x.shape}"


class OneStep(Predictions):
    """Forward, backward and a step, for one neuron."""

    truth = {  # noqa: RUF012  (never changed)
        "output": 5.0,
        "loss": 4.0,
        "d_w": -12.0,
        "d_b": -4.0,
        "new w": 3.2,
        "new b": -0.6,
    }
    slips = {  # noqa: RUF012
        ("output", 6): '"output": 6 is w · x. The bias comes to it.',
        ("output", 7): '"output": 7 is what it should answer. What does it answer?',
        ("loss", 2): '"loss": 2 is how far it is off. The loss is that, squared.',
        ("loss", -2): '"loss": −2 is how far it is off. The loss is that, squared.',
        ("loss", -4): '"loss": a square is never negative.',
        ("d_w", -4): '"d_w": −4 is what arrives at the sum. By how much does the sum '
        "grow if w grows by 1?",
        ("d_w", -6): '"d_w": −6 has no 2 in it. The slope of a square is twice what is '
        "squared.",
        (
            "d_w",
            -8,
        ): '"d_w": −8 is what arrives times w itself. The sum grows by x, the '
        "input, if w grows by 1.",
        ("d_w", 12): '"d_w": look at the sign. The output is too small, so a larger '
        "w makes the loss smaller.",
        ("d_b", -2): '"d_b": −2 has no 2 in it. The slope of a square is twice what is '
        "squared.",
        ("d_b", 4): '"d_b": look at the sign. The output is too small, so a larger b '
        "makes the loss smaller.",
        ("d_b", -12): '"d_b": −12 is the slope by w. The sum grows by 1 if b grows by '
        "1, not by x.",
        ("new w", 0.8): '"new w": that is a step uphill. Subtract.',
        ("new w", 14): '"new w": that is the whole slope. Take a tenth of it.',
        (
            "new w",
            1.2,
        ): '"new w": 1.2 is the step. Take it to the old weight: − (−1.2).',
        ("new b", 0.4): '"new b": 0.4 is the step. Take it to the old bias: − (−0.4).',
        ("new b", -1.4): '"new b": that is a step uphill. Subtract.',
        ("new b", 3): '"new b": that is the whole slope. Take a tenth of it.',
    }
    stub = "Put a number in place of each row of three dots, then run the cell again."
    right = (
        "forwards 2 · 3 − 1 = 5 and (5 − 7)² = 4; backwards 2 · (5 − 7) = −4, times "
        "the input 3 for w, times 1 for b; then a tenth of each is taken away. The new "
        "output is 3.2 · 3 − 0.6 = 9: just as wrong, on the other side. So 0.1 is "
        "exactly this neuron's limit."
    )
    hints = (
        "Forwards first: the output is w · x + b, the loss is (output − 7)².",
        "Backwards: the loss grows 2 · (output − 7) times as fast as the output. The "
        "output grows x times as fast as w, and as fast as b.",
        "New weight = old weight − 0.1 · its slope.",
    )
    answer = (
        'step = {"output": 5, "loss": 4, "d_w": -12, "d_b": -4, "new w": 3.2, '
        '"new b": -0.6}'
    )
    why = (
        "The slopes of each node are multiplied on the way back: 2 · (5 − 7) = −4 at "
        "the output, −4 · 3 = −12 at w, −4 · 1 = −4 at b."
    )


def _cut_off(least: float) -> Callable[..., Any]:
    return lambda scores, label: -np.log(np.maximum(softmax(scores)[label], least))


def _lifted(least: float) -> Callable[..., Any]:
    return lambda scores, label: -np.log(softmax(scores)[label] + least)


class CrossEntropy(Implements):
    """Cross-entropy from scores, which is finite for all of them."""

    function = "cross_entropy"
    reference = staticmethod(
        lambda scores, label: learning.cross_entropy(scores, label)[0]
    )
    slips = (
        (
            lambda scores, label: learning.cross_entropy(scores, label)[0] * -1,
            "the sign is the other way round. A loss is 0 or more.",
        ),
        *(
            (
                slip,
                "the probability is kept from 0 by something small. So the loss stays "
                "finite, but it stops growing. Is there a way without the probability?",
            )
            for least in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
            for slip in (_cut_off(least), _lifted(least))
        ),
        (
            lambda scores, label: -np.log2(softmax(scores)[label]),
            "that is the logarithm to base 2. The natural one is wanted, np.log.",
        ),
        (
            lambda scores, label: 1 - softmax(scores)[label],
            "that is the probability of all other classes. Where is the logarithm?",
        ),
        (
            lambda scores, label: -scores[label],
            "that is minus the score. The other scores count too: the logarithm of "
            "the sum of all exp is missing.",
        ),
        (
            lambda scores, label: scores.max() - scores[label],
            "the largest score less the true one's is near, and exact only where one "
            "score is far ahead. Take the logarithm of the sum of all exp.",
        ),
    )
    right = "the same as −ln softmax, and finite where a probability has become 0."
    hints = (
        "−ln(exp(s) / sum) is ln(sum) − s: the exp and the logarithm undo each other.",
        "exp overflows beyond 709. Subtract the largest score from all scores first; "
        "softmax does not change by that.",
        "shifted = scores - scores.max(), and then "
        "np.log(np.exp(shifted).sum()) - shifted[label].",
    )
    answer = (
        "def cross_entropy(scores, label):\n"
        "    shifted = scores - scores.max()\n"
        "    return np.log(np.exp(shifted).sum()) - shifted[label]"
    )
    why = (
        "No probability is computed, so none can become 0. The largest shifted score "
        "is 0, so exp never overflows and the sum is at least 1. Keras does it this "
        "way where it is told from_logits=True."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return easy scores, and such as overflow."""
        rng = np.random.default_rng(6)
        return [
            (np.array([2.0, 1.0, -1.0]), 0),
            (np.array([0.0, 0.0]), 1),
            (rng.normal(size=10), 7),
            (np.array([1000.0, 0.0, -5.0]), 1),
            (np.array([-3000.0, 500.0]), 0),
            (np.array([-1000.0, -1000.0, -1001.0]), 2),
            (np.array([800.0, 799.0]), 0),
        ]

    @staticmethod
    def named(scores: np.ndarray, label: int) -> str:
        """Name a case."""
        return f"the scores {scores.round(2).tolist()} and class {label}"


class PickALoss(Entries):
    """Regression or classification decides."""

    truth = {  # noqa: RUF012
        "a": ("cross-entropy", "the answer is one of ten classes"),
        "b": ("squared error", "an age is a number, and 31 is nearly 32"),
        "c": ("cross-entropy", "there are two classes, cat and no cat"),
        "d": ("squared error", "brightness is a number, one for each pixel"),
        "e": ("cross-entropy", "each pixel belongs to one of several classes"),
    }
    keys = tuple(truth)
    words = {  # noqa: RUF012  (as they are without spaces and hyphens)
        "cross-entropy": (
            "crossentropy",
            "binarycrossentropy",
            "categoricalcrossentropy",
            "sparsecategoricalcrossentropy",
            "ce",
            "logloss",
        ),
        "squared error": ("squarederror", "meansquarederror", "mse", "squared"),
    }
    right = (
        "numbers, such as ages and brightness, take the squared error; classes, for a "
        "photo or for each of its pixels, take cross-entropy."
    )
    hints = (
        "Is the answer a number, for which near is nearly right? Or is it one of "
        "several names?",
        "b and d ask for numbers.",
    )
    answer = (
        'losses_for = {"a": "cross-entropy", "b": "squared error", '
        '"c": "cross-entropy", "d": "squared error", "e": "cross-entropy"}'
    )
    why = (
        "Among classes there is no near: a 4 is not nearly a 5. Among numbers there "
        "is, and the squared error knows it."
    )

    def look(self, key: str, given: Any) -> None:
        """Take each loss by several names."""
        require(
            isinstance(given, str),
            f'"{key}" should be one of two texts, "squared error" or "cross-entropy".',
        )
        text = re.sub(r"[\W_]", "", plain_text(given))
        loss = next((n for n, names in self.words.items() if text in names), None)
        require(
            loss is not None,
            f'"{key}": "{given}" is none of the two. Write "squared error" or '
            '"cross-entropy".',
        )
        wanted, reason = self.truth[key]
        require(loss == wanted, f'"{key}": {reason}. Which loss is made for that?')


# The three bugs of exercise 5, and what is said as long as one is there.
_BUGS = {
    "uphill": "the loss grows: which way does a step go?",
    "passing": "the gradient gets past neurons that are silent. What is ReLU's slope?",
    "piling": "the second step still carries the gradient of the first. Each step has "
    "one of its own.",
}


def _fit_with(
    bugs: Sequence[str], divided: Callable[..., float] = lambda y: 2 / y.size
) -> Callable[..., np.ndarray]:
    """Return the loop of exercise 5 with some of its bugs left in.

    ``divided`` is what the error is multiplied by to be the loss's slope.
    """

    def fit(
        x: np.ndarray, y: np.ndarray, w: np.ndarray, rate: float, steps: int
    ) -> np.ndarray:
        total = np.zeros_like(w)
        for _ in range(steps):
            sums = x @ w
            arrives = divided(y) * (relu(sums) - y)
            if "passing" not in bugs:
                arrives = arrives * (sums > 0)
            gradient = x.T @ arrives
            total = total + gradient if "piling" in bugs else gradient
            w = w + rate * total if "uphill" in bugs else w - rate * total
        return w

    return fit


def _once(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, rate: float, steps: int
) -> np.ndarray:
    return _fit_with(())(x, y, w, rate, min(steps, 1))


def _left(bugs: Sequence[str]) -> str:
    count = {1: "one bug is left", 2: "two bugs are left"}[len(bugs)]
    return f"{count}: " + " And ".join(_BUGS[bug] for bug in bugs)


class ThreeBugs(Implements):
    """A training loop in which three lines are wrong."""

    function = "fit"
    reference = staticmethod(_fit_with(()))
    slips = (
        *(
            (_fit_with(bugs), _left(bugs))
            for bugs in (
                ("uphill",),
                ("passing",),
                ("piling",),
                ("uphill", "passing"),
                ("uphill", "piling"),
                ("passing", "piling"),
            )
        ),
        (_once, "it returns after one step. Does `return` stand inside the loop?"),
        (
            _fit_with((), lambda y: 2 / len(y)),
            "the loss is the mean over all outputs of all inputs: the division by "
            "error.size was right.",
        ),
        (
            _fit_with((), lambda y: 1 / y.size),
            "the slope of a square is twice what is squared: the 2 was right.",
        ),
    )
    spoiled = (
        "fit changes the arrays that it is given. Write w = w - …, not w -= …, which "
        "changes the learner's own weights."
    )
    right = (
        "the step goes downhill, ReLU stops what it should stop, and every step has a "
        "gradient of its own."
    )
    stub = (
        "Mend the function, then run the cell again. As it is, it has all three bugs."
    )
    hints = (
        "Take one step, and print the loss before and after. Does it fall? That finds "
        "the first bug.",
        "Compare with the way back of the lesson: between what arrives at the outputs "
        "and what arrives at the sums stands ReLU's slope.",
        "What is `total` at the beginning of the second step? PyTorch adds gradients "
        "up as well, until it is told to forget; that is this bug's usual form.",
    )
    answer = (
        "def fit(x, y, w, rate, steps):\n"
        "    for _ in range(steps):\n"
        "        sums = x @ w\n"
        "        error = np.maximum(sums, 0) - y\n"
        "        arrives = 2 * error / error.size * (sums > 0)\n"
        "        gradient = x.T @ arrives\n"
        "        w = w - rate * gradient\n"
        "    return w"
    )
    why = (
        "A plus in place of a minus climbs. Without ReLU's slope, neurons learn from "
        "mistakes they have no part in. And a gradient that is never set to zero goes "
        "on pulling where the loss pulled long ago."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return several pictures and weights, for one step and for more."""
        rng = np.random.default_rng(7)
        sizes = [(6, 3, 2, 1), (6, 3, 2, 2), (8, 4, 3, 3), (5, 2, 2, 5), (9, 3, 1, 4)]
        return [
            (
                rng.normal(size=(n, d)),
                rng.normal(size=(n, k)),
                rng.normal(size=(d, k)),
                0.3,
                steps,
            )
            for n, d, k, steps in sizes
        ]

    @staticmethod
    def named(
        x: np.ndarray, y: np.ndarray, w: np.ndarray, rate: float, steps: int
    ) -> str:
        """Name a case."""
        return f"{len(x)} inputs and {steps} step{'s' * (steps > 1)}"

    def reason(self, failing: Sequence[Trial]) -> str:
        """Take the loop as it was given for one that is not tried yet."""
        whole = _fit_with(tuple(_BUGS))
        if all(trial.shows(whole) for trial in failing):
            raise NotTried
        return super().reason(failing)


class DownTheValley(Exercise):
    """A learning rate and a momentum for a narrow valley; there is no right answer."""

    open_ended = True
    curvature = np.array([1.0, 50.0])
    start = np.array([10.0, 1.0])
    enough = 1e-6
    hints = (
        "Without momentum, 2 / 50 = 0.04 is the limit of the rate. With momentum m it "
        "is (1 + m) times as high.",
        "A momentum near 1 rolls far, and takes long to settle. Try 0.5, 0.7 and 0.9, "
        "each with a rate that is a little below its limit.",
    )
    answer = "my_choice = (0.06, 0.57)"
    why = (
        "For a valley whose curvatures are 1 and 50, theory says: momentum "
        "((√50 − 1) / (√50 + 1))², about 0.57, and learning rate (2 / (√50 + 1))², "
        "about 0.06. Near those, the two directions settle equally fast, which is best "
        "in the long run. For this start and goal other choices do better: with "
        "(0.0525, 0.62) 28 steps are enough."
    )

    def examine(self, answer: Any) -> str:
        """Count the steps, beside the best of plain descent."""
        rate, momentum = self._read(answer)
        steps, loss = self.travel(rate, momentum)
        best = min(self.travel(r, 0)[0] for r in np.arange(0.030, 0.0400, 0.0005))
        said = f"Rate {written(rate)}, momentum {written(momentum)}: "
        if not loss < self.loss(self.start):
            return said + (
                f"it diverges. After {steps} steps the ball lies higher than it began. "
                f"The limit for this momentum is {(1 + momentum) * 2 / 50:.3g}."
            )
        if loss >= self.enough:
            return said + f"after {steps:,} steps the loss is still {loss:.1e}."
        return said + (
            f"{steps} steps until the loss is below {self.enough:.6f}. The best plain "
            f"descent needs {best}: yours is "
            f"{'faster' if steps < best else 'no faster'}."
        )

    @staticmethod
    def _read(answer: Any) -> tuple[float, float]:
        if isinstance(answer, Mapping):
            answer = list(answer.values())
        rate, momentum = as_array(
            answer, shape=(2,), wanted="two numbers, (learning rate, momentum)"
        )
        rate, momentum = as_number(rate), as_number(momentum)
        if not 0 < rate <= 10:
            raise NotYet(f"the learning rate is {rate:g}; take one above 0, up to 10.")
        if not 0 <= momentum < 1:
            raise NotYet(f"the momentum is {momentum:g}; it goes from 0 to below 1.")
        return rate, momentum

    def loss(self, place: np.ndarray) -> float:
        """Return (x² + 50 y²) / 2."""
        return float((self.curvature * place**2).sum() / 2)

    def travel(self, rate: float, momentum: float) -> tuple[int, float]:
        """Return how many steps were made, and the loss after them."""
        optimiser = learning.SGD(rate, momentum=momentum)
        place = self.start
        highest = 1e6 * self.loss(place)
        for _ in range(_PATIENCE):
            place = optimiser.step(place, self.curvature * place)
            loss = self.loss(place)
            if loss < self.enough or not loss < highest:
                break
        return optimiser.iterations, loss


p1 = Question(
    "p1",
    kind="number",
    prompt=(
        "The same neuron, with weights 3 and −1 and bias 1, sees the inputs 1 and 5. "
        "What comes out after ReLU?"
    ),
    answer=0,
    why="the sum is 3 · 1 − 1 · 5 + 1 = −1, and ReLU makes 0 of what is negative.",
    slips=(
        (-1, "−1 is the sum. ReLU comes after it."),
        (1, "1 is the sum without its sign. ReLU makes 0 of a negative sum."),
        (-2, "−2 is the sum without the bias. And ReLU comes after it."),
        (9, "9 adds the 5. Its weight is −1."),
    ),
    nudge="that is not it. Multiply, add up, add the bias; then ReLU.",
    hints=(
        "3 · 1 + (−1) · 5 + 1 is the sum.",
        "ReLU keeps what is positive, and makes 0 of everything else.",
    ),
)
p2 = Question(
    "p2",
    kind="number",
    prompt=(
        "A classifier gave the true class probability 0.1, and after some training "
        "0.01: it got worse. By how much has its cross-entropy grown? (The natural "
        "logarithm of 10 is 2.30.)"
    ),
    answer=2.3,
    tolerance=0.011,
    why=(
        "from −ln 0.1 = 2.30 to −ln 0.01 = 4.61. Each time the probability falls to a "
        "tenth, the loss grows by ln 10 once more, without end."
    ),
    slips=(
        (0.09, "0.09 is by how much the probability fell. The loss is its logarithm."),
        (4.61, "4.61 is the new loss. By how much has it grown?"),
        (4.6, "4.6 is the new loss. By how much has it grown?"),
        (10, "the probability is a tenth. The loss is its logarithm."),
        (2, "it has become twice as large. By how much has it grown?"),
        (-2.3, "it grows: a smaller probability costs more."),
        (1, "that is the logarithm to base 10. Here it is the natural one."),
    ),
    nudge="that is not it. Take −ln of both probabilities, and subtract.",
    hints=(
        "0.01 is 0.1 · 0.1. What does a logarithm make of a product?",
        "−ln 0.1 is 2.30, and −ln 0.01 is twice that.",
    ),
)
p3 = Question(
    "p3",
    kind="number",
    prompt="Start at w = 4 with learning rate 0.05. Where is w after one step?",
    answer=3.6,
    why="the slope at 4 is 2 · (8 − 6) · 2 = 8, so w becomes 4 − 0.05 · 8 = 3.6.",
    slips=(
        (4.4, "that is a step uphill. Subtract."),
        (3.8, "the slope has two factors 2: of the square, and of 2w."),
        (3.9, "the slope is 2 · (2w − 6) · 2: both factors 2 are missing."),
        (3.2, "that is a step with learning rate 0.1. Here it is 0.05."),
        (0.4, "0.4 is the step. Take it away from 4."),
        (8, "8 is the slope. Take 0.05 of it away from 4."),
        (-4, "that is the whole slope. Take only 0.05 of it."),
        (3, "3 is where the loss is least. One step does not get there."),
    ),
    nudge="that is not it. w − 0.05 · slope, and the slope is 2 · (2w − 6) · 2.",
    hints=(
        "At w = 4 the slope is 2 · (2 · 4 − 6) · 2.",
        "The slope is 8. A twentieth of it is 0.4.",
    ),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "1,000 pictures, batches of 32, 3 epochs. The last batch of an epoch takes "
        "what is left. How many updates?"
    ),
    answer=96,
    why="31 full batches and one of 8 pictures make 32 an epoch, and 96 in three.",
    slips=(
        (
            93.75,
            "there are no parts of batches: the last one is smaller, but it counts.",
        ),
        (94, "each epoch ends with a smaller batch, not only the last one."),
        (93, "the last batch of each epoch, of 8 pictures, is missing."),
        (32, "that is one epoch. There are three."),
        (3000, "that would be one picture at a time."),
        (3, "that would be all pictures at once."),
    ),
    nudge="that is not it. How many batches has an epoch? Then times 3.",
    hints=("1,000 / 32 = 31.25. How many batches is that?", "32 an epoch, 3 epochs."),
)
p5 = Question(
    "p5",
    kind="shape",
    prompt=(
        "A layer `Conv2D(8, 5)` on a photo with 3 channels has kernels of shape "
        "(5, 5, 3, 8). What is the shape of the gradient of the loss by these kernels?"
    ),
    answer=(5, 5, 3, 8),
    why="one slope for each weight, so that the two can be subtracted.",
    slips=(
        ((5, 5), "that is one kernel's one channel. There are 3 channels, 8 kernels."),
        ((5, 5, 8), "the channels of the input are missing."),
        ((5, 5, 3), "that is one kernel. There are 8."),
        ((8,), "that is the gradient by the biases."),
    ),
    nudge="that is not it. How many slopes are there for one weight?",
    hints=(
        "A gradient holds one slope for each weight.",
        "To subtract the gradient from the kernels, both need one shape.",
    ),
)
progress = Progress(globals())
q1 = ReluSlope("q1")
q2 = OneStep("q2")
q3 = CrossEntropy("q3")
q4 = PickALoss("q4")
q5 = ThreeBugs("q5")
q6 = DownTheValley("q6")
