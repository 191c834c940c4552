"""Invocations of endpoints: what they leave in CloudWatch, and in S3 where the endpoint captures.

Moto answers for endpoints that are not there, in the name of a variant that is not there either, and takes no request
that is no text. What it answers is made up, so that only requests are captured; and how long a model took is told by
the size of its request alone.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.metrics import note
from readiness.emulator.services.sagemaker.objects import write

NAMESPACE = "AWS/SageMaker"
LEAST = 5_000
"""How many microseconds a model takes for an empty request; then two for each byte."""
USUAL = ("content_type", "invoked_production_variant")
"""What moto answers, besides a body, where nobody told it what to answer."""
REQUESTS = ("Input", "InputAndOutput")
"""The modes in which requests are captured."""


def _invoke(call: Call) -> Item:
    """The next answer that moto was told to give, or its usual one, by the variant that was asked."""
    given, body = call.parameters, _body(call)
    endpoint = call.backend("sagemaker").endpoints.get(given["EndpointName"])
    if endpoint is None:
        raise Invalid(f"Endpoint {given['EndpointName']} of account {call.account} not found.")
    variant = given.get("TargetVariant") or endpoint.production_variants[0]["VariantName"]
    told = {name: str(value) for name, value in given.items() if name != "Body"}
    request = json.dumps({**told, "Body": base64.b64encode(body).decode()}, sort_keys=True).encode()
    answer, kind, named, attributes = call.backend("sagemaker-runtime").invoke_endpoint(
        given["EndpointName"], base64.b64encode(request)
    )
    _note(call, endpoint, variant, body)
    if (kind, named) == USUAL:
        kind, named, attributes = given.get("Accept", "text/plain"), variant, None
    return {
        "Body": answer.encode(),
        "ContentType": kind,
        "InvokedProductionVariant": named,
        "CustomAttributes": attributes,
    }


def _note(call: Call, endpoint: Any, variant: str, body: bytes) -> None:
    """An invocation is counted, and captured if it is one of the sample."""
    dimensions = {"EndpointName": endpoint.endpoint_name, "VariantName": variant}
    note(call, NAMESPACE, "Invocations", dimensions, unit="None")
    for name in ("Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors"):
        note(call, NAMESPACE, name, dimensions, 0, unit="None")
    note(call, NAMESPACE, "ModelLatency", dimensions, LEAST + 2 * len(body), unit="Microseconds")
    capture = endpoint.data_capture_config or {}
    modes = {option["CaptureMode"] for option in capture.get("CaptureOptions", [])}
    if capture.get("EnableCapture") and modes.intersection(REQUESTS) and _sampled(call, endpoint, capture):
        now = utcnow()
        place = f"{capture['DestinationS3Uri'].rstrip('/')}/{endpoint.endpoint_name}/{variant}/{now:%Y/%m/%d/%H}"
        write(call, f"{place}/{now:%M-%S-%f}-{uuid.uuid4()}.jsonl", json.dumps(_record(call, body)).encode() + b"\n")


def _body(call: Call) -> bytes:
    body = call.parameters.get("Body", b"")
    return body.encode() if isinstance(body, str) else bytes(body)


def _sampled(call: Call, endpoint: Any, capture: Item) -> bool:
    """Whether a request is of the sample: every so many, evenly."""
    counted = call.table("Capture").setdefault(endpoint.arn, {"Requests": 0})
    counted["Requests"] += 1
    requests, percentage = counted["Requests"], capture["InitialSamplingPercentage"]
    return bool(requests * percentage // 100 > (requests - 1) * percentage // 100)


def _record(call: Call, body: bytes) -> Item:
    """A request as it is captured: text as it is, everything else in base64."""
    kind = call.parameters.get("ContentType", "application/octet-stream")
    encoding = "CSV" if kind.startswith("text/csv") else "JSON" if "json" in kind else "BASE64"
    data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode(errors="replace")
    return {
        "captureData": {
            "endpointInput": {"observedContentType": kind, "mode": "INPUT", "data": data, "encoding": encoding}
        },
        "eventMetadata": {"eventId": str(uuid.uuid4()), "inferenceTime": f"{utcnow():%Y-%m-%dT%H:%M:%SZ}"},
        "eventVersion": "0",
    }


EXTENSION = Extension("sagemaker-runtime", {"InvokeEndpoint": _invoke})
