// The layers of an AlexNet: shapes, parameters, multiply-adds, bytes of activations.
//
// As architecture.py has them, words and all: a network is { input_size, width, groups, classes,
// layers }, a layer's settings stand under its name, and a row has { name, output, parameters,
// multiply_adds, activation_bytes, left_out }.

import { sumOf } from "./numbers.js";

const CHANNELS = 3;
const BYTES = 4; // of a number, float32

/** The convolutions that lie in two halves where there are two groups. */
export const HALVED = ["filters2", "filters4", "filters5"];

const productOf = (sides) => sides.reduce((so, side) => so * side, 1);

/** The nearest whole number, of two the even one: as Python rounds. */
function rounded(value) {
  const low = Math.floor(value);
  const rest = value - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** How many filters or units there are, a multiple of the groups. */
export const scaled = (count, width, groups = 1) =>
  Math.max(1, rounded((count * width) / groups)) * groups;

/** A side with its padding, how many windows fit on it, how many pixels at its end none sees. */
export function edges(side, { kernel, stride, padding }) {
  const isSame = padding === "same";
  let before = isSame || padding === "valid" ? 0 : padding;
  let padded = side + 2 * before;
  let count = Math.floor((padded - kernel) / stride) + 1;
  if (isSame) {
    count = Math.ceil(side / stride);
    padded = side + Math.max((count - 1) * stride + kernel - side, 0);
    before = Math.floor((padded - side) / 2);
  }
  const seen = (count - 1) * stride + kernel; // of the padded side
  return { padded, count, leftOut: Math.max(before + side - seen, 0) };
}

const rowOf = (name, output, figures) => ({
  name,
  output,
  parameters: 0,
  multiply_adds: 0,
  activation_bytes: BYTES * productOf(output),
  left_out: 0,
  ...figures,
});

/** The row of a convolution or a pooling, or why there is none. */
function slidingRow(name, { width, groups, layers }, [side, , maps], given) {
  const { kernel, padding, filters } = layers[name];
  const { padded, count, leftOut } = edges(side, layers[name]);
  const trouble = (reason, ...numbers) => ({ trouble: { name, reason, numbers } });
  if (kernel > padded) return trouble("kernel", kernel, padded);
  if (filters === undefined) {
    if (typeof padding === "number" && padding >= kernel)
      return trouble("padding", padding, kernel);
    return { row: rowOf(name, [count, count, maps], { left_out: leftOut }) };
  }
  const parts = HALVED.includes(name) ? groups : 1;
  if (given % parts) return trouble("maps", given);
  if (filters % parts) return trouble("filters", filters);
  const kept = scaled(filters, width, groups);
  const weights = kernel * kernel * (maps / parts) * kept;
  const figures = {
    parameters: weights + kept,
    multiply_adds: count * count * weights,
    left_out: leftOut,
  };
  return { row: rowOf(name, [count, count, kept], figures) };
}

function denseRow(name, incoming, units) {
  const weights = incoming * units;
  return rowOf(name, [units], { parameters: weights + units, multiply_adds: weights });
}

/**
 * The rows of all layers, those of the picture and of the list among them; where a layer cannot
 * be, they end before it, and { name, reason, numbers } is the trouble.
 */
export function walk(network) {
  const { input_size: side, width, classes, layers } = network;
  const rows = [rowOf("photo", [side, side, CHANNELS])];
  const below = () => rows.at(-1).output;
  let given = CHANNELS; // maps that come in, at width 1
  const named = Object.entries(layers);
  for (const [name, { kernel, filters }] of named) {
    if (kernel === undefined) continue;
    const { row, trouble } = slidingRow(name, network, below(), given);
    if (trouble) return { rows, trouble };
    rows.push(row);
    given = filters ?? given;
  }
  // The maps, read one after the other: no memory of its own.
  rows.push(rowOf("list", [productOf(below())], { activation_bytes: 0 }));
  for (const [name, { units }] of named)
    if (units !== undefined) rows.push(denseRow(name, below()[0], scaled(units, width)));
  rows.push(denseRow("logits", below()[0], classes));
  return { rows, trouble: null };
}

/** What all layers cost together; pair_bytes are the most of an input and its output. */
export function totalsOf(rows) {
  const sizes = rows.filter(({ name }) => name !== "list").map((row) => row.activation_bytes);
  const total = (figure) => sumOf(rows.map((row) => row[figure]));
  return {
    parameters: total("parameters"),
    multiply_adds: total("multiply_adds"),
    activation_bytes: total("activation_bytes"),
    pair_bytes: Math.max(...sizes.slice(1).map((size, k) => size + sizes[k])),
  };
}
