// Learning in the page: a network as plain data, forward and backward, losses, a start.
//
// A network is a list of layers { kind, …settings, weights }:
//
//   { kind: "dense", units, useBias }                     weights { kernel, bias }
//   { kind: "conv2d", filters, size, stride, padding, useBias }           the same
//   { kind: "activation", name, setting }                 also "softmax"
//   { kind: "prelu" }                                     weights { alpha }
//   { kind: "pool2d", size, stride, reduce }              reduce "max" or "mean"
//   { kind: "batchNormalization", momentum, epsilon }     weights { gamma, beta }
//   { kind: "flatten" }
//
// with Keras's meaning and its shapes: a kernel (inputs, units) or (rows, columns,
// channels, filters), padding "valid" or "same", useBias false for none. Batch
// normalisation has moving: { mean, variance } beside its weights. Arrays are
// { shape, data }, of Float64Array or, twice as small, Float32Array; a batch comes first.
// tests/browser/test_learn_js.py compares all of it with Keras and TensorFlow.

import { zeros } from "./arrays.js";
import { KINDS, softmax } from "./layers.js";
import { array } from "./ops.js";

export { ACTIVATIONS, activate, slopeOf } from "./activations.js";
export { optimizer, schedule } from "./optimisers.js";
export { randomFrom } from "./random.js";
export { softmax };

/**
 * What a network makes of a batch: { output, kept }. kept holds for every layer its input,
 * its output and what its way back needs. Nothing is changed: in training, `remember`
 * moves the statistics of batch normalisation afterwards.
 */
export function forward(network, x, { training = false } = {}) {
  const kept = [];
  let input = x;
  for (const layer of network) {
    const notes = KINDS[layer.kind].forward(layer, input, { training });
    kept.push({ input, ...notes });
    input = notes.output;
  }
  return { output: input, kept };
}

/**
 * The gradients of a loss from its gradient by the output: { gradients, input }, for each
 * layer one of each of its weights, and that of the network's input. toInput: false
 * leaves the latter out, which training does not need; it costs a convolution. toWeights: false
 * leaves out the former, which who asks about a picture does not need: null stands there.
 * arrived, a list, gets the gradient at each layer's output.
 */
export function backward(
  network,
  kept,
  gradient,
  { toInput = true, toWeights = true, arrived = [] } = {},
) {
  const gradients = [];
  let back = gradient;
  for (let index = network.length - 1; index >= 0; index--) {
    const layer = network[index];
    arrived[index] = back;
    const needed = { toInput: toInput || index > 0, toWeights };
    const found = KINDS[layer.kind].backward(layer, kept[index], back, needed);
    gradients[index] = found.gradients;
    back = found.input;
  }
  return { gradients, input: toInput ? back : null };
}

/** What an optimiser changes: the weights of each layer, by name. */
export const weightsOf = (network) =>
  network.map(({ weights = {} }) =>
    Object.fromEntries(Object.entries(weights).filter(([, values]) => values)),
  );

/** After a batch in training: batch normalisation's moving statistics go towards its. */
export function remember(network, kept) {
  network.forEach(({ moving, momentum = 0.99 }, index) => {
    const { batch } = kept[index];
    if (!batch) return;
    for (const name of ["mean", "variance"])
      batch[name].forEach((value, c) => {
        const { data } = moving[name];
        data[c] = data[c] * momentum + value * (1 - momentum);
      });
  });
}

/**
 * One step of training: forward, loss, backward, a step of the optimiser. loss(output)
 * gives { loss, gradient }; that and the output come back.
 */
export function trainingStep(network, x, loss, optimizer) {
  const { output, kept } = forward(network, x, { training: true });
  const found = loss(output);
  const { gradients } = backward(network, kept, found.gradient, { toInput: false });
  optimizer.step(weightsOf(network), gradients);
  remember(network, kept);
  return { ...found, output };
}

// ---- losses: { loss, gradient }, the gradient by what came first ----

/** The mean of (prediction − target)² over all numbers. */
export function meanSquaredError(prediction, target) {
  const gradient = zeros(prediction.shape, prediction);
  const count = prediction.data.length;
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const error = prediction.data[k] - target.data[k];
    sum += error * error;
    gradient.data[k] = (2 * error) / count;
  }
  return { loss: sum / count, gradient };
}

/**
 * The mean over the rows of −ln softmax(logits)[label], straight from the logits, so that
 * it stays finite. labels are whole numbers, or an array of probabilities like the logits.
 */
export function softmaxCrossEntropy(logits, labels) {
  const classes = logits.shape[logits.shape.length - 1];
  const rows = logits.data.length / classes;
  const gradient = zeros(logits.shape, logits);
  const wanted = (row, c) =>
    labels.data ? labels.data[row * classes + c] : Number(labels[row] === c);
  let loss = 0;
  for (let row = 0, k = 0; row < rows; row++) {
    const start = row * classes;
    let most = -Infinity;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits.data[start + c]);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits.data[start + c] - most);
    const total = Math.log(sum);
    for (let c = 0; c < classes; c++, k++) {
      const part = wanted(row, c);
      const logarithm = logits.data[k] - most - total;
      if (part) loss -= (part * logarithm) / rows;
      gradient.data[k] = (Math.exp(logarithm) - part) / rows;
    }
  }
  return { loss, gradient };
}

// ---- a start ----

// Keras's initialisers: from a generator and how many numbers go in and out.
const INITIALISERS = {
  glorot_uniform(random, [inputs, outputs]) {
    const limit = Math.sqrt(6 / (inputs + outputs));
    return limit * (2 * random.uniform() - 1);
  },
  /** Normal numbers within two deviations, spread so that √(2 / inputs) is theirs. */
  he_normal(random, [inputs]) {
    let number = random.normal();
    while (Math.abs(number) > 2) number = random.normal();
    return (Math.sqrt(2 / inputs) * number) / 0.87962566103423978;
  },
  random_normal: (random, _, deviation) => deviation * random.normal(),
};

/**
 * The layers with weights to begin with, others than the given ones. inputShape is
 * without the batch; random a generator; initialiser that of the kernels, "glorot_uniform",
 * "he_normal" or "random_normal" with its deviation, where a layer names none of its own;
 * Numbers the kind of arrays. Biases begin at 0.
 */
export function initialised(
  layers,
  {
    inputShape,
    random,
    initialiser = "glorot_uniform",
    deviation = 0.05,
    Numbers = Float64Array,
  },
) {
  const like = { data: new Numbers(0) };
  let shape = inputShape;
  return layers.map((layer) => {
    const draw = INITIALISERS[layer.initialiser ?? initialiser];
    const spread = layer.deviation ?? deviation;
    const ways = {
      zero: (sizes) => zeros(sizes, like),
      random: (sizes, fans) => {
        const drawn = zeros(sizes, like);
        return array(sizes, drawn.data.map(() => draw(random, fans, spread)));
      },
    };
    const kind = KINDS[layer.kind];
    const made = { ...layer };
    if (kind.weights) made.weights = kind.weights(layer, shape, ways);
    if (kind.moving) made.moving = kind.moving(layer, shape, ways);
    shape = kind.shape(layer, shape);
    return made;
  });
}
