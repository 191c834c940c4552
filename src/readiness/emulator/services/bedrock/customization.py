"""Models of one's own: customization jobs, which are done at once, and the custom models that they yield."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, objects, require_role
from readiness.emulator.resources import Resource
from readiness.emulator.services.bedrock import SERVICE
from readiness.emulator.services.bedrock.catalogue import foundation

KEPT = (
    "jobName",
    "jobArn",
    "baseModelArn",
    "customizationType",
    "hyperParameters",
    "trainingDataConfig",
    "validationDataConfig",
    "outputDataConfig",
    "trainingMetrics",
    "validationMetrics",
    "customizationConfig",
)
"""What a custom model tells of its job."""
PHASES = ("validationDetails", "dataProcessingDetails", "trainingDetails")


def _customize(call: Call, item: Item) -> None:
    """A job runs on a model that can be customized so, and on data that is there; what it yields is a custom model."""
    base = foundation(call, item["baseModelIdentifier"])
    kind = item.setdefault("customizationType", "FINE_TUNING")
    if base is None or kind not in base["customizationsSupported"]:
        raise Invalid(f"The model {item['baseModelIdentifier']} does not exist, or does not support {kind}.")
    require_role(call, item["roleArn"])
    if item["customModelName"] in MODELS.items(call):
        raise InUse(f"The custom model {item['customModelName']} already exists.")
    item["jobArn"] = call.arn(f"model-customization-job/{base['modelId']}/{identifier()}")
    item["baseModelArn"] = base["modelArn"]
    item["outputModelName"] = item["customModelName"]
    item["tags"] = item.pop("jobTags", [])
    item.setdefault("validationDataConfig", {"validators": []})
    if key := item.pop("customModelKmsKeyId", None):
        item["outputModelKmsKeyArn"] = key if key.startswith("arn:") else call.arn(f"key/{key}", service="kms")
    _train(call, item)
    told = {"status": item["status"], "creationTime": item["creationTime"], "lastModifiedTime": item["creationTime"]}
    item["statusDetails"] = dict.fromkeys(PHASES, told)
    if item["status"] == "Completed":
        _yield(call, item, base)


def _train(call: Call, item: Item) -> None:
    """The losses follow from the data and the hyperparameters; where there is no data the job fails, as AWS's does."""
    sources = [item["trainingDataConfig"], *item["validationDataConfig"]["validators"]]
    read = {source["s3Uri"]: objects(call, source["s3Uri"]) for source in sources if "s3Uri" in source}
    missing = [uri for uri, found in read.items() if not found]
    if missing:
        item |= {"status": "Failed", "failureMessage": f"Could not find data at {', '.join(missing)}."}
        return
    parameters = item.get("hyperParameters", {})
    loss = 2.0 * 0.8 ** float(parameters.get("epochCount", 2)) + 0.2 * _part(parameters, item["trainingDataConfig"])
    item["trainingMetrics"] = {"trainingLoss": round(loss, 4)}
    item["validationMetrics"] = [
        {"validationLoss": round(loss * (1.02 + 0.1 * _part(_digest(read[validator["s3Uri"]]))), 4)}
        for validator in item["validationDataConfig"]["validators"]
    ]


def _digest(found: list[Any]) -> str:
    return hashlib.sha256(b"".join(one.value for one in found)).hexdigest()


def _part(*of: Any) -> float:
    """A number between 0 and 1 that is the same for the same things."""
    return int(hashlib.sha256(repr(of).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def _yield(call: Call, item: Item, base: Item) -> None:
    arn = call.arn(f"custom-model/{base['modelId']}/{identifier()}")
    item |= {"outputModelArn": arn, "customModelArn": arn}
    MODELS.items(call)[item["customModelName"]] = {
        **{name: item[name] for name in KEPT if name in item},
        "modelArn": arn,
        "modelName": item["customModelName"],
        "modelKmsKeyArn": item.get("outputModelKmsKeyArn"),
        "modelStatus": "Active",
        "baseModelName": base["modelName"],
        "foundationModelArn": base["modelArn"],
        "ownerAccountId": call.account,
        "isOwned": True,
        "creationTime": utcnow(),
        "tags": item.get("customModelTags", []),
    }


JOBS = Resource(
    SERVICE, "ModelCustomizationJob", "jobName", arn_member="jobArn", status=("status", "Completed"), created=_customize
)
MODELS = Resource(
    SERVICE,
    "CustomModel",
    "modelName",
    arn_member="modelArn",
    equals={"modelStatus": "modelStatus", "isOwned": "isOwned"},
)


def custom(call: Call, name: str) -> Item | None:
    """The custom model of a name or an ARN."""
    return next((model for key, model in MODELS.items(call).items() if name in (key, model["modelArn"])), None)


def _stop(call: Call) -> None:
    raise InUse(f"The job {JOBS.find(call)['jobName']} has ended, and can't be stopped.")


def _delete(call: Call) -> None:
    """A model that something is hosted on stays."""
    arn = MODELS.find(call)["modelArn"]
    for noun in ("ProvisionedModelThroughput", "CustomModelDeployment"):
        if any(hosted["modelArn"] == arn for hosted in call.table(noun).values()):
            raise InUse(f"The custom model {arn} is in use.")
    MODELS.delete(call)


EXTENSION = Extension(
    SERVICE,
    {
        **JOBS.handlers(),
        **{name: handler for name, handler in MODELS.handlers().items() if name != "CreateCustomModel"},
        "DeleteCustomModel": _delete,
        "StopModelCustomizationJob": _stop,
    },
)
