"""FSx: file systems, their backups, and what links Lustre to S3.

What moto says, and what AWS does: a file system has neither an age nor an owner nor a state, a backup is being made for
ever and knows nothing of its file system, and where Lustre imports from is not told. All of that is answered; what
refers to a subnet or a bucket that is not there is refused, and associations with data repositories are kept.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import After, Call, Coded, Elsewhere, Handler, Item
from readiness.emulator.door import Extension
from readiness.emulator.files import files
from readiness.emulator.resources import listed

SERVICE = "fsx"
SCRATCH = ("SCRATCH_1", "SCRATCH_2")
SMALLEST = 1200
"""GiB: the least that Lustre has; more comes in steps."""
STEPS = {"SCRATCH_1": 3600}
STEP = 2400
REPOSITORY = ("ImportPath", "ExportPath", "ImportedFileChunkSize", "AutoImportPolicy")
MOST_LINKS = 8
"""How many data repositories a file system can be linked to."""


def _file_system(call: Call, name: str) -> Any:
    found = call.backend(SERVICE).file_systems.get(name)
    if found is None:
        raise Coded("FileSystemNotFound", f"File system '{name}' does not exist.")
    return found


def _create(call: Call) -> None:
    """The subnet and the S3 bucket must be there, and Lustre be of a size that it comes in; moto makes it."""
    asked = call.parameters
    known = {subnet.id for subnet in call.backend("ec2").describe_subnets()}
    for subnet in asked["SubnetIds"]:
        if subnet not in known:
            raise Coded("InvalidNetworkSettings", f"The subnet ID '{subnet}' does not exist.")
    if asked["FileSystemType"] == "LUSTRE":
        lustre = asked.get("LustreConfiguration", {})
        step = STEPS.get(lustre.get("DeploymentType", "SCRATCH_1"), STEP)
        capacity = asked.get("StorageCapacity", 0)
        if capacity not in (SMALLEST, STEP) and (not capacity or capacity % step):
            raise Coded("BadRequest", f"Storage capacity must be {SMALLEST}, {STEP} or a multiple of {step} GiB.")
        for member, code in (("ImportPath", "InvalidImportPath"), ("ExportPath", "InvalidExportPath")):
            if member in lustre and files(call, lustre[member]) is None:
                raise Coded(code, f"The bucket of {lustre[member]} does not exist.")
    raise Elsewhere


def _created(call: Call) -> None:
    """The file system that moto has just made, as AWS tells of it."""
    system = list(call.backend(SERVICE).file_systems.values())[-1]
    own = _moved(call, system, f"file-system/{system.file_system_id}")
    lustre = copy.deepcopy(call.parameters.get("LustreConfiguration", {}))
    if system.file_system_type == "LUSTRE":
        links = {member: lustre.pop(member) for member in REPOSITORY if member in lustre}
        lustre.setdefault("DeploymentType", "SCRATCH_1")
        lustre["MountName"] = "fsx" if lustre["DeploymentType"] == "SCRATCH_1" else uuid.uuid4().hex[:8]
        lustre.setdefault("DataCompressionType", "NONE")
        if "ImportPath" in links:
            repository = {"ImportedFileChunkSize": 1024, "AutoImportPolicy": "NONE", **links}
            lustre["DataRepositoryConfiguration"] = {"Lifecycle": "AVAILABLE", **repository}
        system.lustre_configuration = lustre
        system.storage_type = system.storage_type or "SSD"
    subnet = next(one for one in call.backend("ec2").describe_subnets() if one.id == system.subnet_ids[0])
    call.table("FileSystem")[system.file_system_id] = {
        "OwnerId": call.account,
        "CreationTime": utcnow(),
        "Lifecycle": "AVAILABLE",
        "VpcId": subnet.vpc_id,
        "ResourceARN": own,
        **{name: call.parameters[name] for name in ("FileSystemTypeVersion",) if name in call.parameters},
    }


def _moved(call: Call, kept: Any, resource: str) -> str:
    """An ARN in the caller's partition, where moto has the one of most, with its tags."""
    old, kept.resource_arn = kept.resource_arn, call.arn(resource)
    tagger = call.backend(SERVICE).tagger
    if old != kept.resource_arn and tagger.has_tags(old):
        tagger.tag_resource(kept.resource_arn, tagger.list_tags_for_resource(old)["Tags"])
    return str(kept.resource_arn)


