from __future__ import annotations

import json
from typing import Any

import pytest

from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/flow"
TRAIN = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "Next": "Good"}
GATE = {
    "Type": "Choice",
    "Choices": [
        {
            "And": [
                {"Variable": "$.auc", "IsPresent": True},
                {"Variable": "$.auc", "NumericGreaterThanEquals": 0.8},
            ],
            "Next": "Register",
        }
    ],
    "Default": "Weak",
}
STATES = {
    "Train": TRAIN,
    "Good": GATE,
    "Register": {"Type": "Pass", "Result": "v1", "ResultPath": "$.version", "End": True},
    "Weak": {"Type": "Fail", "Error": "TooWeak", "Cause": "auc"},
}


def define(states: dict[str, Any] | None = None, start: str = "Train") -> str:
    return json.dumps({"StartAt": start, "States": STATES if states is None else states})


def make(client: Any, definition: str, **given: Any) -> str:
    return str(
        client.create_state_machine(name="retrain", definition=definition, roleArn=ROLE, **given)["stateMachineArn"]
    )


def run(client: Any, arn: str, **data: Any) -> dict[str, Any]:
    started = client.start_execution(stateMachineArn=arn, input=json.dumps(data))
    found: dict[str, Any] = client.describe_execution(executionArn=started["executionArn"])
    return found


def test_an_execution_goes_its_way_by_its_input(aws: Any) -> None:
    client = aws("stepfunctions")
    arn = make(client, define())
    well, badly = run(client, arn, auc=0.9), run(client, arn, auc=0.5)
    assert (well["status"], json.loads(well["output"])) == ("SUCCEEDED", {"auc": 0.9, "version": "v1"})
    assert well["startDate"] < well["stopDate"]
    assert (badly["status"], badly["error"]) == ("FAILED", "TooWeak")
    found = client.list_executions(stateMachineArn=arn)["executions"]
    assert [one["status"] for one in found] == ["FAILED", "SUCCEEDED"]
    assert len(client.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"]) == 1
    events = client.get_execution_history(executionArn=well["executionArn"])["events"]
    names = [one["stateEnteredEventDetails"]["name"] for one in events if "stateEnteredEventDetails" in one]
    assert names == ["Train", "Good", "Register"]
    assert events[0]["timestamp"] == well["startDate"]
    [last] = client.get_execution_history(executionArn=badly["executionArn"], reverseOrder=True, maxResults=1)["events"]
    assert last["type"] == "ExecutionFailed"
    client.stop_execution(executionArn=well["executionArn"])
    assert client.describe_execution(executionArn=well["executionArn"])["status"] == "SUCCEEDED"


def test_what_waits_for_somebody_runs_on(aws: Any) -> None:
    client = aws("stepfunctions")
    ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    found = run(client, make(client, define({"Ask": ask}, "Ask")))
    assert found["status"] == "RUNNING"
    client.stop_execution(executionArn=found["executionArn"])
    assert client.describe_execution(executionArn=found["executionArn"])["status"] == "ABORTED"


@pytest.mark.parametrize(
    ("states", "start", "error"),
    [
        ({"A": {"Type": "Pass", "Next": "A"}}, "A", "States.Runtime"),
        (
            {"A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "A"}]}},
            "A",
            "States.NoChoiceMatched",
        ),
    ],
)
def test_what_comes_to_no_end_fails(aws: Any, states: dict[str, Any], start: str, error: str) -> None:
    client = aws("stepfunctions")
    found = run(client, make(client, define(states, start)), x=1)
    assert (found["status"], found["error"]) == ("FAILED", error)


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "[]",
        define({}),
        define(start="None"),
        define({"Train": {"Type": "Task"}}),
        define({"Train": {"Type": "Dance", "End": True}}),
        define({"Train": {"Type": "Pass", "Next": "None"}}),
        define({"Train": {"Type": "Parallel", "Branches": [{"StartAt": "x", "States": {}}], "End": True}}),
    ],
)
def test_definitions_that_are_none(aws: Any, refused: Any, wrong: str) -> None:
    client = aws("stepfunctions")
    given = {"name": "retrain", "definition": wrong, "roleArn": ROLE}
    assert refused(client.create_state_machine, **given) == "InvalidDefinition"
    assert client.validate_state_machine_definition(definition=wrong)["result"] == "FAIL"
    arn = make(client, define())
    assert refused(client.update_state_machine, stateMachineArn=arn, definition=wrong) == "InvalidDefinition"
    assert client.validate_state_machine_definition(definition=define())["result"] == "OK"


def test_express_machines_keep_no_list(aws: Any, refused: Any) -> None:
    client = aws("stepfunctions")
    arn = make(client, define(), type="EXPRESS")
    assert refused(client.list_executions, stateMachineArn=arn) == "StateMachineTypeNotSupported"
    found = client.start_sync_execution(stateMachineArn=arn, input='{"auc": 0.9}')
    assert found["status"] == "SUCCEEDED"
    assert found["billingDetails"]["billedDurationInMilliseconds"] == 3000
    none = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:none"
    assert refused(client.start_sync_execution, stateMachineArn=none) == "StateMachineDoesNotExist"
    client.create_state_machine(name="standard", definition=define(), roleArn=ROLE)
    standard = arn.replace("retrain", "standard")
    assert refused(client.start_sync_execution, stateMachineArn=standard) == "StateMachineTypeNotSupported"
