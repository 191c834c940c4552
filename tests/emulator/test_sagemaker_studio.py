from __future__ import annotations

from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
IDLE = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with a domain, a user profile and a space in it."""
    client = aws("sagemaker")
    domain = client.create_domain(
        DomainName="team",
        AuthMode="IAM",
        DefaultUserSettings={
            "ExecutionRole": ROLE,
            "JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.m5.large"}},
        },
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
    )["DomainId"]
    client.create_user_profile(DomainId=domain, UserProfileName="ana", UserSettings={"ExecutionRole": ROLE})
    client.create_space(
        DomainId=domain,
        SpaceName="lab",
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab", "JupyterLabAppSettings": {}},
    )
    return client


def app(kind: str = "JupyterLab", **owner: str) -> Any:
    owner = owner or {"SpaceName": "lab"}
    return {"DomainId": "d-team", "AppType": kind, "AppName": "default", **owner}


def test_an_app_runs_and_stays_listed_when_it_is_deleted(sagemaker: Any, refused: Refused) -> None:
    named = app()
    arn = sagemaker.create_app(**named)["AppArn"]
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:app/d-team/lab/jupyterlab/default"
    found = sagemaker.describe_app(**named)
    assert (found["Status"], found["ResourceSpec"]["InstanceType"]) == ("InService", "ml.m5.large")
    assert refused(sagemaker.create_app, **named) == "ResourceInUse"
    sagemaker.delete_app(**named)
    [listed] = sagemaker.list_apps(DomainIdEquals="d-team", SpaceNameEquals="lab")["Apps"]
    assert (listed["Status"], listed["AppType"]) == ("Deleted", "JupyterLab")
    assert refused(sagemaker.delete_app, **named) == "ResourceNotFound"
    sagemaker.create_app(**named, ResourceSpec={"InstanceType": "ml.t3.large"})
    found = sagemaker.describe_app(**named)
    assert (found["Status"], found["ResourceSpec"]["InstanceType"]) == ("InService", "ml.t3.large")


def test_apps_of_the_service_run_on_its_own_instances(sagemaker: Any) -> None:
    canvas = app("Canvas", UserProfileName="ana")
    sagemaker.create_app(**canvas)
    assert sagemaker.describe_app(**canvas)["ResourceSpec"] == {"InstanceType": "system"}
    assert sagemaker.list_apps(UserProfileNameEquals="ana")["Apps"][0]["UserProfileName"] == "ana"
    assert sagemaker.list_apps(UserProfileNameEquals="ben")["Apps"] == []


def test_an_app_needs_an_owner_that_is_there(sagemaker: Any, refused: Refused) -> None:
    create = sagemaker.create_app
    assert refused(create, **app(UserProfileName="ben")) == "ResourceNotFound"
    assert refused(create, **app(SpaceName="ben")) == "ResourceNotFound"
    assert refused(create, **{**app(), "DomainId": "d-none"}) == "ResourceNotFound"
    named = {"DomainId": "d-team", "AppType": "Canvas", "AppName": "default"}
    assert refused(create, **named) == "ValidationException"


def test_what_holds_something_is_not_deleted(sagemaker: Any, refused: Refused) -> None:
    named = app()
    sagemaker.create_app(**named)
    space = {"DomainId": "d-team", "SpaceName": "lab"}
    user = {"DomainId": "d-team", "UserProfileName": "ana"}
    assert refused(sagemaker.delete_space, **space) == "ResourceInUse"
    assert refused(sagemaker.delete_domain, DomainId="d-team") == "ResourceInUse"
    sagemaker.delete_app(**named)
    sagemaker.delete_space(**space)
    sagemaker.delete_user_profile(**user)
    assert refused(sagemaker.describe_user_profile, **user) == "ResourceNotFound"
    sagemaker.delete_domain(DomainId="d-team")
    assert sagemaker.list_apps()["Apps"] == []
    assert refused(sagemaker.describe_domain, DomainId="d-team") == "ResourceNotFound"


def test_profiles_and_spaces_are_listed_and_changed(sagemaker: Any) -> None:
    sagemaker.create_user_profile(DomainId="d-team", UserProfileName="ben")
    profiles = sagemaker.list_user_profiles(UserProfileNameContains="AN")["UserProfiles"]
    assert [profile["UserProfileName"] for profile in profiles] == ["ana"]
    settings = {"SecurityGroups": ["sg-1"]}
    sagemaker.update_user_profile(DomainId="d-team", UserProfileName="ana", UserSettings=settings)
    found = sagemaker.describe_user_profile(DomainId="d-team", UserProfileName="ana")
    assert found["UserSettings"] == {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]}
    sagemaker.update_space(DomainId="d-team", SpaceName="lab", SpaceSettings={"RemoteAccess": "ENABLED"})
    [space] = sagemaker.list_spaces()["Spaces"]
    assert space["SpaceSettingsSummary"] == {"AppType": "JupyterLab", "RemoteAccess": "ENABLED"}
    assert space["OwnershipSettingsSummary"] == {"OwnerUserProfileName": "ana"}


def test_a_domain_is_changed_and_has_a_home_in_efs(sagemaker: Any, aws: Client, refused: Refused) -> None:
    lab = {"AppLifecycleManagement": {"IdleSettings": IDLE}}
    sagemaker.update_domain(DomainId="d-team", DefaultUserSettings={"JupyterLabAppSettings": lab})
    found = sagemaker.describe_domain(DomainId="d-team")
    settings = found["DefaultUserSettings"]
    assert settings["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"] == IDLE
    assert settings["ExecutionRole"] == ROLE
    assert "SingleSignOnManagedApplicationInstanceId" not in found
    [home] = aws("efs").describe_file_systems(FileSystemId=found["HomeEfsFileSystemId"])["FileSystems"]
    assert home["Encrypted"]
    taken = {"AuthMode": "IAM", "DefaultUserSettings": {}, "SubnetIds": ["subnet-1"], "VpcId": "vpc-1"}
    assert refused(sagemaker.create_domain, DomainName="team", **taken) == "ResourceInUse"


def test_the_home_of_a_domain_goes_with_it_if_that_is_asked(sagemaker: Any, aws: Client) -> None:
    for name in ("kept", "gone"):
        sagemaker.create_domain(
            DomainName=name, AuthMode="IAM", DefaultUserSettings={}, SubnetIds=["subnet-1"], VpcId="vpc-1"
        )
    sagemaker.delete_domain(DomainId="d-gone", RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    sagemaker.delete_domain(DomainId="d-kept")
    assert len(aws("efs").describe_file_systems()["FileSystems"]) == 2


def test_lifecycle_configs_and_app_images(sagemaker: Any, refused: Refused) -> None:
    config = {"StudioLifecycleConfigContent": "IyEvYmluL3No", "StudioLifecycleConfigAppType": "JupyterLab"}
    sagemaker.create_studio_lifecycle_config(StudioLifecycleConfigName="stop", **config)
    found = sagemaker.list_studio_lifecycle_configs(AppTypeEquals="JupyterLab")["StudioLifecycleConfigs"]
    assert [one["StudioLifecycleConfigName"] for one in found] == ["stop"]
    assert sagemaker.list_studio_lifecycle_configs(AppTypeEquals="CodeEditor")["StudioLifecycleConfigs"] == []
    sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName="stop")
    describe = sagemaker.describe_studio_lifecycle_config
    assert refused(describe, StudioLifecycleConfigName="stop") == "ResourceNotFound"
    sagemaker.create_app_image_config(AppImageConfigName="image")
    assert len(sagemaker.list_app_image_configs()["AppImageConfigs"]) == 1
