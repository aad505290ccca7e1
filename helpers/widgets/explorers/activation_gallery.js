// ActivationGallery: activations and their derivatives, side by side; and softmax.

import { activate, slopeOf } from "../parts/activations.js";
import { short } from "../parts/axes.js";
import { chart } from "../parts/chart.js";
import { OUTPUT } from "../parts/colours.js";
import { bound, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { clamp, format } from "../parts/numbers.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call } from "../parts/saving.js";
import { each, listen, share } from "../parts/state.js";
import { explorerKeys, keysLine, player, playerLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { softmaxScene, VANISHED } from "./activation_gallery_softmax.js";

const PER_ONE = 10; // points of a curve from one whole number to the next, which keys visit
const DEEP = 10; // layers
const HAIR = 1e-9; // so near to a corner that a curve has its value there, or has jumped
const SLOPE = "#D55E00"; // the colour of f′, told apart from the green of f by colour-blind eyes
const DECADE = 20; // steps of the temperature's slider from 1 to 10

// The trait that holds a curve's slope on the left, and what its slider is called.
const SLOPES = {
  elu: ["alpha", "ELU’s alpha"],
  leaky_relu: ["negative_slope", "leaky ReLU’s slope"],
  prelu: ["prelu_slope", "PReLU’s slope"],
};
const SETTINGS = Object.values(SLOPES).map(([trait]) => trait);
const FORMULAS = {
  sigmoid: ["1 / (1 + exp(−x))", "f(x)·(1 − f(x))"],
  tanh: ["(exp(x) − exp(−x)) / (exp(x) + exp(−x))", "1 − f(x)²"],
  step: ["1 where x ≥ 0, else 0", "0"],
  softplus: ["ln(1 + exp(x))", "sigmoid(x)"],
  relu: ["max(x, 0)", "1 where x > 0, else 0"],
  softsign: ["x / (1 + |x|)", "1 / (1 + |x|)²"],
  elu: ["x where x > 0, else alpha·(exp(x) − 1)", "1 where x > 0, else alpha·exp(x)"],
  log_sigmoid: ["−ln(1 + exp(−x))", "sigmoid(−x)"],
  swish: ["x·sigmoid(x)", "sigmoid(x)·(1 + x·sigmoid(−x))"],
  sinc: ["sin(πx) / (πx), 1 where x = 0", "(cos(πx) − f(x)) / x, 0 where x = 0"],
  leaky_relu: ["x where x > 0, else slope·x", "1 where x > 0, else slope"],
  prelu: ["x where x > 0, else slope·x; the slope is learned", "1 where x > 0, slope where x < 0"],
  mish: ["x·tanh(softplus(x))", "tanh(s) + x·(1 − tanh²(s))·sigmoid(x), s = softplus(x)"],
};

// ----------------------------------------------------------------------------- arithmetic

/** A curve: { value(x), slope(x) }; PReLU is leaky ReLU, but at 0 nothing comes through. */
export function curveOf(name, setting) {
  const own = name === "prelu" ? "leaky_relu" : name;
  const slope = (x) => slopeOf(own, x, setting);
  return {
    value: (x) => activate(own, x, setting),
    slope: name === "prelu" ? (x) => (x === 0 ? 0 : slope(x)) : slope,
  };
}

/** Whether a function has another value right beside x, `side` −1 or 1, than at x. */
const jumps = (f, x, side) => Math.abs(f(x + side * HAIR) - f(x)) > 1e-6;

/** Every x that a key goes to, from −far to far. */
const stopsOf = (far) =>
  Array.from({ length: 2 * far * PER_ONE + 1 }, (_, k) => (k - far * PER_ONE) / PER_ONE);

/** The points of a line from −far to far, one at x among them; where it jumps it has a gap. */
export function pointsOf(f, far, x = 0) {
  const points = [...new Set([...stopsOf(far), x])]
    .toSorted((a, b) => a - b)
    .flatMap((at) => {
      const gaps = [-1, 1].map((side) => (at === 0 && jumps(f, 0, side) ? [[NaN, NaN]] : []));
      return [...gaps[0], [at, f(at)], ...gaps[1]];
    });
  return { xs: points.map(([at]) => at), ys: points.map(([, value]) => value) };
}

/** Where a condition that holds at `inside` and not at `outside` ends. */
function borderOf(holds, inside, outside) {
  for (let k = 0; k < 60; k++) {
    const middle = (inside + outside) / 2;
    if (holds(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

/**
 * Where a derivative vanishes: `spans` { from, to, exact } in which its size stays below
 * VANISHED, or is 0; `points`, where it goes through 0; `least`, its least size.
 */
export function vanishing(slope, far) {
  const stops = stopsOf(far);
  const rates = stops.map(slope);
  const isSmall = (x) => Math.abs(slope(x)) < VANISHED;
  const border = (k, next) =>
    next in stops ? borderOf(isSmall, stops[k], stops[next]) : stops[k];

  const spans = [];
  for (let first = 0, k; first < stops.length; first = k + 1) {
    for (k = first; Math.abs(rates[k]) < VANISHED; ) k++;
    if (k - first < 3) continue; // a slope on its way through 0
    const exact = rates.slice(first, k).every((rate) => rate === 0);
    spans.push({ from: border(first, first - 1), to: border(k - 1, k), exact });
  }

  const isShaded = (x) => spans.some(({ from, to }) => x >= from && x <= to);
  const points = stops.flatMap((x, k) => {
    const [before, after] = [rates[k - 1], rates[k + 1]];
    if (isShaded(x)) return [];
    if (rates[k] === 0) return before * after < 0 ? [x] : [];
    return before * rates[k] < 0
      ? [borderOf((at) => slope(at) * before > 0, stops[k - 1], x)]
      : [];
  });
  // Beside a corner, where PReLU's is 0 by agreement alone.
  const least = Math.min(...stops.map((x) => Math.abs(slope(x || HAIR))));
  return { spans, points, least };
}

/** The slider's steps of the temperature are those of its logarithm. */
export const temperatureAt = (step) => Number((10 ** (step / DECADE)).toPrecision(3));
export const stepOf = (temperature) => Math.round(DECADE * Math.log10(temperature));

// ------------------------------------------------------------------------------ sentences

/** f and f′ at x, in numbers and in words. */
export function atSentence({ value, slope }, x) {
  const told = { x: format(x), value: format(value(x)), slope: format(slope(x)) };
  const rate = slope(x);
  const way =
    rate > 0
      ? t("f({x}) = {value}, and there it rises: f′ = {slope}.", told)
      : rate < 0
        ? t("f({x}) = {value}, and there it falls: f′ = {slope}.", told)
        : t("f({x}) = {value}, and there f′ = 0.", told);
  if (x !== 0) return way;
  if (jumps(value, 0, -1)) return `${way} ${t("f jumps at 0.")}`;
  const corner = jumps(slope, 0, -1) || jumps(slope, 0, 1);
  return corner ? `${way} ${t("At this corner it is what Keras takes.")}` : way;
}

/** How fast PReLU grows with its own slope. */
export const ownSlope = (x) =>
  t("Its slope learns, too: f grows with it at a rate of {rate}.", {
    rate: format(Math.min(x, 0)),
  });

/** What becomes of a gradient that comes back through a slope, and through ten of them. */
export function effectSentence(slope) {
  const told = { slope: format(slope), deep: short(slope ** DEEP, 2), layers: DEEP };
  if (slope === 0)
    return t("A gradient of 1 that arrives here leaves as 0: what lies before this layer learns nothing from it.");
  if (slope === 1)
    return t("A gradient of 1 that arrives here leaves as 1, through {layers} such layers, too.", told);
  if (slope < 0)
    return t("A gradient of 1 that arrives here leaves as {slope}, turned round; through {layers} such layers as {deep}.", told);
  return slope > 1
    ? t("A gradient of 1 that arrives here leaves as {slope}; through {layers} such layers it grows to {deep}.", told)
    : t("A gradient of 1 that arrives here leaves as {slope}; through {layers} such layers as {deep}.", told);
}

/** "from −6 to 0", "from 4.6 on": an end that is the picture's own is none. */
function spanInWords({ from, to }, far) {
  const told = { from: format(from, 3), to: format(to, 3) };
  if (from === -far && to === far) return t("everywhere");
  if (from === -far) return t("up to {to}", told);
  return to === far ? t("from {from} on", told) : t("from {from} to {to}", told);
}

/** Where the derivative vanishes. */
export function vanishingSentence({ spans, points, least }, far) {
  const listed = (which) => which.map((span) => spanInWords(span, far)).join(t(" and "));
  const [exact, faint] = [true, false].map((kind) => spans.filter((one) => one.exact === kind));
  const told = { exact: listed(exact), faint: listed(faint), bound: VANISHED, far };
  const said = [
    exact.length && t("f′ is exactly 0 {exact}: no gradient gets through (shaded).", told),
    faint.length &&
      t("f′ is below {bound} in size {faint}: hardly any gradient gets through (shaded).", told),
    points.length &&
      t("f′ is 0 at single points, where f has a hill or a valley: {points}.", {
        points: points.map((x) => format(x, 3)).join("; "),
      }),
  ].filter(Boolean);
  const none = t("f′ vanishes nowhere from −{far} to {far}: its least size is {least}.", {
    far,
    least: format(least, 3),
  });
  return said.length ? said.join(" ") : none;
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const [curves, limits] = [model.get("_curves"), model.get("_limits")];
  const far = limits.x;
  const steps = limits.temperature.map(stepOf); // of the temperature's slider, its ends
  const names = ["activation", "compare", "x", ...SETTINGS, "logits", "temperature", "marked"];
  const read = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  let now = read();
  let drawn; // what the charts show, so that they are drawn anew only where that changes

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const entries = Object.entries(curves).map(([name, text]) => [name, t(text)]);
  const examples = presetMenu({
    presets: presetsOf(model),
    settingsOf: (preset) =>
      Object.fromEntries(names.filter((name) => name in preset).map((name) => [name, preset[name]])),
    onChoose: go,
  });
  const menus = {
    activation: [...entries, ["softmax", t("softmax")]],
    compare: [["none", t("none")], ...entries],
  };
  const [activation, compare] = ["activation", "compare"].map((trait) =>
    bound(model, trait, menu, {
      label: trait === "compare" ? t("Compare") : t("Activation"),
      options: menus[trait],
    }),
  );
  const slopes = Object.values(SLOPES).map(([trait, label]) => {
    const [min, max] = limits[trait];
    return { trait, ...bound(model, trait, slider, { label: t(label), min, max, step: 0.05 }) };
  });
  const xSlider = slider({
    label: "x",
    min: -far,
    max: far,
    step: 1 / PER_ONE,
    onInput: (x) => go({ x }),
  });
  const temperature = slider({
    label: t("Temperature"),
    min: steps[0],
    max: steps[1],
    onInput: (step) => go({ temperature: temperatureAt(step) }),
  });
  const classes = slider({
    label: t("Classes"),
    min: limits.classes[0],
    max: limits.classes[1],
    onInput: resize,
  });
  const playing = player({ onTick: glide });

  // ----------------------------------------------------------------------------- what is shown
  const panels = ["activation", "compare"].map((trait) => {
    const graph = chart({
      label: t("f and f′ against x"),
      x: { title: "x", low: -far, high: far },
      onPick: (x) => go({ x }),
    });
    const lines = {
      name: make("b", {}),
      at: line("hc-sum"),
      effect: line(),
      where: line(),
    };
    return {
      trait,
      graph,
      lines,
      told: make("div", {}, ...Object.values(lines)),
      formula: line("hc-keys"),
    };
  });
  const soft = softmaxScene({
    most: limits.classes[1],
    onLogit: setLogit,
    onMark: (marked) => go({ marked }),
    onRefuse: message.say,
  });
  const [scene, told] = ["ag-scene", "ag-told"].map((kind) => make("div", { class: kind }));
  const keys = keysLine("");
  const leftOfZero = group(t("Left of 0"), ...slopes.map(({ element }) => element));
  const counting = group(t("Softmax"), classes.element);
  const frame = layout("ActivationGallery", {
    head: [examples.element, activation.element, compare.element],
    scene: [scene],
    strip: [told, message.element],
    player: [
      playerLine(playing.element, xSlider.element, temperature.element, playing.speed),
      keys,
    ],
    settings: [leftOfZero, counting],
    foot: [...panels.map(({ formula }) => formula), soft.formula, voice.element],
    python: () => call(model, now),
  });
  explorerKeys(frame.root, {
    ArrowLeft: () => go(moved(-1)),
    ArrowRight: () => go(moved(1)),
    Home: () => go(moved(-Infinity)),
    End: () => go(moved(Infinity)),
    " ": playing.toggle,
    Escape: playing.stop,
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function go(changes) {
    playing.stop();
    message.clear();
    share(model, changes);
  }

  /** Where x, or softmax's temperature, is so many stops further on. */
  function moved(by) {
    if (now.activation === "softmax")
      return { temperature: temperatureAt(clamp(stepOf(now.temperature) + by, ...steps)) };
    const stop = Math.round(now.x * PER_ONE) + by;
    return { x: clamp(stop, -far * PER_ONE, far * PER_ONE) / PER_ONE };
  }

  /** A little on; after the end comes the start. */
  function glide() {
    const next = moved(now.activation === "softmax" ? 2 : PER_ONE / 2);
    const isAtEnd = Object.entries(next).every(([name, value]) => value === now[name]);
    share(model, isAtEnd ? moved(-Infinity) : next);
  }

  function setLogit(k, value) {
    if (Math.abs(value) <= limits.logit) {
      go({ logits: now.logits.with(k, value) });
      return true;
    }
    message.say(
      t("Logits go up to {most}, positive or negative; {number} stays.", {
        most: limits.logit,
        number: format(now.logits[k]),
      }),
    );
    return false;
  }

  function resize(count) {
    const logits = Array.from({ length: count }, (_, k) => now.logits[k] ?? 0);
    go({ logits, marked: Math.min(now.marked, count - 1) });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    now = read();
    now.marked = Math.min(now.marked, now.logits.length - 1); // Python's follows
    examples.show(now);
    const isSoftmax = now.activation === "softmax";
    const shown = isSoftmax ? [] : panels.filter(({ trait }) => now[trait] !== "none");
    showControls(shown, isSoftmax);
    if (isSoftmax) {
      soft.show(now);
      arrange(scene, soft.elements);
      arrange(told, [soft.told]);
      voice.say(soft.text);
    } else {
      showCurves(shown);
      voice.say(shown.map(({ lines }) => lines.at.textContent).join(" "));
    }
  }

  function showControls(shown, isSoftmax) {
    for (const control of [activation, compare, ...slopes]) control.follow();
    xSlider.value = now.x;
    temperature.set(stepOf(now.temperature), format(now.temperature));
    classes.value = now.logits.length;
    for (const control of [compare, xSlider]) control.element.hidden = isSoftmax;
    for (const element of [temperature.element, counting, soft.formula])
      element.hidden = !isSoftmax;
    const needed = shown.map(({ trait }) => SLOPES[now[trait]]?.[0]);
    for (const { trait, element } of slopes) element.hidden = !needed.includes(trait);
    leftOfZero.hidden = !needed.some(Boolean);
    leftOfZero.parentElement.hidden = leftOfZero.hidden && counting.hidden;
    for (const panel of panels) panel.formula.hidden = !shown.includes(panel);
    const text = isSoftmax
      ? t("Keys: ← → change the temperature, space plays, Home, End.")
      : t("Keys: ← → move x, space plays, Home, End. A click on the curves moves it there.");
    setText(keys, text);
  }

  function showCurves(shown) {
    arrange(scene, shown.map(({ graph }) => graph.element));
    arrange(told, shown.map((panel) => panel.told));
    const made = shown.map(({ trait }) => {
      const name = now[trait];
      const setting = now[SLOPES[name]?.[0]];
      return { name, setting, ...curveOf(name, setting) };
    });
    const isStop = Number.isInteger(Number((now.x * PER_ONE).toFixed(9)));
    const wanted = JSON.stringify([made, isStop || now.x]);
    if (drawn !== wanted) drawCurves(shown, made);
    drawn = wanted;
    shown.forEach(({ graph, lines }, k) => {
      graph.mark(now.x);
      const learned = made[k].name === "prelu" ? ` ${ownSlope(now.x)}` : "";
      setText(lines.at, atSentence(made[k], now.x) + learned);
      setText(lines.effect, effectSentence(made[k].slope(now.x)));
    });
  }

  /** Both on the same axes. */
  function drawCurves(shown, made) {
    const drawings = made.map(({ value, slope }) =>
      [value, slope].map((f) => pointsOf(f, far, now.x)),
    );
    const covers = drawings.flat().flatMap(({ ys }) => ys);
    shown.forEach(({ graph, lines, formula }, k) => {
      const name = t(curves[made[k].name]);
      const found = vanishing(made[k].slope, far);
      const [f, slope] = drawings[k];
      graph.draw({
        title: name,
        y: { covers },
        series: [
          { ...f, name: "f(x)", colour: OUTPUT, dash: "" },
          { ...slope, name: "f′(x)", colour: SLOPE, dash: "6 4" },
        ],
        spans: found.spans.map(({ from, to, exact }) => ({
          from,
          to,
          name: exact ? t("f′ is 0") : t("f′ below {bound}", { bound: VANISHED }),
        })),
        points: found.points.map((x) => ({ x, y: 0, name: t("f′ is 0: a hill or a valley") })),
      });
      setText(lines.name, name);
      setText(lines.where, vanishingSentence(found, far));
      const [of, ofSlope] = FORMULAS[made[k].name].map((text) => t(text));
      setText(formula, `${name}: f(x) = ${of}; f′(x) = ${ofSlope}.`);
    });
  }

  update();
  const stop = listen(model, each(names, update));
  return () => {
    stop();
    playing.stop();
    voice.stop();
    for (const { graph } of panels) graph.close();
    frame.close();
  };
}

/** Make these the children, unless they are: what stays keeps the focus. */
function arrange(parent, children) {
  const before = [...parent.children];
  if (before.length !== children.length || children.some((child, k) => child !== before[k]))
    parent.replaceChildren(...children);
}
