"""KernelLab on a bare page: every control, and its numbers against ops.py."""

from pathlib import Path

import numpy as np
import pytest
from hands import (
    array,
    choose,
    different_states,
    enter,
    lose_the_kernel,
    menu,
    number,
    number_after,
    painted,
    push,
    read,
    slide,
    slider,
    trait,
    watched,
)
from PIL import Image

from helpers import kernels, ops
from helpers.colours import SIGNED
from helpers.widgets import KernelLab


@pytest.fixture
def page(browser):
    with watched(browser, KernelLab("camera")) as page:
        yield page


# All that is on the screen, and the state that it should show, in one go.
SEE = """() => {
  const notes = [...document.querySelectorAll(".hc-note")].map((p) => p.textContent);
  const [row, column] = model.get("position");
  return {
    image: model.array("image"),
    kernel: model.array("kernel"),
    position: [row, column],
    ranges: notes.filter((text) => text.includes("From")),
    sums: notes.filter((text) => text.includes(`result[${row}, ${column}]`)),
    cells: [...document.querySelectorAll(".hc-grid input")].map((cell) => cell.value),
    painted: model.red(1),
  };
}"""


def cells(page):
    """The weights written in the grid."""
    texts = page.eval_on_selector_all(
        ".hc-grid input", "(inputs) => inputs.map((input) => input.value)"
    )
    return [number(text) for text in texts]


def expected(page):
    return ops.conv2d(
        array(page, "image"), array(page, "kernel"), padding="same", mode="edge"
    )


def agrees(page):
    """The screen shows what ops.py makes of the same kernel and picture."""
    seen = read(page, SEE)
    image, kernel = seen["image"], seen["kernel"]
    result = ops.conv2d(image, kernel, padding="same", mode="edge")
    (note,), (line,) = seen["ranges"], seen["sums"]
    assert number_after(note, "From") == pytest.approx(result.min(), rel=1e-3, abs=1e-9)
    assert number_after(note, "to") == pytest.approx(result.max(), rel=1e-3, abs=1e-9)
    assert number_after(line, r".* =") == pytest.approx(
        result[tuple(seen["position"])], rel=1e-5, abs=1e-9
    )
    shown = [number(text) for text in seen["cells"]]
    np.testing.assert_allclose(shown, kernel.ravel(), rtol=1e-3, atol=1e-12)
    return seen, result


def test_random_states(page):
    rng = np.random.default_rng(1)
    menu(page, "Show the result").select_option("photo")
    for _ in different_states(page):
        wanted = None
        match rng.integers(5):
            case 0:
                size = int(rng.choice([1, 3, 5, 7]))
                slide(page, "Size", size)
            case 1:
                enter(page, ".hc-grid input", rng.random(), f"{rng.normal():.3f}")
            case 2:
                slide(page, "Weight", round(float(rng.uniform(-10, 10)), 2))
            case 3:
                name = str(rng.choice(list(kernels.BANK)))
                choose(page, "Kernel", name)
                wanted = kernels.BANK[name]
            case 4:
                slide(page, "Row", int(rng.integers(256)))
                slide(page, "Column", int(rng.integers(256)))
        seen, result = agrees(page)
        if wanted is not None:
            np.testing.assert_array_equal(seen["kernel"], wanted)
        difference = seen["painted"] * 1.0 - np.clip(np.floor(result + 0.5), 0, 255)
        assert np.abs(difference).max() <= 1  # sums in another order may cross a tie
        assert (difference != 0).mean() < 0.01


def test_every_control_reaches_both_ends(page):
    for label in ("Size", "Weight", "Row", "Column"):
        control = slider(page, label)
        for end in ("Home", "End"):
            control.press(end)
            agrees(page)
    for name in kernels.BANK:
        menu(page, "Kernel").select_option(name)
        agrees(page)
    for photo in ("astronaut", "coffee", "chelsea", "camera"):
        menu(page, "Photo").select_option(photo)
        assert page.evaluate("model.get('photo')") == photo
        np.testing.assert_array_equal(painted(page, 0), array(page, "image"))
        agrees(page)


