"""AWS Budgets: subscribers, changes, pages and actions, which moto lacks.

moto fails with a KeyError where a budget is not there, tells no state of a notification, and takes a notification
without a subscriber and the same one twice. AWS deletes a notification with its last subscriber.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import unix_time, utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.pages import page
from readiness.emulator.references import uuid

SERVICE = "budgets"


def _budget(call: Call) -> Any:
    _own_account(call)
    name = call.parameters["BudgetName"]
    found = call.backend(SERVICE).budgets[call.parameters["AccountId"]].get(name)
    if found is None:
        raise NotFound(f"Unable to get budget: {name} - the budget doesn't exist.")
    return found


def _own_account(call: Call) -> None:
    if call.parameters["AccountId"] != call.account:
        raise Coded("AccessDeniedException", f"Account {call.account} may not ask for another account's budgets.")


def _same(one: Item, other: Item) -> bool:
    """Whether two notifications are one: that of the same threshold."""
    names = ("NotificationType", "ComparisonOperator", "Threshold")
    kinds = {each.get("ThresholdType", "PERCENTAGE") for each in (one, other)}
    return all(one[name] == other[name] for name in names) and len(kinds) == 1


def _notification(call: Call, budget: Any, member: str = "Notification") -> Any:
    wanted = call.parameters[member]
    found = next((one for one in budget.notifications if _same(one.details, wanted)), None)
    if found is None:
        raise NotFound("Unable to find the notification.")
    return found


def _describe_budgets(call: Call) -> Item:
    """A page of them; where there is none, AWS's answer is empty."""
    _own_account(call)
    found = call.backend(SERVICE).describe_budgets(call.account)
    return page(call, list(found)) if found else {}


def _with_state(notification: Item) -> Item:
    return {"NotificationState": "OK", "ThresholdType": "PERCENTAGE", **notification}


def _update_budget(call: Call) -> None:
    new = call.parameters["NewBudget"]
    call.parameters["BudgetName"] = new["BudgetName"]
    budget = _budget(call)
    if not {"BudgetLimit", "PlannedBudgetLimits", "AutoAdjustData"} & {*new}:
        raise Invalid(
            "Unable to create/update budget - please provide a Budget Limit, a Planned one or Auto Adjust Data"
        )
    budget.budget = {"TimePeriod": budget.budget["TimePeriod"], **new, "LastUpdatedTime": unix_time()}


def _notifications(call: Call) -> Item:
    return page(call, [_with_state(one.details) for one in _budget(call).notifications])


def _create_notification(call: Call) -> Item:
    if any(_same(one.details, call.parameters["Notification"]) for one in _budget(call).notifications):
        raise InUse("The notification already exists.")
    raise Elsewhere


def _update_notification(call: Call) -> None:
    found = _notification(call, _budget(call), "OldNotification")
    found.details = call.parameters["NewNotification"]


def _delete_notification(call: Call) -> None:
    budget = _budget(call)
    budget.notifications.remove(_notification(call, budget))


def _subscribers(call: Call) -> Item:
    return page(call, list(_notification(call, _budget(call)).subscribers))


def _create_subscriber(call: Call) -> None:
    notification = _notification(call, _budget(call))
    if call.parameters["Subscriber"] in notification.subscribers:
        raise InUse("The subscriber already exists.")
    notification.subscribers.append(call.parameters["Subscriber"])


def _update_subscriber(call: Call) -> None:
    notification = _notification(call, _budget(call))
    subscribers = notification.subscribers
    subscribers[_place(subscribers, call.parameters["OldSubscriber"])] = call.parameters["NewSubscriber"]


def _delete_subscriber(call: Call) -> None:
    budget = _budget(call)
    notification = _notification(call, budget)
    del notification.subscribers[_place(notification.subscribers, call.parameters["Subscriber"])]
    if not notification.subscribers:
        budget.notifications.remove(notification)


