#!/usr/bin/env python3
"""One library's own time for one model, on one thread: what tests/bench/model.py runs in that library's environment.

    peer_model.py train DIR NAME...             trains the models of these names (model.py) and makes rows.f32, and whole.f32 without missing values
    peer_model.py time PEER MODEL ROWS [OUT]    prints processor microseconds a row as a JSON object, the least of a few rounds, and for lone rows
                                                the median and the 99th percentile by the wall; OUT.phi gets the contributions and OUT.margin the
                                                margins as float64, of the first rows where a round of all would take more than SECONDS

PEER is what the library is called through: xgboost, lightgbm, catboost, treelite (scores only), shap, fasttreeshap (contributions only)."""
import json
import os
import sys
import time

import numpy as np

WIDTH = 60
ROUNDS = 3
SINGLES = 200
PROBE = 250
SECONDS = 0.7


def data(rng, rows):
    x = rng.normal(size=(rows, WIDTH)).astype(np.float32)
    z = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] - np.abs(x[:, 3]) + 0.5 * (x[:, 4:20] @ np.linspace(1, 0.1, 16)) + rng.normal(size=rows)
    for j in range(0, WIDTH, 6):
        x[rng.random(rows) < 0.1, j] = np.nan
    return x, (z > 0.5).astype(np.float32)


def train_one(name, x, y, path):
    columns = [f"f{i}" for i in range(WIDTH)]
    trees, size = (int(n) for n in name.lstrip("lgbcat").split("x"))
    if name.startswith("lgb"):
        import lightgbm
        settings = {"objective": "binary", "num_leaves": size, "learning_rate": 0.1, "num_threads": 1, "verbose": -1, "seed": 1}
        if size == 63:
            settings["max_depth"] = 6
        lightgbm.train(settings, lightgbm.Dataset(x, y, feature_name=columns), trees).save_model(path)
    elif name.startswith("cat"):
        import catboost
        model = catboost.CatBoostClassifier(iterations=trees, depth=size, learning_rate=0.1, random_seed=1, thread_count=1, verbose=False,
                                            allow_writing_files=False)
        model.fit(catboost.Pool(x, y, feature_names=columns)).save_model(path, format="json")
    else:
        import xgboost
        settings = {"objective": "binary:logistic", "max_depth": size, "eta": 0.1, "tree_method": "hist", "max_bin": 64, "nthread": 1, "seed": 1}
        xgboost.train(settings, xgboost.DMatrix(x, y, feature_names=columns), trees).save_model(path)


def train(directory, names):
    rng = np.random.default_rng(3)
    x, y = data(rng, 20000)
    rows = data(rng, 2000)[0]
    rows.tofile(f"{directory}/rows.f32")
    np.nan_to_num(rows, nan=0.0).tofile(f"{directory}/whole.f32")
    for name in names:
        train_one(name, x, y, f"{directory}/{name}.{'txt' if name.startswith('lgb') else 'json'}")


def xgboost_calls(path, x):
    import xgboost
    booster = xgboost.Booster({"nthread": 1}, model_file=path)
    booster.set_param({"nthread": 1})
    names = booster.feature_names

    def matrix(rows):
        return xgboost.DMatrix(rows, feature_names=names, nthread=1)

    # A matrix that is used again would be answered from a cache: inplace_predict has none.
    ready = matrix(x)
    return (x, lambda rows: booster.inplace_predict(rows, predict_type="margin"),
            lambda rows: booster.predict(ready if rows is x else matrix(rows), pred_contribs=True))


def lightgbm_calls(path, x):
    import lightgbm
    booster = lightgbm.Booster(model_file=path)
    return (x.astype(np.float64), lambda rows: booster.predict(rows, raw_score=True, num_threads=1),
            lambda rows: booster.predict(rows, pred_contrib=True, num_threads=1))


def catboost_calls(path, x):
    import catboost
    model = catboost.CatBoost()
    model.load_model(path, format="json")
    ready = catboost.Pool(x)

    def pool(rows):
        return ready if rows is x else catboost.Pool(rows)

    return (x, lambda rows: model.predict(pool(rows), prediction_type="RawFormulaVal", thread_count=1),
            lambda rows: model.get_feature_importance(pool(rows), type="ShapValues", thread_count=1))


def treelite_calls(path, x):
    import tl2cgen
    import treelite
    library = path + ".so"
    if not os.path.exists(library):
        model = treelite.frontend.load_xgboost_model(path)
        tl2cgen.export_lib(model, toolchain="gcc", libpath=library, params={"parallel_comp": 8}, nthread=1, options=["-O2"])
    predictor = tl2cgen.Predictor(library, nthread=1)
    ready = tl2cgen.DMatrix(x)
    return x, lambda rows: predictor.predict(ready if rows is x else tl2cgen.DMatrix(rows), pred_margin=True).reshape(-1), None


