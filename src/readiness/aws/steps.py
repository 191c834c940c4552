"""Steps by which data was prepared, from the services that show them; a script shows none.

A kind for each service: where one of them can't be read, a check still has what the others show.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.aws import databrew, glue
from readiness.aws.glue_matching import MLTransform
from readiness.aws.sagemaker.algorithms import TrainingRun
from readiness.record import Record, Scan

TOKENIZING = frozenset({"max_seq_length", "tokenizer_name", "tokenizer_name_or_path"})
"""Hyperparameters by which somebody's own script splits texts into tokens."""
NORMALIZING = "normalize_data"
"""Hyperparameter by which Linear Learner normalizes its features."""


class PreparationStep(Record):
    """A step by which data was prepared.

    Attributes:
        where: ARN of the recipe or job that has it.
        what: what that is, in words.
        operation: what the step does, by the service's own name.
        way: how, where the operation knows several ways.
        ran: whether data went through it.
    """

    where: str
    what: str
    operation: str
    way: str = ""
    ran: bool = False


class RecipeStep(PreparationStep):
    """A step of a DataBrew recipe, as it is worked on or as it was published."""

    @classmethod
    def derive(
        cls,
        recipes: list[databrew.Recipe],
        versions: list[databrew.RecipeVersion],
        jobs: list[databrew.Job],
        runs: list[databrew.JobRun],
        scan: Scan,
    ) -> Iterator[RecipeStep]:
        """The steps of all versions, one record for each."""
        every: list[databrew.Recipe | databrew.RecipeVersion] = [*recipes, *versions]
        for version in every:
            arn = version.resource_arn
            arn = arn or scan.arn("databrew", f"recipe/{version.name}", region=scan.region, account=scan.account)
            ran = any(_applied(version, job, run) for job in jobs for run in runs if run.name == job.name)
            for step in version.steps:
                given = step.action.parameters
                way = given.strategy or given.skew_function or given.map_type or ""
                yield cls(where=arn, what="recipe", operation=step.action.operation, way=way, ran=ran)


def _applied(version: databrew.Recipe | databrew.RecipeVersion, job: databrew.Job, run: databrew.JobRun) -> bool:
    """Whether a run applied just these steps; those that are worked on may have been others then."""
    reference = run.recipe_reference or job.recipe_reference
    if run.state != "SUCCEEDED" or reference is None or reference.name != version.name:
        return False
    if isinstance(version, databrew.Recipe):
        named = reference.recipe_version in ("LATEST_WORKING", version.recipe_version)
        since = version.last_modified_date
    else:
        # A job that names no version runs the newest that is published.
        named = reference.recipe_version in (None, "LATEST_PUBLISHED", version.recipe_version)
        since = version.published_date
    return named and since is not None and run.started_on is not None and since <= run.started_on


class VisualStep(PreparationStep):
    """A node of a visual job of Glue."""

    @classmethod
    def derive(cls, jobs: list[glue.Job], runs: list[glue.JobRun], scan: Scan) -> Iterator[VisualStep]:
        """The nodes of all jobs, one record for each type of node; those of a job that was changed since may be new."""
        for job in jobs:
            started = [run.started_on for run in runs if run.job_name == job.name and run.job_run_state == "SUCCEEDED"]
            changed = job.last_modified_on
            ran = any(at is not None and (changed is None or changed <= at) for at in started)
            arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
            for node in job.code_gen_configuration_nodes:
                operation, _, way = node.removeprefix("Recipe:").partition(":")
                yield cls(where=arn, what="visual job", operation=operation, way=way, ran=ran)


class MatchingStep(PreparationStep):
    """A transform of Glue that has learned to find records about the same thing."""

    @classmethod
    def derive(cls, transforms: list[MLTransform], scan: Scan) -> Iterator[MatchingStep]:
        """One record for each transform; it is ready once it was taught and has found matches."""
        for transform in transforms:
            resource = f"mlTransform/{transform.transform_id}"
            yield cls(
                where=scan.arn("glue", resource, region=scan.region, account=scan.account),
                what="transform",
                operation=transform.parameters.transform_type,
                ran=transform.status == "READY" and transform.label_count > 0,
            )


class ParameterStep(PreparationStep):
    """A hyperparameter by which an algorithm prepared its data."""

    @classmethod
    def derive(cls, runs: list[TrainingRun]) -> Iterator[ParameterStep]:
        """What was chosen; JumpStart fills in all of a model's defaults, so its jobs tell nothing."""
        for run in runs:
            names = {NORMALIZING} if run.built_in == "linear-learner" else TOKENIZING if run.framework else ()
            given = {} if run.jumpstart else run.hyper_parameters.given(names)
            for name, value in sorted(given.items()):
                done = run.completed and value.lower() not in ("", "auto", "false")
                yield cls(where=run.training_job_arn, what="training job", operation=name, way=value, ran=done)
