"""FilterBrowser: filters and feature maps of any layer, by epoch (lesson 06)."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, plots
from helpers.networks import running
from helpers.networks.exported import Network
from helpers.widgets.parts import given
from helpers.widgets.parts.base import Explorer
from helpers.widgets.parts.traits import Whole

MOST_IMAGES = 100
MOST_BYTES = 3_000_000  # of all weights, before they are rounded to 8 bits
MOST_BYTES_AT_ALL = 20_000_000
_STILL = 6  # filters, or maps, in the still picture


def _is_keras(value: Any) -> bool:
    return "keras" in {kind.__module__.split(".")[0] for kind in type(value).__mro__}


def _written(model: Any, record: Any) -> tuple[Network, ...]:
    """Return the network at every moment that is known, as few bytes as need be."""
    if isinstance(model, Network):
        return _alike(model, record)
    if not _is_keras(model):
        came = _arguments.shown(model)
        need = "Give a keras.Model, or a Network that export gives"
        raise _arguments.refusal("model", came, need)
    from helpers.networks import export  # Keras is here already

    if record is None:
        return (export.network(model),)
    return tuple(export.moments(model, record, most=MOST_BYTES))


def _alike(model: Network, record: Any) -> tuple[Network, ...]:
    """Return the moments of a network that was written down already."""
    if record is None:
        return (model,)
    moments = tuple(record) if _arguments.is_sequence(record) else ()
    if not moments or not all(isinstance(one, Network) for one in moments):
        came = _arguments.shown(record)
        need = "Give a list of Networks, one for each moment, with a Network"
        raise _arguments.refusal("record", came, need)
    if any(
        one.description["layers"] != moments[0].description["layers"] for one in moments
    ):
        came = "networks of different layers"
        raise _arguments.refusal("record", came, "Give the same one at each moment")
    return moments


def _checked_images(value: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return pictures (N, …) of the shape that the network takes."""
    images = _arguments.array(value, "images", finite=True)
    if (*images.shape[1:], 1) == shape:
        images = images[..., np.newaxis]
    if images.shape[1:] != shape or not 1 <= len(images) <= MOST_IMAGES:
        came = f"shape {images.shape}"
        need = f"Give 1 to {MOST_IMAGES} of {shape}, images[:20] for example"
        raise _arguments.refusal("images", came, need)
    return images if images.dtype == np.uint8 else images.astype(np.float64)


