# Batches of all three vendors: many requests in one, answered later, each by the dialect that it belongs to.
# Owns: jobs, their files and their states. Refuses to know: what a single request means.
"""A job is in progress when it is made, and done when it is looked at again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from typing import Any

from tests.vendor.wire import Outgoing, RefusedError, Request, dumps

Handle = Callable[[Request], Outgoing]

_CREATED, _ENDED, _EXPIRES = "2026-11-24T00:00:00Z", "2026-11-24T00:05:00Z", "2026-11-25T00:00:00Z"
_CREATED_S, _ENDED_S, _EXPIRES_S = 1795478400, 1795478700, 1795564800


@dataclass
class Jobs:
    """What a vendor keeps between requests."""

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: dict[str, list[Any]] = field(default_factory=dict)
    files: dict[str, tuple[dict[str, Any], bytes]] = field(default_factory=dict)

    def find(self, known: dict[str, Any], name: str) -> Any:
        """Return an entry, or refuse the request."""
        if name not in known:
            raise RefusedError(404, f"No such object: {name}")
        return known[name]


def _name(request: Request, prefix: str) -> str:
    return f"{prefix}{hashlib.sha256(str(request.number).encode()).hexdigest()[:24]}"


def _answer(
    request: Request, n: int, handle: Handle, failure: Callable[..., Any], path: str, body: Any
) -> tuple[int, Any]:
    """Answer request number `n` of a batch as if it had come alone."""
    number = request.number * 1000 + n
    alone = replace(request, method="POST", path=path, query={}, body=dumps(body), number=number)
    try:
        return 200, handle(alone).value
    except RefusedError as refused:
        return refused.status, failure(refused.status, number, message=refused.message, **refused.details)


def _lines(values: list[Any], kind: str) -> Outgoing:
    return Outgoing(200, content=b"".join(dumps(value) + b"\n" for value in values), content_type=kind)


# ---------------------------------------------------------------- Anthropic


def messages(request: Request, handle: Handle, failure: Callable[..., Any]) -> Outgoing:
    """Speak `/v1/messages/batches`."""
    jobs = request.jobs
    parts = request.path.split("/")[4:]
    if not parts:
        return _list_claude(request) if request.method == "GET" else _create_claude(request, handle, failure)
    job = jobs.find(jobs.jobs, parts[0])
    if parts[1:] == ["results"]:
        return _lines(jobs.results[parts[0]], "application/x-jsonl")
    if parts[1:] == ["cancel"]:
        job |= {"processing_status": "canceling", "cancel_initiated_at": _ENDED}
        return Outgoing(200, job)
    if request.method == "DELETE":
        del jobs.jobs[parts[0]]
        return Outgoing(200, {"id": parts[0], "type": "message_batch_deleted"})
    if job["processing_status"] == "in_progress":
        kinds = [entry["result"]["type"] for entry in jobs.results[parts[0]]]
        counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
        url = f"http://{request.headers['host']}/v1/messages/batches/{parts[0]}/results"
        job |= {"processing_status": "ended", "ended_at": _ENDED, "results_url": url}
        job["request_counts"] = {"processing": 0, **counts}
    return Outgoing(200, job)


def _create_claude(request: Request, handle: Handle, failure: Callable[..., Any]) -> Outgoing:
    asked = json.loads(request.body).get("requests") or []
    if not asked:
        raise RefusedError(400, "requests: at least one request is required")
    results = []
    for n, one in enumerate(asked):
        status, value = _answer(request, n, handle, failure, "/v1/messages", one["params"])
        result = (
            {"type": "succeeded", "message": value} if status == 200 else {"type": "errored", "error": value}
        )
        results.append({"custom_id": one["custom_id"], "result": result})
    name = _name(request, "msgbatch_")
    zero = dict.fromkeys(("succeeded", "errored", "canceled", "expired"), 0)
    job = {
        "id": name,
        "type": "message_batch",
        "processing_status": "in_progress",
        "request_counts": {"processing": len(asked), **zero},
        "ended_at": None,
        "created_at": _CREATED,
        "expires_at": _EXPIRES,
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": None,
    }
    request.jobs.jobs[name], request.jobs.results[name] = job, results
    return Outgoing(200, dict(job))


def _list_claude(request: Request) -> Outgoing:
    data = [job for job in request.jobs.jobs.values() if job.get("type") == "message_batch"]
    ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
    return Outgoing(200, {"data": data, "has_more": False, **ends})


# ---------------------------------------------------------------- OpenAI


def openai(request: Request, handle: Handle, failure: Callable[..., Any]) -> Outgoing:
    """Speak `/v1/files` and `/v1/batches`."""
    jobs = request.jobs
    kind, *rest = request.path.split("/")[2:]
    if kind == "files":
        if not rest:
            return Outgoing(200, _keep_file(request, *_uploaded(request)))
        entry, content = jobs.find(jobs.files, rest[0])
        if rest[1:] == ["content"]:
            return Outgoing(200, content=content, content_type="application/octet-stream")
        return Outgoing(200, entry)
    if not rest:
        if request.method == "GET":
            data = [job for job in jobs.jobs.values() if job.get("object") == "batch"]
            return Outgoing(200, {"object": "list", "data": data, "has_more": False})
        return _create_openai(request, handle, failure)
    job = jobs.find(jobs.jobs, rest[0])
    if rest[1:] == ["cancel"]:
        job |= {"status": "cancelling", "cancelling_at": _ENDED_S}
    elif job["status"] == "validating":
        lines = jobs.results[rest[0]]
        good = [line for line in lines if line["response"]["status_code"] == 200]
        for field_name, some in (
            ("output_file_id", good),
            ("error_file_id", [x for x in lines if x not in good]),
        ):
            if some:
                content = b"".join(dumps(line) + b"\n" for line in some)
                job[field_name] = _keep_file(request, f"{field_name}.jsonl", "batch_output", content)["id"]
        counts = {"total": len(lines), "completed": len(good), "failed": len(lines) - len(good)}
        job |= {"status": "completed", "completed_at": _ENDED_S, "request_counts": counts}
    return Outgoing(200, job)


def _uploaded(request: Request) -> tuple[str, str, bytes]:
    """Return name, purpose and content of a file that came as a form."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    form = message_from_bytes(head + request.body, policy=policy.HTTP)
    fields = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    file = fields["file"]
    purpose = fields["purpose"].get_payload(decode=True).decode().strip()
    return file.get_filename() or "file", purpose, file.get_payload(decode=True)


