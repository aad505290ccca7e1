"""Every lesson in a real JupyterLab: Run All, no error; its explorers answer."""

import json
import re
import time

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from explorers_given import IMPORTS, made
from lab_browser import explorers_in
from playwright.sync_api import expect
from stage import ROOT

from helpers import kernels, widgets

PATIENCE = 60  # seconds that a change may be on its way between screen and Python
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def until(holds, read):
    """Read until it holds, or for a long time; return what was read last."""
    deadline = time.monotonic() + PATIENCE
    while not holds(seen := read()) and time.monotonic() < deadline:
        pass
    return seen


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_run_all(browser, lab, path):
    shown = explorers_in(path)
    assert shown
    with lab.open(browser, lab.copy(path)) as notebook:
        notebook.run_all()
        assert notebook.errors() == []
        live = notebook.page.locator(".hc")
        expect(live).to_have_count(len(shown))
        for index, name in enumerate(shown):  # each stands there, alive and in size
            expect(live.nth(index)).to_have_attribute("aria-label", name)
            assert live.nth(index).bounding_box()["height"] > 100
        found = Axe().run(notebook.page, context=".hc").response["violations"]
        assert [r["id"] for r in found if r["impact"] in ("serious", "critical")] == []


def test_an_explorer_that_starts_late_follows_python(browser, lab):
    cells = ["from helpers.widgets import KernelLab\nlab = KernelLab()\nlab"]
    name = lab.write("late.ipynb", *cells, "lab.kernel = [[7]]")
    with lab.open(browser, name) as notebook:
        # The first thing that is asked of a model's clock: the page stands still.
        notebook.page.evaluate("""() => {
            const timeout = AbortSignal.timeout;
            AbortSignal.timeout = (ms) => {
                AbortSignal.timeout = timeout;
                const signal = timeout(ms);
                const until = performance.now() + 2500;
                while (performance.now() < until);
                return signal;
            };
        }""")
        notebook.run_all()
        weight = notebook.page.get_by_label("kernel weight, row 1, column 1")
        expect(weight).to_have_value("7")
        assert notebook.errors() == []


# A slider that is moved on the screen; a trait that Python sets, and what follows it.
ROUND_TRIPS = {
    "ActivationGallery": ("x", "x", -3.5, "x"),
    "ArchitectureTable": ("Input", "width", 0.5, "Width"),
    "AugmentationSampler": ("Turn up to", "colour", 0.5, "Colour"),
    "BackpropStepper": ("Learning rate", "learning_rate", 0.25, "Learning rate"),
    "CureLab": ("Patience", "epoch", 2, "Epoch"),
    "DescentRace": ("Learning rate", "momentum", 0.5, "Momentum"),
    "KernelLearning": ("Examples", "noise", 0.5, "Noise"),
    "ConvolutionStepper": ("Input size", "stride", 2, "Stride"),
    "ChannelSum": ("Input size", "bias", 2, "Bias"),
    "DigitPad": ("Turn", "scale", 120, "Size"),
    "DreamScrubber": ("Picture", "step", 2, "Picture"),
    "DropoutViewer": ("Draw", "rate", 0.25, "Rate"),
    "FilterBrowser": ("Picture", "epoch", 1, "Epoch"),
    "FoolIt": ("Strength", "steps", 3, "Steps"),
    "GoBoard": ("Move", "step", 4, "Move"),
    "GradientFlow": ("Depth", "layers", 12, "Depth"),
    "ReceptiveField": ("Input", "size", 30, "Input"),
    "PhotoReader": ("Turn", "brightness", 150, "Brightness"),
    "PoolingStepper": ("Input size", "size", 3, "Window"),
    "SpectrogramLab": ("Kernel rows", "hop", 200, "Hop"),
    "SentenceScanner": ("Window", "rows", 12, "Filters"),
    "ShiftTest": ("Columns right", "size", 5, "Window"),
    "TransposedPainter": ("Kernel size", "stride", 4, "Stride"),
    "UpsamplingCompare": ("Patch row", "kernel_size", 9, "Kernel size"),
    "WhyMap": ("Strength", "patch", 9, "Patch"),
}
WITH_A_GRID = [
    "ConvolutionStepper",
    "ChannelSum",
    "PoolingStepper",
    "TransposedPainter",
]


