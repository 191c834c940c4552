"""EMR: clusters and the steps that they did."""

from __future__ import annotations

import datetime
import posixpath
import re

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

DAYS = 60
"""How far back clusters are asked for: EMR forgets those that ended two months ago."""
NEWEST_STEPS = 200
"""How many steps of each cluster are read: four pages."""

SPARK = frozenset({"pyspark", "spark-class", "spark-shell", "spark-sql", "spark-submit"})
"""The programs that start Spark."""
STREAM = re.compile(r"spark-(?:sql|streaming)-(?:kafka|kinesis)")
"""The packages by which Spark reads streams."""
STREAMING = "streaming"


@resource("emr", Call(operation="ListClusters", give={"CreatedAfter": datetime.timedelta(days=DAYS)}))
class Cluster(Record):
    """A cluster, the terminated ones included."""

    id: str
    name: str = ""
    cluster_arn: str | None = None


class StepTimeline(Record):
    """When a step began."""

    start_date_time: datetime.datetime | None = None


class StepStatus(Record):
    """How far a step is."""

    state: Enumerated | None = None
    timeline: StepTimeline = StepTimeline()


class StepConfig(Record):
    """What a step runs: of its arguments only the program that starts Spark is kept, and whether it reads a stream."""

    args: list[str] = []

    def __post_init__(self) -> None:
        """Reduce the arguments, which may hold secrets; reduced ones stay as they are."""
        words = [word for arg in self.args for word in arg.split()]
        kept = sorted({posixpath.basename(word) for word in words} & SPARK)
        if kept and any(word == STREAMING or STREAM.search(word) for word in words):
            kept.append(STREAMING)
        msgspec.structs.force_setattr(self, "args", kept)


@resource("emr", Call(operation="ListSteps", by={"ClusterId": "Id"}), per=Cluster, newest=NEWEST_STEPS)
class Step(Record):
    """A step of a cluster."""

    cluster_id: str
    id: str
    status: StepStatus = StepStatus()
    config: StepConfig = StepConfig()

    @property
    def spark(self) -> bool:
        """Whether it runs Spark."""
        return bool(self.config.args)

    @property
    def streaming(self) -> bool:
        """Whether it reads a stream by Spark."""
        return STREAMING in self.config.args
