"""Make the pictures that a lesson shows beside its own small ones: the long forms.

``python benchmarks/dreams.py`` makes all, ``… style_weak`` one of them: dreams over
three layers of VGG16, a style transfer with two weights of the style, an ascent. Some
of the pictures on the way are kept, in data/dreams/; `helpers.dreams` reads them. What
a file says of itself (``dreams.read("ascent").about``) was noted here. They are made
with VGG16's weights for edges, which lie in ``COURSE_DATA`` (data/README.md), within
minutes on two cores. ``--quick`` makes one step of small pictures, with whatever
network is there, to try the script.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _experiments import as_kept, backend

from helpers import dreams, images
from helpers.networks import pretrained, probe

ROOT = Path(__file__).resolve().parent.parent

#: What the stored pictures are made with: they are to be the same on every machine.
WEIGHTS = "edges"


@dataclass(frozen=True)
class Dream:
    """How a photo is dreamt of; all but the first three as `probe.dream` takes them."""

    block: int  # of VGG16, and in it the last layer but one
    photo: str = "chelsea"
    size: int = 224
    octaves: int = 4
    scale: float = 1.4
    steps: int = 12
    rate: float = 4.0
    jitter: int = 16
    frequencies: bool = True
    seed: int = 0
    keep: int = 6

    def made(self, network: pretrained.Pretrained) -> dreams.Series:
        """Dream, and keep some steps."""
        given = _given(self, "block", "photo", "size")
        photo = images.photo(self.photo, size=self.size, colour=True)
        layer = network.blocks[self.block - 1][-2:][0]
        made = probe.dream(network.model, photo, layer, **given)
        about = {"credit": images.credit(self.photo), "layer": layer}
        return dreams.Series.of(
            made.pictures, made.kept, {"activation": made.activation}, about
        )


@dataclass(frozen=True)
class Style:
    """How a photo gets a painting's style; most as `probe.style_transfer` takes them.

    The photo is held in the second layer of the fourth block, the style in the first
    layers of four blocks, as Gatys and others do (arXiv 1508.06576), who take the
    fifth, too.
    """

    style_weight: float
    photo: str = "chelsea"
    style: str = "starry_night"
    size: int = 224
    rate: float = 8.0
    steps: int = 120
    start: str = "photo"
    variation: float = 0.0
    keep: int = 10

    def made(self, network: pretrained.Pretrained) -> dreams.Series:
        """Transfer the style, and keep some steps."""
        given = _given(self, "photo", "style")
        photo = images.photo(self.photo, size=self.size, colour=True)
        painting = images.photo(self.style, colour=True)
        layers = {
            "photo_layer": network.blocks[3][:2][-1],
            "style_layers": [block[0] for block in network.blocks[:4]],
        }
        made = probe.style_transfer(network.model, photo, painting, **layers, **given)
        credit = f"{images.credit(self.photo)} {images.credit(self.style)}"
        return dreams.Series.of(
            made.pictures, made.kept, made.losses, {"credit": credit, **layers}
        )


@dataclass(frozen=True)
class Ascent:
    """Which unit is excited, and how, as `probe.ascend` takes it."""

    block: int  # of VGG16, and in it the first layer
    unit: int
    size: int = 128
    steps: int = 120
    rate: float = 8.0
    jitter: int = 8
    frequencies: bool = True
    seed: int = 0
    keep: int = 8

    def made(self, network: pretrained.Pretrained) -> dreams.Series:
        """Go up, and keep some steps."""
        layer = network.blocks[self.block - 1][0]
        made = probe.ascend(network.model, layer, **_given(self, "block"))
        about = {"credit": "Made by the course.", "layer": layer}
        return dreams.Series.of(
            made.pictures, made.kept, {"activation": made.activation}, about
        )


SETTINGS: dict[str, Dream | Style | Ascent] = {
    "dream_block3": Dream(block=3),
    "dream_block4": Dream(block=4),
    "dream_block5": Dream(block=5),
    "style_weak": Style(style_weight=1),
    "style_strong": Style(style_weight=100),
    "ascent": Ascent(block=4, unit=30),
}


def made(
    settings: Dream | Style | Ascent, network: pretrained.Pretrained
) -> dreams.Series:
    """Return the pictures, with all that is to be known of them."""
    begun = time.process_time()
    found = settings.made(network)
    about = {
        **found.about,
        "settings": as_kept(settings),
        "weights": network.weights,
        "credit of the weights": network.credit,
        "made": date.today().isoformat(),
        "with": {one: version(one) for one in ("keras", backend(), "numpy", "pillow")},
        # All cores together, so that it says the same on a busy machine.
        "seconds of a processor": round(time.process_time() - begun, 1),
    }
    return replace(found, about=about)


def quick(settings: Any) -> Any:
    """Return the shortest form: one step of a small picture."""
    short = {"size": 72, "steps": 1, "keep": 2}
    if isinstance(settings, Dream):
        short |= {"octaves": 1}
    return replace(settings, **short)


def _given(settings: Any, *others: str) -> dict[str, Any]:
    """Return the settings that a function of probe takes under the same name."""
    kept = {name: one for name, one in vars(settings).items() if name not in others}
    return kept | {"progress": sys.stderr.isatty()}


def main(arguments: list[str] | None = None) -> int:
    """Make what is named; return 1 where the weights are others."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SETTINGS))
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "dreams")
    parser.add_argument("--quick", action="store_true", help="one step only")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(SETTINGS):
        parser.error(f"no pictures are called {', '.join(sorted(unknown))}")
    network = pretrained.vgg16()
    if network.weights != WEIGHTS and not given.quick:
        print(f"They are made with the weights for {WEIGHTS} alone: see data/README.md")
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.names or SETTINGS:
        settings = SETTINGS[name]
        series = made(quick(settings) if given.quick else settings, network)
        path = given.folder / f"{name}.npz"
        series.save(path)
        print(f"{path}: {path.stat().st_size:,} bytes, {series}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
