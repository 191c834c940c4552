"""Bedrock as it was used: which models were invoked, by CloudWatch and by the event history."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.aws.history import Event, events
from readiness.kinds import Call, resource
from readiness.record import Record


class Dimension(Record):
    """What a metric is counted by."""

    name: str
    value: str


@resource(
    "cloudwatch",
    Call(
        operation="ListMetrics",
        give={"Namespace": "AWS/Bedrock", "MetricName": "Invocations"},
        take="Metrics[]",
    ),
)
class InvocationMetric(Record):
    """A count of invocations: CloudWatch lists it while its newest value is no older than two weeks."""

    dimensions: list[Dimension] = []


class InvokedModel(Record):
    """A model, or an inference profile, that was invoked in the last two weeks."""

    model_id: str

    @classmethod
    def derive(cls, metrics: list[InvocationMetric]) -> Iterator[InvokedModel]:
        """Each model once, whatever else its invocations are counted by."""
        found = {one.value for metric in metrics for one in metric.dimensions if one.name == "ModelId"}
        for model in sorted(found):
            yield cls(model_id=model)


@events("bedrock", "Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream")
class InvocationEvent(Event):
    """Somebody invoked a model."""
