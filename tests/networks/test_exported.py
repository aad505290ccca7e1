"""Networks as plain data: their bytes, their file, without Keras."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from helpers.networks import exported
from helpers.networks.exported import Network, Weights


def some_network(kind="float16", seed=0):
    rng = np.random.default_rng(seed)
    parts = {"kernel": rng.normal(size=(3, 5)), "bias": rng.normal(size=5)}
    weights = Weights(parts, kind)
    layer = {"name": "a", "kind": "dense", "inputs": [0], "shape": [5]}
    layer["weights"] = weights.places
    description = {"version": exported.VERSION, "weights": kind}
    description |= {"inputs": [0], "outputs": [1]}
    entry = {"name": "x", "kind": "input", "inputs": [], "shape": [3]}
    return Network(description | {"layers": [entry, layer]}, weights.data), parts


def test_keras_is_not_needed():
    code = (
        "import sys; from helpers.networks import exported; "
        "print({'keras', 'tensorflow', 'jax'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


# -- weights ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "bytes_each"), [("float32", 4), ("float16", 2), ("8 bits", 1)]
)
def test_sizes(kind, bytes_each):
    weights = Weights({"kernel": np.ones((3, 3, 8, 16))}, kind)
    scales = 16 * 4 if kind == "8 bits" else 0
    assert len(weights.data) == 3 * 3 * 8 * 16 * bytes_each + scales


def test_float32_comes_back_as_it_was():
    network, parts = some_network("float32")
    for name, array in network.weights("a").items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, parts[name].astype("float32"))


def test_float16_rounds_as_numpy():
    """Small halves too, which have fewer digits, and what is no number."""
    values = [1e-7, -6e-8, 1e-9, 5.97e-8, 6.1e-5, 65504, 65519, -1 / 3, np.nan, np.inf]
    weights = Weights({"kernel": values}, "float16")
    found = exported.read(weights.data, weights.places["kernel"])
    wanted = np.array(values, "float32").astype("float16").astype("float32")
    np.testing.assert_array_equal(found, wanted)


def test_too_large_for_float16_is_refused():
    with pytest.raises(ValueError, match="weights: got a weight of 70000, too large"):
        Weights({"kernel": [70000]}, "float16")


@pytest.mark.parametrize("axes", [1, 2])
def test_8_bits_err_by_half_a_step_at_most(axes):
    rng = np.random.default_rng(3)
    for _ in range(50):
        shape = (*rng.integers(1, 5, 2), *rng.integers(1, 7, 2))
        kernel = rng.normal(size=shape) * 10.0 ** rng.integers(-6, 4, shape[-axes:])
        weights = Weights({}, "8 bits")
        place = weights.lay(kernel, "8 bits", axes)
        found = exported.read(weights.data, place)
        every = tuple(range(4 - axes))
        step = np.abs(kernel).max(axis=every) / 127
        assert place["channels"] == np.prod(shape[-axes:])
        assert (np.abs(found - kernel) <= step * 0.5001).all()
        most = np.abs(kernel).max(axis=every)
        np.testing.assert_allclose(np.abs(found).max(axis=every), most, rtol=1e-6)
    assert np.abs(found - kernel).max() > 0


def test_8_bits_of_nothing_and_of_next_to_nothing():
    kernel = np.array([[0, 1e-44, 3], [0, -1e-44, 1]], "float32")
    weights = Weights({"kernel": kernel}, "8 bits")
    found = exported.read(weights.data, weights.places["kernel"])
    np.testing.assert_allclose(found, [[0, 0, 3], [0, 0, 1]], atol=0.012)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_8_bits_of_no_number_are_refused(bad):
    with pytest.raises(ValueError, match="weights that are not finite"):
        Weights({"kernel": [[1, bad]]}, "8 bits")


def test_numbers_begin_where_any_array_may_look():
    weights = Weights({"a": [1, 2, 3], "b": [4]}, "float16")
    weights.lay([1, 2, 3], "8 bits")
    place = weights.lay([5.5], "float32")
    assert weights.places["b"]["at"] == 8
    assert place["at"] % 4 == 0
    assert exported.read(weights.data, place).tolist() == [5.5]


# -- a network -------------------------------------------------------------------------


def test_a_network_says_what_it_is():
    network, _ = some_network()
    said = "<Network of 2 layers, 20 weights as float16 in 42 bytes>"
    assert repr(network) == said
    assert network.names == ["x", "a"]
    assert network.weights("x") == {}
    with pytest.raises(ValueError, match=r'name: got "b"|name: got \'b\''):
        network.weights("b")


def test_a_network_stays_as_it_is():
    network, _ = some_network()
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.data = b""


@pytest.mark.parametrize("kind", exported.WEIGHTS)
def test_a_file_holds_everything(tmp_path, kind):
    network, _ = some_network(kind)
    path = tmp_path / "network.any"
    network.save(path)
    assert exported.load(path) == network
    assert exported.load(str(path)) == network
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file) == ["data", "description"]


def test_the_same_network_gives_the_same_file(tmp_path):
    for name in "ab":
        some_network()[0].save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# -- files that are none ---------------------------------------------------------------


class Trap:
    """An object whose reading would be noticed."""

    def __reduce__(self):
        return (pytest.fail, ("a pickled object was read",))


def cut(path):
    path.write_bytes(path.read_bytes()[:-200])


def overwrite(path):
    content = bytearray(path.read_bytes())
    content[120:160] = bytes(40)
    path.write_bytes(content)


def other_arrays(path):
    with open(path, "wb") as file:
        np.savez(file, kernel=np.ones(3))


def no_json(path):
    with open(path, "wb") as file:
        np.savez(file, description=np.zeros(9, np.uint8), data=np.zeros(1, np.uint8))


def other_json(path):
    with open(path, "wb") as file:
        said = np.frombuffer(json.dumps([1]).encode(), np.uint8)
        np.savez(file, description=said, data=said)


def pickled(path):
    with open(path, "wb") as file:
        objects = np.array([Trap()], object)
        np.savez(file, description=objects, data=objects)


def one_array(path):
    with open(path, "wb") as file:
        np.save(file, np.ones(3))


FAULTS = {
    "cut off": cut,
    "overwritten": overwrite,
    "other arrays": other_arrays,
    "no JSON": no_json,
    "other JSON": other_json,
    "pickled objects": pickled,
    "one array": one_array,
    "a page": lambda path: path.write_text("<html>Not found</html>"),
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_file_that_holds_no_network_is_refused(tmp_path, fault):
    path = tmp_path / "network.npz"
    some_network()[0].save(path)
    fault(path)
    with pytest.raises(ValueError, match=r"path: got .*network\.npz, which holds no"):
        exported.load(path)


def test_a_newer_network_is_refused(tmp_path):
    network, _ = some_network()
    network.description["version"] += 1
    network.save(tmp_path / "new")
    with pytest.raises(ValueError, match=r"a network of version 2\. Write it again"):
        exported.load(tmp_path / "new")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        exported.load(tmp_path / "none.npz")
