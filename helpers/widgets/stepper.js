// Play and pause; step and scrub through places in reading order; by mouse and by keyboard.

import { button, make, menu, slider } from "./base.js";

const SPEEDS = [
  [1400, "slow"],
  [700, "medium"],
  [250, "fast"],
];
const KEYS = "Keys: ← → step, ↑ ↓ go a row back or on, space plays, Home, End, Esc.";

/** Where a key belongs to the control that has the focus, not to the explorer. */
function takes(target, key) {
  if (target.matches("select, input:not([type=checkbox])")) return true;
  return key === " " && target.matches("button, input");
}

/**
 * Make keys work in the whole explorer: `moves` maps a key to what it does. They rest where
 * the control that has the focus wants them itself.
 */
export function explorerKeys(root, moves) {
  // JupyterLab's shortcuts rest while the focus is on the explorer itself.
  root.tabIndex = 0;
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const move = moves[event.key];
    if (!move || (event.key !== "Escape" && takes(event.target, event.key))) return;
    if (event.key !== "Escape") event.preventDefault(); // it also leaves the full screen
    move();
  });
}

/**
 * A button that plays: onTick() comes every `interval()` ms until it returns false, until
 * pause or `stop()`, or until the explorer is gone. onPlay() comes when it starts.
 */
export function player({ onTick, onPlay = () => {}, interval = () => 700 }) {
  let timer;
  const element = button("Play", toggle, { class: "hc-play" });
  function play() {
    clearInterval(timer);
    timer = setInterval(() => {
      if (!element.isConnected || onTick() === false) stop();
    }, interval());
    element.textContent = "Pause";
    onPlay();
  }
  function stop() {
    clearInterval(timer);
    timer = undefined;
    element.textContent = "Play";
  }
  function toggle() {
    if (timer) stop();
    else play();
  }
  return {
    element,
    toggle,
    stop,
    /** Go on at another interval. */
    again: () => timer && play(),
  };
}

/**
 * The controls that walk through `count` places, `columns` to a row; `at` counts from 1.
 *
 * onStep(at, [row, column]) comes with every step, onEscape() with Esc. `listen(root)` makes the keys
 * work in the whole explorer, `stop()` ends playing.
 */
export function transport({ label = "Step", onStep, onEscape = () => {} }) {
  let [count, columns] = [1, 1];
  const go = (to) => {
    const next = Math.min(Math.max(to, 1), count);
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
    min: 1,
    max: 1,
    value: 1,
    show: (at) => `${at} of ${count}`,
    onInput: (at) => {
      playing.stop();
      onStep(at, placeOf(at));
    },
  });
  const speed = menu({
    label: "Speed",
    options: SPEEDS,
    value: 700,
    onChange: () => playing.again(),
  });
  const playing = player({
    interval: () => Number(speed.select.value),
    onPlay: () => scrub.value === count && go(1),
    onTick: () => {
      go(scrub.value + 1);
      return scrub.value < count;
    },
  });
  const keys = {
    ArrowLeft: () => stepped(-1),
    ArrowRight: () => stepped(1),
    ArrowUp: () => scrub.value > columns && stepped(-columns),
    ArrowDown: () => scrub.value <= count - columns && stepped(columns),
    Home: () => stepped(-count),
    End: () => stepped(count),
    " ": playing.toggle,
    Escape: onEscape,
  };

  return {
    element: make(
      "div",
      {},
      make(
        "div",
        { class: "hc-bar" },
        playing.element,
        button("◀", () => stepped(-1), { "aria-label": "Step back" }),
        button("▶", () => stepped(1), { "aria-label": "Step on" }),
        scrub.element,
        speed.element,
      ),
      make("p", { class: "hc-note hc-keys" }, KEYS),
    ),
    get at() {
      return scrub.value;
    },
    set at(next) {
      scrub.value = next;
    },
    /** How many places there are; where it is new, playing ends at the last one. */
    resize(rows, wide) {
      if (rows * wide === count && wide === columns) return;
      playing.stop();
      [count, columns] = [rows * wide, wide];
      scrub.input.max = count;
      scrub.value = Math.min(scrub.value, count);
    },
    stop: playing.stop,
    listen: (root) => explorerKeys(root, keys),
  };
}
