// The layers of a network, forward and backward, with Keras's meaning; learn.js strings
// them together. Arrays are { shape, data } with any kind of typed array: batches of
// pictures (n, rows, columns, channels), or of lists (n, numbers).

import { ACTIVATIONS } from "./activations.js";
import { gradientsLike, lastOf, productOf, zeros } from "./arrays.js";
import { array } from "./ops.js";
import { activateInto, bendInto, normaliseInto, softmaxInto } from "./pointwise.js";
import {
  addProduct, addRows, addTransposedProduct, fillRows, transposed,
} from "./products.js";
import { conv2d, pool2d } from "./sliding_layers.js";

const dense = {
  shape: ({ units }, shape) => [...shape.slice(0, -1), units],

  weights: ({ units, useBias = true }, shape, { random, zero }) => ({
    kernel: random([lastOf(shape), units], [lastOf(shape), units]),
    ...(useBias && { bias: zero([units]) }),
  }),

  forward({ weights: { kernel, bias } }, x) {
    const [inner, columns] = kernel.shape;
    const output = zeros([...x.shape.slice(0, -1), columns], x);
    if (bias) fillRows(output.data, bias.data);
    addProduct(output.data, x.data, kernel.data, x.data.length / inner, inner, columns);
    return { output };
  },

  backward({ weights }, { input }, gradient, { toInput, toWeights }) {
    const { kernel, bias } = weights;
    const [inner, columns] = kernel.shape;
    const rows = input.data.length / inner;
    const gradients = toWeights ? gradientsLike(weights) : null;
    if (toWeights) {
      const { data } = gradients.kernel;
      addTransposedProduct(data, input.data, gradient.data, rows, inner, columns);
      if (bias) addRows(gradients.bias.data, gradient.data, columns);
    }
    if (!toInput) return { gradients };
    const back = zeros(input.shape, input);
    const turned = transposed(kernel.data, inner, columns);
    addProduct(back.data, gradient.data, turned, rows, columns, inner);
    return { gradients, input: back };
  },
};

const flatten = {
  shape: (_, shape) => [productOf(shape)],
  forward: (_, x) => {
    const shape = [x.shape[0], productOf(x.shape.slice(1))];
    return { output: array(shape, x.data) };
  },
  backward: (_, { input }, { data }) => ({
    gradients: {},
    input: array(input.shape, data),
  }),
};

// ---- activations ----

/** Softmax of each row: of the numbers along the last axis. */
export function softmax(x) {
  const output = zeros(x.shape, x);
  softmaxInto(output.data, x.data, lastOf(x.shape));
  return output;
}

/** Each score's part: share · (its gradient − the mean gradient, weighed by shares). */
function softmaxBackward({ shape, data: shares }, { data: arrived }) {
  const back = new shares.constructor(shares.length);
  const classes = lastOf(shape);
  for (let start = 0; start < shares.length; start += classes) {
    let mean = 0;
    for (let c = start; c < start + classes; c++) mean += shares[c] * arrived[c];
    for (let c = start; c < start + classes; c++)
      back[c] = shares[c] * (arrived[c] - mean);
  }
  return array(shape, back);
}

/** { name, setting }: softmax, or any of ACTIVATIONS; NaN stays NaN. */
const activation = {
  shape: (_, shape) => shape,

  forward({ name, setting }, x) {
    if (name === "softmax") return { output: softmax(x) };
    const { value, setting: usual } = ACTIVATIONS[name];
    const output = zeros(x.shape, x);
    activateInto(output.data, x.data, value, setting ?? usual);
    return { output };
  },

  backward({ name, setting }, { input, output }, gradient) {
    if (name === "softmax")
      return { gradients: {}, input: softmaxBackward(output, gradient) };
    const { slope, setting: usual } = ACTIVATIONS[name];
    const back = zeros(input.shape, input);
    for (let k = 0; k < input.data.length; k++) {
      const number = input.data[k];
      const rise = Number.isNaN(number) ? NaN : slope(number, setting ?? usual);
      back.data[k] = rise * gradient.data[k];
    }
    return { gradients: {}, input: back };
  },
};

