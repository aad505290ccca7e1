"""UpsamplingCompare on a bare page: every control, numbers and pictures against ops."""

from pathlib import Path

import numpy as np
import pytest
from hands import (
    array,
    choose,
    different_states,
    grave,
    lose_the_kernel,
    menu,
    number,
    read,
    red_of,
    slide,
    slider,
    trait,
    watched,
    width_needed,
)
from PIL import Image

from helpers.widgets import UpsamplingCompare
from helpers.widgets.explorers.upsampling_compare import (
    CORNERS,
    FACTORS,
    KERNELS,
    LENSES,
    METHODS,
    flat_range,
)

BILINEAR = 7  # its canvas, after photo, two pooled ones, and pairs of patch and lens
STATE = ["factor", "kernel", "kernel_size", "corner", "position", "lens", "display"]
# All that is said on the screen, the state that it should show, all that is painted.
SAID = f"""() => ({{
  rows: [...document.querySelectorAll(".hc-upsampling-table tbody tr")].map((row) =>
    [...row.cells].map((cell) => cell.textContent)),
  notes: [...document.querySelectorAll(".hc-tile .hc-note")].map((note) =>
    note.innerText),
  judged: [...document.querySelectorAll(".hc-note")].map((note) => note.innerText)
    .filter((text) => text.includes("Transposed convolution:")),
  ...Object.fromEntries({STATE}.map((name) => [name, model.get(name)])),
}})"""
PAINTED = """() => ({
  image: model.array("image"),
  canvases: [...document.querySelectorAll("canvas")].map((_, k) => model.red(k)),
})"""


@pytest.fixture
def page(browser):
    with watched(browser, UpsamplingCompare("astronaut")) as page:
        yield page


@pytest.fixture(scope="module")
def python_side():
    """An explorer in Python that is put into the state of the page."""
    explorer = UpsamplingCompare("astronaut")
    yield explorer
    explorer.close()


def agrees(page, explorer):
    """The screen shows what Python, and so ops.py, makes of the same state."""
    seen, painted = read(page, f"() => [({SAID})(), ({PAINTED})()]")
    explorer.image = painted["image"]
    for name in STATE:
        value = seen[name]
        setattr(explorer, name, tuple(value) if isinstance(value, list) else value)
    results = {"original": explorer.patch, **explorer.results}
    says(seen, explorer, results)
    shows(painted["canvases"], explorer, results)
    return seen


def says(seen, explorer, results):
    """Every number on the page."""
    rows, notes = seen["rows"], seen["notes"]
    errors, psnr, best = explorer.errors, explorer.psnr, explorer.best
    for (name, result), row in zip(results.items(), rows, strict=True):
        value = result[explorer.position]
        said, _, off = row[3].partition(" (")
        assert number(said) == pytest.approx(value, abs=0.0501)
        if name == "original":
            assert row[:3] == ["original", "", ""]
            continue
        assert row[0] == METHODS[name]
        wanted = value - explorer.patch[explorer.position]
        assert number(off.strip("+)")) == pytest.approx(wanted, abs=0.0501)
        assert off.startswith("+") == (number(off.strip("+)")) > 0)
        assert number(row[1]) == pytest.approx(errors[name], rel=6e-3, abs=1e-9)
        said = np.inf if row[2] == "∞" else number(row[2])
        assert psnr[name] > 250 or said == pytest.approx(psnr[name], rel=6e-3)
    for name, note in zip(results, notes, strict=True):
        if name != "original":
            source = "maximum" if name == "unpooling" else "mean"
            wanted = f"From the {source}: "
            assert note.startswith(wanted)
            assert number(note[len(wanted) :].split()[0]) == pytest.approx(
                errors[name], rel=6e-3, abs=1e-9
            )
    named = [name for name, note in zip(results, notes, strict=True) if "best" in note]
    assert len(named) == 1
    assert errors[named[0]] == pytest.approx(errors[best], abs=1e-9)
    (judged,) = seen["judged"]
    kernel_is_judged(judged, explorer)


def kernel_is_judged(note, explorer):
    size, factor = explorer.kernel_size, explorer.factor
    assert ("does not divide" in note) == (size % factor != 0)
    low, high = flat_range(explorer.kernel, size, factor)
    assert ("checkerboard." in note and "…" in note) == (high - low > 1e-9)
    if high - low > 1e-9:
        said = note.split("comes out as ")[1].split(":")[0].split(" … ")
        assert [number(text) for text in said] == pytest.approx([low, high], abs=0.0501)


