from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT

NAMED = {"TableCatalogId": ACCOUNT, "DatabaseName": "churn", "TableName": "customers", "Name": "masked"}


@pytest.fixture
def lake(aws: Client) -> Any:
    glue = aws("glue")
    glue.create_database(DatabaseInput={"Name": "churn"})
    columns = [{"Name": name, "Type": "string"} for name in ("id", "email")]
    glue.create_table(DatabaseName="churn", TableInput={"Name": "customers", "StorageDescriptor": {"Columns": columns}})
    return aws("lakeformation")


def test_data_filters(lake: Any, refused: Refused) -> None:
    without = {**NAMED, "ColumnWildcard": {"ExcludedColumnNames": ["email"]}}
    create, listed = lake.create_data_cells_filter, lake.list_data_cells_filter
    create(TableData=without)
    create(TableData={**NAMED, "Name": "ids", "ColumnNames": ["id"], "RowFilter": {"FilterExpression": "id = 1"}})
    found = lake.get_data_cells_filter(**NAMED)["DataCellsFilter"]
    assert (found["ColumnWildcard"], found["RowFilter"]) == (without["ColumnWildcard"], {"AllRowsWildcard": {}})
    first = listed(MaxResults=1)
    assert [one["Name"] for one in listed(NextToken=first["NextToken"])["DataCellsFilters"]] == ["ids"]
    table = {"CatalogId": ACCOUNT, "DatabaseName": "churn", "Name": "customers"}
    assert len(listed(Table=table)["DataCellsFilters"]) == 2
    assert listed(Table={**table, "Name": "other"})["DataCellsFilters"] == []
    lake.update_data_cells_filter(TableData={**NAMED, "ColumnNames": ["id"]})
    changed = lake.get_data_cells_filter(**NAMED)["DataCellsFilter"]
    assert changed["VersionId"] != found["VersionId"]
    assert refused(create, TableData=without) == "AlreadyExistsException"
    lake.delete_data_cells_filter(**NAMED)
    assert refused(lake.get_data_cells_filter, **NAMED) == "EntityNotFoundException"
    assert refused(lake.update_data_cells_filter, TableData=without) == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"TableName": "other", "ColumnNames": ["id"]}, "EntityNotFoundException"),
        ({"ColumnNames": ["name"]}, "InvalidInputException"),
        ({}, "InvalidInputException"),
    ],
)
def test_a_filter_must_fit(lake: Any, refused: Refused, given: dict[str, Any], code: str) -> None:
    assert refused(lake.create_data_cells_filter, TableData={**NAMED, **given}) == code
