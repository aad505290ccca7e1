"""SpectrogramLab: a sound, its spectrogram, and filters that slide over it (09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments, ops, plots, sounds
from helpers.datasets.sound_set import Ear, LogMels, SoundSet
from helpers.networks import running
from helpers.networks.exported import Network
from helpers.widgets.parts import given, networks, waves
from helpers.widgets.parts.named_picture import OWN, NamedPicture
from helpers.widgets.parts.stepper import Stepper
from helpers.widgets.parts.traits import Array, Checked, OneOf, Whole, Word

SHIPPED = "spoken"
LARGEST_KERNEL = 5
WINDOWS = (32, 64, 128, 256, 512, 1024)
HOPS = (32, 512)  # smaller ones make more columns than a screen has
#: Along what a filter can slide, as `helpers.networks.beyond.SLIDES` has it.
SLIDES = ("time and frequency", "time", "frequency")
SCALES = ("mel", "hertz")

# Rows from low to high frequencies, columns from early to late.
PATTERNS = {
    "rising": 3 * np.eye(3) - 1,
    "falling": 3 * np.eye(3)[::-1] - 1,
    "onset": np.array([[-1.0, 0, 1]] * 3),
    "steady_tone": np.array([[-1.0] * 3, [2.0] * 3, [-1.0] * 3]),
}

_EAR = ("seconds", "level", "mels", "window", "hop")


def _checked_kernel(value: Any) -> np.ndarray:
    if isinstance(value, str):
        return PATTERNS[_arguments.word(value, "kernel", PATTERNS, "an array")]
    return given.grid_of_numbers(value, "kernel", most=LARGEST_KERNEL)


class SpectrogramLab(NamedPicture, Stepper):
    """Hear a sound, see its spectrogram, and slide a filter over it.

    The spectrogram is cut out of the sound by a window that moves on by hops. A small
    filter answers to a pattern in it; over all frequencies it can only slide in time,
    over all of the time only in frequency. A network tells which digit it hears. Play
    each sound, record your own or open a file: none of it leaves the page.

    Parameters
    ----------
    sound
        The name of a sound of the menu, or a wave: (samples,), 8,000 of them a second,
        from −1 to 1. ``sounds.read("me.wav", rate=8000).wave`` reads a file. Left out,
        the first of the menu.
    kernel
        ``"rising"``, ``"falling"``, ``"onset"``, ``"steady_tone"``, or numbers
        (rows, columns), at most 5 a side: low frequencies and early times first.
    slides
        ``"time and frequency"``: the kernel as it is. ``"time"``: its rows are spread
        over all frequencies, so it can slide in time alone. ``"frequency"``: its
        columns are spread over all of the time.
    window, hop
        Samples of a stretch, a power of two from 32 to 1,024; and from one to the
        next, 32 to 512.
    scale
        ``"mel"`` for bands of an ear, 40 where the window tells so many apart;
        ``"hertz"`` for every frequency of the Fourier transform.
    sounds
        Waves by their names, 1 to 20, or what ``load_spoken_digits()`` returned, for
        the menu. Left out, a few that are made by rule.
    network
        Hears the sound: "spoken", the course's own (without it where a copy of the
        course has none); a Keras model, as `helpers.networks.beyond.spoken`, or what
        `helpers.networks.export.network` made of one; or None.
    features
        What ``log_mels()`` of the training set returned: how the network's spectrograms
        were made and scaled. Left out, what its description says.
    class_names
        The names of a network's classes; left out, those of its description.
    layer
        The name of the layer whose maps are shown; left out, the first bent ones.
    position, step
        Where to begin, see below.

    Attributes
    ----------
    wave : ndarray of float64, (8000,)
        The sound: cut at one second, or silence put to its end. Set it to show another.
    sound : str
        Its name in the menu, "own" for one of your own.
    kernel : ndarray of float64, (rows, columns)
        The numbers of the kernel.
    slides, window, hop, scale, layer
        As above. Setting one moves the screen.
    position : tuple of int
        Row and column of the response that is written out; row 0 is the lowest.
    step : int
        How many places of the response are done, from its lowest row on.
    spectrogram : ndarray of float64, (bands, frames)
        On the screen: ln(power + 0.000001), low bands first.
    filter : ndarray of float64, (height, width)
        The kernel as it slides; what is spread over n lines weighs 1/n in each.
    result : ndarray of float64
        The response, ``ops.conv2d(spectrogram, filter)``.
    heard : ndarray of float64, (mels, frames), or None
        What the network gets, whatever window and hop the screen has.
    feature_maps : ndarray of float64, or None
        What its `layer` makes of that.
    probabilities, guess
        What it answers; None without a network.
    network, features, class_names, sounds
        As given.

    Raises
    ------
    TraitError
        For what cannot be taken, with a sentence; what was there before stays.

    Examples
    --------
    >>> lab = SpectrogramLab("rising chirp", "rising", network=None)
    >>> lab.spectrogram.shape, lab.result.shape
    ((40, 49), (38, 47))
    >>> lab.slides = "time"
    >>> lab.filter.shape, lab.result.shape
    ((40, 3), (1, 47))
    >>> lab
    SpectrogramLab: rising chirp, 40 mel bands × 49 stretches of 256 samples, hop 160; \
