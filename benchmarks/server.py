"""An AWS on loopback that answers from memory after a fixed latency, and counts each call.

The answers are recorded once, from a scan of the emulated account `ready` in this process; a larger account has clones
of some of its resources. What decides how fast a scan may be is then the latency and the scanner, not an emulator.

    GET  /-/calls                         what was asked since the last reset, and when
    POST /-/reset?clones=100&latency=0.06   forget the calls; how much larger the account is, how slow the answers
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime
import functools
import json
import re
import sys
import threading
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

from moto.core.request import Request, normalize_request
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from readiness import accounts, packs
from readiness.emulator.routing import parameters, protocol, route
from readiness.scan import scan

ACCOUNT = "ready"
CLONE = re.compile(r"-bench\d{5}")
"""What tells the name of a clone from that of its original."""
TOKEN = "bench-"  # noqa: S105  # a page's, not a secret
TOKENS = frozenset({"NextToken", "nextToken", "Marker", "ContinuationToken"})

Parameters = Mapping[str, Any]
Key = tuple[str, str, str]
"""A call: service, operation, parameters as JSON."""


@dataclasses.dataclass(frozen=True)
class Family:
    """Resources of which a larger account has more: clones of one that was recorded.

    Attributes:
        service: boto3's name of the service.
        operation: what lists them.
        given: the parameters that tell this list from others of the operation.
        items: where the list is in the answer.
        name: where its name is in an item; a dotted path.
        share: of each 15,000 clones, how many are of this family.
        token: the token of the next page, in the question and in the answer.
        size: the parameter that gives the size of a page, its default and its maximum.
        original: the name of the one to clone; by default the first that is listed.
        follows: operations of the families whose originals it names; a clone names their clones in turn.
    """

    service: str
    operation: str
    items: str
    name: str
    share: int
    token: tuple[str, str]
    size: tuple[str, int]
    given: tuple[tuple[str, str], ...] = ()
    original: str = ""
    follows: tuple[str, ...] = ()

    def is_listed_by(self, service: str, operation: str, parameters: Parameters) -> bool:
        """Whether a call lists this family."""
        same = (service, operation) == (self.service, self.operation)
        return same and all(parameters.get(name) == value for name, value in self.given)

    def size_of(self, asked: Asked) -> int:
        """How many a page of it has."""
        return int(asked.parameters.get(self.size[0]) or self.size[1])


FAMILIES = (
    Family(
        service="sagemaker",
        operation="Search",
        given=(("Resource", "TrainingJob"),),
        items="Results",
        name="TrainingJob.TrainingJobName",
        share=5000,
        token=("NextToken", "NextToken"),
        size=("MaxResults", 100),
        follows=("ListBuckets", "GetAccountAuthorizationDetails"),
    ),
    Family(
        service="iam",
        operation="GetAccountAuthorizationDetails",
        items="RoleDetailList",
        name="RoleName",
        share=2000,
        token=("Marker", "Marker"),
        size=("MaxItems", 100),
        original="ml-training",
    ),
    Family(
        service="s3",
        operation="ListBuckets",
        items="Buckets",
        name="Name",
        share=1000,
        token=("ContinuationToken", "ContinuationToken"),
        size=("MaxBuckets", 1000),
        original="churn-data-123456789012",
    ),
    Family(
        service="logs",
        operation="DescribeLogGroups",
        given=(("logGroupNamePrefix", "/aws/sagemaker/"),),
        items="logGroups",
        name="logGroupName",
        share=2000,
        token=("nextToken", "nextToken"),
        size=("limit", 50),
    ),
    Family(
        service="sagemaker",
        operation="ListModels",
        items="Models",
        name="ModelName",
        share=1000,
        token=("NextToken", "NextToken"),
        size=("MaxResults", 10),
    ),
    Family(
        service="cloudwatch",
        operation="DescribeAlarms",
        items="MetricAlarms",
        name="AlarmName",
        share=3000,
        token=("NextToken", "NextToken"),
        size=("MaxRecords", 50),
    ),
    Family(
        service="ec2",
        operation="DescribeSecurityGroups",
        items="SecurityGroups",
        name="GroupId",
        share=1000,
        token=("NextToken", "NextToken"),
        size=("MaxResults", 1000),
    ),
)
WHOLE = sum(family.share for family in FAMILIES)


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer as it goes over the wire."""

    status: int
    content_type: str
    body: bytes
    error: str = ""

    @functools.cached_property
    def wire(self) -> bytes:
        """The whole response."""
        kind = f"x-amzn-errortype: {self.error}\r\n" if self.error else ""
        head = f"HTTP/1.1 {self.status} -\r\ncontent-type: {self.content_type}\r\n{kind}content-length: "
        return f"{head}{len(self.body)}\r\nx-amzn-requestid: 0\r\n\r\n".encode() + self.body


