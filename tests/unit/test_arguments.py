"""What is a number, a pair, a word, an array; how the rest is refused."""

import warnings
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from helpers import _arguments, images, kernels, ops


class Level(IntEnum):
    TWO = 2


class Whole(int):
    """A subclass, as others may hand it in."""


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("I have no words")

    __str__ = __repr__


class Endless:
    def __repr__(self):
        return "no end\n" * 10**6


class NotAnArray:
    def __array__(self, *_, **__):
        raise KeyError("nothing in here")


WHOLE = [
    2,
    np.int8(2),
    np.uint64(2),
    np.array(2),
    np.array(2, object),
    Whole(2),
    Level.TWO,
]
REAL = [*WHOLE, 2.0, np.float16(2), np.float32(2), np.longdouble(2), np.array(2.0)]
REAL += [Fraction(2)]
NO_NUMBER = [
    None,
    True,
    np.True_,
    np.array(True),
    "2",
    b"2",
    np.str_("2"),
    2 + 0j,
    Decimal(2),
    [],
    {2},
    object(),
    np.timedelta64(2, "s"),
    np.datetime64("2002"),
    np.ma.masked,
    Unspeakable(),
    Endless(),
    NotAnArray(),
    "long" * 10**6,
    [2] * 10**6,
    b"long" * 10**6,
]
NOT_FINITE = [np.nan, np.inf, -np.inf, np.float32("nan"), 10**400, Fraction(-(10**400))]


def number(values):
    """Number the cases: a repr may be endless, or an address."""
    return [f"{i}-{type(value).__name__}" for i, value in enumerate(values)]


def cases(values):
    return pytest.mark.parametrize("value", values, ids=number(values))


def is_a_short_sentence(error, name):
    text = str(error.value)
    assert text.startswith(f"{name}: got ")
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 250
    return text


# -- numbers ---------------------------------------------------------------------------


@cases(WHOLE)
def test_whole_numbers(value):
    assert _arguments.is_whole(value)
    assert _arguments.whole(value, "n") == 2
    assert type(_arguments.whole(value, "n")) is int
    assert _arguments.pair(value, "n") == (2, 2)
    assert _arguments.pair([value, 3], "n") == (2, 3)


@cases([*NO_NUMBER, *NOT_FINITE[:4], 2.0, np.float64(2), Fraction(2), np.array([2])])
def test_no_whole_numbers(value):
    assert not _arguments.is_whole(value)
    with pytest.raises(ValueError, match="Give a whole number of at least 1") as error:
        _arguments.whole(value, "n")
    is_a_short_sentence(error, "n")
    with pytest.raises(ValueError, match=r", or a pair \(rows, cols\)") as error:
        _arguments.pair((1, value), "n")
    is_a_short_sentence(error, "n")


@cases([0, -1, 9, 10**5000, -(10**5000)])
def test_whole_numbers_keep_to_their_limits(value):
    with pytest.raises(ValueError, match="Give a whole number from 1 to 8") as error:
        _arguments.whole(value, "n", 1, 8)
    is_a_short_sentence(error, "n")
    with pytest.raises(ValueError, match="Give a whole number from 1 to 8") as error:
        _arguments.pair((value, 2), "n", 1, 8)
    is_a_short_sentence(error, "n")


def test_limits_are_allowed_and_written_in_full():
    assert _arguments.whole(1, "n", 1, 1234567) == 1
    assert _arguments.whole(1234567, "n", 1234567) == 1234567
    with pytest.raises(ValueError, match="from 1000000 to 1234567"):
        _arguments.whole(0, "n", 1_000_000, 1234567)
    with pytest.raises(ValueError, match=r"n: got -1. Give a number from 0.5 to 2."):
        _arguments.real(-1, "n", 0.5, 2)
    with pytest.raises(ValueError, match=r"Give a number above 0 and up to 1\."):
        _arguments.real(0, "n", most=1, above=0)
    with pytest.raises(ValueError, match=r"Give a number up to 1\."):
        _arguments.real(2, "n", most=1)
    with pytest.raises(ValueError, match=r"Give a number of at least 1\."):
        _arguments.real(0, "n", 1, above=0)


@pytest.mark.parametrize(
    "value", [(2, 3), [2, 3], np.array([2, 3], np.uint8), (np.array(2), np.int64(3))]
)
def test_pairs(value):
    pair = _arguments.pair(value, "n")
    assert pair == (2, 3)
    assert [type(n) for n in pair] == [int, int]


@cases(
    [(), (1,), (1, 2, 3), (1, (2, 3)), np.ones((2, 2), int), np.array([1.0, 2]), "12"]
)
def test_no_pairs(value):
    with pytest.raises(ValueError, match="or a pair") as error:
        _arguments.pair(value, "n")
    is_a_short_sentence(error, "n")


@cases(REAL)
def test_real_numbers(value):
    assert _arguments.real(value, "n") == 2
    assert type(_arguments.real(value, "n")) is float


