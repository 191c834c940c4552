from __future__ import annotations

import datetime
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
DAY = datetime.timedelta(days=1)


def variant(name: str, count: int = 1) -> dict[str, Any]:
    hardware = {"InstanceType": "ml.m5.large", "InstanceCount": count}
    infrastructure = {"InfrastructureType": "RealTimeInference", "RealTimeInferenceConfig": hardware}
    return {"ModelName": name, "VariantName": name, "InfrastructureConfig": infrastructure}


MODE = {
    "SourceModelVariantName": "old",
    "ShadowModelVariants": [{"ShadowModelVariantName": "new", "SamplingPercentage": 40}],
}
EXPERIMENT = {
    "Name": "shadow",
    "Type": "ShadowMode",
    "RoleArn": ROLE,
    "EndpointName": "churn",
    "ModelVariants": [variant("old"), variant("new", 2)],
    "ShadowModeConfig": MODE,
}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    """SageMaker with models `old` and `new`, and an endpoint `churn` of the old one."""
    client = aws("sagemaker")
    for name in ("old", "new"):
        client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": f"churn:{name}"})
    production = {"VariantName": "old", "ModelName": "old", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client.create_endpoint_config(EndpointConfigName="churn", ProductionVariants=[production])
    client.create_endpoint(EndpointName="churn", EndpointConfigName="churn")
    return client


def variants(client: Any) -> tuple[list[str], list[str]]:
    found = client.describe_endpoint(EndpointName="churn")
    sides = (found.get("ProductionVariants", []), found.get("ShadowProductionVariants", []))
    production, shadow = ([one["VariantName"] for one in side] for side in sides)
    return production, shadow


def status(client: Any) -> str:
    return str(client.describe_inference_experiment(Name="shadow")["Status"])


def test_without_a_schedule_it_runs_at_once_for_a_week(sagemaker: Any) -> None:
    arn = sagemaker.create_inference_experiment(**EXPERIMENT, KmsKey="key")["InferenceExperimentArn"]
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:inference-experiment/shadow"
    found = sagemaker.describe_inference_experiment(Name="shadow")
    assert (found["Status"], found["Arn"], found["KmsKey"]) == ("Running", arn, "key")
    assert found["Schedule"]["EndTime"] - found["Schedule"]["StartTime"] == 7 * DAY
    assert found["EndpointMetadata"]["EndpointStatus"] == "InService"
    assert found["ShadowModeConfig"] == MODE
    assert "CompletionTime" not in found
    assert variants(sagemaker) == (["old"], ["new"])
    listed = sagemaker.list_inference_experiments(StatusEquals="Running", NameContains="sha", Type="ShadowMode")
    assert [one["Name"] for one in listed["InferenceExperiments"]] == ["shadow"]
    assert sagemaker.list_inference_experiments(StatusEquals="Completed")["InferenceExperiments"] == []


def test_a_promoted_shadow_serves_when_it_is_over(sagemaker: Any, refused: Refused) -> None:
    sagemaker.create_inference_experiment(**EXPERIMENT)
    assert refused(sagemaker.delete_inference_experiment, Name="shadow") == "ConflictException"
    actions = {"old": "Remove", "new": "Promote"}
    sagemaker.stop_inference_experiment(Name="shadow", ModelVariantActions=actions, Reason="better")
    found = sagemaker.describe_inference_experiment(Name="shadow")
    assert (found["Status"], found["StatusReason"]) == ("Completed", "better")
    assert found["CompletionTime"] >= found["CreationTime"]
    assert {one["VariantName"]: one["Status"] for one in found["ModelVariants"]} == {
        "old": "Deleted",
        "new": "InService",
    }
    assert variants(sagemaker) == (["new"], [])
    [served] = sagemaker.describe_endpoint(EndpointName="churn")["ProductionVariants"]
    assert served["CurrentInstanceCount"] == 2
    for call in (sagemaker.start_inference_experiment, sagemaker.update_inference_experiment):
        assert refused(call, Name="shadow") == "ConflictException"
    stop = sagemaker.stop_inference_experiment
    assert refused(stop, Name="shadow", ModelVariantActions=actions) == "ConflictException"
    sagemaker.delete_inference_experiment(Name="shadow")
    assert refused(sagemaker.describe_inference_experiment, Name="shadow") == "ResourceNotFound"


def test_what_is_scheduled_waits(sagemaker: Any) -> None:
    tomorrow = datetime.datetime.now(datetime.UTC) + DAY
    sagemaker.create_inference_experiment(**EXPERIMENT, Schedule={"StartTime": tomorrow})
    assert status(sagemaker) == "Created"
    assert variants(sagemaker) == (["old"], [])
    sagemaker.start_inference_experiment(Name="shadow")
    assert status(sagemaker) == "Running"
    assert variants(sagemaker) == (["old"], ["new"])


def test_what_is_over_is_completed_and_the_endpoint_as_before(sagemaker: Any) -> None:
    now = datetime.datetime.now(datetime.UTC)
    sagemaker.create_inference_experiment(**EXPERIMENT, Schedule={"StartTime": now - 2 * DAY, "EndTime": now - DAY})
    assert status(sagemaker) == "Completed"
    assert variants(sagemaker) == (["old"], [])


def test_one_that_runs_is_changed(sagemaker: Any) -> None:
    sagemaker.create_inference_experiment(**EXPERIMENT)
    mode = {**MODE, "ShadowModelVariants": [{"ShadowModelVariantName": "new", "SamplingPercentage": 90}]}
    end = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + DAY
    sagemaker.update_inference_experiment(
        Name="shadow",
        Description="more",
        ShadowModeConfig=mode,
        Schedule={"EndTime": end},
        ModelVariants=[variant("old", 3), variant("new")],
    )
    found = sagemaker.describe_inference_experiment(Name="shadow")
    assert (found["Description"], found["ShadowModeConfig"]) == ("more", mode)
    assert found["Schedule"]["EndTime"] == end
    assert sagemaker.describe_endpoint(EndpointName="churn")["ProductionVariants"][0]["CurrentInstanceCount"] == 3
    sagemaker.stop_inference_experiment(
        Name="shadow", ModelVariantActions={"old": "Retain", "new": "Remove"}, DesiredState="Cancelled"
    )
    assert status(sagemaker) == "Cancelled"
    assert variants(sagemaker) == (["old"], [])


BAD = {
    "no endpoint": {"EndpointName": "none"},
    "no model": {"ModelVariants": [variant("old"), variant("none")]},
    "no shadow": {"ModelVariants": [variant("old")]},
    "its own shadow": {"ShadowModeConfig": {**MODE, "SourceModelVariantName": "new"}},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_it_needs_what_it_names(sagemaker: Any, refused: Refused, bad: dict[str, Any]) -> None:
    assert refused(sagemaker.create_inference_experiment, **{**EXPERIMENT, **bad}) == "ValidationException"


def test_names_are_taken_and_variants_known(sagemaker: Any, refused: Refused) -> None:
    sagemaker.create_inference_experiment(**EXPERIMENT)
    assert refused(sagemaker.create_inference_experiment, **EXPERIMENT) == "ResourceInUse"
    stop = sagemaker.stop_inference_experiment
    assert refused(stop, Name="shadow", ModelVariantActions={"none": "Retain"}) == "ValidationException"
    assert refused(stop, Name="none", ModelVariantActions={"old": "Retain"}) == "ResourceNotFound"
