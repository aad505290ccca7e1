// PhotoReader: the photo, and the square of it that the network sees.

import { INPUT } from "../parts/colours.js";
import { clamp, square } from "../parts/numbers.js";
import { picture } from "../parts/pictures.js";
import { ARROWS, dragging } from "../parts/pointing.js";
import { t } from "../parts/texts.js";

const CORNER = 0.06; // of the photo's side: so near to a corner a pointer takes hold of it
const STEPS = 32; // arrows across a photo

/** A square [row, column, side] kept inside a photo, its side from `least` on. */
export function inside([row, column, side], most, least) {
  const whole = clamp(Math.round(side), Math.min(least, most), most);
  return [row, column].map((n) => clamp(Math.round(n), 0, most - whole)).concat(whole);
}

/** The same square, larger or smaller about its middle. */
export const resized = ([row, column, side], by, most, least) => {
  const next = clamp(side + by, Math.min(least, most), most);
  const shift = (side - next) / 2;
  return inside([row + shift, column + shift, next], most, least);
};

/**
 * Where a pointer takes hold of a square: a corner of it, its inside, or next to it. Where the
 * square is all of the photo, a new one begins there.
 */
export function gripOf([row, column, side], [y, x], most) {
  const near = CORNER * most;
  for (const down of [0, 1])
    for (const right of [0, 1]) {
      const corner = [row + down * side, column + right * side];
      if (Math.hypot(y - corner[0], x - corner[1]) <= near)
        return { anchor: [row + (1 - down) * side, column + (1 - right) * side] };
    }
  if (side === most) return { anchor: [y, x], isNew: true };
  const within = y >= row && y < row + side && x >= column && x < column + side;
  const offset = within ? [y - row, x - column] : [side / 2, side / 2];
  return { offset };
}

/** The square while it is held so and the pointer is there. */
export function dragged(crop, { anchor, offset, isNew }, [y, x], most, least) {
  const side = crop[2];
  if (offset) return inside([y - offset[0], x - offset[1], side], most, least);
  // The corner across stays where it is; there is only so much room on this side of it.
  const [down, right] = [y >= anchor[0], x >= anchor[1]];
  const room = [down ? most - anchor[0] : anchor[0], right ? most - anchor[1] : anchor[1]];
  const wanted = Math.max(Math.abs(y - anchor[0]), Math.abs(x - anchor[1]));
  if (isNew && side === most && wanted < least) return crop; // a click, not yet a square
  const next = clamp(Math.round(wanted), least, Math.max(least, Math.min(...room)));
  const corner = [anchor[0] - (down ? 0 : next), anchor[1] - (right ? 0 : next)];
  return inside([...corner, next], most, least);
}

/**
 * The photo with the square on it, dragged by itself or by a corner, or moved by keys:
 * onCrop([row, column, side]). `least` is the shortest side that it may have.
 */
export function cropView({ least, onCrop }) {
  let [crop, most] = [[0, 0, 1], 1];
  let grip;
  const drag = dragging({
    onGrab(place) {
      grip = gripOf(crop, place, most);
      if (grip.offset) move(place);
    },
    onDrag: move,
  });
  const view = picture({ caption: t("The photo"), role: INPUT, ...drag.pointing });
  drag.watch(view.canvas);
  view.element.classList.add("pr-photo");
  const stage = view.canvas.parentElement;
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const next = afterKey(event);
    if (!next) return;
    event.preventDefault();
    tell(next);
  });

  function move(place) {
    tell(dragged(crop, grip, place, most, least));
  }
  function tell(next) {
    if (next.join() !== crop.join()) onCrop(next);
  }
  function afterKey({ key, shiftKey }) {
    const step = shiftKey ? 1 : Math.max(1, Math.round(most / STEPS));
    const [row, column, side] = crop;
    if (ARROWS[key]) {
      const [down, right] = ARROWS[key];
      return inside([row + down * step, column + right * step, side], most, least);
    }
    if (key === "+" || key === "=") return resized(crop, 2 * step, most, least);
    if (key === "-" || key === "_") return resized(crop, -2 * step, most, least);
    return key === "Home" ? [0, 0, most] : null;
  }

  return {
    element: view.element,
    stage,
    paint: (image) => {
      [most] = image.shape;
      view.paint(image);
    },
    show(next, name) {
      crop = next;
      const [row, column, side] = crop;
      view.frame(row, column, side, side);
      const text = t(
        "The photo {name}, {size} pixels. The network sees {part} of it, from row {row}, " +
          "column {column}.",
        { name: t(name), size: square(most), part: square(side), row, column },
      );
      view.describe(text);
      stage.setAttribute(
        "aria-label",
        t("{text} Arrow keys move that square, plus and minus change its size, Home takes all.", {
          text,
        }),
      );
    },
  };
}
