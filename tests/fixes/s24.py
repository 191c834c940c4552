"""The fixes of section 2.4."""

from __future__ import annotations

import functools
from typing import Any

from fixes.jobs import DEFINITION, filled, search
from fixes.trying import Try, client

COLUMNS = "churned,age,bill\n1,34,29.9\n0,71,54.1\n"


def tuned(config: dict[str, Any]) -> None:
    """A search that was set up another way."""
    client("sagemaker").create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="first",
        HyperParameterTuningJobConfig=config,
        TrainingJobDefinition=filled(DEFINITION),
    )


def try_of(check: str, file: str, strategy: str) -> Try:
    """The fix of a search by a strategy."""
    return Try(check, files={file: search(strategy), "definition.json": DEFINITION})


def on_training_data() -> None:
    """A search for what fits the training data best."""
    objective = {"Type": "Maximize", "MetricName": "train:auc"}
    tuned(search("Bayesian") | {"HyperParameterTuningJobObjective": objective})


def data() -> None:
    """A table with its header."""
    client("s3").put_object(Bucket="practice", Key="table/train.csv", Body=COLUMNS.encode())


SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://BUCKET/table/"}}
INPUT = [{"ChannelType": "training", "ContentType": "text/csv;header=present", "DataSource": SOURCE}]

TRIES = [
    try_of("grid-search-used", "grid.json", "Grid"),
    try_of("random-search-used", "random.json", "Random"),
    try_of("bayesian-search-used", "bayesian.json", "Bayesian"),
    Try(
        "amt-objective-on-validation",
        on_training_data,
        was="failed",
        verdict="partial",
        values={"JOB": "first"},
        files={"tuning.json": search("Bayesian"), "definition.json": DEFINITION},
    ),
    Try(
        "amt-early-stopping",
        functools.partial(tuned, search("Bayesian", jobs=20)),
        was="failed",
        verdict="partial",
        values={"JOB": "second"},
        files={
            "tuning.json": search("Bayesian", jobs=20, TrainingJobEarlyStoppingType="Auto"),
            "definition.json": DEFINITION,
        },
    ),
    Try(
        "amt-search-efficient",
        functools.partial(tuned, search("Bayesian", jobs=20, parallel=20)),
        was="failed",
        verdict="partial",
        values={"JOB": "second"},
        files={"tuning.json": search("Bayesian", jobs=20, scale="Logarithmic"), "definition.json": DEFINITION},
    ),
    Try(
        "autopilot-job-completed",
        data,
        values={"JOB": "churn", "TARGET": "churned"},
        files={"input.json": INPUT},
    ),
]
