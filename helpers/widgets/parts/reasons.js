// Why a network says what it says: maps of a picture's places, by four methods. A job for
// heavy.js: nothing here touches the page. reasons.py computes the same in Python.

import { lastOf, productOf } from "./arrays.js";
import { asInput, coveringOf, probabilitiesOf } from "./covering.js";
import { backward, forward } from "./learn.js";
import { networkFrom } from "./network.js";
import { chainOf } from "./network_errors.js";
import { extremes } from "./numbers.js";
import { array } from "./ops.js";
import { randomFrom } from "./random.js";

/** Where a worker finds this module. */
export const HERE = import.meta.url;

const SEED = 0; // of random weights and of noise
const NOISE = 0.15; // SmoothGrad's deviation, a share of the picture's range
export const DRAWS = 25; // pictures with noise that SmoothGrad takes the mean of
const MOST = 0.99; // of a map's numbers: what is larger has the full colour, too

// ---- the network, and the way back ----

/** What the numbers of a layer that is not trained begin with; kernels are drawn. */
const FIRST = { bias: 0, gamma: 1, beta: 0, mean: 0, variance: 1, alpha: 0 };

/**
 * The same layers with weights as before a training: kernels drawn evenly between
 * ±√(6 / (inputs + outputs)), as Keras does (Glorot and Bengio 2010); the same for the same seed.
 */
export function drawnAnew(layers) {
  const { uniform } = randomFrom(SEED);
  const anew = ([part, { shape }]) => {
    const data = new Float32Array(productOf(shape));
    if (part !== "kernel") return [part, array(shape, data.fill(FIRST[part]))];
    const taps = productOf(shape.slice(0, -2)); // 1 of a dense layer
    const limit = Math.sqrt(6 / (taps * (shape.at(-2) + shape.at(-1))));
    for (let k = 0; k < data.length; k++) data[k] = limit * (2 * uniform() - 1);
    return [part, array(shape, data)];
  };
  return layers.map((layer) => ({
    ...layer,
    weights: Object.fromEntries(Object.entries(layer.weights).map(anew)),
  }));
}

let kept; // the network of the last job, where the work is done

function networkOf({ number, description, bytes, isRandom }) {
  if (kept?.number === number && kept.isRandom === isRandom) return kept;
  const { layers, inSteps } = networkFrom(description, bytes, isRandom ? drawnAnew : undefined);
  const chain = chainOf(layers);
  const learned = chain.map(({ layer }) => layer);
  kept = { number, isRandom, layers, inSteps, chain, learned };
  return kept;
}

/** `forward` of learn.js with a pause after every layer. */
function* forwardInSteps(network, x) {
  const all = [];
  let input = x;
  for (const layer of network) {
    const made = forward([layer], input);
    all.push(made.kept[0]);
    input = made.output;
    yield;
  }
  return { output: input, kept: all };
}

/** The gradient of a class's logit at the output of a layer of the chain, −1 for the input. */
function* slopesInSteps(network, all, label, index = -1) {
  const { output } = all.at(-1);
  let gradient = array(output.shape, new Float32Array(output.data.length));
  gradient.data[label] = 1;
  for (let k = network.length - 1; k > index; k--) {
    const back = backward([network[k]], [all[k]], gradient, { toWeights: false });
    gradient = back.input;
    yield;
  }
  return gradient;
}

/** How a class's logit changes with every number of a picture. */
function* slopesOf({ layers, learned }, picture, label) {
  const { kept: all } = yield* forwardInSteps(learned, asInput(picture, layers));
  return yield* slopesInSteps(learned, all, label);
}

/** Of each pixel the largest size among its channels. */
function largestSizes({ shape, data }, share = 1) {
  const [rows, columns, channels] = shape.slice(-3);
  const sizes = new Float64Array(rows * columns);
  for (let k = 0; k < data.length; k++) {
    const place = Math.floor(k / channels);
    sizes[place] = Math.max(sizes[place], Math.abs(data[k]) * share);
  }
  return array([rows, columns], sizes);
}

// ---- the methods: generators that yield maps as they get better, and return the last ----

/** Simonyan and others 2013: how much the class's logit changes with a pixel. */
function* saliency(network, { picture, label }) {
  return largestSizes(yield* slopesOf(network, picture, label));
}

/** Smilkov and others 2017: the slopes of many pictures with noise, their mean. */
function* smoothGrad(network, { picture, label }) {
  const { normal } = randomFrom(SEED);
  const { shape } = picture;
  const { low, high } = extremes(picture.data);
  const spread = NOISE * (high - low);
  const sum = array(shape, new Float64Array(productOf(shape)));
  for (let draw = 1; draw <= DRAWS; draw++) {
    const noisy = Float64Array.from(picture.data, (value) => value + spread * normal());
    const { data } = yield* slopesOf(network, array(shape, noisy), label);
    for (let k = 0; k < data.length; k++) sum.data[k] += data[k];
    if (draw < DRAWS) yield { map: largestSizes(sum, 1 / draw), share: draw / DRAWS };
  }
  return largestSizes(sum, 1 / DRAWS);
}

