"""FANN (Debian's libfann-dev), dense, online, one thread: compiles fann/bench.c and runs it."""

from __future__ import annotations

import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

import common

RATES = [0.35, 0.7, 1.4]


def version() -> str | None:
    """The installed library's, where the package manager can tell."""
    try:
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libfann-dev"], capture_output=True, text=True)
        return re.sub(r"\+ds.*", "", found.stdout) or None
    except OSError:
        return None


def main():
    parser = common.arguments(__doc__)
    parser.add_argument("--deadline", type=float, default=3600, help="seconds after which the remaining measurements are skipped")
    options = parser.parse_args()
    began = time.monotonic()
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        parser.exit(3, "fann.py: no C compiler found; install one (Debian: apt-get install build-essential)\n")
    with tempfile.TemporaryDirectory() as folder:
        program, data = pathlib.Path(folder) / "bench", pathlib.Path(folder) / "mnist"
        source = pathlib.Path(__file__).with_name("fann") / "bench.c"
        built = subprocess.run([compiler, "-O3", "-o", program, source, "-lfloatfann", "-lm"], capture_output=True, text=True)
        if built.returncode:
            print(built.stderr, file=sys.stderr)
            if "floatfann.h" not in built.stderr and "-lfloatfann" not in built.stderr:
                parser.exit(1, "fann.py: fann/bench.c does not compile\n")
            parser.exit(3, "fann.py: FANN was not found; install it with: apt-get install libfann-dev\n")
        with open(data, "wb") as file:
            for part in common.load_mnist(options.data):
                file.write(numpy.ascontiguousarray(part).tobytes())
        measure(options, str(program), str(data), began)


def measure(options, program, data, began):
    quick = options.quick
    document = common.Document("fann", options.output, {"fann": version()})
    document.note("The library has squared error only, no softmax cross-entropy; sigmoid neurons. Its default build, fp32, one thread.")
    document.note("Time to accuracy counts training alone; accuracy on the test set is looked at every quarter epoch.")

    def run(*arguments):
        return subprocess.run([program, data, *map(str, arguments)], capture_output=True, text=True, check=True).stdout.split()

    def left():
        return options.deadline - (time.monotonic() - began)

    for layers in common.NETWORKS[1:2] if quick else common.NETWORKS:
        hidden = layers[1]
        fields = {"mode": "online", "layers": layers, "dense": True, "batch": 1, "threads": 1, "precision": "fp32"}
        for kind, name in (("speed", "samples-per-second"), ("predict", "predict")):
            steps, *seconds = run(kind, hidden, 0.1 if quick else 0.5, 3 if quick else 7)
            row = document.row(measure=name, **fields, **common.speed([float(second) for second in seconds], int(steps), 1))
            print(f"{name} {hidden}: {row['samplesPerSecond']:,.0f}", file=sys.stderr)
        if quick:
            print("quick:", *run("accuracy", hidden, RATES[1], 1, 1, common.TARGET_ACCURACY), file=sys.stderr)
            continue
        # An epoch takes seconds, so each rate gets no more quarters than the best one needed so far.
        best = (10**9, None)
        for rate in RATES:
            most = min(40, best[0])
            if left() < 0:
                document.note(f"time ran out before rate {rate}, {hidden} neurons")
                continue
            reached, _, quarters, _ = run("accuracy", hidden, rate, 1, most, common.TARGET_ACCURACY)
            if int(reached) and int(quarters) < best[0]:
                best = (int(quarters), rate)
        if best[1] is None or left() < 0:
            document.note(f"{hidden} neurons: {common.TARGET_ACCURACY} was not reached in 10 epochs or the time given")
            continue
        runs = [run("accuracy", hidden, best[1], seed, 40, common.TARGET_ACCURACY) for seed in (11, 12, 13)]
        good = [entry for entry in runs if int(entry[0])]
        if 2 * len(good) > len(runs):
            row = document.row(
                measure="time-to-accuracy", **fields, learningRate=best[1], targetAccuracy=common.TARGET_ACCURACY,
                **common.spread([float(entry[1]) for entry in good]), epochs=statistics.median(int(entry[2]) / 4 for entry in good),
                accuracy=statistics.median(float(entry[3]) for entry in good), repeats=len(runs), reached=len(good),
            )  # fmt: skip
            print(f"time to accuracy {hidden}: {row['seconds']} s", file=sys.stderr)
        document.write()
    document.finish()


if __name__ == "__main__":
    main()
