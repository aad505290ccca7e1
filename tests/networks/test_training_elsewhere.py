"""`fit` where learners meet it: in a kernel, as in JupyterLab, and in a terminal."""

import os
import pty
import subprocess
import sys
import termios

import pytest
from jupyter_client.manager import start_new_kernel

MODEL = """
import os
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import time
import keras
import numpy as np
from helpers.networks import training

x = np.linspace(-1, 1, 64)[:, None]
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")

class Slow(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        time.sleep(0.02)

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2:
            print("Interrupt me.", flush=True)
"""
LONG = """
record = training.fit(
    model, x, 3 * x, epochs=10_000, batch_size=16, callbacks=[Slow()])
"""
AFTERWARDS = """
again = training.fit(model, x, 3 * x, epochs=2)
found = bool(np.isfinite(model(x)).all())
print(record.interrupted, 2 <= record.epochs < 10_000, again, found, sep="\\n")
"""
PATIENCE = 300  # seconds: what comes takes its time on a busy machine


@pytest.fixture
def kernel(root):
    paths = [str(root), os.environ.get("PYTHONPATH", "")]
    settings = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    manager, client = start_new_kernel(
        startup_timeout=PATIENCE, kernel_name="python3", env=os.environ | settings
    )
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel, code):
    """Run a cell, interrupt it where it asks for it; give its outputs and its end."""
    manager, client = kernel
    messages = []

    def hear(message):
        messages.append(message)
        if message["content"].get("text", "").startswith("Interrupt me."):
            manager.interrupt_kernel()

    reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=hear)
    return messages, reply["content"]["status"]


def streams(messages, name):
    found = (m["content"] for m in messages if m["msg_type"] == "stream")
    return "".join(one["text"] for one in found if one["name"] == name)


def seen(text):
    """What stands there in the end: a bar that was wiped away does not."""
    lines = [line.split("\r")[-1] for line in text.split("\n")]
    return [line for line in lines if line.strip()]


def test_in_a_kernel(kernel):
    assert run(kernel, MODEL)[1] == "ok"
    messages, status = run(kernel, LONG)
    assert status == "ok"
    # Plain text: no widget that would lie dead in a stored notebook.
    assert {m["msg_type"] for m in messages} <= {"stream", "status", "execute_input"}
    # In red, as an error, a notebook shows what comes by stderr: the bar does not.
    out, err = streams(messages, "stdout"), streams(messages, "stderr")
    assert "Epoch" not in err
    assert out.startswith("\rEpoch 1 of 10000 |")
    first, *rest = seen(out)
    assert first.endswith("Interrupt me."), out  # printed where the bar stands
    assert rest[0].startswith("Interrupted: ")
    assert "of 10000 epochs are complete" in out
    assert out.endswith("The model can be used as it is, and another fit goes on.\n")
    messages, status = run(kernel, AFTERWARDS)
    assert status == "ok"
    *said, record, found = seen(streams(messages, "stdout"))
    assert said == ["True", "True"]
    assert record.startswith("<Record of 2 epochs in ")
    assert found == "True"


def test_in_a_terminal():
    """The bar is drawn while it goes on, in one line, and wiped away at the end."""
    code = MODEL + "training.fit(model, x, x, epochs=30, callbacks=[Slow()])"
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stderr=theirs,
        stdout=subprocess.PIPE,
    ) as process:
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # what is read from a terminal that is closed
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        assert process.stdout.read() == b"Interrupt me.\n"
    assert process.returncode == 0, text
    drawn = [line for line in text.decode().split("\r") if "Epoch" in line]
    assert len(drawn) >= 3
    assert any("left" in line for line in drawn)
    assert "\nEpoch" not in text.decode()
    assert text.endswith(b"\r")
