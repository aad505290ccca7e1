"""The Python side of PhotoReader: what it is given, what it sees, what it says."""

import numpy as np
import photo_networks
import pytest
from traitlets import TraitError

from helpers import images, ops
from helpers.networks import exported, running
from helpers.widgets import PhotoReader
from helpers.widgets.parts import photo_views

RNG = np.random.default_rng(6)
NETWORK = photo_networks.small()


@pytest.fixture
def reader():
    reader = PhotoReader(NETWORK, "chelsea")
    yield reader
    reader.close()


def test_the_view_step_by_step(reader):
    photo = images.photo("chelsea", size=256, colour=True)
    np.testing.assert_array_equal(reader.image, photo)
    whole = images.square(photo, 32).astype(float)
    np.testing.assert_array_equal(reader.view, whole)
    reader.crop = (20, 30, 100)
    part = images.square(photo[20:120, 30:130], 32).astype(float)
    np.testing.assert_array_equal(reader.view, part)
    reader.mirror = True
    np.testing.assert_array_equal(reader.view, part[:, ::-1])
    reader.turn = 90  # clockwise: what was on the left is above
    np.testing.assert_allclose(reader.view, np.rot90(part[:, ::-1], -1), atol=1e-9)
    reader.turn, reader.mirror, reader.brightness = 0, False, 150
    np.testing.assert_allclose(reader.view, np.minimum(part * 1.5, 255))
    reader.brightness, reader.gray = 100, True
    gray = part @ [0.2125, 0.7154, 0.0721]
    np.testing.assert_allclose(reader.view, np.dstack([gray] * 3))
    reader.gray, reader.covered, reader.patch = False, (0, 10), 5
    part[:3, 8:13] = 127.5
    np.testing.assert_array_equal(reader.view, part)


def test_a_turned_view_is_black_where_nothing_comes_from(reader):
    reader.image = np.full((64, 64, 3), 200, np.uint8)
    reader.turn = 45
    assert (reader.view[0, 0] == 0).all()
    assert (reader.view[16, 16] == 200).all()


def test_probabilities_are_those_of_the_network(reader):
    for turn in (0, 30, -120):
        reader.turn = turn
        made = running.maps(NETWORK, reader.view)
        np.testing.assert_array_equal(reader.probabilities, made["shares"])
        assert reader.probabilities.sum() == pytest.approx(1)
        assert reader.guess == photo_networks.CLASSES[made["shares"].argmax()]
    reader.probabilities[:] = 7  # a copy of the learner's
    assert reader.probabilities.max() <= 1


def test_logits_become_probabilities():
    layers = NETWORK.description["layers"][:-1]
    logits = exported.Network(
        {**NETWORK.description, "layers": layers, "outputs": [6]}, NETWORK.data
    )
    reader = PhotoReader(logits)
    wanted = ops.softmax(running.maps(logits, reader.view)["logits"])
    np.testing.assert_allclose(reader.probabilities, wanted)
    np.testing.assert_allclose(wanted, PhotoReader(NETWORK).probabilities, rtol=1e-9)


def test_photos_of_every_form():
    photo = RNG.integers(0, 256, (40, 60, 3), np.uint8)
    wanted = photo[:, 10:50]
    for same in (photo, photo.astype(int), photo.astype(float), photo / 255):
        reader = PhotoReader(NETWORK, same)
        np.testing.assert_array_equal(reader.image, wanted)
        assert reader.photo == "own"
        assert reader.crop == (0, 0, 40)
    gray = PhotoReader(NETWORK, photo[..., 0]).image
    np.testing.assert_array_equal(gray, np.dstack([wanted[..., 0]] * 3))
    large = RNG.integers(0, 256, (600, 700, 3), np.uint8)
    found = PhotoReader(NETWORK, large).image
    np.testing.assert_array_equal(found, images.square(large, 512))


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        (np.ones((15, 90, 3)), r"image: got 15 × 90 pixels\. Give at least 16"),
        (np.ones((30, 30, 4)), r"image: got shape \(30, 30, 4\)"),
        (np.ones(30), r"image: got shape \(30,\)"),
        (np.full((30, 30), 256), "values from 256 to 256. Give them from 0 to 255"),
        (np.full((30, 30), -1.0), "values from -1 to -1"),
        (np.full((30, 30), np.nan), "not finite"),
        ("chelsey", 'Did you mean "chelsea"'),
        ("own", "photo: got 'own'|photo: got \"own\""),
    ],
    ids=str,
)
def test_photos_that_are_refused(photo, said):
    with pytest.raises(TraitError, match=said):
        PhotoReader(NETWORK, photo)


