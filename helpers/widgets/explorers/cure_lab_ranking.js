// The ranking of CureLab: all experiments, the best first, with their gaps.

import { ends, scale } from "../parts/axes.js";
import { button } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { track } from "../parts/marks.js";
import { extremes } from "../parts/numbers.js";
import { t } from "../parts/texts.js";
import { ranked, spreadOf } from "./cure_lab_runs.js";
import { effortText, pointsText, reachText, shareText, tickText } from "./cure_lab_words.js";

/** An axis around all numbers, and around 0 where bars start there. */
const axisOf = (values) => scale(ends(extremes(values)));

/** A line of marks with the mean and its range in words. */
function cell(marks, mean, spread) {
  const words = make("span", {}, make("b", {}, mean), " ", make("small", {}, reachText(spread)));
  return make("td", {}, make("div", { class: "cl-cell" }, marks.element, words));
}

/** The head of a column, with the ends of its axis. */
function head(text, axis, endText) {
  const texts = [axis.low, axis.high].map((end) => make("span", {}, endText(end)));
  const drawn = make("div", { class: "cl-ends", "aria-hidden": "true" }, ...texts);
  return make("th", { scope: "col" }, text, drawn);
}

/**
 * A row for each experiment. show(shown, compared) marks two of them; onChoose(experiment) comes
 * with a click on a row, or with its button.
 */
export function ranking(experiments, onChoose) {
  const accuracies = axisOf(experiments.flatMap(({ validation }) => validation));
  const gaps = axisOf([0, ...experiments.flatMap((one) => one.gaps)]);
  const rows = ranked(experiments).map((one) => {
    const [validation, gap] = [spreadOf(one.validation), spreadOf(one.gaps)];
    const dots = track("range", "dot");
    dots.place("range", accuracies.at(validation.low), accuracies.at(validation.high));
    dots.place("dot", accuracies.at(validation.mean), accuracies.at(validation.mean));
    const bars = track("bar", "range");
    const [from, to] = [0, gap.mean].map(gaps.at).sort((a, b) => a - b);
    bars.place("bar", from, to);
    bars.place("range", gaps.at(gap.low), gaps.at(gap.high));
    if (gap.count === 1) for (const [line, spread] of [[dots, validation], [bars, gap]])
      line.place("range", NaN, spread.mean); // a single run has no range
    const choose = button(t(one.name), () => {}, { class: "cl-name" });
    const note = make("span", { class: "cl-note" });
    const element = make(
      "tr",
      { onclick: () => onChoose(one) },
      make("th", { scope: "row" }, choose, make("small", {}, effortText(one), note)),
      cell(dots, shareText(validation.mean), validation),
      cell(bars, pointsText(gap.mean), gap),
    );
    return { one, element, choose, note };
  });
  const table = make(
    "table",
    { "aria-label": t("All experiments, the best first") },
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col" }, t("Experiment")),
        head(t("Validation accuracy"), accuracies, tickText),
        head(t("Gap to training"), gaps, tickText),
      ),
    ),
    make("tbody", {}, ...rows.map(({ element }) => element)),
  );
  return {
    element: make("div", { class: "cl-ranking" }, table),
    show(shown, compared) {
      for (const { one, element, choose, note } of rows) {
        choose.setAttribute("aria-pressed", one === shown);
        if (one === shown) element.setAttribute("aria-current", "true");
        else element.removeAttribute("aria-current");
        setText(note, one === compared && one !== shown ? t("; gray in the chart") : "");
      }
    },
  };
}
