#!/usr/bin/env python3
"""Trains the bundled PMML models and writes them below `models/`.

    training/train_pmml.py models

`iris` is a decision tree on Fisher's data. `payments` is a gradient-boosted ensemble that tells fraudulent
card payments in data drawn here from a seed. Each file carries records that the server checks before it
serves the model.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from xml.etree.ElementTree import SubElement

import pmml_writer as pmml
from pmml_writer import Field

SPECIES = Field("Species", "Species", "string", values=("setosa", "versicolor", "virginica"))
FLOWER = [
    Field("Sepal_Length", "Sepal length (cm)", low=4.3, high=7.9),
    Field("Sepal_Width", "Sepal width (cm)", low=2.0, high=4.4),
    Field("Petal_Length", "Petal length (cm)", low=1.0, high=6.9),
    Field("Petal_Width", "Petal width (cm)", low=0.1, high=2.5),
]

FRAUD = Field("Fraud", "Fraudulent", "string", values=("no", "yes"))
PAYMENT = [
    Field("Amount", "Amount (EUR)", low=0.0, high=100000.0),
    Field("Hour", "Hour of the day", "integer", low=0, high=23),
    Field("Distance", "Distance from home (km)", low=0.0, high=20100.0),
    Field("Payments_Last_Day", "Payments in the last 24 hours", "integer", low=0, high=1000),
    Field("Account_Age", "Age of the account (days)", "integer", low=0, high=40000),
    Field("Channel", "Channel", "string", values=("chip", "contactless", "online", "stripe")),
    Field(
        "Merchant",
        "Merchant",
        "string",
        values=("electronics", "food", "fuel", "gambling", "jewellery", "travel"),
    ),
]


def iris():
    data = load_iris()
    rows = [dict(zip([f.name for f in FLOWER], map(float, x))) for x in data.data]
    fitted = DecisionTreeClassifier(max_depth=4, min_samples_leaf=3, random_state=1).fit(
        data.data, data.target
    )
    root = pmml.document("Iris species by a decision tree", "1", SPECIES, FLOWER)
    model = SubElement(
        root,
        "TreeModel",
        {
            "modelName": "iris",
            "functionName": "classification",
            "algorithmName": "CART",
            "splitCharacteristic": "binarySplit",
            "missingValueStrategy": "defaultChild",
        },
    )
    names = [f.name for f in FLOWER]
    pmml.mining_schema(model, SPECIES.name, names)
    outputs = pmml.probability_outputs(model, SPECIES.values)
    SubElement(
        outputs,
        "OutputField",
        {"name": "Node_Id", "optype": "categorical", "dataType": "string", "feature": "entityId"},
    )
    writer = pmml.ClassificationTreeWriter(fitted.tree_, FLOWER, SPECIES.values)
    writer.write(model, 0, ("True", {}), writer.describe)
    expected = [
        row
        | {SPECIES.name: SPECIES.values[c]}
        | {f"Probability_{v}": repr(float(p)) for v, p in zip(SPECIES.values, s)}
        for row, c, s in zip(rows, fitted.predict(data.data), fitted.predict_proba(data.data))
    ]
    checked = [(SPECIES.name, None), *((f"Probability_{v}", "1e-6") for v in SPECIES.values)]
    pmml.verification(model, names, checked, expected[::10])
    right = fitted.score(data.data, data.target)
    print(f"iris: accuracy {right:.3f} on the data it was trained on, {writer.count} nodes")
    return root


def draw_payments(count, seed):
    """Payments whose risk grows with odd hours, distance, haste, new accounts and some merchants."""
    random = np.random.default_rng(seed)
    rows, labels = [], []
    for _ in range(count):
        row = {
            "Amount": round(float(min(random.lognormal(3.4, 1.2), 9e4)), 2),
            "Hour": int((random.normal(14, 5)) % 24),
            "Distance": round(float(min(random.lognormal(1.8, 1.7), 2e4)), 2),
            "Payments_Last_Day": int(random.poisson(2.2)),
            "Account_Age": int(random.gamma(2, 600)),
            "Channel": str(random.choice(PAYMENT[5].values, p=[0.3, 0.35, 0.3, 0.05])),
            "Merchant": str(random.choice(PAYMENT[6].values, p=[0.15, 0.45, 0.2, 0.04, 0.04, 0.12])),
        }
        risk = -7.0 + 0.75 * np.log1p(row["Amount"]) + 0.45 * np.log1p(row["Distance"])
        risk += 1.4 * (row["Hour"] < 5) + 0.5 * max(0, row["Payments_Last_Day"] - 3)
        risk += (
            1.5 * (row["Account_Age"] < 90)
            + 1.2 * (row["Channel"] == "online")
            + 2.0 * (row["Channel"] == "stripe")
        )
        risk += 1.5 * (row["Merchant"] in ("gambling", "jewellery")) + 0.7 * (
            row["Merchant"] == "electronics"
        )
        rows.append(row)
        labels.append(int(random.random() < 1 / (1 + np.exp(-2.5 * risk))))
    return rows, np.array(labels)


def write_boosted_sum(segment, fitted, names):
    """The sum of the trees' scores, as the field `log_odds` for the segment that follows."""
    model = SubElement(segment, "MiningModel", {"functionName": "regression"})
    pmml.mining_schema(model, None, names)
    output = SubElement(model, "Output")
    SubElement(
        output,
        "OutputField",
        {
            "name": "log_odds",
            "optype": "continuous",
            "dataType": "double",
            "feature": "predictedValue",
            "isFinalResult": "false",
        },
    )
    trees = SubElement(model, "Segmentation", {"multipleModelMethod": "sum"})
    for index, tree in enumerate(fitted.estimators_[:, 0]):
        member = SubElement(trees, "Segment", {"id": f"tree-{index + 1}"})
        SubElement(member, "True")
        element = SubElement(
            member,
            "TreeModel",
            {
                "functionName": "regression",
                "splitCharacteristic": "binarySplit",
                "missingValueStrategy": "defaultChild",
            },
        )
        listed = {pmml.columns(PAYMENT)[column][0].name for column in tree.tree_.feature if column >= 0}
        pmml.mining_schema(element, None, [n for n in names if n in listed])

        def score(node_element, node, values=tree.tree_.value):
            node_element.set("score", repr(float(values[node][0][0]) * fitted.learning_rate))

        pmml.TreeWriter(tree.tree_, PAYMENT).write(element, 0, ("True", {}), score)


