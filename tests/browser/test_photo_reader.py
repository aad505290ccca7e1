"""PhotoReader on a bare page: views and answers against the same in Python."""

import base64
import io
import re

import hands
import numpy as np
import photo_networks
import pytest
from hands import (
    RESTS,
    array,
    choose,
    different_states,
    lose_the_kernel,
    number,
    painted,
    push,
    slide,
    slide_to,
    tick,
    trait,
    watched,
    width_needed,
)
from PIL import Image
from stage import read

from helpers import images
from helpers.widgets import PhotoReader
from helpers.widgets.parts import photo_views

NETWORK = photo_networks.small()
SETTINGS = ("crop", "mirror", "turn", "gray", "brightness", "patch", "covered")

SEE = """() => {
  const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
  const labels = [...document.querySelectorAll("label.hc-control")];
  return {
    state: Object.fromEntries(NAMES.map((name) => [name, model.get(name)])),
    photo: model.get("photo"),
    bars: [...document.querySelectorAll(".hc-bars li")].map((row) => ({
      name: row.querySelector("b").textContent,
      width: parseFloat(row.querySelector(".hc-track i").style.width) / 100,
      best: row.classList.contains("hc-best"),
    })),
    guess: texts(".pr-guess")[0],
    strip: texts(".hc-strip p"),
    controls: Object.fromEntries(labels.map((label) => {
      const input = label.querySelector("input, select");
      const value = input.type === "checkbox" ? input.checked : input.value;
      return [label.querySelector("span").textContent, value];
    })),
    view: model.painted(1),
  };
}""".replace("NAMES", str([*SETTINGS]))


@pytest.fixture
def page(browser):
    with watched(browser, PhotoReader(NETWORK, "chelsea")) as page:
        yield page


@pytest.fixture
def python():
    reader = PhotoReader(NETWORK, "chelsea")
    yield reader
    reader.close()


def share_agrees(text, share):
    """The same number, or on the same side of what is nearly none or nearly all."""
    written = number(text.removesuffix(" %").lstrip("<> ")) / 100
    if text.startswith("<"):
        assert share < written + 1e-4
    elif text.startswith(">"):
        assert share > written - 1e-4
    else:
        assert share == pytest.approx(written, abs=6e-4)


def follow(reader, seen):
    """Give the explorer in Python the state that the page has."""
    if seen["photo"] != "own":
        reader.photo = seen["photo"]
    for name in SETTINGS:
        value = seen["state"][name]
        setattr(reader, name, None if name == "covered" and not value else value)


def agrees(page, reader):
    """What the page shows is what Python makes of the same photo."""
    page.wait_for_function(RESTS)
    seen = read(page, SEE)
    follow(reader, seen)
    assert np.abs(seen["view"][..., :3] - reader.view).max() <= 0.51
    probabilities = reader.probabilities
    assert [bar["name"] for bar in seen["bars"]] == list(reader.class_names)
    found = [bar["width"] for bar in seen["bars"]]
    np.testing.assert_allclose(found, probabilities, atol=1e-4)
    best, then = np.sort(probabilities)[-1:-3:-1]
    if best - then > 2e-4:
        assert seen["guess"].startswith(f"It sees: {reader.guess} (")
        assert [bar["best"] for bar in seen["bars"]].index(True) == np.argmax(
            probabilities
        )
    fall_agrees(seen, reader, probabilities)
    controls_agree(seen["controls"], reader)
    return seen


def fall_agrees(seen, reader, probabilities):
    """The line says what the patch takes from the likeliest class."""
    fall, message = seen["strip"]
    assert message == ""
    if reader.covered is None:
        assert fall == ""
        return
    place, reader.covered = reader.covered, None
    before, reader.covered = reader.probabilities, place
    best = int(before.argmax())
    found = re.match(r"The patch covered, (\w+) has (.+) instead of (.+)\.$", fall)
    if np.diff(np.sort(before)[-2:])[0] > 2e-4:
        assert found[1] == reader.class_names[best]
        share_agrees(found[2], probabilities[best])
        share_agrees(found[3], before[best])


def controls_agree(shown, reader):
    sides = ("From row", "From column", "Side")
    assert [int(shown[name]) for name in sides] == list(reader.crop)
    assert shown["Turn"] == str(reader.turn)
    assert shown["Brightness"] == str(reader.brightness)
    assert shown["Cover"] == str(reader.patch)
    assert shown["mirrored"] == reader.mirror
    assert shown["gray"] == reader.gray
    assert shown["Photo"] == reader.photo


