"""The data sets: what every load gives, real or standing in, and what it refuses."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from helpers import datasets, images
from helpers.datasets import places, present, registry, stand_ins

LOADERS: dict[str, Callable] = {
    "mnist": datasets.load_mnist,
    "fashion_mnist": datasets.load_fashion_mnist,
    "quickdraw": datasets.load_quickdraw,
}

# Of the real sets, what their publishers say; of the stand-ins, what the docstrings do.
SIZES = {
    ("mnist", False): (60_000, 10_000),
    ("mnist", True): (1_442, 355),
    ("fashion_mnist", False): (60_000, 10_000),
    ("fashion_mnist", True): (2_000, 500),
    ("quickdraw", False): (14_400, 3_600),
    ("quickdraw", True): (14_400, 3_600),
}


@pytest.fixture(scope="module", params=LOADERS)
def name(request):
    return request.param


@pytest.fixture(scope="module", params=["as it is here", "nothing here"])
def loaded(request, name, tmp_path_factory):
    """A set as this machine has it, real or not, and as one has it that has nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        if request.param == "nothing here":
            patch.delenv("COURSE_DATA", raising=False)
            empty = tmp_path_factory.mktemp("empty")
            patch.setattr(places, "own", lambda: iter([empty]))
        return LOADERS[name]()


def test_every_set_has_its_shapes(name, loaded):
    train, test = SIZES[name, loaded.is_fallback]
    assert loaded.train_images.shape == (train, 28, 28)
    assert loaded.test_images.shape == (test, 28, 28)
    assert loaded.train_labels.shape == (train,)
    assert loaded.test_labels.shape == (test,)
    assert loaded.train_images.dtype == loaded.test_images.dtype == np.uint8
    assert loaded.train_labels.dtype == loaded.test_labels.dtype == np.int64


def test_every_class_is_in_both_parts(loaded):
    classes = len(loaded.class_names)
    assert len(set(loaded.class_names)) == classes
    for labels in (loaded.train_labels, loaded.test_labels):
        counts = np.bincount(labels, minlength=classes)
        assert len(counts) == classes
        assert counts.min() > 0.7 * len(labels) / classes


def test_number_of_classes_is_the_real_one(name, loaded):
    assert len(loaded.class_names) == {"quickdraw": 6}.get(name, 10)


def test_white_ink_on_black(loaded):
    some = loaded.train_images[:500]
    assert some.max() > 200
    assert 0.02 < some.mean() / 255 < 0.5
    assert np.median(some[:, [0, -1]]) == 0  # along the border
    assert some.any(axis=(1, 2)).all()


def test_it_says_where_it_comes_from(name, loaded):
    title = registry.entry(name).title
    assert loaded.name == title
    assert loaded.source
    assert loaded.licence
    known = registry.entry(name)
    real = (known.source, known.licence, known.citation)
    said = (loaded.source, loaded.licence, loaded.citation)
    assert (said == real) is not loaded.is_fallback


def test_representation_is_one_stable_line(name, loaded):
    train, test = SIZES[name, loaded.is_fallback]
    start = "Stand-in for " if loaded.is_fallback else ""
    assert repr(loaded) == (
        f"<{start}{loaded.name}: {train:,} + {test:,} images of 28 × 28, "
        f"{len(loaded.class_names)} classes>"
    )


def test_no_picture_is_in_both_parts(name, loaded):
    """Of MNIST and Fashion-MNIST the publishers' own parts are not ours to judge."""
    if name == "quickdraw" or loaded.is_fallback:
        train = {image.tobytes() for image in loaded.train_images}
        test = {image.tobytes() for image in loaded.test_images}
        assert not train & test


def test_pictures_of_a_class_are_alike(loaded):
    """Labels go with their pictures: nearest means tell most of the test's apart."""
    train = loaded.train_images.reshape(len(loaded.train_images), -1) / np.float32(255)
    test = loaded.test_images[:2000].reshape(-1, 784) / np.float32(255)
    classes = range(len(loaded.class_names))
    means = np.stack([train[loaded.train_labels == k].mean(axis=0) for k in classes])
    apart = (means**2).sum(axis=1) - 2 * test @ means.T
    right = (apart.argmin(axis=1) == loaded.test_labels[:2000]).mean()
    assert 0.55 < right < 0.95  # learnable, and not by that alone


