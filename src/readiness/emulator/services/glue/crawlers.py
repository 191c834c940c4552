"""Crawlers, which describe in the catalog what they find, and connections, which moto can neither change nor delete.

Nor does moto tell of which type a connection is.

What moto says, and what AWS does: a crawl runs until somebody lists it, is `COMPLETED` where the last crawl of a
crawler can be `SUCCEEDED`, `CANCELLED` or `FAILED` only, costs 100 DPU hours and finds nothing. Here it is done at
once, describes the files of its S3 targets as a table each, and fails where there is no such bucket or database.
"""

from __future__ import annotations

import copy
import datetime
import json
import posixpath
import re
from typing import Any

from moto.core.utils import utcnow
from moto.glue.models import FakeTable

from readiness.emulator.call import Call, Handler, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.files import files, rows, size
from readiness.emulator.resources import listed

SERVICE = "glue"
SECONDS = 1
"""How long a crawl takes."""
DPU_HOURS = round(2 * 10 / 60, 3)
"""What a crawl is billed at least: two DPUs for ten minutes."""
CRAWLED = {"COMPLETED": "SUCCEEDED", "STOPPED": "CANCELLED", "FAILED": "FAILED"}
"""How the crawler speaks of the end of its last crawl."""
HIVE = "org.apache.hadoop.hive"
TEXT = ("org.apache.hadoop.mapred.TextInputFormat", f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat")
FORMATS = {
    "csv": (*TEXT, f"{HIVE}.serde2.lazy.LazySimpleSerDe"),
    "json": (*TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "parquet": tuple(
        f"{HIVE}.ql.io.parquet.{name}"
        for name in ("MapredParquetInputFormat", "MapredParquetOutputFormat", "serde.ParquetHiveSerDe")
    ),
    "orc": tuple(f"{HIVE}.ql.io.orc.{name}" for name in ("OrcInputFormat", "OrcOutputFormat", "OrcSerde")),
    "avro": (
        f"{HIVE}.ql.io.avro.AvroContainerInputFormat",
        f"{HIVE}.ql.io.avro.AvroContainerOutputFormat",
        f"{HIVE}.serde2.avro.AvroSerDe",
    ),
}
"""The libraries that read and write a format."""
ENDINGS = {"tsv": "csv", "jsonl": "json", "gz": "", "snappy": ""}
"""Endings of files that are not the name of their format."""


def _crawler(call: Call) -> Any:
    crawler = call.backend("glue").crawlers.get(call.parameters["Name"])
    if crawler is None:
        raise NotFound(f"Crawler {call.parameters['Name']} not found.")
    return crawler


def _crawled(call: Call) -> None:
    """The crawl that moto has just started is done."""
    crawler = _crawler(call)
    crawl = crawler.crawls[-1]
    crawl.dpu_hour = DPU_HOURS
    crawl.end_time = crawl.start_time + datetime.timedelta(seconds=SECONDS)
    crawl.status = "COMPLETED"
    crawler.crawl_elapsed_time = SECONDS * 1000
    try:
        told = _find(call, crawler)
    except NotFound as missing:
        crawl.status = "FAILED"
        told = {"ErrorMessage": str(missing)}
    call.table("Crawl")[crawl.crawl_id] = told


def _find(call: Call, crawler: Any) -> Item:
    """Describe the S3 targets of a crawler; what lies elsewhere nobody can look at."""
    targets = (crawler.targets or {}).get("S3Targets", [])
    database = call.backend("glue").databases.get(crawler.database_name)
    if database is None and targets:
        raise NotFound(f"Database {crawler.database_name} not found.")
    changed: dict[str, list[str]] = {"ADD": [], "UPDATE": []}
    for target in targets:
        found = files(call, target["Path"])
        if found is None:
            raise NotFound(f"The specified bucket does not exist: {target['Path']}")
        if described := _described(target["Path"], found):
            last = posixpath.basename(target["Path"].rstrip("/"))
            name = f"{crawler.table_prefix or ''}{re.sub(r'[^a-z0-9_]', '_', last.lower())}"
            table = {"Name": name, "TableType": "EXTERNAL_TABLE", **described}
            table["Parameters"]["UPDATED_BY_CRAWLER"] = crawler.name
            if name in database.tables:
                database.tables[name].update(table)
                changed["UPDATE"].append(name)
            else:
                database.tables[name] = FakeTable(database.name, name, table, catalog_id=call.account)
                changed["ADD"].append(name)
    summary = {
        kind: {"TableNames": names, "numberOfTables": str(len(names))} for kind, names in changed.items() if names
    }
    return {"Summary": json.dumps({"TABLE": {"Details": summary}})} if summary else {}


def _described(path: str, found: list[Any]) -> Item:
    """A table for files of one sort; nothing where there are none that it knows."""
    kinds = {_format(one.name) for one in found}
    if len(kinds) != 1 or not (kind := kinds.pop()):
        return {}
    read, write, library = FORMATS[kind]
    held = rows(found) or []
    parameters = {"classification": kind, "objectCount": str(len(found)), "sizeKey": str(size(found))}
    if held:
        parameters["recordCount"] = str(len(held))
    if kind == "csv":
        parameters |= {"skip.header.line.count": "1", "delimiter": ",", "areColumnsQuoted": "false"}
    return {
        "Parameters": parameters,
        "StorageDescriptor": {
            "Columns": [{"Name": name.lower(), "Type": _type(held, name)} for name in (held[0] if held else ())],
            "Location": path,
            "InputFormat": read,
            "OutputFormat": write,
            "SerdeInfo": {"SerializationLibrary": library},
            "Compressed": found[0].name.endswith(".gz"),
        },
    }


def _format(name: str) -> str:
    for ending in reversed(name.lower().split(".")[1:]):
        kind = ENDINGS.get(ending, ending)
        if kind in FORMATS:
            return kind
    return ""


def _type(held: list[dict[str, str | None]], name: str) -> str:
    """The narrowest type that all values of a column are of."""
    values = [value for row in held if (value := row.get(name)) is not None]
    for kind, convert in (("bigint", int), ("double", float)):
        try:
            if [convert(value) for value in values]:
                return kind
        except ValueError:
            continue
    return "string"


def _told(call: Call, crawler: Any) -> Item:
    """A crawler as AWS tells of it, with what its last crawl came to."""
    item = {name: value for name, value in crawler.as_dict().items() if value is not None}
    if last := item.get("LastCrawl"):
        error = call.table("Crawl").get(last["MessagePrefix"], {}).get("ErrorMessage")
        item["LastCrawl"] = {**last, "Status": CRAWLED[last["Status"]], **({"ErrorMessage": error} if error else {})}
    item.setdefault("Classifiers", [])
    item.setdefault("RecrawlPolicy", {"RecrawlBehavior": "CRAWL_EVERYTHING"})
    item.setdefault("SchemaChangePolicy", {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"})
    return item


def _get(call: Call) -> Item:
    return {"Crawler": _told(call, _crawler(call))}


def _list(call: Call) -> Item:
    return listed(call, [_told(call, crawler) for crawler in call.backend("glue").crawlers.values()], "Name")


def _get_some(call: Call) -> Item:
    known, asked = call.backend("glue").crawlers, call.parameters["CrawlerNames"]
    found = [_told(call, known[name]) for name in asked if name in known]
    return {"Crawlers": found, "CrawlersNotFound": [name for name in asked if name not in known]}


MEMBERS = {
    "Role": "role",
    "DatabaseName": "database_name",
    "Description": "description",
    "Targets": "targets",
    "Schedule": "schedule",
    "Classifiers": "classifiers",
    "TablePrefix": "table_prefix",
    "SchemaChangePolicy": "schema_change_policy",
    "RecrawlPolicy": "recrawl_policy",
    "LineageConfiguration": "lineage_configuration",
    "Configuration": "configuration",
    "CrawlerSecurityConfiguration": "crawler_security_configuration",
}
"""What moto calls the members of a crawler."""


def _update(call: Call) -> None:
    """A crawler changes in what is named."""
    crawler = _crawler(call)
    for member, name in MEMBERS.items():
        if member in call.parameters:
            setattr(crawler, name, copy.deepcopy(call.parameters[member]))
    crawler.version += 1
    crawler.last_updated = utcnow()


def _history(call: Call) -> Item:
    """The crawls of a crawler, the newest first."""
    crawler = call.backend("glue").crawlers.get(call.parameters["CrawlerName"])
    if crawler is None:
        raise NotFound(f"Crawler {call.parameters['CrawlerName']} not found.")
    crawls = [{**crawl.as_dict(), **call.table("Crawl").get(crawl.crawl_id, {})} for crawl in crawler.crawls[::-1]]
    for wanted in call.parameters.get("Filters", []):
        crawls = [crawl for crawl in crawls if _is(crawl, wanted)]
    asked = {name: value for name, value in call.parameters.items() if name != "Filters"}
    return listed(call, crawls, "CrawlId", asked=asked)


FIELDS = {
    "CRAWL_ID": "CrawlId",
    "STATE": "State",
    "START_TIME": "StartTime",
    "END_TIME": "EndTime",
    "DPU_HOUR": "DPUHour",
}


def _is(crawl: Item, wanted: Item) -> bool:
    value, bound = crawl[FIELDS[wanted["FieldName"]]], wanted["FieldValue"]
    if isinstance(value, datetime.datetime):
        value, bound = value.timestamp() * 1000, float(bound)
    elif isinstance(value, float):
        bound = float(bound)
    signs: dict[str, bool] = {"EQ": value == bound, "NE": value != bound}
    signs |= {"GT": value > bound, "GE": value >= bound, "LT": value < bound, "LE": value <= bound}
    return signs[wanted["FilterOperator"]]


def _connection(call: Call, name: str) -> Any:
    found = call.backend("glue").connections.get(name)
    if found is None:
        raise NotFound(f"Cannot find connection with name: {name}")
    return found


def _told_connection(call: Call, connection: Any) -> Item:
    """A connection as moto tells it, with what it was given besides: its type above all."""
    told = connection.as_dict(call.parameters.get("HidePassword", False))
    given = {name: value for name, value in connection.connection_input.items() if name not in told}
    members = {name: value for name, value in told.items() if name not in ("Connection", "CatalogId")}
    return {name: value for name, value in (members | given).items() if value not in (None, {})}


def _get_connection(call: Call) -> Item:
    return {"Connection": _told_connection(call, _connection(call, call.parameters["Name"]))}


def _list_connections(call: Call) -> Item:
    """Those that are asked for by their type or by all of the words that they are to match."""
    wanted = call.parameters.get("Filter", {})
    kind, words = wanted.get("ConnectionType"), set(wanted.get("MatchCriteria", ()))
    found = [
        _told_connection(call, connection)
        for connection in call.backend("glue").connections.values()
        if kind in (None, connection.connection_input.get("ConnectionType"))
        and words <= set(connection.connection_input.get("MatchCriteria", ()))
    ]
    return listed(call, found, "Name")


def _update_connection(call: Call) -> None:
    connection = _connection(call, call.parameters["Name"])
    given = {**copy.deepcopy(call.parameters["ConnectionInput"]), "Name": connection.name}
    connection.connection_input = given
    connection.description = given.get("Description")
    for kind in ("connection", "spark", "athena", "python"):
        setattr(connection, f"{kind}_properties", given.get(f"{kind.title()}Properties", {}))
    connection.updated_time = utcnow()


def _delete_connection(call: Call) -> None:
    name = call.parameters["ConnectionName"]
    _connection(call, name)
    del call.backend("glue").connections[name]


def _delete_connections(call: Call) -> Item:
    known, asked = call.backend("glue").connections, call.parameters["ConnectionNameList"]
    missing = {
        name: {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Cannot find connection with name: {name}"}
        for name in asked
        if name not in known
    }
    gone = [name for name in asked if known.pop(name, None)]
    return {"Succeeded": gone, "Errors": missing}


ANSWERS: dict[str, Handler] = {
    "GetCrawler": _get,
    "GetCrawlers": _list,
    "BatchGetCrawlers": _get_some,
    "UpdateCrawler": _update,
    "ListCrawls": _history,
    "GetConnection": _get_connection,
    "GetConnections": _list_connections,
    "UpdateConnection": _update_connection,
    "DeleteConnection": _delete_connection,
    "BatchDeleteConnection": _delete_connections,
}

EXTENSION = Extension(SERVICE, ANSWERS, {"StartCrawler": _crawled})
