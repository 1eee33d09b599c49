"""The matrix products of one training step of a junction, by library: feed-forward, backpropagation and the update by the gradient.

numpy        dense, with the BLAS that NumPy was built with (OpenBLAS in the wheels)
pytorch-cpu  dense, with PyTorch's (MKL in the wheels)
scipy        a sparse matrix (CSR); for the gradient the faster of all products, of which the edges are taken, and of products
             of gathered rows
pytorch-csr  a sparse tensor (CSR); sampled_addmm for the gradient, added to the weights

All in fp32, in the layout that suits the library, and without what only we would have to do (rounding, biases, activations).
"""

from __future__ import annotations

import os

# An older OpenBLAS may have been tamed with these; they would slow this one down. Read when the library loads, so before the imports.
for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)

import math  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import common  # noqa: E402
from common import numpy  # noqa: E402

REMEDY = "pip install -r scripts/baselines/requirements.txt"
RATE = numpy.float32(1e-3)
PASSES = ("forward", "backward", "update")


def numpy_blas() -> dict:
    """Which BLAS NumPy multiplies with, as far as it says."""
    found = numpy.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    return {"blas": " ".join(str(found[key]) for key in ("name", "version") if found.get(key)) or "unknown"}


def use_threads(threads: int) -> None:
    common.require("threadpoolctl", REMEDY).threadpool_limits(threads)


