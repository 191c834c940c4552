"""What a request refers to in other services of the account: roles and objects in buckets that must be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.moto_api._internal import mock_random
from moto.s3.models import FakeKey

from readiness.emulator.call import Call, Coded, Invalid


def identifier(length: int = 12) -> str:
    """An identifier of small letters and digits, as AWS makes them; moto's seed makes it the same again."""
    return mock_random.get_random_string(length, lower_case=True)


def uuid() -> str:
    """Another, in the form of a UUID."""
    return str(mock_random.uuid4())


def require_role(call: Call, arn: str) -> None:
    """A role that a service shall assume must exist in the account.

    Raises:
        Invalid: there is none.
    """
    if all(role.arn != arn for role in call.backend("iam").roles.values()):
        raise Invalid(f"Could not assume the role {arn}: it does not exist, or does not trust the service.")


def objects(call: Call, uri: str) -> list[Any]:
    """Moto's objects at an S3 URI, or below it.

    Raises:
        Invalid: there is no such bucket.
    """
    name, _, prefix = uri.removeprefix("s3://").partition("/")
    bucket = call.backend("s3").buckets.get(name)
    if bucket is None:
        raise Invalid(f"Could not access the bucket of {uri}.")
    return [found for key, found in bucket.keys.items() if key.startswith(prefix) and isinstance(found, FakeKey)]


def content(call: Call, holder: Mapping[str, Any]) -> bytes:
    """The bytes of an image or document, given as they are or as an object in S3.

    Raises:
        Coded: there is no such object.
        Invalid: neither is given.
    """
    if "Bytes" in holder:
        return bytes(holder["Bytes"])
    if "S3Object" not in holder:
        raise Invalid("Either Bytes or S3Object must be given.")
    place = holder["S3Object"]
    bucket = call.backend("s3").buckets.get(place.get("Bucket"))
    found = bucket.keys.get(place.get("Name")) if bucket is not None else None
    if not isinstance(found, FakeKey):
        message = "Unable to get object metadata from S3. Check object key, region and/or access permissions."
        raise Coded("InvalidS3ObjectException", message)
    return bytes(found.value)
