"""The worker of `sparse-train bench` for FANN; README.md beside this file says what it is asked. Compiles ../fann/bench.c as ../fann.py does."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import common  # noqa: E402
import fann  # noqa: E402

KINDS = {"train": "speed", "predict": "predict"}


def say(**fields) -> None:
    print(json.dumps(fields), flush=True)


def missing(why: str) -> None:
    print(f"fann_worker.py: {why}", file=sys.stderr)
    sys.exit(common.MISSING)


def main() -> None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        missing("no C compiler was found")
    with tempfile.TemporaryDirectory() as folder:
        program, data = pathlib.Path(folder) / "bench", pathlib.Path(folder) / "mnist"
        source = pathlib.Path(fann.__file__).with_name("fann") / "bench.c"
        built = subprocess.run([compiler, "-O3", "-o", program, source, "-lfloatfann", "-lm"], capture_output=True, text=True)
        if built.returncode:
            missing("FANN was not found, or fann/bench.c does not compile with it")
        mnist = common.load_mnist(str(common.REPOSITORY / "datasets" / "mnist"))
        data.write_bytes(b"".join(part.tobytes() for part in mnist))
        say(ready=True, versions={"fann": fann.version() or "unknown"})
        for line in sys.stdin:
            request = json.loads(line)
            words = [KINDS[request["measure"]], request["layers"][1], request["seconds"], 1]
            done = subprocess.run([program, data, *map(str, words)], capture_output=True, text=True)
            if done.returncode:
                say(error=done.stderr.strip()[-300:])
            else:
                steps, seconds = done.stdout.split()
                say(samplesPerSecond=int(steps) / float(seconds))


main()