def test_buttons(page):
    menu(page, "Kernel").select_option("vertical_edges")
    page.get_by_role("button", name="Turn 90°").click()
    np.testing.assert_array_equal(
        array(page, "kernel"), np.rot90(kernels.BANK["vertical_edges"])
    )
    page.get_by_role("button", name="Flip").click()
    turned = np.rot90(kernels.BANK["vertical_edges"])
    np.testing.assert_array_equal(array(page, "kernel"), turned[::-1, ::-1])
    before = array(page, "kernel")
    page.get_by_role("button", name="Make the sum 1").click()
    assert "sum to 0" in page.get_by_role("alert").inner_text()
    np.testing.assert_array_equal(array(page, "kernel"), before)
    page.get_by_label("kernel weight, row 1, column 1").fill("9")
    page.get_by_role("button", name="Make the sum 1").click()
    assert array(page, "kernel").sum() == pytest.approx(1)
    assert page.get_by_role("alert").inner_text() == ""
    agrees(page)


@pytest.mark.parametrize(
    "text", ["", "x", "-", "1e", "1/0", "NaN", "Infinity", "1,2,3"]
)
def test_bad_text_is_refused_in_place(page, text):
    menu(page, "Kernel").select_option("blur")
    before = array(page, "kernel")
    cell = page.get_by_label("kernel weight, row 2, column 2")
    cell.fill(text)
    assert "is not a number" in page.get_by_role("alert").inner_text()
    assert cell.get_attribute("aria-invalid") == "true"
    np.testing.assert_array_equal(array(page, "kernel"), before)
    cell.blur()
    assert cell.input_value() == "0.25"  # the last good weight is back
    agrees(page)


@pytest.mark.parametrize(
    ("text", "value"), [("1/16", 0.0625), ("0,5", 0.5), ("−2", -2), ("1e-3", 0.001)]
)
def test_ways_to_write_a_number(page, text, value):
    page.get_by_label("kernel weight, row 1, column 1").fill(text)
    assert array(page, "kernel")[0, 0] == value


def test_keyboard_in_the_grid(page):
    cell = page.get_by_label("kernel weight, row 2, column 2")
    cell.focus()
    cell.press("ArrowUp")
    assert array(page, "kernel")[1, 1] == 1.1
    cell.press("Shift+ArrowDown")
    assert array(page, "kernel")[1, 1] == pytest.approx(0.1)
    cell.press("Tab")
    assert page.get_by_label("kernel weight, row 2, column 3").evaluate(
        "cell => cell === document.activeElement"
    )
    agrees(page)


def test_size_keeps_the_middle(page):
    menu(page, "Kernel").select_option("sharpen")
    slide(page, "Size", 5)
    np.testing.assert_array_equal(
        array(page, "kernel"), np.pad(kernels.BANK["sharpen"], 1)
    )
    slide(page, "Size", 3)
    np.testing.assert_array_equal(array(page, "kernel"), kernels.BANK["sharpen"])


def test_displays(page):
    menu(page, "Kernel").select_option("vertical_edges")
    result = expected(page)
    show = menu(page, "Show the result")
    show.select_option("absolute")
    absolute = np.abs(result) * 255 / np.abs(result).max()
    np.testing.assert_allclose(painted(page, 1), absolute, atol=0.51)
    show.select_option("signed")
    red = painted(page, 1)
    assert red[result == 0].min() == 255  # white
    assert result.max() > -result.min()  # so the strongest answer has the end's colour
    pixels = read(page, "() => model.painted(1)")[:, :, :3]
    end = [int(SIGNED[-1][at : at + 2], 16) for at in (1, 3, 5)]
    assert (pixels[result == result.max()] == end).all()
    assert (pixels[result < -400][:, 2] > pixels[result < -400][:, 0]).all()  # blue
    assert (pixels[result > 400][:, 0] > pixels[result > 400][:, 2]).all()  # red
    show.select_option("auto")
    assert "signed" in page.locator(".hc-view figcaption").nth(1).inner_text()
    menu(page, "Kernel").select_option("blur")
    assert "photo" in page.locator(".hc-view figcaption").nth(1).inner_text()


