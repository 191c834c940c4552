"""The one path by which every call to AWS goes: guard, clients, retries, paging, counting, errors as values."""

from __future__ import annotations

import collections
import contextlib
import json
import threading
import time
import urllib.parse
from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any
from xml.etree import ElementTree

import boto3
import botocore.awsrequest
import botocore.config
import botocore.exceptions
import botocore.model
import jmespath
from botocore import xform_name

from readiness import __version__, enumerated, failures
from readiness.kinds import Call
from readiness.pace import Pace
from readiness.snapshot import CallError

CREDENTIALS = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "sts:GetCallerIdentity",
        "sso:GetRoleCredentials",
        "sso-oidc:CreateToken",
        "signin:CreateOAuth2Token",
    }
)
"""What botocore's own credential providers call, and the question who one is."""

ATTEMPTS = 5
"""How often a call is tried in all."""
MOST_PAGES = 2_000
"""How many pages a list may have: more is a token that leads nowhere."""
MOST_OF_A_FILE = 1 << 18
"""How many bytes are read of a user's file, where that may be read at all."""
TOKENS = frozenset({"nexttoken", "nextpagetoken", "marker"})
"""How services call the token of the next page, in lower case, where question and answer share the name."""
PAGE_SIZES = frozenset({"limit", "maxbuckets", "maxitems", "maxkeys", "maxrecords", "maxresults", "pagesize"})
"""How services call the size of a page, in lower case."""


class CallFailed(Exception):
    """A call did not give an answer; `error` says which, where and why."""

    def __init__(self, error: CallError) -> None:
        super().__init__(error)
        self.error = error


class Absent(Exception):
    """There is none: AWS said so, in an error that the call names, or does not offer the service in the region."""


class RefusedCall(Exception):
    """An operation that no selected check declares; refused before anything was sent."""


class UnreadableAnswer(failures.Said):
    """AWS's answer did not arrive whole, or is not AWS's."""


class UnknownValue(failures.Said):
    """AWS's answer has a value of an enumeration that is newer than botocore's model of the service."""


