"""Lake Formation: filters, by which some see less of a table than others."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Record


class Wildcard(Record):
    """All columns but some."""

    excluded_column_names: list[str] = []


@resource("lakeformation", Call(operation="ListDataCellsFilter", take="DataCellsFilters[]"))
class CellsFilter(Record):
    """A filter of a table's columns and rows; the expression that picks rows is not kept, for it may name people."""

    table_catalog_id: str
    database_name: str
    table_name: str
    name: str
    column_wildcard: Wildcard | None = None
