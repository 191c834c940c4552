"""Tags of everything in SageMaker: moto keeps None for none, and does not find feature groups.

It keeps a model card as a list of versions, which its Tagging API takes for the card, and fails.
"""

from __future__ import annotations

from typing import Any

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension

SERVICE = "sagemaker"


class _Tags:
    """The tags of a resource, wherever it is kept; moto keeps None for none, and does not find feature groups."""

    def __init__(self, call: Call) -> None:
        arn = call.parameters["ResourceArn"]
        kept = [table for (service, _), table in call.kept.tables.items() if service == SERVICE]
        named = [(key, item) for table in kept for key, item in table.items() if arn in item.values()]
        # A training job names the tuning job that it belongs to: the ARN is that of the one whose key is in it.
        own = sorted(named, key=lambda pair: pair[0].lower() not in arn.lower())
        self._holder: Any = own[0][1] if own else self._found(call.backend("sagemaker"), arn)

    @staticmethod
    def _found(backend: Any, arn: str) -> Any:
        try:
            found = backend.feature_groups.get(arn) or backend._get_resource_from_arn(arn)
        except (AttributeError, KeyError, ValueError):
            found = None
        if found is None:
            raise Invalid(f"Could not find {arn}.")
        return found

    def get(self) -> list[dict[str, str]]:
        holder = self._holder
        return (holder.get("Tags") if isinstance(holder, dict) else holder.tags) or []

    def set(self, tags: list[dict[str, str]]) -> Item:
        if isinstance(self._holder, dict):
            self._holder["Tags"] = tags
        else:
            self._holder.tags = tags
        return {"Tags": tags}


def _list_tags(call: Call) -> Item:
    return {"Tags": _Tags(call).get()}


def _add_tags(call: Call) -> Item:
    tags = _Tags(call)
    new = {tag["Key"]: tag for tag in (*tags.get(), *call.parameters["Tags"])}
    return tags.set(list(new.values()))


def _delete_tags(call: Call) -> None:
    tags = _Tags(call)
    tags.set([tag for tag in tags.get() if tag["Key"] not in call.parameters["TagKeys"]])


class _Card(list[Any]):
    """The versions of a model card, with the ARN and the tags of the card, which are those of the first."""

    @property
    def arn(self) -> str:
        return str(self[0].arn)

    @property
    def tags(self) -> list[dict[str, str]] | None:
        found: list[dict[str, str]] | None = self[0].tags
        return found


def _as_card(call: Call) -> None:
    cards, name = call.backend("sagemaker").model_cards, call.parameters["ModelCardName"]
    cards[name] = _Card(cards[name])


EXTENSION = Extension(
    SERVICE,
    {"ListTags": _list_tags, "AddTags": _add_tags, "DeleteTags": _delete_tags},
    {"CreateModelCard": _as_card},
)
