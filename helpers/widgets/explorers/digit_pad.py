"""DigitPad: draw a digit, and see every layer of a network answer (lesson 06)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, ops, plots
from helpers.networks import running
from helpers.networks.exported import Network
from helpers.widgets.parts import given, networks, seen
from helpers.widgets.parts.one_unit import OneUnit
from helpers.widgets.parts.traits import Array, Checked, Flag, Place, Whole, Word

SIDE = seen.SIDE
OWN = networks.OWN
LARGEST_PATCH = 14
_STILL = 5  # maps in the still picture

#: How drawings are prepared for each network.
_PREPARED = {"mnist": "mnist", "quickdraw": "quickdraw", OWN: "mnist"}


def _checked_cover(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    place = tuple(value) if _arguments.is_sequence(value) else ()
    fits = len(place) == 2 and all(map(_arguments.is_whole, place))
    if not fits or not all(0 <= n < SIDE for n in place):
        need = f"Give (row, column), each from 0 to {SIDE - 1}, or None"
        raise _arguments.refusal("covered", _arguments.shown(value), need)
    return int(place[0]), int(place[1])


class DigitPad(OneUnit):
    """Draw with mouse, finger or keys; a network looks on, and shows all that it sees.

    After every stroke stand there: the drawing as the network receives it, the
    probability of each class, the maps of every layer, and for any unit the patch it
    saw, its weights, its products and their sum. Errors go the same way back. Cover a
    square of the picture, and see where that hurts.

    Parameters
    ----------
    network
        "mnist" for the course's trained network of digits, "quickdraw" for that of
        drawings, or your own, just trained: a Keras model that takes (28, 28, 1) with
        values from 0 to 255 and gives logits or probabilities, or what
        `helpers.networks.export.network` made of one.
    classes
        The names of the classes of a network of your own; left out, those of its
        description, else 0, 1, 2 …
    strokes
        What is drawn at first: a list of strokes, each a list of points [x, y] from 0
        to 1, x to the right and y down. ``{"erase": points}`` is one of the rubber.
    image
        A picture (28, 28), 0 to 255, that lies under the strokes.
    prepare
        What is done to drawings: "mnist" cuts them to a box of 20 × 20 and moves their
        centre of mass into the middle, "quickdraw" fills the square, "as drawn" does
        nothing. Left out, what the network learned from.
    shift, turn, scale
        As the traits below.
    samples
        Pictures (N, 28, 28), 0 to 255, for the button; left out, real ones that are on
        this machine, else scikit-learn's digits.

    Attributes
    ----------
    network : str
        "mnist", "quickdraw" or "own". Set it to a name or a model.
    strokes : tuple
        What was drawn, as the parameter.
    prepare : str
        As the parameter.
    shift : tuple of int
        Pixels (down, right) that the prepared picture is moved by, −14 to 14.
    turn : int
        Degrees clockwise that it is turned by, −180 to 180.
    scale : int
        Percent that it is enlarged to, 50 to 200.
    covered : tuple of int or None
        (row, column) in the middle of a square that is hidden from the network.
    patch : int
        Side of that square in pixels, 1 to 14.
    layer : int
        Number of the layer that is written out, in the order of ``trained.names``.
    unit : tuple of int
        (row, column, map) of its unit that is written out; of a list (0, 0, number).
    errors : bool
        Whether errors are shown: how the loss changes with every number.
    label : int
        Number of the class that is taken for right there.
    image : ndarray, (28, 28)
        What the network sees, 0 to 255. Set it to show a picture as it is.
    probabilities : ndarray of float64, (classes,)
        What it answers.
    guess : str
        The class with the largest.
    maps : dict of ndarray
        What every layer makes of the image, by its name.
    trained : helpers.networks.exported.Network
        The network itself.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> pad = DigitPad(strokes=[[[0.3, 0.25], [0.7, 0.25], [0.45, 0.8]]])
    >>> pad.guess, pad.image.shape, pad.maps["filters1"].shape
    ('7', (28, 28), (14, 14, 16))
    >>> pad.turn = 180
    >>> pad
    DigitPad: mnist, 15 layers, 10 classes; 1 stroke, prepared as mnist, turned by \
