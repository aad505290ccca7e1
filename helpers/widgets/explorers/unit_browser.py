"""UnitBrowser: what excites the units of a network, layer by layer (lesson 08)."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from helpers import _arguments, images, plots
from helpers.networks import portraits as portraying
from helpers.networks.portraits import Layer, Portraits
from helpers.widgets.parts import encoded
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Name, Whole, Word, to_message

ORDERS = ("by number", "most selective first")
_NUMBERS = (
    *("units", "photos", "boxes", "strengths", "means", "low", "high"),
    *("selectivity", "dead", "inputs", "shares"),
)


def _read(given: Any) -> Portraits:
    if isinstance(given, Portraits) and given.layers:
        return given
    other = "what probe.portray returns"
    name = _arguments.word(given, "portraits", portraying.SHIPPED, other)
    return portraying.shipped(name)


def _sheet(pictures: NDArray[np.uint8]) -> dict[str, Any]:
    """Return pictures of one size as the page takes them: a single file of all."""
    if not pictures.size:
        return {"data": b"", "ends": [], "sides": [0, 0], "across": 1}
    flat = pictures.reshape(-1, *pictures.shape[-3:])
    across = portraying.across(len(flat))
    file = images.to_webp(portraying.sheet(flat, across))
    sides = list(flat.shape[1:3])
    return {**encoded.in_a_row([file]), "sides": sides, "across": across}


def _in_order(layer: Layer, order: str) -> NDArray[np.int64]:
    """Return the numbers of a layer's units in an order; silent ones come last."""
    if order == ORDERS[0]:
        return layer.units
    selectivity = np.nan_to_num(layer.selectivity, nan=-1)
    return layer.units[np.argsort(-selectivity, kind="stable")]


def _array(array: NDArray[Any]) -> dict[str, Any]:
    """Return an array as the page gets it; one without numbers, too."""
    if array.size:
        return to_message(array, None)
    return {"shape": list(array.shape), "dtype": array.dtype.name, "data": b""}


def _message(layer: Layer) -> dict[str, Any]:
    numbers = {
        name: _array(getattr(layer, name).astype(np.float64)) for name in _NUMBERS
    }
    return {
        **numbers,
        "total": layer.total,
        "maps": list(layer.maps),
        "looks_at": list(layer.looks_at),
        "filters": _array(layer.filters),
        "patches": _sheet(layer.patches),
        "ascents": _sheet(layer.ascents),
    }


