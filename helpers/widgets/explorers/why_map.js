// WhyMap: why a network takes a photo for what it does, shown over the photo.

import { asker } from "../parts/ask.js";
import { OUTPUT } from "../parts/colours.js";
import { bound, checkbox, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { networkView } from "../parts/network_view.js";
import { alike, by, format, square } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { patchAt } from "../parts/patches.js";
import { coveredView, wholeView } from "../parts/photo_views.js";
import { photoFrom, pictureChooser, readSquare } from "../parts/photos.js";
import { picture, signedColour } from "../parts/pictures.js";
import { guessText, percent, probabilityBars } from "../parts/probabilities.js";
import { fullColour, rankCorrelation, stretched } from "../parts/reasons.js";
import { tuple, variable } from "../parts/saving.js";
import { listen, numbersFrom, share, toMessage } from "../parts/state.js";
import { t } from "../parts/texts.js";
import { kernelSource, pageSource } from "./why_map_sources.js";

const AS_IT_IS = { mirror: false, turn: 0, brightness: 100 };
const ITS_OWN = -1; // the class that the network names

/** What each method is called, and what it does. */
const METHODS = {
  grad_cam: () => [
    t("Grad-CAM"),
    t("Grad-CAM: a layer’s maps added up, each weighed by how much it helps the class."),
  ],
  saliency: () => [
    t("Saliency"),
    t("Saliency: how much the class’s logit changes when a pixel does."),
  ],
  smooth_grad: () => [
    t("SmoothGrad"),
    t("SmoothGrad: the mean slopes of 25 copies of the photo, each with other noise."),
  ],
  occlusion: () => [
    t("Occlusion"),
    t("Occlusion: how much less likely the class is with a patch covered. Blue: more likely."),
  ],
};

/** The colours of a map as fine as its picture, three numbers a pixel. */
export function coloursOf(map, size, cell) {
  const { data } = stretched(map, size, cell);
  const full = fullColour(map);
  const colours = new Float64Array(3 * data.length);
  for (let k = 0; k < data.length; k++) colours.set(signedColour(data[k] / full), 3 * k);
  return colours;
}

/** These over a picture: `strength` is their share. */
export function overlay({ shape, data }, colours, strength) {
  const made = new Float64Array(data.length);
  for (let k = 0; k < data.length; k++)
    made[k] = strength * colours[k] + (1 - strength) * data[k];
  return array(shape, made);
}

/** Where a map is largest: [row, column] of its picture. */
export function largestPlace(map, size, cell) {
  const { data } = stretched(map, size, cell);
  const most = data.indexOf(Math.max(...data));
  return [Math.floor(most / size), most % size];
}

/** What a covered patch does to the probability of a class. */
export function changeText(name, before, after) {
  const points = 100 * (after - before);
  const told = { name, before: percent(before), after: percent(after) };
  const change = format(Math.abs(points), 3);
  if (Math.abs(points) < 0.05)
    return t("Covered there, “{name}” is as likely as before: {after}.", told);
  return points < 0
    ? t("Covered there, “{name}” falls from {before} to {after}, by {change} points.", {
        ...told,
        change,
      })
    : t("Covered there, “{name}” rises from {before} to {after}, by {change} points.", {
        ...told,
        change,
      });
}

export default function render({ model, el }) {
  const get = (name) => model.get(name);
  const set = (changes) => share(model, changes);
  const limits = get("_limits");
  const names = get("_class_names");
  const { size, step, layers, in_kernel: inKernel } = get("_about");
  let painted; // the message of the photo that is on the screen
  let view; // what the network gets, nothing covered
  let gray; // the same without colours
  let known = null; // the probabilities of a view: { view, before }
  let hovered = null; // where the pointer covers a patch
  const maps = [null, null]; // trained, random: { map, asked }
  const wanted = [null, null]; // what is being asked for
  let closed = false;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const cover = (covered) => set({ covered });
  const got = networkView({
    onHover(place) {
      if (alike(place, hovered)) return;
      hovered = place;
      showCovered();
    },
    onCover: cover,
  });
  const source = inKernel
    ? kernelSource(asker(model))
    : pageSource(
        {
          description: get("_network").description,
          bytes: numbersFrom(get("_network").data, Uint8Array),
        },
        readFailed,
      );
  const photos = pictureChooser({
    model,
    label: t("Photo"),
    pictures: get("_photos"),
    messageOf: photoFrom,
    file: {
      side: limits.side,
      most: limits.pixels,
      read: readSquare,
      dropOn: got.element.querySelector("[role=application]"),
    },
    misfit: ({ shape: [side] }, name) =>
      side >= limits.least
        ? ""
        : t("{name} is too small: its shorter side has {side} pixels, {least} are needed.", {
            name,
            side,
            least: limits.least,
          }),
    onChoose(chosen, name) {
      message.clear();
      set({ image: toMessage(chosen, "uint8"), photo: name, covered: [] });
    },
    onRefuse: message.say,
  });
  const bars = probabilityBars();
  bars.build(names);
  const answers = make(
    "figure",
    { class: "wm-answers", "aria-busy": "true" },
    make("figcaption", {}, t("Probabilities")),
    bars.element,
  );
  const views = [mapView(), mapView()];
  const controls = {
    label: bound(model, "label", menu, {
      label: t("Class"),
      options: [
        [ITS_OWN, t("what it says")],
        ...names.map((name, k) => [k, t("{name}", { name })]),
      ],
    }),
    method: bound(model, "method", menu, {
      label: t("Method"),
      options: Object.entries(METHODS).map(([name, text]) => [name, text()[0]]),
    }),
    layer: bound(model, "layer", menu, {
      label: t("Layer"),
      options: layers.map(([name, ...shape]) => [
        name,
        t("{name}: {shape}", { name, shape: by(shape) }),
      ]),
    }),
    random_weights: bound(model, "random_weights", checkbox, {
      label: t("the same with random weights"),
    }),
    strength: bound(model, "strength", slider, {
      label: t("Strength"),
      min: 0,
      max: 100,
      show: (n) => t("{n} %", { n }),
    }),
    patch: bound(model, "patch", slider, {
      label: t("Cover"),
      min: 1,
      max: size,
      show: square,
    }),
  };

  /** A map over the photo; a click on it covers that place. */
  function mapView() {
    const one = picture({
      caption: "",
      role: OUTPUT,
      onPoint: () => {},
      onLeave: () => {},
      onPick: (place) => cover(alike(place, get("covered")) ? [] : place),
    });
    one.element.classList.add("wm-map");
    one.element.hidden = true;
    one.describe(t("The map is on its way."));
    return one;
  }

  // ---------------------------------------------------------------------------------- page
  const guess = line("wm-guess");
  const [what, where, sane, change] = [line(), line(), line(), line()];
  const pace = line("hc-keys hc-measured");
  const frame = layout("WhyMap", {
    head: photos.elements,
    scene: [
      make(
        "div",
        { class: "wm-top" },
        got.element,
        ...views.map(({ element }) => element),
        answers,
      ),
      guess,
    ],
    strip: [change, where, sane, message.element, ...(source.element ? [source.element] : [])],
    settings: [
      group(
        t("Why this class?"),
        ...["label", "method", "layer", "random_weights"].map((name) => controls[name].element),
      ),
      group(t("Overlay"), controls.strength.element),
      group(t("Covering"), controls.patch.element),
    ],
    foot: [
      what,
      make(
        "p",
        { class: "hc-note hc-keys" },
        t(
          "Point at a picture to cover a patch, click to hold that. Keys: arrows, " +
            "Delete uncovers. A photo may be dropped on the network’s view.",
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
    const plain = ["method", "random_weights", "strength"].map((name) => [name, get(name)]);
    const covered = get("covered");
    return photos.call("photo", {
      network: own.network ? variable("model") : "flowers",
      class_names: own.class_names ? names : null,
      photos: own.photos ? variable("photos") : null,
      label: get("label") === ITS_OWN ? null : get("label"),
      layer: get("layer") === own.layer ? null : get("layer"),
      covered: covered.length ? tuple(...covered) : null,
      patch: get("patch") === own.patch ? null : get("patch"),
      ...Object.fromEntries(plain),
    });
  }

  /** The class in question; undefined until it is known what the network says. */
  function labelNow() {
    if (get("label") !== ITS_OWN) return get("label");
    return known?.view === view ? known.before.indexOf(Math.max(...known.before)) : undefined;
  }

  /** What the map is asked for, so that the same is not asked twice. */
  function askedNow() {
    const label = labelNow();
    if (label === undefined) return null;
    const method = get("method");
    const layer = method === "grad_cam" ? get("layer") : "";
    const side = method === "occlusion" ? get("patch") : 0;
    return { picture: view, label, method, layer, side, step };
  }

  /** Pixels that a number of a map stands for, a side. */
  const cellOf = ({ method }, { shape: [rows] }, places = step) =>
    method === "occlusion" ? places : size / rows;
  const isSame = (one, other) =>
    one && other && Object.keys(other).every((name) => one[name] === other[name]);

  // ------------------------------------------------------------------------------- drawing
  /** The photo is another. */
  function update() {
    const sent = get("image");
    photos.follow();
    if (sent !== painted) {
      painted = sent;
      const image = photoFrom(sent);
      const whole = { ...AS_IT_IS, image, crop: [0, 0, image.shape[0]] };
      view = wholeView({ ...whole, gray: false }, size);
      gray = wholeView({ ...whole, gray: true }, size);
    }
    showCovered();
    explainNow();
  }

  /** Another patch is covered, or none. */
  function showCovered() {
    const [held, patch] = [get("covered"), get("patch")];
    const covered = hovered ?? held;
    got.show(coveredView(view, covered, patch), held, covered, patch);
    frameMaps();
    answers.setAttribute("aria-busy", "true");
    const mine = view;
    const then = ({ before, after, took }, isLatest) => {
      if (closed) return;
      known = { view: mine, before };
      if (mine === view) tell(before, after, took);
      if (isLatest) answers.setAttribute("aria-busy", "false");
      explainNow();
    };
    source.read({ view, covered, patch }, then, readFailed);
  }

  function readFailed(sentence) {
    answers.setAttribute("aria-busy", "false");
    if (labelNow() === undefined) for (const k of [0, 1]) busy(k, false); // it cannot be asked
    if (!inKernel) message.say(sentence);
  }

  function tell(before, after, took) {
    bars.show(after ?? before);
    setText(guess, guessText(names, after ?? before));
    const label = labelNow();
    setText(change, after ? changeText(names[label], before[label], after[label]) : "");
    setText(pace, t("The network took {ms} ms here.", { ms: Math.max(1, Math.round(took)) }));
    voice.say([guess, change].map(({ textContent }) => textContent).join(" "));
  }

  /** Ask for the maps that are not those on the screen. */
  function explainNow() {
    const asked = askedNow();
    for (const isRandom of [false, true]) {
      const k = Number(isRandom);
      const isShown = !isRandom || get("random_weights");
      views[k].element.hidden = !isShown;
      if (!isShown) {
        source.forget(isRandom);
        [maps[k], wanted[k]] = [null, null];
        busy(k, false);
      } else if (!asked) busy(k, true);
      else if (!isSame(wanted[k], asked)) explain(k, asked);
    }
    compare();
  }

  const busy = (k, is) => views[k].element.setAttribute("aria-busy", is);

  function explain(k, asked) {
    wanted[k] = asked;
    const isMine = () => !closed && wanted[k] === asked;
    busy(k, true);
    source.explain(asked, k === 1, {
      onProgress({ map, share: part, step: places }) {
        if (!isMine()) return;
        if (map) take(k, map, asked, { places });
        views[k].caption(captionOf(asked, k, part));
      },
      onDone({ map, took }) {
        if (!isMine()) return;
        take(k, map, asked, { isDone: true });
        views[k].caption(captionOf(asked, k));
        setText(pace, t("The map took {ms} ms here.", { ms: Math.max(1, Math.round(took)) }));
        busy(k, false);
        compare();
      },
      onError(sentence) {
        if (!isMine()) return;
        wanted[k] = null; // the same may be asked once more
        if (!inKernel) message.say(sentence);
        busy(k, false);
      },
    });
  }

  /** A map has come, or one that is not yet as good as it will be. */
  function take(k, map, asked, { isDone = false, places }) {
    const cell = cellOf(asked, map, places);
    const [row, column] = largestPlace(map, size, cell);
    const text = t("“{name}” depends most on what is around row {row}, column {column}.", {
      name: names[asked.label],
      row,
      column,
    });
    maps[k] = { map, asked, isDone, colours: coloursOf(map, size, cell) };
    views[k].describe(t("{caption}. {text}", { caption: captionOf(asked, k), text }));
    if (k === 0) setText(where, text);
    draw(k);
    frameMaps();
  }

  function draw(k) {
    if (maps[k]?.asked.picture !== view) return; // the next is on its way
    views[k].paint(overlay(gray, maps[k].colours, get("strength") / 100));
  }

  /** `part` is how much of the work is done, where it is not all. */
  function captionOf({ method }, k, part) {
    const told = { method: METHODS[method]()[0], part: Math.round(100 * (part ?? 1)) };
    if (part !== undefined) return t("{method}, {part} % done", told);
    if (k === 1) return t("{method}, random", told);
    return get("random_weights") ? t("{method}, trained", told) : told.method;
  }

  /** How alike the two maps are. */
  function compare() {
    const both = maps.every((one, k) => one?.isDone && one.asked === wanted[k]);
    const alikeness = both ? rankCorrelation(maps[0].map, maps[1].map) : NaN;
    const told = { r: format(alikeness, 2) };
    setText(
      sane,
      Number.isNaN(alikeness)
        ? ""
        : t("Rank correlation of the two maps: {r} (1: the same order of places).", told),
    );
  }

  /** Where the patch lies, on the maps too. */
  function frameMaps() {
    const covered = hovered ?? get("covered");
    for (const { canvas, frame: put } of views) {
      const box = canvas.parentElement.querySelector(".hc-frame");
      box.hidden = !covered.length || canvas.width !== size;
      if (box.hidden) continue;
      const [[top, bottom], [left, right]] = patchAt(covered, get("patch"), [size, size]);
      put(top, left, bottom - top, right - left);
    }
  }

  function follow() {
    for (const control of Object.values(controls)) control.follow();
    controls.layer.select.disabled = get("method") !== "grad_cam";
    setText(what, METHODS[get("method")]()[1]);
  }

  follow();
  update();
  const explainAnew = () => {
    follow();
    if (get("covered").length) showCovered(); // what is said of it is about the class, too
    explainNow();
  };
  const stop = listen(model, {
    image: update,
    photo: update,
    covered: showCovered,
    patch() {
      follow();
      showCovered();
      explainNow();
    },
    label: explainAnew,
    method: explainAnew,
    layer: explainAnew,
    random_weights: explainAnew,
    strength() {
      follow();
      for (const k of [0, 1]) draw(k);
    },
  });
  return () => {
    closed = true;
    stop();
    source.close();
    voice.stop();
    photos.stop();
    frame.close();
  };
}
