"""The worker of `sparse-train bench` for Numba; README.md beside this file says what it is asked.

The same program as ../zero_skipping/mlp.cpp in Python: a dense 784-H-10 perceptron that trains online on one core and skips pixels of
zero, compiled by Numba with fast arithmetic.
"""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402

numba = common.require("numba", "pip install numba")
numpy = common.numpy

RATE = 0.02
WARM_UP = 0.2  # seconds
SAMPLES = 60_000
CLASSES = 10


@numba.njit(fastmath=True, boundscheck=False)
def forward(image, w1, b1, w2, b2, lit, hidden, scores):
    """Fills the places of the pixels that are not zero, the hidden activations and the scores; returns how many pixels there are."""
    count = 0
    for i in range(image.shape[0]):
        lit[count] = i
        count += image[i] != 0
    hidden[:] = b1
    for n in range(count):
        x = image[lit[n]] * numpy.float32(1 / 255)
        row = w1[lit[n]]
        for j in range(hidden.shape[0]):
            hidden[j] += x * row[j]
    for j in range(hidden.shape[0]):
        hidden[j] = max(hidden[j], numpy.float32(0))
    for k in range(scores.shape[0]):
        total = numpy.float32(0)
        for j in range(hidden.shape[0]):
            total += hidden[j] * w2[k, j]
        scores[k] = total + b2[k]
    return count


@numba.njit(fastmath=True, boundscheck=False)
def train(images, labels, order, rates, w1, b1, w2, b2):
    lit = numpy.empty(images.shape[1] + 1, numpy.int32)
    hidden = numpy.empty_like(b1)
    deltas = numpy.empty_like(b1)
    scores = numpy.empty_like(b2)
    for step in range(order.shape[0]):
        image, label, rate = images[order[step]], labels[order[step]], rates[step]
        count = forward(image, w1, b1, w2, b2, lit, hidden, scores)
        most = scores.max()
        total = numpy.float32(0)
        for k in range(scores.shape[0]):
            scores[k] = numpy.exp(scores[k] - most)
            total += scores[k]
        deltas[:] = 0
        for k in range(scores.shape[0]):
            delta = rate * (scores[k] / total - numpy.float32(k == label))
            for j in range(hidden.shape[0]):
                deltas[j] += delta * w2[k, j]
                w2[k, j] -= delta * hidden[j]
            b2[k] -= delta
        for j in range(hidden.shape[0]):
            deltas[j] = deltas[j] if hidden[j] > 0 else numpy.float32(0)
            b1[j] -= deltas[j]
        for n in range(count):
            x = image[lit[n]] * numpy.float32(1 / 255)
            row = w1[lit[n]]
            for j in range(hidden.shape[0]):
                row[j] -= x * deltas[j]


@numba.njit(fastmath=True, boundscheck=False)
def accuracy(images, labels, w1, b1, w2, b2):
    lit = numpy.empty(images.shape[1] + 1, numpy.int32)
    hidden = numpy.empty_like(b1)
    scores = numpy.empty_like(b2)
    right = 0
    for i in range(labels.shape[0]):
        forward(images[i], w1, b1, w2, b2, lit, hidden, scores)
        right += scores.argmax() == labels[i]
    return right / labels.shape[0]


def initial(width: int, seed: int) -> tuple:
    random = numpy.random.default_rng(seed)
    normal = lambda *shape: random.standard_normal(shape, numpy.float32)  # noqa: E731
    zeros = lambda count: numpy.zeros(count, numpy.float32)  # noqa: E731
    return (
        normal(784, width) * numpy.float32((2 / 784) ** 0.5),
        zeros(width),
        normal(CLASSES, width) * numpy.float32((2 / width) ** 0.5),
        zeros(CLASSES),
    )


class Worker:
    def __init__(self):
        self.images, self.labels, self.test_images, self.test_labels = common.load_mnist(str(common.REPOSITORY / "datasets" / "mnist"))
        self.order = numpy.random.default_rng(5).permutation(SAMPLES)
        self.networks: dict = {}

    def run(self, network, seconds: float) -> dict:
        """Trains in stretches of 500 samples until the time is over."""
        done, start = 0, time.perf_counter()
        rates = numpy.full(500, RATE, numpy.float32)
        while True:
            first = done % SAMPLES
            train(self.images, self.labels, self.order[first : first + 500], rates, *network)
            done += 500
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                return {"samplesPerSecond": done / elapsed}

    def train(self, layers, seconds, **_) -> dict:
        width = layers[1]
        if width not in self.networks:
            self.networks[width] = initial(width, 1)
            self.run(self.networks[width], WARM_UP)  # the first call compiles
        return self.run(self.networks[width], seconds)

    def time_to_accuracy(self, layers, target, seed, learningRate, decayEpochs, quarters, **_) -> dict:
        network = initial(layers[1], seed)
        random = numpy.random.default_rng(seed + 1000)
        share, seconds, found = SAMPLES // 4, 0.0, 0.0
        train(self.images, self.labels, self.order[:1], numpy.zeros(1, numpy.float32), *network)  # compiles
        for quarter in range(quarters):
            start = time.perf_counter()
            if quarter % 4 == 0:
                order = random.permutation(SAMPLES)
            done = quarter * share + numpy.arange(share)
            rates = numpy.full(share, learningRate) if decayEpochs is None else learningRate * numpy.maximum(0, 1 - done / (decayEpochs * SAMPLES))
            part = order[quarter % 4 * share :][:share]
            train(self.images, self.labels, part, rates.astype(numpy.float32), *network)
            seconds += time.perf_counter() - start
            found = float(accuracy(self.test_images, self.test_labels, *network))
            if found >= target:
                break
        return {"reached": found >= target, "seconds": seconds, "epochs": (quarter + 1) / 4, "accuracy": found}


def say(**fields) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    worker = Worker()
    say(ready=True, versions={"numba": numba.__version__, "numpy": numpy.__version__, "flags": "njit, fastmath"})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            say(**{"train": worker.train, "time-to-accuracy": worker.time_to_accuracy}[request["measure"]](**request))
        except Exception as error:  # the other measurements may still work
            say(error=f"{type(error).__name__}: {str(error)[:300]}")


main()
