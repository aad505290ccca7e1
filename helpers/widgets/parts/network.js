// A trained network in the page: what helpers/networks/export.py wrote, run forward,
// what every layer makes of an input kept.
//
// It stands on the same rooms as learn.js: windows of a picture as one matrix, products
// of matrices, activations. Its layers are others than those of layers.js: they need no
// way back, know padding, groups, dilation and several inputs, and everything that an
// input does not change is made once, arrays for what comes out among it. So a run makes
// nothing new. tests/browser/test_network_js.py compares every layer with Keras.

import { ACTIVATIONS } from "./activations.js";
import { lastOf, productOf } from "./arrays.js";
import { array, pair } from "./ops.js";
import { activateInto, bendInto, normaliseInto, softmaxInto } from "./pointwise.js";
import { addProduct, fillRows, layWindows, windowRuns } from "./products.js";
import { windowsOf } from "./sliding_layers.js";
import { t } from "./texts.js";

const VERSION = 1; // of what networks/exported.py writes

/**
 * A network that is ready to run. description as Python has it; bytes: what came with it,
 * an ArrayBuffer or any view of one.
 *
 * layers: those of the description, each with weights { kernel, bias … } as arrays
 * { shape, data }, rounded as they came. run(x) takes a batch { shape: [n, …], data }, or
 * a list of them where there are several inputs, and gives { output, outputs, maps }:
 * maps has for each layer an array with the batch first, the input's among them. They
 * are written anew by the next run, so copy what is to stay. inSteps(x) does the same with a
 * pause after every layer: a generator that returns what `run` gives. changed(layers) may give
 * other layers in their place, with other weights.
 */
export function networkFrom(description, bytes, changed = (layers) => layers) {
  if (description.version !== VERSION)
    throw new Error(
      t("The page knows networks of version {known}, this is of version {version}.", {
        known: VERSION,
        version: description.version,
      }),
    );
  const read = reader(bytes);
  const came = description.layers.map(({ weights = {}, ...layer }) => {
    const parts = Object.entries(weights).map(([name, place]) => [name, read(place)]);
    return { ...layer, weights: Object.fromEntries(parts) };
  });
  const layers = changed(came);
  const steps = layers.map((layer) => {
    if (!KINDS[layer.kind])
      throw new Error(t("The page knows no layer of kind {kind}.", { kind: layer.kind }));
    const shapes = layer.inputs.map((k) => layers[k].shape);
    return withActivation(layer, KINDS[layer.kind](layer, ...shapes));
  });
  let maps = [];

  /** Arrays for a batch of n; those of the last batch, if it was as large. */
  function mapsFor(n) {
    if (maps[0]?.shape[0] !== n)
      maps = layers.map(({ shape }) =>
        array([n, ...shape], new Float32Array(n * productOf(shape))),
      );
    return maps;
  }

  function* inSteps(x) {
    const given = Array.isArray(x) ? x : [x];
    const n = batchOf(given, description.inputs.map((k) => layers[k].shape));
    mapsFor(n);
    description.inputs.forEach((k, index) => maps[k].data.set(given[index].data));
    for (const [k, { inputs }] of layers.entries()) {
      if (!inputs.length) continue;
      steps[k](maps[k].data, inputs.map((input) => maps[input].data), n);
      yield;
    }
    const outputs = description.outputs.map((k) => maps[k]);
    return { output: outputs[0], outputs, maps };
  }

  function run(x) {
    const going = inSteps(x);
    for (;;) {
      const { value, done } = going.next();
      if (done) return value;
    }
  }

  return { layers, run, inSteps };
}

/** How many there are in a batch; what does not fit is refused. */
function batchOf(given, shapes) {
  const n = given[0]?.shape[0];
  const wanted = shapes.map((shape) => [n, ...shape].join(" × ")).join(", ");
  const came = given.map(({ shape }) => shape.join(" × ")).join(", ");
  const full = given.every(({ shape, data }) => data.length === productOf(shape));
  if (!(n >= 1) || wanted !== came || !full)
    throw new Error(t("The network takes {wanted}, not {came}.", { wanted, came }));
  return n;
}

// ---- weights ----

