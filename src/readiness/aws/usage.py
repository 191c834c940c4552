"""CloudWatch's counts of API calls: what was used of services that keep nothing of it, for fifteen months."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

DAYS = 455
"""How long CloudWatch keeps a value."""
DAY = 86_400
"""In seconds: the period of a count."""

CALLS: dict[str, tuple[str, ...]] = {
    "Comprehend": (
        "ClassifyDocument",
        "ContainsPiiEntities",
        "DetectDominantLanguage",
        "DetectEntities",
        "DetectKeyPhrases",
        "DetectPiiEntities",
        "DetectSentiment",
    ),
    "Comprehend Medical": ("DetectEntitiesV2", "DetectPHI"),
    "Kendra": ("Query",),
    "Transcribe": ("StartCallAnalyticsJob", "StartMedicalTranscriptionJob", "StartTranscriptionJob"),
    "Transcribe Streaming": ("StartStreamTranscription",),
}
"""Service, as AWS/Usage calls it -> operations that are practice: those that list things a scan makes itself.

The services are those of "AWS usage metrics" in the User Guide of CloudWatch. It does not say that what is refused is
left out, so the start of a job shows no more than an attempt.
"""
SUCCESSES: dict[str, tuple[str, ...]] = {
    "Rekognition": (
        "CompareFaces",
        "DetectCustomLabels",
        "DetectFaces",
        "DetectLabels",
        "DetectModerationLabels",
        "DetectText",
        "IndexFaces",
        "RecognizeCelebrities",
        "SearchFacesByImage",
        "StartLabelDetection",
    ),
    "Textract": (
        "AnalyzeDocument",
        "AnalyzeExpense",
        "AnalyzeID",
        "DetectDocumentText",
        "StartDocumentAnalysis",
        "StartDocumentTextDetection",
    ),
    "Polly": ("StartSpeechSynthesisTask", "SynthesizeSpeech"),
    "Translate": ("StartTextTranslationJob", "TranslateDocument", "TranslateText"),
}
"""Service with a metric of its own, which counts what succeeded -> operations."""
METRICS = {
    "Polly": "RequestCharacters",
    "Rekognition": "SuccessfulRequestCount",
    "Textract": "SuccessfulRequestCount",
    "Translate": "SuccessfulRequestCount",
}
"""The name of that metric."""
UNREAD = frozenset({"Forbidden", "InternalError"})
"""How CloudWatch says that it gives no values, though there may be some."""


def _queries() -> Iterator[dict[str, Any]]:
    for service, operations in CALLS.items():
        for operation in operations:
            dimensions = {"Class": "None", "Resource": operation, "Service": service, "Type": "API"}
            yield _query(f"{service}/{operation}", "AWS/Usage", "CallCount", dimensions)
    for service, operations in SUCCESSES.items():
        for operation in operations:
            yield _query(f"{service}/{operation}", f"AWS/{service}", METRICS[service], {"Operation": operation})


def _query(label: str, namespace: str, name: str, dimensions: Mapping[str, str]) -> dict[str, Any]:
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()],
    }
    identity = "u_" + "".join(letter if letter.isalnum() else "_" for letter in label).lower()
    return {"Id": identity, "Label": label, "MetricStat": {"Metric": metric, "Period": DAY, "Stat": "Sum"}}


def _tells(series: Mapping[str, Any]) -> bool:
    return any(series.get("Values", ())) or series.get("StatusCode") in UNREAD


@resource(
    "cloudwatch",
    Call(
        operation="GetMetricData",
        give={
            "MetricDataQueries": list(_queries()),
            "StartTime": datetime.timedelta(days=DAYS),
            "EndTime": datetime.timedelta(0),
        },
        take="MetricDataResults[]",
    ),
    where=_tells,
)
class UsageSeries(Record):
    """Part of the counts by day of an operation; one call asks for those of all services at once."""

    label: str = ""
    status_code: Enumerated | None = None
    values: list[float] = []


class ApiUse(Record):
    """How often an operation of a service was called in fifteen months; for Polly, with how many characters."""

    service: str
    operation: str
    count: float

    @classmethod
    def derive(cls, series: list[UsageSeries]) -> Iterator[ApiUse]:
        """The days of each operation together.

        Raises:
            ValueError: CloudWatch could not tell of an operation, so that nobody knows whether it was called.
        """
        if unread := sorted(part.label for part in series if part.status_code in UNREAD):
            raise ValueError(unread[0])
        counts: collections.Counter[str] = collections.Counter()
        for part in series:
            counts[part.label] += sum(part.values)  # type: ignore[assignment]  # a Counter counts fractions, too
        for label, count in sorted(counts.items()):
            service, _, operation = label.partition("/")
            yield cls(service=service, operation=operation, count=count)


def used(uses: Iterable[ApiUse], service: str, *operations: str) -> list[ApiUse]:
    """What was used of a service, or of some of its operations."""
    return [use for use in uses if use.service == service and (not operations or use.operation in operations)]
