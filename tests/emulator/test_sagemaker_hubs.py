from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

PUBLIC = f"arn:aws:sagemaker:{REGION}:aws:hub-content/SageMakerPublicHub/Model/bert/2.1.0"


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with a hub `ours`."""
    client = aws("sagemaker")
    client.create_hub(HubName="ours", HubDescription="our models")
    return client


def content(client: Any, name: str, **given: str) -> str:
    made = client.import_hub_content(
        HubName="ours",
        HubContentName=name,
        HubContentType="Model",
        DocumentSchemaVersion="2.0.0",
        HubContentDocument="{}",
        **given,
    )
    return str(made["HubContentArn"])


def names(client: Any, kind: str = "Model", **asked: Any) -> list[tuple[str, str]]:
    found = client.list_hub_contents(HubName="ours", HubContentType=kind, **asked)["HubContentSummaries"]
    return [(one["HubContentName"], one["HubContentVersion"]) for one in found]


def test_the_public_hub_is_listed_beside_those_of_the_account(sagemaker: Any, refused: Refused) -> None:
    hubs = {hub["HubName"]: hub["HubArn"] for hub in sagemaker.list_hubs()["HubSummaries"]}
    assert hubs == {
        "SageMakerPublicHub": f"arn:aws:sagemaker:{REGION}:aws:hub/SageMakerPublicHub",
        "ours": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub/ours",
    }
    assert sagemaker.describe_hub(HubName="SageMakerPublicHub")["HubStatus"] == "InService"
    assert (
        sagemaker.list_hub_contents(HubName="SageMakerPublicHub", HubContentType="Model")["HubContentSummaries"] == []
    )
    assert refused(sagemaker.delete_hub, HubName="SageMakerPublicHub") == "ResourceNotFound"
    for name in ("SageMakerPublicHub", "ours"):
        assert refused(sagemaker.create_hub, HubName=name, HubDescription="x") == "ResourceInUse"


def test_contents_have_versions(sagemaker: Any, refused: Refused) -> None:
    arn = content(sagemaker, "bert")
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub-content/ours/Model/bert/1.0.0"
    for version in ("1.10.0", "1.9.0"):
        content(sagemaker, "bert", HubContentVersion=version)
    content(sagemaker, "gpt")
    assert names(sagemaker) == [("bert", "1.10.0"), ("gpt", "1.0.0")]
    assert names(sagemaker, NameContains="gp", MaxResults=1) == [("gpt", "1.0.0")]
    assert names(sagemaker, "Notebook") == []
    named = {"HubName": "ours", "HubContentType": "Model", "HubContentName": "bert"}
    versions = sagemaker.list_hub_content_versions(**named, MinVersion="1.5.0")["HubContentSummaries"]
    assert [one["HubContentVersion"] for one in versions] == ["1.9.0", "1.10.0"]
    assert sagemaker.describe_hub_content(**named)["HubContentVersion"] == "1.10.0"
    assert sagemaker.describe_hub_content(**named, HubContentVersion="1.9.0")["HubContentVersion"] == "1.9.0"
    sagemaker.update_hub_content(**named, HubContentVersion="1.9.0", SupportStatus="Deprecated")
    assert sagemaker.describe_hub_content(**named, HubContentVersion="1.9.0")["SupportStatus"] == "Deprecated"
    sagemaker.delete_hub_content(**named, HubContentVersion="1.10.0")
    assert names(sagemaker)[0] == ("bert", "1.9.0")
    assert refused(sagemaker.describe_hub_content, **{**named, "HubContentName": "none"}) == "ResourceNotFound"
    assert refused(sagemaker.list_hub_contents, HubName="none", HubContentType="Model") == "ResourceNotFound"
    again = {"DocumentSchemaVersion": "2.0.0", "HubContentDocument": "{}", "HubContentVersion": "1.9.0"}
    assert refused(sagemaker.import_hub_content, **named, **again) == "ResourceInUse"


def test_a_reference_to_a_public_model(sagemaker: Any, refused: Refused) -> None:
    refer = sagemaker.create_hub_content_reference
    made = refer(HubName="ours", SageMakerPublicHubContentArn=PUBLIC, MinVersion="2.0.0")
    assert made["HubContentArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub-content/ours/ModelReference/bert/2.1.0"
    assert names(sagemaker, "ModelReference") == [("bert", "2.1.0")]
    named = {"HubName": "ours", "HubContentType": "ModelReference", "HubContentName": "bert"}
    found = sagemaker.describe_hub_content(**named)
    assert (found["SageMakerPublicHubContentArn"], found["ReferenceMinVersion"]) == (PUBLIC, "2.0.0")
    assert refused(refer, HubName="ours", SageMakerPublicHubContentArn=PUBLIC) == "ResourceInUse"
    other = PUBLIC.replace("SageMakerPublicHub", "other")
    assert refused(refer, HubName="ours", SageMakerPublicHubContentArn=other) == "ValidationException"
    sagemaker.update_hub_content_reference(**named, MinVersion="2.1.0")
    assert sagemaker.describe_hub_content(**named)["ReferenceMinVersion"] == "2.1.0"
    assert refused(sagemaker.delete_hub, HubName="ours") == "ResourceInUse"
    sagemaker.delete_hub_content_reference(**named)
    sagemaker.delete_hub(HubName="ours")
    assert refused(sagemaker.describe_hub, HubName="ours") == "ResourceNotFound"
