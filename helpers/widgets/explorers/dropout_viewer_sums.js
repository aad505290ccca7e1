// What DropoutViewer draws of the next unit's sums: how often which came, and where they should.

import { ends, scale, tickTexts } from "../parts/axes.js";
import { make, setText, svg } from "../parts/elements.js";
import { line } from "../parts/layout.js";
import { clamp } from "../parts/numbers.js";
import { t } from "../parts/texts.js";
import { countsOf, rangeOf } from "./dropout_viewer_draws.js";
import { written } from "./dropout_viewer_words.js";

const BINS = 60;
const MARKS = {
  spread: "mean ± spread, by theory",
  inference: "at inference",
  mean: "mean so far",
  now: "this draw",
};

/**
 * A histogram. cover(products) chooses its axis; show({ sums, now, mean, theory }) draws the
 * sums of all draws so far and marks one of them, their mean and what theory says.
 */
export function sumsHistogram() {
  const caption = make("figcaption", {});
  const bars = svg("path", {});
  const drawing = svg(
    "svg",
    { viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img" },
    bars,
  );
  const marks = Object.fromEntries(
    Object.keys(MARKS).map((name) => [name, make("i", { class: `dv-${name}` })]),
  );
  const texts = Object.fromEntries(Object.keys(MARKS).map((name) => [name, make("b", {})]));
  const axis = make("div", { class: "dv-axis", "aria-hidden": "true" });
  const legend = Object.entries(MARKS).map(([name, text]) =>
    make(
      "span",
      {},
      make("i", { class: "dv-sample", "aria-hidden": "true" }, make("i", { class: `dv-${name}` })),
      make("span", {}, t(text), " ", texts[name]),
    ),
  );
  const beyond = line("hc-keys");
  const plot = make("div", { class: "dv-plot" }, drawing, ...Object.values(marks));
  const element = make(
    "figure",
    { class: "dv-sums" },
    caption,
    plot,
    axis,
    make("div", { class: "dv-legend" }, ...legend),
    beyond,
  );
  let across = scale({ low: -1, high: 1 });

  const place = (value) => 100 * clamp(across.at(value), 0, 1);
  const put = (name, from, to = from) => {
    marks[name].style.left = `${place(from).toFixed(2)}%`;
    marks[name].style.width = `${(place(to) - place(from)).toFixed(2)}%`;
  };

  return {
    element,
    cover(products) {
      across = scale(ends(rangeOf(products)));
      const ticks = across.ticks(6);
      const labels = tickTexts(ticks).map((text, k) => {
        const label = make("span", {}, text);
        label.style.left = `${place(ticks[k])}%`;
        return label;
      });
      axis.replaceChildren(...labels);
    },
    show({ sums, now, mean, theory }) {
      const counts = countsOf(sums, across, BINS);
      const [tallest, wide] = [Math.max(...counts), 100 / BINS];
      const tops = counts.flatMap((n, k) =>
        n ? [`M${(k * wide).toFixed(3)} 100v${(-100 * n) / tallest}h${wide.toFixed(3)}V100`] : [],
      );
      bars.setAttribute("d", tops.join(""));
      put("spread", theory.mean - theory.spread, theory.mean + theory.spread);
      put("inference", theory.inference);
      put("mean", mean);
      put("now", now);
      const numbers = { inference: theory.inference, mean, now };
      for (const [name, value] of Object.entries(numbers)) setText(texts[name], written(value));
      setText(texts.spread, `${written(theory.mean)} ± ${written(theory.spread)}`);
      const outside = sums.filter((sum) => across.at(sum) < 0 || across.at(sum) > 1).length;
      setText(beyond, outside ? t("In the outermost bars: {outside} sums beyond the axis.", { outside }) : "");
      const title =
        sums.length === 1
          ? t("The next unit’s sum in 1 draw")
          : t("The next unit’s sum in {draws} draws", { draws: sums.length });
      setText(caption, title);
      const [least, most] = [Math.min(...sums), Math.max(...sums)].map(written);
      const told = { title, least, most };
      drawing.setAttribute("aria-label", t("{title}: from {least} to {most}", told));
    },
  };
}
