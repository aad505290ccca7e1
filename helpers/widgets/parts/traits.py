"""The traits that explorers have: each reads what it is given, or says what would do.

What cannot be taken is a ``TraitError`` with a sentence, and the trait keeps its last
value. What is a number, a word or an array says :mod:`helpers._arguments`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from helpers import _arguments


class Trait(traitlets.TraitType):
    """Base of the traits: synchronised with the page, its value read by ``read``."""

    name: str  # traitlets gives it once the class is made

    def __init__(self, default: Any, **options: Any) -> None:
        super().__init__(default_value=default, **options)
        self.tag(sync=True)

    def read(self, value: Any) -> Any:
        """Return the value to keep, or raise ``ValueError`` with a sentence."""
        raise NotImplementedError

    def validate(self, obj: traitlets.HasTraits, value: Any) -> Any:
        """Return the value to keep, or raise ``TraitError`` with a sentence."""
        try:
            return self.read(value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None


class Checked(Trait):
    """A trait whose ``check`` returns the value to keep, or raises ``ValueError``."""

    def __init__(self, check: Callable[[Any], Any], default: Any) -> None:
        self._check = check
        super().__init__(default)

    def read(self, value: Any) -> Any:
        """Return what the check returns."""
        return self._check(value)


# ---- numbers and words ----


class Whole(Trait):
    """A whole number from ``least`` to ``most``; no limit where one is None."""

    def __init__(
        self,
        default: int | None,
        least: int | None = None,
        most: int | None = None,
        **options: Any,
    ) -> None:
        self._least, self._most = least, most
        super().__init__(default, **options)

    def read(self, value: Any) -> int:
        """Return the number as an ``int``."""
        if self._least is not None:
            return _arguments.whole(value, self.name, self._least, self._most)
        if not _arguments.is_whole(value):
            raise _arguments.refusal(
                self.name, _arguments.shown(value), "Give a whole number"
            )
        return int(value)


class Real(Trait):
    """A real number of a size up to ``most``."""

    def __init__(self, default: float, most: int) -> None:
        self._most = most
        super().__init__(default)

    def read(self, value: Any) -> float:
        """Return the number as a ``float``."""
        try:
            return _arguments.real(value, self.name, -self._most, self._most)
        except ValueError:
            need = f"Give a number up to {self._most:,}, positive or negative"
            raise _arguments.refusal(self.name, _arguments.shown(value), need) from None


class Place(Trait):
    """A tuple of whole numbers, one for each of ``parts``: ``("row", "column")``, say.

    Parameters
    ----------
    default
        The numbers at first.
    parts
        What each of them is.
    least, most
        The limits of all of them; none where they depend on other traits.
    """

    def __init__(
        self,
        default: tuple[int, ...],
        parts: tuple[str, ...] = ("row", "column"),
        *,
        least: int | None = None,
        most: int | None = None,
    ) -> None:
        self._parts, self._least, self._most = parts, least, most
        super().__init__(default)

    def read(self, value: Any) -> tuple[int, ...]:
        """Return the numbers of a tuple, a list or an array as a tuple of ``int``."""
        place = tuple(value) if _arguments.is_sequence(value) else ()
        if len(place) != len(self._parts) or not all(map(self._takes, place)):
            count = {2: "two", 3: "three"}[len(self._parts)]
            need = f"Give {count} whole numbers ({', '.join(self._parts)})"
            if self._least is not None:
                need += f", each from {self._least} to {self._most}"
            raise _arguments.refusal(self.name, _arguments.shown(value), need)
        return tuple(map(int, place))

    def _takes(self, number: Any) -> bool:
        if not _arguments.is_whole(number):
            return False
        above = self._least is None or number >= self._least
        return bool(above and (self._most is None or number <= self._most))


class Name(Trait):
    """The name of something; the explorer knows which there are.

    Parameters
    ----------
    need
        What would do, where something else comes.
    optional
        Whether None may come, for no name: "".
    """

    def __init__(self, need: str, *, optional: bool = False) -> None:
        self._need, self._optional = need, optional
        super().__init__("")

    def read(self, value: Any) -> str:
        """Return the name as a ``str``."""
        if value is None and self._optional:
            return ""
        if not isinstance(value, str):
            raise _arguments.refusal(self.name, _arguments.shown(value), self._need)
        return str(value)


class Word(Trait):
    """One of several words."""

    def __init__(self, words: tuple[str, ...], default: str) -> None:
        self._words = words
        super().__init__(default)

    def read(self, value: Any) -> str:
        """Return the word as a ``str``."""
        return str(_arguments.word(value, self.name, self._words))


class ClassNumber(Trait):
    """The number of one of an explorer's ``class_names``, or None; −1 in the page.

    Parameters
    ----------
    none
        What None stands for, for the sentence: "any other class".
    """

    def __init__(self, none: str) -> None:
        self._none = none
        super().__init__(None)
        self.tag(  # a page's null is an explorer that was closed
            to_json=lambda number, _: -1 if number is None else number,
            from_json=lambda number, _: None if number == -1 else number,
        )

    def validate(self, obj: Any, value: Any) -> int | None:
        """Return the number as an ``int``, or raise ``TraitError`` with a sentence."""
        most = len(obj.class_names) - 1
        if value is None or (_arguments.is_whole(value) and 0 <= value <= most):
            return value if value is None else int(value)
        need = f"Give the number of a class, 0 to {most}, or None for {self._none}"
        came = _arguments.shown(value)
        raise traitlets.TraitError(str(_arguments.refusal(self.name, came, need)))


class WholeOrNone(Trait):
    """A whole number from 0 up, or None; −1 in the page. The explorer knows the end.

    Parameters
    ----------
    none
        What None stands for, for the sentence: "all of them".
    """

    def __init__(self, none: str) -> None:
        self.none = none
        super().__init__(None)
        self.tag(  # a page's null is an explorer that was closed
            to_json=lambda number, _: -1 if number is None else number,
            from_json=lambda number, _: None if number == -1 else number,
        )

    def read(self, value: Any) -> int | None:
        """Return the number as an ``int``, or None."""
        if value is None or (_arguments.is_whole(value) and value >= 0):
            return value if value is None else int(value)
        need = f"Give a whole number from 0 up, or None for {self.none}"
        raise _arguments.refusal(self.name, _arguments.shown(value), need)


class Pair(Trait):
    """A whole number for rows and columns alike, or a pair (rows, columns) of them."""

    def __init__(self, default: int, least: int, most: int) -> None:
        self._least, self._most = least, most
        super().__init__(default)

    def read(self, value: Any) -> int | tuple[int, int]:
        """Return the number as an ``int``, or the pair as a tuple of them."""
        two = _arguments.pair(value, self.name, self._least, self._most)
        return two if _arguments.is_sequence(value) else two[0]


class OneOf(Trait):
    """One of several whole numbers."""

    def __init__(self, numbers: tuple[int, ...], default: int) -> None:
        self._numbers = numbers
        super().__init__(default)

    def read(self, value: Any) -> int:
        """Return the number as an ``int``."""
        if not _arguments.is_whole(value) or int(value) not in self._numbers:
            *others, last = map(str, self._numbers)
            need = f"Give {', '.join(others)} or {last}"
            raise _arguments.refusal(self.name, _arguments.shown(value), need)
        return int(value)


class Flag(Trait):
    """True or False, NumPy's too."""

    def __init__(self, default: bool) -> None:
        super().__init__(default)

    def read(self, value: Any) -> bool:
        """Return it as a ``bool``."""
        truth = np.asarray(value) if isinstance(value, bool | np.generic) else value
        if not isinstance(truth, np.ndarray) or truth.shape or truth.dtype != bool:
            raise _arguments.refusal(
                self.name, _arguments.shown(value), "Give True or False"
            )
        return bool(truth)


