"""Polly: lexicons, and speech that is written to a file; what is spoken at once leaves nothing that could be listed."""

from __future__ import annotations

from readiness.kinds import resource
from readiness.record import Enumerated, Record


@resource("polly", "ListSpeechSynthesisTasks")
class SpeechTask(Record):
    """A text that is read out into a file; Polly lists it for three days."""

    task_id: str
    task_status: Enumerated | None = None


@resource("polly", "ListLexicons")
class Lexicon(Record):
    """How words of one's own are pronounced."""

    name: str
