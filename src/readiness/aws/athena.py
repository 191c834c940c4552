"""Athena: workgroups and what was queried in them; of a query only the names of its tables are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_QUERIES = 200
"""How many queries of each workgroup are read; Athena forgets them after 45 days."""

SILENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*(?:'|\Z)", re.DOTALL)
"""Comments and literals, in which no table is named; a literal may be personal data."""
NAME = r'(?:[\w$-]+|"[^"]+"|`[^`]+`)'
PATH = rf"{NAME}(?:\s*\.\s*{NAME}){{0,2}}"
READ = re.compile(rf"\b(?:from|join)\s+({PATH}(?:\s+(?:as\s+)?\w+)?(?:\s*,\s*{PATH}(?:\s+(?:as\s+)?\w+)?)*)", re.I)
WITH = re.compile(rf"(?:\bwith|,)\s+({NAME})\s*(?:\([^()]*\)\s*)?as\s*\(", re.I)
FUNCTION = re.compile(r"\b(?:extract|trim|substring|position|overlay)\s*\([^()]*\)", re.I)
"""Functions in whose brackets FROM names no table."""

SERVICES = re.compile(r"^\s*/\*\s*quicksight", re.I)
"""How a query begins that QuickSight asks for its users."""


@resource("athena", Call(operation="ListWorkGroups", take="WorkGroups[]"))
class WorkGroup(Record):
    """A workgroup; every account has one that is called primary."""

    name: str = ""


class Status(Record):
    """How a query ended."""

    state: Enumerated | None = None


class Statistics(Record):
    """What a query read."""

    data_scanned_in_bytes: int | None = None


class QueryContext(Record):
    """The database of tables that are named without one."""

    database: str | None = None


class ResultConfiguration(Record):
    """Where the result was written."""

    output_location: str | None = None


@resource(
    "athena",
    Call(operation="ListQueryExecutions", by={"WorkGroup": "Name"}, name="QueryExecutionId"),
    Call(
        operation="BatchGetQueryExecution",
        by={"QueryExecutionIds": "QueryExecutionId"},
        take="QueryExecutions[]",
        batch=50,
    ),
    per=WorkGroup,
    newest=NEWEST_QUERIES,
)
class Query(Record):
    """A query: its text is reduced to the tables that it read, as a JSON list."""

    query_execution_id: str
    work_group: str | None = None
    query: str = ""
    statement_type: Enumerated | None = None
    status: Status = Status()
    statistics: Statistics = Statistics()
    query_execution_context: QueryContext = QueryContext()
    result_configuration: ResultConfiguration = ResultConfiguration()

    def __post_init__(self) -> None:
        """Reduce the text to the names of tables; what is reduced already stays as it is."""
        # No SQL begins with a bracket.
        if not self.query.startswith("["):
            database = self.query_execution_context.database
            names = [] if SERVICES.match(self.query) else sorted(set(_tables(self.query, database)))
            msgspec.structs.force_setattr(self, "query", json.dumps(names))

    @property
    def tables(self) -> list[str]:
        """The tables that it read, as `database.table` where the database is known; none of a service's own query."""
        return msgspec.json.decode(self.query, type=list[str])

    @property
    def extracted(self) -> bool:
        """Whether it read tables and succeeded; what only describes or defines them does not count."""
        return bool(self.statement_type == "DML" and self.status.state == "SUCCEEDED" and self.tables)


def _tables(text: str, database: str | None) -> Iterator[str]:
    plain = FUNCTION.sub(" ", SILENT.sub(" ", text))
    own = {_bare(name) for name in WITH.findall(plain)}
    for listed in READ.findall(plain):
        for one in listed.split(","):
            if found := re.match(PATH, one.strip()):
                parts = [_bare(part) for part in re.findall(NAME, found[0])]
                if len(parts) == 1:
                    if parts[0] in own:
                        continue
                    parts = [database.lower(), *parts] if database else parts
                yield ".".join(parts[-2:])


def _bare(name: str) -> str:
    return name.strip('"`').lower()
