// Play and pause; step and scrub through places in reading order; by mouse and by keyboard.

import { button, menu, slider } from "./controls.js";
import { make } from "./elements.js";
import { line } from "./layout.js";
import { alike, clamp } from "./numbers.js";
import { ARROWS } from "./pointing.js";
import { tuples } from "./saving.js";
import { share } from "./state.js";
import { t } from "./texts.js";

const SPEEDS = [
  [1400, "slow"],
  [700, "medium"],
  [250, "fast"],
];

const WALKING = "Keys: ← → step, ↑ ↓ go a row back or on, space plays, Home, End, Esc.";

/** Where a key belongs to the control that has the focus, not to the explorer. */
function takes(target, key) {
  if (target.matches("select, input:not([type=checkbox])")) return true;
  if (key === " ") return target.matches("button, input, summary");
  return key in ARROWS && target.matches(".hc-scroll[tabindex]");
}

/**
 * Make keys work in the whole explorer: `moves` maps a key to what it does. They rest where
 * the control that has the focus wants them itself.
 */
export function explorerKeys(root, moves) {
  root.tabIndex = 0;
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const move = moves[event.key];
    if (!move || (event.key !== "Escape" && takes(event.target, event.key))) return;
    if (event.key !== "Escape") event.preventDefault(); // it also leaves the full screen
    move();
  });
}

/** A line of what plays: buttons, sliders, speed. */
export const playerLine = (...controls) => make("div", { class: "hc-transport" }, ...controls);

/** The line that says which keys do what. */
export function keysLine(text) {
  const element = line("hc-keys");
  element.textContent = text;
  return element;
}

/** The keys of explorers in which arrows move something by [rows, columns]. */
export const movingKeys = (move) =>
  Object.fromEntries(Object.entries(ARROWS).map(([key, by]) => [key, () => move(by)]));

/**
 * A button that plays, and a menu of speeds: onTick() comes again and again until it returns
 * false, until pause or `stop()`. onPlay() comes when it starts.
 */
export function player({ onTick, onPlay = () => {} }) {
  let timer;
  const element = button(t("Play"), toggle, { class: "hc-play" });
  const speed = menu({
    label: t("Speed"),
    options: SPEEDS.map(([interval, name]) => [interval, t(name)]),
    value: 700,
    onChange: () => timer && play(),
  });
  function play() {
    clearInterval(timer);
    timer = setInterval(() => onTick() === false && stop(), Number(speed.select.value));
    element.textContent = t("Pause");
  }
  function stop() {
    clearInterval(timer);
    timer = undefined;
    element.textContent = t("Play");
  }
  function toggle() {
    if (timer) return stop();
    play();
    onPlay();
  }
  return { element, speed: speed.element, toggle, stop };
}

/**
 * The controls that walk through `count` places, `columns` to a row; `at` counts from 1, or
 * from 0 where there is something to see before the first: `first` is 0. pace(count) says how
 * many places playing goes on at a time. `upwards`: the first row lies below the others.
 *
 * onStep(at, [row, column]) comes with every step, onEscape() with Esc. `listen(root)` makes
 * the keys work in the whole explorer, `stop()` ends playing.
 */
