"""Model cards: what somebody has written down of a model, of which only is kept which parts say something."""

from __future__ import annotations

import json

import msgspec

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record

PARTS = {
    "business_details": ("business_problem",),
    "intended_uses": ("factors_affecting_model_efficiency", "intended_uses", "purpose_of_model"),
}
"""Section of a card -> its parts that tell what a model is for; the names are those of the schema of model cards."""


@resource(
    "sagemaker",
    "ListModelCards",
    Call(operation="DescribeModelCard", gone=("ResourceNotFound",)),
)
class ModelCard(Record):
    """A model card; its text is not kept."""

    model_card_name: str
    model_card_arn: str
    model_card_status: Enumerated
    content: str = "[]"

    def __post_init__(self) -> None:
        """Reduce the text to the names of the parts that are filled in; such names stay as they are."""
        msgspec.structs.force_setattr(self, "content", json.dumps(_stated(self.content)))

    @property
    def stated(self) -> list[str]:
        """The parts that say something."""
        return msgspec.json.decode(self.content, type=list[str])


def _stated(content: str) -> list[str]:
    try:
        card = json.loads(content)
    except ValueError:
        return []
    known = {part for parts in PARTS.values() for part in parts}
    if isinstance(card, list):
        return sorted(known.intersection(part for part in card if isinstance(part, str)))
    sections = card if isinstance(card, dict) else {}
    return sorted(
        part
        for section, parts in PARTS.items()
        for part in parts
        if isinstance(held := sections.get(section), dict) and str(held.get(part) or "").strip()
    )
