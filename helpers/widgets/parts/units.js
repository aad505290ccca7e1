// What a unit saw, its weights, its sum; which pixels of the picture it depends on.
//
// layers are those of a network (parts/network.js), each with its weights, and maps what a
// run made of one picture. A unit is [row, column, map] of a layer; in a list [0, 0, number].

import { sidesOf } from "./network_layers.js";
import { array } from "./ops.js";

/** A layer's map without the batch, as (rows, columns, maps). */
export const mapOf = (layers, maps, k) => array(sidesOf(layers[k].shape), maps[k].data);

/** Where a unit's number stands. */
export const placeOf = ([, columns, depth], [row, column, map]) =>
  (row * columns + column) * depth + map;

/** The unit in the middle of a layer's first map. */
export const middleOf = ({ shape }) =>
  sidesOf(shape).map((n, axis) => (axis < 2 ? Math.floor(n / 2) : 0));

/** Whether a layer has such a unit. */
export const isInside = ({ shape }, unit) => sidesOf(shape).every((n, axis) => unit[axis] < n);

/** The unit that is written out first: in the middle of the first convolution. */
export function firstUnit(layers) {
  const found = layers.findIndex(({ kind }) => kind === "conv2d");
  const layer = found < 0 ? layers.length - 1 : found;
  return { layer, unit: middleOf(layers[layer]) };
}

const SLIDES = { conv2d: true, depthwiseConv2d: true, pool2d: true };

/** How a layer's windows lie along rows and columns. */
function geometryOf({ size, stride = size, padding = [[0, 0], [0, 0]], dilation = [1, 1] }) {
  return [0, 1].map((axis) => ({
    size: size[axis],
    stride: stride[axis],
    before: padding[axis][0],
    dilation: dilation[axis],
  }));
}

/** The rows and columns [first, end) of the layer before that a range of units reads. */
const readBy = (layer, region) =>
  geometryOf(layer).map(({ size, stride, before, dilation }, axis) => {
    const [first, end] = region[axis];
    const reach = (size - 1) * dilation + 1;
    return [first * stride - before, (end - 1) * stride - before + reach];
  });

/** Where a number of a list came from: [row, column, map] of the layer before. */
export function originOf(layers, k, number) {
  const [, columns, depth] = sidesOf(layers[layers[k].inputs[0]].shape);
  const pixel = Math.floor(number / depth);
  return [Math.floor(pixel / columns), pixel % columns, number % depth];
}

/**
 * The part of the picture that a unit depends on: rows and columns [first, end), cut at its
 * border.
 */
export function fieldOf(layers, k, [row, column, map]) {
  const whole = (index) =>
    sidesOf(layers[index].shape).slice(0, 2).map((n) => [0, n]);
  const union = (regions) =>
    [0, 1].map((axis) => [
      Math.min(...regions.map((one) => one[axis][0])),
      Math.max(...regions.map((one) => one[axis][1])),
    ]);

  function down(index, region) {
    const layer = layers[index];
    if (!layer.inputs.length) return region;
    const next = layer.inputs.map((input) => [input, before(layer, input, region)]);
    return union(next.map(([input, part]) => down(input, part)));
  }
  function before(layer, input, region) {
    if (SLIDES[layer.kind]) return readBy(layer, region);
    if (layer.kind === "reshape" || layer.kind === "concatenate") return whole(input);
    if (layer.kind === "dense" && layers[input].shape.length === 1) return whole(input);
    if (layer.kind === "zeroPadding2d")
      return region.map((range, axis) => range.map((n) => n - layer.padding[axis][0]));
    return region;
  }

  let [start, unit] = [k, [row, column, map]];
  if (layers[k].kind === "reshape" && layers[k].shape.length === 1) {
    unit = originOf(layers, k, map);
    [start] = layers[k].inputs;
  }
  const region = down(start, unit.slice(0, 2).map((n) => [n, n + 1]));
  const [rows, columns] = pictureSides(layers);
  return region.map(([first, end], axis) => [
    Math.max(first, 0),
    Math.min(end, [rows, columns][axis]),
  ]);
}

/** Of a picture that comes as a list, too. */
function pictureSides(layers) {
  const { shape } = layers.find(({ inputs }) => !inputs.length);
  const [rows, columns, depth] = sidesOf(shape);
  const side = Math.sqrt(depth);
  return rows === 1 && columns === 1 ? [side, side] : [rows, columns];
}

