// Drawings: strokes of a pen, the picture they make, and that as MNIST would have it.
//
// The arithmetic of helpers/drawings.py, which says what each function does: same names,
// same meaning, arguments in the same order. A stroke is a list of points [x, y], in sides
// of the pad; a picture an array { shape: [rows, columns], data: Float64Array }.
// tests/browser/test_drawings_js.py feeds both the same random cases and compares.

import { array } from "./ops.js";

export const SIDE = 112; // pixels of a drawing's side
export const PEN = 0.0875; // sides of the pad

const WHITE = 255;
const EMPTY = 0.5 / WHITE; // of white: weaker ink would be stored as 0
const CLOSE = 1e-9; // pixels that two orders of adding up may differ by

const clamped = (value, least, most) => Math.min(Math.max(value, least), most);

// ---- the pen ----

/** An empty picture to draw into. */
export const blank = (side = SIDE) => array([side, side]);

/** The picture that a round pen leaves: 0 no ink, 1 full ink. */
export function raster(strokes, side = SIDE, width = PEN) {
  const picture = blank(side);
  for (const stroke of strokes)
    for (const [from, to] of segments(stroke)) addSegment(picture, from, to, width);
  return picture;
}

/**
 * Draws on, from a point to a point, in the picture given; a dot where both are the same.
 * It costs what the segment's own box costs, and gives what `raster` gives of it all.
 */
export function addSegment(picture, from, to, width = PEN) {
  mark(picture, from, to, width, (ink, added) => Math.max(ink, added));
}

/** Takes ink away, from a point to a point, in the picture given. */
export function erase(picture, from, to, width = PEN) {
  mark(picture, from, to, width, (ink, taken) => Math.min(ink, 1 - taken));
}

/** A stroke's pieces, [from, to]; a single point is one without length. */
export function segments(stroke) {
  if (stroke.length === 1) return [[stroke[0], stroke[0]]];
  return stroke.slice(1).map((point, k) => [stroke[k], point]);
}

function mark({ shape: [side], data }, from, to, width, mixed) {
  const [x0, y0, x1, y1] = [...from, ...to].map((at) => at * side);
  const reach = (width * side) / 2 + 0.5;
  const [left, right] = touched(x0, x1, reach, side);
  const [top, bottom] = touched(y0, y1, reach, side);
  const [alongX, alongY] = [x1 - x0, y1 - y0];
  const length = alongX ** 2 + alongY ** 2 || 1;
  for (let row = top; row < bottom; row++)
    for (let col = left; col < right; col++) {
      const [x, y] = [col + 0.5 - x0, row + 0.5 - y0];
      const share = clamped((x * alongX + y * alongY) / length, 0, 1);
      const away = Math.sqrt((x - share * alongX) ** 2 + (y - share * alongY) ** 2);
      const at = row * side + col;
      data[at] = mixed(data[at], clamped(reach - away, 0, 1));
    }
}

/** The first pixel of a row that lies around two places, and the first that does not. */
function touched(a, b, reach, side) {
  const first = clamped(Math.floor(Math.min(a, b) - reach), 0, side);
  return [first, clamped(Math.ceil(Math.max(a, b) + reach), first, side)];
}

// ---- MNIST's way ----

/** A picture as MNIST's digits were prepared, 0 to 255, [side, side]. */
export const asMnist = (picture, box = 20, side = 28) =>
  mnistSteps(picture, box, side).picture;

/** That, and what was done: { box, scale, size, centre, shift, picture }. */
export function mnistSteps(picture, box = 20, side = 28) {
  const made = array([side, side]);
  const { ink, rows, cols } = inkOf(picture);
  const middle = (side - 1) / 2;
  if (rows[0] === rows[1])
    return {
      box: [0, 0, 0, 0],
      scale: 1,
      size: [0, 0],
      centre: [middle, middle],
      shift: [0, 0],
      picture: made,
    };
  const scale = box / Math.max(rows[1] - rows[0], cols[1] - cols[0]);
  const down = sharesOf(rows, scale, box);
  const across = sharesOf(cols, scale, box);
  const small = averaged(ink, picture.shape[1], down, across);
  const size = [down.length, across.length];

  const [perRow, perCol] = size.map((n) => new Float64Array(n));
  small.forEach((value, k) => {
    perRow[Math.floor(k / size[1])] += value;
    perCol[k % size[1]] += value;
  });
  const places = [perRow, perCol].map((mass) => placed(mass, side));
  const [top, left] = places.map(({ start }) => start);
  for (let row = 0; row < size[0]; row++)
    for (let col = 0; col < size[1]; col++)
      made.data[(top + row) * side + left + col] = small[row * size[1] + col];
  return {
    box: [rows[0], cols[0], rows[1], cols[1]],
    scale,
    size,
    centre: places.map(({ centre }) => centre),
    shift: places.map(({ shift }) => shift),
    picture: made,
  };
}

