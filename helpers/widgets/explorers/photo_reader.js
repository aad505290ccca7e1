// PhotoReader: a photo, what a network takes it for, and what changes that.

import {
  actions, bound, button, checkbox, messageLine, slider, spoken,
} from "../parts/controls.js";
import { coveringView } from "../parts/covering_view.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { networkView } from "../parts/network_view.js";
import { alike, counted, square } from "../parts/numbers.js";
import { COVER, coveredView, wholeView } from "../parts/photo_views.js";
import { photoFrom, pictureChooser, readSquare } from "../parts/photos.js";
import { guessText, percent, probabilityBars } from "../parts/probabilities.js";
import { reader } from "../parts/reading.js";
import { tuple, variable } from "../parts/saving.js";
import { each, listen, numbersFrom, share, toMessage } from "../parts/state.js";
import { t } from "../parts/texts.js";
import { cropView, inside } from "./photo_reader_crop.js";

const STILL = { mirror: false, turn: 0, gray: false, brightness: 100, covered: [] };
const VIEW = ["image", "photo", "crop", "mirror", "turn", "gray", "brightness"];
const COVERING = ["covered", "patch"];
const PLACES = 10; // of the map of where covering hurts, down and across, or one more

/** How few classes it knows: whatever a photo shows, one of them is the answer. */
export const knowsText = (names) =>
  t(
    "It knows {count} classes and nothing else, so it must choose one of them, whatever the " +
      "photo shows: {names}.",
    { count: names.length, names: names.map((name) => t("{name}", { name })).join(", ") },
  );

/** What a covered patch does to the class that is likeliest without it. */
export function coverText(names, before, after) {
  const best = before.indexOf(Math.max(...before));
  const told = { name: names[best], before: percent(before[best]), after: percent(after[best]) };
  return t("The patch covered, {name} has {after} instead of {before}.", told);
}

