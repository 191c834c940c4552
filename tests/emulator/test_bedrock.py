from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

MICRO = "amazon.nova-micro-v1:0"
TUNABLE = f"{MICRO}:128k"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
OWNED = [{"key": "Owner", "value": "me"}]
HI = [{"role": "user", "content": [{"text": "How do I end the contract?"}]}]
FILES = {
    "notes/train.jsonl": b'{"prompt": "a", "completion": "b"}\n',
    "notes/validation.jsonl": b'{"prompt": "c", "completion": "d"}\n',
    "prompts.jsonl": b'{"prompt": "a"}\n',
    "in/1.jsonl": b'{"recordId": "1", "modelInput": {}}\n{"recordId": "2", "modelInput": {}}\n',
    "mixed/1.jsonl": b'{"modelInput": {}}\nnot JSON\n',
    "llama/config.json": b'{"model_type": "llama"}',
}
BLOCKS = {"piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]}
TUNE = {
    "jobName": "tune",
    "customModelName": "notes",
    "roleArn": ROLE,
    "baseModelIdentifier": TUNABLE,
    "trainingDataConfig": {"s3Uri": "s3://lab/notes/train.jsonl"},
    "validationDataConfig": {"validators": [{"s3Uri": "s3://lab/notes/validation.jsonl"}]},
    "outputDataConfig": {"s3Uri": "s3://lab/out/"},
    "hyperParameters": {"epochCount": "2"},
    "jobTags": OWNED,
    "customModelTags": OWNED,
}


def evaluation(name: str = "compare", dataset: str = "s3://lab/prompts.jsonl") -> dict[str, Any]:
    measured = {
        "taskType": "Classification",
        "dataset": {"name": "own", "datasetLocation": {"s3Uri": dataset}},
        "metricNames": ["Builtin.Accuracy"],
    }
    return {
        "jobName": name,
        "roleArn": ROLE,
        "evaluationConfig": {"automated": {"datasetMetricConfigs": [measured]}},
        "inferenceConfig": {"models": [{"bedrockModel": {"modelIdentifier": MICRO}}]},
        "outputDataConfig": {"s3Uri": "s3://lab/out/"},
        "jobTags": OWNED,
    }


def batch(name: str = "month", uri: str = "s3://lab/in/") -> dict[str, Any]:
    return {
        "jobName": name,
        "roleArn": ROLE,
        "modelId": MICRO,
        "inputDataConfig": {"s3InputDataConfig": {"s3Uri": uri}},
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://lab/out/"}},
        "tags": OWNED,
    }


def model_arn(name: str) -> str:
    return f"arn:aws:bedrock:{REGION}::foundation-model/{name}"


@pytest.fixture
def bedrock(aws: Client) -> Any:
    """Bedrock in an account with a role and a bucket of data."""
    aws("iam").create_role(RoleName="ml", AssumeRolePolicyDocument="{}")
    s3 = aws("s3")
    s3.create_bucket(Bucket="lab")
    for key, body in FILES.items():
        s3.put_object(Bucket="lab", Key=key, Body=body)
    return aws("bedrock")


@dataclasses.dataclass(frozen=True)
class Life:
    """One sort of resource: how it is made, found, listed and deleted."""

    noun: str
    made: dict[str, Any]
    arn: str
    summaries: str
    identifier: str
    gone: str = ""
    own: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.noun


def tune(bedrock: Any) -> Any:
    return bedrock.create_model_customization_job(**TUNE)


LIVES = [
    Life("model_customization_job", TUNE, "jobArn", "modelCustomizationJobSummaries", "jobIdentifier"),
    Life("evaluation_job", evaluation(), "jobArn", "jobSummaries", "jobIdentifier"),
    Life("model_invocation_job", batch(), "jobArn", "invocationJobSummaries", "jobIdentifier"),
    Life(
        "model_import_job",
        {
            "jobName": "import",
            "importedModelName": "llama",
            "roleArn": ROLE,
            "modelDataSource": {"s3DataSource": {"s3Uri": "s3://lab/llama/"}},
            "jobTags": OWNED,
        },
        "jobArn",
        "modelImportJobSummaries",
        "jobIdentifier",
    ),
    Life(
        "provisioned_model_throughput",
        {"provisionedModelName": "notes", "modelId": TUNABLE, "modelUnits": 1, "tags": OWNED},
        "provisionedModelArn",
        "provisionedModelSummaries",
        "provisionedModelId",
        "delete_provisioned_model_throughput",
    ),
    Life(
        "prompt_router",
        {
            "promptRouterName": "cheap",
            "models": [{"modelArn": model_arn(MICRO)}, {"modelArn": model_arn("amazon.nova-lite-v1:0")}],
            "routingCriteria": {"responseQualityDifference": 0.5},
            "fallbackModel": {"modelArn": model_arn(MICRO)},
            "tags": OWNED,
        },
        "promptRouterArn",
        "promptRouterSummaries",
        "promptRouterArn",
        "delete_prompt_router",
        {"type": "custom"},
    ),
    Life(
        "inference_profile",
        {"inferenceProfileName": "team", "modelSource": {"copyFrom": model_arn(MICRO)}, "tags": OWNED},
        "inferenceProfileArn",
        "inferenceProfileSummaries",
        "inferenceProfileIdentifier",
        "delete_inference_profile",
        {"typeEquals": "APPLICATION"},
    ),
    Life(
        "guardrail",
        {
            "name": "safe",
            "blockedInputMessaging": "no",
            "blockedOutputsMessaging": "no",
            "sensitiveInformationPolicyConfig": BLOCKS,
            "tags": OWNED,
        },
        "guardrailArn",
        "guardrails",
        "guardrailIdentifier",
        "delete_guardrail",
    ),
]


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_what_is_made_is_found_listed_tagged_and_deleted(
    aws: Client, bedrock: Any, refused: Refused, life: Life
) -> None:
    make, get = getattr(bedrock, f"create_{life.noun}"), getattr(bedrock, f"get_{life.noun}")

    def listed(client: Any = bedrock) -> list[Any]:
        found: list[Any] = getattr(client, f"list_{life.noun}s")(**life.own).get(life.summaries, [])
        return found

    assert listed() == []
    arn = make(**life.made)[life.arn]
    assert arn.startswith((f"arn:aws:bedrock:{REGION}:{ACCOUNT}:", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"))
    assert get(**{life.identifier: arn})[life.arn] == arn
    assert len(listed()) == 1
    assert listed(aws("bedrock", "eu-west-1")) == []
    assert refused(make, **life.made) in ("ConflictException", "ValidationException")
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == OWNED
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "Team", "value": "ml"}])
    bedrock.untag_resource(resourceARN=arn, tagKeys=["Owner"])
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "Team", "value": "ml"}]
    if life.gone:
        getattr(bedrock, life.gone)(**{life.identifier: arn})
        assert listed() == []
        assert refused(get, **{life.identifier: arn}) == "ResourceNotFoundException"
        assert refused(bedrock.list_tags_for_resource, resourceARN=arn) == "ResourceNotFoundException"


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("create_model_customization_job", {**TUNE, "baseModelIdentifier": MICRO}, "ValidationException"),
    ("create_model_customization_job", {**TUNE, "customizationType": "CONTINUED_PRE_TRAINING"}, "ValidationException"),
    ("create_model_customization_job", {**TUNE, "roleArn": f"{ROLE}-none"}, "ValidationException"),
    (
        "create_model_customization_job",
        {**TUNE, "trainingDataConfig": {"s3Uri": "s3://none/train.jsonl"}},
        "ValidationException",
    ),
    ("create_model_invocation_job", {**batch(), "modelId": "amazon.none-v1:0"}, "ValidationException"),
    ("create_model_invocation_job", batch(uri="s3://none/in/"), "ValidationException"),
    (
        "create_provisioned_model_throughput",
        {"provisionedModelName": "p", "modelId": MICRO, "modelUnits": 1},
        "ValidationException",
    ),
    (
        "create_custom_model_deployment",
        {"modelDeploymentName": "d", "modelArn": model_arn("none")},
        "ValidationException",
    ),
    (
        "create_inference_profile",
        {"inferenceProfileName": "p", "modelSource": {"copyFrom": model_arn("none")}},
        "ValidationException",
    ),
    (
        "create_guardrail",
        {"name": "g", "blockedInputMessaging": "no", "blockedOutputsMessaging": "no"},
        "ValidationException",
    ),
    ("get_foundation_model", {"modelIdentifier": "amazon.none-v1:0"}, "ResourceNotFoundException"),
    ("get_evaluation_job", {"jobIdentifier": "none"}, "ResourceNotFoundException"),
    ("get_inference_profile", {"inferenceProfileIdentifier": "none"}, "ResourceNotFoundException"),
    ("list_evaluation_jobs", {"nextToken": "made-up"}, "ValidationException"),
]


