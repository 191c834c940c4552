"""Comprehend Medical: jobs over documents, which are done at once, and what can be found in a text by its form."""

from __future__ import annotations

import datetime
import re

from moto.core.utils import utcnow

from readiness.emulator import text
from readiness.emulator.call import Call, Handler, Item
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted
from readiness.emulator.references import objects, require_role, uuid
from readiness.emulator.resources import Resource

SERVICE = "comprehendmedical"
KINDS = ("EntitiesDetectionV2", "ICD10CMInference", "PHIDetection", "RxNormInference", "SNOMEDCTInference")
"""What jobs there are."""
KEPT = datetime.timedelta(days=120)
"""How long AWS shows a job."""
PROTECTED = {
    "AGE": "AGE",
    "DATE_TIME": "DATE",
    "EMAIL": "EMAIL",
    "NAME": "NAME",
    "PHONE": "PHONE_OR_FAX",
    "SSN": "ID",
    "URL": "URL",
}
"""Types of personal data that are protected health information, as this service calls them."""
TERMS = {
    ("MEDICATION", "GENERIC_NAME"): re.compile(r"\b(aspirin|ibuprofen|insulin|metformin|paracetamol)\b", re.IGNORECASE),
    ("MEDICAL_CONDITION", "DX_NAME"): re.compile(r"\b(asthma|diabetes|fever|hypertension|migraine)\b", re.IGNORECASE),
}
VERSION = "1.0.0"


def _run(call: Call, item: Item) -> None:
    """A job needs a role and documents; without any it fails, as AWS's does."""
    require_role(call, item["DataAccessRoleArn"])
    given, made = item["InputDataConfig"], item["OutputDataConfig"]
    objects(call, f"s3://{made['S3Bucket']}/{made.get('S3Key', '')}")
    item["ExpirationTime"] = utcnow() + KEPT
    item["ModelVersion"] = VERSION
    if not objects(call, f"s3://{given['S3Bucket']}/{given.get('S3Key', '')}"):
        item |= {"JobStatus": "FAILED", "Message": "There are no documents at the input location."}


def _jobs(kind: str) -> dict[str, Handler]:
    jobs = Resource(
        SERVICE,
        f"{kind}Job",
        "JobId",
        status=("JobStatus", "COMPLETED"),
        identity=lambda: uuid().replace("-", ""),
        equals={"JobName": "JobName", "JobStatus": "JobStatus"},
        created=_run,
    )
    # A job that has ended stays as it is.
    return {**jobs.handlers(), f"Stop{kind}Job": jobs.describe}


def _found(said: str) -> list[Item]:
    """The protected health information in a text."""
    return [
        _entity("PROTECTED_HEALTH_INFORMATION", PROTECTED[kind], said, begin, end)
        for kind, begin, end in text.personal(said)
        if kind in PROTECTED
    ]


def _entity(category: str, kind: str, said: str, begin: int, end: int) -> Item:
    return {
        "BeginOffset": begin,
        "EndOffset": end,
        "Score": 0.99,
        "Text": said[begin:end],
        "Category": category,
        "Type": kind,
        "Traits": [],
    }


def _numbered(entities: list[Item]) -> Item:
    entities.sort(key=lambda entity: int(entity["BeginOffset"]))
    numbered = [{"Id": number, **entity} for number, entity in enumerate(entities)]
    return {"Entities": numbered, "ModelVersion": VERSION}


def _detect_phi(call: Call) -> Item:
    return _numbered(_found(call.parameters["Text"]))


def _detect_entities(call: Call) -> Item:
    said = call.parameters["Text"]
    terms = [
        _entity(category, kind, said, *match.span())
        for (category, kind), pattern in TERMS.items()
        for match in pattern.finditer(said)
    ]
    return {**_numbered([*_found(said), *terms]), "UnmappedAttributes": []}


ANSWERS: dict[str, Handler] = {"DetectPHI": _detect_phi, "DetectEntitiesV2": _detect_entities}
for _kind in KINDS:
    ANSWERS |= _jobs(_kind)

EXTENSION = Extension(
    SERVICE, ANSWERS, counted(("DetectPHI", "DetectEntitiesV2", *(f"Start{kind}Job" for kind in KINDS)))
)
