from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

OURS = {"AwsAccountId": ACCOUNT}
SIGN_UP = {
    **OURS,
    "Edition": "ENTERPRISE",
    "AuthenticationMethod": "IAM_AND_QUICKSIGHT",
    "AccountName": "churn",
    "NotificationEmail": "ml@example.com",
}


@pytest.fixture
def quicksight(aws: Client) -> Any:
    """QuickSight of a subscribed account, with a data source and a dataset."""
    client = aws("quicksight")
    client.create_account_subscription(**SIGN_UP)
    source = client.create_data_source(**OURS, DataSourceId="athena", Name="Athena", Type="ATHENA")["Arn"]
    data_set(client, source)
    return client


def data_set(client: Any, source: str, name: str = "customers", **given: Any) -> dict[str, Any]:
    table = {"DataSourceArn": source, "Name": "customers", "InputColumns": [{"Name": "age", "Type": "INTEGER"}]}
    made: dict[str, Any] = client.create_data_set(
        **OURS,
        DataSetId=name,
        Name=name,
        PhysicalTableMap={"customers": {"RelationalTable": table}},
        ImportMode="SPICE",
        **given,
    )
    return made


def definition(arn: str) -> dict[str, Any]:
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": "customers", "DataSetArn": arn}],
        "Sheets": [{"SheetId": "one", "Name": "Ages"}],
    }


def test_who_has_not_subscribed_can_do_nothing(aws: Client, refused: Refused) -> None:
    client = aws("quicksight")
    assert refused(client.describe_account_subscription, **OURS) == "ResourceNotFoundException"
    for operation in ("list_dashboards", "list_analyses", "list_data_sets"):
        assert refused(getattr(client, operation), **OURS) == "UnsupportedUserEditionException"
    client.create_account_subscription(**SIGN_UP)
    elsewhere = aws("quicksight", "eu-west-1")
    assert elsewhere.describe_account_subscription(**OURS)["AccountInfo"] == {
        "AccountName": "churn",
        "Edition": "ENTERPRISE",
        "NotificationEmail": "ml@example.com",
        "AuthenticationType": "IDENTITY_POOL",
        "AccountSubscriptionStatus": "ACCOUNT_CREATED",
    }
    assert refused(client.create_account_subscription, **SIGN_UP) == "ResourceExistsException"
    assert refused(client.list_analyses, AwsAccountId="111111111111") == "AccessDeniedException"
    assert client.list_dashboards(**OURS)["DashboardSummaryList"] == []
    client.delete_account_subscription(**OURS)
    assert refused(client.delete_account_subscription, **OURS) == "ResourceNotFoundException"
    directory = {**SIGN_UP, "Edition": "STANDARD", "AuthenticationMethod": "ACTIVE_DIRECTORY"}
    assert refused(client.create_account_subscription, **directory) == "InvalidParameterValueException"


def test_datasets(quicksight: Any, refused: Refused) -> None:
    [listed] = quicksight.list_data_sets(**OURS)["DataSetSummaries"]
    assert (listed["DataSetId"], listed["ImportMode"]) == ("customers", "SPICE")
    found = quicksight.describe_data_set(**OURS, DataSetId="customers")["DataSet"]
    assert found["OutputColumns"] == [{"Name": "age", "Type": "INTEGER"}]
    assert found["Arn"] == f"arn:aws:quicksight:{REGION}:{ACCOUNT}:dataset/customers"
    changed = {"PhysicalTableMap": found["PhysicalTableMap"], "ImportMode": "DIRECT_QUERY"}
    quicksight.update_data_set(**OURS, DataSetId="customers", Name="All", **changed)
    assert quicksight.describe_data_set(**OURS, DataSetId="customers")["DataSet"]["Name"] == "All"
    source = quicksight.list_data_sources(**OURS)["DataSources"][0]["Arn"]
    made = data_set(quicksight, source, "more", Tags=[{"Key": "Owner", "Value": "me"}])
    assert made["IngestionArn"].startswith(made["Arn"])
    assert quicksight.list_tags_for_resource(ResourceArn=made["Arn"])["Tags"] == [{"Key": "Owner", "Value": "me"}]
    first = quicksight.list_data_sets(**OURS, MaxResults=1)
    assert len(quicksight.list_data_sets(**OURS, NextToken=first["NextToken"])["DataSetSummaries"]) == 1
    assert refused(lambda: data_set(quicksight, source)) == "ResourceExistsException"
    assert refused(lambda: data_set(quicksight, f"{source}-2", "lost")) == "InvalidParameterValueException"
    quicksight.delete_data_set(**OURS, DataSetId="more")
    assert refused(quicksight.describe_data_set, **OURS, DataSetId="more") == "ResourceNotFoundException"


def test_analyses(quicksight: Any, refused: Refused) -> None:
    arn = quicksight.list_data_sets(**OURS)["DataSetSummaries"][0]["Arn"]
    name = {**OURS, "AnalysisId": "ages"}
    create = quicksight.create_analysis
    assert create(**name, Name="Ages", Definition=definition(arn))["CreationStatus"] == "CREATION_SUCCESSFUL"
    found = quicksight.describe_analysis(**name)["Analysis"]
    assert (found["Status"], found["DataSetArns"]) == ("CREATION_SUCCESSFUL", [arn])
    assert found["Sheets"] == [{"SheetId": "one", "Name": "Ages"}]
    quicksight.update_analysis(**name, Name="All ages", Definition=definition(arn))
    [listed] = quicksight.list_analyses(**OURS)["AnalysisSummaryList"]
    assert (listed["Name"], listed["Status"]) == ("All ages", "UPDATE_SUCCESSFUL")
    assert refused(quicksight.restore_analysis, **name) == "ConflictException"
    quicksight.delete_analysis(**name)
    assert quicksight.list_analyses(**OURS)["AnalysisSummaryList"][0]["Status"] == "DELETED"
    quicksight.restore_analysis(**name)
    quicksight.delete_analysis(**name, ForceDeleteWithoutRecovery=True)
    assert quicksight.list_analyses(**OURS)["AnalysisSummaryList"] == []
    assert refused(create, **name, Name="None") == "InvalidParameterValueException"
    lost = definition(f"{arn}-2")
    assert refused(create, **name, Name="Lost", Definition=lost) == "ResourceNotFoundException"


def test_dashboards(quicksight: Any, refused: Refused) -> None:
    arn = quicksight.list_data_sets(**OURS)["DataSetSummaries"][0]["Arn"]
    given = {"Name": "Churn", "Definition": definition(arn)}
    for number in range(3):
        quicksight.create_dashboard(**OURS, DashboardId=f"churn-{number}", **given)
    assert refused(quicksight.create_dashboard, **OURS, DashboardId="churn-0", **given) == "ResourceExistsException"
    pages = quicksight.get_paginator("list_dashboards").paginate(**OURS, PaginationConfig={"PageSize": 2})
    assert [len(page["DashboardSummaryList"]) for page in pages] == [2, 1]
    found = quicksight.describe_dashboard(**OURS, DashboardId="churn-0")["Dashboard"]
    assert found["Version"]["Status"] == "CREATION_SUCCESSFUL"
    quicksight.delete_dashboard(**OURS, DashboardId="churn-0")
    assert refused(quicksight.delete_dashboard, **OURS, DashboardId="churn-0") == "ResourceNotFoundException"
    quicksight.delete_account_subscription(**OURS)
    quicksight.create_account_subscription(**SIGN_UP)
    assert quicksight.list_dashboards(**OURS)["DashboardSummaryList"] == []
