"""The networks of the lessons: functions that return new Keras models.

Every model here

- takes pixels as they come, from 0 to 255: its first layer scales them, so that this is
  done in one place, and neither twice nor not at all;
- has layers with names, so that one can ask for the maps of "edges";
- gives logits, in a last layer called "logits". The loss is then exact on every backend
  (``from_logits=True``), and a network that is sure of itself still has gradients that
  tell why. `with_softmax` adds the probabilities, for the eye and the browser;
- is not compiled: loss, optimiser and metrics are the lesson's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from helpers import _arguments
from helpers.networks.layers import MaxPooling2D, ResponseNormalization

#: What AlexNet's layers may bend their numbers with.
ACTIVATIONS = ("relu", "tanh", "sigmoid", "leaky_relu", "elu", "silu", "gelu")

_SMALLEST_ALEXNET = 67  # below, nothing is left for the last pooling


def mnist_dense(hidden: tuple[int, ...] = (128, 128), classes: int = 10) -> keras.Model:
    """Return a network of dense layers alone, for pictures of 28 × 28.

    Parameters
    ----------
    hidden
        Units of each layer but the last.
    classes
        How many there are to choose from.

    Returns
    -------
    keras.Model
        From (28, 28, 1), 0 to 255, to (classes,) logits. Not compiled.

    Examples
    --------
    >>> mnist_dense().count_params()
    118282
    """
    middle: list[Any] = [layers.Flatten(name="list")]
    for number, units in enumerate(_units(hidden), 1):
        middle.append(layers.Dense(units, activation="relu", name=f"hidden{number}"))
    return _digits("mnist_dense", middle, classes)


def mnist_cnn(classes: int = 10) -> keras.Model:
    """Return Hung-yi Lee's convolutional network for digits.

    28×28×1 → 25 filters of 3×3 → 26×26×25 → pooled 13×13×25 → 50 filters of 3×3 →
    11×11×50 → pooled 5×5×50 → a list of 1,250 → 100 → 10.

    Parameters
    ----------
    classes
        How many there are to choose from.

    Returns
    -------
    keras.Model
        From (28, 28, 1), 0 to 255, to (classes,) logits. Not compiled.

    Examples
    --------
    >>> model = mnist_cnn()
    >>> model.get_layer("filters2").output.shape
    (None, 11, 11, 50)
    >>> model.get_layer("list").output.shape
    (None, 1250)
    """
    middle = [
        layers.Conv2D(25, 3, activation="relu", name="filters1"),
        layers.MaxPooling2D(name="pool1"),
        layers.Conv2D(50, 3, activation="relu", name="filters2"),
        layers.MaxPooling2D(name="pool2"),
        layers.Flatten(name="list"),
        layers.Dense(100, activation="relu", name="hidden"),
    ]
    return _digits("mnist_cnn", middle, classes)


def mnist_better(
    classes: int = 10, dropout: float = 0.3, *, width: float = 1, pooled: int = 1
) -> keras.Model:
    """Return a network that learns MNIST to about 99.3 % in a few epochs.

    The first convolution strides, which saves most of the time; batch normalisation
    lets it learn fast, dropout before the last layer keeps it from learning by heart.
    It is made for batches of 128, Adam, and a rate of
    `helpers.networks.training.cosine`.

    Parameters
    ----------
    classes
        How many there are to choose from.
    dropout
        The share of numbers that is dropped before the last layer.
    width
        How many filters, as a share of 16, 32 and 64.
    pooled
        Maps are halved twice: 28 → 14 → 7. How often by pooling, instead of a
        convolution that strides: 0, 1 (the second time) or 2. The number of weights is
        the same.

    Returns
    -------
    keras.Model
        From (28, 28, 1), 0 to 255, to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> mnist_better().count_params()
    55258
    """
    width = _arguments.real(width, "width", above=0)
    filters = [_scaled(count, width) for count in (16, 32, 64)]
    middle = [
        *_three_convolutions(filters, _arguments.whole(pooled, "pooled", 0, 2)),
        layers.Flatten(name="list"),
        layers.Dropout(_share(dropout, "dropout"), name="dropout"),
    ]
    return _digits("mnist_better", middle, classes)


def mnist_fast(
    classes: int = 10, dropout: float = 0.3, *, width: float = 1
) -> keras.Model:
    """Return a network that learns MNIST to more than 99.3 % in half a minute.

    Like `mnist_better`, with less to compute: no padding, since digits have an empty
    rim; pooling before batch normalisation, which then has a quarter of the numbers to
    look at. Train it on pictures that are moved a little, `shaken`.

    Parameters
    ----------
    classes
        How many there are to choose from.
    dropout
        The share of numbers that is dropped before the last layer.
    width
        How many filters, as a share of 16, 32 and 64.

    Returns
    -------
    keras.Model
        From (28, 28, 1), 0 to 255, to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> model = mnist_fast()
    >>> model.count_params()
    29658
    >>> model.get_layer("bend3").output.shape
    (None, 3, 3, 64)
    """
    width = _arguments.real(width, "width", above=0)
    first, second, third = (_scaled(count, width) for count in (16, 32, 64))
    valid = {"padding": "valid"}
    middle = [
        *_normalised(1, first, 5, pool="pool1", **valid),
        *_normalised(2, second, 3, pool="pool2", **valid),
        *_normalised(3, third, 3, **valid),
        layers.Flatten(name="list"),
        layers.Dropout(_share(dropout, "dropout"), name="dropout"),
    ]
    return _digits("mnist_fast", middle, classes)


def quickdraw(classes: int = 6, dropout: float = 0.2) -> keras.Model:
    """Return a small network for drawings of 28 × 28.

    Strokes lie anywhere in a drawing, so it averages each map of its last convolution
    over all places instead of giving each place weights of its own.

    Parameters
    ----------
    classes
        How many there are to choose from.
    dropout
        The share of numbers that is dropped before the last layer.

    Returns
    -------
    keras.Model
        From (28, 28, 1), 0 to 255, to (classes,) logits. Not compiled.

    Examples
    --------
    >>> quickdraw().count_params()
    53694
    """
    middle = [
        *_three_convolutions((24, 48, 96)),
        layers.GlobalAveragePooling2D(name="average"),
        layers.Dropout(_share(dropout, "dropout"), name="dropout"),
    ]
    return _digits("quickdraw", middle, classes)


def alexnet(
    size: int = 227,
    classes: int = 1000,
    *,
    width: float = 1,
    groups: int = 1,
    dropout: float = 0.5,
    activation: str = "relu",
    batch_normalization: bool = False,
    response_normalization: bool = False,
    l1: float = 0,
    l2: float = 0,
) -> keras.Model:
    """Return AlexNet, of any size and width.

    As Krizhevsky, Sutskever and Hinton built it (2012). Pixels are scaled to -1 … 1
    where they subtracted the mean of all pictures.

    Parameters
    ----------
    size
        Side of the pictures, 67 or more: with 227 as in the paper's figures.
    classes
        How many there are to choose from.
    width
        How many filters and units, as a share of the original's.
    groups
        2 for the layers 2, 4 and 5 in two halves that do not see each other, as they
        lay on two graphics cards; 1 for one tower.
    dropout
        In the two large dense layers; 0 for none.
    activation
        Of all layers but the last, one of `ACTIVATIONS`.
    batch_normalization
        True for batch normalisation behind each convolution, before its activation.
    response_normalization
        True for the paper's normalisation of neighbouring maps before the first two
        poolings, which later networks left out.
    l1, l2
        Weight decay: what the loss gets for the size of each weight, and for its
        square, biases left out. The paper takes 0.0005 of each weight, times the
        learning rate, at a step: that is an `l2` of 0.00025, since w² has slope 2w.

    Returns
    -------
    keras.Model
        From (size, size, 3), 0 to 255, to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> quarter = alexnet(128, classes=5, width=0.25)
    >>> quarter.get_layer("filters5").output.shape
    (None, 6, 6, 64)
    """
    size = _arguments.whole(size, "size", _SMALLEST_ALEXNET)
    classes = _classes(classes)
    width = _arguments.real(width, "width", above=0)
    groups = _arguments.whole(groups, "groups", 1, 2)
    dropout = _share(dropout, "dropout")
    normal = _arguments.flag(batch_normalization, "batch_normalization")
    neighbours = _arguments.flag(response_normalization, "response_normalization")
    activation = _arguments.word(activation, "activation", ACTIVATIONS)
    decay = _decay(l1, l2)

    def convolution(number: int, filters: int, kernel: int, **settings: Any) -> list:
        filters = _scaled(filters, width, groups)
        settings = {"padding": "valid", **decay, **settings}
        if normal:
            return _normalised(number, filters, kernel, activation, **settings)
        settings |= {"activation": activation, "name": f"filters{number}"}
        return [layers.Conv2D(filters, kernel, **settings)]

    def dense(number: int) -> list:
        units, name = _scaled(4096, width), f"hidden{number}"
        made = [layers.Dense(units, activation=activation, name=name, **decay)]
        return [*made, layers.Dropout(dropout, name=f"dropout{number}")]

    def pool(number: int) -> list:
        pooling = MaxPooling2D(3, strides=2, name=f"pool{number}")
        if neighbours and number < 5:
            return [ResponseNormalization(name=f"neighbours{number}"), pooling]
        return [pooling]

    two = {"padding": "same", "groups": groups}
    return keras.Sequential(
        [
            keras.Input((size, size, 3), name="photo"),
            layers.Rescaling(1 / 127.5, offset=-1, name="pixels"),
            *(*convolution(1, 96, 11, strides=4), *pool(1)),
            *(*convolution(2, 256, 5, **two), *pool(2)),
            *convolution(3, 384, 3, padding="same"),
            *convolution(4, 384, 3, **two),
            *(*convolution(5, 256, 3, **two), *pool(5)),
            layers.Flatten(name="list"),
            *(*dense(6), *dense(7)),
            layers.Dense(classes, name="logits", **decay),
        ],
        name="alexnet",
    )


def small_resnet(
    size: int = 128,
    classes: int = 5,
    *,
    dropout: float = 0.2,
    batch_normalization: bool = True,
    shortcut: bool = True,
    hidden: tuple[int, ...] = (),
) -> keras.Model:
    """Return a small network for photos, as one would build it ten years later.

    What it has that AlexNet had not can be switched off one by one: batch
    normalisation (Ioffe and Szegedy 2015), a block whose input goes around it and is
    added to what comes out (He and others 2015), and the mean of each last map in place
    of large dense layers (Lin, Chen and Yan 2013).

    Parameters
    ----------
    size
        Side of the photos, 32 or more.
    classes
        How many there are to choose from.
    dropout
        Before the last layer, and behind each of the `hidden`; 0 for none.
    batch_normalization
        False to leave it out; the convolutions then have biases.
    shortcut
        False for a block that nothing goes around.
    hidden
        Units of dense layers that read all places of the last maps; empty for the mean
        of each map.

    Returns
    -------
    keras.Model
        From (size, size, 3), 0 to 255, to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        Anything that cannot be.

    Examples
    --------
    >>> small_resnet().count_params()
    388589
    """
    size = _arguments.whole(size, "size", 32)
    dropout = _share(dropout, "dropout")
    normal = _arguments.flag(batch_normalization, "batch_normalization")
    shortcut = _arguments.flag(shortcut, "shortcut")
    hidden = _units(hidden)

    def convolved(
        x: Any, number: int, filters: int, kernel: int = 3, **how: Any
    ) -> Any:
        """Return what a convolution makes of maps, normalised."""
        name = f"filters{number}"
        settings = {"padding": "same", "use_bias": not normal, "name": name, **how}
        x = layers.Conv2D(filters, kernel, **settings)(x)
        return layers.BatchNormalization(name=f"norm{number}")(x) if normal else x

    def bent(x: Any, number: int) -> Any:
        return layers.Activation("relu", name=f"bend{number}")(x)

    def pooled(x: Any, number: int) -> Any:
        return layers.MaxPooling2D(name=f"pool{number}")(x)

    photo = keras.Input((size, size, 3), name="photo")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="pixels")(photo)
    x = pooled(bent(convolved(x, 1, 24, 5, strides=2), 1), 1)
    x = pooled(bent(convolved(x, 2, 48), 2), 2)
    x = around = bent(convolved(x, 3, 96), 3)
    x = convolved(bent(convolved(x, 4, 96), 4), 5, 96)
    if shortcut:
        x = layers.Add(name="sum")([x, around])
    x = pooled(bent(x, 5), 5)
    x = bent(convolved(x, 6, 192), 6)
    if hidden:
        x = layers.Flatten(name="list")(x)
        for number, units in enumerate(hidden, 7):
            name = f"hidden{number}"
            x = layers.Dense(units, activation="relu", name=name)(x)
            x = layers.Dropout(dropout, name=f"dropout{number}")(x)
    else:
        x = layers.GlobalAveragePooling2D(name="average")(x)
        x = layers.Dropout(dropout, name="dropout")(x)
    logits = layers.Dense(_classes(classes), name="logits")(x)
    return keras.Model(photo, logits, name="small_resnet")


def shaken(
    model: keras.Model, *, shift: float = 0.08, turn: float = 12, zoom: float = 0.15
) -> keras.Model:
    """Return a model that moves, turns and scales what it learns from.

    Each picture is changed anew whenever it is seen, in training alone; what comes into
    it from outside is 0. The layers of the model are shared: train this one, use the
    other.

    Parameters
    ----------
    model
        One that takes pictures.
    shift
        Up to which share of its sides a picture is moved.
    turn
        Up to how many degrees it is turned.
    zoom
        Up to which share it is made larger or smaller.

    Returns
    -------
    keras.Model
        From the model's input to its output. Not compiled.

    Examples
    --------
    >>> model = mnist_better()
    >>> learner = shaken(model)
    >>> learner.count_params() == model.count_params()
    True
    """
    _refuse_without_input(model)
    shift, zoom = _share(shift, "shift"), _share(zoom, "zoom")
    turned = _arguments.real(turn, "turn", 0, 180) / 360
    ground = {"fill_mode": "constant", "fill_value": 0.0}
    return keras.Sequential(
        [
            keras.Input(model.input_shape[1:]),
            layers.RandomRotation((-turned, turned), **ground),
            layers.RandomZoom((-zoom, zoom), **ground),
            layers.RandomTranslation((-shift, shift), (-shift, shift), **ground),
            model,
        ],
        name=f"shaken_{model.name}",
    )


def with_softmax(model: keras.Model) -> keras.Model:
    """Return a model with its probabilities: a softmax behind its logits.

    It shares all layers with the model it was made of, and so learns with it.

    Parameters
    ----------
    model
        One that gives logits.

    Returns
    -------
    keras.Model
        Its last layer is called "probabilities". Not compiled.

    Examples
    --------
    >>> sure = with_softmax(mnist_cnn())
    >>> round(float(keras.ops.sum(sure(keras.ops.zeros((1, 28, 28, 1))))), 5)
    1.0
    """
    _refuse_without_input(model)
    probabilities = layers.Softmax(name="probabilities")(model.outputs[0])
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, probabilities, name=model.name)


def _digits(name: str, middle: list[Any], classes: int) -> keras.Model:
    """Return a network for pictures of 28 × 28, between its first and last layer."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="picture"),
            layers.Rescaling(1 / 255, name="pixels"),
            *middle,
            layers.Dense(_classes(classes), name="logits"),
        ],
        name=name,
    )


