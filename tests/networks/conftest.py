"""What the tests of networks share."""

import gc
import sys

import pytest


@pytest.fixture(autouse=True)
def trainings_in_full(monkeypatch):
    """`make check` cuts trainings short; here they are what is tested."""
    monkeypatch.delenv("COURSE_QUICK", raising=False)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_behind():
    """A file's networks go when it is done, with what was compiled for them."""
    yield
    if keras := sys.modules.get("keras"):
        keras.backend.clear_session()
    if jax := sys.modules.get("jax"):
        jax.clear_caches()
    gc.collect()
