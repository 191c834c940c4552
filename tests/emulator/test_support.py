from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_the_basic_support_plan_has_no_use_of_these_apis(aws: Callable[..., Any], refused: Callable[..., str]) -> None:
    checks = aws("support").describe_trusted_advisor_checks
    assert refused(checks, language="en") == "SubscriptionRequiredException"
    assert refused(aws("trustedadvisor").list_recommendations) == "AccessDeniedException"
    assert refused(aws("trustedadvisor").list_checks) == "AccessDeniedException"
