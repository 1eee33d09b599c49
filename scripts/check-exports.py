"""Runs and reads what check-exports.mjs exported, and compares it with what the networks have and predict() said.

    python check-exports.py FOLDER
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime
import safetensors.numpy
import scipy
import scipy.sparse
from tensorboard.backend.event_processing import event_accumulator

# For float networks, whose last bits depend on the runtime.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}

# Rows per call: graphs of the hardware arithmetic gather every edge.
BATCH = 500


def check_onnx(folder, case) -> list[str]:
    rows, layers = case["rows"], case["layers"]
    inputs = numpy.fromfile(folder / f"{case['name']}.inputs", case["input"]).reshape(rows, layers[0])
    scores = numpy.fromfile(folder / f"{case['name']}.scores", "float32").reshape(rows, layers[-1])
    decisions = numpy.fromfile(folder / f"{case['name']}.decisions", "uint32")
    faults = []
    for model in case["models"]:
        onnx.checker.check_model(model["files"][0], full_check=True)
        session = onnxruntime.InferenceSession(model["files"][0], providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
        parts = [
            session.run(["scores", "decision"], {"input": inputs[start : start + BATCH]})
            for start in range(0, rows, BATCH)
        ]
        got_scores, got_decisions = (numpy.concatenate(part) for part in zip(*parts))
        same_scores = int((got_scores == scores).all(axis=1).sum())
        same_decisions = int((got_decisions == decisions).sum())
        exact = metadata["sparse-train.exact"] == "true"
        print(
            f"  {case['name']} {metadata['sparse-train.form']}: {same_decisions} of {rows} decisions and "
            f"{same_scores} rows of scores equal, {len(set(decisions.tolist()))} different decisions, "
            f"exact {exact}"
        )
        if exact:
            if same_scores != rows or same_decisions != rows:
                faults.append(f"{model['files'][0]} is not exact")
        elif not numpy.allclose(got_scores, scores, **TOLERANCE) or same_decisions < rows * 0.999:
            faults.append(f"{model['files'][0]} is further from predict() than float networks may be")
        if metadata["sparse-train.digest"] != model["digest"]:
            faults.append(f"{model['files'][0]} has another digest")
    return faults


def check_arrays(case) -> list[str]:
    """Weights and biases in .npz files, of all junctions and of each, and in safetensors."""
    together = numpy.load(case["npz"]["files"][0])
    dense = safetensors.numpy.load_file(case["dense"]["files"][0])
    weight_unit, bias_unit = case["unit"]
    faults = []
    for j, junction in enumerate(case["junctions"]):
        shape = (case["layers"][j + 1], case["layers"][j])
        biases = numpy.array(junction["biases"])
        expected = scipy.sparse.csr_matrix((junction["weights"], junction["left"], junction["offsets"]), shape)
        expected.sort_indices()
        each = scipy.sparse.load_npz(case["scipy"]["files"][j])
        parts = {key: together[f"junction.{j}.{key}"] for key in ("data", "indices", "indptr", "shape", "biases")}
        joined = scipy.sparse.csr_matrix((parts["data"], parts["indices"], parts["indptr"]), tuple(parts["shape"]))
        real = expected * weight_unit
        same = {
            "pattern": (each.indices == expected.indices).all() and (each.indptr == expected.indptr).all(),
            "integers": (each.data == expected.data).all(),
            "numbers": (joined != real).nnz == 0 and joined.nnz == len(junction["left"]),
            "biases": (parts["biases"] == biases * bias_unit).all(),
            "matrix": (dense[f"layers.{j}.weight"] == real.toarray().astype("float32")).all(),
            "bias": (dense[f"layers.{j}.bias"] == (biases * bias_unit).astype("float32")).all(),
        }
        faults += [f"{case['name']}, junction {j}: {what} differ" for what, good in same.items() if not good]
    return faults


def check_events(case) -> list[str]:
    """Event files in TensorBoard's own reader, against the run log."""
    runs: dict[str, list] = {}
    for line in pathlib.Path(case["log"]).read_text().splitlines():
        record = json.loads(line)
        runs.setdefault(record["run"], [])
        if record["type"] == "epoch":
            runs[record["run"]].append(record)
    faults = []
    for file in map(pathlib.Path, case["events"]["files"]):
        reader = event_accumulator.EventAccumulator(str(file.parent))
        reader.Reload()
        tags = reader.Tags()["scalars"]
        epochs = runs.pop(file.parent.name)
        wanted = {
            "training/loss": [epoch["loss"] for epoch in epochs],
            "training/learning rate": [epoch["learningRate"] for epoch in epochs],
            "weightsAtLimit/junction 0": [epoch["saturation"]["weightsAtLimit"][0] for epoch in epochs],
        }
        steps = [epoch["epoch"] for epoch in epochs]
        print(f"  {file.parent.name}: {len(tags)} scalars, {len(steps)} epochs")
        for tag, numbers in wanted.items():
            got = [(event.step, event.value) for event in reader.Scalars(tag)] if tag in tags else []
            expected = list(zip(steps, numpy.array(numbers, "float32").tolist()))
            if got != expected:
                faults.append(f"{file}: {tag} is {got}, not {expected}")
    return faults + [f"run {run} has no event file" for run in runs]


def write_imports(folder) -> None:
    """Files as other programs write them, with the matrices that are to be found in them."""
    random = numpy.random.default_rng(1)
    first, second = ((random.integers(-99, 99, shape) * (random.random(shape) < 0.4)) for shape in ((12, 8), (3, 12)))
    bias = random.integers(-99, 99, 3)
    numpy.savez(folder / "dense.npz", **{"0.weight": first, "1.weight": second.astype("f2"), "1.bias": bias})
    keras = {"kernel_0": numpy.asfortranarray(first.T, "f4"), "kernel_1": second.T.astype("i2")}
    numpy.savez_compressed(folder / "keras.npz", **keras)
    for name in ("csr", "csc", "coo"):
        scipy.sparse.save_npz(folder / f"{name}.npz", getattr(scipy.sparse, f"{name}_matrix")(first.astype("f8")))
    tensors = {"0.weight": first.astype("f2"), "1.weight": second.astype("f4"), "1.bias": bias.astype("f4")}
    safetensors.numpy.save_file(tensors, folder / "torch.safetensors")
    both, one = [first.tolist(), second.tolist()], [first.tolist()]
    expected = {"dense.npz": both, "keras.npz": both, "torch.safetensors": both}
    expected |= {f"{name}.npz": one for name in ("csr", "csc", "coo")}
    (folder / "imports.json").write_text(json.dumps(expected))


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    cases = json.loads((folder / "cases.json").read_text())
    print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}, scipy {scipy.__version__}")
    faults = []
    for case in cases:
        faults += check_onnx(folder, case) + check_arrays(case)
        if case.get("events"):
            faults += check_events(case)
    write_imports(folder)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
