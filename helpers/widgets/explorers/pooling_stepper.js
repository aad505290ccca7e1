// PoolingStepper: pool window by window, and follow the gradient back.

import {
  bracketed,
  by,
  checkbox,
  codeLine,
  counted,
  explorer,
  format,
  fromMessage,
  getArray,
  held,
  listen,
  make,
  menu,
  messageLine,
  same,
  slider,
  spoken,
  toMessage,
} from "../parts/base.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import {
  memory,
  numberGrid,
  places,
  reachedLines,
  repeating,
  titled,
  UNEVEN,
  unreached,
  within,
} from "../parts/grids.js";
import { array, outputSize, pad2d, padding2d, pool2d } from "../parts/ops.js";
import { paddingControl, presetMenu, sideSlider } from "../parts/grid_controls.js";
import { state, walker } from "../parts/stepper.js";

const SETTINGS = ["size", "padding", "reduce", "view", "all_winners"];
const REDUCTIONS = [
  ["max", "max"],
  ["mean", "mean"],
  ["global max", "global max"],
  ["global mean", "global mean"],
];
const VIEWS = [
  ["values", "values"],
  ["gradient", "who receives the gradient"],
];

// ------------------------------------------------------------------------------- geometry

const isGlobal = ({ reduce }) => reduce.startsWith("global");
const isMean = ({ reduce }) => reduce.endsWith("mean");

/** Sides of the window, stride and padding in cells along both axes, and the output's shape. */
function layout({ image, size, stride, padding, reduce }) {
  const whole = isGlobal({ reduce });
  const sides = whole ? image.shape : [size, size];
  const strides = whole || stride === null ? sides : [stride, stride];
  const kind = whole ? "valid" : padding;
  const pads = padding2d(kind, image.shape, sides, { stride: strides });
  const shape = [0, 1].map((axis) =>
    outputSize(image.shape[axis], sides[axis], {
      stride: strides[axis],
      padding: pads[axis],
    }),
  );
  return { sides, strides, pads, shape };
}

/** Why these settings do not fit together; "" where they do. */
function misfit(settings) {
  const { image, size, padding } = settings;
  const { sides, pads, shape } = layout(settings);
  if (isGlobal(settings)) return "";
  if (Number.isInteger(padding) && padding >= size)
    return (
      `With ${counted(padding, "cell")} of padding on every side, a window of ` +
      `${size} × ${size} could lie in the padding alone. Choose less padding than the ` +
      "side of the window, or a larger window."
    );
  if (Math.min(...shape) >= 1) return "";
  const there = image.shape.map((n, axis) => n + pads[axis][0] + pads[axis][1]);
  return (
    `The window has ${by(sides)} cells, and the padded input ` +
    `${by(there)}. Choose a smaller window, a larger input or more padding.`
  );
}

/**
 * What every input cell receives when output k receives incoming.data[k], for the first
 * `done` outputs, as pool2d_gradient in Python.
 */
