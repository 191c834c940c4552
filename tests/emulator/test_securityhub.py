from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness import ACCOUNT, REGION

Client = Callable[..., Any]
PRODUCT = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"
AI = f"arn:aws:securityhub:{REGION}::standards/ai-security-best-practices/v/1.0.0"


@pytest.fixture
def hub(aws: Client) -> Any:
    """Security Hub with a severe and a mild finding."""
    client = aws("securityhub")
    client.enable_security_hub()
    made = client.batch_import_findings(Findings=[finding("severe", "CRITICAL"), finding("mild", "LOW")])
    assert made["SuccessCount"] == 2
    return client


def finding(name: str, severity: str) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": name,
        "ProductArn": PRODUCT,
        "GeneratorId": "generator",
        "AwsAccountId": ACCOUNT,
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": "2026-11-01T00:00:00Z",
        "UpdatedAt": "2026-11-01T00:00:00Z",
        "Severity": {"Label": severity},
        "Title": f"A {name} thing",
        "Description": "What is wrong.",
        "Resources": [{"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{name}"}],
    }


def test_nothing_is_told_while_it_is_off(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("securityhub")
    for call in (client.get_findings, client.get_enabled_standards, client.describe_standards):
        assert refused(call) == "InvalidAccessException"


def test_standards_come_with_the_hub_and_have_data_where_config_records(
    aws: Client, refused: Callable[..., str]
) -> None:
    client = aws("securityhub")
    client.enable_security_hub()
    assert refused(client.enable_security_hub) == "ResourceConflictException"
    found = client.get_enabled_standards()["StandardsSubscriptions"]
    names = {one["StandardsArn"].partition("/")[2] for one in found}
    assert names == {
        "aws-foundational-security-best-practices/v/1.0.0",
        "cis-aws-foundations-benchmark/v/1.2.0",
    }
    assert {one["StandardsStatus"] for one in found} == {"INCOMPLETE"}
    aws("s3").create_bucket(Bucket="deliveries")
    config = aws("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/c"}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "deliveries"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    [status] = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert (status["recording"], status["lastStatus"]) == (True, "SUCCESS")
    [made] = client.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": AI}])[
        "StandardsSubscriptions"
    ]
    assert made["StandardsStatus"] == "PENDING"
    arn = made["StandardsSubscriptionArn"]
    [found] = client.get_enabled_standards(StandardsSubscriptionArns=[arn])["StandardsSubscriptions"]
    assert (found["StandardsArn"], found["StandardsStatus"]) == (AI, "READY")
    assert AI in [one["StandardsArn"] for one in client.describe_standards()["Standards"]]
    client.batch_disable_standards(StandardsSubscriptionArns=[arn])
    assert refused(client.batch_disable_standards, StandardsSubscriptionArns=[arn]) == "InvalidInputException"
    wrong = [{"StandardsArn": AI.replace("ai-", "no-")}]
    assert refused(client.batch_enable_standards, StandardsSubscriptionRequests=wrong) == "InvalidInputException"
    client.disable_security_hub()
    client.enable_security_hub(EnableDefaultStandards=False)
    assert client.get_enabled_standards()["StandardsSubscriptions"] == []


def equal(*values: str, comparison: str = "EQUALS") -> list[dict[str, str]]:
    return [{"Value": value, "Comparison": comparison} for value in values]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["severe", "mild"]),
        ({"SeverityLabel": equal("HIGH", "CRITICAL"), "RecordState": equal("ACTIVE")}, ["severe"]),
        ({"WorkflowStatus": equal("NEW", comparison="NOT_EQUALS")}, []),
        ({"ResourceId": equal("arn:aws:s3:::mi", comparison="PREFIX")}, ["mild"]),
        ({"Title": equal("severe", comparison="CONTAINS")}, ["severe"]),
        ({"Title": equal("A sev", comparison="PREFIX_NOT_EQUALS")}, ["mild"]),
        ({"Type": equal("Software and Configuration Checks")}, ["severe", "mild"]),
        ({"CreatedAt": [{"Start": "2026-12-01T00:00:00Z", "End": "2026-12-31T00:00:00Z"}]}, []),
        ({"CreatedAt": [{"DateRange": {"Value": 36500, "Unit": "DAYS"}}]}, ["severe", "mild"]),
    ],
)
def test_filters(hub: Any, filters: dict[str, Any], expected: list[str]) -> None:
    assert [one["Id"] for one in hub.get_findings(Filters=filters)["Findings"]] == expected


def test_findings_are_sorted_paged_and_worked_off(hub: Any) -> None:
    ascending = [{"Field": "Id", "SortOrder": "asc"}]
    pages = hub.get_paginator("get_findings").paginate(SortCriteria=ascending, PaginationConfig={"PageSize": 1})
    assert [one["Id"] for page in pages for one in page["Findings"]] == ["mild", "severe"]
    known, unknown = ({"Id": name, "ProductArn": PRODUCT} for name in ("severe", "none"))
    done = hub.batch_update_findings(
        FindingIdentifiers=[known, unknown],
        Workflow={"Status": "RESOLVED"},
        Note={"Text": "done", "UpdatedBy": "learner"},
    )
    assert done["ProcessedFindings"] == [known]
    assert [one["FindingIdentifier"] for one in done["UnprocessedFindings"]] == [unknown]
    [found] = hub.get_findings(Filters={"WorkflowStatus": equal("RESOLVED")})["Findings"]
    assert (found["Id"], found["Note"]["Text"]) == ("severe", "done")
