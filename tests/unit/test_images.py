import base64
import contextlib
import io
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2gray

from helpers import _arguments, images

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (12, 17, 3), dtype=np.uint8)
GRAY = COLOUR[..., 0].copy()


def pillow_reads_avif():
    try:
        from PIL import AvifImagePlugin
    except ImportError:  # before Pillow 11.3
        return False
    return AvifImagePlugin.SUPPORTED


def encoded(picture, kind="png", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


# ---- the samples ----


@pytest.mark.parametrize("name", images.names())
def test_samples(name):
    gray = images.photo(name, size=64)
    colour = images.photo(name, size=64, colour=True)
    assert gray.shape == (64, 64)
    assert colour.shape == (64, 64, 3)
    assert gray.dtype == colour.dtype == np.uint8
    assert gray.std() > 10
    ours = name in {"sunflower", "starry_night"}
    assert ("the course" if ours else "scikit-image") in images.credit(name)
    full = images.photo(name)
    assert full.shape[0] == full.shape[1] >= 300
    np.testing.assert_array_equal(images.photo(name, size=64), gray)


def test_samples_are_scikit_images():
    from skimage import data

    np.testing.assert_array_equal(
        images.photo("astronaut", colour=True), data.astronaut()
    )
    np.testing.assert_array_equal(images.photo("camera"), data.camera())


def test_the_painting_is_small_and_in_colour(root):
    assert (root / "data" / "starry_night.jpg").stat().st_size <= 60_000
    painting = images.photo("starry_night", colour=True)
    assert painting.shape == (320, 320, 3)
    sky = painting[:100].mean(axis=(0, 1))
    assert sky[2] > sky[0] + 10  # more blue than red
    assert "Vincent van Gogh" in images.credit("starry_night")


def test_samples_survive_a_scikit_image_that_keeps_them_elsewhere(monkeypatch):
    wanted = images.photo("camera")
    monkeypatch.setitem(images._PHOTOS, "camera", images._Photo("gone/camera.png", ""))
    np.testing.assert_array_equal(images.photo("camera"), wanted)


def test_samples_are_fresh():
    images.photo("coins")[:] = 0
    assert images.photo("coins").any()


def test_unknown_sample():
    said = (
        r'^name: got \'chelsey\'. Did you mean "chelsea"\? Give "astronaut", "chelsea"'
    )
    with pytest.raises(ValueError, match=said):
        images.photo("chelsey")
    with pytest.raises(ValueError, match=r"images\.load"):
        images.credit(None)
    with pytest.raises(ValueError, match=r"name: got 'digits'. Did you mean .digit."):
        images.credit("digits")


@pytest.mark.parametrize("name", [["camera"], np.array([1, 2]), {}, b"camera", 3])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match=r'^name: got .* Give "astronaut"'):
        images.photo(name)


@pytest.mark.parametrize("size", [0, -1, 2.5, "8", True, 10**6])
def test_impossible_size(size):
    said = f"^size: got {size!r}. Give a whole number from 1 to 4096"
    with pytest.raises(ValueError, match=said):
        images.photo("camera", size=size)
    with pytest.raises(ValueError, match=said):
        images.load(encoded(Image.fromarray(GRAY)), size=size)


