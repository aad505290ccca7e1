// UpsamplingCompare: a patch of a photo, pooled down, then enlarged in five ways.

import { INPUT, OUTPUT } from "../parts/colours.js";
import { bound, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { alike, by, clamp, format, held, same, square, sumOf } from "../parts/numbers.js";
import { array, conv2d, convTranspose2d, pool2d, unpool2d, upsample2d } from "../parts/ops.js";
import { pictureChooser } from "../parts/photos.js";
import { picture, SIGNED_GRADIENT } from "../parts/pictures.js";
import { arrowKeys, dragging } from "../parts/pointing.js";
import { tuples } from "../parts/saving.js";
import { each, getArray, listen, photoMessage, share } from "../parts/state.js";
import { explorerKeys, keysLine, movingKeys, player, playerLine } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tile, tileRow } from "../parts/tiles.js";

const STEP = 8; // pixels that an arrow key moves the patch by
const ORIGINAL = "original";
const ARGUMENTS = ["factor", "kernel", "kernel_size", "corner"];
const SIGHT = ["position", "lens", "display"];
const GRAYS = { low: 0, high: 255 };

// ----------------------------------------------------------------------------- arithmetic

/** `size` × `size` numbers of an array, from (row, column) on. */
export function cut(x, [row, column], size, scale = 1) {
  const out = array([size, size]);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      out.data[i * size + j] = scale * x.data[(row + i) * x.shape[1] + column + j];
  return out;
}

/** One row of a kernel, sum 1, as profile() in Python. */
export function profile(name, size) {
  const bell = 0.3 * ((size - 1) / 2 - 1) + 0.8;
  const weight = {
    ones: () => 1,
    tent: (distance) => 1 - distance / Math.floor((size + 1) / 2),
    gaussian: (distance) => Math.exp(-0.5 * (distance / bell) ** 2),
  }[name];
  const weights = Float64Array.from({ length: size }, (_, k) =>
    weight(Math.abs(k - (size - 1) / 2)),
  );
  const sum = sumOf(weights);
  return weights.map((value) => value / sum);
}

function outer(row, factor) {
  const size = row.length;
  const kernel = array([size, size]);
  for (let k = 0; k < kernel.data.length; k++)
    kernel.data[k] = factor * row[Math.floor(k / size)] * row[k % size];
  return kernel;
}

/** The patch pooled by mean and maximum, and enlarged again in five ways. */
export function enlarged(patch, factor, row) {
  const mean = pool2d(patch, factor, { reduce: "mean" });
  const { pooled, indices } = pool2d(patch, factor, { returnIndices: true });
  const nearest = upsample2d(mean, factor);
  const results = {
    [ORIGINAL]: patch,
    nearest,
    bilinear: upsample2d(mean, factor, { method: "bilinear" }),
    unpooling: unpool2d(pooled, indices, patch.shape),
    transposed: convTranspose2d(mean, outer(row, factor ** 2), {
      stride: factor,
      padding: "same",
    }),
    resize_conv: conv2d(nearest, outer(row, 1), { mode: "edge", padding: "same" }),
  };
  return { small: { mean, max: pooled }, results };
}

/** The least and most that a flat picture of 100 is painted as, away from the rim. */
export function flatRange(row, factor) {
  const painted = new Float64Array(factor);
  row.forEach((weight, k) => (painted[k % factor] += factor * weight));
  return [Math.min(...painted), Math.max(...painted)].map((value) => 100 * value ** 2);
}

/** Mean absolute difference in grays, and peak signal-to-noise ratio in decibels. */
export function compare(result, original) {
  let [absolute, squared] = [0, 0];
  for (let k = 0; k < original.data.length; k++) {
    const difference = result.data[k] - original.data[k];
    absolute += Math.abs(difference);
    squared += difference ** 2;
  }
  const count = original.data.length;
  return { error: absolute / count, psnr: -10 * Math.log10(squared / count / 255 ** 2) };
}

// ------------------------------------------------------------------------------ sentences

const tenths = (value) => format(Math.round(10 * value) / 10, 6);
const signed = (value) => (Math.round(10 * value) > 0 ? "+" : "") + tenths(value);
const decibels = (value) => (value === Infinity ? "∞" : format(value, 3));
const headline = (words) => t(words[0].toUpperCase() + words.slice(1));