@pytest.mark.parametrize(("method", "given", "code"), REFUSALS, ids=[f"{n} {m[0]}" for n, m in enumerate(REFUSALS)])
def test_refusals_are_those_of_aws(
    bedrock: Any, refused: Refused, method: str, given: dict[str, Any], code: str
) -> None:
    assert refused(getattr(bedrock, method), **given) == code


def test_a_customization_yields_a_model(bedrock: Any, refused: Refused) -> None:
    arn = tune(bedrock)["jobArn"]
    job = bedrock.get_model_customization_job(jobIdentifier=arn)
    assert (job["status"], job["customizationType"]) == ("Completed", "FINE_TUNING")
    assert job["creationTime"] <= job["endTime"]
    assert "failureMessage" not in job
    assert "outputModelKmsKeyArn" not in job
    assert bedrock.get_model_customization_job(jobIdentifier="tune")["jobArn"] == arn
    model = bedrock.get_custom_model(modelIdentifier="notes")
    assert model["modelArn"] == job["outputModelArn"]
    assert model["trainingMetrics"] == job["trainingMetrics"]
    [summary] = bedrock.list_custom_models(baseModelArnEquals=model_arn(TUNABLE), isOwned=True)["modelSummaries"]
    assert summary["baseModelName"] == "Nova Micro"
    assert bedrock.list_custom_models(nameContains="other")["modelSummaries"] == []
    assert refused(bedrock.stop_model_customization_job, jobIdentifier=arn) == "ConflictException"
    bedrock.delete_custom_model(modelIdentifier="notes")
    assert bedrock.list_custom_models()["modelSummaries"] == []
    [left] = bedrock.list_model_customization_jobs(statusEquals="Completed")["modelCustomizationJobSummaries"]
    assert left["jobArn"] == arn


