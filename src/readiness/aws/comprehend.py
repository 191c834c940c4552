"""Comprehend: batch jobs over documents; what is asked about a text at once leaves nothing that could be listed."""

from __future__ import annotations

from readiness.kinds import Call, resource
from readiness.record import Enumerated, Record


@resource(
    "comprehend",
    Call(operation="ListPiiEntitiesDetectionJobs", take="PiiEntitiesDetectionJobPropertiesList[]"),
)
class PiiJob(Record):
    """A job that finds personal data in documents: it says where (ONLY_OFFSETS), or masks it (ONLY_REDACTION)."""

    job_id: str
    job_arn: str | None = None
    job_status: Enumerated | None = None
    mode: Enumerated | None = None


@resource("comprehend", "ListSentimentDetectionJobs")
class SentimentJob(Record):
    """A job that tells how documents are meant: positive, negative, neutral or mixed."""

    job_id: str
    job_arn: str | None = None
    job_status: Enumerated | None = None


@resource("comprehend", "ListDocumentClassifiers")
class DocumentClassifier(Record):
    """A classifier of documents, trained on labels of one's own."""

    document_classifier_arn: str
    status: Enumerated | None = None


@resource("comprehend", "ListEntityRecognizers")
class EntityRecognizer(Record):
    """A recognizer of entities of one's own."""

    entity_recognizer_arn: str
    status: Enumerated | None = None
