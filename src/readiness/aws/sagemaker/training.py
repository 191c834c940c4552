"""Training, processing and transform jobs: finished ones stay listed, so they are evidence that costs nothing."""

from __future__ import annotations

import datetime
from collections.abc import Collection

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_JOBS = 500
"""How many processing and transform jobs are described: each costs a call."""

NEWEST_TRAINING_JOBS = 5000
"""How many training jobs are read, a hundred to a call."""


JUMPSTART_TAGS = frozenset(
    {
        "sagemaker-sdk:jumpstart-model-id",
        "sagemaker-studio:jumpstart-model-id",
        "sm-jumpstart-id",
    }
)
"""The tags by which the SDK and Studio name the JumpStart model that a job started from."""


class Tag(Record):
    """A tag of a SageMaker resource; a value is kept where it names a JumpStart model, for it may be anything."""

    key: str
    value: str = ""

    def __post_init__(self) -> None:
        """Forget what people wrote."""
        if self.key not in JUMPSTART_TAGS:
            msgspec.structs.force_setattr(self, "value", "")


class VpcConfig(Record):
    """The network that a job or a model is attached to."""

    subnets: list[str] = []
    security_group_ids: list[str] = []


class S3Source(Record):
    """A dataset in S3."""

    s3_uri: str
    s3_data_type: Enumerated | None = None
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


class InstanceGroup(Record):
    """The machines of one type in a training cluster of several types."""

    instance_type: str
    instance_count: int


class TrainingCluster(Cluster):
    """The machines of a training job; a flexible one says which of its preferred types it got."""

    instance_groups: list[InstanceGroup] = []
    selected_instance_type: str | None = None
    selected_instance_count: int | None = None


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


class TensorBoard(Record):
    """Where a training job writes for TensorBoard."""

    s3_output_path: str


class RuleEvaluation(Record):
    """How the evaluation of a Debugger rule ended."""

    rule_configuration_name: str | None = None
    rule_evaluation_status: Enumerated | None = None


class HyperParameters(
    Record,
    rename={
        "lambda_": "lambda",
        "dashed_batch_size": "batch-size",
        "dashed_dropout_rate": "dropout-rate",
        "dashed_weight_decay": "weight-decay",
    },
):
    """The hyperparameters that checks read, by the names that algorithms give them.

    People pass tokens and passwords to their scripts as hyperparameters: what is not listed here is never kept.
    """

    sagemaker_program: str | None = None
    sagemaker_submit_directory: str | None = None
    # What trains, and for how long.
    objective: str | None = None
    booster: str | None = None
    updater: str | None = None
    gamma: str | None = None
    eval_metric: str | None = None
    epochs: str | None = None
    num_epochs: str | None = None
    n_epochs: str | None = None
    max_num_epochs: str | None = None
    num_train_epochs: str | None = None
    num_round: str | None = None
    num_boost_round: str | None = None
    num_iterations: str | None = None
    iterations: str | None = None
    max_steps: str | None = None
    steps_per_epoch: str | None = None
    mini_batch_size: str | None = None
    batch_size: str | None = None
    dashed_batch_size: str | None = None
    train_batch_size: str | None = None
    per_device_train_batch_size: str | None = None
    # When it stops by itself.
    early_stopping: str | None = None
    early_stopping_rounds: str | None = None
    early_stopping_patience: str | None = None
    early_stopping_tolerance: str | None = None
    early_stopping_min_delta: str | None = None
    num_patience_epochs: str | None = None
    patience: str | None = None
    # Regularization.
    dropout: str | None = None
    dropout_rate: str | None = None
    dashed_dropout_rate: str | None = None
    mlp_dropout: str | None = None
    attn_dropout: str | None = None
    embed_dropout_source: str | None = None
    embed_dropout_target: str | None = None
    rnn_decoder_hidden_dropout: str | None = None
    cnn_hidden_dropout: str | None = None
    lora_dropout: str | None = None
    alpha: str | None = None
    lambda_: str | None = None
    lambda_bias: str | None = None
    reg_alpha: str | None = None
    reg_lambda: str | None = None
    l1: str | None = None
    l2: str | None = None
    lambda_l1: str | None = None
    lambda_l2: str | None = None
    l2_leaf_reg: str | None = None
    regularizers_l2: str | None = None
    wd: str | None = None
    weight_decay: str | None = None
    dashed_weight_decay: str | None = None
    bias_wd: str | None = None
    factors_wd: str | None = None
    linear_wd: str | None = None
    # The shape of the model and the pace of learning.
    max_depth: str | None = None
    num_layers: str | None = None
    k: str | None = None
    num_topics: str | None = None
    num_factors: str | None = None
    vector_dim: str | None = None
    learning_rate: str | None = None
    eta: str | None = None
    lr: str | None = None
    optimizer: str | None = None
    subsample: str | None = None
    min_child_weight: str | None = None
    hidden_dim: str | None = None
    embedding_dim: str | None = None
    num_cells: str | None = None
    num_trees: str | None = None
    num_leaves: str | None = None
    # How numbers and texts are prepared.
    normalize_data: str | None = None
    max_seq_length: str | None = None
    vocab_size: str | None = None
    tokenizer_name: str | None = None
    tokenizer_name_or_path: str | None = None
    # What is cut off.
    sparsity: str | None = None
    prune: str | None = None
    pruning: str | None = None
    # Imbalanced classes and augmentation.
    scale_pos_weight: str | None = None
    is_unbalance: str | None = None
    positive_example_weight_mult: str | None = None
    balance_multiclass_weights: str | None = None
    use_weighted_loss: str | None = None
    csv_weights: str | None = None
    class_weight: str | None = None
    augmentation: str | None = None
    augmentation_type: str | None = None
    augmentation_random_flip: str | None = None
    augmentation_random_rotation: str | None = None
    augmentation_random_zoom: str | None = None
    mixup: str | None = None
    shuffle: str | None = None
    # Seeds, and the SDK's switches for distributed training.
    seed: str | None = None
    random_seed: str | None = None
    random_state: str | None = None
    sagemaker_distributed_dataparallel_enabled: str | None = None
    sagemaker_torch_distributed_enabled: str | None = None
    sagemaker_pytorch_ddp_enabled: str | None = None
    sagemaker_pytorch_xla_multi_worker_enabled: str | None = None
    sagemaker_mpi_enabled: str | None = None
    sagemaker_parameter_server_enabled: str | None = None
    sagemaker_multi_worker_mirrored_strategy_enabled: str | None = None

    def given(self, names: Collection[str]) -> dict[str, str]:
        """Those of the named ones that the job was given; the SDK writes texts as JSON, so quotes come off."""
        return {name: value.strip('"') for name, value in msgspec.to_builtins(self).items() if name in names}


