"""CloudTrail's event history: every management call that was made to the emulator, as CloudTrail tells it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from botocore.model import OperationModel, Shape
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Item, model_of

READS = ("Describe", "List", "Get", "Search", "Lookup", "BatchGet", "Head", "Select", "Query", "Scan", "Filter", "Test")
DATA: dict[str, tuple[str, ...]] = {
    "cloudwatch": ("PutMetricData",),
    "dynamodb": ("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan", "Batch", "Transact"),
    "firehose": ("PutRecord",),
    "kinesis": ("PutRecord", "GetRecords", "GetShardIterator", "SubscribeToShard"),
    "lambda": ("Invoke",),
    "logs": ("PutLogEvents",),
    "s3": ("GetObject", "PutObject", "HeadObject", "DeleteObject", "CopyObject", "ListObject", "UploadPart"),
    "sagemaker-featurestore-runtime": ("",),
    "sagemaker-metrics": ("",),
    "sagemaker-runtime": ("",),
    "sns": ("Publish",),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage"),
    "xray": ("PutTrace", "PutTelemetry"),
}
"""How the names of data events begin, per service: the history of a trail that nobody configured lacks them."""
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def is_data(service: str, operation: str) -> bool:
    """Whether an operation is a data event, which the history leaves out."""
    return operation.startswith(DATA[service]) if service in DATA else False


def is_read(operation: str) -> bool:
    """Whether an operation only reads."""
    return operation.startswith(READS)


def record(call: Call, operation: OperationModel, error: str, agent: str) -> None:
    """Note a call in the history of its account and region.

    Args:
        call: the call.
        operation: the model of what it calls.
        error: the code with which it was refused, or nothing.
        agent: the client's name of itself.
    """
    now = utcnow()
    identity = call.backend("sts").get_caller_identity(call.access_key, call.region)[1]
    name = identity.rpartition("/")[2]
    source = f"{model_of(call.service).signing_name}.amazonaws.com"
    event = {
        "eventVersion": "1.11",
        "userIdentity": {"type": _kind(identity), "arn": identity, "accountId": call.account, "userName": name},
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": operation.name,
        "awsRegion": call.region,
        "userAgent": agent,
        "requestParameters": _told(call.parameters, operation.input_shape),
        "readOnly": is_read(operation.name),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
        **({"errorCode": error} if error else {}),
    }
    call.kept.events.append(
        {
            "EventId": str(uuid.uuid4()),
            "EventName": operation.name,
            "ReadOnly": str(is_read(operation.name)).lower(),
            "AccessKeyId": call.access_key,
            "EventTime": now,
            "EventSource": source,
            "Username": name,
            "Resources": [],
            "CloudTrailEvent": json.dumps(event),
        }
    )


def _kind(arn: str) -> str:
    return "AssumedRole" if ":assumed-role/" in arn else "IAMUser" if ":user/" in arn else "Root"


def _told(value: Any, shape: Shape | None) -> Any:
    """The parameters as CloudTrail shows them: what the model calls sensitive is hidden, bytes are left out."""
    if shape is None or value is None:
        return None
    if shape.metadata.get("sensitive"):
        return HIDDEN
    if shape.type_name == "structure":
        told: Item = {}
        for name, inner in value.items():
            if name in shape.members and shape.members[name].type_name != "blob":
                told[name[0].lower() + name[1:]] = _told(inner, shape.members[name])
        return told
    if shape.type_name == "list":
        return [_told(inner, shape.member) for inner in value]
    if shape.type_name == "map":
        return {str(name): _told(inner, shape.value) for name, inner in value.items()}
    return value if isinstance(value, (str, int, float, bool)) else str(value)
