"""DreamScrubber: how a picture came about, step by step (lesson 08)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, images, plots
from helpers.widgets.parts import encoded
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Flag, Name, Whole

LARGEST_SIDE = 512
MOST_PICTURES = 100  # of one setting
MOST_SETTINGS = 8
MOST_PIXELS = 40_000_000  # of all pictures: the page keeps them, 3 bytes each
QUALITY = 85  # of WebP
FAINT = 32  # gray levels: beside a smaller change, what WebP loses would be seen
COARSE = 16  # gray levels for full colour, at the least, where something is lost
ONLY = "the picture"  # what the only setting is called where it has no name
BEFORE = ""  # which no setting is called
VALUE = "value"  # what a line is called that has no name
_STORED = 14_000  # pixels of the picture that stands in the stored notebook

Pictures = dict[str, list[NDArray[np.uint8]]]


def _by_setting(given: Any, name: str, settings: Sequence[str]) -> dict[str, Any]:
    """Return what was given for each setting; what is no dictionary is for the only."""
    if isinstance(given, Mapping):
        found = {str(key): value for key, value in given.items()}
        if set(found) <= set(settings):
            return found
    if len(settings) == 1:
        return {settings[0]: given}
    came = ", ".join(map(str, given)) if isinstance(given, Mapping) else "one for all"
    need = f"Give a dictionary by the names of the pictures: {', '.join(settings)}"
    raise _arguments.refusal(name, came, need)


def _checked_pictures(given: Any) -> Pictures:
    """Return the pictures of each setting as bytes, all of one size."""
    settings = given if isinstance(given, Mapping) else {ONLY: given}
    if not 1 <= len(settings) <= MOST_SETTINGS or not all(map(str, settings)):
        came = f"{len(settings)} settings"
        need = f"Give 1 to {MOST_SETTINGS}, each with a name and its pictures"
        raise _arguments.refusal("pictures", came, need)
    found: Pictures = {}
    for name, series in settings.items():
        several = _arguments.is_sequence(series) and not _is_one_picture(series)
        if not several or not 1 <= len(series) <= MOST_PICTURES:
            came = f"{len(series)} of {name}" if several else _arguments.shown(series)
            if _is_one_picture(series):
                came = f"one of shape {series.shape}"
            need = f"Give 1 to {MOST_PICTURES} pictures of each, (rows, columns, 3)"
            raise _arguments.refusal("pictures", came, need)
        found[str(name)] = [_picture(one, "pictures") for one in series]
    _refuse_other_sizes(found)
    return found


def _is_one_picture(series: Any) -> bool:
    """Whether a single picture came in place of several: its last axis is colours."""
    shape = getattr(series, "shape", (0, 0, 0, 0))
    return len(shape) < 3 or (len(shape) == 3 and shape[2] in (1, 3))


def _picture(value: Any, name: str) -> NDArray[np.uint8]:
    return encoded.colours(value, name, LARGEST_SIDE)


def _refuse_other_sizes(found: Pictures, before: NDArray | None = None) -> None:
    sizes = {one.shape[:2] for series in found.values() for one in series}
    sizes |= set() if before is None else {before.shape[:2]}
    if len(sizes) > 1:
        came = " and ".join(f"{rows} × {columns}" for rows, columns in sorted(sizes))
        name = "pictures" if before is None else "before"
        raise _arguments.refusal(name, came, "Give pictures of one size")


def _refuse_too_many(found: Pictures) -> None:
    pictures = [one for series in found.values() for one in series]
    rows, columns, _ = pictures[0].shape
    most = MOST_PIXELS // (rows * columns)
    if len(pictures) > most:
        came = f"{len(pictures)} of {rows} × {columns}"
        need = f"Give at most {most} of them in all, or smaller ones"
        raise _arguments.refusal("pictures", came, need)


def _largest_change(
    series: list[NDArray[np.uint8]], start: NDArray[np.uint8] | None
) -> int:
    """Return by how many gray levels pictures differ from their beginning, at most."""
    begin = (series[0] if start is None else start).astype(np.int16)
    return max(int(np.abs(one - begin).max()) for one in series)


def _files(
    found: Pictures, start: NDArray[np.uint8] | None, quality: int | None
) -> dict[str, Any]:
    """Return all pictures as files: by their settings, the one before as `BEFORE`."""
    before = [] if start is None else [start]
    return {
        name: encoded.in_a_row([images.to_webp(one, quality=quality) for one in series])
        for name, series in {BEFORE: before, **found}.items()
    }


def _sent(
    found: Pictures, start: NDArray[np.uint8] | None
) -> tuple[dict[str, Any], dict[str, int]]:
    """Return all pictures as files, and the change that each setting's colours show."""
    changes = {name: _largest_change(one, start) for name, one in found.items()}
    exact = any(0 < one < FAINT for one in changes.values())
    files = _files(found, start, None if exact else QUALITY)
    if exact and encoded.size_of(files.values()) > encoded.MOST_BYTES:
        exact, files = False, _files(found, start, QUALITY)
    do = "Give fewer, or smaller ones"
    encoded.refuse_too_much(files.values(), "pictures", do)
    least = 1 if exact else COARSE
    return files, {name: max(one, least) for name, one in changes.items()}


