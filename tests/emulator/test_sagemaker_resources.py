from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest

from emulator.conftest import Client, Refused
from harness import ACCOUNT, REGION
from readiness.emulator import ago

HOUR = datetime.timedelta(hours=1)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ml"
SCRIPT = [{"Content": base64.b64encode(b"autostop.py --time 3600").decode()}]
QUANTIZE: dict[str, Any] = {
    "RoleArn": ROLE,
    "ModelSource": {"S3": {"S3Uri": "s3://models/llm"}},
    "DeploymentInstanceType": "ml.g5.2xlarge",
    "OptimizationConfigs": [
        {"ModelQuantizationConfig": {"Image": "lmi:1", "OverrideEnvironment": {"OPTION_QUANTIZE": "awq"}}}
    ],
    "OutputConfig": {"S3OutputLocation": "s3://models/small"},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


@pytest.fixture
def sagemaker(aws: Client) -> Any:
    return aws("sagemaker")


def test_a_repository(sagemaker: Any, refused: Refused) -> None:
    git = {"RepositoryUrl": "https://github.com/us/churn.git", "Branch": "main"}
    arn = sagemaker.create_code_repository(CodeRepositoryName="churn", GitConfig=git)["CodeRepositoryArn"]
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:code-repository/churn"
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:git"
    sagemaker.update_code_repository(CodeRepositoryName="churn", GitConfig={"SecretArn": secret})
    [found] = sagemaker.list_code_repositories(NameContains="chu")["CodeRepositorySummaryList"]
    assert found["GitConfig"] == {**git, "SecretArn": secret}
    assert refused(sagemaker.create_code_repository, CodeRepositoryName="churn", GitConfig=git) == "ValidationException"
    bad = {"RepositoryUrl": "git@github.com:us/churn.git"}
    assert refused(sagemaker.create_code_repository, CodeRepositoryName="bad", GitConfig=bad) == "ValidationException"
    sagemaker.delete_code_repository(CodeRepositoryName="churn")
    assert refused(sagemaker.describe_code_repository, CodeRepositoryName="churn") == "ValidationException"


def test_an_optimization_job(sagemaker: Any, refused: Refused) -> None:
    sagemaker.create_optimization_job(OptimizationJobName="small", **QUANTIZE)
    compile_too = [*QUANTIZE["OptimizationConfigs"], {"ModelCompilationConfig": {"Image": "lmi:2"}}]
    sagemaker.create_optimization_job(OptimizationJobName="fast", **{**QUANTIZE, "OptimizationConfigs": compile_too})
    found = sagemaker.describe_optimization_job(OptimizationJobName="small")
    assert found["OptimizationJobStatus"] == "COMPLETED"
    assert found["OptimizationStartTime"] <= found["OptimizationEndTime"]
    assert found["OptimizationOutput"] == {"RecommendedInferenceImage": "lmi:1"}
    [listed] = sagemaker.list_optimization_jobs(OptimizationContains="Compilation")["OptimizationJobSummaries"]
    assert (listed["OptimizationJobName"], listed["OptimizationTypes"]) == ("fast", ["Quantization", "Compilation"])
    assert len(sagemaker.list_optimization_jobs(StatusEquals="COMPLETED")["OptimizationJobSummaries"]) == 2
    stop = sagemaker.stop_optimization_job
    assert refused(stop, OptimizationJobName="small") == "ValidationException"
    sagemaker.delete_optimization_job(OptimizationJobName="small")
    assert refused(sagemaker.describe_optimization_job, OptimizationJobName="small") == "ResourceNotFound"
    sagemaker.create_optimization_job(OptimizationJobName="brief", **QUANTIZE)
    stop(OptimizationJobName="brief")
    assert sagemaker.describe_optimization_job(OptimizationJobName="brief")["OptimizationJobStatus"] == "STOPPED"
    create = sagemaker.create_optimization_job
    lost = {**QUANTIZE, "ModelSource": {"SageMakerModel": {"ModelName": "none"}}}
    assert refused(create, OptimizationJobName="bad", **lost) == "ValidationException"
    assert refused(create, OptimizationJobName="fast", **QUANTIZE) == "ResourceInUse"


def offering(client: Any, **asked: Any) -> Any:
    asked = {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 1, "DurationHours": 24, **asked}
    return client.search_training_plan_offerings(**asked, TargetResources=["training-job"])["TrainingPlanOfferings"]


def test_a_training_plan_is_what_was_offered(sagemaker: Any, refused: Refused) -> None:
    [one], [more] = offering(sagemaker), offering(sagemaker, InstanceCount=2, DurationHours=30)
    assert more["DurationHours"] == 48
    assert float(more["UpfrontFee"]) == 4 * float(one["UpfrontFee"])
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    assert offering(sagemaker, EndTimeBefore=soon) == []
    create = sagemaker.create_training_plan
    create(TrainingPlanName="plan", TrainingPlanOfferingId=more["TrainingPlanOfferingId"])
    found = sagemaker.describe_training_plan(TrainingPlanName="plan")
    assert (found["Status"], found["TotalInstanceCount"]) == ("Scheduled", 2)
    assert found["EndTime"] - found["StartTime"] == datetime.timedelta(hours=48)
    scheduled = [{"Name": "Status", "Value": "Scheduled"}]
    [listed] = sagemaker.list_training_plans(Filters=scheduled)["TrainingPlanSummaries"]
    assert listed["TargetResources"] == ["training-job"]
    assert listed["ReservedCapacitySummaries"][0]["InstanceType"] == "ml.p5.48xlarge"
    expired = [{"Name": "Status", "Value": "Expired"}]
    assert sagemaker.list_training_plans(Filters=expired)["TrainingPlanSummaries"] == []
    lost = {"TrainingPlanName": "other", "TrainingPlanOfferingId": "tpo-none"}
    assert refused(create, **lost) == "ResourceNotFound"
    taken = {"TrainingPlanName": "plan", "TrainingPlanOfferingId": one["TrainingPlanOfferingId"]}
    assert refused(create, **taken) == "ResourceInUse"


def test_a_plan_that_has_begun_is_active(sagemaker: Any) -> None:
    [one] = offering(sagemaker)
    sagemaker.create_training_plan(TrainingPlanName="plan", TrainingPlanOfferingId=one["TrainingPlanOfferingId"])
    plan = sagemaker.describe_training_plan(TrainingPlanName="plan")
    statuses = []
    for moment in (plan["StartTime"] + (plan["EndTime"] - plan["StartTime"]) / 2, plan["EndTime"] + HOUR):
        with ago(datetime.datetime.now(datetime.UTC) - moment):
            statuses.append(sagemaker.describe_training_plan(TrainingPlanName="plan")["Status"])
    assert statuses == ["Active", "Expired"]


def notebook(client: Any, name: str = "book", **given: Any) -> str:
    given = {"InstanceType": "ml.m6i.large", **given}
    made = client.create_notebook_instance(NotebookInstanceName=name, RoleArn=ROLE, **given)
    return str(made["NotebookInstanceArn"])


def test_a_notebook_has_what_it_is_given(sagemaker: Any) -> None:
    notebook(sagemaker)
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="book")
    assert (found["InstanceType"], found["RootAccess"]) == ("ml.m6i.large", "Enabled")
    assert found["PlatformIdentifier"] == "notebook-al2023-v1"
    version = {"MinimumInstanceMetadataServiceVersion": "1"}
    assert found["InstanceMetadataServiceConfiguration"] == version
    newer = {"MinimumInstanceMetadataServiceVersion": "2"}
    given = {"RootAccess": "Disabled", "PlatformIdentifier": "notebook-al2-v2"}
    notebook(sagemaker, "other", InstanceMetadataServiceConfiguration=newer, VolumeSizeInGB=50, **given)
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="other")
    assert {name: found[name] for name in given} == given
    assert (found["InstanceMetadataServiceConfiguration"], found["VolumeSizeInGB"]) == (newer, 50)


