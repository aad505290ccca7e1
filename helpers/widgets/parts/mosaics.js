// Many maps in one picture, side by side.

import { clamp } from "./numbers.js";
import { array } from "./ops.js";

const WIDEST_LIST = 32; // numbers of a list on a line, if there are no more
const LIST_LINE = 64;

/** How many maps stand side by side, and the gap between them. */
function arrangement([rows, columns, depth]) {
  if (rows === 1 && columns === 1)
    return { across: depth <= WIDEST_LIST ? depth : Math.min(depth, LIST_LINE), gap: 0 };
  // About twice as wide as tall, all lines full if that can be.
  const wanted = Math.sqrt((2 * depth * rows) / columns);
  let across = clamp(Math.round(wanted), 1, depth);
  for (let more = across; more <= Math.min(2 * across, depth); more++)
    if (depth % more === 0) {
      across = more;
      break;
    }
  return { across, gap: 1 };
}

/**
 * All maps (rows, columns, maps) of a layer in one picture, side by side:
 * picture(data) paints them into one array, corner(map) is where one begins, at([row, column])
 * of the mosaic is a unit [row, column, map], or null in a gap.
 */
export function mosaicOf(shape) {
  const [rows, columns, depth] = shape;
  const { across, gap } = arrangement(shape);
  const lines = Math.ceil(depth / across);
  const [tall, wide] = [rows + gap, columns + gap];
  const sides = [lines * tall - gap, across * wide - gap];
  const made = array(sides, new Float64Array(sides[0] * sides[1]).fill(NaN));
  const corner = (map) => [Math.floor(map / across) * tall, (map % across) * wide];
  return {
    sides,
    corner,
    picture(data) {
      for (let map = 0; map < depth; map++) {
        const [top, left] = corner(map);
        for (let i = 0, from = map; i < rows; i++) {
          let to = (top + i) * sides[1] + left;
          for (let j = 0; j < columns; j++, from += depth) made.data[to++] = data[from];
        }
      }
      return made;
    },
    at([row, column]) {
      const [line, place] = [Math.floor(row / tall), Math.floor(column / wide)];
      const unit = [row % tall, column % wide, line * across + place];
      const inside = unit[0] < rows && unit[1] < columns && unit[2] < depth;
      return inside ? unit : null;
    },
  };
}

/** The size of the largest of many numbers; what is no number does not count. */
export function largest(data) {
  let most = 0;
  for (let k = 0; k < data.length; k++) {
    const size = Math.abs(data[k]);
    if (size > most) most = size;
  }
  return most;
}

/** Grays from 0 up, or signed colours around it; each reaches to the largest number. */
export const scaleOf = (data, gray) =>
  gray ? { low: 0, high: largest(data) || 1 } : { signed: largest(data) || 1 };

/** The same unit, moved by [rows, columns] or by a map, as far as there is one. */
export function movedUnit(shape, [row, column, map], [down, right], maps = 0) {
  const [rows, columns, depth] = shape;
  if (rows === 1 && columns === 1) {
    const { across } = arrangement(shape);
    return [0, 0, clamp(map + right + down * across + maps, 0, depth - 1)];
  }
  return [
    clamp(row + down, 0, rows - 1),
    clamp(column + right, 0, columns - 1),
    clamp(map + maps, 0, depth - 1),
  ];
}
