"""Models compared: in the shadow of another; and data compared with its limits, by a pipeline."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.hosting import captured, configure, on_instances
from readiness_mla.accounts.ready.jobs import CLARIFY, EXAMINED, TEN_MINUTES, cluster, given, put, result, s3
from readiness_mla.accounts.ready.registry import GROUP

BESIDE = "churn-beside"
CHECKS = "churn-checks"


def analyze(do: Do, base: Foundation) -> None:
    """Compare the second model with the live one on what people really ask, and data with what was there before."""
    _shadow(do, base)
    _check_bias(do, base)


def _shadow(do: Do, base: Foundation) -> None:
    """For a day the second model gets a copy of half of the requests; nobody gets its answers."""
    variants = [_variant("live", "churn-1"), _variant("new", "churn-2")]
    configure(do, base, BESIDE, on_instances("churn-1", name="live"), DataCaptureConfig=captured(base))
    do("sagemaker", "CreateEndpoint", EndpointName=BESIDE, EndpointConfigName=BESIDE, Tags=OWNED)
    do(
        "sagemaker",
        "CreateInferenceExperiment",
        Name="second-model",
        Type="ShadowMode",
        Description="Is the second model as quick as the first, and does it differ?",
        RoleArn=base.here.role("ml-inference"),
        EndpointName=BESIDE,
        ModelVariants=variants,
        ShadowModeConfig={
            "SourceModelVariantName": "live",
            "ShadowModelVariants": [{"ShadowModelVariantName": "new", "SamplingPercentage": 50}],
        },
        DataStorageConfig={"Destination": s3(base, "shadow/"), "KmsKey": base.key},
        KmsKey=base.key,
        Tags=OWNED,
    )
    do(
        "sagemaker",
        "StopInferenceExperiment",
        Name="second-model",
        ModelVariantActions={"live": "Retain", "new": "Remove"},
        Reason="as quick, and one in a hundred predictions differs",
    )
    do("sagemaker", "DeleteEndpoint", EndpointName=BESIDE)


def _variant(name: str, model: str) -> dict[str, Any]:
    hardware = {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    infrastructure = {"InfrastructureType": "RealTimeInference", "RealTimeInferenceConfig": hardware}
    return {"ModelName": model, "VariantName": name, "InfrastructureConfig": infrastructure}


def _check_bias(do: Do, base: Foundation) -> None:
    """A pipeline that ends where the customers of a week are more unlike than those that the model learned from."""
    here = base.here
    config = {
        **EXAMINED,
        "methods": {"pre_training_bias": {"methods": ["CI", "DPL"]}, "report": {"name": "report"}},
    }
    key = "clarify/weekly/analysis_config.json"
    put(do, base, key, json.dumps(config, indent=2))
    examine = {
        "AppSpecification": {"ImageUri": here.image(CLARIFY)},
        "ProcessingInputs": [
            given(base, "analysis_config", key, "config"),
            given(base, "dataset", "clean/customers/", "data"),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [result(base, "analysis_result", "clarify/weekly/report/")],
            "KmsKeyId": base.key,
        },
        "ProcessingResources": {"ClusterConfig": cluster(base)},
        "NetworkConfig": {"VpcConfig": base.vpc_config, "EnableInterContainerTrafficEncryption": True},
        "StoppingCondition": TEN_MINUTES,
        "RoleArn": here.role("ml-training"),
        "Tags": OWNED,
    }
    step = {
        "Name": "CheckBias",
        "Type": "ClarifyCheck",
        "CheckType": "DATA_BIAS",
        "ModelPackageGroupName": GROUP,
        "SkipCheck": False,
        "RegisterNewBaseline": True,
        "Arguments": examine,
    }
    do(
        "sagemaker",
        "CreatePipeline",
        PipelineName=CHECKS,
        PipelineDescription="Are this week's customers more unlike than before?",
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": [step]}),
        ClientRequestToken="made-once-for-the-pipeline-that-checks-customers",
        RoleArn=here.role("ml-pipeline"),
        Tags=OWNED,
    )
    do(
        "sagemaker",
        "StartPipelineExecution",
        PipelineName=CHECKS,
        ClientRequestToken="check-of-the-bias-of-customers-week-0001",
    )