def _three_convolutions(filters: Sequence[int], pooled: int = 1) -> list[Any]:
    """Return what goes from 28 × 28 to 7 × 7 maps: a stride, then a pooling."""
    first, second, third = filters
    names = ("pool1", "pool2") if pooled == 2 else ("", "pool")
    return [
        *_normalised(1, first, 5, strides=1 if pooled == 2 else 2),
        *([layers.MaxPooling2D(name=names[0])] if pooled == 2 else []),
        *_normalised(2, second, 3, strides=1 if pooled else 2),
        *([layers.MaxPooling2D(name=names[1])] if pooled else []),
        *_normalised(3, third, 3),
    ]


def _normalised(
    number: int,
    filters: int,
    size: int,
    activation: str = "relu",
    *,
    pool: str = "",
    **settings: Any,
) -> list[Any]:
    """Return a convolution, a pooling if it has a name, normalisation, activation.

    Without a bias: the normalisation would take it away again.
    """
    settings = {"padding": "same", "use_bias": False, **settings}
    return [
        layers.Conv2D(filters, size, name=f"filters{number}", **settings),
        *([layers.MaxPooling2D(name=pool)] if pool else []),
        layers.BatchNormalization(name=f"norm{number}"),
        layers.Activation(activation, name=f"bend{number}"),
    ]


