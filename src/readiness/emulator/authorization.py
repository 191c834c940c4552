"""Corrects moto's enforcement of IAM, where a test or a person has turned it on.

- moto names an action by the scope of the signature and the operation; IAM names some otherwise.
- moto hashes the parameters in the query string of a GET as if they were its body, so no such signature matches.
- moto takes an unmet condition of an allow for a deny, tells actions apart by case, and knows no boundary; here the
  policies are evaluated as `evaluation` has it, which SimulatePrincipalPolicy uses too.
- moto refuses in XML whatever the protocol, so a client finds no code in it.

As in moto the resource of most operations is not known, and is `*`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, cast

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import (
    AccessDeniedError,
    AuthFailureError,
    InvalidClientTokenIdError,
    SignatureDoesNotMatchError,
)
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import utcnow
from moto.iam.access_control import IAMRequest, IAMRequestBase
from werkzeug.exceptions import HTTPException

from readiness.emulator.call import model_of
from readiness.emulator.evaluation import Context, evaluate, identity_policies
from readiness.emulator.routing import route

PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
"""The name that requests are signed for -> the prefix of IAM's actions, where the two differ."""

ACTIONS: dict[str, dict[str, str]] = {
    "accessanalyzer": {"GetFindingV2": "GetFinding", "ListFindingsV2": "ListFindings"},
    "bedrock-runtime": {
        "Converse": "InvokeModel",
        "ConverseStream": "InvokeModelWithResponseStream",
        "StartAsyncInvoke": "InvokeModel",
    },
    "budgets": {
        "DescribeBudget": "ViewBudget",
        "DescribeBudgetNotificationsForAccount": "ViewBudget",
        "DescribeBudgetPerformanceHistory": "ViewBudget",
        "DescribeBudgets": "ViewBudget",
        "DescribeNotificationsForBudget": "ViewBudget",
        "DescribeSubscribersForNotification": "ViewBudget",
        **{
            f"{verb}{noun}": "ModifyBudget"
            for verb in ("Create", "Update", "Delete")
            for noun in ("Budget", "Notification", "Subscriber")
        },
    },
    "kms": {"ReEncrypt": "ReEncryptFrom"},
    "lambda": {
        "GetLayerVersionByArn": "GetLayerVersion",
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
    },
    "s3": {
        "CompleteMultipartUpload": "PutObject",
        "CopyObject": "PutObject",
        "CreateMultipartUpload": "PutObject",
        "DeleteBucketCors": "PutBucketCORS",
        "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "DeleteBucketTagging": "PutBucketTagging",
        "DeleteObjects": "DeleteObject",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "HeadBucket": "ListBucket",
        "HeadObject": "GetObject",
        "ListBuckets": "ListAllMyBuckets",
        "ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "ListObjectVersions": "ListBucketVersions",
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "ListParts": "ListMultipartUploadParts",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "SelectObjectContent": "GetObject",
        "UploadPart": "PutObject",
        "UploadPartCopy": "PutObject",
    },
    "s3control": {
        "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
        "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
        "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
    },
    "sns": {"PublishBatch": "Publish"},
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
}
"""Operations whose action has another name, or another prefix too, from the Service Authorization Reference."""

CONFIGURATION = re.compile(
    r"(Get|List|Put|Delete)Bucket"
    r"(Accelerate|Analytics|Encryption|IntelligentTiering|Inventory|Lifecycle|Metrics|Replication)(Configurations?)?"
)
"""S3's configurations of buckets: listing one is getting it, and deleting it is putting another."""

CODES = {
    "AccessDenied": {"json": "AccessDeniedException", "ec2": "UnauthorizedOperation"},
    "AuthFailure": {},
    "InvalidClientTokenId": {"json": "UnrecognizedClientException"},
    "SignatureDoesNotMatch": {"json": "InvalidSignatureException"},
}
"""moto's code of a refusal -> what it is called by services that speak otherwise."""


def action_of(service: str, operation: str) -> str:
    """IAM's name of the action that an operation needs.

    Args:
        service: boto3's name.
        operation: AWS's name.
    """
    model = model_of(service)
    prefix = PREFIXES.get(model.signing_name, model.signing_name)
    if prefix == "apigateway":
        return f"{prefix}:{model.operation_model(operation).http['method']}"
    if service in ("s3", "s3control") and (found := CONFIGURATION.fullmatch(operation)):
        verb = {"List": "Get", "Delete": "Put"}.get(found[1], found[1])
        return f"{prefix}:{verb}{found[2]}Configuration"
    name = ACTIONS.get(service, {}).get(operation, operation)
    return name if ":" in name else f"{prefix}:{name}"


