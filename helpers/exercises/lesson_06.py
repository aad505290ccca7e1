"""The exercises of lesson 06: layers counted, networks tried, one of them fooled."""

import contextlib
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from helpers.datasets import load_mnist
from helpers.datasets.data_set import DataSet
from helpers.exercises.base import (
    Exercise,
    NotTried,
    NotYet,
    as_array,
    as_whole,
    call,
    require,
)
from helpers.exercises.implements import Implements, size
from helpers.exercises.predictions import Predictions, written
from helpers.exercises.progress import Progress
from helpers.exercises.questions import Question
from helpers.networks import exported, running
from helpers.ops import conv2d, pool2d, relu, softmax

if TYPE_CHECKING:  # it imports Keras, so it is imported where something is trained
    from helpers.networks import tryout

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

_BUDGET = 10_000  # parameters of exercise 3
_LINE = 0.964  # share of the pictures set aside that is to be read rightly
_DENSE = 0.949  # what dense networks of that size come to, at most


class LayerByLayer(Predictions):
    """Sizes and parameters of a small network."""

    truth = {  # noqa: RUF012  (never changed)
        "side after conv1": 28,
        "parameters of conv1": 416,
        "side after pool": 14,
        "side after conv2": 6,
        "parameters of conv2": 4640,
        "length of the list": 1152,
        "parameters of dense": 11530,
    }
    slips = {  # noqa: RUF012
        (
            "side after conv1",
            24,
        ): '"side after conv1": 24 is without padding. padding="same" keeps the side.',
        (
            "parameters of conv1",
            400,
        ): '"parameters of conv1": 400 are the weights. Each filter has a bias, too.',
        (
            "parameters of conv1",
            401,
        ): '"parameters of conv1": each of the 16 filters has a bias of its own.',
        (
            "parameters of conv1",
            26,
        ): '"parameters of conv1": 26 are those of one filter. There are 16.',
        (
            "parameters of conv1",
            25,
        ): '"parameters of conv1": 25 are the weights of one filter. There are 16 '
        "filters, and each has a bias, too.",
        (
            "parameters of conv1",
            160,
        ): '"parameters of conv1": 160 is with filters of 3×3. These are 5×5.',
        (
            "side after pool",
            28,
        ): '"side after pool": a window of 2 moves on by 2, so the side is halved.',
        (
            "side after pool",
            27,
        ): '"side after pool": 27 is with stride 1. Pooling moves by its own size.',
        (
            "side after pool",
            12,
        ): '"side after pool": 12 is half of 24. How large is the map after conv1?',
        (
            "side after conv2",
            7,
        ): '"side after conv2": 7 is with padding="same". Without padding 3 pixels '
        "must fit inside: ⌊(14 − 3) / 2⌋ + 1.",
        (
            "side after conv2",
            12,
        ): '"side after conv2": 12 is with stride 1. Here the filters move by 2.',
        (
            "side after conv2",
            14,
        ): '"side after conv2": 14 is what comes in. The filters move by 2.',
        (
            "side after conv2",
            5,
        ): '"side after conv2": 5 leaves out the first position: add 1.',
        (
            "side after conv2",
            6.5,
        ): '"side after conv2": there is no half position. Round 5.5 down, then add 1.',
        (
            "parameters of conv2",
            4608,
        ): '"parameters of conv2": 4,608 are the weights. Each filter has a bias, too.',
        (
            "parameters of conv2",
            4609,
        ): '"parameters of conv2": each of the 32 filters has a bias of its own.',
        (
            "parameters of conv2",
            4624,
        ): '"parameters of conv2": there are 32 filters, and so 32 biases, not 16.',
        (
            "parameters of conv2",
            320,
        ): '"parameters of conv2": 320 is for one map. 16 maps come in, and a filter '
        "has 3×3 weights for each of them.",
        (
            "parameters of conv2",
            288,
        ): '"parameters of conv2": 16 maps come in, and a filter has 3×3 weights for '
        "each of them. And a bias.",
        (
            "parameters of conv2",
            145,
        ): '"parameters of conv2": 145 are those of one filter. There are 32.',
        (
            "parameters of conv2",
            12832,
        ): '"parameters of conv2": 12,832 is with filters of 5×5. These are 3×3.',
        (
            "length of the list",
            36,
        ): '"length of the list": 36 is one map. There are 32 maps.',
        (
            "length of the list",
            576,
        ): '"length of the list": 576 is with 16 maps. conv2 has 32 filters.',
        (
            "length of the list",
            1568,
        ): '"length of the list": 1,568 is 7 · 7 · 32. Look at the side after conv2.',
        (
            "length of the list",
            4608,
        ): '"length of the list": 4,608 is 12 · 12 · 32. Look at the side after conv2.',
        (
            "length of the list",
            32,
        ): '"length of the list": 32 is the number of maps. Each has 6 · 6 numbers.',
        (
            "parameters of dense",
            11520,
        ): '"parameters of dense": 11,520 are the weights. Each of the 10 units has a '
        "bias, too.",
        (
            "parameters of dense",
            11521,
        ): '"parameters of dense": each of the 10 units has a bias of its own.',
        (
            "parameters of dense",
            1162,
        ): '"parameters of dense": each of the 10 units has a weight for each number '
        "of the list.",
        (
            "parameters of dense",
            330,
        ): '"parameters of dense": 330 is with one number a map. The list is longer.',
        (
            "parameters of dense",
            12672,
        ): '"parameters of dense": biases belong to the 10 units, not to the 1,152 '
        "numbers of the list.",
    }
    right = (
        "28 → 14 → 6, and 16,586 parameters in all. More than two thirds of them stand "
        "in the last layer, though it is the smallest to look at."
    )
    hints = (
        "A convolution with padding keeps the side at stride 1. Without padding it "
        "comes to ⌊(side − kernel) / stride⌋ + 1.",
        "A filter has size · size · maps coming in weights, and one bias. Pooling has "
        "no parameters.",
        "The list has 6 · 6 · 32 numbers, and each of the 10 units a weight for each, "
        "and a bias.",
    )
    answer = (
        'layer_by_layer = {"side after conv1": 28, "parameters of conv1": 416,\n'
        '    "side after pool": 14, "side after conv2": 6, '
        '"parameters of conv2": 4640,\n'
        '    "length of the list": 1152, "parameters of dense": 11530}'
    )
    why = (
        "conv1: 16 · (5 · 5 · 1 + 1) = 416. conv2: ⌊(14 − 3) / 2⌋ + 1 = 6, and "
        "32 · (3 · 3 · 16 + 1) = 4,640. The list: 6 · 6 · 32 = 1,152. The last layer: "
        "10 · (1,152 + 1) = 11,530."
    )


