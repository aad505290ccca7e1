"""The Python side of FoolIt: what misleads, chance, the smallest, what is refused."""

import digit_networks
import numpy as np
import photo_networks
import pytest
from traitlets import TraitError

from helpers import images, ops
from helpers.networks import exported, running
from helpers.widgets import FoolIt
from helpers.widgets.explorers import fool_it

RNG = np.random.default_rng(11)
DIGITS = exported.shipped("mnist")


@pytest.fixture
def fool():
    fool = FoolIt("digit 3")
    yield fool
    fool.close()


def margin(shares, label):
    return np.log((1 - shares[label]) / shares[label])


def logits_of(image):
    return running.maps(DIGITS, np.asarray(image, float)[..., None])["logits"]


# ---- the way back ----


def test_the_slope_is_that_of_finite_differences(fool):
    """On noise, where no two numbers of a window are equal."""
    image = RNG.uniform(40, 200, (28, 28))
    slope = fool._slope(image, 4)

    def at(x):
        logits = logits_of(x)
        rest = np.delete(logits, 4)
        return np.log(np.exp(rest - rest.max()).sum()) + rest.max() - logits[4]

    for _ in range(10):
        way = 1e-4 * RNG.normal(size=image.shape)
        difference = (at(image + way) - at(image - way)) / 2
        assert (slope * way).sum() == pytest.approx(difference, rel=1e-4)


def test_the_margin_is_cross_entropy_by_what_it_is_unsure():
    logits = RNG.normal(size=7)
    shares = ops.softmax(logits)
    wanted = (shares - np.eye(7)[2]) / (1 - shares[2])
    np.testing.assert_allclose(fool_it.margin_slope(logits, 2), wanted)
    sure = np.array([900.0, 0, 1])
    np.testing.assert_allclose(
        fool_it.margin_slope(sure, 0), [-1, *ops.softmax([0.0, 1])]
    )


# ---- what misleads ----


def test_one_step_is_fast_gradient_sign(fool):
    fool.strength = 20
    slope = fool._slope(fool.image.astype(float), 3)
    wanted = np.clip(fool.image + 20.0 * np.sign(slope), 0, 255)
    np.testing.assert_array_equal(fool.attacked, wanted)
    fool.target = 5
    slope = fool._slope(fool.image.astype(float), 5)
    wanted = np.clip(fool.image - 20.0 * np.sign(slope), 0, 255)
    np.testing.assert_array_equal(fool.attacked, wanted)


def test_it_misleads_and_chance_hardly_does(fool):
    fool.strength = 10
    assert fool.before.argmax() == 3
    assert fool.guess != "3"
    assert fool.with_noise.argmax() == 3
    assert np.abs(fool.attacked - fool.image).max() == 10
    changed = np.abs(fool.noisy - fool.image)
    assert set(np.unique(changed[(fool.image > 10) & (fool.image < 245)])) == {10}
    fool.target = 5
    assert margin(fool.probabilities, 5) < margin(fool.before, 5)


def test_steps_stay_within_reach_and_mislead_more(fool):
    fool.strength, reached = 6, []
    for steps in (1, 4, 10):
        fool.steps = steps
        assert np.abs(fool.attacked - fool.image).max() <= 6
        reached.append(margin(fool.probabilities, 3))
    assert reached[0] < reached[-1]


def test_no_strength_changes_nothing(fool):
    fool.strength = 0
    for one in (fool.attacked, fool.noisy):
        np.testing.assert_array_equal(one, fool.image)
    np.testing.assert_array_equal(fool.probabilities, fool.before)


def test_seeds_are_other_chances(fool):
    one = fool.noisy
    fool.seed = 1
    assert np.abs(fool.noisy - one).max() > 0
    fool.seed = 0
    np.testing.assert_array_equal(fool.noisy, one)


def test_what_is_given_out_may_be_changed(fool):
    for name in ("attacked", "noisy", "before", "probabilities"):
        before = getattr(fool, name).copy()
        getattr(fool, name)[:] = 7
        np.testing.assert_array_equal(getattr(fool, name), before)


# ---- the smallest ----


def fooling(fool):
    """All strengths that fool it."""
    named = []
    for strength in range(65):
        fool.strength = strength
        named.append(int(fool.probabilities.argmax()))
    if fool.target is None:
        return [n for n, label in enumerate(named) if label != fool.before.argmax()]
    return [n for n, label in enumerate(named) if label == fool.target]


@pytest.mark.parametrize(
    ("digit", "target", "steps"), [(3, None, 1), (0, None, 5), (6, 8, 1), (6, 0, 3)]
)
def test_no_smaller_strength_fools_it(fool, digit, target, steps):
    fool.subject, fool.target, fool.steps = f"digit {digit}", target, steps
    smallest = fool.smallest
    assert smallest == next(iter(fooling(fool)), None)


@pytest.mark.parametrize("steps", [1, 10])
def test_more_may_fail_where_less_succeeds(steps):
    """No power of two fools it: who doubles would find nothing."""
    gray = np.full((28, 28), 100)
    fool = FoolIt(gray, digit_networks.banded(), target=1, steps=steps)
    assert fool.smallest == 19
    if steps == 1:
        assert fooling(fool) == list(range(19, 30))


def test_the_smallest_is_found_once(fool, monkeypatch):
    fool.target = 5
    found = fool.smallest
    monkeypatch.setattr(running, "maps", None)  # nothing asks the network any more
    fool.strength, fool.seed = 3, 4
    assert fool.smallest == found


