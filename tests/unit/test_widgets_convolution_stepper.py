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
@pytest.mark.parametrize("padding", ["valid", "same", 0, 3])
def test_result_is_that_of_ops(mode, padding):
    rng = np.random.default_rng(1)
    image, kernel = rng.normal(size=(9, 7)), rng.normal(size=(3, 2, 1, 2))
    settings = {"stride": 2, "padding": padding, "mode": mode, "dilation": 2}
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
        layer.build((None, *image.shape, 1))
        rows, columns = stepper.kernel.shape[:2]
        layer.set_weights([stepper.kernel.reshape(rows, columns, 1, -1)])
        answer = np.asarray(layer(image.astype("float32")[None, :, :, None]))[0]
        np.testing.assert_allclose(
            answer.reshape(stepper.result.shape), stepper.result, atol=1e-5
        )


def test_keras_takes_no_stride_with_a_dilation(stepper):
    stepper.padding = 2
    stepper.stride = stepper.dilation = 2
    assert stepper.keras.startswith("# Keras takes a stride or a dilation, not both")


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
