from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness import ACCOUNT

Client = Callable[..., Any]


def test_enrolment(aws: Client, refused: Callable[..., str]) -> None:
    hub = aws("cost-optimization-hub")
    assert hub.list_enrollment_statuses()["items"] == [{"accountId": ACCOUNT, "status": "Inactive"}]
    assert refused(hub.list_recommendations) == "AccessDeniedException"
    assert refused(hub.list_enrollment_statuses, accountId="9" * 12) == "AccessDeniedException"
    assert hub.update_enrollment_status(status="Active")["status"] == "Active"
    [found] = hub.list_enrollment_statuses()["items"]
    assert found["status"] == "Active"
    assert found["createdTimestamp"] <= found["lastUpdatedTimestamp"]
    assert hub.list_recommendations()["items"] == []
    assert hub.list_recommendation_summaries(groupBy="Region")["items"] == []
    hub.update_preferences(savingsEstimationMode="AfterDiscounts")
    assert hub.get_preferences()["savingsEstimationMode"] == "AfterDiscounts"
    hub.update_enrollment_status(status="Inactive")
    assert hub.list_enrollment_statuses()["items"][0]["status"] == "Inactive"
