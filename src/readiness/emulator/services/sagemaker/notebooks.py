"""Notebook instances and their lifecycle configurations: what moto lacks or loses of them.

moto knows few instance types, loses `PlatformIdentifier`, `InstanceMetadataServiceConfiguration` and `IpAddressType`,
and tells no `RootAccess` where AWS gives it; it lets an instance name a lifecycle configuration that is not there.
"""

from __future__ import annotations

import base64
import binascii
import inspect
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, Invalid, Item, model_of
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "sagemaker"
KNOWN = "ml.t3.medium"
"""An instance type that moto takes."""
GIVEN = {
    "PlatformIdentifier": "notebook-al2023-v1",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
    "IpAddressType": "ipv4",
    "RootAccess": "Enabled",
}
"""What an instance has where nobody says; moto loses it."""
CHANGED = {
    "InstanceType": "instance_type",
    "RoleArn": "role_arn",
    "LifecycleConfigName": "lifecycle_config_name",
    "VolumeSizeInGB": "volume_size_in_gb",
    "DefaultCodeRepository": "default_code_repository",
    "AdditionalCodeRepositories": "additional_code_repositories",
    "AcceleratorTypes": "accelerator_types",
}
"""What an update changes of moto's object."""
UNTIED = {
    "DisassociateLifecycleConfig": "lifecycle_config_name",
    "DisassociateDefaultCodeRepository": "default_code_repository",
    "DisassociateAdditionalCodeRepositories": "additional_code_repositories",
    "DisassociateAcceleratorTypes": "accelerator_types",
}
"""What an update takes away."""


def _check(call: Call) -> None:
    given = call.parameters
    kind = given.get("InstanceType", KNOWN)
    if kind not in model_of(SERVICE).shape_for("InstanceType").enum:
        raise Invalid(f"Value '{kind}' at 'instanceType' is no instance type of a notebook.")
    config = given.get("LifecycleConfigName")
    if config and config not in call.backend(SERVICE).notebook_instance_lifecycle_configurations:
        arn = call.arn(f"notebook-instance-lifecycle-config/{config}")
        raise Invalid(f"Notebook Instance Lifecycle Config ({arn}) does not exist.")


def _create(call: Call) -> Item:
    _check(call)
    given = call.parameters
    moto = call.backend(SERVICE)
    taken = inspect.signature(moto.create_notebook_instance).parameters
    members = {"volume_size_in_gb": "VolumeSizeInGB"}
    asked = {name: given.get(members.get(name, "".join(word.title() for word in name.split("_")))) for name in taken}
    notebook = moto.create_notebook_instance(**{**asked, "instance_type": KNOWN})
    notebook.instance_type = given["InstanceType"]
    call.table("NotebookInstance")[notebook.notebook_instance_name] = {
        name: given[name] for name in GIVEN if name in given
    }
    return {"NotebookInstanceArn": notebook.arn}


def _find(call: Call) -> Any:
    notebook = call.backend(SERVICE).notebook_instances.get(call.parameters["NotebookInstanceName"])
    if notebook is None:
        raise Invalid("RecordNotFound")
    return notebook


def _describe(call: Call) -> Item:
    notebook = _find(call)
    kept = call.table("NotebookInstance").get(notebook.notebook_instance_name, {})
    return {**notebook.to_dict(), **GIVEN, **kept}


def _update(call: Call) -> None:
    """Change an instance that is stopped."""
    notebook = _find(call)
    _check(call)
    if notebook.status != "Stopped":
        raise Invalid(f"Status ({notebook.status}) not in ([Stopped]). Unable to update ({notebook.arn}).")
    given = call.parameters
    for member, attribute in UNTIED.items():
        if given.get(member):
            setattr(notebook, attribute, None)
    for member, attribute in CHANGED.items():
        if member in given:
            setattr(notebook, attribute, given[member])
    kept = call.table("NotebookInstance").setdefault(notebook.notebook_instance_name, {})
    kept |= {name: given[name] for name in GIVEN if name in given}
    notebook.last_modified_time = utcnow()


def _configs(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = call.backend(SERVICE).notebook_instance_lifecycle_configurations
    return found


def _list_configs(call: Call) -> Item:
    configs = [config.response_object for config in _configs(call).values()]
    return listed(call, configs, "NotebookInstanceLifecycleConfigName")


def _create_config(call: Call) -> Item | None:
    _scripts(call)
    raise Elsewhere


def _scripts(call: Call) -> None:
    """The scripts of a configuration are base64."""
    for hook in ("OnCreate", "OnStart"):
        for script in call.parameters.get(hook, []):
            try:
                base64.b64decode(script.get("Content", ""), validate=True)
            except (ValueError, binascii.Error):
                raise Invalid(f"The content of {hook} is not base64.") from None


def _keep_tags(call: Call) -> None:
    """Keep the tags of a configuration, which moto loses."""
    name = call.parameters["NotebookInstanceLifecycleConfigName"]
    call.table("NotebookInstanceLifecycleConfig")[name] = {
        "NotebookInstanceLifecycleConfigArn": _configs(call)[name].arn,
        "Tags": call.parameters.get("Tags", []),
    }


def _update_config(call: Call) -> None:
    name = call.parameters["NotebookInstanceLifecycleConfigName"]
    config = _configs(call).get(name)
    if config is None:
        raise Invalid(f"Unable to update Notebook Instance Lifecycle Config '{name}'. It does not exist.")
    _scripts(call)
    config.on_create = call.parameters.get("OnCreate", config.on_create)
    config.on_start = call.parameters.get("OnStart", config.on_start)
    config.last_modified_time = utcnow()


def _delete_config(call: Call) -> None:
    name = call.parameters["NotebookInstanceLifecycleConfigName"]
    notebooks = call.backend(SERVICE).notebook_instances.values()
    if any(notebook.lifecycle_config_name == name for notebook in notebooks):
        raise Invalid(f"Notebook Instance Lifecycle Config '{name}' is in use.")
    raise Elsewhere


def _forget_tags(call: Call) -> None:
    call.table("NotebookInstanceLifecycleConfig").pop(call.parameters["NotebookInstanceLifecycleConfigName"], None)


EXTENSION = Extension(
    SERVICE,
    {
        "CreateNotebookInstance": _create,
        "DescribeNotebookInstance": _describe,
        "UpdateNotebookInstance": _update,
        "CreateNotebookInstanceLifecycleConfig": _create_config,
        "UpdateNotebookInstanceLifecycleConfig": _update_config,
        "DeleteNotebookInstanceLifecycleConfig": _delete_config,
        "ListNotebookInstanceLifecycleConfigs": _list_configs,
    },
    {
        "CreateNotebookInstanceLifecycleConfig": _keep_tags,
        "DeleteNotebookInstanceLifecycleConfig": _forget_tags,
    },
)
