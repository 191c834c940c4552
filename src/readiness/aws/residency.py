"""What policy documents say of regions: where requests may be made, and where not."""

from __future__ import annotations

from typing import Any

from readiness.aws.access import Condition, statements

REQUESTED_REGION = "aws:requestedregion"


def region_rules(document: Any) -> list[str]:
    """Each rule by which a policy document binds requests to regions, in words; a rule that any region meets is none.

    To deny what is asked for elsewhere, or to allow what is asked for there, comes to `only in` those regions.
    """
    found = [
        ("only in " if (statement.effect == "Deny") == condition.negated else "not in ") + ", ".join(condition.values)
        for statement in statements(document)
        for condition in statement.conditions
        if _is_rule(condition)
    ]
    return list(dict.fromkeys(found))


def _is_rule(condition: Condition) -> bool:
    """Whether it compares the region that is asked with regions, as texts."""
    operator = condition.operator.lower().rpartition(":")[2]
    named = condition.values and all(value.strip("*") for value in condition.values)
    return condition.key == REQUESTED_REGION and operator.startswith("string") and bool(named)
