// Play, pause, step and scrub through places in reading order, by mouse and by keyboard.

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
 * The controls that walk through `count` places, `columns` to a row; `at` counts from 1.
 *
 * onStep(at) comes with every step, onEscape() with Esc. `listen(root)` makes the keys
 * work in the whole explorer, `stop()` ends playing.
 */
export function transport({ label = "Step", onStep, onEscape = () => {} }) {
  let [count, columns] = [1, 1];
  let timer;
  const go = (to) => {
    const next = Math.min(Math.max(to, 1), count);
    if (next === scrub.value) return;
    scrub.value = next;
    onStep(next);
  };
  const stepped = (by) => {
    stop();
    go(scrub.value + by);
  };

  const scrub = slider({
    label,
    min: 1,
    max: 1,
    value: 1,
    show: (at) => `${at} of ${count}`,
    onInput: (at) => {
      stop();
      onStep(at);
    },
  });
  const speed = menu({
    label: "Speed",
    options: SPEEDS,
    value: 700,
    onChange: () => timer && play(),
  });
  const playing = button("Play", toggle, { class: "hc-play" });

  function play() {
    clearInterval(timer);
    if (scrub.value === count) go(1);
    timer = setInterval(() => {
      if (!playing.isConnected) return stop();
      go(scrub.value + 1);
      if (scrub.value === count) stop();
    }, Number(speed.select.value));
    playing.textContent = "Pause";
  }
  function stop() {
    clearInterval(timer);
    timer = undefined;
    playing.textContent = "Play";
  }
  function toggle() {
    if (timer) stop();
    else play();
  }

  function keyed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") return onEscape();
    const move = {
      ArrowLeft: () => stepped(-1),
      ArrowRight: () => stepped(1),
      ArrowUp: () => scrub.value > columns && stepped(-columns),
      ArrowDown: () => scrub.value <= count - columns && stepped(columns),
      Home: () => stepped(-count),
      End: () => stepped(count),
      " ": toggle,
    }[event.key];
    if (!move || takes(event.target, event.key)) return;
    event.preventDefault();
    move();
  }

  return {
    element: make(
      "div",
      {},
      make(
        "div",
        { class: "hc-bar" },
        playing,
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
      stop();
      [count, columns] = [rows * wide, wide];
      scrub.input.max = count;
      scrub.value = Math.min(scrub.value, count);
    },
    stop,
    listen(root) {
      // JupyterLab's shortcuts rest while the focus is on the explorer itself.
      root.tabIndex = 0;
      root.dataset.lmSuppressShortcuts = "true";
      root.addEventListener("keydown", keyed);
    },
  };
}