def test_losses_follow_from_what_is_trained_on(aws: Client, bedrock: Any) -> None:
    def losses(name: str, **given: Any) -> Any:
        bedrock.create_model_customization_job(**{**TUNE, "jobName": name, "customModelName": name, **given})
        job = bedrock.get_model_customization_job(jobIdentifier=name)
        return job["trainingMetrics"]["trainingLoss"], job.get("validationMetrics", [])

    first, [validated] = losses("one")
    assert (first, [validated]) == losses("same")
    assert 0 < first < validated["validationLoss"]
    longer, _ = losses("longer", hyperParameters={"epochCount": "5"})
    assert longer < first
    assert losses("unvalidated", validationDataConfig={"validators": []})[1] == []
    aws("s3").put_object(Bucket="lab", Key="notes/validation.jsonl", Body=b"other")
    assert losses("other data")[1] != [validated]


def test_jobs_without_data_fail(bedrock: Any) -> None:
    bedrock.create_model_customization_job(**{**TUNE, "trainingDataConfig": {"s3Uri": "s3://lab/none.jsonl"}})
    job = bedrock.get_model_customization_job(jobIdentifier="tune")
    assert job["status"] == "Failed"
    assert "s3://lab/none.jsonl" in job["failureMessage"]
    assert bedrock.list_custom_models()["modelSummaries"] == []
    bedrock.create_evaluation_job(**evaluation(dataset="s3://lab/none.jsonl"))
    assert bedrock.get_evaluation_job(jobIdentifier="compare")["status"] == "Failed"
    bedrock.create_model_invocation_job(**batch(uri="s3://lab/none/"))
    assert bedrock.get_model_invocation_job(jobIdentifier="month")["status"] == "Failed"
    source = {"s3DataSource": {"s3Uri": "s3://lab/notes/"}}
    bedrock.create_model_import_job(jobName="i", importedModelName="i", roleArn=ROLE, modelDataSource=source)
    assert bedrock.get_model_import_job(jobIdentifier="i")["status"] == "Failed"
    assert bedrock.list_imported_models()["modelSummaries"] == []


