"""Managed Service for Apache Flink: applications that are ready, start, stop, change and are deleted.

What moto says, and what AWS does: an application is `STARTING` for ever and can neither be started nor stopped, a
second one of its name takes its place, its times are text without a zone, and the size of its code and its VPC are made
up. A new one is `READY`, and what is done to it is an operation that is remembered; one whose code is in no bucket
fails to start.
"""

from __future__ import annotations

import copy
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import After, Call, Coded, Elsewhere, Handler, InUse, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.files import files, size
from readiness.emulator.resources import listed

SERVICE = "kinesisanalyticsv2"
SECONDS = 1
"""How long an operation takes."""
UPDATED = {
    "EnvironmentPropertyUpdates": "EnvironmentProperties",
    "FlinkApplicationConfigurationUpdate": "FlinkApplicationConfiguration",
    "ApplicationSnapshotConfigurationUpdate": "ApplicationSnapshotConfiguration",
    "ApplicationSystemRollbackConfigurationUpdate": "ApplicationSystemRollbackConfiguration",
    "ApplicationCodeConfigurationUpdate": "ApplicationCodeConfiguration",
}
"""The parts of a configuration, as an update calls them."""


def _kept(call: Call) -> tuple[Any, Item]:
    """Moto's application, and what moto does not keep of it."""
    name = call.parameters["ApplicationName"]
    application = call.backend(SERVICE).applications.get(name)
    if application is None:
        raise NotFound(f"Application {name} does not exist.")
    now = utcnow()
    made = {"Created": now, "Updated": now, "Operations": {}, "Snapshots": {}, "Versions": {1: "READY"}}
    return application, call.table("Application").setdefault(name, made)


def _vpc(call: Call, network: Item) -> str:
    """The VPC of some subnets."""
    known = {subnet.id: subnet for subnet in call.backend("ec2").describe_subnets()}
    missing = [name for name in network["SubnetIds"] if name not in known]
    if missing:
        raise Coded("InvalidApplicationConfigurationException", f"The subnet {missing[0]} does not exist.")
    return str(known[network["SubnetIds"][0]].vpc_id)


def _create(call: Call) -> None:
    """Names are taken once, and a VPC is that of subnets which are there; moto makes what is new."""
    for network in call.parameters.get("ApplicationConfiguration", {}).get("VpcConfigurations", []):
        _vpc(call, network)
    if call.parameters["ApplicationName"] in call.backend(SERVICE).applications:
        raise InUse(f"Application already exists: {call.parameters['ApplicationName']}")
    raise Elsewhere


def _ready(call: Call) -> None:
    """A new application waits to be started."""
    call.table("Application").pop(call.parameters["ApplicationName"], None)
    application, known = _kept(call)
    application.application_status = "READY"
    old, application.application_arn = (
        application.application_arn,
        call.arn(f"application/{application.application_name}"),
    )
    tagger = call.backend(SERVICE).tagger
    if old != application.application_arn and tagger.has_tags(old):
        tagger.tag_resource(application.application_arn, tagger.list_tags_for_resource(old)["Tags"])
    known["Configuration"] = copy.deepcopy(call.parameters.get("ApplicationConfiguration", {}))


def _detail(call: Call) -> Item:
    application, known = _kept(call)
    told = call.backend(SERVICE).describe_application(application.application_name)
    detail = copy.deepcopy({name: value for name, value in told.items() if value is not None})
    described = detail.setdefault("ApplicationConfigurationDescription", {})
    content = described.get("ApplicationCodeConfigurationDescription", {}).get("CodeContentDescription", {})
    for invented in ("CodeMD5", "CodeSize"):
        content.pop(invented, None)
    if place := content.get("S3ApplicationCodeLocationDescription"):
        content["CodeSize"] = size(_code(call, place))
    for network in described.get("VpcConfigurationDescriptions", []):
        network["VpcId"] = _vpc(call, network)
    if "RunConfiguration" in known:
        described["RunConfigurationDescription"] = known["RunConfiguration"]
    version = application.application_version_id
    return {
        **detail,
        "ApplicationName": application.application_name,
        "CreateTimestamp": known["Created"],
        "LastUpdateTimestamp": known["Updated"],
        "ApplicationVersionCreateTimestamp": known["Updated"],
        **({"ApplicationVersionUpdatedFrom": version - 1} if version > 1 else {}),
    }


