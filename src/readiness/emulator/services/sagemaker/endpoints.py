"""Endpoints and their configurations: what moto loses of them, and updates.

Of a configuration moto keeps few members, knows few instance types, and refuses a variant that hosts inference
components; a name that is taken replaces what had it. Of an endpoint moto tells the capture of its configuration, where
AWS tells what is captured now; it loses the deployment, the shadow variants and asynchronous inference, and takes away
the weight of a variant whose count is changed.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.core.utils import utcnow
from moto.sagemaker.models import FakeEndpointConfig

from readiness.emulator.call import Call, Invalid, Item, model_of
from readiness.emulator.door import Extension

SERVICE = "sagemaker"
KEPT = {
    "ShadowProductionVariants": "shadow_production_variants",
    "ExplainerConfig": "explainer_config",
    "ExecutionRoleArn": "execution_role_arn",
    "VpcConfig": "vpc_config",
    "EnableNetworkIsolation": "enable_network_isolation",
    "MetricsConfig": "metrics_config",
    "CrossRegionTrafficConfig": "cross_region_traffic_config",
}
"""What moto loses of a configuration; it tells whatever its object holds under such a name."""
SHOWN = ("async_inference_config", "explainer_config", "metrics_config", "cross_region_traffic_config")
"""What an endpoint shows of its configuration as it is there."""
SERVERLESS = range(1024, 6145, 1024)
"""The sizes of memory in MB that a serverless variant may have."""


def _arn(config: FakeEndpointConfig) -> str:
    """The ARN of a configuration; moto's is a tuple of it, which no client of tags understands."""
    return str(config.endpoint_config_arn)


def _no_arn(_: FakeEndpointConfig, __: object) -> None:
    return


# CloudFormation makes configurations past every operation, so that only their class can be put right.
FakeEndpointConfig.arn = property(_arn, _no_arn)  # type: ignore[assignment]  # the fault is in the class itself


def _create_config(call: Call) -> Item:
    given = call.parameters
    moto = call.backend(SERVICE)
    name = given["EndpointConfigName"]
    if name in moto.endpoint_configs:
        arn = call.arn(f"endpoint-config/{name}")
        raise Invalid(f'Cannot create already existing endpoint configuration "{arn}".')
    for variant in (*given["ProductionVariants"], *given.get("ShadowProductionVariants", [])):
        _check(call, variant)
    config = moto.create_endpoint_config(
        endpoint_config_name=name,
        production_variants=[],
        async_inference_config=given.get("AsyncInferenceConfig"),
        data_capture_config=given.get("DataCaptureConfig", {}),
        tags=given.get("Tags", []),
        kms_key_id=given.get("KmsKeyId"),
    )
    config.production_variants = copy.deepcopy(given["ProductionVariants"])
    for member, attribute in KEPT.items():
        setattr(config, attribute, copy.deepcopy(given.get(member)))
    return {"EndpointConfigArn": config.endpoint_config_arn}


def _check(call: Call, variant: Item) -> None:
    """A variant has a model that is there, or hosts inference components; it runs on instances or is serverless."""
    model = variant.get("ModelName")
    if model and model not in call.backend(SERVICE)._models:
        raise Invalid(f'Could not find model "{call.arn(f"model/{model}")}".')
    kinds = model_of(SERVICE).shape_for("ProductionVariantInstanceType").enum
    if "ServerlessConfig" in variant:
        if variant["ServerlessConfig"]["MemorySizeInMB"] not in SERVERLESS:
            raise Invalid("MemorySizeInMB must be a multiple of 1024 up to 6144.")
    elif variant.get("InstanceType") in kinds:
        if model and not variant.get("InitialInstanceCount"):
            raise Invalid(f"Variant {variant['VariantName']} needs an InitialInstanceCount.")
    elif "InstancePools" not in variant:
        raise Invalid(f"Variant {variant['VariantName']} needs an InstanceType that hosts models.")


def _describe_config(call: Call) -> Item:
    config = _config(call)
    return _trimmed(config.response_object)


def _trimmed(item: Item) -> Item:
    """Without what is empty: where there is nothing, AWS tells nothing."""
    return {name: value for name, value in item.items() if value not in (None, {}, [])}


def _config(call: Call) -> Any:
    name = call.parameters["EndpointConfigName"]
    config = call.backend(SERVICE).endpoint_configs.get(name)
    if config is None:
        raise Invalid(f'Could not find endpoint configuration "{call.arn(f"endpoint-config/{name}")}".')
    return config


def _create(call: Call) -> Item:
    name = call.parameters["EndpointName"]
    moto = call.backend(SERVICE)
    if name in moto.endpoints:
        raise Invalid(f'Cannot create already existing endpoint "{call.arn(f"endpoint/{name}")}".')
    config = _config(call)
    endpoint = moto.create_endpoint(name, config.endpoint_config_name, call.parameters.get("Tags", []))
    _deploy(call, endpoint, config)
    endpoint.last_deployment_config = call.parameters.get("DeploymentConfig")
    return {"EndpointArn": endpoint.arn}


def _deploy(call: Call, endpoint: Any, config: Any) -> None:
    """Let an endpoint be as a configuration says."""
    endpoint.endpoint_config_name = config.endpoint_config_name
    endpoint.data_capture_config = config.data_capture_config
    endpoint.production_variants = [_variant(call, one) for one in config.production_variants]
    shadows = getattr(config, "shadow_production_variants", None) or []
    endpoint.shadow_production_variants = [_variant(call, one) for one in shadows] or None
    for attribute in SHOWN:
        setattr(endpoint, attribute, getattr(config, attribute, None))


