// What a network sees of a photo: a square of it, scaled, changed, a patch covered.
//
// The arithmetic of photo_views.py, which says what each setting does.

import { movedPicture } from "./drawings.js";
import { array } from "./ops.js";
import { hidden } from "./patches.js";
import { squareOf } from "./scaling.js";

export const COVER = 127.5; // what a covered patch is
const WHITE = 255;
const [RED, GREEN, BLUE] = [0.2125, 0.7154, 0.0721]; // how bright they are: images.py's `gray`

function mirrored({ shape, data }) {
  const [rows, columns] = shape;
  const made = new Float64Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let c = 0; c < 3; c++)
        made[3 * (row * columns + column) + c] =
          data[3 * (row * columns + columns - 1 - column) + c];
  return array(shape, made);
}

function turned({ shape, data }, turn) {
  const made = new Float64Array(data.length);
  for (let c = 0; c < 3; c++) {
    const plane = array(shape.slice(0, 2), new Float64Array(data.length / 3));
    for (let k = 0; k < plane.data.length; k++) plane.data[k] = data[3 * k + c];
    const { data: there } = movedPicture(plane, { turn });
    for (let k = 0; k < there.length; k++) made[3 * k + c] = there[k];
  }
  return array(shape, made);
}

function grayed({ shape, data }) {
  const made = new Float64Array(data.length);
  for (let k = 0; k < data.length; k += 3)
    made.fill(RED * data[k] + GREEN * data[k + 1] + BLUE * data[k + 2], k, k + 3);
  return array(shape, made);
}

const lit = ({ shape, data }, brightness) =>
  array(
    shape,
    Float64Array.from(data, (value) => Math.min((value * brightness) / 100, WHITE)),
  );

/** The view before a patch of it is covered. image: bytes; crop: [row, column, side]. */
export function wholeView({ image, crop, mirror, turn, gray, brightness }, size) {
  let made = squareOf(image, crop, size);
  if (mirror) made = mirrored(made);
  if (turn) made = turned(made, turn);
  if (gray) made = grayed(made);
  return lit(made, brightness);
}

/** A view with a patch around [row, column] covered, or as it is where there is none. */
export const coveredView = (view, covered, patch) =>
  covered.length ? hidden(view, covered, patch, COVER) : view;
