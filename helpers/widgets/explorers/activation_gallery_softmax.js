// The softmax of ActivationGallery: logits to be typed, bars of probabilities, derivatives.

import { numberBox } from "../parts/boxes.js";
import { INPUT } from "../parts/colours.js";
import { button } from "../parts/controls.js";
import { make, setText } from "../parts/elements.js";
import { softmax } from "../parts/layers.js";
import { line } from "../parts/layout.js";
import { bracketed, format, sumOf } from "../parts/numbers.js";
import { array } from "../parts/ops.js";
import { t } from "../parts/texts.js";

/** A derivative of a size below this lets hardly any gradient through. */
export const VANISHED = 0.01;

// ----------------------------------------------------------------------------- arithmetic

/** The probabilities of logits at a temperature. */
export const probabilities = (logits, temperature) =>
  softmax(array([logits.length], logits.map((z) => z / temperature))).data;

/** How the marked probability grows with each logit: p_i·(δ_ij − p_j) / T. */
export function gradientsOf(shares, marked, temperature) {
  const others = sumOf(shares.filter((_, k) => k !== marked)); // 1 − p_i, no digit lost
  return Array.from(
    shares,
    (share, k) => (shares[marked] * (k === marked ? others : -share)) / temperature,
  );
}

// ------------------------------------------------------------------------------ sentences

/** What softmax makes of the marked class. */
export function shareSentence(logits, shares, marked, temperature) {
  const powers = logits.map((z) => `e^${bracketed(z / temperature)}`);
  return t("p{k} = e^(z{k}/T) / sum = {power} / ({powers}) = {share}", {
    k: marked + 1,
    power: powers[marked],
    powers: powers.join(" + "),
    share: format(shares[marked]),
  });
}

/** How sure the network is. */
export function sureSentence(shares) {
  const order = [...shares.keys()].toSorted((a, b) => shares[b] - shares[a]);
  const [first, second] = order.map((k) => format(shares[k], 3));
  const told = { one: order[0] + 1, other: order[1] + 1, first, second };
  if (shares[order[0]] - shares[order[1]] < 0.1)
    return t("Torn: class {one} has {first}, class {other} has {second}. All add up to 1.", told);
  return shares[order[0]] >= 0.9
    ? t("Sure: class {one} has {first}, class {other} has {second}. All add up to 1.", told)
    : t("It leans to class {one} with {first}; class {other} has {second}. All add up to 1.", told);
}

/** The derivatives of the marked probability, and whether they let a gradient through. */
export function slopesSentence(shares, gradients, marked) {
  const rival = [...shares.keys()].filter((k) => k !== marked);
  const [j] = rival.toSorted((a, b) => shares[b] - shares[a]);
  const told = {
    i: marked + 1,
    j: j + 1,
    own: format(gradients[marked], 3),
    other: format(gradients[j], 3),
    bound: VANISHED,
  };
  const sums = t("∂p{i}/∂z{i} = p{i}·(1 − p{i}) / T = {own}; ∂p{i}/∂z{j} = −p{i}·p{j} / T = {other}.", told);
  const gone = gradients.every((slope) => Math.abs(slope) < VANISHED);
  return gone ? `${sums} ${t("All are below {bound} in size: here softmax is flat, too.", told)}` : sums;
}

// -------------------------------------------------------------------------------- the scene

/**
 * A column for each of up to `most` classes: its probability, a bar, its logit. onLogit(k,
 * value) comes where one is typed and returns whether it was taken, onMark(k) where a bar is
 * clicked on; show({ logits, temperature, marked }) shows all that follows from them.
 */
export function softmaxScene({ most, onLogit, onMark, onRefuse }) {
  const columns = Array.from({ length: most }, (_, k) => column(k));
  const classes = make("div", { class: "ag-classes", role: "group", "aria-label": t("Classes") });
  const key = line("hc-keys");
  key.textContent = t(
    "Bars: probabilities p; dashes: what they are at temperature 1. Click on a bar to mark its " +
      "class. Below each logit z, ∂: how fast the marked class’s p grows with it.",
  );
  const formula = line("hc-keys");
  formula.textContent = t(
    "Softmax: p of class i = exp(z of i / T) / sum of all exp(z / T). A low temperature T " +
      "makes differences larger, a high one smaller.",
  );
  const lines = [line("hc-sum"), line(), line()];
  let shown = 0; // columns

  function column(k) {
    const title = t("class {n}", { n: k + 1 });
    const [said, fill, usual] = [
      make("b", { "aria-hidden": "true" }),
      make("span", { class: "ag-fill" }),
      make("span", { class: "ag-usual" }),
    ];
    const bar = button("", () => onMark(k), { class: "ag-bar" });
    bar.append(fill, usual);
    const box = numberBox({
      name: t("logit {n}", { n: k + 1 }),
      role: INPUT,
      given: true,
      onInput: (value) => onLogit(k, value),
      onRefuse,
    });
    const below = make("span", { class: "ag-name", "aria-hidden": "true" }, title);
    const element = make("div", { class: "ag-class" }, said, bar, below, box.element);

    function show({ share, usually, logit, gradient, isMarked }) {
      const text = format(share, share < 0.001 ? 1 : 3); // short enough for a phone
      setText(said, text);
      fill.style.height = `${100 * share}%`;
      usual.style.bottom = `${100 * usually}%`;
      bar.setAttribute("aria-pressed", isMarked);
      bar.setAttribute("aria-label", t("{title}: probability {text}", { title, text }));
      box.show(logit, Number(gradient.toPrecision(2)));
    }
    return { element, show };
  }

  return {
    elements: [classes, key],
    told: make("div", {}, ...lines),
    formula,
    get text() {
      return lines.map(({ textContent }) => textContent).join(" ");
    },
    show({ logits, temperature, marked }) {
      const count = logits.length;
      const [shares, usual] = [temperature, 1].map((T) => probabilities(logits, T));
      const gradients = gradientsOf(shares, marked, temperature);
      if (count !== shown)
        classes.replaceChildren(...columns.slice(0, count).map(({ element }) => element));
      shown = count;
      logits.forEach((logit, k) =>
        columns[k].show({
          share: shares[k],
          usually: usual[k],
          logit,
          gradient: gradients[k],
          isMarked: k === marked,
        }),
      );
      setText(lines[0], shareSentence(logits, shares, marked, temperature));
      setText(lines[1], sureSentence(shares));
      setText(lines[2], slopesSentence(shares, gradients, marked));
    },
  };
}
