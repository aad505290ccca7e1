"""TensorFlow tells of itself while a network learns, too, not only while it loads."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.once  # TensorFlow alone tells

# What Keras makes of its own data sets: at the first, TensorFlow tells about memory.
LEARNS = """
from helpers.quiet import quiet
with quiet():
    import tensorflow as tf
    whole = tf.TensorSpec((), tf.constant(1).dtype)
for n in tf.data.Dataset.from_generator(lambda: iter([7]), output_signature=whole):
    print(int(n))
"""


def test_no_information_in_red_while_a_network_learns():
    wanted = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    told = subprocess.run(
        [sys.executable, "-c", LEARNS], env=wanted, capture_output=True, text=True
    )
    assert told.stdout == "7\n"
    assert told.stderr == ""
