from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION


@pytest.fixture
def subnet(aws: Client) -> str:
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    found: str = aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return found


def brokers(subnet: str, **given: Any) -> dict[str, Any]:
    group = {"ClientSubnets": [subnet], "InstanceType": "kafka.m5.large"}
    return {"BrokerNodeGroupInfo": group, "KafkaVersion": "3.5.1", "NumberOfBrokerNodes": 2, **given}


def test_clusters_are_active_and_encrypt(aws: Client, subnet: str, refused: Refused) -> None:
    kafka = aws("kafka")
    plain = {"EncryptionInTransit": {"ClientBroker": "TLS_PLAINTEXT"}}
    iam = {"Sasl": {"Iam": {"Enabled": True}}}
    configuration = {"Arn": f"arn:aws:kafka:{REGION}:{ACCOUNT}:configuration/one", "Revision": 2}
    kafka.create_cluster_v2(ClusterName="clicks", Provisioned=brokers(subnet), Tags={"Owner": "me"})
    open_to_all = kafka.create_cluster(
        ClusterName="open",
        **brokers(subnet, EncryptionInfo=plain, ClientAuthentication=iam, ConfigurationInfo=configuration),
    )["ClusterArn"]
    serverless = kafka.create_cluster_v2(ClusterName="less", Serverless={"VpcConfigs": [{"SubnetIds": [subnet]}]})
    found = {one["ClusterName"]: one for one in kafka.list_clusters_v2()["ClusterInfoList"]}
    assert {one["State"] for one in found.values()} == {"ACTIVE"}
    clicks = found["clicks"]
    assert clicks["ClusterArn"].startswith(f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/clicks/")
    assert clicks["Tags"] == {"Owner": "me"}
    transit = clicks["Provisioned"]["EncryptionInfo"]["EncryptionInTransit"]
    assert transit == {"ClientBroker": "TLS", "InCluster": True}
    assert found["open"]["Provisioned"]["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"] == "TLS_PLAINTEXT"
    assert found["less"]["ClusterType"] == "SERVERLESS"
    assert [one["ClusterName"] for one in kafka.list_clusters()["ClusterInfoList"]] == ["clicks", "open"]
    described = kafka.describe_cluster(ClusterArn=open_to_all)["ClusterInfo"]
    assert described["CurrentBrokerSoftwareInfo"]["ConfigurationRevision"] == 2
    assert refused(kafka.describe_cluster, ClusterArn=serverless["ClusterArn"]) == "BadRequestException"
    own = kafka.describe_cluster_v2(ClusterArn=serverless["ClusterArn"])["ClusterInfo"]
    assert own["Serverless"]["VpcConfigs"] == [{"SubnetIds": [subnet]}]
    only = kafka.list_clusters_v2(ClusterTypeFilter="SERVERLESS", ClusterNameFilter="l")["ClusterInfoList"]
    assert [one["ClusterName"] for one in only] == ["less"]
    assert len(kafka.list_clusters_v2(MaxResults=1)["ClusterInfoList"]) == 1

    addresses = kafka.get_bootstrap_brokers(ClusterArn=open_to_all)
    assert len(addresses["BootstrapBrokerStringTls"].split(",")) == 2
    assert {"BootstrapBrokerString", "BootstrapBrokerStringSaslIam"} <= addresses.keys()
    assert "BootstrapBrokerStringSaslIam" in kafka.get_bootstrap_brokers(ClusterArn=serverless["ClusterArn"])

    again = {"ClusterName": "clicks", "Provisioned": brokers(subnet)}
    assert refused(kafka.create_cluster_v2, **again) == "ConflictException"
    assert refused(kafka.delete_cluster, ClusterArn=open_to_all, CurrentVersion="K0") == "BadRequestException"
    kafka.delete_cluster(ClusterArn=open_to_all)
    assert refused(kafka.describe_cluster_v2, ClusterArn=open_to_all) == "NotFoundException"


@pytest.mark.parametrize("given", [{}, {"Provisioned": {"NumberOfBrokerNodes": 3}}, {"Provisioned": {}}])
def test_a_cluster_must_fit(aws: Client, subnet: str, refused: Refused, given: dict[str, Any]) -> None:
    asked = dict(given)
    if "Provisioned" in given:
        two = [subnet, subnet] if given["Provisioned"] else ["subnet-00000000"]
        group = {"ClientSubnets": two, "InstanceType": "kafka.m5.large"}
        asked["Provisioned"] = {**brokers(subnet), **given["Provisioned"], "BrokerNodeGroupInfo": group}
    assert refused(aws("kafka").create_cluster_v2, ClusterName="bad", **asked) == "BadRequestException"