class Caller:
    """Makes read-only calls; safe to use from many threads.

    Args:
        session: where credentials and regions come from. The guard is set on its event hooks, so it holds for every
            client that is made from it afterwards.
        operations: what may be called, as `service:Operation`.
        endpoint_url: one endpoint for all services, such as an emulator's.
        max_workers: how many calls run at once; sizes the connection pools.
        pace: how fast calls may follow each other.
        judged: the members of an operation's answer whose values must be known to its model.
    """

    def __init__(
        self,
        session: boto3.Session,
        operations: frozenset[str],
        endpoint_url: str | None,
        max_workers: int,
        pace: Pace | None = None,
        judged: Mapping[str, Set[enumerated.Mark]] | None = None,
    ) -> None:
        self.calls: collections.Counter[str] = collections.Counter()
        self._session = session
        self._allowed = operations | CREDENTIALS
        self._endpoint_url = endpoint_url
        self._pace = pace or Pace()
        self._judged = judged or {}
        self._searches: dict[str, enumerated.Search] = {}
        self._sent: dict[int, float] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._operations: dict[tuple[str, str, str], _Operation] = {}
        self._lock = threading.Lock()
        self._config = botocore.config.Config(
            # Retries as the AWS CLI's, and slower from the first refusal for too many calls on.
            retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=max_workers,
            user_agent_extra=f"readiness/{__version__}",
        )
        session.events.register_first("before-call", self._guard)
        session.events.register_first("before-send", self._begin)
        session.events.register_first("response-received", self._end)
        session.events.register_first("before-parse", _whole)
        session.events.register_first("after-call", self._known)

    def items(
        self, service: str, region: str, call: Call, parameters: Mapping[str, Any], newest: int | None = None
    ) -> tuple[list[Any], bool]:
        """All items that a listing answers, over all its pages, and whether `newest` cut some off.

        Raises:
            Absent: there is nothing that could be listed.
            CallFailed: the call or one of its pages failed, so that the list is not whole.
        """
        with self._reaching(service, region, call) as listing:
            cut: list[bool] = []
            take = listing.take(call)
            found = [item for page in listing.pages(parameters, newest, cut) for item in taken(page, take)]
            return found, any(cut)

    def pages(
        self, service: str, region: str, call: Call, parameters: Mapping[str, Any], newest: int | None = None
    ) -> tuple[list[dict[str, Any]], bool]:
        """The whole pages of a listing from which several kinds take their items; otherwise as `items`."""
        with self._reaching(service, region, call) as listing:
            cut: list[bool] = []
            return list(listing.pages(parameters, newest, cut)), any(cut)

    def take(self, service: str, region: str, call: Call) -> str | None:
        """Where in a page the items are: what the kind says, or what the paginator pages over."""
        with self._reaching(service, region, call) as listing:
            return listing.take(call)

    def answer(self, service: str, region: str, call: Call, parameters: Mapping[str, Any]) -> Any:
        """The answer of a call that adds details (all pages joined), or what `take` finds in it.

        Raises:
            Absent: there are no such details.
            CallFailed: the call failed otherwise.
        """
        with self._reaching(service, region, call) as listing:
            whole = listing.whole(parameters)
            return jmespath.search(call.take, whole) if call.take else whole

    def required(self, service: str, region: str, operation: str) -> list[str]:
        """The parameters that an operation can't do without, from botocore's model."""
        client = self.client(service, region)
        shape = client.meta.service_model.operation_model(operation).input_shape
        return list(shape.required_members) if shape else []

    def sent(self, thread: int) -> float | None:
        """When the attempt that a thread has under way was sent, by `time.monotonic`."""
        return self._sent.get(thread)

    def has_client(self, service: str, region: str) -> bool:
        """Whether the client for a service in a region is made already."""
        return (service, region) in self._clients

    def client(self, service: str, region: str) -> Any:
        """The client for a service in a region; making one is neither quick nor thread-safe, so each is made once."""
        # Who wants a client that is there must not wait for others that are being made.
        if (made := self._clients.get((service, region))) is not None:
            return made
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url=self._endpoint_url,
                    config=self._config,
                )
            return self._clients[service, region]

    @contextlib.contextmanager
    def _reaching(self, service: str, region: str, call: Call) -> Iterator[_Operation]:
        """Turn whatever a call raises into a value: a failed call must cost its own kind and no more."""
        try:
            yield self._operation(service, region, call.operation)
        # Besides botocore's errors, parsers, emulators and proxies raise nearly anything.
        except Exception as problem:
            if self._is_nowhere(problem, service, region):
                raise Absent from problem
            code = failures.code_of(problem)
            if isinstance(problem, botocore.exceptions.ClientError):
                message = str(problem.response.get("Error", {}).get("Message", ""))
                if call.says_none(code, message):
                    raise Absent from problem
            error = CallError(f"{service}:{call.operation}", region, code, failures.words(problem))
            raise CallFailed(error) from problem

    def _is_nowhere(self, problem: Exception, service: str, region: str) -> bool:
        """Whether AWS does not offer a service in a region: its name there leads nowhere, and botocore knows of none.

        The list alone would not do, for it is older than the newest regions of a service.
        """
        if not isinstance(problem, botocore.exceptions.EndpointConnectionError):
            return False
        host = urllib.parse.urlsplit(str(problem.kwargs.get("endpoint_url"))).hostname or ""
        known = self._session.get_available_regions(service, self._session.get_partition_for_region(region))
        return f".{region}." in host and bool(known) and region not in known

    def _operation(self, service: str, region: str, name: str) -> _Operation:
        place = (service, region, name)
        if place not in self._operations:
            self._operations[place] = _Operation(self.client(service, region), name)
        return self._operations[place]

    def _guard(
        self, model: botocore.model.OperationModel, context: Mapping[str, Any] | None = None, **_: object
    ) -> None:
        operation = f"{model.service_model.service_name}:{model.name}"
        if operation not in self._allowed:
            raise RefusedCall(f"{operation} is not declared by any selected check")
        if operation not in CREDENTIALS:
            with self._lock:
                self.calls[operation] += 1
            region = str((context or {}).get("client_region", ""))
            self._pace.wait(model.service_model.service_name, model.name, region)

    def _begin(self, **_: object) -> None:
        self._sent[threading.get_ident()] = time.monotonic()

    def _end(self, **_: object) -> None:
        self._sent.pop(threading.get_ident(), None)

    def _known(
        self,
        model: botocore.model.OperationModel,
        http_response: botocore.awsrequest.AWSResponse,
        parsed: Mapping[str, Any],
        **_: object,
    ) -> None:
        operation = f"{model.service_model.service_name}:{model.name}"
        if operation not in self._judged or http_response.status_code >= 300:
            return
        if operation not in self._searches:
            self._searches[operation] = enumerated.unheard_of(model, self._judged[operation])
        if (name := self._searches[operation](parsed)) is not None:
            raise UnknownValue(f"{name} has a value that this boto3 does not know: a newer one may")


