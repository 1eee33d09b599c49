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
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import traceback

import torch
import torch.nn.functional as F

import common

INPUTS = 800  # 784 pixels, the constant 1 that carries layer 1's bias, zeros: a row is a multiple of 128 bytes
CLASSES = 10
SAMPLES = 60_000
GRAPH_STEPS = 1000  # steps in one CUDA graph at most


class Data:
    """MNIST on the device, in the layouts the modes need. `centred` subtracts the mean and divides by the deviation of all pixels."""

    def __init__(self, folder: str, device: str):
        train, self.train_labels_host, test, test_labels = common.load_mnist(folder)
        self.device = device
        self.labels = torch.tensor(self.train_labels_host, device=device, dtype=torch.int64)
        self.onehot = F.one_hot(self.labels, CLASSES).to(torch.float32)
        self.test_labels = torch.tensor(test_labels, device=device, dtype=torch.int64)
        train, test = (torch.tensor(part, device=device, dtype=torch.float32) / 255 for part in (train, test))
        mean, deviation = train.mean(), train.std()
        self.rows, self.test_rows = {}, {}
        for centred in (False, True):
            for source, target in ((train, self.rows), (test, self.test_rows)):
                padded = torch.zeros(len(source), INPUTS, device=device)
                padded[:, :784] = (source - mean) / deviation if centred else source
                padded[:, 784] = 1
                target[centred] = padded
        self.halves = {centred: rows.to(torch.bfloat16) for centred, rows in self.rows.items()}


def initial(hidden: int, seed: int):
    """He-normal first layer, 1/sqrt(H) second, zero biases; the same numbers on every device."""
    generator = torch.Generator().manual_seed(seed)
    w1 = torch.randn(784, hidden, generator=generator) * math.sqrt(2 / 784)
    w2 = torch.randn(hidden, CLASSES, generator=generator) / math.sqrt(hidden)
    return w1, w2


class Trainer:
    """Common to all modes: trains a chunk of already shuffled rows, and knows its accuracy.

    `steps` is the number of steps `chunk` makes. Subclasses provide parameters(), chunk() and set().
    """

    graphs = False
    precision = "fp32"

    def __init__(self, data: Data, hidden: int, batch: int, steps: int, centred=False, momentum=0.0):
        self.data, self.hidden, self.batch, self.steps, self.centred, self.momentum = data, hidden, batch, steps, centred, momentum

    def accuracy(self) -> float:
        w1, w2, b2 = self.parameters()
        rows = self.data.test_rows[self.centred]
        h = torch.relu(rows[:, :785] @ w1)
        return float(((h @ w2 + b2).argmax(1) == self.data.test_labels).float().mean())


class Idiomatic(Trainer):
    """eager and compile."""

    def __init__(self, *rest, compiled=False, **options):
        super().__init__(*rest, **options)
        device = self.data.device
        self.model = torch.nn.Sequential(
            torch.nn.Linear(784, self.hidden), torch.nn.ReLU(), torch.nn.Linear(self.hidden, CLASSES)
        ).to(device)
        self.x = torch.empty(self.steps * self.batch, 784, device=device)
        self.y = torch.empty(self.steps * self.batch, dtype=torch.int64, device=device)
        self.rows = {centred: rows[:, :784].contiguous() for centred, rows in self.data.rows.items() if centred == self.centred}
        # A tensor as the learning rate lets a schedule change it without recompiling.
        rate = torch.tensor(0.1, device=device) if device == "cuda" else 0.1
        fused = {"fused": True} if device == "cuda" else {"foreach": True}
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=rate, momentum=self.momentum, **fused)
        self.loss = lambda x, y: F.cross_entropy(self.model(x), y)
        self.apply = self.optimizer.step
        if compiled:
            self.compile_mode = "reduce-overhead"
            self.loss = torch.compile(self.loss, mode=self.compile_mode, dynamic=False)

    def set(self, seed):
        w1, w2 = initial(self.hidden, seed)
        with torch.no_grad():
            self.model[0].weight.copy_(w1.t())
            self.model[2].weight.copy_(w2.t())
            self.model[0].bias.zero_()
            self.model[2].bias.zero_()
        self.optimizer.state.clear()

    def parameters(self):
        first, second = self.model[0], self.model[2]
        w1 = torch.cat([first.weight.detach().t(), first.bias.detach()[None]])
        return w1, second.weight.detach().t(), second.bias.detach()

    def chunk(self, order, rates):
        torch.index_select(self.rows[self.centred], 0, order, out=self.x)
        torch.index_select(self.data.labels, 0, order, out=self.y)
        group = self.optimizer.param_groups[0]
        for i in range(self.steps):
            if i % 32 == 0:  # every step would cost a launch; the schedule is as good in small stairs
                if torch.is_tensor(group["lr"]):
                    group["lr"].copy_(rates[i])
                else:
                    group["lr"] = float(rates[i])
            part = slice(i * self.batch, (i + 1) * self.batch)
            self.loss(self.x[part], self.y[part]).backward()
            self.apply()
            self.optimizer.zero_grad(set_to_none=True)


