"""Dense MNIST networks on an NVIDIA GPU, in the strongest forms PyTorch and CUDA offer.

Modes, weakest first:
  eager           nn.Sequential, cross_entropy, autograd, fused SGD: what most people write
  compile         the same under torch.compile, mode reduce-overhead
  eager-manual    gradients written by hand as nine cuBLAS and pointwise operators, no autograd
  compile-graph   the hand-written step through torch.compile, many steps captured in one CUDA graph
  cuda-graph      eager-manual, many steps captured in one CUDA graph, independent updates on a second stream
  triton-graph    the step as three Triton kernels (triton_kernels.py), many steps in one CUDA graph
  persistent-kernel   batch 1 only: one launch trains any number of samples, weights in registers (cuda/persistent.cu)

All data stays on the GPU; every epoch is shuffled there; gathering the shuffled rows is part of the measured time.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import common

torch = common.require("torch", "pip install a CUDA build of PyTorch (pytorch.org says which), and numpy")

from dense import CLASSES, INPUTS, SAMPLES, Bench, Idiomatic, Manual, Trainer, initial  # noqa: E402

GRAPH_STEPS = 1000  # steps in one CUDA graph at most


class TritonGraph(Trainer):
    """triton-graph: three kernels per step. `tiles` are shared by all trainers so that a shape is tuned once."""

    tiles: dict = {}

    def __init__(self, *rest, half=False, **options):
        super().__init__(*rest, **options)
        import triton_kernels

        self.kernels = triton_kernels
        self.graphs = self.data.device == "cuda"
        self.half = half
        self.precision = "bf16 products, fp32 weights" if half else "tf32"
        device, count = self.data.device, self.steps * self.batch
        kind = torch.bfloat16 if half else torch.float32
        self.width = -(-self.hidden // 16) * 16
        zeros = lambda *shape, dtype=torch.float32: torch.zeros(*shape, device=device, dtype=dtype)
        self.w1, self.w2, self.b2 = zeros(INPUTS, self.width), zeros(self.width, 16), zeros(16)
        self.v1, self.v2, self.vb = (torch.zeros_like(w) for w in (self.w1, self.w2, self.b2))
        self.x, self.labels = zeros(count, INPUTS, dtype=kind), zeros(count, dtype=torch.int64)
        self.h, self.dh = zeros(self.batch, self.width, dtype=kind), zeros(self.batch, self.width, dtype=kind)
        self.dz, self.rates = zeros(self.batch, 16), zeros(self.steps)
        self.graph = None

    def set(self, seed):
        w1, w2 = initial(self.hidden, seed)
        for tensor in (self.w1, self.w2, self.b2, self.v1, self.v2, self.vb):
            tensor.zero_()
        self.w1[:784, : self.hidden].copy_(w1)
        self.w2[: self.hidden, :CLASSES].copy_(w2)

    def parameters(self):
        return self.w1[:785, : self.hidden], self.w2[: self.hidden, :CLASSES], self.b2[:CLASSES]

    def run_hidden(self, i, tile):
        bm, bn, bk, warps, stages = tile
        grid = (-(-self.batch // bm), -(-self.width // bn))
        self.kernels.hidden[grid](
            self.x, self.w1, self.h, i * self.batch, self.batch, self.width, INPUTS, bm, bn, bk, self.half,
            num_warps=warps, num_stages=stages,
        )  # fmt: skip

    def run_middle(self, i):
        grid = (-(-self.batch // 16), -(-self.width // 128))
        self.kernels.middle[grid](
            self.h, self.w2, self.b2, self.labels, self.rates, self.dz, self.dh, i * self.batch, i, self.batch, self.width,
            16, 64, 128, num_warps=4, num_stages=3,
        )  # fmt: skip

    def run_update(self, i, tile):
        bm, bn, bk, warps, stages = tile
        tiles = -(-INPUTS // bm) * -(-self.width // bn)
        grid = (tiles + -(-self.width // bm),)
        self.kernels.update[grid](
            self.x, self.h, self.dz, self.dh, self.w1, self.w2, self.b2, self.v1, self.v2, self.vb,
            i * self.batch, self.batch, self.width, tiles, self.momentum,
            INPUTS, bm, bn, bk, bool(self.momentum), self.half, num_warps=warps, num_stages=stages,
        )  # fmt: skip

    def best(self, name, run, candidates):
        key = (name, self.batch, self.width, self.half, bool(self.momentum))
        if key not in self.tiles:
            timed = []
            for tile in candidates if self.graphs else candidates[:1]:
                try:
                    run(0, tile)
                except Exception as error:  # a tile too large for the GPU's shared memory
                    if "OutOfResources" not in type(error).__name__:
                        raise
                    continue
                if not self.graphs:
                    timed.append((0.0, tile))
                    continue
                torch.cuda.synchronize()
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph):
                    for _ in range(50):
                        run(0, tile)
                times = []
                for _ in range(6):
                    torch.cuda.synchronize()
                    start = time.perf_counter()
                    graph.replay()
                    torch.cuda.synchronize()
                    times.append(time.perf_counter() - start)
                timed.append((min(times), tile))
            self.tiles[key] = min(timed)[1]
        return self.tiles[key]

    def every_step(self):
        first = self.best("hidden", self.run_hidden, self.kernels.HIDDEN_TILES)
        last = self.best("update", self.run_update, self.kernels.UPDATE_TILES)
        for i in range(self.steps):
            self.run_hidden(i, first)
            self.run_middle(i)
            self.run_update(i, last)

    def prepare(self):
        if not self.graphs or self.graph:
            return
        self.rates.zero_()
        self.best("hidden", self.run_hidden, self.kernels.HIDDEN_TILES)
        self.best("update", self.run_update, self.kernels.UPDATE_TILES)
        self.run_middle(0)
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.every_step()
        torch.cuda.synchronize()

    def chunk(self, order, rates):
        self.prepare()
        source = self.data.halves if self.half else self.data.rows
        torch.index_select(source[self.centred], 0, order, out=self.x)
        torch.index_select(self.data.labels, 0, order, out=self.labels)
        self.rates.copy_(rates)
        if self.graph:
            self.graph.replay()
        else:
            self.every_step()


class Persistent(Trainer):
    """persistent-kernel: batch 1, see cuda/persistent.cu."""

    library = None
    rows: dict = {}
    SHAPES = {
        128: [(4, 8, 4), (8, 4, 4), (8, 8, 2), (8, 16, 1), (16, 4, 2), (16, 8, 1)],
        256: [(8, 8, 4), (16, 4, 4), (16, 8, 2), (16, 16, 1)],
        512: [(16, 8, 4), (16, 16, 2)],
    }

    @classmethod
    def build(cls):
        """Starts nvcc; `load` waits for it. Returns why not, if it can't."""
        compiler = shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
        if not os.path.exists(compiler):
            return "nvcc was not found"
        if torch.cuda.get_device_capability() < (9, 0):
            return "the GPU has no thread-block clusters (compute capability 9.0)"
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = pathlib.Path(cls.folder.name) / "persistent.so"
        major, minor = torch.cuda.get_device_capability()
        source = pathlib.Path(__file__).with_name("cuda") / "persistent.cu"
        command = [compiler, "-O3", "-std=c++17", f"-arch=sm_{major}{minor}", "-shared", "-Xcompiler", "-fPIC", "-o", str(cls.file), str(source)]
        cls.compiler = subprocess.Popen(command)
        return None

    @classmethod
    def load(cls):
        if cls.compiler.wait() != 0:
            raise RuntimeError("nvcc failed")
        cls.library = ctypes.CDLL(str(cls.file))
        pointer, number, real = ctypes.c_void_p, ctypes.c_int, ctypes.c_float
        cls.library.train_online.argtypes = [number, number, number, pointer, number, pointer, pointer, pointer, real, real, pointer]

    def __init__(self, data, hidden, steps, shape=None, **options):
        super().__init__(data, hidden, 1, steps, **options)
        self.width = min(width for width in self.SHAPES if width >= hidden)
        self.shape = shape or self.SHAPES[self.width][0]
        zeros = lambda *size: torch.zeros(*size, device=data.device)
        if self.centred not in self.rows:
            rows = zeros(SAMPLES, 804)
            rows[:, :INPUTS] = data.rows[self.centred]
            rows[:, INPUTS] = data.labels
            self.rows[self.centred] = rows
        self.w1, self.w2, self.b2 = zeros(self.width, INPUTS), zeros(CLASSES, self.width), zeros(CLASSES)
        self.x = zeros(steps, 804)

    def plan(self, rate, decay_epochs=None, per_epoch=0, total=0):
        return rate, -rate / (decay_epochs * per_epoch) if decay_epochs else 0.0

    def rates_at(self, plan, step):
        """(first rate, slope per step): the kernel computes the schedule itself."""
        rate, slope = plan
        return max(rate + slope * step, 0.0), slope

    def set(self, seed):
        w1, w2 = initial(self.hidden, seed)
        for tensor in (self.w1, self.w2, self.b2):
            tensor.zero_()
        self.w1[: self.hidden, :784].copy_(w1.t())
        self.w2[:, : self.hidden].copy_(w2.t())

    def parameters(self):
        return self.w1[: self.hidden, :785].t(), self.w2[:, : self.hidden].t(), self.b2

    def chunk(self, order, rates):
        torch.index_select(self.rows[self.centred], 0, order, out=self.x)
        stream = torch.cuda.current_stream().cuda_stream
        pointers = [self.w1.data_ptr(), self.w2.data_ptr(), self.b2.data_ptr()]
        error = self.library.train_online(*self.shape, self.x.data_ptr(), self.steps, *pointers, *rates, stream)
        if error:
            raise RuntimeError(f"train_online failed: {error}")


