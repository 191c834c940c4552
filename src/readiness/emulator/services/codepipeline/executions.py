"""Executions: they go through their stages at once, as far as nothing fails and nobody has to approve."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed
from readiness.emulator.services.codepipeline.actions import Failed, Task, perform
from readiness.emulator.services.codepipeline.structure import pipeline, pipelines

SERVICE = "codepipeline"
PAGE = 100
GOING, WELL, WRONG, STOPPED = "InProgress", "Succeeded", "Failed", "Stopped"


def _caller(call: Call) -> str:
    arn: str = call.backend("sts").get_caller_identity(call.access_key, call.region)[1]
    return arn


def start(call: Call, item: Item, trigger: str, detail: str) -> Item:
    """Begin an execution of a pipeline, and let it go as far as it comes.

    Args:
        call: what starts it.
        item: the pipeline.
        trigger: what sort of thing that is, as AWS calls it.
        detail: who or what it is.
    """
    declared = item["pipeline"]
    given = {one["name"]: one["value"] for one in call.parameters.get("variables", [])}
    variables = []
    for one in declared.get("variables", []):
        value = given.get(one["name"], one.get("defaultValue"))
        if value is None:
            raise Coded("ValidationException", f"The variable {one['name']} has neither a value nor a default")
        variables.append({"name": one["name"], "resolvedValue": value})
    now = utcnow()
    execution: Item = {
        "pipelineName": item["name"],
        "pipelineVersion": declared["version"],
        "pipelineExecutionId": uuid(),
        "status": GOING,
        "startTime": now,
        "lastUpdateTime": now,
        "trigger": {"triggerType": trigger, "triggerDetail": detail},
        "executionMode": declared["executionMode"],
        "executionType": "STANDARD",
        "variables": variables,
        "sourceRevisions": [],
        "artifactRevisions": [],
        "Plan": copy.deepcopy(declared),
        "Place": 0,
        "Inside": False,
        "Stages": {},
        "Done": {},
        "Actions": [],
        "Files": None,
    }
    item["Executions"][execution["pipelineExecutionId"]] = execution
    _advance(call, item)
    return execution


def _advance(call: Call, item: Item) -> None:
    """Let everything go on that can, the oldest first, until nothing does any more."""
    moved = True
    while moved:
        moved = any(_step(call, item, one) for one in item["Executions"].values() if one["status"] == GOING)
        if item["pipeline"]["executionMode"] == "SUPERSEDED":
            _supersede(item)


def _step(call: Call, item: Item, execution: Item) -> bool:
    stages = execution["Plan"]["stages"]
    if execution["Place"] == len(stages):
        execution |= {"status": WELL, "lastUpdateTime": utcnow()}
        return False
    name = stages[execution["Place"]]["name"]
    if not execution["Inside"]:
        if not _open(item, stages, execution["Place"]) or _taken(item, execution, name):
            return False
        execution |= {"Inside": True, "Done": {}}
        execution["Stages"][name] = GOING
    return _work(call, execution, stages[execution["Place"]])


def _open(item: Item, stages: list[Item], place: int) -> bool:
    """Whether nobody has shut the transition into a stage."""
    before = stages[place - 1]["name"] if place else ""
    shut = item["Transitions"]
    return (stages[place]["name"], "Inbound") not in shut and (before, "Outbound") not in shut


def _taken(item: Item, execution: Item, name: str) -> bool:
    """Whether another execution is in the stage, in which there is room for one unless they run in parallel."""
    return execution["executionMode"] != "PARALLEL" and any(
        other is not execution and other["status"] == GOING and other["Inside"] and other["Stages"].get(name) == GOING
        for other in item["Executions"].values()
    )


def _supersede(item: Item) -> None:
    """Of those that wait before the same stage only the newest goes on."""
    newer: set[int] = set()
    for execution in reversed(item["Executions"].values()):
        if execution["status"] == GOING and not execution["Inside"]:
            if execution["Place"] in newer:
                execution |= {"status": "Superseded", "lastUpdateTime": utcnow()}
            newer.add(execution["Place"])


def _work(call: Call, execution: Item, stage: Item) -> bool:
    """Do the actions of a stage in their order: gives whether the stage is left."""
    done = execution["Done"]
    for order in sorted({action["runOrder"] for action in stage["actions"]}):
        together = [action for action in stage["actions"] if action["runOrder"] == order]
        for action in together:
            if action["name"] not in done:
                done[action["name"]] = _act(call, execution, stage["name"], action)
        states = [done[action["name"]]["status"] for action in together]
        if WRONG in states:
            _close(execution, stage["name"], WRONG)
            return True
        if GOING in states:
            return False
    execution["Stages"][stage["name"]] = WELL
    execution |= {"Place": execution["Place"] + 1, "Inside": False, "lastUpdateTime": utcnow()}
    return True


def _close(execution: Item, stage: str, status: str) -> None:
    execution["Stages"][stage] = status
    execution |= {"status": status, "lastUpdateTime": utcnow()}


def _act(call: Call, execution: Item, stage: str, action: Item) -> Item:
    """An action, done as its provider does it; one of approval waits for a person."""
    now = utcnow()
    kind = action["actionTypeId"]
    held: Item = {
        "pipelineExecutionId": execution["pipelineExecutionId"],
        "actionExecutionId": uuid(),
        "pipelineVersion": execution["pipelineVersion"],
        "stageName": stage,
        "actionName": action["name"],
        "startTime": now,
        "lastUpdateTime": now,
        "status": GOING,
        "input": {
            "actionTypeId": kind,
            "configuration": action["configuration"],
            "resolvedConfiguration": action["configuration"],
            "region": action.get("region", call.region),
            "inputArtifacts": [_artifact(execution, one) for one in action["inputArtifacts"]],
            **{name: action[name] for name in ("roleArn", "namespace") if name in action},
        },
        "output": {"outputArtifacts": [], "outputVariables": {}},
    }
    execution["Actions"].append(held)
    if kind["category"] == "Approval":
        held["Token"] = uuid()
        return held
    task = Task(call, execution["pipelineName"], action["configuration"], execution["Files"], _store(execution))
    try:
        result = perform(task, kind["category"], kind["provider"])
    except Failed as problem:
        held["status"] = WRONG
        told: dict[str, Any] = {"errorDetails": {"code": problem.code, "message": str(problem)}}
        if problem.identifier:
            told["externalExecutionId"] = problem.identifier
        held["output"]["executionResult"] = told
        return held
    held["status"] = WELL
    held["output"] = {
        "outputArtifacts": [_artifact(execution, one) for one in action["outputArtifacts"]],
        "executionResult": {"externalExecutionId": result.identifier, "externalExecutionSummary": result.summary},
        "outputVariables": result.variables,
    }
    if result.revision:
        _fetched(execution, action, result.revision, result.summary)
        execution["Files"] = result.files
    return held


def _fetched(execution: Item, action: Item, revision: str, summary: str) -> None:
    told = {"revisionId": revision, **({"revisionSummary": summary} if summary else {})}
    execution["sourceRevisions"].append({"actionName": action["name"], **told})
    for artifact in action["outputArtifacts"]:
        execution["artifactRevisions"].append({"name": artifact["name"], **told, "created": utcnow()})


def _store(execution: Item) -> str:
    plan = execution["Plan"]
    stores = [plan["artifactStore"]] if "artifactStore" in plan else list(plan.get("artifactStores", {}).values())
    return str(stores[0]["location"]) if stores else ""


def _artifact(execution: Item, told: Item) -> Item:
    key = f"{execution['pipelineName']}/{told['name']}/{execution['pipelineExecutionId'][:7]}"
    return {"name": told["name"], "s3location": {"bucket": _store(execution), "key": key}}


def _start(call: Call) -> Item:
    return start(call, pipeline(call, call.parameters["name"]), "StartPipelineExecution", _caller(call))


def _execution(call: Call, item: Item, name: str) -> Item:
    if name not in item["Executions"]:
        message = f"Account '{call.account}' does not have an execution '{name}' of pipeline '{item['name']}'"
        raise Coded("PipelineExecutionNotFoundException", message)
    found: Item = item["Executions"][name]
    return found


def _get(call: Call) -> Item:
    item = pipeline(call, call.parameters["pipelineName"])
    found = _execution(call, item, call.parameters["pipelineExecutionId"])
    names = (
        "pipelineName",
        "pipelineVersion",
        "pipelineExecutionId",
        "status",
        "statusSummary",
        "artifactRevisions",
        "variables",
        "trigger",
        "executionMode",
        "executionType",
    )
    return {"pipelineExecution": {name: found[name] for name in names if name in found}}


def _list(call: Call) -> Item:
    """The newest first."""
    item = pipeline(call, call.parameters["pipelineName"])
    stage = call.parameters.get("filter", {}).get("succeededInStage", {}).get("stageName")
    found = [one for one in reversed(item["Executions"].values()) if stage is None or one["Stages"].get(stage) == WELL]
    return listed(call, found, asked=_paging(call))


def _paging(call: Call) -> Item:
    told = {"maxResults": PAGE, **call.parameters}
    return {name: told[name] for name in ("maxResults", "nextToken") if name in told}


def _list_actions(call: Call) -> Item:
    """The newest first."""
    item = pipeline(call, call.parameters["pipelineName"])
    told = call.parameters.get("filter", {})
    wanted = told.get("pipelineExecutionId") or told.get("latestInPipelineExecution", {}).get("pipelineExecutionId")
    chosen = [_execution(call, item, wanted)] if wanted else list(item["Executions"].values())
    actions = [action for execution in chosen for action in execution["Actions"]]
    if "latestInPipelineExecution" in told:
        actions = list({(action["stageName"], action["actionName"]): action for action in actions}.values())
    actions.sort(key=lambda action: action["startTime"])
    return listed(call, reversed(actions), asked=_paging(call))


def _state(call: Call) -> Item:
    item = pipeline(call, call.parameters["name"])
    return {
        "pipelineName": item["name"],
        "pipelineVersion": item["pipeline"]["version"],
        "stageStates": [_stage_state(item, stage) for stage in item["pipeline"]["stages"]],
        "created": item["created"],
        "updated": item["updated"],
    }


def _stage_state(item: Item, stage: Item) -> Item:
    name = stage["name"]
    entered = [one for one in item["Executions"].values() if name in one["Stages"]]
    waiting = [
        {"pipelineExecutionId": one["pipelineExecutionId"], "status": GOING}
        for one in item["Executions"].values()
        if one["status"] == GOING and not one["Inside"] and _next(one) == name
    ]
    shut = item["Transitions"].get((name, "Inbound"))
    state: Item = {
        "stageName": name,
        "inboundExecutions": waiting,
        "inboundTransitionState": {"enabled": shut is None, **(shut or {})},
        "actionStates": [_action_state(item, name, action["name"]) for action in stage["actions"]],
    }
    if waiting:
        state["inboundExecution"] = waiting[-1]
    if entered:
        last = entered[-1]
        state["latestExecution"] = {
            "pipelineExecutionId": last["pipelineExecutionId"],
            "status": last["Stages"][name],
            "type": last["executionType"],
        }
    return state


def _next(execution: Item) -> str:
    stages = execution["Plan"]["stages"]
    return str(stages[execution["Place"]]["name"]) if execution["Place"] < len(stages) else ""


def _action_state(item: Item, stage: str, name: str) -> Item:
    held = [
        action
        for execution in item["Executions"].values()
        for action in execution["Actions"]
        if (action["stageName"], action["actionName"]) == (stage, name)
    ]
    if not held:
        return {"actionName": name}
    last = held[-1]
    result = last["output"].get("executionResult", {})
    told = {
        "actionExecutionId": last["actionExecutionId"],
        "status": last["status"],
        "lastStatusChange": last["lastUpdateTime"],
        "summary": last.get("Summary") or result.get("externalExecutionSummary") or None,
        "token": last.get("Token") if last["status"] == GOING else None,
        "lastUpdatedBy": last.get("updatedBy"),
        "externalExecutionId": result.get("externalExecutionId"),
        "errorDetails": result.get("errorDetails"),
    }
    return {"actionName": name, "latestExecution": {key: value for key, value in told.items() if value is not None}}


def _stage(item: Item, name: str) -> Item:
    for stage in item["pipeline"]["stages"]:
        if stage["name"] == name:
            found: Item = stage
            return found
    raise Coded("StageNotFoundException", f"Pipeline '{item['name']}' does not have a stage '{name}'")


def _approve(call: Call) -> Item:
    """A person's answer to an action that waits for one."""
    told = call.parameters
    item = pipeline(call, told["pipelineName"])
    names = {action["name"] for action in _stage(item, told["stageName"])["actions"]}
    if told["actionName"] not in names:
        message = f"Stage '{told['stageName']}' does not have an action '{told['actionName']}'"
        raise Coded("ActionNotFoundException", message)
    for execution in item["Executions"].values():
        for action in execution["Actions"]:
            place = (action["stageName"], action["actionName"], action.get("Token"))
            if place == (told["stageName"], told["actionName"], told["token"]):
                return _answered(call, item, action, told["result"])
    raise Coded("InvalidApprovalTokenException", "The approval token is not valid")


