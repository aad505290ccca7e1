// GradientFlow: what becomes of activations and gradients in a deep stack of layers.

import { actions, bound, button, checkbox, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { setText } from "../parts/elements.js";
import { BOUND } from "../parts/flows.js";
import { group, layout, line } from "../parts/layout.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call } from "../parts/saving.js";
import { each, listen, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { measurer } from "./gradient_flow_measuring.js";
import { histogram, layerTable } from "./gradient_flow_pictures.js";
import {
  activationText, conclusion, conclusionText, heldText, layerText, spreadText, weightsText,
} from "./gradient_flow_words.js";

const STACK = ["layers", "width", "activation", "initialiser", "normalise", "seed"];

export default function render({ model, el }) {
  const limits = model.get("_limits");
  let shown = []; // what was measured of the stack on the screen, the seed itself first

  const stackNow = () => Object.fromEntries(STACK.map((name) => [name, model.get(name)]));
  const heldNow = () => (Object.keys(model.get("held")).length ? [model.get("held")] : []);
  const seedsOf = (stack) =>
    Array.from({ length: limits.seeds }, (_, k) => ({ ...stack, seed: stack.seed + k }));
  const measuring = measurer({
    onNew: show,
    onError(sentence) {
      message.say(sentence);
      frame.root.setAttribute("aria-busy", false);
    },
  });

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const presets = presetsOf(model);
  const examples = presetMenu({
    presets,
    settingsOf: ({ layers, width, activation, initialiser, normalise }) => ({
      layers,
      width,
      activation,
      initialiser,
      normalise,
    }),
    onChoose: set,
  });
  const steps = transport({
    label: t("Layer"),
    keysText: "Keys: ↑ ↓ or ← → go from layer to layer, space plays, Home, End.",
    onStep: (layer) => {
      draw();
      share(model, { layer });
    },
    onEscape: () => {},
  });
  const entries = (names, text) => names.map((name) => [name, text(name)]);
  const controls = {
    layers: slider({
      label: t("Depth"),
      min: limits.layers[0],
      max: limits.layers[1],
      show: (layers) => t("{layers} layers", { layers }),
      onInput: (layers) => set({ layers }),
    }),
    activation: bound(model, "activation", menu, {
      label: t("Activation"),
      options: entries(limits.activations, activationText),
    }),
    initialiser: bound(model, "initialiser", menu, {
      label: t("Weights"),
      options: entries(limits.initialisers, weightsText),
    }),
    normalise: bound(model, "normalise", checkbox, { label: t("batch normalisation") }),
    width: bound(model, "width", menu, {
      label: t("Units a layer"),
      options: entries(limits.widths, String),
    }),
  };
  const anew = button(t("Another seed"), () =>
    set({ seed: (model.get("seed") % limits.seed) + 1 }),
  );
  const hold = button(t("Hold this to compare"), () => share(model, { held: stackNow() }));
  const letGo = button(t("Let go"), () => {
    share(model, { held: {} });
    hold.focus(); // a button that is switched off loses the keyboard
  });
  const [seedLine, heldLine] = [line(), line()];

  // ------------------------------------------------------------------------------ pictures
  const table = layerTable(limits.layers[1], pick);
  const large = histogram();
  const [sentence, layerLine, spreadLine] = [line("gf-conclusion"), line(), line()];
  const note = line("hc-keys");
  note.textContent = t(
    "Nothing is trained: this is the start. A batch of standard normal numbers goes in; at the top " +
      "enters a gradient of length 1 in a random direction, as if from a loss. Bars of gradients are " +
      "logarithmic, those of activations are not. " +
      "Where less than 1/{bound} arrives at layer 1 the gradient vanishes, where more than {bound} " +
      "times arrives it explodes, between them it holds.",
    { bound: BOUND },
  );

  const frame = layout("GradientFlow", {
    head: [examples.element],
    scene: [table.element, large.element],
    strip: [sentence, layerLine, spreadLine, message.element],
    player: steps.elements,
    settings: [
      group(t("Network"), ...Object.values(controls).map(({ element }) => element)),
      group(t("Compare"), actions(hold, letGo), heldLine),
      group(t("Chance"), actions(anew), seedLine),
    ],
    foot: [note, voice.element],
    python: () => call(model, { ...stackNow(), held: heldNow()[0] ?? null }),
  });
  steps.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function set(changes) {
    const layers = changes.layers ?? model.get("layers");
    share(model, { ...changes, layer: Math.min(model.get("layer"), layers) });
  }

  function pick(layer) {
    if (layer > steps.count) return;
    steps.stop();
    share(model, { layer });
  }

  /** The settings are new: the controls say so, and what is not known yet is measured. */
  function update() {
    const [stack, held] = [stackNow(), heldNow()];
    message.clear();
    controls.layers.value = stack.layers;
    for (const { follow } of Object.values(controls)) follow?.();
    examples.show(stack);
    steps.resize(stack.layers, 1);
    steps.at = Math.min(model.get("layer"), stack.layers);
    const last = stack.seed + limits.seeds - 1;
    setText(seedLine, t("Seed {seed}; the range is that of seeds {seed} to {last}.", { seed: stack.seed, last }));
    letGo.disabled = !held.length;
    measuring.want([stack, ...held], [stack, ...held].flatMap(seedsOf));
    show();
  }

  // ------------------------------------------------------------------------------- drawing
  /** All that is known of what is on the screen; until its first numbers, what was there. */
  function show() {
    frame.root.setAttribute("aria-busy", !measuring.isDone);
    const runsOf = (stack) => seedsOf(stack).map(measuring.of).filter(Boolean);
    const [stack, held] = [stackNow(), heldNow()];
    const known = [stack, ...held].every(measuring.of);
    table.element.setAttribute("aria-busy", !known); // the frame's: also the other seeds
    if (!known) return;
    shown = runsOf(stack);
    const heldRuns = held.flatMap(runsOf);
    setText(sentence, conclusionText(conclusion(shown), stack.layers));
    setText(heldLine, held.length ? heldText(held[0], heldRuns) : t("Nothing is held."));
    table.show(shown, heldRuns[0] ?? []);
    draw();
  }

  /** The layer that is written out. */
  function draw() {
    const [one] = shown;
    if (!one) return;
    const [layer, layers] = [Math.min(steps.at, one.length), one.length];
    table.mark(layer);
    large.show(one[layer - 1], t("Activations of layer {layer} of {layers}", { layer, layers }));
    setText(layerLine, layerText(one, layer));
    setText(spreadLine, spreadText(one[layer - 1]));
    voice.say(layerLine.textContent);
  }

  function follow() {
    const layer = model.get("layer");
    if (layer === steps.at || layer > steps.count) return;
    steps.at = layer;
    draw();
  }

  update();
  const stop = listen(model, { ...each([...STACK, "held"], update), layer: follow });
  return () => {
    stop();
    measuring.close();
    steps.stop();
    voice.stop();
    frame.close();
  };
}
