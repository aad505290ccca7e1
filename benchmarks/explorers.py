"""Claim: a key press in the explorers of lessons 02 to 09 is on the screen in a frame.

In a real JupyterLab, in headless Chromium, one page shows twenty of them, each
with as much on it as its lesson asks for, and ConvolutionStepper once more at its
largest. Arrow keys move their sliders, numbers, layers and lenses. Beside them stand
two cells a course would write, `ipywidgets.interact` around a function that ends in
``plt.show()``:

- *numbers*: an image, a kernel and their map as grids with a number in each cell, which
  is what the explorers of grids show;
- *photos*: a patch of 64 × 64, enlarged in five ways, as UpsamplingCompare shows it.

Then two controls once more while a kernel of KernelLearning learns without an end in
that page, with the longest script that the page ran meanwhile.

The clock runs from the key event's own time stamp to the last thing that the press
changed on the page: a number, a mark, a pixel. *Frame* is the time until the browser
has drawn that. KernelLab and what explorers leave in memory: see ``kernel_lab.py``.

Run ``python benchmarks/explorers.py [--quick]``. Nothing is asserted about time.
"""

import argparse
import pathlib
import re
import tempfile
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from _browser import CLOCK, press, watched
from _table import header, machine, row
from lab_browser import Notebook, chromium, jupyterlab
from playwright.sync_api import Locator

FLOOR = "a bare slider, no picture"

