// DigitPad: where covering a patch of the picture hurts. A job for heavy.js: nothing here
// touches the page.

import { lastOf, productOf } from "../parts/arrays.js";
import { networkFrom } from "../parts/network.js";
import { array } from "../parts/ops.js";
import { softmaxInto } from "../parts/pointwise.js";
import { SIDE, covered, squareOf } from "../parts/seen.js";

/** Where a worker finds this module. */
export const HERE = import.meta.url;

/** The probabilities that a run gave: the network's own, or the softmax of its logits. */
export function probabilitiesOf(layers, output) {
  const made = Float64Array.from(output.data);
  if (layers.at(-1).activation?.name !== "softmax")
    softmaxInto(made, made, lastOf(output.shape));
  return made;
}

/** A picture as a network takes it, a batch of one. */
export const asInput = ({ data }, layers) => {
  const { shape } = layers.find(({ kind }) => kind === "input");
  return array([1, ...shape], Float32Array.from(data));
};

function hasInk({ data }, middle, side) {
  const [[top, bottom], [left, right]] = squareOf(middle, side);
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++)
      if (data[row * SIDE + column] !== 0) return true;
  return false;
}

/**
 * How much less likely a class is with a square around each pixel covered: an array
 * (28, 28), which also comes after every row. Where there is no ink nothing changes.
 */
export function* coveringJob({ description, bytes, picture, side, label }) {
  const { layers, run } = networkFrom(description, bytes);
  const likely = (image) => probabilitiesOf(layers, run(asInput(image, layers)).output)[label];
  const before = likely(picture);
  const falls = array([SIDE, SIDE], new Float64Array(productOf([SIDE, SIDE])));
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      if (!hasInk(picture, [row, column], side)) continue;
      const hidden = covered(picture, [row, column], side);
      falls.data[row * SIDE + column] = before - likely(hidden);
      yield;
    }
    yield { row, falls };
  }
  return falls;
}
