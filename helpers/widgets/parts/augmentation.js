// Random views of a photo, as a network sees them in training.
//
// The arithmetic of augmentation.py, which says what each function does. Settings are { crop,
// size, least, mirror, turn, brightness, colour }; a photo is an array (side, side, 3), levels
// from 0 to 255.

import { array } from "./ops.js";
import { randomFrom } from "./random.js";

const WHITE = 255;
export const [FIXED, RANDOM] = ["fixed size", "random size"];

// ------------------------------------------------------------------------- what is drawn

/** What is done for each of `count` views of a photo of that side. */
export function ways(settings, side, seed, count) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => wayOf(settings, side, random));
}

function wayOf({ crop, size, least, mirror, turn, brightness, colour }, side, random) {
  const [large, top, left, flip, angle, light] = Array.from({ length: 6 }, random.uniform);
  const normals = Array.from({ length: 3 }, random.normal);
  const fixed = crop === FIXED;
  const window = fixed ? size : side * (least + (1 - least) * large);
  const free = side - window;
  const start = (share) =>
    fixed ? Math.min(Math.floor(share * (free + 1)), free) : share * free;
  return {
    top: start(top),
    left: start(left),
    window,
    mirrored: mirror && flip < 0.5,
    angle: turn * (2 * angle - 1),
    brightness: brightness * WHITE * (2 * light - 1),
    amounts: normals.map((number) => colour * number),
  };
}

/** How many different crops of a fixed size there are. */
export const countOf = ({ size, mirror }, side) => (side - size + 1) ** 2 * (mirror ? 2 : 1);

// ----------------------------------------------------------------------- what comes of it

/** The levels that are added to red, green and blue. */
export const colourShift = ({ brightness, amounts }, directions) =>
  [0, 1, 2].map((channel) =>
    amounts.reduce((sum, amount, k) => sum + amount * directions[k][channel], brightness),
  );

/** One view of a photo, (size, size, 3). */
export function view({ shape: [side], data }, way, size, directions) {
  const made = array([size, size, 3]);
  const [red, green, blue] = colourShift(way, directions);
  const [cos, sin] = turning(way.angle);
  const [half, step, last] = [way.window / 2, way.window / size, side - 1];
  const inside = (place) => (place < 0 ? 0 : place > last ? last : place);
  let to = 0;
  for (let i = 0; i < size; i++) {
    const down = (i + 0.5) * step - half;
    for (let j = 0; j < size; j++) {
      const across = way.mirrored ? size - 1 - j : j;
      const right = (across + 0.5) * step - half;
      const row = inside(way.top + half - 0.5 + down * cos + right * sin);
      const column = inside(way.left + half - 0.5 + right * cos - down * sin);
      const [above, before] = [Math.floor(row), Math.floor(column)];
      const [low, far] = [row - above, column - before];
      // Four pixels and their shares; a share of nothing may lie beyond the rim.
      const [a, b] = [3 * (above * side + before), 3 * (before < last)];
      const c = 3 * side * (above < last);
      const [near, next] = [(1 - low) * (1 - far), (1 - low) * far];
      const [under, beyond] = [low * (1 - far), low * far];
      const mixed = (k) =>
        near * data[k] + next * data[k + b] + under * data[k + c] + beyond * data[k + b + c];
      made.data[to++] = mixed(a) + red;
      made.data[to++] = mixed(a + 1) + green;
      made.data[to++] = mixed(a + 2) + blue;
    }
  }
  return made;
}

function turning(angle) {
  const radians = (angle * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians)];
}

// --------------------------------------------------------- the principal axes of colour

/**
 * The directions in which the colours of a photo differ most, the longest first, each as long
 * as one standard deviation: images.principal_colours.
 */
export function principalColours({ data }) {
  const count = data.length / 3;
  const means = [0, 0, 0];
  for (let k = 0; k < data.length; k++) means[k % 3] += data[k] / count;
  const products = [0, 1, 2].map(() => [0, 0, 0]);
  for (let k = 0; k < data.length; k += 3) {
    const [r, g, b] = [data[k] - means[0], data[k + 1] - means[1], data[k + 2] - means[2]];
    products[0][0] += r * r;
    products[0][1] += r * g;
    products[0][2] += r * b;
    products[1][1] += g * g;
    products[1][2] += g * b;
    products[2][2] += b * b;
  }
  const covariance = products.map((row, i) =>
    row.map((_, j) => products[Math.min(i, j)][Math.max(i, j)] / count),
  );
  const found = eigen(covariance).sort((one, other) => other.size - one.size);
  return found.map(({ size, axis }) => {
    const sum = axis[0] + axis[1] + axis[2];
    const length = Math.sqrt(Math.max(size, 0)) * (sum < 0 ? -1 : 1);
    return axis.map((part) => part * length);
  });
}

/** Eigenvalues and axes of a symmetric matrix 3 × 3, by Jacobi's rotations. */
function eigen(symmetric) {
  const a = symmetric.map((row) => [...row]);
  const axes = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const turn = (row, p, q, cos, sin) =>
    ([row[p], row[q]] = [cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]]);
  const small = 1e-15 * (a[0][0] + a[1][1] + a[2][2]);
  for (let sweep = 0; sweep < 50; sweep++) {
    if (Math.abs(a[0][1]) + Math.abs(a[0][2]) + Math.abs(a[1][2]) <= small) break;
    for (const [p, q] of [[0, 1], [0, 2], [1, 2]]) {
      if (a[p][q] === 0) continue;
      const ratio = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1));
      const cos = 1 / Math.hypot(tangent, 1);
      const sin = tangent * cos;
      for (const row of a) turn(row, p, q, cos, sin);
      [a[p], a[q]] = [
        a[p].map((value, k) => cos * value - sin * a[q][k]),
        a[p].map((value, k) => sin * value + cos * a[q][k]),
      ];
      for (const row of axes) turn(row, p, q, cos, sin);
    }
  }
  return [0, 1, 2].map((k) => ({ size: a[k][k], axis: axes.map((row) => row[k]) }));
}
