from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
PAIRS = [{"Key": "Owner", "Value": "me"}]
MAP = {"Owner": "me"}
PNG = b"\x89PNG\r\n\x1a\n face"
PDF = b"%PDF-1.4 /Type /Pages /Type /Page BT (Total due) Tj (42 EUR) Tj ET /Type /Page"
MARKS = (
    '<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">'
    "<lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme>"
    "<lexeme><grapheme>ML</grapheme><alias>machine learning</alias></lexeme></lexicon>"
)
FILES = {
    "docs/1.txt": b"Hello",
    "docs/2.txt": b"Dr. Smith, 555-123-4567",
    "examples.csv": b"en,de\nchurn,Abwanderung\n",
    "face.png": PNG,
    "bill.pdf": PDF,
    "manifest.jsonl": b'{"source-ref": "s3://lab/face.png"}\n' * 20,
    "call.mp3": b"sound",
    "interactions.csv": b"USER_ID,ITEM_ID,TIMESTAMP\n1,2,3\n",
}
TERMS = {"File": b"en,de\nchurn,Abwanderung\nSageMaker,SageMaker\n", "Format": "CSV"}
BATCH = {
    "InputDataConfig": {"S3Uri": "s3://lab/docs/", "ContentType": "text/plain"},
    "OutputDataConfig": {"S3Uri": "s3://lab/out/"},
    "DataAccessRoleArn": ROLE,
    "SourceLanguageCode": "en",
    "TargetLanguageCodes": ["de"],
}
PLACES = {
    "InputDataConfig": {"S3Uri": "s3://lab/docs/"},
    "OutputDataConfig": {"S3Uri": "s3://lab/out/"},
    "DataAccessRoleArn": ROLE,
    "LanguageCode": "en",
}
MEDICAL = {
    "InputDataConfig": {"S3Bucket": "lab", "S3Key": "docs/"},
    "OutputDataConfig": {"S3Bucket": "lab"},
    "DataAccessRoleArn": ROLE,
    "LanguageCode": "en",
}
SPOKEN = {"Text": "hello", "OutputFormat": "mp3", "VoiceId": "Joanna", "OutputS3BucketName": "lab"}
LEARN = {
    "LanguageCode": "en-US",
    "BaseModelName": "WideBand",
    "InputDataConfig": {"S3Uri": "s3://lab/docs/", "DataAccessRoleArn": ROLE},
}


@pytest.fixture
def lab(aws: Client) -> Client:
    """Clients of an account with a role and a bucket of data."""
    aws("iam").create_role(RoleName="ml", AssumeRolePolicyDocument="{}")
    aws("s3").create_bucket(Bucket="lab")
    for key, body in FILES.items():
        aws("s3").put_object(Bucket="lab", Key=key, Body=body)
    return aws


@dataclasses.dataclass(frozen=True)
class Life:
    """One sort of resource: how it is made, found, listed and deleted.

    Attributes:
        service: boto3's name of the service.
        make: what makes one, and what it is given.
        listing: what lists them, and the member of its answer.
        get: what tells of one.
        key: the parameter that names one.
        gone: what deletes one, if anything does.
        path: where the answer of `make` has what `get` names it by, if AWS names it.
        missing: the code of the refusal where there is none.
    """

    service: str
    make: tuple[str, dict[str, Any]]
    listing: tuple[str, str]
    get: str
    key: str
    gone: str = ""
    path: tuple[str, ...] = ()
    missing: str = "ResourceNotFoundException"

    def __str__(self) -> str:
        return f"{self.service} {self.make[0]}"


