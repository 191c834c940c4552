"""Step Functions: state machines, which services they call, and their executions."""

from __future__ import annotations

import datetime
import re

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

NEWEST_EXECUTIONS = 100
"""How many executions of each state machine are read, of those of the last 90 days that AWS keeps."""

INTEGRATION = re.compile(r"arn:[\w-]+:states:::[\w:.-]+")


@resource("stepfunctions", "ListStateMachines", "DescribeStateMachine")
class StateMachine(Record, rename="camel"):
    """A state machine, of whose definition only the service integrations are kept: the rest may hold secrets."""

    state_machine_arn: str
    name: str
    type: str
    definition: str = ""

    def __post_init__(self) -> None:
        """Reduce the definition to the integrations that it calls; a reduced one stays as it is."""
        msgspec.structs.force_setattr(self, "definition", " ".join(self.integrations))

    @property
    def integrations(self) -> list[str]:
        """The service integrations, as ARNs such as `arn:PARTITION:states:::sagemaker:createTrainingJob.sync`."""
        return sorted(set(INTEGRATION.findall(self.definition)))


@resource(
    "stepfunctions",
    Call(
        operation="ListExecutions", by={"stateMachineArn": "stateMachineArn"}, absent=("StateMachineTypeNotSupported",)
    ),
    per=StateMachine,
    newest=NEWEST_EXECUTIONS,
)
class StateMachineExecution(Record, rename="camel"):
    """A run of a standard state machine; express ones keep no list."""

    state_machine_arn: str
    execution_arn: str
    status: Enumerated
    start_date: datetime.datetime
