# What a surface is, as a JSON document that is stored and compared.
# Owns: its keys, its version, how an endpoint is named. Refuses to know: where a fact was read.
"""The surface document.

Everything in it is named as on the wire: endpoints by verb and path, parameters by place and name, alternatives by
their discriminator. Names of Python classes are only pointers inside `definitions`, and are never compared.
"""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias, TypedDict

SURFACE_VERSION = 1
EXTRACTOR_VERSION = 3
"""Rises when the same archive would be read in another way: surfaces stored before are read again."""

Type: TypeAlias = dict[str, Any]


class Parameter(TypedDict):
    """One parameter; `argument` is its name in Python."""

    required: bool
    type: Type
    argument: str


class Method(TypedDict):
    """One method of the SDK that calls an endpoint."""

    params: dict[str, Parameter]
    response: Type
    stream: Type | None
    sent: dict[str, list[str]]
    deprecated: str | None
    raises: list[str]
    runtime_path: bool


Endpoints: TypeAlias = dict[str, dict[str, dict[str, Method]]]
"""`POST /v1/messages` → tier (`ga`, `beta`; `developer`, `vertex`) → name of the method → method."""


class PackageFacts(TypedDict):
    """The release that was read."""

    name: str
    version: str
    kind: Literal["wheel", "sdist"]
    sha256: str
    released: str | None
    requires_python: str
    requires: list[str]
    extras: list[str]
    files: int


class ClientFacts(TypedDict):
    """What the client does unasked; names of headers, never values of keys."""

    base_url: str | None
    headers: dict[str, str]
    auth: list[str]
    api_versions: dict[str, str]
    http_library: str | None
    max_retries: int | None
    timeout_s: float | None


class ModelFacts(TypedDict):
    """What a release says about a model id. Being listed and being deprecated are independent."""

    listed: bool
    deprecated: bool
    retires: str | None
    text: str | None
    sources: list[str]


def listed_for(model: ModelFacts) -> str:
    """Return what a model id is listed for: "" in general, "image", "audio" and the like, or "single parameters"."""
    names = [source.rpartition(".")[2].removesuffix("_param") for source in model["sources"]]
    lists = [name for name in names if name.endswith(("model", "models"))]
    if not names or {"model", "models"} & set(lists) or any(".shared" in one for one in model["sources"]):
        return ""
    return lists[0].rpartition("_")[0] if lists else "single parameters"


class ErrorFacts(TypedDict):
    """How the API says no, as far as the release knows."""

    types: list[str]
    codes: list[str]
    statuses: dict[str, str]
    classes: list[str]
    aliases: dict[str, str]
    """Further names of these classes."""


class Surface(TypedDict):
    """What one SDK release exposes."""

    surface: int
    extractor: int
    package: PackageFacts
    client: ClientFacts
    endpoints: Endpoints
    events: dict[str, list[Type]]
    errors: ErrorFacts
    betas: list[str]
    models: dict[str, ModelFacts]
    definitions: dict[str, Type]
    unresolved: dict[str, int]


def counts(surface: Surface) -> dict[str, int]:
    """Return what a surface has, and how many."""
    methods = [
        method
        for tiers in surface["endpoints"].values()
        for tier in tiers.values()
        for method in tier.values()
    ]
    return {
        "endpoints": len(surface["endpoints"]),
        "methods": len(methods),
        "parameters": sum(len(method["params"]) for method in methods),
        "types": len(surface["definitions"]),
        "models": sum(facts["listed"] for facts in surface["models"].values()),
        "deprecations": sum(facts["deprecated"] for facts in surface["models"].values()),
        "betas": len(surface["betas"]),
        "error_codes": len(surface["errors"]["codes"]),
        "unresolved": sum(surface["unresolved"].values()),
    }


def blanked(endpoint: str) -> str:
    """Return an endpoint with the names of its path parameters blanked: `GET /v1/models/{}`."""
    return re.sub(r"{[^}]*}", "{}", endpoint)
