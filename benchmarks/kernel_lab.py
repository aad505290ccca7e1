"""Claim: a key press in KernelLab changes the picture within a frame.

In a real JupyterLab, in headless Chromium, one page shows the same 256×256 photo three
times, filtered by the same 3×3 kernel, whose middle weight is moved by arrow keys:

- in KernelLab, which computes in the browser: in a cell of its grid, and on its slider;
- in the cell a course would write: `ipywidgets.interact` around a function that
  convolves and ends in ``plt.show()``;
- in the fastest cell Matplotlib allows: an `ipywidgets.Image` whose figure stays, gets
  ``set_data`` and is saved anew, nothing around the picture.

The clock runs from the key event's own time stamp to the picture with new pixels:
painted into the canvas, or decoded in the ``<img>``. *Frame* is the time until the
browser has drawn the frame that shows it. Each press waits for the last picture.

Then memory, after garbage collection on both sides: what 1,000 key presses in KernelLab
leave behind, and what running its cell 50 times leaves, beside the `interact` cell and
the photo drawn once, which shows what JupyterLab itself keeps. Wanted: nothing.

Run ``python benchmarks/kernel_lab.py [--quick]``. Nothing is asserted about time.
"""

import argparse
import contextlib
import pathlib
import sys
import tempfile
from collections.abc import Callable, Iterator

import numpy as np
from _table import header, machine, row
from jupyter_client import BlockingKernelClient
from playwright.sync_api import Locator

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from lab_browser import Notebook, chromium, jupyterlab  # noqa: E402

FLOOR = "a bare slider, no picture"
REST = 30  # ms between a picture and the next key press
RUN = 8  # presses one way before the arrow turns
TRUE_SIZES = "--enable-precise-memory-info"

SETUP = """
import numpy as np
from helpers import images, kernels, ops
photo = images.photo("camera", size=256).astype(float)

def filtered(weight):
    kernel = kernels.named("sharpen")
    kernel[1, 1] = weight
    return ops.conv2d(photo, kernel, padding="same", mode="edge")
"""
KERNEL_LAB = """
from helpers.widgets import KernelLab
lab = KernelLab("camera", "sharpen")
lab
"""
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import FloatSlider, interact

@interact(weight=FloatSlider(5, min=-10, max=10, step=0.05))
def show(weight):
    plt.imshow(filtered(weight), cmap="gray", vmin=0, vmax=255)
    plt.show()
"""
IMAGE = """
import io
from ipywidgets import FloatSlider, Image, VBox
from matplotlib.figure import Figure

figure = Figure(figsize=(2.56, 2.56), dpi=100)
axes = figure.add_axes([0, 0, 1, 1])
axes.axis("off")
artist = axes.imshow(filtered(5), cmap="gray", vmin=0, vmax=255)
picture, slider = Image(), FloatSlider(5, min=-10, max=10, step=0.05)

def draw(change):
    artist.set_data(filtered(slider.value))
    png = io.BytesIO()
    figure.savefig(png, format="png", pil_kwargs={"compress_level": 1})
    picture.value = png.getvalue()

