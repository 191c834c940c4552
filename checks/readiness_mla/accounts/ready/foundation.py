"""What everything else stands on: keys, buckets, a private network, roles, and somebody who is told."""

from __future__ import annotations

import dataclasses

from readiness_mla.accounts.place import Do, Place

OWNED = [{"Key": "CostCenter", "Value": "ml-lab"}, {"Key": "Owner", "Value": "learner"}]


@dataclasses.dataclass(frozen=True)
class Foundation:
    """Names and ARNs of what was laid.

    Attributes:
        here: the account.
        key: ARN of the customer managed key that encrypts all data of the lab.
        vpc: id of the VPC.
        subnets: ids of its private subnets, one in each of two zones.
        group: id of the security group in which jobs and endpoints run.
        topic: ARN of a topic that has a subscriber.
    """

    here: Place
    key: str
    vpc: str
    subnets: tuple[str, str]
    group: str
    topic: str

    @property
    def vpc_config(self) -> dict[str, list[str]]:
        """What SageMaker's jobs and models take."""
        return {"Subnets": list(self.subnets), "SecurityGroupIds": [self.group]}


def lay(do: Do, here: Place) -> Foundation:
    """Make them."""
    raise NotImplementedError
