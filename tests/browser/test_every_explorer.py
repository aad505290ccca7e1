"""What holds for every explorer: it can be read, it fits, it leaves nothing behind."""

import inspect

import go_networks
import hands
import numpy as np
import photo_networks
import pytest
import sentence_networks
import sound_networks
from anywidget import AnyWidget
from hands import (
    RESTS,
    grave,
    left_behind,
    trait,
    watched,
    wear_out,
    width_needed,
)
from stored_runs import CURES_OF, stored

from helpers import images, widgets
from helpers.networks import exported


def of_mistakes():
    """300 digits and what nobody should take them for, by a seed."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 10, 300)
    scores = rng.normal(size=(300, 10)) + 4 * np.eye(10)[labels]
    digits = np.stack([images.digit(k) for k in range(10)])
    return digits[labels], labels, np.exp(scores) / np.exp(scores).sum(1, keepdims=True)


def grown_curves():
    """Two epochs of a training."""
    curves = widgets.TrainingCurves()
    for epoch in (0.5, 1, 1.5, 2):
        curves.add(epoch, {"loss": 1 / epoch, "val_loss": 2 / epoch, "accuracy": 0.5})
    return curves


def fainter(network, factor):
    """A network whose kernels are smaller by a factor."""
    data = bytearray(network.data)
    for layer in network.description["layers"]:
        place = layer.get("weights", {}).get("kernel")
        if place:
            count = int(np.prod(place["shape"]))
            kernel = np.frombuffer(data, "<f2", count, place["at"])
            kernel *= np.float16(factor)
    return exported.Network(network.description, bytes(data))


def of_filters():
    """A network of digits as if it had been trained for five epochs, and digits."""
    network = exported.shipped("mnist")
    moments = [fainter(network, k / 5) for k in range(6)]
    return network, np.stack([images.digit(k) for k in range(4)]), moments


def of_dreams():
    """A picture that grows out of a gradient in two ways, twelve steps each."""
    rows, columns = np.mgrid[:40, :48]
    begin = 60 + np.stack([rows, columns, rows + columns], -1)
    waves = {"4": np.sin((rows + columns) / 4), "5": np.cos((rows - columns) / 6)}
    pictures = {
        name: [begin + 4 * k * wave[..., None] for k in range(12)]
        for name, wave in waves.items()
    }
    values = {name: {"activation": np.arange(40.0) + 1} for name in pictures}
    return {"pictures": pictures, "before": begin, "values": values}


PHOTOS = photo_networks.small()
POLICY = go_networks.small()
SPOKEN = sound_networks.small()
READS = sentence_networks.small()
DREAMS = of_dreams()

# What "Copy as Python" calls by a name of the learner's own.
OWN = {
    "CureLab": {"experiments": stored()},
    "DreamScrubber": DREAMS,
    "FilterBrowser": dict(
        zip(("model", "images", "record"), of_filters(), strict=True)
    ),
    "GoBoard": {"model": POLICY},
    "MistakeBrowser": dict(
        zip(("images", "labels", "probabilities"), of_mistakes(), strict=True)
    ),
    "PhotoReader": {"model": PHOTOS},
    "SentenceScanner": {"model": READS},
    "SpectrogramLab": {"model": SPOKEN},
    "WhyMap": {"model": PHOTOS},
}
# Each in a state in which it has much to show.
SHOWN = {
    "ActivationGallery": lambda: widgets.ActivationGallery(
        "elu", "prelu", x=-2.5, alpha=0.5, prelu_slope=-0.3
    ),
    "ArchitectureTable": lambda: widgets.ArchitectureTable(
        224,
        5,
        width=0.25,
        groups=2,
        layers={"filters1": {"kernel": 7}, "hidden7": {"units": 512}},
        batch_size=64,
        shown="activation_bytes",
    ),
    "AugmentationSampler": lambda: widgets.AugmentationSampler(
        "letter b",
        crop="fixed size",
        size=224,
        turn=180,
        brightness=0.25,
        colour=0.5,
        seed=3,
    ),
    "KernelLab": lambda: widgets.KernelLab("camera", "sharpen"),
    "KernelLearning": lambda: widgets.KernelLearning(
        "blur", 5, examples=3, noise=0.5, batch=2, steps=100, seed=4
    ),
    "ConvolutionStepper": lambda: widgets.ConvolutionStepper(
        "blur", padding=1, stride=2, dilation=2
    ),
    "BackpropStepper": lambda: widgets.BackpropStepper(
        "convolution", {"v1": 2, "x[0,0]": -1.5}, learning_rate=0.1
    ),
    "CureLab": lambda: widgets.CureLab(
        stored(),
        CURES_OF,
        cures=CURES_OF["all together"],
        compared="dropout",
        metric="loss",
        epoch=20,
        patience=2,
    ),
    "DescentRace": lambda: widgets.DescentRace(
        "valley",
        (-2.5, 0.8),
        learning_rate=0.12,
        noise=0.5,
        seed=3,
        racers=["SGD", "Adam"],
    ),
    "ChannelSum": lambda: widgets.ChannelSum("ball", "gray", -2),
    "DigitPad": lambda: widgets.DigitPad(
        "mnist",
        strokes=[[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]],
        prepare="as drawn",
        shift=(1, -2),
        turn=10,
        scale=110,
    ),
    "DreamScrubber": lambda: widgets.DreamScrubber(
        **DREAMS, left="5", right="4", step=7, difference=True
    ),
    "DropoutViewer": lambda: widgets.DropoutViewer(
        "digit", rate=0.4, scaling="none", seed=5, draw=60
    ),
    "FilterBrowser": lambda: widgets.FilterBrowser(
        *of_filters(), epoch=4, layer=5, filter=3, channel=2, example=1
    ),
    "FoolIt": lambda: widgets.FoolIt("digit 6", strength=9, target=8, steps=2, seed=3),
    "GoBoard": lambda: widgets.GoBoard(
        POLICY,
        "ko",
        moves=["E5", "E6", "F6", "D5", "E7", "pass", "G5", "white D6", "black A1"],
        step=4,
        shown="liberties",
        symmetry=5,
        averaged=True,
        layer=5,
        unit=(2, 3, 4),
    ),
    "GradientFlow": lambda: widgets.GradientFlow(
        "relu", "he_normal", layers=8, held={"activation": "sigmoid", "layers": 9}
    ),
    "ReceptiveField": lambda: widgets.ReceptiveField([(3, 1, 2)] * 3, 20),
    "MistakeBrowser": lambda: widgets.MistakeBrowser(
        *of_mistakes(), cell=(3, 3), order="least sure first", only_mistakes=False
    ),
    "PhotoReader": lambda: widgets.PhotoReader(
        PHOTOS,
        "coffee",
        crop=(30, 20, 180),
        mirror=True,
        turn=-15,
        brightness=130,
    ),
    "PoolingStepper": lambda: widgets.PoolingStepper(
        "overlapping", stride=4, padding=1, view="gradient"
    ),
    "SentenceScanner": lambda: widgets.SentenceScanner(
        "The zorbulous plot isn't dull, it's a wonderful, clever film: 好看!",
        READS,
        width=3,
        filter=8,
        place=2,
        rows=5,
    ),
    "ShiftTest": lambda: widgets.ShiftTest("digit 3", shift=(0, 3), twice=True),
    "SpectrogramLab": lambda: widgets.SpectrogramLab(
        "falling chirp",
        "falling",
        "time",
        window=128,
        hop=96,
        network=SPOKEN,
        layer="pool1",
        position=(0, 20),
        step=60,
    ),
    "TrainingCurves": grown_curves,
    "TransposedPainter": lambda: widgets.TransposedPainter("bilinear"),
    "UnitBrowser": lambda: widgets.UnitBrowser(
        layer="bend3", unit=95, order="most selective first", patch=2
    ),
    "UpsamplingCompare": lambda: widgets.UpsamplingCompare("camera", 4),
    "WhyMap": lambda: widgets.WhyMap(
        PHOTOS,
        "coffee",
        label=2,
        method="saliency",
        layer="filters",
        random_weights=True,
        strength=45,
        covered=(9, 20),
        patch=5,
    ),
}

DRAG = """
  const drag = (control, value) => {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const drag_all = () => {
    const sliders = document.querySelectorAll("input[type=range]:enabled");
    drag(sliders[k % sliders.length], 1 + (k % 5));
  };
"""
# Sizes go up and down, a number is typed, the pointer wanders over the cells.
GRIDS = """
  const sizes = [...document.querySelectorAll("label.hc-slider")];
  const input_size = sizes.find((label) => label.textContent.startsWith("Input size"));
  const typed = document.querySelectorAll(".hc-grid input:not([type=checkbox])");
  const cells = document.querySelectorAll("table.hc-grid td");
  if (k % 10 === 0) drag(input_size.querySelector("input"), 4 + (k / 10) % 2);
  else if (k % 2) drag(typed[0], k % 7);
  else
    cells[(7 * k) % cells.length].dispatchEvent(
      new PointerEvent("pointerover", { bubbles: true }));
"""
MOVES = {
    **dict.fromkeys(
        ["ConvolutionStepper", "ChannelSum", "PoolingStepper", "TransposedPainter"],
        GRIDS,
    ),
    "ActivationGallery": """
      drag_all();
      const menus = document.querySelectorAll("select");
      const menu = menus[1 + (k % 2)]; // the example stays as it is
      menu.selectedIndex = (3 * k) % menu.options.length;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
      const logits = document.querySelectorAll(".hc-box input");
      if (logits.length) drag(logits[k % logits.length], k % 7);
      const bars = document.querySelectorAll(".ag-bar");
      bars[k % 5]?.click();
      for (const one of document.querySelectorAll("details")) one.open = k % 4 < 2;
    """,
    "ArchitectureTable": """
      const fields = document.querySelectorAll("table input");
      drag(fields[k % fields.length], 1 + (k % 7)); // some of them cannot be
      const sliders = document.querySelectorAll("input[type=range]");
      drag(sliders[k % 3], [32 + (k % 250), 0.125 + (k % 8) / 8, k % 11][k % 3]);
      const menus = [...document.querySelectorAll("select")].slice(1);
      const menu = menus[k % menus.length]; // the example stays as it is
      menu.selectedIndex = (3 * k) % menu.options.length;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
    """,
    "AugmentationSampler": """
      drag_all();
      const picks = document.querySelectorAll(".hc-pick");
      picks[k % picks.length].click();
      const key = ["ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"][k % 4];
      picks[k % picks.length].dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true }));
      const windows = document.querySelectorAll("select")[3];
      windows.selectedIndex = k % 2;
      windows.dispatchEvent(new Event("change", { bubbles: true }));
      if (k % 10 === 0) document.querySelector("input[type=checkbox]").click();
    """,
    "BackpropStepper": """
      const numbers = document.querySelectorAll(".hc-box input");
      drag(numbers[k % numbers.length], k % 7);
      drag(document.querySelector("input[type=range]"), 1 + (k % 12));
      const graph = document.querySelector("select");
      if (k % 20 === 0) {
        graph.value = ["neuron", "two_layers", "convolution"][(k / 20) % 3];
        graph.dispatchEvent(new Event("change", { bubbles: true }));
      }
    """,
    "CureLab": """
      document.querySelector("details").open = k % 4 < 2;
      drag_all();
      const boxes = document.querySelectorAll("input[type=checkbox]");
      boxes[k % boxes.length].click(); // some of them are refused
      document.querySelector(".cl-offers button")?.click();
      const rows = document.querySelectorAll(".cl-ranking tbody tr");
      if (k % 5 === 0) rows[(k / 5) % rows.length].click();
      const menus = document.querySelectorAll("select");
      const menu = menus[k % menus.length];
      menu.selectedIndex = (3 * k) % menu.options.length;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
    """,
    "DescentRace": """
      drag_all();
      const ball = document.querySelector(".hc-ball");
      const key = ["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"][k % 4];
      ball.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      if (k % 10 === 0) document.querySelector(".dr-table input").click();
      const landscape = document.querySelectorAll("select")[2];
      if (k % 20 === 0) {
        landscape.value = ["bowl", "valley", "saddle"][(k / 20) % 3];
        landscape.dispatchEvent(new Event("change", { bubbles: true }));
      }
    """,
    "DigitPad": """
      drag_all();
      const stages = document.querySelectorAll("[role=application]");
      const key = ["ArrowUp", " ", "ArrowLeft", "PageDown", "ArrowDown", " "][k % 6];
      stages[k % 2 ? 0 : k % stages.length].dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true }));
      const [clear] = [...document.querySelectorAll(".dp-drawing button")].slice(1);
      if (k % 20 === 0) clear.click();
      const boxes = document.querySelectorAll("input[type=checkbox]");
      if (k % 10 === 0) boxes[[0, 2][(k / 10) % 2]].click();
      const [network] = document.querySelectorAll("select");
      if (k % 50 === 0) {
        network.value = ["quickdraw", "mnist"][(k / 50) % 2];
        network.dispatchEvent(new Event("change", { bubbles: true }));
      }
    """,
    "DreamScrubber": """
      drag(document.querySelector("input[type=range]"), k % 12);
      document.querySelector("details").open = k % 4 < 2;
      const menus = document.querySelectorAll("select");
      const menu = menus[k % 2];
      menu.selectedIndex = (3 * k) % menu.options.length;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
      if (k % 5 === 0) document.querySelector("input[type=checkbox]").click();
    """,
    "DropoutViewer": """
      const [draw, rate, unit] = document.querySelectorAll("input[type=range]");
      const values = [1 + (7 * k) % 500, (k % 10) / 10, k % 64];
      drag([draw, rate, unit][k % 3], values[k % 3]);
      const menus = [...document.querySelectorAll("select")].slice(2);
      const menu = menus[k % 2]; // the example and the speed stay as they are
      menu.selectedIndex = (3 * k) % menu.options.length;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
      const cells = document.querySelectorAll("table.hc-grid td");
      cells[(7 * k) % cells.length].dispatchEvent(
        new PointerEvent("pointerover", { bubbles: true }));
      const buttons = [...document.querySelectorAll(".hc-settings button")];
      if (k % 5 === 0) buttons[(k / 5) % buttons.length].click();
    """,
    "FilterBrowser": """
      drag_all();
      const stages = document.querySelectorAll("[role=application]");
      const key = ["ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight"][k % 4];
      stages[k % 2].dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      const [layer] = document.querySelectorAll("select");
      if (k % 10 === 0) {
        layer.selectedIndex = (k / 10) % layer.options.length;
        layer.dispatchEvent(new Event("change", { bubbles: true }));
      }
    """,
    "FoolIt": """
      const [strength, steps] = document.querySelectorAll("input[type=range]");
      drag(strength, (7 * k) % 65);
      if (k % 50 === 0) drag(steps, 1 + 9 * ((k / 50) % 2));
      const [digit, target] = document.querySelectorAll("select");
      const menu = k % 20 ? target : digit;
      if (k % 10 === 0) {
        menu.selectedIndex = (k / 10) % 10;
        menu.dispatchEvent(new Event("change", { bubbles: true }));
      }
      const buttons = document.querySelectorAll(".hc-settings button:enabled");
      if (k % 3 === 0) [...buttons].at(-1).click();
    """,
    "GoBoard": """
      drag(document.querySelector("input[type=range]"), k % 7);
      for (const [n, one] of document.querySelectorAll("details").entries())
        one.open = k % 50 < 25 * n;
      const grid = document.querySelector("[role=grid]");
      const box = grid.getBoundingClientRect();
      const place = { clientX: box.left + (7 * k) % box.width,
        clientY: box.top + (11 * k) % box.height, bubbles: true };
      grid.dispatchEvent(new PointerEvent("pointermove", place));
      if (k % 10 < 3) grid.dispatchEvent(new MouseEvent("click", place));
      const key = ["ArrowUp", "ArrowLeft", "ArrowDown", "Enter"][k % 4];
      grid.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      const boxes = document.querySelectorAll("input[type=checkbox]");
      if (k % 25 === 0) boxes[(k / 25) % 2].click();
      const menus = [...document.querySelectorAll("select")];
      const menu = menus[[0, 2, 3][k % 3]]; // the speed stays as it is
      menu.selectedIndex = k % 3;
      if (k % 10 < 4) menu.dispatchEvent(new Event("change", { bubbles: true }));
      document.querySelectorAll(".gb-eight .hc-pick")[k % 8].click();
      for (const button of document.querySelectorAll(".gb-side button"))
        if (k % 7 === 0) button.click();
    """,
    "GradientFlow": """
      const [step, layers] = document.querySelectorAll("input[type=range]");
      drag(k % 2 ? step : layers, 2 + (k % 5));
      const choice = document.querySelectorAll("select")[3];
      choice.selectedIndex = k % 3;
      choice.dispatchEvent(new Event("change", { bubbles: true }));
      const buttons = [...document.querySelectorAll(".hc-settings button")];
      if (k % 10 === 0) buttons[(k / 10) % 3].click();
    """,
    "KernelLab": 'drag(document.querySelector(".hc-grid input"), k % 7);',
    "KernelLearning": """
      document.querySelector("details").open = k % 4 < 2;
      drag(document.querySelector(".hc-grid input"), k % 7);
      drag_all();
    """,
    "MistakeBrowser": """
      const cells = document.querySelectorAll("tbody td");
      if (k % 3 === 0) cells[(11 * (k % 10) + (k % 2)) % 100].click();
      const tiles = [...document.querySelectorAll(".hc-tile:not([hidden]) button")];
      tiles[k % tiles.length]?.click();
      const key = ["ArrowRight", "PageDown", "PageUp", "ArrowDown"][k % 4];
      (tiles[0] ?? cells[0]).dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true }));
      if (k % 7 === 0) document.querySelector("input[type=checkbox]").click();
      const order = document.querySelectorAll("select")[1];
      order.selectedIndex = k % 3;
      order.dispatchEvent(new Event("change", { bubbles: true }));
    """,
    "PhotoReader": """
      drag_all();
      const stages = document.querySelectorAll("[role=application]");
      const key = ["ArrowUp", "-", "ArrowLeft", "+", "ArrowDown", "Delete"][k % 6];
      stages[k % 2].dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      const box = stages[1].getBoundingClientRect();
      stages[1].dispatchEvent(new PointerEvent(k % 5 ? "pointermove" : "pointerleave", {
        clientX: box.left + (7 * k) % box.width, clientY: box.top + k % box.height }));
      const boxes = document.querySelectorAll("input[type=checkbox]");
      if (k % 10 === 0) boxes[[0, 2][(k / 10) % 2]].click();
      const [photo] = document.querySelectorAll("select");
      if (k % 50 === 0) {
        photo.selectedIndex = (k / 50) % 4;
        photo.dispatchEvent(new Event("change", { bubbles: true }));
      }
    """,
    "ReceptiveField": """
      drag(document.querySelector(".hc-layer input"), 1 + (k % 5));
      const planes = document.querySelectorAll(".rf-plane");
      const key = ["ArrowUp", "PageDown", "ArrowLeft", "PageUp"][k % 4];
      planes[k % 4].dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    """,
    "ShiftTest": """
      document.querySelector("details").open = k % 4 < 2;
      drag_all();
    """,
    "SentenceScanner": """
      drag_all();
      const field = document.querySelector(".ss-field input");
      if (k % 2) drag(field, "not a good film ! but never zorbulous".slice(0, k % 37));
      const menu = document.querySelectorAll("select")[k % 4 ? 2 : 0];
      menu.selectedIndex = k % 6;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
      const rows = [...document.querySelectorAll("button.ss-row:not([hidden])")];
      rows[k % rows.length].click();
      const words = [...document.querySelectorAll(".ss-words li")];
      const word = words[k % words.length];
      word.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
      if (k % 3) word.click();
    """,
    "SpectrogramLab": """
      const sliders = document.querySelectorAll(".hc-settings input[type=range]");
      const [windows, hop, rows, columns] = sliders;
      const moved = [rows, hop, columns][k % 3];
      if (k % 10 === 0) drag(windows, 1 + (k / 10) % 3);
      else if (k % 2) drag(document.querySelector(".hc-grid input"), k % 7);
      else drag(moved, moved === hop ? 160 + 8 * (k % 5) : 2 + (k % 3));
      const [sound, pattern, , scale, slides, layer] =
        document.querySelectorAll("select");
      const menu = k % 50 ? [pattern, slides, layer][k % 3] : k % 100 ? sound : scale;
      menu.selectedIndex = k % 2;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
      const stage = document.querySelector(".sl-spectrogram .hc-stage");
      const box = stage.getBoundingClientRect();
      stage.dispatchEvent(new PointerEvent(k % 5 ? "pointermove" : "pointerleave", {
        clientX: box.left + (7 * k) % box.width, clientY: box.top + k % box.height }));
    """,
    "TrainingCurves": """
      const curves = { ...model.get("_curves") };
      curves.loss = [[1, 2 + k], [1, k]];
      if (k % 3) delete curves.accuracy; else curves.accuracy = [[1], [k]];
      model.set("_curves", curves);
    """,
    "UnitBrowser": """
      const key = ["ArrowRight", "ArrowDown", "Home", "ArrowRight", "End"][k % 5];
      document.querySelector("[role=application]").dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true }));
      const tiles = [...document.querySelectorAll(".hc-tile:not([hidden]) button")];
      tiles[k % tiles.length]?.click();
      const menu = document.querySelectorAll("select")[k % 2];
      menu.selectedIndex = (3 * k) % menu.options.length;
      if (k % 10 < 2) menu.dispatchEvent(new Event("change", { bubbles: true }));
    """,
    "UpsamplingCompare": "drag_all();",
    "WhyMap": """
      drag_all();
      const stage = document.querySelector("[role=application]");
      const key = ["ArrowUp", "ArrowLeft", "ArrowDown", "Delete"][k % 4];
      stage.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      const box = stage.getBoundingClientRect();
      stage.dispatchEvent(new PointerEvent(k % 5 ? "pointermove" : "pointerleave", {
        clientX: box.left + (7 * k) % box.width, clientY: box.top + k % box.height }));
      const [photo, label, method, layer] = document.querySelectorAll("select");
      const menu = k % 50 ? [label, method, layer][k % 3] : photo;
      menu.selectedIndex = k % 4;
      menu.dispatchEvent(new Event("change", { bubbles: true }));
      if (k % 10 === 0) document.querySelector("input[type=checkbox]").click();
    """,
}
# What it would leave behind, it leaves of a small picture too: 32 kB with every move.
SMALL = {
    "KernelLab": lambda: widgets.KernelLab(images.photo("camera", size=64), "blur")
}


def test_none_is_forgotten():
    assert sorted(SHOWN) == sorted(MOVES) == sorted(widgets.__all__)


@pytest.fixture(params=SHOWN)
def name(request):
    return request.param


@pytest.fixture
def page(browser, name):
    with watched(browser, SHOWN[name]()) as page:
        yield page


@pytest.mark.parametrize("dark", [False, True])
def test_accessibility(browser, name, dark):
    with watched(browser, SHOWN[name](), dark=dark) as page:
        assert grave(page) == []
        outputs = page.locator("td:not(:has(input)):not(.hc-padding)")
        if outputs.count():
            outputs.first.click()
        grids = "table input:not([type=checkbox])"
        numbers = page.locator(f"{grids}, .hc-layer input, .hc-box input")
        if numbers.count():  # a refusal
            numbers.first.fill("")
            assert page.get_by_role("alert").inner_text()
        page.get_by_role("button", name="Large").click()
        assert grave(page) == []


def test_every_explorer_has_something_that_no_window_reaches(browser):
    """So that axe-core sees pale cells too."""
    for name in ("ConvolutionStepper", "PoolingStepper"):
        with watched(browser, SHOWN[name]()) as page:
            assert page.locator(".hc-is-unused").count() > 3


def test_fits_a_phone(browser, name):
    """Also where all of it is large."""
    with watched(browser, SHOWN[name](), width=360) as page:
        page.wait_for_function(RESTS)
        assert width_needed(page) <= 360
        page.get_by_role("button", name="Large").click()
        assert width_needed(page) <= 360


def test_large_and_full_screen(page):
    wear_out(page)

    def size():
        style = page.locator(".hc").evaluate("root => getComputedStyle(root).fontSize")
        return float(style[:-2])

    before = size()
    page.get_by_role("button", name="Large").click()
    assert size() > 1.5 * before
    page.get_by_role("button", name="Large").click()
    assert size() == before
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement?.classList.contains('hc')")
    assert size() > 1.5 * before


# Where each slider's track stands, wherever it is dragged: only it may move.
TRACKS = """async () => {
  const found = {};
  const sliders = () => [...document.querySelectorAll("input[type=range]")].filter(
    (one) => one.checkVisibility() && !one.disabled);
  for (let k = 0; k < sliders().length; k++) {
    const slider = sliders()[k];
    const { min, max } = slider;
    const tracks = new Set();
    for (const share of [0, 0.04, 0.07, 0.3, 0.5, 0.8, 0.98, 1]) {
      slider.value = Number(min) + share * (max - min);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => setTimeout(done));
      const { left, width } = slider.getBoundingClientRect();
      tracks.add(`${left.toFixed(1)} ${width.toFixed(1)}`);
    }
    const name = slider.labels[0].querySelector(".hc-name").textContent;
    found[`${k} ${name}`] = [...tracks];
  }
  return found;
}"""


@pytest.mark.parametrize("width", [360, 1200])
def test_no_slider_moves_under_the_hand(browser, name, width):
    """However long the text beside it becomes: else some values were out of reach."""
    with watched(browser, SHOWN[name](), width=width) as page:
        page.wait_for_function(RESTS)
        found = page.evaluate(TRACKS)
    assert {slider: tracks for slider, tracks in found.items() if tracks[1:]} == {}


# These have nothing to play: TrainingCurves has no controls of its own at all.
STILL = {
    "ArchitectureTable",
    "FoolIt",
    "KernelLab",
    "MistakeBrowser",
    "PhotoReader",
    "TrainingCurves",
    "UnitBrowser",
    "WhyMap",
}
PLAYERS = sorted(set(SHOWN) - STILL)


def saves(page):
    return page.evaluate("model.saves")


@pytest.mark.parametrize("name", PLAYERS)
def test_space_plays_on_a_slide(page, clock, name):
    """Also right after a click on the button that made it large, or full screen."""
    page.get_by_role("button", name="Large").click()
    page.keyboard.press("Space")
    assert page.locator(".hc-large").count() == 1
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    assert page.evaluate("document.fullscreenElement !== null")
    before = saves(page)
    clock.run_for(750)
    assert saves(page) > before
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Play").wait_for()
    now = saves(page)
    clock.run_for(5000)
    assert saves(page) == now


@pytest.mark.parametrize("name", PLAYERS)
def test_every_speed(page, clock, name):
    speed = page.get_by_role("combobox", name="Speed")
    for chosen, interval in (("fast", 250), ("slow", 1400), ("medium", 700)):
        page.locator(".hc").press("Home")  # a long way from the end
        page.get_by_role("button", name="Play").click()
        before = saves(page)
        speed.select_option(chosen)  # also while it plays
        clock.run_for(interval - 1)
        assert saves(page) == before
        clock.run_for(1)
        assert saves(page) == before + 1
        page.get_by_role("button", name="Pause").click()


@pytest.mark.parametrize("name", PLAYERS)
def test_unmounting_ends_playing(page, clock, name):
    page.get_by_role("button", name="Play").click()
    page.evaluate("unmount()")
    before = saves(page)
    clock.run_for(5000)
    assert saves(page) == before


def test_unmounting_leaves_no_listener(page):
    assert page.evaluate("model.listening()") > 0
    page.evaluate("unmount()")
    assert page.evaluate("model.listening()") == 0
    assert page.locator(".hc").count() == 0


def test_closing_in_the_middle_of_a_change(page):
    """What is large is gone already when the listeners come to look."""
    page.evaluate(
        """() => {
          const names = [
            "stride", "size", "kernel_size", "bias", "display", "learning_rate", "x",
            "input_size", "layers", "turn", "page", "patience", "draw", "strength",
            "hop", "rows"];
          const name = names.find((name) => model.get(name) !== undefined);
          const value = model.get(name);
          model.set(name, typeof value === "number" ? value + 1 : "photo");
          finish();
        }"""
    )


def test_closing_lets_go_of_what_is_large(page):
    large = [*trait(page, "_large"), "_entry"]
    assert "_modules" in large
    page.evaluate("finish()")
    assert [name for name in large if trait(page, name) is not None] == []


@pytest.mark.parametrize("bytes_as", ["ArrayBuffer", "Uint8Array"])
def test_arrays_come_as_whatever_a_front_end_has(browser, name, bytes_as):
    """Colab is free to send bytes as something else than JupyterLab does."""
    explorer = SHOWN[name]()
    with (
        watched(browser, explorer) as usual,
        watched(browser, explorer, bytes_as=bytes_as) as other,
    ):
        for page in (usual, other):
            page.wait_for_function(RESTS)
        assert other.evaluate(LOOKS) == usual.evaluate(LOOKS)


def test_copy_as_python_makes_the_same_explorer(page, name):
    button = page.get_by_role("button", name="Copy as Python")
    button.click()
    code = page.get_by_label("The same in Python").inner_text()
    # A bare page has no clipboard: so the line is selected.
    page.get_by_role("status").filter(has_text="Selected: copy it").wait_for()
    assert page.evaluate("getSelection().toString()") == code
    shown, made = SHOWN[name](), eval(code, {**vars(widgets), **OWN.get(name, {})})
    for argument in inspect.signature(type(shown)).parameters:
        argument = {"picture": "image"}.get(argument, argument)
        np.testing.assert_array_equal(getattr(made, argument), getattr(shown, argument))
    button.click()  # puts it away
    assert not page.get_by_label("The same in Python").is_visible()


# Each of lessons 01 to 04 in a place of its own: nothing is as at first.
STANDING = {
    "KernelLab": lambda: widgets.KernelLab(
        "camera", "sharpen", "signed", position=(3, 7)
    ),
    "ConvolutionStepper": lambda: widgets.ConvolutionStepper(
        "binary",
        stride=(1, 2),
        padding=((2, 0), (0, 1)),
        mode="edge",
        dilation=(2, 1),
        filter=2,
        position=(1, 1),
        step=3,
    ),
    "ChannelSum": lambda: widgets.ChannelSum(
        "ball", "gray", -2, position=(1, 2), step=5
    ),
    "ReceptiveField": lambda: widgets.ReceptiveField(
        [(3, 1), (3, 2, 1, 1)], 20, unit=(1, 4, 5)
    ),
    "TransposedPainter": lambda: widgets.TransposedPainter(
        "bilinear", position=(1, 0), step=2
    ),
    "PoolingStepper": lambda: widgets.PoolingStepper(
        "ties", 3, stride=2, view="gradient", all_winners=True, position=(1, 0), step=2
    ),
    "ShiftTest": lambda: widgets.ShiftTest(
        "digit 3", shift=(0, 3), twice=True, display="differences"
    ),
    "UpsamplingCompare": lambda: widgets.UpsamplingCompare(
        "camera", 4, corner=(10, 20), position=(3, 60), lens=16, display="errors"
    ),
}


@pytest.mark.parametrize("name", STANDING)
def test_copy_as_python_brings_back_where_it_stands(browser, name):
    """All traits are those of the explorer that was shown, not its arguments alone."""

    def state(explorer):
        names = {*explorer.traits(sync=True)} - {*AnyWidget.class_traits(sync=True)}
        return {n: getattr(explorer, n) for n in names if not n.startswith("_")}

    shown = STANDING[name]()
    with watched(browser, shown) as page:
        page.get_by_role("button", name="Copy as Python").click()
        code = page.get_by_label("The same in Python").inner_text()
    made, usual = eval(code, {**vars(widgets)}), getattr(widgets, name)()
    for trait_name, value in state(shown).items():
        np.testing.assert_array_equal(getattr(made, trait_name), value, err_msg=code)
    places = {"position", "step", "filter", "unit", "display", "lens", "all_winners"}
    for trait_name in places & {*state(shown)}:  # so that it was put to the test
        assert getattr(usual, trait_name) != getattr(shown, trait_name)


# What is left where every text of the page is replaced by itself in brackets ⟦ ⟧.
UNTRANSLATED = """async () => {
  unmount();
  globalThis.handsOnConvnetsTexts = new Proxy({}, { get: (_, text) => `⟦${text}⟧` });
  const url = URL.createObjectURL(
    new Blob([model.get("_esm")], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  await widget.render({ model, el: document.querySelector("main") });
  delete globalThis.handsOnConvnetsTexts;
  const root = document.querySelector(".hc");
  root.removeAttribute("aria-label"); // its name is the same in every language
  for (const code of root.querySelectorAll("code")) code.textContent = "";
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  for (const element of root.querySelectorAll("*"))
    for (const name of ["aria-label", "aria-valuetext", "title", "alt", "placeholder"])
      if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
  const outside = (text) => {
    let depth = 0;
    return [...text].filter((letter) => {
      depth += (letter === "⟦") - (letter === "⟧");
      return depth === 0 && letter !== "⟧";
    }).join("");
  };
  return texts.filter((text) => /[A-Za-z]{2}/.test(outside(text)));
}"""


def test_every_text_can_be_looked_up(page, name):
    """So that an explorer can be had in another language."""
    assert page.evaluate(UNTRANSLATED) == []


# Texts and pixels; without what is spoken, which comes later, or was measured.
LOOKS = """async () => {
  for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame); // painted
  for (const other of document.querySelectorAll(".hc-hidden, .hc-measured"))
    other.remove();
  const pictures = [...document.querySelectorAll("canvas")].map((c) => c.toDataURL());
  return [document.querySelector(".hc").innerText, ...pictures];
}"""
# The page has one widget more, which is closed at some point of being shown.
CLOSE_EARLY = """async (before) => {
  unmount();
  const url = URL.createObjectURL(
    new Blob([model.get("_esm")], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const el = document.querySelector("main");
  const close = widget.initialize({ model });
  if (before) close();
  const shown = widget.render({ model, el });
  if (!before) close(); // while its modules are being imported
  (await shown)?.();
  return [el.childElementCount, model.listening()];
}"""


@pytest.mark.parametrize("before", [True, False])
def test_closed_before_it_is_shown(browser, before):
    with watched(browser, SHOWN["KernelLab"]()) as page:
        assert page.evaluate(CLOSE_EARLY, before) == [0, 0]


def test_a_thousand_moves_leave_nothing_behind(browser, name):
    explorer = SMALL.get(name, SHOWN[name])()
    with watched(browser, explorer, new=True) as page:
        left = left_behind(page, DRAG + MOVES[name])
    assert left["bytes"] < 500_000
    assert left["nodes"] < 50
    assert left["listeners"] == 0


def test_a_leak_is_seen(browser):
    with watched(browser, SHOWN["KernelLab"](), new=True) as page:
        kept = "(window.kept ??= []).push(document.createElement('p'));"
        assert left_behind(page, kept)["nodes"] >= hands.MOVES
