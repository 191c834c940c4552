"""Inference profiles and prompt routers: those that every account has, and those that somebody makes."""

from __future__ import annotations

import functools

import botocore.session
from moto.core.utils import utcnow

from readiness.emulator.call import Call, InUse, Invalid, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.references import identifier
from readiness.emulator.resources import Resource, listed
from readiness.emulator.services.bedrock import SERVICE
from readiness.emulator.services.bedrock.catalogue import foundation, models

GEOGRAPHIES = {"us": "us", "eu": "eu", "ap": "apac"}
"""How regions begin -> how the profiles begin that route across them."""
SPREAD = ("amazon.nova", "anthropic.claude", "meta.llama3-1", "meta.llama3-3", "deepseek")
"""How the ids begin of models that AWS routes across regions."""
ROUTERS = (("Anthropic", "anthropic.claude"), ("Meta", "meta.llama"), ("Amazon Nova", "amazon.nova"))
"""The families that AWS routes prompts within: the name, and how the ids of the models begin."""


@functools.cache
def _regions(partition: str, start: str) -> list[str]:
    found = botocore.session.get_session().get_available_regions(SERVICE, partition)
    return [region for region in found if region.partition("-")[0] == start]


def system_profiles(call: Call) -> list[Item]:
    """The profiles that AWS defines where the caller is."""
    start = call.region.partition("-")[0]
    if start not in GEOGRAPHIES:
        return []
    geography = GEOGRAPHIES[start]
    places = sorted({call.region, *_regions(call.partition, start)})
    there = {place: {model["modelId"]: model["modelArn"] for model in models(call, place)} for place in places}
    found = []
    for model in models(call):
        key = model["modelId"]
        if key.startswith(SPREAD) and model["inferenceTypesSupported"] != ["PROVISIONED"]:
            found.append(
                {
                    "inferenceProfileName": f"{geography.upper()} {model['modelName']}",
                    "description": f"Routes requests to {model['modelName']} in {', '.join(places)}.",
                    "inferenceProfileArn": call.arn(f"inference-profile/{geography}.{key}"),
                    "inferenceProfileId": f"{geography}.{key}",
                    "models": [{"modelArn": there[place][key]} for place in places],
                    "status": "ACTIVE",
                    "type": "SYSTEM_DEFINED",
                }
            )
    return found


def profile(call: Call, name: str) -> Item | None:
    """The profile of an id or an ARN, of AWS or of the account."""
    every = [*system_profiles(call), *PROFILES.items(call).values()]
    return next((one for one in every if name in (one["inferenceProfileId"], one["inferenceProfileArn"])), None)


def _copy(call: Call, item: Item) -> None:
    """A profile of one's own follows a model or a profile of AWS; its tags tell who pays."""
    names = {one["inferenceProfileName"] for one in PROFILES.items(call).values()}
    if item["inferenceProfileName"] in names:
        raise InUse(f"The inference profile {item['inferenceProfileName']} already exists.")
    source = item.pop("modelSource")["copyFrom"]
    model, copied = foundation(call, source), profile(call, source)
    if model is not None:
        item["models"] = [{"modelArn": model["modelArn"]}]
    elif copied is not None and copied["type"] == "SYSTEM_DEFINED":
        item["models"] = copied["models"]
    else:
        raise Invalid(f"The model source {source} is neither a foundation model nor a system-defined profile.")
    item["type"] = "APPLICATION"


PROFILES = Resource(
    SERVICE,
    "InferenceProfile",
    "inferenceProfileId",
    "application-inference-profile/{}",
    arn_member="inferenceProfileArn",
    status=("status", "ACTIVE"),
    identity=identifier,
    created=_copy,
)


def _list_profiles(call: Call) -> Item:
    every = [*system_profiles(call), *PROFILES.items(call).values()]
    return listed(call, every, equals={"typeEquals": "type"})


def _get_profile(call: Call) -> Item:
    name = call.parameters["inferenceProfileIdentifier"]
    found = profile(call, name)
    if found is None:
        raise NotFound(f"The inference profile {name} does not exist.")
    return found


def default_routers(call: Call) -> list[Item]:
    """The routers that AWS provides: within a family, to the larger of two models where it answers better."""
    found = []
    for name, family in ROUTERS:
        routed = [one for one in system_profiles(call) if family in one["inferenceProfileId"]][:2]
        if len(routed) == 2:
            arns = [{"modelArn": one["inferenceProfileArn"]} for one in routed]
            found.append(
                {
                    "promptRouterName": f"{name} Prompt Router",
                    "promptRouterArn": call.arn(f"default-prompt-router/{family}:1"),
                    "description": f"Routes requests among models in the {name} family",
                    "routingCriteria": {"responseQualityDifference": 25.0},
                    "models": arns,
                    "fallbackModel": arns[1],
                    "status": "AVAILABLE",
                    "type": "default",
                }
            )
    return found


def router(call: Call, arn: str) -> Item | None:
    """The prompt router of an ARN, of AWS or of the account."""
    every = [*default_routers(call), *ROUTERS_OF_USERS.items(call).values()]
    return next((one for one in every if one["promptRouterArn"] == arn), None)


def _route(call: Call, item: Item) -> None:
    """A router of one's own chooses among models that are there."""
    if item["promptRouterName"] in {one["promptRouterName"] for one in ROUTERS_OF_USERS.items(call).values()}:
        raise InUse(f"The prompt router {item['promptRouterName']} already exists.")
    arns = [model["modelArn"] for model in (*item["models"], item["fallbackModel"])]
    for arn in arns:
        if not (foundation(call, arn) or profile(call, arn)):
            raise Invalid(f"The model {arn} does not exist.")
    item |= {"type": "custom", "createdAt": (now := utcnow()), "updatedAt": now}


ROUTERS_OF_USERS = Resource(
    SERVICE,
    "PromptRouter",
    "promptRouterId",
    "prompt-router/{}",
    arn_member="promptRouterArn",
    status=("status", "AVAILABLE"),
    identity=identifier,
    created=_route,
)


def _list_routers(call: Call) -> Item:
    every = [*default_routers(call), *ROUTERS_OF_USERS.items(call).values()]
    return listed(call, every, equals={"type": "type"})


def _get_router(call: Call) -> Item:
    arn = call.parameters["promptRouterArn"]
    found = router(call, arn)
    if found is None:
        raise NotFound(f"The prompt router {arn} does not exist.")
    return found


EXTENSION = Extension(
    SERVICE,
    {
        **PROFILES.handlers(),
        **ROUTERS_OF_USERS.handlers(),
        "ListInferenceProfiles": _list_profiles,
        "GetInferenceProfile": _get_profile,
        "ListPromptRouters": _list_routers,
        "GetPromptRouter": _get_router,
    },
)
