from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value, judged
from readiness.aws.bedrock import (
    Agent,
    DayOfUse,
    EvaluationJob,
    KnowledgeBase,
    ModelCustomizationJob,
    ModelInvocationJob,
    PromptRouter,
    ProvisionedThroughput,
    ProvisionedThroughputUse,
    UseDimension,
)
from readiness.aws.bedrock_profiles import InferenceProfile
from readiness.aws.bedrock_use import Dimension, InvocationEvent, InvocationMetric
from readiness.aws.comprehend import DocumentClassifier, EntityRecognizer, PiiJob, SentimentJob
from readiness.aws.databrew import Job, JobRun
from readiness.aws.glue_quality import ProfiledSource, ProfiledTable, RecommendationRun
from readiness.aws.kendra import Index
from readiness.aws.lex import Bot
from readiness.aws.personalize import SolutionVersion
from readiness.aws.polly import Lexicon, SpeechTask
from readiness.aws.rekognition import CustomLabelsProject, FaceCollection
from readiness.aws.sagemaker.algorithms import ModelOrigin, ModelSource, S3Model, SourcedContainer, image_of
from readiness.aws.sagemaker.automl import AutoMLJob, AutoMLJobArtifacts
from readiness.aws.sagemaker.cards import ModelCard
from readiness.aws.sagemaker.hubs import Hub, HubReference
from readiness.aws.textract import AdapterVersion
from readiness.aws.transcribe import TranscriptionJob, Vocabulary
from readiness.aws.translate import Terminology, TextTranslationJob
from readiness.aws.usage import UsageSeries
from readiness_mla.s21_approach import (
    IdleCapacity,
    PickedServices,
    algorithm_families_tried,
    bedrock_cost_modes_used,
    bedrock_models_compared,
    bedrock_used,
    builtin_algorithm_trained,
    data_profiled,
    jumpstart_model_used,
    model_card_states_problem,
    model_of,
    no_idle_model_capacity,
    other_ai_services_used,
    rekognition_used,
    transcribe_used,
    translate_used,
)
from sagemaker_jobs import (
    AUTOPILOT,
    JUMPSTART,
    OWN_REGISTRY,
    PYTORCH,
    REGISTRY,
    ROLE,
    start_training,
    training_job,
)

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
TITAN = "amazon.titan-text-express-v1:0:8k"
BEDROCK = f"arn:aws:bedrock:{REGION}:{ACCOUNT}"
LIGHTGBM = {
    "training": "s3://data/train/",
    "model": f"{JUMPSTART}/lightgbm-training/train-lightgbm-classification-model.tar.gz",
}


def builtin(repository: str, **more: Any) -> Any:
    return training_job(repository, image=f"{REGISTRY}/{repository}:1", **more)


def batch(model: str, status: str = "Completed") -> ModelInvocationJob:
    arn = f"{BEDROCK}:model-invocation-job/{len(model)}"
    return ModelInvocationJob(job_arn=arn, job_name="batch", model_id=model, status=status)


def evaluation(status: str = "Completed", application: str = "ModelEvaluation") -> EvaluationJob:
    return EvaluationJob(
        job_arn=f"{BEDROCK}:evaluation-job/1",
        job_name="evaluation",
        status=status,
        application_type=application,
        model_identifiers=[HAIKU],
    )


def customization(status: str) -> ModelCustomizationJob:
    return ModelCustomizationJob(
        job_arn=f"{BEDROCK}:model-customization-job/1",
        job_name="tune",
        status=status,
        base_model_arn=f"arn:aws:bedrock:{REGION}::foundation-model/{TITAN}",
        creation_time=NOW,
    )


def base(status: str) -> KnowledgeBase:
    return KnowledgeBase(knowledge_base_id="KB1", name="docs", status=status)


def model(uri: str, *, archive: bool = True) -> ModelOrigin:
    source = ModelSource(s3_data_source=S3Model(s3_uri=uri))
    container = SourcedContainer(model_data_url=uri) if archive else SourcedContainer(model_data_source=source)
    return ModelOrigin(
        model_name="m", model_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m", primary_container=container
    )


