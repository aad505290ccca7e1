// What GradientFlow draws: a row of bars for each layer, the activations of one counted.

import { scale, short } from "../parts/axes.js";
import { make, setText, svg } from "../parts/elements.js";
import { line } from "../parts/layout.js";
import { track } from "../parts/marks.js";
import { clamp } from "../parts/numbers.js";
import { t } from "../parts/texts.js";
import { percent, written } from "./gradient_flow_words.js";

// ----------------------------------------------------------------------------- arithmetic

/** The ends of the logarithmic axis: powers of ten around all sizes above 0, and around 1. */
export function logEnds(sizes) {
  const powers = sizes.filter((size) => size > 0).map(Math.log10);
  const low = Math.min(-3, Math.floor(Math.min(...powers) - 0.3));
  const high = Math.max(1, Math.ceil(Math.max(...powers)));
  return { low: Number(`1e${low}`), high: Number(`1e${high}`), log: true };
}

/** The ends of the axis of activations: all boxes, and 0. */
export function spreadEnds(spreads) {
  const low = Math.min(0, ...spreads.map((one) => one.low));
  const high = Math.max(0, ...spreads.map((one) => one.high));
  return low < high ? { low, high } : { low: -1, high: 1 };
}

// ------------------------------------------------------------------------------- pictures

/** One layer: how its activations are spread, what arrives, what its weights get. */
function row(number, onPick) {
  const tracks = {
    rms: track("box", "median", "held"),
    arrived: track("bar", "range", "held"),
    moved: track("bar", "range", "held"),
  };
  const texts = {};
  const cells = Object.entries(tracks).map(([kind, { element }]) => {
    texts[kind] = make("span", {});
    return make("td", {}, make("div", { class: "gf-cell" }, element, texts[kind]));
  });
  const head = make("th", { scope: "row" }, String(number));
  const element = make("tr", { onclick: () => onPick(number) }, head, ...cells);

  /** The bar of the seed shown, the range of all seeds, and what is held beside it. */
  function bar(kind, runs, held, axis) {
    const { place } = tracks[kind];
    const to = (value) => (value > 0 ? axis.at(value) : NaN);
    const values = runs.map((run) => run[number - 1]?.[kind]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    place("bar", 0, to(values[0]));
    place("range", least > 0 ? to(least) : 0, values.length > 1 ? to(most) : NaN);
    place("held", 0, to(held?.[kind]));
    const none = values[0] === 0;
    const text = values[0] === undefined ? "–" : written(values[0]);
    setText(texts[kind], none ? t("nothing") : text);
    texts[kind].parentElement.classList.toggle("gf-nothing", none);
  }

  return {
    element,
    show(runs, held, { sizes, values }) {
      const one = runs[0][number - 1];
      const { place } = tracks.rms;
      place("box", values.at(one?.low), values.at(one?.high));
      place("median", values.at(one?.median), values.at(one?.median));
      place("held", values.at(held?.low), values.at(held?.high));
      setText(texts.rms, one ? written(one.rms) : "–");
      element.classList.toggle("gf-only-held", !one);
      for (const kind of ["arrived", "moved"]) bar(kind, runs, held, sizes);
    },
  };
}

/** What the marks are. */
function legend() {
  const entries = Object.entries({
    box: t("90\u00a0% of the activations, their median; the number is their root mean square"),
    bar: t("the seed shown"),
    range: t("the range of five seeds"),
    held: t("what is held"),
  }).map(([kind, text]) => {
    const sample = track(kind, "median");
    sample.place(kind, 0, 1);
    sample.place("median", 0.4, kind === "box" ? 0.4 : NaN);
    return make("span", { class: `gf-of-${kind}` }, sample.element, text);
  });
  return make("p", { class: "hc-note hc-keys gf-legend" }, ...entries);
}

/**
 * All layers, first to last. show(runs, held) draws what was measured for several seeds, the
 * one shown first, and what is held, or []. mark(layer) says which is written out; onPick(layer)
 * comes with a click.
 */
export function layerTable(most, onPick) {
  const rows = Array.from({ length: most }, (_, k) => row(k + 1, onPick));
  const [ends, axes] = [{}, {}];
  const heads = Object.entries({
    values: t("Activations"),
    arrived: t("Gradient that arrives"),
    moved: t("Gradient of its weights"),
  }).map(([kind, text]) => {
    ends[kind] = [make("span", {}), make("span", {})];
    axes[kind] = make("i", { class: "gf-axis" });
    const drawn = [...ends[kind], axes[kind]];
    const axis = make("div", { class: "gf-ends", "aria-hidden": "true" }, ...drawn);
    return make("th", { scope: "col" }, text, axis);
  });
  const table = make(
    "table",
    { "aria-label": t("The layers, first to last") },
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("Layer")), ...heads)),
    make("tbody", {}, ...rows.map(({ element }) => element)),
  );
  const element = make("div", { class: "gf-layers" }, table, legend());
  let marked; // the row that is
  return {
    element,
    show(runs, held) {
      const all = [...runs, held].flat();
      const sizes = scale(logEnds(all.flatMap(({ arrived, moved }) => [arrived, moved])));
      const values = scale(spreadEnds([...runs[0], ...held]));
      const count = Math.max(runs[0].length, held.length);
      for (const [kind, axis] of Object.entries({ values, arrived: sizes, moved: sizes })) {
        [axis.low, axis.high].forEach((end, k) => setText(ends[kind][k], short(end, 2)));
        axes[kind].style.setProperty("--at", axis.at(kind === "values" ? 0 : 1));
        axes[kind].style.setProperty("--rows", count);
      }
      element.classList.toggle("gf-compares", held.length > 0);
      rows.forEach((one, k) => {
        one.element.hidden = k >= count;
        if (!one.element.hidden) one.show(runs, held[k], { sizes, values });
      });
    },
    mark(layer) {
      const { element: next } = rows[layer - 1];
      if (next === marked) return;
      marked?.removeAttribute("aria-current");
      next.setAttribute("aria-current", "true");
      marked = next;
    },
  };
}

