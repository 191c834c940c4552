"""ECS: services come to run.

moto leaves the tasks of a new service pending for ever, as if nothing that is deployed would ever run. Where there is
something to run them on (Fargate, or instances in the cluster), AWS has them running within minutes.
"""

from __future__ import annotations

from typing import Any

from readiness.emulator.call import Call
from readiness.emulator.door import Extension


def _settle(call: Call) -> None:
    """All tasks of the service that wait for a place find one."""
    backend = call.backend("ecs")
    cluster = backend._get_cluster(call.parameters.get("cluster", "default"))
    named = str(call.parameters.get("serviceName") or call.parameters["service"]).rpartition("/")[2]
    service = backend.services[f"{cluster.name}:{named}"]
    if not service.pending_count or not _has_room(backend, cluster, service):
        return
    waiting = service.pending_count
    backend.update_cluster_resources(cluster, -waiting, task_state="PENDING")
    backend.update_cluster_resources(cluster, waiting, task_state="RUNNING")
    service.running_count += waiting
    service.pending_count = 0
    for deployment in service.deployments:
        deployment |= {
            "runningCount": deployment["desiredCount"],
            "pendingCount": 0,
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {deployment['id']} completed.",
        }


def _has_room(backend: Any, cluster: Any, service: Any) -> bool:
    return service.launch_type != "EC2" or bool(backend.container_instances.get(cluster.name))


EXTENSION = Extension("ecs", after={"CreateService": _settle, "UpdateService": _settle})
