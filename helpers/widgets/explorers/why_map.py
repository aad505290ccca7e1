"""WhyMap: why a network takes a photo for what it does, shown over the photo (08)."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, images, plots
from helpers.networks import slopes
from helpers.networks.exported import Network
from helpers.widgets.parts import networks, photo_views, reasons
from helpers.widgets.parts.ask import Answering, answers
from helpers.widgets.parts.colour_photo import ColourPhoto
from helpers.widgets.parts.named_picture import OWN
from helpers.widgets.parts.remembered import Remembered
from helpers.widgets.parts.traits import Checked, Flag, Whole, Word

Floats = NDArray[np.float64]

SHIPPED = ("flowers",)
MOST_IN_THE_PAGE = 5_000_000  # weights; a larger Keras model stays in the kernel
_PLACES = 12  # of occlusion, down and across, in the page
_PLACES_IN_KERNEL = 8  # a large network takes a second for some pictures
_KEPT = 8  # maps that are not computed twice, and as many probabilities
_SAID = 3  # classes in the title of the still picture
_STORED = 20_000  # pixels of the picture that stands in the stored notebook


class WhyMap(Answering, ColourPhoto):
    """Ask a network why: what in a photo makes it name a class, by four methods.

    Each gives a map that lies over the photo in colours. With random weights beside
    it, one sees whether a map depends on what the network has learned at all
    (Adebayo and others 2018, arXiv 1810.03292). Cover a place, and the probability of
    the class says whether it mattered. Computed in the page; a large Keras model is
    asked in the kernel.

    Parameters
    ----------
    network
        "flowers", the course's network of lesson 07; or your own: a Keras model that
        takes (side, side, 3) with values from 0 to 255 and gives logits or
        probabilities, or what `helpers.networks.export.network` made of one, or what
        `helpers.networks.vgg16` and `alexnet` give, with its classes.
    photo
        The name of a photo of the menu, or a photo: (H, W, 3) or, gray, (H, W), values
        from 0 to 255, or floats from 0 to 1. Left out, the first of the menu.
    class_names
        The names of the classes of a network of your own; left out, those of its
        description, else 0, 1, 2 … Where some have the same name, as two of ImageNet's
        do, their numbers stand behind it: "crane (134)".
    photos
        Photos by their names, 1 to 20, for the menu; left out, a sunflower and four of
        scikit-image's.
    label, method, layer, random_weights, strength, covered, patch
        As the traits below.

    Attributes
    ----------
    image : ndarray of uint8, (S, S, 3)
        The photo: the square in its middle, at most 512 pixels a side.
    photo : str
        Its name in the menu, "own" for one of your own.
    label : int or None
        The number of the class that is asked about; None for what the network says.
    method : str
        "grad_cam" (Selvaraju and others 2016, arXiv 1610.02391), "saliency" (Simonyan
        and others 2013, arXiv 1312.6034), "smooth_grad" (Smilkov and others 2017,
        arXiv 1706.03825) or "occlusion" (Zeiler and Fergus 2013, arXiv 1311.2901).
    layer : str
        The layer of Grad-CAM; at first the last with maps that does not pool.
    random_weights : bool
        Whether the same map of the same network with random weights stands beside.
    strength : int
        Percent of the map's colours in the overlay, 0 to 100.
    covered : tuple of int or None
        (row, column) in the view of the middle of a patch that is covered with gray.
    patch : int
        Pixels a side of that patch, and of occlusion's.
    view : ndarray of float64, (side, side, 3)
        What the network gets, 0 to 255.
    probabilities : ndarray of float64, (classes,)
        What it answers, nothing covered.
    guess : str
        The class with the largest.
    change : float or None
        By how much the probability of the class in question changes with the patch
        covered; None where none is.
    map, random_map : ndarray of float64, (rows, columns)
        The map, computed in Python when it is asked for: by
        `helpers.networks.slopes`, the page's own arithmetic and random numbers; by
        `helpers.networks.probe` for a model that stays in the kernel.
    network : helpers.networks.exported.Network or keras.Model
        The network itself.
    in_kernel : bool
        Whether the network is asked in the kernel.
    class_names, photos
        As given; names that come twice are told apart by the classes' numbers.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> why = WhyMap("flowers", "sunflower", method="grad_cam")
    >>> why.guess, why.layer, why.map.shape
    ('sunflowers', 'bend5', (6, 6))
    >>> why.covered = (64, 64)
    >>> why.change < 0
    True
    >>> why
    WhyMap: sunflower, the class that the network names, grad_cam of bend5, 24 × 24 \
