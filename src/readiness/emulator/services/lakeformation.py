"""Lake Formation: data filters, which moto neither makes nor lists."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping

from readiness.emulator.call import Call, Handler, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "lakeformation"
NAMES = ("TableCatalogId", "DatabaseName", "TableName", "Name")
"""What names a filter."""


def _key(named: Mapping[str, str]) -> str:
    return "/".join(named.get(name, "") for name in NAMES)


def _checked(call: Call) -> Item:
    """A filter of columns that the table has."""
    item: Item = copy.deepcopy(call.parameters["TableData"])
    database = call.backend("glue").databases.get(item["DatabaseName"])
    table = database and database.tables.get(item["TableName"])
    if table is None:
        raise NotFound(f"Table {item['DatabaseName']}.{item['TableName']} not found.")
    if ("ColumnNames" in item) == ("ColumnWildcard" in item):
        raise Invalid("A filter names columns, or leaves some out.")
    columns = {column["Name"] for column in table.as_dict().get("StorageDescriptor", {}).get("Columns", [])}
    named = item.get("ColumnNames") or item.get("ColumnWildcard", {}).get("ExcludedColumnNames", [])
    if missing := [name for name in named if name not in columns]:
        raise Invalid(f"Column {missing[0]} does not exist.")
    item.setdefault("RowFilter", {"AllRowsWildcard": {}})
    return {**item, "VersionId": str(uuid.uuid4())}


def _create(call: Call) -> None:
    item = _checked(call)
    filters = call.table("DataCellsFilter")
    if _key(item) in filters:
        raise InUse(f"Filter {item['Name']} already exists.")
    filters[_key(item)] = item


def _find(call: Call, named: Mapping[str, str]) -> Item:
    found = call.table("DataCellsFilter").get(_key(named))
    if found is None:
        raise NotFound(f"Filter {named.get('Name')} does not exist.")
    return found


def _get(call: Call) -> Item:
    return {"DataCellsFilter": _find(call, call.parameters)}


def _update(call: Call) -> None:
    """A filter takes the place of the one before."""
    item = _checked(call)
    _find(call, item)
    call.table("DataCellsFilter")[_key(item)] = item


def _delete(call: Call) -> None:
    _find(call, call.parameters)
    del call.table("DataCellsFilter")[_key(call.parameters)]


def _list(call: Call) -> Item:
    """The filters of a table, or all."""
    table = call.parameters.get("Table", {})
    wanted = {"TableCatalogId": table.get("CatalogId"), "DatabaseName": table.get("DatabaseName")}
    wanted["TableName"] = table.get("Name")
    found = [
        item
        for item in call.table("DataCellsFilter").values()
        if all(value in (None, item[member]) for member, value in wanted.items())
    ]
    asked = {name: value for name, value in call.parameters.items() if name != "Table"}
    return listed(call, found, "Name", asked=asked)


ANSWERS: Mapping[str, Handler] = {
    "CreateDataCellsFilter": _create,
    "GetDataCellsFilter": _get,
    "UpdateDataCellsFilter": _update,
    "DeleteDataCellsFilter": _delete,
    "ListDataCellsFilter": _list,
}

EXTENSION = Extension(SERVICE, ANSWERS)
