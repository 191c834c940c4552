"""Training jobs: how they ran, what they cost, and what they measured.

No training runs here, so nobody knows what a job measured but whoever says so: by `BatchPutMetrics` of
sagemaker-metrics with the job's trial component (`JOB-aws-training-job`), or by CloudWatch's `PutMetricData` in
`/aws/sagemaker/TrainingJobs` with the dimension `TrainingJobName`. As in AWS, only a metric that the job defines
(`MetricDefinitions`) or that its built-in algorithm emits becomes a final metric. The training jobs of a tuning job
have the one value that tuning needs, by the rule in `tuning`; what is told of them goes before it.

What moto says that AWS does not: each job has measured train:progress=100 and defines the metric test:dcg, so that all
jobs look alike and look as if something had been measured; its one transition is Starting; it has no training time and
no billable time, so that spot training shows no saving; and the environment, the retries, the profiler and more are
lost.
"""

from __future__ import annotations

import datetime

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Handler, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.services.sagemaker import experiments
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, SORTS, Sort, utc, within
from readiness.emulator.services.sagemaker.jobs import (
    PREPARED,
    artifacts,
    begin,
    cluster,
    later,
    parameters,
    running,
    seconds,
)

METRICS = "/aws/sagemaker/TrainingJobs"
BUILT_IN = {
    "blazingtext",
    "factorization-machines",
    "forecasting-deepar",
    "image-classification",
    "ipinsights",
    "kmeans",
    "knn",
    "lda",
    "linear-learner",
    "ntm",
    "object-detection",
    "object2vec",
    "pca",
    "randomcutforest",
    "sagemaker-xgboost",
    "semantic-segmentation",
    "seq2seq",
    "xgboost",
}
"""The repositories of the built-in algorithms, each of which emits metrics that are called `train:...` and the like."""

SPOT_PRICE = 0.3
"""The part of the training time that is billed on spare capacity: AWS promises savings of up to 90%, 70% are usual."""
DOWNLOADED = 20
UPLOADED = 20
"""Seconds at the begin and at the end of a training in which only files are copied."""


def built_in(call: Call, image: str, hyper_parameters: dict[str, str]) -> bool:
    """Whether an image is a built-in algorithm's: from a registry of AWS, and without a script of one's own."""
    registry, _, path = image.partition("/")
    name = path.partition("@")[0].partition(":")[0]
    return name in BUILT_IN and not registry.startswith(call.account) and "sagemaker_program" not in hyper_parameters


def emits(call: Call, job: Item, metric: str) -> bool:
    """Whether a job makes a metric of its own log."""
    algorithm = job.get("AlgorithmSpecification", {})
    if any(one["Name"] == metric for one in algorithm.get("MetricDefinitions", [])):
        return True
    image = algorithm.get("TrainingImage", "")
    return ":" in metric and built_in(call, image, job.get("HyperParameters", {}))


def final_metrics(call: Call, item: Item) -> list[Item]:
    """The last value of each metric that somebody told and that the job emits."""
    name = item["TrainingJobName"]
    told = experiments.measured(call, experiments.name_of(name, "training"))
    found = {metric: (points[-1]["Value"], points[-1]["Timestamp"]) for metric, points in told.items()}
    data = [one for one in call.backend("cloudwatch").metric_data if one.namespace == METRICS and hasattr(one, "value")]
    for one in sorted(data, key=lambda one: utc(one.timestamp)):
        if any((place.name, place.value) == ("TrainingJobName", name) for place in one.dimensions):
            found[one.name] = (one.value, one.timestamp)
    emitted = {metric: point for metric, point in found.items() if emits(call, item, metric)}
    return [{"MetricName": metric, "Value": value, "Timestamp": at} for metric, (value, at) in emitted.items()]


def _look(call: Call, item: Item) -> Item:
    """The job with what it has measured by now, and with its warm pool, which is kept as long as was asked for."""
    looked = {**item, "FinalMetricDataList": final_metrics(call, item) or None}
    if kept := item.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds"):
        gone = later(item["TrainingEndTime"], kept)
        status = "Terminated" if utc(gone) < utc(utcnow()) else "Available"
        looked["WarmPoolStatus"] = {"Status": status, "ResourceRetainedBillableTimeInSeconds": kept}
    return looked