def _answered(call: Call, item: Item, action: Item, result: Item) -> Item:
    if action["status"] != GOING:
        raise Coded("ApprovalAlreadyCompletedException", "The approval action has already been approved or rejected")
    now = utcnow()
    action |= {
        "status": WELL if result["status"] == "Approved" else WRONG,
        "lastUpdateTime": now,
        "updatedBy": _caller(call),
        "Summary": result["summary"],
    }
    told: Item = {"externalExecutionSummary": result["summary"]}
    if result["status"] == "Rejected":
        told["errorDetails"] = {"code": "JobFailed", "message": result["summary"]}
    action["output"]["executionResult"] = told
    _advance(call, item)
    return {"approvedAt": now}


def _stop(call: Call) -> Item:
    told = call.parameters
    item = pipeline(call, told["pipelineName"])
    execution = _execution(call, item, told["pipelineExecutionId"])
    if execution["status"] != GOING:
        message = f"Execution '{execution['pipelineExecutionId']}' is {execution['status']}"
        raise Coded("PipelineExecutionNotStoppableException", message)
    for action in execution["Actions"]:
        if action["status"] == GOING:
            action |= {"status": "Abandoned", "lastUpdateTime": utcnow()}
    for name, status in execution["Stages"].items():
        if status == GOING:
            execution["Stages"][name] = STOPPED
    execution |= {"status": STOPPED, "lastUpdateTime": utcnow(), "statusSummary": told.get("reason", "")}
    execution["stopTrigger"] = {"reason": told.get("reason", "")}
    _advance(call, item)
    return execution


