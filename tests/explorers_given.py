"""How explorers are made, as code: some have something of the learner's own to show.

`IMPORTS` stand before it.
"""

from pathlib import Path

GIVEN = {
    "CureLab": "experiments.read('mnist'), {'plain convnet': (), "
    "'better network': ('batch normalisation',)}",
    "DreamScrubber": "[np.full((8, 8, 3), 9 * k) for k in range(6)]",
    "FilterBrowser": "exported.shipped('mnist'), np.ones((3, 28, 28)), "
    "[exported.shipped('mnist')] * 3",
    "GoBoard": "go_networks.small(), step=3",
    "MistakeBrowser": "np.ones((20, 28, 28)), [0, 1] * 10, np.full((20, 2), 0.5)",
    "PhotoReader": "photo_networks.small()",
    "SentenceScanner": "'A warm, funny film', sentence_networks.small()",
    "WhyMap": "photo_networks.small()",
}
IMPORTS = f"""\
import sys
import numpy as np
from helpers import experiments
sys.path.append({str(Path(__file__).parent)!r})
import go_networks
import photo_networks
import sentence_networks
from helpers.networks import exported
from helpers.widgets import *
"""


def made(name: str) -> str:
    """Return the code that makes an explorer.

    Examples
    --------
    >>> made("KernelLab")
    'KernelLab()'
    """
    return f"{name}({GIVEN.get(name, '')})"
