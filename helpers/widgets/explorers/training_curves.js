// TrainingCurves: how loss and accuracy go while a network is trained.

import { ends } from "../parts/axes.js";
import { chart } from "../parts/chart.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { layout, line } from "../parts/layout.js";
import { listen } from "../parts/state.js";
import { call } from "../parts/saving.js";
import { t } from "../parts/texts.js";

const VALIDATION = "val_";
const STYLES = {
  training: { colour: INPUT, dash: "" },
  validation: { colour: OUTPUT, dash: "9 4" },
};

// ------------------------------------------------------------------------- what is drawn

/** What a figure is about, without a word on the samples that it is of. */
export const subjectOf = (name) =>
  name.startsWith(VALIDATION) ? name.slice(VALIDATION.length) : name;

/** The charts: [subject, [name, …]] each, the loss first, training before validation. */
export function charted(curves) {
  const subjects = new Map();
  const names = Object.keys(curves).sort(
    (a, b) => a.startsWith(VALIDATION) - b.startsWith(VALIDATION) || (a < b ? -1 : 1),
  );
  for (const name of names) {
    const subject = subjectOf(name);
    subjects.set(subject, [...(subjects.get(subject) ?? []), name]);
  }
  const rank = ([subject]) => (subject === "loss" ? 0 : 1);
  return [...subjects].sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1));
}

/** A curve as the chart takes it; null, which is no number, leaves a gap. */
export function seriesOf(name, [xs, ys]) {
  const kind = name.startsWith(VALIDATION) ? "validation" : "training";
  const told = { training: t("training"), validation: t("validation") };
  return { name: told[kind], xs, ys: ys.map((y) => y ?? NaN), ...STYLES[kind] };
}

/**
 * The ends of a chart's upright axis: round ones around all that came from the end of the first
 * epoch on. Before it a network knows nothing, and beside those figures no gap would be seen.
 */
export function heightOf(series) {
  const later = series.flatMap(({ xs, ys }) => ys.filter((y, k) => xs[k] >= 1 && Number.isFinite(y)));
  const isEarly = series.every(({ xs }) => xs.at(-1) < 2);
  if (isEarly || !later.length) return { low: undefined, high: undefined };
  const { low, high } = ends({ low: Math.min(...later), high: Math.max(...later) });
  return { low, high };
}

/** What the last figures are about. */
export function stateOf(curves) {
  const last = Math.max(...Object.values(curves).map(([xs]) => xs.at(-1)));
  if (!Number.isFinite(last)) return t("Nothing yet: the curves grow while a cell trains.");
  const full = Math.floor(last);
  return last === full
    ? t("Full epochs: {n}", { n: full })
    : t("Full epochs: {n}; the next is under way.", { n: full });
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const charts = new Map(); // by their subjects
  const said = line();
  const frame = layout("TrainingCurves", {
    strip: [said],
    foot: [line("hc-keys")],
    python: () => call(model, {}),
  });
  const [note] = frame.root.querySelectorAll(".hc-foot .hc-note");
  note.textContent = t(
    "Training: the mean since the epoch began, while the network changed. Validation: the " +
      "network as it stood at the epoch’s end. From the second epoch on a chart is as high as " +
      "what came after the first; the numbers below hold all.",
  );

  function chartOf(subject) {
    if (!charts.has(subject))
      charts.set(
        subject,
        chart({ label: t("{name} by epoch", { name: subject }), x: { title: t("epoch"), low: 0 } }),
      );
    return charts.get(subject);
  }

  function show() {
    const curves = model.get("_curves");
    const wanted = charted(curves);
    for (const [subject, one] of charts)
      if (!wanted.some(([other]) => other === subject)) {
        one.close();
        one.element.remove();
        charts.delete(subject);
      }
    for (const [subject, names] of wanted) {
      const one = chartOf(subject);
      if (!one.element.isConnected) said.parentElement.before(one.element);
      const series = names.map((name) => seriesOf(name, curves[name]));
      one.draw({ title: t("{name}", { name: subject }), series, y: heightOf(series) });
    }
    said.textContent = stateOf(curves);
  }

  const stopListening = listen(model, { _curves: show });
  el.append(frame.root);
  show();

  return () => {
    stopListening();
    for (const one of charts.values()) one.close();
    frame.close();
  };
}