def _train(call: Call, item: Item) -> None:
    """A new job, which must be able to run."""
    _check(item)
    experiments.checked(call, item.get("ExperimentConfig"))
    begin(item)
    for name in ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining"):
        item.setdefault(name, False)
    item.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": 86_400})
    machines = item.get("ResourceConfig", {})
    if preferred := machines.get("InstancePreferences"):
        machines["SelectedInstanceType"] = preferred[0]["InstanceType"]
        machines["SelectedInstanceCount"] = preferred[0].get("InstanceCount") or machines.get("InstanceCount", 1)
    output = item.get("OutputDataConfig", {}).get("S3OutputPath", "").rstrip("/")
    item["ModelArtifacts"] = {"S3ModelArtifacts": f"{output}/{item['TrainingJobName']}/output/model.tar.gz"}
    if rules := item.get("DebugRuleConfigurations"):
        item["DebugRuleEvaluationStatuses"] = [_evaluated(item, rule) for rule in rules]
    if "ProfilerConfig" in item:
        item["ProfilingStatus"] = "Disabled" if item["ProfilerConfig"].get("DisableProfiler") else "Enabled"
    _run(item)
    _track(call, item)


def _check(item: Item) -> None:
    algorithm = item.get("AlgorithmSpecification")
    if algorithm is not None and ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
        raise Invalid("Either TrainingImage or AlgorithmName must be specified, and not both.")
    limits = item.get("StoppingCondition", {})
    if item.get("EnableManagedSpotTraining"):
        if "MaxWaitTimeInSeconds" not in limits:
            raise Invalid("Managed spot training needs MaxWaitTimeInSeconds.")
        if limits["MaxWaitTimeInSeconds"] < limits.get("MaxRuntimeInSeconds", 0):
            raise Invalid("MaxWaitTimeInSeconds must not be less than MaxRuntimeInSeconds.")


def _evaluated(item: Item, rule: Item) -> Item:
    """A rule that found nothing, for there is nothing to find in a training that did not run."""
    return {
        "RuleConfigurationName": rule["RuleConfigurationName"],
        "RuleEvaluationStatus": "NoIssuesFound",
        "LastModifiedTime": item["LastModifiedTime"],
    }


def _run(item: Item) -> None:
    """Let a job run: its times, its transitions, and what is billed of them."""
    created: datetime.datetime = item["CreationTime"]
    ready = later(created, PREPARED)
    end = later(ready, seconds(item, item["TrainingJobName"]))
    _ended(item, ready, end)
    copied, trained = later(ready, DOWNLOADED), max(later(end, -UPLOADED), later(ready, DOWNLOADED))
    item["SecondaryStatusTransitions"] = [
        _transition("Starting", created, ready, "Preparing the instances for training"),
        _transition("Downloading", ready, copied, "Downloading input data"),
        _transition("Training", copied, trained, "Training image download completed. Training in progress."),
        _transition("Uploading", trained, end, "Uploading generated training model"),
        _transition("Completed", end, end, "Training job completed"),
    ]


def _ended(item: Item, ready: datetime.datetime, end: datetime.datetime) -> None:
    trained = max(0, round((end - ready).total_seconds()))
    billed = round(trained * SPOT_PRICE) if item["EnableManagedSpotTraining"] else trained
    item |= {
        "TrainingStartTime": ready,
        "TrainingEndTime": end,
        "LastModifiedTime": end,
        # What was stopped before it had its machines tells neither.
        "TrainingTimeInSeconds": trained or None,
        "BillableTimeInSeconds": billed or None,
        "SecondaryStatus": item["TrainingJobStatus"],
    }


def _transition(status: str, begin: datetime.datetime, end: datetime.datetime, message: str) -> Item:
    return {"Status": status, "StartTime": begin, "EndTime": end, "StatusMessage": message}