/** A function that reads the array at a place in the bytes. */
function reader(bytes) {
  const buffer = bytes.buffer ?? bytes;
  const start = bytes.byteOffset ?? 0;
  // Copied out, since numbers of 4 bytes must begin at a multiple of 4.
  const part = (Numbers, at, count) => {
    const from = start + at;
    return new Numbers(buffer.slice(from, from + count * Numbers.BYTES_PER_ELEMENT));
  };
  return ({ shape, type, at, scales, channels }) => {
    const count = productOf(shape);
    if (type === "float32") return array(shape, part(Float32Array, at, count));
    const values = new Float32Array(count);
    if (type === "float16") {
      const halves = part(Uint16Array, at, count);
      for (let k = 0; k < count; k++) values[k] = numberOfHalf(halves[k]);
    } else {
      const whole = part(Int8Array, at, count);
      const scale = part(Float32Array, scales, channels);
      for (let k = 0; k < count; k++) values[k] = whole[k] * scale[k % channels];
    }
    return array(shape, values);
  };
}

/** The number that 16 bits stand for: sign, 5 bits of exponent, 10 of fraction. */
export function numberOfHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14; // the smallest, 0 among them
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

// ---- activations ----

/** max(x, 0), which may end at `most`, begin at a threshold, rise slowly below. */
function reluOf({ most = Infinity, slope = 0, threshold = 0 }) {
  return (x) => {
    if (x > threshold) return Math.min(x, most);
    return slope ? slope * (x - threshold) : 0;
  };
}

/** A function (out, x): the activation of all numbers, in place if they are the same. */
function activationOf(activation, classes) {
  const { name, setting } = activation;
  if (name === "softmax") return (out, x) => softmaxInto(out, x, classes);
  if (name === "relu") {
    const { most, slope, threshold } = activation;
    if ([most, slope, threshold].some((one) => one !== undefined)) {
      const value = reluOf(activation);
      return (out, x) => activateInto(out, x, value);
    }
  }
  const { value, setting: usual } = ACTIVATIONS[name];
  return (out, x) => activateInto(out, x, value, setting ?? usual);
}

/** A layer's step, and its activation after that. */
function withActivation({ kind, activation, shape }, step) {
  if (!activation || kind === "activation") return step;
  const activate = activationOf(activation, lastOf(shape));
  return (out, inputs, n) => {
    step(out, inputs, n);
    activate(out, out);
  };
}

// ---- layers ----

/** A list (steps, channels) is a picture one row high. */
const asPicture = (shape) => (shape.length === 2 ? [1, ...shape] : shape);

/** The n-th of a batch. */
const one = (data, n, length) => data.subarray(n * length, (n + 1) * length);

/** All numbers of weights that are shared along sides of 1, written out. */
function spread({ shape, data }, sides) {
  const out = new Float32Array(productOf(sides));
  const steps = [];
  for (let axis = sides.length - 1, step = 1; axis >= 0; axis--) {
    steps[axis] = shape[axis] === 1 ? 0 : step;
    step *= shape[axis];
  }
  for (let k = 0; k < out.length; k++) {
    let [rest, from] = [k, 0];
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      from += (rest % sides[axis]) * steps[axis];
      rest = Math.floor(rest / sides[axis]);
    }
    out[k] = data[from];
  }
  return out;
}

function conv2d(layer, shape) {
  const { kernel, bias } = layer.weights;
  const { groups = 1 } = layer;
  const [channels, filters] = kernel.shape.slice(-2);
  const geometry = windowsOf(layer, asPicture(shape), layer.size);
  const [inner, share] = [productOf(layer.size) * channels, filters / groups];
  const places = productOf(geometry.positions);
  const pixels = productOf(shape);
  // Of each group: its windows, its part of the kernel. A 1 × 1 kernel needs no windows.
  const plain =
    groups === 1 && inner === channels && places * channels === pixels;
  const parts = Array.from({ length: groups }, (_, g) => ({
    kernel: groups === 1 ? kernel.data : columnsOf(kernel.data, filters, g * share, share),
    runs: plain
      ? null
      : windowRuns({
          ...geometry,
          taken: groups === 1 ? null : [g * channels, channels],
        }),
    // Its own: what stands in the padding stays 0.
    windows: plain ? null : new Float32Array(places * inner),
  }));
  const sums = groups === 1 ? null : new Float32Array(places * share);
  return (out, [x], n) => {
    if (bias) fillRows(out, bias.data);
    else out.fill(0);
    for (let k = 0; k < n; k++) {
      const [to, from] = [one(out, k, places * filters), one(x, k, pixels)];
      parts.forEach((part, g) => {
        if (!plain) layWindows(part.windows, from, part.runs);
        const windows = part.windows ?? from;
        if (groups === 1) return addProduct(to, windows, part.kernel, places, inner, filters);
        sums.fill(0);
        addProduct(sums, windows, part.kernel, places, inner, share);
        return addColumns(to, sums, filters, g * share, share);
      });
    }
  };
}

