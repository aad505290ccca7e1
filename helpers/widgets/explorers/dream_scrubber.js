// DreamScrubber: how a picture came about, step by step.

import { productOf } from "../parts/arrays.js";
import { chart } from "../parts/chart.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { bound, checkbox, menu, messageLine, spoken } from "../parts/controls.js";
import { setText } from "../parts/elements.js";
import { decoded, filesIn } from "../parts/encoded.js";
import { layout, line } from "../parts/layout.js";
import { by, counted, format } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { call, variable } from "../parts/saving.js";
import { each, listen, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const TRAITS = ["step", "left", "right", "difference"];
const MIDDLE = 127.5; // the gray of no difference
const BLANK = 200; // the gray of a picture that is not there
const MANY_TIMES = 100; // from which on a line needs a logarithmic axis

// ------------------------------------------------------------------------- what is shown

/** Which picture of a setting with so many is shown at a step: a shorter one stays at its last. */
export const pictureAt = (count, step) => Math.min(step, count - 1);

/** The difference of a picture from another: gray where there is none, full at `most`. */
export function differenceOf({ shape, data }, start, most) {
  const factor = MIDDLE / most;
  const made = new Uint8ClampedArray(data.length); // rounds, and cuts off
  for (let k = 0; k < data.length; k++) made[k] = MIDDLE + factor * (data[k] - start.data[k]);
  return { shape, data: made };
}

/** The lines of some settings as the chart takes them; what is no number leaves a gap. */
export function seriesOf(values, settings) {
  const several = settings.length > 1;
  return settings.flatMap((setting) =>
    Object.entries(values[setting] ?? {}).map(([name, ys]) => ({
      name: several ? t("{setting}: {name}", { setting, name: t(name) }) : t(name),
      xs: ys.map((_, k) => k),
      ys: ys.map((y) => y ?? NaN),
    })),
  );
}

/** Whether lines are drawn on a logarithmic axis: nothing below 0, and what is above far apart. */
export function isLogarithmic(series) {
  const all = series.flatMap(({ ys }) => ys.filter(Number.isFinite));
  const above = all.filter((y) => y > 0); // a 0 is an arrow at the edge
  return all.every((y) => y >= 0) && Math.max(...above) > MANY_TIMES * Math.min(...above);
}

/** The number of the picture that was kept nearest to a step. */
export function nearestTo(at, step) {
  let best = 0;
  at.forEach((one, k) => {
    if (Math.abs(one - step) < Math.abs(at[best] - step)) best = k;
  });
  return best;
}

/** A step of a setting, and what was measured there, in words. */
export function stepText(setting, at, values = {}) {
  // A step without a value says so: the lines below stay where they are.
  const measured = Object.entries(values)
    .filter(([, ys]) => ys.some(Number.isFinite))
    .map(([name, ys]) => `${t(name)} ${Number.isFinite(ys[at]) ? format(ys[at], 4) : "–"}`);
  const given = { setting: t(setting), at, measured: measured.join(", ") };
  return measured.length
    ? t("{setting}: after step {at}, {measured}.", given)
    : t("{setting}: after step {at}.", given);
}

/** How many pictures are on the page, and what they take. */
export function sizesText(count, sides, bytes) {
  const pictures = counted(count, "picture");
  const size = bytes < 1e6 ? t("{n} kB", { n: Math.ceil(bytes / 1000) }) : t("{n} MB", { n: (bytes / 1e6).toFixed(1) });
  return t("{pictures} of {sides} are on this page, {size}.", { pictures, sides: by(sides), size });
}

// --------------------------------------------------------------------------- the explorer

/**
 * Pictures that are decoded one after the other: at(k) is one, undefined as long as it is not
 * there, null where it cannot be read; first(numbers) says which are wanted most. onCome(k) comes
 * with each, onError() before it where a file cannot be read.
 */
function album(files, { onCome, onError }) {
  const known = new Map();
  let waiting = files.map((_, k) => k);
  let closed = false;
  return {
    at: (k) => known.get(k),
    first(wanted) {
      waiting = [...waiting.filter((k) => wanted.includes(k)), ...waiting.filter((k) => !wanted.includes(k))];
    },
    async work() {
      while (waiting.length && !closed) {
        const k = waiting.shift();
        const found = await decoded(files[k]).catch(() => null);
        if (closed) return;
        if (!found) onError();
        known.set(k, found);
        onCome(k);
      }
    },
    close() {
      closed = true;
      known.clear();
    },
  };
}

export default function render({ model, el }) {
  const series = Object.entries(model.get("_pictures")).map(([name, row]) => [name, filesIn(row)]);
  const start = filesIn(model.get("_before"));
  const [values, at, about] = ["_values", "_at", "_about"].map((name) => model.get(name));
  const settings = series.map(([name]) => name);
  const counts = Object.fromEntries(series.map(([name, files]) => [name, files.length]));
  const count = Math.max(...Object.values(counts));
  // All files in a row: what it began with, if it is known, then those of each setting.
  const files = [...start, ...series.flatMap(([, own]) => own)];
  const firsts = new Map();
  let next = start.length;
  for (const name of settings) {
    firsts.set(name, next);
    next += counts[name];
  }
  const numberOf = (name, step) => firsts.get(name) + pictureAt(counts[name], step);
  const startOf = (name) => (start.length ? 0 : firsts.get(name));
  const pictures = album(files, {
    onCome: (k) => wanted.includes(k) && update(),
    onError: () => message.say(t("One of the pictures cannot be read here.")),
  });
  const set = (changes) => share(model, changes);

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const named = settings.map((name) => [name, t(name)]);
  const left = bound(model, "left", menu, { label: t("Setting"), options: named });
  const right = bound(model, "right", menu, {
    label: t("Beside it"),
    options: [["", t("nothing")], ...named],
  });
  const difference = bound(model, "difference", checkbox, { label: t("difference from the beginning") });
  const steps = transport({
    label: t("Picture"),
    first: 0,
    keysText: "Keys: ← → go from picture to picture, space plays, Home, End.",
    onStep: (step) => set({ step }),
    onEscape: () => {},
  });
  steps.resize(count - 1, 1);

  // ---------------------------------------------------------------------------------- page
  const first = picture({ caption: t("Before"), role: INPUT, framed: false });
  first.element.classList.add("ds-before");
  first.element.hidden = !start.length;
  const views = ["left", "right"].map(() => picture({ caption: "", role: OUTPUT, framed: false }));
  const [said, other, scaleLine] = [line(), line(), line()];
  const lines = chart({
    label: t("What was measured, by step"),
    x: { title: t("step"), low: 0 },
    onPick: (step) => set({ step: nearestTo(at[model.get("left")], step) }),
  });
  lines.element.hidden = !Object.keys(values).length;
  const sizes = line("hc-keys");
  const frame = layout("DreamScrubber", {
    head: [...(settings.length > 1 ? [left.element, right.element] : []), difference.element],
    scene: [first.element, ...views.map(({ element }) => element), lines.element],
    strip: [said, other, scaleLine, message.element],
    player: steps.elements,
    foot: [sizes, voice.element],
    python: () => {
      const { left: chosen, ...rest } = now();
      return call(model, {
        pictures: variable("pictures"),
        before: start.length ? variable("before") : null,
        values: Object.keys(values).length ? variable("values") : null,
        at: about.even ? null : at,
        left: chosen === settings[0] ? null : chosen,
        ...rest,
      });
    },
  });
  steps.listen(frame.root);

  const now = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const blank = { shape: [...about.sides, 3], data: new Uint8Array(3 * productOf(about.sides)).fill(BLANK) };
  let wanted = []; // the numbers of the pictures that are shown
  let drawn; // the settings whose lines are on the chart

  function update() {
    const state = now();
    if (!settings.includes(state.left)) return; // more comes
    const shown = [...new Set([state.left, state.right].filter(Boolean))];
    steps.at = state.step;
    for (const control of [left, right, difference]) control.follow();
    const needed = shown.map((name) => [
      numberOf(name, state.step),
      ...(state.difference ? [startOf(name)] : []),
    ]);
    wanted = [...start.keys(), ...needed.flat()];
    pictures.first(wanted);
    frame.root.setAttribute("aria-busy", wanted.some((k) => pictures.at(k) === undefined));
    if (start.length) show(first, [0], { caption: t("Before"), described: t("What it began with") });
    const most = Math.max(...shown.map((name) => about.full[name]));
    views.forEach((view, k) => {
      view.element.hidden = k >= shown.length;
      if (!view.element.hidden) show(view, needed[k], { ...wordsOf(shown[k], state), most });
    });
    const texts = shown.map((name) => stepText(name, at[name][pictureAt(counts[name], state.step)], values[name]));
    setText(said, texts[0]);
    setText(other, texts[1] ?? "");
    const scale = t("Difference: gray is none, full colour a change by {most} of 255.", { most });
    setText(scaleLine, state.difference ? scale : "");
    showLines(shown, state);
  }

  function follow() {
    update();
    voice.say(`${said.textContent} ${other.textContent}`);
  }

  function wordsOf(name, { step, difference: changed }) {
    const given = { setting: t(name), k: pictureAt(counts[name], step), last: counts[name] - 1 };
    const plain = t("{setting}, picture {k}", given);
    return {
      caption: t("{setting}, {k} of {last}", given),
      described: changed ? t("{plain}: the difference from the beginning", { plain }) : plain,
    };
  }

  /** A picture, or where two are needed the difference between them; gray where one is not there. */
  function show(view, numbers, { caption, described, most }) {
    const [found, begin] = numbers.map(pictures.at);
    const isThere = numbers.every(pictures.at);
    const isBroken = numbers.some((k) => pictures.at(k) === null);
    const told = (words) => (isBroken ? t("{words}, not readable", { words }) : words);
    view.caption(told(caption));
    view.describe(told(described));
    view.paint(!isThere ? blank : begin ? differenceOf(found, begin, most) : found);
  }

  function showLines(shown, { step, left: chosen }) {
    if (lines.element.hidden) return;
    if (drawn !== shown.join("\n")) {
      drawn = shown.join("\n");
      const drawable = seriesOf(values, shown);
      // The last picture may come after the last measurement, which is of the step before.
      const covers = shown.flatMap((name) => at[name]);
      lines.draw({ series: drawable, x: { covers }, y: { log: isLogarithmic(drawable) } });
    }
    lines.mark(at[chosen][pictureAt(counts[chosen], step)]);
  }

  el.append(frame.root);
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  setText(sizes, sizesText(files.length, about.sides, bytes));
  update();
  pictures.work();
  const stop = listen(model, each(TRAITS, follow));
  return () => {
    stop();
    steps.stop();
    voice.stop();
    pictures.close();
    lines.close();
    frame.close();
  };
}
