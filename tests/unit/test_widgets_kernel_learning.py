"""The Python side of KernelLearning: the descent, its examples, refusals."""

import numpy as np
import pytest
from kernel_descent import descent, random_settings
from traitlets import TraitError

from helpers import kernels
from helpers.widgets import KernelLearning
from helpers.widgets.explorers import kernel_learning as room
from helpers.widgets.parts.random import RandomFrom


def preset(name, **changes):
    settings = {**room.PRESETS[name]._asdict(), **changes}
    del settings["title"]
    return KernelLearning(**settings)


def test_descent_is_that_of_the_lesson():
    rng = np.random.default_rng(0)
    for _ in range(60):
        settings = random_settings(rng)
        run = room.learned(settings)
        ours = run.kernels, run.training, run.held_out
        for one, wanted in zip(ours, descent(settings), strict=True):
            np.testing.assert_allclose(one, wanted, rtol=1e-9, atol=1e-12)


def test_pictures_are_different_and_stand_upright():
    found = room.pictures()
    assert found.shape == (40, 12, 12)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=(1, 2)), 1)
    assert len({picture.tobytes() for picture in found}) == 40
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0, 0] = 1


def test_random_numbers():
    random = RandomFrom(1)
    numbers = np.array([random.normal() for _ in range(20_000)])
    assert abs(numbers.mean()) < 0.03
    assert numbers.std() == pytest.approx(1, abs=0.02)
    uniform = np.array([random.uniform() for _ in range(20_000)])
    assert 0 <= uniform.min() < 0.001 < 0.999 < uniform.max() < 1
    assert sorted(random.shuffled(50)) == list(range(50))
    assert {random.whole(3) for _ in range(100)} == {0, 1, 2}


# ---- what the examples show, with any seed ----


@pytest.fixture(params=range(1, 7))
def seed(request):
    return request.param


def floor_of(lesson):
    """The training loss of the secret kernel itself."""
    return float((room.added_noise(lesson.settings) ** 2).mean())


@pytest.mark.parametrize("name", ["edge", "blur", "sharpen"])
def test_the_kernel_is_found(name, seed):
    lesson = preset(name, seed=seed)
    assert lesson.difference < np.abs(lesson.secret).max() / 100


def test_few_and_noisy_overfits(seed):
    lesson = preset("few", seed=seed)
    run = lesson.run
    assert run.training[-1] < 0.85 * floor_of(lesson)
    assert run.held_out[-1] > 1.2 * run.held_out.min()
    ring = lesson.kernel.copy()
    ring[2:5, 2:5] = 0
    assert np.abs(ring).max() > 0.4


def test_many_and_noisy_does_not(seed):
    few, many = preset("few", seed=seed), preset("many", seed=seed)
    assert many.run.training[-1] > 0.9 * floor_of(many)
    assert many.run.held_out[-1] < few.run.held_out[-1] / 5
    assert many.difference < 0.65 * few.difference


def test_too_large_a_learning_rate_diverges(seed):
    lesson = preset("fast", seed=seed)
    run = lesson.run
    assert run.has_diverged
    assert len(run.kernels) < lesson.steps
    assert run.training[-2] <= 1e6 * run.training[0] < run.training[-1]
    assert np.isfinite(run.kernels).all()
    np.testing.assert_array_equal(lesson.kernel, run.kernels[-1])
    assert "diverged" in lesson.describe()


@pytest.mark.parametrize("noise", [0, 3])
def test_nothing_becomes_infinite(noise):
    """At the fastest, the widest and the heaviest."""
    secret = np.full((7, 7), 1e6)
    lesson = KernelLearning(secret, 7, examples=1, noise=noise, learning_rate=1)
    assert np.isfinite(lesson.run.training).all()
    assert np.isfinite(lesson.kernel).all()
    assert lesson.picture().axes


def test_the_secret_kernel_of_zeros_is_one_too():
    lesson = KernelLearning(np.zeros((3, 3)), steps=50)
    assert "training loss" in lesson.describe()
    assert lesson.picture().axes


# ---- traits ----


