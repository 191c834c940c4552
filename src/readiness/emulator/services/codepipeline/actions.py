"""What an action does: it fetches, builds, deploys or calls what its configuration names, if that is in the account."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from typing import Any

from readiness.emulator.call import Call, Refused
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.services.codebuild.builds import start as build
from readiness.emulator.services.codebuild.reports import Files
from readiness.emulator.services.codecommit import tip
from readiness.emulator.services.codeconnections import available
from readiness.emulator.services.codedeploy.deployments import deploy

SERVICE = "codepipeline"


class Failed(Exception):
    """The action can't be done."""

    def __init__(self, message: str, code: str = "JobFailed", identifier: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.identifier = identifier


@dataclasses.dataclass
class Result:
    """What an action gives.

    Attributes:
        identifier: of what it did in another service.
        summary: in a sentence.
        revision: of the source that it fetched.
        files: of that source, where they are known.
        variables: that later actions may use.
    """

    identifier: str = dataclasses.field(default_factory=uuid)
    summary: str = ""
    revision: str = ""
    files: Files | None = None
    variables: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Task:
    """An action that is to be done.

    Attributes:
        call: what made it begin.
        pipeline: the name of its pipeline.
        told: its configuration.
        files: of the source, where they are known.
        store: the bucket of the artifacts.
    """

    call: Call
    pipeline: str
    told: dict[str, str]
    files: Files | None
    store: str

    def asks(self, service: str, operation: str, **parameters: Any) -> Call:
        """The call that the action makes to another service."""
        return dataclasses.replace(self.call, service=service, operation=operation, parameters=parameters)


def _commit(task: Task) -> Result:
    name, branch = task.told.get("RepositoryName", ""), task.told.get("BranchName", "")
    commit = tip(task.call, name, branch)
    if commit is None:
        raise Failed(f"The branch '{branch}' of the repository '{name}' does not exist.", "ConfigurationError")
    files = {path: content for path, (_, content) in commit["Files"].items()}
    revision, message = commit["commitId"], commit["message"]
    variables = {"RepositoryName": name, "BranchName": branch, "CommitId": revision, "CommitMessage": message}
    return Result(revision, message, revision, files, variables)


def _connected(task: Task) -> Result:
    """A source outside of AWS, which is taken to be there if somebody has authorised the connection to it."""
    arn = task.told.get("ConnectionArn", "")
    if not available(task.call, arn):
        raise Failed(f"[{task.told.get('FullRepositoryId')}] Connection {arn} is not available.", "ConfigurationError")
    name, branch = task.told.get("FullRepositoryId", ""), task.told.get("BranchName", "")
    revision = hashlib.sha1(f"{name} {branch}".encode(), usedforsecurity=False).hexdigest()
    variables = {"FullRepositoryName": name, "BranchName": branch, "CommitId": revision}
    return Result(revision, f"{name}@{branch}", revision, variables=variables)


def _object(task: Task) -> Result:
    bucket, key = task.told.get("S3Bucket", ""), task.told.get("S3ObjectKey", "")
    found = task.call.backend("s3").buckets.get(bucket)
    kept = found.keys.get(key) if found else None
    if kept is None:
        raise Failed(f"The S3 object '{key}' in the bucket '{bucket}' does not exist.", "ConfigurationError")
    revision = str(kept.version_id or kept.etag.strip('"'))
    return Result(revision, f"Amazon S3 version id: {revision}", revision, variables={"VersionId": revision})


def _image(task: Task) -> Result:
    name, tag = task.told.get("RepositoryName", ""), task.told.get("ImageTag", "latest")
    repository = task.call.backend("ecr").repositories.get(name)
    images = [image for image in repository.images if tag in image.image_tags] if repository else []
    if not images:
        raise Failed(f"The image {name}:{tag} does not exist.", "ConfigurationError")
    digest = str(images[-1].get_image_digest())
    return Result(digest, f"{name}:{tag}", digest, variables={"ImageTag": tag, "ImageDigest": digest})


def _build(task: Task) -> Result:
    name = task.told.get("ProjectName", "")
    asked = task.asks(
        "codebuild",
        "StartBuild",
        projectName=name,
        sourceTypeOverride="CODEPIPELINE",
        artifactsOverride={"type": "CODEPIPELINE", "encryptionDisabled": False},
    )
    done = build(asked, f"codepipeline/{task.pipeline}", task.files)
    if done["buildStatus"] != "SUCCEEDED":
        raise Failed("Build terminated with state: FAILED", identifier=done["id"])
    return Result(done["id"], "Build succeeded")


def _deploy(task: Task) -> Result:
    place = {"bucket": task.store, "key": f"{task.pipeline}/{uuid()[:7]}", "bundleType": "zip"}
    asked = task.asks(
        "codedeploy",
        "CreateDeployment",
        applicationName=task.told.get("ApplicationName", ""),
        deploymentGroupName=task.told.get("DeploymentGroupName", ""),
        revision={"revisionType": "S3", "s3Location": place},
    )
    done = deploy(asked, handed_over=True)
    if done["status"] != "Succeeded":
        raise Failed(done["errorInformation"]["message"], identifier=done["deploymentId"])
    return Result(done["deploymentId"], "Deployment Succeeded")


def _serve(task: Task) -> Result:
    cluster, service = task.told.get("ClusterName", "default"), task.told.get("ServiceName", "")
    if f"{cluster}:{service}" not in task.call.backend("ecs").services:
        raise Failed(f"The service {service} of the cluster {cluster} does not exist.", "ConfigurationError")
    return Result(summary="Deployment completed")


def _invoke(task: Task) -> Result:
    name = task.told.get("FunctionName", "")
    if name not in {function.function_name for function in task.call.backend("lambda").list_functions()}:
        raise Failed(f"The AWS Lambda function {name} cannot be found.", "ConfigurationError")
    return Result()


def _execute(task: Task) -> Result:
    arn = task.told.get("StateMachineArn", "")
    if arn not in {machine.arn for machine in task.call.backend("stepfunctions").state_machines}:
        raise Failed(f"State Machine Does Not Exist: '{arn}'", "ConfigurationError")
    return Result()


def _put(task: Task) -> Result:
    bucket = task.told.get("BucketName", "")
    if bucket not in task.call.backend("s3").buckets:
        raise Failed(f"The bucket {bucket} does not exist.", "ConfigurationError")
    return Result(summary="Deployment Succeeded")


def _done(_: Task) -> Result:
    """What another provider does is not known here; it is taken to succeed."""
    return Result()


PROVIDERS: dict[tuple[str, str], Callable[[Task], Result]] = {
    ("Source", "CodeCommit"): _commit,
    ("Source", "CodeStarSourceConnection"): _connected,
    ("Source", "S3"): _object,
    ("Source", "ECR"): _image,
    ("Build", "CodeBuild"): _build,
    ("Test", "CodeBuild"): _build,
    ("Deploy", "CodeDeploy"): _deploy,
    ("Deploy", "CodeDeployToECS"): _deploy,
    ("Deploy", "ECS"): _serve,
    ("Deploy", "S3"): _put,
    ("Invoke", "Lambda"): _invoke,
    ("Invoke", "StepFunctions"): _execute,
}


def perform(task: Task, category: str, provider: str) -> Result:
    """Do an action.

    Raises:
        Failed: it can't be done.
    """
    try:
        return PROVIDERS.get((category, provider), _done)(task)
    except Refused as problem:
        raise Failed(str(problem), "ConfigurationError") from problem


EXTENSION = Extension(SERVICE)
