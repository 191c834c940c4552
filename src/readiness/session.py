"""Finds credentials, region and identity the way the AWS CLI does, before anything else is asked."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import os
import re
from collections.abc import Callable, Sequence, Set
from typing import Any, TypeVar

import boto3
import botocore.awsrequest
import botocore.config
import botocore.exceptions
import botocore.session
import botocore.utils

from readiness import failures, models
from readiness.caller import CREDENTIALS
from readiness.errors import AccessError, UsageError, closest
from readiness.snapshot import Caller

T = TypeVar("T")
PREFIXED_ADDRESS = re.compile(r"^(https?://)[\w.-]+\.((?:\d{1,3}\.){3}\d{1,3}(?=[:/]))")
USER = re.compile(r"(https?://)?[^\s\"']*@", re.IGNORECASE)
"""Who one is and by which password, in an address with its scheme or without."""
PREFLIGHT = botocore.config.Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard"})
"""A wrong network or endpoint must show in seconds, before anything else is asked."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Access:
    """How to reach the account: the options of the command line, empty where not given."""

    profile: str | None = None
    regions: Sequence[str] = ()
    endpoint_url: str | None = None
    role_arn: str | None = None
    external_id: str | None = None


def new_session(profile: str | None = None, region: str | None = None, **keys: str) -> boto3.Session:
    """A boto3 session that reads every time stamp as UTC, so that a snapshot does not depend on where it was made.

    Args:
        profile: a profile of the AWS configuration.
        region: the session's own region.
        keys: explicit credentials, by boto3's names for them.

    Raises:
        botocore.exceptions.ProfileNotFound: there is no such profile.
    """
    return boto3.Session(botocore_session=_core(None), profile_name=profile, region_name=region, **keys)


def _core(operations: Set[str] | None) -> botocore.session.Session:
    core = botocore.session.Session()
    models.use(core, None if operations is None else operations | CREDENTIALS)
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_utc)
    core.register("before-sign", _bare_address)
    return core


def _bare_address(request: botocore.awsrequest.AWSRequest, **_: object) -> None:
    """Take away what some operations put before the host: an address, such as an emulator's, can't have it."""
    request.url = PREFIXED_ADDRESS.sub(r"\1\2", request.url)


def _utc(value: Any) -> datetime.datetime:
    # botocore tries the machine's own time zone first and asks for it each time; most values need no more than this.
    try:
        if isinstance(value, int | float):
            return datetime.datetime.fromtimestamp(value, datetime.UTC)
        moment = datetime.datetime.fromisoformat(value)
    except (OSError, TypeError, ValueError):
        moment = botocore.utils.parse_timestamp(value)
    return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def open_session(access: Access, operations: Set[str] | None = None) -> tuple[boto3.Session, tuple[str, ...]]:
    """A session with credentials, and the regions to scan.

    Credentials come through boto3's own chain; the region from the options, `AWS_REGION`, `AWS_DEFAULT_REGION` or the
    profile, in this order.

    Args:
        access: the options of the command line.
        operations: what is to be called, as `service:Operation`; clients then know no others. None for any.

    Raises:
        AccessError: there is no such profile, no region or no credentials, or the role can't be assumed.
    """
    try:
        core = _core(operations)
        session = boto3.Session(botocore_session=core, profile_name=access.profile)
        regions = _regions(session, access)
        core.set_config_variable("region", regions[0])
        if session.get_credentials() is None:
            raise AccessError(
                "found no AWS credentials: run `aws configure` or `aws configure sso`, or name a profile with --profile"
            )
    except botocore.exceptions.ProfileNotFound as problem:
        names = botocore.session.Session().available_profiles
        wanted = access.profile or os.environ.get("AWS_PROFILE", "")
        raise AccessError(
            f"there is no AWS profile {wanted!r}{closest(wanted, names)}: `aws configure list-profiles` lists them"
        ) from problem
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
        raise AccessError(f"can't get AWS credentials: {_explain(problem, access)}") from problem
    if access.role_arn:
        session = _assume(session, access, regions[0], operations)
    elif access.external_id:
        raise UsageError("--external-id goes with --role-arn")
    return session, regions


def identify(session: boto3.Session, access: Access, meanwhile: Callable[[], T]) -> tuple[Caller, T]:
    """Ask AWS whose credentials these are, and do something else until it answers.

    Returns:
        The identity, and what was done meanwhile.

    Raises:
        AccessError: the credentials are not valid, or AWS can't be reached.
    """
    try:
        client = session.client("sts", endpoint_url=access.endpoint_url, config=PREFLIGHT)
        with concurrent.futures.ThreadPoolExecutor(1) as other:
            asked = other.submit(client.get_caller_identity)
            done = meanwhile()
            answer = asked.result()
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, ValueError) as problem:
        raise AccessError(f"can't tell whose account this is: {_explain(problem, access)}") from problem
    return Caller(account=answer["Account"], arn=answer["Arn"], partition=answer["Arn"].split(":")[1]), done


def _regions(session: boto3.Session, access: Access) -> tuple[str, ...]:
    chosen = os.environ.get("AWS_REGION") or session.region_name
    regions = tuple(dict.fromkeys(access.regions)) or ((chosen,) if chosen else ())
    if not regions:
        raise AccessError("no region is set: name one with --region, AWS_REGION or `aws configure set region`")
    known = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sts", partition)
    }
    for region in regions:
        if region not in known and not access.endpoint_url:
            raise AccessError(f"there is no AWS region {region!r}{closest(region, known)}; a newer boto3 may know more")
    partitions = {session.get_partition_for_region(region) for region in regions if region in known}
    if len(partitions) > 1:
        raise AccessError(
            f"the regions belong to several partitions ({', '.join(sorted(partitions))}): scan one at a time"
        )
    return regions


def _assume(session: boto3.Session, access: Access, region: str, operations: Set[str] | None) -> boto3.Session:
    request = {"RoleArn": access.role_arn or "", "RoleSessionName": "readiness"}
    if access.external_id:
        request["ExternalId"] = access.external_id
    try:
        answer = session.client("sts", endpoint_url=access.endpoint_url, config=PREFLIGHT).assume_role(**request)
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, ValueError) as problem:
        raise AccessError(f"can't assume {access.role_arn}: {_explain(problem, access)}") from problem
    keys = answer["Credentials"]
    return boto3.Session(
        botocore_session=_core(operations),
        region_name=region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def _explain(problem: Exception, access: Access) -> str:
    profile = f" --profile {access.profile}" if access.profile else ""
    if isinstance(problem, botocore.exceptions.ClientError):
        code = failures.code_of(problem)
        text = f"{failures.words(problem)} ({code})"
        if code in failures.EXPIRED:
            return f"{text}: run `aws sso login{profile}` or get new ones"
        return f"{text}: `aws configure list{profile}` shows their origin" if code in failures.INVALID else text
    if isinstance(problem, ValueError):
        return "the address can't be read: --endpoint-url takes a URL such as http://127.0.0.1:5000"
    text = " ".join(USER.sub(lambda found: found[1] or "", str(problem)).split())
    sso = (
        botocore.exceptions.SSOError,
        botocore.exceptions.TokenRetrievalError,
        botocore.exceptions.UnauthorizedSSOTokenError,
    )
    if isinstance(problem, sso):
        return f"{text}: run `aws sso login{profile}`"
    if isinstance(problem, botocore.exceptions.EndpointConnectionError):
        return f"{text}: check the network, the region and --endpoint-url"
    return text
