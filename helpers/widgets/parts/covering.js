// Where covering a patch of a picture lowers a probability. A job for heavy.js: nothing here
// touches the page.

import { lastOf } from "./arrays.js";
import { networkFrom } from "./network.js";
import { array } from "./ops.js";
import { hidden, isHidden } from "./patches.js";
import { softmaxInto } from "./pointwise.js";

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

/** The middle of the patch that belongs to a place of the map: one every `step` pixels. */
export const middleOf = (place, step) => place.map((n) => n * step + Math.floor(step / 2));

/** How many places a map has, down and across. */
export const placesOf = (sides, step) => sides.slice(0, 2).map((n) => Math.ceil(n / step));

/**
 * How much less likely a class is with a patch covered, its middle every `step` pixels: an
 * array (rows, columns) of such places, which also comes after every row. likely(image) is a
 * generator that returns the class's probability. `cover` is what stands in the patch; where
 * it stands already nothing changes.
 */
export function* coveringOf(likely, { picture, side, step = 1, cover = 0 }) {
  const before = yield* likely(picture);
  const [rows, columns] = placesOf(picture.shape, step);
  const falls = array([rows, columns], new Float64Array(rows * columns));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const middle = middleOf([row, column], step);
      if (isHidden(picture, middle, side, cover)) continue;
      const after = yield* likely(hidden(picture, middle, side, cover));
      falls.data[row * columns + column] = before - after;
      yield;
    }
    yield { row, falls };
  }
  return falls;
}

/** The same as a job, for the class `label` of a network. */
export function* coveringJob({ description, bytes, label, ...where }) {
  const { layers, inSteps } = networkFrom(description, bytes);
  return yield* coveringOf(function* likely(image) {
    const { output } = yield* inSteps(asInput(image, layers));
    return probabilitiesOf(layers, output)[label];
  }, where);
}