def _decay(l1: Any, l2: Any) -> dict[str, Any]:
    """Return the setting of a layer whose weights are kept small, if they are."""
    l1, l2 = _arguments.real(l1, "l1", 0), _arguments.real(l2, "l2", 0)
    if not l1 and not l2:
        return {}
    return {"kernel_regularizer": keras.regularizers.L1L2(l1, l2)}


def _refuse_without_input(model: Any) -> None:
    if not isinstance(model, keras.Model) or getattr(model, "inputs", None) is None:
        need = "Give a keras.Model that begins with keras.Input(shape)"
        raise _arguments.refusal("model", _arguments.shown(model), need)


def _scaled(count: int, width: float, groups: int = 1) -> int:
    """Return how many filters or units there are, a multiple of the groups."""
    return max(1, round(count * width / groups)) * groups


def _units(value: Any) -> tuple[int, ...]:
    if not _arguments.is_sequence(value):
        need = "Give the units of each layer, like (128, 128)"
        raise _arguments.refusal("hidden", _arguments.shown(value), need)
    return tuple(_arguments.whole(units, "hidden") for units in value)


def _classes(value: Any) -> int:
    return _arguments.whole(value, "classes", 2)


def _share(value: Any, name: str) -> float:
    share = _arguments.real(value, name, 0)
    if share >= 1:
        raise _arguments.refusal(name, _arguments.shown(value), "Give a share below 1")
    return share
