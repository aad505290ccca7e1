// Charts: lines over any x, with a mark that moves, and the same numbers as a table.

import { ends, nearest, reach, scale, short, thinned, tickTexts } from "./axes.js";
import { INPUT, KERNEL, OUTPUT } from "./colours.js";
import { make, setText, svg } from "./elements.js";
import { clamp } from "./numbers.js";
import { surface } from "./surface.js";
import { t } from "./texts.js";

// Told apart by colour-blind eyes, and by their dashes where there is no colour.
const COLOURS = [INPUT, "currentColor", OUTPUT, KERNEL, "#CC79A7", "#D55E00"];
const DASHES = ["", "2 4", "9 4", "14 4 2 4", "5 3", "14 4 2 4 2 4"];

// How numbers are written for a screen reader's own arithmetic: never as 1e-12.
const PLAIN = new Intl.NumberFormat("en", { useGrouping: false, maximumFractionDigits: 20 });
const LATER = 500; // ms until the table follows points that are added

// ---------------------------------------------------------------------------- painting

/** Paint on a canvas whose unit is a pixel of the page and whose zero is the plot's corner. */
function painter(context, { x, y, width, height }) {
  const across = (value) => x.at(value) * width;
  const down = (value) => (1 - y.at(value)) * height;

  function dot(left, top, radius) {
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fill();
  }

  /** A number too large for the axis: an arrow at the edge that it lies beyond. */
  function beyond(left, up) {
    const [tip, base] = up ? [0, 8] : [height, height - 8];
    context.beginPath();
    context.moveTo(left, tip);
    context.lineTo(left - 5, base);
    context.lineTo(left + 5, base);
    context.fill();
  }

  /** A line through points; NaN is a gap, an infinity an arrow at the edge. */
  function trace(xs, ys, dash, width) {
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    const alone = []; // points without a neighbour, which a line would not show
    const arrows = [];
    let drawn = 0; // points since the last gap
    let [left, top] = [0, 0];
    const gap = () => {
      if (drawn === 1) alone.push([left, top]);
      drawn = 0;
    };
    for (let k = 0; k < xs.length; k++) {
      const [nextLeft, nextTop] = [across(xs[k]), down(ys[k])];
      if (Number.isFinite(nextLeft) && Number.isFinite(nextTop)) {
        [left, top] = [nextLeft, nextTop];
        if (drawn++) context.lineTo(left, top);
        else context.moveTo(left, top);
      } else {
        gap();
        if (Number.isFinite(nextLeft) && !Number.isNaN(nextTop))
          arrows.push([nextLeft, nextTop < 0]);
      }
    }
    gap();
    context.stroke();
    context.setLineDash([]);
    for (const place of alone) dot(...place, 2);
    for (const arrow of arrows) beyond(...arrow);
  }

  return {
    grid({ xs, ys }, colour) {
      context.strokeStyle = colour;
      context.globalAlpha = 0.4;
      context.lineWidth = 1;
      context.beginPath();
      for (const value of xs) {
        const left = Math.round(across(value)) + 0.5;
        context.moveTo(left, 0);
        context.lineTo(left, height);
      }
      for (const value of ys) {
        const top = Math.round(down(value)) + 0.5;
        context.moveTo(0, top);
        context.lineTo(width, top);
      }
      context.stroke();
      context.globalAlpha = 1;
    },

    line({ xs, ys, each }, colour, dash) {
      context.strokeStyle = context.fillStyle = colour;
      context.globalAlpha = 0.5;
      for (const one of each) trace(xs, one, dash, 1);
      context.globalAlpha = 1;
      trace(xs, ys, dash, 2.5);
    },

    /** Hatched, so that it shows without colour. */
    span({ from, to }, colour) {
      const [left, right] = [across(from), across(to)].map((at) => clamp(at, 0, width));
      context.save();
      context.beginPath();
      context.rect(left, 0, right - left, height);
      context.clip();
      context.globalAlpha = 0.12;
      context.fillStyle = context.strokeStyle = colour;
      context.fill();
      context.globalAlpha = 0.3;
      context.lineWidth = 1;
      context.beginPath();
      for (let start = -height; start < width; start += 8) {
        context.moveTo(start, height);
        context.lineTo(start + height, 0);
      }
      context.stroke();
      context.restore();
    },

    upright(value, colour) {
      context.strokeStyle = colour;
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(across(value), 0);
      context.lineTo(across(value), height);
      context.stroke();
    },

    point({ x: value, y: other }, colour) {
      context.fillStyle = colour;
      const place = [across(value), down(other)];
      if (place.every(Number.isFinite)) dot(...place, 5);
    },
  };
}