CLICK_VIEW = """([down, across]) => {
  const canvas = document.querySelectorAll("canvas")[1];
  const box = canvas.getBoundingClientRect();
  const send = (name) => canvas.dispatchEvent(new PointerEvent(name, { bubbles: true,
    clientX: box.left + across * box.width, clientY: box.top + down * box.height }));
  for (const name of ["pointermove", "pointerdown", "pointerup"]) send(name);
  canvas.parentElement.dispatchEvent(new PointerEvent("pointerleave"));
}"""


def random_move(page, rng):
    kind = rng.choice(["slide", "slide", "crop", "crop", "tick", "cover", "other"])
    if kind == "slide":
        label = str(rng.choice(["Turn", "Brightness", "Cover"]))
        slide_to(page, label, float(rng.random()))
    elif kind == "crop":
        label = str(rng.choice(["From row", "From column", "Side"]))
        slide_to(page, label, float(rng.random()))
    elif kind == "tick":
        tick(page, str(rng.choice(["mirrored", "gray"])))
    elif kind == "cover":
        page.evaluate(CLICK_VIEW, rng.random(2).tolist())
    elif rng.random() < 0.2:
        push(page, "As it was")
    else:
        photo = str(rng.choice(["chelsea", "coffee", "astronaut", "rocket"]))
        choose(page, "Photo", photo)


def test_random_states(page, python):
    rng = np.random.default_rng(2)
    for _ in different_states(page):
        random_move(page, rng)
        agrees(page, python)


def test_it_says_what_it_knows(page):
    said = page.locator(".hc-scene").inner_text()
    assert "It knows 5 classes and nothing else, so it must choose one" in said
    assert said.count("daisy, dandelion, rose, sunflower, tulip") == 1


def test_names_of_ones_own(browser):
    names = ["cat", "cow", "dog", "hen", "owl"]
    with watched(browser, PhotoReader(NETWORK, class_names=names)) as page:
        page.wait_for_function(RESTS)
        assert [bar["name"] for bar in read(page, SEE)["bars"]] == names


# ---- the square ----


def stage(page, index):
    return page.locator("[role=application]").nth(index)


def at(page, row, column):
    """Where a pixel of the photo, 256 a side, stands on the page."""
    box = page.locator("canvas").first.bounding_box()
    return (
        box["x"] + (column + 0.5) * box["width"] / 256,
        box["y"] + (row + 0.5) * box["height"] / 256,
    )


def drag(page, start, *ends):
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    for end in ends:
        page.mouse.move(*at(page, *end), steps=4)
    page.mouse.up()


def test_the_square_by_mouse(page, python):
    drag(page, (50, 40), (150, 90), (170, 200))  # a new one, where it was the whole
    assert trait(page, "crop") == [50, 40, 160]
    agrees(page, python)
    drag(page, (100, 100), (80, 110))
    assert trait(page, "crop") == [30, 50, 160]
    drag(page, (100, 100), (100, 10))  # it ends at the border
    assert trait(page, "crop") == [30, 0, 160]
    drag(page, (189, 159), (100, 120))  # a corner: the one across stays
    row, column, side = trait(page, "crop")
    assert (row, column) == (30, 0)
    assert side == pytest.approx(120, abs=2)
    drag(page, (30, 0), (140, 110))  # past the shortest side
    assert trait(page, "crop")[2] == 16
    agrees(page, python)
    drag(page, (200, 30), (200, 30))  # a click beside it brings it there
    assert trait(page, "crop") == [192, 22, 16]
    agrees(page, python)


def test_a_click_makes_no_square(page):
    drag(page, (50, 40), (52, 43))
    assert trait(page, "crop") == [0, 0, 256]


def test_the_square_by_keys(page, python):
    photo = stage(page, 0)
    photo.press("-")
    assert trait(page, "crop") == [8, 8, 240]
    for _ in range(3):
        photo.press("-")
    photo.press("ArrowUp")
    photo.press("Shift+ArrowRight")
    assert trait(page, "crop") == [24, 33, 192]
    agrees(page, python)
    photo.press("+")
    assert trait(page, "crop") == [16, 25, 208]
    for _ in range(9):
        photo.press("ArrowDown")
    assert trait(page, "crop") == [48, 25, 208]
    agrees(page, python)
    photo.press("Home")
    assert trait(page, "crop") == [0, 0, 256]
    assert "The network sees 256" in photo.get_attribute("aria-label")