class CudaBench(Bench):
    def __init__(self, options):
        cuda = torch.cuda.is_available() and not options.cpu
        versions = {"cuda": torch.version.cuda}
        if cuda:
            versions["driver"] = driver_version()
            versions["blas"] = f"cuBLAS of CUDA {torch.version.cuda}"
            try:
                import triton

                versions["triton"] = triton.__version__
            except ImportError:
                pass
        super().__init__(options, "pytorch-cuda", "cuda" if cuda else "cpu", versions, torch.cuda.get_device_name() if cuda else None)
        self.networks = common.NETWORKS[1:2] if options.quick else common.NETWORKS
        self.batches = options.batch or ([1, 64, 1024] if options.quick else common.BATCHES)
        self.slice = 0.02 if options.quick else 0.06  # seconds of one repeat
        self.repeats = 3 if options.quick else 5
        self.persistent_shape = {}

    def published(self, mode):
        return mode.removesuffix("-bf16").removesuffix("-autotune")

    def has_momentum(self, mode):
        return mode != "persistent-kernel"

    def steps_at_once(self, mode, batch):
        return SAMPLES if mode == "persistent-kernel" else GRAPH_STEPS

    def persistent(self):
        """Batch 1 in one launch: checked against plain PyTorch first, then every cluster shape timed."""
        Persistent.load()
        for _, hidden, _ in self.networks:
            width = min(width for width in Persistent.SHAPES if width >= hidden)
            timed = []
            for shape in Persistent.SHAPES[width]:
                difference = self.check_persistent(hidden, shape)
                trainer = Persistent(self.data, hidden, 20_000, shape=shape)
                order, seconds = torch.randperm(SAMPLES, device="cuda")[:20_000], []
                for _ in range(3):
                    trainer.set(1)
                    self.synchronise()
                    start = time.perf_counter()
                    trainer.chunk(order, (0.02, 0.0))
                    self.synchronise()
                    seconds.append(time.perf_counter() - start)
                timed.append((min(seconds), shape))
                self.say(f"persistent {hidden} cluster x warps x neurons {shape}: {min(seconds) / 20_000 * 1e6:.3f} us/sample, "
                         f"difference to PyTorch after 200 samples {difference:.1e}, accuracy {trainer.accuracy():.4f}")  # fmt: skip
            shape = self.persistent_shape[hidden] = min(timed)[1]
            trainer = Persistent(self.data, hidden, 20_000 if self.options.quick else SAMPLES, shape=shape)
            self.throughput("persistent-kernel", trainer, blocks=shape[0], threadsPerBlock=32 * shape[1])
        self.document.write()

    def check_persistent(self, hidden, shape):
        """The kernel and PyTorch on the same 200 samples from the same weights; both fp32, so only the order of sums differs."""
        order = torch.arange(200, device="cuda")
        rate = 0.02
        kernel = Persistent(self.data, hidden, 200, shape=shape)
        plain = Manual(self.data, hidden, 1, 200)
        kernel.set(3)
        plain.set(3)
        kernel.chunk(order, (rate, 0.0))
        plain.chunk(order, torch.full((200,), rate, device="cuda"))
        worst = 0.0
        start = initial(hidden, 3)[0].to("cuda")
        for name, mine, theirs in zip("w1 w2 b2".split(), kernel.parameters(), plain.parameters()):
            # Compares with the size of the change, not of the weights: a kernel that learns nothing must not
            # pass.
            moved = theirs[:784] - start if name == "w1" else theirs
            worst = max(worst, float((mine - theirs).norm() / moved.norm()))
        if not worst < 1e-3:
            raise RuntimeError(f"persistent kernel {shape}, {hidden} neurons: differs from PyTorch by {worst:.3g}")
        return worst

    def check_triton(self, half):
        """Three steps of the Triton kernels against fp32 PyTorch; the products are rounded, so the difference is that of tf32 or bf16."""
        order, rates = torch.arange(3 * 64, device="cuda"), torch.tensor([0.1, 0.2, 0.1], device="cuda")
        torch.backends.cuda.matmul.allow_tf32 = False
        for hidden, momentum in ((100, 0.9), (512, 0.0)):
            plain = Manual(self.data, hidden, 64, 3, momentum=momentum)
            kernel = TritonGraph(self.data, hidden, 64, 3, momentum=momentum, half=half)
            kernel.prepare()
            for trainer in (plain, kernel):
                trainer.set(3)
                trainer.chunk(order, rates)
            start = initial(hidden, 3)[0].to("cuda")
            moved = (plain.parameters()[0][:784] - start).norm()
            difference = float((kernel.parameters()[0] - plain.parameters()[0]).norm() / moved)
            self.say(f"triton {'bf16' if half else 'tf32'} {hidden}: difference to fp32 after 3 steps {difference:.1e}")
            if not difference < (3e-2 if half else 1e-2):
                raise RuntimeError(f"Triton kernels differ from PyTorch by {difference:.3g}")
        torch.backends.cuda.matmul.allow_tf32 = True

    def speeds(self, modes):
        for mode in list(modes):
            if mode.startswith("triton"):
                self.check_triton(mode.endswith("bf16"))
        for _, hidden, _ in self.networks:
            for batch in self.batches:
                for mode in modes:
                    if self.left() < 60:
                        self.document.note(f"time ran out before {mode}, {hidden} neurons, batch {batch}")
                        continue
                    self.throughput(mode, self.make(mode, hidden, batch))
            self.document.write()

    def make(self, mode, hidden, batch, steps=None, **options):
        if mode == "persistent-kernel":
            return Persistent(self.data, hidden, steps or SAMPLES, shape=self.persistent_shape.get(hidden), **options)
        steps = steps or max(1, min(SAMPLES // batch, GRAPH_STEPS if "graph" in mode else 100))
        kinds = {
            "eager": lambda: Idiomatic(self.data, hidden, batch, steps, **options),
            "compile": lambda: Idiomatic(self.data, hidden, batch, steps, compiled="reduce-overhead", **options),
            "eager-manual": lambda: Manual(self.data, hidden, batch, steps, **options),
            "cuda-graph": lambda: Manual(self.data, hidden, batch, steps, graphs=True, **options),
            "compile-graph": lambda: Manual(self.data, hidden, batch, steps, graphs=True, compiled="default", **options),
            "compile-graph-autotune": lambda: Manual(
                self.data, hidden, batch, steps, graphs=True, compiled="max-autotune-no-cudagraphs", **options
            ),
            "triton-graph": lambda: TritonGraph(self.data, hidden, batch, steps, **options),
            "triton-graph-bf16": lambda: TritonGraph(self.data, hidden, batch, steps, half=True, **options),
        }
        trainer = kinds[mode]()
        if mode in ("eager", "compile", "eager-manual", "cuda-graph", "compile-graph", "compile-graph-autotune"):
            trainer.precision = "tf32" if torch.backends.cuda.matmul.allow_tf32 else "fp32"
        return trainer

    def compiled_speeds(self):
        """Compilation costs seconds per shape, so all batches are measured on one network and three on the others.

        Trying every kernel variant (max-autotune) costs up to a minute per shape: three shapes.
        """
        some = [batch for batch in self.batches if batch in (1, 64, 1024)]
        shapes = [(128, batch, mode) for batch in self.batches for mode in ("compile", "compile-graph")]
        shapes += [(128, batch, "compile-graph-autotune") for batch in some]
        if not self.options.quick:
            shapes += [(hidden, batch, mode) for hidden in (512, 256, 100) for batch in some for mode in ("compile", "compile-graph")]
        for hidden, batch, mode in shapes:
            if self.left() < (75 if mode.endswith("autotune") else 30):
                self.document.note(f"time ran out before {mode}, {hidden} neurons, batch {batch}")
                continue
            torch._dynamo.reset()
            try:
                self.throughput(mode, self.make(mode, hidden, batch, steps=min(100, SAMPLES // batch)))
            except Exception as error:
                self.document.note(f"{mode}, {hidden} neurons, batch {batch} failed: {type(error).__name__}: {str(error)[:200]}")
                self.say(f"{mode} {hidden} {batch} failed: {error}")
            self.document.write()

    def predictions(self):
        """Forward alone: images per second over all training images, and the latency of one image."""
        for _, hidden, _ in self.networks:
            w1, w2 = (w.to(self.device) for w in initial(hidden, 1))
            b1, b2 = torch.zeros(hidden, device=self.device), torch.zeros(CLASSES, device=self.device)
            for batch, half in itertools.product([1, 1024, SAMPLES], [False, True]):
                kind = torch.bfloat16 if half else torch.float32
                x = self.data.rows[False][:batch, :784].contiguous().to(kind)
                weights = [w.to(kind) for w in (b1, w1, b2, w2)]
                found = torch.empty(batch, dtype=torch.int64, device=self.device)

                def forward():
                    h = torch._addmm_activation(weights[0], x, weights[1])
                    torch.argmax(torch.addmm(weights[2], h, weights[3]), 1, out=found)

                forward()
                inner = {1: 200, 1024: 50}.get(batch, 2)
                if self.device == "cuda":
                    side = torch.cuda.Stream()
                    with torch.cuda.stream(side):
                        forward()
                    torch.cuda.synchronize()
                    graph = torch.cuda.CUDAGraph()
                    with torch.cuda.graph(graph):
                        for _ in range(inner):
                            forward()
                    once = graph.replay
                else:
                    once = lambda: [forward() for _ in range(inner)]
                timings, count = common.measure(lambda n: [once() for _ in range(n)], self.synchronise, self.slice, self.repeats)
                fields = common.speed(timings, count * inner, batch)
                self.document.row(measure="predict", mode="cuda-graph", layers=[784, hidden, 10], dense=True, batch=batch,
                                  precision="bf16" if half else "tf32", **fields)  # fmt: skip
                self.say(f"predict {hidden} batch {batch} {'bf16' if half else 'tf32'}: {fields['samplesPerSecond']:,.0f} images/s")
        self.document.write()

    def accuracies(self):
        quick = self.options.quick
        seeds = 3 if quick else 9
        batches = self.options.batch or ([128, 1024] if quick else [1024, 512, 2048, 256, 4096, 128, 64])
        fast = "triton-graph" if "triton" in self.document.document["versions"] else "cuda-graph"
        widths = [128] if quick else [128, 100, 256, 512, 192, 384, 768, 1024]
        budget = 0.55 * self.left() / len(widths)
        for hidden in widths:
            if self.left() < 60:
                self.document.note(f"time ran out before time to accuracy, {hidden} neurons")
                continue
            found = self.search(fast, hidden, batches, min(budget, 10 if quick else 30))
            if not found:
                self.document.note(f"{fast}, {hidden} neurons: nothing in the search reached the target")
                continue
            self.confirm(fast, hidden, found[:6], seeds)
            if [784, hidden, 10] in self.networks and self.device == "cuda":
                # The same learning in other modes. Each mode gets the candidates that suit its own cost of a
                # step.
                for mode in (["triton-graph-bf16"] if fast == "triton-graph" else []) + ["cuda-graph", "eager-manual", "eager"]:
                    self.confirm(mode, hidden, self.suited(found, mode, hidden, fast)[:2], 3 if mode == "eager" else 5)
            if [784, hidden, 10] in self.networks and "compile" in self.options.sections:
                self.compiled_accuracy(hidden, found, fast)
            self.document.write()
        for hidden in self.persistent_shape:
            found = self.search("persistent-kernel", hidden, [1], 8)
            self.confirm("persistent-kernel", hidden, found[:4], seeds)
        self.document.write()

    def compiled_accuracy(self, hidden, found, fast):
        """The same learning under torch.compile. Compiling is not counted: a trial run has done it before."""
        for mode in ("compile", "compile-graph"):
            if self.left() < 90:
                self.document.note(f"time ran out before time to accuracy, {mode}, {hidden} neurons")
                continue
            torch._dynamo.reset()
            try:
                self.confirm(mode, hidden, self.suited(found, mode, hidden, fast)[:1], 3)
            except Exception as error:
                self.document.note(f"time to accuracy, {mode}, {hidden} neurons failed: {type(error).__name__}: {str(error)[:200]}")
                self.say(f"time to accuracy, {mode} {hidden} failed: {error}")

    def launch_cost(self) -> float:
        """Microseconds per in-place operator on one number, queued without waiting."""
        one = torch.zeros(1, device=self.device)
        timings, count = common.measure(lambda n: [one.add_(1) for _ in range(n)], self.synchronise, self.slice, self.repeats)
        return statistics.median(timings) / count * 1e6

    def full_precision(self):
        """What tf32 buys: a few shapes without it."""
        torch.backends.cuda.matmul.allow_tf32 = False
        for batch in [batch for batch in self.batches if batch in (1, 128, 4096)]:
            self.throughput("cuda-graph", self.make("cuda-graph", 128, batch))
        torch.backends.cuda.matmul.allow_tf32 = True

    def run(self):
        cuda = self.device == "cuda"
        options = self.options
        sections = options.sections
        why_not = Persistent.build() if cuda else "there is no GPU"
        note = self.document.note
        note("Samples/s count everything a training loop repeats: the gather of shuffled rows on the GPU and every step.")
        note("Time to accuracy counts training alone; accuracy on the test set is looked at every quarter epoch; the fastest of a search over "
             "batch, learning rate, linear decay, momentum and input centring, then the median over fresh seeds.")  # fmt: skip
        note("tf32: inputs of products rounded to 10 bits of mantissa, sums fp32. persistent-kernel is fp32 throughout.")
        if cuda:
            note(f"One small operator launched from Python costs {self.launch_cost():.1f} us on this host: what bounds eager and compile.")
        triton = "triton" in self.document.document["versions"]
        torch.backends.cuda.matmul.allow_tf32 = False
        if "persistent" in sections:
            if why_not:
                note(f"persistent-kernel not measured: {why_not}")
            else:
                self.section(self.persistent)
        torch.backends.cuda.matmul.allow_tf32 = True
        if "speed" in sections:
            self.section(self.speeds, ["eager", "eager-manual", "cuda-graph"] + (["triton-graph", "triton-graph-bf16"] if triton else []))
            self.section(self.full_precision)
        if "predict" in sections:
            self.section(self.predictions)
        if "accuracy" in sections:
            self.section(self.accuracies)
        if "compile" in sections:
            self.section(self.compiled_speeds)
        self.document.finish()
        self.say("done")


def driver_version() -> str | None:
    try:
        return subprocess.run(
            ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"], capture_output=True, text=True, timeout=20
        ).stdout.strip().splitlines()[0]  # fmt: skip
    except (OSError, IndexError, subprocess.TimeoutExpired):
        return None


def main():
    parser = common.arguments(__doc__.splitlines()[0])
    parser.add_argument("--sections", default="persistent,speed,predict,accuracy,compile", help="what to measure, with commas")
    parser.add_argument("--deadline", type=float, default=3600, help="seconds after which the remaining measurements are skipped")
    parser.add_argument("--cpu", action="store_true", help="exercise the code without a GPU; the numbers mean nothing")
    options = parser.parse_args()
    options.sections = options.sections.split(",")
    if not torch.cuda.is_available() and not options.cpu:
        parser.exit(3, "pytorch_cuda.py: no CUDA GPU found; install a CUDA build of PyTorch on a machine that has one\n")
    CudaBench(options).run()


if __name__ == "__main__":
    main()
