"""S3: the defaults that AWS gives new buckets, their list by pages, and configurations that moto loses.

What moto says, and what AWS does:

- A new bucket has no default encryption: every bucket has encrypted with SSE-S3 since January 2023, and one whose
  setting is deleted does again. An account would seem to leave its objects in the clear.
- A new bucket has no public access block and no ownership controls: since April 2023 new ones block all public access,
  and have no ACLs. An account would seem open that is not.
- `ListBuckets` knows neither regions nor pages, and ordinary buckets are directory buckets too.
- Configurations of Intelligent-Tiering are dropped, and putting one makes a bucket.
- Any text is taken for a policy: AWS refuses what is no JSON, and statements that lack a part.
- Of a lifecycle rule the sizes of its filter and the number of versions that it keeps are lost; of the notifications
  that they go to EventBridge.
"""

from __future__ import annotations

import base64
import binascii
import copy
import dataclasses
import json
import uuid
from collections.abc import Mapping
from typing import Any

from moto.s3.models import OWNER, PublicAccessBlock
from moto.s3.utils import bucket_policy_is_public

from readiness.emulator.call import After, Call, Coded, Elsewhere, Handler, Item
from readiness.emulator.door import Extension

BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ENFORCED = "BucketOwnerEnforced"
FEW = 1000
"""How many buckets a page holds at most where nobody says how many."""
ASKS_FOR_PAGES = ("MaxBuckets", "Prefix", "BucketRegion", "ContinuationToken")
"""With one of these in the request, the answer tells the region of each bucket."""


def _kept(call: Call, noun: str) -> dict[str, Item]:
    """What we keep of buckets, which belong to no region."""
    return dataclasses.replace(call, region=call.partition).table(noun)


def _bucket(call: Call) -> Any:
    """Moto's bucket, with AWS's defaults from its first day, whoever made it; moto refuses one that is not there."""
    name = call.parameters["Bucket"]
    bucket = call.backend("s3").buckets.get(name)
    if bucket is None:
        raise Elsewhere
    known = _kept(call, "Bucket")
    if known.get(name, {}).get("CreationDate") != bucket.creation_date:
        known[name] = {"CreationDate": bucket.creation_date}
        for noun in ("Tiering", "Lifecycle"):
            _kept(call, noun).pop(name, None)
        bucket.encryption = bucket.encryption or _sse_s3()
        bucket.public_access_block = bucket.public_access_block or PublicAccessBlock(*(True for _ in BLOCK))
        bucket.ownership_rule = bucket.ownership_rule or ENFORCED
    return bucket


def _sse_s3() -> Item:
    return {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}}


def _create(call: Call) -> None:
    """A new bucket, or the same one once more."""
    _bucket(call)


def _settled(call: Call) -> None:
    """Moto's own answer, about a bucket that has its defaults."""
    _bucket(call)
    raise Elsewhere


def _forget_encryption(call: Call) -> None:
    _bucket(call).encryption = _sse_s3()


def _no_acls(call: Call) -> None:
    """ACLs of a bucket whose owner owns every object can be read only."""
    if _bucket(call).ownership_rule == ENFORCED:
        raise Coded("AccessControlListNotSupported", "The bucket does not allow ACLs")
    raise Elsewhere


def _put_policy(call: Call) -> None:
    """A bucket that blocks public policies takes none; moto puts it, and what makes it public is moto's judgement."""
    block = _bucket(call).public_access_block
    policy = call.parameters["Policy"]
    if not _is_policy(policy):
        raise Coded("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
    if block is not None and block.block_public_policy and bucket_policy_is_public(policy.encode()):
        raise Coded("AccessDenied", "Access Denied: public policies are blocked by the BlockPublicPolicy setting.")
    raise Elsewhere


def _is_policy(text: str) -> bool:
    """Whether a text has the parts of a bucket's policy; moto takes any."""
    try:
        document = json.loads(text)
    except ValueError:
        return False
    found = document.get("Statement") if isinstance(document, dict) else None
    statements = found if isinstance(found, list) else [found]
    return all(
        isinstance(one, dict)
        and one.get("Effect") in ("Allow", "Deny")
        and all({part, f"Not{part}"} & one.keys() for part in ("Principal", "Action", "Resource"))
        for one in statements
    )


def _list(call: Call) -> Item:
    """A page of the buckets of all regions, by name."""
    asked = call.parameters
    token = asked.get("ContinuationToken")
    buckets = sorted(call.backend("s3").buckets.items())
    found = [
        bucket
        for name, bucket in buckets
        if name.startswith(asked.get("Prefix", ""))
        and asked.get("BucketRegion") in (None, bucket.region_name)
        and (token is None or name > _name(token))
    ]
    page = found[: asked.get("MaxBuckets", FEW if token else len(found))]
    regional = any(name in asked for name in ASKS_FOR_PAGES)
    answer: Item = {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": bucket.creation_date,
                **(
                    {
                        "BucketRegion": bucket.region_name,
                        "BucketArn": f"arn:{call.partition}:s3:::{bucket.name}",
                    }
                    if regional
                    else {}
                ),
            }
            for bucket in page
        ],
        "Owner": {"ID": OWNER},
    }
    if asked.get("Prefix"):
        answer["Prefix"] = asked["Prefix"]
    if len(page) < len(found):
        answer["ContinuationToken"] = base64.b64encode(page[-1].name.encode()).decode()
    return answer


