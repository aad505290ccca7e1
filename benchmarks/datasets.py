"""Claim: a set that was loaded before is there in less than half of Keras's time.

Of spoken digits, which Keras has not, in less than half of SciPy's for their files.

Each row is a process of its own, which loads one set: its time is that of the loading
alone, its memory what the most it ever held (``ru_maxrss``) grew by over that. Ours is
measured twice: from the files as they were fetched (their hashes checked, decoded, the
decoded bytes kept) and from the bytes that were kept (their hash checked); drawings lie
decoded in their files already. The peers do the same job in the same run: NumPy reading
an npz of the arrays, not compressed and not checked; ``keras.datasets`` with the
publisher's files in its cache; of recordings, ``scipy.io.wavfile`` over the files of
their archive. The last column says whether a row's numbers are ours.

Of the Go games, ours is reading the records and playing each through; the peer does the
same with sgfmill's own reader and board. What follows, all positions with liberties,
then as planes, has no peer.

Run ``python benchmarks/datasets.py [--repeat N]`` with COURSE_DATA set to a folder of
the real sets, or after ``make data``; nothing is fetched, nothing is asserted about
time.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from _table import header, machine, row

from helpers import datasets
from helpers.datasets import places, registry

TITLES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST"}
TITLES |= {"quickdraw": "Quick, Draw!, 6 × 3,000"}

OURS = """
from helpers import datasets
from helpers.datasets import places
cache = Path(sys.argv[2])
places.own = lambda: iter([cache])
import gzip, zipfile  # what is read once
load = getattr(datasets, "load_" + name)
start()
d = load()
stop([d.train_images, d.train_labels, d.test_images, d.test_labels])
"""
NUMPY = """
file = Path(sys.argv[2]) / (name + ".npz")
start()
with np.load(file) as opened:
    arrays = [opened[key] for key in opened.files]
stop(arrays)
"""
KERAS = """
import keras
load = getattr(keras.datasets, name).load_data
start()
(a, b), (c, d) = load()
stop([a, b, c, d])
"""
GO = """
from helpers import datasets
from helpers.datasets import sgf
sgf.read(b"(;SZ[9])", "")  # what is read once
start()
found = datasets.load_go()
end()
games = [*found.train, *found.validation, *found.test]
stop([move.point or (99, 99) for game in sorted(games, key=lambda g: g.name)
      for move in game.moves])
"""
SGFMILL = """
import zipfile
from sgfmill import boards, sgf, sgf_moves
from helpers.datasets import archives, go, registry, places
file = next(filter(None, map(places.found, registry.entry("go").archives)))
start()
games = {}
for member, data in archives.members(file, 100_000):
    match = go._RECORD.fullmatch(member)
    record = sgf.Sgf_game.from_bytes(data) if match else None
    if record and record.get_size() == 19:
        board, moves = sgf_moves.get_setup_and_moves(record)
        for colour, point in moves:
            if point:
                board.play(*point, colour)
        games[match[1]] = moves
end()
stop([(18 - point[0], point[1]) if point else (99, 99) for name in sorted(games)
      for _, point in games[name]])
"""
POSITIONS = """
from helpers import datasets, go
found = datasets.load_go()
start()
every = go.positions([*found.train, *found.validation, *found.test])
end()
stop([every.moves])
"""
PLANES = POSITIONS.replace("start()\n", "").replace(
    "end()", "start()\neach = every.planes()\nend()"
)
SPOKEN = """
from helpers import datasets
from helpers.datasets import places
cache = Path(sys.argv[2])
places.own = lambda: iter([cache])
import zipfile
from scipy.io import wavfile  # what is read once
start()
d = datasets.load_spoken_digits()
stop(d.test_waves + d.train_waves)
"""
SCIPY = """
import io, re, zipfile
from scipy.io import wavfile
form = re.compile(r"recordings/(\\d)_(\\w+)_(\\d+)\\.wav")
start()
found = {}
with zipfile.ZipFile(sys.argv[2]) as archive:
    for member in archive.namelist():
        if match := form.fullmatch(member):
            _, wave = wavfile.read(io.BytesIO(archive.read(member)))
            found[int(match[3]), match[2], match[1]] = wave.astype(np.float32) / 2**15
stop([found[key] for key in sorted(found)])
"""
MEASURE = """
import hashlib, json, resource, sys, time
from pathlib import Path
import numpy as np
name, done = sys.argv[1], None
def most():
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found / (1e6 if sys.platform == "darwin" else 1e3)
def start():
    global begun, before
    before, begun = most(), time.perf_counter()
def end():
    global done
    done = time.perf_counter() - begun, most() - before
def stop(arrays):
    if not done:
        end()
    seconds, grown = done
    digest = hashlib.sha256()
    for array in arrays:
        kind = np.float32 if array.dtype == np.float32 else np.uint8
        digest.update(np.ascontiguousarray(array, kind))
    print(json.dumps([1000 * seconds, grown, digest.hexdigest()]))
