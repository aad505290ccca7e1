"""What every explorer is made of: state, live view, still picture, clean-up.

An explorer is one Python class derived from :class:`Explorer` and one ES module of the
same name. Its traits are its state, in the words of the course; the browser computes,
so a slider works at once, also while the kernel is busy or gone.
"""

from __future__ import annotations

import inspect
import json
import pathlib
import posixpath
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from helpers import colours

if TYPE_CHECKING:
    from helpers.plots import Picture

FOLDER = pathlib.Path(__file__).parent.parent  # paths of modules and styles start here
_BASE = "parts/base.css"  # the one look: what stands in other sheets adds to it
_IMPORT = re.compile(r'from "(\.{1,2}/[\w./]+)"')


def modules(entry: str) -> dict[str, str]:
    """Return the sources of the ES module ``entry`` and of all that it imports.

    They are read anew each time, in a millisecond: so an edit is seen as soon as the
    cell that makes the explorer is run again.

    Parameters
    ----------
    entry
        Its path from helpers/widgets, ``"explorers/kernel_lab.js"``, say.

    Returns
    -------
    dict
        Each source by such a path.
    """
    sources: dict[str, str] = {}
    wanted = [entry]
    while wanted:
        path = wanted.pop()
        if path in sources:
            continue
        sources[path] = _colours() if path == "parts/colours.js" else source(path)
        folder = posixpath.dirname(path)
        wanted += [
            posixpath.normpath(posixpath.join(folder, dependency))
            for dependency in _IMPORT.findall(sources[path])
        ]
    return sources


def style_sheets(scripts: Iterable[str]) -> list[str]:
    """Return the style sheets that stand beside ES modules, with the same name.

    Parameters
    ----------
    scripts
        Paths from helpers/widgets, as `modules` gives them.

    Returns
    -------
    list of str
        Such paths: base.css, then those of other parts, then the explorer's own.

    Examples
    --------
    >>> style_sheets(["explorers/kernel_lab.js", "parts/chart.js", "parts/ops.js"])
    ['parts/base.css', 'parts/chart.css', 'explorers/kernel_lab.css']
    """
    beside = {posixpath.splitext(path)[0] + ".css" for path in scripts}
    found = {path for path in beside if (FOLDER / path).is_file()} - {_BASE}
    return [_BASE, *sorted(found, reverse=True)]  # parts/ before explorers/


def source(path: str) -> str:
    """Return the text of a module or style sheet, by its path from helpers/widgets."""
    return (FOLDER / path).read_text(encoding="utf-8")


def _colours() -> str:
    """Return an ES module with the course's colours, so that they stand once."""
    roles = {name: getattr(colours, name) for name in ("INPUT", "KERNEL", "OUTPUT")}
    constants = {**roles, "SIGNED": list(colours.SIGNED)}
    return "\n".join(
        f"export const {name} = {json.dumps(value)};"
        for name, value in constants.items()
    )


# ---- the explorers ----


class Explorer(anywidget.AnyWidget):
    """Base of the explorers: a live view in the browser, a still picture elsewhere.

    A subclass names its ES module in ``module``, by its path from helpers/widgets,
    declares its traits, and writes ``describe`` (one stable line) and ``picture`` (a
    figure). The ES module's default export is ``render({ model, el })`` and returns a
    function that cleans up. A style sheet beside a module that is used is used, too.
    """

    module: ClassVar[str]

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    _entry = traitlets.Unicode().tag(sync=True)
    _modules = traitlets.Dict().tag(sync=True)
    _large: traitlets.List = traitlets.List().tag(sync=True)  # a closed page lets it go
    _call = traitlets.Dict().tag(sync=True)  # for "Copy as Python"

    # ipywidgets 7 would display itself and leave out the picture and the text.
    _ipython_display_ = None

    def __init__(self, **traits: Any) -> None:
        binary = [
            n for n, t in self.traits(sync=True).items() if "arrays" in t.metadata
        ]
        scripts = modules(self.module)
        super().__init__(
            _esm=source("parts/loader.js"),
            _css="\n".join(map(source, style_sheets(scripts))),
            _entry=self.module,
            _modules=scripts,
            _large=["_modules", *binary],
            _call=_call(type(self)),
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
        if self in _standing:
            _standing.remove(self)

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

    def picture(self) -> Picture | None:
        """Return a still picture of the present state; None if nothing is seen yet."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        if not self._shown:  # where it is shown counts, not where it was made
            self._shown = True
            self._stands_in.clear()
        _stand_in_running_cell(self)
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        if picture := self.picture():
            picture.alt = self.describe()
            still, still_metadata = picture._repr_mimebundle_()
            data, metadata = {**data, **still}, {**metadata, **still_metadata}
        return {**data, "text/plain": self.describe()}, dict(metadata)


def _call(explorer: type[Explorer]) -> dict[str, Any]:
    """Return what the page needs to write the Python that makes such an explorer."""
    parameters = inspect.signature(explorer).parameters.values()
    usual = [
        None if one.default is inspect.Parameter.empty else one.default
        for one in parameters
    ]
    return {
        "name": explorer.__name__,
        "parameters": [
            (one.name, default, one.kind is inspect.Parameter.KEYWORD_ONLY)
            for one, default in zip(parameters, usual, strict=True)
        ],
    }


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
            other.close()
            _forget(other)


def _forget(explorer: Explorer) -> None:
    """Take an explorer that was closed out of the notebook's memory of its outputs."""
    from IPython import get_ipython

    shell = get_ipython()
    outputs = shell.user_ns.get("_oh", {}) if shell else {}
    for count in [n for n, value in outputs.items() if value is explorer]:
        del outputs[count]
        for names in (shell.user_ns, shell.user_ns_hidden):
            names.pop(f"_{count}", None)
        getattr(shell.history_manager, "outputs", {}).pop(count, None)
