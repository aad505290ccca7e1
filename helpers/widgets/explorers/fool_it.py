"""FoolIt: a change that misleads a network, and chance beside it (lesson 08)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import images, ops, plots
from helpers.networks import running, slopes
from helpers.networks.exported import Network
from helpers.widgets.parts import given, networks
from helpers.widgets.parts.named_picture import OWN, NamedPicture
from helpers.widgets.parts.networks import SIDE, WHITE
from helpers.widgets.parts.random import uniforms
from helpers.widgets.parts.remembered import Remembered
from helpers.widgets.parts.traits import Array, ClassNumber, Whole, Word

MOST = 64  # gray levels
MOST_STEPS = 10
_STRIDE = 2.5  # all steps together are so many times as long as the strength
_INDEX = 11  # of the digits of the menu: the network knows all ten
_KEPT = 64  # answers, slopes and changed digits that are not computed twice

SHIPPED = ("mnist",)
PICTURES = tuple(f"digit {n}" for n in range(10))

Floats = NDArray[np.float64]


@functools.cache
def pictures() -> dict[str, NDArray[np.uint8]]:
    """Return the digits of the menu, (28, 28), bytes, never written to."""
    digits = {f"digit {n}": images.digit(n, index=_INDEX) for n in range(10)}
    for picture in digits.values():
        picture.flags.writeable = False
    return digits


def margin_slope(logits: NDArray[np.floating], label: int) -> Floats:
    """Return how ``ln((1 − p) / p)`` of a class changes with each logit.

    Cross-entropy's slope, by 1 − p, which is nearly 0 where a network is sure.

    Examples
    --------
    >>> margin_slope(np.zeros(5), 0).tolist()
    [-1.0, 0.25, 0.25, 0.25, 0.25]
    """
    rest = np.where(np.arange(len(logits)) == label, -np.inf, logits)
    return np.asarray(ops.softmax(rest) - np.eye(len(logits))[label], np.float64)


class FoolIt(NamedPicture):
    """Change a digit a little, so that a network takes it for another one.

    Beside the digit stand two changed ones: in one every pixel went up or down as it
    misleads the network most (fast gradient sign, in one step or several), in the
    other as chance said, just as far. What the network makes of all three stands below,
    and the smallest strength that fools it.

    Parameters
    ----------
    picture
        ``"digit 0"`` … ``"digit 9"``, or a picture (28, 28), 0 to 255.
    network
        "mnist", the course's network of digits; or your own: a Keras model that takes
        (28, 28, 1) with values from 0 to 255 and gives logits or probabilities, its
        layers one after the other; or what `helpers.networks.export.network` made of
        one.
    class_names
        The names of the classes of a network of your own; left out, those of its
        description, else 0, 1, 2 …
    strength, target, steps, seed
        As the traits below.

    Attributes
    ----------
    image : ndarray, (28, 28)
        The digit, 0 to 255. Set it to show another one.
    subject : str
        Its name in the menu, "own" for one of your own.
    strength : int
        By how many gray levels a pixel may change, 0 to 64.
    target : int or None
        Number of the class that the network is led to; None for any other than that
        which it names without a change.
    steps : int
        1 for fast gradient sign; up to 10 smaller ones, each of which looks anew.
    seed : int
        Of what chance says, 0 to 9,999.
    attacked : ndarray of float64, (28, 28)
        The digit that misleads, 0 to 255.
    noisy : ndarray of float64, (28, 28)
        The digit that chance changed as far.
    before, probabilities, with_noise : ndarray of float64, (classes,)
        What the network answers to the digit, the attacked one, the noisy one.
    guess : str
        The likeliest class of the attacked one.
    smallest : int or None
        The smallest strength that fools the network with these steps, in whole gray
        levels; 0 where it needs no change, None where none up to 64 does. All are tried
        in turn, for a larger one may fail again: ten steps in vain take some seconds.
    network : helpers.networks.exported.Network
        The network itself.
    class_names : tuple of str
        As given.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> fool = FoolIt("digit 3", strength=32)
    >>> fool.class_names[fool.before.argmax()], fool.guess == "3"
    ('3', False)
    >>> float(np.abs(fool.attacked - fool.image).max())
    32.0
    >>> fool
    FoolIt: digit 3, each pixel up to 32 gray levels off in 1 step, to any other \
