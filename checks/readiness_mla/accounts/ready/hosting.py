"""Each way to serve the model where it fits: at once, now and then, from a queue, in a batch, several in one."""

from __future__ import annotations

from typing import Any

from readiness_mla.accounts.place import SKLEARN, XGBOOST, Do, Place
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.registry import approved

LIVE = "churn-live"
NOW_AND_THEN = "churn-support"
QUEUED = "churn-history"
VARIANT = "main"
OWN_IMAGE = "churn:1"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
SHARED = "churn-shared"
LIVE_CONFIG = "churn-live-1"

TENTH_OF_A_SECOND = 100_000
"""In microseconds, the unit of ModelLatency."""


def host(do: Do, base: Foundation) -> None:
    """Models of each shape, endpoints of each kind, and jobs that need no endpoint."""
    _models(do, base)
    _at_once(do, base)
    _now_and_then(do, base)
    _from_a_queue(do, base)
    _side_by_side(do, base)
    _against_each_other(do, base)
    _in_a_batch(do, base)
    _for_the_edge(do, base)


def image(here: Place) -> str:
    """The lab's own image of the model, in its own registry."""
    return f"{here.account}.dkr.ecr.{here.region}.amazonaws.com/{OWN_IMAGE}"


def artifact(here: Place, job: str = "churn-1") -> str:
    """What a training job left."""
    return f"s3://{here.data}/output/{job}/output/model.tar.gz"


def configure(do: Do, base: Foundation, name: str, *variants: dict[str, Any], **more: Any) -> None:
    """An endpoint configuration whose volumes are encrypted by the lab's key."""
    encrypted = {} if "ServerlessConfig" in variants[0] else {"KmsKeyId": base.key}
    do(
        "sagemaker",
        "CreateEndpointConfig",
        EndpointConfigName=name,
        ProductionVariants=list(variants),
        Tags=OWNED,
        **encrypted,
        **more,
    )


def on_instances(model: str, *, count: int = 2, name: str = VARIANT, weight: float = 1.0) -> dict[str, Any]:
    """A variant on two instances, which SageMaker spreads over zones."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
        "InitialVariantWeight": weight,
    }


def captured(base: Foundation) -> dict[str, Any]:
    """Requests and answers are kept, for drift shows in the former and quality in the latter."""
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{base.here.data}/captured/",
        "KmsKeyId": base.key,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }


def _models(do: Do, base: Foundation) -> None:
    """From the registry, from an artifact, from an image of one's own; alone, in a row, and many in one container."""
    here = base.here
    prepare = {"Image": here.image(SKLEARN), "ModelDataUrl": f"s3://{here.data}/models/prepare/model.tar.gz"}
    predict = {"Image": here.image(XGBOOST), "ModelDataUrl": artifact(here)}
    many = {"Image": here.image(XGBOOST), "Mode": "MultiModel", "ModelDataUrl": f"s3://{here.data}/models/by-country/"}
    _model(do, base, "churn-1", PrimaryContainer=predict)
    _model(do, base, "churn-2", PrimaryContainer={"ModelPackageName": approved(here)})
    _model(do, base, "churn-own-image", PrimaryContainer={"Image": image(here), "ModelDataUrl": artifact(here)})
    _model(do, base, "churn-by-country", PrimaryContainer=many)
    _model(
        do,
        base,
        "churn-with-preparation",
        Containers=[prepare, predict],
        InferenceExecutionConfig={"Mode": "Serial"},
    )
    # Serverless endpoints have no way into a VPC.
    role = here.role("ml-inference")
    do("sagemaker", "CreateModel", ModelName=NOW_AND_THEN, ExecutionRoleArn=role, PrimaryContainer=predict, Tags=OWNED)


def _model(do: Do, base: Foundation, name: str, **containers: Any) -> None:
    """A model that reaches nothing but what the VPC lets it."""
    do(
        "sagemaker",
        "CreateModel",
        ModelName=name,
        ExecutionRoleArn=base.here.role("ml-inference"),
        VpcConfig=base.vpc_config,
        EnableNetworkIsolation=True,
        Tags=OWNED,
        **containers,
    )


def _endpoint(do: Do, name: str, config: str) -> None:
    do("sagemaker", "CreateEndpoint", EndpointName=name, EndpointConfigName=config, Tags=OWNED)


def _scaled(name: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/{VARIANT}",
        "ScalableDimension": INSTANCES,
    }


def _track(do: Do, endpoint: str, policy: str, target: float, **metric: Any) -> None:
    """Hold a metric at a value; out quickly, and in slowly."""
    do(
        "application-autoscaling",
        "PutScalingPolicy",
        PolicyName=policy,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": target,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 300,
            **metric,
        },
        **_scaled(endpoint),
    )


def _of(endpoint: str, name: str, namespace: str, *, per_variant: bool = True) -> dict[str, Any]:
    """A metric of an endpoint, as a policy names it."""
    variant = [{"Name": "VariantName", "Value": VARIANT}] if per_variant else []
    return {
        "CustomizedMetricSpecification": {
            "MetricName": name,
            "Namespace": namespace,
            "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, *variant],
            "Statistic": "Average",
        }
    }


def _at_once(do: Do, base: Foundation) -> None:
    """The endpoint for steady traffic: two instances or more, by requests, latency and load."""
    configure(do, base, LIVE_CONFIG, on_instances("churn-1"), DataCaptureConfig=captured(base))
    _endpoint(do, LIVE, LIVE_CONFIG)
    do("application-autoscaling", "RegisterScalableTarget", MinCapacity=2, MaxCapacity=6, **_scaled(LIVE))
    do(
        "application-autoscaling",
        "PutScheduledAction",
        ScheduledActionName="shops-open",
        Schedule="cron(30 7 ? * MON-SAT *)",
        Timezone="Europe/Berlin",
        ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 6},
        **_scaled(LIVE),
    )
    requests = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    _track(do, LIVE, "requests", 700.0, PredefinedMetricSpecification=requests)
    _track(do, LIVE, "latency", TENTH_OF_A_SECOND, **_of(LIVE, "ModelLatency", "AWS/SageMaker"))
    # Two cores of an ml.m5.large make up to 200 per cent.
    _track(do, LIVE, "processors", 120.0, **_of(LIVE, "CPUUtilization", "/aws/sagemaker/Endpoints"))


