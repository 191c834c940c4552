"""GuardDuty: sample findings, and what is done with findings.

moto takes any number of detectors where AWS has one in a Region, and says that a new one has no features, where AWS
turns its protection plans on.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from readiness.emulator.call import Call, Coded, Elsewhere, Item
from readiness.emulator.door import Extension
from readiness.emulator.pages import page

SERVICE = "guardduty"
ALWAYS = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
"""What every detector looks at."""
PLANS = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")
"""Protection plans that are on where nobody said otherwise."""
OPTIONS = ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")
"""Those that are off."""
SEVERITIES = {
    "Backdoor:EC2/C&CActivity.B!DNS": 8.0,
    "CryptoCurrency:EC2/BitcoinTool.B!DNS": 8.0,
    "Discovery:S3/MaliciousIPCaller": 8.0,
    "Exfiltration:S3/AnomalousBehavior": 8.0,
    "Impact:EC2/WinRMBruteForce": 2.0,
    "Policy:IAMUser/RootCredentialUsage": 2.0,
    "Policy:S3/BucketAnonymousAccessGranted": 8.0,
    "Recon:EC2/PortProbeUnprotectedPort": 2.0,
    "Stealth:IAMUser/CloudTrailLoggingDisabled": 2.0,
    "Trojan:EC2/DNSDataExfiltration": 8.0,
    "UnauthorizedAccess:EC2/SSHBruteForce": 2.0,
    "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS": 8.0,
}
"""Types of findings of which there are samples where nobody says which, with their severities."""
RESOURCES = {
    "EC2": "Instance",
    "IAMUser": "AccessKey",
    "Kubernetes": "EKSCluster",
    "Lambda": "Lambda",
    "S3": "S3Bucket",
}
"""The part of a type that says what it is about -> the type of the resource."""


def _create(call: Call) -> Item:
    if call.backend(SERVICE).detectors:
        message = "The request is rejected because a detector already exists for the current account."
        raise Coded("BadRequestException", message)
    raise Elsewhere


def _complete(call: Call) -> None:
    """All features of a detector are told, with those that were set as they were set."""
    for detector in call.backend(SERVICE).detectors.values():
        told = {one["name"]: one for one in detector.features}
        for name in (*ALWAYS, *PLANS, *OPTIONS):
            told.setdefault(name, {"name": name, "status": "DISABLED" if name in OPTIONS else "ENABLED"})
        detector.features = list(told.values())


def _update(call: Call) -> Item:
    """Moto takes the features that are set for all; the others stay as they are."""
    detector = _detector(call)
    features = {one["name"]: one for one in detector.features}
    for one in call.parameters.get("Features", []):
        features[one["Name"]] = {"name": one["Name"], "status": one["Status"]}
    detector.features = list(features.values())
    if "Enable" in call.parameters:
        detector.enabled = call.parameters["Enable"]
    if "FindingPublishingFrequency" in call.parameters:
        detector.finding_publish_freq = call.parameters["FindingPublishingFrequency"]
    if "DataSources" in call.parameters:
        raise Elsewhere
    detector.updated_at = utcnow()
    return {}


def _detector(call: Call) -> Any:
    found = call.backend(SERVICE).detectors.get(call.parameters["DetectorId"])
    if found is None:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise Coded("BadRequestException", message)
    return found


def _delete(call: Call) -> Item:
    """With a detector go its findings."""
    call.table("Finding").clear()
    del call.backend(SERVICE).detectors[_detector(call).id]
    return {}


def _sample(call: Call) -> None:
    """A sample of each type; one that there is already is counted once more."""
    detector = _detector(call)
    kept = call.table("Finding")
    for kind in call.parameters.get("FindingTypes") or SEVERITIES:
        found = re.fullmatch(r"\w+:(\w+)/[\w.!&-]+", kind)
        if found is None:
            raise Coded("BadRequestException", f"The request is rejected because {kind} is not a type of finding.")
        now = utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        finding = next((one for one in kept.values() if one["Type"] == kind), None)
        if finding is None:
            finding = _finding(call, detector.id, kind, RESOURCES.get(found[1], "Instance"), now)
            kept[finding["Id"]] = finding
        else:
            finding["Service"]["Count"] += 1
        finding["UpdatedAt"] = finding["Service"]["EventLastSeen"] = now


def _finding(call: Call, detector: str, kind: str, resource: str, now: str) -> Item:
    identity = mock_random.get_random_hex(length=32)
    return {
        "SchemaVersion": "2.0",
        "AccountId": call.account,
        "Region": call.region,
        "Partition": call.partition,
        "Id": identity,
        "Arn": call.arn(f"detector/{detector}/finding/{identity}"),
        "Type": kind,
        "Title": f"[SAMPLE] {kind}",
        "Description": f"A sample of {kind}.",
        "Severity": SEVERITIES.get(kind, 5.0),
        "CreatedAt": now,
        "UpdatedAt": now,
        "Resource": {"ResourceType": resource},
        "Service": {
            "ServiceName": "guardduty",
            "DetectorId": detector,
            "Archived": False,
            "Count": 1,
            "EventFirstSeen": now,
            "EventLastSeen": now,
            "ResourceRole": "TARGET",
            "AdditionalInfo": {"Value": '{"sample":true}', "Type": "default"},
        },
    }


def _value(finding: Item, path: str) -> Any:
    """A part of a finding by its path, `service.archived`."""
    found: Any = finding
    for name in path.split("."):
        found = found.get(name[0].upper() + name[1:]) if isinstance(found, dict) else None
    return found


def _meets(finding: Item, criteria: Item) -> bool:
    for path, test in criteria.get("Criterion", {}).items():
        value = _value(finding, path)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        for how, expected in test.items():
            how = how.lower()
            if how in ("eq", "equals", "neq", "notequals"):
                if (text in expected) != (how in ("eq", "equals")):
                    return False
            elif not _compared(value, how, expected):
                return False
    return True


def _compared(value: Any, how: str, expected: float) -> bool:
    """Numbers as they are; times of findings as milliseconds since 1970, as the filters have them."""
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value).timestamp() * 1000
    if value is None:
        return False
    results: dict[str, bool] = {
        "gt": value > expected,
        "greaterthan": value > expected,
        "gte": value >= expected,
        "greaterthanorequal": value >= expected,
        "lt": value < expected,
        "lessthan": value < expected,
        "lte": value <= expected,
        "lessthanorequal": value <= expected,
    }
    return results.get(how, True)


def _sorted(found: list[Item], criteria: Item) -> list[Item]:
    by = criteria.get("AttributeName")
    if by:
        found.sort(key=lambda one: str(_value(one, by)), reverse=criteria.get("OrderBy", "ASC") == "DESC")
    return found


def _list(call: Call) -> Item:
    """The ids of the findings that meet the criteria."""
    _detector(call)
    criteria = call.parameters.get("FindingCriteria", {})
    found = [one for one in call.table("Finding").values() if _meets(one, criteria)]
    found = _sorted(found, call.parameters.get("SortCriteria", {}))
    return page(call, found, "Id", most=50)


def _named(call: Call) -> list[Item]:
    _detector(call)
    kept = call.table("Finding")
    return [kept[one] for one in call.parameters["FindingIds"] if one in kept]


def _get(call: Call) -> Item:
    return {"Findings": _sorted(_named(call), call.parameters.get("SortCriteria", {}))}


def _archive(call: Call) -> None:
    for finding in _named(call):
        finding["Service"]["Archived"] = call.operation == "ArchiveFindings"


def _judge(call: Call) -> None:
    for finding in _named(call):
        finding["Service"]["UserFeedback"] = call.parameters["Feedback"]


def _statistics(call: Call) -> Item:
    """How many findings there are of each severity."""
    _detector(call)
    criteria = call.parameters.get("FindingCriteria", {})
    counts: dict[str, int] = {}
    for finding in call.table("Finding").values():
        if _meets(finding, criteria):
            counts[str(finding["Severity"])] = counts.get(str(finding["Severity"]), 0) + 1
    return {"FindingStatistics": {"CountBySeverity": counts}}


EXTENSION = Extension(
    SERVICE,
    {
        "ArchiveFindings": _archive,
        "CreateDetector": _create,
        "CreateSampleFindings": _sample,
        "DeleteDetector": _delete,
        "GetFindings": _get,
        "GetFindingsStatistics": _statistics,
        "ListFindings": _list,
        "UnarchiveFindings": _archive,
        "UpdateDetector": _update,
        "UpdateFindingsFeedback": _judge,
    },
    after={"CreateDetector": _complete},
)