def test_a_set_is_frozen(loaded):
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded.name = "another"


@pytest.mark.parametrize("name", LOADERS, indirect=False)
def test_every_load_is_fresh_and_the_same(name, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    arguments = {"classes": ["fish", "cat"], "count": 40} if name == "quickdraw" else {}
    first, second = LOADERS[name](**arguments), LOADERS[name](**arguments)
    for field in ("train_images", "train_labels", "test_images", "test_labels"):
        one, other = getattr(first, field), getattr(second, field)
        np.testing.assert_array_equal(one, other)
        assert one.flags.writeable
        assert not np.shares_memory(one, other)


# ---- what stands in ----


@pytest.fixture
def nothing(monkeypatch, tmp_path):
    """A machine without data and network, whose cache is an empty folder."""
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path]))
    return tmp_path


@pytest.mark.parametrize("name", LOADERS)
def test_a_stand_in_says_so_in_one_sentence(name, nothing, capsys):
    loaded = LOADERS[name]()
    out, err = capsys.readouterr()
    assert loaded.is_fallback
    assert err == ""
    folder = {"fashion_mnist": "fashion-mnist"}.get(name, name)
    assert re.fullmatch(
        rf"Using [\d,]+ .+ in place of {re.escape(loaded.name)} \(COURSE_OFFLINE is "
        rf"set\): for the real one, unset it, or set COURSE_DATA to a folder with "
        rf"{folder}/ in it\.\n",
        out,
    )
    assert f"{sum(SIZES[name, True]):,}" in out
    assert list(nothing.iterdir()) == []


def test_stand_ins_never_pretend(nothing):
    blobs = datasets.load_fashion_mnist()
    assert all(re.fullmatch(r"blob \d+", name) for name in blobs.class_names)
    doodles = datasets.load_quickdraw(["cat", "fish"], count=5)
    assert doodles.class_names == ("doodle 1", "doodle 2")
    for made in (blobs, doodles):
        assert "drawn by rule" in made.source
        assert "Google" not in made.licence
    digits = datasets.load_mnist()
    assert "scikit-learn" in digits.source
    assert digits.licence == "CC BY 4.0"


def test_small_digits_are_those_of_images():
    made = stand_ins.small_digits()
    for label, index in ((0, 0), (3, 5), (9, 100)):
        place = np.flatnonzero(made.labels == label)[index]
        wanted = images.digit(label, index=index)
        np.testing.assert_array_equal(made.images[place], wanted)


def test_drawings_by_rule_are_the_same_in_every_process(nothing):
    code = (
        "import hashlib\n"
        "from helpers.datasets import stand_ins\n"
        "made = [stand_ins.blobs().images, stand_ins.doodles(3, 120).images]\n"
        "print([hashlib.sha256(images).hexdigest() for images in made])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said[0] == said[1]
    assert len(set(json.loads(said[0].replace("'", '"')))) == 2


def test_fewer_drawings_by_rule_are_the_first_of_more():
    few, many = stand_ins.doodles(2, 30), stand_ins.doodles(4, 30)
    few, many = few.images.reshape(30, 2, 28, 28), many.images.reshape(30, 4, 28, 28)
    np.testing.assert_array_equal(few, many[:, :2])


# ---- Quick, Draw!'s arguments ----


def test_names_come_in_the_order_asked_for(nothing):
    names = ["The Eiffel Tower", "cat"]
    assert datasets.load_quickdraw(names, count=5).train_images.shape == (8, 28, 28)
    assert datasets.load_quickdraw(tuple(names), count=5).name == "Quick, Draw!"
    assert datasets.load_quickdraw(iter(names), count=np.int64(5)).is_fallback


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (
            ["cat", "bicicle"],
            "^classes: got 'bicicle'. Did you mean \"bicycle\"[?] Give",
        ),
        (["Cat"], "got 'Cat'. Did you mean \"cat\""),
        ("cat", r"^classes: got 'cat'. Give a list of names, \[\"cat\", \"fish\"\]"),
        ([], "^classes: got no names. Give at least one"),
        (["cat", "fish", "cat"], '^classes: got "cat" twice. Give each once'),
        ([3], "^classes: got 3. Give some of the 345 names"),
        (3, "^classes: got 3. Give a list"),
        (None, "^classes: got None. Give a list"),
        (["../mnist/mnist"], "Give some of the 345 names"),
    ],
)
def test_impossible_classes(classes, said, nothing):
    with pytest.raises(ValueError, match=said):
        datasets.load_quickdraw(classes)


