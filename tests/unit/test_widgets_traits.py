"""Every trait of every explorer, given every kind of value: taken, or a sentence."""

import functools
import inspect
import json
import math

import go_networks
import ipywidgets
import numpy as np
import photo_networks
import pytest
import sentence_networks
import traitlets
import unit_portraits
from stored_runs import CURES_OF, stored
from traitlets import TraitError

from helpers import widgets
from helpers.networks import exported
from helpers.widgets.parts import traits

# Every trait that a learner sets, and a value that it takes.
WHOLE = {
    ("ActivationGallery", "marked"): 1,
    ("ArchitectureTable", "input_size"): 128,
    ("ArchitectureTable", "classes"): 5,
    ("ArchitectureTable", "groups"): 2,
    ("ArchitectureTable", "batch_size"): 64,
    ("AugmentationSampler", "size"): 120,
    ("AugmentationSampler", "turn"): 30,
    ("AugmentationSampler", "seed"): 7,
    ("AugmentationSampler", "chosen"): 3,
    ("BackpropStepper", "step"): 3,
    ("CureLab", "epoch"): 3,
    ("CureLab", "patience"): 5,
    ("KernelLearning", "size"): 5,
    ("KernelLearning", "examples"): 3,
    ("KernelLearning", "batch"): 2,
    ("KernelLearning", "steps"): 20,
    ("KernelLearning", "seed"): 7,
    ("KernelLearning", "step"): 10,
    ("KernelLearning", "example"): 2,
    ("ConvolutionStepper", "stride"): 2,
    ("ConvolutionStepper", "dilation"): 2,
    ("ConvolutionStepper", "padding"): 2,
    ("ConvolutionStepper", "filter"): 0,
    ("ConvolutionStepper", "step"): 3,
    ("DescentRace", "seed"): 7,
    ("DescentRace", "steps"): 30,
    ("DescentRace", "step"): 3,
    ("ChannelSum", "step"): 3,
    ("DigitPad", "turn"): 30,
    ("DigitPad", "scale"): 120,
    ("DigitPad", "patch"): 3,
    ("DigitPad", "layer"): 5,
    ("DigitPad", "label"): 7,
    ("DropoutViewer", "seed"): 7,
    ("DropoutViewer", "draw"): 30,
    ("DropoutViewer", "unit"): 12,
    ("FilterBrowser", "epoch"): 1,
    ("FilterBrowser", "layer"): 6,
    ("FilterBrowser", "filter"): 3,
    ("FilterBrowser", "channel"): 0,
    ("FilterBrowser", "example"): 1,
    ("FoolIt", "strength"): 20,
    ("FoolIt", "steps"): 3,
    ("FoolIt", "seed"): 7,
    ("GoBoard", "step"): 3,
    ("GoBoard", "symmetry"): 5,
    ("GoBoard", "layer"): 5,
    ("GradientFlow", "layers"): 12,
    ("GradientFlow", "width"): 64,
    ("DreamScrubber", "step"): 2,
    ("UnitBrowser", "unit"): 3,
    ("UnitBrowser", "patch"): 2,
    ("GradientFlow", "seed"): 7,
    ("GradientFlow", "layer"): 3,
    ("MistakeBrowser", "page"): 1,
    ("MistakeBrowser", "chosen"): 2,
    ("PhotoReader", "turn"): 30,
    ("PhotoReader", "brightness"): 120,
    ("PhotoReader", "patch"): 5,
    ("PoolingStepper", "size"): 3,
    ("PoolingStepper", "stride"): 1,
    ("PoolingStepper", "padding"): 1,
    ("PoolingStepper", "step"): 3,
    ("ReceptiveField", "size"): 20,
    ("SentenceScanner", "filter"): 3,
    ("SentenceScanner", "place"): 2,
    ("SentenceScanner", "rows"): 12,
    ("SentenceScanner", "width"): 3,
    ("ShiftTest", "size"): 3,
    ("SpectrogramLab", "hop"): 200,
    ("SpectrogramLab", "step"): 3,
    ("SpectrogramLab", "window"): 128,
    ("TransposedPainter", "stride"): 3,
    ("TransposedPainter", "padding"): 1,
    ("TransposedPainter", "dilation"): 2,
    ("TransposedPainter", "output_padding"): 1,
    ("TransposedPainter", "step"): 3,
    ("UpsamplingCompare", "factor"): 4,
    ("WhyMap", "strength"): 35,
    ("WhyMap", "patch"): 5,
    ("UpsamplingCompare", "kernel_size"): 5,
    ("UpsamplingCompare", "lens"): 16,
}
REAL = {("ChannelSum", "bias"): -2}
# A pair of numbers where one would do for both.
PAIR = {
    ("ConvolutionStepper", "stride"): (1, 3),
    ("ConvolutionStepper", "dilation"): (2, 1),
    ("ConvolutionStepper", "padding"): (0, 2),
}
PLACE = {
    ("KernelLab", "position"): (3, 7),
    ("ConvolutionStepper", "position"): (1, 0),
    ("ChannelSum", "position"): (1, 2),
    ("DigitPad", "shift"): (-3, 8),
    ("DigitPad", "unit"): (2, 5, 6),
    ("GoBoard", "unit"): (2, 5, 6),
    ("PhotoReader", "crop"): (3, 20, 90),
    ("PoolingStepper", "position"): (1, 0),
    ("ReceptiveField", "unit"): (2, 5, 6),
    ("ShiftTest", "shift"): (-3, 8),
    ("SpectrogramLab", "position"): (1, 0),
    ("TransposedPainter", "position"): (1, 0),
    ("UpsamplingCompare", "corner"): (10, 20),
    ("UpsamplingCompare", "position"): (10, 63),
}
WORD = {
    ("ActivationGallery", "activation"): "softsign",
    ("ActivationGallery", "compare"): "tanh",
    ("ArchitectureTable", "shown"): "multiply_adds",
    ("AugmentationSampler", "photo"): "coffee",
    ("AugmentationSampler", "crop"): "fixed size",
    ("BackpropStepper", "graph"): "two_layers",
    ("CureLab", "compared"): "dropout",
    ("CureLab", "metric"): "loss",
    ("DescentRace", "landscape"): "two_minima",
    ("DescentRace", "schedule"): "cosine",
    ("DigitPad", "network"): "quickdraw",
    ("DigitPad", "prepare"): "as drawn",
    ("DropoutViewer", "scaling"): "inference",
    ("DropoutViewer", "shown"): "products",
    ("FoolIt", "subject"): "digit 7",
    ("GoBoard", "game"): "ko",
    ("GoBoard", "stone"): "white",
    ("GoBoard", "shown"): "liberties",
    ("GradientFlow", "activation"): "relu",
    ("GradientFlow", "initialiser"): "he_normal",
    ("KernelLab", "photo"): "coffee",
    ("KernelLab", "display"): "signed",
    ("ConvolutionStepper", "mode"): "edge",
    ("ConvolutionStepper", "padding"): "same",
    ("MistakeBrowser", "order"): "as they came",
    ("PhotoReader", "photo"): "coffee",
    ("PoolingStepper", "padding"): "same",
    ("PoolingStepper", "reduce"): "global mean",
    ("PoolingStepper", "view"): "gradient",
    ("ShiftTest", "subject"): "cross",
    ("ShiftTest", "reduce"): "mean",
    ("ShiftTest", "display"): "differences",
    ("SpectrogramLab", "scale"): "hertz",
    ("SpectrogramLab", "slides"): "frequency",
    ("SpectrogramLab", "sound"): "clicks",
    ("TransposedPainter", "padding"): "same",
    ("UnitBrowser", "order"): "most selective first",
    ("UpsamplingCompare", "photo"): "camera",
    ("UpsamplingCompare", "kernel"): "tent",
    ("UpsamplingCompare", "display"): "errors",
    ("WhyMap", "photo"): "coffee",
    ("WhyMap", "method"): "saliency",
    ("WhyMap", "layer"): "filters",
}
FLAG = {
    ("AugmentationSampler", "mirror"): False,
    ("DigitPad", "errors"): True,
    ("DreamScrubber", "difference"): True,
    ("GoBoard", "averaged"): True,
    ("GoBoard", "answers"): True,
    ("GradientFlow", "normalise"): True,
    ("MistakeBrowser", "only_mistakes"): False,
    ("PhotoReader", "gray"): True,
    ("PhotoReader", "mirror"): True,
    ("PoolingStepper", "all_winners"): True,
    ("ShiftTest", "twice"): True,
    ("WhyMap", "random_weights"): True,
}
LAYERS = {("ReceptiveField", "layers"): ((5, 2, 1, 2), (3, 1, 2, 0))}
OWN = {  # of a kind of its own, tested with its explorer
    ("ActivationGallery", "x"): -2.5,
    ("ActivationGallery", "alpha"): 0.5,
    ("ActivationGallery", "negative_slope"): 0.1,
    ("ActivationGallery", "prelu_slope"): -0.5,
    ("ActivationGallery", "logits"): (1, 2, 3),
    ("ActivationGallery", "temperature"): 0.5,
    ("ArchitectureTable", "width"): 0.25,
    ("ArchitectureTable", "layers"): {"filters1": {"stride": 2}},
    ("AugmentationSampler", "least"): 0.25,
    ("AugmentationSampler", "brightness"): 0.5,
    ("AugmentationSampler", "colour"): 1,
    ("BackpropStepper", "numbers"): {"w1": 2},
    ("BackpropStepper", "learning_rate"): 0.1,
    ("CureLab", "cures"): ("dropout",),
    ("DescentRace", "start"): (1.5, -0.5),
    ("DescentRace", "learning_rate"): 0.1,
    ("DescentRace", "momentum"): 0.5,
    ("DescentRace", "noise"): 1.5,
    ("DescentRace", "goal"): 0.1,
    ("DescentRace", "racers"): ("SGD", "Adam"),
    ("DigitPad", "strokes"): (((0.1, 0.2), (0.5, 0.5)), {"erase": ((0.3, 0.3),)}),
    ("DigitPad", "covered"): (3, 20),
    ("DropoutViewer", "rate"): 0.25,
    ("FoolIt", "target"): 5,
    ("GoBoard", "moves"): ("black D4", "white pass"),
    ("KernelLearning", "noise"): 0.5,
    ("KernelLearning", "learning_rate"): 0.05,
    ("DreamScrubber", "left"): "fast",
    ("DreamScrubber", "right"): "fast",
    ("UnitBrowser", "layer"): "hidden",
    ("MistakeBrowser", "cell"): (2, 0),
    ("PhotoReader", "covered"): (3, 20),
    ("SentenceScanner", "sentence"): "not a good film",
    ("SpectrogramLab", "layer"): "pool1",
    ("WhyMap", "covered"): (3, 20),
    ("WhyMap", "label"): 2,
    ("GradientFlow", "held"): {"activation": "relu"},
}
ARRAY = {
    ("AugmentationSampler", "image"): np.arange(256**2 * 3).reshape(256, 256, 3) % 251,
    ("FoolIt", "image"): np.arange(784).reshape(28, 28) % 256,
    ("KernelLab", "image"): np.arange(20).reshape(4, 5),
    ("KernelLab", "kernel"): np.eye(3, dtype=int),
    ("KernelLearning", "secret"): np.eye(3, dtype=int),
    ("ConvolutionStepper", "image"): np.arange(20).reshape(4, 5),
    ("ConvolutionStepper", "kernel"): np.eye(2, 3, dtype=int),
    ("ChannelSum", "image"): np.arange(60).reshape(4, 5, 3),
    ("ChannelSum", "kernel"): np.arange(12).reshape(2, 2, 3),
    ("DropoutViewer", "activations"): np.arange(12),
    ("DropoutViewer", "weights"): np.arange(64),
    ("PhotoReader", "image"): np.arange(768).reshape(16, 16, 3) % 256,
    ("PoolingStepper", "image"): np.arange(20).reshape(4, 5),
    ("PoolingStepper", "incoming"): np.array([[1, 2], [3, 4]]),
    ("ShiftTest", "image"): np.arange(20).reshape(4, 5),
    ("ShiftTest", "kernel"): np.eye(3, dtype=int),
    ("SpectrogramLab", "kernel"): np.eye(2, 3, dtype=int),
    ("SpectrogramLab", "wave"): np.arange(8000) % 5 % 2,
    ("TransposedPainter", "image"): np.arange(6).reshape(2, 3),
    ("TransposedPainter", "kernel"): np.eye(2, 3, dtype=int),
    ("UpsamplingCompare", "image"): np.arange(4900).reshape(70, 70),
    ("WhyMap", "image"): np.arange(768).reshape(16, 16, 3) % 256,
}
ALL = {**WHOLE, **REAL, **PLACE, **WORD, **FLAG, **LAYERS, **OWN, **ARRAY}
ANYTHING = [
    *(0, 1, -1, 10**30, 2.0, 0.5, math.nan, math.inf, 1j, True, False, None),
    *(np.int64(1), np.uint8(200), np.float32(0.5), np.float64(2), np.True_),
    *(np.array(1), np.array(2.0), np.array(True), np.array("max"), np.array([])),
    *((1, 1), [1, 1], np.array([1, 1]), np.array([1.0, 1.0]), (1.0, 1), (True, 1)),
    *((1, 1, 1), [[1, 1]], (np.int8(1), np.array(1)), ((1,), (1,)), {1, 2}, {1: 2}),
    *(np.eye(3), np.eye(3, dtype=bool), np.eye(3) * np.nan, np.ones((3, 3, 3))),
    *([[3, 1]], np.array([[3, 1, 1]]), [[1, 2], [3]], [["a"]], [None], iter([1, 1])),
    *("", "max", "valid", "own", "2", b"max", object(), len, np.timedelta64(1)),
]


