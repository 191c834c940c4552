from __future__ import annotations

import datetime
from typing import Any

import boto3
import pytest

from harness import ACCOUNT, NOW, REGION, Case, Emulated, by_calls, by_value
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
from readiness.aws.rekognition import CustomLabelsProject, FaceCollection
from readiness.aws.sagemaker.algorithms import ModelOrigin, ModelSource, S3Model, SourcedContainer, image_of
from readiness.aws.transcribe import TranscriptionJob, Vocabulary
from readiness.aws.translate import Terminology, TextTranslationJob
from readiness_mla.s21_approach import (
    IdleCapacity,
    algorithm_families_tried,
    bedrock_models_compared,
    bedrock_used,
    builtin_algorithm_trained,
    jumpstart_model_used,
    model_of,
    no_idle_model_capacity,
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
    Case(translate_used, "nothing there", [], "absent"),
    Case(translate_used, "a job", [TextTranslationJob(job_id="1", job_status="COMPLETED")], "passed"),
    Case(translate_used, "a terminology", [
        Terminology(name="t", arn=f"arn:aws:translate:{REGION}:{ACCOUNT}:terminology/t/LATEST")], "passed"),
    Case(transcribe_used, "nothing there", [], "absent"),
    Case(transcribe_used, "a job", [TranscriptionJob(transcription_job_name="j")], "passed"),
    Case(transcribe_used, "a vocabulary", [Vocabulary(vocabulary_name="v")], "passed"),
    Case(rekognition_used, "nothing there", [], "absent"),
    Case(rekognition_used, "a collection", [FaceCollection(collection_id="c")], "passed"),
    Case(rekognition_used, "a project", [CustomLabelsProject(project_arn="arn:p", status="CREATED")], "passed"),
    Case(rekognition_used, "a project that goes", [
        CustomLabelsProject(project_arn="arn:p", status="DELETING")], "failed", bad=["arn:p"]),
    Case(bedrock_used, "nothing there", [], "absent"),
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
    Case(bedrock_models_compared, "one model through two profiles", [
        batch(f"us.{HAIKU}"), batch(f"arn:aws:bedrock:{REGION}::foundation-model/{HAIKU}")],
        "failed", bad=["1 different", "1 different"]),
    Case(bedrock_models_compared, "a router", [
        PromptRouter(prompt_router_arn=f"{BEDROCK}:prompt-router/r", prompt_router_name="r")], "passed"),
    Case(jumpstart_model_used, "nothing there", [], "absent"),
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


EMULATED: list[Emulated] = [
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
