"""What the tests of networks share."""

import pytest


@pytest.fixture(autouse=True)
def trainings_in_full(monkeypatch):
    """`make check` cuts trainings short; here they are what is tested."""
    monkeypatch.delenv("COURSE_QUICK", raising=False)
