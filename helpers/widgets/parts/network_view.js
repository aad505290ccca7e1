// What a network gets of a photo, and a patch of it that is covered.

import { OUTPUT } from "./colours.js";
import { clamp, square } from "./numbers.js";
import { clicked, patchAt } from "./patches.js";
import { picture } from "./pictures.js";
import { ARROWS } from "./pointing.js";
import { t } from "./texts.js";

const STEPS = 32; // arrows across a view

/**
 * The view of a network, a patch of it covered by pointer or keys: onHover(place), or null
 * where the pointer leaves; onCover(place), or [] for none, after a click into the patch too.
 */
export function networkView({ onHover, onCover }) {
  let [now, side, size] = [[], 1, 1];
  const view = picture({
    caption: t("The network’s view"),
    role: OUTPUT,
    onPoint: onHover,
    onLeave: () => onHover(null),
    onPick: (place) => onCover(clicked(place, now, side, [size, size])),
  });
  const stage = view.canvas.parentElement;
  const frame = stage.querySelector(".hc-frame");
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = ARROWS[event.key];
    if (!by && !(now.length && ["Delete", "Escape"].includes(event.key))) return;
    event.preventDefault();
    if (!by) {
      onCover([]);
      return;
    }
    const step = event.shiftKey ? 1 : Math.max(1, Math.round(size / STEPS));
    const middle = Math.floor(size / 2);
    const next = now.map((n, axis) => clamp(n + step * by[axis], 0, size - 1));
    onCover(next.length ? next : [middle, middle]);
  });
  return {
    element: view.element,
    /** The view as it is, where a patch is held, and where one is covered just now. */
    show(image, held, covered, patch) {
      [now, side] = [held, patch];
      [size] = image.shape;
      view.paint(image);
      frame.hidden = !covered.length;
      if (covered.length) {
        const [[top, bottom], [left, right]] = patchAt(covered, patch, image.shape);
        view.frame(top, left, bottom - top, right - left);
      }
      const text = covered.length
        ? t(
            "What the network gets, {size} pixels, a patch of {patch} covered around " +
              "row {row}, column {column}.",
            { size: square(size), patch: square(patch), row: covered[0], column: covered[1] },
          )
        : t("What the network gets, {size} pixels.", { size: square(size) });
      view.describe(text);
      stage.setAttribute(
        "aria-label",
        t("{text} Arrow keys cover a patch of it, Delete uncovers it.", { text }),
      );
    },
  };
}