def _keep_file(request: Request, name: str, purpose: str, content: bytes) -> dict[str, Any]:
    identity = f"file-{hashlib.sha256(f'{request.number}{name}'.encode()).hexdigest()[:22]}"
    entry = {"id": identity, "object": "file", "bytes": len(content), "created_at": _CREATED_S}
    entry |= {
        "expires_at": None,
        "filename": name,
        "purpose": purpose,
        "status": "processed",
        "status_details": None,
    }
    request.jobs.files[identity] = entry, content
    return entry


def _create_openai(request: Request, handle: Handle, failure: Callable[..., Any]) -> Outgoing:
    asked = json.loads(request.body)
    _, content = request.jobs.find(request.jobs.files, asked["input_file_id"])
    lines = []
    for n, text in enumerate(content.decode().splitlines()):
        line = json.loads(text)
        status, value = _answer(request, n, handle, failure, line["url"], line["body"])
        response = {"status_code": status, "request_id": f"req_{request.number}_{n}", "body": value}
        identity = f"batch_req_{request.number}_{n}"
        lines.append({"id": identity, "custom_id": line["custom_id"], "response": response, "error": None})
    name = _name(request, "batch_")
    job = {
        "id": name,
        "object": "batch",
        "endpoint": asked["endpoint"],
        "errors": None,
        "input_file_id": asked["input_file_id"],
        "completion_window": asked["completion_window"],
        "status": "validating",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": _CREATED_S,
        "expires_at": _EXPIRES_S,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": asked.get("metadata"),
    }
    request.jobs.jobs[name], request.jobs.results[name] = job, lines
    return Outgoing(200, dict(job))


# ---------------------------------------------------------------- Gemini


def gemini(request: Request, handle: Handle, failure: Callable[..., Any]) -> Outgoing:
    """Speak `models/…:batchGenerateContent` and `batches/…`."""
    jobs = request.jobs
    if request.path.endswith(":batchGenerateContent"):
        return _create_gemini(request, handle, failure)
    name = re.sub(r".*/(?=batches/)", "", request.path)
    job = jobs.find(jobs.jobs, name)
    if job["metadata"]["state"] == "BATCH_STATE_PENDING":
        responses = {"inlinedResponses": {"inlinedResponses": jobs.results[name]}}
        job["metadata"] |= {"state": "BATCH_STATE_SUCCEEDED", "endTime": _ENDED, "output": responses}
        job |= {"done": True, "response": responses}
    return Outgoing(200, job)


def _create_gemini(request: Request, handle: Handle, failure: Callable[..., Any]) -> Outgoing:
    batch = json.loads(request.body)["batch"]
    path = request.path.replace(":batchGenerateContent", ":generateContent")
    results = []
    for n, one in enumerate(batch["inputConfig"]["requests"]["requests"]):
        body = {key: value for key, value in one["request"].items() if key != "model"}
        status, value = _answer(request, n, handle, failure, path, body)
        said = {"response": value} if status == 200 else {"error": value["error"]}
        results.append({**said, "metadata": one.get("metadata", {})})
    name = f"batches/{_name(request, '')}"
    metadata = {
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
        "model": re.sub(r".*/(models/[^:]+):.*", r"\1", request.path),
        "displayName": batch.get("displayName", ""),
        "createTime": _CREATED,
        "updateTime": _CREATED,
        "batchStats": {"requestCount": str(len(results))},
        "state": "BATCH_STATE_PENDING",
        "name": name,
    }
    job = {"name": name, "metadata": metadata}
    request.jobs.jobs[name], request.jobs.results[name] = job, results
    return Outgoing(200, {"name": name, "metadata": dict(metadata)})
