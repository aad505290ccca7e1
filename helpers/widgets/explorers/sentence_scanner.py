"""SentenceScanner: filters slide over the words of a sentence (lesson 09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import NDArray

from helpers import _arguments, ops, plots, texts
from helpers.networks import running
from helpers.networks.exported import Network
from helpers.widgets.parts import networks, sliding_words
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Checked, Whole, WholeOrNone

SHIPPED = ("sentences",)
LETTERS = 1000  # of a sentence, at most
ROWS = (1, 30)  # filters that are listed
_EQUAL = 1e-5  # of a number: what differs by less does so by the way it was added up

# Ours, not a critic's. The last words of some pairs have changed places, nothing else.
EXAMPLES = {
    "praise": "A warm, funny film with a wonderful cast.",
    "blame": "A tired script, a dull cast, and far too long.",
    "not dull": "The film is not dull, it is good.",
    "not good": "The film is not good, it is dull.",
    "never dull": "The plot is never in my view dull, and always in my view clever.",
    "never clever": "The plot is always in my view dull, and never in my view clever.",
    "both": "The cast is superb, but the story falls apart.",
    "unknown words": "A zorbulous romp: 好看! 👍",
}


def _checked_sentence(value: Any) -> str:
    """Return a text that holds a word, and is not too long."""
    if not isinstance(value, str):
        need = f'Give a sentence, like "{EXAMPLES["praise"]}"'
        raise _arguments.refusal("sentence", _arguments.shown(value), need)
    if len(value) > LETTERS:
        came = f"{len(value):,} letters"
        raise _arguments.refusal("sentence", came, f"Give {LETTERS:,} at most")
    if not texts.words(value):
        need = "Give one with a word in it"
        raise _arguments.refusal("sentence", _arguments.shown(value), need)
    return str(value)


class _Answer(NamedTuple):
    """What the network makes of a sentence."""

    responses: dict[str, NDArray[np.float64]]  # (places, filters), by their layer
    strongest: NDArray[np.float64]  # (filters,)
    places: NDArray[np.int64]  # (filters,)
    logits: NDArray[np.float64]  # (classes,)


class SentenceScanner(Explorer):
    """Type a sentence, and see what the filters of a network find in it.

    A filter sees a few words in a row and slides along the sentence. Of the numbers
    that it gives, the largest is kept: its strongest window. Each such number counts
    for a class and against the other, by a weight; together, and with a bias, they
    make the verdict. Words that the network does not know are all the same to it.

    Parameters
    ----------
    sentence
        Up to 1,000 letters, with a word in them.
    network
        "sentences", the course's network of lesson 09; or your own: a Keras model, as
        `helpers.networks.beyond.sentence_cnn` makes it, its ``length`` told, or what
        `helpers.networks.export.network` made of one.
    vocabulary
        The `helpers.texts.Vocabulary` by which sentences became its numbers; left out,
        the one in its description.
    class_names
        The names of its classes; left out, those of its description.
    width, filter, place, rows
        As the traits below.

    Attributes
    ----------
    sentence : str
        Setting one moves the screen; the place is its strongest one again.
    width : int or None
        Only filters that see so many words are listed; None for all.
    filter : int or None
        The one that is written out, counted through all widths; None for the one that
        counts most.
    place : int or None
        The word at which its window begins; None for its strongest window.
    rows : int
        How many filters are listed, those that count most first; 1 to 30.
    words : tuple of str
        What the network reads of the sentence; what is longer is cut off.
    unknown : tuple of str
        Those of them that it does not know, each once.
    cut : int
        How many words were cut off.
    numbers : ndarray of int32, (length,)
        What goes in: words, then paddings.
    widths : tuple of int
        Of each filter, how many words it sees.
    response : ndarray of float64
        What the filter that is written out says where its window begins at each word,
        and behind the last one.
    strongest : ndarray of float64, (filters,)
        The largest number of each filter.
    places : ndarray of int64, (filters,)
        Where that is; the first, if there are several.
    sides : tuple of int
        The classes for and against which filters count: the second and the first of
        two, of more the likeliest and the next.
    contributions : ndarray of float64, (filters,)
        The largest number of each, times its weight for the one class less that for the
        other.
    bias : float
        The biases of the two classes, less each other.
    difference : float
        The sum of all that: the logit of the one class less that of the other.
    probabilities : ndarray of float64, (classes,)
        What the network says.
    guess : str
        The class that it takes for the likeliest.
    maps : dict of ndarray
        What every layer makes of the numbers.
    network, vocabulary, class_names
        As given.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> from helpers.networks.exported import Network, Weights
    >>> store = Weights({}, "float32")
    >>> def layer(name, kind, shape, last, **settings):
    ...     settings["weights"] = {k: store.lay(v, "float32") for k, v in last.items()}
    ...     return {"name": name, "kind": kind, "shape": shape, **settings}
    >>> rows = {"embeddings": [[0], [0], [1], [-2]]}  # the word "good" is 1, "not" −2
    >>> slides = {"size": [1, 1], "stride": [1, 1], "padding": [[0, 0], [0, 0]]}
    >>> one = {"kernel": [[[1]]]}
    >>> pool = {"reduce": "max", "size": [1, 5]}
    >>> layers = [
    ...     layer("sentence", "input", [5], {}, inputs=[]),
    ...     layer("words", "embedding", [5, 1], rows, inputs=[0]),
    ...     layer("width1", "conv2d", [5, 1], one, inputs=[1], **slides),
    ...     layer("strongest1", "pool2d", [1], {}, inputs=[2], **pool),
    ...     layer("logits", "dense", [2], {"kernel": [[0, 3]]}, inputs=[3]),
    ... ]
    >>> about = {"vocabulary": ["", "<unknown>", "good", "not"]}
    >>> head = {"version": 1, "weights": "float32", "inputs": [0], "outputs": [4]}
    >>> head |= {"layers": layers, "about": about}
    >>> scanner = SentenceScanner("Not good, not bad", Network(head, store.data))
    >>> scanner.words, scanner.unknown, scanner.cut
    (('not', 'good', ',', 'not'), (',',), 1)
    >>> scanner.strongest, scanner.places, scanner.difference
    (array([1.]), array([1]), 3.0)
    >>> scanner
    SentenceScanner: “not good , not”, 1 not known, 1 cut off; 1 filter of width 1; \
