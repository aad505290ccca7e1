// DigitPad: draw a digit, and see every layer of a network answer.

import {
  actions, bound, button, checkbox, menu, messageLine, slider, spoken,
} from "../parts/controls.js";
import { asInput, probabilitiesOf } from "../parts/covering.js";
import { coveringView } from "../parts/covering_view.js";
import { make, setText } from "../parts/elements.js";
import { layerTiles } from "../parts/layer_tiles.js";
import { group, layout, line } from "../parts/layout.js";
import { networkFrom } from "../parts/network.js";
import { chainOf, errorsOf } from "../parts/network_errors.js";
import { clamp, square } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { guessText } from "../parts/probabilities.js";
import { call, tuple, variable } from "../parts/saving.js";
import { inkKeeper, seen } from "../parts/seen.js";
import { each, fromMessage, listen, share, toMessage } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { stepPanel } from "../parts/unit_step.js";
import { fieldOf, firstUnit, isInside, middleOf } from "../parts/units.js";
import { drawingPad } from "./digit_pad_drawing.js";
import { answerView, inkOf, inkText, seenView } from "./digit_pad_views.js";

const [MOST_STROKES, MOST_POINTS] = [400, 20_000];
const FARTHEST = 14; // pixels that a picture is moved
const STILL = { shift: [0, 0], turn: 0, scale: 100, covered: [] };
const PICTURE = ["strokes", "prepare", "shift", "turn", "scale", "covered", "patch", "_base"];
const NETWORK = ["network", "_networks", "_samples"];
const UNIT = ["layer", "unit", "errors", "label"];

const NETWORK_NAMES = { mnist: "digits: MNIST", quickdraw: "drawings: Quick, Draw!", own: "your own" };
const PREPARED_NAMES = {
  mnist: "as MNIST: a box of 20, centre of mass",
  quickdraw: "as Quick, Draw!: it fills the square",
  "as drawn": "not at all",
};

/** The names of a network's classes, or their numbers. */
export function classesOf({ layers, outputs, about }) {
  const [count] = layers[outputs[0]].shape;
  const named = about?.classes ?? [];
  return named.length === count ? named : Array.from({ length: count }, (_, k) => String(k));
}

/** A value that is made anew only where what it is made of is another. */
function kept(makeIt) {
  let [of, made] = [undefined, undefined];
  return (next) => (next === of ? made : (made = makeIt((of = next))));
}