class FilterBrowser(Explorer):
    """Filters of any layer, what they make of a picture, and how they came about.

    The epochs of a training are gone through, played or scrubbed: filters and maps of
    that moment stand there at once. Units that are 0 for all the pictures are marked.

    Parameters
    ----------
    model
        A Keras model, or a `helpers.networks.exported.Network`; one input.
    images
        Pictures (N, …) as it takes them, 1 to 100; (N, H, W) where it takes (H, W, 1).
    record
        What `helpers.networks.training.fit` returned, weights kept: then there are all
        epochs from 0, before the first. With a Network a list of Networks, one for each
        moment. Left out, there is one moment.
    epoch, layer, filter, channel, example
        As the traits below; left out, the last epoch and the first convolution.

    Attributes
    ----------
    epoch : int
        Which moment is shown, from 0.
    layer : int
        Number of the layer, in the order of ``network.names``.
    filter : int
        Number of the filter, or unit, or map, that is large.
    channel : int
        Number of the map before it whose slice of the filter is written out.
    example : int
        Number of the picture.
    images : ndarray, (N, …)
        The pictures.
    networks : tuple of helpers.networks.exported.Network
        The network at each moment, weights rounded as the page has them.
    network : helpers.networks.exported.Network
        That of the epoch.
    maps : dict of ndarray
        What its layers make of the picture, by their names.
    dead : ndarray of bool, (maps,)
        Which maps of the layer are 0 everywhere, for all the pictures.
    model, record
        As they were given.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Notes
    -----
    Weights go to the page as float16; if that is more than 3 MB, as 8 bits each.

    Examples
    --------
    >>> from helpers.networks import exported
    >>> digits = np.zeros((2, 28, 28), np.uint8)
    >>> browser = FilterBrowser(exported.shipped("mnist"), digits)
    >>> browser.filter = 3
    >>> browser
    FilterBrowser: 15 layers, 1 moment, 2 pictures; filters1 (conv2d, 14 × 14 × 16), \
filter 3, channel 0; picture 0
    >>> browser.maps["filters1"].shape
    (14, 14, 16)
    """

    module = "explorers/filter_browser.js"

    epoch = Whole(0, 0)
    layer = Whole(0, 0)
    filter = Whole(0, 0)
    channel = Whole(0, 0)
    example = Whole(0, 0)

    _description = traitlets.Dict().tag(sync=True)
    _moments = traitlets.Dict().tag(sync=True, arrays=True)
    _images = given.arrays_by_name()

    def __init__(
        self,
        model: Any,
        images: ArrayLike,
        record: Any = None,
        *,
        epoch: int | None = None,
        layer: int | None = None,
        filter: int = 0,
        channel: int = 0,
        example: int = 0,
    ) -> None:
        self.model, self.record = model, record
        try:
            self.networks = _written(model, record)
            self._refuse_what_the_page_cannot()
            checked = _checked_images(images, self._shape(self._input()))
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        self.images = checked.copy()
        self.images.flags.writeable = False
        self._known: dict[int, list[NDArray[np.bool_]]] = {}
        super().__init__(
            _description=self.networks[0].description,
            _moments={str(k): one.data for k, one in enumerate(self.networks)},
            _images={"images": self.images},
        )
        self.epoch = len(self.networks) - 1 if epoch is None else epoch
        self.layer = self._first() if layer is None else layer
        self.filter, self.channel, self.example = filter, channel, example

    def _refuse_what_the_page_cannot(self) -> None:
        inputs = self.networks[0].description["inputs"]
        if len(inputs) != 1:
            came = f"one of {len(inputs)} inputs"
            raise _arguments.refusal("model", came, "Give one with a single input")
        size = sum(len(one.data) for one in self.networks)
        if size > MOST_BYTES_AT_ALL:
            came = f"{len(self.networks)} moments of {size / 1e6:.0f} MB"
            need = f"Give fewer, or a smaller network: {MOST_BYTES_AT_ALL / 1e6:.0f} MB"
            raise _arguments.refusal("record", came, need)

    # ---- the network ----

    @property
    def _layers(self) -> list[dict[str, Any]]:
        return self.networks[0].description["layers"]

    def _input(self) -> int:
        [first] = self.networks[0].description["inputs"]
        return first

    def _shape(self, layer: int) -> tuple[int, ...]:
        return tuple(self._layers[layer]["shape"])

    def _first(self) -> int:
        kinds = [layer["kind"] for layer in self._layers]
        return kinds.index("conv2d") if "conv2d" in kinds else len(kinds) - 1

    def _channels(self, layer: int) -> int:
        """Return how many slices a filter has: 1 where there are no filters."""
        one = self._layers[layer]
        if one["kind"] != "conv2d":
            return 1
        return self._shape(one["inputs"][0])[-1] // one.get("groups", 1)

    @property
    def network(self) -> Network:
        """The network at the epoch."""
        return self.networks[self.epoch]

    def _maps_of(self, epoch: int, example: int) -> dict[str, NDArray[Any]]:
        return dict(running.maps(self.networks[epoch], self.images[example]))

    @property
    def maps(self) -> dict[str, NDArray[Any]]:
        """What the layers make of the picture, by their names."""
        return self._maps_of(self.epoch, self.example)

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which maps of the layer are 0 everywhere, for all the pictures."""
        if self.epoch not in self._known:
            alive = [
                np.zeros(self._shape(k)[-1], bool) for k in range(len(self._layers))
            ]
            for example in range(len(self.images)):
                for k, made in enumerate(self._maps_of(self.epoch, example).values()):
                    alive[k] |= (made != 0).reshape(-1, made.shape[-1]).any(axis=0)
            self._known[self.epoch] = [~one for one in alive]
        return self._known[self.epoch][self.layer]

    # ---- what fits together ----

    @traitlets.validate("epoch", "layer", "filter", "channel", "example")
    def _there_is_one(self, proposal: dict[str, Any]) -> int:
        name, value = proposal["trait"].name, proposal["value"]
        count = {
            "epoch": lambda: len(self.networks),
            "layer": lambda: len(self._layers),
            "filter": lambda: self._shape(self.layer)[-1],
            "channel": lambda: self._channels(self.layer),
            "example": lambda: len(self.images),
        }[name]()
        if value >= count:
            need = f"Give a whole number from 0 to {count - 1}"
            raise traitlets.TraitError(str(_arguments.refusal(name, value, need)))
        return value

    @traitlets.observe("layer")
    def _another_layer(self, _: Any) -> None:
        if "layer" not in self._told:
            self.filter = self.channel = 0

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: the network, and what of it is shown."""
        moments, count = len(self.networks), len(self.images)
        one = self._layers[self.layer]
        shape = " × ".join(map(str, one["shape"]))
        when = f"; epoch {self.epoch}" if moments > 1 else ""
        return (
            f"FilterBrowser: {len(self._layers)} layers, "
            f"{moments} moment{'s' * (moments != 1)}, "
            f"{count} picture{'s' * (count != 1)}; "
            f"{one['name']} ({one['kind']}, {shape}), filter {self.filter}, "
            f"channel {self.channel}; picture {self.example}{when}"
        )

    def picture(self) -> plots.Picture:
        """Return some filters of a convolution; of another layer its maps."""
        one = self._layers[self.layer]
        if one["kind"] == "conv2d":
            kernel = self.network.weights(one["name"])["kernel"]
            kernel = kernel.reshape(*one["size"], *kernel.shape[-2:])
            maps, what = kernel[:, :, self.channel, :], "filter"
        else:
            maps, what = self.maps[one["name"]], "map"
        if maps.ndim == 1:
            return plots.signed([maps[np.newaxis]], [one["name"]])
        maps = maps.reshape(-1, *maps.shape[-2:])
        which = list(range(min(_STILL, maps.shape[-1])))
        if self.filter not in which:
            which[-1] = self.filter
        titles = [f"{what} {k}" for k in which]
        return plots.signed([maps[..., k] for k in which], titles, title=one["name"])
