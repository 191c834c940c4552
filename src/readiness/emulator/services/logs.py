"""CloudWatch Logs: saved queries, anomaly detectors, and queries that are listed whichever groups they read.

And what is masked in the logs: policies of data protection, of which moto knows nothing.

What moto says, and what AWS does: only the queries of one group are listed, all of them at once, in the order in which
they were made. All of them are where no group is asked for, the newest first, by pages.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, Handler, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, listed

SERVICE = "logs"
FEW = 1000
"""How many queries a page holds where nobody says."""


def _now() -> int:
    """The time in milliseconds, as Logs tells it."""
    return round(datetime.datetime.now(datetime.UTC).timestamp() * 1000)


def _groups(call: Call, names: list[str]) -> None:
    """Log groups that are named, or their ARNs, must be there."""
    known = call.backend("logs").groups
    for name in names:
        group = name.removesuffix(":*").rpartition("log-group:")[2]
        if group not in known:
            raise NotFound(f"The specified log group does not exist: {group}")


def _define(call: Call) -> Item:
    """Save a query, or another in its place."""
    definitions = call.table("QueryDefinition")
    key = call.parameters.get("queryDefinitionId") or str(uuid.uuid4())
    if "queryDefinitionId" in call.parameters and key not in definitions:
        raise NotFound(f"The query definition {key} does not exist.")
    _groups(call, call.parameters.get("logGroupNames", []))
    given = {name: value for name, value in call.parameters.items() if name != "clientToken"}
    definitions[key] = {"queryLanguage": "CWLI", **given, "queryDefinitionId": key, "lastModified": _now()}
    return definitions[key]


def _definitions(call: Call) -> Item:
    prefix = call.parameters.get("queryDefinitionNamePrefix", "")
    found = [item for item in call.table("QueryDefinition").values() if item["name"].startswith(prefix)]
    return listed(call, found, "queryDefinitionId", {"QueryLanguage": "queryLanguage"})


def _forget(call: Call) -> Item:
    key = call.parameters["queryDefinitionId"]
    if call.table("QueryDefinition").pop(key, None) is None:
        raise NotFound(f"The query definition {key} does not exist.")
    return {"success": True}


def _detect(call: Call, item: Item) -> None:
    """A detector learns from the log groups that it watches."""
    _groups(call, item["logGroupArnList"])
    item["anomalyDetectorArn"] = call.arn(f"anomaly-detector:{item['id']}")
    item.setdefault("detectorName", item["logGroupArnList"][0].removesuffix(":*").rpartition("log-group:")[2])
    item.setdefault("evaluationFrequency", "FIVE_MIN")
    item.setdefault("anomalyVisibilityTime", 21)
    item["anomalyDetectorStatus"] = "INITIALIZING"
    item["creationTimeStamp"] = item["lastModifiedTimeStamp"] = _now()


DETECTORS = Resource(
    SERVICE,
    "LogAnomalyDetector",
    "id",
    arn_member="anomalyDetectorArn",
    identity=lambda: str(uuid.uuid4()),
    created=_detect,
)


def _detectors(call: Call) -> Item:
    """Those that watch a group, or all."""
    wanted = call.parameters.get("filterLogGroupArn", "").removesuffix(":*")
    found = [
        item
        for item in DETECTORS.items(call).values()
        if not wanted or wanted in (arn.removesuffix(":*") for arn in item["logGroupArnList"])
    ]
    return listed(call, found, "id")


def _update(call: Call) -> None:
    """A detector is paused, goes on, or changes."""
    item = DETECTORS.find(call)
    item |= {name: value for name, value in call.parameters.items() if name in item or name == "filterPattern"}
    item["anomalyDetectorStatus"] = "ANALYZING" if call.parameters["enabled"] else "PAUSED"
    item["lastModifiedTimeStamp"] = _now()


def _queries(call: Call) -> Item:
    """The queries that were run, the newest first."""
    asked = call.parameters
    if "logGroupName" in asked:
        _groups(call, [asked["logGroupName"]])
    found = [
        {
            **query.to_json(asked.get("logGroupName") or (query.log_group_names or [""])[0]),
            "queryLanguage": "CWLI",
            "queryDuration": 0,
        }
        for query in call.backend("logs").queries.values()
        if asked.get("logGroupName") in (None, *query.log_group_names)
        and asked.get("status") in (None, query.status)
        # Logs forgets queries after a month.
        and (utcnow() - query.create_time).days < 30
    ]
    wanted: Item = {"maxResults": FEW}
    wanted |= {name: value for name, value in asked.items() if name in ("maxResults", "nextToken")}
    return listed(call, found[::-1], "queryId", asked=wanted)


def _group_of(call: Call) -> str:
    """The group that is named, or whose ARN is given."""
    given: str = call.parameters["logGroupIdentifier"]
    _groups(call, [given])
    return given.removesuffix(":*").rpartition("log-group:")[2]


def _protect(call: Call) -> Item:
    """From now on what the policy looks for is masked; it needs a statement to audit and one to mask."""
    group = _group_of(call)
    try:
        statements = json.loads(call.parameters["policyDocument"])["Statement"]
        operations = {name for statement in statements for name in statement["Operation"]}
    except (KeyError, TypeError, ValueError) as problem:
        raise Invalid("The policy document is no data protection policy.") from problem
    if not {"Audit", "Deidentify"} <= operations:
        raise Invalid("A data protection policy needs a statement with Audit and one with Deidentify.")
    kept = {"status": "ACTIVATED", "policyDocument": call.parameters["policyDocument"], "lastUpdatedTime": _now()}
    call.table("DataProtection")[group] = kept
    return {**kept, "logGroupIdentifier": call.parameters["logGroupIdentifier"]}


def _protection(call: Call) -> Item:
    kept = call.table("DataProtection").get(_group_of(call), {})
    told = {name: kept[name] for name in ("policyDocument", "lastUpdatedTime") if kept.get("status") == "ACTIVATED"}
    return {**told, "logGroupIdentifier": call.parameters["logGroupIdentifier"]}


def _unprotect(call: Call) -> None:
    """The policy goes; that there was one is remembered."""
    if (kept := call.table("DataProtection").get(_group_of(call))) is None:
        raise NotFound("The log group has no data protection policy.")
    kept["status"] = "DELETED"


def _told_groups(call: Call) -> Item:
    """Moto's groups, and which of them mask what they hold."""
    known = call.table("DataProtection")
    if not known:
        raise Elsewhere
    asked = call.parameters
    found, token = call.backend("logs").describe_log_groups(
        limit=asked.get("limit", 50),
        log_group_name_prefix=asked.get("logGroupNamePrefix"),
        next_token=asked.get("nextToken"),
    )
    groups = [
        {**group.to_describe_dict(), **({"dataProtectionStatus": known[name]["status"]} if name in known else {})}
        for group in found
        for name in [group.name]
    ]
    return {"logGroups": groups, **({"nextToken": token} if token else {})}


def _forget_protection(call: Call) -> None:
    """Another group by the same name has no policy."""
    call.table("DataProtection").pop(call.parameters["logGroupName"], None)


ANSWERS: Mapping[str, Handler] = {
    **DETECTORS.handlers(),
    "ListLogAnomalyDetectors": _detectors,
    "UpdateLogAnomalyDetector": _update,
    "PutQueryDefinition": _define,
    "DescribeQueryDefinitions": _definitions,
    "DeleteQueryDefinition": _forget,
    "DescribeQueries": _queries,
    "PutDataProtectionPolicy": _protect,
    "GetDataProtectionPolicy": _protection,
    "DeleteDataProtectionPolicy": _unprotect,
    "DescribeLogGroups": _told_groups,
}

EXTENSION = Extension(SERVICE, ANSWERS, {"DeleteLogGroup": _forget_protection})
