"""Scaling activities: what schedules and alarms did to the capacity of targets.

An alarm that goes off sets its policies off at once; how far its metric is beyond the threshold is not known then, so
a tracked target gains or loses one, and of the steps the first is taken.
"""

from __future__ import annotations

import math
from typing import Any

from readiness.emulator.call import Call, Item
from readiness.emulator.door import Extension
from readiness.emulator.services.application_autoscaling.capacity import current
from readiness.emulator.services.application_autoscaling.schedules import act
from readiness.emulator.services.application_autoscaling.targets import chosen, key, note, of_target, scale, targets

SERVICE = "application-autoscaling"


def _react(call: Call) -> None:
    """Set off the policies whose alarms have gone off since this was last looked at."""
    seen = call.table("Alarm", SERVICE)
    for policy in of_target(call, "ScalingPolicy").values():
        for alarm in call.backend("cloudwatch").alarms.values():
            if policy["PolicyARN"] not in alarm.alarm_actions or not alarm.actions_enabled:
                continue
            state: Item = {"State": alarm.state_value, "Since": alarm.state_updated_timestamp}
            name = f"{policy['PolicyARN']} {alarm.name}"
            if alarm.state_value == "ALARM" and seen.get(name) != state:
                _set_off(call, policy, alarm)
            seen[name] = state


def _set_off(call: Call, policy: Item, alarm: Any) -> None:
    found = targets(call)[" ".join(key(policy))]
    count = current(call, found["ResourceId"], found["ScalableDimension"])
    if count is None:
        return
    wanted = _wanted(policy, alarm, count)
    suspended = found["SuspendedState"]
    if suspended["DynamicScalingOutSuspended"] if wanted > count else suspended["DynamicScalingInSuspended"]:
        return
    cause = f"monitor alarm {alarm.name} in state ALARM triggered policy {policy['PolicyName']}"
    allowed = min(max(wanted, found["MinCapacity"]), found["MaxCapacity"])
    if allowed != count:
        scale(call, found, allowed, cause)
        return
    bound = "" if wanted == count else "Max" if wanted > count else "Min"
    code = f"AlreadyAt{bound or 'Desired'}Capacity"
    reason = {"Code": code, "CurrentCapacity": count, **({f"{bound}Capacity": allowed} if bound else {})}
    description = "Attempting to scale due to alarm triggered"
    note(call, found, description, cause, StatusCode="Failed", NotScaledReasons=[reason])


def _wanted(policy: Item, alarm: Any, count: int) -> int:
    """The capacity that a policy asks for when its alarm goes off."""
    told: Item = policy.get("StepScalingPolicyConfiguration", {})
    above = str(alarm.comparison_operator).startswith("Greater")
    if not told:
        return count + (1 if above else -1)
    steps = told.get("StepAdjustments", [])
    # What lies right beyond the threshold, on the side where the alarm is.
    edge = "MetricIntervalLowerBound" if above else "MetricIntervalUpperBound"
    steps = [step for step in steps if not step.get(edge)] or steps
    amount = steps[0]["ScalingAdjustment"] if steps else 0
    kind = told.get("AdjustmentType", "ChangeInCapacity")
    if kind == "ExactCapacity":
        return int(amount)
    if kind == "PercentChangeInCapacity":
        least = told.get("MinAdjustmentMagnitude", 1)
        amount = math.copysign(max(abs(count * amount) // 100, least), amount)
    return count + int(amount)


def _look(call: Call) -> None:
    act(call)
    _react(call)


def _describe(call: Call) -> Item:
    """The newest first; what came to nothing only if it is asked for."""
    _look(call)
    unscaled = call.parameters.get("IncludeNotScaledActivities", False)
    found = [
        one
        for one in reversed(call.table("ScalingActivity", SERVICE).values())
        if unscaled or "NotScaledReasons" not in one
    ]
    return chosen(call, found)


EXTENSIONS = [
    Extension(SERVICE, {"DescribeScalingActivities": _describe}),
    Extension("cloudwatch", after={"SetAlarmState": _look}),
]
