"""Training, processing and transform jobs: finished ones stay listed, so they are evidence that costs nothing."""

from __future__ import annotations

import datetime

import msgspec

from readiness.record import Record
from readiness.resource import Call, resource

NEWEST_JOBS = 500
"""How many processing and transform jobs are described: each costs a call."""


class Tag(Record):
    """A tag of a SageMaker resource."""

    key: str
    value: str = ""


class VpcConfig(Record):
    """The network that a job or a model is attached to."""

    subnets: list[str] = []
    security_group_ids: list[str] = []


class S3Source(Record):
    """A dataset in S3."""

    s3_uri: str
    s3_data_type: str | None = None
    s3_data_distribution_type: str | None = None


class FileSystemSource(Record):
    """A dataset in EFS or FSx for Lustre."""

    file_system_id: str
    file_system_type: str


class DataSource(Record):
    """Where a channel's data lies."""

    s3_data_source: S3Source | None = None
    file_system_data_source: FileSystemSource | None = None


class Shuffle(Record):
    """The seed by which a channel's data is shuffled each epoch."""

    seed: int


class Channel(Record):
    """A named input of a training job."""

    channel_name: str
    data_source: DataSource
    content_type: str | None = None
    compression_type: str | None = None
    record_wrapper_type: str | None = None
    input_mode: str | None = None
    shuffle_config: Shuffle | None = None


class Algorithm(Record):
    """What a training job runs."""

    training_image: str | None = None
    algorithm_name: str | None = None
    training_input_mode: str | None = None


class Output(Record):
    """Where a job writes."""

    s3_output_path: str | None = None
    kms_key_id: str | None = None


class Cluster(Record):
    """The machines of a job."""

    instance_type: str | None = None
    instance_count: int | None = None
    volume_kms_key_id: str | None = None


class StoppingCondition(Record):
    """Time limits of a job, in seconds."""

    max_runtime_in_seconds: int | None = None
    max_wait_time_in_seconds: int | None = None


class Metric(Record):
    """The last value of a metric that a training job wrote."""

    metric_name: str
    value: float


class Checkpoints(Record):
    """Where a training job keeps its checkpoints."""

    s3_uri: str


@resource("sagemaker", Call(operation="Search", give={"Resource": "TrainingJob"}, take="Results[].TrainingJob"))
class TrainingJob(Record):
    """A training job, whole, a hundred to a page: `Search` spares a call for each."""

    training_job_name: str
    training_job_arn: str
    training_job_status: str
    creation_time: datetime.datetime
    role_arn: str | None = None
    tuning_job_arn: str | None = None
    auto_ml_job_arn: str | None = msgspec.field(name="AutoMLJobArn", default=None)
    hyper_parameters: dict[str, str] = {}
    algorithm_specification: Algorithm = Algorithm()
    input_data_config: list[Channel] = []
    output_data_config: Output = Output()
    resource_config: Cluster = Cluster()
    vpc_config: VpcConfig | None = None
    stopping_condition: StoppingCondition = StoppingCondition()
    final_metric_data_list: list[Metric] = []
    enable_network_isolation: bool = False
    enable_inter_container_traffic_encryption: bool = False
    enable_managed_spot_training: bool = False
    checkpoint_config: Checkpoints | None = None
    training_time_in_seconds: int | None = None
    billable_time_in_seconds: int | None = None
    tags: list[Tag] = []


class AppSpecification(Record):
    """The container of a processing job; its arguments are not kept, for they may hold secrets."""

    image_uri: str


class ProcessingInput(Record):
    """A named input of a processing job."""

    input_name: str
    s3_input: S3Source | None = None


class ProcessingS3Output(Record):
    """Where a processing output goes."""

    s3_uri: str


class ProcessingOutput(Record):
    """A named output of a processing job, to S3 or to a feature group."""

    output_name: str
    s3_output: ProcessingS3Output | None = None


class ProcessingOutputs(Record):
    """The outputs of a processing job."""

    outputs: list[ProcessingOutput] = []
    kms_key_id: str | None = None


class ProcessingResources(Record):
    """The machines of a processing job."""

    cluster_config: Cluster = Cluster()


class NetworkConfig(Record):
    """Isolation and encryption between the machines of a processing or monitoring job."""

    enable_network_isolation: bool = False
    enable_inter_container_traffic_encryption: bool = False
    vpc_config: VpcConfig | None = None


@resource(
    "sagemaker",
    Call(operation="ListProcessingJobs", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    "DescribeProcessingJob",
    newest=NEWEST_JOBS,
)
class ProcessingJob(Record):
    """A processing job: data preparation, Clarify, model evaluation, monitoring."""

    processing_job_name: str
    processing_job_arn: str
    processing_job_status: str
    creation_time: datetime.datetime
    app_specification: AppSpecification
    processing_inputs: list[ProcessingInput] = []
    processing_output_config: ProcessingOutputs = ProcessingOutputs()
    processing_resources: ProcessingResources = ProcessingResources()
    network_config: NetworkConfig = NetworkConfig()
    role_arn: str | None = None
    monitoring_schedule_arn: str | None = None
    auto_ml_job_arn: str | None = msgspec.field(name="AutoMLJobArn", default=None)
    training_job_arn: str | None = None


class TransformDataSource(Record):
    """What a transform job reads."""

    s3_data_source: S3Source


class TransformInput(Record):
    """The input of a transform job."""

    data_source: TransformDataSource
    content_type: str | None = None
    split_type: str | None = None


class TransformOutput(Record):
    """The output of a transform job."""

    s3_output_path: str
    kms_key_id: str | None = None


class TransformResources(Record):
    """The machines of a transform job."""

    instance_type: str
    instance_count: int
    volume_kms_key_id: str | None = None


@resource(
    "sagemaker",
    Call(operation="ListTransformJobs", give={"SortBy": "CreationTime", "SortOrder": "Descending"}),
    "DescribeTransformJob",
    newest=NEWEST_JOBS,
)
class TransformJob(Record):
    """A batch transform job."""

    transform_job_name: str
    transform_job_arn: str
    transform_job_status: str
    creation_time: datetime.datetime
    model_name: str
    transform_input: TransformInput
    transform_resources: TransformResources
    transform_output: TransformOutput | None = None
    labeling_job_arn: str | None = None
    auto_ml_job_arn: str | None = msgspec.field(name="AutoMLJobArn", default=None)
