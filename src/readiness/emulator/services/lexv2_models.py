"""Lex: moto's bots and aliases are there once they are made.

Moto leaves both CREATING for ever, so that nothing that waits for them ends; AWS's are available after seconds.
"""

from __future__ import annotations

from readiness.emulator.call import Call
from readiness.emulator.door import Extension


def _ready(call: Call) -> None:
    backend = call.backend("lexv2models")
    for made in (*backend.bots.values(), *backend.bot_aliases.values()):
        if made.status == "CREATING":
            made.status = "Available"


EXTENSION = Extension("lexv2-models", after={"CreateBot": _ready, "CreateBotAlias": _ready})
