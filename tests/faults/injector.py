"""A proxy before an emulated AWS that does to chosen operations what AWS, networks and proxies do on bad days."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import http.client
import itertools
import json
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.model import OperationModel
from moto.moto_server.werkzeug_app import BackendRequest, MotoRequestHandler
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from readiness.emulator.routing import route

UNTOUCHED = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "date", "server"})
"""Headers that belong to one hop."""
PATIENCE = 120
"""Seconds after which a hanging answer is given up by the server as well, so that no thread stays for ever."""
ENDLESS = 1 << 40
"""Bytes that are promised of an answer that never ends."""
POLL = 0.02
"""Seconds between two looks at whether the server is to stop: many injectors are made, each for a moment."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """One request on its way to the emulator.

    Attributes:
        operation: as `service:Operation`.
        model: the operation, by botocore's model.
        region: which region it is signed for.
        number: how many requests for this operation came before it, over all regions.
        body: the body of the request.
        wire: the connection that it came on.
        closing: set when the proxy is to stop.
        forward: gives the emulator's answer, to this body or to another.
    """

    operation: str
    model: OperationModel
    region: str
    number: int
    body: bytes
    wire: socket.socket
    closing: threading.Event
    forward: Callable[[bytes], Response]


Fault = Callable[[Asked], Response | None]
"""Answers a request in place of the emulator, or lets it pass with None."""


class Injector:
    """A WSGI application that passes requests on to an endpoint, unless a fault answers them.

    Args:
        endpoint: the emulated account's.
        faults: by operation (`service:Operation`), or `*` for all others.
    """

    def __init__(self, endpoint: str, faults: Mapping[str, Fault]) -> None:
        self.asked: collections.Counter[str] = collections.Counter()
        self.closing = threading.Event()
        self._address = urlsplit(endpoint).netloc
        self._faults = faults
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = BackendRequest(environ)
        body = request.get_data()
        found = route(request)
        if found is None:
            raise ValueError(f"{request.method} {request.path} is no operation")
        service, model, region = found.service, found.operation, found.region
        operation = f"{service}:{model.name}"
        with self._lock:
            number = self.asked[operation]
            self.asked[operation] += 1
        forward = functools.partial(self._forward, request)
        wire: socket.socket = environ["werkzeug.socket"]
        asked = Asked(operation, model, region, number, body, wire, self.closing, forward)
        fault = self._faults.get(operation) or self._faults.get("*")
        answer = (fault(asked) if fault else None) or forward(body)
        return answer(environ, start_response)

    def _forward(self, request: BackendRequest, body: bytes) -> Response:
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE)
        with contextlib.closing(connection):
            path = request.full_path if request.query_string else request.path
            headers = {name: value for name, value in request.headers.items() if name.lower() not in UNTOUCHED}
            connection.request(request.method, path, body, headers)
            found = connection.getresponse()
            kept = {name: value for name, value in found.getheaders() if name.lower() not in UNTOUCHED}
            return Response(found.read(), found.status, kept)


@contextlib.contextmanager
def injecting(endpoint: str, faults: Mapping[str, Fault]) -> Iterator[tuple[str, Injector]]:
    """Serve an injector on loopback: gives its URL and the injector itself."""
    injector = Injector(endpoint, faults)
    # werkzeug ends the whole process where it can't bind; a socket that listens already is taken as it is.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        host, port = listening.getsockname()
        server = make_server(host, port, injector, threaded=True, request_handler=_Quiet, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{port}", injector
        finally:
            injector.closing.set()
            server.shutdown()
            thread.join()
            server.server_close()


@contextlib.contextmanager
def saying(greeting: bytes) -> Iterator[str]:
    """The URL of something that is no AWS: it takes each connection, says its piece, if any, and closes."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:

        def answer() -> None:
            # Ends when the socket that it listens on is shut down.
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        connection.sendall(greeting)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


class _Quiet(MotoRequestHandler):
    """Says nothing of requests, nor of connections that were broken on purpose."""

    def log(self, *_: object) -> None:
        return


def refusal(asked: Asked, code: str, status: int, message: str) -> Response:
    """An error, as the protocol of the service writes it."""
    protocol = asked.model.service_model.resolved_protocol
    if protocol == "json":
        content = json.dumps({"__type": f"com.amazonaws.emulated#{code}", "message": message})
        return Response(content, status, content_type="application/x-amz-json-1.1")
    if protocol == "rest-json":
        content = json.dumps({"message": message})
        return Response(content, status, {"x-amzn-ErrorType": f"{code}:"}, content_type="application/json")
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if protocol == "ec2":
        content = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>1</RequestID></Response>"
    elif asked.model.service_model.service_name == "s3":
        content = f"<Error>{error}<RequestId>1</RequestId></Error>"
    else:
        content = f"<ErrorResponse><Error>{error}</Error><RequestId>1</RequestId></ErrorResponse>"
    return Response(content, status, content_type="text/xml")


def refuse(
    code: str | Mapping[str, str],
    status: int = 400,
    times: float = float("inf"),
    after: int = 0,
    message: str = "refused by the injector",
) -> Fault:
    """Refuse an operation: so many times, after so many calls of it have passed.

    Args:
        code: the error's code, or one for each protocol (with `*` for the others).
        status: the HTTP status.
        times: how many calls are refused.
        after: how many calls pass before.
        message: what the error says.
    """
    codes = {"*": code} if isinstance(code, str) else code

    def fault(asked: Asked) -> Response | None:
        if not after <= asked.number < after + times:
            return None
        name = codes.get(asked.model.service_model.resolved_protocol, codes["*"])
        return refusal(asked, name, status, message)

    return fault


