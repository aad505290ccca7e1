// ArchitectureTable: the layers of an AlexNet, what each gives and what it costs.

import { totalsOf, walk } from "../parts/architecture.js";
import { menu, slider, spoken } from "../parts/controls.js";
import { setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call } from "../parts/saving.js";
import { listen, state } from "../parts/state.js";
import { t } from "../parts/texts.js";
import { figureName, layerTable } from "./architecture_table_rows.js";
import {
  leftOutText, memoryText, mostText, troubleText, whole,
} from "./architecture_table_words.js";

const NETWORK = ["input_size", "width", "groups", "classes", "layers"];
const TRAITS = [...NETWORK, "batch_size", "shown"];

/** The numbers of layers that are other than in `usual`; null where none is. */
export function changedLayers(layers, usual) {
  const changed = Object.entries(layers)
    .map(([name, settings]) => [
      name,
      Object.entries(settings).filter(([key, value]) => value !== usual[name][key]),
    ])
    .filter(([, settings]) => settings.length)
    .map(([name, settings]) => [name, Object.fromEntries(settings)]);
  return changed.length ? Object.fromEntries(changed) : null;
}

const withNumber = (layers, name, key, value) => ({
  ...layers,
  [name]: { ...layers[name], [key]: value },
});

/** What Copy as Python gives. */
export const settingsOf = (now, usual) => ({
  ...now,
  layers: changedLayers(now.layers, usual),
});

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = presetsOf(model);
  const read = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  let now = read(); // the settings on the screen
  let trouble = null; // why the last ones that were wanted cannot be
  let origin = null; // the layer in whose row they were wanted, or null

  // ------------------------------------------------------------------------------ controls
  const voice = spoken();
  const examples = presetMenu({
    presets,
    settingsOf: (preset) => Object.fromEntries(NETWORK.map((name) => [name, preset[name]])),
    onChoose: (settings) => attempt(settings),
  });
  const size = slider({
    label: t("Input"),
    min: limits.input_size[0],
    max: limits.input_size[1],
    onInput: (input_size) => attempt({ input_size }) || (size.value = now.input_size),
  });
  const width = slider({
    label: t("Width"),
    min: limits.width[0],
    max: limits.width[1],
    step: 0.025,
    onInput: (width) => attempt({ width }),
  });
  const groups = menu({
    label: t("Groups"),
    options: [
      [1, t("1: one tower")],
      [2, t("2: layers 2, 4 and 5 in two halves")],
    ],
    onChange: (value) => attempt({ groups: Number(value) }) || (groups.value = now.groups),
  });
  const batch = slider({
    label: t("Batch"),
    min: 0,
    max: Math.log2(limits.batch_size[1]),
    show: (power) => whole(2 ** power),
    onInput: (power) => attempt({ batch_size: 2 ** power }),
  });
  const shown = menu({
    label: t("Bars"),
    options: limits.quantities.map((quantity) => [quantity, figureName(quantity)]),
    onChange: (shown) => attempt({ shown }),
  });
  const table = layerTable({
    layers: now.layers,
    limits,
    onChange: (name, key, value) =>
      key === "classes"
        ? attempt({ classes: value }, name)
        : attempt({ layers: withNumber(now.layers, name, key, value) }, name),
    onRefuse(name, sentence) {
      quiet();
      table.refuse(name, sentence);
    },
  });
  const [most, leftOut, memory, refused] = [line("at-most"), line(), line(), line("at-refused")];
  const note = line("hc-keys");
  note.textContent = t(
    "Filters and units are those at width 1. Numbers are float32, 4 bytes each; a MB is a million bytes. Multiply-adds: one for each weight " +
      "in each place, without the biases. Memory: what a layer gives, once; gradients, dropout " +
      "and the winners of a pooling come on top.",
  );

  const frame = layout("ArchitectureTable", {
    head: [examples.element],
    scene: [table.element],
    strip: [most, leftOut, memory],
    settings: [
      group(t("Network"), size.element, width.element, groups.element, refused),
      group(t("What is shown"), shown.element, batch.element),
    ],
    foot: [note, voice.element],
    python: () => call(model, settingsOf(now, presets[0].layers)),
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  const states = state({
    model,
    traits: TRAITS,
    now: () => now,
    read,
    misfit(next) {
      ({ trouble } = walk(next));
      return trouble ? troubleText(trouble, next.layers) : "";
    },
    take(next) {
      now = next;
      update();
    },
    refuse(sentence) {
      const { name } = trouble;
      const where = t("Not taken: {name} says why.", { name: t(name) });
      quiet();
      table.refuse(name, sentence);
      if (!origin) setText(refused, where);
      else if (origin !== name) table.point(origin, where);
    },
    traitsOf: (next) => next,
  });
  function attempt(changes, from = null) {
    origin = from;
    return states.attempt(changes);
  }

  function quiet() {
    table.refuse(null, "");
    table.point(null, "");
    setText(refused, "");
  }

  // ------------------------------------------------------------------------------- drawing
  function update() {
    const { rows } = walk(now);
    const totals = totalsOf(rows);
    quiet();
    examples.show(now);
    size.value = now.input_size;
    width.value = now.width;
    groups.value = now.groups;
    batch.set(Math.log2(now.batch_size), whole(now.batch_size));
    shown.value = now.shown;
    table.show(rows, totals, now);
    setText(most, mostText(rows, now.shown));
    setText(leftOut, leftOutText(rows, now.layers));
    setText(memory, memoryText(totals, now.batch_size));
    voice.say(
      t("{parameters} parameters, {adds} multiply-adds. {most}", {
        parameters: whole(totals.parameters),
        adds: whole(totals.multiply_adds),
        most: most.textContent,
      }),
    );
  }

  const stopListening = listen(model, states.listeners);
  update();

  return () => {
    stopListening();
    voice.stop();
    frame.close();
  };
}
