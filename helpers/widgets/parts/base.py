"""What every explorer is made of: state, live view, still picture, clean-up.

An explorer is one Python class derived from :class:`Explorer` and one ES module of the
same name. Its traits are its state, in the words of the course; the browser computes,
so a slider works at once, also while the kernel is busy or gone.
"""

from __future__ import annotations

import functools
import json
import pathlib
import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import numpy as np
import traitlets

from helpers import colours

if TYPE_CHECKING:
    from helpers.plots import Picture

FOLDER = pathlib.Path(__file__).parent.parent  # paths of modules and styles start here
_IMPORT = re.compile(r'from "(\.{1,2}/[\w./]+)"')


@functools.cache
def modules(entry: str) -> dict[str, str]:
    """Return the sources of the ES module ``entry`` and of all that it imports.

    Parameters
    ----------
    entry
        Its path from helpers/widgets, ``"explorers/kernel_lab.js"``, say.

    Returns
    -------
    dict
        Each source by such a path.
    """
    if entry == "parts/colours.js":
        roles = {name: getattr(colours, name) for name in ("INPUT", "KERNEL", "OUTPUT")}
        constants = {**roles, "SIGNED": list(colours.SIGNED)}
        return {
            entry: "\n".join(
                f"export const {name} = {json.dumps(value)};"
                for name, value in constants.items()
            )
        }
    sources = {entry: (FOLDER / entry).read_text(encoding="utf-8")}
    for dependency in _IMPORT.findall(sources[entry]):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(entry), dependency))
        sources.update(modules(path))
    return sources


# ---- arrays as traits ----


def _to_message(value: np.ndarray, _: Any) -> dict:
    array = np.ascontiguousarray(value)
    return {
        "shape": list(array.shape),
        "dtype": array.dtype.name,
        "data": memoryview(array).cast("B"),
    }


def _from_message(message: Any, _: Any) -> Any:
    if not isinstance(message, dict):
        return message
    return np.frombuffer(message["data"], dtype=message["dtype"]).reshape(
        message["shape"]
    )


ARRAY_AS_BYTES = {"to_json": _to_message, "from_json": _from_message, "arrays": True}


