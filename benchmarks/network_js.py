"""Claim: in a page a network of 180,000 parameters sees a digit in at most 8 ms.

``parts/network.js`` runs on a bare page in headless Chromium, what every layer makes is
kept. *First* is the very first digit, with all that is made once and before the browser
has compiled the code; *a digit* is the median of many, one at a time, and *of 100* a
digit's share of a batch. The peers, in the same run: ``parts/learn.js``, which trains
in the page and makes its arrays anew each time, and Keras, ``model(x, training=False)``
and ``model.predict`` (which is made for many pictures), on all cores. No other engine
for the browser is at hand without a network. Weights are random: time does not depend
on them.

Every competitor gives the same probabilities before it is timed. Run ``python
benchmarks/network_js.py``; nothing is asserted about time.
"""

import base64
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _browser import ROOT
from _table import header, machine, row
from keras import layers
from lab_browser import chromium
from playwright.sync_api import Page

from helpers.networks import export

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from stage import PAGE, load

DIGITS, GROUPS = 20, 15  # digits between two looks at the clock, and how often

# Milliseconds of the first digit, of one, of one in a batch; the same with learn.js.
TIME = """async ([description, bytes, pixels, digits, groups]) => {
  const numbers = (text) =>
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const all = new Float32Array(numbers(pixels).buffer);
  const x = { shape: [1, 28, 28, 1], data: all.slice(0, 784) };
  const many = { shape: [100, 28, 28, 1], data: all };
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const timed = (act, times) => {
    const start = performance.now();
    for (let k = 0; k < times; k++) act();
    return (performance.now() - start) / times;
  };
  const usual = async (act, times) => {
    timed(act, 2 * times);
    const found = [];
    for (let k = 0; k < groups; k++) {
      found.push(timed(act, times));
      await new Promise(requestAnimationFrame);
    }
    return median(found);
  };

  const read = numbers(bytes);
  let made;
  const first = timed(() => {
    made = network.networkFrom(description, read);
    made.run(x);
  }, 1);
  // The same layers for learn.js, which has activations as layers of their own.
  const layers = made.layers.flatMap(({ kind, activation, weights, ...settings }) => {
    if (kind === "input") return [];
    const { mean, variance, ...others } = weights;
    const same = { kind: kind === "reshape" ? "flatten" : kind, weights: others };
    const moving = mean && { mean, variance };
    const bends = activation ? [{ kind: "activation", ...activation }] : [];
    return kind === "activation" ? bends : [{ ...settings, ...same, moving }, ...bends];
  });
  const output = [...made.run(x).output.data];
  const alike = [...learn.forward(layers, x).output.data];
  return {
    first, output, alike,
    digit: await usual(() => made.run(x), digits),
    learn: await usual(() => learn.forward(layers, x), digits),
    share: (await usual(() => made.run(many), 1)) / 100,
    shareOfLearn: (await usual(() => learn.forward(layers, many), 1)) / 100,
  };
}"""


def convolution(filters: int, size: int, **settings: object) -> list[layers.Layer]:
    """Return a convolution with batch normalisation and ReLU."""
    made = layers.Conv2D(filters, size, padding="same", use_bias=False, **settings)
    return [made, layers.BatchNormalization(), layers.ReLU()]


def networks() -> dict[str, keras.Model]:
    """Return the networks that are timed, by their names."""
    pool = layers.MaxPooling2D
    plain = [
        *(layers.Conv2D(25, 3, activation="relu"), pool()),
        *(layers.Conv2D(50, 3, activation="relu"), pool(), layers.Flatten()),
    ]
    good = [*convolution(16, 5, strides=2), *convolution(32, 3), pool()]
    good += [*convolution(64, 3), layers.Flatten(), layers.Dropout(0.3)]
    large = [*convolution(32, 5), pool(), *convolution(64, 3), pool()]
    large += [*convolution(64, 3), layers.Flatten(), layers.Dense(40, "relu")]
    cases = {"two convolutions": plain, "99.3 %": good, "180,000": large}
    models = {}
    for name, made in cases.items():
        ending = layers.Dense(10, activation="softmax")
        models[name] = keras.Sequential([keras.Input((28, 28, 1)), *made, ending])
    return {f"{name}: {m.count_params():,}": m for name, m in models.items()}


def milliseconds(act: Callable[[], object], times: int = 200) -> float:
    """Return the median time of a call."""
    for _ in range(5):
        act()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return float(np.median(found)) * 1000


def measure(page: Page, name: str, model: keras.Model) -> None:
    """Time one network in the page and in Keras, and print it."""
    many = np.random.default_rng(0).uniform(size=(100, 28, 28, 1)).astype("float32")
    one = many[:1]
    written = export.network(model)
    sent = [base64.b64encode(part).decode() for part in (written.data, many.tobytes())]
    found = page.evaluate(TIME, [written.description, *sent, DIGITS, GROUPS])
    copy = export.rounded(model)
    wanted = np.asarray(copy(one, training=False))[0]
    for got in (found["output"], found["alike"]):
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    header(f"{name} parameters, ms", ["first", "a digit", "of 100"])
    row("network.js", [found["first"], found["digit"], found["share"]], 2)
    row("learn.js, forward", ["", found["learn"], found["shareOfLearn"]], 2)
    batch = milliseconds(lambda: copy(many, training=False), 15) / 100
    row(
        "Keras, model(x)",
        ["", milliseconds(lambda: copy(one, training=False)), batch],
        2,
    )
    predicted = milliseconds(lambda: copy.predict(one, verbose=0), 30)
    batch = milliseconds(lambda: copy.predict(many, verbose=0), 15) / 100
    row("Keras, predict", ["", predicted, batch], 2)


def main() -> None:
    """Print the tables."""
    print(machine("keras", "tensorflow", "numpy"))
    with chromium() as browser:
        print(f"Chromium {browser.version}")
        for name, model in networks().items():
            page = browser.new_page()
            page.set_content(PAGE)
            for part in ("network", "learn"):
                load(page, f"parts/{part}.js")
            measure(page, name, model)
            page.close()


if __name__ == "__main__":
    main()
