"""What the benchmarks of explorers share: a clock in the page, a meter of memory."""

import contextlib
import pathlib
import sys
from collections.abc import Callable, Iterator

import numpy as np
from jupyter_client import BlockingKernelClient
from playwright.sync_api import Locator

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from lab_browser import Notebook  # noqa: E402

REST = 30  # ms between a picture and the next key press
RUN = 8  # presses one way before the arrow turns
TRUE_SIZES = "--enable-precise-memory-info"
WHICH_KERNEL = "import ipykernel\nprint(ipykernel.get_connection_file())"
RESIDENT = (
    "(__import__('gc').collect(), __import__('psutil').Process())[1].memory_info()[0]"
)

# window.clock: watch(cell, kind) names the picture, arrived() awaits its next change.
CLOCK = """() => {
  const nextTask = () => new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });
  const frame = () => new Promise(requestAnimationFrame).then(nextTask);
  const sumUp = (data) => {
    let sum = 0;
    for (let k = 0; k < data.length; k++) sum = (31 * sum + data[k]) | 0;
    return sum;
  };
  const pixelsOf = (image) => {
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return sumUp(context.getImageData(0, 0, canvas.width, canvas.height).data);
  };

  let pressed, last, resolve, arrival, canvas, observer, explorer, changing;
  const arm = () => (arrival = new Promise((done) => (resolve = done)));
  async function changed(time, fingerprint) {
    const waiting = resolve;
    await frame();
    const drawn = performance.now();
    const now = fingerprint();
    if (now === last) return; // painted anew, but the same picture
    last = now;
    waiting([time - pressed, drawn - pressed]);
  }
  async function decoded(image) {
    if (!image.isConnected) return;
    try { await image.decode(); } catch { return; }
    changed(performance.now(), () => pixelsOf(image));
  }
  // An explorer changes many things at once: the last before the frame counts.
  async function touched() {
    const first = changing === undefined;
    changing = performance.now();
    if (!first) return;
    const waiting = resolve;
    await frame();
    const drawn = performance.now();
    waiting([changing - pressed, drawn - pressed]);
    changing = undefined;
  }
  addEventListener("keydown", (event) => (pressed = event.timeStamp), true);
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (pixels, ...rest) {
    put.call(this, pixels, ...rest);
    if (explorer?.contains(this.canvas)) touched();
    if (this.canvas === canvas) changed(performance.now(), () => sumUp(pixels.data));
  };

  window.clock = {
    watch(cell, kind) {
      observer?.disconnect();
      last = canvas = explorer = changing = undefined;
      if (kind === "bare") {
        const bare = document.createElement("input");
        Object.assign(bare, { type: "range", min: -10, max: 10, step: 0.05, value: 5 });
        bare.dataset.lmSuppressShortcuts = "true"; // else the arrows change cells
        bare.oninput = () => changed(performance.now(), () => bare.value);
        cell.querySelector(".jp-Cell-outputArea").append(bare);
      } else if (kind === "explorer" || kind === "control") {
        // Whatever the explorer changes: cells, texts, marks, canvases. Where it does
        // so by itself, what stands beside the control that has the focus.
        explorer = kind === "explorer"
          ? cell.querySelector(".hc") : document.activeElement.closest(".hc-control");
        observer = new MutationObserver(() => touched());
        observer.observe(explorer, {
          subtree: true, childList: true, characterData: true, attributes: true,
        });
      } else if (kind === "canvas") canvas = cell.querySelectorAll("canvas")[1];
      else {
        last = pixelsOf(cell.querySelector(".jp-OutputArea img"));
        observer = new MutationObserver((records) => {
          const nodes = records.flatMap((r) =>
            r.type === "attributes" ? [r.target] : [...r.addedNodes]);
          const found = nodes.filter((node) => node instanceof Element).map((node) =>
            node.matches("img") ? node : node.querySelector("img"));
          for (const image of new Set(found)) if (image) decoded(image);
        });
        observer.observe(cell.querySelector(".jp-Cell-outputArea"), {
          subtree: true, childList: true, attributes: true, attributeFilter: ["src"],
        });
      }
      arm();
    },
    async arrived() {
      const late = new Promise((_, fail) =>
        setTimeout(() => fail(new Error("no new picture in 20 seconds")), 20000));
      const times = await Promise.race([arrival, late]);
      arm();
      return times;
    },
  };
}"""


def press(
    notebook: Notebook,
    control: Locator,
    keys: tuple[str, str],
    moves: int,
    run: int = RUN,
) -> np.ndarray:
    """Press one arrow `run` times, then the other, `moves` presses in all.

    Returns
    -------
    ndarray of float64, (moves, 2)
        Milliseconds until the page had changed, and until it was drawn.
    """
    notebook.page.mouse.move(0, 0)  # a grid explains the cell that it rests on
    control.focus()
    times = []
    for move in range(moves):
        notebook.page.keyboard.press(keys[move // run % 2])
        times.append(notebook.page.evaluate("clock.arrived()"))
        notebook.page.wait_for_timeout(REST)
    return np.array(times)


def watched(notebook: Notebook, index: int, kind: str) -> Locator:
    """Point the clock at the picture of a cell; return the cell."""
    cell = notebook.cell(index)
    cell.evaluate("(cell, kind) => clock.watch(cell, kind)", kind)
    return cell


@contextlib.contextmanager
def meter(notebook: Notebook, which_kernel: int) -> Iterator[Callable[[], np.ndarray]]:
    """Give a function that returns kernel MB, page MB, DOM nodes and listeners.

    ``which_kernel`` is the index of the cell that runs `WHICH_KERNEL`.

    It asks the kernel through a connection of its own: whenever another cell becomes
    active, JupyterLab makes a new toolbar and keeps the old one, so running a cell in
    order to measure would itself take memory.
    """
    path = notebook.run(which_kernel).strip()
    client = BlockingKernelClient(connection_file=path)
    client.load_connection_file()
    client.start_channels()
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")

    def read() -> np.ndarray:
        request = client.execute("", silent=True, user_expressions={"rss": RESIDENT})
        answer = {"parent_header": {}}
        while answer["parent_header"].get("msg_id") != request:
            answer = client.get_shell_msg(timeout=60)
        rss = answer["content"]["user_expressions"]["rss"]["data"]["text/plain"]
        notebook.page.wait_for_timeout(1000)
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        page = {entry["name"]: entry["value"] for entry in metrics}
        heap = session.send("Runtime.getHeapUsage")
        used = heap["usedSize"] + heap["backingStorageSize"]  # objects, array buffers
        in_mb = np.array([int(rss), used]) / 2**20
        return np.array([*in_mb, page["Nodes"], page["JSEventListeners"]])

    try:
        yield read
    finally:
        client.stop_channels()


def run_again(notebook: Notebook, index: int, times: int) -> None:
    """Run a cell again and again, each time until its picture stands."""
    cell = notebook.cell(index)
    for _ in range(times):
        notebook.run(index)
        cell.locator(".jp-OutputArea canvas, .jp-OutputArea img").first.wait_for()