def test_the_smallest_towards_a_class(fool):
    fool.steps, fool.target = 5, 8
    fool.strength = fool.smallest
    assert fool.guess == "8"
    fool.target = 3  # what it sees anyway
    assert fool.smallest == 0


def test_where_nothing_fools_it():
    fool = FoolIt("digit 8")
    assert fool.smallest is None
    fool.strength = 64
    assert fool.guess == "8"


# ---- the digit, the network ----


def test_the_network_knows_all_digits_of_the_menu(fool):
    for n in range(10):
        fool.subject = f"digit {n}"
        assert fool.before.argmax() == n
        np.testing.assert_array_equal(fool.image, images.digit(n, index=11))


def test_a_digit_of_ones_own(fool):
    own = RNG.integers(0, 256, (28, 28), np.uint8)
    fool.image = own
    assert fool.subject == "own"
    np.testing.assert_array_equal(fool.image, own)
    shares = running.maps(DIGITS, own[..., None])["probabilities"]
    np.testing.assert_allclose(fool.before, shares)
    assert FoolIt(own / 1.0).subject == "own"


def changed(**settings):
    return exported.Network({**DIGITS.description, **settings}, DIGITS.data)


def test_logits_become_probabilities():
    layers = DIGITS.description["layers"][:-1]
    logits = changed(layers=layers, outputs=[len(layers) - 1])
    one, other = FoolIt("digit 3", logits), FoolIt("digit 3")
    np.testing.assert_allclose(one.before, other.before, rtol=1e-9)
    np.testing.assert_array_equal(one.attacked, other.attacked)
    assert one.smallest == other.smallest


def branched():
    """The last layer takes what an earlier one made, too."""
    layers = [dict(layer) for layer in DIGITS.description["layers"]]
    layers[7] = {**layers[7], "inputs": [4]}
    return changed(layers=layers)


def bent():
    layers = [dict(layer) for layer in DIGITS.description["layers"]]
    layers[4] = {**layers[4], "activation": {"name": "relu", "most": 6}}
    return changed(layers=layers)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (photo_networks.small(), r"takes \(32, 32, 3\)\. Give one that takes \(28"),
        (branched(), "one with bend2, activation. Give one whose layers follow"),
        (bent(), "one with bend1, activation"),
        (changed(inputs=[0, 0]), "2 inputs and 1 outputs"),
        ("quickdraw", "network: got 'quickdraw'"),
        (None, "network: got None"),
    ],
    ids=str,
)
def test_networks_that_are_refused(network, said):
    with pytest.raises(TraitError, match=said):
        FoolIt("digit 3", network)


@pytest.mark.parametrize("picture", ["Digit 3", "3", 3, np.int64(3), np.array(3)])
def test_the_digit_that_was_meant_is_named(picture):
    with pytest.raises(TraitError, match=r'^picture: there is no .* mean "digit 3"'):
        FoolIt(picture)


def test_no_picture_is_refused():
    with pytest.raises(
        TraitError, match=r"^picture: there is no picture None\. Choose"
    ):
        FoolIt(None)


def test_names_of_the_classes():
    names = [f"class {k}" for k in range(10)]
    fool = FoolIt("digit 3", class_names=names, strength=0)
    assert fool.class_names == tuple(names)
    assert fool.guess == "class 3"
    with pytest.raises(TraitError, match="Give 10 different names"):
        FoolIt("digit 3", class_names=["a"])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("strength", 65, "Give a whole number from 0 to 64"),
        ("strength", 2.5, "strength: got 2.5"),
        ("target", 10, "number of a class, 0 to 9, or None for any other class"),
        ("target", -1, "target: got -1"),
        ("target", "3", "target: got '3'"),
        ("steps", 0, "from 1 to 10"),
        ("seed", -1, "from 0 to 9999"),
        ("subject", "digit 10", 'Did you mean "digit 1"'),
        ("image", np.zeros((27, 28)), "give at least 28 a side"),
        ("image", np.full((28, 28), 300), "values from 300 to 300"),
        ("image", images.digit(3) / 255, r"from 0 to 1, .* Give .* 255 \* image"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(fool, name, value, said):
    before = getattr(fool, name)
    with pytest.raises(TraitError, match=said):
        setattr(fool, name, value)
    assert getattr(fool, name) is before or getattr(fool, name) == before


def test_what_the_page_says_is_taken(fool):
    fool.set_state({"target": 7, "strength": 3})
    assert (fool.target, fool.strength) == (7, 3)
    fool.set_state({"target": -1})
    assert fool.target is None
    assert fool.get_state()["target"] == -1
    assert FoolIt("digit 1", target=4).get_state()["target"] == 4


def test_its_line_and_its_picture(fool):
    assert repr(fool) == (
        "FoolIt: digit 3, each pixel up to 12 gray levels off in 1 step, to any other "
        "class; network of 10 classes"
    )
    fool.image, fool.target, fool.steps = np.zeros((28, 28)), 4, 3
    assert "a picture of your own, each pixel up to 12 gray levels off in 3 steps" in (
        repr(fool)
    )
    assert "to “4”;" in repr(fool)
    picture = fool.picture()
    titles = [axis.get_title() for axis in picture.axes]
    assert titles[0] == f"as it is: {fool.before.argmax()}, {fool.before.max():.0%}"
    assert titles[1].startswith(f"misled: {fool.guess}, ")
    assert titles[2].startswith("by chance: ")


def test_old_answers_are_let_go(fool):
    for seed in range(100):
        fool.seed = seed
        assert fool.with_noise.sum() == pytest.approx(1)
    assert len(fool._known._found) <= 64
