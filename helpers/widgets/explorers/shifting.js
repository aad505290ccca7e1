// ShiftTest: move a picture by pixels and measure how much every map of it changes.

import {
  button,
  checkbox,
  counted,
  each,
  explorer,
  format,
  fromMessage,
  getArray,
  listen,
  make,
  menu,
  photoMessage,
  picture,
  same,
  share,
  slider,
  spoken,
  square,
  toMessage,
} from "../parts/base.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { lineChart } from "../parts/curves.js";
import { array, conv2d, pad2d, pool2d, relu } from "../parts/ops.js";
import { arrowKeys, dragging, IDLE } from "../parts/pointing.js";
import { explorerKeys, movingKeys, player } from "../parts/stepper.js";

const OWN = "own";
const CUSTOM = "custom";
const SECOND = 2; // the window of the second pooling
const AXES = ["rows", "columns"];

/** A map moved down and to the right, zeros where nothing comes in. */
function moved(x, [down, right]) {
  const [rows, columns] = x.shape;
  const out = array(x.shape);
  for (let i = Math.max(down, 0); i < rows + Math.min(down, 0); i++)
    for (let j = Math.max(right, 0); j < columns + Math.min(right, 0); j++)
      out.data[i * columns + j] = x.data[(i - down) * columns + j - right];
  return out;
}

/** ‖before − now‖ / ‖before‖ in per cent, NaN where before is all 0. */
function relativeChange(before, now) {
  let [difference, strength] = [0, 0];
  for (let k = 0; k < before.data.length; k++) {
    difference += (before.data[k] - now.data[k]) ** 2;
    strength += before.data[k] ** 2;
  }
  return strength ? 100 * Math.sqrt(difference / strength) : NaN;
}

/** Rounding alone changes sums in another order by less than this, in per cent. */
const HAIR = 1e-9;

function percent(value) {
  if (Number.isNaN(value)) return "no change to measure (all 0)";
  return `${format(value < HAIR ? 0 : value, 3)}\u00a0%`;
}

/** The number of cells nearest to a shift, halves towards 0. */
const wholeCells = (shift, stride) =>
  shift.map(
    (n) => Math.sign(n) * Math.floor((2 * Math.abs(n) + stride - 1) / (2 * stride)),
  );

function direction([down, right]) {
  const parts = [
    down && `${counted(Math.abs(down), "row")} ${down > 0 ? "down" : "up"}`,
    right && `${counted(Math.abs(right), "column")} ${right > 0 ? "right" : "left"}`,
  ].filter(Boolean);
  return parts.join(", ") || "nowhere";
}

/** "2 cells" along one axis, "1 and 2 cells" down and across. */
function cellsInWords(cells, unit) {
  const [down, right] = cells.map(Math.abs);
  if (down && right) return `${down} and ${right} ${unit}s`;
  return counted(down || right, unit);
}