def test_a_menu_of_ones_own():
    photos = {"a": np.zeros((20, 30)), "b": np.full((700, 600, 3), 9, np.uint8)}
    reader = PhotoReader(NETWORK, photos=photos)
    assert reader.photo == "a"
    reader.photo = "b"
    assert reader.image.shape == (512, 512, 3)
    assert reader.crop == (0, 0, 512)
    assert list(reader.photos) == ["a", "b"]
    with pytest.raises(TraitError, match='Give "a", "b" or "own"'):
        reader.photo = "chelsea"
    for other in ({}, [1], {"own": np.zeros((20, 20))}, {3: np.zeros((20, 20))}):
        with pytest.raises(TraitError, match=r"photos: got .* 1 to 20\."):
            PhotoReader(NETWORK, photos=other)
    with pytest.raises(TraitError, match=r'^photos\["a"\]: got 3 × 3'):
        PhotoReader(NETWORK, photos={"a": np.zeros((3, 3))})


def test_another_photo_is_seen_as_a_whole(reader):
    reader.crop = (100, 100, 50)
    reader.photo = "coffee"
    assert reader.crop == (0, 0, 256)
    reader.crop = (100, 100, 50)
    reader.image = RNG.integers(0, 256, (64, 64, 3), np.uint8)
    assert (reader.photo, reader.crop) == ("own", (0, 0, 64))


def test_what_the_page_says_is_taken_together(reader):
    photo = RNG.integers(0, 256, (80, 80, 3), np.uint8)
    message = {"shape": [80, 80, 3], "dtype": "uint8", "data": photo.tobytes()}
    state = {"image": message, "photo": "own", "crop": [5, 6, 40], "covered": [2, 3]}
    reader.set_state(state)
    np.testing.assert_array_equal(reader.image, photo)
    assert reader.crop == (5, 6, 40)
    assert reader.covered == (2, 3)
    reader.set_state({"covered": []})
    assert reader.covered is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("crop", (0, 0, 15), r"crop: \(0, 0, 15\) came; .* its side 16 or more"),
        ("crop", (1, 0, 256), "inside the photo's 256 × 256 pixels"),
        ("crop", (0, 300, 16), "inside the photo's 256 × 256"),
        ("covered", (32, 0), "each from 0 to 31, or None"),
        ("covered", (-1, 0), r"Give \(row, column\) in the view"),
        ("patch", 33, "Give a whole number from 1 to 32"),
        ("turn", 181, "from -180 to 180"),
        ("brightness", 0, "from 20 to 300"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(reader, name, value, said):
    before = getattr(reader, name)
    with pytest.raises(TraitError, match=said):
        setattr(reader, name, value)
    assert getattr(reader, name) == before


def other(**changed):
    return exported.Network({**NETWORK.description, **changed}, NETWORK.data)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (exported.shipped("mnist"), r"one that takes \(28, 28, 1\)\. Give one that"),
        (other(inputs=[0, 0]), "2 inputs and 1 outputs"),
        (other(outputs=[4]), r"one that gives \(4, 4, 12\)"),
        ("mnist", "network: got"),
        (3, "network: got 3"),
        (None, "network: got None"),
    ],
    ids=str,
)
def test_networks_that_are_refused(network, said):
    with pytest.raises(TraitError, match=said):
        PhotoReader(network)


def test_names_of_the_classes():
    assert PhotoReader(NETWORK).class_names == tuple(photo_networks.CLASSES)
    assert PhotoReader(other(about={})).class_names == ("0", "1", "2", "3", "4")
    reader = PhotoReader(NETWORK, class_names=list("abcde"))
    assert reader.class_names == tuple("abcde")
    for names in (["a"], list("aaaaa"), ["", *"abcd"], "abcde", 5):
        with pytest.raises(TraitError, match=r"class_names: got .* Give 5 different"):
            PhotoReader(NETWORK, class_names=names)


def test_the_network_travels_as_bytes(reader):
    sent = reader.get_state()["_network"]
    assert sent["data"] == NETWORK.data
    assert sent["description"] == NETWORK.description
    assert reader.network is NETWORK


def test_its_line_and_its_picture(reader):
    assert repr(reader) == (
        "PhotoReader: chelsea, 256 × 256 pixels for a network that takes 32 × 32, "
        "5 classes"
    )
    reader.image = np.zeros((99, 99))
    reader.mirror = reader.gray = True
    reader.crop, reader.covered = (1, 2, 50), (3, 4)
    reader.turn, reader.brightness = -5, 50
    assert repr(reader) == (
        "PhotoReader: a photo of your own, 50 × 50 of its 99 × 99 pixels at (1, 2), "
        "mirrored, turned by -5°, gray, 50 % as bright, 6 × 6 covered at (3, 4) for a "
        "network that takes 32 × 32, 5 classes"
    )
    picture = reader.picture()
    assert len(picture.axes) == 2
    title = picture.axes[1].get_title()
    assert title.startswith(f"{reader.guess} {reader.probabilities.max():.0%}, ")


def test_a_patch_at_the_border():
    for place, rows, cols in [
        ((0, 0), slice(0, 3), slice(0, 3)),
        ((31, 16), slice(29, 32), slice(14, 19)),
    ]:
        assert photo_views.patch_at(place, 5, 32) == (rows, cols)
