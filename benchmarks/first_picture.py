"""Claim: lessons 01 to 05 show their first picture within 3 s of the kernel's start.

A fresh kernel is started, and a lesson's cells run one after the other until the
first picture comes. The clock starts with the request for a kernel. TensorFlow must not
have been loaded on the way; that is looked up in the kernel afterwards, and the run
fails if it has been.

The peer is what a course makes its learners wait for that begins with ``import
tensorflow``: that import, Matplotlib, and the same photo drawn with ``plt.imshow``.

Both depend on compiled bytecode (``.pyc`` files), so the last column says how many of
the modules then loaded have it. Run ``python benchmarks/first_picture.py [--quick]``;
nothing is asserted about time.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import json
import pathlib
import queue
import subprocess
import time
from collections.abc import Sequence

import nbformat
import numpy as np
from _table import header, machine, row
from jupyter_client import BlockingKernelClient, KernelManager

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("0[1-5]_*.ipynb"))
WANTED = 3.0  # seconds
PEER = [
    "import matplotlib.pyplot as plt\nimport tensorflow",
    "from helpers import images\n"
    'plt.imshow(images.photo("astronaut", size=256), cmap="gray")',
]

LOADED = """
import json as _json, os as _os, sys as _sys
_paths = [getattr(_m, "__cached__", None) for _m in list(_sys.modules.values())]
_paths = [_p for _p in _paths if isinstance(_p, str)]
print(_json.dumps({
    "tensorflow": "tensorflow" in _sys.modules,
    "modules": len(_paths),
    "compiled": sum(map(_os.path.exists, _paths)),
}))
"""


def wait_until_ready(client: BlockingKernelClient, seconds: float = 60) -> None:
    """Wait until the kernel answers on both channels, with no pause of our own."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        client.kernel_info()
        try:
            client.get_shell_msg(timeout=10)
            client.get_iopub_msg(timeout=0.1)
            return
        except queue.Empty:
            continue  # it was not listening yet
    raise RuntimeError(f"The kernel did not answer within {seconds} seconds.")


def run(client: BlockingKernelClient, source: str) -> tuple[float | None, str]:
    """Run a cell; return when its first picture came, if any, and what it printed."""
    request = client.execute(source)
    shown, printed = None, ""
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        match message["msg_type"]:
            case "display_data" | "execute_result" if "image/png" in content["data"]:
                shown = shown or time.perf_counter()
            case "stream":
                printed += content["text"]
            case "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            case "status" if content["execution_state"] == "idle":
                return shown, printed


def first_picture(cells: Sequence[str]) -> tuple[float, float, dict]:
    """Start a kernel and run cells up to the first picture.

    Returns
    -------
    tuple of float, float, dict
        Seconds until the kernel was ready, seconds until the picture, both since the
        kernel was asked for, and what is loaded then.
    """
    start = time.perf_counter()
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(
        cwd=str(NOTEBOOKS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    client = manager.client()
    client.start_channels()
    try:
        wait_until_ready(client)
        ready = time.perf_counter()
        for source in cells:
            shown, _ = run(client, source)
            if shown is not None:
                break
        else:
            raise RuntimeError("No cell showed a picture.")
        _, printed = run(client, LOADED)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return ready - start, shown - start, json.loads(printed)


def code_of(path: pathlib.Path) -> list[str]:
    """Return the sources of a notebook's code cells."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 kernels each, not 5")
    repetitions = 2 if parser.parse_args().quick else 5

    print(machine("ipykernel", "numpy", "matplotlib", "scikit-image", "tensorflow"))
    starts = {f"lesson {path.stem[:2]}": code_of(path) for path in LESSONS}
    lessons = list(starts)
    starts["import tensorflow, then plt.imshow"] = PEER
    times, loaded = {name: [] for name in starts}, {}
    for _ in range(repetitions):  # in turns, so that all see the same load
        for name, cells in starts.items():
            ready, shown, loaded[name] = first_picture(cells)
            times[name].append((ready, shown))
            if name in lessons and loaded[name]["tensorflow"]:
                raise SystemExit(f"{name} loaded TensorFlow before its first picture.")

    header(
        f"seconds from the request for a kernel, {repetitions} fresh kernels each",
        ["ready", "picture", "max", "÷ ours", "TensorFlow", "compiled"],
    )
    ours = max(np.median(times[name], axis=0)[1] for name in lessons)
    for name, there in loaded.items():
        ready, shown = np.median(times[name], axis=0)
        most = np.max(times[name], axis=0)[1]
        tensorflow = "loaded" if there["tensorflow"] else "not loaded"
        share = f"{there['compiled']}/{there['modules']}"
        row(name, [ready, shown, most, shown / ours, tensorflow, share], digits=2)
    row("wanted", ["", f"≤ {WANTED:g}", "", "", "not loaded"])
    print(
        "\nready, picture: median; max: the slowest picture; compiled: loaded modules "
        "that have a .pyc file."
    )


if __name__ == "__main__":
    main()