LIVES = [
    Life(
        "translate",
        ("import_terminology", {"Name": "one", "MergeStrategy": "OVERWRITE", "TerminologyData": TERMS}),
        ("list_terminologies", "TerminologyPropertiesList"),
        "get_terminology",
        "Name",
        "delete_terminology",
    ),
    Life(
        "translate",
        ("create_parallel_data", {"Name": "one", "ParallelDataConfig": {"S3Uri": "s3://lab/examples.csv"}}),
        ("list_parallel_data", "ParallelDataPropertiesList"),
        "get_parallel_data",
        "Name",
        "delete_parallel_data",
    ),
    Life(
        "translate",
        ("start_text_translation_job", BATCH),
        ("list_text_translation_jobs", "TextTranslationJobPropertiesList"),
        "describe_text_translation_job",
        "JobId",
        path=("JobId",),
    ),
    Life(
        "comprehend",
        ("start_pii_entities_detection_job", {**PLACES, "Mode": "ONLY_OFFSETS"}),
        ("list_pii_entities_detection_jobs", "PiiEntitiesDetectionJobPropertiesList"),
        "describe_pii_entities_detection_job",
        "JobId",
        path=("JobId",),
    ),
    Life(
        "comprehendmedical",
        ("start_phi_detection_job", MEDICAL),
        ("list_phi_detection_jobs", "ComprehendMedicalAsyncJobPropertiesList"),
        "describe_phi_detection_job",
        "JobId",
        path=("JobId",),
    ),
    Life(
        "comprehendmedical",
        ("start_entities_detection_v2_job", MEDICAL),
        ("list_entities_detection_v2_jobs", "ComprehendMedicalAsyncJobPropertiesList"),
        "describe_entities_detection_v2_job",
        "JobId",
        path=("JobId",),
    ),
    Life(
        "kendra",
        ("create_index", {"Name": "docs", "RoleArn": ROLE}),
        ("list_indices", "IndexConfigurationSummaryItems"),
        "describe_index",
        "Id",
        "delete_index",
        ("Id",),
    ),
    Life(
        "personalize",
        ("create_dataset_group", {"name": "films"}),
        ("list_dataset_groups", "datasetGroups"),
        "describe_dataset_group",
        "datasetGroupArn",
        "delete_dataset_group",
        ("datasetGroupArn",),
    ),
    Life(
        "polly",
        ("start_speech_synthesis_task", SPOKEN),
        ("list_speech_synthesis_tasks", "SynthesisTasks"),
        "get_speech_synthesis_task",
        "TaskId",
        path=("SynthesisTask", "TaskId"),
        missing="SynthesisTaskNotFoundException",
    ),
    Life(
        "polly",
        ("put_lexicon", {"Name": "one", "Content": MARKS}),
        ("list_lexicons", "Lexicons"),
        "get_lexicon",
        "Name",
        "delete_lexicon",
        missing="LexiconNotFoundException",
    ),
    Life(
        "rekognition",
        ("create_collection", {"CollectionId": "one"}),
        ("list_collections", "CollectionIds"),
        "describe_collection",
        "CollectionId",
        "delete_collection",
    ),
    Life(
        "textract",
        ("create_adapter", {"AdapterName": "one", "FeatureTypes": ["QUERIES"]}),
        ("list_adapters", "Adapters"),
        "get_adapter",
        "AdapterId",
        "delete_adapter",
        ("AdapterId",),
    ),
    Life(
        "transcribe",
        ("start_call_analytics_job", {"CallAnalyticsJobName": "one", "Media": {"MediaFileUri": "s3://lab/call.mp3"}}),
        ("list_call_analytics_jobs", "CallAnalyticsJobSummaries"),
        "get_call_analytics_job",
        "CallAnalyticsJobName",
        "delete_call_analytics_job",
        missing="NotFoundException",
    ),
    Life(
        "transcribe",
        ("create_language_model", {"ModelName": "one", **LEARN}),
        ("list_language_models", "Models"),
        "describe_language_model",
        "ModelName",
        "delete_language_model",
        missing="NotFoundException",
    ),
]


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_what_is_made_is_found_listed_and_deleted(lab: Client, refused: Refused, life: Life) -> None:
    client = lab(life.service)

    def listed(where: Any) -> list[Any]:
        found: list[Any] = getattr(where, life.listing[0])()[life.listing[1]]
        return found

    assert listed(client) == []
    method, given = life.make
    made = getattr(client, method)(**given)
    name = given.get(life.key, "")
    for member in life.path:
        made = name = made[member]
    told = getattr(client, life.get)(**{life.key: name})
    assert "COMPLETED" in str(told).upper() or life.gone
    assert len(listed(client)) == 1
    assert listed(lab(life.service, "eu-west-1")) == []
    if life.gone:
        getattr(client, life.gone)(**{life.key: name})
        assert listed(client) == []
        assert refused(getattr(client, life.get), **{life.key: name}) == life.missing
        assert refused(getattr(client, life.gone), **{life.key: name}) in (life.missing, "BadRequestException")


TAGGED: list[tuple[str, str, dict[str, Any], str, str, Any]] = [
    ("kendra", "create_index", {"Name": "d", "RoleArn": ROLE, "Tags": PAIRS}, "Id", "index/{}", PAIRS),
    ("rekognition", "create_collection", {"CollectionId": "c", "Tags": MAP}, "CollectionArn", "", MAP),
    ("rekognition", "create_project", {"ProjectName": "p", "Tags": MAP}, "ProjectArn", "", MAP),
    (
        "textract",
        "create_adapter",
        {"AdapterName": "a", "FeatureTypes": ["QUERIES"], "Tags": MAP},
        "AdapterId",
        "/adapters/{}",
        MAP,
    ),
    (
        "translate",
        "create_parallel_data",
        {"Name": "p", "ParallelDataConfig": {"S3Uri": "s3://lab/examples.csv"}, "Tags": PAIRS},
        "Name",
        "parallel-data/{}",
        PAIRS,
    ),
    (
        "personalize",
        "create_dataset_group",
        {"name": "g", "tags": [{"tagKey": "Owner", "tagValue": "me"}]},
        "datasetGroupArn",
        "",
        [{"tagKey": "Owner", "tagValue": "me"}],
    ),
]


@pytest.mark.parametrize(
    ("service", "method", "given", "member", "resource", "tags"), TAGGED, ids=[t[1] for t in TAGGED]
)
def test_tags_are_kept_added_and_removed(
    lab: Client,
    refused: Refused,
    service: str,
    method: str,
    given: dict[str, Any],
    member: str,
    resource: str,
    tags: Any,
) -> None:
    client = lab(service)
    model = client.meta.service_model
    made = getattr(client, method)(**given)[member]
    arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource.format(made)}" if resource else made
    [name] = [one for one in model.operation_model("ListTagsForResource").input_shape.members if "rn" in one.lower()]
    [holder] = [
        one for one in model.operation_model("ListTagsForResource").output_shape.members if one.lower() == "tags"
    ]
    [keys] = [one for one in model.operation_model("UntagResource").input_shape.members if one.lower() == "tagkeys"]
    assert client.list_tags_for_resource(**{name: arn})[holder] == tags
    client.untag_resource(**{name: arn, keys: ["Owner"]})
    assert not client.list_tags_for_resource(**{name: arn})[holder]
    client.tag_resource(**{name: arn, holder: tags})
    assert client.list_tags_for_resource(**{name: arn})[holder] == tags
    lost = refused(client.list_tags_for_resource, **{name: f"{arn}-none"})
    assert lost in ("ResourceNotFoundException", "ResourceUnavailableException", "ValidationException")


