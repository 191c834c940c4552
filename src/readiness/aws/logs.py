"""CloudWatch Logs: the log groups that ML services write to."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

PREFIXES = ("/aws/sagemaker/", "/aws/bedrock/", "/aws-glue/")
"""How the log groups of SageMaker's, Bedrock's and Glue's own work begin."""


@resource("logs", Call(operation="DescribeLogGroups", each={"logGroupNamePrefix": PREFIXES}))
class LogGroup(Record, rename="camel"):
    """A log group; the service makes it on first use and keeps its events for ever."""

    log_group_name: str
    arn: str
    stored_bytes: int = 0
    retention_in_days: int | None = None
    log_group_class: Enumerated | None = None
    data_protection_status: Enumerated | None = None
