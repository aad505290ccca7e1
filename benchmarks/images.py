"""Claim: a photo of 50 megapixels is read in at most 600 MB, whatever it holds.

Each row is a process of its own, which reads one file with `images.load`, or as anybody
would with Pillow or scikit-image: open, convert, shrink to 512 pixels. Its memory is
the most that it ever held (``ru_maxrss``), libraries included; its time is that of the
reading alone. Results may differ by the way each shrinks; the largest mean difference
from ours is printed, so that nobody compares two different pictures.

Run ``python benchmarks/images.py``. The pictures are made first, enlarged photographs
with some noise, which takes a minute. Nothing is asserted about time.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from _table import header, machine, row

PIXELS = (8192, 6144)  # 50 megapixels

MAKE = """
import sys, numpy as np
from PIL import Image
from helpers import images
folder, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
photo = Image.fromarray(images.photo("astronaut", colour=True))
photo = photo.resize((width, height), Image.Resampling.BICUBIC)
photo.save(f"{folder}/RGB.png", compress_level=1)
photo.convert("RGBA").save(f"{folder}/RGBA.png", compress_level=1)
photo.quantize(64).save(f"{folder}/palette.png", compress_level=1)
deep = np.asarray(photo.convert("L")).astype(np.uint16) * 257
Image.fromarray(deep).save(f"{folder}/16 bits.png", compress_level=1)
photo.save(f"{folder}/RGB.jpeg", quality=90)
"""

# What each process does, after `path` and `colour` are set; it leaves `result`.
READERS = {
    "images.load": """
from helpers import images
start = time.perf_counter()
result = images.load(path, size=512, colour=colour)
""",
    "Pillow: open, convert, thumbnail": """
from PIL import Image
start = time.perf_counter()
with Image.open(path) as picture:
    picture = picture.convert("RGB" if colour else "L")
    picture.thumbnail((512, 512))
result = np.asarray(picture)
""",
    "scikit-image: imread, rgb2gray, resize": """
from skimage import color, io, transform
start = time.perf_counter()
picture = io.imread(path)
if picture.ndim == 3:
    picture = picture[..., :3] if colour else color.rgb2gray(picture[..., :3])
size = (512 * picture.shape[0] // picture.shape[1], 512)
result = transform.resize(picture, size, anti_aliasing=True) * 255
""",
}

READ = """
import json, resource, sys, time
import numpy as np
path, colour = sys.argv[1], sys.argv[2] == "colour"
{reader}
seconds = time.perf_counter() - start
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
most = most / 1e6 if sys.platform == "darwin" else most / 1e3
gray = np.asarray(result, float).reshape(*result.shape[:2], -1).mean(axis=2)
print(json.dumps([most, seconds, gray[::16, ::16].round(2).tolist()]))
"""


def python(code: str, *arguments: str) -> str:
    """Run a program in a process of its own and return what it prints."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def far_apart(ours: list[list[float]], theirs: list[list[float]]) -> float:
    """Return the mean difference between two small gray pictures."""
    pairs = [
        (a, b)
        for mine, other in zip(ours, theirs, strict=True)
        for a, b in zip(mine, other, strict=True)
    ]
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


def main() -> None:
    """Print the tables."""
    print(machine("Pillow", "scikit-image", "numpy"))
    with tempfile.TemporaryDirectory() as folder:
        python(MAKE, folder, *map(str, PIXELS))
        for name in ("RGB.png", "RGBA.png", "palette.png", "16 bits.png", "RGB.jpeg"):
            path = Path(folder, name)
            size = path.stat().st_size / 1e6
            for colour in ("gray", "colour"):
                title = f"{name}, {PIXELS[0]} × {PIXELS[1]}, {size:.0f} MB → {colour}"
                header(title, ("MB", "seconds", "apart"))
                ours: list[list[float]] = []
                for reader, code in READERS.items():
                    out = python(READ.format(reader=code), str(path), colour)
                    most, seconds, small = json.loads(out)
                    ours = ours or small
                    apart = far_apart(ours, small) if len(small) == len(ours) else "–"
                    row(reader, (f"{most:,.0f}", seconds, apart))


if __name__ == "__main__":
    main()
