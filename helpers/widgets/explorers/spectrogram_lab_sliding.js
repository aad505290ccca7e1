// SpectrogramLab: the spectrogram, the filter that slides over it, what both say. Rows are counted
// from the lowest frequency on; only what is painted stands upside down.

import { bestOf } from "../parts/arrays.js";
import { array, conv2d } from "../parts/ops.js";
import {
  LOW, MELS, RATE, fitted, gathered, levelled, logMel, logarithms, melEdges, melFilters, spectrogram,
} from "../parts/sounds.js";

/** Rows in reverse, of (rows, columns) or (rows, columns, maps). */
export function upsideDown({ shape, data }) {
  const size = data.length / shape[0];
  const made = new data.constructor(data.length);
  for (let row = 0; row < shape[0]; row++)
    made.set(data.subarray(row * size, (row + 1) * size), data.length - (row + 1) * size);
  return array(shape, made);
}

/** How many mel bands, up to 40, a window of so many samples tells apart. */
export function mostBands(window) {
  for (let count = MELS; count > 1; count--) {
    const { shape, data } = melFilters(count, window);
    const rows = Array.from({ length: count }, (_, k) => data.subarray(k * shape[1], (k + 1) * shape[1]));
    if (rows.every((row) => row.some((weight) => weight > 0))) return count;
  }
  return 1;
}

/** The spectrogram on the screen: logarithms (bands, frames). */
export function shownOf({ wave, window, hop, scale }) {
  const powers = spectrogram(wave.data, window, hop);
  return logarithms(scale === "mel" ? gathered(melFilters(mostBands(window), window), powers) : powers);
}

/** What the network gets: (mels, frames). */
export function heardOf(wave, { seconds, level, mels, window, hop, mean, deviation }) {
  const loud = level ? levelled(wave) : wave;
  const { shape, data } = logMel(fitted(loud, Math.round(seconds * RATE)), { mels, window, hop });
  return array(shape, data.map((value) => (value - mean) / deviation));
}

// ---- the filter ----

/** Which part of `count` each of some lines belongs to. */
const partsOf = (lines, count) =>
  Array.from({ length: lines }, (_, k) => Math.floor((k * count) / lines));

/**
 * Which number of the kernel stands where in the filter, [rows, columns], and how many lines
 * each of its rows and columns is spread over.
 */
function laidOut({ shape: [rows, columns] }, slides, [bands, frames]) {
  const down = slides === "time" ? partsOf(bands, rows) : partsOf(rows, rows);
  const across = slides === "frequency" ? partsOf(frames, columns) : partsOf(columns, columns);
  const share = (parts) => parts.map((part) => parts.filter((other) => other === part).length);
  return { down, across, shares: [share(down), share(across)] };
}

/** The kernel as it slides over a spectrogram of that shape. */
export function filterOf(kernel, slides, shape) {
  const { down, across, shares } = laidOut(kernel, slides, shape);
  const made = array([down.length, across.length]);
  down.forEach((row, i) =>
    across.forEach((column, j) => {
      const weight = kernel.data[row * kernel.shape[1] + column];
      made.data[i * across.length + j] = weight / (shares[0][i] * shares[1][j]);
    }),
  );
  return made;
}

/** What each number of the kernel sees with the filter at [row, column]: the mean of its part. */
export function seenBy(kernel, slides, shown, [top, left]) {
  const { down, across, shares } = laidOut(kernel, slides, shown.shape);
  const means = array(kernel.shape);
  down.forEach((row, i) =>
    across.forEach((column, j) => {
      const value = shown.data[(top + i) * shown.shape[1] + left + j];
      means.data[row * kernel.shape[1] + column] += value / (shares[0][i] * shares[1][j]);
    }),
  );
  return means;
}

/** The settings' spectrogram, filter and response. */
export function answersOf(settings, known) {
  const shown = known ?? shownOf(settings);
  const filter = filterOf(settings.kernel, settings.slides, shown.shape);
  return { shown, filter, response: conv2d(shown, filter) };
}

/** Where a sum lies in the sound: seconds and hertz, [from, to] each. */
export function reachOf({ window, hop, scale }, shown, filter, [row, column]) {
  const [high, wide] = filter.shape;
  const seconds = [column * hop, (column + wide - 1) * hop + window].map((n) => n / RATE);
  if (scale === "hertz")
    return { seconds, hertz: [row, row + high - 1].map((k) => (k * RATE) / window) };
  const edges = melEdges(shown.shape[0], RATE, LOW);
  return { seconds, hertz: [edges[row], edges[row + high + 1]] };
}

/** Where the response is largest: [row, column]. */
export const peakOf = ({ shape, data }) => {
  const best = bestOf(data);
  return [Math.floor(best / shape[1]), best % shape[1]];
};
