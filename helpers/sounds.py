"""Sounds as numbers: WAV files, spectrograms, and what an ear makes of these.

A sound is a wave (samples,) of numbers from −1 to 1, `rate` of them a second. A
spectrogram says how strong each frequency is in short stretches of it, and so makes a
picture of a sound: frequencies run down its rows, from low to high, time along.

>>> from helpers import sounds
>>> wave = sounds.tone(440, seconds=1)
>>> sounds.spectrogram(wave).shape, sounds.log_mel(wave).shape
((129, 49), (40, 49))

What is not said is chosen for speech of 8,000 samples a second: stretches of 256
samples (32 ms), a new one every 160 (20 ms), none beyond the end of the sound. A second
has 49 of them.
"""

import io
import math
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers import _arguments
from helpers._arguments import refusal

__all__ = [
    "HOP",
    "LOW",
    "MELS",
    "RATE",
    "WINDOW",
    "Sound",
    "fitted",
    "hertz_to_mel",
    "levelled",
    "log_mel",
    "mel_filters",
    "mel_to_hertz",
    "read",
    "spectrogram",
    "tone",
]

Wave = NDArray[np.float32]
Floats = NDArray[Any]  # float32 where float32 came, else float64

#: Samples a second where nothing else is said: a telephone's.
RATE = 8000
#: Samples of one stretch of a spectrogram, 32 ms at `RATE`.
WINDOW = 256
#: Samples from one stretch to the next, 20 ms at `RATE`.
HOP = 160
#: How many bands `log_mel` has.
MELS = 40
#: Hertz where the lowest band begins: below it lies the hum of the mains.
LOW = 50.0
#: What is added to the power of every band, so that silence has a logarithm.
FLOOR = 1e-6

#: `read` refuses larger files, and longer recordings.
MAX_BYTES = 100_000_000
MAX_SECONDS = 600

_RATES = (1000, 384_000)  # samples a second that a recording may have


# -- making and fitting waves ----------------------------------------------------------