180°; unit (7, 7, 0) of filters1
    """

    module = "explorers/digit_pad.js"

    network = Checked(networks.checked_network, "mnist")
    strokes = Checked(seen.checked_strokes, ())
    prepare = Word(seen.PREPARE, "mnist")
    shift = Place((0, 0), ("down", "right"), least=-14, most=14)
    turn = Whole(0, -180, 180)
    scale = Whole(100, 50, 200)
    covered = Checked(_checked_cover, None).tag(  # a page's null is an explorer closed
        to_json=lambda place, _: list(place or ()),
        from_json=lambda place, _: tuple(place) or None,
    )
    patch = Whole(6, 1, LARGEST_PATCH)
    layer = Whole(2, 0)
    unit = Place((7, 7, 0), ("row", "column", "map"), least=0, most=9999)
    errors = Flag(False)
    label = Whole(0, 0)

    _base = Array(networks.checked_picture, np.zeros((SIDE, SIDE), np.uint8))
    _networks = traitlets.Dict().tag(sync=True, arrays=True)
    _samples = given.arrays_by_name()
    _usual = traitlets.Dict(_PREPARED).tag(sync=True)

    def __init__(
        self,
        network: Any = "mnist",
        classes: Sequence[str] | None = None,
        *,
        strokes: Iterable[Any] = (),
        image: ArrayLike | None = None,
        prepare: str | None = None,
        shift: tuple[int, int] = (0, 0),
        turn: int = 0,
        scale: int = 100,
        samples: ArrayLike | None = None,
    ) -> None:
        self._own: Network | None = None
        self._answered: tuple[Any, dict[str, Any]] | None = None
        found = {name: networks.samples_of(name) for name in networks.DRAWN}
        shipped = {
            name: self._message(networks.shipped(name)) for name in networks.DRAWN
        }
        super().__init__(
            _networks=shipped,
            _samples={name: some for name, some in found.items() if len(some)},
            strokes=strokes,
            shift=shift,
            turn=turn,
            scale=scale,
        )
        self.network = network
        if classes is not None:
            self._name_classes(classes)
        if prepare is not None:
            self.prepare = prepare
        if samples is not None:
            self._take_samples(samples)
        if image is not None:
            self._base = image

    # ---- the network ----

    @traitlets.validate("network")
    def _taken(self, proposal: dict[str, Any]) -> str:
        value = proposal["value"]
        if isinstance(value, Network):
            try:
                networks.refuse_other_shapes(value)
            except ValueError as error:
                raise traitlets.TraitError(str(error)) from None
            self._own = value
            self._networks = {**self._networks, OWN: self._message(value)}
            self._samples = {**self._samples, OWN: networks.samples_of("mnist")}
            self._fit_the_rest()
            return OWN
        if value == OWN and self._own is None:
            raise traitlets.TraitError(
                'network: "own" is for a network of your own: set your model itself.'
            )
        return str(value)

    @traitlets.observe("network")
    def _another_network(self, _: Any) -> None:
        if "network" not in self._told:
            self.prepare = _PREPARED[self.network]
            self._fit_the_rest()

    def _fit_the_rest(self) -> None:
        """Begin at the first convolution of another network, in its middle."""
        self.label = 0
        self._begin_with_a_unit()

    @staticmethod
    def _message(network: Network) -> dict[str, Any]:
        return {"description": network.description, "data": network.data}

    def _name_classes(self, classes: Sequence[str]) -> None:
        count = len(self.classes)
        names = list(map(str, classes)) if _arguments.is_sequence(classes) else []
        if self.network != OWN or len(names) != count or len(set(names)) != count:
            came = _arguments.shown(classes)
            need = f"Give {count} different names, for a network of your own"
            raise traitlets.TraitError(str(_arguments.refusal("classes", came, need)))
        described = self.trained.description
        about = {**described.get("about", {}), "classes": names}
        self._own = Network({**described, "about": about}, self.trained.data)
        self._networks = {**self._networks, OWN: self._message(self._own)}

    def _take_samples(self, samples: ArrayLike) -> None:
        try:
            checked = networks.checked_samples(samples)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        self._samples = {**self._samples, self.network: checked}

    @property
    def trained(self) -> Network:
        """The network that looks on."""
        if self.network == OWN and self._own is not None:
            return self._own
        return networks.shipped(self.network)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of its classes."""
        return networks.classes_of(self.trained)

    @property
    def samples(self) -> NDArray[np.uint8]:
        """The pictures of the button, (N, 28, 28)."""
        return self._samples.get(self.network, np.zeros((0, SIDE, SIDE), np.uint8))

    @traitlets.validate("label")
    def _a_class(self, proposal: dict[str, Any]) -> int:
        return self._below(proposal["value"], "label", len(self.classes))

    # ---- what it sees, what it answers ----

    @property
    def _seen(self) -> seen.Seen:
        state = {name: getattr(self, name) for name in seen.Seen._fields[1:]}
        return seen.Seen(self._base, **state)

    @property
    def image(self) -> NDArray[np.float64]:
        """What the network sees, (28, 28), 0 to 255."""
        return np.array(seen.picture(self._seen), np.float64)

    @image.setter
    def image(self, value: ArrayLike) -> None:
        before = self._base
        self._base = value
        if before is self._base and not self.strokes:
            return
        with self.hold_sync():
            self.strokes = ()
            self.shift, self.turn, self.scale, self.covered = (0, 0), 0, 100, None

    @property
    def maps(self) -> dict[str, NDArray[np.floating]]:
        """What every layer makes of the image, by its name."""
        return dict(self._answer(self.image))

    def _answer(self, image: NDArray[Any]) -> dict[str, NDArray[np.floating]]:
        """Return the maps of an image; those of the last one are kept."""
        asked = (self.trained, image.tobytes())
        if self._answered is None or self._answered[0] != asked:
            [first] = self.trained.description["inputs"]
            x = image.reshape(self._layers[first]["shape"])
            self._answered = (asked, running.maps(self.trained, x))
        return self._answered[1]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The probability of each class."""
        last = self.trained.description["outputs"][0]
        output = self.maps[self.trained.names[last]]
        sure = running.gives_probabilities(self.trained)
        return np.asarray(output if sure else ops.softmax(output), np.float64)

    @property
    def guess(self) -> str:
        """The class with the largest probability."""
        return self.classes[int(self.probabilities.argmax())]

    def describe(self) -> str:
        """Return one line: the network, what is drawn, and the unit."""
        count = len(self.strokes)
        drawn = f"{count} stroke{'s' * (count != 1)}, prepared as {self.prepare}"
        under = "a picture" if self._base.any() else "nothing drawn yet"
        what = [drawn if count else under]
        if self.shift != (0, 0):
            what.append(f"moved by {self.shift}")
        if self.turn:
            what.append(f"turned by {self.turn}°")
        if self.scale != 100:
            what.append(f"at {self.scale} %")
        if self.covered is not None:
            side = f"{self.patch} × {self.patch}"
            what.append(f"{side} covered at {self.covered}")
        return (
            f"DigitPad: {self.network}, {len(self._layers)} layers, "
            f"{len(self.classes)} classes; {', '.join(what)}; "
            f"unit {self.unit} of {self.trained.names[self.layer]}"
        )

    def picture(self) -> plots.Picture:
        """Return what the network sees and a layer's maps; at first, of a sample."""
        image = self.image
        if not image.any() and len(self.samples):
            image = self.samples[0]
        bent = [layer["kind"] in ("conv2d", "activation") for layer in self._layers]
        which = [k for k, one in enumerate(bent) if one and len(self._shape_of(k)) == 3]
        if not which:
            return plots.images([image], ["the network sees"], limits=(0, seen.WHITE))
        name = self.trained.names[which[min(1, len(which) - 1)]]
        maps = self._answer(image)[name]
        most = float(np.abs(maps).max()) or 1.0
        shown = [seen.WHITE / most * np.clip(m, 0, None) for m in maps.T.swapaxes(1, 2)]
        titles = ["the network sees", *(f"{name}, map {k}" for k in range(_STILL))]
        pictures = [image, *shown[:_STILL]]
        return plots.images(pictures, titles[: len(pictures)], limits=(0, seen.WHITE))
