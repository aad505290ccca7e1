"""parts/words.js splits and numbers sentences as helpers/texts.py does."""

import contextlib
import io

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers import texts
from helpers.datasets import load_snippets

CASES = 2000
VOCABULARY = texts.Vocabulary.of(
    ["a good film , isn't it ? not a well-made one .", "café -- a good plot"], least=1
)
# What sentences are made of, and what comes between.
PIECES = (
    *("good", "Good", "ISN'T", "isn’t", "can't", "n't", "won't've", "o'clock"),
    *("well-made", "rock'n'roll", "'tis", "it's", "they'd", "cats'", "'s", "I'm"),
    *("café", "cafe\u0301", "ÉCLAIR", "STRASSE", "straße", "İ", "ŒUVRE", "naïve"),
    *("好看", "電影。", "хорошо", "ΣΟΦΌΣ", "👍", "👩‍👩‍👧", "😀😀", "e\u0302"),
    *("<b>", "&amp;", "</script>", "{word}", "$&", "\\", '"', "“", "”", "‘", "’"),
    *("-", "--", "---", "–", "—", "…", "...", "!", "?!", ";", "(", ")", "1999", "3.5"),
    *("a-", "-a", "a--b", "don't-care", "x" * 40, "'", "''", "n't-", "'ll'd"),
)
SPACES = ("", " ", "  ", "\t", "\n", "\u00a0", "\u2003", "\u200b", "\ufeff", "\x85")

SPLIT = """(sentences) => sentences.map((sentence) => words.words(sentence))"""
NUMBERED = """([vocabulary, sentences, length]) => {
  const { knows, numbersOf } = words.numbering(vocabulary);
  return sentences.map((sentence) => {
    const found = words.words(sentence);
    return [[...numbersOf(found, length)], found.map(knows)];
  });
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/words.js")
        yield page


def random_sentence(rng):
    """Pieces with anything between, and now and then any letter at all."""
    made = ""
    for _ in range(rng.integers(1, 9)):
        piece = str(rng.choice(PIECES))
        if rng.random() < 0.15:
            point = int(rng.integers(1, 0x3000))
            piece += chr(point)
        made += piece + str(rng.choice(SPACES, p=[0.2, 0.6, *[0.025] * 8]))
    return made


def test_random_strings_are_split_alike(page):
    rng = np.random.default_rng(9)
    sentences = [random_sentence(rng) for _ in range(CASES)]
    found = page.evaluate(SPLIT, sentences)
    for sentence, split in zip(sentences, found, strict=True):
        assert split == list(texts.words(sentence)), repr(sentence)


def test_sentences_of_the_data_set_are_split_alike(page):
    with contextlib.redirect_stdout(io.StringIO()):
        snippets = load_snippets()
    sentences = [*snippets.train_sentences, *texts.negations(400).train_sentences]
    found = page.evaluate(SPLIT, sentences)
    assert found == [list(texts.words(sentence)) for sentence in sentences]


@pytest.mark.parametrize("length", [1, 4, 20])
def test_numbers_are_the_same(page, length):
    rng = np.random.default_rng(length)
    words = [*VOCABULARY.words[2:], "superb", "好"]
    sentences = [" ".join(rng.choice(words, rng.integers(1, 12))) for _ in range(300)]
    found = page.evaluate(NUMBERED, [list(VOCABULARY.words), sentences, length])
    wanted = VOCABULARY.encoded(sentences, length)
    assert [numbers for numbers, _ in found] == wanted.numbers.tolist()
    for sentence, (_, known) in zip(sentences, found, strict=True):
        split = texts.words(sentence)
        assert known == [VOCABULARY.number(word) != texts.UNKNOWN for word in split]


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString"])
def test_names_of_the_language_are_words_like_others(page, name):
    [[numbers, known]] = page.evaluate(NUMBERED, [list(VOCABULARY.words), [name], 2])
    assert 1 in numbers
    assert not any(known)
