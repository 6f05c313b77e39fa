#!/usr/bin/env python3
"""Writes PMML of isolation forests, one-class machines, Gaussian processes and time series, with the answers
of the libraries that made them, as conformance cases:

    training/export_anomaly_gp.py Tests/ConformanceTests/Fixtures/pmml

Needs numpy, scikit-learn and statsmodels.
"""
import json
import pathlib
import sys
from xml.sax.saxutils import escape

import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Kernel, Matern, WhiteKernel
from sklearn.svm import OneClassSVM
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

NAMES = ["a", "b", "c", "d"]


def case(folder, name, fields, body, rows, results):
    """One case: fields as (name, optype, type), rows of input values, results as a dictionary a row."""
    path = pathlib.Path(folder) / name
    path.mkdir(parents=True, exist_ok=True)
    declared = "\n".join(
        f'  <DataField name="{n}" optype="{o}" dataType="{t}"/>' for n, o, t in fields)
    (path / "model.pmml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">\n'
        f" <Header/>\n <DataDictionary>\n{declared}\n </DataDictionary>\n{body}\n</PMML>\n")
    header = list(rows[0])
    lines = [",".join(header)] + [",".join(repr(row[n]) for n in header) for row in rows]
    (path / "input.csv").write_text("\n".join(lines) + "\n")
    (path / "expected.jsonl").write_text(
        "".join(json.dumps({"results": result}) + "\n" for result in results))
    element = body.strip()[1:].split()[0]
    (path / "meta.json").write_text(json.dumps({
        "name": name, "source": "training/export_anomaly_gp.py", "licence": "ours", "origin": "generated",
        "modelElement": element, "load": "ok", "rowsOk": len(rows), "rowsError": 0, "groupFields": [],
    }, indent=1) + "\n")


def schema(names, target=None):
    fields = "".join(f'<MiningField name="{n}"/>' for n in names)
    if target:
        fields += f'<MiningField name="{target}" usageType="target"/>'
    return f"<MiningSchema>{fields}</MiningSchema>"


def average_path(n):
    """c(n), as scikit-learn has it."""
    if n <= 2:
        return float(max(0, n - 1))
    return 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n


def node(tree, index, names, depth, predicate="<True/>"):
    if tree.children_left[index] < 0:
        score = depth + average_path(tree.n_node_samples[index])
        return f'<Node score="{float(score)!r}">{predicate}</Node>'
    name, limit = names[tree.feature[index]], float(tree.threshold[index])
    left, right = (
        node(tree, child, names, depth + 1,
             f'<SimplePredicate field="{name}" operator="{operator}" value="{limit!r}"/>')
        for child, operator in ((tree.children_left[index], "lessOrEqual"),
                                (tree.children_right[index], "greaterThan")))
    return f"<Node>{predicate}\n{left}\n{right}</Node>"


def isolation_forest(folder, samples, width, trees):
    random = np.random.default_rng(samples)
    # Sixteenths are exact in the 32 bits that scikit-learn compares in.
    data = np.round(random.normal(size=(300, width)) * 16) / 16
    forest = IsolationForest(n_estimators=trees, max_samples=samples, contamination=0.1, random_state=1)
    forest.fit(data)
    names = NAMES[:width]
    segments = []
    for tree, features in zip(forest.estimators_, forest.estimators_features_):
        root = node(tree.tree_, 0, [names[f] for f in features], 0)
        segments.append(
            f'<Segment><True/><TreeModel functionName="regression" splitCharacteristic="binarySplit">'
            f"{schema(names)}{root}</TreeModel></Segment>")
    limit = float(-forest.offset_)
    body = f"""<AnomalyDetectionModel functionName="regression" algorithmType="iforest"
 sampleDataSize="{samples}">
{schema(names)}
<Output><OutputField name="score" optype="continuous" dataType="double" feature="predictedValue"/>
<OutputField name="anomaly" optype="categorical" dataType="boolean" feature="decision"><Apply
 function="greaterThan"><FieldRef field="score"/><Constant dataType="double">{limit!r}</Constant></Apply>
</OutputField></Output>
<MiningModel functionName="regression">{schema(names)}<Segmentation multipleModelMethod="average">
{chr(10).join(segments)}
</Segmentation></MiningModel></AnomalyDetectionModel>"""
    rows = np.vstack([data[:20], np.round(random.normal(size=(20, width)) * 64) / 16])
    scores = -forest.score_samples(rows)
    case(folder, f"sk-iforest_{samples}", [(n, "continuous", "double") for n in names], body,
         [dict(zip(names, map(float, row))) for row in rows],
         [{"_target": float(s), "score": float(s), "anomaly": bool(s > limit)} for s in scores])


