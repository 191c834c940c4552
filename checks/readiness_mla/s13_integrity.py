"""1.3 Ensure data integrity and prepare for modeling: encryption, bias, data quality, dataset splits."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from readiness import Finding, Findings, Scan, Settings, evidence, practice
from readiness.aws.comprehend import PiiJob
from readiness.aws.comprehend_medical import PhiJob
from readiness.aws.databrew import Job as ProfileJob
from readiness.aws.databrew import JobRun as ProfileRun
from readiness.aws.databrew import ProfileSetup, Ruleset
from readiness.aws.datasets import DataRead, is_data_table
from readiness.aws.efs import FileSystem
from readiness.aws.firehose import DeliveryStream
from readiness.aws.fsx import DataRepositoryAssociation
from readiness.aws.fsx import FileSystem as FsxFileSystem
from readiness.aws.glue import DataQualityResult, Table
from readiness.aws.glue import Job as GlueJob
from readiness.aws.glue_security import CatalogEncryption, SecurityConfiguration
from readiness.aws.guardrails import Guardrail
from readiness.aws.iam import Group, ManagedPolicy, Role, User
from readiness.aws.kafka import Cluster as KafkaCluster
from readiness.aws.kinesis import StreamEncryption
from readiness.aws.kms import S3_KEY, Key, place_of
from readiness.aws.lakeformation import CellsFilter
from readiness.aws.logs import LogGroup
from readiness.aws.macie import AutomatedDiscovery, ClassificationJob
from readiness.aws.organizations import OrganizationPolicy
from readiness.aws.residency import region_rules
from readiness.aws.s3 import (
    AccountPublicAccessBlock,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    BucketPolicyStatus,
    BucketPublicAccessBlock,
    BucketReplication,
    Condition,
    MlBucket,
    PolicyStatement,
    PublicAccessBlock,
    bucket_of,
)
from readiness.aws.sagemaker.algorithms import TrainingRun
from readiness.aws.sagemaker.automl import AutoMLJob
from readiness.aws.sagemaker.pipelines import PipelineStepRun
from readiness.aws.sagemaker.registry import ModelPackageDecision
from readiness.aws.sagemaker.training import Channel, ProcessingJob, TransformJob
from readiness.aws.steps import RecipeStep, VisualStep
from readiness.aws.transcribe import TranscriptionJob
from readiness.aws.usage import ApiUse, used
from readiness_mla.s23_analyze import CLARIFY_CLOSED

KMS = {"aws:kms": "SSE-KMS", "aws:kms:dsse": "two-layer SSE-KMS"}
BLOCKS = PublicAccessBlock.__struct_fields__

SECURE_TRANSPORT = "aws:securetransport"
TLS_VERSION = "s3:tlsversion"
TRANSPORT = (SECURE_TRANSPORT, TLS_VERSION)
"""The condition keys, in lower case, that tell how a request came."""

NEWEST_STORED = 10
"""How many jobs of each type are judged on their keys: what is done now, not what was once done."""

NEWEST_SPLIT = 5
"""How many training jobs are judged on their channels, for the same reason."""

LOCAL_DISKS = re.compile(r"ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|g[5-9]\w*|gr\d\w*|p[5-9]\w*|trn\d\w*|i\d\w*)\.")
"""Instance types with disks of their own: the hardware encrypts those, and SageMaker refuses a key for them."""

LABELED = frozenset(
    {
        "factorization-machines",
        "forecasting-deepar",
        "image-classification",
        "knn",
        "linear-learner",
        "object-detection",
        "sagemaker-xgboost",
        "semantic-segmentation",
        "seq2seq",
        "xgboost",
    }
)
"""The built-in algorithms that always learn from labels, and so can be given data held out to validate or test on."""

UNLABELED = frozenset({"ipinsights", "kmeans", "lda", "ntm", "pca", "randomcutforest"})
"""Those that never do, and of which no such data is asked."""

WEIGHING = frozenset(
    {
        "balance_multiclass_weights",
        "class_weight",
        "csv_weights",
        "is_unbalance",
        "positive_example_weight_mult",
        "scale_pos_weight",
        "use_weighted_loss",
    }
)
"""Hyperparameters that make some classes, or some examples, count more."""

FACTORS = frozenset({"positive_example_weight_mult", "scale_pos_weight"})
"""Those of them that multiply; the others are switched on, or name a way."""

NOT_SET = frozenset({"", "false", "none", "null"})
RESAMPLED = re.compile(r"(?:re|over|under)[-_]?sampl", re.IGNORECASE)
SYNTHETIC = re.compile(r"smote|adasyn|synthetic", re.IGNORECASE)

MASKING = re.compile(r"MASK_\w+|CRYPTOGRAPHIC_HASH|(?:DETERMINISTIC_)?ENCRYPT|REPLACE_WITH_RANDOM_\w+|SHUFFLE_ROWS")
"""Steps of recipes that DataBrew has for personal data."""

PII = "PIIDetection"
"""The node of a visual job of Glue that finds personal data, and may hide it."""

HIDING = re.compile(r"Masking|Hashing")
"""What such a node does where it doesn't only tell what it found."""

CLARIFY_IMAGE = "sagemaker-clarify-processing"
BIAS = re.compile(r"bias", re.IGNORECASE)
BEFORE_TRAINING = re.compile(r"pre-?training", re.IGNORECASE)
AFTER_TRAINING = re.compile(r"post-?training", re.IGNORECASE)
ANALYSIS = "analysis_config"
"""The input that tells Clarify what to do; the others are data."""

DATA_BIAS = "DATA_BIAS"
BIAS_CHECKS = frozenset({DATA_BIAS, "MODEL_BIAS"})
"""What a pipeline's ClarifyCheck step compares, as the SDK calls it, where it is bias."""

AUGMENTATION = frozenset({"augmentation"})
"""What a JumpStart model for pictures augments by; it is off by default, and its other settings rest on it."""

AUGMENTATION_BY_SCRIPTS = frozenset({"augmentation_type", "mixup"})
"""What else augments by the names that algorithms and scripts give it."""

OFF = frozenset({"", "0", "0.0", "false", "no", "none", "null"})
"""How a switch is given that is off."""

HELD_OUT = re.compile(r"val|test|hold-?_?out|(?<![a-z])dev(?![a-z])")

Job = TypeVar("Job", TrainingRun, ProcessingJob, TransformJob)


@practice("1.3-K5")
def ml_buckets_kms_encrypted(
    buckets: list[MlBucket], encryptions: list[BucketEncryption], keys: list[Key], scan: Scan
) -> Findings:
    r"""Buckets with ML data encrypt by a KMS key.

    Why: by default S3 encrypts with keys of its own, which serve whoever may read the object; with KMS, using the key
    is a permission of its own, logged and revocable.
    Fix: Make a key, and let the bucket use it, with a bucket key to keep the number of KMS calls low.
        aws kms create-key --description "ML data"
        aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration '{"Rules":[
          {"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"KEY_ARN"},
           "BucketKeyEnabled":true}]}'
    See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
    Cost: cents, a customer managed key is about one US dollar a month; the AWS managed key aws/s3 has no fee.
    Survives: Judged on buckets that are there, and free to keep.
    """
    rules = {rule.bucket: rule for rule in encryptions}
    named = {key.key_id: key for key in keys}
    for bucket in buckets:
        good, note = _encryption(rules.get(bucket.name), named, scan)
        yield Finding(scan.arn("s3", bucket.name), good=good, note=f"{note}; it holds {', '.join(bucket.holds)}")


