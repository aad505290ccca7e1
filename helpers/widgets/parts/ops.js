// The arithmetic of helpers/ops.py, for the browser: same names, same meaning.
//
// An array is { shape: [rows, columns], data: Float64Array } in row-major order.
// tests/browser/test_ops_js.py feeds both files the same random cases and compares.

export function array(shape, data) {
  return { shape, data: data ?? new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

/** A number or a (rows, columns) pair, as a pair. */
export function pair(value) {
  return Array.isArray(value) ? value : [value, value];
}

/** Rows and columns that "same" adds: [[top, bottom], [left, right]], uneven like Keras. */
export function samePadding(shape, kernelShape, { stride = 1, dilation = 1 } = {}) {
  const [strides, dilations] = [pair(stride), pair(dilation)];
  return [0, 1].map((axis) => {
    const [n, s] = [shape[axis], strides[axis]];
    const reach = (kernelShape[axis] - 1) * dilations[axis] + 1;
    const total = Math.max((Math.ceil(n / s) - 1) * s + reach - n, 0);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

/** Any way to say padding, as [[top, bottom], [left, right]]. */
export function padding2d(padding, shape, kernelShape, options) {
  if (padding === "valid") return [[0, 0], [0, 0]];
  if (padding === "same") return samePadding(shape, kernelShape, options);
  return pair(padding).map(pair);
}

/**
 * Number of outputs along one axis, padding in pixels [before, after]; below 1 nothing fits.
 * Transposed, padding may also be "same", and outputPadding a number.
 */
export function outputSize(
  n,
  kernel,
  { stride = 1, padding = [0, 0], dilation = 1, transpose = false, outputPadding = null } = {},
) {
  if (transpose) {
    const way = { stride, padding, outputPadding, dilation };
    const [start, end] = transposedEnds(n, kernel, way);
    return end - start;
  }
  const reach = (kernel - 1) * dilation + 1;
  return Math.floor((n + padding[0] + padding[1] - reach) / stride) + 1;
}

/**
 * Where the part of the canvas that stays begins and ends, along one axis, when n pixels are
 * painted; padding is "same" or pixels [before, after]. Nothing is left where end <= start.
 */
export function transposedEnds(
  n,
  kernel,
  { stride = 1, padding = [0, 0], outputPadding = null, dilation = 1 } = {},
) {
  const reach = (kernel - 1) * dilation + 1;
  const canvas = (n - 1) * stride + reach;
  if (padding === "same") {
    const left =
      outputPadding === null
        ? n * stride
        : (n - 1) * stride + (reach % 2) + outputPadding;
    const start = Math.floor(Math.max(canvas - left, 0) / 2);
    return [start, start + left];
  }
  return [padding[0], canvas + (outputPadding ?? Math.max(stride - reach, 0)) - padding[1]];
}

/** Pixels that an output of (kernel, stride[, dilation]) layers depends on, first to last. */
export function receptiveField(layers) {
  const [seen, step] = [[1, 1], [1, 1]];
  for (const [kernel, stride, dilation = 1] of layers)
    for (const axis of [0, 1]) {
      seen[axis] += (pair(kernel)[axis] - 1) * pair(dilation)[axis] * step[axis];
      step[axis] *= pair(stride)[axis];
    }
  return layers.flat().some(Array.isArray) ? seen : seen[0];
}

/**
 * Where the units of every layer stand over an input of n pixels, along one axis, as
 * ops.unit_grids: { units, field, jump, start } of the input, then of each layer.
 */
export function unitGrids(layers, n) {
  const grids = [{ units: n, field: 1, jump: 1, start: 0 }];
  for (const [kernel, stride, dilation = 1, padding = "valid"] of layers) {
    const { units, field, jump, start } = grids.at(-1);
    const size = pair(kernel);
    const [ends] = padding2d(padding, pair(units), size, { stride, dilation });
    const further = (kernel - 1) * dilation;
    grids.push({
      units: outputSize(units, kernel, { stride, padding: ends, dilation }),
      field: field + further * jump,
      jump: jump * stride,
      start: start + (further / 2 - ends[0]) * jump,
    });
  }
  return grids;
}

// Which of the n real pixels stands at index i outside the image; -1 is a zero.
const BORDER = {
  zeros: (i, n) => (i < 0 || i >= n ? -1 : i),
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  symmetric: (i, n) => {
    const j = ((i % (2 * n)) + 2 * n) % (2 * n);
    return j < n ? j : 2 * n - 1 - j;
  },
  reflect: (i, n) => {
    if (n === 1) return 0;
    const period = 2 * n - 2;
    const j = ((i % period) + period) % period;
    return j < n ? j : period - j;
  },
};

export function pad2d(x, [[top, bottom], [left, right]], mode = "zeros") {
  const [h, w] = x.shape;
  const out = array([h + top + bottom, w + left + right]);
  const columns = Int32Array.from({ length: out.shape[1] }, (_, j) =>
    BORDER[mode](j - left, w),
  );
  for (let i = 0; i < out.shape[0]; i++) {
    const row = BORDER[mode](i - top, h);
    if (row < 0) continue;
    for (let j = 0; j < columns.length; j++)
      if (columns[j] >= 0)
        out.data[i * columns.length + j] = x.data[row * w + columns[j]];
  }
  return out;
}

/** Cross-correlation of a 2-D image with a 2-D kernel, as ops.conv2d. */
export function conv2d(
  x,
  kernel,
  { stride = 1, padding = "valid", mode = "zeros", dilation = 1, bias = 0 } = {},
) {
  const [strides, dilations] = [pair(stride), pair(dilation)];
  const pads = padding2d(padding, x.shape, kernel.shape, { stride, dilation });
  const padded = pad2d(x, pads, mode);
  const [rows, columns] = [0, 1].map((axis) =>
    outputSize(x.shape[axis], kernel.shape[axis], {
      stride: strides[axis],
      padding: pads[axis],
      dilation: dilations[axis],
    }),
  );
  const width = padded.shape[1];
  const weights = kernel.data;
  const offsets = new Int32Array(weights.length);
  for (let t = 0; t < weights.length; t++)
    offsets[t] =
      Math.floor(t / kernel.shape[1]) * dilations[0] * width +
      (t % kernel.shape[1]) * dilations[1];
  const out = array([rows, columns]);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const corner = i * strides[0] * width + j * strides[1];
      let sum = bias;
      for (let t = 0; t < weights.length; t++)
        sum += weights[t] * padded.data[corner + offsets[t]];
      out.data[i * columns + j] = sum;
    }
  return out;
}

/** A channel of an image (rows, columns, channels), or a slice of a kernel: 2-D. */
const plane = ({ shape, data }, at) => {
  const [rows, columns, ...rest] = shape;
  const apart = rest.reduce((product, n) => product * n, 1);
  return array([rows, columns], Float64Array.from({ length: rows * columns }, (_, k) => data[k * apart + at]));
};

/**
 * Convolution of an image (rows, columns, channels) with a kernel (rows, columns, channels /
 * groups, filters), as ops.conv2d: each group of filters sees its own part of the channels.
 * `bias` holds a number for each filter.
 */
export function convChannels(x, kernel, { groups = 1, bias = null, ...way } = {}) {
  const [inside, filters] = kernel.shape.slice(2);
  const share = filters / groups;
  let out = null;
  for (let f = 0; f < filters; f++) {
    const first = Math.floor(f / share) * inside; // the channels that this filter sees
    for (let c = 0; c < inside; c++) {
      const sums = conv2d(plane(x, first + c), plane(kernel, c * filters + f), way);
      out ??= array([...sums.shape, filters]);
      for (let k = 0; k < sums.data.length; k++) out.data[k * filters + f] += sums.data[k];
    }
    if (bias) for (let k = f; k < out.data.length; k += filters) out.data[k] += bias[f];
  }
  return out;
}

/** Paint a copy of a 2-D kernel for every pixel of a 2-D image, as ops.conv_transpose2d. */
export function convTranspose2d(
  x,
  kernel,
  { stride = 1, padding = "valid", outputPadding = null, dilation = 1 } = {},
) {
  const [strides, extra, dilations] = [stride, outputPadding, dilation].map(pair);
  const pads = padding === "same" ? [padding, padding] : padding2d(padding);
  const [[top, bottom], [left, right]] = [0, 1].map((axis) =>
    transposedEnds(x.shape[axis], kernel.shape[axis], {
      stride: strides[axis],
      padding: pads[axis],
      outputPadding: extra[axis],
      dilation: dilations[axis],
    }),
  );
  const [kernelRows, kernelColumns] = kernel.shape;
  const out = array([bottom - top, right - left]);
  for (let i = 0; i < x.shape[0]; i++)
    for (let a = 0; a < kernelRows; a++) {
      const row = i * strides[0] + a * dilations[0] - top;
      if (row < 0 || row >= out.shape[0]) continue;
      for (let j = 0; j < x.shape[1]; j++) {
        const pixel = x.data[i * x.shape[1] + j];
        for (let b = 0; b < kernelColumns; b++) {
          const column = j * strides[1] + b * dilations[1] - left;
          if (column >= 0 && column < out.shape[1])
            out.data[row * out.shape[1] + column] +=
              pixel * kernel.data[a * kernelColumns + b];
        }
      }
    }
  return out;
}

/**
 * The largest or the mean of every window, as ops.pool2d: padding never wins and does not
 * count. With returnIndices { pooled, indices }: where the winners stood in reading order,
 * the first of equals.
 */
export function pool2d(
  x,
  size = 2,
  { stride = null, padding = "valid", reduce = "max", returnIndices = false } = {},
) {
  const [sizes, strides] = [pair(size), pair(stride ?? size)];
  const [h, w] = x.shape;
  const pads = padding2d(padding, x.shape, sizes, { stride: strides });
  const [rows, columns] = [0, 1].map((axis) =>
    outputSize(x.shape[axis], sizes[axis], { stride: strides[axis], padding: pads[axis] }),
  );
  const pooled = array([rows, columns]);
  const indices = array([rows, columns], new Int32Array(rows * columns));
  const mean = reduce === "mean";
  for (let i = 0, k = 0; i < rows; i++) {
    const top = i * strides[0] - pads[0][0];
    const [first, last] = [Math.max(top, 0), Math.min(top + sizes[0], h)];
    for (let j = 0; j < columns; j++, k++) {
      const left = j * strides[1] - pads[1][0];
      const [begin, end] = [Math.max(left, 0), Math.min(left + sizes[1], w)];
      let winner = first * w + begin;
      let sum = 0;
      for (let row = first; row < last; row++)
        for (let at = row * w + begin; at < row * w + end; at++) {
          sum += x.data[at];
          const best = x.data[winner];
          // Larger, or the first NaN: nothing beats a NaN.
          if (!(x.data[at] <= best) && !Number.isNaN(best)) winner = at;
        }
      pooled.data[k] = mean ? sum / ((last - first) * (end - begin)) : x.data[winner];
      indices.data[k] = winner;
    }
  }
  return returnIndices ? { pooled, indices } : pooled;
}

/** Put pooled pixels back where they came from, zeros elsewhere, as ops.unpool2d. */
export function unpool2d(y, indices, shape) {
  const out = array(shape);
  for (let k = 0; k < y.data.length; k++) out.data[indices.data[k]] = y.data[k];
  return out;
}

/** Enlarge by a whole factor, "nearest" or "bilinear", as ops.upsample2d. */
export function upsample2d(x, factor = 2, { method = "nearest" } = {}) {
  const factors = pair(factor);
  const [h, w] = x.shape;
  const [rows, columns] = [h * factors[0], w * factors[1]];
  const [down, across] = [stretch(h, factors[0], method), stretch(w, factors[1], method)];
  const tall = array([rows, w]);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < w; j++)
      tall.data[i * w + j] = mixed(
        x.data[down.low[i] * w + j],
        x.data[down.high[i] * w + j],
        down.weight[i],
      );
  const out = array([rows, columns]);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      out.data[i * columns + j] = mixed(
        tall.data[i * w + across.low[j]],
        tall.data[i * w + across.high[j]],
        across.weight[j],
      );
  return out;
}

/** For each of n·factor new pixels: its two neighbours and the share of the second. */
function stretch(n, factor, method) {
  const centres = Float64Array.from({ length: n * factor }, (_, i) =>
    method === "nearest" ? Math.floor(i / factor) : (i + 0.5) / factor - 0.5,
  );
  return {
    low: centres.map((centre) => Math.max(Math.floor(centre), 0)),
    high: centres.map((centre) => Math.min(Math.ceil(centre), n - 1)),
    weight: centres.map((centre) => centre - Math.floor(centre)),
  };
}

/** On an old centre the neighbour has no say, not even an infinite one (0 · ∞ is NaN). */
const mixed = (low, high, weight) =>
  weight === 0 ? low : low * (1 - weight) + high * weight;

/** Let only the positive pass; NaN stays NaN. */
export function relu(x) {
  return array(x.shape, x.data.map((value) => Math.max(value, 0)));
}
