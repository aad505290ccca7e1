// A stack of dense layers at its start: what goes forward, what gradient comes back.
// flows.py has the same, number for number.

import { backward, forward, initialised, randomFrom } from "./learn.js";
import { array } from "./ops.js";

export const BATCH = 64; // inputs that go through at once
export const BOUND = 100; // a gradient that becomes so many times smaller vanishes
const BINS = 40;

const STARTS = {
  small: { initialiser: "random_normal", deviation: 0.01 },
  large: { initialiser: "random_normal", deviation: 1 },
};

/** The layers of which one layer of the stack is made; biases are 0 at the start. */
const blockOf = ({ width, activation, normalise }) => [
  { kind: "dense", units: width, useBias: false },
  ...(normalise ? [{ kind: "batchNormalization" }] : []),
  { kind: "activation", name: activation },
];

/** What a gradient does on its way from the last layer to the first. */
export function verdict(ratio) {
  if (ratio === 0) return "stops";
  if (ratio < 1 / BOUND) return "vanishes";
  return ratio > BOUND ? "explodes" : "holds";
}

/** The length of all numbers as one vector. */
export function norm({ data }) {
  let sum = 0;
  for (const value of data) sum += value * value;
  return Math.sqrt(sum);
}

/** The number below which a share of the sorted ones lies, as NumPy's quantile. */
export function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * How activations, (inputs, units), are spread: percentiles, root mean square, the share of
 * exact zeros, how many units are 0 for every input, and how many of the other numbers lie in
 * each of the bins from the least to the most of them.
 */
export function spread({ shape: [rows, units], data }) {
  const alive = new Uint8Array(units);
  const sorted = Float64Array.from(data).sort();
  let [zeros, least, most] = [0, Infinity, -Infinity];
  for (let k = 0; k < data.length; k++) {
    const value = data[k];
    if (value === 0) {
      zeros++;
      continue;
    }
    alive[k % units] = 1;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const bins = new Array(BINS).fill(0);
  const each = (most - least) / BINS;
  for (const value of data)
    if (value !== 0)
      bins[each > 0 ? Math.min(Math.floor((value - least) / each), BINS - 1) : 0]++;
  return {
    low: quantile(sorted, 0.05),
    median: quantile(sorted, 0.5),
    high: quantile(sorted, 0.95),
    rms: norm({ data }) / Math.sqrt(rows * units),
    zeros: zeros / data.length,
    units,
    dead: units - alive.reduce((a, b) => a + b, 0),
    ...(zeros < data.length ? { least, most } : { least: 0, most: 0 }),
    bins,
  };
}

/**
 * A job for heavy.js: what goes through a stack { layers, width, activation, initialiser,
 * normalise, seed } in training, once forward and once back. In: a batch of standard normal
 * numbers; at the top comes in a gradient of norm 1 in a random direction, as if from a loss.
 * It returns for each layer, first to last, `spread` of its output, the norm `arrived` of the
 * gradient that arrives there, and that of its weights, `moved`. onLayer comes with each layer's
 * own layers, which have the weights, and what came out.
 */
export function* flow(stack, onLayer = () => {}) {
  const { layers, width, initialiser, seed } = stack;
  const random = randomFrom(seed);
  const drawn = () =>
    array([BATCH, width], Float64Array.from({ length: BATCH * width }, random.normal));
  let x = drawn();
  let back = drawn();
  const length = norm(back);
  back = array(back.shape, back.data.map((value) => value / length));

  const done = [];
  for (let k = 0; k < layers; k++) {
    const network = initialised(blockOf(stack), {
      inputShape: [width],
      random,
      initialiser,
      ...STARTS[initialiser],
    });
    const { output, kept } = forward(network, x, { training: true });
    done.push({ network, kept, spread: spread(output) });
    onLayer({ network, output });
    x = output;
    yield;
  }
  const measured = [];
  for (let k = layers - 1; k >= 0; k--) {
    const { network, kept } = done[k];
    const { gradients, input } = backward(network, kept, back);
    measured[k] = {
      ...done[k].spread,
      arrived: norm(back),
      moved: norm(gradients[0].kernel),
    };
    back = input;
    yield;
  }
  return measured;
}
