"""scikit-learn's learners with their defaults on tables of CSV, behind the preprocessing that a person would write.

    python scripts/baselines/tables.py make FOLDER                writes the tables of docs/tables.md
    python scripts/baselines/tables.py score FOLDER NAME [SEEDS]  prints one line of JSON for each learner (seeds: 1,2,3)

A table is NAME.train.csv and NAME.test.csv (or .csv.gz); FOLDER/tables.json has its label and its task. Needs scikit-learn.

In columns of numbers, the median replaces missing values and a StandardScaler follows. Categories become one-hot columns, and
categories that the training rows do not have become zeros; for the trees, they become codes, or a TargetEncoder codes them where
there are more than 50. ISO dates become seconds, hour, weekday and month; texts become TF-IDF. MLPRegressor learns scaled targets,
because it fails without.
"""

import csv
import gzip
import json
import os
import sys
import time
import warnings

import numpy as np

WIDE = 50


def make(folder):
    """Writes scikit-learn's toy tables and generated ones; 70 % of the rows are for training."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
    from sklearn.model_selection import train_test_split

    os.makedirs(folder, exist_ok=True)
    known = {}

    def write(name, names, rows, task):
        labels = [row[-1] for row in rows]
        strata = labels if task == "classify" and min(labels.count(x) for x in set(labels)) > 1 else None
        train, test = train_test_split(rows, test_size=0.3, random_state=0, stratify=strata)
        for part, chosen in (("train", train), ("test", test)):
            with open(os.path.join(folder, f"{name}.{part}.csv"), "w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(names)
                writer.writerows(chosen)
        known[name] = {"label": names[-1], "task": task}

    for name, load, task in (
        ("iris", load_iris, "classify"),
        ("wine", load_wine, "classify"),
        ("breast-cancer", load_breast_cancer, "classify"),
        ("digits", load_digits, "classify"),
        ("diabetes", load_diabetes, "regress"),
    ):
        bunch = load()
        columns = [str(column).replace(" ", "_") for column in bunch.feature_names]
        labels = [bunch.target_names[y] for y in bunch.target] if task == "classify" else bunch.target.tolist()
        rows = [[*map(float, row), y] for row, y in zip(bunch.data, labels)]
        write(name, [*columns, "target"], rows, task)
    for name, (names, rows, task) in made().items():
        write(name, names, rows, task)
    with open(os.path.join(folder, "tables.json"), "w") as file:
        json.dump(known, file, indent=1)


def made():
    """Generated tables, as name -> (columns, rows, task). Each has a trait of tables in practice."""
    draw = np.random.default_rng(1)
    tables = {}

    def classes(score):
        return ["yes" if s > 0 else "no" for s in score]

    x = draw.normal(size=(4000, 6))
    y = classes(x @ [1, -1, 0.5, 0, 0, 0] + 0.3 * draw.normal(size=4000))
    far = x * np.where(draw.random(x.shape) < 0.001, 1e6, 1)
    columns = [f"x{i}" for i in range(6)]
    tables["outliers"] = [*columns, "y"], [[*row, label] for row, label in zip(far.tolist(), y)], "classify"

    z = draw.normal(size=(6000, 5))
    y = classes(z @ [1, 0.7, -0.8, 0.3, 0] + 0.3 * draw.normal(size=6000))
    tables["money"] = [*columns[:5], "y"], [[*row, label] for row, label in zip(np.exp(2.5 * z).tolist(), y)], "classify"

    x = draw.normal(size=(6000, 7))
    y = classes(x @ [1, 0.8, -1, 0.6, 0.4, -0.3, 0.2] + 0.4 * draw.normal(size=6000))
    gaps = draw.random(x.shape) < 0.1
    rows = [["" if gap else value for value, gap in zip(*both)] for both in zip(x.tolist(), gaps)]
    tables["gaps"] = [*(f"x{i}" for i in range(7)), "y"], [[*row, label] for row, label in zip(rows, y)], "classify"

    taste = draw.normal(size=900)
    user = draw.integers(900, size=12000)
    price = draw.normal(size=12000)
    y = classes(2 * taste[user] + price + 0.3 * draw.normal(size=12000))
    rows = [[f"u{u:04d}", p, label] for u, p, label in zip(user, price.tolist(), y)]
    tables["users"] = ["user", "price", "y"], rows, "classify"

    good, bad = ("quick", "friendly", "clean", "again"), ("slow", "rude", "broken", "never")
    plain = ("the", "delivery", "was", "and", "shop", "we", "bought", "chair", "table", "lamp", "there", "it")
    rows = []
    for mood in draw.integers(2, size=3000):
        words = [*draw.choice(plain, 7), *draw.choice((bad, good)[mood], 2), draw.choice((good, bad)[mood])]
        rows.append([" ".join(draw.permutation(words)), "yes" if mood else "no"])
    tables["texts"] = ["review", "y"], rows, "classify"

    x = draw.random(size=(3000, 12))
    value = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    value += 3 * draw.normal(size=3000)
    tables["friedman"] = [*(f"x{i}" for i in range(12)), "y"], np.column_stack([x, value]).tolist(), "regress"

    size = np.exp(0.5 * draw.normal(size=4000))
    rooms = draw.integers(1, 7, size=4000)
    zone = draw.integers(6, size=4000)
    age = draw.integers(90, size=4000)
    value = 1000 * size**1.3 * (1 + 0.1 * rooms) * (1 + 0.25 * zone) * np.exp(-age / 150 + 0.15 * draw.normal(size=4000))
    rows = [
        [round(100 * s, 1), r, "ABCDEF"[k], "" if draw.random() < 0.08 else a, round(v, 2)]
        for s, r, k, a, v in zip(size.tolist(), rooms.tolist(), zone.tolist(), age.tolist(), value.tolist())
    ]
    tables["houses"] = ["square_metres", "rooms", "zone", "age", "price"], rows, "regress"

    x = draw.normal(size=(20000, 5))
    score = x @ [1, 0.8, -0.6, 0, 0] + 0.5 * draw.normal(size=20000)
    rare = score > np.quantile(score, 0.998)
    tables["rare"] = [*columns[:5], "y"], [[*row, int(r)] for row, r in zip(x.tolist(), rare)], "classify"
    return tables


def read(folder, name, part):
    path = os.path.join(folder, f"{name}.{part}.csv")
    with (open(path, newline="") if os.path.exists(path) else gzip.open(path + ".gz", "rt", newline="")) as file:
        names, *rows = csv.reader(file)
    return names, rows


def number(text):
    try:
        return float(text) if text not in ("", "NA", "?") else np.nan
    except ValueError:
        return None


def seconds(text):
    try:
        return np.datetime64(text.replace(" ", "T").rstrip("Z")).astype("datetime64[s]").astype(float)
    except ValueError:
        return None


def encode(names, train, test, label, is_class):
    """Two codings of both parts: one for networks and linear models, one for trees."""
    from scipy.sparse import csr_matrix, hstack, issparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

    target = names.index(label)
    truth = [row[target] for row in train]
    values = truth if is_class else [float(y) for y in truth]
    flat, trees = [], []
    for j in range(len(names)):
        if j == target:
            continue
        parts = [[row[j] for row in rows] for rows in (train, test)]
        numbers = [[number(text) for text in part] for part in parts]
        if all(x is not None for part in numbers for x in part):
            columns = [np.array(part, dtype=float).reshape(-1, 1) for part in numbers]
            trees.append(columns)
            filled = SimpleImputer().set_params(strategy="median").fit(columns[0])
            scale = StandardScaler().fit(filled.transform(columns[0]))
            flat.append([scale.transform(filled.transform(column)) for column in columns])
            continue
        times = [[seconds(text) for text in part] for part in parts]
        if all(t is not None for part in times for t in part):
            columns = [
                np.column_stack([part, part // 3600 % 24, part // 86400 % 7, part // 2629746 % 12])
                for part in map(np.array, times)
            ]
            scale = StandardScaler().fit(columns[0])
            trees.append(columns)
            flat.append([scale.transform(column) for column in columns])
            continue
        levels = len(set(parts[0]))
        if levels > WIDE and sum(" " in text for text in parts[0]) > len(parts[0]) / 2:
            words = TfidfVectorizer().fit(parts[0])
            columns = [words.transform(part) for part in parts]
            flat.append(columns)
            trees.append([column.toarray() for column in columns])
            continue
        columns = [np.array(part, dtype=object).reshape(-1, 1) for part in parts]
        one_hot = OneHotEncoder(handle_unknown="ignore").fit(columns[0])
        flat.append([one_hot.transform(column) for column in columns])
        if levels > WIDE:
            means = TargetEncoder(random_state=0)
            trees.append([means.fit_transform(columns[0], values), means.transform(columns[1])])
        else:
            codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan).fit(columns[0])
            trees.append([codes.transform(column) for column in columns])

    def joined(blocks, part):
        chosen = [block[part] for block in blocks]
        if any(issparse(block) for block in chosen):
            sparse = hstack([csr_matrix(block) for block in chosen]).tocsr()
            return sparse if sparse.shape[1] > 500 else sparse.toarray()
        return np.hstack(chosen)

    return [[joined(blocks, part) for part in (0, 1)] for blocks in (flat, trees)]


def score(folder, name, seeds):
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.metrics import average_precision_score, log_loss, r2_score, roc_auc_score
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    warnings.filterwarnings("ignore")
    with open(os.path.join(folder, "tables.json")) as file:
        facts = json.load(file)[name]
    is_class = facts["task"] == "classify"
    names, train = read(folder, name, "train")
    _, test = read(folder, name, "test")
    target = names.index(facts["label"])
    flat, trees = encode(names, train, test, facts["label"], is_class)
    learned, true = [np.array([row[target] if is_class else float(row[target]) for row in rows]) for rows in (train, test)]
    learners = (
        {
            "MLPClassifier": (flat, lambda seed: MLPClassifier(random_state=seed), seeds),
            "HistGradientBoosting": (trees, lambda seed: HistGradientBoostingClassifier(random_state=seed), seeds),
            "LogisticRegression": (flat, lambda seed: LogisticRegression(max_iter=1000), seeds[:1]),
        }
        if is_class
        else {
            "MLPRegressor": (
                flat,
                lambda seed: TransformedTargetRegressor(MLPRegressor(random_state=seed), transformer=StandardScaler()),
                seeds,
            ),
            "HistGradientBoosting": (trees, lambda seed: HistGradientBoostingRegressor(random_state=seed), seeds),
            "Ridge": (flat, lambda seed: Ridge(), seeds[:1]),
        }
    )
    facts = {"table": name, "task": facts["task"], "rows": len(train), "testRows": len(test)}
    if is_class:
        classes, counts = np.unique(learned, return_counts=True)
        facts["majority"] = float(np.mean(true == classes[counts.argmax()]))
        facts["constantLoss"] = float(-np.mean([np.log(max(1e-4, counts[classes == y].sum() / len(learned))) for y in true]))
    for learner, ((inputs, test_inputs), build, some) in learners.items():
        results = []
        begun = time.process_time()
        for seed in some:
            model = build(seed).fit(inputs, learned)
            if not is_class:
                results.append({"r2": r2_score(true, model.predict(test_inputs))})
                continue
            scores = np.clip(model.predict_proba(test_inputs), 2.0**-14, 1)
            one = {"accuracy": float(np.mean(model.predict(test_inputs) == true))}
            if set(true) <= set(model.classes_):
                one["loss"] = log_loss(true, scores / scores.sum(1, keepdims=True), labels=model.classes_)
            if len(model.classes_) == 2 and len(set(true)) == 2:
                rarer = int(counts[1] <= counts[0])
                one["auc"] = roc_auc_score(true == classes[1], scores[:, 1])
                one["averagePrecision"] = average_precision_score(true == classes[rarer], scores[:, rarer])
            results.append(one)
        means = {key: round(float(np.mean([one[key] for one in results])), 4) for key in results[0]}
        used = round((time.process_time() - begun) / len(some), 2)
        print(json.dumps({**facts, "learner": learner, **means, "seeds": some, "cpuSeconds": used}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "make":
        make(sys.argv[2])
    elif len(sys.argv) in (4, 5) and sys.argv[1] == "score":
        score(sys.argv[2], sys.argv[3], [int(seed) for seed in (sys.argv[4] if len(sys.argv) == 5 else "1,2,3").split(",")])
    else:
        sys.exit(__doc__)
