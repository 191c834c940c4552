"""Custom model import: jobs, which are done at once, and the models that they bring in."""

from __future__ import annotations

import json

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, objects, require_role
from readiness.emulator.resources import Resource
from readiness.emulator.services.bedrock import SERVICE


def _import(call: Call, item: Item) -> None:
    """The files of the model must be there, and its config tells of which architecture it is; else the job fails."""
    require_role(call, item["roleArn"])
    name = item["importedModelName"]
    if name in MODELS.items(call):
        raise InUse(f"The imported model {name} already exists.")
    item["jobArn"] = call.arn(f"model-import-job/{identifier()}")
    item["tags"] = item.pop("jobTags", [])
    if key := item.pop("importedModelKmsKeyId", None):
        item["importedModelKmsKeyArn"] = key if key.startswith("arn:") else call.arn(f"key/{key}", service="kms")
    architecture = _architecture(call, item["modelDataSource"]["s3DataSource"]["s3Uri"])
    if architecture is None:
        item |= {"status": "Failed", "failureMessage": "The config.json of the model is missing or can't be read."}
        return
    item["importedModelArn"] = call.arn(f"imported-model/{identifier()}")
    MODELS.items(call)[name] = {
        "modelArn": item["importedModelArn"],
        "modelName": name,
        "jobName": item["jobName"],
        "jobArn": item["jobArn"],
        "modelDataSource": item["modelDataSource"],
        "modelArchitecture": architecture,
        "modelKmsKeyArn": item.get("importedModelKmsKeyArn"),
        "instructSupported": True,
        "creationTime": utcnow(),
        "tags": item.get("importedModelTags", []),
    }


def _architecture(call: Call, uri: str) -> str | None:
    for found in objects(call, uri):
        if found.name.endswith("config.json"):
            try:
                config = json.loads(found.value)
                return str(config.get("model_type") or config["architectures"][0])
            except (ValueError, LookupError, AttributeError):
                continue
    return None


JOBS = Resource(
    SERVICE, "ModelImportJob", "jobName", arn_member="jobArn", status=("status", "Completed"), created=_import
)
MODELS = Resource(SERVICE, "ImportedModel", "modelName", arn_member="modelArn")


def imported(call: Call, name: str) -> Item | None:
    """The imported model of a name or an ARN."""
    return next((model for key, model in MODELS.items(call).items() if name in (key, model["modelArn"])), None)


EXTENSION = Extension(SERVICE, {**JOBS.handlers(), **MODELS.handlers()})
