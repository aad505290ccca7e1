"""Claim: the picture of a 5000 × 5000 image takes a third of imshow's memory, or less.

Each kind of picture of pixels is drawn in a process of its own: the largest size that
the process ever had, less what it had once the array was there, is the memory of the
drawing. The peer is the same array drawn by Matplotlib alone, ``imshow`` on a figure of
the same size. Times are beside it, from the call to the bytes of the PNG.

Run ``python benchmarks/plots.py [--quick]``; nothing is asserted about time.
"""

import argparse
import json
import subprocess
import sys

from _table import header, machine, row

COMMON = """
import io, json, resource, sys, time
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from helpers import plots
plots.images(np.eye(4)).to_png()  # all that is loaded once is loaded
rng = np.random.default_rng(0)
array = {array}
def peer():
    figure = Figure((7, 7), dpi=200)
    FigureCanvasAgg(figure)
    figure.add_subplot().imshow(array{plane}, cmap="gray")
    figure.savefig(io.BytesIO(), format="png")
def megabytes():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
before, start = megabytes(), time.perf_counter()
{call}
seconds = time.perf_counter() - start
print(json.dumps([array.nbytes / 1e6, megabytes() - before, seconds]))
"""
GRAY = "rng.integers(0, 256, ({n}, {n}), dtype=np.uint8)"
FLOAT = "rng.random(({n}, {n})) - 0.5"
COLOUR = "rng.integers(0, 256, ({n}, {n}, 3), dtype=np.uint8)"
MAPS = "rng.random(({n} // 4, {n} // 4, 16), dtype=np.float32)"
KINDS = {
    "images, gray bytes": (GRAY, "plots.images(array).to_png()"),
    "images, colour bytes": (COLOUR, "plots.images(array).to_png()"),
    "channels": (COLOUR, "plots.channels(array).to_png()"),
    "zoom": (GRAY, "plots.zoom(array, (9, 9, 8, 8)).to_png()"),
    "signed, float64": (FLOAT, "plots.signed(array).to_png()"),
    "feature_maps, 16 of 1250 × 1250": (MAPS, "plots.feature_maps(array).to_png()"),
}


def measured(array: str, call: str, side: int) -> list[float]:
    """Return megabytes of the array and of the drawing, and seconds."""
    plane = ".transpose(0, 2, 1).reshape(len(array), -1)" if array is MAPS else ""
    code = COMMON.format(array=array.format(n=side), call=call, plane=plane)
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def main() -> None:
    """Measure every kind beside its peer, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1000 pixels a side")
    side = 1000 if parser.parse_args().quick else 5000
    print(machine("matplotlib", "numpy"))
    header(
        f"{side} × {side} pixels: megabytes and seconds",
        ["array", "ours", "peer", "ours, s", "peer, s"],
    )
    for name, (array, call) in KINDS.items():
        size, ours, seconds = measured(array, call, side)
        _, peer, plain = measured(array, "peer()", side)
        row(name, [size, ours, peer, f"{seconds:.2f}", f"{plain:.2f}"], digits=0)


if __name__ == "__main__":
    main()