@dataclasses.dataclass
class Recording:
    """What was recorded: answers as they were, and, of listings, as botocore parsed them."""

    answers: dict[Key, Answer] = dataclasses.field(default_factory=dict)
    parsed: dict[Key, dict[str, Any]] = dataclasses.field(default_factory=dict)
    asked: dict[Key, Asked] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Asked:
    """A call as it came: which operation of which service, in which region and protocol, with which parameters."""

    region: str
    service: str
    operation: str
    protocol: str
    parameters: dict[str, Any]

    @property
    def key(self) -> Key:
        """The call by what stays the same from scan to scan, and in all regions: a moment does not."""
        moments = (datetime.datetime, datetime.date)
        lasting = {name: value for name, value in self.parameters.items() if not isinstance(value, moments)}
        return self.service, self.operation, json.dumps(lasting, sort_keys=True, default=str)


def understood(request: Request) -> Asked:
    """The call that a signed request makes.

    Raises:
        LookupError: no service that the request is signed for has such an operation.
    """
    routed = route(request)
    if routed is None:
        raise LookupError(f"{request.method} {request.path}")
    given = {name: value for name, value in parameters(request, routed).items() if value != []}
    return Asked(routed.region, *routed.key, protocol(request, routed), given)


def record() -> Recording:
    """The answers that a scan of the emulated account gets."""
    recording = Recording()
    own = threading.local()

    def asking(request: Any, **_: Any) -> None:
        asked = understood(normalize_request(request))
        own.key = asked.key
        recording.asked[asked.key] = asked

    def answered(response_dict: dict[str, Any], parsed_response: dict[str, Any] | None, **_: Any) -> None:
        parsed = parsed_response or {}
        headers = {name.lower(): value for name, value in response_dict["headers"].items()}
        status = response_dict["status_code"]
        error = parsed.get("Error", {}).get("Code", "") if status >= 400 else ""
        body = response_dict["body"]
        recording.answers[own.key] = Answer(status, headers.get("content-type", "text/xml"), body, error)
        recording.parsed[own.key] = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}

    library = packs.load([], None)
    with accounts.in_process(library, ACCOUNT) as (session, identity, regions):
        session.events.register("before-send", asking)
        session.events.register("response-received", answered)
        session.client("sts").get_caller_identity()
        scan(session, identity, regions, library.exam.id, library.checks, max_workers=4)
    return recording