# ---- covering ----


def over_view(page, down, across):
    box = page.locator("canvas").nth(1).bounding_box()
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    page.mouse.move(x, y)
    return x, y


def test_hovering_covers_and_leaving_uncovers(page, python):
    page.wait_for_function(RESTS)
    before = read(page, SEE)
    place = over_view(page, 0.51, 0.3)
    page.wait_for_function(RESTS)
    seen = read(page, SEE)
    assert seen["state"]["covered"] == []  # nothing that Python would keep
    python.covered = (16, 9)
    assert np.abs(seen["view"][..., :3] - python.view).max() <= 0.51
    found = [bar["width"] for bar in seen["bars"]]
    np.testing.assert_allclose(found, python.probabilities, atol=1e-4)
    fall_agrees(seen, python, python.probabilities)
    page.mouse.move(*at(page, 5, 5))
    page.wait_for_function(RESTS)
    after = read(page, SEE)
    assert [after[name] for name in ("bars", "guess", "strip")] == [
        before[name] for name in ("bars", "guess", "strip")
    ]
    page.mouse.click(*place)
    assert trait(page, "covered") == [16, 9]
    page.mouse.move(*at(page, 5, 5))
    assert agrees(page, python)["state"]["covered"] == [16, 9]
    page.mouse.click(*place)  # a second click uncovers
    assert trait(page, "covered") == []


def test_covering_by_keys(page, python):
    view = stage(page, 1)
    view.press("ArrowLeft")
    assert trait(page, "covered") == [16, 16]
    view.press("ArrowUp")
    view.press("Shift+ArrowRight")
    assert trait(page, "covered") == [15, 17]
    agrees(page, python)
    assert "a patch of 6" in view.get_attribute("aria-label")
    view.press("Delete")
    assert trait(page, "covered") == []
    agrees(page, python)


@pytest.mark.parametrize("way", ["worker", "page"])
def test_where_covering_hurts(browser, python, way):
    with watched(browser, PhotoReader(NETWORK, "chelsea")) as page:
        if way == "page":
            page.evaluate("() => { window.Worker = undefined }")
            hands.wear_out(page)
        tick(page, "where covering hurts")
        slide(page, "Cover", 8)
        page.wait_for_function(RESTS)
        python.patch = 8
        before = python.probabilities
        best, falls = int(before.argmax()), np.zeros((11, 11))
        for row, column in np.ndindex(11, 11):
            python.covered = (3 * row + 1, 3 * column + 1)
            if max(python.covered) < 32:
                falls[row, column] = before[best] - python.probabilities[best]
        shown = painted(page, 2)
        wanted = hands.red_of(falls / np.abs(falls).max())
        assert shown.shape == falls.shape
        assert np.abs(shown - wanted).max() <= 4
        page.locator("canvas").nth(2).click(position={"x": 3, "y": 3})
        assert trait(page, "covered") == [1, 1]
        tick(page, "where covering hurts")
        assert not page.locator("canvas").nth(2).is_visible()


# ---- a photo of the learner's own ----


def file_of(photo, kind="PNG", **how):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, kind, **how)
    return {
        "name": f"mine.{kind.lower()}",
        "mimeType": f"image/{kind.lower()}",
        "buffer": file.getvalue(),
    }


