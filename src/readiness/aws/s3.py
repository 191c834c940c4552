"""S3: buckets, which of them hold ML data, and what guards those."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from readiness.aws.sagemaker.features import FeatureGroup
from readiness.aws.sagemaker.hosting import Container, EndpointConfig, Model
from readiness.aws.sagemaker.training import ProcessingJob, TrainingJob, TransformJob
from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record, Scan

ON_TRANSPORT = frozenset({"aws:securetransport", "s3:tlsversion"})
"""The condition keys, in lower case, that tell how a request came: with what others compare may be a secret."""
S3_URI = re.compile(r"s3[an]?://([^/]+)")
S3_URL = re.compile(r"https://(?:s3[.-][^/]*/([^/]+)|([^/]+?)\.s3[.-][^/]*)")


def bucket_of(uri: str | None) -> str | None:
    """The bucket that an S3 URI names, in Spark's spellings and as a web address too; None for anything else."""
    found = S3_URI.match(uri or "") or S3_URL.match(uri or "")
    return next((name for name in found.groups() if name), None) if found else None


# S3 tells the region of buckets only where it is asked by pages.
@resource("s3", Call(operation="ListBuckets", give={"MaxBuckets": 1000}))
class Bucket(Record):
    """A bucket of the account, in any region."""

    name: str
    bucket_region: str | None = None


class MlBucket(Record):
    """A bucket of the account in which ML jobs, models, endpoints or feature groups of the region keep their data.

    SageMaker wants data in its own region, so a bucket is judged in one region only. What guards a bucket is asked for
    these only: a bucket of no concern that denies it must not blind the checks.
    """

    name: str
    holds: list[str]

    @classmethod
    def derive(
        cls,
        buckets: list[Bucket],
        training_jobs: list[TrainingJob],
        processing_jobs: list[ProcessingJob],
        transform_jobs: list[TransformJob],
        models: list[Model],
        endpoint_configs: list[EndpointConfig],
        feature_groups: list[FeatureGroup],
        scan: Scan,
    ) -> Iterator[MlBucket]:
        """Every S3 place that those name, in buckets that this account owns."""
        holds: dict[str, set[str]] = {
            bucket.name: set() for bucket in buckets if bucket.bucket_region in (scan.region, None)
        }
        places = [
            *_training(training_jobs),
            *_processing(processing_jobs),
            *_transform(transform_jobs),
            *_hosting(models, endpoint_configs),
            *(("feature store", group.offline_uri) for group in feature_groups),
        ]
        for what, uri in places:
            if (name := bucket_of(uri)) in holds:
                holds[name].add(what)
        for name, what_it_holds in holds.items():
            if what_it_holds:
                yield cls(name=name, holds=sorted(what_it_holds))


Places = Iterator[tuple[str, str | None]]


def _training(jobs: Iterable[TrainingJob]) -> Places:
    for job in jobs:
        for channel in job.input_data_config:
            if channel.data_source.s3_data_source:
                yield "training data", channel.data_source.s3_data_source.s3_uri
        yield "model artifacts", job.output_data_config.s3_output_path
        if job.checkpoint_config:
            yield "model artifacts", job.checkpoint_config.s3_uri


def _processing(jobs: Iterable[ProcessingJob]) -> Places:
    for job in jobs:
        for given in job.processing_inputs:
            if given.s3_input:
                yield "processing data", given.s3_input.s3_uri
        for output in job.processing_output_config.outputs:
            if output.s3_output:
                yield "processing data", output.s3_output.s3_uri


def _transform(jobs: Iterable[TransformJob]) -> Places:
    for job in jobs:
        yield "inference data", job.transform_input.data_source.s3_data_source.s3_uri
        if job.transform_output:
            yield "inference data", job.transform_output.s3_output_path


def _hosting(models: Iterable[Model], configs: Iterable[EndpointConfig]) -> Places:
    for model in models:
        containers: list[Container] = [
            *([model.primary_container] if model.primary_container else []),
            *model.containers,
        ]
        for container in containers:
            yield "model artifacts", container.model_data_url
    for config in configs:
        if config.data_capture_config:
            yield "captured traffic", config.data_capture_config.destination_s3_uri
        if config.async_inference_config:
            yield "inference data", config.async_inference_config.output_config.s3_output_path


