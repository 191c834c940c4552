"""Step Functions: executions that go through their definition and end.

moto leaves every execution RUNNING and tells the same history of all of them, of the year 2020; it takes definitions
that are none, lists executions of express machines, and aborts what is over. Here an execution passes its states: what
a task of another service answers is not known, so its input is handed on; choices are made by the data as far as it
goes. An execution that waits for an activity or for a task token goes on RUNNING.
"""

from __future__ import annotations

import datetime
import json
import operator
from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Elsewhere, Item
from readiness.emulator.door import Extension
from readiness.emulator.references import uuid
from readiness.emulator.resources import listed

SERVICE = "stepfunctions"
MOST = 1000
"""After how many states an execution that turns in circles is given up; AWS does after 25,000 events."""
KINDS = {"Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"}
NEXTLESS = {"Choice", "Succeed", "Fail"}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Equals": operator.eq,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "String": str,
    "Numeric": (int, float),
    "Boolean": bool,
    "Timestamp": str,
}
NOTHING = object()


def _problems(text: str) -> list[str]:
    """Why a text is no definition of a state machine."""
    try:
        told = json.loads(text)
    except ValueError as problem:
        return [f"INVALID_JSON_DESCRIPTION: {problem}"]
    if not isinstance(told, dict):
        return ["INVALID_JSON_DESCRIPTION: not an object"]
    return _faults(told)


def _faults(told: dict[str, Any]) -> list[str]:
    states = told.get("States")
    if not isinstance(states, dict) or not states:
        return ["SCHEMA_VALIDATION_FAILED: States is required"]
    found = [] if told.get("StartAt") in states else ["MISSING_TRANSITION_TARGET: StartAt names no state"]
    for name, state in states.items():
        if state.get("Type") not in KINDS:
            found.append(f"SCHEMA_VALIDATION_FAILED: {name} has no known Type")
        elif state["Type"] not in NEXTLESS and "Next" not in state and not state.get("End"):
            found.append(f"SCHEMA_VALIDATION_FAILED: {name} has neither Next nor End")
        lost = [target for target in _targets(state) if target not in states]
        found += [f"MISSING_TRANSITION_TARGET: {name} leads to {target}, which is no state" for target in lost]
        inner = [*state.get("Branches", []), *(state[key] for key in ("Iterator", "ItemProcessor") if key in state)]
        for one in inner:
            found += _faults(one)
    return found


def _targets(state: dict[str, Any]) -> list[str]:
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [way["Next"] for way in ways if "Next" in way] + [state[key] for key in ("Default",) if key in state]


def _check(call: Call) -> Item:
    """Refuse what is no definition; moto does the rest."""
    if "definition" in call.parameters and (found := _problems(call.parameters["definition"])):
        raise Coded("InvalidDefinition", f"Invalid State Machine Definition: '{found[0]}'")
    raise Elsewhere


def _validate(call: Call) -> Item:
    found = [
        {"severity": "ERROR", "code": code, "message": message}
        for code, _, message in (problem.partition(": ") for problem in _problems(call.parameters["definition"]))
    ]
    return {"result": "FAIL" if found else "OK", "diagnostics": found, "truncated": False}


class _Run:
    """A way through a definition, and its history."""

    def __init__(self, definition: dict[str, Any], data: Any, role: str, start: datetime.datetime) -> None:
        self.definition = definition
        self.data = data
        self.status = "RUNNING"
        self.error = ""
        self.cause = ""
        self.moment = start
        self.events: list[Item] = []
        told = {"input": json.dumps(data), "inputDetails": {"truncated": False}, "roleArn": role}
        self._note("ExecutionStarted", executionStartedEventDetails=told)
        self._go()

    def _note(self, kind: str, **told: Item) -> None:
        number = len(self.events) + 1
        event = {"timestamp": self.moment, "type": kind, "id": number, "previousEventId": number - 1}
        self.events.append({**event, **told})

    def _go(self) -> None:
        states: dict[str, Any] = self.definition["States"]
        name: str | None = self.definition["StartAt"]
        for _ in range(MOST):
            if name is None:
                return self._end("SUCCEEDED")
            state = states[name]
            kind = state["Type"]
            told = {"name": name, "input": json.dumps(self.data), "inputDetails": {"truncated": False}}
            self._note(f"{kind}StateEntered", stateEnteredEventDetails=told)
            if kind == "Fail":
                self.error, self.cause = str(state.get("Error", "")), str(state.get("Cause", ""))
                return self._end("FAILED")
            if kind == "Task" and _waits(state):
                return None
            if kind == "Pass" and "Result" in state:
                self.data = _placed(self.data, state.get("ResultPath", "$"), state["Result"])
            name = self._choice(state) if kind == "Choice" else state.get("Next")
            if self.error:
                return self._end("FAILED")
            self.moment += datetime.timedelta(seconds=1)
            told = {"name": told["name"], "output": json.dumps(self.data), "outputDetails": {"truncated": False}}
            self._note(f"{kind}StateExited", stateExitedEventDetails=told)
        self.error, self.cause = "States.Runtime", "The execution reached the maximum number of history events."
        return self._end("FAILED")

    def _choice(self, state: dict[str, Any]) -> str | None:
        for rule in state["Choices"]:
            if _holds(rule, self.data):
                return str(rule["Next"])
        if "Default" not in state:
            self.error, self.cause = "States.NoChoiceMatched", "No choice rule matched and there is no default."
            return None
        return str(state["Default"])

    def _end(self, status: str) -> None:
        self.status = status
        if status == "SUCCEEDED":
            told = {"output": json.dumps(self.data), "outputDetails": {"truncated": False}}
            self._note("ExecutionSucceeded", executionSucceededEventDetails=told)
        else:
            self._note("ExecutionFailed", executionFailedEventDetails={"error": self.error, "cause": self.cause})


