"""What is deleted between its list and a call about it is left out, or what needs it is unknown; nothing is made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from faults.injector import Fault, change, refuse
from faults.scans import Place
from faults.test_denied import PLAN, again, changed, required
from readiness.kinds import name_of, source_of

NOT_FOUND = {
    "athena": "InvalidRequestException",
    "efs": "FileSystemNotFound",
    "kinesis": "ResourceNotFoundException",
    "kinesisanalyticsv2": "ResourceNotFoundException",
    "macie2": "ResourceNotFoundException",
    "organizations": "PolicyNotFoundException",
    "bedrock": "ResourceNotFoundException",
    "budgets": "NotFoundException",
    "cloudformation": "ValidationError",
    "cloudtrail": "TrailNotFoundException",
    "cloudwatch": "ResourceNotFound",
    "codedeploy": "ApplicationDoesNotExistException",
    "codepipeline": "PipelineNotFoundException",
    "databrew": "ResourceNotFoundException",
    "ecs": "ClusterNotFoundException",
    "eks": "ResourceNotFoundException",
    "emr": "InvalidRequestException",
    "emr-serverless": "ResourceNotFoundException",
    "events": "ResourceNotFoundException",
    "firehose": "ResourceNotFoundException",
    "glue": "EntityNotFoundException",
    "iam": "NoSuchEntity",
    "kms": "NotFoundException",
    "s3": "NoSuchBucket",
    "sagemaker": "ResourceNotFound",
    "stepfunctions": "StateMachineDoesNotExist",
}
"""How services say that there is none, from botocore's models; S3's and CloudFormation's name no errors."""
NOTHING_TO_DELETE = {
    "budgets:DescribeBudgets": "is about the account",
    "s3control:GetPublicAccessBlock": "is about the account",
    "cloudwatch:GetMetricStatistics": "answers for what is no more, too",
}
IN_LISTS = {
    "athena:BatchGetQueryExecution": "QueryExecutions",
    "codebuild:BatchGetBuilds": "builds",
    "codebuild:BatchGetProjects": "projects",
    "codedeploy:BatchGetDeployments": "deploymentsInfo",
    "ecs:DescribeServices": "services",
    "ecs:DescribeTasks": "tasks",
}
"""Operation -> the list in its answer from which what is gone is missing: no error tells it."""
LEFT_OUT = {
    "cloudformation:ListStackResources",
    "databrew:DescribeJob",
    "databrew:DescribeRuleset",
    "emr-serverless:GetJobRun",
    "kinesis:DescribeStreamSummary",
    "kms:DescribeKey",
    "s3:ListObjectsV2",
    "sagemaker:DescribeFeatureGroup",
    "sagemaker:DescribeFeatureMetadata",
    "sagemaker:DescribeModelCard",
    "sagemaker:ListPipelineExecutionSteps",
}
"""Of which nothing is there when it is asked: that is the answer, and no failure."""


def without_first(items: str) -> Callable[[Any], None]:
    def edit(answer: Any) -> None:
        del answer[items][0]

    return edit


def gone(operation: str) -> Fault:
    """The first that is asked about is no more."""
    if operation in IN_LISTS:
        return change(without_first(IN_LISTS[operation]))
    code = NOT_FOUND[operation.partition(":")[0]]
    # Of the places where files may lie the first may be an empty one.
    times = float("inf") if operation == "s3:ListObjectsV2" else 1
    return refuse(
        code, 400 if code == "ValidationError" else 404, times=times, message="Stack with id it does not exist"
    )


def about_one() -> list[str]:
    """The operations that are asked about something that was listed before."""
    found = set()
    for kind in PLAN.listed:
        if source := source_of(kind):
            calls = source.calls if source.per else source.details
            found |= {f"{source.service}:{call.operation}" for call in calls}
    return sorted(found - NOTHING_TO_DELETE.keys())


def known(place: Place, kind: str) -> list[bytes]:
    return [msgspec.json.encode(record) for by in place.whole.snapshot.readings[kind].values() for record in by.records]


@pytest.mark.parametrize("operation", about_one())
def test_what_is_gone_is_left_out_or_unknown(ready: Place, halfway: Place, operation: str) -> None:
    place = next(place for place in (ready, halfway) if place.whole.snapshot.calls.get(operation))
    found, _ = again(place, operation, gone(operation))
    kinds = [name_of(kind) for kind in PLAN.listed if (source := source_of(kind)) and operation in source.operations]
    hit = 0
    for kind in kinds:
        [reading] = found.snapshot.readings[kind].values()
        if reading.errors:
            assert {error.operation for error in reading.errors} == {operation}
            hit += 1
        elif (now := [msgspec.json.encode(record) for record in reading.records]) != (was := known(place, kind)):
            assert operation in LEFT_OUT or operation in IN_LISTS, "what it belongs to is judged as if it were there"
            assert set(now) < set(was), "it is kept, with less than is known of it"
            hit += 1
    assert hit
    for name in changed(place, found):
        judgement = found.judgements[name]
        if judgement.verdict == "unknown":
            assert {error.operation for error in judgement.errors} == {operation}
        elif operation in required(judgement):
            assert operation in LEFT_OUT or operation in IN_LISTS


def test_a_code_that_says_more_than_that_something_is_gone_is_no_answer(ready: Place) -> None:
    operation = "cloudformation:ListStackResources"
    found, _ = again(ready, operation, refuse("ValidationError", message="1 validation error detected"))
    hit = {found.judgements[name].verdict for name in changed(ready, found)}
    assert hit == {"unknown"}
