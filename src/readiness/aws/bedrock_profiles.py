"""Bedrock's inference profiles: those that somebody made, by which the use of a model is told apart and paid for."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class ProfiledModel(Record, rename="camel"):
    """A model to which a profile leads: of one Region, or of each to which it routes."""

    model_arn: str = ""


@resource("bedrock", Call(operation="ListInferenceProfiles", give={"typeEquals": "APPLICATION"}))
class InferenceProfile(Record, rename="camel"):
    """A profile of an application; what is asked by it is counted, and by its tags billed, apart from the rest."""

    inference_profile_arn: str
    inference_profile_name: str
    status: Enumerated
    models: list[ProfiledModel] = []
