from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

PUBLIC, PROBE = "Policy:S3/BucketAnonymousAccessGranted", "Recon:EC2/PortProbeUnprotectedPort"


@pytest.fixture
def guardduty(aws: Callable[..., Any]) -> Any:
    return aws("guardduty")


@pytest.fixture
def detector(guardduty: Any) -> str:
    """A detector with samples of a severe and a mild finding."""
    made = str(guardduty.create_detector(Enable=True)["DetectorId"])
    guardduty.create_sample_findings(DetectorId=made, FindingTypes=[PUBLIC, PROBE])
    return made


def kinds(guardduty: Any, detector: str, **criterion: Any) -> list[str]:
    asked = {"FindingCriteria": {"Criterion": criterion}} if criterion else {}
    ids = guardduty.list_findings(DetectorId=detector, **asked)["FindingIds"]
    return [one["Type"] for one in guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]]


def test_a_detector_has_its_features(guardduty: Any, detector: str, refused: Callable[..., str]) -> None:
    features = {one["Name"]: one["Status"] for one in guardduty.get_detector(DetectorId=detector)["Features"]}
    assert (features["S3_DATA_EVENTS"], features["RUNTIME_MONITORING"]) == ("ENABLED", "DISABLED")
    off = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    guardduty.update_detector(DetectorId=detector, Features=off, Enable=False)
    found = guardduty.get_detector(DetectorId=detector)
    features = {one["Name"]: one["Status"] for one in found["Features"]}
    assert (features["S3_DATA_EVENTS"], features["EKS_AUDIT_LOGS"]) == ("DISABLED", "ENABLED")
    assert found["Status"] == "DISABLED"
    assert refused(guardduty.create_detector, Enable=True) == "BadRequestException"
    guardduty.delete_detector(DetectorId=detector)
    assert refused(guardduty.list_findings, DetectorId=detector) == "BadRequestException"
    assert guardduty.create_detector(Enable=True)["DetectorId"] != detector


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ({}, [PUBLIC, PROBE]),
        ({"severity": {"Gte": 7}}, [PUBLIC]),
        ({"severity": {"LessThan": 4}}, [PROBE]),
        ({"type": {"Eq": [PROBE]}}, [PROBE]),
        ({"type": {"Neq": [PROBE]}}, [PUBLIC]),
        ({"resource.resourceType": {"Equals": ["S3Bucket"]}}, [PUBLIC]),
        ({"service.archived": {"Eq": ["true"]}}, []),
        ({"updatedAt": {"GreaterThan": 4_000_000_000_000}}, []),
    ],
)
def test_criteria(guardduty: Any, detector: str, criterion: dict[str, Any], expected: list[str]) -> None:
    assert kinds(guardduty, detector, **criterion) == expected


def test_findings_are_archived_judged_and_counted(guardduty: Any, detector: str, refused: Callable[..., str]) -> None:
    sorting = {"AttributeName": "severity", "OrderBy": "DESC"}
    ids = guardduty.list_findings(DetectorId=detector, SortCriteria=sorting)["FindingIds"]
    guardduty.archive_findings(DetectorId=detector, FindingIds=ids[:1])
    assert kinds(guardduty, detector, **{"service.archived": {"Eq": ["false"]}}) == [PROBE]
    guardduty.unarchive_findings(DetectorId=detector, FindingIds=ids)
    guardduty.update_findings_feedback(DetectorId=detector, FindingIds=ids, Feedback="USEFUL")
    guardduty.create_sample_findings(DetectorId=detector, FindingTypes=[PUBLIC])
    [found] = guardduty.get_findings(DetectorId=detector, FindingIds=ids[:1])["Findings"]
    assert found["Title"].startswith("[SAMPLE]")
    assert (found["Service"]["Count"], found["Service"]["UserFeedback"]) == (2, "USEFUL")
    counted = guardduty.get_findings_statistics(DetectorId=detector, FindingStatisticTypes=["COUNT_BY_SEVERITY"])
    assert counted["FindingStatistics"]["CountBySeverity"] == {"8.0": 1, "2.0": 1}
    first = guardduty.list_findings(DetectorId=detector, MaxResults=1)
    rest = guardduty.list_findings(DetectorId=detector, NextToken=first["NextToken"])
    assert len(rest["FindingIds"]) == 1
    guardduty.create_sample_findings(DetectorId=detector)
    assert len(kinds(guardduty, detector)) > 10
    wrong = {"DetectorId": detector, "FindingTypes": ["nonsense"]}
    assert refused(guardduty.create_sample_findings, **wrong) == "BadRequestException"
