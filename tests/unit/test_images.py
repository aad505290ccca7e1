import contextlib
import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2gray

from helpers import images

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (12, 17, 3), dtype=np.uint8)
GRAY = COLOUR[..., 0].copy()


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
    assert "scikit-image" in images.credit(name)
    full = images.photo(name)
    assert full.shape[0] == full.shape[1] >= 300
    np.testing.assert_array_equal(images.photo(name, size=64), gray)


def test_samples_are_scikit_images():
    from skimage import data

    np.testing.assert_array_equal(
        images.photo("astronaut", colour=True), data.astronaut()
    )
    np.testing.assert_array_equal(images.photo("camera"), data.camera())


def test_samples_survive_a_scikit_image_that_keeps_them_elsewhere(monkeypatch):
    wanted = images.photo("camera")
    monkeypatch.setitem(images._PHOTOS, "camera", images._Photo("gone/camera.png", ""))
    np.testing.assert_array_equal(images.photo("camera"), wanted)


def test_samples_are_fresh():
    images.photo("coins")[:] = 0
    assert images.photo("coins").any()


def test_unknown_sample():
    with pytest.raises(ValueError, match=r"Did you mean 'chelsea'.*astronaut, chelsea"):
        images.photo("chelsey")
    with pytest.raises(ValueError, match=r"images\.load"):
        images.credit(None)


@pytest.mark.parametrize("size", [0, -1, 2.5, "8", True, 10**6])
def test_impossible_size(size):
    with pytest.raises(ValueError, match="size must be"):
        images.photo("camera", size=size)
    with pytest.raises(ValueError, match="size must be"):
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
        with pytest.raises(ValueError, match=f"from 0 to {count - 1}; {count} came"):
            images.digit(label, index=int(count))


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
    with pytest.raises(ValueError, match="label must be a whole number from 0 to 9"):
        images.digit(label)


@pytest.mark.parametrize("argument", ["index", "size"])
@pytest.mark.parametrize("value", [-1, 2.5, "8", True, 10**6])
def test_impossible_digit(argument, value):
    with pytest.raises(ValueError, match=f"{argument} must be a whole number from"):
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
    with pytest.raises(ValueError, match="levels must be a whole number from 2 to 256"):
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
    with pytest.raises(ValueError, match="sigma must be"):
        images.add_noise(GRAY, sigma)


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
    (tmp_path / "noise.png").write_bytes(bytes(range(128, 256)))
    for name, said in {
        "notes.txt": "'notes.txt' holds text",
        "empty.jpg": "'empty.jpg' is empty",
        "page.pdf": "is a PDF document",
        "drawing.svg": "SVG drawing",
        "phone.heic": "HEIC",
        "noise.png": "not a picture that we can read",
    }.items():
        with pytest.raises(ValueError, match=said):
            images.load(tmp_path / name)
    with pytest.raises(ValueError, match="is a folder"):
        images.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        images.load(tmp_path / "nothing.png")


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
    ],
)
def test_load_says_what_came(source, said):
    with pytest.raises(ValueError, match=said):
        images.load(source)


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
