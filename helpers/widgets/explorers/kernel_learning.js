// KernelLearning: a kernel of random numbers learns to be the one behind the wanted outputs.

import { chart } from "../parts/chart.js";
import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { actions, button, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { numberGrid, titled, widen } from "../parts/grids.js";
import { heavy } from "../parts/heavy.js";
import { group, layout, line, pair } from "../parts/layout.js";
import { alike, clamp, format, square } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { picture } from "../parts/pictures.js";
import { presetMenu, presetsOf } from "../parts/presets.js";
import { call, listed } from "../parts/saving.js";
import { each, fromMessage, getArray, listen, share, toMessage } from "../parts/state.js";
import { playerLine, transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { tile, tileRow } from "../parts/tiles.js";
import {
  answer, compared, history, largest, learning, less, lesson, lossOf, picked, url,
} from "./kernel_learning_run.js";
import { progress, scaleNote, verdict } from "./kernel_learning_words.js";

// What a run depends on, besides the pictures.
const SETTINGS = [
  "secret", "size", "examples", "noise", "learning_rate", "batch", "steps", "seed",
];

// ----------------------------------------------------------------------------- arithmetic

/** The rate where the slider stands: two digits are enough. */
const rateAt = (exponent) => Number((10 ** exponent).toPrecision(2));

/** Weights as they are read in cells: few digits, so that a column is not much wider later. */
function rounded({ shape, data }, digits) {
  const few = (value) => Number(Number(value.toFixed(digits)).toPrecision(digits + 1));
  return array(shape, data.map((value) => few(value) + 0)); // never −0
}

// --------------------------------------------------------------------------- the explorer

export default function render({ model, el }) {
  const limits = model.get("_limits");
  const pictures = fromMessage(model.get("_arrays").pictures);
  const secrets = presetsOf(model, "_secrets");
  const place = heavy(learning, url);
  let now; // the settings of the run on the screen
  let data; // what it learns from
  let run; // its history
  let running = true;
  let fresh = true; // nothing of what runs has come yet: what was before is on the screen
  let outdated = false; // settings have changed since
  let diverged = false;
  let asked = model.get("step"); // what is to be seen: that step, or the last that there is

  function read() {
    const plain = SETTINGS.map((name) => [name, model.get(name)]);
    return { ...Object.fromEntries(plain), secret: getArray(model, "secret") };
  }
  const set = (changes) => {
    const steps = changes.steps ?? model.get("steps");
    const { secret } = changes;
    share(model, { ...changes, ...(secret && { secret: toMessage(secret) }), step: steps });
  };

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const examples = presetMenu({
    presets: presetsOf(model),
    settingsOf: ({ name, title, ...settings }) => settings,
    onChoose: set,
  });
  const secretMenu = presetMenu({
    label: t("Secret kernel"),
    presets: secrets,
    settingsOf: ({ array: secret }) => ({ secret }),
    onChoose: set,
  });
  const sizeMenu = menu({
    label: t("Kernel size"),
    options: limits.sides.map((side) => [side, square(side)]),
    onChange: (size) => set({ size: Number(size) }),
  });
  const plain = (name, label, settings) =>
    slider({ label, ...settings, onInput: (value) => set({ [name]: value }) });
  const sliders = {
    examples: plain("examples", t("Examples"), { min: 1, max: limits.examples }),
    noise: plain("noise", t("Noise"), { min: 0, max: limits.noise, step: 0.1 }),
    batch: plain("batch", t("Batch"), {
      min: 1,
      max: limits.examples,
      show: (n) => (n < model.get("examples") ? format(n) : t("all")),
    }),
    steps: plain("steps", t("Number of steps"), {
      min: limits.steps[0],
      max: limits.steps[1],
      step: 10,
    }),
  };
  const rateSlider = slider({
    label: t("Learning rate"),
    min: -3,
    max: Math.log10(limits.rate),
    step: 0.05,
    show: (exponent) => format(rateAt(exponent)),
    onInput: (exponent) => set({ learning_rate: rateAt(exponent) }),
  });
  const ofThem = (n, count) => t("{n} of {count}", { n, count });
  const exampleSlider = slider({
    label: t("Picture shown"),
    min: 1,
    max: 1,
    show: (n) => ofThem(n, model.get("examples")),
    others: [ofThem(limits.examples, limits.examples)],
    onInput: (example) => share(model, { example }),
  });
  const runButton = button(t("Train again"), () => {
    if (running) halt();
    else if (isHalted()) goOn();
    else begin();
  });
  runButton.classList.add("kn-run");
  const seedButton = button(t("Another seed"), () =>
    set({ seed: (model.get("seed") + 1) % (limits.seed + 1) }),
  );
  const pace = line("kn-pace hc-measured");
  const steps = transport({
    label: t("Step"),
    first: 0,
    keysText: "Keys: ← → step, space plays, Home, End.",
    pace: (count) => Math.max(1, Math.round(count / 60)),
    onStep: look,
    onEscape: () => {},
  });

  // ------------------------------------------------------------------------------ pictures
  const secretGrid = numberGrid({
    label: t("secret kernel"),
    role: KERNEL,
    onInput: (secret) => set({ secret }),
    onRefuse: message.say,
  });
  const learnedGrid = numberGrid({ label: t("learned kernel"), role: KERNEL, editable: false });
  const grids = pair(
    titled(t("Secret kernel"), secretGrid).element,
    "≈",
    titled(t("Learned kernel"), learnedGrid).element,
  );
  const views = Object.fromEntries(
    Object.entries({
      input: [INPUT, t("Picture")],
      wanted: [OUTPUT, t("Wanted output")],
      output: [OUTPUT, t("Output now")],
      error: [OUTPUT, t("Error")],
    }).map(([name, [role, caption]]) => {
      const view = picture({ role, framed: false });
      return [name, { ...view, name: caption, tile: tile({ caption, views: [view] }) }];
    }),
  );
  const tiles = tileRow(
    Object.values(views).map(({ tile: one }) => one),
    { columns: 4, least: "8em", most: "44em" },
  );
  const scale = make("p", { class: "hc-note kn-scale" });
  const curves = chart({
    label: t("Losses over the steps"),
    x: { title: t("step"), low: 0 },
    y: { title: t("mean squared error"), log: true },
    onPick(step) {
      steps.stop();
      look(clamp(step, 0, steps.count));
    },
  });
  const [progressLine, verdictLine] = [line(), line()];

  const frame = layout("KernelLearning", {
    head: [examples.element],
    scene: [grids.element, tiles, scale, curves.element],
    strip: [progressLine, verdictLine, message.element],
    player: [playerLine(runButton, pace), ...steps.elements],
    settings: [
      group(
        t("What is to be learned"),
        secretMenu.element,
        sliders.examples.element,
        sliders.noise.element,
        exampleSlider.element,
      ),
      group(
        t("How it learns"),
        sizeMenu.element,
        rateSlider.element,
        sliders.batch.element,
        sliders.steps.element,
        actions(seedButton),
      ),
    ],
    foot: [
      make(
        "p",
        { class: "hc-note" },
        t(
          "The held-out loss is that on {count} other pictures, whose wanted outputs have no " +
            "noise: it falls to 0 only with the secret kernel.",
          { count: limits.heldOut },
        ),
      ),
      voice.element,
    ],
    python,
  });
  steps.listen(frame.root);
  el.append(frame.root);

  function python() {
    const known = secrets.find(({ array: secret }) => alike(secret, now.secret));
    return call(model, { ...now, secret: known?.name ?? listed(now.secret) });
  }

  // ---------------------------------------------------------------------------------- runs
  const reached = () => run.training.length - 1;
  const isHalted = () => !diverged && reached() < now.steps;

  function showState(isRunning) {
    running = isRunning;
    frame.root.dataset.running = running;
    const ended = isHalted() ? t("Go on") : t("Train again");
    setText(runButton, running ? t("Halt") : ended);
  }

  /** From the first numbers, with the settings that the traits have now. */
  function begin() {
    outdated = false;
    now = read();
    data = lesson({ ...now, pictures }, limits);
    fresh = true;
    start();
  }

  function start(from) {
    const input = {
      settings: { ...now, pictures },
      limits,
      ...(from && { from, first: run.training[0] }),
    };
    place.run(input, {
      onProgress(piece) {
        if (fresh) renew();
        take(piece);
        if (outdated) begin();
      },
      onDone: (end) => finish(end.diverged),
      onError(sentence) {
        message.say(sentence);
        showState(false);
      },
    });
    showState(true);
  }

  /** The first of a new run is there: what was on the screen goes. */
  function renew() {
    fresh = false;
    diverged = false;
    run = history(now.size);
    // Room for what a weight may have: −0.123, or −0.12 of a large one.
    grids.element.style.setProperty("--room-of-each", now.size > 5 ? 5 : 6);
    const series = [
      { name: t("training loss"), colour: INPUT, dash: "", xs: [], ys: [] },
      { name: t("held-out loss"), colour: OUTPUT, dash: "9 4", xs: [], ys: [] },
    ];
    const floor = { name: t("training loss of the secret kernel"), colour: "currentColor", dash: "2 4" };
    if (now.noise) series.push({ ...floor, xs: [], ys: [] });
    curves.draw({ series, x: { high: now.steps } });
    steps.resize(now.steps, 1);
    asked = Math.min(model.get("step"), now.steps);
  }

  function take(piece) {
    const from = run.training.length;
    run.add(piece);
    const xs = piece.training.map((_, k) => from + k);
    curves.append(0, xs, piece.training);
    curves.append(1, xs, piece.heldOut);
    if (now.noise) curves.append(2, xs, xs.map(() => data.floor));
    const rate = format(piece.rate, piece.rate < 1000 ? 2 : 3);
    pace.textContent = t("{reached} of {steps} steps, {rate} a second", {
      reached: reached(),
      steps: now.steps,
      rate,
    });
    showState(true);
    draw();
  }

  function finish(hasDiverged) {
    diverged = hasDiverged;
    if (diverged) endAt(reached());
    showState(false);
    draw();
    voice.say(progressLine.textContent);
  }

  /** The walk goes no farther than the run. */
  function endAt(last) {
    asked = Math.min(asked, last);
    steps.resize(last, 1);
  }

  function halt() {
    if (fresh) return; // too early: there is nothing to show
    place.cancel();
    endAt(reached());
    showState(false);
    draw();
    share(model, { step: asked });
  }

  function goOn() {
    const last = reached();
    steps.resize(now.steps, 1);
    if (asked === last) asked = now.steps;
    share(model, { step: asked });
    draw();
    start({ step: last, kernel: run.kernels[last] });
  }

  /** Other settings: what runs is not needed any more, but its first piece is waited for. */
  function anew() {
    message.clear();
    showControls();
    if (running && fresh) outdated = true;
    else begin();
  }

  // ------------------------------------------------------------------------------- drawing
  function showControls() {
    const next = read();
    examples.show(next);
    secretMenu.show({ secret: next.secret });
    sizeMenu.value = next.size;
    for (const [name, control] of Object.entries(sliders)) control.value = next[name];
    rateSlider.set(Math.log10(next.learning_rate), format(next.learning_rate));
    exampleSlider.input.max = next.examples;
    exampleSlider.value = Math.min(model.get("example"), next.examples);
    widen(secretGrid, next.secret);
    secretGrid.show(next.secret);
  }

  function look(step) {
    asked = step;
    draw();
    share(model, { step });
  }

  /** The step that is seen: the one that is asked for, or the last that there is. */
  function draw() {
    if (!run || fresh) return;
    const step = Math.min(asked, reached());
    steps.at = step;
    const kernel = run.kernelAt(step);
    const most = largest(now.secret) || 1;
    learnedGrid.show(rounded(kernel, now.size > 5 ? 2 : 3), { most });
    const told = { ...run, step, ...compared(kernel, now.secret) };
    setText(progressLine, progress({ ...told, steps: now.steps, tiny: limits.tiny }));
    const sides = { size: now.size, side: now.secret.shape[0] };
    const { floor } = data;
    const rest = { ...sides, most, floor, diverged, rate: now.learning_rate };
    setText(verdictLine, verdict({ ...told, ...rest }));
    curves.mark(step);
    paint(kernel);
  }

  function paint(kernel) {
    const n = Math.min(model.get("example"), now.examples) - 1;
    const alone = ({ shape: [, rows, columns], data }) => array([rows, columns], data);
    const input = alone(picked(pictures, [n]));
    const wanted = alone(picked(data.training.wanted, [n]));
    const output = alone(answer(kernel, picked(data.training.x, [n])));
    const most = largest(wanted) || 1;
    views.input.paint(input, { low: Math.min(...input.data), high: Math.max(...input.data) });
    const error = less(wanted, output);
    for (const [name, map] of Object.entries({ wanted, output, error })) {
      views[name].paint(map, { signed: most });
      views[name].describe(
        t("{name}, {side}: from {low} to {high}", {
          name: views[name].name,
          side: square(map.shape[0]),
          low: format(Math.min(...map.data), 3),
          high: format(Math.max(...map.data), 3),
        }),
      );
    }
    views.input.describe(
      t("Picture {n} of {count}, {side}: a piece of a photograph", {
        n: n + 1,
        count: now.examples,
        side: square(input.shape[0]),
      }),
    );
    setText(scale, scaleNote(most));
  }

  // ---------------------------------------------------------------- what Python sets later
  const stopListening = listen(model, {
    ...each(SETTINGS, anew),
    example() {
      showControls();
      draw();
    },
    step() {
      const step = Math.min(model.get("step"), steps.count);
      if (fresh || step === asked) return;
      asked = step;
      draw();
    },
  });

  function showStart() {
    now = read();
    data = lesson({ ...now, pictures }, limits);
    const { start: kernel, training, heldOut } = data;
    renew();
    run.add({
      kernels: kernel.data,
      training: [lossOf(kernel, training)],
      heldOut: [lossOf(kernel, heldOut)],
    });
    showState(true);
    draw();
    fresh = true;
  }

  showControls();
  showStart();
  // Later than this: whoever shows many explorers has all of them on the screen first.
  const firstFrame = requestAnimationFrame(begin);

  return () => {
    cancelAnimationFrame(firstFrame);
    stopListening();
    place.close();
    steps.stop();
    voice.stop();
    curves.close();
    frame.close();
  };
}