# No slider: what they say to Python, and Python to them, their own tests try.
WITHOUT_A_SLIDER = {"KernelLab", "MistakeBrowser", "TrainingCurves", "UnitBrowser"}


def test_every_explorer_has_a_round_trip():
    assert {*ROUND_TRIPS, *WITHOUT_A_SLIDER} == set(widgets.__all__)


@pytest.fixture(scope="module")
def both_sides(browser, lab):
    """A notebook with every explorer in cell 2k + 1; 2k + 2 sets a trait of it."""
    cells = [f"import json\n{IMPORTS}shown = {{}}"]
    for name, (_, trait, value, _) in ROUND_TRIPS.items():
        cells.append(f"shown['{name}'] = {made(name)}\nshown['{name}']")
        cells.append(f"shown['{name}'].{trait} = {value}")
    cells.append(
        "print(json.dumps({name: [explorer.describe(), explorer.result.tolist()]\n"
        f"  if name in {WITH_A_GRID} else [explorer.describe(), None]\n"
        "  for name, explorer in shown.items()}))"
    )
    name = lab.write("round_trips.ipynb", *cells)
    with lab.open(browser, name, width=1000) as notebook:
        notebook.run(0)
        for number in range(len(ROUND_TRIPS)):
            notebook.run(2 * number + 1)
        yield notebook


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_screen_and_python_follow_each_other(both_sides, name):
    number = list(ROUND_TRIPS).index(name)
    moved, _, value, followed = ROUND_TRIPS[name]
    cell = both_sides.cell(2 * number + 1)

    def in_python():
        return json.loads(both_sides.run(2 * len(ROUND_TRIPS) + 1))

    def on_screen():
        return cell.locator(
            "table[aria-label=output] td:not(.hc-padding), "
            "table[aria-label='output 1'] td:not(.hc-padding)"
        ).all_inner_texts()

    before = in_python()
    cell.get_by_role("slider", name=re.compile(f"^{moved}")).press("ArrowRight")
    # It may be on its way to Python.
    after = until(lambda told: told != before, in_python)
    assert [other for other in after if after[other] != before[other]] == [name]
    if name in WITH_A_GRID:
        numbers = [as_number(text) for text in on_screen()]
        np.testing.assert_allclose(numbers, np.ravel(after[name][1]), rtol=1e-3)

    both_sides.run(2 * number + 2)
    control = cell.get_by_role("slider", name=re.compile(f"^{followed}"))
    expect(control).to_have_value(str(value))
    if name in WITH_A_GRID:
        numbers = [as_number(text) for text in on_screen()]
        wanted = np.ravel(in_python()[name][1])
        np.testing.assert_allclose(numbers, wanted, rtol=1e-3)
    assert both_sides.errors() == []


@pytest.fixture(scope="module")
def notebook(browser, lab):
    """A notebook with a KernelLab, and cells that say what Python has."""
    name = lab.write(
        "kernel_lab.ipynb",
        "from helpers.widgets import KernelLab\nlab = KernelLab('camera')\nlab",
        "import json\n"
        "print(json.dumps({'kernel': lab.kernel.tolist(), 'photo': lab.photo,\n"
        "  'range': [lab.result.min(), lab.result.max()],\n"
        "  'position': lab.position, 'value': lab.result[lab.position]}))",
        "lab.kernel = 'outline'\nlab.photo = 'coffee'\nlab.position = (3, 4)",
        "try:\n    lab.kernel = [[1, 2], [3, 4]]\nexcept Exception as error:\n"
        "    print(error)",
        "from helpers.widgets.parts import base\nprint(len(base._standing))",
    )
    with lab.open(browser, name, width=1000) as notebook:
        notebook.run(0)
        yield notebook


def python_has(notebook):
    return json.loads(notebook.run(1))


def as_number(text):
    return float(text.strip(".").replace("−", "-"))


