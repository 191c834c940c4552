"""Builds: each is over at once, and ends as its source and its buildspec let it."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import io
import re
import zipfile
from typing import Any

import msgspec.yaml
from moto.core.utils import utcnow

from readiness.emulator.call import Call, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.services.codebuild.projects import GIT, batch, ordered, permitted, project
from readiness.emulator.services.codebuild.reports import Files, report
from readiness.emulator.services.codecommit import tip

SERVICE = "codebuild"
BEFORE = ("SUBMITTED", "QUEUED", "PROVISIONING")
SPECIFIED = {"INSTALL": "install", "PRE_BUILD": "pre_build", "BUILD": "build", "POST_BUILD": "post_build"}
"""The phases whose commands the buildspec has, and how it calls them."""
LONG = {"PROVISIONING": 8, "DOWNLOAD_SOURCE": 2, "UPLOAD_ARTIFACTS": 1, "FINALIZING": 1}
"""How many seconds a phase takes; one with commands, three for each."""
FAILS = re.compile(r"\s*(?:false|exit\s+[1-9]\d*)\s*")
"""The commands of which one knows without a machine that they fail."""
OVERRIDES = {
    "buildspecOverride": ("source", "buildspec"),
    "sourceTypeOverride": ("source", "type"),
    "sourceLocationOverride": ("source", "location"),
    "sourceAuthOverride": ("source", "auth"),
    "imageOverride": ("environment", "image"),
    "computeTypeOverride": ("environment", "computeType"),
    "environmentTypeOverride": ("environment", "type"),
    "privilegedModeOverride": ("environment", "privilegedMode"),
    "serviceRoleOverride": ("serviceRole",),
    "timeoutInMinutesOverride": ("timeoutInMinutes",),
    "queuedTimeoutInMinutesOverride": ("queuedTimeoutInMinutes",),
    "encryptionKeyOverride": ("encryptionKey",),
    "cacheOverride": ("cache",),
    "logsConfigOverride": ("logsConfig",),
    "artifactsOverride": ("artifacts",),
}
"""What a build may have otherwise than its project."""
OPTIONAL = ("vpcConfig", "fileSystemLocations", "secondarySources")
"""What a build has of its project where the project has it."""


class _Failed(Exception):
    """A phase can't be completed."""

    def __init__(self, phase: str, code: str, message: str) -> None:
        super().__init__(message)
        self.phase = phase
        self.code = code


def _builds(call: Call) -> dict[str, Item]:
    return call.table("Build", SERVICE)


def _overridden(plan: Item, told: Item) -> Item:
    plan = copy.deepcopy(plan)
    for name, path in OVERRIDES.items():
        if name in told:
            inner = plan
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = told[name]
    variables = {one["name"]: one for one in plan["environment"]["environmentVariables"]}
    variables |= {one["name"]: {"type": "PLAINTEXT", **one} for one in told.get("environmentVariablesOverride", [])}
    plan["environment"]["environmentVariables"] = list(variables.values())
    return plan


def _caller(call: Call) -> str:
    arn: str = call.backend("sts").get_caller_identity(call.access_key, call.region)[1]
    return arn.partition("/")[2] or arn.rpartition(":")[2]


def start(call: Call, initiator: str = "", files: Files | None = None) -> Item:
    """Run a build of the project that the parameters name.

    Args:
        call: a call with the parameters of StartBuild.
        initiator: who starts it; the caller by default.
        files: what a pipeline hands over, where that is known.

    Raises:
        NotFound: there is no such project.
    """
    item = project(call, call.parameters["projectName"])
    item["Numbers"] += 1
    plan = _overridden(item, call.parameters)
    name = f"{item['name']}:{uuid()}"
    build: Item = {
        **{
            member: plan[member]
            for member in ("source", "environment", "serviceRole", "encryptionKey", "cache", "timeoutInMinutes")
        },
        **{member: plan[member] for member in OPTIONAL if member in plan},
        "id": name,
        "arn": call.arn(f"build/{name}", service=SERVICE),
        "projectName": item["name"],
        "buildNumber": item["Numbers"],
        "queuedTimeoutInMinutes": plan["queuedTimeoutInMinutes"],
        "sourceVersion": call.parameters.get("sourceVersion", plan.get("sourceVersion")),
        "artifacts": _artifacts(call, plan["artifacts"]),
        "logs": plan["logsConfig"],
        "initiator": initiator or _caller(call),
        "startTime": utcnow(),
        "Told": call.parameters,
    }
    spec: dict[str, Any] = {}
    failed: _Failed | None = None
    try:
        files, build["resolvedSourceVersion"] = _fetched(call, build, files)
        spec = _specified(call, build["source"], files)
        _commanded(spec)
    except _Failed as problem:
        failed = problem
    build["reportArns"] = report(call, build, spec, files, failed is None) if _reached(failed) else []
    _ended(build, spec, failed)
    _builds(call)[name] = build
    return build


def _artifacts(call: Call, told: Item) -> Item:
    place = "/".join(part.strip("/") for name in ("location", "path", "name") if (part := told.get(name)))
    location = call.arn(place, service="s3", regional=False).replace(f":{call.account}:", "::") if place else ""
    return {"location": location, "encryptionDisabled": told["encryptionDisabled"]}