def _track(call: Call, item: Item) -> None:
    """The trial component of the job, with its settings as numbers where they are."""
    settings = {name: _read(value) for name, value in item.get("HyperParameters", {}).items()}
    channels = item.get("InputDataConfig", [])
    sources = {one["ChannelName"]: one["DataSource"].get("S3DataSource", {}).get("S3Uri") for one in channels}
    image = item.get("AlgorithmSpecification", {}).get("TrainingImage")
    experiments.track(
        call,
        "training",
        item["TrainingJobName"],
        item["TrainingJobArn"],
        item.get("ExperimentConfig"),
        Parameters=parameters({**settings, **cluster(item.get("ResourceConfig", {}))}),
        InputArtifacts=artifacts({**sources, "SageMaker.ImageUri": image}),
        OutputArtifacts=artifacts({"SageMaker.ModelArtifact": item["ModelArtifacts"]["S3ModelArtifacts"]}),
        **_progress(item),
    )


def _progress(item: Item) -> Item:
    status = {"PrimaryStatus": item["TrainingJobStatus"]}
    return {"Status": status, "StartTime": item["TrainingStartTime"], "EndTime": item["TrainingEndTime"]}


def _read(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


TRAINING = Sort(
    SERVICE,
    "TrainingJob",
    "TrainingJobName",
    "training-job/{}",
    status=("TrainingJobStatus", "Completed"),
    created=_train,
    look=_look,
    missing=INVALID,
)


def start(call: Call, given: Item, created: datetime.datetime) -> Item:
    """Start a training job for another job: what is given may hold members that nobody but SageMaker sets."""
    return TRAINING.create(within(call, "CreateTrainingJob", {**given, "Begun": created}))


def stop(call: Call, item: Item, moment: datetime.datetime) -> None:
    """Stop a job at a moment; it is billed until then."""
    item["TrainingJobStatus"] = "Stopped"
    _ended(item, min(item["TrainingStartTime"], moment), moment)
    before = [one for one in item["SecondaryStatusTransitions"] if one["StartTime"] < moment]
    told = [one for one in before if one["Status"] != "Completed"]
    for one in told:
        one["EndTime"] = min(one["EndTime"], moment)
    stopped = _transition("Stopped", moment, moment, "Training job stopped")
    item["SecondaryStatusTransitions"] = [*told, stopped]
    experiments.follow(call, "training", item["TrainingJobName"], **_progress(item))


def _stop(call: Call) -> None:
    item = TRAINING.find(call)
    running(item, "TrainingEndTime", "TrainingJobStatus")
    stop(call, item, utcnow())


def _update(call: Call) -> Item:
    """Change the profiler, the warm pool or remote debugging of a job; of these, each on its own."""
    item = TRAINING.find(call)
    for name, value in call.parameters.items():
        item[name] = {**item.get(name, {}), **value} if isinstance(value, dict) else value
    item["LastModifiedTime"] = max(utcnow(), item["LastModifiedTime"])
    return item


def _delete(call: Call) -> None:
    """A job whose machines are kept warm is in use."""
    item = _look(call, TRAINING.find(call))
    if item.get("WarmPoolStatus", {}).get("Status") == "Available":
        raise Coded("ResourceInUse", f"{item['TrainingJobName']} retains a warm pool.")
    TRAINING.delete(call)


def _list(call: Call) -> Item:
    """Also by the state of the warm pool."""
    wanted = call.parameters.get("WarmPoolStatusEquals")
    plan = call.parameters.get("TrainingPlanArnEquals")
    items: list[Item] = []
    for item in TRAINING.items(call).values():
        pool = _look(call, item).get("WarmPoolStatus", {}).get("Status")
        if wanted in (None, pool) and plan in (None, item.get("ResourceConfig", {}).get("TrainingPlanArn")):
            items.append(item)
    return TRAINING.page(call, items, WarmPoolStatusEquals=None, TrainingPlanArnEquals=None)


SORTS["TrainingJob"] = TRAINING

HANDLERS: dict[str, Handler] = {
    **TRAINING.handlers(),
    "ListTrainingJobs": _list,
    "UpdateTrainingJob": _update,
    "StopTrainingJob": _stop,
    "DeleteTrainingJob": _delete,
}

EXTENSION = Extension(SERVICE, HANDLERS)
