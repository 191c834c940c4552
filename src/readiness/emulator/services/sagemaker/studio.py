"""Studio: domains, and the user profiles, spaces and apps in them.

What moto says of a domain that AWS does not: ids of an IAM Identity Center application where people sign in with IAM,
and a home file system that is in no account. Here the file system is made in EFS, as AWS does.
"""

from __future__ import annotations

import dataclasses
import datetime
import inspect
import uuid
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource
from readiness.emulator.services.sagemaker.kinds import PLACE, SERVICE, Nested

REMEMBERED = datetime.timedelta(hours=24)
"""How long a deleted app stays listed."""
INSTANCES = {"JupyterServer": "system", "Canvas": "system"}
"""What an app runs on where nobody says: these on what belongs to the service, the others on `INSTANCE`."""
INSTANCE = "ml.t3.medium"


def _domain(call: Call) -> Any:
    name = call.parameters["DomainId"]
    domain = call.backend("sagemaker").domains.get(name)
    if domain is None:
        raise NotFound(f"Domain {name} does not exist.")
    return domain


def _in_domain(call: Call, _: Item) -> None:
    _domain(call)


USERS = Nested(
    SERVICE,
    "UserProfile",
    PLACE,
    "user-profile/{}",
    status=("Status", "InService"),
    created=_in_domain,
    name="UserProfileName",
    place=lambda named: f"{named['DomainId']}/{named['UserProfileName']}",
)


def _own(call: Call, item: Item) -> None:
    """A space is its owner's alone, unless it is shared."""
    _domain(call)
    owner = item.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if owner and f"{item['DomainId']}/{owner}" not in USERS.items(call):
        raise NotFound(f"UserProfile {owner} does not exist.")
    item["Url"] = f"{_domain(call).url}/jupyter/{item['SpaceName']}"
    _share(call, item)


def _share(_: Call, item: Item) -> None:
    """What a list tells of a space is less than what describes it."""
    item["SpaceSharingSettingsSummary"] = item.get("SpaceSharingSettings")
    item["OwnershipSettingsSummary"] = item.get("OwnershipSettings")
    told = ("AppType", "RemoteAccess", "SpaceStorageSettings")
    settings = item.get("SpaceSettings", {})
    item["SpaceSettingsSummary"] = {name: settings[name] for name in told if name in settings}


SPACES = Nested(
    SERVICE,
    "Space",
    PLACE,
    "space/{}",
    status=("Status", "InService"),
    created=_own,
    changed=_share,
    name="SpaceName",
    place=lambda named: f"{named['DomainId']}/{named['SpaceName']}",
)


def _owner(named: Item) -> str:
    return str(named.get("SpaceName") or named.get("UserProfileName"))


def _run(call: Call, item: Item) -> None:
    """An app runs for a user or in a space that is there, on the instance of its settings or the least one."""
    domain = _domain(call)
    if not item.get("SpaceName") and not item.get("UserProfileName"):
        raise Invalid("Either UserProfileName or SpaceName must be set.")
    within = SPACES if item.get("SpaceName") else USERS
    owner = within.items(call).get(f"{item['DomainId']}/{_owner(item)}")
    if owner is None:
        raise NotFound(f"{within.noun} {_owner(item)} does not exist.")
    kind = item["AppType"]
    given = [
        settings.get(f"{kind}AppSettings", {}).get("DefaultResourceSpec", {})
        for settings in (domain.default_user_settings, owner.get("UserSettings", {}), owner.get("SpaceSettings", {}))
    ]
    resources: Item = {"InstanceType": INSTANCES.get(kind, INSTANCE)}
    for more in (*given, item.get("ResourceSpec", {})):
        resources |= more
    item["ResourceSpec"] = resources


APPS = Nested(
    SERVICE,
    "App",
    PLACE,
    "app/{}",
    status=("Status", "InService"),
    created=_run,
    name="AppName",
    place=lambda named: f"{named['DomainId']}/{_owner(named)}/{named['AppType'].lower()}/{named['AppName']}",
)


def _apps(call: Call) -> list[Item]:
    """The apps of the account that are there."""
    return [app for app in APPS.items(call).values() if app["Status"] != "Deleted"]


def _create_app(call: Call) -> Item:
    apps = APPS.items(call)
    place = APPS.place(call.parameters)
    if apps.get(place, {}).get("Status") == "Deleted":
        del apps[place]
    return APPS.create(call)


def _list_apps(call: Call) -> Item:
    apps = APPS.items(call)
    since = utcnow() - REMEMBERED
    for place in [place for place, app in apps.items() if app.get("DeletedTime", utcnow()) < since]:
        del apps[place]
    return APPS.list(call)


def _delete_app(call: Call) -> None:
    app = APPS.find(call)
    if app["Status"] == "Deleted":
        raise NotFound(f"App {app['AppName']} does not exist.")
    app |= {"Status": "Deleted", "DeletedTime": utcnow()}


def _update_user(call: Call) -> Item:
    return _update_settings(call, USERS, "UserSettings")


def _update_space(call: Call) -> Item:
    return _update_settings(call, SPACES, "SpaceSettings")


