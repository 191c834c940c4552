"""Ground Truth: labeling jobs, who labeled, and by how many a label was given."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_JOBS = 500
"""How many labeling jobs are described: each costs a call."""

PUBLIC = "workteam/public-crowd/"
VENDOR = "workteam/vendor-crowd/"
REVIEWS = ("Adjustment", "Verification")
"""In the name of AWS's function before a task, where it shows labels that there are."""


class LabelCounters(Record):
    """How many objects were labeled."""

    total_labeled: int = 0


class Manifest(Record):
    """The list of the objects to label."""

    manifest_s3_uri: str


class LabelingSource(Record):
    """Where the objects are from: a list in S3, or messages."""

    s3_data_source: Manifest | None = None


class LabelingInput(Record):
    """The objects."""

    data_source: LabelingSource


class LabelingOutput(Record):
    """The list of the objects with their labels."""

    output_dataset_s3_uri: str


class Consolidation(Record):
    """The function that makes one label of those of several workers."""

    annotation_consolidation_lambda_arn: str


class HumanTask(Record):
    """Who labels."""

    workteam_arn: str
    number_of_human_workers_per_data_object: int
    pre_human_task_lambda_arn: str | None = None
    annotation_consolidation_config: Consolidation | None = None


@resource(
    "sagemaker",
    Call(operation="ListLabelingJobs", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    "DescribeLabelingJob",
    newest=NEWEST_JOBS,
)
class LabelingJob(Record):
    """A labeling job; nobody can delete one."""

    labeling_job_name: str
    labeling_job_arn: str
    labeling_job_status: Enumerated
    label_counters: LabelCounters
    input_config: LabelingInput
    human_task_config: HumanTask
    labeling_job_output: LabelingOutput | None = None

    @property
    def labeled(self) -> int:
        """How many objects it labeled."""
        return self.label_counters.total_labeled

    @property
    def public(self) -> bool:
        """Whether the public labeled, by Mechanical Turk."""
        return PUBLIC in self.human_task_config.workteam_arn

    @property
    def hired(self) -> bool:
        """Whether strangers labeled: the public, or those of a vendor."""
        return self.public or VENDOR in self.human_task_config.workteam_arn

    @property
    def reviews(self) -> str | None:
        """The list of labels that it was to verify or to adjust, if any."""
        function, source = self.human_task_config.pre_human_task_lambda_arn, self.input_config.data_source
        if function and source.s3_data_source and any(word in function for word in REVIEWS):
            return source.s3_data_source.manifest_s3_uri
        return None