class DefaultEncryption(Record):
    """The encryption of new objects: AES256 with S3's own keys, aws:kms, or aws:kms:dsse; without a key aws/s3."""

    sse_algorithm: Enumerated = msgspec.field(name="SSEAlgorithm")
    kms_master_key_id: str | None = msgspec.field(name="KMSMasterKeyID", default=None)


@resource(
    "s3",
    Call(
        operation="GetBucketEncryption",
        by={"Bucket": "Name"},
        take="ServerSideEncryptionConfiguration.Rules[]",
        absent=("ServerSideEncryptionConfigurationNotFoundError",),
    ),
    per=MlBucket,
    scope="region",
)
class BucketEncryption(Record):
    """The rule by which a bucket encrypts what is written without saying how."""

    bucket: str
    apply_server_side_encryption_by_default: DefaultEncryption | None = None
    bucket_key_enabled: bool = False


@resource(
    "s3",
    Call(operation="GetBucketPolicy", by={"Bucket": "Name"}, absent=("NoSuchBucketPolicy",)),
    per=MlBucket,
    scope="region",
)
class BucketPolicy(Record):
    """A bucket's resource policy, as the JSON text that S3 keeps; a bucket without one has no record."""

    bucket: str
    policy: str

    def __post_init__(self) -> None:
        """Refuse what can't be a policy, such as the page of a proxy: S3 gives the bare text."""
        try:
            document = json.loads(self.policy)
        except RecursionError as problem:
            raise ValueError("nested too deeply") from problem
        if not isinstance(document, dict):
            raise TypeError("no JSON object")
        for statement in _many(document.get("Statement")):
            for keys in _blocks(statement):
                keys.update({key: "" for key in keys if key.lower() not in ON_TRANSPORT})
        msgspec.structs.force_setattr(self, "policy", json.dumps(document))


def _blocks(statement: Any) -> list[dict[str, Any]]:
    """What a statement's conditions compare, by operator."""
    block = statement.get("Condition") if isinstance(statement, dict) else None
    return [keys for keys in block.values() if isinstance(keys, dict)] if isinstance(block, dict) else []


class Condition(Record):
    """One condition of a policy statement; operator and key in lower case, as IAM compares them, values as text."""

    operator: str
    key: str
    values: list[str]


class PolicyStatement(Record):
    """A statement of a bucket policy in one form, whichever of the many that JSON policies allow it was written in.

    `excepts` says that it is written by exclusion (NotPrincipal, NotAction, NotResource), so that it leaves some out.
    """

    bucket: str
    effect: str
    everyone: bool
    excepts: bool
    actions: list[str]
    resources: list[str]
    conditions: list[Condition]

    @classmethod
    def derive(cls, policies: list[BucketPolicy]) -> Iterator[PolicyStatement]:
        """Every statement of every policy."""
        for policy in policies:
            for statement in _many(json.loads(policy.policy).get("Statement")):
                if isinstance(statement, dict):
                    yield cls(
                        bucket=policy.bucket,
                        effect=str(statement.get("Effect")),
                        everyone=_is_everyone(statement.get("Principal")),
                        excepts=any(f"Not{part}" in statement for part in ("Principal", "Action", "Resource")),
                        actions=_texts(statement.get("Action")),
                        resources=_texts(statement.get("Resource")),
                        conditions=list(_conditions(statement.get("Condition"))),
                    )


def _many(value: Any) -> list[Any]:
    """JSON policies write one thing bare and several in a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> list[str]:
    """Values as IAM compares them: a JSON false is the text `false`."""
    return [json.dumps(item) if isinstance(item, bool) else str(item) for item in _many(value)]


def _is_everyone(principal: Any) -> bool:
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    return "*" in _texts(principal)


def _conditions(block: Any) -> Iterator[Condition]:
    if isinstance(block, dict):
        for operator, keys in block.items():
            if isinstance(keys, dict):
                for key, values in keys.items():
                    yield Condition(operator=operator.lower(), key=key.lower(), values=_texts(values))


class PublicAccessBlock(Record):
    """The four settings that keep the public out."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False


