"""Processing, transform and compilation jobs, and what the jobs of SageMaker have in common: they run ahead of time.

A job is done at the first look, as if the clock ran ahead for it: it is prepared, runs and ends within a few minutes
after it was created, and until those have passed it can still be stopped. How long it takes follows from its input.

Moto says of each job that it ended in the moment in which it began. It loses the environment, the resources and the
data that a processing job reads, answers of a transform job without a model, stops what has ended, and invents of a
compilation job an image, a digest that is the same for all, and the shape of the model's input.
"""

from __future__ import annotations

import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.services.sagemaker import experiments
from readiness.emulator.services.sagemaker.catalogue import INVALID, SERVICE, Sort, chance, utc

PREPARED = 60
"""Seconds until the machines of a job are there."""
SHORTEST = 60
LONGEST = 180
"""Seconds that a job runs, unless its own limit is below."""
A_DAY = 86_400


def seconds(item: Item, name: str) -> int:
    """How long a job runs: by its input, and never longer than it may."""
    told = {key: value for key, value in item.items() if not isinstance(value, datetime.datetime)}
    limit = item.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", LONGEST)
    return min(int(limit), SHORTEST + int(chance(name, told) * (LONGEST - SHORTEST)))


def later(moment: datetime.datetime, amount: float) -> datetime.datetime:
    """So many seconds after a moment."""
    return moment + datetime.timedelta(seconds=amount)


def begin(item: Item) -> None:
    """Let a job that SageMaker starts in the course of another begin at its turn, which its `Begun` tells."""
    if moment := item.pop("Begun", None):
        item |= {"CreationTime": moment, "LastModifiedTime": moment}


def running(item: Item, end: str, status: str) -> None:
    """Refuse to stop a job that has ended.

    Raises:
        Invalid: it has.
    """
    if item[status] not in ("Completed", "COMPLETED", "Succeeded") or utc(item[end]) <= utc(utcnow()):
        raise Invalid(f"The request was rejected because the job is in status {item[status]}.")


def _run(item: Item, name: str, stem: str) -> None:
    """The times of a job whose members for them begin with a stem."""
    item[f"{stem}StartTime"] = later(item["CreationTime"], PREPARED)
    item[f"{stem}EndTime"] = later(item[f"{stem}StartTime"], seconds(item, name))
    item["LastModifiedTime"] = item[f"{stem}EndTime"]


def _stop(sort: Sort, stem: str, stopped: str, tracked: str = "") -> Any:
    """What stops a job of a sort, if it still runs."""

    def stop(call: Call) -> None:
        item = sort.find(call)
        running(item, f"{stem}EndTime", sort.status[0])
        now = utcnow()
        item |= {sort.status[0]: stopped, f"{stem}EndTime": now, "LastModifiedTime": now}
        item[f"{stem}StartTime"] = min(item[f"{stem}StartTime"], now)
        if tracked:
            status = {"PrimaryStatus": stopped}
            experiments.follow(
                call, tracked, item[sort.key], Status=status, StartTime=item[f"{stem}StartTime"], EndTime=now
            )

    return stop


def _track(call: Call, item: Item, kind: str, image: str, cluster: Item, inputs: Item, outputs: Item) -> None:
    stem = kind.title()
    experiments.track(
        call,
        kind,
        item[f"{stem}JobName"],
        item[f"{stem}JobArn"],
        item.get("ExperimentConfig"),
        Status={"PrimaryStatus": "Completed"},
        StartTime=item[f"{stem}StartTime"],
        EndTime=item[f"{stem}EndTime"],
        Parameters=parameters(cluster),
        InputArtifacts=artifacts({"SageMaker.ImageUri": image, **inputs}),
        OutputArtifacts=artifacts(outputs),
    )


def parameters(given: Item) -> Item:
    """What a component tells of settings: numbers as such, all else as text."""
    told: Item = {}
    for name, value in given.items():
        if value is not None:
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            told[name] = {"NumberValue": float(value)} if number else {"StringValue": str(value)}
    return told


def artifacts(given: Item) -> Item:
    """What a component tells of places."""
    return {name: {"Value": str(value)} for name, value in given.items() if value}


