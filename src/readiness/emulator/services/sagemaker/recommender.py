"""Inference Recommender: jobs that load-test a model on instances, and recommend some of them.

What a job measures follows from a plain model of the load test: a larger artifact takes longer for a request, a family
of instances has a speed and a price per vCPU, and an instance as many vCPUs as its size says. The prices are near those
of on-demand hosting; none of it is a measurement.
"""

from __future__ import annotations

import itertools
import math
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker.kinds import SERVICE, Job
from readiness.emulator.services.sagemaker.objects import size

FAMILIES = {
    "t": (0.7, 0.03),
    "m": (1.0, 0.0575),
    "c": (1.3, 0.051),
    "r": (1.0, 0.0755),
    "g": (8.0, 0.27),
    "p": (12.0, 0.48),
}
"""The speed of a vCPU, with what comes with it, and its price an hour, by the first letter of the instance family."""
ACCELERATED = (5.0, 0.09)
"""Both of the other families: Inferentia and Trainium."""
SIZES = {"medium": 2, "large": 2, "xlarge": 4}
VCPU = 4
"""What each time of an xlarge counts."""
SERVERLESS_PRICE = 0.00002
"""What a GB of a serverless endpoint costs a second."""
GB = 1769
"""The memory in MB with which a serverless endpoint has one vCPU."""
CANDIDATES = ("ml.c5.large", "ml.c5.xlarge", "ml.m5.large")
"""What is tried where neither the job nor the model package says on what the model runs."""
LEAST = 0.02
"""How long a vCPU of speed 1 takes at least for a request, in seconds; then for each 100 MB of artifact."""
BUSY = 0.7
"""How much of an instance is in use at the most requests that it answers in time."""


def _check(call: Call, item: Item) -> None:
    """A job tests one model that is there; a load test needs to be told on what."""
    config = item["InputConfig"]
    if item["JobType"] == "Advanced" and not (config.get("EndpointConfigurations") or config.get("Endpoints")):
        raise Invalid("An Advanced job needs EndpointConfigurations or Endpoints.")
    for endpoint in config.get("Endpoints", []):
        if endpoint.get("EndpointName") not in call.backend("sagemaker").endpoints:
            raise Invalid(f"Could not find endpoint {endpoint.get('EndpointName')}.")
    _containers(call, config)
    item.setdefault("JobDescription", "")
    for name in ("ModelName", "ModelPackageVersionArn"):
        if name in config:
            item[name] = config[name]
    if payload := config.get("ContainerConfig", {}).get("PayloadConfig", {}).get("SamplePayloadUrl"):
        item["SamplePayloadUrl"] = payload


def _containers(call: Call, config: Item) -> list[dict[str, Any]]:
    """The containers of the model that a job tests."""
    moto = call.backend("sagemaker")
    if "ModelName" in config:
        if (model := moto._models.get(config["ModelName"])) is None:
            raise Invalid(f"Could not find model {config['ModelName']}.")
        return [one for one in (model.primary_container, *model.containers) if one]
    if "ModelPackageVersionArn" in config:
        if (package := moto.model_packages.get(config["ModelPackageVersionArn"])) is None:
            raise Invalid(f"Could not find model package {config['ModelPackageVersionArn']}.")
        return list((package.inference_specification or {}).get("Containers", []))
    if "Endpoints" in config:
        return []
    raise Invalid("InputConfig must name a ModelName or a ModelPackageVersionArn.")


def _seconds(call: Call, config: Item) -> float:
    """How long a vCPU of speed 1 takes for a request: longer for a larger artifact."""
    urls = [str(container.get("ModelDataUrl", "")) for container in _containers(call, config)]
    return LEAST * (1 + sum(size(call, url) for url in urls) / 100e6)


def _targets(call: Call, config: Item) -> list[Item]:
    """On what the model is tested: on what the job says, or on what the model says that it runs on."""
    if config.get("EndpointConfigurations"):
        return list(config["EndpointConfigurations"])
    types = config.get("ContainerConfig", {}).get("SupportedInstanceTypes")
    package = call.backend("sagemaker").model_packages.get(config.get("ModelPackageVersionArn"))
    if not types and package:
        types = (package.inference_specification or {}).get("SupportedRealtimeInferenceInstanceTypes")
    return [{"InstanceType": name} for name in types or CANDIDATES]


def _capacity(target: Item) -> tuple[float, float, float]:
    """The speed of one vCPU, how many there are, and what they cost an hour."""
    if "ServerlessConfig" in target:
        config = target["ServerlessConfig"]
        vcpus = config["MemorySizeInMB"] / GB
        price = config["MemorySizeInMB"] / 1024 * SERVERLESS_PRICE * 3600 * config["MaxConcurrency"]
        return min(vcpus, 1.0), vcpus * config["MaxConcurrency"], price
    family, named = target["InstanceType"].split(".")[1:3]
    speed, price = ACCELERATED if family.startswith(("inf", "trn")) else FAMILIES.get(family[0], ACCELERATED)
    times = named.removesuffix("xlarge")
    vcpus = SIZES[named] if named in SIZES else VCPU * int(times) if times.isdigit() else VCPU
    return speed, vcpus, vcpus * price


