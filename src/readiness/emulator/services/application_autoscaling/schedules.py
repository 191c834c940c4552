"""Scheduled actions: at their time they give a target other bounds.

There is no clock here that waits for them: those that are due act when somebody looks at what follows from them. Of
expressions, `at` and `rate` are understood; an action by `cron` is kept, but never acts.
"""

from __future__ import annotations

import datetime
import re
import zoneinfo

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.services.application_autoscaling.targets import (
    bound,
    chosen,
    key,
    note,
    of_target,
    target,
    targets,
)

SERVICE = "application-autoscaling"
EXPRESSION = re.compile(r"(at|rate|cron)\((.+)\)")
RATE = re.compile(r"(\d+) (minute|hour|day)s?")


def _put(call: Call) -> None:
    """A new action, or a changed one, of which what is not told stays but the times between which it acts."""
    told = call.parameters
    target(call)
    name = " ".join((*key(told), told["ScheduledActionName"]))
    old = of_target(call, "ScheduledAction").get(name, {})
    item = {name: value for name, value in old.items() if name not in ("StartTime", "EndTime")} | told
    if not EXPRESSION.fullmatch(item.get("Schedule", "")):
        raise Invalid("The schedule must be an at, rate or cron expression.")
    if not item.get("ScalableTargetAction"):
        raise Invalid("A scheduled action needs a minimum or a maximum capacity.")
    if not old:
        place = f"resource/{told['ServiceNamespace']}/{told['ResourceId']}"
        path = f"scheduledAction:{uuid()}:{place}:scheduledActionName/{told['ScheduledActionName']}"
        item["ScheduledActionARN"] = call.arn(path, service="autoscaling")
        item["CreationTime"] = utcnow()
    item["Acted"] = utcnow()
    of_target(call, "ScheduledAction")[name] = item


def _describe(call: Call) -> Item:
    wanted = call.parameters.get("ScheduledActionNames")
    every = of_target(call, "ScheduledAction").values()
    return chosen(call, [one for one in every if not wanted or one["ScheduledActionName"] in wanted])


def _delete(call: Call) -> None:
    name = " ".join((*key(call.parameters), call.parameters["ScheduledActionName"]))
    if of_target(call, "ScheduledAction").pop(name, None) is None:
        raise Coded("ObjectNotFoundException", f"No scheduled action found for {name}")


def act(call: Call) -> None:
    """Let the scheduled actions act that are due."""
    for item in of_target(call, "ScheduledAction").values():
        found = targets(call)[" ".join(key(item))]
        if not _due(item) or found["SuspendedState"]["ScheduledScalingSuspended"]:
            continue
        item["Acted"] = utcnow()
        found |= item["ScalableTargetAction"]
        said = " and ".join(
            f"{word} capacity to {item['ScalableTargetAction'][name]}"
            for word, name in (("min", "MinCapacity"), ("max", "MaxCapacity"))
            if name in item["ScalableTargetAction"]
        )
        cause = f"scheduled action name {item['ScheduledActionName']} was triggered"
        note(call, found, f"Setting {said}", cause, StatusMessage=f"Successfully set {said}")
        bound(call, found)


def _due(item: Item) -> bool:
    """Whether the time of an action has come since it last acted, or since it was put."""
    now, since = utcnow(), item["Acted"]
    match = EXPRESSION.fullmatch(item["Schedule"])
    kind, told = match.groups() if match else ("", "")
    if kind == "at":
        zone = zoneinfo.ZoneInfo(item.get("Timezone", "UTC"))
        moment = datetime.datetime.fromisoformat(told).replace(tzinfo=zone)
        return _plain(since) < moment <= _plain(now)
    rate = RATE.fullmatch(told) if kind == "rate" else None
    if rate is None:
        return False
    start, end = item.get("StartTime"), item.get("EndTime")
    if (start and _plain(now) < _plain(start)) or (end and _plain(now) > _plain(end)):
        return False
    return bool(now - since >= datetime.timedelta(**{f"{rate[2]}s": int(rate[1])}))


def _plain(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


EXTENSION = Extension(
    SERVICE,
    {
        "PutScheduledAction": _put,
        "DescribeScheduledActions": _describe,
        "DeleteScheduledAction": _delete,
    },
)