class Products:
    """`left` x `right` weights, of which a share `density` are edges; values and deltas of a batch. Subclasses give the three passes."""

    dense = False

    def __init__(self, left: int, right: int, density: float, batch: int):
        random = numpy.random.default_rng(1)
        self.left, self.right, self.batch = left, right, batch
        self.edges = round(left * right * density)
        self.values = random.random((batch, left), dtype=numpy.float32)
        self.deltas = random.random((batch, right), dtype=numpy.float32) - numpy.float32(0.5)
        # The same number of edges at every right neuron.
        fan_in = max(1, self.edges // right)
        self.lefts = numpy.concatenate([numpy.sort(random.choice(left, fan_in, replace=False)) for _ in range(right)])
        self.starts = numpy.arange(0, fan_in * right + 1, fan_in)
        self.weights = random.standard_normal(fan_in * right).astype(numpy.float32) * numpy.float32(1 / math.sqrt(fan_in))
        self.prepare()

    def prepare(self) -> None:
        """Brings everything into the library's own form."""

    def time(self, seconds: float) -> dict:
        """The fastest of many batches, each pass on its own."""
        return {name: self.fastest(getattr(self, name), seconds / len(PASSES)) for name in PASSES}

    @staticmethod
    def fastest(call, seconds: float) -> float:
        call()
        best, end = math.inf, time.perf_counter() + seconds
        while True:
            start = time.perf_counter()
            call()
            now = time.perf_counter()
            best = min(best, now - start)
            if now >= end:
                return best


class Numpy(Products):
    dense = True

    def prepare(self):
        self.matrix = numpy.zeros((self.left, self.right), numpy.float32)
        self.matrix[self.lefts, numpy.repeat(numpy.arange(self.right), numpy.diff(self.starts))] = self.weights
        self.sums = numpy.empty((self.batch, self.right), numpy.float32)
        self.errors = numpy.empty((self.batch, self.left), numpy.float32)
        self.gradient = numpy.empty_like(self.matrix)

    def forward(self):
        numpy.matmul(self.values, self.matrix, out=self.sums)

    def backward(self):
        numpy.matmul(self.deltas, self.matrix.T, out=self.errors)

    def update(self):
        numpy.matmul(self.values.T, self.deltas, out=self.gradient)
        self.gradient *= RATE
        self.matrix -= self.gradient


class Scipy(Products):
    def prepare(self):
        sparse = common.require("scipy.sparse", REMEDY)
        self.matrix = sparse.csr_matrix((self.weights, self.lefts, self.starts), shape=(self.right, self.left))
        self.transposed = self.matrix.T  # a view: no weights are copied
        self.rights = numpy.repeat(numpy.arange(self.right), numpy.diff(self.starts))
        self.rows = numpy.ascontiguousarray(self.values.T)
        self.delta_rows = numpy.ascontiguousarray(self.deltas.T)
        ways = (self.all_products, self.gathered)
        self.gradient = min(ways, key=lambda way: self.fastest(way, 0.1))

    def forward(self):
        return self.matrix @ self.rows

    def backward(self):
        return self.transposed @ self.delta_rows

    def all_products(self):
        return (self.delta_rows @ self.values)[self.rights, self.lefts]

    def gathered(self):
        return numpy.einsum("ij,ij->i", self.delta_rows[self.rights], self.rows[self.lefts])

    def update(self):
        self.matrix.data -= RATE * self.gradient()


class TorchDense(Products):
    dense = True

    def prepare(self):
        self.torch = common.require("torch", REMEDY)
        tensor = self.torch.from_numpy
        dense = numpy.zeros((self.left, self.right), numpy.float32)
        dense[self.lefts, numpy.repeat(numpy.arange(self.right), numpy.diff(self.starts))] = self.weights
        self.matrix, self.rows, self.delta_rows = tensor(dense), tensor(self.values), tensor(self.deltas)
        self.sums = self.torch.empty(self.batch, self.right)
        self.errors = self.torch.empty(self.batch, self.left)

    def forward(self):
        self.torch.mm(self.rows, self.matrix, out=self.sums)

    def backward(self):
        self.torch.mm(self.delta_rows, self.matrix.t(), out=self.errors)

    def update(self):
        self.matrix.addmm_(self.rows.t(), self.delta_rows, alpha=-float(RATE))


class TorchCsr(Products):
    def prepare(self):
        torch = self.torch = common.require("torch", REMEDY)
        tensor = torch.from_numpy
        self.matrix = torch.sparse_csr_tensor(tensor(self.starts), tensor(self.lefts), tensor(self.weights), (self.right, self.left))
        # PyTorch multiplies only by CSR rows, so the transposed matrix needs the weights in its own order.
        rights = numpy.repeat(numpy.arange(self.right), numpy.diff(self.starts))
        order = numpy.lexsort((rights, self.lefts))
        starts = numpy.searchsorted(self.lefts[order], numpy.arange(self.left + 1))
        self.order = tensor(order)
        self.transposed = torch.sparse_csr_tensor(tensor(starts), tensor(rights[order]), tensor(self.weights[order]), (self.left, self.right))
        self.rows = tensor(numpy.ascontiguousarray(self.values.T))
        self.delta_rows = tensor(numpy.ascontiguousarray(self.deltas.T))
        self.value_rows = tensor(self.values)

    def forward(self):
        return self.matrix @ self.rows

    def backward(self):
        return self.transposed @ self.delta_rows

    def update(self):
        self.matrix = self.torch.sparse.sampled_addmm(self.matrix, self.delta_rows, self.value_rows, alpha=-float(RATE))
        self.torch.index_select(self.matrix.values(), 0, self.order, out=self.transposed.values())


LIBRARIES = {"numpy": Numpy, "pytorch-cpu": TorchDense, "scipy": Scipy, "pytorch-csr": TorchCsr}


def versions(name: str) -> dict:
    """What a library is, with its BLAS; ends the program if it is not there."""
    if name == "numpy":
        return {"numpy": numpy.__version__, **numpy_blas()}
    if name == "scipy":
        return {"scipy": common.require("scipy", REMEDY).__version__, **numpy_blas()}
    torch = common.require("torch", REMEDY)
    import pytorch_cpu

    mkl = pytorch_cpu.blas().get("mkl", "")
    return {"torch": torch.__version__, "mkl": mkl.removeprefix("Intel(R) oneAPI Math Kernel Library Version ").split(" ")[0] or "none"}


class NumpyNetwork:
    """784-H-10, dense, trained in batches: gradients written by hand, in place."""

    def __init__(self, hidden: int, batch: int):
        images, labels, _, _ = common.load_mnist(str(common.REPOSITORY / "datasets" / "mnist"))
        self.images = images.astype(numpy.float32) / 255
        self.onehot = numpy.eye(10, dtype=numpy.float32)[labels]
        random = numpy.random.default_rng(1)
        self.batch, self.random = batch, random
        self.w1 = random.standard_normal((784, hidden)).astype(numpy.float32) * numpy.float32(math.sqrt(2 / 784))
        self.w2 = random.standard_normal((hidden, 10)).astype(numpy.float32) * numpy.float32(1 / math.sqrt(hidden))
        self.b1, self.b2 = numpy.zeros(hidden, numpy.float32), numpy.zeros(10, numpy.float32)
        self.h, self.dh = numpy.empty((2, batch, hidden), numpy.float32)
        self.g1, self.g2 = numpy.empty_like(self.w1), numpy.empty_like(self.w2)

    def step(self) -> None:
        rows = self.random.integers(0, len(self.images), self.batch)
        x, rate = self.images[rows], numpy.float32(0.2 / self.batch)
        numpy.matmul(x, self.w1, out=self.h)
        self.h += self.b1
        numpy.maximum(self.h, 0, out=self.h)
        z = self.h @ self.w2 + self.b2
        p = numpy.exp(z - z.max(1, keepdims=True))
        d = (p / p.sum(1, keepdims=True) - self.onehot[rows]) * rate
        numpy.matmul(d, self.w2.T, out=self.dh)
        self.dh *= self.h > 0
        numpy.matmul(x.T, self.dh, out=self.g1)
        numpy.matmul(self.h.T, d, out=self.g2)
        self.w1 -= self.g1
        self.w2 -= self.g2
        self.b1 -= self.dh.sum(0)
        self.b2 -= d.sum(0)


def main() -> None:
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--library", choices=list(LIBRARIES), default="scipy", help="which library (default: scipy)")
    options = parser.parse_args()
    document = common.Document(options.library, options.output, versions(options.library))
    repeats, seconds = (1, 0.1) if options.quick else (7, 1.0)
    for threads in [options.threads] if options.threads else sorted({1, common.physical_cores()}):
        use_threads(threads)
        if "pytorch" in options.library:
            common.require("torch", REMEDY).set_num_threads(threads)
        for batch in options.batch or [128]:
            products = LIBRARIES[options.library](784, 1024, 0.1, batch)
            rounds = [products.time(seconds) for _ in range(repeats)]
            for name in PASSES:
                document.row(
                    measure="pass", mode=name, layers=[784, 1024], dense=products.dense, density=[1 if products.dense else 0.1],
                    batch=batch, threads=threads, precision="fp32", repeats=repeats, **common.spread([one[name] for one in rounds]),
                )  # fmt: skip
            print(f"{options.library}, batch {batch}, threads {threads}: {rounds[0]}", file=sys.stderr)
    document.finish()


if __name__ == "__main__":
    main()