def _code(call: Call, place: Item) -> list[Any]:
    """The file of an application's code, if it is there."""
    return files(call, f"s3://{place['BucketARN'].rpartition(':')[2]}/{place['FileKey']}") or []


def _describe(call: Call) -> Item:
    return {"ApplicationDetail": _detail(call)}


def _list(call: Call) -> Item:
    found = [
        {name: value for name, value in one.items() if value is not None}
        for one in call.backend(SERVICE).list_applications()
    ]
    return listed(call, found, "ApplicationName")


def _operate(call: Call, *, error: str = "") -> Item:
    """Remember what was done, well or not."""
    _, known = _kept(call)
    now = utcnow()
    operation = {
        "Operation": call.operation,
        "OperationId": str(uuid.uuid4()),
        "StartTime": now,
        "EndTime": now + datetime.timedelta(seconds=SECONDS),
        "OperationStatus": "FAILED" if error else "SUCCESSFUL",
        **({"OperationFailureDetails": {"ErrorInfo": {"ErrorString": error}}} if error else {}),
    }
    known["Operations"][operation["OperationId"]] = operation
    return operation


def _must_be(application: Any, *states: str) -> None:
    if application.application_status not in states:
        raise InUse(f"Application {application.application_name} is in {application.application_status} state.")


def _start(call: Call) -> Item:
    application, known = _kept(call)
    _must_be(application, "READY")
    code = known.get("Configuration", {}).get("ApplicationCodeConfiguration", {})
    place = code.get("CodeContent", {}).get("S3ContentLocation")
    if application.runtime_environment.startswith("FLINK") and not code:
        raise Coded("InvalidApplicationConfigurationException", "The application has no code.")
    if place and not _code(call, place):
        return _operate(call, error=f"Unable to get the application code {place['FileKey']}: there is no such file.")
    application.application_status = "RUNNING"
    run = call.parameters.get("RunConfiguration", {})
    flink = run.get("FlinkRunConfiguration", {"AllowNonRestoredState": False})
    restore = run.get("ApplicationRestoreConfiguration", {"ApplicationRestoreType": "RESTORE_FROM_LATEST_SNAPSHOT"})
    known["RunConfiguration"] = {
        "ApplicationRestoreConfigurationDescription": restore,
        "FlinkRunConfigurationDescription": flink,
    }
    return _operate(call)


def _stop(call: Call) -> Item:
    """A snapshot is taken of a Flink application that is not forced."""
    application, known = _kept(call)
    _must_be(application, "RUNNING")
    application.application_status = "READY"
    snapshots = known.get("Configuration", {}).get("ApplicationSnapshotConfiguration", {}).get("SnapshotsEnabled", True)
    if application.runtime_environment.startswith("FLINK") and snapshots and not call.parameters.get("Force"):
        _keep_snapshot(application, known, f"{application.application_name}-{uuid.uuid4().hex[:8]}")
    return _operate(call)


def _update(call: Call) -> Item:
    """A new version, of what is named."""
    application, known = _kept(call)
    _must_be(application, "READY", "RUNNING")
    current = call.parameters.get("CurrentApplicationVersionId", application.application_version_id)
    if current != application.application_version_id:
        raise Coded("ConcurrentModificationException", f"The current version is {application.application_version_id}.")
    configuration = known.setdefault("Configuration", {})
    for name, update in call.parameters.get("ApplicationConfigurationUpdate", {}).items():
        part = UPDATED.get(name)
        if part is None:
            raise Coded("InvalidArgumentException", f"{name} can't be updated here.")
        configuration[part] = {**configuration.get(part, {}), **_plain(update)}
    application.app_config_description = (
        application._generate_app_config_description(copy.deepcopy(configuration)) if configuration else None
    )
    application.service_execution_role = call.parameters.get(
        "ServiceExecutionRoleUpdate", application.service_execution_role
    )
    application.runtime_environment = call.parameters.get("RuntimeEnvironmentUpdate", application.runtime_environment)
    application.application_version_id += 1
    known["Updated"] = utcnow()
    known["Versions"][application.application_version_id] = application.application_status
    operation = _operate(call)
    operation["ApplicationVersionChangeDetails"] = {
        "ApplicationVersionUpdatedFrom": current,
        "ApplicationVersionUpdatedTo": application.application_version_id,
    }
    return {"ApplicationDetail": _detail(call), "OperationId": operation["OperationId"]}


