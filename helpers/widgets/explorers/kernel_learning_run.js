// What KernelLearning learns from, and the learning itself, which a worker does.

import {
  forward, initialised, meanSquaredError, optimizer, randomFrom, trainingStep,
} from "../parts/learn.js";
import { array } from "../parts/ops.js";

/** Where a worker finds this module. */
export const url = import.meta.url;

// ms of work between two pieces of history: the first is soon there, all are not too many.
const [FIRST, LATER] = [40, 100];

/** Some pictures of a batch (n, rows, columns, 1), in any order. */
export function picked({ shape, data }, which) {
  const size = data.length / shape[0];
  const chosen = new Float64Array(which.length * size);
  which.forEach((n, k) => chosen.set(data.subarray(n * size, (n + 1) * size), k * size));
  return array([which.length, ...shape.slice(1)], chosen);
}

/** A batch without its outermost `rim` rows and columns. */
function inner({ shape: [count, side], data }, rim) {
  const left = side - 2 * rim;
  const cut = new Float64Array(count * left * left);
  for (let n = 0, k = 0; n < count; n++)
    for (let i = rim; i < side - rim; i++)
      for (let j = rim; j < side - rim; j++) cut[k++] = data[(n * side + i) * side + j];
  return array([count, left, left, 1], cut);
}

/** A network of one layer, whose weights are a kernel. */
const networkOf = (kernel) => [
  { kind: "conv2d", useBias: false, weights: { kernel: array([...kernel.shape, 1, 1], kernel.data) } },
];

/** Three sources of chance, so that one setting does not change what another draws. */
const chance = (seed, use) => randomFrom(3 * seed + use);

/**
 * All that a run needs but its own settings: { training, heldOut }, each { x, wanted }, the
 * `start` of random numbers, and `floor`, the training loss of the secret kernel itself.
 *
 * The smaller of the two kernels sees as much less of the pictures that both have as many
 * windows.
 */
export function lesson({ pictures, secret, size, examples, noise, seed }, { heldOut }) {
  const [count, side] = pictures.shape;
  const batch = array([count, side, side, 1], pictures.data);
  const widest = Math.max(size, secret.shape[0]);
  const seenBy = (own) => inner(batch, (widest - own) / 2);
  const wanted = forward(networkOf(secret), seenBy(secret.shape[0])).output;
  const seen = seenBy(size);
  const numbers = (first, length) => Array.from({ length }, (_, k) => first + k);
  const pairOf = (which) => ({ x: picked(seen, which), wanted: picked(wanted, which) });
  const training = pairOf(numbers(0, examples));
  const random = chance(seed, 1);
  let sum = 0;
  const noisy = training.wanted.data.map((value) => {
    const added = noise * random.normal();
    sum += added ** 2;
    return value + added;
  });
  training.wanted = array(training.wanted.shape, noisy);
  const layer = { kind: "conv2d", filters: 1, size, useBias: false };
  const [{ weights }] = initialised([layer], {
    inputShape: seen.shape.slice(1),
    random: chance(seed, 0),
  });
  return {
    training,
    heldOut: pairOf(numbers(count - heldOut, heldOut)),
    start: array([size, size], weights.kernel.data),
    floor: sum / noisy.length,
  };
}

/** What a kernel makes of a batch. */
export const answer = (kernel, x) => forward(networkOf(kernel), x).output;

/** The loss of a kernel on pictures whose outputs are wanted. */
export const lossOf = (kernel, { x, wanted }) => meanSquaredError(answer(kernel, x), wanted).loss;

/** Which examples each step learns from: all of them once, in a new order, again. */
function* batches({ examples, batch, seed }) {
  const random = chance(seed, 2);
  for (;;) {
    const order = random.shuffled(examples);
    for (let from = 0; from < examples; from += batch) yield order.subarray(from, from + batch);
  }
}

/**
 * Learn, from { settings, limits } and, where a run goes on, { from: { step, kernel } }.
 * Yields pieces of history, { kernels, training, heldOut, rate }: one kernel after the other
 * and both losses, before the first step and after each, and how many steps a second were
 * made. Returns { diverged }: whether the loss has grown out of hand, which ends a run.
 */
export function* learning({ settings, limits, from, first }) {
  const { training, heldOut, start } = lesson(settings, limits);
  const kernel = array(start.shape, Float64Array.from(from ? from.kernel : start.data));
  const network = networkOf(kernel);
  const descent = optimizer("sgd", { learningRate: settings.learning_rate });
  const orders = batches(settings);
  const began = performance.now();
  let step = from?.step ?? 0;
  let beginning = first; // the loss before the first step
  let piece;
  let due;

  function begin(time) {
    piece = { kernels: [], training: [], heldOut: [] };
    due = performance.now() + time;
  }
  function note() {
    piece.kernels.push(...kernel.data);
    piece.training.push(lossOf(kernel, training));
    piece.heldOut.push(lossOf(kernel, heldOut));
    return piece.training.at(-1);
  }
  function told() {
    const seconds = (performance.now() - began) / 1000;
    const rate = seconds > 0 ? (step - (from?.step ?? 0)) / seconds : 0;
    return { ...piece, rate };
  }

  for (let k = 0; k < step; k++) orders.next(); // those that were made before
  begin(FIRST);
  if (!from) beginning = note();
  while (step < settings.steps) {
    const which = orders.next().value;
    const [x, wanted] = [picked(training.x, which), picked(training.wanted, which)];
    trainingStep(network, x, (output) => meanSquaredError(output, wanted), descent);
    step += 1;
    if (!(note() <= limits.runaway * beginning)) {
      yield told();
      return { diverged: true };
    }
    if (performance.now() < due) yield;
    else {
      yield told();
      begin(LATER);
    }
  }
  yield told();
  return { diverged: false };
}

// ------------------------------------------------------------------- what the page looks at

/** All of a run so far; pieces of it come from the worker. */
export function history(size) {
  const self = { training: [], heldOut: [], kernels: [], add, kernelAt };

  function add({ kernels, training, heldOut }) {
    self.training.push(...training);
    self.heldOut.push(...heldOut);
    for (let from = 0; from < kernels.length; from += size * size)
      self.kernels.push(Float64Array.from(kernels.slice(from, from + size * size)));
  }
  function kernelAt(step) {
    return array([size, size], self.kernels[step] ?? new Float64Array(size * size));
  }
  return self;
}

/** A kernel in the middle of a larger one of zeros. */
export function embedded({ shape: [side], data }, wide) {
  const rim = (wide - side) / 2;
  const out = array([wide, wide]);
  data.forEach((value, k) => {
    out.data[(rim + Math.floor(k / side)) * wide + rim + (k % side)] = value;
  });
  return out;
}

/** The size of the largest number. */
export const largest = ({ data }) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
export const less = (a, b) => array(a.shape, a.data.map((value, k) => value - b.data[k]));

/** The largest difference of two kernels, and the largest weight outside the secret one. */
export function compared(kernel, secret) {
  const wide = Math.max(kernel.shape[0], secret.shape[0]);
  const side = secret.shape[0];
  const rim = (wide - side) / 2;
  const [learned, wanted] = [kernel, secret].map((one) => embedded(one, wide));
  const outside = ([i, j]) => [i, j].some((n) => n < rim || n >= rim + side);
  const ring = learned.data.filter((_, k) => outside([Math.floor(k / wide), k % wide]));
  return { difference: largest(less(learned, wanted)), ring: largest({ data: ring }) };
}
