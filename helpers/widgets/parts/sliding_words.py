"""Networks whose filters slide over the words of a sentence, taken apart.

`sentence_scanner_network.js` reads the same out of the same description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments
from helpers.networks.exported import Network
from helpers.texts import Vocabulary

_NEED = "Give one as helpers.networks.beyond.sentence_cnn makes it"


@dataclass(frozen=True)
class Filters:
    """Filters of one width.

    Attributes
    ----------
    layer
        Its name.
    width
        How many words each sees.
    count
        How many there are.
    """

    layer: str
    width: int
    count: int


@dataclass(frozen=True)
class Taken:
    """A network, taken apart.

    Attributes
    ----------
    filters
        Those of each width, in the order in which the last layer weighs them.
    weights
        (filters, classes): what the largest number of each counts for a class.
    bias
        (classes,): where each begins.
    length
        How many numbers of words go in.
    words
        How many of them may be words: paddings end each sentence.
    """

    filters: tuple[Filters, ...]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    length: int
    words: int

    @property
    def widths(self) -> tuple[int, ...]:
        """The width of every single filter."""
        return tuple(some.width for some in self.filters for _ in range(some.count))

    def numbered(self, number: int) -> tuple[Filters, int]:
        """Return the layer of a filter, and its place there."""
        for some in self.filters:
            if number < some.count:
                break
            number -= some.count
        return some, number


def taken_apart(network: Network) -> Taken:
    """Return the parts of a network of sentences.

    Raises
    ------
    ValueError
        For one that is made otherwise.
    """
    layers = network.description["layers"]
    [last] = network.description["outputs"]
    if layers[last]["kind"] == "activation":
        [last] = layers[last]["inputs"]
    dense = _of_kind(layers, last, "dense")
    [strongest] = dense["inputs"]
    joined = layers[strongest]["kind"] == "concatenate"
    pools = layers[strongest]["inputs"] if joined else [strongest]
    filters = tuple(_filters(layers, number) for number in pools)
    weights = network.weights(dense["name"])
    [entry] = network.description["inputs"]
    length = int(layers[entry]["shape"][0])
    about = network.description.get("about", {})
    words = about.get("words", length - max(some.width for some in filters))
    if not 1 <= words <= length:
        need = "Give it room for a word, and as many paddings as its widest filter sees"
        raise _arguments.refusal("network", f"one that takes ({length},)", need)
    classes = dense["shape"][0]
    return Taken(
        filters,
        weights["kernel"].astype(np.float64),
        weights.get("bias", np.zeros(classes)).astype(np.float64),
        length,
        int(words),
    )


def _filters(layers: list[dict[str, Any]], number: int) -> Filters:
    """Return what is behind the largest numbers of a layer."""
    pool = _of_kind(layers, number, "pool2d")
    found = _of_kind(layers, pool["inputs"][0], "conv2d")
    embedded = _of_kind(layers, found["inputs"][0], "embedding")
    _of_kind(layers, embedded["inputs"][0], "input")
    places, count = found["shape"]
    high, width = found["size"]
    plain = found["stride"] == [1, 1] and not np.any(found["padding"])
    plain = plain and found.get("dilation", [1, 1]) == [1, 1] and high == 1
    plain = plain and found.get("groups", 1) == 1
    if not plain or pool["reduce"] != "max" or pool["size"] != [1, places]:
        came = f'one whose "{found["name"]}" and "{pool["name"]}" do more than that'
        raise _arguments.refusal("network", came, _NEED)
    return Filters(found["name"], int(width), int(count))


def _of_kind(layers: list[dict[str, Any]], number: int, kind: str) -> dict[str, Any]:
    layer = layers[number]
    if layer["kind"] != kind:
        came = f'one whose layer "{layer["name"]}" is of kind {layer["kind"]}'
        raise _arguments.refusal("network", came, _NEED)
    return layer


def vocabulary_of(network: Network, given: Any) -> Vocabulary:
    """Return the words that a network knows: those that are given, or its own.

    Raises
    ------
    ValueError
        Where neither are there, or they are not as many as it has rows for.
    """
    told = network.description.get("about", {}).get("vocabulary")
    if given is None and told is None:
        need = "Give the Vocabulary by which its sentences were written as numbers"
        raise _arguments.refusal("vocabulary", "None, and the network has none", need)
    known = given
    if given is None or _arguments.is_sequence(given):
        known = Vocabulary(tuple(map(str, told if given is None else given)))
    if not isinstance(known, Vocabulary):
        need = "Give a helpers.texts.Vocabulary"
        raise _arguments.refusal("vocabulary", _arguments.shown(given), need)
    layers = network.description["layers"]
    rows = next(one for one in layers if one["kind"] == "embedding")
    count = rows["weights"]["embeddings"]["shape"][0]
    if count != len(known):
        came = f"{len(known):,} words for a network of {count:,}"
        raise _arguments.refusal("vocabulary", came, "Give that of its training")
    return known
