"""Agents of Bedrock, which moto keeps: the statuses that it tells are corrected; and knowledge bases.

Moto calls a knowledge base `Active`, which AWS never says: a client that waits for `ACTIVE` waits for ever; it refuses
the newer stores of vectors, and knows no change of one. And it calls an agent prepared as soon as it is made; AWS's is
not until somebody prepares it, which moto can't.
"""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier
from readiness.emulator.resources import Resource
from readiness.emulator.tagging import Tagging

SERVICE = "bedrock-agent"


def _identity() -> str:
    return identifier(10).upper()


def _of_type(_: Call, item: Item) -> None:
    """A store that is named must be described."""
    storage = item.get("storageConfiguration")
    if storage and len(storage) < 2:
        raise Invalid(f"The configuration of the storage type {storage['type']} is missing.")


BASES = Resource(
    SERVICE,
    "KnowledgeBase",
    "knowledgeBaseId",
    "knowledge-base/{}",
    arn_member="knowledgeBaseArn",
    status=("status", "ACTIVE"),
    identity=_identity,
    created=_of_type,
    changed=_of_type,
)


def _unprepared(call: Call) -> None:
    """The newest agent is the one that was made."""
    *_, agent = call.backend("bedrockagent").agents.values()
    agent.agent_status = "NOT_PREPARED"


def _prepare(call: Call) -> Item:
    key = call.parameters["agentId"]
    agent = call.backend("bedrockagent").agents.get(key)
    if agent is None:
        raise NotFound(f"The agent {key} does not exist.")
    agent.agent_status = "PREPARED"
    return {"agentId": key, "agentStatus": "PREPARED", "agentVersion": "DRAFT", "preparedAt": utcnow()}


def _release(call: Call) -> Item:
    """Moto deletes a prepared agent only; AWS also one that is not."""
    agent = call.backend("bedrockagent").agents.get(call.parameters["agentId"])
    if agent is not None:
        agent.agent_status = "PREPARED"
    raise Elsewhere


EXTENSION = Extension(
    SERVICE,
    {
        **BASES.handlers(),
        **Tagging(SERVICE, {"KnowledgeBase": "knowledgeBaseArn"}, elsewhere=True).handlers(),
        "PrepareAgent": _prepare,
        "DeleteAgent": _release,
    },
    {"CreateAgent": _unprepared},
)
