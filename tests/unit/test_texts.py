"""Words, vocabularies, and sentences in which the order decides."""

import itertools
import random
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import datasets, texts
from helpers.texts import PADDING, UNKNOWN, Vocabulary

# ---- words ----

SAID = {
    "It's good.": "it 's good .",
    "it's good .": "it 's good .",
    "ISN'T it?": "is n't it ?",
    "can't, won't, don't": "ca n't , wo n't , do n't",
    "I’d say “fine” – or…": 'i \'d say " fine " -- or . . .',
    "we've they're he'll i'm": "we 've they 're he 'll i 'm",
    "a well-made sci-fi-film's plot": "a well-made sci-fi-film 's plot",
    "o'clock d'artagnan's y'all": "o'clock d'artagnan 's y'all",
    "the characters' lives": "the characters ' lives",
    "'the movie'": "' the movie '",
    "rock 'n' roll": "rock ' n ' roll",
    "don'ts": "don'ts",
    "real—she -- he --- it - we": "real -- she -- he --- it - we",
    "-or- a-": "- or - a -",
    "writer/director [a] $9.50": "writer / director [ a ] $ 9 . 50",
    "naïve cliché ÉMIGRÉ Straße": "naïve cliché émigré straße",
    "cafe\u0301": "café",
    "4ever in the '60s": "4ever in the ' 60s",
    "n't 's 't": "n't 's ' t",
    " \t\n\u00a0\ufeff\x1c\x85": "",
    "": "",
    "很好": "很 好",
    "😀!": "😀 !",
}


@pytest.mark.parametrize("sentence", SAID)
def test_words(sentence):
    assert texts.words(sentence) == tuple(SAID[sentence].split())


ODD = st.text(alphabet="ab n't's-'.,—’é ßN\u0301", max_size=30)


@given(st.one_of(ODD, st.text(max_size=30)))
def test_words_with_spaces_between_give_the_same(sentence):
    found = texts.words(sentence)
    assert texts.words(" ".join(found)) == found
    assert all(word and not re.search(r"\s", word) for word in found)


@given(ODD)
def test_no_letter_gets_lost(sentence):
    plain = texts.unicodedata.normalize("NFC", sentence).lower()
    plain = plain.translate(texts._PLAIN)
    assert "".join(texts.words(sentence)) == re.sub(r"\s", "", plain)


def test_a_long_text_takes_no_long_time():
    for piece in ("a", "a-", "n't", "'s", "-", "a'"):
        assert len("".join(texts.words(piece * 20_000))) == len(piece) * 20_000


def typed(sentence):
    """As somebody would type what the data set has in pieces."""
    sentence = re.sub(r" ([.,;:?!)])", r"\1", sentence)
    return re.sub(r"\( ", "(", sentence).capitalize()


def test_snippets_as_they_are_typed():
    for sentence in datasets.load_snippets().test_sentences:
        assert texts.words(typed(sentence)) == texts.words(sentence)


@pytest.mark.parametrize("sentence", [None, 3, b"good", ["a", "good", "film"]])
def test_only_text_has_words(sentence):
    with pytest.raises(ValueError, match=r'^sentence: got .* Give a sentence, "a fine'):
        texts.words(sentence)


# ---- another order ----


def test_shuffled_is_the_same_bag():
    sentence = "It isn't a well-made film, is it?"
    found = {texts.shuffled(sentence, np.random.default_rng(k)) for k in range(20)}
    assert len(found) > 15
    bags = {tuple(sorted(texts.words(one))) for one in found}
    assert bags == {tuple(sorted(texts.words(sentence)))}
    assert Counter(texts.shuffled(sentence).split()) == Counter(texts.words(sentence))
    assert texts.shuffled("") == ""


# ---- vocabularies ----


def test_the_most_frequent_come_first_then_the_alphabet():
    known = Vocabulary.of(["b a c", "b a", "b d"], least=1)
    assert known.words == ("", "<unknown>", "b", "a", "c", "d")
    assert len(known) == 6
    assert repr(known) == "<Vocabulary of 4 words>"
    assert Vocabulary.of(["b a c", "b a"], least=2).words[2:] == ("a", "b")
    assert Vocabulary.of(iter(["b a c", "b a"]), least=1, most=2).words[2:] == (
        "a",
        "b",
    )


def test_numbers_are_places():
    known = Vocabulary.of(["a fine film ."] * 2)
    assert [known.number(word) for word in known.words[2:]] == [2, 3, 4, 5]
    assert known.number("plot") == known.number("<unknown>") == UNKNOWN
    assert known.number("") == PADDING


def test_encoded():
    known = Vocabulary.of(["a fine film is a film"], least=1)
    sentences = ["A fine film", "", "odd odd film", "a a a a fine", "a a a a plot"]
    found = known.encoded(sentences, 4)
    rows = [[2, 4, 3, 0], [0, 0, 0, 0], [1, 1, 3, 0], [2, 2, 2, 2], [2, 2, 2, 2]]
    np.testing.assert_array_equal(found.numbers, rows)
    assert found.numbers.dtype == np.int32
    assert found.unknown == ((), (), ("odd",), (), ())  # what was cut counts as cut
    np.testing.assert_array_equal(found.cut, [0, 0, 0, 1, 1])
    nothing = known.encoded([], 4)
    assert nothing.numbers.shape == (0, 4)
    assert nothing.unknown == ()


def test_a_vocabulary_as_json():
    known = Vocabulary.of(['cliché " \\ film'], least=1)
    assert Vocabulary.from_json(known.as_json()) == known
    assert "cliché" in known.as_json()


@pytest.mark.parametrize("text", ["{}", '["a"]', "[1]", '["","<unknown>","a","a"]'])
def test_other_json_is_refused(text):
    with pytest.raises(ValueError, match=r"^(text|words): got .* Give "):
        Vocabulary.from_json(text)


