// The probabilities of classes, as bars with numbers.

import { make, setText } from "./elements.js";
import { t } from "./texts.js";

const MANY = 12; // classes: more of them scroll

/** A probability; what is nearly none or nearly all is not rounded to that. */
export function percent(p) {
  if (p > 0.9995 && p < 1) return t("> 99.9 %");
  if (p > 0 && p < 0.0005) return t("< 0.1 %");
  return t("{number} %", { number: (100 * p).toFixed(1) });
}

/** What is guessed, for eyes and ears. */
export function guessText(classes, probabilities) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [first, second] = order.map((k) => ({
    name: classes[k],
    share: percent(probabilities[k]),
  }));
  return t("It sees: {name} ({share}); then {other} ({rest}).", {
    name: first.name,
    share: first.share,
    other: second.name,
    rest: second.share,
  });
}

/**
 * A bar and a number for each class: build(names), then show(probabilities, right); the
 * likeliest is bold, and `right`, the number of the true class, is marked where it is told.
 */
export function probabilityBars() {
  const list = make("ul", { class: "hc-bars", "aria-label": t("Probabilities") });
  let rows = [];
  return {
    element: list,
    build(names) {
      rows = names.map((name) => {
        const [bar, share] = [make("i"), make("span", { class: "hc-share" })];
        const mark = make("span", { class: "hc-right" });
        const track = make("span", { class: "hc-track", "aria-hidden": "true" }, bar);
        const element = make("li", {}, make("b", {}, t("{name}", { name })), track, share, mark);
        return { element, bar, share, mark };
      });
      list.replaceChildren(...rows.map(({ element }) => element));
      list.classList.toggle("hc-many", rows.length > MANY);
      list.tabIndex = rows.length > MANY ? 0 : -1;
    },
    show(probabilities, right) {
      const best = probabilities.indexOf(Math.max(...probabilities));
      rows.forEach(({ element, bar, share, mark }, k) => {
        bar.style.width = `${100 * probabilities[k]}%`;
        setText(share, percent(probabilities[k]));
        setText(mark, k === right ? t("← true") : "");
        element.classList.toggle("hc-best", k === best);
      });
    },
  };
}
