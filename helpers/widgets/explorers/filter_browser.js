// FilterBrowser: filters and feature maps of any layer, by epoch.

import { productOf } from "../parts/arrays.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { bound, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { numberGrid, titled } from "../parts/grids.js";
import { heavy } from "../parts/heavy.js";
import { group, layout, line } from "../parts/layout.js";
import { largest, mosaicOf, scaleOf } from "../parts/mosaics.js";
import { networkFrom } from "../parts/network.js";
import { isGray, layerText, sidesOf } from "../parts/network_layers.js";
import { clamp, counted, format } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { picture, SIGNED_GRADIENT } from "../parts/pictures.js";
import { ARROWS } from "../parts/pointing.js";
import { probabilityBars } from "../parts/probabilities.js";
import { call, variable } from "../parts/saving.js";
import { each, fromMessage, listen, numbersFrom, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { HERE, deadJob, pictureOf } from "./filter_browser_dead.js";

const TRAITS = ["epoch", "layer", "filter", "channel", "example"];
const MOST_NUMBERS = 7; // a side, that can be read
const MOST_BARS = 20;
const MOST_NAMED = 12; // dead units that are called by their numbers

// ---------------------------------------------------------------------------- arithmetic

/** A kernel as (rows, columns, slices, filters); of a dense layer (1, 1, inputs, units). */
function kernelOf({ kind, size, weights }) {
  if (!["conv2d", "dense"].includes(kind)) return null;
  const { shape, data } = weights.kernel;
  const sides = kind === "dense" ? [1, 1] : size;
  return { sides, slices: shape.at(-2), filters: shape.at(-1), data };
}

/**
 * The filters that are shown of a layer: { shape, data, filter }, (rows, columns, n), or null.
 * Where there is one slice all filters stand there, and `filter` is true; else the slices of
 * the one that is chosen. A unit of a dense layer that looks at a flattened stack has its
 * weights as that stack.
 */
export function filtersOf(layers, k, filter) {
  const kernel = kernelOf(layers[k]);
  if (!kernel) return null;
  const { sides, slices, filters, data } = kernel;
  if (layers[k].kind === "conv2d" && slices === 1)
    return { ...array([...sides, filters], Float64Array.from(data)), filter: true };
  const made = Float64Array.from({ length: productOf(sides) * slices }, (_, at) => data[at * filters + filter]);
  const before = layers[layers[k].inputs[0]];
  const stacked = layers[k].kind === "dense" && before.kind === "reshape";
  const shape = stacked ? sidesOf(layers[before.inputs[0]].shape) : [...sides, slices];
  return { ...array(shape, made), filter: false };
}

/** The least and the largest number of a picture, and 0. */
const rangeOf = ({ data }) => ({
  low: data.reduce((least, value) => Math.min(least, value), 0),
  high: data.reduce((most, value) => Math.max(most, value), 0),
});

/**
 * A picture (rows, columns, 3) in colours from 0 to 255: what has them stays, what goes from 0
 * to 1 is made larger, and of what has negative numbers the least becomes 0, the largest 255.
 */
export function inColours({ shape, data }) {
  const { low, high } = rangeOf({ data });
  const top = low < 0 ? high : high > 1 ? 255 : 1;
  return array(shape, data.map((value) => (255 * (value - low)) / (top - low)));
}

/** The slice of a filter whose numbers are written out: (rows, columns). */
export function sliceOf(layer, filter, channel) {
  const { sides, slices, filters, data } = kernelOf(layer);
  const at = (place) => (place * slices + channel) * filters + filter;
  return array(sides, Float64Array.from({ length: productOf(sides) }, (_, k) => data[at(k)]));
}

/** How many slices a filter has; 1 where there are no filters. */
export const slicesOf = (layer) => (layer.kind === "conv2d" ? kernelOf(layer).slices : 1);

/** One map of a layer: (rows, columns). */
export function mapOf({ shape: [rows, columns, depth], data }, map) {
  return array([rows, columns], Float64Array.from({ length: rows * columns }, (_, k) => data[k * depth + map]));
}

/** Which maps are dead, in a sentence. */
export function deadText(dead, pictures) {
  const found = [...dead.keys()].filter((k) => dead[k]);
  const given = {
    maps: dead.length,
    pictures: counted(pictures, "picture"),
    dead: found.length,
    numbers: found.slice(0, MOST_NAMED).join(", ") + (found.length > MOST_NAMED ? ", …" : ""),
  };
  return found.length
    ? t("Dead: {dead} of {maps} are 0 everywhere, for all of {pictures} ({numbers}).", given)
    : t("None of {maps} is dead: each is other than 0 somewhere, in one of {pictures}.", given);
}

/** What is chosen, in a sentence. */
export function chosenText(layer, { filter, channel }, weights, map) {
  const { low, high } = map.data.reduce(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: Infinity, high: -Infinity },
  );
  const given = { filter, channel, low: format(low, 3), high: format(high, 3), name: layer.name };
  const made = t("{name}, number {filter}: its map goes from {low} to {high}.", given);
  if (!weights) return made;
  const [most, { bias }] = [format(largest(weights.data), 3), layer.weights];
  if (!bias) return t("{made} Its largest weight has the size {most}; it has no bias.", { made, most });
  const ends = { made, most, bias: format(bias.data[filter], 3) };
  return t("{made} Its largest weight has the size {most}, its bias is {bias}.", ends);
}

