from __future__ import annotations

import datetime
import json
import time
from typing import Any

import pytest

from emulator.conftest import Client, Refused

NOW = int(time.time())
LAMBDA = f"1-{NOW:x}-{'a' * 24}"
FAILED = f"1-{NOW:x}-{'b' * 24}"
OLD = f"1-{NOW:x}-{'c' * 24}"


def segment(trace: str, number: int, **given: Any) -> str:
    document = {
        "trace_id": trace,
        "id": f"{number:016x}",
        "name": "churn",
        "start_time": NOW - 60,
        "end_time": NOW - 59.5,
        **given,
    }
    return json.dumps(document)


@pytest.fixture
def xray(aws: Client) -> Any:
    """X-Ray with a trace of a function that called an endpoint, one that failed and goes on, and one of long ago."""
    client = aws("xray")
    http = {"request": {"method": "POST", "url": "https://api/predict"}, "response": {"status": 200}}
    inner = {"id": "1" * 16, "name": "invoke", "start_time": NOW - 60, "annotations": {"model": "churn", "version": 2}}
    client.put_trace_segments(
        TraceSegmentDocuments=[
            segment(LAMBDA, 1, origin="AWS::Lambda::Function", http=http, user="me", subsegments=[inner]),
            segment(LAMBDA, 2, name="endpoint", parent_id=f"{1:016x}", start_time=NOW - 59.9, end_time=NOW - 58),
            segment(FAILED, 3, fault=True, annotations={"late": True}, in_progress=True),
            segment(OLD, 4, start_time=NOW - 900_000, end_time=NOW - 899_999),
        ]
    )
    return client


def summaries(client: Any, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get_trace_summaries(StartTime=NOW - 3600, EndTime=NOW + 60, **given)[
        "TraceSummaries"
    ]
    return found


def test_a_trace_is_what_its_segments_tell(xray: Any) -> None:
    found = {trace["Id"]: trace for trace in summaries(xray)}
    assert set(found) == {LAMBDA, FAILED}
    trace = found[LAMBDA]
    assert (trace["Duration"], trace["ResponseTime"]) == (2.0, 0.5)
    assert [service["Name"] for service in trace["ServiceIds"]] == ["churn", "endpoint"]
    assert trace["EntryPoint"]["Type"] == "AWS::Lambda::Function"
    assert trace["Http"] == {"HttpURL": "https://api/predict", "HttpMethod": "POST", "HttpStatus": 200}
    assert trace["Annotations"]["model"] == [{"AnnotationValue": {"StringValue": "churn"}}]
    assert trace["Users"] == [{"UserName": "me"}]
    assert (trace["HasFault"], trace["IsPartial"]) == (False, False)
    assert (found[FAILED]["HasFault"], found[FAILED]["IsPartial"]) == (True, True)
    got = xray.batch_get_traces(TraceIds=[LAMBDA, "1-0-0"])
    assert len(got["Traces"][0]["Segments"]) == 2
    assert got["UnprocessedTraceIds"] == ["1-0-0"]


@pytest.mark.parametrize(
    ("wanted", "traces"),
    [
        ("fault", {FAILED}),
        ("!fault", {LAMBDA}),
        ("ok", {LAMBDA}),
        ("duration > 1", {LAMBDA}),
        ("responsetime <= 0.5 AND duration >= 2", {LAMBDA}),
        ("http.status = 200", {LAMBDA}),
        ("http.status != 200", set()),
        ('service("churn")', {LAMBDA, FAILED}),
        ('service("endpoint") AND fault', set()),
        ('annotation.model = "churn"', {LAMBDA}),
        ("annotation[version] = 2", {LAMBDA}),
        ("annotation.late = true", {FAILED}),
        ("duration < 1", {FAILED}),
    ],
)
def test_traces_are_filtered(xray: Any, wanted: str, traces: set[str]) -> None:
    assert {trace["Id"] for trace in summaries(xray, FilterExpression=wanted)} == traces


def test_what_cannot_be_asked_is_refused(xray: Any, refused: Refused) -> None:
    ask = xray.get_trace_summaries
    assert refused(ask, StartTime=NOW - 100_000, EndTime=NOW) == "InvalidRequestException"
    assert refused(ask, StartTime=NOW, EndTime=NOW - 1) == "InvalidRequestException"
    refusal = refused(ask, StartTime=NOW - 100, EndTime=NOW, FilterExpression="group.name = 1")
    assert refusal == "InvalidRequestException"
    aware = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    assert ask(StartTime=aware - datetime.timedelta(hours=1), EndTime=aware)["TracesProcessedCount"] == 2
