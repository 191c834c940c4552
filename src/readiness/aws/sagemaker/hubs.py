"""JumpStart hubs of an organisation's own, and the models of AWS's public hub that they offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

OF_AWS = ":aws:hub/"
"""In the ARN of the public hub, which every account sees."""


def _is_somebodys(hub: Mapping[str, Any]) -> bool:
    return OF_AWS not in str(hub.get("HubArn"))


@resource("sagemaker", Call(operation="ListHubs", take="HubSummaries[]"), where=_is_somebodys)
class Hub(Record):
    """A hub of the account, or one that another account shares with it."""

    hub_name: str
    hub_arn: str


@resource(
    "sagemaker",
    Call(
        operation="ListHubContents",
        by={"HubName": "HubArn"},
        give={"HubContentType": "ModelReference"},
        take="HubContentSummaries[]",
    ),
    per=Hub,
)
class HubReference(Record):
    """A model of the public hub that a hub offers by a reference; its ARN names the account that owns the hub."""

    hub_content_name: str
    hub_content_arn: str
    hub_content_status: Enumerated
