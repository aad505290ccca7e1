// AugmentationSampler: a photo, and the views that a network gets of it in training.

import { FIXED, principalColours, view, ways } from "../parts/augmentation.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { bound, button, checkbox, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { format, square } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { pictureChooser, readSquare } from "../parts/photos.js";
import { pickButton, picking } from "../parts/picking.js";
import { picture } from "../parts/pictures.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { each, getArray, listen, photoMessage, share } from "../parts/state.js";
import { explorerKeys, keysLine, movingKeys, player, playerLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tile, tileRow } from "../parts/tiles.js";
import {
  axisSentence, countSentence, deviationText, misreading, nameOf, viewSentence,
} from "./augmentation_sampler_words.js";

/** A file's middle square, always of this side. */
const readMiddle = (file, side, most) => readSquare(file, side, most, true);
const SETTINGS = ["crop", "size", "least", "mirror", "turn", "brightness", "colour"];
const DEVIATIONS = [-2, -1, 0, 1, 2]; // by how many the photo is shifted along an axis
const SMALLER = 4; // times: the photos that are shifted
const MIDDLE = 128; // the gray in the middle of an axis
const MIRRORED = "⇆";

// ----------------------------------------------------------------------------- arithmetic

/** A photo a quarter as wide, each pixel the mean of those that fall together. */
export function shrunk({ shape: [side], data }, factor = SMALLER) {
  const small = side / factor;
  const made = array([small, small, 3]);
  for (let row = 0, from = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const to = 3 * (Math.floor(row / factor) * small + Math.floor(column / factor));
      for (let k = 0; k < 3; k++) made.data[to + k] += data[from++] / (factor * factor);
    }
  return made;
}

/** A photo with so many standard deviations of an axis added. */
export const shifted = ({ shape, data }, axis, deviations) =>
  array(shape, data.map((level, k) => level + deviations * axis[k % 3]));

/** What a preset sets: windows of a fixed size have no least one. */
function presetSettings(preset) {
  const names = SETTINGS.filter((name) => name !== "least" || preset.crop !== FIXED);
  return Object.fromEntries(names.map((name) => [name, preset[name]]));
}

// --------------------------------------------------------------------------- the explorer

/** The axes of colour: for each what it is, a ramp, and the photo shifted along it. */
function axesOfColour() {
  const axes = [1, 2, 3].map((k) => {
    const [title, deviation] = [make("b"), line()];
    const ramp = make("div", { class: "as-ramp", "aria-hidden": "true" });
    const views = DEVIATIONS.map(() => picture({ role: INPUT, framed: false }));
    const notes = DEVIATIONS.map((n) => make("figcaption", {}, signOf(n)));
    const strip = views.map(({ element }, place) =>
      make("figure", { class: "as-shifted" }, element, notes[place]),
    );
    const element = make(
      "div",
      { class: "as-axis", role: "group", "aria-label": t("Axis {k}", { k }) },
      title,
      deviation,
      ramp,
      make("div", { class: "as-strip" }, ...strip),
    );
    return { element, title, deviation, ramp, views };
  });
  return {
    element: make("div", { class: "as-axes" }, ...axes.map(({ element }) => element)),
    show(photo, found) {
      const small = shrunk(photo);
      axes.forEach(({ title, deviation, ramp, views }, k) => {
        const axis = found[k];
        setText(title, axisSentence(axis, k + 1, found));
        setText(deviation, deviationText(axis));
        const [from, to] = [-2, 2].map((n) => `rgb(${axis.map((part) => MIDDLE + n * part)})`);
        ramp.style.background = `linear-gradient(to right, ${from}, rgb(128 128 128), ${to})`;
        views.forEach((one, place) => {
          one.paint(shifted(small, axis, DEVIATIONS[place]));
          const n = signOf(DEVIATIONS[place]);
          one.describe(t("The photo, {n} standard deviations along axis {k}", { n, k: k + 1 }));
        });
      });
    },
  };
}

