"""Reads what a function is given: a number, a pair, one of several words, an array.

Everywhere in the course the same things are numbers. A whole number is an `int` or one
of NumPy's integers; 2.0 is none, nor is True. A real number is any of these, a `float`,
a `Fraction` or one of NumPy's; text and `Decimal` are none. An array without axes is
the number in it. What cannot be taken raises `ValueError` with a short sentence that
names the argument, what came, and what would do.
"""

import difflib
import math
import numbers
import re
import reprlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# What Python and NumPy count among the numbers, and the course does not.
_NO_NUMBERS = (bool, np.bool_, np.timedelta64)

# Pillow's modes whose numbers are brightnesses: of gray, or of red, green and blue.
_BRIGHTNESSES = ("1", "L", "I", "F", "RGB")

_LONGEST = 80  # characters of what came, in a sentence
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = _LONGEST


def refusal(name: str, came: object, need: str) -> ValueError:
    """Return the error that names the argument, what came, and what would do.

    Examples
    --------
    >>> refusal("stride", 0, "Give a whole number of at least 1")
    ValueError('stride: got 0. Give a whole number of at least 1.')
    """
    return ValueError(f"{name}: got {came}. {need}.")


def shown(value: object) -> str:
    """Return what came as a few words on one line, whatever it is.

    As `repr` writes it, cut off where it is long.

    Examples
    --------
    >>> shown((1, "same"))
    "(1, 'same')"
    >>> shown([0] * 1000)
    '[0, 0, 0, 0, 0, 0, ...]'
    """
    try:
        text = re.sub(r"\s*\n\s*", " ", _SHORT.repr(value))
    except Exception:  # a repr of somebody's own may raise anything
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def is_whole(value: object) -> bool:
    """Say whether a value is a whole number.

    Examples
    --------
    >>> is_whole(2), is_whole(np.int64(2)), is_whole(np.array(2))
    (True, True, True)
    >>> is_whole(2.0), is_whole(True), is_whole("2")
    (False, False, False)
    """
    value = _scalar(value)
    return isinstance(value, numbers.Integral) and not isinstance(value, _NO_NUMBERS)


def is_sequence(value: object) -> bool:
    """Say whether a value is a list, a tuple or an array with at least one axis."""
    array = isinstance(value, np.ndarray) and value.ndim > 0
    return array or isinstance(value, tuple | list)


def whole(value: Any, name: str, least: int = 1, most: int | None = None) -> int:
    """Return a whole number inside its limits.

    Parameters
    ----------
    value
        What came.
    name
        Of the argument, for the sentence.
    least, most
        The limits, both included; None for no upper one.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> whole(np.int64(3), "size")
    3
    >>> whole(2.0, "size", 1, 8)
    Traceback (most recent call last):
    ValueError: size: got 2.0. Give a whole number from 1 to 8.
    """
    if not is_whole(value) or not _inside(value, least, most):
        raise refusal(name, shown(value), f"Give a whole number {_limits(least, most)}")
    return int(value)


def pair(
    value: Any, name: str, least: int = 1, most: int | None = None
) -> tuple[int, int]:
    """Return (rows, cols) from a whole number, which stands for both, or from two.

    Parameters
    ----------
    value
        What came: a number, a tuple, a list or an array of two.
    name, least, most
        As in `whole`.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> pair(2, "stride"), pair(np.array([1, 3]), "stride")
    ((2, 2), (1, 3))
    >>> pair((1, 0), "stride")
    Traceback (most recent call last):
    ValueError: stride: got (1, 0). Give a whole number of at least 1, or a pair \
(rows, cols).
    """
    two = tuple(value) if is_sequence(value) else (value, value)
    if len(two) != 2 or not all(is_whole(n) and _inside(n, least, most) for n in two):
        need = f"Give a whole number {_limits(least, most)}, or a pair (rows, cols)"
        raise refusal(name, shown(value), need)
    return int(two[0]), int(two[1])


def real(
    value: Any,
    name: str,
    least: float = -math.inf,
    most: float = math.inf,
    *,
    above: float = -math.inf,
) -> float:
    """Return a real, finite number inside its limits.

    Parameters
    ----------
    value
        What came: NumPy's numbers and arrays without axes are taken too, text is not.
    name
        Of the argument, for the sentence.
    least, most
        The limits, both included.
    above
        A lower limit that is not included.

    Raises
    ------
    ValueError
        For anything else, NaN and infinity among it.

    Examples
    --------
    >>> real(np.float32(0.5), "bias")
    0.5
    >>> real(-1, "sigma", 0)
    Traceback (most recent call last):
    ValueError: sigma: got -1. Give a number of at least 0.
    """
    number, kind = _scalar(value), "number"
    if isinstance(number, numbers.Real) and not isinstance(number, _NO_NUMBERS):
        number = _float(number)
        if not math.isfinite(number):
            kind = "finite number"
        elif least <= number <= most and number > above:
            return number
    need = f"Give a {kind} {_limits(least, most, above)}".rstrip()
    raise refusal(name, shown(value), need)


