"""Where pipelines are kept; nothing is answered here."""

from __future__ import annotations

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension

SERVICE = "codepipeline"


def pipelines(call: Call) -> dict[str, Item]:
    """Those of the account and region, by name."""
    return call.table("Pipeline", SERVICE)


def pipeline(call: Call, name: str) -> Item:
    """The pipeline of this name.

    Raises:
        Coded: there is none.
    """
    if name not in pipelines(call):
        message = f"Account '{call.account}' does not have a pipeline with name '{name}'"
        raise Coded("PipelineNotFoundException", message)
    return pipelines(call)[name]


EXTENSION = Extension(SERVICE)
