"""MSK: clusters of brokers and serverless ones, which become active and keep what they were made with.

What moto says, and what AWS does: a cluster is being made for ever by an operation of nobody's, its ARN lacks its name,
several may have the same, and of what a cluster was made with, how it encrypts and who may come in are forgotten. It is
active, encrypts in transit and at rest unless it is told otherwise, and its name is taken.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Handler, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "kafka"
PORTS = {"BootstrapBrokerString": 9092, "BootstrapBrokerStringTls": 9094, "BootstrapBrokerStringSaslIam": 9098}


def _create(call: Call) -> Item:
    """A cluster in subnets that are there; of two sorts since the second version of the operation."""
    asked = copy.deepcopy(call.parameters)
    name = asked["ClusterName"]
    if any(item["ClusterName"] == name for item in call.table("Cluster").values()):
        raise Coded("ConflictException", f"Cluster {name} already exists.")
    tags = asked.pop("Tags", {})
    if call.operation == "CreateCluster":
        asked = {"ClusterName": name, "Provisioned": {key: asked[key] for key in asked if key != "ClusterName"}}
    if ("Provisioned" in asked) == ("Serverless" in asked):
        raise Invalid("A cluster is either provisioned or serverless.")
    _check(call, asked)
    kind = "PROVISIONED" if "Provisioned" in asked else "SERVERLESS"
    ending = "1" if kind == "PROVISIONED" else "s1"
    arn = call.arn(f"cluster/{name}/{uuid.uuid4()}-{ending}")
    item = {
        **asked,
        "ClusterArn": arn,
        "ClusterType": kind,
        "State": "ACTIVE",
        "CreationTime": utcnow(),
        "CurrentVersion": f"K{uuid.uuid4().hex[:13].upper()}",
    }
    if kind == "PROVISIONED":
        _provision(call, item["Provisioned"])
    call.table("Cluster")[arn] = item
    _keep(call, item, tags)
    return item


def _check(call: Call, asked: Item) -> None:
    groups = asked.get("Serverless", {}).get("VpcConfigs", [])
    subnets = [subnet for group in groups for subnet in group["SubnetIds"]]
    if provisioned := asked.get("Provisioned"):
        subnets = provisioned["BrokerNodeGroupInfo"]["ClientSubnets"]
        if provisioned["NumberOfBrokerNodes"] % len(subnets):
            raise Invalid("The number of broker nodes must be a multiple of the number of subnets.")
    known = {subnet.id for subnet in call.backend("ec2").describe_subnets()}
    for subnet in subnets:
        if subnet not in known:
            raise Invalid(f"The subnet {subnet} does not exist.")


def _provision(call: Call, brokers: Item) -> None:
    """What AWS sets where nobody says: everything is encrypted."""
    encryption = brokers.setdefault("EncryptionInfo", {})
    key = call.arn("alias/aws/kafka", service="kms")
    encryption.setdefault("EncryptionAtRest", {"DataVolumeKMSKeyId": key})
    encryption["EncryptionInTransit"] = {
        "ClientBroker": "TLS",
        "InCluster": True,
        **encryption.get("EncryptionInTransit", {}),
    }
    brokers["CurrentBrokerSoftwareInfo"] = {"KafkaVersion": brokers.pop("KafkaVersion")}
    if configuration := brokers.pop("ConfigurationInfo", None):
        revision = {"ConfigurationArn": configuration["Arn"], "ConfigurationRevision": configuration["Revision"]}
        brokers["CurrentBrokerSoftwareInfo"] |= revision
    brokers.setdefault("EnhancedMonitoring", "DEFAULT")
    brokers.setdefault("StorageMode", "LOCAL")
    group = brokers["BrokerNodeGroupInfo"]
    group.setdefault("BrokerAZDistribution", "DEFAULT")
    group.setdefault("StorageInfo", {"EbsStorageInfo": {"VolumeSize": 1000}})


def _keep(call: Call, item: Item, tags: Mapping[str, str]) -> None:
    """Let moto know of it, which keeps tags and policies."""
    backend = call.backend(SERVICE)
    if "Provisioned" in item:
        made = backend.create_cluster_v2(item["ClusterName"], None, {"numberOfBrokerNodes": 1}, None)
    else:
        made = backend.create_cluster_v2(item["ClusterName"], None, None, {"vpcConfigs": []})
    cluster = backend.clusters.pop(made[0])
    cluster.arn = item["ClusterArn"]
    cluster.state = item["State"]
    backend.clusters[cluster.arn] = cluster
    backend.tag_resource(cluster.arn, tags)


def _find(call: Call) -> Item:
    arn = call.parameters["ClusterArn"]
    found = call.table("Cluster").get(arn)
    if found is None:
        raise NotFound(f"The cluster {arn} does not exist.")
    return found


def _tagged(call: Call, item: Item) -> Item:
    return {**item, "Tags": call.backend(SERVICE).list_tags_for_resource(item["ClusterArn"])}


def _flat(call: Call, item: Item) -> Item:
    """A cluster as the first version of the operations tells of it."""
    return {
        **item["Provisioned"],
        **{name: value for name, value in _tagged(call, item).items() if name != "Provisioned"},
    }


def _describe(call: Call) -> Item:
    item = _find(call)
    if call.operation == "DescribeClusterV2":
        return {"ClusterInfo": _tagged(call, item)}
    if "Provisioned" not in item:
        raise Invalid("This operation knows provisioned clusters only.")
    flat = {name: value for name, value in _flat(call, item).items() if name != "ClusterType"}
    return {"ClusterInfo": flat}


def _list(call: Call) -> Item:
    """Clusters whose names begin as is asked for, and of the sort that is."""
    asked, first = call.parameters, call.operation == "ListClusters"
    kind = asked.get("ClusterTypeFilter", "PROVISIONED" if first else "ALL").upper()
    found = [
        _flat(call, item) if first else _tagged(call, item)
        for item in call.table("Cluster").values()
        if item["ClusterName"].startswith(asked.get("ClusterNameFilter", "")) and kind in ("ALL", item["ClusterType"])
    ]
    return listed(call, found, "ClusterArn")


def _delete(call: Call) -> Item:
    item = _find(call)
    if call.parameters.get("CurrentVersion", item["CurrentVersion"]) != item["CurrentVersion"]:
        raise Invalid("The version is not that of the cluster.")
    del call.table("Cluster")[item["ClusterArn"]]
    call.backend(SERVICE).clusters.pop(item["ClusterArn"], None)
    return {"ClusterArn": item["ClusterArn"], "State": "DELETING"}


def _brokers(call: Call) -> Item:
    """The addresses by which clients may come in."""
    item = _find(call)
    name = f"{item['ClusterName']}.{SERVICE}.{call.region}.amazonaws.com"
    if "Serverless" in item:
        return {"BootstrapBrokerStringSaslIam": f"boot.{name}:{PORTS['BootstrapBrokerStringSaslIam']}"}
    provisioned: Any = item["Provisioned"]
    transit = provisioned["EncryptionInfo"]["EncryptionInTransit"]["ClientBroker"]
    wanted = {"TLS": ["Tls"], "PLAINTEXT": [""], "TLS_PLAINTEXT": ["Tls", ""]}[transit]
    if provisioned.get("ClientAuthentication", {}).get("Sasl", {}).get("Iam", {}).get("Enabled"):
        wanted = [*wanted, "SaslIam"]
    numbers = range(1, provisioned["NumberOfBrokerNodes"] + 1)
    members = [f"BootstrapBrokerString{kind}" for kind in wanted]
    return {member: ",".join(f"b-{number}.{name}:{PORTS[member]}" for number in numbers) for member in members}


ANSWERS: Mapping[str, Handler] = {
    "CreateCluster": _create,
    "CreateClusterV2": _create,
    "DescribeCluster": _describe,
    "DescribeClusterV2": _describe,
    "ListClusters": _list,
    "ListClustersV2": _list,
    "DeleteCluster": _delete,
    "GetBootstrapBrokers": _brokers,
}

EXTENSION = Extension(SERVICE, ANSWERS)
