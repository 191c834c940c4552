"""Metrics that services leave by themselves are found by whoever asks CloudWatch."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import pytest

from emulator.conftest import Client
from harness import REGION

USAGE = {"Service": "Translate", "Type": "API", "Resource": "TranslateText", "Class": "None"}
TEXT = {"Text": "hello", "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
SAID = {"Text": "I love it", "LanguageCode": "en"}
PNG = b"\x89PNG\r\n\x1a\n face"
HI = [{"role": "user", "content": [{"text": "hi there"}]}]

CALLS: list[tuple[str, str, dict[str, Any], str, str, dict[str, str]]] = [
    ("translate", "translate_text", TEXT, "AWS/Usage", "CallCount", USAGE),
    ("translate", "translate_text", TEXT, "AWS/Translate", "SuccessfulRequestCount", {"Operation": "TranslateText"}),
    (
        "comprehend",
        "detect_sentiment",
        SAID,
        "AWS/Usage",
        "CallCount",
        {**USAGE, "Service": "Comprehend", "Resource": "DetectSentiment"},
    ),
    (
        "comprehendmedical",
        "detect_phi",
        {"Text": "Dr. Smith"},
        "AWS/Usage",
        "CallCount",
        {**USAGE, "Service": "Comprehend Medical", "Resource": "DetectPHI"},
    ),
    (
        "rekognition",
        "detect_labels",
        {"Image": {"Bytes": PNG}},
        "AWS/Rekognition",
        "SuccessfulRequestCount",
        {"Operation": "DetectLabels"},
    ),
    (
        "rekognition",
        "detect_text",
        {"Image": {"Bytes": PNG}},
        "AWS/Usage",
        "CallCount",
        {**USAGE, "Service": "Rekognition", "Resource": "DetectText"},
    ),
    (
        "textract",
        "detect_document_text",
        {"Document": {"Bytes": PNG}},
        "AWS/Textract",
        "SuccessfulRequestCount",
        {"Operation": "DetectDocumentText"},
    ),
    (
        "textract",
        "analyze_document",
        {"Document": {"Bytes": PNG}, "FeatureTypes": ["FORMS"]},
        "AWS/Usage",
        "CallCount",
        {**USAGE, "Service": "Textract", "Resource": "AnalyzeDocument"},
    ),
    (
        "bedrock-runtime",
        "converse",
        {"modelId": "amazon.nova-micro-v1:0", "messages": HI},
        "AWS/Bedrock",
        "Invocations",
        {"ModelId": "amazon.nova-micro-v1:0"},
    ),
]


def total(aws: Client, namespace: str, name: str, dimensions: list[tuple[str, str]], region: str = REGION) -> float:
    """What was noted of a metric until now."""
    now = datetime.datetime.now(datetime.UTC)
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": one, "Value": value} for one, value in dimensions],
    }
    query = {"Id": "one", "MetricStat": {"Metric": metric, "Period": 86400, "Stat": "Sum"}}
    start = now - datetime.timedelta(days=455)
    asked = aws("cloudwatch", region).get_metric_data(MetricDataQueries=[query], StartTime=start, EndTime=now)
    values: list[float] = asked["MetricDataResults"][0]["Values"]
    return sum(values)


@pytest.mark.parametrize(
    ("service", "method", "given", "namespace", "name", "dimensions"),
    CALLS,
    ids=[f"{one[0]} {one[1]} {one[3]}" for one in CALLS],
)
def test_a_call_leaves_a_metric(
    aws: Client,
    service: str,
    method: str,
    given: dict[str, Any],
    namespace: str,
    name: str,
    dimensions: dict[str, str],
) -> None:
    where = list(dimensions.items())
    assert total(aws, namespace, name, where) == 0
    for _ in range(2):
        getattr(aws(service), method)(**given)
    assert total(aws, namespace, name, where) == 2
    assert total(aws, namespace, name, where, "eu-west-1") == 0


def test_the_order_of_dimensions_does_not_matter(aws: Client) -> None:
    aws("translate").translate_text(**TEXT)
    for order in itertools.permutations(USAGE.items()):
        assert total(aws, "AWS/Usage", "CallCount", list(order)) == 1
    assert total(aws, "AWS/Usage", "CallCount", list({**USAGE, "Resource": "Other"}.items())) == 0


def test_a_call_that_is_refused_is_no_success(aws: Client) -> None:
    with pytest.raises(aws("rekognition").exceptions.InvalidImageFormatException):
        aws("rekognition").detect_labels(Image={"Bytes": b"no image"})
    assert total(aws, "AWS/Rekognition", "SuccessfulRequestCount", [("Operation", "DetectLabels")]) == 0


def test_tokens_and_characters_are_those_of_the_request(aws: Client) -> None:
    answer = aws("bedrock-runtime").converse(modelId="amazon.nova-lite-v1:0", messages=HI)
    asked = [("ModelId", "amazon.nova-lite-v1:0")]
    assert total(aws, "AWS/Bedrock", "InputTokenCount", asked) == answer["usage"]["inputTokens"] == 2
    assert total(aws, "AWS/Bedrock", "OutputTokenCount", asked) == answer["usage"]["outputTokens"]
    aws("translate").translate_text(**TEXT)
    pair = [("LanguagePair", "en-de"), ("Operation", "TranslateText")]
    assert total(aws, "AWS/Translate", "CharacterCount", pair) == len("hello")
    aws("polly").synthesize_speech(Text="hello", OutputFormat="mp3", VoiceId="Joanna")
    assert total(aws, "AWS/Polly", "RequestCharacters", [("Operation", "SynthesizeSpeech")]) == len("hello")


def test_they_are_listed(aws: Client) -> None:
    aws("bedrock-runtime").converse(modelId="amazon.nova-lite-v1:0", messages=HI)
    found = aws("cloudwatch").list_metrics(Namespace="AWS/Bedrock", MetricName="Invocations")["Metrics"]
    assert [metric["Dimensions"] for metric in found] == [[{"Name": "ModelId", "Value": "amazon.nova-lite-v1:0"}]]
