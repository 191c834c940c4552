"""FSx: file systems, their backups, and what ties those for Lustre to S3."""

from __future__ import annotations

import datetime

import msgspec

from readiness.aws.history import Event, events
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class Repository(Record):
    """Where a file system imports from."""

    import_path: str | None = None


class Lustre(Record):
    """What only file systems for Lustre have."""

    deployment_type: str | None = None
    data_repository_configuration: Repository | None = None


@resource("fsx", "DescribeFileSystems")
class FileSystem(Record):
    """A file system: LUSTRE, ONTAP, OPENZFS or WINDOWS."""

    file_system_id: str
    resource_arn: str | None = msgspec.field(name="ResourceARN", default=None)
    file_system_type: str | None = None
    lifecycle: Enumerated | None = None
    creation_time: datetime.datetime | None = None
    lustre_configuration: Lustre | None = None


class BackedUp(Record):
    """The file system of a backup, which may be gone."""

    file_system_type: str | None = None


@resource("fsx", "DescribeBackups")
class Backup(Record):
    """A backup of a file system, which outlives it."""

    backup_id: str
    lifecycle: Enumerated
    file_system: BackedUp
    resource_arn: str | None = msgspec.field(name="ResourceARN", default=None)


@resource("fsx", Call(operation="DescribeDataRepositoryAssociations", take="Associations[]"))
class DataRepositoryAssociation(Record):
    """A folder of a file system for Lustre that shows what is in S3."""

    association_id: str = ""
    file_system_id: str | None = None
    lifecycle: Enumerated | None = None
    data_repository_path: str | None = None


@events("fsx", "CreateFileSystem")
class FsxEvent(Event):
    """Somebody made a file system."""