// --------------------------------------------------------------------------- the explorer

/**
 * Pictures side by side in one canvas, gone through by arrows: show({ shape, data }, scale,
 * words), choose(number or null), cross(numbers). onPick(number) comes with clicks and keys.
 */
function mosaicView({ caption, role, onPick }) {
  let [mosaic, shape, chosen] = [null, [0, 0, 0], null];
  const view = picture({
    caption,
    role,
    onPoint: () => {},
    onLeave: () => {},
    onPick: (place) => {
      const found = mosaic?.at(place);
      if (found) onPick(found[2]);
    },
  });
  const stage = view.canvas.parentElement;
  const crosses = [];
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const [tall] = mosaic.corner(Math.min(1, shape[2] - 1)); // where the second begins
    const across = tall ? 1 : acrossOf();
    onPick(clamp((chosen ?? 0) + step[1] + step[0] * across, 0, shape[2] - 1));
  });
  function acrossOf() {
    let n = 1;
    while (n < shape[2] && mosaic.corner(n)[0] === 0) n++;
    return n;
  }
  const percent = (value, n) => `${(100 * value) / n}%`;
  const boxOf = (k) => [...mosaic.corner(k), shape[0], shape[1]];
  return {
    element: view.element,
    stage,
    caption: view.caption,
    show(next, scale, words) {
      if (next.shape.join() !== shape.join()) {
        shape = next.shape;
        mosaic = mosaicOf(shape);
        stage.style.setProperty("--wide", mosaic.sides[1]);
        stage.style.setProperty("--ratio", mosaic.sides[1] / mosaic.sides[0]);
      }
      view.paint(mosaic.picture(next.data), scale);
      view.describe(words);
      stage.setAttribute("aria-label", t("{words}. Arrow keys choose another.", { words }));
    },
    choose(k) {
      chosen = k;
      stage.querySelector(".hc-frame").hidden = k === null;
      if (k !== null) view.frame(...boxOf(k));
    },
    /** Mark these as dead, and no others. */
    cross(numbers) {
      while (crosses.length < numbers.length) {
        crosses.push(make("div", { class: "fb-dead", "aria-hidden": "true" }));
        stage.append(crosses.at(-1));
      }
      crosses.forEach((one, k) => {
        one.hidden = k >= numbers.length;
        if (one.hidden) return;
        const [top, left, tall, wide] = boxOf(numbers[k]);
        Object.assign(one.style, {
          top: percent(top, mosaic.sides[0]),
          left: percent(left, mosaic.sides[1]),
          height: percent(tall, mosaic.sides[0]),
          width: percent(wide, mosaic.sides[1]),
        });
      });
    },
  };
}

