"""Training against attacks: what is attacked, and what it is good for."""

import keras
import numpy as np
import pytest

from helpers import images
from helpers.networks import hardening, models, probe, training

PICTURES, LABELS = images.digits()
PICTURES = PICTURES[..., None]


def network(seed=0):
    training.seed(seed)
    model = models.mnist_dense((24,))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.005), loss, metrics=["accuracy"])
    return model


def harden(model, count=96, **settings):
    given = {"strength": 40, "batch_size": 32, "progress": False, **settings}
    return hardening.train(model, PICTURES[:count], LABELS[:count], **given)


def test_a_share_of_every_batch_is_attacked(monkeypatch):
    model, seen = network(), []
    learn = model.train_on_batch

    def watched(x, y):
        seen.append((x.copy(), y.copy()))
        return learn(x, y)

    monkeypatch.setattr(model, "train_on_batch", watched)
    losses = harden(model, share=0.25, epochs=2)
    assert len(losses) == len(seen) == 6
    assert np.isfinite(losses).all()
    for x, y in seen:
        known = [
            next(
                (k for k in range(96) if (PICTURES[k] == picture).all()),
                None,
            )
            for picture in x
        ]
        assert known[:8] == [None] * 8
        assert None not in known[8:]
        assert [LABELS[k] for k in known[8:]] == y[8:].tolist()
        assert 0 <= x.min() <= x.max() <= 255
    first = np.concatenate([y for _, y in seen[:3]])
    assert sorted(first) == sorted(LABELS[:96])  # each once an epoch


def test_attacks_are_on_the_model_as_it_stands(monkeypatch):
    model, stood = network(), []
    attack = probe.attack

    def watched(given, x, y, **settings):
        stood.append(given.get_weights()[0].copy())
        changed = attack(given, x, y, **settings)
        assert np.abs(changed - x).max() <= 40 + 1e-4
        return changed

    monkeypatch.setattr(probe, "attack", watched)
    harden(model)
    assert len(stood) == 3
    assert np.abs(stood[0] - stood[1]).max() > 0
    assert np.abs(stood[1] - stood[2]).max() > 0


def test_the_same_seed_learns_the_same():
    one, same, other = (harden(network(), seed=seed) for seed in (0, 0, 1))
    np.testing.assert_allclose(one, same, rtol=1e-4)
    assert np.abs(np.subtract(one, other)).max() > 1e-3


def test_it_hardens():
    """Of the digits that no network learned from."""
    usual, hard = network(), network()
    training.fit(
        usual, PICTURES[:1200], LABELS[:1200], epochs=6, batch_size=32, progress=False
    )
    harden(hard, 1200, epochs=6, strength=16)
    x, y = PICTURES[1200:1500], LABELS[1200:1500]

    def right(model, pictures):
        return (probe.outputs(model, pictures).argmax(axis=1) == y).mean()

    assert min(right(usual, x), right(hard, x)) > 0.8
    attacked = {
        name: right(model, probe.attack(model, x, y, strength=16, progress=False))
        for name, model in (("usual", usual), ("hard", hard))
    }
    assert attacked["hard"] > attacked["usual"] + 0.1


def test_an_interruption_keeps_what_was_learned(monkeypatch, capsys):
    model = network()
    learn, calls = model.train_on_batch, []

    def interrupted(x, y):
        calls.append(len(x))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return learn(x, y)

    monkeypatch.setattr(model, "train_on_batch", interrupted)
    assert len(harden(model)) == 2
    assert "Interrupted: 2 of 3 batches are done" in capsys.readouterr().out


def test_two_batches_where_trainings_are_cut_short(monkeypatch):
    monkeypatch.setenv("COURSE_QUICK", "1")
    assert len(harden(network())) == 2


def test_what_is_refused():
    model = network()
    for wrong, said in (
        (
            LABELS[:9],
            r"y: got .* of shape \(9,\). Give a whole number for each",
        ),
        (LABELS[:10] / 1, "y: got float64 of shape"),
        (LABELS[:10] + 9, "y: got numbers from 9 to .*. Give them from 0 to 9"),
    ):
        with pytest.raises(ValueError, match=said):
            hardening.train(model, PICTURES[:10], wrong, strength=3)
    with pytest.raises(ValueError, match="x: got values from"):
        hardening.train(model, -1.0 - PICTURES[:10], LABELS[:10], strength=3)
    with pytest.raises(ValueError, match=r"x: got shape .* Give \(N, 28, 28, 1\)"):
        hardening.train(model, PICTURES[:10, 1:], LABELS[:10], strength=3)
    with pytest.raises(ValueError, match=r"not compiled\. Compile it first"):
        hardening.train(models.mnist_dense(), PICTURES[:10], LABELS[:10], strength=3)
    for name, value in (
        ("strength", 256),
        ("share", 1.5),
        ("epochs", 0),
        ("progress", 2),
    ):
        with pytest.raises(ValueError, match=f"{name}: got {value}"):
            harden(model, **{name: value})
