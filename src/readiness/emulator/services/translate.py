"""Translate: terminologies, parallel data, batch jobs, and translations, which are marked but not made.

No model runs here: a translation is the code of the language, and the text with the terms of its terminologies put in.
"""

from __future__ import annotations

import copy
import csv
import io
import xml.etree.ElementTree as ElementTree

from moto.core.utils import utcnow

from readiness.emulator import text
from readiness.emulator.call import Call, Coded, Invalid, Item, NotFound, model_of
from readiness.emulator.door import Extension
from readiness.emulator.metrics import counted, note
from readiness.emulator.references import objects, require_role, uuid
from readiness.emulator.resources import Resource, fitting, listed
from readiness.emulator.tagging import Tagging

SERVICE = "translate"
NAMESPACE = "AWS/Translate"
COUNTED = ("TranslateText", "TranslateDocument", "StartTextTranslationJob", "ImportTerminology", "CreateParallelData")
TEXT_BYTES = 10_000
"""The longest text that is translated at once."""
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

LANGUAGES = {
    "auto": "Auto",
    "af": "Afrikaans",
    "am": "Amharic",
    "ar": "Arabic",
    "az": "Azerbaijani",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bs": "Bosnian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "es-MX": "Spanish (Mexico)",
    "et": "Estonian",
    "fa": "Farsi (Persian)",
    "fa-AF": "Dari",
    "fi": "Finnish",
    "fr": "French",
    "fr-CA": "French (Canada)",
    "ga": "Irish",
    "gu": "Gujarati",
    "ha": "Hausa",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "ht": "Haitian Creole",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "kn": "Kannada",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mn": "Mongolian",
    "mr": "Marathi",
    "ms": "Malay",
    "mt": "Maltese",
    "nl": "Dutch",
    "no": "Norwegian",
    "pa": "Punjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese (Brazil)",
    "pt-PT": "Portuguese (Portugal)",
    "ro": "Romanian",
    "ru": "Russian",
    "si": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "so": "Somali",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Filipino, Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
    "zh": "Chinese (Simplified)",
    "zh-TW": "Chinese (Traditional)",
}


def _rows(data: bytes, kind: str) -> list[list[str]]:
    """The rows of a file of terms or examples, the first with the languages.

    Raises:
        Invalid: it can't be read, or does not name a source and a target.
    """
    try:
        if kind == "TMX":
            rows = _units(ElementTree.fromstring(data))  # noqa: S314 - the emulator reads what its own user sends
        else:
            read = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter="\t" if kind == "TSV" else ",")
            rows = [row for row in read if any(row)]
    except (UnicodeDecodeError, csv.Error, ElementTree.ParseError) as wrong:
        raise Invalid(f"The file is no {kind} in UTF-8: {wrong}.") from None
    if not rows or len(rows[0]) < 2 or any(code not in LANGUAGES for code in rows[0]):
        raise Invalid("The first row of the file must name the source language and a target language.")
    return rows


def _units(root: ElementTree.Element) -> list[list[str]]:
    units = [
        {variant.get(LANGUAGE, ""): variant.findtext("seg", "") for variant in unit.iter("tuv")}
        for unit in root.iter("tu")
    ]
    codes = list(dict.fromkeys(code for unit in units for code in unit))
    return [codes, *([unit.get(code, "") for code in codes] for unit in units)]


def _import(call: Call) -> Item:
    """A terminology of a name that is taken is overwritten, and stays as old as it is."""
    given = copy.deepcopy(call.parameters)
    name, data = given["Name"], given["TerminologyData"]
    [codes, *terms] = _rows(data["File"], data["Format"])
    now = utcnow()
    before = call.table("Terminology").get(name, {})
    item = {
        "Name": name,
        "Arn": call.arn(f"terminology/{name}/LATEST"),
        "Description": given.get("Description"),
        "EncryptionKey": given.get("EncryptionKey"),
        "SourceLanguageCode": codes[0],
        "TargetLanguageCodes": codes[1:],
        "SizeBytes": len(data["File"]),
        "TermCount": len(terms) * (len(codes) - 1),
        "SkippedTermCount": 0,
        "Directionality": data.get("Directionality", "UNI"),
        "Format": data["Format"],
        "CreatedAt": before.get("CreatedAt", now),
        "LastUpdatedAt": now,
        "Tags": given.get("Tags", before.get("Tags", [])),
        "rows": [codes, *terms],
    }
    call.table("Terminology")[name] = item
    return _told(call, "TerminologyProperties", item)


