"""Polly: synthesis tasks, which are done at once, and the metrics that speaking leaves.

No voice speaks here: the audio is silence, and its length follows from the text. Moto counts one lexeme in any lexicon,
and dates it in the machine's own zone, so that it may be of tomorrow; both are corrected.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from moto.core.utils import utcnow

from readiness.emulator.call import Call, Coded, Item
from readiness.emulator.door import Extension
from readiness.emulator.metrics import note
from readiness.emulator.references import uuid
from readiness.emulator.resources import Resource, listed

SERVICE = "polly"
NAMESPACE = "AWS/Polly"
SPOKEN, WRITTEN = 3_000, 100_000
"""The most characters that are spoken at once, and written to a file."""
SUFFIXES = {"json": "marks", "mp3": "mp3", "ogg_opus": "ogg", "ogg_vorbis": "ogg", "pcm": "pcm"}
TYPES = {"json": "application/x-json-stream", "mp3": "audio/mpeg", "pcm": "audio/pcm"}
MARKUP = re.compile(r"<[^>]*>")
"""Markup is not billed."""


def _characters(call: Call, most: int) -> int:
    """How many characters are billed, of a text that is not too long and lexicons that are there."""
    given = call.parameters
    for name in given.get("LexiconNames", []):
        if name not in call.backend("polly")._lexicons:
            raise Coded("LexiconNotFoundException", f"The lexicon {name} does not exist.")
    said = given["Text"]
    if given.get("TextType") == "ssml":
        try:
            ElementTree.fromstring(said)  # noqa: S314 - the emulator reads what its own user sends
        except ElementTree.ParseError:
            raise Coded("InvalidSsmlException", "Invalid SSML request") from None
        said = MARKUP.sub("", said)
    if len(said) > most:
        raise Coded("TextLengthExceededException", "Maximum text length has been exceeded")
    return len(said)


def _speak(call: Call) -> Item:
    characters = _characters(call, SPOKEN)
    form = call.parameters["OutputFormat"]
    note(call, NAMESPACE, "RequestCharacters", {"Operation": call.operation}, characters)
    return {
        "AudioStream": bytes(characters),
        "ContentType": TYPES.get(form, "audio/ogg"),
        "RequestCharacters": characters,
    }


def _write(call: Call, item: Item) -> None:
    """A task writes its audio into a bucket that must be there."""
    item["RequestCharacters"] = _characters(call, WRITTEN)
    bucket = item["OutputS3BucketName"]
    if bucket not in call.backend("s3").buckets:
        raise Coded("InvalidS3BucketException", "The provided bucket is invalid.")
    prefix = item.get("OutputS3KeyPrefix", "")
    key = f"{f'{prefix}.' if prefix else ''}{item['TaskId']}.{SUFFIXES.get(item['OutputFormat'], item['OutputFormat'])}"
    call.backend("s3").put_object(bucket, key, bytes(item["RequestCharacters"]))
    item["OutputUri"] = f"https://s3.{call.region}.amazonaws.com/{bucket}/{key}"
    item.setdefault("Engine", "standard")
    item.setdefault("TextType", "text")
    note(call, NAMESPACE, "RequestCharacters", {"Operation": call.operation}, item["RequestCharacters"])


TASKS = Resource(
    SERVICE,
    "SpeechSynthesisTask",
    "TaskId",
    status=("TaskStatus", "completed"),
    identity=uuid,
    equals={"Status": "TaskStatus"},
    created=_write,
)


def _task(call: Call) -> Item:
    task = TASKS.items(call).get(call.parameters["TaskId"])
    if task is None:
        raise Coded("SynthesisTaskNotFoundException", "The synthesis task does not exist.")
    return task


def _list(call: Call) -> Item:
    """The newest first."""
    return listed(call, list(reversed(TASKS.items(call).values())), equals={"Status": "TaskStatus"})


def _correct(call: Call) -> None:
    """What moto counts and dates wrongly."""
    lexicon = call.backend("polly")._lexicons[call.parameters["Name"]]
    root = ElementTree.fromstring(lexicon.content)  # noqa: S314 - moto has read it as well
    lexicon.lexemes_count = sum(element.tag.rpartition("}")[2] == "lexeme" for element in root.iter())
    lexicon.last_modified = int(utcnow().timestamp())


EXTENSION = Extension(
    SERVICE,
    {
        **TASKS.handlers(),
        "SynthesizeSpeech": _speak,
        "GetSpeechSynthesisTask": _task,
        "ListSpeechSynthesisTasks": _list,
    },
    {"PutLexicon": _correct},
)
