from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION


@pytest.fixture
def subnet(aws: Client) -> str:
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    found: str = aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    return found


@pytest.fixture
def fsx(aws: Client) -> Any:
    aws("s3").create_bucket(Bucket="data")
    return aws("fsx")


def lustre(client: Any, subnet: str, sort: str = "SCRATCH_2", capacity: int = 1200, **given: Any) -> str:
    made = client.create_file_system(
        FileSystemType="LUSTRE",
        StorageCapacity=capacity,
        SubnetIds=[subnet],
        LustreConfiguration={"DeploymentType": sort, **given},
        Tags=[{"Key": "Owner", "Value": "me"}],
    )
    found: str = made["FileSystem"]["FileSystemId"]
    return found


def test_a_file_system_is_available(fsx: Any, subnet: str, refused: Refused) -> None:
    name = lustre(fsx, subnet, ImportPath="s3://data/raw/", AutoImportPolicy="NEW")
    [found] = fsx.describe_file_systems(FileSystemIds=[name])["FileSystems"]
    assert (found["Lifecycle"], found["OwnerId"]) == ("AVAILABLE", ACCOUNT)
    assert found["ResourceARN"] == f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/{name}"
    assert found["Tags"] == [{"Key": "Owner", "Value": "me"}]
    repository = found["LustreConfiguration"]["DataRepositoryConfiguration"]
    assert (repository["ImportPath"], repository["AutoImportPolicy"]) == ("s3://data/raw/", "NEW")
    assert "ImportPath" not in found["LustreConfiguration"]
    lustre(fsx, subnet)
    first = fsx.describe_file_systems(MaxResults=1)
    assert len(fsx.describe_file_systems(NextToken=first["NextToken"])["FileSystems"]) == 1
    compressed = {"DataCompressionType": "LZ4"}
    changed = fsx.update_file_system(FileSystemId=name, StorageCapacity=2400, LustreConfiguration=compressed)
    assert changed["FileSystem"]["StorageCapacity"] == 2400
    assert changed["FileSystem"]["LustreConfiguration"]["DataCompressionType"] == "LZ4"
    assert refused(fsx.update_file_system, FileSystemId=name, StorageCapacity=1200) == "BadRequest"
    fsx.delete_file_system(FileSystemId=name)
    assert refused(fsx.describe_file_systems, FileSystemIds=[name]) == "FileSystemNotFound"
    assert refused(fsx.delete_file_system, FileSystemId=name) == "FileSystemNotFound"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"capacity": 1000}, "BadRequest"),
        ({"sort": "SCRATCH_1", "capacity": 4800}, "BadRequest"),
        ({"ImportPath": "s3://no-such-bucket"}, "InvalidImportPath"),
        ({"subnet": "subnet-00000000"}, "InvalidNetworkSettings"),
    ],
)
def test_a_file_system_needs_what_is_there(
    fsx: Any, subnet: str, refused: Refused, given: dict[str, Any], code: str
) -> None:
    assert refused(lambda: lustre(**{"client": fsx, "subnet": subnet, **given})) == code


def test_a_backup_outlives_its_file_system(fsx: Any, subnet: str, refused: Refused) -> None:
    name = lustre(fsx, subnet, "PERSISTENT_2", PerUnitStorageThroughput=125)
    made = fsx.create_backup(FileSystemId=name, Tags=[{"Key": "Owner", "Value": "me"}])["Backup"]["BackupId"]
    assert refused(fsx.create_backup, FileSystemId=lustre(fsx, subnet)) == "UnsupportedOperation"
    assert refused(fsx.create_backup, FileSystemId="fs-00000000") == "FileSystemNotFound"
    fsx.delete_file_system(FileSystemId=name)
    [backup] = fsx.describe_backups(Filters=[{"Name": "file-system-id", "Values": [name]}])["Backups"]
    assert (backup["BackupId"], backup["Lifecycle"], backup["Type"]) == (made, "AVAILABLE", "USER_INITIATED")
    assert (backup["FileSystem"]["FileSystemType"], backup["FileSystem"]["FileSystemId"]) == ("LUSTRE", name)
    assert backup["Tags"] == [{"Key": "Owner", "Value": "me"}]
    assert fsx.describe_backups(Filters=[{"Name": "file-system-type", "Values": ["ONTAP"]}])["Backups"] == []
    fsx.delete_backup(BackupId=made)
    assert fsx.describe_backups()["Backups"] == []
    assert refused(fsx.describe_backups, BackupIds=[made]) == "BackupNotFound"
    assert refused(fsx.delete_backup, BackupId=made) == "BackupNotFound"


def test_lustre_is_linked_to_s3(fsx: Any, subnet: str, refused: Refused) -> None:
    name = lustre(fsx, subnet)
    link = fsx.create_data_repository_association
    given = {"FileSystemId": name, "DataRepositoryPath": "s3://data/raw/"}
    policy = {"AutoImportPolicy": {"Events": ["NEW"]}}
    tags = [{"Key": "Owner", "Value": "me"}]
    made = link(**given, FileSystemPath="/raw", S3=policy, Tags=tags)["Association"]
    assert (made["Lifecycle"], made["Tags"]) == ("AVAILABLE", tags)
    link(**given, FileSystemPath="/clean")
    assert refused(link, **given, FileSystemPath="/raw/more") == "BadRequest"
    assert refused(link, **{**given, "DataRepositoryPath": "s3://no-such-bucket/"}) == "BadRequest"
    assert refused(link, **{**given, "FileSystemId": lustre(fsx, subnet, "SCRATCH_1")}) == "BadRequest"
    describe = fsx.describe_data_repository_associations
    assert len(describe()["Associations"]) == 2
    assert len(describe(MaxResults=1)["Associations"]) == 1
    assert describe(Filters=[{"Name": "data-repository-type", "Values": ["NFS"]}])["Associations"] == []
    assert len(describe(Filters=[{"Name": "file-system-id", "Values": [name]}])["Associations"]) == 2
    export = {"AutoExportPolicy": {"Events": ["CHANGED"]}}
    named = {"AssociationId": made["AssociationId"]}
    changed = fsx.update_data_repository_association(**named, S3=export, ImportedFileChunkSize=2048)["Association"]
    assert (changed["S3"], changed["ImportedFileChunkSize"]) == ({**policy, **export}, 2048)
    for number in range(6):
        link(**given, FileSystemPath=f"/more-{number}")
    assert refused(link, **given, FileSystemPath="/most") == "ServiceLimitExceeded"
    fsx.delete_data_repository_association(**named)
    lost = refused(describe, AssociationIds=[made["AssociationId"]])
    assert lost == "DataRepositoryAssociationNotFound"
    fsx.delete_file_system(FileSystemId=name)
    assert describe()["Associations"] == []