def expire(after: int) -> Fault:
    """The session's token ends after so many calls, whatever they are for."""
    lock, passed = threading.Lock(), [0]

    def fault(asked: Asked) -> Response | None:
        with lock:
            passed[0] += 1
            if passed[0] <= after:
                return None
        return refusal(asked, "ExpiredTokenException", 400, "The security token included in the request is expired")

    return fault


def bucket(code: str | Mapping[str, str], capacity: int, rate: float, status: int = 400) -> Fault:
    """Throttle by a token bucket per operation, as AWS does.

    Args:
        code: as for `refuse`.
        capacity: how many calls pass at once.
        rate: how many more pass per second.
        status: the HTTP status of the others.
    """
    lock = threading.Lock()
    levels: dict[str, tuple[float, float]] = {}
    throttle = refuse(code, status)

    def fault(asked: Asked) -> Response | None:
        now = time.monotonic()
        with lock:
            level, since = levels.get(asked.operation, (float(capacity), now))
            level = min(float(capacity), level + (now - since) * rate)
            levels[asked.operation] = (level - 1 if level >= 1 else level, now)
        return None if level >= 1 else throttle(asked)

    return fault


def elsewhere(region: str, fault: Fault) -> Fault:
    """The fault in one region only."""
    return lambda asked: fault(asked) if asked.region == region else None


def reset(times: float = float("inf")) -> Fault:
    """Reset the connection without an answer."""
    return _severed(times, abruptly=True)


def close(times: float = float("inf")) -> Fault:
    """Take the request, and close the connection in good order without an answer."""
    return _severed(times, abruptly=False)


def _severed(times: float, *, abruptly: bool) -> Fault:
    def fault(asked: Asked) -> Response | None:
        if asked.number >= times:
            return None
        # With this option closing sends RST, without it FIN.
        asked.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", abruptly, 0))
        # The server still holds the socket: another, unconnected, takes its place.
        with socket.socket() as unconnected:
            os.dup2(unconnected.fileno(), asked.wire.fileno())
        return Response(b"", 500)

    return fault


def hang(times: float = float("inf")) -> Fault:
    """Take the request and never answer."""

    def fault(asked: Asked) -> Response | None:
        if asked.number >= times:
            return None
        asked.closing.wait(PATIENCE)
        return Response(b"", 500)

    return fault


def truncate(times: float = float("inf")) -> Fault:
    """Break the connection off in the middle of the body."""

    def fault(asked: Asked) -> Response | None:
        if asked.number >= times:
            return None
        whole = asked.forward(asked.body)
        content = whole.get_data()
        whole.response = [content[: len(content) // 2]]
        whole.headers["Content-Length"] = str(len(content))
        return whole

    return fault


def trickle(pieces: int, pause: float) -> Fault:
    """Send the body in so many pieces, with a pause before each."""

    def slowly(content: bytes) -> Iterator[bytes]:
        size = -(-len(content) // pieces) or 1
        for start in range(0, len(content), size):
            time.sleep(pause)
            yield content[start : start + size]

    def fault(asked: Asked) -> Response:
        whole = asked.forward(asked.body)
        content = whole.get_data()
        whole.response = slowly(content)
        whole.headers["Content-Length"] = str(len(content))
        return whole

    return fault


def drip(times: float = float("inf"), pause: float = 1) -> Fault:
    """Send one byte of the answer after the other, for ever: each comes in time, and the answer never ends."""

    def endlessly(content: bytes, closing: threading.Event) -> Iterator[bytes]:
        end = time.monotonic() + PATIENCE
        for position in itertools.count():
            if closing.wait(pause) or time.monotonic() > end:
                return
            yield content[position : position + 1] or b" "

    def fault(asked: Asked) -> Response | None:
        if asked.number >= times:
            return None
        whole = asked.forward(asked.body)
        whole.response = endlessly(whole.get_data(), asked.closing)
        whole.headers["Content-Length"] = str(ENDLESS)
        return whole

    return fault


def say(content: bytes, status: int = 200) -> Fault:
    """Answer with something that is none of AWS's answers."""
    return lambda _: Response(content, status, content_type="text/html")


def change(*edits: Callable[[Any], None]) -> Fault:
    """Edit the answer of an operation that speaks JSON."""

    def fault(asked: Asked) -> Response:
        whole = asked.forward(asked.body)
        answer = json.loads(whole.get_data())
        for edit in edits:
            edit(answer)
        return Response(json.dumps(answer), whole.status_code, whole.headers)

    return fault


def rewrite(pattern: str, replacement: str) -> Fault:
    """Replace a part of the answer of an operation that speaks XML."""

    def fault(asked: Asked) -> Response:
        whole = asked.forward(asked.body)
        content, count = re.subn(pattern, replacement, whole.get_data(as_text=True), flags=re.DOTALL)
        if not count:
            raise ValueError(f"there is no {pattern} in {content}")
        return Response(content, whole.status_code, whole.headers)

    return fault


def empty_first(items: str) -> Fault:
    """Give an empty page with a token first, and all that there is on the next."""

    def fault(asked: Asked) -> Response:
        request = json.loads(asked.body or b"{}")
        if "NextToken" not in request:
            empty = {items: [], "NextToken": "more"}
            return Response(json.dumps(empty), content_type="application/x-amz-json-1.1")
        del request["NextToken"]
        return asked.forward(json.dumps(request).encode())

    return fault
