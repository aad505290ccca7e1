// Sentences as words, words as numbers: helpers/texts.py, as tests/browser/test_words_js.py
// makes sure.

export const PADDING = 0;
export const UNKNOWN = 1;

const PLAIN = { "‘": "'", "’": "'", "“": '"', "”": '"', "–": "--", "—": "--", "…": "..." };
const LETTER = "[a-z0-9\\u00df-\\u00f6\\u00f8-\\u024f]";
const NOT = `n't(?!${LETTER})`;
const ENDING = `'(?:s|re|ve|ll|d|m)(?!${LETTER})`;
const WORD = new RegExp(
  `(?:${LETTER}+-)*${LETTER}+?(?=${NOT})` + // "is" of "isn't"
    `|${NOT}|${ENDING}` +
    `|${LETTER}+(?:(?:-|(?!${ENDING})')${LETTER}+)*` + // "well-made", "o'clock"
    "|--+|[^\\s\\x00-\\x1f\\x7f-\\x9f\\ufeff]",
  "gu",
);

/** A sentence as words and marks, in small letters. */
export function words(sentence) {
  const plain = sentence.normalize("NFC").toLowerCase();
  return plain.replace(/[‘’“”–—…]/gu, (mark) => PLAIN[mark]).match(WORD) ?? [];
}

/** The numbers of words by a vocabulary, a list: a function (words, length), filled up at the end. */
export function numbering(vocabulary) {
  const numbers = new Map(vocabulary.map((word, number) => [word, number]));
  const numberOf = (word) => numbers.get(word) ?? UNKNOWN;
  return {
    knows: (word) => numbers.has(word),
    numbersOf(found, length) {
      const row = new Float32Array(length).fill(PADDING);
      row.set(found.slice(0, length).map(numberOf));
      return row;
    },
  };
}
