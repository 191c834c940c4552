"""Data quality: rulesets, runs that evaluate or recommend rules, and results that follow from the rules and the data.

Rules are evaluated on what the table's files hold, where they are text. What can't be read, a Parquet file or what an
ETL job would have written, keeps every rule that the columns of the table do not break.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator import dqdl
from readiness.emulator.call import Call, Handler, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.files import Row, files, rows
from readiness.emulator.resources import Resource, listed

SERVICE = "glue"
SECONDS = 1
"""How long a run takes."""


def parsed(ruleset: str) -> list[dqdl.Rule]:
    """The rules of a ruleset.

    Raises:
        Invalid: it is none.
    """
    try:
        return dqdl.parse(ruleset)
    except ValueError as wrong:
        raise Invalid(str(wrong)) from wrong


def _rule(call: Call, item: Item) -> None:
    """A ruleset must be one, for a table that is there."""
    item["RuleCount"] = len(parsed(item["Ruleset"]))
    if "TargetTable" in item:
        _table(call, item["TargetTable"])
    call.backend("glue").tag_resource(call.arn(f"dataQualityRuleset/{item['Name']}"), item.get("Tags"))


RULESETS = Resource(SERVICE, "DataQualityRuleset", "Name", created=_rule)


def _update_ruleset(call: Call) -> Item:
    if "Ruleset" in call.parameters:
        count = len(parsed(call.parameters["Ruleset"]))
        RULESETS.find(call)["RuleCount"] = count
    return RULESETS.update(call)


def _list_rulesets(call: Call) -> Item:
    tags = call.parameters.get("Tags", {}).items()
    items = [item for item in RULESETS.items(call).values() if tags <= item.get("Tags", {}).items()]
    return listed(call, items, "Name", {name: name for name in ("Name", "Description", "TargetTable")})


def _table(call: Call, named: Mapping[str, Any]) -> Any:
    """A table of the catalog.

    Raises:
        NotFound: there is none.
    """
    database = call.backend("glue").databases.get(named["DatabaseName"])
    table = database and database.tables.get(named["TableName"])
    if table is None:
        raise NotFound(f"Table {named['DatabaseName']}.{named['TableName']} not found.")
    return table


def _named(source: Mapping[str, Any]) -> Item:
    """The table that a source names, in either of its forms."""
    named: Item = source.get("GlueTable") or source["DataQualityGlueTable"]
    return named


def _data(call: Call, source: Mapping[str, Any]) -> tuple[list[str], list[Row] | None]:
    """The columns of a source, and its rows where they can be read."""
    table = _table(call, _named(source)).as_dict()
    storage = table.get("StorageDescriptor", {})
    columns = [column["Name"] for column in storage.get("Columns", [])]
    found = files(call, storage.get("Location", "")) or []
    return [*columns, *(key["Name"] for key in table.get("PartitionKeys", []))], rows(found, columns)


def _run(call: Call, kind: str) -> Item:
    """A run that is done, with its times."""
    now = utcnow()
    run = {
        **call.parameters,
        "RunId": f"dqrun-{uuid.uuid4().hex}{uuid.uuid4().hex[:8]}",
        "Status": "SUCCEEDED",
        "StartedOn": now,
        "LastModifiedOn": now + datetime.timedelta(seconds=SECONDS),
        "CompletedOn": now + datetime.timedelta(seconds=SECONDS),
        "ExecutionTime": SECONDS,
    }
    run.setdefault("NumberOfWorkers", 5)
    run.setdefault("Timeout", 2880)
    call.table(kind)[run["RunId"]] = run
    return run


def _evaluate(call: Call) -> Item:
    """Each ruleset gets a result."""
    columns, found = _data(call, call.parameters["DataSource"])
    known = RULESETS.items(call)
    for name in call.parameters["RulesetNames"]:
        if name not in known:
            raise NotFound(f"Cannot find Data Quality Ruleset {name}.")
    run = _run(call, "EvaluationRun")
    run["ResultIds"] = [
        publish(
            call,
            dqdl.evaluate(parsed(known[name]["Ruleset"]), columns, found),
            run["StartedOn"],
            RulesetName=name,
            DataSource=run["DataSource"],
            RulesetEvaluationRunId=run["RunId"],
        )
        for name in run["RulesetNames"]
    ]
    return run


def publish(call: Call, results: list[Item], started: datetime.datetime, **members: Any) -> str:
    """Keep what became of some rules; gives the id of the result."""
    passed = sum(result["Result"] == "PASS" for result in results)
    result = {
        "ResultId": f"dqresult-{uuid.uuid4().hex}{uuid.uuid4().hex[:8]}",
        "Score": passed / len(results),
        "StartedOn": started,
        "CompletedOn": started + datetime.timedelta(seconds=SECONDS),
        "RuleResults": results,
        "AggregatedMetrics": {
            "TotalRulesProcessed": float(len(results)),
            "TotalRulesPassed": float(passed),
            "TotalRulesFailed": float(len(results) - passed),
        },
        **members,
    }
    call.table("Result")[result["ResultId"]] = result
    return str(result["ResultId"])


def _recommend(call: Call) -> Item:
    """Rules that the data keeps as it is."""
    columns, found = _data(call, call.parameters["DataSource"])
    name = call.parameters.get("CreatedRulesetName")
    if name in RULESETS.items(call):
        raise InUse(f"Another ruleset with the same name already exists: {name}.")
    run = _run(call, "RecommendationRun")
    run["RecommendedRuleset"] = f"Rules = [\n    {', '.join(_recommended(columns, found))}\n]"
    if name:
        RULESETS.items(call)[name] = {
            "Name": name,
            "Ruleset": run["RecommendedRuleset"],
            "RuleCount": len(parsed(run["RecommendedRuleset"])),
            "TargetTable": {key: _named(run["DataSource"])[key] for key in ("DatabaseName", "TableName")},
            "RecommendationRunId": run["RunId"],
            "CreatedOn": run["CompletedOn"],
            "LastModifiedOn": run["CompletedOn"],
        }
    return run


def _recommended(columns: list[str], found: list[Row] | None) -> list[str]:
    rules = [f"ColumnCount = {len(columns)}"]
    if found:
        rules.append(f"RowCount between {len(found) // 2} and {len(found) * 2 + 1}")
        for column in columns:
            values = [value for row in found if (value := row.get(column)) is not None]
            if len(values) == len(found):
                rules.append(f'IsComplete "{column}"')
            else:
                rules.append(f'Completeness "{column}" >= {len(values) / len(found):.2f}')
            if values and len(set(values)) == len(values):
                rules.append(f'IsUnique "{column}"')
    return rules


def _find(call: Call, kind: str, key: str) -> Item:
    found = call.table(kind).get(call.parameters[key])
    if found is None:
        raise NotFound(f"Cannot find {kind} {call.parameters[key]}.")
    return found


def _get(kind: str, key: str) -> Handler:
    """What gives one run or result."""
    return lambda call: _find(call, kind, key)


def _list(kind: str, key: str, *members: str) -> Handler:
    """What lists runs or results, the newest first."""

    def given(call: Call) -> Item:
        ruleset = call.parameters.get("Filter", {}).get("RulesetName")
        items = [item for item in call.table(kind).values() if ruleset in (None, *item.get("RulesetNames", ()))]
        return listed(call, items[::-1], key, {member: member for member in members})

    return given


def _cancel(kind: str) -> Handler:
    """What refuses to cancel: runs are done as soon as they are started."""

    def cancel(call: Call) -> None:
        raise Invalid(f"Run {_find(call, kind, 'RunId')['RunId']} has completed.")

    return cancel


EXTENSION = Extension(
    SERVICE,
    {
        **RULESETS.handlers(),
        "UpdateDataQualityRuleset": _update_ruleset,
        "ListDataQualityRulesets": _list_rulesets,
        "StartDataQualityRulesetEvaluationRun": _evaluate,
        "GetDataQualityRulesetEvaluationRun": _get("EvaluationRun", "RunId"),
        "ListDataQualityRulesetEvaluationRuns": _list("EvaluationRun", "RunId", "DataSource"),
        "CancelDataQualityRulesetEvaluationRun": _cancel("EvaluationRun"),
        "GetDataQualityResult": _get("Result", "ResultId"),
        "ListDataQualityResults": _list("Result", "ResultId", "DataSource", "JobName", "JobRunId"),
        "StartDataQualityRuleRecommendationRun": _recommend,
        "GetDataQualityRuleRecommendationRun": _get("RecommendationRun", "RunId"),
        "ListDataQualityRuleRecommendationRuns": _list("RecommendationRun", "RunId", "DataSource"),
        "CancelDataQualityRuleRecommendationRun": _cancel("RecommendationRun"),
    },
)