def xgboost_trees(path):
    """The trees of an XGBoost file in the arrays that shap and fasttreeshap take; `x <= threshold` goes left."""
    trees = []
    with open(path, encoding="utf-8") as file:
        model = json.load(file)["learner"]["gradient_booster"]["model"]["trees"]
    for tree in model:
        left, right = (np.array(tree[k], dtype=np.int32) for k in ("left_children", "right_children"))
        split = np.array(tree["split_conditions"], dtype=np.float32)
        leaf = left < 0
        trees.append({
            "children_left": left, "children_right": right, "children_default": np.where(np.array(tree["default_left"], dtype=bool), left, right),
            "features": np.array(tree["split_indices"], dtype=np.int32), "thresholds": np.nextafter(split, np.float32(-np.inf)).astype(np.float64),
            "values": np.where(leaf, split, 0).astype(np.float64).reshape(-1, 1), "node_sample_weight": np.array(tree["sum_hessian"], dtype=np.float64),
        })
    return trees


def shap_calls(path, x):
    """Its own TreeSHAP: a model of XGBoost's or LightGBM's would be handed back to those."""
    import shap
    explainer = shap.TreeExplainer({"trees": xgboost_trees(path)}, feature_perturbation="tree_path_dependent")
    return x.astype(np.float64), None, lambda rows: explainer.shap_values(rows, check_additivity=False)


def fasttreeshap_calls(path, x):
    import ctypes
    library = ctypes.CDLL(os.environ["FASTTREESHAP"])
    trees = xgboost_trees(path)
    nodes = max(len(tree["features"]) for tree in trees)

    def depth(tree, node=0):
        left, right = tree["children_left"][node], tree["children_right"][node]
        return 0 if left < 0 else 1 + max(depth(tree, left), depth(tree, right))

    def stack(key):
        return np.array([np.pad(tree[key].reshape(-1), (0, nodes - len(tree["features"])), constant_values=-1) for tree in trees])

    arrays = [stack(k) for k in ("children_left", "children_right", "children_default", "features", "thresholds", "values", "node_sample_weight")]
    library.fasttreeshap_new.restype = ctypes.c_void_p
    prepared = library.fasttreeshap_new(*(ctypes.c_void_p(a.ctypes.data) for a in arrays), max(map(depth, trees)), len(trees), nodes)

    def explain(rows, _keep=arrays):
        out, missing = np.zeros((len(rows), WIDTH + 1)), np.zeros(rows.shape, dtype=bool)
        library.fasttreeshap_run(ctypes.c_void_p(prepared), ctypes.c_void_p(rows.ctypes.data), ctypes.c_void_p(missing.ctypes.data), len(rows), WIDTH,
                                 ctypes.c_void_p(out.ctypes.data))
        return out

    return x.astype(np.float64), None, explain


CALLS = {"xgboost": xgboost_calls, "lightgbm": lightgbm_calls, "catboost": catboost_calls, "treelite": treelite_calls, "shap": shap_calls,
         "fasttreeshap": fasttreeshap_calls}


def seconds(action, x):
    start = time.process_time()
    action(x)
    return time.process_time() - start


def least(action, x):
    return min(seconds(action, x) for _ in range(ROUNDS)) / len(x) * 1e6


def prepared(peer, path, every, number):
    """The rows of a round and what is done with them (None: the peer cannot): as many as SECONDS allow."""
    x, *actions = CALLS[peer](path, every[:PROBE])
    if not actions[number]:
        return x, None
    each = min(seconds(actions[number], x) for _ in range(2)) / len(x)
    x, *actions = CALLS[peer](path, every[:max(PROBE, int(min(len(every), SECONDS / each)))])
    return x, actions[number]


def alone(action, x):
    """Microseconds of the wall for a call with one row: the median and the 99th percentile, and what the processor spent on it."""
    rows = [x[i:i + 1] for i in range(SINGLES)]
    spent, cpu = [], float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for row in rows:
            start = time.perf_counter_ns()
            action(row)
            spent.append((time.perf_counter_ns() - start) / 1e3)
        cpu = min(cpu, time.process_time() - begin)
        if time.process_time() - begin > SECONDS:
            break
    return cpu / SINGLES * 1e6, np.percentile(spent, 50), np.percentile(spent, 99)


def measure(peer, path, rows, out):
    every = np.fromfile(rows, dtype=np.float32).reshape(-1, WIDTH)
    result = {}
    for number, (name, ending) in enumerate((("score", "margin"), ("explain", "phi"))):
        x, action = prepared(peer, path, every, number)
        if not action:
            continue
        if out:
            got = np.asarray(action(x), dtype=np.float64)
            (got[:, :WIDTH] if ending == "phi" else got).copy().tofile(f"{out}.{ending}")
        result[name] = least(action, x)
        result[f"{name}_single"], result[f"{name}_p50"], result[f"{name}_p99"] = alone(action, x)
    print(json.dumps(result))


if sys.argv[1] == "train":
    train(sys.argv[2], sys.argv[3:])
else:
    measure(*sys.argv[2:5], sys.argv[5] if len(sys.argv) > 5 else None)