class Padding(Trait):
    """``"valid"``, ``"same"`` or a number of cells on every side, 0 to ``most``."""

    def __init__(self, most: int) -> None:
        self._most = most
        super().__init__("valid")

    def read(self, value: Any) -> int | str:
        """Return the padding, its number as an ``int``."""
        if isinstance(value, str) and value in ("valid", "same"):
            return str(value)
        if _arguments.is_whole(value) and 0 <= value <= self._most:
            return int(value)
        need = f'Give "valid", "same" or a whole number of cells from 0 to {self._most}'
        raise _arguments.refusal(self.name, _arguments.shown(value), need)


class SidedPadding(Padding):
    """A `Padding` that may be ``"causal"`` too, or have other numbers on other sides.

    The numbers are (rows, columns), or ((top, bottom), (left, right)).
    """

    def read(self, value: Any) -> Any:
        """Return the padding, its numbers as ``int``."""
        if isinstance(value, str) and value == "causal":
            return "causal"
        try:
            return self._sides(value)
        except ValueError:
            need = (
                'Give "valid", "same", "causal" or whole numbers of cells from 0 to '
                f"{self._most}: n, (rows, columns) or ((top, bottom), (left, right))"
            )
            came = _arguments.shown(value)
            raise _arguments.refusal(self.name, came, need) from None

    def _sides(self, value: Any) -> Any:
        def pair(two: Any) -> tuple[int, int]:
            return _arguments.pair(two, self.name, 0, self._most)

        if not _arguments.is_sequence(value):
            return super().read(value)
        if len(value) == 2 and all(map(_arguments.is_sequence, value)):
            return pair(value[0]), pair(value[1])
        return pair(value)


