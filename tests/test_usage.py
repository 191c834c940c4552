"""What is known of services that keep nothing: CloudWatch's counts of calls, and the event history."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import boto3
import botocore.session
import pytest

from harness import IDENTITY, NOW, REGION
from readiness import Finding, Findings, Record
from readiness.aws.bedrock_use import Dimension, InvocationEvent, InvocationMetric, InvokedModel
from readiness.aws.history import NEWEST
from readiness.aws.usage import CALLS, SUCCESSES, ApiUse, UsageSeries, used
from readiness.check import Check
from readiness.emulator import emulated
from readiness.kinds import Source, name_of, source_of
from readiness.scan import scan
from readiness.session import new_session
from readiness.snapshot import Snapshot
from readiness.view import View

WEST = "us-west-2"
MICRO = "amazon.nova-micro-v1:0"
OPERATIONS = ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream")
NOT_IN_BOTO3 = {"StartStreamTranscription"}
"""An operation over HTTP/2, which boto3 has not."""
SERVICES = {
    "Comprehend": "comprehend",
    "Comprehend Medical": "comprehendmedical",
    "Kendra": "kendra",
    "Polly": "polly",
    "Rekognition": "rekognition",
    "Textract": "textract",
    "Transcribe": "transcribe",
    "Transcribe Streaming": "transcribe",
    "Translate": "translate",
}
"""Service, as CloudWatch calls it -> as boto3 does."""

R = TypeVar("R", bound=Record)


def asking(kind: type[Record]) -> Check:
    """A check that asks for one kind."""

    def look(records: list[Record]) -> Findings:
        """Whatever is there is good.

        Why: to have it gathered.
        Fix: nothing.
        See: https://docs.aws.amazon.com/
        """
        for record in records:
            yield Finding(str(record), good=True)

    look.__annotations__["records"] = list[kind]  # type: ignore[valid-type]
    return Check(look, "evidence", ("2.1-K2",), "low", "")


def gathered(
    kind: type[Record], *, session: boto3.Session | None = None, regions: Iterable[str] = (REGION,)
) -> Snapshot:
    return scan(session or new_session(region=REGION), IDENTITY, tuple(regions), "MADE", [asking(kind)])


def known(kind: type[R], snapshot: Snapshot) -> list[R]:
    """The records of a kind, derived or not; what could not be read is an error here."""
    reading = View(snapshot.readings, IDENTITY, snapshot.scanned_at, {}).reading(kind, REGION)
    assert reading.errors == []
    return [record for record in reading.records if isinstance(record, kind)]


def client(service: str, region: str = REGION) -> Any:
    return boto3.client(service, region)


def source(kind: type[Record]) -> Source:
    found = source_of(kind)
    assert found is not None
    return found


def series(label: str, *values: float, status: str = "Complete") -> UsageSeries:
    return UsageSeries(label=label, status_code=status, values=list(values))


def counts(*parts: UsageSeries) -> dict[tuple[str, str], float]:
    return {(use.service, use.operation): use.count for use in ApiUse.derive(list(parts))}


def test_every_operation_that_is_counted_is_one_of_its_service() -> None:
    session = botocore.session.get_session()
    for service, operations in [*CALLS.items(), *SUCCESSES.items()]:
        names = set(session.get_service_model(SERVICES[service]).operation_names)
        assert set(operations) - NOT_IN_BOTO3 <= names, service


def test_nothing_is_counted_that_a_scan_does_itself() -> None:
    operations = [name for names in (*CALLS.values(), *SUCCESSES.values()) for name in names]
    assert not [name for name in operations if name.startswith(("List", "Get"))]


def test_one_request_asks_for_all_series() -> None:
    queries = source(UsageSeries).listing.give["MetricDataQueries"]
    names = [query["Id"] for query in queries]
    assert len(set(names)) == len(names) == sum(map(len, (*CALLS.values(), *SUCCESSES.values())))
    assert len(queries) <= 500
    # CloudWatch answers no more than 100,800 values at once.
    assert len(queries) * 455 <= 100_800
    assert all(re.fullmatch("[a-z][a-zA-Z0-9_]*", name) for name in names)
    # What is older than 63 days is kept by the hour.
    assert all(query["MetricStat"]["Period"] % 3600 == 0 for query in queries)


def test_one_call_per_region_counts_all_services() -> None:
    with emulated():
        client("translate").translate_text(Text="hallo", SourceLanguageCode="de", TargetLanguageCode="en")
        client("comprehend").detect_sentiment(Text="I love it", LanguageCode="en")
        client("comprehend").detect_sentiment(Text="I hate it", LanguageCode="en")
        client("polly").synthesize_speech(Text="Thank you", OutputFormat="mp3", VoiceId="Joanna")
        client("rekognition", WEST).create_collection(CollectionId="faces")
        snapshot = gathered(ApiUse, regions=(REGION, WEST))
    assert snapshot.calls == {"cloudwatch:GetMetricData": 2}
    assert {(use.service, use.operation): use.count for use in known(ApiUse, snapshot)} == {
        ("Comprehend", "DetectSentiment"): 2.0,
        ("Polly", "SynthesizeSpeech"): 9.0,
        ("Translate", "TranslateText"): 1.0,
    }
    assert snapshot.readings[name_of(UsageSeries)][WEST].records == []


@pytest.mark.parametrize(("days", "count"), [(1, 1), (300, 1), (440, 1), (460, 0)])
def test_fifteen_months_are_counted(days: int, count: int) -> None:
    with emulated():
        at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
        dimensions = {"Type": "API", "Resource": "DetectSentiment", "Service": "Comprehend", "Class": "None"}
        datum = {
            "MetricName": "CallCount",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Timestamp": at,
            "Value": 3.0,
        }
        client("cloudwatch").put_metric_data(Namespace="AWS/Usage", MetricData=[datum])
        uses = known(ApiUse, gathered(ApiUse))
    assert [use.count for use in uses] == [3.0] * count


def test_parts_of_a_series_are_added_up() -> None:
    found = counts(series("Translate/TranslateText", 1, 2), series("Comprehend/DetectSentiment", 5))
    assert found == {("Comprehend", "DetectSentiment"): 5.0, ("Translate", "TranslateText"): 3.0}
    # Two pages may say the same.
    assert counts(*[series("Translate/TranslateText", 1)] * 2) == {("Translate", "TranslateText"): 2.0}


def test_a_series_that_could_not_be_told_is_no_absence() -> None:
    with pytest.raises(ValueError, match="Polly/SynthesizeSpeech"):
        counts(series("Translate/TranslateText", 1), series("Polly/SynthesizeSpeech", status="InternalError"))


PAGES: list[dict[str, Any]] = [
    {
        "MetricDataResults": [
            {"Id": "a", "Label": "Translate/TranslateText", "Values": [1.0, 4.0], "StatusCode": "PartialData"},
            {"Id": "b", "Label": "Polly/SynthesizeSpeech", "Values": [], "StatusCode": "Complete"},
        ],
        "NextToken": "more",
    },
    {
        "MetricDataResults": [
            {"Id": "a", "Label": "Translate/TranslateText", "Values": [2.0], "StatusCode": "Complete"},
            {"Id": "c", "Label": "Comprehend/DetectSentiment", "Values": [0.0, 0.0], "StatusCode": "Complete"},
        ]
    },
]


def answering(operation: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> boto3.Session:
    """A session in which an operation is answered from here."""
    session = new_session(region=REGION)
    asked: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: object) -> None:
        asked.append(params)

    def give(**_: object) -> tuple[Any, dict[str, Any]]:
        parsed = {**answer(asked[-1]), "ResponseMetadata": {"HTTPStatusCode": 200}}
        return botocore.awsrequest.AWSResponse("https://aws", 200, {}, None), parsed

    session.events.register(f"provide-client-params.{operation}", keep)
    session.events.register(f"before-call.{operation}", give)
    return session


def test_series_may_come_in_several_pages() -> None:
    session = answering("cloudwatch.GetMetricData", lambda asked: PAGES["NextToken" in asked])
    with emulated():
        snapshot = gathered(ApiUse, session=session)
    assert {use.operation: use.count for use in known(ApiUse, snapshot)} == {"TranslateText": 7.0}


def test_what_was_used_of_a_service() -> None:
    uses = list(ApiUse.derive([series("Translate/TranslateText", 1), series("Translate/TranslateDocument", 1)]))
    assert [use.operation for use in used(uses, "Translate")] == ["TranslateDocument", "TranslateText"]
    assert [use.operation for use in used(uses, "Translate", "TranslateText")] == ["TranslateText"]
    assert used(uses, "Transcribe") == []


def told(**more: Any) -> dict[str, Any]:
    """An event as CloudTrail tells it to who looks it up."""
    whole = {
        "userIdentity": {"type": "IAMUser", "userName": "learner"},
        "requestParameters": {"modelId": MICRO, "body": "My name is Jane Doe"},
        **more,
    }
    return {
        "EventId": "1",
        "EventName": "Converse",
        "EventTime": NOW,
        "EventSource": "bedrock.amazonaws.com",
        "CloudTrailEvent": json.dumps(whole),
    }


LINKED = "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForSageMaker"
ASSUMED = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/ml"}}}


@pytest.mark.parametrize(
    ("event", "counts"),
    [
        (told(), True),
        (told(userIdentity=ASSUMED), True),
        (told(userIdentity={"type": "IAMUser", "sessionContext": None}), True),
        (told(errorCode="AccessDenied"), False),
        (told(userIdentity={"type": "AWSService", "invokedBy": "sagemaker.amazonaws.com"}), False),
        (told(userIdentity={**ASSUMED, "invokedBy": "sagemaker.amazonaws.com"}), False),
        (told(userIdentity={"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": LINKED}}}), False),
        ({**told(), "EventSource": "bedrock-mantle.amazonaws.com"}, False),
        ({**told(), "CloudTrailEvent": "{"}, False),
        ({**told(), "CloudTrailEvent": "[]"}, False),
        ({name: value for name, value in told().items() if name != "CloudTrailEvent"}, False),
    ],
)
def test_only_what_somebody_did_and_did_well_counts(event: dict[str, Any], counts: bool) -> None:
    where = source(InvocationEvent).where
    assert where is not None
    assert where(event) is counts


def test_of_an_invocation_only_the_model_is_kept() -> None:
    fields = {"event_id": "1", "event_name": "Converse", "event_source": "bedrock.amazonaws.com"}
    event = InvocationEvent(**fields, event_time=NOW, cloud_trail_event=told()["CloudTrailEvent"])
    assert event.model_id == MICRO
    assert "Jane" not in event.cloud_trail_event
    assert InvocationEvent(**fields, event_time=NOW, cloud_trail_event=event.cloud_trail_event) == event
    assert InvocationEvent(**fields, event_time=NOW, cloud_trail_event="[1]").model_id == ""


def test_one_call_finds_the_events_of_a_name() -> None:
    with emulated():
        runtime = client("bedrock-runtime")
        message = [{"role": "user", "content": [{"text": "What is churn?"}]}]
        runtime.converse(modelId=MICRO, messages=message)
        with pytest.raises(runtime.exceptions.ClientError):
            runtime.converse(modelId="no.such-model-v1:0", messages=message)
        snapshot = gathered(InvocationEvent)
        metrics = known(InvokedModel, gathered(InvokedModel))
    assert snapshot.calls == {"cloudtrail:LookupEvents": len(OPERATIONS)}
    assert [(event.event_name, event.model_id) for event in known(InvocationEvent, snapshot)] == [("Converse", MICRO)]
    assert [model.model_id for model in metrics] == [MICRO]


def test_no_more_than_a_page_of_events_is_read() -> None:
    def forever(asked: dict[str, Any]) -> dict[str, Any]:
        name = asked["LookupAttributes"][0]["AttributeValue"]
        return {"Events": [{**told(), "EventName": name, "EventTime": NOW}] * NEWEST, "NextToken": "more"}

    with emulated():
        snapshot = gathered(InvocationEvent, session=answering("cloudtrail.LookupEvents", forever))
    reading = snapshot.readings[name_of(InvocationEvent)][REGION]
    assert len(reading.records) == NEWEST * len(OPERATIONS)
    assert reading.cut


def test_a_model_is_invoked_once_whatever_it_is_counted_by() -> None:
    by_size = [Dimension(name="ModelId", value=MICRO), Dimension(name="ImageSize", value="1024")]
    metrics = [
        InvocationMetric(dimensions=by_size),
        InvocationMetric(dimensions=by_size[:1]),
        InvocationMetric(dimensions=[]),
    ]
    assert [model.model_id for model in InvokedModel.derive(metrics)] == [MICRO]