def test_import_is_light():
    code = (
        "import sys, helpers.images\n"
        "helpers.images.photo('astronaut', size=64)\n"
        "helpers.images.digit(3)\n"
        "heavy = ('skimage', 'sklearn', 'matplotlib', 'scipy')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


# ---- handwritten digits ----


@pytest.fixture
def digits_unread():
    """Make the digits be read anew, here and in the tests that follow."""
    images._digits.cache_clear()
    yield
    images._digits.cache_clear()


@pytest.mark.parametrize("label", range(10))
def test_digits(label):
    picture = images.digit(label)
    assert picture.shape == (28, 28)
    assert picture.dtype == np.uint8
    margins = picture.copy()
    margins[3:25, 3:25] = 0
    assert margins.max() < 40  # strokes end softly, just outside the box
    assert not margins[[0, 1, -2, -1]].any()
    assert picture.max() > 200
    assert 0.03 < picture.mean() / 255 < 0.4  # white ink on black
    assert not np.array_equal(picture, images.digit(label, index=1))


def test_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    digits = load_digits()
    for label, index in ((0, 0), (3, 5), (9, 100)):
        wanted = digits.images[digits.target == label][index]
        picture = images.digit(label, index=index, size=112)[16:96, 16:96]
        blocks = picture.reshape(8, 10, 8, 10).mean(axis=(1, 3)) / 255 * 16
        assert np.abs(blocks - wanted).mean() < 1
        assert np.corrcoef(blocks.ravel(), wanted.ravel())[0, 1] > 0.98


def test_every_digit_can_be_had():
    _, labels = images._digits()
    assert len(labels) == 1797
    for label, count in enumerate(np.bincount(labels)):
        assert images.digit(label, index=int(count) - 1).any()
        with pytest.raises(ValueError, match=f"got {count}. .*from 0 to {count - 1}"):
            images.digit(label, index=int(count))


@pytest.mark.parametrize("size", [28, 9])
def test_all_digits_at_once(size):
    pictures, labels = images.digits(size=size)
    assert pictures.shape == (1797, size, size)
    assert pictures.dtype == np.uint8
    assert labels.dtype == np.int64
    for label, index in ((0, 0), (4, 17), (9, 179)):
        place = np.flatnonzero(labels == label)[index]
        wanted = images.digit(label, index=index, size=size)
        np.testing.assert_array_equal(pictures[place], wanted)
    pictures[:] = 0
    assert images.digits(size=size)[0].any()


@pytest.mark.parametrize("size", [7, 8.0, "28", None, True])
def test_all_digits_of_an_impossible_size(size):
    with pytest.raises(ValueError, match=r"^size: got .*a whole number from 8 to 4096"):
        images.digits(size=size)


@pytest.mark.parametrize("size", [8, 9, 28, 29, 64, 200])
def test_digits_of_any_size_stand_in_the_middle(size):
    rows = np.flatnonzero(images.digit(8, size=size).any(axis=1))
    assert abs(rows[0] - (size - 1 - rows[-1])) <= max(1, 0.06 * size)


def test_digits_are_fresh():
    images.digit(5)[:] = 0
    assert images.digit(5).any()


def test_digits_survive_a_scikit_learn_that_keeps_them_elsewhere(
    digits_unread, monkeypatch
):
    wanted = images.digit(6, index=2)
    images._digits.cache_clear()
    monkeypatch.setattr(images, "_DIGITS", images._Photo("gone.csv.gz", ""))
    np.testing.assert_array_equal(images.digit(6, index=2), wanted)


def test_digits_without_scikit_learn(digits_unread, monkeypatch):
    monkeypatch.setattr(images.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install scikit-learn"):
        images.digit(1)


@pytest.mark.parametrize("label", [-1, 10, 2.0, "7", None, True])
def test_impossible_label(label):
    with pytest.raises(ValueError, match=r"^label: got .*a whole number from 0 to 9"):
        images.digit(label)


@pytest.mark.parametrize("argument", ["index", "size"])
@pytest.mark.parametrize("value", [-1, 2.5, "8", True, 10**6])
def test_impossible_digit(argument, value):
    with pytest.raises(ValueError, match=f"^{argument}: got .*a whole number from"):
        images.digit(1, **{argument: value})


def test_credit_of_the_digits():
    assert "CC BY 4.0" in images.credit("digit")
    assert "scikit-learn" in images.credit("digit")


# ---- arithmetic on pixels ----


def test_gray_is_scikit_images():
    wanted = rgb2gray(COLOUR) * 255
    rounded = images.gray(COLOUR)
    assert rounded.dtype == np.uint8
    np.testing.assert_allclose(rounded, wanted, atol=0.5 + 1e-9)
    np.testing.assert_allclose(images.gray(COLOUR.astype(float)), wanted)


def test_gray_passes_gray_through_as_a_copy():
    for given in (GRAY, GRAY.astype(np.float32), GRAY[..., np.newaxis]):
        result = images.gray(given)
        np.testing.assert_array_equal(result, GRAY)
        assert not np.shares_memory(result, given)


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 2, 4)), np.zeros(3), 5, "x", [[1j]], [[1], [1, 2]], None]
)
def test_gray_refuses(bad):
    with pytest.raises(ValueError, match="image"):
        images.gray(bad)


@pytest.mark.parametrize("levels", [2, 3, 4, 8, 100, 256])
def test_quantise(levels):
    ramp = np.arange(256, dtype=np.uint8)
    result = images.quantise(ramp, levels)
    assert result.dtype == np.uint8
    found = np.unique(result)
    wanted = np.rint(np.linspace(0, 255, levels))
    np.testing.assert_array_equal(found, wanted)
    assert np.abs(result.astype(int) - ramp).max() <= 255 / (levels - 1) / 2 + 0.5
    assert (np.diff(result.astype(int)) >= 0).all()


def test_quantise_keeps_its_input_and_nan():
    given = np.array([-20.0, 100.0, 300.0, np.nan])
    np.testing.assert_array_equal(images.quantise(given, 2), [0, 0, 255, np.nan])
    np.testing.assert_array_equal(given, [-20, 100, 300, np.nan])


@pytest.mark.parametrize("levels", [1, 0, 257, 2.0, "2", None, True])
def test_quantise_refuses(levels):
    with pytest.raises(ValueError, match=r"^levels: got .*number from 2 to 256"):
        images.quantise(GRAY, levels)


def test_noise():
    flat = np.zeros((200, 200), dtype=np.uint8)
    noisy = images.add_noise(flat, 20, seed=3)
    assert noisy.dtype == np.float64
    assert abs(noisy.mean()) < 0.5
    assert noisy.std() == pytest.approx(20, rel=0.02)
    assert not flat.any()
    np.testing.assert_array_equal(noisy, images.add_noise(flat, 20, seed=3))
    assert not np.array_equal(noisy, images.add_noise(flat, 20, seed=4))
    np.testing.assert_array_equal(images.add_noise(COLOUR, 0), COLOUR)