/** The activations of one layer, counted; exact zeros stand below, they would dwarf the rest. */
export function histogram() {
  const caption = make("figcaption", {});
  const bars = svg("path", {});
  const drawing = svg(
    "svg",
    {
      viewBox: "0 0 100 100",
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": t("nothing drawn yet"),
    },
    bars,
  );
  const box = track("box", "median");
  const ends = [make("span", {}), make("span", {})];
  const axis = make("div", { class: "gf-ends", "aria-hidden": "true" }, ...ends);
  const zeros = line();
  const element = make(
    "figure",
    { class: "gf-histogram" },
    ...[caption, drawing, box.element, axis, zeros],
  );
  return {
    element,
    show({ bins, least, most, low, median, high, ...one }, title) {
      setText(caption, title);
      // One value alone stands in the middle, in a bar as wide as any.
      const isOne = least === most;
      const counts = isOne ? bins.map((_, k) => (k === bins.length >> 1 ? 1 : 0)) : bins;
      const [tallest, wide] = [Math.max(...counts, 1), 100 / counts.length];
      const tops = counts.map(
        (n, k) => `M${k * wide} 100V${100 - (100 * n) / tallest}h${wide}V100`,
      );
      bars.setAttribute("d", tops.join(""));
      const range = isOne ? { low: least - 1, high: most + 1 } : { low: least, high: most };
      const { at } = scale(range);
      const place = (value) => clamp(at(value), 0, 1);
      box.place("box", place(low), place(high));
      box.place("median", place(median), place(median));
      const texts = [least, most].map((value) => short(value, 3));
      [range.low, range.high].forEach((end, k) => setText(ends[k], short(end, 3)));
      drawing.setAttribute(
        "aria-label",
        t("{title}, from {least} to {most}", { title, least: texts[0], most: texts[1] }),
      );
      const share = percent(one.zeros);
      setText(zeros, one.zeros ? t("Not drawn: {share} that are exactly 0.", { share }) : "");
    },
  };
}
