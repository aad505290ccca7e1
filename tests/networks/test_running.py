"""Every layer of an exported network in NumPy is what Keras makes of it."""

import keras
import numpy as np
import pytest
import random_networks

from helpers.networks import exported, running

pytestmark = pytest.mark.once  # NumPy computes it

# On JAX every layer is compiled by itself.
NETWORKS = 60 if keras.backend.backend() == "tensorflow" else 10


def test_every_layer_is_keras():
    compared = 0
    for case in random_networks.cases(3, NETWORKS):
        if len(case.inputs) > 1:
            continue
        made, before = running.maps(case.network, case.inputs[0][0]), 0
        assert list(made) == case.network.names
        for (name, got), wanted in zip(made.items(), case.wanted, strict=True):
            largest = np.abs(wanted).max()
            before = max(before, largest)  # float32 cancels large numbers
            near = 1e-4 * largest + 1e-6 * before
            np.testing.assert_allclose(got, wanted[0], rtol=0, atol=near, err_msg=name)
            compared += 1
    assert compared > 3 * NETWORKS


def test_probabilities_or_logits():
    assert running.gives_probabilities(exported.shipped("mnist"))
    last = exported.shipped("mnist").description
    logits = exported.Network({**last, "outputs": [13]}, b"")
    assert not running.gives_probabilities(logits)


def test_another_shape_is_refused():
    network = exported.shipped("mnist")
    with pytest.raises(ValueError, match=r"x: got shape \(28, 28\). Give \(28, 28, 1"):
        running.maps(network, np.zeros((28, 28)))


def test_several_inputs_are_refused():
    described = {"inputs": [0, 1], "layers": []}
    with pytest.raises(ValueError, match="one of 2 inputs"):
        running.maps(exported.Network(described, b""), np.zeros(3))