function gradient2d(windows, winners, incoming, shape, { mean, done }) {
  const gradient = array(shape);
  for (let k = 0; k < done; k++) {
    const arriving = incoming.data[k];
    if (!mean) gradient.data[winners.data[k]] += arriving;
    else
      for (const [row, column] of windows[k])
        gradient.data[row * shape[1] + column] += arriving / windows[k].length;
  }
  return gradient;
}

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = Object.entries(model.get("_presets")).map(([name, preset]) => ({
    name,
    title: preset.title,
    image: fromMessage(preset.image),
    size: preset.size,
    stride: preset.stride || null,
  }));
  let now = read(); // what stands on the screen: image, size, stride, padding …
  let { pads, shape, sides, strides } = layout(now);
  let pooled;
  let winners; // where they stood: row · W + column
  let windows = []; // the real cells of every window

  const imageMemory = memory(limits.image, repeating(now.image));
  const incomingMemory = memory(limits.output, () => 1);
  incomingMemory.keep(now.incoming);

  function read() {
    return {
      image: getArray(model, "image"),
      incoming: getArray(model, "incoming"),
      stride: model.get("stride") || null, // null is the window's side
      ...Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)])),
    };
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({ presets, onChange: choosePreset });
  const reduceMenu = menu({
    label: "Pooling",
    options: REDUCTIONS,
    onChange: (reduce) => attempt({ reduce }),
  });
  const viewMenu = menu({
    label: "Show",
    options: VIEWS,
    onChange: (view) => attempt({ view }),
  });
  const winnersBox = checkbox({
    label: "Mark all winners",
    value: false,
    onChange: (marked) => attempt({ all_winners: marked }),
  });
  const sizeSlider = sideSlider({
    label: "Input size",
    max: limits.image,
    onInput: (n) => attempt({ image: imageMemory.cut([n, n]) }),
  });
  const windowSlider = sideSlider({
    label: "Window",
    max: limits.most,
    onInput: (size) => attempt({ size }),
  });
  const strideSlider = slider({
    label: "Stride",
    min: 1,
    max: limits.most,
    value: 1,
    onInput: (stride) => attempt({ stride }),
  });
  const strideBox = checkbox({
    label: "Stride same as the window",
    value: true,
    onChange: (marked) => attempt({ stride: marked ? null : strideSlider.value }),
  });
  const paddings = paddingControl({
    texts: { valid: "valid: none", same: "same: as Keras", count: "a count of cells" },
    most: limits.most - 1,
    fits: (padding) => !misfit({ ...now, padding }),
    onChange: (padding) => attempt({ padding }),
  });
  // A place is an output: { position }, or a cell of the input, or of its gradient.
  const walk = walker({
    model,
    fit({ position, input, receiver }) {
      if (input) return { input: within(input, now.image.shape, pads) ? input : [0, 0] };
      if (receiver) return { receiver: isReal(receiver) ? receiver : [0, 0] };
      return { position: position.every((n, axis) => n < shape[axis]) ? position : [0, 0] };
    },
    draw: showDone,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const refuse = (sentence) => message.say(sentence);
  const inputGrid = numberGrid({
    label: "input",
    role: INPUT,
    step: 1,
    onInput: (image) => attempt({ image }),
    onRefuse: refuse,
    onPoint: (input) => walk.point({ input }),
    onLeave: walk.leave,
  });
  const followPointer = {
    onPoint: (position) => walk.point({ position }),
    onLeave: walk.leave,
  };
  const outputGrid = numberGrid({
    label: "output",
    role: OUTPUT,
    editable: false,
    onPick: (position) => walk.pick({ position }),
    ...followPointer,
  });
  const incomingGrid = numberGrid({
    label: "incoming gradient",
    role: OUTPUT,
    step: 1,
    onInput: (incoming) => attempt({ incoming }),
    onRefuse: refuse,
    ...followPointer,
  });
  const gradientGrid = numberGrid({
    label: "gradient",
    role: INPUT,
    editable: false,
    onPoint: (receiver) => walk.point({ receiver }),
    onLeave: walk.leave,
  });
  const inputFigure = titled("input", inputGrid);
  const outputFigure = titled("output", outputGrid);
  const incomingFigure = titled("incoming gradient", incomingGrid);
  const gradientFigure = titled("gradient", gradientGrid);
  /** Two grids side by side, with an arrow that stays beside the second. */
  const beside = (first, sign, second) => {
    const arrow = make("span", { class: "hc-sign", "aria-hidden": "true" }, sign);
    const pair = make("div", { class: "hc-row hc-pair" }, arrow, second.element);
    return make("div", { class: "hc-row" }, first.element, pair);
  };
  const gradientRow = beside(gradientFigure, "←", incomingFigure);

  const sumLine = make("p", { class: "hc-note hc-sum" });
  const handLine = make("p", { class: "hc-note hc-sum" });
  const heldLine = make("p", { class: "hc-note" });
  const sizeLine = make("p", { class: "hc-note" });
  const shareLine = make("p", { class: "hc-note" });
  const rimLine = make("p", { class: "hc-note" });
  const code = codeLine("The same in Keras");

  const root = explorer(
    "PoolingStepper",
    make(
      "div",
      { class: "hc-bar" },
      examples.element,
      reduceMenu.element,
      viewMenu.element,
      winnersBox.element,
    ),
    beside(inputFigure, "→", outputFigure),
    gradientRow,
    walk.element,
    sumLine,
    handLine,
    heldLine,
    message.element,
    make(
      "div",
      { class: "hc-bar" },
      sizeSlider.element,
      windowSlider.element,
      strideSlider.element,
      strideBox.element,
      ...paddings.elements,
    ),
    sizeLine,
    shareLine,
    rimLine,
    code.element,
    voice.element,
  );
  walk.listen(root);
  el.append(root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["image", "incoming", "stride", ...SETTINGS],
    now: () => now,
    read,
    misfit,
    take(next) {
      now = next;
      ({ pads, shape, sides, strides } = layout(now));
      imageMemory.keep(now.image);
      if (by(now.incoming.shape) === by(shape)) incomingMemory.keep(now.incoming);
      else now = { ...now, incoming: incomingMemory.cut(shape) };
      message.clear();
      walk.resize(...shape);
      update();
    },
    refuse(sentence) {
      message.say(sentence);
      showControls();
    },
    traitsOf: ({ image, incoming, stride, ...others }, before) => ({
      ...others,
      stride: stride ?? 0,
      ...(image !== before.image && { image: toMessage(image) }),
      ...(incoming !== before.incoming && { incoming: toMessage(incoming) }),
    }),
    walk,
  });

  function choosePreset(preset) {
    if (!preset) return showControls();
    const { image, size, stride } = preset;
    attempt({ image, size, stride, padding: "valid" });
  }

  // -------------------------------------------------------------------------------- places
  const isReal = ([row, column]) =>
    row >= 0 && row < now.image.shape[0] && column >= 0 && column < now.image.shape[1];
  const cornerOf = ([i, j]) => [
    i * strides[0] - pads[0][0],
    j * strides[1] - pads[1][0],
  ];
  const valueAt = ([row, column]) => now.image.data[row * now.image.shape[1] + column];
  const placeAt = (index) => [
    Math.floor(index / now.image.shape[1]),
    index % now.image.shape[1],
  ];
  const named = (grid, [row, column]) => `${grid}[${row}, ${column}]`;
  const indexOf = ([i, j]) => i * shape[1] + j;

  /** The outputs whose window a cell, also one of the padding, lies in. */
  function outputsOf(place) {
    return places(0, 0, ...shape).filter((output) =>
      cornerOf(output).every(
        (start, axis) => place[axis] >= start && place[axis] < start + sides[axis],
      ),
    );
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, reduce } = now;
    const options = { stride: strides, padding: pads, returnIndices: true };
    const kind = isMean({ reduce }) ? "mean" : "max";
    ({ pooled, indices: winners } = pool2d(image, sides, { ...options, reduce: kind }));
    windows = places(0, 0, ...shape).map((output) =>
      places(...cornerOf(output), ...sides).filter(isReal),
    );
    inputGrid.show(image, { pads, padded: emptyAround(image) });
    inputFigure.say(`input ${by(image.shape)}`);
    outputFigure.say(`output ${by(shape)}`);
    gradientRow.hidden = now.view !== "gradient";
    showControls();
    showDone();
    showSizes();
    showUnused();
    explain();
  }

  /** The image with its padding, of empty cells. */
  function emptyAround(image) {
    const real = array(image.shape);
    real.data.fill(1);
    const padded = pad2d(image, pads);
    pad2d(real, pads).data.forEach((inside, k) => {
      if (!inside) padded.data[k] = NaN;
    });
    return padded;
  }

  function showControls() {
    const { image, size, stride, padding, reduce, view, all_winners: all } = now;
    const preset = presets.find((other) => same(other.image, image));
    examples.show(preset);
    reduceMenu.select.value = reduce;
    viewMenu.select.value = view;
    winnersBox.input.checked = all;
    winnersBox.element.hidden = isMean(now);
    sizeSlider.show(image.shape);
    windowSlider.show([size, size]);
    strideSlider.value = stride ?? size;
    strideBox.input.checked = stride === null;
    const resting = isGlobal(now);
    paddings.show(padding, { resting });
    for (const { input } of [windowSlider, strideSlider, strideBox]) input.disabled = resting;
  }

  /** The outputs done so far, and where it is asked for the gradient that they hand out. */
  function showDone() {
    const done = pooled.data.map((value, k) => (k < walk.done ? value : NaN));
    const most = pooled.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
    outputGrid.show(array(shape, done), { most });
    if (now.view === "gradient") showGradient();
  }

  function showGradient() {
    const settings = { mean: isMean(now), done: walk.done };
    incomingGrid.show(now.incoming);
    gradientGrid.show(
      gradient2d(windows, winners, now.incoming, now.image.shape, settings),
    );
    gradientFigure.say(
      walk.done < pooled.data.length
        ? `gradient of ${walk.done} of ${pooled.data.length} outputs`
        : "gradient",
    );
  }

  function showSizes() {
    const { image } = now;
    const along = (axis) => {
      const [before, after] = pads[axis];
      const padding = before + after ? ` + ${before} + ${after}` : "";
      const [n, reach, stride] = [image.shape[axis], sides[axis], strides[axis]];
      return `⌊(${n}${padding} − ${reach}) / ${stride}⌋ + 1 = ${shape[axis]}`;
    };
    const [down, across] = [along(0), along(1)];
    sizeLine.textContent = isGlobal(now)
      ? `Global: the window is the whole picture, so ${by(image.shape)} becomes ` +
        "1 × 1. Window, stride and padding rest."
      : "⌊(input + padding − window) / stride⌋ + 1: " +
        (down === across ? down : `rows ${down}, columns ${across}`);
    const [before, after] = [image.data.length, pooled.data.length];
    shareLine.textContent =
      `${counted(before, "number")} in, ${after} out: ${format((100 * after) / before, 3)} %` +
      (strides.every((stride, axis) => stride >= sides[axis]) ? " stay." : " as many.");
    code.say(kerasLine());
  }

  /** Pale: what no window sees. Why, and what padding and its uneven sides mean. */
  function showUnused() {
    const lines = [0, 1].map((axis) =>
      reachedLines(now.image.shape[axis] + pads[axis][0] + pads[axis][1], {
        count: shape[axis],
        size: sides[axis],
        stride: strides[axis],
      }),
    );
    const missed = unreached(lines, pads);
    inputGrid.mark("unused", missed.places);
    const padding = `Padding is empty: it ${isMean(now) ? "does not count in the mean" : "never wins"}.`;
    const uneven = pads.some(([before, after]) => before !== after);
    rimLine.textContent = [
      ...missed.sentences,
      ...(pads.flat().some(Boolean) ? [padding] : []),
      ...(uneven ? [UNEVEN] : []),
    ].join(" ");
  }

  function kerasLine() {
    const { size, stride, padding } = now;
    const kind = isMean(now) ? "Average" : "Max";
    if (isGlobal(now)) return `keras.layers.Global${kind}Pooling2D()`;
    const settings = [
      size,
      stride !== null && stride !== size && `strides=${stride}`,
      padding === "same" && 'padding="same"',
    ];
    const layer = `keras.layers.${kind}Pooling2D(${settings.filter(Boolean).join(", ")})`;
    if (!(padding > 0)) return layer;
    const sides = `(${padding}, ${padding})`;
    const lines = isMean(now)
      ? [
          "# Keras takes no count of padding here. Zeros padded by hand would",
          '# count in the mean (those of "same" do not): divide by the share of',
          "# real cells.",
          `pad, pool = keras.layers.ZeroPadding2D(${padding}), ${layer}`,
          "x = pool(pad(x)) / pool(pad(keras.ops.ones_like(x)))",
        ]
      : [
          "# Keras takes no count of padding here. Pad with -inf, which never wins:",
          `x = keras.ops.pad(x, ((0, 0), ${sides}, ${sides}, (0, 0)), ` +
            'constant_values=-float("inf"))',
          `x = ${layer}(x)`,
        ];
    return lines.join("\n");
  }

  // ------------------------------------------------------------------------------ in words
  /** Write out what is pointed at, and light it. */
  function explain() {
    const { position, input, receiver } = walk.place;
    heldLine.textContent = held(walk.isHeld);
    if (input) reach(input);
    else if (receiver) receive(receiver);
    else compose(position);
  }

  /** The arithmetic of one output, and its window. */
  function compose(output) {
    const cells = windows[indexOf(output)];
    const winner = isMean(now) ? [] : [placeAt(winners.data[indexOf(output)])];
    light({
      window: places(...cornerOf(output), ...sides),
      winner: now.all_winners && !isMean(now) ? Array.from(winners.data, placeAt) : winner,
      current: [output],
    });
    say(
      arithmetic(output, cells, winner),
      now.view === "gradient" ? handedOut(output, cells, winner) : "",
    );
  }

  function say(sum, hand = "") {
    sumLine.textContent = sum;
    handLine.textContent = hand;
    handLine.hidden = now.view !== "gradient";
    voice.say(`${sum} ${hand}`.trim());
  }

  /** Mark these places in all grids, and no others. */
  function light({ window = [], winner = [], reached = [], current = [], outputs = [] }) {
    inputGrid.mark("window", window);
    inputGrid.mark("winner", winner);
    inputGrid.mark("reached", reached);
    outputGrid.mark("current", current);
    outputGrid.mark("reached", outputs);
    if (now.view !== "gradient") return;
    gradientGrid.mark("window", window.filter(isReal));
    gradientGrid.mark("winner", winner);
    gradientGrid.mark("reached", reached.filter(isReal));
    incomingGrid.mark("current", current);
    incomingGrid.mark("reached", outputs);
  }

  function arithmetic(output, cells, [winner]) {
    const name = named("output", output);
    const value = format(pooled.data[indexOf(output)], 6);
    const values = cells.map(valueAt);
    if (!winner) {
      const short = cells.length < sides[0] * sides[1] ? " Padding does not count." : "";
      const sum = values.map(bracketed).join(" + ");
      return `${name} = mean = (${sum}) / ${cells.length} = ${value}.${short}`;
    }
    const equals = values.filter((other) => other === valueAt(winner)).length;
    const tie = equals > 1 ? `, the first of ${equals} equals` : "";
    const list = values.map((v) => format(v)).join(", ");
    return `${name} = max(${list}) = ${value}, found at ${named("input", winner)}${tie}.`;
  }

  function handedOut(output, cells, [winner]) {
    const arriving = now.incoming.data[indexOf(output)];
    const gradient = `The gradient ${format(arriving)} that arrives there`;
    if (winner) return `${gradient} goes to ${named("input", winner)} alone.`;
    const each = format(arriving / cells.length, 6);
    return (
      `${gradient} is shared by ${counted(cells.length, "cell")}: ` +
      `${format(arriving)} / ${cells.length} = ${each} each.`
    );
  }

  /** Light every output that a cell of the input, or of its padding, takes part in. */
  function reach(place) {
    const outputs = outputsOf(place);
    light({ reached: [place], outputs });
    const part = `takes part in ${counted(outputs.length, "output")}`;
    say(
      isReal(place)
        ? `${named("input", place)} ${part}${wins(place)}.`
        : `${named("padding", place)} is empty: it lies in the windows of ` +
            `${counted(outputs.length, "output")} and changes none.`,
    );
  }

  const winsOf = ([row, column]) =>
    places(0, 0, ...shape).filter(
      (_, k) => winners.data[k] === row * now.image.shape[1] + column,
    );
  const wins = (place) => (isMean(now) ? "" : ` and wins ${winsOf(place).length} of them`);

  /** Write out what one input cell receives. */
  function receive(place) {
    const outputs = (isMean(now) ? outputsOf(place) : winsOf(place)).filter(
      (output) => indexOf(output) < walk.done,
    );
    light({ reached: [place], outputs });
    const parts = outputs.map((output) => {
      const arriving = bracketed(now.incoming.data[indexOf(output)]);
      return isMean(now) ? `${arriving} / ${windows[indexOf(output)].length}` : arriving;
    });
    const total = gradientGrid.value.data[place[0] * now.image.shape[1] + place[1]];
    const sum = parts.length > 1 || isMean(now) ? `${parts.join(" + ")} = ` : "";
    const soFar = walk.done < pooled.data.length ? " so far" : "";
    const nothing = isMean(now) ? "it is in no window" : "it wins no window";
    say(
      parts.length
        ? `${named("input", place)} receives ${sum}${format(total, 6)}, from ` +
            `${outputs.map((output) => named("output", output)).join(", ")}.`
        : `${named("input", place)} receives 0: ${nothing}${soFar}.`,
    );
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, listeners);

  walk.resize(...shape);
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
  };
}
