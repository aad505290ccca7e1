"""PhotoReader: a photo, what a network takes it for, and what changes that (07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, ops, plots
from helpers.networks import running
from helpers.networks.exported import Network
from helpers.widgets.parts import networks, photo_views
from helpers.widgets.parts.colour_photo import ColourPhoto
from helpers.widgets.parts.named_picture import OWN
from helpers.widgets.parts.photo_views import LARGEST, LEAST
from helpers.widgets.parts.traits import Checked, Flag, Place, Whole

SHIPPED = ("flowers",)
_SAID = 3  # classes in the title of the still picture


class PhotoReader(ColourPhoto):
    """Show a network a photo, also your own: what it takes it for, and what changes it.

    The network sees a square of the photo, scaled to its own size. Move the square,
    mirror it, turn it, make it darker or gray, cover a patch of it: the probability of
    each class follows, computed in the page. A network can only choose among the
    classes it learned, whatever the photo shows.

    Parameters
    ----------
    network
        "flowers", the course's network of lesson 07; or your own: a Keras model that
        takes (side, side, 3) with values from 0 to 255 and gives logits or
        probabilities, or what `helpers.networks.export.network` made of one.
    photo
        The name of a photo of the menu, or a photo: (H, W, 3) or, gray, (H, W), values
        from 0 to 255, or floats from 0 to 1. ``images.load("cat.jpg")`` reads a file.
        Left out, the first of the menu.
    class_names
        The names of the classes of a network of your own; left out, those of its
        description, else 0, 1, 2 …
    photos
        Photos by their names, 1 to 20, for the menu; left out, a sunflower and four of
        scikit-image's.
    crop, mirror, turn, gray, brightness
        As the traits below.

    Attributes
    ----------
    image : ndarray of uint8, (S, S, 3)
        The photo: the square in its middle, scaled to 512 pixels a side where it is
        larger, as `helpers.images.square` does. Set it to show another one.
    photo : str
        Its name in the menu, "own" for one of your own.
    crop : tuple of int
        (row, column, side) of the square of `image` that the network sees, 16 pixels a
        side at least.
    mirror : bool
        Whether left and right change places.
    turn : int
        Degrees clockwise, −180 to 180. What comes into the view from outside is black.
    gray : bool
        Whether its colours are taken away.
    brightness : int
        Percent of what it was, 20 to 300.
    covered : tuple of int or None
        (row, column) in the view of the middle of a patch that is covered with gray.
    patch : int
        Side of that patch in pixels of the view, from 1 to its own side.
    view : ndarray of float64, (side, side, 3)
        What the network gets, 0 to 255.
    probabilities : ndarray of float64, (classes,)
        What it answers.
    guess : str
        The class with the largest.
    network : helpers.networks.exported.Network
        The network itself.
    class_names, photos
        As given.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> from helpers.networks.exported import Network, Weights
    >>> head = {"version": 1, "weights": "float32", "inputs": [0], "outputs": [1]}
    >>> photo = {"name": "photo", "kind": "input", "inputs": [], "shape": [32, 32, 3]}
    >>> means = {"name": "means", "kind": "pool2d", "inputs": [0], "shape": [3]}
    >>> means |= {"reduce": "mean", "size": [32, 32], "padding": [[0, 0], [0, 0]]}
    >>> layers = [photo, {**means, "stride": [32, 32]}]
    >>> reddest = Network({**head, "layers": layers}, b"")
    >>> reader = PhotoReader(reddest, "rocket", ["red", "green", "blue"])
    >>> reader.view.shape, reader.guess
    ((32, 32, 3), 'blue')
    >>> reader.crop = (216, 120, 40)
    >>> reader.guess
    'red'
    >>> reader
    PhotoReader: rocket, 40 × 40 of its 256 × 256 pixels at (216, 120) for a network \
