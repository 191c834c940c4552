"""Where calls come in: those that the extension knows are answered here, the others by moto; each is remembered."""

from __future__ import annotations

import dataclasses
import functools
import io
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import botocore.handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.model import OperationModel
from moto.core.botocore_stubber import MockRawResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.models import botocore_stubber
from moto.core.request import Request, normalize_request
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from readiness.emulator import history, validation
from readiness.emulator.call import After, Call, Elsewhere, Handler, Refused, model_of
from readiness.emulator.resources import fitting
from readiness.emulator.routing import Routed, parameters, route

AWS = re.compile(r"https?://[^/]+\.(amazonaws\.com(\.cn)?|api\.aws)(:\d+)?/")
"""An endpoint of AWS; a server that runs somewhere else is asked over the network."""

CODE = re.compile(r'"__type":\s*"(?:[^"#]*#)?(\w+)"|<Code>([\w.]+)</Code>')
"""The code of an error, in JSON and in XML."""

Moto = Callable[[], TYPE_RESPONSE]


@dataclasses.dataclass(frozen=True)
class Extension:
    """What is known of one service beyond moto, or of a part of it.

    Attributes:
        service: boto3's name of it.
        answers: operation -> what gives its answer instead of moto.
        after: operation -> what corrects moto's state once it has answered.
    """

    service: str
    answers: Mapping[str, Handler] = dataclasses.field(default_factory=dict)
    after: Mapping[str, After] = dataclasses.field(default_factory=dict)


class Door:
    """Answers requests, from boto3 in this process and from any client over HTTP."""

    def __init__(self, extensions: Iterable[Extension]) -> None:
        self._answers: dict[tuple[str, str], Handler] = {}
        self._after: dict[tuple[str, str], After] = {}
        for extension in extensions:
            _add(self._answers, extension.service, extension.answers)
            _add(self._after, extension.service, extension.after)
        # moto answers each request as it comes; what we keep is changed by one at a time.
        self._lock = threading.RLock()

    def __call__(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Botocore's `before-send`: an answer instead of the network, while an emulated AWS is on."""
        routed = None
        if botocore_stubber.enabled and AWS.match(request.url):
            routed = route(normalized := normalize_request(request))
            # A body that is a stream has been read by now, and moto reads it again.
            request.reset_stream()
        if routed is None:
            return botocore_stubber(event_name, request)
        status, headers, body = self._answer(normalized, routed, lambda: _moto(request))
        return AWSResponse(request.url, status, headers, MockRawResponse(body))

    def serve(self, moto: WSGIApplication) -> WSGIApplication:
        """Moto's application with the extension before it."""

        def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = BackendRequest(environ)
            # Only where the operation is named in the body must it be read to know; an object may be large.
            named_within = request.mimetype == "application/x-www-form-urlencoded"
            body = request.get_data() if named_within else b""
            routed = route(request)
            if routed is None or (history.is_data(*routed.key) and not self._knows(routed)):
                return moto(_again(environ, body) if named_within else environ, start_response)
            body = request.get_data()

            def ask() -> TYPE_RESPONSE:
                found = Response.from_app(moto, _again(environ, body), buffered=True)
                return found.status_code, dict(found.headers), found.get_data()

            status, headers, answer = self._answer(request, routed, ask)
            return Response(answer, status, headers)(environ, start_response)

        return application

    def _knows(self, routed: Routed) -> bool:
        return routed.key in self._answers or routed.key in self._after

    def _answer(self, request: Request, routed: Routed, moto: Moto) -> TYPE_RESPONSE:
        exchange = _Exchange(request, routed)
        handler = self._answers.get(routed.key)
        try:
            with self._lock:
                answer = exchange.answer(handler) if handler else None
        except Elsewhere:
            answer = None
        answer = answer or moto()
        if answer[0] < 300 and (after := self._after.get(routed.key)):
            with self._lock:
                after(exchange.call)
        if not history.is_data(*routed.key):
            with self._lock:
                exchange.remember(_error_of(answer))
        return answer


def _add(known: dict[tuple[str, str], Any], service: str, more: Mapping[str, Any]) -> None:
    for operation, handler in more.items():
        if operation not in model_of(service).operation_names or (service, operation) in known:
            raise ValueError(f"{service} has no operation {operation}, or it is told twice")
        known[service, operation] = handler


def _error_of(answer: TYPE_RESPONSE) -> str:
    """The code of a refusal, in whichever way the protocol writes it."""
    status, _, body = answer
    if status < 400:
        return ""
    found = CODE.search(body.decode(errors="replace") if isinstance(body, bytes) else str(body))
    return next(filter(None, found.groups())) if found else str(status)


class _Error(Exception):
    """An error as moto's serializers take it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        # moto warns of what the model does not name; AWS has such codes.
        if code not in COMMON_ERROR_CODES:
            COMMON_ERROR_CODES.append(code)
        self.code = code
        self.message = message


class _Exchange(BaseResponse):
    """One request and its answer, by the model of its operation."""

    # A body may be no text.
    use_raw_body = True

    def __init__(self, request: Request, routed: Routed) -> None:
        super().__init__(service_name=routed.service)
        self._routed = routed
        self.setup_class(request)

    def _get_action(self) -> str:
        return str(self._routed.operation.name)

    @functools.cached_property
    def call(self) -> Call:
        """The call that the request makes."""
        return Call(
            self._routed.service,
            self._routed.operation.name,
            parameters(self.normalized_request, self._routed),
            self.current_account,
            self._routed.region,
            self.access_key,
        )

    def answer(self, handler: Handler) -> TYPE_RESPONSE:
        """The handler's answer, or its refusal, as the protocol of the service writes it."""
        operation = self._routed.operation
        try:
            self._authenticate_and_authorize_normal_action()
            result = _checked(operation, handler, self.call)
        except Refused as refused:
            return self.serialized(ActionResult(_Error(refused.code(operation), str(refused))))
        except ServiceException as refused:
            return self.serialized(ActionResult(refused))
        except HTTPException as refused:
            headers = {str(name): str(value) for name, value in refused.get_headers()}
            return refused.code or 500, headers, refused.description or ""
        return self.serialized(result)

    def remember(self, error: str) -> None:
        """Note the call in the event history of the account."""
        agent = self.normalized_request.headers.get("User-Agent", "")
        history.record(self.call, self._routed.operation, error, agent)


def _checked(operation: OperationModel, handler: Handler, call: Call) -> ActionResult:
    validation.check_request(operation, call.parameters)
    found = handler(call)
    if operation.output_shape is None:
        return EmptyResult()
    result = fitting(found or {}, operation.output_shape)
    validation.check_answer(operation, result)
    return ActionResult(result)


def _moto(request: AWSPreparedRequest) -> TYPE_RESPONSE:
    answer = botocore_stubber.process_request(request)
    return answer if answer is not None else (404, {}, "Not yet implemented")


def _again(environ: WSGIEnvironment, body: bytes) -> WSGIEnvironment:
    """The same request, with the body that was read to be read once more."""
    return {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def open_door(extensions: Iterable[Extension]) -> Door:
    """A door through which every client goes that is made from now on in this process."""
    door = Door(extensions)
    # Botocore asks all handlers of an event, so moto's own gives way to the door, which asks it in turn.
    handlers = botocore.handlers.BUILTIN_HANDLERS
    handlers[handlers.index(("before-send", botocore_stubber))] = ("before-send", door)
    return door
