// Maps of a layer as one picture.

import { mosaicOf, scaleOf } from "./mosaics.js";
import { picture } from "./pictures.js";

/** A picture of any maps: show(array (rows, columns, maps), gray, what it is in words). */
export function mosaicView(role, options = {}) {
  const view = picture({ role, framed: false, ...options });
  let [mosaic, shape] = [null, null];
  return {
    element: view.element,
    canvas: view.canvas,
    get mosaic() {
      return mosaic;
    },
    frame: view.frame,
    show({ shape: next, data }, gray, words) {
      if (shape?.join() !== next.join()) {
        [mosaic, shape] = [mosaicOf(next), next];
        view.canvas.parentElement.style.setProperty("--wide", mosaic.sides[1]);
        view.canvas.parentElement.style.setProperty("--ratio", mosaic.sides[1] / mosaic.sides[0]);
      }
      view.paint(mosaic.picture(data), scaleOf(data, gray));
      if (words !== undefined) view.describe(words);
    },
    describe: view.describe,
  };
}
