// DropoutViewer: units that are dropped by chance, and what the next unit makes of the rest.

import { ends } from "../parts/axes.js";
import { chart } from "../parts/chart.js";
import { OUTPUT } from "../parts/colours.js";
import { actions, bound, button, codeLine, menu, slider, spoken } from "../parts/controls.js";
import { setText } from "../parts/elements.js";
import { numberGrid, titled, widen } from "../parts/grids.js";
import { group, layout, line, pair } from "../parts/layout.js";
import { alike, format } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call } from "../parts/saving.js";
import { each, getArray, listen, share, toMessage } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import {
  chances, columnsOf, factorsOf, maskOf, outputOf, runningMeans, sumsOf, theory, varianceOf,
} from "./dropout_viewer_draws.js";
import { sumsHistogram } from "./dropout_viewer_sums.js";
import {
  drawText, meanText, networksText, spreadText, unitText, written,
} from "./dropout_viewer_words.js";

const SCALINGS = {
  training: "in training (Keras)",
  inference: "at inference (AlexNet)",
  none: "nowhere (wrong)",
};
const SHOWN = { outputs: "outputs", products: "weight × output" };
const RATES = [0, 0.2, 0.4, 0.5];
const EXAMPLE = ["activations", "weights", "rate", "scaling"];

/** How many digits behind the point numbers have beside the largest of them. */
export function decimalsFor(largest) {
  const power = Math.floor(Math.log10(largest));
  if (power >= 2) return 0;
  if (power === 1) return 1;
  return power >= -1 ? 2 : Math.min(1 - power, 300);
}

/** A list as a grid; NaN where the last row is not full. */
export function inRows(numbers, columns) {
  const rows = Math.ceil(numbers.length / columns);
  const grid = array([rows, columns], new Float64Array(rows * columns).fill(NaN));
  grid.data.set(numbers);
  return grid;
}

/** How many draws playing goes on at a time: the first ones singly. */
export const paceAt = (draw) => (draw < 10 ? 1 : draw < 50 ? 5 : 20);

