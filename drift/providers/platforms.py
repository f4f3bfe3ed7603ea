# Which platforms there are, and what is known of each without opening it.
# Owns: their dialects, the variables of their keys and addresses, what they cannot be asked.
# Refuses to know: how a request is sent, SDKs.
"""The table of platforms: the part of a target before its first slash."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from drift.errors import MissingKeyError, UsageError
from drift.http import CREDENTIAL_HEADERS, is_loopback
from drift.model import DIALECTS, Operation, Probe, Target

NO_KEY = "drift-no-key"
"""Sent to a host on this machine when there is no key: some servers insist on a header."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What is known of a platform.

    Attributes:
        dialects: dialects that it speaks, the one first in which a probe is asked that leaves it open.
        key_variables: environment variables of its key, the first one first.
        url_variable: environment variable of another address; "" when there is none.
        needs_key: a host that is not on this machine has to be given one.
        needs_url: it has no address of its own.
        lacks: operations that it does not offer.
        signs: its client puts a credential of its own into every request: a probe's own would not replace it.
        extra: extra of this package that it needs, or "".
        versioned: it can be asked for a version of its API.
        regional: it can be asked in a region.
        chooses: it chooses the dialect of each probe itself.
    """

    dialects: tuple[str, ...]
    key_variables: tuple[str, ...] = ()
    url_variable: str = ""
    needs_key: bool = False
    needs_url: bool = False
    lacks: frozenset[Operation] = frozenset()
    signs: bool = False
    extra: str = ""
    versioned: bool = False
    regional: bool = False
    chooses: bool = False


# The Responses API stands second: what most integrations with OpenAI still send is Chat Completions.
_OPENAI = ("openai-chat", "openai-responses")

PLATFORMS: Mapping[str, Platform] = {
    "anthropic": Platform(
        ("anthropic",), ("ANTHROPIC_API_KEY",), "ANTHROPIC_BASE_URL", needs_key=True, versioned=True
    ),
    "bedrock": Platform(
        ("anthropic",),
        ("AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"),
        "ANTHROPIC_BEDROCK_BASE_URL",
        needs_key=True,
        lacks=frozenset({"count_tokens", "list_models"}),
        signs=True,
        extra="bedrock",
        versioned=True,
        regional=True,
    ),
    "compatible": Platform(
        _OPENAI, ("DRIFT_COMPATIBLE_API_KEY", "OPENAI_API_KEY"), "OPENAI_BASE_URL", needs_url=True
    ),
    "foundry": Platform(
        ("anthropic",),
        ("ANTHROPIC_FOUNDRY_API_KEY",),
        "ANTHROPIC_FOUNDRY_BASE_URL",
        needs_key=True,
        lacks=frozenset({"list_models"}),
        extra="foundry",
        versioned=True,
    ),
    "gemini": Platform(
        ("gemini",),
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "GOOGLE_GEMINI_BASE_URL",
        needs_key=True,
        versioned=True,
    ),
    "local": Platform(("anthropic", "openai-chat"), chooses=True),
    "openai": Platform(_OPENAI, ("OPENAI_API_KEY",), "OPENAI_BASE_URL", needs_key=True),
    "replay": Platform(DIALECTS, chooses=True),  # what it can carry depends on the run that it plays
    "vertex": Platform(
        ("anthropic",),
        ("GOOGLE_APPLICATION_CREDENTIALS",),
        "ANTHROPIC_VERTEX_BASE_URL",
        needs_key=True,
        lacks=frozenset({"list_models"}),
        signs=True,
        extra="vertex",
        versioned=True,
        regional=True,
    ),
}


def platform_of(target: Target) -> Platform:
    """Return what is known of a target's platform.

    Raises:
        UsageError: there is no such platform, the target names no model, or it asks for a dialect, a version of the
            API or a region that the platform does not know.
    """
    platform = PLATFORMS.get(target.platform)
    if platform is None:
        raise UsageError(
            f"unknown platform {target.platform!r}", f"use one of {', '.join(sorted(PLATFORMS))}"
        )
    if not target.model:
        raise UsageError(f"{target.spec!r} names no model", "write it as platform/model")
    if target.dialect is not None and target.dialect not in platform.dialects:
        raise UsageError(
            f"{target.platform} does not speak {target.dialect!r}", f"use {' or '.join(platform.dialects)}"
        )
    for name, value, known in (
        ("dialect", target.dialect, not platform.chooses),
        ("API version", target.api_version, platform.versioned),
        ("region", target.region, platform.regional),
    ):
        if value is not None and not known:
            raise UsageError(f"{target.platform} cannot be asked for another {name}", f"leave the {name} out")
    return platform


def dialects_of(target: Target) -> tuple[str, ...]:
    """Return the dialects of a target in order of preference, without opening anything; errors as in `platform_of`."""
    dialects = platform_of(target).dialects
    return tuple(sorted(dialects, key=lambda name: name != target.dialect))


def dialect_for(probe: Probe, target: Target) -> str | None:
    """Return the dialect in which a probe is asked of a target; None when the target cannot carry it."""
    platform = platform_of(target)
    for exchange in probe.exchanges:
        if exchange.operation in platform.lacks or (platform.signs and names_credential(exchange.headers)):
            return None
    return next((name for name in dialects_of(target) if not probe.dialects or name in probe.dialects), None)


def names_credential(headers: Mapping[str, str]) -> bool:
    """Say whether a probe brings its own credential (a wrong one, or none at all)."""
    return not CREDENTIAL_HEADERS.isdisjoint(name.lower() for name in headers)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send to, and with which key.

    Attributes:
        base_url: other host, or None for the vendor's own.
        key: the key, or None to send none.
        key_variable: name of the environment variable of the key.
    """

    base_url: str | None
    key: str | None
    key_variable: str

    def __repr__(self) -> str:
        """Keep the key out of tracebacks and logs."""
        return f"Endpoint(base_url={self.base_url!r}, key_variable={self.key_variable!r})"


def find_endpoint(target: Target) -> Endpoint:
    """Return where a platform with one key is and which key it takes. Keys are read from the environment here.

    Raises:
        UsageError: as in `platform_of`, a base address that is none, or a variable that holds no key.
        MissingKeyError: the vendor's key is not in the environment.
    """
    platform = platform_of(target)
    base_url = find_base_url(target)
    if base_url is None and platform.needs_url:
        raise UsageError(f"{target.spec} has no address", "give --base-url or base_url")
    loopback = is_loopback(base_url)
    variable = next((name for name in platform.key_variables if os.environ.get(name)), None)
    if variable is None:
        if platform.needs_key and not loopback:
            raise MissingKeyError(platform.key_variables[0], target.spec)
        return Endpoint(base_url, NO_KEY if loopback else None, platform.key_variables[0])
    key = os.environ[variable].strip()
    if not key or not all("!" <= character <= "~" for character in key):
        raise UsageError(f"the environment variable {variable} holds no key", "set it to the key alone")
    return Endpoint(base_url, key, variable)


def find_base_url(target: Target) -> str | None:
    """Return the address that a target or its platform's variable names, or None; UsageError when it is none."""
    base_url = target.base_url or os.environ.get(platform_of(target).url_variable or "-") or None
    if base_url is not None:
        _check_url(base_url)
    return base_url


def _check_url(base_url: str) -> None:
    """Refuse an address that is none or more than one, without repeating it: it may hold a password."""
    todo = "write it as https://host/path"
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("the base URL cannot be read", todo) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError("the base URL is no http address", todo)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError("the base URL holds credentials, a query or a fragment", todo)
