"""EKS: Kubernetes clusters; what runs in them only their own API tells."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("eks", Call(operation="ListClusters", name="name"), Call(operation="DescribeCluster", take="cluster"))
class EksCluster(Record, rename="camel"):
    """A cluster."""

    name: str
    arn: str = ""
    status: Enumerated | None = None
