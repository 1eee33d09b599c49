"""Dense MNIST networks in PyTorch on a CPU, in the strongest forms we know.

Modes, weakest first:
  eager         nn.Sequential, cross_entropy, autograd, SGD: what most people write
  compile       the hand-written step as one function through torch.compile (needs a C++ compiler)
  eager-manual  gradients written by hand, in place, nothing allocated; matrix-vector products at batch 1

Gathering the shuffled rows is part of the measured time; they are gathered a few hundred at a time, so that they stay in cache.
"""

from __future__ import annotations

import os

# An older OpenBLAS may have been tamed with these; they would slow this one down. Read when the library loads, so before the imports.
for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)

import shutil  # noqa: E402

import common  # noqa: E402

torch = common.require("torch", "pip install -r scripts/baselines/requirements.txt")
from dense import CLASSES, Bench, Idiomatic, Manual, Vector, initial  # noqa: E402


def blas() -> dict:
    """Which libraries multiply matrices, as PyTorch was built."""
    lines = [line.strip("- ").strip() for line in torch.__config__.show().splitlines()]
    settings = next((line for line in lines if line.startswith("Build settings")), "")
    found = {"blas": next((part.split("=")[1] for part in settings.split(", ") if part.strip().startswith("BLAS_INFO=")), "unknown")}
    for name, start in (("mkl", "Intel(R) oneAPI Math Kernel Library"), ("onednn", "Intel(R) MKL-DNN"), ("openmp", "OpenMP")):
        line = next((line for line in lines if line.startswith(start)), None)
        if line:
            found[name] = line
    found["cpuCapability"] = torch.backends.cpu.get_cpu_capability()
    return found