/** Some columns of a matrix, as a matrix. */
function columnsOf(matrix, columns, first, count) {
  const out = new Float32Array((matrix.length / columns) * count);
  for (let k = 0; k < out.length; k++)
    out[k] = matrix[Math.floor(k / count) * columns + first + (k % count)];
  return out;
}

/** Add a matrix to some columns of another. */
function addColumns(out, matrix, columns, first, count) {
  for (let to = first, k = 0; k < matrix.length; to += columns)
    for (let c = 0; c < count; c++, k++) out[to + c] += matrix[k];
}

/** Each channel has kernels of its own: `multiplier` of them. */
function depthwiseConv2d(layer, shape) {
  const { kernel, bias } = layer.weights;
  const [channels, multiplier] = kernel.shape.slice(-2);
  const geometry = windowsOf(layer, asPicture(shape), layer.size);
  const taps = tapsOf(geometry);
  const filters = channels * multiplier;
  const [places, pixels] = [productOf(geometry.positions), productOf(shape)];
  const sums = new Float64Array(filters);
  return (out, [x], n) => {
    for (let k = 0, to = 0; k < n; k++)
      for (let place = 0; place < places; place++, to += filters) {
        if (bias) sums.set(bias.data);
        else sums.fill(0);
        for (let at = taps.starts[place]; at < taps.starts[place + 1]; at++) {
          const from = k * pixels + taps.pixels[at] * channels;
          let weight = taps.numbers[at] * filters;
          for (let c = 0, f = 0; c < channels; c++)
            for (let m = 0; m < multiplier; m++, f++, weight++)
              sums[f] += x[from + c] * kernel.data[weight];
        }
        out.set(sums, to);
      }
  };
}

/**
 * The pixels inside each window: those of window p stand from starts[p] to starts[p + 1],
 * which pixel of the picture it is and which of the window.
 */
function tapsOf({ picture: [h, w], size, strides, dilations, pads, positions }) {
  const [starts, pixels, numbers] = [[], [], []];
  const [[top], [left]] = pads;
  for (let i = 0; i < positions[0]; i++)
    for (let j = 0; j < positions[1]; j++) {
      starts.push(pixels.length);
      for (let a = 0; a < size[0]; a++)
        for (let b = 0; b < size[1]; b++) {
          const row = i * strides[0] + a * dilations[0] - top;
          const column = j * strides[1] + b * dilations[1] - left;
          if (row < 0 || row >= h || column < 0 || column >= w) continue;
          pixels.push(row * w + column);
          numbers.push(a * size[1] + b);
        }
    }
  starts.push(pixels.length);
  return {
    starts: Int32Array.from(starts),
    pixels: Int32Array.from(pixels),
    numbers: Int32Array.from(numbers),
  };
}

/** Add the numbers of one pixel. */
function addUp(found, x, from) {
  for (let c = 0; c < found.length; c++) found[c] += x[from + c];
}

/** Keep what is larger in each channel of one pixel; nothing beats a NaN. */
function keepLargest(found, x, from) {
  for (let c = 0; c < found.length; c++)
    if (!(x[from + c] <= found[c]) && !Number.isNaN(found[c])) found[c] = x[from + c];
}

