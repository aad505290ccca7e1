// SentenceScanner: filters slide over the words of a sentence.

import { SIGNED } from "../parts/colours.js";
import { bound, menu, messageLine, slider, spoken } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { group, layout, line } from "../parts/layout.js";
import { alike } from "../parts/numbers.js";
import { guessText, probabilityBars } from "../parts/probabilities.js";
import { call, variable } from "../parts/saving.js";
import { each, listen, numbersFrom, share } from "../parts/state.js";
import { transport } from "../parts/stepper.js";
import { t } from "../parts/texts.js";
import { words } from "../parts/words.js";
import { listedOf, readerOf } from "./sentence_scanner_network.js";
import { countsView, wordsView } from "./sentence_scanner_views.js";
import {
  countsText, cutText, filterText, refusalText, sumText, unknownText, verdictText,
} from "./sentence_scanner_words.js";

const NONE = -1; // of width, filter, place: None in Python
const SETTINGS = ["width", "filter", "place", "rows"];
const SAYS = "It says: {name} ({share}); then {other} ({rest}).";

/** The sentence as it is typed; onType(sentence) returns whether it was taken. */
function sentenceField({ onType, onLeave }) {
  const input = make("input", {
    type: "text",
    spellcheck: "false",
    autocomplete: "off",
    oninput: () => take(input.value),
    onblur: () => {
      if (input.getAttribute("aria-invalid")) write(last);
      onLeave();
    },
  });
  let last = "";
  function take(text) {
    const taken = onType(text);
    if (taken) {
      last = text;
      input.removeAttribute("aria-invalid");
    } else input.setAttribute("aria-invalid", "true");
  }
  function write(text) {
    last = text;
    input.removeAttribute("aria-invalid");
    if (input.value !== text) input.value = text;
  }
  return {
    element: make("label", { class: "ss-field" }, make("span", {}, t("Sentence")), input),
    write,
  };
}

