"""Lex: bots, which answer in words or by voice."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource("lexv2-models", Call(operation="ListBots", take="botSummaries[]"))
class Bot(Record, rename="camel"):
    """A bot; its newest version is a number once there is one."""

    bot_id: str
    bot_name: str = ""
    bot_status: Enumerated | None = None
    latest_bot_version: str = ""
