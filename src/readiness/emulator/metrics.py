"""Metrics that services of AWS leave in CloudWatch by themselves: put among moto's, where every client finds them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

from moto.cloudwatch.models import Dimension
from moto.core.utils import utcnow

from readiness.emulator.call import After, Call

USAGE: dict[str, str] = {
    "comprehend": "Comprehend",
    "comprehendmedical": "Comprehend Medical",
    "kendra": "Kendra",
    "rekognition": "Rekognition",
    "textract": "Textract",
    "transcribe": "Transcribe",
    "translate": "Translate",
}
"""How AWS/Usage calls those services of the extension whose calls it counts: Polly, Personalize and Bedrock are not."""


def _before(one: Dimension, other: Dimension) -> bool:
    """The order of dimensions.

    Moto's has none: it compares a value with a name, so that a metric of several dimensions is found or not by the
    order in which a query names them. AWS finds it by the set.
    """
    return (str(one.name), str(one.value)) < (str(other.name), str(other.value))


Dimension.__lt__ = _before  # type: ignore[method-assign]  # the fault is in the method itself


def note(
    call: Call, namespace: str, name: str, dimensions: Mapping[str, str], value: float = 1.0, unit: str = "Count"
) -> None:
    """Note one value of a metric in the caller's account and region.

    Args:
        call: what leaves it.
        namespace: as `AWS/Bedrock`.
        name: of the metric.
        dimensions: all of them; CloudWatch knows a metric by its whole set.
        value: what is noted.
        unit: as CloudWatch calls it.
    """
    # AWS notes by the minute. The second before now belongs to a minute that no reader of "until now" leaves out.
    minute = (utcnow() - datetime.timedelta(seconds=1)).replace(second=0, microsecond=0)
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": dimension, "Value": told} for dimension, told in dimensions.items()],
        "Timestamp": minute,
        "Value": float(value),
        "Unit": unit,
    }
    call.backend("cloudwatch").put_metric_data(namespace, [datum])


def usage(call: Call) -> None:
    """Count the call where AWS counts calls: in AWS/Usage."""
    dimensions = {"Type": "API", "Resource": call.operation, "Service": USAGE[call.service], "Class": "None"}
    note(call, "AWS/Usage", "CallCount", dimensions, unit="None")


def counted(operations: Iterable[str], namespace: str = "") -> dict[str, After]:
    """What counts successful calls of operations, by operation.

    Args:
        operations: those that are counted.
        namespace: where the service itself counts them by operation, too; nowhere by default.
    """

    def after(call: Call) -> None:
        usage(call)
        if namespace:
            note(call, namespace, "SuccessfulRequestCount", {"Operation": call.operation})

    return dict.fromkeys(operations, after)
