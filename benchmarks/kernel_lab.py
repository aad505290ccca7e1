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
import pathlib
import tempfile

import numpy as np
from _browser import (
    CLOCK,
    RUN,
    TRUE_SIZES,
    WHICH_KERNEL,
    meter,
    press,
    run_again,
    watched,
)
from _table import header, machine, row
from lab_browser import Notebook, chromium, jupyterlab

FLOOR = "a bare slider, no picture"

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
CELLS = [SETUP, KERNEL_LAB, INTERACT, IMAGE, PLAIN, WHICH_KERNEL]


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
        lab.open(browser, lab.write("latency.ipynb", *CELLS)) as notebook,
    ):
        print(f"Chromium {browser.version}")
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
        with meter(notebook, CELLS.index(WHICH_KERNEL)) as read:
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
