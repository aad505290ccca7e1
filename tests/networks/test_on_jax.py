"""All tests of this folder once more, with JAX as Keras's backend.

In processes of their own: two backends do not share one well. Their output is shown
where something fails.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__)

# Processes, one after the other: some memory stays taken of what JAX compiles.
PARTS = 3
FILES = sorted(path for path in HERE.parent.glob("test_*.py") if path != HERE)

COMMAND = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
COMMAND += ["-p", "no:xdist", "-m", "not once"]


def on_jax(files):
    paths = [str(HERE.parents[2]), os.environ.get("PYTHONPATH", "")]
    settings = {
        "KERAS_BACKEND": "jax",
        # Nothing runs for long: to compile well takes longer than it saves, and so
        # does not to optimise at all, for those that train.
        "XLA_FLAGS": "--xla_backend_optimization_level=1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    # Those that xdist set for this process are not for that one.
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [*COMMAND, *map(str, files)],
        env=kept | settings,
        cwd=HERE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_everything_passes_there_too(part):
    done = on_jax(FILES[part::PARTS])
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    last = done.stdout.splitlines()[-1]
    assert int(re.search(r"(\d+) passed", last)[1]) > 200
    assert "skipped" not in last