filter rising, 3 × 3 numbers, slides in time: response 1 × 47 from -11.36 to 4.326
    """

    module = "explorers/spectrogram_lab.js"
    named, holds, what = "sound", "wave", "sound"

    wave = Array(waves.checked_wave, [0])
    sound = Checked(lambda name: name, OWN)  # `_really_own` knows the menu
    kernel = Array(_checked_kernel, [[1]])
    slides = Word(SLIDES, SLIDES[0])
    window = OneOf(WINDOWS, sounds.WINDOW)
    hop = Whole(sounds.HOP, *HOPS)
    scale = Word(SCALES, "mel")
    layer = Checked(lambda name: name, "")  # `_one_of_the_layers` knows them

    _sounds = traitlets.Dict().tag(sync=True, arrays=True, to_json=waves.to_messages)
    _presets = given.arrays_by_name()
    _network = traitlets.Dict().tag(sync=True, arrays=True)  # empty without one
    _class_names: traitlets.List = traitlets.List().tag(sync=True)
    _own = traitlets.Dict().tag(sync=True)  # which arguments are the learner's own
    _ear = traitlets.Dict().tag(sync=True)
    _limits = traitlets.Dict(
        {
            "windows": list(WINDOWS),
            "hops": list(HOPS),
            "kernel": LARGEST_KERNEL,
            "slides": list(SLIDES),
            "rate": sounds.RATE,
        }
    ).tag(sync=True)

    def __init__(
        self,
        sound: ArrayLike | str | None = None,
        kernel: Any = "rising",
        slides: str = SLIDES[0],
        *,
        window: int = sounds.WINDOW,
        hop: int = sounds.HOP,
        scale: str = "mel",
        sounds: Mapping[str, ArrayLike] | SoundSet | None = None,
        network: Any = SHIPPED,
        features: LogMels | None = None,
        class_names: Sequence[str] | None = None,
        layer: str | None = None,
        position: tuple[int, int] | None = None,
        step: int | None = None,
    ) -> None:
        self._menu, chosen = _chosen_of(sound, sounds)
        self._trained, told = _told_of(network, features, class_names)
        self._features = features
        usual = _first_bent(self._trained)
        told["_own"] |= {
            "sounds": sounds is not None,
            "none": network is None,
            "layer": usual,
        }
        super().__init__(
            **chosen,
            **told,
            kernel=kernel,
            slides=slides,
            window=window,
            hop=hop,
            scale=scale,
            layer=usual if layer is None else layer,
            _sounds=self._menu,
            _presets=PATTERNS,
        )
        self._start_anew()
        self._go_to(position=position, step=step)

    # ---- what is given ----

    def menu(self) -> dict[str, waves.Wave]:  # type: ignore[override]
        """Return the sounds of the menu, by their names."""
        return self._menu

    @property
    def sounds(self) -> dict[str, waves.Wave]:
        """The sounds of the menu, (8000,), by their names."""
        return dict(self._menu)

    @property
    def network(self) -> Network | None:
        """The network, if there is one."""
        return self._trained

    @property
    def features(self) -> LogMels | None:
        """What was given of how its spectrograms were made."""
        return self._features

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of its classes."""
        return tuple(self._class_names)

    @traitlets.validate("sound")
    def _really_own(self, proposal: dict[str, Any]) -> str:
        name = _word(proposal["value"], "sound", (*self._menu, OWN))
        return super()._really_own({**proposal, "value": name})

    @traitlets.validate("layer")
    def _one_of_the_layers(self, proposal: dict[str, Any]) -> str:
        names = [""] if self._trained is None else self._trained.names
        return _word(proposal["value"], "layer", names)

    @traitlets.observe("kernel", "slides", "window", "hop", "scale")
    def _refit(self, _: dict[str, Any]) -> None:
        self._start_anew()

    # ---- what is made of it ----

    @property
    def bands(self) -> int:
        """How many rows the spectrogram has."""
        if self.scale == "hertz":
            return self.window // 2 + 1
        return most_bands(self.window)

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the response."""
        (rows, columns), shape = self.kernel.shape, self._shape
        down = 1 if self.slides == "time" else shape[0] - rows + 1
        return down, 1 if self.slides == "frequency" else shape[1] - columns + 1

    @property
    def _shape(self) -> tuple[int, int]:
        return self.bands, (len(self.wave) - self.window) // self.hop + 1

    @property
    def spectrogram(self) -> NDArray[np.float64]:
        """The spectrogram on the screen, (bands, frames)."""
        if self.scale == "mel":
            return sounds.log_mel(
                self.wave, mels=self.bands, window=self.window, hop=self.hop
            )
        power = sounds.spectrogram(self.wave, window=self.window, hop=self.hop)
        return np.log(power + sounds.FLOOR)

    @property
    def filter(self) -> NDArray[np.float64]:
        """The kernel as it slides, (height, width)."""
        made = np.array(self.kernel)
        if self.slides == "time":
            made = _spread(made, self.bands)
        if self.slides == "frequency":
            made = _spread(made.T, self._shape[1]).T
        return made

    @property
    def result(self) -> NDArray[np.float64]:
        """What the filter says at every place where it fits."""
        return np.asarray(ops.conv2d(self.spectrogram, self.filter), np.float64)

    @property
    def heard(self) -> NDArray[np.float64] | None:
        """What the network gets, (mels, frames)."""
        if self._trained is None:
            return None
        settings = dict(self._ear)
        mean, deviation = settings.pop("mean"), settings.pop("deviation")
        heard = _hears(Ear(**settings), self.wave)
        return np.asarray((heard - mean) / deviation, np.float64)

    def _maps(self) -> dict[str, NDArray[np.floating]] | None:
        heard = self.heard
        if self._trained is None or heard is None:
            return None
        first = self._trained.description["inputs"][0]
        shape = self._trained.description["layers"][first]["shape"]
        return running.maps(self._trained, heard.reshape(shape))

    @property
    def feature_maps(self) -> NDArray[np.floating] | None:
        """What the layer that is shown makes of it."""
        made = self._maps()
        return None if made is None else made[self.layer]

    @property
    def probabilities(self) -> NDArray[np.float64] | None:
        """The probability of each class."""
        made = self._maps()
        if made is None or self._trained is None:
            return None
        last = self._trained.names[self._trained.description["outputs"][0]]
        sure = running.gives_probabilities(self._trained)
        output = made[last] if sure else ops.softmax(made[last])
        return np.asarray(output, np.float64)

    @property
    def guess(self) -> str | None:
        """The class with the largest probability."""
        shares = self.probabilities
        return None if shares is None else self.class_names[int(shares.argmax())]

    # ---- elsewhere than on a page ----

    def describe(self) -> str:
        """Return one line: the sound, its spectrogram, the filter and its response."""
        rows, columns = self._shape
        name = "a sound of your own" if self.sound == OWN else self.sound
        bands = "mel bands" if self.scale == "mel" else "frequencies"
        known = (n for n, k in PATTERNS.items() if np.array_equal(k, self.kernel))
        pattern = next(known, "custom").replace("_", " ")
        size = " × ".join(map(str, self.kernel.shape))
        down, across = self.places
        result = self.result
        line = (
            f"SpectrogramLab: {name}, {rows} {bands} × {columns} stretches of "
            f"{self.window} samples, hop {self.hop}; filter {pattern}, {size} numbers, "
            f"slides in {self.slides}: response {down} × {across} from "
            f"{result.min():.4g} to {result.max():.4g}"
        )
        if self._trained is None:
            return line
        return f"{line}; a network of {len(self.class_names)} classes hears it"

    def picture(self) -> plots.Picture:
        """Return spectrogram ⋆ filter = response, high frequencies above."""
        shown, result = self.spectrogram, self.result
        for axis in (0, 1):  # a lone line could hardly be seen
            if result.shape[axis] == 1:
                result = np.repeat(result, result.shape[1 - axis] // 4, axis)
        grays = (shown - shown.min()) / (np.ptp(shown) or 1) * 255
        titles = ("spectrogram", f"kernel, slides in {self.slides}", "response")
        parts = (part[::-1] for part in (grays, self.kernel, result))
        return plots.filtering(*parts, signed=True, titles=titles)


def most_bands(window: int) -> int:
    """Return how many mel bands, up to 40, a window of so many samples tells apart.

    Examples
    --------
    >>> [most_bands(window) for window in WINDOWS]
    [14, 29, 40, 40, 40, 40]
    """
    for count in range(sounds.MELS, 1, -1):
        try:
            sounds.mel_filters(count, window)
        except ValueError:  # a band holds no frequency
            continue
        return count
    return 1


def _spread(kernel: NDArray[np.float64], lines: int) -> NDArray[np.float64]:
    """Return a kernel whose rows are spread over many lines, each as one in all."""
    parts = np.arange(lines) * len(kernel) // lines
    return kernel[parts] / np.bincount(parts)[parts, np.newaxis]


def _hears(ear: Ear, wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what an ear makes of a wave; as `Ear.hears`, with all digits."""
    wave = sounds.levelled(wave) if ear.level else wave
    fitted = sounds.fitted(wave, ear.seconds, ear.rate)
    settings = {"mels": ear.mels, "window": ear.window, "hop": ear.hop}
    return sounds.log_mel(fitted, ear.rate, **settings)