def _update_settings(call: Call, within: Nested, member: str) -> Item:
    """Settings that the request does not name stay as they are."""
    settings = {**within.find(call).get(member, {}), **call.parameters.get(member, {})}
    return within.update(dataclasses.replace(call, parameters={**call.parameters, member: settings}))


def _delete_user(call: Call) -> None:
    _delete_owner(call, USERS)


def _delete_space(call: Call) -> None:
    _delete_owner(call, SPACES)


def _delete_owner(call: Call, within: Nested) -> None:
    owner = within.find(call)
    same = ("DomainId", within.name)
    if any(all(app.get(name) == owner[name] for name in same) for app in _apps(call)):
        raise InUse(f"{within.noun} {owner[within.name]} has apps.")
    within.delete(call)


def _create_domain(call: Call) -> Item:
    moto = call.backend("sagemaker")
    given = call.parameters
    if any(domain.domain_name == given["DomainName"] for domain in moto.domains.values()):
        raise InUse(f"Domain {given['DomainName']} already exists.")
    taken = inspect.signature(moto.create_domain).parameters
    made = moto.create_domain(**{name: given.get(_title(name)) for name in taken})
    domain = next(domain for domain in moto.domains.values() if domain.arn == made["DomainArn"])
    domain.tags = given.get("Tags", [])
    domain.url = f"https://{domain.id}.studio.{call.region}.sagemaker.aws"
    domain.subnet_ids = given.get("SubnetIds", [])
    domain.failure_reason = None
    domain.security_group_id_for_domain_boundary = None
    domain.home_efs_file_system_id = _home(call, domain)
    if domain.auth_mode == "IAM":
        domain.single_sign_on_managed_application_instance_id = None
        domain.single_sign_on_managed_application_arn = None
    return {"DomainArn": domain.arn, "DomainId": domain.id, "Url": domain.url}


def _title(name: str) -> str:
    return "".join(word.title() for word in name.split("_"))


def _home(call: Call, domain: Any) -> str | None:
    """The file system in EFS that holds the homes of a domain's users, unless none is wanted."""
    if call.parameters.get("HomeEfsFileSystemCreation") == "Disabled":
        return None
    made = call.backend("efs").create_file_system(
        creation_token=str(uuid.uuid4()),
        performance_mode="generalPurpose",
        encrypted=True,
        kms_key_id=domain.home_efs_file_system_kms_key_id,
        throughput_mode="bursting",
        provisioned_throughput_in_mibps=0,
        availability_zone_name="",
        backup=False,
        tags=[{"Key": "ManagedByAmazonSageMakerResource", "Value": domain.arn}],
    )
    return str(made.file_system_id)


def _describe_domain(call: Call) -> Item | None:
    _domain(call)
    raise Elsewhere


def _update_domain(call: Call) -> Item:
    domain = _domain(call)
    given = call.parameters
    for name in ("AppSecurityGroupManagement", "SubnetIds", "AppNetworkAccessType", "VpcId"):
        if name in given:
            setattr(domain, _snake(name), given[name])
    merged = {
        "DefaultUserSettings": "default_user_settings",
        "DefaultSpaceSettings": "default_space_settings",
        "DomainSettingsForUpdate": "domain_settings",
    }
    for name, attribute in merged.items():
        if name in given:
            setattr(domain, attribute, {**(getattr(domain, attribute) or {}), **given[name]})
    domain.last_modified_time = utcnow()
    return {"DomainArn": domain.arn}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _delete_domain(call: Call) -> None:
    domain = _domain(call)
    within = [*USERS.items(call).values(), *SPACES.items(call).values(), *_apps(call)]
    if any(item["DomainId"] == domain.id for item in within):
        raise InUse(f"Domain {domain.id} has user profiles, spaces or apps.")
    apps = APPS.items(call)
    for place in [place for place, app in apps.items() if app["DomainId"] == domain.id]:
        del apps[place]
    if (
        call.parameters.get("RetentionPolicy", {}).get("HomeEfsFileSystem") == "Delete"
        and domain.home_efs_file_system_id
    ):
        call.backend("efs").delete_file_system(domain.home_efs_file_system_id)
    raise Elsewhere


LIFECYCLES = Resource(
    SERVICE,
    "StudioLifecycleConfig",
    "StudioLifecycleConfigName",
    "studio-lifecycle-config/{}",
    equals={"AppTypeEquals": "StudioLifecycleConfigAppType"},
)
IMAGES = Resource(SERVICE, "AppImageConfig", "AppImageConfigName", "app-image-config/{}")

EXTENSION = Extension(
    SERVICE,
    {
        **USERS.handlers(),
        **SPACES.handlers(),
        **APPS.handlers(),
        **LIFECYCLES.handlers(),
        **IMAGES.handlers(),
        "CreateApp": _create_app,
        "ListApps": _list_apps,
        "DeleteApp": _delete_app,
        "UpdateUserProfile": _update_user,
        "DeleteUserProfile": _delete_user,
        "UpdateSpace": _update_space,
        "DeleteSpace": _delete_space,
        "CreateDomain": _create_domain,
        "DescribeDomain": _describe_domain,
        "UpdateDomain": _update_domain,
        "DeleteDomain": _delete_domain,
    },
)
