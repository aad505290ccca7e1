"""Claim: drawings prepared as MNIST's digits were are read as MNIST's digits are.

Four tables. *MNIST* is prepared once more by `drawings.as_mnist`: as it is, and
enlarged, by repeating pixels and smoothly, anywhere on a larger sheet; how much a pixel
changes (of 255, on average) and how many digits do, what they are like after it (share
of ink, of gray in it, longer side, where the centre of mass lies), and how many of them
the shipped network reads rightly. *Pen*: the synthetic drawings' ink by the width of
the pen, beside MNIST's; `drawings.PEN` was chosen by these figures, before any network
had seen a drawing. *Synthetic drawings*: how many of them the network reads rightly,
prepared and as they lie (their picture averaged down to 28 × 28). *Time*: what a piece
of a stroke costs in a page, where a frame has 16 ms.

Run ``python benchmarks/drawings.py``; ``--sheet FILE`` also draws what was misread.
Nothing is asserted about time.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _browser import ROOT
from _table import header, machine, row
from lab_browser import chromium
from PIL import Image

from helpers import datasets, drawings
from helpers.networks import export, exported, models, probe

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from stage import PAGE, load

SHEET = 150  # pixels of the sheet that enlarged digits lie on
PENS = (0.06, 0.07, 0.08, 0.085, drawings.PEN, 0.09, 0.1, 0.12)

Pictures = np.ndarray

# Milliseconds: a piece of a stroke, the preparation, both of all strokes anew (after
# they were turned, say). A clock in a page has steps of 0.1 ms: many at a time.
TIME = """([strokes, groups, times]) => {
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const usual = (act) => median(Array.from({ length: groups }, () => {
    const start = performance.now();
    for (let k = 0; k < times; k++) act(k);
    return (performance.now() - start) / times;
  }));
  const picture = drawings.raster(strokes);
  const pieces = strokes.flatMap((stroke) => drawings.segments(stroke));
  return [
    usual((k) => drawings.addSegment(picture, ...pieces[k % pieces.length])),
    usual(() => drawings.asMnist(picture)),
    usual(() => drawings.asMnist(drawings.raster(strokes))),
  ];
}"""


def shipped() -> keras.Model:
    """Return the network that comes with the course."""
    model = models.with_softmax(models.mnist_better())
    export.load_weights(model, exported.shipped("mnist"))
    return model


def read(model: keras.Model, pictures: Pictures) -> np.ndarray:
    """Return which digit the network takes each picture for."""
    return probe.outputs(model, pictures[..., None].astype("float32")).argmax(axis=-1)


# -- MNIST -----------------------------------------------------------------------------


def enlarged(digit: Pictures, side: int, way: Image.Resampling) -> Pictures:
    """Return a digit with that side, in float."""
    return np.asarray(Image.fromarray(digit).resize((side, side), way), float)


def strewn(large: Pictures, rng: np.random.Generator) -> Pictures:
    """Return a digit somewhere on a sheet."""
    sheet = np.zeros((SHEET, SHEET))
    top, left = rng.integers(0, SHEET - len(large) + 1, 2)
    sheet[top : top + len(large), left : left + len(large)] = large
    return sheet


def ways() -> dict[str, Callable[[Pictures], Pictures]]:
    """Return what is done to a digit before it is prepared once more."""
    rng = np.random.default_rng(0)
    box, cubic = Image.Resampling.BOX, Image.Resampling.BICUBIC
    return {
        "as it is": lambda digit: digit,
        "4 times, pixels repeated": lambda d: strewn(enlarged(d, 112, box), rng),
        "4 times, smoothly": lambda d: strewn(enlarged(d, 112, cubic), rng),
        "5 times, smoothly": lambda d: strewn(enlarged(d, 140, cubic), rng),
        "3.57 times, smoothly": lambda d: strewn(enlarged(d, 100, cubic), rng),
    }


def grays(pictures: Pictures) -> np.ndarray:
    """Return which share of the ink is neither weak nor full: 10 to 90 % of white."""
    between = (pictures > 25.5) & (pictures < 229.5)
    return between.sum(axis=(1, 2)) / (pictures >= 0.5).sum(axis=(1, 2))


def looks(pictures: Pictures) -> list[str]:
    """Return mean ink, gray share, side of the box, offset of the centre of mass."""
    pictures = pictures.astype(float)
    at = np.arange(28) - 14
    mass = pictures.sum(axis=(1, 2))
    offsets = [pictures.sum(axis=axis) @ at / mass for axis in (1, 2)]
    sides = [np.ptp(np.nonzero(p >= 0.5), axis=1).max() + 1 for p in pictures]
    low, high = np.min(offsets), np.max(offsets)
    return [
        f"{100 * pictures.mean() / 255:.2f} %",
        f"{100 * grays(pictures).mean():.1f} %",
        f"{np.mean(sides):.2f}",
        f"{low:+.2f}…{high:+.2f}",
    ]


def prepared_again(model: keras.Model, digits: datasets.DataSet) -> None:
    """Print what preparation makes of the test digits."""
    tests, labels = digits.test_images, digits.test_labels
    columns = ["change", "changed", "ink", "gray", "box", "centre", "right"]
    header(f"{len(tests):,} test digits of {digits.name}, prepared", columns)

    def right(pictures: Pictures) -> str:
        return f"{100 * (read(model, pictures) == labels).mean():.2f} %"

    row("(before)", ["", "", *looks(tests), right(tests)])
    for name, way in ways().items():
        after = np.array([drawings.as_mnist(way(digit)) for digit in tests])
        change = np.abs(after - tests).mean(axis=(1, 2))
        changed = f"{(change > 1e-6).sum():,}"
        row(name, [f"{change.mean():.3f}", changed, *looks(after), right(after)])


# -- drawings --------------------------------------------------------------------------


def inked(one: drawings.DrawnDigit, pen: float = drawings.PEN) -> Pictures:
    """Return a drawing's raster, with a pen that is usually so wide."""
    return drawings.raster(one.strokes, width=one.width / drawings.PEN * pen)


