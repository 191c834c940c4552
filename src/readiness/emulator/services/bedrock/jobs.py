"""Jobs that ask models: evaluations, and batches of prompts; both are done at once, on data that must be there."""

from __future__ import annotations

import datetime
import json
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier, objects, require_role
from readiness.emulator.resources import Resource
from readiness.emulator.services.bedrock import SERVICE
from readiness.emulator.services.bedrock.capacity import deployed, provisioned, subscribed
from readiness.emulator.services.bedrock.catalogue import foundation
from readiness.emulator.services.bedrock.customization import custom
from readiness.emulator.services.bedrock.imports import imported
from readiness.emulator.services.bedrock.profiles import profile, router

EVERY = (foundation, profile, router, custom, imported, provisioned, deployed, subscribed)
"""Whatever can be named as a model."""
DAY = 24
"""For how many hours a batch may wait and run where nobody says so."""


def model(call: Call, name: str) -> Item:
    """Whatever model, profile, router or capacity an identifier names.

    Raises:
        Invalid: there is none, which AWS calls so.
    """
    for find in EVERY:
        if found := find(call, name):
            return found
    raise Invalid(f"The provided model identifier {name} is invalid.")


def _evaluate(call: Call, item: Item) -> None:
    """What is compared, and by whom, is told by the summary; models that people judge wait for them."""
    require_role(call, item["roleArn"])
    config, compared = item["evaluationConfig"], item["inferenceConfig"]
    [(kind, measured)] = config.items()
    asked = [one["bedrockModel"]["modelIdentifier"] for one in _of(compared, "models") if "bedrockModel" in one]
    judges = _of(measured.get("evaluatorModelConfig", {}), "bedrockEvaluatorModels")
    judging = [judge["modelIdentifier"] for judge in judges]
    for name in (*asked, *judging):
        model(call, name)
    given = _members(_of(compared, "models"), "inferenceSourceIdentifier")
    bases = _members(_of(compared, "ragConfigs"), "knowledgeBaseId")
    sources = _members(_of(compared, "ragConfigs"), "ragSourceIdentifier")
    item |= {
        "jobArn": call.arn(f"evaluation-job/{identifier()}"),
        "jobType": {"automated": "Automated", "human": "Human"}[kind],
        "evaluationTaskTypes": sorted({one["taskType"] for one in measured["datasetMetricConfigs"]}),
        "modelIdentifiers": [*asked, *given],
        "ragIdentifiers": [*bases, *sources],
        "evaluatorModelIdentifiers": judging,
        "inferenceConfigSummary": {
            "modelConfigSummary": {
                "bedrockModelIdentifiers": asked,
                "precomputedInferenceSourceIdentifiers": given,
            },
            "ragConfigSummary": {
                "bedrockKnowledgeBaseIdentifiers": bases,
                "precomputedRagSourceIdentifiers": sources,
            },
        },
        "tags": item.pop("jobTags", []),
    }
    item.setdefault("applicationType", "ModelEvaluation" if "models" in compared else "RagEvaluation")
    missing = [uri for one in measured["datasetMetricConfigs"] if (uri := _missing(call, one["dataset"]))]
    if missing:
        item |= {"status": "Failed", "failureMessages": [f"Could not find the dataset {', '.join(missing)}."]}
    elif kind == "human":
        item["status"] = "InProgress"


def _missing(call: Call, dataset: Item) -> str:
    """Where a dataset should be, but is not; those of AWS are always there."""
    if "datasetLocation" not in dataset:
        if not dataset["name"].startswith("Builtin."):
            raise Invalid(f"The dataset {dataset['name']} is not built in, and has no location.")
        return ""
    uri = str(dataset["datasetLocation"]["s3Uri"])
    return "" if objects(call, uri) else uri


def _of(item: Item, name: str) -> list[Item]:
    found: list[Item] = item.get(name, [])
    return found


def _members(value: Any, name: str) -> list[str]:
    """The members of a name, however deep."""
    if isinstance(value, list):
        return [found for one in value for found in _members(one, name)]
    if not isinstance(value, dict):
        return []
    own = [str(value[name])] if name in value else []
    return [*own, *(found for one in value.values() for found in _members(one, name))]


EVALUATIONS = Resource(
    SERVICE,
    "EvaluationJob",
    "jobName",
    arn_member="jobArn",
    status=("status", "Completed"),
    created=_evaluate,
)


def _list_evaluations(call: Call) -> Item:
    """A list of none is no list by AWS's model of this answer."""
    answer = EVALUATIONS.list(call)
    return {name: value for name, value in answer.items() if value}


def _forget(call: Call) -> Item:
    """Several evaluations at once: what has not ended or is not there is told, and the others go."""
    gone: list[Item] = []
    errors: list[Item] = []
    items = EVALUATIONS.items(call)
    for name in call.parameters["jobIdentifiers"]:
        found = next((key for key, one in items.items() if name in (key, one["jobArn"])), None)
        if found is None:
            errors.append({"jobIdentifier": name, "code": "404", "message": "The job does not exist."})
        elif items[found]["status"] == "InProgress":
            errors.append({"jobIdentifier": name, "code": "409", "message": "The job has not ended."})
        else:
            del items[found]
            gone.append({"jobIdentifier": name, "jobStatus": "Deleting"})
    return {"errors": errors, "evaluationJobs": gone}


def _batch(call: Call, item: Item) -> None:
    """Each line of the files is a record; one that can't be read is counted as an error."""
    require_role(call, item["roleArn"])
    model(call, item["modelId"])
    hours = item.setdefault("timeoutDurationInHours", DAY)
    item |= {
        "jobArn": call.arn(f"model-invocation-job/{identifier()}"),
        "jobExpirationTime": utcnow() + datetime.timedelta(hours=hours),
    }
    objects(call, item["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"])
    lines = [
        line
        for found in objects(call, item["inputDataConfig"]["s3InputDataConfig"]["s3Uri"])
        if found.name.endswith(".jsonl")
        for line in found.value.splitlines()
        if line.strip()
    ]
    good = sum(map(_is_record, lines))
    item |= {
        "totalRecordCount": len(lines),
        "processedRecordCount": len(lines),
        "successRecordCount": good,
        "errorRecordCount": len(lines) - good,
    }
    if not lines:
        item |= {"status": "Failed", "message": "There are no records in JSONL files at the input location."}
    elif good < len(lines):
        item["status"] = "PartiallyCompleted" if good else "Failed"


def _is_record(line: bytes) -> bool:
    try:
        return "modelInput" in json.loads(line)
    except (ValueError, TypeError):
        return False


BATCHES = Resource(
    SERVICE,
    "ModelInvocationJob",
    "jobName",
    arn_member="jobArn",
    status=("status", "Completed"),
    created=_batch,
)


def _stop(call: Call) -> None:
    """Only what runs can be stopped: an evaluation that waits for people."""
    jobs = EVALUATIONS if "Evaluation" in call.operation else BATCHES
    item = jobs.find(call)
    if item["status"] != "InProgress":
        raise InUse(f"The job {item['jobName']} has ended, and can't be stopped.")
    item["status"] = "Stopped"


EXTENSION = Extension(
    SERVICE,
    {
        **EVALUATIONS.handlers(),
        **BATCHES.handlers(),
        "ListEvaluationJobs": _list_evaluations,
        "BatchDeleteEvaluationJob": _forget,
        "StopEvaluationJob": _stop,
        "StopModelInvocationJob": _stop,
    },
)
