"""The Python side of MistakeBrowser: what it is given, what it finds, what it says."""

import numpy as np
import pytest
from traitlets import TraitError

from helpers.widgets import MistakeBrowser
from helpers.widgets.explorers import mistake_browser

RNG = np.random.default_rng(5)


def some(count=60, classes=4, sides=(9, 7)):
    images = RNG.integers(0, 256, (count, *sides), np.uint8)
    labels = RNG.integers(0, classes, count)
    shares = RNG.dirichlet(np.ones(classes), count)
    return images, labels, shares


def restored(browser):
    """The pictures as the page gets them, put together again."""
    message = browser._pictures
    rows, columns = message["sides"]
    boxes = np.frombuffer(message["boxes"], np.uint8).reshape(-1, 4).astype(int)
    pixels = np.frombuffer(message["pixels"], np.uint8)
    pictures, at = np.zeros((len(boxes), rows, columns), np.uint8), 0
    for picture, (top, left, tall, wide) in zip(pictures, boxes, strict=True):
        part = pixels[at : at + tall * wide].reshape(tall, wide)
        picture[top : top + tall, left : left + wide] = part
        at += tall * wide
    assert at == len(pixels)
    return pictures


def test_the_matrix_counts_and_the_lists_are_in_order():
    images, labels, shares = some()
    browser = MistakeBrowser(images, labels, shares)
    shares = shares.astype(np.float32)
    taken = shares.argmax(axis=1)
    for row in range(4):
        for column in range(4):
            inside = [k for k in range(60) if (labels[k], taken[k]) == (row, column)]
            assert browser.matrix[row, column] == len(inside)
            browser.cell, browser.only_mistakes = (row, column), False
            browser.order = "as they came"
            assert browser.shown.tolist() == inside
            browser.order = "surest first"
            inside.sort(key=lambda k: -shares[k].max())
            assert browser.shown.tolist() == inside
            browser.order = "least sure first"
            assert browser.shown.tolist() == inside[::-1]
    browser.cell, browser.only_mistakes = None, True
    assert sorted(browser.shown) == [k for k in range(60) if labels[k] != taken[k]]


def test_equally_sure_ones_stay_as_they_came():
    shares = np.full((5, 2), 0.5)
    browser = MistakeBrowser(np.zeros((5, 3, 3)), [1] * 5, shares)
    for order in mistake_browser.ORDERS:
        browser.order = order
        assert browser.shown.tolist() == [0, 1, 2, 3, 4]


def test_pictures_arrive_as_they_are():
    images, labels, shares = some(40)
    images[:20, :3] = 0
    images[10:20, :, 4:] = 0
    images[5] = 0  # nothing at all
    images[6] = 0
    images[6, 8, 6] = 1  # a corner
    browser = MistakeBrowser(images, labels, shares)
    np.testing.assert_array_equal(restored(browser), images)
    np.testing.assert_array_equal(browser.images, images)
    assert len(browser._pictures["pixels"]) < images.size
    with pytest.raises(ValueError, match="read-only"):
        browser.images[0, 0, 0] = 1


def test_ten_thousand_digits_cost_at_most_8_mb():
    """Even if each is drawn up to its rim; of digits it is half of that."""
    images = np.ones((10_000, 28, 28), np.uint8)
    shares = np.full((10_000, 10), 0.1, np.float32)
    browser = MistakeBrowser(images, np.zeros(10_000, int), shares)
    worst = sum(len(part) for part in browser._pictures.values())
    assert worst <= 8 * 2**20
    digits = images.copy()
    digits[:, :4] = digits[:, 24:] = digits[:, :, :4] = digits[:, :, 24:] = 0
    browser = MistakeBrowser(digits, np.zeros(10_000, int), shares)
    assert sum(len(part) for part in browser._pictures.values()) < 4_600_000


