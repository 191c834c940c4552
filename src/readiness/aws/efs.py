"""EFS: file systems that somebody made for data, and what moves in them by rule to cheaper storage."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import msgspec

from readiness.aws.history import Event, events
from readiness.kinds import resource
from readiness.record import Enumerated, Record

STUDIO_TAG = "ManagedByAmazonSageMakerResource"
"""The tag of the homes that SageMaker makes for the users of a Studio domain; it may make no file system without."""


def _somebodys(file_system: Mapping[str, Any]) -> bool:
    return all(tag.get("Key") != STUDIO_TAG for tag in file_system.get("Tags", ()))


@resource("efs", "DescribeFileSystems", where=_somebodys)
class FileSystem(Record):
    """A file system; those that come with a Studio domain are left out."""

    file_system_id: str
    life_cycle_state: Enumerated
    creation_time: datetime.datetime
    file_system_arn: str | None = None
    encrypted: bool = False


class LifecyclePolicy(Record):
    """One rule: of its members one is set."""

    transition_to_ia: str | None = msgspec.field(name="TransitionToIA", default=None)
    transition_to_archive: str | None = None


@resource("efs", "DescribeLifecycleConfiguration", per=FileSystem)
class LifecyclePolicies(Record):
    """When files of a file system move to infrequent access or to the archive, and when back."""

    file_system_id: str
    lifecycle_policies: list[LifecyclePolicy] = []


@events("elasticfilesystem", "CreateFileSystem")
class EfsEvent(Event):
    """Somebody made a file system."""
