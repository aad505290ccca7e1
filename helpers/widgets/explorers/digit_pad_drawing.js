// DigitPad: the square that is drawn on, with a pen of mouse, finger or keys.

import { INPUT } from "../parts/colours.js";
import { make } from "../parts/elements.js";
import { clamp } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { ARROWS } from "../parts/pointing.js";
import { t } from "../parts/texts.js";

const [STEP, SMALL] = [0.03, 0.01]; // sides of the pad that an arrow key moves the pen
const NEAREST = 0.004; // sides of the pad: points closer to the last one are left out
const DIGITS = 1e4; // of a coordinate, as Python keeps them

const rounded = (n) => Math.round(clamp(n, 0, 1) * DIGITS) / DIGITS;
const pointsOf = (stroke) => stroke.erase ?? stroke;

/**
 * The pad. mayBegin() says whether there is room for a stroke; onLive() comes with every point
 * of the one that is being drawn, `live`; onDone(stroke) when it ends. Keys ask for onUndo(),
 * onClear() and onRubber().
 */
export function drawingPad({ mayBegin, onLive, onDone, onUndo, onClear, onRubber }) {
  const view = picture({ caption: t("Draw here"), role: INPUT, framed: false });
  const stage = view.canvas.parentElement;
  const pen = make("div", { class: "dp-pen", hidden: true });
  stage.append(pen);
  stage.classList.add("dp-pad");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  view.canvas.style.touchAction = "none"; // a finger draws here, and scrolls elsewhere
  let live = null; // the stroke that is being drawn
  let isRubber = false;
  let at = [0.5, 0.5]; // where the pen of the keys is
  let isDown = false; // whether it draws

  function begin(point) {
    if (live) end();
    if (!mayBegin()) return;
    live = isRubber ? { erase: [point] } : [point];
    onLive();
  }
  function add(point) {
    if (!live) return;
    const points = pointsOf(live);
    const [x, y] = points.at(-1);
    if (Math.hypot(point[0] - x, point[1] - y) < NEAREST) return;
    points.push(point);
    onLive();
  }
  function end() {
    isDown = false;
    showPen();
    if (!live) return;
    const done = live;
    live = null;
    onDone(done);
  }

  // ---- mouse and finger ----

  const pointOf = ({ clientX, clientY }) => {
    const box = view.canvas.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map(rounded);
  };
  let held; // the pointer that draws
  view.canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || held !== undefined) return;
    held = event.pointerId;
    try {
      view.canvas.setPointerCapture(held); // it may leave the pad, and comes back
    } catch {
      // one that a script made
    }
    pen.hidden = true;
    begin(pointOf(event));
  });
  view.canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) add(pointOf(move));
  });
  for (const name of ["pointerup", "pointercancel"])
    view.canvas.addEventListener(name, (event) => {
      if (event.pointerId !== held) return;
      held = undefined;
      end();
    });

  // ---- keys ----

  function showPen() {
    Object.assign(pen.style, { left: `${100 * at[0]}%`, top: `${100 * at[1]}%` });
    pen.classList.toggle("dp-down", isDown);
  }
  function move([down, right], step) {
    at = [at[0] + right * step, at[1] + down * step].map(rounded);
    showPen();
    if (isDown) add(at);
  }
  function toggle() {
    if (isDown) return end();
    begin(at);
    isDown = live !== null;
    return showPen();
  }
  const KEYS = {
    " ": toggle,
    Delete: onClear,
    Backspace: onUndo,
    e: onRubber,
    Escape: end,
  };
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = ARROWS[event.key];
    if (!by && !KEYS[event.key]) return;
    if (event.key !== "Escape") event.preventDefault();
    pen.hidden = false;
    if (by) move(by, event.shiftKey ? SMALL : STEP);
    else KEYS[event.key]();
  });
  stage.addEventListener("focus", () => {
    pen.hidden = !stage.matches(":focus-visible");
    showPen();
  });
  stage.addEventListener("blur", () => {
    pen.hidden = true;
    if (isDown) end();
  });

  return {
    element: view.element,
    get live() {
      return live;
    },
    /** Whether what is drawn next rubs out. */
    set rubber(next) {
      isRubber = next;
      stage.classList.toggle("dp-rubs", next);
    },
    show(ink, strokes) {
      view.paint(ink, { low: 0, high: 1 });
      view.describe(t("{strokes} strokes", { strokes }));
      stage.setAttribute(
        "aria-label",
        t(
          "A pad with {strokes} strokes. Arrow keys move the pen, space puts it down and lifts it, " +
            "Backspace takes the last stroke back, Delete clears the pad, E changes to the rubber.",
          { strokes },
        ),
      );
    },
  };
}
