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

/** Number of outputs along one axis; below 1 the kernel does not fit. */
export function outputSize(n, kernel, { stride = 1, padding = [0, 0], dilation = 1 } = {}) {
  const reach = (kernel - 1) * dilation + 1;
  return Math.floor((n + padding[0] + padding[1] - reach) / stride) + 1;
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