def _retry(call: Call) -> Item:
    """Once more the actions of a stage that failed, or all of them."""
    told = call.parameters
    item = pipeline(call, told["pipelineName"])
    name = _stage(item, told["stageName"])["name"]
    execution: Item | None = item["Executions"].get(told["pipelineExecutionId"])
    if execution is None or execution["Stages"].get(name) not in (WRONG, STOPPED):
        raise Coded("StageNotRetryableException", f"Stage '{name}' has not failed in that execution")
    later = [one for one in item["Executions"].values() if name in one["Stages"]]
    if later[-1] is not execution:
        raise Coded("NotLatestPipelineExecutionException", "A later execution has entered the stage")
    well = {} if told["retryMode"] == "ALL_ACTIONS" else execution["Done"]
    execution["Done"] = {one: action for one, action in well.items() if action["status"] == WELL}
    execution["Stages"][name] = GOING
    execution |= {"status": GOING, "lastUpdateTime": utcnow()}
    _advance(call, item)
    return execution


def _shut(call: Call) -> None:
    told = call.parameters
    item = pipeline(call, told["pipelineName"])
    place = (_stage(item, told["stageName"])["name"], told["transitionType"])
    item["Transitions"][place] = {
        "lastChangedBy": _caller(call),
        "lastChangedAt": utcnow(),
        "disabledReason": told["reason"],
    }