def named(table):
    return [pytest.param(*key, value, id=".".join(key)) for key, value in table.items()]


# What those are given that show something of the learner's own.
DIGITS = exported.shipped("mnist")
GIVEN = {
    "CureLab": (stored(), CURES_OF),
    "DreamScrubber": (
        {
            name: [np.full((8, 8, 3), 9 * k) for k in range(6)]
            for name in ("slow", "fast")
        },
    ),
    "FilterBrowser": (
        DIGITS,
        np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28),
        [DIGITS] * 3,
    ),
    "GoBoard": (go_networks.small(),),
    "MistakeBrowser": (
        np.arange(192, dtype=np.uint8).reshape(3, 8, 8),
        [0, 1, 2],
        [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.75, 0.25, 0]],
    ),
    "PhotoReader": (photo_networks.small(),),
    "SentenceScanner": ("A warm, funny film", sentence_networks.small()),
    "UnitBrowser": (unit_portraits.small(),),
    "WhyMap": (photo_networks.small(),),
}


def maker(name):
    """What makes an explorer from its settings alone."""
    return functools.partial(getattr(widgets, name), *GIVEN.get(name, ()))


def made(name):
    """An explorer in which there is something to choose."""
    if name == "ConvolutionStepper":
        return widgets.ConvolutionStepper("binary", padding=1)
    return maker(name)()


