"""2.4 Tune models: search strategies, the objective, early stopping, efficient search, Autopilot."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from readiness import Finding, Findings, Settings, evidence, practice
from readiness.aws.sagemaker.automl import AutoMLJob
from readiness.aws.sagemaker.tuning import NumericRange, TuningPlan, TuningRun

TRAINING_METRIC = re.compile(r"^(train|training)[:_\-. ]")
VALIDATION_METRIC = re.compile(r"(?<![a-z])(validation|valid|val|eval|dev|test)(?![a-z])")
VALIDATION_CHANNEL = re.compile("val|test|eval|dev")
LESS_IS_BETTER = re.compile(r"(?<![a-z])(rmse|mse|mae|mape|error|merror|loss|logloss|mlogloss|perplexity)(?![a-z])")
MORE_IS_BETTER = re.compile(r"(?<![a-z])(accuracy|acc|auc|f1|f_?beta|precision|recall|r2|bleu)(?![a-z])")
NEGATED = re.compile(r"(?<![a-z])neg(ative)?(?![a-z])")
WITHOUT_VALIDATION = frozenset({"train:mean_rho"})
"""The only objective that BlazingText has for word vectors, which are learned without labels."""


class TuningAdvice(Settings):
    """From which size on a search is judged; AWS gives the advice without figures, so these are our own.

    Attributes:
        jobs: a search of no more training jobs is too small to judge.
        parallel_share: the share of its training jobs that a Bayesian search may run at once and still learn.
        orders: over how many orders of magnitude a range may go on a linear scale.
    """

    jobs: int = 10
    parallel_share: float = 0.5
    orders: float = 3.0


@evidence("2.4-K2")
def grid_search_used(tunings: list[TuningRun]) -> Findings:
    """A tuning job searched a grid.

    Why: a grid tries every combination: complete and repeatable, but its price grows with every value that you add.
    Fix: Tune with Strategy Grid, over categorical ranges only.
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name grid-1 --hyper-parameter-tuning-job-config file://grid.json --training-job-definition file://definition.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
    Cost: cents, for four short jobs on ml.m5.large.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    yield from _searched_by("Grid", tunings)


@evidence("2.4-K3", "2.2-K8")
def random_search_used(tunings: list[TuningRun]) -> Findings:
    """A tuning job searched at random.

    Why: random search needs no earlier result, so all its jobs can run at once; it is the baseline of other strategies.
    Fix: Tune with Strategy Random.
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name random-1 --hyper-parameter-tuning-job-config file://random.json --training-job-definition file://definition.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
    Cost: cents, for four short jobs on ml.m5.large.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    yield from _searched_by("Random", tunings)


@evidence("2.4-K4", "2.2-K9")
def bayesian_search_used(tunings: list[TuningRun], plans: list[TuningPlan]) -> Findings:
    """A tuning job searched numeric ranges by Bayesian optimization.

    Why: it learns from each result where to look next, and so needs fewer jobs, at the price of running them in turn.
    Fix: Tune with Strategy Bayesian, over continuous or integer ranges.
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name bayesian-1 --hyper-parameter-tuning-job-config file://bayesian.json --training-job-definition file://definition.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
    Cost: cents, for four short jobs on ml.m5.large.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    numeric = {plan.hyper_parameter_tuning_job_name for plan in plans if any(one.ordered for one in plan.ranges)}
    for tuning in tunings:
        if tuning.strategy == "Bayesian":
            learns = tuning.hyper_parameter_tuning_job_name in numeric
            note = f"{tuning.training_job_status_counters.completed} training jobs completed"
            note += "" if learns else "; values without an order give it nothing to learn from"
            yield Finding(tuning.hyper_parameter_tuning_job_arn, good=tuning.searched and learns, note=note)


def _searched_by(strategy: str, tunings: list[TuningRun]) -> Findings:
    for tuning in tunings:
        if tuning.strategy == strategy:
            note = f"{tuning.training_job_status_counters.completed} training jobs completed"
            yield Finding(tuning.hyper_parameter_tuning_job_arn, good=tuning.searched, note=note)


