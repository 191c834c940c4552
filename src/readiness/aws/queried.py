"""How tables are laid out that somebody queried, and how much a query of them read."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.aws.athena import Query
from readiness.aws.datasets import format_of_table, is_data_table
from readiness.aws.glue import Table
from readiness.record import Record, Scan

COLUMNAR = frozenset({"orc", "parquet"})
UNPACKED = frozenset({"", "none", "uncompressed"})


class QueriedTable(Record):
    """A table of somebody's data that a query read.

    Attributes:
        arn: the table.
        format: the format of its files, empty where nothing tells.
        partitioned: whether a query may leave out folders.
        compressed: whether it is said that its files are.
        copied: whether another table of its database holds its columns in columnar files.
        scanned: the most bytes that a query of this table alone read; of a join nobody knows which table they are of.
    """

    arn: str
    format: str = ""
    partitioned: bool = False
    compressed: bool = False
    copied: bool = False
    scanned: int = 0

    @property
    def columnar(self) -> bool:
        """Whether a query reads only the columns that it needs."""
        return self.format in COLUMNAR

    @property
    def layout(self) -> str:
        """How its files lie, in words."""
        parts = [self.format or "an unknown format"]
        parts += ["partitioned"] if self.partitioned else []
        parts += ["compressed"] if self.compressed and not self.columnar else []
        return ", ".join(parts)

    @classmethod
    def derive(cls, queries: list[Query], tables: list[Table], scan: Scan) -> Iterator[QueriedTable]:
        """The tables that queries read that succeeded."""
        scanned: dict[str, int] = {}
        for query in queries:
            for name in query.tables if query.extracted else ():
                alone = len(query.tables) == 1
                read = query.statistics.data_scanned_in_bytes or 0 if alone else 0
                scanned[name] = max(read, scanned.get(name, 0))
        columns: dict[str, list[frozenset[str]]] = {}
        for table in tables:
            if is_data_table(table) and format_of_table(table)[0] in COLUMNAR:
                columns.setdefault(table.database_name, []).append(_columns(table))
        for table in tables:
            name = f"{table.database_name}.{table.name}".lower()
            if name not in scanned or not is_data_table(table):
                continue
            resource = f"table/{table.database_name}/{table.name}"
            form = format_of_table(table)[0] or ""
            copies = columns.get(table.database_name, []) if form not in COLUMNAR else []
            yield cls(
                arn=scan.arn("glue", resource, region=scan.region, account=scan.account),
                format=form,
                partitioned=bool(table.partition_keys),
                compressed=_is_compressed(table),
                copied=any(_columns(table) <= copy for copy in copies),
                scanned=scanned[name],
            )


def _columns(table: Table) -> frozenset[str]:
    described = table.storage_descriptor.columns if table.storage_descriptor else []
    return frozenset(column.name.lower() for column in [*described, *table.partition_keys])


def _is_compressed(table: Table) -> bool:
    said = (table.parameters.compression_type, table.parameters.write_compression)
    packed = bool(table.storage_descriptor and table.storage_descriptor.compressed)
    return packed or any((word or "").lower() not in UNPACKED for word in said)
