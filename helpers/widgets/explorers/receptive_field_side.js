// The side view of ReceptiveField: the stack cut along a row.

import { INPUT, KERNEL, OUTPUT } from "../parts/colours.js";
import { svg } from "../parts/elements.js";
import { counted } from "../parts/numbers.js";
import { t } from "../parts/texts.js";
import { centre, extent, spanOf } from "./receptive_field_paths.js";

// In units of the drawing, which is as wide as the explorer.
const WIDE = 800;
const NAMES = 80; // left of the dots
const GAP = 42; // between two planes, of a few
const LEAST_GAP = 26; // and of many
const ROOMY = 6; // layers that stand at their full distance
const TALLEST = 40; // of the bars under the input
const MARGIN = 14;

const written = (n, piece) => Array.from({ length: n }, (_, i) => piece(i)).join("");

/** Units as dots, paths as lines, their number as bars under the input. */
export function sideView(mostPlanes) {
  const line = (role) => svg("path", { class: "rf-line", style: `--role: ${role}` });
  const dots = (role) => svg("path", { class: "rf-dots", stroke: role });
  const all = dots("var(--dot)");
  const [linesBelow, linesAbove] = [line(INPUT), line(OUTPUT)];
  const [below, above, chosen] = [dots(INPUT), dots(OUTPUT), dots(KERNEL)];
  const bars = svg("path", { fill: INPUT });
  const names = Array.from({ length: mostPlanes }, (_, number) =>
    svg(
      "text",
      { x: -NAMES, class: "rf-text" },
      number ? t("layer {number}", { number }) : t("input"),
    ),
  );
  const shapes = [linesBelow, linesAbove, all, below, above, chosen, bars];
  const drawing = svg("svg", { role: "img" }, ...shapes, ...names);
  let layers, planes;
  let first, end; // all planes, in pixels of the input
  let gap;
  const at = (pixel) => ((pixel - first) * WIDE) / (end - first);
  const y = (layer) => MARGIN + (planes.length - 1 - layer) * gap;
  const x = (layer, index) => at(centre(planes[layer], index) + 0.5);
  const dot = (layer, index) => `M${x(layer, index)} ${y(layer)}h0`;

  /** A dot for each unit of the layers that has a path. */
  function lit(paths, from, to) {
    let d = "";
    for (let k = from; k < to; k++)
      d += written(paths[k].length, (i) => (paths[k][i] ? dot(k, i) : ""));
    return d;
  }

  /** The lines from layer k − 1 to layer k whose ends both have a path. */
  function lines(paths, from, to) {
    let d = "";
    for (let k = from; k < to; k++) {
      const [kernel, stride, dilation, padding] = layers[k - 1];
      for (let i = 0; i < paths[k].length; i++)
        for (let tap = 0; paths[k][i] && tap < kernel; tap++) {
          const under = i * stride - padding + tap * dilation;
          if (paths[k - 1][under])
            d += `M${x(k, i)} ${y(k)}L${x(k - 1, under)} ${y(k - 1)}`;
        }
    }
    return d;
  }

  /** A bar for each pixel that has paths, the tallest for the most. */
  function barsOf(paths, most) {
    const width = WIDE / (end - first);
    return written(paths.length, (i) => {
      if (!paths[i]) return "";
      const corner = `M${at(i + 0.15)} ${y(0) + MARGIN - 3}`;
      return `${corner}h${0.7 * width}v${(paths[i] / most) * TALLEST}h${-0.7 * width}z`;
    });
  }

  return {
    element: drawing,
    layout(nextLayers, nextPlanes) {
      [layers, planes] = [nextLayers, nextPlanes];
      [first, end] = spanOf(planes);
      gap = Math.max(LEAST_GAP, Math.min(GAP, (GAP * ROOMY) / layers.length));
      const size = [WIDE + NAMES, y(0) + MARGIN + TALLEST];
      drawing.setAttribute("viewBox", `${-NAMES} 0 ${size.join(" ")}`);
      for (const [k, name] of names.entries()) {
        name.toggleAttribute("hidden", k >= planes.length);
        if (k < planes.length) name.setAttribute("y", y(k) + 5);
      }
      drawing.style.setProperty(
        "--dots",
        Math.min(14, 0.5 * gap, (0.7 * WIDE) / (end - first)),
      );
      all.setAttribute(
        "d",
        planes.map(({ units }, k) => written(units, (i) => dot(k, i))).join(""),
      );
    },
    /** Show the paths of a unit: those along the columns, in its row. */
    show([rows, columns], [layer, , index]) {
      // From the side, too, there is no path where the rows have none.
      const paths = columns.map((along, k) =>
        rows[k].some(Boolean) ? along : along.map(() => 0),
      );
      linesBelow.setAttribute("d", lines(paths, 1, layer + 1));
      linesAbove.setAttribute("d", lines(paths, layer + 1, planes.length));
      below.setAttribute("d", lit(paths, 0, layer));
      above.setAttribute("d", lit(paths, layer + 1, planes.length));
      chosen.setAttribute("d", dot(layer, index));
      const counts = layer > 0; // a pixel has no paths to itself
      const { lit: pixels, most } = extent(paths[0]);
      bars.setAttribute("d", counts ? barsOf(paths[0], most) : "");
      drawing.setAttribute(
        "aria-label",
        counts
          ? t("Side view, cut along the row of the unit: {pixels}, up to {paths} each", {
              pixels: counted(pixels, "pixel"),
              paths: counted(most, "path"),
            })
          : t("Side view, cut along the row of the unit"),
      );
    },
  };
}
