"""Claim: the full AlexNet trains on a graphics card at least as fast as in PyTorch.

Both train the same network (62,378,344 weights, photos of 227 × 227) with Adam, and
cut, mirror and shift the colours of every photo on the device. *step* trains on one
batch of 256 × 256 photos that is on the device already; *fed* takes each batch from
shuffled photos in main memory, some batches ahead, with the same code for both. Keras
runs on JAX; PyTorch with channels last, ``torch.compile`` and autocast. *float32*
multiplies in TF32 where the device can, in both. They run in turns, in one process;
what is kept is the median of the rounds. The ceiling is the fastest matrix product that
either makes; a photo's training is counted as three times the multiply-adds of its way
forward, less the first layer's gradient by its input, which nobody needs.

Run ``KERAS_BACKEND=jax python benchmarks/alexnet.py``; ``--keep`` writes a line a row
to data/experiments/alexnet.jsonl, under the device's name. On a processor it takes
small batches. Where PyTorch is not installed, its rows are left out. Nothing is
asserted about time.
"""

import argparse
import gc
import itertools
import json
import os
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # two share a device

import jax
import keras
import numpy as np
from _experiments import FOLDER, device
from _table import header, machine, row

from helpers import experiments, images
from helpers.networks import augmentation, models

try:
    import torch
except ImportError:
    torch = None  # type: ignore[assignment]

SIDE, SIZE, CLASSES = 256, 227, 1000
#: Multiply-adds of one photo on its way forward, and those of the first layer alone.
FORWARD, FIRST = 1_135_256_096, 55 * 55 * 96 * 11 * 11 * 3
FLOP = 2 * (3 * FORWARD - FIRST)

#: How many batches are prepared at once.
HANDS = 4

Feed = Iterator[tuple[Any, Any]]


def on_accelerator() -> bool:
    """Say whether JAX found more than a processor."""
    return jax.default_backend() != "cpu"


