"""CodeConnections: links to Git providers."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("codeconnections", Call(operation="ListConnections", give={"MaxResults": 100}, take="Connections[]"))
class Connection(Record):
    """A link to GitHub, GitLab, Bitbucket or Azure DevOps: PENDING until somebody authorises it in the console."""

    connection_name: str = ""
    connection_arn: str = ""
    provider_type: str = ""
    connection_status: Enumerated = ""
