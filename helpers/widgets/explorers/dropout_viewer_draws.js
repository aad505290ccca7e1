// Dropout's arithmetic: masks drawn by chance, what the units give, the next unit's sums.

import { sumOf } from "../parts/numbers.js";
import { randomFrom } from "../parts/random.js";

const WIDEST = 10; // units in a row

/** What chance gives to `draws` masks of `units` units, one after the other: from 0 up to 1. */
export function chances(seed, units, draws) {
  const { uniform } = randomFrom(seed);
  return Float64Array.from({ length: units * draws }, uniform);
}

/** Which units are kept in a draw, counted from 1: a higher rate drops the same and more. */
export function maskOf(drawn, draw, units, rate) {
  const own = drawn.subarray((draw - 1) * units, draw * units);
  return Array.from(own, (chance) => chance >= rate);
}

/** What the outputs of kept units are multiplied by in training, those of all at inference. */
export const factorsOf = ({ rate, scaling }) => ({
  training: scaling === "training" ? 1 / (1 - rate) : 1,
  inference: scaling === "inference" ? 1 - rate : 1,
});

/** What the units give under a mask. */
export const outputOf = (activations, mask, factor) =>
  activations.map((value, k) => (mask[k] ? value * factor : 0));

/** The next unit's sum in each draw; `products` are weight × activation. */
export function sumsOf(drawn, products, rate, factor) {
  const units = products.length;
  const sums = new Float64Array(drawn.length / units);
  for (let draw = 0, at = 0; draw < sums.length; draw++) {
    let sum = 0;
    for (let k = 0; k < units; k++, at++) if (drawn[at] >= rate) sum += products[k];
    sums[draw] = sum * factor;
  }
  return sums;
}

/** The next unit's sum over all masks there are: mean and spread; and at inference. */
export function theory(products, { rate, scaling }) {
  const { training, inference } = factorsOf({ rate, scaling });
  const sum = sumOf(products);
  const squares = sumOf(products.map((value) => value ** 2));
  const variance = training ** 2 * rate * (1 - rate) * squares;
  return {
    mean: training * (1 - rate) * sum,
    spread: Math.sqrt(variance),
    variance,
    squares,
    inference: inference * sum,
  };
}

/** The mean of the first one, the first two, … of some numbers. */
export function runningMeans(numbers) {
  let sum = 0;
  return numbers.map((value, k) => (sum += value) / (k + 1));
}

/** The variance of some numbers around their mean, as a sample's; NaN of fewer than two. */
export function varianceOf(numbers) {
  const mean = sumOf(numbers) / numbers.length;
  return sumOf(numbers.map((value) => (value - mean) ** 2)) / (numbers.length - 1 || NaN);
}

/**
 * Where sums are drawn: the same place at every rate and with every scaling, so that spreads
 * and means can be compared. At a rate of 0.5 it reaches five spreads to both sides.
 */
export function rangeOf(products) {
  const sum = sumOf(products);
  const reach = Math.sqrt(sumOf(products.map((value) => value ** 2)));
  const low = Math.min(sum - 5 * reach, -reach);
  const high = Math.max(sum + 5 * reach, reach);
  return low < high ? { low, high } : { low: -1, high: 1 };
}

/** How many numbers lie in each of some bins from low to high; in the outer ones, or beyond. */
export function countsOf(numbers, { low, high }, bins) {
  const counts = new Array(bins).fill(0);
  for (const value of numbers) {
    const at = Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.min(Math.max(at, 0), bins - 1)] += 1;
  }
  return counts;
}

/** How many units stand in a row: all rows full, where that can be. */
export function columnsOf(units) {
  const least = Math.ceil(Math.sqrt(units));
  for (let columns = least; columns <= WIDEST; columns++)
    if (units % columns === 0) return columns;
  return least;
}