def state(explorer):
    return {
        name: value
        for name, value in explorer.get_state().items()
        if not name.startswith("_")
    }


DRAWN = set()  # what was drawn already, by its line


def assert_all_works(explorer, came):
    """Describe, compute and draw; a state that was drawn before is not drawn again."""
    json.dumps(state(explorer), default=lambda part: len(memoryview(part)))
    described = explorer.describe()
    assert described.startswith(type(explorer).__name__), came
    if described in DRAWN:
        return
    DRAWN.add(described)
    for name in ("result", "results", "maps", "pixels"):
        result = getattr(explorer, name, None)
        for array in result.values() if isinstance(result, dict) else [result]:
            assert array is None or np.isfinite(array).all(), came
    assert explorer.picture().axes, came


def test_the_table_has_every_trait():
    ours = {
        (name, trait)
        for name in widgets.__all__
        for trait in getattr(widgets, name).class_trait_names(sync=True)
        if not trait.startswith("_")
        and trait not in ipywidgets.DOMWidget.class_trait_names()
    }
    assert set(ALL) == ours


@pytest.mark.parametrize("name", widgets.__all__)
def test_anything_is_taken_or_refused_with_a_sentence(name):
    explorer = made(name)
    for trait in (trait for owner, trait in ALL if owner == name):
        for came in ANYTHING:
            before = state(explorer)
            try:
                setattr(explorer, trait, came)
            except TraitError as error:
                said = str(error)
                assert said.endswith("."), (trait, came, said)
                assert "trait of" not in said, (trait, came, said)  # traitlets' own
                assert len(said) < 500, (trait, came, said)
                assert state(explorer) == before, (trait, came)
            else:
                assert_all_works(explorer, (trait, came))
                explorer.close()
                explorer = made(name)
    explorer.close()