def by_digit(shares: np.ndarray, labels: Iterable[int]) -> float:
    """Return the mean over the ten digits of each one's mean, in percent."""
    labels = np.asarray(labels)
    return 100 * float(np.mean([shares[labels == k].mean() for k in range(10)]))


def pens(digits: datasets.DataSet, drawn: list[drawings.DrawnDigit]) -> None:
    """Print the drawings' ink by the width of the pen."""
    header("The pen, in sides of the pad", ["ink, %", "gray, %", "full, %"])

    def line(name: str, pictures: Pictures, labels: Iterable[int]) -> None:
        flat = pictures.reshape(len(pictures), -1).astype(float)
        shares = flat.mean(axis=1) / 255, grays(pictures), (flat > 229.5).mean(axis=1)
        row(name, [by_digit(share, labels) for share in shares], 2)

    line(digits.name, digits.test_images, digits.test_labels)
    labels = [one.digit for one in drawn]
    for pen in PENS:
        line(
            f"{pen}",
            np.array([drawings.as_mnist(inked(d, pen)) for d in drawn]),
            labels,
        )


def as_it_lies(ink: Pictures) -> Pictures:
    """Return a raster averaged down to 28 × 28, 0 to 255."""
    step = len(ink) // 28
    return ink.reshape(28, step, 28, step).mean(axis=(1, 3)) * 255


def score(model: keras.Model, drawn: list[drawings.DrawnDigit]) -> np.ndarray:
    """Print how many drawings are read rightly; return what the prepared ones are."""
    rasters = [inked(one) for one in drawn]
    labels = np.array([one.digit for one in drawn])
    found = {
        "prepared": read(model, np.array([*map(drawings.as_mnist, rasters)])),
        "as they lie": read(model, np.array([*map(as_it_lies, rasters)])),
    }
    header(f"{len(drawn)} synthetic drawings, right in %", [*found, "taken for"])

    def line(name: str, which: np.ndarray) -> None:
        right = [100 * (read[which] == labels[which]).mean() for read in found.values()]
        wrong = found["prepared"][which]
        taken = sorted(map(str, wrong[wrong != labels[which]]))
        row(name, [*(f"{share:.1f}" for share in right), " ".join(taken)])

    line("all", labels >= 0)
    for digit in range(10):
        line(f"{digit}", labels == digit)
    templates = np.array([one.template for one in drawn])
    for template in dict.fromkeys(templates):
        line(template, templates == template)
    return found["prepared"]


def draw_misread(drawn: list[drawings.DrawnDigit], found: np.ndarray, to: str) -> None:
    """Draw what was misread: rows of rasters, with what the network saw beside them."""
    wrong = [one for one, k in zip(drawn, found, strict=True) if one.digit != k]
    cells = [
        np.hstack(
            [255 * inked(d), np.kron(drawings.as_mnist(inked(d)), np.ones((4, 4)))]
        )
        for d in wrong
    ]
    blank = np.zeros((112, 224))
    cells += [blank] * (-len(cells) % 4)
    rows = [np.hstack(cells[k : k + 4]) for k in range(0, len(cells), 4)]
    Image.fromarray(np.vstack(rows or [blank]).astype(np.uint8)).save(to)


def times(drawn: list[drawings.DrawnDigit]) -> None:
    """Print what drawing costs in a page."""
    with chromium() as browser:
        page = browser.new_page()
        page.set_content(PAGE)
        load(page, "parts/drawings.js")
        found = [page.evaluate(TIME, [one.strokes, 15, 20]) for one in drawn[::12]]
        header(f"Chromium {browser.version}, ms", ["median", "most"])
    names = "a piece of a stroke", "preparation", "all strokes anew, preparation"
    for name, some in zip(names, zip(*found, strict=True), strict=True):
        row(name, [float(np.median(some)), max(some)], 3)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sheet", metavar="FILE", help="draw what was misread")
    sheet = parser.parse_args().sheet
    print(machine("keras", "numpy", "pillow"))
    digits, drawn, model = datasets.load_mnist(), drawings.drawn_digits(), shipped()
    prepared_again(model, digits)
    pens(digits, drawn)
    found = score(model, drawn)
    if sheet:
        draw_misread(drawn, found, sheet)
    times(drawn)


if __name__ == "__main__":
    main()
