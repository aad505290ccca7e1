// Tiles: pictures of one size in rows, each with a caption above and notes below.

import { make } from "./elements.js";

/**
 * A picture with its caption and notes; or several side by side, a whole and a part of it,
 * say. They come from pictures.js, without captions of their own.
 */
export function tile({ caption = "", views, notes = [] }) {
  const title = make("figcaption", {}, caption);
  const pictures = views.map(({ element }) => element);
  const element = make(
    "figure",
    { class: "hc-tile" },
    title,
    make("div", { class: "hc-tile-views" }, ...pictures),
    make("div", { class: "hc-tile-notes" }, ...notes),
  );
  return { element, caption: (text) => (title.textContent = text) };
}

/**
 * Tiles, all of one size: as many side by side as there is room for, `columns` at the most.
 * `least` is the width of a tile, `most` that of a row.
 */
export function tileRow(tiles, { columns = tiles.length, least = "10em", most = "none" } = {}) {
  const row = make("div", { class: "hc-tiles" }, ...tiles.map(({ element }) => element));
  for (const [name, value] of Object.entries({ columns, least, most }))
    row.style.setProperty(`--${name}`, value);
  return row;
}
