"""Inference components: models that share the instances of an endpoint."""

from __future__ import annotations

from typing import Any

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource

SERVICE = "sagemaker"


def _host(call: Call, item: Item) -> None:
    """A component lives on an endpoint that is there, and comes up with the copies that were asked for."""
    endpoint = call.backend("sagemaker").endpoints.get(item["EndpointName"])
    if endpoint is None:
        raise Invalid(f'Could not find endpoint "{item["EndpointName"]}".')
    item["EndpointArn"] = endpoint.response_object["EndpointArn"]
    item.setdefault("VariantName", endpoint.response_object["ProductionVariants"][0]["VariantName"])
    _run(call, item)
    specification: dict[str, Any] = item.get("Specification", {})
    if "Image" in (container := specification.get("Container", {})):
        container["DeployedImage"] = {"SpecifiedImage": container.pop("Image")}


def _run(_: Call, item: Item) -> None:
    """The copies that are asked for run at once; an adapter has none of its own."""
    copies = item.get("RuntimeConfig", {}).get("CopyCount")
    if copies is not None:
        item["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}


COMPONENTS = Resource(
    SERVICE,
    "InferenceComponent",
    "InferenceComponentName",
    "inference-component/{}",
    status=("InferenceComponentStatus", "InService"),
    created=_host,
    changed=_run,
)

EXTENSION = Extension(SERVICE, COMPONENTS.handlers())
