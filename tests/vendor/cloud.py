# Claude on three clouds as documented: Bedrock's InvokeModel, Vertex' rawPredict, Foundry; and Google's token endpoint.
# Owns: what each cloud puts around the Messages API: paths, signatures, frames, errors. Refuses to know: that API.
"""The same model behind other doors.

Bedrock checks the signature of every request and streams frames of its own; Vertex takes tokens that its endpoint gave
out for a signed assertion; Foundry takes a key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from tests.vendor import messages
from tests.vendor.switches import find_event
from tests.vendor.wire import Outgoing, RefusedError, Request, dumps

AWS_SECRETS = {
    "AKIDTESTTESTTESTTEST": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYtestKEY",
    "drift-no-key": "drift-no-key",
}
"""Access keys that Bedrock knows, and their secrets."""
_AMAZON_ERRORS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
_NO_SUCH_MODEL = find_event("bedrock-claude-3-5-sonnet-v1-ended").error.message
_SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>[^,]+), "
    r"SignedHeaders=(?P<names>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


def dialect_of(path: str) -> Any:
    """Return what speaks for a request to a cloud, or None when it is none."""
    if path.startswith("/model/"):
        return Bedrock
    if "/publishers/anthropic/models/" in path:
        return Vertex
    if path.startswith("/anthropic/"):
        return Foundry
    return GoogleTokens if path == "/token" else None


def _asked(request: Request, body: dict[str, Any], path: str, *, prefix: str) -> Outgoing:
    """Ask the Messages API what the cloud was asked, and write the id as the cloud does."""
    version = body.pop("anthropic_version", request.headers.get("anthropic-version"))
    headers = {**request.headers, **({"anthropic-version": version} if version else {})}
    if "anthropic_beta" in body:
        headers["anthropic-beta"] = ",".join(body.pop("anthropic_beta"))
    inner = replace(request, path=path, headers=headers, body=dumps(body), key="a-cloud")
    outgoing = messages.handle(inner)
    if isinstance(outgoing.value, dict) and "id" in outgoing.value:
        value = {**outgoing.value, "id": outgoing.value["id"].replace("msg_", prefix)}
        return replace(outgoing, value=value)
    return outgoing


class Bedrock:
    """InvokeModel and InvokeModelWithResponseStream."""

    @staticmethod
    def headers(number: int) -> dict[str, str]:
        return {
            "x-amzn-requestid": str(hashlib.sha256(str(number).encode()).hexdigest()[:32]),
            "x-amzn-bedrock-input-token-count": "1",
            "x-amzn-bedrock-invocation-latency": "12",
            "set-cookie": "not-for-keeping=1",
        }

    @staticmethod
    def failure(status: int, number: int, kind: str | None = None, message: str | None = None) -> Any:
        del number, kind
        return {"message": message or f"{_AMAZON_ERRORS.get(status, 'the request failed')}"}

    @classmethod
    def handle(cls, request: Request) -> Outgoing:
        try:
            return cls._handle(request)
        except RefusedError as refused:
            name = _AMAZON_ERRORS.get(refused.status, "ValidationException")
            status = 400 if refused.status == 404 else refused.status
            text = refused.message
            if refused.status == 404:
                name, text = "ValidationException", _NO_SUCH_MODEL
            kind = {"x-amzn-errortype": f"{name}:http://internal.amazon.com/coral/com.amazon.bedrock/"}
            return Outgoing(status, cls.failure(status, request.number, message=text), headers=kind)

    @staticmethod
    def _handle(request: Request) -> Outgoing:
        _check_signature(request)
        found = re.fullmatch(r"/model/([^/]+)/(invoke|invoke-with-response-stream)", request.path)
        if found is None or request.method != "POST":
            raise RefusedError(404, "Not found")
        body = json.loads(request.body)
        for name in ("model", "stream"):
            if name in body:
                raise RefusedError(400, f"{name}: Extra inputs are not permitted")
        if "anthropic_version" not in body:
            raise RefusedError(400, "anthropic_version: Field required")
        name = re.sub(r"^(?:[a-z]+\.)?anthropic\.|-v\d+(?::\d+)?$", "", unquote(found[1]))
        streamed = found[2] != "invoke"
        body = {**body, "model": name, **({"stream": True} if streamed else {})}
        outgoing = _asked(request, body, "/v1/messages", prefix="msg_bdrk_")
        if outgoing.pieces is None:
            usage = {key: value for key, value in outgoing.value["usage"].items() if key != "service_tier"}
            return replace(outgoing, value={**outgoing.value, "usage": usage})
        pieces = outgoing.pieces
        return replace(
            outgoing,
            pieces=lambda: map(_frame, _inner(pieces())),
            content_type="application/vnd.amazon.eventstream",
        )


def _check_signature(request: Request) -> None:
    """Reckon the signature again, by the rules of Signature Version 4."""
    given = request.headers.get("authorization", "")
    if given.startswith("Bearer "):
        if "invalid" in given:
            raise RefusedError(403, "Authentication failed: Please make sure your API Key is valid.")
        return
    found = _SIGNATURE.fullmatch(given)
    if found is None or found["key"] not in AWS_SECRETS:
        raise RefusedError(403, "The security token included in the request is invalid.")
    names = found["names"].split(";")
    canonical = "\n".join(
        [
            request.method,
            quote(quote(unquote(request.path), safe="/~:"), safe="/~"),
            "",
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    date, region, service, end = found["scope"].split("/")
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            request.headers["x-amz-date"],
            found["scope"],
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = f"AWS4{AWS_SECRETS[found['key']]}".encode()
    for part in (date, region, service, end):
        key = hmac.digest(key, part.encode(), "sha256")
    if hmac.new(key, text.encode(), "sha256").hexdigest() != found["signature"]:
        shown = (
            f" The string-to-sign should have been '{text}' for {given}" if request.switches.echo_key else ""
        )
        raise RefusedError(403, f"The request signature we calculated does not match.{shown}")


def _inner(pieces: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the events of a server-sent stream; the last one carries Bedrock's own figures."""
    for piece in pieces:
        for block in piece.decode().split("\n\n"):
            data = [line.removeprefix("data: ") for line in block.splitlines() if line.startswith("data: ")]
            if data:
                event = json.loads(data[0])
                event.get("message", {}).get("usage", {}).pop("service_tier", None)
                if event["type"] == "message_stop":
                    event["amazon-bedrock-invocationMetrics"] = {
                        "inputTokenCount": 1,
                        "invocationLatency": 12,
                    }
                yield event


