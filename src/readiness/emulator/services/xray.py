"""X-Ray: traces, as their segments tell them.

What moto says, and what AWS does: a trace lasts whole seconds, answers after one, was served by nobody and failed
where a segment so much as says whether it failed; and nothing can be filtered. A trace lasts from its first segment to
its last, is served by those who sent segments, and is found by simple filters: comparisons that `AND` joins.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from readiness.emulator.call import Call, Coded, Handler, Item
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "xray"
SPAN = datetime.timedelta(days=1)
"""How long a time summaries may be asked for at once."""
FLAGS = {"error": "HasError", "fault": "HasFault", "throttle": "HasThrottle"}
FIGURES = {"duration": "Duration", "responsetime": "ResponseTime"}
TERM = re.compile(
    r'^(!)?(?:(error|fault|throttle|ok)|(duration|responsetime|http\.status)\s*(>=|<=|!=|=|>|<)\s*([\d.]+)|service\("([^"]+)"\)'
    r'|annotation[.\[]"?([\w]+)"?\]?\s*=\s*"?([^"]*)"?)$',
    re.IGNORECASE,
)
SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    "!=": lambda left, right: left != right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}


def _traces(call: Call) -> Iterator[tuple[str, list[Item]]]:
    """The traces, each with its segments in the order of their beginning."""
    for name, trace in call.backend("xray")._segment_collection._traces.items():
        segments = [json.loads(segment.raw) for segment in trace["segments"]]
        yield name, sorted(segments, key=lambda segment: float(segment["start_time"]))


def _all(segments: Iterable[Item]) -> Iterator[Item]:
    """Segments, and those within them."""
    for segment in segments:
        yield segment
        yield from _all(segment.get("subsegments", []))


def _summary(call: Call, name: str, segments: list[Item]) -> Item:
    every = list(_all(segments))
    start = float(segments[0]["start_time"])
    ends = [float(segment["end_time"]) for segment in segments if "end_time" in segment]
    root = next((segment for segment in segments if "parent_id" not in segment), segments[0])
    request, response = (root.get("http", {}).get(part, {}) for part in ("request", "response"))
    http = {
        "HttpURL": request.get("url"),
        "HttpMethod": request.get("method"),
        "UserAgent": request.get("user_agent"),
        "ClientIp": request.get("client_ip"),
        "HttpStatus": response.get("status"),
    }
    services = {segment["name"]: segment.get("origin", "") for segment in segments}
    users = sorted({segment["user"] for segment in segments if "user" in segment})
    return {
        "Id": name,
        "StartTime": _moment(start),
        "Duration": round(max(ends, default=start) - start, 6),
        "ResponseTime": round(float(root.get("end_time", start)) - float(root["start_time"]), 6),
        **{member: any(segment.get(flag) for segment in every) for flag, member in FLAGS.items()},
        "IsPartial": len(ends) < len(segments) or any(segment.get("in_progress") for segment in segments),
        "Http": {member: value for member, value in http.items() if value is not None},
        "Annotations": _annotations(every),
        "Users": [{"UserName": user} for user in users],
        "ServiceIds": [_service(call, *service) for service in services.items()],
        "EntryPoint": _service(call, root["name"], root.get("origin", "")),
        "Revision": len(segments),
    }


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _service(call: Call, name: str, origin: str) -> Item:
    return {"Name": name, "Names": [name], "AccountId": call.account, **({"Type": origin} if origin else {})}


def _annotations(segments: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for segment in segments:
        for key, value in segment.get("annotations", {}).items():
            told = {"AnnotationValue": _value(value)}
            if told not in found.setdefault(key, []):
                found[key].append(told)
    return found


def _value(value: Any) -> Item:
    if isinstance(value, bool):
        return {"BooleanValue": value}
    return {"StringValue": value} if isinstance(value, str) else {"NumberValue": float(value)}


def _summaries(call: Call) -> Item:
    """The traces that began in a time, and keep a filter."""
    start, end = call.parameters["StartTime"], call.parameters["EndTime"]
    if not datetime.timedelta(0) <= end - start <= SPAN:
        raise Coded("InvalidRequestException", "EndTime must be after StartTime, by a day at most.")
    traces = [_summary(call, *trace) for trace in _traces(call)]
    within = [one for one in traces if _utc(start) <= one["StartTime"] <= _utc(end)]
    terms = re.split(r"\s+AND\s+", call.parameters.get("FilterExpression", "").strip(), flags=re.IGNORECASE)
    found = [one for one in within if all(_keeps(one, term) for term in terms if term)]
    asked = {name: value for name, value in call.parameters.items() if name == "NextToken"}
    answer = listed(call, found, "Id", result="TraceSummaries", asked={"MaxResults": 100, **asked})
    return {**answer, "ApproximateTime": datetime.datetime.now(datetime.UTC), "TracesProcessedCount": len(within)}


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _keeps(trace: Item, term: str) -> bool:
    """Whether a trace keeps one part of a filter."""
    found = TERM.match(term.strip())
    if found is None:
        raise Coded("InvalidRequestException", f"The filter expression is not valid: {term}")
    inverse, flag, figure, sign, bound, service, annotation, value = found.groups()
    if flag:
        kept = not any(trace[member] for member in FLAGS.values()) if flag == "ok" else trace[FLAGS[flag.lower()]]
    elif figure:
        of = trace["Http"].get("HttpStatus") if figure == "http.status" else trace[FIGURES[figure.lower()]]
        kept = of is not None and SIGNS[sign](float(of), float(bound))
    elif service:
        kept = service in [one["Name"] for one in trace["ServiceIds"]]
    else:
        values = [one["AnnotationValue"] for one in trace["Annotations"].get(annotation, [])]
        kept = value.lower() in [str(next(iter(one.values()))).lower().removesuffix(".0") for one in values]
    return bool(kept) != bool(inverse)


def _get(call: Call) -> Item:
    """Some traces, each with its segments."""
    known = dict(_traces(call))
    asked = call.parameters["TraceIds"]
    traces = []
    for name in asked:
        if name in known:
            documents = [{"Id": segment["id"], "Document": json.dumps(segment)} for segment in known[name]]
            duration = _summary(call, name, known[name])["Duration"]
            traces.append({"Id": name, "Duration": duration, "LimitExceeded": False, "Segments": documents})
    return {"Traces": traces, "UnprocessedTraceIds": [name for name in asked if name not in known]}


ANSWERS: Mapping[str, Handler] = {"GetTraceSummaries": _summaries, "BatchGetTraces": _get}

EXTENSION = Extension(SERVICE, ANSWERS)