def throughput(days: float = 30, **more: Any) -> ProvisionedThroughput:
    return ProvisionedThroughput(
        provisioned_model_arn=f"{BEDROCK}:provisioned-model/p",
        provisioned_model_name="p",
        status=more.pop("status", "InService"),
        creation_time=NOW - datetime.timedelta(days=days),
        model_units=1,
        **more,
    )


def used(*counts: float) -> ProvisionedThroughputUse:
    return ProvisionedThroughputUse(
        dimensions=[UseDimension(name="ModelId", value=f"{BEDROCK}:provisioned-model/p")],
        datapoints=[DayOfUse(sum=count) for count in counts],
    )


def counted(label: str, *values: float) -> UsageSeries:
    return UsageSeries(label=label, status_code="Complete", values=list(values))


def invoked(model: str) -> InvocationMetric:
    return InvocationMetric(dimensions=[Dimension(name="ModelId", value=model)])


def invocation(model: str, name: str = "Converse") -> InvocationEvent:
    told = json.dumps({"requestParameters": {"modelId": model}})
    return InvocationEvent(
        event_id=f"{name}-{model}",
        event_name=name,
        event_time=NOW,
        event_source="bedrock.amazonaws.com",
        cloud_trail_event=told,
    )


def autopilot(
    problem: str | None = "Tabular", status: str = "Completed", notebook: str = "s3://data/explored.ipynb"
) -> AutoMLJob:
    return AutoMLJob(
        auto_ml_job_name=str(problem),
        auto_ml_job_arn=f"{AUTOPILOT}-{problem}",
        auto_ml_job_status=status,
        creation_time=NOW,
        auto_ml_problem_type_config_name=problem,
        auto_ml_job_artifacts=AutoMLJobArtifacts(data_exploration_notebook_location=notebook),
    )


