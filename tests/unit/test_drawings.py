"""Strokes, the picture they make, and MNIST's way to prepare it."""

import hashlib
import json
from collections import Counter

import make_drawings
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import _files, datasets, drawings

SAMPLE = 500  # digits of MNIST that are prepared once more


def random_strokes(rng):
    walks = [
        rng.uniform(0, 1, 2) + np.cumsum(rng.normal(0, 0.1, (n, 2)), axis=0)
        for n in rng.integers(1, 7, rng.integers(1, 4))
    ]
    return [np.clip(walk, 0, 1) for walk in walks]


def centre_of(picture):
    """Row and column of the centre of mass."""
    rows, cols = np.indices(picture.shape)
    return np.array([(rows * picture).sum(), (cols * picture).sum()]) / picture.sum()


def sides_of(picture):
    """Rows and columns from the first to the last with ink."""
    rows, cols = np.nonzero(picture)
    return int(np.ptp(rows)) + 1, int(np.ptp(cols)) + 1


# ---- the pen ----


def by_hand(strokes, side, width):
    """Every pixel against every segment, by many points along it."""
    ink = np.zeros((side, side))
    rows, cols = (np.indices((side, side)) + 0.5)[:, :, :, None]
    for stroke in strokes:
        stops = [
            start + share * (end - start)
            for start, end in zip(stroke, [*stroke[1:], stroke[-1]], strict=True)
            for share in np.linspace(0, 1, 400)
        ]
        x, y = np.array(stops).T * side
        away = np.hypot(cols - x, rows - y).min(axis=-1)
        ink = np.maximum(ink, np.clip(width * side / 2 - away + 0.5, 0, 1))
    return ink


def test_raster_is_the_distance_to_the_strokes():
    rng = np.random.default_rng(0)
    for _ in range(60):
        strokes, width = random_strokes(rng), rng.uniform(0.01, 0.3)
        side = int(rng.integers(5, 40))
        got = drawings.raster(strokes, side, width)
        np.testing.assert_allclose(got, by_hand(strokes, side, width), atol=2e-3)


@pytest.mark.parametrize("width", [0.04, 0.08, 0.2])
def test_as_much_ink_as_the_pen_covers(width):
    """A bar with two half circles, wherever it lies and however it is turned."""
    rng = np.random.default_rng(1)
    area = 0.5 * width + np.pi * width**2 / 4
    for turn in rng.uniform(0, 360, 40):
        x, y = rng.uniform(-0.1, 0.1, 2)
        bar = drawings.moved([[[0.25, 0.5], [0.75, 0.5]]], x=x, y=y, turn=turn)
        assert drawings.raster(bar, width=width).mean() == pytest.approx(area, rel=0.01)


def test_a_point_is_a_dot():
    dot = drawings.raster([[[0.5, 0.5]]], side=11, width=0.5)
    np.testing.assert_array_equal(dot, drawings.raster([[[0.5, 0.5]] * 3], 11, 0.5))
    np.testing.assert_array_equal(dot, dot.T[::-1])
    fine = drawings.raster([[[0.5, 0.5]]], side=200, width=0.5)
    assert fine.mean() == pytest.approx(np.pi / 16, rel=1e-3)


def test_strokes_are_joined_by_the_stronger():
    rng = np.random.default_rng(2)
    for _ in range(30):
        strokes = random_strokes(rng)
        alone = [drawings.raster([stroke], 40) for stroke in strokes]
        together = drawings.raster(strokes, 40)
        np.testing.assert_array_equal(together, np.max(alone, axis=0))
        np.testing.assert_array_equal(together, drawings.raster(strokes[::-1], 40))
        doubled = [np.repeat(stroke, 2, axis=0) for stroke in strokes]
        np.testing.assert_array_equal(together, drawings.raster(doubled, 40))


@pytest.mark.parametrize("strokes", [[], [[]], (), np.zeros((0, 2)), [[[5, 5]]]])
def test_nothing_drawn(strokes):
    ink = drawings.raster(strokes)
    assert ink.shape == (112, 112)
    assert not ink.any()
    prepared = drawings.mnist_steps(ink)
    assert prepared.box == (0, 0, 0, 0)
    assert prepared.picture.shape == (28, 28)
    assert not prepared.picture.any()