def _place(subscribers: list[Item], wanted: Item) -> int:
    if wanted not in subscribers:
        raise NotFound("Unable to find the subscriber.")
    return subscribers.index(wanted)


def _create_action(call: Call) -> Item:
    _budget(call)
    names = ("BudgetName", "NotificationType", "ActionType", "ActionThreshold", "Definition", "ExecutionRoleArn")
    given = {name: call.parameters[name] for name in (*names, "ApprovalModel", "Subscribers")}
    action = {"ActionId": uuid(), **given, "Status": "STANDBY"}
    call.table("Action")[action["ActionId"]] = action
    return {"AccountId": call.account, "BudgetName": action["BudgetName"], "ActionId": action["ActionId"]}


def _action(call: Call) -> Item:
    _budget(call)
    found = call.table("Action").get(call.parameters["ActionId"])
    if found is None or found["BudgetName"] != call.parameters["BudgetName"]:
        raise NotFound("Unable to find the action.")
    return found


def _told(call: Call, action: Item) -> Item:
    return {"AccountId": call.account, "BudgetName": action["BudgetName"], "Action": action}


def _describe_action(call: Call) -> Item:
    return _told(call, _action(call))


def _update_action(call: Call) -> Item:
    action = _action(call)
    before = dict(action)
    action |= {name: value for name, value in call.parameters.items() if name in action}
    told = {"AccountId": call.account, "BudgetName": action["BudgetName"]}
    return {**told, "OldAction": before, "NewAction": action}


def _delete_action(call: Call) -> Item:
    action = _action(call)
    del call.table("Action")[action["ActionId"]]
    return _told(call, action)


def _actions(call: Call) -> Item:
    """Those of a budget, or of the account."""
    _own_account(call)
    if "BudgetName" in call.parameters:
        _budget(call)
    name = call.parameters.get("BudgetName")
    return page(call, [one for one in call.table("Action").values() if name in (None, one["BudgetName"])])


def _of_account(call: Call) -> Item:
    """The notifications of all budgets."""
    _own_account(call)
    budgets = call.backend(SERVICE).budgets[call.account].items()
    found = [
        {"BudgetName": name, "Notifications": [_with_state(one.details) for one in budget.notifications]}
        for name, budget in budgets
    ]
    return page(call, found)


def _performance(call: Call) -> Item:
    """What was budgeted for this period, and that nothing was spent."""
    budget = _budget(call).to_dict()
    now = utcnow()
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    limit = budget.get("BudgetLimit", {"Amount": "0", "Unit": "USD"})
    amounts = {
        "BudgetedAmount": limit,
        "ActualAmount": {"Amount": "0", "Unit": limit["Unit"]},
        "TimePeriod": {"Start": start, "End": now},
    }
    history = {name: budget[name] for name in ("BudgetName", "BudgetType", "TimeUnit", "CostTypes") if name in budget}
    return {"BudgetPerformanceHistory": {**history, "BudgetedAndActualAmountsList": [amounts]}}


EXTENSION = Extension(
    SERVICE,
    {
        "CreateBudgetAction": _create_action,
        "CreateNotification": _create_notification,
        "CreateSubscriber": _create_subscriber,
        "DeleteBudgetAction": _delete_action,
        "DeleteNotification": _delete_notification,
        "DeleteSubscriber": _delete_subscriber,
        "DescribeBudgetAction": _describe_action,
        "DescribeBudgetActionsForAccount": _actions,
        "DescribeBudgetActionsForBudget": _actions,
        "DescribeBudgetNotificationsForAccount": _of_account,
        "DescribeBudgetPerformanceHistory": _performance,
        "DescribeBudgets": _describe_budgets,
        "DescribeNotificationsForBudget": _notifications,
        "DescribeSubscribersForNotification": _subscribers,
        "UpdateBudget": _update_budget,
        "UpdateBudgetAction": _update_action,
        "UpdateNotification": _update_notification,
        "UpdateSubscriber": _update_subscriber,
    },
)