export default function render({ model, el }) {
  const set = (changes) => share(model, changes);
  const description = model.get("_description");
  const moments = Object.values(model.get("_moments")).map((data) => numbersFrom(data, Uint8Array));
  const images = fromMessage(model.get("_images").images);
  const [count] = images.shape;
  const networks = new Map(); // by epoch: read when they are first asked for
  const networkAt = (epoch) => {
    if (!networks.has(epoch)) networks.set(epoch, networkFrom(description, moments[epoch]));
    return networks.get(epoch);
  };
  const { layers: described } = networkAt(moments.length - 1);
  const known = new Map(); // which maps are dead, by epoch
  const job = heavy(deadJob, HERE);
  let asked = null; // the epoch of which that is being found out

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const layerMenu = menu({
    label: t("Layer"),
    options: described.map((layer, k) => [k, layerText(layer)]),
    onChange: (layer) => set({ layer: Number(layer), filter: 0, channel: 0 }),
  });
  const example = bound(model, "example", slider, { label: t("Picture"), min: 0, max: count - 1 });
  const channel = bound(model, "channel", slider, { label: t("Slice"), min: 0, max: 0 });
  const steps = transport({
    label: t("Epoch"),
    first: 0,
    keysText: "Keys: ← → go from epoch to epoch, space plays, Home, End; on pictures, arrows choose.",
    onStep: (epoch) => set({ epoch }),
    onEscape: () => {},
  });
  steps.resize(moments.length - 1, 1);

  // ---------------------------------------------------------------------------------- page
  const isChannel = () => slicesOf(described[model.get("layer")]) > 1;
  const shown = picture({ caption: t("The picture"), role: INPUT, framed: false });
  const filters = mosaicView({
    caption: "",
    role: KERNEL,
    onPick: (k) => {
      if (described[model.get("layer")].kind === "dense") return;
      set(isChannel() ? { channel: k } : { filter: k });
    },
  });
  const maps = mosaicView({ caption: "", role: OUTPUT, onPick: (filter) => set({ filter }) });
  const bars = probabilityBars();
  const grid = numberGrid({ label: t("weights"), role: KERNEL, editable: false, digits: 2 });
  const numbers = titled(t("Its numbers"), grid);
  const large = picture({ caption: "", role: OUTPUT, framed: false });
  const [said, deadLine] = [line(), line()];
  const scale = make(
    "div",
    { class: "hc-scale" },
    make("output", {}, ""),
    make("span", { style: `background: ${SIGNED_GRADIENT}`, "aria-hidden": "true" }),
    make("output", {}, ""),
  );
  const [least, most] = scale.querySelectorAll("output");
  const filterBox = make("div", { class: "fb-filters" }, filters.element, scale, numbers.element);
  const frame = layout("FilterBrowser", {
    head: [layerMenu.element],
    scene: [
      make("div", { class: "fb-left" }, shown.element, large.element),
      filterBox,
      make("div", { class: "fb-maps" }, maps.element, bars.element),
    ],
    strip: [said, deadLine, message.element],
    player: moments.length > 1 ? steps.elements : [],
    settings: [group(t("What is shown"), example.element, channel.element)],
    foot: [voice.element],
    python: () => {
      const { epoch, ...rest } = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
      return call(model, {
        model: variable("model"),
        images: variable("images"),
        record: moments.length > 1 ? variable("record") : null,
        epoch: epoch === moments.length - 1 ? null : epoch,
        ...rest,
      });
    },
  });
  if (moments.length > 1) steps.listen(frame.root);
  el.append(frame.root);

  // -------------------------------------------------------------------------------- drawing
  function update() {
    const now = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
    const { layers, run } = networkAt(now.epoch);
    const layer = layers[now.layer];
    if (now.filter >= layer.shape.at(-1) || now.channel >= slicesOf(layer)) return; // more comes
    layerMenu.value = now.layer;
    steps.at = now.epoch;
    channel.input.max = slicesOf(layer) - 1;
    channel.input.disabled = slicesOf(layer) < 2;
    channel.follow();
    example.follow();
    const made = run(pictureOf(images, now.example)).maps;
    const stack = array(sidesOf(layer.shape), made[now.layer].data);
    showPicture(made[description.inputs[0]]);
    const weights = filtersOf(layers, now.layer, now.filter);
    showFilters(layer, weights, now);
    showMaps(layers, layer, stack, now);
    setText(said, chosenText(layer, now, weights && ownOf(layer, weights, now.filter), mapOf(stack, now.filter)));
    voice.say(said.textContent);
    showDead(now);
  }

  /** The weights of the chosen filter alone. */
  const ownOf = (layer, weights, filter) => (weights.filter ? sliceOf(layer, filter, 0) : weights);

  function showPicture({ shape, data }) {
    const whole = array(sidesOf(shape.slice(1)), data);
    const { low, high } = rangeOf(whole);
    if (whole.shape[2] === 3) shown.paint(inColours(whole));
    else shown.paint(mapOf(whole, 0), { low, high: Math.max(1e-9, high) });
    shown.describe(t("The picture as it goes in"));
  }

  function showFilters(layer, weights, { filter, channel: slice }) {
    filterBox.hidden = !weights;
    const readable = layer.kind === "conv2d" && Math.max(...layer.size) <= MOST_NUMBERS;
    numbers.element.hidden = !readable;
    if (!weights) return;
    const end = largest(layer.weights.kernel.data) || 1; // shared by all filters of the layer
    const words = weights.filter
      ? t("All {n} filters", { n: weights.shape[2] })
      : layer.kind === "dense"
        ? t("Weights of unit {filter}", { filter })
        : t("Filter {filter}: its {n} slices", { filter, n: weights.shape[2] });
    filters.caption(words);
    filters.show(weights, { signed: end }, words);
    filters.choose(weights.filter ? filter : layer.kind === "dense" ? null : slice);
    setText(least, format(-end, 3));
    setText(most, format(end, 3));
    if (!readable) return;
    numbers.say(
      slicesOf(layer) > 1
        ? t("Filter {filter}, slice {slice}", { filter, slice })
        : t("Filter {filter}", { filter }),
    );
    grid.show(sliceOf(layer, filter, slice), { most: end });
  }

  function showMaps(layers, layer, stack, { layer: k, filter }) {
    const gray = isGray(layers, k);
    const [rows, columns, n] = stack.shape;
    const isList = rows === 1 && columns === 1;
    const asBars = isList && n <= MOST_BARS && layer.activation?.name === "softmax";
    const words = isList ? t("What the {n} units say", { n }) : t("All {n} maps", { n });
    maps.caption(words);
    maps.show(stack, scaleOf(stack.data, gray), words);
    maps.choose(filter);
    bars.element.hidden = !asBars;
    if (asBars) {
      if (bars.element.childElementCount !== n)
        bars.build(description.about?.classes?.length === n ? description.about.classes : [...stack.data.keys()]);
      bars.show([...stack.data]);
    }
    large.element.hidden = isList;
    if (isList) return;
    large.caption(t("Map {filter}", { filter }));
    large.paint(mapOf(stack, filter), scaleOf(stack.data, gray));
    large.describe(t("Map {filter}, {rows} × {columns}", { filter, rows, columns }));
  }

  function showDead({ epoch, layer }) {
    const dead = known.get(epoch)?.[layer];
    maps.stage.setAttribute("aria-busy", !dead);
    maps.cross(dead ? [...dead.keys()].filter((k) => dead[k]) : []);
    setText(deadLine, dead ? deadText(dead, count) : t("Looking for dead ones …"));
    if (dead || asked === epoch) return;
    asked = epoch;
    job.run(
      { description, bytes: moments[epoch], images },
      {
        onDone(found) {
          known.set(epoch, found);
          asked = null;
          if (model.get("epoch") === epoch) showDead({ epoch, layer: model.get("layer") });
        },
        onError: message.say,
      },
    );
  }

  update();
  const stop = listen(model, each(TRAITS, update));
  return () => {
    stop();
    steps.stop();
    voice.stop();
    job.close();
    frame.close();
  };
}
