"""Dense MNIST networks in PyTorch, on any device: the trainers, their measurement and the search for time to accuracy.

pytorch_cpu.py and pytorch_cuda.py choose what to measure.
"""

from __future__ import annotations

import itertools
import math
import statistics
import sys
import time
import traceback

import torch
import torch.nn.functional as F

import common

INPUTS = 800  # 784 pixels, the constant 1 that carries layer 1's bias, zeros: a row is a multiple of 128 bytes
CLASSES = 10
SAMPLES = 60_000


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

    `steps` is the number of steps `chunk` makes, `chunks` the number of chunks in a quarter epoch. Subclasses provide set(seed),
    chunk(order, rates) and parameters(): w1 [785, H] with the bias as its last row, w2 [H, 10], b2 [10].
    """

    graphs = False
    precision = "fp32"
    chunks = 1

    def __init__(self, data: Data, hidden: int, batch: int, steps: int, centred=False, momentum=0.0):
        self.data, self.hidden, self.batch, self.steps, self.centred, self.momentum = data, hidden, batch, steps, centred, momentum

    def prepare(self):
        """Whatever must not be timed: capture, tuning. Leaves the parameters undefined."""

    def plan(self, rate: float, decay_epochs: float | None = None, per_epoch: int = 0, total: int = 0):
        """A learning rate, constant or falling in a line to zero over `decay_epochs`, in the form `rates_at` reads."""
        total = total or self.steps
        if decay_epochs is None:
            return torch.full((total,), rate, device=self.data.device)
        return rate * (1 - torch.arange(total, device=self.data.device) / (decay_epochs * per_epoch)).clamp(min=0.0)

    def rates_at(self, plan, step: int):
        """What `chunk` takes for the steps from `step` on."""
        return plan[step : step + self.steps]

    def accuracy(self) -> float:
        w1, w2, b2 = self.parameters()
        rows = self.data.test_rows[self.centred]
        h = torch.relu(rows[:, :785] @ w1)
        return float(((h @ w2 + b2).argmax(1) == self.data.test_labels).float().mean())


class Idiomatic(Trainer):
    """eager and compile: what most people write. `compiled` is a mode of torch.compile."""

    def __init__(self, *rest, compiled=None, **options):
        super().__init__(*rest, **options)
        device = self.data.device
        self.model = self.build().to(device)
        self.x = torch.empty(self.steps * self.batch, 784, device=device)
        self.y = torch.empty(self.steps * self.batch, dtype=torch.int64, device=device)
        self.rows = {centred: rows[:, :784].contiguous() for centred, rows in self.data.rows.items() if centred == self.centred}
        # A tensor, because a schedule can change it without recompiling.
        rate = torch.tensor(0.1, device=device) if device == "cuda" else 0.1
        fused = {"fused": True} if device == "cuda" else {"foreach": False}
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=rate, momentum=self.momentum, **fused)
        self.loss = lambda x, y: F.cross_entropy(self.model(x), y)
        self.apply = self.optimizer.step
        if compiled:
            self.compile_mode = compiled
            self.loss = torch.compile(self.loss, mode=compiled, dynamic=False)

    def build(self):
        return torch.nn.Sequential(torch.nn.Linear(784, self.hidden), torch.nn.ReLU(), torch.nn.Linear(self.hidden, CLASSES))

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
            if i % 32 == 0:  # every step would cost a launch; a schedule in small stairs is as good
                if torch.is_tensor(group["lr"]):
                    group["lr"].copy_(rates[i])
                else:
                    group["lr"] = float(rates[i])
            part = slice(i * self.batch, (i + 1) * self.batch)
            self.loss(self.x[part], self.y[part]).backward()
            self.apply()
            self.optimizer.zero_grad(set_to_none=True)


class Manual(Trainer):
    """Gradients written by hand: nine operators per step, in place, nothing allocated.

    eager-manual as it is; `graphs` captures all steps of a chunk in one CUDA graph; `compiled` is a mode of torch.compile.
    """

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
    def whole(x, target, weights, velocities, momentum):
        """One step as a function, for the compiler to fuse."""
        w1, w2, b2 = weights
        h = torch.relu(x @ w1)
        p = torch.softmax(h @ w2 + b2, 1)
        dz = target + p * -target.sum(1, keepdim=True)
        dh = (dz @ w2.t()) * (h > 0)
        for weight, velocity, step in zip(weights, velocities, (x.t() @ dh, h.t() @ dz, dz.sum(0))):
            weight.sub_(velocity.mul_(momentum).add_(step) if momentum else step)

    def step(self, x, target):
        """`target` is -rate / batch * onehot, which makes the log-softmax gradient come out scaled."""
        if self.compiled:
            self.function(x, target, (self.w1, self.w2, self.b2), (self.v1, self.v2, self.vb), self.momentum)
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
        """Captures the chunk in a graph. Warms up on the buffers' zeros first: nothing lazy may happen inside a capture."""
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


