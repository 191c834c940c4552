"""IAM Access Analyzer: analyzers, and findings that follow from what is in the account.

An analyzer of external access looks at the policies of roles, buckets, keys, topics and queues for whom they let in
from outside the account; one of unused access at roles, users' keys and passwords. Both look whenever they are asked:
what is no longer so is RESOLVED.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.exposure import external, unused
from readiness.emulator.pages import page
from readiness.emulator.references import uuid
from readiness.emulator.resources import Resource
from readiness.emulator.tagging import Tagging

SERVICE = "accessanalyzer"
UNUSED_AFTER = 90
"""After how many days without use something is unused, where an analyzer does not say otherwise."""
KEPT_CLOSED = datetime.timedelta(days=90)
"""How long a finding is kept that is resolved."""


def _create(call: Call, item: Item) -> None:
    """One analyzer of each type is what an account may have in a Region; unused access is looked for by age."""
    item["name"] = item["analyzerName"]
    if any(one["type"] == item["type"] for one in ANALYZERS.items(call).values()):
        raise Coded("ServiceQuotaExceededException", f"The account has an analyzer of type {item['type']} already.")
    if item["type"].startswith("ORGANIZATION") and not call.backend("organizations").org:
        raise Invalid("The account is not in an organization.")
    if item["type"].endswith("UNUSED_ACCESS"):
        item.setdefault("configuration", {}).setdefault("unusedAccess", {}).setdefault("unusedAccessAge", UNUSED_AFTER)
    item.setdefault("tags", {})
    now = utcnow()
    item["rules"] = {}
    for rule in item.pop("archiveRules", []):
        item["rules"][rule["ruleName"]] = {**rule, "createdAt": now, "updatedAt": now}


ANALYZERS = Resource(
    SERVICE,
    "Analyzer",
    "analyzerName",
    "analyzer/{}",
    arn_member="arn",
    status=("status", "ACTIVE"),
    created=_create,
)


def _list_analyzers(call: Call) -> Item:
    wanted = call.parameters.get("type")
    found = [one for one in ANALYZERS.items(call).values() if wanted in (None, one["type"])]
    for one in found:
        _look(call, one)
    return page(call, found)


def _delete_analyzer(call: Call) -> None:
    item = ANALYZERS.delete(call)
    call.table("Finding").pop(item["arn"], None)


def _analyzer(call: Call) -> Item:
    """The analyzer of an ARN."""
    arn = call.parameters["analyzerArn"]
    for one in ANALYZERS.items(call).values():
        if one["arn"] == arn:
            return one
    raise NotFound(f"Analyzer {arn} does not exist.")


def _look(call: Call, analyzer: Item) -> dict[str, Item]:
    """The findings of an analyzer by id, as the account is now."""
    kept: dict[str, Item] = call.table("Finding").setdefault(analyzer["arn"], {})
    now = utcnow()
    if analyzer["type"] in ("ACCOUNT", "ORGANIZATION"):
        seen = {_identity(found): found for found in external(call)}
    elif analyzer["type"].endswith("UNUSED_ACCESS"):
        age = datetime.timedelta(days=analyzer["configuration"]["unusedAccess"]["unusedAccessAge"])
        seen = {_identity(found): found for found in unused(call, now - age)}
    else:
        seen = {}
    known = {finding["identity"]: finding for finding in kept.values()}
    for identity, found in seen.items():
        finding = known.get(identity)
        if finding is None:
            finding = {"id": uuid(), "identity": identity, "status": "ACTIVE", "createdAt": now, "updatedAt": now}
            kept[finding["id"]] = finding
        if finding["status"] == "RESOLVED":
            finding |= {"status": "ACTIVE", "updatedAt": now}
        finding |= {**found, "analyzedAt": now, "resourceOwnerAccount": call.account}
        if finding["status"] == "ACTIVE" and any(_fits(finding, rule["filter"]) for rule in analyzer["rules"].values()):
            finding |= {"status": "ARCHIVED", "updatedAt": now}
    for identity, finding in known.items():
        if identity not in seen and finding["status"] != "RESOLVED":
            finding |= {"status": "RESOLVED", "updatedAt": now, "analyzedAt": now}
        if finding["status"] == "RESOLVED" and now - finding["updatedAt"] > KEPT_CLOSED:
            del kept[finding["id"]]
    if seen:
        last = list(seen.values())[-1]["resource"]
        analyzer |= {"lastResourceAnalyzed": last, "lastResourceAnalyzedAt": now}
    return kept


def _identity(found: Item) -> str:
    return json.dumps([found["resource"], found["findingType"], found["details"]], sort_keys=True, default=str)


def _fits(finding: Item, wanted: Item) -> bool:
    """Whether a finding meets the filter of a list or an archive rule."""
    details = finding["details"].get("externalAccessDetails", {})
    public = details.get("isPublic")
    values: dict[str, list[str]] = {
        "isPublic": [] if public is None else [str(public).lower()],
        "action": details.get("action", []),
        **{f"principal.{sort}": [name] for sort, name in details.get("principal", {}).items()},
        **{f"condition.{key}": [value] for key, value in details.get("condition", {}).items()},
    }
    for name, test in wanted.items():
        other = finding.get(name)
        found = values.get(name, [] if other is None else [str(other)])
        if not all(_met(found, how, expected) for how, expected in test.items()):
            return False
    return True


def _met(found: list[str], how: str, expected: Any) -> bool:
    if how == "exists":
        return bool(found) == bool(expected)
    if how == "contains":
        return any(part in value for part in expected for value in found)
    return any(value in expected for value in found) == (how == "eq")


def _list_findings(call: Call) -> Item:
    """The findings of an analyzer, newest first where nobody says otherwise."""
    analyzer = _analyzer(call)
    found = [one for one in _look(call, analyzer).values() if _fits(one, call.parameters.get("filter", {}))]
    sort = call.parameters.get("sort", {})
    by = sort.get("attributeName", "updatedAt")
    found.sort(key=lambda one: str(one.get(by, "")), reverse=sort.get("orderBy", "DESC") == "DESC")
    return page(call, [_summary(one) if call.operation == "ListFindings" else one for one in found])


def _summary(finding: Item) -> Item:
    """A finding as the first version of the API has it."""
    return {"condition": {}, **finding, **finding["details"].get("externalAccessDetails", {})}


def _finding(call: Call) -> Item:
    found = _look(call, _analyzer(call)).get(call.parameters["id"])
    if found is None:
        raise NotFound(f"Finding {call.parameters['id']} does not exist.")
    return found


def _get_v2(call: Call) -> Item:
    finding = _finding(call)
    return {**finding, "findingDetails": [finding["details"]]}


def _get(call: Call) -> Item:
    summary = _summary(_finding(call))
    return {
        "finding": {
            name: value for name, value in summary.items() if name not in ("identity", "details", "findingType")
        }
    }


def _update_findings(call: Call) -> None:
    """Archive findings, or take them back."""
    kept = _look(call, _analyzer(call))
    ids, arn = call.parameters.get("ids"), call.parameters.get("resourceArn")
    if (ids is None) == (arn is None):
        raise Invalid("Either ids or resourceArn must be given.")
    for missing in (one for one in ids or () if one not in kept):
        raise NotFound(f"Finding {missing} does not exist.")
    for finding in kept.values():
        if finding["id"] in (ids or ()) or finding["resource"] == arn:
            if finding["status"] == "RESOLVED":
                raise Invalid(f"Finding {finding['id']} is resolved.")
            finding |= {"status": call.parameters["status"], "updatedAt": utcnow()}


def _scan(call: Call) -> None:
    _look(call, _analyzer(call))


def _rules(call: Call) -> dict[str, Item]:
    rules: dict[str, Item] = ANALYZERS.find(call)["rules"]
    return rules


def _create_rule(call: Call) -> None:
    rules, name = _rules(call), call.parameters["ruleName"]
    if name in rules:
        raise InUse(f"Archive rule {name} already exists.")
    now = utcnow()
    rules[name] = {"ruleName": name, "filter": call.parameters["filter"], "createdAt": now, "updatedAt": now}


def _rule(call: Call) -> Item:
    found = _rules(call).get(call.parameters["ruleName"])
    if found is None:
        raise NotFound(f"Archive rule {call.parameters['ruleName']} does not exist.")
    return found


def _get_rule(call: Call) -> Item:
    return {"archiveRule": _rule(call)}


def _update_rule(call: Call) -> None:
    _rule(call).update(filter=call.parameters["filter"], updatedAt=utcnow())


def _delete_rule(call: Call) -> None:
    del _rules(call)[_rule(call)["ruleName"]]


def _list_rules(call: Call) -> Item:
    return page(call, _rules(call).values())


def _apply_rule(call: Call) -> None:
    """What a rule is about is archived whenever it is looked at."""
    analyzer = _analyzer(call)
    if call.parameters["ruleName"] not in analyzer["rules"]:
        raise NotFound(f"Archive rule {call.parameters['ruleName']} does not exist.")
    _look(call, analyzer)


EXTENSION = Extension(
    SERVICE,
    {
        **ANALYZERS.handlers(),
        **Tagging(SERVICE, {"Analyzer": "arn"}).handlers(),
        "ApplyArchiveRule": _apply_rule,
        "CreateArchiveRule": _create_rule,
        "DeleteAnalyzer": _delete_analyzer,
        "DeleteArchiveRule": _delete_rule,
        "GetArchiveRule": _get_rule,
        "GetFinding": _get,
        "GetFindingV2": _get_v2,
        "ListAnalyzers": _list_analyzers,
        "ListArchiveRules": _list_rules,
        "ListFindings": _list_findings,
        "ListFindingsV2": _list_findings,
        "StartResourceScan": _scan,
        "UpdateArchiveRule": _update_rule,
        "UpdateFindings": _update_findings,
    },
)