SETUP = """
import numpy as np
from helpers import drawings, experiments, images, ops
from helpers.networks import exported
from helpers.widgets import *
"""
# As large as the network of lesson 07.
PHOTO_NETWORK = """
from helpers.networks import export, models
reads = export.network(models.with_softmax(models.small_resnet()), weights="8 bits")
PhotoReader(reads)
"""
# As large as the network of lesson 09.
GO_NETWORK = """
from helpers.networks import beyond, export
GoBoard(export.network(beyond.go_policy(), weights="8 bits"))
"""
# As large as the network of lesson 09, whose vocabulary it has not.
SENTENCE_NETWORK = """
from helpers import texts
from helpers.networks import beyond, export
known = texts.Vocabulary(("", "<unknown>", *(f"word{n}" for n in range(8000))))
reads = beyond.sentence_cnn(len(known), length=56)
SentenceScanner("word7 " * 30, export.network(reads, weights="8 bits"),
                vocabulary=known, rows=30)
"""
EXPLORERS = {
    "ActivationGallery": 'ActivationGallery("elu", "prelu")',
    "… its softmax": 'ActivationGallery("softmax", logits=[2, 1, 0, -1, -2])',
    "ArchitectureTable": "ArchitectureTable()",
    "AugmentationSampler": "AugmentationSampler()",
    "… as in 2012": 'AugmentationSampler(crop="fixed size", size=224)',
    "BackpropStepper": 'BackpropStepper("convolution")',
    "CureLab": """
CureLab(
    experiments.read("mnist"),
    {
        "100 pictures, dense": (),
        "100 pictures, convolutional": ("convolution",),
        "10,000 pictures, convolutional": ("convolution", "more pictures"),
    },
)
""",
    "DescentRace": 'DescentRace("bumpy", steps=200)',
    "DigitPad": "DigitPad(strokes=drawings.drawn_digits()[0].strokes)",
    "… its errors": 'pad = DigitPad("quickdraw")\npad.errors = True\npad',
    "DreamScrubber": """
rows, columns = np.mgrid[:224, :224]
wave = np.stack([np.sin((rows + k * columns) / 9) for k in range(3)], -1)
steps = [127 + 5 * k * wave for k in range(12)]
values = {name: np.arange(120.0) for name in ("block 4", "block 5")}
dreams = {"block 4": steps, "block 5": steps}
DreamScrubber(dreams, steps[0], values=values, right="block 5", difference=True)
""",
    "DropoutViewer": "DropoutViewer(draw=200)",
    "FoolIt": "FoolIt()",
    "… in ten steps": "FoolIt(steps=10, target=8)",
    "GradientFlow": 'GradientFlow("relu", "he_normal")',
    "GoBoard": GO_NETWORK,
    "KernelLearning": "KernelLearning(size=7, noise=1, batch=4)",
    "ConvolutionStepper": 'ConvolutionStepper("binary", padding=1)',
    "… at its largest": """
rng = np.random.default_rng(0)
largest = rng.integers(0, 9, (12, 12)), rng.integers(-2, 3, (3, 3, 1, 4))
ConvolutionStepper(*largest, padding=2)
""",
    "ChannelSum": 'ChannelSum("flower", "red_detector")',
    "ReceptiveField": "ReceptiveField([(3, 1), (2, 2), (3, 1)])",
    "PhotoReader": PHOTO_NETWORK,
    "PoolingStepper": 'PoolingStepper("overlapping", view="gradient")',
    "SentenceScanner": SENTENCE_NETWORK,
    "ShiftTest": 'ShiftTest("digit 4", twice=True)',
    "SpectrogramLab": 'SpectrogramLab("changing hum")',
    "TransposedPainter": 'TransposedPainter("bilinear")',
    "UpsamplingCompare": 'UpsamplingCompare("astronaut")',
    "WhyMap": 'WhyMap("flowers", random_weights=True)',
    "… of every pixel": 'WhyMap("flowers", method="saliency", random_weights=True)',
    "FilterBrowser": """
digits = np.stack([images.digit(k) for k in range(10)])
FilterBrowser(exported.shipped("mnist"), digits, [exported.shipped("mnist")] * 11)
""",
    "MistakeBrowser": """
rng = np.random.default_rng(0)
labels = rng.integers(0, 10, 10_000)
shares = rng.dirichlet(np.ones(10) / 2, 10_000)
MistakeBrowser(digits[labels], labels, shares)
""",
    "UnitBrowser": "UnitBrowser(layer='bend3')",
}
NUMBERS = """
import matplotlib.pyplot as plt
from ipywidgets import IntSlider, interact

image = np.arange(49.0).reshape(7, 7)
kernel = np.array([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]])

@interact(corner=IntSlider(0, min=-10, max=10))
def show(corner):
    image[0, 0] = corner
    arrays = [image, kernel, ops.conv2d(image, kernel)]
    figure, axes = plt.subplots(1, 3, figsize=(9, 3))
    for axis, array in zip(axes, arrays):
        axis.imshow(array, cmap="RdBu_r")
        axis.axis("off")
        for (i, j), value in np.ndenumerate(array):
            axis.text(j, i, f"{value:g}", ha="center", va="center")
    plt.show()
"""
PHOTOS = """
patch = images.photo("astronaut", size=256)[20:84, 78:142].astype(float)

@interact(weight=IntSlider(1, min=-10, max=10))
def enlarged(weight):
    mean = ops.pool2d(patch, reduce="mean")
    largest, places = ops.pool2d(patch, return_indices=True)
    kernel = np.full((3, 3), 4 / 9)
    kernel[1, 1] = weight
    nearest = ops.upsample2d(mean)
    pictures = [
        patch,
        nearest,
        ops.upsample2d(mean, method="bilinear"),
        ops.unpool2d(largest, places, patch.shape),
        ops.conv_transpose2d(mean, kernel, stride=2, padding="same"),
        ops.conv2d(nearest, kernel / 4, padding="same"),
    ]
    figure, axes = plt.subplots(2, 3, figsize=(9, 6))
    for axis, picture in zip(axes.flat, pictures):
        axis.imshow(picture, cmap="gray", vmin=0, vmax=255)
        axis.axis("off")
    plt.show()
"""
PEERS = {"interact, numbers": NUMBERS, "interact, photos": PHOTOS}
CELLS = [SETUP, *EXPLORERS.values(), *PEERS.values()]

UP = ("ArrowUp", "ArrowDown")
RIGHT = ("ArrowRight", "ArrowLeft")
LEFT = ("ArrowLeft", "ArrowRight")
TYPING = "a", "Backspace"


class Move(NamedTuple):
    """What is pressed: a control, found in its cell, and the two arrows in turn."""

    label: str
    locate: Callable[[Locator], Locator]
    keys: tuple[str, str]
    run: int  # presses of one arrow before the other


def slider(label: str, keys: tuple[str, str] = RIGHT, run: int = 1) -> Move:
    """Move the slider whose name begins with the label; to and fro unless `run`."""
    name = re.compile(f"^{label}")
    return Move(label, lambda cell: cell.get_by_role("slider", name=name), keys, run)


def number(label: str) -> Move:
    """Count a number of a grid or of a layer up and down."""
    return Move(label, lambda cell: cell.get_by_label(label, exact=True), UP, 2)