def test_no_json_at_all():
    with pytest.raises(ValueError, match="Expecting value"):
        Vocabulary.from_json("")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Vocabulary.of("a film"), "^sentences: got 'a film'. Give a list of"),
        (lambda: Vocabulary.of(3), "^sentences: got 3. Give a list"),
        (lambda: Vocabulary.of([3]), "^sentence: got 3. Give a sentence"),
        (lambda: Vocabulary.of(["a"], least=0), "^least: got 0. Give a whole number"),
        (lambda: Vocabulary.of(["a"], most=2.0), "^most: got 2.0. Give a whole number"),
        (
            lambda: Vocabulary.of(["a"]).encoded("a", 3),
            "^sentences: got 'a'. Give a list",
        ),
        (
            lambda: Vocabulary.of(["a"]).encoded(["a"], 0),
            "^length: got 0. .* 1 to 1000",
        ),
        (lambda: texts.negations(12), "^count: got 12. Give a multiple of 8"),
        (lambda: texts.negations(4), "^count: got 4. Give a whole number from 8"),
        (lambda: texts.negations(seed=-1), "^seed: got -1. Give a whole number from 0"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(ValueError, match=said):
        call()


# ---- sentences in which the order decides ----


@pytest.fixture(scope="module")
def made():
    return texts.negations(1600, seed=3)


def parts(made):
    yield made.train_sentences, made.train_labels
    yield made.test_sentences, made.test_labels


def runs(sentence, length):
    """All runs of words of a length."""
    found = ("<s>", *texts.words(sentence), "</s>")
    return [found[k : k + length] for k in range(len(found) - length + 1)]


def test_sizes(made):
    for (sentences, labels), count in zip(parts(made), (1600, 400), strict=True):
        assert len(sentences) == len(labels) == count
        assert labels.dtype == np.int64
        assert labels.mean() == 0.5
    assert len({*made.train_sentences, *made.test_sentences}) == 2000


def test_every_sentence_has_a_twin_of_the_same_words_and_pairs(made):
    """The same bag of words and pairs, the other verdict, in the same part."""
    for sentences, labels in parts(made):
        bags = {}
        for sentence, label in zip(sentences, labels, strict=True):
            bag = (*sorted(runs(sentence, 1)), *sorted(runs(sentence, 2)))
            bags.setdefault(bag, []).append(label)
        assert all(
            sorted(found) == [0, 1] * (len(found) // 2) for found in bags.values()
        )


MARKERS = {*texts._DENIALS, *texts._AFFIRMATIONS}
ADJECTIVES = {*texts._PRAISE, *texts._BLAME}


def claims(sentence):
    """Marker, what stands between, and adjective: twice in a sentence."""
    found = texts.words(sentence)
    for k, word in enumerate(found):
        if word in MARKERS:
            end = next(j for j in range(k, len(found)) if found[j] in ADJECTIVES)
            yield word, found[k + 1 : end], found[end]


def test_the_verdict_is_what_both_claims_say(made):
    for sentences, labels in parts(made):
        for sentence, label in zip(sentences, labels, strict=True):
            said = list(claims(sentence))
            assert len(said) == 2
            for marker, between, adjective in said:
                denied = marker in texts._DENIALS
                assert label == ((adjective in texts._PRAISE) is not denied)
                assert 1 <= len(between) <= 3  # pairs miss it, five words do not


def test_no_window_of_five_words_has_an_adjective_and_the_next_marker(made):
    """So there is no other way to be right than by what a marker stands before."""
    for sentence in made.train_sentences:
        for window in runs(sentence, 5):
            marker = [k for k, word in enumerate(window) if word in MARKERS]
            adjective = [k for k, word in enumerate(window) if word in ADJECTIVES]
            assert all(m < a for m, a in itertools.product(marker, adjective))


def test_the_test_has_meetings_of_its_own(made):
    train, test = (
        {(between, adjective) for one in part for _, between, adjective in claims(one)}
        for part in (made.train_sentences, made.test_sentences)
    )
    assert not train & test
    assert {a for _, a in train} == {a for _, a in test} == ADJECTIVES
    assert {b for b, _ in train} == {b for b, _ in test}
    known = {run for one in made.train_sentences for run in runs(one, 1)}
    assert {run for one in made.test_sentences for run in runs(one, 1)} <= known


def test_long_runs_learned_by_heart_do_not_help(made):
    """What runs of up to five words say in training is worth nothing in the test."""
    counts = {}
    for sentence, label in zip(made.train_sentences, made.train_labels, strict=True):
        for length in range(1, 6):
            for run in runs(sentence, length):
                counts.setdefault(run, Counter())[int(label)] += 1
    right = 0
    for sentence, label in zip(made.test_sentences, made.test_labels, strict=True):
        score = sum(
            counts[run][1] / counts[run].total() - 0.5
            for length in range(1, 6)
            for run in runs(sentence, length)
            if run in counts
        )
        right += (score > 0) == label
    assert 0.4 < right / len(made.test_labels) < 0.6


def test_what_is_made_depends_on_the_seed_alone(made):
    random.seed(1)
    np.random.seed(1)
    again = texts.negations(1600, seed=3)
    assert again.train_sentences == made.train_sentences
    np.testing.assert_array_equal(again.test_labels, made.test_labels)
    assert texts.negations(1600, seed=4).train_sentences != made.train_sentences


def test_twins_are_not_neighbours_everywhere(made):
    """They are mixed, so that a batch does not hold both of each."""
    labels = made.train_labels.reshape(-1, 2)
    assert 0.3 < (labels[:, 0] == labels[:, 1]).mean() < 0.7