def test_the_rubber_takes_what_the_pen_gave():
    rng = np.random.default_rng(3)
    for _ in range(30):
        strokes, rubber = random_strokes(rng), random_strokes(rng)
        ink = drawings.raster(strokes, 50)
        before = ink.copy()
        left = drawings.erase(ink, rubber, 0.1)
        np.testing.assert_array_equal(ink, before)
        taken = drawings.raster(rubber, 50, 0.1)
        np.testing.assert_allclose(left, np.minimum(ink, 1 - taken), atol=1e-15)
        assert not drawings.erase(ink, strokes, 0.2).any()


# ---- MNIST's way ----


@pytest.fixture(scope="module")
def digits():
    return datasets.load_mnist()


@pytest.fixture(scope="module")
def sample(digits):
    chosen = np.random.default_rng(0).permutation(len(digits.test_images))
    return digits.test_images[chosen[:SAMPLE]].astype(float)


def changes(before, after):
    return np.abs(np.array(after) - before).mean(axis=(1, 2))


def test_a_digit_of_mnist_stays_as_it_is(sample, digits):
    """Of 10,000 three have a longer side of 19 and are scaled; stand-ins all are."""
    changed = changes(sample, [drawings.as_mnist(digit) for digit in sample])
    if digits.is_fallback:
        assert np.median(changed) < 25
    else:
        assert (changed > 1e-6).sum() <= 3
        assert changed.mean() < 0.1


def test_an_enlarged_digit_comes_back(sample, digits):
    """Enlarged without loss, on a large sheet, away from its middle."""
    rng = np.random.default_rng(1)
    after = []
    for digit in sample:
        sheet = np.zeros((150, 170))
        top, left = rng.integers(0, (150 - 112, 170 - 112))
        large = np.kron(digit, np.ones((4, 4)))
        sheet[top : top + 112, left : left + 112] = large
        after.append(drawings.as_mnist(sheet))
    once = np.array([drawings.as_mnist(digit) for digit in sample])
    np.testing.assert_allclose(after, once, atol=1e-6)
    if not digits.is_fallback:
        assert changes(sample, after).mean() < 0.1


def test_box_and_centre_are_mnists():
    """Whatever is drawn; where the box would stand out, it stays inside."""
    rng = np.random.default_rng(4)
    free = 0
    for _ in range(300):
        width = rng.uniform(0.02, 0.15)
        ink = drawings.raster(random_strokes(rng), width=width)
        steps = drawings.mnist_steps(ink)
        assert max(steps.size) == 20
        assert np.all(np.array(sides_of(steps.picture)) <= steps.size)
        assert 0 <= steps.picture.min() <= steps.picture.max() <= 255
        centre = centre_of(steps.picture)
        np.testing.assert_allclose(centre, np.add(steps.centre, steps.shift), atol=1e-9)
        rows, cols = np.nonzero(steps.picture)
        away = [min(at.min(), 27 - at.max()) > 0 for at in (rows, cols)]
        for n, at in enumerate(centre):
            assert not away[n] or 13.5 - 1e-6 <= at < 14.5
        free += all(away)
        top, left, bottom, right = steps.box
        assert steps.scale == 20 / max(bottom - top, right - left)
        outside = ink.copy()
        outside[top:bottom, left:right] = 0
        assert outside.max() < 0.5 / 255
        # Area average: the ink is as much as it was, as a share of the smaller picture.
        inside_box = ink[top:bottom, left:right].sum()
        got = steps.picture.sum() / 255
        assert got == pytest.approx(inside_box * steps.scale**2, rel=1e-9)
    assert free > 225


def test_size_and_place_make_no_difference():
    """An L, drawn with a pen of its own size each time: nearly the same picture."""
    corner = [[[0.3, 0.2], [0.3, 0.8], [0.6, 0.8]]]
    usual = drawings.as_mnist(drawings.raster(corner, 448, 0.08))
    rng = np.random.default_rng(5)
    for scale in rng.uniform(0.3, 1.2, 40):
        x, y = rng.uniform(-0.1, 0.1, 2)
        there = drawings.moved(corner, x=x, y=y, scale=scale)
        ink = drawings.raster(there, 448, 0.08 * scale)
        assert np.abs(drawings.as_mnist(ink) - usual).mean() < 4


