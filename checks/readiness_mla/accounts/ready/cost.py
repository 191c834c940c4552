"""What it all costs: a budget that speaks up in time."""

from __future__ import annotations

from typing import Any

from readiness_mla.accounts.place import Do
from readiness_mla.accounts.ready.foundation import Foundation


def limit(do: Do, base: Foundation) -> None:
    """A budget a month that is told of when it is likely to be passed, and again when most of it is gone."""
    told = [
        {"SubscriptionType": "EMAIL", "Address": "learner@example.com"},
        {"SubscriptionType": "SNS", "Address": base.topic},
    ]
    do(
        "budgets",
        "CreateBudget",
        AccountId=base.here.account,
        Budget={
            "BudgetName": "ml-lab",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "50", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[
            {"Notification": _past("FORECASTED", 100.0), "Subscribers": told},
            {"Notification": _past("ACTUAL", 80.0), "Subscribers": told},
        ],
    )


def _past(kind: str, share: float) -> dict[str, Any]:
    return {
        "NotificationType": kind,
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": share,
        "ThresholdType": "PERCENTAGE",
    }
