// Axes of a chart: where a number stands, round ends, ticks and their texts.

import { clamp, format } from "./numbers.js";

const ROUND = 5; // steps of an axis between its round ends
const MOST_ROWS = 200; // of a table

/** Ten to a whole number, without the rounding of a product. */
const power = (exponent) => Number(`1e${exponent}`);

/** The least step of 1, 2 or 5 times a power of ten that is as large as `raw`. */
function roundStep(raw) {
  const exponent = Math.floor(Math.log10(raw));
  // So near to the next number that only rounding parts them.
  const wanted = (raw / power(exponent)) * (1 - 1e-9);
  const factor = [1, 2, 5, 10].find((n) => n >= wanted) ?? 10;
  // A power of ten below 1 is no binary number, its reciprocal is.
  const at =
    exponent < 0
      ? (k) => (k * factor) / power(-exponent)
      : (k) => k * factor * power(exponent);
  return { size: at(1), at };
}

/** Round numbers from low to high, about `count` of them; the ends alone where none fit. */
export function ticks(low, high, count = ROUND) {
  if (![low, high].every(Number.isFinite)) return [];
  if (low >= high) return [low];
  const { size, at } = roundStep(high / count - low / count);
  const first = Math.ceil(low / size - 1e-6);
  const last = Math.floor(high / size + 1e-6);
  // Where the numbers are so large and near, or so small, that no step parts them.
  if (![first, last].every(Number.isSafeInteger)) return [low, high];
  if (last <= first) return ticks(low, high, 2 * count);
  return Array.from({ length: last - first + 1 }, (_, k) => at(first + k) + 0);
}

/** Powers of ten from low to high; 2 and 5 times those too where there are few of them. */
export function logTicks(low, high, count = ROUND) {
  if (!(low > 0 && high >= low && high < Infinity)) return [];
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const within = (value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const exponents = Array.from({ length: last - first + 1 }, (_, k) => first + k);
  const powers = exponents.map(power).filter(within);
  if (powers.length > count) {
    const every = Math.ceil(powers.length / Math.max(2, count));
    return powers.filter((_, k) => k % every === 0);
  }
  if (powers.length > 2) return powers;
  const finer = exponents.flatMap((e) => [1, 2, 5].map((n) => n * power(e))).filter(within);
  return finer.length > 1 ? finer : ticks(low, high, count);
}

/**
 * An axis from low to high. at(value) is its share of the way, 0 at low and 1 at high; on a
 * logarithmic axis 0 lies infinitely far down and a negative number nowhere: NaN.
 */
export function scale({ low, high, log = false }) {
  const place = log ? (value) => (value < 0 ? NaN : Math.log10(value)) : (value) => value;
  const [start, end] = [place(low), place(high)];
  // Halves: the way from one end to the other may be longer than any number.
  const length = end / 2 - start / 2;
  return {
    low,
    high,
    log,
    at: (value) => (place(value) / 2 - start / 2) / length,
    ticks: (count) => (log ? logTicks : ticks)(low, high, count),
  };
}

/** The ends of an axis: those that are given, else round ones that hold all numbers. */
export function ends({ low, high }, { log = false, low: from, high: to } = {}) {
  const usable = (value) => Number.isFinite(value) && (!log || value > 0);
  let [least, most] = [usable(from) ? from : low, usable(to) ? to : high];
  if (!(least <= most)) [least, most] = log ? [1, 10] : [0, 1];
  if (least === most) {
    const margin = Math.abs(least) / 2 || 1;
    [least, most] = log ? [least / 2, most * 2] : [least - margin, most + margin];
  }
  if (!log) {
    const { size, at } = roundStep(most / ROUND - least / ROUND);
    if (Number.isSafeInteger(Math.ceil(Math.max(-least, most) / size)) && size > 0) {
      const round = [at(Math.floor(least / size + 1e-6)), at(Math.ceil(most / size - 1e-6))];
      if (round.every(Number.isFinite)) [least, most] = round;
    }
  } else if (most / least > 10) {
    least = power(Math.floor(Math.log10(least) + 1e-9)) || least;
    const above = power(Math.ceil(Math.log10(most) - 1e-9));
    most = Number.isFinite(above) ? above : most;
  }
  return { low: usable(from) ? from : least, high: usable(to) ? to : most, log };
}

/** A number in few letters: 0.5, 12000, 1e12, −∞. */
export function short(value, digits = 4) {
  if (Math.abs(value) === Infinity) return value < 0 ? "−∞" : "∞";
  if (Number.isNaN(value)) return format(value);
  const rounded = Number(value.toPrecision(digits));
  const [plain, power] = [String(rounded), rounded.toExponential()].map((text) =>
    text.replace("e+", "e").replaceAll("-", "−"),
  );
  return plain.length > 6 && power.length < plain.length ? power : plain;
}

/** How ticks are written: with as many digits as tell one from the next. */
export function tickTexts(values) {
  const most = Math.max(...values.map(Math.abs));
  const gaps = values.slice(1).map((value, k) => value - values[k]);
  const least = Math.min(...gaps, most);
  const digits = clamp(Math.ceil(Math.log10(most / least)) + 2 || 4, 4, 15);
  return values.map((value) => short(value, digits));
}

/** Where in xs the number nearest to x stands, the first of two; −1 where there is none. */
export function nearest(xs, x) {
  let [best, least] = [-1, Infinity];
  for (let k = 0; k < xs.length; k++) {
    const distance = Math.abs(xs[k] - x);
    if (distance < least) [best, least] = [k, distance];
  }
  return best;
}

/** Which of `count` rows a table shows where it shows `most` or few more: the last, too. */
export function thinned(count, most = MOST_ROWS) {
  const every = Math.max(1, Math.ceil(count / most));
  const rows = [];
  for (let k = 0; k < count; k += every) rows.push(k);
  if (count && rows.at(-1) !== count - 1) rows.push(count - 1);
  return rows;
}

/** The least and the greatest number that an axis can show, of more and more numbers. */
export function reach(log) {
  const found = { low: Infinity, high: -Infinity };
  return Object.assign(found, {
    take(values, from = 0) {
      for (let k = from; k < values.length; k++) {
        const value = values[k];
        if (!Number.isFinite(value) || (log && value <= 0)) continue;
        if (value < found.low) found.low = value;
        if (value > found.high) found.high = value;
      }
    },
  });
}