# -- exercise 2: the way forward -------------------------------------------------------

_STAGES = ("conv1", "conv2", "hidden")


def _forward(
    picture: NDArray,
    weights: Sequence[NDArray],
    *,
    scaled: bool = True,
    bent: Sequence[str] = _STAGES,
    biased: bool = True,
    reduce: Any = "max",
    channels_first: bool = False,
    last: Callable[[NDArray], NDArray] = np.asarray,
) -> NDArray:
    """Return the logits, or what comes of it if one errs."""
    kernel1, bias1, kernel2, bias2, dense1, bias3, dense2, bias4 = (
        part if biased or number % 2 == 0 else 0 * part
        for number, part in enumerate(weights)
    )

    def bend(sums: NDArray, stage: str) -> NDArray:
        return relu(sums) if stage in bent else sums

    def pool(maps: NDArray) -> NDArray:
        return pool2d(maps, 2, reduce=reduce)

    x = picture / 255 if scaled else picture
    x = pool(bend(conv2d(x, kernel1, bias=bias1), "conv1"))
    x = pool(bend(conv2d(x, kernel2, bias=bias2), "conv2"))
    x = np.moveaxis(x, -1, 0).ravel() if channels_first else x.ravel()
    x = bend(x @ dense1 + bias3, "hidden")
    return last(x @ dense2 + bias4)


def _without_relu(*stages: str) -> Callable[..., NDArray]:
    return partial(_forward, bent=[one for one in _STAGES if one not in stages])


class Forward(Implements):
    """The way forward through Hung-yi Lee's network."""

    function = "forward"
    within = (
        1e-4  # in float32 a sum of 1,250 products is as far off, where it is near 0
    )
    reference = staticmethod(_forward)
    slips = (
        (
            partial(_forward, scaled=False),
            "the pixels are not divided by 255. The network learned from 0 to 1.",
        ),
        (_without_relu("conv1"), "ReLU is missing after the first convolution."),
        (_without_relu("conv2"), "ReLU is missing after the second convolution."),
        (
            _without_relu("conv1", "conv2"),
            "ReLU is missing after both convolutions.",
        ),
        (_without_relu("hidden"), "ReLU is missing after the first dense layer."),
        (
            _without_relu(*_STAGES),
            "there is no ReLU: after three layers it is missing.",
        ),
        (
            partial(_forward, last=relu),
            "ReLU stands after the last layer, too. Its numbers may be negative.",
        ),
        (
            partial(_forward, last=softmax),
            "probabilities come out. The logits are wanted, before softmax.",
        ),
        (
            partial(_forward, biased=False),
            "the biases are missing. Every second array of `weights` holds some.",
        ),
        (
            partial(_forward, channels_first=True),
            "the list is in another order. Flatten reads place by place, and at each "
            "place all maps: .ravel() on (rows, columns, maps) does the same.",
        ),
        (
            partial(_forward, reduce="mean"),
            "the windows are averaged. Max pooling keeps the largest.",
        ),
    )
    spoiled = (
        "forward changes what it is given. Write x = x / 255, not x /= 255, and take "
        "nothing out of `weights`."
    )
    right = "the same ten numbers as Keras, from nothing but NumPy."
    hints = (
        "One line for each layer. ops.conv2d(x, kernel, bias=bias) is a convolution, "
        "ops.pool2d(x, 2) max pooling, ops.relu bends.",
        ".ravel() makes the list. A dense layer is list @ weights + bias.",
        "ReLU stands after both convolutions and after the first dense layer, not "
        "after the last one. And the pixels are divided by 255 first.",
    )
    answer = (
        "def forward(picture, weights):\n"
        "    from helpers import ops\n"
        "\n"
        "    kernel1, bias1, kernel2, bias2, dense1, bias3, dense2, bias4 = weights\n"
        "    x = picture / 255\n"
        "    x = ops.pool2d(ops.relu(ops.conv2d(x, kernel1, bias=bias1)), 2)\n"
        "    x = ops.pool2d(ops.relu(ops.conv2d(x, kernel2, bias=bias2)), 2)\n"
        "    x = ops.relu(x.ravel() @ dense1 + bias3)\n"
        "    return x @ dense2 + bias4"
    )
    why = (
        "A trained network is eight arrays and a few lines of arithmetic. What Keras "
        "adds is speed, and the way back."
    )

    def cases(self) -> Sequence[tuple[Any, ...]]:
        """Return pictures and weights of the size that the exercise names."""
        rng = np.random.default_rng(6)
        return [
            (
                rng.integers(0, 256, (28, 28, 1)).astype(float),
                self._weights(rng),
            )
            for _ in range(3)
        ]

    @staticmethod
    def _weights(rng: np.random.Generator) -> list[NDArray[np.float64]]:
        # No other sizes: who writes .reshape(1250) does what is asked for.
        shapes = [(3, 3, 1, 25), (3, 3, 25, 50), (5 * 5 * 50, 100), (100, 10)]
        weights = []
        for shape in shapes:
            spread = 1.5 / np.sqrt(np.prod(shape[:-1]))
            weights += [rng.normal(size=shape) * spread, rng.normal(size=shape[-1])]
        return weights

    @staticmethod
    def named(picture: NDArray, weights: Sequence[NDArray]) -> str:
        """Name a case."""
        return f"a picture of {size(picture)} and made-up weights"


