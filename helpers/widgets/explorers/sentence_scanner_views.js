// SentenceScanner: the words with a filter's numbers below them, and the list of what counts.

import { button } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { format } from "../parts/numbers.js";
import { picking } from "../parts/picking.js";
import { t } from "../parts/texts.js";
import { signed, windowText } from "./sentence_scanner_words.js";

/**
 * The words in a row, and behind them the paddings: show(answer, { filter, width, place }).
 * onPick(place) comes from a click on a word, onPoint(place) from the pointer, −1 when it leaves.
 */
export function wordsView({ onPick, onPoint }) {
  const list = make("ol", {
    class: "ss-words",
    "aria-label": t("Words; below each what the filter says where its window begins there"),
    onclick: (event) => placeOf(event) >= 0 && onPick(placeOf(event)),
    // Not as soon as it is over a word: words come and go below it while a sentence is typed.
    onpointermove: (event) => onPoint(placeOf(event)),
    onpointerleave: () => onPoint(-1),
  });
  let items = [];
  let places = 0; // where a window may begin

  function placeOf({ target }) {
    const place = items.findIndex(({ element }) => element.contains(target));
    return place < places ? place : -1;
  }
  function grow(count) {
    while (items.length < count) {
      const [word, bar, number] = ["span", "i", "span"].map((tag) => make(tag));
      const track = make("span", { class: "ss-up", "aria-hidden": "true" }, bar);
      word.className = "ss-text";
      number.className = "ss-number";
      items.push({ element: make("li", {}, word, track, number), word, bar, number });
    }
    items.forEach(({ element }, k) => {
      if (k < count && !element.isConnected) list.append(element);
      if (k >= count) element.remove();
    });
    items = items.slice(0, count);
  }
  return {
    element: list,
    show(answer, { filter, width, place }) {
      const { words, known, paddings, responses, strongest, places: best } = answer;
      const response = responses[filter];
      places = response.length;
      grow(words.length + paddings);
      const most = Math.abs(strongest[filter]) || 1;
      items.forEach(({ element, word, bar, number }, k) => {
        const isWord = k < words.length;
        const value = response[k];
        const isBest = k === best[filter] && strongest[filter] !== 0;
        setText(word, isWord ? t("{word}", { word: words[k] }) : t("∅"));
        setText(number, value === undefined ? "" : format(value, 3));
        bar.style.height = `${(100 * Math.abs(value ?? 0)) / most}%`;
        const kinds = {
          "ss-unknown": isWord && !known[k],
          "ss-padding": !isWord,
          "ss-nowhere": value === undefined,
          "ss-in": k >= place && k < place + width,
          "ss-best": isBest,
        };
        for (const [kind, on] of Object.entries(kinds)) element.classList.toggle(kind, on);
        element.title = !isWord
          ? t("padding: every sentence ends in some")
          : known[k]
            ? ""
            : t("not in the vocabulary");
      });
    },
  };
}

/** A row of the list: a name, words, a bar to the left or the right of 0, a number. */
function row(element) {
  const [name, words, bar, number] = ["span", "span", "i", "span"].map((tag) => make(tag));
  words.className = "ss-window";
  number.className = "ss-counts";
  const track = make("span", { class: "ss-across", "aria-hidden": "true" }, bar);
  element.append(name, words, track, number);
  return {
    element,
    show(title, window, value, reach) {
      setText(name, title);
      setText(words, window);
      setText(number, signed(value));
      const share = (50 * Math.abs(value)) / reach;
      bar.style.width = `${share}%`;
      bar.style.left = `${value < 0 ? 50 - share : 50}%`;
      bar.className = value < 0 ? "ss-against" : "ss-for";
    },
  };
}

/**
 * What counts, as bars: up to `most` filters, all others, the bias, the sum. onPick(filter) comes
 * from a click or arrows, onPoint(filter) from pointer or focus, −1 when they leave.
 */
export function countsView({ most, onPick, onPoint }) {
  let shown = []; // the filters that are listed
  const rows = Array.from({ length: most }, (_, k) =>
    row(
      button("", () => onPick(shown[k]), {
        class: "ss-row",
        onpointermove: () => onPoint(shown[k]),
        onpointerleave: () => onPoint(-1),
        onfocus: () => onPoint(shown[k]),
        onblur: () => onPoint(-1),
      }),
    ),
  );
  const [rest, bias, sum] = ["", "", " ss-total"].map((kind) =>
    row(make("p", { class: `ss-row${kind}` })),
  );
  const list = make("div", { class: "ss-list" }, ...rows.map(({ element }) => element));
  const going = picking(list, rows.map(({ element }) => element), (k) => onPick(shown[k]), () => shown.length);
  const ends = make("span", { class: "ss-ends" });
  const [against, favour] = [make("span"), make("span")];
  ends.append(against, favour);
  return {
    element: make(
      "div",
      { class: "ss-sum" },
      ends,
      list,
      make("div", { class: "ss-list" }, ...[rest, bias, sum].map(({ element }) => element)),
    ),
    show(answer, widths, listed, names) {
      shown = listed;
      const { contributions, bias: begins, difference, strongest, places } = answer;
      const others = contributions.reduce((all, value, k) => (listed.includes(k) ? all : all + value), 0);
      const all = [...listed.map((k) => contributions[k]), others, begins, difference];
      const reach = Math.max(...all.map(Math.abs)) || 1;
      rows.forEach(({ element, show }, k) => {
        element.hidden = k >= listed.length;
        if (element.hidden) return;
        const filter = listed[k];
        const window = strongest[filter] === 0 ? t("silent") : windowText(answer, widths[filter], places[filter]);
        show(t("filter {filter}", { filter }), window, contributions[filter], reach);
      });
      const hidden = widths.length - listed.length;
      rest.element.hidden = !hidden;
      rest.show(t("others"), hidden === 1 ? t("1 filter") : t("{n} filters", { n: hidden }), others, reach);
      bias.show(t("bias"), "", begins, reach);
      sum.show(t("sum"), t("{one} less {other}", names), difference, reach);
      setText(against, t("← for {other}", names));
      setText(favour, t("for {one} →", names));
    },
    /** Mark the filter that is written out. */
    mark: (filter) => going.choose(shown.indexOf(filter)),
  };
}