"""


def measured(code: str, repeat: int, *arguments: str) -> tuple[float, float, str]:
    """Load in new processes; return the median time, the most memory and a hash."""
    command = [sys.executable, "-c", MEASURE + code, *arguments]
    # One in between: a process counts the memory of the one that started it.
    command = [sys.executable, "-c", BETWEEN, *command]
    runs = []
    for _ in range(repeat):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    times = sorted(time for time, _, _ in runs)
    return times[len(times) // 2], max(grown for _, grown, _ in runs), runs[0][2]


BETWEEN = "import subprocess, sys; subprocess.run(sys.argv[1:], check=True)"


def rows(name: str, folder: Path, repeat: int) -> None:
    """Measure one set in every way and print its table."""
    import numpy as np

    loaded = getattr(datasets, f"load_{name}")()
    arrays = (loaded.train_images, loaded.train_labels)
    arrays += (loaded.test_images, loaded.test_labels)
    np.savez(folder / f"{name}.npz", *(array.astype(np.uint8) for array in arrays))
    header(TITLES[name], ("ms", "MB more", "the same"))
    kept = str(folder / "kept")
    first = first_times(OURS, name, Path(kept), repeat)
    found = {"ours, from the files as fetched": first}
    if name != "quickdraw":
        decoded = measured(OURS, repeat, name, kept)
        found["ours, from the decoded bytes"] = decoded
    found["numpy.load of an npz"] = measured(NUMPY, repeat, name, str(folder))
    if name != "quickdraw":
        found["keras.datasets"] = measured(KERAS, repeat, name, str(folder))
    table(found)


def recordings(folder: Path, repeat: int) -> None:
    """Measure spoken digits in every way and print their table."""
    archive = places.found(registry.entry("spoken_digits").archives[0])
    header("Free Spoken Digit Dataset", ("ms", "MB more", "the same"))
    if archive is None:
        sys.exit("The archive itself is wanted. Set COURSE_DATA to its folder.")
    kept = folder / "kept"
    table(
        {
            "ours, from the archive": first_times(SPOKEN, "digits", kept, repeat),
            "ours, from the decoded bytes": measured(
                SPOKEN, repeat, "digits", str(kept)
            ),
            "scipy.io.wavfile, file by file": measured(
                SCIPY, repeat, "digits", str(archive)
            ),
        }
    )


def table(found: dict[str, tuple[float, float, str]]) -> None:
    """Print a row for each way, and whether its numbers are those of the first."""
    _, _, ours = next(iter(found.values()))
    for title, (milliseconds, grown, content) in found.items():
        row(title, (milliseconds, grown, "yes" if content == ours else "no"))


def go_rows(repeat: int) -> None:
    """Measure the Go games and print their table."""
    header("Go games, 180 of 42,516 moves", ("ms", "MB more", "the same"))
    milliseconds, grown, ours = measured(GO, repeat, "go")
    row("ours, read and played through", (milliseconds, grown, "yes"))
    milliseconds, grown, moves = measured(SGFMILL, repeat, "go")
    same = "yes" if moves == ours else "no"
    row("sgfmill, read and played through", (milliseconds, grown, same))
    for title, code in (("positions", POSITIONS), ("their planes", PLANES)):
        milliseconds, grown, _ = measured(code, repeat, "go")
        row(f"ours, all {title}", (milliseconds, grown, "–"))


def first_times(
    code: str, name: str, where: Path, repeat: int
) -> tuple[float, float, str]:
    """Measure a loading that finds nothing decoded, each time."""
    runs = []
    for _ in range(repeat):
        shutil.rmtree(where, ignore_errors=True)
        runs.append(measured(code, 1, name, str(where)))
    times = sorted(time for time, _, _ in runs)
    return times[len(times) // 2], max(grown for _, grown, _ in runs), runs[0][2]


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each row")
    repeat = parser.parse_args().repeat
    os.environ["COURSE_OFFLINE"] = "1"
    if missing := datasets.missing():
        sys.exit(f"{', '.join(missing)}: not here. Set COURSE_DATA or run `make data`.")
    print(machine("numpy", "keras", "pooch"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for_keras(folder)
        for title in TITLES:
            rows(title, folder, repeat)
        recordings(folder, repeat)
    go_rows(repeat)


def for_keras(folder: Path) -> None:
    """Put the publishers' files where Keras looks for them."""
    os.environ["KERAS_HOME"] = str(folder / "keras")
    kept = folder / "keras" / "datasets"
    for name, below in (("mnist", ""), ("fashion_mnist", "fashion-mnist")):
        (kept / below).mkdir(parents=True, exist_ok=True)
        for file in registry.entry(name).ways[0].files:
            path = places.found(file)
            if path is None:
                sys.exit(
                    f"{file.path} itself is wanted. Set COURSE_DATA to its folder."
                )
            shutil.copy(path, kept / below)


if __name__ == "__main__":
    main()
