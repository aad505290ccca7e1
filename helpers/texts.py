"""Sentences as words, words as numbers, and an experiment in which their order decides.

>>> from helpers import texts
>>> texts.words("It isn't a well-made film!")
('it', 'is', "n't", 'a', 'well-made', 'film', '!')
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers import _arguments

#: The numbers of what fills up a short sentence, and of a word that is not known.
PADDING, UNKNOWN = 0, 1

#: How these two are written. No word of a sentence can be written so.
_SPECIAL = ("", "<unknown>")

_LONGEST = 1000  # words of a sentence

# -- words -----------------------------------------------------------------------------

# What keyboards and word processors write otherwise than the data set does.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "--", "—": "--", "…": "..."}
)

# Letters and digits of Latin script. Everything here is written so that JavaScript's
# regular expressions (with the flags g and u) mean the same.
_LETTER = "[a-z0-9\u00df-\u00f6\u00f8-\u024f]"
_NOT = f"n't(?!{_LETTER})"
_ENDING = f"'(?:s|re|ve|ll|d|m)(?!{_LETTER})"
_WORD = re.compile(
    f"(?:{_LETTER}+-)*{_LETTER}+?(?={_NOT})"  # "is" of "isn't"
    f"|{_NOT}|{_ENDING}"
    f"|{_LETTER}+(?:(?:-|(?!{_ENDING})'){_LETTER}+)*"  # "well-made", "o'clock"
    # A dash; any other mark stands alone. What is between marks is named, since the two
    # languages have not quite the same \s.
    r"|--+|[^\s\x00-\x1f\x7f-\x9f\ufeff]"
)


def words(sentence: str) -> tuple[str, ...]:
    """Split a sentence into words and marks, in small letters.

    A word goes on over hyphens and apostrophes inside it ("well-made", "o'clock"), but
    the endings "n't", "'s", "'re", "'ve", "'ll", "'d" and "'m" are words of their own,
    as in the Penn Treebank: "isn't" is "is" and "n't", "can't" is "ca" and "n't". Of
    the marks, each stands alone, and only hyphens in a row are one dash. Where there
    are spaces makes no other difference, so that a sentence as it is typed and as the
    data set has it, "good ." for "Good.", give the same; nor do the forms of quotes
    and dashes.

    Parameters
    ----------
    sentence
        Any text.

    Returns
    -------
    tuple of str
        Empty for a text without words and marks.

    Raises
    ------
    ValueError
        For anything but text.

    Examples
    --------
    >>> words("The plot? I can’t say it's clever...")
    ('the', 'plot', '?', 'i', 'ca', "n't", 'say', 'it', "'s", 'clever', '.', '.', '.')
    >>> words("good , but not the best .") == words("Good, but not the best.")
    True

    For scikit-learn's bags of words: ``CountVectorizer(analyzer=texts.words)``.
    """
    if not isinstance(sentence, str):
        need = 'Give a sentence, "a fine film"'
        raise _arguments.refusal("sentence", _arguments.shown(sentence), need)
    text = unicodedata.normalize("NFC", sentence).lower().translate(_PLAIN)
    return tuple(_WORD.findall(text))


def shuffled(
    sentence: str, rng: np.random.Generator | np.random.RandomState | None = None
) -> str:
    """Return a sentence with its words in another order: what is left is the bag.

    Parameters
    ----------
    sentence
        Any text.
    rng
        Where the order comes from; one of NumPy's. None for one that is new each time.

    Returns
    -------
    str
        The same words and marks, with a space between them.

    Examples
    --------
    >>> shuffled("not a good film", np.random.RandomState(2))
    'good film a not'
    """
    found = words(sentence)
    order = (rng or np.random.default_rng()).permutation(len(found))
    return " ".join(found[k] for k in order)


# -- numbers ---------------------------------------------------------------------------


class Encoded(NamedTuple):
    """Sentences as numbers.

    Attributes
    ----------
    numbers
        (N, length) int32: the words of each sentence, then `PADDING`.
    unknown
        Of each sentence, the words that are `UNKNOWN` in it, each once.
    cut
        (N,) int64: how many words of each sentence were cut off because it is too long.
    """

    numbers: NDArray[np.int32]
    unknown: tuple[tuple[str, ...], ...]
    cut: NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The words that a network knows; the number of a word is its place among them.

    Attributes
    ----------
    words
        At `PADDING`, 0, stands the empty word, at `UNKNOWN`, 1, "<unknown>".

    Examples
    --------
    >>> known = Vocabulary.of(["a good film", "a film", "not a good plot"])
    >>> known
    <Vocabulary of 3 words>
    >>> known.words
    ('', '<unknown>', 'a', 'film', 'good')
    >>> known.number("film"), known.number("plot")
    (3, 1)
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if tuple(self.words[:2]) != _SPECIAL or len(set(self.words)) < len(self.words):
            need = f"Give each once, after {_SPECIAL}"
            raise _arguments.refusal("words", _arguments.shown(self.words), need)

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self) - len(_SPECIAL):,} words>"

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def of(
        cls, sentences: Iterable[str], *, least: int = 2, most: int | None = None
    ) -> Vocabulary:
        """Return the words of some sentences, those that occur most often first.

        Parameters
        ----------
        sentences
            What is learned from, and nothing else: a word of the test counts as unknown
            if it is not there.
        least
            How often a word must occur.
        most
            How many words at most; None for all.

        Raises
        ------
        ValueError
            For anything else.

        Examples
        --------
        >>> Vocabulary.of(["good, good", "not good"], least=1, most=2).words
        ('', '<unknown>', 'good', ',')
        """
        least = _arguments.whole(least, "least")
        counts = Counter(word for one in _listed(sentences) for word in words(one))
        often = [(-count, word) for word, count in counts.items() if count >= least]
        if most is not None:
            most = _arguments.whole(most, "most")
        return cls((*_SPECIAL, *(word for _, word in sorted(often)[:most])))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def number(self, word: str) -> int:
        """Return the number of a word; `UNKNOWN` for one that is not among them."""
        return self._numbers.get(word, UNKNOWN)

    def encoded(self, sentences: Iterable[str], length: int) -> Encoded:
        """Return sentences as rows of numbers that are all equally long.

        Parameters
        ----------
        sentences
            N of them.
        length
            How many words a row has, 1 to 1000. A shorter sentence is filled up at its
            end, a longer one is cut there.

        Returns
        -------
        Encoded
            The numbers, and what got lost: words that are not known, words cut off.

        Raises
        ------
        ValueError
            For anything else.

        Examples
        --------
        >>> known = Vocabulary.of(["a good film"], least=1)
        >>> found = known.encoded(["a superb film", "a film, a good film"], length=5)
        >>> found.numbers
        array([[2, 1, 3, 0, 0],
               [2, 3, 1, 2, 4]], dtype=int32)
        >>> found.unknown, found.cut
        ((('superb',), (',',)), array([0, 1]))
        """
        length = _arguments.whole(length, "length", 1, _LONGEST)
        split = [words(sentence) for sentence in _listed(sentences)]
        numbers = np.full((len(split), length), PADDING, np.int32)
        for row, found in zip(numbers, split, strict=True):
            row[: len(found)] = [self.number(word) for word in found[:length]]
        kept = (dict.fromkeys(found[:length]) for found in split)
        unknown = (tuple(w for w in row if w not in self._numbers) for row in kept)
        cut = [max(0, len(found) - length) for found in split]
        return Encoded(numbers, tuple(unknown), np.array(cut, np.int64))

    def as_json(self) -> str:
        """Return the words as a JSON list, for the browser and for a file.

        Examples
        --------
        >>> Vocabulary.of(["a film"], least=1).as_json()
        '["","<unknown>","a","film"]'
        """
        return json.dumps(self.words, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """Read what `as_json` wrote.

        Raises
        ------
        ValueError
            For any other text.

        Examples
        --------
        >>> Vocabulary.from_json('["","<unknown>","a"]')
        <Vocabulary of 1 words>
        """
        found = json.loads(text)
        if not isinstance(found, list) or not all(isinstance(w, str) for w in found):
            need = "Give the list of words that as_json wrote"
            raise _arguments.refusal("text", _arguments.shown(text), need)
        return cls(tuple(found))


def _listed(sentences: Iterable[str]) -> list[str]:
    """Return several sentences as a list; a single one is not split into letters."""
    if isinstance(sentences, str) or not isinstance(sentences, Iterable):
        need = 'Give a list of sentences, ["a fine film"]'
        raise _arguments.refusal("sentences", _arguments.shown(sentences), need)
    return list(sentences)


# -- an experiment in which the order decides ------------------------------------------

# "the plot is never in my view clever , and the cast is always in my view dull ."
# Whatever is added: a marker must make sense before each insertion and adjective.
_DENIALS = ("not", "never", "hardly", "rarely", "scarcely")
_AFFIRMATIONS = ("truly", "always", "really", "plainly", "surely")
_PRAISE = (
    *("good", "clever", "funny", "moving", "fresh"),
    *("charming", "gripping", "witty", "tender", "sharp"),
)
_BLAME = (
    *("bad", "dull", "silly", "clumsy", "stale"),
    *("tedious", "shallow", "crude", "weak", "flat"),
)
_INSERTIONS = (
    *("very", "so", "quite", "that"),
    *("for me", "at heart", "in truth"),
    *("in my view", "in the end", "from the start"),
)
_SUBJECTS = (
    *("the plot", "the cast", "the film", "the story", "the script", "the score"),
    *("the acting", "the ending", "the dialogue", "the humour", "the camera work"),
)
_VERBS = ("is", "was", "feels", "seems")
_OPENINGS = ("", "i think", "as they say ,", "this time")
_JOINTS = (", and", "and", ";", "while")

#: Of all meetings of an insertion and an adjective, one in so many is for the test.
_HELD_BACK = 5


class Negations(NamedTuple):
    """Sentences whose words, and whose pairs of words, say nothing.

    Attributes
    ----------
    train_sentences, test_sentences
        Tuples of str.
    train_labels, test_labels
        (N,) int64: 0 for blame, 1 for praise, half and half.
    """

    train_sentences: tuple[str, ...]
    train_labels: NDArray[np.int64]
    test_sentences: tuple[str, ...]
    test_labels: NDArray[np.int64]


def negations(count: int = 4000, *, seed: int = 0) -> Negations:
    """Make sentences in which what a negation stands before decides the verdict.

    Each says two things that mean the same, one with a denial, one without:

    - "the plot is **never** in my view **dull** , and the cast is **always** in my view
      **clever** ." praises,
    - "the plot is **always** in my view **dull** , and the cast is **never** in my view
      **clever** ." blames.

    The two are twins: they have the same words, and the same pairs of neighbours, since
    one to three words (the same in both halves) part a marker from its adjective.
    Twins are always in the same part. So whatever judges by words, or by pairs, says
    the same of both, and is right for exactly one of them: 50 %. Who sees a marker and
    its adjective together, in a window of three to five words, can be always right.

    One in five of the meetings of an insertion ("in my view") and an adjective is kept
    for the test and never occurs in training. So runs of three to five words, learned
    by heart, are of no use there either: of those that hold a marker and its adjective,
    each is new. What is to be learned is that some words deny and some praise,
    whatever stands between them.

    Parameters
    ----------
    count
        How many sentences to learn from, 8 to 40,000, a multiple of 8; a quarter as
        many are for the test.
    seed
        Another gives other sentences, from 0 to 2³² − 1.

    Returns
    -------
    Negations
        No sentence comes twice.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> made = negations(8)
    >>> for label, sentence in zip(made.test_labels, made.test_sentences, strict=True):
    ...     print(label, sentence)
    1 the cast feels scarcely very tedious while the film feels always very good .
    0 the cast feels always very tedious while the film feels scarcely very good .
    """
    count = _arguments.whole(count, "count", 8, 40_000)
    if count % 8:
        raise _arguments.refusal("count", count, "Give a multiple of 8")
    # RandomState's numbers are promised to stay the same; a Generator's are not.
    random = np.random.RandomState(_arguments.whole(seed, "seed", 0, 2**32 - 1))
    train = _twins(count // 2, random, held_back=False)
    test = _twins(count // 8, random, held_back=True)
    return Negations(*_in_random_order(train, random), *_in_random_order(test, random))


def _in_random_order(
    made: dict[str, int], random: np.random.RandomState
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    sentences, labels = list(made), np.array([*made.values()], np.int64)
    order = random.permutation(len(sentences))
    return tuple(sentences[k] for k in order), labels[order]


def _twins(
    pairs: int, random: np.random.RandomState, *, held_back: bool
) -> dict[str, int]:
    """Return pairs of sentences, each with its label."""

    def one(choices: tuple[str, ...]) -> str:
        return choices[random.randint(len(choices))]

    made: dict[str, int] = {}
    while len(made) < 2 * pairs:
        insertion = one(_INSERTIONS)
        praise, blame = (
            one(_meeting(adjectives, insertion, held_back=held_back))
            for adjectives in (_PRAISE, _BLAME)
        )
        denial, affirmation = one(_DENIALS), one(_AFFIRMATIONS)
        first, second = (_SUBJECTS[k] for k in random.permutation(len(_SUBJECTS))[:2])
        opening, verb, joint = one(_OPENINGS), one(_VERBS), one(_JOINTS)
        praise_first = random.randint(2)
        adjectives = (praise, blame) if praise_first else (blame, praise)
        for markers in ((denial, affirmation), (affirmation, denial)):
            left, right = (
                f"{subject} {verb} {marker} {insertion} {adjective}"
                for subject, marker, adjective in zip(
                    (first, second), markers, adjectives, strict=True
                )
            )
            # Praise that is affirmed, and blame that is denied, both praise.
            label = int(praise_first == (markers[0] is affirmation))
            made[f"{opening} {left} {joint} {right} .".strip()] = label
    return made


def _meeting(
    adjectives: tuple[str, ...], insertion: str, *, held_back: bool
) -> tuple[str, ...]:
    """Return the adjectives that may follow an insertion, in training or in the test.

    In training each insertion meets most adjectives, and each adjective most of them.
    """
    place = _INSERTIONS.index(insertion)
    return tuple(
        adjective
        for k, adjective in enumerate(adjectives)
        if ((k + place) % _HELD_BACK == 0) is held_back
    )
