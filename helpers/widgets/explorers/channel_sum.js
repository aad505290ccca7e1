// ChannelSum: three planes, three slices of a kernel, three maps, and their sum.

import {
  by,
  codeLine,
  counted,
  explorer,
  format,
  fromMessage,
  getArray,
  held,
  listen,
  make,
  messageLine,
  picture,
  same,
  slider,
  spoken,
  toMessage,
} from "../parts/base.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import {
  memory,
  numberGrid,
  places,
  repeating,
  separate,
  titled,
  together,
} from "../parts/grids.js";
import { array, conv2d, outputSize } from "../parts/ops.js";
import { presetMenu, sideSlider } from "../parts/grid_controls.js";
import { state, walker } from "../parts/stepper.js";

const CHANNELS = ["red", "green", "blue"];

// The number that is drawn with full light: the least of these that is large enough. With
// it goes how far the slider of the bias reaches.
const SCALES = [
  { white: 1, bias: 5, step: 0.1 },
  { white: 10, bias: 50, step: 1 },
  { white: 255, bias: 255, step: 1 },
];

const scaleOf = (planes) => {
  const largest = Math.max(...planes.flatMap(({ data }) => Array.from(data)));
  return SCALES.find(({ white }) => largest <= white) ?? SCALES.at(-1);
};
const light = (share) => Math.round(255 * Math.min(Math.max(share, 0), 1));
const factor = (value) => (value < 0 ? `(${format(value, 6)})` : format(value, 6));

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const [pictures, kernelPresets] = ["_pictures", "_kernels"].map((name) =>
    Object.entries(model.get(name)).map(([key, preset]) => ({
      name: key,
      title: preset.title,
      array: fromMessage(preset.array),
    })),
  );
  let now = read(); // what stands on the screen: planes, kernels, bias
  let partials = []; // one map a channel
  let sum; // of the three
  let output; // with the bias

  const planeMemories = now.planes.map((plane) => memory(limits.image, repeating(plane)));
  const kernelMemories = CHANNELS.map(() =>
    memory(limits.kernel, () => 0, { centred: true }),
  );

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
  const menuOf = (label, presets, part) =>
    presetMenu({
      label,
      presets,
      onChange: (preset) =>
        preset ? attempt({ [part]: separate(preset.array) }) : showControls(),
    });
  const pictureMenu = menuOf("Picture", pictures, "planes");
  const kernelMenu = menuOf("Kernel", kernelPresets, "kernels");
  const sizeSlider = (label, part, memories, max) =>
    sideSlider({
      label,
      max,
      onInput: (n) => attempt({ [part]: memories.map((kept) => kept.cut([n, n])) }),
    });
  const inputSize = sizeSlider("Input size", "planes", planeMemories, limits.image);
  const kernelSize = sizeSlider("Kernel size", "kernels", kernelMemories, limits.kernel);
  const biasSlider = slider({
    label: "Bias",
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
      return { position: inside(position, sizeOf(now)) ? position : [0, 0] };
    },
    draw: showMaps,
    explain,
  });

  // --------------------------------------------------------------------------------- grids
  const view = picture({
    caption: "picture",
    role: INPUT,
    onPoint: (input) => walk.point({ input, channels: [0, 1, 2] }),
    onPick: () => {},
    onLeave: walk.leave,
  });
  const refuse = (sentence) => message.say(sentence);
  const written = (label) =>
    numberGrid({
      label,
      role: OUTPUT,
      editable: false,
      digits: 5,
      onPoint: (position) => walk.point({ position }),
      onPick: (position) => walk.pick({ position }),
      onLeave: walk.leave,
    });
  const channels = CHANNELS.map((name, c) => {
    const plane = numberGrid({
      label: `${name} plane`,
      role: INPUT,
      step: 1,
      colour: (value) => CHANNELS.map((_, other) => (other === c ? light(value) : 0)),
      onInput: (next) => attempt({ planes: now.planes.with(c, next) }),
      onRefuse: refuse,
      onPoint: (input) => walk.point({ input, channels: [c] }),
      onLeave: walk.leave,
    });
    const kernel = numberGrid({
      label: `${name} kernel`,
      role: KERNEL,
      onInput: (next) => attempt({ kernels: now.kernels.with(c, next) }),
      onRefuse: refuse,
    });
    const map = written(`${name} map`);
    const figures = {
      plane: titled("", plane),
      kernel: titled("", kernel),
      map: titled("", map),
    };
    return {
      plane,
      kernel,
      map,
      say(sizes) {
        for (const [part, shape] of Object.entries(sizes))
          figures[part].say(`${name} ${part} ${by(shape)}`);
      },
      element: make(
        "div",
        { class: "cs-channel", role: "group", "aria-label": `${name} channel` },
        figures.plane.element,
        sign("⋆"),
        figures.kernel.element,
        sign("="),
        figures.map.element,
      ),
    };
  });
  const sumGrid = written("sum");
  const biasGrid = numberGrid({
    label: "bias",
    role: KERNEL,
    onInput: ({ data: [bias] }) => attempt({ bias }),
    onRefuse: refuse,
  });
  const outputGrid = written("output");
  const outputFigure = titled("", outputGrid);
  const maps = [...channels.map(({ map }) => map), sumGrid, outputGrid];

  const board = make(
    "div",
    { class: "cs-board" },
    make("div", { class: "cs-channels" }, ...channels.map(({ element }) => element)),
    make(
      "div",
      { class: "cs-total", role: "group", "aria-label": "sum of the channels" },
      titled("red + green + blue", sumGrid).element,
      sign("+"),
      titled("bias", biasGrid).element,
      sign("="),
      outputFigure.element,
    ),
  );
  const channelLines = CHANNELS.map(() => make("p", { class: "hc-note hc-sum" }));
  const totalLine = make("p", { class: "hc-note hc-sum cs-sum" });
  const heldLine = make("p", { class: "hc-note" });
  const countLine = make("p", { class: "hc-note" });
  const sizeLine = make("p", { class: "hc-note" });
  const code = codeLine("The same in Keras");

  const root = explorer(
    "ChannelSum",
    make(
      "div",
      { class: "cs-head" },
      view.element,
      make(
        "div",
        { class: "hc-bar" },
        pictureMenu.element,
        kernelMenu.element,
        inputSize.element,
        kernelSize.element,
        biasSlider.element,
      ),
    ),
    board,
    walk.element,
    make("div", { class: "cs-sums" }, ...channelLines, totalLine),
    heldLine,
    message.element,
    countLine,
    sizeLine,
    code.element,
    voice.element,
  );
  walk.listen(root);
  el.append(root);

  // --------------------------------------------------------------------------------- state
  const sizeOf = ({ planes: [plane], kernels: [kernel] }) =>
    [0, 1].map((axis) => outputSize(plane.shape[axis], kernel.shape[axis]));

  /** Why the kernel does not fit into the planes; "" where it does. */
  function misfit(next) {
    if (Math.min(...sizeOf(next)) >= 1) return "";
    return (
      `A kernel of ${by(next.kernels[0].shape)} does not fit into planes of ` +
      `${by(next.planes[0].shape)}. Choose a larger input or a smaller kernel.`
    );
  }

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
      walk.resize(...sizeOf(now));
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

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { planes, kernels, bias } = now;
    partials = planes.map((plane, c) => conv2d(plane, kernels[c]));
    const [red, green, blue] = partials.map(({ data }) => data);
    sum = array(
      partials[0].shape,
      red.map((value, k) => value + green[k] + blue[k]),
    );
    output = array(
      sum.shape,
      sum.data.map((value) => value + bias),
    );
    const { white } = scaleOf(planes);
    const most = largest(kernels);
    channels.forEach(({ plane, kernel, say }, c) => {
      plane.show(planes[c], { most: white });
      kernel.show(kernels[c], { most });
      say({ plane: planes[c].shape, kernel: kernels[c].shape, map: output.shape });
    });
    outputFigure.say(`output ${by(output.shape)}`);
    // Side by side where a laptop has the room, in the order of reading where not.
    const columns = planes[0].shape[1] + kernels[0].shape[1] + 2 * output.shape[1];
    board.classList.toggle("cs-wide", columns > 14);
    showPicture(white);
    showControls();
    showMaps();
    showCounts();
    explain();
  }

  const largest = (arrays) =>
    Math.max(...arrays.flatMap(({ data }) => Array.from(data, Math.abs))) || 1;

  /** The planes laid over each other, as the light that they are. */
  function showPicture(white) {
    const { canvas } = view;
    const [rows, columns] = now.planes[0].shape;
    if (canvas.height !== rows) canvas.height = rows;
    if (canvas.width !== columns) canvas.width = columns;
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(columns, rows);
    pixels.data.fill(255);
    now.planes.forEach(({ data }, c) =>
      data.forEach((value, k) => (pixels.data[4 * k + c] = light(value / white))),
    );
    context.putImageData(pixels, 0, 0);
    const beyond = now.planes.some(({ data }) => data.some((v) => v < 0 || v > white));
    view.caption(`picture, 0 to ${white}${beyond ? ", cut off" : ""}`);
    view.describe(`The three planes laid over each other: ${rows} × ${columns} pixels.`);
  }

  function showControls() {
    const { planes, kernels, bias } = now;
    const known = (presets, arrays) =>
      presets.find((preset) => same(preset.array, together(arrays)));
    pictureMenu.show(known(pictures, planes));
    kernelMenu.show(known(kernelPresets, kernels));
    inputSize.show(planes[0].shape);
    kernelSize.show(kernels[0].shape);
    const { bias: reach, step } = scaleOf(planes);
    Object.assign(biasSlider.input, { min: -reach, max: reach, step });
    biasSlider.value = bias;
  }

  /** The outputs done so far; the others are empty cells. One scale for all maps. */
  function showMaps() {
    const done = ({ shape, data }) =>
      array(shape, data.map((value, k) => (k < walk.done ? value : NaN)));
    const all = [...partials, sum, output];
    const most = largest(all);
    all.forEach((map, k) => maps[k].show(done(map), { most }));
    biasGrid.show(array([1, 1], Float64Array.of(now.bias)), { most });
  }

  function showCounts() {
    const [plane, kernel] = [now.planes[0].shape, now.kernels[0].shape];
    const weights = kernel[0] * kernel[1] * CHANNELS.length;
    countLine.textContent =
      `A kernel for a colour picture has rows × columns × 3 weights: ${by(kernel)} × 3 = ` +
      `${weights}, and with 1 bias ${weights + 1} parameters.`;
    const along = (axis) =>
      `${plane[axis]} − ${kernel[axis]} + 1 = ${output.shape[axis]}`;
    const [down, across] = [along(0), along(1)];
    sizeLine.textContent =
      "Size of the output, input − kernel + 1: " +
      (down === across ? down : `rows ${down}, columns ${across}`) +
      ". Stride 1 and no padding here; ConvolutionStepper has both.";
    const size = kernel[0] === kernel[1] ? kernel[0] : `(${kernel.join(", ")})`;
    code.say(`keras.layers.Conv2D(1, ${size})`);
  }

  /** Write out what is pointed at, and light it. */
  function explain() {
    const { position, input, channels } = walk.place;
    if (input) reach(input, channels);
    else compose(position);
    heldLine.textContent = held(walk.isHeld);
    voice.say(totalLine.textContent);
  }

  /** The sum behind one output, channel by channel, and its window. */
  function compose([i, j]) {
    const { planes, kernels, bias } = now;
    const window = places(i, j, ...kernels[0].shape);
    const at = i * output.shape[1] + j;
    channels.forEach(({ plane }, c) => {
      plane.mark("reached", []);
      plane.mark("window", window);
      const { shape, data } = planes[c];
      const terms = window.map(
        ([row, column], k) =>
          `${factor(data[row * shape[1] + column])}·${factor(kernels[c].data[k])}`,
      );
      channelLines[c].textContent =
        `${CHANNELS[c]}: ${terms.join(" + ")} = ${format(partials[c].data[at], 6)}`;
    });
    view.frame(i, j, ...kernels[0].shape);
    for (const map of maps) {
      map.mark("reached", []);
      map.mark("current", [[i, j]]);
    }
    const parts = partials.map(({ data }) => factor(data[at]));
    totalLine.textContent =
      `output[${i}, ${j}] = red + green + blue + bias = ` +
      `${[...parts, factor(bias)].join(" + ")} = ${format(output.data[at], 6)}`;
  }

  /** Light every output that a number of these planes takes part in. */
  function reach([row, column], lit) {
    const [rows, columns] = now.kernels[0].shape;
    const reached = places(row - rows + 1, column - columns + 1, rows, columns).filter(
      ([i, j]) => i >= 0 && j >= 0 && i < output.shape[0] && j < output.shape[1],
    );
    channels.forEach(({ plane, map }, c) => {
      plane.mark("window", []);
      plane.mark("reached", lit.includes(c) ? [[row, column]] : []);
      map.mark("current", []);
      map.mark("reached", lit.includes(c) ? reached : []);
    });
    for (const map of [sumGrid, outputGrid]) {
      map.mark("current", []);
      map.mark("reached", reached);
    }
    view.frame(row, column, 1, 1);
    for (const line of channelLines) line.textContent = "";
    const [name, own] =
      lit.length > 1
        ? ["pixel", "each map"]
        : [`${CHANNELS[lit[0]]} plane`, `the ${CHANNELS[lit[0]]} map`];
    totalLine.textContent =
      `${name}[${row}, ${column}] takes part in ${counted(reached.length, "sum")} of ` +
      `${own}, and so in ${counted(reached.length, "output")}.`;
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, listeners);

  remember(now);
  walk.resize(...sizeOf(now));
  update();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    voice.stop();
  };
}

/** A sign between grids. */
function sign(text) {
  return make("span", { class: "hc-sign", "aria-hidden": "true" }, text);
}
