// A landscape from above: levels of height, axes, marked minima, paths, a ball to drop.

import { scale, tickTexts } from "./axes.js";
import { make } from "./elements.js";
import { clamp } from "./numbers.js";
import { surface } from "./surface.js";

const LEVELS = 14;
const LOWEST = 1000; // the first level is so much lower than the highest point
const HIGH = [91, 132, 184]; // mixed into the colour of the page
const MOST = 0.75; // of it, at the highest level
const FINE = 720; // pixels of the levels from left to right, at most

/** At which level a height stands, from 0: each is higher than the last by a factor. */
export const levelOf = (height, highest) =>
  Math.min(
    LEVELS - 1,
    Math.floor((LEVELS * Math.log1p((LOWEST * height) / highest)) / Math.log1p(LOWEST)),
  );

/** The part of a path that is drawn: up to where it leaves a picture and stays outside. */
export function visible(points, { w1, w2 }) {
  const outside = ([x, y]) => x < w1[0] || x > w1[1] || y < w2[0] || y > w2[1];
  const last = points.findLastIndex((point) => !outside(point));
  if (last === points.length - 1) return { points };
  if (last < 0) return { points: [] };
  // Cut where the way to the next point crosses the first edge.
  const [[x, y], [u, v]] = [points[last], points[last + 1]];
  const share = (from, to, [low, high]) =>
    to > high ? (high - from) / (to - from) : to < low ? (low - from) / (to - from) : 1;
  const cut = Math.min(share(x, u, w1), share(y, v, w2));
  const edge = [x + cut * (u - x), y + cut * (v - y)];
  return { points: [...points.slice(0, last + 1), edge], leaves: [u - x, v - y] };
}

/** Marks at the ends of the paths, told apart without their colours, as an SVG writes them. */
export const MARKS = [
  "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
  "M-4.5-4.5h9v9h-9z",
  "M0-6L6 5H-6z",
  "M0-7L6 0L0 7L-6 0z",
];

function stroked(context, corners) {
  context.beginPath();
  for (const corner of corners) context.lineTo(...corner);
  context.stroke();
}

/** A shape whose zero stands at (x, y), with a rim. */
function stamp(context, shape, [x, y], angle = 0) {
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  context.stroke(shape);
  context.fill(shape);
  context.restore();
}

const ARROW = "M1 0L-12-6V6z";

/**
 * show({ value, w1, w2, minima }) draws a landscape whose lowest value is 0, and marks its
 * minima. trace({ paths, ball, said }) draws paths, { points, colour, strokes, mark }, and puts
 * the ball to a point, which is `said` in words; a path that leaves the picture for good ends in
 * an arrow at its edge. Pointer and arrow keys move the ball: onDrop(point), in hundredths.
 */
