// The game of Go, for the browser: the board and its rules, what a network sees of it, its
// eight symmetries. It mirrors helpers/go; tests/browser/test_go_js.py feeds both the same
// games and compares.
//
// A place is a number, row · size + column, counted from the top left; −1 is none, or a pass.

import { array } from "./ops.js";

export const BLACK = 1;
export const WHITE = -1;
export const NOWHERE = -1;

/** The columns, from left to right, without I. */
const LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ";

/** What each plane shows, as helpers/go/planes.py names it. */
export const PLANES = [
  "own stones",
  "other's stones",
  "empty",
  "own, 1 liberty",
  "own, 2 liberties",
  "own, 3 liberties",
  "own, 4 liberties or more",
  "other's, 1 liberty",
  "other's, 2 liberties",
  "other's, 3 liberties",
  "other's, 4 liberties or more",
  "last move",
  "move before the last",
  "board",
];

/** How many symmetries there are. */
export const SYMMETRIES = 8;

// ---- points ----

/** What players call a place: "D4". */
export const nameOf = (place, size) =>
  `${LETTERS[place % size]}${size - Math.floor(place / size)}`;

/** The place that has a name of the board. */
export const placeOf = (name, size) =>
  (size - Number(name.slice(1))) * size + LETTERS.indexOf(name[0]);

/** [row, column] of a place. */
export const pointOf = (place, size) => [Math.floor(place / size), place % size];

const beside = new Map(); // by size: of each place the ones that lie beside it

/** The places beside each place. */
function neighboursOf(size) {
  if (!beside.has(size))
    beside.set(
      size,
      Array.from({ length: size * size }, (_, place) => {
        const [row, column] = pointOf(place, size);
        return [
          row > 0 && place - size,
          column > 0 && place - 1,
          column < size - 1 && place + 1,
          row < size - 1 && place + size,
        ].filter((one) => one !== false);
      }),
    );
  return beside.get(size);
}

// ---- groups ----

/** The group of the stone on a place, and its liberties: { stones, liberties }, places. */
export function groupOf({ size, stones }, start) {
  const near = neighboursOf(size);
  const colour = stones[start];
  const [group, liberties, edge] = [new Set([start]), new Set(), [start]];
  while (edge.length)
    for (const place of near[edge.pop()])
      if (!stones[place]) liberties.add(place);
      else if (stones[place] === colour && !group.has(place)) {
        group.add(place);
        edge.push(place);
      }
  return { stones: [...group], liberties: [...liberties] };
}

/** Count anew the liberties of the groups that have a stone on one of some places. */
function count(board, places) {
  const done = new Set();
  for (const start of places) {
    if (!board.stones[start] || done.has(start)) continue;
    const { stones, liberties } = groupOf(board, start);
    for (const place of stones) {
      done.add(place);
      board.liberties[place] = liberties.length;
    }
  }
}

// ---- boards ----

/**
 * A board with these stones, 1 black, −1 white, 0 empty. It never changes: { size, stones;
 * liberties: of each stone, those of its group; captured: places of the stones that the last
 * move took; prisoners: how many [Black, White] took; ko: where the other may not play, or −1 }.
 */
export function boardOf(size, stones) {
  const board = {
    size,
    stones: Int8Array.from(stones),
    liberties: new Int16Array(size * size),
    captured: [],
    prisoners: [0, 0],
    ko: NOWHERE,
  };
  count(board, board.stones.keys());
  return board;
}

/** Where a player may not take back at once, or −1. */
export function barred({ size, stones, ko }, colour) {
  if (ko === NOWHERE) return NOWHERE;
  return stones[neighboursOf(size)[ko][0]] !== colour ? ko : NOWHERE;
}

/** Why a stone may not be played: "occupied", "ko", "suicide"; "" where it may. */
export function refusal(board, place, colour) {
  const { size, stones, liberties } = board;
  if (stones[place]) return "occupied";
  if (place === barred(board, colour)) return "ko";
  const gives = (n) => !stones[n] || liberties[n] > 1 === (stones[n] === colour);
  return neighboursOf(size)[place].some(gives) ? "" : "suicide";
}

/** Of every place, whether a stone may be played there: 1 or 0. */
export const legal = (board, colour) =>
  Uint8Array.from(board.stones, (_, place) => (refusal(board, place, colour) ? 0 : 1));

/** The board after a move that is allowed; −1 is a pass. */
export function play(before, place, colour) {
  const { size, prisoners } = before;
  const board = {
    size,
    stones: before.stones.slice(),
    liberties: before.liberties.slice(),
    captured: [],
    prisoners,
    ko: NOWHERE,
  };
  if (place === NOWHERE) return board;
  const { stones, liberties } = board;
  const near = neighboursOf(size);
  const taken = new Set();
  for (const n of near[place])
    if (stones[n] === -colour && liberties[n] === 1)
      for (const dead of groupOf(board, n).stones) taken.add(dead);
  for (const dead of taken) stones[dead] = liberties[dead] = 0;
  stones[place] = colour;
  count(board, [place, ...near[place], ...[...taken].flatMap((dead) => near[dead])]);
  board.captured = [...taken].sort((a, b) => a - b);
  const side = colour === BLACK ? 0 : 1;
  board.prisoners = prisoners.with(side, prisoners[side] + taken.size);
  const alone = !near[place].some((n) => stones[n] === colour);
  if (taken.size === 1 && alone && liberties[place] === 1) [board.ko] = taken;
  return board;
}

// ---- what a network sees ----

/**
 * A position as planes for the player whose turn it is: (size, size, 14), 0 and 1. recent are
 * the places of the moves before, the last one last.
 */
export function planes({ size, stones, liberties }, colour, recent) {
  const depth = PLANES.length;
  const made = array([size, size, depth], new Float32Array(size * size * depth));
  const on = (place, plane) => (made.data[place * depth + plane] = 1);
  stones.forEach((stone, place) => {
    on(place, 13);
    if (!stone) return on(place, 2);
    const other = stone === colour ? 0 : 1;
    on(place, other);
    return on(place, 3 + 4 * other + Math.min(liberties[place], 4) - 1);
  });
  [1, 2].forEach((back_) => {
    const place = recent.at(-back_) ?? NOWHERE;
    if (place !== NOWHERE) on(place, 10 + back_);
  });
  return made;
}

// ---- symmetries ----

const INVERSES = [0, 1, 2, 3, 4, 6, 5, 7];

/** Where [row, column] comes under symmetry k: 1 flips rows, 2 columns, 4 swaps them at last. */
export function turnedPoint([row, column], k, size) {
  const [i, j] = [k & 1 ? size - 1 - row : row, k & 2 ? size - 1 - column : column];
  return k & 4 ? [j, i] : [i, j];
}

/** The same for a place. */
export function turnedPlace(place, k, size) {
  const [row, column] = turnedPoint(pointOf(place, size), k, size);
  return row * size + column;
}

/** Which symmetry undoes one. */
export const inverseOf = (k) => INVERSES[k];

/** Numbers of the places, `depth` each, as they are seen under a symmetry. */
export function turned(data, k, size, depth = 1) {
  const made = new data.constructor(data.length);
  for (let place = 0; place < size * size; place++) {
    const [from, to] = [place * depth, turnedPlace(place, k, size) * depth];
    for (let c = 0; c < depth; c++) made[to + c] = data[from + c];
  }
  return made;
}