IMAGE = {"S3Object": {"Bucket": "lab", "Name": "none.png"}}
REFUSALS: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "translate",
        "translate_text",
        {"Text": "a", "SourceLanguageCode": "en", "TargetLanguageCode": "tlh"},
        "UnsupportedLanguagePairException",
    ),
    (
        "translate",
        "translate_text",
        {"Text": "a", "SourceLanguageCode": "en", "TargetLanguageCode": "de", "TerminologyNames": ["none"]},
        "ResourceNotFoundException",
    ),
    (
        "translate",
        "translate_text",
        {"Text": "ä" * 5001, "SourceLanguageCode": "en", "TargetLanguageCode": "de"},
        "TextSizeLimitExceededException",
    ),
    (
        "translate",
        "import_terminology",
        {"Name": "t", "MergeStrategy": "OVERWRITE", "TerminologyData": {"File": b"nonsense", "Format": "CSV"}},
        "InvalidParameterValueException",
    ),
    (
        "translate",
        "import_terminology",
        {"Name": "t", "MergeStrategy": "OVERWRITE", "TerminologyData": {"File": b"<tmx", "Format": "TMX"}},
        "InvalidParameterValueException",
    ),
    (
        "translate",
        "start_text_translation_job",
        {**BATCH, "DataAccessRoleArn": f"{ROLE}-none"},
        "InvalidParameterValueException",
    ),
    ("translate", "list_languages", {"DisplayLanguageCode": "de"}, "UnsupportedDisplayLanguageCodeException"),
    ("translate", "list_terminologies", {"NextToken": "made-up"}, "InvalidParameterValueException"),
    (
        "comprehend",
        "create_endpoint",
        {
            "EndpointName": "e",
            "ModelArn": f"arn:aws:comprehend:{REGION}:{ACCOUNT}:document-classifier/none",
            "DesiredInferenceUnits": 1,
        },
        "ResourceNotFoundException",
    ),
    ("comprehend", "detect_entities", {"Text": "a", "LanguageCode": "xx"}, "ValidationException"),
    (
        "comprehendmedical",
        "start_phi_detection_job",
        {**MEDICAL, "DataAccessRoleArn": f"{ROLE}-none"},
        "InvalidRequestException",
    ),
    (
        "kendra",
        "query",
        {"IndexId": "none-0000000000000000000000000000000", "QueryText": "a"},
        "ResourceNotFoundException",
    ),
    (
        "personalize",
        "create_solution",
        {"name": "s", "datasetGroupArn": f"arn:aws:personalize:{REGION}:{ACCOUNT}:dataset-group/none"},
        "ResourceNotFoundException",
    ),
    ("polly", "start_speech_synthesis_task", {**SPOKEN, "OutputS3BucketName": "none"}, "InvalidS3BucketException"),
    (
        "polly",
        "synthesize_speech",
        {"Text": "a", "OutputFormat": "mp3", "VoiceId": "Joanna", "LexiconNames": ["none"]},
        "LexiconNotFoundException",
    ),
    (
        "polly",
        "synthesize_speech",
        {"Text": "a" * 3001, "OutputFormat": "mp3", "VoiceId": "Joanna"},
        "TextLengthExceededException",
    ),
    (
        "polly",
        "synthesize_speech",
        {"Text": "<speak", "TextType": "ssml", "OutputFormat": "mp3", "VoiceId": "Joanna"},
        "InvalidSsmlException",
    ),
    ("rekognition", "detect_labels", {"Image": IMAGE}, "InvalidS3ObjectException"),
    ("rekognition", "detect_labels", {"Image": {"Bytes": b"text"}}, "InvalidImageFormatException"),
    ("rekognition", "detect_labels", {"Image": {}}, "InvalidParameterException"),
    ("rekognition", "index_faces", {"CollectionId": "none", "Image": {"Bytes": PNG}}, "ResourceNotFoundException"),
    ("rekognition", "start_label_detection", {"Video": IMAGE}, "InvalidS3ObjectException"),
    ("rekognition", "get_label_detection", {"JobId": "none"}, "ResourceNotFoundException"),
    ("textract", "detect_document_text", {"Document": IMAGE}, "InvalidS3ObjectException"),
    ("textract", "detect_document_text", {"Document": {"Bytes": b"text"}}, "UnsupportedDocumentException"),
    ("textract", "start_document_text_detection", {"DocumentLocation": IMAGE}, "InvalidS3ObjectException"),
    ("textract", "get_adapter_version", {"AdapterId": "a" * 12, "AdapterVersion": "1"}, "ResourceNotFoundException"),
    ("transcribe", "delete_language_model", {"ModelName": "none"}, "BadRequestException"),
]


@pytest.mark.parametrize(
    ("service", "method", "given", "code"), REFUSALS, ids=[f"{one[0]} {one[1]} {one[3]}" for one in REFUSALS]
)
def test_refusals_are_those_of_aws(
    lab: Client, refused: Refused, service: str, method: str, given: dict[str, Any], code: str
) -> None:
    assert refused(getattr(lab(service), method), **given) == code


TWICE: list[tuple[str, str, dict[str, Any], str]] = [
    ("kendra", "create_index", {"Name": "d", "RoleArn": ROLE}, "ConflictException"),
    ("personalize", "create_dataset_group", {"name": "g"}, "ResourceAlreadyExistsException"),
    ("rekognition", "create_collection", {"CollectionId": "c"}, "ResourceAlreadyExistsException"),
    ("rekognition", "create_project", {"ProjectName": "p"}, "ResourceInUseException"),
    ("transcribe", "create_language_model", {"ModelName": "m", **LEARN}, "ConflictException"),
    (
        "translate",
        "create_parallel_data",
        {"Name": "p", "ParallelDataConfig": {"S3Uri": "s3://lab/examples.csv"}},
        "ConflictException",
    ),
]


