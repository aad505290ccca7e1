// FilterBrowser: which maps are 0 for all pictures. A job for heavy.js: nothing here touches
// the page.

import { productOf } from "../parts/arrays.js";
import { networkFrom } from "../parts/network.js";
import { array } from "../parts/ops.js";

/** Where a worker finds this module. */
export const HERE = import.meta.url;

/** One of several pictures, as a network takes it: a batch of one. */
export function pictureOf({ shape: [, ...shape], data }, k) {
  const size = productOf(shape);
  return array([1, ...shape], Float32Array.from(data.subarray(k * size, (k + 1) * size)));
}

/** For each layer a list: 1 where a map is 0 everywhere, for all of the pictures. */
export function* deadJob({ description, bytes, images }) {
  const { layers, run } = networkFrom(description, bytes);
  const dead = layers.map(({ shape }) => new Uint8Array(shape.at(-1)).fill(1));
  for (let k = 0; k < images.shape[0]; k++) {
    const { maps } = run(pictureOf(images, k));
    maps.forEach(({ data }, layer) => {
      const mine = dead[layer];
      const count = mine.length;
      for (let at = 0; at < data.length; at++) if (data[at] !== 0) mine[at % count] = 0;
    });
    yield;
  }
  return dead;
}