def _checked_values(given: Any, settings: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the lines of each setting: lists of numbers by their names."""
    if given is None:
        return {}
    found = {}
    for setting, lines in _by_setting(given, "values", settings).items():
        named = lines if isinstance(lines, Mapping) else {VALUE: lines}
        found[setting] = {str(key): _line(one) for key, one in named.items()}
        lengths = {len(one) for one in found[setting].values()}
        if len(lengths) > 1:
            came = f"lines of {' and '.join(map(str, sorted(lengths)))} numbers"
            raise _arguments.refusal("values", came, "Give one number a step to each")
    return found


def _line(values: Any) -> list[float | None]:
    line = _arguments.array(values, "values")
    if line.ndim != 1:
        need = "Give a list of numbers, one a step"
        raise _arguments.refusal("values", f"shape {line.shape}", need)
    return [float(one) if math.isfinite(one) else None for one in line]


def _checked_at(
    given: Any, found: Pictures, values: dict[str, dict[str, Any]]
) -> dict[str, list[int]]:
    """Return the steps after which the pictures of each setting were kept."""
    told = {} if given is None else _by_setting(given, "at", list(found))
    steps = {}
    for setting, series in found.items():
        if setting not in told:
            lines = list(values.get(setting, {}).values())
            measured = len(lines[0]) if lines else len(series)
            steps[setting] = _evenly(setting, len(series), measured)
            continue
        steps[setting] = _arguments.array(told[setting], "at")
        shape, kind = steps[setting].shape, steps[setting].dtype.kind
        if (
            shape != (len(series),)
            or kind not in "iu"
            or steps[setting][0] < 0
            or (np.diff(steps[setting]) <= 0).any()
        ):
            came = _arguments.shown(told[setting])
            need = f"Give {len(series)} whole numbers for {setting}, rising, from 0 on"
            raise _arguments.refusal("at", came, need)
        _refuse_one_a_picture(setting, steps[setting], values.get(setting, {}))
    return {setting: one.tolist() for setting, one in steps.items()}


def _refuse_one_a_picture(
    setting: str, steps: NDArray[np.int64], lines: dict[str, Any]
) -> None:
    """Refuse lines with a value for each picture, as if they were one a step."""
    count, last = len(steps), int(steps[-1])
    if any(len(line) == count for line in lines.values()) and last > count:
        came = f"{count} numbers of {setting}, whose last picture is of step {last}"
        need = f"Give one a step, as np.interp(range({last + 1}), at, values) does"
        raise _arguments.refusal("values", came, need)


def _evenly(setting: str, count: int, measured: int) -> NDArray[np.int64]:
    """Return steps for so many pictures: evenly, the first and the last among them.

    Where there is one picture more, it comes after the last step that was measured, as
    where each is measured before it is made.
    """
    if count <= measured:
        return np.rint(np.linspace(0, measured - 1, count)).astype(np.int64)
    if count == measured + 1:
        return np.arange(count)
    came = f"{count} pictures and {measured} values of {setting}"
    need = "Give a value for each, or at: the steps after which they were kept"
    raise _arguments.refusal("values", came, need)


class DreamScrubber(Explorer):
    """The stored steps of a dream, an ascent, a style transfer: to be gone through.

    Two settings stand side by side; what changed since the beginning can be seen alone;
    lines say how far it had come.

    Parameters
    ----------
    pictures
        Steps (rows, columns, 3), 0–255, up to 512 a side, the first one first; or a
        dictionary of such lists by what sets them apart: {"block4": …, "block5": …}.
        All of one size, 1 to 100 each.
    before
        What all began with, of that size; None: the first picture of each.
    values
        What was measured at every step: a list of numbers, or a dictionary of them by
        their names; of several settings a dictionary of such by the settings' names.
    at
        After how many steps the pictures were kept, whole numbers from 0; left out,
        evenly from the first of the values to the last, or with one picture after that.
    left, right
        Which settings are shown; right may be "", for none.
    step, difference
        As the traits below.

    Attributes
    ----------
    step : int
        Which picture is shown, from 0. One with fewer stays at its last.
    left, right : str
        Which settings stand side by side.
    difference : bool
        Whether the difference from the beginning is shown: gray where there is none.
    pictures, before, values, at
        As they were given.
    settings : tuple of str
        The names of all settings.
    shown : dict of ndarray
        The pictures that are shown, (rows, columns, 3) of uint8, by their settings.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Notes
    -----
    Pictures go to the page as WebP of quality 85, 10 to 20 kB for 224 × 224; all of
    them, so that no kernel is needed. Those that change by less than 32 gray levels go
    as WebP without any loss, if they fit: else the difference would show what was lost.

    Examples
    --------
    >>> steps = [np.full((8, 8, 3), 20 * k) for k in range(5)]
    >>> both = {"slow": steps, "fast": steps[::2]}
    >>> dream = DreamScrubber(both, steps[0], right="fast")
    >>> dream.step = 3
    >>> dream
    DreamScrubber: slow (5 pictures), fast (3), of 8 × 8; picture 3; slow beside fast
    >>> {name: int(picture[0, 0, 0]) for name, picture in dream.shown.items()}
    {'slow': 60, 'fast': 80}
    """

    module = "explorers/dream_scrubber.js"

    step = Whole(0, 0)
    left = Name("Give a name of what there is")
    right = Name("Give a name of what there is", optional=True)
    difference = Flag(False)

    _pictures = traitlets.Dict().tag(sync=True, arrays=True)
    _before = traitlets.Dict().tag(sync=True, arrays=True)
    _values = traitlets.Dict().tag(sync=True)
    _at = traitlets.Dict().tag(sync=True)
    _about = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        pictures: Mapping[str, Sequence[ArrayLike]] | Sequence[ArrayLike],
        before: ArrayLike | None = None,
        *,
        values: Any = None,
        at: Any = None,
        left: str | None = None,
        right: str = "",
        step: int = 0,
        difference: bool = False,
    ) -> None:
        self.pictures, self.before, self.values, self.at = pictures, before, values, at
        try:
            self._series = _checked_pictures(pictures)
            self._start = None if before is None else _picture(before, "before")
            _refuse_other_sizes(self._series, self._start)
            _refuse_too_many(self._series)
            lines = _checked_values(values, self.settings)
            steps = _checked_at(at, self._series, lines)
            files, full = _sent(self._series, self._start)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        sides = self._series[self.settings[0]][0].shape[:2]
        super().__init__(
            _before=files.pop(BEFORE),
            _pictures=files,
            _values=lines,
            _at=steps,
            _about={"sides": list(sides), "even": at is None, "full": full},
        )
        self.left = self.settings[0] if left is None else left
        self.right, self.step, self.difference = right, step, difference

    # ---- what there is ----

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of all settings."""
        return tuple(self._series)

    @property
    def _count(self) -> int:
        return max(map(len, self._series.values()))

    @property
    def shown(self) -> dict[str, NDArray[np.uint8]]:
        """The pictures that are shown, by their settings."""
        names = dict.fromkeys(name for name in (self.left, self.right) if name)
        return {
            name: self._series[name][min(self.step, len(self._series[name]) - 1)]
            for name in names
        }

    # ---- what fits together ----

    @traitlets.validate("left", "right")
    def _a_setting(self, proposal: dict[str, Any]) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        if name == "right" and value == "":
            return value
        try:
            return _arguments.word(value, name, self.settings)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("step")
    def _a_step(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] >= self._count:
            need = f"Give a whole number from 0 to {self._count - 1}"
            refusal = _arguments.refusal("step", proposal["value"], need)
            raise traitlets.TraitError(str(refusal))
        return proposal["value"]

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: what there is, and what of it is shown."""
        counts = [len(series) for series in self._series.values()]
        first = f"{self.settings[0]} ({counts[0]} picture{'s' * (counts[0] != 1)})"
        pairs = zip(self.settings[1:], counts[1:], strict=True)
        listed = ", ".join([first, *(f"{name} ({count})" for name, count in pairs)])
        rows, columns = self._series[self.settings[0]][0].shape[:2]
        beside = f" beside {self.right}" if self.right else ""
        what = ", the difference" if self.difference else ""
        return (
            f"DreamScrubber: {listed}, of {rows} × {columns}; "
            f"picture {self.step}; {self.left}{beside}{what}"
        )

    def picture(self) -> plots.Picture:
        """Return what all began with, if it is known, and the pictures shown."""
        start = {} if self._start is None else {"before": self._start}
        shown = {
            f"{name}, picture {self.step}": one for name, one in self.shown.items()
        }
        named = start | shown
        return plots.images(
            list(named.values()), list(named), limits=(0, 255), pixels=_STORED
        )
