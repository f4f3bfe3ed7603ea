# An excerpt shows the place that a finding is about first, and then what stands around it.
from __future__ import annotations

import pytest

from drift.compare.wording import excerpt
from drift.model import Sample

BODY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2},
    "service_tier": "default",
}
HEADERS = {"x-request-id": "req_1", "x-ratelimit-limit-requests": "50"}


def shown(path: str, space: str = "response") -> str:
    exchange = {
        "dialect": "openai-chat",
        "operation": "generate",
        "status": 200,
        "headers": HEADERS,
        "body": BODY,
        "request": {"headers": {"openai-beta": "x=1"}},
    }
    return excerpt(Sample("s", "p/01", 1, "response", {"exchanges": [exchange]}, "openai-chat"), path, space)


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("/service_tier", '"service_tier": "default" in {'),
        ("/usage/prompt_tokens", '"prompt_tokens": 9 in {'),
        ("/choices/*/message/role", '"role": "assistant" in {'),
        ("/choices/*/message/refusal", 'no "refusal" in {'),
        ("/system_fingerprint", 'no "system_fingerprint" in {'),
        ("/headers/x-request-id", '"x-request-id": "req_1" in {'),
        ("/headers/retry-after", 'no "retry-after" in {'),
        ("/headers/x-ratelimit-*", '{"x-request-id"'),
        ("/choices/*/delta/role", '{"id"'),
        ("/text", "Hi"),
    ],
)
def test_the_member_at_the_path_comes_first(path: str, begins: str):
    assert shown(path).startswith(begins)


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("/messages", "[stop] Hi"),
        ("/seed", "[stop] Hi"),
        ("", "[stop] Hi"),
        ("/headers/openai-beta", '"openai-beta": "x=1"'),
    ],
)
def test_of_a_request_what_came_of_it_is_shown(path: str, begins: str):
    assert shown(path, "request").startswith(begins)