def _reopen(call: Call) -> None:
    told = call.parameters
    item = pipeline(call, told["pipelineName"])
    item["Transitions"].pop((_stage(item, told["stageName"])["name"], told["transitionType"]), None)
    _advance(call, item)


def _committed(call: Call) -> None:
    """A commit starts the pipelines that look at its branch, or that a rule of EventBridge starts upon it."""
    repository = call.parameters.get("repositoryName")
    for item in pipelines(call).values():
        for action in item["pipeline"]["stages"][0]["actions"]:
            told = action["configuration"]
            if action["actionTypeId"]["provider"] != "CodeCommit" or told.get("RepositoryName") != repository:
                continue
            if told.get("BranchName") != call.parameters.get("branchName"):
                continue
            rule = _rule(call, item, told)
            if told.get("PollForSourceChanges", "true").lower() == "true":
                start(call, item, "PollForSourceChanges", action["name"])
            elif rule:
                start(call, item, "CloudWatchEvent", rule)


def _rule(call: Call, item: Item, told: dict[str, str]) -> str:
    """The rule that starts a pipeline when a branch changes, where there is one."""
    event = {
        "source": "aws.codecommit",
        "detail-type": "CodeCommit Repository State Change",
        "account": call.account,
        "region": call.region,
        "resources": [call.arn(told["RepositoryName"], service="codecommit")],
        "detail": {
            "event": "referenceUpdated",
            "referenceType": "branch",
            "referenceName": told["BranchName"],
            "repositoryName": told["RepositoryName"],
        },
    }
    for rule in call.backend("events").event_buses["default"].rules.values():
        wanted = any(target.get("Arn") == item["Arn"] for target in rule.targets)
        if wanted and rule.state.startswith("ENABLED") and rule.event_pattern.matches_event(event):
            return str(rule.arn)
    return ""


EXTENSIONS = [
    Extension(
        SERVICE,
        {
            "StartPipelineExecution": _start,
            "GetPipelineExecution": _get,
            "ListPipelineExecutions": _list,
            "ListActionExecutions": _list_actions,
            "GetPipelineState": _state,
            "PutApprovalResult": _approve,
            "StopPipelineExecution": _stop,
            "RetryStageExecution": _retry,
            "DisableStageTransition": _shut,
            "EnableStageTransition": _reopen,
        },
    ),
    Extension("codecommit", after=dict.fromkeys(("CreateCommit", "PutFile", "DeleteFile"), _committed)),
]
