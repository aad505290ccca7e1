// A canvas as sharp as the screen, painted anew with its size, its zoom and the theme.

import { make } from "./elements.js";

/** Pixels around what is drawn, so that a line along its edge is seen in full. */
const EDGE = 4;

/**
 * The canvas and a probe, which has the colour of lines; both stand in one positioned element
 * (chart.css). paint(context, { width, height, dense }) comes once a frame after `later()`,
 * however often that comes, and by itself where the size or the theme is another: the canvas
 * is empty, its unit is a pixel of the page, and width × height of them are to be painted from
 * its zero on; 0 while it is not on the page. `dense` is how many of the screen one of them is.
 */
export function surface(paint) {
  const canvas = make("canvas", { class: "hc-chart-canvas" });
  const probe = make("span", { class: "hc-chart-probe" });
  const context = canvas.getContext("2d");
  let size = { width: 0, height: 0, dense: 1 };
  let due = 0; // the frame that will be painted

  const later = () => (due ||= requestAnimationFrame(now));

  function now() {
    due = 0;
    const { dense } = size;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(dense, 0, 0, dense, dense * EDGE, dense * EDGE);
    paint(context, size);
  }

  function resized() {
    const box = canvas.getBoundingClientRect();
    const [wide, tall] = [box.width, box.height].map((n) => Math.round(n * devicePixelRatio));
    const dense = box.width ? wide / box.width : 1;
    size = {
      width: Math.max(0, box.width - 2 * EDGE),
      height: Math.max(0, box.height - 2 * EDGE),
      dense,
    };
    if (canvas.width === wide && canvas.height === tall) return later();
    [canvas.width, canvas.height] = [wide, tall];
    if (due) cancelAnimationFrame(due);
    return now(); // in this frame: a canvas of another size is empty
  }

  const observer = new ResizeObserver(resized);
  try {
    observer.observe(canvas, { box: "device-pixel-content-box" }); // also another zoom
  } catch {
    observer.observe(canvas);
  }
  // Whatever changes the theme, the colour of the probe changes with it, by a transition.
  probe.addEventListener("transitionend", later);

  return {
    canvas,
    probe,
    later,
    get size() {
      return size;
    },
    close() {
      observer.disconnect();
      cancelAnimationFrame(due);
      due = -1; // nothing is painted any more
    },
  };
}
