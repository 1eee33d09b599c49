"""The worker of `sparse-train bench` for PyTorch and for what builds on it; README.md beside this file says what it is asked.

    torch_worker.py pytorch_cpu | sparselab_cpu

Measures what that script measures, with its trainers, but one thing at a time, when it is asked to.
"""

import importlib
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# Each module ends with status 3 and a line on standard error if a package is missing.
chosen = importlib.import_module(sys.argv[1])

import torch  # noqa: E402

import common  # noqa: E402
import dense  # noqa: E402
import products  # noqa: E402
import pytorch_cpu  # noqa: E402


def say(**fields) -> None:
    print(json.dumps(fields), flush=True)


WARM_UP = 0.2  # seconds


class Worker:
    def __init__(self):
        parser = common.arguments("worker")
        parser.add_argument("--deadline", type=float, default=3600)
        make = getattr(chosen, "SparseBench", pytorch_cpu.CpuBench)
        self.bench = make(parser.parse_args([]))
        self.trainers: dict = {}

    def train(self, layers, batch, threads, mode, seconds, **_) -> dict:
        self.bench.use_threads(threads)
        key = ("train", tuple(layers), batch, threads, mode)
        if key not in self.trainers:
            trainer = self.bench.make(mode, layers[1], batch)
            order = torch.randperm(dense.SAMPLES)[: trainer.steps * trainer.batch]
            rates = trainer.rates_at(trainer.plan(0.02), 0)
            trainer.prepare()
            trainer.set(1)
            self.trainers[key] = lambda: trainer.chunk(order, rates), trainer.steps * trainer.batch
            self.run(*self.trainers[key], WARM_UP)
        return self.run(*self.trainers[key], seconds)

    def predict(self, layers, batch, threads, seconds, **_) -> dict:
        self.bench.use_threads(threads)
        key = ("predict", tuple(layers), batch)
        if key not in self.trainers:
            w1, w2 = dense.initial(layers[1], 1)
            b1, b2 = torch.zeros(layers[1]), torch.zeros(dense.CLASSES)
            w1t = w1.t().contiguous()
            w2t = w2.t().contiguous()
            rows = self.bench.data.test_rows[False][:batch, :784].contiguous()

            def one():
                torch.addmv(b2, w2t, torch.addmv(b1, w1t, rows[0]).relu_()).argmax()

            def many():
                torch.addmm(b2, torch._addmm_activation(b1, rows, w1), w2).argmax(1)

            self.trainers[key] = (one if batch == 1 else many), batch
            self.run(*self.trainers[key], WARM_UP)
        return self.run(*self.trainers[key], seconds)

    def passes(self, left, right, density, batch, threads, seconds, **_) -> dict:
        self.bench.use_threads(threads)
        key = ("passes", left, right, density, batch)
        if key not in self.trainers:
            self.trainers[key] = products.TorchDense(left, right, density, batch)
            self.trainers[key].time(WARM_UP)
        return self.trainers[key].time(seconds)

    def run(self, call, samples, seconds) -> dict:
        """Calls until the time is over; the clock is read every few milliseconds."""
        count, batch = 0, 1
        start = time.perf_counter()
        while True:
            for _ in range(batch):
                call()
            count += batch
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                return {"samplesPerSecond": count * samples / elapsed}
            if elapsed < seconds / 100:
                batch *= 2

    def time_to_accuracy(
        self, layers, batch, threads, mode, target, seed, learningRate, decayEpochs, momentum, centredInput, quarters, **_
    ) -> dict:
        self.bench.use_threads(threads)
        config = {"rate": learningRate, "decay": decayEpochs, "momentum": momentum, "centred": centredInput}
        key = ("accuracy", tuple(layers), batch, mode, json.dumps(config))
        if key not in self.trainers:
            self.trainers[key] = self.bench.make_quarter(mode, layers[1], batch, config)
            dense.time_to_accuracy(self.trainers[key], config, 0, 2, 2.0, self.bench.synchronise)  # warm
        reached, seconds, epochs, accuracy = dense.time_to_accuracy(
            self.trainers[key], config, 100 + seed, quarters, target, self.bench.synchronise
        )
        return {"reached": bool(reached), "seconds": seconds, "epochs": epochs, "accuracy": accuracy}


def versions(bench) -> dict:
    """Versions and BLAS, short."""
    found = {name: str(value) for name, value in bench.document.document["versions"].items() if value not in (None, "unknown")}
    if "mkl" in found:
        found["mkl"] = found["mkl"].removeprefix("Intel(R) oneAPI Math Kernel Library Version ").split(" ")[0]
    if "onednn" in found:
        found["onednn"] = found["onednn"].removeprefix("Intel(R) MKL-DNN ").split(" ")[0]
    found.pop("openmp", None)
    return found


def main() -> None:
    worker = Worker()
    say(ready=True, versions=versions(worker.bench))
    for line in sys.stdin:
        request = json.loads(line)
        measures = {"train": worker.train, "predict": worker.predict, "passes": worker.passes}
        measure = {**measures, "time-to-accuracy": worker.time_to_accuracy}[request["measure"]]
        try:
            say(**measure(**request))
        except Exception as error:  # the other measurements may still work
            say(error=f"{type(error).__name__}: {str(error)[:300]}")


main()
