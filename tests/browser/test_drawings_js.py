"""parts/drawings.js gives what helpers/drawings.py gives, in a real page."""

import base64
import json

import numpy as np
import pytest
from hands import STATES
from lab_browser import closing
from stage import load

from helpers import drawings
from helpers.networks import exported

TOLERANCE = 1e-6  # of ink, of MNIST's 255 grays, of a pixel

# What the page makes of one drawing. It draws on piece by piece, as a hand does.
RUN = """(text) => {
  const given = JSON.parse(text);
  const { strokes, side, width, rubber, box, small, motion, pixels } = given;
  const plain = ({ shape, data }) => ({ shape, data: Array.from(data) });
  const { raster, segments } = drawings;
  const whole = raster(strokes, side, width);
  const grown = drawings.blank(side);
  for (const stroke of strokes)
    for (const [from, to] of segments(stroke))
      drawings.addSegment(grown, from, to, width);
  const same = (a, b) => a.data.every((value, k) => value === b.data[k]);
  const alike = [same(grown, whole)];
  for (const [from, to] of segments(rubber)) drawings.erase(grown, from, to, 2 * width);
  const { picture, ...steps } = drawings.mnistSteps(grown, box, small);
  alike.push(same(drawings.asMnist(grown, box, small), picture));
  return JSON.stringify({
    alike,
    raster: plain(whole),
    erased: plain(grown),
    steps,
    picture: plain(picture),
    moved: drawings.moved(strokes, motion),
    moved_picture: plain(drawings.movedPicture(picture, pixels)),
  });
}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/drawings.js")
        yield page


def random_points(rng, count):
    """A walk that may leave the pad; now and then it stays where it is."""
    steps = rng.normal(0, 0.12, (count, 2)) * (rng.random((count, 1)) > 0.1)
    return (rng.uniform(-0.1, 1.1, 2) + np.cumsum(steps, axis=0)).tolist()


def random_case(rng):
    counts = rng.integers(1, 9, rng.integers(0, 5))
    turn, scale = rng.uniform(-200, 200), np.exp(rng.uniform(-1, 1))
    x, y = rng.uniform(-1, 1, 2)
    small = int(rng.choice([28, 28, rng.integers(4, 40)]))
    motion = {"x": x, "y": y, "turn": turn, "scale": scale}
    return {
        "strokes": [random_points(rng, count) for count in counts],
        "side": int(rng.choice([112, 28, rng.integers(3, 130)])),
        "width": rng.uniform(0.01, 0.2),
        "rubber": random_points(rng, int(rng.integers(1, 4))),
        "box": int(rng.choice([small * 20 // 28, rng.integers(1, small + 1)])),
        "small": small,
        "motion": motion,
        "pixels": {**motion, "x": 9 * x, "y": float(np.rint(9 * y))},
    }


def here(case):
    """What Python makes of it."""
    given = case["strokes"], case["side"], case["width"]
    erased = drawings.erase(
        drawings.raster(*given), [case["rubber"]], 2 * case["width"]
    )
    steps = drawings.mnist_steps(erased, case["box"], case["small"])._asdict()
    picture = steps.pop("picture")
    return {
        "raster": drawings.raster(*given),
        "erased": erased,
        "steps": steps,
        "picture": picture,
        "moved": drawings.moved(case["strokes"], **case["motion"]),
        "moved_picture": drawings.moved_picture(picture, **case["pixels"]),
    }


def compare(page, case):
    seen, wanted = json.loads(page.evaluate(RUN, json.dumps(case))), here(case)
    assert seen["alike"] == [True, True], case
    for name in ("raster", "erased", "picture", "moved_picture"):
        got = np.array(seen[name]["data"], float).reshape(seen[name]["shape"])
        np.testing.assert_allclose(
            got, wanted[name], rtol=0, atol=TOLERANCE, err_msg=f"{name}: {case}"
        )
    for name, got in seen["steps"].items():
        np.testing.assert_allclose(
            got,
            wanted["steps"][name],
            rtol=0,
            atol=TOLERANCE,
            err_msg=f"{name}: {case}",
        )
    for got, stroke in zip(seen["moved"], wanted["moved"], strict=True):
        points = np.reshape(got, stroke.shape)
        np.testing.assert_allclose(points, stroke, rtol=0, atol=TOLERANCE)
    return wanted


def test_random_drawings(page):
    rng = np.random.default_rng(0)
    filled, left_in_place = 0, 0
    for _ in range(STATES):
        wanted = compare(page, random_case(rng))
        filled += wanted["picture"].any()
        left_in_place += wanted["steps"]["box"] == (0, 0, 0, 0)
    assert filled > STATES // 2
    assert left_in_place > STATES // 20  # nothing drawn, or all of it rubbed out


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [[]],
        [[[0.5, 0.5]]],
        [[[0.5, 0.5], [0.5, 0.5]]],
        [[[0, 0.5], [1, 0.5]]],  # symmetric: the centre of mass on a pixel's edge
        [[[0.5, 0.1], [0.5, 0.9]], [[0.1, 0.5], [0.9, 0.5]]],
        [[[0, 0], [1, 1]], [[0, 1], [1, 0]]],
        [[[-5, -5], [-4, -4]]],  # beside the pad
        [[[x / 20, y] for x in range(21) for y in (0, 1)]],  # full of ink
    ],
    ids=str,
)
def test_edges(page, strokes):
    case = random_case(np.random.default_rng(1))
    usual = {"side": 112, "width": 0.08, "rubber": [[3, 3]], "box": 20, "small": 28}
    compare(page, {**case, **usual, "strokes": strokes})


def test_pictures_of_255_are_taken_as_they_are(page):
    rng = np.random.default_rng(2)
    ask = """(text) => {
      const [shape, data] = JSON.parse(text);
      const { data: made } = drawings.asMnist({ shape, data: Float64Array.from(data) });
      return JSON.stringify(Array.from(made));
    }"""
    for _ in range(30):
        shape = rng.integers(1, 60, 2)
        picture = rng.integers(0, 50, shape) * (rng.random(shape) < 0.1)
        picture[tuple(rng.integers(0, shape))] = rng.integers(2, 256)
        given = json.dumps([shape.tolist(), picture.ravel().tolist()])
        got = np.reshape(json.loads(page.evaluate(ask, given)), (28, 28))
        wanted = drawings.as_mnist(picture)
        np.testing.assert_allclose(got, wanted, rtol=0, atol=TOLERANCE)


def test_the_same_settings(page):
    assert page.evaluate("[drawings.SIDE, drawings.PEN]") == [
        drawings.SIDE,
        drawings.PEN,
    ]


# Which digit the network takes each drawing for: prepared, and averaged as it lies.
READ = """([description, text, drawn]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const made = network.networkFrom(description, bytes);
  const digit = (pixels) => {
    const x = { shape: [1, 28, 28, 1], data: Float32Array.from(pixels) };
    const shares = made.run(x).output.data;
    return shares.indexOf(Math.max(...shares));
  };
  return JSON.parse(drawn).map(({ strokes, width }) => {
    const ink = drawings.raster(strokes, 112, width);
    const small = new Float64Array(28 * 28);
    ink.data.forEach((value, k) => {
      const [row, col] = [Math.floor(k / 112), k % 112];
      small[28 * Math.floor(row / 4) + Math.floor(col / 4)] += (255 * value) / 16;
    });
    return [drawings.asMnist(ink).data, small].map(digit);
  });
}"""


def test_the_network_reads_synthetic_drawings(page):
    """At least 95 % of them, and fewer of those that are not prepared."""
    load(page, "parts/network.js")
    shipped, drawn = exported.shipped("mnist"), drawings.drawn_digits()
    weights = base64.b64encode(shipped.data).decode()
    given = json.dumps([one._asdict() for one in drawn])
    found = page.evaluate(READ, [shipped.description, weights, given])
    labels = np.array([[one.digit] for one in drawn])
    prepared, as_they_lie = (np.array(found) == labels).mean(axis=0)
    assert prepared >= 0.95
    assert 0.5 < as_they_lie < prepared - 0.02
