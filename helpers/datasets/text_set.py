"""What loads of sentences return: three parts, by a split that stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.datasets.data_set import Labels

#: Of each class, one in so many is for the test, and as many are to choose by.
FOLDS = 10


@dataclass(frozen=True, repr=False, eq=False)
class TextSet:
    """Sentences with their classes: to learn from, to choose by, to test.

    Attributes
    ----------
    name
        What to call the set; where something stands in, of what it holds the place.
    train_sentences, validation_sentences, test_sentences
        N of them. The classes come mixed, in an order that says nothing.
    train_labels, validation_labels, test_labels
        (N,) int64: places in `class_names`. Fresh arrays with every call.
    class_names
        What each label means.
    source, licence, citation
        As in `DataSet`.
    is_fallback
        True where something stands in for the real set.

    Examples
    --------
    >>> halves = parted([["bad"] * 10, ["good"] * 10])
    >>> TextSet("Tiny", *halves, ("negative", "positive"), source="this example")
    <Tiny: 16 + 2 + 2 sentences, 2 classes>
    """

    name: str
    train_sentences: tuple[str, ...]
    train_labels: Labels
    validation_sentences: tuple[str, ...]
    validation_labels: Labels
    test_sentences: tuple[str, ...]
    test_labels: Labels
    class_names: tuple[str, ...]
    source: str = ""
    licence: str = ""
    citation: str = ""
    is_fallback: bool = False

    def __repr__(self) -> str:
        name = f"Stand-in for {self.name}" if self.is_fallback else self.name
        parts = (self.train_labels, self.validation_labels, self.test_labels)
        sizes = " + ".join(f"{len(labels):,}" for labels in parts)
        return f"<{name}: {sizes} sentences, {len(self.class_names)} classes>"


Part = tuple[tuple[str, ...], Labels]


def parted(
    classes: Sequence[Sequence[str]], fold: int = 0
) -> tuple[tuple[str, ...], Labels, tuple[str, ...], Labels, tuple[str, ...], Labels]:
    """Split what has no official split: 8 of 10 to learn from, 1 to choose by, 1 test.

    The sentences of each class are put into the order of the SHA-256 of their letters
    and digits; a tenth of them is the test, the next is to choose by. So the parts are
    the same on every machine and hold all classes alike, and two sentences that differ
    in their marks alone stand side by side.

    Parameters
    ----------
    classes
        The sentences of each class.
    fold
        Which tenth is the test, 0 to 9.

    Returns
    -------
    tuple
        Sentences and labels to learn from, to choose by, and for the test, as `TextSet`
        takes them; the classes mixed, in the order of the same hash.

    Examples
    --------
    >>> train, labels, *_, test, test_labels = parted([["no"] * 10, ["yes"] * 20])
    >>> len(train), labels.sum(), len(test), test_labels.sum()
    (24, np.int64(16), 3, np.int64(2))
    """
    train: list[tuple[bytes, int, str]] = []
    validation: list[tuple[bytes, int, str]] = []
    test: list[tuple[bytes, int, str]] = []
    for label, sentences in enumerate(classes):
        ranked = sorted((_digest(one), label, one) for one in sentences)
        tenth = len(ranked) // FOLDS
        # Turned, so that the fold comes first and then the next one.
        start, whole = fold * tenth, FOLDS * tenth
        turned = ranked[start:whole] + ranked[:start] + ranked[whole:]
        test += turned[:tenth]
        validation += turned[tenth : 2 * tenth]
        train += turned[2 * tenth :]
    return *_mixed(train), *_mixed(validation), *_mixed(test)


def _digest(sentence: str) -> bytes:
    return hashlib.sha256("".join(filter(str.isalnum, sentence)).encode()).digest()


def _mixed(part: list[tuple[bytes, int, str]]) -> Part:
    part = sorted(part)
    labels = np.array([label for _, label, _ in part], np.int64)
    return tuple(sentence for _, _, sentence in part), labels
