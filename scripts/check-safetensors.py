"""Reads a model file with Python's own safetensors, to show that it is an ordinary safetensors file.

    python check-safetensors.py MODEL.safetensors

Needs the packages safetensors and numpy.
"""

import sys

import numpy
from safetensors import safe_open

INTEGERS = {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}


def main() -> int:
    (path,) = sys.argv[1:]
    with safe_open(path, framework="numpy") as model:
        metadata = model.metadata() or {}
        print(f"{path}: metadata {', '.join(sorted(metadata))}")
        tensors = {name: model.get_tensor(name) for name in model.keys()}

    for name, tensor in tensors.items():
        kind = tensor.dtype.name
        print(f"  {name}: {kind} {tensor.shape}, {tensor.min(initial=0)} to {tensor.max(initial=0)}")
        if kind not in INTEGERS:
            print(f"{name} is {kind}, but an integer network holds integers only", file=sys.stderr)
            return 1
    weights = [tensor for name, tensor in tensors.items() if "weight" in name]
    if not metadata or not weights or not any(numpy.any(tensor) for tensor in weights):
        print("the file has no metadata, or no weights other than zero", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