def _told(call: Call, system: Any) -> Item:
    told = {**system.to_dict(), **call.table("FileSystem").get(system.file_system_id, {})}
    # Of the groups of its interfaces only EC2 tells.
    return {name: value for name, value in told.items() if name != "SecurityGroupIds"}


def _answer(call: Call) -> Item:
    """What is asked of a file system that is there, or of all."""
    wanted = call.parameters.get("FileSystemIds")
    found = [_file_system(call, name) for name in wanted or call.backend(SERVICE).file_systems]
    return listed(call, [_told(call, system) for system in found], "FileSystemId")


def _update(call: Call) -> Item:
    """Storage grows, and the settings of its sort change."""
    system = _file_system(call, call.parameters["FileSystemId"])
    capacity = call.parameters.get("StorageCapacity", system.storage_capacity)
    if capacity < system.storage_capacity:
        raise Coded("BadRequest", "Storage capacity can't be less than it is.")
    system.storage_capacity = capacity
    system.lustre_configuration = {
        **(system.lustre_configuration or {}),
        **{
            name: value
            for name, value in call.parameters.get("LustreConfiguration", {}).items()
            if name not in REPOSITORY
        },
    }
    return {"FileSystem": _told(call, system)}


def _deleted(call: Call) -> None:
    """What links it goes with it."""
    name = call.parameters["FileSystemId"]
    call.table("FileSystem").pop(name, None)
    links = call.table("Association")
    for link in [link for link in links.values() if link["FileSystemId"] == name]:
        del links[link["AssociationId"]]


def _back_up(call: Call) -> None:
    """Scratch file systems have no backups; moto makes it."""
    if name := call.parameters.get("FileSystemId"):
        lustre = _file_system(call, name).lustre_configuration or {}
        if lustre.get("DeploymentType") in SCRATCH:
            raise Coded("UnsupportedOperation", "Backups are not supported on scratch file systems.")
    raise Elsewhere


def _backed_up(call: Call) -> None:
    """The backup that moto has just made keeps what its file system was."""
    backup = list(call.backend(SERVICE).backups.values())[-1]
    backup.lifecycle = "AVAILABLE"
    arn = _moved(call, backup, f"backup/{backup.backup_id}")
    system = _told(call, _file_system(call, backup.file_system_id))
    call.table("Backup")[backup.backup_id] = {
        "BackupId": backup.backup_id,
        "Lifecycle": "AVAILABLE",
        "Type": "USER_INITIATED",
        "ProgressPercent": 100,
        "CreationTime": utcnow(),
        "ResourceARN": arn,
        "FileSystem": copy.deepcopy(system),
        "OwnerId": call.account,
        "ResourceType": "FILE_SYSTEM",
    }


FIELDS = {"file-system-id": "FileSystemId", "file-system-type": "FileSystemType"}


def _backups(call: Call) -> Item:
    """Backups outlive their file systems."""
    backend, known = call.backend(SERVICE), call.table("Backup")
    wanted = call.parameters.get("BackupIds", [])
    for name in wanted:
        if name not in backend.backups:
            raise Coded("BackupNotFound", f"Backup '{name}' does not exist.")
    found = []
    for name in wanted or backend.backups:
        item = _tagged(call, known[name])
        values = {
            "backup-type": item["Type"],
            **{key: item["FileSystem"][member] for key, member in FIELDS.items()},
        }
        if all(values.get(one["Name"]) in one["Values"] for one in call.parameters.get("Filters", [])):
            found.append(item)
    return listed(call, found, "BackupId", asked=_pages(call))


def _pages(call: Call) -> Item:
    """The parameters of a page; FSx's filters are its own."""
    return {name: value for name, value in call.parameters.items() if name in ("MaxResults", "NextToken")}