def test_a_notebook_is_changed_while_it_is_stopped(sagemaker: Any, refused: Refused) -> None:
    sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="stop", OnStart=SCRIPT)
    notebook(sagemaker, LifecycleConfigName="stop")
    update = sagemaker.update_notebook_instance
    assert refused(update, NotebookInstanceName="book", RootAccess="Disabled") == "ValidationException"
    sagemaker.stop_notebook_instance(NotebookInstanceName="book")
    update(NotebookInstanceName="book", RootAccess="Disabled", InstanceType="ml.t3.large")
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="book")
    assert (found["RootAccess"], found["InstanceType"]) == ("Disabled", "ml.t3.large")
    assert found["NotebookInstanceLifecycleConfigName"] == "stop"
    delete = sagemaker.delete_notebook_instance_lifecycle_config
    assert refused(delete, NotebookInstanceLifecycleConfigName="stop") == "ValidationException"
    update(NotebookInstanceName="book", DisassociateLifecycleConfig=True)
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="book")
    assert "NotebookInstanceLifecycleConfigName" not in found
    delete(NotebookInstanceLifecycleConfigName="stop")


def test_lifecycle_configurations(sagemaker: Any, refused: Refused) -> None:
    create, named = sagemaker.create_notebook_instance_lifecycle_config, "NotebookInstanceLifecycleConfigName"
    arn = create(**{named: "stop"}, OnStart=SCRIPT, Tags=[{"Key": "Owner", "Value": "ana"}])[f"{named[:-4]}Arn"]
    create(**{named: "empty"})
    found = sagemaker.list_notebook_instance_lifecycle_configs(NameContains="sto")["NotebookInstanceLifecycleConfigs"]
    assert [one["NotebookInstanceLifecycleConfigArn"] for one in found] == [arn]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "Owner", "Value": "ana"}]
    update = sagemaker.update_notebook_instance_lifecycle_config
    update(**{named: "stop"}, OnCreate=SCRIPT)
    found = sagemaker.describe_notebook_instance_lifecycle_config(**{named: "stop"})
    assert (found["OnCreate"], found["OnStart"]) == (SCRIPT, SCRIPT)
    assert refused(update, **{named: "none"}) == "ValidationException"
    assert refused(create, **{named: "bad"}, OnStart=[{"Content": "%%%"}]) == "ValidationException"
    for bad in ({"LifecycleConfigName": "none"}, {"InstanceType": "ml.none.large"}):
        given = {"NotebookInstanceName": "bad", "RoleArn": ROLE, "InstanceType": "ml.t3.medium", **bad}
        assert refused(sagemaker.create_notebook_instance, **given) == "ValidationException"
    assert refused(sagemaker.describe_notebook_instance, NotebookInstanceName="none") == "ValidationException"
    sagemaker.delete_notebook_instance_lifecycle_config(**{named: "stop"})
    sagemaker.delete_notebook_instance_lifecycle_config(**{named: "empty"})
    assert sagemaker.list_notebook_instance_lifecycle_configs()["NotebookInstanceLifecycleConfigs"] == []
