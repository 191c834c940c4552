"""Transcribe: batch jobs and custom vocabularies; a stream leaves nothing that could be listed."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


class Redaction(Record):
    """What is left out of a transcript."""

    redaction_type: str


@resource(
    "transcribe",
    Call(operation="ListTranscriptionJobs", give={"Status": "COMPLETED"}, take="TranscriptionJobSummaries[]"),
)
class TranscriptionJob(Record):
    """A transcription that ended well; Transcribe answers with the newest page of them, which is enough."""

    transcription_job_name: str
    transcription_job_status: Enumerated | None = None
    content_redaction: Redaction | None = None


@resource("transcribe", Call(operation="ListVocabularies", give={"StateEquals": "READY"}, take="Vocabularies[]"))
class Vocabulary(Record):
    """A custom vocabulary that can be used."""

    vocabulary_name: str
    vocabulary_state: Enumerated | None = None