# ---- arrays ----


def to_message(value: np.ndarray, _: Any) -> dict[str, Any]:
    """Return an array as the page gets it: shape, type and bytes."""
    array = np.ascontiguousarray(value)
    return {
        "shape": list(array.shape),
        "dtype": array.dtype.name,
        "data": array.data.cast("B"),
    }


def from_message(message: Any, _: Any) -> Any:
    """Return the array that the page sent."""
    if not isinstance(message, dict):
        return message
    return np.frombuffer(message["data"], dtype=message["dtype"]).reshape(
        message["shape"]
    )


class Array(Trait):
    """A synchronised NumPy array that is checked before it is taken.

    Parameters
    ----------
    check
        Turns whatever came into the array to keep (uint8 or float64), or raises
        ``ValueError`` with a sentence; the trait then keeps its last good value.
    default
        What is given to the check at first.

    Notes
    -----
    The array is read-only: ``lab.kernel[0, 0] = 5`` would change it behind the
    explorer's back, so NumPy refuses it. Assign a whole new array instead.
    """

    info_text = "an array"

    def __init__(self, check: Callable[[Any], np.ndarray], default: Any) -> None:
        self._check = check
        super().__init__(self.read(default))
        self.tag(to_json=to_message, from_json=from_message, arrays=True)

    def read(self, value: Any) -> np.ndarray:
        """Return the array that the check returns, as one that nobody can change."""
        return _frozen(self._check(value))

    def set(self, obj: traitlets.HasTraits, value: Any) -> None:
        """Take the value unless the same numbers stand there already.

        This is ``TraitType.set`` without its ``old == new``, whose truth an array does
        not have. To that end it looks into traitlets: `_trait_values` is where the
        values of all traits stand, `_validate` reads and cross-validates,
        `_notify_trait` tells the observers.
        """
        new = _frozen(self._validate(obj, value))
        old = obj._trait_values.get(self.name)
        if old is not None and old.dtype == new.dtype and np.array_equal(old, new):
            return
        obj._trait_values[self.name] = new
        old = self.default_value if old is None else old
        obj._notify_trait(self.name, old.view(_Told), new.view(_Told))


def _frozen(value: Any) -> np.ndarray:
    """Return an array that nobody can change: a copy, unless it is one already."""
    array = np.asarray(value)
    if array.flags.writeable or not array.flags.owndata:
        array = array.copy()
        array.flags.writeable = False
    return array


class _Told(np.ndarray):
    """An array as observers are told of it: where others differ from it has a truth.

    ``traitlets.link`` asks ``value != change.new`` once it has passed a value on.
    """

    def __ne__(self, other: Any) -> Any:
        try:
            return np.asarray(np.not_equal(self, other)).view(_Differences)
        except ValueError:  # shapes that do not go together
            return True

    def __repr__(self) -> str:
        return repr(np.asarray(self))


class _Differences(np.ndarray):
    """Where two arrays differ; true if they do anywhere."""

    def __bool__(self) -> bool:
        return bool(np.asarray(self).any())
