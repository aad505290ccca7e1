// What GradientFlow says: a stack, its gradient, one of its layers.

import { short } from "../parts/axes.js";
import { BOUND, quantile, verdict } from "../parts/flows.js";
import { format } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

const ACTIVATIONS = {
  relu: "ReLU", elu: "ELU", leaky_relu: "leaky ReLU", log_sigmoid: "log sigmoid",
};
const INITIALISERS = {
  glorot_uniform: "Glorot uniform",
  he_normal: "He normal",
  small: "small (deviation 0.01)",
  large: "large (deviation 1)",
};
const VERDICTS = {
  stops: "it stops", vanishes: "it vanishes", holds: "it holds", explodes: "it explodes",
};

export const written = (value) => short(value, 2);
export const percent = (share) => `${format(100 * share, 3)}\u00a0%`;

/** A part of what there was: 0.0000002 %, 45 %, 3000 times. */
export function part(ratio) {
  if (ratio > 10) return t("{n} times", { n: written(ratio) });
  const hundredths = 100 * ratio;
  if (hundredths < 1e-9 || hundredths >= 0.001) return `${written(hundredths)}\u00a0%`;
  const plain = hundredths.toFixed(Math.ceil(-Math.log10(hundredths)) + 1);
  return `${plain.replace(/0+$/, "")}\u00a0%`;
}

export const activationText = (name) => t(ACTIVATIONS[name] ?? name);
export const weightsText = (name) => t(INITIALISERS[name]);

/** A stack in a few words. */
export function stackText({ layers, width, activation, initialiser, normalise }) {
  const told = {
    layers,
    width,
    activation: activationText(activation),
    weights: weightsText(initialiser),
  };
  return normalise
    ? t("{activation}, {weights}, batch normalisation, {layers} layers of {width}", told)
    : t("{activation}, {weights}, {layers} layers of {width}", told);
}

/** What arrives at the first layer of the 1 at the last: median, ends and verdict of all runs. */
export function conclusion(runs) {
  const ratios = Float64Array.from(runs, (run) => run[0].arrived / run.at(-1).arrived).sort();
  const median = quantile(ratios, 0.5);
  const what = verdict(median);
  const agree = ratios.filter((ratio) => verdict(ratio) === what).length;
  return { median, low: ratios[0], high: ratios.at(-1), what, agree, count: runs.length };
}

/** What becomes of the gradient in all the seeds that were looked at. */
export function conclusionText({ median, low, high, what, agree, count }, layers) {
  const told = { median: part(median), low: part(low), high: part(high), agree, count, layers };
  told.verdict = t(VERDICTS[what]);
  if (what === "stops")
    return t("Of the gradient that enters at layer {layers} nothing arrives at layer 1, in {agree} of {count} seeds: it stops.", told);
  if (count === 1)
    return t("Of the gradient that enters at layer {layers}, {median} arrives at layer 1: {verdict}.", told);
  if (agree === count)
    return t(
      "Of the gradient that enters at layer {layers}, {median} arrives at layer 1: {verdict}, " +
        "in all {count} seeds (their median; {low} to {high}).",
      told,
    );
  return t(
    "Of the gradient that enters at layer {layers}, {median} arrives at layer 1: {verdict}, " +
      "in {agree} of {count} seeds (their median; {low} to {high}).",
    told,
  );
}

/** What is held to compare with, and what becomes of its gradient. */
export function heldText(stack, runs) {
  const { median, what } = conclusion(runs);
  return t("Held: {stack}. {median} arrives at layer 1: {verdict}.", {
    stack: stackText(stack),
    median: part(median),
    verdict: t(VERDICTS[what]),
  });
}

/** A gradient beside the one at the top; that of weights beside that of the last layer's. */
const besideTop = (ratio) =>
  ratio > 10
    ? t("{part} what entered at the top", { part: part(ratio) })
    : t("{part} of what entered at the top", { part: part(ratio) });
const besideLast = (ratio) =>
  ratio > 10
    ? t("{part} what the last layer’s get", { part: part(ratio) })
    : t("{part} of what the last layer’s get", { part: part(ratio) });

/** What arrives at a layer, and what its weights get of it. */
export function layerText(measured, layer) {
  const layers = measured.length;
  const [{ arrived, moved }, last] = [measured[layer - 1], measured[layers - 1]];
  const told = { layer, layers, arrived: written(arrived), moved: written(moved) };
  told.top = besideTop(arrived / last.arrived);
  told.last = besideLast(moved / last.moved);
  if (arrived === 0)
    return t("Layer {layer} of {layers}: no gradient arrives, it is exactly 0. The weights here do not move.", told);
  const start =
    layer === layers
      ? t("Layer {layer} of {layers}: here, at the top, a gradient of 1 enters.", told)
      : t("Layer {layer} of {layers}: a gradient of {arrived} arrives, {top}.", told);
  return `${start} ${weightsMove(moved, moved / last.moved, { ...told, isLast: layer === layers })}`;
}

/** Beside the last layer's weights, and by itself: where all layers' vanish, none moves. */
function weightsMove(moved, ratio, told) {
  if (Number.isNaN(ratio)) return t("Nothing of it gets through the activation: the weights here do not move.");
  const [least, most] = [1 / BOUND ** 2, BOUND ** 2];
  const isSmall = moved < least || (ratio < 1 / BOUND && moved <= most);
  const isLarge = moved > most || (ratio > BOUND && moved >= least);
  if (told.isLast) {
    if (isSmall) return t("Its weights get {moved}: they hardly move.", told);
    if (isLarge) return t("Its weights get {moved}: they jump.", told);
    return t("Its weights get {moved}.", told);
  }
  if (isSmall) return t("Its weights get {moved}, {last}: they hardly move.", told);
  if (isLarge) return t("Its weights get {moved}, {last}: they jump.", told);
  return t("Its weights get {moved}, {last}.", told);
}

/** How the activations of a layer are spread. */
export function spreadText({ low, median, high, rms, zeros, dead, units }) {
  const told = { dead, units, zeros: percent(zeros) };
  for (const [name, value] of Object.entries({ low, median, high, rms }))
    told[name] = short(value, 3);
  const start = t(
    "Its activations: 90\u00a0% from {low} to {high}, median {median}, root mean square {rms}.",
    told,
  );
  if (!zeros) return start;
  const none = dead
    ? t("{zeros} are exactly 0; {dead} of {units} units are 0 for every input.", told)
    : t("{zeros} are exactly 0.", told);
  return `${start} ${none}`;
}
