// Arrays for layers: { shape, data } with any kind of typed array.

import { array } from "./ops.js";

export const lastOf = (shape) => shape[shape.length - 1];
export const productOf = (sizes) => sizes.reduce((a, b) => a * b, 1);

/** Where the largest of some numbers stands; of equal ones the first. */
export function bestOf(numbers) {
  let best = 0;
  for (let k = 1; k < numbers.length; k++) if (numbers[k] > numbers[best]) best = k;
  return best;
}

/** Zeros of a shape, numbers of the kind that another array has. */
export const zeros = (shape, { data }) =>
  array(shape, new data.constructor(productOf(shape)));

/** Zeros for the gradients of a layer's weights; one without a bias has none. */
export const gradientsLike = (weights) =>
  Object.fromEntries(
    Object.entries(weights)
      .filter(([, values]) => values)
      .map(([name, values]) => [name, zeros(values.shape, values)]),
  );
