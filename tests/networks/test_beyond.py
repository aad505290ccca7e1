"""The networks of boards, sounds and sentences: shapes, sizes, what they rest on."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

from helpers.networks import beyond, export, running


def shapes(model):
    return {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}


def unmade(make, *given, **settings):
    """A model of which only shapes are wanted: no weight is drawn."""
    with keras.StatelessScope(initialize_variables=False):
        return make(*given, **settings)


def said(model, x):
    return keras.ops.convert_to_numpy(model(np.asarray(x), training=False))


def lively(model, seed=0):
    """A model whose every weight is random, those of batch normalisation included."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [
            rng.uniform(0.5, 1, weight.shape)
            if "variance" in weight.path or "gamma" in weight.path
            else rng.normal(0, 0.2, weight.shape)
            for weight in model.weights
        ]
    )
    return model


# -- boards ----------------------------------------------------------------------------


def test_alphago_layer_by_layer():
    """The paper's numbers: 23 × 23, then 21 × 21, and 19 × 19 after every layer."""
    model = unmade(beyond.alphago_policy)
    found = shapes(model)
    assert found["board"] == (19, 19, 48)
    assert found["rim1"] == (23, 23, 48)
    assert model.get_layer("filters1").kernel.shape == (5, 5, 48, 192)
    for number in range(2, 13):
        assert found[f"rim{number}"] == (21, 21, 192)
        assert model.get_layer(f"filters{number}").kernel.shape == (3, 3, 192, 192)
    for number in range(1, 13):
        layer = model.get_layer(f"filters{number}")
        assert found[layer.name] == (19, 19, 192)
        assert layer.activation is keras.activations.relu
        assert layer.use_bias
    assert model.get_layer("score").kernel.shape == (1, 1, 192, 1)
    assert not model.get_layer("score").use_bias
    assert model.get_layer("places").bias.shape == (19, 19, 1)
    assert found["logits"] == (361,)
    first, later = 5 * 5 * 48 * 192 + 192, 3 * 3 * 192 * 192 + 192
    assert model.count_params() == first + 11 * later + 192 + 361 == 3_882_793


def test_the_small_ones_layers():
    found = shapes(unmade(beyond.go_policy))
    assert found["rim"] == (23, 23, 14)
    assert {found[f"bend{k}"] for k in range(1, 6)} == {(19, 19, 48)}
    assert found["logits"] == (361,)


def test_the_small_ones_weights():
    model = unmade(beyond.go_policy)
    kernels = 25 * 14 * 48 + 4 * 9 * 48 * 48 + 48
    assert model.count_params() == kernels + 5 * 4 * 48 + 361 == 101_113
    dense = unmade(beyond.go_dense)
    assert dense.count_params() == 5054 * 19 + 4 * 19 + 20 * 361
    larger = unmade(beyond.go_dense, (186,)).count_params()
    assert larger / model.count_params() == pytest.approx(10, abs=0.1)
    two = unmade(beyond.go_dense, (8, 6), planes=3, size=5)
    assert two.count_params() == 75 * 8 + 4 * 8 + 8 * 6 + 4 * 6 + 7 * 25


def test_pooling_loses_the_places():
    found = shapes(unmade(beyond.go_policy, pooled=True))
    assert found["pool2"] == (9, 9, 48)
    assert found["pool4"] == (4, 4, 48)
    assert found["list"] == (256,)
    assert found["logits"] == (361,)


def test_a_stone_moves_what_is_said_along_with_it():
    """Away from the rim, a convolution says the same wherever it is."""
    model = beyond.go_policy(4, 2, planes=1)
    boards = np.zeros((2, 19, 19, 1), np.float32)
    boards[0, 8, 8] = boards[1, 10, 9] = 1
    one, other = said(model, boards).reshape(2, 19, 19)
    np.testing.assert_allclose(one[4:13, 4:13], other[6:15, 5:14], atol=1e-6)


