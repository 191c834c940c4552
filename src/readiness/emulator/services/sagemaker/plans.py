"""Training plans: capacity that is reserved for a time, bought from an offering.

An offering lasts a whole number of days from the next 11:30 UTC, and costs what its accelerators do; the prices are
near those of AWS, in US dollars.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import Resource, listed
from readiness.emulator.services.sagemaker.catalogue import utc
from readiness.emulator.services.sagemaker.kinds import SERVICE

HOURLY = {
    "ml.p4d.24xlarge": 14.0,
    "ml.p4de.24xlarge": 17.0,
    "ml.p5.48xlarge": 36.0,
    "ml.p5.4xlarge": 4.6,
    "ml.p5e.48xlarge": 41.0,
    "ml.p5en.48xlarge": 44.0,
    "ml.p6-b200.48xlarge": 75.0,
    "ml.p6-b300.48xlarge": 95.0,
    "ml.p6e-gb200.36xlarge": 42.0,
    "ml.trn1.32xlarge": 10.0,
    "ml.trn2.48xlarge": 30.0,
}
"""What an instance costs an hour."""
DAY = datetime.timedelta(days=1)


def _search(call: Call) -> Item:
    """What can be had of an instance type: as long as asked for, from the next start on."""
    asked = call.parameters
    kind = asked.get("InstanceType", "ml.p5.48xlarge")
    if kind not in HOURLY:
        return {"TrainingPlanOfferings": []}
    count = asked.get("InstanceCount", 1)
    days = max(1, -(-int(asked.get("DurationHours", 24)) // 24))
    start = _next(asked.get("StartTimeAfter"))
    end = start + days * DAY
    if "EndTimeBefore" in asked and end > utc(asked["EndTimeBefore"]):
        return {"TrainingPlanOfferings": []}
    offering: dict[str, Any] = {
        "TrainingPlanOfferingId": f"tpo-{uuid.uuid4().hex[:17]}",
        "TargetResources": asked.get("TargetResources", ["training-job"]),
        "DurationHours": days * 24,
        "DurationMinutes": 0,
        "UpfrontFee": f"{HOURLY[kind] * count * days * 24:.2f}",
        "CurrencyCode": "USD",
        "ReservedCapacityOfferings": [
            {
                "ReservedCapacityType": "Instance",
                "InstanceType": kind,
                "InstanceCount": count,
                "AvailabilityZone": f"{call.region}a",
                "DurationHours": days * 24,
                "DurationMinutes": 0,
                "StartTime": start,
                "EndTime": end,
            }
        ],
    }
    for name in ("StartTimeAfter", "EndTimeBefore"):
        if name in asked:
            offering[f"Requested{name}"] = asked[name]
    call.table("TrainingPlanOffering")[offering["TrainingPlanOfferingId"]] = offering
    return {"TrainingPlanOfferings": [offering]}


def _next(after: datetime.datetime | None) -> datetime.datetime:
    least = max(utc(utcnow()), utc(after)) if after else utc(utcnow())
    start = least.replace(hour=11, minute=30, second=0, microsecond=0)
    return start if start >= least else start + DAY


def _buy(call: Call, item: Item) -> None:
    """A plan is what its offering says."""
    offering = call.table("TrainingPlanOffering").get(item["TrainingPlanOfferingId"])
    if offering is None:
        raise NotFound(f"TrainingPlanOffering {item['TrainingPlanOfferingId']} does not exist.")
    capacity = offering["ReservedCapacityOfferings"][0]
    same = ("TargetResources", "DurationHours", "DurationMinutes", "UpfrontFee", "CurrencyCode")
    item |= {name: offering[name] for name in same}
    item |= {"StartTime": capacity["StartTime"], "EndTime": capacity["EndTime"]}
    item["TotalInstanceCount"] = item["AvailableInstanceCount"] = capacity["InstanceCount"]
    item["InUseInstanceCount"] = item["UnhealthyInstanceCount"] = 0
    reserved = {name: value for name, value in capacity.items() if name != "InstanceCount"}
    reserved["ReservedCapacityArn"] = call.arn(f"reserved-capacity/{uuid.uuid4().hex[:12]}")
    item["ReservedCapacitySummaries"] = [{**reserved, "TotalInstanceCount": capacity["InstanceCount"]}]
    _pass(item)


def _pass(item: Item) -> None:
    """What the time does to a plan."""
    now = utc(utcnow())
    item["Status"] = "Scheduled" if now < item["StartTime"] else "Active" if now < item["EndTime"] else "Expired"
    for capacity in item["ReservedCapacitySummaries"]:
        capacity["Status"] = item["Status"]


PLANS = Resource(SERVICE, "TrainingPlan", "TrainingPlanName", "training-plan/{}", created=_buy)


def _describe(call: Call) -> Item:
    plan = PLANS.find(call)
    _pass(plan)
    return plan


def _list(call: Call) -> Item:
    plans = list(PLANS.items(call).values())
    for plan in plans:
        _pass(plan)
    for wanted in call.parameters.get("Filters", []):
        plans = [plan for plan in plans if plan[wanted["Name"]] == wanted["Value"]]
    return listed(call, plans, PLANS.key)


EXTENSION = Extension(
    SERVICE,
    {
        **PLANS.handlers(),
        "SearchTrainingPlanOfferings": _search,
        "DescribeTrainingPlan": _describe,
        "ListTrainingPlans": _list,
    },
)