@resource(
    "s3",
    Call(
        operation="GetPublicAccessBlock",
        by={"Bucket": "Name"},
        take="PublicAccessBlockConfiguration",
        absent=("NoSuchPublicAccessBlockConfiguration",),
    ),
    per=MlBucket,
    scope="region",
)
class BucketPublicAccessBlock(PublicAccessBlock):
    """The settings of one bucket; new buckets have all four since April 2023."""

    bucket: str = ""


class BucketOwner(Record):
    """The account, in the form in which its settings for all its buckets are asked for."""

    account_id: str

    @classmethod
    def derive(cls, scan: Scan) -> Iterator[BucketOwner]:
        """The account that is scanned."""
        yield cls(account_id=scan.account)


@resource(
    "s3control",
    Call(
        operation="GetPublicAccessBlock",
        take="PublicAccessBlockConfiguration",
        absent=("NoSuchPublicAccessBlockConfiguration",),
    ),
    per=BucketOwner,
)
class AccountPublicAccessBlock(PublicAccessBlock):
    """The settings for every bucket of the account, whatever the bucket says; off until somebody sets them."""

    account_id: str = ""


@resource(
    "s3",
    Call(
        operation="GetBucketPolicyStatus",
        by={"Bucket": "Name"},
        take="PolicyStatus",
        absent=("NoSuchBucketPolicy",),
    ),
    per=MlBucket,
    scope="region",
)
class BucketPolicyStatus(Record):
    """Whether S3 takes a bucket's policy for public."""

    bucket: str
    is_public: bool = False


class Transition(Record):
    """A move to a cheaper storage class."""

    storage_class: str | None = None


class Expiration(Record):
    """When current objects are deleted; a marker of deletion holds no data."""

    days: int | None = None
    date: datetime.datetime | None = None


class NoncurrentExpiration(Record):
    """When earlier versions are deleted."""

    noncurrent_days: int | None = None


@resource(
    "s3",
    Call(
        operation="GetBucketLifecycleConfiguration",
        by={"Bucket": "Name"},
        take="Rules[]",
        absent=("NoSuchLifecycleConfiguration",),
    ),
    per=MlBucket,
    scope="region",
)
class LifecycleRule(Record):
    """A rule of a bucket's lifecycle configuration."""

    bucket: str
    status: Enumerated
    transitions: list[Transition] = []
    expiration: Expiration | None = None
    noncurrent_version_transitions: list[Transition] = []
    noncurrent_version_expiration: NoncurrentExpiration | None = None


class ReplicaPlace(Record):
    """Where copies go: a bucket, by its ARN."""

    bucket: str


@resource(
    "s3",
    Call(
        operation="GetBucketReplication",
        by={"Bucket": "Name"},
        take="ReplicationConfiguration.Rules[]",
        absent=("ReplicationConfigurationNotFoundError",),
    ),
    per=MlBucket,
    scope="region",
)
class BucketReplication(Record):
    """A rule by which objects of a bucket are copied to another."""

    bucket: str
    status: Enumerated
    destination: ReplicaPlace


class OfflineStore(Record):
    """The place of a feature group's offline store, in a bucket of this account."""

    feature_group_name: str
    bucket: str
    prefix: str

    @classmethod
    def derive(cls, feature_groups: list[FeatureGroup], buckets: list[Bucket]) -> Iterator[OfflineStore]:
        """The places that SageMaker resolved."""
        own = {bucket.name for bucket in buckets}
        for group in feature_groups:
            uri = group.resolved_uri
            if (name := bucket_of(uri)) in own and name and uri:
                yield cls(
                    feature_group_name=group.feature_group_name,
                    bucket=name,
                    prefix=uri.partition("://")[2].partition("/")[2].rstrip("/") + "/",
                )


@resource(
    "s3",
    Call(
        operation="ListObjectsV2",
        by={"Bucket": "Bucket", "Prefix": "Prefix"},
        give={"MaxKeys": 10},
        take="Contents[]",
        absent=("NoSuchBucket",),
    ),
    per=OfflineStore,
    newest=10,
    scope="region",
)
class OfflineStoreFile(Record):
    """One of the first files in a feature group's offline store; its name only, to see that there are any."""

    bucket: str
    prefix: str
    key: str
