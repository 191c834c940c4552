"""What models are hosted on: provisioned throughput, deployments of custom models, Marketplace endpoints."""

from __future__ import annotations

import datetime

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, InUse, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, require_role
from readiness.emulator.resources import Resource
from readiness.emulator.services.bedrock import SERVICE
from readiness.emulator.services.bedrock.catalogue import foundation
from readiness.emulator.services.bedrock.customization import custom

TERMS = {"OneMonth": datetime.timedelta(days=30), "SixMonths": datetime.timedelta(days=180)}


def _hostable(call: Call, name: str) -> tuple[str, str]:
    """The ARN of a model that may have throughput of its own, and of the foundation model behind it."""
    if own := custom(call, name):
        return own["modelArn"], own["foundationModelArn"]
    model = foundation(call, name)
    if model is None or "PROVISIONED" not in model["inferenceTypesSupported"]:
        raise Invalid(f"The model {name} does not exist, or does not support provisioned throughput.")
    return model["modelArn"], model["modelArn"]


def _provision(call: Call, item: Item) -> None:
    model, behind = _hostable(call, item["modelId"])
    item |= {
        "provisionedModelArn": call.arn(f"provisioned-model/{identifier()}"),
        "modelArn": model,
        "desiredModelArn": model,
        "foundationModelArn": behind,
        "desiredModelUnits": item["modelUnits"],
    }
    if term := item.get("commitmentDuration"):
        item["commitmentExpirationTime"] = utcnow() + TERMS[term]


THROUGHPUTS = Resource(
    SERVICE,
    "ProvisionedModelThroughput",
    "provisionedModelName",
    arn_member="provisionedModelArn",
    status=("status", "InService"),
    created=_provision,
)


def provisioned(call: Call, name: str) -> Item | None:
    """The throughput of a name or an ARN."""
    items = THROUGHPUTS.items(call)
    return next((one for key, one in items.items() if name in (key, one["provisionedModelArn"])), None)


def _reprovision(call: Call) -> None:
    """Another name, or another model of the same kind."""
    item = THROUGHPUTS.find(call)
    if name := call.parameters.get("desiredProvisionedModelName"):
        items = THROUGHPUTS.items(call)
        if name in items:
            raise Invalid(f"The provisioned throughput {name} already exists.")
        items[name] = items.pop(item["provisionedModelName"])
        item["provisionedModelName"] = name
    if wanted := call.parameters.get("desiredModelId"):
        model, behind = _hostable(call, wanted)
        if behind != item["foundationModelArn"]:
            raise Invalid("The desired model must have the same foundation model.")
        item |= {"modelArn": model, "desiredModelArn": model}
    item["lastModifiedTime"] = utcnow()


def _release(call: Call) -> None:
    """What is committed to stays until the term is over."""
    expires = THROUGHPUTS.find(call).get("commitmentExpirationTime")
    if expires and expires > utcnow():
        raise InUse("Provisioned throughput with a commitment can't be deleted before the commitment expires.")
    THROUGHPUTS.delete(call)


def _deploy(call: Call, item: Item) -> None:
    item["customModelDeploymentName"] = item["modelDeploymentName"]
    item["customModelDeploymentArn"] = call.arn(f"custom-model-deployment/{identifier()}")
    item["modelArn"] = _owned(call, item["modelArn"])


def _redeploy(call: Call, item: Item) -> None:
    item["modelArn"] = _owned(call, item["modelArn"])
    item["updateDetails"] = {"modelArn": item["modelArn"], "updateStatus": "UpdateCompleted"}


def _owned(call: Call, name: str) -> str:
    model = custom(call, name)
    if model is None:
        raise Invalid(f"The custom model {name} does not exist.")
    return str(model["modelArn"])


DEPLOYMENTS = Resource(
    SERVICE,
    "CustomModelDeployment",
    "modelDeploymentName",
    arn_member="customModelDeploymentArn",
    status=("status", "Active"),
    created=_deploy,
    changed=_redeploy,
)


def deployed(call: Call, name: str) -> Item | None:
    """The deployment of a name or an ARN."""
    items = DEPLOYMENTS.items(call)
    return next((one for key, one in items.items() if name in (key, one["customModelDeploymentArn"])), None)


def _subscribe(call: Call, item: Item) -> None:
    require_role(call, item["endpointConfig"]["sageMaker"]["executionRole"])
    item["endpointArn"] = call.arn(f"endpoint/{item['endpointName']}", service="sagemaker")
    item["endpointStatus"] = "InService"


ENDPOINTS = Resource(
    SERVICE,
    "MarketplaceModelEndpoint",
    "endpointName",
    arn_member="endpointArn",
    status=("status", "REGISTERED"),
    equals={"modelSourceEquals": "modelSourceIdentifier"},
    created=_subscribe,
)


def subscribed(call: Call, arn: str) -> Item | None:
    """The Marketplace endpoint of an ARN."""
    return next((one for one in ENDPOINTS.items(call).values() if one["endpointArn"] == arn), None)


def _named(of: Resource) -> Handler:
    """AWS calls a name that is taken invalid where the operation knows no conflict."""

    def handler(call: Call) -> Item:
        if (name := call.parameters[of.key]) in of.items(call):
            raise Invalid(f"The name {name} is taken.")
        return of.create(call)

    return handler


EXTENSION = Extension(
    SERVICE,
    {
        **THROUGHPUTS.handlers(),
        **DEPLOYMENTS.handlers(),
        **ENDPOINTS.handlers(),
        "CreateProvisionedModelThroughput": _named(THROUGHPUTS),
        "CreateCustomModelDeployment": _named(DEPLOYMENTS),
        "UpdateProvisionedModelThroughput": _reprovision,
        "DeleteProvisionedModelThroughput": _release,
    },
)
