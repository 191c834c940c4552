"""Cost Optimization Hub: enrolment and preferences; it recommends nothing where nothing is spent."""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension

SERVICE = "cost-optimization-hub"
DEFAULTS = {"savingsEstimationMode": "BeforeDiscounts", "memberAccountDiscountVisibility": "All"}


def _enrollments(call: Call) -> Item:
    """The account's enrolment, active or not."""
    if call.parameters.get("accountId", call.account) != call.account:
        raise Coded("AccessDeniedException", "Only the management account may ask for other accounts.")
    kept = call.table("Enrollment").get(call.account, {})
    members = call.table("MemberAccounts").get(call.account, {})
    return {"items": [{"accountId": call.account, "status": "Inactive", **kept}], **members}


def _enroll(call: Call) -> Item:
    status, now = call.parameters["status"], utcnow()
    kept = call.table("Enrollment").setdefault(call.account, {"createdTimestamp": now})
    kept |= {"status": status, "lastUpdatedTimestamp": now}
    members = call.parameters.get("includeMemberAccounts", False)
    call.table("MemberAccounts")[call.account] = {"includeMemberAccounts": members}
    return {"status": status}


def _require(call: Call) -> None:
    if call.table("Enrollment").get(call.account, {}).get("status") != "Active":
        raise Coded("AccessDeniedException", f"AWS account {call.account} is not enrolled for Cost Optimization Hub.")


def _recommendations(call: Call) -> Item:
    _require(call)
    return {"items": []}


def _summaries(call: Call) -> Item:
    _require(call)
    group = call.parameters["groupBy"]
    return {"items": [], "groupBy": group, "currencyCode": "USD", "estimatedTotalDedupedSavings": 0.0}


def _preferences(call: Call) -> Item:
    return {**DEFAULTS, **call.table("Preferences").get(call.account, {})}


def _prefer(call: Call) -> Item:
    _require(call)
    call.table("Preferences").setdefault(call.account, {}).update(call.parameters)
    return _preferences(call)


EXTENSION = Extension(
    SERVICE,
    {
        "ListEnrollmentStatuses": _enrollments,
        "UpdateEnrollmentStatus": _enroll,
        "ListRecommendations": _recommendations,
        "ListRecommendationSummaries": _summaries,
        "GetPreferences": _preferences,
        "UpdatePreferences": _prefer,
    },
)
