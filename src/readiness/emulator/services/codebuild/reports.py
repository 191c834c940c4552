"""Report groups, and the reports that builds leave in them."""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.services.codebuild.projects import batch, ordered

SERVICE = "codebuild"
COVERAGE = {"CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV"}
"""The formats of files that tell what of the code the tests ran through; all others tell the results of tests."""
KEPT = datetime.timedelta(days=30)
TEST = re.compile(rb"^\s*(?:async\s+)?def test_|^\s*(?:it|test)\(", re.MULTILINE)
"""How a test begins, in Python and in JavaScript."""

Files = dict[str, bytes]


def _groups(call: Call) -> dict[str, Item]:
    return call.table("ReportGroup", SERVICE)


def _reports(call: Call) -> dict[str, Item]:
    return call.table("Report", SERVICE)


def _group(call: Call, arn: str) -> Item:
    if arn not in _groups(call):
        raise NotFound(f"Report group {arn} does not exist.")
    return _groups(call)[arn]


def _add_group(call: Call, name: str, kind: str, export: Item, tags: list[Item]) -> Item:
    now = utcnow()
    arn = call.arn(f"report-group/{name}", service=SERVICE)
    _groups(call)[arn] = {
        "arn": arn,
        "name": name,
        "type": kind,
        "exportConfig": export,
        "created": now,
        "lastModified": now,
        "tags": tags,
        "status": "ACTIVE",
    }
    return _groups(call)[arn]


def _create_group(call: Call) -> Item:
    told = call.parameters
    arn = call.arn(f"report-group/{told['name']}")
    if arn in _groups(call):
        raise InUse(f"Report group {told['name']} already exists.")
    return _add_group(call, told["name"], told["type"], told["exportConfig"], told.get("tags", []))


def _update_group(call: Call) -> Item:
    group = _group(call, call.parameters["arn"])
    group |= {name: call.parameters[name] for name in ("exportConfig", "tags") if name in call.parameters}
    group["lastModified"] = utcnow()
    return group


def _delete_group(call: Call) -> None:
    arn = call.parameters["arn"]
    inside = [report for report in _reports(call).values() if report["reportGroupArn"] == arn]
    if inside and not call.parameters.get("deleteReports"):
        raise Invalid(f"Report group {arn} still has reports.")
    for report in inside:
        del _reports(call)[report["arn"]]
    _groups(call).pop(arn, None)


def _list_groups(call: Call) -> Item:
    return ordered(call, _groups(call).values(), "arn")


def _batch_get_groups(call: Call) -> Item:
    return batch(call, _groups(call).values(), call.parameters["reportGroupArns"], ("arn",), "reportGroups")


def _list(call: Call) -> Item:
    """The newest first, where nobody wants it otherwise."""
    wanted = call.parameters.get("filter", {}).get("status")
    group = call.parameters.get("reportGroupArn")
    if group:
        _group(call, group)
    found = [
        report
        for report in _reports(call).values()
        if group in (None, report["reportGroupArn"]) and wanted in (None, report["status"])
    ]
    return ordered(call, found, "arn", SortOrder=call.parameters.get("sortOrder", "DESCENDING").capitalize())


def _batch_get(call: Call) -> Item:
    return batch(call, _reports(call).values(), call.parameters["reportArns"], ("arn",), "reports")


def _delete(call: Call) -> None:
    _reports(call).pop(call.parameters["arn"], None)


def report(call: Call, build: Item, spec: dict[str, Any], files: Files | None, passed: bool) -> list[str]:
    """What a build leaves by the `reports` of its buildspec: gives the ARNs.

    The tests are counted where the source is known; of a source that lies elsewhere their number is made of what the
    report is called, the same for every build of the project.

    Args:
        call: the call that started the build.
        build: the build.
        spec: its buildspec.
        files: its source, where it is known.
        passed: whether the commands of the build succeeded; if not, one test did not either.
    """
    arns = []
    for name, told in spec.get("reports", {}).items():
        told = told or {}
        kind = "CODE_COVERAGE" if told.get("file-format") in COVERAGE else "TEST"
        given = name.startswith("arn:")
        arn = name if given else call.arn(f"report-group/{build['projectName']}-{name}", service=SERVICE)
        group = _groups(call).get(arn)
        if group is None and given:
            continue
        group = group or _add_group(call, arn.partition("/")[2], kind, {"exportConfigType": "NO_EXPORT"}, [])
        made = {
            "arn": call.arn(f"report/{group['name']}:{uuid()}", service=SERVICE),
            "type": group["type"],
            "name": f"{group['name']}:{build['buildNumber']}",
            "reportGroupArn": arn,
            "executionId": build["arn"],
            "status": "SUCCEEDED" if passed else "FAILED",
            "created": build["startTime"],
            "expired": build["startTime"] + KEPT,
            "exportConfig": group["exportConfig"],
            "truncated": False,
            **(_tested(arn, files, passed) if group["type"] == "TEST" else _covered(arn, files)),
        }
        _reports(call)[made["arn"]] = made
        arns.append(made["arn"])
    return arns


def _drawn(arn: str, least: int, most: int) -> int:
    """A number that is the same for the same group."""
    return least + int(hashlib.sha256(arn.encode()).hexdigest(), 16) % (most - least + 1)


def _tested(arn: str, files: Files | None, passed: bool) -> Item:
    total = sum(len(TEST.findall(content)) for content in files.values()) if files else _drawn(arn, 5, 40)
    failed = 0 if passed or not total else 1
    counts = {"SUCCEEDED": total - failed, "FAILED": failed, "ERROR": 0, "SKIPPED": 0, "UNKNOWN": 0}
    summary = {"total": total, "statusCounts": counts, "durationInNanoSeconds": total * 50_000_000}
    return {"testSummary": summary}


def _covered(arn: str, files: Files | None) -> Item:
    lines = sum(content.count(b"\n") + 1 for content in files.values()) if files else _drawn(arn, 200, 2000)
    covered = lines * _drawn(arn, 60, 95) // 100
    branches = lines // 8
    taken = branches * _drawn(arn, 60, 95) // 100
    return {
        "codeCoverageSummary": {
            "lineCoveragePercentage": 100.0 * covered / lines,
            "linesCovered": covered,
            "linesMissed": lines - covered,
            "branchCoveragePercentage": 100.0 * taken / branches if branches else 0.0,
            "branchesCovered": taken,
            "branchesMissed": branches - taken,
        }
    }


EXTENSION = Extension(
    SERVICE,
    {
        "CreateReportGroup": _create_group,
        "UpdateReportGroup": _update_group,
        "DeleteReportGroup": _delete_group,
        "ListReportGroups": _list_groups,
        "BatchGetReportGroups": _batch_get_groups,
        "ListReports": _list,
        "ListReportsForReportGroup": _list,
        "BatchGetReports": _batch_get,
        "DeleteReport": _delete,
    },
)