/** What a kernel of this size makes of a flat gray, where it is the transposed one. */
export function kernelSentence({ factor, size }, [least, most]) {
  const told = { factor, size, least: tenths(least), most: tenths(most) };
  const divides =
    size % factor === 0
      ? t("the stride {factor} divides the kernel size {size}", told)
      : t("the stride {factor} does not divide the kernel size {size}", told);
  const flat =
    most - least < 1e-9
      ? t("a flat gray of 100 stays 100, no checkerboard.")
      : t("a flat gray of 100 comes out as {least} … {most}: checkerboard.", told);
  return t(
    "Transposed convolution: {divides}; {flat} Resized first, it stays 100 with any kernel.",
    { divides, flat },
  );
}

/** What stands below a tile. */
export function noteOf(name, error, isBest) {
  const told = {
    source: name === "unpooling" ? t("maximum") : t("mean"),
    error: format(error, 3),
  };
  return isBest
    ? t("From the {source}: {error} grays off on average, best", told)
    : t("From the {source}: {error} grays off on average", told);
}

/** Why a photo will not do; "" where it does. */
export const tooSmall = (side) => ({ shape: [high, wide] }, name) =>
  Math.min(high, wide) >= side
    ? ""
    : t(
        "{name} comes to {wide} × {high} pixels here; the patch alone is {side} × {side}. " +
          "Choose a larger photo, or one that is less narrow.",
        { name, wide, high, side },
      );

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const { side } = limits;
  const methods = model.get("_methods");
  const corners = model.get("_corners");
  const names = [ORIGINAL, ...Object.keys(methods)];
  let image = getArray(model, "image");
  let results; // the original and the five, by name
  let lookedAt; // where the lens is: hovering moves it without telling Python
  let pinned = false; // a click holds the lens while the pointer goes elsewhere

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const photos = pictureChooser({
    model,
    label: t("Photo"),
    pictures: model.get("_photos"),
    file: { side: limits.photo, most: limits.pixels },
    misfit: tooSmall(side),
    onChoose(next, name) {
      message.clear();
      const corner = usualCorner(next, name);
      share(model, { image: photoMessage(next), photo: name, corner });
    },
    onRefuse: message.say,
  });
  const factor = bound(model, "factor", menu, {
    label: t("Pool, then enlarge by"),
    options: limits.factors.map((n) => [n, square(n)]),
  });
  const kernel = bound(model, "kernel", menu, {
    label: t("Kernel"),
    options: limits.kernels.map((name) => [name, t(name)]),
  });
  const size = bound(model, "kernel_size", slider, {
    label: t("Kernel size"),
    min: 1,
    max: limits.kernel,
    show: square,
  });
  const display = bound(model, "display", menu, {
    label: t("Show"),
    options: [
      ["pictures", t("the pictures")],
      ["errors", t("the errors (blue too dark · red too bright)")],
    ],
  });
  const lens = bound(model, "lens", menu, {
    label: t("Lens"),
    options: limits.lenses.map((n) => [n, t("{size} pixels", { size: square(n) })]),
  });
  const pairOfSliders = (labels, onInput) =>
    labels.map((label) => slider({ label, min: 0, max: side - 1, value: 0, onInput }));
  const patchSliders = pairOfSliders([t("Patch row"), t("Patch column")], () =>
    moveTo(patchSliders.map((control) => control.value)),
  );
  const lensSliders = pairOfSliders([t("Lens row"), t("Lens column")], () => {
    playing.stop();
    setLens(lensSliders.map((control) => control.value));
  });
  const playing = player({ onTick: scan });

  // ------------------------------------------------------------------------------ pictures
  const centre = (place) => moveTo(place.map((n) => n - side / 2));
  const hold = dragging({ onGrab: centre, onDrag: centre });
  const photo = picture({ role: INPUT, ...hold.pointing });
  hold.watch(photo.canvas);
  arrowKeys(photo.canvas, (step) =>
    moveTo(model.get("corner").map((n, axis) => n + STEP * step[axis])),
  );
  const small = {
    mean: picture({ role: OUTPUT, framed: false }),
    max: picture({ role: OUTPUT, framed: false }),
  };
  const sources = [
    tile({ caption: t("Photo"), views: [photo] }),
    tile({ caption: t("Pooled by the mean"), views: [small.mean] }),
    tile({ caption: t("Pooled by the maximum"), views: [small.max] }),
  ];
  const shown = Object.fromEntries(names.map((name) => [name, makeTile(name)]));

  /** A patch, what the lens sees of it, and how far it is from the original. */
  function makeTile(name) {
    const role = name === ORIGINAL ? INPUT : OUTPUT;
    const whole = picture({
      role,
      onPoint: (position) => pinned || look(position),
      onPick(position) {
        playing.stop();
        const again = pinned && alike(position, model.get("position"));
        setLens(position);
        if (again) release();
      },
      onLeave: () => pinned || look(model.get("position")),
    });
    const [near, note] = [picture({ role }), line()];
    if (name === ORIGINAL) note.textContent = t("The patch before it was pooled");
    const title = headline(methods[name] ?? name);
    const { element } = tile({ caption: title, views: [whole, near], notes: [note] });
    return { element, title, whole, near, note };
  }

  const scale = make(
    "div",
    { class: "hc-scale" },
    make("b", {}, format(-limits.reach)),
    make("span", { style: `background: ${SIGNED_GRADIENT}` }),
    make("b", {}, t("{reach} grays and more", limits)),
  );
  const [verdict, heldLine, kernelNote] = [line(), line(), line()];
  const table = make("table", { class: "hc-grid hc-upsampling-table" });
  const rows = buildTable();

  function buildTable() {
    const heads = [t("mean error, grays"), t("PSNR, dB"), t("pixel under the lens")];
    const titles = heads.map((head) => make("th", { scope: "col" }, head));
    table.createTHead().insertRow().append(make("td"), ...titles);
    const body = table.createTBody();
    return Object.fromEntries(
      names.map((name) => {
        const row = body.insertRow();
        const cells = heads.map(() => make("td", { class: "hc-number" }));
        row.append(make("th", { scope: "row" }, t(methods[name] ?? name)), ...cells);
        return [name, { row, cells }];
      }),
    );
  }

  const frame = layout("UpsamplingCompare", {
    head: [...photos.elements, factor.element, kernel.element],
    scene: [
      tileRow(sources, { least: "6em", most: "48em" }),
      scale,
      tileRow(Object.values(shown), { columns: 3, least: "17em" }),
    ],
    strip: [verdict, kernelNote, heldLine, message.element, voice.element],
    player: [
      playerLine(playing.element, playing.speed),
      keysLine(t("Keys: arrows move the lens, space plays, Esc.")),
    ],
    settings: [
      group(t("Enlarging"), size.element),
      group(
        t("What is shown"),
        display.element,
        ...patchSliders.map((control) => control.element),
        lens.element,
        ...lensSliders.map((control) => control.element),
      ),
    ],
    foot: [
      make(
        "div",
        { class: "hc-scroll", tabindex: "0", role: "group", "aria-label": t("Errors") },
        table,
      ),
    ],
    python,
  });
  explorerKeys(frame.root, {
    ...movingKeys((step) => {
      playing.stop();
      setLens(model.get("position").map((n, axis) => clamp(n + step[axis], 0, side - 1)));
    }),
    " ": playing.toggle,
    Escape() {
      playing.stop();
      release();
    },
  });
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function setLens(position) {
    pinned = true;
    if (alike(position, model.get("position"))) look(position);
    else share(model, { position });
  }

  function release() {
    pinned = false;
    look(model.get("position"));
  }

  /** The lens half a window on, in reading order; after the last place comes the first. */
  function scan() {
    const [row, column] = model.get("position");
    const stride = model.get("lens") / 2;
    if (column + stride < side) setLens([row, column + stride]);
    else setLens([row + stride < side ? row + stride : 0, 0]);
  }

  const lastCorner = () => image.shape.map((n) => n - side);
  const usualCorner = ({ shape }, name) =>
    corners[name] ?? shape.map((n) => Math.floor((n - side) / 2));

  function moveTo(place) {
    const last = lastCorner();
    const corner = place.map((n, axis) => clamp(n, 0, last[axis]));
    if (!alike(corner, model.get("corner"))) share(model, { corner });
  }

  function python() {
    const [factor, kernel, kernel_size, corner] = ARGUMENTS.map((name) => model.get(name));
    const isUsual = alike(corner, usualCorner(image, model.get("photo")));
    return photos.call("photo", {
      ...{ factor, kernel, kernel_size, corner: isUsual ? null : corner },
      ...Object.fromEntries(SIGHT.map((name) => [name, tuples(model.get(name))])),
    });
  }

  // ------------------------------------------------------------------------------- drawing
  const white = () => (image.data.some((value) => value > 1) ? 255 : 1);

  function compute() {
    const [factor, kernel, size, corner] = ARGUMENTS.map((name) => model.get(name));
    const patch = cut(image, corner, side, 255 / white());
    const row = profile(kernel, size);
    const made = enlarged(patch, factor, row);
    results = made.results;
    for (const [reduce, pooled] of Object.entries(made.small)) {
      small[reduce].paint(pooled, GRAYS);
      small[reduce].describe(
        t("The patch pooled by the {reduce}, {size} pixels", {
          reduce: t(reduce),
          size: square(pooled.shape[0]),
        }),
      );
    }
    kernelNote.textContent = kernelSentence({ factor, size }, flatRange(row, factor));
    photo.frame(...corner, side, side);
    patchSliders.forEach((control, axis) => (control.value = corner[axis]));
    judge();
    paint();
  }

  function showPhoto() {
    photos.follow();
    const last = lastCorner();
    patchSliders.forEach((control, axis) => (control.input.max = last[axis]));
    photo.paint(image, { low: 0, high: white() });
    photo.describe(
      t("The photo {name}, {size} pixels. Arrow keys move the patch.", {
        name: t(model.get("photo")),
        size: by(image.shape),
      }),
    );
  }

  /** Measure, write the table, and name the best. */
  function judge() {
    const measured = Object.keys(methods).map((name) => ({
      name,
      ...compare(results[name], results[ORIGINAL]),
    }));
    const best = measured.reduce((a, b) => (b.error < a.error ? b : a));
    for (const { name, error, psnr } of measured) {
      const { row, cells } = rows[name];
      const { note } = shown[name];
      cells[0].textContent = format(error, 3);
      cells[1].textContent = decibels(psnr);
      note.textContent = noteOf(name, error, name === best.name);
      for (const element of [row, note])
        element.classList.toggle("hc-upsampling-best", name === best.name);
    }
    verdict.textContent = t(
      "Closest to the original here: {method}, {error} grays off on average.",
      { method: t(methods[best.name]), error: format(best.error, 3) },
    );
    voice.say(`${verdict.textContent} ${kernelNote.textContent}`);
  }

  const showsErrors = (name) => display.value === "errors" && name !== ORIGINAL;

  /** What a tile shows, and on which scale. */
  function shownOf(name) {
    if (!showsErrors(name)) return [results[name], GRAYS];
    const original = results[ORIGINAL];
    const data = results[name].data.map((value, k) => value - original.data[k]);
    return [array(original.shape, data), { signed: limits.reach }];
  }

  function paint() {
    scale.hidden = display.value !== "errors";
    for (const name of names) {
      const { whole, note, title } = shown[name];
      whole.paint(...shownOf(name));
      const told = { title, size: square(side), note: note.textContent };
      whole.describe(
        showsErrors(name)
          ? t("{title}, its error, {size} pixels. {note}", told)
          : t("{title}, {size} pixels. {note}", told),
      );
    }
    look(pinned || !lookedAt ? model.get("position") : lookedAt);
  }

  /** Put the lens on a pixel: the same window of all, and the numbers in its middle. */
  function look(position) {
    lookedAt = position;
    const wide = model.get("lens");
    const corner = position.map((n) => clamp(n - wide / 2, 0, side - wide));
    const [row, column] = position;
    const at = row * side + column;
    lensSliders.forEach((control, axis) => (control.value = position[axis]));
    for (const name of names) {
      const { whole, near, title } = shown[name];
      const [pixels, range] = shownOf(name);
      whole.frame(...corner, wide, wide);
      near.paint(cut(pixels, corner, wide), range);
      near.frame(row - corner[0], column - corner[1], 1, 1);
      near.describe(t("{title} under the lens, {size} pixels", { title, size: square(wide) }));
      const value = results[name].data[at];
      const off = value - results[ORIGINAL].data[at];
      rows[name].cells[2].textContent =
        name === ORIGINAL ? tenths(value) : `${tenths(value)} (${signed(off)})`;
    }
    heldLine.textContent = held(pinned);
  }

  // ---------------------------------------------------------------- what Python sets later
  function followPhoto() {
    const next = getArray(model, "image");
    const isOther = !same(next, image) || photos.shown !== model.get("photo");
    image = next;
    if (isOther) showPhoto();
    // The corner fits the new photo once Python has said so.
    if (model.get("corner").every((n, axis) => n <= lastCorner()[axis])) compute();
  }
  function followKernel() {
    for (const control of [factor, kernel, size]) control.follow();
    compute();
  }
  const stopListening = listen(model, {
    ...each(["image", "photo", "corner"], followPhoto),
    ...each(["factor", "kernel", "kernel_size"], followKernel),
    display() {
      display.follow();
      paint();
    },
    lens() {
      lens.follow();
      look(lookedAt);
    },
    position: () => look(model.get("position")),
  });

  showPhoto();
  compute();

  return () => {
    stopListening();
    playing.stop();
    voice.stop();
    photos.stop();
    frame.close();
  };
}