@pytest.mark.parametrize("sigma", [-1, np.nan, np.inf, "much", None])
def test_noise_refuses(sigma):
    with pytest.raises(ValueError, match=r"^sigma: got"):
        images.add_noise(GRAY, sigma)


@pytest.mark.parametrize("seed", [-1, 1.0, "1", None, True, [1]])
def test_noise_refuses_a_seed(seed):
    with pytest.raises(ValueError, match=r"^seed: got .*whole number of at least 0"):
        images.add_noise(GRAY, 1, seed=seed)


def test_numpy_numbers_are_numbers():
    numbers = {"size": np.int64(64), "index": np.uint8(3)}
    wanted = images.digit(7, size=64, index=3)
    np.testing.assert_array_equal(images.digit(np.array(7), **numbers), wanted)
    wanted = images.add_noise(GRAY, 0.5, seed=3)
    given = images.add_noise(GRAY, np.float32(0.5), seed=np.int64(3))
    np.testing.assert_array_equal(given, wanted)
    assert images.quantise(GRAY, np.array(2)).max() == 255


# ---- where white is 1 ----


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, bool])
def test_white_is_1_where_no_value_is_above_1(dtype):
    image = np.array([[0, 1]], dtype)
    assert images.quantise(image, 2).tolist() == [[0, 1]]
    assert png_pixels(image).tolist() == [[0, 255]]


def test_fractions_are_quantised_between_black_and_1():
    image = np.linspace(0, 1, 256).reshape(16, 16)
    few = images.quantise(image, 4)
    np.testing.assert_allclose(np.unique(few), [0, 1 / 3, 2 / 3, 1])
    assert np.abs(few - image).max() <= 1 / 6 + 1e-9
    np.testing.assert_array_equal(
        png_pixels(image), np.rint(image * 255).astype(np.uint8)
    )
    holes = np.array([np.nan, 0.2, 1])
    np.testing.assert_array_equal(images.quantise(holes, 2), [np.nan, 0, 1])


def test_which_values_are_white_hangs_on_the_values_alone():
    """A mask of zeros and ones is black and white, as bytes too; a PNG keeps bytes."""
    image = np.array([[0, 1]], np.uint8)
    for same in (image, image.astype(bool), image.astype(float)):
        assert images.white(same) == 1
        assert images.quantise(same, 2).tolist() == [[0, 1]]
    assert images.white(image * 2) == 255
    assert images.white([np.nan, np.inf, -7]) == 1
    assert png_pixels(image).tolist() == [[0, 1]]


def test_one_value_above_1_makes_255_white():
    assert images.quantise([0, 0.5, 1.5], 2).tolist() == [0, 0, 0]
    assert png_pixels([[0, 1, 2]]).tolist() == [[0, 1, 2]]


def test_nan_alone_has_no_white():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(images.quantise([np.nan], 2)).all()


# ---- pictures of Pillow's ----


def red(mode):
    """Return a picture that shows pure red, or in gray modes its brightness."""
    picture = Image.new("RGB", (3, 2), (255, 0, 0))
    if mode in ("RGBA", "PA", "LA", "La", "RGBa"):
        picture = picture.convert("RGBA")
    return picture.convert(mode, palette=Image.Palette.ADAPTIVE)