def cluster(config: Item) -> Item:
    """What a component tells of the machines of a job."""
    return {f"SageMaker.{name}": config.get(name) for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB")}


def _process(call: Call, item: Item) -> None:
    experiments.checked(call, item.get("ExperimentConfig"))
    begin(item)
    item.setdefault("StoppingCondition", {"MaxRuntimeInSeconds": A_DAY})
    _run(item, item["ProcessingJobName"], "Processing")
    inputs = {one["InputName"]: one.get("S3Input", {}).get("S3Uri") for one in item.get("ProcessingInputs", [])}
    outputs = item.get("ProcessingOutputConfig", {}).get("Outputs", [])
    written = {one["OutputName"]: one.get("S3Output", {}).get("S3Uri") for one in outputs}
    machines = cluster(item["ProcessingResources"]["ClusterConfig"])
    _track(call, item, "processing", item["AppSpecification"]["ImageUri"], machines, inputs, written)


PROCESSING = Sort(
    SERVICE,
    "ProcessingJob",
    "ProcessingJobName",
    "processing-job/{}",
    status=("ProcessingJobStatus", "Completed"),
    created=_process,
    missing=INVALID,
)


def _transform(call: Call, item: Item) -> None:
    """A transform job needs a model that is there."""
    if item["ModelName"] not in call.backend(SERVICE)._models:
        raise Invalid(f'Could not find model "{call.arn("model/" + item["ModelName"])}".')
    experiments.checked(call, item.get("ExperimentConfig"))
    begin(item)
    _run(item, item["TransformJobName"], "Transform")
    read = item["TransformInput"]["DataSource"].get("S3DataSource", {}).get("S3Uri")
    inputs = {"SageMaker.TransformInput": read, "SageMaker.ModelName": item["ModelName"]}
    outputs = {"SageMaker.TransformOutput": item["TransformOutput"].get("S3OutputPath")}
    _track(call, item, "transform", "", cluster(item["TransformResources"]), inputs, outputs)


TRANSFORM = Sort(
    SERVICE,
    "TransformJob",
    "TransformJobName",
    "transform-job/{}",
    status=("TransformJobStatus", "Completed"),
    created=_transform,
    newest_first=True,
    missing=INVALID,
)


def _compile(call: Call, item: Item) -> None:
    """A compiled model is named after its target; what the input looks like is only known where it was told."""
    if ("InputConfig" in item) == ("ModelPackageVersionArn" in item):
        raise Invalid("Either InputConfig or ModelPackageVersionArn must be specified.")
    if "InputConfig" not in item:
        item["InputConfig"] = _packaged(call, item["ModelPackageVersionArn"])
    source, output = item["InputConfig"], item["OutputConfig"]
    platform = output.get("TargetPlatform", {})
    if bool(platform) == ("TargetDevice" in output):
        raise Invalid("Either TargetDevice or TargetPlatform must be specified.")
    target = output.get("TargetDevice") or f"{platform['Os']}-{platform['Arch']}"
    item["CompilationTargetDevice"] = output.get("TargetDevice")
    item |= {f"CompilationTargetPlatform{name}": platform.get(name) for name in ("Os", "Arch", "Accelerator")}
    archive = source["S3Uri"].rsplit("/", 1)[-1].removesuffix(".tar.gz")
    place = f"{output['S3OutputLocation'].rstrip('/')}/{archive}-{target}.tar.gz"
    item |= {"ModelArtifacts": {"S3ModelArtifacts": place}, "FailureReason": ""}
    if "DataInputConfig" in source:
        item["DerivedInformation"] = {"DerivedDataInputConfig": source["DataInputConfig"]}
    _run(item, item["CompilationJobName"], "Compilation")


def _packaged(call: Call, arn: str) -> Item:
    """The model of a version, as the input of a job."""
    package = call.table("ModelPackage", SERVICE).get(arn)
    if package is None:
        raise Invalid(f"Model package {arn} does not exist.")
    container = package.get("InferenceSpecification", {}).get("Containers", [{}])[0]
    if not {"ModelDataUrl", "Framework"} <= container.keys():
        raise Invalid(f"Model package {arn} does not tell its ModelDataUrl and Framework.")
    told = {"S3Uri": container["ModelDataUrl"], "Framework": container["Framework"]}
    if "DataInputConfig" in (model_input := container.get("ModelInput", {})):
        told["DataInputConfig"] = model_input["DataInputConfig"]
    return {**told, **({"FrameworkVersion": version} if (version := container.get("FrameworkVersion")) else {})}


COMPILATION = Sort(
    SERVICE,
    "CompilationJob",
    "CompilationJobName",
    "compilation-job/{}",
    status=("CompilationJobStatus", "COMPLETED"),
    created=_compile,
)

EXTENSION = Extension(
    SERVICE,
    {
        **PROCESSING.handlers(),
        **TRANSFORM.handlers(),
        **COMPILATION.handlers(),
        "StopProcessingJob": _stop(PROCESSING, "Processing", "Stopped", "processing"),
        "StopTransformJob": _stop(TRANSFORM, "Transform", "Stopped", "transform"),
        "StopCompilationJob": _stop(COMPILATION, "Compilation", "STOPPED"),
    },
)