class Vector(Trainer):
    """eager-manual at batch 1 on a CPU: matrix-vector products and outer products instead of matrix products with one row.

    Weights of one neuron lie side by side: both products then run along memory, which took a quarter less time than the other way.
    """

    def __init__(self, *rest, **options):
        super().__init__(*rest, **options)
        zeros = lambda *shape: torch.zeros(*shape, device=self.data.device)
        self.w1, self.w2, self.b2 = zeros(self.hidden, INPUTS), zeros(CLASSES, self.hidden), zeros(CLASSES)
        self.v1, self.v2, self.vb = (torch.zeros_like(w) for w in (self.w1, self.w2, self.b2))
        self.x, self.target = zeros(self.steps, INPUTS), zeros(self.steps, CLASSES)
        self.h, self.dh = zeros(self.hidden), zeros(self.hidden)
        self.z, self.logp, self.dz = zeros(CLASSES), zeros(CLASSES), zeros(CLASSES)

    def set(self, seed):
        w1, w2 = initial(self.hidden, seed)
        self.w1.zero_()
        self.w1[:, :784].copy_(w1.t())
        self.w2.copy_(w2.t())
        for tensor in (self.b2, self.v1, self.v2, self.vb):
            tensor.zero_()

    def parameters(self):
        return self.w1[:, :785].t(), self.w2.t(), self.b2

    def update(self, weights, velocity, a, b):
        if self.momentum:
            velocity.addr_(a, b, beta=self.momentum)
            weights.sub_(velocity)
        else:
            weights.addr_(a, b, alpha=-1)

    def chunk(self, order, rates):
        torch.index_select(self.data.rows[self.centred], 0, order, out=self.x)
        torch.index_select(self.data.onehot, 0, order, out=self.target)
        self.target.mul_(-rates[:, None])
        w2t = self.w2.t()
        for x, target in zip(self.x.unbind(0), self.target.unbind(0)):
            torch.mv(self.w1, x, out=self.h)
            torch.relu_(self.h)
            torch.addmv(self.b2, self.w2, self.h, out=self.z)
            torch._log_softmax(self.z, 0, False, out=self.logp)
            torch.ops.aten._log_softmax_backward_data.out(target, self.logp, 0, torch.float32, out=self.dz)
            torch.mv(w2t, self.dz, out=self.dh)
            torch.ops.aten.threshold_backward.grad_input(self.dh, self.h, 0, grad_input=self.dh)
            self.update(self.w2, self.v2, self.dz, self.h)
            if self.momentum:
                self.b2.sub_(self.vb.mul_(self.momentum).add_(self.dz))
            else:
                self.b2.sub_(self.dz)
            self.update(self.w1, self.v1, self.dh, x)


