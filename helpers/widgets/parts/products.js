// The work of training: products of matrices, and the windows of a picture as one.
// Written for speed: rows go through the cache in order, nothing is made on the way.

import { productOf } from "./arrays.js";

const BLOCK = 64; // products that are added up at a time: their factors stay in the cache

/** out (rows × columns) += a (rows × inner) · b (inner × columns). */
export function addProduct(out, a, b, rows, inner, columns) {
  add(out, a, b, { rows, inner, columns, down: inner, along: 1 });
}

/** out (inner × columns) += aᵀ · b, a being (rows × inner), b (rows × columns). */
export function addTransposedProduct(out, a, b, rows, inner, columns) {
  add(out, a, b, { rows: inner, inner: rows, columns, down: 1, along: inner });
}

/** The same for both: a's number (i, t) stands at i · down + t · along. */
function add(out, a, b, { rows, inner, columns, down, along }) {
  for (let first = 0; first < inner; first += BLOCK) {
    const last = Math.min(first + BLOCK, inner);
    let i = 0;
    for (; i + 1 < rows; i += 2)
      addTwoRows(out, a, b, i, first, last, columns, down, along);
    if (i < rows) addRow(out, a, b, i, 0, first, last, columns, down, along);
  }
}

/** Rows i and i + 1 of the product: four columns at a time, eight sums in registers. */
function addTwoRows(out, a, b, i, first, last, columns, down, along) {
  const start = i * down + first * along;
  let j = 0;
  for (; j + 3 < columns; j += 4) {
    let p0 = 0;
    let p1 = 0;
    let p2 = 0;
    let p3 = 0;
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    for (let t = first, at = start, k = first * columns + j; t < last; t++) {
      const p = a[at];
      const q = a[at + down];
      const b0 = b[k];
      const b1 = b[k + 1];
      const b2 = b[k + 2];
      const b3 = b[k + 3];
      p0 += p * b0;
      p1 += p * b1;
      p2 += p * b2;
      p3 += p * b3;
      q0 += q * b0;
      q1 += q * b1;
      q2 += q * b2;
      q3 += q * b3;
      at += along;
      k += columns;
    }
    const to = i * columns + j;
    out[to] += p0;
    out[to + 1] += p1;
    out[to + 2] += p2;
    out[to + 3] += p3;
    out[to + columns] += q0;
    out[to + columns + 1] += q1;
    out[to + columns + 2] += q2;
    out[to + columns + 3] += q3;
  }
  if (j === columns) return;
  addRow(out, a, b, i, j, first, last, columns, down, along);
  addRow(out, a, b, i + 1, j, first, last, columns, down, along);
}

/** Row i of the product, from column j on: four at a time, as b's numbers lie. */
function addRow(out, a, b, i, j, first, last, columns, down, along) {
  let column = j;
  for (; column + 3 < columns; column += 4) {
    let p0 = 0;
    let p1 = 0;
    let p2 = 0;
    let p3 = 0;
    for (let t = first; t < last; t++) {
      const p = a[i * down + t * along];
      const k = t * columns + column;
      p0 += p * b[k];
      p1 += p * b[k + 1];
      p2 += p * b[k + 2];
      p3 += p * b[k + 3];
    }
    const to = i * columns + column;
    out[to] += p0;
    out[to + 1] += p1;
    out[to + 2] += p2;
    out[to + 3] += p3;
  }
  for (; column < columns; column++) {
    let sum = 0;
    for (let t = first; t < last; t++)
      sum += a[i * down + t * along] * b[t * columns + column];
    out[i * columns + column] += sum;
  }
}

/** The matrix (rows × columns) as (columns × rows). */
export function transposed(matrix, rows, columns) {
  const out = new matrix.constructor(matrix.length);
  for (let i = 0, k = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, k++) out[j * rows + i] = matrix[k];
  return out;
}

/** out (columns) += every row of a matrix (rows × columns). */
export function addRows(out, matrix, columns) {
  for (let k = 0; k < matrix.length; )
    for (let j = 0; j < columns; j++, k++) out[j] += matrix[k];
}

/** Put one row of numbers into every row of a matrix. */
export function fillRows(matrix, row) {
  for (let k = 0; k < matrix.length; k += row.length) matrix.set(row, k);
}

/**
 * Where the windows of a picture (rows, columns, channels) lie in its memory: runs of
 * numbers [place among all windows' entries, place in the picture, length], flat. What
 * lies in the padding has no run. With them a convolution is a product of matrices.
 * dilations spread the pixels of a window; taken, [first, count], are its channels.
 */
export function windowRuns({ dilations = [1, 1], taken = null, ...geometry }) {
  if (taken === null && dilations.every((step) => step === 1)) return wholeRuns(geometry);
  return pixelRuns({ ...geometry, dilations, taken: taken ?? [0, geometry.picture[2]] });
}

/** Each pixel of a window by itself. */
function pixelRuns({ picture, size, strides, pads, positions, dilations, taken }) {
  const [h, w, channels] = picture;
  const [[top], [left]] = pads;
  const [first, count] = taken;
  const runs = new Int32Array(3 * productOf([...positions, ...size]));
  let used = 0;
  for (let i = 0, place = 0; i < positions[0]; i++)
    for (let j = 0; j < positions[1]; j++)
      for (let a = 0; a < size[0]; a++)
        for (let b = 0; b < size[1]; b++, place += count) {
          const row = i * strides[0] + a * dilations[0] - top;
          const column = j * strides[1] + b * dilations[1] - left;
          if (row < 0 || row >= h || column < 0 || column >= w) continue;
          runs[used++] = place;
          runs[used++] = (row * w + column) * channels + first;
          runs[used++] = count;
        }
  return runs.subarray(0, used);
}

/** The pixels of a window's row, which lie side by side, together. */
function wholeRuns({ picture, size, strides, pads, positions }) {
  const [h, w, channels] = picture;
  const [[top], [left]] = pads;
  const runs = new Int32Array(3 * positions[0] * positions[1] * size[0]);
  let used = 0;
  for (let i = 0, place = 0; i < positions[0]; i++)
    for (let j = 0; j < positions[1]; j++) {
      const column = j * strides[1] - left;
      const [begin, end] = [Math.max(column, 0), Math.min(column + size[1], w)];
      for (let a = 0; a < size[0]; a++, place += size[1] * channels) {
        const row = i * strides[0] + a - top;
        if (row < 0 || row >= h || end <= begin) continue;
        runs[used++] = place + (begin - column) * channels;
        runs[used++] = (row * w + begin) * channels;
        runs[used++] = (end - begin) * channels;
      }
    }
  return runs.subarray(0, used);
}

/** Lay all windows of a picture side by side; windows' places in the padding are kept. */
export function layWindows(windows, picture, runs) {
  for (let r = 0; r < runs.length; r += 3) {
    const length = runs[r + 2];
    for (let t = 0, to = runs[r], from = runs[r + 1]; t < length; t++)
      windows[to + t] = picture[from + t];
  }
}

/** The way back: a pixel adds up what stands in all windows that saw it. */
export function addWindows(picture, windows, runs) {
  for (let r = 0; r < runs.length; r += 3) {
    const length = runs[r + 2];
    for (let t = 0, from = runs[r], to = runs[r + 1]; t < length; t++)
      picture[to + t] += windows[from + t];
  }
}
