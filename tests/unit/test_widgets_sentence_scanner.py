"""The Python side of SentenceScanner: what it reads, what it says, what it refuses."""

import numpy as np
import pytest
import sentence_networks
from traitlets import TraitError

from helpers import ops, texts
from helpers.networks import exported, running
from helpers.networks.exported import Network
from helpers.widgets import SentenceScanner
from helpers.widgets.explorers import sentence_scanner
from helpers.widgets.parts import sliding_words

NETWORK = sentence_networks.small()
SENTENCE = "The zorbulous plot isn't dull, it is a wonderful film!"


@pytest.fixture
def scanner():
    scanner = SentenceScanner(SENTENCE, NETWORK)
    yield scanner
    scanner.close()


# ---- what the network reads ----


def test_words_unknown_ones_and_numbers(scanner):
    assert scanner.words == texts.words(SENTENCE)
    assert scanner.unknown == ("zorbulous",)
    assert scanner.cut == 0
    known = scanner.vocabulary
    assert len(known) == len(sentence_networks.VOCABULARY)
    wanted = [known.number(word) for word in scanner.words]
    assert scanner.numbers.tolist() == [*wanted, *[0] * (23 - len(wanted))]


@pytest.mark.parametrize("count", [17, 18, 19, 60])
def test_what_is_too_long_is_cut_off(scanner, count):
    scanner.sentence = "good " * count
    assert scanner.words == ("good",) * min(count, 18)
    assert scanner.cut == max(0, count - 18)
    assert (scanner.numbers[18:] == texts.PADDING).all()
    assert (f"{count - 18} cut off" in scanner.describe()) == (count > 18)


def test_text_from_anywhere_is_taken(scanner):
    for sentence in ("👍", "一部好电影。", "<b>good</b> & <script>", "{n} ${x}", "..."):
        scanner.sentence = sentence
        assert scanner.words == texts.words(sentence)
        assert scanner.describe().startswith("SentenceScanner: “")
        assert scanner.picture().axes


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("", r"sentence: got ''\. Give one with a word in it\."),
        (" \n\t", "Give one with a word in it"),
        ("a" * 1001, r"sentence: got 1,001 letters\. Give 1,000 at most\."),
        (b"good", "Give a sentence, like"),
        (["good"], "Give a sentence, like"),
        (None, "Give a sentence, like"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_sentences_that_are_refused(scanner, sentence, said):
    with pytest.raises(TraitError, match=said):
        scanner.sentence = sentence
    assert scanner.sentence == SENTENCE
    with pytest.raises(TraitError, match=said):
        SentenceScanner(sentence, NETWORK)


def test_the_examples_are_pairs_of_the_same_words():
    for twins in (("not dull", "not good"), ("never dull", "never clever")):
        one, other = (texts.words(sentence_scanner.EXAMPLES[name]) for name in twins)
        assert sorted(one) == sorted(other)
        assert one != other


# ---- what it says ----


@pytest.mark.parametrize("widths", [(1, 2, 3, 4, 5), (3, 4, 5), (2,), (5, 1)])
@pytest.mark.parametrize("classes", [["bad", "good"], ["a", "b", "c", "d"]])
def test_the_sum_is_the_networks_verdict(widths, classes):
    network = sentence_networks.small(3, widths=widths, classes=classes, softmax=False)
    scanner = SentenceScanner(SENTENCE, network)
    for sentence in sentence_scanner.EXAMPLES.values():
        scanner.sentence = sentence
        maps = running.maps(network, scanner.numbers)
        logits = maps["logits"]
        one, other = scanner.sides
        total = logits[one] - logits[other]
        assert scanner.difference == pytest.approx(total, abs=1e-9)
        summed = scanner.contributions.sum() + scanner.bias
        assert summed == pytest.approx(total, abs=1e-9)
        np.testing.assert_allclose(scanner.probabilities, ops.softmax(logits))
        assert scanner.guess == classes[logits.argmax()]
        if len(classes) == 2:
            assert (one, other) == (1, 0)
        else:
            assert [one, other] == np.argsort(-logits)[:2].tolist()
        strongest = [maps[f"width{width}"].max(axis=0) for width in widths]
        np.testing.assert_array_equal(scanner.strongest, np.concatenate(strongest))
    scanner.close()


def test_the_strongest_window_is_the_first_of_equal_ones(scanner):
    scanner.sentence = "good good good good good good"
    for number, width in enumerate(scanner.widths):
        scanner.filter = number
        response = scanner.response
        place = scanner.places[number]
        assert response.argmax() == pytest.approx(place) or np.isclose(
            response[place], response.max()
        )
        inside = 6 - width + 1  # windows without padding: all the same
        if place < inside and scanner.strongest[number] > 0:
            assert place == 0


def test_a_response_goes_to_the_first_window_of_paddings(scanner):
    scanner.filter = 17
    count = len(scanner.words)
    assert len(scanner.response) == count + 1
    whole = scanner.maps["width5"][:, 1]
    np.testing.assert_array_equal(scanner.response, whole[: count + 1])
    np.testing.assert_allclose(whole[count:], whole[count])  # further on nothing new
    scanner.sentence = "good " * 30
    assert len(scanner.response) == 19


# ---- which filter, and where ----


def test_what_counts_most_is_listed_first(scanner):
    counts = np.abs(scanner.contributions)
    assert scanner.listed[0] == counts.argmax()
    assert (np.diff(counts[scanner.listed]) <= 0).all()
    assert len(scanner.listed) == 8
    scanner.width, scanner.rows = 2, 30
    assert sorted(scanner.listed) == [4, 5, 6, 7]
    scanner.rows = 1
    scanner.filter = 19  # of another width: it is asked for
    assert scanner.listed == [19]


def test_the_place_is_the_strongest_again(scanner):
    for change in ({"sentence": "a good film"}, {"filter": 3}, {"width": 3}):
        scanner.place = 1
        for name, value in change.items():
            setattr(scanner, name, value)
        assert scanner.place is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("width", 6, r"width: got 6\. Give 1, 2, 3, 4, 5 or None for all widths\."),
        ("width", -1, "None for all widths"),
        ("filter", 20, r"got 20\. Give a whole number from 0 to 19, or None for the o"),
        ("filter", -1, "None for the one that counts most"),
        ("place", 14, r"from 0 to 13, or None for its strongest window"),
        ("place", "2", "None for its strongest window"),
        ("rows", 0, "from 1 to 30"),
        ("rows", 31, "from 1 to 30"),
    ],
)
def test_settings_that_are_refused(scanner, name, value, said):
    with pytest.raises(TraitError, match=said):
        setattr(scanner, name, value)
    with pytest.raises(TraitError, match=said):
        SentenceScanner(SENTENCE, NETWORK, **{name: value})