def test_kernel_is_that_of_the_step():
    lesson = KernelLearning(steps=40)
    assert lesson.step == 40
    np.testing.assert_array_equal(lesson.kernel, lesson.run.kernels[40])
    end = lesson.describe()
    lesson.step = 0
    np.testing.assert_array_equal(lesson.kernel, room.first_kernel(lesson.settings))
    assert "step 0 of 40" in lesson.describe() != end
    lesson.kernel[:] = 0  # a copy
    assert lesson.kernel.any()


def test_a_new_run_is_shown_at_its_end():
    lesson = KernelLearning(steps=40)
    changes = {
        "secret": "blur",
        "size": 5,
        "examples": 2,
        "noise": 1,
        "learning_rate": 0.05,
        "batch": 1,
        "steps": 30,
        "seed": 9,
    }
    for name, value in changes.items():
        lesson.step = 3
        before = lesson.describe()
        setattr(lesson, name, value)
        assert lesson.step == lesson.steps, name
        assert lesson.describe() != before, name
    lesson.step = 3
    lesson.example = 2  # another picture of the same run
    assert lesson.step == 3


def test_secrets_by_name_and_as_an_array():
    assert next(iter(room.SECRETS)) == "vertical_edges"
    for name in kernels.BANK:
        np.testing.assert_array_equal(KernelLearning(name).secret, kernels.named(name))
    assert KernelLearning("gaussian_5").secret.shape == (5, 5)
    assert KernelLearning([[2]]).secret.tolist() == [[2.0]]


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("vertical_edge", 'Did you mean "vertical_edges"'),
        (np.ones((2, 2)), "odd side up to 7"),
        (np.ones((9, 9)), "odd side up to 7"),
        (np.ones((3, 5)), "odd side"),
        ([[1e7]], "weights up to 1,000,000"),
        ([[np.nan]], "not finite"),
        (None, "real numbers"),
    ],
)
def test_secrets_that_are_refused(secret, said):
    lesson = KernelLearning("blur")
    with pytest.raises(TraitError, match=f"^secret: .*{said}"):
        lesson.secret = secret
    np.testing.assert_array_equal(lesson.secret, kernels.named("blur"))
    with pytest.raises(TraitError, match=f"^secret: .*{said}"):
        KernelLearning(secret)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("noise", [-0.1, 3.1, np.nan, "1", None, True], "from 0 to 3"),
        ("learning_rate", [0, -1, 1.1, np.inf, "0.1", None, True], "above 0"),
        ("size", [1, 4, 9, 3.0, "3"], "Give 3, 5 or 7"),
        ("steps", [0, 9, 1001, 20.0], "from 10 to 1000"),
        ("examples", [0, 33], "from 1 to 32"),
        ("batch", [0, 33], "from 1 to 32"),
        ("seed", [-1, 1_000_000], "from 0 to 999999"),
    ],
)
def test_numbers_that_are_refused(name, values, said):
    lesson = KernelLearning()
    before = getattr(lesson, name)
    for value in values:
        with pytest.raises(TraitError, match=f"^{name}: .*{said}"):
            setattr(lesson, name, value)
        with pytest.raises(TraitError, match=f"^{name}: .*{said}"):
            KernelLearning(**{name: value})
        assert getattr(lesson, name) == before


def test_steps_are_those_of_the_run():
    lesson = KernelLearning(steps=40)
    for step in (-1, 41):
        with pytest.raises(TraitError, match="steps from 0 to 40"):
            lesson.step = step
    assert lesson.step == 40


def test_what_it_says():
    lesson = KernelLearning(
        "blur", 5, examples=3, noise=0.5, batch=8, steps=50, learning_rate=0.02, seed=7
    )
    run = lesson.run
    assert lesson.describe() == (
        "KernelLearning: blur (3 × 3) learned by 5 × 5 from 3 pictures, noise 0.5, "
        "learning rate 0.02, batch 3, seed 7; step 50 of 50: training loss "
        f"{run.training[-1]:.2g}, held-out loss {run.held_out[-1]:.2g}, "
        f"largest difference {lesson.difference:.2g}"
    )
    found = KernelLearning(learning_rate=0.2, steps=1000).describe()
    assert "training loss below 1e-09, held-out loss below 1e-09" in found
    assert "learned, step 50" in lesson.picture().alt