def test_the_shape_is_kept():
    """Neither side is stretched: a bar half as wide has half as many columns of ink."""
    for wide in range(1, 80):
        sheet = np.zeros((100, 100))
        sheet[10:90, 5 : 5 + wide] = 1
        steps = drawings.mnist_steps(sheet)
        assert steps.size == (20, int(np.ceil(wide / 4)))
        columns = steps.picture.sum(axis=0) / 20 / 255
        assert columns.sum() == pytest.approx(wide / 4)
        inked = columns[columns > 0]
        np.testing.assert_allclose(inked, inked[::-1])  # in the middle of its columns


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 5)])
def test_full_pictures(shape):
    prepared = drawings.as_mnist(np.full(shape, 0.6))
    assert max(sides_of(prepared)) == 20
    size = (20 * np.array(shape) / max(shape)).prod()
    assert prepared.sum() == pytest.approx(0.6 * 255 * size)
    assert prepared.max() <= 0.6 * 255 + 1e-9


def test_a_heavy_end_stays_in_the_picture():
    """Its centre of mass lies so near an end that the other end would stand out."""
    comet = np.zeros((100, 100))
    comet[49:51, :90] = 0.05
    comet[45:55, 90:] = 1
    steps = drawings.mnist_steps(comet)
    assert steps.picture.sum() / 255 == pytest.approx(comet.sum() * steps.scale**2)
    assert steps.picture[:, 0].any()
    assert not steps.picture[:, 20:].any()


def test_white_is_1_or_255():
    rng = np.random.default_rng(6)
    ink = drawings.raster(random_strokes(rng))
    wanted = drawings.as_mnist(ink)
    np.testing.assert_allclose(drawings.as_mnist(ink * 255), wanted, atol=1e-9)
    eight_bits = np.rint(ink * 255).astype(np.uint8)
    assert np.abs(drawings.as_mnist(eight_bits) - wanted).max() <= 0.5


def test_ink_too_weak_to_be_stored_is_none():
    ink = np.full((50, 50), 0.4)
    ink[20:30, 20:25] = 200
    assert drawings.mnist_steps(ink).box == (20, 20, 30, 25)
    ink[3, 4] = 0.6
    assert drawings.mnist_steps(ink).box == (3, 4, 30, 25)


def test_other_sizes():
    ink = drawings.raster([[[0.2, 0.2], [0.8, 0.8]]])
    assert sides_of(drawings.as_mnist(ink, box=32, side=40)) == (32, 32)
    assert sides_of(drawings.as_mnist(ink, box=9, side=9)) == (9, 9)
    assert drawings.as_mnist(ink, box=1, side=1).shape == (1, 1)


# ---- moving ----


def test_moved_strokes_and_back():
    rng = np.random.default_rng(7)
    for _ in range(50):
        strokes = random_strokes(rng)
        turn, scale = rng.uniform(-180, 180), rng.uniform(0.5, 2)
        there = drawings.moved(strokes, turn=turn, scale=scale)
        back = drawings.moved(there, turn=-turn, scale=1 / scale)
        for was, now in zip(strokes, back, strict=True):
            np.testing.assert_allclose(now, was, atol=1e-12)
        x, y = rng.uniform(-1, 1, 2)
        for was, now in zip(strokes, drawings.moved(strokes, x=x, y=y), strict=True):
            np.testing.assert_allclose(
                now - was, np.full(was.shape, [x, y]), atol=1e-12
            )


def test_whole_pixels_and_quarter_turns_lose_nothing():
    rng = np.random.default_rng(8)
    picture = rng.uniform(0, 255, (9, 9))
    same = picture.copy()
    moved = drawings.moved_picture(picture, x=2, y=-3)
    wanted = np.zeros((9, 9))
    wanted[:-3, 2:] = picture[3:, :-2]
    np.testing.assert_array_equal(moved, wanted)
    for quarters in range(-4, 5):
        turned = drawings.moved_picture(picture, turn=90 * quarters)
        np.testing.assert_allclose(turned, np.rot90(picture, -quarters), atol=1e-9)
    np.testing.assert_array_equal(picture, same)
    assert not drawings.moved_picture(picture, x=9).any()


