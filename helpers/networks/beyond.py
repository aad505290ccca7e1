"""The networks of lesson 09: a board, a sound, a sentence in place of a picture.

As in `models`: layers have names, the last one gives logits, and nothing is compiled.
Boards and sounds come as planes of numbers (rows, columns, channels), sentences as
numbers of words. What differs between two networks that are compared is one thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from helpers import _arguments
from helpers.networks.layers import PositionBias

#: Along what the filters of `spoken` slide; "nothing" stands for dense layers.
SLIDES = ("time and frequency", "time", "frequency", "nothing")

#: What the last layer of `spoken` gets of the maps.
HEADS = ("list", "average in time", "average")


# -- a board ---------------------------------------------------------------------------


def go_policy(
    filters: int = 48,
    convolutions: int = 5,
    *,
    pooled: bool = False,
    planes: int = 14,
    size: int = 19,
) -> keras.Model:
    """Return a small network that says where a Go player moves next.

    As AlphaGo's first network (`alphago_policy`), with fewer and narrower layers, each
    normalised: the board is padded by 2, then come filters of 5 × 5, then of 3 × 3; a
    last one of 1 × 1 gives each place a number, and a bias of its own.

    Parameters
    ----------
    filters
        Of each layer but the last.
    convolutions
        How many layers there are before the last.
    pooled
        With max pooling behind the second and the fourth convolution. What is left has
        lost its places, so a dense layer must find them again.
    planes
        Numbers that each place comes with.
    size
        Places a side.

    Returns
    -------
    keras.Model
        From (size, size, planes) to (size · size,) logits, row by row. Not compiled.

    Raises
    ------
    ValueError
        For what are no such numbers, and for a pooled board of less than 4 places.

    Examples
    --------
    >>> go_policy().count_params()
    101113
    """
    filters = _arguments.whole(filters, "filters")
    convolutions = _arguments.whole(convolutions, "convolutions")
    pooled = _arguments.flag(pooled, "pooled")
    size = _arguments.whole(size, "size", 4 if pooled else 1)
    board = _board(size, planes)
    x = layers.ZeroPadding2D(2, name="rim")(board)
    for number in range(1, convolutions + 1):
        kernel, padding = (5, "valid") if number == 1 else (3, "same")
        x = _convolved(x, number, filters, kernel, padding=padding)
        if pooled and number in (2, 4):
            x = layers.MaxPooling2D(name=f"pool{number}")(x)
    if pooled:
        x = layers.Conv2D(16, 1, activation="relu", name="fewer")(x)
        x = layers.Flatten(name="list")(x)
        logits = layers.Dense(size * size, name="logits")(x)
    else:
        logits = _one_number_a_place(x)
    return keras.Model(board, logits, name="go_pooled" if pooled else "go_policy")


def go_dense(
    hidden: Sequence[int] = (19,), *, planes: int = 14, size: int = 19
) -> keras.Model:
    """Return a network for the same task, of dense layers alone.

    Parameters
    ----------
    hidden
        Units of each layer but the last: 19 make about as many weights as `go_policy`
        has, since each of them looks at all numbers of the board.
    planes, size
        As in `go_policy`.

    Returns
    -------
    keras.Model
        From (size, size, planes) to (size · size,) logits. Not compiled.

    Raises
    ------
    ValueError
        For what are no such numbers.

    Examples
    --------
    >>> go_dense().count_params()
    103322
    """
    size = _arguments.whole(size, "size")
    board = _board(size, planes)
    x = _dense(layers.Flatten(name="list")(board), _counts(hidden, "hidden"))
    logits = layers.Dense(size * size, name="logits")(x)
    return keras.Model(board, logits, name="go_dense")


def alphago_policy(filters: int = 192) -> keras.Model:
    """Return AlphaGo's policy network, as its paper describes it.

    Silver and others, *Mastering the game of Go with deep neural networks and tree
    search*, Nature 529, 2016: "The first hidden layer zero pads the input into a
    23 × 23 image, then convolves k filters of kernel size 5 × 5 with stride 1 with the
    input image and applies a rectifier nonlinearity. Each of the subsequent hidden
    layers 2 to 12 zero pads the respective previous hidden layer into a 21 × 21 image,
    then convolves k filters of kernel size 3 × 3 with stride 1, again followed by a
    rectifier nonlinearity. The final layer convolves 1 filter of kernel size 1 × 1 with
    stride 1, with a different bias for each position, and applies a softmax function."
    The softmax is left to the loss.

    Parameters
    ----------
    filters
        The paper's k; those that played had 192.

    Returns
    -------
    keras.Model
        From (19, 19, 48) to (361,) logits. Not compiled.

    Raises
    ------
    ValueError
        For what is no number of filters.

    Examples
    --------
    >>> alphago_policy().count_params()
    3882793
    """
    filters = _arguments.whole(filters, "filters")
    x = board = _board(19, 48)
    for number in range(1, 13):
        kernel = 5 if number == 1 else 3
        x = layers.ZeroPadding2D(kernel // 2, name=f"rim{number}")(x)
        settings = {"activation": "relu", "name": f"filters{number}"}
        x = layers.Conv2D(filters, kernel, **settings)(x)
    return keras.Model(board, _one_number_a_place(x), name="alphago_policy")


def _board(size: int, planes: int) -> Any:
    planes = _arguments.whole(planes, "planes")
    return keras.Input((size, size, planes), name="board")


def _one_number_a_place(x: Any) -> Any:
    """Return logits: a filter of 1 × 1, and for each place a bias of its own."""
    x = layers.Conv2D(1, 1, use_bias=False, name="score")(x)
    x = PositionBias(name="places")(x)
    return layers.Flatten(name="logits")(x)


# -- a sound ---------------------------------------------------------------------------


def spoken(
    slides: str = "time and frequency",
    head: str = "list",
    *,
    mels: int = 40,
    frames: int = 49,
    filters: Sequence[int] = (16, 32, 64),
    dropout: float = 0.3,
    quietest: float | None = 0.9,
    classes: int = 10,
) -> keras.Model:
    """Return a network that names a spoken word from its spectrogram.

    All have three layers, normalised, and differ in the shape of their filters alone.
    One that covers all frequencies has no room to slide but in time, and the other way
    round.

    Parameters
    ----------
    slides
        One of `SLIDES`.
    head
        What the last layer gets: "list", all numbers of the maps; "average in time",
        of each map a number a frequency; "average", one number a map. Dense layers make
        a list, and nothing else.
    mels, frames
        Rows and columns of the spectrogram.
    filters
        Of each layer, or units.
    dropout
        Before the last layer.
    quietest
        What is quieter is as silence, in the numbers that come; None leaves them as
        they are. Behind a short word stands perfect silence, which no room has: a
        network sees by it how long the word is and how much the microphone rustles.
    classes
        How many there are to choose from.

    Returns
    -------
    keras.Model
        From (mels, frames, 1) to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        For other words, what are no such numbers, a spectrogram too small for so many
        layers, and a head that dense layers cannot have.

    Examples
    --------
    >>> spoken("time").get_layer("filters1").kernel_size
    (40, 3)
    >>> spoken("frequency").get_layer("filters1").kernel_size
    (3, 49)
    """
    slides = _arguments.word(slides, "slides", SLIDES)
    head = _arguments.word(head, "head", HEADS)
    mels, frames = _arguments.whole(mels, "mels"), _arguments.whole(frames, "frames")
    filters, dropout = _counts(filters, "filters"), _share(dropout)
    sound = keras.Input((mels, frames, 1), name="spectrogram")
    x = sound
    if quietest is not None:
        quietest = _arguments.real(quietest, "quietest")
        x = layers.Rescaling(1.0, -quietest, name="above")(x)
        x = layers.ReLU(name="heard")(x)
    if slides == "nothing":
        if head != "list":
            came = f'"{head}" where nothing slides'
            raise _arguments.refusal("head", came, 'Dense layers have a "list" only')
        x = _dense(layers.Flatten(name="list")(x), filters)
    else:
        x = _slid(x, slides, filters)
        if head == "average in time":
            x = layers.AveragePooling2D((1, x.shape[2]), name="in_time")(x)
        if head == "average":
            x = layers.GlobalAveragePooling2D(name="average")(x)
        else:
            x = layers.Flatten(name="list")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(sound, _logits(x, classes), name="spoken")


def _slid(x: Any, slides: str, filters: Sequence[int]) -> Any:
    """Return what convolutions make of a spectrogram, halved where they slide."""
    ways = ("frequency" in slides, "time" in slides)
    for number, count in enumerate(filters, 1):
        sides = x.shape[1:3]
        # A filter of 3 leaves 2 fewer, and of less than 2 nothing can be halved.
        if any(way and side < 4 for way, side in zip(ways, sides, strict=True)):
            came = (
                f"{len(filters)} layers, of which number {number} gets {sides} numbers"
            )
            need = "Give fewer, or a larger spectrogram"
            raise _arguments.refusal("filters", came, need)
        rows, columns = (3 if way else n for way, n in zip(ways, sides, strict=True))
        x = _convolved(x, number, count, (rows, columns))
        halved = tuple(2 if way else 1 for way in ways)
        x = layers.MaxPooling2D(halved, name=f"pool{number}")(x)
    return x


# -- a sentence ------------------------------------------------------------------------


def sentence_cnn(
    vocabulary: int,
    *,
    widths: Sequence[int] = (3, 4, 5),
    filters: int = 64,
    dimensions: int = 64,
    forgotten: float = 0.0,
    dropout: float = 0.5,
    classes: int = 2,
    length: int | None = None,
) -> keras.Model:
    """Return a network whose filters slide over the words of a sentence.

    After Kim, *Convolutional neural networks for sentence classification*, 2014
    (arXiv:1408.5882): each word becomes a row of numbers, which are learned, too; a
    filter sees so many words in a row, in all their numbers, so it has no room to slide
    but along the sentence. Of what it says at all places, the largest number is kept.

    A sentence must end in as many paddings as the widest filter has words, or more:
    then further ones change nothing. (A mask would not help: neither convolutions nor
    poolings keep to it.)

    Parameters
    ----------
    vocabulary
        How many words there are, padding and unknown ones included.
    widths
        Words that a filter sees.
    filters
        Of each width.
    dimensions
        Numbers of a word.
    forgotten
        Share of whole words that are left out in training: dropout that takes all of a
        word's numbers together, so that no single word is relied upon.
    dropout
        Of single numbers of a word, and before the last layer.
    classes
        How many there are to choose from.
    length
        Numbers of words that come, paddings included; None for any, as long as all of a
        batch have as many. `export.network` wants to know it.

    Returns
    -------
    keras.Model
        From (length,) numbers of words to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        For what are no such numbers; for a length that a filter does not fit into.

    Examples
    --------
    >>> model = sentence_cnn(100)
    >>> [tuple(model.get_layer(f"width{n}").kernel.shape) for n in (3, 4, 5)]
    [(3, 64, 64), (4, 64, 64), (5, 64, 64)]
    """
    widths, filters = _widths(widths), _arguments.whole(filters, "filters")
    forgotten, dropout = _share(forgotten, "forgotten"), _share(dropout)
    if length is not None:
        length = _arguments.whole(length, "length", max(widths))
    sentence = keras.Input((length,), dtype="int32", name="sentence")
    x = _words(sentence, vocabulary, dimensions)
    x = layers.Dropout(forgotten, noise_shape=(None, None, 1), name="forgotten")(x)
    x = layers.Dropout(dropout, name="dropout1")(x)
    strongest = []
    for width in widths:
        name = f"width{width}"
        found = layers.Conv1D(filters, width, activation="relu", name=name)(x)
        strongest.append(layers.GlobalMaxPooling1D(name=f"strongest{width}")(found))
    x = strongest[0]
    if len(strongest) > 1:
        x = layers.Concatenate(name="strongest")(strongest)
    x = layers.Dropout(dropout, name="dropout2")(x)
    return keras.Model(sentence, _logits(x, classes), name="sentence_cnn")


def sentence_mean(
    vocabulary: int,
    *,
    hidden: Sequence[int] = (64,),
    dimensions: int = 64,
    dropout: float = 0.5,
    classes: int = 2,
) -> keras.Model:
    """Return a network for the same task that knows nothing of the order of words.

    The rows of numbers of all words are averaged, paddings left out; dense layers
    follow.

    Parameters
    ----------
    vocabulary, dimensions, dropout, classes
        As in `sentence_cnn`.
    hidden
        Units of the dense layers but the last.

    Returns
    -------
    keras.Model
        From (length,) numbers of words, any length, to (classes,) logits. Not compiled.

    Raises
    ------
    ValueError
        For what are no such numbers.

    Examples
    --------
    >>> import numpy as np
    >>> model = sentence_mean(100)
    >>> once = model(np.array([[5, 7, 0, 0]]), training=False)
    >>> again = model(np.array([[7, 5, 0, 0, 0]]), training=False)
    >>> bool(np.allclose(once, again, atol=1e-6))
    True
    """
    hidden, dropout = _counts(hidden, "hidden"), _share(dropout)
    sentence = keras.Input((None,), dtype="int32", name="sentence")
    x = _words(sentence, vocabulary, dimensions, mask_zero=True)
    x = layers.Dropout(dropout, name="dropout1")(x)
    x = layers.GlobalAveragePooling1D(name="mean")(x)
    for number, units in enumerate(hidden, 1):
        x = layers.Dense(units, activation="relu", name=f"hidden{number}")(x)
    x = layers.Dropout(dropout, name="dropout2")(x)
    return keras.Model(sentence, _logits(x, classes), name="sentence_mean")


def _words(sentence: Any, vocabulary: int, dimensions: int, **settings: Any) -> Any:
    """Return the rows of numbers of words."""
    vocabulary = _arguments.whole(vocabulary, "vocabulary", 2)
    dimensions = _arguments.whole(dimensions, "dimensions")
    return layers.Embedding(vocabulary, dimensions, name="words", **settings)(sentence)


def _widths(value: Any) -> tuple[int, ...]:
    """Return the widths of filters: at least one, and none twice."""
    widths = _counts(value, "widths")
    if not widths or len(set(widths)) < len(widths):
        need = "Give each once, like (3, 4, 5)"
        raise _arguments.refusal("widths", _arguments.shown(value), need)
    return widths


# -- what they share -------------------------------------------------------------------


def _convolved(
    x: Any, number: int, filters: int, kernel: int | tuple[int, int], **settings: Any
) -> Any:
    """Return what a layer of filters makes of maps, normalised and bent."""
    settings = {"use_bias": False, "name": f"filters{number}", **settings}
    return _bent(layers.Conv2D(filters, kernel, **settings)(x), number)


def _dense(x: Any, hidden: Sequence[int]) -> Any:
    """Return what dense layers make of a list, normalised and bent."""
    for number, units in enumerate(hidden, 1):
        name = f"hidden{number}"
        x = _bent(layers.Dense(units, use_bias=False, name=name)(x), number)
    return x


def _bent(x: Any, number: int) -> Any:
    x = layers.BatchNormalization(name=f"norm{number}")(x)
    return layers.Activation("relu", name=f"bend{number}")(x)


def _logits(x: Any, classes: Any) -> Any:
    return layers.Dense(_arguments.whole(classes, "classes", 2), name="logits")(x)


def _counts(value: Any, name: str) -> tuple[int, ...]:
    """Return how many there are in each layer."""
    if not _arguments.is_sequence(value):
        need = "Give one number a layer, like (16, 32)"
        raise _arguments.refusal(name, _arguments.shown(value), need)
    return tuple(_arguments.whole(count, name) for count in value)


def _share(value: Any, name: str = "dropout") -> float:
    share = _arguments.real(value, name, 0)
    if share >= 1:
        raise _arguments.refusal(name, _arguments.shown(value), "Give a share below 1")
    return share
