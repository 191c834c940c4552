"""Automatic model tuning: tuning jobs, what they searched and for which objective."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import msgspec

from readiness.aws.sagemaker.training import TrainingJob
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_TUNING_JOBS = 100
"""How many tuning jobs are read: each costs a call where its configuration is asked for."""


class StatusCounters(Record):
    """How a tuning job's training jobs ended."""

    completed: int = 0
    stopped: int = 0
    non_retryable_error: int = 0


class ObjectiveCounters(Record):
    """For how many of them the objective metric was found in the log."""

    succeeded: int = 0
    failed: int = 0


class ResourceLimits(Record):
    """How many training jobs a tuning job may start, and how many at once."""

    max_parallel_training_jobs: int = 1
    max_number_of_training_jobs: int | None = None
    max_runtime_in_seconds: int | None = None


@resource(
    "sagemaker",
    Call(operation="ListHyperParameterTuningJobs", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    newest=NEWEST_TUNING_JOBS,
)
class TuningJob(Record):
    """A tuning job, Autopilot's own included."""

    hyper_parameter_tuning_job_name: str
    hyper_parameter_tuning_job_arn: str
    hyper_parameter_tuning_job_status: Enumerated
    strategy: Enumerated
    creation_time: datetime.datetime
    training_job_status_counters: StatusCounters = StatusCounters()
    objective_status_counters: ObjectiveCounters = ObjectiveCounters()
    resource_limits: ResourceLimits = ResourceLimits()


class TuningRun(TuningJob):
    """A tuning job that somebody started; those whose training jobs belong to Autopilot are left out."""

    @property
    def searched(self) -> bool:
        """Whether it was set up to try more than one configuration, and one was trained to its end."""
        return self.training_job_status_counters.completed > 0 and self.resource_limits.max_number_of_training_jobs != 1

    @classmethod
    def derive(cls, tuning_jobs: list[TuningJob], training_jobs: list[TrainingJob]) -> Iterator[TuningRun]:
        """The tuning jobs of which no training job names an Autopilot job."""
        automatic = {job.tuning_job_arn for job in training_jobs if job.auto_ml_job_arn}
        for job in tuning_jobs:
            if job.hyper_parameter_tuning_job_arn not in automatic:
                yield cls(**msgspec.structs.asdict(job))


class NumericRange(Record):
    """The bounds of a hyperparameter, as AWS keeps them: texts."""

    name: str
    min_value: str = ""
    max_value: str = ""
    scaling_type: str | None = None


class NamedRange(Record):
    """A hyperparameter that takes one of several values, or whose range AWS chooses; the values are not kept."""

    name: str


class ParameterRanges(Record):
    """What a tuning job searches."""

    integer_parameter_ranges: list[NumericRange] = []
    continuous_parameter_ranges: list[NumericRange] = []
    categorical_parameter_ranges: list[NamedRange] = []
    auto_parameters: list[NamedRange] = []

    @property
    def numeric(self) -> list[NumericRange]:
        """The ranges between two numbers."""
        return self.integer_parameter_ranges + self.continuous_parameter_ranges

    @property
    def ordered(self) -> bool:
        """Whether something with an order is searched, which a model of the objective can learn from."""
        return bool(self.numeric or self.auto_parameters)

    @property
    def names(self) -> set[str]:
        """The hyperparameters that are searched."""
        others = self.categorical_parameter_ranges + self.auto_parameters
        return {one.name for one in self.numeric} | {one.name for one in others}


class Objective(Record):
    """The metric that a tuning job optimizes, and in which direction: Maximize, Minimize."""

    type: Enumerated
    metric_name: str


class BestObjectiveNotImproving(Record):
    """After how many training jobs without improvement a tuning job ends."""

    max_number_of_training_jobs_not_improving: int | None = None


class ConvergenceDetected(Record):
    """Whether a tuning job ends when it has converged."""

    complete_on_convergence: Enumerated | None = None


class CompletionCriteria(Record):
    """What ends a tuning job before its limits do."""

    target_objective_metric_value: float | None = None
    best_objective_not_improving: BestObjectiveNotImproving | None = None
    convergence_detected: ConvergenceDetected | None = None

    @property
    def watches_convergence(self) -> bool:
        """Whether it ends for want of progress."""
        stalled = self.best_objective_not_improving
        converged = self.convergence_detected
        return bool(
            (stalled and stalled.max_number_of_training_jobs_not_improving)
            or (converged and converged.complete_on_convergence == "Enabled")
        )


class TuningConfig(Record):
    """The strategy's settings."""

    strategy: str = ""
    hyper_parameter_tuning_job_objective: Objective | None = None
    parameter_ranges: ParameterRanges = ParameterRanges()
    training_job_early_stopping_type: Enumerated | None = None
    tuning_job_completion_criteria: CompletionCriteria = CompletionCriteria()
    resource_limits: ResourceLimits = ResourceLimits()
    random_seed: int | None = None


class DefinitionChannel(Record):
    """A named input of the training jobs that a tuning job starts."""

    channel_name: str


class TrainingDefinition(Record):
    """One algorithm that a tuning job tunes."""

    tuning_objective: Objective | None = None
    hyper_parameter_ranges: ParameterRanges = ParameterRanges()
    input_data_config: list[DefinitionChannel] = []


@resource("sagemaker", "DescribeHyperParameterTuningJob", per=TuningRun)
class TuningPlan(Record):
    """How a tuning job was set up."""

    hyper_parameter_tuning_job_name: str
    hyper_parameter_tuning_job_arn: str
    hyper_parameter_tuning_job_config: TuningConfig
    training_job_definition: TrainingDefinition | None = None
    training_job_definitions: list[TrainingDefinition] = []

    @property
    def definitions(self) -> list[TrainingDefinition]:
        """Its one definition, or its several."""
        return [self.training_job_definition] if self.training_job_definition else self.training_job_definitions

    @property
    def objectives(self) -> list[Objective]:
        """The objective of the job, or one for each of its definitions."""
        own = self.hyper_parameter_tuning_job_config.hyper_parameter_tuning_job_objective
        return [own] if own else [found.tuning_objective for found in self.definitions if found.tuning_objective]

    @property
    def ranges(self) -> list[ParameterRanges]:
        """The ranges of the job, or those of each of its definitions."""
        return [
            ranges
            for ranges in (
                self.hyper_parameter_tuning_job_config.parameter_ranges,
                *(definition.hyper_parameter_ranges for definition in self.definitions),
            )
            if ranges.names
        ]

    @property
    def channels(self) -> set[str]:
        """The names of the inputs, in lower case."""
        return {channel.channel_name.lower() for found in self.definitions for channel in found.input_data_config}
