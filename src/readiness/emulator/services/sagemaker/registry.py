"""The Model Registry: groups, and the versions in them with what was decided on each.

Moto loses whether validation is skipped, the life cycle, the source, the card and the kind of registration of a
version; an update forgets the approval and the description where it does not name them; a version without an approval
has none instead of waiting for one; and nothing can be deleted.
"""

from __future__ import annotations

import copy
import types

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, SORTS, Sort, caller

CONFLICT = "ConflictException"


def _group(call: Call, item: Item) -> None:
    item["CreatedBy"] = caller(call)
    item["Versions"] = 0


GROUPS = Sort(
    SERVICE,
    "ModelPackageGroup",
    "ModelPackageGroupName",
    "model-package-group/{}",
    status=("ModelPackageGroupStatus", "Completed"),
    created=_group,
    taken=INVALID,
    missing=INVALID,
)

PACKAGES = Sort(
    SERVICE, "ModelPackage", "ModelPackageName", status=("ModelPackageStatus", "Completed"), missing=INVALID
)
SORTS.update({"ModelPackageGroup": GROUPS, "ModelPackage": PACKAGES})


def register(call: Call) -> Item:
    """Keep a version of a group, which is counted up, or a package of its own name."""
    item = copy.deepcopy(call.parameters)
    if ("ModelPackageName" in item) == ("ModelPackageGroupName" in item):
        raise Invalid("Either ModelPackageName or ModelPackageGroupName must be specified.")
    if "ModelPackageGroupName" in item:
        group = GROUPS.get(call, item["ModelPackageGroupName"])
        group["Versions"] += 1
        item |= {
            "ModelPackageGroupName": group["ModelPackageGroupName"],
            "ModelPackageVersion": group["Versions"],
            "ModelPackageName": f"{group['ModelPackageGroupName']}/{group['Versions']}",
        }
        item.setdefault("ModelApprovalStatus", "PendingManualApproval")
        item.setdefault("ModelPackageRegistrationType", "Registered")
    arn = call.arn(f"model-package/{item['ModelPackageName']}")
    if arn in PACKAGES.items(call):
        raise Coded(CONFLICT, f"Model package {item['ModelPackageName']} already exists.")
    item.setdefault("CertifyForMarketplace", False)
    item |= {
        "ModelPackageArn": arn,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreationTime": utcnow(),
        "CreatedBy": caller(call),
    }
    PACKAGES.items(call)[arn] = item
    # What moto and other parts read of a version is here.
    kept = types.SimpleNamespace(arn=arn, tags=None, inference_specification=item.get("InferenceSpecification"))
    call.backend(SERVICE).model_packages[arn] = kept
    return item


def _found(call: Call, name: str) -> Item:
    """A version by its ARN, or a package by its name."""
    return PACKAGES.get(call, name if name.startswith("arn:") else call.arn(f"model-package/{name}"))


def _describe(call: Call) -> Item:
    """All of it, or without the content of its model card."""
    item = _found(call, call.parameters["ModelPackageName"])
    if call.parameters.get("IncludedData") == "MetadataOnly" and (card := item.get("ModelCard")):
        card = {name: value for name, value in card.items() if name != "ModelCardContent"}
        return {**item, "ModelCard": card}
    return item


def _describe_several(call: Call) -> Item:
    known, asked = PACKAGES.items(call), call.parameters["ModelPackageArnList"]
    members = ("ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageDescription")
    more = ("CreationTime", "InferenceSpecification", "ModelPackageStatus", "ModelApprovalStatus")
    found = {
        arn: {
            name: known[arn][name] for name in (*members, *more, "ModelPackageRegistrationType") if name in known[arn]
        }
        for arn in asked
        if arn in known
    }
    wrong = {"ErrorCode": INVALID, "ErrorResponse": "The model package does not exist."}
    errors = {arn: wrong for arn in asked if arn not in known}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}


def _list(call: Call) -> Item:
    """The versions of a group; or packages of their own name, versions, or both."""
    asked = call.parameters
    items = list(PACKAGES.items(call).values())
    if "ModelPackageGroupName" in asked:
        group = GROUPS.get(call, asked["ModelPackageGroupName"])["ModelPackageGroupName"]
        items = [one for one in items if one.get("ModelPackageGroupName") == group]
    elif (kind := asked.get("ModelPackageType", "Unversioned")) != "Both":
        items = [one for one in items if ("ModelPackageVersion" in one) == (kind == "Versioned")]
    if "ModelApprovalStatus" in asked:
        items = [one for one in items if one.get("ModelApprovalStatus") == asked["ModelApprovalStatus"]]
    return PACKAGES.page(call, items)


def _update(call: Call) -> Item:
    """Change what the request names, and only that."""
    item, asked = _found(call, call.parameters["ModelPackageArn"]), copy.deepcopy(call.parameters)
    if asked.get("ModelApprovalStatus") and "ModelPackageVersion" not in item:
        raise Invalid("Only a version of a group can be approved.")
    told = {**(item.get("CustomerMetadataProperties") or {}), **asked.pop("CustomerMetadataProperties", {})}
    gone = asked.pop("CustomerMetadataPropertiesToRemove", [])
    added = asked.pop("AdditionalInferenceSpecificationsToAdd", [])
    card = {**(item.get("ModelCard") or {}), **asked.pop("ModelCard", {})}
    item |= {name: value for name, value in asked.items() if name not in ("ModelPackageArn", "ClientToken")}
    item["CustomerMetadataProperties"] = {key: value for key, value in told.items() if key not in gone} or None
    item["AdditionalInferenceSpecifications"] = [*(item.get("AdditionalInferenceSpecifications") or []), *added] or None
    item["ModelCard"] = card or None
    item |= {"LastModifiedTime": utcnow(), "LastModifiedBy": caller(call)}
    return item


def _delete(call: Call) -> None:
    arn = _found(call, call.parameters["ModelPackageName"])["ModelPackageArn"]
    del PACKAGES.items(call)[arn]
    call.backend(SERVICE).model_packages.pop(arn, None)


def _delete_group(call: Call) -> None:
    """A group that has versions stays."""
    name = GROUPS.find(call)["ModelPackageGroupName"]
    if any(one.get("ModelPackageGroupName") == name for one in PACKAGES.items(call).values()):
        raise Coded(CONFLICT, f"Model package group {name} has versions, which must be deleted first.")
    GROUPS.delete(call)


def _put_policy(call: Call) -> Item:
    group = GROUPS.find(call)
    group["ResourcePolicy"] = call.parameters["ResourcePolicy"]
    return group


def _get_policy(call: Call) -> Item:
    group = GROUPS.find(call)
    if "ResourcePolicy" not in group:
        raise Coded(INVALID, f"{group['ModelPackageGroupName']} has no policy.")
    return group


def _delete_policy(call: Call) -> None:
    GROUPS.find(call).pop("ResourcePolicy", None)


HANDLERS: dict[str, Handler] = {
    **GROUPS.handlers(),
    "DeleteModelPackageGroup": _delete_group,
    "PutModelPackageGroupPolicy": _put_policy,
    "GetModelPackageGroupPolicy": _get_policy,
    "DeleteModelPackageGroupPolicy": _delete_policy,
    "CreateModelPackage": register,
    "DescribeModelPackage": _describe,
    "BatchDescribeModelPackage": _describe_several,
    "ListModelPackages": _list,
    "UpdateModelPackage": _update,
    "DeleteModelPackage": _delete,
}

EXTENSION = Extension(SERVICE, HANDLERS)