def write_logit(segment, start):
    """Log-odds plus the ensemble's starting value, to the probabilities of both classes."""
    model = SubElement(
        segment, "RegressionModel", {"functionName": "classification", "normalizationMethod": "logit"}
    )
    pmml.mining_schema(model, FRAUD.name, ["log_odds"])
    table = SubElement(model, "RegressionTable", {"intercept": repr(start), "targetCategory": "yes"})
    SubElement(table, "NumericPredictor", {"name": "log_odds", "coefficient": "1.0"})
    SubElement(model, "RegressionTable", {"intercept": "0.0", "targetCategory": "no"})


def payments():
    rows, labels = draw_payments(12000, seed=7)
    matrix = np.array([pmml.encode(PAYMENT, row) for row in rows])
    fit_x, test_x, fit_y, test_y, _, test_rows = train_test_split(
        matrix, labels, rows, test_size=0.25, random_state=1
    )
    fitted = GradientBoostingClassifier(
        n_estimators=120, max_depth=4, learning_rate=0.1, subsample=0.7, min_samples_leaf=10, random_state=1
    )
    fitted.fit(fit_x, fit_y)
    start = float(fitted._raw_predict_init(fit_x[:1])[0, 0])
    names = [f.name for f in PAYMENT]
    root = pmml.document("Fraudulent card payments by gradient boosting, on drawn data", "1", FRAUD, PAYMENT)
    model = SubElement(
        root,
        "MiningModel",
        {"modelName": "payments", "functionName": "classification", "algorithmName": "gradient boosting"},
    )
    pmml.mining_schema(model, FRAUD.name, names)
    pmml.probability_outputs(model, FRAUD.values)
    chain = SubElement(model, "Segmentation", {"multipleModelMethod": "modelChain"})
    for index in (1, 2):
        segment = SubElement(chain, "Segment", {"id": str(index)})
        SubElement(segment, "True")
        write_boosted_sum(segment, fitted, names) if index == 1 else write_logit(segment, start)
    scores = fitted.predict_proba(test_x)[:, 1]
    expected = [
        row | {"Fraud": FRAUD.values[int(p > 0.5)], "Probability_no": repr(1 - p), "Probability_yes": repr(p)}
        for row, p in zip(test_rows, map(float, scores))
    ]
    checked = [("Fraud", None), ("Probability_no", "1e-6"), ("Probability_yes", "1e-6")]
    pmml.verification(model, names, checked, expected[:20])
    right = float(((scores > 0.5) == test_y).mean())
    print(
        f"payments: {labels.mean():.3f} fraudulent, accuracy {right:.3f} on {len(test_y)} held-out payments"
    )
    return root


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="model repository to write to")
    options = parser.parse_args()
    pmml.save(iris(), options.folder / "iris" / "1" / "model.pmml")
    pmml.save(payments(), options.folder / "payments" / "1" / "model.pmml")


if __name__ == "__main__":
    main()
