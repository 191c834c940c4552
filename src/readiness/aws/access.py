"""What IAM policy documents grant, and whom trust policies trust: read robustly, judged by a library's knowledge.

cloudsplaining knows which actions escalate privileges or leak data, and policy_sentry which actions there are. Taken
alone cloudsplaining judges one document at a time, takes only the literal `*` for a wide resource, takes any condition
for a limit, and any deny, however narrow, for a ban. So what it is given here are the actions that all documents of a
principal together grant on a resource of any name: it then cannot be wrong about what it does not look at.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any, Literal

STRANGER = "stranger-7f3a"
"""A name that nobody chose: a pattern that matches it limits nothing."""

LONGEST = 1 << 17
"""In characters; IAM allows 6,144 for a managed policy and S3 20 KB for a bucket's."""
EVERY_ACTION = ("*", "*:*")

CALLER_KEYS = (
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:principal",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:vpcsourceip",
    "s3:authtype",
    "s3:signature",
    "s3:tlsversion",
)
"""Beginnings of condition keys that say who asks, when, from where and how, but not for what."""

DECRYPTION = frozenset({"kms:Decrypt", "kms:ReEncryptFrom"})
"""Reading of data that cloudsplaining does not list and Security Hub does (KMS.1, KMS.2)."""


@dataclasses.dataclass(frozen=True)
class Condition:
    """One test of a statement, `StringEquals` of one key against some values; the key in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def negated(self) -> bool:
        """Whether it holds for all but the values."""
        return "not" in self.operator.lower()

    @property
    def limits(self) -> bool:
        """Whether it is about what is asked for, and not met by everything."""
        return not self.key.startswith(CALLER_KEYS) and any(value.strip("*") for value in self.values)


@dataclasses.dataclass(frozen=True)
class Statement:
    """A statement of a policy document; what it lacks is empty."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    principals: tuple[tuple[str, str], ...]

    @property
    def general(self) -> bool:
        """Whether it holds whatever is asked for: a narrowed allow and a narrow deny do not."""
        if self.effect == "Allow":
            return not any(condition.limits and not condition.negated for condition in self.conditions)
        return all(condition.limits and condition.negated for condition in self.conditions)

    def names(self, action: str) -> bool:
        """Whether its actions include this one."""
        if self.not_actions:
            return not any(_glob(pattern.lower()).fullmatch(action.lower()) for pattern in self.not_actions)
        return any(_glob(pattern.lower()).fullmatch(action.lower()) for pattern in self.actions)

    def reaches(self, arn: str) -> bool:
        """Whether its resources include this one."""
        if self.not_resources:
            return not any(_glob(pattern).fullmatch(arn) for pattern in self.not_resources)
        return any(_glob(pattern).fullmatch(arn) for pattern in self.resources)

    @property
    def everything(self) -> bool:
        """Whether it allows all actions on all resources, or all but some that leave the way to that open."""
        if self.effect != "Allow" or not self.general or not (self.not_resources or _all(self.resources)):
            return False
        if not self.not_actions and not any(pattern in EVERY_ACTION for pattern in self.actions):
            return False
        return {"iam:AttachRolePolicy", "iam:PutRolePolicy"} <= _reached(self)


def statements(document: Any) -> list[Statement]:
    """The statements of a document: a dict, or JSON text, URL-encoded or not.

    Raises:
        ValueError, TypeError: it can't be read, so nobody knows what it grants.
    """
    if isinstance(document, str):
        if len(document) > LONGEST:
            raise ValueError(f"a document of more than {LONGEST >> 10} KiB")
        document = _decoded(document)
    if not isinstance(document, Mapping):
        raise TypeError("no policy document")
    found = document.get("Statement")
    listed = found if isinstance(found, list) else [found]
    return [
        _statement(item) for item in listed if isinstance(item, Mapping) and item.get("Effect") in ("Allow", "Deny")
    ]


def _decoded(text: str) -> Any:
    for candidate in (text, urllib.parse.unquote(text)):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
        except RecursionError as problem:
            raise ValueError("a document that is nested too deeply") from problem
    raise ValueError("no JSON")


