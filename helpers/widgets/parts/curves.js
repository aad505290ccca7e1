// Curves: a few lines over whole numbers, with a mark, and the same numbers as a table.

import { make, svg } from "./elements.js";
import { clamp, format } from "./numbers.js";
import { t } from "./texts.js";

const STEP = 50; // from one line of the grid to the next

/**
 * A chart of lines over evenly spaced whole numbers. onPick(x) comes with a click; the same
 * is to be had from a control, so the chart itself takes no keys.
 *
 * draw({ title, x, lines, text }) draws lines { name, colour, dash, values }, NaN being a gap;
 * text(value) is how a value is written. mark(x) moves the mark and says the values there.
 */
export function lineChart({ label, onPick }) {
  const title = make("figcaption", {});
  const plot = svg("svg", { preserveAspectRatio: "none", role: "img", "aria-label": label });
  const marker = make("div", { class: "hc-curve-mark" });
  const area = make("div", { class: "hc-curve-area" }, plot, marker);
  const legend = make("div", { class: "hc-legend" });
  const table = make("table", { class: "hc-grid" });
  const details = make(
    "details",
    { ontoggle: () => writeTable() },
    make("summary", {}, t("The curves in numbers")),
    make(
      "div",
      { class: "hc-scroll", tabindex: "0", role: "group", "aria-label": label },
      table,
    ),
  );
  let shown = { x: [0], lines: [], text: format };
  let marked = 0;
  let values = []; // where the legend writes the values at the mark

  const share = (x) => (x - shown.x[0] + 0.5) / shown.x.length;

  area.addEventListener("click", (event) => {
    const box = area.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * shown.x.length);
    onPick(shown.x[clamp(place, 0, shown.x.length - 1)]);
  });

  function draw(next) {
    shown = next;
    title.textContent = next.title;
    const { x, lines } = next;
    const numbers = lines.flatMap((line) => line.values).filter(Number.isFinite);
    const largest = Math.max(0, ...numbers);
    const top = Math.max(3, Math.ceil(largest / STEP)) * STEP;
    const height = (value) => 100 * (1 - value / top);
    const grid = [];
    const labels = [];
    for (let value = 0; value <= top; value += STEP) {
      const y = height(value);
      grid.push(svg("line", { x1: 0, x2: 100, y1: y, y2: y, class: "hc-curve-grid" }));
      labels.push(
        make("span", { class: "hc-curve-y", style: `top: ${y}%` }, next.text(value)),
      );
    }
    for (const n of x)
      if (n % 2 === 0)
        labels.push(
          make("span", { class: "hc-curve-x", style: `left: ${100 * share(n)}%` }, format(n)),
        );
    plot.setAttribute("viewBox", "0 0 100 100");
    plot.replaceChildren(
      ...grid,
      ...lines.map(({ colour = "currentColor", dash = "", values }) =>
        svg("path", {
          d: path(values.map((value, k) => [100 * share(x[k]), height(value)])),
          stroke: colour,
          "stroke-dasharray": dash,
          class: "hc-curve-line",
        }),
      ),
    );
    for (const old of area.querySelectorAll("span")) old.remove();
    area.append(...labels);
    values = lines.map(() => make("b", {}));
    legend.replaceChildren(
      ...lines.map(({ name, colour = "currentColor", dash = "" }, k) =>
        make("span", { class: "hc-legend-entry" }, sample(colour, dash), `${name} `, values[k]),
      ),
    );
    writeTable();
  }

  function path(points) {
    let pen = "M";
    let d = "";
    for (const [x, y] of points) {
      if (Number.isNaN(y)) pen = "M";
      else {
        d += `${pen}${x.toFixed(2)} ${y.toFixed(3)}`;
        pen = "L";
      }
    }
    return d;
  }

  function sample(colour, dash) {
    const drawing = svg("svg", { width: 32, height: 8, "aria-hidden": "true" });
    const attributes = { stroke: colour, "stroke-dasharray": dash, class: "hc-curve-line" };
    drawing.append(svg("line", { x1: 0, x2: 32, y1: 4, y2: 4, ...attributes }));
    return drawing;
  }

  function writeTable() {
    table.replaceChildren();
    if (!details.open) return;
    const row = (head, cells) => {
      const line = table.insertRow();
      line.append(make("th", { scope: "row" }, head));
      cells.forEach((text) => line.append(make("td", { class: "hc-number" }, text)));
    };
    row(t("shift"), shown.x.map((n) => format(n)));
    for (const { name, values: numbers } of shown.lines) row(name, numbers.map(shown.text));
    mark(marked);
  }

  function mark(x) {
    marked = x;
    marker.style.left = `${100 * share(x)}%`;
    const at = shown.x.indexOf(x);
    shown.lines.forEach((line, k) => (values[k].textContent = shown.text(line.values[at])));
    for (const line of table.rows)
      [...line.cells].forEach((cell, k) => cell.classList.toggle("hc-is-current", k === at + 1));
    const said = shown.lines.map(({ name }, k) => `${name} ${values[k].textContent}`);
    plot.setAttribute(
      "aria-label",
      t("{title}. At {x}: {values}.", {
        title: shown.title,
        x: format(x),
        values: said.join(", "),
      }),
    );
  }

  return {
    element: make("figure", { class: "hc-curve" }, title, area, legend, details),
    draw,
    mark,
  };
}