class 1 95.3 %; filter 0 of width 1 at word 1: 1.000
    """

    module = "explorers/sentence_scanner.js"

    sentence = Checked(_checked_sentence, EXAMPLES["praise"])
    width = WholeOrNone("all widths")
    filter = WholeOrNone("the one that counts most")
    place = WholeOrNone("its strongest window")
    rows = Whole(8, *ROWS)

    _network = traitlets.Dict().tag(sync=True, arrays=True)
    _class_names: traitlets.List = traitlets.List().tag(sync=True)
    _own = traitlets.Dict().tag(sync=True)  # which arguments are the learner's own
    _examples = traitlets.Dict(EXAMPLES).tag(sync=True)
    _limits = traitlets.Dict({"letters": LETTERS, "rows": list(ROWS)}).tag(sync=True)

    def __init__(
        self,
        sentence: str = EXAMPLES["praise"],
        network: Any = "sentences",
        *,
        vocabulary: texts.Vocabulary | Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
        width: int | None = None,
        filter: int | None = None,
        place: int | None = None,
        rows: int = 8,
    ) -> None:
        self._answered: tuple[str, _Answer] | None = None
        self._trained, told = networks.taken(_the_network, network, class_names)
        try:
            self._parts = sliding_words.taken_apart(self._trained)
            self._known = sliding_words.vocabulary_of(self._trained, vocabulary)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        described = self._trained.description
        about = {
            **described.get("about", {}),
            "vocabulary": list(self._known.words),
            "words": self._parts.words,
        }
        told["_network"]["description"] = {**described, "about": about}
        told["_own"]["vocabulary"] = vocabulary is not None
        super().__init__(
            **told, sentence=sentence, width=width, filter=filter, rows=rows
        )
        self.place = place

    # ---- what is given ----

    @property
    def network(self) -> Network:
        """The network."""
        return self._trained

    @property
    def vocabulary(self) -> texts.Vocabulary:
        """The words that it knows."""
        return self._known

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of its classes."""
        return tuple(self._class_names)

    @traitlets.validate("width")
    def _one_of_the_widths(self, proposal: dict[str, Any]) -> int | None:
        widths = sorted(set(self.widths))
        if proposal["value"] not in (None, *widths):
            need = f"Give {', '.join(map(str, widths))} or None for all widths"
            raise _refused("width", proposal["value"], need)
        return proposal["value"]

    @traitlets.validate("filter")
    def _one_of_the_filters(self, proposal: dict[str, Any]) -> int | None:
        return self._below("filter", proposal["value"], len(self.widths))

    @traitlets.validate("place")
    def _where_a_window_begins(self, proposal: dict[str, Any]) -> int | None:
        return self._below("place", proposal["value"], len(self.response))

    def _below(self, name: str, value: int | None, end: int) -> int | None:
        if value is None or value < end:
            return value
        none = self.traits()[name].none
        need = f"Give a whole number from 0 to {end - 1}, or None for {none}"
        raise _refused(name, value, need)

    @traitlets.observe("sentence", "filter", "width")
    def _strongest_again(self, _: dict[str, Any]) -> None:
        if "place" not in self._told:
            self.place = None

    # ---- what the network reads ----

    @property
    def _read(self) -> texts.Encoded:
        return self._known.encoded([self.sentence], self._parts.words)

    @property
    def words(self) -> tuple[str, ...]:
        """What it reads of the sentence."""
        return texts.words(self.sentence)[: self._parts.words]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Those words that it does not know."""
        return self._read.unknown[0]

    @property
    def cut(self) -> int:
        """How many words were cut off."""
        return int(self._read.cut[0])

    @property
    def numbers(self) -> NDArray[np.int32]:
        """What goes in, (length,)."""
        found = np.full(self._parts.length, texts.PADDING, np.int32)
        found[: self._parts.words] = self._read.numbers[0]
        return found

    # ---- what it says ----

    @property
    def maps(self) -> dict[str, NDArray[Any]]:
        """What every layer makes of the numbers."""
        return running.maps(self._trained, self.numbers)

    @property
    def _answer(self) -> _Answer:
        """What it makes of the sentence; that of the last one is kept."""
        if self._answered is None or self._answered[0] != self.sentence:
            maps = self.maps
            responses = {some.layer: maps[some.layer] for some in self._parts.filters}
            strongest = np.concatenate([r.max(axis=0) for r in responses.values()])
            places = np.concatenate([_first_largest(r) for r in responses.values()])
            logits = strongest @ self._parts.weights + self._parts.bias
            answer = _Answer(responses, strongest, places, logits)
            self._answered = (self.sentence, answer)
        return self._answered[1]

    @property
    def widths(self) -> tuple[int, ...]:
        """Of each filter, how many words it sees."""
        return self._parts.widths

    @property
    def strongest(self) -> NDArray[np.float64]:
        """The largest number of each filter."""
        return self._answer.strongest

    @property
    def places(self) -> NDArray[np.int64]:
        """Where that is."""
        return self._answer.places

    @property
    def sides(self) -> tuple[int, int]:
        """The classes for and against which filters count."""
        if len(self._class_names) == 2:
            return 1, 0
        first, second = np.argsort(-self._answer.logits, kind="stable")[:2]
        return int(first), int(second)

    @property
    def contributions(self) -> NDArray[np.float64]:
        """What each filter counts for the one class, and against the other."""
        one, other = self.sides
        weights = self._parts.weights
        return self.strongest * (weights[:, one] - weights[:, other])

    @property
    def bias(self) -> float:
        """What is there before any filter said anything."""
        one, other = self.sides
        return float(self._parts.bias[one] - self._parts.bias[other])

    @property
    def difference(self) -> float:
        """The sum of all contributions and the bias."""
        return float(self.contributions.sum() + self.bias)

    @property
    def probabilities(self) -> NDArray[np.floating]:
        """What it takes each class for."""
        return ops.softmax(self._answer.logits)

    @property
    def guess(self) -> str:
        """The likeliest class."""
        return self.class_names[int(self.probabilities.argmax())]

    # ---- what is written out ----

    @property
    def listed(self) -> list[int]:
        """The filters that are listed, the one that counts most first."""
        mine = np.array(
            [n for n, w in enumerate(self.widths) if self.width in (None, w)]
        )
        counts = np.abs(self.contributions[mine])
        order = mine[np.argsort(-counts, kind="stable")][: self.rows].tolist()
        if self.filter is not None and self.filter not in order:
            order[-1] = self.filter
        return order

    @property
    def response(self) -> NDArray[np.float64]:
        """What the filter that is written out says at each word and behind them."""
        some, place = self._parts.numbered(self._written)
        windows = self._answer.responses[some.layer][:, place]
        return windows[: len(self.words) + 1]

    @property
    def _written(self) -> int:
        return self.listed[0] if self.filter is None else self.filter

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: sentence, verdict, and the filter that is written out."""
        said = " ".join(self.words)
        said = said if len(said) <= 60 else f"{said[:59]}…"
        lost = [f"{len(self.unknown)} not known"] * bool(self.unknown)
        lost += [f"{self.cut} cut off"] * bool(self.cut)
        number = self._written
        place = int(self.places[number]) if self.place is None else self.place
        seen = [*dict.fromkeys(self.widths)] if self.width is None else [self.width]
        name = self.guess if not self.guess.isdigit() else f"class {self.guess}"
        return (
            f"SentenceScanner: {', '.join([f'“{said}”', *lost])}; "
            f"{len(self.widths)} filter{'s' * (len(self.widths) > 1)} of width "
            f"{', '.join(map(str, seen))}; "
            f"{name} {100 * self.probabilities.max():.1f} %; filter {number} of width "
            f"{self.widths[number]} at word {place}: {self.response[place]:.3f}"
        )

    def picture(self) -> plots.Picture:
        """Return what the filters that are listed count, and all that together."""
        one, other = (self.class_names[side] for side in self.sides)
        listed, counts = self.listed, self.contributions
        rest = np.delete(counts, listed).sum()
        values = [*counts[listed], rest, self.bias]
        names = [*map(self._named, listed), "all other filters", "bias"]
        return plots.sums(names, values, total=f"{one} less {other}")

    def _named(self, number: int) -> str:
        """Return a filter's strongest window, words that are not known left open."""
        if self.strongest[number] == 0:
            return f"filter {number}: silent"
        first, width = int(self.places[number]), self.widths[number]
        known = self._known.number
        seen = self.words[first : first + width]
        shown = [word if known(word) != texts.UNKNOWN else "…" for word in seen]
        return f"filter {number}: {' '.join(shown)}"


def _first_largest(responses: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return where each filter, (places, filters), says its largest number first.

    Equal windows may differ in their last digits, however they are added up.
    """
    most = responses.max(axis=0)
    as_large = responses >= most - _EQUAL * np.abs(most)
    found: NDArray[np.int64] = as_large.argmax(axis=0)
    return found


def _the_network(value: Any) -> Network:
    """Return the network that is asked for, by its name or as it is."""
    taken = networks.checked_network(value, SHIPPED, "(length,) numbers of words")
    found = taken if isinstance(taken, Network) else networks.shipped(taken)
    shape = networks.takes(found)
    if len(shape) != 1:
        need = "Give one that takes numbers of words, (length,)"
        raise _arguments.refusal("network", f"one that takes {shape}", need)
    return found


def _refused(name: str, value: Any, need: str) -> traitlets.TraitError:
    return traitlets.TraitError(
        str(_arguments.refusal(name, _arguments.shown(value), need))
    )
