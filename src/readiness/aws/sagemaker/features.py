"""Feature Store: feature groups with their online and offline stores."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

FIRST_FEATURES = 5
"""How many features of each group are asked about: each costs a call."""


class S3Storage(Record):
    """Where an offline store lies; SageMaker resolves the place below the one that it was given."""

    s3_uri: str
    resolved_output_s3_uri: str | None = None


class DataCatalog(Record):
    """The Glue table over an offline store."""

    table_name: str
    catalog: str
    database: str


class OfflineStoreConfig(Record):
    """The history of the features, in S3."""

    s3_storage_config: S3Storage
    data_catalog_config: DataCatalog | None = None


class OfflineStoreStatus(Record):
    """Whether the offline store is written to."""

    status: Enumerated


class OnlineStoreConfig(Record):
    """The newest features, to be looked up at once."""

    enable_online_store: bool = False


class Feature(Record):
    """A feature and its type."""

    feature_name: str
    feature_type: str


# Search leaves out what other accounts share, but may lag behind a deletion; only the description knows how much the
# online store holds.
@resource(
    "sagemaker",
    Call(operation="Search", give={"Resource": "FeatureGroup"}, take="Results[].FeatureGroup"),
    Call(operation="DescribeFeatureGroup", gone=("ResourceNotFound",)),
)
class FeatureGroup(Record):
    """A feature group of this account."""

    feature_group_name: str
    feature_group_arn: str
    feature_definitions: list[Feature] = []
    feature_group_status: Enumerated | None = None
    description: str | None = None
    offline_store_config: OfflineStoreConfig | None = None
    offline_store_status: OfflineStoreStatus | None = None
    online_store_config: OnlineStoreConfig | None = None
    online_store_total_size_bytes: int = 0

    @property
    def offline_uri(self) -> str | None:
        """Where the offline store was put."""
        return self.offline_store_config.s3_storage_config.s3_uri if self.offline_store_config else None

    @property
    def resolved_uri(self) -> str | None:
        """Where the files of the offline store are."""
        return self.offline_store_config.s3_storage_config.resolved_output_s3_uri if self.offline_store_config else None


class FirstFeature(Record):
    """One of the first features of a group that can be asked about."""

    feature_group_name: str
    feature_name: str

    @classmethod
    def derive(cls, groups: list[FeatureGroup]) -> Iterator[FirstFeature]:
        """A few of each group."""
        for group in groups:
            if group.feature_group_status == "Created":
                for feature in group.feature_definitions[:FIRST_FEATURES]:
                    yield cls(feature_group_name=group.feature_group_name, feature_name=feature.feature_name)


class Note(Record):
    """A key under which something is noted; what is noted is not kept."""

    key: str = ""


@resource(
    "sagemaker",
    Call(
        operation="DescribeFeatureMetadata",
        by={"FeatureGroupName": "FeatureGroupName", "FeatureName": "FeatureName"},
        gone=("ResourceNotFound",),
    ),
    per=FirstFeature,
)
class FeatureNote(Record):
    """What is said about a feature."""

    feature_group_name: str
    feature_name: str
    description: str | None = None
    parameters: list[Note] = []
