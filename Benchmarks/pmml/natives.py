"""The prediction of the libraries that make such ensembles, on models of the cases' shapes.

    natives.py CASE

Trains the case's ensemble on seeded data, prints a line for each library left out, and "ready"; then, for
each line of standard input, a number of seconds, a line `LIBRARY ROWS RATE` for each library at 1 row and at
64 rows a call, and a line with a dot. Rates are rows a second of processor time, on one thread. XGBoost and
LightGBM are called at their C interfaces, past their Python wrappers.
"""

import ctypes
import itertools
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402

ROWS = 64


def xgboost_calls(model, batches):
    """Calls of XGBoosterPredictFromDense, one for each batch of 32-bit rows."""
    import xgboost

    booster = model.get_booster()
    booster.set_param({"nthread": 1})
    predict = xgboost.core._LIB.XGBoosterPredictFromDense
    options = {"type": 0, "training": False, "iteration_begin": 0, "iteration_end": 0}
    options |= {"strict_shape": False, "cache_id": 0, "missing": float("nan")}
    settings = json.dumps(options).encode()
    shape, axes = ctypes.POINTER(ctypes.c_uint64)(), ctypes.c_uint64()
    answers = ctypes.POINTER(ctypes.c_float)()
    after = (None, ctypes.byref(shape), ctypes.byref(axes), ctypes.byref(answers))

    def call(batch):
        array = {"data": [batch.ctypes.data, True], "typestr": "<f4", "shape": batch.shape, "version": 3}
        arguments = (booster.handle, json.dumps(array).encode(), settings, *after)
        assert predict(*arguments) == 0
        found = np.ctypeslib.as_array(answers, (len(batch),))
        assert np.allclose(found, model.predict_proba(batch)[:, 1], atol=1e-6)
        return lambda: predict(*arguments)

    return [call(batch) for batch in batches]


def lightgbm_calls(model, batches):
    """Calls of LightGBM's C interface, for single rows its fast form, one for each batch of 64-bit rows."""
    import lightgbm

    library, booster = lightgbm.basic._LIB, model.booster_
    columns = batches[0].shape[1]
    count, answers = ctypes.c_int64(), (ctypes.c_double * ROWS)()
    after = (ctypes.byref(count), answers)
    normal, float64, settings = ctypes.c_int(0), ctypes.c_int(1), b"num_threads=1"
    fast = ctypes.c_void_p()
    start = (booster._handle, normal, 0, -1, float64, columns, settings, ctypes.byref(fast))
    assert library.LGBM_BoosterPredictForMatSingleRowFastInit(*start) == 0

    def call(batch):
        data = ctypes.c_void_p(batch.ctypes.data)
        if len(batch) == 1:
            predict, arguments = library.LGBM_BoosterPredictForMatSingleRowFast, (fast, data, *after)
        else:
            predict = library.LGBM_BoosterPredictForMat
            shape = (float64, len(batch), columns, 1)
            arguments = (booster._handle, data, *shape, normal, 0, -1, settings, *after)
        assert predict(*arguments) == 0
        assert np.allclose(answers[: len(batch)], model.predict_proba(batch)[:, 1])
        return lambda: predict(*arguments)

    return [call(batch) for batch in batches]


def sklearn_calls(model, batches):
    predict = getattr(model, "predict_proba", model.predict)
    return [lambda batch=batch: predict(batch) for batch in batches]


def onnxruntime_calls(model, batches):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(converted(model, batches[0].shape[1]), options)
    name = session.get_inputs()[0].name
    return [lambda feed={name: batch}: session.run(None, feed) for batch in batches]


def converted(model, columns):
    """The model as an ONNX file."""
    kind = type(model).__module__.split(".")[0]
    if kind == "sklearn":
        from skl2onnx import to_onnx

        options = {"zipmap": False} if hasattr(model, "predict_proba") else None
        return to_onnx(model, np.zeros((1, columns), np.float32), options=options).SerializeToString()
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    types = [("x", FloatTensorType([None, columns]))]
    if kind == "lightgbm":
        return onnxmltools.convert_lightgbm(model, initial_types=types, zipmap=False).SerializeToString()
    return onnxmltools.convert_xgboost(model, initial_types=types).SerializeToString()


def thirty_columns():
    from sklearn.datasets import make_classification

    return make_classification(4000, 30, n_informative=20, flip_y=0.2, random_state=0)


def trained(case):
    """(model, its rows, the libraries with how each is called and the type of its numbers).

    The data and the depths are such that the trees have about as many nodes as the case's.
    """
    single, double = np.float32, np.float64
    if case == "perf-xgb_500x6":
        import xgboost

        x, y = thirty_columns()
        model = xgboost.XGBClassifier(n_estimators=500, max_depth=6, learning_rate=0.1, n_jobs=1)
        model.fit(x.astype(single), y)
        return model, x, {"xgboost": (xgboost_calls, single), "onnxruntime": (onnxruntime_calls, single)}
    if case == "perf-lgbm1000":
        import lightgbm

        x, y = thirty_columns()
        model = lightgbm.LGBMClassifier(n_estimators=1000, num_leaves=15, n_jobs=1, verbose=-1).fit(x, y)
        return model, x, {"lightgbm": (lightgbm_calls, double), "onnxruntime": (onnxruntime_calls, single)}
    libraries = {"sklearn": (sklearn_calls, single), "onnxruntime": (onnxruntime_calls, single)}
    from sklearn import datasets, ensemble

    if case == "perf-rf100_digits":
        x, y = datasets.load_digits(return_X_y=True)
        forest = ensemble.RandomForestClassifier(100, max_depth=7, n_jobs=1, random_state=0)
        return forest.fit(x[:1200], y[:1200]), x, libraries
    if case == "perf-gb100_diabetes":
        x, y = datasets.load_diabetes(return_X_y=True)
        return ensemble.GradientBoostingRegressor(random_state=0).fit(x, y), x, libraries
    sys.exit(f"{case} is no ensemble")


def rate(calls, rows, seconds):
    calls = list(itertools.islice(itertools.cycle(calls), max(len(calls), 200)))
    start, count, spent = time.process_time(), 0, 0.0
    while spent < seconds:
        for call in calls:
            call()
        count += rows * len(calls)
        spent = time.process_time() - start
    return count / spent


def main(case):
    model, x, libraries = trained(case)
    calls = {}
    for name, (make, kind) in libraries.items():
        # As many rows as the other engines score, all of them in other batches than one after another.
        own = np.ascontiguousarray(x[:200], kind)
        try:
            calls[name, 1] = make(model, [own[index : index + 1] for index in range(200)])
            starts = range(0, 200 - ROWS, ROWS // 4)
            calls[name, ROWS] = make(model, [own[start : start + ROWS] for start in starts])
        except Exception as error:  # a library that cannot be had here, or not for this model
            calls.pop((name, 1), None)
            print(f"{name} left out: {str(error).strip().splitlines()[:1]}", flush=True)
    print("ready", flush=True)
    for line in sys.stdin:
        for (name, rows), each in calls.items():
            print(name, rows, f"{rate(each, rows, float(line)):.0f}")
        print(".", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
