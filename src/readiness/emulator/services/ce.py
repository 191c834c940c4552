"""Cost Explorer: anomaly detection, cost allocation tags, and what it answers where nothing has been spent.

moto answers GetCostAndUsage without any period unless results were queued for it; AWS tells every period, at zero.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import KEPT, Call, Coded, Elsewhere, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.pages import page
from readiness.emulator.references import uuid
from readiness.emulator.resources import Resource
from readiness.emulator.services.resourcegroupstaggingapi import everything

SERVICE = "ce"
UNITS = {"UsageQuantity": "N/A", "NormalizedUsageAmount": "N/A"}
"""The units of metrics that are not money."""


def _now() -> str:
    return utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")


class _Anomalies(Resource):
    """A sort of resource that is created within a structure named after it."""

    def create(self, call: Call) -> Item:
        """Keep what the structure holds, with the tags beside it."""
        arn = call.arn(f"{self.noun.lower()}/{uuid()}", regional=False)
        given = {**call.parameters[self.noun], self.key: arn}
        item = super().create(dataclasses.replace(call, parameters=given))
        call.backend(SERVICE).tag_resource(item[self.key], call.parameters.get("ResourceTags", []))
        return item

    def find(self, call: Call) -> Item:
        """The one that the request names."""
        item = self.items(call).get(call.parameters[self.key])
        if item is None:
            raise Coded(self._unknown, f"{call.parameters[self.key]} does not exist.")
        return item

    def list(self, call: Call) -> Item:
        """Those that the request names, or all."""
        wanted = call.parameters.get(f"{self.key}List")
        items = self.items(call)
        for arn in wanted or ():
            if arn not in items:
                raise Coded(self._unknown, f"{arn} does not exist.")
        monitor = call.parameters.get("MonitorArn")
        found = [
            item
            for arn, item in items.items()
            if (not wanted or arn in wanted) and (monitor is None or monitor in item["MonitorArnList"])
        ]
        return page(call, found)

    @property
    def _unknown(self) -> str:
        return f"Unknown{self.noun.removeprefix('Anomaly')}Exception"


def _watch(call: Call, item: Item) -> None:
    """A monitor of all services there may be one of; a custom one must say what it is about."""
    if item["MonitorType"] == "CUSTOM":
        if "MonitorSpecification" not in item:
            raise Coded("ValidationException", "A custom monitor needs a MonitorSpecification.")
    elif "MonitorDimension" not in item:
        raise Coded("ValidationException", "A dimensional monitor needs a MonitorDimension.")
    elif any(one.get("MonitorDimension") == item["MonitorDimension"] for one in MONITORS.items(call).values()):
        raise Coded("LimitExceededException", "Limit exceeded on dimensional spend monitor creation")
    item |= {"CreationDate": _now(), "LastUpdatedDate": _now(), "DimensionalValueCount": 0}


def _rename(_: Call, item: Item) -> None:
    item["LastUpdatedDate"] = _now()


def _subscribe(call: Call, item: Item) -> None:
    item["AccountId"] = call.account
    _tell(call, item)


def _tell(call: Call, item: Item) -> None:
    """The monitors must be there; at once is told by SNS, once a day or week by e-mail."""
    for arn in item["MonitorArnList"]:
        if arn not in MONITORS.items(call):
            raise Coded("UnknownMonitorException", f"{arn} does not exist.")
    if "Threshold" not in item and "ThresholdExpression" not in item:
        raise Coded("ValidationException", "A subscription needs a Threshold or a ThresholdExpression.")
    way = "SNS" if item["Frequency"] == "IMMEDIATE" else "EMAIL"
    for subscriber in item["Subscribers"]:
        if subscriber.get("Type") != way:
            raise Coded("ValidationException", f"A subscription of frequency {item['Frequency']} is told by {way}.")
        subscriber.setdefault("Status", "CONFIRMED")


MONITORS = _Anomalies(SERVICE, "AnomalyMonitor", "MonitorArn", created=_watch, changed=_rename)
SUBSCRIPTIONS = _Anomalies(SERVICE, "AnomalySubscription", "SubscriptionArn", created=_subscribe, changed=_tell)


def _allocation_tags(call: Call) -> dict[str, Item]:
    """The keys of all tags in the account: what is new is not active."""
    known = call.table("CostAllocationTag")
    regions = list(KEPT[call.account])
    today = utcnow().strftime("%Y-%m-%dT00:00:00Z")
    used = {key for region in regions for one in everything(call.account, region) for key in one.tags}
    for key in sorted(used):
        kind = "AWSGenerated" if key.startswith("aws:") else "UserDefined"
        known.setdefault(key, {"TagKey": key, "Type": kind, "Status": "Inactive"})["LastUsedDate"] = today
    return known


def _list_tags(call: Call) -> Item:
    asked = call.parameters
    found = [
        tag
        for tag in _allocation_tags(call).values()
        if tag["TagKey"] in asked.get("TagKeys", [tag["TagKey"]])
        and all(asked.get(name, tag[name]) == tag[name] for name in ("Status", "Type"))
    ]
    return page(call, found)


def _set_tags(call: Call) -> Item:
    known = _allocation_tags(call)
    wanted = call.parameters["CostAllocationTagsStatus"]
    for status in (status for status in wanted if status["TagKey"] in known):
        known[status["TagKey"]] |= {"Status": status["Status"], "LastUpdatedDate": _now()}
    unknown = [status["TagKey"] for status in wanted if status["TagKey"] not in known]
    return {
        "Errors": [
            {"TagKey": key, "Code": "TagKeysNotFoundException", "Message": "Tag key not found"} for key in unknown
        ]
    }


def _nothing_spent(call: Call) -> Item:
    """Every period of the time that is asked for, at zero."""
    backend = call.backend(SERVICE)
    if backend.cost_usage_results_queue or backend.cost_usage_results:
        raise Elsewhere
    zero = {metric: {"Amount": "0", "Unit": UNITS.get(metric, "USD")} for metric in call.parameters["Metrics"]}
    grouped = call.parameters.get("GroupBy", [])
    results = [
        {"TimePeriod": period, "Total": {} if grouped else zero, "Groups": [], "Estimated": True}
        for period in _periods(call)
    ]
    return {"ResultsByTime": results, "GroupDefinitions": grouped, "DimensionValueAttributes": []}


def _periods(call: Call) -> list[dict[str, str]]:
    """The days or months, the first and last of which may be cut."""
    period = call.parameters["TimePeriod"]
    start, end = (datetime.datetime.fromisoformat(period[name]).date() for name in ("Start", "End"))
    if start >= end:
        raise Invalid("Start date (and hour) should be before end date (and hour)")
    monthly = call.parameters["Granularity"] == "MONTHLY"
    found: list[dict[str, str]] = []
    while start < end:
        later = (start.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        then = min(end, later) if monthly else start + datetime.timedelta(days=1)
        found.append({"Start": start.isoformat(), "End": then.isoformat()})
        start = then
    return found


def _no_data(_: Call) -> Item:
    raise Coded("DataUnavailableException", "Data is not available. Please adjust the time period.")


def _no_forecast(_: Call) -> Item:
    message = "Insufficient amount of historical data to generate forecast. Please try again in 24 hours."
    raise Coded("DataUnavailableException", message)


def _nothing(result: str) -> Any:
    """The answer that there is none of what was asked for."""

    def none(_: Call) -> Item:
        return {result: [], "ReturnSize": 0, "TotalSize": 0}

    return none


def _savings_plans(call: Call) -> Item:
    named = ("AccountScope", "SavingsPlansType", "TermInYears", "PaymentOption", "LookbackPeriodInDays")
    given = {"AccountScope": "PAYER", **call.parameters}
    return {"SavingsPlansPurchaseRecommendation": {name: given[name] for name in named}}


def _categories(call: Call) -> Item:
    found = [
        {
            "CostCategoryArn": one.arn,
            "Name": one.name,
            "EffectiveStart": one.effective_start,
            "NumberOfRules": len(one.rules),
            "ProcessingStatus": [{"Component": "COST_EXPLORER", "Status": "APPLIED"}],
            "Values": [rule["Value"] for rule in one.rules if "Value" in rule],
            **({"DefaultValue": one.default_value} if one.default_value else {}),
        }
        for one in call.backend(SERVICE).cost_categories.values()
    ]
    return page(call, found)


EXTENSION = Extension(
    SERVICE,
    {
        **MONITORS.handlers(),
        **SUBSCRIPTIONS.handlers(),
        "GetAnomalies": _nothing("Anomalies"),
        "GetCostAndUsage": _nothing_spent,
        "GetCostForecast": _no_forecast,
        "GetDimensionValues": _nothing("DimensionValues"),
        "GetReservationPurchaseRecommendation": _nothing("Recommendations"),
        "GetReservationUtilization": _no_data,
        "GetSavingsPlansPurchaseRecommendation": _savings_plans,
        "GetSavingsPlansUtilization": _no_data,
        "GetTags": _nothing("Tags"),
        "ListCostAllocationTags": _list_tags,
        "ListCostCategoryDefinitions": _categories,
        "UpdateCostAllocationTagsStatus": _set_tags,
    },
)
