"""CureLab's early stopping is Keras's."""

import keras
import numpy as np
import pytest

from helpers.experiments import Stop, early_stop


class Trained:
    """A model whose weights are the number of the epoch."""

    metrics = ()
    stop_training = False
    epoch = 0

    def get_weights(self):
        return self.epoch

    def set_weights(self, epoch):
        self.epoch = epoch


def stopped(losses, patience):
    """Where Keras's callback ends a training, and whose weights the model has then."""
    callback = keras.callbacks.EarlyStopping(
        monitor="val_loss", mode="min", patience=patience, restore_best_weights=True
    )
    model = Trained()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        model.epoch = epoch + 1
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    after = model.epoch
    callback.on_train_end()
    return Stop(after, model.epoch)


@pytest.mark.parametrize("patience", [1, 2, 3, 5, 30])
def test_it_stops_where_keras_does(patience):
    rng = np.random.default_rng(patience)
    found = set()
    for _ in range(200):
        # Few different values: equal ones come often.
        losses = rng.integers(0, 6, rng.integers(1, 25)) / 5
        losses[rng.random(len(losses)) < 0.1] = np.nan
        stop = early_stop(losses, patience)
        assert stop == stopped(losses, patience), losses
        found.add(stop.after < len(losses))
    assert found == ({False} if patience == 30 else {False, True})
