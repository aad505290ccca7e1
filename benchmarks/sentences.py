"""Claim: filters over words judge films as a bag of words does, and know what "not" is.

Sentences of film critics are to be praise or blame. Logistic regression on words, or on
words and pairs of neighbours, stands beside a network that averages what it has learned
of each word, and one whose filters slide over the words; this one is asked once more
with the words of each sentence in another order. What one tenth of the set says is a
matter of luck by 1 or 2 in 100, so each tenth is the test once: the seed is its number.

All of them also judge sentences in which the order decides (`texts.negations`): those
of praise and of blame have the same words and the same pairs.

How strong, and after which epoch, is chosen by the validation part of each run alone;
the test is looked at once.

Run ``python benchmarks/sentences.py [EXPERIMENT ...]``; without names it runs all, in
half an hour on two cores. ``--print`` only prints what was measured, ``--quick`` tries
the script in a folder of its own (``--folder``). Nothing is asserted about time.
"""

import os
import sys
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _experiments import Experiment, as_seconds, clocks, command
from _table import header, machine, row
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from helpers import datasets, texts
from helpers.datasets.text_set import FOLDS
from helpers.experiments import Experiments
from helpers.networks import beyond, probe, training

#: What the filters reach, at least, on the average over the folds: as much as in Kim's
#: paper, 76.1 % without word vectors from elsewhere.
GOAL = 0.76

#: The widest filter sees so many words, and as many paddings end each sentence.
WIDEST = 5

DATA = ("snippets", "negations")
NETWORKS = {"mean": beyond.sentence_mean, "CNN": beyond.sentence_cnn}


@dataclass(frozen=True)
class Bag:
    """How logistic regression learns; these stand beside every result.

    Attributes
    ----------
    pairs
        Whether it sees pairs of neighbours, too.
    data
        One of `DATA`.
    strengths
        C, all that are tried: the larger, the less its weights are kept small.
    """

    pairs: bool
    data: str = "snippets"
    strengths: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Learned:
    """How a network learns; these stand beside every result.

    Attributes
    ----------
    network
        One of `NETWORKS`.
    data
        One of `DATA`.
    shuffled
        Whether the words of each sentence come in another order.
    dimensions, dropout, forgotten, widths, filters
        As `beyond.sentence_cnn` takes them; the last three are its own.
    epochs
        At most; the weights of the epoch with the least validation loss are kept.
    batch_size, learning_rate
        As everywhere.
    momentum
        Of the running mean of the weights, which is what is judged: the share that it
        keeps of itself with every step.
    least
        How often a word must occur in what is learned from, to be known.
    words
        Of a sentence; what is longer is cut off.
    """

    network: str
    data: str = "snippets"
    shuffled: bool = False
    dimensions: int = 32
    dropout: float = 0.5
    forgotten: float = 0.0
    widths: tuple[int, ...] = (3, 4, 5)
    filters: int = 64
    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 0.002
    momentum: float = 0.99
    least: int = 2
    words: int = 51


def _on_negations(network: str) -> Learned:
    return Learned(network, data="negations", epochs=20, learning_rate=0.003, words=27)


EXPERIMENTS = {
    "words": Experiment(Bag(pairs=False), FOLDS),
    "words and pairs": Experiment(Bag(pairs=True), FOLDS),
    "mean": Experiment(Learned("mean"), FOLDS),
    "CNN": Experiment(Learned("CNN"), FOLDS),
    "CNN, words shuffled": Experiment(Learned("CNN", shuffled=True), FOLDS),
    "negations, words": Experiment(Bag(pairs=False, data="negations"), 3),
    "negations, words and pairs": Experiment(Bag(pairs=True, data="negations"), 3),
    "negations, mean": Experiment(_on_negations("mean"), 3),
    "negations, CNN": Experiment(_on_negations("CNN"), 3),
}


class Part(NamedTuple):
    """Sentences and their labels."""

    sentences: tuple[str, ...]
    labels: np.ndarray

    def few(self) -> "Part":
        """Return the first of them."""
        return Part(self.sentences[:40], self.labels[:40])


class Parts(NamedTuple):
    """What is learned from, what is chosen by, and the test."""

    train: Part
    validation: Part
    test: Part


def parts(data: str, seed: int, *, few: bool = False) -> Parts:
    """Return sentences in three parts.

    Parameters
    ----------
    data
        One of `DATA`.
    seed
        The fold of the snippets; of negations, which are made.
    few
        Whether stand-ins will do.
    """
    if data == "negations":
        made = texts.negations(seed=seed)
        chosen_by = texts.negations(seed=1000 + seed)
        learned = Part(made.train_sentences, made.train_labels)
        # Sentences like those that are learned from, not like those of the test.
        aside = Part(chosen_by.train_sentences[:400], chosen_by.train_labels[:400])
        return Parts(learned, aside, Part(made.test_sentences, made.test_labels))
    snippets = datasets.load_snippets(fold=seed)
    if snippets.is_fallback and not few:
        sys.exit(f"{snippets.name} is not on this machine: run `make data` first.")
    return parts_of(snippets)


def parts_of(snippets: datasets.TextSet) -> Parts:
    """Return the three parts of a set."""
    return Parts(
        Part(snippets.train_sentences, snippets.train_labels),
        Part(snippets.validation_sentences, snippets.validation_labels),
        Part(snippets.test_sentences, snippets.test_labels),
    )