@pytest.mark.parametrize("mode", ["P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "RGBX"])
def test_pillows_pictures_are_taken_in_the_colours_they_show(mode):
    picture = red(mode)
    grays, colours = images.gray(picture), images.load(picture)
    assert grays.shape == (2, 3)
    np.testing.assert_allclose(grays, 54, atol=1)
    np.testing.assert_allclose(colours, [[[255, 0, 0]] * 3] * 2, atol=2)
    np.testing.assert_array_equal(images.quantise(picture, 2), [[[255, 0, 0]] * 3] * 2)
    assert images.add_noise(picture, 0).shape == (2, 3, 3)
    assert png_pixels(picture).shape == (2, 3, 3)
    assert picture.mode == mode


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I", "F", "I;16"])
def test_pillows_gray_pictures_have_no_colours(mode):
    pixels = np.array([[0, 255, 255]], np.uint8)
    picture = Image.fromarray(pixels).convert(mode)
    if mode == "I;16":
        picture = Image.fromarray(pixels.astype(np.uint16) * 257)
    for taken in (images.gray, images.load, png_pixels):
        options = {"colour": False} if taken is images.load else {}
        np.testing.assert_array_equal(taken(picture, **options), pixels)


def test_the_indices_of_a_palette_are_no_grays():
    """Of the array alone nobody can tell; Pillow's picture knows its colours."""
    palette = red("P")
    assert (np.asarray(palette) == 0).all()
    assert (images.gray(palette) == 54).all()
    with pytest.raises(ValueError, match=r"x: got a Pillow picture of mode P. Give"):
        _arguments.array(palette, "x")
    assert _arguments.array(red("RGB"), "x").shape == (2, 3, 3)


def test_a_picture_of_pillows_stays_as_it_is(tmp_path):
    Image.fromarray(COLOUR).resize((900, 600)).save(tmp_path / "a.jpeg")
    with Image.open(tmp_path / "a.jpeg") as picture:
        assert images.load(picture, size=90).shape == (60, 90, 3)
        assert picture.size == (900, 600)


def test_a_damaged_picture_of_pillows_is_refused():
    data = encoded(Image.fromarray(RNG.integers(0, 255, (60, 60), np.uint8)))
    with (
        Image.open(io.BytesIO(data[: len(data) // 2])) as picture,
        pytest.raises(ValueError, match=r"^The picture .* cut short or damaged"),
    ):
        images.gray(picture)


# ---- PNG ----


def png_pixels(image):
    return np.asarray(Image.open(io.BytesIO(images.to_png(image))))


def test_to_png_round_trip():
    for image in (GRAY, COLOUR):
        back = np.asarray(Image.open(io.BytesIO(images.to_png(image))))
        np.testing.assert_array_equal(back, image)
    back = Image.open(io.BytesIO(images.to_png([[-5.0, 99.6, 300.0]])))
    assert np.asarray(back).tolist() == [[0, 100, 255]]
    back = Image.open(io.BytesIO(images.to_png([[True, False]])))
    assert np.asarray(back).tolist() == [[255, 0]]


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 2, 4)), [[np.nan]], np.zeros((0, 3)), "x", [[1j]]]
)
def test_to_png_refuses(bad):
    with pytest.raises(ValueError, match="image"):
        images.to_png(bad)


# ---- the learner's own photo ----


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "LA", "RGBA"])
def test_load_modes(mode):
    picture = Image.fromarray(COLOUR).convert(mode)
    kind = {"CMYK": "tiff"}.get(mode, "png")
    wanted = np.asarray(picture.convert("RGB"))
    loaded = images.load(encoded(picture, kind))
    assert loaded.shape == (12, 17, 3)
    assert loaded.dtype == np.uint8
    np.testing.assert_array_equal(loaded, wanted)
    gray = images.load(encoded(picture, kind), colour=False)
    np.testing.assert_array_equal(gray, images.gray(wanted))


@pytest.mark.parametrize("kind", ["jpeg", "gif", "webp", "bmp", "tiff"])
def test_load_kinds(kind):
    assert images.load(encoded(Image.fromarray(COLOUR), kind)).shape == (12, 17, 3)


def test_load_cmyk_jpeg():
    data = encoded(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "jpeg", quality=95)
    red, green, blue = images.load(data)[4, 4]
    assert red > 200
    assert green < 60
    assert blue < 60


def test_load_lays_transparency_on_white():
    rgba = np.zeros((2, 3, 4), dtype=np.uint8)
    rgba[0, 0, 3] = 255
    rgba[0, 1, 3] = 128
    loaded = images.load(encoded(Image.fromarray(rgba)))
    assert loaded[..., 0].tolist() == [[0, 127, 255], [255, 255, 255]]

    la = Image.fromarray(rgba[..., 2:4])
    assert images.load(encoded(la), colour=False).tolist() == loaded[..., 0].tolist()

    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    data = encoded(palette, transparency=1)
    assert images.load(data).tolist() == [[[10, 20, 30], [255, 255, 255]]]

    keyed = encoded(Image.fromarray(np.array([[7, 9]], np.uint8)), transparency=7)
    assert images.load(keyed, colour=False).tolist() == [[255, 9]]


def test_load_scales_16_bits():
    deep = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    for kind in ("png", "tiff"):
        data = encoded(Image.fromarray(deep), kind)
        assert images.load(data, colour=False).tolist() == [[0, 1, 128, 255]]
    dark = Image.fromarray(np.full((4, 4), 300, dtype=np.uint16))
    assert (images.load(encoded(dark)) == 1).all()


