// The maps of layers as mosaics, in tiles that are clicked.

import { INPUT, OUTPUT } from "./colours.js";
import { make, setText } from "./elements.js";
import { beside, sign } from "./layout.js";
import { mosaicView } from "./mosaic_view.js";
import { largest, movedUnit } from "./mosaics.js";
import { isGray, layerText, sidesOf } from "./network_layers.js";
import { ARROWS } from "./pointing.js";
import { t } from "./texts.js";
import { tile } from "./tiles.js";

const MAPS = { PageUp: -1, PageDown: 1 };

/** A layer as a tile; onPick(unit) comes with a click or a key. */
function layerTile(layers, k, onPick) {
  const layer = layers[k];
  const shape = sidesOf(layer.shape);
  const gray = isGray(layers, k);
  let unit = null; // the one that is written out, if it is here
  const view = mosaicView(k ? OUTPUT : INPUT, {
    framed: true,
    onPoint: () => {},
    onLeave: () => {},
    onPick: (place) => {
      const picked = view.mosaic?.at(place);
      if (picked) onPick(picked);
    },
  });
  const stage = view.canvas.parentElement;
  stage.tabIndex = 0;
  stage.setAttribute("role", "application");
  const title = layerText(layer);
  stage.setAttribute(
    "aria-label",
    t("{title}. Arrow keys choose a unit, Page Up and Page Down another map.", { title }),
  );
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const [by, maps] = [ARROWS[event.key], MAPS[event.key]];
    if (!by && !maps) return;
    event.preventDefault();
    const from = unit ?? shape.map((n) => Math.floor(n / 2)).with(2, 0);
    onPick(unit ? movedUnit(shape, from, by ?? [0, 0], maps) : from);
  });
  const element = tile({ caption: title, views: [view] });
  return {
    element: element.element,
    stage,
    show(map, inWords) {
      view.show({ shape, data: map.data }, gray);
      if (!inWords) return;
      const most = largest(map.data).toPrecision(3);
      view.describe(t("{title}: the largest number is {most}", { title, most }));
    },
    /** Frame a unit, or none. */
    mark(next) {
      unit = next;
      element.element.toggleAttribute("data-current", next !== null);
      stage.querySelector(".hc-frame").hidden = next === null;
      if (next === null || !view.mosaic) return;
      const [top, left] = view.mosaic.corner(next[2]);
      view.frame(top + next[0], left + next[1], 1, 1);
    },
  };
}

/**
 * All layers in a region that scrolls: build(layers) for a network, show(maps, in words too) what they made,
 * mark(layer, unit) which unit is written out. onPick(layer, unit) comes with clicks and keys.
 */
export function layerTiles(onPick) {
  const row = make("div", { class: "hc-tiles" });
  const element = make(
    "div",
    { class: "hc-layertiles", tabindex: 0, role: "region", "aria-label": t("All layers") },
    row,
  );
  row.style.setProperty("--columns", 3);
  row.style.setProperty("--least", "15em");
  row.style.setProperty("--most", "none");
  let tiles = [];
  let marked; // the layer that is written out

  /** Scroll the region, and nothing else, to a tile. */
  function reveal(one) {
    const [box, room] = [one.getBoundingClientRect(), element.getBoundingClientRect()];
    if (box.top < room.top) element.scrollTop -= room.top - box.top;
    if (box.bottom > room.bottom) element.scrollTop += box.bottom - room.bottom;
  }
  return {
    element,
    build(layers) {
      marked = undefined;
      tiles = layers.map((_, k) => layerTile(layers, k, (unit) => onPick(k, unit)));
      row.replaceChildren(...tiles.map((one) => one.element));
    },
    show: (maps, inWords) => tiles.forEach((one, k) => one.show(maps[k], inWords)),
    mark(layer, unit) {
      tiles.forEach((one, k) => one.mark(k === layer ? unit : null));
      if (layer !== marked) reveal(tiles[layer].element);
      marked = layer;
    },
  };
}

/** A picture with a caption that changes, and that may be away; before it a sign: ×, = or →. */
export function namedView(role, before = "") {
  const view = mosaicView(role);
  const caption = make("figcaption");
  const figure = make("figure", { class: "hc-mappart" }, caption, view.element);
  const element = before ? beside(sign(before), figure) : beside(figure);
  element.hidden = true;
  return {
    element,
    show(title, maps, gray) {
      element.hidden = !maps;
      if (!maps) return;
      setText(caption, title);
      view.show(maps, gray, title);
    },
  };
}
