"""What explorers share whose picture has a name: one of a menu or the learner's own."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np
import traitlets

from helpers import _arguments, images
from helpers.widgets.parts.base import Explorer

OWN = "own"
PHOTOS = ("astronaut", "coffee", "chelsea", "camera")
PHOTO_SIDE = 256  # pixels of the longer side of a photo
LARGEST_PHOTO = 512


@functools.cache
def photographs() -> dict[str, np.ndarray]:
    """Return the gray photographs of the menu, bytes, never written to."""
    photos = {}
    for name in PHOTOS:
        gray = images.gray(images.photo(name, size=PHOTO_SIDE))
        photos[name] = np.rint(gray).astype(np.uint8)
        photos[name].flags.writeable = False
    return photos


class NamedPicture(Explorer):
    """Base of the explorers of a picture: its trait ``image`` and its name go together.

    A subclass has the traits ``image`` and ``photo`` (or ``subject``), names the latter
    in ``named``, and gives in ``menu`` a function that returns the pictures by name.
    Setting the name shows that picture; setting another image calls it ``"own"``.
    Either way ``_fit_the_rest`` is called, which a subclass may write. For sounds both
    are ``wave`` and ``sound``: ``holds`` and ``what`` say so.
    """

    named: ClassVar[str] = "photo"
    holds: ClassVar[str] = "image"
    what: ClassVar[str] = "picture"
    menu = staticmethod(photographs)

    @classmethod
    def _chosen(cls, value: Any, argument: str) -> dict[str, Any]:
        """Return both traits for a name of the menu or for an array.

        Raises
        ------
        TraitError
            For a name that there is not, with those that there are.
        """
        if isinstance(value, str) and value in cls.menu():
            return {cls.holds: cls.menu()[value], cls.named: value}
        if value is None or isinstance(value, str) or _arguments.is_whole(value):
            what = "photograph" if cls.named == "photo" else cls.what
            close = _arguments.closest(str(value), cls.menu())
            guess = f'Did you mean "{close}"? ' if close else ""
            raise traitlets.TraitError(
                f"{argument}: there is no {what} {_arguments.shown(value)}. {guess}"
                f"Choose one of {', '.join(cls.menu())}, or give an array."
            )
        return {cls.holds: value, cls.named: OWN}

    @traitlets.validate("photo", "subject", "sound")
    def _really_own(self, proposal: dict[str, Any]) -> str:
        shown = self.menu().get(getattr(self, self.named))
        mine = getattr(self, self.holds)
        ours = shown is not None and np.array_equal(shown, mine)
        if proposal["value"] == OWN and ours:
            raise traitlets.TraitError(
                f'{self.named}: "own" is for a {self.what} of your own: assign it to '
                f"{self.holds}."
            )
        return proposal["value"]

    @traitlets.observe("photo", "subject", "sound")
    def _show(self, _: dict[str, Any]) -> None:
        name = getattr(self, self.named)  # by now it may be another than was set
        if name != OWN:
            setattr(self, self.holds, self.menu()[name])
            self._fit_the_rest(chosen=True)

    @traitlets.observe("image", "wave")
    def _name(self, _: dict[str, Any]) -> None:
        known = self.menu().get(getattr(self, self.named))
        mine = getattr(self, self.holds)
        if known is not None and not np.array_equal(known, mine):
            setattr(self, self.named, OWN)
        self._fit_the_rest(chosen=False)

    def _fit_the_rest(self, *, chosen: bool) -> None:
        """Make other traits fit a new picture; ``chosen`` where it has a name."""
