// The planes of a stack of layers, and the paths between a unit and all others.

import { clamp } from "../parts/numbers.js";
import { unitGrids } from "../parts/ops.js";

/** The window of a layer along one axis, from its first unit to its last. */
export const reachOf = ([kernel, , dilation]) => (kernel - 1) * dilation + 1;

/**
 * The input and the plane of every layer: units a side, the pixels that each sees a side
 * (field), the pixels from one unit to the next (jump), and the pixel under the first (start).
 */
export const planesOf = ({ layers, size }) => unitGrids(layers, size);

/** The least side of an input on which all layers fit. */
export const leastSize = (layers) =>
  layers.reduceRight((least, layer) => {
    const [, stride, , padding] = layer;
    return Math.max((least - 1) * stride + reachOf(layer) - 2 * padding, 1);
  }, 1);

/** Pixels by which the field of the first unit begins before the picture. */
export const outsideOf = ({ field, start }) => (field - 1) / 2 - start;

/** The pixels of a unit's field along one axis: [first, behind the last], also outside. */
export function fieldOf(plane, index) {
  const first = index * plane.jump - outsideOf(plane);
  return [first, first + plane.field];
}

/** How many of these pixels lie in a picture of n. */
export const within = ([first, end], n) =>
  Math.max(Math.min(end, n) - Math.max(first, 0), 0);

/** Which part of the field of a unit lies outside a picture of n × n pixels. */
export function shareOutside(plane, at, n) {
  const [rows, columns] = at.map((index) => within(fieldOf(plane, index), n));
  return 1 - (rows * columns) / plane.field ** 2;
}

/**
 * Along one axis, the number of paths between a unit and those of every plane, below it and
 * above. Kernels are square, so in the plane it is the product of both axes.
 */
function pathsAlong(layers, planes, layer, index) {
  const paths = planes.map(({ units }) => new Float64Array(units));
  paths[layer][index] = 1;
  /** Call each(unit, unit of the plane below) for all that layer k reads; padding is none. */
  function read(k, each) {
    const [kernel, stride, dilation, padding] = layers[k - 1];
    const below = planes[k - 1].units;
    for (let i = 0; i < planes[k].units; i++)
      for (let tap = 0, j = i * stride - padding; tap < kernel; tap++, j += dilation)
        if (j >= 0 && j < below) each(i, j);
  }
  for (let k = layer; k > 0; k--)
    read(k, (i, j) => (paths[k - 1][j] += paths[k][i]));
  for (let k = layer + 1; k < planes.length; k++)
    read(k, (i, j) => (paths[k][i] += paths[k - 1][j]));
  return paths;
}

/** The paths of a unit [layer, row, column] along the rows and along the columns. */
export const pathsOf = (layers, planes, [layer, ...at]) =>
  at.map((index) => pathsAlong(layers, planes, layer, index));

/** All paths to a unit of a layer along one axis, those from padding among them. */
export const allPaths = (layers, layer) =>
  layers.slice(0, layer).reduce((product, [kernel]) => product * kernel, 1);

/**
 * The share of all paths to a unit of a layer that end in padding. They are counted, for as a
 * difference from 1 the few of a deep stack would be lost in rounding.
 */
export function shareInPadding(layers, paths, layer) {
  const [down, across] = paths.map((along) => {
    let lost = 0;
    for (let k = layer; k > 0; k--) {
      const [kernel, stride, dilation, padding] = layers[k - 1];
      const ways = allPaths(layers, k - 1); // on from each unit of the plane below
      for (const [i, n] of along[k].entries())
        for (let tap = 0, j = i * stride - padding; n && tap < kernel; tap++, j += dilation)
          if (j < 0 || j >= along[k - 1].length) lost += n * ways;
    }
    return lost / allPaths(layers, layer);
  });
  return down + across - down * across;
}

/** First and last index with a path, how many have one, the fewest paths and the most. */
export function extent(paths) {
  const found = { first: 0, last: -1, lit: 0, fewest: Infinity, most: 0, sum: 0 };
  for (const [k, n] of paths.entries()) {
    if (!n) continue;
    if (!found.lit) found.first = k;
    found.last = k;
    found.lit += 1;
    found.sum += n;
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
    sum: down.sum * across.sum,
  };
}

/**
 * The side of the square in the middle of a unit's field in which at least half of the paths
 * begin, of those that begin in the picture.
 */
export function middleHalf(paths, plane, [, ...at]) {
  const along = paths.map(([pixels]) => pixels);
  const { sum } = litIn(paths, 0);
  const middles = at.map((index) => centre(plane, index));
  const ends = (side) => middles.map((middle) => [middle - side / 2 + 0.5, middle + side / 2 - 0.5]);
  const odd = plane.field % 2;
  let side = odd;
  const sums = middles.map((middle, axis) => (odd && along[axis][middle]) || 0);
  while (side < plane.field && 2 * sums[0] * sums[1] < sum) {
    side += 2;
    for (const [axis, [first, last]] of ends(side).entries())
      sums[axis] += (along[axis][first] ?? 0) + (along[axis][last] ?? 0);
  }
  return side;
}

/** The pixel of the input, a fraction between two, over which a unit stands. */
export const centre = ({ jump, start }, index) => index * jump + start;

/** The unit of another plane that stands nearest over the same pixel. */
const nearest = (from, index, to) =>
  clamp(Math.round((centre(from, index) - to.start) / to.jump), 0, to.units - 1);

/**
 * Where the arrows lead from a unit: [rows, columns] further in a layer, which is not
 * its own where another plane has the focus, or a number of layers up.
 */
export function moved(planes, [from, ...at], by, layer) {
  const [levels, steps] = Array.isArray(by) ? [0, by] : [by, [0, 0]];
  const to = clamp(layer + levels, 0, planes.length - 1);
  const here = at.map((k) => (from === to ? k : nearest(planes[from], k, planes[to])));
  return [to, ...here.map((k, axis) => clamp(k + steps[axis], 0, planes[to].units - 1))];
}

/** The next unit of the same layer in reading order; after the last comes the first. */
export function nextUnit(planes, [layer, row, column]) {
  const { units } = planes[layer];
  const next = (row * units + column + 1) % (units * units);
  return [layer, Math.floor(next / units), next % units];
}

export function middleOfTheTop(planes) {
  const middle = Math.floor(planes.at(-1).units / 2);
  return [planes.length - 1, middle, middle];
}

export const isInside = (planes, [layer, ...at]) =>
  layer >= 0 && layer < planes.length && at.every((k) => k >= 0 && k < planes[layer].units);

/** Where a plane lies over the input: left edge and width, in pixels of the input. */
export function placeOf({ units, field, jump, start }) {
  // Units further apart than they see are drawn as wide as what they see altogether.
  const own = Math.min(jump, field);
  return { left: start + 0.5 - own / 2, width: (units - 1) * jump + own };
}

/** From where to where all planes lie, in pixels of the input: [first, behind the last]. */
export function spanOf(planes) {
  const places = planes.map(placeOf);
  return [
    Math.min(...places.map(({ left }) => left)),
    Math.max(...places.map(({ left, width }) => left + width)),
  ];
}

/** By how many pixels the fields of any unit reach beyond the picture, at the most. */
export const overhangOf = (planes) =>
  Math.max(
    ...planes.map((plane) => {
      const [, end] = fieldOf(plane, plane.units - 1);
      return Math.max(outsideOf(plane), end - planes[0].units);
    }),
  );