class CpuBench(Bench):
    modes = ("eager-manual", "eager")  # the first is the one that time to accuracy is searched in

    def __init__(self, options, baseline="pytorch-cpu", versions=None):
        super().__init__(options, baseline, "cpu", {**blas(), **(versions or {})})
        quick = options.quick
        cores = common.physical_cores()
        self.thread_counts = [options.threads] if options.threads else sorted({1, cores})
        self.networks = common.NETWORKS[1:2] if quick else common.NETWORKS
        self.batches = options.batch or ([1, 64, 1024] if quick else common.BATCHES)
        self.slice = 0.05 if quick else 0.3
        self.repeats = 3 if quick else 7

    def use_threads(self, threads):
        super().use_threads(threads)
        torch.set_num_threads(threads)

    def steps_at_once(self, mode, batch):
        return max(1, 512 // batch)

    def make(self, mode, hidden, batch, steps=None, **options):
        steps = steps or self.steps_at_once(mode, batch)
        if mode == "eager":
            return Idiomatic(self.data, hidden, batch, steps, **options)
        if mode == "compile":
            return Manual(self.data, hidden, batch, steps, compiled="default", **options)
        return (Vector if batch == 1 else Manual)(self.data, hidden, batch, steps, **options)

    def speeds(self):
        for _, hidden, _ in self.networks:
            for batch in self.batches:
                for mode in self.modes:
                    for threads in self.thread_counts:
                        self.use_threads(threads)
                        if self.left() < 0:
                            self.document.note(f"time ran out before {mode}, {hidden} neurons, batch {batch}, {threads} threads")
                            continue
                        self.throughput(mode, self.make(mode, hidden, batch))
            self.document.write()

    def compiled_speeds(self):
        """Compilation costs up to a minute per shape and thread count: all batches on one network, three on the others."""
        if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
            self.document.note("compile not measured: no C++ compiler was found")
            return
        some = [batch for batch in self.batches if batch in (1, 64, 1024)]
        shapes = [(128, batch) for batch in (some[:2] if self.options.quick else self.batches)]
        shapes += [] if self.options.quick else [(hidden, batch) for hidden in (100, 512, 256) for batch in some]
        for hidden, batch in shapes:
            for threads in self.thread_counts:
                self.use_threads(threads)
                if self.left() < 0:
                    self.document.note(f"time ran out before compile, {hidden} neurons, batch {batch}, {threads} threads")
                    continue
                torch._dynamo.reset()
                try:
                    self.throughput("compile", self.make("compile", hidden, batch))
                except Exception as error:
                    self.document.note(f"compile, {hidden} neurons, batch {batch} failed: {type(error).__name__}: {str(error)[:200]}")
            self.document.write()

    def predictions(self):
        for _, hidden, _ in self.networks:
            w1, w2 = initial(hidden, 1)
            b1, b2 = torch.zeros(hidden), torch.zeros(CLASSES)
            w1t, w2t = w1.t().contiguous(), w2.t().contiguous()
            for batch in (1, 1024, 10_000):
                x = self.data.rows[False][:batch, :784].contiguous()
                h, z, found = torch.empty(batch, hidden), torch.empty(batch, CLASSES), torch.empty(batch, dtype=torch.int64)

                def run(count):
                    for _ in range(count):
                        if batch == 1:
                            torch.addmv(b1, w1t, x[0], out=h[0])
                            h.relu_()
                            torch.addmv(b2, w2t, h[0], out=z[0])
                        else:
                            torch._addmm_activation(b1, x, w1, out=h)
                            torch.addmm(b2, h, w2, out=z)
                        torch.argmax(z, 1, out=found)

                for threads in self.thread_counts:
                    self.use_threads(threads)
                    timings, steps = common.measure(run, self.synchronise, self.slice, self.repeats)
                    speed = common.speed(timings, steps, batch)
                    self.document.row(measure="predict", mode="eager-manual", layers=[784, hidden, 10], dense=True, batch=batch,
                                      threads=threads, precision="fp32", **speed)  # fmt: skip
                    self.say(f"predict {hidden} batch {batch} threads {threads}: {speed['samplesPerSecond']:,.0f} images/s")
        self.document.write()

    def accuracies(self):
        """Searches with one thread; other modes and thread counts get the candidates that suit their own price of a step."""
        quick = self.options.quick
        batches = self.options.batch or ([64] if quick else [64, 128, 32, 256, 16, 512])
        widths = [128] if quick else [128, 100, 256, 512, 64]
        seeds = 2 if quick else 7
        for hidden in widths:
            if self.left() < 0:
                self.document.note(f"time ran out before time to accuracy, {hidden} neurons")
                continue
            self.use_threads(self.thread_counts[0])
            found = self.search(self.modes[0], hidden, batches, 20 if quick else 120)
            if not found:
                self.document.note(f"{hidden} neurons: nothing in the search reached the target")
                continue
            for threads in self.thread_counts:
                self.use_threads(threads)
                for mode in self.modes:
                    order = self.suited(found, mode, hidden, self.modes[0], self.thread_counts[0])
                    self.confirm(mode, hidden, order[: 2 if quick else 4], seeds)
            self.document.write()

    def run(self):
        note = self.document.note
        note("Samples/s count everything a training loop repeats: the gather of shuffled rows and every step.")
        note("Time to accuracy counts training alone; accuracy on the test set is looked at every quarter epoch; the fastest of a search over "
             "batch, learning rate, linear decay, momentum and input centring, then the median over fresh seeds.")  # fmt: skip
        note("fp32 throughout.")
        sections = {"speed": self.speeds, "predict": self.predictions, "accuracy": self.accuracies, "compile": self.compiled_speeds}
        for name in self.options.sections.split(","):
            self.section(sections[name])
        self.document.finish()
        self.say("done")


def main():
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--sections", default="speed,predict,accuracy,compile", help="what to measure, with commas")
    parser.add_argument("--deadline", type=float, default=3600, help="seconds after which the remaining measurements are skipped")
    CpuBench(parser.parse_args()).run()


if __name__ == "__main__":
    main()