def _measured(target: Item, seconds: float, config: Item) -> Item:
    speed, vcpus, price = _capacity(target)
    most = max(1, math.floor(60 / seconds * speed * vcpus * BUSY))
    if config.get("MaxInvocations"):
        most = min(most, config["MaxInvocations"])
    return {
        "CostPerHour": round(price, 4),
        "CostPerInference": price / 60 / most,
        "MaxInvocations": most,
        "ModelLatency": math.ceil(seconds / speed * 1e6),
    }


def _environments(target: Item) -> Iterator[list[Item]]:
    """Each combination of the values that the environment may take."""
    ranges = target.get("EnvironmentParameterRanges", {}).get("CategoricalParameterRanges", [])
    for values in itertools.product(*(one["Value"] for one in ranges)):
        pairs = zip(ranges, values, strict=True)
        yield [{"Key": one["Name"], "ValueType": "String", "Value": value} for one, value in pairs]


def _tests(call: Call, item: Item) -> Iterable[Item]:
    """The tests of a job, as many as it may run."""
    config = item["InputConfig"]
    if config.get("Endpoints"):
        return
    seconds = _seconds(call, config)
    most = config.get("ResourceLimit", {}).get("MaxNumberOfTests", 10)
    pairs = ((target, values) for target in _targets(call, config) for values in _environments(target))
    for target, values in itertools.islice(pairs, most):
        number = uuid.uuid4().hex[:8]
        told = {name: target[name] for name in ("InstanceType", "ServerlessConfig") if name in target}
        model = {"EnvironmentParameters": values} if values else {}
        if "InferenceSpecificationName" in target:
            model["InferenceSpecificationName"] = target["InferenceSpecificationName"]
        yield {
            "RecommendationId": f"{item['JobName']}/{number}",
            "Metrics": _measured(target, seconds, item.get("StoppingConditions", {})),
            "EndpointConfiguration": {
                "EndpointName": f"sm-epc-{number}",
                "VariantName": f"sm-epc-{number}",
                **told,
                **({} if "ServerlessConfig" in told else {"InitialInstanceCount": 1}),
            },
            "ModelConfiguration": model,
            "InvocationStartTime": item["CreationTime"],
            "InvocationEndTime": item["CompletionTime"],
        }


def _finish(call: Call, item: Item) -> None:
    """A job recommends what keeps its latency thresholds, the cheapest for a request first."""
    item["Status"] = "COMPLETED"
    tests = sorted(_tests(call, item), key=lambda test: float(test["Metrics"]["CostPerInference"]))
    item["Tests"] = tests
    limits = [
        one["ValueInMilliseconds"] for one in item.get("StoppingConditions", {}).get("ModelLatencyThresholds", [])
    ]
    least = min(limits, default=math.inf)
    found = [test for test in tests if test["Metrics"]["ModelLatency"] <= least * 1000]
    item["InferenceRecommendations"] = found or None
    item["EndpointPerformances"] = [_performance(call, one) for one in item["InputConfig"].get("Endpoints", [])] or None


def _performance(call: Call, given: Item) -> Item:
    """How an endpoint of the account does, by the first of its variants; one that is gone by now does nothing."""
    moto = call.backend("sagemaker")
    endpoint = moto.endpoints.get(given["EndpointName"])
    config = moto.endpoint_configs.get(endpoint.endpoint_config_name) if endpoint else None
    metrics = {"MaxInvocations": 0, "ModelLatency": 0}
    if config:
        variant = config.production_variants[0]
        model = {"ModelName": variant["ModelName"]} if "ModelName" in variant else {"Endpoints": []}
        found = _measured(variant, _seconds(call, model), {})
        count = variant.get("InitialInstanceCount", 1)
        metrics = {"MaxInvocations": found["MaxInvocations"] * count, "ModelLatency": found["ModelLatency"]}
    return {"Metrics": metrics, "EndpointInfo": {"EndpointName": given["EndpointName"]}}


JOBS = Job(
    SERVICE,
    "InferenceRecommendationsJob",
    "JobName",
    "inference-recommendations-job/{}",
    arn_member="JobArn",
    status=("Status", "IN_PROGRESS"),
    created=_check,
    ended="CompletionTime",
    stopped="STOPPED",
    finished=_finish,
)


def _steps(call: Call) -> Item:
    """The benchmarks that a job ran, one a test."""
    job = JOBS.describe(call)
    told = ("Metrics", "EndpointConfiguration", "ModelConfiguration", "InvocationStartTime", "InvocationEndTime")
    steps = [
        {
            "StepType": "BENCHMARK",
            "JobName": job["JobName"],
            "Status": "COMPLETED",
            "InferenceBenchmark": {name: test[name] for name in told},
        }
        for test in job.get("Tests", [])
    ]
    asked = {name: value for name, value in call.parameters.items() if name not in ("JobName", "StepType", "Status")}
    wanted = call.parameters.get("Status", "COMPLETED") == "COMPLETED"
    return listed(call, steps if wanted else [], "JobName", asked=asked)


EXTENSION = Extension(SERVICE, {**JOBS.handlers(), "ListInferenceRecommendationsJobSteps": _steps})