def same_by_constructor(name, trait, value):
    """The trait of an explorer that is made with the value, where it is an argument."""
    explorer = getattr(widgets, name)
    if trait not in inspect.signature(explorer).parameters:
        return None
    made_with_it = maker(name)(**{trait: value})
    found = getattr(made_with_it, trait)
    made_with_it.close()
    return found


def assert_taken(name, trait, value, wanted):
    explorer = made(name)
    setattr(explorer, trait, value)
    found = getattr(explorer, trait)
    assert found == wanted
    assert type(found) is type(wanted)
    assert_all_works(explorer, value)
    assert same_by_constructor(name, trait, value) in (None, wanted)
    explorer.close()


def assert_refused(name, trait, value, said):
    explorer = made(name)
    before = state(explorer)
    with pytest.raises(TraitError, match=said) as refusal:
        setattr(explorer, trait, value)
    assert str(refusal.value).startswith(trait)
    assert state(explorer) == before
    explorer.close()
    arrays_too = {"photo", "sound"}
    arguments = set(inspect.signature(type(explorer)).parameters) - arrays_too
    if trait in arguments and value is not None:
        with pytest.raises(TraitError, match=said):
            maker(name)(**{trait: value})


@pytest.mark.parametrize(("name", "trait", "number"), named(WHOLE))
def test_whole_numbers(name, trait, number):
    for same in (number, np.int64(number), np.uint8(number), np.array(number)):
        assert_taken(name, trait, same, number)
    floats = (float(number), np.float32(number), np.array(float(number)), math.nan)
    for other in (*floats, True, np.True_, str(number), [number]):
        assert_refused(name, trait, other, "Give (a whole number|.* or )")


