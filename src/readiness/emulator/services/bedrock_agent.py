"""Agents and knowledge bases of Bedrock, which moto keeps: the statuses that it tells are corrected.

Moto calls a knowledge base `Active`, which AWS never says: a client that waits for `ACTIVE` waits for ever. And it
calls an agent prepared as soon as it is made; AWS's is not until somebody prepares it, which moto can't.
"""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Elsewhere, Item, NotFound
from readiness.emulator.door import Extension

SERVICE = "bedrock-agent"


def _activate(call: Call) -> None:
    for base in call.backend("bedrockagent").knowledge_bases.values():
        base.status = "ACTIVE"


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
    {"PrepareAgent": _prepare, "DeleteAgent": _release},
    {"CreateKnowledgeBase": _activate, "CreateAgent": _unprepared},
)
