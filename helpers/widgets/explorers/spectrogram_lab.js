// SpectrogramLab: a sound, its spectrogram, a filter that slides over it, and a network that hears.

import { readSound, recorder, speaker } from "../parts/audio.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { actions, button, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { memory, numberGrid, titled } from "../parts/grids.js";
import { group, layout, line } from "../parts/layout.js";
import { largest } from "../parts/mosaics.js";
import { alike, clamp, extremes, held } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { pictureChooser } from "../parts/photos.js";
import { picture } from "../parts/pictures.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { listed, variable } from "../parts/saving.js";
import { MELS } from "../parts/sounds.js";
import { each, fromMessage, getArray, listen, share, state, toMessage } from "../parts/state.js";
import { walker } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { listener } from "./spectrogram_lab_network.js";
import { answersOf, peakOf, reachOf, seenBy, upsideDown } from "./spectrogram_lab_sliding.js";
import { waveView } from "./spectrogram_lab_wave.js";
import {
  bandsText, longestTexts, placeText, responseText, shownText, slidesText, sumText, windowText,
} from "./spectrogram_lab_words.js";

const FULL = 32768; // of the menu's sounds, 16 bits a sample
const HOP_STEP = 8;
const TICKS = 60; // of playing, in which all of a response is done
const SETTINGS = ["sound", "window", "hop", "scale", "slides"];
const OF_THE_PICTURE = ["wave", "window", "hop", "scale"]; // what the spectrogram depends on