def mean_distance(folder):
    random = np.random.default_rng(5)
    data = np.concatenate([random.normal(centre, 0.5 + centre / 8, size=(60, 2)) for centre in (0, 4, 8)])
    means = KMeans(3, random_state=1, n_init=4).fit(data)
    distances = means.transform(data)
    typical = [distances[means.labels_ == k, k].mean() for k in range(3)]
    clusters = "".join(
        f'<Cluster id="{k}"><Array n="2" type="real">{centre[0]!r} {centre[1]!r}</Array></Cluster>'
        for k, centre in enumerate(means.cluster_centers_.tolist()))
    names = NAMES[:2]
    body = f"""<AnomalyDetectionModel functionName="regression" algorithmType="clusterMeanDist">
{schema(names)}
<ClusteringModel functionName="clustering" modelClass="centerBased" numberOfClusters="3">{schema(names)}
<ComparisonMeasure kind="distance" compareFunction="absDiff"><euclidean/></ComparisonMeasure>
<ClusteringField field="a"/><ClusteringField field="b"/>{clusters}</ClusteringModel>
<MeanClusterDistances><Array n="3" type="real">{" ".join(repr(float(t)) for t in typical)}</Array>
</MeanClusterDistances></AnomalyDetectionModel>"""
    rows = random.uniform(-4, 12, size=(30, 2))
    found = means.transform(rows)
    case(folder, "sk-cluster_mean_distance", [(n, "continuous", "double") for n in names], body,
         [dict(zip(names, map(float, row))) for row in rows],
         [{"_target": float(row.min() / typical[row.argmin()])} for row in found])


def one_class_machine(folder, kernel):
    random = np.random.default_rng(9)
    data = random.normal(size=(120, 3))
    machine = OneClassSVM(kernel=kernel, nu=0.2, gamma=0.3, degree=3, coef0=1.5).fit(data)
    names = NAMES[:3]
    element = {
        "rbf": '<RadialBasisKernelType gamma="0.3"/>',
        "poly": '<PolynomialKernelType gamma="0.3" coef0="1.5" degree="3"/>',
    }[kernel]
    vectors = "".join(
        f'<VectorInstance id="v{i}"><Array n="3" type="real">{" ".join(map(repr, vector))}</Array>'
        "</VectorInstance>" for i, vector in enumerate(machine.support_vectors_.tolist()))
    alphas = "".join(f'<Coefficient value="{value!r}"/>' for value in machine.dual_coef_[0].tolist())
    references = "".join(f'<SupportVector vectorId="v{i}"/>' for i in range(len(machine.support_vectors_)))
    body = f"""<AnomalyDetectionModel functionName="regression" algorithmType="ocsvm">
{schema(names)}
<SupportVectorMachineModel functionName="regression" svmRepresentation="SupportVectors">{schema(names)}
{element}<VectorDictionary numberOfVectors="{len(machine.support_vectors_)}"><VectorFields
 numberOfFields="3">{"".join(f'<FieldRef field="{n}"/>' for n in names)}</VectorFields>{vectors}
</VectorDictionary><SupportVectorMachine><SupportVectors>{references}</SupportVectors>
<Coefficients absoluteValue="{float(machine.intercept_[0])!r}">{alphas}</Coefficients></SupportVectorMachine>
</SupportVectorMachineModel></AnomalyDetectionModel>"""
    rows = random.normal(size=(30, 3)) * 2
    case(folder, f"sk-ocsvm_{kernel}", [(n, "continuous", "double") for n in names], body,
         [dict(zip(names, map(float, row))) for row in rows],
         [{"_target": float(score)} for score in machine.decision_function(rows)])


class Exponential(Kernel):
    """gamma exp(-sum (abs(x - z) / lambda) ^ degree): what scikit-learn has no kernel of its own for."""

    def __init__(self, gamma, lengths, degree):
        self.gamma, self.lengths, self.degree = gamma, lengths, degree

    def __call__(self, X, Y=None, eval_gradient=False):
        other = X if Y is None else Y
        gaps = np.abs(X[:, None, :] - other[None, :, :]) / np.array(self.lengths)
        return self.gamma * np.exp(-(gaps ** self.degree).sum(axis=2))

    def diag(self, X):
        return np.full(len(X), float(self.gamma))

    def is_stationary(self):
        return True


