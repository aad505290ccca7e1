"""Random cases: 2,000 a test; ``COURSE_QUICK=1`` asks for 100 while you work."""

import os

from hypothesis import HealthCheck, settings

common = {
    "deadline": None,  # the first call of a Keras operation is slow
    "print_blob": True,  # a failure prints the line that repeats it
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("full", max_examples=2000, **common)
settings.register_profile("quick", max_examples=100, **common)
settings.load_profile("quick" if os.environ.get("COURSE_QUICK") == "1" else "full")
