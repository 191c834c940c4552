"""Which operation a request is for, and with which parameters, whatever the service and its protocol."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

SIGNED_AS: dict[str, tuple[str, ...]] = {
    "airflow": ("mwaa",),
    "airflow-serverless": ("mwaa-serverless",),
    "access-analyzer": ("accessanalyzer",),
    "aps": ("amp",),
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-runtime", "bedrock-agent-runtime"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "elasticmapreduce": ("emr",),
    "kinesisanalytics": ("kinesisanalyticsv2",),
    "lex": ("lexv2-models", "lexv2-runtime", "lex-models", "lex-runtime"),
    "monitoring": ("cloudwatch",),
    "s3": ("s3control", "s3"),
    "s3express": ("s3",),
    "sagemaker": ("sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-metrics"),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
}
"""What boto3 calls a service whose requests are signed for a name that is not boto3's."""


@dataclasses.dataclass(frozen=True)
class Routed:
    """The operation that a request is for, with the parameters in its path and the region that it is signed for."""

    service: str
    region: str
    operation: OperationModel
    path: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """The operation by its names."""
        return self.service, self.operation.name


def route(request: Request) -> Routed | None:
    """The operation that a signed request is for."""
    scope = request.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    if len(scope) < 5:
        return None
    region, signed = scope[-3:-1]
    for service in SIGNED_AS.get(signed, (signed,)):
        if service in _services():
            # That a service has no such path, or does not speak this protocol, tells that it is another's request.
            try:
                operation, path = get_service_router(service).match(request)
            except (HTTPException, NotImplementedError):
                continue
            if (signed, operation.name) == ("s3express", "ListBuckets"):
                # Both are `GET /`; only the host and what is signed for tell them apart.
                operation = get_service_model(service).operation_model("ListDirectoryBuckets")
            return Routed(service, region, operation, path)
    return None


def protocol(request: Request, routed: Routed) -> str:
    """The protocol that the request speaks; some services know several."""
    return str(determine_request_protocol(get_service_model(routed.service), request.content_type))


def parameters(request: Request, routed: Routed) -> dict[str, Any]:
    """The parameters, without the empty lists that moto's parsers find where a query string names none."""
    operation = routed.operation
    found = PROTOCOL_PARSERS[protocol(request, routed)](operation, map_type=dict).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": dict(routed.path),
        }
    )
    members = operation.input_shape.members if operation.input_shape else {}
    return {
        name: value
        for name, value in found.items()
        if value != [] or members[name].serialization.get("location") != "querystring"
    }


@functools.cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())
