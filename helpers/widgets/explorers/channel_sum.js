// ChannelSum: three planes, three slices of a kernel, three maps, and their sum.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { codeLine, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { sideSlider } from "../parts/grid_controls.js";
import {
  memory,
  numberGrid,
  places,
  repeating,
  separate,
  titled,
  together,
} from "../parts/grids.js";
import { group, layout, line, sign } from "../parts/layout.js";
import { by, counted, format, held } from "../parts/numbers.js";
import { array, conv2d, outputSize } from "../parts/ops.js";
import { picture } from "../parts/pictures.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed } from "../parts/saving.js";
import { getArray, listen, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";

// Texts with a channel in them are looked up as a whole: "red plane", "green plane" …
const CHANNELS = ["red", "green", "blue"];
const ALL = [0, 1, 2];

// The number that is drawn with full light: the least of these that is large enough. With
// it goes how far the slider of the bias reaches.
const SCALES = [
  { white: 1, bias: 5, step: 0.1 },
  { white: 10, bias: 50, step: 1 },
  { white: 255, bias: 255, step: 1 },
];

// ----------------------------------------------------------------------------- arithmetic
// Settings are { planes, kernels, bias }: an array { shape, data } for each channel.

export const scaleOf = (planes) => {
  const largest = Math.max(...planes.flatMap(({ data }) => Array.from(data)));
  return SCALES.find(({ white }) => largest <= white) ?? SCALES.at(-1);
};

const light = (share) => Math.round(255 * Math.min(Math.max(share, 0), 1));

const largest = (arrays) =>
  Math.max(...arrays.flatMap(({ data }) => Array.from(data, Math.abs))) || 1;

/** Rows and columns of the output; below 1 where the kernel does not fit. */
export const sizesOf = ({ planes: [plane], kernels: [kernel] }) =>
  [0, 1].map((axis) => outputSize(plane.shape[axis], kernel.shape[axis]));

/** One map a channel, their sum, and the output: the sum with the bias. */
export function mapsOf({ planes, kernels, bias }) {
  const partials = planes.map((plane, c) => conv2d(plane, kernels[c]));
  const [{ shape }] = partials;
  const sum = array(shape);
  for (const { data } of partials) data.forEach((value, k) => (sum.data[k] += value));
  return { partials, sum, output: array(shape, sum.data.map((value) => value + bias)) };
}

/** The outputs that a cell of the planes takes part in. */
export function outputsOf(settings, [row, column]) {
  const [rows, columns] = settings.kernels[0].shape;
  const sizes = sizesOf(settings);
  return places(row - rows + 1, column - columns + 1, rows, columns).filter((place) =>
    place.every((n, axis) => n >= 0 && n < sizes[axis]),
  );
}

// ------------------------------------------------------------------------------ sentences

const factor = (value) => (value < 0 ? `(${format(value, 6)})` : format(value, 6));

/** Why the kernel does not fit into the planes; "" where it does. */
export function misfit(settings) {
  if (Math.min(...sizesOf(settings)) >= 1) return "";
  const { planes: [plane], kernels: [kernel] } = settings;
  return t(
    "A kernel of {kernel} does not fit into planes of {planes}. Choose a larger input or a " +
      "smaller kernel.",
    { kernel: by(kernel.shape), planes: by(plane.shape) },
  );
}

/** The sum behind one number of a channel's map: pixels · weights, term by term. */
export function channelSum({ planes, kernels }, { partials }, c, [i, j]) {
  const [{ shape, data }, kernel] = [planes[c], kernels[c]];
  const terms = places(i, j, ...kernel.shape).map(
    ([row, column], k) => `${factor(data[row * shape[1] + column])}·${factor(kernel.data[k])}`,
  );
  const value = format(partials[c].data[i * partials[c].shape[1] + j], 6);
  return `${t(CHANNELS[c])}: ${terms.join(" + ")} = ${value}`;
}

/** What the channels and the bias add up to. */
export function totalSum({ bias }, { partials, output }, [i, j]) {
  const at = i * output.shape[1] + j;
  const parts = [...partials.map(({ data }) => data[at]), bias];
  return t("output[{i}, {j}] = red + green + blue + bias = {sum} = {value}", {
    i,
    j,
    sum: parts.map(factor).join(" + "),
    value: format(output.data[at], 6),
  });
}

/** In how many sums and outputs a number of one plane takes part, or a pixel of all three. */
export function reachOf([row, column], channels, count) {
  const values = { row, column, sums: counted(count, "sum"), outputs: counted(count, "output") };
  const [name] = channels.map((c) => CHANNELS[c]);
  return channels.length > 1
    ? t(
        "pixel[{row}, {column}] takes part in {sums} of each map, and so in {outputs}.",
        values,
      )
    : t(
        `${name} plane[{row}, {column}] takes part in {sums} of the ${name} map, ` +
          "and so in {outputs}.",
        values,
      );
}

/** How many numbers such a layer learns. */
export function weightsOf({ kernels: [{ shape }] }) {
  const weights = shape[0] * shape[1] * CHANNELS.length;
  return t(
    "A kernel for a colour picture has rows × columns × 3 weights: {size} × 3 = {weights}, " +
      "and with 1 bias {parameters} parameters.",
    { size: by(shape), weights, parameters: weights + 1 },
  );
}

export function sizeFormula(settings) {
  const { planes: [plane], kernels: [kernel] } = settings;
  const [down, across] = sizesOf(settings).map(
    (size, axis) => `${plane.shape[axis]} − ${kernel.shape[axis]} + 1 = ${size}`,
  );
  return t(
    "Size of the output, input − kernel + 1: {sizes}. Stride 1 and no padding here; " +
      "ConvolutionStepper has both.",
    { sizes: down === across ? down : t("rows {down}, columns {across}", { down, across }) },
  );
}

export function kerasLine({ kernels: [{ shape: [rows, columns] }] }) {
  return `keras.layers.Conv2D(1, ${rows === columns ? rows : `(${rows}, ${columns})`})`;
}

// --------------------------------------------------------------------------- the explorer

/** The planes laid over each other, as the light that they are. */
function paintColours(canvas, planes, white) {
  const [rows, columns] = planes[0].shape;
  if (canvas.height !== rows) canvas.height = rows;
  if (canvas.width !== columns) canvas.width = columns;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(columns, rows);
  pixels.data.fill(255);
  planes.forEach(({ data }, c) =>
    data.forEach((value, k) => (pixels.data[4 * k + c] = light(value / white))),
  );
  context.putImageData(pixels, 0, 0);
}

/** A sign and the grid that it stands before: no line break parts them. */
const term = (text, grid) => make("div", { class: "cs-term" }, sign(text), grid.element);

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const [pictures, kernelPresets] = ["_pictures", "_kernels"].map((one) => presetsOf(model, one));
  let now = read(); // the settings on the screen
  let maps; // what follows from them

  const planeMemories = now.planes.map((plane) => memory(limits.image, repeating(plane)));
  const kernelMemories = ALL.map(() => memory(limits.kernel, () => 0, { centred: true }));

  function read() {
    return {
      planes: separate(getArray(model, "image")),
      kernels: separate(getArray(model, "kernel")),
      bias: model.get("bias"),
    };
  }

  function remember({ planes, kernels }) {
    planes.forEach((plane, c) => planeMemories[c].keep(plane));
    kernels.forEach((kernel, c) => kernelMemories[c].keep(kernel));
  }

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  /** A menu; fill(arrays) says what new cells hold then, nothing of what was there before. */
  const arraysMenu = (label, presets, part, fill) =>
    presetMenu({
      label,
      presets,
      settingsOf: (preset) => ({ [part]: separate(preset.array) }),
      onChoose(settings) {
        if (!attempt(settings)) return;
        fill(settings[part]);
        remember(now);
      },
    });
  const pictureMenu = arraysMenu(t("Picture"), pictures, "planes", (planes) =>
    planeMemories.forEach((kept, c) => kept.fill(repeating(planes[c]))),
  );
  const kernelMenu = arraysMenu(t("Kernel"), kernelPresets, "kernels", () =>
    kernelMemories.forEach((kept) => kept.fill(() => 0)),
  );
  const sizeSlider = (label, part, memories, max) =>
    sideSlider({
      label,
      max,
      onInput: (n) => attempt({ [part]: memories.map((kept) => kept.cut([n, n])) }),
    });
  const inputSize = sizeSlider(t("Input size"), "planes", planeMemories, limits.image);
  const kernelSize = sizeSlider(t("Kernel size"), "kernels", kernelMemories, limits.kernel);
  const biasSlider = slider({
    label: t("Bias"),
    min: 0,
    max: 0,
    value: 0,
    onInput: (bias) => attempt({ bias }),
  });
  // A place is an output: { position }, or a cell of some planes: { input, channels }.
  const walk = walker({
    model,
    fit({ position, input, channels }) {
      const inside = (place, shape) => place.every((n, axis) => n < shape[axis]);
      if (input)
        return { input: inside(input, now.planes[0].shape) ? input : [0, 0], channels };
      return { position: inside(position, sizesOf(now)) ? position : [0, 0] };
    },
    draw: showMaps,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const view = picture({
    caption: t("picture"),
    role: INPUT,
    onPoint: (input) => walk.point({ input, channels: ALL }),
    onPick: () => {},
    onLeave: walk.leave,
  });
  const computed = (label) =>
    numberGrid({
      label,
      role: OUTPUT,
      editable: false,
      digits: 5,
      onPoint: (position) => walk.point({ position }),
      onPick: (position) => walk.pick({ position }),
      onLeave: walk.leave,
    });
  const channels = CHANNELS.map(makeChannel);

  /** A plane, its slice of the kernel, and what the two make. */
  function makeChannel(name, c) {
    const plane = numberGrid({
      label: t(`${name} plane`),
      role: INPUT,
      step: 1,
      colour: (value) => ALL.map((other) => (other === c ? light(value) : 0)),
      onInput: (next) => attempt({ planes: now.planes.with(c, next) }),
      onRefuse: message.say,
      onPoint: (input) => walk.point({ input, channels: [c] }),
      onLeave: walk.leave,
    });
    const kernel = numberGrid({
      label: t(`${name} kernel`),
      role: KERNEL,
      onInput: (next) => attempt({ kernels: now.kernels.with(c, next) }),
      onRefuse: message.say,
    });
    const map = computed(t(`${name} map`));
    const figures = Object.entries({ plane, kernel, map }).map(([part, grid]) => ({
      ...titled("", grid),
      text: `${name} ${part} {size}`,
    }));
    const [input, slice, result] = figures;
    return {
      plane,
      kernel,
      map,
      say: (...shapes) =>
        figures.forEach(({ say, text }, k) => say(t(text, { size: by(shapes[k]) }))),
      element: make(
        "div",
        { class: "cs-channel", role: "group", "aria-label": t(`${name} channel`) },
        input.element,
        term("⋆", slice),
        term("=", result),
      ),
    };
  }

  const [sumGrid, outputGrid] = [computed(t("sum")), computed(t("output"))];
  const biasGrid = numberGrid({
    label: t("bias"),
    role: KERNEL,
    onInput: ({ data: [bias] }) => attempt({ bias }),
    onRefuse: message.say,
  });
  const outputFigure = titled("", outputGrid);
  const grids = [...channels.map(({ map }) => map), sumGrid, outputGrid];
  const board = make("div", { class: "cs-channels" }, ...channels.map((one) => one.element));
  const total = make(
    "div",
    { class: "cs-total", role: "group", "aria-label": t("sum of the channels") },
    titled(t("red + green + blue"), sumGrid).element,
    term("+", titled(t("bias"), biasGrid)),
    term("=", outputFigure),
  );

  const channelLines = CHANNELS.map(() => line("hc-sum"));
  const [totalLine, heldLine] = [line("hc-sum cs-sum"), line()];
  const [countLine, sizeLine] = [line(), line()];
  const code = codeLine(t("The same in Keras"));

  const frame = layout("ChannelSum", {
    head: [pictureMenu.element, kernelMenu.element],
    scene: [view.element, board, total],
    strip: [...channelLines, totalLine, heldLine, message.element],
    player: walk.elements,
    settings: [
      group(t("Sizes"), inputSize.element, kernelSize.element),
      group(t("Added to every output"), biasSlider.element),
    ],
    foot: [countLine, sizeLine, code.element, voice.element],
    python,
  });
  walk.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["image", "kernel", "bias"],
    now: () => now,
    read,
    misfit,
    take(next) {
      now = next;
      remember(now);
      message.clear();
      walk.resize(...sizesOf(now));
      update();
    },
    refuse(sentence) {
      message.say(sentence);
      showControls();
    },
    traitsOf: ({ planes, kernels, bias }, before) => ({
      bias,
      ...(planes !== before.planes && { image: toMessage(together(planes)) }),
      ...(kernels !== before.kernels && { kernel: toMessage(together(kernels)) }),
    }),
    walk,
  });

  function python() {
    const short = (chosen, arrays) => chosen.show(now)?.name ?? listed(together(arrays));
    return call(model, {
      image: short(pictureMenu, now.planes),
      kernel: short(kernelMenu, now.kernels),
      bias: now.bias,
      ...walk.written,
    });
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { planes, kernels } = now;
    maps = mapsOf(now);
    const { white } = scaleOf(planes);
    const [{ shape }, most] = [maps.output, largest(kernels)];
    channels.forEach(({ plane, kernel, say }, c) => {
      plane.show(planes[c], { most: white });
      kernel.show(kernels[c], { most });
      say(planes[c].shape, kernels[c].shape, shape);
    });
    outputFigure.say(t("output {size}", { size: by(shape) }));
    // Side by side where a laptop has the room, in the order of reading where not.
    const columns = planes[0].shape[1] + kernels[0].shape[1] + 2 * shape[1];
    total.classList.toggle("cs-wide", columns > 14);
    showPicture(white);
    showControls();
    showMaps();
    countLine.textContent = weightsOf(now);
    sizeLine.textContent = sizeFormula(now);
    code.say(kerasLine(now));
    explain();
  }

  function showPicture(white) {
    const { planes } = now;
    paintColours(view.canvas, planes, white);
    const beyond = planes.some(({ data }) => data.some((v) => v < 0 || v > white));
    view.caption(
      beyond
        ? t("picture, 0 to {white}, cut off", { white })
        : t("picture, 0 to {white}", { white }),
    );
    const [rows, columns] = planes[0].shape;
    view.describe(
      t("The three planes laid over each other: {rows} × {columns} pixels.", { rows, columns }),
    );
  }

  function showControls() {
    const { planes, kernels, bias } = now;
    pictureMenu.show(now);
    kernelMenu.show(now);
    inputSize.show(planes[0].shape);
    kernelSize.show(kernels[0].shape);
    const { bias: reach, step } = scaleOf(planes);
    Object.assign(biasSlider.input, { min: -reach, max: reach, step });
    biasSlider.value = bias;
  }

  /** The outputs done so far; the others are empty cells. One scale for all maps. */
  function showMaps() {
    const all = [...maps.partials, maps.sum, maps.output];
    const most = largest(all);
    all.forEach(({ shape, data }, k) => {
      const done = data.map((value, at) => (at < walk.done ? value : NaN));
      grids[k].show(array(shape, done), { most });
    });
    biasGrid.show(array([1, 1], Float64Array.of(now.bias)), { most });
  }

  /** Write out what is pointed at, and light it. */
  function explain() {
    const { position, input, channels: lit } = walk.place;
    if (input) reach(input, lit);
    else compose(position);
    heldLine.textContent = held(walk.isHeld);
    voice.say(totalLine.textContent);
  }

  /** The sum behind one output, channel by channel, and its window. */
  function compose(position) {
    const { shape } = now.kernels[0];
    const window = places(...position, ...shape);
    channels.forEach(({ plane }, c) => {
      plane.mark("reached", []);
      plane.mark("window", window);
      channelLines[c].textContent = channelSum(now, maps, c, position);
    });
    view.frame(...position, ...shape);
    for (const grid of grids) {
      grid.mark("reached", []);
      grid.mark("current", [position]);
    }
    totalLine.textContent = totalSum(now, maps, position);
  }

  /** Light every output that a number of these planes takes part in. */
  function reach(input, lit) {
    const reached = outputsOf(now, input);
    channels.forEach(({ plane }, c) => {
      plane.mark("window", []);
      plane.mark("reached", lit.includes(c) ? [input] : []);
      channelLines[c].textContent = "";
    });
    grids.forEach((grid, k) => {
      const takesPart = k >= channels.length || lit.includes(k); // the sums always do
      grid.mark("current", []);
      grid.mark("reached", takesPart ? reached : []);
    });
    view.frame(...input, 1, 1);
    totalLine.textContent = reachOf(input, lit, reached.length);
  }

  const stopListening = listen(model, listeners);
  remember(now);
  walk.resize(...sizesOf(now));
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
    frame.close();
  };
}
