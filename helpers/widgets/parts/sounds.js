// The arithmetic of helpers/sounds.py, for the browser: same names, same meaning.
//
// A wave is a list of numbers from −1 to 1; what is made of it is an array { shape, data }.
// tests/browser/test_sounds_js.py feeds both files the same random cases and compares.

import { array } from "./ops.js";

export const RATE = 8000;
export const WINDOW = 256;
export const HOP = 160;
export const MELS = 40;
export const LOW = 50;
export const FLOOR = 1e-6; // what is added to a power, so that silence has a logarithm

// ---- waves ----

/** The wave cut to so many samples, or silence put to its end. */
export function fitted(wave, samples) {
  const made = new Float64Array(samples);
  made.set(wave.subarray(0, samples));
  return made;
}

/** The wave made as loud as others: its largest number, or its smallest, is `peak`. */
export function levelled(wave, peak = 1) {
  let most = 0;
  for (const value of wave) most = Math.max(most, Math.abs(value));
  return Float64Array.from(wave, (value) => (most > 0 ? (value / most) * peak : value));
}

// ---- frequencies ----

/** The numbers 0 … n − 1 with their bits in reverse, n a power of two. */
function reversed(n) {
  const made = new Uint32Array(n);
  for (let k = 1; k < n; k++) made[k] = (made[k >> 1] >> 1) | (k & 1 ? n >> 1 : 0);
  return made;
}

/**
 * A function that takes n real numbers and gives |X[k]|² of their Fourier transform, k from 0 to
 * n // 2, in an array that its next call writes anew.
 *
 * For a power of two it is the fast one of Cooley and Tukey: even and odd places are transformed
 * by themselves and put together. Any other size is summed up as the formula says.
 */
export function powersOf(n) {
  const turns = Array.from({ length: n }, (_, k) => (-2 * Math.PI * k) / n);
  const [cos, sin] = [Math.cos, Math.sin].map((of) => Float64Array.from(turns, of));
  const [real, imaginary] = [new Float64Array(n), new Float64Array(n)];
  const powers = new Float64Array(Math.floor(n / 2) + 1);
  const order = Number.isInteger(Math.log2(n)) ? reversed(n) : null;

  function fast(x) {
    for (let k = 0; k < n; k++) real[k] = x[order[k]];
    imaginary.fill(0);
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half)
        for (let k = 0; k < half; k++) {
          const [even, odd] = [start + k, start + k + half];
          const [c, s] = [cos[k * step], sin[k * step]];
          const r = real[odd] * c - imaginary[odd] * s;
          const i = real[odd] * s + imaginary[odd] * c;
          real[odd] = real[even] - r;
          imaginary[odd] = imaginary[even] - i;
          real[even] += r;
          imaginary[even] += i;
        }
    }
  }

  function plain(x) {
    for (let k = 0; k < powers.length; k++) {
      let [r, i] = [0, 0];
      for (let m = 0, turn = 0; m < n; m++, turn = (turn + k) % n) {
        r += x[m] * cos[turn];
        i += x[m] * sin[turn];
      }
      [real[k], imaginary[k]] = [r, i];
    }
  }

  return (x) => {
    if (order) fast(x);
    else plain(x);
    for (let k = 0; k < powers.length; k++) powers[k] = real[k] ** 2 + imaginary[k] ** 2;
    return powers;
  };
}

/** How many stretches of `window` samples a wave has, a new one every `hop`. */
export const framesOf = (samples, window, hop) => Math.floor((samples - window) / hop) + 1;

/** The power of each frequency in each stretch: (frequencies, frames). */
export function spectrogram(wave, window = WINDOW, hop = HOP) {
  const faded = Float64Array.from({ length: window }, (_, k) =>
    Math.sin((Math.PI * k) / window) ** 2,
  );
  const frames = framesOf(wave.length, window, hop);
  const powers = powersOf(window);
  const made = array([Math.floor(window / 2) + 1, frames]);
  const stretch = new Float64Array(window);
  for (let column = 0; column < frames; column++) {
    for (let k = 0; k < window; k++) stretch[k] = wave[column * hop + k] * faded[k];
    powers(stretch).forEach((power, row) => (made.data[row * frames + column] = power));
  }
  return made;
}

export const hertzToMel = (hertz) => 2595 * Math.log10(1 + hertz / 700);
export const melToHertz = (mel) => 700 * (10 ** (mel / 2595) - 1);

/** The hertz where `count` bands begin, have their middles and end: count + 2 numbers. */
export function melEdges(count, rate = RATE, low = LOW, high = rate / 2) {
  const [first, last] = [hertzToMel(low), hertzToMel(high)];
  const step = (last - first) / (count + 1);
  return Float64Array.from({ length: count + 2 }, (_, k) => melToHertz(first + k * step));
}

/** The bands by which frequencies are gathered: (count, frequencies). */
export function melFilters(count = MELS, window = WINDOW, rate = RATE, low = LOW, high = rate / 2) {
  const edges = melEdges(count, rate, low, high);
  const made = array([count, Math.floor(window / 2) + 1]);
  const frequencies = made.shape[1];
  for (let row = 0; row < count; row++) {
    const [before, middle, after] = edges.subarray(row, row + 3);
    for (let k = 0; k < frequencies; k++) {
      const hertz = (k * rate) / window;
      const [rising, falling] = [
        (hertz - before) / (middle - before),
        (after - hertz) / (after - middle),
      ];
      made.data[row * frequencies + k] = Math.max(0, Math.min(rising, falling));
    }
  }
  return made;
}

/** ln(power + FLOOR) of every number. */
export const logarithms = ({ shape, data }) =>
  array(shape, data.map((power) => Math.log(power + FLOOR)));

/** Powers (frequencies, frames) gathered into bands: (bands, frames). */
export function gathered({ shape: [bands, frequencies], data: weights }, powers) {
  const frames = powers.shape[1];
  const made = array([bands, frames]);
  for (let row = 0; row < bands; row++)
    for (let k = 0; k < frequencies; k++) {
      const weight = weights[row * frequencies + k];
      if (!weight) continue; // a band has few frequencies
      for (let column = 0; column < frames; column++)
        made.data[row * frames + column] += weight * powers.data[k * frames + column];
    }
  return made;
}

/** How loud each band is in each stretch: ln(filters · spectrogram + FLOOR). */
export function logMel(
  wave,
  { rate = RATE, mels = MELS, window = WINDOW, hop = HOP, low = LOW, high = rate / 2 } = {},
) {
  const filters = melFilters(mels, window, rate, low, high);
  return logarithms(gathered(filters, spectrogram(wave, window, hop)));
}
