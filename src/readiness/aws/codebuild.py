"""CodeBuild: projects and their builds; environment variables are not kept, for they may hold secrets."""

from __future__ import annotations

import datetime

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_BUILDS = 200
"""How many builds of the account are read: AWS keeps them for a year, those of deleted projects too."""


class ProjectSource(Record, rename="camel"):
    """Where a project's code comes from: GITHUB, CODECOMMIT, S3, CODEPIPELINE and so on."""

    type: Enumerated


@resource(
    "codebuild",
    Call(operation="ListProjects", name="name"),
    Call(operation="BatchGetProjects", by={"names": "name"}, take="projects[]", batch=100),
)
class Project(Record, rename="camel"):
    """A build project."""

    name: str = ""
    arn: str = ""
    # A kind says under `source` where AWS lists it, so the field has another name here.
    code: ProjectSource | None = msgspec.field(name="source", default=None)


@resource(
    "codebuild",
    Call(operation="ListBuilds", give={"sortOrder": "DESCENDING"}, name="id"),
    Call(operation="BatchGetBuilds", by={"ids": "id"}, take="builds[]", batch=100),
    newest=NEWEST_BUILDS,
)
class Build(Record, rename="camel"):
    """A build of a project."""

    id: str = ""
    arn: str = ""
    project_name: str = ""
    build_status: Enumerated = ""
    start_time: datetime.datetime | None = None
