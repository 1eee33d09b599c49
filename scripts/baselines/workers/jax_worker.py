"""The worker of `sparse-train bench` for JAX; README.md beside this file says what it is asked.

A dense 784-H-10 perceptron: a whole stretch of steps is one `lax.scan`, compiled by XLA, with gradients by automatic differentiation. Batches of
one and larger ones.
"""

import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# Before JAX starts its threads. One core, as the others.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import common  # noqa: E402

jax = common.require("jax", "pip install jax")
numpy = common.numpy
jnp = jax.numpy

RATE = 0.02
SAMPLES = 60_000
STRETCH = 2_000  # samples of a scan


def loss(weights, images, labels):
    w1, b1, w2, b2 = weights
    scores = jax.nn.relu(images @ w1 + b1) @ w2 + b2
    return -jnp.mean(jax.nn.log_softmax(scores)[jnp.arange(labels.shape[0]), labels])


def stretch(weights, images, labels, order):
    """Trains on the rows of `order`, one batch a step."""

    def step(weights, rows):
        gradients = jax.grad(loss)(weights, images[rows].astype(jnp.float32) / 255, labels[rows])
        return jax.tree.map(lambda w, g: w - RATE * g, weights, gradients), None

    return jax.lax.scan(step, weights, order)[0]


class Worker:
    def __init__(self):
        images, labels, *_ = common.load_mnist(str(common.REPOSITORY / "datasets" / "mnist"))
        self.images, self.labels = jnp.asarray(images), jnp.asarray(labels.astype(numpy.int32))
        self.order = numpy.random.default_rng(5).permutation(SAMPLES)
        self.stretch = jax.jit(stretch, donate_argnums=0)
        self.weights: dict = {}

    def train(self, layers, batch, seconds, **_) -> dict:
        steps = max(1, STRETCH // batch)
        key = (layers[1], batch)
        orders = [self.order[i : i + steps * batch].reshape(steps, batch) for i in range(0, SAMPLES - steps * batch + 1, steps * batch)]
        if key not in self.weights:
            random = numpy.random.default_rng(1)
            shapes = [(784, layers[1]), (layers[1],), (layers[1], 10), (10,)]
            scaled = [random.standard_normal(shape, numpy.float32) * numpy.float32(0.05 if len(shape) > 1 else 0) for shape in shapes]
            weights = [jnp.asarray(part) for part in scaled]
            self.weights[key] = jax.block_until_ready(self.stretch(weights, self.images, self.labels, orders[0]))  # compiles
        done, start = 0, time.perf_counter()
        while True:
            order = orders[done % len(orders)]
            self.weights[key] = jax.block_until_ready(self.stretch(self.weights[key], self.images, self.labels, order))
            done += 1
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                return {"samplesPerSecond": done * steps * batch / elapsed}


def say(**fields) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    worker = Worker()
    say(ready=True, versions={"jax": jax.__version__, "numpy": numpy.__version__, "flags": os.environ["XLA_FLAGS"]})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            say(**{"train": worker.train}[request["measure"]](**request))
        except Exception as error:  # the other measurements may still work
            say(error=f"{type(error).__name__}: {str(error)[:300]}")


main()