@cases([*NO_NUMBER, np.array([2.0]), [2.0]])
def test_no_real_numbers(value):
    with pytest.raises(ValueError, match=r"Give a number above 0\.$") as error:
        _arguments.real(value, "n", above=0)
    is_a_short_sentence(error, "n")


@cases(NOT_FINITE)
def test_real_numbers_are_finite(value):
    with pytest.raises(ValueError, match=r"Give a finite number\.$") as error:
        _arguments.real(value, "n")
    is_a_short_sentence(error, "n")


# -- words -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["max", np.str_("max")])
def test_words(value):
    word = _arguments.word(value, "reduce", ("max", "mean"))
    assert word == "max"
    assert type(word) is str


@cases([*NO_NUMBER, 2, "MAX", " max", ["max"], np.array("max"), np.array(["max"])])
def test_no_words(value):
    with pytest.raises(ValueError, match=r'Give "max" or "mean"\.$') as error:
        _arguments.word(value, "reduce", ("max", "mean"))
    is_a_short_sentence(error, "reduce")


def test_the_word_that_may_have_been_meant():
    said = r"^mode: got 'Vallid'\. Did you mean \"valid\"\? Give \"valid\", \"same\" or"
    with pytest.raises(ValueError, match=said):
        _arguments.word("Vallid", "mode", ("valid", "same", "full"))
    with pytest.raises(ValueError, match=r'got 3\. Give "one"; or none\.$'):
        _arguments.word(3, "mode", ["one"], "or none")
    assert _arguments.closest("gaussian", ["Gaussian", "Box"]) == "Gaussian"
    assert _arguments.closest("kitten", {"Gaussian": 1}) is None
    assert _arguments.closest(3, ["3"]) is None
    assert _arguments.closest("3", ["digit 3", "digit 4"]) == "digit 3"
    assert _arguments.closest("Digit", ["digit 3", "digit 4"]) != "digit"
    assert _arguments.closest("a", ["a b", "a c"]) is None  # either may be meant
    assert _arguments.closest("", ["a b"]) is None


