// DescentRace: SGD, momentum, RMSprop and Adam roll down the same landscape.

import { nearest, short } from "../parts/axes.js";
import { chart } from "../parts/chart.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { contours, MARKS } from "../parts/contours.js";
import { actions, bound, button, menu, slider, spoken } from "../parts/controls.js";
import { make, setText, svg } from "../parts/elements.js";
import { SURFACES } from "../parts/landscapes.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, format } from "../parts/numbers.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, tuple } from "../parts/saving.js";
import { each, listen, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import {
  charted,
  lossText,
  placeTexts,
  pointText,
  race,
  RACERS,
  stepText,
  stuck,
  verdict,
  whyDiverged,
} from "./descent_race_runs.js";

const LANDSCAPES = {
  bowl: "bowl",
  valley: "narrow valley",
  saddle: "saddle",
  two_minima: "two minima",
  rosenbrock: "Rosenbrock’s valley",
  bumpy: "bumpy bowl",
};
const SCHEDULES = {
  constant: "constant",
  step: "in steps: × 0.3 after each quarter",
  cosine: "cosine annealing",
  "warm-up": "warm-up, then cosine",
};
// The four lines differ in their dashes and marks too.
const STYLES = {
  SGD: { colour: INPUT, dash: "" },
  momentum: { colour: "#D55E00", dash: "9 4" },
  RMSprop: { colour: OUTPUT, dash: "12 3 3 3" },
  Adam: { colour: "currentColor", dash: "3 4" },
};
const PRESET = ["landscape", "start", "learning_rate", "momentum", "schedule", "noise", "steps"];
const SETTINGS = [...PRESET, "seed"];
const MOST_STEPS = 200;
const LARGEST_SEED = 9999;
const PLAYED = 50; // places at which playing stops on its way, at most

/** Round numbers of each decade, from the first power of ten on. */
const decades = (first, last, digits) =>
  Array.from({ length: last - first }, (_, k) => digits.map((n) => Number(`${n}e${first + k}`)))
    .flat();
const RATES = [...decades(-4, 0, [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]), 1, 1.2, 1.5, 2];
const GOALS = [...decades(-7, 0, [1, 2, 5]), 1];

export default function render({ model, el }) {
  const plain = model.get("_landscapes");
  const presets = presetsOf(model);
  let landscape; // its functions, and what Python says of it
  let runs = {}; // of those that are shown

  const bracketed = (point) => `(${pointText(point)})`;
  const get = (names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const landOf = (name) => ({ ...SURFACES[name], ...plain[name] });

  // ------------------------------------------------------------------------------ controls
  const voice = spoken();
  const examples = presetMenu({
    presets,
    settingsOf: (preset) => Object.fromEntries(PRESET.map((name) => [name, preset[name]])),
    onChoose: (settings) => share(model, { ...settings, step: settings.steps }),
  });
  const entries = (texts) => Object.entries(texts).map(([name, text]) => [name, t(text)]);
  const landscapes = menu({
    label: t("Landscape"),
    options: entries(LANDSCAPES),
    onChange: (name) => share(model, { landscape: name, start: plain[name].start }),
  });

  /** A slider over a list of numbers; one that is not in it stands beside the nearest. */
  function listSlider(label, name, list) {
    const control = slider({
      label,
      min: 0,
      max: list.length - 1,
      show: (k) => short(list[k]),
      onInput: (k) => share(model, { [name]: list[k] }),
    });
    const logs = list.map(Math.log);
    const follow = () =>
      control.set(nearest(logs, Math.log(model.get(name))), short(model.get(name)));
    return { ...control, element: control.element, follow };
  }

  const controls = {
    rate: listSlider(t("Learning rate"), "learning_rate", RATES),
    momentum: bound(model, "momentum", slider, {
      label: t("Momentum"),
      min: 0,
      max: 0.99,
      step: 0.01,
    }),
    schedule: bound(model, "schedule", menu, {
      label: t("Schedule"),
      options: entries(SCHEDULES),
    }),
    noise: bound(model, "noise", slider, { label: t("Batch noise"), min: 0, max: 5, step: 0.1 }),
    goal: listSlider(t("Goal: loss below"), "goal", GOALS),
  };
  const stepsSlider = slider({
    label: t("Steps"),
    min: 10,
    max: MOST_STEPS,
    step: 10,
    onInput: (steps) => share(model, { steps, step: steps }),
  });
  const starts = [t("Start w₁"), t("Start w₂")].map((label, k) =>
    slider({
      label,
      min: -3,
      max: 3,
      step: 0.05,
      onInput: (value) => share(model, { start: model.get("start").with(k, value) }),
    }),
  );
  const otherNoise = button(t("Other noise"), () =>
    share(model, { seed: (model.get("seed") + 1) % (LARGEST_SEED + 1) }),
  );
  const steps = transport({
    label: t("Step"),
    keysText: "Keys: ← → step, space plays, Home, End; arrows on the ball move it, with shift finely.",
    first: 0,
    pace: (count) => Math.ceil(count / PLAYED),
    onStep: (step) => {
      draw();
      share(model, { step });
    },
    onEscape: () => {},
  });

  // ------------------------------------------------------------------------------ pictures
  const view = contours({
    label: t("Where the ball is dropped"),
    x: "w₁",
    y: "w₂",
    onDrop: (start) => share(model, { start }),
  });
  const curve = chart({
    label: t("Loss against steps"),
    x: { title: t("step"), low: 0 },
    y: { title: t("loss"), log: true, text: lossText },
    onPick: (step) => {
      steps.stop();
      share(model, { step });
    },
  });
  const rows = Object.fromEntries(RACERS.map((name, k) => [name, racerRow(name, k)]));
  const stepTitle = make("th", { scope: "col" });
  const table = make(
    "table",
    { class: "dr-table" },
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        stepTitle,
        ...[t("w₁, w₂"), t("loss"), t("to minimum")].map((text) =>
          make("th", { scope: "col" }, text),
        ),
      ),
    ),
    make("tbody", {}, ...Object.values(rows).map(({ element }) => element)),
  );

  /** A line of the table: a switch, what the path looks like, where it is. */
  function racerRow(name, k) {
    const box = make("input", { type: "checkbox", onchange: choose });
    const drawing = svg("svg", { width: 28, height: 16, "aria-hidden": "true" });
    drawing.style.color = STYLES[name].colour;
    drawing.append(
      svg("path", { d: "M0 8H28", class: "hc-chart-line", "stroke-dasharray": STYLES[name].dash }),
      svg("path", { d: MARKS[k], class: "dr-mark", transform: "translate(14 8)" }),
    );
    const cells = [0, 1, 2].map(() => make("td", {}));
    const label = make("label", { class: "hc-control hc-check" }, box, drawing, t(name));
    return { element: make("tr", {}, make("th", { scope: "row" }, label), ...cells), box, cells };
  }

  function choose() {
    share(model, { racers: RACERS.filter((name) => rows[name].box.checked) });
  }

  const [verdictLine, whyLine] = [line(), line()];
  const frame = layout("DescentRace", {
    head: [examples.element],
    scene: [view.element, curve.element],
    strip: [make("div", { class: "hc-scroll" }, table), verdictLine, whyLine],
    player: steps.elements,
    settings: [
      group(t("Landscape"), landscapes.element, ...starts.map(({ element }) => element)),
      group(
        t("Optimisers"),
        controls.rate.element,
        controls.momentum.element,
        controls.schedule.element,
      ),
      group(
        t("Run"),
        stepsSlider.element,
        controls.goal.element,
        controls.noise.element,
        actions(otherNoise),
      ),
    ],
    foot: [voice.element],
    python,
  });
  steps.listen(frame.root);
  el.append(frame.root);

  function python() {
    const given = get([...SETTINGS, "goal"]);
    const own = alike(given.start, plain[given.landscape].start);
    return call(model, {
      ...given,
      start: own ? null : tuple(...given.start),
      racers: tuple(...model.get("racers")),
    });
  }

  // ------------------------------------------------------------------------------- drawing
  /** All runs anew: some setting is another one. */
  function start() {
    const settings = get(SETTINGS);
    const next = landOf(settings.landscape);
    if (next.value !== landscape?.value) view.show(next);
    landscape = next;
    const all = race(landscape, settings);
    runs = Object.fromEntries(model.get("racers").map((name) => [name, all[name]]));
    if (steps.count !== settings.steps) steps.resize(settings.steps, 1);
    steps.at = model.get("step");

    showControls(settings);
    const goal = model.get("goal");
    setText(verdictLine, verdict(runs, goal, settings.steps));
    const lost = Object.entries(runs).filter(([, { diverged }]) => diverged !== null);
    const why = lost.map(([name, run]) => whyDiverged(name, run, landscape, settings));
    setText(whyLine, [...why, stuck(runs, landscape)].filter(Boolean).join(" "));
    voice.say(`${verdictLine.textContent} ${whyLine.textContent}`);
    view.describe(
      t("{landscape} from above; minima at {minima}; the ball is dropped at {start}.", {
        landscape: t(LANDSCAPES[settings.landscape]),
        minima: landscape.minima.map(bracketed).join(", "),
        start: bracketed(settings.start),
      }),
    );
    drawCurve(settings, goal);
    draw();
  }

  function showControls(settings) {
    examples.show(get(PRESET));
    landscapes.value = settings.landscape;
    for (const control of Object.values(controls)) control.follow();
    stepsSlider.value = settings.steps;
    starts.forEach((control, k) => {
      [control.input.min, control.input.max] = [landscape.w1, landscape.w2][k];
      control.set(settings.start[k], format(settings.start[k]));
    });
    otherNoise.disabled = settings.noise === 0;
    for (const name of RACERS) rows[name].box.checked = name in runs;
  }

  function drawCurve(settings, goal) {
    const series = Object.entries(runs).map(([name, run]) => {
      const ys = charted(run);
      return { name: t(name), xs: ys.map((_, step) => step), ys, ...STYLES[name] };
    });
    const limit = { name: t("goal"), xs: [0, settings.steps], ys: [goal, goal] };
    curve.draw({
      x: { high: settings.steps },
      series: [...series, { ...limit, colour: "var(--line)", dash: "1 3" }],
    });
  }

  /** What there is at this step. */
  function draw() {
    const step = steps.at;
    setText(stepTitle, stepText(get(SETTINGS), step));
    for (const name of RACERS) {
      const texts = runs[name] ? placeTexts(landscape, runs[name], step) : ["", "", ""];
      rows[name].cells.forEach((cell, k) => {
        cell.hidden = texts[k] === undefined;
        setText(cell, texts[k] ?? "");
      });
      rows[name].cells[0].colSpan = texts.length === 1 ? 3 : 1;
    }
    view.trace({
      paths: Object.entries(runs).map(([name, { points }]) => ({
        points: points.slice(0, step + 1),
        colour: STYLES[name].colour,
        strokes: STYLES[name].dash.split(" ").filter(Boolean).map(Number),
        mark: RACERS.indexOf(name),
      })),
      ball: model.get("start"),
      said: pointText(model.get("start")),
    });
    curve.mark(step);
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, {
    ...each([...SETTINGS, "goal", "racers"], start),
    step: () => {
      const step = model.get("step");
      if (step === steps.at || step > steps.count) return;
      steps.at = step;
      draw();
    },
  });

  start();
  return () => {
    stopListening();
    steps.stop();
    voice.stop();
    curve.close();
    view.close();
    frame.close();
  };
}
