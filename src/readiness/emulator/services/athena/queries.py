"""Queries: they read the tables of the catalog, change it, and fail where a table is not there.

What moto says, and what AWS does:

- A query without a workgroup has none: it is of `primary`, and is listed there.
- Every query succeeds, writes no result and scans nothing: one that reads a table that nobody made fails, one that
  reads others scans their files, and the place of the result is asked for.
- What `CREATE TABLE` makes is nowhere: it is in Glue's catalog. What a query selects can't be told, so neither results
  nor the files of `CREATE TABLE AS` are written.
- A workgroup is made whenever somebody looks, and can't be changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow
from moto.glue.models import FakeDatabase, FakeTable

from readiness.emulator import sql
from readiness.emulator.call import After, Call, Elsewhere, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.files import files, size
from readiness.emulator.resources import listed
from readiness.emulator.services.glue.crawlers import FORMATS

PRIMARY = "primary"
OURS = "awsdatacatalog"
"""The data catalog that is Glue's."""
SPEED = 100_000
"""How many bytes are scanned in a millisecond."""
LEAST = 200
"""The milliseconds that every query takes."""


class _Failed(Exception):
    """The query fails, for this reason."""


def _workgroup(call: Call) -> Any:
    name = call.parameters.get("WorkGroup", PRIMARY)
    found = call.backend("athena").work_groups.get(name)
    if found is None:
        raise Invalid(f"WorkGroup {name} is not found.")
    return found


def _configured(call: Call) -> Item:
    """Where the result goes: the workgroup decides if it enforces its settings, or if nobody else does."""
    group: Item = _workgroup(call).configuration
    own: Item = group.get("ResultConfiguration") or {}
    asked: Item = call.parameters.get("ResultConfiguration", {})
    enforced = group.get("EnforceWorkGroupConfiguration") and "OutputLocation" in own
    return own if enforced else {**own, **asked}