# -- sounds ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slides", "kernels", "last"),
    [
        ("time and frequency", [(3, 3), (3, 3), (3, 3)], (3, 4, 64)),
        ("time", [(40, 3), (1, 3), (1, 3)], (1, 4, 64)),
        ("frequency", [(3, 49), (3, 1), (3, 1)], (3, 1, 64)),
    ],
)
def test_filters_slide_where_they_have_room(slides, kernels, last):
    model = unmade(beyond.spoken, slides)
    found = [model.get_layer(f"filters{k}").kernel_size for k in (1, 2, 3)]
    assert found == kernels
    assert shapes(model)["pool3"] == last
    assert shapes(model)["list"] == (np.prod(last),)


def test_heads_of_a_spectrogram():
    sizes = {
        head: model.get_layer("logits").kernel.shape[0]
        for head in beyond.HEADS
        for model in [unmade(beyond.spoken, head=head)]
    }
    assert sizes == {"list": 768, "average in time": 192, "average": 64}


def test_dense_layers_of_a_spectrogram():
    model = unmade(beyond.spoken, "nothing", filters=(20, 10), classes=3)
    assert model.count_params() == 1960 * 20 + 80 + 200 + 40 + 33
    assert not any(isinstance(one, keras.layers.Conv2D) for one in model.layers)


def test_what_is_too_quiet_is_not_heard():
    x = np.random.default_rng(3).normal(size=(2, 40, 49, 1)).astype(np.float32)
    louder = np.maximum(x, 0.5)
    model = lively(beyond.spoken("time", quietest=0.5))
    np.testing.assert_allclose(
        said(model, x), said(model, louder), rtol=1e-4, atol=1e-4
    )
    bare = unmade(beyond.spoken, "time", quietest=None)
    assert {"above", "heard"} == set(shapes(model)) - set(shapes(bare))
    assert model.count_params() == bare.count_params()


def test_an_average_forgets_which_frequency():
    """The trap: a sound is called the same eight rows higher."""
    low, high = np.zeros((2, 1, 80, 49, 1), np.float32)
    low[:, 32:40, 12:32], high[:, 40:48, 12:32] = 1, 1  # three times halved: one row
    one = {head: lively(beyond.spoken(head=head, mels=80)) for head in beyond.HEADS}
    apart = {
        head: np.abs(said(model, low) - said(model, high)).max()
        for head, model in one.items()
    }
    assert apart["average"] < 1e-4
    assert min(apart["list"], apart["average in time"]) > 100 * apart["average"] + 0.01


# -- sentences -------------------------------------------------------------------------


def test_weights_of_sentences():
    cnn = unmade(beyond.sentence_cnn, 100, filters=8, dimensions=10)
    assert cnn.count_params() == 1000 + 10 * 8 * (3 + 4 + 5) + 3 * 8 + 25 * 2
    one = unmade(beyond.sentence_cnn, 100, widths=[2], filters=8, dimensions=10)
    assert one.count_params() == 1000 + 10 * 8 * 2 + 8 + 9 * 2
    mean = unmade(beyond.sentence_mean, 100, hidden=(5,), dimensions=10)
    assert mean.count_params() == 1000 + 11 * 5 + 6 * 2


@pytest.mark.parametrize("make", [beyond.sentence_cnn, beyond.sentence_mean])
def test_twice_as_much_padding_changes_nothing(make):
    model = lively(make(50))
    words = np.random.default_rng(1).integers(2, 50, (6, 9))
    words[3:, 5:] = 0  # shorter ones
    once, twice = (np.pad(words, ((0, 0), (0, count))) for count in (5, 10))
    np.testing.assert_allclose(said(model, once), said(model, twice), atol=1e-5)


def test_whole_words_are_forgotten_in_training_alone():
    keras.utils.set_random_seed(0)
    model = beyond.sentence_cnn(50, forgotten=0.5)
    words = np.random.default_rng(2).integers(2, 50, (40, 12))
    rows = model.get_layer("words")(words)
    forget = model.get_layer("forgotten")
    kept = keras.ops.convert_to_numpy(forget(rows, training=True))
    gone = (kept == 0).all(axis=2)
    assert 0.4 < gone.mean() < 0.6
    assert (kept != 0)[~gone].all()
    np.testing.assert_array_equal(forget(rows, training=False), rows)


