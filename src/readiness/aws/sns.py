"""SNS: who gets what is published."""

from __future__ import annotations

from readiness.kinds import resource
from readiness.record import Record


@resource("sns", "ListSubscriptions")
class Subscription(Record):
    """A subscription; its address is not kept. One that nobody confirmed has a word where the ARN would be."""

    topic_arn: str
    subscription_arn: str
    protocol: str

    @property
    def confirmed(self) -> bool:
        """Whether messages are delivered."""
        return self.subscription_arn.startswith("arn:")
