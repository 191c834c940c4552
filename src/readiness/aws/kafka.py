"""MSK: clusters of Kafka."""

from __future__ import annotations

from readiness.aws.history import Event, events
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class InTransit(Record):
    """How data is encrypted on its way: between clients and brokers, and between brokers."""

    client_broker: Enumerated | None = None
    in_cluster: bool = False


class EncryptionInfo(Record):
    """How a cluster encrypts; its volumes always are."""

    encryption_in_transit: InTransit | None = None


class Provisioned(Record):
    """What only clusters with brokers of their own have; serverless ones are always encrypted."""

    encryption_info: EncryptionInfo | None = None


@resource("kafka", Call(operation="ListClustersV2", take="ClusterInfoList[]"))
class Cluster(Record):
    """A cluster, PROVISIONED or SERVERLESS."""

    cluster_arn: str
    cluster_type: Enumerated | None = None
    state: Enumerated | None = None
    provisioned: Provisioned | None = None


@events("kafka", "CreateCluster", "CreateClusterV2")
class ClusterEvent(Event):
    """Somebody made a cluster."""