@pytest.mark.parametrize("count", [0, 4, 100_001, 5.0, "5", None, True])
def test_impossible_count(count, nothing):
    said = r"^count: got .*a whole number from 5 to 100000"
    with pytest.raises(ValueError, match=said):
        datasets.load_quickdraw(count=count)


# ---- the split of our own ----


def give(folder, name, count, seed=0):
    """Put a file of drawings that differ into a cache, as the publisher has it."""
    rng = np.random.default_rng([seed, *name.encode()])
    path = folder / "quickdraw" / f"{name}.npy"
    path.parent.mkdir(exist_ok=True)
    np.save(path, rng.integers(128, 256, (count, 784), np.uint8))
    return path


def test_asking_for_more_moves_no_drawing(nothing):
    for name in ("dog", "owl"):
        give(nothing, name, 200)
    parts = []
    for count in (40, 200):
        loaded = datasets.load_quickdraw(["dog", "owl"], count=count)
        assert not loaded.is_fallback
        assert len(loaded.train_images) == 2 * count * 4 // 5
        for images_ in (loaded.train_images, loaded.test_images):
            parts.append({image.tobytes() for image in images_})
    few_train, few_test, many_train, many_test = parts
    assert few_train < many_train
    assert few_test < many_test
    assert not many_train & many_test


def test_the_classes_take_turns(nothing):
    loaded = datasets.load_quickdraw(["dog", "owl", "cat"], count=10)
    assert loaded.train_labels.tolist() == [0, 1, 2] * 8
    assert loaded.test_labels.tolist() == [0, 1, 2] * 2


# ---- the registry ----


# ---- a few pictures, of what is here ----


def test_examples_are_test_pictures_in_turn(name, loaded):
    """Of a set that is here, and none of one that is not; nothing stands in."""
    found = present.examples(name, 2)
    classes = len(loaded.class_names)
    if loaded.is_fallback and found is None:
        return
    pictures, labels = found
    np.testing.assert_array_equal(labels, np.tile(np.arange(classes), 2))
    if loaded.is_fallback:
        return
    for label in range(classes):
        of_class = loaded.test_images[loaded.test_labels == label]
        np.testing.assert_array_equal(pictures[labels == label], of_class[:2])


def test_no_examples_where_nothing_is(name, nothing):
    assert present.examples(name, 2) is None