def gaussian_process(folder, name, kernel, element, noise, width):
    random = np.random.default_rng(width)
    data = random.uniform(-3, 3, size=(40, width))
    target = np.sin(data[:, 0]) + 0.3 * data[:, -1] ** 2 + random.normal(0, 0.1, size=40)
    process = GaussianProcessRegressor(kernel + WhiteKernel(noise), alpha=0, optimizer=None)
    process.fit(data, target)
    names = NAMES[:width]
    instances = "\n".join(
        "<row>" + "".join(f"<{n}>{value!r}</{n}>" for n, value in zip(names + ["y"], row + [y])) + "</row>"
        for row, y in zip(data.tolist(), target.tolist()))
    columns = "".join(f'<InstanceField field="{n}" column="{n}"/>' for n in names + ["y"])
    body = f"""<GaussianProcessModel functionName="regression">
{schema(names, "y")}
<Output><OutputField name="MeanValue" optype="continuous" dataType="double" feature="predictedValue"/>
<OutputField name="StandardDeviation" optype="continuous" dataType="double" feature="predictedValue"/>
<OutputField name="sd" optype="continuous" dataType="double" feature="standardDeviation"/></Output>
{element}
<TrainingInstances recordCount="40" fieldCount="{width + 1}" isTransformed="false">
<InstanceFields>{columns}</InstanceFields>
<InlineTable>
{instances}
</InlineTable></TrainingInstances></GaussianProcessModel>"""
    rows = np.vstack([data[:5], random.uniform(-5, 5, size=(25, width))])
    means, deviations = process.predict(rows, return_std=True)
    case(folder, f"sk-gp_{name}", [(n, "continuous", "double") for n in names + ["y"]], body,
         [dict(zip(names, map(float, row))) for row in rows],
         [{"y": float(m), "MeanValue": float(m), "StandardDeviation": float(s), "sd": float(s)}
          for m, s in zip(means, deviations)])


def lengths(values):
    return f'<Lambda><Array n="{len(values)}" type="real">{" ".join(map(str, values))}</Array></Lambda>'


def time_values(series):
    return "<TimeSeries usage=\"original\">" + "".join(
        f'<TimeValue index="{i + 1}" value="{float(v)!r}"/>\n'
        for i, v in enumerate(series)) + "</TimeSeries>"


def series_case(folder, name, best, element, results, history="", outputs=""):
    body = f"""<TimeSeriesModel functionName="timeSeries" bestFit="{best}">
<MiningSchema><MiningField name="h" usageType="supplementary"/><MiningField name="y" usageType="target"/>
</MiningSchema>{outputs}
{history}{element}</TimeSeriesModel>"""
    case(folder, name, [("h", "continuous", "integer"), ("y", "continuous", "double")], body,
         [{"h": h + 1} for h in range(len(results))], results)


def array(values, negated=False):
    numbers = [float(-v if negated else v) for v in values]
    return f'<Array n="{len(numbers)}" type="real">{" ".join(map(repr, numbers))}</Array>'


def component(element, letters, orders, auto, moving, period=""):
    parts = " ".join(f'{letter}="{order}"' for letter, order in zip(letters, orders))
    inner = f"<AR>{array(auto)}</AR>" if len(auto) else ""
    inner += f"<MA><MACoefficients>{array(moving, negated=True)}</MACoefficients></MA>" if len(moving) else ""
    return f"<{element} {parts}{period}>{inner}</{element}>"


def arima(folder, name, order, seasonal, parameters, count):
    """`parameters`: mean (or nothing), autoregression, moving average, both seasonal, variance."""
    mean, auto, moving, seasonal_auto, seasonal_moving, variance = parameters
    random = np.random.default_rng(count)
    series = np.round(200 + np.cumsum(random.normal(size=count)) + 3 * np.sin(np.arange(count) / 2), 3)
    model = ARIMA(series, order=order, seasonal_order=seasonal, trend="n" if mean is None else "c",
                  enforce_stationarity=False, enforce_invertibility=False)
    fitted = model.filter(
        ([] if mean is None else [mean]) + auto + moving + seasonal_auto + seasonal_moving + [variance])
    forecast = fitted.get_forecast(30)
    intervals = forecast.conf_int(alpha=0.2)
    element = (
        f'<ARIMA RMSE="{float(np.sqrt(variance))!r}" constantTerm="{mean or 0}"'
        f' predictionMethod="conditionalLeastSquares">'
        + component("NonseasonalComponent", "pdq", order, auto, moving)
        + (component("SeasonalComponent", "PDQ", seasonal[:3], seasonal_auto, seasonal_moving,
                     f' period="{seasonal[3]}"') if seasonal[3] else "") + "</ARIMA>")
    outputs = "<Output>" + "".join(
        f'<OutputField name="{n}" optype="continuous" dataType="double" feature="{f}" {v}/>' for n, f, v in (
            ("sd", "standardError", ""), ("low", "confidenceIntervalLower", 'value="80"'),
            ("high", "confidenceIntervalUpper", 'value="80"'))) + "</Output>"
    series_case(
        folder, f"sm-arima_{name}", "ARIMA", element,
        [{"y": float(m), "sd": float(s), "low": float(i[0]), "high": float(i[1])}
         for m, s, i in zip(forecast.predicted_mean, forecast.se_mean, intervals)],
        time_values(series), outputs)


