"""FilterBrowser on a page: filters, maps and dead units against NumPy."""

import re

import numpy as np
import pytest
from hands import RESTS, choose, different_states, number, press, slide, trait, watched
from stage import read
from test_every_explorer import fainter

from helpers.networks import exported, running
from helpers.widgets import FilterBrowser

NETWORK = exported.shipped("mnist")
LAYERS = NETWORK.description["layers"]
MOMENTS = [fainter(NETWORK, factor) for factor in (0, 0.5, 1.5, 1)]
IMAGES = np.random.default_rng(3).integers(0, 256, (3, 28, 28), np.uint8)

LOOK = """() => {
  const texts = [...document.querySelectorAll(".hc-strip p")].map((p) => p.textContent);
  const canvases = [...document.querySelectorAll("canvas")];
  const of = (selector) => {
    const canvas = document.querySelector(`${selector} canvas`);
    return canvas.checkVisibility() ? model.painted(canvases.indexOf(canvas)) : null;
  };
  return {
    texts,
    maps: of(".fb-maps"),
    filters: of(".fb-filters"),
    numbers: [...document.querySelectorAll(".fb-filters td")].filter((td) =>
      td.checkVisibility()).map((td) => td.textContent),
    end: document.querySelector(".hc-scale").checkVisibility()
      ? document.querySelector(".hc-scale output:last-child").textContent : null,
    dead: document.querySelectorAll(".fb-dead:not([hidden])").length,
  };
}"""


@pytest.fixture(scope="module")
def explorer():
    return FilterBrowser(NETWORK, IMAGES, MOMENTS)


@pytest.fixture
def page(browser, explorer):
    with watched(browser, explorer) as page:
        yield page


@pytest.fixture(scope="module")
def truth():
    """What all moments make of all pictures, and which maps are dead, by NumPy."""
    made = {
        (epoch, k): list(running.maps(network, image[..., None]).values())
        for epoch, network in enumerate(MOMENTS)
        for k, image in enumerate(IMAGES)
    }
    dead = [
        [
            np.all([(made[epoch, k][layer] == 0).reshape(-1, one["shape"][-1]).all(0)
                    for k in range(len(IMAGES))], axis=0)
            for layer, one in enumerate(LAYERS)
        ]
        for epoch in range(len(MOMENTS))
    ]  # fmt: skip
    return made, dead


def kernel_of(epoch, layer):
    kernel = MOMENTS[epoch].weights(LAYERS[layer]["name"])["kernel"]
    if LAYERS[layer]["kind"] != "conv2d":
        return kernel[None, None]
    return kernel.reshape(*LAYERS[layer]["size"], *kernel.shape[-2:])


def assert_right(page, truth):
    made, dead = truth
    page.wait_for_function(RESTS)
    names = ("epoch", "layer", "filter", "channel", "example")
    epoch, layer, chosen, channel, example = (trait(page, name) for name in names)
    seen = read(page, LOOK)
    one, maps = LAYERS[layer], made[epoch, example][layer]
    mine = maps[..., chosen]
    ends = seen["texts"][0].split("its map goes from ")[1].split(". ")[0].rstrip(".")
    low, high = map(number, ends.split(" to "))
    most = np.abs(maps).max()
    near = {"rtol": 0.006, "atol": 1e-4 * most + 1e-9}
    np.testing.assert_allclose((low, high), (mine.min(), mine.max()), **near)

    gone = dead[epoch][layer]
    assert seen["dead"] == gone.sum()
    said = seen["texts"][1]
    if gone.any():
        numbers = ", ".join(map(str, np.flatnonzero(gone)[:12]))
        assert said.startswith(f"Dead: {gone.sum()} of {len(gone)} are 0 everywhere")
        assert f"3 pictures ({numbers}" in said
    else:
        assert said.startswith(f"None of {len(gone)} is dead")

    learns = one["kind"] in ("conv2d", "dense")
    assert (seen["filters"] is not None) == learns
    if learns:
        kernel = kernel_of(epoch, layer)
        end = np.abs(kernel).max() or 1
        np.testing.assert_allclose(number(seen["end"]), end, rtol=0.006)
    if one["kind"] == "conv2d":
        wanted = kernel[:, :, channel, chosen].ravel()
        found = [number(text) for text in seen["numbers"]]
        np.testing.assert_allclose(found, wanted, rtol=0.06, atol=1e-9)
        # White where a weight is 0; red for positive ones, blue for negative ones.
        shown = kernel[:, :, 0, :] if kernel.shape[2] == 1 else kernel[..., chosen]
        rows, columns, _ = shown.shape
        picture = seen["filters"].astype(int)
        first = (picture[:rows, :columns, 0] - picture[:rows, :columns, 2]).ravel()
        clear = np.abs(shown[..., 0].ravel()) > 0.05 * end
        assert (np.sign(first) == np.sign(shown[..., 0].ravel()))[clear].all()
        if epoch == 0:
            assert (picture[:rows, :columns, :3] == 255).all()
    else:
        assert seen["numbers"] == []
    if one["kind"] in ("input", "rescaling"):
        gray = seen["maps"][..., 0].astype(int)
        top = np.abs(maps).max()
        np.testing.assert_allclose(gray, 255 * maps[..., 0] / top, atol=1.01)