HUB = Hub(hub_name="lab", hub_arn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub/lab")


def reference(status: str = "Available", account: str = ACCOUNT) -> HubReference:
    return HubReference(
        hub_content_name="embedder",
        hub_content_arn=f"arn:aws:sagemaker:{REGION}:{account}:hub-content/lab/ModelReference/embedder/1.0.0",
        hub_content_status=status,
    )


def profiled(*states: str, kind: str = "PROFILE") -> list[Job | JobRun]:
    runs = [JobRun(name="customers", run_id=str(number), state=state) for number, state in enumerate(states)]
    return [Job(name="customers", type=kind), *runs]


def recommended(status: str) -> RecommendationRun:
    table = ProfiledTable(database_name="churn", table_name="customers")
    return RecommendationRun(run_id="dqrun-1", status=status, data_source=ProfiledSource(glue_table=table))


def card(**sections: Any) -> ModelCard:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-card/churn"
    return ModelCard(
        model_card_name="churn", model_card_arn=arn, model_card_status="Draft", content=json.dumps(sections)
    )


def profile(status: str = "ACTIVE") -> InferenceProfile:
    return InferenceProfile(
        inference_profile_arn=f"{BEDROCK}:application-inference-profile/1",
        inference_profile_name="notes",
        status=status,
    )


def bot(status: str = "Available", version: str = "1") -> Bot:
    return Bot(bot_id="B1", bot_name="orders", bot_status=status, latest_bot_version=version)


LEXICON = Lexicon(name="terms")
READ = counted("Textract/DetectDocumentText", 2)

CASES = [
    Case(builtin_algorithm_trained, "nothing there", [], "absent"),
    Case(builtin_algorithm_trained, "XGBoost", [training_job()], "passed"),
    Case(builtin_algorithm_trained, "child of a tuning job", [training_job(tuning_job_arn="arn:t")], "passed"),
    Case(builtin_algorithm_trained, "only failed", [training_job(status="Failed")], "failed", bad=["failed"]),
    Case(builtin_algorithm_trained, "own image of the same name", [
        training_job(image=f"{OWN_REGISTRY}/kmeans:1")], "absent"),
    Case(builtin_algorithm_trained, "Autopilot's own job", [training_job(auto_ml_job_arn=AUTOPILOT)], "absent"),
    Case(builtin_algorithm_trained, "labeling's own job", [training_job(labeling_job_arn="arn:l")], "absent"),
    Case(builtin_algorithm_trained, "XGBoost as a framework, with a script", [
        training_job(parameters={"sagemaker_program": '"train.py"'})], "absent"),
    Case(builtin_algorithm_trained, "script in a channel", [
        training_job(channels={"train": "s3://data/", "sm_drivers": "s3://data/code/"})], "absent"),
    Case(builtin_algorithm_trained, "LightGBM through JumpStart", [
        training_job(image=PYTORCH, channels=LIGHTGBM)], "passed"),
    Case(builtin_algorithm_trained, "Marketplace algorithm, without an image", [training_job(image="")], "absent"),
    Case(algorithm_families_tried, "nothing there", [], "absent"),
    Case(algorithm_families_tried, "three families", [
        builtin("knn"), builtin("kmeans"), builtin("randomcutforest")], "passed"),
    Case(algorithm_families_tried, "three algorithms of two families", [
        builtin("knn"), builtin("linear-learner"), builtin("kmeans")], "failed", bad=["2 of 3", "2 of 3"]),
    Case(algorithm_families_tried, "the third one failed", [
        builtin("knn"), builtin("kmeans"), builtin("randomcutforest", status="Failed")],
        "failed", bad=["2 of 3", "2 of 3"]),
    Case(algorithm_families_tried, "Autopilot brings two of them", [
        builtin("knn"), autopilot("TimeSeriesForecasting"), autopilot("ImageClassification")], "passed"),
    Case(algorithm_families_tried, "Autopilot failed", [
        builtin("knn"), builtin("kmeans"), autopilot("TimeSeriesForecasting", "Failed")],
        "failed", bad=["2 of 3", "2 of 3"]),
    Case(translate_used, "nothing there", [], "absent"),
    Case(translate_used, "texts", [counted("Translate/TranslateText", 0, 3)], "passed"),
    Case(translate_used, "another service's calls", [counted("Rekognition/DetectLabels", 3)], "absent"),
    Case(translate_used, "a job was started, and none is listed as completed", [
        counted("Translate/StartTextTranslationJob", 1)], "failed", bad=["1 call in fifteen months, each to start"]),
    Case(translate_used, "a job", [TextTranslationJob(job_id="1", job_status="COMPLETED")], "passed"),
    Case(translate_used, "a terminology", [
        Terminology(name="t", arn=f"arn:aws:translate:{REGION}:{ACCOUNT}:terminology/t/LATEST")], "passed"),
    Case(transcribe_used, "nothing there", [], "absent"),
    Case(transcribe_used, "a stream", [counted("Transcribe Streaming/StartStreamTranscription", 1)], "passed"),
    Case(transcribe_used, "a job was started, and none is listed as completed", [
        counted("Transcribe/StartTranscriptionJob", 2)], "failed", bad=["2 calls"]),
    Case(transcribe_used, "a job", [TranscriptionJob(transcription_job_name="j")], "passed"),
    Case(transcribe_used, "a vocabulary", [Vocabulary(vocabulary_name="v")], "passed"),
    Case(rekognition_used, "nothing there", [], "absent"),
    Case(rekognition_used, "an image", [counted("Rekognition/DetectLabels", 1)], "passed"),
    Case(rekognition_used, "another service's calls", [counted("Translate/TranslateText", 3)], "absent"),
    Case(rekognition_used, "a collection", [FaceCollection(collection_id="c")], "passed"),
    Case(rekognition_used, "a project", [CustomLabelsProject(project_arn="arn:p", status="CREATED")], "passed"),
    Case(rekognition_used, "a project that goes", [
        CustomLabelsProject(project_arn="arn:p", status="DELETING")], "failed", bad=["arn:p"]),
    Case(bedrock_used, "nothing there", [], "absent"),
    Case(bedrock_used, "invoked, by the metric", [invoked(HAIKU)], "passed"),
    Case(bedrock_used, "invoked, by the history", [invocation(HAIKU)], "passed"),
    Case(bedrock_used, "a batch", [batch(HAIKU)], "passed"),
    Case(bedrock_used, "a batch that failed", [batch(HAIKU, "Failed")], "failed", bad=["failed"]),
    Case(bedrock_used, "a customization", [customization("Completed")], "passed"),
    Case(bedrock_used, "an evaluation", [evaluation()], "passed"),
    Case(bedrock_used, "a knowledge base", [base("ACTIVE")], "passed"),
    Case(bedrock_used, "a knowledge base that failed", [base("FAILED")], "failed", bad=["knowledge base, failed"]),
    Case(bedrock_used, "an agent", [Agent(agent_id="A", agent_name="a", agent_status="PREPARED")], "passed"),
    Case(bedrock_used, "an agent that was never prepared", [
        Agent(agent_id="A", agent_name="a", agent_status="NOT_PREPARED")], "failed", bad=["not_prepared"]),
    Case(bedrock_models_compared, "nothing there", [], "absent"),
    Case(bedrock_models_compared, "an evaluation", [evaluation()], "passed"),
    Case(bedrock_models_compared, "an evaluation that failed", [evaluation("Failed")], "failed", bad=["failed"]),
    Case(bedrock_models_compared, "an evaluation of retrieval only", [
        evaluation(application="RagEvaluation")], "absent"),
    Case(bedrock_models_compared, "two models in batches", [batch(HAIKU), batch(TITAN)], "passed"),
    Case(bedrock_models_compared, "two models were asked", [invoked(HAIKU), invocation(TITAN)], "passed"),
    Case(bedrock_models_compared, "one was asked, and one in a batch", [invocation(HAIKU), batch(TITAN)], "passed"),
    Case(bedrock_models_compared, "one model was asked, through profiles", [
        invoked(f"us.{HAIKU}"), invocation(HAIKU), invocation(f"global.{HAIKU}", "InvokeModel")],
        "failed", bad=["1 different"]),
    Case(bedrock_models_compared, "one that answers, and one that embeds", [
        invoked(HAIKU), invoked("amazon.titan-embed-text-v2:0")], "failed", bad=["1 different"]),
    Case(bedrock_models_compared, "capacity that does not tell its model", [
        invoked(f"{BEDROCK}:provisioned-model/p")], "absent"),
    Case(bedrock_models_compared, "one model through two profiles", [
        batch(f"us.{HAIKU}"), batch(f"arn:aws:bedrock:{REGION}::foundation-model/{HAIKU}")],
        "failed", bad=["1 different", "1 different"]),
    Case(bedrock_models_compared, "a router", [
        PromptRouter(prompt_router_arn=f"{BEDROCK}:prompt-router/r", prompt_router_name="r")], "passed"),
    Case(jumpstart_model_used, "nothing there", [], "absent"),
    Case(jumpstart_model_used, "offered in a hub", [HUB, reference()], "passed"),
    Case(jumpstart_model_used, "a hub with nothing in it", [HUB], "absent"),
    Case(jumpstart_model_used, "a hub that somebody else shares", [HUB, reference(account="999988887777")], "absent"),
    Case(jumpstart_model_used, "import failed", [HUB, reference("ImportFailed")], "failed", bad=["importfailed"]),
    Case(data_profiled, "nothing there", [], "absent"),
    Case(data_profiled, "a profile", profiled("FAILED", "SUCCEEDED"), "passed"),
    Case(data_profiled, "a profile job that never ran", profiled(), "failed", bad=["0 of 0"]),
    Case(data_profiled, "a profile that failed", profiled("FAILED"), "failed", bad=["0 of 1"]),
    Case(data_profiled, "a job that transforms", profiled("SUCCEEDED", kind="RECIPE"), "absent"),
    Case(data_profiled, "another job ran", [
        Job(name="customers", type="PROFILE"), JobRun(name="other", state="SUCCEEDED")], "failed", bad=["0 of 0"]),
    Case(data_profiled, "rules recommended", [recommended("SUCCEEDED")], "passed"),
    Case(data_profiled, "rules not recommended", [recommended("FAILED")], "failed", bad=["churn.customers, failed"]),
    Case(data_profiled, "Autopilot explored", [autopilot()], "passed"),
    Case(data_profiled, "Autopilot failed", [autopilot(status="Failed")], "failed", bad=["failed"]),
    Case(data_profiled, "Autopilot wrote nothing of the data", [autopilot(notebook="")], "absent"),
    Case(model_card_states_problem, "nothing there", [], "absent"),
    Case(model_card_states_problem, "the problem", [card(business_details={"business_problem": "They leave"})],
         "passed"),
    Case(model_card_states_problem, "the purpose", [card(intended_uses={"purpose_of_model": "Tells who"})], "passed"),
    Case(model_card_states_problem, "training only", [card(training_details={"training_observations": "fine"})],
         "failed", bad=["neither"]),
    Case(model_card_states_problem, "empty words", [
        card(business_details={"business_problem": " "}, intended_uses={"risk_rating": "Unknown"})],
        "failed", bad=["neither"]),
    Case(model_card_states_problem, "its limits only", [
        card(intended_uses={"factors_affecting_model_efficiency": "New customers"})],
        "failed", bad=["states factors affecting model efficiency"]),
    Case(bedrock_cost_modes_used, "nothing there", [], "absent"),
    Case(bedrock_cost_modes_used, "a batch", [batch(HAIKU)], "passed"),
    Case(bedrock_cost_modes_used, "a batch that failed", [batch(HAIKU, "Failed")], "failed", bad=["failed"]),
    Case(bedrock_cost_modes_used, "a profile", [profile()], "passed"),
    Case(other_ai_services_used, "nothing there", [], "absent"),
    Case(other_ai_services_used, "a lexicon, and documents that were read", [LEXICON, READ], "passed"),
    Case(other_ai_services_used, "one service twice", [LEXICON, SpeechTask(task_id="1", task_status="completed")],
         "failed", bad=["lexicon, text read out into a file (1 of 2"]),
    Case(other_ai_services_used, "one service, where one is enough", [LEXICON], "passed",
         settings=[PickedServices(at_least=1)]),
    Case(other_ai_services_used, "a bot and a recognizer", [
        bot(), EntityRecognizer(entity_recognizer_arn="arn:r", status="TRAINED_WITH_WARNING")], "passed"),
    Case(other_ai_services_used, "a bot of which no version was made", [bot(version="DRAFT"), LEXICON],
         "failed", bad=["Polly"]),
    Case(other_ai_services_used, "a recommender and an index", [
        SolutionVersion(solution_version_arn="arn:s", status="ACTIVE"), Index(id="I1", status="ACTIVE")], "passed"),
    Case(other_ai_services_used, "an adapter and a job", [
        AdapterVersion(adapter_id="A1", adapter_version="1", status="ACTIVE"),
        SentimentJob(job_id="1", job_status="COMPLETED")], "passed"),
    Case(other_ai_services_used, "nothing that ended well", [
        SolutionVersion(solution_version_arn="arn:s", status="CREATE FAILED"), Index(id="I1", status="FAILED"),
        AdapterVersion(adapter_id="A1", status="CREATION_ERROR"), SpeechTask(task_id="1", task_status="failed"),
        SentimentJob(job_id="1", job_status="FAILED"), PiiJob(job_id="2", job_status="FAILED"),
        DocumentClassifier(document_classifier_arn="arn:c", status="IN_ERROR"), bot("Failed")], "absent"),
    Case(other_ai_services_used, "services that have checks of their own", [
        counted("Translate/TranslateText", 1), counted("Rekognition/DetectLabels", 1)], "absent"),
    Case(jumpstart_model_used, "a model in JumpStart's bucket", [model(f"{JUMPSTART}/pytorch/model.tar.gz")], "passed"),
    Case(jumpstart_model_used, "a gated model, as files", [
        model(f"s3://jumpstart-private-cache-prod-{REGION}/llm/", archive=False)], "passed"),
    Case(jumpstart_model_used, "a model of one's own", [model("s3://data/jumpstart-cache-prod-/m.tar.gz")], "absent"),
    Case(jumpstart_model_used, "sample data only", [
        training_job(channels={"train": f"{JUMPSTART}/training-datasets/tabular/"})], "absent"),
    Case(jumpstart_model_used, "a training with its tag", [
        training_job(image=PYTORCH, tags={"sagemaker-sdk:jumpstart-model-id": "huggingface-llm-x"})], "passed"),
    Case(jumpstart_model_used, "a training that failed", [
        training_job(image=PYTORCH, status="Failed", tags={"sm-jumpstart-id": "x"})], "failed", bad=["failed"]),
    Case(no_idle_model_capacity, "nothing there", [], "absent"),
    Case(no_idle_model_capacity, "used", [throughput(), used(0, 12)], "passed"),
    Case(no_idle_model_capacity, "never used", [throughput(), used()], "failed", bad=["0 invocations"]),
    Case(no_idle_model_capacity, "just made", [throughput(days=0.5), used()], "absent"),
    Case(no_idle_model_capacity, "just made, by another measure", [throughput(days=0.5), used()],
         "failed", bad=["0 invocations"], settings=[IdleCapacity(grace_hours=1)]),
    Case(no_idle_model_capacity, "committed to", [throughput(commitment_duration="OneMonth",
        commitment_expiration_time=NOW + datetime.timedelta(days=9)), used()], "absent"),
    Case(no_idle_model_capacity, "commitment has ended", [throughput(commitment_duration="OneMonth",
        commitment_expiration_time=NOW - datetime.timedelta(days=9)), used()], "failed", bad=["0 invocations"]),
    Case(no_idle_model_capacity, "not in service", [throughput(status="Failed"), used()], "absent"),
]  # fmt: skip


test_verdict = by_value(CASES)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        (HAIKU, "anthropic.claude-3-haiku-20240307"),
        (f"us.{HAIKU}", "anthropic.claude-3-haiku-20240307"),
        (f"arn:aws:bedrock:eu-west-1:{ACCOUNT}:inference-profile/eu.{HAIKU}", "anthropic.claude-3-haiku-20240307"),
        (TITAN, "amazon.titan-text-express"),
        ("amazon.nova-lite-v1:0", "amazon.nova-lite"),
        (f"{BEDROCK}:application-inference-profile/abc", ""),
        ("", ""),
    ],
)
def test_model_behind_an_id(identifier: str, name: str) -> None:
    assert model_of(identifier) == name