def test_what_is_stored_is_a_picture_and_a_line():
    images, labels, shares = some(600, sides=(28, 28))
    data, _ = MistakeBrowser(images, labels, shares)._repr_mimebundle_()
    still = {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"}
    assert set(data) == still
    assert len(data["image/png"]) < 60_000


def test_other_forms_of_pictures():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (3, 5, 6), np.uint8)
    rest = ([0, 1, 1], [[1, 0], [1, 0], [0, 1]])
    same = [
        images,
        images[..., None],
        np.repeat(images[..., None], 3, axis=3),
        images.astype(float),
        images / 255,
        images.tolist(),
    ]
    for one in same:
        found = MistakeBrowser(one, *rest).images
        np.testing.assert_allclose(found.astype(int), images, atol=1)
    labels = np.array([[0], [1], [1]], np.uint8)
    assert MistakeBrowser(images, labels, rest[1]).matrix.tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("images", np.zeros((0, 3, 3)), "Give at least one number"),
        ("images", np.zeros((3, 3)), "Give 1 to 10,000 pictures"),
        ("images", np.zeros((2, 200, 3)), "Give 1 to 128 pixels a side"),
        ("images", np.full((3, 4, 4), -1), "from -1 to -1. Give them from 0 to 255"),
        ("images", np.full((3, 4, 4), 256), "Give them from 0 to 255"),
        ("images", "digits", "images"),
        ("probabilities", np.ones((3, 2)), "Give softmax"),
        ("probabilities", [[2, -1]] * 3, "Give softmax"),
        ("probabilities", [[1.0]] * 3, "2 to 20 classes"),
        ("probabilities", np.eye(21)[:3], "2 to 20 classes"),
        ("probabilities", [[0.5, 0.5]] * 2, r"Give \(3, classes\)"),
        ("probabilities", [[np.nan, 1]] * 3, "probabilities"),
        ("labels", [0, 1], "Give 3 whole numbers"),
        ("labels", [0.0, 1, 1], "Give 3 whole numbers"),
        ("labels", [0, 1, 2], "from 0 to 2. Give them from 0 to 1"),
        ("labels", [-1, 1, 1], "Give them from 0 to 1"),
        ("labels", np.eye(3, 2), "Give 3 whole numbers"),
        ("class_names", ["a"], "Give 2 different names"),
        ("class_names", ["a", "a"], "Give 2 different names"),
        ("class_names", ["a", ""], "Give 2 different names"),
        ("class_names", "ab", "Give 2 different names"),
    ],
)
def test_what_cannot_be_browsed_is_refused(name, value, said):
    good = {
        "images": np.zeros((3, 4, 4)),
        "labels": [0, 1, 1],
        "probabilities": [[0.5, 0.5]] * 3,
        "class_names": None,
    }
    MistakeBrowser(**good).close()
    with pytest.raises(TraitError, match=said) as refusal:
        MistakeBrowser(**{**good, name: value})
    assert str(refusal.value).startswith(name)


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        *(("cell", cell) for cell in [(4, 0), (0,), (-1, 0), (1.0, 0)]),
        *(("chosen", 60), ("chosen", -2), ("page", -1), ("order", "sure")),
    ],
)
def test_what_is_refused_leaves_the_last_state(trait, value):
    browser = MistakeBrowser(*some(), cell=(1, 2))
    browser.chosen = 3
    before = browser.describe()
    with pytest.raises(TraitError, match=f"{trait}: "):
        setattr(browser, trait, value)
    assert browser.describe() == before


def test_other_pictures_begin_at_the_first_page():
    browser = MistakeBrowser(*some())
    for name, value in (
        ("order", "as they came"),
        ("cell", (1, 1)),
        ("only_mistakes", False),
    ):
        browser.page, browser.chosen = 1, 5
        setattr(browser, name, value)
        assert (browser.page, browser.chosen) == (0, -1)
    # What the page says fits together already.
    browser.set_state({"order": "surest first", "page": 2, "chosen": 7})
    assert (browser.page, browser.chosen) == (2, 7)


def test_its_line_says_what_is_shown_and_nothing_that_was_learned():
    images, labels, shares = some()
    browser = MistakeBrowser(images, labels, shares, ["cat", "dog", "cow", "hen"])
    head = "MistakeBrowser: 60 pictures of 9 × 7, 4 classes; "
    assert repr(browser) == f"{head}all mistakes; surest first"
    browser.only_mistakes = False
    assert repr(browser) == f"{head}all pictures; surest first"
    browser.cell, browser.order = (1, 1), "as they came"
    assert repr(browser) == f"{head}dog taken for dog; as they came"
    browser.only_mistakes = True
    assert repr(browser) == f"{head}dog taken for dog, only mistakes; as they came"
    browser.cell = (2, 3)
    browser.page, browser.chosen = 1, 9
    assert repr(browser) == f"{head}cow taken for hen; as they came, page 2; picture 9"


@pytest.mark.parametrize("classes", [2, 20])
def test_few_and_many_classes_and_no_mistakes(classes):
    labels = np.arange(40) % classes
    shares = np.eye(classes)[labels]
    browser = MistakeBrowser(np.ones((40, 1, 1)), labels, shares)
    assert np.array_equal(browser.matrix, np.diag(np.bincount(labels)))
    assert browser.shown.tolist() == []
    assert browser.picture().axes
