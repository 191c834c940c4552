"""Tags of what costs money: the Tagging API shows what has tags or once had, the services' own lists what has none."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import msgspec

from readiness.aws.glue import Job
from readiness.aws.s3 import MlBucket
from readiness.aws.sagemaker.features import FeatureGroup
from readiness.aws.sagemaker.hosting import Endpoint
from readiness.aws.sagemaker.studio import Domain, NotebookInstance
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob, TransformJob
from readiness.kinds import Call, resource
from readiness.record import Record, Scan

NEWEST_JOBS = 20
"""How many jobs, of all kinds together, are looked at: what ran long ago nobody tags any more."""


class Tag(Record):
    """A tag by its key; what people write into values is theirs."""

    key: str


@resource(
    "resourcegroupstaggingapi",
    Call(operation="GetResources", give={"ResourceTypeFilters": ["sagemaker", "s3", "glue:job"]}),
)
class TaggedResource(Record):
    """A resource of SageMaker, a bucket or a Glue job with its tags; one that never had any is not among them."""

    resource_arn: str = msgspec.field(name="ResourceARN")
    tags: list[Tag] = []


class CostlyResource(Record):
    """Something of ML that costs money while it is kept, or a job that did.

    Left out are the jobs that tuning, Autopilot and monitoring start, whose tags come from what started them.
    """

    resource_arn: str
    what: str

    @classmethod
    def derive(
        cls,
        endpoints: list[Endpoint],
        notebooks: list[NotebookInstance],
        domains: list[Domain],
        groups: list[FeatureGroup],
        buckets: list[MlBucket],
        etl: list[Job],
        training: list[TrainingJob],
        processing: list[ProcessingJob],
        transform: list[TransformJob],
        scan: Scan,
    ) -> Iterator[CostlyResource]:
        """Endpoints, notebooks, domains, feature groups, buckets of models, ETL jobs, and the newest ML jobs."""
        kept = [
            *((endpoint.endpoint_arn, "endpoint") for endpoint in endpoints),
            *((notebook.notebook_instance_arn, "notebook instance") for notebook in notebooks),
            *((domain.domain_arn, "domain") for domain in domains),
            *((group.feature_group_arn, "feature group") for group in groups),
            # SageMaker wants models in a bucket of its own Region, so the Tagging API of this Region knows those.
            *((scan.arn("s3", bucket.name), "bucket") for bucket in buckets if "model artifacts" in bucket.holds),
            *(
                (scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account), "Glue job")
                for job in etl
            ),
        ]
        for arn, what in [*kept, *_newest(training, processing, transform)]:
            yield cls(resource_arn=arn, what=what)


def _newest(
    training: list[TrainingJob], processing: list[ProcessingJob], transform: list[TransformJob]
) -> list[tuple[str, str]]:
    jobs: list[tuple[datetime.datetime, str, str]] = [
        *(
            (job.creation_time, job.training_job_arn, "training job")
            for job in training
            if not (job.tuning_job_arn or job.auto_ml_job_arn or job.labeling_job_arn)
        ),
        *(
            (job.creation_time, job.processing_job_arn, "processing job")
            for job in processing
            if not (job.auto_ml_job_arn or job.monitoring_schedule_arn)
        ),
        *(
            (job.creation_time, job.transform_job_arn, "transform job")
            for job in transform
            if not (job.auto_ml_job_arn or job.labeling_job_arn)
        ),
    ]
    return [(arn, what) for _, arn, what in sorted(jobs, reverse=True)[:NEWEST_JOBS]]


class UnseenResource(Record):
    """What costs money and shows neither in the Tagging API nor with tags of its own: is it untagged indeed?"""

    resource_arn: str

    @classmethod
    def derive(
        cls, costly: list[CostlyResource], tagged: list[TaggedResource], training: list[TrainingJob]
    ) -> Iterator[UnseenResource]:
        """Only these are asked about one by one; of training jobs the search already told the tags."""
        known = {item.resource_arn for item in tagged} | {job.training_job_arn for job in training}
        for item in costly:
            if item.resource_arn not in known and item.what not in ("bucket", "Glue job"):
                yield cls(resource_arn=item.resource_arn)


@resource("sagemaker", "ListTags", per=UnseenResource)
class SageMakerTag(Record):
    """A tag of a resource that the Tagging API did not show."""

    resource_arn: str
    key: str