@pytest.mark.parametrize(("service", "method", "given", "code"), TWICE, ids=[one[1] for one in TWICE])
def test_names_collide(
    lab: Client, refused: Refused, service: str, method: str, given: dict[str, Any], code: str
) -> None:
    getattr(lab(service), method)(**given)
    assert refused(getattr(lab(service), method), **given) == code


FAILED: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    (
        "translate",
        "start_text_translation_job",
        {**BATCH, "InputDataConfig": {"S3Uri": "s3://lab/none/", "ContentType": "text/plain"}},
        "list_text_translation_jobs",
        "TextTranslationJobPropertiesList",
        "JobStatus",
    ),
    (
        "comprehend",
        "start_sentiment_detection_job",
        {**PLACES, "InputDataConfig": {"S3Uri": "s3://none/"}},
        "list_sentiment_detection_jobs",
        "SentimentDetectionJobPropertiesList",
        "JobStatus",
    ),
    (
        "comprehendmedical",
        "start_phi_detection_job",
        {**MEDICAL, "InputDataConfig": {"S3Bucket": "lab", "S3Key": "none/"}},
        "list_phi_detection_jobs",
        "ComprehendMedicalAsyncJobPropertiesList",
        "JobStatus",
    ),
    (
        "transcribe",
        "start_call_analytics_job",
        {"CallAnalyticsJobName": "c", "Media": {"MediaFileUri": "s3://lab/none.mp3"}},
        "list_call_analytics_jobs",
        "CallAnalyticsJobSummaries",
        "CallAnalyticsJobStatus",
    ),
    (
        "transcribe",
        "create_language_model",
        {**LEARN, "ModelName": "m", "InputDataConfig": {"S3Uri": "s3://lab/none/", "DataAccessRoleArn": ROLE}},
        "list_language_models",
        "Models",
        "ModelStatus",
    ),
]


@pytest.mark.parametrize(
    ("service", "start", "given", "listing", "member", "status"), FAILED, ids=[f"{one[0]} {one[1]}" for one in FAILED]
)
def test_jobs_without_data_fail(
    lab: Client, service: str, start: str, given: dict[str, Any], listing: str, member: str, status: str
) -> None:
    getattr(lab(service), start)(**given)
    [job] = getattr(lab(service), listing)()[member]
    assert job[status] == "FAILED"


def test_a_terminology_is_read_and_applied(lab: Client) -> None:
    translate = lab("translate")
    given = {"Name": "telecom", "MergeStrategy": "OVERWRITE"}
    told = translate.import_terminology(**given, TerminologyData=TERMS, Tags=PAIRS)["TerminologyProperties"]
    assert (told["SourceLanguageCode"], told["TargetLanguageCodes"], told["TermCount"]) == ("en", ["de"], 2)
    assert told["Arn"] == f"arn:aws:translate:{REGION}:{ACCOUNT}:terminology/telecom/LATEST"
    text = {"SourceLanguageCode": "auto", "TargetLanguageCode": "de", "TerminologyNames": ["telecom"]}
    answer = translate.translate_text(Text="The churn is high", **text)
    assert answer["TranslatedText"] == "[de] The Abwanderung is high"
    assert answer["SourceLanguageCode"] == "en"
    [applied] = answer["AppliedTerminologies"]
    assert applied["Terms"] == [{"SourceText": "churn", "TargetText": "Abwanderung"}]
    document = {"Content": b"The churn", "ContentType": "text/plain"}
    made = translate.translate_document(Document=document, **text)["TranslatedDocument"]["Content"]
    assert made == b"[de] The Abwanderung"
    tmx = b'<tmx><body><tu><tuv xml:lang="en"><seg>a</seg></tuv><tuv xml:lang="fr"><seg>b</seg></tuv></tu></body></tmx>'
    again = translate.import_terminology(**given, TerminologyData={"File": tmx, "Format": "TMX"})
    assert again["TerminologyProperties"]["TargetLanguageCodes"] == ["fr"]
    assert again["TerminologyProperties"]["CreatedAt"] == told["CreatedAt"]
    assert len(translate.list_terminologies()["TerminologyPropertiesList"]) == 1
    assert translate.list_tags_for_resource(ResourceArn=told["Arn"])["Tags"] == PAIRS


def test_translation_jobs_are_filtered_and_paged(lab: Client) -> None:
    translate = lab("translate")
    for number in range(3):
        translate.start_text_translation_job(JobName=f"job-{number}", **BATCH)

    def names(**asked: Any) -> list[str]:
        answer = translate.list_text_translation_jobs(**asked)
        return [job["JobName"] for job in answer["TextTranslationJobPropertiesList"]]

    assert names() == ["job-2", "job-1", "job-0"]
    assert names(Filter={"JobStatus": "COMPLETED", "JobName": "job-1"}) == ["job-1"]
    assert names(Filter={"JobStatus": "FAILED"}) == []
    [job, *_] = translate.list_text_translation_jobs()["TextTranslationJobPropertiesList"]
    assert job["JobDetails"]["InputDocumentsCount"] == 2
    assert job["SubmittedTime"] <= job["EndTime"]
    late = job["SubmittedTime"].replace(year=2099)
    assert names(Filter={"SubmittedAfterTime": late}) == []
    assert len(names(Filter={"SubmittedBeforeTime": late})) == 3
    token = translate.list_text_translation_jobs(MaxResults=2)["NextToken"]
    assert names(MaxResults=2, NextToken=token) == ["job-0"]
    assert translate.stop_text_translation_job(JobId=job["JobId"])["JobStatus"] == "COMPLETED"


