"""What every Python baseline shares: MNIST, the machine's description, timing, and the one result document.

The document is described in README.md beside this file. Nothing here imports a framework, so that a baseline whose framework is
missing can still say so in the common format.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import importlib
import json
import os
import pathlib
import platform
import statistics
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

#: The networks every baseline trains, dense at the layers of the sparse ones they are compared with.
NETWORKS = [[784, 100, 10], [784, 128, 10], [784, 256, 10], [784, 512, 10]]
BATCHES = [1, 8, 32, 64, 128, 256, 512, 1024, 4096]
TARGET_ACCURACY = 0.97


#: The exit status of a baseline whose packages, compiler or device are not there; the last line of standard error says what to do.
MISSING = 3


def require(name: str, remedy: str):
    """Imports a package that a baseline can't do without."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        print(f"{pathlib.Path(sys.argv[0]).name}: {error}; install it with: {remedy}", file=sys.stderr)
        sys.exit(MISSING)


numpy = require("numpy", "pip install numpy")


def arguments(description: str) -> argparse.ArgumentParser:
    """The command line that every baseline has; a baseline may add options of its own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", help="write the result document to this file (default: standard output)")
    parser.add_argument("--quick", action="store_true", help="few sizes and short measurements: a check that it works, not a result")
    parser.add_argument("--threads", type=int, help="measure with this many threads only (default: 1 and all)")
    parser.add_argument("--batch", type=lambda text: [int(part) for part in text.split(",")], help="batch sizes, with commas")
    parser.add_argument("--data", default=str(REPOSITORY / "datasets" / "mnist"), help="folder with the four MNIST files, gzip")
    return parser


def load_mnist(folder: str):
    """Returns (train images, train labels, test images, test labels); images are uint8 [n, 784]."""

    def read(name: str, header: int):
        with gzip.open(pathlib.Path(folder) / name) as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=header)

    return (
        read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784),
        read("train-labels-idx1-ubyte.gz", 8),
        read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784),
        read("t10k-labels-idx1-ubyte.gz", 8),
    )


def physical_cores() -> int:
    """Cores as the scheduler may use them: a container's limit, not the socket's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine(gpu: str | None = None) -> dict:
    model, flags = platform.processor() or platform.machine(), ""
    memory = None
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                model = value.strip()
            elif key.strip() in ("flags", "Features"):
                flags = value
        memory = round(int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 2**20)
    except OSError:
        pass
    found = {"cpu": model, "cores": physical_cores(), "architecture": platform.machine()}
    names = ["avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_tile", "asimddp"]
    found["isa"] = [name for name in names if name in flags.split()]
    if gpu:
        found["gpu"] = gpu
    found["memoryGiB"] = memory
    found["os"] = f"{platform.system()} {platform.machine()}"
    return found


class Document:
    """Collects rows and writes the result document; written after every section, so that a time limit loses little."""

    def __init__(self, baseline: str, output: str | None, versions: dict, gpu: str | None = None):
        self.output = output
        self.document = {
            "format": "sparse-train-baseline",
            "version": 1,
            "baseline": baseline,
            "takenAt": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "machine": machine(gpu),
            "versions": {"python": platform.python_version(), "numpy": numpy.__version__, **versions},
            "rows": [],
            "notes": [],
        }

    def row(self, **fields) -> dict:
        row = {key: value for key, value in fields.items() if value is not None}
        self.document["rows"].append(row)
        return row

    def note(self, text: str) -> None:
        if text not in self.document["notes"]:
            self.document["notes"].append(text)

    def write(self) -> None:
        text = json.dumps(self.document, indent=1, allow_nan=False) + "\n"
        if self.output:
            pathlib.Path(self.output).write_text(text)

    def finish(self) -> None:
        self.write()
        if not self.output:
            print(json.dumps(self.document, indent=1, allow_nan=False))


def significant(value: float, digits: int = 4) -> float:
    """Rounds to significant digits: a timing has no more than three or four."""
    return float(f"{value:.{digits}g}")


def speed(seconds_per_run: list[float], steps: int, batch: int) -> dict:
    """The speed fields of a row, from repeated timings of `steps` steps of `batch` samples."""
    rates = sorted(steps * batch / seconds for seconds in seconds_per_run)
    return {
        "samplesPerSecond": significant(statistics.median(rates)),
        "samplesPerSecondMin": significant(rates[0]),
        "samplesPerSecondMax": significant(rates[-1]),
        "microsecondsPerStep": significant(1e6 * statistics.median(seconds_per_run) / steps),
        "steps": steps,
        "repeats": len(rates),
    }


def measure(run, synchronise, seconds: float, repeats: int) -> tuple[list[float], int]:
    """Times `run(steps)` after a warm-up. Chooses the number of steps so that one repeat lasts about `seconds`."""
    run(2)
    synchronise()
    steps = 2
    while True:
        start = time.perf_counter()
        run(steps)
        synchronise()
        elapsed = time.perf_counter() - start
        if elapsed > seconds / 4 or steps > 1_000_000:
            break
        steps *= 4
    steps = max(2, round(steps * seconds / elapsed))
    timings = []
    for _ in range(repeats):
        start = time.perf_counter()
        run(steps)
        synchronise()
        timings.append(time.perf_counter() - start)
    return timings, steps


def spread(values: list[float]) -> dict:
    return {"seconds": significant(statistics.median(values)), "secondsMin": significant(min(values)), "secondsMax": significant(max(values))}
