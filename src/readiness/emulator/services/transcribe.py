"""Transcribe: call analytics jobs and custom language models; moto has the other jobs, and vocabularies.

Moto lists transcription jobs without what was redacted from them and the model that they used; AWS tells both.
"""

from __future__ import annotations

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted
from readiness.emulator.references import objects, require_role
from readiness.emulator.resources import Resource, listed

SERVICE = "transcribe"
COUNTED = (
    "StartTranscriptionJob",
    "StartMedicalTranscriptionJob",
    "StartCallAnalyticsJob",
    "CreateVocabulary",
    "CreateLanguageModel",
)


def _hear(call: Call, item: Item) -> None:
    """A job needs a recording; without it fails, as AWS's does."""
    if role := item.get("DataAccessRoleArn"):
        require_role(call, role)
    uri = item["Media"].get("MediaFileUri", "")
    item.setdefault("LanguageCode", "en-US")
    item["MediaFormat"] = uri.rpartition(".")[2]
    item["StartTime"] = item["CompletionTime"] = item["CreationTime"]
    if not objects(call, uri):
        item |= {"CallAnalyticsJobStatus": "FAILED", "FailureReason": f"The media at {uri} can't be read."}
    elif place := item.get("OutputLocation"):
        bucket, _, key = place.removeprefix("s3://").partition("/")
        name = item["CallAnalyticsJobName"]
        uri = f"https://s3.{call.region}.amazonaws.com/{bucket}/{key}analytics/{name}.json"
        redacted = item.get("Settings", {}).get("ContentRedaction")
        item["Transcript"] = {"RedactedTranscriptFileUri" if redacted else "TranscriptFileUri": uri}


ANALYTICS = Resource(
    SERVICE,
    "CallAnalyticsJob",
    "CallAnalyticsJobName",
    status=("CallAnalyticsJobStatus", "COMPLETED"),
    equals={"Status": "CallAnalyticsJobStatus"},
    created=_hear,
)


def _list_analytics(call: Call) -> Item:
    asked = dict(call.parameters)
    if "JobNameContains" in asked:
        asked["NameContains"] = asked.pop("JobNameContains")
    newest = list(reversed(ANALYTICS.items(call).values()))
    answer = listed(call, newest, ANALYTICS.key, ANALYTICS.equals, asked=asked)
    return {**answer, "Status": call.parameters.get("Status")}


def _delete_analytics(call: Call) -> None:
    if call.parameters["CallAnalyticsJobName"] not in ANALYTICS.items(call):
        raise Invalid("The requested job couldn't be found. Check the job name and try your request again.")
    ANALYTICS.delete(call)


def _learn(call: Call, item: Item) -> None:
    """A model learns from texts; without any it fails, as AWS's does."""
    config = item["InputDataConfig"]
    require_role(call, config["DataAccessRoleArn"])
    item["UpgradeAvailability"] = False
    if not objects(call, config["S3Uri"]):
        item |= {"ModelStatus": "FAILED", "FailureReason": f"There is no text at {config['S3Uri']}."}


MODELS = Resource(
    SERVICE,
    "LanguageModel",
    "ModelName",
    status=("ModelStatus", "COMPLETED"),
    result="Models",
    created=_learn,
)


def _describe_model(call: Call) -> Item:
    return {"LanguageModel": MODELS.find(call)}


def _delete_model(call: Call) -> None:
    if call.parameters["ModelName"] not in MODELS.items(call):
        raise Invalid("The requested model couldn't be found. Check the model name and try your request again.")
    MODELS.delete(call)


def _list_jobs(call: Call) -> Item:
    """Moto's jobs, the newest first, with what it leaves out."""
    found: list[Item] = []
    for job in reversed(call.backend("transcribe").transcriptions.values()):
        told = job.response_object("LIST")
        if job.content_redaction.get("RedactionType"):
            told["ContentRedaction"] = job.content_redaction
        if job.model_settings.get("LanguageModelName"):
            told["ModelSettings"] = job.model_settings
        found.append(told)
    asked = dict(call.parameters)
    if "JobNameContains" in asked:
        asked["NameContains"] = asked.pop("JobNameContains")
    equals = {"Status": "TranscriptionJobStatus"}
    answer = listed(call, found, "TranscriptionJobName", equals, asked=asked)
    return {**answer, "Status": call.parameters.get("Status")}


EXTENSION = Extension(
    SERVICE,
    {
        **ANALYTICS.handlers(),
        **MODELS.handlers(),
        "ListCallAnalyticsJobs": _list_analytics,
        "DeleteCallAnalyticsJob": _delete_analytics,
        "DescribeLanguageModel": _describe_model,
        "DeleteLanguageModel": _delete_model,
        "ListTranscriptionJobs": _list_jobs,
    },
    counted(COUNTED),
)
