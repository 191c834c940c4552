from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]


@pytest.fixture
def plans(aws: Client) -> Any:
    return aws("savingsplans")


def offering(plans: Any, payment: str = "No Upfront") -> str:
    asked = {"planTypes": ["SageMaker"], "paymentOptions": [payment], "durations": [365 * 24 * 3600]}
    [found] = plans.describe_savings_plans_offerings(**asked)["searchResults"]
    return str(found["offeringId"])


def test_offerings(plans: Any) -> None:
    every = plans.describe_savings_plans_offerings()["searchResults"]
    assert {one["planType"] for one in every} == {"Compute", "EC2Instance", "SageMaker"}
    assert len({one["offeringId"] for one in every}) == len(every)
    machine_learning = plans.describe_savings_plans_offerings(productType="SageMaker")["searchResults"]
    assert {one["planType"] for one in machine_learning} == {"SageMaker"}
    family = [{"name": "instanceFamily", "values": ["m5"]}]
    assert plans.describe_savings_plans_offerings(filters=family)["searchResults"][0]["planType"] == "EC2Instance"
    page = plans.describe_savings_plans_offerings(maxResults=4)
    rest = plans.describe_savings_plans_offerings(maxResults=100, nextToken=page["nextToken"])
    assert len(page["searchResults"]) + len(rest["searchResults"]) == len(every)


def test_plans_are_bought_queued_returned_and_tagged(plans: Any, refused: Callable[..., str]) -> None:
    create = plans.create_savings_plan
    bought = create(savingsPlanOfferingId=offering(plans), commitment="1.5", tags={"team": "ml"})["savingsPlanId"]
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
    reserved = {"savingsPlanOfferingId": offering(plans, "All Upfront"), "commitment": "1", "purchaseTime": later}
    queued = create(**reserved)["savingsPlanId"]
    found = {one["savingsPlanId"]: one for one in plans.describe_savings_plans()["savingsPlans"]}
    assert found[bought]["state"] == "active"
    assert found[bought]["savingsPlanType"] == "SageMaker"
    assert (found[bought]["upfrontPaymentAmount"], found[bought]["recurringPaymentAmount"]) == ("0.00", "1.50000000")
    assert found[queued]["upfrontPaymentAmount"] == "8760.00"
    [one] = plans.describe_savings_plans(states=["queued"])["savingsPlans"]
    assert one["savingsPlanId"] == queued
    by_payment = [{"name": "payment-option", "values": ["No Upfront"]}]
    [one] = plans.describe_savings_plans(filters=by_payment)["savingsPlans"]
    assert one["savingsPlanId"] == bought
    plans.untag_resource(resourceArn=one["savingsPlanArn"], tagKeys=["team"])
    assert plans.list_tags_for_resource(resourceArn=one["savingsPlanArn"])["tags"] == {}
    assert refused(plans.delete_queued_savings_plan, savingsPlanId=bought) == "ValidationException"
    plans.delete_queued_savings_plan(savingsPlanId=queued)
    plans.return_savings_plan(savingsPlanId=bought)
    states = {one["state"] for one in plans.describe_savings_plans()["savingsPlans"]}
    assert states == {"returned", "queued-deleted"}


def test_refusals(plans: Any, refused: Callable[..., str]) -> None:
    create = plans.create_savings_plan
    assert refused(create, savingsPlanOfferingId="0" * 36, commitment="1") == "ResourceNotFoundException"
    known = {"savingsPlanOfferingId": offering(plans)}
    assert refused(create, **known, commitment="much") == "ValidationException"
    assert refused(create, **known, commitment="1", upfrontPaymentAmount="9") == "ValidationException"
    assert refused(plans.return_savings_plan, savingsPlanId="0" * 36) == "ResourceNotFoundException"
