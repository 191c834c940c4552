"""Models made better and smaller: varied one thing at a time, pruned, compressed, and brought in from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from readiness_mla.accounts.place import PYTORCH, XGBOOST, Do
from readiness_mla.accounts.ready.foundation import OWNED, Foundation
from readiness_mla.accounts.ready.jobs import put, s3, split
from readiness_mla.accounts.ready.training import BOOSTING, fit, measured

LLAMA = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16"}
TRIES: dict[str, tuple[dict[str, str], dict[str, float]]] = {
    "leavers-1": ({"max_depth": "3"}, {"train:auc": 0.88, "validation:auc": 0.87}),
    "leavers-2": ({"max_depth": "6", "gamma": "1"}, {"train:auc": 0.93, "validation:auc": 0.91}),
}
"""Deeper trees find more, and a gamma cuts off the branches that gain little: what was changed, what was measured."""


def refine(do: Do, base: Foundation) -> None:
    """Try two sizes of trees on the same data, make a model smaller, and bring others in."""
    for name, (changed, metrics) in TRIES.items():
        fit(do, base, name, base.here.image(XGBOOST), {**BOOSTING, "seed": "7", **changed}, split(base, "leavers/"))
        measured(do, name, metrics)
    _from_the_hub(do, base)
    _quantized(do, base)
    _imported(do, base)


def _serve(do: Do, base: Foundation, name: str, **environment: str) -> None:
    """A model that AWS's own container fetches, in the private network."""
    container: dict[str, Any] = {"Image": base.here.image(PYTORCH), "Environment": environment}
    do(
        "sagemaker",
        "CreateModel",
        ModelName=name,
        ExecutionRoleArn=base.here.role("ml-training"),
        PrimaryContainer=container,
        VpcConfig=base.vpc_config,
        Tags=OWNED,
    )


def _from_the_hub(do: Do, base: Foundation) -> None:
    """A small model of Hugging Face's hub that tells the mood of a complaint; not deployed, it costs nothing."""
    hub = {"HF_MODEL_ID": "distilbert-base-uncased-finetuned-sst-2-english", "HF_TASK": "text-classification"}
    _serve(do, base, "mood-from-the-hub", **hub)


def _quantized(do: Do, base: Foundation) -> None:
    """The same with weights of eight bits, which fits a smaller machine."""
    do(
        "sagemaker",
        "CreateOptimizationJob",
        OptimizationJobName="mood-8-bits",
        RoleArn=base.here.role("ml-training"),
        ModelSource={"SageMakerModel": {"ModelName": "mood-from-the-hub"}},
        DeploymentInstanceType="ml.g5.xlarge",
        OptimizationConfigs=[{"ModelQuantizationConfig": {"OverrideEnvironment": {"OPTION_QUANTIZE": "awq"}}}],
        OutputConfig={"S3OutputLocation": s3(base, "optimized/"), "KmsKeyId": base.key},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        VpcConfig={"SecurityGroupIds": base.vpc_config["SecurityGroupIds"], "Subnets": base.vpc_config["Subnets"]},
        Tags=OWNED,
    )


def _imported(do: Do, base: Foundation) -> None:
    """Weights that were trained elsewhere, served by Bedrock without a machine of one's own."""
    put(do, base, "imports/assistant/config.json", json.dumps(LLAMA))
    do(
        "bedrock",
        "CreateModelImportJob",
        jobName="assistant-1",
        importedModelName="assistant",
        roleArn=base.here.role("ml-training"),
        modelDataSource={"s3DataSource": {"s3Uri": s3(base, "imports/assistant/")}},
        importedModelKmsKeyId=base.key,
        importedModelTags=[{"key": tag["Key"], "value": tag["Value"]} for tag in OWNED],
    )