export default function render({ model, el }) {
  const get = (name) => model.get(name);
  const set = (changes) => share(model, changes);
  const baseOf = kept(fromMessage);
  const trainedOf = kept((given) => {
    const { description, data } = given;
    const bytes = data.buffer ?? data;
    const from = data.byteOffset ?? 0;
    const own = new Uint8Array(bytes.slice(from, from + data.byteLength));
    const made = networkFrom(description, own);
    const classes = classesOf(description);
    return { description, bytes: own, ...made, classes, chain: chainOf(made.layers) };
  });
  const keeper = inkKeeper();
  let [trained, now, result] = [null, null, null]; // now: what is seen; result: its maps
  let sample = -1;
  let frameDue = 0; // the frame until which nothing more is drawn
  let isNew = false; // whether there is something that it has to draw

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const options = (names, texts) => names.map((name) => [name, t(texts[name])]);
  const networkMenu = menu({
    label: t("Network"),
    options: options(Object.keys(NETWORK_NAMES), NETWORK_NAMES),
    onChange: (network) => {
      const { layers } = trainedOf(get("_networks")[network]);
      set({ network, prepare: get("_usual")[network], label: 0, ...firstUnit(layers) });
    },
  });
  const rubber = button(t("Rubber"), () => changeRubber(), { "aria-pressed": "false" });
  const pad = drawingPad({
    mayBegin,
    onLive: live,
    onDone: (stroke) => set({ strokes: [...get("strokes"), stroke] }),
    onUndo: undo,
    onClear: clear,
    onRubber: () => changeRubber(),
  });
  const seenPicture = seenView((covered) => set({ covered }));
  const answers = answerView();
  const hurting = coveringView((place) => set({ covered: place }), message.say);
  const tiles = layerTiles((layer, unit) => {
    steps.stop();
    set({ layer, unit });
  });
  const steps = transport({
    label: t("Layer"),
    first: 0,
    keysText: "Keys: ← → go from layer to layer, space plays; on the pad, arrows and space draw.",
    onStep: (layer) => set({ layer, unit: unitIn(layer) }),
    onEscape: () => get("covered").length && set({ covered: [] }),
  });
  const controls = {
    turn: bound(model, "turn", slider, {
      label: t("Turn"),
      min: -180,
      max: 180,
      show: (n) => t("{n}°", { n }),
    }),
    scale: bound(model, "scale", slider, {
      label: t("Size"),
      min: 50,
      max: 200,
      show: (n) => t("{n} %", { n }),
    }),
    prepare: bound(model, "prepare", menu, {
      label: t("Prepare"),
      options: options(Object.keys(PREPARED_NAMES), PREPARED_NAMES),
    }),
    patch: bound(model, "patch", slider, { label: t("Cover"), min: 1, max: 14, show: square }),
    errors: bound(model, "errors", checkbox, { label: t("show errors") }),
  };
  const marks = checkbox({ label: t("box and centre of mass"), onChange: draw });
  const hurts = checkbox({ label: t("where covering hurts"), onChange: draw });
  const labels = menu({ label: t("Right class"), options: [], onChange: (k) => set({ label: Number(k) }) });
  const moved = (by) => (n, axis) => clamp(n + by[axis], -FARTHEST, FARTHEST);
  const nudge = (text, name, by) =>
    button(text, () => set({ shift: get("shift").map(moved(by)) }), { "aria-label": name });
  const nudges = actions(
    nudge("←", t("Move left"), [0, -1]),
    nudge("↑", t("Move up"), [-1, 0]),
    nudge("↓", t("Move down"), [1, 0]),
    nudge("→", t("Move right"), [0, 1]),
    button(t("As it was"), () => set(STILL)),
  );
  const sampleButton = button(t("Sample"), () => {
    const [message_, count] = [get("_samples")[get("network")], samples().length];
    sample = (sample + 1) % count;
    const { data } = fromMessage(message_);
    const picture = array([28, 28], data.slice(sample * 784, (sample + 1) * 784));
    set({ strokes: [], _base: toMessage(picture, "uint8"), ...STILL });
  });
  const undoButton = button(t("Undo"), undo);
  const samples = () => {
    const found = get("_samples")[get("network")];
    return { length: found ? found.shape[0] : 0 };
  };

  // ---------------------------------------------------------------------------------- page
  const [guess, inkLine] = [line("dp-guess"), line("hc-keys")];
  const step = stepPanel();
  const tools = actions(sampleButton, button(t("Clear"), clear), undoButton, rubber);
  const drawing = make("div", { class: "dp-drawing" }, pad.element, tools);
  const frame = layout("DigitPad", {
    head: [networkMenu.element],
    scene: [
      make("div", { class: "dp-top" }, drawing, seenPicture.element, answers.element, hurting.element),
      guess,
      tiles.element,
      step.element,
    ],
    strip: [...step.lines, message.element],
    player: steps.elements,
    settings: [
      group(
        t("The picture"),
        ...[controls.prepare, controls.turn, controls.scale].map(({ element }) => element),
        ...[nudges, marks.element, inkLine],
      ),
      group(t("Covering"), controls.patch.element, hurts.element),
      group(t("Errors, back from the loss"), controls.errors.element, labels.element),
    ],
    foot: [step.legend, voice.element],
    python,
  });
  steps.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function mayBegin() {
    const strokes = get("strokes");
    const points = strokes.reduce((sum, one) => sum + (one.erase ?? one).length, 0);
    const room = strokes.length < MOST_STROKES && points < MOST_POINTS;
    message.say(room ? "" : t("There is no room for more strokes: clear the pad."));
    return room;
  }
  function undo() {
    const strokes = get("strokes");
    if (strokes.length) set({ strokes: strokes.slice(0, -1) });
    else clear();
  }
  function clear() {
    set({ strokes: [], _base: toMessage(array([28, 28]), "uint8"), ...STILL });
  }
  function changeRubber() {
    const on = rubber.getAttribute("aria-pressed") === "false";
    rubber.setAttribute("aria-pressed", on);
    pad.rubber = on;
  }
  const unitIn = (layer) =>
    isInside(trained.layers[layer], get("unit")) ? get("unit") : middleOf(trained.layers[layer]);

  function python() {
    const { network, strokes, prepare, shift, turn, scale } = Object.fromEntries(
      ["network", "strokes", "prepare", "shift", "turn", "scale"].map((name) => [name, get(name)]),
    );
    const base = baseOf(get("_base"));
    const usual = prepare === get("_usual")[network];
    return call(model, {
      network: network === "own" ? variable("model") : network,
      strokes: strokes.length ? strokes : tuple(),
      image: base.data.some((value) => value) ? variable("image") : null,
      prepare: usual ? null : prepare,
      shift: tuple(...shift),
      ...{ turn, scale },
    });
  }

  // ------------------------------------------------------------------------------- drawing
  /** Other traits: the controls say so. */
  function update() {
    const next = trainedOf(get("_networks")[get("network")]);
    if (next !== trained) {
      trained = next;
      sample = -1;
      tiles.build(trained.layers);
      answers.build(trained.classes);
      labels.select.replaceChildren(
        ...trained.classes.map((name, k) => make("option", { value: k }, t("{name}", { name }))),
      );
      steps.resize(trained.layers.length - 1, 1);
    }
    networkMenu.value = get("network");
    networkMenu.select.querySelector("[value=own]").disabled = !get("_networks").own;
    sampleButton.disabled = !samples().length;
    for (const { follow } of Object.values(controls)) follow();
    draw();
  }

  /** A stroke grows: it is drawn at once, then again with the next frame, never more often. */
  function live() {
    isNew = true;
    if (!frameDue) nextFrame();
  }
  function nextFrame() {
    frameDue = isNew && pad.live ? requestAnimationFrame(nextFrame) : 0;
    if (frameDue) draw();
    isNew = false;
  }

  /** All that follows from the drawing, in one go. */
  function draw() {
    const settings = Object.fromEntries(PICTURE.map((name) => [name, get(name)]));
    const base = baseOf(settings._base);
    const strokes = pad.live ? [...settings.strokes, pad.live] : settings.strokes;
    const ink = keeper.of(base, strokes);
    now = seen({ ...settings, base, strokes }, ink);
    const x = asInput(now.picture, trained.layers);
    const { output, maps } = trained.run(x);
    result = { x, maps, probabilities: probabilitiesOf(trained.layers, output) };

    pad.show(ink, strokes.length);
    undoButton.disabled = !strokes.length && base.data.every((value) => value === 0);
    const inked = inkOf(now.whole);
    const { covered, patch } = settings;
    seenPicture.show({ picture: now.picture, marks: marks.value, ink: inked, covered, patch });
    inkLine.hidden = !marks.value;
    setText(inkLine, inkText(inked));
    answers.show(result.probabilities);
    setText(guess, guessText(trained.classes, result.probabilities));
    voice.say(guess.textContent);
    tiles.show(maps, !pad.live);
    explain();
    if (!pad.live) hurtingNow();
  }

  function hurtingNow() {
    const { probabilities } = result;
    const label = probabilities.indexOf(Math.max(...probabilities));
    const { description, bytes } = trained;
    const input = { description, bytes, picture: now.whole, side: get("patch"), label };
    hurting.want(hurts.value ? input : null, trained.classes[label]);
  }

  /** The layer and the unit that are written out. */
  function explain() {
    const { layers, chain, classes } = trained;
    const [index, unit] = [get("layer"), get("unit")];
    const label = Math.min(get("label"), classes.length - 1);
    if (index >= layers.length || !isInside(layers[index], unit)) return; // more is to come
    const { maps, x } = result;
    steps.at = index;
    labels.value = label;
    const field = fieldOf(layers, index, unit);
    seenPicture.frame(field);
    tiles.mark(index, unit);
    const errors = get("errors") && chain ? errorsOf(layers, chain, x, label) : null;
    const noWay = get("errors") && !chain;
    step.show({ layers, maps, classes, index, unit, field, label, errors, noWay });
  }

  update();
  const stop = listen(model, {
    ...each([...NETWORK, ...PICTURE], update),
    ...each(UNIT, () => {
      controls.errors.follow();
      explain();
    }),
  });
  return () => {
    stop();
    cancelAnimationFrame(frameDue);
    steps.stop();
    voice.stop();
    hurting.close();
    frame.close();
  };
}
