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