export default function render({ model, el }) {
  const get = (name) => model.get(name);
  const set = (changes) => share(model, changes);
  const { description, data } = get("_network");
  const { widths, most, read } = readerOf(description, numbersFrom(data, Uint8Array));
  const { letters, rows: range } = get("_limits");
  const classes = get("_class_names");
  const examples = get("_examples");
  let answer; // what the network makes of the sentence
  let heard; // the sentence that it read last
  let pointed = {}; // the filter or place under the pointer, or with the focus

  // ------------------------------------------------------------------------------ controls
  const message = messageLine();
  const voice = spoken();
  const field = sentenceField({
    onType(sentence) {
      const why = refusalText(sentence, words(sentence), letters);
      message.say(why);
      if (!why) say(sentence);
      return !why;
    },
    onLeave: message.clear,
  });
  const exampleMenu = menu({
    label: t("Example"),
    options: [...Object.keys(examples).map((name) => [name, t(name)]), ["", t("your own sentence")]],
    onChange: (name) => name && say(examples[name]),
  });
  const own = exampleMenu.select.lastElementChild;
  const view = wordsView({
    onPick: (place) => choose({ place }),
    onPoint: (place) => point(place === NONE ? {} : { place }),
  });
  const counts = countsView({
    most: range[1],
    onPick: (filter) => choose({ filter, place: NONE }),
    onPoint: (filter) => point(filter === NONE ? {} : { filter }),
  });
  const steps = transport({
    label: t("Window"),
    keysText:
      "Keys: ← → move the window, space plays, Home, End; Esc goes back to the filter that counts " +
      "most, at its strongest.",
    onStep: (at) => choose({ place: at - 1 }),
    onEscape: () => choose({ filter: NONE, place: NONE }),
  });
  const seen = [...new Set(widths)].sort((a, b) => a - b);
  const controls = [
    bound(model, "width", menu, {
      label: t("Words seen"),
      options: [
        [NONE, t("all widths")],
        ...seen.map((n) => [n, n === 1 ? t("1 word") : t("{n} words", { n })]),
      ],
    }),
    bound(model, "rows", slider, { label: t("Filters"), min: range[0], max: range[1] }),
  ];

  // ---------------------------------------------------------------------------------- page
  const bars = probabilityBars();
  bars.build(classes);
  const [unknown, cut, guess, filterLine, countsLine] = [
    line("ss-lost"), line("ss-lost"), line("ss-guess"), line("hc-sum ss-filter"), line("hc-sum"),
  ];
  const [verdict, formula] = [line("ss-verdict"), line("hc-keys")];
  const figure = (kind, title, ...children) =>
    make("figure", { class: kind }, make("figcaption", {}, title), ...children);
  const listed = group(t("Filters listed"), ...controls.map(({ element }) => element));
  const frame = layout("SentenceScanner", {
    head: [exampleMenu.element],
    scene: [
      make("div", { class: "ss-typed" }, field.element, message.element, view.element, unknown, cut),
      // Above the list: it grows and shrinks, and no slider may move under the hand.
      figure("ss-counting", t("What the filters count"), listed, counts.element, verdict),
      figure("ss-verdicts", t("Probabilities"), bars.element, guess),
    ],
    strip: [filterLine, countsLine],
    player: steps.elements,
    foot: [formula, voice.element],
    python() {
      const { network, vocabulary, class_names } = get("_own");
      const orNone = (name) => (get(name) === NONE ? null : get(name));
      return call(model, {
        sentence: get("sentence"),
        network: network ? variable("model") : "sentences",
        vocabulary: vocabulary ? variable("vocabulary") : null,
        class_names: class_names ? classes : null,
        width: orNone("width"),
        filter: orNone("filter"),
        place: orNone("place"),
        rows: get("rows"),
      });
    },
  });
  frame.root.style.setProperty("--against", SIGNED[1]);
  frame.root.style.setProperty("--for", SIGNED.at(-2));
  steps.listen(frame.root);
  el.append(frame.root);

  // --------------------------------------------------------------------------------- state
  function say(sentence) {
    steps.stop();
    pointed = {};
    set({ sentence, place: NONE });
  }
  function choose(changes) {
    pointed = {};
    set(changes);
  }
  function point(next) {
    if (alike(next, pointed)) return;
    pointed = next;
    explain();
  }

  // ------------------------------------------------------------------------------- drawing
  function hear() {
    const sentence = get("sentence");
    if (sentence === heard) return;
    answer = read(sentence);
    heard = sentence;
    pointed = {};
    message.clear();
    field.write(sentence);
    const name = Object.keys(examples).find((one) => examples[one] === sentence);
    own.hidden = name !== undefined;
    exampleMenu.value = name ?? "";
    setText(unknown, unknownText(answer));
    setText(cut, cutText(answer, most));
    bars.show(answer.probabilities);
    setText(guess, guessText(classes, answer.probabilities, SAYS));
  }
  const namesOf = () => {
    const [one, other] = answer.sides.map((side) => classes[side]);
    return { one, other };
  };

  function update() {
    hear();
    for (const control of controls) control.follow();
    const listed = listedOf(answer, widths, chosen());
    counts.show(answer, widths, listed, namesOf());
    setText(verdict, verdictText(answer, namesOf()));
    setText(formula, sumText(widths.length, namesOf()));
    explain();
    voice.say([guess, filterLine].map(({ textContent }) => textContent).join(" "));
  }
  const chosen = () => Object.fromEntries(SETTINGS.map((name) => [name, get(name)]));

  /** The filter that is written out, and where its window stands. */
  function explain() {
    const { filter: held, place: wanted } = chosen();
    const listed = listedOf(answer, widths, chosen());
    const mine = held === NONE ? listed[0] : held;
    const filter = pointed.filter ?? mine;
    const strongest = Math.min(answer.places[filter], answer.responses[filter].length - 1);
    const stands = filter === mine && wanted !== NONE ? wanted : strongest;
    if (stands >= answer.responses[filter].length) return; // the rest is on its way
    const place = pointed.place ?? stands;
    const window = { filter, width: widths[filter], place };
    view.show(answer, window);
    setText(filterLine, filterText(answer, window));
    setText(countsLine, countsText(answer, filter, namesOf()));
    counts.mark(mine);
    steps.resize(1, answer.responses[mine].length);
    if (filter === mine) steps.at = stands + 1;
  }

  update();
  const stop = listen(model, each(["sentence", ...SETTINGS], update));
  return () => {
    stop();
    steps.stop();
    voice.stop();
    frame.close();
  };
}