def _name(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), validate=True).decode()
    except (ValueError, binascii.Error):
        raise Coded("InvalidArgument", "The continuation token provided is incorrect") from None


def _list_directories(_: Call) -> Item:
    """None: directory buckets live in an Availability Zone, and moto makes none."""
    return {"Buckets": []}


def _tierings(call: Call) -> dict[str, Item]:
    """The configurations of Intelligent-Tiering of a bucket, by id."""
    _bucket(call)
    return _kept(call, "Tiering").setdefault(call.parameters["Bucket"], {})


def _put_tiering(call: Call) -> None:
    configuration = copy.deepcopy(call.parameters["IntelligentTieringConfiguration"])
    if configuration["Id"] != call.parameters["Id"]:
        raise Coded("InvalidArgument", "The id of the configuration is not that of the request.")
    _tierings(call)[configuration["Id"]] = configuration


def _get_tiering(call: Call) -> Item:
    found = _tierings(call).get(call.parameters["Id"])
    if found is None:
        raise Coded("NoSuchConfiguration", "The specified configuration does not exist.")
    return {"IntelligentTieringConfiguration": found}


def _delete_tiering(call: Call) -> None:
    _get_tiering(call)
    del _tierings(call)[call.parameters["Id"]]


def _list_tierings(call: Call) -> Item:
    return {"IsTruncated": False, "IntelligentTieringConfigurationList": list(_tierings(call).values())}


def _keep_lifecycle(call: Call) -> None:
    """The rules as they were given, each with an id."""
    rules = copy.deepcopy(call.parameters["LifecycleConfiguration"]["Rules"])
    for rule in rules:
        rule.setdefault("ID", str(uuid.uuid4()))
    _bucket(call)
    _kept(call, "Lifecycle")[call.parameters["Bucket"]] = {"Rules": rules}


def _get_lifecycle(call: Call) -> Item:
    """What was put; moto's own where something else did, or where it was deleted since."""
    kept = _kept(call, "Lifecycle").get(call.parameters["Bucket"])
    if kept is None or not _bucket(call).rules:
        raise Elsewhere
    return {**kept, "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}


def _get_notifications(call: Call) -> Item:
    """Moto answers, but for a bucket whose events go to EventBridge, of which it says nothing."""
    notifications = _bucket(call).notification_configuration
    if notifications is None or notifications.event_bridge is None:
        raise Elsewhere
    return {
        "EventBridgeConfiguration": {},
        "TopicConfigurations": [_notified(one, "TopicArn") for one in notifications.topic],
        "QueueConfigurations": [_notified(one, "QueueArn") for one in notifications.queue],
        "LambdaFunctionConfigurations": [_notified(one, "LambdaFunctionArn") for one in notifications.cloud_function],
    }


def _notified(target: Any, member: str) -> Item:
    told: Item = {"Id": target.id, member: target.arn, "Events": target.events}
    if target.filters:
        told["Filter"] = {"Key": {"FilterRules": target.filters["S3Key"]["FilterRule"]}}
    return told


DEFAULTS = (
    *(f"{verb}BucketEncryption" for verb in ("Get", "Put")),
    *(f"{verb}PublicAccessBlock" for verb in ("Get", "Put", "Delete")),
    *(f"{verb}BucketOwnershipControls" for verb in ("Get", "Put", "Delete")),
)
"""What shows or changes the defaults: moto answers once the bucket has them."""

ANSWERS: Mapping[str, Handler] = {
    **dict.fromkeys(DEFAULTS, _settled),
    "DeleteBucketEncryption": _forget_encryption,
    "PutBucketAcl": _no_acls,
    "PutObjectAcl": _no_acls,
    "PutBucketPolicy": _put_policy,
    "ListBuckets": _list,
    "ListDirectoryBuckets": _list_directories,
    "PutBucketIntelligentTieringConfiguration": _put_tiering,
    "GetBucketIntelligentTieringConfiguration": _get_tiering,
    "DeleteBucketIntelligentTieringConfiguration": _delete_tiering,
    "ListBucketIntelligentTieringConfigurations": _list_tierings,
    "GetBucketLifecycleConfiguration": _get_lifecycle,
    "GetBucketNotificationConfiguration": _get_notifications,
}
AFTER: Mapping[str, After] = {"CreateBucket": _create, "PutBucketLifecycleConfiguration": _keep_lifecycle}

EXTENSION = Extension("s3", ANSWERS, AFTER)