def _word(value: Any, name: str, words: Sequence[str]) -> str:
    other = "assign a sound of your own to wave" if name == "sound" else ""
    try:
        return str(_arguments.word(value, name, words, other))
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None


def _chosen_of(sound: Any, menu: Any) -> tuple[dict[str, waves.Wave], dict[str, Any]]:
    """Return the menu, and the traits of the sound that is chosen."""
    try:
        taken = waves.made() if menu is None else waves.checked_sounds(menu)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None
    name = next(iter(taken)) if sound is None else sound
    if not isinstance(name, str):
        return taken, {"wave": name, "sound": OWN}
    name = _word(name, "sound", [*taken])
    return taken, {"wave": taken[name], "sound": name}


# ---- the network ----


def _told_of(
    network: Any, features: Any, class_names: Any
) -> tuple[Network | None, dict[str, Any]]:
    """Return the network, if there is one, and the traits that tell the page of it."""
    try:
        taken = _network_of(network)
        ear = {} if taken is None else _ear_of(taken, features)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None
    if taken is None:
        return None, {"_own": {}}
    _, told = networks.taken(lambda _: taken, network, class_names)
    told["_own"] |= {"features": features is not None}
    return taken, {**told, "_ear": ear}


def _network_of(value: Any) -> Network | None:
    if value is None:
        return None
    takes = "(mels, frames, 1)"
    taken = networks.checked_network(value, (SHIPPED,), takes)
    if isinstance(taken, Network):
        return taken
    try:
        return networks.shipped(SHIPPED)
    except (ValueError, OSError):  # a copy of the course without it
        return None


