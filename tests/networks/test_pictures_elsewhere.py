"""Pictures, maps and numbers: TensorFlow and JAX find the same, each in its process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from helpers.networks import models, probe

OTHER = {"tensorflow": "jax", "jax": "tensorflow"}

#: In the other process: this file, run as a script, prints what it makes.
COMMAND = [sys.executable, str(Path(__file__).resolve())]


def small_model():
    inputs = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, -1)(inputs)
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="maps")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    # Softplus: the weakest answers are no zeros.
    x = layers.Conv2D(5, 3, padding="same", activation="softplus", name="more")(x)
    model = keras.Model(inputs, x)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


def pictures():
    """Return what the functions make of one network, by their names."""
    photo, painting = np.random.default_rng(1).uniform(0, 255, (2, 24, 24, 3))
    model, given = small_model(), {"steps": 3, "progress": False}
    waves = {"jitter": 3, "frequencies": True, "variation": 0.1, "blur": 0.3}
    style = {"photo_layer": "more", "style_layers": ["maps", "more"]}
    return {
        "ascend": probe.ascend(model, "more", 1, size=20, jitter=2, **given).picture,
        "waves": probe.ascend(model, "more", 1, size=20, **waves, **given).picture,
        "dream": probe.dream(model, photo, "more", octaves=2, **given).picture,
        "style": probe.style_transfer(model, photo, painting, **style, **given).picture,
    }


def classifier():
    """Return that network with scores of four classes, which are apart."""
    trunk = small_model()
    means = layers.GlobalAveragePooling2D()(trunk.outputs[0])
    last = layers.Dense(4, name="logits")
    model = keras.Model(trunk.inputs[0], last(means))
    last.set_weights([np.random.default_rng(2).normal(0, 3, (5, 4)), np.zeros(4)])
    return model


PHOTOS = np.random.default_rng(3).uniform(0, 255, (6, 20, 20, 3)).round()


def numbers():
    """Return what is found out about photos and a network, by the functions' names."""
    model, quiet = classifier(), {"progress": False}
    seen = probe.responses(model, PHOTOS, "more", **quiet)
    return {
        "features": probe.features(model, PHOTOS, "more", **quiet),
        "strongest": seen.strongest,
        "weakest": seen.weakest,
        "means": seen.means,
        "smallest": probe.smallest_strengths(model, PHOTOS, **quiet),
        "attack": probe.attack(model, PHOTOS, strength=6, steps=3, **quiet),
    }


def maps():
    """Return maps of what speaks for a class, by the names of networks and methods."""
    made, quiet = {}, {"progress": False}
    networks = {
        "digits": models.mnist_cnn(),
        "photos": models.alexnet(67, 5, width=1 / 16, batch_normalization=True),
    }
    for seed, (name, model) in enumerate(networks.items()):
        model = probe.randomised(model, seed=seed)  # by NumPy's random numbers
        x = np.random.default_rng(7).uniform(0, 255, model.input_shape[1:])
        # For the surest class some place of the last maps speaks, most likely.
        label = int(probe.outputs(model, x[None]).argmax())
        made |= {
            f"{name}, saliency": probe.saliency(model, x, label),
            f"{name}, smooth": probe.smooth_grad(model, x, label, draws=4, **quiet),
            f"{name}, cam": probe.grad_cam(model, x, label),
            f"{name}, occlusion": probe.occlusion(
                model, x, label, size=9, step=9, cover=0, **quiet
            ),
        }
    return made


@pytest.mark.once  # it starts the other one itself
def test_both_backends_make_the_same(root):
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    settings = {
        "KERAS_BACKEND": OTHER[keras.backend.backend()],
        "XLA_FLAGS": "--xla_backend_optimization_level=1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    done = subprocess.run(
        COMMAND,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    others, explained, found = json.loads(done.stdout.splitlines()[-1])
    for name, ours in maps().items():
        theirs = np.array(explained.pop(name))
        most = np.abs(ours).max()
        assert most > 0, name
        np.testing.assert_allclose(theirs, ours, atol=1e-3 * most, err_msg=name)
    assert not explained
    for name, ours in pictures().items():
        theirs = np.array(others[name])
        assert np.abs(ours - theirs).max() <= 1e-3 * theirs.max(), name
        assert np.ptp(ours) > 50, name
    here = numbers()
    assert here.keys() == found.keys()
    # Of a slope that is nearly 0 the sign may be the other one.
    attacked = np.array(found.pop("attack"))
    assert (np.abs(here["attack"] - attacked) < 1e-2).mean() > 0.97
    assert (np.abs(attacked - PHOTOS) > 1).mean() > 0.9
    # The search ends within a few per cent.
    smallest = np.array(found.pop("smallest"))
    np.testing.assert_allclose(here["smallest"], smallest, rtol=0.1)
    assert np.isfinite(smallest).any()
    for name, theirs in found.items():
        most = np.abs(theirs).max()
        assert most > 0, name
        np.testing.assert_allclose(here[name], theirs, atol=1e-3 * most, err_msg=name)


if __name__ == "__main__":
    made = pictures(), maps(), numbers()
    print(json.dumps([{k: v.tolist() for k, v in one.items()} for one in made]))
