"""Where runs are tracked: SageMaker Experiments and MLflow."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_RUNS = 20
"""How many runs of an experiment are read: whether there are several is all that checks ask."""


@resource("sagemaker", "ListExperiments", where=lambda experiment: not experiment.get("ExperimentSource"))
class Experiment(Record):
    """An experiment that somebody made; those that Autopilot, tuning and pipelines make for themselves are left out."""

    experiment_name: str
    experiment_arn: str


class RunStatus(Record):
    """How a run ended."""

    primary_status: Enumerated | None = None


@resource(
    "sagemaker",
    Call(
        operation="ListTrialComponents",
        by={"ExperimentName": "ExperimentName"},
        give={"SortBy": "CreationTime", "SortOrder": "Descending"},
    ),
    per=Experiment,
    newest=NEWEST_RUNS,
)
class ExperimentRun(Record):
    """A run of an experiment, which AWS calls a trial component."""

    experiment_name: str
    trial_component_arn: str
    status: RunStatus | None = None


@resource("sagemaker", "ListMlflowTrackingServers")
class TrackingServer(Record):
    """An MLflow tracking server; it bills by the hour until it is stopped."""

    tracking_server_name: str
    tracking_server_arn: str
    tracking_server_status: Enumerated


@resource("sagemaker", Call(operation="ListMlflowApps", give={"AccountDefaultStatus": "DISABLED"}))
class MlflowApp(Record):
    """An MLflow app; the account's default one is left out, for Studio makes it by itself."""

    arn: str
    name: str = ""
    status: Enumerated = ""
