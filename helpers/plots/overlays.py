"""Pictures of what spoke for an answer: maps laid over the photo they belong to."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers import _arguments
from helpers.images import enlarged, gray, white
from helpers.plots import _given, _words
from helpers.plots._layout import COLOURED
from helpers.plots._scales import SIGNED
from helpers.plots.photos import images
from helpers.plots.picture import Picture

_END = 99  # percent of a map's numbers lie below its scale's end
_PALE = 0.75  # how far the photo's grays are moved to white, so that colour is seen


def overlays(
    photo: ArrayLike,
    maps: ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike],
    titles: Sequence[str] | str | None = None,
    *,
    strength: float = 0.8,
    photo_title: str | None = "photo",
    title: str | None = None,
    pixels: int = COLOURED,
    alt: str | None = None,
) -> Picture:
    """Draw a photo, and beside it maps laid over it: red for, blue against.

    Each map is drawn on a scale of its own, since what different methods measure cannot
    be compared. It ends where one number in a hundred is larger: else a few pixels hide
    all others. Where a map is 0 the pale photo is seen, in gray, so that all colour is
    the map's.

    Parameters
    ----------
    photo
        (H, W) or (H, W, 3), values 0–255, or 0–1 where none is above 1.
    maps
        One map (h, w), a list of maps, or a dictionary of titles and maps; of any
        sizes up to the photo's: each is stretched over it.
    titles
        A title for each map.
    strength
        How much of the photo the scale's end covers, from 0 to 1.
    photo_title
        A title for the photo; None to leave the photo itself out.
    title
        A title for the whole picture.
    pixels
        As for `images`.
    alt
        A description in place of the default one.

    Returns
    -------
    Picture
        One axis for the photo, if it is shown, and one for each map.

    Raises
    ------
    ValueError
        For anything that is no photo or no map, or where titles and maps don't match.

    Examples
    --------
    >>> picture = overlays(np.eye(8) * 255, {"Grad-CAM": [[0, 1], [0, 0]]})
    >>> picture.alt
    'Two images side by side. 1, photo: 8 × 8 pixels, gray, values from 0 to 255. 2, \
Grad-CAM: a map of 2 × 2 over it, values from 0 to 1, most at the upper right.'
    """
    photo = _given.image(photo)
    maps, titles = _given.several(maps, titles, lambda a: _given.matrix(a, "A map"))
    strength = _arguments.real(strength, "strength", 0, 1)
    over = "it" if photo_title is not None else "a photo"
    words = [
        f"a map of {_words.size(one)} over {over}, {_words.span(one)}{_most(one)}"
        for one in maps
    ]
    scaled = photo * (255 / white(photo))
    ground = np.asarray(gray(scaled), float)
    ground = 255 - _PALE * (255 - ground)
    covered = [_covered(ground, one, strength) for one in maps]
    if photo_title is not None:
        kind = "colour" if photo.ndim == 3 else "gray"
        words.insert(0, f"{_words.size(photo)} pixels, {kind}, {_words.span(photo)}")
        titles.insert(0, _given.text(photo_title, "photo_title"))
        covered.insert(0, scaled)
    said = _words.listed("image", titles, words, title, alt)
    return images(
        covered, titles, title=title, limits=(0, 255), pixels=pixels, alt=said
    )


def _covered(ground: np.ndarray, found: np.ndarray, strength: float) -> np.ndarray:
    """Return a gray photo with a map over it, (H, W, 3); NaN where the map has none."""
    large = enlarged(found, ground.shape)
    sizes = np.abs(large[np.isfinite(large)])
    end = np.percentile(sizes, _END) if sizes.size else 0.0
    shares = np.clip(large / (end or sizes.max(initial=0) or 1.0), -1, 1)
    colour = 255 * SIGNED((np.nan_to_num(shares) + 1) / 2)[..., :3]
    cover = (strength * np.abs(shares))[..., None]
    return (1 - cover) * ground[..., None] + cover * colour


def _most(found: np.ndarray) -> str:
    """Say where the largest number lies, in thirds of the map."""
    if not np.isfinite(found).any() or np.nanmax(found) == np.nanmin(found):
        return ""
    place = np.unravel_index(np.nanargmax(found), found.shape)
    row, column = (
        min(2, int(3 * (at + 0.5) / side))
        for at, side in zip(place, found.shape, strict=True)
    )
    down = ("upper", "", "lower")[row]
    across = ("left", "", "right")[column]
    if not down and not across:
        return ", most in the middle"
    if not across:
        return f", most at the {'top' if row == 0 else 'bottom'}"
    return f", most at the {f'{down} {across}'.strip()}"