@resource(
    "sagemaker",
    Call(
        operation="Search",
        give={"Resource": "TrainingJob", "SortBy": "CreationTime", "SortOrder": "Descending"},
        take="Results[].TrainingJob",
    ),
    newest=NEWEST_TRAINING_JOBS,
)
class TrainingJob(Record):
    """A training job, whole, a hundred to a page: `Search` spares a call for each."""

    training_job_name: str
    training_job_arn: str
    training_job_status: Enumerated
    creation_time: datetime.datetime
    role_arn: str | None = None
    tuning_job_arn: str | None = None
    auto_ml_job_arn: str | None = msgspec.field(name="AutoMLJobArn", default=None)
    labeling_job_arn: str | None = None
    hyper_parameters: HyperParameters = HyperParameters()
    algorithm_specification: Algorithm = Algorithm()
    input_data_config: list[Channel] = []
    output_data_config: Output = Output()
    resource_config: TrainingCluster = TrainingCluster()
    vpc_config: VpcConfig | None = None
    stopping_condition: StoppingCondition = StoppingCondition()
    final_metric_data_list: list[Metric] = []
    enable_network_isolation: bool = False
    enable_inter_container_traffic_encryption: bool = False
    enable_managed_spot_training: bool = False
    checkpoint_config: Checkpoints | None = None
    tensor_board_output_config: TensorBoard | None = None
    debug_rule_evaluation_statuses: list[RuleEvaluation] = []
    training_time_in_seconds: int | None = None
    billable_time_in_seconds: int | None = None
    tags: list[Tag] = []


class AppSpecification(Record):
    """The container of a processing job; its arguments are not kept, for they may hold secrets."""

    image_uri: str


class Extract(Record):
    """What a query writes for a job; the query is not kept."""

    output_format: str | None = None


class DatasetDefinition(Record):
    """Data that a job gets by a query."""

    athena_dataset_definition: Extract | None = None
    redshift_dataset_definition: Extract | None = None


class ProcessingInput(Record):
    """A named input of a processing job."""

    input_name: str
    s3_input: S3Source | None = None
    dataset_definition: DatasetDefinition | None = None


class ProcessingS3Output(Record):
    """Where a processing output goes."""

    s3_uri: str


class FeatureStoreOutput(Record):
    """The feature group into which a processing output goes."""

    feature_group_name: str


class ProcessingOutput(Record):
    """A named output of a processing job, to S3 or to a feature group."""

    output_name: str
    s3_output: ProcessingS3Output | None = None
    feature_store_output: FeatureStoreOutput | None = None


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
    processing_job_status: Enumerated
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
    transform_job_status: Enumerated
    creation_time: datetime.datetime
    model_name: str
    transform_input: TransformInput
    transform_resources: TransformResources
    transform_output: TransformOutput | None = None
    labeling_job_arn: str | None = None
    auto_ml_job_arn: str | None = msgspec.field(name="AutoMLJobArn", default=None)
