// UpsamplingCompare: a patch of a photo, pooled down, then enlarged in five ways.

import {
  alike,
  each,
  explorer,
  format,
  fromMessage,
  getArray,
  held,
  listen,
  make,
  menu,
  messageLine,
  photoMessage,
  picture,
  readPhoto,
  same,
  share,
  SIGNED_GRADIENT,
  slider,
  spoken,
  square,
} from "../parts/base.js";
import { INPUT, OUTPUT } from "../parts/colours.js";
import { array, conv2d, convTranspose2d, pool2d, unpool2d, upsample2d } from "../parts/ops.js";
import { arrowKeys, dragging, IDLE } from "../parts/pointing.js";
import { explorerKeys, movingKeys, player } from "../parts/stepper.js";

const OWN = "own";
const STEP = 8; // pixels that an arrow key moves the patch by
const ORIGINAL = "original";

const clamp = (value, last) => Math.min(Math.max(value, 0), last);

/** `size` × `size` numbers of an array, from (row, column) on. */
function cut(x, [row, column], size, scale = 1) {
  const out = array([size, size]);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      out.data[i * size + j] = scale * x.data[(row + i) * x.shape[1] + column + j];
  return out;
}

/** One row of a kernel, sum 1, as profile() in Python. */
function profile(name, size) {
  const bell = 0.3 * ((size - 1) / 2 - 1) + 0.8;
  const weight = {
    ones: () => 1,
    tent: (distance) => 1 - distance / Math.floor((size + 1) / 2),
    gaussian: (distance) => Math.exp(-0.5 * (distance / bell) ** 2),
  }[name];
  const weights = Float64Array.from({ length: size }, (_, k) =>
    weight(Math.abs(k - (size - 1) / 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((value) => value / sum);
}

function outer(row, factor) {
  const size = row.length;
  const kernel = array([size, size]);
  for (let k = 0; k < kernel.data.length; k++)
    kernel.data[k] = factor * row[Math.floor(k / size)] * row[k % size];
  return kernel;
}

/** The least and most that a flat picture of 100 is painted as, away from the rim. */
function flatRange(row, factor) {
  const painted = new Float64Array(factor);
  row.forEach((weight, k) => (painted[k % factor] += factor * weight));
  return [Math.min(...painted), Math.max(...painted)].map((value) => 100 * value ** 2);
}

/** Mean absolute difference in grays, and peak signal-to-noise ratio in decibels. */
function compare(result, original) {
  let [absolute, squared] = [0, 0];
  for (let k = 0; k < original.data.length; k++) {
    const difference = result.data[k] - original.data[k];
    absolute += Math.abs(difference);
    squared += difference ** 2;
  }
  const count = original.data.length;
  return { error: absolute / count, psnr: -10 * Math.log10(squared / count / 255 ** 2) };
}

const tenths = (value) => format(Math.round(10 * value) / 10, 6);
const signed = (value) => (Math.round(10 * value) > 0 ? "+" : "") + tenths(value);

const decibels = (value) => (value === Infinity ? "∞" : format(value, 3));

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const { side } = limits;
  const methods = model.get("_methods");
  const corners = model.get("_corners");
  const photos = model.get("_photos");
  const names = [ORIGINAL, ...Object.keys(methods)];
  let image = getArray(model, "image");
  let original; // the patch, in grays
  let results; // the original and the five, by name
  let ownPhoto; // the last picture that was not one of ours
  let choices = 0; // how many photos were shown: a file that was read too late is dropped
  let lookedAt; // where the lens is: hovering moves it without telling Python
  let pinned = false; // a click holds the lens while the pointer goes elsewhere

  // ------------------------------------------------------------------------------ controls
  const photoMenu = menu({
    label: "Photo",
    options: [...Object.keys(photos), OWN].map((name) => [
      name,
      name === OWN ? "your own" : name,
    ]),
    value: model.get("photo"),
    onChange: (name) => setImage(name === OWN ? ownPhoto : fromMessage(photos[name]), name),
  });
  const file = make("input", {
    type: "file",
    accept: "image/*",
    class: "hc-hidden",
    onchange: () => takeFile(file.files[0]),
  });
  const fileLabel = make("label", { class: "hc-filelabel" }, "Open a photo…", file);
  const factorMenu = menu({
    label: "Pool, then enlarge by",
    options: limits.factors.map((n) => [n, square(n)]),
    value: model.get("factor"),
    onChange: (factor) => share(model, { factor: Number(factor) }),
  });
  const kernelMenu = menu({
    label: "Kernel",
    options: limits.kernels.map((name) => [name, name]),
    value: model.get("kernel"),
    onChange: (kernel) => share(model, { kernel }),
  });
  const sizeSlider = slider({
    label: "Kernel size",
    min: 1,
    max: limits.kernel,
    value: model.get("kernel_size"),
    show: square,
    onInput: (size) => share(model, { kernel_size: size }),
  });
  const displayMenu = menu({
    label: "Show",
    options: [
      ["pictures", "the pictures"],
      ["errors", "the errors (blue too dark · red too bright)"],
    ],
    value: model.get("display"),
    onChange: (display) => share(model, { display }),
  });
  const pairOfSliders = (labels, onInput) =>
    labels.map((label) => slider({ label, min: 0, max: side - 1, value: 0, onInput }));
  const patchSliders = pairOfSliders(["Patch row", "Patch column"], () =>
    moveTo(patchSliders.map((control) => control.value)),
  );
  const lensSliders = pairOfSliders(["Lens row", "Lens column"], () => {
    playing.stop();
    setLens(lensSliders.map((control) => control.value));
  });
  const kernelNote = make("p", { class: "hc-note" });
  const message = messageLine();
  const voice = spoken();
  const lensMenu = menu({
    label: "Lens",
    options: limits.lenses.map((n) => [n, `${square(n)} pixels`]),
    value: model.get("lens"),
    onChange: (lens) => share(model, { lens: Number(lens) }),
  });
  const playing = player({ onTick: scan });

  // ------------------------------------------------------------------------------ pictures
  const centre = (place) => moveTo(place.map((n) => n - side / 2));
  const hold = dragging({ onGrab: centre, onDrag: centre });
  const photo = picture({ caption: "Photo", role: INPUT, ...hold.pointing });
  hold.watch(photo.canvas);
  arrowKeys(photo.canvas, (step) =>
    moveTo(model.get("corner").map((n, axis) => n + STEP * step[axis])),
  );
  const small = {
    mean: plain("Pooled by the mean"),
    max: plain("Pooled by the maximum"),
  };

  function plain(caption) {
    const view = picture({ caption, role: OUTPUT, ...IDLE });
    view.element.querySelector(".hc-frame").hidden = true;
    return view;
  }

  const looking = {
    onPoint: (position) => pinned || look(position),
    onPick: (position) => {
      playing.stop();
      const again = pinned && alike(position, model.get("position"));
      setLens(position);
      if (again) release();
    },
    onLeave: () => pinned || look(model.get("position")),
  };
  const tiles = Object.fromEntries(names.map((name) => [name, tile(name)]));

  /** A patch, what the lens sees of it, and how far it is from the original. */
  function tile(name) {
    const role = name === ORIGINAL ? INPUT : OUTPUT;
    const whole = picture({ caption: "", role, ...looking });
    const near = picture({ caption: "", role, ...IDLE });
    const note = make("p", { class: "hc-note" });
    for (const view of [whole, near]) view.element.querySelector("figcaption").remove();
    if (name === ORIGINAL) note.textContent = "The patch before it was pooled";
    const element = make(
      "figure",
      { class: "hc-tile" },
      make("figcaption", {}, title(name)),
      make("div", { class: "hc-tile-views" }, whole.element, near.element),
      note,
    );
    return { whole, near, note, element };
  }

  function title(name) {
    const words = methods[name] ?? name;
    return words[0].toUpperCase() + words.slice(1);
  }

  const source = (name) => (name === "unpooling" ? "maximum" : "mean");

  const scale = make(
    "div",
    { class: "hc-scale" },
    make("b", {}, format(-limits.reach)),
    make("span", { style: `background: ${SIGNED_GRADIENT}` }),
    make("b", {}, `${limits.reach} grays and more`),
  );
  const heldLine = make("p", { class: "hc-note" });
  const verdict = make("p", { class: "hc-note" });
  const table = make("table", { class: "hc-grid hc-upsampling-table" });
  const rows = buildTable();

  function buildTable() {
    const heads = ["", "mean error, grays", "PSNR, dB", "pixel under the lens"];
    const line = table.createTHead().insertRow();
    for (const head of heads)
      line.append(head ? make("th", { scope: "col" }, head) : make("td"));
    const body = table.createTBody();
    return Object.fromEntries(
      names.map((name) => {
        const row = body.insertRow();
        row.append(make("th", { scope: "row" }, name === ORIGINAL ? name : methods[name]));
        const cells = heads.slice(1).map(() => row.insertCell());
        for (const cell of cells) cell.className = "hc-number";
        return [name, { row, cells }];
      }),
    );
  }

  const root = explorer(
    "UpsamplingCompare",
    make(
      "div",
      { class: "hc-bar" },
      photoMenu.element,
      fileLabel,
      ...patchSliders.map((control) => control.element),
    ),
    message.element,
    make(
      "div",
      { class: "hc-bar" },
      factorMenu.element,
      kernelMenu.element,
      sizeSlider.element,
      displayMenu.element,
    ),
    kernelNote,
    make(
      "div",
      { class: "hc-row hc-upsampling-sources" },
      photo.element,
      small.mean.element,
      small.max.element,
    ),
    make(
      "div",
      { class: "hc-bar" },
      lensMenu.element,
      ...lensSliders.map((control) => control.element),
      playing.element,
      playing.speed,
      heldLine,
    ),
    make("p", { class: "hc-note hc-keys" }, "Keys: arrows move the lens, space plays, Esc."),
    scale,
    make("div", { class: "hc-tiles" }, ...names.map((name) => tiles[name].element)),
    verdict,
    make(
      "div",
      { class: "hc-scroll", tabindex: "0", role: "group", "aria-label": "Errors" },
      table,
    ),
    voice.element,
  );
  explorerKeys(root, {
    ...movingKeys((step) => {
      playing.stop();
      setLens(model.get("position").map((n, axis) => clamp(n + step[axis], side - 1)));
    }),
    " ": playing.toggle,
    Escape() {
      playing.stop();
      release();
    },
  });
  el.append(root);

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

  function lastCorner() {
    return image.shape.map((n) => n - side);
  }

  function moveTo(place) {
    const last = lastCorner();
    const corner = place.map((n, axis) => clamp(n, last[axis]));
    if (corner.join() !== model.get("corner").join()) share(model, { corner });
  }

  function setImage(next, name) {
    message.clear();
    const corner = corners[name] ?? next.shape.map((n) => Math.floor((n - side) / 2));
    share(model, { image: photoMessage(next), photo: name, corner });
  }

  async function takeFile(chosen) {
    if (!chosen) return;
    file.value = ""; // the same file can be chosen again
    const before = ++choices;
    try {
      const next = await readPhoto(chosen, limits.photo, limits.pixels);
      const [high, wide] = next.shape;
      if (Math.min(high, wide) < side)
        throw new Error(
          `${chosen.name} comes to ${wide} × ${high} pixels here; the patch alone is ` +
            `${side} × ${side}. Choose a larger photo, or one that is less narrow.`,
        );
      if (before === choices) setImage(next, OWN);
    } catch (error) {
      if (before === choices) message.say(error.message);
    }
  }

  // ----------------------------------------------------------------------------- arithmetic
  const white = () => (image.data.some((value) => value > 1) ? 255 : 1);

  function compute() {
    const factor = model.get("factor");
    original = cut(image, model.get("corner"), side, 255 / white());
    const mean = pool2d(original, factor, { reduce: "mean" });
    const { pooled, indices } = pool2d(original, factor, { returnIndices: true });
    const row = profile(model.get("kernel"), model.get("kernel_size"));
    const nearest = upsample2d(mean, factor);
    const same = { padding: "same" };
    results = {
      [ORIGINAL]: original,
      nearest,
      bilinear: upsample2d(mean, factor, { method: "bilinear" }),
      unpooling: unpool2d(pooled, indices, original.shape),
      transposed: convTranspose2d(mean, outer(row, factor ** 2), {
        stride: factor,
        ...same,
      }),
      resize_conv: conv2d(nearest, outer(row, 1), { mode: "edge", ...same }),
    };
    small.mean.paint(mean, { low: 0, high: 255 });
    small.max.paint(pooled, { low: 0, high: 255 });
    for (const [reduce, view] of Object.entries(small))
      view.describe(`The patch pooled by the ${reduce}, ${square(mean.shape[0])} pixels`);
    showKernel(flatRange(row, factor));
    photo.frame(...model.get("corner"), side, side);
    patchSliders.forEach((control, axis) => (control.value = model.get("corner")[axis]));
    judge();
    paint();
  }

  // ------------------------------------------------------------------------------- drawing
  function showPhoto() {
    choices += 1;
    if (model.get("photo") === OWN) ownPhoto = image;
    photoMenu.select.querySelector(`[value=${OWN}]`).disabled = !ownPhoto;
    photoMenu.select.value = model.get("photo");
    const last = lastCorner();
    patchSliders.forEach((control, axis) => (control.input.max = last[axis]));
    photo.paint(image, { low: 0, high: white() });
    photo.describe(
      `The photo ${model.get("photo")}, ${image.shape.join(" × ")} pixels. ` +
        "Arrow keys move the patch.",
    );
  }

  function showKernel([least, most]) {
    const [factor, size] = [model.get("factor"), model.get("kernel_size")];
    const divides = size % factor === 0 ? "divides" : "does not divide";
    const flat =
      most - least < 1e-9
        ? "a flat gray of 100 stays 100, no checkerboard."
        : `a flat gray of 100 comes out as ${tenths(least)} … ${tenths(most)}: checkerboard.`;
    kernelNote.textContent =
      `Transposed convolution: the stride ${factor} ${divides} the kernel size ${size}; ` +
      `${flat} Resized first, it stays 100 with any kernel.`;
  }

  /** Measure, write the table, and name the best. */
  function judge() {
    const measured = Object.keys(methods).map((name) => ({
      name,
      ...compare(results[name], original),
    }));
    const best = measured.reduce((a, b) => (b.error < a.error ? b : a));
    for (const { name, error, psnr } of measured) {
      const { row, cells } = rows[name];
      const isBest = name === best.name;
      cells[0].textContent = format(error, 3);
      cells[1].textContent = decibels(psnr);
      row.classList.toggle("hc-tile-best", isBest);
      const { note } = tiles[name];
      note.textContent =
        `From the ${source(name)}: ${format(error, 3)} grays off on average` +
        (isBest ? ", best" : "");
      note.classList.toggle("hc-tile-best", isBest);
    }
    verdict.textContent =
      `Closest to the original here: ${methods[best.name]}, ` +
      `${format(best.error, 3)} grays off on average.`;
    voice.say(`${verdict.textContent} ${kernelNote.textContent}`);
  }

  /** What a tile shows, and on which scale. */
  function shownOf(name) {
    if (model.get("display") === "pictures" || name === ORIGINAL)
      return [results[name], { low: 0, high: 255 }];
    const data = results[name].data.map((value, k) => value - original.data[k]);
    return [array(original.shape, data), { signed: limits.reach }];
  }

  function paint() {
    const errors = model.get("display") === "errors";
    scale.hidden = !errors;
    for (const name of names) {
      tiles[name].whole.paint(...shownOf(name));
      const words = errors && name !== ORIGINAL ? ", its error" : "";
      tiles[name].whole.describe(
        `${title(name)}${words}, ${square(side)} pixels. ${tiles[name].note.textContent}`,
      );
    }
    look(pinned || !lookedAt ? model.get("position") : lookedAt);
  }

  /** Put the lens on a pixel: the same window of all, and the numbers in its middle. */
  function look(position) {
    lookedAt = position;
    const lens = model.get("lens");
    const corner = position.map((n) => clamp(n - lens / 2, side - lens));
    const [row, column] = position;
    const at = row * side + column;
    lensSliders.forEach((control, axis) => (control.value = position[axis]));
    for (const name of names) {
      const { whole, near } = tiles[name];
      const [shown, range] = shownOf(name);
      whole.frame(...corner, lens, lens);
      near.paint(cut(shown, corner, lens), range);
      near.frame(row - corner[0], column - corner[1], 1, 1);
      near.describe(`${title(name)} under the lens, ${square(lens)} pixels`);
      const value = results[name].data[at];
      const off = value - original.data[at];
      rows[name].cells[2].textContent =
        name === ORIGINAL ? tenths(value) : `${tenths(value)} (${signed(off)})`;
    }
    heldLine.textContent = held(pinned);
  }

  // ---------------------------------------------------------------- what Python sets later
  function followPhoto() {
    const next = getArray(model, "image");
    const other = !same(next, image) || photoMenu.select.value !== model.get("photo");
    image = next;
    if (other) showPhoto();
    // The corner fits the new photo once Python has said so.
    if (model.get("corner").every((n, axis) => n <= lastCorner()[axis])) compute();
  }
  function followKernel() {
    factorMenu.select.value = model.get("factor");
    kernelMenu.select.value = model.get("kernel");
    sizeSlider.value = model.get("kernel_size");
    compute();
  }
  const stopListening = listen(model, {
    ...each(["image", "photo", "corner"], followPhoto),
    ...each(["factor", "kernel", "kernel_size"], followKernel),
    display: () => {
      displayMenu.select.value = model.get("display");
      paint();
    },
    lens: () => {
      lensMenu.select.value = model.get("lens");
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
    choices += 1;
  };
}
