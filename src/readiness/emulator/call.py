"""A call to the emulator: who calls, with what, what is kept for them, and how it may be refused."""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel
from moto.backends import get_backend
from moto.core.base_backend import BackendDict, BaseBackend
from moto.utilities.utils import PARTITION_NAMES, get_partition

Item = dict[str, Any]
EVENTS = 20_000
"""How many events the history of an account and region holds."""


class Refused(Exception):
    """The call can't be done: the error that AWS's model has for it tells why."""

    names: tuple[str, ...] = ()

    def code(self, operation: OperationModel) -> str:
        """The name of the error for this: the operation's own, or the service's, as near as the model has one."""
        own = [shape.name for shape in operation.error_shapes]
        service = [shape.name for shape in operation.service_model.error_shapes]
        # Words for the same thing are equally good, so that the operation's own error comes before the service's.
        for parts in (self.names, Invalid.names):
            for known in (own, service):
                likely = (name for part in parts for name in known if part in name and f"Not{part}" not in name)
                if found := next(likely, None):
                    return str(found)
        return "ValidationException"


class Invalid(Refused):
    """The request does not fit the model, or asks for what can't be."""

    names = ("Validation", "InvalidParameter", "InvalidRequest", "InvalidInput", "BadRequest")


class NotFound(Refused):
    """There is no such resource."""

    names = ("NotFound", "DoesNotExist", "NoSuch")


class InUse(Refused):
    """The name is taken."""

    names = ("InUse", "AlreadyExists", "EntityExists", "ResourceExists", "Conflict", "Duplicate")


class Coded(Refused):
    """An error by a code that AWS gives although its model does not name it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self._code = code

    def code(self, operation: OperationModel) -> str:  # noqa: ARG002 - the code is known
        """The code that was given."""
        return self._code


class Elsewhere(Exception):
    """Nothing of ours: moto answers."""


class Kept(BaseBackend):
    """All that the extension keeps of an account in a region; moto's reset clears it with its own."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tables: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: collections.deque[Item] = collections.deque(maxlen=EVENTS)


# EC2 is in every region; a service that is not regional is kept under its partition's name or the region that signs.
KEPT = BackendDict(Kept, "ec2", additional_regions=PARTITION_NAMES)


@dataclasses.dataclass(frozen=True)
class Call:
    """One call, its parameters already checked against the model.

    Attributes:
        service: boto3's name of the service.
        operation: AWS's name of the operation.
        parameters: as AWS names them.
        account: the caller's account.
        region: where the call goes; of a service that is not regional, where it is signed for.
        access_key: the id of the caller's key.
    """

    service: str
    operation: str
    parameters: Item
    account: str
    region: str
    access_key: str = ""

    @property
    def kept(self) -> Kept:
        """What the extension keeps here."""
        return KEPT[self.account][self.region]

    def table(self, noun: str, service: str = "") -> dict[str, Item]:
        """The resources of one sort, by key."""
        return self.kept.tables.setdefault((service or self.service, noun), {})

    def backend(self, service: str, *, region: str = "") -> Any:
        """Moto's own state of a service, by moto's name of it; its region is the partition where it has none."""
        found: Any = get_backend(service)[self.account]  # type: ignore[call-overload]  # the name is moto's own
        where = region or self.region
        return found[where if where in found else self.partition]

    @property
    def partition(self) -> str:
        """The partition of the region."""
        return get_partition(self.region)

    def arn(self, resource: str, *, service: str = "", regional: bool = True) -> str:
        """An ARN in the partition, account and, if regional, region of the caller."""
        name = service or model_of(self.service).signing_name
        return f"arn:{self.partition}:{name}:{self.region if regional else ''}:{self.account}:{resource}"


Handler = Callable[[Call], Item | None]
"""Gives the answer of an operation, as AWS names its members; what the model does not know is left out."""
After = Callable[[Call], None]
"""Corrects what moto keeps, after it has answered an operation well."""


@functools.cache
def model_of(service: str) -> ServiceModel:
    """Botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)
