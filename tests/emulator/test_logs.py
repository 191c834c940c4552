from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused

ERRORS = "fields @message | filter @message like /ERROR/"


@pytest.fixture
def logs(aws: Client) -> Any:
    """Logs with the groups of an endpoint and of a function."""
    client = aws("logs")
    for name in ("/aws/sagemaker/Endpoints/churn", "/aws/lambda/churn"):
        client.create_log_group(logGroupName=name)
    return client


def arn(client: Any, name: str) -> str:
    [group] = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found: str = group["logGroupArn"]
    return found


def test_saved_queries(logs: Any, refused: Refused) -> None:
    put = logs.put_query_definition
    given = {"queryString": ERRORS, "logGroupNames": ["/aws/lambda/churn"]}
    made = put(name="ml/errors", **given)["queryDefinitionId"]
    put(name="other", queryString="stats count(*)")
    [found] = logs.describe_query_definitions(queryDefinitionNamePrefix="ml/")["queryDefinitions"]
    assert (found["queryDefinitionId"], found["queryLanguage"], found["logGroupNames"]) == (
        made,
        "CWLI",
        ["/aws/lambda/churn"],
    )
    put(name="ml/all", queryString="fields @message", queryDefinitionId=made)
    first = logs.describe_query_definitions(maxResults=1)
    assert first["queryDefinitions"][0]["name"] == "ml/all"
    second = logs.describe_query_definitions(nextToken=first["nextToken"])["queryDefinitions"]
    assert [one["name"] for one in second] == ["other"]
    assert logs.describe_query_definitions(queryLanguage="SQL")["queryDefinitions"] == []
    assert logs.delete_query_definition(queryDefinitionId=made)["success"]
    assert refused(logs.delete_query_definition, queryDefinitionId=made) == "ResourceNotFoundException"
    assert refused(put, name="x", queryString="x", queryDefinitionId=made) == "ResourceNotFoundException"
    assert refused(put, name="x", queryString="x", logGroupNames=["none"]) == "ResourceNotFoundException"


def test_anomaly_detectors(logs: Any, refused: Refused) -> None:
    endpoint, function = arn(logs, "/aws/sagemaker"), arn(logs, "/aws/lambda")
    made = logs.create_log_anomaly_detector(logGroupArnList=[endpoint], detectorName="churn")["anomalyDetectorArn"]
    logs.create_log_anomaly_detector(logGroupArnList=[function], evaluationFrequency="ONE_HOUR")
    assert len(logs.list_log_anomaly_detectors()["anomalyDetectors"]) == 2
    [found] = logs.list_log_anomaly_detectors(filterLogGroupArn=endpoint)["anomalyDetectors"]
    assert (found["anomalyDetectorArn"], found["anomalyDetectorStatus"]) == (made, "INITIALIZING")
    assert len(logs.list_log_anomaly_detectors(limit=1)["anomalyDetectors"]) == 1
    logs.update_log_anomaly_detector(anomalyDetectorArn=made, enabled=False, filterPattern="ERROR")
    found = logs.get_log_anomaly_detector(anomalyDetectorArn=made)
    assert (found["anomalyDetectorStatus"], found["filterPattern"]) == ("PAUSED", "ERROR")
    logs.update_log_anomaly_detector(anomalyDetectorArn=made, enabled=True, evaluationFrequency="TEN_MIN")
    assert logs.get_log_anomaly_detector(anomalyDetectorArn=made)["anomalyDetectorStatus"] == "ANALYZING"
    logs.delete_log_anomaly_detector(anomalyDetectorArn=made)
    assert refused(logs.get_log_anomaly_detector, anomalyDetectorArn=made) == "ResourceNotFoundException"
    lost = [f"{function}-none"]
    assert refused(logs.create_log_anomaly_detector, logGroupArnList=lost) == "ResourceNotFoundException"


def test_queries_are_listed(logs: Any, refused: Refused) -> None:
    both = ["/aws/sagemaker/Endpoints/churn", "/aws/lambda/churn"]
    times = {"startTime": 0, "endTime": 9_999_999_999, "queryString": ERRORS}
    ids = [
        logs.start_query(logGroupNames=both, **times)["queryId"],
        logs.start_query(logGroupName=both[1], **times)["queryId"],
    ]
    assert [query["queryId"] for query in logs.describe_queries()["queries"]] == ids[::-1]
    [found] = logs.describe_queries(logGroupName=both[0])["queries"]
    assert (found["queryId"], found["queryString"], found["status"]) == (ids[0], ERRORS, "Complete")
    assert logs.describe_queries(status="Failed")["queries"] == []
    first = logs.describe_queries(maxResults=1)
    assert [query["queryId"] for query in logs.describe_queries(nextToken=first["nextToken"])["queries"]] == ids[:1]
    assert refused(logs.describe_queries, logGroupName="none") == "ResourceNotFoundException"


PROTECTED: dict[str, Any] = {
    "Name": "personal-data",
    "Version": "2021-06-01",
    "Statement": [
        {
            "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
            "Operation": {"Audit": {"FindingsDestination": {}}},
        },
        {
            "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
            "Operation": {"Deidentify": {"MaskConfig": {}}},
        },
    ],
}


def protection(client: Any) -> dict[str, str | None]:
    groups = [group for page in client.get_paginator("describe_log_groups").paginate() for group in page["logGroups"]]
    return {group["logGroupName"]: group.get("dataProtectionStatus") for group in groups}


def test_groups_tell_whether_they_mask_personal_data(logs: Any, refused: Refused) -> None:
    name, other = "/aws/lambda/churn", "/aws/sagemaker/Endpoints/churn"
    assert protection(logs) == {name: None, other: None}
    document = json.dumps(PROTECTED)
    logs.put_data_protection_policy(logGroupIdentifier=arn(logs, name), policyDocument=document)
    assert protection(logs) == {name: "ACTIVATED", other: None}
    [listed] = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda")["logGroups"]
    assert listed["dataProtectionStatus"] == "ACTIVATED"
    assert logs.get_data_protection_policy(logGroupIdentifier=name)["policyDocument"] == document

    logs.delete_data_protection_policy(logGroupIdentifier=name)
    assert protection(logs) == {name: "DELETED", other: None}
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=name)
    logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=name)
    assert protection(logs) == {name: None, other: None}

    put = logs.put_data_protection_policy
    assert refused(logs.delete_data_protection_policy, logGroupIdentifier=name) == "ResourceNotFoundException"
    assert refused(put, logGroupIdentifier="/none", policyDocument=document) == "ResourceNotFoundException"
    for text in ("{", "[]", json.dumps({**PROTECTED, "Statement": PROTECTED["Statement"][:1]})):
        assert refused(put, logGroupIdentifier=name, policyDocument=text) == "InvalidParameterException"
