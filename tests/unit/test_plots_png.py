"""What is stored is what was drawn: gray and few colours exactly, the rest nearly."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import images, kernels, ops, plots
from helpers.plots import _png

PHOTO = images.photo("astronaut", size=96)
COLOURED = ("astronaut", "coffee", "chelsea", "rocket")
EDGES = ops.conv2d(PHOTO, kernels.named("vertical_edges"), padding="same", mode="edge")
CHARTS = {
    "a photo with a frame, and numbers": lambda: plots.zoom(PHOTO, (19, 42, 9, 9)),
    "a photo, a kernel, a signed map": lambda: plots.filtering(
        PHOTO, kernels.named("vertical_edges"), EDGES, limit=400
    ),
    "signed maps": lambda: plots.signed([EDGES, EDGES.T, -EDGES], limit=400),
    "kernels": lambda: plots.kernels(kernels.BANK),
    "curves": lambda: plots.curves([0, 1, 2], {"up": [0, 1, 2], "down": [2, 1, 0]}),
    "a landscape": lambda: plots.contours(
        np.add.outer(np.arange(9.0) ** 2, np.arange(9.0) ** 2), range(9), range(9)
    ),
    "wires": lambda: plots.wiring(np.arange(36.0).reshape(4, 9)),
}


def decoded(png):
    return Image.open(io.BytesIO(png))


def differences(png, pixels):
    """How far every channel of every pixel is from what was drawn."""
    stored = np.asarray(decoded(png).convert("RGB")).astype(int)
    assert stored.shape == pixels.shape
    return np.abs(stored - pixels)


def off(png, pixels):
    """How far the worst of them is."""
    return differences(png, pixels).max()


@pytest.fixture
def drawn(monkeypatch):
    """Return the pixels that a picture draws, and its PNG."""

    def both(picture):
        kept = []
        encoded = _png.encoded
        monkeypatch.setattr(_png, "encoded", lambda p: kept.append(p) or encoded(p))
        png = picture.to_png()
        monkeypatch.undo()
        return kept[0], png

    return both


def test_gray_is_stored_exactly():
    pixels = np.repeat(PHOTO[..., np.newaxis], 3, axis=-1)
    assert decoded(_png.encoded(pixels)).mode == "L"
    assert off(_png.encoded(pixels), pixels) == 0


@pytest.mark.parametrize("count", [2, 3, 255, 256])
def test_few_colours_are_stored_exactly(count):
    rng = np.random.default_rng(count)
    colours = rng.integers(0, 256, (count, 3), dtype=np.uint8)
    pixels = colours[np.arange(40 * 50) % count].reshape(40, 50, 3)
    assert decoded(_png.encoded(pixels)).mode == "P"
    assert off(_png.encoded(pixels), pixels) == 0


@pytest.mark.parametrize("size", [96, 160])
@pytest.mark.parametrize("name", COLOURED)
def test_colour_photos_are_stored_in_true_colour(name, size, drawn):
    photo = images.photo(name, size=size, colour=True)
    for picture in (plots.images([photo, photo[..., ::-1]]), plots.channels(photo)):
        pixels, png = drawn(picture)
        assert decoded(png).mode == "RGB"
        assert off(png, pixels) <= 1
        assert decoded(png).getpixel((0, 0)) == (255, 255, 255)


def test_a_palette_would_falsify_a_colour_photo(drawn):
    """Why there is true colour: Pillow's best 256 are off by dozens."""
    pixels, _ = drawn(plots.channels(images.photo("astronaut", size=128, colour=True)))
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(256, dither=Image.Dither.NONE).save(file, "png")
    assert off(file.getvalue(), pixels) > 30


def test_rounding_true_colour_pays(drawn):
    photo = images.photo("coffee", size=96, colour=True)
    pixels, png = drawn(plots.images(photo))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png", optimize=True)
    assert len(png) < 0.85 * len(file.getvalue())


@pytest.mark.parametrize("draw", CHARTS.values(), ids=CHARTS)
def test_charts_are_stored_with_nearly_their_colours(draw, drawn):
    pixels, png = drawn(draw())
    assert decoded(png).mode == "P"
    assert off(png, pixels) <= _png.PALETTE_OFF
    assert differences(png, pixels).mean() <= _png.PALETTE_MEAN
    stored = np.asarray(decoded(png).convert("RGB"))
    white = (pixels == 255).all(axis=-1)
    assert (stored[white] == 255).all()
    gray = (pixels[..., :1] == pixels).all(axis=-1)
    assert np.ptp(stored[gray].astype(int), axis=-1).max() <= 6  # no tint to be seen
    assert len(png) < pixels.size / 6  # half a byte a pixel


def test_a_thin_line_keeps_its_colour_beside_many_others():
    ramp = np.arange(256, dtype=np.uint8)
    rows = [[v, v, v] for v in ramp] + [[255, v, v] for v in ramp[:-1:4]]
    pixels = np.array([rows] * 200, np.uint8)
    pixels[0, 0] = 12, 200, 34
    assert decoded(_png.encoded(pixels)).mode == "P"
    stored = np.asarray(decoded(_png.encoded(pixels)).convert("RGB")).astype(int)
    assert np.abs(stored[0, 0] - [12, 200, 34]).max() == 0
    assert off(_png.encoded(pixels), pixels) <= _png.PALETTE_OFF


def test_where_a_palette_would_be_far_off_there_is_none():
    rng = np.random.default_rng(0)
    for count in (600, 5000):  # too different, and too many
        colours = rng.integers(0, 256, (count, 3), dtype=np.uint8)
        pixels = np.resize(colours, (80, 90, 3))
        assert decoded(_png.encoded(pixels)).mode == "RGB"
        assert off(_png.encoded(pixels), pixels) <= _png.COLOUR_OFF


def test_many_colour_photos_are_stored_smaller_all_by_the_same_factor():
    photo = images.photo("astronaut", size=128, colour=True)
    shapes = {
        count: {
            ax.images[0].get_array().shape for ax in plots.images([photo] * count).axes
        }
        for count in (1, 3, 4, 12)
    }
    assert shapes[1] == shapes[3] == {(128, 128, 3)}
    assert shapes[4] == {(111, 111, 3)}  # 4 · 111² is nearly 3 · 128²
    assert shapes[12] == {(64, 64, 3)}
    assert {ax.images[0].get_array().shape for ax in plots.channels(photo).axes} == {
        (128, 128, 3)  # three of the four have one plane each
    }
    gray = plots.images([photo[..., 0]] * 12)
    assert {ax.images[0].get_array().shape for ax in gray.axes} == {(128, 128)}


def test_a_smaller_photo_has_the_means_of_its_pixels():
    photo = images.photo("coffee", size=400, colour=True)
    picture = plots.images([photo])
    (shown,) = (ax.images[0].get_array() for ax in picture.axes)
    assert shown.shape[0] < 256
    assert np.abs(shown.mean(axis=(0, 1)) - photo.mean(axis=(0, 1))).max() < 1
    assert f"{len(photo)} × {len(photo)} pixels, colour" in picture.alt
