// The layers with a window that slides: convolution and pooling. See layers.js.

import { gradientsLike, lastOf, productOf, zeros } from "./arrays.js";
import { outputSize, padding2d, pair } from "./ops.js";
import {
  addProduct, addRows, addTransposedProduct, addWindows, fillRows, layWindows,
  transposed, windowRuns,
} from "./products.js";

/** Where the windows of a layer lie on a picture [rows, columns, channels]. */
export function windowsOf(
  { stride = 1, padding = "valid", dilation = 1 },
  picture,
  size,
) {
  const [strides, dilations] = [pair(stride), pair(dilation)];
  const pads = padding2d(padding, picture, size, { stride, dilation });
  const positions = [0, 1].map((axis) =>
    outputSize(picture[axis], size[axis], {
      stride: strides[axis],
      padding: pads[axis],
      dilation: dilations[axis],
    }),
  );
  return { picture, size, strides, dilations, pads, positions };
}

/** What both ways need of a convolution: the windows of each picture, as rows. */
function convolution(layer, x) {
  const { kernel } = layer.weights;
  const [channels, filters] = kernel.shape.slice(2);
  const geometry = windowsOf(layer, x.shape.slice(1), kernel.shape.slice(0, 2));
  const rows = productOf(geometry.positions);
  const inner = productOf(geometry.size) * channels;
  return {
    ...{ rows, inner, filters },
    shape: [x.shape[0], ...geometry.positions, filters],
    runs: windowRuns(geometry),
    windows: new x.data.constructor(rows * inner),
    pixels: productOf(geometry.picture),
  };
}

/** The n-th of several parts of a batch's numbers, not copied. */
const part = ({ data }, n, length) => data.subarray(n * length, (n + 1) * length);

export const conv2d = {
  shape: (layer, shape) => {
    const { positions } = windowsOf(layer, shape, pair(layer.size));
    return [...positions, layer.filters];
  },

  weights({ size, filters, useBias = true }, shape, { random, zero }) {
    const taps = productOf(pair(size));
    return {
      kernel: random(
        [...pair(size), lastOf(shape), filters],
        [taps * lastOf(shape), taps * filters],
      ),
      ...(useBias && { bias: zero([filters]) }),
    };
  },

  forward(layer, x) {
    const { kernel, bias } = layer.weights;
    const { shape, rows, inner, filters, runs, windows, pixels } = convolution(layer, x);
    const output = zeros(shape, x);
    if (bias) fillRows(output.data, bias.data);
    for (let n = 0; n < shape[0]; n++) {
      layWindows(windows, part(x, n, pixels), runs);
      const sums = part(output, n, rows * filters);
      addProduct(sums, windows, kernel.data, rows, inner, filters);
    }
    return { output };
  },

  /**
   * Both gradients are products of the same matrices. The windows are laid anew: to keep
   * those of a whole batch would take many times the memory of its pictures.
   */
  backward(layer, { input }, gradient, { toInput, toWeights }) {
    const { kernel, bias } = layer.weights;
    const { rows, inner, filters, runs, windows, pixels } = convolution(layer, input);
    const gradients = toWeights ? gradientsLike(layer.weights) : null;
    if (toWeights && bias) addRows(gradients.bias.data, gradient.data, filters);
    const back = toInput ? zeros(input.shape, input) : null;
    const returned = toInput ? new windows.constructor(windows.length) : null;
    const turned = transposed(kernel.data, inner, filters);
    for (let n = 0; n < input.shape[0]; n++) {
      const arrived = part(gradient, n, rows * filters);
      if (toWeights) {
        layWindows(windows, part(input, n, pixels), runs);
        addTransposedProduct(gradients.kernel.data, windows, arrived, rows, inner, filters);
      }
      if (!toInput) continue;
      returned.fill(0);
      addProduct(returned, arrived, turned, rows, filters, inner);
      addWindows(part(back, n, pixels), returned, runs);
    }
    return { gradients, input: back };
  },
};

// ---- pooling ----

/** The windows of a pooling layer touch unless it has a stride of its own. */
function pooled({ size = 2, stride = size }, picture) {
  return windowsOf({ stride }, picture, pair(size));
}

/** Calls visit(place in the output, place in the input, tap) for each pixel of a window. */
function eachTap(layer, [count, ...picture], visit) {
  const [h, w, channels] = picture;
  const { size, strides, positions } = pooled(layer, picture);
  for (let n = 0, to = 0; n < count; n++)
    for (let i = 0; i < positions[0]; i++)
      for (let j = 0; j < positions[1]; j++, to += channels)
        for (let a = 0, tap = 0; a < size[0]; a++)
          for (let b = 0; b < size[1]; b++, tap++) {
            const row = (n * h + i * strides[0] + a) * w;
            visit(to, (row + j * strides[1] + b) * channels, tap);
          }
}

export const pool2d = {
  shape: (layer, shape) => [...pooled(layer, shape).positions, lastOf(shape)],

  forward(layer, x) {
    const output = zeros([x.shape[0], ...pool2d.shape(layer, x.shape.slice(1))], x);
    const channels = lastOf(x.shape);
    const [{ data }, out] = [x, output.data];
    if (layer.reduce === "mean") {
      const share = 1 / productOf(pair(layer.size ?? 2));
      eachTap(layer, x.shape, (to, from) => {
        for (let c = 0; c < channels; c++) out[to + c] += data[from + c] * share;
      });
      return { output };
    }
    const winners = new Int32Array(out.length);
    eachTap(layer, x.shape, (to, from, tap) => {
      for (let c = 0; c < channels; c++) {
        const value = data[from + c];
        const best = out[to + c];
        // Larger, or the first NaN: nothing beats a NaN. Of equals the first stays.
        if (tap > 0 && (value <= best || Number.isNaN(best))) continue;
        out[to + c] = value;
        winners[to + c] = from + c;
      }
    });
    return { output, winners };
  },

  backward(layer, { input, winners }, { data }) {
    const back = zeros(input.shape, input);
    const channels = lastOf(input.shape);
    if (winners) for (let k = 0; k < data.length; k++) back.data[winners[k]] += data[k];
    else {
      const share = 1 / productOf(pair(layer.size ?? 2));
      eachTap(layer, input.shape, (to, from) => {
        for (let c = 0; c < channels; c++) back.data[from + c] += data[to + c] * share;
      });
    }
    return { gradients: {}, input: back };
  },
};