const signOf = (n) => (n > 0 ? "+" : "") + format(n);

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const { side } = limits;
  const settings = () => Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
  let photo = getArray(model, "image");
  let directions = principalColours(photo);
  let drawn = []; // what is done for each view
  let made; // the pixels of a view, until they are painted

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const photos = pictureChooser({
    model,
    label: t("Photo"),
    pictures: model.get("_photos"),
    file: { side, most: limits.pixels, read: readMiddle },
    onChoose: (next, name) => share(model, { image: photoMessage(next), photo: name }),
    onRefuse: message.say,
  });
  const presets = presetMenu({
    label: t("What is done"),
    presets: presetsOf(model),
    settingsOf: presetSettings,
    onChoose: (chosen) => share(model, chosen),
    own: t("your own choice"),
  });
  const inPercent = (value) => t("{n} %", { n: format(100 * value, 3) });
  const range = (name, label, show, [min, max] = [0, 1], step = 0.01) =>
    bound(model, name, slider, { label, min, max, step, show });
  const crop = bound(model, "crop", menu, {
    label: t("Windows"),
    options: limits.crops.map((name) => [name, t(name)]),
  });
  const size = range("size", t("View’s side"), square, limits.size, 1);
  const least = range("least", t("Least window"), inPercent, limits.least);
  const mirror = checkbox({
    label: t("every second view mirrored"),
    value: model.get("mirror"),
    onChange: (on) => share(model, { mirror: on }),
  });
  const turn = range("turn", t("Turn up to"), (n) => `${n}°`, limits.turn, 1);
  const brightness = range("brightness", t("Brightness ±"), inPercent);
  const colour = range("colour", t("Colour"), (n) => format(n, 3));
  const seed = range("seed", t("Seed"), format, limits.seed, 1);
  const follows = [crop, size, least, turn, brightness, colour, seed];
  const draw = () => share(model, { seed: (model.get("seed") % limits.seed[1]) + 1 });
  const playing = player({ onTick: draw });
  const another = button(t("Another draw"), () => {
    playing.stop();
    draw();
  });

  // ------------------------------------------------------------------------------ pictures
  const whole = picture({ caption: t("Photo"), role: INPUT });
  const tiles = Array.from({ length: limits.views }, (_, k) => {
    const shown = picture({ role: OUTPUT, framed: false });
    const pick = pickButton(shown, () => choose(k));
    const note = make("span");
    return { ...tile({ views: [{ element: pick }], notes: [note] }), shown, pick, note };
  });
  const row = tileRow(tiles, { columns: limits.across, least: "4em" });
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", t("Views"));
  const picks = picking(row, tiles.map(({ pick }) => pick), choose);
  const axes = axesOfColour();
  const [said, misread, counted] = [line(), line("as-misread"), line()];

  const frame = layout("AugmentationSampler", {
    head: [...photos.elements, presets.element],
    scene: [whole.element, make("div", { class: "as-views" }, row)],
    strip: [said, misread, message.element, voice.element],
    player: [
      playerLine(another, playing.element, playing.speed),
      keysLine(t("Keys: arrows go from view to view, space plays: a new draw each time, Esc.")),
    ],
    settings: [
      group(t("The window"), crop.element, size.element, least.element, mirror.element, counted),
      group(t("Turn, light, colours"), turn.element, brightness.element, colour.element, seed.element),
    ],
    foot: [
      make("b", {}, t("Principal axes of colour: how the pixels of this photo differ")),
      axes.element,
      keysLine(t("Below: the photo shifted along each axis by −2 to +2 standard deviations.")),
    ],
    python: () => photos.call("photo", { ...settings(), seed: model.get("seed") }),
  });
  explorerKeys(frame.root, {
    ...movingKeys((step) => {
      const next = picks.moved(model.get("chosen") - 1, step);
      if (next !== undefined) choose(next);
    }),
    " ": playing.toggle,
    Escape: playing.stop,
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function choose(k) {
    share(model, { chosen: k + 1 });
  }

  // ------------------------------------------------------------------------------- drawing
  function showPhoto() {
    message.clear();
    photos.follow();
    photo = getArray(model, "image");
    directions = principalColours(photo);
    whole.paint(photo);
    axes.show(photo, directions);
    compute();
  }

  function compute() {
    const now = settings();
    presets.show(now);
    for (const control of follows) control.follow();
    mirror.value = now.mirror;
    least.input.disabled = now.crop === FIXED;
    drawn = ways(now, side, model.get("seed"), limits.views);
    if (made?.shape[0] !== now.size) made = array([now.size, now.size, 3]);
    tiles.forEach(({ shown, pick, note }, k) => {
      const way = drawn[k];
      shown.paint(view(photo, way, now.size, directions, made));
      const name = nameOf(way, k + 1, side);
      shown.describe(name);
      pick.setAttribute("aria-label", name);
      setText(note, `${inPercent(Number((way.window / side).toFixed(2)))}${way.mirrored ? ` ${MIRRORED}` : ""}`);
    });
    setText(counted, countSentence(now, side));
    explain();
  }

  /** Frame the chosen view on the photo, and say what was done for it. */
  function explain() {
    const k = model.get("chosen") - 1;
    const way = drawn[k];
    picks.choose(k);
    whole.frame(way.top, way.left, way.window, way.window, way.angle);
    setText(said, viewSentence(way, k + 1, side, directions));
    setText(misread, misreading(model.get("photo"), way));
    whole.describe(
      t("The photo {name}, {size} pixels, with the frame of view {k}", {
        name: photos.text,
        size: square(side),
        k: k + 1,
      }),
    );
    voice.say(`${said.textContent} ${misread.textContent}`);
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, {
    ...each(["image", "photo"], showPhoto),
    ...each([...SETTINGS, "seed"], compute),
    chosen: explain,
  });

  showPhoto();

  return () => {
    stopListening();
    playing.stop();
    voice.stop();
    photos.stop();
    frame.close();
  };
}