class Account:
    """The recorded account with clones: gives the answer to any call of a scan, the same for the same call."""

    def __init__(self, recording: Recording, clones: int) -> None:
        self._recording = recording
        self._counts = {family: family.share * clones // WHOLE for family in FAMILIES}
        self._originals = {family: self._original(family) for family in FAMILIES}
        self._pages: dict[tuple[Family, str, int, int], Answer] = {}
        self._prepare()

    def answer(self, asked: Asked) -> Answer:
        """The answer to a call.

        Raises:
            LookupError: nothing like it was recorded.
        """
        for family in FAMILIES:
            if self._counts[family] and family.is_listed_by(asked.service, asked.operation, asked.parameters):
                token = str(asked.parameters.get(family.token[0]) or f"{TOKEN}0")
                return self._page(family, asked, int(token.removeprefix(TOKEN)))
        found = self._recording.answers.get(asked.key)
        return found if found is not None else self._of_clone(asked)

    def _of_clone(self, asked: Asked) -> Answer:
        """What was recorded of the original, with the clone's name in it."""
        service, operation, text = asked.key
        found = self._recording.answers.get((service, operation, CLONE.sub("", text)))
        if found is None:
            raise LookupError(f"nothing was recorded of {service}:{operation} {text}")
        body = found.body
        for clone in {value for value in asked.parameters.values() if isinstance(value, str) and CLONE.search(value)}:
            body = body.replace(CLONE.sub("", clone).encode(), clone.encode())
        return dataclasses.replace(found, body=body)

    def _listed(self, family: Family) -> dict[str, Any]:
        for key, parsed in self._recording.parsed.items():
            if family.is_listed_by(key[0], key[1], json.loads(key[2])) and parsed.get(family.items):
                return parsed
        raise LookupError(f"{family.service}:{family.operation} was not recorded")

    def _original(self, family: Family) -> tuple[str, dict[str, Any]]:
        parsed = self._listed(family)
        named = {str(_at(item, family.name)): item for item in parsed[family.items]}
        name = family.original or next(iter(named))
        return name, named[name]

    def _prepare(self) -> None:
        """Make the pages before they are asked for: writing one takes longer than the latency."""
        for asked in self._recording.asked.values():
            for family in FAMILIES:
                if self._counts[family] and family.is_listed_by(asked.service, asked.operation, asked.parameters):
                    whole = len(self._listed(family)[family.items]) + self._counts[family]
                    for start in range(0, whole, family.size_of(asked)):
                        self._page(family, asked, start)

    def _page(self, family: Family, asked: Asked, start: int) -> Answer:
        """A page of a listing: what was recorded is on the first, then come the clones."""
        size = family.size_of(asked)
        place = (family, asked.protocol, start, size)
        if place not in self._pages:
            self._pages[place] = self._made(family, asked.protocol, start, size)
        return self._pages[place]

    def _made(self, family: Family, protocol: str, start: int, size: int) -> Answer:
        recorded = self._listed(family)
        there = recorded[family.items]
        whole = len(there) + self._counts[family]
        end = min(start + size, whole)
        items = there[start:end]
        items += [self._clone(family, index - len(there)) for index in range(max(start, len(there)), end)]
        others: dict[str, Any] = recorded if start == 0 else dict.fromkeys(recorded)
        result = {name: value for name, value in others.items() if value is not None and name not in TOKENS}
        result |= {family.items: items} | ({family.token[1]: f"{TOKEN}{end}"} if end < whole else {})
        if family.operation == "GetAccountAuthorizationDetails":
            result["IsTruncated"] = end < whole
        return serialized(family.service, family.operation, protocol, result)

    def _clone(self, family: Family, index: int) -> dict[str, Any]:
        name, item = self._originals[family]
        names = {name: f"{name}-bench{index:05}"}
        for other, (original, _) in self._originals.items():
            if other.operation in family.follows:
                names[original] = f"{original}-bench{index % max(1, self._counts[other]):05}"
        cloned: dict[str, Any] = _renamed(item, names)
        return cloned


def _at(item: Any, path: str) -> Any:
    for name in path.split("."):
        item = item[name]
    return item


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    if isinstance(value, str):
        for name, clone in names.items():
            value = value.replace(name, clone)
    return value


def serialized(service: str, operation: str, protocol: str, result: dict[str, Any]) -> Answer:
    """An answer as the protocol writes it."""
    model = get_service_model(service)
    made = get_serializer_class(service, protocol)(model.operation_model(operation)).serialize(result)
    body = made["body"]
    headers = {name.lower(): value for name, value in made["headers"].items()}
    content = body.encode() if isinstance(body, str) else body
    return Answer(made["status_code"], headers.get("content-type", "text/xml"), content)


@dataclasses.dataclass
class Log:
    """Which calls came, in which order and when; and which were not known."""

    calls: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    unknown: list[str] = dataclasses.field(default_factory=list)


class Server:
    """All connections' common state: the account, the latency and the log."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.reset(0, 0.0)

    def reset(self, clones: int, latency: float) -> None:
        """Begin anew, with an account of another size."""
        self._account = Account(self._recording, clones)
        self.latency = latency
        self.log = Log()

    def control(self, target: str) -> Answer:
        """What the benchmark asks of the server itself."""
        url = urllib.parse.urlsplit(target)
        if url.path == "/-/reset":
            wanted = dict(urllib.parse.parse_qsl(url.query))
            self.reset(int(wanted["clones"]), float(wanted["latency"]))
        told = {"calls": self.log.calls, "unknown": self.log.unknown}
        return Answer(200, "application/json", json.dumps(told, default=str).encode())

    def aws(self, request: Request, arrived: float) -> Answer:
        """The answer to a call, which is counted."""
        try:
            asked = understood(request)
            answer = self._account.answer(asked)
        except LookupError as problem:
            self.log.unknown.append(str(problem))
            return Answer(501, "application/json", b'{"message": "not recorded"}', "NotRecorded")
        self.log.calls.append(
            {
                "region": asked.region,
                "service": asked.service,
                "operation": asked.operation,
                "parameters": asked.parameters,
                "arrived": arrived,
                "worked": time.monotonic() - arrived,
                "answered": max(time.monotonic(), arrived + self.latency),
            }
        )
        return answer


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection; a client has one request under way on each."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the request is whole, no sooner than the latency after it came."""
        arrived = time.monotonic()
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(headers.get("content-length", "0")):
            return
        self._buffer = b""
        method, target, _ = first.split(" ")
        if target.startswith("/-/"):
            self._transport.write(self._server.control(target).wire)
            return
        request = Request.from_primitives(method, f"http://{headers['host']}{target}", headers, body)
        answer = self._server.aws(request, arrived)
        loop = asyncio.get_running_loop()
        loop.call_later(max(0.0, arrived + self._server.latency - time.monotonic()), self._send, answer)

    def _send(self, answer: Answer) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer.wire)


async def serve(recording: Recording, port: int) -> None:
    """Serve until the process ends; the first line of the output is the address."""
    server = Server(recording)
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(server), "127.0.0.1", port)
    sys.stdout.write("http://{}:{}\n".format(*listening.sockets[0].getsockname()[:2]))
    sys.stdout.flush()
    await listening.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    arguments = parser.parse_args()
    asyncio.run(serve(record(), arguments.port))