class UnitBrowser(Explorer):
    """What excites a unit: its filter, its best patches, its picture, its classes.

    All units of a layer stand side by side, each as its filter or its best patch. For
    the one that is chosen there are the patches of photos that excite it most, with
    where in the photo they lie, a picture made by gradient ascent, and how strongly it
    answers to each class.

    Parameters
    ----------
    portraits
        What `helpers.networks.probe.portray` returns; or "flowers", those of lesson
        07's AlexNet, which come with the course.
    layer
        Which one is shown; left out, the first.
    unit, order, patch
        As the traits below; left out, the first unit of the layer, in that order.

    Attributes
    ----------
    layer : str
        Name of the layer.
    unit : int
        Number of the unit in its layer.
    order : str
        "by number" or "most selective first".
    patch : int
        Number of the patch whose photo is shown, from 0, the strongest; of a unit with
        fewer, the last.
    portraits : Portraits or str
        As they were given.
    data : helpers.networks.portraits.Portraits
        All that is shown.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> browser = UnitBrowser(layer="bend3")
    >>> browser.unit = 95
    >>> browser
    UnitBrowser: 5 layers, 120 units; bend3 (96 maps of 6 × 6), unit 95, patch 0; \
by number
    """

    module = "explorers/unit_browser.js"

    layer = Name("Give the name of a layer")
    unit = Whole(0, 0)
    order = Word(ORDERS, ORDERS[0])
    patch = Whole(0, 0)

    _layers = traitlets.Dict().tag(sync=True, arrays=True)
    _thumbnails = traitlets.Dict().tag(sync=True, arrays=True)
    _names = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        portraits: Portraits | str = "flowers",
        layer: str | None = None,
        unit: int | None = None,
        *,
        order: str = ORDERS[0],
        patch: int = 0,
    ) -> None:
        self.portraits = portraits
        try:
            self.data = _read(portraits)
            layers = {one.name: _message(one) for one in self.data.layers}
            thumbnails = _sheet(self.data.thumbnails)
            sheets = [one[k] for one in layers.values() for k in ("patches", "ascents")]
            do = "Make fewer, as probe.portray(…, count=24) does"
            encoded.refuse_too_much([*sheets, thumbnails], "portraits", do)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        names: dict[str, Any] = {"classes": list(self.data.class_names)}
        names["shipped"] = portraits if isinstance(portraits, str) else None
        names |= {"credits": list(self.data.credits), "layers": self.data.names}
        super().__init__(_layers=layers, _thumbnails=thumbnails, _names=names)
        self.order = order
        self.layer = self.data.names[0] if layer is None else layer
        if unit is not None:
            self.unit = unit
        self.patch = patch

    @property
    def _here(self) -> Layer:
        return self.data.layer(self.layer)

    @property
    def _last_patch(self) -> int:
        """The number of the unit's last patch; 0 also where it has none."""
        there = self._here.photos[self._here.units == self.unit] >= 0
        return max(int(there.sum()) - 1, 0)

    # ---- what fits together ----

    @traitlets.validate("layer")
    def _a_layer(self, proposal: dict[str, Any]) -> str:
        try:
            return _arguments.word(proposal["value"], "layer", self.data.names)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("unit")
    def _a_unit(self, proposal: dict[str, Any]) -> int:
        value, units = proposal["value"], self._here.units
        if value not in units:
            listed = ", ".join(map(str, units[:8])) + ", …" * (len(units) > 8)
            need = f"Give the number of one of those in {self.layer} ({listed})"
            raise traitlets.TraitError(str(_arguments.refusal("unit", value, need)))
        return value

    @traitlets.validate("patch")
    def _a_patch(self, proposal: dict[str, Any]) -> int:
        value, last = proposal["value"], self._last_patch
        if value > last:
            need = f"Give a whole number from 0 to {last}"
            if not last:
                need = f"Give 0: there are no others of unit {self.unit}"
            raise traitlets.TraitError(str(_arguments.refusal("patch", value, need)))
        return value

    @traitlets.observe("layer")
    def _another_layer(self, _: Any) -> None:
        if "layer" not in self._told:
            self.patch = 0
            self.unit = int(_in_order(self._here, self.order)[0])

    @traitlets.observe("unit")
    def _another_unit(self, _: Any) -> None:
        self.patch = min(self.patch, self._last_patch)

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: what there is, and what of it is shown."""
        layers, layer = self.data.layers, self._here
        units = sum(len(one.units) for one in layers)
        rows, columns = layer.maps
        what = f"{layer.total} maps of {rows} × {columns}"
        if layer.maps == (1, 1):
            what = f"{layer.total} units"
        return (
            f"UnitBrowser: {len(layers)} layer{'s' * (len(layers) != 1)}, "
            f"{units:,} unit{'s' * (units != 1)}; "
            f"{self.layer} ({what}), unit {self.unit}, patch {self.patch}; {self.order}"
        )

    def picture(self) -> plots.Picture:
        """Return the filter, if it is a picture, the patches, the picture by ascent."""
        layer = self._here
        row = int(np.flatnonzero(layer.units == self.unit)[0])
        drawn = {}
        if len(layer.filters):
            drawn["filter"] = layer.filters[row]
        for k, photo in enumerate(layer.photos[row].tolist()):
            if photo >= 0:
                drawn[f"patch {k}"] = layer.patches[row, k]
        if len(layer.ascents):
            drawn["by ascent"] = layer.ascents[row]
        if not drawn:  # a dead unit
            drawn["nothing excites it"] = np.full((8, 8, 3), 128, np.uint8)
        title = f"{self.layer}, unit {self.unit}"
        return plots.images(list(drawn.values()), list(drawn), title=title)