def _plain(update: Any) -> Any:
    """An update by the names of what it updates."""
    if not isinstance(update, dict):
        return update
    return {name.removesuffix("Update"): _plain(value) for name, value in update.items()}


def _delete(call: Call) -> None:
    """Only who knows when it was made deletes an application."""
    application, known = _kept(call)
    given = call.parameters["CreateTimestamp"]
    created = known["Created"]
    if abs((given.replace(tzinfo=None) - created.replace(tzinfo=None)).total_seconds()) >= 1:
        raise Coded("InvalidArgumentException", "The CreateTimestamp is not that of the application.")
    del call.backend(SERVICE).applications[application.application_name]
    del call.table("Application")[application.application_name]


def _operations(call: Call) -> Item:
    """What was done to an application, the newest first."""
    _, known = _kept(call)
    equals = {"Operation": "Operation", "OperationStatus": "OperationStatus"}
    return listed(call, list(known["Operations"].values())[::-1], "OperationId", equals)


def _operation(call: Call) -> Item:
    _, known = _kept(call)
    found = known["Operations"].get(call.parameters["OperationId"])
    if found is None:
        raise NotFound(f"Operation {call.parameters['OperationId']} does not exist.")
    return {"ApplicationOperationInfoDetails": {name: found[name] for name in found if name != "OperationId"}}


def _versions(call: Call) -> Item:
    _, known = _kept(call)
    found = [
        {"ApplicationVersionId": version, "ApplicationStatus": status} for version, status in known["Versions"].items()
    ]
    return listed(call, found[::-1])


def _keep_snapshot(application: Any, known: Item, name: str) -> None:
    if name in known["Snapshots"]:
        raise InUse(f"Snapshot {name} exists already.")
    known["Snapshots"][name] = {
        "SnapshotName": name,
        "SnapshotStatus": "READY",
        "ApplicationVersionId": application.application_version_id,
        "SnapshotCreationTimestamp": utcnow(),
        "RuntimeEnvironment": application.runtime_environment,
    }


def _create_snapshot(call: Call) -> None:
    application, known = _kept(call)
    if application.application_status != "RUNNING":
        raise Coded("InvalidRequestException", "A snapshot can be taken of an application that is running only.")
    _keep_snapshot(application, known, call.parameters["SnapshotName"])


def _snapshots(call: Call) -> Item:
    return listed(call, list(_kept(call)[1]["Snapshots"].values())[::-1], "SnapshotName")


def _snapshot(call: Call) -> Item:
    found = _kept(call)[1]["Snapshots"].get(call.parameters["SnapshotName"])
    if found is None:
        raise NotFound(f"Snapshot {call.parameters['SnapshotName']} does not exist.")
    return {"SnapshotDetails": found}


def _delete_snapshot(call: Call) -> None:
    _snapshot(call)
    del _kept(call)[1]["Snapshots"][call.parameters["SnapshotName"]]


def _untag(call: Call) -> None:
    call.backend(SERVICE).untag_resource(call.parameters["ResourceARN"], call.parameters["TagKeys"])


ANSWERS: Mapping[str, Handler] = {
    "CreateApplication": _create,
    "DescribeApplication": _describe,
    "ListApplications": _list,
    "StartApplication": _start,
    "StopApplication": _stop,
    "UpdateApplication": _update,
    "DeleteApplication": _delete,
    "ListApplicationOperations": _operations,
    "DescribeApplicationOperation": _operation,
    "ListApplicationVersions": _versions,
    "CreateApplicationSnapshot": _create_snapshot,
    "ListApplicationSnapshots": _snapshots,
    "DescribeApplicationSnapshot": _snapshot,
    "DeleteApplicationSnapshot": _delete_snapshot,
    "UntagResource": _untag,
}
AFTER: Mapping[str, After] = {"CreateApplication": _ready}

EXTENSION = Extension(SERVICE, ANSWERS, AFTER)