def smoothing(folder, trend, damped, seasonal):
    random = np.random.default_rng(3)
    t = np.arange(96)
    series = np.round((50 + 0.4 * t) * (1 + 0.2 * np.sin(t * np.pi / 6)) + random.normal(size=96), 3)
    if seasonal == "add":
        # The other class forecasts an additive season's last month with the factor of the year before.
        fit = ETSModel(series, error="add", trend=trend, damped_trend=damped, seasonal="add",
                       seasonal_periods=12).fit(disp=False)
        states = np.asarray(fit.states)
        level, slope, factors = states[-1, 0], states[-1, 1], states[-12:, 2]
    else:
        fit = ExponentialSmoothing(series, trend=trend, damped_trend=damped, seasonal=seasonal,
                                   seasonal_periods=12 if seasonal else None,
                                   initialization_method="estimated").fit()
        level, slope, factors = fit.level[-1], fit.trend[-1] if trend else 0, fit.season[-12:]
    words = {"add": "additive", "mul": "multiplicative"}
    element = f'<ExponentialSmoothing><Level smoothedValue="{float(level)!r}"/>'
    if trend:
        phi = float(fit.params["damping_trend"]) if damped else 1.0
        element += (f'<Trend_ExpoSmooth trend="{"damped_" if damped else ""}{words[trend]}" phi="{phi!r}"'
                    f' smoothedValue="{float(slope)!r}"/>')
    if seasonal:
        element += (f'<Seasonality_ExpoSmooth type="{words[seasonal]}" period="12">'
                    f"{array(factors)}</Seasonality_ExpoSmooth>")
    series_case(
        folder, f"sm-smoothing_{trend or 'none'}{'_damped' if damped else ''}_{seasonal or 'none'}",
        "ExponentialSmoothing", element + "</ExponentialSmoothing>",
        [{"y": float(v)} for v in fit.forecast(30)])


def main(folder):
    isolation_forest(folder, 64, 3, 10)
    isolation_forest(folder, 2, 2, 10)
    mean_distance(folder)
    one_class_machine(folder, "rbf")
    one_class_machine(folder, "poly")
    gaussian_process(folder, "radial", ConstantKernel(2.5) * RBF(1.3),
                     '<RadialBasisKernel gamma="2.5" noiseVariance="0.04" lambda="1.3"/>', 0.04, 2)
    gaussian_process(folder, "ard", ConstantKernel(2.5) * RBF([0.8, 2.0, 1.5]),
                     '<ARDSquaredExponentialKernel gamma="2.5" noiseVariance="0.04">'
                     + lengths([0.8, 2.0, 1.5]) + "</ARDSquaredExponentialKernel>", 0.04, 3)
    gaussian_process(folder, "absolute_one", ConstantKernel(1.5) * Matern(1.1, nu=0.5),
                     '<AbsoluteExponentialKernel gamma="1.5" noiseVariance="0.01">' + lengths([1.1])
                     + "</AbsoluteExponentialKernel>", 0.01, 1)
    gaussian_process(folder, "absolute", Exponential(1.5, [0.9, 1.7], 1),
                     '<AbsoluteExponentialKernel gamma="1.5" noiseVariance="0.01">' + lengths([0.9, 1.7])
                     + "</AbsoluteExponentialKernel>", 0.01, 2)
    gaussian_process(folder, "generalized", Exponential(1.5, [0.9, 1.7], 1.6),
                     '<GeneralizedExponentialKernel gamma="1.5" noiseVariance="0.01" degree="1.6">'
                     + lengths([0.9, 1.7]) + "</GeneralizedExponentialKernel>", 0.01, 2)
    arima(folder, "2_0_1", (2, 0, 1), (0, 0, 0, 0), (199.5, [0.5, 0.2], [0.3], [], [], 1.21), 120)
    arima(folder, "1_1_1", (1, 1, 1), (0, 0, 0, 0), (None, [0.4], [-0.3], [], [], 0.81), 120)
    arima(folder, "0_2_2", (0, 2, 2), (0, 0, 0, 0), (None, [], [-0.4, 0.1], [], [], 0.81), 150)
    arima(folder, "1_0_0_1_1_0_12", (1, 0, 0), (1, 1, 0, 12), (None, [0.6], [], [0.3], [], 1.0), 120)
    arima(folder, "0_1_1_0_1_1_4", (0, 1, 1), (0, 1, 1, 4), (None, [], [-0.3], [], [-0.2], 1.0), 240)
    for trend, damped, seasonal in (
            (None, False, None), ("add", False, None), ("add", True, None), ("mul", False, None),
            ("mul", True, None), ("add", False, "add"), ("add", True, "mul"), (None, False, "mul")):
        smoothing(folder, trend, damped, seasonal)


if __name__ == "__main__":
    main(sys.argv[1])