def _statement(item: Mapping[str, Any]) -> Statement:
    principal = item.get("Principal")
    principals = principal if isinstance(principal, Mapping) else {"AWS": principal}
    tests = item.get("Condition")
    return Statement(
        effect=item["Effect"],
        actions=_strings(item.get("Action")),
        not_actions=_strings(item.get("NotAction")),
        resources=_strings(item.get("Resource")),
        not_resources=_strings(item.get("NotResource")),
        conditions=tuple(
            Condition(str(operator), str(key).lower(), _strings(values))
            for operator, keys in (tests.items() if isinstance(tests, Mapping) else ())
            for key, values in (keys.items() if isinstance(keys, Mapping) else ())
        ),
        principals=tuple((str(kind), name) for kind, names in principals.items() for name in _strings(names)),
    )


def _strings(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    # Several stars say what one says, and would be long to match.
    return tuple(re.sub(r"\*+", "*", str(item)) for item in values if isinstance(item, str | bool | int))


def administers(document: Any) -> bool:
    """Whether a document allows everything on everything."""
    return any(statement.everything for statement in statements(document))


@dataclasses.dataclass(frozen=True)
class Grants:
    """What a principal's documents together grant on resources of any name.

    It speaks of what policies grant: a service control policy or a resource's own policy may take it back.

    Attributes:
        actions: every such action.
        services: services of which all actions are granted by one pattern.
        escalations: ways to gain more than was granted, each as its actions joined by ' + '.
        management: actions that change who may do what.
        reading: actions that read data or secrets.
    """

    actions: frozenset[str]
    services: tuple[str, ...]
    escalations: tuple[str, ...]
    management: tuple[str, ...]
    reading: tuple[str, ...]


def grants(documents: Iterable[Any], boundary: Any = None) -> Grants:
    """What the documents grant together; `boundary`, the document of a permissions boundary, limits them all."""
    allowed = tuple(statement for document in documents for statement in statements(document))
    return _grants(allowed, None if boundary is None else tuple(statements(boundary)))


@functools.lru_cache(maxsize=512)
def _grants(allowed: tuple[Statement, ...], boundary: tuple[Statement, ...] | None) -> Grants:
    from cloudsplaining.scan.policy_document import PolicyDocument

    limit = _known("*") if boundary is None else _wide(boundary)
    actions = _wide(allowed) & limit
    if not actions:
        return Grants(actions, (), (), (), ())
    judged = PolicyDocument({"Statement": [{"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}]})
    escalations = {
        " + ".join(_canonical(action) for action in way["actions"]) for way in judged.allows_privilege_escalation
    }
    return Grants(
        actions=actions,
        services=_services(allowed, actions, limit),
        escalations=tuple(sorted(escalations, key=lambda way: (way.count("+"), way))),
        management=tuple(sorted(set(judged.permissions_management_without_constraints))),
        reading=tuple(sorted({*judged.allows_data_exfiltration_actions, *(actions & DECRYPTION)})),
    )


def _wide(found: Iterable[Statement]) -> frozenset[str]:
    """The actions that the statements allow on a resource of any name, less those that they deny there."""
    effects: dict[str, set[str]] = {"Allow": set(), "Deny": set()}
    for statement in found:
        if statement.general:
            effects[statement.effect] |= _reached(statement)
    return frozenset(effects["Allow"] - effects["Deny"])


@functools.lru_cache(maxsize=1024)
def _reached(statement: Statement) -> frozenset[str]:
    """The actions of a statement that reach a resource of any name."""
    actions = _expanded(statement.actions) if statement.actions else _known("*") - _expanded(statement.not_actions)
    if not statement.not_actions and not statement.actions:
        return frozenset()
    if statement.not_resources:
        return frozenset(action for action in actions if not _covered(action, statement.not_resources))
    if _all(statement.resources):
        return actions
    services = {_part(pattern, 2) for pattern in statement.resources}
    near = actions if "" in services else (action for action in actions if action.partition(":")[0] in services)
    return frozenset(action for action in near if _covered(action, statement.resources))


def _all(patterns: Iterable[str]) -> bool:
    """Whether one of the patterns matches whatever there is."""
    return any(_glob(pattern).fullmatch(":".join(["arn", _part(pattern, 1), *[STRANGER] * 4])) for pattern in patterns)


def _part(pattern: str, index: int) -> str:
    """A part of an ARN that is written out; nothing where it is left open."""
    parts = pattern.split(":", 5)
    return parts[index] if index < len(parts) and not re.search(r"[*?]", parts[index]) else ""


def _covered(action: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern covers some kind of resource of the action whole, region and account aside."""
    return any(_covers(pattern, form) for form in _forms(action) for pattern in patterns)


@functools.lru_cache(maxsize=65536)
def _covers(pattern: str, form: str) -> bool:
    known = {"Partition": _part(pattern, 1), "Region": _part(pattern, 3), "Account": _part(pattern, 4)}
    stranger = re.sub(r"\$\{(\w+)\}", lambda name: known.get(name[1]) or STRANGER, form)
    return _glob(pattern).fullmatch(stranger) is not None


@functools.cache
def _forms(action: str) -> tuple[str, ...]:
    """The forms of the ARNs that an action is about, such as `arn:${Partition}:s3:::${BucketName}`."""
    from policy_sentry.querying.actions import get_action_data

    service, _, name = action.partition(":")
    rows = (get_action_data(service, name) or {}).get(service, [])
    return tuple({str(row["resource_arn_format"]) for row in rows} - {"*"})


@functools.cache
def _known(service: str) -> frozenset[str]:
    """The actions of a service, or of all."""
    from policy_sentry.querying.actions import get_actions_for_service
    from policy_sentry.querying.all import get_all_actions

    return frozenset(get_all_actions() if service == "*" else get_actions_for_service(service_prefix=service))


@functools.cache
def _expanded(patterns: tuple[str, ...]) -> frozenset[str]:
    """The known actions that some patterns match; IAM does not look at the case of actions."""
    found: set[str] = set()
    for pattern in patterns:
        if pattern in EVERY_ACTION:
            return _known("*")
        matcher = _glob(pattern.lower())
        found |= {action for action in _known(pattern.partition(":")[0].lower()) if matcher.fullmatch(action.lower())}
    return frozenset(found)


def _canonical(action: str) -> str:
    return next(iter(sorted(_expanded((action,)))), action)


def _services(allowed: Iterable[Statement], actions: frozenset[str], limit: frozenset[str]) -> tuple[str, ...]:
    """The services of which a pattern grants all, on resources of any name; `*` where it grants all of them."""
    names: set[str] = set()
    for statement in allowed:
        if statement.effect == "Allow" and statement.general:
            for pattern in statement.actions:
                service, _, rest = pattern.lower().partition(":")
                whole = _reached(statement) & _known("*" if pattern in EVERY_ACTION else service)
                if not (pattern in EVERY_ACTION or (rest and not rest.strip("*"))):
                    continue
                if whole <= limit and whole & actions:
                    open_ended = pattern in EVERY_ACTION and (statement.not_resources or _all(statement.resources))
                    names |= {"*"} if open_ended else {action.partition(":")[0] for action in whole}
    return tuple(sorted(names))


@functools.lru_cache(maxsize=4096)
def _glob(pattern: str) -> re.Pattern[str]:
    """IAM's wildcards: `*` for any text, `?` for one character.

    What stands between two `*` is sought once and not again (an atomic group), so that no pattern takes for ever.
    """
    first, *rest = ("".join("." if char == "?" else re.escape(char) for char in part) for part in pattern.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    *between, last = rest
    return re.compile(first + "".join(f"(?>.*?{part})" for part in between) + ".*" + last, re.DOTALL)


def rewrites_itself(documents: Iterable[Any], role: str, policies: Iterable[str]) -> tuple[str, ...]:
    """Actions by which a role may grant itself anything: on its own name, or on a policy that is attached to it.

    A pattern such as `role/ml-*` is no wildcard, and yet may name the very role that holds it.
    """
    own = [("iam:AttachRolePolicy", role), ("iam:PutRolePolicy", role)]
    own += [(action, arn) for arn in policies for action in ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion")]
    found = [statement for document in documents for statement in statements(document)]

    def holds(effect: str, action: str, arn: str) -> bool:
        return any(
            statement.effect == effect and statement.general and statement.names(action) and statement.reaches(arn)
            for statement in found
        )

    return tuple(
        sorted({action for action, arn in own if holds("Allow", action, arn) and not holds("Deny", action, arn)})
    )
