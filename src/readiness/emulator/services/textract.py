"""Textract: adapters, the text of documents as far as it can be read without a model, and the metrics of a reading.

The lines of a PDF that says them as plain text are read; a picture has a page, and nothing on it. Moto tells an empty
document of a random number of pages, in a form that the model does not have, whether or not there is a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from readiness.emulator.call import Call, Coded, Elsewhere, InUse, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted
from readiness.emulator.references import content, uuid
from readiness.emulator.resources import Resource, listed
from readiness.emulator.tagging import Tagging

SERVICE = "textract"
NAMESPACE = "AWS/Textract"
COUNTED = (
    "AnalyzeDocument",
    "AnalyzeExpense",
    "AnalyzeID",
    "DetectDocumentText",
    "StartDocumentAnalysis",
    "StartDocumentTextDetection",
)
VERSION = "1.0"
FORMATS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF", b"II*\x00", b"MM\x00*")
"""How PNG, JPEG, PDF and TIFF begin."""
PAGE = re.compile(rb"/Type\s*/Page\b")
SHOWN = re.compile(rb"\(((?:\\.|[^()\\])*)\)\s*Tj")
"""A text that a PDF shows, where it is not compressed."""


def _document(call: Call, holder: Item) -> bytes:
    found = content(call, holder)
    if not found.startswith(FORMATS):
        raise Coded("UnsupportedDocumentException", "Request has unsupported document format")
    return found


def _read(document: bytes) -> Item:
    """The pages, lines and words of a document."""
    is_pdf = document.startswith(b"%PDF")
    pages = len(PAGE.findall(document)) or 1 if is_pdf else 1
    lines = [line.decode("latin-1") for line in SHOWN.findall(document)] if is_pdf else []
    words = [(line, word) for line, text in enumerate(lines) for word in text.split()]
    line_ids, word_ids = [uuid() for _ in lines], [uuid() for _ in words]
    blocks = [_block("PAGE", uuid(), children=line_ids if page == 1 else ()) for page in range(1, pages + 1)]
    for number, text in enumerate(lines):
        own = [key for key, (line, _) in zip(word_ids, words, strict=True) if line == number]
        blocks.append(_block("LINE", line_ids[number], text, own))
    blocks += [_block("WORD", key, word) for key, (_, word) in zip(word_ids, words, strict=True)]
    return {"DocumentMetadata": {"Pages": pages}, "Blocks": blocks}


def _block(kind: str, key: str, text: str = "", children: Iterable[str] = ()) -> Item:
    told: Item = {"BlockType": kind, "Id": key, "Page": 1}
    if text:
        told |= {"Text": text, "Confidence": 99.9}
    if kind == "WORD":
        told["TextType"] = "PRINTED"
    if ids := list(children):
        told["Relationships"] = [{"Type": "CHILD", "Ids": ids}]
    return told


def _detect(call: Call) -> Item:
    return {**_read(_document(call, call.parameters["Document"])), "DetectDocumentTextModelVersion": VERSION}


def _analyze(call: Call) -> Item:
    return {**_read(_document(call, call.parameters["Document"])), "AnalyzeDocumentModelVersion": VERSION}


def _analyze_expense(call: Call) -> Item:
    found = _read(_document(call, call.parameters["Document"]))
    expense = {"ExpenseIndex": 1, "SummaryFields": [], "LineItemGroups": [], "Blocks": found["Blocks"]}
    return {"DocumentMetadata": found["DocumentMetadata"], "ExpenseDocuments": [expense]}


def _analyze_id(call: Call) -> Item:
    pages = [_read(_document(call, page)) for page in call.parameters["DocumentPages"]]
    documents = [
        {"DocumentIndex": number, "IdentityDocumentFields": [], "Blocks": page["Blocks"]}
        for number, page in enumerate(pages, 1)
    ]
    return {
        "IdentityDocuments": documents,
        "DocumentMetadata": {"Pages": len(pages)},
        "AnalyzeIDModelVersion": VERSION,
    }


def _start(call: Call) -> Item:
    """Moto starts the job, once there is a document."""
    _document(call, call.parameters["DocumentLocation"])
    raise Elsewhere


def _done(call: Call) -> None:
    """The job that moto has just started tells of its document."""
    backend = call.backend("textract")
    analysis = call.operation == "StartDocumentAnalysis"
    jobs = backend.async_document_analysis_jobs if analysis else backend.async_text_detection_jobs
    *_, job = jobs.values()
    member = "AnalyzeDocumentModelVersion" if analysis else "DetectDocumentTextModelVersion"
    read = _read(_document(call, call.parameters["DocumentLocation"]))
    job.job = {**read, "JobStatus": "SUCCEEDED", member: VERSION}
    COUNTS[call.operation](call)


COUNTS = counted(COUNTED, NAMESPACE)


def _adapter(call: Call, item: Item) -> None:
    item["arn"] = call.arn(f"/adapters/{item['AdapterId']}")
    item["version"] = 0


ADAPTERS = Resource(
    SERVICE,
    "Adapter",
    "AdapterId",
    arn_member="arn",
    identity=lambda: mock_random.get_random_hex(12),
    created=_adapter,
)


def _times(asked: Item) -> Item:
    """`AfterCreationTime` as lists call it elsewhere."""
    names = {"AfterCreationTime": "CreationTimeAfter", "BeforeCreationTime": "CreationTimeBefore"}
    return {names.get(name, name): value for name, value in asked.items()}


def _list_adapters(call: Call) -> Item:
    return listed(call, ADAPTERS.items(call).values(), asked=_times(call.parameters))


def _delete_adapter(call: Call) -> None:
    """An adapter goes once its versions have gone."""
    key = ADAPTERS.find(call)["AdapterId"]
    if any(version["AdapterId"] == key for version in call.table("AdapterVersion").values()):
        raise InUse("The adapter has versions, which must be deleted first.")
    ADAPTERS.delete(call)


def _train(call: Call) -> Item:
    """A version is trained at once, on a manifest that must be there; its number is not used again."""
    adapter = ADAPTERS.find(call)
    manifest = call.parameters["DatasetConfig"].get("ManifestS3Object", {})
    content(call, {"S3Object": manifest})
    adapter["version"] += 1
    number = str(adapter["version"])
    item = {
        **call.parameters,
        "AdapterVersion": number,
        "arn": call.arn(f"/adapters/{adapter['AdapterId']}/versions/{number}"),
        "FeatureTypes": adapter["FeatureTypes"],
        "Status": "ACTIVE",
        "CreationTime": utcnow(),
    }
    call.table("AdapterVersion")[item["arn"]] = item
    return item


def _version(call: Call) -> Item:
    key, number = call.parameters["AdapterId"], call.parameters["AdapterVersion"]
    for item in call.table("AdapterVersion").values():
        if (item["AdapterId"], item["AdapterVersion"]) == (key, number):
            return item
    raise NotFound(f"The adapter {key} has no version {number}.")


def _delete_version(call: Call) -> None:
    del call.table("AdapterVersion")[_version(call)["arn"]]


def _list_versions(call: Call) -> Item:
    asked = _times(call.parameters)
    key = asked.pop("AdapterId", None)
    found = [item for item in call.table("AdapterVersion").values() if key in (None, item["AdapterId"])]
    return listed(call, found, asked=asked)


EXTENSION = Extension(
    SERVICE,
    {
        **ADAPTERS.handlers(),
        **Tagging(SERVICE, {"Adapter": "arn", "AdapterVersion": "arn"}).handlers(),
        "ListAdapters": _list_adapters,
        "DeleteAdapter": _delete_adapter,
        "CreateAdapterVersion": _train,
        "GetAdapterVersion": _version,
        "DeleteAdapterVersion": _delete_version,
        "ListAdapterVersions": _list_versions,
        "DetectDocumentText": _detect,
        "AnalyzeDocument": _analyze,
        "AnalyzeExpense": _analyze_expense,
        "AnalyzeID": _analyze_id,
        "StartDocumentAnalysis": _start,
        "StartDocumentTextDetection": _start,
    },
    {**COUNTS, "StartDocumentAnalysis": _done, "StartDocumentTextDetection": _done},
)
