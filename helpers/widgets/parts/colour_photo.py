"""What explorers share whose picture is a colour photo for a network."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, images
from helpers.widgets.parts import given, photo_views
from helpers.widgets.parts.named_picture import OWN, NamedPicture
from helpers.widgets.parts.photo_views import LARGEST, LEAST
from helpers.widgets.parts.traits import Array, Checked

PHOTOS = ("sunflower", "chelsea", "coffee", "astronaut", "rocket")
MOST_PHOTOS = 20
_PHOTO_SIDE = 256  # pixels of those of the menu


@functools.cache
def photographs() -> dict[str, NDArray[np.uint8]]:
    """Return the photographs of the menu, (256, 256, 3), never written to."""
    photos = {}
    for name in PHOTOS:
        photos[name] = images.photo(name, size=_PHOTO_SIDE, colour=True)
        photos[name].flags.writeable = False
    return photos


def _checked_photos(value: Any) -> dict[str, NDArray[np.uint8]]:
    """Return the learner's own menu: photos by their names."""
    need = f"Give photos by their names, 1 to {MOST_PHOTOS}"
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MOST_PHOTOS:
        raise _arguments.refusal("photos", _arguments.shown(value), need)
    made = {}
    for name, photo in value.items():
        if not isinstance(name, str) or name in ("", OWN):
            raise _arguments.refusal("photos", f"the name {name!r}", need)
        made[name] = photo_views.checked_photo(photo, f'photos["{name}"]')
        made[name].flags.writeable = False
    return made


class ColourPhoto(NamedPicture):
    """Base of the explorers that show a network a photo: of a menu, or the learner's.

    A subclass calls `_chosen_of` before its own ``__init__`` goes on, and passes what
    that returns to ``super().__init__``.
    """

    image = Array(photo_views.checked_photo, np.zeros((LEAST, LEAST, 3), np.uint8))
    photo = Checked(lambda name: name, OWN)  # `_really_own` knows the menu

    _photos = given.arrays_by_name()
    _limits = traitlets.Dict(
        {"least": LEAST, "side": LARGEST, "pixels": images.MAX_PIXELS}
    ).tag(sync=True)

    _menu: dict[str, NDArray[np.uint8]]

    def _chosen_of(
        self,
        photo: ArrayLike | str | None,
        photos: Mapping[str, ArrayLike] | None,
    ) -> dict[str, Any]:
        """Return the traits of a photo and its menu.

        Raises
        ------
        TraitError
            For a menu, or a name, that will not do.
        """
        try:
            self._menu = photographs() if photos is None else _checked_photos(photos)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        first = next(iter(self._menu)) if photo is None else photo
        if not isinstance(first, str):
            return {"image": first, "photo": OWN, "_photos": self._menu}
        name = self._of_the_menu(first)
        return {"image": self._menu[name], "photo": name, "_photos": self._menu}

    def menu(self) -> dict[str, NDArray[np.uint8]]:  # type: ignore[override]
        """Return the photos of the menu, by their names."""
        return self._menu

    @property
    def photos(self) -> dict[str, NDArray[np.uint8]]:
        """The photos of the menu, (S, S, 3), by their names."""
        return dict(self._menu)

    def _of_the_menu(self, name: Any, *others: str) -> str:
        try:
            other = "an array, a photo of your own"
            return _arguments.word(name, "photo", (*self._menu, *others), other)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("photo")
    def _really_own(self, proposal: dict[str, Any]) -> str:
        name = self._of_the_menu(proposal["value"], OWN)
        return super()._really_own({**proposal, "value": name})