def _encryption(rule: BucketEncryption | None, keys: dict[str, Key], scan: Scan) -> tuple[bool, str]:
    default = rule.apply_server_side_encryption_by_default if rule else None
    if rule is None or default is None or default.sse_algorithm not in KMS:
        return False, "encrypted with S3's own keys (SSE-S3), which is the default"
    how = KMS[default.sse_algorithm]
    name = default.kms_master_key_id
    if not name or name.endswith(S3_KEY):
        return True, f"{how} with the AWS managed key aws/s3, whose policy can't be changed"
    region, account = place_of(name) or (scan.region, scan.account)
    if account != scan.account:
        return True, f"{how} with a customer managed key of account {account}"
    if region != scan.region:
        return True, f"{how} with a key in {region}"
    key = keys.get(name)
    if key is None:
        return False, f"{how} with the key {name}, which is not there, so that nothing can be read or written"
    whose = "an AWS managed" if key.key_manager == "AWS" else "a customer managed"
    if key.key_state not in (None, "Enabled"):
        return False, f"{how} with {whose} key in state {key.key_state}, so that nothing can be read or written"
    # Bucket keys are not made for two-layer encryption.
    costly = how == "SSE-KMS" and not rule.bucket_key_enabled
    return True, f"{how} with {whose} key" + (", but no bucket key, so every object costs KMS calls" if costly else "")


@practice("1.3-K5", "4.3-K4")
def ml_buckets_require_tls(
    buckets: list[MlBucket], policies: list[BucketPolicy], statements: list[PolicyStatement], scan: Scan
) -> Findings:
    r"""Buckets with ML data refuse requests without TLS.

    Why: S3 answers plain HTTP too, and only an explicit Deny in the bucket's policy stops that; an Allow on condition
    of TLS does not bind those whom IAM policies allow already.
    Fix: Deny every action on the bucket and its objects to everyone who comes without TLS.
        aws s3api put-bucket-policy --bucket BUCKET --policy '{"Version":"2012-10-17","Statement":[
          {"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*",
           "Resource":["arn:PARTITION:s3:::BUCKET","arn:PARTITION:s3:::BUCKET/*"],
           "Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
    See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
    Cost: free.
    Survives: Judged on buckets that are there, and free to keep.
    """
    with_policy = {policy.bucket for policy in policies}
    for bucket in buckets:
        arn = scan.arn("s3", bucket.name)
        own = [statement for statement in statements if statement.bucket == bucket.name]
        good, note = _tls(own, arn) if bucket.name in with_policy else (False, "it has no bucket policy")
        yield Finding(arn, good=good, note=note)


def _tls(statements: Sequence[PolicyStatement], arn: str) -> tuple[bool, str]:
    """Whether the statements together refuse all that comes without TLS, or the best reason why they do not."""
    covered: set[str] = set()
    refused: set[str] = set()
    gaps: list[str] = []
    for statement in statements:
        on_transport = any(condition.key in TRANSPORT for condition in statement.conditions)
        if statement.effect != "Deny":
            gaps += ["it allows with TLS, but denies nothing without it"] if on_transport else []
        elif gap := _gap(statement):
            gaps += [gap] if on_transport else []
        else:
            covered |= _covers(statement.resources, arn)
            if all(condition.key == TLS_VERSION for condition in statement.conditions):
                refused |= {value for condition in statement.conditions for value in condition.values}
    if len(covered) == 2:
        versions = f", and TLS older than {', '.join(sorted(refused))}" if refused else ""
        return True, f"its policy denies requests without TLS{versions}"
    if covered:
        rest = "the bucket itself" if "objects" in covered else "its objects"
        return False, f"its policy denies requests without TLS, but not those on {rest}"
    return False, gaps[0] if gaps else "nothing in its policy denies requests without TLS"


def _gap(statement: PolicyStatement) -> str:
    """Why a Deny lets some requests without TLS through, other than by the resources that it names; empty if none."""
    if statement.excepts:
        return "its Deny is written by exclusion (NotPrincipal, NotAction or NotResource), so it leaves some out"
    if not statement.everyone:
        return "its Deny is not for all principals"
    if not any(_matches_all(action.lower(), "s3:") for action in statement.actions):
        return "its Deny is not for all S3 actions"
    if not all(_met_without_tls(condition) for condition in statement.conditions):
        return "the conditions of its Deny do not hold for every request without TLS"
    return ""


def _met_without_tls(condition: Condition) -> bool:
    """Whether a condition holds for whatever comes over plain HTTP; one on any other key may or may not."""
    operator = condition.operator.removesuffix("ifexists")
    if condition.key == TLS_VERSION:
        # By AWS's own guidance, a request without TLS counts as older than any version.
        return operator in ("numericlessthan", "numericlessthanequals")
    if condition.key != SECURE_TRANSPORT:
        return False
    exact, any_case = set(condition.values), {value.lower() for value in condition.values}
    return {
        "bool": "false" in any_case,
        "stringequals": "false" in exact,
        "stringequalsignorecase": "false" in any_case,
        "stringlike": any(_like(pattern, "false") for pattern in exact),
        "stringnotequals": "false" not in exact,
        "stringnotequalsignorecase": "false" not in any_case,
        "stringnotlike": not any(_like(pattern, "false") for pattern in exact),
    }.get(operator, False)


def _covers(resources: Sequence[str], arn: str) -> set[str]:
    """Which of the two kinds of resource of a bucket the patterns take in whole."""
    bucket = any(_like(pattern, arn) for pattern in resources)
    objects = any(_matches_all(pattern, f"{arn}/") for pattern in resources)
    return {*(["bucket"] if bucket else []), *(["objects"] if objects else [])}


def _matches_all(pattern: str, start: str) -> bool:
    """Whether a pattern matches everything that begins so."""
    return pattern.endswith("*") and _like(pattern, start)


