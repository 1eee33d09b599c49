"""Test-then-train over a CSV stream: sparse-train beside scikit-learn's online learners behind a running scale.

    python scripts/baselines/streams.py FILE.csv[.gz] LABEL [--limit N]

Prints one line for each learner: accuracy or R2 over all rows, each predicted before it was learned, and processor
seconds. scikit-learn gets columns that are not numbers as one column for each level, and all classes, known beforehand (a
favour). Needs scikit-learn, numpy and a built sparse-train.
"""

import argparse
import csv
import gzip
import json
import pathlib
import resource
import subprocess
import time

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor


def read(path, label, limit):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as file:
        rows = csv.reader(file)
        names = next(rows)
        rows = [row for _, row in zip(range(limit), rows)]
    target = names.index(label)
    columns = []
    for i in range(len(names)):
        if i == target:
            continue
        values = [row[i] for row in rows]
        try:
            columns.append([float(value) if value != "" else 0.0 for value in values])
        except ValueError:
            for level in sorted(set(values)):
                columns.append([float(value == level) for value in values])
    return np.array(columns).T, [row[target] for row in rows]


class RunningScale:
    """Mean and standard deviation so far (Welford)."""

    def __init__(self, columns):
        self.count = 0
        self.mean = np.zeros(columns)
        self.squares = np.zeros(columns)

    def learn(self, row):
        self.count += 1
        step = row - self.mean
        self.mean += step / self.count
        self.squares += step * (row - self.mean)

    def scale(self, row):
        deviation = np.sqrt(self.squares / max(1, self.count))
        deviation[deviation == 0] = 1
        return (row - self.mean) / deviation


def classify(inputs, labels, learner):
    classes = sorted(set(labels))
    scale = RunningScale(inputs.shape[1])
    right = 0
    for i, (row, label) in enumerate(zip(inputs, labels)):
        scale.learn(row)
        scaled = scale.scale(row).reshape(1, -1)
        if i > 0:
            right += learner.predict(scaled)[0] == label
        learner.partial_fit(scaled, [label], classes=classes)
    return {"accuracy": right / len(labels)}


def regress(inputs, labels, learner):
    truth = np.array([float(label) for label in labels])
    scale = RunningScale(inputs.shape[1])
    target = RunningScale(1)
    errors = 0.0
    for i, (row, value) in enumerate(zip(inputs, truth)):
        scale.learn(row)
        scaled = scale.scale(row).reshape(1, -1)
        deviation = float(np.sqrt(target.squares[0] / max(1, target.count))) or 1.0
        if i > 0:
            predicted = learner.predict(scaled)[0] * deviation + target.mean[0]
            errors += (predicted - value) ** 2
        target.learn(np.array([value]))
        deviation = float(np.sqrt(target.squares[0] / target.count)) or 1.0
        learner.partial_fit(scaled, [(value - target.mean[0]) / deviation])
    return {"r2": 1 - errors / float(((truth - truth.mean()) ** 2).sum())}


def sparse_train(path, label, limit, is_number):
    """sparse-train on the same rows, from standard input."""
    program = pathlib.Path(__file__).parents[2] / "dist" / "cli" / "main.js"
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as file:
        lines = "".join(line for _, line in zip(range(limit + 1), file))
    task = "regress" if is_number else "classify"
    words = ["node", str(program), "stream", "-", "--label", label, "--task", task, "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(subprocess.run(words, input=lines, capture_output=True, check=True, text=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    score = {"r2": result["r2"]} if is_number else {"accuracy": result["accuracy"]}
    return score, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show(name, scores, rows, seconds):
    ((measure, value),) = scores.items()
    print(f"{name:16} {measure} {value:8.4f}  {rows} rows  {seconds:7.1f} s of processor time", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("label")
    parser.add_argument("--limit", type=int, default=10**9)
    arguments = parser.parse_args()
    inputs, labels = read(arguments.file, arguments.label, arguments.limit)
    try:
        numbers = [float(label) for label in labels]
        is_number = len(set(numbers)) > 20 or any(number != int(number) for number in numbers)
    except ValueError:
        is_number = False
    learners = (
        [SGDRegressor(random_state=1), MLPRegressor(random_state=1)]
        if is_number
        else [SGDClassifier(loss="log_loss", random_state=1), MLPClassifier(random_state=1)]
    )
    ours, seconds = sparse_train(arguments.file, arguments.label, arguments.limit, is_number)
    show("sparse-train", ours, len(labels), seconds)
    for learner in learners:
        begun = time.process_time()
        scores = (regress if is_number else classify)(inputs, labels, learner)
        seconds = time.process_time() - begun
        show(type(learner).__name__, scores, len(labels), seconds)


main()