export default function render({ model, el }) {
  const get = (name) => model.get(name);
  const set = (changes) => share(model, changes);
  const limits = get("_limits");
  const names = get("_class_names");
  const { description, data } = get("_network");
  const bytes = numbersFrom(data, Uint8Array);
  const [size] = description.layers[description.inputs[0]].shape;
  const step = Math.max(1, Math.floor(size / PLACES));
  let image = photoFrom(get("image"));
  let painted; // the message of the photo that is on the screen
  let view; // what the network gets, nothing covered
  let whole = null; // its probabilities, once they are known
  let hovered = null; // where the pointer covers a patch
  let mapDue = false; // whether the map of where covering hurts is to be drawn anew
  let closed = false;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const photo = cropView({ least: limits.least, onCrop: (crop) => set({ crop }) });
  const photos = pictureChooser({
    model,
    label: t("Photo"),
    pictures: get("_photos"),
    messageOf: photoFrom,
    file: { side: limits.side, most: limits.pixels, read: readSquare, dropOn: photo.stage },
    misfit: ({ shape: [side] }, name) =>
      side >= limits.least
        ? ""
        : t("{name} is too small: its shorter side has {pixels}, {least} are needed.", {
            name,
            pixels: counted(side, "pixel"),
            least: limits.least,
          }),
    onChoose(chosen, name) {
      message.clear();
      const [side] = chosen.shape;
      const crop = [0, 0, side];
      set({ image: toMessage(chosen, "uint8"), photo: name, crop, covered: [] });
    },
    onRefuse: message.say,
  });
  const got = networkView({
    onHover(place) {
      if (alike(place, hovered)) return;
      hovered = place;
      showCovered();
    },
    onCover: (covered) => set({ covered }),
  });
  const bars = probabilityBars();
  const answers = make(
    "figure",
    { class: "pr-answers", "aria-busy": "true" },
    make("figcaption", {}, t("Probabilities")),
    bars.element,
  );
  bars.build(names);
  const hurting = coveringView((covered) => set({ covered }), message.say);
  const network = reader({ description, bytes }, (sentence) => {
    answers.setAttribute("aria-busy", "false");
    message.say(sentence);
  });
  const controls = {
    mirror: bound(model, "mirror", checkbox, { label: t("mirrored") }),
    turn: bound(model, "turn", slider, {
      label: t("Turn"),
      min: -180,
      max: 180,
      show: (n) => t("{n}°", { n }),
    }),
    brightness: bound(model, "brightness", slider, {
      label: t("Brightness"),
      min: 20,
      max: 300,
      show: (n) => t("{n} %", { n }),
    }),
    gray: bound(model, "gray", checkbox, { label: t("gray") }),
    patch: bound(model, "patch", slider, { label: t("Cover"), min: 1, max: size, show: square }),
  };
  const sides = [t("From row"), t("From column"), t("Side")].map((label, part) =>
    slider({
      label,
      min: part === 2 ? limits.least : 0,
      max: limits.side,
      onInput(value) {
        const crop = get("crop").map((n, k) => (k === part ? value : n));
        // A larger side moves the square back into the photo; a place ends where it fits.
        set({ crop: inside(crop, image.shape[0], limits.least) });
      },
    }),
  );
  const hurts = checkbox({ label: t("where covering hurts"), onChange: hurtingNow });
  const reset = button(t("As it was"), () => set({ ...STILL, crop: [0, 0, image.shape[0]] }));

  // ---------------------------------------------------------------------------------- page
  const guess = line("pr-guess");
  const fall = line();
  const pace = line("hc-keys hc-measured");
  const knows = line();
  setText(knows, knowsText(names));
  const frame = layout("PhotoReader", {
    head: photos.elements,
    scene: [
      make("div", { class: "pr-top" }, photo.element, got.element, answers, hurting.element),
      guess,
      knows,
    ],
    strip: [fall, message.element],
    settings: [
      group(t("The square that it sees"), ...sides.map(({ element }) => element)),
      group(
        t("How it is changed"),
        ...["turn", "brightness", "mirror", "gray"].map((name) => controls[name].element),
        actions(reset),
      ),
      group(t("Covering"), controls.patch.element, hurts.element),
    ],
    foot: [
      make(
        "p",
        { class: "hc-note hc-keys" },
        t(
          "Drag the square or a corner of it, or drop a photo on it; point at the network’s " +
            "view to cover a patch of it, click to hold that. Keys: arrows, + and −, Home; " +
            "Delete uncovers.",
        ),
      ),
      pace,
      voice.element,
    ],
    python,
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function python() {
    const own = get("_own");
    const [crop, most] = [get("crop"), image.shape[0]];
    const changes = ["mirror", "turn", "gray", "brightness"].map((name) => [name, get(name)]);
    return photos.call("photo", {
      network: own.network ? variable("model") : "flowers",
      class_names: own.class_names ? names : null,
      photos: own.photos ? variable("photos") : null,
      crop: alike(crop, [0, 0, most]) ? null : tuple(...crop),
      ...Object.fromEntries(changes),
    });
  }

  // ------------------------------------------------------------------------------- drawing
  /** The photo, or what is done to it, is another. */
  function update() {
    const sent = get("image");
    if (sent !== painted) {
      painted = sent;
      image = photoFrom(sent);
      photo.paint(image);
    }
    const [most] = image.shape;
    const crop = get("crop");
    if (Math.max(crop[0], crop[1]) + crop[2] > most) return; // the square is on its way
    photos.follow();
    for (const { follow } of Object.values(controls)) follow();
    sides.forEach((control, part) => {
      control.input.max = part === 2 ? most : most - crop[2];
      control.value = crop[part];
    });
    photo.show(crop, get("photo"));
    const settings = Object.fromEntries(VIEW.map((name) => [name, get(name)]));
    view = wholeView({ ...settings, image }, size);
    whole = null;
    showCovered();
    hurtingNow();
  }

  /** Another patch is covered, or none. */
  function showCovered() {
    const [held, patch] = [get("covered"), get("patch")];
    controls.patch.follow();
    const covered = hovered ?? held;
    const seen = coveredView(view, covered, patch);
    got.show(seen, held, covered, patch);
    answers.setAttribute("aria-busy", "true");
    const mine = view;
    const isCovered = covered.length > 0;
    const known = isCovered ? whole : null;
    const pictures = isCovered && !known ? [view, seen] : [seen];
    network.read(pictures, ({ answers: found, took }, isLatest) => {
      if (closed) return;
      const before = known ?? found[0];
      if (mine === view) whole = before;
      drawMap();
      tell(before, found.at(-1), isCovered, took);
      if (isLatest) answers.setAttribute("aria-busy", "false");
    });
  }

  function tell(before, probabilities, isCovered, took) {
    bars.show(probabilities);
    setText(guess, guessText(names, probabilities));
    setText(fall, isCovered ? coverText(names, before, probabilities) : "");
    setText(pace, t("The network took {ms} ms here.", { ms: Math.max(1, Math.round(took)) }));
    voice.say([guess, fall].map(({ textContent }) => textContent).join(" "));
  }

  /** The map follows the view, once it is known what that is taken for. */
  function hurtingNow() {
    mapDue = hurts.value;
    if (mapDue) drawMap();
    else hurting.want(null);
  }

  function drawMap() {
    if (!mapDue || !whole) return; // the answer is on its way
    mapDue = false;
    const label = whole.indexOf(Math.max(...whole));
    const input = { description, bytes, picture: view, side: get("patch"), label };
    hurting.want({ ...input, step, cover: COVER }, names[label]);
  }

  update();
  const stop = listen(model, {
    ...each(VIEW, update),
    ...each(COVERING, showCovered),
    patch() {
      showCovered();
      hurtingNow();
    },
  });
  return () => {
    closed = true;
    stop();
    network.close();
    hurting.close();
    voice.stop();
    photos.stop();
    frame.close();
  };
}
