"""Long experiments: runs that are trained once each, and kept a line each in data/.

A script names its experiments, each some settings and a number of seeds. What has run
with these settings is not run again, so an interrupted script goes on where it was;
what has other settings is thrown away.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np

from helpers import experiments
from helpers.experiments import Experiments, Run
from helpers.networks import devices

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "data" / "experiments"


@dataclass(frozen=True)
class Experiment:
    """What is run once for each of so many seeds, from 0 on."""

    settings: Any  # a dataclass
    seeds: int


#: Settings and a seed, to what was measured.
Measure = Callable[[Any, int], dict[str, Any]]


@dataclass
class Table:
    """The runs of a script, kept in a file.

    Attributes
    ----------
    path
        The file, a line a run; written anew, whole, after each.
    planned
        The experiments by their names; they are kept in this order.
    """

    path: Path
    planned: dict[str, Experiment]

    def runs(self) -> list[Run]:
        """Return the runs that are kept, those of other settings left out."""
        if not self.path.exists():
            return []
        kept = experiments.parsed(self.path.read_text("utf-8"))
        return [run for run in kept if self._is_planned(run)]

    def missing(self, names: Iterable[str]) -> list[tuple[str, int]]:
        """Return what is still to be run: experiment and seed, seeds in turns."""
        done = {(run["experiment"], run["seed"]) for run in self.runs()}
        wanted = [
            (name, seed)
            for seed in range(max(one.seeds for one in self.planned.values()))
            for name in names
            if seed < self.planned[name].seeds
        ]
        return [one for one in wanted if one not in done]

    def run(self, names: Iterable[str], measure: Measure) -> None:
        """Run what is missing; each is kept at once."""
        todo = self.missing(names)
        for number, (name, seed) in enumerate(todo, 1):
            settings = self.planned[name].settings
            load, start = os.getloadavg()[0], time.perf_counter()
            found = measure(settings, seed)
            run = {
                "experiment": name,
                "seed": seed,
                "settings": as_kept(settings),
                "made": date.today().isoformat(),
                "with": {one: version(one) for one in ("keras", backend(), "numpy")},
                "machine": {
                    "device": device(),
                    "cores": os.cpu_count(),
                    "load": round(load, 1),
                },
                **found,
            }
            self._keep(run)
            took = time.perf_counter() - start
            said = f"{number} of {len(todo)}: {name}, seed {seed}, {took:.0f} s"
            print(f"{said}, {found.get('accuracy', '')}", flush=True)

    def _keep(self, run: Run) -> None:
        runs = [*self.runs(), run]
        order = list(self.planned)
        runs.sort(key=lambda one: (order.index(one["experiment"]), one["seed"]))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text("".join(json.dumps(one) + "\n" for one in runs), "utf-8")
        part.replace(self.path)

    def _is_planned(self, run: Run) -> bool:
        planned = self.planned.get(run["experiment"])
        return (
            planned is not None
            and run["seed"] < planned.seeds
            and run["settings"] == as_kept(planned.settings)
        )


def as_kept(settings: Any) -> dict[str, Any]:
    """Return settings as they come back from a file, where a tuple is a list."""
    return json.loads(json.dumps(asdict(settings)))


def clocks() -> np.ndarray:
    """Return seconds, and seconds of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


def as_seconds(took: np.ndarray) -> dict[str, float]:
    """Return times as a run keeps them."""
    names = ("seconds", "cpu seconds")
    return {name: round(float(one), 1) for name, one in zip(names, took, strict=True)}


def backend() -> str:
    """Return the package that Keras runs on."""
    return str(keras.backend.backend())


def device() -> str:
    """Return what Keras computes on: "processor", or a graphics card's name."""
    found = devices.found()
    return found.name if found.is_gpu else "processor"


def command(
    name: str,
    about: str,
    planned: dict[str, Experiment],
    measured: Callable[..., dict[str, Any]],
    printed: Callable[[Experiments], None],
    arguments: list[str] | None = None,
) -> int:
    """Do what the command line of a script asks for: run what is missing, print it.

    Parameters
    ----------
    name
        Of the script, without ``.py``.
    about
        Its docstring.
    planned
        Its experiments.
    measured
        Settings and a seed to what came out; with ``few=True`` in seconds.
    printed
        Prints the figures of all that has run.
    arguments
        Those of the command line where None.
    """
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="EXPERIMENT")
    parser.add_argument("--print", action="store_true", dest="only_print")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(planned):
        known = ", ".join(planned)
        parser.error(
            f"no experiment is called {', '.join(unknown)}. There are: {known}"
        )
    if given.quick:
        given.folder = given.folder or Path(tempfile.mkdtemp())
        planned = {one: Experiment(planned[one].settings, 1) for one in planned}
    table = Table((given.folder or FOLDER) / f"{name}.jsonl", planned)
    if not given.only_print:
        table.run(
            given.names or planned,
            lambda settings, seed: measured(settings, seed, few=given.quick),
        )
    printed(Experiments(name, f"benchmarks/{name}.py", tuple(table.runs())))
    return 0
