"""1.3 Ensure data integrity and prepare for modeling: encryption, bias, data quality, dataset splits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from readiness import Finding, Findings, Scan, evidence, practice
from readiness.aws.glue import DataQualityResult
from readiness.aws.kms import S3_KEY, Key, place_of
from readiness.aws.s3 import (
    AccountPublicAccessBlock,
    BucketEncryption,
    BucketPolicy,
    BucketPolicyStatus,
    BucketPublicAccessBlock,
    Condition,
    MlBucket,
    PolicyStatement,
    PublicAccessBlock,
)
from readiness.aws.sagemaker.algorithms import TrainingRun
from readiness.aws.sagemaker.training import Channel, ProcessingJob, TransformJob

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

CLARIFY_IMAGE = "sagemaker-clarify-processing"
BIAS = re.compile(r"bias", re.IGNORECASE)
AFTER_TRAINING = re.compile(r"post-?training", re.IGNORECASE)
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


@evidence(
    "1.3-K1",
    "1.3-K2",
    severity="high",
    closed="Amazon SageMaker Clarify is closed to new customers since mid-2026; accounts that used it before go on.",
)
def clarify_pretraining_bias_run(jobs: list[ProcessingJob]) -> Findings:
    r"""Clarify measured the bias of a dataset before training.

    Why: class imbalance (CI) and the difference in proportions of labels (DPL) can be seen in the data, before a model
    learns them; the exam asks what they mean and how to measure them.
    Fix: Describe columns and methods in analysis_config.json, and run the Clarify container with it. Keep the name that
    the SDK gives such jobs: the record of a job doesn't say which analysis it ran, the name does.
        aws s3 cp analysis_config.json s3://BUCKET/clarify/analysis_config.json
        aws sagemaker create-processing-job --processing-job-name Clarify-Pretraining-Bias-1 \
          --cli-input-json file://job.json
    See: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html
    Cost: cents, one ml.m5.large for some minutes.
    Survives: Processing jobs stay listed.
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
