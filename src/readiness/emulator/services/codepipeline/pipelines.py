"""Pipelines: stages of actions, in versions."""

from __future__ import annotations

import copy
import json
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.codepipeline.executions import start
from readiness.emulator.services.codepipeline.structure import pipeline, pipelines
from readiness.emulator.tagging import Tagging

SERVICE = "codepipeline"
HIDDEN = "****"
TOKENS = {"OAuthToken", "SecretToken"}
"""What of an action's configuration AWS never shows again."""


def _structure(call: Call, told: Item) -> Item:
    """The declaration with what AWS adds to it; refused where it can't be a pipeline."""
    found = copy.deepcopy(told)
    stages = found["stages"]
    if len(stages) < 2:
        message = f"Pipeline has only {len(stages)} stage(s). There should be a minimum of 2 stages in a pipeline"
        raise Coded("InvalidStructureException", message)
    if len({stage["name"] for stage in stages}) < len(stages):
        raise Coded("InvalidStructureException", "The names of the stages are not unique")
    for number, stage in enumerate(stages):
        sources = [action["actionTypeId"]["category"] == "Source" for action in stage["actions"]]
        if not all(sources) if number == 0 else any(sources):
            raise Coded("InvalidStructureException", "The first stage, and no other, has source actions")
        for action in stage["actions"]:
            _complete(action)
    _assume(call, found["roleArn"])
    found.setdefault("pipelineType", "V1")
    found.setdefault("executionMode", "SUPERSEDED")
    if found["pipelineType"] == "V1" and (found.get("triggers") or found.get("variables")):
        raise Coded("InvalidStructureException", "Triggers and variables need a pipeline of type V2")
    return found


def _complete(action: Item) -> None:
    for name, value in {"runOrder": 1, "inputArtifacts": [], "outputArtifacts": []}.items():
        action.setdefault(name, value)
    action["configuration"] = {
        name: HIDDEN if name in TOKENS else value for name, value in action.get("configuration", {}).items()
    }


def _assume(call: Call, arn: str) -> None:
    """The role must exist and trust CodePipeline."""
    for role in call.backend("iam").roles.values():
        if role.arn == arn and "codepipeline.amazonaws.com" in _trusted(json.loads(role.assume_role_policy_document)):
            return
    raise Coded("InvalidStructureException", f"CodePipeline is not authorized to perform AssumeRole on role {arn}")


def _trusted(policy: dict[str, Any]) -> list[str]:
    statements = policy.get("Statement", [])
    found: list[str] = []
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        found += [services] if isinstance(services, str) else services
    return found


def _create(call: Call) -> Item:
    """A pipeline, which runs at once for the first time."""
    told = call.parameters["pipeline"]
    name = told["name"]
    if name in pipelines(call):
        message = f"A pipeline with the name '{name}' already exists in account '{call.account}'"
        raise Coded("PipelineNameInUseException", message)
    now = utcnow()
    item: Item = {
        "name": name,
        "Arn": call.arn(name),
        "pipeline": {**_structure(call, told), "version": 1},
        "created": now,
        "updated": now,
        "tags": call.parameters.get("tags", []),
        "Transitions": {},
        "Executions": {},
    }
    pipelines(call)[name] = item
    start(call, item, "CreatePipeline", item["Arn"])
    return {"pipeline": item["pipeline"], "tags": item["tags"]}


def _update(call: Call) -> Item:
    told = call.parameters["pipeline"]
    item = pipelines(call).get(told["name"])
    if item is None:
        raise Coded("InvalidStructureException", f"A pipeline with the name '{told['name']}' could not be found")
    version = item["pipeline"]["version"] + 1
    item |= {"pipeline": {**_structure(call, told), "version": version}, "updated": utcnow()}
    return {"pipeline": item["pipeline"]}


def _get(call: Call) -> Item:
    item = pipeline(call, call.parameters["name"])
    metadata = {"pipelineArn": item["Arn"], "created": item["created"], "updated": item["updated"]}
    return {"pipeline": item["pipeline"], "metadata": metadata}


def _list(call: Call) -> Item:
    told = [
        {**item["pipeline"], "created": item["created"], "updated": item["updated"]}
        for _, item in sorted(pipelines(call).items())
    ]
    return listed(call, told, "name", asked={"MaxResults": 1000, **call.parameters})


def _delete(call: Call) -> None:
    """A pipeline that is not there is no error; its executions go with it."""
    pipelines(call).pop(call.parameters["name"], None)


EXTENSION = Extension(
    SERVICE,
    {
        "CreatePipeline": _create,
        "UpdatePipeline": _update,
        "GetPipeline": _get,
        "ListPipelines": _list,
        "DeletePipeline": _delete,
        **Tagging(SERVICE, {"Pipeline": "Arn"}).handlers(),
    },
)
