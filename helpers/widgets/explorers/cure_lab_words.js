// What CureLab says.

import { short } from "../parts/axes.js";
import { counted } from "../parts/numbers.js";
import { t } from "../parts/texts.js";
import { meanAt, spreadOf, stopsOf } from "./cure_lab_runs.js";

const number = (value, digits) =>
  Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "–";

/** A share as percent, and on an axis without needless zeros. */
export const shareText = (share) => t("{number} %", { number: number(100 * share, 1) });
export const tickText = (share) =>
  Number.isFinite(share) ? t("{number} %", { number: short(Number((100 * share).toFixed(1))) }) : "–";

/** Upright axes: how far they go, and how their values are written. */
export const METRICS = {
  accuracy: { low: undefined, high: 1, text: tickText },
  loss: { low: 0, high: undefined, text: (value) => (Number.isFinite(value) ? short(value, 3) : "–") },
};

/** (69.0 to 71.1), for shares; nothing of a single one. */
export const reachText = ({ low, high, count }) =>
  count > 1 ? t("({low} to {high})", { low: number(100 * low, 1), high: number(100 * high, 1) }) : "";

/** Numbers of all seeds; one alone where they are the same. */
const listText = (values) => (new Set(values).size === 1 ? String(values[0]) : values.join(", "));

const withReach = (text, spread) => `${text} ${reachText(spread)}`.trim();

export const spreadText = (spread) => withReach(shareText(spread.mean), spread);

/** A difference of two shares. */
export const pointsText = (value) => t("{number} points", { number: number(100 * value, 1) });

export const secondsText = (seconds) =>
  t("{number} s", { number: number(seconds, seconds < 10 ? 1 : 0) });

/** How long an experiment took, and how often it was run. */
export const effortText = ({ epochs, curves, seeds }) =>
  t("{epochs}, {seconds}, {seeds}", {
    epochs: counted(epochs, "epoch"),
    seconds: secondsText(meanAt(curves.seconds, epochs)),
    seeds: counted(seeds.length, "seed"),
  });

/** What the finished networks of an experiment reach. */
export function endText(one) {
  const gap = spreadOf(one.gaps);
  return t("{name}, at the end: training {training}, validation {validation}; a gap of {gap}.", {
    name: t(one.name),
    training: spreadText(spreadOf(one.training)),
    validation: spreadText(spreadOf(one.validation)),
    gap: withReach(pointsText(gap.mean), gap),
  });
}

/** How the gap and the validation accuracy differ from those beside it. */
export function besideText(one, other) {
  if (one === other) return t("Choose another experiment in the table, or switch a cure on, to compare.");
  const gain = spreadOf(one.validation).mean - spreadOf(other.validation).mean;
  const wider = spreadOf(one.gaps).mean - spreadOf(other.gaps).mean;
  const words = { name: t(other.name), by: pointsText(Math.abs(gain)), gap: pointsText(Math.abs(wider)) };
  if (gain >= 0 && wider <= 0)
    return t("Beside “{name}”: validation {by} higher, the gap {gap} narrower.", words);
  if (gain >= 0) return t("Beside “{name}”: validation {by} higher, the gap {gap} wider.", words);
  if (wider <= 0) return t("Beside “{name}”: validation {by} lower, the gap {gap} narrower.", words);
  return t("Beside “{name}”: validation {by} lower, the gap {gap} wider.", words);
}

/** The numbers of an experiment after an epoch, means over the seeds. */
export function epochText(one, epoch) {
  const words = { name: t(one.name), epoch, epochs: one.epochs };
  if (epoch > one.epochs) return t("“{name}” had ended after epoch {epochs}.", words);
  const at = (kind) => meanAt(one.curves[kind], epoch);
  return t(
    "{name}, epoch {epoch} of {epochs}, after {seconds}: accuracy {training} in training, " +
      "{validation} in validation; loss {loss} and {val_loss}.",
    {
      ...words,
      seconds: secondsText(at("seconds")),
      training: shareText(at("accuracy")),
      validation: shareText(at("val_accuracy")),
      loss: METRICS.loss.text(at("loss")),
      val_loss: METRICS.loss.text(at("val_loss")),
    },
  );
}

/** Where early stopping would have ended the runs of an experiment, and what that gives. */
export function stopText(one, patience) {
  const stops = stopsOf(one, patience);
  const list = (key) => listText(stops.map((stop) => stop[key]));
  const mean = (key) => spreadOf(stops.map((stop) => stop[key]));
  const words = {
    name: t(one.name),
    patience,
    after: list("after"),
    kept: list("kept"),
    validation: spreadText(mean("accuracy")),
    end: shareText(meanAt(one.curves.val_accuracy, one.epochs)),
    seconds: secondsText(mean("seconds").mean),
    all: secondsText(meanAt(one.curves.seconds, one.epochs)),
  };
  if (stops.every(({ after }) => after === one.epochs))
    return t(
      "With a patience of {patience} early stopping would not have ended “{name}” before its time; " +
        "it would have kept the weights of epoch {kept}: validation {validation}, not {end}.",
      words,
    );
  return t(
    "With a patience of {patience} early stopping would have ended “{name}” after epoch {after} and " +
      "kept the weights of epoch {kept}: validation {validation} in {seconds}, not {end} in {all}.",
    words,
  );
}

/** Where a switch leads. */
export const leadsText = (one) => (one ? t("→ {name}", { name: t(one.name) }) : t("→ not trained"));

/** What is said where no experiment was run with these cures. */
export const refusedText = (cures) =>
  cures.length
    ? t("Nothing was trained with exactly {cures}. The nearest:", { cures: cures.map((cure) => t(cure)).join(" + ") })
    : t("Nothing was trained without any cure. The nearest:");