def photo_of(rows, cols, seed=0):
    """Something smooth with edges, as photos are."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (rows // 40 + 2, cols // 40 + 2, 3), np.uint8)
    picture = Image.fromarray(coarse).resize((cols, rows), Image.Resampling.BICUBIC)
    made = np.array(picture)
    made[rows // 3 : rows // 2, cols // 4 : cols // 2] = [250, 30, 60]
    return made


def opened(page, file):
    before = page.evaluate("model.saves")
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_function("(n) => model.saves > n", arg=before)
    return array(page, "image")


@pytest.mark.parametrize("sides", [(700, 900), (1500, 600), (512, 512), (90, 300)])
def test_a_png_comes_as_it_does_in_python(page, python, sides):
    """Not a byte differs: the page scales by itself, as Pillow does."""
    slide(page, "Side", 100)
    file = file_of(photo_of(*sides))
    found = opened(page, file)
    python.image = images.load(file["buffer"], size=None)
    np.testing.assert_array_equal(found, python.image)
    assert trait(page, "photo") == "own"
    side = min(*sides, 512)
    assert trait(page, "crop") == [0, 0, side]
    agrees(page, python)


def test_a_jpeg_comes_as_it_does_in_python(page):
    """Both unpack it with libjpeg-turbo; another version may round otherwise."""
    file = file_of(photo_of(800, 1100), "JPEG", quality=90)
    found = opened(page, file).astype(int)
    wanted = photo_views.checked_photo(images.load(file["buffer"], size=None))
    off = np.abs(found - wanted)
    assert off.max() <= 3
    assert off.mean() < 0.3


def test_a_camera_held_upright(page):
    photo = photo_of(300, 400)
    turned = Image.Exif()
    turned[0x0112] = 6
    found = opened(page, file_of(photo, "PNG", exif=turned))
    wanted = photo_views.checked_photo(np.rot90(photo, -1))
    np.testing.assert_array_equal(found, wanted)


def test_what_is_transparent_lies_on_white(page):
    clear = np.dstack([photo_of(100, 100), np.full((100, 100), 255, np.uint8)])
    clear[:50, :, 3] = 0
    found = opened(page, file_of(clear))
    assert (found[:50] == 255).all()
    np.testing.assert_array_equal(found[50:], clear[50:, :, :3])


DROP = """([name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type }));
  const stage = document.querySelector("[role=application]");
  const send = (kind) => stage.dispatchEvent(new DragEvent(kind,
    { bubbles: true, cancelable: true, dataTransfer }));
  return [send("dragover"), send("drop")];
}"""


def test_a_file_is_dropped_on_the_photo(page, python):
    file = file_of(photo_of(200, 260, seed=3))
    text = base64.b64encode(file["buffer"]).decode()
    taken = page.evaluate(DROP, [file["name"], file["mimeType"], text])
    assert taken == [False, False]  # the page stays, and does not open it itself
    page.wait_for_function("model.get('photo') === 'own'")
    python.image = images.load(file["buffer"], size=None)
    np.testing.assert_array_equal(array(page, "image"), python.image)
    choose(page, "Photo", "coffee")
    agrees(page, python)
    choose(page, "Photo", "own")  # the last one is kept
    python.image = images.load(file["buffer"], size=None)
    agrees(page, python)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            file_of(photo_of(12, 90)),
            "mine.png is too small: its shorter side has 12 pixels, 16 are needed.",
        ),
        (file_of(photo_of(1, 90)), "its shorter side has 1 pixel, 16 are needed."),
        (
            {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"},
            "a.png cannot be read as a picture",
        ),
    ],
    ids=["small", "smallest", "none"],
)
def test_files_that_will_not_do(page, file, said):
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("alert").filter(has_text=said).wait_for()
    assert trait(page, "photo") == "chelsea"
    choose(page, "Photo", "coffee")
    assert page.get_by_role("alert").inner_text() == ""


# ---- Python, no kernel, no room ----


def test_python_moves_the_page(page, python):
    page.evaluate(
        """() => {
          model.set("crop", [10, 20, 100]);
          model.set("gray", true);
          model.set("covered", [5, 6]);
        }"""
    )
    seen = agrees(page, python)
    assert seen["state"]["crop"] == [10, 20, 100]


def test_without_a_kernel_it_goes_on(page, python):
    lose_the_kernel(page)
    choose(page, "Photo", "coffee")
    slide(page, "Turn", 45)
    page.evaluate(CLICK_VIEW, [0.4, 0.4])
    agrees(page, python)


def test_the_latest_of_many_moves_is_answered(page, python):
    page.evaluate(
        """() => {
          const slider = [...document.querySelectorAll("input[type=range]")].find(
            (one) => one.labels[0].textContent.startsWith("Brightness"));
          for (let k = 30; k <= 90; k++) {
            slider.value = k;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
          }
        }"""
    )
    seen = agrees(page, python)
    assert seen["state"]["brightness"] == 90


@pytest.mark.parametrize("width", [360, 900])
def test_it_fits_with_all_that_it_shows(browser, width):
    names = ["a rather long name of a class", *"bcde"]
    reader = PhotoReader(NETWORK, class_names=names)
    with watched(browser, reader, width=width) as page:
        tick(page, "where covering hurts")
        page.evaluate(CLICK_VIEW, [0.4, 0.4])
        push(page, "Copy as Python")
        page.wait_for_function(RESTS)
        assert width_needed(page) <= width
