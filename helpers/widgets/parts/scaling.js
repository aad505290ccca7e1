// Photos scaled by ourselves: a browser's canvas does it in its own way, each in another.
//
// The arithmetic of Pillow's `resize`, which helpers/images.py uses: rows first, then columns,
// weights of 22 bits. So the same bytes come out, on every machine
// (tests/browser/test_scaling_js.py).

const BITS = 22; // of a weight, as Pillow has them for pictures of 8 bits
const HALF = 1 << (BITS - 1);

/** To make smaller: [how far it reaches, its weight at a distance]. */
const HAMMING = [
  1,
  (x) => {
    if (x === 0) return 1;
    if (Math.abs(x) >= 1) return 0;
    const angle = Math.abs(x) * Math.PI;
    return (Math.sin(angle) / angle) * (0.54 + 0.46 * Math.cos(angle));
  },
];
/** To enlarge. */
const BICUBIC = [
  2,
  (given) => {
    const x = Math.abs(given);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    if (x < 2) return -0.5 * (((x - 5) * x + 8) * x - 4);
    return 0;
  },
];

/** For each new pixel: the first of the old ones that have a say in it, and their weights. */
function weightsFor(old, size) {
  const [reach, weightAt] = old > size ? HAMMING : BICUBIC;
  const scale = old / size;
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  return Array.from({ length: size }, (_, k) => {
    const centre = (k + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), old);
    const shares = [];
    let sum = 0;
    for (let at = first; at < end; at++) {
      shares.push(weightAt((at - centre + 0.5) / stretch));
      sum += shares.at(-1);
    }
    const whole = (share) => Math.trunc((share / sum) * (1 << BITS) + (share < 0 ? -0.5 : 0.5));
    return { first, weights: Int32Array.from(shares, whole) };
  });
}

/**
 * Mix pixels along one side of a picture. `lines` runs of numbers are mixed alike; number k of
 * run n stands at n · line + k · step, and at n · newLine + k · newStep in what comes out.
 */
function mix(data, out, wanted, { lines, line, step, newLine, newStep }) {
  for (let n = 0; n < lines; n++)
    for (let k = 0; k < wanted.length; k++) {
      const { first, weights } = wanted[k];
      let sum = HALF;
      let from = n * line + first * step;
      for (let at = 0; at < weights.length; at++, from += step) sum += weights[at] * data[from];
      const value = sum >> BITS;
      out[n * newLine + k * newStep] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
}

/** Rows of `side` pixels made `size` long; `channels` numbers of 0 to 255 a pixel. */
export function rowsScaled(data, side, size, channels = 3) {
  const rows = data.length / (side * channels);
  const out = new Uint8ClampedArray(rows * size * channels);
  const wanted = weightsFor(side, size);
  const steps = { lines: rows, line: side * channels, newLine: size * channels };
  for (let c = 0; c < channels; c++)
    mix(data.subarray(c), out.subarray(c), wanted, {
      ...steps,
      step: channels,
      newStep: channels,
    });
  return out;
}

/** Columns made `size` long: rows of `width` pixels become as many rows. */
export function columnsScaled(data, width, size, channels = 3) {
  const line = width * channels;
  const out = new Uint8ClampedArray(size * line);
  mix(data, out, weightsFor(data.length / line, size), {
    ...{ lines: line, line: 1, newLine: 1 },
    ...{ step: line, newStep: line },
  });
  return out;
}

/**
 * The square [row, column, side] of a photo { shape: [rows, columns, channels], data }, bytes,
 * scaled to `size` pixels a side: helpers/images.py's `square`.
 */
export function squareOf({ shape: [, columns, channels], data }, [row, column, side], size) {
  const cut = new Uint8ClampedArray(side * side * channels);
  const length = side * channels;
  for (let k = 0; k < side; k++) {
    const from = ((row + k) * columns + column) * channels;
    cut.set(data.subarray(from, from + length), k * length);
  }
  const shape = [size, size, channels];
  if (side === size) return { shape, data: cut };
  return {
    shape,
    data: columnsScaled(rowsScaled(cut, side, size, channels), size, size, channels),
  };
}