@pytest.mark.parametrize(
    ("pixels", "wanted"),
    [
        (np.array([[0, 65535]], np.int32), [0, 255]),
        (np.array([[0, 255]], np.int32), [0, 255]),
        (np.array([[0, 1, 128]], np.int32), [0, 1, 128]),
        (np.array([[0, 256]], np.int32), [0, 1]),
        (np.array([[0, 70000]], np.int32), [0, 255]),
        (np.array([[-100, 0, 100]], np.int32), [0, 128, 255]),
        (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
        (np.array([[0, 100, 255]], np.float32), [0, 100, 255]),
        (np.array([[-1, 0, 1]], np.float32), [0, 128, 255]),
        (np.array([[7, 7]], np.float32), [7, 7]),
    ],
)
def test_load_scales_integers_and_floats(pixels, wanted):
    data = encoded(Image.fromarray(pixels), "tiff")
    np.testing.assert_allclose(images.load(data, colour=False)[0], wanted, atol=1)


def test_load_refuses_a_picture_of_nan():
    data = encoded(Image.fromarray(np.full((2, 2), np.nan, np.float32)), "tiff")
    with pytest.raises(ValueError, match="not numbers"):
        images.load(data)


@pytest.mark.parametrize("mark", range(1, 9))
def test_load_obeys_the_rotation_mark(mark):
    exif = Image.Exif()
    exif[0x0112] = mark
    data = encoded(Image.fromarray(COLOUR), "png", exif=exif)
    upright = {
        1: COLOUR,
        2: COLOUR[:, ::-1],
        3: COLOUR[::-1, ::-1],
        4: COLOUR[::-1],
        5: COLOUR.transpose(1, 0, 2),
        6: np.rot90(COLOUR, -1),
        7: COLOUR.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(COLOUR),
    }[mark]
    np.testing.assert_array_equal(images.load(data), upright)


def test_load_forgives_a_broken_rotation_mark():
    data = encoded(Image.fromarray(COLOUR), "jpeg", exif=b"Exif\x00\x00MM\x00*broken")
    assert images.load(data).shape == (12, 17, 3)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_load_shrinks_the_longer_side(kind):
    big = Image.linear_gradient("L").resize((900, 300))
    data = encoded(big, kind)
    assert images.load(data).shape == (171, 512, 3)
    assert images.load(data, size=90, colour=False).shape == (30, 90)
    assert images.load(data, size=None).shape == (300, 900, 3)
    assert images.load(data, size=4000).shape == (300, 900, 3)
    thin = encoded(Image.new("L", (2000, 1)), kind)
    assert images.load(thin).shape == (1, 512, 3)
    assert images.load(encoded(Image.new("L", (1, 1)), kind)).shape == (1, 1, 3)


def whole_at_once(picture, size, colour):
    """Shrink as a small picture is: all of it turned to 8 bits on white, then resized.

    It takes 2.3 GB for 50 megapixels.
    """
    if picture.mode in ("I;16", "I"):
        white = 65535 if picture.mode == "I;16" else 255
        pixels = np.rint(np.asarray(picture) * (255 / white)).astype(np.uint8)
        picture = Image.fromarray(pixels)
    clear = "A" in picture.mode or "transparency" in picture.info
    if clear:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(
            Image.new("RGBA", picture.size, "white"), picture
        )
    pixels = np.asarray(picture.convert("RGB"))
    picture = Image.fromarray(pixels if colour else images.gray(pixels))
    scale = size / max(picture.size)
    smaller = tuple(max(1, round(side * scale)) for side in picture.size)
    return np.asarray(picture.resize(smaller, Image.Resampling.HAMMING), float)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "I"])
@pytest.mark.parametrize(
    ("shape", "size"),
    [((211, 157), 50), ((97, 300), 299), ((1, 400), 3), ((333, 2), 7), ((128, 64), 32)],
)
def test_parts_join_without_a_seam(monkeypatch, mode, shape, size, colour):
    """Within one level: where a part begins is a fraction, and rounded its own way."""
    rng = np.random.default_rng(3)
    wave = np.add.outer(np.arange(shape[0]), np.arange(shape[1]))[..., None]
    pixels = wave * [3, 2, 1, 4] + rng.integers(0, 40, (*shape, 4))
    picture = Image.fromarray((pixels % 256).astype(np.uint8))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture.convert("L"), np.uint16) * 257)
    elif mode == "P":
        picture = picture.convert("RGB").quantize(32)
        picture.info["transparency"] = 3
    else:
        picture = picture.convert(mode)
    wanted = whole_at_once(picture, size, colour)
    monkeypatch.setattr(images, "_SIDE", 40)
    result = images.load(picture, size=size, colour=colour)
    assert result.shape == wanted.shape
    assert np.abs(result - wanted).max() <= 1
    assert np.abs(result - wanted).mean() <= 0.01


@pytest.mark.parametrize("mark", [1, 6, 8])
def test_a_turned_photo_is_shrunk_then_turned(mark):
    exif = Image.Exif()
    exif[0x0112] = mark
    big = Image.fromarray(COLOUR).resize((900, 300))
    upright = {1: big, 6: big.rotate(-90, expand=True), 8: big.rotate(90, expand=True)}
    wanted = whole_at_once(upright[mark], 100, True)
    result = images.load(encoded(big, exif=exif), size=100)
    assert result.shape == wanted.shape
    assert np.abs(result - wanted).max() <= 1