def _whole(operation_model: botocore.model.OperationModel, response_dict: Mapping[str, Any], **_: object) -> None:
    """Refuse an answer that is no answer: botocore takes a body of JSON that was cut short for an empty one."""
    shape = operation_model.output_shape
    if response_dict["status_code"] >= 300 or shape is None or operation_model.has_streaming_output:
        return
    body = response_dict["body"]
    told = response_dict["headers"].get("content-length")
    if told is not None and str(told).isdigit() and int(told) != len(body):
        raise UnreadableAnswer(f"the answer has {len(body)} bytes of {told}")
    if all(member.serialization.get("location") for member in shape.members.values()):
        return
    if not body:
        raise UnreadableAnswer("the answer is empty")
    payload = shape.members.get(shape.serialization.get("payload", ""))
    if payload is not None and payload.type_name in ("blob", "string"):
        return
    inner = payload if payload is not None else shape
    protocol = str(operation_model.service_model.resolved_protocol)
    if "json" in protocol:
        found = _json(body)
        _is_known(inner, found, bool(found))
    elif protocol in ("ec2", "rest-xml"):
        root = _xml(body)
        if protocol == "ec2" and _local(root) != f"{operation_model.name}Response":
            raise UnreadableAnswer("the answer is to no question of ours")
        _is_known(inner, {_local(child) for child in root}, bool(len(root)) or bool((root.text or "").strip()))


def _is_known(shape: botocore.model.Shape, found: Collection[str], filled: bool) -> None:
    """Refuse an answer that has nothing of what AWS's has: taken for AWS's, it would tell of an empty account."""
    members = shape.members.items() if shape.type_name == "structure" else ()
    known = {member.serialization.get("name", name) for name, member in members} | {name for name, _ in members}
    known |= {part for _, member in members if (part := _flat(member))} | {"ResponseMetadata", "requestId", "RequestId"}
    if members and filled and known.isdisjoint(found):
        raise UnreadableAnswer("the answer holds nothing that this operation tells")


def _flat(member: botocore.model.Shape) -> str | None:
    """The name by which the items of a list stand in XML without a list around them."""
    if member.type_name == "list" and member.serialization.get("flattened"):
        name: str | None = member.member.serialization.get("name")
        return name
    return None


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as problem:
        raise UnreadableAnswer(f"the answer is no JSON: {problem}") from problem
    if not isinstance(found, dict):
        raise UnreadableAnswer("the answer is no JSON object")
    return found


def _xml(body: bytes) -> ElementTree.Element:
    try:
        # As botocore parses it next: expat refuses what would grow, and external entities are not followed.
        return ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError as problem:
        raise UnreadableAnswer(f"the answer is no XML: {problem}") from problem


