"""Comprehend: moto's jobs end, its canned answers follow from the text, and endpoints are told as AWS tells them.

Moto answers the same three entities, phrases and the same sentiment for every text, at offsets that the text may not
have; its jobs stay SUBMITTED and classifiers TRAINING for ever, so that nothing that waits for them ends, and nothing
that was run counts as run; it names jobs that nobody named. Its endpoints have the ARN of their model within their own,
no times and no units that run, and need no model.
"""

from __future__ import annotations

import re

from readiness.emulator import text
from readiness.emulator.call import Call, Coded, Elsewhere, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted, usage
from readiness.emulator.references import objects
from readiness.emulator.resources import Resource

SERVICE = "comprehend"
SENTIMENT_BYTES = 5_000
TEXT_BYTES = 100_000
KINDS = (
    "DocumentClassification",
    "DominantLanguageDetection",
    "EntitiesDetection",
    "EventsDetection",
    "KeyPhrasesDetection",
    "PiiEntitiesDetection",
    "SentimentDetection",
    "TargetedSentimentDetection",
    "TopicsDetection",
)
"""The jobs that moto keeps."""
DETECTED = (
    "DetectSentiment",
    "DetectEntities",
    "DetectKeyPhrases",
    "DetectDominantLanguage",
    "DetectPiiEntities",
    "ContainsPiiEntities",
)
SCORE = 0.99
ENTITIES = {
    "DATE": text.PATTERNS["DATE_TIME"],
    "QUANTITY": re.compile(r"\b\d+(?:\.\d+)?%?(?= |$)"),
    "OTHER": re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*"),
}
"""What can be told by its form; a name within a sentence may be of anything."""
PHRASES = re.compile(r"\b(?:the|a|an|my|your|this|our) \w+(?: \w+)?", re.IGNORECASE)


def _said(call: Call, most: int) -> str:
    """The text, where Comprehend takes it; what it does not take is for moto to refuse."""
    said: str = call.parameters.get("Text", "")
    backend = call.backend("comprehend")
    personal = call.operation in ("DetectPiiEntities", "ContainsPiiEntities")
    known = backend.detect_pii_entities_languages if personal else backend.detect_key_phrases_languages
    if call.parameters.get("LanguageCode", "en") not in known or len(said) > most:
        if call.operation in ("DetectSentiment", "DetectKeyPhrases", "DetectPiiEntities"):
            raise Elsewhere
        raise Coded(
            "TextSizeLimitExceededException" if len(said) > most else "UnsupportedLanguageException", "Refused."
        )
    return said


def _sentiment(call: Call) -> Item:
    scores = text.sentiment(_said(call, SENTIMENT_BYTES))
    return {"Sentiment": max(scores, key=lambda name: scores[name]).upper(), "SentimentScore": scores}


def _personal(call: Call) -> Item:
    found = text.personal(_said(call, TEXT_BYTES))
    return {
        "Entities": [
            {"Score": SCORE, "Type": kind, "BeginOffset": begin, "EndOffset": end} for kind, begin, end in found
        ]
    }


def _contains(call: Call) -> Item:
    kinds = dict.fromkeys(kind for kind, _, _ in text.personal(_said(call, TEXT_BYTES)))
    return {"Labels": [{"Name": kind, "Score": SCORE} for kind in kinds]}


def _languages(call: Call) -> Item:
    found = text.languages(_said(call, TEXT_BYTES))
    return {"Languages": [{"LanguageCode": code, "Score": score} for code, score in found.items()]}


def _matches(said: str, pattern: re.Pattern[str]) -> list[Item]:
    return [
        {"Score": SCORE, "Text": match.group(), "BeginOffset": match.start(), "EndOffset": match.end()}
        for match in pattern.finditer(said)
    ]


def _entities(call: Call) -> Item:
    said = _said(call, TEXT_BYTES)
    return {"Entities": [{**one, "Type": kind} for kind, form in ENTITIES.items() for one in _matches(said, form)]}


def _phrases(call: Call) -> Item:
    return {"KeyPhrases": _matches(_said(call, TEXT_BYTES), PHRASES)}


def _end_jobs(call: Call) -> None:
    """What moto has just submitted is done, on the documents that are there; without any it fails."""
    usage(call)
    for job in call.backend("comprehend").jobs.values():
        if job.job_status == "SUBMITTED":
            job.job_name = call.parameters.get("JobName")
            job.end_time = job.submit_time
            try:
                there = bool(objects(call, job.input_s3_config["S3Uri"]))
            except Invalid:
                there = False
            job.job_status = "COMPLETED" if there else "FAILED"
            if not there:
                job.extra_args["Message"] = "NO_READ_ACCESS_TO_INPUT: There are no documents at the input location."


def _end_training(call: Call) -> None:
    for classifier in call.backend("comprehend").classifiers.values():
        if classifier.status == "TRAINING":
            classifier.status = "TRAINED"


def _host(call: Call, item: Item) -> None:
    """An endpoint serves a model that is there; what is asked for runs."""
    model = item.get("ModelArn", "")
    backend = call.backend("comprehend")
    kinds = {"document-classifier": backend.classifiers, "entity-recognizer": backend.recognizers}
    kind = next((kind for kind, kept in kinds.items() if model in kept), None)
    if kind is None:
        raise NotFound(f"The model {model} does not exist.")
    item["EndpointArn"] = call.arn(f"{kind}-endpoint/{item['EndpointName']}")
    backend.tagger.tag_resource(item["EndpointArn"], item.pop("Tags", []))
    _scale(call, item)


def _scale(call: Call, item: Item) -> None:  # noqa: ARG001 - as all that completes an item
    item["CurrentInferenceUnits"] = item["DesiredInferenceUnits"]
    item["ModelArn"] = item.pop("DesiredModelArn", item["ModelArn"])


ENDPOINTS = Resource(
    SERVICE,
    "Endpoint",
    "EndpointName",
    status=("Status", "IN_SERVICE"),
    equals={"ModelArn": "ModelArn", "Status": "Status"},
    created=_host,
    changed=_scale,
)

EXTENSION = Extension(
    SERVICE,
    {
        **ENDPOINTS.handlers(),
        "DetectSentiment": _sentiment,
        "DetectPiiEntities": _personal,
        "ContainsPiiEntities": _contains,
        "DetectDominantLanguage": _languages,
        "DetectEntities": _entities,
        "DetectKeyPhrases": _phrases,
    },
    {
        **counted((*DETECTED, "CreateEntityRecognizer")),
        "CreateDocumentClassifier": _end_training,
        **{f"Start{kind}Job": _end_jobs for kind in KINDS},
    },
)
