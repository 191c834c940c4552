"""AWS Budgets: what is watched, until when, and at which thresholds someone is told."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record, Scan


class BudgetAccount(Record):
    """The account, in the form in which its budgets are asked for."""

    account_id: str

    @classmethod
    def derive(cls, scan: Scan) -> Iterator[BudgetAccount]:
        """The account that is scanned."""
        yield cls(account_id=scan.account)


class Period(Record):
    """Until when a budget holds; AWS sets the year 2087 where nobody set an end."""

    end: datetime.datetime | None = None


@resource("budgets", Call(operation="DescribeBudgets", absent=("NotFoundException",)), per=BudgetAccount)
class Budget(Record):
    """A budget of the account."""

    account_id: str
    budget_name: str
    budget_type: Enumerated
    time_period: Period = Period()


@resource("budgets", "DescribeNotificationsForBudget", per=Budget)
class BudgetNotification(Record):
    """A threshold at which someone is told: with its last subscriber it would be deleted, so it has one."""

    budget_name: str
    notification_type: str
    threshold: float