@practice("2.4-S1", "2.4-S2", severity="high")
def amt_objective_on_validation(tunings: list[TuningRun], plans: list[TuningPlan]) -> Findings:
    """A tuning job optimizes a metric of validation data, in the direction that is better.

    Why: the best score on training data is the best overfitting; the objective must be measured on other data.
    Fix: Set HyperParameterTuningJobObjective to, for instance, validation:auc and Maximize, and add the channel.
        aws sagemaker describe-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name JOB --query HyperParameterTuningJobConfig.HyperParameterTuningJobObjective
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name JOB-2 --hyper-parameter-tuning-job-config file://tuning.json --training-job-definition file://definition.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-metrics-variables.html
    Cost: cents, for four short jobs on ml.m5.large.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for tuning, plan in _ended(tunings, plans):
        objectives = [one for one in plan.objectives if one.metric_name not in WITHOUT_VALIDATION]
        if not objectives:
            continue
        faults: list[str] = []
        for objective in objectives:
            name = objective.metric_name.lower()
            if TRAINING_METRIC.match(name):
                faults.append(f"{objective.metric_name} is measured on training data")
            elif not VALIDATION_METRIC.search(name) and not any(
                VALIDATION_CHANNEL.search(one) for one in plan.channels
            ):
                faults.append(f"nothing says that {objective.metric_name} is measured on validation data")
            wrong = LESS_IS_BETTER if objective.type == "Maximize" else MORE_IS_BETTER
            right = MORE_IS_BETTER if objective.type == "Maximize" else LESS_IS_BETTER
            if wrong.search(name) and not right.search(name) and not NEGATED.search(name):
                faults.append(f"to {objective.type.lower()} {objective.metric_name} makes it worse")
        counters = tuning.objective_status_counters
        if counters.failed > counters.succeeded:
            faults.append(f"the metric was not found in the log of {counters.failed} training jobs")
        wanted = ", ".join(f"{one.type.lower()} {one.metric_name}" for one in objectives)
        note = "; ".join(faults) or wanted
        yield Finding(tuning.hyper_parameter_tuning_job_arn, good=not faults, note=note)


@practice("2.4-S3")
def amt_early_stopping(tunings: list[TuningRun], plans: list[TuningPlan], advice: TuningAdvice) -> Findings:
    """A tuning job stops training jobs that fall behind.

    Why: most configurations of a search are poor, and show it after the first epochs: what is stopped is not paid for.
    Fix: Set TrainingJobEarlyStoppingType to Auto in the configuration, or use Strategy Hyperband, which stops by itself.
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name JOB --hyper-parameter-tuning-job-config file://tuning.json --training-job-definition file://definition.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html
    Cost: cents, for four short jobs on ml.m5.large.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for tuning, plan in _ended(tunings, plans):
        stops = plan.hyper_parameter_tuning_job_config.training_job_early_stopping_type == "Auto"
        large = (tuning.resource_limits.max_number_of_training_jobs or 0) > advice.jobs
        if tuning.strategy == "Hyperband":
            yield Finding(tuning.hyper_parameter_tuning_job_arn, good=True, note="Hyperband stops by itself")
        elif stops or large:
            stopped = tuning.training_job_status_counters.stopped
            note = f"{stopped} training jobs stopped early" if stops else "off, for more training jobs than a few"
            yield Finding(tuning.hyper_parameter_tuning_job_arn, good=stops, note=note)


@practice("2.4-K5", "2.2-S6", severity="low")
def amt_search_efficient(tunings: list[TuningRun], plans: list[TuningPlan], advice: TuningAdvice) -> Findings:
    """A large search is set up as AWS advises: not too parallel for Bayesian search, wide ranges on a log scale.

    Why: a Bayesian search that runs all its jobs at once can't learn, and a linear scale hardly tries small values.
    Fix: In the configuration, lower MaxParallelTrainingJobs, and set ScalingType to Logarithmic or Auto.
        aws sagemaker create-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name JOB --hyper-parameter-tuning-job-config file://tuning.json --training-job-definition file://definition.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-considerations.html
    Cost: free; the same number of training jobs finds more.
    Survives: Tuning jobs stay listed after they end, unless somebody deletes them.
    """  # noqa: E501
    for tuning, plan in _ended(tunings, plans):
        limits = tuning.resource_limits
        total = limits.max_number_of_training_jobs or 0
        if total <= advice.jobs or tuning.strategy == "Grid":
            continue
        faults = [
            f"{one.name} is searched on a linear scale from {one.min_value} to {one.max_value}"
            for ranges in plan.ranges
            for one in ranges.numeric
            if one.scaling_type == "Linear" and _orders(one) > advice.orders
        ]
        if tuning.strategy == "Bayesian" and limits.max_parallel_training_jobs > total * advice.parallel_share:
            faults.append(f"{limits.max_parallel_training_jobs} of {total} training jobs run at once")
        note = "; ".join(faults) or f"{total} training jobs, {limits.max_parallel_training_jobs} at once"
        yield Finding(tuning.hyper_parameter_tuning_job_arn, good=not faults, note=note)


def _orders(numeric: NumericRange) -> float:
    """Over how many orders of magnitude a range goes; 0 where it has no logarithm."""
    try:
        low, high = float(numeric.min_value), float(numeric.max_value)
    except ValueError:
        return 0.0
    return math.log10(high / low) if 0 < low < high else 0.0


def _ended(tunings: list[TuningRun], plans: list[TuningPlan]) -> Iterator[tuple[TuningRun, TuningPlan]]:
    """The tuning jobs of which a training job completed, with their configuration."""
    known = {plan.hyper_parameter_tuning_job_name: plan for plan in plans}
    for tuning in tunings:
        plan = known.get(tuning.hyper_parameter_tuning_job_name)
        if plan and tuning.training_job_status_counters.completed:
            yield tuning, plan


@evidence("2.4-K6")
def autopilot_job_completed(jobs: list[AutoMLJob]) -> Findings:
    """An Autopilot job found a best candidate.

    Why: Autopilot explores data, algorithms and hyperparameters by itself: a baseline to beat, or the model to take.
    Fix: Start a job with limits, for without them it may run for hours.
        aws sagemaker create-auto-ml-job-v2 --auto-ml-job-name JOB --role-arn ROLE_ARN --auto-ml-job-input-data-config file://input.json --output-data-config S3OutputPath=s3://BUCKET/automl/ --auto-ml-problem-type-config '{"TabularJobConfig":{"TargetAttributeName":"TARGET","CompletionCriteria":{"MaxCandidates":3,"MaxAutoMLJobRuntimeInSeconds":1800}}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development.html
    Cost: cents to some dollars, by the limits that you set.
    Survives: Autopilot jobs can't be deleted, so they stay listed.
    """  # noqa: E501
    for job in jobs:
        ended = job.auto_ml_job_status in ("Completed", "Stopped")
        best = job.best_candidate.candidate_name if job.best_candidate else "no candidate"
        note = f"{job.auto_ml_problem_type_config_name or 'AutoML'}, {job.auto_ml_job_status.lower()}: {best}"
        yield Finding(job.auto_ml_job_arn, good=ended and job.best_candidate is not None, note=note)
