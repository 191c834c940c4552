"""What IAM's identity policies allow: statements, conditions, variables, and the boundary that limits them."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import ipaddress
import json
import re
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

Decision = Literal["allowed", "explicitDeny", "implicitDeny"]
Context = Mapping[str, tuple[str, ...]]
"""Values of condition keys, the keys in lower case."""


@dataclasses.dataclass(frozen=True)
class Policy:
    """A policy document with its origin.

    Attributes:
        name: of the policy.
        kind: IAM's word for where it comes from: user, group, role, aws-managed, user-managed or resource.
        document: as JSON text.
    """

    name: str
    kind: str
    document: str

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements, of which a document may hold one without a list."""
        found = _decoded(self.document).get("Statement", [])
        return found if isinstance(found, list) else [found]


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """How a request comes out.

    Attributes:
        decision: in IAM's words.
        matched: the policies that decide it.
        missing: the condition keys that were asked for and not known.
    """

    decision: Decision
    matched: tuple[Policy, ...] = ()
    missing: tuple[str, ...] = ()


@functools.lru_cache(maxsize=1024)
def _decoded(document: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document if "{" in document else urllib.parse.unquote(document))
    return found


def evaluate(
    policies: Iterable[Policy], action: str, resource: str = "*", context: Context | None = None
) -> Evaluation:
    """What some policies say together: a deny wins, and what nobody allows is denied.

    Args:
        policies: those that hold for who asks.
        action: `service:Action`.
        resource: its ARN; `*` stands for all, so that only a pattern that takes in all meets it.
        context: what is known of the request.
    """
    known = context or {}
    effects: dict[str, dict[Policy, None]] = {"Allow": {}, "Deny": {}}
    missing: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            if _concerns(statement, action, resource, known) and _holds(statement, known, missing):
                effects[statement["Effect"]][policy] = None
    if effects["Deny"]:
        return Evaluation("explicitDeny", tuple(effects["Deny"]), tuple(missing))
    if effects["Allow"]:
        return Evaluation("allowed", tuple(effects["Allow"]), tuple(missing))
    return Evaluation("implicitDeny", (), tuple(missing))


def _concerns(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    actions = listed(statement.get("NotAction", statement.get("Action")))
    if any(pattern(one.lower()).fullmatch(action.lower()) for one in actions) == ("NotAction" in statement):
        return False
    resources = [_filled(one, context) for one in listed(statement.get("NotResource", statement.get("Resource", "*")))]
    return any(pattern(one).fullmatch(resource) for one in resources) != ("NotResource" in statement)


def _holds(statement: Mapping[str, Any], context: Context, missing: dict[str, None]) -> bool:
    tests = [
        (operator, key, [_filled(value, context) for value in listed(values)])
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    missing |= dict.fromkeys(key for operator, key, _ in tests if key.lower() not in context and operator != "Null")
    return all(_meets(operator, context.get(key.lower()), values) for operator, key, values in tests)


def listed(value: Any) -> list[str]:
    """A value of a policy that may be one or several; booleans and numbers as IAM writes them."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


@functools.lru_cache(maxsize=16384)
def pattern(text: str) -> re.Pattern[str]:
    """The matcher of a text in which `*` stands for anything and `?` for one character."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in text), re.DOTALL)


def _filled(text: str, context: Context) -> str:
    """A text with IAM's variables, `${aws:username}`, replaced by what is known."""

    def value(found: re.Match[str]) -> str:
        if found[1] in ("*", "?", "$"):
            return found[1]
        return next(iter(context.get(found[1].partition(",")[0].strip().lower(), ())), found[0])

    return re.sub(r"\$\{([^}]+)\}", value, text) if "${" in text else text


def _meets(operator: str, actual: tuple[str, ...] | None, expected: list[str]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name == "Null":
        return (actual is None) == (expected == ["true"])
    negated = "Not" in name
    test = _TESTS.get(name.replace("Not", ""))
    if test is None:
        raise ValueError(f"IAM has no condition operator {operator}.")
    if actual is None:
        return optional or negated or quantifier == "ForAllValues"
    each = [any(_true(test, value, wanted) for wanted in expected) != negated for value in actual]
    # A value that must not be among several is met by none of them; only ForAnyValue takes one that is not.
    return any(each) if quantifier == "ForAnyValue" or not (negated or quantifier) else all(each)


def _true(test: Callable[[str, str], bool], value: str, wanted: str) -> bool:
    try:
        return test(value, wanted)
    except ValueError:
        return False


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()


def _like(value: str, wanted: str) -> bool:
    return pattern(wanted).fullmatch(value) is not None


def _ordered(kind: str, number: Callable[[str], float]) -> dict[str, Callable[[str, str], bool]]:
    return {
        f"{kind}Equals": lambda value, wanted: number(value) == number(wanted),
        f"{kind}LessThan": lambda value, wanted: number(value) < number(wanted),
        f"{kind}LessThanEquals": lambda value, wanted: number(value) <= number(wanted),
        f"{kind}GreaterThan": lambda value, wanted: number(value) > number(wanted),
        f"{kind}GreaterThanEquals": lambda value, wanted: number(value) >= number(wanted),
    }


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "BinaryEquals": str.__eq__,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "IpAddress": lambda value, wanted: ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False),
    **_ordered("Numeric", float),
    **_ordered("Date", _moment),
}
"""IAM's condition operators without their `Not`, `IfExists` and quantifiers."""


def identity_policies(iam: Any, arn: str) -> tuple[list[Policy], list[Policy]]:
    """The policies of a user, group, role or session of a role, and that of its boundary if it has one.

    Args:
        iam: moto's state of IAM.
        arn: of whom they are asked.

    Raises:
        KeyError: nobody has this ARN.
    """
    sort, _, path = arn.split(":", 5)[5].partition("/")
    if sort == "assumed-role":
        sort, path = "role", path.partition("/")[0]
    name = path.rpartition("/")[2]
    holders = {"user": iam.users, "role": iam.roles, "group": iam.groups}[sort]
    holder = next((one for one in holders.values() if one.name == name), None)
    if holder is None:
        raise KeyError(arn)
    groups = [group for group in iam.groups.values() if sort == "user" and holder in group.users]
    own = [policy for one in (holder, *groups) for policy in _policies_of(one)]
    boundary = iam.managed_policies.get(getattr(holder, "permissions_boundary_arn", None))
    return own, [_managed(boundary)] if boundary else []


def _policies_of(holder: Any) -> list[Policy]:
    inline = [Policy(name, type(holder).__name__.lower(), document) for name, document in holder.policies.items()]
    return inline + [_managed(policy) for policy in holder.managed_policies.values()]


def _managed(policy: Any) -> Policy:
    document = next(version.document for version in policy.versions if version.is_default)
    return Policy(policy.name, "aws-managed" if ":iam::aws:" in policy.arn else "user-managed", document)