/** Numbers of a window: at(row, column, channel) of each, row by row. */
function windowOf([rows, columns, depth], at) {
  const made = array([rows, columns, depth], new Float64Array(rows * columns * depth));
  for (let i = 0, k = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let c = 0; c < depth; c++, k++) made.data[k] = at(i, j, c);
  return made;
}

/** What a unit of a sliding layer sees in some of the channels; 0 in the padding. */
function patchOf(layer, x, [row, column], first, count, padding = 0) {
  const [rows, columns, depth] = x.shape;
  const [down, across] = geometryOf(layer);
  return windowOf([down.size, across.size, count], (a, b, c) => {
    const i = row * down.stride - down.before + a * down.dilation;
    const j = column * across.stride - across.before + b * across.dilation;
    if (i < 0 || j < 0 || i >= rows || j >= columns) return padding;
    return x.data[(i * columns + j) * depth + first + c];
  });
}

function product(saw, weights, bias) {
  const products = array(saw.shape, saw.data.map((value, k) => value * weights.data[k]));
  const sum = products.data.reduce((a, b) => a + b, 0);
  return { saw, weights, products, sum, bias, before: sum + bias };
}

function convolution(layer, x, unit) {
  const { kernel, bias } = layer.weights;
  const { groups = 1, kind, size } = layer;
  const [channels, filters] = kernel.shape.slice(-2);
  const filter = unit[2];
  const own = kind === "depthwiseConv2d"; // each channel has kernels of its own
  const first = own
    ? Math.floor(filter / filters)
    : Math.floor(filter / (filters / groups)) * channels;
  const count = own ? 1 : channels;
  const all = channels * filters;
  const weights = windowOf([...size, count], (a, b, c) =>
    kernel.data[(a * size[1] + b) * all + (own ? filter : c * filters + filter)],
  );
  const saw = patchOf(layer, x, unit, first, count);
  return product(saw, weights, bias ? bias.data[filter] : 0);
}

/** A list that was a stack of maps before is shown as that stack. */
function stackOf(layers, input, length) {
  const layer = layers[input];
  const source = layer.kind === "reshape" ? layers[layer.inputs[0]] : layer;
  const sides = sidesOf(source.shape);
  return sides.reduce((a, b) => a * b) === length ? sides : [1, 1, length];
}

function dense(layers, k, x, [row, column, map]) {
  const { weights, inputs } = layers[k];
  const [inner, units] = weights.kernel.shape;
  const start = placeOf(x.shape, [row, column, 0]);
  const saw = array(
    stackOf(layers, inputs[0], inner),
    Float64Array.from(x.data.subarray(start, start + inner)),
  );
  const column_ = windowOf(saw.shape, () => 0);
  for (let t = 0; t < inner; t++) column_.data[t] = weights.kernel.data[t * units + map];
  return product(saw, column_, weights.bias ? weights.bias.data[map] : 0);
}

/**
 * What is known of a unit: its value; where there is one number before it, that `from`; where
 * it adds up a patch, what it { saw, weights, products } as (rows, columns, maps), their sum,
 * the bias, and the number before the activation.
 */
export function unitOf(layers, maps, k, unit) {
  const layer = layers[k];
  const value = mapOf(layers, maps, k).data[placeOf(sidesOf(layer.shape), unit)];
  if (!layer.inputs.length) return { value };
  const x = mapOf(layers, maps, layer.inputs[0]);
  if (layer.kind === "conv2d" || layer.kind === "depthwiseConv2d")
    return { value, ...convolution(layer, x, unit) };
  if (layer.kind === "dense") return { value, ...dense(layers, k, x, unit) };
  if (layer.kind === "pool2d") return { value, saw: patchOf(layer, x, unit, unit[2], 1, NaN) };
  if (layer.activation?.name === "softmax") {
    const [, , depth] = x.shape;
    const start = placeOf(x.shape, [unit[0], unit[1], 0]);
    const row = Float64Array.from(x.data.subarray(start, start + depth));
    return { value, from: row[unit[2]], saw: array([1, 1, depth], row) };
  }
  if (layer.kind === "reshape") return { value, origin: originOf(layers, k, unit[2]) };
  const alike = x.data.length === maps[k].data.length;
  return { value, from: alike ? x.data[placeOf(sidesOf(layer.shape), unit)] : undefined };
}
