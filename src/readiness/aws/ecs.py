"""ECS: services and tasks that run or ran, and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

_OF_BATCH = re.compile(r":cluster/(AWSBatch-|.+_Batch_)")


def _made_by_hand(cluster: Mapping[str, Any]) -> bool:
    """Whether it is not one that AWS Batch made for a compute environment."""
    return not _OF_BATCH.search(str(cluster.get("clusterArn", "")))


@resource("ecs", Call(operation="ListClusters", name="clusterArn"), where=_made_by_hand)
class EcsCluster(Record, rename="camel"):
    """A cluster; without services and tasks it is a name only."""

    cluster_arn: str


@resource(
    "ecs",
    Call(operation="ListServices", by={"cluster": "clusterArn"}, name="serviceArn"),
    Call(
        operation="DescribeServices",
        by={"cluster": "cluster", "services": "[serviceArn]"},
        take="services[0]",
        gone=("ClusterNotFoundException",),
    ),
    per=EcsCluster,
)
class EcsService(Record, rename="camel"):
    """A service, which keeps a number of tasks running."""

    service_arn: str
    task_definition: str | None = None
    running_count: int = 0


@resource(
    "ecs",
    Call(
        operation="ListTasks",
        by={"cluster": "clusterArn"},
        each={"desiredStatus": ("RUNNING", "STOPPED")},
        name="taskArn",
    ),
    Call(
        operation="DescribeTasks",
        by={"cluster": "cluster", "tasks": "[taskArn]"},
        take="tasks[0]",
        gone=("ClusterNotFoundException",),
    ),
    per=EcsCluster,
)
class EcsTask(Record, rename="camel"):
    """A task; a stopped one stays listed for about an hour."""

    task_arn: str
    task_definition_arn: str | None = None
    group: str | None = None
    last_status: str | None = None
    stop_code: Enumerated | None = None


class EcsWorkload(Record, rename="camel"):
    """A service, or a task that was run by itself, and whether it came to run."""

    arn: str
    task_definition: str
    ran: bool

    @classmethod
    def derive(cls, services: list[EcsService], tasks: list[EcsTask]) -> Iterator[EcsWorkload]:
        """Services, and tasks that belong to none."""
        for service in services:
            if service.task_definition:
                yield cls(
                    arn=service.service_arn, task_definition=service.task_definition, ran=service.running_count > 0
                )
        for task in tasks:
            if task.task_definition_arn and not (task.group or "").startswith("service:"):
                ran = task.last_status == "RUNNING" or (
                    task.last_status == "STOPPED" and task.stop_code != "TaskFailedToStart"
                )
                yield cls(arn=task.task_arn, task_definition=task.task_definition_arn, ran=ran)


class Requirement(Record, rename="camel"):
    """What a container needs beside CPU and memory: GPU or InferenceAccelerator."""

    type: Enumerated


class TaskContainer(Record, rename="camel"):
    """A container of a task; its environment and command are not kept, for they may hold secrets."""

    image: str = ""
    resource_requirements: list[Requirement] = []


@resource(
    "ecs",
    Call(operation="DescribeTaskDefinition", by={"taskDefinition": "taskDefinition"}, take="taskDefinition"),
    per=EcsWorkload,
)
class TaskDefinition(Record, rename="camel"):
    """The containers of a workload."""

    task_definition_arn: str
    container_definitions: list[TaskContainer] = []