/** relu(x) − alpha · relu(−x), as Keras: at 0 nothing comes through. Alpha: a channel's. */
const prelu = {
  shape: (_, shape) => shape,

  weights: (_, shape, { zero }) => ({
    alpha: zero([...shape.slice(0, -1).map(() => 1), lastOf(shape)]),
  }),

  forward({ weights: { alpha } }, x) {
    const output = zeros(x.shape, x);
    bendInto(output.data, x.data, alpha.data);
    return { output };
  },

  backward({ weights }, { input }, { data }, { toWeights }) {
    const gradients = toWeights ? gradientsLike(weights) : null;
    const [slopes, ofSlopes] = [weights.alpha.data, gradients?.alpha.data];
    const back = zeros(input.shape, input);
    for (let k = 0; k < data.length; k++) {
      const number = input.data[k];
      const c = k % slopes.length;
      if (number > 0) back.data[k] = data[k];
      if (number < 0) {
        back.data[k] = slopes[c] * data[k];
        if (toWeights) ofSlopes[c] += number * data[k];
      }
    }
    return { gradients, input: back };
  },
};

// ---- batch normalisation ----

/** Mean and variance of every channel, over all that is before the last axis. */
function statistics({ data }, channels) {
  const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
  const rows = data.length / channels;
  for (let k = 0; k < data.length; )
    for (let c = 0; c < channels; c++, k++) mean[c] += data[k] / rows;
  for (let k = 0; k < data.length; )
    for (let c = 0; c < channels; c++, k++)
      variance[c] += (data[k] - mean[c]) ** 2 / rows;
  return { mean, variance };
}

/**
 * Training takes the batch's own mean and variance, and hands them on for `remember` in
 * learn.js; else layer.moving's are taken, { mean, variance }, arrays like the weights.
 */
const batchNormalization = {
  shape: (_, shape) => shape,

  weights: (_, shape, { zero }) => {
    const [gamma, beta] = [zero([lastOf(shape)]), zero([lastOf(shape)])];
    gamma.data.fill(1);
    return { gamma, beta };
  },

  moving: (_, shape, { zero }) => {
    const [mean, variance] = [zero([lastOf(shape)]), zero([lastOf(shape)])];
    variance.data.fill(1);
    return { mean, variance };
  },

  forward({ weights: { gamma, beta }, moving, epsilon = 0.001 }, x, { training }) {
    const channels = lastOf(x.shape);
    const batch = training ? statistics(x, channels) : null;
    const mean = batch?.mean ?? moving.mean.data;
    const variance = batch?.variance ?? moving.variance.data;
    const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
    const output = zeros(x.shape, x);
    const numbers = { mean, inverse, gamma: gamma.data, beta: beta.data };
    normaliseInto(output.data, x.data, numbers);
    return { output, batch, mean: Float64Array.from(mean), inverse };
  },

  /** In training each number also moves its channel's mean and variance: two terms more. */
  backward({ weights }, { input, batch, mean, inverse }, { data }, { toWeights }) {
    const gradients = toWeights ? gradientsLike(weights) : null;
    const channels = mean.length;
    const rows = data.length / channels;
    const [sums, products] = [new Float64Array(channels), new Float64Array(channels)];
    if (toWeights || batch)
      for (let k = 0; k < data.length; )
        for (let c = 0; c < channels; c++, k++) {
          sums[c] += data[k];
          products[c] += data[k] * (input.data[k] - mean[c]) * inverse[c];
        }
    gradients?.beta.data.set(sums);
    gradients?.gamma.data.set(products);
    const back = zeros(input.shape, input);
    for (let k = 0; k < data.length; )
      for (let c = 0; c < channels; c++, k++) {
        const normal = (input.data[k] - mean[c]) * inverse[c];
        const taken = batch ? (sums[c] + normal * products[c]) / rows : 0;
        back.data[k] = weights.gamma.data[c] * inverse[c] * (data[k] - taken);
      }
    return { gradients, input: back };
  },
};

/**
 * Each kind of layer. shape(layer, shape) of what comes out, without the batch;
 * weights(layer, shape, { random, zero }) to begin with; forward(layer, x, { training })
 * gives { output } and what backward needs; backward(layer, kept, gradient,
 * { toInput, toWeights }) gives { gradients, input }: what takes long only where it is asked
 * for; no gradients of weights, null, where toWeights is false.
 */
export const KINDS = {
  dense, conv2d, pool2d, flatten, activation, prelu, batchNormalization,
};
