"""Textract: trained adapters; what is read of a document at once leaves nothing that could be listed."""

from __future__ import annotations

from readiness.kinds import resource
from readiness.record import Enumerated, Record


@resource("textract", "ListAdapterVersions")
class AdapterVersion(Record):
    """A version of an adapter: queries on one's own documents, trained on samples of them."""

    adapter_id: str = ""
    adapter_version: str = ""
    status: Enumerated | None = None
