// PoolingStepper: pool window by window, and follow the gradient back.

import { INPUT, OUTPUT } from "../parts/colours.js";
import { checkbox, codeLine, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { paddingControl, sideSlider } from "../parts/grid_controls.js";
import {
  memory,
  numberGrid,
  places,
  reachedLines,
  repeating,
  titled,
  UNEVEN,
  unreached,
  widen,
  within,
} from "../parts/grids.js";
import { group, layout, line, pair } from "../parts/layout.js";
import { alike, bracketed, by, counted, format, held } from "../parts/numbers.js";
import { array, outputSize, pad2d, padding2d, pool2d } from "../parts/ops.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed } from "../parts/saving.js";
import { getArray, listen, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

const SETTINGS = ["size", "padding", "reduce", "view", "all_winners"];
const REDUCTIONS = ["max", "mean", "global max", "global mean"];
const VIEWS = { values: "values", gradient: "who receives the gradient" };
const NO_PADDING = [[0, 0], [0, 0]];

// ----------------------------------------------------------------------------- arithmetic
// Settings are { image, incoming, size, stride, padding, reduce … }, arrays { shape, data };
// a stride of null is the window's side.

export const isGlobal = ({ reduce }) => reduce.startsWith("global");
export const isMean = ({ reduce }) => reduce.endsWith("mean");

/** Sides of the window, strides and padding along both axes, and the output's shape. */
export function geometryOf({ image, size, stride, padding, reduce }) {
  const whole = isGlobal({ reduce });
  const sides = whole ? image.shape : [size, size];
  const strides = whole || stride === null ? sides : [stride, stride];
  const pads = padding2d(whole ? "valid" : padding, image.shape, sides, { stride: strides });
  const shape = [0, 1].map((axis) =>
    outputSize(image.shape[axis], sides[axis], {
      stride: strides[axis],
      padding: pads[axis],
    }),
  );
  return { sides, strides, pads, shape };
}

/**
 * The settings and what follows from them: their geometry, the values `pooled`, of each
 * window the place of its winner in `winners` and its real cells in `windows`.
 */
export function poolingOf(settings) {
  const { image } = settings;
  const geometry = geometryOf(settings);
  const { sides, strides, pads, shape } = geometry;
  const { pooled, indices } = pool2d(image, sides, {
    stride: strides,
    padding: pads,
    reduce: isMean(settings) ? "mean" : "max",
    returnIndices: true,
  });
  const placeAt = (index) => [Math.floor(index / image.shape[1]), index % image.shape[1]];
  return {
    ...settings,
    ...geometry,
    pooled,
    winners: isMean(settings) ? [] : Array.from(indices.data, placeAt),
    windows: places(0, 0, ...shape).map((output) =>
      windowOf(geometry, output).filter((place) => isReal(image, place)),
    ),
  };
}

const isReal = ({ shape }, place) => within(place, shape, NO_PADDING);
const indexOf = ({ shape }, [row, column]) => row * shape[1] + column;
const valueAt = (grid, place) => grid.data[indexOf(grid, place)];

/** The places of a window; those in the padding lie outside. */
export const windowOf = ({ sides, strides, pads }, [i, j]) =>
  places(i * strides[0] - pads[0][0], j * strides[1] - pads[1][0], ...sides);

/** The outputs whose window a cell of the input, or of its padding, lies in. */
export const outputsOf = ({ sides, strides, pads, shape }, place) =>
  places(0, 0, ...shape).filter((output) =>
    output.every((n, axis) => {
      const inWindow = place[axis] - (n * strides[axis] - pads[axis][0]);
      return inWindow >= 0 && inWindow < sides[axis];
    }),
  );

/** The outputs whose window a cell of the input wins. */
export const winsOf = ({ winners, shape }, place) =>
  places(0, 0, ...shape).filter((_, k) => winners[k] && alike(winners[k], place));

/**
 * What every input cell receives of the first `done` outputs, as pool2d_gradient in Python;
 * onValue(value) comes for every sum on the way.
 */
export function gradientOf({ image, incoming, windows, winners }, done, onValue = () => {}) {
  const gradient = array(image.shape);
  for (let k = 0; k < done; k++) {
    const receivers = winners.length ? [winners[k]] : windows[k];
    for (const place of receivers) {
      const at = indexOf(image, place);
      gradient.data[at] += incoming.data[k] / receivers.length;
      onValue(gradient.data[at]);
    }
  }
  return gradient;
}

/** Which cells of the padded input no window reaches, and sentences that say so. */
function unseen({ image, sides, strides, pads, shape }) {
  const lines = [0, 1].map((axis) =>
    reachedLines(image.shape[axis] + pads[axis][0] + pads[axis][1], {
      count: shape[axis],
      size: sides[axis],
      stride: strides[axis],
    }),
  );
  return unreached(lines, pads);
}

/** The image with its padding, of empty cells. */
function emptyAround({ image, pads }) {
  const padded = pad2d(image, pads);
  const inside = pad2d({ ...image, data: image.data.map(() => 1) }, pads);
  return { ...padded, data: padded.data.map((value, k) => (inside.data[k] ? value : NaN)) };
}

// ------------------------------------------------------------------------------ sentences

/** Why these settings do not fit together; "" where they do. */
export function misfit(settings) {
  if (isGlobal(settings)) return "";
  const { image, size, padding } = settings;
  const { sides, pads, shape } = geometryOf(settings);
  if (Number.isInteger(padding) && padding >= size)
    return t(
      "With {cells} of padding on every side, a window of {sides} could lie in the padding " +
        "alone. Choose less padding than the side of the window, or a larger window.",
      { cells: counted(padding, "cell"), sides: by(sides) },
    );
  if (Math.min(...shape) >= 1) return "";
  const there = image.shape.map((n, axis) => n + pads[axis][0] + pads[axis][1]);
  return t(
    "The window has {sides} cells, and the padded input {there}. Choose a smaller window, " +
      "a larger input or more padding.",
    { sides: by(sides), there: by(there) },
  );
}

const named = (grid, [row, column]) => `${t(grid)}[${row}, ${column}]`;

/** The arithmetic of one output. */
export function sumBehind({ image, sides, shape, pooled, winners, windows }, place) {
  const k = indexOf({ shape }, place);
  const values = windows[k].map((cell) => valueAt(image, cell));
  const words = { output: named("output", place), value: format(pooled.data[k], 6) };
  if (!winners.length) {
    Object.assign(words, { sum: values.map(bracketed).join(" + "), n: values.length });
    return values.length < sides[0] * sides[1]
      ? t("{output} = mean = ({sum}) / {n} = {value}. Padding does not count.", words)
      : t("{output} = mean = ({sum}) / {n} = {value}.", words);
  }
  const n = values.filter((value) => value === valueAt(image, winners[k])).length;
  const list = values.map((value) => format(value)).join(", ");
  Object.assign(words, { list, n, winner: named("input", winners[k]) });
  return n > 1
    ? t("{output} = max({list}) = {value}, found at {winner}, the first of {n} equals.", words)
    : t("{output} = max({list}) = {value}, found at {winner}.", words);
}

/** Who receives the gradient that arrives at an output. */
export function handedOut({ incoming, winners, windows }, place) {
  const k = indexOf(incoming, place);
  const [gradient, n] = [format(incoming.data[k]), windows[k].length];
  if (winners.length)
    return t("The gradient {gradient} that arrives there goes to {winner} alone.", {
      gradient,
      winner: named("input", winners[k]),
    });
  return t(
    "The gradient {gradient} that arrives there is shared by {cells}: " +
      "{gradient} / {n} = {each} each.",
    { gradient, n, cells: counted(n, "cell"), each: format(incoming.data[k] / n, 6) },
  );
}

/** In how many outputs a cell of the input, or of its padding, takes part. */
export function reachOf(pooling, place) {
  const outputs = counted(outputsOf(pooling, place).length, "output");
  if (!isReal(pooling.image, place))
    return t(
      "{cell} is empty: it lies in the windows of {outputs} and changes none.",
      { cell: named("padding", place), outputs },
    );
  const words = { cell: named("input", place), outputs };
  if (isMean(pooling)) return t("{cell} takes part in {outputs}.", words);
  words.n = winsOf(pooling, place).length;
  return t("{cell} takes part in {outputs} and wins {n} of them.", words);
}

/** The outputs, of the first `done`, from which a cell of the input receives something. */
export const giversOf = (pooling, place, done) =>
  (isMean(pooling) ? outputsOf : winsOf)(pooling, place).filter(
    (output) => indexOf(pooling, output) < done,
  );

/** What a cell of the input receives of the first `done` outputs. */
export function received(pooling, place, done) {
  const { incoming, windows, pooled } = pooling;
  const cell = named("input", place);
  const givers = giversOf(pooling, place, done);
  const isOver = done >= pooled.data.length;
  if (!givers.length) {
    const why = isMean(pooling)
      ? ["{cell} receives 0: it is in no window.", "{cell} receives 0: it is in no window so far."]
      : ["{cell} receives 0: it wins no window.", "{cell} receives 0: it wins no window so far."];
    return t(why[isOver ? 0 : 1], { cell });
  }
  const among = (output) => ` / ${windows[indexOf(pooling, output)].length}`;
  const parts = givers.map(
    (output) => bracketed(valueAt(incoming, output)) + (isMean(pooling) ? among(output) : ""),
  );
  const total = format(valueAt(gradientOf(pooling, done), place), 6);
  return t("{cell} receives {sum}, from {outputs}.", {
    cell,
    sum: parts.length > 1 || isMean(pooling) ? `${parts.join(" + ")} = ${total}` : total,
    outputs: givers.map((output) => named("output", output)).join(", "),
  });
}

/** ⌊(input + padding − window) / stride⌋ + 1, with its numbers. */
export function sizeFormula(pooling) {
  const { image, sides, strides, pads, shape } = pooling;
  if (isGlobal(pooling))
    return t(
      "Global: the window is the whole picture, so {size} becomes 1 × 1. " +
        "Window, stride and padding rest.",
      { size: by(image.shape) },
    );
  const along = (axis) => {
    const [before, after] = pads[axis];
    const padding = before + after ? ` + ${before} + ${after}` : "";
    const inside = `${image.shape[axis]}${padding} − ${sides[axis]}`;
    return `⌊(${inside}) / ${strides[axis]}⌋ + 1 = ${shape[axis]}`;
  };
  const [down, across] = [along(0), along(1)];
  return t("⌊(input + padding − window) / stride⌋ + 1: {sizes}", {
    sizes: down === across ? down : t("rows {down}, columns {across}", { down, across }),
  });
}

/** How many numbers come out for those that go in. */
export function shareOf({ image, sides, strides, pooled }) {
  const [before, after] = [image.data.length, pooled.data.length];
  const words = {
    numbers: counted(before, "number"),
    after,
    share: format((100 * after) / before, 3),
  };
  return strides.every((stride, axis) => stride >= sides[axis])
    ? t("{numbers} in, {after} out: {share} % stay.", words)
    : t("{numbers} in, {after} out: {share} % as many.", words);
}

/** What padding means here, and where it is not the same on both sides. */
export function paddingSentences(pooling) {
  const { pads } = pooling;
  if (!pads.flat().some(Boolean)) return [];
  return [
    isMean(pooling)
      ? t("Padding is empty: it does not count in the mean.")
      : t("Padding is empty: it never wins."),
    ...(pads.some(([before, after]) => before !== after) ? [t(UNEVEN)] : []),
  ];
}

/** Lines of Keras that compute the same; they say what Keras cannot do. */
export function kerasLine(settings) {
  const { size, stride, padding } = settings;
  const kind = isMean(settings) ? "Average" : "Max";
  if (isGlobal(settings)) return `keras.layers.Global${kind}Pooling2D()`;
  const given = [
    size,
    stride !== null && stride !== size && `strides=${stride}`,
    padding === "same" && 'padding="same"',
  ];
  const layer = `keras.layers.${kind}Pooling2D(${given.filter(Boolean).join(", ")})`;
  if (!(padding > 0)) return layer;
  const sides = `(${padding}, ${padding})`;
  const lines = isMean(settings)
    ? [
        t(
          "# Keras takes no count of padding here. Zeros padded by hand would\n" +
            '# count in the mean (those of "same" do not): divide by the share of\n' +
            "# real cells.",
        ),
        `pad, pool = keras.layers.ZeroPadding2D(${padding}), ${layer}`,
        "x = pool(pad(x)) / pool(pad(keras.ops.ones_like(x)))",
      ]
    : [
        t("# Keras takes no count of padding here. Pad with -inf, which never wins:"),
        `x = keras.ops.pad(x, ((0, 0), ${sides}, ${sides}, (0, 0)), ` +
          'constant_values=-float("inf"))',
        `x = ${layer}(x)`,
      ];
  return lines.join("\n");
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = presetsOf(model);
  let now = read(); // the settings on the screen
  let pooling = poolingOf(now); // and what follows from them

  const imageMemory = memory(limits.image, repeating(now.image));
  const incomingMemory = memory(limits.output, () => 1);
  incomingMemory.keep(now.incoming);

  function read() {
    return {
      image: getArray(model, "image"),
      incoming: getArray(model, "incoming"),
      stride: model.get("stride") || null,
      ...Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)])),
    };
  }

  /** The settings, with null for an incoming gradient of ones, however many. */
  const inShort = (settings) =>
    settings.incoming.data.every((n) => n === 1) ? { ...settings, incoming: null } : settings;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({
    presets,
    settingsOf: ({ image, size, stride }) => ({
      image,
      size,
      stride,
      padding: "valid",
      reduce: "max",
      incoming: null,
    }),
    onChoose(settings) {
      imageMemory.fill(repeating(settings.image));
      incomingMemory.fill(() => 1);
      attempt(settings);
    },
  });
  const set = (name) => (value) => attempt({ [name]: value });
  const { most } = limits;
  const sizeSlider = sideSlider({
    label: t("Input size"),
    max: limits.image,
    onInput: (n) => attempt({ image: imageMemory.cut([n, n]) }),
  });
  const windowSlider = sideSlider({ label: t("Window"), max: most, onInput: set("size") });
  const reduceMenu = menu({
    label: t("Pooling"),
    options: REDUCTIONS.map((name) => [name, t(name)]),
    onChange: set("reduce"),
  });
  const viewMenu = menu({
    label: t("Show"),
    options: Object.entries(VIEWS).map(([view, text]) => [view, t(text)]),
    onChange: set("view"),
  });
  const winnersBox = checkbox({ label: t("Mark all winners"), onChange: set("all_winners") });
  const strideSlider = slider({ label: t("Stride"), min: 1, max: most, onInput: set("stride") });
  const strideBox = checkbox({
    label: t("Stride same as the window"),
    onChange: (marked) => attempt({ stride: marked ? null : strideSlider.value }),
  });
  const paddings = paddingControl({
    texts: {
      valid: t("valid: none"),
      same: t("same: as Keras"),
      count: t("a count of cells"),
    },
    most: most - 1,
    fits: (padding) => !misfit({ ...now, padding }),
    onChange: set("padding"),
  });
  // A place is an output: { position }, or a cell of the input, or of its gradient.
  const walk = walker({
    model,
    fit({ position, input, receiver }) {
      const { image, pads, shape } = pooling;
      if (input) return { input: within(input, image.shape, pads) ? input : [0, 0] };
      if (receiver) return { receiver: isReal(image, receiver) ? receiver : [0, 0] };
      return { position: position.every((n, axis) => n < shape[axis]) ? position : [0, 0] };
    },
    draw: showDone,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const grid = (label, role, given) =>
    numberGrid({ label, role, step: 1, onRefuse: message.say, onLeave: walk.leave, ...given });
  const inputGrid = grid(t("input"), INPUT, {
    onInput: set("image"),
    onPoint: (input) => walk.point({ input }),
  });
  const outputGrid = grid(t("output"), OUTPUT, {
    editable: false,
    onPick: (position) => walk.pick({ position }),
    onPoint: (position) => walk.point({ position }),
  });
  const incomingGrid = grid(t("incoming gradient"), OUTPUT, {
    onInput: set("incoming"),
    onPoint: (position) => walk.point({ position }),
  });
  const gradientGrid = grid(t("gradient"), INPUT, {
    editable: false,
    onPoint: (receiver) => walk.point({ receiver }),
  });
  const inputFigure = titled("", inputGrid);
  const outputFigure = titled("", outputGrid);
  const incomingFigure = titled(t("incoming gradient"), incomingGrid);
  const gradientFigure = titled("", gradientGrid);
  const valuesPair = pair(inputFigure.element, "→", outputFigure.element);
  const gradientPair = pair(gradientFigure.element, "←", incomingFigure.element);

  const [sumLine, handLine, heldLine] = [line("hc-sum"), line("hc-sum"), line()];
  const [sizeLine, shareLine, rimLine] = [line(), line(), line()];
  const code = codeLine(t("The same in Keras"));

  const frame = layout("PoolingStepper", {
    head: [examples.element],
    scene: [valuesPair.element, gradientPair.element],
    strip: [sumLine, handLine, heldLine, message.element],
    player: walk.elements,
    settings: [
      group(
        t("What is pooled, and how"),
        sizeSlider.element,
        windowSlider.element,
        reduceMenu.element,
      ),
      group(
        t("How the window slides"),
        strideSlider.element,
        strideBox.element,
        ...paddings.elements,
      ),
      group(t("What is shown"), viewMenu.element, winnersBox.element),
    ],
    foot: [sizeLine, shareLine, rimLine, code.element, voice.element],
    python,
  });
  walk.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["image", "incoming", "stride", ...SETTINGS],
    now: () => now,
    read,
    misfit,
    take(next) {
      const { shape } = geometryOf(next);
      imageMemory.keep(next.image);
      if (next.incoming && alike(next.incoming.shape, shape)) incomingMemory.keep(next.incoming);
      now = { ...next, incoming: incomingMemory.cut(shape) };
      pooling = poolingOf(now);
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
      ...(!alike(incoming, before.incoming) && { incoming: toMessage(incoming) }),
    }),
    walk,
  });

  function python() {
    const { image, incoming, size, stride, ...others } = inShort(now);
    const preset = presets.find((one) => alike(one.image, image));
    // A stride of None is the preset's where the size is, too.
    const usual = preset ?? { size: 2, stride: null };
    const asUsual = size === usual.size && (stride !== null || usual.stride === null);
    return call(model, {
      image: preset?.name ?? listed(image),
      size: asUsual ? null : size,
      stride: asUsual && stride === usual.stride ? null : stride,
      incoming: incoming && listed(incoming),
      ...others,
      ...walk.written,
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { image, pads, shape } = pooling;
    inputGrid.show(image, { pads, padded: emptyAround(pooling) });
    inputFigure.say(t("input {size}", { size: by(image.shape) }));
    outputFigure.say(t("output {size}", { size: by(shape) }));
    const columns = pads[1][0] + image.shape[1] + pads[1][1] + shape[1];
    for (const { share } of [valuesPair, gradientPair]) share(columns);
    gradientPair.element.hidden = now.view !== "gradient";
    keepWidths();
    showControls();
    showDone();
    showSizes();
    explain();
  }

  /** The columns are as wide at every step. */
  function keepWidths() {
    const { pooled } = pooling;
    const sums = [0];
    widen(outputGrid, pooled);
    if (now.view !== "gradient") return;
    gradientOf(pooling, pooled.data.length, (sum) => sums.push(sum));
    widen(gradientGrid, { data: sums });
  }

  function showControls() {
    const { image, size, stride, padding, reduce, view, all_winners: all } = now;
    examples.show(inShort(now));
    reduceMenu.value = reduce;
    viewMenu.value = view;
    winnersBox.value = all;
    winnersBox.element.hidden = isMean(now);
    sizeSlider.show(image.shape);
    windowSlider.show([size, size]);
    strideSlider.value = stride ?? size;
    strideBox.value = stride === null;
    const resting = isGlobal(now);
    paddings.show(padding, { resting });
    for (const { input } of [windowSlider, strideSlider, strideBox]) input.disabled = resting;
  }

  /** The outputs done so far, and where it is asked for the gradient that they hand out. */
  function showDone() {
    const { pooled: { shape, data }, incoming } = pooling;
    const [done, count] = [walk.done, data.length];
    const most = Math.max(...data.map(Math.abs)) || 1;
    outputGrid.show({ shape, data: data.map((v, k) => (k < done ? v : NaN)) }, { most });
    if (now.view !== "gradient") return;
    incomingGrid.show(incoming);
    gradientGrid.show(gradientOf(pooling, done));
    gradientFigure.say(
      done < count
        ? t("gradient of {done} of {count} outputs", { done, count })
        : t("gradient"),
    );
  }

  function showSizes() {
    const missed = unseen(pooling);
    inputGrid.mark("unused", missed.places);
    sizeLine.textContent = sizeFormula(pooling);
    shareLine.textContent = shareOf(pooling);
    rimLine.textContent = [...missed.sentences, ...paddingSentences(pooling)].join(" ");
    code.say(kerasLine(now));
  }

  /** Write out what is pointed at, and light it. */
  function explain() {
    const { position, input, receiver } = walk.place;
    const isGradient = now.view === "gradient";
    let hand = "";
    if (input) {
      sumLine.textContent = reachOf(pooling, input);
      light({ reached: [input], outputs: outputsOf(pooling, input) });
    } else if (receiver) {
      sumLine.textContent = received(pooling, receiver, walk.done);
      light({ reached: [receiver], outputs: giversOf(pooling, receiver, walk.done) });
    } else {
      const winner = pooling.winners[indexOf(pooling, position)];
      sumLine.textContent = sumBehind(pooling, position);
      if (isGradient) hand = handedOut(pooling, position);
      light({
        window: windowOf(pooling, position),
        winner: now.all_winners ? pooling.winners : winner ? [winner] : [],
        current: [position],
      });
    }
    handLine.textContent = hand;
    handLine.hidden = !isGradient;
    heldLine.textContent = held(walk.isHeld);
    voice.say(`${sumLine.textContent} ${hand}`.trim());
  }

  /** Mark these places in all grids, and no others. */
  function light({ window = [], winner = [], reached = [], current = [], outputs = [] }) {
    const isInside = (place) => isReal(now.image, place);
    const marks = [
      [inputGrid, { window, winner, reached }],
      [outputGrid, { current, reached: outputs }],
      [
        gradientGrid,
        { window: window.filter(isInside), winner, reached: reached.filter(isInside) },
      ],
      [incomingGrid, { current, reached: outputs }],
    ];
    for (const [marked, names] of marks.slice(0, now.view === "gradient" ? 4 : 2))
      for (const [name, found] of Object.entries(names)) marked.mark(name, found);
  }

  const stopListening = listen(model, listeners);
  walk.resize(...pooling.shape);
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
    frame.close();
  };
}
