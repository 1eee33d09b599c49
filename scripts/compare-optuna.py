"""Searches with Optuna, for scripts/compare-optuna.mjs: reads tasks as JSON from standard input, prints results as JSON."""
import json
import math
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def suggest(trial, name, parameter):
    kind = parameter["kind"]
    if kind == "categorical":
        return trial.suggest_categorical(name, parameter["choices"])
    method = trial.suggest_float if kind == "float" else trial.suggest_int
    return method(name, parameter["low"], parameter["high"], log=parameter.get("log", False))


def holds(parameter, point):
    return all(point.get(name) == value for name, value in parameter.get("when", {}).items())


def sphere(p):
    return sum(p[f"x{i}"] ** 2 for i in range(5))


def rosenbrock(p):
    x = [p[f"x{i}"] for i in range(4)]
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(3))


def branin(p):
    x, y = p["x0"], p["x1"]
    return (
        (y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6) ** 2
        + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x)
        + 10
    )


HARTMANN_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
HARTMANN_P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]
HARTMANN_C = [1.0, 1.2, 3.0, 3.2]


def hartmann6(p):
    return -sum(
        c * math.exp(-sum(a * (p[f"x{i}"] - q) ** 2 for i, (a, q) in enumerate(zip(row, centre))))
        for c, row, centre in zip(HARTMANN_C, HARTMANN_A, HARTMANN_P)
    )


def mixed(p):
    base = (math.log10(p["rate"]) + 2.5) ** 2 + ((p["units"] - 96) / 64) ** 2
    if p["kind"] == "a":
        return base + (p["depth"] - 3) ** 2 / 4
    return base + 0.5 + abs(p["share"] - 0.2) if p["kind"] == "b" else base + 2


FUNCTIONS = {f.__name__: f for f in (sphere, rosenbrock, branin, hartmann6, mixed)}


def function_study(task):
    sampler = optuna.samplers.TPESampler(seed=task["seed"])
    study = optuna.create_study(sampler=sampler)

    def objective(trial):
        point = {}
        for name, parameter in task["space"].items():
            if holds(parameter, point):
                point[name] = suggest(trial, name, parameter)
        return FUNCTIONS[task["function"]](point)

    study.optimize(objective, n_trials=task["trials"])
    return {"best": study.best_value}


def table_study(task):
    """Rows of recorded training runs: parameters are the row's choices, values are what they reached epoch by epoch."""
    rows = {tuple(row["key"]): row["curve"] for row in task["table"]}
    pruner = (
        optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=task["reduction"])
        if task["prunes"]
        else optuna.pruners.NopPruner()
    )
    sampler = (
        optuna.samplers.TPESampler(seed=task["seed"])
        if task["sampler"] == "tpe"
        else optuna.samplers.RandomSampler(seed=task["seed"])
    )
    study = optuna.create_study(sampler=sampler, pruner=pruner, direction="maximize")
    spent = 0

    def objective(trial):
        nonlocal spent
        key = tuple(str(suggest(trial, name, parameter)) for name, parameter in task["space"].items())
        curve = rows[key]
        for epoch, value in enumerate(curve, 1):
            spent += 1
            trial.report(value, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return curve[-1]

    while spent < task["epochs"]:
        study.optimize(objective, n_trials=1)
    complete = [trial.value for trial in study.trials if trial.value is not None]
    return {"best": max(complete)}


def main():
    tasks = json.load(sys.stdin)
    results = [(function_study if "function" in task else table_study)(task) for task in tasks]
    print(json.dumps({"version": optuna.__version__, "results": results}))


main()
