"""Savings Plans: offerings, and plans that are bought or queued."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import uuid

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.pages import page
from readiness.emulator.references import uuid as new_id
from readiness.emulator.tagging import Tagging

SERVICE = "savingsplans"
YEAR = 365 * 24 * 3600
PRODUCTS = {"Compute": ["EC2", "Fargate", "Lambda"], "EC2Instance": ["EC2"], "SageMaker": ["SageMaker"]}
"""Types of plans, and what they make cheaper."""
PAYMENTS = ("No Upfront", "Partial Upfront", "All Upfront")
FAMILY = "m5"
"""The only instance family whose plans are offered here."""


def _all_offerings(call: Call) -> list[Item]:
    return [
        {
            "offeringId": str(uuid.UUID(hashlib.md5(f"{kind}{payment}{years}".encode()).hexdigest())),  # noqa: S324
            "productTypes": PRODUCTS[kind],
            "planType": kind,
            "description": f"{years} year {payment} {kind} Savings Plan",
            "paymentOption": payment,
            "durationSeconds": years * YEAR,
            "currency": "USD",
            "properties": [{"name": "region", "value": call.region}, {"name": "instanceFamily", "value": FAMILY}]
            if kind == "EC2Instance"
            else [],
        }
        for kind, payment, years in itertools.product(PRODUCTS, PAYMENTS, (1, 3))
    ]


def _offerings(call: Call) -> Item:
    """What may be bought, by the parameters of the request."""
    asked = call.parameters
    members = {
        "offeringIds": "offeringId",
        "paymentOptions": "paymentOption",
        "planTypes": "planType",
        "durations": "durationSeconds",
        "currencies": "currency",
        "descriptions": "description",
    }
    found = [
        one
        for one in _all_offerings(call)
        if all(not asked.get(name) or one[member] in asked[name] for name, member in members.items())
        and asked.get("productType") in (None, *one["productTypes"])
        and all(_has(one, each) for each in asked.get("filters", []))
    ]
    return page(call, found, most=1000)


def _has(offering: Item, wanted: Item) -> bool:
    return any(one["name"] == wanted["name"] and one["value"] in wanted["values"] for one in offering["properties"])


def _create(call: Call) -> Item:
    """Buy a plan now, or later: then it is queued."""
    asked = call.parameters
    wanted = asked["savingsPlanOfferingId"]
    offering = next((one for one in _all_offerings(call) if one["offeringId"] == wanted), None)
    if offering is None:
        raise NotFound(f"The offering {wanted} does not exist.")
    try:
        commitment = float(asked["commitment"])
    except ValueError:
        commitment = 0.0
    if not 0.001 <= commitment <= 1_000_000:
        raise Invalid("The commitment must be between 0.001 and 1000000.")
    if "upfrontPaymentAmount" in asked and offering["paymentOption"] != "Partial Upfront":
        raise Invalid("upfrontPaymentAmount is only supported if the payment option is Partial Upfront.")
    now = utcnow()
    start = asked.get("purchaseTime", now)
    start = start.replace(tzinfo=None) if now.tzinfo is None else start
    total = commitment * offering["durationSeconds"] / 3600
    share = {"No Upfront": 0.0, "Partial Upfront": 0.5, "All Upfront": 1.0}[offering["paymentOption"]]
    upfront = float(asked.get("upfrontPaymentAmount", total * share))
    identity = new_id()
    call.table("SavingsPlan")[identity] = {
        "offeringId": wanted,
        "savingsPlanId": identity,
        "savingsPlanArn": call.arn(f"savingsplan/{identity}", regional=False),
        "description": offering["description"],
        "start": _text(start),
        "end": _text(start + datetime.timedelta(seconds=offering["durationSeconds"] - 1)),
        "state": "queued" if start > now else "active",
        "savingsPlanType": offering["planType"],
        "paymentOption": offering["paymentOption"],
        "productTypes": offering["productTypes"],
        "currency": offering["currency"],
        "commitment": asked["commitment"],
        "upfrontPaymentAmount": f"{upfront:.2f}",
        "recurringPaymentAmount": f"{(total - upfront) * 3600 / offering['durationSeconds']:.8f}",
        "termDurationInSeconds": offering["durationSeconds"],
        "returnableUntil": _text(start + datetime.timedelta(days=7)),
        "tags": asked.get("tags", {}),
        **({"region": call.region, "ec2InstanceFamily": FAMILY} if offering["planType"] == "EC2Instance" else {}),
    }
    return {"savingsPlanId": identity}


def _text(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


FILTERS = {
    "region": "region",
    "ec2-instance-family": "ec2InstanceFamily",
    "instance-family": "ec2InstanceFamily",
    "commitment": "commitment",
    "upfront": "upfrontPaymentAmount",
    "term": "termDurationInSeconds",
    "savings-plan-type": "savingsPlanType",
    "payment-option": "paymentOption",
    "start": "start",
    "end": "end",
}
"""Filters -> the members of a plan that they are about."""


def _describe(call: Call) -> Item:
    asked = call.parameters
    found = [
        plan
        for plan in call.table("SavingsPlan").values()
        if (not asked.get("savingsPlanArns") or plan["savingsPlanArn"] in asked["savingsPlanArns"])
        and (not asked.get("savingsPlanIds") or plan["savingsPlanId"] in asked["savingsPlanIds"])
        and (not asked.get("states") or plan["state"] in asked["states"])
        and all(str(plan.get(FILTERS[one["name"]])) in one["values"] for one in asked.get("filters", []))
    ]
    return page(call, found, most=1000)


def _plan(call: Call) -> Item:
    wanted = call.parameters["savingsPlanId"]
    found = call.table("SavingsPlan").get(wanted)
    if found is None:
        raise NotFound(f"The Savings Plan {wanted} does not exist.")
    return found


def _delete(call: Call) -> None:
    """Only what is queued can be deleted, and it stays to be seen."""
    plan = _plan(call)
    if plan["state"] != "queued":
        raise Invalid("Only a queued Savings Plan can be deleted.")
    plan["state"] = "queued-deleted"


def _return(call: Call) -> Item:
    plan = _plan(call)
    if plan["state"] != "active":
        raise Invalid("Only an active Savings Plan can be returned.")
    plan["state"] = "returned"
    return {"savingsPlanId": plan["savingsPlanId"]}


EXTENSION = Extension(
    SERVICE,
    {
        **Tagging(SERVICE, {"SavingsPlan": "savingsPlanArn"}).handlers(),
        "CreateSavingsPlan": _create,
        "DeleteQueuedSavingsPlan": _delete,
        "DescribeSavingsPlans": _describe,
        "DescribeSavingsPlansOfferings": _offerings,
        "ReturnSavingsPlan": _return,
    },
)