class Array(traitlets.TraitType):
    """A synchronised NumPy array that is checked before it is taken.

    Parameters
    ----------
    check
        Turns whatever came into the array to keep (uint8 or float64), or raises
        ``ValueError`` with a sentence; the trait then keeps its last good value.

    Notes
    -----
    The array is read-only: ``lab.kernel[0, 0] = 5`` would change it behind the
    explorer's back, so NumPy refuses it. Assign a whole new array instead.
    """

    info_text = "an array"

    def __init__(self, check: Callable[[Any], np.ndarray], default: Any):
        self._check = check
        super().__init__(default_value=self._frozen(default))
        self.tag(sync=True, **ARRAY_AS_BYTES)

    def _frozen(self, value: Any) -> np.ndarray:
        array = np.asarray(self._check(value))
        if array.flags.writeable:  # a copy nobody else can change
            array = array.copy()
            array.flags.writeable = False
        return array

    def validate(self, obj: traitlets.HasTraits, value: Any) -> np.ndarray:
        """Return the checked array, or raise ``TraitError`` with a sentence."""
        try:
            return self._frozen(value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def set(self, obj: traitlets.HasTraits, value: Any) -> None:
        """Take the value unless the same numbers stand there already."""
        new, old = self._validate(obj, value), obj._trait_values.get(self.name)
        if old is None or old.dtype != new.dtype or not np.array_equal(old, new):
            super().set(obj, new)


def numbers(value: Any, name: str) -> np.ndarray:
    """Return ``value`` as an array of real, finite numbers.

    Raises
    ------
    ValueError
        With a sentence that begins with ``name``.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{name}: the rows have different lengths; give every row the same length."
        ) from None
    if array.dtype.kind not in "buif":
        raise ValueError(
            f"{name}: {array.dtype.name} values came where real numbers are wanted."
        )
    if array.size == 0:
        raise ValueError(f"{name}: an empty array came; give at least one number.")
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name}: some values are not finite (NaN or infinity); replace them first."
        )
    return array


# ---- the explorers ----


class Explorer(anywidget.AnyWidget):
    """Base of the explorers: a live view in the browser, a still picture elsewhere.

    A subclass names its ES module in ``module`` (and in ``styles`` what it needs beyond
    base.css), by their paths from helpers/widgets, declares its traits, and writes
    ``describe`` (one stable line) and ``picture`` (a figure). The ES module's default
    export is ``render({ model, el })`` and returns a function that cleans up.
    """

    module: ClassVar[str]
    styles: ClassVar[tuple[str, ...]] = ()  # style sheets of its own, after base.css

    _esm = (FOLDER / "parts/loader.js").read_text(encoding="utf-8")
    _css = (FOLDER / "parts/base.css").read_text(encoding="utf-8")
    _entry = traitlets.Unicode().tag(sync=True)
    _modules = traitlets.Dict().tag(sync=True)
    _large = traitlets.List().tag(sync=True)  # traits that a closed page lets go of

    # ipywidgets 7 would display itself and leave out the picture and the text.
    _ipython_display_ = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "styles" in vars(cls):  # not in those that anywidget derives for its traits
            sheets = [(FOLDER / name).read_text("utf-8") for name in cls.styles]
            cls._css = "\n".join([Explorer._css, *sheets])
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits: Any) -> None:
        binary = [
            n for n, t in self.traits(sync=True).items() if "arrays" in t.metadata
        ]
        super().__init__(
            _entry=self.module,
            _modules=modules(self.module),
            _large=["_modules", *binary],
            **traits,
        )
        self._stands_in: dict[str, str] = {}
        self._shown = False
        _stand_in_running_cell(self)

    def close(self) -> None:
        """Close the explorer and the layout that ipywidgets made for it."""
        layout = self.layout
        super().close()
        layout.close()

    _told: frozenset[str] = frozenset()  # the traits that the page is setting just now

    def set_state(self, sync_data: dict) -> None:
        """Take what the page says; it has made all of it fit together already."""
        self._told = frozenset(sync_data)
        try:
            super().set_state(sync_data)
        finally:
            self._told = frozenset()

    def describe(self) -> str:
        """Return one line that says what the explorer shows; stable between runs."""
        raise NotImplementedError

    def picture(self) -> Picture:
        """Return a still picture of the explorer's present state."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        if not self._shown:  # where it is shown counts, not where it was made
            self._shown = True
            self._stands_in.clear()
        _stand_in_running_cell(self)
        data, metadata = super()._repr_mimebundle_(**kwargs)
        picture = self.picture()
        picture.alt = self.describe()
        still, still_metadata = picture._repr_mimebundle_()
        return (
            {**data, **still, "text/plain": self.describe()},
            {**metadata, **still_metadata},
        )


# A notebook keeps every displayed object alive (Out[7], _, __), and ipywidgets keeps
# every widget. So running a cell fifty times would leave fifty explorers in the kernel
# and the page. One that stands in a single cell is closed when that cell shows another.
_standing: list[Explorer] = []


def _running_cell() -> tuple[str, str] | None:
    """Return (cell, run), or None where the front end does not say which cell it is."""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent() or {}
    cell = parent.get("metadata", {}).get("cellId")
    return (cell, parent["header"]["msg_id"]) if cell else None


def _stand_in_running_cell(explorer: Explorer) -> None:
    """Note that the explorer stands in the running cell; close what stood there."""
    running = _running_cell()
    if running is None:
        return
    cell, run = running
    if explorer not in _standing:
        _standing.append(explorer)
    explorer._stands_in[cell] = run
    for other in list(_standing):
        if other._stands_in.keys() == {cell} and other._stands_in[cell] != run:
            _standing.remove(other)
            other.close()
            _forget(other)


def _forget(explorer: Explorer) -> None:
    """Take an explorer that was closed out of the notebook's memory of its outputs."""
    from IPython import get_ipython

    shell = get_ipython()
    outputs = shell.user_ns.get("_oh", {}) if shell else {}
    for count in [n for n, value in outputs.items() if value is explorer]:
        del outputs[count]
        shell.user_ns.pop(f"_{count}", None)
        getattr(shell.history_manager, "outputs", {}).pop(count, None)
