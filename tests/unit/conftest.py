"""Random cases: 2,000 a test; ``COURSE_QUICK=1`` asks for 100 while you work."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from hypothesis import HealthCheck, settings

common = {
    "deadline": None,  # the first call of a Keras operation is slow
    "print_blob": True,  # a failure prints the line that repeats it
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("full", max_examples=2000, **common)
settings.register_profile("quick", max_examples=100, **common)
settings.load_profile("quick" if os.environ.get("COURSE_QUICK") == "1" else "full")


@pytest.fixture(scope="session")
def installed(root, tmp_path_factory):
    """The helpers as a wheel has them, and nothing else of the course."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"  # of its own: building leaves things behind
    source.mkdir()
    for part in ("pyproject.toml", "README.md", "LICENSE", "requirements.txt"):
        shutil.copy(root / part, source)
    for part in ("helpers", "data"):
        shutil.copytree(root / part, source / part)
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*wheel, "--quiet", f"--wheel-dir={folder}", str(source)],
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"
