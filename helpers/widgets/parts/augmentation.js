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

/** One view of a photo, (size, size, 3); it may be written into one that was made before. */
export function view({ shape: [side], data }, way, size, directions, made = array([size, size, 3])) {
  const out = made.data;
  const [red, green, blue] = colourShift(way, directions);
  const [cos, sin] = turning(way.angle);
  const [half, step, last] = [way.window / 2, way.window / size, side - 1];
  const [top, left] = [way.top + half - 0.5, way.left + half - 0.5];
  // Half a million pixels in a frame: what is inside the loop makes no arrays, calls Math alone.
  for (let i = 0, to = 0; i < size; i++) {
    const down = (i + 0.5) * step - half;
    for (let j = 0; j < size; j++, to += 3) {
      const across = way.mirrored ? size - 1 - j : j;
      const right = (across + 0.5) * step - half;
      const row = Math.min(Math.max(top + down * cos + right * sin, 0), last);
      const column = Math.min(Math.max(left + right * cos - down * sin, 0), last);
      // The four pixels around that place, and their shares; beyond the rim stands the rim.
      const above = Math.floor(row);
      const before = Math.floor(column);
      const low = row - above;
      const far = column - before;
      const a = 3 * (above * side + before);
      if (low === 0 && far === 0) {
        out[to] = data[a] + red; // a pixel as it is
        out[to + 1] = data[a + 1] + green;
        out[to + 2] = data[a + 2] + blue;
        continue;
      }
      const b = before < last ? a + 3 : a;
      const below = above < last ? 3 * side : 0;
      const c = a + below;
      const d = b + below;
      const shareA = (1 - low) * (1 - far);
      const shareB = (1 - low) * far;
      const shareC = low * (1 - far);
      const shareD = low * far;
      out[to] =
        shareA * data[a] + shareB * data[b] + shareC * data[c] + shareD * data[d] + red;
      out[to + 1] =
        shareA * data[a + 1] + shareB * data[b + 1] + shareC * data[c + 1] + shareD * data[d + 1] + green;
      out[to + 2] =
        shareA * data[a + 2] + shareB * data[b + 2] + shareC * data[c + 2] + shareD * data[d + 2] + blue;
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