# -- arrays ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float64"])
def test_arrays_keep_their_type(dtype):
    given = np.array([[1, 0]], dtype)
    assert _arguments.array(given, "x").dtype == dtype
    assert _arguments.array(given.tolist(), "x").tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([[1, 2], [3]], "rows of different lengths. Give rows of equal length"),
        ([], r"an empty array of shape \(0,\). Give at least one number"),
        ([[1j]], "type complex128. Give real numbers"),
        (["a"], "type <U1. Give real numbers"),
        ("a", "'a'. Give real numbers"),
        (None, "None. Give real numbers"),
        ([None], "type object. Give real numbers"),
        ([10**400], "type object. Give real numbers"),
        ([Decimal(1)], "type object. Give real numbers"),
        (np.zeros(2, "M8[s]"), r"type datetime64\[s\]. Give real numbers"),
        (Unspeakable(), "type object. Give real numbers"),
        (NotAnArray(), "a NotAnArray, which does not become an array. Give real"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_no_arrays(value, said):
    with pytest.raises(ValueError, match=f"^x: got .*{said}") as error:
        _arguments.array(value, "x")
    is_a_short_sentence(error, "x")


def test_arrays_may_have_to_be_finite():
    assert np.isnan(_arguments.array([np.nan], "x")).all()
    for value in ([np.nan], [np.inf]):
        with pytest.raises(ValueError, match="not finite"):
            _arguments.array(value, "x", finite=True)
    assert _arguments.array([True], "x", finite=True).all()


# -- what came -------------------------------------------------------------------------


@cases(NO_NUMBER)
def test_what_came_is_shown_on_one_short_line(value):
    shown = _arguments.shown(value)
    assert 0 < len(shown) <= 80
    assert "\n" not in shown


def test_what_came_is_shown_as_it_was_written():
    for value in (3, -2.5, "a  b", (1, (2, 3)), [None], ((1, 2), (3, 4), (5, 6))):
        assert _arguments.shown(value) == repr(value)
    assert _arguments.shown(np.eye(2)) == "array([[1., 0.], [0., 1.]])"
    assert "Unspeakable" in _arguments.shown(Unspeakable())
    assert "Unspeakable" in _arguments.shown([Unspeakable()])


# -- whatever comes --------------------------------------------------------------------

STRANGE = [
    *NO_NUMBER,
    *NOT_FINITE,
    -1,
    2.0,
    "",
    "\0",
    "\ud800",
    (),
    {},
    [[1], [1, 2]],
    [Unspeakable()],
    [10**400],
    np.zeros((0, 3)),
    np.zeros(3),
    np.zeros((2, 2, 4)),
    np.zeros(2, [("a", int)]),
    np.array(None),
    np.array("max"),
    range(3),
    iter([1]),
    Path("no such file"),
    type,
    ...,
]
PHOTO = np.arange(256, dtype=np.uint8).reshape(16, 16)
ONE = np.ones((1, 1))
TAKERS = {
    "photo": images.photo,
    "photo, size": lambda value: images.photo("camera", size=value),
    "credit": images.credit,
    "digit": images.digit,
    "digit, index": lambda value: images.digit(1, index=value),
    "digit, size": lambda value: images.digit(1, size=value),
    "gray": images.gray,
    "quantise": lambda value: images.quantise(value, 2),
    "quantise, levels": lambda value: images.quantise(PHOTO, value),
    "add_noise": lambda value: images.add_noise(value, 1),
    "add_noise, sigma": lambda value: images.add_noise(PHOTO, value),
    "add_noise, seed": lambda value: images.add_noise(PHOTO, 1, seed=value),
    "load": images.load,
    "load, upload": lambda value: images.load({"name": value, "content": value}),
    "load, size": lambda value: images.load(images.to_png(PHOTO), size=value),
    "to_png": images.to_png,
    "named": kernels.named,
    "describe": kernels.describe,
    "box": kernels.box,
    "gaussian": kernels.gaussian,
    "gaussian, sigma": lambda value: kernels.gaussian(3, value),
    "normalise": kernels.normalise,
    "flip": kernels.flip,
    "conv2d": lambda value: ops.conv2d(value, ONE),
    "conv2d, kernel": lambda value: ops.conv2d(PHOTO, value),
    "conv2d, stride": lambda value: ops.conv2d(PHOTO, ONE, stride=value),
    "conv2d, dilation": lambda value: ops.conv2d(PHOTO, ONE, dilation=value),
    "conv2d, padding": lambda value: ops.conv2d(PHOTO, ONE, padding=value),
    "conv2d, mode": lambda value: ops.conv2d(PHOTO, ONE, mode=value),
    "conv2d, bias": lambda value: ops.conv2d(PHOTO, ONE, bias=value),
    "conv_transpose2d, kernel": lambda value: ops.conv_transpose2d(PHOTO, value),
    "conv_transpose2d, output_padding": lambda value: ops.conv_transpose2d(
        PHOTO, ONE, stride=2, output_padding=value
    ),
    "conv_transpose2d, dilation": lambda value: ops.conv_transpose2d(
        PHOTO, ONE, dilation=value
    ),
    "pool2d, size": lambda value: ops.pool2d(PHOTO, value),
    "pool2d, reduce": lambda value: ops.pool2d(PHOTO, reduce=value),
    "pool2d_gradient": lambda value: ops.pool2d_gradient(PHOTO, value),
    "unpool2d, indices": lambda value: ops.unpool2d(ONE, value, (1, 1)),
    "unpool2d, shape": lambda value: ops.unpool2d(ONE, [[0]], value),
    "upsample2d, factor": lambda value: ops.upsample2d(PHOTO, value),
    "upsample2d, method": lambda value: ops.upsample2d(PHOTO, method=value),
    "upsample2d, align_corners": lambda value: ops.upsample2d(
        PHOTO, method="bilinear", align_corners=value
    ),
    "pad2d": lambda value: ops.pad2d(PHOTO, value),
    "output_size": lambda value: ops.output_size(value, 1),
    "output_size, output_padding": lambda value: ops.output_size(
        5, 3, stride=2, transpose=True, output_padding=value
    ),
    "same_padding": lambda value: ops.same_padding(5, value),
    "receptive_field": ops.receptive_field,
    "receptive_field, layer": lambda value: ops.receptive_field([value]),
    "unit_grids": lambda value: ops.unit_grids(value, 9),
    "unit_grids, layer": lambda value: ops.unit_grids([value], 9),
    "unit_grids, n": lambda value: ops.unit_grids([(1, 1)], value),
    "unit_grids, padding": lambda value: ops.unit_grids([(1, 1, 1, value)], 9),
    "path_counts, index": lambda value: ops.path_counts([(3, 1)], 9, value),
    "path_shares": lambda value: ops.path_shares(value, 9, (0, 0)),
    "path_shares, unit": lambda value: ops.path_shares([(3, 1)], 9, value),
    "softmax, axis": lambda value: ops.softmax([1, 2], value),
    "elu, alpha": lambda value: ops.elu([-1, 0, 1], value),
    "leaky_relu, slope": lambda value: ops.leaky_relu([-1, 0, 1], value),
}


@pytest.mark.parametrize("name", TAKERS)
def test_whatever_comes_is_taken_or_refused_in_a_sentence(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = 0
    for value in STRANGE:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                TAKERS[name](value)
            except (ValueError, FileNotFoundError) as error:
                text = str(error)
                refused += 1
                assert len(text) < 350, text
                assert text.endswith("."), text
                assert ": got " in text or "load" in name, text
    assert refused > len(STRANGE) / 2
