// ShiftTest: move a picture by pixels and measure how much every map of it changes.

import { chart } from "../parts/chart.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { bound, button, checkbox, menu, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, clamp, counted, format, square } from "../parts/numbers.js";
import { array, conv2d, pad2d, pool2d, relu } from "../parts/ops.js";
import { pictureChooser } from "../parts/photos.js";
import { picture } from "../parts/pictures.js";
import { arrowKeys, dragging, IDLE } from "../parts/pointing.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { listed, tuple } from "../parts/saving.js";
import { each, getArray, listen, photoMessage, share, toMessage } from "../parts/state.js";
import { explorerKeys, keysLine, movingKeys, player, playerLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tileRow } from "../parts/tiles.js";

const SECOND = 2; // the window of the second pooling
const REDUCTIONS = { max: "maximum", mean: "mean" };
const UNLIKE = 150; // per cent: the curve's axis goes there, whatever the change
const DISPLAYS = {
  maps: "the maps",
  differences: "what changed (blue − · white 0 · red +)",
};

// ----------------------------------------------------------------------------- arithmetic

/** A map moved down and to the right, zeros where nothing comes in. */
export function moved(x, [down, right]) {
  const [rows, columns] = x.shape;
  const out = array(x.shape);
  for (let i = Math.max(down, 0); i < rows + Math.min(down, 0); i++)
    for (let j = Math.max(right, 0); j < columns + Math.min(right, 0); j++)
      out.data[i * columns + j] = x.data[(i - down) * columns + j - right];
  return out;
}

/** ‖before − now‖ / ‖before‖ in per cent, NaN where before is all 0. */
export function relativeChange(before, now) {
  let [difference, strength] = [0, 0];
  for (let k = 0; k < before.data.length; k++) {
    difference += (before.data[k] - now.data[k]) ** 2;
    strength += before.data[k] ** 2;
  }
  return strength ? 100 * Math.sqrt(difference / strength) : NaN;
}

/** Whole cells of a map that are nearest to a shift in pixels; halves go towards 0. */
export const wholeCells = (shift, stride) =>
  shift.map(
    (n) => Math.sign(n) * Math.floor((2 * Math.abs(n) + stride - 1) / (2 * stride)),
  );

/** The maps that a feature map is pooled to. */
export function poolings(feature, { size, reduce, twice }) {
  const pooled = pool2d(feature, size, { reduce });
  return twice ? { pooled, twice: pool2d(pooled, SECOND, { reduce }) } : { pooled };
}

/** Every map of a picture moved by (rows, columns). */
export function stagesOf(field, kernel, shift, settings) {
  const input = moved(field, shift);
  const feature = relu(conv2d(input, kernel, { padding: "same" }));
  return { input, feature, ...poolings(feature, settings) };
}

/** Pixels of the input from one cell of a map to the next. */
const stridesOf = ({ size }) => ({ input: 1, feature: 1, pooled: size, twice: SECOND * size });

/** How far each map moved in whole cells, its change in place, and moved back by them. */
export function changes(still, maps, shift, settings) {
  const strides = stridesOf(settings);
  const measure = ([name, map]) => {
    const cells = wholeCells(shift, strides[name]);
    const inPlace = relativeChange(still[name], map);
    const back = relativeChange(moved(still[name], cells), map);
    return [name, { cells, inPlace, back }];
  };
  return Object.fromEntries(Object.entries(maps).map(measure));
}

// ------------------------------------------------------------------------------ sentences

/** Rounding alone changes sums in another order by less than this, in per cent. */
const HAIR = 1e-9;

export function percent(value) {
  if (Number.isNaN(value)) return t("nothing"); // 0 / 0: all is black, before and after
  return `${format(value < HAIR ? 0 : value, 3)}\u00a0%`;
}

/** "2 rows down, 1 column left" */
export function direction([down, right]) {
  const rows = counted(Math.abs(down), "row");
  const columns = counted(Math.abs(right), "column");
  const parts = [
    down && (down > 0 ? t("{rows} down", { rows }) : t("{rows} up", { rows })),
    right && (right > 0 ? t("{columns} right", { columns }) : t("{columns} left", { columns })),
  ].filter(Boolean);
  return parts.join(", ") || t("nowhere");
}

/** "2 cells" along one axis, "1 and 2 cells" down and across. */
export function cellsInWords(cells, unit) {
  const [down, right] = cells.map(Math.abs);
  if (down && right) return t("{down} and {cells}", { down, cells: counted(right, unit) });
  return counted(down || right, unit);
}