/** The largest or the mean of every window; padding never wins and does not count. */
function pool2d(layer, shape) {
  const geometry = windowsOf(layer, asPicture(shape), pair(layer.size));
  const { starts, pixels } = tapsOf(geometry);
  const channels = lastOf(shape);
  const [places, length] = [productOf(geometry.positions), productOf(shape)];
  const mean = layer.reduce === "mean";
  const take = mean ? addUp : keepLargest;
  const found = new Float64Array(channels);
  return (out, [x], n) => {
    for (let k = 0, to = 0; k < n; k++)
      for (let place = 0; place < places; place++, to += channels) {
        const [first, last] = [starts[place], starts[place + 1]];
        found.fill(mean ? 0 : -Infinity);
        for (let at = first; at < last; at++)
          take(found, x, k * length + pixels[at] * channels);
        const share = mean ? 1 / (last - first) : 1;
        for (let c = 0; c < channels; c++) out[to + c] = found[c] * share;
      }
  };
}

function dense({ weights: { kernel, bias } }) {
  const [inner, columns] = kernel.shape;
  return (out, [x]) => {
    if (bias) fillRows(out, bias.data);
    else out.fill(0);
    addProduct(out, x, kernel.data, x.length / inner, inner, columns);
  };
}

function batchNormalization({ weights, epsilon }) {
  const { mean, variance, gamma, beta } = weights;
  const channels = mean.data.length;
  const numbers = {
    mean: Float64Array.from(mean.data),
    inverse: Float64Array.from(variance.data, (v) => 1 / Math.sqrt(v + epsilon)),
    gamma: Float64Array.from(gamma?.data ?? new Float64Array(channels).fill(1)),
    beta: Float64Array.from(beta?.data ?? new Float64Array(channels)),
  };
  return (out, [x]) => normaliseInto(out, x, numbers);
}

/** A row of weights for every number; what is no number of a row gives NaN. */
function embedding({ weights: { embeddings } }) {
  const [rows, width] = embeddings.shape;
  return (out, [x]) => {
    for (let k = 0, to = 0; k < x.length; k++, to += width) {
      const row = Math.trunc(x[k]);
      if (row >= 0 && row < rows) out.set(one(embeddings.data, row, width), to);
      else out.fill(NaN, to, to + width);
    }
  };
}

function zeroPadding2d({ padding: [[top], [left, right]], shape }, from) {
  const [h, w, channels] = asPicture(from);
  const width = (left + w + right) * channels;
  const length = productOf(shape);
  return (out, [x], n) => {
    out.fill(0);
    for (let k = 0; k < n; k++)
      for (let row = 0; row < h; row++) {
        const to = k * length + (top + row) * width + left * channels;
        out.set(one(x, k * h + row, w * channels), to);
      }
  };
}

/** x · scale + offset: one number for all, or one a channel. */
function rescaling({ scale, offset }) {
  return (out, [x]) => {
    for (let k = 0; k < x.length; k++)
      out[k] = x[k] * scale[k % scale.length] + offset[k % offset.length];
  };
}

function concatenate({ axis }, ...shapes) {
  const widths = shapes.map((shape) => productOf(shape.slice(axis)));
  return (out, inputs) => {
    for (let to = 0, k = 0; to < out.length; k++)
      inputs.forEach((x, index) => {
        out.set(one(x, k, widths[index]), to);
        to += widths[index];
      });
  };
}

/**
 * Each kind of layer: (layer, ...shapes of its inputs, without the batch) gives a step,
 * (out, [inputs], n), which writes what a batch of n becomes.
 */
const KINDS = {
  conv2d, depthwiseConv2d, pool2d, dense, batchNormalization, embedding, zeroPadding2d,
  rescaling, concatenate,

  input: () => () => {},

  activation({ activation, shape }) {
    const activate = activationOf(activation, lastOf(shape));
    return (out, [x]) => activate(out, x);
  },

  prelu({ weights: { alpha } }, shape) {
    const slopes = spread(alpha, shape);
    return (out, [x]) => bendInto(out, x, slopes);
  },

  bias({ weights: { bias } }, shape) {
    const all = spread(bias, shape);
    return (out, [x]) => {
      for (let k = 0; k < x.length; k++) out[k] = x[k] + all[k % all.length];
    };
  },

  reshape: () => (out, [x]) => out.set(x),

  add: () => (out, inputs) => {
    out.set(inputs[0]);
    for (const x of inputs.slice(1)) for (let k = 0; k < x.length; k++) out[k] += x[k];
  },
};