def test_the_order_of_words():
    words = np.array([[5, 7, 9, 0, 0, 0, 0, 0]])
    other = words[:, [2, 0, 1, 3, 4, 5, 6, 7]]
    cnn, mean = (
        lively(make(20)) for make in (beyond.sentence_cnn, beyond.sentence_mean)
    )
    assert np.abs(said(cnn, words) - said(cnn, other)).max() > 0.01
    np.testing.assert_allclose(said(mean, words), said(mean, other), atol=1e-5)


# -- in the browser --------------------------------------------------------------------

BROWSER = {
    "go": (lambda: beyond.go_policy(8, 2, size=9), (9, 9, 14)),
    "go, pooled": (lambda: beyond.go_policy(8, 2, size=9, pooled=True), (9, 9, 14)),
    **{
        f"spoken, {slides}, {head}": (
            lambda slides=slides, head=head: beyond.spoken(slides, head),
            (40, 49, 1),
        )
        for slides, head in (
            ("time and frequency", "average in time"),
            ("time", "list"),
            ("frequency", "average"),
            ("nothing", "list"),
        )
    },
}


@pytest.mark.parametrize("name", BROWSER)
def test_the_browser_says_the_same(name):
    make, shape = BROWSER[name]
    model = lively(make())
    network = export.network(model, weights="float32")
    x = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    ours = running.maps(network, x)
    assert ours["logits"].shape == model.output_shape[1:]
    np.testing.assert_allclose(ours["logits"], said(model, x[None])[0], atol=1e-3)


def test_the_browser_says_the_same_of_a_sentence():
    model = lively(beyond.sentence_cnn(50, length=12))
    network = export.network(model, weights="float32")
    for length in (1, 7, 12):
        words = np.zeros(12, np.int64)
        words[:length] = np.random.default_rng(length).integers(1, 50, length)
        ours = running.maps(network, words)["logits"]
        np.testing.assert_allclose(ours, said(model, words[None])[0], atol=1e-4)


# -- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: beyond.go_policy(0), "filters: got 0"),
        (lambda: beyond.go_policy(convolutions=0), "convolutions: got 0"),
        (lambda: beyond.go_policy(pooled="yes"), "pooled: got"),
        (lambda: beyond.go_policy(pooled=True, size=3), "size: got 3"),
        (lambda: beyond.go_policy(planes=1.5), "planes: got 1.5"),
        (lambda: beyond.go_dense(17), "hidden: got 17.*one number a layer"),
        (lambda: beyond.go_dense((17, -1)), "hidden: got -1"),
        (lambda: beyond.alphago_policy("many"), "filters: got"),
        (lambda: beyond.spoken("tyme"), "slides: got.*time"),
        (lambda: beyond.spoken(head="mean"), "head: got"),
        (lambda: beyond.spoken("nothing", "average"), "head: got.*list"),
        (lambda: beyond.spoken(filters=(4,) * 5), "filters: got 5 layers.*number 4"),
        (lambda: beyond.spoken(mels=3), "filters: got 3 layers.*number 1"),
        (lambda: beyond.spoken(dropout=1), "dropout: got 1"),
        (lambda: beyond.spoken(quietest="low"), "quietest: got"),
        (lambda: beyond.spoken(classes=1), "classes: got 1"),
        (lambda: beyond.sentence_cnn(1), "vocabulary: got 1"),
        (lambda: beyond.sentence_cnn(9, widths=()), "widths: got"),
        (lambda: beyond.sentence_cnn(9, widths=(3, 3)), "widths: got.*each once"),
        (lambda: beyond.sentence_cnn(9, forgotten=1), "forgotten: got 1"),
        (lambda: beyond.sentence_cnn(9, length=4), "length: got 4"),
        (lambda: beyond.sentence_cnn(9, dimensions=0), "dimensions: got 0"),
        (lambda: beyond.sentence_mean(9, dropout=-0.1), "dropout: got -0.1"),
        (lambda: beyond.sentence_mean(9, hidden=5), "hidden: got 5"),
    ],
)
def test_what_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
