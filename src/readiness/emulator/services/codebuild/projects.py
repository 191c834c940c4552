"""Build projects and their webhooks."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier
from readiness.emulator.resources import Resource, listed
from readiness.emulator.services.codebuild.credentials import known
from readiness.emulator.services.codeconnections import available

SERVICE = "codebuild"
PAGE = 100
"""How many names a list answers at most, which nobody can change."""
PLACELESS = {"NO_SOURCE", "CODEPIPELINE"}
GIT = {"GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED", "BITBUCKET"}
SORTS = {"NAME": "name", "CREATED_TIME": "created", "LAST_MODIFIED_TIME": "lastModified"}


def _create(call: Call, item: Item) -> None:
    """What AWS says of a project that nobody told more of."""
    item["created"] = utcnow()
    item["timeoutInMinutes"] = item.get("timeoutInMinutes", 60)
    item["queuedTimeoutInMinutes"] = item.get("queuedTimeoutInMinutes", 480)
    item.setdefault("encryptionKey", call.arn("alias/aws/s3", service="kms"))
    item.setdefault("cache", {"type": "NO_CACHE"})
    item.setdefault("projectVisibility", "PRIVATE")
    item["Numbers"] = 0
    _change(call, item)


def _change(call: Call, item: Item) -> None:
    """Refuse what can't be built, and complete what was told anew."""
    source, artifacts = item["source"], item["artifacts"]
    if source["type"] not in PLACELESS and not source.get("location"):
        raise Invalid("Project source location is required")
    if source["type"] == "NO_SOURCE" and not source.get("buildspec"):
        raise Invalid("Invalid project source: buildspec is required when the source type is NO_SOURCE")
    if artifacts["type"] == "S3" and not artifacts.get("location"):
        raise Invalid("Project artifacts location is required")
    start = call.arn("role/", service="iam", regional=False)
    if not item["serviceRole"].startswith(start):
        raise Invalid("Invalid service role: Service role account ID does not match caller's account")
    environment = item["environment"]
    for name, value in {"environmentVariables": [], "privilegedMode": False}.items():
        environment.setdefault(name, value)
    environment.setdefault("imagePullCredentialsType", "CODEBUILD")
    for variable in environment["environmentVariables"]:
        variable.setdefault("type", "PLAINTEXT")
    source.setdefault("insecureSsl", False)
    artifacts.setdefault("encryptionDisabled", False)
    logs = item.setdefault("logsConfig", {})
    logs.setdefault("cloudWatchLogs", {"status": "ENABLED"})
    logs.setdefault("s3Logs", {"status": "DISABLED", "encryptionDisabled": False})
    item["badge"] = {"badgeEnabled": item.get("badgeEnabled", False)}
    item.setdefault("tags", [])
    item["lastModified"] = utcnow()


class _Projects(Resource):
    def update(self, call: Call) -> Item:
        """A change that is refused leaves the project as it was."""
        item = self.find(call)
        changed = {**copy.deepcopy(item), **copy.deepcopy(call.parameters)}
        self.changed(call, changed)
        item |= changed
        return item


PROJECTS = _Projects(
    SERVICE,
    "Project",
    "name",
    "project/{}",
    arn_member="arn",
    created=_create,
    changed=_change,
)


def project(call: Call, name: str) -> Item:
    """The project of this name or ARN.

    Raises:
        NotFound: there is none.
    """
    for item in PROJECTS.items(call).values():
        if name in (item["name"], item["arn"]):
            return item
    raise NotFound(f"Project cannot be found: {call.arn(f'project/{name}')}")


def ordered(call: Call, items: Iterable[Item], key: str, **given: Any) -> Item:
    """A page of names or ARNs, as CodeBuild's lists sort them."""
    told = call.parameters
    asked = {
        "MaxResults": told.get("maxResults", PAGE),
        "SortOrder": told.get("sortOrder", "ASCENDING").capitalize(),
        **({"SortBy": SORTS[told["sortBy"]]} if "sortBy" in told else {}),
        **({"NextToken": told["nextToken"]} if "nextToken" in told else {}),
        **given,
    }
    return listed(call, items, key, asked=asked)


