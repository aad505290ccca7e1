"""Mount an explorer on a bare page, without JupyterLab: fast, nobody else to blame."""

import base64
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from weakref import WeakKeyDictionary

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
  const written = new WeakMap(); // no explorer writes into a view that it gave away
  const textOf = (view) => {
    if (!written.has(view)) written.set(view, asBase64(new Uint8Array(view.buffer)));
    return written.get(view);
  };
  const numbers = new Map(); // of all bytes that were sent: they go to Python once
  const packed = (shape, dtype, bytes) => {
    const data = asBase64(bytes);
    if (numbers.has(data)) return { shape, dtype, number: numbers.get(data) };
    numbers.set(data, numbers.size);
    return { shape, dtype, number: numbers.get(data), data };
  };
  const channel = (index, which) => {
    const { width, height, data } = pixels(index);
    const values = new Uint8Array(height * width);
    for (let k = 0; k < values.length; k++) values[k] = data[4 * k + which];
    return packed([height, width], "uint8", values);
  };
  const traits = revive(JSON.parse(state)), listeners = new Map(), states = new Set();
  const told = (value) => JSON.stringify(value, (_, part) =>
    part instanceof DataView ? textOf(part) : part);
  window.model = {
    saves: 0,
    get: (name) => traits[name],
    set(name, value) {
      const before = told(traits[name]);
      traits[name] = value;
      if (told(value) === before) return; // as in Backbone
      for (const listener of listeners.get(`change:${name}`) ?? []) listener();
    },
    /** What a function finds on the page, as one text; in which state is remembered. */
    read(look) {
      const set = Object.entries(traits).filter(([name]) => !name.startsWith("_"));
      states.add(told(set));
      return JSON.stringify(look());
    },
    /** In how many different states, of all that a learner sets, the page was read. */
    states: () => states.size,
    save_changes() { this.saves += 1; },
    /** Python answers a question, where `mount` has a kernel. */
    async send(content, _, buffers) {
      if (!window.askPython) return;
      const bytes = buffers.map((view) => asBase64(new Uint8Array(view.buffer)));
      for (const [said, parts] of revive(await askPython(content, bytes)))
        for (const listener of listeners.get("msg:custom") ?? []) listener(said, parts);
    },
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    off(name, listener) {
      listeners.set(name, listeners.get(name).filter((other) => other !== listener));
    },
    listening: () => [...listeners.values()].flat().length,
    array(name) {
      const { shape, dtype, data } = traits[name];
      return packed(shape, dtype, new Uint8Array(data.buffer));
    },
    /** Red, green, blue and alpha of every pixel of a canvas. */
    painted(index) {
      const { width, height, data } = pixels(index);
      return packed([height, width, 4], "uint8", data);
    },
    /** One of them alone, a quarter of that. */
    red: (index) => channel(index, 0),
    alpha: (index) => channel(index, 3),
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


# The bytes that each page has sent, by their numbers.
_sent: WeakKeyDictionary[Page, dict[int, bytes]] = WeakKeyDictionary()


def read(page: Page, script: str):
    """What a function on the page returns: numbers, texts, arrays, lists and objects.

    As one text: Playwright looks at every number of a list on its way, which takes
    longer than all the rest.
    """
    sent = _sent[page]

    def unpacked(value: dict):
        if not {"shape", "dtype", "number"} <= value.keys():
            return value
        if "data" in value:
            sent[value["number"]] = base64.b64decode(value["data"])
        numbers = np.frombuffer(sent[value["number"]], value["dtype"])
        return numbers.reshape(value["shape"])

    return json.loads(page.evaluate(f"model.read({script})"), object_hook=unpacked)


def mount(
    page: Page,
    explorer: Explorer,
    *,
    bytes_as: str = "DataView",
    kernel: bool = False,
) -> None:
    """Show the explorer on an empty page; its model is ``window.model``.

    Arrays come as DataViews, as in JupyterLab, or as what ``bytes_as`` names. With
    ``kernel`` the explorer answers what its page asks.
    """
    page.set_content(PAGE)
    if kernel:
        page.expose_function("askPython", _kernel_of(explorer))
    _sent[page] = {}
    state = {
        name: value
        for name, value in explorer.get_state().items()
        if name not in ("layout", "tabbable", "tooltip")
    }
    # As text, as in Jupyter: of an object Playwright would lose what is "__proto__".
    page.evaluate(MOUNT, [json.dumps(_without_bytes(state)), bytes_as])


def _kernel_of(explorer: Explorer) -> Callable[[dict, list[str]], list]:
    """Return what an explorer says to a message of its page: contents and buffers."""
    sent: list = []

    def send(content: dict, buffers: Iterable = ()) -> None:
        sent.append([content, [_without_bytes(bytes(one)) for one in buffers or ()]])

    def answer(content: dict, buffers: list[str]) -> list:
        sent.clear()
        explorer._handle_custom_msg(content, [*map(base64.b64decode, buffers)])
        return list(sent)

    explorer.send = send
    return answer


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
