// WhyMap: why a network takes a photo for what it does, shown over the photo.

import { asker } from "../parts/ask.js";
import { OUTPUT } from "../parts/colours.js";
import { bound, checkbox, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { networkView } from "../parts/network_view.js";
import { alike, by, counted, extremes, square } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { clicked, patchAt } from "../parts/patches.js";
import { coveredView, wholeView } from "../parts/photo_views.js";
import { photoFrom, pictureChooser, readSquare } from "../parts/photos.js";
import { picture, signedColours } from "../parts/pictures.js";
import { guessText, probabilityBars } from "../parts/probabilities.js";
import { fullColour, rankCorrelation, stretched } from "../parts/reasons.js";
import { tuple, variable } from "../parts/saving.js";
import { each, listen, numbersFrom, share, toMessage } from "../parts/state.js";
import { t } from "../parts/texts.js";
import { kernelSource, pageSource } from "./why_map_sources.js";
import { alikeText, captionOf, changeText, METHODS, whereText } from "./why_map_words.js";

const AS_IT_IS = { mirror: false, turn: 0, brightness: 100 };
const ITS_OWN = -1; // the class that the network names
const REST = 150; // ms without a move until a map is asked for whose patch is dragged
const BARS = 12; // of a network that knows many classes

/** A map as fine as its picture: its colours, and the largest of its numbers, where it stands. */
export function finely(map, size, cell) {
  const { data } = stretched(map, size, cell);
  const { high: most } = extremes(data);
  const place = data.indexOf(most);
  return {
    map,
    colours: signedColours(data, fullColour(map)),
    largest: { most, row: Math.floor(place / size), column: place % size },
  };
}

/** Such colours over a picture: `strength` is their share. */
export function overlay({ shape, data }, colours, strength) {
  const made = new Float64Array(data.length);
  for (let k = 0; k < data.length; k++)
    made[k] = strength * colours[k] + (1 - strength) * data[k];
  return array(shape, made);
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
  const maps = [null, null]; // trained, random: what `finely` gives, asked, and the part done
  const wanted = [null, null]; // what is being asked for, or was
  const failed = [false, false]; // whether that came to nothing
  let compared = { of: [] }; // the two maps, and their correlation
  let [reads, least] = [0, 0]; // how many there were; answers to earlier ones are not wanted
  let later; // the timer of a map whose patch is dragged
  let closed = false;

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const cover = (covered) => set({ covered });
  const hover = (place) => {
    if (alike(place, hovered)) return;
    hovered = place;
    showCovered();
  };
  const got = networkView({ onHover: hover, onCover: cover });
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
        : t("{name} is too small: its shorter side has {pixels}, {least} are needed.", {
            name,
            pixels: counted(side, "pixel"),
            least: limits.least,
          }),
    onChoose(chosen, name) {
      message.clear();
      set({ image: toMessage(chosen, "uint8"), photo: name, covered: [] });
    },
    onRefuse: (sentence) => message.say(sentence),
  });
  const bars = probabilityBars({ most: BARS });
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
      label: t("Patch"),
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
      onPoint: hover,
      onLeave: () => hover(null),
      onPick: (place) => cover(clicked(place, get("covered"), get("patch"), [size, size])),
    });
    one.element.classList.add("wm-map");
    return one;
  }

  // ---------------------------------------------------------------------------------- page
  const guess = line("wm-guess");
  const [what, where, sane, change] = [line(), line(), line(), line()];
  const [pace, mapPace] = [line("hc-keys hc-measured"), line("hc-keys hc-measured")];
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
      make(
        "p",
        { class: "hc-note hc-keys" },
        t(
          "Each map has a scale of its own: white is 0, full red the largest hundredth of its " +
            "numbers.",
        ),
      ),
      pace,
      mapPace,
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
    return known?.view === view ? known.before.indexOf(extremes(known.before).high) : undefined;
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
  /** The photo is another, or what is covered of it. */
  function update() {
    const sent = get("image");
    photos.follow();
    if (sent !== painted) {
      painted = sent;
      const image = photoFrom(sent);
      const whole = { ...AS_IT_IS, image, crop: [0, 0, image.shape[0]] };
      view = wholeView({ ...whole, gray: false }, size);
      gray = wholeView({ ...whole, gray: true }, size);
      for (const one of [where, sane]) setText(one, "");
      unsay();
      for (const k of [0, 1]) leave(k);
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
    const [mine, number] = [view, ++reads];
    const before = known?.view === view ? known.before : null;
    if (before && !covered.length) {
      least = number;
      tell(before, null);
      return;
    }
    answers.setAttribute("aria-busy", "true");
    const then = (found, isLatest) => {
      if (closed || number < least) return;
      known = { view: mine, before: found.before };
      if (mine === view) tell(found.before, found.after, found.took, isLatest);
      if (later === undefined) explainNow();
    };
    const fail = (sentence) => number >= least && readFailed(sentence);
    source.read({ view, covered, patch, before }, then, fail);
  }

  /** What was answered is of another photo, or of another patch. */
  function unsay() {
    bars.clear();
    for (const one of [guess, change]) setText(one, "");
  }

  function readFailed(sentence) {
    answers.setAttribute("aria-busy", "false");
    unsay();
    if (!inKernel) message.say(sentence, "read");
    if (labelNow() !== undefined) return;
    for (const k of [0, 1]) fail(k); // it is not known what to ask for
  }

  function tell(before, after, took, isLatest = true) {
    const label = labelNow();
    bars.show(after ?? before, undefined, label);
    setText(guess, guessText(names, after ?? before));
    setText(change, after ? changeText(names[label], before[label], after[label]) : "");
    if (took !== undefined)
      setText(pace, t("The network took {ms} ms here.", { ms: Math.max(1, Math.round(took)) }));
    message.clear("read");
    speak(guess, change);
    if (isLatest) answers.setAttribute("aria-busy", "false");
  }

  const speak = (...lines) =>
    voice.say(lines.map(({ textContent }) => textContent).filter(Boolean).join(" "));

  /** Ask for the maps that are not those on the screen. */
  function explainNow() {
    clearTimeout(later);
    later = undefined;
    const asked = askedNow();
    for (const k of [0, 1]) {
      const isShown = k === 0 || get("random_weights");
      views[k].element.hidden = !isShown;
      if (isShown && asked) {
        if (!isSame(wanted[k], asked)) explain(k, asked);
      } else {
        takeBack(k);
        busy(k, isShown);
        if (!isShown && maps[k]) leave(k);
      }
      nameMap(k);
    }
    compare();
  }

  /** The same once no new patch comes any more. */
  function explainSoon() {
    for (const k of [0, 1]) {
      takeBack(k);
      busy(k, k === 0 || get("random_weights"));
    }
    clearTimeout(later);
    later = setTimeout(explainNow, REST);
  }

  const busy = (k, is) => views[k].element.setAttribute("aria-busy", is);

  function takeBack(k) {
    source.forget(k === 1);
    message.clear(k);
    [wanted[k], failed[k]] = [null, false];
  }

  /** Show no map: it was that of another photo. */
  function leave(k) {
    maps[k] = null;
    draw(k);
    nameMap(k);
  }

  function fail(k) {
    failed[k] = true;
    busy(k, false);
    nameMap(k);
  }

  function explain(k, asked) {
    wanted[k] = asked;
    failed[k] = false;
    message.clear(k);
    const isMine = () => !closed && wanted[k] === asked;
    busy(k, true);
    source.explain(asked, k === 1, {
      onProgress({ map, share: part, step: places }) {
        if (!isMine()) return;
        if (map) take(k, map, asked, { part, places });
        else if (maps[k]?.asked === asked) maps[k].part = part;
        nameMap(k);
      },
      onDone({ map, took }) {
        if (!isMine()) return;
        failed[k] = false;
        take(k, map, asked);
        if (took !== undefined)
          setText(mapPace, t("The map took {ms} ms here.", { ms: Math.max(1, Math.round(took)) }));
        busy(k, false);
        compare();
        speak(guess, where, sane);
      },
      onError(sentence) {
        if (!isMine()) return;
        if (!inKernel) message.say(sentence, k);
        fail(k);
      },
    });
  }

  /** A map has come, or one that is not yet as good as it will be. */
  function take(k, map, asked, { part = null, places } = {}) {
    maps[k] = { ...finely(map, size, cellOf(asked, map, places)), asked, part };
    if (k === 0) setText(where, whereText(names[asked.label], maps[k].largest));
    nameMap(k);
    draw(k);
  }

  function draw(k) {
    const isThere = maps[k] !== null;
    views[k].paint(isThere ? overlay(gray, maps[k].colours, get("strength") / 100) : gray);
  }

  /** What stands above a map, and what it is called. */
  function nameMap(k) {
    const { asked, part, largest } = maps[k] ?? {};
    const caption = captionOf(asked?.method ?? get("method"), {
      part,
      isRandom: k === 1,
      isBeside: get("random_weights"),
      hasFailed: failed[k],
    });
    views[k].caption(caption);
    const text = asked ? whereText(names[asked.label], largest) : "";
    views[k].describe(text ? t("{caption}. {text}", { caption, text }) : caption);
  }

  /** How alike the two maps are. */
  function compare() {
    const isThere = maps.every((one, k) => one?.part === null && one.asked === wanted[k]);
    const of = maps.map((one) => one?.map);
    if (isThere && of.some((map, k) => map !== compared.of[k]))
      compared = { of, correlation: rankCorrelation(...of) };
    setText(sane, isThere ? alikeText(compared.correlation) : "");
  }

  /** Where the patch lies, on the maps too. */
  function frameMaps() {
    const covered = hovered ?? get("covered");
    for (const { canvas, frame: put } of views) {
      const box = canvas.parentElement.querySelector(".hc-frame");
      box.hidden = !covered.length;
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
    for (const k of [0, 1]) if (failed[k]) wanted[k] = null; // it may go better now
    showCovered(); // what is said of it is about the class, too
    explainNow();
  };
  const stop = listen(model, {
    ...each(["image", "photo", "covered"], update),
    patch() {
      follow();
      showCovered();
      if (get("method") === "occlusion") explainSoon();
    },
    ...each(["label", "method", "layer", "random_weights"], explainAnew),
    strength() {
      follow();
      for (const k of [0, 1]) draw(k);
    },
  });
  return () => {
    closed = true;
    clearTimeout(later);
    stop();
    source.close();
    voice.stop();
    photos.stop();
    frame.close();
  };
}
