"""Kinds as data: which calls list a resource, which add its details, and how the answers become records."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar

from readiness.record import Record
from readiness.signature import Asks

Kind = type[Record]
Scope = Literal["region", "global"]
K = TypeVar("K", bound=Kind)

GLOBAL_SERVICES = frozenset(
    {"account", "budgets", "ce", "cloudfront", "iam", "organizations", "route53", "s3", "s3control", "savingsplans"}
    | {"sts", "support", "trustedadvisor"}
)
"""Services that answer for the whole account, so one region asks for all."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """One read operation, and how its parameters and its answer relate to the item at hand.

    Attributes:
        operation: AWS's own name of it (`ListEndpoints`).
        by: parameter -> JMESPath into the item (or, in a first call, into the parent record). An item for which it
            finds nothing is not asked about. A required parameter that the item has under its own name needs no entry.
        give: parameter -> constant. A `timedelta` stands for the moment that long before the scan.
        each: parameter -> constants; the call is made once for each of them.
        take: JMESPath to the items (first call) or to the part that is merged (details). By default what the
            paginator of the operation pages over, or else the whole answer.
        name: the field under which a bare value is put where the answer lists values and not structures.
        into: the field that keeps what was taken, where it must not be merged with the item.
        absent: error codes that say 'there is none', which is an answer and not a failure. Where AWS uses a code for
            something else as well, a pair: the code, and what its message says then.
        gone: error codes of a call for details that say that the item is no more. It is left out then, and also where
            `take` finds nothing.
        batch: how many items one call may ask about; `by` then names the one parameter that takes the list. An item
            about which nothing is answered is no more, and left out.
        key: the field by which the answers of a batch find their items; by default the item's own field of `by`.
    """

    operation: str
    by: Mapping[str, str] = dataclasses.field(default_factory=dict)
    give: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    each: Mapping[str, Iterable[Any]] = dataclasses.field(default_factory=dict)
    take: str | None = None
    name: str | None = None
    into: str | None = None
    absent: tuple[str | tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    batch: int = 0
    key: str | None = None

    def says_none(self, code: str, message: str) -> bool:
        """Whether an error of AWS says that there is none."""
        return (
            code in self.absent
            or code in self.gone
            or any(
                code == one[0] and one[1].lower() in message.lower() for one in self.absent if isinstance(one, tuple)
            )
        )

    def constants(self, at: datetime.datetime) -> dict[str, Any]:
        """The parameters that are the same for every item, moments resolved against the time of the scan."""
        return {
            name: at - value if isinstance(value, datetime.timedelta) else value for name, value in self.give.items()
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """Where AWS lists a kind: the service, the call that lists it, the calls that add details to each item."""

    service: str
    listing: Call
    details: tuple[Call, ...]
    per: Kind | None
    where: Callable[[Mapping[str, Any]], bool] | None
    newest: int | None
    scope: Scope
    artifacts: bool

    @property
    def calls(self) -> tuple[Call, ...]:
        """All of its calls, the listing first."""
        return (self.listing, *self.details)

    @property
    def operations(self) -> frozenset[str]:
        """Every operation it needs, as `service:Operation`."""
        return frozenset(self.ordered)

    @property
    def ordered(self) -> tuple[str, ...]:
        """The operations of its calls, in their order."""
        return tuple(f"{self.service}:{call.operation}" for call in self.calls)


def resource(
    service: str,
    listing: str | Call,
    *details: str | Call,
    per: Kind | None = None,
    where: Callable[[Mapping[str, Any]], bool] | None = None,
    newest: int | None = None,
    scope: Scope | None = None,
    artifacts: bool = False,
) -> Callable[[K], K]:
    """Declare how AWS lists a kind; an operation's name alone stands for a call without particulars.

    Args:
        service: boto3's name of the service.
        listing: the call that lists the items, or that answers with the one there is.
        details: calls made for each item, whose answers are merged into it. The parameters of a call count as
            fields too, so a child carries the key of its parent.
        per: the parent kind: the listing is then made once for each of its records.
        where: which listed items count, before details are asked for: what AWS or a default put there does not.
        newest: read no more than so many items per listing; the report says when that cut something off. The
            operation must list the newest first.
        artifacts: whether a call reads what is in a user's file: that is done only where the user asks for it, so the
            kind can only be a further source of a check. Of a file no more than its beginning is read, as text.
        scope: by default `global` for the services that answer for the whole account, else `region`.
    """

    def declare(kind: K) -> K:
        kind.source = Source(
            service=service,
            listing=_call(listing),
            details=tuple(_call(detail) for detail in details),
            per=per,
            where=where,
            newest=newest,
            scope=scope or ("global" if service in GLOBAL_SERVICES else "region"),
            artifacts=artifacts,
        )
        return kind

    return declare


def _call(call: str | Call) -> Call:
    return Call(operation=call) if isinstance(call, str) else call


def source_of(kind: Kind) -> Source | None:
    """The kind's own source; a class that only inherits one is no kind of its own."""
    source: Source | None = kind.__dict__.get("source")
    return source


@functools.cache
def derivation_of(kind: Kind) -> Asks | None:
    """What a derived kind is built from, or None for a kind that AWS lists.

    Raises:
        TypeError: what it asks for can't be told, or it asks for a further source: a kind is whole or unknown.
    """
    if "derive" not in kind.__dict__:
        return None
    asks = Asks.of(kind.derive)  # type: ignore[attr-defined]  # only some have it
    if asks.further:
        raise TypeError(f"{kind.__qualname__}.derive may not give {min(asks.further)!r} a default")
    return asks


def parents_of(kind: Kind) -> tuple[Kind, ...]:
    """The kinds that must be known before this one can be.

    Raises:
        TypeError: the class is neither declared with `@resource` nor derived.
    """
    if (derivation := derivation_of(kind)) is not None:
        return tuple(derivation.kinds.values())
    source = source_of(kind)
    if source is None:
        raise TypeError(
            f"{kind.__module__}.{kind.__qualname__} says neither by @resource nor by derive() where it is from"
        )
    return (source.per,) if source.per else ()


def closure(kinds: Iterable[Kind]) -> list[Kind]:
    """The kinds with all that they rest on, each after what it rests on."""
    ordered: dict[Kind, None] = {}

    def add(kind: Kind, path: tuple[Kind, ...]) -> None:
        if kind in path:
            raise TypeError(f"{name_of(kind)} rests on itself")
        if kind not in ordered:
            for parent in parents_of(kind):
                add(parent, (*path, kind))
            ordered[kind] = None

    for kind in kinds:
        add(kind, ())
    return list(ordered)


def reads_files(kind: Kind) -> bool:
    """Whether a kind comes from what is in a user's files."""
    return (source := source_of(kind)) is not None and source.artifacts


def scope_of(kind: Kind) -> Scope:
    """`global` where one list holds for all regions."""
    if (source := source_of(kind)) is not None:
        return source.scope
    return "global" if all(scope_of(parent) == "global" for parent in parents_of(kind)) else "region"


def name_of(kind: Kind) -> str:
    """The kind's name in snapshots and texts: `sagemaker.Endpoint`, or `derived.MlBucket`."""
    source = source_of(kind)
    return f"{source.service if source else 'derived'}.{kind.__qualname__}"
