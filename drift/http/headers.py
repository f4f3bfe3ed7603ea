# Which headers are kept of a request and a reply, and which carry a key or an identity and never are.
# Owns: the lists of names. Refuses to know: who sends, what a header means.
"""Headers that may be told, and credentials that may not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

CREDENTIAL_HEADERS = frozenset(
    {"api-key", "authorization", "x-amz-security-token", "x-api-key", "x-goog-api-key"}
)
"""Headers that carry a key. They are never recorded."""

_REQUEST_HEADERS = frozenset(
    {
        "accept",
        "anthropic-beta",
        "anthropic-version",
        "content-type",
        "openai-beta",
        "user-agent",
        "x-stainless-package-version",
    }
)
_RESPONSE_HEADERS = frozenset(
    {
        "apim-request-id",
        "content-type",
        "date",
        "deprecation",
        "openai-processing-ms",
        "openai-version",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "sunset",
        "warning",
        "x-amzn-errortype",
        "x-amzn-requestid",
        "x-ms-region",
        "x-request-id",
        "x-should-retry",
    }
)
_RESPONSE_PREFIXES = ("anthropic-", "x-amzn-bedrock-", "x-ratelimit-")
_SCHEME = re.compile(r"(api-?key|aws4-hmac-sha256|basic|bearer|digest|token) ", re.IGNORECASE)
"""Schemes that may be told: any other first word could be part of a key."""
_IDENTITY = ("organization", "workspace", "project", "profile", "account", "user-id")


def safe_request_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the request headers worth keeping, lower case; never one with a key or an identity."""
    return _joined(headers, _REQUEST_HEADERS.__contains__)


def auth_schemes(headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return how a request carries its credentials, such as ["authorization bearer"]; never the credentials."""
    found: set[str] = set()
    for name, value in headers:
        if name.lower() in CREDENTIAL_HEADERS:
            scheme = _SCHEME.match(value)
            found.add(f"{name} {scheme[1]}".lower() if scheme else name.lower())
    return sorted(found)


def credentials_of(headers: Iterable[tuple[str, str]]) -> list[str]:
    """Return the secret parts of a request's headers: keys, tokens, and of a signature the key's id and the hash."""
    found: list[str] = []
    for name, value in headers:
        if name.lower() in CREDENTIAL_HEADERS:
            signed = re.findall(r"(?:Credential|Signature)=([^/,\s]+)", value)
            found += signed or [value.rpartition(" ")[2]]
    return found


def safe_response_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the response headers worth keeping, lower case; never a cookie or an organisation id."""
    return _joined(headers, _is_safe_response_header)


def _is_safe_response_header(name: str) -> bool:
    if name in _RESPONSE_HEADERS:
        return True
    return name.startswith(_RESPONSE_PREFIXES) and not any(word in name for word in _IDENTITY)


def _joined(headers: Iterable[tuple[str, str]], keep: Callable[[str], bool]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()  # noqa: PLW2901 - the one spelling from here on
        if keep(name):
            kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


def merge_headers(defaults: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Return the headers to send, lower case; the value "" removes one.

    A change of any credential header replaces the credential altogether: an error probe with a wrong key must
    not be accepted because the right one travels beside it.
    """
    changes = {name.lower(): value for name, value in changes.items()}
    headers = {name.lower(): value for name, value in defaults.items()}
    if changes.keys() & CREDENTIAL_HEADERS:
        headers = {name: value for name, value in headers.items() if name not in CREDENTIAL_HEADERS}
    return {name: value for name, value in {**headers, **changes}.items() if value}