that takes 32 × 32, 3 classes
    """

    module = "explorers/photo_reader.js"

    crop = Place((0, 0, LEAST), ("row", "column", "side"), least=0, most=LARGEST)
    mirror = Flag(False)
    turn = Whole(0, -180, 180)
    gray = Flag(False)
    brightness = Whole(100, 20, 300)
    covered = Checked(photo_views.checked_place, None).tag(
        to_json=lambda place, _: list(place or ()),  # a page's null: it is closed
        from_json=lambda place, _: tuple(place) or None,
    )
    patch = Whole(24, 1, networks.MOST_PHOTO)

    _network = traitlets.Dict().tag(sync=True, arrays=True)
    _class_names: traitlets.List = traitlets.List().tag(sync=True)
    _own = traitlets.Dict().tag(sync=True)  # which arguments are the learner's own

    def __init__(
        self,
        network: Any = "flowers",
        photo: ArrayLike | str | None = None,
        class_names: Sequence[str] | None = None,
        *,
        photos: Mapping[str, ArrayLike] | None = None,
        crop: tuple[int, int, int] | None = None,
        mirror: bool = False,
        turn: int = 0,
        gray: bool = False,
        brightness: int = 100,
    ) -> None:
        self._answered: tuple[bytes, NDArray[np.float64]] | None = None
        self._trained, told = networks.taken(_the_network, network, class_names)
        self._size = networks.photo_side(self._trained)
        told["_own"]["photos"] = photos is not None
        super().__init__(
            **self._chosen_of(photo, photos),
            **told,
            patch=max(1, 3 * self._size // 16),
            mirror=mirror,
            turn=turn,
            gray=gray,
            brightness=brightness,
        )
        # Not before, for it must lie inside this photo.
        self.crop = self._whole() if crop is None else crop

    # ---- what is given ----

    @property
    def network(self) -> Network:
        """The network."""
        return self._trained

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of its classes."""
        return tuple(self._class_names)

    # ---- what fits together ----

    @traitlets.validate("crop")
    def _inside_the_photo(self, proposal: dict[str, Any]) -> tuple[int, int, int]:
        row, column, side = proposal["value"]
        most = len(self.image)
        if side < LEAST or max(row, column) + side > most:
            raise traitlets.TraitError(
                f"crop: {(row, column, side)} came; give (row, column, side) of a "
                f"square inside the photo's {most} × {most} pixels, its side {LEAST} "
                "or more."
            )
        return row, column, side

    @traitlets.validate("covered")
    def _inside_the_view(self, proposal: dict[str, Any]) -> tuple[int, int] | None:
        place = proposal["value"]
        if place is not None and max(place) >= self._size:
            need = f"Give (row, column), each from 0 to {self._size - 1}, or None"
            raise traitlets.TraitError(str(_arguments.refusal("covered", place, need)))
        return place

    @traitlets.validate("patch")
    def _not_larger_than_the_view(self, proposal: dict[str, Any]) -> int:
        side = proposal["value"]
        if side > self._size:
            need = f"Give a whole number from 1 to {self._size}"
            raise traitlets.TraitError(str(_arguments.refusal("patch", side, need)))
        return side

    def _fit_the_rest(self, *, chosen: bool) -> None:
        """Another photo is seen as a whole."""
        row, column, side = self.crop
        outside = max(row, column) + side > len(self.image)
        if "crop" not in self._told or outside:
            self.crop = self._whole()

    def _whole(self) -> tuple[int, int, int]:
        return 0, 0, len(self.image)

    # ---- what it sees, what it answers ----

    @property
    def view(self) -> NDArray[np.float64]:
        """What the network gets, (side, side, 3), 0 to 255."""
        state = {name: getattr(self, name) for name in photo_views.Look._fields}
        return photo_views.view(photo_views.Look(**state), self._size)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The probability of each class."""
        seen = self.view
        asked = seen.tobytes()
        if self._answered is None or self._answered[0] != asked:
            made = running.maps(self._trained, seen)
            last = self._trained.description["outputs"][0]
            output = made[self._trained.names[last]]
            sure = running.gives_probabilities(self._trained)
            output = output if sure else ops.softmax(output)
            self._answered = (asked, np.asarray(output, np.float64))
        return self._answered[1].copy()

    @property
    def guess(self) -> str:
        """The class with the largest probability."""
        return self.class_names[int(self.probabilities.argmax())]

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: the photo, what is done to it, and the network."""
        row, column, side = self.crop
        most, size = len(self.image), self._size
        name = "a photo of your own" if self.photo == OWN else self.photo
        if side == most:
            what = [f"{name}, {most} × {most} pixels"]
        else:
            part = f"{side} × {side} of its {most} × {most} pixels"
            what = [f"{name}, {part} at ({row}, {column})"]
        what += ["mirrored"] * self.mirror
        what += [f"turned by {self.turn}°"] * bool(self.turn)
        what += ["gray"] * self.gray
        what += [f"{self.brightness} % as bright"] * (self.brightness != 100)
        if self.covered is not None:
            what.append(f"{self.patch} × {self.patch} covered at {self.covered}")
        return (
            f"PhotoReader: {', '.join(what)} for a network that takes {size} × {size}, "
            f"{len(self._class_names)} classes"
        )

    def picture(self) -> plots.Picture:
        """Return the photo, and what the network gets with what it takes it for."""
        shares = self.probabilities
        best = shares.argsort()[::-1][:_SAID]
        said = ", ".join(f"{self.class_names[k]} {shares[k]:.0%}" for k in best)
        titles = ["the photo", said]
        return plots.images([self.image, self.view], titles, limits=(0, 255))


def _the_network(value: Any) -> Network:
    """Return the network that is asked for, by its name or as it is."""
    taken = networks.checked_network(value, SHIPPED, "(side, side, 3)")
    network = taken if isinstance(taken, Network) else networks.shipped(taken)
    networks.photo_side(network)  # one that takes no photos is refused
    return network
