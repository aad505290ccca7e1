"""The Python side of ConvolutionStepper: traits, refusals, the line of Keras."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from helpers import ops
from helpers.quiet import quiet
from helpers.widgets import ConvolutionStepper
from helpers.widgets.explorers.convolution_stepper import BINARY, MODES, PRESETS


@pytest.fixture
def stepper():
    stepper = ConvolutionStepper("binary")
    yield stepper
    stepper.close()


def test_the_numbers_of_the_lesson():
    assert ConvolutionStepper("nine").result.tolist() == [[19, 25], [37, 43]]
    maps = np.moveaxis(ConvolutionStepper("binary").result, -1, 0).tolist()
    assert maps[0] == [[-2, 0, -2], [-4, -1, -2], [2, -3, -1]]
    assert maps[1] == [[3, 2, 2], [1, 1, 2], [2, 1, 2]]
    assert maps[2] == [[4, -2, 6], [2, -1, 4], [2, -1, 3]]
    blur = ConvolutionStepper("blur")
    assert np.round(blur.result[0] + 1e-9, 2).tolist() == [0.56, 0.57, 0.57, 0.56]
    blur.stride = 3
    assert np.round(blur.result + 1e-9, 2).tolist() == [[0.56, 0.56], [0.64, 0.64]]
    padded = ConvolutionStepper("diagonal", padding=1)
    assert padded.result.shape == (5, 5)
    assert padded.result[4].tolist() == [-1, -2, 2, -1, 0]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", ["valid", "same", 0, 3, (1, 0), ((0, 2), (1, 0))])
@pytest.mark.parametrize(("stride", "dilation"), [(2, 2), ((1, 3), (3, 1))])
def test_result_is_that_of_ops(mode, padding, stride, dilation):
    rng = np.random.default_rng(1)
    image, kernel = rng.normal(size=(9, 7)), rng.normal(size=(3, 2, 1, 2))
    settings = {
        "stride": stride,
        "padding": padding,
        "mode": mode,
        "dilation": dilation,
    }
    stepper = ConvolutionStepper(image, kernel, **settings)
    for f in range(2):
        wanted = ops.conv2d(image, kernel[:, :, 0, f], **settings)
        np.testing.assert_allclose(stepper.result[:, :, f], wanted)
    whole = ops.conv2d(stepper.image, stepper.kernel, **settings)
    np.testing.assert_allclose(stepper.result, whole)
    assert stepper.places == wanted.shape
    assert stepper.step == wanted.size


@pytest.mark.parametrize(
    ("trait", "value", "said"),
    [
        ("image", np.ones((13, 3)), "at most 12"),
        ("image", np.ones((3, 3, 3)), "at most 12"),
        ("image", [["a"]], "real numbers"),
        ("image", [[1, np.nan]], "not finite"),
        ("image", [[2e6]], "up to 1,000,000"),
        ("image", [[1, 2], [3, 4]], "smaller"),
        ("kernel", np.ones((8, 1)), "at most 7"),
        ("kernel", np.ones((2, 2, 1, 5)), "1 to 4 are shown"),
        ("kernel", np.ones((2, 2, 3)), "the image here has one"),
        ("kernel", np.ones((6, 6)), "smaller"),
        ("kernel", [], "empty"),
        ("stride", 0, "stride"),
        ("stride", 7, "stride"),
        ("stride", 1.5, "stride"),
        ("stride", (1, 7), "stride"),
        ("stride", (1, 2, 3), "a pair"),
        ("padding", ((0, 0), (0, 7)), "from 0 to 6"),
        ("padding", ((0, 0), 1), "from 0 to 6"),
        ("dilation", (1, 3), "smaller"),
        ("padding", "full", '"valid", "same"'),
        ("padding", -1, "from 0 to 6"),
        ("padding", 7, "from 0 to 6"),
        ("padding", True, "from 0 to 6"),
        ("padding", None, "from 0 to 6"),
        ("mode", "wrap", "mode"),
        ("dilation", 3, "smaller"),
        ("position", (3, 0), "row from 0 to 2"),
        ("step", 10, "from 1 to 9"),
        ("step", 0, "from 1 to 9"),
        ("filter", 3, "3 filters"),
    ],
)
def test_what_is_refused_leaves_the_last_good_state(stepper, trait, value, said):
    before = getattr(stepper, trait)
    with pytest.raises(TraitError, match=said):
        setattr(stepper, trait, value)
    assert np.array_equal(getattr(stepper, trait), before)
    assert stepper.result.shape == (3, 3, 3)


def test_what_cannot_be_made():
    with pytest.raises(TraitError, match="choose one of nine, binary"):
        ConvolutionStepper("ten")
    with pytest.raises(TraitError, match="smaller"):
        ConvolutionStepper([[1]], np.ones((2, 2)))


def test_what_is_given_is_shown():
    for stride, padding in ((2, (1, 0)), ((1, 2), ((0, 1), (2, 0))), ((2, 2), 1)):
        stepper = ConvolutionStepper("binary", stride=stride, padding=padding)
        assert (stepper.stride, stepper.padding) == (stride, padding)
        assert f"stride {stride}, padding {padding} (zeros)" in stepper.describe()
        assert "image/png" in stepper.picture()._repr_mimebundle_()[0]
        stepper.close()


def test_one_dimension():
    signal = np.array([2.0, 4, 3, 5, 9, 8, 6, 7, 3, 1])
    differences = ConvolutionStepper("signal")
    assert differences.result.tolist() == [(signal[2:] - signal[:-2]).tolist()]
    causal = ConvolutionStepper("causal")
    before = np.concatenate([[0, 0], signal])
    means = before[:-2] / 4 + before[1:-1] / 4 + before[2:] / 2
    np.testing.assert_allclose(causal.result, [means])
    wavenet = ConvolutionStepper("wavenet")
    assert wavenet.result.tolist() == [[2, 4, 3, 5, 11, 12, 9, 12, 12, 9]]
    # what is given goes before the preset's
    assert ConvolutionStepper("wavenet", padding="valid").places == (1, 6)
    assert ConvolutionStepper("wavenet", dilation=1).places == (1, 10)


@pytest.mark.parametrize("mode", ["zeros", "edge"])
def test_nothing_causal_looks_ahead(mode):
    rng = np.random.default_rng(4)
    for shape, size, dilation in (((1, 9), (1, 3), 2), ((6, 5), (3, 2), (1, 3))):
        image, kernel = rng.normal(size=shape), rng.normal(size=size)
        settings = {"padding": "causal", "mode": mode, "dilation": dilation}
        before = ConvolutionStepper(image, kernel, **settings).result
        assert before.shape == shape
        for i, j in np.ndindex(shape):
            changed = image.copy()
            changed[i, j] += 1
            moved = ConvolutionStepper(changed, kernel, **settings).result != before
            assert moved[i, j]
            rows, columns = np.nonzero(moved)
            assert (rows >= i).all()
            assert (columns >= j).all()


def test_where_it_begins():
    stepper = ConvolutionStepper("binary", filter=2, position=(2, 1), step=4)
    assert (stepper.filter, stepper.position, stepper.step) == (2, (2, 1), 4)
    for wrong in ({"filter": 3}, {"position": (3, 0)}, {"step": 10}, {"step": 0}):
        with pytest.raises(TraitError, match=next(iter(wrong))):
            ConvolutionStepper("binary", **wrong)
    stepper.close()


def test_new_sizes_start_anew(stepper):
    stepper.position, stepper.step, stepper.filter = (2, 2), 4, 2
    stepper.image = 1 - BINARY  # the same size: nothing else changes
    assert (stepper.position, stepper.step) == ((2, 2), 4)
    stepper.stride = 2
    assert (stepper.position, stepper.step) == ((0, 0), 4)
    stepper.padding = 2
    assert stepper.step == stepper.places[0] * stepper.places[1]
    stepper.kernel = np.ones((3, 3))
    assert stepper.filter == 0


def test_describe_and_picture(stepper):
    assert stepper.describe() == (
        "ConvolutionStepper: image 5 × 5, 3 kernels 3 × 3, stride 1, padding valid "
        "(zeros), dilation 1, output 3 × 3 from -4 to 6"
    )
    assert "image/png" in stepper.picture()._repr_mimebundle_()[0]
    big = ConvolutionStepper(np.ones((12, 12)), np.ones((7, 7)), padding=6)
    assert "image/png" in big.picture()._repr_mimebundle_()[0]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_line_of_keras_gives_the_same_numbers(preset):
    with quiet():
        import keras

        keras.ops.zeros(1)
    stepper = ConvolutionStepper(preset)
    settings = [
        {},
        {"stride": 2},
        {"stride": (1, 2)},
        {"stride": (3, 1), "padding": "same"},
        {"dilation": (2, 1), "padding": "same"},
        {"padding": "causal"},
        {"padding": "causal", "dilation": (1, 3)},
        {"padding": "causal", "stride": (1, 2)},
        {"padding": "causal", "mode": "edge"},
        {"padding": ((0, 0), (2, 0))},
        {"padding": ((0, 0), (0, 2)), "stride": 2},
        {"padding": ((1, 0), (2, 3))},
        {"padding": (1, 2), "mode": "reflect"},
        {"padding": "same"},
        {"padding": "same", "stride": 2},
        {"padding": 2, "stride": 3},
        {"padding": "same", "dilation": 2},
        {"padding": "same", "mode": "reflect"},
        {"padding": 2, "mode": "symmetric"},
        {"padding": 1, "mode": "edge"},
    ]
    plain = {"stride": 1, "padding": "valid", "mode": "zeros", "dilation": 1}
    for setting in settings:
        for name, value in {**plain, **setting}.items():
            setattr(stepper, name, value)
        image = stepper.image
        pads = re.search(r"np\.pad\(image, (.*), mode=", stepper.keras)
        if pads:  # the part that Keras leaves to NumPy
            image = np.pad(image, eval(pads[1]), mode=stepper.mode)
        layer = eval(stepper.keras, {"keras": keras})
        rows, columns = stepper.kernel.shape[:2]
        weights = stepper.kernel.reshape(rows, columns, 1, -1)
        batch = image.astype("float32")[None, :, :, None]
        if "Conv1D" in stepper.keras:  # an image of one row is a batch of one signal
            weights, batch = weights[0], batch[0]
        layer.build((None, *batch.shape[1:]))
        layer.set_weights([weights])
        answer = np.asarray(layer(batch))
        np.testing.assert_allclose(
            answer.reshape(stepper.result.shape), stepper.result, atol=1e-5
        )


def test_keras_takes_no_stride_with_a_dilation(stepper):
    stepper.padding = 2
    stepper.stride = stepper.dilation = 2
    assert stepper.keras.startswith("# Keras takes a stride or a dilation, not both")
    stepper.stride, stepper.dilation = (1, 2), (2, 1)
    assert stepper.keras.startswith("# Keras takes a stride or a dilation, not both")
    flat = ConvolutionStepper("causal", stride=(2, 1), dilation=(1, 2))
    assert flat.keras == (  # the rows of one row do not count
        'keras.layers.Conv1D(1, 3, padding="causal", dilation_rate=2, use_bias=False)'
    )


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, 'Conv1D(1, 3, padding="causal", use_bias=False)'),
        ({"stride": 2}, 'Conv1D(1, 3, strides=2, padding="causal", use_bias=False)'),
        (
            {"padding": ((0, 0), (2, 0))},
            'Conv1D(1, 3, padding="causal", use_bias=False)',
        ),
        ({"padding": "same"}, 'Conv1D(1, 3, padding="same", use_bias=False)'),
        ({"padding": (0, 2)}, "ZeroPadding1D(2), keras.layers.Conv1D(1, 3, use_bias"),
        ({"padding": ((0, 0), (1, 0))}, "ZeroPadding1D((1, 0)), keras.layers.Conv1D(1"),
        ({"padding": 1}, "ZeroPadding2D(1), keras.layers.Conv2D(1, (1, 3), use_bias"),
        ({"image": np.ones((2, 9))}, "ZeroPadding2D(((0, 0), (2, 0))), keras.layers."),
        ({"kernel": np.ones((1, 1))}, "Conv1D(1, 1, use_bias=False)"),
    ],
)
def test_the_line_of_one_dimension(settings, line):
    stepper = ConvolutionStepper("causal")
    for name, value in settings.items():
        setattr(stepper, name, value)
    assert line in stepper.keras
    stepper.close()


def test_what_the_page_says_in_one_message_is_taken_whole():
    """ipywidgets merges what the page sends while the kernel is busy."""
    stepper = ConvolutionStepper("nine")
    state = stepper.get_state(["image"])["image"]
    image = {**state, "shape": [4, 4], "data": memoryview(np.arange(16.0).tobytes())}
    stepper.set_state({"image": image, "step": 3, "position": [0, 2]})
    assert stepper.places == (3, 3)
    assert (stepper.step, stepper.position) == (3, (0, 2))
    stepper.stride = 2  # from Python all steps are done
    assert stepper.step == 4
    stepper.stride = 1
    assert stepper.step == 9
    stepper.close()


@pytest.mark.parametrize("first", ["position", "step"])
def test_settings_that_do_not_fit_leave_all_as_it_was(first):
    stepper = ConvolutionStepper("nine")
    before = repr(stepper)

    def change():
        with stepper.hold_trait_notifications():
            setattr(stepper, first, {"position": (0, 0), "step": 1}[first])
            stepper.image = [[1.0]]

    with pytest.raises(TraitError, match="kernel"):
        change()
    assert repr(stepper) == before
    stepper.close()
