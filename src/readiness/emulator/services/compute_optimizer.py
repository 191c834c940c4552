"""Compute Optimizer: enrolment, and what it finds in what is kept and in the metrics that were left.

AWS's way of judging is not public. Here an EC2 instance is judged by its highest CPUUtilization of two weeks, an EBS
volume by whether it is attached, and an endpoint by whether it is asked; what left no metrics is not judged.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import KEPT, Call, Coded, Handler, Item
from readiness.emulator.door import Extension
from readiness.emulator.pages import page

SERVICE = "compute-optimizer"
LOOK_BACK = datetime.timedelta(days=14)
UNATTACHED = datetime.timedelta(days=32)
"""How long a volume is attached to nothing until AWS says so."""
LOW, HIGH = 40.0, 90.0
"""CPU utilization, in percent, below and above which an instance is of the wrong size."""
SIZES = ("Underprovisioned", "Overprovisioned", "Optimized", "NotOptimized")
IDLE = ("Idle", "Unattached", "Unused")
SUMMARIZED = ("Ec2Instance", "AutoScalingGroup", "EbsVolume", "LambdaFunction", "EcsService", "SageMakerEndpoint")


def enrollment(call: Call) -> Item:
    """The account's enrolment, which holds in every Region."""
    tables = KEPT[call.account][call.partition].tables.setdefault((SERVICE, "Enrollment"), {})
    kept: Item = tables.setdefault(call.account, {"status": "Inactive", "memberAccountsEnrolled": False})
    return kept


def _update(call: Call) -> Item:
    status = call.parameters["status"]
    if status not in ("Active", "Inactive"):
        raise Coded("InvalidParameterValueException", "The status must be Active or Inactive.")
    kept = enrollment(call)
    members = call.parameters.get("includeMemberAccounts", False)
    kept |= {"status": status, "memberAccountsEnrolled": members, "lastUpdatedTimestamp": utcnow()}
    return {"status": status}


def _require(call: Call) -> None:
    if enrollment(call)["status"] != "Active":
        raise Coded("OptInRequiredException", "The account is not opted in to AWS Compute Optimizer.")


def _instances(call: Call) -> Iterator[Item]:
    """Instances that run and left a CPUUtilization."""
    for reservation in call.backend("ec2").reservations.values():
        for instance in reservation.instances:
            used = _values(call, "AWS/EC2", "CPUUtilization", "InstanceId", instance.id)
            if instance.state == "running" and used:
                size = "Overprovisioned" if max(used) < LOW else "Underprovisioned" if max(used) > HIGH else "Optimized"
                yield {
                    "instanceArn": call.arn(f"instance/{instance.id}", service="ec2"),
                    "accountId": call.account,
                    "currentInstanceType": instance.instance_type,
                    "finding": size,
                    "utilizationMetrics": [{"name": "Cpu", "statistic": "Maximum", "value": max(used)}],
                    "lookBackPeriodInDays": float(LOOK_BACK.days),
                    "lastRefreshTimestamp": utcnow(),
                }


def _idle(call: Call) -> Iterator[Item]:
    """Volumes that are attached to nothing, and endpoints that nobody has asked for two weeks."""
    now = utcnow()
    for volume in call.backend("ec2").volumes.values():
        if volume.status == "available" and _aware(volume.create_time) < _aware(now) - UNATTACHED:
            yield _told(call, "EBSVolume", call.arn(f"volume/{volume.id}", service="ec2"), "Unattached")
    for name, endpoint in call.backend("sagemaker").endpoints.items():
        old = _aware(endpoint.creation_time) < _aware(now) - LOOK_BACK
        if old and not any(_values(call, "AWS/SageMaker", "Invocations", "EndpointName", name)):
            yield _told(call, "SageMakerEndpoint", endpoint.arn, "Idle")


def _told(call: Call, kind: str, arn: str, finding: str) -> Item:
    return {
        "resourceArn": arn,
        "resourceId": arn.rpartition("/")[2],
        "resourceType": kind,
        "accountId": call.account,
        "finding": finding,
        "lookBackPeriodInDays": float((UNATTACHED if finding == "Unattached" else LOOK_BACK).days),
        "lastRefreshTimestamp": utcnow(),
    }


def _aware(moment: Any) -> datetime.datetime:
    """A time of moto's, which is a text or has no zone here and there."""
    found = datetime.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _values(call: Call, namespace: str, name: str, dimension: str, value: str) -> list[float]:
    """The values of a metric since two weeks ago."""
    since = _aware(utcnow()) - LOOK_BACK
    return [
        datum.value if hasattr(datum, "value") else datum.max
        for datum in call.backend("cloudwatch").metric_data
        if (datum.namespace, datum.name) == (namespace, name)
        and any((one.name, one.value) == (dimension, value) for one in datum.dimensions)
        and _aware(datum.timestamp) >= since
    ]


def _summaries(call: Call) -> Item:
    """How many of each sort of resource are of which size, and idle."""
    _require(call)
    sizes = {"Ec2Instance": Counter(one["finding"] for one in _instances(call))}
    idle: dict[str, Counter[str]] = {}
    for one in _idle(call):
        kind = "EbsVolume" if one["resourceType"] == "EBSVolume" else str(one["resourceType"])
        idle.setdefault(kind, Counter())[one["finding"]] += 1
    found = [
        {
            "recommendationResourceType": kind,
            "accountId": call.account,
            "summaries": [{"name": name, "value": float(sizes.get(kind, Counter())[name])} for name in SIZES],
            "idleSummaries": [{"name": name, "value": float(idle.get(kind, Counter())[name])} for name in IDLE],
            "savingsOpportunity": {
                "savingsOpportunityPercentage": 0.0,
                "estimatedMonthlySavings": {"currency": "USD", "value": 0.0},
            },
        }
        for kind in SUMMARIZED
    ]
    return page(call, found)


def _recommended(found: Any, arn: str, wanted: str, result: str) -> Handler:
    """What lists the resources that were judged, by their ARNs and by `Finding`."""

    def recommendations(call: Call) -> Item:
        _require(call)
        arns = call.parameters.get(wanted)
        filters = {one["name"]: one["values"] for one in call.parameters.get("filters", [])}
        items = [
            one
            for one in found(call)
            if (not arns or one[arn] in arns)
            and one["finding"] in filters.get("Finding", [one["finding"]])
            and one.get("resourceType") in filters.get("ResourceType", [one.get("resourceType")])
        ]
        return page(call, items, result=result)

    return recommendations


def _none(call: Call) -> Item:
    _require(call)
    return {}


EXTENSION = Extension(
    SERVICE,
    {
        "GetEnrollmentStatus": enrollment,
        "UpdateEnrollmentStatus": _update,
        "GetRecommendationSummaries": _summaries,
        "GetEC2InstanceRecommendations": _recommended(
            _instances, "instanceArn", "instanceArns", "instanceRecommendations"
        ),
        "GetIdleRecommendations": _recommended(_idle, "resourceArn", "resourceArns", "idleRecommendations"),
        "GetAutoScalingGroupRecommendations": _none,
        "GetEBSVolumeRecommendations": _none,
        "GetECSServiceRecommendations": _none,
        "GetLambdaFunctionRecommendations": _none,
    },
)
