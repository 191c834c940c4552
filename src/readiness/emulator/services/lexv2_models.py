"""Lex: bots and aliases are there once they are made; a bot's languages are built, and its versions made of them.

Moto leaves bots and aliases CREATING for ever, so that nothing that waits for them ends; AWS's are available after
seconds. It says of each bot that it has a version 1, as a number, where the model has a text. Intents are not known
here, so a language is built without any.
"""

from __future__ import annotations

from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.resources import listed

SERVICE = "lexv2-models"
DRAFT = "DRAFT"
"""The version of a bot on which somebody works."""


def _ready(call: Call) -> None:
    backend = call.backend("lexv2models")
    for made in (*backend.bots.values(), *backend.bot_aliases.values()):
        if made.status == "CREATING":
            made.status = "Available"


def _bot(call: Call) -> str:
    key = str(call.parameters["botId"])
    if key not in call.backend("lexv2models").bots:
        raise NotFound(f"The bot {key} does not exist.")
    return key


def _place(call: Call) -> str:
    """Where a language is kept; those of a version that was made no longer change."""
    asked = call.parameters
    return f"{_bot(call)}/{asked['botVersion']}/{asked['localeId']}"


def _create_locale(call: Call) -> Item:
    if call.parameters["botVersion"] != DRAFT:
        raise Invalid(f"The bot version must be {DRAFT}.")
    key, locales = _place(call), call.table("BotLocale")
    if key in locales:
        raise InUse(f"The locale {call.parameters['localeId']} already exists.")
    at = utcnow()
    times = {"creationDateTime": at, "lastUpdatedDateTime": at}
    locales[key] = {**call.parameters, "botLocaleStatus": "NotBuilt", "intentsCount": 0, "slotTypesCount": 0, **times}
    return locales[key]


def _locale(call: Call) -> Item:
    found = call.table("BotLocale").get(_place(call))
    if found is None:
        raise NotFound(f"The locale {call.parameters['localeId']} does not exist.")
    return found


def _build(call: Call) -> Item:
    """A language is built at once."""
    locale = _locale(call)
    locale |= {"botLocaleStatus": "Built", "lastBuildSubmittedDateTime": utcnow()}
    return locale


def _versions(call: Call, key: str) -> list[Item]:
    return [version for version in call.table("BotVersion").values() if version["botId"] == key]


def _create_version(call: Call) -> Item:
    """A version is made of languages that are built."""
    key = _bot(call)
    for name, source in call.parameters["botVersionLocaleSpecification"].items():
        locale = call.table("BotLocale").get(f"{key}/{source['sourceBotVersion']}/{name}", {})
        if locale.get("botLocaleStatus") != "Built":
            raise Invalid(f"The locale {name} has not been built.")
    number = str(len(_versions(call, key)) + 1)
    named = call.backend("lexv2models").bots[key].bot_name
    known = {"botName": named, "botVersion": number, "botStatus": "Available", "creationDateTime": utcnow()}
    call.table("BotVersion")[f"{key}/{number}"] = version = {**call.parameters, **known}
    return version


def _list_versions(call: Call) -> Item:
    """The draft, which every bot has, and those that were made."""
    key = _bot(call)
    bot = call.backend("lexv2models").bots[key]
    draft = {"botName": bot.bot_name, "botVersion": DRAFT, "botStatus": bot.status}
    return {"botId": key, **listed(call, [draft, *_versions(call, key)])}


def _list_bots(call: Call) -> Item:
    """A bot of which no version was made has none to name."""
    found = []
    for bot in call.backend("lexv2models").list_bots():
        newest = len(_versions(call, bot["botId"]))
        del bot["latestBotVersion"]
        found.append({**bot, "latestBotVersion": str(newest)} if newest else bot)
    return listed(call, found)


EXTENSION = Extension(
    SERVICE,
    {
        "BuildBotLocale": _build,
        "CreateBotLocale": _create_locale,
        "CreateBotVersion": _create_version,
        "DescribeBotLocale": _locale,
        "ListBotVersions": _list_versions,
        "ListBots": _list_bots,
    },
    {"CreateBot": _ready, "CreateBotAlias": _ready},
)
