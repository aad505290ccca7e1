// SentenceScanner: a network whose filters slide over words, and what it makes of a sentence.
// parts/sliding_words.py takes the same description apart, and refuses what is made otherwise.

import { networkFrom } from "../parts/network.js";
import { sumOf } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { likeliest } from "../parts/probabilities.js";
import { softmaxInto } from "../parts/pointwise.js";
import { numbering, words } from "../parts/words.js";

const EQUAL = 1e-5; // of a number: what differs by less does so by the way it was added up

/** The filters of a network, counted through: of each its layer, its place there, its width. */
function filtersOf(layers, last) {
  const dense = layers[last].kind === "activation" ? layers[layers[last].inputs[0]] : layers[last];
  const [strongest] = dense.inputs;
  const pools = layers[strongest].kind === "concatenate" ? layers[strongest].inputs : [strongest];
  const filters = pools.flatMap((pool) => {
    const [layer] = layers[pool].inputs;
    const { size, shape } = layers[layer];
    return Array.from({ length: shape[1] }, (_, place) => ({ layer, place, width: size[1] }));
  });
  return { dense, filters };
}

/** Where a filter says its largest number first, and that number. */
function largestOf(responses) {
  const most = responses.reduce((a, b) => Math.max(a, b), -Infinity);
  return { most, at: responses.findIndex((one) => one >= most - EQUAL * Math.abs(most)) };
}

/** The classes for and against which filters count. */
function sidesOf(logits) {
  if (logits.length === 2) return [1, 0];
  return likeliest(logits, 2);
}

/**
 * A network that is ready to read: `widths` of its filters; read(sentence) gives what it reads, and
 * what it makes of it. `most` words are read.
 */
export function readerOf(description, bytes) {
  const { layers, run } = networkFrom(description, bytes);
  const { vocabulary, words: most } = description.about;
  const { knows, numbersOf } = numbering(vocabulary);
  const { dense, filters } = filtersOf(layers, description.outputs[0]);
  const [length] = layers[description.inputs[0]].shape;
  const { kernel, bias } = dense.weights;
  const classes = kernel.shape[1];
  const widest = filters.reduce((found, { width }) => Math.max(found, width), 0);

  function read(sentence) {
    const all = words(sentence);
    const found = all.slice(0, most);
    const { maps } = run(array([1, length], numbersOf(found, length)));
    const columns = filters.map(({ layer, place }) => {
      const count = layers[layer].shape[1];
      return Float64Array.from(
        { length: layers[layer].shape[0] },
        (_, at) => maps[layer].data[at * count + place],
      );
    });
    const largest = columns.map(largestOf);
    const logits = Float64Array.from({ length: classes }, (_, c) =>
      largest.reduce((sum, { most: one }, f) => sum + one * kernel.data[f * classes + c], bias?.data[c] ?? 0),
    );
    const sides = sidesOf(logits);
    const [one, other] = sides;
    const weights = filters.map((_, f) => kernel.data[f * classes + one] - kernel.data[f * classes + other]);
    const probabilities = new Float64Array(classes);
    softmaxInto(probabilities, logits, classes);
    const begins = bias ? bias.data[one] - bias.data[other] : 0;
    const contributions = Float64Array.from(largest, ({ most: number }, f) => number * weights[f]);
    return {
      words: found,
      known: found.map(knows),
      unknown: [...new Set(found.filter((word) => !knows(word)))],
      cut: all.length - found.length,
      paddings: Math.min(length - found.length, widest),
      // Where its window begins at each word, and behind the last: further on all is the same.
      responses: columns.map((column) => column.slice(0, found.length + 1)),
      strongest: Float64Array.from(largest, ({ most: number }) => number),
      places: largest.map(({ at }) => at),
      ...{ sides, weights, contributions, bias: begins },
      difference: sumOf(contributions) + begins,
      probabilities,
    };
  }
  return { widths: filters.map(({ width }) => width), most, read };
}

/** The filters that are listed, those that count most first; `asked` is among them. */
export function listedOf({ contributions }, widths, { width, rows, filter }) {
  const isMine = (number) => width < 0 || widths[number] === width;
  const counts = contributions.map((value, number) => (isMine(number) ? Math.abs(value) : -1));
  const count = Math.min(rows, widths.filter((_, number) => isMine(number)).length);
  return likeliest(counts, count, filter < 0 ? undefined : filter);
}