/** A sound that came from Python: one of the menu has whole numbers. */
function soundOf(message) {
  const { shape, data } = fromMessage(message);
  return { shape, data: message.dtype === "int16" ? data.map((n) => n / FULL) : data };
}

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const presets = presetsOf(model);
  let now = read();
  let { shown, filter, response } = answersOf(now);
  const kernels = memory(limits.kernel, () => 0, { centred: true });
  kernels.keep(now.kernel);

  function read() {
    const settings = Object.fromEntries(SETTINGS.map((name) => [name, model.get(name)]));
    return { ...settings, wave: getArray(model, "wave"), kernel: getArray(model, "kernel") };
  }

  // ---------------------------------------------------------------------------- controls
  const message = messageLine();
  const voice = spoken();
  const hear = ({ data, shape }, sound) => {
    message.clear();
    attempt({ wave: { shape, data }, sound });
  };
  const wave = waveView();
  const sounds = pictureChooser({
    model,
    label: t("Sound"),
    pictures: model.get("_sounds"),
    named: "sound",
    holds: "wave",
    own: t("your own sound, as an array"),
    messageOf: soundOf,
    file: {
      accept: "audio/*",
      open: t("Open a sound…"),
      read: readSound,
      side: limits.rate,
      dropOn: wave.element,
    },
    onChoose: hear,
    onRefuse: message.say,
  });
  const loudspeaker = speaker(message.say);
  const listenButton = button(t("Listen"), () => {
    message.clear();
    loudspeaker.play(now.wave.data, limits.rate);
  });
  const microphone = recorder({
    rate: limits.rate,
    onWave: (recorded) => hear(recorded, "own"),
    onRefuse: message.say,
    onState(runs) {
      setText(recordButton, runs ? t("Stop recording") : t("Record"));
      recordButton.setAttribute("aria-pressed", runs);
      if (runs) voice.say(t("Recording."));
    },
  });
  const recordButton = button(
    t("Record"),
    () => {
      message.clear();
      loudspeaker.stop();
      microphone.toggle();
    },
    { "aria-pressed": "false" },
  );

  const patterns = presetMenu({
    label: t("Pattern"),
    presets,
    settingsOf: ({ array: kernel }) => ({ kernel }),
    onChoose(settings) {
      kernels.fill(() => 0);
      attempt(settings);
    },
  });
  const grid = numberGrid({
    label: t("kernel weight"),
    role: KERNEL,
    step: 1,
    onInput: (kernel) => attempt({ kernel: upsideDown(kernel) }), // low frequencies lie below
    onRefuse: message.say,
  });
  const kernelNote = line();
  const [rows, columns] = [t("Kernel rows"), t("Kernel columns")].map((label, axis) =>
    slider({
      label,
      min: 1,
      max: limits.kernel,
      onInput: (n) => attempt({ kernel: kernels.cut(now.kernel.shape.with(axis, n)) }),
    }),
  );
  const slides = menu({
    label: t("Slides in"),
    options: limits.slides.map((name) => [name, t(name)]),
    onChange: (chosen) => attempt({ slides: chosen }),
  });
  const windowSlider = slider({
    label: t("Window"),
    min: 0,
    max: limits.windows.length - 1,
    show: (k) => t("{n} samples", { n: limits.windows[k] }),
    onInput: (k) => attempt({ window: limits.windows[k] }),
  });
  const hopSlider = slider({
    label: t("Hop"),
    min: limits.hops[0],
    max: limits.hops[1],
    step: HOP_STEP,
    show: (n) => t("{n} samples", { n }),
    onInput: (n) => attempt({ hop: n }),
  });
  const scale = menu({
    label: t("Frequencies"),
    options: [
      ["mel", t("mel bands")],
      ["hertz", t("equal steps")],
    ],
    onChange: (chosen) => attempt({ scale: chosen }),
  });
  const peak = button(t("Go to the strongest answer"), () => {
    const position = peakOf(response);
    if (walk.isHeld && alike(walk.place, { position })) return;
    walk.pick({ position });
  });
  const network = listener({
    network: model.get("_network"),
    names: model.get("_class_names"),
    ear: model.get("_ear"),
    onLayer: (layer) => share(model, { layer }),
  });

  // ---------------------------------------------------------------------------- pictures
  /** The place whose filter has a point of the spectrogram in its middle. */
  function around([row, column]) {
    const middle = [shown.shape[0] - 1 - row, column];
    const position = middle.map((n, axis) =>
      clamp(n - Math.floor(filter.shape[axis] / 2), 0, response.shape[axis] - 1),
    );
    return { position };
  }
  const within = ([row, column]) => ({ position: [response.shape[0] - 1 - row, column] });
  const pointing = (place) => ({
    onPoint: (at) => walk.point(place(at)),
    onPick: (at) => walk.pick(place(at)),
    onLeave: () => walk.leave(),
  });
  const spectrum = picture({ caption: "", role: INPUT, ...pointing(around) });
  const answer = picture({ caption: t("Response"), role: OUTPUT, ...pointing(within) });
  spectrum.element.classList.add("sl-spectrogram");
  answer.element.classList.add("sl-response");
  const ends = make("p", { class: "sl-axis" });
  spectrum.element.append(ends);
  const timeLine = make("div", { class: "sl-line" }, wave.element, spectrum.element, answer.element);
  const walk = walker({
    model,
    start: {},
    fit: ({ position }) => ({
      position: position.every((n, axis) => n < response.shape[axis]) ? position : [0, 0],
    }),
    draw: drawResponse,
    explain,
    how: {
      keysText: "Keys: ← → step, ↑ ↓ go a row of the response up or down, space plays, Home, End, Esc.",
      pace: (count) => Math.ceil(count / TICKS),
      upwards: true,
    },
  });

  const [sumLine, placeLine, heldLine] = [line("hc-sum"), line(), line()];
  const [windowLine, bandsLine] = [line(), line()];
  const frame = layout("SpectrogramLab", {
    head: [...sounds.elements, listenButton, recordButton, patterns.element],
    scene: [
      make("div", { class: "sl-lab" }, timeLine, titled(t("Kernel"), grid, kernelNote).element),
      ...network.scene,
    ],
    strip: [sumLine, placeLine, heldLine, message.element],
    player: walk.elements,
    settings: [
      group(t("The spectrogram"), windowSlider.element, hopSlider.element, scale.element),
      group(t("The filter"), slides.element, rows.element, columns.element, actions(peak)),
      ...(network.settings.length ? [group(t("The network"), ...network.settings)] : []),
    ],
    foot: [windowLine, bandsLine, voice.element],
    python,
  });
  walk.listen(frame.root);
  el.append(frame.root);

  // ------------------------------------------------------------------------------- state
  const { attempt, listeners } = state({
    model,
    traits: ["wave", "kernel", ...SETTINGS],
    now: () => now,
    read,
    misfit: () => "", // the smallest spectrogram has room for the largest kernel
    take(next) {
      const isOther = OF_THE_PICTURE.some((name) => !alike(next[name], now[name]));
      const isOtherSound = !alike(next.wave, now.wave) || next.sound !== now.sound;
      now = next;
      kernels.keep(now.kernel);
      ({ shown, filter, response } = answersOf(now, isOther ? null : shown));
      message.clear();
      walk.resize(...response.shape);
      const guess = isOtherSound ? showSound() : "";
      if (isOther) showSpectrogram();
      showFilter();
      if (guess) voice.say(guess); // rather than the sum
    },
    refuse: message.say,
    traitsOf: ({ wave: nextWave, kernel, ...others }, before) => ({
      ...others,
      ...(nextWave !== before.wave && { wave: toMessage(nextWave) }),
      ...(kernel !== before.kernel && { kernel: toMessage(kernel) }),
    }),
    walk,
  });

  function python() {
    const own = model.get("_own");
    const preset = presets.find((one) => alike(one.array, now.kernel));
    const names = ["slides", "window", "hop", "scale"];
    return sounds.call("sound", {
      kernel: preset?.name ?? listed(now.kernel),
      ...Object.fromEntries(names.map((name) => [name, now[name]])),
      sounds: own.sounds ? variable("sounds") : null,
      network: own.none ? null : own.network ? variable("model") : "spoken",
      features: own.features ? variable("features") : null,
      class_names: own.class_names ? model.get("_class_names") : null,
      layer: model.get("layer") === own.layer ? null : model.get("layer"),
      ...walk.written,
    });
  }

  // ----------------------------------------------------------------------------- drawing
  /** Show the wave, and let the network hear it: what that says. */
  function showSound() {
    const name = now.sound === "own" ? t("your own sound") : t(now.sound);
    wave.show(now.wave.data, name);
    return network.hear(now.wave.data);
  }

  function showSpectrogram() {
    const range = extremes(shown.data);
    spectrum.paint(upsideDown(shown), range);
    const caption = shownText(now, shown.shape);
    spectrum.caption(caption);
    spectrum.describe(caption);
    const last = ((shown.shape[1] - 1) * now.hop + now.window) / limits.rate;
    const [low, high] = [0, shown.shape[0] - 1].map((row) =>
      reachOf(now, shown, { shape: [1, 1] }, [row, 0]).hertz,
    );
    const told = { low: Math.round(low[0]), high: Math.round(high[1]), seconds: last.toFixed(2) };
    setText(ends, t("↑ {low} to {high} Hz · → 0 to {seconds} seconds", told));
    windowSlider.value = limits.windows.indexOf(now.window);
    hopSlider.value = now.hop;
    scale.value = now.scale;
    setText(windowLine, windowText(now));
    setText(bandsLine, bandsText(now, shown.shape[0], MELS));
  }

  function showFilter() {
    const [size, full] = [filter.shape, shown.shape];
    patterns.show({ kernel: now.kernel });
    grid.value = upsideDown(now.kernel);
    [rows.value, columns.value] = now.kernel.shape;
    slides.value = now.slides;
    setText(kernelNote, slidesText(now, shown.shape, response.shape));
    const longest = longestTexts(now);
    kernelNote.dataset.longest = longest.slides;
    placeLine.dataset.longest = longest.place;
    sumLine.dataset.longest = longest.sum;
    timeLine.dataset.slides = now.slides;
    const shares = {
      "--wide": response.shape[1] / full[1],
      "--left": (size[1] - 1) / 2 / full[1],
      "--high": response.shape[0] / full[0],
      "--top": (size[0] - 1) / 2 / full[0],
    };
    for (const [name, value] of Object.entries(shares)) timeLine.style.setProperty(name, value);
    const { low, high } = extremes(response.data);
    answer.describe(responseText(now, response, low, high));
    drawResponse();
    explain();
  }

  /** The places done so far; the others are empty. */
  function drawResponse() {
    const { shape, data } = response;
    const done = array(shape, data.map((value, k) => (k < walk.done ? value : NaN)));
    answer.paint(upsideDown(done), { signed: largest(data) || 1 });
  }

  /** Write out the sum behind a place, and frame what it sees. */
  function explain() {
    const { position } = walk.place;
    const [row, column] = position;
    const [high, wide] = filter.shape;
    spectrum.frame(shown.shape[0] - row - high, column, high, wide);
    answer.frame(response.shape[0] - 1 - row, column, 1, 1);
    const reach = reachOf(now, shown, filter, position);
    wave.frame(...reach.seconds.map((n) => n * limits.rate));
    const seen = seenBy(now.kernel, now.slides, shown, position);
    const value = response.data[row * response.shape[1] + column];
    setText(sumLine, sumText(now, seen, position, value));
    setText(placeLine, placeText(reach));
    setText(heldLine, held(walk.isHeld));
    voice.say(`${sumLine.textContent} ${placeLine.textContent}`);
  }

  // -------------------------------------------------------------- what Python sets later
  const [follow] = Object.values(listeners);
  const stopListening = listen(model, {
    ...listeners,
    ...each(["wave", "sound"], () => {
      follow();
      sounds.follow();
    }),
    layer: () => network.show(model.get("layer")),
  });
  walk.resize(...response.shape);
  sounds.follow();
  network.show(model.get("layer"));
  showSound();
  showSpectrogram();
  showFilter();
  walk.follow();

  return () => {
    stopListening();
    walk.stop();
    loudspeaker.stop();
    microphone.close();
    voice.stop();
    sounds.stop();
    frame.close();
  };
}