def _now_and_then(do: Do, base: Foundation) -> None:
    """The endpoint for a few questions a day, which costs nothing between them."""
    capacity = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    variant = {"VariantName": VARIANT, "ModelName": NOW_AND_THEN, "ServerlessConfig": capacity}
    configure(do, base, NOW_AND_THEN, variant)
    _endpoint(do, NOW_AND_THEN, NOW_AND_THEN)


def _from_a_queue(do: Do, base: Foundation) -> None:
    """The endpoint for long histories: it sleeps while the queue is empty, and the first request wakes it."""
    here = base.here
    output = {
        "S3OutputPath": f"s3://{here.data}/async/answers/",
        "S3FailurePath": f"s3://{here.data}/async/failures/",
        "KmsKeyId": base.key,
        "NotificationConfig": {"ErrorTopic": base.topic},
    }
    waiting = {"OutputConfig": output, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4}}
    configure(do, base, QUEUED, on_instances("churn-with-preparation", count=1), AsyncInferenceConfig=waiting)
    _endpoint(do, QUEUED, QUEUED)
    do("application-autoscaling", "RegisterScalableTarget", MinCapacity=0, MaxCapacity=2, **_scaled(QUEUED))
    backlog = _of(QUEUED, "ApproximateBacklogSizePerInstance", "AWS/SageMaker", per_variant=False)
    _track(do, QUEUED, "backlog", 5.0, **backlog)
    wake = do(
        "application-autoscaling",
        "PutScalingPolicy",
        PolicyName="wake",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": 300,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        },
        **_scaled(QUEUED),
    )
    do(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName=f"{QUEUED}-wake",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": QUEUED}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="missing",
        AlarmActions=[wake["PolicyARN"]],
        Tags=OWNED,
    )


def _side_by_side(do: Do, base: Foundation) -> None:
    """Models of two brands that share instances, each with as many copies as it needs."""
    variant = {
        "VariantName": VARIANT,
        "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": 2,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 2, "MaxInstanceCount": 4},
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    }
    role = base.here.role("ml-inference")
    isolated = {"ExecutionRoleArn": role, "VpcConfig": base.vpc_config, "EnableNetworkIsolation": True}
    configure(do, base, SHARED, variant, DataCaptureConfig=captured(base), **isolated)
    _endpoint(do, SHARED, SHARED)
    for brand, model in (("main", "churn-1"), ("budget", "churn-2")):
        name = f"churn-{brand}-brand"
        do(
            "sagemaker",
            "CreateInferenceComponent",
            InferenceComponentName=name,
            EndpointName=SHARED,
            VariantName=VARIANT,
            Specification={
                "ModelName": model,
                "ComputeResourceRequirements": {"NumberOfCpuCoresRequired": 1, "MinMemoryRequiredInMb": 1024},
            },
            RuntimeConfig={"CopyCount": 2},
            Tags=OWNED,
        )
        scaled = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"inference-component/{name}",
            "ScalableDimension": COPIES,
        }
        do("application-autoscaling", "RegisterScalableTarget", MinCapacity=2, MaxCapacity=4, **scaled)
        do(
            "application-autoscaling",
            "PutScalingPolicy",
            PolicyName="requests",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 300.0,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"
                },
            },
            **scaled,
        )


def _against_each_other(do: Do, base: Foundation) -> None:
    """A test of the new model on live traffic: a tenth, then half, then it is over; its configuration is kept."""
    name = "churn-test"
    old = on_instances("churn-1", name="old", weight=0.9)
    new = on_instances("churn-2", name="new", weight=0.1)
    configure(do, base, name, old, new, DataCaptureConfig=captured(base))
    _endpoint(do, name, name)
    half = [{"VariantName": variant, "DesiredWeight": 0.5} for variant in ("old", "new")]
    do("sagemaker", "UpdateEndpointWeightsAndCapacities", EndpointName=name, DesiredWeightsAndCapacities=half)
    do("sagemaker", "DeleteEndpoint", EndpointName=name)


def _in_a_batch(do: Do, base: Foundation) -> None:
    """All customers once a month: machines that are gone afterwards."""
    data = base.here.data
    do(
        "sagemaker",
        "CreateTransformJob",
        TransformJobName="score-customers",
        ModelName="churn-1",
        BatchStrategy="MultiRecord",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{data}/customers/"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{data}/scores/", "KmsKeyId": base.key, "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeKmsKeyId": base.key},
        Tags=OWNED,
    )


def _for_the_edge(do: Do, base: Foundation) -> None:
    """The model compiled for the small computers in the shops."""
    data = base.here.data
    do(
        "sagemaker",
        "CreateCompilationJob",
        CompilationJobName="churn-for-shops",
        RoleArn=base.here.role("ml-training"),
        InputConfig={"S3Uri": artifact(base.here), "DataInputConfig": '{"data": [1, 4]}', "Framework": "XGBOOST"},
        OutputConfig={
            "S3OutputLocation": f"s3://{data}/compiled/",
            "TargetDevice": "rasp4b",
            "KmsKeyId": base.key,
        },
        StoppingCondition={"MaxRuntimeInSeconds": 900},
        Tags=OWNED,
    )