slider.observe(draw, "value")
draw(None)
VBox([slider, picture])
"""
PLAIN = 'plt.imshow(photo, cmap="gray")\nplt.show()'
WHICH_KERNEL = "import ipykernel\nprint(ipykernel.get_connection_file())"
CELLS = [SETUP, KERNEL_LAB, INTERACT, IMAGE, PLAIN, WHICH_KERNEL]
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

  let pressed, last, resolve, arrival, canvas, observer;
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
  addEventListener("keydown", (event) => (pressed = event.timeStamp), true);
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (pixels, ...rest) {
    put.call(this, pixels, ...rest);
    if (this.canvas === canvas) changed(performance.now(), () => sumUp(pixels.data));
  };

  window.clock = {
    watch(cell, kind) {
      observer?.disconnect();
      last = canvas = undefined;
      if (kind === "bare") {
        const bare = document.createElement("input");
        Object.assign(bare, { type: "range", min: -10, max: 10, step: 0.05, value: 5 });
        bare.dataset.lmSuppressShortcuts = "true"; // else the arrows change cells
        bare.oninput = () => changed(performance.now(), () => bare.value);
        cell.querySelector(".jp-Cell-outputArea").append(bare);
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


def press(notebook: Notebook, control: Locator, keys: tuple[str, str], moves: int):
    """Press arrow keys on a control; return (changed, drawn) in ms for each press."""
    control.focus()
    times = []
    for move in range(moves):
        notebook.page.keyboard.press(keys[move // RUN % 2])
        times.append(notebook.page.evaluate("clock.arrived()"))
        notebook.page.wait_for_timeout(REST)
    return np.array(times)


def watched(notebook: Notebook, index: int, kind: str) -> Locator:
    """Point the clock at the picture of a cell; return the cell."""
    cell = notebook.cell(index)
    cell.evaluate("(cell, kind) => clock.watch(cell, kind)", kind)
    return cell


def latencies(notebook: Notebook, moves: int) -> dict[str, np.ndarray]:
    """Move every control; the first presses, not counted, warm it up."""
    kernel_lab, interact, image = (notebook.cell(index) for index in (1, 2, 3))
    middle = kernel_lab.get_by_label("kernel weight, row 2, column 2")
    weight = kernel_lab.locator("label.hc-slider", has_text="Weight").locator("input")
    times = {}
    bare = watched(notebook, 4, "bare").locator("input[type=range]")
    times[FLOOR] = press(notebook, bare, ("ArrowRight", "ArrowLeft"), moves)
    controls = {
        "KernelLab, cell of the grid": (1, middle, ("ArrowUp", "ArrowDown")),
        "KernelLab, slider": (1, weight, ("ArrowRight", "ArrowLeft")),
        "interact, plt.show()": (
            *(2, interact.locator(".noUi-handle")),
            ("ArrowRight", "ArrowLeft"),
        ),
        "Image, figure that stays": (
            *(3, image.locator(".noUi-handle")),
            ("ArrowRight", "ArrowLeft"),
        ),
    }
    for name, (index, control, keys) in controls.items():
        watched(notebook, index, "canvas" if index == 1 else "image")
        press(notebook, control, keys, 2 * RUN)
        times[name] = press(notebook, control, keys, moves)
    return times


@contextlib.contextmanager
def meter(notebook: Notebook) -> Iterator[Callable[[], np.ndarray]]:
    """Give a function that returns kernel MB, page MB, DOM nodes and listeners.

    It asks the kernel through a connection of its own: whenever another cell becomes
    active, JupyterLab makes a new toolbar and keeps the old one, so running a cell in
    order to measure would itself take memory.
    """
    path = notebook.run(CELLS.index(WHICH_KERNEL)).strip()
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


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    quick = parser.parse_args().quick
    moves, many, warm_up, runs = (24, 100, 3, 6) if quick else (200, 1000, 10, 50)

    print(machine("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib"))
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyterlab(pathlib.Path(folder)) as lab,
        chromium(TRUE_SIZES) as browser,
    ):
        print(f"Chromium {browser.version}")
        notebook = lab.open(browser, lab.write("latency.ipynb", *CELLS))
        notebook.run_all()
        notebook.page.evaluate(CLOCK)
        times = latencies(notebook, moves)
        header(
            f"key press to changed picture, 256×256, ms, {moves} presses each",
            ["median", "95 %", "max", "frame", "÷ ours"],
        )
        ours = max(np.median(times[name][:, 0]) for name in list(times)[1:3])
        for name, pairs in times.items():
            changed, drawn = pairs.T
            middle = np.median(changed)
            low_high = np.percentile(changed, 95), changed.max()
            row(name, [middle, *low_high, np.median(drawn), middle / ours])
        row("wanted of KernelLab", ["≤ 16", "", "", "", "interact ≥ 10"])
        print(
            "\nframe: median time until the frame was drawn; ÷ ours: medians, against "
            "the slower of\nKernelLab's two."
        )

        rows = {}
        with meter(notebook) as read:
            watched(notebook, 1, "canvas")
            middle = notebook.cell(1).get_by_label("kernel weight, row 2, column 2")
            press(notebook, middle, ("ArrowUp", "ArrowDown"), many // 5)
            before = read()
            press(notebook, middle, ("ArrowUp", "ArrowDown"), many)
            rows[f"KernelLab, {many:,} key presses"] = read() - before
            for name, index in (("KernelLab", 1), ("interact", 2), ("plt.imshow", 4)):
                run_again(notebook, index, warm_up)
                before = read()
                run_again(notebook, index, runs)
                rows[f"{name}, cell run {runs} times"] = read() - before
        header(
            "growth of memory",
            ["kernel MB", "page MB", "DOM nodes", "listeners"],
        )
        for name, growth in rows.items():
            row(name, growth, digits=2)
        row("wanted of KernelLab", ["0"] * 4)
        print(
            f"\nafter garbage collection on both sides and {warm_up} runs to warm up."
        )
        if errors := notebook.errors():
            raise SystemExit("\n".join(errors))


if __name__ == "__main__":
    main()