@pytest.mark.parametrize(
    ("uri", "account", "repository"),
    [
        (f"{REGISTRY}/sagemaker-xgboost:1.7-1", "683313688378", "sagemaker-xgboost"),
        (f"{OWN_REGISTRY}/team/train@sha256:0a", ACCOUNT, "team/train"),
        ("123456789012.dkr-ecr.us-east-1.on.aws/train", "123456789012", "train"),
        ("registry.example.com:5000/train:2", "", "train"),
        ("public.ecr.aws/library/python", "", "library/python"),
        ("train", "", "train"),
        (None, "", ""),
    ],
)
def test_parts_of_an_image(uri: str | None, account: str, repository: str) -> None:
    assert image_of(uri) == (account, repository)


def nothing() -> None:
    pass


def xgboost_training() -> None:
    start_training("xgboost-1")


def own_container_training() -> None:
    start_training("own-1", image=f"{OWN_REGISTRY}/kmeans:1", parameters={})


def three_families() -> None:
    for repository in ("sagemaker-xgboost", "kmeans", "randomcutforest"):
        start_training(f"{repository}-1", image=f"{REGISTRY}/{repository}:1", parameters={"k": "3"})


def transcription() -> None:
    transcribe = boto3.client("transcribe", REGION)
    transcribe.start_transcription_job(
        TranscriptionJobName="interview", LanguageCode="en-US", Media={"MediaFileUri": "s3://data/interview.mp3"}
    )
    for _ in range(3):  # moto moves a job on whenever it is asked for
        transcribe.get_transcription_job(TranscriptionJobName="interview")