/** What is left of a change where the map is moved back. */
export function backInWords({ cells, back }, stride) {
  if (!cells.some(Boolean)) return "";
  const unit = stride === 1 ? "pixel" : "cell";
  return t("Moved back by {cells}: {percent} changed.", {
    cells: cellsInWords(cells, unit),
    percent: percent(back),
  });
}

/** What the shift did to the pooled map. */
export function verdict(shift, { feature, pooled }, size) {
  if (!shift.some(Boolean))
    return t(
      "Not moved yet: every map is as it was. Drag the picture, press an arrow key on it, " +
        "or move a slider.",
    );
  const start = t("Moved {direction}.", { direction: direction(shift) });
  if (Number.isNaN(pooled.inPlace)) return `${start} ${t("The unmoved pooled map is all 0.")}`;
  if (pooled.inPlace < HAIR) return `${start} ${t("The pooled map is the same as before.")}`;
  const cells = cellsInWords(pooled.cells, "cell");
  if (shift.every((n) => n % size === 0) && pooled.back < HAIR) {
    const along = t(
      "That is a whole number of windows of {window}: the pooled map moved along by exactly " +
        "{cells}, and its numbers are the same (equivariance).",
      { window: square(size), cells },
    );
    return `${start} ${along}`;
  }
  const [from, to] = [feature.inPlace, pooled.inPlace].map(percent);
  const effect =
    from === to
      ? t("Pooling left the change at {to}", { to })
      : pooled.inPlace < feature.inPlace
        ? t("Pooling made the change smaller, from {from} to {to}, but did not undo it", {
            from,
            to,
          })
        : t("Pooling made the change larger, from {from} to {to}", { from, to });
  if (!pooled.cells.some(Boolean)) return `${start} ${effect}.`;
  const left = t("moved back by {cells}, {percent} is left", {
    cells,
    percent: percent(pooled.back),
  });
  return `${start} ${effect}; ${left}.`;
}

