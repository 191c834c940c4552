"""Glue's encryption: of the data catalog, and of what jobs write."""

from __future__ import annotations

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class AtRest(Record):
    """By what the metadata of tables is encrypted."""

    catalog_encryption_mode: Enumerated


@resource("glue", Call(operation="GetDataCatalogEncryptionSettings", take="DataCatalogEncryptionSettings"))
class CatalogEncryption(Record):
    """The settings of the account's data catalog in a region; nothing is set until somebody does."""

    encryption_at_rest: AtRest | None = None


class S3Encryption(Record):
    """How jobs encrypt what they write to S3."""

    mode: Enumerated | None = msgspec.field(name="S3EncryptionMode", default=None)


class EncryptionConfiguration(Record):
    """What a security configuration encrypts."""

    s3_encryption: list[S3Encryption] = []


@resource("glue", "GetSecurityConfigurations")
class SecurityConfiguration(Record):
    """A named set of encryption settings, which jobs, sessions and crawlers refer to."""

    name: str
    encryption_configuration: EncryptionConfiguration = EncryptionConfiguration()