def test_records_of_a_batch_are_counted(bedrock: Any) -> None:
    bedrock.create_model_invocation_job(**batch())
    bedrock.create_model_invocation_job(**batch("mixed", "s3://lab/mixed/"))
    newest, oldest = bedrock.list_model_invocation_jobs(sortBy="CreationTime", sortOrder="Descending")[
        "invocationJobSummaries"
    ]
    assert (newest["status"], newest["successRecordCount"], newest["errorRecordCount"]) == ("PartiallyCompleted", 1, 1)
    assert (oldest["status"], oldest["totalRecordCount"]) == ("Completed", 2)
    assert oldest["submitTime"] <= oldest["endTime"] < oldest["jobExpirationTime"]
    late = oldest["submitTime"].replace(year=2099)
    assert bedrock.list_model_invocation_jobs(submitTimeAfter=late)["invocationJobSummaries"] == []


def test_an_evaluation_tells_what_it_compares(bedrock: Any) -> None:
    bedrock.create_evaluation_job(**evaluation())
    [summary] = bedrock.list_evaluation_jobs(applicationTypeEquals="ModelEvaluation")["jobSummaries"]
    assert summary["status"] == "Completed"
    assert summary["jobType"] == "Automated"
    assert summary["modelIdentifiers"] == [MICRO]
    assert summary["evaluationTaskTypes"] == ["Classification"]
    assert bedrock.list_evaluation_jobs(applicationTypeEquals="RagEvaluation").get("jobSummaries") is None
    gone = bedrock.batch_delete_evaluation_job(jobIdentifiers=[summary["jobArn"], "none"])
    assert [one["jobIdentifier"] for one in gone["errors"]] == ["none"]
    assert "jobSummaries" not in bedrock.list_evaluation_jobs()


def test_people_take_their_time(bedrock: Any, refused: Refused) -> None:
    human = {
        "datasetMetricConfigs": [
            {"taskType": "Generation", "dataset": {"name": "Builtin.Bold"}, "metricNames": ["Builtin.Accuracy"]}
        ]
    }
    bedrock.create_evaluation_job(**{**evaluation(), "evaluationConfig": {"human": human}})
    assert bedrock.get_evaluation_job(jobIdentifier="compare")["status"] == "InProgress"
    bedrock.stop_evaluation_job(jobIdentifier="compare")
    assert bedrock.get_evaluation_job(jobIdentifier="compare")["status"] == "Stopped"
    assert refused(bedrock.stop_evaluation_job, jobIdentifier="compare") == "ConflictException"


def test_an_imported_model_is_of_the_architecture_of_its_config(bedrock: Any) -> None:
    source = {"s3DataSource": {"s3Uri": "s3://lab/llama/"}}
    bedrock.create_model_import_job(jobName="i", importedModelName="own", roleArn=ROLE, modelDataSource=source)
    [model] = bedrock.list_imported_models()["modelSummaries"]
    assert (model["modelName"], model["modelArchitecture"]) == ("own", "llama")
    bedrock.delete_imported_model(modelIdentifier="own")
    assert bedrock.list_imported_models()["modelSummaries"] == []


def test_capacity_is_changed_and_bound_to_its_term(bedrock: Any, refused: Refused) -> None:
    tune(bedrock)
    make = bedrock.create_provisioned_model_throughput
    make(provisionedModelName="free", modelId="notes", modelUnits=1)
    bedrock.update_provisioned_model_throughput(provisionedModelId="free", desiredProvisionedModelName="renamed")
    assert refused(bedrock.delete_custom_model, modelIdentifier="notes") == "ConflictException"
    found = bedrock.get_provisioned_model_throughput(provisionedModelId="renamed")
    assert (found["status"], found["foundationModelArn"]) == ("InService", model_arn(TUNABLE))
    bedrock.delete_provisioned_model_throughput(provisionedModelId="renamed")
    make(provisionedModelName="bound", modelId="notes", modelUnits=2, commitmentDuration="OneMonth")
    bound = bedrock.get_provisioned_model_throughput(provisionedModelId="bound")
    assert (bound["commitmentExpirationTime"] - bound["creationTime"]).days in (29, 30)
    assert refused(bedrock.delete_provisioned_model_throughput, provisionedModelId="bound") == "ConflictException"


