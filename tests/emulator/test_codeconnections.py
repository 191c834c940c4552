from __future__ import annotations

from typing import Any

import pytest

from harness import ACCOUNT, REGION

ME = [{"Key": "AuthorizedBy", "Value": "me"}]


def connect(client: Any, name: str = "lab", **given: Any) -> str:
    return str(client.create_connection(ConnectionName=name, **({"ProviderType": "GitHub"} | given))["ConnectionArn"])


def status(client: Any, arn: str) -> str:
    return str(client.get_connection(ConnectionArn=arn)["Connection"]["ConnectionStatus"])


@pytest.mark.parametrize("service", ["codeconnections", "codestar-connections"])
def test_a_connection_is_pending_until_somebody_authorises_it(aws: Any, refused: Any, service: str) -> None:
    client = aws(service)
    arn = connect(client)
    assert arn.startswith(f"arn:aws:{service}:{REGION}:{ACCOUNT}:connection/")
    assert status(client, arn) == "PENDING"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "me"}])
    assert status(client, arn) == "PENDING"
    client.tag_resource(ResourceArn=arn, Tags=ME)
    client.untag_resource(ResourceArn=arn, TagKeys=["AuthorizedBy"])
    assert status(client, arn) == "AVAILABLE"
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "Owner", "Value": "me"}]
    assert status(client, connect(client, Tags=ME)) == "AVAILABLE"
    client.delete_connection(ConnectionArn=arn)
    assert refused(client.get_connection, ConnectionArn=arn) == "ResourceNotFoundException"
    assert refused(client.tag_resource, ResourceArn=arn, Tags=ME) == "ResourceNotFoundException"


def test_hosts_and_filters(aws: Any, refused: Any) -> None:
    client = aws("codeconnections")
    host = client.create_host(Name="own", ProviderType="GitLabSelfManaged", ProviderEndpoint="https://git.example")[
        "HostArn"
    ]
    assert client.get_host(HostArn=host)["Status"] == "PENDING"
    client.create_connection(ConnectionName="inside", HostArn=host)
    connect(client)
    [found] = client.list_connections(HostArnFilter=host)["Connections"]
    assert (found["ConnectionName"], found["ProviderType"]) == ("inside", "GitLabSelfManaged")
    assert len(client.list_connections(ProviderTypeFilter="GitHub")["Connections"]) == 1
    page = client.list_connections(MaxResults=1)
    rest = client.list_connections(MaxResults=1, NextToken=page["NextToken"])
    assert [one["ConnectionName"] for one in (*page["Connections"], *rest["Connections"])] == ["inside", "lab"]
    assert "NextToken" not in rest
    assert refused(client.delete_host, HostArn=host) == "ResourceUnavailableException"
    client.delete_connection(ConnectionArn=found["ConnectionArn"])
    client.delete_host(HostArn=host)
    assert client.list_hosts()["Hosts"] == []
    assert refused(client.create_connection, ConnectionName="lost", HostArn=host) == "ResourceNotFoundException"