def vocabulary() -> None:
    transcribe = boto3.client("transcribe", REGION)
    transcribe.create_vocabulary(VocabularyName="products", LanguageCode="en-US", Phrases=["SageMaker"])
    for _ in range(3):
        transcribe.get_vocabulary(VocabularyName="products")


def jumpstart_model() -> None:
    boto3.client("sagemaker", REGION).create_model(
        ModelName="embedder",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": PYTORCH, "ModelDataUrl": f"{JUMPSTART}/huggingface/model.tar.gz"},
    )


def own_model() -> None:
    boto3.client("sagemaker", REGION).create_model(
        ModelName="churn",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": PYTORCH, "ModelDataUrl": "s3://data/models/model.tar.gz"},
    )


def asked_model() -> None:
    boto3.client("bedrock-runtime", REGION).converse(
        modelId=HAIKU, messages=[{"role": "user", "content": [{"text": "What is churn?"}]}]
    )


def two_models_asked() -> None:
    runtime = boto3.client("bedrock-runtime", REGION)
    for name in ("amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"):
        runtime.converse(modelId=name, messages=[{"role": "user", "content": [{"text": "What is churn?"}]}])


def refused_question() -> None:
    with pytest.raises(boto3.client("bedrock-runtime", REGION).exceptions.ClientError):
        boto3.client("bedrock-runtime", REGION).converse(
            modelId="no.such-model-v1:0", messages=[{"role": "user", "content": [{"text": "What is churn?"}]}]
        )


