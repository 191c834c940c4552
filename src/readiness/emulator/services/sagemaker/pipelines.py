"""SageMaker Pipelines: their definitions, each a version.

Moto keeps a definition from S3 in a form that no client can read, knows no versions, says that a user of Studio made
each pipeline, and filters a page instead of all.
"""

from __future__ import annotations

import json

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, SORTS, Sort, caller, ordered
from readiness.emulator.services.sagemaker.objects import read


def versions_of(item: Item) -> list[Item]:
    """The versions of a pipeline, the newest last."""
    versions: list[Item] = item.setdefault("Versions", [])
    return versions


def _defined(call: Call) -> str | None:
    """The definition that a request gives, or that lies where it says in S3; none where it gives none.

    Raises:
        Invalid: it gives both, or what is no definition.
    """
    text, place = call.parameters.get("PipelineDefinition"), call.parameters.get("PipelineDefinitionS3Location")
    if text is not None and place is not None:
        raise Invalid("PipelineDefinition and PipelineDefinitionS3Location can't both be specified.")
    if place is not None:
        text = _text(call, place)
    if text is None:
        return None
    try:
        names = [step.get("Name") for step in _everywhere(json.loads(text)["Steps"])]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid("The pipeline definition is not valid JSON with Steps.") from None
    if len(names) != len(set(names)):
        raise Invalid("Step names must be unique within a pipeline.")
    return str(text)


def _define(call: Call, item: Item, text: str) -> None:
    """A definition is a version of the pipeline."""
    versions = versions_of(item)
    item.pop("PipelineDefinitionS3Location", None)
    item["PipelineDefinition"] = text
    version = {
        "PipelineArn": item["PipelineArn"],
        "PipelineVersionId": len(versions) + 1,
        "CreationTime": item["LastModifiedTime"],
        "LastModifiedTime": item["LastModifiedTime"],
        "CreatedBy": caller(call),
        "PipelineDefinition": text,
        "PipelineVersionAliases": item.pop("PipelineVersionAliases", None),
    }
    versions.append(version)


def _everywhere(steps: list[Item]) -> list[Item]:
    """The steps, with those in the branches of conditions."""
    found = []
    for step in steps:
        arguments = step.get("Arguments") or {}
        branches = [*arguments.get("IfSteps", []), *arguments.get("ElseSteps", [])]
        found += [step, *_everywhere(branches)]
    return found


def _text(call: Call, place: Item) -> str:
    content = read(call, f"s3://{place['Bucket']}/{place['ObjectKey']}")
    if content is None:
        raise Invalid("The definition is not in S3.")
    return content.decode()


def _create(call: Call, item: Item) -> None:
    text = _defined(call)
    if text is None:
        raise Invalid("Either PipelineDefinition or PipelineDefinitionS3Location must be specified.")
    item.setdefault("PipelineDisplayName", item["PipelineName"])
    item["CreatedBy"] = item["LastModifiedBy"] = caller(call)
    _define(call, item, text)


PIPELINES = Sort(
    SERVICE,
    "Pipeline",
    "PipelineName",
    "pipeline/{}",
    status=("PipelineStatus", "Active"),
    created=_create,
    look=lambda _, item: {**item, "LastExecutionTime": item.get("LastRunTime")},
    newest_first=True,
    taken=INVALID,
)


def _update(call: Call) -> Item:
    """Change a pipeline; a definition that is not valid changes nothing."""
    text = _defined(call)
    item = PIPELINES.update(call)
    item["LastModifiedBy"] = caller(call)
    if text is not None:
        _define(call, item, text)
    return {**item, "PipelineVersionId": len(versions_of(item))}


def _list(call: Call) -> Item:
    """By the begin of the name, too; none is managed by AWS."""
    prefix = call.parameters.get("PipelineNamePrefix", "")
    mine = call.parameters.get("ManagedBy", "CUSTOMER") == "CUSTOMER"
    items = [one for one in PIPELINES.items(call).values() if mine and one["PipelineName"].startswith(prefix)]
    return PIPELINES.page(call, items)


def _describe(call: Call) -> Item:
    """The pipeline, or a version of it."""
    item = PIPELINES.describe(call)
    version = version_of(item, call.parameters)
    if version is None:
        return item
    shown = ("PipelineDefinition", "PipelineVersionDisplayName", "PipelineVersionDescription", "PipelineVersionAliases")
    return {**item, **{name: version.get(name) for name in shown}}


def version_of(item: Item, asked: Item) -> Item | None:
    """The version that a request names by its number or by an alias."""
    number, alias = asked.get("PipelineVersionId"), asked.get("PipelineVersionAlias")
    if number is None and alias is None:
        return None
    for version in versions_of(item):
        if version["PipelineVersionId"] == number or alias in (version.get("PipelineVersionAliases") or []):
            return version
    raise NotFound(f"Pipeline {item['PipelineName']} has no version {number or alias}.")


def _list_versions(call: Call) -> Item:
    versions = versions_of(PIPELINES.find(call))
    return listed(call, versions, "PipelineArn", asked=ordered(call.parameters, newest_first=True))


def _update_version(call: Call) -> Item:
    """Tell more of a version, and change its aliases, each of which only one version has."""
    asked = call.parameters
    item = PIPELINES.get(call, asked["PipelineArn"])
    version = version_of(item, asked) or {}
    version |= {name: value for name, value in asked.items() if name.startswith(("PipelineVersionD",))}
    change = asked.get("PipelineVersionAliasOperations", {})
    for one in versions_of(item):
        own = one.get("PipelineVersionAliases") or []
        one["PipelineVersionAliases"] = [alias for alias in own if alias not in change.get("Add", [])] or None
    own = [*(version["PipelineVersionAliases"] or []), *change.get("Add", [])]
    version["PipelineVersionAliases"] = [alias for alias in own if alias not in change.get("Remove", [])] or None
    version["LastModifiedTime"] = utcnow()
    return version


def _delete(call: Call) -> Item:
    """Forget a pipeline and its executions; the jobs that those started stay."""
    item = PIPELINES.find(call)
    runs = call.table("PipelineExecution")
    for arn in [arn for arn, run in runs.items() if run["PipelineArn"] == item["PipelineArn"]]:
        del runs[arn]
    return PIPELINES.delete(call)


SORTS["Pipeline"] = PIPELINES

HANDLERS: dict[str, Handler] = {
    **PIPELINES.handlers(),
    "ListPipelines": _list,
    "DescribePipeline": _describe,
    "UpdatePipeline": _update,
    "DeletePipeline": _delete,
    "ListPipelineVersions": _list_versions,
    "UpdatePipelineVersion": _update_version,
}

EXTENSION = Extension(SERVICE, HANDLERS)