export function transport({
  label,
  onStep,
  onEscape,
  keysText = WALKING,
  first = 1,
  pace = () => 1,
  upwards = false,
}) {
  let [count, columns] = [1, 1];
  const go = (to) => {
    const next = clamp(to, first, count);
    if (next === scrub.value) return;
    scrub.value = next;
    onStep(next, placeOf(next));
  };
  const placeOf = (at) => [Math.floor((at - 1) / columns), (at - 1) % columns];
  const stepped = (by) => {
    playing.stop();
    go(scrub.value + by);
  };

  const scrub = slider({
    label,
    min: first,
    max: 1,
    value: 1,
    show: (at) => t("{at} of {count}", { at, count }),
    onInput: (at) => {
      playing.stop();
      onStep(at, placeOf(at));
    },
  });
  const playing = player({
    onPlay: () => scrub.value === count && go(first),
    onTick: () => {
      go(scrub.value + pace(count));
      return scrub.value < count;
    },
  });
  const rowBack = () => scrub.value - columns >= first && stepped(-columns);
  const rowOn = () => scrub.value <= count - columns && stepped(columns);
  const keys = {
    ArrowLeft: () => stepped(-1),
    ArrowRight: () => stepped(1),
    ArrowUp: upwards ? rowOn : rowBack,
    ArrowDown: upwards ? rowBack : rowOn,
    Home: () => stepped(first - scrub.value),
    End: () => stepped(count),
    " ": playing.toggle,
    Escape() {
      playing.stop();
      onEscape();
    },
  };

  return {
    elements: [
      playerLine(
        playing.element,
        button("◀", () => stepped(-1), { "aria-label": t("Step back") }),
        button("▶", () => stepped(1), { "aria-label": t("Step on") }),
        scrub.element,
        playing.speed,
      ),
      keysLine(t(keysText)),
    ],
    get at() {
      return scrub.value;
    },
    set at(next) {
      scrub.value = next;
    },
    get count() {
      return count;
    },
    /** How many places there are; where that is new, all of them are done. */
    resize(rows, wide) {
      if (rows * wide === count && wide === columns) return;
      playing.stop();
      [count, columns] = [rows * wide, wide];
      scrub.input.max = count;
      scrub.value = count;
    },
    stop: playing.stop,
    listen: (root) => explorerKeys(root, keys),
  };
}

/**
 * A walk through the places of an explorer, and which of them is written out: the one that a
 * click holds, else the one under the pointer, else the one where the walk stands.
 *
 * A place is an object of traits, such as { position: [row, column] }; `traits` names them.
 * A step goes to { ...start, position }. fit(place) returns the place itself where it exists,
 * else another; draw() draws what is done so far, explain() writes out `place`. `how` are
 * `transport`'s keysText, pace and upwards.
 */
export function walker({
  model,
  label = t("Step"),
  traits = ["position"],
  start,
  fit,
  draw,
  explain,
  how = {},
}) {
  const told = () => Object.fromEntries(traits.map((name) => [name, model.get(name)]));
  let here = told(); // where the walk stands
  let pointed; // what the pointer is over
  let held; // what a click holds while the pointer goes elsewhere
  const steps = transport({
    ...how,
    label,
    onStep(step, position) {
      held = pointed = undefined;
      here = { ...start, position };
      draw();
      explain();
      share(model, { step, ...here });
    },
    onEscape() {
      held = pointed = undefined;
      explain();
    },
  });
  const exists = (place) => place && alike(fit(place), place);

  return {
    elements: steps.elements,
    listen: steps.listen,
    stop: steps.stop,
    get done() {
      return steps.at;
    },
    get place() {
      return held ?? pointed ?? here;
    },
    get isHeld() {
      return held !== undefined;
    },
    /** The traits that say how far the walk is. */
    get state() {
      return { step: steps.at, ...here };
    },
    traits: ["step", ...traits],
    /** The same for "Copy as Python": null where the walk stands as it does at first. */
    get written() {
      const place = Object.entries(here).map(([name, value]) => [
        name,
        alike(value, [0, 0]) ? null : tuples(value),
      ]);
      return { step: steps.at === steps.count ? null : steps.at, ...Object.fromEntries(place) };
    },

    point(place) {
      pointed = place;
      if (!held) explain();
    },
    leave() {
      pointed = undefined;
      if (!held) explain();
    },
    /** Hold a place, or let it go. The walk goes to what is held, unless it is another kind. */
    pick(place, { goes = true } = {}) {
      steps.stop();
      held = alike(held, place) ? undefined : place;
      if (held && goes) here = place;
      explain();
      if (held && goes) share(model, here);
    },
    /** There are so many places now: keep what still is one of them. */
    resize(rows, columns) {
      steps.resize(rows, columns);
      if (!exists(held)) held = undefined;
      if (!exists(pointed)) pointed = undefined;
      here = fit(here);
    },
    /** Go where Python, or another view, has gone. */
    follow() {
      const [step, next] = [model.get("step"), told()];
      const stepped = step !== steps.at && step <= steps.count;
      const moved = !alike(next, here) && exists(next);
      if (moved) [here, held] = [next, undefined];
      if (stepped) {
        steps.at = step;
        draw();
      }
      if (moved || stepped) explain();
    },
  };
}