class Manual(Trainer):
    """eager-manual, cuda-graph and compile-graph: nine operators per step, in place, nothing allocated."""

    def __init__(self, *rest, graphs=False, compiled=None, **options):
        super().__init__(*rest, **options)
        device, count = self.data.device, self.steps * self.batch
        self.graphs = graphs and device == "cuda"
        self.compiled = compiled
        zeros = lambda *shape: torch.zeros(*shape, device=device)
        self.w1, self.w2, self.b2 = zeros(INPUTS, self.hidden), zeros(self.hidden, CLASSES), zeros(CLASSES)
        self.v1, self.v2, self.vb = (torch.zeros_like(w) for w in (self.w1, self.w2, self.b2))
        self.no_bias, self.ones = zeros(self.hidden), torch.ones(self.batch, device=device)
        self.x, self.target = zeros(count, INPUTS), zeros(count, CLASSES)
        self.h, self.dh = zeros(self.batch, self.hidden), zeros(self.batch, self.hidden)
        self.z, self.logp, self.dz = (zeros(self.batch, CLASSES) for _ in range(3))
        self.side = torch.cuda.Stream() if device == "cuda" else None
        self.graph = None
        if compiled:
            self.compile_mode = compiled
            self.function = torch.compile(self.whole, dynamic=False, mode=compiled)

    def set(self, seed):
        w1, w2 = initial(self.hidden, seed)
        self.w1.zero_()
        self.w1[:784].copy_(w1)
        self.w2.copy_(w2)
        for tensor in (self.b2, self.v1, self.v2, self.vb):
            tensor.zero_()

    def parameters(self):
        return self.w1[:785], self.w2, self.b2

    @staticmethod
    def whole(x, target, w1, w2, b2):
        """One step as a function, for the compiler to fuse."""
        h = torch.relu(x @ w1)
        p = torch.softmax(h @ w2 + b2, 1)
        dz = target + p * -target.sum(1, keepdim=True)
        dh = (dz @ w2.t()) * (h > 0)
        w1.sub_(x.t() @ dh)
        w2.sub_(h.t() @ dz)
        b2.sub_(dz.sum(0))

    def step(self, x, target):
        """`target` is -rate / batch * onehot, which makes the log-softmax gradient come out scaled."""
        if self.compiled:
            self.function(x, target, self.w1, self.w2, self.b2)
            return
        torch._addmm_activation(self.no_bias, x, self.w1, out=self.h)
        torch.addmm(self.b2, self.h, self.w2, out=self.z)
        torch._log_softmax(self.z, 1, False, out=self.logp)
        torch.ops.aten._log_softmax_backward_data.out(target, self.logp, 1, torch.float32, out=self.dz)
        torch.mm(self.dz, self.w2.t(), out=self.dh)
        fork = self.side if self.graphs and torch.cuda.is_current_stream_capturing() else None
        if fork:
            fork.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(fork):
                self.update_second()
        else:
            self.update_second()
        torch.ops.aten.threshold_backward.grad_input(self.dh, self.h, 0, grad_input=self.dh)
        self.update(self.w1, self.v1, x.t(), self.dh)
        if fork:
            torch.cuda.current_stream().wait_stream(fork)

    def update_second(self):
        self.update(self.w2, self.v2, self.h.t(), self.dz)
        if self.momentum:
            torch.addmv(self.vb, self.dz.t(), self.ones, beta=self.momentum, out=self.vb)
            self.b2.sub_(self.vb)
        else:
            self.b2.addmv_(self.dz.t(), self.ones, alpha=-1)

    def update(self, weights, velocity, a, b):
        if self.momentum:
            velocity.addmm_(a, b, beta=self.momentum)
            weights.sub_(velocity)
        else:
            weights.addmm_(a, b, alpha=-1)

    def every_step(self):
        for i in range(self.steps):
            part = slice(i * self.batch, (i + 1) * self.batch)
            self.step(self.x[part], self.target[part])

    def prepare(self):
        """Captures the chunk. Warms up on the buffers' zeros first: nothing lazy may happen inside a capture."""
        if not self.graphs or self.graph:
            return
        with torch.cuda.stream(torch.cuda.Stream()):
            for _ in range(3):
                self.step(self.x[: self.batch], self.target[: self.batch])
        with torch.cuda.stream(self.side):
            self.update_second()
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.every_step()
        torch.cuda.synchronize()

    def gather(self, order, rates):
        torch.index_select(self.data.rows[self.centred], 0, order, out=self.x)
        torch.index_select(self.data.onehot, 0, order, out=self.target)
        self.target.view(self.steps, self.batch * CLASSES).mul_(rates[:, None] * (-1 / self.batch))

    def chunk(self, order, rates):
        self.prepare()
        self.gather(order, rates)
        if self.graph:
            self.graph.replay()
        else:
            self.every_step()


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

    def set(self, seed):
        w1, w2 = initial(self.hidden, seed)
        for tensor in (self.w1, self.w2, self.b2):
            tensor.zero_()
        self.w1[: self.hidden, :784].copy_(w1.t())
        self.w2[:, : self.hidden].copy_(w2.t())

    def parameters(self):
        return self.w1[: self.hidden, :785].t(), self.w2[:, : self.hidden].t(), self.b2

    def chunk(self, order, rates):
        """`rates` is (first, slope per step): the kernel computes the schedule itself."""
        torch.index_select(self.rows[self.centred], 0, order, out=self.x)
        stream = torch.cuda.current_stream().cuda_stream
        pointers = [self.w1.data_ptr(), self.w2.data_ptr(), self.b2.data_ptr()]
        error = self.library.train_online(*self.shape, self.x.data_ptr(), self.steps, *pointers, *rates, stream)
        if error:
            raise RuntimeError(f"train_online failed: {error}")