def test_languages_are_listed(lab: Client) -> None:
    answer = lab("translate").list_languages()
    assert {"LanguageName": "German", "LanguageCode": "de"} in answer["Languages"]
    assert answer["DisplayLanguageCode"] == "en"


SENTIMENTS = [("I love this excellent phone", "POSITIVE"), ("Terrible and broken", "NEGATIVE"), ("A phone", "NEUTRAL")]


@pytest.mark.parametrize(("said", "sentiment"), SENTIMENTS)
def test_a_sentiment_follows_from_the_text(lab: Client, said: str, sentiment: str) -> None:
    answer = lab("comprehend").detect_sentiment(Text=said, LanguageCode="en")
    assert answer["Sentiment"] == sentiment
    assert sum(answer["SentimentScore"].values()) == pytest.approx(1)


def test_what_is_detected_is_in_the_text(lab: Client) -> None:
    comprehend = lab("comprehend")
    said = "My name is Jane Doe, write to jane@example.com or call 555-123-4567 before 2026-01-31."
    found = comprehend.detect_pii_entities(Text=said, LanguageCode="en")["Entities"]
    assert {one["Type"]: said[one["BeginOffset"] : one["EndOffset"]] for one in found} == {
        "NAME": "Jane Doe",
        "EMAIL": "jane@example.com",
        "PHONE": "555-123-4567",
        "DATE_TIME": "2026-01-31",
    }
    labels = comprehend.contains_pii_entities(Text=said, LanguageCode="en")["Labels"]
    assert {label["Name"] for label in labels} == {one["Type"] for one in found}
    assert comprehend.detect_pii_entities(Text="Nothing", LanguageCode="en")["Entities"] == []
    entities = comprehend.detect_entities(Text=said, LanguageCode="en")["Entities"]
    assert ("DATE", "2026-01-31") in [(one["Type"], one["Text"]) for one in entities]
    phrases = comprehend.detect_key_phrases(Text="I read the long book", LanguageCode="en")["KeyPhrases"]
    assert [one["Text"] for one in phrases] == ["the long book"]
    german = comprehend.detect_dominant_language(Text="Das ist nicht der Punkt")["Languages"]
    assert german[0]["LanguageCode"] == "de"


def test_moto_still_refuses_what_comprehend_does_not_take(lab: Client) -> None:
    with pytest.raises(ClientError):
        lab("comprehend").detect_pii_entities(Text="a", LanguageCode="de")
    with pytest.raises(ClientError):
        lab("comprehend").detect_sentiment(Text="a" * 5001, LanguageCode="en")


def test_jobs_and_models_of_comprehend_end(lab: Client) -> None:
    comprehend = lab("comprehend")
    comprehend.start_sentiment_detection_job(JobName="moods", **PLACES)
    [job] = comprehend.list_sentiment_detection_jobs(Filter={"JobStatus": "COMPLETED"})[
        "SentimentDetectionJobPropertiesList"
    ]
    assert job["JobName"] == "moods"
    assert job["SubmitTime"] <= job["EndTime"]
    model = comprehend.create_document_classifier(
        DocumentClassifierName="topics",
        VersionName="v1",
        DataAccessRoleArn=ROLE,
        InputDataConfig={"S3Uri": "s3://lab/docs/"},
        LanguageCode="en",
    )["DocumentClassifierArn"]
    told = comprehend.describe_document_classifier(DocumentClassifierArn=model)["DocumentClassifierProperties"]
    assert told["Status"] == "TRAINED"
    arn = comprehend.create_endpoint(EndpointName="live", ModelArn=model, DesiredInferenceUnits=1, Tags=PAIRS)[
        "EndpointArn"
    ]
    assert arn == f"arn:aws:comprehend:{REGION}:{ACCOUNT}:document-classifier-endpoint/live"
    comprehend.update_endpoint(EndpointArn=arn, DesiredInferenceUnits=2)
    [endpoint] = comprehend.list_endpoints(Filter={"ModelArn": model})["EndpointPropertiesList"]
    assert (endpoint["Status"], endpoint["CurrentInferenceUnits"]) == ("IN_SERVICE", 2)
    assert endpoint["CreationTime"] <= endpoint["LastModifiedTime"]
    assert comprehend.list_tags_for_resource(ResourceArn=arn)["Tags"] == PAIRS
    comprehend.delete_endpoint(EndpointArn=arn)
    assert comprehend.list_endpoints()["EndpointPropertiesList"] == []


def test_health_information_is_found(lab: Client) -> None:
    medical = lab("comprehendmedical")
    said = "Dr. Smith saw a 45 years old patient with asthma on 01/02/2026, who takes ibuprofen."
    found = medical.detect_phi(Text=said)["Entities"]
    assert [(one["Type"], one["Text"]) for one in found] == [
        ("NAME", "Smith"),
        ("AGE", "45"),
        ("DATE", "01/02/2026"),
    ]
    kinds = {one["Category"] for one in medical.detect_entities_v2(Text=said)["Entities"]}
    assert kinds == {"PROTECTED_HEALTH_INFORMATION", "MEDICATION", "MEDICAL_CONDITION"}
    key = medical.start_phi_detection_job(JobName="notes", **MEDICAL)["JobId"]
    assert medical.stop_phi_detection_job(JobId=key)["JobId"] == key
    [job] = medical.list_phi_detection_jobs(Filter={"JobName": "notes"})["ComprehendMedicalAsyncJobPropertiesList"]
    assert job["SubmitTime"] <= job["EndTime"] < job["ExpirationTime"]
    assert medical.list_rx_norm_inference_jobs()["ComprehendMedicalAsyncJobPropertiesList"] == []


