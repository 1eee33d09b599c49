"""The worker of `sparse-train bench` for the libraries of ../products.py; README.md beside this file says what it is asked.

products_worker.py numpy | scipy | pytorch-csr
"""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import products  # noqa: E402

WARM_UP = 0.2  # seconds


class Worker:
    def __init__(self, name: str):
        self.make = products.LIBRARIES[name]
        self.torch = "pytorch" in name
        self.made: dict = {}

    def use_threads(self, threads: int) -> None:
        products.use_threads(threads)
        if self.torch:
            products.common.require("torch", products.REMEDY).set_num_threads(threads)

    def passes(self, left, right, density, batch, threads, seconds, **_) -> dict:
        self.use_threads(threads)
        key = (left, right, density, batch)
        if key not in self.made:
            self.made[key] = self.make(left, right, density, batch)
            self.made[key].time(WARM_UP)
        return self.made[key].time(seconds)

    def train(self, layers, batch, threads, seconds, **_) -> dict:
        self.use_threads(threads)
        key = (layers[1], batch)
        if key not in self.made:
            self.made[key] = products.NumpyNetwork(layers[1], batch)
            self.steps(self.made[key], WARM_UP)
        return {"samplesPerSecond": self.steps(self.made[key], seconds) * batch}

    @staticmethod
    def steps(network, seconds: float) -> float:
        """Steps a second."""
        count, start = 0, time.perf_counter()
        while True:
            network.step()
            count += 1
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                return count / elapsed


def say(**fields) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    name = sys.argv[1]
    worker = Worker(name)
    worker.use_threads(1)  # ends with status 3 if that package is missing
    say(ready=True, versions={key: str(value) for key, value in products.versions(name).items()})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            say(**{"passes": worker.passes, "train": worker.train}[request["measure"]](**request))
        except Exception as error:  # the other measurements may still work
            say(error=f"{type(error).__name__}: {str(error)[:300]}")


main()