def test_pointing_and_pinning(page):
    stage = page.locator(".hc-stage").first
    box = stage.bounding_box()
    start = page.evaluate("model.get('position')")
    line = page.locator(".hc-note", has_text="result[")

    def point(row, column):
        page.mouse.move(
            box["x"] + 2 + (column + 0.5) / 256 * (box["width"] - 4),
            box["y"] + 2 + (row + 0.5) / 256 * (box["height"] - 4),
        )

    point(40, 50)
    assert line.inner_text().startswith("result[40, 50]")
    page.mouse.move(0, 0)
    assert line.inner_text().startswith(f"result[{start[0]}, {start[1]}]")
    point(10, 20)
    page.mouse.down()
    page.mouse.up()
    assert page.evaluate("model.get('position')") == [10, 20]
    held = page.get_by_text("Held.")
    point(90, 90)  # held: the sum stays
    assert line.inner_text().startswith("result[10, 20]")
    assert held.is_visible()
    page.mouse.down()
    page.mouse.up()  # another click holds another pixel,
    assert line.inner_text().startswith("result[90, 90]")
    assert held.is_visible()
    page.mouse.down()
    page.mouse.up()  # a second one on the same lets go
    assert held.count() == 0
    point(33, 44)
    assert line.inner_text().startswith("result[33, 44]")
    slide(page, "Row", 7)  # the keyboard's way holds too, and Esc lets go
    assert held.is_visible()
    slider(page, "Row").press("Escape")
    assert held.count() == 0
    root = page.get_by_role("group", name="KernelLab")
    root.press("ArrowDown")  # so do the arrow keys
    root.press("ArrowLeft")
    assert trait(page, "position") == [8, 43]
    assert held.is_visible()
    agrees(page)


def test_a_place_that_comes_before_its_picture(page):
    """Python sends what changed in any order: the place waits for the picture."""
    page.evaluate(
        """() => {
          model.set("position", [300, 310]);
          model.set("kernel", { shape: [1, 1], dtype: "float64",
            data: new DataView(Float64Array.of(2).buffer) });
        }"""
    )
    page.evaluate(
        """() => model.set("image", { shape: [320, 330], dtype: "uint8",
          data: new DataView(new Uint8Array(320 * 330).buffer) })"""
    )
    line = page.locator(".hc-note", has_text="result[").inner_text()
    assert line.startswith("result[300, 310]")
    assert trait(page, "position") == [300, 310]  # and is not answered
    agrees(page)


