# What an envelope and its headers say beside their shape: words, forms of ids, limits, dates, schemes.
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.http.headers import auth_schemes
from drift.model import Exchange, Probe
from drift.observe import observe
from drift.observe.wire import form_of_id, header_features, wire_features

MESSAGE = {
    "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-5",
    "content": [
        {"type": "text", "text": "Hello", "citations": [{"type": "char_location", "cited_text": "yes"}]},
        {
            "type": "tool_use",
            "id": "toolu_01A09q90qw90lq917835lq9",
            "name": "search",
            "input": {"kind": "deep"},
        },
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 3, "service_tier": "standard", "inference_geo": "us"},
}


def test_words_of_the_vendor_are_read_and_those_of_the_model_are_not():
    found = wire_features(MESSAGE, opaque=("/content/*{tool_use}/input",))
    assert found["wire.words"] == [
        "/role=assistant",
        "/usage/inference_geo=us",
        "/usage/service_tier=standard",
    ]


def test_an_id_becomes_its_form():
    found = wire_features(MESSAGE, opaque=())
    assert found["wire.ids"] == ["/content/*{tool_use}/id=toolu_alnum23", "/id=msg_alnum24"]


@pytest.mark.parametrize(
    ("identity", "form"),
    [
        ("chatcmpl-9dbc2f05-7d2a-4f6e-9a40-0f2d1c7b8e11", "chatcmpl-uuid"),
        ("9dbc2f05-7d2a-4f6e-9a40-0f2d1c7b8e11", "uuid"),
        ("call_" + "a" * 24, "call_hex24"),
        ("resp_0123", "resp_digits"),
        ("call_x1", "alnum7"),
        ("chatcmpl-123", "chatcmpl-digits"),
        ("12345678901234567890", "digits20"),
        ("functions.get weather:0", "other"),
    ],
)
def test_the_form_of_an_id(identity: str, form: str):
    assert form_of_id(identity) == form


@given(st.text(alphabet="abcdefGHIJ0123456789", min_size=24, max_size=24).filter(lambda t: not t.isdecimal()))
def test_two_ids_of_one_kind_have_one_form_unless_one_is_all_hexadecimal(rest: str):
    assert form_of_id(f"msg_{rest}") in {"msg_alnum24", "msg_hex24"}


def test_the_backend_is_the_vendors_own_word_for_it():
    assert wire_features({"system_fingerprint": "fp_4d1c9a7b20"}, opaque=())["backend"] == "fp_4d1c9a7b20"
    assert "backend" not in wire_features({"system_fingerprint": None}, opaque=())


def test_headers_say_limits_dates_and_the_version_that_answered():
    found = header_features(
        {
            "content-type": "application/json",
            "anthropic-ratelimit-requests-limit": "4000",
            "anthropic-ratelimit-requests-remaining": "3999",
            "anthropic-ratelimit-requests-reset": "2026-11-20T10:00:00Z",
            "x-ratelimit-limit-tokens": "30000",
            "x-ratelimit-limit-pages": "9" * 5000,
            "deprecation": "@1798761600",
            "sunset": "Mon, 01 Mar 2027 00:00:00 GMT",
            "openai-version": "2020-10-01",
        }
    )
    assert found["headers.limits"] == {
        "anthropic-ratelimit-requests-limit": 4000,
        "x-ratelimit-limit-tokens": 30000,
    }
    assert found["headers.lifecycle"] == {"deprecation": "2027-01-01", "sunset": "2027-03-01"}
    assert found["headers.api_version"] == "2020-10-01"
    assert "content-type" not in found["headers.names"]
    assert "anthropic-ratelimit-requests-reset" in found["headers.names"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("true", "true"),
        ("@999999999999", "@999999999999"),
        ("2027-03-01", "2027-03-01"),
        ("soon", "soon"),
        ("Sun, 31 Feb 2027 00:00:00 GMT", "sun, 31 feb 2027 00:00:00 gmt"),
    ],
)
def test_a_date_that_cannot_be_read_stays_as_it_is(value: str, said: str):
    assert header_features({"sunset": value})["headers.lifecycle"] == {"sunset": said}


def test_no_headers_no_features():
    assert header_features({}) == {}


def test_a_scheme_is_told_and_the_key_never():
    key = "sk-ant-REDACTED-000"
    assert auth_schemes([("Authorization", f"Bearer {key}"), ("X-Api-Key", key)]) == [
        "authorization bearer",
        "x-api-key",
    ]
    assert auth_schemes([("authorization", "hunter two")]) == ["authorization"]
    assert auth_schemes([("accept", "text/plain")]) == []


def test_a_sample_tells_how_its_request_carried_the_key():
    document = {
        "exchanges": [
            {
                "dialect": "anthropic",
                "operation": "generate",
                "request": {"headers": {}, "auth": ["x-api-key"], "body": {"model": "m", "messages": []}},
                "status": 200,
                "headers": {"request-id": "req_1"},
                "body": MESSAGE,
            }
        ]
    }
    found = observe(document, Probe("p/01", "p", "f", exchanges=(Exchange(),)))
    assert found["request.auth"] == ["x-api-key"]
    assert found["headers.names"] == ["request-id"]
    assert "/usage/service_tier=standard" in found["wire.words"]