def photos(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random photos and classes: time does not depend on them."""
    rng = np.random.default_rng(0)
    some = rng.integers(0, 256, (64, SIDE, SIDE, 3), np.uint8)
    x = np.concatenate([some] * -(-count // len(some)))[:count]
    return x, rng.integers(0, CLASSES, count)


def same(pair: tuple[Any, Any]) -> Feed:
    """Give one batch for ever."""
    while True:
        yield pair


def fed(x: np.ndarray, y: np.ndarray, batch: int, putter: Callable) -> Feed:
    """Give shuffled batches for ever, each taken and put on the device ahead.

    Each of the hands that do so has memory of its own, used again and again: new memory
    costs more time than the photos that are copied into it.
    """
    rng = np.random.default_rng(1)
    hand = threading.local()

    def places() -> Iterator[np.ndarray]:
        while True:
            order = rng.permutation(len(x))
            yield from order[: len(x) // batch * batch].reshape(-1, batch)

    def taken(some: np.ndarray) -> tuple[Any, Any]:
        if not hasattr(hand, "put"):
            hand.put = putter((batch, *x.shape[1:]))
        return hand.put(lambda memory: np.take(x, some, axis=0, out=memory), y[some])

    some = places()
    with ThreadPoolExecutor(HANDS) as pool:
        ahead = deque(pool.submit(taken, next(some)) for _ in range(HANDS))
        while True:
            pair = ahead.popleft().result()
            ahead.append(pool.submit(taken, next(some)))
            yield pair


# -- Keras -----------------------------------------------------------------------------


class Clock(keras.callbacks.Callback):
    """Notes how long each epoch takes."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note when it begins."""
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Note when all its steps are done: the logs need the last loss."""
        self.seconds.append(time.perf_counter() - self.begun)


class Keras:
    """AlexNet as the lesson trains it."""

    name = f"Keras {keras.__version__}, {keras.backend.backend()}"

    def __init__(self, precision: str, x: np.ndarray) -> None:
        keras.config.set_dtype_policy(
            "mixed_bfloat16" if precision == "mixed" else precision
        )
        directions = images.principal_colours(x[:8])
        self.augmentation = keras.Sequential(
            [
                keras.Input((SIDE, SIDE, 3), dtype="uint8"),
                augmentation.RandomCrop(SIZE),
                augmentation.ColourJitter(directions),
            ]
        )
        self.model = keras.Sequential(
            [self.augmentation, models.alexnet(SIZE, CLASSES)]
        )
        assert self.model.count_params() == 62_378_344
        self.model.compile(
            keras.optimizers.Adam(1e-4),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=True,
        )
        keras.config.set_dtype_policy("float32")

    @staticmethod
    def putter(shape: tuple[int, ...]) -> Callable:
        """Return what puts a batch on the device, once it is taken into memory."""
        memory = np.empty(shape, np.uint8)

        def put(take: Callable, y: np.ndarray) -> tuple[Any, Any]:
            take(memory)
            # On a processor it would go on using this memory.
            x = jax.device_put(memory, may_alias=False)
            return jax.block_until_ready((x, jax.device_put(y)))

        return put

    def seconds(self, feed: Feed, steps: int) -> float:
        """Return how long so many steps of ``fit`` take."""
        clock = Clock()
        self.model.fit(
            feed,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=[clock],
        )
        return clock.seconds[0]

    def views(self, x: Any, steps: int) -> float:
        """Return how long the augmentation of so many batches takes."""
        fixed = self.augmentation.non_trainable_variables
        act = jax.jit(
            lambda state, x: self.augmentation.stateless_call(
                [], state, x, training=True
            )
        )
        state = [one.value for one in fixed]
        jax.block_until_ready(act(state, x))
        start = time.perf_counter()
        for _ in range(steps):
            out, state = act(state, x)
        jax.block_until_ready(out)
        return time.perf_counter() - start

    @staticmethod
    def peak() -> int:
        """Return the most bytes that were in use on the device, so far."""
        return int((jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0))

    @staticmethod
    def product(side: int, precision: str, times: int) -> float:
        """Return the seconds of a product of two square matrices."""
        kind = "bfloat16" if precision == "mixed" else "float32"
        a, b = (
            jax.random.normal(jax.random.key(k), (side, side), kind) for k in (0, 1)
        )
        act = jax.jit(lambda a, b: a @ b)
        act(a, b).block_until_ready()
        start = time.perf_counter()
        for _ in range(times):
            out = act(a, b)
        out.block_until_ready()
        return (time.perf_counter() - start) / times


# -- PyTorch ---------------------------------------------------------------------------


class PyTorch:
    """The same network as its users write it."""

    name = f"PyTorch {torch.__version__}" if torch else "PyTorch"

    def __init__(self, precision: str, x: np.ndarray) -> None:
        self.where = "cuda" if torch.cuda.is_available() else "cpu"
        self.mixed = precision == "mixed"
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
        self.directions = torch.tensor(
            images.principal_colours(x[:8]), dtype=torch.float32, device=self.where
        )
        model = self.network().to(self.where, memory_format=torch.channels_last)
        assert sum(p.numel() for p in model.parameters()) == 62_378_344
        self.optimizer = torch.optim.Adam(
            model.parameters(), 1e-4, eps=1e-7, fused=self.where == "cuda"
        )
        self.model = model
        torch._dynamo.reset()  # else it compiles for any size of batch, which is slower
        self.forward = torch.compile(self.loss, dynamic=False)

    @staticmethod
    def network() -> Any:
        """Return AlexNet as one tower."""
        nn = torch.nn
        return nn.Sequential(
            *(nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(384, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
            nn.Flatten(),
            *(nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout()),
            *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()),
            nn.Linear(4096, CLASSES),
        )

    def views_of(self, x: Any) -> Any:
        """Cut a square out of each photo, mirror some, shift their colours."""
        batch, where = len(x), x.device
        top, left = torch.randint(SIDE - SIZE + 1, (2, batch, 1), device=where)
        steps = torch.arange(SIZE, device=where)
        mirrored = torch.rand(batch, 1, device=where) < 0.5
        columns = left + torch.where(mirrored, SIZE - 1 - steps, steps)
        every = torch.arange(batch, device=where)[:, None, None]
        cut = x[every, (top + steps)[:, :, None], columns[:, None, :]]
        amounts = 0.1 * torch.randn(batch, 3, device=where)
        shifts = (amounts @ self.directions)[:, None, None]
        return cut.float() + shifts

    def loss(self, x: Any, y: Any) -> Any:
        """Return how wrong the network is about a batch."""
        seen = (self.views_of(x) / 127.5 - 1).permute(0, 3, 1, 2)  # channels last
        return torch.nn.functional.cross_entropy(self.model(seen), y)

    def putter(self, shape: tuple[int, ...]) -> Callable:
        """Return what puts a batch on the device, once it is taken into memory."""
        cuda = self.where == "cuda"
        memory = torch.empty(shape, dtype=torch.uint8, pin_memory=cuda)
        stream = torch.cuda.Stream() if cuda else None  # beside what is computed

        def put(take: Callable, y: np.ndarray) -> tuple[Any, Any]:
            take(memory.numpy())
            if not cuda:
                return memory.clone(), torch.from_numpy(y)
            with torch.cuda.stream(stream):
                pair = (memory.to("cuda"), torch.from_numpy(y).to("cuda"))
            stream.synchronize()
            return pair

        return put

    def seconds(self, feed: Feed, steps: int) -> float:
        """Return how long so many steps take."""
        self.wait()
        start = time.perf_counter()
        for x, y in itertools.islice(feed, steps):
            if self.where == "cuda":  # it came by another stream
                x.record_stream(torch.cuda.current_stream())
            with torch.autocast(self.where, torch.bfloat16, enabled=self.mixed):
                loss = self.forward(x, y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        self.wait()
        return time.perf_counter() - start

    def views(self, x: Any, steps: int) -> float:
        """Return how long the augmentation of so many batches takes."""
        act = torch.compile(self.views_of, dynamic=False)
        act(x)
        self.wait()
        start = time.perf_counter()
        for _ in range(steps):
            act(x)
        self.wait()
        return time.perf_counter() - start

    @staticmethod
    def wait() -> None:
        """Wait until the device has done all it was told."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    @staticmethod
    def peak() -> int:
        """Return the most bytes that were in use on the device, so far."""
        return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0

    @staticmethod
    def product(side: int, precision: str, times: int) -> float:
        """Return the seconds of a product of two square matrices."""
        torch.backends.cuda.matmul.allow_tf32 = True
        kind = torch.bfloat16 if precision == "mixed" else torch.float32
        where = "cuda" if torch.cuda.is_available() else "cpu"
        a, b = (torch.randn(side, side, dtype=kind, device=where) for _ in range(2))
        a @ b
        PyTorch.wait()
        start = time.perf_counter()
        for _ in range(times):
            a @ b
        PyTorch.wait()
        return (time.perf_counter() - start) / times


# -- the table -------------------------------------------------------------------------


def ceiling(precision: str, peers: list[type]) -> float:
    """Return the operations a second of the fastest large matrix product."""
    side, times = (8192, 10) if on_accelerator() else (1024, 3)
    fastest = min(
        peer.product(side, precision, times) for peer in peers for _ in range(3)
    )
    return 2 * side**3 / fastest


def measured(
    peers: list[type], precision: str, batch: int, given: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Train with each of the peers in turns, and give a row for each."""
    x, y = photos(given.photos)
    made = [peer(precision, x) for peer in peers]
    times: dict[tuple[int, str], list[float]] = {}
    feeds = [
        {
            "step": same(next(fed(x, y, batch, one.putter))),
            "fed": fed(x, y, batch, one.putter),
        }
        for one in made
    ]
    begun = [time.perf_counter()]
    for one, feed in zip(made, feeds, strict=True):  # compiles
        one.seconds(feed["step"], 3)
        begun.append(time.perf_counter())
    for _, kind in itertools.product(range(given.rounds), ("step", "fed")):
        for k, one in enumerate(made):
            took = one.seconds(feeds[k][kind], given.steps) / given.steps
            times.setdefault((k, kind), []).append(took)
    for k, one in enumerate(made):
        step, feed = (statistics.median(times[k, kind]) for kind in ("step", "fed"))
        views = one.views(next(feeds[k]["step"])[0], given.steps) / given.steps
        yield {
            "peer": one.name,
            "precision": precision,
            "batch": batch,
            "seconds a step": round(step, 6),
            "seconds a step, fed": round(feed, 6),
            "seconds of augmentation": round(views, 6),
            "photos a second": round(batch / step, 1),
            "photos a second, fed": round(batch / feed, 1),
            "share of ceiling": round(
                FLOP * batch / step / given.ceilings[precision], 4
            ),
            "rounds": [
                [round(t, 6) for t in times[k, kind]] for kind in ("step", "fed")
            ],
            "seconds until compiled": round(begun[k + 1] - begun[k], 1),
            "peak bytes": one.peak(),
        }


def keep(found: list[dict[str, Any]], folder: Path) -> None:
    """Write the rows of this device in place of those that are kept of it."""
    path = folder / "alexnet.jsonl"
    kept = experiments.parsed(path.read_text("utf-8")) if path.exists() else ()
    others = [run for run in kept if run["machine"]["device"] != device()]
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(run) + "\n" for run in [*others, *found]]
    path.write_text("".join(lines), "utf-8")


def main() -> None:
    """Print the table."""
    large = on_accelerator()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[128, 512] if large else [8]
    )
    parser.add_argument("--steps", type=int, default=30 if large else 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=4096 if large else 64)
    parser.add_argument(
        "--precisions",
        nargs="+",
        default=["mixed", "float32"] if large else ["float32"],
    )
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    peers: list[type] = [Keras, PyTorch] if torch else [Keras]
    packages = ["keras", "jax", "numpy", *(["torch"] if torch else [])]
    print(machine(*packages))
    print(f"device: {device()}")
    given.ceilings = {one: ceiling(one, peers) for one in given.precisions}
    for precision, most in given.ceilings.items():
        print(f"matrix products, {precision}: {most / 1e12:.1f} TFLOP/s")
    found: list[dict[str, Any]] = []
    columns = ["photos/s", "fed", "ms/step", "views ms", "% ceiling", "GB"]
    header("Training", columns)
    for batch, precision in itertools.product(given.batches, given.precisions):
        for figures in measured(peers, precision, batch, given):
            name = f"{figures['peer']}, {precision}, {batch}"
            row(
                name,
                [
                    figures["photos a second"],
                    figures["photos a second, fed"],
                    1000 * figures["seconds a step"],
                    1000 * figures["seconds of augmentation"],
                    100 * figures["share of ceiling"],
                    figures["peak bytes"] / 1e9,
                ],
            )
            found.append(
                {
                    "experiment": f"{figures['peer'].split()[0]}, {precision}, {batch}",
                    "seed": 0,
                    "made": date.today().isoformat(),
                    "with": {one: version(one) for one in packages},
                    "machine": {"device": device(), "cores": os.cpu_count()},
                    "ceiling": given.ceilings[precision],
                    **figures,
                }
            )
            if given.keep:
                keep(found, given.folder)
        gc.collect()


if __name__ == "__main__":
    main()