def _variant(call: Call, given: Item) -> Item:
    """A variant that runs what its configuration asks for."""
    weight, count = given.get("InitialVariantWeight", 1.0), given.get("InitialInstanceCount")
    variant: Item = {"VariantName": given["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    model = call.backend(SERVICE)._models.get(given.get("ModelName"))
    images = [one["Image"] for one in (model.primary_container, *model.containers) if "Image" in one] if model else []
    if images:
        now = utcnow()
        variant["DeployedImages"] = [
            {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now} for image in images
        ]
    if "ServerlessConfig" in given:
        variant["CurrentServerlessConfig"] = variant["DesiredServerlessConfig"] = given["ServerlessConfig"]
        count = 0
    if count is not None:
        variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"] = count
    same = ("ManagedInstanceScaling", "RoutingConfig")
    return variant | {name: given[name] for name in same if name in given}


def _find(call: Call) -> Any:
    name = call.parameters["EndpointName"]
    endpoint = call.backend(SERVICE).endpoints.get(name)
    if endpoint is None:
        raise Invalid(f'Could not find endpoint "{call.arn(f"endpoint/{name}")}".')
    return endpoint


def _describe(call: Call) -> Item:
    """An endpoint; it captures as its configuration says, for nothing here stops it."""
    endpoint = _find(call)
    item = _trimmed(endpoint.response_object)
    capture = item.pop("DataCaptureConfig", None)
    if capture:
        on = capture.get("EnableCapture", False)
        item["DataCaptureConfig"] = {
            "EnableCapture": on,
            "CaptureStatus": "Started" if on else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return item


def _update(call: Call) -> Item:
    """Deploy another configuration, unless an alarm turns the deployment back."""
    given = call.parameters
    endpoint, config = _find(call), _config(call)
    if given.get("RetainDeploymentConfig") and "DeploymentConfig" not in given:
        deployment = getattr(endpoint, "last_deployment_config", None)
    else:
        deployment = given.get("DeploymentConfig")
    endpoint.last_deployment_config = deployment
    endpoint.last_modified_time = utcnow()
    if _alarmed(call, deployment or {}):
        return {"EndpointArn": endpoint.arn}
    before = {variant["VariantName"]: variant for variant in endpoint.production_variants}
    capture = endpoint.data_capture_config
    _deploy(call, endpoint, config)
    if given.get("RetainAllVariantProperties"):
        _retain(endpoint, before, capture, {one["VariantPropertyType"] for one in _excluded(given)})
    return {"EndpointArn": endpoint.arn}


def _excluded(given: Item) -> list[dict[str, str]]:
    return list(given.get("ExcludeRetainedVariantProperties", []))


def _alarmed(call: Call, deployment: Item) -> bool:
    """Whether an alarm that watches the deployment sounds."""
    watching = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
    alarms = call.backend("cloudwatch").alarms
    found = (alarms.get(one.get("AlarmName")) for one in watching)
    return any(alarm is not None and alarm.state_value == "ALARM" for alarm in found)


def _retain(endpoint: Any, before: dict[str, Item], capture: Item, excluded: set[str]) -> None:
    """What was changed while the endpoint ran stays, but for what is excluded."""
    if "DataCaptureConfig" not in excluded:
        endpoint.data_capture_config = capture
    for variant in endpoint.production_variants:
        old = before.get(variant["VariantName"], {})
        for name in ("InstanceCount", "Weight"):
            if f"Desired{name}" not in excluded and f"Desired{name}" in old:
                variant[f"Desired{name}"] = variant[f"Current{name}"] = old[f"Desired{name}"]


def _scale(call: Call) -> Item:
    """Change weights and counts of variants, and nothing that the request does not name."""
    endpoint = _find(call)
    variants = {variant["VariantName"]: variant for variant in endpoint.production_variants}
    wanted = call.parameters["DesiredWeightsAndCapacities"]
    names = [one["VariantName"] for one in wanted]
    if len(set(names)) < len(names):
        raise Invalid("A variant name was non-unique within the request.")
    if missing := [name for name in names if name not in variants]:
        text = f'The variant name(s) "{", ".join(missing)}" is/are not present within endpoint configuration'
        raise Invalid(f'{text} "{endpoint.endpoint_config_name}".')
    for one in wanted:
        variant = variants[one["VariantName"]]
        for name in ("InstanceCount", "Weight"):
            if f"Desired{name}" in one:
                variant[f"Desired{name}"] = variant[f"Current{name}"] = one[f"Desired{name}"]
        if "ServerlessUpdateConfig" in one:
            serverless = {**variant.get("CurrentServerlessConfig", {}), **one["ServerlessUpdateConfig"]}
            variant["CurrentServerlessConfig"] = variant["DesiredServerlessConfig"] = serverless
    endpoint.last_modified_time = utcnow()
    return {"EndpointArn": endpoint.arn}


EXTENSION = Extension(
    SERVICE,
    {
        "CreateEndpointConfig": _create_config,
        "DescribeEndpointConfig": _describe_config,
        "CreateEndpoint": _create,
        "DescribeEndpoint": _describe,
        "UpdateEndpoint": _update,
        "UpdateEndpointWeightsAndCapacities": _scale,
    },
)
