"""VGG16 from three places, each with files made here; AlexNet with those it comes with.

The files are as their publishers have them, names, shapes and form, with weights drawn
at random in the place of those that are learned.
"""

import dataclasses
import hashlib
import inspect
import json

import h5py
import keras
import numpy as np
import pytest

from helpers import images
from helpers.datasets import places, registry
from helpers.networks import exported, pretrained, probe, running

WIDTHS = {1: 64, 2: 128, 3: 256, 4: 512, 5: 512}
COUNTS = {1: 2, 2: 2, 3: 3, 4: 3, 5: 3}


def trunk_weights():
    """Kernel and bias of each convolution, by its name; as for blue, green and red."""
    rng, channels, made = np.random.default_rng(0), 3, {}
    for block, width in WIDTHS.items():
        for number in range(1, COUNTS[block] + 1):
            kernel = rng.normal(0, (2 / 9 / channels) ** 0.5, (3, 3, channels, width))
            bias = rng.normal(0, 0.1, width)
            made[f"block{block}_conv{number}"] = (
                kernel.astype(np.float16).astype(np.float32),
                bias.astype(np.float16).astype(np.float32),
            )
            channels = width
    return made


def in_h5(path, layers):
    """Write weights in the form of Keras's own file: a group a layer, in order."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        for name, arrays in layers.items():
            group = file.create_group(name)
            called = [f"{name}_{part}_1:0" for part in "Wb"[: len(arrays)]]
            group.attrs["weight_names"] = [one.encode() for one in called]
            for one, array in zip(called, arrays, strict=True):
                squeezed = {"compression": "gzip"} if array.nbytes > 2e7 else {}
                group.create_dataset(one, data=array, **squeezed)


@pytest.fixture(scope="module")
def learned():
    return trunk_weights()


@pytest.fixture(scope="module")
def made(tmp_path_factory, learned):
    """The files, to be put where they are looked for."""
    folder = tmp_path_factory.mktemp("made")
    in_h5(folder / "trunk.h5", {"input_1": (), **learned, "block5_pool": ()})
    arrays = {
        f"{name}/{part}": array.astype(np.float16)
        for name, both in learned.items()
        for part, array in zip(("kernel", "bias"), both, strict=True)
    }
    np.savez(folder / "edges.npz", **arrays)
    named = {str(k): [f"n{k:08}", f"kind_{k}"] for k in range(1000)}
    (folder / "classes.json").write_text(json.dumps(named), "utf-8")
    return folder


class Here:
    """A machine whose COURSE_DATA holds what is put there, off the network."""

    def __init__(self, folder, made, patch):
        self.folder, self.made = folder, made
        names = ("vgg16", "vgg16_edges")
        self.entries = {name: registry.weights(name) for name in names}
        patch.setattr(registry, "weights", self.entries.__getitem__)
        patch.setattr(places, "own", lambda: iter([folder / "own"]))
        patch.setenv("COURSE_DATA", str(folder))
        patch.setenv("COURSE_OFFLINE", "1")

    def put(self, name, held, source):
        """Put a file where it is looked for, and know it by its hash."""
        entry = self.entries[name]
        path = self.folder / entry.files[held].path
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(self.made / source)
        with path.open("rb") as opened:
            kind, _ = entry.files[held].hash
            digest = hashlib.file_digest(opened, kind).hexdigest()
        known = {"size": path.stat().st_size, kind: digest}
        file = dataclasses.replace(entry.files[held], **known)
        files = entry.files | {held: file}
        self.entries[name] = dataclasses.replace(entry, files=files)
        return path


@pytest.fixture
def here(tmp_path, made, monkeypatch):
    return Here(tmp_path, made, monkeypatch)


@pytest.fixture
def line(capsys):
    """The one line that was printed."""

    def read():
        [one] = capsys.readouterr().out.splitlines()
        return one

    return read


def photos(*sides):
    return np.random.default_rng(1).uniform(0, 255, (2, *sides, 3)).astype("float32")


def as_keras(learned, x):
    """What Keras's VGG16 makes of photos that it has prepared itself."""
    model = keras.applications.VGG16(include_top=False, weights=None)
    for name, arrays in learned.items():
        model.get_layer(name).set_weights(arrays)
    prepared = keras.applications.vgg16.preprocess_input(x.copy())
    return keras.ops.convert_to_numpy(model(prepared))


# -- the three places ------------------------------------------------------------------


