// Pictures in rows, one of which is picked: by a click, or by arrows from the picked one on.

import { button } from "./controls.js";
import { ARROWS } from "./pointing.js";

/** A button that has a picture of pictures.js in place of a text. */
export function pickButton(view, onPick) {
  const pick = button("", onPick, { class: "hc-pick" });
  pick.replaceChildren(view.element);
  return pick;
}

/**
 * Go among the first `shown()` of some buttons in the rows of an element: Tab comes to the one
 * that is chosen, arrows go on from there and pick, onPick(place). `choose(place)` marks one,
 * −1 none; `moved(place, [rows, columns])` is the place next to one, or undefined.
 */
export function picking(element, buttons, onPick, shown = () => buttons.length) {
  function across() {
    const top = buttons[0].offsetTop;
    const second = buttons.findIndex((one, k) => k < shown() && one.offsetTop > top);
    return second < 0 ? shown() : second;
  }
  function moved(place, [down, right]) {
    const to = place + right + down * across();
    return to >= 0 && to < shown() ? to : undefined;
  }
  element.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    const from = buttons.indexOf(document.activeElement);
    if (!step || from < 0) return;
    event.preventDefault();
    const to = moved(from, step);
    if (to === undefined) return;
    buttons[to].focus();
    onPick(to);
  });
  return {
    moved,
    choose(place) {
      buttons.forEach((one, other) => {
        one.setAttribute("aria-pressed", other === place);
        one.tabIndex = other === Math.max(place, 0) ? 0 : -1;
      });
    },
  };
}