def test_a_moved_picture_is_the_picture_of_moved_strokes():
    """Both ways to move, and SciPy's: nearly the same, the strokes are sharper."""
    from scipy.ndimage import affine_transform

    rng = np.random.default_rng(9)
    for _ in range(30):
        strokes = [0.25 + 0.5 * stroke for stroke in random_strokes(rng)]
        motion = {"turn": rng.uniform(-180, 180), "scale": rng.uniform(0.7, 1.4)}
        x, y = rng.uniform(-0.1, 0.1, 2)
        ink = drawings.raster(strokes)
        moved = drawings.moved_picture(ink, x=112 * x, y=112 * y, **motion)
        there = drawings.moved(strokes, x=x, y=y, **motion)
        wanted = drawings.raster(there, width=drawings.PEN * motion["scale"])
        assert np.abs(moved - wanted).mean() < 0.01

        angle = np.radians(motion["turn"])
        turn = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        back = np.linalg.inv(motion["scale"] * np.array(turn))
        offset = 55.5 - back @ [55.5 + 112 * y, 55.5 + 112 * x]
        theirs = affine_transform(ink, back, offset, order=1, mode="grid-constant")
        np.testing.assert_allclose(moved, theirs, atol=1e-9)


# ---- synthetic digits ----

# Of data/drawn_digits.json, as it was before any network had seen one of its drawings.
FROZEN = "15f83cee75066e460bd15ff4dd6b3b09919f055aa201fb5a7074192cd00da244"


def test_the_drawn_digits_are_frozen():
    kept = _files.in_data("drawn_digits.json").read_bytes()
    assert hashlib.sha256(kept).hexdigest() == FROZEN


def test_the_tool_makes_what_is_kept():
    """Another machine may round a point's last decimal the other way."""
    kept = json.loads(make_drawings.FILE.read_text("utf-8"))
    made = make_drawings.drawn(kept["templates"])
    for now, was in zip(made, kept["drawings"], strict=True):
        assert now["width"] == pytest.approx(was["width"], abs=1.01e-4)
        for line, stored in zip(now.pop("strokes"), was.pop("strokes"), strict=True):
            np.testing.assert_allclose(line, stored, atol=1.01e-3)
        assert (now["digit"], now["template"]) == (was["digit"], was["template"])
    assert make_drawings.text(kept).startswith('{\n"about": "Digits drawn by')


def test_what_was_drawn():
    drawn = drawings.drawn_digits()
    assert len(drawn) >= 240
    ways = Counter((one.digit, one.template) for one in drawn)
    assert len(ways) >= 30
    assert set(ways.values()) == {make_drawings.OF_EACH}
    of_each = Counter(digit for digit, _ in ways)
    assert sorted(of_each) == list(range(10))
    assert min(of_each.values()) >= 3
    assert len({json.dumps(one.strokes) for one in drawn}) == len(drawn)
    sizes, middles = [], []
    for one in drawn:
        ink = drawings.raster(one.strokes, width=one.width)
        rim = np.concatenate([ink[[0, -1]].ravel(), ink[:, [0, -1]].ravel()])
        assert rim.max() == 0  # all of it lies on the pad
        top, left, bottom, right = drawings.mnist_steps(ink).box
        sizes.append(max(bottom - top, right - left) / drawings.SIDE)
        middles.append(((top + bottom) / 2, (left + right) / 2))
    assert min(sizes) < 0.55 < 0.85 < max(sizes)
    assert np.ptp(middles, axis=0).min() > 0.35 * drawings.SIDE


def share_by_digit(share, labels):
    """The mean over the ten digits of each one's mean."""
    return np.mean([share[labels == digit].mean() for digit in range(10)])


def grays(pictures):
    """Which part of a picture's ink is neither weak nor full."""
    pictures = np.asarray(pictures, float)
    between = (pictures > 25.5) & (pictures < 229.5)
    return between.sum(axis=(1, 2)) / (pictures >= 0.5).sum(axis=(1, 2))


