"""Kendra: indices, which can be searched as soon as they are made, and hold no documents."""

from __future__ import annotations

from readiness.emulator.call import Call, Coded, InUse, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted
from readiness.emulator.references import require_role, uuid
from readiness.emulator.resources import Resource
from readiness.emulator.tagging import Tagging

SERVICE = "kendra"


def _index(call: Call, item: Item) -> None:
    require_role(call, item["RoleArn"])
    if any(other["Name"] == item["Name"] for other in INDICES.items(call).values()):
        raise InUse(f"The index {item['Name']} already exists.")
    item.setdefault("Edition", "ENTERPRISE_EDITION")
    item.setdefault("UserContextPolicy", "ATTRIBUTE_FILTER")
    item["CapacityUnits"] = {"StorageCapacityUnits": 0, "QueryCapacityUnits": 0}
    item["IndexStatistics"] = {
        "FaqStatistics": {"IndexedQuestionAnswersCount": 0},
        "TextDocumentStatistics": {"IndexedTextDocumentsCount": 0, "IndexedTextBytes": 0},
    }


def _change(call: Call, item: Item) -> None:
    """Units are for the enterprise edition."""
    if "CapacityUnits" in call.parameters and item["Edition"] == "DEVELOPER_EDITION":
        raise Invalid("The developer edition has no capacity units.")


INDICES = Resource(
    SERVICE,
    "Index",
    "Id",
    "index/{}",
    arn_member="Arn",
    plural="Indices",
    status=("Status", "ACTIVE"),
    identity=uuid,
    created=_index,
    changed=_change,
)


def _query(call: Call) -> Item:
    """Nothing is found in an index that holds nothing."""
    if call.parameters["IndexId"] not in INDICES.items(call):
        raise Coded("ResourceNotFoundException", f"The index {call.parameters['IndexId']} does not exist.")
    return {"QueryId": uuid(), "ResultItems": [], "FacetResults": [], "TotalNumberOfResults": 0}


EXTENSION = Extension(
    SERVICE,
    {**INDICES.handlers(), **Tagging(SERVICE, {"Index": "Arn"}).handlers(), "Query": _query},
    counted(("Query", "CreateIndex")),
)
