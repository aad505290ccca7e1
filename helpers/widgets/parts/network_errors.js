// Errors of a trained network in the page: how the loss changes with every number of every
// layer. A network of parts/network.js that is a plain chain is written for parts/learn.js,
// which knows the way back.

import { lastOf } from "./arrays.js";
import { backward, forward, softmaxCrossEntropy } from "./learn.js";
import { array } from "./ops.js";

const isSoftmax = ({ activation }) => activation?.name === "softmax";

/** Whether learn.js computes the very same activation. */
const known = ({ name, most, slope, threshold }) =>
  name !== undefined && [most, slope, threshold].every((one) => one === undefined);

const plain = (padding) => !padding || padding.flat().every((n) => n === 0);

const row = (values) => array([values.length], Float32Array.from(values));

/** x · scale + offset as a batch normalisation that is not trained: the same arithmetic. */
function scaling({ scale, offset }, channels) {
  const each = (values) =>
    row(Array.from({ length: channels }, (_, c) => values[c % values.length]));
  return {
    kind: "batchNormalization",
    epsilon: 0,
    weights: { gamma: each(scale), beta: each(offset) },
    moving: { mean: each([0]), variance: each([1]) },
  };
}

function normalisation({ epsilon, weights }) {
  const { mean, variance, gamma, beta } = weights;
  const each = (value) => row(new Array(mean.data.length).fill(value));
  return {
    kind: "batchNormalization",
    epsilon,
    weights: { gamma: gamma ?? each(1), beta: beta ?? each(0) },
    moving: { mean, variance },
  };
}

/** Each kind, as learn.js has it; undefined for what it cannot do. */
const WRITTEN = {
  conv2d: (layer) => (layer.groups ?? 1) === 1 && layer.weights.kernel.shape.length === 4 && layer,
  pool2d: (layer) => plain(layer.padding) && layer,
  dense: (layer) => layer,
  batchNormalization: normalisation,
  rescaling: (layer) => scaling(layer, lastOf(layer.shape)),
  reshape: () => ({ kind: "flatten" }),
  prelu: (layer) => layer.weights.alpha.data.length === lastOf(layer.shape) && layer,
};

/**
 * The network for learn.js: [{ layer, of }], where `of` is the number of the layer it is a
 * part of; without the softmax at the end. null where it is no plain chain of known layers.
 */
export function chainOf(layers) {
  const chain = [];
  for (const [k, layer] of layers.entries()) {
    if (k === 0) {
      if (layer.kind !== "input") return null;
      continue;
    }
    if (layer.inputs.length !== 1 || layer.inputs[0] !== k - 1) return null;
    if (layer.kind === "reshape" && layer.shape.length !== 1) return null;
    if (layer.kind !== "activation") {
      const written = WRITTEN[layer.kind]?.(layer);
      if (!written) return null;
      chain.push({ layer: written, of: k });
    }
    if (!layer.activation || (k === layers.length - 1 && isSoftmax(layer))) continue;
    if (!known(layer.activation)) return null;
    chain.push({ layer: { kind: "activation", ...layer.activation }, of: k });
  }
  return chain;
}

/**
 * How the loss, the cross-entropy with the right class `label`, changes with every number:
 * { loss, errors }, for each layer an array like its map. chain is `chainOf(layers)`, x the
 * picture with a batch of one.
 */
export function errorsOf(layers, chain, x, label) {
  const learned = chain.map(({ layer }) => layer);
  const { output, kept } = forward(learned, x);
  const { loss, gradient } = softmaxCrossEntropy(output, [label]);
  const arrived = [];
  const { input } = backward(learned, kept, gradient, { arrived });
  const errors = layers.map(() => null);
  errors[0] = input;
  chain.forEach(({ of }, index) => (errors[of] = arrived[index]));
  const last = layers.length - 1;
  if (isSoftmax(layers[last]) && layers[last].kind === "activation") {
    // The loss is −ln p of one probability alone.
    errors[last] = array(gradient.shape, new Float32Array(gradient.data.length));
    errors[last].data[label] = -Math.exp(loss);
  }
  return { loss, errors };
}