// ----------------------------------------------------------------------------- the chart

/**
 * A chart of lines. Both axes are { title, log, low, high, covers, text }: `low` and `high` are
 * ends that stay, else the ends are round numbers around all that is drawn and all that
 * `covers` lists; text(value) is how a value is written. They can be given again with `draw`.
 *
 * draw({ title, series, spans, lines, points, x, y }) draws
 *   series   { name, xs, ys, colour, dash, each }; NaN is a gap, an infinity an arrow at the
 *            edge; `each` are the ys of all lines whose mean, say, the series is: they are thin,
 *            and the table says how far they reach
 *   spans    { from, to, name } along x, shaded
 *   lines    { x, name, colour }, upright
 *   points   { x, y, name, colour }
 * append(k, xs, ys) adds points to the series k, a number or its name; the page is drawn once
 * a frame, however often that comes.
 *
 * mark(x) moves the mark, where the legend says the values; without an x it goes along with
 * the last one. onPick(x) comes with a click, a tap or a key on the plot, and leaves it to its
 * owner to move the mark; without onPick it moves by itself. close() ends what it started.
 */
export function chart({ label, x = {}, y = {}, onPick }) {
  const title = make("figcaption", {});
  const sheet = surface(paint);
  const { canvas, probe } = sheet;
  const marker = make("div", { class: "hc-chart-mark" });
  const pointer = make("div", { class: "hc-chart-pointer", hidden: true });
  const xLabels = make("div", { class: "hc-chart-xs", "aria-hidden": "true" });
  const yLabels = make("div", { class: "hc-chart-ys", "aria-hidden": "true" });
  const [xTitle, yTitle] = ["x", "y"].map((axis) =>
    make("div", { class: `hc-chart-${axis}-title`, "aria-hidden": "true" }),
  );
  const area = make(
    "div",
    {
      class: "hc-chart-area",
      role: "slider",
      tabindex: "0",
      "aria-label": label,
      "aria-orientation": "horizontal",
    },
    canvas,
    pointer,
    marker,
    probe,
  );
  const legend = make("div", { class: "hc-legend" });
  const table = make("table", { class: "hc-chart-table" });
  const tableNote = make("p", { class: "hc-note hc-keys", hidden: true });
  const details = make(
    "details",
    { ontoggle: () => writeTable() },
    make("summary", {}, t("The curves in numbers")),
    tableNote,
    make(
      "div",
      { class: "hc-scroll", tabindex: "0", role: "group", "aria-label": label },
      table,
    ),
  );
  const element = make(
    "figure",
    { class: "hc-chart" },
    title,
    make("div", { class: "hc-chart-plot" }, yTitle, yLabels, area, xLabels, xTitle),
    legend,
    details,
  );

  const axes = { x: { ...x }, y: { ...y } };
  let shown = { series: [], spans: [], lines: [], points: [] };
  let reaches = { x: reach(false), y: reach(false) };
  let scales = { x: scale({ low: 0, high: 1 }), y: scale({ low: 0, high: 1 }) };
  let marked; // undefined: the last x
  let pointed; // what the pointer is over
  let entries = { lead: make("b", {}), values: [] }; // where the legend writes
  const labelled = {}; // what stands along the axes
  let stops; // every x at which something is drawn, in order
  let late = 0; // the table that will be written

  const textOf = (axis, value) => (axes[axis].text ?? short)(value);
  const nameOfX = () => axes.x.title || "x";

  // ------------------------------------------------------------------------------ what is where
  function allStops() {
    if (!stops) {
      const drawable = (value) => Number.isFinite(scales.x.at(value));
      const all = new Set(shown.series.flatMap(({ xs }) => xs.filter(drawable)));
      stops = Float64Array.from(all).sort();
    }
    return stops;
  }

  /** Where the mark stands, and the x whose values the legend says. */
  const markedNow = () => marked ?? reaches.x.last;
  const here = () => pointed ?? markedNow();

  function valueAt({ xs, ys }, value) {
    const k = nearest(xs, value);
    return xs[k] === value ? ys[k] : undefined;
  }

  const written = (one, value) => {
    const found = valueAt(one, value);
    return found === undefined ? "–" : textOf("y", found);
  };

  function fit() {
    for (const axis of ["x", "y"])
      scales[axis] = scale(ends(reaches[axis], axes[axis]));
  }

  // ---------------------------------------------------------------------------------- words
  function sample(colour, dash) {
    const drawing = svg("svg", { width: 32, height: 8, "aria-hidden": "true" });
    drawing.style.color = colour;
    const attributes = { "stroke-dasharray": dash, class: "hc-chart-line" };
    drawing.append(svg("line", { x1: 0, x2: 32, y1: 4, y2: 4, ...attributes }));
    return drawing;
  }

  /** What a shaded span, a line or a point looks like, beside its name. */
  const emblem = (kind, colour = "currentColor") => {
    const drawing = make("span", { class: `hc-chart-${kind}-sample`, "aria-hidden": "true" });
    drawing.style.color = colour;
    return drawing;
  };

  function writeLegend() {
    const lead = make("b", {});
    const values = shown.series.map(() => make("b", {}));
    const series = shown.series.map((one, k) => {
      one.sample = sample(one.colour, one.dash);
      return make("span", { class: "hc-legend-entry" }, one.sample, `${one.name} `, values[k]);
    });
    const others = new Map(); // one entry a name, however often it is drawn
    for (const kind of ["spans", "lines", "points"])
      for (const one of shown[kind]) {
        one.sample = others.get(one.name)?.firstChild ?? emblem(kind, one.colour);
        if (others.has(one.name)) continue;
        others.set(one.name, make("span", { class: "hc-legend-note" }, one.sample, one.name ?? ""));
      }
    const at = make("span", { class: "hc-legend-x" }, `${nameOfX()} `, lead);
    legend.replaceChildren(at, ...series, ...others.values());
    entries = { lead, values };
  }

  /** As many ticks as there is room for, and their texts. */
  function ticksOf(axis, letter) {
    const room = axis === "x" ? sheet.size.width : sheet.size.height;
    for (let count = 10; ; count--) {
      const values = scales[axis].ticks(count);
      const texts = axes[axis].text ? values.map(axes[axis].text) : tickTexts(values);
      const longest = Math.max(...texts.map(({ length }) => length));
      const each = axis === "x" ? longest * 0.55 + 1.5 : 1.8;
      if (texts.length * each * letter <= room || count === 1) return { values, texts };
    }
  }

  function writeLabels() {
    const letter = parseFloat(getComputedStyle(element).fontSize);
    const found = {};
    for (const [axis, place] of [
      ["x", xLabels],
      ["y", yLabels],
    ]) {
      const { values, texts } = ticksOf(axis, letter);
      found[axis] = values;
      const now = JSON.stringify([scales[axis], texts]);
      if (labelled[axis] === now) continue;
      labelled[axis] = now;
      const labels = values.map((value, k) => {
        const share = scales[axis].at(value);
        const span = make("span", {}, texts[k]);
        if (axis === "y") span.style.top = `${100 * (1 - share)}%`;
        else span.style.left = `${100 * share}%`;
        // A long one at the right edge would stick out.
        if (axis === "x" && share > 0.85 && texts[k].length > 7)
          span.classList.add("hc-chart-ends");
        return span;
      });
      place.replaceChildren(...labels);
    }
    return found;
  }

  function writeTable() {
    clearTimeout(late);
    late = 0;
    table.replaceChildren();
    if (!details.open) return;
    const all = allStops();
    const rows = thinned(all.length);
    tableNote.hidden = rows.length === all.length;
    tableNote.textContent = tableNote.hidden
      ? ""
      : t("{shown} of {all} points, evenly picked, and the last.", {
          shown: rows.length,
          all: all.length,
        });
    const head = make("tr", {}, make("th", { scope: "col" }, nameOfX()));
    for (const { name } of shown.series) head.append(make("th", { scope: "col" }, name));
    const body = make("tbody", {});
    const lookUp = shown.series.map(({ xs }) => new Map(xs.map((n, k) => [n, k])));
    for (const k of rows) {
      const row = make("tr", {}, make("th", { scope: "row" }, textOf("x", all[k])));
      row.dataset.x = all[k];
      shown.series.forEach((one, column) => {
        const at = lookUp[column].get(all[k]);
        row.append(make("td", {}, at === undefined ? "–" : withReach(one, at)));
      });
      body.append(row);
    }
    table.append(make("thead", {}, head), body);
    showInTable();
  }

  /** A value, and in brackets the least and the largest of the lines that it is the mean of. */
  function withReach({ ys, each }, k) {
    const value = textOf("y", ys[k]);
    const values = each.map((one) => one[k]);
    if (values.length < 2 || !values.every(Number.isFinite)) return value;
    const [least, most] = [Math.min(...values), Math.max(...values)].map((n) => textOf("y", n));
    return t("{value} ({least} to {most})", { value, least, most });
  }

  function showInTable() {
    const at = String(here());
    for (const row of table.rows) row.classList.toggle("hc-is-current", row.dataset.x === at);
  }

  function showMark() {
    const at = here();
    const place = (one, value) => {
      const share = scales.x.at(value);
      one.hidden = !(share >= -1e-9 && share <= 1 + 1e-9);
      one.style.left = `${100 * share}%`;
    };
    place(marker, markedNow());
    if (pointed === undefined) pointer.hidden ||= true; // not again: that would touch the page
    else place(pointer, pointed);
    setText(entries.lead, Number.isFinite(at) ? textOf("x", at) : "");
    shown.series.forEach((one, k) => setText(entries.values[k], written(one, at)));
  }

  /** What a screen reader says of the mark. */
  function tell() {
    const at = markedNow();
    area.setAttribute("aria-label", shown.title ? `${label}. ${shown.title}` : label);
    for (const [name, value] of [
      ["min", reaches.x.low],
      ["max", reaches.x.high],
      ["now", at],
    ])
      area.setAttribute(`aria-value${name}`, PLAIN.format(Number.isFinite(value) ? value : 0));
    if (!Number.isFinite(at)) {
      area.setAttribute("aria-valuetext", t("nothing drawn yet"));
      return;
    }
    const said = shown.series.map((one) => `${one.name} ${written(one, at)}`);
    for (const { from, to, name } of shown.spans)
      if (name && at >= from && at <= to && !said.includes(name)) said.push(name);
    area.setAttribute(
      "aria-valuetext",
      t("{name} {x}: {values}", { name: nameOfX(), x: textOf("x", at), values: said.join(", ") }),
    );
  }

  // -------------------------------------------------------------------------------- pictures
  function paint(context, { width, height }) {
    fit();
    if (!width || !height) return; // not on the page
    const at = writeLabels();
    showMark();
    const colourOf = (one) => getComputedStyle(one).color;
    const brush = painter(context, { ...scales, width, height });
    for (const one of shown.spans) brush.span(one, colourOf(one.sample));
    brush.grid({ xs: at.x, ys: at.y }, colourOf(probe));
    for (const one of shown.lines) brush.upright(one.x, colourOf(one.sample));
    for (const one of shown.series) brush.line(one, colourOf(one.sample), one.strokes);
    for (const one of shown.points) brush.point(one, colourOf(one.sample));
  }

  // -------------------------------------------------------------------------------- commands
  function draw(next) {
    Object.assign(axes.x, next.x);
    Object.assign(axes.y, next.y);
    shown = {
      title: next.title ?? "",
      series: next.series.map(({ xs, ys, name, colour, dash, each = [] }, k) => {
        const strokes = dash ?? DASHES[k % DASHES.length];
        return {
          name,
          xs: Array.from(xs),
          ys: Array.from(ys),
          each: each.map((one) => Array.from(one)),
          colour: colour ?? COLOURS[k % COLOURS.length],
          dash: strokes,
          strokes: strokes.split(/[\s,]+/).filter(Boolean).map(Number),
        };
      }),
    };
    for (const kind of ["spans", "lines", "points"])
      shown[kind] = (next[kind] ?? []).map((one) => ({ ...one }));
    reaches = { x: reach(axes.x.log), y: reach(axes.y.log) };
    for (const axis of ["x", "y"]) reaches[axis].take(axes[axis].covers ?? []);
    reaches.x.last = -Infinity;
    for (const { xs, ys, each } of shown.series) for (const one of [ys, ...each]) extend(xs, one);
    for (const one of shown.points) for (const axis of ["x", "y"]) reaches[axis].take([one[axis]]);
    pointed = undefined;
    stops = undefined;
    title.textContent = shown.title;
    title.hidden = !shown.title;
    for (const [axis, place] of [
      ["x", xTitle],
      ["y", yTitle],
    ]) {
      place.textContent = axes[axis].title ?? "";
      place.hidden = !axes[axis].title;
    }
    fit();
    writeLegend();
    writeTable();
    showMark();
    tell();
    sheet.later();
  }

  /** Let the axes reach the points from one on; the last x goes along with them. */
  function extend(xs, ys, from = 0) {
    reaches.x.take(xs, from);
    reaches.y.take(ys, from);
    for (let k = from; k < xs.length; k++)
      if (Number.isFinite(xs[k]) && xs[k] > reaches.x.last) reaches.x.last = xs[k];
  }

  function append(which, xs, ys) {
    const one =
      typeof which === "number"
        ? shown.series[which]
        : shown.series.find(({ name }) => name === which);
    const from = one.xs.length;
    for (let k = 0; k < xs.length; k++) {
      one.xs.push(xs[k]);
      one.ys.push(ys[k]);
    }
    extend(one.xs, one.ys, from);
    stops = undefined;
    if (details.open && !late) late = setTimeout(writeTable, LATER);
    sheet.later();
  }

  function mark(value) {
    marked = value;
    showMark();
    showInTable();
    tell();
  }

  // ------------------------------------------------------------------------- pointer and keys
  const pick = (value) => (onPick ? onPick(value) : mark(value));

  function stopUnder({ clientX }) {
    const box = area.getBoundingClientRect();
    const share = clamp((clientX - box.left) / box.width, 0, 1);
    const all = allStops();
    // On a logarithmic axis what is near to the eye counts, not what is near in number.
    return all[nearest(all.map(scales.x.at), share)];
  }

  function point(event) {
    pointed = stopUnder(event);
    showMark();
  }

  function leave() {
    pointed = undefined;
    showMark();
  }

  area.addEventListener("pointermove", point);
  area.addEventListener("pointerdown", point);
  area.addEventListener("pointerleave", leave);
  area.addEventListener("pointercancel", leave);
  area.addEventListener("click", (event) => {
    const value = stopUnder(event);
    if (value !== undefined) pick(value);
  });

  /** Which stop a key leads to, from the one that stands at `k`. */
  function stopOfKey(key, k, count) {
    const page = Math.max(1, Math.round(count / 10));
    const to = {
      ArrowLeft: k - 1,
      ArrowDown: k - 1,
      ArrowRight: k + 1,
      ArrowUp: k + 1,
      PageDown: k - page,
      PageUp: k + page,
      Home: 0,
      End: count - 1,
    }[key];
    return to === undefined ? undefined : clamp(to, 0, count - 1);
  }

  area.addEventListener("focus", tell);
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = allStops();
    const to = stopOfKey(event.key, nearest(all, markedNow()), all.length);
    if (to === undefined) return;
    event.preventDefault();
    pointed = undefined;
    if (all.length) pick(all[to]);
  });

  return {
    element,
    draw,
    append,
    mark,
    close() {
      sheet.close();
      clearTimeout(late);
    },
  };
}
