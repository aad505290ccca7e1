// What CureLab computes from stored runs: means, gaps, ranks, and where early stopping ends.

import { extremes, sumOf } from "../parts/numbers.js";

/** The experiments as Python sends them: what is not finite is NaN again. */
export const runsOf = (experiments) =>
  experiments.map((one) => ({
    ...one,
    epochs: one.curves.loss[0].length,
    curves: Object.fromEntries(
      Object.entries(one.curves).map(([kind, rows]) => [
        kind,
        rows.map((row) => row.map((y) => y ?? NaN)),
      ]),
    ),
    gaps: one.training.map((share, k) => share - one.validation[k]),
  }));

/** A mean with the least and the largest of what it is of. */
export const spreadOf = (values) => ({
  mean: sumOf(values) / values.length,
  ...extremes(values),
  count: values.length,
});

/** The mean curve of several of one length. */
export const meanOf = (rows) =>
  rows[0].map((_, k) => sumOf(rows.map((row) => row[k])) / rows.length);

/** Their mean at an epoch, from 1; NaN where they had ended. */
export const meanAt = (rows, epoch) =>
  sumOf(rows.map((row) => row[epoch - 1] ?? NaN)) / rows.length;

/** All cures that any experiment had, in the order in which they come. */
export const curesOf = (experiments) => [...new Set(experiments.flatMap(({ cures }) => cures))];

/** The experiments, the largest mean validation accuracy first; equal ones stay in order. */
export const ranked = (experiments) =>
  experiments.toSorted((a, b) => spreadOf(b.validation).mean - spreadOf(a.validation).mean);

/** Some cures with one more, or one less. */
export const switched = (cures, cure) =>
  cures.includes(cure) ? cures.filter((other) => other !== cure) : [...cures, cure];

/** In how many cures two lists differ. */
const distance = (one, other) =>
  one.filter((cure) => !other.includes(cure)).length +
  other.filter((cure) => !one.includes(cure)).length;

/** The experiment that was run with exactly these cures, if there is one. */
export const withCures = (experiments, cures) =>
  experiments.find((one) => distance(one.cures, cures) === 0);

/** Those whose cures differ in the fewest from these, without the one that is shown. */
export function nearestTo(experiments, cures, shown) {
  const others = experiments.filter((one) => one !== shown);
  const least = Math.min(...others.map((one) => distance(one.cures, cures)));
  return others.filter((one) => distance(one.cures, cures) === least);
}

/**
 * Where early stopping ends a run with these validation losses, as Keras's EarlyStopping does
 * that restores the best weights: the last epoch that is trained, and the one that is kept.
 */
export function stopOf(losses, patience) {
  let [best, kept] = [losses[0], 1];
  for (let epoch = 1; epoch <= losses.length; epoch++) {
    const loss = losses[epoch - 1];
    if (loss < best) [best, kept] = [loss, epoch];
    else if (epoch - kept >= patience) return { after: epoch, kept };
  }
  return { after: losses.length, kept };
}

/** The same for each run of an experiment, with what it gives and how long it takes. */
export const stopsOf = ({ curves }, patience) =>
  curves.val_loss.map((losses, run) => {
    const stop = stopOf(losses, patience);
    return {
      ...stop,
      accuracy: curves.val_accuracy[run][stop.kept - 1],
      seconds: curves.seconds[run][stop.after - 1],
    };
  });
