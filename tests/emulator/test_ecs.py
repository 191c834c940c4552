from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(("launch_type", "running"), [("FARGATE", 2), ("EC2", 0)])
def test_a_service_runs_where_there_is_room(aws: Any, launch_type: str, running: int) -> None:
    ecs: Any = aws("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(
        family="churn", containerDefinitions=[{"name": "churn", "image": "churn:1", "memory": 512}]
    )
    ecs.create_service(
        cluster="shop", serviceName="churn", taskDefinition="churn", desiredCount=2, launchType=launch_type
    )
    [service] = ecs.describe_services(cluster="shop", services=["churn"])["services"]
    assert (service["runningCount"], service["pendingCount"]) == (running, 2 - running)
    assert service["deployments"][0]["rolloutState"] == ("COMPLETED" if running else "IN_PROGRESS")
    [cluster] = ecs.describe_clusters(clusters=["shop"])["clusters"]
    assert cluster["runningTasksCount"] == running
    if running:
        ecs.update_service(cluster="shop", service="churn", desiredCount=3)
        [service] = ecs.describe_services(cluster="shop", services=["churn"])["services"]
        assert service["runningCount"] == 3