export function contours({ label, x: xTitle, y: yTitle, onDrop }) {
  const sheet = surface(paint);
  const levels = make("canvas", {}); // what is painted of the landscape, kept
  const { canvas, probe } = sheet;
  canvas.setAttribute("role", "img");
  const ball = make("div", {
    class: "hc-ball",
    role: "slider",
    tabindex: "0",
    "aria-label": label,
  });
  const area = make("div", { class: "hc-chart-area hc-contours-area" }, canvas, probe, ball);
  const [ys, xs] = ["ys", "xs"].map((axis) =>
    make("div", { class: `hc-chart-${axis}`, "aria-hidden": "true" }),
  );
  const title = (axis, text) =>
    make("div", { class: `hc-chart-${axis}-title`, "aria-hidden": "true" }, text);
  const element = make(
    "figure",
    { class: "hc-contours" },
    make("div", { class: "hc-chart-plot" }, title("y", yTitle), ys, area, xs, title("x", xTitle)),
  );

  let land; // what is shown
  let traced = { paths: [] };
  let at = [0, 0]; // where the ball is
  let painted; // which landscape, how large and in which colours `levels` is
  let [across, down] = []; // from weights to shares of the picture

  // -------------------------------------------------------------------------------- pictures
  const known = new Map();

  /** [red, green, blue] of a colour of the style sheet, whatever its form. */
  function rgb(colour) {
    if (!known.has(colour)) {
      const context = make("canvas", { width: 1, height: 1 }).getContext("2d");
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      known.set(colour, [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
    }
    return known.get(colour);
  }

  function paintLevels({ width, height, dense }, page, ink) {
    const wide = Math.round(Math.min(FINE, width * dense));
    const tall = Math.round((wide * height) / width);
    const key = [wide, tall, page, ink].join();
    if (painted?.land === land && painted.key === key) return;
    painted = { land, key };
    [levels.width, levels.height] = [wide, tall];
    const context = levels.getContext("2d");
    const image = context.createImageData(wide, tall);
    const words = new Uint32Array(image.data.buffer);
    const mixed = (from, to, share) => Array.from(from, (n, k) => n + share * (to[k] - n));
    const word = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    const colours = Array.from({ length: LEVELS }, (_, k) =>
      mixed(page, HIGH, (MOST * k) / (LEVELS - 1)),
    );
    const [fills, edges] = [0, 0.3].map((share) => colours.map((c) => word(mixed(c, ink, share))));
    const { value, w1, w2, highest } = land;
    const above = new Int8Array(wide);
    for (let i = 0; i < tall; i++) {
      const y = w2[1] + ((i + 0.5) / tall) * (w2[0] - w2[1]);
      let before;
      for (let j = 0; j < wide; j++) {
        const x = w1[0] + ((j + 0.5) / wide) * (w1[1] - w1[0]);
        const level = levelOf(value(x, y), highest);
        const edge = (j && level !== before) || (i && level !== above[j]);
        words[i * wide + j] = (edge ? edges : fills)[level];
        before = above[j] = level;
      }
    }
    context.putImageData(image, 0, 0);
  }

  function paint(context, size) {
    const { width, height } = size;
    if (!land || !width) return;
    writeLabels();
    const { backgroundColor: page, color: ink } = getComputedStyle(area);
    paintLevels(size, rgb(page), rgb(ink));
    const place = ([x, y]) => [across.at(x) * width, (1 - down.at(y)) * height];
    context.save();
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    context.drawImage(levels, 0, 0, width, height);
    Object.assign(context, { lineJoin: "round", lineWidth: 2, strokeStyle: ink });
    for (const [x, y] of land.minima.map(place))
      for (const side of [6, -6]) stroked(context, [[x - 6, y - side], [x + 6, y + side]]);
    paintPaths(context, place, page, ink);
  }

  /** The context is cut to the picture; the marks at the ends may stick out of it. */
  function paintPaths(context, place, page, ink) {
    const ways = traced.paths.map((path) => {
      const { points, leaves } = visible(path.points, land);
      const colour = path.colour === "currentColor" ? ink : path.colour;
      return { ...path, colour, leaves, corners: points.map(place) };
    });
    // First what is behind them, so that none hides another.
    Object.assign(context, { strokeStyle: page, lineWidth: 5, globalAlpha: 0.7 });
    for (const { corners } of ways) stroked(context, corners);
    Object.assign(context, { lineWidth: 2.5, globalAlpha: 1 });
    for (const { corners, colour, strokes } of ways) {
      context.strokeStyle = colour;
      context.setLineDash(strokes);
      stroked(context, corners);
    }
    context.restore();
    Object.assign(context, { strokeStyle: page, lineWidth: 3, lineJoin: "round" });
    for (const { corners, colour, leaves, mark } of ways.filter((way) => way.corners.length)) {
      context.fillStyle = colour;
      const shape = new Path2D(leaves ? ARROW : MARKS[mark]);
      stamp(context, shape, corners.at(-1), leaves ? Math.atan2(-leaves[1], leaves[0]) : 0);
    }
  }

  function writeLabels() {
    if (xs.childElementCount) return;
    for (const [axis, element, side] of [[across, xs, "left"], [down, ys, "top"]]) {
      const values = axis.ticks(6);
      const spans = tickTexts(values).map((text, k) => {
        const span = make("span", {}, text);
        const share = axis.at(values[k]);
        span.style[side] = `${100 * (side === "left" ? share : 1 - share)}%`;
        return span;
      });
      element.replaceChildren(...spans);
    }
  }

  // -------------------------------------------------------------------------- pointer and keys
  function drop(point) {
    const round = (value, [low, high]) => clamp(Math.round(value * 100) / 100, low, high);
    onDrop([round(point[0], land.w1), round(point[1], land.w2)]);
  }

  function under({ clientX, clientY }) {
    const box = area.getBoundingClientRect();
    const share = [(clientX - box.left) / box.width, 1 - (clientY - box.top) / box.height];
    return [land.w1, land.w2].map(([low, high], k) => low + share[k] * (high - low));
  }

  let held = false; // whether the ball goes along with the pointer
  const release = () => (held = false);
  area.addEventListener("pointerdown", (event) => {
    // A finger beside the ball may want to scroll: it drops the ball with a tap.
    if (event.button || (event.pointerType === "touch" && event.target !== ball)) return;
    held = true;
    if (event.isTrusted) area.setPointerCapture(event.pointerId); // also out of the picture
    drop(under(event));
  });
  area.addEventListener("pointermove", (event) => held && drop(under(event)));
  for (const name of ["pointerup", "pointercancel", "pointerleave"])
    area.addEventListener(name, release);
  area.addEventListener("click", (event) => {
    if (event.pointerType === "touch") drop(under(event));
    ball.focus({ preventScroll: true });
  });

  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
  ball.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const far = event.shiftKey ? 0.01 : 0.1;
    drop(at.map((value, k) => value + far * step[k]));
  });

  return {
    element,
    show(landscape) {
      const { value, w1, w2 } = landscape;
      const corners = w1.flatMap((x) => w2.map((y) => value(x, y))); // nothing is much higher
      land = { ...landscape, highest: Math.max(...corners) };
      [across, down] = [w1, w2].map(([low, high]) => scale({ low, high }));
      area.style.aspectRatio = `${w1[1] - w1[0]} / ${w2[1] - w2[0]}`;
      xs.replaceChildren();
      sheet.later();
    },
    trace({ paths, ball: point, said }) {
      traced = { paths };
      at = point;
      ball.style.left = `${100 * across.at(at[0])}%`;
      ball.style.top = `${100 * (1 - down.at(at[1]))}%`;
      for (const [name, value] of [["min", land.w1[0]], ["max", land.w1[1]], ["now", at[0]]])
        ball.setAttribute(`aria-value${name}`, value);
      ball.setAttribute("aria-valuetext", said);
      sheet.later();
    },
    describe: (text) => canvas.setAttribute("aria-label", text),
    close: sheet.close,
  };
}