def batch(call: Call, items: Iterable[Item], wanted: list[str], keys: tuple[str, ...], result: str) -> Item:
    """Those that are there of the ones that are asked for by name or ARN, and the names of those that are not."""
    by = {item[key]: item for item in items for key in keys}
    found = {id(by[name]): by[name] for name in wanted if name in by}
    page = listed(call, found.values(), asked={"MaxResults": PAGE}, result=result)
    return {**page, f"{result}NotFound": [name for name in wanted if name not in by]}


def _list(call: Call) -> Item:
    return ordered(call, PROJECTS.items(call).values(), "name", SortBy=SORTS[call.parameters.get("sortBy", "NAME")])


def _batch_get(call: Call) -> Item:
    return batch(call, PROJECTS.items(call).values(), call.parameters["names"], ("name", "arn"), "projects")


def _delete(call: Call) -> None:
    """A project that is not there is no error; its builds stay listed."""
    name = call.parameters["name"].rpartition("/")[2]
    PROJECTS.items(call).pop(name, None)


def _show(call: Call) -> Item:
    item = project(call, call.parameters["projectArn"])
    item["projectVisibility"] = call.parameters["projectVisibility"]
    if "resourceAccessRole" in call.parameters:
        item["resourceAccessRole"] = call.parameters["resourceAccessRole"]
    if item["projectVisibility"] == "PUBLIC_READ":
        item.setdefault("publicProjectAlias", identifier(32))
    return {**item, "projectArn": item["arn"]}


def permitted(call: Call, source: Item) -> bool:
    """Whether CodeBuild may fetch from the Git provider of a source."""
    auth = source.get("auth", {})
    if auth.get("type") == "CODECONNECTIONS":
        return available(call, auth.get("resource", ""))
    return any(one["serverType"] == source["type"] for one in known(call).values())


def _hook(call: Call) -> Item:
    """Let the provider start a build with each push or pull request."""
    item = project(call, call.parameters["projectName"])
    source = item["source"]
    if source["type"] not in GIT:
        raise Invalid("Project source type is not supported for webhook creation")
    if "webhook" in item:
        raise InUse(f"Webhook for project {item['name']} already exists.")
    if not permitted(call, source) and not call.parameters.get("manualCreation"):
        raise Invalid(f"Could not find access token for server type {source['type'].lower()}")
    start = source["location"].removesuffix(".git")
    item["webhook"] = {
        "url": f"{start}/settings/hooks",
        "payloadUrl": f"https://codebuild.{call.region}.amazonaws.com/webhooks?t={identifier(32)}",
        "filterGroups": [],
        "buildType": "BUILD",
        "status": "ACTIVE",
        **{name: value for name, value in call.parameters.items() if name != "projectName"},
    }
    return {"webhook": item["webhook"]}


def _hooked(call: Call) -> Item:
    item = project(call, call.parameters["projectName"])
    if "webhook" not in item:
        raise NotFound(f"Webhook for project {item['name']} does not exist.")
    return item


def _change_hook(call: Call) -> Item:
    webhook: Item = _hooked(call)["webhook"]
    names = ("branchFilter", "filterGroups", "buildType", "pullRequestBuildPolicy")
    webhook |= {name: call.parameters[name] for name in names if name in call.parameters}
    return {"webhook": webhook}


def _unhook(call: Call) -> None:
    del _hooked(call)["webhook"]


EXTENSION = Extension(
    SERVICE,
    {
        **PROJECTS.handlers(),
        "ListProjects": _list,
        "BatchGetProjects": _batch_get,
        "DeleteProject": _delete,
        "UpdateProjectVisibility": _show,
        "CreateWebhook": _hook,
        "UpdateWebhook": _change_hook,
        "DeleteWebhook": _unhook,
    },
)
