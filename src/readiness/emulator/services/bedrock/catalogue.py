"""The foundation models that Bedrock offers: some of each provider, by the ids and abilities that AWS tells."""

from __future__ import annotations

from readiness.emulator.call import Call, Item, NotFound
from readiness.emulator.door import Extension
from readiness.emulator.services.bedrock import SERVICE

PROVIDERS = {
    "ai21": "AI21 Labs",
    "amazon": "Amazon",
    "anthropic": "Anthropic",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "meta": "Meta",
    "mistral": "Mistral AI",
}
"""How the first part of a model's id is spelled out."""

TEXT, SEEN, VECTOR = ["TEXT"], ["TEXT", "IMAGE"], ["EMBEDDING"]
NONE: list[str] = []
TUNED = ["FINE_TUNING"]
TAUGHT = ["FINE_TUNING", "DISTILLATION"]
PRE_TRAINED = ["FINE_TUNING", "CONTINUED_PRE_TRAINING"]
NOW, BOUGHT, BOTH, ROUTED = ["ON_DEMAND"], ["PROVISIONED"], ["ON_DEMAND", "PROVISIONED"], ["INFERENCE_PROFILE"]
"""How a model may be asked: as it is, on provisioned throughput, or through an inference profile only."""

MODELS: list[tuple[str, str, list[str], list[str], list[str], list[str]]] = [
    ("amazon.titan-text-lite-v1", "Titan Text G1 - Lite", TEXT, TEXT, NONE, NOW),
    ("amazon.titan-text-lite-v1:0:4k", "Titan Text G1 - Lite", TEXT, TEXT, PRE_TRAINED, BOUGHT),
    ("amazon.titan-text-express-v1", "Titan Text G1 - Express", TEXT, TEXT, NONE, NOW),
    ("amazon.titan-text-express-v1:0:8k", "Titan Text G1 - Express", TEXT, TEXT, PRE_TRAINED, BOUGHT),
    ("amazon.titan-embed-text-v1", "Titan Embeddings G1 - Text", TEXT, VECTOR, NONE, NOW),
    ("amazon.titan-embed-text-v2:0", "Titan Text Embeddings V2", TEXT, VECTOR, NONE, NOW),
    ("amazon.nova-micro-v1:0", "Nova Micro", TEXT, TEXT, NONE, NOW),
    ("amazon.nova-micro-v1:0:128k", "Nova Micro", TEXT, TEXT, TAUGHT, BOUGHT),
    ("amazon.nova-lite-v1:0", "Nova Lite", SEEN, TEXT, NONE, NOW),
    ("amazon.nova-lite-v1:0:300k", "Nova Lite", SEEN, TEXT, TAUGHT, BOUGHT),
    ("amazon.nova-pro-v1:0", "Nova Pro", SEEN, TEXT, NONE, NOW),
    ("amazon.nova-pro-v1:0:300k", "Nova Pro", SEEN, TEXT, TAUGHT, BOUGHT),
    ("amazon.nova-premier-v1:0", "Nova Premier", SEEN, TEXT, NONE, ROUTED),
    ("anthropic.claude-3-haiku-20240307-v1:0", "Claude 3 Haiku", SEEN, TEXT, NONE, NOW),
    ("anthropic.claude-3-haiku-20240307-v1:0:200k", "Claude 3 Haiku", SEEN, TEXT, TAUGHT, BOUGHT),
    ("anthropic.claude-3-sonnet-20240229-v1:0", "Claude 3 Sonnet", SEEN, TEXT, NONE, NOW),
    ("anthropic.claude-3-5-haiku-20241022-v1:0", "Claude 3.5 Haiku", SEEN, TEXT, NONE, ROUTED),
    ("anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet", SEEN, TEXT, NONE, NOW),
    ("anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2", SEEN, TEXT, NONE, ROUTED),
    ("anthropic.claude-3-7-sonnet-20250219-v1:0", "Claude 3.7 Sonnet", SEEN, TEXT, NONE, ROUTED),
    ("anthropic.claude-sonnet-4-20250514-v1:0", "Claude Sonnet 4", SEEN, TEXT, NONE, ROUTED),
    ("anthropic.claude-sonnet-4-5-20250929-v1:0", "Claude Sonnet 4.5", SEEN, TEXT, NONE, ROUTED),
    ("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5", SEEN, TEXT, NONE, ROUTED),
    ("meta.llama3-8b-instruct-v1:0", "Llama 3 8B Instruct", TEXT, TEXT, NONE, NOW),
    ("meta.llama3-70b-instruct-v1:0", "Llama 3 70B Instruct", TEXT, TEXT, NONE, NOW),
    ("meta.llama3-1-8b-instruct-v1:0", "Llama 3.1 8B Instruct", TEXT, TEXT, NONE, ROUTED),
    ("meta.llama3-1-8b-instruct-v1:0:128k", "Llama 3.1 8B Instruct", TEXT, TEXT, TAUGHT, BOUGHT),
    ("meta.llama3-1-70b-instruct-v1:0", "Llama 3.1 70B Instruct", TEXT, TEXT, NONE, ROUTED),
    ("meta.llama3-3-70b-instruct-v1:0", "Llama 3.3 70B Instruct", TEXT, TEXT, NONE, ROUTED),
    ("mistral.mistral-7b-instruct-v0:2", "Mistral 7B Instruct", TEXT, TEXT, NONE, NOW),
    ("mistral.mixtral-8x7b-instruct-v0:1", "Mixtral 8x7B Instruct", TEXT, TEXT, NONE, NOW),
    ("mistral.mistral-large-2402-v1:0", "Mistral Large (24.02)", TEXT, TEXT, NONE, NOW),
    ("cohere.command-r-v1:0", "Command R", TEXT, TEXT, NONE, NOW),
    ("cohere.command-r-plus-v1:0", "Command R+", TEXT, TEXT, NONE, NOW),
    ("cohere.embed-english-v3", "Embed English", TEXT, VECTOR, NONE, BOTH),
    ("cohere.embed-multilingual-v3", "Embed Multilingual", TEXT, VECTOR, NONE, BOTH),
    ("ai21.jamba-1-5-mini-v1:0", "Jamba 1.5 Mini", TEXT, TEXT, NONE, NOW),
    ("ai21.jamba-1-5-large-v1:0", "Jamba 1.5 Large", TEXT, TEXT, NONE, NOW),
    ("deepseek.r1-v1:0", "DeepSeek-R1", TEXT, TEXT, NONE, ROUTED),
]
"""Id, name, what goes in and comes out, how it can be customized, and how it may be asked."""

