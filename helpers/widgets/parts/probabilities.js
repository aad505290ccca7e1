// The probabilities of classes, as bars with numbers.

import { make, setText } from "./elements.js";
import { extremes } from "./numbers.js";
import { t } from "./texts.js";

const MANY = 12; // classes: more of them scroll

/** A probability; what is nearly none or nearly all is not rounded to that. */
export function percent(p) {
  if (p > 0.9995 && p < 1) return t("> 99.9 %");
  if (p > 0 && p < 0.0005) return t("< 0.1 %");
  return t("{number} %", { number: (100 * p).toFixed(1) });
}

const SEES = "It sees: {name} ({share}); then {other} ({rest}).";

/** What is guessed, for eyes and ears; `text` is what is said of it. */
export function guessText(classes, probabilities, text = SEES) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const [first, second] = order.map((k) => ({
    name: classes[k],
    share: percent(probabilities[k]),
  }));
  return t(text, {
    name: first.name,
    share: first.share,
    other: second.name,
    rest: second.share,
  });
}

/** The numbers of the `count` largest, the largest first; `asked` is among them. */
export function likeliest(probabilities, count, asked) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const found = order.slice(0, count);
  if (asked !== undefined && !found.includes(asked)) found[count - 1] = asked;
  return found;
}

/** Name a row; of a name too long for it all is to be read under the pointer. */
function call(title, name) {
  const text = t("{name}", { name });
  setText(title, text);
  title.title = text;
}

/**
 * A bar and a number for each class: build(names), then show(probabilities, right, asked), and
 * clear() where nothing is known; the
 * likeliest is bold, and `right`, the number of the true class, is marked where it is told. Of
 * more classes than `most` there are as many likeliest ones, and `asked`, in their order.
 */
export function probabilityBars({ most = Infinity } = {}) {
  const list = make("ul", { class: "hc-bars", "aria-label": t("Probabilities") });
  let rows = [];
  let classes = [];
  return {
    element: list,
    build(names) {
      classes = names;
      rows = names.slice(0, most).map((name) => {
        const [bar, share] = [make("i"), make("span", { class: "hc-share" })];
        const mark = make("span", { class: "hc-right" });
        const track = make("span", { class: "hc-track", "aria-hidden": "true" }, bar);
        const title = make("b");
        call(title, name);
        return { element: make("li", {}, title, track, share, mark), title, bar, share, mark };
      });
      list.replaceChildren(...rows.map(({ element }) => element));
      list.classList.toggle("hc-many", rows.length > MANY);
      list.tabIndex = rows.length > MANY ? 0 : -1;
    },
    show(probabilities, right, asked) {
      const best = probabilities.indexOf(extremes(probabilities).high);
      const shown = rows.length < classes.length && likeliest(probabilities, rows.length, asked);
      rows.forEach(({ element, title, bar, share, mark }, place) => {
        const k = shown ? shown[place] : place;
        if (shown) call(title, classes[k]);
        bar.style.width = `${100 * probabilities[k]}%`;
        setText(share, percent(probabilities[k]));
        setText(mark, k === right ? t("← true") : "");
        element.classList.toggle("hc-best", k === best);
      });
    },
    clear() {
      for (const { element, title, bar, share, mark } of rows) {
        if (rows.length < classes.length) call(title, ""); // the likeliest ones are not known
        bar.style.width = "0";
        for (const one of [share, mark]) setText(one, "");
        element.classList.remove("hc-best");
      }
    },
  };
}