@pytest.mark.parametrize(("name", "trait", "number"), named(REAL))
def test_real_numbers(name, trait, number):
    exact = (np.float32, np.float64, np.int64, np.int8, np.array)
    for same in (number, float(number), *(kind(number) for kind in exact)):
        assert_taken(name, trait, same, float(number))
    for other in (math.nan, math.inf, True, str(number), [number], None, 1j):
        assert_refused(name, trait, other, "Give a number up to 1,000,000")


@pytest.mark.parametrize(("name", "trait", "place"), named(PLACE))
def test_places(name, trait, place):
    numpys = tuple(np.int64(n) for n in place)
    for same in (place, list(place), np.array(place), numpys, [*map(np.array, place)]):
        assert_taken(name, trait, same, place)
    floats = (np.array(place, float), [float(n) for n in place])
    others = (
        place[:-1],
        (*place, 0),
        place[0],
        None,
        "12",
        [place],
        (*place[:-1], True),
    )
    for other in (*floats, *others):
        assert_refused(name, trait, other, r"Give (two|three) whole numbers \(\w+, \w+")


@pytest.mark.parametrize(("name", "trait", "pair"), named(PAIR))
def test_pairs(name, trait, pair):
    numpys = tuple(np.int64(n) for n in pair)
    for same in (pair, list(pair), np.array(pair), numpys, [*map(np.array, pair)]):
        assert_taken(name, trait, same, pair)
    floats = (np.array(pair, float), [float(n) for n in pair])
    others = (pair[:1], (*pair, 1), "12", (pair[0], True), (pair[0], 7), (pair[0], -1))
    for other in (*floats, *others, (), [[[1, 1], [1, 1]], [[1, 1], [1, 1]]]):
        assert_refused(name, trait, other, "Give .*(rows, col|bottom)")


def test_padding_of_each_side():
    sides = ((0, 1), (6, 0))
    for same in (sides, [[0, 1], [6, 0]], np.array(sides), ([0, 1], np.array([6, 0]))):
        assert_taken("ConvolutionStepper", "padding", same, sides)
    assert_taken("ConvolutionStepper", "padding", np.str_("causal"), "causal")
    for other in (((0, 1), (7, 0)), ((0, 1), 6), ((0, 1), (6, 0.0)), (sides, sides)):
        assert_refused("ConvolutionStepper", "padding", other, "top, bottom")
    assert_refused("PoolingStepper", "padding", "causal", "same")
    assert_refused("PoolingStepper", "padding", (1, 1), "same")


