"""Mount an explorer on a bare page, without JupyterLab: fast, nobody else to blame."""

import base64
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from helpers.widgets.parts.base import Explorer, modules, source

ROOT = Path(__file__).resolve().parents[2]

# A stand-in for the model that ipywidgets keeps in the page.
MOUNT = """async ([state, bytesAs]) => {
  const revive = (value) => {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== "object") return value;
    if ("bytes as base64" in value) {
      const text = atob(value["bytes as base64"]);
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      if (bytesAs === "ArrayBuffer") return bytes.buffer;
      return new globalThis[bytesAs](bytes.buffer);
    }
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)]));
  };
  const asBase64 = (bytes) => {
    let text = "";
    for (let k = 0; k < bytes.length; k += 8192)
      text += String.fromCharCode(...bytes.subarray(k, k + 8192));
    return btoa(text);
  };
  const pixels = (index) => {
    const canvas = document.querySelectorAll("canvas")[index];
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  };
  const traits = revive(state), listeners = new Map();
  const told = (value) => JSON.stringify(value, (_, part) =>
    part instanceof DataView ? asBase64(new Uint8Array(part.buffer)) : part);
  window.model = {
    saves: 0,
    get: (name) => traits[name],
    set(name, value) {
      const before = told(traits[name]);
      traits[name] = value;
      if (told(value) === before) return; // as in Backbone
      for (const listener of listeners.get(`change:${name}`) ?? []) listener();
    },
    /** All that a learner sets, as one text. */
    state: () => told(Object.entries(traits).filter(([name]) => !name.startsWith("_"))),
    save_changes() { this.saves += 1; },
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    off(name, listener) {
      listeners.set(name, listeners.get(name).filter((other) => other !== listener));
    },
    listening: () => [...listeners.values()].flat().length,
    array(name) {
      const { shape, dtype, data } = traits[name];
      return { shape, dtype, data: asBase64(new Uint8Array(data.buffer)) };
    },
    /** Red, green, blue and alpha of every pixel of a canvas. */
    painted(index) {
      const { width, height, data } = pixels(index);
      return { shape: [height, width, 4], dtype: "uint8", data: asBase64(data) };
    },
    /** Red alone, a quarter of that. */
    red(index) {
      const { width, height, data } = pixels(index);
      const red = Uint8Array.from({ length: height * width }, (_, k) => data[4 * k]);
      return { shape: [height, width], dtype: "uint8", data: asBase64(red) };
    },
  };
  const style = document.createElement("style");
  style.textContent = traits._css;
  document.head.append(style);
  const url = URL.createObjectURL(new Blob([traits._esm], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  window.finish = widget.initialize({ model });
  window.unmount = await widget.render({ model, el: document.querySelector("main") });
}"""

# ms to wait for what is there already, or nearly: a busy machine may take its time.
PATIENCE = 60_000

PAGE = """<!doctype html><html lang="en"><head><title>Explorer</title>
<meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark } body { margin: 8px }</style></head>
<body><main></main></body></html>"""


def _without_bytes(value):
    if isinstance(value, memoryview | bytes):
        return {"bytes as base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: _without_bytes(part) for name, part in value.items()}
    return value


def unpacked(message: dict) -> np.ndarray:
    """Return the array that the page sent."""
    numbers = np.frombuffer(base64.b64decode(message["data"]), message["dtype"])
    return numbers.reshape(message["shape"])


def mount(page: Page, explorer: Explorer, *, bytes_as: str = "DataView") -> None:
    """Show the explorer on an empty page; its model is ``window.model``.

    Arrays come as DataViews, as in JupyterLab, or as what ``bytes_as`` names.
    """
    page.set_content(PAGE)
    state = {
        name: value
        for name, value in explorer.get_state().items()
        if name not in ("layout", "tabbable", "tooltip")
    }
    page.evaluate(MOUNT, [_without_bytes(state), bytes_as])


LOAD = """async ([loader, sources, path, name]) => {
  const url = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  const { link } = await import(url);
  window[name] = await import(link(path, sources));
}"""


def load(page: Page, path: str) -> None:
    """Import a module of the explorers into a page, as a variable of its file's name.

    ``path`` starts at helpers/widgets: ``"parts/grids.js"`` becomes ``grids``.
    """
    page.evaluate(
        LOAD, [source("parts/loader.js"), modules(path), path, Path(path).stem]
    )
