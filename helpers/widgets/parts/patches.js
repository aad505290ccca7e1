// Patches of pictures, covered.

import { array } from "./ops.js";

/** The rows and columns [first, end) of a patch, cut at the picture's border. */
export const patchAt = (middle, side, sides) =>
  middle.map((n, axis) => {
    const first = n - Math.floor(side / 2);
    return [Math.max(first, 0), Math.min(first + side, sides[axis])];
  });

/** The patch's middle after a click: [] where the click lies in the patch that is held. */
export function clicked(place, held, side, sides) {
  const isInside =
    held.length > 0 &&
    patchAt(held, side, sides).every(
      ([first, end], axis) => first <= place[axis] && place[axis] < end,
    );
  return isInside ? [] : place;
}

/** A picture (rows, columns) or (rows, columns, channels) with a patch of one value. */
export function hidden({ shape, data }, middle, side, value = 0) {
  const [, columns, channels = 1] = shape;
  const [[top, bottom], [left, right]] = patchAt(middle, side, shape);
  const made = Float64Array.from(data);
  for (let row = top; row < bottom; row++) {
    const start = row * columns;
    made.fill(value, (start + left) * channels, (start + right) * channels);
  }
  return array(shape, made);
}

/** Whether a patch has that one value already: then covering it changes nothing. */
export function isHidden({ shape, data }, middle, side, value = 0) {
  const [, columns, channels = 1] = shape;
  const [[top, bottom], [left, right]] = patchAt(middle, side, shape);
  for (let row = top; row < bottom; row++)
    for (let k = (row * columns + left) * channels; k < (row * columns + right) * channels; k++)
      if (data[k] !== value) return false;
  return true;
}