covered at (64, 64)
    """

    module = "explorers/why_map.js"

    label = Checked(lambda label: label, None).tag(  # `_one_of_the_classes`
        to_json=lambda label, _: -1 if label is None else label,
        from_json=lambda label, _: None if label == -1 else label,
    )
    method = Word(reasons.METHODS, "grad_cam")
    layer = Checked(lambda name: name, "")  # `_one_of_the_layers`
    random_weights = Flag(False)
    strength = Whole(60, 0, 100)
    covered = Checked(photo_views.checked_place, None).tag(
        to_json=lambda place, _: list(place or ()),  # a page's null: it is closed
        from_json=lambda place, _: tuple(place) or None,
    )
    patch = Checked(lambda side: side, 24)  # `_not_larger_than_the_view`

    _network = traitlets.Dict().tag(sync=True, arrays=True)
    _class_names: traitlets.List = traitlets.List().tag(sync=True)
    _about = traitlets.Dict().tag(sync=True)
    _own = traitlets.Dict().tag(sync=True)  # what is the learner's, what is usual

    def __init__(
        self,
        network: Any = "flowers",
        photo: ArrayLike | str | None = None,
        class_names: Sequence[str] | None = None,
        *,
        photos: Mapping[str, ArrayLike] | None = None,
        label: int | None = None,
        method: str = "grad_cam",
        layer: str | None = None,
        random_weights: bool = False,
        strength: int = 60,
        covered: tuple[int, int] | None = None,
        patch: int | None = None,
    ) -> None:
        self._maps = Remembered(_KEPT)
        self._likelihoods = Remembered(_KEPT)  # of every place that is pointed at
        try:
            self._source = _source(network)
            names = self._source.class_names
            if class_names is not None:
                names = networks.checked_names(class_names, len(names), different=False)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        self._size = self._source.side
        usual = {
            "layer": self._source.usual_layer,
            "patch": max(1, 3 * self._size // 16),
        }
        super().__init__(
            **self._chosen_of(photo, photos),
            _network=self._source.message,
            _class_names=list(networks.told_apart(names)),
            _about={
                "size": self._size,
                "step": self._source.step,
                "layers": self._source.layers,
                "in_kernel": self.in_kernel,
            },
            _own={
                "network": not isinstance(network, str),
                "class_names": class_names is not None,
                "photos": photos is not None,
                **usual,
            },
            method=method,
            layer=usual["layer"] if layer is None else layer,
            random_weights=random_weights,
            strength=strength,
            patch=usual["patch"] if patch is None else patch,
        )
        self.label = label
        self.covered = covered

    # ---- what is given ----

    @property
    def network(self) -> Any:
        """The network: a Network that the page has, or the Keras model."""
        return self._source.network

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the network's classes."""
        return tuple(self._class_names)

    @property
    def in_kernel(self) -> bool:
        """Whether the network is asked in the kernel."""
        return isinstance(self._source, _InKernel)

    # ---- what fits together ----

    @traitlets.validate("label")
    def _one_of_the_classes(self, proposal: dict[str, Any]) -> int | None:
        label, most = proposal["value"], len(self._class_names) - 1
        if label is None or (_arguments.is_whole(label) and 0 <= label <= most):
            return label if label is None else int(label)
        need = f"Give the number of a class, 0 to {most}, or None for what it says"
        came = _arguments.shown(label)
        raise traitlets.TraitError(str(_arguments.refusal("label", came, need)))

    @traitlets.validate("layer")
    def _one_of_the_layers(self, proposal: dict[str, Any]) -> str:
        names = [name for name, *_ in self._source.layers]
        try:
            return _arguments.word(proposal["value"], "layer", names)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("covered")
    def _inside_the_view(self, proposal: dict[str, Any]) -> tuple[int, int] | None:
        place = proposal["value"]
        if place is not None and max(place) >= self._size:
            need = f"Give (row, column), each from 0 to {self._size - 1}, or None"
            raise traitlets.TraitError(str(_arguments.refusal("covered", place, need)))
        return place

    @traitlets.validate("patch")
    def _not_larger_than_the_view(self, proposal: dict[str, Any]) -> int:
        try:
            return _arguments.whole(proposal["value"], "patch", 1, self._size)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def _fit_the_rest(self, *, chosen: bool) -> None:
        """A photo of the menu comes uncovered."""
        if chosen:
            self.covered = None

    # ---- what it sees, what it answers ----

    @property
    def view(self) -> Floats:
        """What the network gets, (side, side, 3), 0 to 255."""
        return images.square(self.image, self._size).astype(np.float64)

    @property
    def probabilities(self) -> Floats:
        """The probability of each class, nothing covered."""
        return self._likely(self.view).copy()

    @property
    def guess(self) -> str:
        """The class with the largest probability."""
        return self.class_names[int(self.probabilities.argmax())]

    @property
    def change(self) -> float | None:
        """By how much the probability of the class changes with the patch covered."""
        if self.covered is None:
            return None
        covered = self._with_patch(self.view, self.covered, self.patch)
        label = self._label_now()
        return float(self._likely(covered)[label] - self.probabilities[label])

    @property
    def map(self) -> Floats:
        """The map over the photo, (rows, columns)."""
        return self._map(is_random=False).copy()

    @property
    def random_map(self) -> Floats:
        """The same of the network with random weights."""
        return self._map(is_random=True).copy()

    def _label_now(self) -> int:
        return int(self.probabilities.argmax()) if self.label is None else self.label

    def _map(self, *, is_random: bool) -> Floats:
        return self._reason(self._asked_now(), is_random=is_random)

    def _asked_now(self) -> reasons.Asked:
        layer = self.layer if self.method == "grad_cam" else ""
        covering = (self.patch, self._source.step)
        return reasons.Asked(
            self.view, self._label_now(), self.method, layer, *covering
        )

    def _likely(self, picture: Floats) -> Floats:
        return self._likelihoods.get(
            picture.tobytes(), lambda: self._source.likely(picture)
        )

    def _reason(self, asked: reasons.Asked, *, is_random: bool) -> Floats:
        key = _key_of(asked, is_random)
        return self._maps.get(key, lambda: self._source.reason(asked, is_random))

    @staticmethod
    def _with_patch(view: Floats, covered: tuple[int, int], patch: int) -> Floats:
        made = np.array(view, np.float64)
        made[photo_views.patch_at(covered, patch, len(made))] = photo_views.COVER
        return made

    # ---- what the page asks ----

    @answers
    def said(self, picture: NDArray, covered: list[int], patch: int) -> dict[str, Any]:
        """Answer the page: the probabilities, without a patch and with one."""
        view = picture.astype(np.float64)
        before = after = self._likely(view)
        if covered:
            row, column = covered
            after = self._likely(self._with_patch(view, (row, column), patch))
        return {"before": before, "after": after}

    @answers
    def explained(
        self,
        picture: NDArray,
        label: int,
        method: str,
        layer: str,
        side: int,
        step: int,
        is_random: bool,
    ) -> dict[str, Any]:
        """Answer the page: a map."""
        view = picture.astype(np.float64)
        asked = reasons.Asked(view, label, method, layer, side, step)
        return {"map": self._reason(asked, is_random=is_random)}

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: the photo, the class, the method."""
        name = "a photo of your own" if self.photo == OWN else self.photo
        label = "the class that the network names"
        if self.label is not None:
            label = f'"{self.class_names[self.label]}"'
        of_layer = f" of {self.layer}" if self.method == "grad_cam" else ""
        what = [name, label, f"{self.method}{of_layer}"]
        if self.method == "occlusion":
            what[-1] += f" by {self.patch} × {self.patch}"
        what += ["random weights beside"] * self.random_weights
        what += [f"{self.strength} % strong"] * (self.strength != 60)
        if self.covered is not None:
            what.append(f"{self.patch} × {self.patch} covered at {self.covered}")
        return f"WhyMap: {', '.join(what)}"

    def picture(self) -> plots.Picture:
        """Return what the network gets, and the map over it.

        Where only the kernel has the network, the maps that it has computed already:
        one takes a minute, and the page asks for it once it is there.
        """
        view, shares = self.view, self.probabilities
        best = shares.argsort()[::-1][:_SAID]
        said = ", ".join(f"{self.class_names[k]} {shares[k]:.0%}" for k in best)
        label = self.class_names[self._label_now()]
        shown, titles = [view], [said]
        if self.covered is not None:
            shown[0] = self._with_patch(view, self.covered, self.patch)
        kinds = [(False, "why"), *[(True, "random weights: why")] * self.random_weights]
        asked, step = self._asked_now(), self._source.step
        for is_random, kind in kinds:
            if self.in_kernel and _key_of(asked, is_random) not in self._maps:
                continue
            found = self._reason(asked, is_random=is_random)
            cell = step if self.method == "occlusion" else self._size / len(found)
            gray = np.asarray(images.gray(view), np.float64)
            shown.append(reasons.over(gray, found, self.strength / 100, cell))
            titles.append(f"{kind} {label}?")
        return plots.images(shown, titles, limits=(0, 255), pixels=_STORED)


# -- who answers -----------------------------------------------------------------------


def _source(value: Any) -> _InThePage | _InKernel:
    """Return what answers for a network: what the page runs, or the kernel."""
    if networks.is_keras(value):
        return _of_keras(value)
    if networks.is_keras(getattr(value, "model", None)):  # one that comes `Pretrained`
        source = _of_keras(value.model)
        if len(value.class_names) == len(source.class_names):
            source.class_names = tuple(value.class_names)
        return source
    taken = networks.checked_network(value, SHIPPED, "(side, side, 3)")
    return _InThePage(taken if isinstance(taken, Network) else networks.shipped(taken))


def _of_keras(model: Any) -> _InThePage | _InKernel:
    """Return a Keras model as one for the page where that can have it."""
    if not model.built:
        came = f"a {type(model).__name__} that is not built"
        need = "Let it begin with keras.Input((side, side, 3))"
        raise _arguments.refusal("network", came, need)
    if model.count_params() > MOST_IN_THE_PAGE:
        return _InKernel(model)
    from helpers.networks import export  # Keras is here already

    try:
        written = export.network(model)
    except ValueError:  # a layer that no page knows
        return _InKernel(model)
    return _InThePage(written) if slopes.has_way_back(written) else _InKernel(model)


def _key_of(asked: reasons.Asked, is_random: bool) -> tuple[Any, ...]:
    """Return what tells a map from others; a patch makes a difference to one method."""
    covering = (asked.side, asked.step) if asked.method == "occlusion" else ()
    of = (asked.label, asked.method, asked.layer)
    return asked.picture.tobytes(), *of, *covering, is_random


class _InThePage:
    """A network that the page has, and its arithmetic in NumPy."""

    def __init__(self, network: Network) -> None:
        self.side = networks.photo_side(network)
        self.class_names = networks.classes_of(network)
        self.network = network
        self._trained = slopes.Chain(network)
        layers = network.description["layers"]
        self.layers = [
            [layer["name"], *layer["shape"]]
            for layer in layers[1:]
            if len(layer["shape"]) == 3 and layer["shape"] != layers[0]["shape"]
        ]
        kinds = {layer["name"]: layer["kind"] for layer in layers}
        kept = [name for name, *_ in self.layers if kinds[name] != "pool2d"]
        self.usual_layer = _last(kept)
        self.step = max(1, self.side // _PLACES)
        self.message = {"description": network.description, "data": network.data}

    @functools.cached_property
    def _random(self) -> slopes.Chain:
        return slopes.Chain(self.network, reasons.drawn_anew(self.network))

    def likely(self, picture: Floats) -> Floats:
        return reasons.probabilities(self._trained, picture[np.newaxis])[0]

    def reason(self, asked: reasons.Asked, is_random: bool) -> Floats:
        return reasons.reason(self._random if is_random else self._trained, asked)


class _InKernel:
    """A Keras model that is too large for the page, or of a kind that it cannot run."""

    message: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, model: Any) -> None:
        self.side = networks.model_side(model)
        for layer in model.layers:
            networks.refuse_not_finite(layer.name, layer.get_weights())
        self.class_names = tuple(map(str, range(model.outputs[0].shape[-1])))
        self.network = model
        shapes = [(layer, _maps_of(layer)) for layer in model.layers]
        takes = tuple(model.inputs[0].shape[1:])
        with_maps = [(one, shape) for one, shape in shapes if shape not in ((), takes)]
        self.layers = [[layer.name, *shape] for layer, shape in with_maps]
        kept = [
            layer.name for layer, _ in with_maps if "Pool" not in type(layer).__name__
        ]
        self.usual_layer = _last(kept)
        self.step = max(1, self.side // _PLACES_IN_KERNEL)

    @functools.cached_property
    def _random(self) -> Any:
        return _probe().randomised(self.network, seed=reasons.SEED)

    def likely(self, picture: Floats) -> Floats:
        batch = picture[np.newaxis].astype(np.float32)
        return _probe().probabilities(self.network, batch)[0]

    def reason(self, asked: reasons.Asked, is_random: bool) -> Floats:
        method = getattr(_probe(), asked.method)
        options: dict[str, dict[str, Any]] = {
            "grad_cam": {"layer": asked.layer},
            "smooth_grad": {"progress": False},
            "occlusion": {"size": asked.side, "step": asked.step, "progress": False},
        }
        model = self._random if is_random else self.network
        return method(
            model, asked.picture, asked.label, **options.get(asked.method, {})
        )


def _probe() -> Any:
    """Return the room that asks Keras models; Keras is here already."""
    from helpers.networks import probe

    return probe


def _maps_of(layer: Any) -> tuple[int, ...]:
    """Return (rows, columns, maps) of what a layer of a Keras model gives, or ()."""
    shape = getattr(layer.output, "shape", ())
    return tuple(shape[1:]) if len(shape) == 4 and None not in shape[1:] else ()


def _last(names: list[str]) -> str:
    if not names:
        came = "one without a layer of maps"
        raise _arguments.refusal("network", came, "Give one with a convolution")
    return names[-1]