/** The change of one number, of the whole feature map. */
export function globalChange(still, now, reduce) {
  const [before, after] = [still, now].map((x) => pool2d(x, x.shape, { reduce }));
  return t(
    "Pooled over the whole feature map (global {reduce}): {before} before, {after} now: " +
      "{percent} changed.",
    {
      reduce: t(reduce),
      before: format(before.data[0]),
      after: format(after.data[0]),
      percent: percent(relativeChange(before, after)),
    },
  );
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const { margin, farthest, window: largest } = model.get("_limits");
  const presets = presetsOf(model);
  let image;
  let kernel;
  let field; // the picture in its margin
  let still; // every map of the picture that has not moved
  let shown = model.get("shift");
  let along = shown[0] && !shown[1] ? 0 : 1; // the axis of the curve: the one moved last
  let drawn; // what the curve shows, so that it is drawn anew only where that changes

  const settings = () =>
    Object.fromEntries(["size", "reduce", "twice"].map((name) => [name, model.get(name)]));

  // ------------------------------------------------------------------------------ controls
  const voice = spoken();
  const pictures = pictureChooser({
    model,
    label: t("Picture"),
    pictures: model.get("_pictures"),
    named: "subject",
    onChoose: (next, subject) => share(model, { image: photoMessage(next), subject }),
  });
  const kernels = presetMenu({
    label: t("Kernel"),
    presets,
    settingsOf: ({ array: weights }) => ({ kernel: weights }),
    onChoose: (chosen) => share(model, { kernel: toMessage(chosen.kernel) }),
  });
  const entries = (texts) => Object.entries(texts).map(([name, text]) => [name, t(text)]);
  const controls = {
    reduce: bound(model, "reduce", menu, { label: t("Pool by"), options: entries(REDUCTIONS) }),
    size: bound(model, "size", slider, {
      label: t("Window"),
      min: 1,
      max: largest,
      show: square,
    }),
    twice: bound(model, "twice", checkbox, {
      label: t("pool again, {window}", { window: square(SECOND) }),
    }),
    display: bound(model, "display", menu, { label: t("Show"), options: entries(DISPLAYS) }),
  };
  const sliders = [t("Rows down"), t("Columns right")].map((label, axis) =>
    slider({
      label,
      min: -farthest,
      max: farthest,
      show: (n) => t("{n} px", { n: format(n) }),
      onInput: (pixels) => move(model.get("shift").with(axis, pixels)),
    }),
  );
  const playing = player({ onTick: glide });

  // ------------------------------------------------------------------------------ pictures
  let grabbed; // where the pointer took hold of the picture, and its shift then
  const hold = dragging({
    onGrab(place) {
      playing.stop();
      grabbed = { place, shift: model.get("shift") };
    },
    onDrag: (place) =>
      move(place.map((n, axis) => grabbed.shift[axis] + n - grabbed.place[axis])),
  });
  const views = {
    input: mapView(INPUT, hold.pointing),
    feature: mapView("var(--line)"),
    pooled: mapView(OUTPUT),
    twice: mapView(OUTPUT),
  };
  hold.watch(views.input.view.canvas);
  arrowKeys(views.input.view.canvas, moveBy);
  const [verdictLine, globalLine] = [line("st-verdict"), line("st-global")];
  const curve = chart({
    label: t("Change in per cent against shift in pixels"),
    x: { title: t("shift"), low: -farthest, high: farthest },
    y: { text: percent, covers: [0, UNLIKE] },
    onPick: (pixels) => move(model.get("shift").with(along, pixels)),
  });

  /** A map, and below it how much it changed in place and moved back. */
  function mapView(role, pointing = IDLE) {
    const view = picture({ caption: "", role, ...pointing });
    if (pointing === IDLE) view.element.querySelector(".hc-frame").hidden = true;
    const changed = make("b", { class: "st-number" });
    const left = line("st-left");
    view.element.append(make("p", { class: "hc-note" }, changed, t(" changed")), left);
    return { view, changed, left };
  }

  const explanation = line("hc-keys");
  explanation.textContent = t(
    "Changed: the length of the difference to the unmoved map, as a share of the unmoved " +
      "map’s own length (square root of the sum of squares). 0\u00a0% is the same map; two " +
      "equally strong maps that share no cell differ by 141\u00a0%.",
  );
  const frame = layout("ShiftTest", {
    head: [...pictures.elements, kernels.element],
    scene: [tileRow(Object.values(views).map(({ view }) => view))],
    strip: [verdictLine, globalLine],
    player: [
      playerLine(
        playing.element,
        button(t("Back to 0, 0"), () => move([0, 0])),
        ...sliders.map((control) => control.element),
        playing.speed,
      ),
      keysLine(t("Keys: arrows move the picture, space plays.")),
      curve.element,
    ],
    settings: [
      group(t("Pooling"), controls.reduce.element, controls.size.element, controls.twice.element),
      group(t("What is shown"), controls.display.element),
    ],
    foot: [explanation, voice.element],
    python,
  });
  explorerKeys(frame.root, {
    ...movingKeys(moveBy),
    " ": playing.toggle,
    Escape: playing.stop,
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  /** One pixel on along the axis that was moved last; after the last comes the first. */
  function glide() {
    const shift = model.get("shift");
    const next = shift[along] < farthest ? shift[along] + 1 : -farthest;
    share(model, { shift: shift.with(along, next) });
  }

  function move(next) {
    playing.stop();
    share(model, { shift: next.map((n) => clamp(n, -farthest, farthest)) });
  }

  function moveBy(step) {
    move(model.get("shift").map((n, axis) => n + step[axis]));
  }

  function python() {
    const preset = presets.find(({ array: weights }) => alike(weights, kernel));
    return pictures.call("picture", {
      ...settings(),
      kernel: preset?.name ?? listed(kernel),
      shift: tuple(...model.get("shift")),
      display: model.get("display"),
    });
  }

  // ------------------------------------------------------------------------------- drawing
  /** Settings other than the shift are new; the controls say what they are. */
  function showAll() {
    image = getArray(model, "image");
    kernel = getArray(model, "kernel");
    for (const control of Object.values(controls)) control.follow();
    pictures.follow();
    kernels.show({ kernel });
    field = pad2d(image, [[margin, margin], [margin, margin]]);
    still = stagesOf(field, kernel, [0, 0], settings());
    drawn = undefined;
    show();
  }

  function show() {
    const shift = model.get("shift");
    const maps = stagesOf(field, kernel, shift, settings());
    const measured = changes(still, maps, shift, settings());
    const strides = stridesOf(settings());
    sliders.forEach((control, axis) => (control.value = shift[axis]));
    for (const [name, { view, changed, left }] of Object.entries(views)) {
      view.element.hidden = !maps[name];
      if (!maps[name]) continue;
      changed.textContent = percent(measured[name].inPlace);
      left.textContent = backInWords(measured[name], strides[name]);
      paint(name, maps[name]);
    }
    showCaptions(maps, shift);
    verdictLine.textContent = verdict(shift, measured, model.get("size"));
    globalLine.textContent = globalChange(still.feature, maps.feature, model.get("reduce"));
    voice.say(verdictLine.textContent);
    drawCurve(shift);
  }

  function paint(name, map) {
    const most = still[name].data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const { view } = views[name];
    if (model.get("display") === "maps") {
      view.paint(map, { low: 0, high: most });
      return;
    }
    const data = map.data.map((value, k) => value - still[name].data[k]);
    view.paint(array(map.shape, data), { signed: most });
  }

  function showCaptions(maps, shift) {
    const reduce = t(model.get("reduce"));
    const what = {
      input: t("Input: {name}", { name: pictures.text }),
      feature: t("Feature map: {kernel}, ReLU", { kernel: kernels.text }),
      pooled: t("Pooled: {reduce} of {window}", { reduce, window: square(model.get("size")) }),
      twice: t("Pooled again: {reduce} of {window}", { reduce, window: square(SECOND) }),
    };
    const differences = model.get("display") === "differences";
    for (const [name, { shape: [rows, columns] }] of Object.entries(maps)) {
      const { view, changed } = views[name];
      const told = {
        what: what[name],
        rows,
        columns,
        direction: direction(shift),
        percent: changed.textContent,
      };
      const said = differences
        ? t(
            "{what}, {rows} × {columns}, moved {direction}: difference to the unmoved map, " +
              "{percent} changed",
            told,
          )
        : t("{what}, {rows} × {columns}, moved {direction}: {percent} changed", told);
      view.caption(what[name]);
      view.describe(name === "input" ? `${said}. ${t("Arrow keys move the picture.")}` : said);
    }
    views.input.view.frame(margin, margin, ...image.shape); // where it stood
  }

  /**
   * The maps for the curve, without a convolution: the margin is so wide that no kernel
   * reaches its rim, so the feature map of the moved picture is the feature map, moved.
   */
  function mapsForCurve(shift) {
    const feature = moved(still.feature, shift);
    return { input: moved(field, shift), feature, ...poolings(feature, settings()) };
  }

  function drawCurve(shift) {
    const across = 1 - along;
    const key = `${along} ${shift[across]}`;
    if (drawn !== key) {
      drawn = key;
      const pixels = Array.from({ length: 2 * farthest + 1 }, (_, k) => k - farthest);
      const maps = pixels.map((n) => mapsForCurve(shift.with(along, n)));
      const series = (name, told) => ({
        xs: pixels,
        ys: maps.map((map) => relativeChange(still[name], map[name])),
        ...told,
      });
      const again = { name: t("pooled again"), colour: "currentColor", dash: "14 4 2 4" };
      curve.draw({
        title: curveTitle(shift[across]),
        series: [
          series("input", { name: t("input"), colour: INPUT }),
          series("feature", { name: t("feature map"), dash: "2 4" }),
          series("pooled", { name: t("pooled"), colour: OUTPUT, dash: "9 4" }),
          ...(maps[0].twice ? [series("twice", again)] : []),
        ],
      });
    }
    curve.mark(shift[along]);
  }

  function curveTitle(other) {
    const title =
      along === 0
        ? t("Change against shift: rows moved by −{n} … {n}", { n: farthest })
        : t("Change against shift: columns moved by −{n} … {n}", { n: farthest });
    if (!other) return title;
    const held =
      along === 0
        ? t("(columns moved by {n})", { n: format(other) })
        : t("(rows moved by {n})", { n: format(other) });
    return `${title} ${held}`;
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, {
    ...each(["image", "subject", "kernel", "size", "reduce", "twice"], showAll),
    display: () => {
      controls.display.follow();
      show();
    },
    shift: () => {
      const next = model.get("shift");
      const [row, column] = next.map((n, axis) => n !== shown[axis]);
      if (row !== column) along = row ? 0 : 1;
      shown = next;
      show();
    },
  });

  showAll();

  return () => {
    stopListening();
    playing.stop();
    voice.stop();
    curve.close();
    frame.close();
  };
}
