// CureLab: stored runs of long trainings, cures for overfitting switched on and off.

import { chart } from "../parts/chart.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { bound, button, checkbox, menu, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { clamp } from "../parts/numbers.js";
import { call, tuple, variable } from "../parts/saving.js";
import { each, listen, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { ranking } from "./cure_lab_ranking.js";
import { curesOf, meanOf, nearestTo, runsOf, stopsOf, switched, withCures } from "./cure_lab_runs.js";
import {
  besideText, endText, epochText, leadsText, METRICS, refusedText, stopText,
} from "./cure_lab_words.js";

const VALIDATION = "val_";
const PLAYED = 30; // epochs at which playing stops on its way, at most
// What is shown is coloured, what is beside it is not; the four lines differ in their dashes too.
const STYLES = [
  { training: { colour: INPUT, dash: "" }, validation: { colour: OUTPUT, dash: "9 4" } },
  {
    training: { colour: "var(--line)", dash: "2 4" },
    validation: { colour: "var(--line)", dash: "14 4 2 4" },
  },
];

/** Training and validation of an experiment, as the chart takes them. */
export function seriesOf({ name, epochs, curves }, metric, styles) {
  const named = {
    training: t("{name}, training", { name: t(name) }),
    validation: t("{name}, validation", { name: t(name) }),
  };
  return Object.entries({ training: metric, validation: VALIDATION + metric }).map(
    ([part, kind]) => ({
      name: named[part],
      xs: Array.from({ length: epochs }, (_, k) => k + 1),
      ys: meanOf(curves[kind]),
      each: curves[kind].length > 1 ? curves[kind] : [],
      ...styles[part],
    }),
  );
}

/** Early stopping in the chart: where it ends runs before their time, and what it keeps. */
export function stopMarks(one, metric, patience) {
  const stops = stopsOf(one, patience);
  const rows = one.curves[VALIDATION + metric];
  const early = stops.filter(({ after }) => after < one.epochs);
  return {
    lines: early.map(({ after }) => ({ x: after, name: t("stopped early"), colour: OUTPUT })),
    points: stops.map(({ kept }, run) => ({
      x: kept,
      y: rows[run][kept - 1],
      name: t("kept by early stopping"),
      colour: OUTPUT,
    })),
  };
}

export default function render({ model, el }) {
  const experiments = runsOf(model.get("_experiments"));
  const cures = curesOf(experiments);
  let [shown, compared] = [experiments[0], experiments[0]];
  const longest = (pair) => Math.max(...pair.map(({ epochs }) => epochs));
  const named = (wanted) => experiments.find(({ name }) => name === wanted);

  // ------------------------------------------------------------------------------ controls
  const voice = spoken();
  const switches = cures.map((cure) => {
    const box = checkbox({ label: t(cure), onChange: () => change(cure) });
    const leads = make("span", { class: "cl-leads" });
    box.element.append(" ", leads);
    return { cure, box, leads };
  });
  const said = line();
  const offers = make("span", { class: "cl-offers" });
  const answer = make("div", { class: "cl-answer", role: "status" }, said, offers);
  const cureBox = make(
    "div",
    { class: "cl-cures", role: "group", "aria-label": t("Cures") },
    make("b", { "aria-hidden": "true" }, t("Cures")),
    ...switches.map(({ box }) => box.element),
  );
  const controls = {
    metric: bound(model, "metric", menu, {
      label: t("Curves of"),
      options: Object.keys(METRICS).map((name) => [name, t(name)]),
    }),
    patience: bound(model, "patience", slider, {
      label: t("Patience"),
      min: 1,
      max: model.get("_most_patience"),
    }),
  };
  const beside = menu({
    label: t("Compared with"),
    options: experiments.map(({ name }) => [name, t(name)]),
    onChange: (name) => show({ compared: name }, shown, named(name)),
  });
  const steps = transport({
    label: t("Epoch"),
    keysText: "Keys: ← → go an epoch back or on, space plays, Home, End.",
    pace: (count) => Math.ceil(count / PLAYED),
    onStep: (epoch) => {
      draw();
      share(model, { epoch });
    },
    onEscape: rest,
  });

  // ---------------------------------------------------------------------------------- page
  const curves = chart({
    label: t("Curves by epoch"),
    x: { title: t("epoch"), low: 1 },
    onPick: (epoch) => {
      steps.stop();
      share(model, { epoch });
    },
  });
  const table = ranking(experiments, choose);
  const [endLine, besideLine, ...epochLines] = [line("cl-end"), line(), line(), line()];
  const stopLine = line();
  const note = line("hc-keys");
  setText(
    note,
    t(
      "Bold: the mean of the seeds; thin: each of them. Curves of training are measured while it " +
        "goes on, with dropout and changed pictures; “at the end”, and the gap in the table, with " +
        "neither: training less validation accuracy of the finished network. Early stopping watches " +
        "the validation loss and keeps the best weights, each seed for itself.",
    ),
  );
  const frame = layout("CureLab", {
    head: [cureBox],
    scene: [answer, curves.element, table.element],
    strip: [endLine, besideLine, ...epochLines, stopLine],
    player: steps.elements,
    settings: [
      group(t("Compare"), beside.element, controls.metric.element),
      group(t("Early stopping"), controls.patience.element),
    ],
    foot: [note, voice.element],
    python: () =>
      call(model, {
        experiments: variable("experiments"),
        cures_of: Object.fromEntries(experiments.map((one) => [one.name, tuple(...one.cures)])),
        cures: tuple(...shown.cures),
        ...Object.fromEntries(
          ["compared", "metric", "epoch", "patience"].map((name) => [name, model.get(name)]),
        ),
      }),
  });
  steps.listen(frame.root);
  el.append(frame.root);

  // -------------------------------------------------------------------------------- choices
  /** Change what two experiments are shown; another number of epochs starts at its end. */
  function show(changes, ...pair) {
    const epochs = longest(pair);
    share(model, { ...changes, ...(epochs === steps.count ? {} : { epoch: epochs }) });
  }

  function choose(one) {
    rest();
    show({ cures: one.cures }, one, compared);
  }

  /** A switch was pressed: show what was run with these cures, or say that nothing was. */
  function change(cure) {
    const wanted = switched(shown.cures, cure);
    const found = withCures(experiments, wanted);
    if (found) return choose(found);
    showSwitches();
    answer.classList.add("cl-refused");
    setText(said, refusedText(cures.filter((one) => wanted.includes(one))));
    const { input } = switches.find((one) => one.cure === cure).box;
    offers.replaceChildren(
      ...nearestTo(experiments, wanted, shown).map((one) =>
        button(t(one.name), () => {
          choose(one);
          input.focus(); // the button is gone
        }),
      ),
    );
  }

  /** Nothing is refused any more. */
  function rest() {
    answer.classList.remove("cl-refused");
    setText(said, t("Shown: {name}", { name: t(shown.name) }));
    offers.replaceChildren();
  }

  function showSwitches() {
    for (const { cure, box, leads } of switches) {
      const found = withCures(experiments, switched(shown.cures, cure));
      box.value = shown.cures.includes(cure);
      box.element.classList.toggle("cl-nowhere", !found);
      setText(leads, leadsText(found));
    }
  }

  // -------------------------------------------------------------------------------- drawing
  /** All anew: another experiment, other curves or another patience. */
  function update() {
    shown = withCures(experiments, model.get("cures"));
    compared = named(model.get("compared"));
    const epochs = longest([shown, compared]);
    const [metric, patience] = [model.get("metric"), model.get("patience")];
    if (steps.count !== epochs) steps.resize(epochs, 1);
    steps.at = clamp(model.get("epoch"), 1, epochs);
    beside.value = compared.name;
    for (const control of Object.values(controls)) control.follow();
    rest();
    showSwitches();
    table.show(shown, compared);
    const both = [...new Set([shown, compared])];
    curves.draw({
      title: { accuracy: t("Accuracy"), loss: t("Loss") }[metric],
      x: { high: Math.max(epochs, 2) },
      y: METRICS[metric],
      series: both.flatMap((one, k) => seriesOf(one, metric, STYLES[k])),
      ...stopMarks(shown, metric, patience),
    });
    setText(endLine, endText(shown));
    setText(besideLine, besideText(shown, compared));
    setText(stopLine, stopText(shown, patience));
    voice.say(`${endLine.textContent} ${besideLine.textContent} ${stopLine.textContent}`);
    draw();
  }

  /** What there is at this epoch. */
  function draw() {
    curves.mark(steps.at);
    const both = [...new Set([shown, compared])];
    epochLines.forEach((one, k) => setText(one, both[k] ? epochText(both[k], steps.at) : ""));
  }

  function follow() {
    const epoch = model.get("epoch");
    if (epoch === steps.at || epoch > steps.count) return;
    steps.at = epoch;
    draw();
  }

  update();
  const stop = listen(model, {
    ...each(["cures", "compared", "metric", "patience"], update),
    epoch: follow,
  });
  return () => {
    stop();
    steps.stop();
    voice.stop();
    curves.close();
    frame.close();
  };
}
