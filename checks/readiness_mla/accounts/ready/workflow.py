"""From data to a registered model without a person: a pipeline with a gate, what starts it, and what it tells."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import SKLEARN, XGBOOST, Do, Place
from readiness_mla.accounts.ready.foundation import OWNED, OWNED_CAMEL, Foundation
from readiness_mla.accounts.ready.registry import GROUP

PIPELINE = "churn"
GOOD_ENOUGH = 0.88
FAILED = {
    "Training Job": ("TrainingJobStatus", ["Failed"]),
    "Processing Job": ("ProcessingJobStatus", ["Failed"]),
    "Transform Job": ("TransformJobStatus", ["Failed"]),
    "Endpoint": ("EndpointStatus", ["FAILED", "UPDATE_ROLLBACK_FAILED"]),
}
"""What SageMaker tells of when it changes, where in the event its status is, and how that reads when it failed."""


def automate(do: Do, base: Foundation) -> None:
    """The pipeline, its runs, its schedule, and rules on what happens in SageMaker."""
    _pipeline(do, base)
    _weekly(do, base)
    _step_by_step(do, base)
    _when_drift_is_seen(do, base)
    _when_something_fails(do, base)


def retrain(do: Do, number: int) -> None:
    """A run of the pipeline."""
    do(
        "sagemaker",
        "StartPipelineExecution",
        PipelineName=PIPELINE,
        PipelineExecutionDisplayName=f"week-{number}",
        ClientRequestToken=f"retraining-of-the-churn-model-week-{number:04}",
    )


def _arn(here: Place) -> str:
    return here.arn("sagemaker", f"pipeline/{PIPELINE}", region=here.region, account=here.account)


def _pipeline(do: Do, base: Foundation) -> None:
    """Prepare, train, evaluate; and register the model only if it beats the baseline."""
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Baseline", "Type": "Float", "DefaultValue": GOOD_ENOUGH}],
        "Steps": [_prepare(base), _train(base), _evaluate(base), _gate(base)],
    }
    do(
        "sagemaker",
        "CreatePipeline",
        PipelineName=PIPELINE,
        PipelineDescription="From customers to a registered model",
        PipelineDefinition=json.dumps(definition),
        ClientRequestToken="made-once-for-the-pipeline-of-the-churn-model",
        RoleArn=base.here.role("ml-pipeline"),
        Tags=OWNED,
    )
    retrain(do, 1)


def _job(base: Foundation) -> dict[str, Any]:
    """A job of the pipeline that runs a script of the lab within the VPC."""
    machine = {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 10,
        "VolumeKmsKeyId": base.key,
    }
    return {
        "ProcessingResources": {"ClusterConfig": machine},
        "AppSpecification": {
            "ImageUri": base.here.image(SKLEARN),
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/run.py"],
        },
        "NetworkConfig": {"VpcConfig": base.vpc_config, "EnableInterContainerTrafficEncryption": True},
        "RoleArn": base.here.role("ml-training"),
        "Tags": OWNED,
    }


def _written(base: Foundation, *names: str) -> dict[str, Any]:
    data = base.here.data
    outputs = [
        {
            "OutputName": name,
            "S3Output": {
                "S3Uri": f"s3://{data}/pipeline/{name}/",
                "LocalPath": f"/opt/ml/processing/{name}",
                "S3UploadMode": "EndOfJob",
            },
        }
        for name in names
    ]
    return {"ProcessingOutputConfig": {"Outputs": outputs, "KmsKeyId": base.key}}


def _prepare(base: Foundation) -> dict[str, Any]:
    return {
        "Name": "Prepare",
        "Type": "Processing",
        "Arguments": {**_job(base), **_written(base, "train", "validation", "test")},
    }


def _train(base: Foundation) -> dict[str, Any]:
    here = base.here
    channels = [
        {
            "ChannelName": name,
            "ContentType": "text/csv",
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{here.data}/pipeline/{name}/"},
            },
        }
        for name in ("train", "validation")
    ]
    return {
        "Name": "Train",
        "Type": "Training",
        "DependsOn": ["Prepare"],
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": here.image(XGBOOST), "TrainingInputMode": "File"},
            "HyperParameters": {"objective": "binary:logistic", "eval_metric": "auc", "num_round": "200"},
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{here.data}/output/", "KmsKeyId": base.key},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
                "VolumeKmsKeyId": base.key,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "VpcConfig": base.vpc_config,
            "RoleArn": here.role("ml-training"),
            "Tags": OWNED,
        },
    }


def _evaluate(base: Foundation) -> dict[str, Any]:
    report = {"PropertyFileName": "Evaluation", "OutputName": "evaluation", "FilePath": "evaluation.json"}
    return {
        "Name": "Evaluate",
        "Type": "Processing",
        "DependsOn": ["Train"],
        "Arguments": {**_job(base), **_written(base, "evaluation")},
        "PropertyFiles": [report],
    }


def _gate(base: Foundation) -> dict[str, Any]:
    measured = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": "auc"}}
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": GROUP,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": base.here.image(XGBOOST),
                        "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
                    }
                ],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    worse = {
        "Name": "TooWeak",
        "Type": "Fail",
        "Arguments": {"ErrorMessage": "The new model is not better than the baseline"},
    }
    better = {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": measured,
        "RightValue": {"Get": "Parameters.Baseline"},
    }
    return {
        "Name": "GoodEnough",
        "Type": "Condition",
        "DependsOn": ["Evaluate"],
        "Arguments": {"Conditions": [better], "IfSteps": [register], "ElseSteps": [worse]},
    }


def _weekly(do: Do, base: Foundation) -> None:
    """Every Monday morning, whether anybody thinks of it or not."""
    do(
        "scheduler",
        "CreateSchedule",
        Name="retrain-churn",
        ScheduleExpression="cron(0 5 ? * MON *)",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30},
        Target={
            "Arn": _arn(base.here),
            "RoleArn": base.here.role("ml-retrain"),
            "SageMakerPipelineParameters": {
                "PipelineParameterList": [{"Name": "Baseline", "Value": str(GOOD_ENOUGH)}],
            },
        },
    )


def _step_by_step(do: Do, base: Foundation) -> None:
    """The same training as a state machine, for teams whose other workflows are state machines; and a bus for those."""
    here = base.here
    do("events", "CreateEventBus", Name="shop", Tags=OWNED)
    integration = here.arn("states", "::sagemaker:createTransformJob.sync")
    fetched = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{here.data}/customers/"}}}
    score = {
        "Type": "Task",
        "Resource": integration,
        "Parameters": {
            "TransformJobName.$": "$$.Execution.Name",
            "ModelName": "churn-1",
            "TransformInput": fetched,
            "TransformOutput": {"S3OutputPath": f"s3://{here.data}/scores/", "KmsKeyId": base.key},
            "TransformResources": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeKmsKeyId": base.key,
            },
            "Tags": OWNED,
        },
        "Retry": [{"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "MaxAttempts": 2}],
        "End": True,
    }
    made = do(
        "stepfunctions",
        "CreateStateMachine",
        name="score-churn",
        definition=json.dumps({"StartAt": "Score", "States": {"Score": score}}),
        roleArn=here.role("ml-steps"),
        type="STANDARD",
        encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": base.key},
        tags=OWNED_CAMEL,
    )
    do("stepfunctions", "StartExecution", stateMachineArn=made["stateMachineArn"], name="score-churn-1")


def _rule(do: Do, name: str, kind: str, detail: dict[str, Any], *targets: dict[str, Any]) -> None:
    pattern = {"source": ["aws.sagemaker"], "detail-type": [f"SageMaker {kind} State Change"], "detail": detail}
    do("events", "PutRule", Name=name, EventPattern=json.dumps(pattern), State="ENABLED", Tags=OWNED)
    do("events", "PutTargets", Rule=name, Targets=list(targets))


def _when_drift_is_seen(do: Do, base: Foundation) -> None:
    """A monitoring run that found violations starts the pipeline, and somebody is told."""
    _rule(
        do,
        "drift-seen",
        "Processing Job",
        {
            "ProcessingJobName": [{"prefix": "model-monitoring-"}],
            "ExitMessage": [{"prefix": "CompletedWithViolations"}],
        },
        {"Id": "tell", "Arn": base.topic},
        {"Id": "retrain", "Arn": _arn(base.here), "RoleArn": base.here.role("ml-events")},
    )


def _when_something_fails(do: Do, base: Foundation) -> None:
    """No job fails in silence, and neither does an endpoint."""
    for kind, (member, statuses) in FAILED.items():
        name = f"{kind.lower().replace(' ', '-')}-failed"
        _rule(do, name, kind, {member: statuses}, {"Id": "tell", "Arn": base.topic})