def test_a_custom_model_is_deployed(bedrock: Any, refused: Refused) -> None:
    tune(bedrock)
    model = bedrock.get_custom_model(modelIdentifier="notes")["modelArn"]
    make = bedrock.create_custom_model_deployment
    arn = make(modelDeploymentName="notes", modelArn=model, tags=OWNED)["customModelDeploymentArn"]
    [summary] = bedrock.list_custom_model_deployments(modelArnEquals=model)["modelDeploymentSummaries"]
    assert (summary["customModelDeploymentName"], summary["status"]) == ("notes", "Active")
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == OWNED
    late = summary["createdAt"].replace(year=2099)
    assert bedrock.list_custom_model_deployments(createdAfter=late)["modelDeploymentSummaries"] == []
    assert refused(make, modelDeploymentName="notes", modelArn=model) == "ValidationException"
    bedrock.update_custom_model_deployment(customModelDeploymentIdentifier=arn, modelArn=model)
    found = bedrock.get_custom_model_deployment(customModelDeploymentIdentifier="notes")
    assert found["updateDetails"]["updateStatus"] == "UpdateCompleted"
    assert refused(bedrock.delete_custom_model, modelIdentifier=model) == "ConflictException"
    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=arn)
    bedrock.delete_custom_model(modelIdentifier=model)


def test_marketplace_endpoints(bedrock: Any) -> None:
    config = {"initialInstanceCount": 1, "instanceType": "ml.g5.xlarge", "executionRole": ROLE}
    arn = bedrock.create_marketplace_model_endpoint(
        modelSourceIdentifier="arn:aws:sagemaker:us-east-1:aws:hub-content/hub/Model/m",
        endpointConfig={"sageMaker": config},
        endpointName="bought",
    )["marketplaceModelEndpoint"]["endpointArn"]
    bedrock.update_marketplace_model_endpoint(
        endpointArn=arn, endpointConfig={"sageMaker": {**config, "initialInstanceCount": 2}}
    )
    found = bedrock.get_marketplace_model_endpoint(endpointArn=arn)["marketplaceModelEndpoint"]
    assert found["endpointConfig"]["sageMaker"]["initialInstanceCount"] == 2
    [summary] = bedrock.list_marketplace_model_endpoints()["marketplaceModelEndpoints"]
    assert summary["status"] == "REGISTERED"
    assert bedrock.list_marketplace_model_endpoints(modelSourceEquals="arn:other")["marketplaceModelEndpoints"] == []
    bedrock.delete_marketplace_model_endpoint(endpointArn=arn)
    assert bedrock.list_marketplace_model_endpoints()["marketplaceModelEndpoints"] == []


def test_what_every_account_has(aws: Client, bedrock: Any) -> None:
    system = bedrock.list_inference_profiles(typeEquals="SYSTEM_DEFINED", maxResults=100)["inferenceProfileSummaries"]
    assert f"us.{MICRO}" in [one["inferenceProfileId"] for one in system]
    assert bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"] == []
    europe = aws("bedrock", "eu-west-1").get_inference_profile(inferenceProfileIdentifier=f"eu.{MICRO}")
    assert all(":eu-" in model["modelArn"] for model in europe["models"])
    pages = bedrock.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 3})
    assert len([one for page in pages for one in page["inferenceProfileSummaries"]]) == len(system)
    routers = bedrock.list_prompt_routers(type="default")["promptRouterSummaries"]
    assert "Anthropic Prompt Router" in [router["promptRouterName"] for router in routers]
    assert bedrock.get_prompt_router(promptRouterArn=routers[0]["promptRouterArn"])["type"] == "default"
    assert bedrock.list_prompt_routers(type="custom")["promptRouterSummaries"] == []


