"""Optimization jobs: quantization, compilation, sharding and speculative decoding of large models."""

from __future__ import annotations

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker.kinds import SERVICE, Job

TECHNIQUES = {
    "ModelQuantizationConfig": "Quantization",
    "ModelCompilationConfig": "Compilation",
    "ModelShardingConfig": "Sharding",
    "ModelSpeculativeDecodingConfig": "SpeculativeDecoding",
}
"""What a list calls the technique that a config asks for."""


def _optimize(call: Call, item: Item) -> None:
    """A job optimizes a model that is there."""
    model = item["ModelSource"].get("SageMakerModel", {}).get("ModelName")
    if model and model not in call.backend("sagemaker")._models:
        raise Invalid(f"Could not find model {model}.")
    configs = item["OptimizationConfigs"]
    item["OptimizationTypes"] = [TECHNIQUES[name] for config in configs for name in config]
    item["OptimizationStartTime"] = item["CreationTime"]


def _finish(_: Call, item: Item) -> None:
    """A job completes; the image that it recommends is the one that it was told to optimize for."""
    item["OptimizationJobStatus"] = "COMPLETED"
    images = [given["Image"] for config in item["OptimizationConfigs"] for given in config.values() if "Image" in given]
    if images:
        item["OptimizationOutput"] = {"RecommendedInferenceImage": images[-1]}


JOBS = Job(
    SERVICE,
    "OptimizationJob",
    "OptimizationJobName",
    "optimization-job/{}",
    status=("OptimizationJobStatus", "INPROGRESS"),
    created=_optimize,
    ended="OptimizationEndTime",
    stopped="STOPPED",
    finished=_finish,
)


def _list(call: Call) -> Item:
    """A page of the jobs, of one technique if one is asked for."""
    JOBS.list(call)
    wanted = call.parameters.get("OptimizationContains", "").lower()
    jobs = JOBS.items(call).values()
    found = [job for job in jobs if any(wanted in name.lower() for name in job["OptimizationTypes"])]
    return listed(call, found, JOBS.key, status=JOBS.status[0])


EXTENSION = Extension(SERVICE, {**JOBS.handlers(), "ListOptimizationJobs": _list})