export default function render({ model, el }) {
  const { margin, farthest, window: largest } = model.get("_limits");
  const pictures = model.get("_pictures");
  const presets = Object.entries(model.get("_presets")).map(([name, message]) => [
    name,
    fromMessage(message),
  ]);
  let image = getArray(model, "image");
  let kernel = getArray(model, "kernel");
  let own; // the last picture that was not one of ours
  let field; // the picture in its margin
  let still; // every stage of the picture that has not moved
  let along = 1; // the axis of the curve: the one that was moved last
  let drawn; // what the curve shows, so that it is drawn anew only where that changes

  // ------------------------------------------------------------------------------ controls
  const pictureMenu = menu({
    label: "Picture",
    options: [...Object.keys(pictures), OWN].map((name) => [
      name,
      name === OWN ? "your own" : name,
    ]),
    value: model.get("subject"),
    onChange: chooseSubject,
  });
  const kernelMenu = menu({
    label: "Kernel",
    options: [...presets.map(([name]) => name), CUSTOM].map((name) => [
      name,
      name.replaceAll("_", " "),
    ]),
    onChange: (name) => {
      const preset = presets.find(([other]) => other === name);
      if (preset) setKernel(preset[1]);
      else showKernel();
    },
  });
  const reduceMenu = menu({
    label: "Pool by",
    options: [
      ["max", "maximum"],
      ["mean", "mean"],
    ],
    value: model.get("reduce"),
    onChange: (reduce) => share(model, { reduce }),
  });
  const sizeSlider = slider({
    label: "Window",
    min: 1,
    max: largest,
    value: model.get("size"),
    show: square,
    onInput: (size) => share(model, { size }),
  });
  const twiceBox = checkbox({
    label: `pool again, ${square(SECOND)}`,
    value: model.get("twice"),
    onChange: (twice) => share(model, { twice }),
  });
  const displayMenu = menu({
    label: "Show",
    options: [
      ["maps", "the maps"],
      ["differences", "what changed (blue − · white 0 · red +)"],
    ],
    value: model.get("display"),
    onChange: (display) => share(model, { display }),
  });
  const sliders = ["Rows down", "Columns right"].map((label, axis) =>
    slider({
      label,
      min: -farthest,
      max: farthest,
      value: 0,
      show: (n) => `${n < 0 ? "−" : ""}${Math.abs(n)} px`,
      onInput: (pixels) => move(model.get("shift").with(axis, pixels)),
    }),
  );
  const voice = spoken();
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
  const input = stage("Input", INPUT, hold.pointing);
  hold.watch(input.view.canvas);
  arrowKeys(input.view.canvas, moveBy);
  const views = {
    input,
    feature: stage("Feature map", "var(--line)"),
    pooled: stage("Pooled", OUTPUT),
    twice: stage("Pooled again", OUTPUT),
  };
  const globally = make("p", { class: "hc-note" });
  const verdict = make("p", { class: "hc-note" });
  const curve = lineChart({
    label: "Change in per cent against shift in pixels",
    onPick: (pixels) => move(model.get("shift").with(along, pixels)),
  });

  /** A map, and below it how much it changed in place and moved back. */
  function stage(caption, role, pointing = IDLE) {
    const view = picture({ caption, role, ...pointing });
    if (pointing === IDLE) view.element.querySelector(".hc-frame").hidden = true;
    const changed = make("b", { class: "hc-large-number" });
    const left = make("p", { class: "hc-note" });
    view.element.append(make("p", { class: "hc-note" }, changed, " changed"), left);
    return { view, changed, left };
  }

  const root = explorer(
    "ShiftTest",
    make(
      "div",
      { class: "hc-bar" },
      pictureMenu.element,
      kernelMenu.element,
      reduceMenu.element,
      sizeSlider.element,
      twiceBox.element,
      displayMenu.element,
    ),
    make(
      "div",
      { class: "hc-bar hc-shift-move" },
      sliders[0].element,
      sliders[1].element,
      button("Back to 0, 0", () => move([0, 0])),
      playing.element,
      playing.speed,
    ),
    make("p", { class: "hc-note hc-keys" }, "Keys: arrows move the picture, space plays."),
    make(
      "div",
      { class: "hc-row hc-shift-maps" },
      ...Object.values(views).map(({ view }) => view.element),
    ),
    verdict,
    globally,
    curve.element,
    make(
      "p",
      { class: "hc-note hc-keys" },
      "Changed: the length of the difference to the unmoved map, as a share of the unmoved " +
        "map’s own length (square root of the sum of squares). 0\u00a0% is the same map; two " +
        "equally strong maps that share no cell differ by 141\u00a0%.",
    ),
    voice.element,
  );
  explorerKeys(root, { ...movingKeys(moveBy), " ": playing.toggle, Escape: playing.stop });
  el.append(root);

  // --------------------------------------------------------------------------------- state
  /** One pixel on along the axis that was moved last; after the last comes the first. */
  function glide() {
    const shift = model.get("shift");
    const next = shift[along] < farthest ? shift[along] + 1 : -farthest;
    share(model, { shift: shift.with(along, next) });
  }

  function chooseSubject(subject) {
    const next = subject === OWN ? own : fromMessage(pictures[subject]);
    share(model, { image: photoMessage(next), subject });
  }

  const setKernel = (next) => share(model, { kernel: toMessage(next) });

  function move(next) {
    playing.stop();
    const shift = next.map((n) => Math.min(Math.max(n, -farthest), farthest));
    share(model, { shift });
  }

  function moveBy(step) {
    move(model.get("shift").map((n, axis) => n + step[axis]));
  }

  // ----------------------------------------------------------------------------- arithmetic
  /** Every map of the picture moved by (rows, columns). */
  function stages(shift) {
    const input = moved(field, shift);
    const feature = relu(conv2d(input, kernel, { padding: "same" }));
    return { input, feature, ...poolings(feature) };
  }

  /**
   * The same without a convolution: the margin is so wide that no kernel reaches its rim, so
   * the feature map of the moved picture is the feature map, moved.
   */
  function stagesOfCurve(shift) {
    const feature = moved(still.feature, shift);
    return { input: moved(field, shift), feature, ...poolings(feature) };
  }

  function poolings(feature) {
    const reduce = model.get("reduce");
    const maps = { pooled: pool2d(feature, model.get("size"), { reduce }) };
    if (model.get("twice")) maps.twice = pool2d(maps.pooled, SECOND, { reduce });
    return maps;
  }

  const strides = () => {
    const size = model.get("size");
    return { input: 1, feature: 1, pooled: size, twice: SECOND * size };
  };

  function compute() {
    field = pad2d(image, [[margin, margin], [margin, margin]]);
    still = stages([0, 0]);
    drawn = undefined;
    show();
  }

  // ------------------------------------------------------------------------------- drawing
  function showSubject() {
    if (model.get("subject") === OWN) own = image;
    pictureMenu.select.querySelector(`[value=${OWN}]`).disabled = !own;
    pictureMenu.select.value = model.get("subject");
  }

  function showKernel() {
    const match = presets.find(([, preset]) => same(preset, kernel));
    kernelMenu.select.value = match ? match[0] : CUSTOM;
  }

  function show() {
    const shift = model.get("shift");
    const maps = stages(shift);
    const measured = {};
    sliders.forEach((control, axis) => (control.value = shift[axis]));
    for (const [name, { view, changed, left }] of Object.entries(views)) {
      view.element.hidden = !maps[name];
      if (!maps[name]) continue;
      const cells = wholeCells(shift, strides()[name]);
      const inPlace = relativeChange(still[name], maps[name]);
      const back = relativeChange(moved(still[name], cells), maps[name]);
      measured[name] = { cells, inPlace, back };
      changed.textContent = percent(inPlace);
      const unit = strides()[name] === 1 ? "pixel" : "cell";
      left.textContent = cells.some(Boolean)
        ? `Moved back by ${cellsInWords(cells, unit)}: ${percent(back)} changed.`
        : "";
      paint(name, maps[name]);
    }
    captions(maps, shift);
    verdict.textContent = inWords(shift, measured);
    globally.textContent = globalLine(maps.feature);
    voice.say(verdict.textContent);
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

  function captions(maps, shift) {
    const kernelName = kernelMenu.select.selectedOptions[0].text;
    const reduce = model.get("reduce");
    const what = {
      input: `Input: ${model.get("subject")}`,
      feature: `Feature map: ${kernelName}, ReLU`,
      pooled: `Pooled: ${reduce} of ${square(model.get("size"))}`,
      twice: `Pooled again: ${reduce} of ${square(SECOND)}`,
    };
    const differences = model.get("display") === "differences";
    for (const name of Object.keys(maps)) {
      const { view, changed } = views[name];
      const [rows, columns] = maps[name].shape;
      view.caption(what[name]);
      view.describe(
        `${what[name]}, ${rows} × ${columns}, moved ${direction(shift)}: ` +
          `${differences ? "difference to the unmoved map, " : ""}` +
          `${changed.textContent} changed` +
          (name === "input" ? ". Arrow keys move the picture." : ""),
      );
    }
    input.view.frame(margin, margin, ...image.shape); // where it stood
  }

  function inWords(shift, { feature, pooled }) {
    if (!shift.some(Boolean))
      return (
        "Not moved yet: every map is as it was. Drag the picture, press an arrow key on it, " +
        "or move a slider."
      );
    const start = `Moved ${direction(shift)}. `;
    if (Number.isNaN(pooled.inPlace)) return `${start}The unmoved pooled map is all 0.`;
    if (pooled.inPlace < HAIR) return `${start}The pooled map is the same as before.`;
    const size = model.get("size");
    if (shift.every((n) => n % size === 0) && pooled.back < HAIR)
      return (
        `${start}That is a whole number of windows of ${square(size)}: the pooled map moved ` +
        `along by exactly ${cellsInWords(pooled.cells, "cell")}, and its numbers are the ` +
        "same (equivariance)."
      );
    const [from, to] = [feature.inPlace, pooled.inPlace].map(percent);
    const effect =
      from === to
        ? `Pooling left the change at ${to}`
        : pooled.inPlace < feature.inPlace
          ? `Pooling made the change smaller, from ${from} to ${to}, but did not undo it`
          : `Pooling made the change larger, from ${from} to ${to}`;
    const left = pooled.cells.some(Boolean)
      ? `; moved back by ${cellsInWords(pooled.cells, "cell")}, ${percent(pooled.back)} is left`
      : "";
    return `${start}${effect}${left}.`;
  }

  function globalLine(feature) {
    const reduce = model.get("reduce");
    const [before, now] = [still.feature, feature].map((x) => pool2d(x, x.shape, { reduce }));
    return (
      `Pooled over the whole feature map (global ${reduce}): ${format(before.data[0])} before, ` +
      `${format(now.data[0])} now: ${percent(relativeChange(before, now))} changed.`
    );
  }

  function drawCurve(shift) {
    const across = 1 - along;
    const key = `${along} ${shift[across]}`;
    if (drawn !== key) {
      drawn = key;
      const pixels = Array.from({ length: 2 * farthest + 1 }, (_, k) => k - farthest);
      const maps = pixels.map((n) =>
        stagesOfCurve(along === 0 ? [n, shift[1]] : [shift[0], n]),
      );
      const values = (name) => maps.map((map) => relativeChange(still[name], map[name]));
      const held = `${AXES[across]} moved by ${format(shift[across])}`;
      const again = maps[0].twice
        ? [{ name: "pooled again", dash: "14 4 2 4", values: values("twice") }]
        : [];
      curve.draw({
        title: `Change against shift: ${AXES[along]} moved by −${farthest} … ${farthest}` +
          (shift[across] ? ` (${held})` : ""),
        x: pixels,
        lines: [
          { name: "input", colour: INPUT, values: values("input") },
          { name: "feature map", dash: "2 4", values: values("feature") },
          { name: "pooled", colour: OUTPUT, dash: "9 4", values: values("pooled") },
          ...again,
        ],
        text: percent,
      });
    }
    curve.mark(shift[along]);
  }

  // ---------------------------------------------------------------- what Python sets later
  let shown = model.get("shift");
  /** What other settings make of the picture; the controls say what they are. */
  function followSettings() {
    image = getArray(model, "image");
    kernel = getArray(model, "kernel");
    sizeSlider.value = model.get("size");
    reduceMenu.select.value = model.get("reduce");
    twiceBox.input.checked = model.get("twice");
    showSubject();
    showKernel();
    compute();
  }
  const stopListening = listen(model, {
    ...each(["image", "subject", "kernel", "size", "reduce", "twice"], followSettings),
    display: () => {
      displayMenu.select.value = model.get("display");
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

  along = shown[0] && !shown[1] ? 0 : 1;
  showSubject();
  showKernel();
  compute();

  return () => {
    stopListening();
    playing.stop();
    voice.stop();
  };
}