/** Selvaraju and others 2016: a layer's maps, weighed by their mean slopes; above 0. */
function* gradCam({ layers, chain, learned }, { picture, label, layer }) {
  const { kept: all } = yield* forwardInSteps(learned, asInput(picture, layers));
  const of = layers.findIndex(({ name }) => name === layer);
  const index = chain.findLastIndex((part) => part.of === of);
  const { shape, data } = all[index].output;
  const slopes = yield* slopesInSteps(learned, all, label, index);
  const [places, maps] = [shape[1] * shape[2], lastOf(shape)];
  const weights = new Float64Array(maps);
  for (let k = 0; k < data.length; k++) weights[k % maps] += slopes.data[k] / places;
  const found = new Float64Array(places);
  for (let k = 0; k < data.length; k++) found[Math.floor(k / maps)] += weights[k % maps] * data[k];
  return array(shape.slice(1, 3), found.map((sum) => Math.max(sum, 0)));
}

/** Zeiler and Fergus 2013: how much less likely the class is with a patch covered. */
function* occlusion({ layers, inSteps }, { picture, label, side, step, cover }) {
  function* likely(image) {
    const { output } = yield* inSteps(asInput(image, layers)); // twice as fast as learn.js
    return probabilitiesOf(layers, output)[label];
  }
  // At every second place first: a quarter of the work.
  const rough = coveringOf(likely, { picture, side, step: 2 * step, cover });
  for (;;) {
    const { value, done } = rough.next();
    if (done) {
      yield { map: value, share: 0.2, step: 2 * step };
      break;
    }
    if (!value) yield;
  }
  const fine = coveringOf(likely, { picture, side, step, cover });
  for (;;) {
    const { value, done } = fine.next();
    if (done) return value;
    yield value && { share: 0.2 + (0.8 * (value.row + 1)) / value.falls.shape[0] };
  }
}

/** By their names in Python. */
export const METHODS = {
  saliency, smooth_grad: smoothGrad, grad_cam: gradCam, occlusion,
};

/**
 * The map of a picture: { map, took }, an array (rows, columns) and milliseconds. Before that
 * come { map, share }, how much is done, and a map that is not as exact yet; with `step`, where
 * it is not as fine.
 *
 * method, label: the class; layer: Grad-CAM’s, by its name; side, step, cover: of occlusion’s patch,
 * pixels; isRandom: whether the weights are drawn anew. `number` tells networks apart.
 */
export function* reasonJob(input) {
  const start = performance.now();
  const map = yield* METHODS[input.method](networkOf(input), input);
  return { map, took: performance.now() - start };
}

// ---- a map over its picture ----

/** The size that has the full colour: all but a hundredth of the numbers are no larger. */
export function fullColour({ data }) {
  const sizes = Float64Array.from(data, Math.abs).sort();
  return sizes[Math.ceil(MOST * sizes.length) - 1] || sizes.at(-1) || 1;
}

/**
 * A map as fine as its picture: between the middles of its cells, each `cell` pixels wide, it
 * goes in straight lines.
 */
export function stretched({ shape: [rows, columns], data }, size, cell) {
  const along = (count) =>
    Array.from({ length: size }, (_, pixel) => {
      const place = Math.min(Math.max((pixel + 0.5) / cell - 0.5, 0), count - 1);
      const low = Math.floor(place);
      return [low, Math.min(low + 1, count - 1), place - low];
    });
  const [down, across] = [along(rows), along(columns)];
  const made = new Float64Array(size * size);
  let k = 0;
  for (const [top, bottom, y] of down)
    for (const [left, right, x] of across) {
      const above = (1 - x) * data[top * columns + left] + x * data[top * columns + right];
      const below = (1 - x) * data[bottom * columns + left] + x * data[bottom * columns + right];
      made[k++] = (1 - y) * above + y * below;
    }
  return array([size, size], made);
}

/** The ranks of numbers, 0 the least; equal ones share the mean of theirs. */
function ranksOf(data) {
  const order = Int32Array.from(data.keys()).sort((a, b) => data[a] - data[b]);
  const ranks = new Float64Array(data.length);
  for (let first = 0, next = 0; first < order.length; first = next) {
    while (next < order.length && data[order[next]] === data[order[first]]) next++;
    for (let k = first; k < next; k++) ranks[order[k]] = (first + next - 1) / 2;
  }
  return ranks;
}

/** Spearman's correlation of two maps: 1 where they put all places in the same order. */
export function rankCorrelation({ data: one }, { data: other }) {
  const [a, b] = [one, other].map(ranksOf);
  const middle = (a.length - 1) / 2;
  let [both, ofA, ofB] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    both += (a[k] - middle) * (b[k] - middle);
    ofA += (a[k] - middle) ** 2;
    ofB += (b[k] - middle) ** 2;
  }
  return both / Math.sqrt(ofA * ofB);
}