def _told(call: Call, member: str, item: Item) -> Item:
    """An answer that has an item within, and could have more."""
    shape = model_of(SERVICE).operation_model(call.operation).output_shape.members[member]
    return {member: fitting(item, shape)}


TERMINOLOGIES = Resource(SERVICE, "Terminology", "Name", arn_member="Arn", plural="Terminologies")


def _get_terminology(call: Call) -> Item:
    return _told(call, "TerminologyProperties", TERMINOLOGIES.find(call))


def _examples(call: Call, item: Item) -> None:
    """Parallel data is read once from its file; that must be there, and name its languages."""
    item["Arn"] = call.arn(f"parallel-data/{item['Name']}")
    config = item["ParallelDataConfig"]
    found = objects(call, config.get("S3Uri", ""))
    if not found:
        raise Invalid(f"There is no file at {config.get('S3Uri')}.")
    data = b"".join(one.value for one in found)
    [codes, *examples] = _rows(data, config.get("Format", "CSV"))
    item |= {
        "Status": "ACTIVE",
        "SourceLanguageCode": codes[0],
        "TargetLanguageCodes": codes[1:],
        "ImportedDataSize": len(data),
        "ImportedRecordCount": len(examples),
        "FailedRecordCount": 0,
        "SkippedRecordCount": 0,
        "LatestUpdateAttemptStatus": "ACTIVE",
        "LatestUpdateAttemptAt": utcnow(),
    }


PARALLEL = Resource(
    SERVICE,
    "ParallelData",
    "Name",
    arn_member="Arn",
    plural="ParallelData",
    created=_examples,
    changed=_examples,
    verbs={"list": "ListParallelData", "describe": "GetParallelData"},
)


def _get_parallel(call: Call) -> Item:
    return _told(call, "ParallelDataProperties", PARALLEL.find(call))


def _delete_parallel(call: Call) -> Item:
    return {"Name": PARALLEL.delete(call)["Name"], "Status": "DELETING"}


def _require_pair(source: str, targets: list[str]) -> None:
    wrong = [code for code in (source, *targets) if code not in LANGUAGES]
    if wrong or "auto" in targets:
        raise Coded("UnsupportedLanguagePairException", f"Unsupported language pair: {source} to {', '.join(targets)}.")


def _customs(call: Call, noun: str, names: list[str]) -> list[Item]:
    """The terminologies or parallel data of names, which must be there."""
    kept = call.table(noun)
    for name in names:
        if name not in kept:
            raise NotFound(f"{noun} {name} does not exist.")
    return [kept[name] for name in names]


def _start(call: Call) -> Item:
    """A batch is done at once, on the documents that are there; without any it fails, as AWS's does."""
    item = copy.deepcopy(call.parameters)
    require_role(call, item["DataAccessRoleArn"])
    _require_pair(item["SourceLanguageCode"], item["TargetLanguageCodes"])
    _customs(call, "Terminology", item.get("TerminologyNames", []))
    _customs(call, "ParallelData", item.get("ParallelDataNames", []))
    objects(call, item["OutputDataConfig"]["S3Uri"])
    documents = len(objects(call, item["InputDataConfig"]["S3Uri"]))
    item |= {
        "JobId": uuid().replace("-", ""),
        "JobStatus": "COMPLETED" if documents else "FAILED",
        "JobDetails": {
            "InputDocumentsCount": documents,
            "TranslatedDocumentsCount": documents,
            "DocumentsWithErrorsCount": 0,
        },
        "Message": None if documents else "There are no documents at the input location.",
        "SubmittedTime": (now := utcnow()),
        "EndTime": now,
    }
    call.table("TextTranslationJob")[item["JobId"]] = item
    return item


