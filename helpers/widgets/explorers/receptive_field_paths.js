// The planes of a stack of layers, and the paths between a unit and all others.

import { clamp } from "../parts/numbers.js";
import { outputSize, receptiveField } from "../parts/ops.js";

/**
 * The input and the plane of every layer: units a side, the pixels that each sees a side
 * (field), and the pixels from one unit to the next (step).
 */
export function planesOf({ layers, size }) {
  const planes = [{ n: size, field: 1, step: 1 }];
  for (const [index, [kernel, stride, dilation]] of layers.entries()) {
    const below = planes[index];
    planes.push({
      n: outputSize(below.n, kernel, { stride, dilation }),
      field: receptiveField(layers.slice(0, index + 1)),
      step: below.step * stride,
    });
  }
  return planes;
}

/**
 * Along one axis, the number of paths between a unit and those of every plane, below it and
 * above. Kernels are square, so in the plane it is the product of both axes.
 */
function pathsAlong(layers, planes, layer, index) {
  const paths = planes.map(({ n }) => new Float64Array(n));
  paths[layer][index] = 1;
  for (let k = layer; k > 0; k--) {
    const [kernel, stride, dilation] = layers[k - 1];
    for (let i = 0; i < planes[k].n; i++)
      for (let tap = 0; tap < kernel; tap++)
        paths[k - 1][i * stride + tap * dilation] += paths[k][i];
  }
  for (let k = layer + 1; k < planes.length; k++) {
    const [kernel, stride, dilation] = layers[k - 1];
    for (let i = 0; i < planes[k].n; i++)
      for (let tap = 0; tap < kernel; tap++)
        paths[k][i] += paths[k - 1][i * stride + tap * dilation];
  }
  return paths;
}

/** The paths of a unit [layer, row, column] along the rows and along the columns. */
export const pathsOf = (layers, planes, [layer, ...at]) =>
  at.map((index) => pathsAlong(layers, planes, layer, index));

/** First and last index with a path, how many have one, the fewest paths and the most. */
export function extent(paths) {
  const found = { first: 0, last: -1, lit: 0, fewest: Infinity, most: 0 };
  for (const [k, n] of paths.entries()) {
    if (!n) continue;
    if (!found.lit) found.first = k;
    found.last = k;
    found.lit += 1;
    found.fewest = Math.min(found.fewest, n);
    found.most = Math.max(found.most, n);
  }
  return found;
}

/** Rows and columns with a path in a plane, how many units, the fewest paths and the most. */
export function litIn(paths, layer) {
  const [down, across] = paths.map((along) => extent(along[layer]));
  return {
    down,
    across,
    lit: down.lit * across.lit,
    fewest: down.fewest * across.fewest,
    most: down.most * across.most,
  };
}

/** The pixel of the input, a fraction between two, over which a unit stands. */
export const centre = ({ field, step }, index) => index * step + (field - 1) / 2;

/** The unit of another plane that stands nearest over the same pixel. */
const nearest = (from, index, to) =>
  clamp(Math.round((centre(from, index) - (to.field - 1) / 2) / to.step), 0, to.n - 1);

/**
 * Where the arrows lead from a unit: [rows, columns] further in a layer, which is not
 * its own where another plane has the focus, or a number of layers up.
 */
export function moved(planes, [from, ...at], by, layer) {
  const [levels, steps] = Array.isArray(by) ? [0, by] : [by, [0, 0]];
  const to = clamp(layer + levels, 0, planes.length - 1);
  const here = at.map((k) => (from === to ? k : nearest(planes[from], k, planes[to])));
  return [to, ...here.map((k, axis) => clamp(k + steps[axis], 0, planes[to].n - 1))];
}

/** The next unit of the same layer in reading order; after the last comes the first. */
export function nextUnit(planes, [layer, row, column]) {
  const { n } = planes[layer];
  const next = (row * n + column + 1) % (n * n);
  return [layer, Math.floor(next / n), next % n];
}

export function middleOfTheTop(planes) {
  const middle = Math.floor(planes.at(-1).n / 2);
  return [planes.length - 1, middle, middle];
}

export const isInside = (planes, [layer, ...at]) =>
  layer >= 0 && layer < planes.length && at.every((k) => k >= 0 && k < planes[layer].n);

/** Where a plane lies over the input: left edge and width, in pixels of the input. */
export function placeOf({ n, field, step }) {
  // Units further apart than they see are drawn as wide as what they see altogether.
  if (step > field) return { left: 0, width: (n - 1) * step + field };
  return { left: (field - step) / 2, width: n * step };
}