def _like(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` for any number of characters, `?` for one."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.DOTALL) is not None


@practice("4.3-K4", "4.3-K3", severity="high", by_default=True)
def ml_buckets_public_access_blocked(
    buckets: list[MlBucket],
    bucket_blocks: list[BucketPublicAccessBlock],
    account_blocks: list[AccountPublicAccessBlock],
    statuses: list[BucketPolicyStatus],
    scan: Scan,
) -> Findings:
    r"""Buckets with ML data block public access, and none has a public policy.

    Why: training data and models leak through buckets that somebody opened; the four settings hold whatever a policy
    or an ACL says, on the account for all its buckets or on each bucket.
    Fix: Set all four for the account, and narrow a policy that is public.
        aws s3control put-public-access-block --account-id ACCOUNT --public-access-block-configuration \
          BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
        aws s3api get-bucket-policy-status --bucket BUCKET
    See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    Cost: free.
    Survives: Judged on buckets that are there, and free to keep.
    """
    own = {block.bucket: block for block in bucket_blocks}
    public = {status.bucket for status in statuses if status.is_public}
    account: PublicAccessBlock = account_blocks[0] if account_blocks else PublicAccessBlock()
    for bucket in buckets:
        block: PublicAccessBlock = own.get(bucket.name) or PublicAccessBlock()
        off = [name for name in BLOCKS if not (getattr(block, name) or getattr(account, name))]
        if off:
            note = f"neither bucket nor account sets {', '.join(name.title().replace('_', '') for name in off)}"
            note += ", and its policy is public" if bucket.name in public else ""
        elif bucket.name in public:
            note = "its policy is public, and only the block holds that back"
        elif _is_whole(account):
            note = "blocked by the settings of the account"
        else:
            note = f"blocked by the settings of the bucket{'' if _is_whole(block) else ' and the account together'}"
        yield Finding(scan.arn("s3", bucket.name), good=not off and bucket.name not in public, note=note)


def _is_whole(block: PublicAccessBlock) -> bool:
    return all(getattr(block, name) for name in BLOCKS)


@practice("1.3-K5")
def ml_jobs_storage_encrypted(
    runs: list[TrainingRun], processing_jobs: list[ProcessingJob], transform_jobs: list[TransformJob]
) -> Findings:
    r"""Jobs encrypt their volumes and their output with a KMS key that they name.

    Why: a job that names no key leaves its copies of the data to keys that you can neither restrict nor revoke.
    Fix: Name both keys in the next job; only the newest ten of each type are judged.
        aws sagemaker create-training-job --training-job-name JOB --role-arn ROLE_ARN \
          --algorithm-specification TrainingImage=IMAGE,TrainingInputMode=File \
          --output-data-config S3OutputPath=s3://BUCKET/output,KmsKeyId=KEY_ARN \
          --resource-config InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=5,VolumeKmsKeyId=KEY_ARN \
          --stopping-condition MaxRuntimeInSeconds=600 --input-data-config file://channels.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html
    Cost: cents, for a short job; a customer managed key is about one US dollar a month.
    Survives: Jobs stay listed with the keys that they named.
    """
    for run in _once(run for run in runs if run.training_job_status != "Failed")[:NEWEST_STORED]:
        output = run.output_data_config
        keys = run.resource_config.volume_kms_key_id, output.kms_key_id
        yield _stored(_origin(run), run.instance_types, keys, writes=bool(output.s3_output_path))
    processing = [job for job in processing_jobs if job.processing_job_status != "Failed" and not _is_service_made(job)]
    for job in _newest(processing)[:NEWEST_STORED]:
        outputs, cluster = job.processing_output_config, job.processing_resources.cluster_config
        types = (cluster.instance_type,) if cluster.instance_type else ()
        keys = cluster.volume_kms_key_id, outputs.kms_key_id
        writes = any(output.s3_output for output in outputs.outputs)
        yield _stored(job.processing_job_arn, types, keys, writes=writes)
    transforms = [job for job in transform_jobs if job.transform_job_status != "Failed" and not _is_child(job)]
    for transform in _newest(transforms)[:NEWEST_STORED]:
        resources, written = transform.transform_resources, transform.transform_output
        keys = resources.volume_kms_key_id, written.kms_key_id if written else None
        yield _stored(transform.transform_job_arn, (resources.instance_type,), keys, writes=written is not None)


def _stored(arn: str, types: Sequence[str], keys: tuple[str | None, str | None], *, writes: bool) -> Finding:
    """The verdict on the keys of a job, for its volumes and for its output."""
    volume, output = keys
    local = bool(types) and all(LOCAL_DISKS.match(f"{name}.") for name in types)
    lacking = [
        *(["its volume"] if not (volume or local) else []),
        *(["its output"] if writes and not output else []),
    ]
    if lacking:
        return Finding(arn, good=False, note=f"it names no KMS key for {' and '.join(lacking)}")
    told = "a KMS key for its volume" if volume else f"the disks of {', '.join(types)} encrypt themselves"
    return Finding(arn, good=True, note=told + (", a KMS key for its output" if output else ""))


def _is_service_made(job: ProcessingJob) -> bool:
    """Whether Autopilot, a monitoring schedule or the debugger of a training job started it."""
    return bool(job.auto_ml_job_arn or job.monitoring_schedule_arn or job.training_job_arn)


def _is_child(job: TransformJob) -> bool:
    """Whether Autopilot or a labeling job started it."""
    return bool(job.auto_ml_job_arn or job.labeling_job_arn)


def _origin(run: TrainingRun) -> str:
    """What a person started: the tuning job of a child, or the job."""
    return run.tuning_job_arn or run.training_job_arn


def _once(runs: Iterable[TrainingRun]) -> list[TrainingRun]:
    """The newest first, and of each tuning job one only, for its children are alike."""
    by_origin: dict[str, TrainingRun] = {}
    for run in _newest(runs):
        by_origin.setdefault(_origin(run), run)
    return list(by_origin.values())


def _newest(jobs: Iterable[Job]) -> list[Job]:
    return sorted(jobs, key=lambda job: job.creation_time, reverse=True)


@evidence("1.3-K1", "1.3-K2", severity="high", closed=CLARIFY_CLOSED)
def clarify_pretraining_bias_run(
    jobs: Sequence[ProcessingJob] = (),
    decisions: Sequence[ModelPackageDecision] = (),
    steps: Sequence[PipelineStepRun] = (),
) -> Findings:
    r"""The bias of a dataset was measured before training, by Clarify or in a report that a version carries.

    Why: class imbalance (CI) and the difference in proportions of labels (DPL) can be seen in the data, before a model
    learns them; the exam asks what they mean and how to measure them.
    Fix: Describe columns and methods in analysis_config.json, and run the Clarify container with it. Keep the name that
    the SDK gives such jobs: the record of a job doesn't say which analysis it ran, the name does.
        aws s3 cp analysis_config.json s3://BUCKET/clarify/analysis_config.json
        aws sagemaker create-processing-job --processing-job-name Clarify-Pretraining-Bias-1 \
          --cli-input-json file://job.json
    Where Clarify is closed to the account, compute the metrics in a processing job, and register the report.
        aws sagemaker create-model-package --model-package-group-name GROUP \
          --inference-specification file://inference.json --model-metrics '{"Bias":{"PreTrainingReport":{
          "ContentType":"application/json","S3Uri":"s3://BUCKET/bias.json"}}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html
    Cost: cents, one ml.m5.large for some minutes.
    Survives: Processing jobs stay listed, and registered versions cost nothing to keep.
    """
    for job in jobs:
        if CLARIFY_IMAGE not in job.app_specification.image_uri or _is_service_made(job):
            continue
        name = job.processing_job_name
        if job.processing_job_status != "Completed":
            good, note = False, f"a Clarify job that is {job.processing_job_status}"
        elif AFTER_TRAINING.search(name) or not BIAS.search(name):
            good, note = False, "a Clarify job, but its name doesn't say that it measured bias before training"
        else:
            good, note = True, "a Clarify job that measured bias before training, by its name"
        yield Finding(job.processing_job_arn, good=good, note=note)
    for decision in decisions:
        reports = decision.model_metrics.bias
        if reports and reports.pre_training_report:
            yield Finding(decision.model_package_arn, good=True, note="registered with a pre-training bias report")
    for step in steps:
        check = step.metadata.clarify_check
        if check and check.check_type == DATA_BIAS:
            good = step.step_status == "Succeeded" and check.measured
            note = f"{step.step_name} checks the bias of data"
            yield Finding(step.pipeline_execution_arn, good=good, note=f"{note}: {step.step_status.lower()}")


@practice("1.3-K5", "4.3-K3", severity="low")
def distributed_jobs_encrypt_traffic(runs: list[TrainingRun], processing_jobs: list[ProcessingJob]) -> Findings:
    r"""Jobs on several machines encrypt what the machines tell each other.

    Why: machines that train together send parts of the data and of the model over the network; SageMaker encrypts that
    only where the job asks for it. The job then takes longer, so for data that nobody needs to protect it may be right
    not to ask.
    Fix: Ask for it in the next job on several machines; only the newest ten of each type are judged.
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://job.json \
          --enable-inter-container-traffic-encryption
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/train-encrypt.html
    Cost: cents, for one short job on two machines.
    Survives: Jobs stay listed with the setting.
    """
    distributed = [run for run in runs if run.instances > 1 and run.training_job_status != "Failed"]
    for run in _once(distributed)[:NEWEST_STORED]:
        yield _told_apart(_origin(run), run.instances, encrypted=run.enable_inter_container_traffic_encryption)
    for job in _newest(job for job in processing_jobs if job.processing_job_status != "Failed"):
        count = job.processing_resources.cluster_config.instance_count or 1
        if count > 1 and not _is_service_made(job):
            encrypted = job.network_config.enable_inter_container_traffic_encryption
            yield _told_apart(job.processing_job_arn, count, encrypted=encrypted)


def _told_apart(arn: str, count: int, *, encrypted: bool) -> Finding:
    note = "encrypted" if encrypted else "not encrypted"
    return Finding(arn, good=encrypted, note=f"the traffic between its {count} machines is {note}")


@practice("1.3-K5")
def data_streams_encrypted(encryptions: list[StreamEncryption]) -> Findings:
    """Kinesis data streams encrypt their records by a KMS key.

    Why: a stream keeps what went through it for a day or longer, and encrypts it only where somebody says so.
    Fix: Switch it on for the stream; the AWS managed key costs nothing to keep.
        aws kinesis start-stream-encryption --stream-name STREAM --encryption-type KMS --key-id alias/aws/kinesis
    See: https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html
    Cost: cents, for the calls to KMS that a stream makes.
    Survives: Judged on streams that are there, and a stream is paid for by the hour.
    """
    for encryption in encryptions:
        encrypted = encryption.encryption_type == "KMS"
        note = "encrypted by a KMS key" if encrypted else "what it holds is not encrypted"
        yield Finding(encryption.stream_arn, good=encrypted, note=note)


@practice("1.3-K5")
def delivery_streams_encrypted(streams: list[DeliveryStream]) -> Findings:
    r"""Firehose streams that are written to directly encrypt what they hold.

    Why: Firehose buffers records before it delivers them, and encrypts the buffer only where somebody says so. A stream
    that reads from Kinesis is as encrypted as its source, and is not judged.
    Fix: Switch it on for the stream; a key of Firehose's own costs nothing.
        aws firehose start-delivery-stream-encryption --delivery-stream-name STREAM \
          --delivery-stream-encryption-configuration-input KeyType=AWS_OWNED_CMK
    See: https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
    Cost: free.
    Survives: Judged on streams that are there; one that gets no records costs nothing.
    """
    for stream in streams:
        if stream.delivery_stream_type == "DirectPut":
            encryption = stream.delivery_stream_encryption_configuration
            encrypted = encryption is not None and encryption.status == "ENABLED"
            note = "encrypted while it holds records" if encrypted else "what it holds is not encrypted"
            yield Finding(stream.delivery_stream_arn, good=encrypted, note=note)


@practice("1.3-K5", by_default=True)
def kafka_clusters_encrypt_traffic(clusters: list[KafkaCluster]) -> Findings:
    r"""Kafka clusters let clients in over TLS only, and encrypt between their brokers.

    Why: MSK does so by default, and serverless clusters can't do otherwise; a cluster that allows plain text shows
    records to whoever is on the way.
    Fix: Allow nothing but TLS.
        aws kafka describe-cluster-v2 --cluster-arn CLUSTER_ARN --query ClusterInfo.CurrentVersion
        aws kafka update-security --cluster-arn CLUSTER_ARN --current-version VERSION \
          --encryption-info '{"EncryptionInTransit":{"ClientBroker":"TLS"}}'
    See: https://docs.aws.amazon.com/msk/latest/developerguide/msk-encryption.html
    Cost: hourly, as long as a cluster is there.
    Survives: Judged on clusters that are there.
    """
    for cluster in clusters:
        if cluster.cluster_type == "SERVERLESS":
            yield Finding(cluster.cluster_arn, good=True, note="TLS only, for it is serverless")
            continue
        info = cluster.provisioned.encryption_info if cluster.provisioned else None
        if info is None or info.encryption_in_transit is None:
            continue
        way = info.encryption_in_transit
        lacking = [
            *([f"clients may connect by {way.client_broker}"] if way.client_broker != "TLS" else []),
            *(["brokers talk in plain text"] if not way.in_cluster else []),
        ]
        note = ", ".join(lacking) or "TLS only, between brokers too"
        yield Finding(cluster.cluster_arn, good=not lacking, note=note)


@practice("1.3-K5", by_default=True)
def file_systems_encrypted(file_systems: list[FileSystem], scan: Scan) -> Findings:
    """EFS file systems encrypt what they keep.

    Why: the console proposes encryption, while a file system made by the CLI or a template goes without unless it is
    asked for; afterwards that can't be changed.
    Fix: Make a new file system, copy the data, and delete the old one.
        aws efs create-file-system --encrypted --tags Key=Name,Value=training-data
    See: https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
    Cost: cents, a file system is paid for by what it holds.
    Survives: Judged on file systems that are there.
    """
    for one in file_systems:
        resource = f"file-system/{one.file_system_id}"
        arn = one.file_system_arn or scan.arn("elasticfilesystem", resource, region=scan.region, account=scan.account)
        yield Finding(arn, good=one.encrypted, note="encrypted" if one.encrypted else "not encrypted")


@practice("1.3-K5", severity="low")
def data_catalog_encrypted(settings: list[CatalogEncryption], tables: list[Table], scan: Scan) -> Findings:
    r"""The data catalog encrypts what it knows of the tables.

    Why: names of columns and statistics tell of the data, too; the catalog encrypts them by a KMS key only where
    somebody says so.
    Fix: Switch it on; first let those who read the catalog use the key, lest they are locked out.
        aws glue put-data-catalog-encryption-settings --data-catalog-encryption-settings \
          '{"EncryptionAtRest":{"CatalogEncryptionMode":"SSE-KMS"}}'
    See: https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html
    Cost: cents, for calls to KMS.
    Survives: Judged where tables are there, which are free to keep.
    """
    if not any(is_data_table(table) for table in tables):
        return
    for setting in settings:
        mode = setting.encryption_at_rest.catalog_encryption_mode if setting.encryption_at_rest else "DISABLED"
        arn = scan.arn("glue", "catalog", region=scan.region, account=scan.account)
        note = "its metadata is not encrypted by a KMS key" if mode == "DISABLED" else f"encrypted ({mode})"
        yield Finding(arn, good=mode != "DISABLED", note=note)


@practice("1.3-K5", severity="low")
def glue_jobs_secured(jobs: list[GlueJob], configurations: list[SecurityConfiguration], scan: Scan) -> Findings:
    r"""Glue jobs run with a security configuration that encrypts by KMS.

    Why: it encrypts the data that a job writes, wherever it writes it, and can encrypt its logs and bookmarks as well;
    without it that is left to each bucket's own default.
    Fix: Make a configuration, and name it in the job.
        aws glue create-security-configuration --name encrypted --encryption-configuration \
          '{"S3Encryption":[{"S3EncryptionMode":"SSE-KMS","KmsKeyArn":"KEY_ARN"}],
            "CloudWatchEncryption":{"CloudWatchEncryptionMode":"SSE-KMS","KmsKeyArn":"KEY_ARN"},
            "JobBookmarksEncryption":{"JobBookmarksEncryptionMode":"CSE-KMS","KmsKeyArn":"KEY_ARN"}}'
        aws glue update-job --job-name JOB --job-update \
          'Role=ROLE_ARN,Command={Name=glueetl,ScriptLocation=s3://BUCKET/job.py},SecurityConfiguration=encrypted'
    See: https://docs.aws.amazon.com/glue/latest/dg/console-security-configurations.html
    Cost: cents, a customer managed key is about one US dollar a month.
    Survives: Jobs and configurations are free to keep.
    """
    known = {configuration.name: configuration.encryption_configuration for configuration in configurations}
    for job in jobs:
        name = job.security_configuration
        found = known.get(name) if name else None
        modes = [one.mode for one in found.s3_encryption] if found else []
        if not name:
            note = "it names no security configuration"
        elif found is None:
            note = f"the security configuration {name} is not there"
        elif "SSE-KMS" not in modes:
            note = f"{name} does not encrypt by KMS what it writes to S3"
        else:
            note = f"{name} encrypts by KMS what it writes to S3"
        arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
        yield Finding(arn, good="SSE-KMS" in modes, note=note)


@evidence("1.3-K3")
def imbalance_countered(
    runs: Sequence[TrainingRun] = (),
    automl_jobs: Sequence[AutoMLJob] = (),
    processing_jobs: Sequence[ProcessingJob] = (),
) -> Findings:
    r"""Classes of unequal size were evened out, by weights or by resampling.

    Why: where one class is rare a model does well by never predicting it; weights make its errors count more, and
    resampling shows it more of the class.
    Fix: Train with a weight, here the number of negative examples for each positive one; or resample in a processing
    job whose name says so, for its record shows no more.
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://job.json \
          --hyper-parameters objective=binary:logistic,num_round=50,scale_pos_weight=9
        aws sagemaker create-processing-job --processing-job-name oversample-churn --cli-input-json file://job.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
    Cost: cents, for one short job.
    Survives: Jobs stay listed with their hyperparameters.
    """
    for run in _once(runs):
        if weighed := _weighed(run):
            note = f"trained with {', '.join(weighed)}" if run.completed else f"the job is {run.training_job_status}"
            yield Finding(_origin(run), good=run.completed, note=note)
    for automl in automl_jobs:
        config = automl.auto_ml_problem_type_config.tabular_job_config if automl.auto_ml_problem_type_config else None
        if config and config.sample_weight_attribute_name:
            done = automl.auto_ml_job_status == "Completed"
            note = "its examples are weighted by a column" if done else f"the job is {automl.auto_ml_job_status}"
            yield Finding(automl.auto_ml_job_arn, good=done, note=note)
    yield from _named_jobs(processing_jobs, RESAMPLED, "it resampled data, by its name", in_places=False)


def _weighed(run: TrainingRun) -> list[str]:
    """The hyperparameters by which a job weighs classes or examples, less those that are as they are by default."""
    given = run.hyper_parameters.given(WEIGHING)
    return [f"{name}={value}" for name, value in sorted(given.items()) if not _weighs_nothing(name, value.lower())]


def _weighs_nothing(name: str, value: str) -> bool:
    if value in NOT_SET:
        return True
    try:
        # A factor of one changes nothing, while a switch of one is on.
        return float(value) == (1 if name in FACTORS else 0)
    except ValueError:
        return False


def _named_jobs(jobs: Iterable[ProcessingJob], word: re.Pattern[str], note: str, *, in_places: bool) -> Findings:
    """Processing jobs that tell by their name, or by those of their outputs, what a script in them did."""
    for job in jobs:
        outputs = job.processing_output_config.outputs if in_places else []
        places = [name for one in outputs for name in (one.output_name, one.s3_output.s3_uri if one.s3_output else "")]
        if not _is_service_made(job) and any(word.search(text) for text in (job.processing_job_name, *places)):
            done = job.processing_job_status == "Completed"
            yield Finding(job.processing_job_arn, good=done, note=note if done else f"it {job.processing_job_status}")


@evidence("1.3-K4")
def synthetic_data_made(jobs: list[ProcessingJob]) -> Findings:
    r"""A processing job made synthetic examples of a rare class.

    Why: copies of few examples invite a model to learn them by heart; SMOTE makes new ones between those that there
    are.
    Fix: Run SMOTE in a processing job, and say so in its name or where it writes: its record doesn't show what a script
    does.
        aws sagemaker create-processing-job --processing-job-name smote-churn --cli-input-json file://job.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/data-wrangler-transform.html
    Cost: cents, one ml.m5.large for some minutes.
    Survives: Processing jobs stay listed.
    """
    yield from _named_jobs(jobs, SYNTHETIC, "it made synthetic data, by its name or output", in_places=True)


@evidence("1.3-K6", severity="high")
def sensitive_data_masked(
    scan: Scan,
    recipes: Sequence[RecipeStep] = (),
    visual_jobs: Sequence[VisualStep] = (),
    documents: Sequence[PiiJob] = (),
    transcripts: Sequence[TranscriptionJob] = (),
    guardrails: Sequence[Guardrail] = (),
    filters: Sequence[CellsFilter] = (),
    log_groups: Sequence[LogGroup] = (),
) -> Findings:
    r"""Personal data was masked, hashed, redacted or kept from readers.

    Why: a model doesn't need to know who somebody is; what it was not shown it can't give away, and data without names
    may be used where data with them may not.
    Fix: Mask a column by a recipe, and apply it; or keep the column from those who query the table, or have a guardrail
    mask names in prompts and answers, both of which are free.
        aws databrew create-recipe --name mask --steps \
          '[{"Action":{"Operation":"CRYPTOGRAPHIC_HASH","Parameters":{"sourceColumns":"[\"COLUMN\"]",
            "secretId":"databrew!default","createSecretIfMissing":"true"}}}]'
        aws lakeformation create-data-cells-filter --table-data TableCatalogId=ACCOUNT,DatabaseName=DATABASE,TableName=TABLE,Name=no-names,RowFilter={AllRowsWildcard={}},ColumnWildcard={ExcludedColumnNames=COLUMN}
        aws bedrock create-guardrail --name no-names --blocked-input-messaging "No." --blocked-outputs-messaging "No." \
          --sensitive-information-policy-config '{"piiEntitiesConfig":[{"type":"NAME","action":"ANONYMIZE"}]}'
    See: https://docs.aws.amazon.com/databrew/latest/dg/recipe-actions.pii.html
    Cost: free, for filters and guardrails that nobody asks; cents for a run of a recipe.
    Survives: Recipes, filters and guardrails are free to keep; Comprehend and Transcribe forget jobs in time.
    """  # noqa: E501
    for step in (*recipes, *visual_jobs):
        if MASKING.fullmatch(step.operation) or (step.operation == PII and HIDING.search(step.way)):
            how = f"{step.operation} {step.way}".strip()
            note = f"{how} in a {step.what}" + ("" if step.ran else " that no job has applied")
            yield Finding(step.where, good=step.ran, note=note)
    for document in documents:
        if document.mode == "ONLY_REDACTION":
            done = document.job_status == "COMPLETED"
            yield Finding(_of_comprehend(document, scan), good=done, note=f"redaction that is {document.job_status}")
    for transcript in transcripts:
        if transcript.content_redaction:
            name = f"transcription-job/{transcript.transcription_job_name}"
            arn = scan.arn("transcribe", name, region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note="what identifies people is left out of the transcript")
    for guardrail in guardrails:
        masks = "ANONYMIZE" in guardrail.actions
        if masks or "BLOCK" in guardrail.actions:
            note = "it masks personal data" if masks else "it blocks personal data, and masks none"
            yield Finding(guardrail.arn, good=masks and guardrail.status == "READY", note=note)
    for one in filters:
        excluded = one.column_wildcard.excluded_column_names if one.column_wildcard else []
        if excluded and one.table_catalog_id == scan.account:
            resource = f"data-cells-filter/{one.database_name}/{one.table_name}/{one.name}"
            arn = scan.arn("lakeformation", resource, region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note=f"it keeps {len(excluded)} columns of {one.table_name} back")
    for group in log_groups:
        if group.data_protection_status == "ACTIVATED":
            yield Finding(group.arn, good=True, note="it masks personal data in its logs")


def _of_comprehend(job: PiiJob, scan: Scan) -> str:
    name = f"pii-entities-detection-job/{job.job_id}"
    return job.job_arn or scan.arn("comprehend", name, region=scan.region, account=scan.account)


@evidence("1.3-K7")
def sensitive_data_searched(
    scan: Scan,
    macie_jobs: Sequence[ClassificationJob] = (),
    discovery: Sequence[AutomatedDiscovery] = (),
    profiles: Sequence[ProfileSetup] = (),
    profile_runs: Sequence[ProfileRun] = (),
    visual_jobs: Sequence[VisualStep] = (),
    documents: Sequence[PiiJob] = (),
    records: Sequence[PhiJob] = (),
    uses: Sequence[ApiUse] = (),
) -> Findings:
    r"""Data was searched for what identifies people or tells of their health.

    Why: laws on personal and on health data apply from the first such record, and nobody knows a dataset by heart.
    Fix: Let Macie look through one prefix, which its trial of 30 days includes; or ask Comprehend about one text.
        aws macie2 enable-macie
        aws macie2 create-classification-job --job-type ONE_TIME --name first-search --s3-job-definition \
          'bucketDefinitions=[{accountId=ACCOUNT,buckets=[BUCKET]}]'
        aws comprehend detect-pii-entities --language-code en --text "Call Jane Doe at 555-0100."
    See: https://docs.aws.amazon.com/macie/latest/user/discovery-jobs.html
    Cost: cents, by the amount of data; switch Macie off before the trial ends.
    Survives: Calls are counted for fifteen months. Macie's jobs are forgotten when it is switched off.
    """
    for search in macie_jobs:
        arn = search.job_arn or scan.arn(
            "macie2", f"classification-job/{search.job_id}", region=scan.region, account=scan.account
        )
        refused = search.last_run_error_status.code == "ERROR"
        runs = int(search.statistics.number_of_runs)
        done = search.job_status == "COMPLETE" or (search.job_status == "IDLE" and runs > 0)
        note = "it was refused access to a bucket" if done and refused else f"Macie: {search.job_status}, {runs} runs"
        yield Finding(arn, good=done and not refused, note=note)
    for one in discovery:
        if one.status == "ENABLED":
            arn = scan.arn("macie2", "automated-discovery", region=scan.region, account=scan.account)
            yield Finding(arn, good=True, note="Macie samples the buckets by itself")
    for profile in profiles:
        if profile.entity_types:
            arn = profile.resource_arn or scan.arn(
                "databrew", f"job/{profile.name}", region=scan.region, account=scan.account
            )
            ran = any(run.name == profile.name and run.state == "SUCCEEDED" for run in profile_runs)
            note = f"a profile that looks for {len(profile.entity_types)} types" + ("" if ran else ", never run")
            yield Finding(arn, good=ran, note=note)
    for step in visual_jobs:
        if step.operation == PII:
            note = "a visual job that detects personal data" + ("" if step.ran else ", never run")
            yield Finding(step.where, good=step.ran, note=note)
    for document in documents:
        done = document.job_status == "COMPLETED"
        yield Finding(_of_comprehend(document, scan), good=done, note=f"a search that is {document.job_status}")
    for record in records:
        arn = scan.arn(
            "comprehendmedical", f"phi-detection-job/{record.job_id}", region=scan.region, account=scan.account
        )
        done = record.job_status in ("COMPLETED", "PARTIAL_SUCCESS")
        yield Finding(arn, good=done, note=f"a search for health data that is {record.job_status}")
    calls = [
        *used(uses, "Comprehend", "ContainsPiiEntities", "DetectPiiEntities"),
        *used(uses, "Comprehend Medical", "DetectPHI"),
    ]
    for use in calls:
        arn = scan.arn("comprehend", use.operation, region=scan.region, account=scan.account)
        yield Finding(arn, good=True, note=f"{use.service} was asked {use.count:.0f} times in fifteen months")


class Residency(Settings):
    """Where data may be.

    Attributes:
        regions: the regions; where none is named, data may be where it is used, and nowhere else.
    """

    regions: list[str] = []


@evidence("1.3-K8")
def region_policy_set(
    policies: Sequence[ManagedPolicy] = (),
    roles: Sequence[Role] = (),
    users: Sequence[User] = (),
    groups: Sequence[Group] = (),
    organization: Sequence[OrganizationPolicy] = (),
) -> Findings:
    r"""A policy says in which regions requests may be made.

    Why: rules on where data may be are kept by what refuses other regions, and not by everybody's attention. Services
    that are global answer in us-east-1, so they must be exempt.
    Fix: Deny other regions, and attach that to the roles of people and jobs, or to accounts by Organizations.
        aws iam create-policy --policy-name stay --policy-document '{"Version":"2012-10-17","Statement":[
          {"Effect":"Deny","NotAction":["iam:*","organizations:*","route53:*","cloudfront:*","support:*","sts:*"],
           "Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1"]}}}]}'
        aws iam attach-role-policy --role-name ROLE --policy-arn arn:PARTITION:iam::ACCOUNT:policy/stay
    See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
    Cost: free.
    Survives: Policies are free to keep.
    """
    bounds = {role.permissions_boundary.permissions_boundary_arn for role in roles if role.permissions_boundary}
    for policy in policies:
        if (rules := region_rules(policy.document)) and not policy.by_console:
            attached = policy.attachment_count + policy.permissions_boundary_usage_count > 0 or policy.arn in bounds
            yield _ruled(policy.arn, rules, attached=attached)
    inline = [
        *((role.arn, role.role_policy_list) for role in roles if not role.by_tools),
        *((user.arn, user.user_policy_list) for user in users),
        *((group.arn, group.group_policy_list) for group in groups),
    ]
    for arn, documents in inline:
        if rules := [rule for one in documents for rule in region_rules(one.policy_document)]:
            yield _ruled(arn, rules, attached=True)
    for above in organization:
        if above.rules:
            yield _ruled(above.arn, above.rules, attached=bool(above.targets))


def _ruled(arn: str, rules: Sequence[str], *, attached: bool) -> Finding:
    return Finding(arn, good=attached, note="; ".join(rules) + ("" if attached else ": attached to nothing"))


@practice("1.3-K8", by_default=True)
def data_stays_in_region(
    buckets: list[Bucket],
    ml_buckets: list[MlBucket],
    reads: list[DataRead],
    replications: list[BucketReplication],
    residency: Residency,
    scan: Scan,
) -> Findings:
    r"""ML data stays in the regions where it may be.

    Why: a table over a bucket of another region moves its data with every query, and a rule of replication copies it
    as it comes; where laws say where data may be, either breaks them without anybody noticing.
    Fix: Name the regions where data may be in readiness.toml, copy the data to a bucket there, and take away a rule
    that copies it elsewhere.
        [residency]
        regions = ["eu-central-1"]

        aws s3 sync s3://BUCKET s3://NEW_BUCKET --source-region OLD_REGION --region REGION
        aws s3api delete-bucket-replication --bucket BUCKET
    See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
    Cost: free, but for the copy.
    Survives: Judged on buckets that are there.
    """
    allowed = residency.regions or [scan.region]
    places = {bucket.name: bucket.bucket_region for bucket in buckets}
    used_by = {bucket.name: "kept here" for bucket in ml_buckets}
    for read in reads:
        if (name := bucket_of(read.uri)) in places and name:
            used_by.setdefault(name, f"read by a {read.what} here")
    for name, what in sorted(used_by.items()):
        copied = {
            place
            for rule in replications
            if rule.bucket == name and rule.status == "Enabled"
            if (place := places.get(rule.destination.bucket.rpartition(":")[2])) and place not in allowed
        }
        region = places.get(name)
        if region is None:
            continue
        problems = [
            *([f"it is in {region}, and {what}"] if region not in allowed else []),
            *([f"it is copied to {', '.join(sorted(copied))}"] if copied else []),
        ]
        note = "; ".join(problems) or f"in {region}"
        yield Finding(scan.arn("s3", name), good=not problems, note=note)


@evidence("1.3-S2", severity="high")
def glue_data_quality_run(results: list[DataQualityResult], scan: Scan) -> Findings:
    r"""Glue Data Quality evaluated rules on a dataset.

    Why: rules on completeness, uniqueness and ranges stop bad data before a model is trained on it; a rule that fails
    has done its work.
    Fix: Write rules for a table, and evaluate them.
        aws glue create-data-quality-ruleset --name RULES --ruleset 'Rules = [ IsComplete "id", RowCount > 0 ]'
        aws glue start-data-quality-ruleset-evaluation-run --ruleset-names RULES --role ROLE_ARN \
          --data-source 'GlueTable={DatabaseName=DATABASE,TableName=TABLE}'
    See: https://docs.aws.amazon.com/glue/latest/dg/glue-data-quality.html
    Cost: cents, some minutes of a small Glue job.
    Survives: Results stay listed after the run, and rulesets are free to keep.
    """
    for result in results:
        resource = f"dataQualityRuleset/{result.ruleset_name}" if result.ruleset_name else f"job/{result.job_name}"
        arn = scan.arn("glue", resource, region=scan.region, account=scan.account)
        outcomes = [rule.result for rule in result.rule_results]
        evaluated = outcomes.count("PASS") + outcomes.count("FAIL")
        note = f"{outcomes.count('PASS')} of {evaluated} rules passed" if evaluated else "no rule could be evaluated"
        yield Finding(arn, good=evaluated > 0, note=note)


@practice("1.3-S4", severity="high")
def dataset_split_channels(runs: list[TrainingRun], processing_jobs: list[ProcessingJob]) -> Findings:
    r"""Models are trained and validated on separate data.

    Why: a model is judged on data that it has not seen; validation data that it was trained on flatters it.
    Fix: Write the parts to prefixes of their own, and pass each as a channel; only the newest five jobs are judged.
        aws s3 cp train.csv s3://BUCKET/split/train/train.csv
        aws s3 cp validation.csv s3://BUCKET/split/validation/validation.csv
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://job.json \
          --input-data-config '[
          {"ChannelName":"train","ContentType":"text/csv","DataSource":{"S3DataSource":
           {"S3DataType":"S3Prefix","S3Uri":"s3://BUCKET/split/train/"}}},
          {"ChannelName":"validation","ContentType":"text/csv","DataSource":{"S3DataSource":
           {"S3DataType":"S3Prefix","S3Uri":"s3://BUCKET/split/validation/"}}}]'
    See: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html
    Cost: cents, for one short job.
    Survives: Jobs stay listed with their channels.
    """
    for job in processing_jobs:
        parts = {part for output in job.processing_output_config.outputs if (part := _part(output.output_name))}
        if job.processing_job_status == "Completed" and len(parts) > 1 and not _is_service_made(job):
            yield Finding(job.processing_job_arn, good=True, note="it writes training and held-out data apart")
    judged = [(run, verdict) for run in _once(run for run in runs if run.completed) if (verdict := _split(run))]
    for run, (good, note) in judged[:NEWEST_SPLIT]:
        yield Finding(_origin(run), good=good, note=note)


def _part(name: str) -> str | None:
    """Which part of a dataset a channel or an output is, by its name."""
    if "train" in name.lower():
        return "train"
    return "held out" if HELD_OUT.search(name.lower()) else None


def _split(run: TrainingRun) -> tuple[bool, str] | None:
    """The verdict on a job's channels; None where it learns without labels, or may split the data in its own script."""
    if run.built_in in UNLABELED:
        return None
    train = [channel for channel in run.input_data_config if _part(channel.channel_name) == "train"]
    held = [channel for channel in run.input_data_config if _part(channel.channel_name) == "held out"]
    if train and held:
        for channel in held:
            if any(_overlap(one, channel) for one in train):
                return False, f"the data of the channel {channel.channel_name} is among what it trains on"
        names = ", ".join(channel.channel_name for channel in held)
        return True, f"trained on {train[0].channel_name}, with {names} held out"
    if run.built_in in LABELED:
        return False, f"{run.built_in} learns from labels, and nothing is held out to validate on"
    return None


def _overlap(train: Channel, held: Channel) -> bool:
    """Whether the training data takes in the held-out data: the same place, or a prefix of all its keys."""
    first, second = train.data_source.s3_data_source, held.data_source.s3_data_source
    if first is None or second is None:
        return False
    if first.s3_uri.rstrip("/") == second.s3_uri.rstrip("/"):
        return True
    return first.s3_data_type == "S3Prefix" and second.s3_uri.startswith(first.s3_uri)


@evidence("1.3-S1")
def databrew_ruleset_validated(
    jobs: list[ProfileJob], profile_runs: list[ProfileRun], rulesets: list[Ruleset], scan: Scan
) -> Findings:
    r"""A DataBrew profile job validated data by a ruleset.

    Why: rules say what data must be like before it is worth preparing; a profile job counts the rows that keep them.
    Fix: Write rules for a dataset, let a profile job validate by them, and run it.
        aws databrew create-ruleset --name RULES --target-arn DATASET_ARN --rules '[{"Name":"complete",
          "CheckExpression":"AGG(MISSING_VALUES_PERCENTAGE) == :none","SubstitutionMap":{":none":"0"},
          "ColumnSelectors":[{"Regex":".*"}]}]'
        aws databrew create-profile-job --name JOB --dataset-name DATASET --role-arn ROLE_ARN \
          --output-location Bucket=BUCKET,Key=profiles/ --validation-configurations RulesetArn=RULESET_ARN
        aws databrew start-job-run --name JOB
    See: https://docs.aws.amazon.com/databrew/latest/dg/profile.data-quality-rules.html
    Cost: cents, some minutes of a DataBrew node.
    Survives: Rulesets and jobs are free to keep, and a job keeps its runs.
    """
    rules = {ruleset.resource_arn: sum(not rule.disabled for rule in ruleset.rules) for ruleset in rulesets}
    used: set[str] = set()
    for job in jobs:
        if job.type != "PROFILE":
            continue
        planned = {validation.ruleset_arn for validation in job.validation_configurations}
        # What a run was given counts: rules may have been added to the job since.
        applied = {
            validation.ruleset_arn
            for run in profile_runs
            if run.name == job.name and run.state == "SUCCEEDED"
            for validation in run.validation_configurations
        }
        used |= planned | applied
        arn = job.resource_arn or scan.arn("databrew", f"job/{job.name}", region=scan.region, account=scan.account)
        count = sum(rules.get(name, 0) for name in applied)
        if count:
            yield Finding(arn, good=True, note=f"a run validated by {count} rule{'' if count == 1 else 's'}")
        elif applied:
            yield Finding(arn, good=False, note="a run validated, but each of its rules is disabled or gone")
        elif planned:
            yield Finding(arn, good=False, note="it has rules, but no run that succeeded with them")
    for ruleset in rulesets:
        if ruleset.resource_arn and ruleset.resource_arn not in used:
            yield Finding(ruleset.resource_arn, good=False, note="no profile job validates by it")


@evidence("1.3-S3", closed=CLARIFY_CLOSED)
def bias_measured_again(
    processing_jobs: Sequence[ProcessingJob] = (),
    runs: Sequence[TrainingRun] = (),
    decisions: Sequence[ModelPackageDecision] = (),
    steps: Sequence[PipelineStepRun] = (),
) -> Findings:
    r"""Bias was measured again after the data or the model had changed, or later versions are held against it.

    Why: a bias report mitigates nothing; that what was done about it helped shows when it is measured once more.
    Fix: Where Clarify is open to the account, resample the data, and measure the bias of what comes out. Elsewhere
    compute the metrics yourself, and register the limits that later versions must keep.
        aws sagemaker create-processing-job --processing-job-name Clarify-Pretraining-Bias-2 \
          --cli-input-json file://job-on-resampled-data.json
        aws sagemaker create-model-package --model-package-group-name GROUP \
          --inference-specification file://inference.json --drift-check-baselines '{"Bias":{
          "PostTrainingConstraints":{"ContentType":"application/json","S3Uri":"s3://BUCKET/bias.json"}}}'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-detect-data-bias.html
    Cost: cents, one ml.m5.large for some minutes; registering limits is free.
    Survives: Processing jobs stay listed, and registered versions cost nothing to keep.
    """
    measured = sorted(filter(_measured_bias, processing_jobs), key=lambda job: job.creation_time)
    acted = [run.creation_time for run in runs if run.completed]
    acted += [
        job.creation_time
        for job in processing_jobs
        if job.processing_job_status == "Completed" and not _is_clarify(job) and not _is_service_made(job)
    ]
    for number, job in enumerate(measured):
        earlier = [one for one in measured[:number] if _stages(one) & _stages(job)]
        good, note = _again(job, earlier, acted)
        yield Finding(job.processing_job_arn, good=good, note=note)
    for decision in decisions:
        limits = decision.drift_check_baselines.bias
        if limits and (limits.pre_training_constraints or limits.post_training_constraints):
            yield Finding(decision.model_package_arn, good=True, note="registered with limits that bias must keep")
    for step in steps:
        check = step.metadata.clarify_check
        if check and check.check_type in BIAS_CHECKS:
            good = step.step_status == "Succeeded" and not check.skip_check
            note = "it skips the comparison" if check.skip_check else step.step_status.lower()
            yield Finding(step.pipeline_execution_arn, good=good, note=f"{step.step_name} checks bias: {note}")


def _again(
    job: ProcessingJob, earlier: Sequence[ProcessingJob], acted: Sequence[datetime.datetime]
) -> tuple[bool, str]:
    """Whether a measurement of bias follows on another, on other data, and on something that was done in between."""
    if not earlier:
        return False, "bias was measured, and seen for the first time"
    other = [one for one in earlier if _examined(one) and _examined(job) and _examined(one) != _examined(job)]
    if not other:
        return False, "bias was measured again, but not seen to be of other data"
    if not any(one.creation_time < moment < job.creation_time for one in other for moment in acted):
        return False, "bias was measured of other data, but no job was seen that changed it in between"
    return True, "bias was measured again, on other data than before, after a job in between"


def _is_clarify(job: ProcessingJob) -> bool:
    return CLARIFY_IMAGE in job.app_specification.image_uri


def _measured_bias(job: ProcessingJob) -> bool:
    """Whether it is a Clarify job that measured bias, by its name, and that somebody started."""
    named = BIAS.search(job.processing_job_name) is not None
    return named and job.processing_job_status == "Completed" and _is_clarify(job) and not _is_service_made(job)


def _stages(job: ProcessingJob) -> set[str]:
    """Before training or after: what is measured of the data and of predictions can't be compared."""
    name = job.processing_job_name
    if BEFORE_TRAINING.search(name):
        return {"before"}
    return {"after"} if AFTER_TRAINING.search(name) else {"before", "after"}


def _examined(job: ProcessingJob) -> set[str]:
    """Where the data lies that Clarify looked at."""
    inputs = [part for part in job.processing_inputs if part.input_name != ANALYSIS]
    return {part.s3_input.s3_uri.rstrip("/") for part in inputs if part.s3_input}


@evidence("1.3-S5", severity="low")
def training_data_shuffled(runs: list[TrainingRun]) -> Findings:
    r"""A training job shuffled its data.

    Why: an algorithm that learns from one batch after another learns the order, too, where data comes sorted.
    Fix: Give the channel a seed, by which SageMaker shuffles the files, for Pipe mode anew in each epoch.
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://job.json \
          --input-data-config '[{"ChannelName":"train","ContentType":"text/csv","ShuffleConfig":{"Seed":7},
          "DataSource":{"S3DataSource":{"S3DataType":"S3Prefix","S3Uri":"s3://BUCKET/train/"}}}]'
    See: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ShuffleConfig.html
    Cost: cents, for one short job.
    Survives: Jobs stay listed with their channels.
    """
    for run in _once(runs):
        seeded = [channel.channel_name for channel in run.input_data_config if channel.shuffle_config]
        switch = run.hyper_parameters.given({"shuffle"}).get("shuffle", "")
        if seeded:
            note = f"it shuffles {', '.join(sorted(seeded))}"
            yield Finding(_origin(run), good=run.completed, note=note)
        # What a JumpStart model is given is what its author chose.
        elif switch.lower() not in OFF and not run.jumpstart:
            yield Finding(_origin(run), good=run.completed, note=f"its hyperparameter shuffle is {switch}")


@evidence("1.3-S6", severity="low")
def training_data_augmented(runs: list[TrainingRun]) -> Findings:
    r"""A training job augmented its data.

    Why: pictures that are turned, cropped or mirrored stand for those that nobody took: the model overfits less.
    Fix: Train the image classification algorithm with an augmentation.
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://image-classification.json \
          --hyper-parameters num_classes=2,num_training_samples=1000,augmentation_type=crop_color
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/IC-Hyperparameter.html
    Cost: cents, some minutes of a GPU.
    Survives: Jobs stay listed with their hyperparameters.
    """
    for run in _once(runs):
        names = AUGMENTATION if run.jumpstart else AUGMENTATION | AUGMENTATION_BY_SCRIPTS
        given = run.hyper_parameters.given(names)
        on = {name: value for name, value in given.items() if value.lower() not in OFF}
        if on:
            note = ", ".join(f"{name} {value}" for name, value in sorted(on.items()))
            yield Finding(_origin(run), good=run.completed, note=note)


@evidence("1.3-S7", severity="low")
def training_channel_from_efs(runs: list[TrainingRun]) -> Findings:
    r"""A training job read its data from EFS.

    Why: data that is shared with others in a file system needs no copy to S3; the job must be in the VPC to mount it.
    Fix: Give a channel the file system, and the job the VPC that has a mount target; reading is enough.
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://job.json \
          --vpc-config Subnets=SUBNET,SecurityGroupIds=GROUP --input-data-config '[{"ChannelName":"train",
          "DataSource":{"FileSystemDataSource":{"FileSystemId":"FILE_SYSTEM","FileSystemType":"EFS",
          "FileSystemAccessMode":"ro","DirectoryPath":"/train"}}}]'
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    Cost: cents, for a small file system and one short job.
    Survives: The job stays listed with its channels when the file system is gone.
    """
    yield from _mounted(runs, "EFS")


@evidence("1.3-S8", severity="low")
def training_data_in_fsx(
    scan: Scan,
    runs: Sequence[TrainingRun] = (),
    file_systems: Sequence[FsxFileSystem] = (),
    associations: Sequence[DataRepositoryAssociation] = (),
) -> Findings:
    r"""A training job read its data from FSx for Lustre, or a file system there loads it from S3.

    Why: many machines read small files faster from Lustre than from S3; it loads what a bucket holds when it is read.
    Fix: Make a file system, show a bucket in it, mount it in a training job, and delete it within the hour.
        aws fsx create-file-system --file-system-type LUSTRE --storage-capacity 1200 --subnet-ids SUBNET \
          --security-group-ids GROUP --lustre-configuration DeploymentType=SCRATCH_2
        aws fsx create-data-repository-association --file-system-id FILE_SYSTEM --file-system-path /data \
          --data-repository-path s3://BUCKET/train/ --batch-import-meta-data-on-create
        aws sagemaker create-training-job --training-job-name JOB --cli-input-json file://job.json \
          --vpc-config Subnets=SUBNET,SecurityGroupIds=GROUP --input-data-config '[{"ChannelName":"train",
          "DataSource":{"FileSystemDataSource":{"FileSystemId":"FILE_SYSTEM","FileSystemType":"FSxLustre",
          "FileSystemAccessMode":"ro","DirectoryPath":"/MOUNT_NAME/data"}}}]'
        aws fsx delete-file-system --file-system-id FILE_SYSTEM
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
    Cost: hourly, until the file system is deleted.
    Survives: The job stays listed with its channels when the file system is gone.
    """
    yield from _mounted(runs, "FSxLustre")
    for system in filter(_is_lustre, file_systems):
        if source := _loads_from(system, associations):
            yield Finding(_arn_of(system, scan), good=True, note=f"it loads {source}")


@practice("1.3-S8", severity="low")
def lustre_linked_to_s3(
    scan: Scan, file_systems: list[FsxFileSystem], associations: list[DataRepositoryAssociation]
) -> Findings:
    r"""File systems for Lustre load their data from S3 by themselves.

    Why: what was copied there by hand is lost with the file system, and grows old; linked to a bucket, S3 keeps it.
    Fix: Show the bucket in a folder of the file system.
        aws fsx create-data-repository-association --file-system-id FILE_SYSTEM --file-system-path /data \
          --data-repository-path s3://BUCKET/train/ --batch-import-meta-data-on-create
    See: https://docs.aws.amazon.com/fsx/latest/LustreGuide/create-dra-linked-data-repo.html
    Cost: free, beside the file system, which is paid for by the hour.
    Survives: Judged on file systems that are there; they are too dear to keep.
    """
    for system in filter(_is_lustre, file_systems):
        source = _loads_from(system, associations)
        note = f"it loads {source}" if source else "no bucket is linked to it"
        yield Finding(_arn_of(system, scan), good=bool(source), note=note)


def _mounted(runs: Iterable[TrainingRun], kind: str) -> Findings:
    """The training jobs that read from a type of file system."""
    for run in _once(runs):
        channels = [
            channel.channel_name
            for channel in run.input_data_config
            if (source := channel.data_source.file_system_data_source) and source.file_system_type == kind
        ]
        if channels:
            note = f"from a file system: {', '.join(sorted(channels))}"
            yield Finding(_origin(run), good=run.completed, note=note)


def _is_lustre(system: FsxFileSystem) -> bool:
    """Whether it is a file system for Lustre that has been made and is not on its way out."""
    return system.file_system_type == "LUSTRE" and system.lifecycle not in ("CREATING", "DELETING", "FAILED")


def _loads_from(system: FsxFileSystem, associations: Iterable[DataRepositoryAssociation]) -> str:
    """The place in S3 that a file system shows, or nothing."""
    lustre = system.lustre_configuration
    repository = lustre.data_repository_configuration if lustre else None
    linked = [repository.import_path or ""] if repository else []
    linked += [
        link.data_repository_path or ""
        for link in associations
        if link.file_system_id == system.file_system_id and link.lifecycle in ("AVAILABLE", "UPDATING")
    ]
    return next((place for place in sorted(linked) if place.startswith("s3://")), "")


def _arn_of(system: FsxFileSystem, scan: Scan) -> str:
    name = f"file-system/{system.file_system_id}"
    return system.resource_arn or scan.arn("fsx", name, region=scan.region, account=scan.account)