def test_an_index_is_changed_and_finds_nothing(lab: Client, refused: Refused) -> None:
    kendra = lab("kendra")
    key = kendra.create_index(Name="docs", RoleArn=ROLE, Edition="DEVELOPER_EDITION")["Id"]
    kendra.update_index(Id=key, Description="papers")
    told = kendra.describe_index(Id=key)
    assert (told["Status"], told["Edition"], told["Description"]) == ("ACTIVE", "DEVELOPER_EDITION", "papers")
    units = {"StorageCapacityUnits": 1, "QueryCapacityUnits": 1}
    assert refused(kendra.update_index, Id=key, CapacityUnits=units) == "ValidationException"
    assert kendra.describe_index(Id=key)["CapacityUnits"] == {"StorageCapacityUnits": 0, "QueryCapacityUnits": 0}
    assert kendra.query(IndexId=key, QueryText="a")["TotalNumberOfResults"] == 0


def test_a_campaign_rests_on_a_version_of_a_solution_on_data(lab: Client, refused: Refused) -> None:
    personalize = lab("personalize")
    schema = personalize.create_schema(name="s", schema=json.dumps({"type": "record"}))["schemaArn"]
    group = personalize.create_dataset_group(name="films")["datasetGroupArn"]
    recipe = next(one["recipeArn"] for one in personalize.list_recipes()["recipes"] if "ranking" in one["name"])
    assert personalize.describe_recipe(recipeArn=recipe)["recipe"]["recipeType"] == "PERSONALIZED_RANKING"
    solution = personalize.create_solution(name="rank", datasetGroupArn=group, recipeArn=recipe)["solutionArn"]
    assert refused(personalize.create_solution_version, solutionArn=solution) == "InvalidInputException"
    dataset = {"schemaArn": schema, "datasetGroupArn": group, "datasetType": "Interactions"}
    data = personalize.create_dataset(name="clicks", **dataset)["datasetArn"]
    assert refused(personalize.create_dataset, name="more", **dataset) == "ResourceAlreadyExistsException"
    source = {"dataLocation": "s3://lab/interactions.csv"}
    personalize.create_dataset_import_job(jobName="load", datasetArn=data, dataSource=source, roleArn=ROLE)
    [job] = personalize.list_dataset_import_jobs(datasetArn=data)["datasetImportJobs"]
    assert job["status"] == "ACTIVE"
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    told = personalize.describe_solution(solutionArn=solution)["solution"]
    assert told["latestSolutionVersion"]["solutionVersionArn"] == version
    campaign = personalize.create_campaign(name="live", solutionVersionArn=version)["campaignArn"]
    personalize.update_campaign(campaignArn=campaign, solutionVersionArn=version, minProvisionedTPS=2)
    told = personalize.describe_campaign(campaignArn=campaign)["campaign"]
    assert (told["status"], told["minProvisionedTPS"]) == ("ACTIVE", 2)
    assert told["latestCampaignUpdate"]["status"] == "ACTIVE"
    assert len(personalize.list_campaigns(solutionArn=solution)["campaigns"]) == 1
    assert personalize.list_campaigns(solutionArn=f"{solution}-none")["campaigns"] == []
    assert refused(personalize.delete_solution, solutionArn=solution) == "ResourceInUseException"
    assert refused(personalize.delete_dataset_group, datasetGroupArn=group) == "ResourceInUseException"
    personalize.delete_campaign(campaignArn=campaign)
    personalize.delete_solution(solutionArn=solution)
    assert personalize.list_solution_versions()["solutionVersions"] == []
    personalize.delete_dataset(datasetArn=data)
    personalize.delete_dataset_group(datasetGroupArn=group)


def test_speech_is_as_long_as_its_text(lab: Client) -> None:
    polly = lab("polly")
    marked = "<speak>Hello <break/>you</speak>"
    spoken = polly.synthesize_speech(Text=marked, TextType="ssml", OutputFormat="mp3", VoiceId="Joanna")
    assert int(spoken["RequestCharacters"]) == len("Hello you")
    assert len(spoken["AudioStream"].read()) == len("Hello you")
    task = polly.start_speech_synthesis_task(**SPOKEN, OutputS3KeyPrefix="speech")["SynthesisTask"]
    key = f"speech.{task['TaskId']}.mp3"
    assert task["OutputUri"].endswith(f"/lab/{key}")
    assert lab("s3").head_object(Bucket="lab", Key=key)["ContentLength"] == len("hello")
    assert polly.list_speech_synthesis_tasks(Status="failed")["SynthesisTasks"] == []
    polly.put_lexicon(Name="terms", Content=MARKS)
    assert polly.get_lexicon(Name="terms")["LexiconAttributes"]["LexemesCount"] == 2


