"""Writes scikit-learn trees and gradient-boosted trees as PMML 4.4 (https://dmg.org/pmml/v4-4-1).

A model is described by its fields; a categorical field stands for one 0/1 column per value in the fitted
trees.
"""

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

NAMESPACE = "http://www.dmg.org/PMML-4_4"


@dataclass(frozen=True)
class Field:
    """An input or target: `values` for a categorical one, `low`...`high` (closed) for a continuous one."""

    name: str
    display: str
    type: str = "double"
    values: tuple = ()
    low: float | None = None
    high: float | None = None


def columns(fields):
    """What each fitted column stands for: (field, None) or (field, value)."""
    return [(f, value) for f in fields for value in (f.values or (None,))]


def encode(fields, row):
    """One record, by field name, as the fitted columns' numbers."""
    return [row[f.name] if value is None else float(row[f.name] == value) for f, value in columns(fields)]


def number(value):
    """Thresholds lie half-way between data of two decimals: four decimals hold them exactly."""
    return repr(round(float(value), 4))


def document(description, version, target, fields):
    root = Element("PMML", {"xmlns": NAMESPACE, "version": "4.4"})
    header = SubElement(root, "Header", {"description": description, "modelVersion": version})
    SubElement(header, "Application", {"name": "augur training/train_pmml.py", "version": "1"})
    dictionary = SubElement(root, "DataDictionary", {"numberOfFields": str(len(fields) + 1)})
    for field in [target, *fields]:
        attributes = {"name": field.name, "displayName": field.display, "dataType": field.type}
        attributes["optype"] = "categorical" if field.values else "continuous"
        element = SubElement(dictionary, "DataField", attributes)
        for value in field.values:
            SubElement(element, "Value", {"value": value})
        if field.low is not None:
            margins = {"leftMargin": repr(field.low), "rightMargin": repr(field.high)}
            SubElement(element, "Interval", {"closure": "closedClosed", **margins})
    return root


def mining_schema(model, target, names):
    schema = SubElement(model, "MiningSchema")
    if target:
        SubElement(schema, "MiningField", {"name": target, "usageType": "target"})
    for name in names:
        SubElement(schema, "MiningField", {"name": name})


def probability_outputs(model, values):
    output = SubElement(model, "Output")
    for value in values:
        SubElement(
            output,
            "OutputField",
            {
                "name": f"Probability_{value}",
                "optype": "continuous",
                "dataType": "double",
                "feature": "probability",
                "value": value,
            },
        )
    return output


class TreeWriter:
    """Writes one fitted tree; nodes are numbered from 1 in document order."""

    def __init__(self, tree, fields):
        self.tree, self.columns, self.count = tree, columns(fields), 0

    def write(self, parent, node, predicate, describe):
        """`describe(element, node)` adds the score."""
        self.count += 1
        element = SubElement(parent, "Node", {"id": str(self.count)})
        describe(element, node)
        kind, attributes = predicate
        SubElement(element, kind, attributes)
        self.after_predicate(element, node)
        left, right = self.tree.children_left[node], self.tree.children_right[node]
        if left >= 0:
            first = self.write(element, left, self.predicate(node, True), describe)
            second = self.write(element, right, self.predicate(node, False), describe)
            larger = self.tree.weighted_n_node_samples[left] >= self.tree.weighted_n_node_samples[right]
            element.set("defaultChild", first if larger else second)
        return element.get("id")

    def after_predicate(self, element, node):
        """A place for score distributions, which follow the predicate."""

    def predicate(self, node, left):
        field, value = self.columns[self.tree.feature[node]]
        if value is None:
            operator = "lessOrEqual" if left else "greaterThan"
            return "SimplePredicate", {
                "field": field.name,
                "operator": operator,
                "value": number(self.tree.threshold[node]),
            }
        operator = "notEqual" if left else "equal"
        return "SimplePredicate", {"field": field.name, "operator": operator, "value": value}


class ClassificationTreeWriter(TreeWriter):
    """Scores are the most frequent class; record counts follow."""

    def __init__(self, tree, fields, values):
        super().__init__(tree, fields)
        self.values = values

    def counts(self, node):
        shares = self.tree.value[node][0]
        return [round(float(s / shares.sum() * self.tree.weighted_n_node_samples[node])) for s in shares]

    def describe(self, element, node):
        counts = self.counts(node)
        element.set("score", self.values[counts.index(max(counts))])
        element.set("recordCount", str(sum(counts)))

    def after_predicate(self, element, node):
        for value, count in zip(self.values, self.counts(node)):
            SubElement(element, "ScoreDistribution", {"value": value, "recordCount": str(count)})


def verification(model, inputs, outputs, records):
    """Records that the server checks before it serves the model; `outputs` are (field, precision)."""
    element = SubElement(
        model,
        "ModelVerification",
        {"recordCount": str(len(records)), "fieldCount": str(len(inputs) + len(outputs))},
    )
    declared = SubElement(element, "VerificationFields")
    for name in inputs:
        SubElement(declared, "VerificationField", {"field": name, "column": name})
    for name, precision in outputs:
        attributes = {"field": name, "column": name}
        if precision:
            attributes |= {"precision": precision, "zeroThreshold": "1e-9"}
        SubElement(declared, "VerificationField", attributes)
    table = SubElement(element, "InlineTable")
    for record in records:
        row = SubElement(table, "row")
        for name in [*inputs, *(name for name, _ in outputs)]:
            SubElement(row, name).text = str(record[name])


def save(root, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.indent(root, "  ")
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
    )
