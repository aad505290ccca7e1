// What a network sees of a drawing: the way from strokes to its 28 × 28 pixels.
//
// The arithmetic of seen.py, which says what each function does. Settings are { base,
// strokes, prepare, shift: [down, right], turn, scale, covered, patch }; a stroke is a list
// of points, the rubber's is { erase: points }.

import {
  PEN, SIDE as PAD, addSegment, blank, erase, mnistSteps, moved, movedPicture, segments,
} from "./drawings.js";
import { array, upsample2d } from "./ops.js";
import { hidden, patchAt } from "./patches.js";

export const SIDE = 28; // pixels of what a network sees
export const RUBBER = 0.14; // of the pad's side
const WHITE = 255;
const [QUICKDRAW_PEN, QUICKDRAW_BOX] = [16 / 304, 255 / 304];
const STILL = { x: 0, y: 0, scale: 1 };

const isRubber = (stroke) => !Array.isArray(stroke);
const isEmpty = ({ data }) => data.every((value) => value === 0);
const times = ({ shape, data }, factor) =>
  array(shape, Float64Array.from(data, (value) => value * factor));

/** Lay a stroke of pen or rubber on ink, from its point number `first` on. */
export function lay(ink, stroke, { pen = PEN, motion = STILL, first = 0 } = {}) {
  const points = isRubber(stroke) ? stroke.erase : stroke;
  const { x, y, scale } = motion;
  const [there] = moved(moved([points.slice(Math.max(first - 1, 0))], { x, y }), { scale });
  for (const [from, to] of segments(there))
    if (isRubber(stroke)) erase(ink, from, to, Math.min(RUBBER * scale, 0.5));
    else addSegment(ink, from, to, pen);
}

function drawn(ink, strokes, options) {
  for (const stroke of strokes) lay(ink, stroke, options);
  return ink;
}

/**
 * The pad's own ink, 0 to 1, 112 × 112, which is kept: of(base, strokes) draws on where
 * points came to the end of what it has, and begins anew with all else.
 */
export function inkKeeper() {
  let ink = blank();
  let had = { base: null, strokes: [], points: 0 };
  const pointsOf = (stroke) => (stroke ? (stroke.erase ?? stroke).length : 0);

  return {
    of(base, strokes) {
      const last = had.strokes.length - 1;
      const goesOn =
        base === had.base &&
        strokes.length >= had.strokes.length &&
        had.strokes.every((stroke, k) => stroke === strokes[k]);
      if (!goesOn) {
        ink = upsample2d(times(base, 1 / WHITE), PAD / SIDE);
        for (const stroke of strokes) lay(ink, stroke);
      } else {
        if (last >= 0 && pointsOf(strokes[last]) > had.points)
          lay(ink, strokes[last], { first: had.points });
        for (const stroke of strokes.slice(last + 1)) lay(ink, stroke);
      }
      had = { base, strokes: [...strokes], points: pointsOf(strokes.at(-1)) };
      return ink;
    },
  };
}

/** How strokes move so that they fill Quick, Draw!'s box, in its middle. */
function intoBox(strokes, liesOnAPicture) {
  const points = strokes.filter((stroke) => !isRubber(stroke)).flat();
  if (liesOnAPicture || !points.length) return STILL;
  const sides = [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (const point of points) {
      low = Math.min(low, point[axis]);
      high = Math.max(high, point[axis]);
    }
    return { middle: (low + high) / 2, length: high - low };
  });
  const longer = Math.max(...sides.map(({ length }) => length), QUICKDRAW_BOX / 8);
  const [x, y] = sides.map(({ middle }) => 0.5 - middle);
  return { x, y, scale: QUICKDRAW_BOX / longer };
}

/** The prepared picture, 0 to 255, and for MNIST's way how it was done. */
function prepared({ base, strokes, prepare }, ink) {
  if (!strokes.length) return { picture: base, steps: null };
  if (prepare === "mnist") {
    const steps = mnistSteps(ink);
    return { picture: steps.picture, steps };
  }
  const options =
    prepare === "quickdraw"
      ? { pen: QUICKDRAW_PEN, motion: intoBox(strokes, !isEmpty(base)) }
      : {};
  const small = drawn(times(base, 1 / WHITE), strokes, options);
  return { picture: times(small, WHITE), steps: null };
}

/** The rows and columns [first, end) of a square, cut at the picture's border. */
export const squareOf = (middle, side) => patchAt(middle, side, [SIDE, SIDE]);

/**
 * What the network sees: { picture, whole, steps }. ink is what `inkKeeper` has; whole is the
 * picture before a square of it is covered.
 */
export function seen(settings, ink) {
  const { shift, turn, scale, covered: middle, patch } = settings;
  const { picture, steps } = prepared(settings, ink);
  const [y, x] = shift;
  const still = !x && !y && !turn && scale === 100;
  const whole = still ? picture : movedPicture(picture, { x, y, turn, scale: scale / 100 });
  return { picture: middle?.length ? hidden(whole, middle, patch) : whole, whole, steps };
}