def test_a_large_photo_takes_little_memory(tmp_path):
    """12 megapixels: 4 bytes a pixel decoded, and parts; not 30 and more a pixel."""
    path = tmp_path / "large.png"
    Image.linear_gradient("L").resize((4096, 3072)).convert("RGB").save(path)
    code = (
        "import resource, sys\n"
        "from helpers import images\n"
        "def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "images.load(images.to_png([[0, 255]]), colour=False)\n"
        "before = most()\n"
        "images.load(sys.argv[1], colour=False)\n"
        "print((most() - before) / (1e6 if sys.platform == 'darwin' else 1e3))"
    )
    out = subprocess.run(
        # One in between: a process counts the memory of the one that started it.
        [sys.executable, "-c", f"import subprocess, sys\n{AGAIN}", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 10 < float(out.stdout) < 130  # MB; all at once took 560


AGAIN = "subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True)"


def sources(data, path):
    yield str(path)
    yield path
    yield data
    yield bytearray(data)
    yield memoryview(data)
    yield io.BytesIO(data)
    item = {"name": "a.png", "type": "image/png", "size": 1}
    yield {"a.png": {"metadata": item, "content": data}}  # ipywidgets 7
    yield ({**item, "content": memoryview(data)},)  # ipywidgets 8
    yield {**item, "content": memoryview(data)}
    yield type("FileUpload", (), {"value": ({**item, "content": data},)})()


def test_load_takes_what_a_learner_has(tmp_path):
    data = encoded(Image.fromarray(COLOUR))
    path = tmp_path / "ein Bild ü.png"
    path.write_bytes(data)
    for source in sources(data, path):
        np.testing.assert_array_equal(images.load(source), COLOUR)
    with path.open("rb") as file:
        np.testing.assert_array_equal(images.load(file), COLOUR)


def test_an_open_file_is_read_from_its_start(tmp_path):
    written = io.BytesIO()
    Image.fromarray(COLOUR).save(written, "png")
    np.testing.assert_array_equal(images.load(written), COLOUR)
    np.testing.assert_array_equal(images.load(written), COLOUR)
    path = tmp_path / "a.png"
    path.write_bytes(written.getvalue())
    with path.open("rb") as file:
        file.read(20)
        np.testing.assert_array_equal(images.load(file), COLOUR)


def test_a_stream_that_cannot_go_back_is_read_from_where_it_stands():
    class Stream:
        data = encoded(Image.fromarray(COLOUR))

        def read(self, size):
            return self.data[:size]

    np.testing.assert_array_equal(images.load(Stream()), COLOUR)


def test_files_that_cannot_be_read(tmp_path):
    with (
        (tmp_path / "a.png").open("wb") as file,
        pytest.raises(ValueError, match=r"can't be read: .*Open it with"),
    ):
        images.load(file)
    with pytest.raises(ValueError, match="This file is closed"):
        images.load(file)


def png_header(width, height):
    def chunk(name, body):
        return (
            struct.pack(">I", len(body))
            + name
            + body
            + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 10_000), (12_000, 9_000), (60_000, 60_000)]
)
def test_load_refuses_too_many_pixels_before_reading_them(width, height, recwarn):
    with pytest.raises(ValueError, match=r"64 million.*[Mm]ake it smaller"):
        images.load(png_header(width, height))
    assert not recwarn


def test_load_refuses_what_is_no_photo(tmp_path):
    (tmp_path / "notes.txt").write_text("Dear diary")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "page.pdf").write_bytes(b"%PDF-1.7 \xff")
    (tmp_path / "drawing.svg").write_text("<svg></svg>")
    (tmp_path / "phone.heic").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00")
    (tmp_path / "other.heic").write_bytes(b"\x00\x00\x00\x18ftypmif1\0\0\0\0mif1heic")
    (tmp_path / "new.avif").write_bytes(b"\x00\x00\x00\x18ftypavif\0\0\0\0mif1avif")
    (tmp_path / "mixed.avif").write_bytes(b"\x00\x00\x00\x18ftypmif1\0\0\0\0mif1avif")
    (tmp_path / "film.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom\0\0\0\0mp41avc1")
    (tmp_path / "noise.png").write_bytes(bytes(range(128, 256)))
    for name, said in {
        "notes.txt": "'notes.txt' holds text",
        "empty.jpg": "'empty.jpg' is empty",
        "page.pdf": "is a PDF document",
        "drawing.svg": "SVG drawing",
        "phone.heic": "is a HEIC photo.*JPEG or PNG",
        "other.heic": "is a HEIC photo.*JPEG or PNG",
        "new.avif": "AVIF picture|cut short or damaged",
        "mixed.avif": "AVIF picture|cut short or damaged",
        "film.mp4": "is a film or a sound",
        "noise.png": "not a picture that we can read",
    }.items():
        with pytest.raises(ValueError, match=said):
            images.load(tmp_path / name)
    with pytest.raises(ValueError, match="is a folder"):
        images.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        images.load(tmp_path / "nothing.png")


# 16 × 12 pixels of red 200, green 30, blue 40.
AVIF = base64.b64decode(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAA"
    "cGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAA"
    "KwAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAA"
    "FGlzcGUAAAAAAAAAEAAAAAwAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEA"
    "DQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAM21kYXQSAAoJGAz+2iAhoNCAMhwTx4eGZQGGGH4Q"
    "AAAAOtrX6figvrK43zrFnd+A"
)