def test_with_imagenets_weights_it_is_keras_vgg16(here, learned, line):
    here.put("vgg16", "trunk", "trunk.h5")
    network = pretrained.vgg16()
    assert line() == "VGG16 with the weights of ImageNet, without its classifier."
    assert (network.name, network.weights) == ("VGG16", "ImageNet")
    assert network.class_names == ()
    for sides in ((32, 32), (50, 41)):
        x = photos(*sides)
        wanted = as_keras(learned, x)
        found = probe.outputs(network.model, x)
        assert np.ptp(wanted) > 1
        np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_the_weights_that_find_edges_come_next(here, learned, line):
    here.put("vgg16_edges", "trunk", "edges.npz")
    network = pretrained.vgg16()
    said = line()
    assert said.startswith("VGG16 with weights that were trained further from ImageNet")
    assert said.endswith(
        "to find edges (COURSE_OFFLINE is set): for those of ImageNet, unset it, "
        "or set COURSE_DATA to a folder with vgg16/ in it."
    )
    assert (network.name, network.weights) == ("VGG16", "edges")
    x = photos(32, 32)
    wanted = as_keras(learned, x)
    found = probe.outputs(network.model, x)
    np.testing.assert_allclose(found, wanted, atol=1e-4 * np.abs(wanted).max())


def test_imagenets_go_first(here):
    here.put("vgg16_edges", "trunk", "edges.npz")
    here.put("vgg16", "trunk", "trunk.h5")
    assert pretrained.vgg16().weights == "ImageNet"


def test_where_neither_can_be_had_alexnet_stands_in(here, line):
    network = pretrained.vgg16()
    said = (
        "Using the convolutions of the course's AlexNet in place of VGG16 (COURSE_OFF"
    )
    assert line().startswith(said)
    assert (network.name, network.weights) == ("AlexNet", "flowers")
    assert network.class_names == ()
    x = photos(128, 128)
    wanted = probe.feature_maps(pretrained.alexnet().model, x)["pool5"]
    np.testing.assert_allclose(probe.outputs(network.model, x), wanted, atol=1e-5)
    assert probe.outputs(network.model, photos(67, 224)).shape == (2, 1, 5, 64)


@pytest.mark.parametrize("place", ["ImageNet", "edges", "flowers"])
def test_what_holds_for_all_three(here, place):
    if place == "ImageNet":
        here.put("vgg16", "trunk", "trunk.h5")
    if place == "edges":
        here.put("vgg16_edges", "trunk", "edges.npz")
    network = pretrained.vgg16()
    assert network.weights == place
    assert network.model.input_shape == (None, None, None, 3)
    names = [layer.name for layer in network.model.layers]
    assert not [one for one in network.model.layers if isinstance(one, keras.Model)]
    assert len(network.blocks) == 5
    listed = [name for block in network.blocks for name in block]
    assert listed == [
        layer.name
        for layer in network.model.layers
        if isinstance(layer, keras.layers.Conv2D)
    ]
    assert names[:2] == ["photo", "pixels"]
    assert network.licence
    assert network.licence in network.credit
    assert "\n" not in network.credit
    assert repr(network).startswith(f"<{network.name}, learned from {place}: photos of")
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.name = "VGG19"
    # A layer's output belongs to this model: parts of it are made in the usual way.
    tensors = [network.model.get_layer(name).output for name in listed]
    x = photos(67, 67)
    made = keras.Model(network.model.inputs[0], tensors)(x)
    wanted = probe.feature_maps(network.model, x)
    for name, one in zip(listed, made, strict=True):
        np.testing.assert_allclose(one, wanted[name], rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("place", ["trunk.h5", "edges.npz"])
def test_a_red_patch_stays_red(here, learned, place):
    name = "vgg16" if place == "trunk.h5" else "vgg16_edges"
    here.put(name, "trunk", place)
    model = pretrained.vgg16().model
    pixels = probe.feature_maps(model, np.full((1, 32, 32, 3), [250, 20, 30]))["pixels"]
    back = pixels[0, 0, 0] + pretrained.MEANS
    np.testing.assert_allclose(back, [250, 20, 30], atol=1e-3)
    kernel, _ = model.get_layer("block1_conv1").get_weights()
    theirs, _ = learned["block1_conv1"]
    np.testing.assert_array_equal(kernel[:, :, 0], theirs[:, :, 2])  # red
    np.testing.assert_array_equal(kernel[:, :, 1], theirs[:, :, 1])
    np.testing.assert_array_equal(kernel[:, :, 2], theirs[:, :, 0])  # blue


# -- faults ----------------------------------------------------------------------------


def test_a_cut_file_is_not_used(here, line):
    path = here.put("vgg16_edges", "trunk", "edges.npz")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-100])
    assert pretrained.vgg16().weights == "flowers"
    assert line().startswith("Using the convolutions")