def test_the_pen_leaves_as_much_ink_as_mnists(digits):
    """As much ink, and as much of it gray; stand-ins are softer than MNIST."""
    drawn = drawings.drawn_digits()
    labels = np.array([one.digit for one in drawn])
    made = np.array(
        [
            drawings.as_mnist(drawings.raster(one.strokes, width=one.width))
            for one in drawn
        ]
    )
    theirs = digits.test_images
    ink, gray = [
        (
            share_by_digit(of(made), labels),
            share_by_digit(of(theirs), digits.test_labels),
        )
        for of in (lambda pictures: pictures.mean(axis=(1, 2)) / 255, grays)
    ]
    room = 0.4 if digits.is_fallback else 0.08
    assert ink[0] == pytest.approx(ink[1], rel=room)
    assert gray[0] == pytest.approx(gray[1], rel=room)


# ---- what is refused ----


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: drawings.raster("ab"), r"^strokes: got 'ab'. Give a list of strokes"),
        (lambda: drawings.raster([3]), r"^strokes\[0\]: got 3. Give a list of strokes"),
        (lambda: drawings.raster([[1, 2]]), r"^strokes\[0\]: got shape \(2,\)"),
        (lambda: drawings.raster([[[0, 0, 0]]]), r"^strokes\[0\]: got shape \(1, 3\)"),
        (lambda: drawings.raster([[[0, 0]], [[np.nan, 0]]]), r"^strokes\[1\]: got val"),
        (lambda: drawings.raster([[[0, 0], [1]]]), r"^strokes\[0\]: got rows of diff"),
        (lambda: drawings.raster([[[0, 11]]]), "got a point 11 sides of the pad away"),
        (lambda: drawings.raster([], 0), r"^side: got 0. Give a whole number from 1 "),
        (lambda: drawings.raster([], 28.0), r"^side: got 28.0. Give a whole number"),
        (lambda: drawings.raster([], 28, 0), r"^width: got 0. Give a number from 0.01"),
        (lambda: drawings.raster([], 28, 2), r"^width: got 2. Give a number from 0.01"),
        (
            lambda: drawings.erase(np.zeros((2, 3)), []),
            r"got shape \(2, 3\). Give a sq",
        ),
        (lambda: drawings.as_mnist(np.zeros(4)), r"got shape \(4,\). Give \(H, W\)"),
        (lambda: drawings.as_mnist(np.zeros((4, 4, 3))), r"got shape \(4, 4, 3\)"),
        (lambda: drawings.as_mnist(np.zeros((0, 4))), "got an empty array"),
        (lambda: drawings.as_mnist([[np.nan, 1]]), "got values that are not finite"),
        (lambda: drawings.as_mnist([[-1, 1]]), r"got values from -1 to 1. Give them"),
        (lambda: drawings.as_mnist([[0, 256]]), r"got values from 0 to 256. Give them"),
        (lambda: drawings.as_mnist([["a"]]), "Give real numbers"),
        (lambda: drawings.as_mnist([[1]], box=29), r"^box: got 29. .* from 1 to 28\.$"),
        (lambda: drawings.as_mnist([[1]], 2, side=0), r"^side: got 0."),
        (lambda: drawings.moved([], x=3), r"^x: got 3. Give a number from -2 to 2"),
        (lambda: drawings.moved([], scale=0), r"^scale: got 0. Give a number from 0.1"),
        (lambda: drawings.moved([], turn=np.inf), r"^turn: got inf"),
        (lambda: drawings.moved_picture([1, 2]), r"^picture: got shape \(2,\)"),
        (lambda: drawings.moved_picture([[1]], y="1"), r"^y: got '1'"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.floats(),
    st.integers(),
    st.lists(st.lists(st.lists(st.floats(), max_size=3), max_size=3), max_size=3),
    st.lists(st.lists(st.floats(width=16), min_size=2, max_size=2), max_size=3),
)


@settings(max_examples=500)
@given(anything)
def test_whatever_comes_is_drawn_or_refused(value):
    for act in (drawings.raster, drawings.as_mnist, drawings.moved_picture):
        try:
            made = act(value)
        except ValueError as refused:
            assert len(str(refused)) < 250  # noqa: PT017 - either is right
        else:
            assert np.isfinite(made).all()