CHANGES = {
    "a weight is typed": lambda page: enter(page, ".hc-grid input", 0.4, "7.5"),
    "a weight is dragged": lambda page: slide(page, "Weight", 7.5),
    "larger": lambda page: slide(page, "Size", 7),
    "smaller": lambda page: slide(page, "Size", 1),
    "turned, changed": lambda page: (
        enter(page, ".hc-grid input", 0, "7.5"),
        push(page, "Turn 90°"),
    ),
    "flipped, changed": lambda page: (
        enter(page, ".hc-grid input", 0, "7.5"),
        push(page, "Flip"),
    ),
    "sum 1": lambda page: (
        enter(page, ".hc-grid input", 0, "7.5"),
        push(page, "Make the sum 1"),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_kernel_can_be_chosen_again_after_any_change(page, change):
    for name in kernels.BANK:
        choose(page, "Kernel", name)
        change(page)
        shown = menu(page, "Kernel").locator("option:checked").inner_text()
        if not np.array_equal(array(page, "kernel"), kernels.BANK[name]):
            assert shown == f"changed: {name.replace('_', ' ')}"
            choose(page, "Kernel", name)
        np.testing.assert_array_equal(array(page, "kernel"), kernels.BANK[name])
        assert menu(page, "Kernel").input_value() == name
        agrees(page)


def test_what_a_kernel_grows_by_is_not_left_from_another(page):
    choose(page, "Kernel", "outline")
    slide(page, "Size", 11)
    choose(page, "Kernel", "vertical_edges")
    slide(page, "Size", 5)
    wanted = np.pad(kernels.BANK["vertical_edges"], 1)
    np.testing.assert_array_equal(array(page, "kernel"), wanted)


def in_python(page):
    """What Copy as Python writes."""
    page.get_by_role("button", name="Copy as Python").click()
    return page.get_by_label("The same in Python").inner_text()


def test_copy_as_python_of_ones_own(page, tmp_path: Path):
    enter(page, ".hc-grid input", 0, "0.5")
    choose(page, "Show the result", "absolute")
    made = eval(in_python(page), {"KernelLab": KernelLab})
    np.testing.assert_array_equal(made.kernel, array(page, "kernel"))
    assert (made.photo, made.display) == ("camera", "absolute")
    made.close()
    Image.new("L", (20, 10), 77).save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.wait_for_function("model.get('photo') === 'own'")
    code, comment = in_python(page).split("  # ")
    assert comment == "image: your own picture, as an array"
    own = eval(code, {"KernelLab": KernelLab, "image": array(page, "image")})
    np.testing.assert_array_equal(own.image, array(page, "image"))
    np.testing.assert_array_equal(own.kernel, array(page, "kernel"))
    own.close()


def test_own_photo(page, tmp_path: Path):
    rng = np.random.default_rng(3)
    picture = np.kron(rng.integers(0, 256, (6, 8), dtype=np.uint8), np.ones((4, 4)))
    path = tmp_path / "mine.png"
    Image.fromarray(picture.astype(np.uint8)).save(path)
    page.locator("input[type=file]").set_input_files(path)
    page.wait_for_function("model.get('photo') === 'own'")
    np.testing.assert_array_equal(array(page, "image"), picture)
    agrees(page)


def test_own_photo_is_turned_shrunk_and_laid_on_white(page, tmp_path: Path):
    clear = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    exif = clear.getexif()
    exif[0x0112] = 6  # a quarter turn
    clear.save(tmp_path / "clear.png", exif=exif)
    page.locator("input[type=file]").set_input_files(tmp_path / "clear.png")
    page.wait_for_function("model.get('photo') === 'own'")
    image = array(page, "image")
    assert image.shape == (256, 128)
    assert (image == 255).all()
    agrees(page)


@pytest.mark.parametrize(
    "content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n1234"]
)
def test_broken_photo_is_refused(page, tmp_path: Path, content):
    before = array(page, "image")
    (tmp_path / "broken.png").write_bytes(content)
    page.locator("input[type=file]").set_input_files(tmp_path / "broken.png")
    page.get_by_text("cannot be read as a picture").wait_for()
    np.testing.assert_array_equal(array(page, "image"), before)
    assert page.evaluate("model.get('photo')") == "camera"


def test_huge_photo_is_refused(page, tmp_path: Path):
    Image.new("1", (10_000, 10_000)).save(tmp_path / "huge.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "huge.png")
    page.get_by_text("at most 64 million").wait_for()
    assert page.evaluate("model.get('photo')") == "camera"


def test_own_photo_can_be_chosen_again(page, tmp_path: Path):
    own = menu(page, "Photo").locator("option[value=own]")
    assert own.is_disabled()  # there is none yet
    Image.new("L", (20, 10), 77).save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.wait_for_function("model.get('photo') === 'own'")
    menu(page, "Photo").select_option("coffee")
    assert array(page, "image").shape == (256, 256)
    menu(page, "Photo").select_option("own")
    np.testing.assert_array_equal(array(page, "image"), np.full((10, 20), 77))
    agrees(page)


def test_an_own_picture_of_floats_is_not_rounded(browser):
    own = np.random.default_rng(1).random((20, 24))
    with watched(browser, KernelLab(own)) as page:
        menu(page, "Photo").select_option("coffee")
        menu(page, "Photo").select_option("own")
        np.testing.assert_array_equal(array(page, "image"), own)
        agrees(page)


def test_a_photo_chosen_meanwhile_is_not_overwritten(page, tmp_path: Path):
    Image.effect_noise((400, 400), 60).save(tmp_path / "slow.png")
    page.evaluate(
        """(photos) => {
          document.querySelector("input[type=file]").addEventListener("change", () => {
            photos.value = "coffee"; // before any of the file is read
            photos.dispatchEvent(new Event("change", { bubbles: true }));
          });
          const revoke = URL.revokeObjectURL;
          URL.revokeObjectURL = (url) => { // once the file is read
            revoke.call(URL, url);
            setTimeout(() => { window.wasRead = true; });
          };
        }""",
        menu(page, "Photo").element_handle(),
    )
    page.locator("input[type=file]").set_input_files(tmp_path / "slow.png")
    page.wait_for_function("window.wasRead")
    assert page.evaluate("model.get('photo')") == "coffee"
    assert array(page, "image").shape == (256, 256)


def test_rounding_is_not_called_cutting(browser):
    explorer = KernelLab(np.full((20, 20), 255), kernels.box(7))
    with watched(browser, explorer) as page:
        page.get_by_text("0 % of the pixels").wait_for()


def test_python_moves_the_screen(page):
    page.evaluate(
        """() => model.set("kernel", {
          shape: [1, 1], dtype: "float64",
          data: new DataView(Float64Array.of(2).buffer) })"""
    )
    assert cells(page) == [2]
    agrees(page)


def test_goes_on_when_the_kernel_is_gone(page):
    lose_the_kernel(page)
    menu(page, "Kernel").select_option("outline")
    menu(page, "Photo").select_option("coffee")
    slide(page, "Row", 7)
    agrees(page)


@pytest.mark.parametrize("image", [[[7]], np.full((40, 60), 9), np.zeros((3, 3), bool)])
def test_odd_pictures(browser, image):
    with watched(browser, KernelLab(image, "outline")) as page:
        slide(page, "Size", 11)
        agrees(page)