# -- exercises 3 and 7: networks that are tried ----------------------------------------


def _digits() -> DataSet:
    """Return MNIST, or what stands in for it, which the verdict then says."""
    with contextlib.redirect_stdout(io.StringIO()):
        return load_mnist()


def _built(answer: Any, name: str) -> Any:
    """Return the network that the learner's function builds, if it can be tried."""
    from helpers.networks import training, tryout

    require(
        not tryout.is_network(answer),
        f"a network came. Give the function that builds it, without brackets: {name}.",
    )
    training.seed(tryout.SEED)
    model = call(answer, name=name)
    fault = tryout.fault(model)
    require(not fault, fault)
    return model


def _finished(result: "tryout.Tryout") -> None:
    """Raise `NotYet` where a training says nothing of the network."""
    require(
        result.ending != "diverged",
        "it diverged: its numbers are no longer finite. Are the pixels divided by 255, "
        "in a layer Rescaling(1 / 255)?",
    )
    require(
        result.ending != "interrupted",
        "the training was interrupted. Run the cell again, and let it come to its end.",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _trained(model: Any) -> "tuple[tryout.Tryout, str]":
    """Train a network to the end; say, too, why its accuracy means nothing here."""
    from helpers.networks import tryout

    data = _digits()
    result = tryout.train(model, data)
    _finished(result)
    if result.tells:
        return result, ""
    if data.is_fallback:
        return result, "other digits stand in for MNIST here"
    return result, "trainings are cut short here (COURSE_QUICK)"


class WithinABudget(Exercise):
    """A network with at most 10,000 parameters that beats all dense ones."""

    stub = "Write the function, then run the cell again. It trains for some seconds."
    hints = (
        "Where do most parameters stand? model.summary() tells. It is seldom the "
        "convolutions.",
        "A dense layer on a long list is what costs. Pool twice, so that the list is "
        "short, and let the last dense layer follow at once.",
        "Conv2D(8, 3), pooling, Conv2D(16, 3), pooling, Flatten, Dense(10) has 5,258 "
        "parameters. What could a third convolution see that these do not?",
    )
    answer = (
        "def build():\n"
        "    import keras\n"
        "    from keras import layers\n"
        "\n"
        "    return keras.Sequential([\n"
        "        keras.Input((28, 28, 1)),\n"
        "        layers.Rescaling(1 / 255),\n"
        '        layers.Conv2D(8, 3, activation="relu"),\n'
        "        layers.MaxPooling2D(),\n"
        '        layers.Conv2D(16, 3, padding="same", activation="relu"),\n'
        "        layers.MaxPooling2D(),\n"
        '        layers.Conv2D(24, 3, activation="relu"),\n'
        "        layers.Flatten(),\n"
        "        layers.Dropout(0.2),\n"
        "        layers.Dense(10),\n"
        "    ])"
    )
    why = (
        "A filter is a few weights that look everywhere, so many of them fit into the "
        "budget. A dense layer pays for each place anew."
    )

    def examine(self, answer: Any) -> str:
        """Count, train, and compare with the line."""
        from helpers.networks import tryout

        model = _built(answer, "build")
        count = model.count_params()
        name, most = tryout.largest(model)
        require(
            count <= _BUDGET,
            f"the network has {count:,} parameters; at most {_BUDGET:,} are allowed. "
            f'Most stand in "{name}": {most:,}.',
        )
        result, unjudged = _trained(model)
        if unjudged:
            return (
                f"{count:,} parameters are within the budget, and the shapes fit. The "
                f"accuracy cannot be judged: {unjudged}. On MNIST the line is "
                f"{_percent(_LINE)}."
            )
        came = f"{_percent(result.accuracy)} of the pictures set aside are read rightly"
        if result.accuracy >= _LINE:
            return (
                f"{came}, with {count:,} parameters. The line is {_percent(_LINE)}; "
                f"dense networks of that size come to about {_percent(_DENSE)} at best."
            )
        require(
            result.ending != "out of time",
            f"the training was stopped after {tryout.LIMIT:.0f} seconds. Until then "
            f"{came}; {_percent(_LINE)} are wanted. Make the maps smaller early: pool, "
            "or let the first convolution stride.",
        )
        raise NotYet(
            f"{came}; {_percent(_LINE)} are wanted. Dense networks of that size come "
            f"to about {_percent(_DENSE)} at best."
        )


class SmallAsYouCan(Exercise):
    """The same training without a line: fewer and fewer parameters."""

    open_ended = True
    stub = WithinABudget.stub
    hints = (
        "Take your network of exercise 3, and halve the number of filters.",
        "Look where its parameters stand now. GlobalAveragePooling2D in place of "
        "Flatten makes the list as short as there are maps.",
        "A first convolution with stride 2 does not save parameters, but time: you can "
        "try more.",
    )
    answer = (
        "def build_small():\n"
        "    import keras\n"
        "    from keras import layers\n"
        "\n"
        "    return keras.Sequential([\n"
        "        keras.Input((28, 28, 1)),\n"
        "        layers.Rescaling(1 / 255),\n"
        '        layers.Conv2D(4, 3, activation="relu"),\n'
        "        layers.MaxPooling2D(),\n"
        '        layers.Conv2D(8, 3, activation="relu"),\n'
        "        layers.MaxPooling2D(),\n"
        '        layers.Conv2D(10, 3, activation="relu"),\n'
        "        layers.MaxPooling2D(),\n"
        "        layers.Flatten(),\n"
        "        layers.Dense(10),\n"
        "    ])"
    )
    why = (
        "There is no right answer. Each halving costs some accuracy, and the first "
        "ones cost least."
    )

    def examine(self, answer: Any) -> str:
        """Count and train, and tell both."""
        from helpers.networks import tryout

        model = _built(answer, "build_small")
        result, unjudged = _trained(model)
        said = f"{result.parameters:,} parameters"
        if unjudged:
            return (
                f"{said}. How well they read cannot be told: {unjudged}. On "
                f"MNIST the line of exercise 3 is {_percent(_LINE)}, with at most "
                f"{_BUDGET:,}."
            )
        stopped = result.ending == "out of time"
        until = f", stopped after {tryout.LIMIT:.0f} seconds" if stopped else ""
        return (
            f"{said} read {_percent(result.accuracy)} of the pictures set aside "
            f"rightly{until}; the line of exercise 3 is {_percent(_LINE)}, with at "
            f"most {_BUDGET:,} parameters."
        )


# -- exercise 4: a digit that fools the network ----------------------------------------


class FoolIt(Exercise):
    """A digit, changed in a few pixels, that the shipped network misreads."""

    among = 1000  # of the training pictures, the first
    most = 12  # pixels that may differ
    stub = "Give a number and a picture, then run the cell again."
    hints = (
        "Among the first 1,000 are some of which the network is not sure. Look for a "
        "true digit with a small probability that is still the largest.",
        "Change one pixel, and look at the probability of the true digit. Is it "
        "smaller? Then keep the change. The strongest change of p is to 255 − p.",
        "Try all 784 pixels, keep the best, and begin anew: that takes a second a "
        "round, and two or three rounds are often enough.",
    )
    answer = (
        "import numpy as np\n"
        "from helpers.datasets import load_mnist\n"
        "from helpers.networks import exported, running\n"
        "\n"
        "\n"
        "def read(picture):\n"
        '    """Return the network\'s ten probabilities."""\n'
        "    maps = running.maps(network, picture.reshape(28, 28, 1))\n"
        '    return maps["probabilities"]\n'
        "\n"
        "\n"
        'network, digits = exported.shipped("mnist"), load_mnist()\n'
        "images, labels = digits.train_images[:300] * 1.0, digits.train_labels[:300]\n"
        "sure = [read(image)[label] for image, label in zip(images, labels)]\n"
        "# The digit of which it is least sure, among those that it reads rightly.\n"
        "number = min(range(300), key=lambda k: sure[k] if sure[k] > 0.5 else 2)\n"
        "picture, true = images[number], labels[number]\n"
        "for _ in range(12):\n"
        "    if read(picture).argmax() != true:\n"
        "        break\n"
        "    tries = np.repeat(picture.reshape(1, 784), 784, axis=0)\n"
        "    pixels = np.arange(784)\n"
        "    tries[pixels, pixels] = 255 - tries[pixels, pixels]\n"
        "    picture = min(tries, key=lambda one: read(one)[true]).reshape(28, 28)"
    )
    why = (
        "Each round inverts the one pixel that takes most from the true digit. The "
        "network reads numbers, not strokes: what no eye would stumble over can be "
        "enough. Begin with one of which it is sure, and more pixels are needed."
    )

    def examine(self, answer: Any) -> str:
        """Compare with the original, and let the network read both."""
        number, picture = self._read(answer)
        data = _digits()
        require(
            number < len(data.train_images),
            f"there are {len(data.train_images):,} pictures; {number} is too high.",
        )
        original = data.train_images[number].astype(np.float64)
        true = int(data.train_labels[number])
        before, after = self.probabilities(original), self.probabilities(picture)
        require(
            before.argmax() == true,
            f"number {number} is a {true}, and the network reads a {before.argmax()} "
            "already. Take one that it reads rightly.",
        )
        # As float32, divided by 255 and multiplied again, pixels differ by 0.00002.
        changed = int(np.count_nonzero(np.abs(picture - original) > 1e-3))
        require(changed, f"this is number {number} as it was: no pixel differs.")
        require(
            changed <= self.most or not 0 < picture.max() <= 1,
            "the pixels go from 0 to 1 at most. Give them as in the original, from 0 "
            "to 255.",
        )
        require(
            changed <= self.most,
            f"{changed} pixels differ from number {number}; at most {self.most} may.",
        )
        said = int(after.argmax())
        pixels = f"{changed} pixel{'s' * (changed != 1)}"
        now, then = _apart(after[true], before[true])
        require(
            said != true,
            f"with {pixels} changed, the network still reads a {true}: its probability "
            f"is {now}, and was {then}.",
        )
        return (
            f"{pixels} changed, and the network reads a {said} where it read a {true}. "
            f"Of the {true} it was sure to {then}, and is to {now}."
        )

    def _read(self, answer: Any) -> tuple[int, NDArray]:
        require(
            isinstance(answer, list | tuple) and len(answer) == 2,
            "two things are wanted: the number of a digit, and the changed picture.",
        )
        number = as_whole(answer[0], "the number", most=self.among - 1)
        picture = as_array(answer[1], "the picture", wanted="an array of 28 × 28")
        if picture.shape == (28, 28, 1):
            picture = picture[..., 0]
        require(
            picture.shape == (28, 28),
            f"the picture has shape {picture.shape}; shape (28, 28) is wanted.",
        )
        low, high = picture.min(), picture.max()
        require(
            low >= 0 and high <= 255,
            f"the pixels go from {written(low)} to {written(high)}; 0 to 255 are "
            "allowed.",
        )
        return number, picture

    @staticmethod
    def probabilities(picture: NDArray) -> NDArray:
        """Return what the shipped network makes of a picture."""
        network = exported.shipped("mnist")
        return running.maps(network, picture[..., np.newaxis])["probabilities"]


def _apart(now: float, then: float) -> tuple[str, str]:
    """Write two probabilities with as many digits as it takes to tell them apart."""
    for digits in range(4, 13):
        texts = f"{now:.{digits}f}", f"{then:.{digits}f}"
        if texts[0] != texts[1]:
            break
    return texts


# -- exercise 5: a table of mistakes ---------------------------------------------------

_CLASSES = (4, 7, 9)
_CONFUSION = np.array(  # rows: what it is; columns: what the network says
    [
        [51, 3, 6],
        [2, 45, 3],
        [4, 12, 74],
    ]
)


class ReadTheTable(Predictions):
    """A confusion matrix of 4s, 7s and 9s; rows are true, columns what was said.

    [[51, 3, 6], [2, 45, 3], [4, 12, 74]]
    """

    truth = {  # noqa: RUF012
        "pictures": int(_CONFUSION.sum()),
        "accuracy": float(_CONFUSION.trace() / _CONFUSION.sum()),
        "7s in the set": int(_CONFUSION[1].sum()),
        "share of the 7s found": float(_CONFUSION[1, 1] / _CONFUSION[1].sum()),
        "right when it says 7": float(_CONFUSION[1, 1] / _CONFUSION[:, 1].sum()),
        "9s taken for 7s": int(_CONFUSION[2, 1]),
    }
    slips = {  # noqa: RUF012
        ("pictures", 170): '"pictures": 170 are those that it got right. Add up all.',
        (
            "pictures",
            9,
        ): '"pictures": 9 is the number of cells. Add up what is in them.',
        ("pictures", 30): '"pictures": 30 are its mistakes. Add up all nine cells.',
        ("accuracy", 170): '"accuracy": 170 are right. Which share of all is that?',
        ("accuracy", 0.15): '"accuracy": 0.15 is the share of mistakes.',
        (
            "7s in the set",
            60,
        ): '"7s in the set": 60 is the column: how often it says 7. The row is what '
        "they are.",
        (
            "7s in the set",
            45,
        ): '"7s in the set": 45 are those that it found. The others are in the row.',
        (
            "share of the 7s found",
            0.75,
        ): '"share of the 7s found": 45 of 60 is along the column: how often it is '
        "right when it says 7. Divide by the row.",
        (
            "share of the 7s found",
            0.225,
        ): '"share of the 7s found": 45 of all 200. Divide by the number of 7s.',
        (
            "share of the 7s found",
            0.1,
        ): '"share of the 7s found": 0.1 is the share that it missed.',
        (
            "share of the 7s found",
            45,
        ): '"share of the 7s found": 45 were found. Which share of all 7s is that?',
        (
            "right when it says 7",
            0.9,
        ): '"right when it says 7": 45 of 50 is along the row: the share of the 7s '
        "found. Divide by the column.",
        (
            "right when it says 7",
            0.225,
        ): '"right when it says 7": 45 of all 200. Divide by how often it says 7.',
        (
            "right when it says 7",
            0.25,
        ): '"right when it says 7": 0.25 is how often it is wrong then.',
        (
            "right when it says 7",
            45,
        ): '"right when it says 7": it is right 45 times. How often does it say 7?',
        (
            "9s taken for 7s",
            3,
        ): '"9s taken for 7s": 3 are 7s taken for 9s. Rows are what they are.',
        (
            "9s taken for 7s",
            15,
        ): '"9s taken for 7s": 15 are both ways together. Only 9s are asked for.',
        (
            "9s taken for 7s",
            4,
        ): '"9s taken for 7s": 4 are 9s taken for 4s. Columns stand for 4, 7 and 9.',
    }
    right = (
        "it finds nine of ten 7s, and yet one of four that it calls a 7 is none: "
        "mostly 9s. One accuracy would not have told."
    )
    hints = (
        "A row holds all pictures of one class. A column holds all that the network "
        "took for one.",
        "On the diagonal it was right. The accuracy is the sum of the diagonal, "
        "divided by the sum of all.",
        "Of the 7s look at the row, 2 + 45 + 3, for the share found; at the column, "
        "3 + 45 + 12, for how often it is right when it says 7.",
    )
    answer = (
        'table = {"pictures": 200, "accuracy": 0.85, "7s in the set": 50,\n'
        '    "share of the 7s found": 0.9, "right when it says 7": 0.75,\n'
        '    "9s taken for 7s": 12}'
    )
    why = (
        "All: 200, on the diagonal 51 + 45 + 74 = 170. The row of the 7s has 50, the "
        "column 60. The share found is called recall, how often it is right when it "
        "says so precision."
    )

    def nudge(self, key: str, value: float) -> str:
        """Ask for a share where percent came, of the right share or of a wrong one."""
        if self.truth[key] < 1 < value <= 100:
            return (
                f'"{key}": {written(value)} is no share. Give one between 0 and 1, not '
                "percent."
            )
        return super().nudge(key, value)


# -- exercise 6: a leak ----------------------------------------------------------------


def _shifted(images: NDArray) -> NDArray:
    return np.roll(images, 1, axis=2)


def _as_handed_out(images: NDArray, labels: NDArray, seed: int) -> tuple[NDArray, ...]:
    """Return what exercise 6 gives before it is mended."""
    x = np.concatenate([images, _shifted(images)])
    y = np.concatenate([labels, labels])
    order = np.random.default_rng(seed).permutation(len(x))
    aside = len(x) // 5
    train, val = order[aside:], order[:aside]
    return x[train], y[train], x[val], y[val]


class RepairALeak(Exercise):
    """A set that is doubled before it is split, so that twins stand on both sides."""

    stub = (
        "Mend the function, then run the cell again. As it is, twins of validation "
        "pictures are in training."
    )
    hints = (
        "Take one picture of x_val, and look for its twin, one pixel to the side. "
        "Where does it stand?",
        "The order is the mistake: the set is doubled first, then split.",
        "Split images and labels first, a fifth aside. Then shift x_train, and "
        "concatenate x_train with what comes out; the labels twice, too.",
    )
    answer = (
        "def prepare(images, labels, seed):\n"
        "    order = np.random.default_rng(seed).permutation(len(images))\n"
        "    aside = len(images) // 5\n"
        "    train, val = order[aside:], order[:aside]\n"
        "    x_train, y_train = images[train], labels[train]\n"
        "    shifted = np.roll(x_train, 1, axis=2)\n"
        "    x_train = np.concatenate([x_train, shifted])\n"
        "    y_train = np.concatenate([y_train, y_train])\n"
        "    return x_train, y_train, images[val], labels[val]"
    )
    why = (
        "A network that has seen a picture's twin nearly knows the picture. The "
        "accuracy then tells how well it remembers, and it comes out too high, "
        "without any error message. So split first, and do everything else after."
    )

    def examine(self, answer: Any) -> str:
        """Follow every picture of some small sets."""
        faults: list[str] = []
        as_handed_out = True
        for images, labels, seed in self.sets():
            given = call(answer, images.copy(), labels.copy(), seed, name="prepare")
            came = self._read(given)
            before = _as_handed_out(images, labels, seed)
            as_handed_out &= all(map(np.array_equal, came, before))
            fault = self._fault(images, labels, came)
            if fault:
                faults.append(f"for a set of {len(images)} pictures, {fault}")
        if as_handed_out:
            raise NotTried
        if faults:
            raise NotYet(faults[0])
        return (
            "split first, doubled after: no picture that it is judged by has a twin "
            "in training."
        )

    @staticmethod
    def sets() -> list[tuple[NDArray, NDArray, int]]:
        """Return small pictures with a dark edge, no two alike; labels; a seed."""
        rng = np.random.default_rng(66)
        made = []
        for count, classes, seed in ((20, 2, 0), (50, 5, 1), (35, 3, 2), (100, 10, 3)):
            images = np.zeros((count, 6, 6), np.uint8)
            images[:, 1:-1, 1:-1] = rng.integers(1, 256, (count, 4, 4))
            made.append((images, rng.permutation(np.arange(count) % classes), seed))
        return made

    @staticmethod
    def _read(given: Any) -> list[NDArray]:
        require(
            isinstance(given, list | tuple) and len(given) == 4,
            "prepare should return four arrays: x_train, y_train, x_val, y_val.",
        )
        came = [
            as_array(part, name)
            for part, name in zip(
                given, ("x_train", "y_train", "x_val", "y_val"), strict=True
            )
        ]
        for x, y, name in (
            (came[0], came[1], "train"),
            (came[2], came[3], "val"),
        ):
            require(
                x.ndim == 3 and x.shape[1:] == (6, 6),
                f"x_{name} has shape {x.shape}; the pictures are of 6 × 6 here, so "
                "(number, 6, 6) is wanted.",
            )
            require(
                y.shape == x.shape[:1],
                f"x_{name} has {len(x)} pictures, and y_{name} shape {y.shape}. One "
                "label for each is wanted.",
            )
        return came

    def _fault(
        self, images: NDArray, labels: NDArray, came: Sequence[NDArray]
    ) -> str | None:
        """Say what is wrong with the parts of one set."""
        known = {_key(one): (k, False) for k, one in enumerate(images)}
        known |= {_key(one): (k, True) for k, one in enumerate(_shifted(images))}
        x_train, y_train, x_val, y_val = came
        for x, name in ((x_train, "x_train"), (x_val, "x_val")):
            if any(_key(one) not in known for one in x):
                return (
                    f"{name} holds a picture that is neither one of the set nor one "
                    "shifted by one pixel to the right. Leave the pixels as they are."
                )
        train = [known[_key(one)] for one in x_train]
        val = [known[_key(one)] for one in x_val]
        for found, y, name in ((train, y_train, "y_train"), (val, y_val, "y_val")):
            wrong = sum(
                labels[k] != label for (k, _), label in zip(found, y, strict=True)
            )
            if wrong:
                return (
                    f"{wrong} of {len(y)} labels in {name} do not belong to their "
                    "pictures. Change the order of both, or of none."
                )
        return self._misplaced(len(images), train, val)

    @staticmethod
    def _misplaced(
        count: int, train: Sequence[tuple[int, bool]], val: Sequence[tuple[int, bool]]
    ) -> str | None:
        """Say which pictures stand where they should not, or are missing."""
        aside = {k for k, _ in val}
        leaks = len(aside & {k for k, _ in train})
        if leaks:
            return (
                f"{leaks} of {len(aside)} pictures in validation stand in training, "
                "too, as they are or shifted: that is the leak."
            )
        if len(val) > len(train):
            return (
                f"x_val has {len(val)} pictures, and x_train {len(train)}. Return them "
                "in this order: x_train, y_train, x_val, y_val."
            )
        shifted = sum(is_shifted for _, is_shifted in val)
        if shifted:
            return (
                f"{shifted} pictures in validation are shifted. It should be judged by "
                "pictures as they came: add twins to the training part only."
            )
        if not any(is_shifted for _, is_shifted in train):
            return "no shifted picture is in training. The leak is gone, the twins too."
        if abs(len(val) - count / 5) > max(1, count / 20):
            return (
                f"{len(val)} pictures are set aside; a fifth is wanted, {count // 5}."
            )
        wanted = {
            (k, twin) for k in set(range(count)) - aside for twin in (False, True)
        }
        missing = len(wanted - set(train))
        if missing:
            return (
                f"{missing} pictures are missing in training. Each that is not set "
                "aside belongs there as it is, and shifted."
            )
        if len(train) > len(wanted) or len(val) > len(aside):
            return "some pictures stand there more than once."
        return None


def _key(picture: NDArray) -> bytes:
    # Rounded, as other ways to shift calculate; + 0.0, as −0 has other bytes than 0.
    return (np.round(np.asarray(picture, np.float64), 6) + 0.0).tobytes()


p1 = Question(
    "p1",
    kind="number",
    prompt=(
        "A layer `Dense(128)` reads the 784 pixels of a digit. How many parameters "
        "does it have?"
    ),
    answer=100_480,
    why=(
        "each of the 128 units has 784 weights and a bias: 128 · 785 = 100,480. It has "
        "a weight of its own for each pixel, wherever the stroke lies."
    ),
    slips=(
        (100_352, "100,352 are the weights. Each of the 128 units has a bias, too."),
        (100_353, "each of the 128 units has a bias of its own."),
        (784, "784 weights has one unit, and a bias. There are 128 units."),
        (785, "785 has one unit. There are 128 units."),
        (912, "784 and 128 are multiplied: each unit has a weight for each pixel."),
        (913, "784 and 128 are multiplied: each unit has a weight for each pixel."),
        (101_136, "biases belong to the 128 units, not to the pixels."),
        (100_608, "one bias a unit: that makes 128 biases, not 256."),
        (128, "128 is the number of biases. Each unit has 784 weights, too."),
    ),
    nudge="that is not it. How many numbers has one unit? Then times 128.",
    hints=(
        "A unit has one weight for each number that comes in, and a bias.",
        "784 weights and 1 bias make 785. There are 128 units.",
    ),
)
p2 = Question(
    "p2",
    kind="shape",
    prompt=(
        "25 filters of 3×3 slide over a digit of shape (28, 28, 1), with padding "
        '"valid". What is the shape of the output?'
    ),
    answer=(26, 26, 25),
    why="a filter of 3 fits into 28 pixels at 26 places, and each filter makes a map.",
    slips=(
        ((28, 28, 25), 'that is with padding "same". Without it the edge is lost.'),
        ((26, 26), "that is one map. There are 25 filters."),
        ((26, 26, 1), "that is one map. There are 25 filters."),
        ((25, 25, 25), "28 − 3 leaves out the first place: add 1."),
        ((25, 25), "28 − 3 leaves out the first place: add 1. And how many maps?"),
        ((25, 25, 1), "28 − 3 leaves out the first place: add 1. And how many maps?"),
        ((28, 28, 1), "that is what comes in."),
        ((25, 26, 26), "the maps stand last: rows, columns, maps."),
        ((3, 3, 1, 25), "that is the shape of the filters. What comes out of them?"),
        ((3, 3, 25), "that is nearly the shape of the filters. What comes out?"),
    ),
    nudge="that is not it. At how many places does 3 fit into 28? How many maps?",
    hints=(
        "Without padding a filter must fit inside: 28 − 3 + 1 places along a row.",
        "Each filter makes one map, and the maps stand last.",
    ),
)
p3 = Question(
    "p3",
    kind="number",
    prompt=(
        "The second convolution of Hung-yi Lee's network has 50 filters of 3×3, and "
        "25 maps come in. How many weights has ONE of its filters, without the bias?"
    ),
    answer=225,
    why="3 · 3 weights for each of the 25 maps: a filter looks at all maps at once.",
    slips=(
        (9, "9 is for one map. 25 maps come in, and a filter looks at all of them."),
        (10, "that is for one map, with a bias. 25 maps come in."),
        (226, "226 is with the bias. Only the weights are asked for."),
        (11_250, "11,250 have all 50 filters together. One is asked for."),
        (11_300, "11,300 have all 50 filters, with biases. One is asked for."),
        (450, "50 is the number of filters. What counts is how many maps come in."),
        (75, "a filter has 3 · 3 weights for a map, not 3."),
        (28, "a filter has 9 weights of its own for each map: multiply."),
        (34, "a filter has 9 weights of its own for each map: multiply."),
    ),
    nudge="that is not it. A filter has 3 · 3 weights for each map that comes in.",
    hints=(
        "The first convolution gets one map, the digit. How many does the second get?",
        "A filter is as deep as what it slides over: 3 × 3 × 25.",
    ),
)
p4 = Question(
    "p4",
    kind="number",
    prompt=(
        "A picture of shape (32, 32, 3) goes through "
        '`Conv2D(64, 3, padding="same")`, then through `Flatten()`. How many numbers '
        "does the list have?"
    ),
    answer=65_536,
    why="64 maps of 32 × 32. That is why there is pooling before a list is made.",
    slips=(
        (57_600, 'that is with padding "valid": 30 · 30 · 64. "same" keeps the side.'),
        (1024, "1,024 has one map. There are 64."),
        (3072, "3,072 has the picture. What does the convolution make of it?"),
        (
            196_608,
            "each filter adds up over the 3 channels, and makes one map of them.",
        ),
        (64, "64 is the number of maps. Each has 32 · 32 numbers."),
        (16_384, "nothing pools here: the maps keep their side of 32."),
        (1792, "1,792 are the parameters of the convolution."),
    ),
    nudge="that is not it. How large is a map, and how many are there?",
    hints=(
        'With padding "same" a map is as large as the picture.',
        "There are 64 maps of 32 × 32.",
    ),
)
p5 = Question(
    "p5",
    kind="choice",
    prompt=(
        "You tried 30 settings, and looked at the TEST accuracy after each. You keep "
        "the best, and report its test accuracy. What is that number?"
    ),
    choices={
        "a": "too high, on average",
        "b": "fair: the network never learned from the test pictures",
        "c": "too low, on average",
    },
    answer="a",
    why=(
        "the best of 30 is partly the luckiest. Its luck was with these pictures, and "
        "others do not bring it again. So choose by validation pictures, and look at "
        "the test once, at the end."
    ),
    slips=(
        (
            "b",
            "the network did not learn from them, but you did: you chose by them. Is "
            "the best of 30 throws of dice a fair picture of the dice?",
        ),
        (
            "c",
            "you kept the largest of 30 numbers that all have some luck in them. "
            "Which way does that pull?",
        ),
    ),
    hints=(
        "Suppose all 30 settings are equally good. Are the 30 test accuracies equal?",
        "They differ by luck, and you report the largest of them.",
    ),
)
p6 = Question(
    "p6",
    kind="choice",
    prompt=(
        "A network that was trained on digits is shown the letter A. Softmax gives "
        '0.97 for "4". Which is true?'
    ),
    choices={
        "a": (
            "it is 97 % certain that a 4 was meant, and would say so less often if it "
            "were unsure"
        ),
        "b": "the network is broken",
        "c": (
            "of its ten answers it prefers 4; the probabilities have to add up to 1 "
            "even if none fits"
        ),
    },
    answer="c",
    why=(
        'there is no eleventh answer, "none of these". Softmax only compares the ten '
        "scores with each other, and an A looks more like a 4 than like any other."
    ),
    slips=(
        (
            "a",
            "it was never shown anything but digits, so it could not learn to be "
            "unsure of an A. 0.97 compares the 4 with nine other digits.",
        ),
        (
            "b",
            "it does what it was made for: it chooses one of ten. What else could it "
            "say?",
        ),
    ),
    hints=(
        'Which of its ten outputs could say "this is no digit"?',
        "Softmax makes ten numbers with the sum 1, whatever comes in.",
    ),
)
progress = Progress(globals())
q1 = LayerByLayer("q1")
q2 = Forward("q2")
q3 = WithinABudget("q3")
q4 = FoolIt("q4")
q5 = ReadTheTable("q5")
q6 = RepairALeak("q6")
q7 = SmallAsYouCan("q7")