def tone(
    frequency: float, seconds: float = 1.0, rate: int = RATE, *, peak: float = 1.0
) -> Wave:
    """Return a pure tone: peak · sin(2π · frequency · t).

    Parameters
    ----------
    frequency
        In hertz, at most half of `rate`: a higher one would come out as a lower.
    seconds
        How long it lasts.
    rate
        Samples a second.
    peak
        The largest number of the wave, up to 1.

    Returns
    -------
    ndarray of float32, (round(seconds · rate),)

    Raises
    ------
    ValueError
        For other numbers.

    Examples
    --------
    >>> tone(2000, seconds=0.001).round(3) + 0.0
    array([ 0.,  1.,  0., -1.,  0.,  1.,  0., -1.], dtype=float32)
    """
    rate = _rate(rate)
    frequency = _arguments.real(frequency, "frequency", 0, rate / 2)
    peak = _arguments.real(peak, "peak", 0, 1)
    times = np.arange(_samples(seconds, rate)) / rate
    return (peak * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def fitted(wave: ArrayLike, seconds: float = 1.0, rate: int = RATE) -> Floats:
    """Return a wave of just this length: cut at its end, or silence put there.

    Parameters
    ----------
    wave
        (samples,).
    seconds, rate
        How long it shall be, and samples a second.

    Returns
    -------
    ndarray, (round(seconds · rate),)
        A fresh array; float32 where float32 came, else float64.

    Raises
    ------
    ValueError
        For anything that is no wave, or no length.

    Examples
    --------
    >>> fitted([0.1, 0.2, 0.3], seconds=5, rate=1000)[:4]
    array([0.1, 0.2, 0.3, 0. ])
    >>> fitted([0.1, 0.2, 0.3], seconds=0.002, rate=1000)
    array([0.1, 0.2])
    """
    wave = _wave(wave, batch=False)
    out = np.zeros(_samples(seconds, _rate(rate)), wave.dtype)
    length = min(len(wave), len(out))
    out[:length] = wave[:length]
    return out


def levelled(wave: ArrayLike, peak: float = 1.0) -> Floats:
    """Return a wave as loud as others: its largest number, or its smallest, is `peak`.

    Parameters
    ----------
    wave
        (samples,). Silence stays silent.
    peak
        From 0 to 1.

    Returns
    -------
    ndarray, (samples,)
        A fresh array; float32 where float32 came, else float64.

    Raises
    ------
    ValueError
        For anything that is no wave, or another peak.

    Examples
    --------
    >>> levelled([0.1, -0.2, 0])
    array([ 0.5, -1. ,  0. ])
    """
    wave = _wave(wave, batch=False)
    peak = _arguments.real(peak, "peak", 0, 1)
    largest = np.abs(wave).max()
    return wave / largest * wave.dtype.type(peak) if largest > 0 else wave.copy()


# -- frequencies -----------------------------------------------------------------------


def spectrogram(wave: ArrayLike, *, window: int = WINDOW, hop: int = HOP) -> Floats:
    """Return how strong each frequency is in each of many short stretches of a sound.

    Stretch t holds the samples from t · hop on. It is faded in and out by Hann's
    window and Fourier-transformed; the power is the square of the size of what comes
    out::

        faded[n] = wave[t · hop + n] · sin²(π n / window)
        X[k, t] = sum over n of faded[n] · e^(−2πi k n / window)
        power[k, t] = |X[k, t]|²

    Nothing is added at the ends: what is left over there, shorter than a stretch, is
    not seen.

    Parameters
    ----------
    wave
        (samples,), or (N, samples) for N of one length.
    window
        Samples of a stretch, 2 to 65,536.
    hop
        Samples from the beginning of one to that of the next.

    Returns
    -------
    ndarray, (frequencies, frames) or (N, frequencies, frames)
        frequencies = window // 2 + 1: row k is for k · rate / window hertz.
        frames = (samples − window) // hop + 1: column t begins at t · hop / rate
        seconds. float32 where float32 came, else float64.

    Raises
    ------
    ValueError
        For anything that is no wave, one shorter than a window, or another window or
        hop.

    Examples
    --------
    >>> power = spectrogram(tone(1000))
    >>> power.shape, float(power[:, 20].argmax()) * 8000 / 256
    ((129, 49), 1000.0)
    """
    wave = _wave(wave, batch=True)
    window = _arguments.whole(window, "window", 2, 1 << 16)
    hop = _arguments.whole(hop, "hop")
    samples = wave.shape[-1]
    if samples < window:
        need = (
            f"Give at least as many as the window has, {window}: fitted() puts silence "
            "to its end"
        )
        raise refusal("wave", f"{samples} samples", need)
    faded = np.sin(np.pi * np.arange(window) / window) ** 2
    stretches = np.lib.stride_tricks.sliding_window_view(wave, window, axis=-1)
    stretches = stretches[..., ::hop, :] * faded.astype(wave.dtype)
    return np.swapaxes(np.abs(np.fft.rfft(stretches)) ** 2, -1, -2)


def hertz_to_mel(frequency: ArrayLike) -> Floats:
    """Return frequencies on the scale of mels: steps of it sound equally wide.

    mel = 2595 · log10(1 + hertz / 700), as the Hidden Markov Model Toolkit (HTK) has
    it: nearly even up to 700 Hz, logarithmic above.

    Parameters
    ----------
    frequency
        In hertz, of any shape, not negative.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    ValueError
        For negative frequencies, or what are none.

    Examples
    --------
    >>> hertz_to_mel([0, 700, 1000, 4000]).round(1)
    array([   0. ,  781.2, 1000. , 2146.1])
    """
    hertz = _not_negative(frequency, "frequency")
    return 2595 * np.log10(1 + hertz / 700)


def mel_to_hertz(mel: ArrayLike) -> Floats:
    """Return the frequencies in hertz of places on the scale of mels.

    The way back of `hertz_to_mel`: hertz = 700 · (10^(mel / 2595) − 1).

    Parameters
    ----------
    mel
        Of any shape, not negative.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    ValueError
        For negative numbers, or what are none.

    Examples
    --------
    >>> mel_to_hertz([0, 1000]).round(1)
    array([  0., 1000.])
    """
    return 700 * (10 ** (_not_negative(mel, "mel") / 2595) - 1)


def mel_filters(
    count: int = MELS,
    n_fft: int = WINDOW,
    rate: int = RATE,
    low: float = LOW,
    high: float | None = None,
) -> NDArray[np.float64]:
    """Return the bands by which frequencies are gathered as an ear does it.

    Each is a triangle over the frequencies: 0 up to the middle of the band before, 1 at
    its own middle, 0 from the middle of the next on. The middles lie at equal steps of
    mels, so low bands are narrow and high ones wide.

    Parameters
    ----------
    count
        How many bands.
    n_fft
        Samples of the window that the frequencies come from.
    rate
        Samples a second.
    low, high
        Hertz where the first begins and the last ends; `high` left out is half of
        `rate`.

    Returns
    -------
    ndarray of float64, (count, n_fft // 2 + 1)
        Multiplied with a spectrogram (frequencies, frames) it gives (count, frames).

    Raises
    ------
    ValueError
        For other numbers; where a band is so narrow that it holds no frequency.

    Examples
    --------
    >>> mel_filters(40, 256).shape
    (40, 129)
    >>> mel_filters(3, 16, 8000, low=0).round(2)[0]
    array([0.  , 0.89, 0.17, 0.  , 0.  , 0.  , 0.  , 0.  , 0.  ])
    """
    count = _arguments.whole(count, "count", 1, 1000)
    n_fft = _arguments.whole(n_fft, "n_fft", 2, 1 << 16)
    rate = _rate(rate)
    high = _arguments.real(rate / 2 if high is None else high, "high", 0, rate / 2)
    low = _arguments.real(low, "low", 0)
    if low >= high:
        raise refusal("low", f"{low:g}", f"Give less than high, {high:g}")
    edges = mel_to_hertz(np.linspace(hertz_to_mel(low), hertz_to_mel(high), count + 2))
    before, middle, after = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    hertz = np.arange(n_fft // 2 + 1) * rate / n_fft
    rising = (hertz - before) / (middle - before)
    falling = (after - hertz) / (after - middle)
    filters = np.maximum(0, np.minimum(rising, falling))
    empty = np.flatnonzero(filters.max(axis=1) == 0)
    if len(empty):
        between = f"{edges[empty[0]]:.0f} and {edges[empty[0] + 2]:.0f} Hz"
        came = f"{count} bands, of which that between {between} holds no frequency"
        raise refusal("count", came, "Give fewer, or a longer window")
    return filters


def log_mel(
    wave: ArrayLike,
    rate: int = RATE,
    *,
    mels: int = MELS,
    window: int = WINDOW,
    hop: int = HOP,
    low: float = LOW,
    high: float | None = None,
) -> Floats:
    """Return the log-mel spectrogram of a sound: how loud each band is in each stretch.

    ln(mel_filters @ spectrogram + 0.000001). What is added lies below a quiet room, and
    makes silence −13.8.

    Parameters
    ----------
    wave
        (samples,), or (N, samples) for N of one length.
    rate
        Samples a second.
    mels
        How many bands.
    window, hop
        As for `spectrogram`, in samples.
    low, high
        As for `mel_filters`, in hertz.

    Returns
    -------
    ndarray, (mels, frames) or (N, mels, frames)
        Low bands first. float32 where float32 came, else float64.

    Raises
    ------
    ValueError
        For anything that is no wave, or settings that make no spectrogram.

    Examples
    --------
    >>> bands = log_mel(tone(1000))
    >>> bands.shape, int(bands[:, 20].argmax())
    ((40, 49), 17)
    """
    wave = _wave(wave, batch=True)
    window = _arguments.whole(window, "window", 2, 1 << 16)
    filters = mel_filters(mels, window, rate, low, high).astype(wave.dtype)
    power = filters @ spectrogram(wave, window=window, hop=hop)
    return np.log(power + wave.dtype.type(FLOOR))


# -- files -----------------------------------------------------------------------------


@dataclass(frozen=True, repr=False, eq=False)
class Sound:
    """A recording.

    Attributes
    ----------
    wave
        (samples,) float32, from −1 to 1.
    rate
        Samples a second.

    Examples
    --------
    >>> Sound(tone(440, seconds=0.5), 8000)
    <Sound: 0.50 s, 4,000 samples at 8,000 a second>
    """

    wave: Wave
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.rate

    def __repr__(self) -> str:
        samples = f"{len(self.wave):,} samples at {self.rate:,} a second"
        return f"<Sound: {self.seconds:.2f} s, {samples}>"


# What else a file may be, by its first bytes.
_OTHERS = {
    b"ID3": "MP3",
    b"\xff\xfb": "MP3",
    b"\xff\xf3": "MP3",
    b"OggS": "Ogg",
    b"fLaC": "FLAC",
    b"FORM": "AIFF",
    b"\x1aE\xdf\xa3": "WebM",
    b"caff": "CAF",
}
_SAVE = "Save it as WAV, not compressed (PCM), in a sound program"
_LESS = f"Give at most {MAX_BYTES // 10**6} MB"


def read(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview,
    rate: int | None = None,
) -> Sound:
    """Read a recording: a WAV file that is not compressed.

    Whole numbers of 8 to 32 bits and floating-point ones are read, of any rate;
    several channels become their mean. Floating-point numbers beyond −1 and 1 are
    scaled down until they fit.

    Parameters
    ----------
    source
        A path, or the bytes of a file.
    rate
        Samples a second that are wanted: where the file has others, the wave between
        them is followed (`scipy.signal.resample_poly`), and what is too high for the
        new rate is left out. None keeps those of the file.

    Returns
    -------
    Sound

    Raises
    ------
    FileNotFoundError
        Where there is no file of that name.
    ValueError
        For anything else: another kind of file, a compressed one, one that is empty,
        cut short or damaged, larger than `MAX_BYTES` or longer than `MAX_SECONDS`. The
        message says what came and what to do.

    Examples
    --------
    >>> from scipy.io import wavfile
    >>> file = io.BytesIO()
    >>> wavfile.write(file, 16_000, np.zeros((1600, 2), np.int16))
    >>> read(file.getvalue()), read(file.getvalue(), rate=8000)
    (<Sound: 0.10 s, 1,600 samples at 16,000 a second>, \
<Sound: 0.10 s, 800 samples at 8,000 a second>)
    """
    wanted = None if rate is None else _rate(rate)
    data = _bytes(source)
    found, numbers = _decoded(data)
    if not _RATES[0] <= found <= _RATES[1]:
        raise refusal("source", f"a recording of {found} samples a second", _SAVE)
    if len(numbers) > MAX_SECONDS * found:
        came = f"a recording of {len(numbers) / found / 60:.0f} minutes"
        need = f"Give {MAX_SECONDS // 60} minutes at most"
        raise refusal("source", came, need)
    wave = _scaled(numbers)
    if wanted is not None and wanted != found:
        from scipy import signal  # here: it takes longer than all else

        common = math.gcd(wanted, found)
        wave = signal.resample_poly(wave, wanted // common, found // common)
        wave = np.clip(wave, -1, 1)  # a curve may swing a little beyond its points
    return Sound(wave.astype(np.float32), wanted or found)


def _bytes(source: Any) -> bytes:
    """Return the bytes of a file, whatever came."""
    need = "Give the path of a WAV file, or its bytes"
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, str | os.PathLike):
        shown = _arguments.shown(str(source))
        if "\0" in str(source):
            raise refusal("source", f"{shown}, which is no path", need)
        try:
            path = Path(source).expanduser()
            about = path.stat()
            if not stat.S_ISREG(about.st_mode):
                raise refusal("source", f"{shown}, which is no file", need)
            if about.st_size > MAX_BYTES:
                raise refusal("source", f"{about.st_size / 1e6:.0f} MB", _LESS)
            data = path.read_bytes()
        except FileNotFoundError:
            raise FileNotFoundError(f"source: there is no file {shown}.") from None
        except (OSError, RuntimeError) as error:  # the latter for ~nobody
            why = getattr(error, "strerror", None) or error
            came = f"{shown}, which can't be read ({why})"
            raise refusal("source", came, need) from None
    else:
        raise refusal("source", _arguments.shown(source), need)
    if not data:
        raise refusal("source", "an empty file", need)
    if len(data) > MAX_BYTES:
        raise refusal("source", f"{len(data) / 1e6:.0f} MB", _LESS)
    return data


def _decoded(data: bytes) -> tuple[int, NDArray[Any]]:
    """Return the rate and the numbers of a WAV file, (samples,) or (samples, channels).

    Raises
    ------
    ValueError
        For anything else.
    """
    from scipy.io import wavfile

    if data[:4] not in (b"RIFF", b"RIFX", b"RF64") or data[8:12] != b"WAVE":
        starts = (kind for start, kind in _OTHERS.items() if data.startswith(start))
        kind = "MP4" if data[4:8] == b"ftyp" else next(starts, None)
        came = f"a file of the kind {kind}" if kind else "a file that is no WAV"
        raise refusal("source", came, _SAVE)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            rate, numbers = wavfile.read(io.BytesIO(data))
        if any("EOF" in str(warning.message) for warning in said):
            raise EOFError("it ends before its header says so")
        if not numbers.size:
            raise EOFError("it holds no sound")
        if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
            raise ValueError("it holds numbers that are not finite")
    except Exception as error:  # its reader raises many kinds on damaged files
        if "Unknown wave file format" in str(error):
            raise refusal("source", "a compressed WAV file", _SAVE) from None
        came = f"a WAV file that is cut short or damaged ({error})"
        raise refusal("source", came, "Fetch or save it again") from None
    return int(rate), numbers


def _scaled(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers of a file as a wave from −1 to 1, its channels averaged."""
    wave = numbers.astype(np.float64)
    if numbers.dtype.kind == "u":  # 8 bits: 128 is silence
        wave = (wave - 128) / 128
    elif numbers.dtype.kind == "i":
        wave /= 2.0 ** (8 * numbers.dtype.itemsize - 1)
    if wave.ndim == 2:
        wave = (wave / wave.shape[1]).sum(axis=1)  # no sum that is too large to be had
    return wave / max(1.0, np.abs(wave).max())


# -- what came -------------------------------------------------------------------------


def _wave(wave: ArrayLike, *, batch: bool) -> Floats:
    """Return checked waves, float32 or float64."""
    array = _arguments.array(wave, "wave", finite=True)
    if array.ndim != 1 and not (batch and array.ndim == 2):
        need = "Give one channel, (samples,)"
        need += ", or several of one length, (N, samples)" if batch else ""
        raise refusal("wave", f"an array of shape {array.shape}", need)
    return array if array.dtype == np.float32 else array.astype(np.float64)


def _not_negative(value: ArrayLike, name: str) -> Floats:
    array = _arguments.array(value, name, finite=True).astype(np.float64)
    if array.min() < 0:
        raise refusal(name, f"{array.min():g}", "Give numbers of at least 0")
    return array


def _rate(rate: Any) -> int:
    return _arguments.whole(rate, "rate", *_RATES)


def _samples(seconds: Any, rate: int) -> int:
    """Return how many samples so many seconds have, one at least."""
    seconds = _arguments.real(seconds, "seconds", 0, MAX_SECONDS)
    samples = round(seconds * rate)
    if samples < 1:
        need = f"Give at least {1 / rate:g}, one sample"
        raise refusal("seconds", f"{seconds:g}", need)
    return samples