def time_to_accuracy(trainer, config: dict, seed: int, most_quarters: int, target: float, synchronise):
    """Trains until `target`, looked at every quarter epoch, counting training time alone.

    Returns (reached, seconds, epochs, accuracy). An epoch is 60,000 samples in new random order.
    """
    quarter = trainer.steps * trainer.chunks * trainer.batch
    generator = torch.Generator(device=trainer.data.device).manual_seed(1000 + seed)
    per_epoch = 4 * trainer.steps * trainer.chunks
    plan = trainer.plan(config["rate"], config["decay"], per_epoch, per_epoch * (1 + most_quarters // 4))
    trainer.prepare()
    trainer.set(seed)
    seconds, accuracy, step = 0.0, 0.0, 0
    for number in range(most_quarters):
        synchronise()
        start = time.perf_counter()
        if number % 4 == 0:
            order = torch.randperm(SAMPLES, device=trainer.data.device, generator=generator)
        first = (number % 4) * quarter
        for chunk in range(trainer.chunks):
            count = trainer.steps * trainer.batch
            part = order[first + chunk * count : first + (chunk + 1) * count]
            trainer.chunk(part, trainer.rates_at(plan, step))
            step += trainer.steps
        synchronise()
        seconds += time.perf_counter() - start
        accuracy = trainer.accuracy()
        if accuracy >= target:
            return True, seconds, (number + 1) / 4, accuracy
        if not accuracy > 0.2 or (config["decay"] and number + 1 >= 4 * config["decay"]):
            break
    return False, seconds, (number + 1) / 4, accuracy


def quarter_chunks(batch: int, most: int) -> tuple[int, int]:
    """(steps per chunk, chunks) of a quarter epoch, at most `most` steps per chunk."""
    steps = max(1, SAMPLES // 4 // batch)
    chunks = -(-steps // most)
    return steps // chunks, chunks


DECAYS = [None, 1.0, 1.5, 2.0, 3.0, 5.0]


def search_rates(batch: int, centred: bool, momentum: float) -> list[float]:
    """A grid around the rates that work: about the square root of the batch, more where inputs are small."""
    if batch == 1:
        return [0.005, 0.008, 0.012, 0.02] if centred else [0.02, 0.03, 0.05, 0.08]
    middle = (0.15 if centred else 0.6) * math.sqrt(batch / 64) * (1 - momentum) * (2 if momentum else 1)
    return [factor * middle for factor in (1.0, 1.41, 0.7, 2.0, 2.8)]


class Bench:
    """Measures trainers and collects the rows. Subclasses provide make(mode, hidden, batch, steps=None, **options)."""

    def __init__(self, options, baseline: str, device: str, versions: dict, gpu: str | None = None):
        self.options = options
        self.began = time.monotonic()
        self.device = device
        self.document = common.Document(baseline, options.output, {"torch": torch.__version__, **versions}, gpu)
        self.synchronise = torch.cuda.synchronize if device == "cuda" else (lambda: None)
        self.data = Data(options.data, device)
        self.threads: int | None = None
        self.kind: dict = {"dense": True}  # what every row says of its network
        self.step_time: dict = {}  # (mode, hidden, batch, threads) -> microseconds

    def left(self) -> float:
        return self.options.deadline - (time.monotonic() - self.began)

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f} s] {text}", file=sys.stderr, flush=True)

    def use_threads(self, threads: int | None) -> None:
        self.threads = threads

    def published(self, mode: str) -> str:
        """The mode's name in the document; some have variants that other fields tell apart."""
        return mode

    def has_momentum(self, mode: str) -> bool:
        return True

    def steps_at_once(self, mode: str, batch: int) -> int:
        """The most steps per chunk."""
        raise NotImplementedError

    def make_quarter(self, mode, hidden, batch, config):
        """A trainer whose `chunks` chunks are a quarter epoch."""
        steps, chunks = quarter_chunks(batch, self.steps_at_once(mode, batch))
        trainer = self.make(mode, hidden, batch, steps=steps, centred=config["centred"], momentum=config["momentum"])
        trainer.chunks = chunks
        return trainer

    def throughput(self, mode: str, trainer, rate=0.02, record=True, **fields):
        """Measures whole chunks, the gather of shuffled rows included."""
        order = torch.randperm(SAMPLES, device=self.device)[: trainer.steps * trainer.batch]
        rates = trainer.rates_at(trainer.plan(rate), 0)
        trainer.prepare()
        trainer.set(1)

        def run(chunks):
            for _ in range(chunks):
                trainer.chunk(order, rates)

        timings, chunks = common.measure(run, self.synchronise, self.slice, self.repeats)
        speed = common.speed(timings, chunks * trainer.steps, trainer.batch)
        self.step_time.setdefault((mode, trainer.hidden, trainer.batch, self.threads), speed["microsecondsPerStep"])
        if not record:
            return
        self.document.row(
            measure="samples-per-second",
            mode=self.published(mode),
            layers=[784, trainer.hidden, 10],
            **self.kind,
            batch=trainer.batch,
            threads=self.threads,
            precision=trainer.precision,
            stepsPerGraph=trainer.steps if trainer.graphs else None,
            compileMode=getattr(trainer, "compile_mode", None),
            **speed,
            **fields,
        )
        self.say(f"{mode:18} {trainer.hidden:4} batch {trainer.batch:5} {self.threads or ''} {trainer.precision[:6]:7} "
                 f"{speed['samplesPerSecond']:12,.0f} samples/s {speed['microsecondsPerStep']:9.2f} us/step")  # fmt: skip

    def section(self, measure, *rest):
        """One failed section is recorded as such and doesn't cost the others."""
        try:
            measure(*rest)
        except Exception as error:
            traceback.print_exc()
            self.document.note(f"section {measure.__name__} failed: {type(error).__name__}: {str(error)[:300]}")
            self.document.write()

    def search(self, mode, hidden, batches, seconds):
        """The fastest of a grid of batch, rate, decay, momentum and centring; returns [(seconds, batch, config)], best first.

        A run that has trained longer than the best so far is given up, which makes the later part of the grid cheap.
        """
        found, best, stop = [], math.inf, time.monotonic() + seconds
        for momentum, centred, batch in itertools.product([0.9, 0.0], [True, False], batches):
            if momentum and not self.has_momentum(mode):
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

    def confirm(self, mode, hidden, candidates, seeds):
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
            mode=self.published(mode),
            layers=[784, hidden, 10],
            **self.kind,
            batch=batch,
            threads=self.threads,
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
            accuracy=round(statistics.median(run[3] for run in good), 4),
            repeats=seeds,
            reached=len(good),
        )
        self.say(f"time to 97 %: {mode} {hidden} batch {batch} {config}: {seconds * 1e3:.1f} ms, "
                 f"{statistics.median(run[2] for run in good)} epochs, {len(good)}/{seeds}")  # fmt: skip
        return seconds, batch, config

    def suited(self, found, mode, hidden, searched, searched_threads=None):
        """Orders what a search found by the time it would take in another mode, or with other threads: steps times measured step."""

        def price(mode, batch, threads):
            key = (mode, hidden, batch, threads)
            if key not in self.step_time:
                before = self.threads
                self.use_threads(threads)
                self.throughput(mode, self.make(mode, hidden, batch), record=False)
                self.use_threads(before)
            return self.step_time[key]

        threads = self.threads
        return sorted(found, key=lambda entry: entry[0] * price(mode, entry[1], threads) / price(searched, entry[1], searched_threads))