def _start(call: Call) -> None:
    """Moto starts the query, if it can be."""
    group = _workgroup(call)
    if getattr(group, "state", "ENABLED") == "DISABLED":
        raise Invalid(f"WorkGroup {group.name} is disabled.")
    managed = group.configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled")
    if "OutputLocation" not in _configured(call) and not managed:
        raise Invalid(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    raise Elsewhere


def _ran(call: Call) -> None:
    """The query that moto has just started is done."""
    query = list(call.backend("athena").executions.values())[-1]
    query.workgroup = _workgroup(call)
    location = _configured(call).get("OutputLocation", "").rstrip("/")
    kind, sort = sql.kind(query.query)
    ending = "csv" if kind == "DML" else "txt"
    if location:
        query.config = {**_configured(call), "OutputLocation": f"{location}/{query.id}.{ending}"}
    told: Item = {"StatementType": kind, "SubstatementType": sort, "Scanned": 0}
    try:
        # What fills a new table is read, but not the table itself.
        tables = [_table(call, path) for path in sql.read(query.query)] if kind != "UTILITY" else []
        places = {table["StorageDescriptor"]["Location"] for table in tables if _location(table)}
        told["Scanned"] = sum(size(files(call, place) or []) for place in places)
        if change := sql.changed(query.query):
            _change(call, change, tables, f"{location}/tables/{query.id}/")
    except _Failed as failed:
        query.status = "FAILED"
        told["Reason"] = str(failed)
    engine = LEAST + told["Scanned"] // SPEED
    query.end_time = query.start_time + engine / 1000
    call.table("Query")[query.id] = told


def _location(table: Item) -> str:
    return str(table.get("StorageDescriptor", {}).get("Location", ""))


def _place(call: Call, path: sql.Path) -> tuple[str, str]:
    """The database and the name of a table; the database is that of the query where none is named."""
    context = call.parameters.get("QueryExecutionContext", {})
    return (path[-2] if len(path) > 1 else context.get("Database", "default").lower()), path[-1]


def _table(call: Call, path: sql.Path) -> Item:
    """A table of Glue's catalog; of those of other catalogs nothing is known.

    Raises:
        _Failed: there is none.
    """
    catalog = path[0] if len(path) > 2 else call.parameters.get("QueryExecutionContext", {}).get("Catalog", OURS)
    if catalog.lower() != OURS:
        return {}
    database, name = _place(call, path)
    kept = call.backend("glue").databases.get(database)
    if kept is None or name not in kept.tables:
        raise _Failed(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist")
    found: Item = kept.tables[name].as_dict()
    return found


def _change(call: Call, change: sql.Change, tables: list[Item], default: str) -> None:
    """Do to the catalog what a statement says."""
    databases = call.backend("glue").databases
    if change.database:
        if (change.database in databases) != change.drops and not change.lenient:
            state = "does not exist" if change.drops else "already exists"
            raise _Failed(f"FAILED: SemanticException Database {state}: {change.database}")
        if change.drops:
            databases.pop(change.database, None)
        elif change.database not in databases:
            given = {"Name": change.database}
            databases[change.database] = FakeDatabase(change.database, given, catalog_id=call.account)
        return
    database, name = _place(call, change.table)
    if database == "default":
        databases.setdefault(database, FakeDatabase(database, {"Name": database}, catalog_id=call.account))
    if database not in databases:
        raise _Failed(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist")
    known = databases[database].tables
    if (name in known) != change.drops and not change.lenient:
        state = "not found" if change.drops else "already exists"
        raise _Failed(f"FAILED: SemanticException Table {state}: {database}.{name}")
    if change.drops:
        known.pop(name, None)
    elif name not in known:
        known[name] = FakeTable(database, name, _described(change, name, tables, default), catalog_id=call.account)


def _described(change: sql.Change, name: str, tables: list[Item], default: str) -> Item:
    """A new table; one that is selected has the columns of what it is selected from, which is near enough."""
    columns = [{"Name": column, "Type": kind} for column, kind in change.columns]
    keys = [{"Name": column, "Type": kind} for column, kind in change.partitions]
    if change.selected:
        parted = {key["Name"] for key in keys}
        origins = [
            column
            for table in tables
            for column in (*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", []))
        ]
        columns = [column for column in origins if column["Name"] not in parted]
        if "*" not in change.selected.lower().partition("from")[0]:
            words = set(change.selected.replace(",", " ").replace('"', " ").lower().split())
            columns = [column for column in columns if column["Name"] in words]
    kind = change.format if change.format in FORMATS else "parquet"
    taken, written, library = FORMATS[kind]
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": kind},
        "PartitionKeys": keys,
        "StorageDescriptor": {
            "Columns": columns,
            "Location": change.location or default,
            "InputFormat": taken,
            "OutputFormat": written,
            "SerdeInfo": {"SerializationLibrary": library},
        },
    }


def _told(call: Call, query: Any) -> Item:
    known = call.table("Query").get(query.id, {"StatementType": "DML", "Scanned": 0})
    took = round((query.end_time - query.start_time) * 1000)
    status: Item = {
        "State": query.status,
        "SubmissionDateTime": _moment(query.start_time),
        "CompletionDateTime": _moment(query.end_time),
    }
    if "Reason" in known:
        error = {"ErrorCategory": 2, "Retryable": False, "ErrorMessage": known["Reason"]}
        status |= {"StateChangeReason": known["Reason"], "AthenaError": error}
    given = {
        "ResultConfiguration": query.config,
        "QueryExecutionContext": query.context,
        "ExecutionParameters": query.execution_parameters,
        "SubstatementType": known.get("SubstatementType"),
    }
    return {
        **{name: value for name, value in given.items() if value},
        "QueryExecutionId": query.id,
        "Query": query.query,
        "StatementType": known["StatementType"],
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "Status": status,
        "Statistics": {
            "EngineExecutionTimeInMillis": took,
            "DataScannedInBytes": known["Scanned"],
            "TotalExecutionTimeInMillis": took,
            "QueryQueueTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": False},
        },
        "WorkGroup": query.workgroup.name if query.workgroup else PRIMARY,
        "EngineVersion": _engine(query.workgroup),
    }


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _engine(group: Any) -> Item:
    version: Item = group.configuration["EngineVersion"] if group else {}
    return {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3", **version}


def _get(call: Call) -> Item:
    query = call.backend("athena").executions.get(call.parameters["QueryExecutionId"])
    if query is None:
        raise Invalid(f"QueryExecution {call.parameters['QueryExecutionId']} was not found")
    return {"QueryExecution": _told(call, query)}


def _get_some(call: Call) -> Item:
    known, asked = call.backend("athena").executions, call.parameters["QueryExecutionIds"]
    return {
        "QueryExecutions": [_told(call, known[one]) for one in asked if one in known],
        "UnprocessedQueryExecutionIds": [
            {
                "QueryExecutionId": one,
                "ErrorCode": "INVALID_QUERY_EXECUTION_ID",
                "ErrorMessage": f"QueryExecution {one} was not found",
            }
            for one in asked
            if one not in known
        ],
    }


def _list(call: Call) -> Item:
    """The queries of a workgroup, the newest first."""
    group = _workgroup(call)
    found = [query for query in call.backend("athena").executions.values() if query.workgroup is group]
    return listed(call, [{"Id": query.id} for query in found[::-1]], "Id")


def _made(call: Call, group: Any) -> Item:
    """A workgroup, with the time of its creation: that of its first look where nobody saw it."""
    times = call.table("WorkGroup").setdefault(group.name, {"CreationTime": utcnow()})
    told = {"Name": group.name, "State": group.state, "Description": group.description or "", **times}
    return {**told, "EngineVersion": _engine(group)}


def _create_group(call: Call) -> None:
    call.table("WorkGroup")[call.parameters["Name"]] = {"CreationTime": utcnow()}


def _list_groups(call: Call) -> Item:
    return listed(call, [_made(call, group) for group in call.backend("athena").work_groups.values()], "Name")


def _get_group(call: Call) -> Item:
    group = _workgroup(call)
    told = {name: value for name, value in _made(call, group).items() if name != "EngineVersion"}
    configuration = {**group.configuration, "ResultConfiguration": group.configuration.get("ResultConfiguration") or {}}
    return {"WorkGroup": {**told, "Configuration": configuration}}


REMOVES = {"RemoveOutputLocation": "OutputLocation", "RemoveEncryptionConfiguration": "EncryptionConfiguration"}


def _update_group(call: Call) -> None:
    """What is named changes."""
    group = _workgroup(call)
    group.description = call.parameters.get("Description", group.description)
    group.state = call.parameters.get("State", group.state)
    updates = dict(call.parameters.get("ConfigurationUpdates", {}))
    results: Item = updates.pop("ResultConfigurationUpdates", {})
    group.configuration |= {name: value for name, value in updates.items() if not name.startswith("Remove")}
    own = {**(group.configuration.get("ResultConfiguration") or {})}
    own |= {name: value for name, value in results.items() if not name.startswith("Remove")}
    for name, member in REMOVES.items():
        if results.get(name):
            own.pop(member, None)
    group.configuration["ResultConfiguration"] = own


ANSWERS: Mapping[str, Handler] = {
    "StartQueryExecution": _start,
    "GetQueryExecution": _get,
    "BatchGetQueryExecution": _get_some,
    "ListQueryExecutions": _list,
    "ListWorkGroups": _list_groups,
    "GetWorkGroup": _get_group,
    "UpdateWorkGroup": _update_group,
}
AFTER: Mapping[str, After] = {"StartQueryExecution": _ran, "CreateWorkGroup": _create_group}

EXTENSION = Extension("athena", ANSWERS, AFTER)
