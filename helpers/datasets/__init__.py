"""Real data sets for the lessons, and always something to learn on.

>>> from helpers import datasets
>>> datasets.__all__
['DataSet', 'GoGames', 'PhotoSet', 'SoundSet', 'TextSet', 'load_fashion_mnist', \
'load_flowers', 'load_folder', 'load_go', 'load_mnist', 'load_quickdraw', \
'load_snippets', 'load_spoken_digits', 'missing', 'near_duplicates']

Each function returns one `DataSet`: pictures and labels for training and for testing,
the names of the classes, who made them and under which licence. Photos come as a
`PhotoSet`, games as `GoGames`, recordings as a `SoundSet`, sentences as a `TextSet`. It
looks on this machine first: in the folder that the environment variable
``COURSE_DATA`` names, then in the course's own cache. What is not there is fetched,
checked by its hash and kept. Where that cannot be done, something small stands in, and
one printed sentence says so: a lesson runs everywhere. ``COURSE_OFFLINE=1`` keeps the
course off the network.

The registry of all sets, with addresses, hashes and licences, is data/registry.toml.
Importing this package reads none of its rooms.
"""

from typing import TYPE_CHECKING

from helpers import _lazy

if TYPE_CHECKING:
    from helpers.datasets.data_set import DataSet
    from helpers.datasets.fashion_mnist import load_fashion_mnist
    from helpers.datasets.flowers import load_flowers
    from helpers.datasets.go import GoGames, load_go
    from helpers.datasets.mnist import load_mnist
    from helpers.datasets.photo_set import PhotoSet, near_duplicates
    from helpers.datasets.photos import load_folder
    from helpers.datasets.present import missing
    from helpers.datasets.quickdraw import load_quickdraw
    from helpers.datasets.snippets import load_snippets
    from helpers.datasets.sound_set import SoundSet
    from helpers.datasets.spoken_digits import load_spoken_digits
    from helpers.datasets.text_set import TextSet

_ROOMS = {
    "DataSet": "data_set",
    "GoGames": "go",
    "PhotoSet": "photo_set",
    "SoundSet": "sound_set",
    "TextSet": "text_set",
    "load_fashion_mnist": "fashion_mnist",
    "load_flowers": "flowers",
    "load_folder": "photos",
    "load_go": "go",
    "load_mnist": "mnist",
    "load_quickdraw": "quickdraw",
    "load_snippets": "snippets",
    "load_spoken_digits": "spoken_digits",
    "missing": "present",
    "near_duplicates": "photo_set",
}

__all__ = [
    "DataSet",
    "GoGames",
    "PhotoSet",
    "SoundSet",
    "TextSet",
    "load_fashion_mnist",
    "load_flowers",
    "load_folder",
    "load_go",
    "load_mnist",
    "load_quickdraw",
    "load_snippets",
    "load_spoken_digits",
    "missing",
    "near_duplicates",
]

__getattr__, __dir__ = _lazy.names(__name__, _ROOMS)
