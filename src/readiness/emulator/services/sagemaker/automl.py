"""Autopilot: AutoML jobs of both versions of the API, their candidates, and the training jobs behind those.

Nothing is trained here, so what a candidate measured is told by a rule: it follows from the data, the objective, the
candidate's algorithm and its number, so that candidates differ, and the same job on the same data finds the same. Its
values on training data are a little better than those on validation data.

What moto says that AWS does not: a job never ends, though its time of end is there; its best candidate has the value
123, is from 2024, failed for the reason "string" and ran a training job that is in no list; an endpoint was deployed
that is in none either; and a job without criteria can't be started. It does not know the first version of the API.
"""

from __future__ import annotations

import copy
import math
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed
from readiness.emulator.services.sagemaker import training
from readiness.emulator.services.sagemaker.catalogue import SERVICE, Sort, chance, ordered, within
from readiness.emulator.services.sagemaker.jobs import begin, running

ENSEMBLED = 10
"""How many candidates an ensemble is made of where nobody says; AWS tries as many."""
TUNED = 30
"""How many candidates are tried where hyperparameters are tuned and nobody says; AWS tries 250."""
AT_ONCE = 5
"""How many candidates are trained at the same time."""
MACHINE = {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1, "VolumeSizeInGB": 50}

ALGORITHMS = {
    "ENSEMBLING": (
        "lightgbm",
        "catboost",
        "xgboost",
        "randomforest",
        "extra-trees",
        "linear",
        "nn-torch",
        "fastai",
    ),
    "HYPERPARAMETER_TUNING": ("xgboost", "linear-learner", "mlp"),
}
"""What Autopilot tries on a table, by the mode."""

FORECASTS = ("cnn-qr", "deepar", "prophet", "npts", "arima", "ets")
DEFAULTS = {"BinaryClassification": "F1", "MulticlassClassification": "Accuracy", "Regression": "MSE"}
"""The objective of each problem on a table where nobody says."""

OTHERS = {
    "ImageClassification": "Accuracy",
    "TextClassification": "Accuracy",
    "TimeSeriesForecasting": "AverageWeightedQuantileLoss",
    "TextGeneration": "ValidationLoss",
}
"""Likewise of each other sort of problem."""

MINIMIZED = frozenset(
    {"MSE", "RMSE", "MAE", "MAPE", "MASE", "WAPE", "AverageWeightedQuantileLoss", "ValidationLoss", "TrainingLoss"}
)


def _create_first(call: Call) -> Item:
    """A job of the first version is kept as one of the second, which can describe it as well."""
    given = copy.deepcopy(call.parameters)
    config = given.pop("AutoMLJobConfig", {})
    generation = config.get("CandidateGenerationConfig", {})
    table = {
        "TargetAttributeName": given["InputDataConfig"][0]["TargetAttributeName"],
        "SampleWeightAttributeName": given["InputDataConfig"][0].get("SampleWeightAttributeName"),
        "ProblemType": given.pop("ProblemType", None),
        "GenerateCandidateDefinitionsOnly": given.pop("GenerateCandidateDefinitionsOnly", None),
        "CompletionCriteria": config.get("CompletionCriteria"),
        "Mode": config.get("Mode"),
        "FeatureSpecificationS3Uri": generation.get("FeatureSpecificationS3Uri"),
        "CandidateGenerationConfig": {"AlgorithmsConfig": generation["AlgorithmsConfig"]}
        if "AlgorithmsConfig" in generation
        else None,
    }
    inputs = given.pop("InputDataConfig")
    columns = ("TargetAttributeName", "SampleWeightAttributeName")
    given |= {
        "AutoMLJobInputDataConfig": [{k: v for k, v in one.items() if k not in columns} for one in inputs],
        "AutoMLProblemTypeConfig": {"TabularJobConfig": _told(table)},
        **_told({name: config.get(name) for name in ("SecurityConfig", "DataSplitConfig")}),
    }
    return JOBS.create(within(call, "CreateAutoMLJobV2", given))


def _told(given: Item) -> Item:
    return {name: value for name, value in given.items() if value is not None}


