"""Glue Data Quality at first sight of a table: runs that look at its data, and recommend rules for it."""

from __future__ import annotations

import datetime

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class ProfiledTable(Record):
    """A table of the catalog."""

    database_name: str
    table_name: str


class ProfiledSource(Record):
    """What a run looks at."""

    glue_table: ProfiledTable | None = None


@resource("glue", Call(operation="ListDataQualityRuleRecommendationRuns", take="Runs[]"))
class RecommendationRun(Record):
    """A run that computes what is typical of the columns of a table, and recommends rules that keep it so."""

    run_id: str = ""
    status: Enumerated | None = None
    started_on: datetime.datetime | None = None
    data_source: ProfiledSource | None = None

    @property
    def table(self) -> str:
        """The table, with its database."""
        table = self.data_source.glue_table if self.data_source else None
        return f"{table.database_name}.{table.table_name}" if table else "a table"
