"""Inference experiments: shadow tests, in which a copy of the traffic of an endpoint goes to another variant."""

from __future__ import annotations

import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource
from readiness.emulator.services.sagemaker.catalogue import utc
from readiness.emulator.services.sagemaker.kinds import SERVICE

LASTS = datetime.timedelta(days=7)
"""How long an experiment runs where nobody says."""
ENDED = ("Completed", "Cancelled")


def _plan(call: Call, item: Item) -> None:
    """An experiment runs on an endpoint and with models that are there; without a schedule it starts at once."""
    if item["EndpointName"] not in call.backend("sagemaker").endpoints:
        raise Invalid(f"Could not find endpoint {item['EndpointName']}.")
    _check(call, item)
    item["Arn"] = item["InferenceExperimentArn"]
    for variant in item["ModelVariants"]:
        variant["Status"] = "InService"
    schedule = item.setdefault("Schedule", {})
    schedule.setdefault("StartTime", item["CreationTime"])
    schedule.setdefault("EndTime", schedule["StartTime"] + LASTS)
    del item["CompletionTime"]
    _pass(call, item)


def _check(call: Call, item: Item) -> None:
    variants = {variant["VariantName"]: variant for variant in item["ModelVariants"]}
    for variant in variants.values():
        if variant["ModelName"] not in call.backend("sagemaker")._models:
            raise Invalid(f"Could not find model {variant['ModelName']}.")
    mode = item["ShadowModeConfig"]
    shadows = [one["ShadowModelVariantName"] for one in mode["ShadowModelVariants"]]
    for name in (mode["SourceModelVariantName"], *shadows):
        if name not in variants:
            raise Invalid(f"ShadowModeConfig names a variant {name} that ModelVariants lack.")
    if mode["SourceModelVariantName"] in shadows:
        raise Invalid("The source variant can't be its own shadow.")


def _pass(call: Call, item: Item) -> None:
    """What the time does to an experiment: it starts when it is due, and completes when it is over."""
    now = utcnow()
    if item["Status"] == "Created" and utc(item["Schedule"]["StartTime"]) <= utc(now):
        _run(call, item)
    if item["Status"] == "Running" and utc(item["Schedule"]["EndTime"]) <= utc(now):
        item |= {"Status": "Completed", "CompletionTime": item["Schedule"]["EndTime"]}
        _deploy(call, item, {item["ShadowModeConfig"]["SourceModelVariantName"]: "Retain"}, item["ModelVariants"])
    endpoint = call.backend("sagemaker").endpoints.get(item["EndpointName"])
    item["EndpointMetadata"] = {
        "EndpointName": item["EndpointName"],
        "EndpointConfigName": endpoint.endpoint_config_name if endpoint else None,
        "EndpointStatus": endpoint.endpoint_status if endpoint else None,
    }
    item["EndpointMetadata"] = {name: value for name, value in item["EndpointMetadata"].items() if value is not None}


def _run(call: Call, item: Item) -> None:
    """While it runs, its variants are those of the endpoint."""
    item["Status"] = "Running"
    shadows = {one["ShadowModelVariantName"] for one in item["ShadowModeConfig"]["ShadowModelVariants"]}
    for variant in item["ModelVariants"]:
        variant["Status"] = "InService"
    if endpoint := call.backend("sagemaker").endpoints.get(item["EndpointName"]):
        endpoint.production_variants = [
            _summary(one) for one in item["ModelVariants"] if one["VariantName"] not in shadows
        ]
        endpoint.shadow_production_variants = [
            _summary(one) for one in item["ModelVariants"] if one["VariantName"] in shadows
        ]


def _summary(variant: Item) -> Item:
    """A variant as its endpoint tells of it."""
    count = variant["InfrastructureConfig"]["RealTimeInferenceConfig"]["InstanceCount"]
    return {
        "VariantName": variant["VariantName"],
        "CurrentWeight": 1.0,
        "DesiredWeight": 1.0,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _deploy(call: Call, item: Item, actions: dict[str, str], variants: list[dict[str, Any]]) -> None:
    """What is left of the variants after an experiment: the retained ones, and the promoted shadow."""
    left = [name for name, action in actions.items() if action != "Remove"]
    for variant in item["ModelVariants"]:
        variant["Status"] = "InService" if variant["VariantName"] in left else "Deleted"
    if endpoint := call.backend("sagemaker").endpoints.get(item["EndpointName"]):
        endpoint.production_variants = [_summary(one) for one in variants if one["VariantName"] in left]
        endpoint.shadow_production_variants = None


EXPERIMENTS = Resource(
    SERVICE,
    "InferenceExperiment",
    "Name",
    "inference-experiment/{}",
    arn_member="InferenceExperimentArn",
    status=("Status", "Created"),
    equals={"Type": "Type"},
    created=_plan,
)


def _find(call: Call) -> Item:
    item = EXPERIMENTS.find(call)
    _pass(call, item)
    return item


def _list(call: Call) -> Item:
    for item in EXPERIMENTS.items(call).values():
        _pass(call, item)
    return EXPERIMENTS.list(call)


def _update(call: Call) -> Item:
    item = _find(call)
    if item["Status"] in ENDED:
        raise InUse(f"The experiment {item['Name']} is {item['Status']}.")
    given = {name: value for name, value in call.parameters.items() if name != "Schedule"}
    for variant in given.get("ModelVariants", []):
        variant["Status"] = "InService"
    _check(call, item | given)
    item |= given
    item["Schedule"] = {**item["Schedule"], **call.parameters.get("Schedule", {})}
    item["LastModifiedTime"] = utcnow()
    if item["Status"] == "Running":
        _run(call, item)
    return item


def _start(call: Call) -> Item:
    item = _find(call)
    if item["Status"] != "Created":
        raise InUse(f"The experiment {item['Name']} is {item['Status']}.")
    now = utcnow()
    item["Schedule"] = {**item["Schedule"], "StartTime": now}
    item["LastModifiedTime"] = now
    _run(call, item)
    return item


def _stop(call: Call) -> Item:
    """End an experiment: each of its variants is promoted, retained or removed."""
    item = _find(call)
    if item["Status"] in ENDED:
        raise InUse(f"The experiment {item['Name']} is {item['Status']}.")
    actions = call.parameters["ModelVariantActions"]
    if unknown := set(actions) - {variant["VariantName"] for variant in item["ModelVariants"]}:
        raise Invalid(f"The experiment has no variant {', '.join(sorted(unknown))}.")
    if item["Status"] == "Running":
        _deploy(call, item, actions, call.parameters.get("DesiredModelVariants") or item["ModelVariants"])
    now = utcnow()
    item |= {"Status": call.parameters.get("DesiredState", "Completed"), "CompletionTime": now, "LastModifiedTime": now}
    item["StatusReason"] = call.parameters.get("Reason")
    return item


def _delete(call: Call) -> Item:
    item = _find(call)
    if item["Status"] == "Running":
        raise InUse(f"The experiment {item['Name']} is running.")
    return EXPERIMENTS.delete(call)


EXTENSION = Extension(
    SERVICE,
    {
        **EXPERIMENTS.handlers(),
        "DescribeInferenceExperiment": _find,
        "ListInferenceExperiments": _list,
        "UpdateInferenceExperiment": _update,
        "StartInferenceExperiment": _start,
        "StopInferenceExperiment": _stop,
        "DeleteInferenceExperiment": _delete,
    },
)