def _first(item: Item) -> Item:
    """A job as the first version of the API describes it.

    Raises:
        Invalid: it is of a sort that the first version does not know.
    """
    if "TabularJobConfig" not in item["AutoMLProblemTypeConfig"]:
        raise Invalid(f"{item['AutoMLJobName']} must be described by DescribeAutoMLJobV2.")
    table = item["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    columns = {name: table.get(name) for name in ("TargetAttributeName", "SampleWeightAttributeName")}
    generation = {**table.get("CandidateGenerationConfig", {})}
    generation |= _told({"FeatureSpecificationS3Uri": table.get("FeatureSpecificationS3Uri")})
    config = {
        "CompletionCriteria": table.get("CompletionCriteria"),
        "SecurityConfig": item.get("SecurityConfig"),
        "DataSplitConfig": item.get("DataSplitConfig"),
        "CandidateGenerationConfig": generation or None,
        "Mode": table.get("Mode"),
    }
    resolved = item["ResolvedAttributes"]
    return {
        **item,
        "InputDataConfig": [{**one, **_told(columns)} for one in item["AutoMLJobInputDataConfig"]],
        "ProblemType": table.get("ProblemType"),
        "AutoMLJobConfig": _told(config),
        "GenerateCandidateDefinitionsOnly": table.get("GenerateCandidateDefinitionsOnly", False),
        "ResolvedAttributes": {
            **{name: resolved[name] for name in ("AutoMLJobObjective", "CompletionCriteria")},
            "ProblemType": resolved["AutoMLProblemTypeResolvedAttributes"]["TabularResolvedAttributes"]["ProblemType"],
        },
    }


def _explore(call: Call, item: Item) -> None:
    """A new job, which tries its candidates and ends."""
    config = item["AutoMLProblemTypeConfig"]
    if len(config) != 1:
        raise Invalid("AutoMLProblemTypeConfig must hold exactly one configuration.")
    [(name, problem)] = config.items()
    item["AutoMLProblemTypeConfigName"] = sort = name.removesuffix("JobConfig")
    _check(item, problem)
    begin(item)
    item.setdefault("DataSplitConfig", {"ValidationFraction": 0.2})
    objective, resolved = _resolved(item, problem)
    criteria = problem.get("CompletionCriteria", {})
    item["AutoMLJobObjective"] = objective
    item["ResolvedAttributes"] = {
        "AutoMLJobObjective": objective,
        "CompletionCriteria": criteria,
        **({"AutoMLProblemTypeResolvedAttributes": resolved} if resolved else {}),
    }
    mode = {"AUTO": "ENSEMBLING"}.get(problem.get("Mode", "AUTO"), problem.get("Mode", "ENSEMBLING"))
    folder = f"{item['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{item['AutoMLJobName']}"
    notebooks = f"{folder}/sagemaker-automl-candidates/notebooks"
    if sort == "Tabular":
        item["AutoMLJobArtifacts"] = {
            "DataExplorationNotebookLocation": f"{notebooks}/SageMakerAutopilotDataExplorationNotebook.ipynb"
        }
        if mode == "HYPERPARAMETER_TUNING":
            place = f"{notebooks}/SageMakerAutopilotCandidateDefinitionNotebook.ipynb"
            item["AutoMLJobArtifacts"]["CandidateDefinitionNotebookLocation"] = place
    item["Candidates"] = []
    item["AutoMLJobSecondaryStatus"] = "MaxCandidatesReached" if "MaxCandidates" in criteria else "Completed"
    if problem.get("GenerateCandidateDefinitionsOnly"):
        item["AutoMLJobSecondaryStatus"] = "CandidateDefinitionsGenerated"
    else:
        _try(call, item, _algorithms(problem, sort, mode), _most(problem, sort, mode), folder)
    ends = [one["EndTime"] for one in item["Candidates"]]
    item["EndTime"] = item["LastModifiedTime"] = max(ends, default=item["CreationTime"])


def _check(item: Item, problem: Item) -> None:
    criteria = problem.get("CompletionCriteria", {})
    if item["AutoMLProblemTypeConfigName"] != "Tabular" and criteria.get("MaxCandidates", 1) != 1:
        raise Invalid("MaxCandidates can only be 1 for this problem type.")
    deploy = item.get("ModelDeployConfig", {})
    if deploy.get("AutoGenerateEndpointName") and "EndpointName" in deploy:
        raise Invalid("An EndpointName cannot be provided while AutoGenerateEndpointName is true.")
    automatic = item["AutoMLProblemTypeConfigName"] == "Tabular" and problem.get("Mode", "AUTO") == "AUTO"
    if automatic and problem.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig"):
        raise Invalid("AlgorithmsConfig must not be set in the mode AUTO.")


def _resolved(item: Item, problem: Item) -> tuple[Item, Item]:
    """The objective, and what was found out of the problem; of a table whose problem nobody tells, two classes."""
    sort = item["AutoMLProblemTypeConfigName"]
    given = item.get("AutoMLJobObjective")
    if sort == "Tabular":
        kind = problem.get("ProblemType", "BinaryClassification")
        objective = given or {"MetricName": DEFAULTS[kind]}
        return objective, {"TabularResolvedAttributes": {"ProblemType": kind}}
    resolved: Item = {}
    if sort == "TextGeneration" and "BaseModelName" in problem:
        resolved = {"TextGenerationResolvedAttributes": {"BaseModelName": problem["BaseModelName"]}}
    return given or {"MetricName": OTHERS[sort]}, resolved


def _algorithms(problem: Item, sort: str, mode: str) -> tuple[str, ...]:
    asked = problem.get("CandidateGenerationConfig", {}).get("AlgorithmsConfig", [{}])
    if chosen := asked[0].get("AutoMLAlgorithms"):
        return tuple(chosen)
    if sort == "TextGeneration":
        return (problem.get("BaseModelName", "falcon7binstruct").lower(),)
    return {"Tabular": ALGORITHMS[mode], "TimeSeriesForecasting": FORECASTS}.get(sort, ("transformer",))


def _most(problem: Item, sort: str, mode: str) -> int:
    if sort != "Tabular":
        return 1
    default = ENSEMBLED if mode == "ENSEMBLING" else TUNED
    return int(problem.get("CompletionCriteria", {}).get("MaxCandidates", default))


def _try(call: Call, item: Item, algorithms: tuple[str, ...], most: int, folder: str) -> None:
    """Train the candidates, some of them at once, for as long as the job may run."""
    free = [item["CreationTime"]] * AT_ONCE
    limit = item["ResolvedAttributes"]["CompletionCriteria"].get("MaxAutoMLJobRuntimeInSeconds", math.inf)
    for number in range(most):
        algorithm = algorithms[number % len(algorithms)]
        start = min(free)
        if (start - item["CreationTime"]).total_seconds() >= limit:
            item["AutoMLJobSecondaryStatus"] = "MaxAutoMLJobRuntimeReached"
            break
        code = int(chance(item["AutoMLJobName"], number, item["CreationTime"]) * 16**8)
        name = f"{item['AutoMLJobName'][:20].rstrip('-')}-{algorithm[:12].rstrip('-')}-{number + 1:03}-{code:08x}"
        job = training.start(call, _definition(call, item, name, algorithm, folder), start)
        free[free.index(start)] = job["TrainingEndTime"]
        item["Candidates"].append(_candidate(call, item, job, algorithm, number))
    best = max(item["Candidates"], key=_worth)
    reports = f"{folder}/documentation"
    best["CandidateProperties"]["CandidateArtifactLocations"] = {
        "Explainability": f"{reports}/explainability/output",
        "ModelInsights": f"{reports}/model_monitor/output",
    }
    if item["AutoMLProblemTypeConfigName"] == "TimeSeriesForecasting":
        place = f"{folder}/backtest-results"
        best["CandidateProperties"]["CandidateArtifactLocations"]["BacktestResults"] = place
    item["BestCandidate"] = best


def _definition(call: Call, item: Item, name: str, algorithm: str, folder: str) -> Item:
    security = item.get("SecurityConfig", {})
    problem = item["AutoMLProblemTypeConfig"][f"{item['AutoMLProblemTypeConfigName']}JobConfig"]
    limit = problem.get("CompletionCriteria", {}).get("MaxRuntimePerTrainingJobInSeconds", 86_400)
    channels = [
        {"ChannelName": one.get("ChannelType", "training"), **{k: v for k, v in one.items() if k != "ChannelType"}}
        for one in item["AutoMLJobInputDataConfig"]
    ]
    key = security.get("VolumeKmsKeyId")
    return {
        "TrainingJobName": name,
        "AutoMLJobArn": item["AutoMLJobArn"],
        "AlgorithmSpecification": {"TrainingImage": _image(call, "training"), "TrainingInputMode": "File"},
        "HyperParameters": {"algorithm": algorithm},
        "InputDataConfig": channels,
        "OutputDataConfig": {**item["OutputDataConfig"], "S3OutputPath": f"{folder}/training"},
        "ResourceConfig": {**MACHINE, **({"VolumeKmsKeyId": key} if key else {})},
        "StoppingCondition": {"MaxRuntimeInSeconds": limit},
        "RoleArn": item["RoleArn"],
        "EnableInterContainerTrafficEncryption": security.get("EnableInterContainerTrafficEncryption", False),
        **({"VpcConfig": security["VpcConfig"]} if "VpcConfig" in security else {}),
        "Tags": list(item.get("Tags", [])),
    }


def _image(call: Call, use: str) -> str:
    """The container of AutoGluon, from the registry of AWS's containers for deep learning."""
    suffix = ".cn" if call.region.startswith("cn-") else ""
    return f"763104351884.dkr.ecr.{call.region}.amazonaws.com{suffix}/autogluon-{use}:1.1-cpu-py311"


def _candidate(call: Call, item: Item, job: Item, algorithm: str, number: int) -> Item:
    """What a training job came to, by the rule."""
    metric = item["AutoMLJobObjective"]["MetricName"]
    less = metric in MINIMIZED
    luck = chance(item["AutoMLJobInputDataConfig"], metric, algorithm, number)
    value = round(0.1 + 0.4 * luck if less else 0.6 + 0.35 * luck, 5)
    trained = round(value * 0.9 if less else value + (1 - value) * 0.2, 5)
    objective = {"MetricName": metric, "Value": value, "StandardMetricName": metric}
    sets = (("Train", trained), ("Validation", value))
    metrics = [{"MetricName": metric, "StandardMetricName": metric, "Value": one, "Set": name} for name, one in sets]
    step = {
        "CandidateStepType": "AWS::SageMaker::TrainingJob",
        "CandidateStepArn": job["TrainingJobArn"],
        "CandidateStepName": job["TrainingJobName"],
    }
    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    return {
        "CandidateName": job["TrainingJobName"],
        "FinalAutoMLJobObjectiveMetric": {"Type": "Minimize" if less else "Maximize", **objective},
        "ObjectiveStatus": "Succeeded",
        "CandidateSteps": [step],
        "CandidateStatus": "Completed",
        "InferenceContainers": [{"Image": _image(call, "inference"), "ModelDataUrl": model}],
        "CreationTime": job["CreationTime"],
        "EndTime": job["TrainingEndTime"],
        "LastModifiedTime": job["TrainingEndTime"],
        "CandidateProperties": {"CandidateMetrics": metrics},
    }


def _worth(candidate: Item) -> float:
    metric = candidate["FinalAutoMLJobObjectiveMetric"]
    return float(metric["Value"]) * (1 if metric["Type"] == "Maximize" else -1)


JOBS = Sort(
    SERVICE,
    "AutoMLJob",
    "AutoMLJobName",
    "automl-job/{}",
    status=("AutoMLJobStatus", "Completed"),
    verbs={"create": "CreateAutoMLJobV2", "describe": "DescribeAutoMLJobV2"},
    created=_explore,
    newest_first=True,
    by_name=True,
)


def _describe_first(call: Call) -> Item:
    return _first(JOBS.find(call))


def _candidates(call: Call) -> Item:
    """The candidates of a job; by objective in the order of its value."""
    candidates = list(JOBS.find(call)["Candidates"])
    asked: Any = ordered({**call.parameters, "AutoMLJobName": None})
    if asked.get("SortBy") == "FinalObjectiveMetricValue":
        candidates.sort(key=lambda one: float(one["FinalAutoMLJobObjectiveMetric"]["Value"]))
        del asked["SortBy"]
    return listed(call, candidates, "CandidateName", status="CandidateStatus", asked=asked)


def _stop(call: Call) -> None:
    """Stop a job that still runs: candidates that have not begun never begin, those that run are stopped."""
    item = JOBS.find(call)
    running(item, "EndTime", "AutoMLJobStatus")
    now = utcnow()
    jobs = training.TRAINING.items(call)
    begun = []
    for candidate in item["Candidates"]:
        job = jobs.get(candidate["CandidateName"])
        if candidate["CreationTime"] > now:
            jobs.pop(candidate["CandidateName"], None)
            continue
        if candidate["EndTime"] > now:
            candidate |= {"CandidateStatus": "Stopped", "EndTime": now, "LastModifiedTime": now}
            if job:
                training.stop(call, job, now)
        begun.append(candidate)
    done = [candidate for candidate in begun if candidate["CandidateStatus"] == "Completed"]
    item |= {"AutoMLJobStatus": "Stopped", "AutoMLJobSecondaryStatus": "Stopped", "EndTime": now}
    item |= {"LastModifiedTime": now, "Candidates": begun, "BestCandidate": max(done, key=_worth, default=None)}


HANDLERS: dict[str, Handler] = {
    **JOBS.handlers(),
    "CreateAutoMLJob": _create_first,
    "DescribeAutoMLJob": _describe_first,
    "ListCandidatesForAutoMLJob": _candidates,
    "StopAutoMLJob": _stop,
}

EXTENSION = Extension(SERVICE, HANDLERS)