def test_settings_from_the_beginning():
    scanner = SentenceScanner(SENTENCE, NETWORK, width=3, filter=9, place=4, rows=3)
    found = (scanner.width, scanner.filter, scanner.place, scanner.rows)
    assert found == (3, 9, 4, 3)
    assert scanner.get_state("width")["width"] == 3
    scanner.width = None
    assert scanner.get_state("width")["width"] == -1  # null would be a closed page
    scanner.set_state({"filter": -1, "place": -1})
    assert (scanner.filter, scanner.place) == (None, None)
    scanner.close()


# ---- networks ----


def test_without_the_courses_network_a_sentence_says_so():
    if "sentences" in exported.SHIPPED:
        scanner = SentenceScanner()
        assert scanner.class_names == ("negative", "positive")
        scanner.close()
        return
    with pytest.raises(TraitError, match="got 'sentences'"):
        SentenceScanner()


def test_a_vocabulary_and_names_of_ones_own():
    network = sentence_networks.small(vocabulary=None, words=None)
    known = texts.Vocabulary(tuple(sentence_networks.VOCABULARY))
    for vocabulary in (known, list(known.words)):
        scanner = SentenceScanner(
            SENTENCE, network, vocabulary=vocabulary, class_names=["thumbs down", "up"]
        )
        assert scanner.vocabulary == known
        assert scanner.class_names == ("thumbs down", "up")
        assert len(scanner.numbers) == 23
        scanner.sentence = "good " * 30
        assert len(scanner.words) == 18  # room for the widest filter's paddings
        scanner.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"network": "sentence"}, 'Did you mean "sentences"'),
        ({"network": 3}, "network: got 3"),
        ({"network": sentence_networks.small(vocabulary=None)}, "Give the Vocabulary"),
        ({"vocabulary": ["", "<unknown>", "a"]}, "3 words for a network of 32"),
        ({"vocabulary": ["a", "b"]}, "words: got"),
        ({"vocabulary": 7}, r"vocabulary: got 7\. Give a helpers\.texts\.Vocabulary"),
        ({"class_names": ["one"]}, "class_names: got"),
        ({"network": exported.shipped("mnist")}, r"Give one that takes numbers of wor"),
        ({"network": sentence_networks.small(words=99)}, "Give it room for a word"),
        (
            {"network": sentence_networks.small(room=0, words=None)},
            r"network: got one that takes \(5,\)\. Give it room for a word",
        ),
    ],
    ids=str,
)
def test_networks_that_are_refused(settings, said):
    with pytest.raises(TraitError, match=said):
        SentenceScanner(**{"sentence": SENTENCE, "network": NETWORK, **settings})


@pytest.mark.parametrize(
    ("layer", "change", "said"),
    [
        ("strongest2", {"reduce": "mean"}, '"width2" and "strongest2" do more'),
        ("width2", {"stride": [1, 2]}, '"width2" and "strongest2" do more'),
        ("width2", {"padding": [[0, 0], [1, 0]]}, "do more than that"),
        ("width2", {"dilation": [1, 2]}, "do more than that"),
        ("width2", {"kind": "batchNormalization"}, '"width2" is of kind batchN'),
        ("words", {"kind": "dense"}, '"words" is of kind dense'),
        ("logits", {"kind": "conv2d"}, '"logits" is of kind conv2d'),
    ],
)
def test_networks_of_another_make_are_refused(layer, change, said):
    described = NETWORK.description
    layers = [
        {**one, **(change if one["name"] == layer else {})}
        for one in described["layers"]
    ]
    other = Network({**described, "layers": layers}, NETWORK.data)
    with pytest.raises(ValueError, match=said) as refusal:
        sliding_words.taken_apart(other)
    assert "beyond.sentence_cnn" in str(refusal.value)


# ---- elsewhere than on a page ----


def test_the_line_and_the_picture(scanner):
    scanner.filter, scanner.place = 5, 3
    assert scanner.describe() == (
        "SentenceScanner: “the zorbulous plot is n't dull , it is a wonderful film !”, "
        f"1 not known; 20 filters of width 1, 2, 3, 4, 5; {scanner.guess} "
        f"{100 * scanner.probabilities.max():.1f} %; filter 5 of width 2 at word 3: "
        f"{scanner.response[3]:.3f}"
    )
    [ax] = scanner.picture().axes
    widths = [bar.get_width() for bar in ax.patches]
    counts = scanner.contributions
    assert widths[: scanner.rows] == pytest.approx(counts[scanner.listed])
    assert widths[-1] == pytest.approx(scanner.difference)
    assert sum(widths[:-1]) == pytest.approx(widths[-1])