GRIDS = (number("input, row 1, column 1"), slider("Input size"))
MOVES = {
    "ActivationGallery": (
        slider("x", LEFT, 8),
        slider("ELU’s alpha", RIGHT, 4),
    ),
    "… its softmax": (
        slider("Temperature", LEFT, 8),
        slider("Classes", LEFT),
        number("logit 1"),
    ),
    "ArchitectureTable": (
        number("kernel of filters1"),
        number("number of classes"),
        slider("Input", LEFT, 8),
        slider("Width", LEFT, 8),
    ),
    "AugmentationSampler": (
        slider("Least window", RIGHT, 8),
        slider("Turn up to", RIGHT, 8),
        slider("Colour", RIGHT, 8),
        Move("view", lambda cell: cell.locator(".hc-pick").first, RIGHT, 1),
    ),
    "… as in 2012": (slider("Colour", RIGHT, 8), slider("Turn up to", RIGHT, 8)),
    "BackpropStepper": (
        number("x[0,0]"),
        slider("Step", LEFT, 8),
        slider("Learning rate", RIGHT, 8),
    ),
    "CureLab": (slider("Epoch", LEFT, 8), slider("Patience", RIGHT, 8)),
    "DescentRace": (
        slider("Learning rate", RIGHT, 4),
        Move("ball", lambda cell: cell.locator(".hc-ball"), RIGHT, 6),
        slider("Step$", LEFT, 8),
    ),
    # A dot of the pen, which goes down and up: all layers, twice.
    "DigitPad": (
        Move("pen", lambda cell: cell.locator(".dp-pad"), ("Space", "Space"), 1),
        slider("Turn", RIGHT, 8),
        slider("Layer", RIGHT, 4),
    ),
    "… its errors": (
        Move("pen", lambda cell: cell.locator(".dp-pad"), ("Space", "Space"), 1),
    ),
    "DreamScrubber": (slider("Picture", RIGHT, 8),),
    "DropoutViewer": (
        slider("Rate", RIGHT, 8),
        slider("Draw", RIGHT, 8),
        slider("Unit", RIGHT, 8),
    ),
    # Depth: what the slider says. The bars follow from a worker, a frame or two later.
    "GradientFlow": (slider("Layer", RIGHT, 8), slider("Depth", LEFT, 8)),
    # A new run changes the page again and again; its history stands still.
    "KernelLearning": (slider("Step", LEFT, 8), slider("Picture shown", RIGHT, 3)),
    "ConvolutionStepper": (
        *GRIDS,
        slider("Step", LEFT, 8),
        *map(slider, ("Stride", "Dilation", "Kernel size", "Filters")),
    ),
    "… at its largest": (
        number("input, row 1, column 1"),
        slider("Input size", LEFT),
        slider("Step", LEFT, 8),
        slider("Stride"),
    ),
    "ChannelSum": (
        number("red plane, row 1, column 1"),
        slider("Bias"),
        slider("Step", LEFT, 4),
    ),
    "ReceptiveField": (
        number("kernel of layer 1"),
        slider("Input", RIGHT, 8),
        Move("unit", lambda cell: cell.locator(".rf-plane").first, RIGHT, 3),
    ),
    "FoolIt": (slider("Strength", RIGHT, 8),),
    # Its picture follows from a worker, some frames later.
    "… in ten steps": (slider("Strength", RIGHT, 8),),
    # What the network gets; its answer follows from a worker, some frames later.
    "PhotoReader": (
        slider("Turn", RIGHT, 8),
        slider("Brightness", RIGHT, 8),
        Move("patch", lambda cell: cell.get_by_role("application").nth(1), RIGHT, 4),
    ),
    # The position; the network's answer follows from a worker, some frames later.
    "GoBoard": (
        slider("Move", LEFT, 8),
        Move("cursor", lambda cell: cell.get_by_role("grid"), RIGHT, 4),
    ),
    "PoolingStepper": (*GRIDS, slider("Window"), slider("Step", LEFT, 4)),
    "SentenceScanner": (
        Move(
            "sentence", lambda cell: cell.get_by_role("textbox"), ("a", "Backspace"), 8
        ),
        slider("Window", LEFT, 8),
        slider("Filters", LEFT, 8),
    ),
    "ShiftTest": (slider("Columns right", RIGHT, 6), slider("Window")),
    "SpectrogramLab": (
        number("kernel weight, row 1, column 1"),
        slider("Window", RIGHT, 2),
        slider("Hop", RIGHT, 8),
        slider("Step", LEFT, 8),
    ),
    "TransposedPainter": (*GRIDS, slider("Stamp", LEFT, 3), slider("Stride")),
    "UpsamplingCompare": (
        slider("Kernel size"),
        slider("Patch row", RIGHT, 8),
        slider("Lens row", RIGHT, 8),
    ),
    **dict.fromkeys(
        ["WhyMap", "… of every pixel"],
        (
            slider("Strength", LEFT, 8),
            Move("patch", lambda cell: cell.get_by_role("application"), RIGHT, 4),
        ),
    ),
    "FilterBrowser": (slider("Epoch", LEFT, 8), slider("Picture", RIGHT, 8)),
    "MistakeBrowser": (
        Move("cell", lambda cell: cell.locator("tbody td").first, RIGHT, 8),
        Move("picture", lambda cell: cell.locator(".hc-pick").first, RIGHT, 1),
    ),
    "UnitBrowser": (
        Move("unit", lambda cell: cell.get_by_role("application"), RIGHT, 4),
    ),
}