# Where an explorer begins is told when it is made: a trait, a value, another refused.
BEGINNINGS = [
    ("KernelLab", "position", (3, 7), (300, 0)),
    ("ConvolutionStepper", "position", (1, 0), (2, 0)),
    ("ConvolutionStepper", "step", 3, 5),
    ("ChannelSum", "position", (1, 2), (1, 3)),
    ("ChannelSum", "step", 3, 10),
    ("PoolingStepper", "position", (1, 0), (2, 0)),
    ("PoolingStepper", "step", 3, 5),
    ("PoolingStepper", "all_winners", True, 1),
    ("ReceptiveField", "unit", (1, 4, 5), (1, 14, 0)),
    ("SpectrogramLab", "position", (1, 0), (38, 0)),
    ("SpectrogramLab", "step", 3, 1787),
    ("TransposedPainter", "position", (1, 0), (2, 0)),
    ("TransposedPainter", "step", 3, 5),
    ("ShiftTest", "display", "differences", "signed"),
    ("UpsamplingCompare", "position", (10, 63), (10, 64)),
    ("UpsamplingCompare", "lens", 16, 5),
    ("UpsamplingCompare", "display", "errors", "signed"),
]


@pytest.mark.parametrize(("name", "trait", "value", "wrong"), BEGINNINGS)
def test_beginnings(name, trait, value, wrong):
    make = getattr(widgets, name)
    explorer = make(**{trait: value})
    assert getattr(explorer, trait) == value
    explorer.close()
    with pytest.raises(TraitError, match=trait):
        make(**{trait: wrong})


@pytest.mark.parametrize(("name", "trait", "word"), named(WORD))
def test_words(name, trait, word):
    for same in (word, np.str_(word)):
        assert_taken(name, trait, same, word)
    for other in (f"{word}x", b"max", np.array(word), [word], None, math.nan):
        assert_refused(name, trait, other, "(Give|choose) .*(or|from)")
    if trait != "padding":
        assert_refused(name, trait, f"{word}x", f'Did you mean "{word}"')


@pytest.mark.parametrize(("name", "trait", "flag"), named(FLAG))
def test_flags(name, trait, flag):
    for same in (flag, np.bool_(flag), np.array(flag)):
        assert_taken(name, trait, same, flag)
    for other in (1, 1.0, "True", None, [True], np.array([True, False])):
        assert_refused(name, trait, other, "Give True or False")


def test_layers():
    layers = LAYERS["ReceptiveField", "layers"]
    for same in (
        layers,
        [list(layer) for layer in layers],
        np.array(layers),
        iter(layers),
    ):
        stack = widgets.ReceptiveField(same)
        assert stack.layers == layers
        assert {type(n) for layer in stack.layers for n in layer} == {int}
    for other in (np.array(layers, float), np.array(3), [[3.0, 1]], [[True, 1]]):
        assert_refused("ReceptiveField", "layers", other, "layers")


@pytest.mark.parametrize(("name", "trait", "array"), named(ARRAY))
def test_arrays(name, trait, array):
    for kind in (np.int64, np.float32, np.uint8, np.float64):
        explorer = made(name)
        setattr(explorer, trait, array.astype(kind))
        found = getattr(explorer, trait)
        np.testing.assert_array_equal(found, array.astype(kind))
        assert type(found) is np.ndarray
        assert found.dtype in (np.uint8, np.float64)
        assert_all_works(explorer, kind)
        explorer.close()


@pytest.mark.parametrize(("name", "trait", "array"), named(ARRAY))
def test_a_learners_array_is_copied(name, trait, array):
    """Whoever writes into it afterwards changes nothing on the screen."""
    for kind in (np.uint8, np.float64):
        mine = array.astype(kind)
        read_only = mine.view()
        read_only.flags.writeable = False
        for given in (mine, read_only):
            explorer = made(name)
            setattr(explorer, trait, given)
            mine[:] = 7
            np.testing.assert_array_equal(getattr(explorer, trait), array.astype(kind))
            with pytest.raises(ValueError, match="read-only"):
                getattr(explorer, trait)[:] = 7
            mine[:] = array
            explorer.close()


def test_ones_that_are_filled_in_are_read_only_too():
    stepper = widgets.PoolingStepper()
    stepper.incoming = None
    with pytest.raises(ValueError, match="read-only"):
        stepper.incoming[0, 0] = 5


