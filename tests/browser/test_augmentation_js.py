"""parts/augmentation.js draws and makes the views that augmentation.py does."""

import base64

import numpy as np
import pytest
from lab_browser import closing
from stage import load

from helpers import images
from helpers.widgets.parts.augmentation import FIXED, RANDOM, Settings, view, ways

CASES = 400
SIDE = 24
VIEWS = 3

# A photo is sent as text of bytes; what comes back is text of floats.
READ = """
  const photoOf = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const side = Math.sqrt(bytes.length / 3);
    return { shape: [side, side, 3], data: Float64Array.from(bytes) };
  };
  const written = ({ data }) => {
    let text = "";
    for (const byte of new Uint8Array(data.buffer)) text += String.fromCharCode(byte);
    return btoa(text);
  };
"""
VIEWS_OF = f"""([photos, cases]) => {{ {READ}
  return cases.map(([which, settings, seed]) => {{
    const photo = photoOf(photos[which]);
    const axes = augmentation.principalColours(photo);
    const found = augmentation.ways(settings, {SIDE}, seed, {VIEWS});
    return found.map((way) => [
      Object.values(way).flat(),
      written(augmentation.view(photo, way, settings.size, axes)),
    ]);
  }});
}}"""
AXES_OF = f"""(photos) => {{ {READ}
  return photos.map((photo) => augmentation.principalColours(photoOf(photo)).flat());
}}"""


@pytest.fixture(scope="module")
def page(browser):
    with closing(browser.new_page()) as page:
        load(page, "parts/augmentation.js")
        yield page


def as_text(photo):
    return base64.b64encode(np.ascontiguousarray(photo).tobytes()).decode()


def random_settings(rng):
    strengths = rng.random(3) * rng.integers(0, 2, 3)  # often none at all
    return Settings(
        crop=str(rng.choice([FIXED, RANDOM])),
        size=int(rng.integers(1, SIDE + 1)),
        least=float(rng.choice([0.1, 1, rng.uniform(0.1, 1)])),
        mirror=bool(rng.integers(2)),
        turn=float(180 * strengths[0]),
        brightness=float(strengths[1]),
        colour=float(strengths[2]),
    )


def flat(way):
    return [*way[:-1], *way.amounts]


def test_random_views(page):
    rng = np.random.default_rng(0)
    photos = [images.photo(name, size=SIDE, colour=True) for name in images.names()[:4]]
    cases = [
        (int(rng.integers(4)), random_settings(rng), int(rng.integers(1, 1001)))
        for _ in range(CASES)
    ]
    asked = [(which, given._asdict(), seed) for which, given, seed in cases]
    told = page.evaluate(VIEWS_OF, [[as_text(photo) for photo in photos], asked])
    for (which, settings, seed), found in zip(cases, told, strict=True):
        axes = images.principal_colours(photos[which])
        drawn = ways(settings, SIDE, seed, VIEWS)
        for way, (numbers, pixels) in zip(drawn, found, strict=True):
            np.testing.assert_allclose(numbers, flat(way), atol=1e-9)
            seen = np.frombuffer(base64.b64decode(pixels))
            wanted = view(photos[which], way, settings.size, axes)
            np.testing.assert_allclose(seen, wanted.ravel(), atol=1e-6)


def test_principal_colours(page):
    """Of photos, of noise along any direction, of all that is flat or gray."""
    rng = np.random.default_rng(1)
    photos = [images.photo(name, size=64, colour=True) for name in images.names()]
    for _ in range(100):
        mixed = rng.normal(size=(9, 9, 3)) @ rng.normal(0, 40, (3, 3)) + 128
        photos.append(np.clip(mixed, 0, 255).astype(np.uint8))
    photos.append(np.full((5, 5, 3), 77, np.uint8))
    photos.append(np.full((5, 5, 3), 0, np.uint8))
    one_channel = np.zeros((5, 5, 3), np.uint8)
    one_channel[::2, :, 2] = 200
    photos.append(one_channel)
    told = page.evaluate(AXES_OF, [as_text(photo) for photo in photos])
    for photo, found in zip(photos, told, strict=True):
        wanted = images.principal_colours(photo)
        np.testing.assert_allclose(np.reshape(found, (3, 3)), wanted, atol=2e-4)