def test_load_reads_avif_where_pillow_can():
    if pillow_reads_avif():
        loaded = images.load(AVIF)
        assert loaded.shape == (12, 16, 3)
        np.testing.assert_allclose(loaded[6, 8], (200, 30, 40), atol=8)
    else:
        with pytest.raises(ValueError, match=r"an AVIF picture.*can't read"):
            images.load(AVIF)
    for length in (40, len(AVIF) // 2, len(AVIF) * 3 // 4):
        with pytest.raises(ValueError, match=r"AVIF picture|cut short or damaged"):
            images.load(AVIF[:length])


def test_load_says_so_where_pillow_cannot_read_avif(monkeypatch):
    Image.init()
    monkeypatch.delitem(Image.OPEN, "AVIF", raising=False)
    monkeypatch.setattr(Image, "init", lambda: None)
    with pytest.raises(ValueError, match=r"an AVIF picture.*can't read.*JPEG or PNG"):
        images.load(b"\x00\x00\x00\x18ftypavif\0\0\0\0mif1avif")


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_load_refuses_a_cut_file(kind):
    data = encoded(Image.fromarray(RNG.integers(0, 255, (60, 60), np.uint8)), kind)
    for length in (10, 30, len(data) // 2, len(data) * 3 // 4):
        with pytest.raises(ValueError, match="cut short or damaged"):
            images.load(data[:length])


def test_load_never_raises_anything_else_on_damage():
    rng = np.random.default_rng(5)
    good = encoded(Image.fromarray(COLOUR))
    for _ in range(200):
        data = bytearray(good)
        for place in rng.integers(0, len(data), 3):
            data[place] = rng.integers(256)
        with contextlib.suppress(ValueError):
            images.load(bytes(data))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "No file has been chosen"),
        ((), "No file has been chosen"),
        (b"", "is empty"),
        (None, "NoneType came"),
        (3, "int came"),
        (GRAY, "an array already"),
        ("https://example.org/cat.png", "not web addresses"),
        (({"content": b"a"}, {"content": b"b"}), "2 files came"),
        (({"content": "text"},), "not what a FileUpload holds"),
        ([3], "not what a FileUpload holds"),
        (io.StringIO("text"), "opened as text"),
        ("", "^source: got ''. Give the path of a picture"),
        ("  ", "^source: got '  '. Give the path"),
        ("HTTPS://EXAMPLE.ORG/CAT.PNG", "not web addresses"),
        ("ftp://example.org/cat.png", "not web addresses"),
        (Path("https://example.org/cat.png"), "not web addresses"),
        ("data:image/png;base64,iVBORw0KGgo=", "not web addresses"),
        ("file:///home/me/my%20cat.png", r"file:.*without it: '/home/me/my cat\.png'"),
        ("a\0b.png", r"^source: got 'a\\x00b\.png'. It holds a character that no file"),
        ("\ud800.png", "^source: got .* It holds a character that no file"),
        ("~nobody-of-that-name/cat.png", "no user of that name"),
        ("/dev/null", "is a device or a pipe"),
        ([[1, 2], [3, 4]], "not what a FileUpload holds"),
        ({"content": None}, "not what a FileUpload holds"),
        ({"a": 3}, "not what a FileUpload holds"),
        (object, "type came"),
    ],
)
def test_load_says_what_came(source, said):
    with pytest.raises(ValueError, match=said) as refusal:
        images.load(source)
    assert len(str(refusal.value)) < 300


def test_load_refuses_huge_files(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 1000)
    data = b"x" * 1001
    (tmp_path / "huge.png").write_bytes(data)
    for source in (data, tmp_path / "huge.png", io.BytesIO(data)):
        with pytest.raises(ValueError, match="million bytes"):
            images.load(source)


def test_load_says_when_a_file_is_closed_to_us(tmp_path):
    path = tmp_path / ("x" * 300)
    with pytest.raises(ValueError, match="can't be opened"):
        images.load(path)


# ---- squares ----


def test_a_square_is_the_middle_scaled_by_pillow():
    rng = np.random.default_rng(5)
    for rows, cols in ((40, 60), (61, 40), (40, 40)):
        photo = rng.integers(0, 256, (rows, cols, 3), np.uint8)
        top, left = (rows - 40) // 2, (cols - 40) // 2
        middle = Image.fromarray(photo[top : top + 40, left : left + 40])
        for size, way in ((16, "HAMMING"), (64, "BICUBIC")):
            wanted = middle.resize((size, size), Image.Resampling[way])
            np.testing.assert_array_equal(images.square(photo, size), wanted)
        np.testing.assert_array_equal(images.square(photo, 40), middle)
        part = (rows - 30, cols - 30, 30)
        cut = images.square(photo[-30:, -30:], 16)
        np.testing.assert_array_equal(images.square(photo, 16, part=part), cut)


def test_a_square_is_a_fresh_array():
    photo = np.zeros((20, 20), np.uint8)
    images.square(photo, 20)[:] = 7
    assert photo.max() == 0
    beyond = images.square([[-3.2, 300.0], [100.6, 7]], 2)
    np.testing.assert_array_equal(beyond, [[0, 255], [101, 7]])


