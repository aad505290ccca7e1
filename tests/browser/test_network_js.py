"""parts/network.js makes of every layer what Keras makes of it, on a real page.

Keras holds the weights that the page has, rounded alike, so the two may differ by the
rounding of float32 only: by 1e-4 of a layer's largest number, at most.
"""

import base64
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import random_networks
from lab_browser import closing
from random_networks import Case
from stage import ROOT, load

from helpers import datasets
from helpers.networks import exported
from helpers.networks.exported import Weights

NETWORKS = 300
AT_A_TIME = 60  # networks a trip to the page
TOLERANCE = 1e-4

WAYS = """
  const bytesOf = (text) =>
    Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const textOf = ({ buffer, byteOffset, byteLength }) => {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    let text = "";
    for (let k = 0; k < bytes.length; k += 8192)
      text += String.fromCharCode(...bytes.subarray(k, k + 8192));
    return btoa(text);
  };
  const arrayOf = ({ shape, text }) =>
    ({ shape, data: new Float32Array(bytesOf(text).buffer) });
  const networkOf = ({ description, bytes }) =>
    network.networkFrom(description, bytesOf(bytes));
"""

# First others run through, a larger batch and one as large: they leave nothing behind.
RUN = """(cases) => cases.map((given) => {
  const made = networkOf(given);
  const inputs = given.inputs.map(arrayOf);
  const other = (x) => 1 - x;
  const twice = (data) => Float32Array.from([...data, ...data], other);
  made.run(inputs.map(({ shape: [n, ...sides], data }) =>
    ({ shape: [2 * n, ...sides], data: twice(data) })));
  made.run(inputs.map(({ shape, data }) => ({ shape, data: data.map(other) })));
  const { maps } = made.run(inputs);
  return maps.map(({ shape, data }) => ({ shape, text: textOf(data) }));
})"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/network.js")
        yield page


def as_text(array):
    return base64.b64encode(np.asarray(array, "<f4").tobytes()).decode()


def as_page_takes(case: Case):
    return {
        "description": case.network.description,
        "bytes": base64.b64encode(case.network.data).decode(),
        "inputs": [{"shape": list(x.shape), "text": as_text(x)} for x in case.inputs],
    }


def ask(page, script, given):
    return page.evaluate(f"(given) => {{ {WAYS} return ({script})(given); }}", given)


def as_array(told):
    numbers = np.frombuffer(base64.b64decode(told["text"]), "<f4")
    return numbers.reshape(told["shape"])


def maps_of(page, cases):
    """What every layer of every network makes, on the page."""
    for start in range(0, len(cases), AT_A_TIME):
        some = list(map(as_page_takes, cases[start : start + AT_A_TIME]))
        for told in ask(page, RUN, some):
            yield list(map(as_array, told))


def compare(page, cases):
    """Compare every layer of every network; return the largest part it is off."""
    most = 0.0
    for number, (case, maps) in enumerate(
        zip(cases, maps_of(page, cases), strict=True)
    ):
        described = case.network.description["layers"]
        for layer, got, wanted in zip(described, maps, case.wanted, strict=True):
            said = f"network {number}, {layer}"
            assert got.shape == wanted.shape, said
            largest = np.abs(wanted).max()
            np.testing.assert_allclose(
                got, wanted, rtol=0, atol=TOLERANCE * largest, err_msg=said
            )
            off = np.abs(got - wanted).max()
            most = max(most, off / largest if off else 0)
    return most


@pytest.fixture(scope="module")
def cases():
    return random_networks.cases(10, NETWORKS)


def test_every_layer_is_keras(page, cases):
    most = compare(page, cases)
    assert 0 < most < TOLERANCE


def test_the_networks_have_all_that_there_is(cases):
    found = Counter()
    for case in cases:
        kinds = Counter()
        for layer in case.network.description["layers"]:
            kind, name = layer["kind"], layer.get("activation", {}).get("name")
            kinds[kind] += 1
            kinds[f"{kind} of {len(layer['shape'])} sides"] += 1
            kinds[name] += 1
            for setting in ("groups", "dilation", "reduce"):
                kinds[f"{kind} {setting}"] += setting in layer
            uneven = any(before != after for before, after in layer.get("padding", []))
            kinds[f"{kind} uneven"] += uneven
            kinds[f"{kind} strides"] += max(layer.get("stride", [1])) > 1
            for part in layer.get("weights", {}).values():
                kinds[part["type"]] += 1
        found += Counter({name: int(n > 0) for name, n in kinds.items()})
    wanted = [
        *("activation", "add", "batchNormalization", "bias", "concatenate", "conv2d"),
        *("conv2d dilation", "conv2d groups", "conv2d of 2 sides", "conv2d of 3 sides"),
        *("conv2d strides", "conv2d uneven", "dense", "depthwiseConv2d"),
        *("depthwiseConv2d dilation", "depthwiseConv2d of 2 sides", "embedding"),
        *("depthwiseConv2d of 3 sides", "depthwiseConv2d strides"),
        *("elu", "float16", "float32", "int8", "leaky_relu", "log_sigmoid", "mish"),
        *("pool2d of 2 sides", "pool2d of 3 sides", "pool2d strides", "pool2d uneven"),
        *("prelu", "relu", "rescaling", "reshape", "sigmoid", "softmax", "softplus"),
        *("softsign", "swish", "tanh", "zeroPadding2d"),
    ]
    assert {name: found[name] for name in wanted if found[name] < 10} == {}


# -- the trained networks that come with the course ------------------------------------

SEES = """(given) => {
  const made = networkOf(given);
  const length = given.shape.reduce((a, b) => a * b);
  const all = bytesOf(given.pictures);
  const found = [];
  for (let at = 0; at < all.length; at += 100 * length) {
    const data = Float32Array.from(all.subarray(at, at + 100 * length));
    const n = data.length / length;
    const { output } = made.run({ shape: [n, ...given.shape], data });
    for (const p of output.data) found.push(p);
  }
  return textOf(Float32Array.from(found));
}"""


@pytest.mark.parametrize(
    ("name", "load", "build"),
    [
        ("mnist", datasets.load_mnist, "mnist_better"),
        ("quickdraw", datasets.load_quickdraw, "quickdraw"),
    ],
)
def test_all_test_pictures_get_the_class_that_keras_gives(page, name, load, build):
    """Of MNIST all 10,000; where the real set is not here, those that stand in."""
    from helpers.networks import export, models, probe

    network, pictures = exported.shipped(name), load()
    model = models.with_softmax(getattr(models, build)())
    export.load_weights(model, network)
    wanted = probe.outputs(model, pictures.test_images[..., None])
    given = {
        "description": network.description,
        "bytes": base64.b64encode(network.data).decode(),
        "shape": [28, 28, 1],
        "pictures": base64.b64encode(pictures.test_images.tobytes()).decode(),
    }
    found = ask(page, SEES, given)
    found = np.frombuffer(base64.b64decode(found), "<f4").reshape(wanted.shape)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE)
    np.testing.assert_array_equal(found.argmax(axis=-1), wanted.argmax(axis=-1))
    if not pictures.is_fallback:
        right = (found.argmax(axis=-1) == pictures.test_labels).mean()
        about = network.description["about"]
        kind = network.description["weights"]
        assert right == pytest.approx(about["accuracy"]["test"][kind], abs=2e-4)


# -- on the page alone -----------------------------------------------------------------


def test_halves_are_those_of_numpy(page):
    """All 65,536 of them, the smallest, infinities and NaN included."""
    script = """() => textOf(Float32Array.from({ length: 65536 },
      (_, bits) => network.numberOfHalf(bits)))"""
    got = np.frombuffer(base64.b64decode(ask(page, script, None)), "<f4")
    wanted = np.arange(65536, dtype="<u2").view("<f2").astype("float32")
    np.testing.assert_array_equal(got, wanted)
    assert (np.signbit(got) == np.signbit(wanted))[~np.isnan(wanted)].all()


def described(*layers, shape=(3,)):
    """A description of a chain of layers, without weights."""
    found = [{"name": "x", "kind": "input", "inputs": [], "shape": list(shape)}]
    for layer in layers:
        found.append({"name": "a", "inputs": [len(found) - 1], "shape": list(shape)})
        found[-1] |= layer
    ends = {"inputs": [0], "outputs": [len(found) - 1]}
    return {"version": 1, "weights": "float32", **ends, "layers": found}


def output_of(page, description, data, weights=b""):
    script = """({ description, bytes, data }) => {
      const made = networkOf({ description, bytes });
      const shape = [1, ...description.layers[0].shape];
      const { output } = made.run({ shape, data: Float32Array.from(data, Number) });
      return Array.from(output.data, String);
    }"""
    given = {"description": description, "data": list(map(str, data))}
    given["bytes"] = base64.b64encode(weights).decode()
    return ask(page, script, given)


NAMES = ["elu", "leaky_relu", "log_sigmoid", "mish", "relu", "sigmoid", "softmax"]
NAMES += ["softplus", "softsign", "swish", "tanh"]
PLAIN = [{"name": name} for name in NAMES]


@pytest.mark.parametrize(
    "given", [*PLAIN, {"name": "relu", "most": 6, "slope": 0.5, "threshold": 1}]
)
def test_nan_stays_nan(page, given):
    layer = {"kind": "activation", "activation": given}
    found = output_of(page, described(layer), ["NaN", 1, -1])
    assert found[0] == "NaN"
    assert "NaN" not in found[1:] or given["name"] == "softmax"


@pytest.mark.parametrize("reduce", ["max", "mean"])
def test_nan_stays_nan_in_a_window(page, reduce):
    for values in (["NaN", 1, 2], [2, "NaN", 1], [1, 2, "NaN"]):
        layer = {"kind": "pool2d", "reduce": reduce, "size": [1, 3], "shape": [1, 1]}
        assert output_of(page, described(layer, shape=(3, 1)), values) == ["NaN"]


def test_a_number_that_is_no_word_gives_nan(page):
    weights = Weights({"embeddings": [[1.0], [2.0]]}, "float32")
    layer = {"kind": "embedding", "shape": [5, 1], "weights": weights.places}
    description = described(layer, shape=(5,))
    found = output_of(page, description, [0, 1, 2, -1, "NaN"], weights.data)
    assert found == ["1", "2", "NaN", "NaN", "NaN"]


def test_bytes_come_as_any_view(page):
    """As an ArrayBuffer, or as a view that begins at an odd place."""
    script = """({ description, bytes }) => {
      const given = bytesOf(bytes);
      const moved = new Uint8Array(given.length + 3);
      moved.set(given, 3);
      const x = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
      const views = [given, given.buffer, new DataView(moved.buffer, 3)];
      return views.map((view) =>
        [...network.networkFrom(description, view).run(x).output.data]);
    }"""
    weights = Weights({"kernel": [[1, 10], [0.5, 0]], "bias": [0, 1]}, "float16")
    layer = {"kind": "dense", "weights": weights.places}
    given = {"description": described(layer, shape=(2,))}
    given["bytes"] = base64.b64encode(weights.data).decode()
    assert ask(page, script, given) == [[2, 11, 5, 31]] * 3


def test_weights_can_be_read_and_maps_are_used_again(page):
    script = """({ description, bytes }) => {
      const made = networkOf({ description, bytes });
      const x = { shape: [1, 2], data: Float32Array.of(1, 2) };
      const first = made.run(x);
      const [before, kept] = [[...first.output.data], [...x.data]];
      const second = made.run({ shape: [1, 2], data: Float32Array.of(2, 4) });
      return [before, [...second.output.data], kept, [...x.data],
        first.output.data === second.output.data,
        second.output === second.maps[1], [...made.layers[1].weights.kernel.data]];
    }"""
    weights = Weights({"kernel": [[1], [2]]}, "float16")
    layer = {"kind": "dense", "weights": weights.places, "shape": [1]}
    given = {"description": described(layer, shape=(2,))}
    given["bytes"] = base64.b64encode(weights.data).decode()
    wanted = [[5], [10], [1, 2], [1, 2], True, True, [1, 2]]
    assert ask(page, script, given) == wanted


SAID = """({ description, inputs }) => {
  try {
    networkOf({ description, bytes: "" }).run(inputs);
    return "nothing";
  } catch (error) { return error.message; }
}"""


@pytest.mark.parametrize(
    ("change", "inputs", "said"),
    [
        ({}, {"shape": [1, 3], "data": [1, 2, 3]}, "nothing"),
        ({}, [{"shape": [1, 3], "data": [1, 2, 3]}], "nothing"),
        (
            {"version": 2},
            [],
            "The page knows networks of version 1, this is of version 2.",
        ),
        (
            {},
            {"shape": [1, 4], "data": [1, 2, 3, 4]},
            "The network takes 1 × 3, not 1 × 4.",
        ),
        ({}, {"shape": [1, 3], "data": [1, 2]}, "The network takes 1 × 3, not 1 × 3."),
        ({}, [], "The network takes"),
        (
            {"layers": [{"name": "x", "kind": "lstm", "inputs": [], "shape": [3]}]},
            [],
            "The page knows no layer of kind lstm.",
        ),
    ],
)
def test_what_does_not_fit_is_said(page, change, inputs, said):
    description = described({"kind": "reshape"}) | change
    found = ask(page, SAID, {"description": description, "inputs": inputs})
    assert found.startswith(said)


# -- another backend -------------------------------------------------------------------


def test_ten_networks_of_jax(page, tmp_path):
    """In a process of its own: two backends do not share one well."""
    path = tmp_path / "cases.npz"
    program = [sys.executable, ROOT / "tests/random_networks.py", path, "11", "10"]
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    settings = {
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    done = subprocess.run(
        program, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    backend, cases = random_networks.read(path)
    assert backend == "jax"
    assert len(cases) == 10
    assert 0 < compare(page, cases) < TOLERANCE
