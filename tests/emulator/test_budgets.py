from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness import ACCOUNT

Client = Callable[..., Any]
NOTIFICATION = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
MAIL, OTHER = ({"SubscriptionType": "EMAIL", "Address": f"{name}@example.com"} for name in ("one", "two"))
NAMED: dict[str, Any] = {"AccountId": ACCOUNT, "BudgetName": "monthly"}
OF: dict[str, Any] = {**NAMED, "Notification": NOTIFICATION}


def budget(name: str = "monthly", amount: str = "10") -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}


@pytest.fixture
def budgets(aws: Client) -> Any:
    """Budgets with one, of one notification with one subscriber."""
    client = aws("budgets")
    told = [{"Notification": NOTIFICATION, "Subscribers": [MAIL]}]
    client.create_budget(AccountId=ACCOUNT, Budget=budget(), NotificationsWithSubscribers=told)
    return client


def test_an_account_without_budgets(aws: Client, refused: Callable[..., str]) -> None:
    client = aws("budgets")
    assert "Budgets" not in client.describe_budgets(AccountId=ACCOUNT)
    for call in (client.describe_notifications_for_budget, client.describe_budget):
        assert refused(call, **NAMED) == "NotFoundException"
    assert refused(client.describe_budgets, AccountId="9" * 12) == "AccessDeniedException"


def test_budgets_are_changed_and_come_in_pages(budgets: Any, refused: Callable[..., str]) -> None:
    for number in range(3):
        budgets.create_budget(AccountId=ACCOUNT, Budget=budget(f"other-{number}"))
    pages = budgets.get_paginator("describe_budgets").paginate(AccountId=ACCOUNT, PaginationConfig={"PageSize": 3})
    assert [len(page["Budgets"]) for page in pages] == [3, 1]
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=budget(amount="25"))
    found = budgets.describe_budget(**NAMED)["Budget"]
    assert found["BudgetLimit"]["Amount"] == "25"
    assert found["TimePeriod"]["End"].year == 2087
    history = budgets.describe_budget_performance_history(**NAMED)["BudgetPerformanceHistory"]
    assert history["BudgetedAndActualAmountsList"][0]["ActualAmount"]["Amount"] == "0"
    assert refused(budgets.update_budget, AccountId=ACCOUNT, NewBudget=budget("none")) == "NotFoundException"


def test_notifications(budgets: Any, refused: Callable[..., str]) -> None:
    [found] = budgets.describe_notifications_for_budget(**NAMED)["Notifications"]
    assert found == {**NOTIFICATION, "ThresholdType": "PERCENTAGE", "NotificationState": "OK"}
    again = {**NOTIFICATION, "ThresholdType": "PERCENTAGE"}
    create = budgets.create_notification
    assert refused(create, **{**OF, "Notification": again}, Subscribers=[MAIL]) == "DuplicateRecordException"
    new = {**NOTIFICATION, "Threshold": 100.0}
    budgets.update_notification(**NAMED, OldNotification=NOTIFICATION, NewNotification=new)
    [all_of] = budgets.describe_budget_notifications_for_account(AccountId=ACCOUNT)["BudgetNotificationsForAccount"]
    assert [one["Threshold"] for one in all_of["Notifications"]] == [100.0]
    assert refused(budgets.delete_notification, **OF) == "NotFoundException"
    budgets.delete_notification(**{**OF, "Notification": new})
    assert budgets.describe_notifications_for_budget(**NAMED)["Notifications"] == []


def test_subscribers(budgets: Any, refused: Callable[..., str]) -> None:
    told = budgets.describe_subscribers_for_notification
    assert told(**OF)["Subscribers"] == [MAIL]
    budgets.create_subscriber(**OF, Subscriber=OTHER)
    assert refused(budgets.create_subscriber, **OF, Subscriber=OTHER) == "DuplicateRecordException"
    budgets.update_subscriber(**OF, OldSubscriber=MAIL, NewSubscriber={**MAIL, "Address": "three@example.com"})
    assert [one["Address"] for one in told(**OF)["Subscribers"]] == ["three@example.com", "two@example.com"]
    assert refused(budgets.delete_subscriber, **OF, Subscriber=MAIL) == "NotFoundException"
    for subscriber in told(**OF)["Subscribers"]:
        budgets.delete_subscriber(**OF, Subscriber=subscriber)
    # With the last of them AWS deletes the notification.
    assert refused(told, **OF) == "NotFoundException"
    assert budgets.describe_notifications_for_budget(**NAMED)["Notifications"] == []


def test_actions(budgets: Any, refused: Callable[..., str]) -> None:
    made = budgets.create_budget_action(
        **NAMED,
        NotificationType="ACTUAL",
        ActionType="APPLY_IAM_POLICY",
        ActionThreshold={"ActionThresholdValue": 90.0, "ActionThresholdType": "PERCENTAGE"},
        Definition={"IamActionDefinition": {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/stop", "Roles": ["ml"]}},
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/budgets",
        ApprovalModel="MANUAL",
        Subscribers=[MAIL],
    )
    one = {**NAMED, "ActionId": made["ActionId"]}
    assert budgets.describe_budget_action(**one)["Action"]["Status"] == "STANDBY"
    assert budgets.update_budget_action(**one, ApprovalModel="AUTOMATIC")["NewAction"]["ApprovalModel"] == "AUTOMATIC"
    assert len(budgets.describe_budget_actions_for_budget(**NAMED)["Actions"]) == 1
    assert len(budgets.describe_budget_actions_for_account(AccountId=ACCOUNT)["Actions"]) == 1
    budgets.delete_budget_action(**one)
    assert refused(budgets.describe_budget_action, **one) == "NotFoundException"