def shows(painted, explorer, results):
    """Every pixel on the page."""
    white = 255 if explorer.image.max() > 1 else 1
    wanted = [explorer.image * (255 / white), *explorer.pooled.values()]
    wanted = [gray(small) for small in wanted]
    lens = explorer.lens
    row, column = (min(max(n - lens // 2, 0), 64 - lens) for n in explorer.position)
    for name, result in results.items():
        pixels = gray(result)
        if explorer.display == "errors" and name != "original":
            pixels = red_of((result - explorer.patch) / 64)
        wanted += [pixels, pixels[row : row + lens, column : column + lens]]
    # Means of 4, 16 and 64 pixels lie on many a tie, where the last bit decides.
    for canvas, (pixels, seen) in enumerate(zip(wanted, painted, strict=True)):
        assert np.abs(seen - pixels).max() <= 2, f"canvas {canvas}"


def gray(values):
    return np.clip(np.floor(values + 0.5), 0, 255)


def test_random_states(page, python_side):
    rng = np.random.default_rng(4)
    for _ in different_states(page):
        shown = None
        match rng.integers(8):
            case 0:
                choose(page, "Photo", str(rng.choice(list(CORNERS))))
            case 1:
                choose(page, "Pool, then enlarge by", str(rng.choice(FACTORS)))
            case 2:
                choose(page, "Kernel", str(rng.choice(KERNELS)))
            case 3:
                slide(page, "Kernel size", int(rng.integers(1, 17)))
            case 4:
                slide(page, "Patch row", int(rng.integers(193)))
                slide(page, "Patch column", int(rng.integers(193)))
            case 5:
                shown = str(rng.choice(["pictures", "errors"]))
                choose(page, "Show", shown)
            case 6:
                choose(page, "Lens", str(rng.choice(LENSES)))
            case _:
                slide(page, "Lens row", int(rng.integers(64)))
                slide(page, "Lens column", int(rng.integers(64)))
        seen = agrees(page, python_side)
        assert shown in (None, seen["display"])


def test_every_control_reaches_both_ends(page, python_side):
    labels = ["Kernel size", "Patch row", "Patch column", "Lens row", "Lens column"]
    for label in labels:
        for end in ("Home", "End"):
            slider(page, label).press(end)
            agrees(page, python_side)
    assert trait(page, "kernel_size") == 16
    assert trait(page, "corner") == [192, 192]
    assert trait(page, "position") == [63, 63]
    for lens in LENSES:
        menu(page, "Lens").select_option(str(lens))
        assert trait(page, "lens") == lens
        agrees(page, python_side)
    for factor in FACTORS:
        menu(page, "Pool, then enlarge by").select_option(str(factor))
        assert trait(page, "factor") == factor
        for kernel in KERNELS:
            menu(page, "Kernel").select_option(kernel)
            for size in range(1, 17):
                slide(page, "Kernel size", size)
                python_side.factor, python_side.kernel = factor, kernel
                python_side.kernel_size = size
                results = {"original": python_side.patch, **python_side.results}
                says(read(page, SAID), python_side, results)
    for photo, corner in CORNERS.items():
        menu(page, "Photo").select_option(photo)
        assert trait(page, "photo") == photo
        assert trait(page, "corner") == list(corner)
        agrees(page, python_side)


def test_the_patch_is_moved_by_arrow_keys(page, python_side):
    canvas = page.locator("canvas").first
    for _ in range(15):
        canvas.press("ArrowUp")
        canvas.press("ArrowRight")
    assert trait(page, "corner") == [0, 192]
    canvas.press("ArrowDown")
    canvas.press("ArrowLeft")
    assert trait(page, "corner") == [8, 184]
    agrees(page, python_side)


def test_the_patch_is_dragged(page, python_side):
    box = page.locator("canvas").first.bounding_box()
    scale = box["width"] / 256

    def at(column, row):
        return box["x"] + (column + 0.5) * scale, box["y"] + (row + 0.5) * scale

    before = trait(page, "corner")
    page.mouse.move(*at(200, 200))
    assert trait(page, "corner") == before
    page.mouse.down()
    assert trait(page, "corner") == [168, 168]
    page.mouse.move(*at(100, 50), steps=5)
    assert trait(page, "corner") == [18, 68]
    page.mouse.up()
    page.mouse.move(*at(10, 10))
    assert trait(page, "corner") == [18, 68]
    agrees(page, python_side)


def test_the_lens_follows_the_pointer_and_is_held(page, python_side):
    def at(row, column):
        box = page.locator("canvas").nth(BILINEAR).bounding_box()  # the page scrolls
        pixel = box["width"] / 64
        return box["x"] + (column + 0.5) * pixel, box["y"] + (row + 0.5) * pixel

    before = trait(page, "position")
    page.mouse.move(*at(10, 20))
    assert slider(page, "Lens row").input_value() == "10"
    assert trait(page, "position") == before  # hovering is not a choice
    page.mouse.down()
    page.mouse.up()
    assert trait(page, "position") == [10, 20]
    page.mouse.move(*at(60, 60))
    assert slider(page, "Lens row").input_value() == "10"
    assert "Held" in page.locator(".hc").inner_text()
    agrees(page, python_side)
    slider(page, "Lens row").press("Escape")
    page.mouse.move(*at(61, 62))
    assert slider(page, "Lens column").input_value() == "62"
    page.mouse.move(5, 5)
    assert slider(page, "Lens row").input_value() == "10"
    agrees(page, python_side)


def in_python(page):
    """What Copy as Python writes."""
    page.get_by_role("button", name="Copy as Python").click()
    return page.get_by_label("The same in Python").inner_text()


def test_copy_as_python_knows_where_the_patch_is(page):
    """Also where Python takes another photo's usual patch for granted."""
    menu(page, "Photo").select_option("coffee")
    slide(page, "Patch row", 7)
    choose(page, "Kernel", "tent")
    made = eval(in_python(page), {"UpsamplingCompare": UpsamplingCompare})
    assert (made.photo, made.corner, made.kernel) == ("coffee", (7, 96), "tent")
    made.close()


def test_own_photo(page, python_side, tmp_path: Path):
    own = menu(page, "Photo").locator("option[value=own]")
    assert own.is_disabled()
    Image.effect_noise((300, 200), 90).save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.wait_for_function("model.get('photo') === 'own'")
    assert array(page, "image").shape == (171, 256)
    assert trait(page, "corner") == [53, 96]
    agrees(page, python_side)
    assert in_python(page) == (
        "UpsamplingCompare(image)  # image: your own picture, as an array"
    )
    slider(page, "Patch row").press("End")
    assert trait(page, "corner") == [107, 96]
    assert "(image, corner=[107, 96])" in in_python(page)
    menu(page, "Photo").select_option("coffee")
    agrees(page, python_side)
    menu(page, "Photo").select_option("own")
    assert array(page, "image").shape == (171, 256)
    agrees(page, python_side)


# A file that is being read: it has come once window.arrive() is called.
SLOWLY = """() => {
  const Fast = Image;
  window.Image = function () {
    const image = new Fast();
    const onload = {
      set: (act) => image.addEventListener("load", () => (window.arrive = act)),
    };
    return Object.defineProperty(image, "onload", onload);
  };
}"""


def test_the_patch_is_moved_while_a_photo_is_read(page, python_side, tmp_path: Path):
    """Only another photo takes the place of the one that is still to come."""
    page.evaluate(SLOWLY)
    Image.effect_noise((300, 200), 90).save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.wait_for_function("window.arrive !== undefined")
    slide(page, "Patch row", 7)
    agrees(page, python_side)
    page.evaluate("arrive()")
    page.wait_for_function("model.get('photo') === 'own'", timeout=5000)
    agrees(page, python_side)


def test_an_own_picture_of_floats_is_not_rounded(page, python_side):
    """The page gives back what it got from Python, whatever was looked at meanwhile."""
    own = np.random.default_rng(1).random((70, 66))
    page.evaluate(
        """(numbers) => {
          const data = new DataView(Float64Array.from(numbers).buffer);
          model.set("image", { shape: [70, 66], dtype: "float64", data });
          model.set("photo", "own");
          model.set("corner", [3, 1]);
        }""",
        own.ravel().tolist(),
    )
    agrees(page, python_side)
    menu(page, "Photo").select_option("coffee")
    agrees(page, python_side)
    menu(page, "Photo").select_option("own")
    np.testing.assert_array_equal(array(page, "image"), own)
    agrees(page, python_side)


def test_the_lens_goes_back_to_where_it_was(page, python_side):
    """Also where Python knows the place already."""
    slide(page, "Lens row", 20)
    slider(page, "Lens row").press("Escape")
    page.locator("canvas").nth(BILINEAR).hover()
    assert slider(page, "Lens row").input_value() != "20"
    slide(page, "Lens row", 20)
    slide(page, "Lens column", trait(page, "position")[1])
    page.mouse.move(5, 5)
    assert "Held" in page.locator(".hc").inner_text()
    agrees(page, python_side)


def test_arrows_in_the_table_are_its_own(page):
    before = trait(page, "position")
    page.get_by_role("group", name="Errors").press("ArrowRight")
    assert trait(page, "position") == before


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("narrow.png", (1000, 60), "the patch alone is 64 × 64"),
        ("small.png", (63, 63), "the patch alone is 64 × 64"),
        ("broken.png", None, "cannot be read as a picture"),
    ],
)
def test_photos_that_are_refused_in_place(
    page, python_side, tmp_path, name, size, said
):
    if size:
        Image.new("L", size, 99).save(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(b"no picture at all")
    page.locator("input[type=file]").set_input_files(tmp_path / name)
    page.get_by_text(said).wait_for()
    assert trait(page, "photo") == "astronaut"
    agrees(page, python_side)
    menu(page, "Photo").select_option("camera")
    assert page.get_by_role("alert").inner_text() == ""


@pytest.mark.parametrize(
    "image",
    [
        np.full((64, 64), 90),
        np.eye(64, dtype=bool),
        np.linspace(0, 1, 6400).reshape(80, 80),
    ],
    ids=["flat", "booleans", "from 0 to 1"],
)
def test_odd_photos(browser, python_side, image):
    with watched(browser, UpsamplingCompare(image, 4, kernel_size=7)) as page:
        agrees(page, python_side)
        slide(page, "Patch row", 200)  # there is no such row
        agrees(page, python_side)


def test_python_moves_the_screen(page, python_side):
    page.evaluate(
        """() => {
          const pixels = Float64Array.from({ length: 70 * 66 }, (_, k) => k % 250);
          model.set("image", { shape: [70, 66], dtype: "float64",
            data: new DataView(pixels.buffer) });
          model.set("corner", [6, 2]);
          model.set("photo", "own");
          model.set("factor", 8);
          model.set("kernel", "gaussian");
          model.set("kernel_size", 11);
          model.set("display", "errors");
          model.set("position", [3, 60]);
        }"""
    )
    assert menu(page, "Photo").input_value() == "own"
    assert menu(page, "Pool, then enlarge by").input_value() == "8"
    assert menu(page, "Kernel").input_value() == "gaussian"
    assert menu(page, "Show").input_value() == "errors"
    labels = ["Kernel size", "Patch row", "Patch column", "Lens row", "Lens column"]
    shown = [slider(page, label).input_value() for label in labels]
    assert shown == ["11", "6", "2", "3", "60"]
    agrees(page, python_side)


def test_goes_on_when_the_kernel_is_gone(page, python_side):
    lose_the_kernel(page)
    menu(page, "Photo").select_option("chelsea")
    slide(page, "Kernel size", 6)
    slide(page, "Patch row", 100)
    agrees(page, python_side)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 900])
def test_accessibility(browser, dark, width):
    explorer = UpsamplingCompare("camera", 4)
    with watched(browser, explorer, dark=dark, width=width) as page:
        menu(page, "Show").select_option("errors")
        assert grave(page) == []


def test_fits_a_phone(browser):
    with watched(browser, UpsamplingCompare("camera", 4), width=360) as page:
        menu(page, "Show").select_option("errors")
        assert width_needed(page) <= 360


def test_keys_and_playing_without_the_picture_in_focus(page, clock):
    page.get_by_role("group", name="UpsamplingCompare").focus()
    page.evaluate("model.set('position', [9, 50])")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("model.get('position')") == [10, 50]
    page.keyboard.press("Space")
    while page.evaluate("model.get('position')[0]") == 10:  # until the next row
        clock.run_for(700)
    page.keyboard.press("Space")
    held = page.evaluate("model.get('position')")
    clock.run_for(5000)
    assert page.evaluate("model.get('position')") == held
    page.keyboard.press("Escape")
    assert page.evaluate("model.get('position')") == held
