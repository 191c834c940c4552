"""Jobs of Glue that bring data together: sets of it by a join, or records from Kafka."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.aws.glue import Job, JobRun
from readiness.aws.glue_crawlers import Connection
from readiness.record import Record, Scan

JOINING = frozenset({"Join", "Merge", "SparkSQL", "Union"})
"""Types of nodes in a visual job that bring data sets together, if more than one goes in."""
STREAMED = frozenset({"RUNNING", "STOPPED", "STOPPING", "SUCCEEDED"})
"""States of a run that has read a stream: it goes on until somebody stops it."""


class GlueJoin(Record):
    """A visual job that joins, and whether it has succeeded since it was changed last."""

    arn: str
    nodes: list[str]
    ran: bool

    @classmethod
    def derive(cls, jobs: list[Job], runs: list[JobRun], scan: Scan) -> Iterator[GlueJoin]:
        """The jobs that have such a node."""
        for job in jobs:
            nodes = sorted(
                name
                for name, inputs in job.code_gen_configuration_nodes.items()
                if inputs > 1 and name.partition(":")[0] in JOINING
            )
            started = [run.started_on for run in runs if run.job_name == job.name and run.job_run_state == "SUCCEEDED"]
            changed = job.last_modified_on
            ran = any(at is not None and (changed is None or changed <= at) for at in started)
            if nodes:
                arn = scan.arn("glue", f"job/{job.name}", region=scan.region, account=scan.account)
                yield cls(arn=arn, nodes=nodes, ran=ran)


class KafkaConnection(Record):
    """A connection of Glue to Kafka, and whether a job has run by it."""

    arn: str
    ran: bool

    @classmethod
    def derive(
        cls, connections: list[Connection], jobs: list[Job], runs: list[JobRun], scan: Scan
    ) -> Iterator[KafkaConnection]:
        """The connections of that type."""
        ran = {run.job_name for run in runs if run.job_run_state in STREAMED}
        used = {name for job in jobs if job.name in ran for name in job.connections.connections}
        for connection in connections:
            if connection.connection_type == "KAFKA":
                resource = f"connection/{connection.name}"
                arn = scan.arn("glue", resource, region=scan.region, account=scan.account)
                yield cls(arn=arn, ran=connection.name in used)
