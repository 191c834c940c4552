"""Personalize: recommenders that were trained."""

from __future__ import annotations

from readiness.kinds import resource
from readiness.record import Record


@resource("personalize", "ListSolutionVersions")
class SolutionVersion(Record, rename="camel"):
    """A recommender, trained on one's own interactions: ACTIVE once it is."""

    solution_version_arn: str
    status: str = ""