def screen_has(notebook):
    page = notebook.page
    texts = page.eval_on_selector_all(
        ".hc-grid input", "(inputs) => inputs.map((input) => input.value)"
    )
    note = page.locator(".hc-note", has_text="From").inner_text()
    line = page.locator(".hc-note", has_text="result[").inner_text()
    return {
        "kernel": [as_number(text) for text in texts],
        "range": [as_number(word) for word in note.split()[1:4:2]],
        "value": as_number(line.rsplit("= ", 1)[1]),
        "photo": page.get_by_role("combobox", name="Photo").input_value(),
    }


def agree(notebook):
    screen = screen_has(notebook)

    def arrived(python):
        return np.size(python["kernel"]) == len(screen["kernel"]) and np.allclose(
            [*np.ravel(python["kernel"]), python["value"]],
            [*screen["kernel"], screen["value"]],
            rtol=1e-3,
        )

    # The last change may be on its way to Python.
    python = until(arrived, lambda: python_has(notebook))
    np.testing.assert_allclose(np.ravel(python["kernel"]), screen["kernel"], rtol=1e-3)
    np.testing.assert_allclose(python["range"], screen["range"], rtol=1e-3)
    np.testing.assert_allclose(python["value"], screen["value"], rtol=1e-5, atol=1e-9)
    assert python["photo"] == screen["photo"]
    return python


def test_the_screen_moves_python(notebook):
    page = notebook.page
    page.get_by_role("combobox", name="Kernel").select_option("sharpen")
    assert agree(notebook)["kernel"] == kernels.named("sharpen").tolist()
    cell = page.get_by_label("kernel weight, row 1, column 2")
    cell.fill("-2.5")
    cell.press("ArrowUp")
    assert agree(notebook)["kernel"][0][1] == -2.4
    page.get_by_role("slider", name="Size").press("ArrowRight")
    assert np.shape(agree(notebook)["kernel"]) == (5, 5)
    page.get_by_role("slider", name="Row", exact=True).press("ArrowRight")
    assert agree(notebook)["position"] == [129, 128]
    page.get_by_role("combobox", name="Photo").select_option("chelsea")
    agree(notebook)
    assert notebook.errors() == []


def test_keys_stay_in_the_explorer(notebook):
    """Arrows and letters in a slider must not be taken for the notebook's shortcuts."""
    before = notebook.page.locator(".jp-Cell").count()
    slider = notebook.page.get_by_role("slider", name="Column", exact=True)
    for key in ("ArrowDown", "ArrowUp", "a", "b", "x"):
        slider.press(key)
    assert notebook.page.locator(".jp-Cell").count() == before
    assert slider.evaluate("slider => slider === document.activeElement")


def test_python_moves_the_screen(notebook):
    notebook.run(2)
    python = agree(notebook)
    assert python["kernel"] == kernels.named("outline").tolist()
    assert python["photo"] == "coffee"
    assert python["position"] == [3, 4]


def test_a_bad_kernel_leaves_the_last_good_one(notebook):
    before = screen_has(notebook)
    said = notebook.run(3)
    assert "odd side" in said
    assert screen_has(notebook) == before
    assert agree(notebook)


def test_running_the_cell_again_leaves_one_explorer(notebook):
    for _ in range(5):
        notebook.run(0)
    expect(notebook.page.locator(".hc")).to_have_count(1)
    assert notebook.run(4).strip() == "1"
    agree(notebook)


def test_the_explorer_goes_on_when_the_kernel_is_started_anew(notebook):
    page = notebook.page
    page.click("text=Kernel >> nth=0")
    page.get_by_text("Restart Kernel…", exact=True).click()
    page.locator("dialog .jp-mod-accept").click()
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("combobox", name="Kernel").select_option("darken")
    assert screen_has(notebook)["kernel"] == kernels.named("darken").ravel().tolist()
    page.get_by_role("slider", name="Row", exact=True).press("ArrowRight")
    line = page.locator(".hc-note", has_text="result[").inner_text()
    assert line.startswith("result[129, 128]")
    assert notebook.page_errors == []
