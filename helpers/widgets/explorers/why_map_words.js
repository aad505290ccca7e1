// WhyMap: its sentences.

import { format } from "../parts/numbers.js";
import { percent } from "../parts/probabilities.js";
import { t } from "../parts/texts.js";

/** What each method is called, and what it does. */
export const METHODS = {
  grad_cam: () => [
    t("Grad-CAM"),
    t("Grad-CAM: a layer’s maps added up, each weighed by how much it helps the class."),
  ],
  saliency: () => [
    t("Saliency"),
    t("Saliency: how much the class’s logit changes when a pixel does."),
  ],
  smooth_grad: () => [
    t("SmoothGrad"),
    t("SmoothGrad: the mean slopes of 25 copies of the photo, each with other noise."),
  ],
  occlusion: () => [
    t("Occlusion"),
    t(
      "Occlusion: how much less likely the class is with a patch covered, as large as Patch " +
        "says. Blue: more likely.",
    ),
  ],
};

/**
 * What stands above a map. `part` is how much of the work is done, null for all of it, undefined
 * where there is no map yet; has it failed, there will be none. Where that of random weights
 * stands beside, it is told which is which.
 */
export function captionOf(method, { part, isRandom, isBeside, hasFailed = false }) {
  const name = { method: METHODS[method]()[0] };
  const beside = isRandom ? t("{method}, random", name) : t("{method}, trained", name);
  const told = { map: isBeside ? beside : name.method, part: Math.round(100 * (part ?? 1)) };
  if (part === undefined)
    return hasFailed ? t("{map}: no map", told) : t("{map}, on its way", told);
  return part === null ? told.map : t("{map}: {part} %", told);
}

/** Where the map of a class is largest: `most` is that number, at row and column of the view. */
export function whereText(name, { most, row, column }) {
  if (!(most > 0))
    return t("The map is nowhere above 0: by this method nothing here speaks for “{name}”.", {
      name,
    });
  return t("The map of “{name}” is strongest around row {row}, column {column}.", {
    name,
    row,
    column,
  });
}

/** What a covered patch does to the probability of a class. */
export function changeText(name, before, after) {
  const points = 100 * (after - before);
  const told = { name, before: percent(before), after: percent(after) };
  const change = format(Math.abs(points), 3);
  if (Math.abs(points) < 0.05)
    return t("Covered there, “{name}” is as likely as before: {after}.", told);
  return points < 0
    ? t("Covered there, “{name}” falls from {before} to {after}, by {change} points.", {
        ...told,
        change,
      })
    : t("Covered there, “{name}” rises from {before} to {after}, by {change} points.", {
        ...told,
        change,
      });
}

/** How alike the maps of trained and of random weights are; "" where that cannot be said. */
export const alikeText = (correlation) =>
  Number.isNaN(correlation)
    ? ""
    : t("Rank correlation of the two maps: {r} (1: the same order of places).", {
        r: format(correlation, 2),
      });