FILTERS = {
    "byProvider": "providerName",
    "byCustomizationType": "customizationsSupported",
    "byOutputModality": "outputModalities",
    "byInferenceType": "inferenceTypesSupported",
}


def models(call: Call, region: str = "") -> list[Item]:
    """All foundation models, as they are named in a region; the caller's by default."""
    prefix = f"arn:{call.partition}:{SERVICE}:{region or call.region}::foundation-model/"
    return [
        {
            "modelArn": f"{prefix}{key}",
            "modelId": key,
            "modelName": name,
            "providerName": PROVIDERS[key.partition(".")[0]],
            "inputModalities": given,
            "outputModalities": made,
            "responseStreamingSupported": made is not VECTOR,
            "customizationsSupported": customized,
            "inferenceTypesSupported": asked,
            "modelLifecycle": {"status": "ACTIVE"},
        }
        for key, name, given, made, customized, asked in MODELS
    ]


def foundation(call: Call, identifier: str) -> Item | None:
    """The foundation model of an id or an ARN."""
    return next((model for model in models(call) if identifier in (model["modelId"], model["modelArn"])), None)


def _list(call: Call) -> Item:
    asked = {FILTERS[name]: value for name, value in call.parameters.items()}
    found = [model for model in models(call) if all(_has(model[name], value) for name, value in asked.items())]
    return {"modelSummaries": found}


def _has(told: list[str] | str, value: str) -> bool:
    return value in told if isinstance(told, list) else value.lower() == told.lower()


def _get(call: Call) -> Item:
    found = foundation(call, call.parameters["modelIdentifier"])
    if found is None:
        raise NotFound("Could not resolve the foundation model from the model identifier.")
    return {"modelDetails": found}


EXTENSION = Extension(SERVICE, {"ListFoundationModels": _list, "GetFoundationModel": _get})