@pytest.mark.parametrize("how", ["no h5", "another network", "other shapes"])
def test_what_the_right_hash_does_not_tell(here, made, learned, how, line):
    """A file that is the registry's, and holds something else."""
    bad = made / f"{how}.h5"
    if how == "no h5":
        bad.write_bytes(b"no h5" * 1000)
    else:
        some = dict(list(learned.items())[:3])
        if how == "other shapes":
            some = {name: (np.ones((3, 3, 1, 1)), np.ones(1)) for name in learned}
        in_h5(bad, some)
    here.put("vgg16", "trunk", bad.name)
    assert pretrained.vgg16().weights == "flowers"
    assert "(its file is damaged): for the real one, run this cell again" in line()


def test_arrays_of_another_network(here, made, line):
    np.savez(made / "other.npz", a=np.ones(3))
    here.put("vgg16_edges", "trunk", "other.npz")
    assert pretrained.vgg16().weights == "flowers"
    line()


@pytest.mark.parametrize("wrong", [None, 1, "yes"])
def test_a_classifier_is_asked_for_by_true_or_false(wrong):
    with pytest.raises(ValueError, match="classifier: "):
        pretrained.vgg16(classifier=wrong)


def test_weights_are_those_that_keras_would_fetch():
    files = registry.weights("vgg16").files
    vgg16 = inspect.getmodule(keras.applications.VGG16)
    imagenet_utils = inspect.getmodule(
        keras.applications.imagenet_utils.decode_predictions
    )
    assert files["trunk"].addresses[0] == vgg16.WEIGHTS_PATH_NO_TOP
    assert files["whole"].addresses[0] == vgg16.WEIGHTS_PATH
    assert files["classes"].addresses[0] == imagenet_utils.CLASS_INDEX_PATH
    source = inspect.getsource(vgg16.VGG16) + inspect.getsource(imagenet_utils)
    assert all(f'file_hash="{file.md5}"' in source for file in files.values())


# -- with its classifier ---------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(made, learned):
    """The file with a classifier: zeros, but for the last layer's biases."""
    dense = {
        "fc1": (np.zeros((25088, 4096), np.float32), np.zeros(4096, np.float32)),
        "fc2": (np.zeros((4096, 4096), np.float32), np.zeros(4096, np.float32)),
        "predictions": (
            np.zeros((4096, 1000), np.float32),
            np.arange(1000, dtype=np.float32),
        ),
    }
    in_h5(made / "whole.h5", learned | {"flatten": ()} | dense)
    return "whole.h5"


@pytest.mark.once
def test_with_its_classifier_it_names_a_class(here, whole, line):
    here.put("vgg16", "whole", whole)
    here.put("vgg16", "classes", "classes.json")
    network = pretrained.vgg16(classifier=True)
    assert line() == "VGG16 with the weights of ImageNet, with its classifier."
    assert network.model.layers[-1].name == "logits"
    [logits] = probe.outputs(network.model, photos(224, 224)[:1])
    np.testing.assert_allclose(logits, np.arange(1000), atol=1e-3)
    assert len(network.class_names) == 1000
    assert network.class_names[logits.argmax()] == "kind 999"
    assert repr(network).endswith("photos of 224 × 224 to 1,000 classes>")


def test_without_it_there_are_the_convolutions(here, line):
    here.put("vgg16", "trunk", "trunk.h5")
    network = pretrained.vgg16(classifier=True)
    assert network.weights == "ImageNet"
    assert network.class_names == ()
    said = "without its classifier (COURSE_OFFLINE is set): for it, unset it, or set"
    assert said in line()


def test_classes_without_names_have_numbers(here, made):
    assert pretrained._imagenet_classes()[-1] == "999"
    path = here.put("vgg16", "classes", "classes.json")
    assert pretrained._imagenet_classes()[-1] == "kind 999"
    path.unlink()
    path.write_text("{}")  # another file than the registry's
    assert pretrained._imagenet_classes()[-1] == "999"
    path.unlink()
    for content in ("{}", "no JSON"):  # the registry's own
        (made / "odd.json").write_text(content)
        path = here.put("vgg16", "classes", "odd.json")
        assert pretrained._imagenet_classes()[-1] == "999"
        path.unlink()


# -- AlexNet ---------------------------------------------------------------------------


def test_alexnet_is_the_one_that_comes_with_the_course():
    network = pretrained.alexnet()
    photo = images.photo("sunflower", size=128, colour=True)
    [logits] = probe.outputs(network.model, photo[None])
    known = running.maps(exported.shipped("flowers"), photo)["logits"]
    np.testing.assert_allclose(logits, known, atol=1e-4)
    assert network.class_names[logits.argmax()] == "sunflowers"
    assert network.model.layers[-1].name == "logits"
    assert network.blocks == tuple((f"filters{k}",) for k in range(1, 6))
    assert not [one for one in network.model.layers if isinstance(one, keras.Model)]