def test_faces_are_indexed_searched_and_deleted(lab: Client) -> None:
    rekognition = lab("rekognition")
    rekognition.create_collection(CollectionId="team")
    image = {"S3Object": {"Bucket": "lab", "Name": "face.png"}}
    [record] = rekognition.index_faces(CollectionId="team", Image=image, ExternalImageId="jane")["FaceRecords"]
    key = record["Face"]["FaceId"]
    assert rekognition.describe_collection(CollectionId="team")["FaceCount"] == 1
    [match] = rekognition.search_faces_by_image(CollectionId="team", Image={"Bytes": PNG})["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "jane"
    other = rekognition.search_faces_by_image(CollectionId="team", Image={"Bytes": PNG + b"other"})
    assert other["FaceMatches"] == []
    assert rekognition.search_faces(CollectionId="team", FaceId=key)["FaceMatches"] == []
    gone = rekognition.delete_faces(CollectionId="team", FaceIds=[key, "00000000-0000-0000-0000-000000000000"])
    assert gone["DeletedFaces"] == [key]
    assert rekognition.list_faces(CollectionId="team")["Faces"] == []
    assert rekognition.list_collections()["FaceModelVersions"] == ["7.0"]


def test_images_are_looked_at(lab: Client) -> None:
    rekognition = lab("rekognition")
    image = {"Bytes": PNG}
    assert rekognition.detect_labels(Image=image)["Labels"]
    assert rekognition.compare_faces(SourceImage=image, TargetImage=image)["FaceMatches"]
    assert len(rekognition.detect_faces(Image=image)["FaceDetails"]) == 1
    assert rekognition.detect_moderation_labels(Image=image)["ModerationLabels"] == []
    assert rekognition.recognize_celebrities(Image=image)["CelebrityFaces"] == []
    key = rekognition.start_label_detection(Video={"S3Object": {"Bucket": "lab", "Name": "call.mp3"}})["JobId"]
    assert rekognition.get_label_detection(JobId=key)["JobStatus"] == "SUCCEEDED"


def test_a_custom_labels_model_is_trained_run_and_stopped(lab: Client, refused: Refused) -> None:
    rekognition = lab("rekognition")
    project = rekognition.create_project(ProjectName="devices")["ProjectArn"]
    given = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": {"S3Bucket": "lab"}}
    assert refused(rekognition.create_project_version, **given) == "InvalidParameterException"
    manifest = {"GroundTruthManifest": {"S3Object": {"Bucket": "lab", "Name": "manifest.jsonl"}}}
    dataset = {"ProjectArn": project, "DatasetType": "TRAIN", "DatasetSource": manifest}
    data = rekognition.create_dataset(**dataset)["DatasetArn"]
    assert refused(rekognition.create_dataset, **dataset) == "ResourceAlreadyExistsException"
    assert rekognition.describe_dataset(DatasetArn=data)["DatasetDescription"]["DatasetStats"]["TotalEntries"] == 20
    [told] = rekognition.describe_projects(ProjectNames=["devices"])["ProjectDescriptions"]
    assert (told["Status"], len(told["Datasets"])) == ("CREATED", 1)
    assert rekognition.describe_projects(Features=["CONTENT_MODERATION"])["ProjectDescriptions"] == []
    arn = rekognition.create_project_version(**given)["ProjectVersionArn"]
    assert refused(rekognition.create_project_version, **given) == "ResourceInUseException"
    detect = {"ProjectVersionArn": arn, "Image": {"Bytes": PNG}}
    assert refused(rekognition.detect_custom_labels, **detect) == "ResourceNotReadyException"
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert refused(rekognition.start_project_version, ProjectVersionArn=arn, MinInferenceUnits=1)
    assert rekognition.detect_custom_labels(**detect)["CustomLabels"]
    [version] = rekognition.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
    assert (version["Status"], version["MinInferenceUnits"]) == ("RUNNING", 1)
    assert 0 < version["EvaluationResult"]["F1Score"] < 1
    assert refused(rekognition.delete_project_version, ProjectVersionArn=arn) == "ResourceInUseException"
    rekognition.stop_project_version(ProjectVersionArn=arn)
    assert refused(rekognition.delete_project, ProjectArn=project) == "ResourceInUseException"
    rekognition.delete_project_version(ProjectVersionArn=arn)
    rekognition.delete_dataset(DatasetArn=data)
    assert rekognition.delete_project(ProjectArn=project)["Status"] == "DELETING"
    assert rekognition.describe_projects()["ProjectDescriptions"] == []


def test_documents_are_read_as_far_as_they_can_be(lab: Client) -> None:
    textract = lab("textract")
    place = {"S3Object": {"Bucket": "lab", "Name": "bill.pdf"}}
    read = textract.detect_document_text(Document={"Bytes": PDF})
    assert read["DocumentMetadata"] == {"Pages": 2}
    assert [one["Text"] for one in read["Blocks"] if one["BlockType"] == "LINE"] == ["Total due", "42 EUR"]
    assert len([one for one in read["Blocks"] if one["BlockType"] == "WORD"]) == 4
    key = textract.start_document_text_detection(DocumentLocation=place)["JobId"]
    job = textract.get_document_text_detection(JobId=key)
    assert (job["JobStatus"], job["DocumentMetadata"]) == ("SUCCEEDED", {"Pages": 2})
    key = textract.start_document_analysis(DocumentLocation=place, FeatureTypes=["FORMS"])["JobId"]
    assert textract.get_document_analysis(JobId=key)["AnalyzeDocumentModelVersion"]
    blank = textract.analyze_document(Document={"Bytes": PNG}, FeatureTypes=["TABLES"])
    assert [one["BlockType"] for one in blank["Blocks"]] == ["PAGE"]
    assert len(textract.analyze_expense(Document=place)["ExpenseDocuments"]) == 1
    assert len(textract.analyze_id(DocumentPages=[place])["IdentityDocuments"]) == 1


def test_versions_of_an_adapter_are_numbered(lab: Client, refused: Refused) -> None:
    textract = lab("textract")
    key = textract.create_adapter(AdapterName="bills", FeatureTypes=["QUERIES"])["AdapterId"]
    textract.update_adapter(AdapterId=key, Description="of suppliers")
    assert textract.get_adapter(AdapterId=key)["Description"] == "of suppliers"
    given = {
        "AdapterId": key,
        "DatasetConfig": {"ManifestS3Object": {"Bucket": "lab", "Name": "manifest.jsonl"}},
        "OutputConfig": {"S3Bucket": "lab"},
    }
    assert [textract.create_adapter_version(**given)["AdapterVersion"] for _ in range(2)] == ["1", "2"]
    assert len(textract.list_adapter_versions(AdapterId=key)["AdapterVersions"]) == 2
    assert textract.get_adapter_version(AdapterId=key, AdapterVersion="2")["Status"] == "ACTIVE"
    assert refused(textract.delete_adapter, AdapterId=key) == "ConflictException"
    for number in "12":
        textract.delete_adapter_version(AdapterId=key, AdapterVersion=number)
    late = textract.get_adapter(AdapterId=key)["CreationTime"].replace(year=2099)
    assert textract.list_adapters(AfterCreationTime=late)["Adapters"] == []
    assert len(textract.list_adapters(BeforeCreationTime=late)["Adapters"]) == 1


def test_transcription_jobs_tell_what_was_redacted(lab: Client) -> None:
    transcribe = lab("transcribe")
    redaction = {"RedactionType": "PII", "RedactionOutput": "redacted"}
    media = {"MediaFileUri": "s3://lab/call.mp3"}
    given = {"LanguageCode": "en-US", "Media": media}
    transcribe.start_transcription_job(TranscriptionJobName="open", **given)
    transcribe.start_transcription_job(TranscriptionJobName="redacted", ContentRedaction=redaction, **given)
    newest, oldest = transcribe.list_transcription_jobs()["TranscriptionJobSummaries"]
    assert newest["ContentRedaction"] == redaction
    assert "ContentRedaction" not in oldest
    for _ in range(3):
        transcribe.get_transcription_job(TranscriptionJobName="open")
    done = transcribe.list_transcription_jobs(Status="COMPLETED")
    assert [job["TranscriptionJobName"] for job in done["TranscriptionJobSummaries"]] == ["open"]
    assert done["Status"] == "COMPLETED"
    [named] = transcribe.list_transcription_jobs(JobNameContains="red")["TranscriptionJobSummaries"]
    assert named["TranscriptionJobName"] == "redacted"


def test_call_analytics_tell_where_the_transcript_is(lab: Client) -> None:
    transcribe = lab("transcribe")
    transcribe.start_call_analytics_job(
        CallAnalyticsJobName="support",
        Media={"MediaFileUri": "s3://lab/call.mp3"},
        OutputLocation="s3://lab/out/",
        DataAccessRoleArn=ROLE,
    )
    job = transcribe.get_call_analytics_job(CallAnalyticsJobName="support")["CallAnalyticsJob"]
    assert job["Transcript"]["TranscriptFileUri"].endswith("/lab/out/analytics/support.json")
    assert job["MediaFormat"] == "mp3"
    assert transcribe.list_call_analytics_jobs(JobNameContains="sup", Status="COMPLETED")["CallAnalyticsJobSummaries"]
    assert transcribe.list_call_analytics_jobs(Status="FAILED")["CallAnalyticsJobSummaries"] == []


def test_bots_are_available(lab: Client) -> None:
    lex = lab("lexv2-models")
    key = lex.create_bot(
        botName="orders", roleArn=ROLE, dataPrivacy={"childDirected": False}, idleSessionTTLInSeconds=300
    )["botId"]
    lex.create_bot_alias(botAliasName="live", botId=key)
    assert lex.list_bots()["botSummaries"][0]["botStatus"] == "Available"
    assert lex.list_bot_aliases(botId=key)["botAliasSummaries"][0]["botAliasStatus"] == "Available"


def test_a_bot_has_a_version_once_one_is_made_of_a_language_that_is_built(lab: Client) -> None:
    lex = lab("lexv2-models")
    key = lex.create_bot(
        botName="orders", roleArn=ROLE, dataPrivacy={"childDirected": False}, idleSessionTTLInSeconds=300
    )["botId"]
    assert "latestBotVersion" not in lex.list_bots()["botSummaries"][0]
    draft = {"botId": key, "botVersion": "DRAFT", "localeId": "en_US"}
    spoken = {"en_US": {"sourceBotVersion": "DRAFT"}}
    made = lex.create_bot_locale(**draft, nluIntentConfidenceThreshold=0.4)
    assert made["botLocaleStatus"] == "NotBuilt"
    with pytest.raises(lex.exceptions.ValidationException, match="has not been built"):
        lex.create_bot_version(botId=key, botVersionLocaleSpecification=spoken)
    assert lex.build_bot_locale(**draft)["botLocaleStatus"] == "Built"
    assert lex.describe_bot_locale(**draft)["botLocaleStatus"] == "Built"
    assert lex.create_bot_version(botId=key, botVersionLocaleSpecification=spoken)["botVersion"] == "1"
    assert lex.list_bots()["botSummaries"][0]["latestBotVersion"] == "1"
    versions = lex.list_bot_versions(botId=key)["botVersionSummaries"]
    assert [version["botVersion"] for version in versions] == ["DRAFT", "1"]