def test_examples_of_drawings_that_were_given(nothing, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    *most, last = datasets.quickdraw.CLASSES
    drawn = [give(tmp_path, one, 25, seed) for seed, one in enumerate(most)]
    assert present.examples("quickdraw", 2) is None  # of one class there are none
    drawn.append(give(tmp_path, last, 25, 9))
    pictures, labels = present.examples("quickdraw", 2)
    for label, path in enumerate(drawn):
        drawings = np.load(path).reshape(-1, 28, 28)
        np.testing.assert_array_equal(pictures[labels == label], drawings[[4, 9]])


def test_the_registry_is_whole():
    for name, entry in registry.entries().items():
        assert entry.name == name
        assert all([entry.title, entry.source, entry.licence, entry.citation])
        assert len(set(entry.classes)) == len(entry.classes)
        files = [file for way in entry.ways for file in way.files]
        assert all(file.addresses for file in files)
        for file in [*files, *entry.files, *entry.archives]:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert file.size > 1000
            assert not Path(file.path).is_absolute()
            assert ".." not in Path(file.path).parts
            for address in file.addresses:
                assert re.match(r"https?://", address)
                assert address.endswith(Path(file.path).name)
        if entry.ways:
            assert re.fullmatch(r"[0-9a-f]{64}", entry.content)
            assert (entry.training, entry.test) == (60_000, 10_000)
    digits = registry.entry("spoken_digits")
    assert re.fullmatch(r"[0-9a-f]{64}", digits.content)
    assert (digits.training, digits.test) == (2_700, 300)
    mnist = registry.entry("mnist").ways[0].files[0]
    assert mnist.sha256.startswith("731c5ac602752760c8e48fbf")  # as Keras has it
    assert len(registry.entry("quickdraw").classes) == 345


def test_what_has_no_hash_comes_encrypted():
    assert registry.entry("quickdraw").address.startswith("https://")
    assert registry.entry("spoken_digits").address.startswith("https://")


@pytest.mark.parametrize("name", ["vgg16", "vgg16_edges"])
def test_weights_of_others_are_whole(name):
    entry = registry.weights(name)
    assert all([entry.title, entry.source, entry.licence, entry.citation])
    for file in entry.files.values():
        kind, known = file.hash
        assert re.fullmatch(r"[0-9a-f]+", known)
        assert len(known) == {"sha256": 64, "md5": 32}[kind]
        assert file.size > 1000
        for address in file.addresses:  # that hash keeps no forger away
            assert address.startswith("https://")
            assert address.endswith(Path(file.path).name)


# ---- the package ----


def modules_after(line, **variables):
    code = f"import json, sys\n{line}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_naming_the_package_reads_no_room():
    modules = modules_after("from helpers import datasets\ndir(datasets)")
    assert not [m for m in modules if m.startswith("helpers.datasets.")]
    assert "numpy" not in modules


def test_loading_reads_nothing_heavy(nothing):
    line = (
        "from helpers import datasets\n"
        "from helpers.datasets import *\n"
        "load_mnist(); load_fashion_mnist(); load_quickdraw(['cat'], count=10)\n"
        "load_spoken_digits()"
    )
    heavy = {"tensorflow", "keras", "jax", "torch", "sklearn", "matplotlib"}
    modules = modules_after(line, COURSE_OFFLINE="1", TQDM_DISABLE="1")
    assert not modules & (heavy | {"pandas", "requests.adapters"})


@pytest.fixture(params=["wheel", "archive"])
def copy(request, installed, tmp_path):
    """Where an installed copy of the helpers is imported from: a folder, or a zip."""
    if request.param == "wheel":
        return installed
    archive = shutil.make_archive(tmp_path / "course", "zip", installed)
    return Path(archive)


def test_an_installed_copy_has_the_registry(copy, root, tmp_path):
    code = (
        "import helpers\n"
        "from helpers import datasets\n"
        "from helpers.datasets import places, registry\n"
        "print(helpers.__file__)\n"
        "print(*places.own())\n"
        "print(datasets.load_mnist())\n"
        "print(registry.text(), end='')"
    )
    variables = {k: v for k, v in os.environ.items() if k != "COURSE_DATA"}
    path = os.pathsep.join([str(copy), os.environ.get("PYTHONPATH", "")])
    variables |= {"COURSE_OFFLINE": "1", "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=variables | {"PYTHONPATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, caches, sentence, line, text = done.stdout.split("\n", 4)
    assert file.startswith(str(copy))
    assert caches.startswith(str(tmp_path))  # its user's alone, none beside the code
    assert sentence.startswith("Using 1,797 small digits")
    assert line.startswith("<Stand-in for MNIST")
    assert text == (root / "data" / "registry.toml").read_text(encoding="utf-8")


def test_names():
    assert set(datasets.__all__) <= set(dir(datasets))
    assert sorted(datasets._ROOMS) == datasets.__all__
    for name in datasets.__all__:
        assert getattr(datasets, name).__name__ == name
    with pytest.raises(AttributeError, match=r"helpers\.datasets.*'load_minst'"):
        datasets.load_minst  # noqa: B018