def translated_text() -> None:
    boto3.client("translate", REGION).translate_text(Text="hallo", SourceLanguageCode="de", TargetLanguageCode="en")


def looked_at_image() -> None:
    image = b"\x89PNG\r\n\x1a\n"
    boto3.client("rekognition", REGION).detect_labels(Image={"Bytes": image})


def hub_reference() -> None:
    sagemaker = boto3.client("sagemaker", REGION)
    sagemaker.create_hub(HubName="lab", HubDescription="Models that we may use")
    public = f"arn:aws:sagemaker:{REGION}:aws:hub-content/SageMakerPublicHub/Model/embedder/1.0.0"
    sagemaker.create_hub_content_reference(HubName="lab", SageMakerPublicHubContentArn=public)


def empty_hub() -> None:
    boto3.client("sagemaker", REGION).create_hub(HubName="lab", HubDescription="Models that we may use")


def recommendation_run() -> None:
    glue = boto3.client("glue", REGION)
    boto3.client("s3", REGION).create_bucket(Bucket="data")
    boto3.client("s3", REGION).put_object(Bucket="data", Key="customers/1.csv", Body=b"1,34\n2,71\n")
    boto3.client("iam", REGION).create_role(RoleName="glue", AssumeRolePolicyDocument=json.dumps(TRUST))
    glue.create_database(DatabaseInput={"Name": "churn"})
    columns = [{"Name": name, "Type": "int"} for name in ("id", "age")]
    where = {"Columns": columns, "Location": "s3://data/customers/"}
    glue.create_table(DatabaseName="churn", TableInput={"Name": "customers", "StorageDescriptor": where})
    glue.start_data_quality_rule_recommendation_run(
        DataSource={"GlueTable": {"DatabaseName": "churn", "TableName": "customers"}},
        Role=f"arn:aws:iam::{ACCOUNT}:role/glue",
    )


TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def stated_card() -> None:
    content = {"business_details": {"business_problem": "Customers leave unnoticed"}}
    boto3.client("sagemaker", REGION).create_model_card(
        ModelCardName="churn", ModelCardStatus="Draft", Content=json.dumps(content)
    )


def empty_card() -> None:
    boto3.client("sagemaker", REGION).create_model_card(ModelCardName="churn", ModelCardStatus="Draft", Content="{}")


def removed_card() -> None:
    stated_card()
    boto3.client("sagemaker", REGION).delete_model_card(ModelCardName="churn")


def made_profile() -> None:
    model = f"arn:aws:bedrock:{REGION}::foundation-model/amazon.nova-micro-v1:0"
    boto3.client("bedrock", REGION).create_inference_profile(
        inferenceProfileName="notes", modelSource={"copyFrom": model}
    )


def removed_profile() -> None:
    made_profile()
    bedrock = boto3.client("bedrock", REGION)
    [made] = bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]
    bedrock.delete_inference_profile(inferenceProfileIdentifier=made["inferenceProfileId"])


LEXEMES = """<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
<lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme></lexicon>"""


def lexicon_only() -> None:
    boto3.client("polly", REGION).put_lexicon(Name="terms", Content=LEXEMES)


def judged_and_spoken_text() -> None:
    boto3.client("comprehend", REGION).detect_sentiment(Text="I love it", LanguageCode="en")
    boto3.client("polly", REGION).synthesize_speech(Text="Thank you", OutputFormat="mp3", VoiceId="Joanna")


