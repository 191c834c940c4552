"""Translate: batch jobs and terminologies; a translation in real time leaves nothing that could be listed."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource(
    "translate",
    Call(
        operation="ListTextTranslationJobs",
        give={"Filter": {"JobStatus": "COMPLETED"}},
        take="TextTranslationJobPropertiesList[]",
    ),
)
class TextTranslationJob(Record):
    """A batch translation that ended well; Translate answers with the newest page of them, which is enough."""

    job_id: str
    job_name: str | None = None
    job_status: Enumerated | None = None


@resource("translate", "ListTerminologies")
class Terminology(Record):
    """Names and terms with the translation that is wanted."""

    name: str
    arn: str
    term_count: int = 0
