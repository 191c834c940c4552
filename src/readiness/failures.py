"""Why something failed, in our own words: nothing is repeated of what AWS, a proxy or a check wrote about it.

A message of AWS quotes what was asked for, and whatever stands there in the account; a report is shown to others.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.exceptions
import msgspec

CODE = re.compile(r"[A-Za-z][\w.:-]{0,99}|[1-5]\d\d")
"""What error codes look like; anything else is text."""
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
INVALID = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "InvalidToken", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "NotAuthorized",
        "UnauthorizedException",
        "UnauthorizedOperation",
    }
)
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
NOT_SUBSCRIBED = frozenset({"OptInRequired", "SubscriptionRequiredException"})

REASONS = {
    "in a service control policy": "a service control policy of the organization",
    "in a resource control policy": "a resource control policy of the organization",
    "service control policy allows": "a service control policy of the organization",
    "resource control policy allows": "a resource control policy of the organization",
    "permissions boundary": "the permissions boundary",
    "session policy": "the session's policy",
    "vpc endpoint policy": "the policy of the VPC endpoint",
    "identity-based policy": "the policies of the user or role",
    "resource-based policy": "the policy of the resource",
}
"""What AWS says who denied it -> who that is. From IAM's guide, "Troubleshoot access denied error messages"."""

CLIENT = {
    "ConnectTimeoutError": "no connection in time",
    "ConnectionClosedError": "the connection was closed before there was an answer",
    "EndpointConnectionError": "the endpoint can't be reached",
    "HTTPClientError": "the connection failed",
    "NoCredentialsError": "there are no credentials",
    "PaginationError": "a list's token leads nowhere: the same again, or no end after many pages",
    "ParamValidationError": "the answer of an earlier call gave a parameter that the service's model does not allow",
    "ProxyConnectionError": "the proxy can't be reached",
    "ReadTimeoutError": "no answer in time",
    "ResponseParserError": "the answer can't be parsed",
    "ResponseStreamingError": "the answer broke off",
    "SSLError": "the certificate or the encryption is not accepted",
    "TokenRetrievalError": "the token of the single sign-on can't be had",
    "UnauthorizedSSOTokenError": "the single sign-on has expired",
}
"""What botocore raises, in words."""


class Said(Exception):
    """A failure whose text is our own, and may be shown."""


def code_of(problem: BaseException) -> str:
    """The error code of AWS, or the name of what was raised."""
    if isinstance(problem, botocore.exceptions.ClientError):
        code = str(problem.response.get("Error", {}).get("Code", ""))
        return code if CODE.fullmatch(code) else "Unknown"
    return type(problem).__name__


def words(problem: BaseException) -> str:
    """What it means."""
    if isinstance(problem, Said):
        return str(problem)
    if isinstance(problem, msgspec.ValidationError):
        return shape_of(problem)
    if isinstance(problem, botocore.exceptions.ClientError):
        return _answered(code_of(problem), problem.response)
    return CLIENT.get(type(problem).__name__, "it failed in the client")


def place(problem: BaseException) -> str:
    """Where an author's code raised something: the innermost file and line of it."""
    frames = traceback.extract_tb(problem.__traceback__)
    return f"raised in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "raised"


def shape_of(problem: msgspec.ValidationError) -> str:
    """What an answer lacks, or has of another type; a value that is none of those allowed is not repeated."""
    text = str(problem)
    said, _, where = text.rpartition(" - at ")
    if not said:
        said, where = text, "`$`"
    # What the code of a kind raised is the cause, and the text is its own then.
    if problem.__cause__ is not None or not said.startswith(("Expected ", "Object missing required field ")):
        said = "A value that can't be used"
    return f"{said} - at {where}"


def _answered(code: str, response: Mapping[str, Any]) -> str:
    if code in EXPIRED:
        return "the credentials have expired"
    if code in INVALID:
        return "the credentials are not accepted here: they are not valid, or the region is not enabled"
    if code in DENIED:
        message = str(response.get("Error", {}).get("Message", "")).lower()
        who = next((name for said, name in REASONS.items() if said in message), None)
        how = "denies" if "explicit deny" in message else "does not allow"
        return f"not allowed: {who} {how} it" if who else "not allowed"
    if code in THROTTLED:
        return "too many calls at the time, by this scan or by others"
    if code in NOT_SUBSCRIBED:
        return "the account is not subscribed to the service"
    return f"AWS answered with the HTTP status {response.get('ResponseMetadata', {}).get('HTTPStatusCode', '?')}"
