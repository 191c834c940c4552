from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from harness import ACCOUNT, REGION

POINT = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-12345678901234567"


def package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("front.py", "1")
    return packed.getvalue()


@pytest.fixture
def functions(aws: Any) -> Any:
    """Lambda with a function `front` of one version, and an alias `live` on it."""
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = aws("iam").create_role(RoleName="front", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    client = aws("lambda")
    for name in ("front", "second", "third"):
        client.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="front.handle",
            Code={"ZipFile": package()},
            FileSystemConfigs=[{"Arn": POINT, "LocalMountPath": "/mnt/models"}],
            SnapStart={"ApplyOn": "PublishedVersions"},
            Publish=True,
        )
    client.create_alias(FunctionName="front", Name="live", FunctionVersion="1")
    return client


def test_provisioned_concurrency(functions: Any, refused: Any) -> None:
    place = {"FunctionName": "front", "Qualifier": "live"}
    put = functions.put_provisioned_concurrency_config
    assert put(**place, ProvisionedConcurrentExecutions=2)["Status"] == "IN_PROGRESS"
    found = functions.get_provisioned_concurrency_config(**place)
    assert (found["Status"], found["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)
    [config] = functions.list_provisioned_concurrency_configs(FunctionName="front")["ProvisionedConcurrencyConfigs"]
    assert config["FunctionArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:front:live"
    count = {"ProvisionedConcurrentExecutions": 1}
    assert refused(put, FunctionName="front", Qualifier="$LATEST", **count) == "InvalidParameterValueException"
    assert refused(put, FunctionName="front", Qualifier="1", **count) == "InvalidParameterValueException"
    assert refused(put, FunctionName="front", Qualifier="9", **count) == "ResourceNotFoundException"
    assert refused(put, FunctionName="none", Qualifier="1", **count) == "ResourceNotFoundException"
    functions.delete_provisioned_concurrency_config(**place)
    get = functions.get_provisioned_concurrency_config
    assert refused(get, **place) == "ProvisionedConcurrencyConfigNotFoundException"
    put(**place, **count)
    functions.delete_alias(FunctionName="front", Name="live")
    assert functions.list_provisioned_concurrency_configs(FunctionName="front")["ProvisionedConcurrencyConfigs"] == []


def test_nothing_of_a_function_is_lost(functions: Any) -> None:
    functions.update_function_configuration(
        FunctionName="front",
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 2048},
        DeadLetterConfig={"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"},
    )
    [found] = [one for one in functions.list_functions()["Functions"] if one["FunctionName"] == "front"]
    assert found["FileSystemConfigs"][0]["LocalMountPath"] == "/mnt/models"
    assert (found["TracingConfig"], found["EphemeralStorage"]) == ({"Mode": "Active"}, {"Size": 2048})
    assert found["LoggingConfig"]["LogGroup"] == "/aws/lambda/front"
    assert functions.get_function_configuration(FunctionName="front")["DeadLetterConfig"]["TargetArn"].endswith("dead")
    version = functions.get_function(FunctionName="front", Qualifier="1")["Configuration"]
    assert (version["SnapStart"]["OptimizationStatus"], "DeadLetterConfig" in version) == ("On", False)


def test_pages_of_functions(functions: Any) -> None:
    pages = functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    assert [one["FunctionName"] for page in pages for one in page["Functions"]] == ["front", "second", "third"]
    assert len(functions.list_functions(FunctionVersion="ALL")["Functions"]) == 6


def test_brokers_are_event_sources(aws: Any, functions: Any, refused: Any) -> None:
    servers = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka.example:9092"]}}
    own = {"FunctionName": "front", "SelfManagedEventSource": servers}
    create = functions.create_event_source_mapping
    assert refused(create, **own) == "InvalidParameterValueException"
    made = create(**own, Topics=["orders"], StartingPosition="LATEST")
    cluster = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/orders/1"
    create(FunctionName="second", EventSourceArn=cluster, Topics=["orders"])
    queue = aws("sqs").create_queue(QueueName="orders")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    create(FunctionName="front", EventSourceArn=arn)
    assert len(functions.list_event_source_mappings()["EventSourceMappings"]) == 3
    assert len(functions.list_event_source_mappings(FunctionName="front")["EventSourceMappings"]) == 2
    [found] = functions.list_event_source_mappings(EventSourceArn=cluster)["EventSourceMappings"]
    assert (found["State"], found["Topics"]) == ("Enabled", ["orders"])
    functions.update_event_source_mapping(UUID=made["UUID"], Enabled=False)
    assert functions.get_event_source_mapping(UUID=made["UUID"])["State"] == "Disabled"
    functions.delete_event_source_mapping(UUID=made["UUID"])
    assert refused(functions.get_event_source_mapping, UUID=made["UUID"]) == "ResourceNotFoundException"