class; network of 10 classes
    """

    module = "explorers/fool_it.js"
    named = "subject"
    menu = staticmethod(pictures)

    image = Array(networks.checked_picture, np.zeros((SIDE, SIDE), np.uint8))
    subject = Word((*PICTURES, OWN), OWN)
    strength = Whole(12, 0, MOST)
    target = ClassNumber("any other class")
    steps = Whole(1, 1, MOST_STEPS)
    seed = Whole(0, 0, 9999)

    _network = traitlets.Dict().tag(sync=True, arrays=True)
    _class_names: traitlets.List = traitlets.List().tag(sync=True)
    _pictures = given.arrays_by_name()
    _own = traitlets.Dict().tag(sync=True)  # which arguments are the learner's own
    _limits = traitlets.Dict({"strength": MOST, "steps": MOST_STEPS}).tag(sync=True)

    def __init__(
        self,
        picture: ArrayLike | str = "digit 3",
        network: Any = "mnist",
        class_names: Sequence[str] | None = None,
        *,
        strength: int = 12,
        target: int | None = None,
        steps: int = 1,
        seed: int = 0,
    ) -> None:
        self._known = Remembered(_KEPT)
        self._searched: tuple[Any, int | None] | None = None  # what for, and the result
        self._trained, told = networks.taken(_the_network, network, class_names)
        super().__init__(
            **self._chosen(picture, "picture"),
            **told,
            _pictures=pictures(),
            strength=strength,
            steps=steps,
            seed=seed,
        )
        self.target = target  # not before, for it must be one of these classes

    # ---- what is given ----

    @property
    def network(self) -> Network:
        """The network."""
        return self._trained

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of its classes."""
        return tuple(self._class_names)

    # ---- what misleads ----

    @property
    def attacked(self) -> Floats:
        """The digit that misleads, (28, 28), 0 to 255."""
        return self._attack(self.strength).copy()

    @property
    def noisy(self) -> Floats:
        """The digit that chance changed as far, (28, 28), 0 to 255."""
        drawn = uniforms(self.seed, SIDE * SIDE).reshape(SIDE, SIDE)
        ways = np.where(drawn < 0.5, -1, 1)
        return np.clip(self.image + float(self.strength) * ways, 0, WHITE)

    @property
    def before(self) -> Floats:
        """What the network answers to the digit."""
        return self._answer(self.image)

    @property
    def probabilities(self) -> Floats:
        """What the network answers to the attacked digit."""
        return self._answer(self.attacked)

    @property
    def with_noise(self) -> Floats:
        """What the network answers to the noisy digit."""
        return self._answer(self.noisy)

    @property
    def guess(self) -> str:
        """The likeliest class of the attacked digit."""
        return self.class_names[int(self.probabilities.argmax())]

    @property
    def smallest(self) -> int | None:
        """The smallest strength that fools the network."""
        asked = (self.image.tobytes(), self.target, self.steps)
        if self._searched is None or self._searched[0] != asked:
            fooling = (n for n in range(MOST + 1) if self._is_fooled(n))
            self._searched = (asked, next(fooling, None))
        return self._searched[1]

    def _is_fooled(self, strength: int) -> bool:
        named = int(self._answer(self._attacked_by(strength)).argmax())
        label = int(self.before.argmax())
        return named != label if self.target is None else named == self.target

    def _attack(self, strength: int) -> Floats:
        asked = ("attack", self.image.tobytes(), strength, self.target, self.steps)
        return self._known.get(asked, lambda: self._attacked_by(strength))

    def _attacked_by(self, strength: int) -> Floats:
        start = np.asarray(self.image, np.float64)
        label = int(self.before.argmax()) if self.target is None else self.target
        way = 1 if self.target is None else -1
        low, high = np.maximum(start - strength, 0), np.minimum(start + strength, WHITE)
        step, x = _STRIDE * strength / self.steps, start
        for _ in range(self.steps):
            slope = self._slope(x, label)
            x = np.clip(x + way * step * np.sign(slope), low, high)
        return x

    @functools.cached_property
    def _chain(self) -> slopes.Chain:
        return slopes.Chain(self._trained)

    def _slope(self, x: Floats, label: int) -> Floats:
        def found() -> Floats:
            shape = self._trained.description["layers"][0]["shape"]
            made = self._chain.forward(x.reshape(1, *shape))
            [logits] = self._chain.logits(made)
            outgoing = margin_slope(logits, label)[np.newaxis]
            return self._chain.backward(made, outgoing).reshape(SIDE, SIDE)

        return self._known.get(("slope", x.tobytes(), label), found)

    def _answer(self, image: NDArray[Any]) -> Floats:
        def found() -> Floats:
            described = self._trained.description
            x = np.asarray(image, np.float64).reshape(described["layers"][0]["shape"])
            output = running.maps(self._trained, x)[self._trained.names[-1]]
            sure = running.gives_probabilities(self._trained)
            return np.asarray(output if sure else ops.softmax(output), np.float64)

        asked = ("answer", np.asarray(image, np.float64).tobytes())
        return self._known.get(asked, found).copy()

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: the digit, how it is changed, and the network."""
        name = "a picture of your own" if self.subject == OWN else self.subject
        aim = "any other class"
        if self.target is not None:
            aim = f"“{self.class_names[self.target]}”"
        return (
            f"FoolIt: {name}, each pixel up to {self.strength} gray levels off in "
            f"{self.steps} step{'s' * (self.steps != 1)}, to {aim}; "
            f"network of {len(self._class_names)} classes"
        )

    def picture(self) -> plots.Picture:
        """Return the three digits, and what the network takes them for."""
        answers = {
            "as it is": (self.image, self.before),
            "misled": (self.attacked, self.probabilities),
            "by chance": (self.noisy, self.with_noise),
        }
        titles = [
            f"{name}: {self.class_names[shares.argmax()]}, {shares.max():.0%}"
            for name, (_, shares) in answers.items()
        ]
        shown = [picture for picture, _ in answers.values()]
        return plots.images(shown, titles, limits=(0, WHITE))


def _the_network(value: Any) -> Network:
    """Return the network that is asked for, if there is a way back through it."""
    taken = networks.checked_network(value, SHIPPED)
    network = taken if isinstance(taken, Network) else networks.shipped(taken)
    networks.refuse_other_shapes(network)
    slopes.Chain(network)  # refuses one without a way back
    return network
