"""DataBrew: jobs with their runs, the datasets they read, recipes and their steps, and rules about data."""

from __future__ import annotations

import datetime

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class RecipeReference(Record):
    """A version of a recipe: its number, LATEST_WORKING or LATEST_PUBLISHED."""

    name: str
    recipe_version: str | None = None


class Output(Record):
    """What a job writes."""

    format: str | None = None


class ValidationConfiguration(Record):
    """Rules by which a profile job validates its dataset."""

    ruleset_arn: str


@resource("databrew", "ListJobs")
class Job(Record):
    """A recipe job, which transforms a dataset, or a profile job, which describes it."""

    name: str
    type: Enumerated | None = None
    resource_arn: str | None = None
    dataset_name: str | None = None
    project_name: str | None = None
    recipe_reference: RecipeReference | None = None
    outputs: list[Output] = []
    validation_configurations: list[ValidationConfiguration] = []
    log_subscription: Enumerated | None = None


@resource("databrew", Call(operation="ListJobRuns", by={"Name": "Name"}), per=Job)
class JobRun(Record):
    """A run of a job; `name` is the job's."""

    name: str
    run_id: str | None = None
    state: Enumerated | None = None
    started_on: datetime.datetime | None = None
    recipe_reference: RecipeReference | None = None
    validation_configurations: list[ValidationConfiguration] = []


class EntityDetectorConfiguration(Record):
    """Which kinds of personal data a profile job looks for."""

    entity_types: list[str] = []


class ProfileConfiguration(Record):
    """What a profile job finds out."""

    entity_detector_configuration: EntityDetectorConfiguration | None = None


@resource(
    "databrew",
    "ListJobs",
    Call(operation="DescribeJob", gone=("ResourceNotFoundException",)),
    where=lambda job: job.get("Type") == "PROFILE",
)
class ProfileSetup(Record):
    """What a profile job is set up to find out, which the list of jobs leaves out."""

    name: str
    resource_arn: str | None = None
    profile_configuration: ProfileConfiguration | None = None

    @property
    def entity_types(self) -> list[str]:
        """The kinds of personal data that it looks for."""
        detector = self.profile_configuration.entity_detector_configuration if self.profile_configuration else None
        return detector.entity_types if detector else []


class S3Location(Record):
    """Files in S3."""

    bucket: str
    key: str | None = None


class Input(Record):
    """Where a dataset comes from; queries are not kept."""

    s3_input_definition: S3Location | None = None


@resource("databrew", "ListDatasets")
class Dataset(Record):
    """A dataset: how data is found and read; the data stays where it is."""

    name: str
    resource_arn: str | None = None
    format: str | None = None
    source_type: str | None = msgspec.field(name="Source", default=None)
    input: Input = Input()


class Parameters(Record, rename="camel"):
    """Which way a step goes, where its operation has several; columns and values are not kept."""

    strategy: str | None = None
    skew_function: str | None = None
    outlier_strategy: str | None = None
    replace_type: str | None = None
    map_type: str | None = None


class Action(Record):
    """What a step does."""

    operation: str
    parameters: Parameters = Parameters()


class Step(Record):
    """A step of a recipe."""

    action: Action


@resource("databrew", Call(operation="ListRecipes", give={"RecipeVersion": "LATEST_WORKING"}))
class Recipe(Record):
    """A recipe, with the steps on which somebody is still working; every recipe has such a version."""

    name: str
    resource_arn: str | None = None
    recipe_version: str | None = None
    project_name: str | None = None
    last_modified_date: datetime.datetime | None = None
    steps: list[Step] = []


@resource("databrew", "ListRecipeVersions", per=Recipe)
class RecipeVersion(Record):
    """A published version of a recipe, whose steps no longer change."""

    name: str
    resource_arn: str | None = None
    recipe_version: str | None = None
    published_date: datetime.datetime | None = None
    steps: list[Step] = []


class Rule(Record):
    """A rule about the data."""

    disabled: bool = False


@resource("databrew", "ListRulesets", Call(operation="DescribeRuleset", gone=("ResourceNotFoundException",)))
class Ruleset(Record):
    """Rules by which profile jobs validate a dataset."""

    name: str
    target_arn: str
    resource_arn: str | None = None
    rules: list[Rule] = []