@pytest.mark.parametrize(
    ("size", "part", "said"),
    [
        (0, None, "size: got 0"),
        (5, (0, 0, 21), r"part: got \(0, 0, 21\)\. Give .* inside 20 × 30 pixels"),
        (5, (0, 11, 20), "part: got"),
        (5, (-1, 0, 5), "part: got"),
        (5, (0, 0, 0), "part: got"),
        (5, (0, 0), "part: got"),
        (5, (0.0, 0, 5), "part: got"),
        (5, 7, "part: got 7"),
    ],
    ids=str,
)
def test_squares_that_cannot_be(size, part, said):
    with pytest.raises(ValueError, match=said):
        images.square(np.zeros((20, 30)), size, part=part)


# ---- to_webp ----


def test_webp_is_a_tenth_of_the_bytes_and_is_read_again():
    photo = images.photo("coffee", size=224, colour=True)
    file = images.to_webp(photo)
    assert len(file) < photo.size / 8
    again = images.load(file)
    assert again.shape == photo.shape
    assert np.abs(again - photo.astype(float)).mean() < 4
    assert len(images.to_webp(photo, quality=30)) < len(file) / 2
    gray = images.photo("camera", size=64)
    assert np.abs(images.load(images.to_webp(gray))[..., 1] - gray * 1.0).mean() < 4
    share = images.load(images.to_webp(photo / 255))
    np.testing.assert_array_equal(share, again)


def test_webp_without_any_loss():
    noise = np.random.default_rng(0).integers(0, 256, (40, 56, 3), np.uint8)
    file = images.to_webp(noise, quality=None)
    np.testing.assert_array_equal(images.load(file, size=None), noise)
    photo = images.photo("coffee", size=224, colour=True)
    size = len(images.to_webp(photo, quality=None))
    assert len(images.to_webp(photo)) < size < 0.8 * photo.size


@pytest.mark.parametrize(
    ("image", "quality", "said"),
    [
        (np.zeros((4, 4, 2)), 85, "shape"),
        (np.full((4, 4), np.nan), 85, "finite"),
        (np.zeros((4, 4)), 0, "quality: got 0"),
        (np.zeros((4, 4)), 101, "quality: got 101"),
        (np.zeros((4, 4)), 85.0, "quality: got 85.0"),
    ],
)
def test_what_is_no_webp_is_refused(image, quality, said):
    with pytest.raises(ValueError, match=said):
        images.to_webp(image, quality=quality)


# -- enlarged maps ---------------------------------------------------------------------


def test_enlarged_draws_straight_lines():
    rng = np.random.default_rng(0)
    for shape, sides in [((2, 3), (8, 9)), ((5, 5), (28, 28)), ((1, 1), (4, 7))]:
        found = rng.normal(size=shape)
        places = [
            np.clip((np.arange(n) + 0.5) * small / n - 0.5, 0, small - 1)
            for small, n in zip(shape, sides, strict=True)
        ]
        rows = np.array(
            [
                np.interp(places[0], range(shape[0]), found[:, k])
                for k in range(shape[1])
            ]
        ).T
        wanted = np.array([np.interp(places[1], range(shape[1]), row) for row in rows])
        for given in (sides, (*sides, 3)):
            made = images.enlarged(found, given)
            assert made.dtype == np.float32
            np.testing.assert_allclose(made, wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("sides", "cell"), [((28, 28), 3), ((9, 10), 2), ((7, 12), 3.5), ((4, 4), 9)]
)
def test_enlarged_where_cells_reach_beyond_the_picture(sides, cell):
    """As occlusion's: every third pixel of 28 makes ten numbers."""
    rng = np.random.default_rng(1)
    found = rng.normal(size=[int(np.ceil(side / cell)) for side in sides])
    down, across = ((np.arange(side) + 0.5) / cell - 0.5 for side in sides)
    rows, columns = map(range, found.shape)
    half = np.array([np.interp(down, rows, column) for column in found.T]).T
    wanted = np.array([np.interp(across, columns, row) for row in half])
    made = images.enlarged(found, sides, cell)
    np.testing.assert_allclose(made, wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((np.zeros((2, 2)), (4, 5), 2), "cell: got 2 for 2 × 2 numbers. Give one with"),
        ((np.zeros((2, 2)), (4, 4), 0.5), "cell: got 0.5"),
        ((np.zeros(3), (4, 4)), r"found: got numbers of shape \(3,\)"),
        (("map", (4, 4)), "found: got 'map'"),
        ((np.zeros((2, 2)), 4), "shape: got 4. Give that of a picture"),
        ((np.zeros((2, 2)), (4,)), r"shape: got \(4,\)"),
        ((np.zeros((2, 2)), (4, 0)), "shape: got 0"),
    ],
)
def test_what_is_no_map_or_no_size(given, said):
    with pytest.raises(ValueError, match=rf"^{said}"):
        images.enlarged(*given)