def _fetched(call: Call, build: Item, files: Files | None) -> tuple[Files | None, str | None]:
    """The files of the source, where it lies in this account, and its version."""
    source, version = build["source"], build["sourceVersion"]
    kind, location = source["type"], source.get("location", "")
    if kind == "CODECOMMIT":
        commit = tip(call, location.rpartition("/")[2], (version or "").removeprefix("refs/heads/"))
        if commit is None:
            raise _Failed("DOWNLOAD_SOURCE", "CLIENT_ERROR", f"repository not found or empty: {location}")
        return {path: content for path, (_, content) in commit["Files"].items()}, commit["commitId"]
    if kind in GIT and source.get("auth", {}).get("type") == "CODECONNECTIONS" and not permitted(call, source):
        problem = f"Failed to get access token from {source['auth'].get('resource')}"
        raise _Failed("DOWNLOAD_SOURCE", "OAuthProviderException", problem)
    if kind == "S3":
        return _unpacked(_object(call, location)), version
    return ({} if kind == "NO_SOURCE" else files), version


def _object(call: Call, place: str) -> bytes | None:
    bucket, _, key = place.partition("/")
    found = call.backend("s3").buckets.get(bucket)
    kept = found.keys.get(key) if found else None
    return kept.value if kept else None


def _unpacked(content: bytes | None) -> Files | None:
    if content is None or not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def _specified(call: Call, source: Item, files: Files | None) -> dict[str, Any]:
    """The buildspec; empty where it lies in a source that is not known."""
    told = source.get("buildspec") or "buildspec.yml"
    text: bytes | str | None
    if told.startswith("arn:"):
        text = _object(call, told.rpartition(":")[2])
    elif re.search(r"[\n{]|:\s", told):
        text = told
    elif files is None:
        return {}
    else:
        text = files.get(told)
    if text is None:
        raise _Failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR", f"stat {told}: no such file or directory")
    try:
        spec = msgspec.yaml.decode(text)
    except msgspec.DecodeError as problem:
        raise _Failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR", f"{told}: {problem}") from problem
    if not isinstance(spec, dict) or "version" not in spec:
        raise _Failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR", "missing version")
    return spec


def _commands(spec: dict[str, Any], phase: str) -> list[str]:
    told = (spec.get("phases") or {}).get(SPECIFIED.get(phase, ""), {}) or {}
    commands = told.get("commands") or []
    return [commands] if isinstance(commands, str) else [str(command) for command in commands]


def _commanded(spec: dict[str, Any]) -> None:
    for phase in SPECIFIED:
        for command in _commands(spec, phase):
            if FAILS.fullmatch(command):
                message = f"Error while executing command: {command}. Reason: exit status 1"
                raise _Failed(phase, "COMMAND_EXECUTION_ERROR", message)


def _reached(failed: _Failed | None) -> bool:
    """Whether the tests ran: what a failed build left is reported, what was never begun is not."""
    return failed is None or failed.phase in ("BUILD", "POST_BUILD")


def _ended(build: Item, spec: dict[str, Any], failed: _Failed | None) -> None:
    """The phases up to the one that failed, one after another; after a failed BUILD comes POST_BUILD nevertheless."""
    names = [*BEFORE, "DOWNLOAD_SOURCE", *SPECIFIED, "UPLOAD_ARTIFACTS"]
    if failed:
        last = "POST_BUILD" if failed.phase == "BUILD" else failed.phase
        names = names[: names.index(last) + 1]
    moment: datetime.datetime = build["startTime"]
    phases: list[Item] = []
    for name in [*names, "FINALIZING"]:
        long = LONG.get(name, 3 * len(_commands(spec, name)))
        over = moment + datetime.timedelta(seconds=long)
        phase = {
            "phaseType": name,
            "phaseStatus": "SUCCEEDED",
            "startTime": moment,
            "endTime": over,
            "durationInSeconds": long,
        }
        if failed and failed.phase == name:
            phase |= {"phaseStatus": "FAILED", "contexts": [{"statusCode": failed.code, "message": str(failed)}]}
        phases.append(phase)
        moment = over
    phases.append({"phaseType": "COMPLETED", "startTime": moment})
    build |= {
        "phases": phases,
        "endTime": moment,
        "currentPhase": "COMPLETED",
        "buildComplete": True,
        "buildStatus": "FAILED" if failed else "SUCCEEDED",
    }


def _retry(call: Call) -> Item:
    """The same once more."""
    build = _build(call)
    return start(dataclasses.replace(call, parameters=build["Told"]))


def _build(call: Call) -> Item:
    name = call.parameters.get("id", "").rpartition("build/")[2]
    if name not in _builds(call):
        raise NotFound(f"Build {name} does not exist")
    return _builds(call)[name]


def _batch_get(call: Call) -> Item:
    return batch(call, _builds(call).values(), call.parameters["ids"], ("id", "arn"), "builds")


def _list(call: Call) -> Item:
    """The newest first, where nobody wants it otherwise; moto gives them in the order of the projects."""
    found = list(_builds(call).values())
    if "projectName" in call.parameters:
        name = project(call, call.parameters["projectName"])["name"]
        found = [build for build in found if build["projectName"] == name]
    return ordered(call, found, "id", SortOrder=call.parameters.get("sortOrder", "DESCENDING").capitalize())


def _delete(call: Call) -> Item:
    deleted, lacking = [], []
    for name in call.parameters["ids"]:
        build = _builds(call).pop(name.rpartition("build/")[2], None)
        if build:
            deleted.append(build["arn"])
        else:
            lacking.append({"id": name, "statusCode": "BUILD_NOT_FOUND"})
    return {"buildsDeleted": deleted, "buildsNotDeleted": lacking}


EXTENSION = Extension(
    SERVICE,
    {
        "StartBuild": start,
        "RetryBuild": _retry,
        "StopBuild": _build,
        "BatchGetBuilds": _batch_get,
        "ListBuilds": _list,
        "ListBuildsForProject": _list,
        "BatchDeleteBuilds": _delete,
    },
)
