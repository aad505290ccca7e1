// DreamScrubber: how a picture came about, step by step.

import { chart } from "../parts/chart.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { bound, checkbox, menu, messageLine, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { decoded, filesIn } from "../parts/encoded.js";
import { group, layout, line } from "../parts/layout.js";
import { by, counted, format } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { call, variable } from "../parts/saving.js";
import { each, listen, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const TRAITS = ["step", "left", "right", "difference"];
const MIDDLE = 127.5; // the gray of no difference
const MANY_TIMES = 100; // from which on a line needs a logarithmic axis

// ------------------------------------------------------------------------- what is shown

/** Which picture of a setting with so many is shown at a step: a shorter one stays at its last. */
export const pictureAt = (count, step) => Math.min(step, count - 1);

/** The largest change of a number between two pictures, at least 1. */
export function largestChange(picture, start) {
  let most = 1;
  for (let k = 0; k < picture.data.length; k++) {
    const change = Math.abs(picture.data[k] - start.data[k]);
    if (change > most) most = change;
  }
  return most;
}

/** The difference of a picture from another: gray where there is none, full at `most`. */
export function differenceOf({ shape, data }, start, most) {
  const factor = MIDDLE / most;
  return { shape, data: Float64Array.from(data, (value, k) => MIDDLE + factor * (value - start.data[k])) };
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

/** Whether lines are drawn on a logarithmic axis: all above 0, and far apart. */
export function isLogarithmic(series) {
  const all = series.flatMap(({ ys }) => ys.filter(Number.isFinite));
  return all.length > 0 && Math.min(...all) > 0 && Math.max(...all) > MANY_TIMES * Math.min(...all);
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
  const measured = Object.entries(values)
    .filter(([, ys]) => Number.isFinite(ys[at]))
    .map(([name, ys]) => `${t(name)} ${format(ys[at], 4)}`);
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
 * Pictures that are decoded one after the other: at(k) is one, or null; first(numbers) says
 * which are wanted most; onCome() comes when one is there, onError() where a file cannot be read.
 */
function album(files, { onCome, onError }) {
  const known = new Map();
  let waiting = files.map((_, k) => k);
  let closed = false;
  return {
    at: (k) => known.get(k) ?? null,
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
        onCome();
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
  const firsts = {};
  let next = start.length;
  for (const name of settings) {
    firsts[name] = next;
    next += counts[name];
  }
  const numberOf = (name, step) => firsts[name] + pictureAt(counts[name], step);
  const startOf = (name) => (start.length ? 0 : firsts[name]);
  const pictures = album(files, {
    onCome: () => update(),
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
  const lineBox = make("div", { class: "ds-lines" }, lines.element);
  lineBox.hidden = !Object.keys(values).length;
  const sizes = line("hc-keys");
  const frame = layout("DreamScrubber", {
    head: settings.length > 1 ? [left.element, right.element] : [],
    scene: [first.element, ...views.map(({ element }) => element)],
    strip: [said, other, scaleLine, message.element],
    player: steps.elements,
    settings: [group(t("What is shown"), difference.element), lineBox],
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
  let drawn; // the settings whose lines are on the chart

  function update() {
    const state = now();
    if (!settings.includes(state.left)) return; // more comes
    const shown = [...new Set([state.left, state.right].filter(Boolean))];
    steps.at = state.step;
    for (const control of [left, right, difference]) control.follow();
    const needed = shown.flatMap((name) => [
      numberOf(name, state.step),
      ...(state.difference ? [startOf(name), numberOf(name, count)] : []),
    ]);
    const wanted = start.length ? [0, ...needed] : needed;
    pictures.first(wanted);
    frame.root.setAttribute("aria-busy", wanted.some((k) => !pictures.at(k)));
    if (start.length && pictures.at(0)) first.paint(pictures.at(0));
    first.describe(t("What it began with"));
    const most = state.difference ? changeOf(shown) : 0;
    views.forEach((view, k) => {
      view.element.hidden = k >= shown.length;
      if (!view.element.hidden) showOne(view, shown[k], state, most);
    });
    const texts = shown.map((name) => stepText(name, at[name][pictureAt(counts[name], state.step)], values[name]));
    setText(said, texts[0]);
    setText(other, texts[1] ?? "");
    const scale = t("Difference: gray is none, full colour a change by {most} of 255.", { most });
    setText(scaleLine, most ? scale : "");
    voice.say(texts.join(" "));
    showLines(shown, state);
  }

  /** The largest change of the shown settings, from their beginning to their last; 0: not yet known. */
  function changeOf(shown) {
    const ends = shown.map((name) => [pictures.at(numberOf(name, count)), pictures.at(startOf(name))]);
    if (ends.some((two) => two.includes(null))) return 0;
    return Math.max(...ends.map(([last, begin]) => largestChange(last, begin)));
  }

  function showOne(view, name, { step, difference: changed }, most) {
    const given = { setting: t(name), k: pictureAt(counts[name], step), last: counts[name] - 1 };
    view.caption(t("{setting}, {k} of {last}", given));
    const plain = t("{setting}, picture {k}", given);
    view.describe(changed ? t("{plain}: the difference from the beginning", { plain }) : plain);
    const found = pictures.at(numberOf(name, step));
    if (found && !changed) view.paint(found);
    if (found && most) view.paint(differenceOf(found, pictures.at(startOf(name)), most));
  }

  function showLines(shown, { step, left: chosen }) {
    if (lineBox.hidden) return;
    if (drawn !== shown.join("\n")) {
      drawn = shown.join("\n");
      const drawable = seriesOf(values, shown);
      lines.draw({ series: drawable, y: { log: isLogarithmic(drawable) } });
    }
    lines.mark(at[chosen][pictureAt(counts[chosen], step)]);
  }

  el.append(frame.root);
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  setText(sizes, sizesText(files.length, about.sides, bytes));
  update();
  pictures.work();
  const stop = listen(model, each(TRAITS, update));
  return () => {
    stop();
    steps.stop();
    voice.stop();
    pictures.close();
    lines.close();
    frame.close();
  };
}