def _local(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def taken(page: Mapping[str, Any], take: str | None) -> list[Any]:
    """The items of a page: a list, or the one thing that stands there."""
    found = jmespath.search(take, page) if take else page
    if found is None:
        return []
    return list(found) if isinstance(found, list) else [found]


class _Operation:
    """An operation of a client, and how its pages are asked for: learnt once, for a paginator takes long to make."""

    def __init__(self, client: Any, name: str) -> None:
        method = xform_name(name)
        model = client.meta.service_model.operation_model(name)
        inputs, outputs = (set(shape.members) if shape else set() for shape in (model.input_shape, model.output_shape))
        self._name = name
        self._call = getattr(client, method)
        self._paginator = client.get_paginator(method) if client.can_paginate(method) else None
        self._page_size = _page_size(model)
        self._streamed = model.output_shape.serialization.get("payload") if model.has_streaming_output else None
        self._token = next((token for token in sorted(inputs & outputs) if token.lower() in TOKENS), None)

    def take(self, call: Call) -> str | None:
        """Where in a page the items are."""
        if call.take or not self._paginator:
            return call.take
        keys = [str(key.expression) for key in self._paginator.result_keys]
        if len(keys) != 1:
            raise TypeError(f"{self._name} pages over {', '.join(keys)}: the kind must say which it takes")
        return keys[0]

    def pages(self, parameters: Mapping[str, Any], newest: int | None, cut: list[bool]) -> Iterator[dict[str, Any]]:
        """The pages, to their end or to the newest so many items; `cut` is told whether there are more."""
        if not self._paginator:
            yield from self._followed(parameters)
            return
        limits = {**self._page_size, **({"MaxItems": newest} if newest else {})}
        pages = self._paginator.paginate(**parameters, PaginationConfig=limits)
        for number, page in enumerate(pages):
            if number == MOST_PAGES:
                raise botocore.exceptions.PaginationError(message=f"more than {MOST_PAGES} pages")
            yield page
        cut.append(bool(newest and pages.resume_token))

    def whole(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, with the lists of all its pages joined."""
        if self._paginator:
            return dict(self._paginator.paginate(**parameters, PaginationConfig=self._page_size).build_full_result())
        whole: dict[str, Any] = {}
        for page in self._followed(parameters):
            _join(whole, page)
        return whole

    def _followed(self, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The pages of an operation for which botocore has no paginator: by its token, where it has one."""
        request, seen = dict(parameters), set()
        for _ in range(MOST_PAGES):
            answer: dict[str, Any] = self._call(**request)
            answer.pop("ResponseMetadata", None)
            following = answer.pop(self._token, None) if self._token else None
            if self._streamed:
                # What is longer is cut, and the bytes of a character that was cut with it are left out.
                answer[self._streamed] = answer[self._streamed].read(MOST_OF_A_FILE).decode("utf-8", "ignore")
            yield answer
            if not self._token or not following:
                return
            if following in seen:
                raise botocore.exceptions.PaginationError(message="the same token again")
            seen.add(following)
            request[self._token] = following
        raise botocore.exceptions.PaginationError(message=f"more than {MOST_PAGES} pages")


def _join(whole: dict[str, Any], page: Mapping[str, Any]) -> None:
    """Lists of later pages go behind those of earlier ones; what is no list is said by the first page."""
    for name, value in page.items():
        if isinstance(value, list):
            whole[name] = [*whole.get(name, []), *value]
        else:
            whole.setdefault(name, value)


def _page_size(model: botocore.model.OperationModel) -> dict[str, int]:
    """The largest page that the service's model allows, so that a list takes the fewest calls."""
    members = model.input_shape.members if model.input_shape else {}
    sizes = [member.metadata.get("max") for name, member in members.items() if name.lower() in PAGE_SIZES]
    return {"PageSize": int(sizes[0])} if sizes and sizes[0] else {}