def _frame(event: dict[str, Any]) -> bytes:
    """Return the frame of one event; an error is an exception of the stream."""
    if event["type"] == "error":
        headers = {":exception-type": "throttlingException", ":message-type": "exception"}
        payload = dumps({"message": event["error"].get("message")})
    else:
        headers = {":event-type": "chunk", ":message-type": "event"}
        inner = base64.b64encode(dumps(event)).decode()
        payload = dumps({"bytes": inner, "p": "abcdefghijklmnop"[: len(inner) % 16]})
    headers = {**headers, ":content-type": "application/json"}
    packed = b"".join(
        struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(packed) + len(payload), len(packed))
    frame = prelude + struct.pack(">I", zlib.crc32(prelude)) + packed + payload
    return frame + struct.pack(">I", zlib.crc32(frame))


class Vertex:
    """rawPredict and streamRawPredict of Claude's models."""

    @staticmethod
    def headers(number: int) -> dict[str, str]:
        return {"request-id": f"req_vrtx_{number:024}", "server": "scaffolding on HTTPServer2"}

    failure = staticmethod(messages.failure)

    @staticmethod
    def handle(request: Request) -> Outgoing:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in {GoogleTokens.token, "drift-no-key"}:
            raise RefusedError(401, f"Request had invalid authentication credentials. {token}")
        pattern = r"/v1/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/([^/:]+):(\w+)"
        found = re.fullmatch(pattern, request.path)
        if found is None or found[2] not in {"rawPredict", "streamRawPredict"}:
            raise RefusedError(404, "Not found")
        body = json.loads(request.body)
        if "anthropic_version" not in body:
            raise RefusedError(400, "anthropic_version: Field required")
        name = unquote(found[1])
        if name == "count-tokens":  # here the model does stand in the body
            body = {**body, "model": re.sub(r"@.*", "", body.get("model", ""))}
            return _asked(request, body, "/v1/messages/count_tokens", prefix="msg_vrtx_")
        if "model" in body:
            raise RefusedError(400, "model: Extra inputs are not permitted")
        body = {**body, "model": re.sub(r"@.*", "", name)}
        return _asked(request, body, "/v1/messages", prefix="msg_vrtx_")


class GoogleTokens:
    """The endpoint that gives out a token for an assertion signed with a service account's key."""

    token = "ya29.test-token-that-must-never-be-kept"
    failure = staticmethod(messages.failure)

    @staticmethod
    def headers(number: int) -> dict[str, str]:
        del number
        return {}

    @classmethod
    def handle(cls, request: Request) -> Outgoing:
        fields = dict(pair.split("=", 1) for pair in request.body.decode().split("&"))
        head, claims, signature = unquote(fields["assertion"]).split(".")
        asked = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        if not head or len(signature) < 300 or "cloud-platform" not in asked["scope"]:
            raise RefusedError(400, "invalid_grant")
        return Outgoing(200, {"access_token": cls.token, "expires_in": 3600, "token_type": "Bearer"})


class Foundry:
    """The Messages API under the path of a resource."""

    @staticmethod
    def headers(number: int) -> dict[str, str]:
        return {"apim-request-id": f"{number:032}", "x-ms-region": "East US 2", **messages.headers(number)}

    failure = staticmethod(messages.failure)

    @staticmethod
    def handle(request: Request) -> Outgoing:
        if request.headers.get("api-key") != request.headers.get("x-api-key"):
            raise RefusedError(401, "the two spellings of the key differ")
        return messages.handle(replace(request, path=request.path.removeprefix("/anthropic")))