def test_foundation_models_are_filtered(bedrock: Any) -> None:
    every = bedrock.list_foundation_models()["modelSummaries"]
    tuned = bedrock.list_foundation_models(byCustomizationType="FINE_TUNING")["modelSummaries"]
    vectors = bedrock.list_foundation_models(byProvider="amazon", byOutputModality="EMBEDDING")["modelSummaries"]
    assert 0 < len(vectors) < len(tuned) < len(every)
    details = bedrock.get_foundation_model(modelIdentifier=MICRO)["modelDetails"]
    assert details["modelArn"] == model_arn(MICRO)


def test_a_guardrail_has_a_draft_and_versions(bedrock: Any, refused: Refused) -> None:
    given = {"name": "safe", "blockedInputMessaging": "no", "blockedOutputsMessaging": "no"}
    words = {"wordsConfig": [{"text": "secret"}]}
    key = bedrock.create_guardrail(**given, sensitiveInformationPolicyConfig=BLOCKS)["guardrailId"]
    draft = bedrock.get_guardrail(guardrailIdentifier=key)
    assert draft["version"] == "DRAFT"
    assert draft["sensitiveInformationPolicy"]["piiEntities"] == BLOCKS["piiEntitiesConfig"]
    assert bedrock.create_guardrail_version(guardrailIdentifier=key, description="first")["version"] == "1"
    bedrock.update_guardrail(guardrailIdentifier=key, **given, wordPolicyConfig=words)
    changed = bedrock.get_guardrail(guardrailIdentifier=key)
    assert "sensitiveInformationPolicy" not in changed
    assert changed["wordPolicy"] == {"words": [{"text": "secret"}]}
    first = bedrock.get_guardrail(guardrailIdentifier=key, guardrailVersion="1")
    assert "sensitiveInformationPolicy" in first
    assert first["description"] == "first"
    listed = bedrock.list_guardrails(guardrailIdentifier=key)["guardrails"]
    assert [one["version"] for one in listed] == ["DRAFT", "1"]
    assert [one["version"] for one in bedrock.list_guardrails()["guardrails"]] == ["DRAFT"]
    bedrock.delete_guardrail(guardrailIdentifier=key, guardrailVersion="1")
    assert bedrock.create_guardrail_version(guardrailIdentifier=key)["version"] == "2"
    gone = refused(bedrock.get_guardrail, guardrailIdentifier=key, guardrailVersion="1")
    assert gone == "ResourceNotFoundException"


def test_pages_have_real_tokens(bedrock: Any) -> None:
    for number in range(5):
        bedrock.create_model_invocation_job(**batch(f"month-{number}"))
    first = bedrock.list_model_invocation_jobs(maxResults=2)
    assert first["nextToken"]
    pages = bedrock.get_paginator("list_model_invocation_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [one["jobName"] for page in pages for one in page["invocationJobSummaries"]]
    assert names == [f"month-{number}" for number in range(5)]


BODIES: list[tuple[str, dict[str, Any], str]] = [
    (MICRO, {"messages": HI, "inferenceConfig": {"maxTokens": 50}}, "output"),
    ("amazon.titan-text-lite-v1", {"inputText": "hi"}, "results"),
    ("anthropic.claude-3-haiku-20240307-v1:0", {"max_tokens": 9, "messages": [{"content": "hi"}]}, "content"),
    ("meta.llama3-8b-instruct-v1:0", {"prompt": "hi", "max_gen_len": 9}, "generation"),
    ("mistral.mistral-7b-instruct-v0:2", {"prompt": "hi"}, "outputs"),
    ("cohere.command-r-v1:0", {"message": "hi"}, "text"),
    ("ai21.jamba-1-5-mini-v1:0", {"messages": [{"role": "user", "content": "hi"}]}, "choices"),
    ("cohere.embed-english-v3", {"texts": ["hi", "you"], "input_type": "search_query"}, "embeddings"),
    (f"us.{MICRO}", {"messages": HI}, "output"),
]


@pytest.mark.parametrize(("model", "body", "member"), BODIES, ids=[one[0] for one in BODIES])
def test_a_model_answers_in_the_form_of_its_provider(
    aws: Client, model: str, body: dict[str, Any], member: str
) -> None:
    answer = aws("bedrock-runtime").invoke_model(modelId=model, body=json.dumps(body))
    assert json.loads(answer["body"].read())[member]


def test_vectors_are_the_same_for_the_same_text(aws: Client) -> None:
    def vector(text: str) -> list[float]:
        body = json.dumps({"inputText": text, "dimensions": 256})
        answer = aws("bedrock-runtime").invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)
        found: list[float] = json.loads(answer["body"].read())["embedding"]
        return found

    assert len(vector("one")) == 256
    assert vector("one") == vector("one") != vector("other")