export default function render({ model, el }) {
  const limits = model.get("_limits");
  let now; // the settings, and what follows from them for all draws
  let drawn = { key: "" }; // the chances of all masks

  // ------------------------------------------------------------------------------ controls
  const voice = spoken();
  const presets = presetsOf(model);
  const examples = presetMenu({
    presets,
    settingsOf: (preset) => Object.fromEntries(EXAMPLE.map((name) => [name, preset[name]])),
    onChoose: ({ activations, weights, ...settings }) =>
      share(model, {
        ...settings,
        activations: toMessage(activations),
        weights: toMessage(weights),
        unit: Math.min(model.get("unit"), activations.data.length - 1),
      }),
  });
  const steps = transport({
    label: t("Draw"),
    keysText: "Keys: ← → the draw before, the next; space plays, first slowly, then in leaps; Home, End.",
    pace: () => paceAt(steps.at),
    onStep: (draw) => {
      show();
      share(model, { draw });
    },
    onEscape: () => {},
  });
  const entries = (texts) => Object.entries(texts).map(([name, text]) => [name, t(text)]);
  const controls = {
    rate: bound(model, "rate", slider, { label: t("Rate"), min: 0, max: limits.rate, step: 0.01 }),
    scaling: bound(model, "scaling", menu, { label: t("Scaled"), options: entries(SCALINGS) }),
    shown: bound(model, "shown", menu, { label: t("Cells show"), options: entries(SHOWN) }),
  };
  const rates = RATES.map((rate) =>
    button(format(rate), () => share(model, { rate }), { "aria-label": t("Rate {rate}", { rate }) }),
  );
  const unitSlider = slider({ label: t("Unit"), min: 0, max: 0, onInput: pick });
  const again = button(t("Draw again"), () => {
    steps.stop();
    const draw = (steps.at % limits.draws) + 1;
    steps.at = draw;
    show();
    share(model, { draw });
  });
  const anew = button(t("Other masks"), () =>
    share(model, { seed: (model.get("seed") + 1) % (limits.seed + 1) }),
  );
  const seedLine = line();

  // ------------------------------------------------------------------------------ pictures
  const grids = { training: t("training"), inference: t("inference") };
  for (const [when, label] of Object.entries(grids)) {
    const grid = numberGrid({
      label,
      role: OUTPUT,
      editable: false,
      onPoint: (place) => point(place),
      onPick: (place) => indexOf(place) !== undefined && pick(indexOf(place)),
      onLeave: () => point(),
    });
    const sum = line("dv-sum");
    grids[when] = { ...titled(label, grid, sum), grid, sum };
  }
  const sides = pair(grids.training.element, "→", grids.inference.element);
  const histogram = sumsHistogram();
  const means = chart({
    label: t("Mean of the sums over the draws"),
    x: { title: t("draws"), log: true, low: 1, high: limits.draws },
    y: { title: t("mean of the sums so far") },
    onPick: (draw) => {
      steps.stop();
      share(model, { draw });
    },
  });
  const [drawLine, meanLine, spreadLine, unitLine] = [line(), line("dv-mean-line"), line(), line()];
  const many = line();
  const code = codeLine(t("The same in Keras"));

  const frame = layout("DropoutViewer", {
    head: [examples.element],
    scene: [sides.element, histogram.element, means.element],
    strip: [meanLine, drawLine, unitLine, spreadLine],
    player: steps.elements,
    settings: [
      group(
        t("Dropout"),
        controls.rate.element,
        actions(...rates),
        controls.scaling.element,
      ),
      group(t("Look at"), controls.shown.element, unitSlider.element),
      group(t("Chance"), actions(again, anew), seedLine),
    ],
    foot: [many, code.element, voice.element],
    python,
  });
  steps.listen(frame.root);
  el.append(frame.root);

  function python() {
    const [activations, weights] = ["activations", "weights"].map((name) => getArray(model, name));
    const { rate, scaling } = now;
    const settings = { seed: now.seed, draw: steps.at };
    const isOf = (preset) => alike(preset.activations, activations) && alike(preset.weights, weights);
    const same = presets.filter(isOf);
    const exact = same.find((preset) => preset.rate === rate && preset.scaling === scaling);
    if (exact) return call(model, { activations: exact.name, ...settings });
    if (same.length)
      return call(model, { activations: same[0].name, rate, scaling, ...settings });
    return call(model, {
      activations: activations.data,
      weights: weights.data,
      rate,
      scaling,
      ...settings,
    });
  }

  // --------------------------------------------------------------------------------- state
  let pointed; // the unit under the pointer

  const unitNow = () => pointed ?? model.get("unit");
  function indexOf([row, column]) {
    const index = row * now.columns + column;
    return index < now.units ? index : undefined;
  }
  function point(place) {
    pointed = place && indexOf(place);
    showUnit();
  }
  function pick(unit) {
    pointed = undefined;
    share(model, { unit });
  }

  /** Some setting is another one: all draws anew. */
  function update() {
    const [activations, weights] = ["activations", "weights"].map((name) => getArray(model, name));
    const units = activations.data.length;
    if (weights.data.length !== units) return; // the rest is on its way
    const [rate, scaling, seed] = ["rate", "scaling", "seed"].map((name) => model.get(name));
    const key = `${seed} ${units}`;
    if (drawn.key !== key) drawn = { key, chances: chances(seed, units, limits.draws) };
    const products = activations.data.map((value, k) => value * weights.data[k]);
    const isNew = !now || !alike(now.products, products);
    const factors = factorsOf({ rate, scaling });
    const sums = sumsOf(drawn.chances, products, rate, factors.training);
    now = {
      ...{ rate, scaling, seed, units, products, factors, sums },
      activations: activations.data,
      weights: weights.data,
      columns: columnsOf(units),
      means: runningMeans(sums),
      theory: theory(products, { rate, scaling }),
    };
    if (pointed >= units) pointed = undefined;
    if (isNew) histogram.cover(products);
    if (steps.count !== limits.draws) steps.resize(limits.draws, 1);
    steps.at = model.get("draw");
    unitSlider.input.max = units - 1;

    examples.show({ activations, weights, rate, scaling });
    for (const control of Object.values(controls)) control.follow();
    RATES.forEach((one, k) => rates[k].setAttribute("aria-pressed", one === rate));
    setText(seedLine, t("All masks come from seed {seed}.", { seed }));
    setText(many, networksText(units, rate));
    code.element.hidden = scaling !== "training";
    code.say(`keras.layers.Dropout(${rate})(x, training=True)`);
    show();
  }

  // ------------------------------------------------------------------------------- drawing
  /** The draw that is shown, and all before it. */
  function show() {
    const draw = steps.at;
    const { rate, scaling, units, sums, theory } = now;
    const mask = maskOf(drawn.chances, draw, units, rate);
    now.mask = mask;
    showGrids();
    const soFar = sums.subarray(0, draw);
    const [sum, mean] = [sums[draw - 1], now.means[draw - 1]];
    setText(grids.training.sum, t("next unit’s sum: {sum}", { sum: written(sum) }));
    setText(grids.inference.sum, t("next unit’s sum: {sum}", { sum: written(theory.inference) }));
    histogram.show({ sums: soFar, now: sum, mean, theory });
    showMeans(draw);
    setText(drawLine, drawText({ draw, mask, rate, scaling, sum }));
    setText(
      meanLine,
      meanText({
        draws: draw,
        mean,
        expected: theory.mean,
        inference: theory.inference,
        spread: theory.spread,
        rate,
        scaling,
      }),
    );
    setText(spreadLine, spreadText({ variance: varianceOf(soFar), theory, rate, scaling }));
    voice.say(`${drawLine.textContent} ${meanLine.textContent}`);
    showUnit();
  }

  function showGrids() {
    const { activations, weights, units, columns, mask, factors } = now;
    const isProduct = model.get("shown") === "products";
    const cells = isProduct ? now.products : activations;
    const largest = Math.max(...cells.map(Math.abs)) * Math.max(factors.training, 1) || 1;
    const scale = 10 ** decimalsFor(largest);
    const rounded = (values) => inRows(values.map((v) => Math.round(v * scale) / scale), columns);
    const all = inRows(activations, columns);
    const places = Array.from(all.data, (_, k) => [Math.floor(k / columns), k % columns]);
    const training = rounded(
      outputOf(cells, mask, factors.training).map((value, k) => (mask[k] ? value : NaN)),
    );
    const inference = rounded(cells.map((value) => value * factors.inference));
    sides.share(2 * columns);
    for (const [{ grid }, values] of [
      [grids.training, training],
      [grids.inference, inference],
    ]) {
      grid.show(values, { most: largest });
      widen(grid, { data: rounded(cells.map((value) => value * factors.training)).data });
      grid.mark("absent", places.slice(units));
    }
    grids.training.grid.mark("dropped", places.filter((_, k) => mask[k] === false));
    const kept = mask.filter(Boolean).length;
    grids.training.say(
      t("Training, draw {draw}: {kept} of {units} kept", { draw: steps.at, kept, units }),
    );
    grids.inference.say(t("Inference: all {units}", { units }));
  }

  function showMeans(draw) {
    const { theory, means: all } = now;
    const numbers = Array.from({ length: draw }, (_, k) => k + 1);
    const low = Math.min(theory.mean - 2 * theory.spread, theory.inference);
    const high = Math.max(theory.mean + 2 * theory.spread, theory.inference);
    const { inference } = theory;
    means.draw({
      y: ends({ low, high }),
      series: [
        { name: t("mean so far"), xs: numbers, ys: all.subarray(0, draw), colour: OUTPUT, dash: "" },
        {
          name: t("at inference"),
          xs: [...numbers, limits.draws],
          ys: new Array(draw + 1).fill(inference),
          colour: "currentColor",
          dash: "9 4",
        },
      ],
    });
    means.mark(draw);
  }

  function showUnit() {
    const { activations, weights, rate, scaling, factors, columns, mask } = now;
    const unit = Math.min(unitNow(), now.units - 1);
    const place = [Math.floor(unit / columns), unit % columns];
    for (const { grid } of Object.values(grids)) grid.mark("current", [place]);
    unitSlider.value = unit;
    setText(
      unitLine,
      unitText({
        unit,
        activation: activations[unit],
        weight: weights[unit],
        isKept: mask[unit],
        rate,
        scaling,
        factors,
      }),
    );
  }

  function follow() {
    const draw = model.get("draw");
    if (draw === steps.at) return;
    steps.at = draw;
    show();
  }

  update();
  const stop = listen(model, {
    ...each(["activations", "weights", "rate", "scaling", "seed"], update),
    draw: follow,
    shown: () => {
      controls.shown.follow();
      showGrids();
    },
    unit: showUnit,
  });
  return () => {
    stop();
    steps.stop();
    voice.stop();
    means.close();
    frame.close();
  };
}