# ---- what traitlets does with arrays ----


@pytest.fixture
def pair(name):
    explorers = made(name), made(name)
    yield explorers
    for explorer in explorers:
        explorer.close()


def flipped(array):
    """Another array of the same shape."""
    return np.flip(array).copy()


@pytest.mark.parametrize(("name", "trait", "array"), named(ARRAY))
def test_linked_arrays_follow_each_other(pair, trait, array):
    """traitlets asks whether two values differ; of arrays there are many answers."""
    first, second = pair
    first_of_all = flipped(array)
    setattr(first, trait, first_of_all)
    link = traitlets.link((first, trait), (second, trait))
    np.testing.assert_array_equal(getattr(second, trait), first_of_all)
    setattr(first, trait, array)
    np.testing.assert_array_equal(getattr(second, trait), array)
    setattr(second, trait, first_of_all)
    np.testing.assert_array_equal(getattr(first, trait), first_of_all)
    link.unlink()
    setattr(second, trait, array)
    np.testing.assert_array_equal(getattr(first, trait), first_of_all)


@pytest.mark.parametrize(("name", "trait", "array"), named(ARRAY))
def test_arrays_are_passed_on_in_one_direction(pair, trait, array):
    class Plain(traitlets.HasTraits):
        value = traitlets.Any()

    (first, second), plain = pair, Plain()
    traitlets.dlink((first, trait), (second, trait))
    traitlets.dlink((first, trait), (plain, "value"))
    for value in (array, flipped(array), array):
        setattr(first, trait, value)
        np.testing.assert_array_equal(getattr(second, trait), value)
        np.testing.assert_array_equal(plain.value, value)


@pytest.mark.parametrize(("name", "trait", "array"), named(ARRAY))
def test_observers_are_told_of_arrays(pair, trait, array):
    first, told = pair[0], []
    first.observe(told.append, trait)
    before = getattr(first, trait)
    with first.hold_trait_notifications():
        setattr(first, trait, flipped(array))
        setattr(first, trait, array)
    assert len(told) == 1  # both at once
    np.testing.assert_array_equal(told[0].old, before)
    np.testing.assert_array_equal(told[0].new, array)
    assert repr(told[0].new) == repr(np.asarray(getattr(first, trait)))
    setattr(first, trait, array.tolist())
    assert len(told) == 1  # the same numbers are no change


def test_what_observers_are_told_is_an_array_like_any_other():
    lab, told = widgets.KernelLab("camera"), []
    lab.observe(told.append, "kernel")
    lab.kernel = "sharpen"
    new = told[0].new
    assert (new != 0).sum() == 5
    assert (new == lab.kernel).all()
    assert bool(new != lab.kernel) is False
    assert bool(lab.kernel != told[0].old) is True
    assert bool(new != np.ones((7, 7))) is True  # shapes that do not go together
    lab.close()


def test_a_change_that_is_refused_in_the_end_is_taken_back():
    stepper = made("ConvolutionStepper")
    before = state(stepper)

    def too_large_in_the_end():
        with stepper.hold_trait_notifications():
            stepper.image = np.ones((3, 3))
            stepper.padding = "valid"
            stepper.kernel = np.ones((5, 5))

    with pytest.raises(TraitError, match="smaller"):
        too_large_in_the_end()
    assert state(stepper) == before


def test_traitlets_keeps_values_where_array_traits_look_for_them():
    """`Array.set` looks into traitlets: is this what broke?"""

    class Holder(traitlets.HasTraits):
        plain = traitlets.Int()
        array = traits.Array(np.array, [0])

    holder, told = Holder(plain=3, array=[1, 2]), []
    hint = (
        "traitlets has changed inside: see Array.set in helpers/widgets/parts/traits.py"
    )
    assert holder._trait_values["plain"] == 3, hint
    assert holder._trait_values["array"].tolist() == [1, 2], hint
    assert Holder.plain._validate(holder, 4) == 4, hint
    holder.observe(told.append, "plain")
    holder._notify_trait("plain", 3, 5)
    assert [(change.old, change.new) for change in told] == [(3, 5)], hint
    # ... and this is why: traitlets' own set compares so.
    with pytest.raises(ValueError, match="ambiguous"):
        bool(np.ones(2) == np.ones(2))