def _waits(state: dict[str, Any]) -> bool:
    resource = str(state.get("Resource", ""))
    return ":activity:" in resource or resource.endswith(".waitForTaskToken")


def _placed(data: Any, path: str | None, value: Any) -> Any:
    """The data with a result at the place that a path names: `$` for all of it, null for nowhere."""
    if path is None:
        return data
    if path == "$" or not isinstance(data, dict):
        return value
    first, _, rest = path.removeprefix("$.").partition(".")
    return {**data, first: _placed(data.get(first, {}), f"$.{rest}" if rest else "$", value)}


def _found(data: Any, path: str) -> Any:
    """What is at a path of the data."""
    for name in path.removeprefix("$").split("."):
        if name:
            data = data.get(name, NOTHING) if isinstance(data, dict) else NOTHING
    return data


def _holds(rule: dict[str, Any], data: Any) -> bool:
    """Whether a rule of a choice fits the data; what can't be compared does not."""
    if "And" in rule:
        return all(_holds(one, data) for one in rule["And"])
    if "Or" in rule:
        return any(_holds(one, data) for one in rule["Or"])
    if "Not" in rule:
        return not _holds(rule["Not"], data)
    value = _found(data, str(rule.get("Variable", "")))
    for name, wanted in rule.items():
        if name == "IsPresent":
            return (value is not NOTHING) is wanted
        if name == "IsNull":
            return (value is None) is wanted
        for kind, sort in TYPES.items():
            if name.startswith(kind) and name[len(kind) :].removesuffix("Path") in COMPARISONS:
                other = _found(data, wanted) if name.endswith("Path") else wanted
                compare = COMPARISONS[name[len(kind) :].removesuffix("Path")]
                return isinstance(value, sort) and isinstance(other, sort) and bool(compare(value, other))
    return False


def _machine(call: Call) -> Any:
    arn = call.parameters["stateMachineArn"]
    return next((one for one in call.backend(SERVICE).state_machines if f"{arn}:".startswith(f"{one.arn}:")), None)


def _run(machine: Any, given: str, start: datetime.datetime) -> _Run:
    return _Run(json.loads(machine.definition), json.loads(given), machine.roleArn, start)


def _started(call: Call) -> None:
    """Let the execution that moto has just made go through its states."""
    machine = _machine(call)
    if machine is None or not machine.executions or _problems(machine.definition):
        return
    execution = machine.executions[-1]
    run = _run(machine, execution.execution_input, execution.start_date)
    execution.status = run.status
    call.table("History")[execution.execution_arn] = {"Events": run.events}
    if run.status != "RUNNING":
        execution.stop_date = run.moment
    if run.status == "SUCCEEDED":
        execution.output, execution.output_details = json.dumps(run.data), {"included": True}
    if run.status == "FAILED":
        execution.error, execution.cause = run.error, run.cause


def _start_sync(call: Call) -> Item:
    machine = _machine(call)
    if machine is None:
        raise Coded("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{call.parameters['stateMachineArn']}'")
    if machine.type != "EXPRESS":
        raise Coded("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    given, name = call.parameters.get("input", "{}"), call.parameters.get("name", uuid())
    run = _run(machine, given, utcnow())
    took = run.moment - run.events[0]["timestamp"]
    answer = {
        "executionArn": call.arn(f"express:{machine.name}:{name}:{uuid()}"),
        "stateMachineArn": machine.arn,
        "name": name,
        "startDate": run.events[0]["timestamp"],
        "stopDate": run.moment,
        "status": run.status if run.status != "RUNNING" else "TIMED_OUT",
        "input": given,
        "billingDetails": {
            "billedMemoryUsedInMB": 64,
            "billedDurationInMilliseconds": int(took.total_seconds() * 1000),
        },
    }
    if run.status == "SUCCEEDED":
        return {**answer, "output": json.dumps(run.data)}
    return {**answer, "error": run.error, "cause": run.cause}


def _list(call: Call) -> Item:
    """Express machines keep no list of their executions."""
    if "stateMachineArn" in call.parameters:
        machine = _machine(call)
        if machine is not None and machine.type == "EXPRESS":
            raise Coded("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    raise Elsewhere


def _history(call: Call) -> Item:
    kept = call.table("History").get(call.parameters["executionArn"])
    if kept is None:
        raise Elsewhere
    events = list(reversed(kept["Events"])) if call.parameters.get("reverseOrder") else kept["Events"]
    asked: Item = {"maxResults": 100}
    asked |= {name: call.parameters[name] for name in ("maxResults", "nextToken") if name in call.parameters}
    return listed(call, events, asked=asked)


def _stop(call: Call) -> Item:
    """What is over stays as it ended."""
    for machine in call.backend(SERVICE).state_machines:
        for execution in machine.executions:
            if execution.execution_arn == call.parameters["executionArn"] and execution.status != "RUNNING":
                return {"stopDate": execution.stop_date}
    raise Elsewhere


EXTENSION = Extension(
    SERVICE,
    {
        "CreateStateMachine": _check,
        "UpdateStateMachine": _check,
        "ValidateStateMachineDefinition": _validate,
        "StartSyncExecution": _start_sync,
        "ListExecutions": _list,
        "GetExecutionHistory": _history,
        "StopExecution": _stop,
    },
    after={"StartExecution": _started},
)
