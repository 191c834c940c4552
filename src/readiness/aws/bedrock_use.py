"""Bedrock as it was used: which models were invoked, by CloudWatch and by the event history."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

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
    """Somebody invoked a model; of what was asked of it, only which model it was is kept."""

    cloud_trail_event: str = ""

    def __post_init__(self) -> None:
        """Reduce what the history tells to the id of the model; an id that stands alone stays as it is."""
        whole = {"requestParameters": {"modelId": _model_asked(self.cloud_trail_event)}}
        msgspec.structs.force_setattr(self, "cloud_trail_event", json.dumps(whole))

    @property
    def model_id(self) -> str:
        """The model, or the inference profile, that was invoked; empty where the history does not say."""
        return _model_asked(self.cloud_trail_event)


def _model_asked(event: str) -> str:
    try:
        model = json.loads(event)["requestParameters"]["modelId"]
    except (KeyError, TypeError, ValueError):
        return ""
    return model if isinstance(model, str) else ""
