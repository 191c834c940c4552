"""The values that checks are given: records of AWS resources, settings of the user, facts of the scan."""

from __future__ import annotations

import datetime
import typing
from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

if TYPE_CHECKING:
    from readiness.kinds import Source

ENUMERATED = msgspec.Meta(extra={"enumerated": True})
Enumerated = Annotated[str, ENUMERATED]
"""A value of one of AWS's enumerations by which checks judge, such as a status.

AWS adds to them. What a value means that is newer than the client nobody here knows, so the kind is unknown then.
"""


@typing.dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, frozen=True, rename="pascal", omit_defaults=True):
    """What AWS says of one resource: only the fields that checks read.

    Field names are AWS's own in snake case; a service whose members are in camel case says `rename="camel"`.
    A subclass becomes a kind by `@resource`, or by a classmethod `derive` that builds it from other kinds.
    """

    if TYPE_CHECKING:  # msgspec evaluates every annotation that it finds at run time
        source: ClassVar[Source]


@typing.dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a user may configure for checks: a parameter of this type gets the values, or the defaults.

    The table of the configuration file is the class name in kebab case (`CostTags` is `[tool.readiness.cost-tags]`).
    """


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of the scan that a check may need: whose account, which region, when."""

    account: str
    partition: str
    region: str
    at: datetime.datetime

    def arn(self, service: str, resource: str, *, region: str = "", account: str = "") -> str:
        """An ARN in the partition of the scan; S3 leaves region and account empty, IAM the region."""
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"
