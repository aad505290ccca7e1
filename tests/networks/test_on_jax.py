"""All tests of this folder once more, with JAX as Keras's backend.

In a process of its own: two backends do not share one well. Its output is shown where
something fails.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__)

# In the other process: the folder's other files, one after the other.
COMMAND = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
COMMAND += ["-p", "no:xdist", f"--ignore={HERE}", "-m", "not once", str(HERE.parent)]


def on_jax(*options):
    paths = [str(HERE.parents[2]), os.environ.get("PYTHONPATH", "")]
    settings = {
        "KERAS_BACKEND": "jax",
        # Nothing runs for long: to compile well takes longer than it saves.
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    # Those that xdist set for this process are not for that one.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [*COMMAND, *options],
        env=kept | settings,
        cwd=HERE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_passes_there_too():
    done = on_jax()
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    last = done.stdout.splitlines()[-1]
    assert int(re.search(r"(\d+) passed", last)[1]) > 1_000
    assert "skipped" not in last
