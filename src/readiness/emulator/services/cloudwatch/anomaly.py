"""CloudWatch: anomaly detectors."""

from __future__ import annotations

import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.pages import page
from readiness.emulator.references import uuid

SERVICE = "cloudwatch"
KINDS = {"SINGLE_METRIC": "SingleMetricAnomalyDetector", "METRIC_MATH": "MetricMathAnomalyDetector"}
GIVEN = ("Configuration", "MetricCharacteristics")
SINGLE = ("Namespace", "MetricName", "Dimensions", "Stat")
ENOUGH = datetime.timedelta(days=14)
"""For how long back a detector is trained with what a metric was."""


def _about(call: Call) -> Item:
    """What a detector looks at, in either of the two ways of saying it."""
    asked = call.parameters
    math, single = asked.get("MetricMathAnomalyDetector"), asked.get("SingleMetricAnomalyDetector")
    plain = {name: asked[name] for name in SINGLE if name in asked}
    if sum(map(bool, (math, single, plain))) != 1:
        raise Coded("InvalidParameterCombinationException", "Exactly one of a metric and metric math must be given.")
    if math:
        return {"MetricMathAnomalyDetector": math}
    metric = {"Dimensions": [], **(single or plain)}
    for name in ("Namespace", "MetricName", "Stat"):
        if name not in metric:
            raise Coded("MissingRequiredParameterException", f"The parameter {name} is required.")
    metric["Dimensions"] = sorted(metric["Dimensions"], key=lambda one: str(one["Name"]))
    return {"SingleMetricAnomalyDetector": metric}


def _find(call: Call, about: Item) -> Item | None:
    found = call.table("AnomalyDetector").values()
    return next((one for one in found if all(one.get(name) == value for name, value in about.items())), None)


def _put(call: Call) -> Item:
    """Make a detector of a metric, or change the one that it has."""
    about = _about(call)
    given = {name: value for name, value in call.parameters.items() if name in GIVEN}
    kept = _find(call, about)
    if kept is None:
        kept = {"AnomalyDetectorId": uuid(), **about}
        call.table("AnomalyDetector")[kept["AnomalyDetectorId"]] = kept
    kept.update(given)
    return {"AnomalyDetectorId": kept["AnomalyDetectorId"]}


def _delete(call: Call) -> None:
    wanted = call.parameters.get("AnomalyDetectorId")
    kept = call.table("AnomalyDetector").get(wanted) if wanted else _find(call, _about(call))
    if kept is None:
        raise Coded("ResourceNotFoundException", "The anomaly detector does not exist.")
    del call.table("AnomalyDetector")[kept["AnomalyDetectorId"]]


def _describe(call: Call) -> Item:
    """Those of a type, of single metrics where nobody says, by metric."""
    asked = call.parameters
    kinds = [KINDS[kind] for kind in asked.get("AnomalyDetectorTypes", ["SINGLE_METRIC"])]
    ids = asked.get("AnomalyDetectorIds")
    found = [
        _told(call, one)
        for one in call.table("AnomalyDetector").values()
        if any(kind in one for kind in kinds) and (not ids or one["AnomalyDetectorId"] in ids) and _meets(one, asked)
    ]
    return page(call, found, most=50)


def _meets(detector: Item, asked: Item) -> bool:
    metric = detector.get("SingleMetricAnomalyDetector", {})
    dimensions = metric.get("Dimensions", [])
    named = all(asked.get(name, metric.get(name)) == metric.get(name) for name in ("Namespace", "MetricName"))
    return named and all(one in dimensions for one in asked.get("Dimensions", []))


def _told(call: Call, detector: Item) -> Item:
    """A detector with its metric in both ways, and whether there was anything to train it with."""
    metric = detector.get("SingleMetricAnomalyDetector", {})
    state = "TRAINED" if not metric or _has_data(call, metric) else "TRAINED_INSUFFICIENT_DATA"
    return {**detector, **metric, "StateValue": state}


def _has_data(call: Call, metric: Item) -> bool:
    since = utcnow() - ENOUGH
    data: list[Any] = call.backend(SERVICE).metric_data
    return any(
        datum.filter(metric["Namespace"], metric["MetricName"], metric["Dimensions"])
        and datum.timestamp.replace(tzinfo=None) >= since.replace(tzinfo=None)
        for datum in data
    )


EXTENSION = Extension(
    SERVICE,
    {
        "DeleteAnomalyDetector": _delete,
        "DescribeAnomalyDetectors": _describe,
        "PutAnomalyDetector": _put,
    },
)