def test_a_conversation_goes_to_whatever_serves_a_model(aws: Client, bedrock: Any, refused: Refused) -> None:
    converse = aws("bedrock-runtime").converse
    tune(bedrock)
    bought = bedrock.create_provisioned_model_throughput(provisionedModelName="p", modelId="notes", modelUnits=1)
    profile = bedrock.create_inference_profile(inferenceProfileName="team", modelSource={"copyFrom": model_arn(MICRO)})
    for model in (
        MICRO,
        model_arn(MICRO),
        f"us.{MICRO}",
        bought["provisionedModelArn"],
        profile["inferenceProfileArn"],
    ):
        answer = converse(modelId=model, messages=HI)
        assert "How do I end the contract?" in answer["output"]["message"]["content"][0]["text"]
        assert answer["stopReason"] == "end_turn"
    cut = converse(modelId=MICRO, messages=HI, inferenceConfig={"maxTokens": 3})
    assert (cut["stopReason"], cut["usage"]["outputTokens"]) == ("max_tokens", 3)
    for model in ("amazon.none-v1:0", "anthropic.claude-sonnet-4-20250514-v1:0", "notes"):
        assert refused(converse, modelId=model, messages=HI) == "ValidationException"
    guard = {"guardrailIdentifier": "none", "guardrailVersion": "1"}
    assert refused(converse, modelId=MICRO, messages=HI, guardrailConfig=guard) == "ResourceNotFoundException"
    assert refused(aws("bedrock-runtime").invoke_model, modelId=MICRO, body=b"hi") == "ValidationException"
    counted = aws("bedrock-runtime").count_tokens(modelId=MICRO, input={"converse": {"messages": HI}})
    assert counted["inputTokens"] == converse(modelId=MICRO, messages=HI)["usage"]["inputTokens"]


def test_an_invocation_is_in_the_event_history(aws: Client) -> None:
    aws("bedrock-runtime").converse(modelId=MICRO, messages=HI)
    attributes = [{"AttributeKey": "EventName", "AttributeValue": "Converse"}]
    [event] = aws("cloudtrail").lookup_events(LookupAttributes=attributes)["Events"]
    assert event["EventSource"] == "bedrock.amazonaws.com"
    assert json.loads(event["CloudTrailEvent"])["requestParameters"]["modelId"] == MICRO


def test_agents_are_prepared_and_knowledge_bases_are_active(aws: Client) -> None:
    agents = aws("bedrock-agent")
    key = agents.create_agent(agentName="helper", agentResourceRoleArn=ROLE)["agent"]["agentId"]
    assert agents.list_agents()["agentSummaries"][0]["agentStatus"] == "NOT_PREPARED"
    agents.prepare_agent(agentId=key)
    assert agents.get_agent(agentId=key)["agent"]["agentStatus"] == "PREPARED"
    other = agents.create_agent(agentName="other", agentResourceRoleArn=ROLE)["agent"]["agentId"]
    agents.delete_agent(agentId=other)
    assert len(agents.list_agents()["agentSummaries"]) == 1
    agents.create_knowledge_base(
        name="docs",
        roleArn=ROLE,
        knowledgeBaseConfiguration={
            "type": "VECTOR",
            "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": model_arn("amazon.titan-embed-text-v2:0")},
        },
        storageConfiguration={
            "type": "OPENSEARCH_SERVERLESS",
            "opensearchServerlessConfiguration": {
                "collectionArn": f"arn:aws:aoss:{REGION}:{ACCOUNT}:collection/abcdefghij1234567890",
                "vectorIndexName": "docs",
                "fieldMapping": {"vectorField": "v", "textField": "t", "metadataField": "m"},
            },
        },
    )
    assert agents.list_knowledge_bases()["knowledgeBaseSummaries"][0]["status"] == "ACTIVE"