@functools.cache
def correct() -> None:
    """Put the corrections into moto; more than once does no harm."""
    # moto warns of codes that the model of a service does not name, and none names these.
    COMMON_ERROR_CODES.extend({*CODES, *(code for family in CODES.values() for code in family.values())})
    authorize = "_authenticate_and_authorize_action"
    setattr(ActionAuthenticatorMixin, authorize, _corrected(getattr(ActionAuthenticatorMixin, authorize)))
    for kind, name, corrected in (
        (IAMRequestBase, "_create_aws_request", _signed),
        (IAMRequestBase, "check_action_permitted", _check),
        (IAMRequest, "_create_auth", _signer),
    ):
        setattr(kind, name, corrected)


class _Error(Exception):
    """An error as moto's serializers take it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Refused(HTTPException):
    """A refusal as the protocol of the service writes it."""

    def __init__(self, response: BaseResponse, code: str, message: str) -> None:
        super().__init__()
        protocols = model_of(response.boto3_service_name).metadata.get("protocols", [])
        family = "ec2" if "ec2" in protocols else "query" if {"query", "rest-xml"} & {*protocols} else "json"
        error = _Error(CODES[code].get(family, code), message)
        self.code, self._headers, body = response.serialized(ActionResult(error))
        # Of a protocol that is not text it is bytes, which are passed on as they are.
        self.description = cast("str", body)
        # moto sends these beside the description.
        response.response_headers.update(self._headers)

    def get_headers(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        """The headers of the answer."""
        return list(self._headers.items())


def _corrected(authorize: Callable[..., None]) -> Callable[..., None]:
    def corrected(response: BaseResponse, request_class: type[IAMRequestBase], resource: str = "*") -> None:
        def made(**given: Any) -> IAMRequestBase:
            request = request_class(**given)
            request._action = _action(response) or request._action
            return request

        try:
            authorize(response, made, resource)
        except (AccessDeniedError, AuthFailureError, InvalidClientTokenIdError, SignatureDoesNotMatchError) as refused:
            raise _Refused(response, refused.error_type, refused.message) from refused

    return corrected


def _action(response: BaseResponse) -> str | None:
    """The action that a request needs; some of moto's services know no operation by its name, but only its path."""
    routed = route(response.normalized_request)
    try:
        if routed is not None:
            return action_of(*routed.key)
        return action_of(response.boto3_service_name, response._get_action())
    except (UnknownServiceError, OperationNotFoundError):
        return None


def _signed(request: IAMRequestBase) -> AWSRequest:
    """What the client signed: what is in the query string stays there, and only a form that was read is a body."""
    names = request._get_string_between("SignedHeaders=", ",", request._headers["Authorization"]).split(";")
    headers = request._create_headers_for_aws_request(names, request._headers)
    form = headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
    body = request._body or (request._data if form else b"")
    signed = AWSRequest(method=request._method, url=request._path, data=body, headers=headers)
    signed.context["timestamp"] = headers["X-Amz-Date"]
    return signed


def _signer(request: IAMRequest, credentials: Credentials) -> SigV4Auth:
    """S3 signs a path as it is."""
    kind = S3SigV4Auth if request._service == "s3" else SigV4Auth
    return kind(credentials, request._service, request._region)


def _check(request: IAMRequestBase, resource: str) -> None:
    """Refuse what the caller's policies and boundary do not allow; a role must trust who assumes it, too."""
    # IAM lets everybody ask who they are, whatever a policy says.
    if request._action == "sts:GetCallerIdentity":
        return
    arn = request._access_key.arn
    try:
        policies, boundary = identity_policies(request.backend, arn)
    except KeyError:
        # The session outlives its role, which can do nothing any more.
        policies, boundary = [], []
    context = _context(request, arn)
    allowed = evaluate(policies, request._action, resource, context).decision == "allowed"
    if boundary:
        allowed = allowed and evaluate(boundary, request._action, resource, context).decision == "allowed"
    if request._is_assuming_role_operation(resource):
        allowed = allowed and request._check_role_trust_relationship(resource)
    if not allowed:
        request._raise_access_denied()


def _context(request: IAMRequestBase, arn: str) -> Context:
    sort, _, name = arn.split(":", 5)[5].partition("/")
    now = utcnow()
    known = {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:PrincipalAccount": request.account_id,
        "aws:PrincipalArn": arn,
        "aws:PrincipalType": "User" if sort == "user" else "AssumedRole",
        "aws:RequestedRegion": request._region,
        "aws:SecureTransport": "true",
        **({"aws:username": name.rpartition("/")[2]} if sort == "user" else {}),
    }
    return {key.lower(): (value,) for key, value in known.items()}
