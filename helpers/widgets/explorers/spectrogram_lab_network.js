// SpectrogramLab: what a network makes of the sound.

import { OUTPUT } from "../parts/colours.js";
import { menu } from "../parts/controls.js";
import { asInput, probabilitiesOf } from "../parts/covering.js";
import { make, setText } from "../parts/elements.js";
import { line } from "../parts/layout.js";
import { mosaicView } from "../parts/mosaic_view.js";
import { largest } from "../parts/mosaics.js";
import { networkFrom } from "../parts/network.js";
import { isGray, layerText, sidesOf } from "../parts/network_layers.js";
import { by, format } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { guessText, probabilityBars } from "../parts/probabilities.js";
import { numbersFrom } from "../parts/state.js";
import { t } from "../parts/texts.js";
import { heardOf, upsideDown } from "./spectrogram_lab_sliding.js";
import { earText } from "./spectrogram_lab_words.js";

const HEARS = "It hears: {name} ({share}); then {other} ({rest}).";

const nameOf = (layers, k) =>
  layers[k].kind === "input"
    ? t("what the network hears: {size}", { size: by(layers[k].shape) })
    : layerText(layers[k]);

/**
 * A network that hears sounds, its bars, the maps of one of its layers: hear(wave) for a new
 * sound, show(layer) for another layer. onLayer(name) comes from its menu. Without a network its
 * elements are none.
 */
export function listener({ network, names, ear, onLayer }) {
  if (!network.description) return { scene: [], settings: [], hear: () => "", show() {} };
  const { description, data } = network;
  const { layers, run } = networkFrom(description, numbersFrom(data, Uint8Array));
  const bars = probabilityBars();
  bars.build(names);
  const [guess, note] = [line("sl-guess"), line()];
  setText(note, earText(ear));
  const caption = make("figcaption");
  const view = mosaicView(OUTPUT);
  const layerMenu = menu({
    label: t("Layer"),
    options: layers.map(({ name }, k) => [name, nameOf(layers, k)]),
    onChange: onLayer,
  });
  let maps = []; // of the sound that was heard last
  let shown; // the name of the layer

  function draw() {
    const k = layers.findIndex(({ name }) => name === shown);
    if (k < 0 || !maps.length) return;
    layerMenu.value = shown;
    const made = upsideDown(array(sidesOf(layers[k].shape), maps[k].data));
    const title = nameOf(layers, k);
    setText(caption, title);
    const told = { title, most: format(largest(made.data), 3) };
    view.show(made, k > 0 && isGray(layers, k), t("{title}; the largest number is {most}", told));
  }
  return {
    scene: [
      make(
        "div",
        { class: "sl-network" },
        make("figure", { class: "sl-answers" }, make("figcaption", {}, t("Probabilities")), bars.element),
        make("figure", { class: "sl-maps" }, caption, view.element),
      ),
      make("div", { class: "sl-said" }, guess, note),
    ],
    settings: [layerMenu.element],
    /** What it takes a wave for, in words. */
    hear(wave) {
      const heard = run(asInput(heardOf(wave, ear), layers));
      const probabilities = probabilitiesOf(layers, heard.output);
      maps = heard.maps;
      bars.show(probabilities);
      setText(guess, guessText(names, probabilities, HEARS));
      draw();
      return guess.textContent;
    },
    show(layer) {
      shown = layer;
      draw();
    },
  };
}
