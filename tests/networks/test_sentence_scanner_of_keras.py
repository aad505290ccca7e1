"""SentenceScanner says of a sentence what a Keras network says."""

import keras
import numpy as np
import pytest
from keras import ops
from traitlets import TraitError

from helpers import texts
from helpers.networks import beyond, export, models
from helpers.widgets import SentenceScanner
from helpers.widgets.explorers.sentence_scanner import EXAMPLES

VOCABULARY = texts.Vocabulary.of(EXAMPLES.values(), least=1)
SETTINGS = {"filters": 6, "dimensions": 8, "length": 20}


@pytest.mark.parametrize("widths", [(3, 4, 5), (1,), (2, 5)])
def test_a_keras_model_as_it_is_and_exported(widths):
    keras.utils.set_random_seed(5)
    model = beyond.sentence_cnn(len(VOCABULARY), widths=widths, **SETTINGS)
    about = {"vocabulary": list(VOCABULARY.words), "classes": ["no", "yes"]}
    whole = models.with_softmax(model)
    for network, given in (
        (model, {"vocabulary": VOCABULARY}),
        (export.network(whole, weights="float32", about=about), {}),
    ):
        scanner = SentenceScanner(EXAMPLES["both"], network, **given)
        assert scanner.vocabulary == VOCABULARY
        assert scanner.class_names == (("0", "1") if given else ("no", "yes"))
        assert scanner.widths == tuple(w for w in widths for _ in range(6))
        close = 1e-3 if given else 1e-5  # a model as it is becomes halves
        for sentence in EXAMPLES.values():
            scanner.sentence = sentence
            assert len(scanner.words) <= 20 - max(widths)
            logits = model(scanner.numbers[np.newaxis], training=False)
            logits = ops.convert_to_numpy(logits)[0]
            difference = float(logits[1] - logits[0])
            assert scanner.difference == pytest.approx(difference, abs=close)
            shares = ops.convert_to_numpy(ops.softmax(logits))
            np.testing.assert_allclose(scanner.probabilities, shares, atol=close)
        scanner.close()


def test_models_that_are_made_otherwise_are_refused():
    of_any_length = beyond.sentence_cnn(len(VOCABULARY))
    with pytest.raises(TraitError, match=r"\(None, None\).* all sides but the batch"):
        SentenceScanner("a film", of_any_length, vocabulary=VOCABULARY)
    sentence = keras.Input((20,))
    x = keras.layers.Embedding(len(VOCABULARY), 8, name="words")(sentence)
    x = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D(name="mean")(x))
    averaged = keras.Model(sentence, x)
    with pytest.raises(TraitError, match='layer "words" is of kind embedding'):
        SentenceScanner("a film", averaged, vocabulary=VOCABULARY)