def test_random_moves(page, truth):
    rng = np.random.default_rng(6)
    for _ in different_states(page):
        move = rng.integers(0, 8)
        layer = trait(page, "layer")
        if move <= 1:
            choose(page, "Layer", str(rng.integers(0, len(LAYERS))))
        elif move == 2:
            slide(page, "Epoch", int(rng.integers(0, 4)))
        elif move == 3:
            slide(page, "Picture", int(rng.integers(0, 3)))
        elif move == 4 and LAYERS[layer]["name"] in ("filters2", "filters3"):
            slide(page, "Slice", int(rng.integers(0, 16)))
        elif move <= 6:
            key = str(rng.choice(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]))
            for _ in range(rng.integers(1, 5)):
                press(page, key, ".fb-maps [role=application]")
        else:
            key = str(rng.choice(["ArrowDown", "ArrowRight", "ArrowLeft"]))
            press(page, key, "[role=application]", rng.random())
        assert_right(page, truth)


def test_a_click_chooses_a_filter_and_a_map(page):
    page.wait_for_function(RESTS)
    for selector, trait_name in ((".fb-filters", "filter"), (".fb-maps", "filter")):
        stage = page.locator(f"{selector} [role=application]")
        box = stage.bounding_box()
        stage.click(position={"x": box["width"] - 5, "y": 8})
        assert trait(page, trait_name) > 0
        stage.click(position={"x": 8, "y": 8})
        assert trait(page, trait_name) == 0
    choose(page, "Layer", "5")
    stage = page.locator(".fb-filters [role=application]")
    stage.click(position={"x": stage.bounding_box()["width"] - 8, "y": 8})
    assert trait(page, "channel") > 0
    assert trait(page, "filter") == 0


def test_one_moment_of_128_maps(browser):
    """No record: nothing to play, all else is there."""
    kernel = np.random.default_rng(1).normal(size=(3, 3, 1, 128))
    parts = exported.Weights({"kernel": kernel}, "float16")
    layers = [
        {"name": "x", "kind": "input", "inputs": [], "shape": [6, 6, 1]},
        {
            "name": "many", "kind": "conv2d", "inputs": [0], "shape": [4, 4, 128],
            "size": [3, 3], "stride": [1, 1], "padding": [[0, 0], [0, 0]],
            "weights": parts.places,
        },
    ]  # fmt: skip
    about = {"version": 1, "weights": "float16", "inputs": [0], "outputs": [1]}
    network = exported.Network({**about, "layers": layers}, parts.data)
    with watched(browser, FilterBrowser(network, np.zeros((2, 6, 6)))) as page:
        page.wait_for_function(RESTS)
        seen = read(page, LOOK)
        assert seen["texts"][1].startswith("Dead: 128 of 128")
        assert seen["dead"] == 128
        assert page.locator(".hc-player").count() == 0


def test_scrubbing_shows_an_epoch_at_once(page):
    """Before the next frame; how long it takes, benchmarks/explorers.py measures."""
    page.wait_for_function(RESTS)
    texts = page.evaluate("""async () => {
      const epoch = [...document.querySelectorAll("input[type=range]")].find((one) =>
        one.max === "3" );
      const texts = [];
      for (let k = 0; k < 8; k++) {
        epoch.value = k % 4;
        epoch.dispatchEvent(new Event("input", { bubbles: true }));
        await Promise.resolve();
        await Promise.resolve();
        texts.push(document.querySelector(".hc-strip").textContent);
      }
      return texts;
    }""")
    texts = [re.split(r"Looking|Dead|None of", text)[0] for text in texts]
    assert texts[:4] == texts[4:]
    assert len(set(texts)) == 4


@pytest.mark.parametrize(
    ("goes_in", "seen"),
    [
        ([0, 40, 200], [0, 40, 200]),  # bytes, as they are
        ([0, 0.2, 0.6], [0, 51, 153]),  # from 0 to 1
        ([-1, 0, 1], [0, 127.5, 255]),  # from -1 to 1
    ],
)
def test_a_photo_is_shown_in_its_colours(browser, goes_in, seen):
    parts = exported.Weights({"kernel": np.ones((3, 3, 3, 2))}, "float16")
    layers = [
        {"name": "x", "kind": "input", "inputs": [], "shape": [6, 6, 3]},
        {
            "name": "sees", "kind": "conv2d", "inputs": [0], "shape": [4, 4, 2],
            "size": [3, 3], "stride": [1, 1], "padding": [[0, 0], [0, 0]],
            "weights": parts.places,
        },
    ]  # fmt: skip
    about = {"version": 1, "weights": "float16", "inputs": [0], "outputs": [1]}
    network = exported.Network({**about, "layers": layers}, parts.data)
    photo = np.full((1, 6, 6, 3), goes_in)
    photo[0, 0, 0] = photo[0, 0, 0, ::-1]
    with watched(browser, FilterBrowser(network, photo)) as page:
        page.wait_for_function(RESTS)
        shown = read(page, "() => ({ photo: model.painted(0) })")["photo"][..., :3]
        wanted = np.full((6, 6, 3), seen)
        wanted[0, 0] = wanted[0, 0, ::-1]
        np.testing.assert_allclose(shown, wanted, atol=1)
