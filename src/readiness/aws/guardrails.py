"""Bedrock's guardrails: what they do about personal data in prompts and answers."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class Sensitive(Record, rename="camel"):
    """What is done about one type of personal data, or about what a pattern finds; the pattern is not kept."""

    action: Enumerated
    input_action: Enumerated | None = None
    output_action: Enumerated | None = None
    input_enabled: bool = True
    output_enabled: bool = True

    @property
    def actions(self) -> Iterator[str]:
        """What is done on the way in and out; a way that names nothing of its own does what both do."""
        if self.input_enabled:
            yield self.input_action or self.action
        if self.output_enabled:
            yield self.output_action or self.action


class SensitivePolicy(Record, rename="camel"):
    """The part of a guardrail that is about personal data."""

    pii_entities: list[Sensitive] = []
    regexes: list[Sensitive] = []


@resource("bedrock", "ListGuardrails", Call(operation="GetGuardrail", by={"guardrailIdentifier": "id"}))
class Guardrail(Record, rename="camel"):
    """A guardrail, as its draft is; it costs nothing until it is asked."""

    id: str
    arn: str
    status: Enumerated
    sensitive_information_policy: SensitivePolicy | None = None

    @property
    def actions(self) -> set[str]:
        """All that is done about personal data: BLOCK, ANONYMIZE or NONE."""
        policy = self.sensitive_information_policy
        return (
            {action for one in [*policy.pii_entities, *policy.regexes] for action in one.actions} if policy else set()
        )
