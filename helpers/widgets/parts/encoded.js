// Pictures that came as files, WebP or whatever the browser reads: decoded into arrays.

import { numbersFrom } from "./state.js";

/** Several files that came in a row: { data, ends }, as encoded.py lays them. */
export function filesIn({ data, ends }) {
  const bytes = numbersFrom(data, Uint8Array);
  return ends.map((end, k) => bytes.subarray(k ? ends[k - 1] : 0, end));
}

/**
 * The picture in a file: a promise of { shape: [rows, columns, 3], data }, 0 to 255. No address
 * is made for it, which a page's Content-Security-Policy could refuse.
 */
export async function decoded(file) {
  const how = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
  const bitmap = await createImageBitmap(new Blob([file]), how);
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const from = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(3 * width * height);
  for (let k = 0, to = 0; k < from.length; k += 4, to += 3) {
    data[to] = from[k];
    data[to + 1] = from[k + 1];
    data[to + 2] = from[k + 2];
  }
  return { shape: [height, width, 3], data };
}

/** A part of a picture, (rows, columns, 3), all of which lies inside. */
export function cutOut({ shape: [, columns], data }, [top, left, tall, wide]) {
  const made = new Uint8Array(3 * tall * wide);
  for (let row = 0; row < tall; row++) {
    const from = 3 * ((top + row) * columns + left);
    made.set(data.subarray(from, from + 3 * wide), 3 * row * wide);
  }
  return { shape: [tall, wide, 3], data: made };
}
