"""AugmentationSampler: a photo, and the views that training makes of it (lesson 07)."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
import traitlets
from PIL import Image, ImageDraw

from helpers import _arguments, colours, drawings, images, plots
from helpers.widgets.parts import augmentation, given
from helpers.widgets.parts.augmentation import FIXED, RANDOM, WHITE, Settings, Way
from helpers.widgets.parts.named_picture import OWN, NamedPicture
from helpers.widgets.parts.traits import Array, Checked, Flag, Whole, Word

SIDE = 256  # pixels of a photo's side, as in 2012
VIEWS = 12
ACROSS = 4  # of them in a row
SMALLEST_VIEW = 32
LEAST = 0.1  # of the side: what a window has at the least
LAST_SEED = 1000
_GAP = 6  # pixels between the views of the still picture

PHOTOS = ("astronaut", "chelsea", "coffee")
#: What stands above the round of those whose label does not outlive every change: a 6
#: is a 9 upside down, a b is a d in the mirror.
STEMS = {
    "digit 6": [(0.6, 0.2), (0.48, 0.34), (0.4, 0.48), (0.36, 0.62)],
    "letter b": [(0.36, 0.22), (0.36, 0.76)],
}
PICTURES = (*PHOTOS, *STEMS)


def _drawn(stem: list[tuple[float, float]]) -> np.ndarray:
    """Draw a stem and a round, white on black, (256, 256), bytes."""
    turns = np.linspace(-np.pi, np.pi, 33)
    bowl = [(0.5 + 0.14 * np.cos(a), 0.62 + 0.14 * np.sin(a)) for a in turns]
    ink = drawings.raster([stem, bowl], side=SIDE)
    return (ink * WHITE).round().astype(np.uint8)


@functools.cache
def pictures() -> dict[str, np.ndarray]:
    """Return the pictures of the menu, (256, 256, 3), bytes, never written to."""
    found = {
        **{name: images.photo(name, size=SIDE, colour=True) for name in PHOTOS},
        **{name: _drawn(stem) for name, stem in STEMS.items()},
    }
    ready = {name: _in_colour(picture) for name, picture in found.items()}
    for picture in ready.values():
        picture.flags.writeable = False
    return ready


def _in_colour(picture: np.ndarray) -> np.ndarray:
    return picture if picture.ndim == 3 else np.stack([picture] * 3, axis=-1)


def _checked_image(value: Any) -> np.ndarray:
    """Return the middle square of a picture, (256, 256, 3), bytes."""
    image = _arguments.array(value, "image", finite=True)
    if image.ndim not in (2, 3) or image.shape[2:] not in ((), (1,), (3,)):
        need = "Give a gray (rows, columns) or a colour (rows, columns, 3) picture"
        raise _arguments.refusal("image", f"an array of shape {image.shape}", need)
    if image.shape[2:] == (1,):
        image = image[..., 0]
    if image.dtype != np.uint8:
        levels = image.astype(np.float64) * (WHITE / images.white(image))
        image = np.rint(np.clip(levels, 0, WHITE)).astype(np.uint8)
    side = min(image.shape[:2])
    top, left = ((n - side) // 2 for n in image.shape[:2])
    square = image[top : top + side, left : left + side]
    if side != SIDE:
        resized = Image.fromarray(np.ascontiguousarray(square)).resize(
            (SIDE, SIDE), Image.Resampling.BILINEAR
        )
        square = np.asarray(resized)
    return _in_colour(square)


def _share(name: str, least: float, default: float) -> Checked:
    return Checked(lambda value: _arguments.real(value, name, least, 1), default)


class Preset(NamedTuple):
    """Strengths of all changes, to start from."""

    title: str
    crop: str = RANDOM
    size: int = 96
    least: float = 1
    mirror: bool = False
    turn: int = 0
    brightness: float = 0
    colour: float = 0


#: What the menu of examples offers.
PRESETS = {
    "none": Preset("nothing: always the same view"),
    "zoomed": Preset(
        "parts of half the side or more", least=0.5, mirror=True, colour=0.1
    ),
    "alexnet": Preset(
        "AlexNet, 2012: 224 of 256 pixels", FIXED, 224, mirror=True, colour=0.1
    ),
    "tiny": Preset("small parts: is it still to be seen?", least=0.15, mirror=True),
    "any_way_up": Preset("any way up", least=0.8, mirror=True, turn=180),
    "colours": Preset("colours, ten times as strong as in 2012", least=0.8, colour=1),
}


class AugmentationSampler(NamedPicture):
    """Draw random views of a photo, as a network sees them while it is trained.

    Each of twelve views is cut out somewhere, mirrored or not, turned, made brighter or
    darker, its colours shifted. A click on one draws its frame on the photo.

    Parameters
    ----------
    photo
        ``"astronaut"``, ``"chelsea"``, ``"coffee"``, ``"digit 6"``, ``"letter b"``, or
        an array, gray (H, W) or colour (H, W, 3), of levels from 0 to 255, or from 0 to
        1 where none is above 1. Its middle square is taken and brought to 256 × 256
        pixels, as for AlexNet.
    crop
        ``"random size"``: a window whose side has between `least` and all of the
        photo's, scaled to `size` pixels. ``"fixed size"``: a window of `size` pixels,
        taken as they are, as in 2012.
    size
        Pixels a side of the views, 32 to 256.
    least
        The least side of a window of random size, as a share of the photo's: 0.1 to 1.
    mirror
        Whether every second view, by chance, is mirrored left and right.
    turn
        Degrees by which views are turned at most, either way: 0 to 180.
    brightness
        What views become brighter or darker by at most, as a share of white: 0 to 1.
    colour
        The standard deviation of the amounts by which colours are shifted along their
        principal axes: 0 to 1; 0.1 in the paper of 2012.
    seed
        Of all that is drawn, 1 to 1,000.

    Attributes
    ----------
    crop, size, least, mirror, turn, brightness, colour, seed
        As above. Setting one moves the screen.
    image : ndarray of uint8, (256, 256, 3)
        The photo on the screen; setting another takes its middle square.
    photo : str
        Its name, ``"own"`` for one of the learner's.
    chosen : int
        The view whose frame stands on the photo, 1 to 12.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Notes
    -----
    Windows and colours are those of `helpers.networks.augmentation`, with the principal
    axes of this photo alone; for a training they are found once, over all its photos.

    Examples
    --------
    >>> sampler = AugmentationSampler("coffee", crop="fixed size", size=224)
    >>> sampler.views.shape, sampler.count
    ((12, 224, 224, 3), 2178)
    """

    module = "explorers/augmentation_sampler.js"
    menu = staticmethod(pictures)

    image = Array(_checked_image, [[0]])
    photo = Word((*PICTURES, OWN), OWN)
    crop = Word((RANDOM, FIXED), RANDOM)
    size = Whole(96, SMALLEST_VIEW, SIDE)
    least = _share("least", LEAST, 0.5)
    mirror = Flag(True)
    turn = Whole(0, 0, 180)
    brightness = _share("brightness", 0, 0.0)
    colour = _share("colour", 0, 0.1)
    seed = Whole(1, 1, LAST_SEED)
    chosen = Whole(1, 1, VIEWS)

    _photos = given.arrays_by_name()
    _presets = given.presets_by_name()
    _limits = traitlets.Dict(
        {
            "side": SIDE,
            "views": VIEWS,
            "across": ACROSS,
            "crops": [RANDOM, FIXED],
            "size": [SMALLEST_VIEW, SIDE],
            "least": [LEAST, 1],
            "turn": [0, 180],
            "seed": [1, LAST_SEED],
            "pixels": images.MAX_PIXELS,
        }
    ).tag(sync=True)

    def __init__(
        self,
        photo: Any = "astronaut",
        *,
        crop: str = RANDOM,
        size: int = 96,
        least: float = 0.5,
        mirror: bool = True,
        turn: int = 0,
        brightness: float = 0.0,
        colour: float = 0.1,
        seed: int = 1,
    ) -> None:
        super().__init__(
            **self._chosen(photo, "photo"),
            crop=crop,
            size=size,
            least=least,
            mirror=mirror,
            turn=turn,
            brightness=brightness,
            colour=colour,
            seed=seed,
            _photos=pictures(),
            _presets=PRESETS,
        )

    @property
    def ways(self) -> list[Way]:
        """What is done for each view: window, mirror, angle, brightness, amounts."""
        settings = Settings(*(getattr(self, name) for name in Settings._fields))
        return augmentation.ways(settings, SIDE, self.seed, VIEWS)

    @property
    def axes(self) -> np.ndarray:
        """The principal axes of the photo's colours, (3, 3), one a row.

        As long as one standard deviation: `helpers.images.principal_colours`.
        """
        return images.principal_colours(self.image)

    @property
    def views(self) -> np.ndarray:
        """All views, (12, size, size, 3), float64.

        Levels from 0 to 255 and a little beyond, where colours were shifted: the screen
        cuts that off, a network does not.
        """
        axes = self.axes
        return np.stack(
            [augmentation.view(self.image, way, self.size, axes) for way in self.ways]
        )

    @property
    def count(self) -> float:
        """How many different crops there are, infinite where their size is random."""
        if self.crop == RANDOM:
            return 1 if self.least == 1 and not self.mirror else math.inf
        return (SIDE - self.size + 1) ** 2 * (2 if self.mirror else 1)

    def describe(self) -> str:
        """Return one line with the strengths and the window of the chosen view."""
        size, way = self.size, self.ways[self.chosen - 1]
        crops = (
            f"{size} × {size} of {SIDE} × {SIDE} pixels"
            if self.crop == FIXED
            else f"windows of {100 * self.least:.0f} to 100 % of the side, "
            f"scaled to {size} × {size} pixels"
        )
        return (
            f"AugmentationSampler: {VIEWS} views of {self.photo}, {crops}, "
            f"{'mirrored or not' if self.mirror else 'never mirrored'}, turned by up "
            f"to {self.turn}°, brightness ± {100 * self.brightness:.0f} %, colour "
            f"{self.colour:.2g}, seed {self.seed}; view {self.chosen} begins at row "
            f"{way.top:.0f}, column {way.left:.0f} and is {way.window:.0f} pixels "
            f"wide{', mirrored' if way.mirrored else ''}"
        )

    def picture(self) -> plots.Picture:
        """Return the photo, a frame for each view on it, and the views beside it."""
        title = "One photo, twelve views: what a network sees of it in training"
        shown = [self._with_frames(), _mosaic(self.views)]
        return plots.images(shown, [self.photo, "views"], title=title)

    def _with_frames(self) -> np.ndarray:
        """Return the photo with all frames, that of the chosen view above the rest."""
        photo = Image.fromarray(self.image)
        draw = ImageDraw.Draw(photo)
        every = self.ways
        for way in (*every, every[self.chosen - 1]):
            last = way is every[self.chosen - 1]
            ends = [(x - 0.5, y - 0.5) for y, x in augmentation.corners(way)]
            closed = [*ends, ends[0], ends[1]]
            if last:
                draw.line(closed, fill=colours.INK, width=6, joint="curve")
            colour, width = (colours.KERNEL, 3) if last else (colours.PAGE, 1)
            draw.line(closed, fill=colour, width=width, joint="curve")
        return np.asarray(photo)


def _mosaic(views: np.ndarray) -> np.ndarray:
    """Return views side by side, white between them, levels cut off at 0 and 255."""
    count, size = views.shape[:2]
    step = size + _GAP
    shape = (count // ACROSS * step - _GAP, ACROSS * step - _GAP, 3)
    mosaic = np.full(shape, WHITE, np.uint8)
    for k, view in enumerate(np.rint(np.clip(views, 0, WHITE)).astype(np.uint8)):
        row, column = k // ACROSS * step, k % ACROSS * step
        mosaic[row : row + size, column : column + size] = view
    return mosaic
