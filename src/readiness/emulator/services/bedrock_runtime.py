"""Bedrock's runtime: models that answer, each in the form of its provider, and the metrics that an answer leaves.

No model runs here: the text says so, and repeats what it was asked; its length, and the tokens that are counted, follow
from the request. Moto answers `{}` for any model, also for one that is not there, leaves no metric, and knows no other
operation.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from readiness.emulator.call import Call, Invalid, Item
from readiness.emulator.door import Extension
from readiness.emulator.metrics import note
from readiness.emulator.references import identifier
from readiness.emulator.services.bedrock import guardrails
from readiness.emulator.services.bedrock.jobs import model

SERVICE = "bedrock-runtime"
NAMESPACE = "AWS/Bedrock"
CHARACTERS = 4
"""Of about so many characters is a token."""
MOST = 200
"""How many tokens an answer has at most where nobody says."""
ASKED = ("prompt", "inputText", "text", "content", "texts", "messages", "message", "chat_history", "system")
"""What providers call the words of a request, and what holds them."""
LIMITS = ("max_tokens", "maxTokenCount", "max_gen_len", "maxTokens", "max_new_tokens")
"""What providers call the greatest length of an answer."""


def _tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS)


def _identity(call: Call) -> tuple[str, str]:
    """What CloudWatch calls the model that is asked, and the id of the foundation model behind it, if it tells.

    Raises:
        Invalid: there is no such model, or it can't be asked so.
    """
    name = call.parameters["modelId"]
    found = model(call, name)
    if "modelId" in found and "inferenceTypesSupported" in found:
        if "ON_DEMAND" not in found["inferenceTypesSupported"]:
            raise Invalid(
                f"Invocation of model ID {name} with on-demand throughput isn't supported. Retry your request with the "
                "ID or ARN of an inference profile that contains this model."
            )
        return found["modelId"], found["modelId"]
    if "baseModelName" in found:
        raise Invalid(f"The custom model {name} is asked through provisioned throughput or a deployment of it.")
    behind = str(found.get("foundationModelArn") or (found.get("models") or [{}])[0].get("modelArn", ""))
    told = found.get("provisionedModelArn") or found.get("inferenceProfileId") or name
    return told, behind.rpartition("/")[2]


def _answer(asked: str, behind: str, most: int) -> tuple[str, bool]:
    """The text of an answer, and whether it had to end early."""
    text = f"This is an emulated answer of {behind or 'a model'} to: {asked}"
    return text[: most * CHARACTERS], _tokens(text) > most


def _note(call: Call, told: str, given: int, made: int) -> int:
    """Leave the metrics of an invocation; gives its latency."""
    latency = 100 + 10 * made
    counts = {"Invocations": 1, "InputTokenCount": given, "OutputTokenCount": made}
    for name, value in counts.items():
        note(call, NAMESPACE, name, {"ModelId": told}, value)
    note(call, NAMESPACE, "InvocationLatency", {"ModelId": told}, latency, "Milliseconds")
    return latency


def _converse(call: Call) -> Item:
    told, behind = _identity(call)
    if guard := call.parameters.get("guardrailConfig"):
        guardrails.find(call, guard["guardrailIdentifier"], guard["guardrailVersion"])
    messages = call.parameters.get("messages", [])
    if not messages or messages[-1]["role"] != "user":
        raise Invalid("A conversation must end with a user message.")
    given = sum(_tokens(text) for text in _words([*call.parameters.get("system", []), *messages]))
    most = call.parameters.get("inferenceConfig", {}).get("maxTokens", MOST)
    text, cut = _answer(" ".join(_words(messages[-1]["content"])), behind, most)
    latency = _note(call, told, given, made := _tokens(text))
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "max_tokens" if cut else "end_turn",
        "usage": {"inputTokens": given, "outputTokens": made, "totalTokens": given + made},
        "metrics": {"latencyMs": latency},
    }


def _words(value: Any) -> list[str]:
    """The words of a request, wherever its provider has them."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [found for one in value for found in _words(one)]
    if isinstance(value, dict):
        return [found for name in ASKED if name in value for found in _words(value[name])]
    return []


def _limit(body: Any) -> int:
    """How long an answer may be, wherever its provider has that."""
    if isinstance(body, dict):
        for name, value in body.items():
            if name in LIMITS and isinstance(value, int):
                return value
            if isinstance(value, dict) and (found := _limit(value)) != MOST:
                return found
    return MOST


