"""The Python side of DescentRace: landscapes, noise, Keras's own steps, refusals."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
import tensorflow as tf
from traitlets import TraitError

from helpers.widgets import DescentRace
from helpers.widgets.explorers.descent_race import (
    LOUDEST,
    PRESETS,
    RACERS,
    SCHEDULES,
    path,
    rates,
)
from helpers.widgets.parts.landscapes import LANDSCAPES
from helpers.widgets.parts.random import normals

GROUPS, ABREAST = 17, 3  # races compared with Keras: so many have one optimiser


@pytest.fixture(params=LANDSCAPES)
def landscape(request):
    return LANDSCAPES[request.param]


def random_points(landscape, count):
    rng = np.random.default_rng(11)
    return [rng.uniform(*side, count) for side in (landscape.w1, landscape.w2)]


# -- landscapes and noise --------------------------------------------------------------


def test_slopes_are_those_of_the_loss(landscape):
    x, y = random_points(landscape, 300)
    value, hair = landscape.value, 1e-5
    by_x = (value(x + hair, y) - value(x - hair, y)) / (2 * hair)
    by_y = (value(x, y + hair) - value(x, y - hair)) / (2 * hair)
    gradient = landscape.gradient(x, y)
    np.testing.assert_allclose(gradient, [by_x, by_y], rtol=1e-6, atol=1e-7)


def test_minima_are_minima_and_the_first_is_the_deepest(landscape):
    depths = [landscape.value(*minimum) for minimum in landscape.minima]
    assert depths[0] == pytest.approx(0, abs=1e-15)
    assert depths[0] == min(depths)
    angles = np.linspace(0, 2 * np.pi, 33)
    for (x, y), depth in zip(landscape.minima, depths, strict=True):
        assert landscape.holds(x, y)
        np.testing.assert_allclose(landscape.gradient(x, y), 0, atol=1e-12)
        around = landscape.value(x + 0.01 * np.cos(angles), y + 0.01 * np.sin(angles))
        assert (around > depth).all()


def test_no_minimum_is_forgotten(landscape):
    """From every point of a grid a ball comes to rest at one that is known."""
    x, y = np.meshgrid(
        np.linspace(*landscape.w1, 31)[1:-1], np.linspace(*landscape.w2, 31)[1:-1]
    )
    at = np.array([x.ravel(), y.ravel()])
    speed = 0.0
    for _ in range(20_000):
        speed = 0.99 * speed - 0.01 * np.array(landscape.gradient(*at))
        at = at + speed
    slopes = np.linalg.norm(landscape.gradient(*at), axis=0)
    offsets = at[:, :, None] - np.array(landscape.minima).T[:, None, :]
    distance = np.linalg.norm(offsets, axis=0).min(axis=1)
    # Those on a ridge stay there, where the loss is not least either.
    on_ridge = (distance > 1e-3) & (slopes < 1e-9)
    assert ((distance < 1e-3) | on_ridge).all()
    assert on_ridge.mean() < 0.15


def test_a_quadratic_has_one_curvature(landscape):
    x, y = random_points(landscape, 50)
    hair = 1e-4
    bends = np.subtract(
        landscape.gradient(x + hair, y + hair), landscape.gradient(x, y)
    )
    assert (np.ptp(bends, axis=1).max() < 1e-10) == landscape.quadratic


def test_each_has_its_start_in_its_picture(landscape):
    assert landscape.holds(*landscape.start)
    assert not landscape.is_lost(*landscape.start)
    (left, right), (low, high) = landscape.w1, landscape.w2
    for point in ((right + 0.01, low), (left, high + 0.01), (left - 0.01, low)):
        assert not landscape.holds(*point)
        assert not landscape.is_lost(*point)
    assert landscape.is_lost((left + right) / 2 + 5.01 * (right - left), low)
    assert landscape.is_lost(left, (low + high) / 2 - 5.01 * (high - low))
    assert landscape.is_lost(np.nan, low)


def test_noise_is_normal_and_seeded():
    many = normals(5, 20_001)
    assert many.shape == (20_001,)
    assert many.mean() == pytest.approx(0, abs=0.03)
    assert many.std() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(normals(5, 10), many[:10])
    assert not np.isin(normals(6, 10), many[:10]).any()
    assert normals(5, 0).shape == (0,)


# -- Keras -----------------------------------------------------------------------------


def exactly(number):
    """The number as Keras keeps it, in float32."""
    return float(np.float32(number))


def random_rates(rng, most):
    """Draw what an optimiser is made of."""
    return {
        "learning_rate": exactly(10 ** rng.uniform(-3.5, most)),
        "momentum": exactly(rng.choice([0.9, rng.uniform(0, 0.99)])),
        "schedule": str(rng.choice(SCHEDULES)),
    }


def random_ground(rng, names):
    """Draw where it goes, and the noise on the way."""
    name = str(rng.choice(names))
    sides = LANDSCAPES[name].w1, LANDSCAPES[name].w2
    return {
        "landscape": name,
        "start": tuple(round(rng.uniform(*side), 2) for side in sides),
        "noise": float(rng.choice([0, rng.uniform(0, LOUDEST)])),
        "seed": int(rng.integers(10_000)),
    }


def keras_rate(name, rate, steps):
    """Keras's schedule of that name."""
    theirs = keras.optimizers.schedules
    if name == "step":
        return theirs.ExponentialDecay(rate, -(-steps // 4), 0.3, staircase=True)
    if name == "cosine":
        return theirs.CosineDecay(rate, steps)
    if name == "warm-up":
        warm, rest = steps // 10, steps - steps // 10
        return theirs.CosineDecay(0.0, rest, warmup_target=rate, warmup_steps=warm)
    return rate


def in_keras(settings, steps):
    """Keras's optimisers by name."""
    rate = keras_rate(settings["schedule"], settings["learning_rate"], steps)
    return {
        "SGD": keras.optimizers.SGD(rate),
        "momentum": keras.optimizers.SGD(rate, momentum=settings["momentum"]),
        "RMSprop": keras.optimizers.RMSprop(rate),
        "Adam": keras.optimizers.Adam(rate),
    }


def keras_runs(optimizer, races, steps):
    """The points of races abreast, (race, step, weight); each number goes on alone."""
    weights = keras.Variable([race["start"] for race in races], dtype="float64")
    optimizer.build([weights])
    step = tf.function(lambda slopes: optimizer.apply([slopes], [weights]))
    grounds = [LANDSCAPES[race["landscape"]] for race in races]
    noises = [race["noise"] * normals(race["seed"], 2 * steps) for race in races]
    points = [weights.numpy()]
    for at in range(steps):
        slopes = np.zeros((len(races), 2))
        for k, (ground, place) in enumerate(zip(grounds, points[-1], strict=True)):
            if not ground.is_lost(*place):  # what comes later is not compared
                slopes[k] = ground.gradient(*place) + noises[k][2 * at : 2 * at + 2]
        step(tf.constant(slopes))
        points.append(weights.numpy())
    return np.swapaxes(points, 0, 1)


def test_every_optimiser_goes_as_in_keras():
    rng = np.random.default_rng(50)
    count = {"whole": 0, "lost": 0}
    for k in range(GROUPS):
        # Large steps on a curve that changes are chaotic: rounding alone parts them.
        wild = k % 4 == 0
        shared = random_rates(rng, 0.2 if wild else -0.3)
        names = ["bowl", "valley"] if wild else list(LANDSCAPES)
        races = [{**shared, **random_ground(rng, names)} for _ in range(ABREAST)]
        ours = [DescentRace(**settings, steps=100) for settings in races]
        for name, optimizer in in_keras(shared, 100).items():
            for race, theirs in zip(
                ours, keras_runs(optimizer, races, 100), strict=True
            ):
                lost, points = race.diverged[name], race.paths[name]
                assert len(points) == (lost or 100) + 1
                wanted = theirs[: len(points)]
                # One part in 10,000 of the distance from the middle, or of 1 if more.
                size = np.maximum(1, np.linalg.norm(wanted, axis=1))
                error = np.linalg.norm(points - wanted, axis=1) / size
                assert error.max() < 1e-4, (name, race.describe())
                count["lost" if lost else "whole"] += 1
    assert count["whole"] > 120
    assert count["lost"] > 10


@pytest.mark.parametrize("steps", [10, 37, 100, 200])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_those_of_keras(name, steps):
    ours, theirs = rates(name, 0.25, steps), keras_rate(name, 0.25, steps)
    for step in {0, 1, steps // 10, steps // 4, steps // 4 - 1, steps // 2, steps - 1}:
        wanted = float(theirs(step)) if callable(theirs) else theirs
        assert ours(step) == pytest.approx(wanted, rel=1e-5, abs=1e-7)


# -- the race --------------------------------------------------------------------------


def test_by_hand():
    race = DescentRace("bowl", (1, -0.5), learning_rate=0.25, momentum=0.5, steps=10)
    assert race.paths["SGD"][:3].tolist() == [[1, -0.5], [0.5, -0.25], [0.25, -0.125]]
    assert race.paths["momentum"][:3].tolist() == [[1, -0.5], [0.5, -0.25], [0, 0]]
    assert race.losses["SGD"][:2].tolist() == [1.25, 0.3125]
    assert race.diverged == dict.fromkeys(RACERS)
    assert race.first_below["SGD"] == 4  # 1.25 / 4⁴


def test_the_noise_is_the_same_for_all_and_new_with_another_seed():
    quiet, loud = (
        DescentRace("bowl", (0, 0), learning_rate=0.25, noise=noise, steps=10)
        for noise in (0, 2)
    )
    assert not quiet.paths["SGD"].any()
    first = -0.25 * 2 * normals(0, 2)
    np.testing.assert_allclose(loud.paths["SGD"][1], first)
    np.testing.assert_allclose(loud.paths["momentum"][1], first)
    np.testing.assert_allclose(loud.paths["Adam"][1], 0.25 * np.sign(first), rtol=1e-2)
    loud.seed = 1
    np.testing.assert_allclose(loud.paths["SGD"][1], -0.25 * 2 * normals(1, 2))


@pytest.mark.parametrize(("name", "factor"), [("SGD", 1), ("momentum", 1.9)])
def test_beyond_its_limit_it_diverges_and_no_sooner(name, factor):
    """On a parabola the limit is 2 / curvature, with momentum 2 (1 + m) / curvature."""
    for landscape, curvature in (("bowl", 2), ("valley", 20)):
        limit = 2 * factor / curvature
        for share, lost in ((0.99, False), (1.2, True)):
            if limit * share > 2:
                continue
            race = DescentRace(
                landscape, (0.1, 1), learning_rate=limit * share, steps=200
            )
            assert (race.diverged[name] is not None) == lost, (landscape, share)
            assert np.isfinite(race.paths[name]).all()
            assert np.isfinite(race.losses[name]).all()
            if lost:
                assert len(race.paths[name]) == race.diverged[name] + 1
                assert f"{name} diverged at step {race.diverged[name]}" in str(race)


def test_a_lost_path_ends_at_once():
    class Thrower:
        def step(self, weights, _):
            return weights * -100

    points = path(LANDSCAPES["bowl"], (1, 1), Thrower(), np.zeros((50, 2)))
    assert points.tolist() == [[1, 1], [-100, -100]]


PROMISES = {
    "ravine: momentum helps": lambda race: (
        race.first_below["momentum"] and not race.first_below["SGD"]
    ),
    "too large a step": lambda race: (
        race.diverged["SGD"] and not race.diverged["momentum"]
    ),
    "saddle: SGD rests, Adam leaves": lambda race: (
        abs(race.paths["SGD"][-1, 1]) < 0.1 and race.paths["Adam"][-1, 1] > 0.9
    ),
    "two minima: where you drop decides": lambda race: (
        race.losses["SGD"][-1] > 2 > 0.01 > race.losses["momentum"][-1]
    ),
    "noise: a schedule calms it": lambda race: all(
        losses[-10:].max() < 0.2 for losses in race.losses.values()
    ),
    "Rosenbrock": lambda race: race.losses["SGD"][-1] > 3 * race.losses["Adam"][-1],
}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_keeps_its_promise(name):
    race = DescentRace(**PRESETS[name]._asdict())
    assert PROMISES[name](race), race.describe()


def test_presets_are_not_true_of_their_opposites():
    """Dropped elsewhere, or without the schedule, it goes otherwise."""
    dropped = PRESETS["two minima: where you drop decides"]._replace(start=(-2.4, 1.2))
    assert DescentRace(**dropped._asdict()).losses["SGD"][-1] < 0.01
    loud = PRESETS["noise: a schedule calms it"]._replace(schedule="constant")
    for seed in range(5):
        calm = DescentRace(**PRESETS["noise: a schedule calms it"]._asdict(), seed=seed)
        wild = DescentRace(**loud._asdict(), seed=seed)
        assert np.mean([loss[-20:].mean() for loss in wild.losses.values()]) > 2 * (
            np.mean([loss[-20:].mean() for loss in calm.losses.values()])
        )


# -- traits ----------------------------------------------------------------------------


def test_another_landscape_has_its_own_start_and_more_steps_are_done():
    race = DescentRace("bowl", (1, 1), steps=50)
    assert race.step == 50
    race.landscape = "rosenbrock"
    assert race.start == LANDSCAPES["rosenbrock"].start
    race.step = 7
    race.steps = 80
    assert race.step == 80
    # What the page says at once stays as it is.
    race.set_state({"landscape": "saddle", "start": [0.5, 0.5]})
    assert race.start == (0.5, 0.5)
    race.set_state({"steps": 60, "step": 20})
    assert (race.steps, race.step) == (60, 20)


def test_none_is_the_landscapes_own_start():
    for name, landscape in LANDSCAPES.items():
        assert DescentRace(name).start == landscape.start
    assert DescentRace("bowl", np.array([1, 0.5])).start == (1, 0.5)


REFUSED = {
    "start": [
        ((1,), r"start: got \(1,\). Give two numbers, \(w1, w2\)\."),
        ((1, "a"), "start: got 'a'"),
        ((np.nan, 0), "start: got nan"),
        ((0, 2.5), r"start: \(0.0, 2.5\) lies outside .* from -3 to 3 and w2 from -2"),
        (3, "Give two numbers"),
    ],
    "learning_rate": [
        (0, "Give a .*number from 0.0001 to 2"),
        (3, "2"),
        (True, "Give"),
    ],
    "momentum": [(1, "momentum: got 1. Give a .*number from 0 to 0.99"), ("a", "Give")],
    "noise": [(-1, "noise: got -1"), (np.inf, "noise"), (None, "noise")],
    "goal": [(0, "goal: got 0"), (2, "goal")],
    "racers": [
        ("SGD", "racers: got 'SGD'. Give a list of SGD, momentum, RMSprop, Adam"),
        (["SGD", "adam"], 'Did you mean "Adam"'),
        (None, "Give a list"),
    ],
    "step": [(101, "101 came; this run has steps from 0 to 100"), (-1, "from 0 to")],
    "steps": [(5, "from 10 to 200"), (201, "from 10 to 200")],
    "seed": [(-1, "from 0 to 9999")],
    "landscape": [("hill", 'Give "bowl"')],
    "schedule": [("warmup", 'Did you mean "warm-up"')],
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    race = DescentRace()
    before = race.get_state()
    for value, said in REFUSED[name]:
        with pytest.raises(TraitError, match=said):
            setattr(race, name, value)
        assert race.get_state() == before
        if name != "step" and value is not None:
            with pytest.raises(TraitError, match=said):
                DescentRace(**{name: value})


def test_racers_stand_in_one_order():
    race = DescentRace(racers=["Adam", "SGD", "Adam"])
    assert race.racers == ("SGD", "Adam")
    assert list(race.paths) == list(race.losses) == ["SGD", "Adam"]
    race.racers = []
    assert race.paths == {}
    assert "nobody is shown; first below 0.01: none" in race.describe()
    assert race.picture().axes


def test_what_it_says():
    race = DescentRace("bowl", (1, 0), learning_rate=0.25, steps=20, racers=["SGD"])
    assert race.describe() == (
        "DescentRace: bowl from (1, 0), learning rate 0.25 (constant), momentum 0.9, "
        "noise 0; loss after 20 of 20 steps: SGD below 1e-08; "
        "first below 0.01: SGD at step 4"
    )
    race.step, race.noise = 1, 0.5
    assert "noise 0.5 (seed 0); loss after 1 of 20 steps: SGD 0." in race.describe()
    race.noise = 0
    picture = race.picture()
    assert "Path SGD from (1, 0) to (0.5, 0)" in picture.alt
    assert picture.alt.startswith("Bowl: 1 steps")


def test_what_lesson_05_says_of_its_races():
    """The answers below the explorer: who leaves the saddle, what a schedule does."""
    race = DescentRace("saddle", (-2.4, 0.001), learning_rate=0.03)
    away = {n: np.abs(way[:, 1]) > 0.1 for n, way in race.paths.items()}
    left = {name: found.argmax() for name, found in away.items() if found.any()}
    assert sorted(left, key=left.get) == ["RMSprop", "Adam", "momentum"]
    low = {name: losses < 0.01 for name, losses in race.losses.items()}
    first = {name: found.argmax() for name, found in low.items() if found.any()}
    assert min(first, key=first.get) == "momentum"

    def ending(**settings):
        """The last losses, the middle of five seeds."""
        races = [DescentRace(**settings, seed=seed).losses for seed in range(5)]
        return {name: np.median([r[name][-1] for r in races]) for name in races[0]}

    noisy = {"landscape": "bowl", "start": (-2.4, 1.4), "learning_rate": 0.1}
    noisy |= {"momentum": 0.5, "noise": 2}
    trembling, settled = ending(**noisy), ending(**noisy, schedule="cosine")
    assert all(settled[name] < trembling[name] / 2 for name in settled)
    trembling = ending(landscape="valley", noise=1)
    settled = ending(landscape="valley", noise=1, schedule="cosine")
    assert all(settled[name] > trembling[name] for name in ("SGD", "Adam"))

    for rate, fine in (
        (0.12, {"momentum", "RMSprop", "Adam"}),
        (0.3, {"RMSprop", "Adam"}),
    ):
        losses = DescentRace("valley", learning_rate=rate).losses
        assert {name for name in losses if len(losses[name]) == 101} == fine
