// What DropoutViewer says: a draw, one of its units, all draws so far, how many masks there are.

import { format } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const IN_FULL = 20; // units whose masks are counted to the last one
const THOUSANDS = new Intl.NumberFormat("en");

export const written = (value) => format(value, 3);
const percent = (share) => `${format(100 * share, 2)}\u00a0%`;
const raised = (n) => [...String(n)].map((digit) => RAISED[digit]).join("");

/** How many units a draw dropped, and what becomes of those it kept. */
export function drawText({ draw, mask, rate, scaling, sum }) {
  const units = mask.length;
  const dropped = mask.filter((kept) => !kept).length;
  const told = { draw, dropped, units, rate, rest: written(1 - rate), sum: written(sum) };
  told.share = percent(dropped / units);
  const start = t("Draw {draw}: {dropped} of {units} units dropped, {share}.", told);
  const kept =
    scaling === "training"
      ? t("Those kept are divided by 1 − {rate} = {rest}.", told)
      : t("Those kept stay as they are.");
  return `${start} ${kept} ${t("The next unit’s sum is {sum}.", told)}`;
}

/** One unit: what it gives in this draw and at inference, and what the next unit gets of it. */
export function unitText({ unit, activation, weight, isKept, rate, scaling, factors }) {
  const told = { unit, rate, activation: written(activation), weight: written(weight) };
  told.output = written(activation * factors.training);
  told.product = written(activation * factors.training * weight);
  told.later = written(activation * factors.inference);
  const start = t("Unit {unit}: activation {activation}, weight {weight}.", told);
  const kept =
    scaling === "training"
      ? t("Kept: {activation} / (1 − {rate}) = {output}, which adds {product}.", told)
      : t("Kept: {output}, which adds {product}.", told);
  const now = isKept ? kept : t("Dropped: it gives 0 and adds nothing.");
  const later =
    scaling === "inference"
      ? t("At inference: {activation} × (1 − {rate}) = {later}.", told)
      : t("At inference: {later}.", told);
  return `${start} ${now} ${later}`;
}

/** The mean of all draws so far beside the value at inference, and why they agree or do not. */
export function meanText({ draws, mean, expected, inference, spread, rate, scaling }) {
  const told = {
    draws,
    rate,
    mean: written(mean),
    inference: written(inference),
    expected: written(expected),
    rest: written(1 - rate),
    times: written(1 / (1 - rate)),
    chance: written(spread / Math.sqrt(draws)),
  };
  const start =
    draws === 1
      ? t("After 1 draw: mean {mean}, at inference {inference}.", told)
      : t("After {draws} draws: mean {mean}, at inference {inference}.", told);
  if (rate === 0) return `${start} ${t("At rate 0 nothing is dropped: both are the same.")}`;
  if (scaling === "none")
    return `${start} ${t(
      "Without scaling the mean goes to (1 − {rate}) × {inference} = {expected}: at inference the " +
        "next unit gets {times} times what it learned with.",
      told,
    )}`;
  return `${start} ${t(
    "The mean goes there: chance alone leaves it about {chance} off (spread / √draws).",
    told,
  )}`;
}

/** How far the sums are spread, in the draws so far and in theory. */
export function spreadText({ variance, theory, rate, scaling }) {
  const told = {
    variance: written(variance),
    theory: written(theory.variance),
    spread: written(theory.spread),
    squares: written(theory.squares),
    rate,
    rest: written(1 - rate),
  };
  const start = Number.isNaN(variance)
    ? t("One draw has no variance yet.")
    : t("Variance of these sums: {variance}.", told);
  const formula =
    scaling === "training"
      ? t("Theory: rate / (1 − rate) · Σ(w·x)² = {rate} / {rest} · {squares} = {theory}, ", told)
      : t("Theory: rate · (1 − rate) · Σ(w·x)² = {rate} · {rest} · {squares} = {theory}, ", told);
  const root = t("the square of the spread (standard deviation) {spread}.", told);
  return `${start} ${formula}${root}`;
}

/** How many different networks a layer is with dropout. */
export function networksText(units, rate) {
  const power = `2${raised(units)}`;
  const digits = Math.floor(units * Math.log10(2));
  const first = (2 ** units / 10 ** digits).toFixed(1);
  const many =
    units <= IN_FULL
      ? `${power} = ${THOUSANDS.format(2 ** units)}`
      : `${power} ≈ ${first} × 10${raised(digits)}`;
  if (rate === 0)
    return t("There are {many} masks; at rate 0 only one is ever drawn, which keeps all.", { many });
  return t(
    "There are {many} masks, as many different networks, which share their weights. Each draw " +
      "is one of them.",
    { many },
  );
}
