"""Writes the files beside it, as NumPy and PyArrow do: pip install numpy pyarrow; python make.py"""

import decimal
import pathlib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
rows = 60
x = np.arange(rows) / 8 - 3
kind = [["red", "green", "blue"][i % 3] for i in range(rows)]
table = pa.table({
    "x": pa.array(x, pa.float64()),
    "small": pa.array((x * 2).astype(np.float32)),
    "count": pa.array([i * 1000 for i in range(rows)], pa.int64()),
    "constant": pa.array([7] * rows, pa.int32()),
    "colour": pa.array(kind),
    "label": pa.array(["yes" if v > 0 else "no" for v in x]),
})
for name, options in {
    "snappy": dict(compression="snappy", row_group_size=25),
    "gzip": dict(compression="gzip", use_dictionary=False, data_page_version="2.0"),
    "brotli": dict(compression="brotli"),
    "plain": dict(compression="none", column_encoding="PLAIN", use_dictionary=False, row_group_size=20),
    "zstd": dict(compression="zstd"),
}.items():
    pq.write_table(table, here / f"{name}.parquet", **options)
missing = [None if i == 4 else float(i) for i in range(8)]
pq.write_table(pa.table({"x": pa.array(missing), "y": pa.array([i % 2 for i in range(8)])}), here / "missing.parquet")
pq.write_table(pa.table({"x": [1.0, 2.0], "list": [[1, 2], [3]], "y": [0, 1]}), here / "nested.parquet")
# Whole numbers beyond 2^53 that differ in their last digit, texts with leading zeros, decimals, unsigned integers.
big = [2**53 + 1 + i % 4 for i in range(40)]
codes = [["1", "01", "001", "1.0"][i % 4] for i in range(40)]
pq.write_table(pa.table({
    "x": pa.array([float(i % 4) for i in range(40)]),
    "id": pa.array(big, pa.int64()),
    "unsigned": pa.array([2**63 + i % 4 for i in range(40)], pa.uint64()),
    "code": pa.array(codes),
    "money": pa.array([decimal.Decimal(["0.57", "-0.20", "1.00", "12.50"][i % 4]) for i in range(40)], pa.decimal128(12, 2)),
    "account": pa.array([decimal.Decimal(10**20 + 1 + i % 4) for i in range(40)], pa.decimal128(25, 0)),
}), here / "ids.parquet")
np.save(here / "ids.npy", np.array([[i % 4, 2**53 + 1 + i % 4] for i in range(40)], np.int64))

for name in ["bool", "uint8", "int8", "uint16", "int16", ">i4", "uint32", "int64", "uint64", "float16", ">f4", "float64"]:
    data = np.array([[0, 1, 1], [1, 0, 1]]).astype(name)
    np.save(here / f"{np.dtype(name).name}.npy", data)
np.save(here / "fortran.npy", np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype(np.int16)))
np.save(here / "text.npy", np.array(["a", "b"]))
images = np.arange(5 * 4 * 4, dtype=np.uint8).reshape(5, 4, 4)
labels = np.array([0, 1, 2, 0, 1])
np.savez(here / "digits.npz", x_train=images, y_train=labels, x_test=images[:2], y_test=labels[:2])
np.savez_compressed(here / "values.npz", x=np.linspace(-1, 1, 12).reshape(4, 3), y=np.array([0.5, 1.5, 2.5, 3.5]))
np.savez(here / "other.npz", a=images, b=labels)