def removed_lexicon() -> None:
    lexicon_only()
    boto3.client("polly", REGION).delete_lexicon(Name="terms")


EMULATED: list[Emulated] = [
    (translate_used, nothing, "absent"),
    (translate_used, translated_text, "passed"),
    (rekognition_used, nothing, "absent"),
    (rekognition_used, looked_at_image, "passed"),
    (bedrock_used, nothing, "absent"),
    (bedrock_used, refused_question, "absent"),
    (bedrock_used, asked_model, "passed"),
    (bedrock_models_compared, asked_model, "failed"),
    (bedrock_models_compared, two_models_asked, "passed"),
    (jumpstart_model_used, empty_hub, "absent"),
    (jumpstart_model_used, hub_reference, "passed"),
    (data_profiled, nothing, "absent"),
    (data_profiled, recommendation_run, "passed"),
    (model_card_states_problem, nothing, "absent"),
    (model_card_states_problem, stated_card, "passed"),
    (model_card_states_problem, empty_card, "failed"),
    (model_card_states_problem, removed_card, "absent"),
    (bedrock_cost_modes_used, nothing, "absent"),
    (bedrock_cost_modes_used, made_profile, "passed"),
    (bedrock_cost_modes_used, removed_profile, "absent"),
    (other_ai_services_used, nothing, "absent"),
    (other_ai_services_used, lexicon_only, "failed"),
    (other_ai_services_used, judged_and_spoken_text, "passed"),
    (other_ai_services_used, removed_lexicon, "absent"),
    (builtin_algorithm_trained, nothing, "absent"),
    (builtin_algorithm_trained, xgboost_training, "passed"),
    (builtin_algorithm_trained, own_container_training, "absent"),
    (algorithm_families_tried, xgboost_training, "failed"),
    (algorithm_families_tried, three_families, "passed"),
    (transcribe_used, nothing, "absent"),
    (transcribe_used, transcription, "passed"),
    (transcribe_used, vocabulary, "passed"),
    (jumpstart_model_used, own_model, "absent"),
    (jumpstart_model_used, jumpstart_model, "passed"),
]


test_emulated = by_calls(EMULATED)


def test_a_card_keeps_no_text() -> None:
    made = card(business_details={"business_problem": "Jane Doe leaves", "line_of_business": "phones"})
    assert made.stated == ["business_problem"]
    assert "Jane" not in made.content
    again = ModelCard(model_card_name="churn", model_card_arn="arn:c", model_card_status="Draft", content=made.content)
    assert again.stated == ["business_problem"]


@pytest.mark.parametrize("content", ["", "null", "3", '"text"', '{"business_details": "text"}', "[[1]]"])
def test_a_card_of_another_form_states_nothing(content: str) -> None:
    made = ModelCard(model_card_name="c", model_card_arn="arn:c", model_card_status="Draft", content=content)
    assert made.stated == []


@pytest.mark.parametrize(
    ("check", "trace", "denied"),
    [
        (translate_used, counted("Translate/TranslateText", 1), Terminology),
        (transcribe_used, Vocabulary(vocabulary_name="v"), UsageSeries),
        (bedrock_used, batch(HAIKU), InvocationEvent),
        (data_profiled, recommended("SUCCEEDED"), JobRun),
        (jumpstart_model_used, model(f"{JUMPSTART}/pytorch/model.tar.gz"), Hub),
    ],
)
def test_a_trace_counts_though_another_source_can_not_be_read(check: Any, trace: Any, denied: Any) -> None:
    assert judged(check.check, [trace], unread=[denied]).verdict == "passed"
