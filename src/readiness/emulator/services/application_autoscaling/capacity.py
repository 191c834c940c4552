"""The capacities that can be scaled: how much of each there is, and how it is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from readiness.emulator.call import Call, Item
from readiness.emulator.door import Extension
from readiness.emulator.services.lambda_concurrency import provisioned

Get = Callable[[Call, str], int | None]
Set = Callable[[Call, str, int], None]


def _variant(call: Call, resource: str) -> Item | None:
    """A variant of an endpoint: `endpoint/NAME/variant/VARIANT`."""
    _, name, _, variant = resource.split("/")
    endpoint = call.backend("sagemaker").endpoints.get(name)
    for held in endpoint.production_variants if endpoint else []:
        if held["VariantName"] == variant:
            found: Item = held
            return found
    return None


def _instances(call: Call, resource: str) -> int | None:
    variant = _variant(call, resource)
    return None if variant is None else int(variant.get("CurrentInstanceCount", 0))


def _set_instances(call: Call, resource: str, count: int) -> None:
    (_variant(call, resource) or {}).update({"CurrentInstanceCount": count, "DesiredInstanceCount": count})


def _serverless(call: Call, resource: str) -> int | None:
    variant = _variant(call, resource)
    config = (variant or {}).get("CurrentServerlessConfig")
    return None if config is None else int(config.get("ProvisionedConcurrency", 0))


def _set_serverless(call: Call, resource: str, count: int) -> None:
    variant = _variant(call, resource) or {}
    config = {**variant["CurrentServerlessConfig"], "ProvisionedConcurrency": count}
    variant.update({"CurrentServerlessConfig": config, "DesiredServerlessConfig": config})


def _component(call: Call, resource: str) -> Item | None:
    """An inference component: `inference-component/NAME`."""
    return call.table("InferenceComponent", "sagemaker").get(resource.partition("/")[2])


def _copies(call: Call, resource: str) -> int | None:
    component = _component(call, resource)
    return None if component is None else int(component.get("RuntimeConfig", {}).get("CurrentCopyCount", 0))


def _set_copies(call: Call, resource: str, count: int) -> None:
    component = _component(call, resource) or {}
    component["RuntimeConfig"] = {"DesiredCopyCount": count, "CurrentCopyCount": count}


def _service(call: Call, resource: str) -> Any:
    """A service of ECS: `service/CLUSTER/NAME`."""
    _, cluster, name = resource.split("/")
    return call.backend("ecs").services.get(f"{cluster}:{name}")


def _tasks(call: Call, resource: str) -> int | None:
    service = _service(call, resource)
    return None if service is None else int(service.desired_count)


def _set_tasks(call: Call, resource: str, count: int) -> None:
    _, cluster, name = resource.split("/")
    call.backend("ecs").update_service({"cluster": cluster, "service": name, "desired_count": count})


def _concurrency(call: Call, resource: str) -> int | None:
    """The provisioned concurrency of `function:NAME:QUALIFIER`; none of a function that is there counts 0."""
    _, name, qualifier = resource.split(":")
    backend = call.backend("lambda")
    if name not in {function.function_name for function in backend.list_functions()}:
        return None
    known = {alias.name for alias in backend.list_aliases(name)}
    known |= {str(version.version) for version in backend.list_versions_by_function(name)}
    if qualifier not in known:
        return None
    return int(provisioned(call).get(f"{name}:{qualifier}", {}).get("RequestedProvisionedConcurrentExecutions", 0))


def _set_concurrency(call: Call, resource: str, count: int) -> None:
    _, name, qualifier = resource.split(":")
    held = provisioned(call).get(f"{name}:{qualifier}")
    if held is not None:
        kinds = ("Requested", "Available", "Allocated")
        held.update({f"{kind}ProvisionedConcurrentExecutions": count for kind in kinds})


KNOWN: dict[str, tuple[Get, Set]] = {
    "sagemaker:variant:DesiredInstanceCount": (_instances, _set_instances),
    "sagemaker:variant:DesiredProvisionedConcurrency": (_serverless, _set_serverless),
    "sagemaker:inference-component:DesiredCopyCount": (_copies, _set_copies),
    "ecs:service:DesiredCount": (_tasks, _set_tasks),
    "lambda:function:ProvisionedConcurrency": (_concurrency, _set_concurrency),
}
"""The dimensions whose capacity is known; of others only the bounds are kept."""
FORMS = {
    "sagemaker:variant": r"endpoint/[^/]+/variant/[^/]+",
    "sagemaker:inference-component": r"inference-component/[^/]+",
    "ecs:service": r"service/[^/]+/[^/]+",
    "lambda:function": r"function:[^:]+:[^:]+",
    "dynamodb:table": r"table/[^/]+",
    "dynamodb:index": r"table/[^/]+/index/[^/]+",
}
"""What the identifier of a resource looks like."""


def well_formed(resource: str, dimension: str) -> bool:
    """Whether a resource can have such a dimension."""
    form = FORMS.get(dimension.rpartition(":")[0])
    return form is None or re.fullmatch(form, resource) is not None


def current(call: Call, resource: str, dimension: str) -> int | None:
    """How much there is; None where there is no such resource, or where its capacity is not known here."""
    return KNOWN[dimension][0](call, resource) if dimension in KNOWN else None


def change(call: Call, resource: str, dimension: str, count: int) -> None:
    """Make it so much."""
    KNOWN[dimension][1](call, resource, count)


EXTENSION = Extension("application-autoscaling")
