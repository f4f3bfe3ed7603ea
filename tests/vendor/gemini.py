# The Gemini API as documented: generateContent plain and streamed, countTokens, models in pages, Google's errors.
# Owns: this dialect. Refuses to know: sockets, faults.
"""generateContent and what stands around it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.vendor.answers import Answer, Question, answer, tokens
from tests.vendor.catalogue import GEMINI
from tests.vendor.wire import Outgoing, RefusedError, Request, dumps

VERSIONS = ("v1", "v1beta")
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_WORDS = {
    429: "You exceeded your current quota, please check your plan and billing details.",
    500: "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
    503: "The model is overloaded. Please try again later.",
}
_FIELDS = {
    "cachedContent", "contents", "generationConfig", "safetySettings", "serviceTier", "store", "systemInstruction",
    "toolConfig", "tools",
}  # fmt: skip
_CONFIG = {
    "candidateCount", "frequencyPenalty", "logprobs", "maxOutputTokens", "mediaResolution", "presencePenalty",
    "responseJsonSchema", "responseLogprobs", "responseMimeType", "responseModalities", "responseSchema", "seed",
    "speechConfig", "stopSequences", "temperature", "thinkingConfig", "topK", "topP",
}  # fmt: skip
_SCHEMA = {
    "anyOf", "default", "description", "enum", "example", "format", "items", "maxItems", "maxLength", "maxProperties",
    "maximum", "minItems", "minLength", "minProperties", "minimum", "nullable", "pattern", "properties",
    "propertyOrdering", "required", "title", "type",
}  # fmt: skip
_STOPS = {"end": "STOP", "tool": "STOP", "length": "MAX_TOKENS", "sequence": "STOP"}
_SIGNATURE = base64.b64encode(b"signature of a thought").decode()
_PATH = re.compile(r"/(?P<version>[^/]+)/models(?:/(?P<model>[^/:]+)(?::(?P<verb>\w+))?)?")


def headers(number: int) -> dict[str, str]:
    """Return the headers of every reply; there is no request id among them."""
    return {
        "server": "scaffolding on HTTPServer2",
        "server-timing": f"gfet4t7; dur={100 + number}",
        "vary": "Origin, X-Origin, Referer",
        "set-cookie": "NID=not-for-keeping; path=/",
    }


def failure(
    status: int, number: int, kind: str | None = None, message: str | None = None, **details: Any
) -> dict[str, Any]:
    """Return a documented error body."""
    del number
    error = {
        "code": status,
        "message": message or _WORDS.get(status, "The request failed."),
        "status": kind or STATUSES.get(status, "UNKNOWN"),
    }
    return {"error": {**error, **details}}


def is_ours(path: str, headers: dict[str, str]) -> bool:
    """Say whether a request is one of this API: two vendors have /v1/models."""
    return path.startswith("/v1beta/") or ":" in path or "x-goog-api-key" in headers


def handle(request: Request) -> Outgoing:
    """Answer one request; raises RefusedError."""
    _authenticate(request)
    found = _PATH.fullmatch(request.path)
    if found is None or found["version"] not in VERSIONS:
        raise RefusedError(404, "Requested entity was not found.")
    if request.method == "GET" and found["verb"] is None:
        return _models(request) if found["model"] is None else Outgoing(200, _model(request, found))
    if request.method == "POST" and found["verb"] == "countTokens":
        _model(request, found)
        return Outgoing(200, _counted(request))
    if request.method == "POST" and found["verb"] in {"generateContent", "streamGenerateContent"}:
        model = _model(request, found)["name"].removeprefix("models/")
        body = _parsed(request)
        _validate(body, model)
        return _generate(request, body, model, streamed=found["verb"] == "streamGenerateContent")
    raise RefusedError(404, "Requested entity was not found.")


def _authenticate(request: Request) -> None:
    key = request.key or request.query.get("key", [None])[0]
    if not key:
        text = "Method doesn't allow unregistered callers (callers without established identity). "
        raise RefusedError(
            403, text + "Please use API Key or other form of API consumer identity to call this API."
        )
    accepted = request.switches.keys
    if "invalid" in key or (accepted is not None and key not in accepted):
        text = "API key not valid. Please pass a valid API key."
        text += f" ({key})" if request.switches.echo_key else ""
        service = {"service": "generativelanguage.googleapis.com"}
        reason = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": service,
        }
        raise RefusedError(400, text, details=[reason])


# Validation


def _parsed(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise RefusedError(400, "Invalid JSON payload received. Unexpected token.") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "Invalid JSON payload received. Root must be an object.")
    return {_camel(name): value for name, value in body.items()}


def _camel(name: str) -> str:
    """The vendor takes names in either spelling."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _validate(body: dict[str, Any], model: str) -> None:
    _known(body, _FIELDS, "")
    if "generationConfig" in body:
        config = {_camel(name): value for name, value in body["generationConfig"].items()}
        _known(config, _CONFIG, "generation_config")
        body["generationConfig"] = config
        limit = config.get("maxOutputTokens")
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool)):
            shown = json.dumps(limit)
            raise _bad_request(
                f"Invalid value at 'generation_config.max_output_tokens' (TYPE_INT32), {shown}"
            )
        if isinstance(limit, int) and limit < 1:
            raise RefusedError(400, "max_output_tokens must be positive.")
        warm = config.get("temperature")
        if isinstance(warm, int | float) and not 0 <= warm <= 2:
            text = f"Unable to submit request because it has a temperature value of {warm} but the supported range is "
            raise RefusedError(400, text + "from 0 (inclusive) to 2 (inclusive).")
    if not body.get("contents"):
        raise RefusedError(400, "* GenerateContentRequest.contents: contents is not specified\n")
    _validate_tools(body)
    _validate_contents(body["contents"], model)


