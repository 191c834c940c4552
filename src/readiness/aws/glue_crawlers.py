"""Glue's crawlers, which describe data in the catalog, and connections to where data is."""

from __future__ import annotations

import datetime

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

CRAWLS = 100
"""How many crawls of a crawler are asked for at once."""


class S3Target(Record):
    """Files in S3."""

    path: str | None = None


class JdbcTarget(Record):
    """A database."""

    connection_name: str | None = None


class NamedTarget(Record):
    """Something of which only it is of interest that it is there."""


class Targets(Record):
    """What a crawler looks at."""

    s3_targets: list[S3Target] = msgspec.field(name="S3Targets", default=[])
    jdbc_targets: list[JdbcTarget] = []
    mongo_db_targets: list[NamedTarget] = msgspec.field(name="MongoDBTargets", default=[])
    dynamo_db_targets: list[NamedTarget] = msgspec.field(name="DynamoDBTargets", default=[])
    catalog_targets: list[NamedTarget] = []
    delta_targets: list[NamedTarget] = []
    iceberg_targets: list[NamedTarget] = []
    hudi_targets: list[NamedTarget] = []

    @property
    def kinds(self) -> list[str]:
        """What it looks at, in words."""
        words = {
            "S3": self.s3_targets,
            "a database": self.jdbc_targets,
            "MongoDB": self.mongo_db_targets,
            "DynamoDB": self.dynamo_db_targets,
            "the catalog": self.catalog_targets,
            "Delta Lake": self.delta_targets,
            "Iceberg": self.iceberg_targets,
            "Hudi": self.hudi_targets,
        }
        return [word for word, targets in words.items() if targets]


class LastCrawl(Record):
    """How the last crawl ended."""

    status: Enumerated | None = None


@resource("glue", "GetCrawlers")
class Crawler(Record):
    """A crawler: idle it costs nothing."""

    name: str
    targets: Targets = Targets()
    last_crawl: LastCrawl | None = None
    last_updated: datetime.datetime | None = None


@resource(
    "glue",
    Call(operation="ListCrawls", by={"CrawlerName": "Name"}, give={"MaxResults": CRAWLS}, take="Crawls[]"),
    per=Crawler,
)
class Crawl(Record):
    """A run of a crawler, which Glue remembers for twelve months."""

    crawler_name: str
    state: Enumerated | None = None
    start_time: datetime.datetime | None = None


@resource("glue", Call(operation="GetConnections", give={"HidePassword": True}))
class Connection(Record):
    """How a store of data outside Glue is reached: only of which type it is."""

    name: str
    connection_type: str | None = None