def measured(settings: Any, seed: int, *, few: bool = False) -> dict[str, Any]:
    """Learn once, and count the sentences that are judged rightly.

    Parameters
    ----------
    settings
        How: `Bag` or `Learned`.
    seed
        Of the weights and all else that is random; the fold, or of what is made.
    few
        With a few sentences and epochs only, to try the script.
    """
    given = parts(settings.data, seed, few=few)
    if few:
        given = Parts(*(part.few() for part in given))
    if isinstance(settings, Bag):
        return _of_bag(settings, given)
    if few:
        settings = replace(settings, epochs=2)
    return _of_network(settings, seed, given)


# -- a bag of words --------------------------------------------------------------------


def _of_bag(settings: Bag, given: Parts) -> dict[str, Any]:
    start = clocks()
    tried, best = {}, None
    for strength in settings.strengths:
        counted = CountVectorizer(
            tokenizer=texts.words,
            token_pattern=None,
            lowercase=False,
            ngram_range=(1, 1 + settings.pairs),
            binary=True,
        )
        judge = make_pipeline(counted, LogisticRegression(C=strength, max_iter=3000))
        judge.fit(*given.train)
        tried[f"{strength:g}"] = right = judge.score(*given.validation)
        if best is None or right > best[0]:
            best = right, judge
    took = clocks() - start
    accuracy = {
        name: round(float(best[1].score(*part)), 5)
        for name, part in given._asdict().items()
    }
    return {
        "sentences": len(given.train.labels),
        "parameters": best[1][-1].coef_.size + 1,
        **as_seconds(took),
        "accuracy": _named(accuracy),
        "strength": best[1][-1].C,
        "tried": {strength: round(right, 5) for strength, right in tried.items()},
    }


# -- a network -------------------------------------------------------------------------


def _of_network(settings: Learned, seed: int, given: Parts) -> dict[str, Any]:
    start = clocks()
    model, vocabulary, record = trained(settings, seed, given)
    took = clocks() - start
    accuracy = {
        name: right(model, numbers(settings, seed, vocabulary, part), part.labels)
        for name, part in given._asdict().items()
    }
    return {
        "sentences": len(given.train.labels),
        "parameters": model.count_params(),
        "vocabulary": len(vocabulary),
        **as_seconds(took),
        "accuracy": _named(accuracy),
        "kept": int(np.argmin(record.curves["val_loss"])) + 1,
        "curves": {
            name: [round(one, 5) for one in values]
            for name, values in record.curves.items()
        },
    }


def _named(accuracy: dict[str, float]) -> dict[str, float]:
    named = {"training": accuracy.pop("train"), **accuracy}
    return {name: round(float(one), 5) for name, one in named.items()}


def trained(
    settings: Learned, seed: int, given: Parts
) -> tuple[keras.Model, texts.Vocabulary, training.Record]:
    """Return a network that has learned from sentences, the words that it knows, how.

    Parameters
    ----------
    settings
        How.
    seed
        Of the weights, the order of the sentences, and all else that is random.
    given
        What it learns from and chooses by.
    """
    vocabulary = texts.Vocabulary.of(given.train.sentences, least=settings.least)
    x, aside = (numbers(settings, seed, vocabulary, part) for part in given[:2])
    training.seed(seed)
    more: dict[str, Any] = {}
    if settings.network == "CNN":
        names = ("forgotten", "widths", "filters")
        more = {name: getattr(settings, name) for name in names}
        more["length"] = x.shape[1]
    model = NETWORKS[settings.network](
        len(vocabulary),
        dimensions=settings.dimensions,
        dropout=settings.dropout,
        **more,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(
        settings.learning_rate, use_ema=True, ema_momentum=settings.momentum
    )
    model.compile(optimizer, loss, metrics=["accuracy"])
    # The first puts the mean of the weights where the second looks for them.
    callbacks = [
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
    ]
    record = training.fit(
        model,
        x,
        given.train.labels,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        validation=(aside, given.validation.labels),
        callbacks=callbacks,
        progress=False,
    )
    return model, vocabulary, record


def numbers(
    settings: Learned, seed: int, vocabulary: texts.Vocabulary, part: Part
) -> np.ndarray:
    """Return sentences as a network takes them, (N, words + `WIDEST`)."""
    sentences = part.sentences
    if settings.shuffled:
        random = np.random.RandomState(seed)
        sentences = tuple(texts.shuffled(one, random) for one in sentences)
    found = vocabulary.encoded(sentences, settings.words).numbers
    return np.pad(found, ((0, 0), (0, WIDEST)), constant_values=texts.PADDING)


def right(model: keras.Model, x: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of sentences that are judged rightly."""
    return float((probe.outputs(model, x).argmax(axis=1) == labels).mean())


# -- what is printed -------------------------------------------------------------------


def printed(found: Experiments) -> None:
    """Print the mean over the seeds, the least and the largest."""
    print(machine("keras", "numpy", "scikit-learn"))
    header(
        "Right, %",
        ["seeds", "mean", "±", "worst", "best", "valid.", "training", "CPU s"],
    )
    for name in found.names:
        tests, aside, learned = (
            100 * found.values(name, "accuracy", part)
            for part in ("test", "validation", "training")
        )
        error = tests.std(ddof=1) / np.sqrt(len(tests)) if len(tests) > 1 else 0.0
        figures = (tests.mean(), error, tests.min(), tests.max())
        used = found.values(name, "cpu seconds").mean()
        shares = [f"{one:.1f}" for one in (*figures, aside.mean(), learned.mean())]
        row(name, [str(len(tests)), *shares, f"{used:.0f}"])
    print(f"\n±: standard error of the mean. The CNN's goal: {100 * GOAL:.0f}.")


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, and print the table."""
    return command("sentences", __doc__, EXPERIMENTS, measured, printed, arguments)


if __name__ == "__main__":
    sys.exit(main())