def _known(given: dict[str, Any], names: set[str], at: str) -> None:
    for name in given:
        if name not in names:
            place = f" at '{at}'" if at else ""
            text = f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
            raise _bad_request(text, at)


def _bad_request(text: str, at: str = "") -> RefusedError:
    violation = {"description": text, **({"field": at} if at else {})}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return RefusedError(400, text, details=[detail])


def _declarations(tool: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the functions of a tool, names of fields in one spelling: the SDK mixes both."""
    declared = tool.get("functionDeclarations", tool.get("function_declarations", []))
    return [{_camel(name): value for name, value in function.items()} for function in declared]


def _validate_tools(body: dict[str, Any]) -> None:
    names: set[str] = set()
    for n, tool in enumerate(body.get("tools", [])):
        declarations = _declarations(tool)
        if len(declarations) > 512:
            raise RefusedError(400, "At most 512 function declarations can be specified.")
        for k, declared in enumerate(declarations):
            names.add(declared.get("name", ""))
            place = f"tools[{n}].function_declarations[{k}].parameters"
            _validate_schema(declared.get("parameters"), place)
    _validate_schema(
        body.get("generationConfig", {}).get("responseSchema"), "generation_config.response_schema"
    )
    config = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    for name in config.get("allowedFunctionNames", []):
        if name not in names:
            text = f"allowed_function_names contains a function name that is not in the function declarations: {name}"
            raise RefusedError(400, text)


def _validate_schema(schema: Any, at: str) -> None:
    """The older of the two forms of a schema knows few keywords and refuses the others by name."""
    if not isinstance(schema, dict):
        return
    _known(schema, _SCHEMA, at)
    if isinstance(schema.get("type"), list):
        raise _bad_request(f"Proto field is not repeating, cannot start list. at '{at}.type'", f"{at}.type")
    for n, inner in enumerate((schema.get("properties") or {}).values()):
        _validate_schema(inner, f"{at}.properties[{n}].value")
    _validate_schema(schema.get("items"), f"{at}.items")


def _validate_contents(contents: list[dict[str, Any]], model: str) -> None:
    expected = 0
    for position, content in enumerate(contents):
        if content.get("role", "user") not in {"user", "model", "function"}:
            raise RefusedError(400, "Please use a valid role: user, model.")
        parts = content.get("parts") or []
        if not parts:
            raise RefusedError(
                400,
                f"* GenerateContentRequest.contents[{position}].parts: contents.parts must not be empty.\n",
            )
        answered = sum("functionResponse" in part for part in parts)
        if (expected or answered) and answered != expected:
            text = "Please ensure that the number of function response parts is equal to the number of function call "
            raise RefusedError(400, text + "parts of the function call turn.")
        calls = [part for part in parts if "functionCall" in part]
        expected = len(calls)
        if calls and model.startswith("gemini-3") and "thoughtSignature" not in calls[0]:
            text = "Function call is missing a thought_signature in functionCall parts. This is required for tools to "
            text += "work correctly, and missing thought_signature may lead to degraded model performance. Additional "
            name = calls[0]["functionCall"].get("name")
            text += f"data, function call `default_api:{name}` , position {position + 1}."
            raise RefusedError(400, text)


# Answers


def _generate(request: Request, body: dict[str, Any], model: str, *, streamed: bool) -> Outgoing:
    switches = request.switches
    said = answer(_question(body), seed=switches.seed, fence_json=switches.fence_json, refuse=switches.refuse)
    response: dict[str, Any] = {}
    parts = _parts(said, request, model)
    if said.stop == "refusal":
        response["promptFeedback"] = {"blockReason": "SAFETY", "safetyRatings": _ratings("HIGH")}
    else:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}}
        candidate["finishReason"] = switches.stop_reason or _STOPS[said.stop]
        candidate["index"] = 0
        response["candidates"] = [candidate]
    prompt = _prompt_tokens(body) + switches.token_offset
    produced = len(tokens(dumps(parts).decode("utf-8", "replace"))) if parts else 0
    thoughts = len(tokens(said.thinking)) if switches.thinking else 0
    usage: dict[str, Any] = {"promptTokenCount": prompt}
    if produced:
        usage["candidatesTokenCount"] = produced
    usage["totalTokenCount"] = prompt + produced + thoughts
    usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": prompt}]
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    response["usageMetadata"] = usage
    response["modelVersion"] = switches.served_model or model
    response["responseId"] = hashlib.sha256(str(request.number).encode()).hexdigest()[:22]
    if switches.unknown_field:
        response["brandNewField"] = {"nested": [1, None]}
    if not streamed:
        return Outgoing(200, response)
    if request.query.get("alt") == ["sse"]:
        return Outgoing(
            200, pieces=lambda: (b"data: %s\r\n\r\n" % dumps(c) for c in _chunks(response, request))
        )
    return Outgoing(200, list(_chunks(response, request)))


def _ratings(probability: str) -> list[dict[str, Any]]:
    return [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": probability, "blocked": True}]


def _parts(said: Answer, request: Request, model: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if request.switches.unknown_block:
        parts.append({"brandNewPart": {"depth": 1}})
    if request.switches.thinking:
        parts.append({"text": said.thinking, "thought": True})
    if said.text is not None:
        parts.append({"text": said.text})
    for n, (name, value) in enumerate(said.calls):
        part: dict[str, Any] = {"functionCall": {"name": name, "args": value}}
        if model.startswith("gemini-3"):
            part["functionCall"]["id"] = f"{hashlib.sha256(f'{request.number}:{n}'.encode()).hexdigest()[:8]}"
            if n == 0:  # the first call of a step carries the signature for all of them
                part["thoughtSignature"] = _SIGNATURE
        parts.append(part)
    return parts


def _question(body: dict[str, Any]) -> Question:
    parts = body["contents"][-1]["parts"]
    config = body.get("generationConfig") or {}
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    mode = {"ANY": "any", "NONE": "none"}.get(calling.get("mode", "AUTO"), "auto")
    allowed = calling.get("allowedFunctionNames") or []
    return Question(
        text="\n".join(part.get("text", "") for part in parts),
        tools=tuple(
            (declared["name"], declared.get("parametersJsonSchema", declared.get("parameters", {})))
            for tool in body.get("tools", [])
            for declared in _declarations(tool)
        ),
        choice=allowed[0] if mode == "any" and allowed else mode,
        schema=config.get("responseJsonSchema", config.get("responseSchema")),
        after_results=any("functionResponse" in part for part in parts),
        max_tokens=config.get("maxOutputTokens"),
        stop=tuple(config.get("stopSequences", ())),
    )


def _prompt_tokens(body: dict[str, Any]) -> int:
    counted = {name: body[name] for name in ("contents", "systemInstruction", "tools") if name in body}
    return len(tokens(dumps(counted).decode("utf-8", "replace")))


def _counted(request: Request) -> dict[str, Any]:
    body = _parsed(request)
    _known(body, {"contents", "generateContentRequest"}, "")
    asked = {_camel(name): value for name, value in (body.get("generateContentRequest") or body).items()}
    if not asked.get("contents"):
        raise RefusedError(400, "* CountTokensRequest.contents: contents is not specified\n")
    count = _prompt_tokens(asked) + request.switches.token_offset
    return {"totalTokens": count, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": count}]}


def _chunks(response: dict[str, Any], request: Request) -> Iterator[dict[str, Any]]:
    """Yield whole responses with a piece of the answer each; usage grows, and only the last one has a finish reason."""
    switches = request.switches
    usage = response["usageMetadata"]
    asked = {name: usage[name] for name in ("promptTokenCount", "promptTokensDetails")}
    shared = {name: value for name, value in response.items() if name not in {"candidates", "usageMetadata"}}
    if switches.unknown_event:
        yield {"brandNewEvent": {"payload": ["ü", 1.5]}}
    if "candidates" not in response:
        yield {**shared, "usageMetadata": usage}
        return
    candidate = response["candidates"][0]
    pieces = [piece for part in candidate["content"]["parts"] for piece in _pieces(part)]
    for n, piece in enumerate(pieces):
        head = {"content": {"parts": [piece], "role": "model"}, "index": 0}
        total = {"totalTokenCount": usage["promptTokenCount"] + n}
        if n < len(pieces) - 1:
            yield {"candidates": [head], "usageMetadata": {**asked, **total}, **shared}
    if switches.stream_error:
        yield failure(503, request.number, kind=switches.stream_error)
        return
    last: dict[str, Any] = {"content": {"parts": pieces[-1:], "role": "model"}, "index": 0}
    if not switches.no_terminal:
        last["finishReason"] = candidate["finishReason"]
    yield {"candidates": [last], "usageMetadata": usage, **shared}


def _pieces(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Texts come in pieces, calls whole."""
    if set(part) <= {"text", "thought"}:
        return [{**part, "text": piece} for piece in tokens(part["text"])] or [part]
    return [part]


# The catalogue


def _model(request: Request, found: re.Match[str]) -> dict[str, Any]:
    name = f"models/{found['model']}"
    for model in GEMINI:
        if model["name"] == name:
            return model
    verb = found["verb"] or "generateContent"
    text = f"{name} is not found for API version {found['version']}, or is not supported for {verb}. "
    raise RefusedError(
        404, text + "Call ListModels to see the list of available models and their supported methods."
    )


def _models(request: Request) -> Outgoing:
    size = min(int(request.query.get("pageSize", ["50"])[0]), request.switches.page_size or 1000)
    token = request.query.get("pageToken", [""])[0]
    begin = int(base64.b64decode(token)) if token else 0
    page: dict[str, Any] = {"models": GEMINI[begin : begin + size]}
    if begin + size < len(GEMINI):
        page["nextPageToken"] = base64.b64encode(str(begin + size).encode()).decode()
    return Outgoing(200, page)