def _nova(text: str, given: int, made: int, cut: bool) -> Item:
    return {
        "output": {"message": {"content": [{"text": text}], "role": "assistant"}},
        "stopReason": "max_tokens" if cut else "end_turn",
        "usage": {"inputTokens": given, "outputTokens": made, "totalTokens": given + made},
    }


def _titan(text: str, given: int, made: int, cut: bool) -> Item:
    reason = "LENGTH" if cut else "FINISH"
    result = {"tokenCount": made, "outputText": text, "completionReason": reason}
    return {"inputTextTokenCount": given, "results": [result]}


def _claude(text: str, given: int, made: int, cut: bool) -> Item:
    return {
        "id": f"msg_bdrk_{identifier(24)}",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "max_tokens" if cut else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": given, "output_tokens": made},
    }


def _llama(text: str, given: int, made: int, cut: bool) -> Item:
    reason = "length" if cut else "stop"
    return {
        "generation": text,
        "prompt_token_count": given,
        "generation_token_count": made,
        "stop_reason": reason,
    }


def _mistral(text: str, given: int, made: int, cut: bool) -> Item:  # noqa: ARG001 - Mistral tells no counts
    return {"outputs": [{"text": text, "stop_reason": "length" if cut else "stop"}]}


def _command(text: str, given: int, made: int, cut: bool) -> Item:  # noqa: ARG001 - Cohere tells no counts
    return {
        "response_id": identifier(24),
        "text": text,
        "finish_reason": "MAX_TOKENS" if cut else "COMPLETE",
    }


def _chat(text: str, given: int, made: int, cut: bool) -> Item:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "length" if cut else "stop"}
    usage = {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}
    return {"id": identifier(24), "choices": [choice], "usage": usage}


FORMS: tuple[tuple[str, Callable[[str, int, int, bool], Item]], ...] = (
    ("amazon.titan-text", _titan),
    ("anthropic.", _claude),
    ("meta.", _llama),
    ("mistral.", _mistral),
    ("cohere.command", _command),
    ("ai21.", _chat),
    ("deepseek.", _chat),
    ("", _nova),
)
"""How the ids of models begin -> the form of their answers."""


def _embed(behind: str, body: Item, texts: list[str], given: int) -> Item:
    """Vectors of length 1 that are the same for the same text."""
    vectors = []
    for text in texts:
        drawn = random.Random(f"{behind} {text}")  # noqa: S311 - no secret, but the same again
        size = int(body.get("dimensions", 1536 if behind.endswith("text-v1") else 1024))
        vector = [drawn.gauss(0, 1) for _ in range(size)]
        length = sum(value * value for value in vector) ** 0.5
        vectors.append([value / length for value in vector])
    if behind.startswith("cohere."):
        return {"id": identifier(24), "texts": texts, "embeddings": vectors, "response_type": "embeddings_floats"}
    return {"embedding": vectors[0], "inputTextTokenCount": given}


def _invoke(call: Call) -> Item:
    told, behind = _identity(call)
    if guard := call.parameters.get("guardrailIdentifier"):
        guardrails.find(call, guard, call.parameters.get("guardrailVersion", guardrails.DRAFT))
    try:
        body = json.loads(call.parameters.get("body", b""))
    except ValueError:
        raise Invalid("Malformed input request, please reformat your input and try again.") from None
    texts = _words(body)
    if not texts:
        raise Invalid("Malformed input request: there is no prompt in it.")
    given = sum(map(_tokens, texts))
    if ".titan-embed" in behind or ".embed-" in behind:
        made, answer = 0, _embed(behind, body, texts, given)
    else:
        text, cut = _answer(texts[-1], behind, _limit(body))
        made = _tokens(text)
        form = next(form for start, form in FORMS if behind.startswith(start))
        answer = form(text, given, made, cut)
    _note(call, told, given, made)
    return {"body": json.dumps(answer).encode(), "contentType": "application/json"}


def _count(call: Call) -> Item:
    model(call, call.parameters["modelId"])
    [(kind, given)] = call.parameters["input"].items()
    words = _words(json.loads(given["body"])) if kind == "invokeModel" else _words(given)
    return {"inputTokens": sum(map(_tokens, words))}


EXTENSION = Extension(SERVICE, {"Converse": _converse, "InvokeModel": _invoke, "CountTokens": _count})