/** A picture's ink, 0 to 1, and the rows and columns that hold any, [first, end). */
function inkOf({ shape: [height, width], data }) {
  let most = 0;
  for (const value of data) if (value > most) most = value;
  const ink = most > 1 ? Float64Array.from(data, (value) => value / WHITE) : data;
  let [top, left, bottom, right] = [height, width, 0, 0];
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      if (ink[row * width + col] < EMPTY) continue;
      if (row < top) top = row;
      if (col < left) left = col;
      if (row >= bottom) bottom = row + 1;
      if (col >= right) right = col + 1;
    }
  if (bottom === 0) return { ink, rows: [0, 0], cols: [0, 0] };
  return { ink, rows: [top, bottom], cols: [left, right] };
}

/** Of each new pixel along an axis the first old one in it, and how much of each. */
function sharesOf([start, end], scale, box) {
  const old = end - start;
  const length = old * scale;
  const count = Math.min(Math.ceil(length - CLOSE), box);
  const edge = (k) => (k - (count - length) / 2) / scale;
  return Array.from({ length: count }, (_, k) => {
    const [low, high] = [Math.max(edge(k), 0), Math.min(edge(k + 1), old)];
    const first = Math.floor(low);
    const shares = [];
    for (let pixel = first; pixel < high; pixel++)
      shares.push((Math.min(high, pixel + 1) - Math.max(low, pixel)) * scale);
    return { first: start + first, shares };
  });
}

/** The part of a picture that the shares tell, at its new size, 0 to 255. */
function averaged(ink, width, down, across) {
  const small = new Float64Array(down.length * across.length);
  const line = new Float64Array(width);
  down.forEach(({ first: top, shares: rows }, row) => {
    line.fill(0);
    rows.forEach((share, k) => {
      const start = (top + k) * width;
      for (let col = 0; col < width; col++) line[col] += share * ink[start + col];
    });
    across.forEach(({ first: left, shares: cols }, col) => {
      let sum = 0;
      for (let k = 0; k < cols.length; k++) sum += cols[k] * line[left + k];
      small[row * across.length + col] = Math.min(sum, 1) * WHITE;
    });
  });
  return small;
}

/** The centre of mass in the middle, the shift, and where the ink begins, on an axis. */
function placed(mass, side) {
  const middle = Math.floor((side - mass.length) / 2);
  let [sum, moment] = [0, 0];
  mass.forEach((value, k) => {
    sum += value;
    moment += value * k;
  });
  const centre = moment / sum + middle;
  const wanted = middle + Math.ceil((side - 1) / 2 - centre - CLOSE);
  const start = clamped(wanted, 0, side - mass.length);
  return { centre, shift: start - middle, start };
}

// ---- moving ----

/** Strokes, scaled and turned about the pad's middle, then moved. */
export function moved(strokes, { x = 0, y = 0, turn = 0, scale = 1 } = {}) {
  const [cos, sin] = turned(turn, scale);
  return strokes.map((stroke) =>
    stroke.map(([px, py]) => [
      (px - 0.5) * cos - (py - 0.5) * sin + 0.5 + x,
      (px - 0.5) * sin + (py - 0.5) * cos + 0.5 + y,
    ]),
  );
}

/** A picture, scaled and turned about its middle, then moved by pixels. */
export function movedPicture(picture, { x = 0, y = 0, turn = 0, scale = 1 } = {}) {
  const { shape, data } = picture;
  const [height, width] = shape;
  const [cos, sin] = turned(turn, scale).map((part) => part / scale ** 2);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const at = (row, col) =>
    row < 0 || col < 0 || row >= height || col >= width ? 0 : data[row * width + col];
  const made = array([height, width]);
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const [toX, toY] = [col - middleX - x, row - middleY - y];
      const fromX = toX * cos + toY * sin + middleX;
      const fromY = toY * cos - toX * sin + middleY;
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [right, down] = [fromX - left, fromY - top];
      const upper = at(top, left) * (1 - right) + at(top, left + 1) * right;
      const lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right;
      made.data[row * width + col] = upper * (1 - down) + lower * down;
    }
  return made;
}

function turned(degrees, scale) {
  const angle = (degrees / 180) * Math.PI;
  return [scale * Math.cos(angle), scale * Math.sin(angle)];
}
