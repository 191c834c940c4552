from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_an_account_in_no_organization_has_no_policies_to_list(
    aws: Callable[..., Any], refused: Callable[..., str]
) -> None:
    client = aws("organizations")
    asked = {"Filter": "SERVICE_CONTROL_POLICY"}
    assert refused(client.list_policies, **asked) == "AWSOrganizationsNotInUseException"
    client.create_organization()
    assert [one["Name"] for one in client.list_policies(**asked)["Policies"]] == ["FullAWSAccess"]
