"""Security Hub: standards, and findings as AWS keeps and filters them.

moto enables no standard, takes a second enabling, and answers GetFindings with all findings whatever the filters, even
where the hub is off. A standard is READY only where Config records; without, AWS says that it is INCOMPLETE.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Item
from readiness.emulator.door import Extension
from readiness.emulator.pages import page

SERVICE = "securityhub"
BY_DEFAULT = ("aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.2.0")
"""What is enabled with the hub."""
STANDARDS = {
    "ai-security-best-practices/v/1.0.0": "AI Security Best Practices",
    "aws-foundational-security-best-practices/v/1.0.0": "AWS Foundational Security Best Practices v1.0.0",
    "aws-resource-tagging-standard/v/1.0.0": "AWS Resource Tagging Standard v1.0.0",
    "cis-aws-foundations-benchmark/v/1.2.0": "CIS AWS Foundations Benchmark v1.2.0",
    "cis-aws-foundations-benchmark/v/1.4.0": "CIS AWS Foundations Benchmark v1.4.0",
    "cis-aws-foundations-benchmark/v/3.0.0": "CIS AWS Foundations Benchmark v3.0.0",
    "nist-800-53/v/5.0.0": "NIST Special Publication 800-53 Revision 5",
    "pci-dss/v/3.2.1": "PCI DSS v3.2.1",
    "pci-dss/v/4.0.1": "PCI DSS v4.0.1",
}
RULESETS = ("cis-aws-foundations-benchmark/v/1.2.0",)
"""Standards whose ARN is of the older form, without a Region."""
MEMBERS = {
    "SeverityLabel": "Severity.Label",
    "SeverityNormalized": "Severity.Normalized",
    "SeverityProduct": "Severity.Product",
    "WorkflowStatus": "Workflow.Status",
    "ComplianceStatus": "Compliance.Status",
    "ComplianceSecurityControlId": "Compliance.SecurityControlId",
    "ResourceId": "Resources.Id",
    "ResourceType": "Resources.Type",
    "ResourcePartition": "Resources.Partition",
    "ResourceRegion": "Resources.Region",
    "Type": "Types",
    "NoteText": "Note.Text",
    "NoteUpdatedBy": "Note.UpdatedBy",
    "RecommendationText": "Remediation.Recommendation.Text",
}
"""Filters -> the parts of a finding that they are about, where these are called otherwise."""


def _hub(call: Call) -> Any:
    """Moto's hub, which must be on."""
    backend = call.backend(SERVICE)
    if not backend.enabled:
        raise Coded("InvalidAccessException", f"Account {call.account} is not subscribed to AWS Security Hub")
    return backend


def _enable(call: Call) -> Item:
    if call.backend(SERVICE).enabled:
        raise Coded("ResourceConflictException", "Account is already subscribed to Security Hub")
    raise Elsewhere


def _with_standards(call: Call) -> None:
    if call.parameters.get("EnableDefaultStandards", True):
        for standard in BY_DEFAULT:
            _subscribe(call, _arn(call, standard), {})


def _without(call: Call) -> None:
    call.table("StandardsSubscription").clear()


def _arn(call: Call, standard: str) -> str:
    if standard in RULESETS:
        return f"arn:{call.partition}:securityhub:::ruleset/{standard}"
    return f"arn:{call.partition}:securityhub:{call.region}::standards/{standard}"


def _subscribe(call: Call, arn: str, given: dict[str, str]) -> Item:
    subscription = call.arn(f"subscription/{arn.partition('/')[2]}")
    kept = call.table("StandardsSubscription")
    item = {"StandardsSubscriptionArn": subscription, "StandardsArn": arn, "StandardsInput": given}
    return kept.setdefault(subscription, item)


def _told(call: Call, item: Item) -> Item:
    """A subscription with its state: controls have no data where Config does not record."""
    recorder = call.backend("config").recorders.values()
    if any(one.status.recording for one in recorder):
        return {**item, "StandardsStatus": "READY", "StandardsControlsUpdatable": "READY_FOR_UPDATES"}
    reason = {"StatusReasonCode": "NO_AVAILABLE_CONFIGURATION_RECORDER"}
    return {
        **item,
        "StandardsStatus": "INCOMPLETE",
        "StandardsControlsUpdatable": "READY_FOR_UPDATES",
        "StandardsStatusReason": reason,
    }


def _enabled(call: Call) -> Item:
    _hub(call)
    wanted = call.parameters.get("StandardsSubscriptionArns")
    kept = call.table("StandardsSubscription")
    for missing in (one for one in wanted or () if one not in kept):
        raise Coded("InvalidInputException", f"The standard {missing} is not enabled.")
    return page(call, [_told(call, one) for arn, one in kept.items() if not wanted or arn in wanted])


def _batch_enable(call: Call) -> Item:
    _hub(call)
    known = {_arn(call, standard) for standard in STANDARDS}
    requests = call.parameters["StandardsSubscriptionRequests"]
    for request in requests:
        if request["StandardsArn"] not in known:
            raise Coded("InvalidInputException", f"Invalid parameter StandardsArn: {request['StandardsArn']}")
    made = [_subscribe(call, one["StandardsArn"], one.get("StandardsInput", {})) for one in requests]
    return {"StandardsSubscriptions": [{**one, "StandardsStatus": "PENDING"} for one in made]}