# The largest kernel and batch; it begins again as soon as it is done.
LEARNING = "KernelLearning"
LEARN_ON = """(cell) => {
  const button = [...cell.querySelectorAll("button")].find((one) =>
    one.textContent === "Train again");
  window.scripts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries().flatMap(({ scripts }) => scripts))
      scripts.push([one.duration, one.invoker, one.sourceFunctionName,
        one.sourceURL.split("/").at(-1).slice(0, 40)]);
  }).observe({ type: "long-animation-frame" });
  setInterval(() => button.textContent === "Train again" && button.click(), 20);
}"""
MEANWHILE = {
    "ActivationGallery": (slider("x", LEFT, 8), "explorer"),
    LEARNING: (slider("Picture shown", RIGHT, 3), "control"),
}


def latencies(notebook: Notebook, moves: int) -> Iterator[tuple[str, np.ndarray]]:
    """Press every control; the first presses, not counted, warm it up."""

    def timed(index: int, kind: str, control: Locator, keys, run) -> np.ndarray:
        watched(notebook, index, kind)
        press(notebook, control, keys, 8 * run, run)
        return press(notebook, control, keys, moves, run)

    first_peer = 1 + len(EXPLORERS)
    bare = watched(notebook, 0, "bare").locator("input[type=range]")
    yield FLOOR, press(notebook, bare, RIGHT, moves)
    for index, name in enumerate(EXPLORERS, 1):
        for move in MOVES[name]:
            control = move.locate(notebook.cell(index))
            times = timed(index, "explorer", control, move.keys, move.run)
            yield f"{name}: {move.label}", times
    for index, name in enumerate(PEERS, first_peer):
        handle = notebook.cell(index).locator(".noUi-handle")
        yield name, timed(index, "image", handle, RIGHT, 8)
    names = list(EXPLORERS)
    notebook.cell(1 + names.index(LEARNING)).evaluate(LEARN_ON)
    for name, (move, kind) in MEANWHILE.items():
        index = 1 + names.index(name)
        control = move.locate(notebook.cell(index))
        control.focus()
        times = timed(index, kind, control, move.keys, move.run)
        yield f"… a kernel learns, {name}: {move.label}", times


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    moves = 16 if parser.parse_args().quick else 96

    print(machine("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "matplotlib"))
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyterlab(pathlib.Path(folder)) as lab,
        chromium() as browser,
        lab.open(browser, lab.write("explorers.ipynb", *CELLS)) as notebook,
    ):
        print(f"Chromium {browser.version}")
        notebook.run_all()
        notebook.page.evaluate(CLOCK)
        header(
            f"key press to changed page, ms, {moves} presses each",
            ["median", "95 %", "max", "frame"],
        )
        for name, pairs in latencies(notebook, moves):
            changed, drawn = pairs.T
            low_high = np.percentile(changed, 95), changed.max()
            row(name, [np.median(changed), *low_high, np.median(drawn)])
        row("wanted of each explorer", ["≤ 16", "", "", ""])
        scripts = notebook.page.evaluate("scripts.sort(([a], [b]) => b - a)")
        print("\nframe: median time until the frame was drawn.")
        print("Longest scripts of the page in frames of more than 50 ms", end=" ")
        print("while a kernel learned:")
        for duration, *where in scripts[:5]:
            print(f"  {duration:.0f} ms", *filter(None, where), sep=", ")
        if errors := notebook.errors():
            raise SystemExit("\n".join(errors))


if __name__ == "__main__":
    main()
