// SpectrogramLab: the wave over time.

import { INPUT } from "../parts/colours.js";
import { make, svg } from "../parts/elements.js";
import { format } from "../parts/numbers.js";
import { t } from "../parts/texts.js";

const ACROSS = 400; // places along the line, each with the lowest and the highest number there

/** The outline of a wave as a closed path: highest numbers on the way there, lowest on the way back. */
export function outline(wave, end) {
  const ends = Array.from({ length: ACROSS }, (_, k) => {
    const [from, to] = [k, k + 1].map((n) => Math.floor((n * wave.length) / ACROSS));
    let [low, high] = [Infinity, -Infinity];
    for (let at = from; at < to; at++) {
      low = Math.min(low, wave[at]);
      high = Math.max(high, wave[at]);
    }
    return [high, low].map((value) => (-value / end).toFixed(3));
  });
  const above = ends.map(([high], k) => `${k} ${high}`);
  const below = ends.map(([, low], k) => `${k} ${low}`).toReversed();
  return `M${above.join("L")}L${below.join("L")}Z`;
}

/** A wave, as high as its largest number, and on it a frame for the part in question. */
export function waveView() {
  const path = svg("path", { class: "sl-outline" });
  const drawing = svg(
    "svg",
    { viewBox: `0 -1 ${ACROSS - 1} 2`, preserveAspectRatio: "none", role: "img" },
    svg("path", { class: "sl-middle", d: `M0 0H${ACROSS}` }),
    path,
  );
  const frame = make("div", { class: "hc-frame" });
  const stage = make("div", { class: "hc-stage hc-idle" }, drawing, frame);
  stage.style.setProperty("--role", INPUT);
  let length = 1;
  return {
    element: make(
      "figure",
      { class: "hc-view sl-wave" },
      make("figcaption", {}, t("Wave: one second")),
      stage,
    ),
    show(wave, name) {
      length = wave.length;
      const most = wave.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      path.setAttribute("d", outline(wave, most || 1));
      drawing.setAttribute(
        "aria-label",
        t("The wave of {name}, one second, numbers up to {most}", { name, most: format(most, 3) }),
      );
    },
    /** Frame the samples from `from` to `to`. */
    frame(from, to) {
      const percent = (n) => `${(100 * n) / length}%`;
      const place = { top: 0, height: "100%", left: percent(from), width: percent(to - from) };
      Object.assign(frame.style, place);
    },
  };
}
