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

from tests.vendor import batches, events
from tests.vendor.answers import Answer, Question, tokens
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
    if request.path.endswith(":batchGenerateContent") or "/batches/" in request.path:
        return batches.gemini(request, handle, failure)
    found = _PATH.fullmatch(request.path)
    if found is None or found["version"] not in VERSIONS:
        raise RefusedError(404, "Requested entity was not found.")
    if request.method == "GET" and found["verb"] is None:
        return _models(request) if found["model"] is None else Outgoing(200, _model(request, found))
    if request.method == "POST" and found["verb"] == "countTokens":
        model = _model(request, found)["name"].removeprefix("models/")
        return Outgoing(200, _counted(request, model))
    if request.method == "POST" and found["verb"] in {"generateContent", "streamGenerateContent"}:
        model = _model(request, found)["name"].removeprefix("models/")
        body = _parsed(request)
        _validate(request, body, model)
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
    known = _FIELDS | {"generateContentRequest"}
    return {camel if (camel := _camel(name)) in known else name: value for name, value in body.items()}


def _camel(name: str) -> str:
    """The vendor takes names in either spelling."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _validate(request: Request, body: dict[str, Any], model: str) -> None:
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
    _validate_contents(body["contents"])
    _check_events(request, body, model)


def _check_events(request: Request, body: dict[str, Any], model: str) -> None:
    """Refuse what documented events refuse; what is wrong in a field is said in a detail as well."""
    try:
        events.check(request, {**body, "model": model})
    except RefusedError as refused:
        if "Unknown name" in refused.message:
            raise _bad_request(refused.message) from None
        raise


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


def _functions(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the functions on offer, names of fields in one spelling: the SDK mixes both."""
    return [{_camel(name): value for name, value in one.items()} for one in events.declarations(body)]


def _validate_tools(body: dict[str, Any]) -> None:
    functions = _functions(body)
    for k, declared in enumerate(functions):
        _validate_schema(declared.get("parameters"), f"tools[0].function_declarations[{k}].parameters")
    _validate_schema(
        body.get("generationConfig", {}).get("responseSchema"), "generation_config.response_schema"
    )
    config = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    for name in config.get("allowedFunctionNames", []):
        if name not in {declared.get("name") for declared in functions}:
            text = f"allowed_function_names contains a function name that is not in the function declarations: {name}"
            raise RefusedError(400, text)


def _validate_schema(schema: Any, at: str) -> None:
    """A type is one word in this form of a schema."""
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("type"), list):
        raise _bad_request(f"Proto field is not repeating, cannot start list. at '{at}.type'", f"{at}.type")
    for n, inner in enumerate((schema.get("properties") or {}).values()):
        _validate_schema(inner, f"{at}.properties[{n}].value")
    _validate_schema(schema.get("items"), f"{at}.items")


def _validate_contents(contents: Any) -> None:
    kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.Content"
    for place, content in enumerate(contents if isinstance(contents, list) else [contents]):
        if not isinstance(content, dict):
            at = f"contents[{place}]" if isinstance(contents, list) else "contents"
            raise _bad_request(f"Invalid value at '{at}' ({kind}), {json.dumps(content)}", at)
    expected = 0
    if not isinstance(contents, list):
        kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.Content"
        raise _bad_request(f"Invalid value at 'contents' ({kind}), {json.dumps(contents)}")
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
        expected = sum("functionCall" in part for part in parts)


# Answers


def _generate(request: Request, body: dict[str, Any], model: str, *, streamed: bool) -> Outgoing:
    switches = request.switches
    said = events.say(request, _question(body))
    response: dict[str, Any] = {}
    parts = _parts(said, request, model)
    if said.stop == "refusal":
        response["promptFeedback"] = {"blockReason": "SAFETY", "safetyRatings": _ratings("HIGH")}
    else:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}}
        candidate["finishReason"] = switches.stop_reason or _STOPS.get(said.stop, said.stop)
        candidate["index"] = 0
        response["candidates"] = [candidate]
    prompt = events.counted(request, _prompt_tokens(body))
    produced = said.size if parts else 0
    thoughts = len(tokens(said.thinking)) if switches.on("thinking-on-by-default") else 0
    usage: dict[str, Any] = {"promptTokenCount": prompt}
    if produced:
        usage["candidatesTokenCount"] = produced
    usage["totalTokenCount"] = prompt + produced + thoughts
    usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": prompt}]
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    response["usageMetadata"] = usage
    response["modelVersion"] = events.served_model(request, model)
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
    if request.switches.on("thinking-on-by-default"):
        parts.append({"text": said.thinking, "thought": True})
    if said.text is not None:
        parts.append({"text": said.text})
    for n, (name, value) in enumerate(said.calls):
        part: dict[str, Any] = {"functionCall": {"name": name, "args": value}}
        if events.signs(request, model):
            part["functionCall"]["id"] = f"{hashlib.sha256(f'{request.number}:{n}'.encode()).hexdigest()[:8]}"
            if n == 0:  # the first call of a step carries the signature for all of them
                part["thoughtSignature"] = _SIGNATURE
        parts.append(part)
    return parts


def _question(body: dict[str, Any]) -> Question:
    parts = body["contents"][-1]["parts"]
    returned = [
        json.dumps(part["functionResponse"].get("response")) for part in parts if "functionResponse" in part
    ]
    config = body.get("generationConfig") or {}
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    mode = {"ANY": "any", "NONE": "none"}.get(calling.get("mode", "AUTO"), "auto")
    allowed = calling.get("allowedFunctionNames") or []
    return Question(
        text="\n".join(part.get("text", "") for part in parts),
        tools=tuple(
            (declared["name"], declared.get("parametersJsonSchema", declared.get("parameters", {})))
            for declared in _functions(body)
        ),
        choice=allowed[0] if mode == "any" and allowed else mode,
        schema=config.get("responseJsonSchema", config.get("responseSchema")),
        results="\n".join(returned) if returned else None,
        max_tokens=config.get("maxOutputTokens"),
        stop=tuple(config.get("stopSequences", ())),
    )


def _prompt_tokens(body: dict[str, Any]) -> int:
    counted = {name: body[name] for name in ("contents", "systemInstruction", "tools") if name in body}
    return len(tokens(dumps(counted).decode("utf-8", "replace")))


def _counted(request: Request, model: str) -> dict[str, Any]:
    body = _parsed(request)
    _known(body, {"contents", "generateContentRequest"}, "")
    asked = {_camel(name): value for name, value in (body.get("generateContentRequest") or body).items()}
    if not asked.get("contents"):
        raise RefusedError(400, "* CountTokensRequest.contents: contents is not specified\n")
    _check_events(request, asked, model)
    count = events.counted(request, _prompt_tokens(asked))
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
    if found["model"] in request.switches.serves:
        return {**GEMINI[0], "name": name}
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