def flag(value: Any, name: str) -> bool:
    """Return a checked True or False, NumPy's too.

    Examples
    --------
    >>> flag(np.True_, "signed")
    True
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise refusal(name, shown(value), "Give True or False")


def word(value: Any, name: str, words: Iterable[str], otherwise: str = "") -> str:
    """Return one of several words.

    Parameters
    ----------
    value
        What came.
    name
        Of the argument, for the sentence.
    words
        Those there are.
    otherwise
        What else would do, for the end of the sentence.

    Raises
    ------
    ValueError
        For anything else, with the words and the one that may have been meant.

    Examples
    --------
    >>> word("max", "reduce", ("max", "mean"))
    'max'
    >>> word("maen", "reduce", ("max", "mean"))
    Traceback (most recent call last):
    ValueError: reduce: got 'maen'. Did you mean "mean"? Give "max" or "mean".
    """
    words = list(words)
    if isinstance(value, str) and value in words:
        return words[words.index(value)]  # a plain one also for NumPy's
    *others, last = [f'"{word}"' for word in words]
    listed = f"{', '.join(others)} or {last}" if others else last
    close = closest(value, words)
    guess = f'Did you mean "{close}"? ' if close else ""
    also = f"; {otherwise}" if otherwise else ""
    raise refusal(name, shown(value), f"{guess}Give {listed}{also}")


def closest(value: object, words: Iterable[str]) -> str | None:
    """Return the word that may have been meant, or None where none is close.

    Capital letters or small ones make no difference; one part of its name is enough
    where no other word has it.

    Examples
    --------
    >>> closest("Sharpenn", ["blur", "sharpen"])
    'sharpen'
    >>> closest("3", ["digit 3", "digit 4"])
    'digit 3'
    >>> closest("kitten", ["blur", "sharpen"])
    """
    if not isinstance(value, str):
        return None
    lowered = {word.lower(): word for word in words}
    wanted = value[:_LONGEST].lower()
    close = difflib.get_close_matches(wanted, lowered, n=1)
    having = [word for word in lowered if wanted in word.split()]
    found = close or (having if len(having) == 1 else [])
    return lowered[found[0]] if found else None


def array(value: ArrayLike, name: str, *, finite: bool = False) -> NDArray[Any]:
    """Return what came as an array of real numbers, of the type that they have.

    Parameters
    ----------
    value
        A number, an array, or lists of equal length; booleans are taken for 0 and 1.
    name
        Of the argument, for the sentence.
    finite
        True to refuse NaN and infinity.

    Raises
    ------
    ValueError
        For rows of different lengths, for text, complex numbers or other things, for an
        array without numbers; for a picture of Pillow's whose numbers are no
        brightnesses but places in a palette, say, or inks.

    Examples
    --------
    >>> array([[1, 2], [3, 4]], "x")
    array([[1, 2],
           [3, 4]])
    >>> array([[1, 2], [3]], "x")
    Traceback (most recent call last):
    ValueError: x: got rows of different lengths. Give rows of equal length.
    """
    if type(value).__module__.startswith("PIL."):
        mode = str(getattr(value, "mode", None)).partition(";")[0]
        if mode not in _BRIGHTNESSES:
            need = 'Give the picture as numpy.asarray(picture.convert("RGB"))'
            raise refusal(name, f"a Pillow picture of mode {mode}", need)
    try:
        numbers = np.asarray(value)
    except Exception:  # an object's own way to become an array may raise anything
        came = "rows of different lengths"
        need = "Give rows of equal length"
        if not is_sequence(value):
            came = f"a {type(value).__name__}, which does not become an array"
            need = "Give real numbers, in an array or in lists of equal length"
        raise refusal(name, came, need) from None
    if numbers.dtype.kind not in "biuf":
        need = "Give real numbers, in an array or in lists of equal length"
        came = f"values of type {numbers.dtype}"
        if value is None or isinstance(value, str):
            came = shown(value)
        raise refusal(name, came, need)
    if numbers.size == 0:
        came = f"an empty array of shape {numbers.shape}"
        raise refusal(name, came, "Give at least one number")
    if finite and not np.isfinite(numbers).all():
        came = "values that are not finite (NaN or infinity)"
        raise refusal(name, came, "Replace them first")
    return numbers


def _scalar(value: object) -> object:
    """Take the number out of an array without axes."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _float(number: Any) -> float:
    """Return a float, infinite for a number too large to be one."""
    try:
        return float(number)
    except OverflowError:  # of a whole number or a fraction
        return math.inf if number > 0 else -math.inf


def _inside(value: Any, least: float, most: float | None) -> bool:
    return bool(least <= value and (most is None or value <= most))


def _limits(least: float, most: float | None, above: float = -math.inf) -> str:
    """Say the limits: "of at least 1", "from 1 to 8"; nothing where there are none."""
    lower = f"above {above:.12g}" if above > -math.inf and above >= least else ""
    upper = "" if most is None or most == math.inf else f"{most:.12g}"
    if lower or least == -math.inf:
        return " and ".join(filter(None, (lower, upper and f"up to {upper}")))
    return f"from {least:.12g} to {upper}" if upper else f"of at least {least:.12g}"
