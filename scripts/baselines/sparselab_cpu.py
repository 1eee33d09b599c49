"""SparseLab (PyPI `sparselab`): 784-H-10 with a sparse first layer, real sparse storage and kernels, on a CPU.

mode is eager: SparseLinear in the place of Linear, cross_entropy, autograd, SGD, as its documentation shows. The second layer is dense:
with ten outputs there is nothing to win there.
"""

from __future__ import annotations

import pytorch_cpu  # first: it also settles the BLAS environment
import common
from dense import CLASSES, Idiomatic, torch

sparselab = common.require("sparselab", "pip install sparselab (wheels for Linux and macOS, Python 3.11 to 3.13)")

DENSITY = 0.1


class Sparse(Idiomatic):
    def build(self):
        first = sparselab.SparseLinear(784, self.hidden, sparsity=1 - DENSITY)
        return torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Linear(self.hidden, CLASSES))

    def set(self, seed):
        """The library's own initialisation, and a new random pattern."""
        torch.manual_seed(seed)
        options = self.optimizer.defaults
        self.model = self.build()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=options["lr"], momentum=options["momentum"], foreach=False)
        self.apply = self.optimizer.step

    def accuracy(self):
        with torch.no_grad():
            found = self.model(self.data.test_rows[self.centred][:, :784].contiguous()).argmax(1)
        return float((found == self.data.test_labels).float().mean())


class SparseBench(pytorch_cpu.CpuBench):
    modes = ("eager",)

    def __init__(self, options):
        super().__init__(options, "sparselab", {"sparselab": getattr(sparselab, "__version__", None)})
        self.kind = {"dense": False, "density": [DENSITY, 1]}

    def make(self, mode, hidden, batch, steps=None, **options):
        return Sparse(self.data, hidden, batch, steps or self.steps_at_once(mode, batch), **options)


def main():
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--sections", default="speed,accuracy", help="what to measure, with commas")
    parser.add_argument("--deadline", type=float, default=3600, help="seconds after which the remaining measurements are skipped")
    SparseBench(parser.parse_args()).run()


if __name__ == "__main__":
    main()