JOBS = Resource(SERVICE, "TextTranslationJob", "JobId", verbs={"create": "StartTextTranslationJob"})


def _list_jobs(call: Call) -> Item:
    """The newest first."""
    asked = {name: value for name, value in call.parameters.items() if name != "Filter"}
    for name, value in call.parameters.get("Filter", {}).items():
        asked[
            {"SubmittedAfterTime": "SubmittedTimeAfter", "SubmittedBeforeTime": "SubmittedTimeBefore"}.get(name, name)
        ] = value
    asked["SortOrder"] = "Descending"
    equals = {"JobName": "JobName", "JobStatus": "JobStatus"}
    return listed(call, JOBS.items(call).values(), "JobId", equals, asked=asked)


def _stop(call: Call) -> Item:
    """A job that has ended stays as it is."""
    return JOBS.find(call)


def _translated(call: Call, said: str) -> tuple[str, Item]:
    """A text as it is answered, and what else is told of it."""
    given = call.parameters
    source, target = given["SourceLanguageCode"], given["TargetLanguageCode"]
    _require_pair(source, [target])
    if source == "auto":
        source = next(iter(text.languages(said)))
    applied = []
    made = said
    for terminology in _customs(call, "Terminology", given.get("TerminologyNames", [])):
        [codes, *terms] = terminology["rows"]
        if source not in codes or target not in codes:
            continue
        pairs = [(term[codes.index(source)], term[codes.index(target)]) for term in terms]
        used = [(one, other) for one, other in pairs if one and one in made]
        for one, other in used:
            made = made.replace(one, other)
        terms_used = [{"SourceText": one, "TargetText": other} for one, other in used]
        applied.append({"Name": terminology["Name"], "Terms": terms_used})
    pair = {"LanguagePair": f"{source}-{target}", "Operation": call.operation}
    note(call, NAMESPACE, "CharacterCount", pair, len(said))
    told = {"SourceLanguageCode": source, "TargetLanguageCode": target, "AppliedSettings": given.get("Settings")}
    answer = made if source == target else f"[{target}] {made}"
    return answer, {**told, **({"AppliedTerminologies": applied} if applied else {})}


def _translate(call: Call) -> Item:
    said = call.parameters["Text"]
    if len(said.encode()) > TEXT_BYTES:
        raise Coded(
            "TextSizeLimitExceededException", f"Input text size exceeds limit. Max length is {TEXT_BYTES} bytes."
        )
    made, told = _translated(call, said)
    return {"TranslatedText": made, **told}


def _translate_document(call: Call) -> Item:
    try:
        said = call.parameters["Document"]["Content"].decode()
    except UnicodeDecodeError:
        raise Coded("InvalidRequestException", "The document is not text in UTF-8.") from None
    made, told = _translated(call, said)
    return {"TranslatedDocument": {"Content": made.encode()}, **told}


def _list_languages(call: Call) -> Item:
    shown = call.parameters.get("DisplayLanguageCode", "en")
    if shown != "en":
        raise Coded("UnsupportedDisplayLanguageCodeException", "The emulator names languages in English only.")
    every = [{"LanguageCode": code, "LanguageName": name} for code, name in LANGUAGES.items()]
    asked = {"MaxResults": len(every), **call.parameters}
    return {**listed(call, every, asked=asked), "DisplayLanguageCode": shown}


EXTENSION = Extension(
    SERVICE,
    {
        **TERMINOLOGIES.handlers(),
        **PARALLEL.handlers(),
        **JOBS.handlers(),
        **Tagging(SERVICE, {"Terminology": "Arn", "ParallelData": "Arn"}).handlers(),
        "ImportTerminology": _import,
        "GetTerminology": _get_terminology,
        "GetParallelData": _get_parallel,
        "DeleteParallelData": _delete_parallel,
        "StartTextTranslationJob": _start,
        "ListTextTranslationJobs": _list_jobs,
        "StopTextTranslationJob": _stop,
        "TranslateText": _translate,
        "TranslateDocument": _translate_document,
        "ListLanguages": _list_languages,
    },
    counted(COUNTED, NAMESPACE),
)
