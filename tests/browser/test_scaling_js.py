"""parts/scaling.js gives the very bytes that Pillow gives, in a real page."""

import base64

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers import images

CASES = 150

SCALE = """(cases) => cases.map(({ text, shape, part, size }) => {
  const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const made = scaling.squareOf({ shape, data }, part, size);
  let out = "";
  for (const byte of made.data) out += String.fromCharCode(byte);
  return [made.shape, btoa(out)];
})"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/scaling.js")
        yield page


def random_case(rng):
    """Noise, smooth or of black and white, and a square of it."""
    rows, cols = map(int, rng.integers(1, 150, 2))
    photo = rng.integers(0, 256, (rows, cols, 3), np.uint8)
    if rng.random() < 0.5:
        photo = (photo > 127).astype(np.uint8) * 255  # bicubic leaves 0 to 255
    side = int(rng.integers(1, min(rows, cols) + 1))
    part = (
        int(rng.integers(0, rows - side + 1)),
        int(rng.integers(0, cols - side + 1)),
    )
    size = side if rng.random() < 0.1 else int(rng.integers(1, 140))
    return photo, (*part, side), size


def test_every_byte_is_pillows(page):
    rng = np.random.default_rng(4)
    cases = [random_case(rng) for _ in range(CASES)]
    given = [
        {
            "text": base64.b64encode(photo.tobytes()).decode(),
            "shape": list(photo.shape),
            "part": list(part),
            "size": size,
        }
        for photo, part, size in cases
    ]
    made = page.evaluate(SCALE, given)
    for (photo, part, size), (shape, text) in zip(cases, made, strict=True):
        wanted = images.square(photo, size, part=part)
        found = np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)
        np.testing.assert_array_equal(found, wanted, err_msg=f"{part} to {size}")
    sides = np.array([[part[2], size] for _, part, size in cases])
    ways = np.sign(sides[:, 0] - sides[:, 1])
    assert all((ways == way).sum() > 5 for way in (-1, 0, 1))