def _link(call: Call) -> Item:
    """Lustre, but its oldest sort, is linked to a bucket by a directory that no other link has."""
    asked = call.parameters
    system = _file_system(call, asked["FileSystemId"])
    if system.file_system_type != "LUSTRE" or system.lustre_configuration["DeploymentType"] == "SCRATCH_1":
        raise Coded("BadRequest", "Only Lustre of SCRATCH_2 or PERSISTENT can be linked to data repositories.")
    if asked["DataRepositoryPath"].startswith("s3://") and files(call, asked["DataRepositoryPath"]) is None:
        raise Coded("BadRequest", f"The bucket of {asked['DataRepositoryPath']} does not exist.")
    known = call.table("Association")
    path = asked.get("FileSystemPath", "/").rstrip("/") + "/"
    links = [link for link in known.values() if link["FileSystemId"] == asked["FileSystemId"]]
    for link in links:
        other = link["FileSystemPath"].rstrip("/") + "/"
        if path.startswith(other) or other.startswith(path):
            raise Coded("BadRequest", f"The path {path} overlaps that of {link['AssociationId']}.")
    if len(links) >= MOST_LINKS:
        raise Coded("ServiceLimitExceeded", f"A file system has {MOST_LINKS} associations at most.")
    name = f"dra-{uuid.uuid4().hex[:17]}"
    item = {
        "FileSystemPath": "/",
        "BatchImportMetaDataOnCreate": False,
        "ImportedFileChunkSize": 1024,
        **{member: copy.deepcopy(value) for member, value in asked.items() if member != "ClientRequestToken"},
        "AssociationId": name,
        "ResourceARN": call.arn(f"association/{asked['FileSystemId']}/{name}"),
        "Lifecycle": "AVAILABLE",
        "CreationTime": utcnow(),
    }
    call.backend(SERVICE).tagger.tag_resource(item["ResourceARN"], item.pop("Tags", []))
    known[name] = item
    return {"Association": _tagged(call, item)}


def _tagged(call: Call, item: Item) -> Item:
    """An item with its tags, of which there is at least one."""
    tags = call.backend(SERVICE).list_tags_for_resource(item["ResourceARN"])
    return {**item, **({"Tags": tags} if tags else {})}


def _association(call: Call, name: str) -> Item:
    found = call.table("Association").get(name)
    if found is None:
        raise Coded("DataRepositoryAssociationNotFound", f"Data repository association '{name}' does not exist.")
    return found


def _links(call: Call) -> Item:
    wanted = call.parameters.get("AssociationIds")
    found = []
    for name in wanted or call.table("Association"):
        item = _association(call, name)
        values = {
            "file-system-id": item["FileSystemId"],
            "data-repository-type": "S3" if item["DataRepositoryPath"].startswith("s3://") else "NFS",
        }
        if all(values.get(one["Name"]) in one["Values"] for one in call.parameters.get("Filters", [])):
            found.append(_tagged(call, item))
    return listed(call, found, "AssociationId", asked=_pages(call))


def _relink(call: Call) -> Item:
    item = _association(call, call.parameters["AssociationId"])
    if "ImportedFileChunkSize" in call.parameters:
        item["ImportedFileChunkSize"] = call.parameters["ImportedFileChunkSize"]
    item["S3"] = {**item.get("S3", {}), **copy.deepcopy(call.parameters.get("S3", {}))}
    return {"Association": _tagged(call, item)}


def _unlink(call: Call) -> Item:
    item = _association(call, call.parameters["AssociationId"])
    del call.table("Association")[item["AssociationId"]]
    kept = call.parameters.get("DeleteDataInFileSystem", False)
    return {"AssociationId": item["AssociationId"], "Lifecycle": "DELETING", "DeleteDataInFileSystem": kept}


def _delete(call: Call) -> None:
    """Moto deletes what is there."""
    _file_system(call, call.parameters["FileSystemId"])
    raise Elsewhere


def _delete_backup(call: Call) -> None:
    if call.parameters["BackupId"] not in call.backend(SERVICE).backups:
        raise Coded("BackupNotFound", f"Backup '{call.parameters['BackupId']}' does not exist.")
    call.table("Backup").pop(call.parameters["BackupId"], None)
    raise Elsewhere


ANSWERS: Mapping[str, Handler] = {
    "CreateFileSystem": _create,
    "DescribeFileSystems": _answer,
    "UpdateFileSystem": _update,
    "DeleteFileSystem": _delete,
    "CreateBackup": _back_up,
    "DescribeBackups": _backups,
    "DeleteBackup": _delete_backup,
    "CreateDataRepositoryAssociation": _link,
    "DescribeDataRepositoryAssociations": _links,
    "UpdateDataRepositoryAssociation": _relink,
    "DeleteDataRepositoryAssociation": _unlink,
}
AFTER: Mapping[str, After] = {
    "CreateFileSystem": _created,
    "DeleteFileSystem": _deleted,
    "CreateBackup": _backed_up,
}

EXTENSION = Extension(SERVICE, ANSWERS, AFTER)