def _ear_of(network: Network, features: Any) -> dict[str, Any]:
    """Return how a network's spectrograms are made and scaled."""
    about = network.description.get("about", {})
    if features is None:
        if not {"mean", "deviation"} <= about.keys():
            came = "none, and a network that does not tell how its sounds were scaled"
            need = "Give what log_mels() of its training set returned"
            raise _arguments.refusal("features", came, need)
        scaling = {name: float(about[name]) for name in ("mean", "deviation")}
        ear = Ear(**about.get("ear", {}))
    elif isinstance(features, LogMels):
        scaling = {"mean": features.mean, "deviation": features.deviation}
        ear = features.ear
    else:
        need = "Give what log_mels() of a SoundSet returned"
        raise _arguments.refusal("features", _arguments.shown(features), need)
    if ear.rate != sounds.RATE:
        came = f"spectrograms of {ear.rate:,} samples a second"
        raise _arguments.refusal("features", came, f"Give some of {sounds.RATE:,}")
    _refuse_other_shapes(network, ear)
    return {**scaling, **{name: getattr(ear, name) for name in _EAR}}


def _refuse_other_shapes(network: Network, ear: Ear) -> None:
    """Refuse a network that does not go from such spectrograms to some classes."""
    samples = round(ear.seconds * ear.rate)
    heard = (ear.mels, (samples - ear.window) // ear.hop + 1)
    takes = networks.takes(network)
    if takes not in (heard, (*heard, 1)):
        came = f"one that takes {takes}"
        need = f"Give one that takes {(*heard, 1)}, as its spectrograms are"
        raise _arguments.refusal("network", came, need)


def _first_bent(network: Network | None) -> str:
    """Return the first layer with several bent maps, or the last layer."""
    if network is None:
        return ""
    layers = network.description["layers"]
    # A threshold for silence bends the spectrogram itself, which is a single map.
    bent = (
        layer["name"]
        for layer in layers
        if "activation" in layer and layer["shape"][-1] > 1
    )
    return next(bent, network.names[-1])
