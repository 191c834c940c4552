"""Rekognition: face collections and Custom Labels projects; analysing an image leaves nothing that could be listed."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("rekognition", Call(operation="ListCollections", take="CollectionIds[]", name="CollectionId"))
class FaceCollection(Record):
    """A collection of faces to search in."""

    collection_id: str


@resource("rekognition", "DescribeProjects")
class CustomLabelsProject(Record):
    """A Custom Labels project."""

    project_arn: str
    status: Enumerated | None = None