def _batch_disable(call: Call) -> Item:
    _hub(call)
    kept = call.table("StandardsSubscription")
    arns = call.parameters["StandardsSubscriptionArns"]
    for arn in arns:
        if arn not in kept:
            raise Coded("InvalidInputException", f"The standard {arn} is not enabled.")
    return {"StandardsSubscriptions": [{**kept.pop(arn), "StandardsStatus": "DELETING"} for arn in arns]}


def _standards(call: Call) -> Item:
    _hub(call)
    found = [
        {"StandardsArn": _arn(call, one), "Name": name, "EnabledByDefault": one in BY_DEFAULT}
        for one, name in STANDARDS.items()
    ]
    return page(call, found)


def _import(call: Call) -> Item:
    _hub(call)
    raise Elsewhere


def _complete(call: Call) -> None:
    """What AWS adds to a finding: it is new, and active, unless it says otherwise."""
    for finding in call.backend(SERVICE).findings:
        finding.data.setdefault("RecordState", "ACTIVE")
        finding.data.setdefault("Workflow", {"Status": "NEW"})
        finding.data.setdefault("WorkflowState", "NEW")
        finding.data.setdefault("ProcessedAt", utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z"))


def _findings(call: Call) -> Item:
    """The findings that meet all filters, any of the values of each."""
    _complete(call)
    filters = call.parameters.get("Filters", {})
    found = [one.data for one in _hub(call).findings if _meets(one.data, filters)]
    for sort in reversed(call.parameters.get("SortCriteria", [])):
        path = MEMBERS.get(sort["Field"], sort["Field"])
        found.sort(key=functools.partial(_rank, path), reverse=sort.get("SortOrder") == "desc")
    return page(call, found)


def _rank(path: str, finding: Item) -> list[str]:
    return [str(value) for value in _values(finding, path)]


def _values(finding: Any, path: str) -> Iterator[Any]:
    """The parts of a finding by their path, of each item where there is a list."""
    name, _, rest = path.partition(".")
    found = finding.get(name) if isinstance(finding, dict) else None
    for value in found if isinstance(found, list) else [found]:
        if value is not None:
            yield from _values(value, rest) if rest else [value]


def _meets(finding: Item, filters: Item) -> bool:
    for name, tests in filters.items():
        values = list(_values(finding, MEMBERS.get(name, name)))
        wanted = [test for test in tests if not str(test.get("Comparison", "")).find("NOT") >= 0]
        unwanted = [test for test in tests if test not in wanted]
        if wanted and not any(_is(value, test) for value in values for test in wanted):
            return False
        if any(_is(value, test) for value in values for test in unwanted):
            return False
    return True


def _is(value: Any, test: Item) -> bool:
    """Whether a value meets a test, whose NOT is left to the caller."""
    if "DateRange" in test or "Start" in test or "End" in test:
        return _within(str(value), test)
    if "Value" not in test:
        bounds: dict[str, Any] = {
            "Gte": lambda bound: value >= bound,
            "Lte": lambda bound: value <= bound,
            "Eq": lambda bound: value == bound,
        }
        return all(bounds[name](bound) for name, bound in test.items())
    how, wanted = test.get("Comparison", "EQUALS").removeprefix("NOT_").removesuffix("_NOT_EQUALS"), test["Value"]
    if "Key" in test:
        return bool(isinstance(value, dict) and value.get(test["Key"]) == wanted)
    tests = {"PREFIX": str(value).startswith(wanted), "CONTAINS": wanted in str(value)}
    return bool(tests.get(how, str(value) == wanted))


def _within(value: str, test: Item) -> bool:
    moment = datetime.datetime.fromisoformat(value)
    if "DateRange" in test:
        now = datetime.datetime.now(datetime.UTC)
        return moment >= now - datetime.timedelta(days=test["DateRange"]["Value"])
    start, end = (datetime.datetime.fromisoformat(test[name]) if name in test else moment for name in ("Start", "End"))
    return start <= moment <= end


CHANGED = (
    *("Note", "Severity", "VerificationState", "Confidence", "Criticality", "Types", "UserDefinedFields"),
    *("Workflow", "RelatedFindings"),
)


def _batch_update(call: Call) -> Item:
    """Change what people may change of findings."""
    known = {one.id: one.data for one in _hub(call).findings}
    now = utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    done, failed = [], []
    for one in call.parameters["FindingIdentifiers"]:
        finding = known.get(one["Id"])
        if finding is None or finding.get("ProductArn") != one["ProductArn"]:
            error = {"ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"}
            failed.append({"FindingIdentifier": one, **error})
            continue
        given = {name: call.parameters[name] for name in CHANGED if name in call.parameters}
        if "Note" in given:
            given["Note"] = {**given["Note"], "UpdatedAt": now}
        finding |= {**given, "UpdatedAt": now}
        done.append(one)
    return {"ProcessedFindings": done, "UnprocessedFindings": failed}


EXTENSION = Extension(
    SERVICE,
    {
        "BatchDisableStandards": _batch_disable,
        "BatchEnableStandards": _batch_enable,
        "BatchImportFindings": _import,
        "BatchUpdateFindings": _batch_update,
        "DescribeStandards": _standards,
        "EnableSecurityHub": _enable,
        "GetEnabledStandards": _enabled,
        "GetFindings": _findings,
    },
    after={"EnableSecurityHub": _with_standards, "DisableSecurityHub": _without, "BatchImportFindings": _complete},
)