def schedule(rate: float, decay_epochs: float | None, total: int, per_epoch: int, device) -> torch.Tensor:
    """Constant, or falling in a line to zero over `decay_epochs`."""
    if decay_epochs is None:
        return torch.full((total,), rate, device=device)
    return rate * (1 - torch.arange(total, device=device) / (decay_epochs * per_epoch)).clamp(min=0.0)


def time_to_accuracy(trainer, config: dict, seed: int, most_quarters: int, target: float, synchronise):
    """Trains until `target`, looked at every quarter epoch, counting training time alone.

    Returns (reached, seconds, epochs, accuracy). An epoch is 60,000 samples in new random order.
    """
    quarter = trainer.steps * trainer.chunks * trainer.batch
    generator = torch.Generator(device=trainer.data.device).manual_seed(1000 + seed)
    trainer.set(seed)
    per_epoch = 4 * trainer.steps * trainer.chunks
    total = per_epoch * (1 + most_quarters // 4)
    rates = schedule(config["rate"], config["decay"], total, per_epoch, trainer.data.device)
    seconds, accuracy, step = 0.0, 0.0, 0
    if hasattr(trainer, "prepare"):
        trainer.prepare()
        trainer.set(seed)
    for number in range(most_quarters):
        synchronise()
        start = time.perf_counter()
        if number % 4 == 0:
            order = torch.randperm(SAMPLES, device=trainer.data.device, generator=generator)
        first = (number % 4) * quarter
        for chunk in range(trainer.chunks):
            count = trainer.steps * trainer.batch
            part = order[first + chunk * count : first + (chunk + 1) * count]
            if isinstance(trainer, Persistent):
                slope = -config["rate"] / (config["decay"] * per_epoch) if config["decay"] else 0.0
                trainer.chunk(part, (max(config["rate"] + slope * step, 0.0), slope))
            else:
                trainer.chunk(part, rates[step : step + trainer.steps])
            step += trainer.steps
        synchronise()
        seconds += time.perf_counter() - start
        accuracy = trainer.accuracy()
        if accuracy >= target:
            return True, seconds, (number + 1) / 4, accuracy
        if not accuracy > 0.2 or (config["decay"] and number + 1 >= 4 * config["decay"]):
            break
    return False, seconds, (number + 1) / 4, accuracy


def quarter_chunks(batch: int) -> tuple[int, int]:
    """(steps per chunk, chunks) of a quarter epoch."""
    steps = max(1, SAMPLES // 4 // batch)
    chunks = -(-steps // GRAPH_STEPS)
    return steps // chunks, chunks


class Bench:
    def __init__(self, options):
        self.options = options
        self.began = time.monotonic()
        self.device = "cuda" if torch.cuda.is_available() and not options.cpu else "cpu"
        cuda = self.device == "cuda"
        versions = {"torch": torch.__version__, "cuda": torch.version.cuda}
        if cuda:
            versions["driver"] = driver_version()
            versions["blas"] = f"cuBLAS of CUDA {torch.version.cuda}"
        try:
            import triton

            if cuda:
                versions["triton"] = triton.__version__
        except ImportError:
            pass
        name = torch.cuda.get_device_name() if cuda else None
        self.document = common.Document("pytorch-cuda", options.output, versions, name)
        self.synchronise = torch.cuda.synchronize if cuda else (lambda: None)
        self.data = Data(options.data, self.device)
        self.networks = common.NETWORKS[1:2] if options.quick else common.NETWORKS
        self.batches = options.batch or ([1, 64, 1024] if options.quick else common.BATCHES)
        self.slice = 0.02 if options.quick else 0.06  # seconds of one repeat
        self.repeats = 3 if options.quick else 5
        self.step_time: dict = {}  # (mode, hidden, batch) -> seconds

    def left(self) -> float:
        return self.options.deadline - (time.monotonic() - self.began)

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f} s] {text}", flush=True)

    def throughput(self, mode: str, trainer, rate=0.02, notes=None):
        """Measures whole chunks, the gather of shuffled rows included."""
        order = torch.randperm(SAMPLES, device=self.device)[: trainer.steps * trainer.batch]
        rates = (rate, 0.0) if isinstance(trainer, Persistent) else torch.full((trainer.steps,), rate, device=self.device)
        trainer.set(1)

        def run(chunks):
            for _ in range(chunks):
                trainer.chunk(order, rates)

        timings, chunks = common.measure(run, self.synchronise, self.slice, self.repeats)
        fields = common.speed(timings, chunks * trainer.steps, trainer.batch)
        self.step_time[mode, trainer.hidden, trainer.batch, trainer.precision] = fields["microsecondsPerStep"] * 1e-6
        self.document.row(
            measure="samples-per-second",
            mode=mode.removesuffix("-bf16").removesuffix("-autotune"),
            layers=[784, trainer.hidden, 10],
            dense=True,
            batch=trainer.batch,
            precision=trainer.precision,
            stepsPerGraph=trainer.steps if trainer.graphs else None,
            compileMode=getattr(trainer, "compile_mode", None),
            **fields,
            **(notes or {}),
        )
        self.say(f"{mode:18} {trainer.hidden:4} batch {trainer.batch:5} {trainer.precision[:6]:7} {fields['samplesPerSecond']:12,.0f} samples/s "
                 f"{fields['microsecondsPerStep']:9.2f} us/step")  # fmt: skip
        return fields

    # Sections ------------------------------------------------------------------------------------------------------------------

    def persistent(self):
        """Batch 1 in one launch: checked against plain PyTorch first, then every cluster shape timed."""
        Persistent.load()
        self.persistent_shape = {}
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
            notes = {"blocks": shape[0], "threadsPerBlock": 32 * shape[1]}
            self.throughput("persistent-kernel", trainer, notes=notes)
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
            # Against the size of the change, not of the weights: a kernel that learns nothing must not pass.
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
        short = mode in ("eager", "compile", "eager-manual")
        steps = steps or max(1, min(SAMPLES // batch, 100 if short else GRAPH_STEPS))
        kinds = {
            "eager": lambda: Idiomatic(self.data, hidden, batch, steps, **options),
            "compile": lambda: Idiomatic(self.data, hidden, batch, steps, compiled=True, **options),
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

    # Time to accuracy ------------------------------------------------------------------------------------------------------------

    def make_quarter(self, mode, hidden, batch, config):
        if mode == "persistent-kernel":
            trainer = Persistent(self.data, hidden, SAMPLES // 4, shape=self.persistent_shape.get(hidden), centred=config["centred"])
            trainer.chunks = 1
            return trainer
        steps, chunks = quarter_chunks(batch)
        trainer = self.make(mode, hidden, batch, steps=steps, centred=config["centred"], momentum=config["momentum"])
        trainer.chunks = chunks
        return trainer

    def search(self, mode, hidden, batches, seconds):
        """The fastest of a grid of batch, rate, decay, momentum and centring; returns [(seconds, batch, config)], best first.

        A run that has trained longer than the best so far is given up, which makes the later part of the grid cheap.
        """
        found, best, stop = [], math.inf, time.monotonic() + seconds
        for momentum, centred, batch in itertools.product([0.9, 0.0], [True, False], batches):
            if mode == "persistent-kernel" and momentum:
                continue
            if time.monotonic() > stop:
                self.document.note(f"search for time to accuracy cut short: {mode}, {hidden} neurons")
                break
            trainer = self.make_quarter(mode, hidden, batch, {"centred": centred, "momentum": momentum})
            # One untimed run pays for capture and tuning, and gives the price of a quarter epoch.
            warm = {"rate": 0.01, "decay": None}
            for _ in range(2):
                _, used, _, _ = time_to_accuracy(trainer, warm, 1, 1, 2.0, self.synchronise)
            for rate, decay in itertools.product(search_rates(batch, centred, momentum), DECAYS):
                # Slack: this seed may be unlucky, and modes whose steps cost the same at any batch want larger ones.
                most = 40 if best == math.inf else min(40, int(1.6 * best / used))
                if decay:
                    most = min(most, math.ceil(4 * decay))
                if most < 1 or time.monotonic() > stop:
                    continue
                config = {"rate": rate, "decay": decay, "centred": centred, "momentum": momentum}
                reached, taken, _, _ = time_to_accuracy(trainer, config, 1, most, common.TARGET_ACCURACY, self.synchronise)
                if reached:
                    found.append((taken, batch, config))
                    best = min(best, taken)
        return sorted(found, key=lambda entry: entry[0])

    def confirm(self, mode, hidden, candidates, seeds, label=None):
        """Repeats the best candidates with several seeds and records the one with the best median. A seed that fails counts as never."""
        results = []
        for _, batch, config in candidates:
            trainer = self.make_quarter(mode, hidden, batch, config)
            time_to_accuracy(trainer, config, 0, 2, 2.0, self.synchronise)
            runs = [time_to_accuracy(trainer, config, seed, 40, common.TARGET_ACCURACY, self.synchronise) for seed in range(11, 11 + seeds)]
            times = [run[1] if run[0] else math.inf for run in runs]
            results.append((statistics.median(times), batch, config, runs, trainer))
        results = [result for result in results if result[0] < math.inf]
        if not results:
            self.document.note(f"{mode}, {hidden} neurons: no configuration reached the target with most seeds")
            return None
        seconds, batch, config, runs, trainer = min(results, key=lambda result: result[0])
        good = [run for run in runs if run[0]]
        self.document.row(
            measure="time-to-accuracy",
            mode=(label or mode).removesuffix("-bf16"),
            layers=[784, hidden, 10],
            dense=True,
            batch=batch,
            precision=trainer.precision,
            learningRate=common.significant(config["rate"]),
            decayEpochs=config["decay"],
            momentum=config["momentum"],
            centredInput=config["centred"],
            targetAccuracy=common.TARGET_ACCURACY,
            seconds=common.significant(seconds),
            secondsMin=common.significant(min(run[1] for run in good)),
            secondsMax=common.significant(max(run[1] for run in good)),
            epochs=statistics.median(run[2] for run in good),
            accuracy=statistics.median(run[3] for run in good),
            repeats=seeds,
            reached=len(good),
        )
        self.say(f"time to 97 %: {label or mode} {hidden} batch {batch} {config}: {seconds * 1e3:.1f} ms, "
                 f"{statistics.median(run[2] for run in good)} epochs, {len(good)}/{seeds}")  # fmt: skip
        return seconds, batch, config

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
                # The same learning in other modes; each gets the candidates that suit its own price of a step.
                for mode in (["triton-graph-bf16"] if fast == "triton-graph" else []) + ["cuda-graph", "eager-manual", "eager"]:
                    self.confirm(mode, hidden, self.suited(found, mode, hidden, fast)[:2], 3 if mode == "eager" else 5)
            self.document.write()
        if getattr(self, "persistent_shape", None):
            for hidden in self.persistent_shape:
                found = self.search("persistent-kernel", hidden, [1], 8)
                self.confirm("persistent-kernel", hidden, found[:4], seeds)
        self.document.write()

    def suited(self, found, mode, hidden, searched):
        """Orders what the search found by the time it would take in another mode: steps times that mode's measured step."""

        def price(mode, batch):
            return next((t for (m, h, b, _), t in self.step_time.items() if (m, h, b) == (mode, hidden, batch)), math.inf)

        return sorted(found, key=lambda entry: entry[0] * price(mode, entry[1]) / price(searched, entry[1]))

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

    def section(self, measure, *rest):
        """One failed section is recorded as such and doesn't cost the others."""
        try:
            measure(*rest)
        except Exception as error:
            traceback.print_exc()
            self.document.note(f"section {measure.__name__} failed: {type(error).__name__}: {str(error)[:300]}")
            self.document.write()

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
            self.section(self.full_precision)
            self.section(self.speeds, ["eager", "eager-manual", "cuda-graph"] + (["triton-graph", "triton-graph-bf16"] if triton else []))
        if "predict" in sections:
            self.section(self.predictions)
        if "accuracy" in sections:
            self.section(self.accuracies)
        if "compile" in sections:
            self.section(self.compiled_speeds)
        self.document.finish()
        self.say("done")


DECAYS = [None, 1.0, 1.5, 2.0, 3.0, 5.0]


def search_rates(batch: int, centred: bool, momentum: float) -> list[float]:
    """A grid around the rates that work: about the square root of the batch, more where inputs are small."""
    if batch == 1:
        return [0.005, 0.008, 0.012, 0.02] if centred else [0.02, 0.03, 0.05, 0.08]
    middle = (0.15 if centred else 0.6) * math.sqrt(batch / 64) * (1 - momentum) * (2 if momentum else 1)
    return [factor * middle for factor in (1.0, 1.41, 0.7, 2.0, 2.8)]


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
    Bench(options).run()


if __name__ == "__main__":
    main()
